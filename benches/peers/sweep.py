"""Networks a second: a sweep of COBA 1000 over a weight, a conductance and a seed.

    python benches/peers/sweep.py --synfire target/release/synfire [--side 25] [--seeds 4] [--threads 2]

Each point is 1 s of 800 + 200 conductance-based neurons with 80 synapses each (Vogels and Abbott 2005, COBA), spikes
kept, mean rate and CV taken. Compared: `synfire sweep` (instances of one plan for each seed), `synfire run` once for each of some of
the points (a process each, no picture), and Brian2 2.9 in a loop in one process: runtime mode with Cython, whose code is cached once
it has run with as many points, and C++ standalone compiled once and run again with other values (`run_args`), where its own documentation
points for sweeps. Each of these runs so many points that it takes some seconds; all in one run on one machine.
"""

import argparse
import json
import platform
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
NET = HERE.parents[1] / "examples" / "networks" / "coba_4000.toml"

SIZED = [
    "exc.size=800", "inh.size=200",
    "exc -> exc.connector.p=0.08", "exc -> inh.connector.p=0.08",
    "inh -> exc.connector.p=0.08", "inh -> inh.connector.p=0.08",
]


def words(sets):
    return [word for text in sets for word in ("--set", text)]


def ours(binary, side, seeds, threads, folder):
    swept = [f"exc -> exc.weight=5 nS..8 nS:{side}", f"exc.g_leak=9 nS..12 nS:{side}"]
    seeded = "seed=" + ", ".join(str(k) for k in range(1, seeds + 1))
    start = time.perf_counter()
    subprocess.run(
        [binary, "sweep", NET, *words(SIZED + swept + [seeded]), "--engine", "cpu", "--threads", str(threads),
         "--out", folder / "sweep", "--no-picture", "--quiet"], check=True)
    points = side * side * seeds
    return points, time.perf_counter() - start


def one_by_one(binary, points, threads, folder):
    start = time.perf_counter()
    for k in range(points):
        sets = SIZED + [f"exc -> exc.weight={5 + 3 * k / points} nS", f"exc.g_leak={9 + 3 * k / points} nS"]
        subprocess.run(
            [binary, "run", NET, *words(sets), "--seed", str(1 + k % 4), "--engine", "cpu", "--threads", str(threads),
             "--out", folder / f"run{k}", "--no-picture", "--quiet"], check=True)
    return points, time.perf_counter() - start


BRIAN = r'''
import sys, time
import numpy as np
from brian2 import *
mode, points = sys.argv[1], int(sys.argv[2])
prefs.core.default_float_dtype = float32
if mode == "standalone":
    set_device("cpp_standalone", build_on_run=False, directory=sys.argv[3])
defaultclock.dt = 0.1*ms
model = """
dv/dt = (g_leak*(-60*mV - v) + ge*(0*mV - v) + gi*(-80*mV - v))/(200*pF) : volt (unless refractory)
dge/dt = -ge/(5*ms) : siemens
dgi/dt = -gi/(10*ms) : siemens
g_leak : siemens (shared)
"""
def made(weight, leak, number):
    seed(number)
    P = NeuronGroup(1000, model, threshold="v > -50*mV", reset="v = -60*mV", refractory=5*ms, method="exponential_euler")
    P.v = "-60*mV + rand()*10*mV"
    P.g_leak = leak
    E, I = P[:800], P[800:]
    w = 6*nS
    Ce = Synapses(E, E, "we : siemens (shared)", on_pre="ge_post += we", delay=0.1*ms, name="ce"); Ce.connect(p=0.08); Ce.we = weight
    Ci = Synapses(E, I, on_pre="ge_post += 6*nS", delay=0.1*ms); Ci.connect(p=0.08)
    Cx = Synapses(I, P, on_pre="gi_post += 67*nS", delay=0.1*ms); Cx.connect(p=0.08)
    K = PoissonGroup(50, "300*Hz*int(t < 50*ms)")
    Ck = Synapses(K, E[:50], on_pre="ge_post += 6*nS"); Ck.connect(j="i")
    M = SpikeMonitor(P)
    return Network(P, Ce, Ci, Cx, K, Ck, M), P, Ce, M
def value(k):
    return (5 + 3*k/points)*nS, (9 + 3*k/points)*nS, 1 + k % 4
if mode == "runtime":
    net, *_ = made(*value(0)); net.run(1*second)          # code is generated and compiled
    start = time.perf_counter()
    for k in range(points):
        net, P, Ce, M = made(*value(k)); net.run(1*second); np.bincount(M.i[:], minlength=1000)
    print("took", time.perf_counter() - start)
else:
    net, P, Ce, M = made(*value(0)); net.run(1*second)
    began = time.perf_counter(); device.build(directory=sys.argv[3], compile=True, run=False); print("compiled", time.perf_counter() - began)
    start = time.perf_counter()
    for k in range(points):
        weight, leak, number = value(k)
        device.run(run_args={Ce.we: weight, P.g_leak: leak}); np.bincount(M.i[:], minlength=1000)
    print("took", time.perf_counter() - start)
'''


def brian(mode, points, folder):
    script = folder / "brian.py"
    script.write_text(BRIAN)
    done = subprocess.run([sys.executable, script, mode, str(points), folder / "standalone"], capture_output=True, text=True, cwd=folder)
    took = re.search(r"took ([\d.]+)", done.stdout)
    if took is None:
        raise SystemExit(f"Brian2 ({mode}) failed:\n{done.stderr[-2000:]}")
    return points, float(took.group(1))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--synfire", required=True)
    parser.add_argument("--side", type=int, default=25)
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--alone", type=int, default=40)
    parser.add_argument("--brian", type=int, default=10)
    given = parser.parse_args()
    binary = str(Path(given.synfire).resolve())
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows.append(("synfire sweep", *ours(binary, given.side, given.seeds, given.threads, folder)))
        rows.append(("synfire run, a process each", *one_by_one(binary, given.alone, given.threads, folder)))
        for mode in ("runtime", "standalone"):
            rows.append((f"Brian2 {mode}, f32", *brian(mode, given.brian, folder)))
    cpu = next((l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), platform.processor())
    print(f"COBA 1000, 1 s each, {given.threads} threads, {cpu}")
    best = rows[0][1] / rows[0][2]
    for what, points, seconds in rows:
        print(f"{what:32} {points:6} networks {seconds:9.2f} s {points / seconds:9.2f} a second   sweep is {best * seconds / points:6.1f} times as fast")
    print(json.dumps([{"what": w, "networks": p, "seconds": s} for w, p, s in rows]))


if __name__ == "__main__":
    main()
