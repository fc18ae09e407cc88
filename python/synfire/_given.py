"""Arguments that are looked at before they go on: what was expected, what was found, by name."""

from __future__ import annotations

import operator
import os
from typing import Any

__all__ = ["flag", "path", "text", "whole"]


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


def told(value: Any) -> str:
    """The value, if it is short, and its type."""
    if value is None:
        return "None"
    shown = repr(value)
    return f"{shown if len(shown) <= 40 else shown[:37] + '...'} ({type(value).__name__})"
