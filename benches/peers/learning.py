"""Networks whose synapses learn, in Brian2, NEST and synfire, side by side; prints one table.

    python learning.py [--repeat 3] [--only hpc,song,coba] [--synfire ../../target/release/synfire] [--python PYTHON] [--out FILE.md]

One thread each, a fresh process for each run; the simulators take turns; the table holds medians of seconds of wall clock per
second of model time. Rates of hpc run away while it learns, at another time with each seed, so that there the factor is that of seconds per
spike. README.md says what is and what is not the same.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
# name: network file, milliseconds, the peer's command, how many times as fast we mean to be
NETWORKS = {
    "hpc": ("hpc_2250.toml", 1000, ["nest_hpc.py"], 8),
    "song": ("song_1000.toml", 10000, ["brian2_va.py", "song", "cpp_standalone"], 3),
    "coba": ("coba_4000_stdp.toml", 1000, ["brian2_va.py", "coba_stdp", "cpp_standalone"], 3),
}

ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
ap.add_argument("--repeat", type=int, default=3)
ap.add_argument("--only", default=",".join(NETWORKS), help="comma-separated: " + ", ".join(NETWORKS))
ap.add_argument("--synfire", type=Path, default=ROOT / "target" / "release" / "synfire")
ap.add_argument("--python", default=sys.executable, help="the Python that has Brian2 and NEST")
ap.add_argument("--out", type=Path, help="write the table to this file as well")
args = ap.parse_args()


def output(command):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, env=dict(os.environ, OMP_NUM_THREADS="1"))
    if done.returncode:
        sys.exit(f"{command}: {(done.stderr or done.stdout).strip()[-400:]}")
    return done.stdout


def peer(command, duration):
    """(seconds per second, spikes/s)"""
    out = json.loads(output([args.python, HERE / command[0], *command[1:], "--duration", duration]).splitlines()[-1])
    per_second = 1 if "simulator" in out else 1e3 / duration  # the script of NEST gives seconds of the run
    return out["run_s"] * per_second, out["rate_hz"]


def synfire(file, precision):
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        output([args.synfire, "run", HERE / file, "--engine", "cpu", "--threads", 1, "--precision", precision, "--no-picture",
                "--quiet", "--out", out])
        record = json.loads((out / "record.json").read_text())
    cells = {"hpc_2250.toml": 2250, "coba_4000_stdp.toml": 4000, "song_1000.toml": 1001}[file]  # 1,000 of them inputs
    seconds = record["duration_ms"] * 1e-3
    return record["timings"]["run_s"] / seconds, record["counters"]["spikes"] / cells / seconds


rows = ["| network | peer s/s | (rate) | synfire f32 s/s | (rate) | f64 s/s | f32 times as fast | f64 | meant |", "|---|---:|---:|---:|---:|---:|---:|---:|---:|"]
for name in args.only.split(","):
    file, duration, command, meant = NETWORKS[name]
    turns = []
    for turn in range(args.repeat):
        print(f"{name} {turn + 1}/{args.repeat}", file=sys.stderr, flush=True)
        turns.append((peer(command, duration), synfire(file, "f32"), synfire(file, "f64")))
    (p, single, double) = (median(t[k][0] for t in turns) for k in range(3))
    rates = [median(t[k][1] for t in turns) for k in range(3)]
    per = [1 / rate for rate in rates] if name == "hpc" else [1, 1, 1]
    times = [p * per[0] / (single * per[1]), p * per[0] / (double * per[2])]
    rows.append(f"| {name} ({command[0].split('_')[0]}) | {p:.4g} | {rates[0]:.1f} | {single:.4g} | {rates[1]:.1f} | {double:.4g} "
                f"| {times[0]:.1f} | {times[1]:.1f} | {meant} |")
text = "\n".join(rows) + f"\n\nload average at the end {os.getloadavg()[0]:.2f}\n"
print(text)
if args.out:
    args.out.write_text(text)
