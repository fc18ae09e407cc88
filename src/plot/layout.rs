//! Where things stand: panels, axes, ticks, colours.

/// Colours that differ also for the colour-blind; black and grey when the six are used up. Then the same lighter, then darker.
///
/// **Source**: Okabe and Ito, 2008, Color Universal Design.
const PALETTE: [[u32; 8]; 3] = [
    [0x0072B2, 0xD55E00, 0x009E73, 0xCC79A7, 0xE69F00, 0x56B4E9, 0x000000, 0x808080],
    [0x7F9BDB, 0xF0A163, 0x66CFB0, 0xE8B9D3, 0xF5CE74, 0xA6DAF5, 0x4D4D4D, 0xB8B8B8],
    [0x00406B, 0x853A00, 0x005C43, 0x80385F, 0x8F6300, 0x1D6C96, 0x5A4632, 0x9C8A6E],
];

/// Pixels between panels.
pub const GAP: i32 = 18;
/// Pixels below the last panel, for the numbers and the name of the time axis.
pub const BELOW: i32 = 46;
/// Pixels below that for a note.
pub const NOTE: i32 = 18;

/// The colour of the n-th population or row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour(pub usize);

impl Colour {
    pub fn rgb(self) -> (u8, u8, u8) {
        let [_, r, g, b] = PALETTE[self.0 / 8 % 3][self.0 % 8].to_be_bytes();
        (r, g, b)
    }

    pub fn hex(self) -> String {
        let (r, g, b) = self.rgb();
        format!("#{r:02x}{g:02x}{b:02x}")
    }
}

/// A rectangle of whole pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Panel {
    pub left: i32,
    pub right: i32,
    pub top: i32,
    pub bottom: i32,
}

impl Panel {
    pub fn x(&self, axis: Axis, value: f64) -> f64 {
        f64::from(self.left) + axis.share(value) * f64::from(self.right - self.left)
    }

    pub fn y(&self, axis: Axis, value: f64) -> f64 {
        f64::from(self.bottom) - axis.share(value) * f64::from(self.bottom - self.top)
    }
}

/// The numbers from one end of an axis to the other; `low < high`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Axis {
    pub low: f64,
    pub high: f64,
}

impl Axis {
    /// Around values, with a margin of that share of their range; room for something if they are all the same or none.
    pub fn around(values: impl Iterator<Item = f64>, margin: f64) -> Axis {
        let finite = values.filter(|value| value.is_finite());
        let (low, high) = finite.fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(value), high.max(value)));
        let range = high - low;
        // a range of rounding errors is none
        if range.is_finite() && range > 1e-9 * low.abs().max(high.abs()) {
            Axis { low: low - margin * range, high: high + margin * range }
        } else if low.is_finite() && low <= high && low.abs() < 1e300 {
            let room = (0.1 * low.abs()).max(1e-3);
            Axis { low: low - room, high: low + room }
        } else {
            Axis { low: 0.0, high: 1.0 }
        }
    }

    pub fn range(self) -> f64 {
        self.high - self.low
    }

    fn share(self, value: f64) -> f64 {
        (value - self.low) / self.range()
    }

    /// Round numbers along the axis, at most about so many, as (value, label).
    pub fn ticks(self, most: usize) -> Vec<(f64, String)> {
        let step = round_up(self.range() / most.max(1) as f64);
        let (first, last) = ((self.low / step - 1e-6).ceil(), (self.high / step + 1e-6).floor());
        // an axis far from 0 compared with its range has no digits left for its ticks
        if !(step > 0.0 && first.abs() < 1e12 && last - first < 100.0) {
            return Vec::new();
        }
        // counted, not summed; `+ 0.0` makes -0 a 0
        let values = (0..=(last - first).max(0.0) as u64).map(|k| (first + k as f64) * step + 0.0);
        values.map(|value| (value, label(value, step))).collect()
    }
}

/// The next of 1, 2, 5 times a power of ten.
pub fn round_up(value: f64) -> f64 {
    let power = 10f64.powf(value.log10().floor());
    let factor = [1.0, 2.0, 5.0].into_iter().find(|factor| factor * power >= value * (1.0 - 1e-9));
    factor.unwrap_or(10.0) * power
}

/// The 1, 2, 5 times a power of ten before.
pub fn round_down(value: f64) -> f64 {
    let power = 10f64.powf(value.log10().floor());
    let factor = [5.0, 2.0].into_iter().find(|factor| factor * power <= value * (1.0 + 1e-9));
    factor.unwrap_or(1.0) * power
}

fn label(value: f64, step: f64) -> String {
    let decimals = (-(step.log10() + 1e-9).floor()).max(0.0) as usize;
    if decimals > 4 || value.abs() >= 1e6 {
        // 1.2e-7: as many digits as tell neighbours apart
        let digits = if value == 0.0 { 0 } else { ((value.abs() / step).log10() + 1e-9).floor().max(0.0) as usize };
        return format!("{value:.digits$e}").replace('-', "\u{2212}");
    }
    format!("{value:.decimals$}").replace('-', "\u{2212}")
}

/// A width of bins for rates, in ms: 5, or the next round number where bins would be narrower than two pixels; finer in
/// runs of less than 200 ms.
pub fn bin_for(span: Axis, width: u32, dt: f64) -> f64 {
    let finest = if span.range() < 200.0 { 1.0 } else { 5.0 };
    round_up((span.range() * 2.0 / f64::from(width)).max(finest)).max(dt)
}

/// The name of an axis: what it counts and its unit as it is printed, `I (µA/cm²)` of `uA/cm**2`; pure numbers have none.
pub fn with_unit(variable: &str, unit: &str) -> String {
    let unit = if is_pure(unit) { String::new() } else { format!(" ({})", plain(&printed_unit(unit), 14)) };
    format!("{}{unit}", plain(variable, 24))
}

/// A unit as it is printed: `uA/cm**2` is \u{b5}A/cm\u{b2}.
pub fn printed_unit(unit: &str) -> String {
    let mut out = String::new();
    let mut rest = unit;
    while let Some(letter) = rest.chars().next() {
        let before = out.chars().next_back();
        if let Some(power) = rest.strip_prefix("**") {
            let end = power.find(|c: char| !c.is_ascii_digit()).unwrap_or(power.len());
            // the letters that are built in have no raised minus
            if end == 0 {
                out.push('^');
            }
            out.extend(power[..end].chars().filter_map(raised));
            rest = &power[end..];
            continue;
        }
        // a prefix, not a unit of its own
        let prefix = letter == 'u' && !before.is_some_and(char::is_alphanumeric) && rest[1..].starts_with(char::is_alphabetic);
        out.push(match letter {
            'u' if prefix => '\u{b5}',
            '*' => '\u{b7}',
            '-' => '\u{2212}',
            letter => letter,
        });
        rest = &rest[letter.len_utf8()..];
    }
    out
}

fn raised(digit: char) -> Option<char> {
    "\u{2070}\u{b9}\u{b2}\u{b3}\u{2074}\u{2075}\u{2076}\u{2077}\u{2078}\u{2079}".chars().nth(digit.to_digit(10)? as usize)
}

/// Is it the unit of pure numbers?
pub fn is_pure(unit: &str) -> bool {
    matches!(unit, "" | "1")
}

/// A text of users made fit for a picture: no control characters, not too long.
pub fn plain(text: &str, most: usize) -> String {
    let clean = text.chars().map(|c| if c.is_control() || is_no_xml(c) { ' ' } else { c });
    if text.chars().count() <= most {
        return clean.collect();
    }
    clean.take(most - 1).chain(['…']).collect()
}

/// 1234567 as 1,234,567.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let comma = |(k, digit): (usize, char)| {
        let comma = (k > 0 && (digits.len() - k).is_multiple_of(3)).then_some(',');
        comma.into_iter().chain([digit])
    };
    digits.chars().enumerate().flat_map(comma).collect()
}

/// Characters that XML may not hold, besides the control characters.
fn is_no_xml(c: char) -> bool {
    matches!(c, '\u{FFFE}' | '\u{FFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_inside() {
        let labels = |low, high, most| Axis { low, high }.ticks(most).into_iter().map(|tick| tick.1).collect::<Vec<_>>().join(" ");
        assert_eq!(labels(0.0, 1000.0, 6), "0 200 400 600 800 1000");
        assert_eq!(labels(-71.0, -49.0, 4), "\u{2212}70 \u{2212}60 \u{2212}50");
        assert_eq!(labels(-0.25, 0.31, 4), "\u{2212}0.2 0.0 0.2");
        assert_eq!(labels(0.0, 0.3, 3), "0.0 0.1 0.2 0.3");
        assert_eq!(labels(0.0, 3e7, 3), "0 1e7 2e7 3e7");
        assert_eq!(labels(1e9, 1e9 + 1e-3, 3), "");
    }

    #[test]
    fn units_are_written_as_in_print() {
        for (unit, printed) in [
            ("uA/cm**2", "µA/cm²"),
            ("mS/cm**2", "mS/cm²"),
            ("um", "µm"),
            ("1/(ms*mV)", "1/(ms·mV)"),
            ("s**-1", "s^\u{2212}1"),
            ("u", "u"),
        ] {
            assert_eq!(printed_unit(unit), printed);
        }
        assert_eq!(with_unit("v", "1"), "v");
    }

    #[test]
    fn two_dozen_colours_differ() {
        let far = |a: (u8, u8, u8), b: (u8, u8, u8)| {
            let square = |x: u8, y: u8| (i32::from(x) - i32::from(y)).pow(2);
            square(a.0, b.0) + square(a.1, b.1) + square(a.2, b.2)
        };
        for a in 0..24 {
            for b in 0..a {
                let found = far(Colour(a).rgb(), Colour(b).rgb());
                assert!(found >= 30 * 30, "{} and {}: {found}", Colour(a).hex(), Colour(b).hex());
            }
        }
    }

    #[test]
    fn an_axis_has_room_whatever_it_holds() {
        for values in [&[][..], &[f64::NAN], &[3.0], &[0.0, 0.0], &[f64::INFINITY, 1.0], &[f64::MAX, f64::MIN], &[-65.0; 4]] {
            let axis = Axis::around(values.iter().copied(), 0.05);
            assert!(axis.range() > 0.0 && axis.range().is_finite(), "{values:?}: {axis:?}");
            assert!(axis.ticks(5).len() < 20);
        }
    }
}
