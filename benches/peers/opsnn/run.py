"""OpSNN's pipeline in PyNN on NEST and in synfire, stage by stage: each network at some sizes and model times, and t = a N + b N T fitted to
each stage by least squares, as OpSNN did.

    python run.py --python VENV/bin/python --out ../../results/peers-opsnn.md     # about 15 minutes

The virtual environment holds PyNN, NEST, Neo and nixio (requirements.txt). Ours is the release binary (cargo build --release).
Both run on one thread; each run is a process of its own, and the two take turns.
"""
import argparse
import datetime
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
STAGES = ("build", "run", "write")


def network(name, cells):
    """The example with so many cells, each with as many inputs as at 1,000."""
    text = (ROOT / "examples" / "networks" / f"{name}.toml").read_text().replace("#:schema network.schema.json\n", "")
    text = text.replace("size = 800 ", f"size = {cells * 4 // 5} ").replace("size = 200 ", f"size = {cells - cells * 4 // 5} ")
    for p in ("0.01", "0.02"):
        text = text.replace(f'"fixed_probability", p = {p} }}\ndelay', f'"fixed_probability", p = {float(p) * 1000 / cells} }}\ndelay')
    return text


def ours(name, cells, ms, form):
    """Everything that the command does: what it prints as build, run and write, and the wait for the disk apart."""
    with tempfile.TemporaryDirectory() as folder:
        net, out = Path(folder) / "net.toml", Path(folder) / "out"
        net.write_text(network(name, cells))
        command = [args.synfire, "run", net, "--engine", "cpu", "--threads", 1, "--precision", args.precision, "--no-picture", "--quiet",
                   "--duration", f"{ms} ms", "--format", form, "--out", out]
        subprocess.run([str(word) for word in command], check=True)
        record = json.loads((out / "record.json").read_text())
        times = record["timings"]
        return {"build": times["build_s"], "run": times["first_step_s"] + times["run_s"], "write": times["write_s"], "sync": times["sync_s"],
                "spikes": record["counters"]["spikes"], "bytes": sum(p.stat().st_size for p in out.iterdir() if p.name != "record.json"),
                "version": f"synfire {record['version']}"}


def theirs(name, cells, ms, form):
    done = subprocess.run([args.python, HERE / "pynn_opsnn.py", name, str(cells), str(ms), form], check=True, capture_output=True, text=True)
    line = json.loads(done.stdout.strip().splitlines()[-1])
    return {**line, "version": ", ".join(f"{k} {v}" for k, v in line["versions"].items())}


def fitted(points, stage):
    """a and b of t = a N + b N T, t and T in ms."""
    rows = [(n, n * ms, 1e3 * one[stage]) for n, ms, one in points]
    xx, xy, yy = (sum(r[i] * r[j] for r in rows) for i, j in ((0, 0), (0, 1), (1, 1)))
    tx, ty = (sum(r[2] * r[i] for r in rows) for i in (0, 1))
    d = xx * yy - xy * xy
    return ((tx * yy - ty * xy) / d, (ty * xx - tx * xy) / d) if d > 1e-9 * xx * yy else (tx / xx, 0.0)


def number(x):
    return f"{x:.3e}" if x and abs(x) < 1e-2 else f"{x:.3f}"


def measured(name, kinds, sizes, times, repeat):
    """Every point of several simulators, which take turns."""
    points = {kind: [] for kind in kinds}
    for cells in sizes:
        for ms in times:
            all_ = {kind: [] for kind in kinds}
            for _ in range(repeat):
                for kind, form in kinds:
                    of = ours if kind == "synfire" else theirs
                    all_[kind, form].append(of(name, cells, ms, form))
            for kind, runs in all_.items():
                one = {key: statistics.median(r[key] for r in runs) for key in (*STAGES, "spikes", "bytes", *(["sync"] if "sync" in runs[0] else []))}
                print(f"{name} {' '.join(kind)} {cells} cells {ms} ms: " + ", ".join(f"{s} {one[s]:.4f} s" for s in STAGES), file=sys.stderr, flush=True)
                points[kind].append((cells, ms, {**one, "version": runs[0]["version"]}))
    return {(name, *kind): found for kind, found in points.items()}


def report(results):
    versions = sorted({one["version"] for points in results.values() for _, _, one in points})
    cpu = platform.processor() or platform.machine()
    if os.path.exists("/proc/cpuinfo"):
        cpu = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), cpu)
    lines = ["# Peers: OpSNN's pipeline", "",
             f"- date: {datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d %H:%M} UTC",
             f"- CPU: {cpu}, {os.cpu_count()} cores; load average at the end {os.getloadavg()[0]:.2f}",
             f"- versions: {'; '.join(versions)}",
             f"- one thread each, medians of {args.repeat} processes (NIX: 1), in turns; `benches/peers/opsnn/run.py`", "",
             "Each stage as t = a N + b N T by least squares: N cells, T ms of model time, t in ms. `build` is everything from the description to a network "
             "that can run, `run` the simulation, `write` spikes of all and two potentials into files. PyNN's build holds its own objects and "
             "connections, its run NEST's preparation. Our build holds reading, checking and planning.", "",
             "| network | simulator | written as | stage | a, ms per cell | b, ms per cell and ms | 1000 cells, 1 s: ms | times ours |",
             "|---|---|---|---|---:|---:|---:|---:|"]
    for name in args.networks.split(","):
        best = {}
        for (of, kind, form), points in results.items():
            if of != name:
                continue
            for stage in (*STAGES, *(["sync"] if kind == "synfire" else [])):
                a, b = fitted(points, stage)
                at = 1e3 * (a + 1e3 * b)
                if kind == "synfire" and form == "npz":
                    best[stage] = at
                times = f"{at / best[stage]:.0f}" if stage in best and kind != "synfire" else ""
                lines.append(f"| {name} | {kind} | {form} | {stage} | {number(a)} | {number(b)} | {at:.2f} | {times} |")
    lines += ["", "Measured, medians in ms (sync: until the disk confirmed the files, which PyNN does not wait for):", "",
              "| network | simulator | written as | cells | ms | spikes | build | run | write | sync | bytes |", "|---|---|---|---:|---:|---:|---:|---:|---:|---:|---:|"]
    for (name, kind, form), points in results.items():
        for cells, ms, one in points:
            times = " | ".join(f"{1e3 * one[s]:.2f}" for s in STAGES)
            sync = f"{1e3 * one['sync']:.2f}" if "sync" in one else ""
            lines.append(f"| {name} | {kind} | {form} | {cells} | {ms} | {one['spikes']:.0f} | {times} | {sync} | {one['bytes']:.0f} |")
    return "\n".join(lines) + "\n"


ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
ap.add_argument("--repeat", type=int, default=3)
ap.add_argument("--networks", default="opsnn_coba,opsnn_living")
ap.add_argument("--cells", default="225,1000,2025")
ap.add_argument("--times", default="500,1000,2000", help="ms of model time")
ap.add_argument("--nix-cells", default="64,225", help="8 to 10 ms for each cell")
ap.add_argument("--nix-times", default="500,1000")
ap.add_argument("--precision", default="f32")
ap.add_argument("--synfire", type=Path, default=ROOT / "target" / "release" / "synfire")
ap.add_argument("--python", default=sys.executable, help="the Python that has PyNN and NEST")
ap.add_argument("--out", type=Path, help="write the tables to this file as well")
args = ap.parse_args()
whole = lambda text: [int(n) for n in text.split(",")]  # noqa: E731

results = {}
for name in args.networks.split(","):
    both = [("synfire", "npz"), ("PyNN on NEST", "pickle")]
    results |= measured(name, both, whole(args.cells), whole(args.times), args.repeat)
    results |= measured(name, [("PyNN on NEST", "nix")], whole(args.nix_cells), whole(args.nix_times), 1)
text = report(results)
print(text)
if args.out:
    args.out.write_text(text)
