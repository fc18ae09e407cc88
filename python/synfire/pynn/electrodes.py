"""Current sources.

In: PyNN's sources and the cells that they are injected into. Out: waveforms of stimuli, and the current as it was.

A current that starts at a time flows from that step on, and first changes the potential one step later, at once and
without the delay that NEST's devices have."""

# mypy: disable-error-code="import-untyped", disallow-subclassing-any=False, disallow-untyped-calls=False

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from pyNN.parameters import LazyArray, ParameterSpace, Sequence
from pyNN.standardmodels import StandardCurrentSource, electrodes

import synfire

from . import simulator
from .cells import same

Array = np.ndarray[Any, Any]
#: A stimulus that stops after this, in ms, never stops.
NEVER = 1e9


class CurrentSource(StandardCurrentSource):
    """What all sources share: cells, parameters and a recording of the current."""

    #: Whether its values are drawn.
    chance = False

    def __init__(self, **parameters: Any) -> None:
        own = object.__setattr__
        own(self, "cell_list", [])
        own(self, "values", {})
        own(self, "watched", False)
        own(self, "history", [])
        super().__init__(**parameters)
        self.parameter_space.shape = (1,)
        self.set_native_parameters(self.translate(self.parameter_space))
        simulator.state.current_sources.append(self)

    def __getattr__(self, name: str) -> Any:
        value = self.__dict__.get("values", {}).get(name)
        if isinstance(value, Sequence):
            return LazyArray(np.asarray(value.value, dtype=float), shape=(len(value.value),))
        return super().__getattr__(name) if value is None else value

    def get_native_parameters(self) -> ParameterSpace:
        return ParameterSpace(dict(self.values), shape=(1,))

    def set_native_parameters(self, parameters: ParameterSpace) -> None:
        parameters.shape = (1,)
        parameters.evaluate(simplify=True)
        new = dict(self.values)
        for name, value in parameters.as_dict().items():
            if isinstance(value, Sequence):
                new[name] = value
            else:
                new[name] = float(np.ravel(value)[0])
        old = dict(self.values)
        self.accept(new)
        state = simulator.state
        if not self.history:
            self.history.append((0, dict(self.values)))
        elif self.history[-1][0] == state.step:
            self.history[-1] = (state.step, dict(self.values))
        else:
            self.history.append((state.step, dict(self.values)))
        self.changed(old)

    def changed(self, old: dict[str, Any]) -> None:
        """Tells the network that values are others than before."""
        simulator.state.changed()

    def accept(self, values: dict[str, Any]) -> None:
        """Checks values and keeps them."""
        self.values.update(values)

    def inject_into(self, cells: Iterable[Any]) -> None:
        """Lets the current flow into a population, a view, an assembly or a list of cells."""
        members = list(cells)
        for cell in members:
            if not cell.celltype.injectable or getattr(cell.celltype, "current", None) is None:
                raise TypeError("Can't inject current into a spike source.")
        self.cell_list.extend(members)
        simulator.state.changed()

    def by_population(self) -> list[tuple[Any, Array]]:
        """Populations it flows into, and the numbers of their cells."""
        rows: dict[int, tuple[Any, list[int]]] = {}
        for cell in self.cell_list:
            population = cell.parent
            rows.setdefault(id(population), (population, []))[1].append(int(cell) - int(population.first_id))
        return [(population, np.array(numbers)) for population, numbers in rows.values()]

    def record(self) -> None:
        """Keeps the current, for `get_data`."""
        object.__setattr__(self, "watched", True)
        simulator.state.changed()

    def _get_data(self) -> tuple[Array, Array]:
        """Times in ms and the current in nA from each of them on, from 0 to now."""
        state = simulator.state
        times = state.times(np.arange(state.step + 1))
        current = np.zeros(times.size)
        for k, (since, values) in enumerate(self.history):
            until = self.history[k + 1][0] if k + 1 < len(self.history) else state.step + 1
            current[since:until] = self.at(np.arange(since, until), values)
        return times, current

    def window(self, steps: Array, values: dict[str, Any]) -> Array:
        """Where it is on."""
        state = simulator.state
        last = state.steps(values["stop"]) if values["stop"] < NEVER else np.inf
        return (steps >= state.steps(values["start"])) & (steps < last)

    def at(self, steps: Array, values: dict[str, Any]) -> Array:
        """The current in nA over each of some steps."""
        raise NotImplementedError

    def stimulus(self, unit: str, factor: float, cells: slice) -> dict[str, Any]:
        """The keys of a stimulus of some of its cells, currents in `unit`, of which a nA is `factor`; none where
        nothing flows."""
        raise NotImplementedError

    def too_short(self, step: int) -> bool:
        """Whether what was drawn does not reach up to a step."""
        return False

    def span(self) -> dict[str, str]:
        """When a stimulus is on."""
        keys = {"start": f"{self.values['start']!r} ms"}
        if self.values["stop"] < NEVER:
            keys["stop"] = f"{self.values['stop']!r} ms"
        return keys


class DCSource(CurrentSource, electrodes.DCSource):
    __doc__ = electrodes.DCSource.__doc__
    translations = same(electrodes.DCSource.default_parameters)

    def changed(self, old: dict[str, Any]) -> None:
        from . import build

        if old and all(old[name] == self.values[name] for name in ("start", "stop")):
            build.put_amplitude(simulator.state, self, self.values["amplitude"])
        else:
            simulator.state.changed()

    def at(self, steps: Array, values: dict[str, Any]) -> Array:
        return np.where(self.window(steps, values), values["amplitude"], 0.0)

    def stimulus(self, unit: str, factor: float, cells: slice) -> dict[str, Any]:
        amplitude = f"{self.values['amplitude'] * factor!r} {unit}".strip()
        return {"waveform": {"kind": "constant", "amplitude": amplitude}, **self.span()}


class ACSource(CurrentSource, electrodes.ACSource):
    __doc__ = electrodes.ACSource.__doc__
    translations = same(electrodes.ACSource.default_parameters)

    def at(self, steps: Array, values: dict[str, Any]) -> Array:
        state = simulator.state
        since = state.times(steps - state.steps(values["start"])) / 1000.0
        angle = 2 * np.pi * values["frequency"] * since + np.deg2rad(values["phase"])
        return np.where(self.window(steps, values), values["offset"] + values["amplitude"] * np.sin(angle), 0.0)

    def stimulus(self, unit: str, factor: float, cells: slice) -> dict[str, Any]:
        v = self.values
        return {
            "waveform": {
                "kind": "sine",
                "amplitude": f"{v['amplitude'] * factor!r} {unit}",
                "offset": f"{v['offset'] * factor!r} {unit}",
                "frequency": f"{v['frequency']!r} Hz",
                "phase": float(np.deg2rad(v["phase"])),
            },
            **self.span(),
        }


class StepCurrentSource(CurrentSource, electrodes.StepCurrentSource):
    __doc__ = electrodes.StepCurrentSource.__doc__
    translations = same(electrodes.StepCurrentSource.default_parameters)

    def accept(self, values: dict[str, Any]) -> None:
        times = np.asarray(values["times"].value, dtype=float)
        amplitudes = np.asarray(values["amplitudes"].value, dtype=float)
        if times.size and times.min() < 0:
            raise ValueError("Step current cannot accept negative timestamps.")
        if np.any(np.diff(times) <= 0):
            raise ValueError("Step current timestamps should be monotonically increasing.")
        if times.size != amplitudes.size:
            raise ValueError(f"{times.size} times and {amplitudes.size} amplitudes\n  help: an amplitude for each time")
        state = simulator.state
        steps = np.rint(times / state.dt).astype(int)
        last = np.append(np.diff(steps) > 0, True)[: steps.size]  # of times that fall on one step the last counts
        self.values["times"] = Sequence(state.times(steps[last]))
        self.values["amplitudes"] = Sequence(amplitudes[last])

    def at(self, steps: Array, values: dict[str, Any]) -> Array:
        state = simulator.state
        begins = np.rint(np.asarray(values["times"].value) / state.dt).astype(int)
        amplitudes = np.append(0.0, values["amplitudes"].value)
        return amplitudes[np.searchsorted(begins, steps, side="right")]

    def stimulus(self, unit: str, factor: float, cells: slice) -> dict[str, Any]:
        times, amplitudes = self.values["times"].value, self.values["amplitudes"].value
        if len(times) == 0:
            return {}
        return {
            "waveform": {
                "kind": "steps",
                "times": [f"{float(t)!r} ms" for t in times],
                "amplitudes": [f"{float(a) * factor!r} {unit}" for a in amplitudes],
            }
        }


class NoisyCurrentSource(CurrentSource, electrodes.NoisyCurrentSource):
    """A Gaussian current, drawn anew every `dt`: for each cell its own, as NEST has it.

    Where the current is recorded, that of the first cell is, and the numbers come from NumPy.
    """

    translations = same(electrodes.NoisyCurrentSource.default_parameters)
    chance = True

    def __init__(self, **parameters: Any) -> None:
        object.__setattr__(self, "reach", 0)
        super().__init__(**parameters)

    def accept(self, values: dict[str, Any]) -> None:
        steps = values["dt"] / simulator.state.dt
        if round(steps) < 1 or abs(steps - round(steps)) > 1e-6:
            raise ValueError(
                f"dt of the noise, {values['dt']:g} ms, is no multiple of the time step, {simulator.state.dt:g} ms"
            )
        self.values.update(values)

    def numbers(self, values: dict[str, Any], count: int, cells: int) -> Array:
        """Standard normal numbers, `count` intervals of each cell; those that were drawn before stay."""
        state = simulator.state
        seed = (state.seed(), state.current_sources.index(self))
        return np.random.Generator(np.random.Philox(list(seed))).standard_normal((count, max(cells, 1)))

    def intervals(self, step: int) -> int:
        """How many a recorded source needs up to a step."""
        state = simulator.state
        need = step * state.dt - self.values["start"]
        if self.values["stop"] < NEVER:
            need = self.values["stop"] - self.values["start"]
        return max(1, int(np.ceil(need / self.values["dt"])))

    def at(self, steps: Array, values: dict[str, Any]) -> Array:
        state = simulator.state
        every = state.steps(values["dt"])
        place = (steps - state.steps(values["start"])) // every
        drawn = self.numbers(values, int(place.max(initial=0)) + 1, len(self.cell_list))[:, 0]
        current = values["mean"] + values["stdev"] * drawn[np.maximum(place, 0)]
        return np.where(self.window(steps, values), current, 0.0)

    def stimulus(self, unit: str, factor: float, cells: slice) -> dict[str, Any]:
        v = self.values
        if not self.watched:
            wave = {
                "kind": "noise",
                "mean": f"{v['mean'] * factor!r} {unit}",
                "sd": f"{v['stdev'] * factor!r} {unit}",
                "interval": f"{v['dt']!r} ms",
            }
            return {"waveform": wave, **self.span()}
        count = self.intervals(simulator.state.planned)
        object.__setattr__(self, "reach", count)
        drawn = self.numbers(v, count, len(self.cell_list))[:, cells]
        samples = (v["mean"] + v["stdev"] * drawn) * factor
        wave = synfire.waveforms.array(np.ascontiguousarray(samples), f"{v['dt']!r} ms", unit=unit)
        return {"waveform": wave, **self.span()}

    def too_short(self, step: int) -> bool:
        return self.watched and self.intervals(step) > self.reach  # type: ignore[no-any-return]
