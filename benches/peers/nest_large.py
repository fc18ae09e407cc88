"""Benchmark networks in NEST, double precision: one process, one line of JSON.

    python nest_large.py coba|cuba|brunel|microcircuit|hpc [--duration 300] [--threads 1] [--seed 1] [--repeat 3]

Networks are those of tests/reference/networks/scripts/nets_nest.py, with what synfire's files have: Brunel's of 12,500 cells with a
reset of 10 mV, the microcircuit at a tenth with Poisson drive, hpc_benchmark of 2,250 cells with a tenth of the inputs. Spikes are
counted by a recorder in memory. Each repeat builds the network anew; run_s is the median of them.
"""
import argparse
import json
import os
import sys
import time
from pathlib import Path
from statistics import median

ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
ap.add_argument("network", choices=["coba", "cuba", "brunel", "microcircuit", "hpc"])
ap.add_argument("--duration", type=float, default=300., help="ms")
ap.add_argument("--threads", type=int, default=1)
ap.add_argument("--seed", type=int, default=1)
ap.add_argument("--repeat", type=int, default=3)
args = ap.parse_args()

os.environ["PYNEST_QUIET"] = "1"
sys.argv = sys.argv[:1]  # NEST reads the command line too
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests" / "reference" / "networks" / "scripts"))
import nest  # noqa: E402
import nets_nest  # noqa: E402

DT = .1  # ms


def build():
    common = dict(seed=args.seed, threads=args.threads)
    if args.network in ("coba", "cuba"):
        return nets_nest.vogels_abbott("coba_brette" if args.network == "coba" else "cuba_pynn", **common)
    if args.network == "brunel":
        net = nets_nest.brunel("delta", order=2500, **common)
        for cells in net["pops"].values():
            cells.V_reset = 10.
        return net
    if args.network == "microcircuit":
        return nets_nest.microcircuit(.1, .1, "poisson", **common)
    return nets_nest.hpc(scale=.2, indegree=(900, 225), **common)


def once():
    start = time.perf_counter()
    net = build()
    recorder = nest.Create("spike_recorder")
    for cells in net["pops"].values():
        nest.Connect(cells, recorder)
    built = time.perf_counter()
    nest.Prepare()
    nest.Run(DT)
    stepped, cpu = time.perf_counter(), time.process_time()
    nest.Run(args.duration - DT)
    ended, cpu = time.perf_counter(), time.process_time() - cpu
    nest.Cleanup()
    per_second = 1e3 / (args.duration - DT)
    cells = sum(len(p) for p in net["pops"].values())
    return dict(n=cells, synapses=net["n_syn"], build_s=built - start, first_step_s=stepped - built, run_s=(ended - stepped) * per_second,
                run_cpu_s=cpu * per_second, spikes=int(recorder.n_events))


all_runs = [once() for _ in range(args.repeat)]
of = lambda key: median(r[key] for r in all_runs)  # noqa: E731
print(json.dumps(dict(
    network=args.network, simulator="nest", version=nest.__version__, mode="default", precision="f64", threads=args.threads,
    seed=args.seed, duration_ms=args.duration, n=all_runs[0]["n"], synapses=all_runs[0]["synapses"],
    build_s=of("build_s"), first_step_s=of("first_step_s"), run_s=of("run_s"), runs=[r["run_s"] for r in all_runs],
    run_cpu_s=of("run_cpu_s"), spikes=all_runs[0]["spikes"],
    rate_hz=round(all_runs[0]["spikes"] / all_runs[0]["n"] / args.duration * 1e3, 3))))
