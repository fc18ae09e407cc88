"""Scripts for PyNN on NEST and on synfire, with their import changed and nothing else: statistics and the time of each
stage.

    python pynn_nest.py [--seeds 5] [--quick] [--write RESULT.md]

Each script of `examples/pynn` runs in a process of its own for each seed, on both; the seed is that of PyNN's
generator, so that both have the same connections and initial values, and of the simulator's. Compared are rates, the
coefficient of variation of intervals, and how far the number of spikes in bins of 5 ms varies (its standard
deviation over its mean): chaotic networks agree in these, and not spike by spike. A difference of means beyond three
standard errors of it is told."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from datetime import date
from importlib.metadata import version
from pathlib import Path
from statistics import mean, median, stdev
from typing import Any

PYTHON = Path(os.environ.get("SYNFIRE_PYTHON", Path(__file__).parents[2]))
EXAMPLES = Path(__file__).parents[2] / "examples" / "pynn"
IMPORT = "import synfire.pynn as sim"

#: Name, script, arguments.
CASES = [
    ("COBA 4000", "vogels_abbott.py", ["COBA", "4000"]),
    ("CUBA 4000", "vogels_abbott.py", ["CUBA", "4000"]),
    ("COBAHH 1000", "coba_hh.py", ["1000"]),
    ("OpSNN 1000", "opsnn.py", ["1000"]),
    ("OpSNN 4000, which lives", "opsnn.py", ["4000"]),
]
QUICK = [("COBA 1000", "vogels_abbott.py", ["COBA", "1000"]), ("CUBA 1000", "vogels_abbott.py", ["CUBA", "1000"])]

MEASURES = """
import json as _json, sys as _sys
import numpy as _np
_trains = [_np.asarray(t.magnitude) for t in data.spiketrains]
_all = _np.sort(_np.concatenate(_trains)) if _trains else _np.empty(0)
_late = [t[t >= 200.0] for t in _trains]
_cv = [_np.std(_np.diff(t)) / _np.mean(_np.diff(t)) for t in _late if t.size > 3]
_bins = _np.histogram(_all, _np.arange(200.0, stop + 1e-9, 5.0))[0]
_measures = {
    "rate, excitatory, 1/s": rates["excitatory"],
    "rate, inhibitory, 1/s": rates["inhibitory"],
    "CV of intervals": float(_np.mean(_cv)) if _cv else float("nan"),
    "variation of counts in 5 ms": float(_bins.std() / _bins.mean()) if _bins.sum() else float("nan"),
    "last spike, ms": float(_all[-1]) if _all.size else float("nan"),
}
print("RESULT " + _json.dumps({"measures": _measures, "stages": stages, "spikes": int(_all.size)}))
"""


#: The same networks started by listed spikes, so that nothing is drawn while they run.
LISTED = """
import sys
import numpy as np
import synfire.pynn as sim
from pyNN.random import NumpyRNG, RandomDistribution
kind = sys.argv[1]
sim.setup(timestep=0.1, min_delay=0.2, max_delay=0.2, spike_precision="on_grid")
rng = NumpyRNG(seed=5)
cell = {"cm": 0.2, "tau_m": 20.0, "v_reset": -60.0, "v_thresh": -50.0, "tau_refrac": 5.0, "tau_syn_E": 5.0, "tau_syn_I": 10.0}
if kind == "COBA":
    model, weights = sim.IF_cond_exp(v_rest=-60.0, e_rev_E=0.0, e_rev_I=-80.0, **cell), (0.004, 0.051, 0.1)
else:
    model, weights = sim.IF_curr_exp(v_rest=-49.0, **cell), (0.0162, -0.09, 0.1)
everyone = sim.Population(2000, model)
everyone.initialize(v=RandomDistribution("uniform", (-60.0, -50.0), rng=rng))
draw = np.random.RandomState(1)
# just before a step: PyNN takes 0.2 ms off for NEST, and what then lies a rounding error beyond a step comes one later
times = [np.sort(draw.uniform(1, 50, 3)).round(1) - 0.02 for _ in range(20)]
kick = sim.Population(20, sim.SpikeSourceArray(spike_times=times))
for pre, name, weight in zip((everyone[:1600], everyone[1600:], kick), ("excitatory", "inhibitory", "excitatory"), weights):
    synapse = sim.StaticSynapse(weight=weight, delay=0.2)
    sim.Projection(pre, everyone, sim.FixedProbabilityConnector(0.03, rng=rng), synapse, receptor_type=name)
everyone.record("spikes")
sim.run(300.0)
trains = everyone.get_data().segments[0].spiketrains
spikes = sorted((round(float(t), 4), k) for k, train in enumerate(trains) for t in train.magnitude)
import json
print("RESULT " + json.dumps({"spikes": spikes}))
"""


def spike_for_spike() -> list[str]:
    """A table of where two deterministic networks part."""
    lines = [
        "## Spike for spike",
        "",
        "The same networks of 2000 cells for 300 ms, started by listed spikes: nothing is drawn while they run.",
        "",
        "| network | spikes, NEST | spikes, synfire | equal before they part | part at, ms |",
        "| --- | --- | --- | --- | --- |",
    ]
    for kind in ("CUBA", "COBA"):
        nest, ours = (execute(LISTED, [kind], backend)["spikes"] for backend in ("nest", "synfire"))
        place = next((k for k, (a, b) in enumerate(zip(nest, ours, strict=False)) if a != b), min(len(nest), len(ours)))
        apart = "never" if nest == ours else f"{nest[min(place, len(nest) - 1)][0]:g}"
        lines.append(f"| {kind} | {len(nest)} | {len(ours)} | {place} | {apart} |")
    return [*lines, ""]


def run(script: str, arguments: list[str], seed: int, backend: str) -> dict[str, dict[str, float]]:
    """One run of an example in a process of its own: measures and times of stages."""
    text = (EXAMPLES / script).read_text().replace("\nsim.end()\n", "\n")
    return execute(text + MEASURES + "sim.end()\n", [*arguments, str(seed)], backend)


def execute(text: str, arguments: list[str], backend: str) -> dict[str, Any]:
    """What a script prints behind `RESULT`, with NEST in place of synfire or not."""
    if text.count(IMPORT) != 1:
        raise SystemExit(f"the script has no line `{IMPORT}`")
    text = text.replace(IMPORT, "import pyNN.nest as sim") if backend == "nest" else text
    with tempfile.TemporaryDirectory() as scratch:
        (Path(scratch) / "script.py").write_text(text)
        environment = os.environ | {"PYTHONPATH": str(PYTHON), "OMP_NUM_THREADS": "1"}
        command = [sys.executable, "-W", "ignore", "script.py", *arguments]
        done = subprocess.run(command, cwd=scratch, env=environment, capture_output=True, text=True, check=False)
        lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
        if not lines:
            raise SystemExit(f"a script failed on {backend}:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
        told: dict[str, Any] = json.loads(lines[-1][7:])
        return told


def compare(
    name: str, nest: list[dict[str, dict[str, float]]], ours: list[dict[str, dict[str, float]]]
) -> tuple[list[str], int, int]:
    """A table of one case, how many measures are too far apart, and how many both have."""
    far = had = 0
    lines = [
        f"## {name}",
        "",
        "| measure | NEST, mean (sd) | synfire, mean (sd) | difference in standard errors |",
        "| --- | --- | --- | --- |",
    ]
    for measure in nest[0]["measures"]:
        a, b = (
            [r["measures"][measure] for r in runs if r["measures"][measure] == r["measures"][measure]]
            for runs in (nest, ours)
        )
        if len(a) < 2 or len(b) < 2:
            lines.append(f"| {measure} | in {len(a)} runs | in {len(b)} runs | |")
            continue
        error = (stdev(a) ** 2 / len(a) + stdev(b) ** 2 / len(b)) ** 0.5
        z = (mean(b) - mean(a)) / error if error else 0.0
        far, had = far + (abs(z) > 3), had + 1
        lines.append(
            f"| {measure} | {mean(a):.4g} ({stdev(a):.2g}) | {mean(b):.4g} ({stdev(b):.2g}) | "
            f"{z:+.1f}{' **far**' if abs(z) > 3 else ''} |"
        )
    lines += ["", "| stage | NEST, s (median) | synfire, s (median) | times less |", "| --- | --- | --- | --- |"]
    for stage in nest[0]["stages"]:
        a, b = (median(r["stages"][stage] for r in runs) for runs in (nest, ours))
        lines.append(f"| {stage} | {a:.3f} | {b:.3f} | {a / b:.1f} |")
    return [*lines, ""], far, had


def main() -> None:
    """Runs every case and prints or writes the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="small networks")
    parser.add_argument("--write", type=Path)
    parser.add_argument(
        "--note", default="", help="what else is to be known of this run, such as how the core was built"
    )
    given = parser.parse_args()
    began, lines, far, measures = time.time(), spike_for_spike(), 0, 0
    print("\n".join(lines), flush=True)
    for name, script, arguments in QUICK if given.quick else CASES:
        nest, ours = [], []
        for k in range(given.seeds):
            for backend, runs in (("nest", nest), ("synfire", ours)):
                runs.append(run(script, arguments, 1000 + k, backend))
        table, wide, had = compare(name, nest, ours)
        lines, far, measures = lines + table, far + wide, measures + had
        print("\n".join(table), flush=True)
    head = [
        "# Scripts for PyNN on NEST and on synfire",
        "",
        f"Written by `python/tests/peers/pynn_nest.py --seeds {given.seeds}` on "
        f"{date.today().isoformat()}: PyNN {version('PyNN')}, NEST "
        f"{version('nest-simulator')}, Python {platform.python_version()}, {os.cpu_count()} cores of "
        f"{processor()}, one thread of each, "
        f"in {time.time() - began:.0f} s. Build is everything from setup to the run, run includes what "
        "either prepares in it, write is "
        f"get_data and a Neo pickle. {given.note}".strip(),
        "",
        f"**{measures - far} of {measures} measures lie within three standard errors.** Both have the "
        "same connections, initial values and "
        "seeds for each run; the Poisson sources are their own.",
        "",
    ]
    text = "\n".join(head + lines)
    if given.write:
        given.write.write_text(text)
    print(head[-2])


def processor() -> str:
    """The name of the processor."""
    info = Path("/proc/cpuinfo")
    names = (
        [line.split(":")[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")]
        if info.exists()
        else []
    )
    return names[0] if names else platform.processor()


if __name__ == "__main__":
    main()
