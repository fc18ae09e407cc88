"""Time per call beside every backend of SNS-Toolbox, in one run, on networks that its authors time.

    pip install sns-toolbox==1.5.2        (brings torch)
    python python/tests/peers/sns_speed.py [--sizes 10 100 300 1000] [--seconds 0.5] [--write]

Layouts and cells are those of Nourse, Jackson, Szczecinski and Quinn (2023) Biomimetics 8:247
(benches/peers/sns/README.md): *sparse* (int(sqrt N) neurons joined all to all), *dense* (all to all), and *by hand*:
a population per neuron, five synapses onto each with numbers of their own. Every tool gets the same toolbox object
and takes turns with the others, one thread each; a time is the median of blocks of calls, counted by the processor,
so that other work on the machine counts less. *call*: one step with an input, outputs read, through Python. *many*:
per step, where 200 steps with inputs of their own are given in one call (the toolbox has no such call: its loop is
what it offers). `--write` stores the table beside this file (sns_speed.md).
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import gc
import io
import math
import os
import platform
import time
import warnings
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np  # noqa: E402
import torch  # noqa: E402
from sns_toolbox.connections import NonSpikingSynapse, SpikingSynapse  # noqa: E402
from sns_toolbox.networks import Network  # noqa: E402
from sns_toolbox.neurons import NonSpikingNeuron, SpikingNeuron  # noqa: E402

import synfire  # noqa: E402
import synfire.sns  # noqa: E402

torch.set_num_threads(1)
BACKENDS = ["numpy", "torch", "sparse", "iterative"]
#: Times the best backend that a call shall be, by size.
GOALS = {10: 5, 100: 10, 300: 20, 1000: 20}


def described(layout: str, cells: str, n: int) -> Any:
    """The toolbox's network."""
    spiking = cells == "spiking"

    def cell(bias: float) -> Any:
        if spiking:
            return SpikingNeuron(threshold_proportionality_constant=0 if layout == "dense" else -1, bias=bias)
        return NonSpikingNeuron(membrane_capacitance=10.0, bias=bias)

    net = Network()
    synapse = SpikingSynapse() if spiking else NonSpikingSynapse(max_conductance=0.5, reversal_potential=-60.0)
    if layout == "dense":
        net.add_population(cell(0.0), [n], name="all")
        net.add_connection(synapse, "all", "all")
        net.add_input("all"), net.add_output("all")
    elif layout == "sparse":
        ins, outs, joined = int(0.08 * n) + 1, int(0.12 * n), int(math.sqrt(n))
        net.add_population(cell(0.0), [ins], name="ins")
        net.add_population(cell(10.0), [outs], name="outs")
        net.add_population(cell(10.0), [joined], name="joined")
        net.add_population(cell(10.0), [n - ins - outs - joined], name="rest")
        net.add_connection(synapse, "joined", "joined")
        net.add_input("ins"), net.add_output("outs")
    else:
        by_hand(net, cell(10.0), spiking, n)
    return net


def by_hand(net: Any, cell: Any, spiking: bool, n: int) -> None:
    for k in range(n):
        net.add_neuron(cell, name=f"n{k}")
    degree = min(5, n - 1)
    pairs = [(s, t) for t in range(n) for s in sorted({(t + 1 + 7 * k) % n for k in range(degree)})]
    for k, (source, target) in enumerate(pairs):
        g = ((1000 if spiking else 500) // degree + k % 7) / 1000
        if spiking:
            own = SpikingSynapse(max_conductance=g, reversal_potential=194.0, conductance_increment=1.0)
        else:
            own = NonSpikingSynapse(max_conductance=g, reversal_potential=-60.0 if k % 3 == 0 else 40.0)
        net.add_connection(own, source, target)
    net.add_input("n0")
    for k in range(n - max(1, int(0.12 * n)), n):
        net.add_output(f"n{k}")


def turns(models: dict[str, Any], inputs: dict[str, Any], seconds: float) -> dict[str, float]:
    """Microseconds of a call, the median of blocks of calls, all taking turns; time of this thread on the processor."""
    times: dict[str, list[float]] = {name: [] for name in models}
    began = time.perf_counter()
    gc.disable()
    while time.perf_counter() - began < seconds * len(models):
        for name, model in models.items():
            x, own = inputs[name], times[name]
            # many, so that each finds its own code and data in the caches
            calls = 1 if not own or own[-1] > 1e-3 else 1000 if own[-1] < 2e-5 else 100
            start = time.thread_time()
            for _ in range(calls):
                model(x)
            own.append((time.thread_time() - start) / calls)
    gc.enable()
    return {name: median(own[1:] or own) * 1e6 for name, own in times.items()}


def measured(layout: str, cells: str, n: int, asked: argparse.Namespace) -> dict[str, Any]:
    net, built, models = described(layout, cells, n), {}, {}
    makers: dict[str, Any] = {
        name: (lambda name=name: net.compile(dt=0.1, backend=name, device="cpu")) for name in BACKENDS
    }
    # what takes minutes to build is not tried
    edges = n * n if layout == "dense" else n
    if edges > 20_000:
        del makers["sparse"], makers["iterative"]
    makers["synfire"] = lambda: synfire.sns.compile(net, dt=0.1, threads=1)
    makers["synfire f32"] = lambda: synfire.sns.compile(net, dt=0.1, precision="f32", threads=1)
    for name, make in makers.items():
        start = time.perf_counter()
        with contextlib.redirect_stdout(io.StringIO()):
            # the iterative compiler prints its arrays
            models[name] = make()
        built[name] = (time.perf_counter() - start) * 1e3
    inputs = {name: torch.tensor([10.0]) if name in ("torch", "sparse") else np.array([10.0]) for name in models}
    # the same network: after 50 steps the same outputs
    ends = {}
    for name, model in models.items():
        for _ in range(50):
            y = model(inputs[name])
        ends[name] = np.array(y, dtype=float).reshape(-1)
    for name, y in ends.items():
        off = float(np.abs(y - ends["numpy"]).max())
        assert off < (1e-8 if name in ("synfire", "iterative") else 1e-2), (
            f"{layout} {cells} {n}: {name} is off by {off} mV"
        )
    calls = turns(models, inputs, asked.seconds)
    y = np.empty(models["synfire"].num_outputs)
    ours, x = models["synfire"], inputs["synfire"]
    filled = turns({"out": lambda x: ours(x, y)}, {"out": x}, asked.seconds)["out"]
    X = np.full((200, 1), 10.0)
    many = turns({"many": ours.run}, {"many": X}, asked.seconds)["many"] / len(X)
    best = min((calls[name], name) for name in BACKENDS if name in calls)
    return dict(layout=layout, cells=cells, n=n, calls=calls, filled=filled, many=many, best=best, built=built)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[10, 100, 300, 1000])
    parser.add_argument("--layouts", nargs="+", default=["sparse", "dense", "by hand"])
    parser.add_argument("--seconds", type=float, default=0.5, help="for each tool and network")
    parser.add_argument("--write", action="store_true", help="store the table beside this file")
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    names = [*BACKENDS, "synfire", "synfire f32"]
    head = ["layout", "cells", "N", *names, "with out=", "many steps", "best / call", "asked", "best / many"]
    lines = ["| " + " | ".join(head) + " |", "|---|---|" + "---:|" * (len(head) - 2)]
    missed = []
    for layout in asked.layouts:
        for cells in ("non-spiking", "spiking"):
            for n in asked.sizes:
                row = measured(layout, cells, n, asked)
                calls, best = row["calls"], row["best"][0]
                ratio, many, goal = best / calls["synfire"], best / row["many"], GOALS.get(n, 20)
                times = [f"{calls[name]:.3g}" if name in calls else "-" for name in names]
                ends = [f"{x:.3g}" for x in (row["filled"], row["many"], ratio, goal, many)]
                lines.append("| " + " | ".join([layout, cells, f"{n:,}", *times, *ends]) + " |")
                print(lines[-1], flush=True)
                where = f"{layout}, {cells}, N = {n:,}"
                if ratio < goal:
                    missed.append(f"{where}: a call is {ratio:.3g} times the speed of {row['best'][1]}, asked {goal}")
                if many < 20:
                    missed.append(f"{where}: many steps a call are {many:.3g} times the speed, asked 20")
    print("\n".join(missed) or "all goals met")
    if asked.write:
        write(lines, missed, asked)


def write(lines: list[str], missed: list[str], asked: argparse.Namespace) -> None:
    info = Path("/proc/cpuinfo")
    told = info.read_text().splitlines() if info.exists() else []
    model = next((s.split(":", 1)[1].strip() for s in told if s.startswith("model name")), platform.processor())
    today = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    load = " ".join(f"{x:.2f}" for x in os.getloadavg())
    text = [
        "# Time per call: SNS-Toolbox beside synfire.sns",
        "",
        f"- {today}; {model}, {os.cpu_count()} cores, load {load}; one thread; {asked.seconds:g} s",
        f"- sns-toolbox {version('sns-toolbox')}, numpy {np.__version__}, torch {torch.__version__}, "
        f"Python {platform.python_version()}, synfire {synfire.__version__}",
        "- microseconds of the processor, median of blocks of calls that took turns; `synfire` in double precision, as",
        "  numpy and iterative, torch and sparse in single; what is not given would take minutes (`sns_speed.py`)",
        "- goals: a call 5 times the speed of the best backend at N = 10, 10 at 100, 20 from 300 on; many steps 20",
        "",
        *lines,
        "",
        *([f"- {text}" for text in missed] or ["All goals met."]),
        "",
    ]
    (Path(__file__).resolve().parent / "sns_speed.md").write_text("\n".join(text))


if __name__ == "__main__":
    main()
