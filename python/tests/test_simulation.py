"""Runs, steps, states, synapses, snapshots, ensembles; what is kept when a run ends early; arrays that are not copied."""

from __future__ import annotations

import gc
import multiprocessing
import os
import pickle
import signal
import threading
import time
from pathlib import Path

import numpy as np
import pytest

import synfire as sf

from conftest import balanced


def controller() -> sf.Network:
    net = sf.Network("leg", dt="0.1 ms")
    net.population("cell", "non_spiking", 3)
    net.input("cell", "i_stim", "1 nA", name="push", per_neuron=True)
    net.output("cell", "v", name="pull")
    return net


def test_a_control_loop() -> None:
    sim = controller().compile("cpu", "f64")
    assert sim.input_channels == {"push": 3} and sim.output_channels == {"pull": 3}
    out = np.zeros(3)
    x = np.array([1.0, 2.0, 3.0])
    for _ in range(2000):
        y = sim.step(x, out=out)
    assert y is out and out == pytest.approx([1.0, 2.0, 3.0], rel=1e-6)
    assert sim.step([1, 2, 3]) == pytest.approx(out, rel=1e-6)
    sim.reset()
    many = sim.run_inputs(np.tile(x, (2000, 1)))
    assert many.shape == (2000, 3) and np.array_equal(many[-1], out)
    assert np.array_equal(sim.outputs(), out) and np.array_equal(sim.output("pull"), out)
    sim.set_input("push", [0, 0, 0])
    sim.run("500 ms")
    assert np.abs(sim.outputs()).max() < 1e-3


def test_time_in_every_form(net: sf.Network) -> None:
    sim = net.compile("cpu")
    for duration in (10, 10.0, "10 ms", "0.01 s", 10 * sf.ms, np.float32(10), 0.01 * sf.s):
        sim.run(duration)
    assert sim.time_steps == 700 and sim.time == pytest.approx(70.0) and sim.dt == 0.1


def test_columns_are_not_copied_and_stay_as_they_were(net: sf.Network) -> None:
    sim = net.compile("cpu")
    first = sim.run("100 ms")
    train = first.spikes["exc"]
    step, neuron, v = train.step, train.neuron, first.traces["exc.v"].values
    assert step.dtype == np.uint64 and neuron.dtype == np.uint32 and v.dtype == np.float64 and v.shape == (1000, 2)
    again = sim.recording.spikes["exc"].step
    assert again.__array_interface__["data"] == step.__array_interface__["data"]
    with pytest.raises(ValueError):
        step[0] = 1
    kept = step.copy()
    second = sim.run("100 ms")
    del first, train
    gc.collect()
    assert np.array_equal(step, kept) and v.shape == (1000, 2)
    assert len(second.spikes["exc"]) > len(step) and np.array_equal(second.spikes["exc"].step[: len(step)], step)
    sim.close()
    assert np.array_equal(step, kept)


def test_states_are_read_and_set(net: sf.Network) -> None:
    sim = net.compile("cpu")
    assert set(sim.state) == {"exc", "inh"} and sim.state["exc"].unit("v") == "mV"
    assert (sim.state["exc"]["v"] < -50).all()
    sim.state["exc"]["v"] = "-60 mV"
    sim.state["inh"]["v"] = np.linspace(-60, -55, 80) * sf.mV
    assert (sim.state["exc"]["v"] == -60).all() and sim.state["inh"].quantity("v").to("V").magnitude[0] == pytest.approx(-0.06)
    sim.set("exc.v_th", "10 mV")
    assert sim.run("50 ms").spikes["exc"].step.size == 0
    with pytest.raises(sf.CallError, match="no state `w`; it has v"):
        sim.state["exc"]["w"]
    with pytest.raises(sf.CallError, match="no population `ex`"):
        sim.state["ex"]


def test_snapshots_and_files_go_on_as_if_nothing_were(net: sf.Network, tmp_path: Path) -> None:
    sim = net.compile("cpu")
    sim.run("50 ms")
    kept = sim.snapshot()
    sim.save_state(tmp_path / "state.bin")
    whole = sim.run("50 ms").spikes["exc"].step
    sim.restore(kept)
    assert np.array_equal(sim.run("50 ms").spikes["exc"].step, whole[whole > 500])
    other = net.compile("cpu")
    other.load_state(tmp_path / "state.bin")
    assert np.array_equal(other.run("50 ms").spikes["exc"].step, whole[whole > 500])
    other.restore(kept)
    sim.reset()
    assert np.array_equal(sim.run("100 ms").spikes["exc"].step, whole)


def test_synapses_that_learn() -> None:
    net = sf.Network("learn", seed=2)
    net.population("a", "poisson_source", 20, parameters={"rate": "50 Hz"})
    net.population("b", "lif_cond_exp", 5, parameters={"i_e": "300 pA"})
    name = net.project("a", "b", synapse="stdp_pair", connector=sf.connectors.all_to_all(), delay="1 ms")
    sim = net.compile("cpu")
    before = sim.synapses(name, "w")
    assert len(before) == 100 and before.matrix((20, 5)).shape == (20, 5)
    sim.run("1 s")
    after = sim.synapses(name, "w").values
    assert not np.array_equal(after, before.values)
    sim.set_synapses(name, "w", before.values)
    assert np.array_equal(sim.synapses(name, "w").values, before.values)


def test_ensembles_run_side_by_side_and_are_the_networks_alone() -> None:
    net = balanced(80)
    variants = [{"exc.i_e": f"{50 * k} pA", "seed": 1} for k in range(4)]
    sim = net.compile("cpu", variants=variants)
    sim.run("100 ms")
    assert sim.instances == 4 and len(sim.recordings) == 4 and len(sim.spike_counts) == 4
    for k, rec in enumerate(sim.recordings):
        alone = net.copy()
        alone.set("exc.i_e", f"{50 * k} pA")
        assert np.array_equal(alone.compile("cpu").run("100 ms").spikes["exc"].step, rec.spikes["exc"].step)


def test_engines_agree_and_the_graphics_adapter_runs() -> None:
    net = balanced(40)
    gpu = net.compile("gpu")
    assert gpu.engine.engine == "gpu" and gpu.verify(20)
    gpu.reset()
    cpu = net.compile("cpu")
    a, b = gpu.run("50 ms").spikes["exc"], cpu.run("50 ms").spikes["exc"]
    assert np.array_equal(a.step, b.step) and np.array_equal(a.neuron, b.neuron)
    assert any(one["name"] for one in sf.adapters())


def test_ctrl_c_keeps_what_was_computed(net: sf.Network) -> None:
    sim = net.compile("cpu")
    threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt) as raised:
        sim.run("10000 s")
    assert time.monotonic() - began < 60
    rec = raised.value.recording  # type: ignore[attr-defined]
    assert rec.steps == sim.time_steps > 0 and len(rec.spikes["exc"]) > 0
    sim.run("1 ms")


def test_what_a_call_back_raises_ends_the_run(net: sf.Network) -> None:
    sim = net.compile("cpu")

    def report(step: int, steps: int, spikes: int) -> None:
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        sim._inner.run(1000.0, report)
    assert 0 < sim.time_steps < 10_000


def test_progress_needs_tqdm_or_shows_a_bar(net: sf.Network) -> None:
    pytest.importorskip("tqdm")
    net.compile("cpu").run("20 ms", progress=True)


def test_a_fault_keeps_what_came_before() -> None:
    net = sf.Network("blows up", equations="neuron grows\n  state v = 1\n  dv/dt = v*v*v/(1 ms)\n  method euler\n")
    net.population("cell", "grows", 2)
    net.probe("cell", "v")
    sim = net.compile("cpu")
    with pytest.raises(sf.RunError, match="cell") as raised:
        sim.run("100 ms")
    error = raised.value
    assert error.step == sim.time_steps and error.recording is not None and error.recording.steps == error.step > 0
    assert np.isfinite(error.recording.traces["cell.v"].values).all()


def test_threads_run_at_once_but_not_one_simulation(net: sf.Network) -> None:
    sims = [net.compile("cpu", threads=1) for _ in range(2)]
    results: dict[int, int] = {}
    workers = [threading.Thread(target=lambda k=k: results.update({k: sims[k].run("200 ms").steps})) for k in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert results == {0: 2000, 1: 2000}
    one, told = sims[0], []
    started = threading.Event()

    def report(*_: int) -> None:
        started.set()
        time.sleep(0.01)

    worker = threading.Thread(target=lambda: one._inner.run(500.0, report))
    worker.start()
    started.wait(10)
    try:
        one.run("1 ms")
    except sf.CallError as error:
        told.append(str(error))
    worker.join()
    assert told and "in another thread" in told[0]


def _in_child(queue: multiprocessing.Queue, net: sf.Network, sim: sf.Simulation | None) -> None:  # type: ignore[type-arg]
    told = ""
    if sim is not None:
        try:
            sim.run("1 ms")
        except sf.CallError as error:
            told = str(error)
    queue.put((told, len(net.compile("cpu", threads=1).run("50 ms").spikes["exc"])))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_child_compiles_its_own(net: sf.Network) -> None:
    sim = net.compile("cpu", threads=2)
    expected = len(sim.run("50 ms").spikes["exc"])
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    child = context.Process(target=_in_child, args=(queue, net, sim))
    child.start()
    told, spikes = queue.get(timeout=60)
    child.join(10)
    assert "forked from" in told and spikes == expected and child.exitcode == 0
    sim.run("1 ms")


def test_closed_and_pickled() -> None:
    with balanced(40).compile("cpu") as sim:
        rec = sim.run("20 ms")
        with pytest.raises(TypeError, match="save_state"):
            pickle.dumps(sim)
    with pytest.raises(sf.CallError, match="closed"):
        sim.run("1 ms")
    assert "closed" in repr(sim)
    sim.close()
    again = pickle.loads(pickle.dumps(rec))
    assert np.array_equal(again.spikes["exc"].step, rec.spikes["exc"].step)
    assert np.array_equal(again.traces["exc.v"].values, rec.traces["exc.v"].values) and again.dt == rec.dt


def _resident() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="memory is read from /proc")
def test_memory_does_not_grow() -> None:
    sim = controller().compile("cpu")
    x, out = np.ones(3), np.zeros(3)
    for _ in range(10_000):
        sim.step(x, out=out)
    before = _resident()
    for _ in range(300_000):
        sim.step(x, out=out)
    assert _resident() - before < 4 << 20
    net = balanced(20)
    for _ in range(20):
        net.compile("cpu", threads=1).run("1 ms")
    gc.collect()
    before = _resident()
    for _ in range(200):
        net.compile("cpu", threads=1).run("1 ms").spikes["exc"].times
    gc.collect()
    assert _resident() - before < 8 << 20
