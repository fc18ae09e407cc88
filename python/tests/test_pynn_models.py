"""Cells, synapses, sources and currents of the back end of PyNN, and what it refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pynn_networks import fresh, signal, trains  # noqa: F401

pytest.importorskip("pyNN")

from pyNN.errors import ConnectionError, InvalidParameterValueError, RoundingWarning

import synfire as sf
import synfire.pynn as sim

Step = Any


@pytest.mark.parametrize("where", [1.0, 0.0])
@pytest.mark.parametrize("name", ["additive", "multiplicative", "mixed", "gutig"])
def test_a_pair_of_spikes_each_way_by_the_formulas(name: str, where: float) -> None:
    """A spike of the target between two of the source, for each weight dependence: A_plus and A_minus as PyNN means
    them."""
    w, low, high, up, down, tau, minus = 0.4, 0.1, 0.9, 0.05, 0.03, 20.0, 30.0
    wide = high - low
    kinds: dict[str, tuple[Any, Step, Step]] = {
        "additive": (sim.AdditiveWeightDependence(low, high), lambda w: high, lambda w: high),
        "multiplicative": (sim.MultiplicativeWeightDependence(low, high), lambda w: high - w, lambda w: w - low),
        "mixed": (sim.AdditivePotentiationMultiplicativeDepression(low, high), lambda w: high, lambda w: w - low),
        "gutig": (
            sim.GutigWeightDependence(low, high, 0.3, 0.6),
            lambda w: wide * ((high - w) / wide) ** 0.3,
            lambda w: wide * ((w - low) / wide) ** 0.6,
        ),
    }
    dependence, stronger, weaker = kinds[name]
    pre = sim.Population(1, sim.SpikeSourceArray(spike_times=[10.0, 20.0]))
    trigger = sim.Population(1, sim.SpikeSourceArray(spike_times=[13.9]))
    post = sim.Population(1, sim.IF_curr_delta(v_thresh=-64.0))
    sim.Projection(trigger, post, sim.OneToOneConnector(), sim.StaticSynapse(weight=30.0, delay=0.1))
    rule = sim.STDPMechanism(sim.SpikePairRule(tau, minus, up, down), dependence, None, where, weight=w, delay=1.0)
    made = sim.Projection(pre, post, sim.OneToOneConnector(), rule)
    post.record("spikes")
    sim.run(30.0)
    assert trains(post) == [[14.0]]
    # at the synapse: of a delay behind it the target's spike comes later, of one before it the source's do
    first, middle, last = (10.0, 15.0, 20.0) if where else (11.0, 14.0, 21.0)
    w += up * stronger(w) * np.exp(-(middle - first) / tau)
    w -= down * weaker(w) * np.exp(-(last - middle) / minus)
    assert made.get("weight", "list")[0][2] == pytest.approx(w, rel=1e-9)


def test_currents_are_what_they_say() -> None:
    cells = sim.Population(4, sim.IF_curr_exp(cm=1.0, tau_m=20.0, v_thresh=1000.0, tau_refrac=0.1))
    sources = [
        sim.DCSource(amplitude=0.3, start=2.0, stop=8.0),
        sim.ACSource(amplitude=0.2, offset=0.1, frequency=50.0, phase=90.0, start=1.0, stop=9.0),
        sim.StepCurrentSource(times=[1.0, 3.0, 6.0], amplitudes=[0.1, -0.2, 0.5]),
        sim.NoisyCurrentSource(mean=0.1, stdev=0.05, start=0.5, stop=9.5, dt=0.2),
    ]
    for cell, source in zip(cells, sources, strict=True):
        cell.inject(source)
        source.record()
    cells.record("v")
    sim.run(4.0)
    sim.run(6.0)
    v = signal(cells, "v")
    decay = np.exp(-0.1 / 20.0)
    for k, source in enumerate(sources):
        current = source.get_data()
        i = current.magnitude[:, 0]
        assert i.size == 101 and str(current.dimensionality) == "nA"
        by_hand = [-65.0]
        for now in i[:-1]:
            by_hand.append(-65.0 + (by_hand[-1] + 65.0) * decay + now * 20.0 * (1 - decay))
        assert np.allclose(v[:, k], by_hand, atol=1e-9), type(source).__name__
    assert sources[1].get_data().magnitude[10, 0] == pytest.approx(0.3), "its phase is that at its start"
    noise = sources[3].get_data().magnitude[:, 0]
    assert noise[6] == noise[5] != noise[7] and noise[4] == 0 == noise[95]


def test_cells_put_together_and_native_models() -> None:
    made = sim.PointNeuron(
        sim.LIF(tau_m=15.0, tau_refrac=2.0),
        excitatory=sim.ExpPSR(tau_syn=5.0),
        inhibitory=sim.ExpPSR(tau_syn=5.0, e_syn=-70.0),
    )
    native = sim.native_cell_type("lif_cond_exp")(
        c_m=1000.0, g_leak=1000.0 / 15.0, e_leak=-65.0, v_reset=-65.0, t_ref=2.0, tau_inh=5.0, e_inh=-70.0
    )
    native.method = "rk4"
    kinds = [made, sim.IF_cond_exp(tau_m=15.0, tau_refrac=2.0), native]
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=[np.arange(1.0, 80.0, 3.0), [20.0, 40.0]]))
    left = []
    for kind in kinds:
        cell = sim.Population(1, kind)
        if kind is native:
            cell.initialize(v=-65.0)
        names = ("g_exc", "g_inh") if kind is native else ("excitatory", "inhibitory")
        for k, (receptor, weight) in enumerate(zip(names, (0.08, 0.1), strict=True)):
            sim.Projection(
                source[k : k + 1],
                cell,
                sim.AllToAllConnector(),
                sim.StaticSynapse(weight=weight, delay=1.0),
                receptor_type=receptor,
            )
        cell.record(["spikes", "v"])
        left.append(cell)
    sim.run(100.0)
    spikes = [trains(cell) for cell in left]
    assert len(spikes[0][0]) > 3 and spikes[0] == spikes[1] == spikes[2]
    assert np.allclose(signal(left[0], "v"), signal(left[1], "v"), atol=1e-9)
    assert left[0].get("excitatory.tau_syn") == 5.0 and left[2].get("tau_inh") == 5.0
    assert native.receptor_types == ["g_exc", "g_inh"]


def test_synapses_by_their_native_name() -> None:
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[5.0, 15.0, 25.0]))
    cells = sim.Population(2, sim.IF_curr_exp())
    kind = sim.native_synapse_type("tm2")(weight=0.1, delay=1.0, u_0=0.4, tau_rec=100.0, tau_fac=1e-4)
    sim.Projection(source, cells[:1], sim.AllToAllConnector(), kind)
    sim.Projection(
        source,
        cells[1:],
        sim.AllToAllConnector(),
        sim.TsodyksMarkramSynapse(weight=0.1, delay=1.0, U=0.4, tau_rec=100.0),
    )
    cells.record("isyn_exc")
    sim.run(30.0)
    current = signal(cells, "isyn_exc")
    assert (
        current[60].tolist() == pytest.approx([0.04, 0.04]) and current[160, 0] - current[159, 0] * np.exp(-0.02) < 0.04
    )


def test_sources_have_their_rates_and_windows() -> None:
    kinds = {
        "poisson": (sim.SpikeSourcePoisson(rate=200.0, start=100.0, duration=500.0), 100.0, 1.0),
        "dead time": (sim.SpikeSourcePoissonRefractory(rate=50.0, tau_refrac=5.0), 50.0, 0.75),
        "gamma": (sim.SpikeSourceGamma(alpha=4, beta=200.0), 50.0, 0.5),
    }
    populations = {name: sim.Population(200, kind) for name, (kind, _, _) in kinds.items()}
    for population in populations.values():
        population.record("spikes")
    sim.run(1000.0)
    for name, population in populations.items():
        _, count, variation = kinds[name]
        counts = np.array([len(t) for t in trains(population)])
        # the mean of 200 counts, within four standard errors of a renewal process
        assert abs(counts.mean() - count) < 4 * variation * np.sqrt(count / 200) + 0.5, name
    inside = np.concatenate(trains(populations["poisson"]))
    assert inside.min() > 100.0 and inside.max() <= 600.0


def test_spike_times_off_the_grid_are_rounded_and_it_is_said() -> None:
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=[[0.0, 1.03, 2.0, 2.01, 5.0], [4.0]]))
    cell = sim.Population(1, sim.IF_curr_exp())
    sim.Projection(source, cell, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.1, delay=1.0))
    source.record("spikes")
    cell.record("isyn_exc")
    with pytest.warns(RoundingWarning) as said:
        sim.run(10.0)
    texts = " / ".join(str(w.message) for w in said)
    assert "2 spike times" in texts and "1 spike times of 'population" in texts and "joined" not in texts
    assert trains(source) == [[1.0, 2.0, 2.0, 5.0], [4.0]] and source.get_spike_counts() == {1: 4, 2: 1}
    current = signal(cell, "isyn_exc")[:, 0]
    jumps = current[1:] - current[:-1] * np.exp(-0.1 / 5.0)
    assert jumps[[19, 29, 49, 59]] == pytest.approx([0.1, 0.2, 0.1, 0.1])


def test_delays_and_times_off_the_grid_are_said() -> None:
    cells = sim.Population(2, sim.IF_cond_exp())
    sim.Projection(cells, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.0, delay=0.27))
    cells.inject(sim.DCSource(start=1.03, stop=5.0, amplitude=0.1))
    with pytest.warns(UserWarning) as said:
        sim.run(1.0)
        cells.inject(sim.DCSource())
        sim.run(1.0)
    texts = [str(w.message) for w in said]
    assert len(texts) == 2 and "0.27 ms is not a multiple of dt" in texts[0] and "1.03 ms" in texts[1]


def test_two_spikes_in_a_step_through_a_synapse_with_a_state_are_joined_and_it_is_said() -> None:
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[2.0, 2.0]))
    cell = sim.Population(1, sim.IF_cond_exp())
    sim.Projection(source, cell, sim.AllToAllConnector(), sim.TsodyksMarkramSynapse(weight=0.1, delay=1.0))
    source.record("spikes")
    with pytest.warns(RoundingWarning, match="joined"):
        sim.run(10.0)
    assert trains(source) == [[2.0]]


def test_poisson_sources_of_a_high_rate_vary_as_such_processes_do() -> None:
    source = sim.Population(40, sim.SpikeSourcePoisson(rate=16000.0))
    cell = sim.Population(40, sim.IF_curr_exp(v_thresh=1000.0))
    sim.Projection(source, cell, sim.OneToOneConnector(), sim.StaticSynapse(weight=0.001, delay=0.1))
    source[:20].record("spikes")
    cell.record("isyn_exc")
    sim.run(200.0)
    times = [np.array(t) for t in trains(source)]
    counts = np.array([np.histogram(t, np.arange(0.05, 200.0, 1.0))[0] for t in times])
    assert len(times) == 20 and counts.mean() == pytest.approx(16.0, rel=0.02)
    assert counts.var() == pytest.approx(16.0, rel=0.15), "within a tenth of a Poisson process"
    current = signal(cell, "isyn_exc")[500:]
    assert current.mean() == pytest.approx(16.0 * 0.001 * 5.0, rel=0.02)
    sim.setup(timestep=0.1)
    fast = sim.Population(1, sim.SpikeSourcePoisson(rate=16000.0))
    cell = sim.Population(1, sim.IF_cond_exp())
    sim.Projection(fast, cell, sim.AllToAllConnector(), sim.TsodyksMarkramSynapse(weight=0.1, delay=1.0))
    with pytest.raises(InvalidParameterValueError, match="above one spike in a step"):
        sim.run(1.0)


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: sim.setup(timestp=0.1), ValueError, "no argument timestp"),
        (lambda: sim.setup(timestep=0.1, min_delay=0.01), Exception, "min_delay"),
        (
            lambda: sim.STDPMechanism(sim.SpikePairRule(), sim.AdditiveWeightDependence(), None, 0.5),
            ValueError,
            "dendritic_delay_fraction is 0.5",
        ),
        (lambda: sim.STDPMechanism(sim.SpikePairRule()), Exception, "weight_dependence"),
        (
            lambda: sim.Population(1, sim.SpikeSourceArray(spike_times=[2.0, 1.0])),
            InvalidParameterValueError,
            "ascending",
        ),
        (lambda: sim.Population(2, sim.IF_cond_exp()).record("w"), Exception, "Cannot record"),
        (lambda: sim.Population(1, sim.IF_cond_exp()).initialize(w=1.0), Exception, "w"),
        (lambda: sim.StepCurrentSource(times=[1.0, 2.0], amplitudes=[1.0]), ValueError, "2 times and 1 amplitudes"),
        (lambda: sim.NoisyCurrentSource(dt=0.15), ValueError, "multiple of the time step"),
        (lambda: sim.Population(1, sim.SpikeSourcePoisson()).inject(sim.DCSource()), TypeError, "spike source"),
        (lambda: sim.PointNeuron(sim.LIF(), AMPA=3), TypeError, "no receptor"),
        (lambda: sim.native_cell_type("nothing"), sf.SynfireError, "nothing"),
        (lambda: sim.native_cell_type("tm2"), ValueError, "no neuron model"),
        (lambda: sim.native_synapse_type("gap_junction"), ValueError, "sends nothing"),
    ],
)
def test_what_cannot_be_is_said_at_once(call: Any, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        call()


def test_what_cannot_be_is_said_at_the_run() -> None:
    pre, post = sim.Population(2, sim.SpikeSourceArray(spike_times=[1.0])), sim.Population(2, sim.IF_cond_exp())
    with pytest.raises(ConnectionError, match="positive"):
        sim.Projection(pre, post, sim.AllToAllConnector(), sim.StaticSynapse(weight=-0.1))
    sim.Projection(pre, post, sim.AllToAllConnector(), sim.MultiQuantalSynapse(weight=0.1, n=12))
    with pytest.raises(ValueError, match="12 release sites"):
        sim.run(1.0)
    sim.setup()
    sim.Population(3, sim.EIF_cond_exp_isfa_ista(delta_T=[0.0, 1.0, 2.0]))
    with pytest.raises(ValueError, match="delta_T is 0 in some cells"):
        sim.run(1.0)
    sim.setup()
    cells = sim.Population(3, sim.IF_cond_exp())
    sim.Projection(cells, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.0, delay=1.0))
    sim.run(1.0)
    with pytest.raises(NotImplementedError, match="before the first run"):
        sim.Population(1, sim.IF_cond_exp())
    sim.Projection(cells, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.0, delay=50.0))
    with pytest.raises(RuntimeError, match="cannot go on from it"):
        sim.run(1.0)
