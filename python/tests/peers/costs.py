"""What Python adds: a step with `out=` beside a step from Rust, arrays that are read without a copy, memory that does not grow.

    python tests/peers/costs.py        # writes costs.md beside this file, with date and machine

Times are medians of turns, Rust's and Python's one after the other; run it on a machine that does nothing else.
"""

from __future__ import annotations

import datetime
import gc
import os
import platform
import statistics
import time
from pathlib import Path

import numpy as np

import synfire as sf


def resident() -> int:
    """Bytes of this process in memory."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def controller(n: int) -> sf.Network:
    net = sf.Network("leg", dt="0.1 ms")
    net.population("cell", "non_spiking", n)
    net.input("cell", "i_stim", "1 nA", name="push", per_neuron=True)
    net.output("cell", "v", name="pull")
    return net


def step_cost(n: int, steps: int = 20_000, turns: int = 25) -> tuple[float, float, float]:
    """Seconds of a step from Rust, of `sim.step(x, out=y)`, of `sim.step(x)`: medians."""
    sim = controller(n).compile("cpu", "f64", threads=1)
    x, y = np.ones(n), np.zeros(n)
    rust, into, made = [], [], []
    for _ in range(turns):
        rust.append(sim._inner.time_steps(x, steps))
        began = time.perf_counter()
        for _ in range(steps):
            sim.step(x, out=y)
        into.append((time.perf_counter() - began) / steps)
        began = time.perf_counter()
        for _ in range(steps):
            sim.step(x)
        made.append((time.perf_counter() - began) / steps)
    return statistics.median(rust), statistics.median(into), statistics.median(made)


def spikes_without_a_copy() -> tuple[int, int, int]:
    """Spikes, bytes of their columns, bytes that reading them added."""
    net = sf.Network("many", dt="0.1 ms", seed=1)
    net.population("all", "poisson_source", 10_000, parameters={"rate": "1000 Hz"})
    net.probe("all", "spikes")
    sim = net.compile("cpu")
    sim.run("1.05 s")
    gc.collect()
    before = resident()
    train = sim.recording.spikes["all"]
    step, neuron = train.step, train.neuron
    total = int(step[-1]) + int(neuron[-1])
    after = resident()
    assert total > 0
    return len(step), step.nbytes + neuron.nbytes, after - before


def growth() -> tuple[int, int]:
    """Bytes more after 10^6 steps, after 1,000 compiled networks."""
    sim = controller(3).compile("cpu")
    x, y = np.ones(3), np.zeros(3)
    for _ in range(20_000):
        sim.step(x, out=y)
    before = resident()
    for _ in range(1_000_000):
        sim.step(x, out=y)
    steps = resident() - before
    sim.close()

    def compiled() -> None:
        net = sf.Network("small", dt="0.1 ms", seed=1)
        net.population("exc", "lif_cond_exp", 100, initial={"v": sf.values.uniform("-60 mV", "-50 mV")})
        net.project("exc", "exc", port="g_exc", connector=sf.connectors.fixed_probability(0.1), weight="3 nS", delay="1 ms")
        net.stimulate("exc", "g_exc", sf.waveforms.poisson("2 kHz", "2.5 nS"))
        net.probe("exc", "spikes")
        assert net.compile("cpu", threads=1).run("5 ms").spikes["exc"].times is not None

    for _ in range(50):
        compiled()
    gc.collect()
    before = resident()
    for _ in range(1000):
        compiled()
    gc.collect()
    return steps, resident() - before


def main() -> None:
    lines = ["# What Python adds", "", f"`python tests/peers/costs.py`, {datetime.date.today()}, {platform.machine()}, "
             f"{os.cpu_count()} cores, Python {platform.python_version()}, numpy {np.__version__}, medians of 25 turns.", "",
             "| neurons, inputs and outputs | step from Rust | `sim.step(x, out=y)` | more | `sim.step(x)` |", "| --- | --- | --- | --- | --- |"]  # fmt: skip
    for n in (1, 3, 10, 100):
        rust, into, made = (1e6 * t for t in step_cost(n))
        lines.append(f"| {n} | {rust:.2f} us | {into:.2f} us | {into - rust:.2f} us | {made:.2f} us |")
    count, nbytes, added = spikes_without_a_copy()
    steps, networks = growth()
    lines += ["", f"Reading {count:,} spikes (columns of {nbytes / 1e6:.0f} MB) took {added / 1e6:.1f} MB more memory.",
              f"After 10^6 steps the process held {steps / 1e6:+.2f} MB, after 1,000 networks that were described, compiled and run "
              f"{networks / 1e6:+.2f} MB."]  # fmt: skip
    text = "\n".join(lines) + "\n"
    Path(__file__).with_suffix(".md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
