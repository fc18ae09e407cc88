"""Networks and readings that the tests of the back end of PyNN share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("pyNN")

from pyNN.random import NumpyRNG, RandomDistribution

import synfire.pynn as sim

Array = np.ndarray[Any, Any]


@pytest.fixture(autouse=True)
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    sim.setup(timestep=0.1, min_delay=0.1)
    yield
    sim.setup()


def signal(population: Any, name: str, segment: int = -1) -> Array:
    """Samples by cells, in PyNN's unit."""
    values: Array = population.get_data(name).segments[segment].filter(name=name)[0].magnitude
    return values


def trains(population: Any, segment: int = -1) -> list[list[float]]:
    """Spike times of each cell, ms."""
    return [t.magnitude.tolist() for t in population.get_data("spikes").segments[segment].spiketrains]


def balanced(conductances: bool, cells: int = 120) -> tuple[Any, list[Any], Array]:
    """A small network in balance, its connections and potentials drawn by PyNN, started by listed spikes."""
    rng = NumpyRNG(seed=4)
    if conductances:
        cell = sim.IF_cond_exp(cm=0.2, v_rest=-60.0, v_reset=-60.0, tau_refrac=5.0, tau_syn_I=10.0, e_rev_I=-80.0)
        weights = {"excitatory": 0.006, "inhibitory": 0.067}
    else:
        cell = sim.IF_curr_exp(cm=0.2, v_rest=-49.0, v_reset=-60.0, tau_refrac=5.0, tau_syn_I=10.0)
        weights = {"excitatory": 0.08, "inhibitory": -0.4}
    everyone = sim.Population(cells, cell, label="cells")
    everyone.initialize(v=RandomDistribution("uniform", (-60.0, -50.0), rng=rng))
    kick = sim.Population(
        6, sim.SpikeSourceArray(spike_times=[np.arange(2.0 + k, 60.0, 5.0) for k in range(6)]), label="kick"
    )
    groups = {"excitatory": everyone[: 4 * cells // 5], "inhibitory": everyone[4 * cells // 5 :]}
    made = []
    for kind, group in groups.items():
        weight = RandomDistribution("uniform", (0.9 * weights[kind], 1.1 * weights[kind]), rng=rng)
        if weights[kind] < 0:
            weight = weights[kind]
        delay = RandomDistribution("uniform", (0.2, 2.0), rng=rng)
        synapse = sim.StaticSynapse(weight=weight, delay=delay)
        made.append(
            sim.Projection(group, everyone, sim.FixedProbabilityConnector(0.2, rng=rng), synapse, receptor_type=kind)
        )
    synapse = sim.StaticSynapse(weight=abs(weights["excitatory"]) * 10, delay=0.3)
    made.append(
        sim.Projection(kick, everyone, sim.FixedProbabilityConnector(0.2, rng=rng), synapse, receptor_type="excitatory")
    )
    return everyone, made, np.asarray(everyone.initial_values["v"].evaluate())
