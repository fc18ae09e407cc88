//! Times of steps as decimals, quickly: a table of spikes has one in each line, and the usual way of a number to text takes longer than a disk.
//!
//! In: steps. Out: digits, the same as the usual way gives, which stays for what does not fit. Not here: what else stands in a line.

/// Digits that a double holds whatever the number is: with so many, text and number lead to each other.
const CERTAIN: u64 = 1_000_000_000_000_000;

/// How times of steps of one length are written.
pub struct Decimals {
    dt: f64,
    /// Behind the point.
    places: u32,
    /// Are zeros at the end left out?
    shortest: bool,
    /// Of 10^-places ms in a step; 0: it is no whole number of them.
    units: u64,
}

impl Decimals {
    /// As few digits as tell the time, rounded to 1e-9 ms: 3 · 0.1 is 0.3, not 0.30000000000000004.
    pub fn shortest(dt: f64) -> Decimals {
        Decimals { dt, places: 9, shortest: true, units: units(dt, 9) }
    }

    /// As many digits behind the point.
    pub fn fixed(dt: f64, places: u32) -> Decimals {
        Decimals { dt, places, shortest: false, units: units(dt, places) }
    }

    /// The time of a step, ms.
    pub fn put(&self, step: u64, line: &mut Vec<u8>) {
        let counted = step.checked_mul(self.units).filter(|counted| self.units > 0 && *counted < CERTAIN);
        let Some(counted) = counted else { return self.put_slowly(step, line) };
        let one = 10u64.pow(self.places);
        whole(counted / one, line);
        let (mut rest, mut places) = (counted % one, self.places as usize);
        if self.shortest {
            while places > 0 && rest.is_multiple_of(10) {
                rest /= 10;
                places -= 1;
            }
        }
        if places == 0 {
            return;
        }
        let mut digits = [b'0'; 20];
        for digit in digits[..places].iter_mut().rev() {
            *digit = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        line.push(b'.');
        line.extend_from_slice(&digits[..places]);
    }

    fn put_slowly(&self, step: u64, line: &mut Vec<u8>) {
        let (ms, places) = (step as f64 * self.dt, self.places as usize);
        // past 2^53 · 1e-9 ms (100 days) the rounding has no digits left to work on
        let rounded = if ms.abs() < 9e6 { (ms * 1e9).round() / 1e9 } else { ms };
        let text = if self.shortest { format!("{rounded}") } else { format!("{ms:.places$}") };
        line.extend_from_slice(text.as_bytes());
    }
}

/// Of 10^-places ms in so many ms; 0: no whole number.
fn units(dt: f64, places: u32) -> u64 {
    let counted = dt * 10f64.powi(places as i32);
    // of a step that is written in decimals what is over is the dust of binary fractions
    if (0.5..1e12).contains(&counted) && (counted - counted.round()).abs() < 1e-6 { counted.round() as u64 } else { 0 }
}

/// The digits of a whole number.
pub fn whole(mut number: u64, line: &mut Vec<u8>) {
    let mut digits = [0; 20];
    let mut first = digits.len();
    while number >= 10 {
        first -= 2;
        digits[first..first + 2].copy_from_slice(&PAIRS[(number % 100) as usize]);
        number /= 100;
    }
    if number > 0 || first == digits.len() {
        first -= 1;
        digits[first] = b'0' + number as u8;
    }
    line.extend_from_slice(&digits[first..]);
}

/// 00 to 99: a division by ten takes longer than all else about a digit.
const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[0; 2]; 100];
    let mut number = 0;
    while number < 100 {
        pairs[number] = [b'0' + (number / 10) as u8, b'0' + (number % 10) as u8];
        number += 1;
    }
    pairs
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quick_way_gives_the_digits_of_the_usual_one() {
        let mut state = 1u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state >> 20
        };
        let text = |line: Vec<u8>| String::from_utf8(line).unwrap();
        for dt in [0.1, 0.05, 0.025, 1.0, 0.2, 1.0 / 32.0, 0.001, 0.125, 2.5, 10.0, 1.0 / 3.0, 1e-9, 0.017] {
            let quick = 0.0 + f64::from(u8::from(units(dt, 9) > 0));
            assert_eq!(quick, f64::from(u8::from(dt != 1.0 / 3.0)), "{dt}");
            for round in 0..4000 {
                let step = if round < 1000 { round } else { next() >> (round % 44) };
                for decimals in [Decimals::shortest(dt), Decimals::fixed(dt, 3), Decimals::fixed(dt, 9)] {
                    let (mut quick, mut slow) = (Vec::new(), Vec::new());
                    decimals.put(step, &mut quick);
                    decimals.put_slowly(step, &mut slow);
                    assert_eq!(text(quick), text(slow), "step {step} of {dt} ms, {} places", decimals.places);
                }
            }
        }
        let mut line = Vec::new();
        for number in [0, 7, 10, 100, 4_294_967_295, u64::MAX] {
            whole(number, &mut line);
            line.push(b' ');
        }
        assert_eq!(text(line), "0 7 10 100 4294967295 18446744073709551615 ");
        for number in (0..20_000).chain((0..64).map(|bit| 1 << bit)).chain((0..20).map(|k| 10u64.pow(k) - 1)) {
            let mut line = Vec::new();
            whole(number, &mut line);
            assert_eq!(text(line), number.to_string());
        }
    }
}
