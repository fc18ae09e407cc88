"""The network of OpSNN, or a living one, through PyNN on NEST: one line of JSON with the seconds of each stage.

    python pynn_opsnn.py opsnn_coba 1000 1000 pickle     # network, cells, ms of model time, pickle or nix

The script of OpSNN's notebooks in today's PyNN: PyNN's own example VAbenchmarks, of which OpSNN took a quarter of the cells, half of
the probability and a tenth of the kick.
"""
import json
import os
import sys
import tempfile
import time

name, cells, duration, form = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), sys.argv[4]
# inputs of a cell, and the rate of the kick
inputs, kick = {"opsnn_coba": (10, 10.), "opsnn_living": (20, 100.)}[name]

# what NEST says of itself belongs to no result
out = os.dup(1)
os.dup2(2, 1)
import pyNN  # noqa: E402
import pyNN.nest as sim  # noqa: E402
from pyNN.random import NumpyRNG, RandomDistribution  # noqa: E402

sim.setup(timestep=0.1, min_delay=0.2, max_delay=0.2, spike_precision="on_grid", verbosity="error", threads=1)
began = time.perf_counter()
rng = NumpyRNG(98765, parallel_safe=True)
cell = sim.IF_cond_exp(tau_m=20., cm=0.2, v_rest=-60., v_reset=-60., v_thresh=-50., tau_refrac=5., tau_syn_E=5., tau_syn_I=10., e_rev_E=0., e_rev_I=-80.)
excitatory = cells * 4 // 5
everyone = sim.Population(cells, cell, initial_values={"v": RandomDistribution("uniform", (-60., -50.), rng=rng)})
exc, inh = everyone[:excitatory], everyone[excitatory:]
source = sim.Population(20, sim.SpikeSourcePoisson(rate=kick, duration=50.))
random = sim.FixedProbabilityConnector(inputs / cells, rng=rng)
sim.Projection(exc, everyone, random, sim.StaticSynapse(weight=0.004, delay=0.2), receptor_type="excitatory")
sim.Projection(inh, everyone, random, sim.StaticSynapse(weight=0.051, delay=0.2), receptor_type="inhibitory")
sim.Projection(source, everyone, sim.FixedProbabilityConnector(0.01, rng=rng), sim.StaticSynapse(weight=0.1, delay=0.2), receptor_type="excitatory")
everyone.record("spikes")
exc[[0, 1]].record("v")
build = time.perf_counter() - began

began = time.perf_counter()
sim.run(duration)
run = time.perf_counter() - began

with tempfile.TemporaryDirectory() as folder:
    began = time.perf_counter()
    end = {"pickle": "pkl", "nix": "h5"}[form]
    for part, view in (("exc", exc), ("inh", inh)):
        view.write_data(os.path.join(folder, f"{part}.{end}"), annotations={"script_name": "pynn_opsnn"})
    write = time.perf_counter() - began
    size = sum(os.path.getsize(os.path.join(folder, file)) for file in os.listdir(folder))

spikes = int(sum(everyone.get_spike_counts().values()))
line = {"network": name, "cells": cells, "ms": duration, "form": form, "build": build, "run": run, "write": write, "bytes": size,
        "spikes": spikes, "versions": {"PyNN": pyNN.__version__, "NEST": sim.nest.__version__}}
os.write(out, (json.dumps(line) + "\n").encode())
os._exit(0)
