"""The state of the back end: what has been described, the network compiled from it, and its time.

In: populations, projections and current sources as PyNN describes them. Out: steps run, spikes and samples of them for
`recording`. Not here: how a network of synfire is made of the description (`build`).
"""

# mypy: disable-error-code="import-untyped", disallow-subclassing-any=False, disallow-untyped-calls=False

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from pyNN import common

if TYPE_CHECKING:
    import synfire

    from .electrodes import CurrentSource
    from .populations import Population
    from .projections import Projection

#: How data are annotated.
name = "synfire"

#: Extra arguments of `setup` that belong to this back end, and what they are if not given.
OPTIONS: dict[str, Any] = {
    "engine": "cpu",
    "precision": "f64",
    "threads": None,
    "memory": None,
    "rng_seed": 42,
    "method": None,
}


class ID(int, common.IDMixin):
    """A number of a neuron that knows its population."""

    def __init__(self, n: int) -> None:
        common.IDMixin.__init__(self)


class Piece:
    """What one compiled network has recorded, from the step at which it took over."""

    def __init__(self, recording: synfire.Recording, end: int) -> None:
        self.recording = recording
        self.end = end


class State(common.control.BaseState):
    """Everything between two calls of `setup`."""

    def __init__(self) -> None:
        super().__init__()
        self.mpi_rank = 0
        self.num_processes = 1
        self.record_sample_times = False
        self.options = dict(OPTIONS)
        self.simulation: synfire.Simulation | None = None
        self.clear()

    def clear(self) -> None:
        """Forgets the network; times and options stay as `setup` puts them next."""
        if self.simulation is not None:
            self.simulation.close()
        self.simulation = None
        self.recorders: set[Any] = set()
        self.write_on_end: list[tuple[Any, Any, Any]] = []
        self.populations: list[Population] = []
        self.projections: list[Projection] = []
        self.current_sources: list[CurrentSource] = []
        self.id_counter = 1
        self.segment_counter = 0
        self.step = 0
        self.running = False
        self.stale = False
        self.outdated = False
        self.planned = 0
        self.told: set[str] = set()
        self.chance = False
        self.pieces: list[Piece] = []
        self.samples: dict[tuple[str, str], dict[int, np.ndarray[Any, Any]]] = {}
        self.probed: dict[tuple[str, str], np.ndarray[Any, Any]] = {}
        self.names: set[str] = set()
        self.dt = 0.1
        self._min_delay: float | str = "auto"
        self._max_delay: float | str = "auto"

    # --- time ---------------------------------------------------------------------------------------------------------

    @property
    def t(self) -> float:
        """The time, in ms."""
        return float(self.times(self.step))

    def times(self, steps: Any) -> Any:
        """Steps as times in ms. Where dt is the inverse of a whole number, times are the nearest number to the decimal
        one: 0.3 and not 3 times 0.1."""
        inverse = round(1 / self.dt)
        if inverse > 0 and abs(1 / self.dt - inverse) < 1e-9:
            return np.asarray(steps, dtype=float) / inverse
        return np.asarray(steps, dtype=float) * self.dt

    def steps(self, time: float) -> int:
        """A time in ms as a number of steps, the nearest."""
        return int(round(time / self.dt))

    @property
    def min_delay(self) -> float:
        """The shortest delay, in ms: as `setup` says, else that of the projections, else a step."""
        if self._min_delay != "auto":
            return float(self._min_delay)
        delays = [p.delays.min() for p in self.projections if len(p)]
        return float(min(delays)) if delays else self.dt

    @property
    def max_delay(self) -> float:
        """The longest delay, in ms: as `setup` says, else that of the projections, else a step."""
        if self._max_delay != "auto":
            return float(self._max_delay)
        delays = [p.delays.max() for p in self.projections if len(p)]
        return float(max(delays)) if delays else self.dt

    def default_delay(self) -> float:
        """The delay of a synapse type that says none, in ms."""
        return self.dt if self._min_delay == "auto" else float(self._min_delay)

    # --- running ------------------------------------------------------------------------------------------------------

    def run_until(self, time: float) -> None:
        """Advances to a time in ms, rounded to a step; a time that has passed changes nothing."""
        steps = self.steps(time) - self.step
        if any(source.too_short(self.step + steps) for source in self.current_sources):
            self.planned = 2 * (self.step + steps)
            self.stale = True
        simulation = self.prepare()
        if steps > 0:
            self.running = True
            try:
                simulation.run(steps * self.dt)
            finally:  # an interrupted run, or one that came to a number that is none, has gone as far as it tells
                self.step = simulation.time_steps

    def run(self, duration: float) -> None:
        """Advances by a time in ms."""
        self.run_until(self.t + duration)

    def prepare(self) -> synfire.Simulation:
        """The network, compiled; anew where the description has changed, with the state as it is."""
        from . import build

        if self.simulation is None or self.stale:
            before = self.simulation
            snapshot = before.snapshot() if before is not None and self.step > 0 else None
            built = build.network(self)
            compiled = built.network.compile(
                engine=self.options["engine"],
                precision=self.options["precision"],
                threads=self.options["threads"],
                memory=self.options["memory"],
            )
            if snapshot is not None:
                build.take_up(compiled, snapshot)
            if before is not None:
                if self.step > 0:
                    self.pieces.append(Piece(before.recording, self.step))
                before.close()
            self.simulation, self.chance, self.stale, self.outdated = compiled, built.chance, False, False
            for projection in self.projections:
                projection.put_states(compiled)
            self.sample()
            for remark in compiled.remarks:
                if remark not in self.told:
                    self.told.add(remark)
                    warnings.warn(remark, UserWarning, stacklevel=2)
        return self.simulation

    def sample(self, cleared: Any = None) -> None:
        """Keeps the values that are recorded as they are now, where no step has ended on which a probe would look: at
        time 0, of what was not recorded before, and of a recording that was cleared."""
        from . import build

        assert self.simulation is not None
        for population in self.populations:
            for state, rows in build.recorded_states(population):
                key = (population.name, state)
                known = self.probed.get(key)
                if self.step == 0 or known is None or not np.array_equal(known, rows) or population.recorder is cleared:
                    values = np.array(self.simulation.state[population.name][state], dtype=float)
                    self.samples.setdefault(key, {})[self.step] = values
                self.probed[key] = rows

    def changed(self) -> None:
        """The description has changed: the next run compiles it anew and goes on from the state as it is."""
        self.stale = True

    def recorded(self) -> list[Piece]:
        """Everything recorded since the time was last 0, in order."""
        if self.simulation is None:
            return self.pieces
        return [*self.pieces, Piece(self.simulation.recording, self.step)]

    def forget(self) -> None:
        """Lets go of recordings that every recorder has cleared."""
        start = min((r.start_step for r in self.recorders), default=0)
        self.pieces = [piece for piece in self.pieces if piece.end > start]
        for key, kept in self.samples.items():
            self.samples[key] = {step: values for step, values in kept.items() if step >= start}
        if start == self.step and not self.pieces and self.simulation is not None and not self.stale:
            self.simulation.clear_recording()

    def reset(self) -> None:
        """Back to time 0: states and weights as they began, parameters as they are now. Where chance is in the network
        its random numbers are others than in the segment before."""
        self.step = 0
        self.running = False
        self.segment_counter += 1
        self.pieces, self.samples, self.probed = [], {}, {}
        self.stale |= any(recorder.phase for recorder in self.recorders)
        for recorder in self.recorders:
            recorder.start_step = 0
        if self.simulation is not None and (self.stale or self.outdated or self.chance):
            self.simulation.close()
            self.simulation = None
        elif self.simulation is not None:
            self.simulation.reset()
            self.simulation.clear_recording()
            self.sample()

    def seed(self) -> int:
        """Of the network: that of `setup`, and another one for each segment."""
        return int(self.options["rng_seed"]) + self.segment_counter

    def unique(self, label: str) -> str:
        """A name for a part that no other has, as near to a label as can be."""
        plain = "".join(c if c.isalnum() or c in " _-" else "_" for c in label.replace("→", " to ")).strip() or "part"
        name, number = plain, 1
        while name in self.names:
            number += 1
            name = f"{plain} {number}"
        self.names.add(name)
        return name


state = State()
