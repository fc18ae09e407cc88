"""The network of OpSNN's pipeline: build, simulate, write, each timed.

    python opsnn.py [cells] [seed]

A script for PyNN: with `import pyNN.nest as sim` it runs on NEST. It is COBA with a connection probability of 0.01
and a kick of 10 spikes/s from each source. With the 1000 cells of the pipeline a cell has ten inputs, and the
activity is over after 0.1 s; with 4000 it lives."""

import sys
import time

import synfire.pynn as sim
from pyNN.random import NumpyRNG, RandomDistribution

cells = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
seed = int(sys.argv[2]) if len(sys.argv) > 2 else 98765
excitatory = 4 * cells // 5
probability = 0.01
stop = 1000.0  # ms

sim.setup(timestep=0.1, min_delay=0.2, max_delay=0.2, rng_seed=seed, threads=1, spike_precision="on_grid")
began = time.perf_counter()

rng = NumpyRNG(seed=seed, parallel_safe=True)
area = 20_000.0  # um2, of 1 uF/cm2
cell = sim.IF_cond_exp(
    cm=area * 1e-5, tau_m=20.0, v_rest=-60.0, v_reset=-60.0, v_thresh=-50.0, tau_refrac=5.0,
    tau_syn_E=5.0, tau_syn_I=10.0, e_rev_E=0.0, e_rev_I=-80.0,
)  # fmt: skip
everyone = sim.Population(cells, cell, label="cells")
everyone.initialize(v=RandomDistribution("uniform", low=-60.0, high=-50.0, rng=rng))
groups = {"excitatory": everyone[:excitatory], "inhibitory": everyone[excitatory:]}
sources = sim.Population(20, sim.SpikeSourcePoisson(rate=10.0, duration=50.0), label="sources")
for pre, kind, weight in (
    (groups["excitatory"], "excitatory", 0.004),
    (groups["inhibitory"], "inhibitory", 0.051),
    (sources, "excitatory", 0.1),
):
    connector = sim.FixedProbabilityConnector(probability, rng=rng)
    sim.Projection(pre, everyone, connector, sim.StaticSynapse(weight=weight, delay=0.2), receptor_type=kind)

everyone.record("spikes")
groups["excitatory"][:2].record("v")
built = time.perf_counter()

sim.run(stop)
ran = time.perf_counter()

data = everyone.get_data().segments[0]
for kind, group in groups.items():
    group.write_data(f"opsnn_{kind}.pkl")
written = time.perf_counter()

rates = {kind: group.mean_spike_count() * 1000.0 / stop for kind, group in groups.items()}
stages = {"build": built - began, "run": ran - built, "write": written - ran}
print(f"OpSNN, {cells} cells: excitatory {rates['excitatory']:.2f}/s, inhibitory {rates['inhibitory']:.2f}/s")
print(", ".join(f"{stage} {seconds:.3f} s" for stage, seconds in stages.items()))
sim.end()
