"""`Simulation`: a compiled network that runs, step by step or for a time, and can be read and changed in between."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from . import _core
from ._given import ms, path as path_of, text as text_of, told, whole
from ._keys import tree
from ._progress import bar
from .errors import RunError
from .recording import Recording
from .units import Quantity, magnitude

if TYPE_CHECKING:
    from types import TracebackType

    from .figure import Figure

__all__ = ["Deviation", "Engine", "PopulationState", "Simulation", "State", "Synapses", "Verification", "Wiring"]

Array = npt.NDArray[np.float64]


class Simulation:
    """What `Network.compile` gives. One thread uses it at a time; other threads run while it computes."""

    def __init__(self, inner: _core.Simulation) -> None:
        if not isinstance(inner, _core.Simulation):
            raise TypeError(f"a Simulation is made by net.compile(), not of {told(inner)}")
        self._inner = inner
        # without a look at what they are given: for the tightest loops
        self.step_array = inner.step
        self.step_into_array = inner.step_into
        inputs, outputs = inner.channels()
        instances = inner.now()[3]
        self._inputs = sum(n for _, n in inputs) * instances
        self._outputs = sum(n for _, n in outputs) * instances

    # ---- running

    def run(self, duration: Any, progress: bool = False) -> Recording:
        """Runs for a time (`"1 s"`, `100 * sf.ms`, or a number of ms) and gives everything recorded so far.

        `progress`: a bar of tqdm, in a terminal or a notebook. Ctrl-C stops within a second: `KeyboardInterrupt`, and what was computed is
        kept, here and in the exception's `recording`.

        A recording that is still held when the run goes on stays as it was, so the run goes on with a copy: in a loop of many short runs
        let go of it, or call `clear_recording` after each.

        **Errors** `RunError` where a state is not finite any more: population, neuron and step; its `recording` is that up to then.
        """
        time = ms(duration, "duration")
        try:
            with bar(progress, time / self.dt, "step") as report:
                self._inner.run(time, report)
        except (RunError, KeyboardInterrupt) as error:
            error.recording = self.recording  # type: ignore[union-attr]
            raise
        return self.recording

    def run_steps(self, steps: int) -> Recording:
        """Runs for some steps."""
        try:
            self._inner.run_steps(whole(steps, "steps"))
        except RunError as error:
            error.recording = self.recording
            raise
        return self.recording

    def step(self, x: npt.ArrayLike | None = None, out: Array | None = None) -> Array:
        """One step with these inputs; gives the outputs after it.

        `x`: a number for each of the declared inputs, in their order; of an ensemble instance after instance. `out`: a float64 array that
        takes the outputs, so that nothing is made anew.
        """
        if type(x) is not np.ndarray or x.dtype != np.float64 or x.ndim != 1:
            x = _vector(x, self._inputs, "x")
        if out is None:
            return self._inner.step(x)
        try:
            self._inner.step_into(x, out)
        except (TypeError, ValueError) as error:
            raise _no_room(x, out, self._outputs) or error from None
        return out

    def run_inputs(self, x: npt.ArrayLike) -> Array:
        """Many steps in one call: `x` of shape (steps, inputs), the result of shape (steps, outputs)."""
        given = np.asarray(x)
        if given.dtype.kind not in "fiub" and given.size:
            raise TypeError(f"x: expected numbers, found {told(x)}")
        given = np.ascontiguousarray(given, dtype=np.float64)
        if given.ndim == 1 and self._inputs == 1:
            given = given[:, None]
        if given.ndim != 2 or given.shape[1] != self._inputs:
            raise ValueError(f"x: expected an array of shape (steps, {self._inputs}), found {given.shape}")
        return self._inner.run_inputs(given.ravel()).reshape(len(given), self._outputs)

    def step_external(self, x: npt.ArrayLike) -> None:
        """One step with the numbers of external stimuli: one for each row of each of them, in their order."""
        self._inner.step_external(_vector(x, None, "x"))

    def set_input(self, name: str, numbers: npt.ArrayLike) -> None:
        """Sets one input for all steps until it is set again: a number, or one for each neuron."""
        self._inner.set_input(text_of(name, "name"), _vector(numbers, None, name))

    def outputs(self) -> Array:
        """All outputs as they are now."""
        return self._inner.outputs()

    def output(self, name: str) -> Array:
        """One output as it is now."""
        return self._inner.output(text_of(name, "name"))

    @property
    def input_channels(self) -> dict[str, int]:
        """The declared inputs, in their order, with how many numbers each takes."""
        return dict(self._inner.channels()[0])

    @property
    def output_channels(self) -> dict[str, int]:
        """The declared outputs, in their order, with how many numbers each gives."""
        return dict(self._inner.channels()[1])

    # ---- state

    @property
    def state(self) -> State:
        """`sim.state["exc"]["v"]`: states as arrays, which can be set in the same way."""
        return State(self._inner)

    def set(self, address: str, value: Any) -> None:
        """Changes a value while it runs: `"exc.v_th"`, `"exc[3].v_th"`, `"exc -> inh.weight"`, `"stimulus drive.amplitude"`."""
        self._inner.set(text_of(address, "address"), tree(value))

    def synapses(self, projection: str, state: str, instance: int = 0) -> Synapses:
        """A state of all synapses of a projection, such as a learned weight, with their ends."""
        names = text_of(projection, "projection"), text_of(state, "state")
        return Synapses(*self._inner.synapses(*names, whole(instance, "instance", 0, 2**32)))

    def set_synapses(self, projection: str, state: str, values: Any) -> None:
        """Sets a state of synapses: a number for each, in the order in which `synapses` gives them, or an array with a unit."""
        unit = self._inner.synapses(text_of(projection, "projection"), text_of(state, "state"), 0)[3]
        self._inner.set_synapses(projection, state, _vector(magnitude(values, unit), None, state))

    def wiring(self) -> dict[str, Wiring]:
        """Who is joined to whom, by projection, before the first step."""
        return {told.pop("projection"): Wiring(**told) for told in self._inner.wiring()}

    def plot_wiring(self, *, title: str | None = None, width: int = 900) -> Figure:
        """A matrix of who is joined to whom, by population."""
        from .figure import Figure

        return Figure(self._inner.wiring_figure(title, whole(width, "width", 1, 4000)))

    def plot_synapses(self, projection: str, state: str, *, title: str | None = None, width: int = 900) -> Figure:
        """A state of the synapses of a projection now: its distribution, and a matrix of sources and targets."""
        from .figure import Figure

        names = text_of(projection, "projection"), text_of(state, "state")
        return Figure(self._inner.weights_figure(*names, title, whole(width, "width", 1, 4000)))

    def reset(self) -> None:
        """Back to the start; the next run gives what the first gave."""
        self._inner.reset()

    def snapshot(self) -> _core.Snapshot:
        """The whole state now, for `restore`."""
        return self._inner.snapshot()

    def restore(self, snapshot: _core.Snapshot) -> None:
        """Goes on from a snapshot, of this simulation or of another of such a network."""
        if not isinstance(snapshot, _core.Snapshot):
            raise TypeError(f"restore: expected what `snapshot()` gave, found {told(snapshot)}")
        self._inner.restore(snapshot)

    def save_state(self, path: str | os.PathLike[str]) -> None:
        """Writes the whole state to a file."""
        self._inner.save_state(path_of(path, "path"))

    def load_state(self, path: str | os.PathLike[str]) -> None:
        """Goes on from the state in a file."""
        self._inner.load_state(path_of(path, "path"))

    def verify(self, steps: int = 100) -> Verification:
        """Runs beside the reference engine, both from the same state before every step, and tells how far they part."""
        agrees, steps, spikes, ties, worst = self._inner.verify(whole(steps, "steps", 1))
        return Verification(agrees, steps, spikes, ties, [Deviation(*one) for one in worst])

    # ---- what it left

    @property
    def recording(self) -> Recording:
        """Everything recorded since the start, the last `reset` or `clear_recording`; of an ensemble its first instance."""
        return Recording(self._inner.recordings()[0])

    @property
    def recordings(self) -> list[Recording]:
        """The same of every instance."""
        return [Recording(one) for one in self._inner.recordings()]

    def clear_recording(self) -> None:
        """Forgets what was recorded; the state stays."""
        self._inner.clear_recording()

    # ---- what it is

    @property
    def dt(self) -> float:
        """The step in ms."""
        return self._inner.now()[1]

    @property
    def time(self) -> float:
        """Time in ms."""
        steps, dt, _, _ = self._inner.now()
        return steps * dt

    @property
    def time_steps(self) -> int:
        """Time in steps."""
        return self._inner.now()[0]

    @property
    def spike_count(self) -> int:
        """Spikes of all neurons, of all instances, since the start."""
        return sum(self._inner.now()[2])

    @property
    def spike_counts(self) -> list[int]:
        """The same for each instance."""
        return self._inner.now()[2]

    @property
    def instances(self) -> int:
        """Networks that run side by side."""
        return self._inner.now()[3]

    @property
    def engine(self) -> Engine:
        """What it runs on, and why."""
        told = self._inner.about()
        return Engine(**{key: told[key] for key in ("engine", "adapter", "driver", "precision", "threads", "software", "reason")})

    @property
    def remarks(self) -> list[str]:
        """What is no error and should be known."""
        remarks: list[str] = self._inner.about()["remarks"]
        return remarks

    @property
    def hash(self) -> str:
        """SHA-256 of the network."""
        return str(self._inner.about()["hash"])

    @property
    def timings(self) -> dict[str, float]:
        """Seconds of building, of the first step, of all steps after it."""
        told = self._inner.about()
        return {key: told[key] for key in ("build_s", "first_step_s", "run_s")}

    # ---- Python's

    def close(self) -> None:
        """Lets go of memory and device now, not when nobody looks at it any more."""
        self._inner.close()

    def __enter__(self) -> Simulation:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        if self._inner.closed:
            return "<synfire.Simulation, closed>"
        engine = self.engine
        return f"<synfire.Simulation at {self.time:g} ms on {engine.adapter} ({engine.engine}, {engine.precision}), {self.spike_count} spikes>"

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError("a running simulation cannot be pickled; help: pickle the Network, and keep the state by `save_state`")


def _vector(x: Any, count: int | None, what: str) -> Array:
    if x is None:
        x = ()
    given = np.asarray(x)
    if given.dtype.kind not in "fiub" and given.size:
        raise TypeError(f"{what}: expected numbers, found {given.dtype}")
    given = np.ascontiguousarray(given, dtype=np.float64)
    given = given.reshape(1) if given.ndim == 0 else given
    if given.ndim != 1:
        raise ValueError(f"{what}: expected numbers along one axis, found an array of shape {given.shape}; help: .ravel()")
    if count is not None and len(given) != count:
        raise ValueError(f"{what}: {len(given)} numbers were given, the inputs take {count}")
    return given


def _no_room(x: Any, out: Any, width: int) -> Exception | None:
    """Why these outputs cannot go there."""
    wanted = f"out: expected a float64 array of {width} numbers"
    if not isinstance(out, np.ndarray):
        return TypeError(f"{wanted}, found {told(out)}")
    if out.dtype != np.float64:
        return TypeError(f"{wanted}, found {out.dtype}")
    if out.ndim != 1:
        return ValueError(f"{wanted} along one axis, found an array of shape {out.shape}")
    if not out.flags.writeable:
        return ValueError("out: this array is read-only; help: np.empty(n)")
    if np.shares_memory(x, out):
        return ValueError("out: it shares its memory with `x`, which is read meanwhile; help: an array of its own")
    return None


class State(Mapping[str, "PopulationState"]):
    """The states of all populations, by name."""

    def __init__(self, inner: _core.Simulation) -> None:
        self._inner = inner
        self._populations = {name: (size, dict(states)) for name, size, states in inner.populations()}

    def __getitem__(self, population: str) -> PopulationState:
        text_of(population, "population")
        if population not in self._populations:
            # its message knows what there is
            self._inner.state(population, "")
        size, units = self._populations[population]
        return PopulationState(self._inner, population, size, units)

    def __setitem__(self, population: str, value: Any) -> None:
        raise TypeError(f'a population has several states; help: sim.state["{population}"]["v"] = value')

    def __iter__(self) -> Iterator[str]:
        return iter(self._populations)

    def __len__(self) -> int:
        return len(self._populations)

    def __repr__(self) -> str:
        lines = [f"{name} ({size}): {', '.join(f'{s} [{u}]' if u else s for s, u in units.items())}"
                 for name, (size, units) in self._populations.items()]  # fmt: skip
        return "\n".join(lines)


class PopulationState(Mapping[str, Array]):
    """The states of a population: float64 arrays, a number for each neuron, in the unit that `unit` tells.

    `state["v"] = array` sets it, and so does one value for all: `state["v"] = "-60 mV"`.
    """

    def __init__(self, inner: _core.Simulation, population: str, size: int, units: dict[str, str]) -> None:
        self._inner, self._population, self._size, self._units = inner, population, size, units

    def __getitem__(self, state: str) -> Array:
        return self._inner.state(self._population, text_of(state, "state"))

    def __setitem__(self, state: str, value: Any) -> None:
        if text_of(state, "state") not in self._units:
            self._inner.state(self._population, state)
        if value is None:
            raise TypeError(f"{state}: expected a value for all neurons or one for each, found None")
        unit = self._units.get(state, "")
        number = magnitude(value, unit, state) if unit and unit != "1" else value
        array = np.asarray(number, dtype=np.float64)
        if array.ndim == 0:
            array = np.full(self._size * self._inner.now()[3], float(array))
        self._inner.set_state(self._population, state, _vector(array, None, state))

    def unit(self, state: str) -> str:
        """The unit that the numbers of a state count."""
        if state not in self._units:
            self._inner.state(self._population, state)
        return self._units[state]

    def quantity(self, state: str) -> Quantity:
        """A state with its unit."""
        return Quantity(self[state], self.unit(state))

    def __iter__(self) -> Iterator[str]:
        return iter(self._units)

    def __len__(self) -> int:
        return len(self._units)


class Synapses:
    """A state of all synapses of a projection: `source`, `target` (uint32), `values` (float64, in `unit`)."""

    def __init__(self, source: npt.NDArray[np.uint32], target: npt.NDArray[np.uint32], values: Array, unit: str) -> None:
        self.source, self.target, self.values, self.unit = source, target, values, unit

    def __len__(self) -> int:
        return len(self.values)

    def matrix(self, shape: tuple[int, int]) -> Array:
        """As a matrix of (sources, targets); pairs without a synapse are nan, of several the last holds."""
        made = np.full(shape, np.nan)
        made[self.source, self.target] = self.values
        return made

    def __repr__(self) -> str:
        return f"<synfire.Synapses: {len(self)}, in {self.unit}>"


class Wiring:
    """The synapses of a projection as they were drawn: `source`, `target`, `values` of `variable` in `unit`, `delay` in ms."""

    def __init__(
        self,
        source_population: str,
        target_population: str,
        variable: str,
        unit: str,
        source: npt.NDArray[np.uint32],
        target: npt.NDArray[np.uint32],
        values: Array,
        delay: Array,
    ) -> None:
        self.source_population, self.target_population = source_population, target_population
        self.variable, self.unit = variable, unit
        self.source, self.target, self.values, self.delay = source, target, values, delay

    def __len__(self) -> int:
        return len(self.values)

    def __repr__(self) -> str:
        return f"<synfire.Wiring {self.source_population} -> {self.target_population}: {len(self)} synapses>"


class Engine:
    """What a simulation runs on."""

    def __init__(
        self, engine: str, adapter: str, driver: str, precision: str, threads: int, software: bool, reason: str
    ) -> None:
        self.engine, self.adapter, self.driver, self.precision = engine, adapter, driver, precision
        self.threads, self.software, self.reason = threads, software, reason

    def __repr__(self) -> str:
        return f"<{self.adapter} ({self.engine}, {self.precision}): {self.reason}>"


class Deviation:
    """Where an engine is furthest from the reference, of one variable: by `ratio` of what rounding explains."""

    def __init__(
        self, population: str, variable: str, neuron: int, step: int, found: float, expected: float, ratio: float
    ) -> None:
        self.population, self.variable, self.neuron, self.step = population, variable, neuron, step
        self.found, self.expected, self.ratio = found, expected, ratio

    def __repr__(self) -> str:
        where = f"{self.variable} of {self.population}[{self.neuron}] at step {self.step}"
        return f"<{where}: {self.found!r}, expected {self.expected!r}, {self.ratio:.2g} of what rounding explains>"


class Verification:
    """How far an engine and the reference part."""

    def __init__(self, agrees: bool, steps: int, spikes: int, ties: int, worst: list[Deviation]) -> None:
        self.agrees, self.steps, self.spikes, self.ties, self.worst = agrees, steps, spikes, ties, worst

    def __bool__(self) -> bool:
        return self.agrees

    def __repr__(self) -> str:
        word = "agrees" if self.agrees else "does not agree"
        return f"<synfire.Verification: {word} over {self.steps} steps and {self.spikes} spikes>"
