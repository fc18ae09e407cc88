"""COBA 4000 (Vogels and Abbott) in ANNarchy: one process, one line of JSON.

    python annarchy_va.py explicit|exponential [--duration 1000] [--threads 1] [--seed 1] [--repeat 3] [--precision double|float]

Explicit Euler or exponential Euler; code is generated and compiled, which is most of build_s. Each repeat resets the network.
"""
import argparse
import json
import sys
import tempfile
import time
from statistics import median

ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
ap.add_argument("method", choices=["explicit", "exponential"])
ap.add_argument("--duration", type=float, default=1000., help="ms")
ap.add_argument("--threads", type=int, default=1)
ap.add_argument("--seed", type=int, default=1)
ap.add_argument("--repeat", type=int, default=3)
ap.add_argument("--precision", choices=["double", "float"], default="double")
args = ap.parse_args()
sys.argv = sys.argv[:1]  # ANNarchy reads the command line too

import ANNarchy as ann  # noqa: E402
import numpy as np  # noqa: E402
from importlib.metadata import version  # noqa: E402

DT, N, N_EXC, P = .1, 4000, 3200, .02
method = args.method
cell = ann.Neuron(
    parameters=dict(c=200., leak=10., e_l=-60., e_e=0., e_i=-80., v_t=-50., v_r=-60., tau_e=5., tau_i=10.),
    equations=[f"c * dv/dt = leak * (e_l - v) + g_exc * (e_e - v) + g_inh * (e_i - v) : {method}, init=-60.0",
               f"tau_e * dg_exc/dt = -g_exc : {method}", f"tau_i * dg_inh/dt = -g_inh : {method}"],
    spike="v > v_t", reset="v = v_r", refractory=5.)
folder = tempfile.mkdtemp()
began = time.perf_counter()
net = ann.Network(dt=DT, seed=args.seed)
net.config(num_threads=args.threads, verbose=False, dtype=ann.float64 if args.precision == "double" else ann.float32)
cells = net.create(geometry=N, neuron=cell)
exc, inh = cells[:N_EXC], cells[N_EXC:]
rng = np.random.default_rng(args.seed)
start = rng.uniform(-60., -50., N)
# the kick: 50 cells, 300/s each, from 1 to 51 ms
times = [sorted(1. + DT * np.nonzero(rng.random(500) < 300 * DT * 1e-3)[0]) for _ in range(50)]
kick = net.create(ann.SpikeSourceArray(spike_times=[[float(t) for t in own] for own in times]))
for source, target, weight in (exc, "exc", 6.), (inh, "inh", 67.):
    net.connect(pre=source, post=cells, target=target).fixed_probability(probability=P, weights=weight, delays=DT)
net.connect(pre=kick, post=cells[:50], target="exc").one_to_one(weights=6., delays=DT)
monitor = net.monitor(cells, "spike")
net.compile(directory=folder)
build = time.perf_counter() - began
cells.v = start

runs, spikes = [], 0
for _ in range(args.repeat):
    net.reset(populations=True)
    cells.v = start
    monitor.get("spike")
    net.simulate(DT)
    wall = time.perf_counter()
    net.simulate(args.duration - DT)
    runs.append((time.perf_counter() - wall) * 1e3 / (args.duration - DT))
    spikes = sum(len(own) for own in monitor.get("spike").values())
print(json.dumps(dict(
    network="coba", simulator="annarchy", version=version("ANNarchy"), mode=args.method, precision="f64" if args.precision == "double" else "f32",
    n=N, threads=args.threads, seed=args.seed, duration_ms=args.duration, build_s=build, run_s=median(runs), runs=runs, spikes=spikes,
    rate_hz=round(spikes / N / args.duration * 1e3, 3))))
