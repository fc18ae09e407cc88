"""Benchmark 3 of Brette et al. (2007): Hodgkin-Huxley cells (Traub and Miles) in balance, joined by conductances.

    python coba_hh.py [cells] [seed]

A script for PyNN: with `import pyNN.nest as sim` it runs on NEST. Each cell has 80 inputs on average, of 6 nS from
excitatory and 67 nS from inhibitory cells, and twenty Poisson sources start it."""

import sys
import time

import synfire.pynn as sim
from pyNN.random import NumpyRNG, RandomDistribution

cells = int(sys.argv[1]) if len(sys.argv) > 1 else 4000
seed = int(sys.argv[2]) if len(sys.argv) > 2 else 98765
excitatory = 4 * cells // 5
stop = 1000.0  # ms

sim.setup(timestep=0.1, min_delay=0.2, max_delay=0.2, rng_seed=seed, threads=1, spike_precision="on_grid")
began = time.perf_counter()

rng = NumpyRNG(seed=seed)
cell = sim.HH_cond_exp(
    gbar_Na=20.0, gbar_K=6.0, g_leak=0.01, cm=0.2, v_offset=-63.0, e_rev_Na=50.0, e_rev_K=-90.0, e_rev_leak=-60.0,
    e_rev_E=0.0, e_rev_I=-80.0, tau_syn_E=5.0, tau_syn_I=10.0,
)  # fmt: skip
everyone = sim.Population(cells, cell, label="cells")
everyone.initialize(v=RandomDistribution("uniform", (-60.0, -50.0), rng=rng), m=0.05, h=0.6, n=0.3)
groups = {"excitatory": everyone[:excitatory], "inhibitory": everyone[excitatory:]}
for kind, weight in (("excitatory", 0.006), ("inhibitory", 0.067)):
    connector = sim.FixedProbabilityConnector(80 / cells, rng=rng)
    synapse = sim.StaticSynapse(weight=weight, delay=0.2)
    sim.Projection(groups[kind], everyone, connector, synapse, receptor_type=kind, label=kind)
kick = sim.Population(20, sim.SpikeSourcePoisson(rate=100.0, duration=50.0), label="kick")
connector = sim.FixedProbabilityConnector(0.01, rng=rng)
sim.Projection(
    kick, everyone, connector, sim.StaticSynapse(weight=0.1, delay=0.2), receptor_type="excitatory", label="kick"
)

everyone.record("spikes")
groups["excitatory"][:2].record("v")
built = time.perf_counter()

sim.run(stop)
ran = time.perf_counter()

data = everyone.get_data().segments[0]
everyone.write_data("COBAHH.pkl")
written = time.perf_counter()

rates = {kind: group.mean_spike_count() * 1000.0 / stop for kind, group in groups.items()}
stages = {"build": built - began, "run": ran - built, "write": written - ran}
print(f"COBAHH, {cells} cells: excitatory {rates['excitatory']:.2f}/s, inhibitory {rates['inhibitory']:.2f}/s")
print(", ".join(f"{stage} {seconds:.3f} s" for stage, seconds in stages.items()))
sim.end()
