//! x to the power of y as 2^(y·log2(x)), from + - × ÷ and whole numbers alone, so that loops over it vectorise: for x >= 0 and
//! finite numbers. What is left (negative bases, infinities) is libm's.
//!
//! log2(x): x = 2^k·m with m between the root of 1/2 and that of 2; s = (m - 1)/(m + 1), at most 0.172; log(m) = 2(s + s³/3 + s⁵/5 + ...).
//! Single precision works in double. Double precision carries k + log2(m), and what y makes of it, in two numbers.

/// Bits of the root of 1/2.
const ROOT: u64 = 0x3fe6_a09e_667f_3bcd;
const MANTISSA: u32 = 52;
const BIAS: u64 = 1023;
/// 2^52: with a whole number in its lowest bits, it is the sum of the two.
const WHOLE: f64 = 4_503_599_627_370_496.0;
/// 1.5·2^52: adding it rounds to a whole number, which its lowest bits then are.
const ROUND: f64 = 6_755_399_441_055_744.0;
const LN2: f64 = std::f64::consts::LN_2;

/// k and m of a normal number.
#[inline(always)]
fn split(x: f64) -> (f64, f64) {
    let above = x.to_bits().wrapping_sub(ROOT).wrapping_add(BIAS << MANTISSA);
    let rest = above & ((1 << MANTISSA) - 1);
    let k = f64::from_bits(WHOLE.to_bits() | (above >> MANTISSA)) - (WHOLE + BIAS as f64);
    (k, f64::from_bits(rest.wrapping_add(ROOT)))
}

/// Its upper 26 bits: products of two such are exact.
#[inline(always)]
fn upper(x: f64) -> f64 {
    f64::from_bits(x.to_bits() & !((1 << 27) - 1))
}

/// One of two numbers, without a branch.
#[inline(always)]
fn choose(condition: bool, then: f64, otherwise: f64) -> f64 {
    let mask = u64::from(condition).wrapping_neg();
    f64::from_bits((then.to_bits() & mask) | (otherwise.to_bits() & !mask))
}

#[inline(always)]
fn horner<const N: usize>(x: f64, coefficients: &[f64; N]) -> f64 {
    let mut sum = coefficients[0];
    let mut k = 1;
    while k < N {
        sum = sum * x + coefficients[k];
        k += 1;
    }
    sum
}

/// x to the power of y in single precision: to 0.51 units of the last place.
#[inline(always)]
pub fn single(x: f32, y: f32) -> f32 {
    // each f32 but 0 is a normal f64
    let (k, m) = split(f64::from(x));
    let s = (m - 1.0) / (m + 1.0);
    let z = f64::from(y) * (k + s * horner(s * s, &LOG2_SINGLE));
    // beyond these the result is infinite or 0 in single precision
    let z = choose(z > 200.0, 200.0, z);
    let z = choose(z < -200.0, -200.0, z);
    let shifted = z + ROUND;
    let part = horner(z - (shifted - ROUND), &EXP2_SINGLE);
    let whole = shifted.to_bits().wrapping_sub(ROUND.to_bits());
    let power = part * f64::from_bits(whole.wrapping_add(BIAS) << MANTISSA);
    choose(x == 0.0, 0.0, power) as f32
}

/// 2/((2n + 1)·ln(2)) from n = 6 down: s times it is log2(m) to 2^-37.
const LOG2_SINGLE: [f64; 7] = {
    const TWICE: f64 = 2.0 / LN2;
    [TWICE / 13.0, TWICE / 11.0, TWICE / 9.0, TWICE / 7.0, TWICE / 5.0, TWICE / 3.0, TWICE]
};

/// ln(2)^n/n! from n = 8 down: 2^f to 2^-32 for |f| <= 1/2.
const EXP2_SINGLE: [f64; 9] = {
    let mut out = [1.0; 9];
    let mut n = 1;
    while n < 9 {
        out[8 - n] = out[9 - n] * LN2 / n as f64;
        n += 1;
    }
    out
};

/// 1/(2n + 1) from n = 11 down to 1.
const LOG_DOUBLE: [f64; 11] = [
    1.0 / 23.0,
    1.0 / 21.0,
    1.0 / 19.0,
    1.0 / 17.0,
    1.0 / 15.0,
    1.0 / 13.0,
    1.0 / 11.0,
    1.0 / 9.0,
    1.0 / 7.0,
    1.0 / 5.0,
    1.0 / 3.0,
];

/// 1/(n + 1)! from n = 13 down: (exp(r) - 1)/r to 2^-56.
const EXP_DOUBLE: [f64; 14] = {
    let mut out = [1.0; 14];
    let mut n = 1;
    while n < 14 {
        out[13 - n] = out[14 - n] / (n + 1) as f64;
        n += 1;
    }
    out
};

/// 2/ln(2) in three numbers: the upper 26 bits, what a double has besides, what it lacks.
const TWICE_LOG2E: f64 = 2.0 * std::f64::consts::LOG2_E;
const TWICE_LOG2E_HIGH: f64 = f64::from_bits(TWICE_LOG2E.to_bits() & !((1 << 27) - 1));
const TWICE_LOG2E_LACKS: f64 = 4.071_054_748_186_207e-17;

/// x to the power of y in double precision: to 1.5 units of 2^-52 of itx.
#[inline(always)]
pub fn double(x: f64, y: f64) -> f64 {
    let tiny = x < f64::MIN_POSITIVE;
    let (k, m) = split(choose(tiny, x * (1u64 << 54) as f64, x));
    let k = choose(tiny, k - 54.0, k);
    // s in two numbers; f is exact, and so is g as its upper bits and the rest
    let (f, g) = (m - 1.0, m + 1.0);
    let inverse = 1.0 / g;
    let s = f * inverse;
    let (s_high, g_high) = (upper(s), upper(g));
    let g_low = m - (g_high - 1.0);
    let s_low = ((f - s_high * g_high) - s_high * g_low) * inverse;
    let t = s * s;
    let rest = s_low + s * (t * horner(t, &LOG_DOUBLE));
    // log2(x) in two numbers
    let product = s_high * TWICE_LOG2E_HIGH;
    let low = s_high * ((TWICE_LOG2E - TWICE_LOG2E_HIGH) + TWICE_LOG2E_LACKS) + rest * TWICE_LOG2E;
    let log = k + product;
    let log_high = upper(log);
    let log_low = (log - log_high) + (low + (product - (log - k)));
    // y times it
    let y_high = upper(y);
    let z_high = y_high * log_high;
    let z_low = (y - y_high) * log_high + y * log_low;
    let z = z_high + z_low;
    let (over, under) = (z > 1100.0, z < -1100.0);
    let shifted = choose(over | under, 0.0, z) + ROUND;
    let part = choose(over | under, 0.0, (z_high - (shifted - ROUND)) + z_low) * LN2;
    let power = 1.0 + part * horner(part, &EXP_DOUBLE);
    // 2^whole in two factors, which keep the smallest results right
    let whole = shifted.to_bits().wrapping_sub(ROUND.to_bits());
    let half = (whole.wrapping_add(4096) >> 1).wrapping_sub(2048);
    let two = |k: u64| f64::from_bits(k.wrapping_add(BIAS) << MANTISSA);
    let out = power * two(half) * two(whole.wrapping_sub(half));
    let out = choose(over, f64::INFINITY, out);
    choose(under | (x == 0.0), 0.0, out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::cpu::real::Real;
    use crate::random::Key;

    fn uniform(count: u64) -> impl Iterator<Item = [f64; 2]> {
        (0..count).map(|k| Key { seed: 5 }.block(0, 0, k, 0).map(|w| (f64::from(w) + 0.5) / 4_294_967_296.0)).map(|w| [w[0], w[1]])
    }

    #[test]
    fn powers_are_right_to_rounding() {
        let (mut worst, mut worst64) = (0.0f64, 0.0f64);
        for [a, b] in uniform(400_000) {
            let (x, y) = (libm::exp((a - 0.5) * 80.0), (b - 0.5) * 6.0);
            let (single, exponent) = (x as f32, y as f32);
            let exact = libm::pow(f64::from(single), f64::from(exponent));
            if (1.2e-38..3.4e38).contains(&exact) {
                let ulp = f64::from(f32::from_bits((exact as f32).to_bits() + 1)) - f64::from(exact as f32);
                worst = worst.max((f64::from(super::single(single, exponent)) - exact).abs() / ulp);
            }
            worst64 = worst64.max((double(x, y) / libm::pow(x, y) - 1.0).abs() / f64::EPSILON);
        }
        println!("f32 {worst:.3} ulp, f64 {worst64:.2} eps");
        assert!(worst < 0.51, "{worst}");
        // libm's half a unit in it
        assert!(worst64 < 1.6, "{worst64}");
    }

    #[test]
    fn edges_of_powers() {
        let cases = [
            (1e-320, 0.5),
            (5e-324, 1.0),
            (1e300, 1.2),
            (1e-300, 1.2),
            (2.0, 1023.5),
            (2.0, -1074.0),
            (2.0, -1080.0),
            (2.0, 1e300),
            (0.5, 1e300),
            (1.0, 1e300),
            (0.0, 0.4),
            (3.0, 0.0),
            (f64::MAX, 1.0),
            (1.0 - 1e-16, 1e18),
        ];
        for (x, y) in cases {
            assert!(x.is_usual(y));
            let (ours, exact) = (double(x, y), libm::pow(x, y));
            assert!(ours == exact || (ours / exact - 1.0).abs() < 1e-15, "{x:e}^{y}: {ours:e}, not {exact:e}");
        }
        let cases = [
            (1e-40f32, 0.5f32),
            (1e-45, 1.0),
            (1e30, 1.3),
            (1e-30, 1.3),
            (2.0, 127.5),
            (2.0, -149.0),
            (2.0, 1e30),
            (0.5, 1e30),
            (1.0, 1e30),
            (0.0, 0.4),
            (3.0, 0.0),
            (f32::MAX, 1.0),
        ];
        for (x, y) in cases {
            assert_eq!(single(x, y), libm::powf(x, y), "{x:e}^{y}");
        }
        for (x, y) in
            [(-1.0, 2.0), (0.0, 0.0), (0.0, -1.0), (f64::INFINITY, 1.0), (2.0, f64::INFINITY), (f64::NAN, 0.0), (1.0, f64::NAN)]
        {
            assert!(!x.is_usual(y));
            assert_eq!(Real::power(x, y).to_bits(), if (x + y).is_nan() { f64::NAN } else { libm::pow(x, y) }.to_bits());
        }
        // the same bits whoever asks
        assert_eq!(Real::power(3.7f32, 0.4).to_bits(), single(3.7, 0.4).to_bits());
        assert_eq!(Real::power(3.7f64, 0.4).to_bits(), double(3.7, 0.4).to_bits());
    }
}
