"""Runs COBA 4000 and CUBA 4000 in Brian2, NEST and synfire, side by side, and prints one table.

    python run.py [--repeat 3] [--duration 1000] [--only cuba/nest,coba/synfire] [--threads 1] [--seed 1]
                  [--synfire ../../target/release/synfire] [--python PYTHON] [--out FILE.md]

Every run is a fresh process; the simulators take turns, so that a change in the
machine's load meets them all; the table holds medians. What each time means, and
what is and is not the same in the simulators, is in README.md.
"""
import argparse
import datetime
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
METHODS = {"coba": ["exponential_euler", "rk4"], "cuba": [None]}  # None: what the file says


def jobs():
    """(name, network, simulator, mode, method, precision), in the order they take turns."""
    for network in "coba", "cuba":
        for mode in "cpp_standalone", "cpp_standalone_f32", "cython":
            yield f"{network}/brian2/{mode}", network, "brian2", mode, None, None
        yield f"{network}/nest/default", network, "nest", "default", None, None
        for method in METHODS[network]:
            for precision in "f32", "f64":
                mode = precision if method is None else f"{method}/{precision}"
                yield f"{network}/synfire/{mode}", network, "synfire", mode, method, precision


def run(command, **environment):
    """The process' standard output; its last complaint as an exception if it fails."""
    env = dict(os.environ, OMP_NUM_THREADS=str(args.threads), **environment)
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, env=env)
    if done.returncode:
        complaints = (done.stderr.strip() or done.stdout.strip() or "no output").splitlines()
        raise RuntimeError(f"failed ({done.returncode}): {complaints[-1][:200]}")
    return done.stdout


def peer(network, simulator, mode, cache):
    script = HERE / f"{simulator}_va.py"
    command = [args.python, script, network, mode, "--duration", args.duration, "--threads", args.threads, "--seed", args.seed]
    if mode == "cython":
        command += ["--cache", cache]
    return json.loads(run(command).splitlines()[-1])


def synfire(network, mode, method, precision):
    file = ROOT / "examples" / "networks" / f"{network}_4000.toml"
    for needed in args.synfire, file:
        if not needed.is_file():
            raise FileNotFoundError(f"not found: {os.path.relpath(needed, ROOT)}")
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        command = [args.synfire, "run", file, "--duration", f"{args.duration:g}ms", "--engine", "cpu",
                   "--threads", args.threads, "--precision", precision, "--out", out, "--force"]
        if method:
            command += ["--set", f"exc.method={method}", "--set", f"inh.method={method}"]
        run(command)
        record = json.loads((out / "record.json").read_text())
    duration, times, spikes = record["duration_ms"], dict(record["timings"]), record["counters"]["spikes"]
    times["run_s"] *= 1e3 / (duration - record["dt_ms"])
    return dict(network=network, simulator="synfire", version=record["version"], mode=mode, method=method or "file",
                n=4000, threads=args.threads, seed=record["seed"], duration_ms=duration, **times,
                spikes=spikes, rate_hz=round(spikes / 4000 / duration * 1e3, 3))


def measure(selected):
    """{job name: [result of each repeat]} and {job name: what went wrong}."""
    results, errors = {}, {}
    with tempfile.TemporaryDirectory() as cache:
        for turn in range(args.repeat):
            for name, network, simulator, mode, method, precision in selected:
                if name in errors:
                    continue
                print(f"[{turn + 1}/{args.repeat}] {name}", file=sys.stderr, flush=True)
                try:
                    if simulator == "synfire":
                        result = synfire(network, mode, method, precision)
                    else:
                        result = peer(network, simulator, mode, cache)
                    results.setdefault(name, []).append(result)
                except (OSError, RuntimeError, ValueError, KeyError, IndexError) as e:
                    errors[name] = str(e) if not isinstance(e, KeyError) else f"record.json has no {e}"
    return results, errors


def digits(seconds):
    if seconds is None:
        return "-"
    return f"{seconds:.3g}" if seconds >= 1e-3 else f"{seconds:.1g}"


def table(selected, results, errors):
    """Markdown; the ratio columns divide a row's run time by that of synfire's row of that name."""
    middle = lambda name, key: median(r[key] for r in results[name]) if name in results else None  # noqa: E731
    columns = ["network", "simulator", "mode", "method", "build s", "(first)", "first step s", "run s/s", "(min to max)",
               "run cpu s/s", "write s", "rate Hz", "/ syn f32", "/ syn f64", "/ syn rk4 f32", "/ syn rk4 f64"]
    lines = ["| " + " | ".join(columns) + " |", "|---" * 4 + "|---:" * (len(columns) - 4) + "|"]
    for name, network, simulator, mode, method, precision in selected:
        row = [network, simulator, mode]
        if name in errors:
            lines.append("| " + " | ".join(row + [errors[name].replace("|", "/")] + [""] * (len(columns) - 4)) + " |")
            continue
        runs = [r["run_s"] for r in results[name]]
        cpu = middle(name, "run_cpu_s") if "run_cpu_s" in results[name][0] else None
        row += [results[name][0]["method"], digits(middle(name, "build_s")), digits(results[name][0]["build_s"]),
                digits(middle(name, "first_step_s")), digits(median(runs)), f"{digits(min(runs))} to {digits(max(runs))}",
                digits(cpu), digits(middle(name, "write_s")), f"{middle(name, 'rate_hz'):.2f}"]
        plain = "exponential_euler/" if network == "coba" else ""
        for of in f"{plain}f32", f"{plain}f64", "rk4/f32", "rk4/f64":
            base = middle(f"{network}/synfire/{of}", "run_s")
            row.append(f"{median(runs) / base:.2f}" if base else "-")
        lines.append("| " + " | ".join(row) + " |")
    return "\n".join(lines)


def header(results):
    cpu = platform.processor() or platform.machine()
    if os.path.exists("/proc/cpuinfo"):
        with open("/proc/cpuinfo") as f:
            cpu = next((line.split(":", 1)[1].strip() for line in f if line.startswith("model name")), cpu)
    versions = {r["simulator"]: r["version"] for rs in results.values() for r in rs}
    try:
        commit = run(["git", "-C", ROOT, "rev-parse", "HEAD"]).strip()
        if run(["git", "-C", ROOT, "status", "--porcelain", "--untracked-files=no"]).strip():
            commit += " with changes"
    except (OSError, RuntimeError):
        commit = "unknown"
    load = " ".join(f"{x:.2f}" for x in os.getloadavg()) if hasattr(os, "getloadavg") else "unknown"
    return "\n".join([
        "# Peers: Vogels and Abbott networks, 4000 cells", "",
        f"- date: {datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d %H:%M} UTC",
        f"- CPU: {cpu}, {os.cpu_count()} cores; load average at the end {load}",
        f"- versions: {', '.join(f'{k} {v}' for k, v in sorted(versions.items())) or 'none'}",
        f"- commit: {commit}",
        f"- {args.duration:g} ms, {args.threads} thread(s), seed {args.seed}, medians of {args.repeat} fresh process(es)", "",
        "run s/s: wall-clock seconds per biological second. / syn: that, divided by synfire's "
        "(exponential_euler for COBA unless rk4 is named). See README.md.", ""])


def main():
    wanted = args.only.split(",") if args.only else [""]
    selected = [job for job in jobs() if any(job[0].startswith(w) or f"/{w}" in job[0] for w in wanted)]
    if not selected:
        sys.exit(f"--only {args.only}: no such run; there are: {', '.join(job[0] for job in jobs())}")
    results, errors = measure(selected)
    text = header(results) + "\n" + table(selected, results, errors) + "\n"
    print(text)
    if args.out:
        args.out.write_text(text)


ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
ap.add_argument("--repeat", type=int, default=3)
ap.add_argument("--duration", type=float, default=1000., help="ms")
ap.add_argument("--threads", type=int, default=1)
ap.add_argument("--seed", type=int, default=1, help="of the peers; synfire takes the one in its file")
ap.add_argument("--only", help="comma-separated starts or parts of names such as coba/brian2/cython")
ap.add_argument("--synfire", type=Path, default=ROOT / "target" / "release" / "synfire")
ap.add_argument("--python", default=sys.executable, help="the Python that has Brian2 and NEST")
ap.add_argument("--out", type=Path, help="write the table to this file as well")
args = ap.parse_args()
main()
