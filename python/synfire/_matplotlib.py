"""A recording in axes of matplotlib."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .recording import Recording


def draw(recording: Recording, axes: Any) -> Any:
    """The raster in the first of the axes, traces in the others."""
    wanted = (1 if len(recording.spikes) else 0) + len(recording.traces.all)
    if wanted == 0:
        raise ValueError("nothing was recorded that axes show: no spikes, no traces; help: add a probe before the run")
    if axes is None:
        try:
            import matplotlib.pyplot as plt
        except ImportError:
            raise ImportError("axes are matplotlib's, which is not installed; help: pip install matplotlib, or use plot()") from None
        _, axes = plt.subplots(wanted, 1, sharex=True, squeeze=False, figsize=(9, 2.5 * wanted))
        axes = list(axes[:, 0])
    elif hasattr(axes, "plot"):
        axes = [axes]
    left = list(axes)
    if not left or not all(hasattr(axis, "plot") for axis in left):
        raise TypeError(f"axes: expected axes of matplotlib, found {axes!r}; help: rec.axes() makes new ones")
    if len(recording.spikes) and left:
        axis, first = left.pop(0), 0
        ticks = []
        for train in recording.spikes.all:
            axis.plot(train.times, train.neuron + first, ",", label=train.population)
            ticks.append((first + train.size / 2, train.population))
            first += train.size
        axis.set_yticks([place for place, _ in ticks], [name for _, name in ticks])
    for axis, trace in zip(left, recording.traces.all):
        axis.plot(trace.times, trace.values[:, :5], lw=0.8)
        axis.set_ylabel(f"{trace.population}.{trace.variable} [{trace.unit}]")
    axes[-1].set_xlabel("time [ms]")
    return axes
