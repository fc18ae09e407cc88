"""SNS-Toolbox's benchmark networks in the toolbox, in ANNarchy and in synfire, one after the other; a table and a plot.

    python compare.py --python VENV/bin/python [--quick] [--binary FILE] [--only synfire,numpy] [--out FOLDER]

Builds synfire's part (`cargo build --release --bench sns`) unless --binary names it, takes turns between the peers, and
writes peers-sns.md and peers-sns.svg to FOLDER (benches/results). What is compared, and how: README.md.
"""
import argparse
import datetime
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from plot import plot

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
TOOLBOX = ["numpy", "torch", "sparse", "iterative"]
KINDS = [("sparse", "non_spiking"), ("sparse", "spiking"), ("dense", "non_spiking"), ("dense", "spiking"),
         ("neurons", "non_spiking"), ("neurons", "spiking")]
# of the layout of a population per neuron: neurons, synapses onto each
BY_HAND = {100: 4, 300: 5}


def jobs():
    """(layout, cells, neurons, peer), in the order in which they take turns."""
    sizes = [10, 100, 1000] if args.quick else [10, 100, 1000, 5000, 10_000, 100_000, 1_000_000]
    for neurons, (layout, cells) in ((n, k) for n in BY_HAND for k in KINDS if k[0] == "neurons"):
        for peer in [*TOOLBOX, "synfire", "synfire, matrix"]:
            yield layout, cells, neurons, peer
    for neurons in sizes:
        for layout, cells in (kind for kind in KINDS if kind[0] != "neurons"):
            if neurons in (10, 100, 1000, 10_000):
                for backend in TOOLBOX:
                    yield layout, cells, neurons, backend
            if neurons == 5000 and layout == "sparse":
                yield layout, cells, neurons, "ANNarchy"
            if layout == "sparse" or neurons <= 1000:
                yield layout, cells, neurons, "synfire"
            if layout == "dense" and neurons <= 1000:
                yield layout, cells, neurons, "synfire, own g"


def command(layout, cells, neurons, peer):
    seconds = ["--seconds", 0.3 if args.quick else 1]
    if peer.startswith("synfire"):
        own = ["--varied"] if peer.endswith("own g") else []
        if layout == "neurons":
            layout, own = "matrix" if peer.endswith("matrix") else layout, ["--degree", BY_HAND[neurons]]
        return [args.binary, "--layout", layout, "--cells", cells, "--neurons", neurons, *own, *seconds]
    if peer == "ANNarchy":
        return [args.python, HERE / "annarchy_sns.py", layout, cells, neurons, *seconds]
    limits = ["--build-limit", args.build_limit, "--memory", 20, "--degree", BY_HAND.get(neurons, 4)]
    return [args.python, HERE / "toolbox_sns.py", peer, layout, cells, neurons, *seconds, *limits]


def run(words):
    """The process' last line of output, read as JSON; an error as such."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.pathsep.join([str(args.python.parent), os.environ.get("PATH", "")])
        env = dict(os.environ, OMP_NUM_THREADS="1", MKL_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", PATH=path)
        try:
            done = subprocess.run([str(w) for w in words], capture_output=True, text=True, env=env, cwd=folder, timeout=300)
        except subprocess.TimeoutExpired:
            return dict(error="stopped after 300 s")
        except OSError as e:
            return dict(error=f"cannot be started: {e.strerror}")
    lines = done.stdout.strip().splitlines()
    try:
        return json.loads(lines[-1])
    except (IndexError, ValueError):
        said = (done.stderr.strip() or done.stdout.strip() or "no output").splitlines()[-1]
        return dict(error=f"failed ({done.returncode}): {said[:80]}")


def measure():
    """{job: [result of each turn]}; a job whose smaller or simpler sibling was given up is not tried."""
    found = {}
    wanted = args.only.split(",") if args.only else None
    for turn in range(args.repeat):
        for job in jobs():
            layout, cells, neurons, peer = job
            if wanted and peer not in wanted or turn and neurons > 1000 and peer in (*TOOLBOX, "ANNarchy"):
                continue
            # ten times the neurons, or states besides, are no easier to build
            lost = [k for k in found if "error" in found[k][0] and (k[0], k[3]) == (layout, peer)
                    and (k[1] == cells and k[2] < neurons or k[1] == "non_spiking" and k[2] <= neurons) and k != job]
            if lost:
                found[job] = [dict(error=f"not tried: given up at {lost[0][1]} {lost[0][2]:,}")]
                continue
            if "error" in found.get(job, [{}])[0]:
                continue
            began = time.monotonic()
            result = run(command(*job))
            found.setdefault(job, []).append(result)
            said = result.get("error") or f"{result['call_us']:.2f} us"
            print(f"[{turn + 1}/{args.repeat}] {layout} {cells} {neurons} {peer}: {said} ({time.monotonic() - began:.0f} s)",
                  file=sys.stderr, flush=True)
    return found


def middle(results, key):
    values = [r[key] for r in results if r.get(key) is not None]
    return median(values) if values else None


def least(results, key):
    return min((r[key] for r in results if r.get(key) is not None), default=None)


def number(x):
    """Three digits."""
    if x is None:
        return "-"
    return f"{x:,.0f}" if x >= 100 else f"{x:.3g}"


def best(found, layout, cells, neurons):
    """Microseconds of the toolbox's fastest backend, and which it is."""
    times = [(middle(found[k], "call_us"), k[3]) for k in found
             if k[:3] == (layout, cells, neurons) and k[3] in TOOLBOX and "error" not in found[k][0]]
    return min(times, default=(None, None))


def table(found):
    head = ["layout", "cells", "N", "by", "build s", "call us", "(min)", "run us", "(min)", "memory MiB",
            "best toolbox / call", "best toolbox / run", "same numbers"]
    lines = ["| " + " | ".join(head) + " |", "|---" * 4 + "|---:" * 8 + "|---|"]
    order = {kind: k for k, kind in enumerate(KINDS)}
    for job in sorted(found, key=lambda k: (order[k[:2]], k[2])):
        layout, cells, neurons, peer = job
        row, results = [layout, cells, f"{neurons:,}", peer], found[job]
        if "error" in results[0]:
            lines.append("| " + " | ".join(row + [results[0]["error"].replace("|", "/")] + [""] * 8) + " |")
            continue
        call, rate = middle(results, "call_us"), middle(results, "run_us")
        memory = max(r["memory_mib"] - r.get("import_mib", 0) for r in results)
        row += [number(middle(results, "build_s")), number(call), number(least(results, "call_min_us")),
                number(rate), number(least(results, "run_min_us")), number(memory)]
        base = best(found, layout, cells, neurons)[0]
        ratio = lambda x: f"{base / x:.3g}" if base and x else "-"  # noqa: E731
        row += [ratio(call), ratio(rate) if rate else "-", same(found, job)]
        lines.append("| " + " | ".join(row) + " |")
    return "\n".join(lines)


def same(found, job):
    """Whether potentials (spiking: thresholds) after 100 steps are those of the toolbox's numpy."""
    theirs = found.get((*job[:3], "numpy"), [{}])[0].get("check")
    ours = found[job][0].get("check")
    if theirs is None or ours is None or job[3] in ("numpy", "synfire, own g"):
        return "-"
    # single precision, and a hundred roundings
    return "yes" if abs(ours - theirs) <= 1e-4 * max(1., abs(theirs)) else f"NO: {ours:.6g}, numpy {theirs:.6g}"


def goals(found):
    """(what, least, found): ratios to the toolbox's best backend, and calls in microseconds."""
    rows = []
    for (layout, cells, neurons, peer), results in found.items():
        if not peer.startswith("synfire") or "error" in results[0]:
            continue
        base, name = best(found, layout, cells, neurons)
        goal = {"dense": 5, "neurons": 8}.get(layout, 10 if neurons < 100 else 20)
        if base:
            rows.append((f"{layout} {cells} {neurons:,} ({peer}): times the speed of {name}, steps in one call",
                         f"{goal}", base / middle(results, "run_us") >= goal, f"{base / middle(results, 'run_us'):.3g}"))
        matrix = found.get((layout, cells, neurons, "synfire, matrix"), [dict(error="")])
        if peer == "synfire" and "error" not in matrix[0]:
            for key, what in [("call_us", "a call"), ("run_us", "a step in one call")]:
                times = middle(results, key) / middle(matrix, key)
                rows.append((f"{layout} {cells} {neurons}: {what}, times that of one population with a matrix", "at most 2",
                             times <= 2, f"{times:.3g}"))
        if layout == "sparse" and neurons == 100:
            call = middle(results, "call_us")
            rows.append((f"{layout} {cells} {neurons:,}: microseconds of a call", "at most 3", call <= 3, f"{call:.3g}"))
        rival = found.get((layout, cells, neurons, "ANNarchy"), [dict(error="")])
        if "error" not in rival[0]:
            ratio = middle(rival, "run_us") / middle(results, "run_us")
            rows.append((f"{layout} {cells} {neurons:,}: times the speed of ANNarchy", "1", ratio >= 1, f"{ratio:.3g}"))
    lines = ["| goal | asked | found | |", "|---|---:|---:|---|"]
    return "\n".join(lines + [f"| {what} | {asked} | {number} | {'met' if met else 'NOT met'} |" for what, asked, met, number in rows])


def header(found, seconds):
    cpu = platform.processor() or platform.machine()
    if os.path.exists("/proc/cpuinfo"):
        with open("/proc/cpuinfo") as f:
            cpu = next((line.split(":", 1)[1].strip() for line in f if line.startswith("model name")), cpu)
    versions = {}
    for job, results in found.items():
        for key, name in [("version", "sns-toolbox" if job[3] in TOOLBOX else job[3].split(",")[0]), ("numpy", "numpy"), ("torch", "torch")]:
            if results[0].get(key):
                versions[name] = results[0][key]
    try:
        git = lambda *w: subprocess.run(["git", "-C", str(ROOT), *w], capture_output=True, text=True, check=True).stdout.strip()  # noqa: E731
        commit = git("rev-parse", "HEAD") + (" with changes" if git("status", "--porcelain", "--untracked-files=no") else "")
    except (OSError, subprocess.CalledProcessError):
        commit = "unknown"
    load = " ".join(f"{x:.2f}" for x in os.getloadavg()) if hasattr(os, "getloadavg") else "unknown"
    quick = "; --quick: times are rough" if args.quick else ""
    return "\n".join([
        "# Peers: SNS-Toolbox's benchmark networks", "",
        f"- date: {datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d %H:%M} UTC, {seconds / 60:.1f} minutes{quick}",
        f"- CPU: {cpu}, {os.cpu_count()} cores; load average at the end {load}",
        f"- versions: {', '.join(f'{k} {v}' for k, v in sorted(versions.items())) or 'none'}; Python of this script {platform.python_version()}",
        f"- commit: {commit}",
        f"- one thread; synfire in f32; medians of {args.repeat} turn(s) up to 1,000 neurons, peers once beyond; "
        f"building limited to {args.build_limit:g} s", "",
        "call: one step with an input, outputs read, as a control loop does. run: one of many steps in one call. "
        "own g: a conductance of its own per synapse. Memory: the peak, less that of a peer's imports. See benches/peers/sns.", ""])


def main():
    if not args.binary:
        subprocess.run(["cargo", "build", "--release", "--bench", "sns"], cwd=ROOT, check=True)
        told = subprocess.run(["cargo", "build", "--release", "--bench", "sns", "--message-format", "json"],
                              cwd=ROOT, check=True, capture_output=True, text=True).stdout
        messages = [json.loads(line) for line in told.splitlines() if line.startswith("{")]
        args.binary = next(m["executable"] for m in messages if m.get("executable") and m["target"]["name"] == "sns")
    args.binary, args.python = Path(args.binary).absolute(), Path(os.path.abspath(args.python))
    began = time.monotonic()
    found = measure()
    text = "\n".join([header(found, time.monotonic() - began), "![Time per step against size](peers-sns.svg)", "",
                      "## Goals", "", goals(found), "", "## All", "", table(found), ""])
    print(text)
    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / "peers-sns.md").write_text(text)
    lines = {}
    for (layout, cells, neurons, peer), results in sorted(found.items()):
        for key, name in [("call_us", f"{peer}, call" if peer == "synfire" else peer), ("run_us", f"{peer}, run")]:
            if middle(results, key) and (key == "call_us" or peer == "synfire"):
                lines.setdefault((layout, cells), {}).setdefault(name, []).append((neurons, middle(results, key)))
    (args.out / "peers-sns.svg").write_text(plot(lines, KINDS))


ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
ap.add_argument("--python", type=Path, default=Path(sys.executable), help="the Python that has the toolbox and ANNarchy")
ap.add_argument("--binary", help="synfire's part, built before")
ap.add_argument("--quick", action="store_true", help="up to 1,000 neurons, less time each")
ap.add_argument("--repeat", type=int, default=0, help="turns; 2, or 1 if quick")
ap.add_argument("--build-limit", type=float, default=60., help="s")
ap.add_argument("--only", help="peers, comma-separated")
ap.add_argument("--out", type=Path, default=ROOT / "benches" / "results")
args = ap.parse_args()
args.repeat = args.repeat or (1 if args.quick else 2)
main()
