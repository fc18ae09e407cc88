"""One of SNS-Toolbox's networks in ANNarchy, one thread, double precision; prints one line of JSON.

    python annarchy_sns.py sparse|dense non_spiking|spiking N [--seconds 1] [--folder FOLDER]

The spiking synapses are folded: ANNarchy sums what arrives in one conductance per neuron, without a cap per synapse. That is
less work than the toolbox and synfire do. Code is generated and compiled in FOLDER; that is part of building.
"""
import argparse
import json
import math
import resource
import sys
import tempfile
import time

ap = argparse.ArgumentParser()
ap.add_argument("layout", choices=["sparse", "dense"])
ap.add_argument("cells", choices=["non_spiking", "spiking"])
ap.add_argument("neurons", type=int)
ap.add_argument("--seconds", type=float, default=1.)
ap.add_argument("--folder")
args = ap.parse_args()
# ANNarchy reads the command line of its own
sys.argv = sys.argv[:1]

try:
    import ANNarchy as ann
    import numpy as np
except ImportError as e:
    print(json.dumps(dict(error=f"not installed: {e}")))
    sys.exit(0)

used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
spiking = args.cells == "spiking"
if spiking:
    neuron = ann.Neuron(
        parameters=dict(c=5., bias=ann.Parameter(0., locality="local"), theta_0=1., m=-1. if args.layout == "sparse" else 0., tau_theta=5., e=194., tau=1.),
        equations=["c * dv/dt = -v + bias + g_exc * (e - v) : init = 0.0, explicit",
                   "tau_theta * dT/dt = theta_0 - T + m * v : init = 1.0, explicit",
                   "tau * dg_exc/dt = -g_exc : explicit"],
        spike="v > T", reset="v = 0.0")
    synapse = None
else:
    neuron = ann.Neuron(
        parameters=dict(c=10., bias=ann.Parameter(0., locality="local"), e=-60.),
        equations=["c * dv/dt = -v + bias + sum(exc) * (e - v) : init = 0.0, explicit", "r = v"])
    synapse = ann.Synapse(psp="w * clip(pre.r / 20.0, 0.0, 1.0)")

folder = args.folder or tempfile.mkdtemp()
net = ann.Network(dt=0.1)
net.config(num_threads=1, verbose=False)
began = time.perf_counter()
n = args.neurons
if args.layout == "dense":
    first = last = joined = net.create(geometry=n, neuron=neuron)
else:
    ins, outs, root = int(0.08 * n) + 1, int(0.12 * n), int(math.sqrt(n))
    first, last, joined, rest = (net.create(geometry=k, neuron=neuron) for k in (ins, outs, root, n - ins - outs - root))
    for population in last, joined, rest:
        population.bias = 10.
size = n if args.layout == "dense" else root
projection = net.connect(pre=joined, post=joined, target="exc", synapse=synapse)
projection.all_to_all(weights=(1. if spiking else 0.5) / size, allow_self_connections=True)
net.compile(directory=folder)
build = time.perf_counter() - began

current = np.full(first.size, 10.)
times, check, began = [], None, time.perf_counter()
while len(times) < 101 or (len(times) < 20000 and time.perf_counter() - began < args.seconds):
    start = time.perf_counter()
    first.bias = current
    net.step()
    last.v
    times.append(time.perf_counter() - start)
    if len(times) == 100 and not spiking:
        check = float(np.mean(joined.v))
times = sorted(times[1:])
# many steps per call, with the input held
net.simulate(1.)
start = time.perf_counter()
net.simulate(10.)
steps = max(100, int(args.seconds / 5 / ((time.perf_counter() - start) / 100)))
runs = []
for _ in range(5):
    start = time.perf_counter()
    net.simulate(0.1 * steps)
    runs.append((time.perf_counter() - start) / steps)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
from importlib.metadata import version  # noqa: E402
print(json.dumps(dict(build_s=build, call_us=times[len(times) // 2] * 1e6, call_min_us=times[0] * 1e6,
                      run_us=sorted(runs)[2] * 1e6, run_min_us=min(runs) * 1e6, memory_mib=peak / 1024,
                      import_mib=used / 1024, check=check, version=version("ANNarchy"))))
