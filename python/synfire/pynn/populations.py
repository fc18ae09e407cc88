"""Populations, views and assemblies.

In: what PyNN's common classes ask of a back end. Out: parameters and initial values by PyNN's names, an array for each.
"""

# mypy: disable-error-code="import-untyped", disallow-subclassing-any=False, disallow-untyped-calls=False

from __future__ import annotations

from typing import Any

import numpy as np
from pyNN import common, errors
from pyNN.parameters import ArrayParameter, LazyArray, ParameterSpace, Sequence, simplify
from pyNN.standardmodels import StandardCellType

from . import simulator
from .recording import Recorder

Array = np.ndarray[Any, Any]


def filled(value: Any, size: int) -> Array:
    """What a lazy array of PyNN's evaluates to, as an array with an element for each cell."""
    if isinstance(value, ArrayParameter) or np.ndim(value) == 0:
        whole = np.empty(size, dtype=object if isinstance(value, ArrayParameter) else float)
        whole[:] = [value] * size if isinstance(value, ArrayParameter) else value
        return whole
    return np.asarray(value)


def evaluated(space: ParameterSpace, size: int, prefix: str = "") -> dict[str, Array]:
    """Values of a parameter space, and of those inside it as `receptor.parameter`."""
    values: dict[str, Array] = {}
    for name, value in space.items():
        if isinstance(value, ParameterSpace):
            value.shape = (size,)
            values.update(evaluated(value, size, f"{name}."))
        else:
            value.shape = (size,)
            values[prefix + name] = filled(value.evaluate(simplify=True), size)
    return values


class Members:
    """What populations and views share."""

    celltype: Any
    size: int

    @property
    def root(self) -> Population:
        """The population that holds the parameters."""
        raise NotImplementedError

    @property
    def indices(self) -> Array:
        """Numbers of its cells in that population."""
        raise NotImplementedError

    def _get_view(self, selector: Any, label: str | None = None) -> PopulationView:
        return PopulationView(self, selector, label)

    def _get_native_parameters(self, *names: str) -> ParameterSpace:
        return self._get_parameters(*names)

    def _get_parameters(self, *names: str) -> ParameterSpace:
        known = self.root.parameters
        inner: dict[str, dict[str, LazyArray]] = {}
        space = ParameterSpace({}, shape=(self.size,))
        for name in names:
            if name not in known:
                raise errors.NonExistentParameterError(name, type(self.celltype).__name__, sorted(known))
            column = LazyArray(simplify(known[name][self.indices]), shape=(self.size,))
            if "." in name:
                receptor, parameter = name.split(".", 1)
                inner.setdefault(receptor, {})[parameter] = column
            else:
                space._parameters[name] = column
        for receptor, parameters in inner.items():
            part = ParameterSpace({}, shape=(self.size,))
            part._parameters.update(parameters)
            space._parameters[receptor] = part
        return space

    def _set_parameters(self, parameter_space: ParameterSpace) -> None:
        self.root.put(self.indices, evaluated(parameter_space, self.size))

    def _set_initial_value_array(self, variable: str, initial_value: LazyArray) -> None:
        values = filled(initial_value.evaluate(simplify=True), self.size).astype(float)
        # drawn once, and that is what it is
        same = values.size > 0 and (values == values[0]).all()
        initial_value.base_value, initial_value.operations = float(values[0]) if same else values, []
        self.root.put_initial(variable, self.indices, values)


class Assembly(common.Assembly):
    __doc__ = common.Assembly.__doc__
    _simulator = simulator


class PopulationView(common.PopulationView, Members):
    __doc__ = common.PopulationView.__doc__
    _simulator = simulator
    _assembly_class = Assembly

    @property
    def root(self) -> Population:
        return self.grandparent  # type: ignore[no-any-return]

    @property
    def indices(self) -> Array:
        return self.index_in_grandparent(slice(None))  # type: ignore[no-any-return]

    @property
    def initial_values(self) -> dict[str, LazyArray]:
        """Of the cells of the view, by variable."""
        return {name: LazyArray(values[self.indices], shape=(self.size,)) for name, values in self.root.starts.items()}


class Population(common.Population, Members):
    __doc__ = common.Population.__doc__
    _simulator = simulator
    _recorder_class = Recorder
    _assembly_class = Assembly

    def _create_cells(self) -> None:
        state = simulator.state
        if state.step > 0:
            raise NotImplementedError(
                f"population '{self.label}' comes at {state.t:g} ms: a network that has run can get no more cells\n"
                "  help: create all populations before the first run, or call reset() before"
            )
        if not hasattr(self.celltype, "variables"):
            raise errors.InvalidModelError(
                f"{type(self.celltype).__name__} is no cell of synfire\n"
                "  help: use the cell types of synfire.pynn, with the same names"
            )
        first = state.id_counter
        self.all_cells = np.array([simulator.ID(n) for n in range(first, first + self.size)], dtype=simulator.ID)
        for cell in self.all_cells:
            cell.parent = self
        self._mask_local = np.ones(self.size, dtype=bool)
        state.id_counter += self.size
        standard = isinstance(self.celltype, StandardCellType)
        space = self.celltype.native_parameters if standard else self.celltype.parameter_space
        space.shape = (self.size,)
        self.parameters = evaluated(space, self.size)
        self.starts: dict[str, Array] = {}
        #: Sources of synfire that stand for one cell (`sources`).
        self.copies = 1
        self.check()
        self.name = state.unique(self.label)
        state.populations.append(self)
        state.changed()

    @property
    def root(self) -> Population:
        return self

    @property
    def indices(self) -> Array:
        return np.arange(self.size)

    def check(self) -> None:
        """Refuses times of spikes that are not in order."""
        for k, times in enumerate(self.parameters.get("spike_times", ())):
            if np.any(np.diff(np.asarray(times.value, dtype=float)) < 0):
                raise errors.InvalidParameterValueError(
                    f"spike times of cell {k} of '{self.label}' are not in ascending order\n  help: sort them"
                )

    def find_units(self, variable: Any) -> str:
        """The unit of a variable or a parameter; of a state whose text does not say one, that in which synfire counts
        it."""
        unit = str(self.celltype.units[variable.name])
        state = simulator.state
        if not unit and state.simulation is not None:
            unit = str(state.simulation.state[self.name].unit(variable.name))
        return unit or "dimensionless"

    def put(self, indices: Array, values: dict[str, Array]) -> None:
        """Sets parameters of some cells, by PyNN's names."""
        before = self.parameters
        self.parameters = {name: column.copy() for name, column in before.items()}
        for name, column in values.items():
            if name not in before:
                self.parameters = before
                raise errors.NonExistentParameterError(name, type(self.celltype).__name__, sorted(before))
            try:
                if before[name].dtype == object:
                    for k, value in zip(indices, column, strict=True):
                        self.parameters[name][k] = value if isinstance(value, ArrayParameter) else Sequence(value)
                else:
                    self.parameters[name][indices] = column
            except (TypeError, ValueError) as error:
                self.parameters = before
                raise errors.InvalidParameterValueError(f"{name} of '{self.label}': {error}") from error
        try:
            self.check()
        except errors.InvalidParameterValueError:
            self.parameters = before
            raise
        from . import build

        build.put_parameters(simulator.state, self, before)

    def put_initial(self, variable: str, indices: Array, values: Array) -> None:
        """Sets a state variable of some cells: as it begins, and as it is now."""
        celltype = self.celltype
        if variable not in celltype.variables:
            raise errors.NonExistentParameterError(variable, type(celltype).__name__, sorted(celltype.variables))
        whole = self.starts.get(variable)
        if whole is None:
            default = celltype.default_initial_values.get(variable, 0.0)
            whole = np.full(self.size, default, dtype=float)
        whole = whole.copy()
        whole[indices] = values
        self.starts[variable] = whole
        state = simulator.state
        if state.simulation is not None and state.step > 0:
            from . import build

            build.put_state(state, self, variable, indices, values)
            state.outdated = True
        else:
            state.changed()
