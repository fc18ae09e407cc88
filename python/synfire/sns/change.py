"""A value by the toolbox's word for it, as values of synfire: ``"motor.bias"``, ``"a -> b.max_conductance"``.

In: a circuit, an address, a number or an array in the toolbox's units. Out: addresses and quantities of synfire; the
circuit has the new value. Not here: who is told of them (a running network, a variant of an ensemble).
"""

from __future__ import annotations

import copy
import difflib
import warnings
from typing import Any, cast

import numpy as np

from .. import CallError
from .circuit import Block, Cells, Circuit, Floats, SnsWarning, numbers
from .describe import (
    CELL,
    SYNAPSE,
    back_name,
    cell_parameters,
    channel_parameters,
    gate_names,
    gate_starts,
    parts,
    quantity,
    single,
)

#: What a start value of a population is called.
START = ("V", "initial_value")

Change = tuple[str, Any]


def find(circuit: Circuit, address: str) -> tuple[Cells | Block, str]:
    """The part and the word for its parameter. The longest name that fits is meant."""
    if not isinstance(address, str):
        raise CallError(f'an address is a text such as "motor.bias" or "a -> b.max_conductance", found {address!r}')
    named: list[Cells | Block] = [*circuit.cells, *circuit.blocks]
    fitting = [part for part in named if address.startswith(part.name + ".")]
    if not fitting:
        known = [part.name for part in named]
        near = difflib.get_close_matches(address.rpartition(".")[0] or address, known, n=1)
        help = f"did you mean `{near[0]}`?" if near else f"parts are {_listed(known)}"
        raise CallError(
            f'`{address}`: no population or connection is called so\n  help: {help} An address is "NAME.PARAMETER"'
        )
    part = max(fitting, key=lambda part: len(part.name))
    return part, address[len(part.name) + 1 :]


def get(circuit: Circuit, address: str) -> float | Floats:
    """The value in use, in the toolbox's units; of a connection as it was given, before it is divided among sources."""
    part, word = find(circuit, address)
    if isinstance(part, Block):
        value = part.parameters[_of_block(part, word)]
        if word in ("max_conductance", "conductance") and isinstance(value, float):
            return value * part.share
        return value
    if word in START:
        return part.initial
    if part.channels and word in _channel_words():
        found = np.array([_channel_value(channel, word) for channel in part.channels])
        return float(found[0]) if found.size == 1 else found
    return part.parameters[_of_cells(part, word)]


def branch(circuit: Circuit) -> Circuit:
    """A circuit for `change` to work on: what is changed becomes its own, all else is shared."""
    own = copy.copy(circuit)
    own.cells, own.blocks = list(circuit.cells), list(circuit.blocks)
    return own


def _own(circuit: Circuit, part: Cells | Block) -> Cells | Block:
    parts: list[Any] = circuit.blocks if isinstance(part, Block) else circuit.cells
    place = next(k for k, one in enumerate(parts) if one is part)
    parts[place] = copy.deepcopy(part)
    return cast("Cells | Block", parts[place])


def change(circuit: Circuit, split: dict[str, set[str]], address: str, value: Any, start: bool) -> list[Change]:
    """What is to be set. `circuit`: of `branch`. `start`: values before the first step may be given too."""
    part, word = find(circuit, address)
    part = _own(circuit, part)
    if isinstance(value, (str, bytes, bool)) or not (
        np.isscalar(value) or hasattr(value, "__len__") or hasattr(value, "__array__")
    ):
        raise CallError(
            f"`{address}`: expected a number or an array in the toolbox's unit, found {value!r}\n"
            "  help: mV, uS, nA, nF, ms"
        )
    given = numbers(value)
    if isinstance(part, Block):
        return _change_block(circuit, part, split.get(part.name, set()), word, given)
    if word in START:
        if not start:
            raise CallError(
                f"`{address}`: a value before the first step\n"
                "  help: set `model.V` while it runs, or compile with another"
            )
        part.initial = _per_neuron(part, word, given)
        changed = [(f"{part.name}.initial.v", quantity(part.initial, "mV"))]
        return changed + [(f"{part.name}.initial.{x}", v) for x, v in gate_starts(part, circuit.quirks).items()]
    return [
        (f"{part.name}.{ours}", quantity(new, unit)) for ours, unit, new in _change_cells(circuit, part, word, given)
    ]


def _change_cells(circuit: Circuit, cells: Cells, word: str, given: Floats) -> list[tuple[str, str, Any]]:
    if cells.channels and word in _channel_words():
        before = channel_parameters(cells)
        many = np.broadcast_to(given, (len(cells.channels),)) if given.size in (1, len(cells.channels)) else None
        if many is None:
            raise CallError(f"`{cells.name}.{word}`: {given.size} values for {len(cells.channels)} channels")
        for channel, value, places in zip(cells.channels, many, gate_names(cells)):
            letter = word[-1]
            if word not in ("g_ion", "e_ion") and letter not in places:
                raise CallError(f"`{cells.name}.{word}`: this gate has the power 0 and was left out")
            _set_channel(channel, word, float(value))
        after = channel_parameters(cells)
        return [new for old, new in zip(before, after) if old != new]
    key = _of_cells(cells, word)
    cells.parameters[key] = _per_neuron(cells, word, given)
    changed = {CELL[key][0]} | ({"c_m"} if key == "membrane_conductance" else set())
    return [own for own in cell_parameters(cells, circuit.quirks) if own[0] in changed]


def _change_block(circuit: Circuit, block: Block, split: set[str], word: str, given: Floats) -> list[Change]:
    key = _of_block(block, word)
    value: float | Floats
    if given.size == 1:
        value = float(given.reshape(-1)[0]) / (block.share if key in ("max_conductance", "conductance") else 1)
    elif block.pairs is None:
        raise CallError(f"`{block.name}.{word}` is one number for all its synapses, found {given.size}")
    else:
        shape = (circuit.cells[block.target].size, circuit.cells[block.source].size)
        if given.shape != shape:
            raise CallError(
                f"`{block.name}.{word}`: an array of shape {given.shape}\n"
                f"  help: give one number, or a matrix of shape {shape}, rows by target"
            )
        value = given[block.pairs[1], block.pairs[0]]
    block.parameters[key] = value
    if key == "transmission_delay":
        return [(f"{block.name}.delay", quantity((value + 1.0) * circuit.dt, "ms"))]
    ours, unit = SYNAPSE[key]
    if key == "conductance":
        return [(f"{name}.g", quantity(value, unit)) for name in (block.name, back_name(block))]
    if ours in split:
        high, low = parts(np.broadcast_to(np.asarray(value), (_count(block),)), unit)
        return [(f"{block.name}.{ours}", high), (f"{block.name}.{ours}_low", low if low is not None else f"0 {unit}")]
    if circuit.exact and not single(value, unit):
        warnings.warn(
            f"`{block.name}.{word}` is rounded to single precision: synapses have room for more only where the numbers "
            "that the network was compiled with needed it",
            SnsWarning,
            stacklevel=4,
        )
    return [(f"{block.name}.{ours}", quantity(value, unit))]


def _count(block: Block) -> int:
    return block.pairs[0].size if block.pairs is not None else 1


def _per_neuron(cells: Cells, word: str, given: Floats) -> float | Floats:
    if given.size == 1:
        return float(given.reshape(-1)[0])
    if given.size != cells.size:
        raise CallError(
            f"`{cells.name}.{word}`: {given.size} values for {cells.size} neurons\n  help: give one, or {cells.size}"
        )
    return given.reshape(-1)


def _of_cells(cells: Cells, word: str) -> str:
    if word not in cells.parameters:
        known = [*cells.parameters, *(_channel_words() if cells.channels else ())]
        raise CallError(f"`{cells.name}` has no parameter `{word}`\n  help: it has {_listed(known)}")
    return word


def _of_block(block: Block, word: str) -> str:
    key = "conductance" if word == "max_conductance" and "conductance" in block.parameters else word
    if key not in block.parameters:
        raise CallError(
            f"connection `{block.name}` has no parameter `{word}`\n  help: it has {_listed(list(block.parameters))}"
        )
    return key


def _channel_words() -> tuple[str, ...]:
    gates = [f"{word}_{letter}" for letter in "abc" for word in ("k", "slope", "e")]
    return ("g_ion", "e_ion", *gates, "tau_max_b", "tau_max_c")


def _channel_value(channel: Any, word: str) -> float:
    if word in ("g_ion", "e_ion"):
        return float(getattr(channel, word[0]))
    gate = channel.gates[word[-1]]
    return float(gate.tau if word.startswith("tau") else getattr(gate, word[:-2]))


def _set_channel(channel: Any, word: str, value: float) -> None:
    if word in ("g_ion", "e_ion"):
        setattr(channel, word[0], value)
    else:
        setattr(channel.gates[word[-1]], "tau" if word.startswith("tau") else word[:-2], value)


def _listed(known: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in known[:20]) + (", ..." if len(known) > 20 else "")
