"""Rates and choices of the decision network (Wang 2002) over seeds; prints one table.

    python decision.py [--seeds 12] [--coherence 0.15] [--synfire ../../target/release/synfire] [--precision f32] [--out FILE.md]

One thread; each seed is a run of its own. Rates are those of the last second, after the evidence has worked for half a second.
README.md says what others found.
"""
import argparse
import ast
import json
import struct
import subprocess
import sys
import tempfile
import zipfile
from array import array
from pathlib import Path
from statistics import mean, median, stdev

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CELLS = {"pool1": 240, "pool2": 240, "inh": 400}
FROM, TO, DT = 10000, 20000, 1e-4  # steps, s

ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
ap.add_argument("--seeds", type=int, default=12)
ap.add_argument("--coherence", default="0.15", help="comma-separated")
ap.add_argument("--synfire", type=Path, default=ROOT / "target" / "release" / "synfire")
ap.add_argument("--precision", default="f32")
ap.add_argument("--out", type=Path, help="write the table to this file as well")
args = ap.parse_args()


def column(data):
    """Whole numbers of a .npy file of one dimension."""
    length = struct.unpack("<H", data[8:10])[0]
    head = ast.literal_eval(data[10 : 10 + length].decode())
    out = array({"<u8": "Q", "<i8": "q", "<u4": "I"}[head["descr"]])
    out.frombytes(data[10 + length :])
    return out


def run(seed, coherence):
    """(spikes/s by population, seconds per second)"""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        command = [args.synfire, "run", ROOT / "examples/networks/decision.toml", "--engine", "cpu", "--threads", 1, "--precision",
                   args.precision, "--set", f"constants.coherence={coherence}", "--seed", seed, "--no-picture", "--quiet", "--out", out]
        done = subprocess.run([str(c) for c in command], capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{command}: {(done.stderr or done.stdout).strip()[-400:]}")
        record = json.loads((out / "record.json").read_text())
        with zipfile.ZipFile(out / "spikes.npz") as spikes:
            steps = {name: column(spikes.read(f"{name}_step.npy")) for name in CELLS}
    rates = {name: sum(FROM < s <= TO for s in steps[name]) / n / ((TO - FROM) * DT) for name, n in CELLS.items()}
    return rates, record["timings"]["run_s"] / (record["duration_ms"] * 1e-3)


def told(values):
    return f"{mean(values):.2f} ± {stdev(values):.2f}" if len(values) > 1 else f"{values[0]:.2f}"


lines = ["| coherence | seeds | winner (spikes/s) | loser | inhibitory | first pool wins | run (s/s) |", "|---|---:|---:|---:|---:|---:|---:|"]
for coherence in args.coherence.split(","):
    runs = [run(seed, coherence) for seed in range(1, args.seeds + 1)]
    pools = [(r["pool1"], r["pool2"]) for r, _ in runs]
    first = mean(a > b for a, b in pools)
    row = [told([max(p) for p in pools]), told([min(p) for p in pools]), told([r["inh"] for r, _ in runs])]
    lines.append(f"| {coherence} | {len(runs)} | {' | '.join(row)} | {first:.2f} | {median(t for _, t in runs):.2f} |")
    print(lines[-1], file=sys.stderr)
table = "\n".join(lines)
print(table)
if args.out:
    args.out.write_text(table + "\n")
