"""COBA 4000 (Vogels and Abbott) in BrainPy: one process, one line of JSON.

    python brainpy_va.py csr|synapses [--duration 1000] [--seed 1] [--repeat 3] [--precision f32|f64]

`csr`: projections of events over compressed rows, what synapses share kept by their targets (ProjAlignPost). `synapses`: its older interface
(`bp.synapses.Exponential`), which is the faster one on a processor. Exponential Euler; the whole run is one compiled loop. The first
run compiles and counts as part of build_s. One thread: XLA is told so before it starts.
"""
import argparse
import json
import os
import time
from statistics import median

ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
ap.add_argument("form", choices=["csr", "synapses"])
ap.add_argument("--duration", type=float, default=1000., help="ms")
ap.add_argument("--threads", type=int, default=1)
ap.add_argument("--seed", type=int, default=1)
ap.add_argument("--repeat", type=int, default=3)
ap.add_argument("--precision", choices=["f32", "f64"], default="f32")
args = ap.parse_args()
if args.threads == 1:
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["JAX_PLATFORMS"] = "cpu"

import brainpy as bp  # noqa: E402
import brainpy.math as bm  # noqa: E402
import numpy as np  # noqa: E402

DT, N, N_EXC, P = .1, 4000, 3200, .02
bm.set(dt=DT)
if args.precision == "f64":
    bm.enable_x64()
    bm.set_float(bm.float64)
bm.random.seed(args.seed)
rng = np.random.default_rng(args.seed)
cell = dict(V_rest=-60., V_th=-50., V_reset=-60., tau=20., tau_ref=5., V_initializer=bp.init.Uniform(-60., -50.))


class Csr(bp.DynSysGroup):
    def __init__(self):
        super().__init__()
        self.cells = bp.dyn.LifRef(N, **cell)

        def joined(sources, weight, tau, reversal):
            connection = bp.conn.FixedProb(P, pre=sources, post=N, seed=args.seed)
            return bp.dyn.ProjAlignPost1(comm=bp.dnn.EventCSRLinear(connection, weight), syn=bp.dyn.Expon(size=N, tau=tau),
                                         out=bp.dyn.COBA(E=reversal), post=self.cells)

        self.exc, self.inh = joined(N_EXC, .6, 5., 0.), joined(N - N_EXC, 6.7, 10., -80.)

    def update(self, current):
        spikes = self.cells.spike.value
        self.exc(spikes[:N_EXC])
        self.inh(spikes[N_EXC:])
        return self.cells(current)


class Synapses(bp.DynSysGroup):
    def __init__(self):
        super().__init__()
        self.cells = bp.neurons.LIF(N, input_var=True, **cell)

        def joined(rows, weight, tau, reversal):
            return bp.synapses.Exponential(self.cells[rows], self.cells, bp.conn.FixedProb(P, seed=args.seed), g_max=weight, tau=tau,
                                           output=bp.synouts.COBA(E=reversal), method="exp_auto", comp_method="sparse")

        self.exc, self.inh = joined(slice(0, N_EXC), .6, 5., 0.), joined(slice(N_EXC, N), 6.7, 10., -80.)

    def update(self, current):
        self.exc()
        self.inh()
        self.cells.input += current
        self.cells.update()
        self.cells.clear_input()
        return self.cells.spike.value


began = time.perf_counter()
net = Csr() if args.form == "csr" else Synapses()
kick = bm.asarray(20. * (np.arange(N) < 50))  # mV: 50 cells for 50 ms


def step(k):
    bp.share.save(i=k, t=k * DT)
    return net.update(bm.where((k >= 10) & (k < 510), kick, 0.))


steps = round(args.duration / DT)
loop = bm.jit(lambda: bm.for_loop(lambda k: step(k).sum(), bm.arange(steps)))
np.asarray(loop())
build = time.perf_counter() - began
runs, rates = [], []
for _ in range(args.repeat):
    bp.reset_state(net)
    start = time.perf_counter()
    spikes = float(np.asarray(loop()).sum())
    runs.append((time.perf_counter() - start) * 1e3 / args.duration)
    rates.append(spikes / N / args.duration * 1e3)
print(json.dumps(dict(
    network="coba", simulator="brainpy", version=bp.__version__, mode=args.form, precision=args.precision, n=N, threads=args.threads,
    seed=args.seed, duration_ms=args.duration, build_s=build, run_s=median(runs), runs=runs, rate_hz=round(median(rates), 3))))
