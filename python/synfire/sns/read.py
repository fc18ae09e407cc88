"""The toolbox's ``Network`` object, read by its attributes.

In: populations, inputs and outputs as the toolbox keeps them. Out: a `Circuit` with what there is to warn of. Not
here: what a connection says (`patterns`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import CallError
from . import patterns
from .circuit import (
    NEURON,
    THRESHOLD,
    Block,
    Cells,
    Channel,
    Circuit,
    Floats,
    Gate,
    Ints,
    Port,
    all_ends,
    ends_of,
    numbers,
)


def read(network: Any, quirks: bool, dt: float, exact: bool) -> Circuit:
    """The circuit of a toolbox network. `quirks`: as the toolbox's numpy backend computes it, where documents say
    otherwise."""
    for part in ("populations", "connections", "inputs", "outputs", "params"):
        if not hasattr(network, part):
            raise CallError(
                f"expected a Network of SNS-Toolbox, found {type(network).__name__} without `{part}`\n"
                "  help: build it with `from sns_toolbox.networks import Network`; a network of synfire has "
                "`.compile()` itself"
            )
    if type(network).__module__.startswith("sns_toolbox.design"):
        raise CallError(
            "this Network is of `sns_toolbox.design`, which the toolbox ships from before its version 1.3 "
            "and no longer uses\n"
            "  help: import from `sns_toolbox.networks`, `sns_toolbox.neurons` and `sns_toolbox.connections`"
        )
    circuit = Circuit(str(network.params.get("name", "network")) or "network", [], [], [], [], quirks, dt, exact)
    taken: set[str] = set()
    first = 0
    for number, population in enumerate(network.populations):
        name = _unique(str(population["name"]), taken, f"population {number}")
        circuit.cells.append(_cells(circuit, name, first, population))
        first += circuit.cells[-1].size
    if not circuit.cells:
        raise CallError("the network has no neurons\n  help: add some with `add_neuron` or `add_population`")
    _one_count_of_channels(circuit)
    for connection in network.connections:
        patterns.read(circuit, connection)
    _share_reversals(circuit)
    _name_blocks(circuit)
    circuit.blocks = [block for block in circuit.blocks if _acts(circuit, block)]
    taken = set()
    for port in network.inputs:
        name = _unique(str(port["name"]), taken, "input")
        circuit.inputs.append(Port(name, int(port["destination"]), int(port["size"])))
    taken = set()
    for port in network.outputs:
        name, population = _unique(str(port["name"]), taken, "output"), int(port["source"])
        output = Port(name, population, circuit.cells[population].size, bool(port["spiking"]))
        if output.spiking and circuit.cells[population].kind != "spiking_adaptive":
            circuit.warn(
                f"output `{name}`",
                "spikes of neurons that never spike are 0; where no neuron spikes, SNS-Toolbox 1.5 raises",
            )
        circuit.outputs.append(output)
    if type(network).__name__ == "MultiplicationNetwork":
        circuit.warn(
            "MultiplicationNetwork",
            "it does not multiply: its interneuron lacks a tonic current of R (20 nA at 1 uS); "
            "give it one by an input or a bias, or use synfire's preset `multiplication`",
        )
    return circuit


def _unique(name: str, taken: set[str], otherwise: str) -> str:
    """The name itself, or with a number where it is taken: the toolbox looks at the first of its kind only."""
    name = "".join(c if c.isprintable() else " " for c in name).strip() or otherwise
    found, k = name, 2
    while found in taken:
        found, k = f"{name} #{k}", k + 1
    taken.add(found)
    return found


def _cells(circuit: Circuit, name: str, first: int, population: Any) -> Cells:
    neuron, given = population["type"], str(population["name"])
    params, size = neuron.params, int(population["number"])
    shape = tuple(int(n) for n in population["shape"])
    if len(shape) > 2:
        circuit.warn(
            f"population `{name}`",
            f"of {len(shape)} sizes SNS-Toolbox takes the first two, {shape[0]} x {shape[1]} neurons",
        )
        shape = shape[:2]
    kind = "gated" if params.get("gated") else "spiking_adaptive" if params.get("spiking") else "non_spiking"
    names = NEURON + (THRESHOLD if kind == "spiking_adaptive" else ())
    own: dict[str, float | Floats] = {key: float(params[key]) for key in names}
    if own["membrane_conductance"] == 0.0:
        circuit.warn(
            f"population `{name}`",
            "a membrane conductance of 0 makes a perfect integrator here, c_m dv/dt = current, as "
            "documented; SNS-Toolbox freezes it",
        )
    elif own["membrane_conductance"] != 1.0 and circuit.quirks:
        circuit.warn(
            f"population `{name}`",
            "SNS-Toolbox steps the potential by dt*Gm/Cm where its documents have dt/Cm, which differs "
            "unless the membrane "
            "conductance is 1 uS; this is kept. `quirks=False` takes the documented one",
        )
    start = population["initial_value"]
    initial: float | Floats = own["resting_potential"] if start is None else numbers(start)
    if not isinstance(initial, float):
        if initial.ndim > 1:
            circuit.warn(
                f"population `{name}`",
                "initial values of more than one axis are taken row by row; SNS-Toolbox 1.5 raises",
            )
        if initial.size not in (1, size):
            raise CallError(
                f"population `{name}`: {initial.size} initial values for {size} neurons\n  help: give one, or {size}"
            )
        initial = float(initial.reshape(-1)[0]) if initial.size == 1 else initial.reshape(-1)
    channels = _channels(circuit, name, params) if kind == "gated" else []
    cells = Cells(name, given, size, shape, str(population["color"]), kind, own, initial, channels, first)
    if circuit.quirks and any(_mirrored(cells, gate) for channel in channels for gate in channel.gates.values()):
        circuit.warn(
            f"population `{name}`",
            "gates start where SNS-Toolbox starts them, at the steady state mirrored about its middle, not "
            "at the steady state; "
            "`quirks=False` starts them there",
        )
    return cells


def _mirrored(cells: Cells, gate: Gate) -> bool:
    v = cells.start()
    return (
        gate.tau is not None
        and not gate.idle
        and not np.allclose(gate.start(v, True), gate.start(v, False), rtol=0, atol=1e-12)
    )


def _channels(circuit: Circuit, name: str, params: Any) -> list[Channel]:
    count = len(params["Gion"])
    found = []
    for k in range(count):

        def at(values: Sequence[Any], what: str, k: int = k) -> float:
            if len(values) == 1 and count > 1:
                return float(values[0])
            if len(values) != count:
                raise CallError(f"population `{name}`: {len(values)} values of `{what}` for {count} channels")
            return float(values[k])

        gates = {}
        for letter in "abc":
            of = params["params" + letter.upper()]
            tau = at(of["TauMax"], f"tau_max_{letter}") if letter != "a" else None
            gates[letter] = Gate(
                at(of["pow"], f"pow_{letter}"),
                at(of["k"], f"k_{letter}"),
                at(of["slope"], f"slope_{letter}"),
                at(of["reversal"], f"e_{letter}"),
                tau,
            )
        found.append(Channel(at(params["Gion"], "g_ion"), at(params["Eion"], "e_ion"), gates))
    return found


def _one_count_of_channels(circuit: Circuit) -> None:
    counts = sorted({len(cells.channels) for cells in circuit.cells if cells.kind == "gated"})
    if len(counts) > 1:
        circuit.warn(
            f"neurons with {', '.join(map(str, counts[:-1]))} and with {counts[-1]} channels",
            "each has its own here; in one network SNS-Toolbox counts a single channel once for each of the "
            "most, or raises",
        )


def reversal_at(block: Block, source: Ints, target: Ints) -> float | Floats:
    """What the toolbox's matrix holds at these pairs after this block was written into it."""
    value = block.parameters["reversal_potential"]
    if block.reversals is not None:
        return block.reversals[target, source]
    if isinstance(value, float) and block.pairs is None:
        return value
    assert block.pairs is not None
    # a kernel: 0 beside it
    key, wanted = block.pairs[0] * (1 << 32) + block.pairs[1], source * (1 << 32) + target
    place = np.minimum(np.searchsorted(key, wanted), len(key) - 1)
    return np.where(key[place] == wanted, np.broadcast_to(value, key.shape)[place], 0.0)


def _share_reversals(circuit: Circuit) -> None:
    """Graded and spiking synapses of one pair have one reversal potential in the toolbox: that of the later."""
    before: dict[tuple[int, int], Block] = {}
    for late in circuit.blocks:
        if late.kind not in ("graded", "spiking"):
            continue
        early = before.get((late.source, late.target))
        before[late.source, late.target] = late
        if early is None or not circuit.quirks:
            continue
        ends = all_ends(circuit, early)
        whole = early.pairs is None and late.pairs is None
        shared = late.parameters["reversal_potential"] if whole else reversal_at(late, *ends)
        if np.array_equal(shared, early.parameters["reversal_potential"]):
            continue
        circuit.warn(
            ends_of(circuit, early),
            "graded and spiking synapses share the reversal potential of the later ones, as SNS-Toolbox keeps one "
            "per pair of neurons; `quirks=False` leaves each its own",
        )
        if not isinstance(shared, float) and early.pairs is None:
            early.pairs = ends
        early.parameters["reversal_potential"] = shared


def _name_blocks(circuit: Circuit) -> None:
    """By what the user called it where that is one of a kind, and by its ends."""
    given = Counter(block.given for block in circuit.blocks)
    arrow = {"graded": "->", "spiking": "->", "electrical": "<->", "rectified": "=>"}
    taken: set[str] = set()
    for block in circuit.blocks:
        source, target = circuit.cells[block.source].name, circuit.cells[block.target].name
        own = block.given and given[block.given] == 1
        block.name = _unique(block.given if own else f"{source} {arrow[block.kind]} {target}", taken, "connection")


def _acts(circuit: Circuit, block: Block) -> bool:
    """Blocks that can never do anything are left out, and said where somebody meant something by them."""
    conductance = "conductance" if block.kind in ("electrical", "rectified") else "max_conductance"
    g = block.parameters[conductance]
    if block.kind == "spiking" and circuit.cells[block.source].kind != "spiking_adaptive":
        circuit.warn(
            f"connection `{block.name}`",
            "spiking synapses of a source that never spikes have no effect and are left out",
        )
        return False
    if block.kind == "graded" and np.any(np.asarray(g) < 0.0):
        circuit.warn(f"connection `{block.name}`", patterns.NEGATIVE)
    if block.pairs is None:
        return not g <= 0.0 if block.kind == "graded" else bool(g != 0.0)
    return block.pairs[0].size > 0
