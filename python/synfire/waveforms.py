"""What a stimulus does while it is on. Each function gives what a network file has in its place, a dict with its `kind`."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ._keys import given

__all__ = [
    "array", "constant", "expression", "external", "frames", "noise", "ornstein_uhlenbeck", "poisson", "poisson_array", "pulses", "ramp",
    "sine", "steps",
]  # fmt: skip

Waveform = dict[str, Any]


def constant(amplitude: Any) -> Waveform:
    """`amplitude`, in the unit of the input, the same for all neurons or a value for each."""
    return given(kind="constant", amplitude=amplitude)


def steps(times: Any, amplitudes: Any) -> Waveform:
    """`amplitudes[k]` from `times[k]` on, 0 before the first."""
    return {"kind": "steps", "times": _values(times, "times"), "amplitudes": _values(amplitudes, "amplitudes")}


def _values(values: Any, what: str) -> list[Any]:
    if hasattr(values, "magnitude") or hasattr(values, "dim"):
        return [given(value=value)["value"] for value in values]
    if isinstance(values, str) or not hasattr(values, "__iter__"):
        raise TypeError(f"{what}: a list of quantities is wanted, found {values!r}; help: ['10 ms', '20 ms']")
    return [given(value=value)["value"] for value in values]


def sine(amplitude: Any, frequency: Any, *, phase: float | None = None, offset: Any = None) -> Waveform:
    """`offset + amplitude*sin(2 pi frequency (t - start) + phase)`, phase in radians."""
    return given(kind="sine", amplitude=amplitude, frequency=frequency, phase=phase, offset=offset)


def ramp(to: Any, over: Any, *, start: Any = None) -> Waveform:
    """From `start` (0 if not given) to `to` in a straight line within the time `over`, then `to`."""
    return {"kind": "ramp", **given(to=to, over=over), **({} if start is None else {"from": given(x=start)["x"]})}


def pulses(amplitude: Any, width: Any, *, interval: Any = None, count: int | None = None, offset: Any = None) -> Waveform:
    """Rectangular pulses of a width, one from each multiple of `interval` on."""
    return given(kind="pulses", amplitude=amplitude, width=width, interval=interval, count=count, offset=offset)


def expression(value: str) -> Waveform:
    """An expression of the time `t` of the run, such as `"200 pA*exp(-t/(50 ms))"`."""
    return given(kind="expression", value=value)


def noise(mean: Any, sd: Any, *, interval: Any = None) -> Waveform:
    """A normal draw for each neuron, held for `interval` (one step if not given)."""
    return given(kind="noise", mean=mean, sd=sd, interval=interval)


def ornstein_uhlenbeck(mean: Any, sd: Any, tau: Any) -> Waveform:
    """Noise with a memory of `tau`, for each neuron its own."""
    return given(kind="ornstein_uhlenbeck", mean=mean, sd=sd, tau=tau)


def poisson(rate: Any, weight: Any, *, sources: int | None = None) -> Waveform:
    """For each neuron the events of `sources` Poisson processes of `rate` (it may follow the time `t`), each adding `weight`."""
    return given(kind="poisson", rate=rate, weight=weight, sources=sources)


def array(values: npt.ArrayLike, interval: Any, *, unit: str | None = None) -> Waveform:
    """Sample k from the step nearest to k times `interval` on: `values` of one axis are for all neurons, of two a column for each."""
    return {"kind": "array", "values": _samples(values), **given(interval=interval, unit=unit)}


def poisson_array(
    values: npt.ArrayLike, interval: Any, weight: Any, *, unit: str | None = None, sources: int | None = None
) -> Waveform:
    """Poisson events whose rate is a sample: as `array`, `unit` of the rates is Hz if not given."""
    keys = given(interval=interval, weight=weight, unit=unit, sources=sources)
    return {"kind": "poisson_array", "values": _samples(values), **keys}


def _samples(values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    made = np.asarray(values, dtype=np.float64)
    if made.ndim not in (1, 2):
        raise ValueError(f"values: samples along one axis, or samples by neurons, found {made.ndim} axes")
    return made[:, None] if made.ndim == 1 else made


def frames(file: Any, interval: Any, white: Any, **keys: Any) -> Waveform:
    """As bright as the pixels of an image or a movie, a neuron for each; further keys as in the guide's page `events`."""
    return given(kind="frames", file=str(file), interval=interval, white=white, **keys)


def external(unit: str | None = None) -> Waveform:
    """Set from outside at every `Simulation.step_external`."""
    return given(kind="external", unit=unit)
