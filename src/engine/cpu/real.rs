//! Elementary functions from + - × alone, for f32 and f64: the same bits on every machine, and loops over them vectorise.
//! Powers: `power`.
//!
//! No fused multiply-add: Rust never makes one by itself, so wider instruction sets give the same bits.

use super::power;
use crate::engine::Precision;
use crate::plan::fixed_point::Units;
use crate::random::{Chance, Probability};

/// A floating-point number that the CPU engine computes with.
pub trait Real:
    Copy
    + Default
    + PartialEq
    + PartialOrd
    + Send
    + Sync
    + std::fmt::Debug
    + Probability
    + std::ops::Add<Output = Self>
    + std::ops::Sub<Output = Self>
    + std::ops::Mul<Output = Self>
    + std::ops::Div<Output = Self>
    + std::ops::Neg<Output = Self>
    + 'static
{
    const ZERO: Self;
    const ONE: Self;
    /// Rows of a block: a register of 4 KiB. With 2 KiB finding an operation costs as much as a tenth of COBA, with 8 KiB or more the
    /// registers of a model leave the first-level cache.
    const BLOCK: usize = 4096 / std::mem::size_of::<Self>();
    /// What a delay ring sums: whole numbers for f32 (as on a GPU), f64 for f64.
    type Sum: Copy + Default + Send + Sync + std::fmt::Debug + 'static;
    /// Are sums whole numbers, so that their order does not matter?
    const WHOLE_SUMS: bool;

    fn from_f64(x: f64) -> Self;
    fn to_f64(self) -> f64;
    fn exp(self) -> Self;
    fn is_nan(self) -> bool;
    fn is_finite(self) -> bool;
    fn exprel(self) -> Self;
    /// The same bits for |x| < [`Real::NEAR`], at a third of the cost.
    fn exprel_near(self) -> Self;
    const NEAR: Self;
    fn log(self) -> Self;
    fn sqrt(self) -> Self;
    fn floor(self) -> Self;
    fn ceil(self) -> Self;
    fn abs(self) -> Self;
    fn sin(self) -> Self;
    fn cos(self) -> Self;
    fn tan(self) -> Self;
    fn tanh(self) -> Self;
    fn power(self, y: Self) -> Self;
    /// The same bits where [`Real::is_usual`], at a tenth of the cost.
    fn power_usual(self, y: Self) -> Self;
    /// Is this a base, and that an exponent, as nearly all are: finite, the base not below 0?
    #[inline(always)]
    fn is_usual(self, y: Self) -> bool {
        // no shortcuts: they would be branches
        (self >= Self::ZERO) & self.is_finite() & y.is_finite() & ((self > Self::ZERO) | (y > Self::ZERO))
    }
    /// One of two numbers that have both been read, without a branch: a branch would keep loops from vectorising.
    fn choose(condition: bool, then: Self, otherwise: Self) -> Self;
    /// A ring's sum as a number, given weight units per ring unit.
    fn from_sum(sum: Self::Sum, unit: Self) -> Self;
    /// A weight as the ring sums it, given ring units per weight unit.
    fn to_sum(weight: f64, scale: f64) -> Self::Sum;
    /// The same of many weights in single precision: the first so many sums.
    fn weights_to_sums(weights: &[f32], units: Units, sums: &mut [Self::Sum]);
    /// The same of numbers that have been worked out.
    fn values_to_sums(values: &[Self], units: Units, sums: &mut [Self::Sum]);
    fn add_sum(a: Self::Sum, b: Self::Sum) -> Self::Sum;
    fn sum_to_f64(sum: Self::Sum, scale: f64) -> f64;
    /// By how many units a sum of another engine may differ.
    fn sum_open(_: Self::Sum) -> u32 {
        0
    }
    /// As records say it.
    const PRECISION: Precision;

    // What follows is the same for every number that carries nothing but itself; one that carries a bound of its error
    // answers otherwise where that bound leaves the answer open.

    /// Does it carry a bound of its error?
    const BOUNDED: bool = false;
    /// Not 0 where a row's draw lies below this.
    fn drawn(self, chance: Chance, row: u32) -> Self {
        truth(chance.of(row, self.single()))
    }
    #[inline(always)]
    fn less(self, other: Self) -> Self {
        truth::<Self>(self < other)
    }
    #[inline(always)]
    fn less_equal(self, other: Self) -> Self {
        truth::<Self>(self <= other)
    }
    #[inline(always)]
    fn equal(self, other: Self) -> Self {
        truth::<Self>(self == other)
    }
    #[inline(always)]
    fn both(self, other: Self) -> Self {
        truth::<Self>((self != Self::ZERO) & (other != Self::ZERO))
    }
    #[inline(always)]
    fn either(self, other: Self) -> Self {
        truth::<Self>((self != Self::ZERO) | (other != Self::ZERO))
    }
    /// 1 - x for a truth value x.
    #[inline(always)]
    fn opposite(self) -> Self {
        Self::ONE - self
    }
    /// The first where this is not 0, else the second.
    #[inline(always)]
    fn pick(self, then: Self, otherwise: Self) -> Self {
        Self::choose(self != Self::ZERO, then, otherwise)
    }
    // a NaN must not vanish in a minimum
    #[inline(always)]
    fn least(self, other: Self) -> Self {
        Self::choose((other < self) | other.is_nan(), other, self)
    }
    #[inline(always)]
    fn greatest(self, other: Self) -> Self {
        Self::choose((other > self) | other.is_nan(), other, self)
    }
    /// -1, 0 or 1
    #[inline(always)]
    fn sign(self) -> Self {
        Self::choose(self > Self::ZERO, Self::ONE, Self::choose(self < Self::ZERO, -Self::ONE, self * Self::ZERO))
    }
    /// Could rounding have turned this truth value into the other?
    #[inline(always)]
    fn undecided(self) -> bool {
        false
    }
    /// Counts this as a term of a sum that single precision may add up otherwise.
    #[inline(always)]
    fn count_into(self, _: &mut Terms) {}
    /// The same number, said to be the sum of these terms.
    #[inline(always)]
    fn summed(self, _: &Terms) -> Self {
        self
    }
}

/// The terms of a sum, as far as its rounding depends on them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Terms {
    /// How far the terms may be off together.
    pub error: f64,
    /// The sum of their absolute values.
    pub magnitude: f64,
    pub count: u32,
}

/// The truth value of a number: 1 or 0.
#[inline(always)]
pub fn truth<T: Real>(t: bool) -> T {
    if t { T::ONE } else { T::ZERO }
}

/// 0·x is 0 for finite numbers alone; sums of many side by side are one plain loop.
#[inline(always)]
pub fn all_finite<T: Real>(column: &[T]) -> bool {
    // one register of the widest instruction set: with more of them compilers keep the sums in memory
    const SIDE: usize = 16;
    let mut sums = [T::ZERO; SIDE];
    let mut chunks = column.chunks_exact(SIDE);
    for chunk in &mut chunks {
        for (sum, x) in sums.iter_mut().zip(chunk) {
            *sum = *sum + *x * T::ZERO;
        }
    }
    let rest = chunks.remainder().iter().fold(T::ZERO, |sum, x| sum + *x * T::ZERO);
    sums.iter().all(|sum| *sum == T::ZERO) && rest == T::ZERO
}

macro_rules! real {
    ($t:ty, $precision:ident, $bits:ty, $signed:ty, $mantissa:literal, $bias:literal, $magic:literal, $lo:literal, $hi:literal, $ln2_hi:literal, $ln2_lo:literal,
     $sum:tt, $polynomial:path, $libm:ident { $log:ident $sin:ident $cos:ident $tan:ident $tanh:ident $pow:ident }, $usual:ident) => {
        impl Real for $t {
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            const PRECISION: Precision = Precision::$precision;
            type Sum = $sum;

            #[inline(always)]
            fn from_f64(x: f64) -> Self {
                x as $t
            }
            #[inline(always)]
            fn to_f64(self) -> f64 {
                f64::from(self)
            }

            #[inline(always)]
            fn choose(condition: bool, then: Self, otherwise: Self) -> Self {
                let mask = <$bits>::from(condition).wrapping_neg();
                <$t>::from_bits((then.to_bits() & mask) | (otherwise.to_bits() & !mask))
            }

            #[inline(always)]
            fn is_nan(self) -> bool {
                <$t>::is_nan(self)
            }
            #[inline(always)]
            fn is_finite(self) -> bool {
                <$t>::is_finite(self)
            }

            #[inline(always)]
            fn exp(self) -> Self {
                let (two_n, q, r) = parts::<$t>::split(self);
                // 2^n (1 + r q); the halves of 2^n keep the smallest results right
                let y = (1.0 + r * q) * two_n.0 * two_n.1;
                let y = Self::choose(self > $hi, <$t>::INFINITY, y);
                let y = Self::choose(self < $lo, 0.0, y);
                Self::choose(<$t>::is_nan(self), self, y)
            }

            #[inline(always)]
            fn exprel(self) -> Self {
                let (two_n, q, r) = parts::<$t>::split(self);
                // near 0 n is 0, x is r and (exp(x) - 1)/x is the polynomial itself: nothing cancels, nothing is divided by 0
                let y = (1.0 + r * q) * two_n.0 * two_n.1;
                let y = Self::choose(self > $hi, <$t>::INFINITY, y);
                let y = Self::choose(self < $lo, 0.0, y);
                let far = (y - 1.0) / self;
                let out = Self::choose(Real::abs(self) < Self::NEAR, q, far);
                Self::choose(<$t>::is_nan(self), self, out)
            }

            #[inline(always)]
            fn exprel_near(self) -> Self {
                parts::<$t>::polynomial(self)
            }
            // below ln(2)/2, so that n is 0 and r is x
            const NEAR: Self = 0.34;

            #[inline(always)]
            fn log(self) -> Self {
                libm::$log(self)
            }
            #[inline(always)]
            fn sqrt(self) -> Self {
                <$t>::sqrt(self)
            }
            #[inline(always)]
            fn floor(self) -> Self {
                // as whole numbers, so that it needs no instruction of newer processors
                let whole = (self as $signed) as $t;
                let down = if whole > self { whole - 1.0 } else { whole };
                if self.abs() < (1u64 << $mantissa) as $t { down } else { self }
            }
            #[inline(always)]
            fn ceil(self) -> Self {
                -Real::floor(-self)
            }
            #[inline(always)]
            fn abs(self) -> Self {
                <$t>::from_bits(self.to_bits() & (<$bits>::MAX >> 1))
            }
            #[inline(always)]
            fn sin(self) -> Self {
                libm::$sin(self)
            }
            #[inline(always)]
            fn cos(self) -> Self {
                libm::$cos(self)
            }
            #[inline(always)]
            fn tan(self) -> Self {
                libm::$tan(self)
            }
            #[inline(always)]
            fn tanh(self) -> Self {
                libm::$tanh(self)
            }
            #[inline(always)]
            fn power(self, y: Self) -> Self {
                if self.is_usual(y) {
                    return power::$usual(self, y);
                }
                // NaN to the power of 0 is NaN too
                Self::choose(<$t>::is_nan(self) | <$t>::is_nan(y), <$t>::NAN, libm::$pow(self, y))
            }
            #[inline(always)]
            fn power_usual(self, y: Self) -> Self {
                power::$usual(self, y)
            }
            real!(@sum $sum, $t);
        }

        impl parts<$t> {
            /// (exp(r) - 1)/r
            #[inline(always)]
            fn polynomial(r: $t) -> $t {
                $polynomial(r)
            }

            /// exp(x) = 2^n exp(r), |r| <= ln(2)/2: 2^n in two factors, the polynomial (exp(r) - 1)/r, and r.
            #[inline(always)]
            fn split(x: $t) -> (($t, $t), $t, $t) {
                const LOG2E: $t = std::f64::consts::LOG2_E as $t;
                // below the range of whole exponents nothing is left, above it infinity follows
                let x = <$t as Real>::choose(x < $lo, $lo, x);
                let x = <$t as Real>::choose(x > $hi, $hi, x);
                // adding 1.5·2^mantissa rounds to the nearest whole number
                let shifted = x * LOG2E + $magic;
                let n = shifted - $magic;
                let r = (x - n * $ln2_hi) - n * $ln2_lo;
                let q = Self::polynomial(r);
                let whole = (shifted.to_bits() as $signed).wrapping_sub(($magic as $t).to_bits() as $signed);
                let half = whole >> 1;
                let power = |k: $signed| <$t>::from_bits((k.wrapping_add($bias) << $mantissa) as $bits);
                ((power(half), power(whole - half)), q, r)
            }
        }
    };
    (@sum i32, $t:ty) => {
        const WHOLE_SUMS: bool = true;
        #[inline(always)]
        fn from_sum(sum: i32, unit: Self) -> Self {
            sum as $t * unit
        }
        fn to_sum(weight: f64, scale: f64) -> i32 {
            crate::plan::fixed_point::quantise(weight, scale)
        }
        #[inline(always)]
        fn weights_to_sums(weights: &[f32], units: Units, sums: &mut [i32]) {
            units.of_weights(weights, sums);
        }
        #[inline(always)]
        fn values_to_sums(values: &[$t], units: Units, sums: &mut [i32]) {
            units.of_weights(values, sums);
        }
        #[inline(always)]
        fn add_sum(a: i32, b: i32) -> i32 {
            // the scale is proven free of overflow; wrapping only says so to the compiler
            a.wrapping_add(b)
        }
        fn sum_to_f64(sum: i32, scale: f64) -> f64 {
            f64::from(sum) / scale
        }
    };
    (@sum f64, $t:ty) => {
        const WHOLE_SUMS: bool = false;
        #[inline(always)]
        fn from_sum(sum: f64, _: Self) -> Self {
            sum
        }
        fn to_sum(weight: f64, _: f64) -> f64 {
            weight
        }
        #[inline(always)]
        fn weights_to_sums(weights: &[f32], _: Units, sums: &mut [f64]) {
            sums.iter_mut().zip(weights).for_each(|(sum, w)| *sum = f64::from(*w));
        }
        #[inline(always)]
        fn values_to_sums(values: &[$t], _: Units, sums: &mut [f64]) {
            sums.iter_mut().zip(values).for_each(|(sum, x)| *sum = *x);
        }
        #[inline(always)]
        fn add_sum(a: f64, b: f64) -> f64 {
            a + b
        }
        fn sum_to_f64(sum: f64, _: f64) -> f64 {
            sum
        }
    };
}

/// Holds the parts of an exponential.
#[allow(non_camel_case_types, reason = "never named outside this file")]
struct parts<T>(std::marker::PhantomData<T>);

/// (exp(r) - 1)/r to 2^-26 for |r| <= 0.35.
#[inline(always)]
fn single_part(r: f32) -> f32 {
    SINGLE.iter().fold(0.0, |q, c| q * r + c)
}

/// 1/(k + 1)! from k = 7 down.
const SINGLE: [f32; 8] = [1.0 / 40320.0, 1.0 / 5040.0, 1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0];

/// The same to 2^-60 for |r| <= 0.347: even and odd powers by themselves, so that no number waits long for the one before.
#[inline(always)]
fn double_part(r: f64) -> f64 {
    let z = r * r;
    let (mut even, mut odd) = DOUBLE[0];
    let mut k = 1;
    while k < DOUBLE.len() {
        (even, odd) = (even * z + DOUBLE[k].0, odd * z + DOUBLE[k].1);
        k += 1;
    }
    even + r * odd
}

/// Coefficients of r^10 and r^11, of r^8 and r^9, ... down to 1 and 1/2. They are 1 + r times the polynomial that meets
/// ((exp(r) - 1)/r - 1)/r at the 11 Chebyshev points of that range; those of Taylor's series would need two more.
const DOUBLE: [(f64, f64); 6] = [
    (2.510533724466521e-8, 2.091477283224809e-9),
    (2.755725511097889e-6, 2.755727343657049e-7),
    (0.00019841269875048905, 2.480158732571076e-5),
    (0.00833333333332607, 0.0013888888888883703),
    (0.1666666666666667, 0.04166666666666667),
    (1.0, 0.5),
];

real!(f32, F32, u32, i32, 23, 127, 12_582_912.0, -104.0, 88.722_84, 0.693_359_4, -2.121_944_4e-4, i32, single_part,
    libm { logf sinf cosf tanf tanhf powf }, single);
real!(f64, F64, u64, i64, 52, 1023, 6_755_399_441_055_744.0, -746.0, 709.782_712_893_384, 0.693_147_180_369_123_8, 1.908_214_929_270_587_7e-10,
    f64, double_part, libm { log sin cos tan tanh pow }, double);

#[cfg(test)]
mod tests {
    use super::Real;

    /// Distance in units of the last place of the exact value.
    fn ulps32(x: f32, exact: f64) -> f64 {
        let ulp = f64::from(f32::from_bits((exact as f32).abs().to_bits() + 1)) - f64::from((exact as f32).abs());
        (f64::from(x) - exact).abs() / ulp
    }

    #[test]
    fn exponentials_are_right_to_rounding() {
        let (mut worst, mut worst_relative, mut worst64) = (0.0f64, 0.0f64, 0.0f64);
        for k in -8_000..=8_000 {
            let x = f64::from(k) / 100.0 + 0.003;
            worst = worst.max(ulps32(Real::exp(x as f32), libm::exp(f64::from(x as f32))));
            let y = x as f32 / 40.0;
            worst_relative = worst_relative.max(ulps32(Real::exprel(y), libm::expm1(f64::from(y)) / f64::from(y)));
            let (a, b) = (Real::exp(x), libm::exp(x));
            worst64 = worst64.max((a - b).abs() / b);
            let (a, b) = (Real::exprel(x / 40.0), libm::expm1(x / 40.0) / (x / 40.0));
            worst64 = worst64.max((a - b).abs() / b.abs());
        }
        println!("exp f32 {worst:.2} ulp, exprel f32 {worst_relative:.2} ulp, f64 {worst64:.1e}");
        assert!(worst < 1.5, "{worst}");
        // far from 0 one is lost in (y - 1)/x, at most 1/(1 - exp(-0.34)) = 3.5 times the error of y
        assert!(worst_relative < 5.0, "{worst_relative}");
        assert!(worst64 < 1.2e-15, "{worst64:e}");
    }

    #[test]
    fn edges_of_exponentials() {
        assert_eq!(Real::exp(0.0f32), 1.0);
        assert_eq!(Real::exprel(0.0f64), 1.0);
        assert_eq!(Real::exprel(0.0f32), 1.0);
        assert_eq!(Real::exp(f32::NEG_INFINITY), 0.0);
        assert_eq!(Real::exp(1000.0f64), f64::INFINITY);
        assert!(Real::exp(f32::NAN).is_nan() && Real::exprel(f64::NAN).is_nan());
        assert!((Real::exp(88.0f32) / 1.651_636_3e38 - 1.0).abs() < 1e-5);
        assert!(Real::exp(-87.0f32) > 0.0 && Real::exp(-700.0f64) > 0.0);
        assert_eq!((Real::floor(-0.5f32), Real::floor(2.0f32), Real::floor(1e20f64), Real::ceil(1.2f64)), (-1.0, 2.0, 1e20, 2.0));
    }
}
