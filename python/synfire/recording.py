"""`Recording`: what a run left. Columns and matrices are numpy arrays that look at the memory of the run; nothing is copied."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from . import _core
from ._given import path as path_of, span, told, whole, width

if TYPE_CHECKING:
    import neo
    import pandas

    from .figure import Figure

__all__ = ["AtSpikes", "Rate", "Recording", "SpikeTrain", "Summary", "Table", "Trace"]

Array = npt.NDArray[np.float64]


def _grid(first: int, every: int, count: int, dt: float) -> Array:
    """Times in ms of so many samples, one every so many steps."""
    return (first + every * np.arange(count, dtype=np.float64)) * dt


class SpikeTrain:
    """The spikes of the recorded neurons of a population, sorted by step, then neuron: columns `step` (uint64) and `neuron` (uint32)."""

    def __init__(self, told: dict[str, Any], dt: float) -> None:
        self.population: str = told["population"]
        self.size: int = told["size"]
        """Neurons of the population, recorded or not."""
        self.rows: npt.NDArray[np.uint32] | None = told["rows"]
        """Which were recorded; None: all."""
        self.step: npt.NDArray[np.uint64] = told["step"]
        self.neuron: npt.NDArray[np.uint32] = told["neuron"]
        self.dt = dt
        """The step in ms."""

    @property
    def times(self) -> Array:
        """The time of each spike in ms: `step * dt`, worked out now."""
        return np.multiply(self.step, self.dt, dtype=np.float64)

    @property
    def recorded(self) -> npt.NDArray[np.uint32]:
        """Numbers of the recorded neurons."""
        return np.arange(self.size, dtype=np.uint32) if self.rows is None else self.rows

    def trains(self) -> list[Array]:
        """The times in ms of each recorded neuron, in the order of `recorded`."""
        order = np.argsort(self.neuron, kind="stable")
        times, neurons = self.times[order], self.neuron[order]
        starts = np.searchsorted(neurons, self.recorded)
        ends = np.searchsorted(neurons, self.recorded, side="right")
        return [times[a:b] for a, b in zip(starts, ends)]

    def __len__(self) -> int:
        return len(self.step)

    def __repr__(self) -> str:
        return f"<synfire.SpikeTrain {self.population}: {len(self)} spikes of {len(self.recorded)} neurons>"


class Trace:
    """Samples of a state: `values` of shape (samples, rows) in `unit`."""

    def __init__(self, told: dict[str, Any], dt: float) -> None:
        self.population: str = told["population"]
        """The population, or the projection if `synapses`."""
        self.synapses: bool = told["synapses"]
        self.variable: str = told["variable"]
        self.unit: str = told["unit"]
        self.rows: npt.NDArray[np.uint32] = told["rows"]
        """Numbers of the neurons, or of the synapses by source, then target."""
        self.values: Array = told["values"]
        self.first_step: int = told["first_step"]
        self.every: int = told["every"]
        self.dt = dt

    @property
    def times(self) -> Array:
        """The time of each sample in ms."""
        return _grid(self.first_step, self.every, len(self.values), self.dt)

    def animate(self, shape: tuple[int, int], *, range: tuple[float, float] | None = None, delay: int = 4) -> bytes:
        """The samples as an animated GIF of a sheet of (rows, columns) neurons, a frame for each sample; `range`: the values of the first
        and the last colour, those that there are if not given; `delay`: of a frame, in hundredths of a second."""
        rows, columns = (whole(n, "shape", 1, 2**16) for n in shape)
        if rows * columns != self.values.shape[1]:
            raise ValueError(f"shape: {rows} by {columns} are {rows * columns} neurons, the trace has {self.values.shape[1]}")
        values = np.ascontiguousarray(self.values).ravel()
        if range is None and values.size:
            low, high = float(values.min()), float(values.max())
            range = (low, high) if low < high else (low, low + 1.0)
        times = (self.first_step * self.dt, self.every * self.dt)
        label = f"{self.variable} ({self.unit})"
        return _core.animation(values, (columns, rows), range or (0.0, 1.0), label, times, whole(delay, "delay", 1, 1000))

    def __len__(self) -> int:
        return len(self.values)

    def __repr__(self) -> str:
        return f"<synfire.Trace {self.population}.{self.variable} [{self.unit}]: {self.values.shape[0]} samples of {self.values.shape[1]} rows>"


class Rate:
    """Spikes of a population in bins: `count`, and `hz` per neuron."""

    def __init__(self, told: dict[str, Any], dt: float) -> None:
        self.population: str = told["population"]
        self.neurons: int = told["neurons"]
        self.count: npt.NDArray[np.uint64] = told["count"]
        self.hz: Array = np.asarray(told["hz"], dtype=np.float64)
        self.first_step: int = told["first_step"]
        self.bin: int = told["bin"]
        """Steps of a bin."""
        self.dt = dt

    @property
    def times(self) -> Array:
        """Where each bin begins, in ms."""
        return _grid(self.first_step, self.bin, len(self.count), self.dt)

    def __len__(self) -> int:
        return len(self.count)

    def __repr__(self) -> str:
        return f"<synfire.Rate {self.population}: {len(self)} bins of {self.bin * self.dt:g} ms>"


class Summary:
    """What was kept of many neurons or synapses at each sample: `reduction` is `mean` (mean and standard deviation), `sum`, or `histogram`
    (values in each bin of `edges`, below, above); `values` of shape (samples, numbers)."""

    def __init__(self, told: dict[str, Any], dt: float) -> None:
        self.population: str = told["of"]
        self.of_neurons: bool = told["of_neurons"]
        self.variable: str = told["variable"]
        self.unit: str = told["unit"]
        self.reduction: str = told["reduction"]
        self.edges: list[float] = told["edges"]
        self.values: Array = told["values"]
        self.first_step: int = told["first_step"]
        self.every: int = told["every"]
        self.dt = dt

    @property
    def times(self) -> Array:
        """The time of each sample in ms."""
        return _grid(self.first_step, self.every, len(self.values), self.dt)

    def __repr__(self) -> str:
        return f"<synfire.Summary {self.reduction} of {self.population}.{self.variable} [{self.unit}]: {len(self.values)} samples>"


class AtSpikes:
    """A state of synapses at the spikes of their sources: columns `step`, `synapse`, `values`."""

    def __init__(self, told: dict[str, Any], dt: float) -> None:
        self.population: str = told["projection"]
        self.variable: str = told["variable"]
        self.unit: str = told["unit"]
        self.step: npt.NDArray[np.uint64] = told["step"]
        self.synapse: npt.NDArray[np.uint32] = told["synapse"]
        self.values: Array = told["values"]
        self.dt = dt

    @property
    def times(self) -> Array:
        """The time of each in ms."""
        return np.multiply(self.step, self.dt, dtype=np.float64)

    def __len__(self) -> int:
        return len(self.values)

    def __repr__(self) -> str:
        return f"<synfire.AtSpikes {self.population}.{self.variable} [{self.unit}]: {len(self)}>"


Part = TypeVar("Part", SpikeTrain, Trace, Rate, Summary, AtSpikes)


class Table(Mapping[Any, Part], Generic[Part]):
    """Parts of a recording by name: `rec.spikes["exc"]`, `rec.traces["exc.v"]` or `rec.traces["exc", "v"]`.

    Of two probes of one thing the name means the first; `all` has every part in the order of the probes.
    """

    def __init__(self, what: str, named: list[tuple[str, Callable[[], Part]]]) -> None:
        self._what = what
        self._named: list[tuple[str, Callable[[], Part]]] = named
        self._made: dict[int, Part] = {}

    def _at(self, k: int) -> Part:
        if k not in self._made:
            self._made[k] = self._named[k][1]()
        return self._made[k]

    @property
    def all(self) -> list[Part]:
        """Every part, in the order of the probes."""
        return [self._at(k) for k in range(len(self._named))]

    def __getitem__(self, name: str | tuple[str, str] | int) -> Part:
        if isinstance(name, (int, np.integer)):
            if not -len(self._named) <= name < len(self._named):
                known = ", ".join(f"'{one}'" for one in self) or "none"
                raise IndexError(f"there is no {self._what} number {name} in the recording; there are: {known}")
            return self._at(range(len(self._named))[name])
        wanted = ".".join(name) if isinstance(name, tuple) else name
        for k, (known, _) in enumerate(self._named):
            if known == wanted:
                return self._at(k)
        known = ", ".join(f"'{one}'" for one in self) or "none"
        raise KeyError(f"there is no {self._what} '{wanted}' in the recording; there are: {known}; help: add a probe before the run")

    def __contains__(self, name: object) -> bool:
        wanted = ".".join(name) if isinstance(name, tuple) else name
        return any(known == wanted for known, _ in self._named)

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(name for name, _ in self._named))

    def __len__(self) -> int:
        return len(dict.fromkeys(name for name, _ in self._named))

    def __repr__(self) -> str:
        return "{" + ", ".join(f"{name!r}: {self[name]!r}" for name in self) + "}"


class Recording:
    """Everything recorded since the start, the last reset or clear. It does not change any more when the simulation goes on."""

    def __init__(self, inner: _core.Recording) -> None:
        if not isinstance(inner, _core.Recording):
            raise TypeError(f"a Recording is what a run gives; help: sf.Recording.load(folder) reads one, found {told(inner)}")
        self._inner = inner
        self.dt, self.first_step, self.steps = inner.about()
        """dt in ms; what is recorded lies after `first_step`, and spans `steps`."""
        spikes, traces, rates, summaries, at_spikes, positions = inner.counts()

        dt = self.dt

        def table(what: str, count: int, told: Callable[[int], dict[str, Any]], make: type[Part], *names: str) -> Table[Part]:
            def part(one: dict[str, Any]) -> Callable[[], Part]:
                return lambda: make(one, dt)

            parts = [told(k) for k in range(count)]
            return Table(what, [(".".join(one[name] for name in names), part(one)) for one in parts])

        self.spikes: Table[SpikeTrain] = table("population with spikes", spikes, inner.spikes, SpikeTrain, "population")
        self.traces: Table[Trace] = table("trace", traces, inner.traces, Trace, "population", "variable")
        self.rates: Table[Rate] = table("rate", rates, inner.rates, Rate, "population")
        self.summaries: Table[Summary] = table("summary", summaries, inner.summaries, Summary, "of", "variable")
        self.at_spikes: Table[AtSpikes] = table("table at spikes", at_spikes, inner.at_spikes, AtSpikes, "projection", "variable")
        self.positions: dict[str, Array] = dict(inner.positions(k) for k in range(positions))
        """Where the neurons of a population are: (neurons, 3) in um."""

    @property
    def duration(self) -> float:
        """What it spans, in ms."""
        return self.steps * self.dt

    # ---- measures

    def measures(
        self,
        measures: Sequence[str] | None = None,
        *,
        window: tuple[Any, Any] | None = None,
        bin: Any = 2.0,
    ) -> dict[str, dict[str, float]]:
        """By population: rates, CV, CV2, LV, Fano factor, correlation, synchrony, spectrum (guide: `recordings`), by keys such as
        `"rate_mean_hz"`. `window`: after the first time, up to the second; `bin`: of measures that count in bins (times in ms)."""
        within = None if window is None else span(window)
        names = None if measures is None else [measures] if isinstance(measures, str) else [str(name) for name in measures]
        measured = self._inner.measures(names, within, width(bin, "bin"))
        return {name: {key: value for key, _, value in numbers} for name, _, numbers in measured}

    # ---- other forms

    def to_pandas(self) -> dict[str, pandas.DataFrame]:
        """Data frames: `"spikes"` (population, neuron, time in ms), and for each trace one with a column for each row, by time."""
        try:
            import pandas
        except ImportError:
            raise ImportError("to_pandas makes data frames of pandas, which is not installed; help: pip install pandas") from None
        trains = [
            pandas.DataFrame({"population": train.population, "neuron": train.neuron, "time": train.times}) for train in self.spikes.all
        ]
        empty = pandas.DataFrame({"population": [], "neuron": [], "time": []})
        frames = {"spikes": pandas.concat(trains, ignore_index=True) if trains else empty}
        for trace in self.traces.all:
            index = pandas.Index(trace.times, name="time")
            frames[f"{trace.population}.{trace.variable}"] = pandas.DataFrame(trace.values, index=index, columns=trace.rows)
        return frames

    def to_neo(self, name: str = "") -> neo.Block:
        """A block of Neo with one segment: a spike train for each recorded neuron, an analog signal for each trace."""
        from ._neo import block

        return block(self, name)

    def save(self, folder: str | os.PathLike[str], formats: Sequence[str] = ("npz",)) -> None:
        """Writes it into a folder: `npz` (everything), `csv`, `nest`, `gdf` (spikes), `sonata` (spikes and traces)."""
        names = [formats] if isinstance(formats, str) else [str(name) for name in formats]
        self._inner.save(path_of(folder, "folder"), names)

    @classmethod
    def load(cls, folder: str | os.PathLike[str]) -> Recording:
        """Reads what `save` wrote as `npz`, or `synfire run` did."""
        return cls(_core.read(path_of(folder, "folder")))

    # ---- pictures

    def plot(self, **options: Any) -> Figure:
        """Raster, rates and traces over one time axis, as the command draws them.

        `title`, `width`, `height` (pixels), `rows`, `from_ms`, `to_ms`, `raster`, `rates`, `traces` (whether to draw them), `apart`,
        `rate_bin_ms`, `max_rows`, `max_traces`, `max_marks`.
        """
        from .figure import Figure, drawn

        return Figure(self._inner.figure(drawn(options)))

    def plot_positions(self, *, title: str | None = None, width: int = 700) -> Figure:
        """Where the neurons of populations with positions are."""
        from .figure import Figure

        return Figure(self._inner.positions_figure(title, whole(width, "width", 1, 4000)))

    def axes(self, axes: Any = None) -> Any:
        """The raster and the traces in axes of matplotlib: two new ones if none are given. Gives the axes."""
        from ._matplotlib import draw

        return draw(self, axes)

    def _repr_html_(self) -> str:
        text = repr(self).replace("<", "&lt;")
        if not (len(self.spikes) or len(self.traces) or len(self.rates)) or not self.steps:
            return f"<p><code>{text}</code></p>"
        return f"<p><code>{text}</code></p>{self.plot()._repr_svg_()}"

    def __repr__(self) -> str:
        parts = [f"{sum(len(train) for train in self.spikes.all)} spikes of {', '.join(self.spikes)}"] if len(self.spikes) else []
        parts += [f"traces {', '.join(self.traces)}"] if len(self.traces) else []
        parts += [f"rates of {', '.join(self.rates)}"] if len(self.rates) else []
        return f"<synfire.Recording of {self.duration:g} ms: {'; '.join(parts) or 'nothing recorded'}>"

    def __reduce__(self) -> tuple[Any, ...]:
        with tempfile.TemporaryDirectory() as folder:
            self._inner.save(folder, ["npz"])
            files = {}
            for name in sorted(os.listdir(folder)):
                with open(os.path.join(folder, name), "rb") as file:
                    files[name] = file.read()
        return _unpickled, (_VERSION, files)


_VERSION = 1


def _unpickled(version: int, files: dict[str, bytes]) -> Recording:
    if version != _VERSION:
        from .errors import CallError

        raise CallError(
            f"this recording was pickled by another version of synfire (form {version}, this reads {_VERSION})\n"
            "  help: keep recordings by `rec.save(folder)`, which every version reads"
        )
    with tempfile.TemporaryDirectory() as folder:
        for name, data in files.items():
            with open(os.path.join(folder, os.path.basename(name)), "wb") as file:
                file.write(data)
        return Recording(_core.read(folder))
