"""Whatever stands where a value is wanted, as the core takes it. Public as `synfire.units.plain`."""

from __future__ import annotations

import decimal
import fractions
import math
from collections.abc import Mapping, Set
from typing import Any

import numpy as np
import numpy.typing as npt

from ._foreign import from_foreign
from ._quantity import Quantity


def plain(value: Any) -> Any:
    """See `synfire.units.plain`."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return _real(float(value))
    if value is None:
        raise TypeError(
            "None is no value; help: leave the argument out, or give a number, a text such as '5 mV', or a quantity"
        )
    if isinstance(value, Quantity):
        return _of_quantity(value)
    if isinstance(value, Mapping):
        return {_key(k): _numbers_kept(k, v) for k, v in value.items()}
    if isinstance(value, (list, tuple, range)):
        return [plain(x) for x in value]
    if isinstance(value, (fractions.Fraction, decimal.Decimal)):
        return _real(float(value))
    if isinstance(value, Set) or hasattr(value, "__next__"):
        kind = type(value).__name__
        raise TypeError(f"a {kind} is no value: its order or length is not known; help: list(...) or sorted(...)")
    foreign = from_foreign(value)
    if foreign is not None:
        return _of_quantity(foreign) if isinstance(foreign, Quantity) else plain(foreign)
    if not hasattr(value, "__array__"):
        raise TypeError(
            f"{_told(value)} is no value; help: a number, a text such as '5 mV', 5 * sf.mV, a list or an array of it, "
            "or a table as in the network file"
        )
    array = _checked(value)
    return array.item() if array.ndim == 0 else array.tolist()


def number_array(value: Any) -> npt.NDArray[np.float64]:
    """A float64 array of numbers without a unit.

    **Errors** `TypeError` where it is no array of numbers, `ValueError` where one of them is not a number (nan).
    """
    return np.asarray(_checked(value), dtype=np.float64)


def _checked(value: Any) -> npt.NDArray[Any]:
    if isinstance(value, np.ma.MaskedArray) and np.ma.is_masked(value):
        raise TypeError("an array with masked values has no number there; help: .compressed(), or .filled(number)")
    try:
        array = np.asarray(value)
    except ValueError:
        raise TypeError("a list of lists of different lengths is no array") from None
    kind = array.dtype.kind
    if kind == "f":
        if np.isnan(array).any():
            where = np.argwhere(np.isnan(array))[0]
            raise ValueError(f"nan at {_place(where)} is not a number; help: leave out what is not known")
    elif kind == "c":
        raise TypeError("a complex number is no value; help: .real or abs()")
    elif kind in "mM":
        raise TypeError("dates and times of numpy are no values; help: x / np.timedelta64(1, 'ms') * sf.ms")
    elif kind == "O":
        raise TypeError(
            "an array of objects holds no numbers; help: .astype(float) * sf.mV, or a list of texts such as '5 mV'"
        )
    elif kind not in "iub" and not (kind == "U" and array.ndim > 0):
        raise TypeError(f"an array of {array.dtype} holds no numbers")
    return array


def _of_quantity(value: Quantity) -> Any:
    magnitude = value.magnitude
    if isinstance(magnitude, float):
        return str(value)
    if magnitude.ndim == 1:
        return {"numbers": {"of": np.ascontiguousarray(magnitude), "unit": value.unit}}
    if magnitude.ndim == 2:
        return {"matrix": {"rows": magnitude.tolist(), "unit": value.unit}}
    raise ValueError(f"an array of {magnitude.ndim} axes is no value; help: .ravel() for a number for each row")


def _numbers_kept(key: Any, value: Any) -> Any:
    """The array of `{"numbers": {"of": array}}` stays an array."""
    if key != "numbers" or not isinstance(value, Mapping) or not isinstance(value.get("of"), np.ndarray):
        return plain(value)
    array = number_array(value["of"])
    if array.ndim != 1:
        raise ValueError(f"numbers: an array of one axis is wanted, this has {array.ndim}; help: .ravel()")
    return {_key(k): array if k == "of" else plain(v) for k, v in value.items()}


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise TypeError(f"a table has names, not {_told(key)}; help: {{'v': ...}}")
    return key


def _real(number: float) -> float:
    if math.isnan(number):
        raise ValueError("nan is not a number; help: leave out what is not known")
    return number


def _place(where: npt.NDArray[np.intp]) -> str:
    return "[" + ", ".join(str(int(i)) for i in where) + "]"


def _told(value: Any) -> str:
    text = repr(value)
    return f"{text if len(text) <= 60 else text[:57] + '...'} ({type(value).__name__})"
