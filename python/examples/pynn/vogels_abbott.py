"""Benchmarks 1 and 2 of Brette et al. (2007): 4000 leaky cells in balance, joined by conductances (COBA) or by currents
(CUBA).

    python vogels_abbott.py [COBA|CUBA] [cells] [seed]

A script for PyNN: with `import pyNN.nest as sim` it runs on NEST. Weights are those of PyNN's own benchmark (4 and
51 nS; 16.2 and -90 pA). COBA is started by twenty Poisson sources; CUBA fires by itself."""

import sys
import time

import synfire.pynn as sim
from pyNN.random import NumpyRNG, RandomDistribution

benchmark = sys.argv[1] if len(sys.argv) > 1 else "COBA"
cells = int(sys.argv[2]) if len(sys.argv) > 2 else 4000
seed = int(sys.argv[3]) if len(sys.argv) > 3 else 98765
excitatory = 4 * cells // 5
inputs_of_a_cell = 80
stop = 1000.0  # ms

if benchmark == "COBA":
    model = sim.IF_cond_exp
    cell = {"v_rest": -60.0, "e_rev_E": 0.0, "e_rev_I": -80.0}
    weights = {"excitatory": 0.004, "inhibitory": 0.051}  # uS
else:
    model = sim.IF_curr_exp
    cell = {"v_rest": -49.0}
    weights = {"excitatory": 0.0162, "inhibitory": -0.09}  # nA
cell |= {
    "cm": 0.2,
    "tau_m": 20.0,
    "v_reset": -60.0,
    "v_thresh": -50.0,
    "tau_refrac": 5.0,
    "tau_syn_E": 5.0,
    "tau_syn_I": 10.0,
}

sim.setup(timestep=0.1, min_delay=0.2, max_delay=0.2, rng_seed=seed, threads=1, spike_precision="on_grid")
began = time.perf_counter()

rng = NumpyRNG(seed=seed)
everyone = sim.Population(cells, model(**cell), label="cells")
everyone.initialize(v=RandomDistribution("uniform", (-60.0, -50.0), rng=rng))
groups = {"excitatory": everyone[:excitatory], "inhibitory": everyone[excitatory:]}
for kind, group in groups.items():
    synapse = sim.StaticSynapse(weight=weights[kind], delay=0.2)
    connector = sim.FixedProbabilityConnector(inputs_of_a_cell / cells, rng=rng)
    sim.Projection(group, everyone, connector, synapse, receptor_type=kind, label=kind)
if benchmark == "COBA":
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
everyone.write_data(f"{benchmark}.pkl")
written = time.perf_counter()

rates = {kind: group.mean_spike_count() * 1000.0 / stop for kind, group in groups.items()}
stages = {"build": built - began, "run": ran - built, "write": written - ran}
print(f"{benchmark}, {cells} cells: excitatory {rates['excitatory']:.2f}/s, inhibitory {rates['inhibitory']:.2f}/s")
print(", ".join(f"{stage} {seconds:.3f} s" for stage, seconds in stages.items()))
sim.end()
