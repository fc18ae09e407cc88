"""A recording as a block of Neo."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import neo

    from .recording import Recording


def block(recording: Recording, name: str) -> neo.Block:
    """A block with one segment; annotations tell population, neuron and variable."""
    try:
        import neo
        import quantities as pq
    except ImportError:
        raise ImportError("to_neo makes a block of Neo, which is not installed; help: pip install neo") from None
    start, stop = recording.first_step * recording.dt, (recording.first_step + recording.steps) * recording.dt
    made = neo.Block(name=name or None)
    segment = neo.Segment(name="run")
    for train in recording.spikes.all:
        for neuron, times in zip(train.recorded, train.trains()):
            one = neo.SpikeTrain(times * pq.ms, t_start=start * pq.ms, t_stop=stop * pq.ms, sampling_rate=1 / (recording.dt * pq.ms))
            one.annotate(population=train.population, neuron=int(neuron))
            segment.spiketrains.append(one)
    for trace in recording.traces.all:
        unit = pq.dimensionless if trace.unit in ("", "1") else _unit(trace.unit)
        signal = neo.AnalogSignal(
            trace.values,
            units=unit,
            t_start=trace.first_step * trace.dt * pq.ms,
            sampling_period=trace.every * trace.dt * pq.ms,
            name=trace.variable,
        )
        signal.annotate(population=trace.population, variable=trace.variable)
        signal.array_annotate(neuron=trace.rows.astype(int))
        segment.analogsignals.append(signal)
    made.segments.append(segment)
    return made


def _unit(text: str) -> str:
    # quantities has no name for gigaohms, and writes micro as u
    return text.replace("GOhm", "Gohm").replace("MOhm", "Mohm")
