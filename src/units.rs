//! Quantities: a number with a physical dimension, and the units in which people write them.
//!
//! Everything inside synfire is a plain number in **internal units**: ms, mV, pA, nS, pF, GOhm. They are coherent
//! (1 pA = 1 nS·1 mV, 1 pF·mV/ms = 1 pA, 1 GOhm = 1 mV/pA), so no conversion factor appears in any equation.
//! Areas count in squares of 10 µm: then a density has the same number in µA/cm², mS/cm², µF/cm² as
//! in pA, nS and pF per internal area, and the equations of a membrane patch keep the numbers of the paper.
//!
//! In: text such as `-65 mV` or `120 mS/cm**2`. Out: [`Quantity`]. Not here: expressions (`model`).

use std::fmt;
use std::ops::{Div, Mul, Neg};

mod error;
mod near;

pub use error::UnitError;
pub use near::nearest;

/// A physical dimension: exponents of time, voltage, current, length and amount of substance.
///
/// Exponents are counted in halves, because white noise `xi` has dimension time^(-1/2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Dimension([i8; 5]);

const BASES: [&str; 5] = ["ms", "mV", "pA", "10um", "amol"];

impl Dimension {
    /// A pure number.
    pub const NONE: Dimension = Dimension([0; 5]);
    /// ms
    pub const TIME: Dimension = Dimension([2, 0, 0, 0, 0]);
    /// mV
    pub const VOLTAGE: Dimension = Dimension([0, 2, 0, 0, 0]);
    /// pA
    pub const CURRENT: Dimension = Dimension([0, 0, 2, 0, 0]);
    /// 10 um
    pub const LENGTH: Dimension = Dimension([0, 0, 0, 2, 0]);
    /// amol
    pub const AMOUNT: Dimension = Dimension([0, 0, 0, 0, 2]);
    /// Current per voltage.
    pub const CONDUCTANCE: Dimension = Dimension([0, -2, 2, 0, 0]);
    /// Charge per voltage.
    pub const CAPACITANCE: Dimension = Dimension([2, -2, 2, 0, 0]);
    /// Events per time.
    pub const RATE: Dimension = Dimension([-2, 0, 0, 0, 0]);
    /// White noise `xi`: its integral over a time T has variance T.
    pub const NOISE: Dimension = Dimension([-1, 0, 0, 0, 0]);

    /// Not known yet: fits every other (the far ends of a synapse model that stands alone).
    pub const UNKNOWN: Dimension = Dimension([i8::MIN; 5]);

    /// Exponents of time, voltage, current, length and amount of substance, counted in halves.
    pub fn halves(self) -> [i8; 5] {
        self.0
    }

    /// Can quantities of the two be added? Equal, or one of them unknown.
    pub fn fits(self, other: Self) -> bool {
        self == other || self == Self::UNKNOWN || other == Self::UNKNOWN
    }

    /// Is this an odd power of the square root of time, and of nothing else?
    pub fn is_odd_root_of_time(self) -> bool {
        let [time, rest @ ..] = self.0;
        rest == [0; 4] && time % 2 != 0
    }

    /// Is this a pure number?
    pub fn is_none(self) -> bool {
        self == Self::NONE
    }

    fn combine(self, other: Self, sign: i8) -> Self {
        if self == Self::UNKNOWN || other == Self::UNKNOWN {
            return Self::UNKNOWN;
        }
        let mut out = self.0;
        for (a, b) in out.iter_mut().zip(other.0) {
            *a = a.saturating_add(b.saturating_mul(sign));
        }
        Dimension(out)
    }

    /// The dimension of a product.
    pub fn times(self, other: Self) -> Self {
        self.combine(other, 1)
    }

    /// The dimension of a quotient.
    pub fn per(self, other: Self) -> Self {
        self.combine(other, -1)
    }

    /// The dimension of a power, if its exponents stay multiples of one half and small.
    pub fn power(self, exponent: f64) -> Option<Self> {
        if self == Self::UNKNOWN {
            return Some(self);
        }
        let mut out = [0i8; 5];
        for (o, e) in out.iter_mut().zip(self.0) {
            let x = f64::from(e) * exponent;
            if x.fract() != 0.0 || x.abs() > 100.0 {
                return None;
            }
            *o = x as i8;
        }
        Some(Dimension(out))
    }

    /// `in mV`, or `a pure number`: how a message says what something is.
    pub fn told(self) -> String {
        if self.is_none() { String::from("a pure number") } else { format!("in {}", self.unit()) }
    }

    /// `mV`, or `a pure number`.
    pub fn unit_told(self) -> String {
        if self.is_none() { String::from("a pure number") } else { self.unit() }
    }

    /// The unit in which synfire counts this dimension, as people write it: `nS`, `mV/ms`.
    pub fn unit(self) -> String {
        if self.is_none() {
            return String::from("1");
        }
        const PREFERRED: [&str; 18] = [
            "ms",
            "mV",
            "pA",
            "nS",
            "pF",
            "GOhm",
            "kHz",
            "uA/cm**2",
            "mS/cm**2",
            "uF/cm**2",
            "mV/ms",
            "pA/ms",
            "nS/ms",
            "fC",
            "kOhm*cm**2",
            "1/mV",
            "uM",
            "uM/ms",
        ];
        for name in PREFERRED {
            if let Ok(unit) = Unit::parse(name)
                && unit.dimension == self
                && (unit.scale - 1.0).abs() < 1e-12
            {
                return name.to_string();
            }
        }
        self.to_string()
    }
}

impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_none() {
            return f.write_str("1");
        }
        let mut first = true;
        for (base, &e) in BASES.iter().zip(&self.0) {
            if e == 0 {
                continue;
            }
            if !first {
                f.write_str("*")?;
            }
            first = false;
            match (e % 2 == 0, e / 2) {
                (true, 1) => write!(f, "{base}")?,
                (true, n) => write!(f, "{base}**{n}")?,
                (false, _) => write!(f, "{base}**{:?}", f64::from(e) / 2.0)?,
            }
        }
        Ok(())
    }
}

/// A unit as a person writes it: a dimension, and how many internal units it holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unit {
    /// What it measures.
    pub dimension: Dimension,
    /// Internal units in one of these.
    pub scale: f64,
}

/// Base symbols and their size in internal units, without prefix.
/// 1 s = 1e3 ms, 1 V = 1e3 mV, 1 A = 1e12 pA, 1 m = 1e5 · 10 µm, 1 mol = 1e18 amol.
const SYMBOLS: &[(&str, Dimension, f64)] = &[
    ("s", Dimension::TIME, 1e3),
    ("V", Dimension::VOLTAGE, 1e3),
    ("A", Dimension::CURRENT, 1e12),
    ("S", Dimension::CONDUCTANCE, 1e9),
    ("F", Dimension::CAPACITANCE, 1e12),
    ("Ohm", Dimension([0, 2, -2, 0, 0]), 1e-9),
    ("ohm", Dimension([0, 2, -2, 0, 0]), 1e-9),
    ("Hz", Dimension::RATE, 1e-3),
    ("C", Dimension([2, 0, 2, 0, 0]), 1e15),
    ("m", Dimension::LENGTH, 1e5),
    ("mol", Dimension::AMOUNT, 1e18),
    // one molar is a mole in a litre (1e-3 m^3)
    ("M", Dimension([0, 0, 0, -6, 2]), 1e18 / 1e12),
];

const PREFIXES: &[(&str, f64)] = &[
    ("", 1.0),
    ("T", 1e12),
    ("G", 1e9),
    ("M", 1e6),
    ("k", 1e3),
    ("c", 1e-2),
    ("m", 1e-3),
    ("u", 1e-6),
    ("µ", 1e-6),
    ("μ", 1e-6),
    ("n", 1e-9),
    ("p", 1e-12),
    ("f", 1e-15),
    ("a", 1e-18),
];

/// Units that a message may propose.
pub const COMMON: &[&str] = &[
    "ms", "s", "us", "mV", "V", "uV", "pA", "nA", "uA", "nS", "uS", "mS", "pF", "nF", "uF", "MOhm", "GOhm", "Hz", "kHz", "um",
    "mm", "cm", "mM", "uM",
];

impl Unit {
    /// The unit of a pure number.
    pub const ONE: Unit = Unit { dimension: Dimension::NONE, scale: 1.0 };

    /// One symbol with an optional prefix: `mV`, `nS`, `Hz`, `um`.
    pub fn symbol(name: &str) -> Option<Unit> {
        // `m` alone and `M` alone are symbols, `min` and the like are not units here
        for (prefix, factor) in PREFIXES {
            let Some(rest) = name.strip_prefix(prefix) else { continue };
            for (symbol, dimension, size) in SYMBOLS {
                if rest == *symbol && !(*prefix == "c" && *symbol != "m") {
                    // one division or product by a power of ten, so that 1 mV is exactly 1
                    let scale = exact_product(*factor, *size);
                    return Some(Unit { dimension: *dimension, scale });
                }
            }
        }
        None
    }

    /// A unit with products, quotients and powers: `mS/cm**2`, `mV/ms`, `1/ms`, `nA*ms`.
    pub fn parse(text: &str) -> Result<Unit, UnitError> {
        let malformed = || UnitError::Malformed { text: text.to_string() };
        let mut out = Unit::ONE;
        let mut divide = false;
        let mut rest = text.trim().replace("**", "^");
        if rest.is_empty() || rest.len() > 64 {
            return Err(malformed());
        }
        rest = rest.replace('²', "^2").replace('³', "^3").replace('·', "*");
        let mut first = true;
        for token in split_keeping(&rest) {
            match token.as_str() {
                "*" => divide = false,
                "/" => divide = true,
                "1" if first => {}
                "" => return Err(malformed()),
                word => {
                    let (name, power) = match word.split_once('^') {
                        Some((n, p)) => (n.trim(), p.trim().parse::<f64>().map_err(|_no_number| malformed())?),
                        None => (word, 1.0),
                    };
                    let unit = Unit::symbol(name).ok_or_else(|| UnitError::Unknown {
                        name: name.to_string(),
                        nearest: powered(name).or_else(|| nearest(name, COMMON.iter().copied())),
                    })?;
                    let sign = if divide { -power } else { power };
                    let dimension = unit.dimension.power(sign).ok_or_else(malformed)?;
                    out = Unit { dimension: out.dimension.times(dimension), scale: snap(out.scale * unit.scale.powf(sign)) };
                }
            }
            first = false;
        }
        Ok(out)
    }
}

/// The unit that is meant by a power written without its sign: `cm**2` by `cm2`.
pub fn powered(name: &str) -> Option<&'static str> {
    const POWERS: &[(&str, &str)] = &[
        ("cm2", "cm**2"),
        ("mm2", "mm**2"),
        ("um2", "um**2"),
        ("m2", "m**2"),
        ("s2", "s**2"),
        ("ms2", "ms**2"),
        ("mV2", "mV**2"),
        ("V2", "V**2"),
        ("cm3", "cm**3"),
        ("um3", "um**3"),
        ("m3", "m**3"),
    ];
    POWERS.iter().find(|(written, _)| *written == name).map(|(_, meant)| *meant)
}

fn split_keeping(text: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    for c in text.chars() {
        if c == '*' || c == '/' {
            out.push(c.to_string());
            out.push(String::new());
        } else if let Some(last) = out.last_mut() {
            last.push(c);
        }
    }
    out.into_iter().map(|s| s.trim().to_string()).collect()
}

/// `a·b` for two powers of ten, exact: the nearest power of ten to the product.
fn exact_product(a: f64, b: f64) -> f64 {
    snap(a * b)
}

/// The power of ten nearest to `x` when `x` is one up to rounding, else `x`.
fn snap(x: f64) -> f64 {
    let exponent = x.abs().log10().round();
    let power = format!("1e{exponent}").parse::<f64>().unwrap_or(x);
    if (x / power - 1.0).abs() < 1e-9 { power } else { x }
}

/// A number with a dimension, in internal units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantity {
    /// In internal units (ms, mV, pA, nS, pF, GOhm).
    pub value: f64,
    /// What it measures.
    pub dimension: Dimension,
}

impl Quantity {
    /// Reads `20 ms`, `-65 mV`, `1.5`, `120 mS/cm**2`, `inf ms`.
    ///
    /// **Errors** a text that is no number, or whose unit is not known.
    pub fn parse(text: &str) -> Result<Quantity, UnitError> {
        let malformed = || UnitError::Malformed { text: text.to_string() };
        let text = text.trim();
        if text.len() > 128 {
            return Err(UnitError::Malformed { text: text.chars().take(40).collect() });
        }
        // the longest start that is a number: digits, a point, an exponent, or `inf`
        let end = (0..=text.len())
            .rev()
            .filter(|&i| text.is_char_boundary(i))
            .find(|&i| {
                let head = text[..i].trim();
                let number = head.strip_prefix(['-', '+']).unwrap_or(head);
                (number == "inf" || number.starts_with(|c: char| c.is_ascii_digit() || c == '.')) && head.parse::<f64>().is_ok()
            })
            .ok_or_else(malformed)?;
        let value: f64 = text[..end].trim().parse().map_err(|_no_number| malformed())?;
        let unit = text[end..].trim();
        if unit.strip_prefix(',').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit())) {
            return Err(UnitError::Comma { text: text.to_string() });
        }
        let unit = match unit.strip_prefix('/') {
            // `12/ms`
            Some(_) => Unit::parse(&format!("1{unit}"))?,
            None if unit.is_empty() => Unit::ONE,
            None => Unit::parse(unit)?,
        };
        Ok(Quantity { value: scaled(value, unit.scale), dimension: unit.dimension })
    }

    /// A pure number.
    pub fn number(value: f64) -> Quantity {
        Quantity { value, dimension: Dimension::NONE }
    }
}

/// `value` in a unit of `scale` internal units; divides by the inverse power of ten, so that `0.1 us` is the double nearest 1e-4.
pub fn scaled(value: f64, scale: f64) -> f64 {
    if scale < 1.0 { value / snap(1.0 / scale) } else { value * scale }
}

impl fmt::Display for Quantity {
    /// With the internal unit: `-65 mV`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.dimension.is_none() { write!(f, "{}", self.value) } else { write!(f, "{} {}", self.value, self.dimension.unit()) }
    }
}

impl Mul<Unit> for f64 {
    type Output = Quantity;
    fn mul(self, unit: Unit) -> Quantity {
        Quantity { value: scaled(self, unit.scale), dimension: unit.dimension }
    }
}

impl Mul<Unit> for Unit {
    type Output = Unit;
    fn mul(self, other: Unit) -> Unit {
        Unit { dimension: self.dimension.times(other.dimension), scale: snap(self.scale * other.scale) }
    }
}

impl Div<Unit> for Unit {
    type Output = Unit;
    fn div(self, other: Unit) -> Unit {
        Unit { dimension: self.dimension.per(other.dimension), scale: snap(self.scale / other.scale) }
    }
}

impl Neg for Quantity {
    type Output = Quantity;
    fn neg(self) -> Quantity {
        Quantity { value: -self.value, ..self }
    }
}

/// The units of the field as constants: `20.0 * MS`, `-65.0 * MV`.
pub mod constants {
    use super::{Dimension, Unit};
    const fn unit(dimension: Dimension, scale: f64) -> Unit {
        Unit { dimension, scale }
    }
    /// second
    pub const S: Unit = unit(Dimension::TIME, 1e3);
    /// millisecond
    pub const MS: Unit = unit(Dimension::TIME, 1.0);
    /// microsecond
    pub const US: Unit = unit(Dimension::TIME, 1e-3);
    /// volt
    pub const V: Unit = unit(Dimension::VOLTAGE, 1e3);
    /// millivolt
    pub const MV: Unit = unit(Dimension::VOLTAGE, 1.0);
    /// nanoampere
    pub const NA: Unit = unit(Dimension::CURRENT, 1e3);
    /// picoampere
    pub const PA: Unit = unit(Dimension::CURRENT, 1.0);
    /// microsiemens
    pub const USIEMENS: Unit = unit(Dimension::CONDUCTANCE, 1e3);
    /// nanosiemens
    pub const NS: Unit = unit(Dimension::CONDUCTANCE, 1.0);
    /// nanofarad
    pub const NF: Unit = unit(Dimension::CAPACITANCE, 1e3);
    /// picofarad
    pub const PF: Unit = unit(Dimension::CAPACITANCE, 1.0);
    /// megaohm
    pub const MOHM: Unit = unit(Dimension([0, 2, -2, 0, 0]), 1e-3);
    /// hertz
    pub const HZ: Unit = unit(Dimension::RATE, 1e-3);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn internal_units_are_coherent_and_exact() {
        for text in
            ["1 ms", "1 mV", "1 pA", "1 nS", "1 pF", "1 GOhm", "1 uA/cm**2", "1 mS/cm**2", "1 uF/cm**2", "1 kHz", "1 um**2/um**2"]
        {
            assert_eq!(Quantity::parse(text).unwrap().value, 1.0, "{text}");
        }
        assert_eq!(Quantity::parse("0.25 nA").unwrap(), Quantity { value: 250.0, dimension: Dimension::CURRENT });
        assert_eq!(Quantity::parse("0.1 us").unwrap().value, 1e-4);
        assert_eq!(Quantity::parse("-65mV").unwrap().value, -65.0);
        assert_eq!(Quantity::parse("1e-2 s").unwrap().value, 10.0);
        assert_eq!(Quantity::parse("300 Hz").unwrap().value, 0.3);
        assert_eq!(Dimension::CONDUCTANCE.times(Dimension::VOLTAGE), Dimension::CURRENT);
        assert_eq!(Dimension::CURRENT.unit(), "pA");
        assert_eq!(Dimension::VOLTAGE.per(Dimension::TIME).unit(), "mV/ms");
        assert_eq!(Dimension::NOISE.times(Dimension::TIME.power(0.5).unwrap()), Dimension::NONE);
    }

    #[test]
    fn what_is_no_quantity_is_said() {
        assert!(Quantity::parse("20 msec").unwrap_err().to_string().contains("unknown unit `msec`"));
        assert!(Quantity::parse("twenty ms").is_err());
        assert!(Quantity::parse("").is_err());
        assert!(Quantity::parse("5 mV mV").is_err());
        assert!(Quantity::parse("nan mV").is_err());
        assert_eq!(Quantity::parse("5 Mv").unwrap_err().to_string(), "unknown unit `Mv`; did you mean `mV`?");
    }
}
