"""PyNN's own scenario tests with synfire as a back end of PyNN, beside PyNN on NEST.

    python pynn_scenarios.py FOLDER [--write RESULT.md]

FOLDER is PyNN's source distribution, unpacked (`pip download --no-binary :all: --no-deps pynn==0.13.0`): nothing of
it is copied here. The tests are run from there, once with NEST and once with synfire registered as `pyNN.synfire`,
each in a process of its own. Out: how many pass, and each that does not with its reason (`REASONS` below, else the
error)."""

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

#: Why a test does not pass with synfire, by its name.
REASONS: dict[str, str] = {
    "test_issue259": "spike times off the grid (0.075 ms with steps of 0.05 ms): synfire spikes on "
    "the grid, and says what it rounded",
}

PLUGIN = """
import json, os, sys
sys.path.insert(0, os.environ["SCENARIOS"])
import warnings
warnings.filterwarnings("ignore")
backend = os.environ["BACKEND"]
if backend == "synfire":
    import synfire.pynn
    synfire.pynn.register()
import system.scenarios.fixtures as fixtures
original = fixtures.run_with_simulators
named = {}
def run_with_simulators(*names):
    def mark(function):
        named[function.__name__] = names
        return original(backend)(function)
    return mark
fixtures.run_with_simulators = run_with_simulators
results = {}
def pytest_runtest_logreport(report):
    name = report.nodeid.split("::")[-1].split("[")[0]
    if report.when == "call" or report.outcome != "passed":
        text = str(report.longrepr).strip().splitlines()[-1] if report.outcome == "failed" else ""
        if report.outcome == "skipped":
            text = str(report.longrepr[-1])
        results[name] = {"file": report.nodeid.split("/")[-1].split("::")[0], "outcome": report.outcome, "text": text,
                         "seconds": round(report.duration, 2), "nest": "nest" in named.get(name, ())}
def pytest_sessionfinish(session, exitstatus):
    json.dump(results, open(os.environ["RESULTS"], "w"))
"""


def run(folder: Path, backend: str, only: str | None) -> dict[str, dict[str, object]]:
    """Outcomes of all scenarios with a back end, by name."""
    with tempfile.TemporaryDirectory() as scratch:
        (Path(scratch) / "scenario_plugin.py").write_text(PLUGIN)
        results = Path(scratch) / "results.json"
        environment = os.environ | {
            "SCENARIOS": str(folder / "test"),
            "BACKEND": backend,
            "RESULTS": str(results),
            "PYTHONPATH": os.pathsep.join(
                [
                    scratch,
                    os.environ.get("SYNFIRE_PYTHON", str(Path(__file__).parents[2])),
                    os.environ.get("PYTHONPATH", ""),
                ]
            ),
        }
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-x" if only else "-q",
            "-p",
            "scenario_plugin",
            "-p",
            "no:cacheprovider",
        ]
        command += [str(folder / "test" / "system" / "scenarios"), *(["-k", only] if only else [])]
        done = subprocess.run(command, env=environment, cwd=scratch, capture_output=True, text=True, check=False)
        if only or not results.exists():
            print(done.stdout[-6000:], done.stderr[-3000:])
        return json.loads(results.read_text()) if results.exists() else {}


def main() -> None:
    """Runs both and prints or writes the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--write", type=Path)
    parser.add_argument("--only", help="run synfire alone, with the tests of this name, and show what pytest says")
    given = parser.parse_args()
    if given.only:
        run(given.folder, "synfire", given.only)
        return
    began = time.time()
    nest, ours = run(given.folder, "nest", None), run(given.folder, "synfire", None)
    passed = sorted(name for name, r in nest.items() if r["outcome"] == "passed" and r["nest"])
    both = [name for name in passed if ours.get(name, {}).get("outcome") == "passed"]
    more = sorted(name for name, r in ours.items() if r["outcome"] == "passed" and name not in passed)
    lines = [
        "# PyNN's scenario tests on synfire",
        "",
        f"Written by `python/tests/peers/pynn_scenarios.py` on {date.today().isoformat()}: PyNN {version('PyNN')}, "
        f"NEST {version('nest-simulator')}, Neo {version('neo')}, NumPy {version('numpy')}, Python "
        f"{platform.python_version()}, "
        f"{time.time() - began:.0f} s in all.",
        "",
        f"NEST passes {len(passed)} of the {sum(bool(r['nest']) for r in nest.values())} scenarios that "
        "are meant for it; of these "
        f"synfire passes **{len(both)}** ({100 * len(both) / max(len(passed), 1):.0f} %).",
        "",
        "| scenario | file | NEST | synfire | NEST s | synfire s | why not |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name in passed:
        r, s = nest[name], ours.get(name, {"outcome": "missing", "text": "", "seconds": 0})
        why = "" if s["outcome"] == "passed" else REASONS.get(name, str(s["text"])).replace("|", "\\|")
        lines.append(
            f"| `{name}` | {r['file']} | {r['outcome']} | {s['outcome']} | {r['seconds']} | {s['seconds']} | {why} |"
        )
    lines += ["", f"Beyond these synfire passes {len(more)} that NEST does not or that are not meant for it:", ""]
    for name in more:
        text = f": {nest[name]['text']}" if nest.get(name, {}).get("text") else ""
        lines.append(f"- `{name}` (NEST: {nest.get(name, {}).get('outcome', 'not run')}{text})")
    others = sorted(n for n, s in ours.items() if n not in passed and s["outcome"] != "passed")
    lines += ["", "Neither counts these:", ""] + [
        f"- `{n}`: {ours[n]['outcome']}, {REASONS.get(n, str(ours[n]['text']))}" for n in others
    ]
    text = "\n".join(lines) + "\n"
    print(text)
    if given.write:
        given.write.write_text(text)


if __name__ == "__main__":
    main()
