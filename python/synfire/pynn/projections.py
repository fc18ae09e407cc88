"""Projections: the synapses that PyNN's connectors make, in columns.

In: what connectors hand over, a target at a time. Out: columns of numbers, a row for each synapse, by source, then
target; as synfire counts them. A number that all synapses share is kept once."""

# mypy: disable-error-code="import-untyped", disallow-subclassing-any=False, disallow-untyped-calls=False

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from pyNN import common, errors
from pyNN.parameters import LazyArray, ParameterSpace
from pyNN.space import Space

from . import simulator
from .synapses import StaticSynapse, Synapse

if TYPE_CHECKING:
    import synfire

    from .populations import Population

Array = np.ndarray[Any, Any]


class Part(NamedTuple):
    """The synapses of a projection between two populations."""

    name: str
    pre: Population
    post: Population
    #: Numbers of both ends in their populations, by source, then target.
    sources: Array
    targets: Array
    #: The synapses of the projection that they are.
    rows: Array


def members(cells: Any) -> tuple[list[Population], Array, Array]:
    """Populations of a group of cells; for each of the cells which of them it is in, and its number there."""
    parts = cells.populations if isinstance(cells, common.Assembly) else [cells]
    roots: list[Population] = []
    for part in parts:
        if not any(part.root is root for root in roots):
            roots.append(part.root)
    place = {id(root): k for k, root in enumerate(roots)}
    which = [np.full(part.size, place[id(part.root)]) for part in parts]
    return roots, np.concatenate(which), np.concatenate([part.indices for part in parts])


class Connection(common.Connection):
    """One synapse of a projection."""

    def __init__(self, projection: Projection, index: int) -> None:
        object.__setattr__(self, "projection", projection)
        object.__setattr__(self, "index", index)

    @property
    def presynaptic_index(self) -> int:
        return int(self.projection.pre_index[self.index])

    @property
    def postsynaptic_index(self) -> int:
        return int(self.projection.post_index[self.index])

    @property
    def presynaptic_cell(self) -> Any:
        """The cell that it comes from."""
        return self.projection.pre[self.presynaptic_index]

    @property
    def postsynaptic_cell(self) -> Any:
        """The cell that it ends at."""
        return self.projection.post[self.postsynaptic_index]

    source, target = presynaptic_cell, postsynaptic_cell

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return float(self.projection.column(name)[self.index])

    def __setattr__(self, name: str, value: Any) -> None:
        column = self.projection.column(name).copy()
        column[self.index] = value
        self.projection.put({name: column})

    def as_tuple(self, *names: str) -> tuple[Any, ...]:
        """Its attributes by name."""
        return tuple(getattr(self, name) for name in names)


class Projection(common.Projection):
    __doc__ = common.Projection.__doc__
    _simulator = simulator
    _static_synapse_class = StaticSynapse

    def __init__(
        self,
        presynaptic_population: Any,
        postsynaptic_population: Any,
        connector: Any,
        synapse_type: Any = None,
        source: Any = None,
        receptor_type: Any = None,
        space: Any = None,
        label: str | None = None,
    ) -> None:
        super().__init__(
            presynaptic_population, postsynaptic_population, connector, synapse_type, source, receptor_type,
            Space() if space is None else space, label,
        )  # fmt: skip
        if not isinstance(self.synapse_type, Synapse):
            raise TypeError(
                f"{type(self.synapse_type).__name__} is no synapse type of synfire\n"
                "  help: use those of synfire.pynn, with the same names"
            )
        self._blocks: list[tuple[Array, Array, dict[str, Any]]] = []
        self._own: dict[str, Array] = {}
        connector.connect(self)
        self._settle()
        self._parts: list[Part] | None = None
        self.starts: dict[str, Any] = {}
        simulator.state.projections.append(self)
        simulator.state.changed()

    # --- made by a connector ------------------------------------------------------------------------------------------

    def _convergent_connect(self, presynaptic_indices: Array, postsynaptic_index: int, location_selector: Any = None,
                            **connection_parameters: Any) -> None:  # fmt: skip
        if location_selector is not None:
            raise NotImplementedError("synfire's neurons are points: location_selector has nothing to select")
        sources = np.asarray(presynaptic_indices)
        self.take(sources, np.full(sources.size, postsynaptic_index), connection_parameters)

    def take(self, sources: Array, targets: Array, values: dict[str, Any]) -> None:
        """Synapses: numbers of both ends, and values that are one for all of them or one for each."""
        self._blocks.append((sources, targets, values))

    def _settle(self) -> None:
        """Columns of what the connector handed over."""
        blocks, self._blocks = self._blocks, []
        sizes = [block[0].size for block in blocks]
        pre, post = (np.concatenate([np.empty(0), *(block[k] for block in blocks)]).astype(np.int64) for k in (0, 1))
        # the second key counts only among equal first ones: one sort of both in one number
        order = np.argsort(pre * max(self.post.size, 1) + post, kind="stable")
        self.pre_index, self.post_index = pre[order], post[order]
        names = blocks[0][2] if blocks else self.synapse_type.get_parameter_names()
        self.values: dict[str, Any] = {}
        for name in names:
            parts = [block[2][name] for block in blocks]
            if all(np.ndim(part) == 0 for part in parts) and len({float(part) for part in parts}) == 1:
                self.values[name] = float(parts[0])
            else:
                pieces = [np.broadcast_to(np.asarray(p, dtype=float), n) for p, n in zip(parts, sizes, strict=True)]
                self.values[name] = np.concatenate(pieces)[order] if pieces else np.empty(0)

    def sources(self) -> list[Population]:
        """The populations that it comes from."""
        return members(self.pre)[0]

    def parts(self) -> list[Part]:
        """Its synapses, between each two populations."""
        if self._parts is None:
            self._parts = []
            pres, which_pre, number_pre = members(self.pre)
            posts, which_post, number_post = members(self.post)
            for j, pre in enumerate(pres):
                for k, post in enumerate(posts):
                    rows = np.arange(len(self))
                    if len(pres) > 1 or len(posts) > 1:
                        rows = np.flatnonzero((which_pre[self.pre_index] == j) & (which_post[self.post_index] == k))
                    sources, targets = number_pre[self.pre_index[rows]], number_post[self.post_index[rows]]
                    keys = sources * post.size + targets
                    if np.any(np.diff(keys) < 0):
                        order = np.argsort(keys, kind="stable")
                        sources, targets, rows = sources[order], targets[order], rows[order]
                    name = simulator.state.unique(self.label or "projection")
                    self._parts.append(Part(name, pre, post, sources, targets, rows))
        return self._parts

    # --- columns ------------------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        return int(self.pre_index.size)

    @property
    def delays(self) -> Array:
        """In ms."""
        return self.column("delay")

    def column(self, name: str) -> Array:
        """A value of each synapse: a parameter, a weight as it is now, or `presynaptic_index`, `postsynaptic_index`."""
        if name == "presynaptic_index":
            return self.pre_index
        if name == "postsynaptic_index":
            return self.post_index
        if name not in self.values:
            raise errors.NonExistentParameterError(name, type(self.synapse_type).__name__, sorted(self.values))
        if name == "weight" and self.synapse_type.learns and name not in self._own:
            now = self._learned()
            if now is not None:
                return now
        return np.broadcast_to(np.asarray(self.values[name], dtype=float), self.pre_index.shape)

    def _learned(self) -> Array | None:
        """Weights of a network that runs, in PyNN's unit."""
        state = simulator.state
        if state.simulation is None or state.step == 0 or not self._parts:
            return None
        from . import build

        weights = np.array(self.column_of_start("weight"))
        for part in self._parts:
            if part.rows.size:
                synapses = state.simulation.synapses(part.name, "w")
                weights[part.rows] = np.asarray(synapses.values) * build.weight_factor(self, part.post, synapses.unit)
        return weights

    def column_of_start(self, name: str) -> Array:
        """A value of each synapse as the description has it."""
        return np.broadcast_to(np.asarray(self.values[name], dtype=float), self.pre_index.shape)

    def put(self, columns: dict[str, Any]) -> None:
        """Sets values of all synapses, by PyNN's names."""
        for name, value in columns.items():
            if name not in self.values:
                raise errors.NonExistentParameterError(name, type(self.synapse_type).__name__, sorted(self.values))
            self.values[name] = value
            if name == "weight" and self.synapse_type.learns and simulator.state.step > 0:
                self._own["weight"] = np.broadcast_to(np.asarray(value, dtype=float), self.pre_index.shape)
        simulator.state.changed()

    def put_states(self, simulation: synfire.Simulation) -> None:
        """Weights that learn and were set while the network ran."""
        from . import build

        weights = self._own.pop("weight", None)
        if weights is None:
            return
        for part in self.parts():
            if part.rows.size:
                unit = simulation.synapses(part.name, "w").unit
                simulation.set_synapses(part.name, "w", weights[part.rows] / build.weight_factor(self, part.post, unit))

    # --- what PyNN asks for -------------------------------------------------------------------------------------------

    def __getitem__(self, i: Any) -> Any:
        if isinstance(i, slice):
            return [Connection(self, k) for k in range(*i.indices(len(self)))]
        index = i + len(self) if i < 0 else i
        if not 0 <= index < len(self):
            raise IndexError(f"there are {len(self)} connections, and none of number {i}")
        return Connection(self, int(index))

    @property
    def connections(self) -> Iterator[Connection]:
        """All of them, one by one."""
        return (Connection(self, k) for k in range(len(self)))

    def _value_list_to_array(self, attributes: dict[str, Any]) -> dict[str, Any]:
        lists = [v for v in attributes.values() if isinstance(v, list) or (isinstance(v, np.ndarray) and v.ndim == 1)]
        return super()._value_list_to_array(attributes) if lists else attributes

    def _set_attributes(self, parameter_space: ParameterSpace) -> None:
        columns: dict[str, Any] = {}
        for name, value in parameter_space.items():
            value.shape = self.shape
            whole = value.evaluate(simplify=True)
            columns[name] = float(whole) if np.ndim(whole) == 0 else np.asarray(whole)[self.pre_index, self.post_index]
        self.put(columns)

    def _set_initial_value_array(self, variable: str, initial_value: LazyArray) -> None:
        if variable not in self.synapse_type.states:
            raise errors.NonExistentParameterError(
                variable, type(self.synapse_type).__name__, sorted(self.synapse_type.states)
            )
        if simulator.state.step > 0:
            raise NotImplementedError(f"`{variable}` of synapses is set before the first run, or after reset()")
        base = initial_value.base_value
        if np.ndim(base) == 0 and not callable(base) and not hasattr(base, "next"):
            value: Any = float(base)
        else:
            full = LazyArray(base, shape=self.shape, dtype=float)
            value = full.evaluate()[self.pre_index, self.post_index]
        self.starts[variable] = value
        simulator.state.changed()

    def _get_attributes_as_list(self, names: Any) -> list[tuple[Any, ...]]:
        return list(zip(*(self.column(name).tolist() for name in names), strict=True))

    def _get_attributes_as_arrays(self, names: Any, multiple_synapses: str = "sum") -> list[Array]:
        arrays = []
        ends = (self.pre_index, self.post_index)
        for name in names:
            values = self.column(name)
            whole = np.full(self.shape, np.nan)
            if multiple_synapses == "first":
                whole[ends[0][::-1], ends[1][::-1]] = values[::-1]
            else:
                whole[ends] = {"sum": 0.0, "min": np.inf, "max": -np.inf, "last": np.nan}[multiple_synapses]
                if multiple_synapses == "last":
                    whole[ends] = values
                else:
                    {"sum": np.add, "min": np.minimum, "max": np.maximum}[multiple_synapses].at(whole, ends, values)
            arrays.append(whole)
        return arrays
