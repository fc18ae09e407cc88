"""Every network of tests/reference/sns, and random ones, built with SNS-Toolbox itself: its numpy backend beside
`synfire.sns`.

    pip install sns-toolbox==1.5.2        (brings torch)
    python python/tests/peers/sns_reference.py [--random 60] [--write]

Each network goes to both as the toolbox's own object. Compared are all outputs of all steps with the toolbox as it
runs here, and with the numbers stored in the reference, within its tolerance block. `--write` stores the table beside
this file (sns_reference.md), with date and versions. Return code 1 if anything is off.
"""

from __future__ import annotations

import argparse
import datetime
import json
import platform
import sys
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from sns_toolbox import connections as tc
from sns_toolbox import networks as tn
from sns_toolbox import neurons as tneu

import synfire
import synfire.sns

HERE = Path(__file__).resolve().parent
CASES = HERE.parents[2] / "tests" / "reference" / "sns"


def neuron(part: dict[str, Any]) -> Any:
    """A neuron of the toolbox."""
    own = {
        "membrane_capacitance": part["capacitance_nF"],
        "membrane_conductance": part["leak_conductance_uS"],
        "resting_potential": part["rest_mV"],
        "bias": part["bias_nA"],
    }
    if part["model"] == "nonspiking":
        return tneu.NonSpikingNeuron(**own)
    if part["model"] == "spiking":
        return tneu.SpikingNeuron(
            threshold_time_constant=part["threshold_tau_ms"],
            threshold_initial_value=part["threshold_initial_mV"],
            threshold_proportionality_constant=part["threshold_proportionality"],
            threshold_leak_rate=part["threshold_leak_rate"],
            threshold_increment=part["threshold_increment_mV"],
            threshold_floor=part["threshold_floor_mV"],
            reset_potential=part["reset_mV"],
            **own,
        )
    channels = part["channels"]
    if len(channels) == 1 and channels[0]["c"]["power"] == 0:
        (c,) = channels
        one = {key: np.array([float(x)]) for key, x in {"g_ion": c["g_uS"], "e_ion": c["e_mV"]}.items()}
        for letter, z in (("m", "a"), ("h", "b")):
            one |= {f"{key}_{letter}": np.array([float(c[z][k])]) for key, k in GATE.items()}
        return tneu.NonSpikingNeuronWithPersistentSodiumChannel(
            tau_max_h=np.array([c["b"]["tau_max_ms"]]), **one, **own
        )
    # plain lists: the toolbox raises on arrays of more than one channel
    given: dict[str, Any] = {"g_ion": [c["g_uS"] for c in channels], "e_ion": [c["e_mV"] for c in channels]}
    for z in "abc":
        for key, theirs in ({"pow": "power"} | GATE | ({} if z == "a" else {"tau_max": "tau_max_ms"})).items():
            given[f"{key}_{z}"] = [float(c[z][theirs]) for c in channels]
    return tneu.NonSpikingNeuronWithGatedChannels(**given, **own)


GATE = {"k": "k", "slope": "slope_per_mV", "e": "e_mV"}


def connection(part: dict[str, Any]) -> Any:
    """A connection of the toolbox."""
    kind = part["type"]
    if kind.startswith("electrical"):
        return tc.ElectricalSynapse(part["g_uS"], rect=kind == "electrical_rectified")
    if kind == "spiking_synapse":
        return tc.SpikingSynapse(
            max_conductance=part["g_max_uS"],
            reversal_potential=part["e_rev_mV"],
            time_constant=part["tau_ms"],
            transmission_delay=part["delay_steps"],
            conductance_increment=part["increment_uS"],
        )
    four = [part[key] for key in ("g_max_uS", "e_rev_mV", "e_lo_mV", "e_hi_mV")]
    if kind == "nonspiking_synapse":
        return tc.NonSpikingSynapse(*four)
    arrays = [np.array(x, dtype=float) for x in four]
    return (tc.NonSpikingMatrixConnection if kind == "nonspiking_matrix" else tc.NonSpikingPatternConnection)(*arrays)


def built(case: dict[str, Any]) -> Any:
    """The network of a case, by the toolbox's own calls; presets by its preset classes."""
    net, parts = tn.Network(name=case["case"]), case["network"]
    construction = case["construction"] or []
    presets = [part for part in construction if part["preset"] in PRESETS]
    for part in presets:
        net.add_network(PRESETS[part["preset"]](part), suffix=part["suffix"])
    if presets:
        assert net.get_num_neurons() == case["flat"]["n_neurons"], "presets have other sizes"
    else:
        for part in parts["populations"]:
            initial = part["initial_mV"]
            initial = np.array(initial, dtype=float) if isinstance(initial, list) else initial
            net.add_population(neuron(part["neuron"]), part["shape"], name=part["name"], initial_value=initial)
        for part in parts["connections"]:
            net.add_connection(connection(part), part["source_index"], part["destination_index"], name=part["name"])
    for part in parts["inputs"]:
        net.add_input(part["destination_index"], size=part["size"], name=part["name"])
    for part in parts["outputs"]:
        net.add_output(part["source_index"], name=part["name"], spiking=part["kind"] == "spike")
    return net


PRESETS = {
    "addition": lambda p: tn.AdditionNetwork(p["gains"], add_del_e=p["add_e_mV"], sub_del_e=p["sub_e_mV"]),
    "multiplication": lambda p: tn.MultiplicationNetwork(R=p["R_mV"]),
    "division": lambda p: tn.DivisionNetwork(p["gain"], p["ratio"], R=p["R_mV"]),
    "differentiator": lambda p: tn.DifferentiatorNetwork(
        slew_rate=p["slew_rate"], tau_fast=p["tau_fast_ms"], R=p["R_mV"]
    ),
    "integrator": lambda p: tn.IntegratorNetwork(p["integration_gain"], p["e_rev_mV"], R=p["R_mV"]),
}


def random_network(seed: int) -> tuple[Any, float]:
    """Populations of all kinds, joined in every way the toolbox can run, some of it nested twice."""
    rng = np.random.default_rng(seed)

    def u(low: float, high: float, *size: int) -> Any:
        drawn = np.round(rng.uniform(low, high, size), 3)
        return drawn if size else float(drawn)

    net = part_of(rng, u, channels=int(rng.integers(1, 3)))
    if rng.random() < 0.4:
        whole = tn.Network(name="nested")
        whole.add_network(net, suffix="_L")
        whole.add_network(net, suffix="_R")
        count = len(net.populations)
        whole.add_connection(tc.NonSpikingSynapse(u(0.1, 0.5), u(-60.0, 60.0), 0.0, 15.0), 0, count)
        whole.add_connection(tc.ElectricalSynapse(u(0.1, 0.4)), count + 1, 1)
        net = whole
    return net, float(rng.choice([0.02, 0.05, 0.1]))


def part_of(rng: Any, u: Any, channels: int) -> Any:
    net = tn.Network(name="random")
    for k in range(int(rng.integers(3, 7))):
        shape = [[1], [int(rng.integers(2, 6))], [2, 3], [3, 3]][int(rng.integers(0, 4))]
        count = int(np.prod(shape))
        kind = ["plain", "spiking", "gated"][int(rng.integers(0, 3))]
        own = dict(membrane_capacitance=u(3, 12), membrane_conductance=float(rng.choice([1.0, 1.0, 0.5, 2.0])))
        own.update(resting_potential=u(-4, 4), bias=u(0, 10))
        if kind == "spiking":
            cell = tneu.SpikingNeuron(
                threshold_time_constant=u(4, 15),
                threshold_initial_value=u(2, 6),
                threshold_proportionality_constant=u(-0.3, 0.6),
                threshold_leak_rate=u(0.5, 1.5),
                threshold_increment=u(0, 0.6),
                threshold_floor=u(0.5, 1.5),
                reset_potential=u(-6, -4),
                **own,
            )
        elif kind == "gated":
            one = {f"k_{z}": list(u(0.5, 1.5, channels)) for z in "abc"}
            one |= {f"slope_{z}": list(u(-0.08, 0.08, channels)) for z in "abc"}
            one |= {f"e_{z}": list(u(-10, 20, channels)) for z in "abc"}
            one |= {f"pow_{z}": [float(p) for p in rng.integers(0, 4, channels)] for z in "abc"}
            one |= {f"tau_max_{z}": list(u(40, 300, channels)) for z in "bc"}
            ions = dict(g_ion=list(u(0.1, 1.2, channels)), e_ion=list(u(-40, 110, channels)))
            cell = tneu.NonSpikingNeuronWithGatedChannels(**ions, **one, **own)
        else:
            cell = tneu.NonSpikingNeuron(**own)
        start = None if rng.random() < 0.5 else (u(-4, 4, count) if count > 1 else u(-4, 4))
        net.add_population(cell, shape, name=f"{kind}{k}", initial_value=start)
    for _ in range(int(rng.integers(4, 14))):
        join(rng, u, net)
    for k in range(int(rng.integers(1, 4))):
        target = int(rng.integers(0, len(net.populations)))
        size = net.populations[target]["number"] if rng.random() < 0.5 else 1
        net.add_input(target, size=size, name=f"in{k}")
    for k, population in enumerate(net.populations):
        net.add_output(k, name=f"v{k}")
        if population["type"].params["spiking"]:
            net.add_output(k, name=f"s{k}", spiking=True)
    return net


def join(rng: Any, u: Any, net: Any) -> None:
    source, target = (int(k) for k in rng.integers(0, len(net.populations), 2))
    a, b = net.populations[source], net.populations[target]
    n, m = a["number"], b["number"]
    kind = int(rng.integers(0, 6))
    if kind == 0:
        e = u(10, 25)
        net.add_connection(tc.NonSpikingSynapse(u(0.02, 0.5), u(-60, 80), u(-2, 2), e), source, target)
    elif kind == 1 and a["type"].params["spiking"]:
        synapse = tc.SpikingSynapse(u(0.05, 0.4), u(-60, 90), u(1, 8), int(rng.integers(0, 9)), u(0.02, 0.2))
        net.add_connection(synapse, source, target)
    elif kind in (2, 3):
        net.add_connection(tc.ElectricalSynapse(u(0.05, 0.4), rect=kind == 3), source, target)
    elif kind == 4:
        g = u(0, 0.3, m, n) * (rng.random((m, n)) < 0.7)
        matrix = tc.NonSpikingMatrixConnection(g, u(-60, 80, m, n), u(-2, 2, m, n), u(10, 25, m, n))
        net.add_connection(matrix, source, target)
    elif kind == 5 and len(a["shape"]) == 2 and a["shape"] == b["shape"]:
        size = [(3, 3), (1, 3), (3, 1), (1, 1)][int(rng.integers(0, 4))]
        pattern = tc.NonSpikingPatternConnection(u(0, 0.3, *size), u(-60, 80, *size), u(-2, 2, *size), u(10, 25, *size))
        net.add_connection(pattern, source, target)


def compared(net: Any, dt: float, X: np.ndarray, precision: str) -> tuple[float, int, np.ndarray]:
    """The worst deviation of a potential from the toolbox in any step, mV; steps with other spikes; our outputs."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = net.compile(dt=dt, backend="numpy")
        ours = synfire.sns.compile(net, dt=dt, precision=precision)
        expected = np.array([theirs(x) if len(x) else theirs() for x in X])
    found = ours.run(X)
    spiking = np.concatenate([np.full(net.populations[o["source"]]["number"], o["spiking"]) for o in net.outputs])
    if not np.isfinite(expected).all():
        raise ValueError("the toolbox's numbers diverge")
    return (
        float(np.abs(found - expected)[:, ~spiking].max(initial=0.0)),
        int((found != expected)[:, spiking].sum()),
        found,
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--random", type=int, default=60, help="random networks")
    parser.add_argument("--write", action="store_true", help="store the table beside this file")
    asked = parser.parse_args()
    lines = [
        "| network | neurons | steps | double, mV | allowed | single, mV | allowed | other spikes |",
        "|---|" + "---:|" * 7,
    ]
    failed = []
    for path in sorted(CASES.glob("[0-9][0-9]_*.json")):
        case = json.loads(path.read_text())
        X = np.array([row for count, row in case["input"]["rle"] for _ in range(count)], dtype=float)
        X = X.reshape(case["n_steps"], case["input"]["width"])
        tolerance, net, cells = case["tolerance"], built(case), []
        kinds = np.array([column["kind"] for column in case["flat"]["output_map"]])
        for precision in ("f64", "f32"):
            worst, other, Y = compared(net, case["dt_ms"], X, precision)
            recorded = np.abs(Y[case["expected"]["steps"]] - np.array(case["expected"]["outputs"]))[:, kinds == "v"]
            worst = max(worst, float(recorded.max(initial=0.0)))
            allowed = tolerance[f"{precision}_abs_mV"]
            cells += [f"{worst:.1e}", f"{allowed:.0e}"]
            if not worst <= allowed or other:
                failed.append(f"{case['case']} in {precision}: {worst:.1e} mV, {other} other spikes")
        lines.append(f"| {case['case']} | {case['flat']['n_neurons']} | {len(X)} | {' | '.join(cells)} | {other} |")
        print(lines[-1], flush=True)
    worst_random, spikes_random, tried = 0.0, 0, 0
    for seed in range(asked.random):
        net, dt = random_network(seed)
        X = np.repeat(np.random.default_rng(seed).uniform(-5, 15, (8, net.get_num_inputs_actual())), 50, axis=0)
        try:
            worst, other, _ = compared(net, dt, X, "f64")
        except (ValueError, IndexError) as why:
            # IndexError: a spiking connection that replaced one with a longer delay, which the toolbox cannot run
            print(f"random {seed}: left out, the toolbox raises {type(why).__name__}: {why}")
            continue
        tried += 1
        worst_random, spikes_random = max(worst, worst_random), spikes_random + other
        if worst > 1e-8 or other:
            failed.append(f"random network {seed}: {worst:.1e} mV, {other} other spikes")
    lines.append(f"| {tried} random networks | | 400 | {worst_random:.1e} | 1e-08 | | | {spikes_random} |")
    print(lines[-1])
    print("\n".join(failed) or "all within their tolerance")
    if asked.write:
        write(lines, failed)
    return 1 if failed else 0


def write(lines: list[str], failed: list[str]) -> None:
    versions = f"sns-toolbox {version('sns-toolbox')}, numpy {np.__version__}, torch {version('torch')}"
    today = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
    text = [
        "# SNS-Toolbox beside synfire.sns",
        "",
        f"{today}: {versions}, Python {platform.python_version()}, synfire {synfire.__version__}. ",
        "Written by `sns_reference.py`: each network is the toolbox's own object. Worst deviation of any output in any",
        "step from the toolbox's numpy backend as it ran there, and from the stored reference.",
        "",
        *lines,
        "",
        *(failed or ["All within their tolerance; the same spikes."]),
        "",
    ]
    (HERE / "sns_reference.md").write_text("\n".join(text))


if __name__ == "__main__":
    sys.exit(main())
