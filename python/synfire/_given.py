"""Arguments that are looked at before they go on: what was expected, what was found, by name."""

from __future__ import annotations

import operator
import os
from typing import Any

from .units import magnitude

__all__ = ["flag", "ms", "path", "span", "text", "told", "whole", "width"]


def text(value: Any, what: str) -> str:
    """A str.

    **Errors** `TypeError` for anything else.
    """
    if not isinstance(value, str):
        raise TypeError(f"{what}: expected a str, found {told(value)}")
    return value


def whole(value: Any, what: str, least: int = 0, most: int = 2**64 - 1) -> int:
    """A whole number within bounds.

    **Errors** `TypeError` for what is no whole number, `ValueError` for one beyond the bounds.
    """
    if isinstance(value, bool):
        raise TypeError(f"{what}: expected a whole number, found {value}")
    try:
        number = operator.index(value)
    except TypeError:
        help = f"; help: {int(value)}" if isinstance(value, float) and value.is_integer() else ""
        raise TypeError(f"{what}: expected a whole number, found {told(value)}{help}") from None
    if not least <= number <= most:
        bound = f"from {least} on" if most == 2**64 - 1 else f"from {least} to {most}"
        raise ValueError(f"{what}: expected a whole number {bound}, found {number}")
    return number


def flag(value: Any, what: str) -> bool:
    """True or False.

    **Errors** `TypeError` for anything else.
    """
    if not isinstance(value, bool) and type(value).__name__ != "bool":
        raise TypeError(f"{what}: expected True or False, found {told(value)}")
    return bool(value)


def path(value: Any, what: str) -> str:
    """A path as a str.

    **Errors** `TypeError` for what is no path.
    """
    try:
        made = os.fspath(value)
    except TypeError:
        raise TypeError(f"{what}: expected a path (a str or a Path), found {told(value)}") from None
    if isinstance(made, bytes):
        made = os.fsdecode(made)
    return str(made)


def ms(value: Any, what: str) -> float:
    """A time in ms: a number is ms already.

    **Errors** `TypeError`, `ValueError` for what is no time.
    """
    if value is None:
        raise TypeError(f"{what}: expected a time such as '100 ms' or a number of ms, found None")
    number = magnitude(value, "ms", what)
    if not isinstance(number, float):
        raise TypeError(f"{what}: expected one time, found an array")
    return number


def span(window: Any, what: str = "window") -> tuple[float, float]:
    """Two times in ms, the first before the second.

    **Errors** `TypeError`, `ValueError` for anything else.
    """
    if isinstance(window, str) or not hasattr(window, "__len__") or len(window) != 2:
        raise ValueError(f"{what}: expected two times, after the first and up to the second, found {told(window)}")
    first, last = ms(window[0], what), ms(window[1], what)
    if not first < last:
        raise ValueError(f"{what}: the first time is before the second, found {first:g} ms and {last:g} ms")
    return first, last


def width(value: Any, what: str) -> float:
    """A time above 0, in ms.

    **Errors** as `ms`; `ValueError` for one that is not above 0.
    """
    number = ms(value, what)
    if not number > 0:
        raise ValueError(f"{what}: expected a time above 0, found {number:g} ms")
    return number


def told(value: Any) -> str:
    """The value, if it is short, and its type."""
    if value is None:
        return "None"
    shown = repr(value)
    return f"{shown if len(shown) <= 40 else shown[:37] + '...'} ({type(value).__name__})"
