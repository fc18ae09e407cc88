//! Elementary functions with bounds: how far `shaders/functions.wgsl` and `real.rs` (or libm) may be off in f32.
//!
//! Each number of roundings below is worked out from the algorithm as it stands in the shader, product and sum counted apart
//! since WGSL may leave them unfused, every rounding as one unit u = 2^-23. The error of the argument is carried by the
//! function itself, evaluated at both ends of what the argument may be. What the CPU engine uses in f32 is the same
//! algorithm (exp, exprel) or libm, which is good to 1 unit (tanh to 2), so that the shader decides.

use super::{Bounded, TINY, UNIT};
use crate::engine::cpu::real::Real;

/// Below this |x| exprel is its polynomial: as [`Real::NEAR`] of f32 and `exprel` of the shader.
pub const NEAR: f64 = 0.34;

/// Up to here exp is an f32; from the second on our own is infinite.
const EXP_MAX: f64 = 88.72;
const EXP_ENDLESS: f64 = 88.73;

/// exp(x) = 2^n (1 + r q), q = (exp(r) - 1)/r by Horner's rule, |r| <= ln(2)/2. r is exact but for the product with the
/// second part of ln(2) and the last difference: 0.4 u. In q the last step rounds 0.2 u + 1.2 u, the one before it 0.65 u
/// times r, those before less: 1.7 u, and with the end of the series (2^-26) and the coefficients 1.9 u. Worst at r =
/// -ln(2)/2, where r q is -0.29 and the result 0.71: (0.35·1.9 u + 0.29 u + 0.71 u)/0.71 + 0.4 u = 2.8 u. The powers of
/// two round nothing.
const EXP: f64 = 3.0;

/// The polynomial q alone: 1.9 u, where q is at least 0.84.
const EXPREL_NEAR: f64 = 2.3;

/// log(x) = k ln(2) + f + rest as in fdlibm, |f| <= 0.42. For k = 0: s = f/(2 + f) is off by 3.5 u (division 2.5), z = s² by
/// 8 u, the series R, a third of half = f²/2, by 13 u; their sum times s by 0.6 u of |f|; half by 0.2 u, the rest by 0.2 u and
/// the last sum by 1.3 u of |f|; log(1 + f) is at least 0.83 |f|: 2.8 u. For k = -1 and f = 0.41 the product with ln(2) rounds
/// 0.69 u where the result is 0.35: 2 u more, and what was relative to f weighs 1.2 times as much: 5.5 u.
const LOG: f64 = 6.0;

/// WGSL: sqrt is 1/inverseSqrt, 2 u and 2.5 u.
const SQRT: f64 = 4.6;

/// sin(r) and cos(r) by the polynomials of Cephes for |r| <= pi/4: the last sum rounds 1 u and its product 0.3 u, what is in
/// the product (5 roundings of at most 0.31) 1 u, the end of the series 2^-24: 2.8 u, absolute. The angle is reduced in three
/// parts, of which the last two round 0.8 u each.
const CIRCLE: f64 = 5.0;
/// Where nothing is reduced r is the angle itself, and sin is good to as much of itself: its product is at most r/10, so that
/// 1.1 u + 0.5 u + 0.5 u of r are 2.4 u of sin(r).
const CIRCLE_NEAR: f64 = 3.0;
/// Up to this angle the products of the reduction are exact, and a quarter turn is a whole number that i32 holds.
const ANGLE_EXACT: f64 = 8000.0;
const ANGLE_MAX: f64 = 4e6;

/// A result that is off by what its argument may do (`spread`) and by some units of itself.
fn near(value: f64, spread: f64, units: f64) -> Bounded {
    let rounding = units * UNIT * (value.abs() + spread);
    let error = if spread.is_nan() { f64::INFINITY } else { spread + rounding };
    Bounded::of(value, error, 0.0)
}

fn unknown(value: f64) -> Bounded {
    Bounded::of(value, f64::INFINITY, f64::INFINITY)
}

/// How far a monotone function moves over what its argument may be.
fn spread(x: Bounded, f: impl Fn(f64) -> f64) -> f64 {
    if x.error == 0.0 {
        return 0.0;
    }
    let (value, low, high) = (f(x.value), f(x.low()), f(x.high()));
    if low.is_nan() || high.is_nan() { f64::INFINITY } else { (value - low).abs().max((high - value).abs()) }
}

pub fn exp(x: Bounded) -> Bounded {
    if x.low() > EXP_ENDLESS {
        return Bounded::exact(f64::INFINITY);
    }
    if x.high() > EXP_MAX {
        return unknown(libm::exp(x.value));
    }
    near(libm::exp(x.value), spread(x, libm::exp), EXP)
}

fn relative(x: f64) -> f64 {
    if x == 0.0 { 1.0 } else { libm::expm1(x) / x }
}

/// Units of exprel: that of the polynomial near 0, of (exp(x) - 1)/x elsewhere, where the error of exp(x) grows by what
/// cancels, the difference rounds 1 u and the division 2.5 u. Falls with |x|, so that the end nearer to 0 decides.
fn exprel_units(x: Bounded) -> f64 {
    if x.value.abs() + x.error < NEAR {
        return EXPREL_NEAR;
    }
    let nearest = (x.value.abs() - x.error).max(NEAR).copysign(x.value);
    let y = libm::exp(nearest);
    (EXP * y / (y - 1.0).abs() + 3.5).max(EXPREL_NEAR)
}

pub fn exprel(x: Bounded) -> Bounded {
    // it passes through exp(x), which leaves f32 first
    if x.low() > EXP_ENDLESS {
        return Bounded::exact(f64::INFINITY);
    }
    if x.high() > EXP_MAX {
        return unknown(relative(x.value));
    }
    near(relative(x.value), spread(x, relative), exprel_units(x))
}

pub fn log(x: Bounded) -> Bounded {
    // what may be 0, flushed to it or below it
    if x.low() < TINY {
        return unknown(libm::log(x.value));
    }
    near(libm::log(x.value), spread(x, libm::log), LOG)
}

pub fn sqrt(x: Bounded) -> Bounded {
    if x.is_zero() {
        return x;
    }
    if x.high() < 0.0 || x.high().is_nan() {
        return unknown(x.value.sqrt());
    }
    // the root of a number that came out below 0 is NaN, which agrees with nothing; of any other no more than the root of what
    // the argument may be off by: |sqrt(a + e) - sqrt(a)| <= sqrt(e)
    let root = |x: f64| x.max(0.0).sqrt();
    near(root(x.value), spread(x, root), SQRT)
}

/// g/(g + 2) with g = exp(y) - 1 = y·exprel(y), y = 2|x|: an error of g counts 2/(g + 2) times; 1 u for the product, 1 u for
/// the sum, 2.5 u for the division, and 0.5 u for the end at 9.1, from where on the result is 1.
pub fn tanh(x: Bounded) -> Bounded {
    let twice = Bounded::of(2.0 * x.value.abs(), 2.0 * x.error, 2.0 * x.magnitude);
    let grown = libm::expm1((twice.value - twice.error).max(0.0));
    near(libm::tanh(x.value), spread(x, libm::tanh), (exprel_units(twice) + 1.0) * 2.0 / (grown + 2.0) + 4.0)
}

/// Sine or cosine: the argument moves it by no more than itself.
fn circle(value: f64, x: Bounded, from_zero: bool) -> Bounded {
    let angle = x.value.abs() + x.error;
    if angle.is_nan() || angle > ANGLE_MAX {
        return unknown(value);
    }
    if from_zero && angle < 0.78 {
        return near(value, x.error, CIRCLE_NEAR);
    }
    // a large angle is a product with the number of quarter turns, rounded
    let reduced = if angle > ANGLE_EXACT { 1.1 * angle } else { 0.0 };
    Bounded::of(value, x.error + (CIRCLE + reduced) * UNIT, 0.0)
}

pub fn sin(x: Bounded) -> Bounded {
    circle(libm::sin(x.value), x, true)
}

pub fn cos(x: Bounded) -> Bounded {
    circle(libm::cos(x.value), x, false)
}

pub fn tan(x: Bounded) -> Bounded {
    sin(x) / cos(x)
}

/// exp(y log(x)), with what the shader says where x is 0.
pub fn power(x: Bounded, y: Bounded) -> Bounded {
    let value = libm::pow(x.value, y.value);
    if y.is_zero() {
        return Real::choose(x.is_nan(), Bounded::exact(f64::NAN), Bounded::exact(1.0));
    }
    if x.is_zero() && y.low() > 0.0 {
        return Bounded::exact(0.0);
    }
    if x.low() >= 0.0 && x.low() < TINY && y.low() > 0.0 {
        // anything from 0 up to the power of the largest
        let top = power(Bounded::exact(x.high().max(TINY)), y).high();
        return Bounded::of(value, top.max(value), top);
    }
    let through = exp(y * log(x));
    let error = through.error + (through.value - value).abs();
    if error.is_nan() { unknown(value) } else { Bounded::of(value, error, 0.0) }
}
