"""Quantities: arithmetic that checks dimensions, no unit lost in silence, and the one rule of what a value is."""

from __future__ import annotations

import fractions
import pickle

import numpy as np
import pytest

from synfire import units as sf
from synfire.units import Quantity, as_quantity, magnitude, plain

PAIR = np.array([1.0, 2.0])


def same(left, right):
    return isinstance(left, Quantity) and left.unit == right.unit and np.array_equal(left.magnitude, right.magnitude)


@pytest.mark.parametrize(
    "made, unit, number",
    [
        (5 * sf.mV, "mV", 5.0),
        (sf.mV * 5, "mV", 5.0),
        (np.float64(3) * sf.mV, "mV", 3.0),
        (np.int32(3) * sf.mV, "mV", 3.0),
        (fractions.Fraction(1, 4) * sf.nA, "nA", 0.25),
        (PAIR * sf.nS, "nS", PAIR),
        (sf.nS * PAIR, "nS", PAIR),
        ([1, 2] * sf.nS, "nS", PAIR),
        (PAIR / sf.ms, "1/ms", PAIR),
        (1 / sf.ms, "1/ms", 1.0),
        (3 * sf.mV / (2 * sf.ms), "mV/ms", 1.5),
        (3 * sf.mV + 2 * sf.V, "mV", 2003.0),
        (3 * sf.mV - 2 * sf.V, "mV", -1997.0),
        (0 + sf.mV, "mV", 1.0),
        (sum([sf.mV, sf.mV]), "mV", 2.0),
        (5 * sf.nS * (3 * sf.mV), "nS*mV", 15.0),
        (sf.mS / sf.cm**2, "mS/cm**2", 1.0),
        (5 * sf.unit("mS/cm**2") * sf.cm**2, "mS", 5.0),
        (sf.mV * sf.V, "mV**2", 1000.0),
        ((4 * sf.mV**2) ** 0.5, "mV", 2.0),
        (abs(-5 * sf.mV), "mV", 5.0),
        (5 * sf.mV % (2 * sf.mV), "mV", 1.0),
        (Quantity("5 mV"), "mV", 5.0),
        (Quantity("5 mV", "V"), "V", 0.005),
        ((0.25 * sf.nA).to("pA"), "pA", 250.0),
        ((PAIR * sf.mV).to("V"), "V", np.array([0.001, 0.002])),
    ],
)
def test_arithmetic(made, unit, number):
    assert same(made, Quantity(number, unit))


def test_what_has_no_dimension_is_a_number():
    for made, number in [
        (10 * sf.mV / (5 * sf.mV), 2.0),
        (3 * sf.s * sf.kHz, 3000.0),
        (sf.V / sf.mV, 1000.0),
        (5 * sf.mV // (2 * sf.mV), 2.0),
    ]:
        assert isinstance(made, float) and made == number
    assert np.array_equal(PAIR * sf.mV / sf.mV, PAIR)


def test_comparison():
    assert sf.mV == 1e-3 * sf.V and sf.mV < sf.V and sf.V >= 1000 * sf.mV and sf.mV != sf.ms and sf.mV != 1
    assert sf.mV > 0 and 0 * sf.mV == 0 and max(sf.mV, sf.V) is sf.V
    assert 0.1 * sf.us == 1e-4 * sf.ms
    assert list(PAIR * sf.mV > 1.5 * sf.mV) == [False, True] and list(np.less(0, PAIR * sf.mV)) == [True, True]
    for wrong in (
        lambda: sf.mV < sf.ms,
        lambda: sf.mV > 1,
        lambda: 1 < sf.mV,
        lambda: sf.mV + sf.ms,
        lambda: 1 + sf.mV,
        lambda: PAIR - sf.mV,
    ):
        with pytest.raises(ValueError, match="dimensions differ"):
            wrong()


def test_keys_and_pickles():
    assert hash(sf.V) == hash(1000 * sf.mV) and hash(0 * sf.mV) == hash(0) and len({sf.V, 1000 * sf.mV, sf.mV}) == 2
    with pytest.raises(TypeError, match="cannot be a key"):
        hash(PAIR * sf.mV)
    for q in (5 * sf.mV, PAIR * sf.nS):
        assert same(pickle.loads(pickle.dumps(q)), q)
    with pytest.raises(AttributeError, match="does not change"):
        sf.mV.unit = "V"


def test_texts():
    assert [str(5 * sf.mV), str(0.25 * sf.nA), f"{2.345 * sf.ms:.1f}", repr(5 * sf.mV)] == [
        "5 mV",
        "0.25 nA",
        "2.3 ms",
        "Quantity(5, 'mV')",
    ]
    for q in (0.1 * sf.us, 1e-7 * sf.mV, float("inf") * sf.ms, 1 / 3 * sf.nA):
        assert as_quantity(str(q)) == q
    assert as_quantity("12/ms") == 12 / sf.ms


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: float(sf.mV),
        lambda: int(sf.mV),
        lambda: np.asarray(sf.mV),
        lambda: np.array([sf.mV, sf.mV]),
        lambda: np.array(PAIR * sf.mV),
        lambda: np.full(3, sf.mV),
        lambda: PAIR.copy().__iadd__(sf.mV),
        lambda: PAIR.copy().__imul__(sf.mV),
        lambda: np.multiply(PAIR, sf.mV, out=np.zeros(2)),
        lambda: np.exp(sf.mV),
        lambda: np.interp(sf.mV, [0, 1], [0, 1]),
        lambda: np.arange(0 * sf.ms, 5 * sf.ms, sf.ms),
        lambda: np.frombuffer(sf.mV),
        lambda: "5" * sf.mV,
        lambda: True * sf.mV,
        lambda: None * sf.mV,
        lambda: 2**sf.mV,
    ],
)
def test_no_unit_is_lost(wrong):
    with pytest.raises(TypeError):
        wrong()


def test_no_unit_is_lost_in_a_place_of_an_array():
    plain_array = np.zeros(2)
    with pytest.raises((TypeError, ValueError)):
        plain_array[0] = sf.mV
    with_unit = PAIR * sf.mV
    with_unit[0] = 3 * sf.V
    assert same(with_unit, [3000, 2] * sf.mV)
    with pytest.raises(ValueError, match="has no unit"):
        with_unit[0] = 3


def test_functions_of_numpy():
    a = PAIR * sf.mV
    assert same(np.concatenate([a, PAIR * sf.V]), [1, 2, 1000, 2000] * sf.mV)
    assert same(np.linspace(0 * sf.mV, 1 * sf.V, 3), [0, 500, 1000] * sf.mV)
    assert same(np.sum(a), 3 * sf.mV) and same(a.mean(), 1.5 * sf.mV) and same(np.var(a), 0.25 * sf.mV**2)
    assert same(np.maximum(a, 1.5 * sf.mV), [1.5, 2] * sf.mV) and same(np.where(PAIR > 1, a, 0 * sf.mV), [0, 2] * sf.mV)
    assert same(np.clip(a, 1.5 * sf.mV, sf.V), [1.5, 2] * sf.mV) and np.allclose(a, [0.001, 0.002] * sf.V)
    assert (
        np.argmax(a) == 1
        and a.shape == (2,)
        and len(a) == 2
        and same(a[1], 2 * sf.mV)
        and [str(x) for x in a] == ["1 mV", "2 mV"]
    )
    assert same(np.sqrt(a * a), a) and np.isfinite(a).all()
    with pytest.raises(TypeError, match="numpy.fft does not take quantities"):
        np.fft.fft(a)


def test_plain():
    assert plain("5 mV") == "5 mV" and plain(5) == 5 and plain(np.int64(5)) == 5 and type(plain(np.int64(5))) is int
    assert (
        plain(np.float32(0.5)) == 0.5
        and plain(np.array(3.5)) == 3.5
        and plain(5 * sf.mV) == "5 mV"
        and plain(np.str_("a")) == "a"
    )
    assert (
        plain(True) is True
        and plain(np.bool_(True)) is True
        and plain(range(3)) == [0, 1, 2]
        and plain((1, "2 mV")) == [1, "2 mV"]
    )
    assert plain(PAIR) == [1.0, 2.0] and plain(np.arange(2)) == [0, 1] and plain(np.eye(2)) == [[1.0, 0.0], [0.0, 1.0]]
    assert (
        plain({"uniform": [sf.mV, 2 * sf.V]}) == {"uniform": ["1 mV", "2 V"]}
        and plain(fractions.Fraction(1, 4)) == 0.25
    )
    numbers = plain(PAIR * sf.nS)["numbers"]
    assert numbers["unit"] == "nS" and numbers["of"].dtype == np.float64 and np.array_equal(numbers["of"], PAIR)
    assert plain(plain(PAIR * sf.nS))["numbers"]["of"] is not None
    assert plain(np.eye(2) * sf.nS) == {"matrix": {"rows": [[1.0, 0.0], [0.0, 1.0]], "unit": "nS"}}
    # an array is not copied on the way
    big = np.ones(1000)
    assert np.shares_memory(plain(Quantity(big, "nS"))["numbers"]["of"], big)


@pytest.mark.parametrize(
    "wrong, says",
    [
        (None, "leave the argument out"),
        (1j, "is no value"),
        (np.array([1j]), "complex"),
        (float("nan"), "nan"),
        (np.array([1.0, np.nan]), r"nan at \[1\]"),
        (np.array([1, None]), "array of objects"),
        (np.ma.masked_array([1.0, 2.0], [True, False]), "masked"),
        (np.array(["2026-11-29"], dtype="datetime64[D]"), "dates"),
        ({1: 2}, "a table has names"),
        ({1, 2}, "its order"),
        ((x for x in [1]), "its order"),
        (object(), "is no value"),
        (b"5 mV", "is no value"),
        (np.ones((2, 2, 2)) * sf.mV, "3 axes"),
    ],
)
def test_what_is_no_value(wrong, says):
    with pytest.raises((TypeError, ValueError), match=says):
        plain(wrong)


def test_magnitude():
    assert magnitude("5 mV", "V") == 0.005 and magnitude(5, "mV") == 5.0 and magnitude(sf.V, "mV") == 1000.0
    assert list(magnitude([sf.mV, "2 V"], "mV")) == [1.0, 2000.0] and list(magnitude(["1 mV", 0], "mV")) == [1.0, 0.0]
    with pytest.raises(ValueError, match="weight: a quantity in ms cannot be counted in mV"):
        magnitude("5 ms", "mV", "weight")
    with pytest.raises(ValueError, match="expected a quantity such as '5 mV'"):
        magnitude(5, "mV", numbers=False)
    with pytest.raises(ValueError, match="unknown unit `mVV`"):
        magnitude("5 mVV", "mV")


def test_names_are_units_of_the_core():
    for name in sf.NAMES:
        assert same(getattr(sf, name), Quantity(1.0, name))
    with pytest.raises(ValueError, match="pure number"):
        Quantity(5, "ms*kHz")
    with pytest.raises(TypeError, match="has no unit"):
        Quantity(5)


def test_pint():
    registry = pytest.importorskip("pint").UnitRegistry()
    assert plain(registry.Quantity(5, "mV")) == "5 mV" and plain(registry.Quantity(5, "kiloohm")) == "5 kOhm"
    assert plain(registry.Quantity(2, "hour")) == "7200000 ms" and plain(registry.Quantity(3, "")) == 3
    assert plain(registry.Quantity(PAIR, "mS/cm**2"))["numbers"]["unit"] == "mS/cm**2"
    assert plain(registry.Quantity(1, "uF/cm^2")) == "1 uF/cm**2"
    assert same(sf.mV + registry.Quantity(2, "V"), 2001 * sf.mV)
    with pytest.raises(ValueError, match="kelvin"):
        plain(registry.Quantity(300, "kelvin"))
    with pytest.raises(TypeError, match="two packages"):
        plain(registry.Quantity(1, "mV") * sf.mV)


def test_quantities():
    pq = pytest.importorskip("quantities")
    assert plain(5 * pq.mV) == "5 mV" and plain(2 * pq.Hz) == "2 Hz" and plain(pq.Quantity(3, "uS")) == "3 uS"
    assert (
        plain(PAIR * pq.nA)["numbers"]["unit"] == "nA"
        and plain(2 * pq.hour) == "7200000 ms"
        and plain(2 * pq.dimensionless) == 2.0
    )
    assert plain([5 * pq.mV, "3 mV"]) == ["5 mV", "3 mV"] and magnitude(PAIR * pq.s, "ms")[1] == 2000.0
    with pytest.raises(ValueError, match="K"):
        plain(300 * pq.K)


def test_brian2():
    brian2 = pytest.importorskip("brian2")
    # 0.3*mV is 0.3*0.001 there, and 0.3 mV again here
    for number in (5, 0.3, 1.1, -61.7, 1e-7, 1 / 3):
        assert plain(number * brian2.mV) == str(number * sf.mV)
    assert plain(brian2.nS * brian2.mV / brian2.ms) == "1e-09 A/s" and plain(brian2.mV / brian2.mV) == 1.0
    assert plain(2 * brian2.kHz) == "2000 Hz" and plain(3 * brian2.um) == "3 um" and plain(brian2.Mohm * 7) == "7 MOhm"
    assert magnitude(20 * brian2.uF / brian2.cm**2, "uF/cm**2") == pytest.approx(20, rel=1e-15)
    numbers = plain(np.array([0.1, 0.2, 0.3]) * brian2.nS)["numbers"]
    assert list(numbers["of"]) == [0.1, 0.2, 0.3] and numbers["unit"] == "nS"
    assert same(sf.mV + brian2.mV, 2 * sf.mV)
    with pytest.raises(ValueError, match="temperature"):
        plain(300 * brian2.kelvin)


def test_astropy():
    astropy = pytest.importorskip("astropy.units")
    assert plain(5 * astropy.mV) == "5 mV" and plain(PAIR * astropy.nA)["numbers"]["unit"] == "nA"
    assert magnitude(3 * astropy.mS / astropy.cm**2, "mS/cm**2") == pytest.approx(3, rel=1e-15)
