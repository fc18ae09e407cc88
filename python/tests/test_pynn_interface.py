"""The table of `docs/pynn.md` against the installed PyNN and against what the back end does: no name is missing, none
is too many, and each that is said to work is called."""

from __future__ import annotations

import importlib
import inspect
import re
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("pyNN")

import pyNN.common

import synfire.pynn as sim

pytestmark = pytest.mark.skipif(not pyNN.__version__.startswith("0.13"), reason="the table is that of PyNN 0.13")

PAGE = Path(__file__).parents[1] / "docs" / "pynn.md"
MODULES = {
    "common": ["control", "populations", "projections", "procedural_api"],
    "standardmodels": ["base", "cells", "synapses", "electrodes", "receptors", "ion_channels"],
}


def public() -> Iterator[str]:
    """Public classes and functions of PyNN, and methods and properties of those of `pyNN.common`."""
    for package, modules in MODULES.items():
        for module in modules:
            loaded = importlib.import_module(f"pyNN.{package}.{module}")
            for name, thing in vars(loaded).items():
                own = getattr(thing, "__module__", None) == loaded.__name__ or (
                    module == "procedural_api" and name in ("set", "initialize")
                )
                if name.startswith("_") or not (inspect.isclass(thing) or inspect.isfunction(thing)) or not own:
                    continue
                yield f"{package}.{name}"
                for member, value in vars(thing).items() if inspect.isclass(thing) and package == "common" else ():
                    if not member.startswith("_") and (callable(value) or isinstance(value, property)):
                        yield f"{package}.{name}.{member}"
    loaded = importlib.import_module("pyNN.connectors")
    yield from (
        f"connectors.{n}" for n, t in vars(loaded).items() if inspect.isclass(t) and t.__module__ == loaded.__name__
    )


def table() -> dict[str, str]:
    """Names of the page, and what it says of each."""
    rows = re.findall(r"^\| `([\w.]+)` \| (works|differs|refused) \|", PAGE.read_text(), re.MULTILINE)
    assert len(rows) == len(dict(rows)), "a name stands twice"
    return dict(rows)


def test_the_page_has_every_name_of_pynn() -> None:
    known, told = set(public()), set(table())
    assert known - told == set(), "names that the page does not tell"
    assert told - known == set(), "names that PyNN does not have"


#: Model classes that need arguments.
ARGUMENTS: dict[str, Callable[[], dict[str, Any]]] = {
    "PointNeuron": lambda: {"neuron": sim.LIF(), "AMPA": sim.ExpPSR()},
    "STDPMechanism": lambda: {
        "timing_dependence": sim.SpikePairRule(),
        "weight_dependence": sim.AdditiveWeightDependence(),
    },
}
#: Base classes and functions for those who write back ends; PyNN's own serve here.
OF_BACK_ENDS = re.compile(
    r"standardmodels\.(Standard|STDP(Weight|Timing)|ModelNot|build_|check_)"
    r"|connectors\.(Connector|MapConnector|FixedNumberConnector)$"
)


@pytest.mark.parametrize(
    "name", sorted(n for n in table() if not n.startswith("common.") and not OF_BACK_ENDS.match(n))
)
def test_models(name: str) -> None:
    kind, said = name.split(".")[1], table()[name]
    own = getattr(sim, kind, None)
    if name.startswith("connectors."):
        assert issubclass(own, getattr(importlib.import_module("pyNN.connectors"), kind)), "PyNN's own class"
        return
    if said == "refused":
        if own is not None:
            with pytest.raises(NotImplementedError, match="help:"):
                own()
        return
    assert issubclass(own, getattr(importlib.import_module("pyNN.standardmodels." + module_of(kind)), kind))
    made = own(**ARGUMENTS.get(kind, dict)())
    assert kind in ("PointNeuron", "STDPMechanism") or set(made.default_parameters) == set(type(made).translations)


def module_of(kind: str) -> str:
    """Where PyNN has it."""
    return next(
        m for m in MODULES["standardmodels"] if hasattr(importlib.import_module(f"pyNN.standardmodels.{m}"), kind)
    )


Network = dict[str, Any]


@pytest.fixture
def net(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Network:
    monkeypatch.chdir(tmp_path)
    sim.setup(timestep=0.1, min_delay=0.2)
    cells = sim.Population(6, sim.IF_cond_exp(i_offset=0.9), label="cells")
    sources = sim.Population(3, sim.SpikeSourceArray(spike_times=[[2.0], [4.0], [6.0]]), label="sources")
    synapses = sim.Projection(sources, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.02, delay=0.5))
    cells.record(["spikes", "v", "gsyn_exc", "gsyn_inh"])
    sources.record("spikes")
    both = cells + sources
    sim.run(40.0)
    return {
        "cells": cells,
        "view": cells[1:4],
        "both": both,
        "sources": sources,
        "synapses": synapses,
        "id": cells[2],
        "tmp": tmp_path,
    }


def calls(n: Network) -> dict[str, Callable[[], Any]]:
    """A call of every method and function, by its name in the table. What a call gives is looked at where it is short
    to say."""
    cells, view, both, synapses, one = n["cells"], n["view"], n["both"], n["synapses"], n["id"]
    tail: dict[str, Callable[[], Any]] = {
        "common.is_conductance": lambda: pyNN.common.is_conductance(one) is True,
        "common.set": lambda: sim.set(cells, tau_m=15.0),
        "common.initialize": lambda: sim.initialize(cells, v=-60.0),
        "common.IDMixin.set_parameters": lambda: one.set_parameters(tau_m=11.0),
        "common.IDMixin.get_parameters": lambda: one.get_parameters()["tau_m"] == 20.0,
        "common.IDMixin.celltype": lambda: one.celltype is cells.celltype,
        "common.IDMixin.is_standard_cell": lambda: one.is_standard_cell,
        "common.IDMixin.position": lambda: len(one.position) == 3,
        "common.IDMixin.local": lambda: bool(one.local),
        "common.IDMixin.inject": lambda: one.inject(sim.DCSource(amplitude=0.1)),
        "common.IDMixin.get_initial_value": lambda: one.get_initial_value("v") == -65.0,
        "common.IDMixin.set_initial_value": lambda: one.set_initial_value("v", -61.0),
        "common.IDMixin.as_view": lambda: one.as_view().size == 1,
        "common.Population.local_cells": lambda: len(cells.local_cells) == 6,
        "common.Population.id_to_index": lambda: cells.id_to_index(one) == 2,
        "common.Population.id_to_local_index": lambda: cells.id_to_local_index(one) == 2,
        "common.Population.structure": lambda: cells.structure is not None,
        "common.Population.positions": lambda: cells.positions.shape == (3, 6),
        "common.Population.describe": lambda: "cells" in cells.describe(),
        "common.PopulationView.initial_values": lambda: view.initial_values["v"][0] == -65.0,
        "common.PopulationView.structure": lambda: view.structure is cells.structure,
        "common.PopulationView.positions": lambda: view.positions.shape == (3, 3),
        "common.PopulationView.id_to_index": lambda: view.id_to_index(one) == 1,
        "common.PopulationView.grandparent": lambda: view.grandparent is cells,
        "common.PopulationView.index_in_grandparent": lambda: view.index_in_grandparent([0])[0] == 1,
        "common.PopulationView.index_from_parent_index": lambda: view.index_from_parent_index(2) == 1,
        "common.PopulationView.describe": lambda: "3" in view.describe(),
        "common.Projection.size": lambda: synapses.size() == 18,
        "common.Projection.shape": lambda: synapses.shape == (3, 6),
        "common.Projection.set": lambda: synapses.set(weight=0.01),
        "common.Projection.initialize": tsodyks_initialised,
        "common.Projection.setWeights": lambda: synapses.setWeights(0.01),
        "common.Projection.randomizeWeights": lambda: synapses.randomizeWeights(
            sim.RandomDistribution("uniform", (0.01, 0.02))
        ),
        "common.Projection.setDelays": lambda: synapses.setDelays(0.4),
        "common.Projection.randomizeDelays": lambda: synapses.randomizeDelays(
            sim.RandomDistribution("uniform", (0.2, 0.5))
        ),
        "common.Projection.get": lambda: np.all(synapses.get("weight", "array") == 0.02),
        "common.Projection.getWeights": lambda: synapses.getWeights() == [0.02] * 18,
        "common.Projection.getDelays": lambda: synapses.getDelays() == [0.5] * 18,
        "common.Projection.getSynapseDynamics": lambda: synapses.getSynapseDynamics("weight") == [0.02] * 18,
        "common.Projection.save": lambda: synapses.save(["weight", "delay"], "w.txt"),
        "common.Projection.saveConnections": lambda: synapses.saveConnections("c.txt"),
        "common.Projection.printWeights": lambda: synapses.printWeights("w.txt"),
        "common.Projection.printDelays": lambda: synapses.printDelays("d.txt"),
        "common.Projection.weightHistogram": lambda: synapses.weightHistogram(0.0, 0.1)[0].sum() == 18,
        "common.Projection.annotate": lambda: synapses.annotate(kind="test"),
        "common.Projection.describe": lambda: "18" in synapses.describe(),
    }
    for group, thing in (("BasePopulation", cells), ("Assembly", both)):
        spiking = "spikes"
        tail |= {
            f"common.{group}.{name}": call
            for name, call in {
                "local_size": lambda t=thing: t.local_size == t.size,
                "size": lambda t=thing: t.size == 9,
                "local_cells": lambda t=thing: len(t.local_cells) == t.size,
                "all_cells": lambda t=thing: len(t.all_cells) == t.size,
                "first_id": lambda t=thing: t.first_id < t.last_id,
                "last_id": lambda t=thing: t.first_id < t.last_id,
                "conductance_based": lambda t=thing: t.conductance_based is True,
                "receptor_types": lambda t=thing: t is not cells or "excitatory" in t.receptor_types,
                "is_local": lambda t=thing: bool(t.is_local(one)),
                "all": lambda t=thing: len(list(t.all())) == t.size,
                "id_to_index": lambda t=thing: t.id_to_index(one) == 2,
                "position_generator": lambda t=thing: len(t.position_generator(0)) == 3,
                "positions": lambda t=thing: t.positions.shape == (3, 9),
                "nearest": lambda t=thing: t.nearest((1.1, 0.0, 0.0)) == cells[1],
                "sample": lambda t=thing: t.sample(2).size == 2,
                "get": lambda t=thing: (
                    cells.get("tau_m") == 20.0 and t.populations[0].get("tau_m") == 20.0
                    if t is both
                    else cells.get("tau_m") == 20.0
                ),
                "set": lambda t=thing: (
                    (cells + cells[:0] if t is both else cells).set(tau_m=12.0)
                    if t is cells
                    else both[:6].set(tau_m=12.0)
                ),
                "tset": lambda t=thing: t.tset("tau_m", np.arange(10.0, 16.0)),
                "rset": lambda t=thing: (t if t is cells else both[:6]).rset(
                    "tau_m", sim.RandomDistribution("uniform", (10.0, 20.0))
                ),
                "initialize": lambda t=thing: (t if t is cells else both[:6]).initialize(v=-62.0),
                "find_units": lambda t=thing: (
                    t is both or t.find_units(pyNN.recording.Variable("v", None, None)) == "mV"
                ),
                "annotate": lambda t=thing: t.annotate(layer=4),
                "get_annotations": lambda t=thing: (
                    [p.annotate(layer=4) for p in t.populations] and t.get_annotations("layer")["layer"] == 4
                ),
                "can_record": lambda t=thing: t.can_record("v"),
                "injectable": lambda t=thing: t.injectable is (t is cells),
                "record": lambda t=thing: t.record(spiking),
                "record_v": lambda t=thing: (t if t is cells else both[:6]).record_v(),
                "record_gsyn": lambda t=thing: (t if t is cells else both[:6]).record_gsyn(),
                "write_data": lambda t=thing: (
                    cells.write_data("data.pkl") if t is cells else t.write_data(sim.get_io("data.pkl"), "spikes")
                ),
                "get_data": lambda t=thing: len(t.get_data("spikes").segments[0].spiketrains) == t.size,
                "printSpikes": lambda t=thing: (
                    t.printSpikes("spikes.pkl") if t is cells else t.write_data("spikes.pkl", "spikes")
                ),
                "getSpikes": lambda t=thing: len(t.getSpikes().segments[0].spiketrains) == t.size,
                "print_v": lambda t=thing: cells.print_v("v.pkl") if t is cells else both[:6].print_v("v.pkl"),
                "get_v": lambda t=thing: len((t if t is cells else both[:6]).get_v().segments[0].analogsignals) == 1,
                "print_gsyn": lambda t=thing: (
                    cells.print_gsyn("g.pkl") if t is cells else both[:6].write_data("g.pkl", ["gsyn_exc", "gsyn_inh"])
                ),
                "get_gsyn": lambda t=thing: (
                    len((t if t is cells else both[:6]).get_gsyn().segments[0].analogsignals) == 2
                ),
                "get_spike_counts": lambda t=thing: len(t.get_spike_counts()) == t.size,
                "meanSpikeCount": lambda t=thing: t.meanSpikeCount() > 0,
                "mean_spike_count": lambda t=thing: t.mean_spike_count() > 0,
                "inject": lambda t=thing: (t if t is cells else both[:6]).inject(sim.DCSource(amplitude=0.1)),
                "save_positions": lambda t=thing: t.save_positions("p.txt"),
                "get_population": lambda t=thing: t.get_population("cells") is cells,
                "describe": lambda t=thing: "cells" in t.describe(),
            }.items()
            if f"common.{group}.{name}" in table()
        }
    return tail


def tsodyks_initialised() -> bool:
    """A state of synapses at time 0."""
    sim.setup()
    pre, post = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0])), sim.Population(1, sim.IF_cond_exp())
    synapses = sim.Projection(
        pre, post, sim.AllToAllConnector(), sim.TsodyksMarkramSynapse(weight=0.01, U=0.4, tau_facil=1e6)
    )
    synapses.initialize(u=0.5)
    post.record("gsyn_exc")
    sim.run(5.0)
    first = post.get_data().segments[0].analogsignals[0].magnitude.max()
    return bool(abs(first - 0.01 * (0.5 + 0.4 * 0.5)) < 1e-5)


#: PyNN's own `setSynapseDynamics(name, value)` and an Assembly's `rset` set a parameter called "parameter_name", and an
#: Assembly's `printSpikes` and `print_gsyn` call `write_data` with other arguments than it takes: with every back end.
BROKEN_IN_PYNN = {
    "common.Assembly.rset",
    "common.Assembly.printSpikes",
    "common.Assembly.print_gsyn",
    "common.Projection.setSynapseDynamics",
    "common.Projection.randomizeSynapseDynamics",
}


def members() -> list[str]:
    """Names of methods and functions in the table."""
    classes = {f"common.{n}" for n, t in vars(pyNN.common).items() if inspect.isclass(t)} | {"common.BaseState"}
    made = {"common.setup", "common.end", "common.Connection"}
    return sorted(n for n in table() if n.startswith("common.") and n not in classes | made and ".build_" not in n)


@pytest.mark.parametrize("name", members())
def test_calls(name: str, net: Network) -> None:
    if name in BROKEN_IN_PYNN:
        pytest.skip("broken in PyNN itself, with every back end")
    call = calls(net).get(name)
    assert call is not None, f"the test has no call of {name}"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        given = call()
    assert given is None or bool(given)
    sim.run(1.0)
    sim.end()


def test_functions_of_the_module() -> None:
    for name in (
        "setup run run_until run_for reset end initialize set create connect record record_v "
        "record_gsyn get_current_time get_time_step "
        "get_min_delay get_max_delay num_processes rank list_standard_models"
    ).split():
        assert callable(getattr(sim, name)), name
    for name in sim.list_standard_models():
        assert table()[f"standardmodels.{name}"] in ("works", "differs"), name
