"""One of SNS-Toolbox's networks on one of its backends, timed; prints one line of JSON.

    python toolbox_sns.py BACKEND sparse|dense|neurons non_spiking|spiking N [--degree 4] [--seconds 1] [--build-limit 60]
        [--memory 20]

BACKEND: numpy, torch, sparse, iterative. One thread. A network whose building takes longer than the limit (s) is given up;
so is one that needs more memory than the limit (GiB).
"""
import argparse
import json
import math
import resource
import signal
import sys
import time

ap = argparse.ArgumentParser()
ap.add_argument("backend", choices=["numpy", "torch", "sparse", "iterative"])
ap.add_argument("layout", choices=["sparse", "dense", "neurons"])
ap.add_argument("cells", choices=["non_spiking", "spiking"])
ap.add_argument("neurons", type=int)
ap.add_argument("--degree", type=int, default=4, help="synapses onto each neuron, of the layout neurons")
ap.add_argument("--seconds", type=float, default=1.)
ap.add_argument("--build-limit", type=float, default=60.)
ap.add_argument("--memory", type=float, default=20.)
args = ap.parse_args()


def give_up(why):
    print(json.dumps(dict(error=why)), flush=True)
    sys.exit(0)


def late(*_):
    raise TimeoutError


try:
    import numpy
    import torch
    torch.set_num_threads(1)
    from importlib.metadata import version
    from sns_toolbox.connections import NonSpikingSynapse, SpikingSynapse
    from sns_toolbox.networks import Network
    from sns_toolbox.neurons import NonSpikingNeuron, SpikingNeuron
except ImportError as e:
    give_up(f"not installed: {e}")

used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
limit = int(args.memory * 2**30)
# torch maps far more than it touches
mapped = int(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmSize"))) * 1024
resource.setrlimit(resource.RLIMIT_AS, (mapped + limit, mapped + limit))


def described():
    spiking = args.cells == "spiking"

    def cell(bias):
        if spiking:
            return SpikingNeuron(threshold_proportionality_constant=0 if args.layout == "dense" else -1, bias=bias)
        return NonSpikingNeuron(membrane_capacitance=10., bias=bias)

    synapse = SpikingSynapse() if spiking else NonSpikingSynapse(max_conductance=0.5, reversal_potential=-60.)
    net = Network()
    n = args.neurons
    if args.layout == "neurons":
        return by_hand(net, cell(10.), spiking, n)
    if args.layout == "dense":
        net.add_population(cell(0.), [n], name="all")
        first, last = "all", "all"
        net.add_connection(synapse, "all", "all")
    else:
        ins, outs, joined = int(0.08 * n) + 1, int(0.12 * n), int(math.sqrt(n))
        net.add_population(cell(0.), [ins], name="ins")
        net.add_population(cell(10.), [outs], name="outs")
        net.add_population(cell(10.), [joined], name="joined")
        net.add_population(cell(10.), [n - ins - outs - joined], name="rest")
        first, last = "ins", "outs"
        net.add_connection(synapse, "joined", "joined")
    net.add_input(first)
    net.add_output(last)
    return net


def by_hand(net, cell, spiking, n):
    """A neuron at a time, each synapse with a conductance and a reversal potential of its own, as main.rs has them."""
    for k in range(n):
        net.add_neuron(cell, name=f"n{k}")
    pairs = [(s, t) for t in range(n) for s in sorted((t + 1 + 7 * k) % n for k in range(args.degree))]
    for k, (source, target) in enumerate(pairs):
        g_max = ((1000 if spiking else 500) // args.degree + k % 7) / 1000
        if spiking:
            synapse = SpikingSynapse(max_conductance=g_max, reversal_potential=194., conductance_increment=1.)
        else:
            synapse = NonSpikingSynapse(max_conductance=g_max, reversal_potential=-60. if k % 3 == 0 else 40.)
        net.add_connection(synapse, f"n{source}", f"n{target}")
    net.add_input("n0")
    for k in range(n - int(0.12 * n), n):
        net.add_output(f"n{k}")
    return net


def main():
    signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, args.build_limit)
    began = time.perf_counter()
    try:
        model = described().compile(dt=0.1, backend=args.backend, device="cpu")
    except TimeoutError:
        give_up(f"building: longer than {args.build_limit:g} s")
    build = time.perf_counter() - began
    signal.setitimer(signal.ITIMER_REAL, args.build_limit)
    x = torch.tensor([10.]) if args.backend in ("torch", "sparse") else numpy.array([10.])
    times, began, mean = [], time.perf_counter(), None
    try:
        # the check needs 100 steps; where they take long it is left out
        while len(times) < 3 or (len(times) < 20000 and time.perf_counter() - began < args.seconds * (4 if len(times) <= 100 else 1)):
            start = time.perf_counter()
            model(x)
            times.append(time.perf_counter() - start)
            if len(times) == 100:
                mean = joined(model)
    except TimeoutError:
        if len(times) < 2:
            give_up(f"stepping: longer than {args.build_limit:g} s")
    signal.setitimer(signal.ITIMER_REAL, 0)
    times = sorted(times[1:])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps(dict(build_s=build, call_us=times[len(times) // 2] * 1e6, call_min_us=times[0] * 1e6,
                          memory_mib=peak / 1024, import_mib=used / 1024, check=mean, steps=len(times),
                          version=version("sns-toolbox"), numpy=numpy.__version__, torch=torch.__version__)))


def joined(model):
    """The mean potential (spiking: threshold) of the joined neurons after 100 steps: the same network gives the same."""
    v = model.theta if args.cells == "spiking" else model.V
    v = v.numpy() if hasattr(v, "numpy") else numpy.asarray(v)
    v = v.reshape(-1)
    if args.layout == "sparse":
        n = args.neurons
        first = int(0.08 * n) + 1 + int(0.12 * n)
        v = v[first:first + int(math.sqrt(n))]
    return float(v.mean())


try:
    main()
except (MemoryError, RuntimeError) as e:
    # torch says "can't allocate memory" as a RuntimeError
    text = str(e).splitlines()[0] if str(e) else "out of memory"
    give_up(f"more than {args.memory:g} GiB" if isinstance(e, MemoryError) or "alloc" in text else text[:100])
