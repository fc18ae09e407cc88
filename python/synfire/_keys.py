"""Keyword arguments as the keys of a network file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .units import plain


def tree(value: Any) -> Any:
    """A value as the core takes it: as `plain`, but arrays of numbers stay arrays."""
    if isinstance(value, np.ndarray) and value.dtype.kind in "fiu":
        return value
    if isinstance(value, Mapping):
        return {str(key): tree(item) for key, item in value.items() if item is not None}
    if isinstance(value, (list, tuple)) and any(isinstance(item, (np.ndarray, Mapping)) for item in value):
        return [tree(item) for item in value]
    if hasattr(value, "__fspath__"):
        return str(value)
    return plain(value)


def given(**keys: Any) -> dict[str, Any]:
    """The keys that were given a value."""
    return {key: tree(value) for key, value in keys.items() if value is not None}


def rows(value: Any) -> Any:
    """Some rows of a population: a slice with both ends, a range, a list or an array of numbers, one number, or the dict of a file.

    **Errors** `TypeError`, `ValueError` for anything else, such as a mask of booleans.
    """
    if value is None or isinstance(value, Mapping):
        return value
    if isinstance(value, slice):
        if value.stop is None or value.step not in (None, 1) or (value.start or 0) < 0 or value.stop < 0:
            raise ValueError(f"rows: a slice has a stop, no step, and counts from 0, found {value}; help: range(0, 10)")
        return {"range": [int(value.start or 0), int(value.stop)]}
    if isinstance(value, range) and value.step == 1:
        return {"range": [value.start, max(value.start, value.stop)]}
    if isinstance(value, (int, np.integer)) and not isinstance(value, (bool, np.bool_)):
        return {"list": [int(value)]}
    if isinstance(value, str):
        raise TypeError(f"rows: expected numbers, found the text '{value}'; help: rows=[0, 3] or rows=range(10)")
    array = np.asarray(value if isinstance(value, np.ndarray) else list(value))
    if array.dtype.kind == "b":
        raise TypeError("rows: numbers are wanted, not a mask; help: np.flatnonzero(mask)")
    if array.size == 0:
        return {"list": []}
    if array.ndim != 1 or array.dtype.kind not in "iu":
        raise TypeError(f"rows: expected whole numbers along one axis, found {array.dtype} of shape {array.shape}")
    return {"list": array}


def spike_times(value: Any) -> Any:
    """Times of spikes: a list or an array of times in ms for each neuron (or times with a unit), or the dict of a file."""
    if value is None or isinstance(value, Mapping):
        return value
    from .units import Quantity, magnitude

    if isinstance(value, Quantity) or hasattr(value, "units") or hasattr(value, "dim"):
        value = magnitude(value, "ms")
    lists = []
    if isinstance(value, str) or not hasattr(value, "__iter__"):
        raise TypeError(f"spike_times: a list of times for each neuron is wanted, found {value!r}; help: [[1.0, 2.5], [3.0]], in ms")
    for k, times in enumerate(value):
        if isinstance(times, str) or np.ndim(times if not hasattr(times, "magnitude") else times.magnitude) != 1:
            raise TypeError(f"spike_times[{k}]: a list of times for each neuron is wanted; help: spike_times=[[1.0, 2.5], [3.0]], in ms")
        plain_times = times if isinstance(times, (np.ndarray, list, tuple)) and not hasattr(times, "magnitude") else None
        if plain_times is not None and not any(isinstance(t, (str, Quantity)) for t in plain_times[:1]):
            lists.append(np.asarray(plain_times, dtype=np.float64))
        else:
            lists.append(np.atleast_1d(np.asarray([magnitude(t, "ms") for t in times], dtype=np.float64)))
    return {"lists": lists}
