"""Equations of Brian2 in our words. What needs Brian2 is skipped where it is not installed; more spikes: peers/."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import synfire as sf
from synfire.brian2 import CannotBe, Differs, from_group, from_network
from synfire.brian2.expressions import Names, Statement, Text, inlined, number_text, statements, translate

VOLT, SECOND, NONE = (2.0, 1.0, -3.0, -1.0, 0.0), (0.0, 0.0, 1.0, 0.0, 0.0), (0.0,) * 5


def names():
    units = {"mV": number_text(1e-3, VOLT), "ms": number_text(1e-3, SECOND)}
    return Names({**units, "v": Text("v"), "w": Text("w"), "m": Text("m"), "on": Text("on > 0.5", 4, condition=True)})


@pytest.mark.parametrize(
    "theirs, ours",
    [
        ("5*mV", "5 mV"),
        ("-60*mV", "-60 mV"),
        ("-60 * mV", "-60 mV"),
        ("v + 0.3*mV", "v + 0.3 mV"),
        ("v - -5*mV", "v - (-5 mV)"),
        ("(v - 5*mV)/(20*ms)", "(v - 5 mV)/(20 ms)"),
        ("v/mV", "v/(1 mV)"),
        ("1/ms", "1000 Hz"),
        ("3*mV/ms", "3 V/s"),
        ("1/m", "1/(m)"),
        ("2*m", "2*m"),
        ("-v/w", "-v/w"),
        ("v**2", "v**2"),
        ("(v + w)**-2", "(v + w)**(-2)"),
        ("v/w*m", "v/w*m"),
        ("v/(w*m)", "v/(w*m)"),
        ("v*(w/m)", "v*(w/m)"),
        ("v % 5", "mod(v, 5)"),
        ("v // 2", "floor(v/(2))"),
        ("int(v > 5*mV)*w", "(1 if v > 5 mV else 0)*w"),
        ("(v > 5*mV)*w", "(1 if v > 5 mV else 0)*w"),
        ("v > 1 and not (w < 2 or on)", "v > 1 and not (w < 2 or on > 0.5)"),
        ("0 < v < 2", "0 < v and v < 2"),
        ("on", "on > 0.5"),
        ("exp(-v/(5*mV))", "exp(-v/(5 mV))"),
        ("clip(w, 0, 1)", "clip(w, 0, 1)"),
        ("log10(w)", "log(w)/2.302585092994046"),
        ("timestep(w, dt)", "floor(w/dt + 0.001)"),
        ("v if w > 1 else m", "v if w > 1 else m"),
        ("True", "1 > 0"),
    ],
)
def test_expressions(theirs, ours):
    known = names()
    known.texts["dt"] = Text("dt")
    assert translate(theirs, known).text == ours


@pytest.mark.parametrize(
    "wrong, says",
    [
        ("arctan(v)", "`arctan` has no counterpart"),
        ("v[0]", "has no counterpart"),
        ("v +", "cannot be read"),
        ("unheard", "`unheard` is not known"),
        ("'text'", "is no number"),
        ("v ^ 2", "has no counterpart"),
    ],
)
def test_what_cannot_be(wrong, says):
    with pytest.raises(CannotBe, match=says):
        translate(wrong, names())


def test_statements():
    assert statements("v = 0; w += 1\n  u **= 2\n") == [
        Statement("v", "=", "0"),
        Statement("w", "+=", "1"),
        Statement("u", "=", "u**(2)"),
    ]
    kept = inlined(statements("x = v + 1; w = x*2; v = x"), {"v", "w"}.__contains__)
    assert kept == [Statement("w", "=", "(v + 1) * 2"), Statement("v", "=", "v + 1")]
    with pytest.raises(CannotBe, match="reads v, which changes before"):
        inlined(statements("x = v; v = 0; w = x"), {"v", "w"}.__contains__)
    with pytest.raises(CannotBe, match="keeps a random number"):
        inlined(statements("x = rand(); w = x"), {"v", "w"}.__contains__)
    with pytest.raises(CannotBe, match="is no assignment"):
        statements("print(v)")


# ---- with Brian2


@pytest.fixture
def b2():
    found = pytest.importorskip("brian2")
    found.prefs.codegen.target = "numpy"
    found.defaultclock.dt = 0.1 * found.ms
    found.seed(1)
    return found


def test_a_group(b2):
    tau, v_t = 20 * b2.ms, -50 * b2.mV  # noqa: F841 (names of the equations)
    group = b2.NeuronGroup(
        3,
        """dv/dt = (ge + drive - v - 60*mV)/tau : volt (unless refractory)
        dge/dt = -ge/(5*ms) : volt
        drive : volt (constant)
        shared_number : 1 (shared)
        active : boolean
        big = int(active)*shared_number : 1""",
        threshold="v > v_t and active",
        reset="v = -60*mV",
        refractory=2 * b2.ms,
        method="exact",
        name="cells",
    )
    group.v, group.drive, group.shared_number, group.active = -60 * b2.mV, [0, 10, 20] * b2.mV, 2.0, True
    part = from_group(group, ports=["ge"])
    assert part.equations.splitlines() == [
        "neuron cells",
        "  param drive : mV",
        "  param shared_number = 2",
        "  param active = 1",
        "  param tau = 20 ms",
        "  param v_t = -50 mV",
        "  state v = -60 mV",
        "  state ge = 0 mV",
        "  input ge",
        "  big = (1 if active > 0.5 else 0)*shared_number",
        "  dv/dt = (ge + drive - v - 60 mV)/tau (unless refractory)",
        "  dge/dt = -ge/(5 ms)",
        "  method exact",
        "  threshold v > v_t and active > 0.5",
        "  reset v = -60 mV",
        "  refractory 19*dt",
    ]
    ((kind, keys),) = part.sections
    assert kind == "population" and keys["size"] == 3 and list(keys["parameters"]["drive"].in_unit("mV")) == [0, 10, 20]
    net = sf.Network("one", dt=0.1 * sf.ms)
    part.add_to(net)
    net.probe("cells", "spikes")
    train = net.compile(engine="cpu").run("50 ms").spikes["cells"]
    # 20 mV above rest against a threshold of 10: crossed after tau*ln 2; then 2 ms of rest
    assert set(train.neuron.tolist()) == {2} and abs(train.times[0] - 20 * np.log(2)) < 0.11


def test_a_jump_that_the_threshold_tests_waits_for_the_next_step(b2):
    group = b2.NeuronGroup(1, "dv/dt = -v/(10*ms) : 1", threshold="v > 1", reset="v = 0", method="exact", name="cell")
    text = from_group(group, ports=["v"]).equations
    assert "input v -> v_arrived (at start)" in text and "v += v_arrived if v_quiet <= 0 else 0" in text
    assert "reset v = 0; v_quiet = 1" in text


def test_synapses(b2):
    group = b2.NeuronGroup(4, "dv/dt = -v/(10*ms) : 1", threshold="v > 1", reset="v = 0", method="exact", name="cells")
    link = b2.Synapses(group[:2], group, "w : 1", on_pre="v += w", delay=2 * b2.ms, name="link")
    link.connect(i=[0, 1, 1], j=[1, 2, 3])
    link.w = [0.1, 0.2, 0.3]
    ((kind, keys),) = from_group(link).sections
    assert kind == "projection" and keys["port"] == "v" and list(keys["weight"]) == [0.1, 0.2, 0.3]
    assert keys["source_rows"] == {"range": [0, 2]} and keys["delay"] == 2 * sf.ms
    plastic = b2.Synapses(
        group,
        group,
        "w : 1\ndx/dt = -x/(20*ms) : 1 (event-driven)\ndy/dt = -y/(20*ms) : 1 (event-driven)",
        on_pre="v += w\nx += 0.01\nw = clip(w + y, 0, 1)",
        on_post="y -= 0.01\nw = clip(w + x, 0, 1)",
        delay=1 * b2.ms,
        name="plastic",
    )
    plastic.connect()
    part = from_group(plastic)
    assert part.equations.splitlines() == [
        "synapse plastic",
        "  state w = 0 (from 0 to 1)",
        "  state x = 0",
        "  state y = 0",
        "  dx/dt = -x/(20 ms)",
        "  dy/dt = -y/(20 ms)",
        "  on_pre v += w; x += 0.01; w += y",
        "  on_post y -= 0.01; w += x",
    ]
    assert part.sections[0][1]["connector"] == {"rule": "all_to_all"}


def test_a_network(b2):
    group = b2.NeuronGroup(20, "dv/dt = (1.2 - v)/(10*ms) : 1", threshold="v > 1", reset="v = 0", method="exact")
    group.v = "rand()"
    link = b2.Synapses(group, group, on_pre="v += 0.05")
    link.connect(p=0.2)
    spikes, trace = b2.SpikeMonitor(group), b2.StateMonitor(group, "v", record=[0, 7], dt=1 * b2.ms)
    rate = b2.PopulationRateMonitor(group)
    net = b2.Network(group, link, spikes, trace, rate)
    with pytest.warns(Differs, match="one step later"):
        ours = from_network(net, seed=4, duration="100 ms")
    sim = ours.compile(engine="cpu", precision="f64")
    rec = sim.run("100 ms")
    assert len(rec.spikes[group.name]) > 100 and rec.traces[f"{group.name}.v"].values.shape == (100, 2)
    assert len(sim.wiring()[link.name]) == len(link)
    # a number for each synapse, where every pair is joined
    each = b2.Synapses(group, group, "w : 1", on_pre="v += w", delay=1 * b2.ms)
    each.connect()
    each.w = "0.01*rand()"
    full = from_network(b2.Network(group, each)).compile(engine="cpu", precision="f64").wiring()[each.name]
    assert np.allclose(full.values, each.w[:], rtol=1e-7) and len(full) == 400
    # the same network as a file
    assert sf.Network.from_toml(ours.to_toml()).hash() == ours.hash()


def test_spikes_are_those_of_brian2(b2):
    group = b2.NeuronGroup(
        50,
        "dv/dt = (drive - v)/(10*ms) : 1 (unless refractory)\ndrive : 1",
        threshold="v > 1",
        reset="v = 0",
        refractory=2 * b2.ms,
        method="exact",
    )
    group.drive, group.v = "1 + rand()", "rand()"
    link = b2.Synapses(group, group, on_pre="v += 0.06*(1 - 2*int(i > 40))", delay=1.5 * b2.ms)
    link.connect(p=0.3)
    monitor = b2.SpikeMonitor(group)
    net = b2.Network(group, link, monitor)
    ours = from_network(net).compile(engine="cpu", precision="f64").run("200 ms").spikes[group.name]
    net.run(200 * b2.ms)
    steps = np.round(np.asarray(monitor.t / b2.defaultclock.dt)).astype(int)
    theirs = sorted(zip(steps.tolist(), np.asarray(monitor.i).tolist()))
    assert len(theirs) > 100 and theirs == sorted(zip((ours.step.astype(int) - 1).tolist(), ours.neuron.tolist()))


def test_exponential_euler_as_brian2_takes_it(b2):
    group = b2.NeuronGroup(
        20,
        """dv/dt = (drive - v - m*v)/(10*ms) : 1 (unless refractory)
        dm/dt = (v - m)/(3*ms) : 1
        dg/dt = -g/(5*ms) : 1
        drive : 1""",
        threshold="v > 0.9",
        reset="v = 0; g += 1",
        refractory=1 * b2.ms,
        method="exponential_euler",
        name="cells",
    )
    group.drive = "2 + rand()"
    monitor = b2.SpikeMonitor(group)
    net = b2.Network(group, monitor)
    part = from_group(group, faithful=True)
    # what decays by itself keeps its equation; the others go by assignments
    assert "dg/dt = -g/(5 ms)" in part.equations and "dv/dt" not in part.equations and not part.remarks
    with pytest.warns(Differs, match="faithful=True"):
        ours = from_network(net)
    assert "dv/dt" in ours.to_toml()
    ours = from_network(net, faithful=True).compile(engine="cpu", precision="f64").run("200 ms").spikes["cells"]
    net.run(200 * b2.ms)
    steps = np.round(np.asarray(monitor.t / b2.defaultclock.dt)).astype(int)
    theirs = sorted(zip(steps.tolist(), np.asarray(monitor.i).tolist()))
    assert len(theirs) > 100 and theirs == sorted(zip((ours.step.astype(int) - 1).tolist(), ours.neuron.tolist()))


@pytest.mark.parametrize(
    "make, says",
    [
        (lambda b: b.NeuronGroup(1, "dv/dt = -v/tau_of_nobody : 1"), "tau_of_nobody"),
        (lambda b: b.NeuronGroup(1, "dv/dt = arctan(v)/ms : 1", method="euler"), "`arctan` has no counterpart"),
        (lambda b: b.NeuronGroup(1, "dv/dt = -v/ms : 1", threshold="t - lastspike > 5*ms"), "`lastspike` has no name"),
        (lambda b: b.NeuronGroup(1, "v : 1", events={"other": "v > 1"}), "events other than spikes"),
        (lambda b: b.SpikeGeneratorGroup(1, [0], [1] * b.ms, period=5 * b.ms), "a period"),
        (lambda b: _synapses(b, on_pre="v_post = 1"), "spikes add to a variable"),
        (lambda b: _synapses(b, on_pre="v_pre += 1"), "is of the source"),
        (lambda b: _synapses(b, on_pre="v_post += 1", on_post="v_post += 1"), None),
        (lambda b: _synapses(b, model="w : 1", on_pre="v_post += w; w += 1"), None),
    ],
)
def test_what_has_no_counterpart(b2, make, says):
    made = make(b2)
    if says:
        with pytest.raises(CannotBe, match=says):
            from_group(made)
    else:
        # what the core refuses, with its own words
        net = sf.Network("refused")
        with pytest.raises((CannotBe, sf.SynfireError)):
            cells = b2.NeuronGroup(
                2, "dv/dt = -v/ms : 1", threshold="v > 1", reset="v = 0", method="exact", name="cells"
            )
            from_group(cells, ports=["v"]).add_to(net)
            from_group(made).add_to(net)
            net.check()


def _synapses(b2, model="", **pathways):
    cells = b2.NeuronGroup(2, "dv/dt = -v/ms : 1", threshold="v > 1", reset="v = 0", method="exact", name="cells")
    made = b2.Synapses(cells, cells, model, delay=1 * b2.ms, **pathways)
    made.connect()
    return made


def test_other_objects_are_refused(b2):
    @b2.network_operation
    def every_step():
        pass

    group = b2.NeuronGroup(1, "dv/dt = -v/ms : 1", method="exact")
    with pytest.raises(CannotBe, match="a function of Python in every step"):
        from_network(b2.Network(group, every_step))
    group.run_regularly("v = 1", dt=1 * b2.ms, when="end")
    with pytest.raises(CannotBe, match="run_regularly at `end`"):
        from_network(b2.Network(group))
    with warnings.catch_warnings(), pytest.raises(CannotBe, match="no groups"):
        from_network(b2.Network())
    with pytest.raises(TypeError, match="expected a Network of Brian2, found NeuronGroup; help: from_group"):
        from_network(group)
    with pytest.raises(CannotBe, match="a Subgroup has no counterpart"):
        from_group(group[:1])
    taken = b2.NeuronGroup(1, "dv/dt = -v/ms : 1\nv_arrived : 1", threshold="v > 1", reset="v = 0", method="exact")
    with pytest.raises(CannotBe, match="the name `v_arrived` is needed"):
        from_group(taken, ports=["v"])


def test_a_range_of_a_state_that_is_sent(b2):
    cells = b2.NeuronGroup(2, "dv/dt = -v/ms : 1", threshold="v > 1", reset="v = 0", method="exact", name="cells")
    made = b2.Synapses(cells, cells, "w : siemens\nx : 1", on_pre="v_post += w/nS\nw += 0.1*nS", delay=1 * b2.ms)
    made.connect()
    for given in (("0 nS", "5 nS"), (0 * sf.nS, 5 * sf.nS), (0 * b2.nS, 5 * b2.nS)):
        assert "state w = 0 nS (from 0 nS to 5 nS)" in from_group(made, ranges={"w": given}).equations
    with pytest.raises(CannotBe, match="two bounds are wanted"):
        from_group(made, ranges={"w": "0 nS"})
