"""The class `Quantity`, and how it counts. Public as `synfire.units`."""

from __future__ import annotations

import decimal
import fractions
import math
from collections.abc import Iterator
from typing import Any, Union, cast

import numpy as np
import numpy.typing as npt

from ._unit_text import Dimension, known, parse_quantity, power_text, product_text, unit_factor

Array = npt.NDArray[np.float64]
Magnitude = Union[float, Array]


class Quantity:
    """A number or an array of numbers (`magnitude`) with a `unit`, a text such as `"mV"` or `"mS/cm**2"`.

    Sums and comparisons check dimensions and convert units; products and quotients make new units; what has no
    dimension any more is a plain number. A plain 0 goes with every dimension.
    """

    __slots__ = ("magnitude", "unit")
    magnitude: Magnitude
    unit: str
    __array_priority__ = 10_000.0

    def __init__(self, magnitude: Any, unit: str = "") -> None:
        """**Errors** `ValueError` where no such unit is known, or a number is nan; `TypeError` where there is none."""
        if not isinstance(unit, str):
            raise TypeError(f"a unit is a text such as 'mV', not {type(unit).__name__}")
        if isinstance(magnitude, (str, Quantity)) or not unit:
            given = as_quantity(magnitude)
            if not isinstance(given, Quantity):
                raise TypeError(
                    f"{magnitude!r} has no unit; help: Quantity({magnitude!r}, 'mV'), or {magnitude!r} * sf.mV"
                )
            magnitude, unit = (given.magnitude, given.unit) if not unit else (given.to(unit).magnitude, unit)
        dimension, _ = known(unit)
        if not any(dimension):
            raise ValueError(f"'{unit}' is the unit of a pure number; help: use the number itself")
        object.__setattr__(self, "magnitude", _numbers(magnitude))
        object.__setattr__(self, "unit", unit)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"a Quantity does not change its {name}; help: make a new one, or .to(unit)")

    def __reduce__(self) -> tuple[Any, ...]:
        return Quantity, (self.magnitude, self.unit)

    def to(self, unit: str) -> Quantity:
        """The same in another unit of the same dimension.

        **Errors** `ValueError` where the dimensions differ.
        """
        return self if unit == self.unit else Quantity(_converted(self.magnitude, self.unit, unit), unit)

    def in_unit(self, unit: str) -> Magnitude:
        """The number alone, or the array, counted in `unit`."""
        return self.magnitude if unit == self.unit else _converted(self.magnitude, self.unit, unit)

    @property
    def dimension(self) -> Dimension:
        """Exponents of time, voltage, current, length, amount of substance, counted in halves."""
        return known(self.unit)[0]

    @property
    def internal(self) -> Magnitude:
        """In synfire's own units: ms, mV, pA, nS, pF, GOhm."""
        scale = known(self.unit)[1]
        return cast(Magnitude, _scaled(self.magnitude, scale))

    # ---- arrays

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the array; `()` of one number."""
        return np.shape(self.magnitude)

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return np.ndim(self.magnitude)

    @property
    def size(self) -> int:
        """How many numbers there are."""
        return int(np.size(self.magnitude))

    @property
    def T(self) -> Quantity:  # noqa: N802 (numpy's name)
        """Transposed."""
        return Quantity(np.transpose(self.magnitude), self.unit)

    def __len__(self) -> int:
        if isinstance(self.magnitude, float):
            raise TypeError("one quantity has no length")
        return len(self.magnitude)

    def __iter__(self) -> Iterator[Quantity]:
        if isinstance(self.magnitude, float):
            raise TypeError("one quantity cannot be gone through")
        return (Quantity(x, self.unit) for x in self.magnitude)

    def __getitem__(self, index: Any) -> Quantity:
        if isinstance(self.magnitude, float):
            raise TypeError("one quantity has no items")
        return Quantity(self.magnitude[index], self.unit)

    def __setitem__(self, index: Any, value: Any) -> None:
        if isinstance(self.magnitude, float):
            raise TypeError("one quantity has no items")
        self.magnitude[index] = magnitude(value, self.unit, numbers=False)

    def _same_unit(self, name: str, *args: Any, **kwargs: Any) -> Quantity:
        return Quantity(getattr(np.asarray(self.magnitude), name)(*args, **kwargs), self.unit)

    def sum(self, axis: int | None = None) -> Quantity:
        """The sum, over an axis if it is given."""
        return self._same_unit("sum", axis=axis)

    def mean(self, axis: int | None = None) -> Quantity:
        """The mean, over an axis if it is given."""
        return self._same_unit("mean", axis=axis)

    def std(self, axis: int | None = None) -> Quantity:
        """The standard deviation, over an axis if it is given."""
        return self._same_unit("std", axis=axis)

    def min(self, axis: int | None = None) -> Quantity:
        """The least, over an axis if it is given."""
        return self._same_unit("min", axis=axis)

    def max(self, axis: int | None = None) -> Quantity:
        """The largest, over an axis if it is given."""
        return self._same_unit("max", axis=axis)

    def ravel(self) -> Quantity:
        """Along one axis."""
        return self._same_unit("ravel")

    def reshape(self, *shape: Any) -> Quantity:
        """In another shape."""
        return self._same_unit("reshape", *shape)

    def copy(self) -> Quantity:
        """An array of its own."""
        return self._same_unit("copy")

    # ---- arithmetic

    def __mul__(self, other: Any) -> Any:
        return _product(self, other, 1)

    def __rmul__(self, other: Any) -> Any:
        return _product(self, other, 1)

    def __truediv__(self, other: Any) -> Any:
        return _product(self, other, -1)

    def __rtruediv__(self, other: Any) -> Any:
        return _product(_power(self, -1), other, 1)

    def __floordiv__(self, other: Any) -> Any:
        left, right, _ = _alike(self, other, "//")
        return left // right

    def __mod__(self, other: Any) -> Quantity:
        left, right, unit = _alike(self, other, "%")
        return Quantity(left % right, unit)

    def __add__(self, other: Any) -> Quantity:
        left, right, unit = _alike(self, other, "+")
        return Quantity(left + right, unit)

    def __radd__(self, other: Any) -> Quantity:
        return self.__add__(other)

    def __sub__(self, other: Any) -> Quantity:
        left, right, unit = _alike(self, other, "-")
        return Quantity(left - right, unit)

    def __rsub__(self, other: Any) -> Quantity:
        return (-self).__add__(other)

    def __pow__(self, exponent: Any) -> Any:
        return _power(self, exponent)

    def __neg__(self) -> Quantity:
        return Quantity(-self.magnitude, self.unit)

    def __pos__(self) -> Quantity:
        return self

    def __abs__(self) -> Quantity:
        return Quantity(np.abs(self.magnitude), self.unit)

    def __bool__(self) -> bool:
        return bool(self.magnitude)

    # ---- comparison

    def __eq__(self, other: Any) -> Any:
        try:
            left, right = _comparable(self, other, "==")
        except (TypeError, ValueError):
            return False
        return _answer(np.equal(left, right))

    def __ne__(self, other: Any) -> Any:
        equal = self == other
        return not equal if isinstance(equal, bool) else np.logical_not(equal)

    def __lt__(self, other: Any) -> Any:
        return _answer(np.less(*_comparable(self, other, "<")))

    def __le__(self, other: Any) -> Any:
        return _answer(np.less_equal(*_comparable(self, other, "<=")))

    def __gt__(self, other: Any) -> Any:
        return _answer(np.greater(*_comparable(self, other, ">")))

    def __ge__(self, other: Any) -> Any:
        return _answer(np.greater_equal(*_comparable(self, other, ">=")))

    def __hash__(self) -> int:
        if not isinstance(self.magnitude, float):
            raise TypeError("a quantity of many numbers cannot be a key")
        # 1 V and 1000 mV are equal; 0 mV equals 0
        internal = self.internal
        return hash((internal, self.dimension)) if internal else hash(0)

    # ---- what would lose the unit

    def __float__(self) -> float:
        raise TypeError(f"{self} is no plain number; help: .in_unit('{self.unit}') gives the number in {self.unit}")

    def __int__(self) -> int:
        return int(self.__float__())

    def __array__(self, dtype: Any = None, copy: Any = None) -> Array:
        raise TypeError(f"an array would lose the unit {self.unit}; help: .magnitude, or .in_unit('{self.unit}')")

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        from . import _quantity_functions

        return _quantity_functions.ufunc(ufunc, method, inputs, kwargs)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        from . import _quantity_functions

        return _quantity_functions.function(function, args, kwargs)

    # ---- text

    def __repr__(self) -> str:
        if isinstance(self.magnitude, float):
            return f"Quantity({_number_text(self.magnitude)}, '{self.unit}')"
        return f"Quantity({np.array2string(self.magnitude, separator=', ', threshold=20)}, '{self.unit}')"

    def __str__(self) -> str:
        """As a network file has it: `5 mV`."""
        if isinstance(self.magnitude, float):
            return f"{_number_text(self.magnitude)} {self.unit}"
        return f"{np.array2string(self.magnitude, separator=', ', threshold=20)} {self.unit}"

    def __format__(self, form: str) -> str:
        if not form:
            return str(self)
        if not isinstance(self.magnitude, float):
            raise TypeError("a format is of one number; help: format the items")
        return f"{self.magnitude:{form}} {self.unit}"


def as_quantity(value: Any) -> Quantity | Magnitude:
    """What `value` says: a `Quantity`, or the number or array where it has no unit.

    Takes texts, numbers, arrays, quantities of any package that [`plain`] knows, and lists of one dimension of these.
    """
    if isinstance(value, Quantity):
        return value
    if isinstance(value, str):
        number, unit = parse_quantity(value)
        return Quantity(number, unit) if unit else number
    if isinstance(value, (list, tuple)) and any(not isinstance(x, (int, float, list, tuple)) for x in value):
        items = [as_quantity(x) for x in value]
        found = [q for q in items if isinstance(q, Quantity)]
        if found:
            unit = found[0].unit
            return Quantity(np.array([magnitude(q, unit, numbers=False) for q in items]), unit)
        return _numbers(items)
    from ._foreign import from_foreign

    foreign = from_foreign(value)
    return _numbers(value) if foreign is None else foreign


def unit(text: str) -> Quantity:
    """One of a unit with products, quotients and powers: `unit("mS/cm**2")`."""
    return Quantity(1.0, text)


def magnitude(value: Any, unit: str, what: str = "", *, numbers: bool = True) -> Magnitude:
    """`value` counted in `unit`: a float, or a float64 array.

    Plain numbers are taken as they are if `numbers`, else refused (but for 0). `what` names the value in errors.
    """
    place = f"{what}: " if what else ""
    try:
        given = as_quantity(value)
        if isinstance(given, Quantity):
            return given.in_unit(unit)
    except (ValueError, TypeError) as error:
        if not what:
            raise
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind(f"{place}{error}") from None
    if not numbers and np.any(np.asarray(given)):
        raise ValueError(f"{place}{value!r} has no unit, expected a quantity such as '5 {unit}'")
    return given


# ---- below: how it is done


def _numbers(value: Any) -> Magnitude:
    """A float or a float64 array of what has no unit."""
    if isinstance(value, bool) or isinstance(value, np.bool_):
        raise TypeError(f"{value} is no number")
    if isinstance(value, (float, int, fractions.Fraction, decimal.Decimal)):
        out = float(value)
        if math.isnan(out):
            raise ValueError("nan is not a number; help: leave out what is not known")
        return out
    from ._plain import number_array

    array = number_array(value)
    return float(array) if array.ndim == 0 else array


def _number_text(value: float) -> str:
    text = repr(float(value))
    return text.removesuffix(".0")


def _scaled(value: Any, scale: float) -> Any:
    """As the core does: divided by the inverse power of ten, so that 0.1 us is the double nearest 1e-4 ms."""
    return value / unit_factor(1.0, scale) if scale < 1.0 else value * scale


def _converted(value: Magnitude, unit: str, other: str) -> Magnitude:
    (dimension, scale), (wanted, size) = known(unit), known(other)
    if dimension != wanted:
        raise ValueError(f"a quantity in {unit} cannot be counted in {other}: their dimensions differ")
    if scale < size:
        return value / unit_factor(size, scale)
    return value if scale == size else value * unit_factor(scale, size)


def _split(value: Any) -> tuple[Magnitude, str]:
    """Magnitude and unit; no text of a number, since `"5" * mV` is a mistake."""
    if isinstance(value, (str, bytes, bool, np.bool_)) or value is None:
        raise TypeError(f"{value!r} is no number")
    given = as_quantity(value)
    return (given.magnitude, given.unit) if isinstance(given, Quantity) else (given, "")


def _product(left: Quantity, right: Any, sign: int) -> Any:
    number, unit = _split(right)
    product: Any = left.magnitude * number if sign > 0 else left.magnitude / number
    text, factor = product_text(left.unit, unit, sign)
    product = product * factor if factor >= 1.0 else product / unit_factor(1.0, factor)
    return Quantity(product, text) if text else _float_or_array(product)


def _power(value: Quantity, exponent: Any) -> Any:
    if isinstance(exponent, Quantity) or np.ndim(exponent) != 0:
        raise TypeError("the exponent of a quantity is one plain number")
    text = power_text(value.unit, float(exponent))
    result: Any = np.power(value.magnitude, float(exponent))
    return Quantity(result, text) if text else _float_or_array(result)


def _alike(left: Quantity, right: Any, sign: str) -> tuple[Magnitude, Magnitude, str]:
    """Both counted in the unit of the left one."""
    number, unit = _split(right)
    if unit:
        if known(unit)[0] != left.dimension:
            raise ValueError(f"{left.unit} {sign} {unit}: dimensions differ")
        return left.magnitude, _converted(number, unit, left.unit), left.unit
    if np.any(np.asarray(number)):
        raise ValueError(
            f"{left.unit} {sign} a plain number: dimensions differ; help: give it a unit, as {_some(number)} * sf.mV"
        )
    return left.magnitude, number, left.unit


def _some(number: Magnitude) -> str:
    return _number_text(number) if isinstance(number, float) else "array"


def _comparable(left: Quantity, right: Any, sign: str) -> tuple[Magnitude, Magnitude]:
    """Both in internal units, so that what is equal compares equal whichever side it stands on."""
    number, unit = _split(right)
    if unit and unit != left.unit:
        if known(unit)[0] != left.dimension:
            raise ValueError(f"{left.unit} {sign} {unit}: dimensions differ")
        return left.internal, cast(Magnitude, _scaled(number, known(unit)[1]))
    if not unit and np.any(np.asarray(number)):
        raise ValueError(
            f"{left.unit} {sign} a plain number: dimensions differ; help: give it a unit, as {_some(number)} * sf.mV"
        )
    return left.magnitude, number


def _answer(value: Any) -> Any:
    return bool(value) if np.ndim(value) == 0 else value


def _float_or_array(value: Any) -> Any:
    return float(value) if np.ndim(value) == 0 else value


Quantity.__module__ = "synfire.units"
