"""What numpy's functions do to quantities: those that make sense keep or change the unit, all others are refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ._quantity import Quantity, as_quantity, magnitude

_ARITHMETIC: dict[str, Callable[..., Any]] = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b,
    "true_divide": lambda a, b: a / b,
    "floor_divide": lambda a, b: a // b,
    "remainder": lambda a, b: a % b,
    "power": lambda a, b: a**b,
    "float_power": lambda a, b: a**b,
    "square": lambda a: a**2,
    "sqrt": lambda a: a**0.5,
    "reciprocal": lambda a: 1 / a,
    "negative": lambda a: -a,
    "positive": lambda a: a,
    "absolute": abs,
    "fabs": abs,
    "equal": lambda a, b: a == b,
    "not_equal": lambda a, b: a != b,
    "less": lambda a, b: a < b,
    "less_equal": lambda a, b: a <= b,
    "greater": lambda a, b: a > b,
    "greater_equal": lambda a, b: a >= b,
}
_MIRROR = {"less": "greater", "less_equal": "greater_equal", "greater": "less", "greater_equal": "less_equal"}
_ANSWERS = {"isfinite", "isinf", "isnan", "sign", "signbit"}
_ONE_UNIT = {"maximum", "minimum", "fmax", "fmin", "hypot"}
# functions of an array whose result has its unit
_KEEPING = {
    "sum", "mean", "median", "std", "min", "max", "amin", "amax", "ptp", "sort", "cumsum", "diff", "ravel", "reshape",
    "transpose", "squeeze", "repeat", "tile", "roll", "flip", "average", "percentile", "quantile", "unique", "copy",
    "expand_dims",
}  # fmt: skip
_ASKING = {"argmin", "argmax", "argsort", "size", "ndim", "shape", "count_nonzero", "nonzero"}


def ufunc(ufunc: np.ufunc, method: str, inputs: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """`Quantity.__array_ufunc__`."""
    name = ufunc.__name__
    if method == "reduce" and name in ("add", "maximum", "minimum") and isinstance(inputs[0], Quantity):
        return Quantity(getattr(np, name).reduce(inputs[0].magnitude, **kwargs), inputs[0].unit)
    if method != "__call__" or kwargs:
        how = method if method != "__call__" else ", ".join(kwargs)
        raise TypeError(f"numpy.{name} with {how} would lose a unit; help: use .magnitude")
    if name in _ARITHMETIC:
        return _arithmetic(name, inputs)
    if name in _ANSWERS:
        return ufunc(inputs[0].magnitude)
    if name in _ONE_UNIT:
        unit = next(x.unit for x in inputs if isinstance(x, Quantity))
        return Quantity(ufunc(*(magnitude(x, unit, numbers=False) for x in inputs)), unit)
    unit = next(x.unit for x in inputs if isinstance(x, Quantity))
    raise TypeError(
        f"numpy.{name} of a quantity in {unit} has no meaning; help: divide by a unit first, as "
        f"numpy.{name}(x / sf.unit('{unit}'))"
    )


def _arithmetic(name: str, inputs: tuple[Any, ...]) -> Any:
    if len(inputs) == 1 or isinstance(inputs[0], Quantity):
        return _ARITHMETIC[name](*inputs)
    left, right = inputs
    if name in _MIRROR:
        return _ARITHMETIC[_MIRROR[name]](right, left)
    if name == "multiply":
        return right.__rmul__(left)
    if name in ("divide", "true_divide"):
        return right.__rtruediv__(left)
    if name == "subtract":
        return right.__rsub__(left)
    if name == "power":
        raise TypeError("the exponent of a power is a plain number")
    return (
        _ARITHMETIC[name](right, left)
        if name in ("add", "equal", "not_equal")
        else _ARITHMETIC[name](as_quantity(left), right)
    )


def function(function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """`Quantity.__array_function__`."""
    name = function.__name__
    if name in _ASKING:
        return function(args[0].magnitude, *args[1:], **kwargs)
    if name in _KEEPING and isinstance(args[0], Quantity) and not _any_quantity(args[1:]):
        return Quantity(function(args[0].magnitude, *args[1:], **kwargs), args[0].unit)
    if name == "var" and isinstance(args[0], Quantity):
        return function(args[0].magnitude, *args[1:], **kwargs) * Quantity(1.0, args[0].unit) ** 2
    if name in ("concatenate", "stack", "hstack", "vstack"):
        unit = next(x.unit for x in args[0] if isinstance(x, Quantity))
        return Quantity(function([magnitude(x, unit, numbers=False) for x in args[0]], *args[1:], **kwargs), unit)
    if name in (
        "linspace",
        "clip",
        "where",
        "isclose",
        "allclose",
        "array_equal",
        "append",
        "interp",
    ) and not kwargs.get("out"):
        return _of_one_unit(name, function, args, kwargs)
    raise TypeError(f"numpy.{name} does not take quantities; help: use .magnitude and give the result its unit")


def _of_one_unit(name: str, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    first = {"where": 1}.get(name, 0)
    last = {"linspace": 2, "clip": 3, "where": 3, "interp": 0}.get(name, 2)
    if name == "interp":
        raise TypeError("numpy.interp does not take quantities; help: use .magnitude and give the result its unit")
    unit = next(x.unit for x in args[first:last] if isinstance(x, Quantity))
    bare = [magnitude(x, unit, numbers=False) if first <= k < last and x is not None else x for k, x in enumerate(args)]
    if _any_quantity(tuple(bare)) or _any_quantity(tuple(kwargs.values())):
        raise TypeError(f"numpy.{name} takes quantities as values alone; help: use .magnitude for the others")
    result = function(*bare, **kwargs)
    return result if name in ("isclose", "allclose", "array_equal") else Quantity(result, unit)


def _any_quantity(values: tuple[Any, ...]) -> bool:
    return any(isinstance(x, Quantity) for x in values)
