"""Units by name, as `src/units.rs` knows them: used until the compiled core answers."""

from __future__ import annotations

import math
import re

_HALVES = {
    "s": (2, 0, 0, 0, 0),
    "V": (0, 2, 0, 0, 0),
    "A": (0, 0, 2, 0, 0),
    "S": (0, -2, 2, 0, 0),
    "F": (2, -2, 2, 0, 0),
    "Ohm": (0, 2, -2, 0, 0),
    "ohm": (0, 2, -2, 0, 0),
    "Hz": (-2, 0, 0, 0, 0),
    "C": (2, 0, 2, 0, 0),
    "m": (0, 0, 0, 2, 0),
    "mol": (0, 0, 0, 0, 2),
    "M": (0, 0, 0, -6, 2),
}
_SIZE = {
    "s": 1e3,
    "V": 1e3,
    "A": 1e12,
    "S": 1e9,
    "F": 1e12,
    "Ohm": 1e-9,
    "ohm": 1e-9,
    "Hz": 1e-3,
    "C": 1e15,
    "m": 1e5,
    "mol": 1e18,
    "M": 1e6,
}
_PREFIX = {
    "": 1.0,
    "T": 1e12,
    "G": 1e9,
    "M": 1e6,
    "k": 1e3,
    "c": 1e-2,
    "m": 1e-3,
    "u": 1e-6,
    "µ": 1e-6,
    "μ": 1e-6,
    "n": 1e-9,
    "p": 1e-12,
    "f": 1e-15,
    "a": 1e-18,
}
_NUMBER = re.compile(r"\s*([-+]?(?:inf|\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?))")


def _snap(x: float) -> float:
    power = float(f"1e{round(math.log10(abs(x)))}")
    return power if abs(x / power - 1.0) < 1e-9 else x


def _symbol(name: str) -> tuple[tuple[int, ...], float]:
    for prefix, factor in _PREFIX.items():
        rest = name[len(prefix) :]
        if name.startswith(prefix) and rest in _SIZE and not (prefix == "c" and rest != "m"):
            return _HALVES[rest], _snap(factor * _SIZE[rest])
    raise ValueError(f"unknown unit `{name}`")


def unit(text: str) -> tuple[tuple[int, ...], float]:
    """Dimension (exponents of time, voltage, current, length, amount, in halves) and size in internal units."""
    dimension, scale, divide = [0] * 5, 1.0, False
    rest = text.strip().replace("**", "^").replace("²", "^2").replace("³", "^3").replace("·", "*")
    if not rest or len(rest) > 64:
        raise ValueError(f"`{text}` is not a number with a unit; write for example `20 ms`, `-65 mV` or `120 mS/cm**2`")
    for k, token in enumerate(t.strip() for t in re.split(r"([*/])", rest)):
        if token in ("*", "/"):
            divide = token == "/"
        elif token == "1" and k == 0:
            continue
        else:
            name, _, power_text = token.partition("^")
            power = float(power_text or 1) * (-1 if divide else 1)
            exponents, size = _symbol(name.strip())
            dimension = [a + int(b * power) for a, b in zip(dimension, exponents)]
            scale = _snap(scale * size**power)
    return tuple(dimension), scale


def quantity(text: str) -> tuple[float, tuple[int, ...]]:
    """Value in internal units, and dimension."""
    found = _NUMBER.match(text)
    if found is None:
        raise ValueError(f"`{text}` is not a number with a unit; write for example `20 ms`, `-65 mV` or `120 mS/cm**2`")
    rest = text[found.end() :].strip()
    dimension, scale = unit("1" + rest if rest.startswith("/") else rest or "1")
    value = float(found.group(1))
    return (value / _snap(1.0 / scale) if scale < 1.0 else value * scale), dimension
