"""COBA 4000 or CUBA 4000 (Vogels and Abbott) in Brian2, or two networks that learn: one run, one line of JSON.

    python brian2_va.py coba|cuba|coba_stdp|song cpp_standalone|cpp_standalone_f32|cython
                        [--duration 1000] [--threads 1] [--seed 1] [--cache DIR] [--repeat 1]

The times are explained in README.md. --repeat runs the compiled program so often: run_s is the median, runs are all of them.
"""
import argparse
import json
import os
import shutil
import tempfile
import time
from statistics import median

import numpy as np

ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
ap.add_argument("network", choices=["coba", "cuba", "coba_stdp", "song"])
ap.add_argument("mode", choices=["cpp_standalone", "cpp_standalone_f32", "cython"])
ap.add_argument("--duration", type=float, default=1000., help="ms")
ap.add_argument("--threads", type=int, default=1)
ap.add_argument("--seed", type=int, default=1)
ap.add_argument("--repeat", type=int, default=1, help="of the standalone modes")
ap.add_argument("--cache", help="folder for cython's compiled code (default: Brian2's own)")
args = ap.parse_args()

import brian2 as b2  # noqa: E402  (importing takes seconds and is not part of any time)
from brian2 import Hz, Mohm, ms, mV, nS, pA, pF  # noqa: E402, F401

STANDALONE = args.mode.startswith("cpp_standalone")
DT = .1  # ms
N, N_EXC, P = 4000, 3200, .02

NETWORKS = {
    "coba": dict(
        method="exponential_euler", delay=.1, we=6 * nS, wi=67 * nS,
        eqs="""dv/dt = (gL*(EL - v) + ge*(Ee - v) + gi*(Ei - v))/C : volt (unless refractory)
               dge/dt = -ge/taue : siemens
               dgi/dt = -gi/taui : siemens""",
        constants=dict(C=200 * pF, gL=10 * nS, EL=-60 * mV, Ee=0 * mV, Ei=-80 * mV)),
    "cuba": dict(
        method="exact", delay=.2, we=16.2 * pA, wi=-90 * pA,
        eqs="""dv/dt = (EL - v)/taum + (ge + gi)/C : volt (unless refractory)
               dge/dt = -ge/taue : amp
               dgi/dt = -gi/taui : amp""",
        constants=dict(C=200 * pF, taum=20 * ms, EL=-49 * mV)),
}


# pairs of spikes, all of them, additive (Song, Miller and Abbott 2000); the synapse keeps its traces, Brian2's own way
STDP = dict(
    model="""w : 1
             dapre/dt = -apre/taupre : 1 (event-driven)
             dapost/dt = -apost/taupost : 1 (event-driven)""",
    on_pre="""ge_post += w*unit
              apre += dapre0
              w = clip(w + apost, 0, wmax)""",
    on_post="""apost += dapost0
               w = clip(w + apre, 0, wmax)""")
NETWORKS["coba_stdp"] = NETWORKS["coba"]
NETWORKS["song"] = dict(method="euler")  # as Brian2's own example of it


def build_song():
    """1,000 Poisson inputs of 15/s onto one cell, as song_1000.toml."""
    names = dict(taum=10 * ms, taue=5 * ms, vt=-54 * mV, vr=-60 * mV, El=-74 * mV, Ee=0 * mV, unit=1,
                 taupre=20 * ms, taupost=20 * ms, wmax=.01, dapre0=.0001, dapost0=-.000105)
    inputs = b2.PoissonGroup(1000, rates=15 * Hz, name="inputs")
    cell = b2.NeuronGroup(1, """dv/dt = (ge*(Ee - v) + El - v)/taum : volt
                                dge/dt = -ge/taue : 1""", threshold="v > vt", reset="v = vr", method="euler",
                          namespace=names, name="cells")
    cell.v = "vr"
    learning = b2.Synapses(inputs, cell, namespace=names, delay=.1 * ms, name="learning", **STDP)
    learning.connect()
    learning.w = .005
    monitor = b2.SpikeMonitor(cell, name="spikes")
    return b2.Network([inputs, cell, learning, monitor], name="network"), monitor


def build(net):
    """The network, not yet compiled: Brian2's objects and the spike monitor."""
    if args.network == "song":
        return build_song()
    names = dict(net["constants"], taue=5 * ms, taui=10 * ms, vt=-50 * mV, vr=-60 * mV, we=net["we"], wi=net["wi"])
    cells = b2.NeuronGroup(N, net["eqs"], threshold="v > vt", reset="v = vr", refractory=5 * ms,
                           method=net["method"], namespace=names, name="cells")
    cells.v = "-60*mV + rand()*10*mV"
    delay = net["delay"] * ms
    if args.network == "coba_stdp":  # weights in units of nS
        names.update(unit=1 * nS, taupre=20 * ms, taupost=20 * ms, wmax=12., dapre0=.06, dapost0=-.063)
        exc = b2.Synapses(cells[:N_EXC], cells, delay=delay, namespace=names, name="exc", **STDP)
    else:
        exc = b2.Synapses(cells[:N_EXC], cells, on_pre="ge_post += we", delay=delay, namespace=names, name="exc")
    inh = b2.Synapses(cells[N_EXC:], cells, on_pre="gi_post += wi", delay=delay, namespace=names, name="inh")
    exc.connect(p=P)
    inh.connect(p=P)
    if args.network == "coba_stdp":
        exc.w = 6
    monitor = b2.SpikeMonitor(cells, name="spikes")
    objects = [cells, exc, inh, monitor]
    if args.network.startswith("coba"):  # the kick: 50 cells, 300/s each, from 1 to 51 ms
        step, cell = np.nonzero(np.random.default_rng(args.seed).random((500, 50)) < 300 * DT * 1e-3)
        kick = b2.SpikeGeneratorGroup(50, cell, (1 / DT + step) * DT * ms, name="kick")
        kicked = b2.Synapses(kick, cells[:50], on_pre="ge_post += we", delay=delay, namespace=names, name="kicked")
        kicked.connect(j="i")
        objects += [kick, kicked]
    return b2.Network(objects, name="network"), monitor


def write(monitor):
    """Fetch all spikes and save them to one npz; the seconds it takes."""
    folder = tempfile.mkdtemp()
    start = time.perf_counter()
    np.savez(os.path.join(folder, "spikes.npz"), neuron=np.asarray(monitor.i), time_ms=np.asarray(monitor.t / ms))
    seconds = time.perf_counter() - start
    shutil.rmtree(folder)
    return seconds


def run_standalone(folder):
    """Generate, compile and run one program; it prints its own clock readings.

    The main loop is a second call of the same C++ Network::run.  (A second run() in
    Python would generate, and compile, every object twice.)
    """
    b2.set_device("cpp_standalone", build_on_run=False, directory=folder)
    device = b2.get_device()
    if args.threads > 1:
        b2.prefs.devices.cpp_standalone.openmp_threads = args.threads
    if args.mode.endswith("f32"):
        b2.prefs.core.default_float_dtype = np.float32
    b2.prefs.codegen.cpp.headers += ["<chrono>", "<cstdio>", "<ctime>"]
    clock = """{ using namespace std::chrono;
        printf("clock %s %.9f %.9f\\n", "NAME", duration<double>(steady_clock::now().time_since_epoch()).count(),
               (double)std::clock()/CLOCKS_PER_SEC); fflush(stdout); }"""
    start = time.perf_counter()
    b2.seed(args.seed)
    device.insert_code("before_start", clock.replace("NAME", "start"))
    device.insert_code("before_network_run", clock.replace("NAME", "built"))
    device.insert_code("after_network_run", clock.replace("NAME", "stepped"))
    device.insert_code("after_end", clock.replace("NAME", "ended"))
    network, monitor = build(NETWORKS[args.network])
    network.run(DT * ms)
    device.insert_code("main", f"{network.name}.run({(args.duration - DT) * 1e-3!r}, NULL, 10.0);")
    device.insert_code("main", clock.replace("NAME", "run"))
    device.build(directory=folder, compile=True, run=False)
    compiled = time.perf_counter()
    runs = []
    for _ in range(args.repeat):
        device.run(with_output=False)
        with open(os.path.join(device.results_dir, "stdout.txt")) as f:
            at = {w[1]: (float(w[2]), float(w[3])) for w in map(str.split, f) if w[:1] == ["clock"]}
        runs.append(at["run"][0] - at["stepped"][0])
    wall = lambda a, b: at[b][0] - at[a][0]  # noqa: E731
    times = dict(build_s=compiled - start + wall("start", "built"), first_step_s=wall("built", "stepped"),
                 run_s=median(runs), run_cpu_s=at["run"][1] - at["stepped"][1],
                 brian_run_s=device._last_run_time, compile_s=compiled - start,
                 connect_s=wall("start", "built"), dump_s=wall("run", "ended"))
    return times, monitor, runs


def run_cython():
    b2.prefs.codegen.target = "cython"
    if args.cache:
        b2.prefs.codegen.runtime.cython.cache_dir = args.cache
    start = time.perf_counter()
    b2.seed(args.seed)
    np.random.seed(args.seed)
    network, monitor = build(NETWORKS[args.network])
    network.run(0 * ms)  # generates and compiles
    built = time.perf_counter()
    network.run(DT * ms)
    stepped = time.perf_counter()
    network.run((args.duration - DT) * ms)
    ended = time.perf_counter()
    loop = b2.get_device()._last_run_time  # without the generation of code, which every run() repeats
    times = dict(build_s=built - start, first_step_s=stepped - built, run_s=loop, rerun_s=ended - stepped - loop)
    return times, monitor, [loop]


def main():
    folder = tempfile.mkdtemp()
    try:
        times, monitor, runs = run_standalone(folder) if STANDALONE else run_cython()
        times["write_s"] = write(monitor)
        spikes = int(monitor.num_spikes)
    finally:
        shutil.rmtree(folder)
    per_second = 1e3 / (args.duration - DT)
    for k in "run_s", "run_cpu_s", "brian_run_s":
        if k in times:
            times[k] *= per_second
    print(json.dumps(dict(
        network=args.network, simulator="brian2", version=b2.__version__, mode=args.mode,
        method=NETWORKS[args.network]["method"], n=1 if args.network == "song" else N, threads=args.threads, seed=args.seed, duration_ms=args.duration,
        **{k: round(v, 6) for k, v in times.items()}, runs=[run * per_second for run in runs],
        spikes=spikes, rate_hz=round(spikes / (1 if args.network == "song" else N) / args.duration * 1e3, 3))))


main()
