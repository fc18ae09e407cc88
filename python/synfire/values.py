"""Values that differ from row to row (neurons or synapses): laws to draw from, sequences, arrays with a unit.

Each function gives what a network file has in its place, a dict of one key, such as `{"uniform": ["-60 mV", "-50 mV"]}`. Where a
quantity is wanted, a text (`"5 mV"`), a product (`5 * sf.mV`), a number of a pure number, or a quantity of Brian2, quantities or pint
will do.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .units import plain

__all__ = [
    "binomial", "choice", "column", "each", "exponential", "gamma", "linspace", "lognormal", "matrix", "normal", "numbers", "poisson",
    "randint", "range", "repeat", "uniform", "von_mises",
]  # fmt: skip

Law = dict[str, Any]


def _given(**keys: Any) -> dict[str, Any]:
    return {key: plain(value) for key, value in keys.items() if value is not None}


def uniform(low: Any, high: Any) -> Law:
    """Drawn from `low` (included) to `high` (excluded)."""
    return {"uniform": [plain(low), plain(high)]}


def normal(mean: Any, sd: Any, *, min: Any = None, max: Any = None, outside: str | None = None) -> Law:
    """Drawn from a normal law; a draw beyond `min` or `max` is drawn again, or with `outside="clip"` set to the bound."""
    return {"normal": _given(mean=mean, sd=sd, min=min, max=max, outside=outside)}


def lognormal(median: Any, sigma: float, *, min: Any = None, max: Any = None, outside: str | None = None) -> Law:
    """The exponential of a normal draw: `sigma` is the standard deviation of the logarithm."""
    return {"lognormal": _given(median=median, sigma=sigma, min=min, max=max, outside=outside)}


def gamma(shape: Any, scale: Any, *, min: Any = None, max: Any = None, outside: str | None = None) -> Law:
    """Drawn from a gamma law, of mean shape * scale."""
    return {"gamma": _given(shape=shape, scale=scale, min=min, max=max, outside=outside)}


def exponential(mean: Any, *, min: Any = None, max: Any = None, outside: str | None = None) -> Law:
    """Drawn from an exponential law."""
    return {"exponential": _given(mean=mean, min=min, max=max, outside=outside)}


def poisson(mean: Any, *, times: Any = None) -> Law:
    """A whole number drawn from a Poisson law, times `times` if it is given."""
    return {"poisson": _given(mean=mean, times=times)}


def binomial(n: Any, p: Any, *, times: Any = None) -> Law:
    """How many of `n` trials succeed, times `times` if it is given."""
    return {"binomial": _given(n=n, p=p, times=times)}


def randint(low: int, high: int) -> Law:
    """A whole number from `low` to `high - 1`."""
    return {"randint": [plain(low), plain(high)]}


def von_mises(mean: Any, kappa: Any) -> Law:
    """An angle in radians around a mean, with a concentration."""
    return {"von_mises": _given(mean=mean, kappa=kappa)}


def linspace(first: Any, last: Any) -> Law:
    """From `first` in the first row to `last` in the last, evenly."""
    return {"linspace": [plain(first), plain(last)]}


def range(start: Any, stop: Any, step: Any) -> Law:  # noqa: A001 (the field's word)
    """From `start` up to, not including, `stop`; as many as there are rows."""
    return {"range": [plain(start), plain(stop), plain(step)]}


def repeat(*of: Any) -> Law:
    """One value after the other, over and over."""
    return {"repeat": [plain(value) for value in of]}


def each(*of: Any) -> Law:
    """A block of rows for each value."""
    return {"each": [plain(value) for value in of]}


def choice(of: Any, probability: Any = None) -> Law:
    """One of some values, drawn with these probabilities, or all alike."""
    values = [plain(value) for value in of]
    return {"choice": {"of": values, **_given(probability=None if probability is None else list(probability))}}


def numbers(array: npt.ArrayLike, unit: str | None = None) -> Law:
    """One number for each row, all in one unit: what `array * sf.nS` is. The array is not copied if it is float64."""
    given = np.asarray(array)
    if given.dtype.kind not in "fiub" and given.size:
        raise TypeError(f"numbers: expected numbers, found an array of {given.dtype}; help: 5 * sf.mV, or values.numbers([5.0], 'mV')")
    made = np.ascontiguousarray(given, dtype=np.float64)
    if made.ndim != 1:
        raise ValueError(f"numbers: expected an array of one axis, one number for each row, found {made.ndim} axes")
    return {"numbers": {"of": made, **({"unit": unit} if unit else {})}}


def column(column: str, *, file: str | None = None, unit: str | None = None) -> Law:
    """A column of a table: of the connector's own, or of another `file`."""
    return {"column": _given(column=column, file=file, unit=unit)}


def matrix(rows: npt.ArrayLike, unit: str | None = None) -> Law:
    """A number for each place of a connector `matrix` or `pattern`, in its rows."""
    return {"matrix": {"rows": np.asarray(rows, dtype=np.float64), **({"unit": unit} if unit else {})}}
