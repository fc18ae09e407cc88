"""COBA 4000 or CUBA 4000 (Vogels and Abbott) in NEST: one run, one line of JSON.

    python nest_va.py coba|cuba [default] [--duration 1000] [--threads 1] [--seed 1]

The times are explained in README.md.
"""
import argparse
import json
import os
import shutil
import sys
import tempfile
import time

import numpy as np

ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
ap.add_argument("network", choices=["coba", "cuba"])
ap.add_argument("mode", choices=["default"], nargs="?", default="default")
ap.add_argument("--duration", type=float, default=1000., help="ms")
ap.add_argument("--threads", type=int, default=1)
ap.add_argument("--seed", type=int, default=1)
args = ap.parse_args()

os.environ["PYNEST_QUIET"] = "1"
sys.argv = sys.argv[:1]  # NEST reads the command line too
import nest  # noqa: E402

DT = .1  # ms
N, N_EXC, P = 4000, 3200, .02
COMMON = dict(V_th=-50., V_reset=-60., t_ref=5., C_m=200., tau_syn_ex=5., tau_syn_in=10.)
NETWORKS = {
    "coba": dict(model="iaf_cond_exp", method="rkf45_adaptive", we=6., wi=-67., delay=.1,
                 params=dict(COMMON, E_L=-60., E_ex=0., E_in=-80., g_L=10.)),
    "cuba": dict(model="iaf_psc_exp", method="exact", we=16.2, wi=-90., delay=.2,
                 params=dict(COMMON, E_L=-49., tau_m=20.)),
}


def build(net):
    """The whole network; returns the spike recorder."""
    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.local_num_threads = args.threads
    nest.resolution = DT
    nest.rng_seed = args.seed
    cells = nest.Create(net["model"], N, params=net["params"])
    cells.V_m = nest.random.uniform(-60., -50.)
    exc, inh = cells[:N_EXC], cells[N_EXC:]
    rule = {"rule": "pairwise_bernoulli", "p": P}
    nest.Connect(exc, cells, rule, {"weight": net["we"], "delay": net["delay"]})
    nest.Connect(inh, cells, rule, {"weight": net["wi"], "delay": net["delay"]})
    if args.network == "coba":  # the kick: 50 cells, 300/s each, from 1 to 51 ms
        kick = nest.Create("poisson_generator", params={"rate": 300., "start": 1., "stop": 51.})
        nest.Connect(kick, exc[:50], syn_spec={"weight": net["we"], "delay": net["delay"]})
    recorder = nest.Create("spike_recorder")
    nest.Connect(cells, recorder)
    return recorder


def write(recorder):
    """Fetch all spikes and save them to one npz; the seconds it takes."""
    folder = tempfile.mkdtemp()
    start = time.perf_counter()
    events = recorder.get("events")
    np.savez(os.path.join(folder, "spikes.npz"), neuron=events["senders"] - 1, time_ms=events["times"])
    seconds = time.perf_counter() - start
    shutil.rmtree(folder)
    return seconds


def main():
    net = NETWORKS[args.network]
    start = time.perf_counter()
    recorder = build(net)
    built = time.perf_counter()
    nest.Prepare()
    nest.Run(DT)
    stepped, cpu = time.perf_counter(), time.process_time()
    nest.Run(args.duration - DT)
    cpu, ended = time.process_time() - cpu, time.perf_counter()
    nest.Cleanup()
    per_second = 1e3 / (args.duration - DT)
    times = dict(build_s=built - start, first_step_s=stepped - built, run_s=(ended - stepped) * per_second,
                 run_cpu_s=cpu * per_second, write_s=write(recorder))
    spikes = int(recorder.n_events)
    print(json.dumps(dict(
        network=args.network, simulator="nest", version=nest.__version__, mode=args.mode, method=net["method"],
        n=N, threads=args.threads, seed=args.seed, duration_ms=args.duration,
        **{k: round(v, 6) for k, v in times.items()},
        spikes=spikes, rate_hz=round(spikes / N / args.duration * 1e3, 3))))


main()
