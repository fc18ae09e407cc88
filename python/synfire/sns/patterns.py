"""One connection of the toolbox as a block of synapses: all to all, a matrix, a kernel laid over a population.

In: an entry of a toolbox network's ``connections``. Out: a `Block` in the circuit, in place of an earlier one of its
kind.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import CallError
from .circuit import Block, Circuit, Floats, Ints, ends_of, numbers

#: Ours (the toolbox's arguments): what the toolbox keeps it as; the first that is there.
GRADED: dict[str, tuple[str, ...]] = {
    "max_conductance": ("max_conductance",),
    "reversal_potential": ("reversal_potential",),
    "e_lo": ("e_lo",),
    "e_hi": ("e_hi",),
}
SPIKING: dict[str, tuple[str, ...]] = {
    "max_conductance": ("max_conductance",),
    "reversal_potential": ("reversal_potential",),
    "time_constant": ("synapticTimeConstant",),
    "transmission_delay": ("synapticTransmissionDelay", "transmissionDelay"),
    "conductance_increment": ("conductance_increment", "conductanceIncrement", "max_conductance"),
}


NEGATIVE = (
    "negative conductances have no effect: SNS-Toolbox clamps them without a word (a modulation ratio above "
    "1 gives one); "
    "they are left out"
)


def read(circuit: Circuit, connection: Any) -> None:
    """Adds the block of a connection."""
    params, source, target = connection["params"], int(connection["source"]), int(connection["destination"])
    # the toolbox names what has no name of its own after its kind
    kind_name = type(connection["type"]).__name__
    given = str(connection["name"])
    own = connection["type"].params.get("name", "")
    given = "" if given == own and given in _DEFAULT_NAMES else given
    if params["electrical"]:
        kind = "rectified" if params["rectified"] else "electrical"
        share = circuit.cells[source].size
        block = Block(
            kind,
            source,
            target,
            None,
            {"conductance": float(params["max_conductance"]) / share},
            given=given,
            share=share,
        )
        _junctions(circuit, block)
    else:
        spiking = bool(params["spiking"])
        keys = SPIKING if spiking else GRADED
        kind = "spiking" if spiking else "graded"
        if params["pattern"]:
            # add_connection lays the kernel over the population, where it can; the kernel itself stands in the type
            block = _pattern(circuit, kind, source, target, _named(connection["type"].params, keys, kind_name))
        elif params["matrix"]:
            block = _matrix(circuit, kind, source, target, _named(params, keys, kind_name))
            if spiking and "conductance_increment" not in params:
                circuit.warn(
                    f"a matrix from {ends_of(circuit, block)}",
                    "spiking matrices run here as documented, with increments of their greatest "
                    "conductances; SNS-Toolbox 1.5 raises KeyError",
                )
        else:
            share = circuit.cells[source].size
            values = {key: float(value) for key, value in _named(params, keys, kind_name).items()}
            values["max_conductance"] /= share
            block = Block(kind, source, target, None, {**values}, share=share)
        block.given = given
    if block.kind == "spiking":
        delay = np.asarray(block.parameters["transmission_delay"])
        if np.any(delay < 0.0) or np.any(delay != np.round(delay)):
            raise CallError(
                f"a delay from {ends_of(circuit, block)} is no whole number of steps from 0 on\n"
                "  help: the toolbox counts delays in steps of dt"
            )
    _replace(circuit, block)


_DEFAULT_NAMES = {
    "Connection", "Electrical Synapse", "Non-Spiking Connection", "Spiking Connection", "Transmit", "Modulate",
}  # fmt: skip


def _named(params: Any, keys: dict[str, tuple[str, ...]], kind: str) -> dict[str, Any]:
    found = {}
    for key, theirs in keys.items():
        name = next((name for name in theirs if name in params), None)
        if name is None:
            raise CallError(
                f"{kind}: `{key}` is missing\n  help: build connections with the classes of `sns_toolbox.connections`"
            )
        found[key] = params[name]
    return found


def _junctions(circuit: Circuit, block: Block) -> None:
    """Within a population each pair is joined once; a rectified junction each way is a plain one."""
    if block.source != block.target:
        return
    first, second = np.triu_indices(circuit.cells[block.source].size, 1)
    block.pairs = (first.astype(np.int64), second.astype(np.int64))


def _replace(circuit: Circuit, block: Block) -> None:
    """A later connection of the same kind between the same populations stands in place of the earlier."""
    ends = (block.source, block.target)
    place = (block.kind, *(sorted(ends) if block.kind == "electrical" else ends))
    if circuit.quirks and place in circuit.joined:
        circuit.warn(
            f"{block.kind} connections from {ends_of(circuit, block)}",
            "a second one replaces the first, as in SNS-Toolbox; `quirks=False` adds them up",
        )
        old = circuit.joined[place]
        circuit.blocks = [b for b in circuit.blocks if b is not old]
    circuit.joined[place] = block
    circuit.blocks.append(block)


def _matrix(circuit: Circuit, kind: str, source: int, target: int, given: dict[str, Any]) -> Block:
    shape = (circuit.cells[target].size, circuit.cells[source].size)
    matrices: dict[str, Floats] = {}
    for key, value in given.items():
        matrix = numbers(value)
        if matrix.ndim != 0 and matrix.shape != shape:
            raise CallError(
                f"`{key}` from `{circuit.cells[source].name}` to `{circuit.cells[target].name}`: a matrix of "
                f"shape {matrix.shape}, "
                f"expected {shape}, rows by target\n  help: transpose it if its rows are sources"
            )
        matrices[key] = np.broadcast_to(matrix, shape)
    g = matrices["max_conductance"]
    if kind == "graded" and np.any(g < 0.0):
        circuit.warn(f"a matrix from `{circuit.cells[source].name}` to `{circuit.cells[target].name}`", NEGATIVE)
    # what is no number stays, and is refused where it is described
    sources, targets = np.nonzero(~(g.T <= 0.0) if kind == "graded" else g.T != 0.0)
    block = _listed(kind, source, target, (sources, targets), {key: m[targets, sources] for key, m in matrices.items()})
    if (
        block.pairs is not None
        and block.pairs[0].size == g.size
        and all(isinstance(x, float) for x in block.parameters.values())
    ):
        block.pairs = None
    block.reversals = matrices["reversal_potential"]
    return block


def _listed(kind: str, source: int, target: int, pairs: tuple[Ints, Ints], values: dict[str, Floats]) -> Block:
    """A parameter that all synapses have alike is one number: exact, and found once."""
    parameters: dict[str, float | Floats] = {}
    for key, value in values.items():
        alike = value.size > 0 and bool(np.all(value == value[0]))
        parameters[key] = float(value[0]) if alike else value
    return Block(kind, source, target, pairs, parameters)


def _pattern(circuit: Circuit, kind: str, source: int, target: int, given: dict[str, Any]) -> Block:
    cells, onto = circuit.cells[source], circuit.cells[target]
    kernels = {key: np.atleast_2d(numbers(value)) for key, value in given.items()}
    size = np.broadcast_shapes(*(kernel.shape for kernel in kernels.values()))
    kernels = {key: np.broadcast_to(kernel, size) for key, kernel in kernels.items()}
    where = f"a pattern from `{cells.name}` to `{onto.name}`"
    if cells.shape != onto.shape:
        raise CallError(
            f"{where}: shapes {list(cells.shape)} and {list(onto.shape)}\n"
            "  help: a kernel joins populations of one shape"
        )
    flat = len(cells.shape) == 1
    if flat and size[0] != 1:
        raise CallError(
            f"{where}: a kernel of {size[0]} rows over a population of one\n  help: give a list, or a kernel of one row"
        )
    reasons = []
    if kind == "spiking":
        reasons.append("spiking patterns")
    if flat:
        reasons.append("patterns over one dimension")
    if any(n % 2 == 0 for n in size):
        reasons.append("kernels of even size (the element before the middle meets the target's own place)")
    if reasons:
        circuit.warn(where, f"{' and '.join(reasons)} run here as documented; SNS-Toolbox 1.5 raises")
    elif size == (1, 1):
        if circuit.quirks:
            circuit.warn(
                where,
                "a kernel of 1 x 1 joins all to all, undivided, as in SNS-Toolbox; `quirks=False` joins one to one",
            )
            return Block(kind, source, target, None, {key: float(kernel[0, 0]) for key, kernel in kernels.items()})
    rows, columns = (1, cells.shape[0]) if flat else cells.shape
    row, column = np.indices((rows, columns))
    sources: list[Ints] = []
    targets: list[Ints] = []
    values: dict[str, list[Floats]] = {key: [] for key in kernels}
    for (a, b), g in np.ndenumerate(kernels["max_conductance"]):
        if g == 0.0:
            continue
        from_row, from_column = row + a - (size[0] - 1) // 2, column + b - (size[1] - 1) // 2
        inside = (from_row >= 0) & (from_row < rows) & (from_column >= 0) & (from_column < columns)
        targets.append((row * columns + column)[inside])
        sources.append((from_row * columns + from_column)[inside])
        for key, kernel in kernels.items():
            values[key].append(np.full(int(inside.sum()), kernel[a, b]))
    if not sources:
        empty = np.zeros(0, dtype=np.int64)
        return Block(kind, source, target, (empty, empty), {key: 0.0 for key in kernels})
    from_all, to_all = np.concatenate(sources), np.concatenate(targets)
    order = np.lexsort((to_all, from_all))
    return _listed(
        kind, source, target, (from_all[order], to_all[order]), {k: np.concatenate(v)[order] for k, v in values.items()}
    )
