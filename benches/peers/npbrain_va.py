"""npbrain 0.2.2 on two networks: one process, one line of JSON.

    python npbrain_va.py example|coba|library numba|numpy [--duration 1000] [--seed 1] [--repeat 3]

- `example`: 500 noisy integrate-and-fire cells, driven, onto 1,000 with jumps of voltage (its published example, with the names of this
  version); npbrain_example.toml is the same.
- `coba`: COBA 4000 (Vogels and Abbott) with a model of its own, written as fast as npbrain lets one: conductances in the cells, a
  synapse that visits the targets of cells that spiked.
- `library`: COBA 4000 with the synapses that npbrain comes with (AMPA_Ch1, GABAa_Ch1), which visit every synapse in every step.

npbrain computes in double precision. The first run compiles (numba) and counts as part of build_s.
"""
import argparse
import json
import time
from importlib.metadata import version
from statistics import median

ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
ap.add_argument("network", choices=["example", "coba", "library"])
ap.add_argument("backend", choices=["numba", "numpy"])
ap.add_argument("--duration", type=float, default=1000., help="ms")
ap.add_argument("--threads", type=int, default=1, choices=[1], help="npbrain has one")
ap.add_argument("--seed", type=int, default=1)
ap.add_argument("--repeat", type=int, default=3)
args = ap.parse_args()

import npbrain.profile  # noqa: E402

npbrain.profile.set_backend(args.backend)  # before anything else of it
import npbrain.all as nn  # noqa: E402
import numpy as np  # noqa: E402
from npbrain.core.neuron import initial_neu_state, judge_spike  # noqa: E402
from npbrain.core.synapse import initial_syn_state  # noqa: E402
from npbrain.utils import helper  # noqa: E402

DT, N, N_EXC, P = .1, 4000, 3200, .02
npbrain.profile.set_dt(DT)
np.random.seed(args.seed)


def fixed_probability(sources, targets, p):
    """Targets of each source one after the other, and where each source's begin and end."""
    rng = np.random.default_rng(args.seed + sources)
    rows = [np.nonzero(rng.random(targets) < p)[0] for _ in range(sources)]
    ends = np.cumsum([len(row) for row in rows])
    anchors = np.array([np.concatenate([[0], ends[:-1]]), ends])
    return np.repeat(np.arange(sources), [len(row) for row in rows]), np.concatenate(rows), anchors


def cells(size, at_once):
    """COBA cells; conductances are in units of the leak. at_once: what arrives is added to them; else it is a current of the library's."""
    var2index = {"V": 0, "ge": 1, "gi": 2} if at_once else {"V": 0}
    num, geometry, name = size, (1, size, 1), "coba"
    state = initial_neu_state(len(var2index), size)
    state[0] = np.random.uniform(-60., -50., size)
    tau, e_l, v_t, v_r, ref = 20., -60., -50., -60., 5.
    down_e, down_i = np.exp(-DT / 5.), np.exp(-DT / 10.)

    if at_once:
        def update_state(neu_state, t):
            for i in range(size):
                ge, gi = neu_state[1, i], neu_state[2, i]
                if t - neu_state[-2, i] > ref:
                    total = 1. + ge + gi
                    at = (e_l - 80. * gi + neu_state[-1, i]) / total
                    neu_state[0, i] = at + (neu_state[0, i] - at) * np.exp(-DT / tau * total)
                    neu_state[-5, i] = 1.
                else:
                    neu_state[-5, i] = 0.
                neu_state[1, i], neu_state[2, i] = ge * down_e, gi * down_i
            spike = judge_spike(neu_state, v_t, t)
            neu_state[0][spike] = v_r
            neu_state[-4][spike] = 0.
        if args.backend == "numpy":
            def update_state(neu_state, t):  # noqa: F811
                ge, gi = neu_state[1], neu_state[2]
                active = t - neu_state[-2] > ref
                total = 1. + ge + gi
                at = (e_l - 80. * gi + neu_state[-1]) / total
                neu_state[0] = np.where(active, at + (neu_state[0] - at) * np.exp(-DT / tau * total), neu_state[0])
                neu_state[-5] = active
                neu_state[1] *= down_e
                neu_state[2] *= down_i
                spike = judge_spike(neu_state, v_t, t)
                neu_state[0][spike] = v_r
                neu_state[-4][spike] = 0.
    else:
        def update_state(neu_state, t):
            active = t - neu_state[-2] > ref
            moved = neu_state[0] + DT / tau * (e_l - neu_state[0] + neu_state[-1])
            neu_state[0] = np.where(active, moved, neu_state[0])
            neu_state[-5] = active.astype(np.float64)
            spike = judge_spike(neu_state, v_t, t)
            neu_state[0][spike] = v_r
            neu_state[-4][spike] = 0.
    return nn.Neurons(num=num, geometry=geometry, name=name, state=state, var2index=var2index, update_state=update_state, ref=ref, dt=DT)


def jumps(pre, post, first, row, weight, p):
    """Adds a weight to a row of the targets of cells that spiked, which alone are visited. first, size: cells of the group that it comes from."""
    _, targets, anchors = fixed_probability(pre.num, post.num, p)
    anchors = anchors.astype(np.int64)
    sources = np.zeros(pre.num)
    sources[first] = 1.

    def update_state(syn_state, var_index, t):
        pass

    def output_synapse(syn_state, var_index, post_neu_state):
        spike = syn_state[0][-1]
        for i in range(len(spike)):
            if spike[i] > 0. and sources[i] > 0.:
                for k in range(anchors[0, i], anchors[1, i]):
                    post_neu_state[row, targets[k]] += weight

    if args.backend == "numpy":
        def output_synapse(syn_state, var_index, post_neu_state):  # noqa: F811
            for i in np.nonzero((syn_state[0][-1] > 0.) & (sources > 0.))[0]:
                post_neu_state[row, targets[anchors[0, i]:anchors[1, i]]] += weight
    state = initial_syn_state(1, pre.num, post.num, 1)
    return nn.Synapses(pre=pre, post=post, name="jumps", state=state, var2index={}, delay_len=1, delay=None, num=len(targets), dt=DT,
                       update_state=update_state, output_synapse=output_synapse)


def network():
    """The network, its monitors of spikes, what drives it, its size."""
    if args.network == "example":
        a, b = nn.LIF(500, noise=.5), nn.LIF(1000, noise=1.1)
        i, j, a_ = fixed_probability(500, 1000, .1)
        connection = dict(i=i, j=j, a=a_)
        synapse = nn.VoltageJumpSynapse(a, b, .2, connection)
        watched = [nn.SpikeMonitor(a), nn.SpikeMonitor(b)]
        return nn.Network(synapse, a, b, *watched), watched, lambda duration: [(a, 15.)], 1500
    kick = 20. * (np.arange(N) < 50)  # mV; 50 cells for 50 ms

    def driven(duration):
        return [(group, kick, (1., min(51., duration)))]

    if args.network == "coba":
        group = cells(N, True)
        own = [jumps(group, group, np.arange(N_EXC), 1, .6, P), jumps(group, group, np.arange(N_EXC, N), 2, 6.7, P)]
        watched = [nn.SpikeMonitor(group)]
        return nn.Network(*own, group, *watched), watched, driven, N
    group = cells(N, False)
    edges = fixed_probability(N, N, P)

    def part(of):
        keep = np.isin(edges[0], of)
        counts = np.bincount(edges[0][keep], minlength=N)
        ends = np.cumsum(counts)
        return dict(i=edges[0][keep], j=edges[1][keep], a=np.array([np.concatenate([[0], ends[:-1]]), ends]))

    own = [nn.AMPA_Ch1(group, group, part(np.arange(N_EXC)), g_max=.6, E=0., tau_decay=5.),
           nn.GABAa_Ch1(group, group, part(np.arange(N_EXC, N)), g_max=6.7, E=-80., tau_decay=10.)]
    watched = [nn.SpikeMonitor(group)]
    return nn.Network(*own, group, *watched), watched, driven, N


began = time.perf_counter()
net, watched, driven, size = network()
net.run(1. if args.network == "example" else 2., inputs=driven(2.))  # compiles
build = time.perf_counter() - began
runs, rates = [], []
for _ in range(args.repeat):
    start = time.perf_counter()
    net.run(args.duration, inputs=driven(args.duration))
    runs.append((time.perf_counter() - start) * 1e3 / args.duration)
    spikes = sum(len(monitor.time) for monitor in watched)
    rates.append(spikes / size / args.duration * 1e3)
print(json.dumps(dict(
    network="npbrain example" if args.network == "example" else "coba", simulator="npbrain", version=version("npbrain"),
    mode=f"{args.network}, {args.backend}", precision="f64", n=size, threads=1, seed=args.seed, duration_ms=args.duration, build_s=build,
    run_s=median(runs), runs=runs, rate_hz=round(median(rates), 3))))
