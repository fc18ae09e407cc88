"""How long `synfire run` takes to write what it recorded, beside how long it simulates, for every format; and how fast many potentials get
to the disk, beside `dd` of as many bytes.

    cargo build --release && python3 benches/write.py --out benches/results/write.md

Needs nothing but Python. Each run is a process of its own; times are those of its record (seconds; medians of --repeat).
"""
import argparse
import datetime
import json
import os
import platform
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NETWORKS = ROOT / "examples" / "networks"


def scaled(name, cells, dense=False):
    """The network of an example with so many cells, each with as many inputs as there."""
    text = (NETWORKS / f"{name}.toml").read_text().replace("#:schema network.schema.json\n", "")
    text = text.replace("size = 800 ", f"size = {cells * 4 // 5} ").replace("size = 200 ", f"size = {cells // 5} ")
    for p in ("0.01", "0.02"):
        text = text.replace(f'"fixed_probability", p = {p} }}\ndelay', f'"fixed_probability", p = {float(p) * 1000 / cells} }}\ndelay')
    if dense:
        text = text.replace('population = "exc"\nrecord = "v"\nrows = { list = [0, 1] }', 'population = ["exc", "inh"]\nrecord = "v"')
    return text


def run(folder, text, formats, *more):
    """Times of a run, and the bytes of its files."""
    net, out = folder / "net.toml", folder / "out"
    net.write_text(text)
    shutil.rmtree(out, ignore_errors=True)
    command = [args.synfire, "run", net, "--engine", "cpu", "--threads", str(args.threads), "--no-picture", "--quiet", "--out", out, "--format", formats, *more]
    subprocess.run([str(word) for word in command], check=True)
    record = json.loads((out / "record.json").read_text())
    times = record["timings"]
    data = sum(path.stat().st_size for path in out.iterdir() if path.name != "record.json")
    shutil.rmtree(out)
    return {
        "build": times["build_s"], "run": times["first_step_s"] + times["run_s"], "write": times["write_s"], "sync": times["sync_s"],
        "beside": times.get("beside_s") or 0.0, "analyse": times["analyse_s"] or 0.0, "bytes": data, "spikes": record["counters"]["spikes"],
    }


def medians(runs):
    return {key: statistics.median(one[key] for one in runs) for key in runs[0]}


def dd(folder, data):
    """Seconds to write so many bytes until the disk confirmed them."""
    path = folder / "dd"
    began = time.perf_counter()
    command = ["dd", "if=/dev/zero", f"of={path}", "bs=1M", f"count={max(1, data >> 20)}", "conv=fsync"]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    took = time.perf_counter() - began
    path.unlink()
    return took


def ms(seconds):
    return f"{seconds * 1e3:.1f}"


def sparse(folder):
    lines = ["| network | cells | spikes | format | build ms | run ms | write ms | until the disk confirmed ms | analyse ms | bytes | write at most max(run/10, 20 ms) |",
             "|---|---:|---:|---|---:|---:|---:|---:|---:|---:|---|"]
    for name in ("opsnn_coba", "opsnn_living"):
        for cells in (1000, 20000):
            for form in args.formats.split(","):
                one = medians([run(folder, scaled(name, cells), form) for _ in range(args.repeat)])
                most = max(one["run"] / 10, 0.02)
                verdict = "yes" if one["write"] <= most else f"**no**, {ms(most)} ms"
                lines.append(f"| {name} | {cells} | {one['spikes']:.0f} | {form} | {ms(one['build'])} | {ms(one['run'])} | {ms(one['write'])} "
                             f"| {ms(one['sync'])} | {ms(one['analyse'])} | {one['bytes']:.0f} | {verdict} |")
    return lines


def dense(folder):
    lines = ["| what | bytes | run s | the run waited s | the writer was busy s | until the disk confirmed s | busy GB/s | with the disk GB/s | dd with the disk GB/s "
             "| of dd | of dd, waiting counted |",
             "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|"]
    for form, more in args.dense:
        ours, theirs = [], []
        for _ in range(args.repeat):
            # in turns: a disk is not equally fast all the time
            one = run(folder, scaled("opsnn_coba", 20000, dense=True), form, *more)
            ours.append(one)
            theirs.append(dd(folder, one["bytes"]))
        one, data, other = medians(ours), ours[0]["bytes"], statistics.median(theirs)
        # chunks are written by another thread while the run goes on, and what the run waits is mostly for it; of npz the run waits for all
        busy = one["beside"] if form == "chunks" else one["write"] + one["beside"]
        waited = one["write"] if form == "chunks" else 0.0
        lines.append(f"| 20,000 potentials, {form} {' '.join(more)} | {data} | {one['run']:.2f} | {one['write']:.3f} | {busy:.3f} | {one['sync']:.3f} | {data / busy / 1e9:.2f} "
                     f"| {data / (busy + one['sync']) / 1e9:.2f} | {data / other / 1e9:.2f} | {other / (busy + one['sync']):.2f} | {other / (waited + busy + one['sync']):.2f} |")
    return lines


def processor():
    if os.path.exists("/proc/cpuinfo"):
        for line in open("/proc/cpuinfo"):
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
ap.add_argument("--repeat", type=int, default=5)
ap.add_argument("--threads", type=int, default=1)
ap.add_argument("--formats", default="npz,csv,nest,chunks", help="each in runs of its own")
ap.add_argument("--synfire", type=Path, default=ROOT / "target" / "release" / "synfire")
ap.add_argument("--folder", type=Path, help="on the disk that is measured [default: that of temporary files]")
ap.add_argument("--only", choices=["sparse", "dense"])
ap.add_argument("--out", type=Path, help="write the tables to this file as well")
args = ap.parse_args()
args.dense = [("chunks", []), ("npz", []), ("npz", ["--stream"])]

with tempfile.TemporaryDirectory(dir=args.folder) as folder:
    parts = [
        "# Writing beside simulating", "",
        f"- date: {datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d %H:%M} UTC",
        f"- CPU: {processor()}, {os.cpu_count()} cores; load average at the start {os.getloadavg()[0]:.2f}",
        f"- 1 s of model time, {args.threads} thread(s), medians of {args.repeat} processes; `benches/write.py`", "",
    ]
    if args.only != "dense":
        parts += ["All spikes and two potentials:", ""] + sparse(Path(folder)) + [""]
    if args.only != "sparse":
        parts += ["All potentials of 20,000 cells at every step. `chunks` are 4 bytes a sample, written by another thread while the run goes on; `npz` are 8, "
                  "written behind the run, with `--stream` made of chunks (whose time is in it). `dd conv=fsync` writes as many zeros, in turns.", ""] + dense(Path(folder)) + [""]
    text = "\n".join(parts)
    print(text)
    if args.out:
        args.out.write_text(text)
