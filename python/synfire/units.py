"""Quantities: a number, or an array of numbers, with a unit.

In: numbers times a name of this module (`5 * sf.mV`, `np.array([1, 2]) * sf.nS`), texts (`"5 mV"`), quantities of
Brian2, pint, quantities, astropy, unyt. Out: `Quantity`, and by `plain` what a network takes. Not here: which units
there are (the core, `src/units.rs`).

A unit is never lost in silence: a quantity is no number to `float()` or `np.asarray()`, only to `.to("mV")`,
`.in_unit("mV")` and `.magnitude`.
"""

from __future__ import annotations

from typing import Any, Final

from ._quantity import Array, Magnitude, Quantity, as_quantity, magnitude, unit


def plain(value: Any) -> Any:
    """Whatever stands where a value is wanted, as the core takes it: text, bool, number, list, dict, or an array with
    a unit, `{"numbers": {"of": float64 array, "unit": "nS"}}`.

    The one rule: an object with a number (`magnitude`, `value`, or itself an array) and a unit (`units`, `unit`, or
    Brian2's `dim`) is a quantity, so that those of Brian2, quantities, pint, astropy and unyt are; numpy's scalars and
    arrays of no axis are numbers. An array with a unit of one axis is not copied; one of two axes is a value for each
    pair of source and target.

    **Errors** `TypeError` or `ValueError` where it has no meaning: a complex number, nan, an array of objects.
    """
    from ._plain import plain as convert

    return convert(value)


# ---- units by name: `5 * sf.mV`. Quotients and powers: `sf.mS / sf.cm**2`, or `sf.unit("mS/cm**2")`

# time
s: Final = Quantity(1.0, "s")
ms: Final = Quantity(1.0, "ms")
us: Final = Quantity(1.0, "us")
ns: Final = Quantity(1.0, "ns")
# voltage
V: Final = Quantity(1.0, "V")
mV: Final = Quantity(1.0, "mV")
uV: Final = Quantity(1.0, "uV")
# current
A: Final = Quantity(1.0, "A")
mA: Final = Quantity(1.0, "mA")
uA: Final = Quantity(1.0, "uA")
nA: Final = Quantity(1.0, "nA")
pA: Final = Quantity(1.0, "pA")
# conductance
S: Final = Quantity(1.0, "S")
mS: Final = Quantity(1.0, "mS")
uS: Final = Quantity(1.0, "uS")
nS: Final = Quantity(1.0, "nS")
pS: Final = Quantity(1.0, "pS")
# capacitance
F: Final = Quantity(1.0, "F")
uF: Final = Quantity(1.0, "uF")
nF: Final = Quantity(1.0, "nF")
pF: Final = Quantity(1.0, "pF")
fF: Final = Quantity(1.0, "fF")
# resistance
Ohm: Final = Quantity(1.0, "Ohm")
kOhm: Final = Quantity(1.0, "kOhm")
MOhm: Final = Quantity(1.0, "MOhm")
GOhm: Final = Quantity(1.0, "GOhm")
# rate
Hz: Final = Quantity(1.0, "Hz")
kHz: Final = Quantity(1.0, "kHz")
MHz: Final = Quantity(1.0, "MHz")
# length
m: Final = Quantity(1.0, "m")
cm: Final = Quantity(1.0, "cm")
mm: Final = Quantity(1.0, "mm")
um: Final = Quantity(1.0, "um")
nm: Final = Quantity(1.0, "nm")
# charge
C: Final = Quantity(1.0, "C")
nC: Final = Quantity(1.0, "nC")
pC: Final = Quantity(1.0, "pC")
fC: Final = Quantity(1.0, "fC")
# amount of substance, and concentration (1 M = 1 mol per litre)
mol: Final = Quantity(1.0, "mol")
M: Final = Quantity(1.0, "M")
mM: Final = Quantity(1.0, "mM")
uM: Final = Quantity(1.0, "uM")
nM: Final = Quantity(1.0, "nM")

__all__ = [
    "Array", "Magnitude", "Quantity", "as_quantity", "magnitude", "plain", "unit", "s", "ms", "us", "ns", "V", "mV",
    "uV", "A", "mA", "uA", "nA", "pA", "S", "mS", "uS", "nS", "pS", "F", "uF", "nF", "pF", "fF", "Ohm", "kOhm",
    "MOhm", "GOhm", "Hz", "kHz", "MHz", "m", "cm", "mm", "um", "nm", "C", "nC", "pC", "fC", "mol", "M", "mM", "uM",
    "nM",
]  # fmt: skip

NAMES: Final = tuple(name for name in __all__ if isinstance(globals()[name], Quantity))
"""Every unit that has a name here."""
