"""Objects laid out as those of SNS-Toolbox 1.5.2, so that tests need neither the toolbox nor torch.

`Net` is its ``Network`` with what `synfire.sns` reads; `of_case` builds one from a case of ``tests/reference/sns``.
``peers/sns_reference.py`` runs the same cases through the toolbox's own objects.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

CASES = Path(__file__).resolve().parents[2] / "tests" / "reference" / "sns"
NAMES = sorted(path.stem for path in CASES.glob("[0-9][0-9]_*.json"))


def case(name: str) -> dict[str, Any]:
    """A case of the reference, as read."""
    return json.loads((CASES / f"{name}.json").read_text())


def inputs(case: dict[str, Any]) -> np.ndarray:
    """One row per step."""
    rows = [row for count, row in case["input"]["rle"] for _ in range(count)]
    return np.array(rows, dtype=np.float64).reshape(case["n_steps"], case["input"]["width"])


class Neuron:
    def __init__(self, **params: Any) -> None:
        self.name, self.color = "Neuron", "white"
        self.params: dict[str, Any] = {
            "membrane_capacitance": 5.0,
            "membrane_conductance": 1.0,
            "resting_potential": 0.0,
            "bias": 0.0,
            "spiking": False,
            "gated": False,
        }
        self.params.update(params)


def spiking(**params: Any) -> Neuron:
    own: dict[str, Any] = {
        "spiking": True,
        "threshold_time_constant": 5.0,
        "threshold_initial_value": 1.0,
        "threshold_proportionality_constant": 0.0,
        "threshold_leak_rate": 1.0,
        "threshold_increment": 0.0,
        "threshold_floor": params.get("resting_potential", 0.0),
        "reset_potential": params.get("resting_potential", 0.0),
    }
    return Neuron(**{**own, **params})


class Connection:
    def __init__(self, kind: str = "graded", form: str = "", name: str = "", **params: Any) -> None:
        self.params: dict[str, Any] = {
            "name": name,
            "spiking": kind == "spiking",
            "electrical": kind in ("electrical", "rectified"),
            "matrix": form in ("matrix", "pattern"),
            "pattern": form == "pattern",
        }
        if self.params["electrical"]:
            self.params["rectified"] = kind == "rectified"
        self.params.update(params)


def graded(g: Any = 1.0, e: Any = 40.0, lo: Any = 0.0, hi: Any = 20.0, form: str = "", name: str = "") -> Connection:
    return Connection("graded", form, name, max_conductance=g, reversal_potential=e, e_lo=lo, e_hi=hi)


def by_spikes(
    g: Any = 1.0, e: Any = 194.0, tau: Any = 1.0, delay: Any = 0, inc: Any = None, form: str = ""
) -> Connection:
    own = {"max_conductance": g, "reversal_potential": e, "synapticTimeConstant": tau, "transmissionDelay": delay}
    if not form:
        own.update(synapticTransmissionDelay=delay, conductance_increment=g if inc is None else inc)
    return Connection("spiking", form, **own)


class Net:
    def __init__(self, name: str = "Network") -> None:
        self.params: dict[str, Any] = {"name": name}
        self.populations: list[dict[str, Any]] = []
        self.connections: list[dict[str, Any]] = []
        self.inputs: list[dict[str, Any]] = []
        self.outputs: list[dict[str, Any]] = []

    def _of(self, end: int | str) -> int:
        return end if isinstance(end, int) else [p["name"] for p in self.populations].index(end)

    def add_population(self, neuron: Neuron, shape: list[int], name: str, initial_value: Any = None) -> None:
        number = int(np.prod(shape[:2]))
        start = neuron.params["resting_potential"] if initial_value is None else initial_value
        self.populations.append(
            {"type": neuron, "number": number, "shape": shape, "name": name, "color": "white", "initial_value": start}
        )

    def add_neuron(self, neuron: Neuron, name: str, initial_value: Any = None) -> None:
        self.add_population(neuron, [1], name, initial_value)

    def add_connection(
        self, connection: Connection, source: int | str, target: int | str, name: str | None = None
    ) -> None:
        self.connections.append(
            {
                "name": connection.params["name"] if name is None else name,
                "source": self._of(source),
                "destination": self._of(target),
                "params": connection.params,
                "type": connection,
                "view": False,
            }
        )

    def add_input(self, target: int | str, size: int = 1, name: str = "Input") -> None:
        self.inputs.append({"name": name, "size": size, "destination": self._of(target), "color": "white"})

    def add_output(self, source: int | str, name: str = "Output", spiking: bool = False) -> None:
        self.outputs.append({"name": name, "source": self._of(source), "spiking": spiking, "color": "white"})


def of_case(case: dict[str, Any]) -> Net:
    """The network of a case, as its user built it."""
    net = Net(case["case"])
    for part in case["network"]["populations"]:
        initial = np.array(part["initial_mV"]) if isinstance(part["initial_mV"], list) else part["initial_mV"]
        net.add_population(_neuron(part["neuron"]), part["shape"], part["name"], initial)
    for part in case["network"]["connections"]:
        net.add_connection(_connection(part), part["source_index"], part["destination_index"], part["name"])
    for part in case["network"]["inputs"]:
        net.add_input(part["destination_index"], part["size"], part["name"])
    for part in case["network"]["outputs"]:
        net.add_output(part["source_index"], part["name"], part["kind"] == "spike")
    return net


def _neuron(part: dict[str, Any]) -> Neuron:
    params = {
        "membrane_capacitance": part["capacitance_nF"],
        "membrane_conductance": part["leak_conductance_uS"],
        "resting_potential": part["rest_mV"],
        "bias": part["bias_nA"],
    }
    if part["model"] == "spiking":
        return spiking(
            threshold_time_constant=part["threshold_tau_ms"],
            threshold_initial_value=part["threshold_initial_mV"],
            threshold_proportionality_constant=part["threshold_proportionality"],
            threshold_leak_rate=part["threshold_leak_rate"],
            threshold_increment=part["threshold_increment_mV"],
            threshold_floor=part["threshold_floor_mV"],
            reset_potential=part["reset_mV"],
            **params,
        )
    if part["model"] == "gated":
        channels = part["channels"]
        params.update(gated=True, numChannels=len(channels))
        params.update(Gion=[c["g_uS"] for c in channels], Eion=[c["e_mV"] for c in channels])
        keys = {"pow": "power", "k": "k", "slope": "slope_per_mV", "reversal": "e_mV", "TauMax": "tau_max_ms"}
        for z in "abc":
            own = {theirs: ours for theirs, ours in keys.items() if z != "a" or theirs != "TauMax"}
            params["params" + z.upper()] = {theirs: [c[z][ours] for c in channels] for theirs, ours in own.items()}
    return Neuron(**params)


def _connection(part: dict[str, Any]) -> Connection:
    kind, _, form = part["type"].partition("_")
    if kind == "electrical":
        return Connection("rectified" if form else "electrical", max_conductance=part["g_uS"])
    form = "" if form == "synapse" else form
    value = (lambda key: np.array(part[key], dtype=np.float64)) if form else (lambda key: part[key])
    if kind == "spiking":
        delay, inc = part["delay_steps"], part["increment_uS"]
        return by_spikes(value("g_max_uS"), value("e_rev_mV"), value("tau_ms"), delay, inc)
    return graded(value("g_max_uS"), value("e_rev_mV"), value("e_lo_mV"), value("e_hi_mV"), form)


def toolbox() -> dict[str, Any]:
    """Modules called as the toolbox's, with the classes that pages and examples use, for where it is not installed."""
    import types

    def cell(**params: Any) -> Neuron:
        return Neuron(**params)

    def sodium(**params: Any) -> Neuron:
        one: dict[str, Any] = {"gated": True, "numChannels": 1, "Gion": [1.0485070729908987], "Eion": [110.0]}
        one["paramsA"] = {"pow": [1], "k": [1.0], "slope": [0.05], "reversal": [20.0]}
        one["paramsB"] = {"pow": [1], "k": [0.5], "slope": [-0.05], "reversal": [0.0], "TauMax": [300.0]}
        one["paramsC"] = {"pow": [0], "k": [1.0], "slope": [0.0], "reversal": [0.0], "TauMax": [1.0]}
        return Neuron(**one, **params)

    def synapse(
        max_conductance: Any = 1.0, reversal_potential: Any = 40.0, e_lo: Any = 0.0, e_hi: Any = 20.0
    ) -> Connection:
        return graded(max_conductance, reversal_potential, e_lo, e_hi)

    def pattern(g: Any, e: Any, lo: Any, hi: Any) -> Connection:
        return graded(g, e, lo, hi, "pattern")

    modules = {name: types.ModuleType(name) for name in ("sns_toolbox", *(f"sns_toolbox.{m}" for m in MODULES))}
    modules["sns_toolbox.networks"].Network = Net  # type: ignore[attr-defined]
    for name, made in {
        "NonSpikingNeuron": cell,
        "SpikingNeuron": spiking,
        "NonSpikingNeuronWithPersistentSodiumChannel": sodium,
    }.items():
        setattr(modules["sns_toolbox.neurons"], name, made)
    for name, make in {"NonSpikingSynapse": synapse, "NonSpikingPatternConnection": pattern}.items():
        setattr(modules["sns_toolbox.connections"], name, make)
    return modules


MODULES = ("networks", "neurons", "connections")
