"""What was recorded, for PyNN's recorder, which makes Neo of it.

In: recordings of synfire, one for each time the network was compiled since the time was last 0. Out: spikes and
samples of cells by their ids. A signal begins with the value at its first time (the initial value at 0), which is
before the end of the first step."""

# mypy: disable-error-code="import-untyped", disallow-subclassing-any=False, disallow-untyped-calls=False

from __future__ import annotations

from typing import Any

import numpy as np
from pyNN import recording

from . import simulator

Array = np.ndarray[Any, Any]


class Recorder(recording.Recorder):
    """Of one population."""

    _simulator = simulator

    def __init__(self, population: Any, file: Any = None) -> None:
        super().__init__(population, file)
        #: What came before this step is forgotten.
        self.start_step = 0
        #: Steps from sample to sample.
        self.every = 1

    def _record(self, variable: Any, new_ids: Any, sampling_interval: float | None = None) -> None:
        if variable.location is not None:
            raise ValueError("synfire's neurons are points: there are no locations to record from")
        state = self._simulator.state
        if sampling_interval is not None and variable.name != "spikes":
            steps = sampling_interval / state.dt
            if round(steps) < 1 or abs(steps - round(steps)) > 1e-6:
                raise ValueError(
                    f"sampling_interval {sampling_interval:g} ms is no multiple of the time step, {state.dt:g} ms"
                )
            self.every = int(round(steps))
            self.sampling_interval = sampling_interval
        if new_ids:
            state.changed()

    def _reset(self) -> None:
        self.every = 1
        self.sampling_interval = self._simulator.state.dt
        self._simulator.state.changed()

    @property
    def phase(self) -> int:
        """How many steps its samples come after multiples of their interval."""
        return self.start_step % self.every

    def rows(self, name: str) -> Array:
        """Numbers of the cells of which something is recorded, ascending."""
        first = int(self.population.first_id)
        ids = self.recorded.get(recording.Variable(name=name, location=None, label=None), ())
        return np.array(sorted(int(cell) - first for cell in ids), dtype=int)

    def names(self) -> list[str]:
        """What is recorded, but spikes."""
        return sorted(v.name for v, ids in self.recorded.items() if v.name != "spikes" and ids)

    def spikes(self) -> tuple[Array, Array]:
        """Steps at which cells spiked since the recording began, and their numbers."""
        steps, rows = [np.empty(0, dtype=int)], [np.empty(0, dtype=int)]
        for piece in self._simulator.state.recorded():
            train = piece.recording.spikes.get(self.population.name) if piece.end > self.start_step else None
            if train is not None:
                at = np.rint(np.asarray(train.times) / self._simulator.state.dt).astype(np.int64)
                keep = at > self.start_step
                steps.append(at[keep])
                rows.append(np.asarray(train.neuron)[keep].astype(np.int64) // self.population.copies)
        return np.concatenate(steps), np.concatenate(rows)

    def _get_spiketimes(self, ids: Any, clear: bool = False) -> tuple[Array, Array]:
        first = int(self.population.first_id)
        steps, rows = self.spikes()
        wanted = np.zeros(self.population.size, dtype=bool)
        wanted[[int(cell) - first for cell in ids]] = True
        keep = wanted[rows]
        return rows[keep] + first, self._simulator.state.times(steps[keep])

    def _get_all_signals(self, variable: Any, ids: Any, clear: bool = False) -> tuple[Array, None]:
        state = self._simulator.state
        population, kind = self.population, self.population.celltype.variables[variable.name]
        wanted = np.array([int(cell) - int(population.first_id) for cell in ids], dtype=int)
        count = (state.step - self.start_step) // self.every + 1
        values = np.zeros((count, wanted.size))
        for name in kind.states:
            values += self.samples(name, wanted, count)
        from . import build

        values *= build.factor(population, name, kind.unit)
        if kind.base is not None:
            values += population.parameters[kind.base][wanted]
        return values, None

    def samples(self, state_name: str, wanted: Array, count: int) -> Array:
        """Samples of a state in its own unit, from where the recording began; NaN where it was not yet recorded."""
        state, name = self._simulator.state, self.population.name
        out = np.full((count, wanted.size), np.nan)
        for step, values in state.samples.get((name, state_name), {}).items():
            place, off = divmod(step - self.start_step, self.every)
            if off == 0 and 0 <= place < count:
                out[place] = values[wanted]
        begun = 0
        for piece in state.recorded():
            trace = piece.recording.traces.get(f"{name}.{state_name}")
            if trace is not None and piece.end > self.start_step:
                rows = np.asarray(trace.rows)
                column = np.searchsorted(rows, wanted)
                column = np.minimum(column, max(rows.size - 1, 0))
                here = rows[column] == wanted
                steps = np.rint(np.asarray(trace.times) / state.dt).astype(int)
                places, offs = np.divmod(steps - self.start_step, self.every)
                keep = (offs == 0) & (places >= 0) & (places < count) & (steps > begun)
                block = np.asarray(trace.values)[keep]
                out[np.ix_(places[keep], np.flatnonzero(here))] = block[:, column[here]]
            begun = piece.end
        return out

    def _local_count(self, variable: Any, filter_ids: Any = None) -> dict[int, int]:
        first = int(self.population.first_id)
        counts = np.bincount(self.spikes()[1], minlength=self.population.size)
        ids = self.filter_recorded(variable, filter_ids)
        return {int(cell): int(counts[int(cell) - first]) for cell in ids}

    def _clear_simulator(self) -> None:
        state, before = self._simulator.state, self.phase
        self.start_step = state.step
        if self.phase != before:
            state.changed()
        if state.simulation is not None:
            state.sample(cleared=self)
        state.forget()
