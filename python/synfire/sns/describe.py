"""A circuit as a network of synfire: which model, which parameter, which unit; and a changed value as an address.

In: a `Circuit` (the toolbox's words and units). Out: a `synfire.Network`. Not here: reading the toolbox (`circuit`).

The equations are those of the ready models ``non_spiking``, ``spiking_adaptive``, gated neurons, ``graded_synapse``,
``spiking_synapse``, ``electrical_synapse``: what the toolbox computes, in its order. A number per synapse is kept in
single precision by every engine; where double precision is asked for and the number needs it, it is given in two
parts that add up to it (`Split`), so that matrices and kernels are as exact as single synapses.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import Network, values
from .circuit import Block, Cells, Circuit, Floats

#: Theirs: ours, the unit of theirs.
CELL = {
    "membrane_capacitance": ("c_m", "nF"),
    "membrane_conductance": ("g_leak", "uS"),
    "resting_potential": ("e_leak", "mV"),
    "bias": ("i_e", "nA"),
    "threshold_time_constant": ("tau_theta", "ms"),
    "threshold_initial_value": ("theta_0", "mV"),
    "threshold_proportionality_constant": ("m", ""),
    "threshold_leak_rate": ("leak", ""),
    "threshold_increment": ("theta_inc", "mV"),
    "threshold_floor": ("theta_floor", "mV"),
    "reset_potential": ("v_reset", "mV"),
}

SYNAPSE = {
    "max_conductance": ("g_max", "uS"),
    "reversal_potential": ("e_rev", "mV"),
    "e_lo": ("e_lo", "mV"),
    "e_hi": ("e_hi", "mV"),
    "time_constant": ("tau", "ms"),
    "conductance_increment": ("increment", "uS"),
    "conductance": ("g", "uS"),
}

#: A unit of the toolbox: the unit that engines hold, and how many of it make one.
HELD = {"uS": ("nS", 1000.0), "mV": ("mV", 1.0), "ms": ("ms", 1.0)}

#: Of the text of a synapse: parameters, and what each is called in it.
TEXTS = {
    "graded": (
        ("g_max", "e_rev", "e_lo", "e_hi"),
        "  graded g_syn += {g_max}*clip((pre.v - {e_lo})/({e_hi} - {e_lo}), 0, 1)\n"
        "  graded i_syn += {g_max}*clip((pre.v - {e_lo})/({e_hi} - {e_lo}), 0, 1)*{e_rev}\n",
    ),
    "spiking": (
        ("g_max", "e_rev", "tau", "increment"),
        "  state g = 0 uS\n  on_pre g += min({increment}, {g_max} - g)\n"
        "  graded g_syn += g\n  graded i_syn += g*{e_rev}\n"
        "  step\n    receive\n    g *= 1 - dt/{tau}\n    graded\n",
    ),
}
PLAIN = {"graded": "graded_synapse", "spiking": "spiking_synapse"}
UNITS = {ours: unit for ours, unit in SYNAPSE.values()}


def quantity(value: float | Floats, unit: str) -> Any:
    """One number with its unit, or an array of them with one."""
    if isinstance(value, np.ndarray):
        return values.numbers(value, unit) if unit else values.numbers(value)
    return f"{value!r} {unit}" if unit else value


def describe(circuit: Circuit) -> tuple[Network, dict[str, set[str]]]:
    """The network, and by name of a block which of its parameters stand in two parts."""
    net = Network(circuit.name, dt=f"{circuit.dt!r} ms")
    models: dict[str, str] = {}
    for cells in circuit.cells:
        parameters = {ours: quantity(value, unit) for ours, unit, value in cell_parameters(cells, circuit.quirks)}
        initial = {"v": quantity(cells.initial, "mV")}
        model = cells.kind
        if cells.kind == "gated":
            model = _gated(net, models, cells)
            parameters.update({ours: quantity(value, unit) for ours, unit, value in channel_parameters(cells)})
            initial.update(gate_starts(cells, circuit.quirks))
        shape = list(cells.shape) if len(cells.shape) > 1 else None
        net.population(
            cells.name,
            model,
            None if shape else cells.size,
            shape=shape,
            parameters=parameters,
            initial=initial,
            colour=cells.colour,
        )
    split: dict[str, set[str]] = {}
    for block in circuit.blocks:
        split[block.name] = _project(net, models, circuit, block)
    for port in circuit.inputs:
        net.input(circuit.cells[port.population].name, "i_stim", "1 nA", name=port.name, per_neuron=port.size > 1)
    for port in circuit.outputs:
        cells = circuit.cells[port.population]
        if not port.spiking:
            net.output(cells.name, "v", name=port.name)
        elif cells.kind == "spiking_adaptive":
            net.output(cells.name, "spikes", name=port.name)
    return net, split


def cell_parameters(cells: Cells, quirks: bool) -> list[tuple[str, str, float | Floats]]:
    """Ours, unit, value of what a population has for all its neurons."""
    own = dict(cells.parameters)
    if quirks:
        # the toolbox steps by dt*Gm/Cm
        g = np.asarray(own["membrane_conductance"])
        scaled = np.asarray(own["membrane_capacitance"]) / np.where(g == 0.0, 1.0, g)
        own["membrane_capacitance"] = scaled if scaled.ndim else float(scaled)
    return [(*CELL[theirs], value) for theirs, value in own.items()]


def gate_names(cells: Cells) -> list[dict[str, str]]:
    """By channel: the toolbox's letter of each gate that acts, and the place that its parameters are called after."""
    acting = [[letter for letter, gate in channel.gates.items() if not gate.idle] for channel in cells.channels]
    return [{letter: f"{c}{'abc'[k]}" for k, letter in enumerate(letters)} for c, letters in enumerate(acting, 1)]


def channel_parameters(cells: Cells) -> list[tuple[str, str, float]]:
    """Ours, unit, value of what channels have."""
    found = []
    for c, (channel, places) in enumerate(zip(cells.channels, gate_names(cells)), 1):
        found += [(f"g_{c}", "uS", channel.g), (f"e_{c}", "mV", channel.e)]
        for letter, place in places.items():
            gate = channel.gates[letter]
            found += [(f"k_{place}", "", gate.k), (f"s_{place}", "1/mV", gate.slope), (f"e_{place}", "mV", gate.e)]
            if gate.tau is not None:
                found.append((f"tau_{place}", "ms", gate.tau))
    return found


def gate_starts(cells: Cells, mirrored: bool) -> dict[str, Any]:
    """First values of the gates that have a state."""
    start: dict[str, Any] = {}
    for channel, places in zip(cells.channels, gate_names(cells)):
        for letter, place in places.items():
            if channel.gates[letter].tau is not None:
                start[f"x_{place}"] = quantity(channel.gates[letter].start(cells.start(), mirrored), "")
    return start


def _gated(net: Network, models: dict[str, str], cells: Cells) -> str:
    """A model for each structure: which gates there are, to which power."""
    channels = [
        {"gates": [
            {"pace": "instantaneous" if gate.tau is None else "dynamic", "power": gate.power}
            for gate in channel.gates.values() if not gate.idle
        ]}
        for channel in cells.channels
    ]  # fmt: skip
    key = repr(channels)
    if key not in models:
        models[key] = f"gated_{len(models) + 1}"
        net.add("gated", name=models[key], channels=channels)
    return models[key]


def single(value: float | Floats, unit: str) -> bool:
    """Single precision holds these numbers as they are, in the unit of engines; one number for all is never rounded."""
    whole = np.asarray(value) * HELD[unit][1]
    return whole.ndim == 0 or bool(np.all(whole.astype(np.float32) == whole))


def parts(value: Floats, unit: str) -> tuple[Any, Any | None]:
    """An array as two whose single-precision numbers add up to it; the second is None where it would be 0."""
    held, times = HELD[unit]
    whole = value * times
    high = whole.astype(np.float32).astype(np.float64)
    low = (whole - high).astype(np.float32).astype(np.float64)
    low[np.abs(low) < 1e-30] = 0.0
    return values.numbers(high, held), values.numbers(low, held) if np.any(low != 0.0) else None


def _project(net: Network, models: dict[str, str], circuit: Circuit, block: Block) -> set[str]:
    source, target = circuit.cells[block.source].name, circuit.cells[block.target].name
    if block.kind in ("electrical", "rectified"):
        _junction(net, block, source, target)
        return set()
    parameters: dict[str, Any] = {}
    split: set[str] = set()
    for theirs, value in block.parameters.items():
        if theirs == "transmission_delay":
            continue
        ours, unit = SYNAPSE[theirs]
        if circuit.exact and isinstance(value, np.ndarray):
            parameters[ours], low = parts(value, unit)
            if low is not None:
                parameters[f"{ours}_low"] = low
                split.add(ours)
        else:
            parameters[ours] = quantity(value, unit)
    delay = None
    if block.kind == "spiking":
        # here a spike acts at the start of the step after it arrives: 0 steps there are 1 here
        steps = np.asarray(block.parameters["transmission_delay"]) + 1.0
        delay = quantity(steps * circuit.dt if steps.ndim else float(steps) * circuit.dt, "ms")
    synapse = _synapse(net, models, block.kind, split)
    net.project(
        source,
        target,
        connector=_connector(block),
        synapse=synapse,
        parameters=parameters,
        delay=delay,
        name=block.name,
    )
    return split


def _connector(block: Block) -> dict[str, Any]:
    if block.pairs is None:
        return {"rule": "all_to_all"}
    return {"rule": "list", "source": block.pairs[0], "target": block.pairs[1]}


def _synapse(net: Network, models: dict[str, str], kind: str, split: set[str]) -> str:
    if not split:
        return PLAIN[kind]
    names, text = TEXTS[kind]
    model = "_".join(["exact", kind, *(name for name in names if name in split)])
    if model not in models:
        models[model] = model
        declared = "".join(f"  param {name} : {UNITS[name]}\n" for name in names)
        declared += "".join(f"  param {name}_low : {UNITS[name]}\n" for name in names if name in split)
        called = {name: f"({name} + {name}_low)" if name in split else name for name in names}
        net.equations(f"synapse {model}\n{declared}{text.format(**called)}")
    return model


def _junction(net: Network, block: Block, source: str, target: str) -> None:
    """Both ways, as two projections. Within a population a rectified junction each way is a plain one."""
    plain = block.kind == "electrical" or block.source == block.target
    there, back = ("electrical_synapse", "electrical_synapse") if plain else ("rectified_synapse", "rectified_return")
    connector = _connector(block)
    turned = (
        dict(connector, source=connector["target"], target=connector["source"])
        if block.pairs is not None
        else connector
    )
    parameters = {"g": quantity(block.parameters["conductance"], "uS")}
    net.project(source, target, connector=connector, synapse=there, parameters=parameters, name=block.name)
    net.project(target, source, connector=turned, synapse=back, parameters=parameters, name=back_name(block))


def back_name(block: Block) -> str:
    """Of the projection that is the other way of a junction."""
    return f"{block.name} (back)"
