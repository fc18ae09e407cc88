"""Quantities of other packages (Brian2, quantities, pint, astropy, unyt) by their attributes; none is imported."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._quantity import Quantity
from ._unit_text import known, unit_factor, written

# what other packages call units that the core calls otherwise
_NAMES = {"dimensionless": "", "mohm": "mOhm", "kohm": "kOhm", "Mohm": "MOhm", "Gohm": "GOhm", "microS": "uS"}
_LETTERS = str.maketrans({"\u00b5": "u", "\u03bc": "u", "\u03a9": "Ohm", "\u2126": "Ohm", " ": ""})
# preferred units by the exponents of (length, mass, time, current, amount) in SI
_SI: dict[tuple[float, ...], tuple[str, float]] = {
    (0, 0, 1, 0, 0): ("ms", 1e-3),
    (2, 1, -3, -1, 0): ("mV", 1e-3),
    (0, 0, 0, 1, 0): ("pA", 1e-12),
    (-2, -1, 3, 2, 0): ("nS", 1e-9),
    (-2, -1, 4, 2, 0): ("pF", 1e-12),
    (2, 1, -3, -2, 0): ("MOhm", 1e6),
    (0, 0, -1, 0, 0): ("Hz", 1.0),
    (1, 0, 0, 0, 0): ("um", 1e-6),
    (0, 0, 1, 1, 0): ("fC", 1e-15),
    (-3, 0, 0, 0, 1): ("mM", 1.0),
}
_BASES = {
    "m": 0,
    "meter": 0,
    "metre": 0,
    "kg": 1,
    "kilogram": 1,
    "s": 2,
    "second": 2,
    "A": 3,
    "ampere": 3,
    "mol": 4,
    "mole": 4,
}


def from_foreign(value: Any) -> Quantity | Any | None:
    """A `Quantity` of ours, a number or array where the other package says it has no dimension, or None if it is no
    quantity of another package.

    **Errors** `ValueError` where it measures what no network knows (a temperature).
    """
    if isinstance(value, Quantity):
        return value
    if (
        type(value) is np.ndarray
        or isinstance(value, (int, float, str, bytes, list, tuple, dict, np.generic))
        and not _has_unit(value)
    ):
        return None
    if hasattr(value, "dim") and hasattr(value, "get_best_unit"):
        return _of_brian2(value)
    if not _has_unit(value):
        return None
    unit = getattr(value, "units", None)
    if unit is None:
        unit = value.unit
    number = _bare(value)
    if isinstance(number, Quantity):
        raise TypeError(f"{value!r} mixes units of two packages; help: use those of one")
    text = _unit_name(unit)
    if text == "":
        return number
    try:
        known(text)
    except ValueError:
        return _of_base_units(value, str(unit))
    return Quantity(number, text) if any(known(text)[0]) else np.asarray(number) * known(text)[1]


def _has_unit(value: Any) -> bool:
    has_number = hasattr(value, "magnitude") or hasattr(value, "value") or isinstance(value, np.ndarray)
    return has_number and (hasattr(value, "units") or hasattr(value, "unit"))


def _bare(value: Any) -> Any:
    for name in ("magnitude", "value"):
        found = getattr(value, name, None)
        if found is not None and not callable(found):
            return np.asarray(found) if isinstance(found, np.ndarray) else found
    return np.asarray(value)


def _unit_name(unit: Any) -> str:
    """The name that a unit of pint, quantities, astropy or unyt has for itself, in our spelling."""
    dimensionality = getattr(unit, "dimensionality", None)
    if isinstance(unit, str):
        text = unit
    elif hasattr(unit, "_units") and hasattr(unit, "_REGISTRY"):  # pint: its short form
        text = format(unit, "~C")
    elif dimensionality is not None and hasattr(dimensionality, "string"):  # quantities
        text = dimensionality.string
    else:
        text = str(unit)
    text = text.translate(_LETTERS)
    return _NAMES.get(text, text)


def _of_base_units(value: Any, name: str) -> Any:
    """By exponents of SI base units, where the core does not know the name: an hour, a poise."""
    if hasattr(value, "to_base_units"):  # pint
        base = value.to_base_units()
        powers = {str(k): float(v) for k, v in dict(base.unit_items()).items()}
        number = base.magnitude
    elif hasattr(value, "simplified"):  # quantities
        base = value.simplified
        powers = {str(k.symbol): float(v) for k, v in base.dimensionality.items()}
        number = np.asarray(base.magnitude)
    elif hasattr(value, "si"):  # astropy
        base = value.decompose()
        powers = {str(k): float(v) for k, v in zip(base.unit.bases, base.unit.powers)}
        number = np.asarray(base.value) * base.unit.scale
    else:
        raise ValueError(f"unknown unit `{name}`; help: convert it to mV, ms, nS, pA, pF, MOhm, Hz, um, ...")
    exponents = [0.0] * 5
    for base_name, power in powers.items():
        if base_name not in _BASES:
            raise ValueError(f"`{name}` measures something ({base_name}) that networks do not have")
        exponents[_BASES[base_name]] += power
    return of_si(number, exponents)


def _of_brian2(value: Any) -> Any:
    dims = value.dim
    exponents = [float(dims.get_dimension(k)) for k in ("m", "kg", "s", "A", "mol")]
    if dims.get_dimension("K") or dims.get_dimension("cd"):
        raise ValueError(f"{value!r} measures a temperature or a luminosity, which networks do not have")
    return of_si(np.array(value, dtype=float, copy=True, subok=False), exponents)


def of_si(number: Any, exponents: list[float]) -> Any:
    """A number of SI base units with exponents of metre, kilogram, second, ampere, mole."""
    if not any(exponents):
        return number
    unit, size = _SI.get(tuple(exponents), ("", 1.0))
    if not unit:
        length, mass, time, current, amount = exponents
        # 1 kg = 1 V·A·s**3/m**2
        powers = {"s": time + 3 * mass, "V": mass, "A": current + mass, "m": length - 2 * mass, "mol": amount}
        unit = written({name: power for name, power in powers.items() if power})
    return Quantity(_counted(np.asarray(number, dtype=float), size), unit)


def _counted(number: Any, size: float) -> Any:
    """`number/size`, so that 5*mV, kept as 5*0.001, is 5 again: the shorter number where it gives theirs back."""
    exact = number * unit_factor(1.0, size) if size < 1.0 else number / size
    short = np.round(exact, 12)
    out = np.where(short * size == number, short, exact)
    return float(out) if out.ndim == 0 else out
