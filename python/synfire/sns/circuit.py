"""What a network of SNS-Toolbox says, in plain numbers: populations, blocks of synapses, inputs, outputs.

In: the toolbox's own ``Network`` object, read by its attributes alone (nothing of the toolbox is imported here). Out:
a `Circuit`, neuron by neuron in the toolbox's units (mV, uS, nA, nF, ms; delays in steps), and what there is to warn
of. Not here: how synfire describes it (`describe`), running (`model`).

A *block* holds the synapses of one kind from one population to another. The toolbox keeps one number per ordered pair
of neurons and kind, so that a later connection replaces an earlier one whole: at most one block of a kind stands for
a pair of populations.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: What the toolbox calls the parameters of a neuron.
NEURON = ("membrane_capacitance", "membrane_conductance", "resting_potential", "bias")
THRESHOLD = (
    "threshold_time_constant", "threshold_initial_value", "threshold_proportionality_constant", "threshold_leak_rate",
    "threshold_increment", "threshold_floor", "reset_potential",
)  # fmt: skip


class SnsWarning(UserWarning):
    """Where SNS-Toolbox and its documents part, or where it fails: what is done here."""


@dataclass
class Gate:
    """One gate of a channel; `tau` is None where it is always at its steady state."""

    power: float
    k: float
    slope: float
    e: float
    tau: float | None = None

    @property
    def idle(self) -> bool:
        """It does not act and does not move: a power of 0, and a steady state that is the same at every potential."""
        return self.power == 0.0 and (self.tau is None or self.slope == 0.0)

    def start(self, v: Floats, mirrored: bool) -> Floats:
        """Its first value: the toolbox mirrors the steady state about `e`."""
        return 1.0 / (1.0 + self.k * np.exp(self.slope * ((v - self.e) if mirrored else (self.e - v))))


@dataclass
class Channel:
    """g·a·b·c·(e - v), each gate to its power."""

    g: float
    e: float
    gates: dict[str, Gate]


@dataclass
class Cells:
    """A population. `name` is unique, `given` is what the toolbox calls it."""

    name: str
    given: str
    size: int
    shape: tuple[int, ...]
    colour: str
    kind: str
    parameters: dict[str, float | Floats]
    initial: float | Floats
    channels: list[Channel] = field(default_factory=list)
    first: int = 0

    @property
    def rows(self) -> slice:
        """Its neurons, as the toolbox numbers them."""
        return slice(self.first, self.first + self.size)

    def start(self) -> Floats:
        """Potentials before the first step, mV, one per neuron."""
        return np.broadcast_to(np.asarray(self.initial, dtype=np.float64), (self.size,))


@dataclass
class Block:
    """Synapses of one kind from one population to another.

    `pairs` is None where all are joined to all; else sources and targets of the synapses, by source, then target. A
    parameter is one number, or one per synapse.
    """

    kind: str
    source: int
    target: int
    pairs: tuple[Ints, Ints] | None
    parameters: dict[str, float | Floats]
    name: str = ""
    given: str = ""
    #: What stands in the toolbox's matrix of reversal potentials, where it was given as one: [target, source].
    reversals: Floats | None = None
    #: A conductance that is one number stands divided by this.
    share: int = 1


@dataclass
class Port:
    """An input (`spiking` says nothing) or an output: `size` numbers, of or from one population."""

    name: str
    population: int
    size: int
    spiking: bool = False


@dataclass
class Circuit:
    """A whole network."""

    name: str
    cells: list[Cells]
    blocks: list[Block]
    inputs: list[Port]
    outputs: list[Port]
    quirks: bool
    #: The step, ms.
    dt: float
    #: In double precision.
    exact: bool
    #: The last block of a kind between two populations.
    joined: dict[tuple[str, int, int], Block] = field(default_factory=dict)
    #: What there is to warn of, and where it was found.
    found: dict[str, list[str]] = field(default_factory=dict)

    @property
    def neurons(self) -> int:
        """How many there are in all."""
        return sum(cells.size for cells in self.cells)

    def warn(self, where: str, what: str) -> None:
        """Notes a place where toolbox and documents part; the same text once, with all its places."""
        self.found.setdefault(what, []).append(where)

    def warnings(self) -> list[str]:
        """A text for each kind of thing."""
        texts = []
        for what, places in self.found.items():
            more = f" and {len(places) - 3} more" if len(places) > 4 else ""
            texts.append(f"{', '.join(places[:3] if more else places)}{more}: {what}")
        return texts


def numbers(value: Any) -> Floats:
    """Any array, list or tensor as float64."""
    if hasattr(value, "detach"):
        value = value.detach().cpu().numpy()
    return np.asarray(value, dtype=np.float64)


def ends_of(circuit: Circuit, block: Block) -> str:
    """For messages."""
    return f"`{circuit.cells[block.source].name}` to `{circuit.cells[block.target].name}`"


def all_ends(circuit: Circuit, block: Block) -> tuple[Ints, Ints]:
    """Sources and targets of all synapses, by source, then target."""
    if block.pairs is not None:
        return block.pairs
    sources, targets = circuit.cells[block.source].size, circuit.cells[block.target].size
    return np.repeat(np.arange(sources), targets), np.tile(np.arange(targets), sources)
