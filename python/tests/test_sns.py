"""Networks of SNS-Toolbox through `synfire.sns`: the numbers of its numpy backend, and what a model can do beyond a
call."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from sns_stand_in import NAMES, Net, Neuron, by_spikes, case, graded, inputs, of_case, spiking

import synfire as sf
import synfire.sns

pytestmark = pytest.mark.filterwarnings("ignore::synfire.sns.SnsWarning")


def compiled(net: Any, dt: float = 0.1, **keys: Any) -> synfire.sns.Model:
    return synfire.sns.compile(net, dt, **keys)


def said(net: Any, **keys: Any) -> str:
    """All that is warned of."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        compiled(net, **keys)
    return "\n".join(str(w.message) for w in caught if issubclass(w.category, synfire.sns.SnsWarning))


@pytest.mark.parametrize("precision", ["f64", "f32"])
@pytest.mark.parametrize("name", NAMES)
def test_networks_have_the_numbers_of_the_toolbox(name: str, precision: str) -> None:
    one = case(name)
    allowed, expected = one["tolerance"][f"{precision}_abs_mV"], one["expected"]
    model = compiled(of_case(one), one["dt_ms"], precision=precision)
    Y = model.run(inputs(one))
    kinds = np.array([column["kind"] for column in one["flat"]["output_map"]])
    rows, recorded = np.array(expected["steps"]), np.array(expected["outputs"])
    assert Y.shape == (one["n_steps"], len(kinds))
    assert np.abs(Y[rows] - recorded)[:, kinds == "v"].max(initial=0.0) <= allowed
    assert one["tolerance"]["f32_spikes"] in ("exact", "none")
    assert np.array_equal(Y[rows][:, kinds == "spike"], recorded[:, kinds == "spike"])
    last = expected["final"]
    assert np.abs(model.V - np.array(last["v_mV"])).max() <= allowed
    if "theta_mV" in last:
        theta = np.array([np.inf if x is None else x for x in last["theta_mV"]])
        finite = np.isfinite(theta)
        assert np.array_equal(finite, np.isfinite(model.theta[:]))
        assert np.abs(model.theta[finite] - theta[finite]).max(initial=0.0) <= allowed


@pytest.mark.parametrize("name", ["02_nonspiking_synapses", "06_spiking_synapse_delay", "09_matrix_connection"])
def test_a_gpu_has_the_numbers_too(name: str) -> None:
    one = case(name)
    model = compiled(of_case(one), one["dt_ms"], engine="gpu")
    Y, expected = model.run(inputs(one))[one["expected"]["steps"]], np.array(one["expected"]["outputs"])
    kinds = np.array([column["kind"] for column in one["flat"]["output_map"]])
    assert np.abs(Y - expected)[:, kinds == "v"].max() <= one["tolerance"]["f32_abs_mV"]
    assert np.array_equal(Y[:, kinds == "spike"], expected[:, kinds == "spike"])


def test_every_step_one_by_one_is_a_run_of_many() -> None:
    one = case("15_random_mixed_50")
    X, net = inputs(one)[:200], of_case(one)
    stepped, ran, filled = compiled(net), compiled(net), compiled(net)
    y, Y = np.empty(ran.num_outputs), np.empty((len(X), ran.num_outputs))
    together = ran.run(X)
    for x, row in zip(X, together):
        assert np.array_equal(stepped(x), row)
        assert filled(x, out=y) is y and np.array_equal(y, row)
    ran.reset()
    assert ran.run(X, out=Y) is Y and np.array_equal(Y, together)


def test_every_case_controls_itself() -> None:
    """A network that lacks its last connection is off by far more than the tolerance."""
    for name in ("02_nonspiking_synapses", "06_spiking_synapse_delay", "09_matrix_connection"):
        one = case(name)
        net = of_case(one)
        X, whole = inputs(one), compiled(net, one["dt_ms"])
        net.connections.pop()
        broken = compiled(net, one["dt_ms"])
        whole.run(X), broken.run(X)
        assert np.abs(whole.V - broken.V).max() > 1e-3, name


def test_gates_end_where_the_toolbox_has_them() -> None:
    one = case("10_gated_two_channels")
    model = compiled(of_case(one), one["dt_ms"])
    model.run(inputs(one))
    seen: dict[int, int] = {}
    for k, neuron in enumerate(one["flat"]["channels"]["neuron"]):
        channel = seen.get(neuron, 0)
        seen[neuron] = channel + 1
        for letter in "bc":
            assert abs(model.gate(letter, channel)[neuron] - one["expected"]["final"][f"{letter}_gate"][k]) < 1e-8
    assert np.isnan(model.gate("b")[2])


def reflex() -> Net:
    net = Net("reflex")
    net.add_neuron(Neuron(), "sensor")
    net.add_population(Neuron(membrane_capacitance=10.0), [3], "motor")
    net.add_connection(graded(1.2, 40.0), "sensor", "motor")
    net.add_input("sensor", name="stretch")
    net.add_input("motor", size=3, name="drive")
    net.add_output("motor", name="torque")
    return net


def test_a_model_says_what_is_whose() -> None:
    model = compiled(reflex())
    assert (model.num_inputs, model.num_outputs, model.num_neurons, model.num_populations) == (4, 3, 4, 2)
    assert model.inputs == {"stretch": slice(0, 1), "drive": slice(1, 4)}
    assert model.outputs == {"torque": slice(0, 3)} and model.populations["motor"] == slice(1, 4)
    assert model.connections == ["sensor -> motor"]
    assert "reflex" in repr(model) and "4 neurons" in repr(model)


def test_inputs_come_as_anything_that_is_numbers() -> None:
    models = [compiled(reflex()) for _ in range(4)]
    x = np.array([10.0, 1.0, 2.0, 3.0])
    for _ in range(20):
        y = models[0](x)
        assert np.array_equal(models[1]([10, 1, 2, 3]), y)
        assert np.array_equal(models[2](x.astype(np.float32)), y)
        assert np.array_equal(models[3].forward(np.repeat(x, 2)[::2]), y)
    assert np.array_equal(models[0](), models[1](np.zeros(4)))
    assert np.array_equal(models[0].run(5), models[1].run(np.zeros((5, 4))))


def test_tensors_are_answered_with_tensors() -> None:
    torch = pytest.importorskip("torch")
    a, b = compiled(reflex()), compiled(reflex())
    x = torch.tensor([10.0, 0.0, 1.0, 0.0], dtype=torch.float32)
    y = a(x)
    assert isinstance(y, torch.Tensor) and y.dtype == torch.float32
    assert np.allclose(y.numpy(), b(x.numpy()), atol=1e-5)
    Y = a.run(torch.zeros((3, 4), dtype=torch.float64))
    assert isinstance(Y, torch.Tensor) and Y.shape == (3, 3) and Y.dtype == torch.float64


def test_reset_is_the_first_step_again() -> None:
    one = case("06_spiking_synapse_delay")
    model = compiled(of_case(one), one["dt_ms"])
    X = inputs(one)[:100]
    first = model.run(X)
    with pytest.warns(synfire.sns.SnsWarning, match="SNS-Toolbox keeps them"):
        model.reset()
    assert np.array_equal(model.run(X), first)


def test_parameters_are_read_and_set_by_name() -> None:
    model, other = compiled(reflex()), reflex()
    assert model.get("motor.membrane_capacitance") == 10.0 and model.get("sensor -> motor.max_conductance") == 1.2
    x = np.array([15.0, 0.0, 0.0, 0.0])
    model.run(np.tile(x, (10, 1)))
    model.set("motor.bias", 2.0)
    model.set("sensor -> motor.max_conductance", 0.6)
    model.set("sensor.membrane_conductance", 2.0)
    assert model.get("motor.bias") == 2.0 and model.get("sensor -> motor.max_conductance") == 0.6
    other.populations[0]["type"].params["membrane_conductance"] = 2.0
    other.populations[1]["type"].params["bias"] = 2.0
    other.connections[0]["params"]["max_conductance"] = 0.6
    fresh = compiled(other)
    model.reset()
    assert np.array_equal(model.run(np.tile(x, (50, 1))), fresh.run(np.tile(x, (50, 1))))


def test_arrays_over_the_neurons_are_the_toolbox_s() -> None:
    model = compiled(reflex())
    assert np.array_equal(model.V, np.zeros(4)) and len(model.V) == 4
    model.V[1] = -3.0
    model.i_b[2:] = [1.0, 2.0]
    assert np.array_equal(model.V[:], [0.0, -3.0, 0.0, 0.0]) and np.array_equal(model.i_b, [0.0, 0.0, 1.0, 2.0])
    model.g_m[3] = 2.0
    assert model.get("motor.membrane_conductance").tolist() == [1.0, 1.0, 2.0]
    model.g_m = 1.0
    model.V += 1.0
    assert np.array_equal(model.V * 2, [2.0, -4.0, 2.0, 2.0])
    y = model()
    # Euler: v + dt/c (-(v - 0) + bias), with the synapse from the sensor at 1 of 20 mV
    v, bias = np.array([-2.0, 1.0, 1.0]), np.array([0.0, 1.0, 2.0])
    assert np.allclose(y, v + 0.1 / 10.0 * (-v + bias + 1.2 * (1.0 / 20.0) * (40.0 - v)), atol=1e-12)
    with pytest.raises(AttributeError, match="theta_floor"):
        _ = model.voltage
    model.V = np.zeros(4)
    assert np.array_equal(model.V, np.zeros(4))


def test_matrices_are_set_whole() -> None:
    one = case("09_matrix_connection")
    net = of_case(one)
    params = net.connections[0]["params"]
    params["name"] = net.connections[0]["name"] = "forward"
    e = params["reversal_potential"]
    # what single precision holds goes without a word, else there must be room for it
    g = np.array(params["max_conductance"]) * 0.5
    params["reversal_potential"] = e / 3.0
    model = compiled(net, one["dt_ms"])
    model.set("forward.max_conductance", g)
    model.set("forward.reversal_potential", e / 7.0)
    params["max_conductance"], params["reversal_potential"] = g, e / 7.0
    X = inputs(one)[:200]
    assert np.array_equal(model.run(X), compiled(net, one["dt_ms"]).run(X))
    with pytest.warns(synfire.sns.SnsWarning, match="rounded to single precision"):
        model.set("forward.max_conductance", g / 7.0)
    with pytest.raises(sf.CallError, match="rows by target"):
        model.set("forward.max_conductance", g.T)


def test_an_ensemble_is_its_networks_side_by_side() -> None:
    rng = np.random.default_rng(1)
    biases, gains = [0.0, 1.0, 4.0], [0.3, 0.9, 1.2]
    variants = [{"motor.bias": b, "sensor -> motor.max_conductance": g} for b, g in zip(biases, gains)]
    many = compiled(reflex(), variants=variants)
    assert many.instances == 3
    X = rng.uniform(0.0, 20.0, (40, 3, 4))
    Y = many.run(X)
    assert Y.shape == (40, 3, 3) and many.V.shape == (3, 4)
    for k in range(3):
        alone = compiled(reflex())
        alone.set("motor.bias", biases[k])
        alone.set("sensor -> motor.max_conductance", gains[k])
        assert np.abs(alone.run(X[:, k]) - Y[:, k]).max() < 1e-12
    y = many(X[0])
    assert y.shape == (3, 3) and many(X[0].reshape(-1)).shape == (3, 3)


def test_starts_belong_to_variants() -> None:
    many = compiled(reflex(), variants=[{"motor.V": 5.0}, {"motor.V": [1.0, 2.0, 3.0]}])
    assert np.array_equal(many.V, [[0.0, 5.0, 5.0, 5.0], [0.0, 1.0, 2.0, 3.0]])


def test_all_ways_to_join_are_their_synapses_one_by_one() -> None:
    """Spiking matrices and patterns, which the toolbox cannot run, against single synapses, which it can."""
    rng = np.random.default_rng(3)
    g, e = np.round(rng.uniform(0.1, 0.5, (3, 4)), 3), np.round(rng.uniform(-40.0, 90.0, (3, 4)), 2)
    tau, delay = np.round(rng.uniform(1.0, 4.0, (3, 4)), 2), rng.integers(0, 6, (3, 4))
    g[1, 2] = 0.0

    def nets() -> tuple[Net, Net]:
        whole, single = Net(), Net()
        whole.add_population(spiking(bias=6.0), [4], "a", np.array([0.0, 0.2, 0.5, 0.8]))
        whole.add_population(Neuron(), [3], "b")
        whole.add_output("b")
        for k in range(4):
            single.add_neuron(spiking(bias=6.0), f"a{k}", [0.0, 0.2, 0.5, 0.8][k])
        for k in range(3):
            single.add_neuron(Neuron(), f"b{k}")
            single.add_output(f"b{k}")
        return whole, single

    whole, single = nets()
    whole.add_connection(by_spikes(g, e, tau, delay, form="matrix"), "a", "b")
    for j in range(3):
        for i in range(4):
            if g[j, i] > 0.0:
                single.add_connection(by_spikes(g[j, i], e[j, i], tau[j, i], int(delay[j, i])), f"a{i}", f"b{j}")
    A, B = compiled(whole).run(400), compiled(single).run(400)
    assert np.abs(A - B).max() < 1e-9 and np.abs(A).max() > 1.0
    assert "spiking matrices run here as documented" in said(whole)


def test_patterns_of_one_dimension_and_even_size() -> None:
    kernel = np.array([0.1, 0.6, 0.2, 0.3])
    net = Net()
    net.add_population(Neuron(), [6], "a", np.arange(6.0) * 3.0)
    net.add_population(Neuron(), [6], "b")
    net.add_output("b")
    synfire.sns.add_connection(
        net, graded(kernel, kernel * 0.0 + 50.0, kernel * 0.0, kernel * 0.0 + 20.0, "pattern"), "a", "b"
    )
    whole = np.zeros((6, 6))
    for target in range(6):
        for k, g in enumerate(kernel):
            if 0 <= target + k - 1 < 6:
                whole[target, target + k - 1] = g
    other = Net()
    other.add_population(Neuron(), [6], "a", np.arange(6.0) * 3.0)
    other.add_population(Neuron(), [6], "b")
    other.add_output("b")
    other.add_connection(graded(whole, whole * 0.0 + 50.0, whole * 0.0, whole * 0.0 + 20.0, "matrix"), "a", "b")
    assert np.array_equal(compiled(net).run(50), compiled(other).run(50))
    texts = said(net)
    assert "patterns over one dimension" in texts and "even size" in texts


def test_quirks_are_kept_with_a_word_or_left() -> None:
    one = case("18_quirks_overwrite")
    texts = said(of_case(one))
    for word in ("a second one replaces the first", "share the reversal potential", "1 x 1 joins all to all"):
        assert word in texts
    assert said(of_case(one), quirks=False) == ""
    kept, left = compiled(of_case(one)), compiled(of_case(one), quirks=False)
    X = inputs(one)
    assert np.abs(kept.run(X) - left.run(X)).max() > 1.0
    assert "dt*Gm/Cm" in said(of_case(case("03_leak_conductance_quirk")))
    assert "mirrored about its middle" in said(of_case(case("11_persistent_sodium")))
    assert said(of_case(case("02_nonspiking_synapses"))) == ""


def test_what_fails_in_the_toolbox_does_what_is_documented() -> None:
    net = Net()
    net.add_population(Neuron(membrane_conductance=0.0, bias=1.0), [2, 2, 3], "integrator", np.zeros((2, 2)))
    net.add_output("integrator", "v")
    net.add_output("integrator", "s", spiking=True)
    texts = said(net)
    assert "perfect integrator" in texts and "takes the first two" in texts and "never spike" in texts
    Y = compiled(net).run(100)
    # 1 nA into 5 nF for 10 ms
    assert np.allclose(Y[-1], [2.0] * 4 + [0.0] * 4, atol=1e-12)


def test_two_parts_may_have_one_name() -> None:
    net = Net()
    for _ in range(3):
        net.add_neuron(Neuron(bias=1.0), "Neuron")
    net.add_input(0), net.add_input(1), net.add_output(0), net.add_output(2)
    net.add_connection(graded(name="g"), 0, 1), net.add_connection(graded(name="g"), 1, 2)
    model = compiled(net)
    assert list(model.populations) == ["Neuron", "Neuron #2", "Neuron #3"]
    assert list(model.inputs) == ["Input", "Input #2"] and len(model.connections) == 2
    assert model(np.array([1.0, 2.0])).shape == (2,)


def test_junctions_within_a_population() -> None:
    for kind in ("electrical", "rectified"):
        from sns_stand_in import Connection

        net = Net()
        net.add_population(Neuron(), [3], "a", np.array([0.0, 4.0, 10.0]))
        net.add_output("a")
        net.add_connection(Connection(kind, max_conductance=0.6), "a", "a")
        v = np.array([0.0, 4.0, 10.0])
        for row in compiled(net).run(30):
            v = v + 0.1 / 5.0 * (-v + 0.2 * (v.sum() - 3.0 * v))
            assert np.allclose(row, v, atol=1e-12)


WRONG = [
    (lambda m: m(np.zeros(3)), "4"),
    (lambda m: m("abc"), "numbers in nA"),
    (lambda m: m(np.zeros((2, 4))), "a row for each step"),
    (lambda m: m.run(np.zeros((5, 3))), r"expected \(steps, 4\)"),
    (lambda m: m.run(-1), "counted from 0"),
    (lambda m: m.run(np.zeros((2, 4)), out=np.zeros((2, 2))), r"shape \(2, 3\)"),
    (lambda m: m.set("moter.bias", 1.0), "did you mean `motor`"),
    (lambda m: m.set("motor.bia", 1.0), "it has `membrane_capacitance`"),
    (lambda m: m.set("motor.bias", "2 nA"), "toolbox's unit"),
    (lambda m: m.set("motor.bias", [1.0, 2.0]), "2 values for 3 neurons"),
    (lambda m: m.set("motor.V", 1.0), "model.V"),
    (lambda m: m.set(3, 1.0), "an address is a text"),
    (lambda m: m.set("sensor -> motor.e_lo", np.zeros((3, 1))), "one number for all"),
    (lambda m: m.get("sensor -> motor.delay"), "it has `max_conductance`"),
    (lambda m: m.gate("a"), "`b` and `c`"),
]


@pytest.mark.parametrize("number", range(len(WRONG)))
def test_misuse_says_what_would_be_right(number: int) -> None:
    call, text = WRONG[number]
    with pytest.raises(sf.CallError, match=text):
        call(compiled(reflex()))


def test_what_is_no_network_of_the_toolbox() -> None:
    for wrong in (None, 3, sf.Network("ours"), {"populations": []}):
        with pytest.raises(sf.CallError, match="expected a Network of SNS-Toolbox"):
            compiled(wrong)
    with pytest.raises(sf.CallError, match="no neurons"):
        compiled(Net())
    for dt in ("0.1 ms", None, True):
        with pytest.raises(sf.CallError, match="number of ms"):
            compiled(reflex(), dt)
    stale = type("Network", (Net,), {"__module__": "sns_toolbox.design.networks"})()
    with pytest.raises(sf.CallError, match="sns_toolbox.networks"):
        compiled(stale)
    with pytest.raises(sf.CallError, match="variant 1: `motor.biass`|variant 1: `motor` has no"):
        compiled(reflex(), variants=[{}, {"motor.biass": 1.0}])


def test_numbers_that_cannot_be_are_not_left_out() -> None:
    for g in (float("nan"), float("inf")):
        for form in ("", "matrix"):
            net = reflex()
            values = [g, 40.0, 0.0, 20.0] if not form else [np.array([[x]] * 3) for x in (g, 40.0, 0.0, 20.0)]
            net.add_connection(graded(*values, form=form), "sensor", "motor")
            with pytest.raises(sf.NetworkError, match="g_max"):
                compiled(net)
    for delay in (-1, 2.5):
        net = Net()
        net.add_population(spiking(), [2], "s")
        net.add_connection(by_spikes(delay=delay), "s", "s")
        with pytest.raises(sf.CallError, match="whole number of steps"):
            compiled(net)


def test_a_matrix_of_sources_by_targets_is_refused() -> None:
    net = reflex()
    net.add_connection(graded(*[np.ones((1, 3)) * k for k in (0.1, 40.0, 0.0, 20.0)], form="matrix"), "sensor", "motor")
    with pytest.raises(sf.CallError, match=r"expected \(3, 1\), rows by target"):
        compiled(net)
