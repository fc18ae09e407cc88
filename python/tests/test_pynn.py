"""The back end of PyNN: what scripts ask for, and that it is what synfire does with the same lists."""

from __future__ import annotations

import runpy
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pynn_networks import balanced, fresh, signal, trains  # noqa: F401

pytest.importorskip("pyNN")

from pyNN.random import NumpyRNG, RandomDistribution

import synfire as sf
import synfire.pynn as sim


@pytest.mark.parametrize("conductances", [True, False])
def test_spike_for_spike_equal_to_a_file_made_of_the_lists_that_pynn_drew(conductances: bool, tmp_path: Path) -> None:
    everyone, made, potentials = balanced(conductances)
    everyone.record("spikes")
    everyone[3:5].record("v")
    sim.run(200.0)

    net = sf.Network("lists", dt="0.1 ms")
    model, method, port, unit = (
        ("lif_cond_exp", "rk4", "g_{}", "uS") if conductances else ("lif_psc_exp", None, "i_{}", "nA")
    )
    parameters: dict[str, Any] = {
        "c_m": "0.2 nF",
        "e_leak": "-60 mV",
        "v_reset": "-60 mV",
        "v_th": "-50 mV",
        "t_ref": "5 ms",
    }
    parameters |= {"tau_exc": "5 ms", "tau_inh": "10 ms"}
    if conductances:
        parameters |= {"g_leak": "10 nS", "e_exc": "0 mV", "e_inh": "-80 mV"}
    else:
        parameters |= {"e_leak": "-49 mV", "tau_m": "20 ms"}
    initial = {"v": sf.values.numbers(potentials, "mV")}
    net.population("cells", model, 120, method=method, parameters=parameters, initial=initial)
    net.population("kick", "spike_times", 6, spike_times=[np.arange(2.0 + k, 60.0, 5.0) for k in range(6)])
    for source, kind, first, projection in zip(
        ("cells", "cells", "kick"), ("exc", "inh", "exc"), (0, 96, 0), made, strict=True
    ):
        pre, post, weight, delay = np.array(projection.get(["weight", "delay"], format="list")).T
        net.project(
            source,
            "cells",
            connector=sf.connectors.list(pre.astype(int) + first, post.astype(int)),
            port=port.format(kind),
            weight=sf.values.numbers(weight, unit),
            delay=sf.values.numbers(delay, "ms"),
            name=f"{source} {kind}",
        )
    net.probe("cells", "spikes")
    net.probe("cells", "v", rows=[3, 4])
    path = tmp_path / "lists.toml"
    net.save(path)
    recording = sf.Network.load(path).compile(engine="cpu", precision="f64").run("200 ms")

    native = [np.round(t, 4).tolist() for t in recording.spikes["cells"].trains()]
    ours = [np.round(t, 4).tolist() for t in trains(everyone)]
    assert sum(map(len, native)) > 300, "it lives"
    assert ours == native
    assert np.array_equal(signal(everyone[3:5], "v")[1:], recording.traces["cells", "v"].values)


def test_units_of_what_is_recorded_and_the_value_at_the_start() -> None:
    cells = sim.Population(2, sim.IF_cond_exp(), initial_values={"v": -60.0, "gsyn_inh": 0.002}, label="some cells")
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0]))
    sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.01, delay=0.5))
    cells.record(["v", "gsyn_exc", "gsyn_inh", "spikes"])
    sim.run(3.0)
    data = cells.get_data()
    segment = data.segments[0]
    v, exc, inh = (segment.filter(name=n)[0] for n in ("v", "gsyn_exc", "gsyn_inh"))
    assert [str(s.dimensionality) for s in (v, exc, inh)] == ["mV", "uS", "uS"]
    assert v.shape == (31, 2) and float(v.sampling_period.rescale("ms")) == 0.1 and float(v.t_start) == 0.0
    assert v.magnitude[0].tolist() == [-60.0, -60.0] and inh.magnitude[0].tolist() == [0.002, 0.002]
    assert np.all(exc.magnitude[:15] == 0) and np.allclose(exc.magnitude[15], 0.01, rtol=1e-12)
    assert data.annotations["simulator"] == "synfire" and data.annotations["label"] == data.name == "some cells"
    assert v.annotations["source_population"] == "some cells"
    assert v.array_annotations["channel_index"].tolist() == [0, 1]


def test_intervals_of_samples() -> None:
    cells = sim.Population(3, sim.IF_curr_exp(i_offset=0.5))
    cells.record("v", sampling_interval=0.5)
    sim.run(10.0)
    coarse = signal(cells, "v")
    sim.setup(timestep=0.1)
    cells = sim.Population(3, sim.IF_curr_exp(i_offset=0.5))
    cells.record("v")
    sim.run(10.0)
    assert coarse.shape == (21, 3) and np.array_equal(coarse, signal(cells, "v")[::5])
    sim.setup(timestep=0.1)
    with pytest.raises(ValueError, match="multiple of the time step"):
        sim.Population(1, sim.IF_curr_exp()).record("v", sampling_interval=0.25)


def test_recorded_from_a_time_on_and_cleared() -> None:
    cells = sim.Population(2, sim.IF_curr_exp(i_offset=[0.5, 1.0]))
    cells.record(["v", "spikes"])
    sim.run(30.0)
    cells[1:].record("isyn_exc")
    sim.run(20.0)
    late = signal(cells, "isyn_exc")
    assert late.shape == (501, 1) and np.isnan(late[:300]).all() and not np.isnan(late[300:]).any()
    whole = signal(cells, "v")
    first = cells.get_data(["v", "spikes"], clear=True).segments[0]
    assert np.array_equal(first.filter(name="v")[0].magnitude, whole)
    sim.run(20.0)
    second = cells.get_data(["v", "spikes"]).segments[0]
    v = second.filter(name="v")[0]
    assert float(v.t_start) == 50.0 and v.shape == (201, 2) and np.array_equal(v.magnitude[0], whole[-1])
    assert all(t >= 50.0 for train in second.spiketrains for t in train.magnitude)


def test_samples_go_on_from_the_time_at_which_a_recording_was_cleared() -> None:
    cells = sim.Population(2, sim.IF_curr_exp(i_offset=0.5)), sim.Population(2, sim.IF_curr_exp(i_offset=0.5))
    cells[0].record("v", sampling_interval=1.0)
    cells[1].record("v")
    sim.run(2.5)
    cells[0].get_data(clear=True)
    sim.run(3.7)
    coarse = cells[0].get_data().segments[0].filter(name="v")[0]
    assert float(coarse.t_start) == 2.5 and coarse.shape == (4, 2)
    assert np.array_equal(coarse.magnitude, signal(cells[1], "v")[25:56:10])
    sim.reset()
    sim.run(2.0)
    assert np.array_equal(signal(cells[0], "v"), signal(cells[1], "v")[::10])


def changes() -> dict[str, Any]:
    """Changes in the middle of a run that change nothing, by name."""
    return {
        "none": lambda n: None,
        "a parameter": lambda n: n["cells"].set(tau_m=20.0),
        "a weight": lambda n: n["projections"][0].set(weight=n["projections"][0].get("weight", "array")),
        "spike times to come": lambda n: n["kick"].set(spike_times=[np.arange(2.0 + k, 60.0, 5.0) for k in range(6)]),
        "a current of 0": lambda n: n["cells"].inject(sim.DCSource(amplitude=0.0)),
        "what is recorded": lambda n: n["cells"][:7].record("gsyn_exc"),
    }


def test_a_change_while_running_goes_on_from_the_state() -> None:
    left = {}
    for name, change in changes().items():
        sim.setup(timestep=0.1)
        everyone, made, _ = balanced(True)
        everyone.record("spikes")
        everyone[:3].record("v")
        sim.run(40.0)
        change({"cells": everyone, "projections": made, "kick": made[2].pre})
        sim.run(40.0)
        left[name] = (trains(everyone), signal(everyone[:3], "v"))
    spikes, potentials = left.pop("none")
    assert sum(map(len, spikes)) > 100
    for name, (others, v) in left.items():
        assert others == spikes and np.array_equal(v, potentials), name


def test_changes_take_effect_from_now_on() -> None:
    cells = sim.Population(3, sim.IF_curr_exp())
    cells.record("v")
    current = sim.DCSource(amplitude=0.1)
    cells[2].inject(current)
    sim.run(10.0)
    cells[0:1].set(i_offset=0.2)
    current.amplitude = 0.4
    cells[1:2].initialize(v=-55.0)
    sim.run(10.0)
    v = signal(cells, "v")
    assert np.all(v[:101, 0] == -65.0) and v[101, 0] > -65.0
    assert np.all(v[:101, 1] == -65.0) and v[101, 1] == pytest.approx(-65.0 + 10.0 * np.exp(-0.1 / 20.0), abs=1e-9)
    assert v[101, 2] - v[100, 2] > 3 * (v[100, 2] - v[99, 2])
    assert cells.get("i_offset").tolist() == [0.2, 0.0, 0.0]


@pytest.mark.parametrize("anew", [False, True])
def test_a_value_is_set_in_the_running_network_as_by_compiling_it_anew(anew: bool) -> None:
    everyone, _, _ = balanced(True)
    everyone.record("spikes")
    everyone[:3].record("v")
    current = sim.DCSource(amplitude=0.0)
    everyone[:50].inject(current)

    def change(t: float) -> float:
        before = sim.simulator.state.simulation
        everyone.set(tau_m=20.0 + 0.1 * t)
        everyone[3:60].set(v_thresh=-50.0 - 0.01 * t, i_offset=0.001 * t)
        current.amplitude = 0.001 * t
        if anew:
            sim.simulator.state.changed()
        elif t > 0:
            assert sim.simulator.state.simulation is before and not sim.simulator.state.stale
        return t + 10.0

    sim.run(100.0, callbacks=[change])
    left = trains(everyone), signal(everyone[:3], "v").tolist()
    assert sum(map(len, left[0])) > 100
    assert LEFT.setdefault("left", left) == left


LEFT: dict[str, Any] = {}


def test_reset_begins_a_segment_and_draws_anew_where_chance_is() -> None:
    cells = sim.Population(2, sim.IF_curr_exp(i_offset=1.0))
    source = sim.Population(20, sim.SpikeSourcePoisson(rate=100.0))
    cells.record(["spikes", "v"])
    source.record("spikes")
    for _ in range(3):
        sim.run(100.0)
        sim.reset()
    segments = cells.get_data().segments
    assert len(segments) == 3 and len(segments[0].spiketrains[0]) > 1
    for segment in segments[1:]:
        assert np.array_equal(segment.filter(name="v")[0].magnitude, segments[0].filter(name="v")[0].magnitude)
    counts = [[len(t) for t in s.spiketrains] for s in source.get_data().segments]
    assert counts[0] != counts[1] != counts[2]
    sim.setup(timestep=0.1)
    again = sim.Population(2, sim.IF_curr_exp(i_offset=1.0)), sim.Population(20, sim.SpikeSourcePoisson(rate=100.0))
    again[1].record("spikes")
    sim.run(100.0)
    assert [len(t) for t in again[1].get_data().segments[0].spiketrains] == counts[0], "one seed, one result"


def test_reset_keeps_parameters_and_takes_initial_values() -> None:
    def cells() -> Any:
        made = sim.Population(2, sim.IF_curr_exp(i_offset=1.0))
        made.record("v")
        return made

    population = cells()
    sim.run(10.0)
    population.set(tau_m=12.0)
    population.initialize(v=-58.0)
    assert signal(population, "v")[-1, 0] != -58.0, "what was sampled stays"
    sim.run(10.0)
    sim.reset()
    sim.run(20.0)
    after = signal(population, "v")
    sim.setup(timestep=0.1)
    population = cells()
    population.set(tau_m=12.0)
    population.initialize(v=-58.0)
    sim.run(20.0)
    assert np.array_equal(after, signal(population, "v"))


def test_views_and_assemblies_are_joined_as_they_are_numbered() -> None:
    a, b, target = (sim.Population(4, sim.SpikeSourceArray(), label=n) for n in "abc"), None, None
    first, second, _ = a
    target = sim.Population(5, sim.IF_curr_exp(), label="target")
    first.set(spike_times=[[1.0], [2.0], [3.0], [4.0]])
    second.set(spike_times=[[5.0], [6.0], [7.0], [8.0]])
    sources = first[1:3] + second[3:]  # spike at 2, 3 and 8 ms
    pairs = [(0, 2, 0.1, 0.5), (1, 1, 0.2, 0.5), (2, 0, 0.4, 1.5)]
    made = sim.Projection(sources, target[2:][::-1], sim.FromListConnector(pairs), sim.StaticSynapse())
    target.record("isyn_exc")
    sim.run(12.0)
    current = signal(target, "isyn_exc")
    jumps = [
        (round(int(k) * 0.1, 1), int(j), round(float(current[k, j]), 6))
        for k, j in np.argwhere(np.diff(current, axis=0) > 0.05) + [1, 0]
    ]
    order = target[2:][::-1].all_cells - target.first_id
    assert sorted(jumps) == sorted([(2.5, int(order[2]), 0.1), (3.5, int(order[1]), 0.2), (9.5, int(order[0]), 0.4)])
    assert made.get(["weight", "delay"], "list") == [(0, 2, 0.1, 0.5), (1, 1, 0.2, 0.5), (2, 0, 0.4, 1.5)]
    assert b is None


def test_learned_weights_are_read_set_and_begin_anew() -> None:
    source = sim.Population(5, sim.SpikeSourceArray(spike_times=[[10.0 + k, 50.0 + k] for k in range(5)]))
    cell = sim.Population(3, sim.SpikeSourceArray(spike_times=[20.0])), sim.Population(3, sim.IF_cond_exp())
    sim.Projection(cell[0], cell[1], sim.OneToOneConnector(), sim.StaticSynapse(weight=1.0, delay=0.1))
    rule = sim.STDPMechanism(
        sim.SpikePairRule(tau_plus=20.0, tau_minus=20.0, A_plus=0.02, A_minus=0.03),
        sim.AdditiveWeightDependence(w_max=0.01),
        weight=RandomDistribution("uniform", (0.001, 0.002), rng=NumpyRNG(seed=1)),
        delay=1.0,
    )
    connector = sim.FixedNumberPreConnector(7, with_replacement=True, rng=NumpyRNG(seed=2))
    learned = sim.Projection(source, cell[1], connector, rule)
    cell[1].record("spikes")
    begun = learned.get("weight", "list")
    assert len(begun) == 21 and len({(i, j) for i, j, _ in begun}) < 21, "some pairs are joined twice"
    sim.run(5.0)
    assert np.allclose(learned.get("weight", "list"), begun, rtol=1e-12), (
        "nothing has happened, and each synapse is where it was"
    )
    sim.run(95.0)
    assert all(0 < len(t) for t in trains(cell[1]))
    grown = np.array(learned.get("weight", "list"))
    assert np.all(grown[:, 2] != np.array(begun)[:, 2])
    learned.set(weight=0.003)
    assert learned.get("weight", "list", with_address=False) == [0.003] * 21
    sim.run(0.1)
    assert np.allclose(learned.get("weight", "list", with_address=False), 0.003, rtol=1e-12)
    sim.reset()
    assert np.allclose(learned.get("weight", "list", with_address=False), 0.003, rtol=1e-12)


@pytest.mark.parametrize("kind", ["probability", "shared", "distance", "pre", "post", "total", "one", "all", "array"])
def test_lists_are_those_of_pynns_own_classes(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from pyNN import connectors as own

    def make(module: Any, rng: NumpyRNG) -> Any:
        return {
            "probability": lambda: module.FixedProbabilityConnector(0.3, allow_self_connections=False, rng=rng),
            "shared": lambda: module.FixedProbabilityConnector(0.3, allow_self_connections=False, rng=rng),
            "distance": lambda: module.DistanceDependentProbabilityConnector("exp(-d/5)", rng=rng),
            "pre": lambda: module.FixedNumberPreConnector(5, with_replacement=True, rng=rng),
            "post": lambda: module.FixedNumberPostConnector(5, rng=rng),
            "total": lambda: module.FixedTotalNumberConnector(60, rng=rng),
            "one": lambda: module.OneToOneConnector(),
            "all": lambda: module.AllToAllConnector(allow_self_connections=False),
            "array": lambda: module.ArrayConnector(np.arange(400).reshape(20, 20) % 3 == 0),
        }[kind]()

    lists: list[list[Any]] = []
    for module in (sim, own):
        cells = sim.Population(20, sim.IF_cond_exp())
        rng = NumpyRNG(seed=8)
        weight: Any = RandomDistribution("uniform", (0.0, 1.0), rng=rng)
        if kind == "shared":  # nothing else is drawn, so many targets are drawn at once, here three
            monkeypatch.setattr("synfire.pynn.connectors.DRAWS", 60)
            weight = 0.1
        synapse = sim.StaticSynapse(weight=weight, delay="0.2 + 0.01*d" if kind != "shared" else 0.5)
        # two of one generator: it must be left where PyNN leaves it
        made = [sim.Projection(cells, cells, make(module, rng), synapse).get(["weight", "delay"], "list") for _ in "ab"]
        lists.append([*made, rng.next(3).tolist()])
    assert lists[0] == lists[1] and all(len(one) > 15 for one in lists[0][:2])


def test_callbacks_run_until_and_times() -> None:
    cells = sim.Population(1, sim.IF_curr_exp())
    cells.record("v")
    seen: list[float] = []

    def every_ten(t: float) -> float:
        seen.append(t)
        cells.set(i_offset=0.01 * len(seen))
        return t + 10.0

    assert sim.run(35.0, callbacks=[every_ten]) == 35.0
    assert seen == [0.0, 10.0, 20.0, 30.0, 35.0]
    assert sim.run_until(35.3) == pytest.approx(35.3) and sim.get_current_time() == 35.3
    assert sim.get_time_step() == 0.1 and sim.num_processes() == 1 and sim.rank() == 0
    with pytest.raises(ValueError, match="in the past"):
        sim.run_until(20.0)
    assert np.all(np.diff(signal(cells, "v")[:, 0]) > 0)


def test_a_projection_that_comes_while_running() -> None:
    pre, post = sim.Population(1, sim.SpikeSourceArray(spike_times=[5.0, 15.0])), sim.Population(2, sim.IF_curr_exp())
    sim.Projection(pre, post[:1], sim.AllToAllConnector(), sim.StaticSynapse(weight=0.2, delay=1.0))
    post.record("isyn_exc")
    sim.run(10.0)
    sim.Projection(pre, post[1:], sim.AllToAllConnector(), sim.StaticSynapse(weight=0.3, delay=1.0))
    sim.run(10.0)
    current = signal(post, "isyn_exc")
    assert (
        np.all(current[:160, 1] == 0) and current[160, 1] == pytest.approx(0.3) and current[60, 0] == pytest.approx(0.2)
    )


def test_connections_one_by_one() -> None:
    pre, post = sim.Population(2, sim.SpikeSourceArray()), sim.Population(2, sim.IF_cond_exp())
    made = sim.Projection(pre, post, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.1, delay=0.5))
    made[1].weight = 0.3
    assert [c.weight for c in made] == [0.1, 0.3, 0.1, 0.1] and made[-1].delay == 0.5
    assert made[1].source == pre[0] and made[1].target == post[1] and len(made[1:3]) == 2
    with pytest.raises(IndexError, match="4 connections"):
        made[4]


def test_files_at_the_end(tmp_path: Path) -> None:
    cells = sim.Population(2, sim.IF_curr_exp(i_offset=1.0))
    cells.record(["spikes", "v"], to_file="cells.pkl")
    sim.run(50.0)
    sim.end()
    from neo.io import get_io

    segment = get_io("cells.pkl").read()[0].segments[0]
    assert segment.analogsignals[0].shape == (501, 2) and len(segment.spiketrains) == 2


def test_it_runs_in_single_precision_too() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        counts = []
        for precision in ("f32", "f64"):
            sim.setup(timestep=0.1, precision=precision)
            everyone, _, _ = balanced(True)
            everyone.record("spikes")
            sim.run(100.0)
            counts.append(everyone.mean_spike_count())
    assert counts[0] == pytest.approx(counts[1], rel=0.2)


def test_pynn_finds_it_by_name() -> None:
    sim.register()
    import pyNN.synfire  # noqa: PLC0415

    assert pyNN.synfire is sim
    assert "IF_cond_exp" in sim.list_standard_models()


def test_what_is_described_is_a_network(tmp_path: Path) -> None:
    everyone, _, _ = balanced(True)
    everyone.record("spikes")
    net = sim.network()
    assert net.populations == ["cells", "kick"] and "lif_cond_exp" in net.explain()
    net.save(tmp_path / "net.toml")
    spikes = sf.Network.load(tmp_path / "net.toml").compile(engine="cpu", precision="f64").run("50 ms").spikes["cells"]
    sim.run(50.0)
    assert [np.round(t, 4).tolist() for t in spikes.trains()] == [np.round(t, 4).tolist() for t in trains(everyone)]


@pytest.mark.parametrize(
    ("script", "arguments"),
    [
        ("vogels_abbott.py", ["COBA", "200"]),
        ("vogels_abbott.py", ["CUBA", "200"]),
        ("coba_hh.py", ["60"]),
        ("opsnn.py", ["200"]),
    ],
)
def test_examples_run(script: str, arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setattr("sys.argv", [script, *arguments])
    runpy.run_path(str(Path(__file__).parents[1] / "examples" / "pynn" / script))
    told = capsys.readouterr().out
    assert f"{arguments[-1]} cells: excitatory" in told and "build" in told


def test_the_script_of_the_page_runs(capsys: Any) -> None:
    page = (Path(__file__).parents[1] / "docs" / "pynn.md").read_text()
    code = page.split("```python\n")[1].split("```")[0]
    exec(compile(code, "pynn.md", "exec"), {"__name__": "page"})
    assert "(5001, 2)" in capsys.readouterr().out


def test_a_run_that_fails_stands_where_it_stopped() -> None:
    cells = sim.Population(
        2, sim.native_cell_type("neuron wild\n  state v = 1 mV\n  dv/dt = v*v/(1 mV*ms)\n  method euler\n")()
    )
    cells.record("v")
    with pytest.raises(sf.RunError):
        sim.run(50.0)
    stopped = sim.get_current_time()
    assert 0.0 < stopped < 50.0
    assert signal(cells, "v").shape == (round(stopped * 10) + 1, 2)


def test_values_between_runs_are_kept_once() -> None:
    cells = sim.Population(2, sim.IF_curr_exp())
    cells.record("v")
    for _ in range(5):
        sim.run(1.0)
        cells.inject(sim.DCSource(amplitude=0.1))  # compiled anew
    assert [list(kept) for kept in sim.simulator.state.samples.values()] == [[0]]
    assert signal(cells, "v").shape == (51, 2) and not np.isnan(signal(cells, "v")).any()


def test_everything_comes_by_a_star() -> None:
    names: dict[str, Any] = {}
    exec("from synfire.pynn import *", names)
    assert {"setup", "set", "run", "Population", "Projection", "IF_cond_exp", "StaticSynapse", "NumpyRNG"} <= set(names)
