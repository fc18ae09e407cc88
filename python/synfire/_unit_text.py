"""Texts of units: what they measure, and what products and powers of them are called."""

from __future__ import annotations

import math
from functools import lru_cache

from . import _core

Dimension = tuple[int, ...]
"""Exponents of time, voltage, current, length and amount of substance, counted in halves: noise is per root of time."""


@lru_cache(maxsize=1024)
def known(text: str) -> tuple[Dimension, float]:
    """Dimension of a unit, and how many internal units (ms, mV, pA, nS, pF, GOhm) it holds.

    **Errors** `ValueError` where the core knows no such unit.
    """
    dimension, scale = _core.unit(text)
    return tuple(dimension), float(scale)


def parse_quantity(text: str) -> tuple[float, str]:
    """Number and unit of `5 mV`; the unit is empty where there is none.

    **Errors** `ValueError` where it is no number with a unit.
    """
    _core.quantity(text)
    stripped = text.strip()
    # the longest start that is a number, as the core reads it
    for end in range(len(stripped), 0, -1):
        head = stripped[:end].strip()
        if head.lstrip("+-")[:1].isdigit() or head.lstrip("+-")[:1] == "." or head.lstrip("+-") == "inf":
            try:
                number = float(head)
            except ValueError:
                continue
            rest = stripped[end:].strip()
            return number, "1" + rest if rest.startswith("/") else rest
    raise ValueError(f"`{text}` is not a number with a unit; write for example `20 ms`, `-65 mV` or `120 mS/cm**2`")


def unit_factor(a: float, b: float) -> float:
    """a/b, the power of ten itself where it is one up to rounding."""
    ratio = a / b
    power = float(f"1e{round(math.log10(abs(ratio)))}")
    return power if abs(ratio / power - 1.0) < 1e-9 else ratio


def _factors(text: str) -> dict[str, float]:
    """`mS/cm**2` as symbols with exponents."""
    out: dict[str, float] = {}
    sign = 1.0
    compact = text.replace("**", "^").replace("²", "^2").replace("³", "^3").replace("·", "*").replace(" ", "")
    for token in compact.replace("*", " * ").replace("/", " / ").split():
        if token == "*":
            sign = 1.0
        elif token == "/":
            sign = -1.0
        elif token != "1":
            name, _, power = token.partition("^")
            out[name] = out.get(name, 0.0) + sign * float(power or 1)
    return {name: power for name, power in out.items() if power}


def written(factors: dict[str, float]) -> str:
    """Symbols with exponents as a text: `A/s`."""

    def one(name: str, power: float) -> str:
        return name if power == 1 else f"{name}**{int(power) if power == int(power) else power}"

    above = "*".join(one(n, p) for n, p in factors.items() if p > 0)
    below = "".join("/" + one(n, -p) for n, p in factors.items() if p < 0)
    return (above or "1") + below if factors else ""


def product_text(left: str, right: str, sign: int) -> tuple[str, float]:
    """The unit of a product (`sign` 1) or quotient (-1), empty for a pure number, and what the number is multiplied by.

    Symbols of one dimension are counted in the first of them: `mV*V` is `mV**2` and a factor of 1000.
    """
    return _gathered(left, right, sign)


@lru_cache(maxsize=1024)
def _gathered(left: str, right: str, sign: int) -> tuple[str, float]:
    out = _factors(left)
    factor = 1.0
    for name, power in (_factors(right) if right else {}).items():
        dimension, scale = known(name)
        like = next((n for n in out if n == name), None) or next((n for n in out if known(n)[0] == dimension), name)
        factor *= unit_factor(scale, known(like)[1]) ** (sign * power)
        out[like] = out.get(like, 0.0) + sign * power
    out = {n: p for n, p in out.items() if p}
    text = written(out)
    if text and not any(known(text)[0]):  # ms*kHz
        return "", unit_factor(factor * known(text)[1], 1.0)
    return text, unit_factor(factor, 1.0)


def power_text(text: str, exponent: float) -> str:
    """The unit of a power; empty for a pure number.

    **Errors** `ValueError` where its exponents are no halves.
    """
    factors = {n: p * exponent for n, p in _factors(text).items() if p * exponent}
    if any(p * 2 != int(p * 2) for p in factors.values()):
        raise ValueError(f"{text} to the power of {exponent}: exponents of units are multiples of one half")
    return written(factors)
