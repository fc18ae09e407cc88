"""A network said in Python is that of the file: the same text, the same hash, the same spikes, the same record."""

from __future__ import annotations

import copy
import pickle
import sys
from pathlib import Path

import numpy as np
import pytest

import synfire as sf

from conftest import balanced

FILE = """
name = "balanced"
dt = "0.1 ms"
seed = 1

[[population]]
name = "exc"
model = "lif_cond_exp"
size = 320
initial.v = { uniform = ["-60 mV", "-50 mV"] }

[[population]]
name = "inh"
model = "lif_cond_exp"
size = 80
initial.v = { uniform = ["-60 mV", "-50 mV"] }
""" + "".join(
    f"""
[[projection]]
source = "exc"
target = "{target}"
port = "g_exc"
connector = {{ rule = "fixed_probability", p = 0.1 }}
weight = "3 nS"
delay = "1 ms"

[[projection]]
source = "inh"
target = "{target}"
port = "g_inh"
connector = {{ rule = "fixed_probability", p = 0.1 }}
weight = "40 nS"
delay = "1.5 ms"

[[stimulus]]
target = "{target}"
input = "g_exc"
waveform = {{ kind = "poisson", rate = "1 kHz", weight = "2.5 nS" }}

[[probe]]
population = "{target}"
record = "spikes"
"""
    for target in ("exc", "inh")
) + """
[[probe]]
population = "exc"
record = "v"
rows = { list = [0, 1] }
"""


def test_file_and_program_are_one(net: sf.Network, tmp_path: Path) -> None:
    from_file = sf.Network.from_toml(FILE, "balanced.toml")
    assert net == from_file
    assert net.hash() == from_file.hash()
    assert net.to_toml() == from_file.to_toml()
    for name in ("net.toml", "net.json"):
        net.save(tmp_path / name)
        assert sf.Network.load(tmp_path / name) == net
    assert sf.Network.from_json(net.to_json()).hash() == net.hash()
    a = net.compile("cpu").run(100)
    b = from_file.compile("cpu").run("100 ms")
    for name in ("exc", "inh"):
        assert np.array_equal(a.spikes[name].step, b.spikes[name].step) and len(a.spikes[name]) > 50
        assert np.array_equal(a.spikes[name].neuron, b.spikes[name].neuron)
    assert np.array_equal(a.traces["exc.v"].values, b.traces["exc.v"].values)


def test_values_in_every_form_mean_the_same() -> None:
    forms = ["-52 mV", -52 * sf.mV, -0.052 * sf.V, np.float64(-52) * sf.mV, [-52 * sf.mV] * 3, np.full(3, -52.0) * sf.mV,
             ["-52 mV"] * 3, sf.values.numbers(np.full(3, -52.0), "mV"), {"linspace": ["-52 mV", "-52 mV"]}]  # fmt: skip
    for form in forms:
        net = sf.Network("one")
        net.population("cell", "lif_cond_exp", 3, initial={"v": form})
        assert net.compile("cpu", "f64").state["cell"]["v"] == pytest.approx([-52.0] * 3, abs=1e-12), form


def test_numbers_keep_their_last_bit() -> None:
    v = np.linspace(-60.0, -50.0, 80)
    net = sf.Network("bits")
    net.population("cell", "lif_cond_exp", 80, initial={"v": v * sf.mV})
    again = sf.Network.from_json(net.to_json())
    assert again == net and again.hash() == net.hash()
    assert np.array_equal(again.compile("cpu", "f64").state["cell"]["v"], v)


def test_lists_of_synapses_are_arrays() -> None:
    rng = np.random.default_rng(3)
    n = 200_000
    source, target = rng.integers(0, 500, n), rng.integers(0, 400, n)
    weight, delay = rng.random(n), 0.1 * rng.integers(1, 50, n)
    net = sf.Network("list")
    net.population("a", "poisson_source", 500)
    net.population("b", "lif_cond_exp", 400)
    name = net.project(
        "a", "b", port="g_exc", connector=sf.connectors.list(source, target.astype(np.uint32)), weight=weight * sf.nS, delay=delay * sf.ms
    )
    assert name == "a -> b" and net.projections == ["a -> b"]
    wiring = net.compile("cpu").wiring()["a -> b"]
    order = np.lexsort((delay.round(1), target, source))
    found = np.lexsort((wiring.delay.round(1), wiring.target, wiring.source))
    assert np.array_equal(wiring.source[found], source[order]) and np.array_equal(wiring.target[found], target[order])
    assert np.allclose(wiring.delay[found], delay[order])
    assert np.allclose(np.sort(wiring.values), np.sort(weight), rtol=1e-6)


def test_sections_of_every_kind(tmp_path: Path) -> None:
    net = sf.Network("sections", constants={"four": 4}, equations="neuron still\n  state x = 1\n")
    net.population("a", "still", 4)
    net.population("sheet", "lif_cond_exp", shape=(3, 4), positions={"rule": "grid", "spacing": "25 um"})
    net.population("motor", "non_spiking", 2)
    net.population("given", "spike_times", 2, spike_times=[[1.0, 2.5], np.array([3.0])])
    net.population("counted", "still", "2*four")  # type: ignore[arg-type]
    net.add("electrical", source="motor", target="motor", connector=sf.connectors.list([0], [1]), conductance="1 nS")
    net.add("preset", kind="integrator", rename="memory_*")
    net.input("motor", "i_stim", 1 * sf.nA, name="push", per_neuron=True)
    net.output("motor", "v", scale="1 mV")
    net.stimulate("sheet", "i_stim", sf.waveforms.steps(["1 ms", 5 * sf.ms], ["100 pA", "0 pA"]), rows=range(2, 5))
    net.stimulate("sheet", "i_stim", sf.waveforms.array(np.ones((3, 12)), "1 ms", unit="pA"), name="movie")
    net.project("given", "sheet", port="g_exc", connector=sf.connectors.matrix(np.eye(2, 12), unit="nS"), delay="0.1 ms")
    net.probe("sheet", ["spikes", "v"], rows=np.arange(3))
    other = sf.Network("other")
    other.population("cell", "lif_cond_exp", 3)
    net.include(other, "left_*")
    assert net.populations[:5] == ["a", "sheet", "motor", "given", "counted"] and net.populations[-1] == "left_cell"
    assert net.inputs == ["push"]
    net.check()
    net.save(tmp_path / "sections.toml")
    assert sf.Network.load(tmp_path / "sections.toml") == net
    assert net.memory() > 0 and "populations" in net.explain()
    assert net.diagram().svg.startswith("<svg") and net.to_dot().startswith("digraph")


def test_copies_pickles_and_changes() -> None:
    net = balanced()
    for other in (pickle.loads(pickle.dumps(net)), net.copy(), copy.deepcopy(net)):
        assert other == net and other.hash() == net.hash()
        other.set("seed", 2)
        other.set("exc.v_th", -49 * sf.mV)
        other.set("exc -> inh.weight", "4 nS")
        assert other != net
    made = net.copy()
    made.set("exc[0..3].v_th", [-49, -48, -47] * sf.mV)
    assert "except" in made.to_json() and made.hash() != net.hash()


def test_errors_tell_what_where_and_what_would_be_right() -> None:
    net = sf.Network("wrong")
    with pytest.raises(sf.NetworkError, match=r"unknown key `modle`[\s\S]*population `exc`[\s\S]*did you mean `model`"):
        net.add("population", name="exc", modle="lif", size=3)
    assert net.populations == []
    net.population("exc", "lif_cond_ex", 3)
    net.project("exc", "inh", port="g_exc", connector=sf.connectors.all_to_all(), weight="1 mV")
    with pytest.raises(sf.NetworkError) as raised:
        net.compile("cpu")
    text = str(raised.value)
    assert "did you mean `lif_cond_exp`" in text and "inh" in text
    assert raised.value.code.startswith("E0") and len(raised.value.codes) >= 2
    with pytest.raises(sf.ModelError, match="unknown name `vv`"):
        sf.Network("m", equations="neuron m\n  state v = 1\n  dv/dt = -vv/(1 ms)\n").check()


def test_the_example_is_the_network_of_the_file() -> None:
    folder = Path(__file__).resolve().parents[1]
    sys.path.insert(0, str(folder / "examples"))
    try:
        from coba import coba  # type: ignore[import-not-found]
    finally:
        sys.path.pop(0)
    file = sf.Network.load(folder.parent / "examples" / "networks" / "coba_4000.toml")
    program = coba()
    for net in (file, program):
        net.set("description", "")
    assert program.to_toml() == file.to_toml() and program.hash() == file.hash()
    a, b = program.compile("cpu").run("60 ms"), file.compile("cpu").run("60 ms")
    assert np.array_equal(a.spikes["exc"].step, b.spikes["exc"].step) and len(a.spikes["exc"]) > 500
