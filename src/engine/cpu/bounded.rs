//! A number with a bound of what single precision may make of it: the reference of verification in lockstep.
//!
//! The value is computed in f64, from leaves rounded to f32 as every engine rounds them. Beside it goes how far the same
//! expression may be off when it is worked out in f32 by the rules of WGSL:
//!
//! - No rounding direction is promised: a result lies on either side of the exact one, within 2^-23 of it ([`UNIT`]), and is
//!   exact where the exact one is an f32.
//! - Products and sums may be fused, sums regrouped and factors taken out of them, and drivers do so (Mesa turns i + (a·i + b·r)
//!   into a·i + (i + b·r)). A fused product leaves a rounding out. A sum of n terms has n - 1 roundings in any grouping, and one
//!   more with a factor taken out, each against no more than the sum of the absolute values of all terms (`magnitude`),
//!   whatever cancels in the result: n·2^-23 of it, beside what the terms themselves are off by (`carried`).
//! - Division is good to 2.5 units in the last place, if the divisor is a normal number.
//! - What is below the normal numbers may be flushed to 0; what passes the largest may become anything. The infinity that our
//!   exponential gives is taken as one, so that 1/(1 + exp(x)) is 0 for large x: WGSL does not promise that, adapters do it.
//! - Elementary functions are our own (`functions`).
//!
//! A comparison whose operands come closer than their errors is open: a truth value with error 1. What is picked by one may
//! be either branch. Open for want of any bound is no tie: a spike that differs there is not excused. The f64 arithmetic itself is off by 2^-53, against which the unit is widened.

use super::real::{Real, Terms};
use crate::engine::Precision;
use crate::plan::fixed_point::Units;
use crate::random::{Chance, Probability};

mod functions;
#[cfg(test)]
mod tests;

/// Most that one rounding to f32 changes, relative to the exact result: a unit in the last place, since WGSL leaves open in
/// which direction it rounds; and 2^-43 more for the rounding of value and bound in f64.
const UNIT: f64 = 1.192_092_895_507_812_5e-7 * (1.0 + 9.6e-7);

/// The smallest normal f32. A result below it may be flushed to 0.
const TINY: f64 = f32::MIN_POSITIVE as f64;

/// 2^126: what division is good to holds up to here.
const DIVISOR_MAX: f64 = 8.507_059_173_023_462e37;

/// WGSL: the error of a quotient, in units in the last place.
const DIVISION: f64 = 2.5;

/// A number, and how far single precision may be off from it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bounded {
    pub value: f64,
    /// |what an engine in f32 finds - value| is at most this; infinite where nothing is known.
    pub error: f64,
    /// The sum of the absolute values of the terms that it was added up from, errors included.
    magnitude: f64,
    /// How far those terms are off together.
    carried: f64,
    /// How many terms: a product or a function is one.
    terms: u32,
}

impl Bounded {
    /// Whether a number that an engine found is one that rounding may give. NaN never is.
    pub fn allows(self, found: f64) -> bool {
        (found - self.value).abs() <= self.error
    }

    const fn exact(value: f64) -> Bounded {
        Bounded { value, error: 0.0, magnitude: if value < 0.0 { -value } else { value }, carried: 0.0, terms: 1 }
    }

    /// A product or a function with its error, flushing and overflow considered.
    fn of(value: f64, error: f64, magnitude: f64) -> Bounded {
        let flushed = if value.abs() < TINY + error && (value != 0.0 || error != 0.0) { TINY } else { 0.0 };
        let known = value.abs() + error + flushed <= f64::from(f32::MAX);
        let error = if known { error + flushed } else { f64::INFINITY };
        Bounded { value, error, magnitude: magnitude.max(value.abs() + error), carried: error, terms: 1 }
    }

    fn is_exact(self) -> bool {
        self.error == 0.0
    }

    fn is_zero(self) -> bool {
        self.value == 0.0 && self.error == 0.0
    }

    /// Infinite by itself, not by an overflow that a device may answer otherwise.
    fn is_endless(self) -> bool {
        self.value.is_infinite() && self.error == 0.0
    }

    fn is_finite(self) -> bool {
        self.low().is_finite() && self.high().is_finite()
    }

    fn low(self) -> f64 {
        // the value may be infinite too, and their difference no number
        if self.error == f64::INFINITY { f64::NEG_INFINITY } else { self.value - self.error }
    }

    fn high(self) -> f64 {
        if self.error == f64::INFINITY { f64::INFINITY } else { self.value + self.error }
    }

    /// Is it surely a truth, surely none?
    fn known(self) -> Option<bool> {
        settled(self.value.abs() > self.error, self.is_zero())
    }

    /// A truth value; the guess is what f64 says where it is open. `explained`: what makes it open is rounding, and not that
    /// nothing is known of the operands; else `carried` is infinite, which no other truth value has.
    fn truth(known: Option<bool>, guess: bool, explained: bool) -> Bounded {
        let number = |t: bool| if t { 1.0 } else { 0.0 };
        match known {
            Some(t) => Bounded::exact(number(t)),
            None => Bounded { carried: if explained { 1.0 } else { f64::INFINITY }, ..Bounded::of(number(guess), 1.0, 2.0) },
        }
    }

    /// Is it open, and by more than rounding?
    fn unexplained(self) -> bool {
        self.known().is_none() && !self.carried.is_finite()
    }

    /// How far the other lies above, and how far both may be off together: NaN, which settles nothing, where that is not known.
    fn gap(self, other: Bounded) -> (f64, f64) {
        let errors = self.error + other.error;
        (other.value - self.value, if errors.is_finite() { errors } else { f64::NAN })
    }

    /// This number, or any between it and the other.
    fn hull(self, other: Bounded) -> Bounded {
        let (low, high) = (self.low().min(other.low()), self.high().max(other.high()));
        let error = (high - self.value).max(self.value - low);
        // a NaN on either side leaves nothing known, and `max` would hide it
        let known = !(self.is_nan() || other.is_nan() || error.is_nan());
        let error = if known { error } else { f64::INFINITY };
        let hull = Bounded::of(self.value, error, self.magnitude.max(other.magnitude));
        // of truth values: one that rounding does not explain stays so
        let carried = if self.unexplained() || other.unexplained() { f64::INFINITY } else { hull.carried };
        Bounded { carried, ..hull }
    }
}

/// A sum in whole numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Whole {
    units: i32,
    /// What an engine in f32 has differs by no more: weights that are worked out may be rounded to other whole numbers.
    open: u32,
}

impl Whole {
    /// A number that is sent. Rounding to whole numbers never turns two numbers around, so that those of the ends bound all others.
    fn of(x: Bounded, units: Units) -> Whole {
        let whole = |x: f64| i64::from(units.of_value(x));
        let (low, here, high) = (whole(x.low()), whole(x.value), whole(x.high()));
        let open = u32::try_from((high - here).max(here - low)).unwrap_or(u32::MAX);
        Whole { units: here as i32, open: if x.is_finite() { open } else { u32::MAX } }
    }
}

/// What is surely so, surely not so, or neither.
fn settled(so: bool, not_so: bool) -> Option<bool> {
    if so { Some(true) } else { not_so.then_some(false) }
}

/// Is the f64 result also what f32 gives, rounding or not?
fn is_f32(value: f64) -> bool {
    f64::from(value as f32) == value && (value == 0.0 || value.abs() >= TINY)
}

impl PartialEq for Bounded {
    fn eq(&self, other: &Bounded) -> bool {
        self.value == other.value
    }
}

impl PartialOrd for Bounded {
    fn partial_cmp(&self, other: &Bounded) -> Option<std::cmp::Ordering> {
        self.value.partial_cmp(&other.value)
    }
}

impl std::ops::Neg for Bounded {
    type Output = Bounded;
    fn neg(self) -> Bounded {
        Bounded { value: -self.value, ..self }
    }
}

impl std::ops::Add for Bounded {
    type Output = Bounded;
    fn add(self, other: Bounded) -> Bounded {
        let (a, b) = (self.value, other.value);
        let (value, magnitude) = (a + b, self.magnitude + other.magnitude);
        let (terms, carried) = (self.terms.saturating_add(other.terms), self.carried + other.carried);
        if self.is_zero() || other.is_zero() {
            // adding 0 rounds nothing
            return Bounded { value, error: self.error + other.error, magnitude, carried, terms: terms.saturating_sub(1) };
        }
        if (self.is_endless() && other.is_finite()) || (other.is_endless() && self.is_finite()) {
            return Bounded::exact(value);
        }
        // what the f64 sum lost (Knuth): with nothing lost, and an f32 as result, nothing is rounded in f32 either
        let part = value - a;
        let lost = (a - (value - part)) + (b - part);
        if self.is_exact() && other.is_exact() && lost == 0.0 && is_f32(value) {
            return Bounded { value, error: 0.0, magnitude, carried, terms };
        }
        let rounding = f64::from(terms) * UNIT * magnitude;
        let sum = Bounded::of(value, carried + rounding, magnitude + rounding);
        Bounded { carried: if sum.error.is_finite() { carried + TINY } else { f64::INFINITY }, terms, ..sum }
    }
}

impl std::ops::Sub for Bounded {
    type Output = Bounded;
    fn sub(self, other: Bounded) -> Bounded {
        self + -other
    }
}

impl std::ops::Mul for Bounded {
    type Output = Bounded;
    fn mul(self, other: Bounded) -> Bounded {
        let value = self.value * other.value;
        let magnitude = self.magnitude * other.magnitude;
        if (self.is_zero() && other.is_finite()) || (other.is_zero() && self.is_finite()) {
            return Bounded::exact(0.0);
        }
        if (self.is_endless() && other.known() == Some(true)) || (other.is_endless() && self.known() == Some(true)) {
            return Bounded::exact(value);
        }
        // the product of two f32 is exact in f64
        if self.is_exact() && other.is_exact() && is_f32(value) {
            return Bounded { magnitude, ..Bounded::exact(value) };
        }
        let carried = self.value.abs() * other.error + other.value.abs() * self.error + self.error * other.error;
        let rounding = UNIT * magnitude;
        Bounded::of(value, carried + rounding, magnitude + rounding)
    }
}

impl std::ops::Div for Bounded {
    type Output = Bounded;
    fn div(self, other: Bounded) -> Bounded {
        let value = self.value / other.value;
        if (other.is_endless() && self.is_finite()) || (self.is_zero() && other.known() == Some(true)) {
            return Bounded::exact(0.0);
        }
        if self.is_endless() && other.is_finite() && other.known() == Some(true) {
            return Bounded::exact(value);
        }
        let (least, most) = (other.value.abs() - other.error, other.value.abs() + other.error);
        if !(least >= TINY && most <= f64::from(f32::MAX)) {
            return Bounded::of(value, f64::INFINITY, f64::INFINITY);
        }
        let carried = (self.error + value.abs() * other.error) / least;
        let magnitude = self.magnitude / least;
        // the reciprocal of a larger divisor is below the normal numbers, and may be 0
        let rounding = if most <= DIVISOR_MAX { DIVISION * UNIT * magnitude } else { magnitude };
        Bounded::of(value, carried + rounding, magnitude + rounding)
    }
}

impl From<f32> for Bounded {
    fn from(x: f32) -> Bounded {
        Bounded::from_f64(f64::from(x))
    }
}

impl Probability for Bounded {
    fn single(self) -> f32 {
        self.value as f32
    }
}

impl Real for Bounded {
    const ZERO: Self = Bounded::exact(0.0);
    const ONE: Self = Bounded::exact(1.0);
    const NEAR: Self = Bounded::exact(functions::NEAR);
    /// It knows the truth, and beside it how far single precision may be off.
    const PRECISION: Precision = Precision::F64;
    const BOUNDED: bool = true;
    /// As f32 sums: the same whole numbers, and by how many another engine may differ.
    type Sum = Whole;
    const WHOLE_SUMS: bool = true;

    /// A leaf: the f32 that engines are given.
    fn from_f64(x: f64) -> Self {
        let x = f64::from(x as f32);
        // a device may read a number below the normal ones as 0
        let error = if x.abs() < TINY { x.abs() } else { 0.0 };
        Bounded { error, magnitude: x.abs() + error, carried: error, ..Bounded::exact(x) }
    }
    fn to_f64(self) -> f64 {
        self.value
    }
    fn is_nan(self) -> bool {
        self.value.is_nan()
    }
    fn is_finite(self) -> bool {
        self.value.is_finite()
    }
    fn choose(condition: bool, then: Self, otherwise: Self) -> Self {
        if condition { then } else { otherwise }
    }

    fn from_sum(sum: Whole, unit: Self) -> Self {
        let value = f64::from(sum.units) * unit.value;
        // units are powers of two; the whole number is rounded if it has more than 24 bits
        if sum.open == 0 && sum.units.unsigned_abs() <= 1 << 24 {
            return Bounded::from_f64(value);
        }
        let open = f64::from(sum.open) * unit.value.abs();
        Bounded::of(value, open + UNIT * (value.abs() + open), value.abs() + open)
    }
    fn to_sum(weight: f64, scale: f64) -> Whole {
        Whole { units: f32::to_sum(weight, scale), open: 0 }
    }
    fn weights_to_sums(weights: &[f32], units: Units, sums: &mut [Whole]) {
        let each = sums.iter_mut().zip(weights);
        each.for_each(|(sum, w)| *sum = Whole { units: units.of_value(f64::from(*w)), open: 0 });
    }
    fn values_to_sums(values: &[Self], units: Units, sums: &mut [Whole]) {
        sums.iter_mut().zip(values).for_each(|(sum, x)| *sum = Whole::of(*x, units));
    }
    fn add_sum(a: Whole, b: Whole) -> Whole {
        Whole { units: f32::add_sum(a.units, b.units), open: a.open.saturating_add(b.open) }
    }
    fn sum_to_f64(sum: Whole, scale: f64) -> f64 {
        f32::sum_to_f64(sum.units, scale)
    }
    fn sum_open(sum: Whole) -> u32 {
        sum.open
    }

    fn drawn(self, chance: Chance, row: u32) -> Self {
        let [low, here, high] = [self.low(), self.value, self.high()].map(|p| p as f32);
        let [least, found, most] = [low, here, high].map(|p| chance.of(row, p));
        let known = (Chance::alike(low, high) && least == most).then_some(found);
        Bounded::truth(known, found, self.is_finite())
    }
    fn less(self, other: Self) -> Self {
        let (gap, errors) = self.gap(other);
        let known = settled(gap > errors, -gap >= errors);
        Bounded::truth(known, self.value < other.value, !errors.is_nan())
    }
    fn less_equal(self, other: Self) -> Self {
        let (gap, errors) = self.gap(other);
        let known = settled(gap >= errors, -gap > errors);
        Bounded::truth(known, self.value <= other.value, !errors.is_nan())
    }
    fn equal(self, other: Self) -> Self {
        let (gap, errors) = self.gap(other);
        let known = settled(gap == 0.0 && errors == 0.0, gap.abs() > errors);
        Bounded::truth(known, self.value == other.value, !errors.is_nan())
    }
    fn both(self, other: Self) -> Self {
        let known = match (self.known(), other.known()) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        };
        let explained = !(self.unexplained() || other.unexplained());
        Bounded::truth(known, self.value != 0.0 && other.value != 0.0, explained)
    }
    fn either(self, other: Self) -> Self {
        self.opposite().both(other.opposite()).opposite()
    }
    fn opposite(self) -> Self {
        Bounded::truth(self.known().map(|t| !t), self.value == 0.0, !self.unexplained())
    }
    fn pick(self, then: Self, otherwise: Self) -> Self {
        match self.known() {
            Some(true) => then,
            Some(false) => otherwise,
            None if self.value != 0.0 => then.hull(otherwise),
            None => otherwise.hull(then),
        }
    }
    fn least(self, other: Self) -> Self {
        -(-self).greatest(-other)
    }
    fn greatest(self, other: Self) -> Self {
        match other.less(self).known() {
            Some(true) => self,
            Some(false) if !(self.is_nan() || other.is_nan()) => other,
            _ => {
                // a maximum moves no further than its operands; one that is surely below the other does not move it
                let value = if other.value > self.value || other.is_nan() { other.value } else { self.value };
                let error = (self.high().max(other.high()) - value).max(value - self.low().max(other.low()));
                Bounded::of(value, error, self.magnitude.max(other.magnitude))
            }
        }
    }
    fn sign(self) -> Self {
        let sign = |x: f64| {
            if x > 0.0 {
                1.0
            } else if x < 0.0 {
                -1.0
            } else {
                x * 0.0
            }
        };
        let of = |x: f64| Bounded::exact(sign(x));
        of(self.value).hull(of(self.low())).hull(of(self.high()))
    }
    fn undecided(self) -> bool {
        self.known().is_none() && !self.unexplained()
    }

    fn count_into(self, terms: &mut Terms) {
        terms.error += self.error;
        terms.magnitude += self.magnitude;
        terms.count += 1;
    }
    fn summed(self, terms: &Terms) -> Self {
        if terms.count == 0 {
            return self;
        }
        // in any order a term is rounded with every sum that it is part of; two more: factor and level of a stimulus are
        // each rounded to f32, or the sum is, once, where it was added up in f64
        let rounding = f64::from(terms.count + 2) * UNIT * (terms.magnitude + terms.error);
        Bounded::of(self.value, terms.error + rounding, terms.magnitude)
    }

    fn abs(self) -> Self {
        Bounded { value: self.value.abs(), ..self }
    }
    fn floor(self) -> Self {
        let of = |x: f64| Bounded::exact(x.floor());
        of(self.value).hull(of(self.low())).hull(of(self.high()))
    }
    fn ceil(self) -> Self {
        -(-self).floor()
    }
    fn exp(self) -> Self {
        functions::exp(self)
    }
    fn exprel(self) -> Self {
        functions::exprel(self)
    }
    fn exprel_near(self) -> Self {
        functions::exprel(self)
    }
    fn log(self) -> Self {
        functions::log(self)
    }
    fn sqrt(self) -> Self {
        functions::sqrt(self)
    }
    fn sin(self) -> Self {
        functions::sin(self)
    }
    fn cos(self) -> Self {
        functions::cos(self)
    }
    fn tan(self) -> Self {
        functions::tan(self)
    }
    fn tanh(self) -> Self {
        functions::tanh(self)
    }
    fn power(self, y: Self) -> Self {
        functions::power(self, y)
    }
    fn power_usual(self, y: Self) -> Self {
        functions::power(self, y)
    }
}
