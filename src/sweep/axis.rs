//! An axis of a sweep: what changes, and which values it takes.
//!
//! In: texts such as `exc.g_leak=8 nS..12 nS:25`. Out: [`Axis`]. Not here: how values of several axes meet (`design`).

use crate::error::Error;
use crate::network::{Address, Network, parted};
use crate::units::Quantity;

/// A value that differs from point to point, of one thing or of several that have it together.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// What has it, as `--set` names it ([`crate::guide::addresses`]); one at least.
    pub addresses: Vec<String>,
    /// What it may be.
    pub values: Values,
}

/// The values of an axis.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// These, as texts.
    List(Vec<String>),
    /// Between two numbers.
    Range {
        /// The first.
        low: f64,
        /// The last.
        high: f64,
        /// Of both, as it was written first; empty: a pure number.
        unit: String,
        /// How many, ends included; `None`: a design draws them.
        count: Option<usize>,
        /// In equal ratios, not in equal steps.
        log: bool,
    },
}

/// So many values of an axis are more than anybody runs.
const MOST: usize = 1 << 24;

impl Axis {
    /// Of these values; `addresses` as before the `=` of [`Axis::parse`].
    ///
    /// **Errors** one that is named twice.
    pub fn new(addresses: &str, values: Values, network: &Network) -> Result<Axis, Error> {
        let addresses = Address::parted(addresses, network);
        let again = addresses.iter().enumerate().find(|(k, address)| addresses[..*k].contains(address));
        match again {
            Some((_, address)) => Err(Error::Call(format!("`{address}` is swept twice"))),
            None => Ok(Axis { addresses, values }),
        }
    }

    /// Reads `ADDRESS=LOW..HIGH:COUNT`, with `:log` behind it for equal ratios, `ADDRESS=LOW..HIGH` for designs that draw, or
    /// `ADDRESS=VALUE, VALUE, ...`; commas in brackets part nothing. Several addresses with commas between,
    /// `exc.v_th,inh.v_th=-52 mV..-48 mV:5`, all have the value of a point.
    ///
    /// **Errors** a text without `=`, an address that is named twice, ends that are no numbers of one kind, a count below 2, a ratio
    /// of ends that are not both above 0 (or both below).
    pub fn parse(text: &str, network: &Network) -> Result<Axis, Error> {
        let mut signs = text.match_indices('=').map(|(place, _)| place);
        // a name may hold a `=` too: then the first that stands behind an address
        let behind = |place: &usize| Address::tied(&text[..*place], network).is_some();
        let Some(place) = signs.clone().find(behind).or_else(|| signs.next()) else {
            let help = "write it as NAME.KEY=LOW..HIGH:COUNT or NAME.KEY=VALUE,VALUE, such as \"exc.g_leak=8 nS..12 nS:25\"";
            return Err(Error::Call(format!("`{text}` has no `=`\n  help: {help}")));
        };
        let (addresses, values) = (text[..place].trim(), text[place + 1..].trim());
        let values = Values::parse(values).map_err(|what| Error::Call(format!("`{addresses}`: {what}")))?;
        Axis::new(addresses, values, network)
    }

    /// Its addresses, as they are written with commas between.
    pub fn name(&self) -> String {
        self.addresses.join(",")
    }

    /// What a point of this value changes.
    pub fn changes<'v>(&'v self, value: &'v str) -> impl Iterator<Item = (&'v str, &'v str)> {
        self.addresses.iter().map(move |address| (address.as_str(), value))
    }

    /// Its values, where they are known before a design draws any.
    pub fn listed(&self) -> Option<Vec<String>> {
        match &self.values {
            Values::List(list) => Some(list.clone()),
            Values::Range { count, .. } => {
                let count = (*count)?;
                Some((0..count).map(|k| self.at(k as f64 / (count - 1) as f64)).collect())
            }
        }
    }

    /// The value at a share of the way from the first to the last.
    pub fn at(&self, share: f64) -> String {
        match &self.values {
            Values::List(list) => list[((share * list.len() as f64) as usize).min(list.len() - 1)].clone(),
            Values::Range { low, high, unit, log, .. } => {
                let number = match (share, log) {
                    (1.0, _) => *high,
                    (share, false) => low + (high - low) * share,
                    (share, true) => low * libm::pow(high / low, share),
                };
                if unit.is_empty() { format!("{number}") } else { format!("{number} {unit}") }
            }
        }
    }

    /// The numbers of texts of this axis in one unit, and the unit; `None`: some are no numbers.
    pub fn numbers(&self, texts: &[String]) -> Option<(Vec<f64>, String)> {
        let own = |text: &String| split(text);
        let unit = match &self.values {
            Values::Range { unit, .. } => unit.clone(),
            Values::List(_) => own(texts.first()?)?.1,
        };
        Some((texts.iter().map(|text| in_unit_of(text, &unit)).collect::<Option<_>>()?, unit))
    }
}

impl Values {
    fn parse(text: &str) -> Result<Values, String> {
        if let Some((low, rest)) = text.split_once("..").filter(|_| !text.starts_with(['[', '{', '"', '\''])) {
            return Values::range(low.trim(), rest.trim());
        }
        let list: Vec<String> = parted(text).into_iter().map(|value| value.trim().to_string()).collect();
        if list.iter().any(String::is_empty) {
            return Err(format!("expected values with commas between, got `{text}`"));
        }
        Ok(Values::List(list))
    }

    fn range(low: &str, rest: &str) -> Result<Values, String> {
        let (rest, log) = match rest.rsplit_once(':') {
            Some((head, way)) if way.trim() == "log" => (head.trim(), true),
            _ => (rest, false),
        };
        let (high, count) = match rest.rsplit_once(':') {
            Some((high, count)) => (high.trim(), Some(count.trim())),
            None => (rest, None),
        };
        let count = count
            .map(|text| text.parse::<usize>().ok().filter(|n| (2..=MOST).contains(n)).ok_or(text))
            .transpose()
            .map_err(|text| format!("`{text}` is no number of values\n  help: 2 or more, as in `8 nS..12 nS:25`"))?;
        let ends = |text: &str| split(text).ok_or_else(|| format!("`{text}` is no number with a unit"));
        let ((low_number, unit), (high_number, high_unit)) = (ends(low)?, ends(high)?);
        let high_number = match high_unit == unit {
            true => high_number,
            false => in_unit(high, &unit).ok_or_else(|| {
                let of = |unit: &str| if unit.is_empty() { "no unit".to_string() } else { format!("`{unit}`") };
                format!("{} and {} are units of different kinds", of(&unit), of(&high_unit))
            })?,
        };
        if !(low_number.is_finite() && high_number.is_finite()) {
            return Err(format!("`{low}` and `{high}` must be finite"));
        }
        if log && low_number * high_number <= 0.0 {
            return Err(format!("equal ratios need two numbers above 0, found {low} and {high}"));
        }
        Ok(Values::Range { low: low_number, high: high_number, unit, count, log })
    }
}

/// A number and the unit behind it.
fn split(text: &str) -> Option<(f64, String)> {
    let text = text.trim();
    // the longest beginning that is a number: `1e3` before `1`
    let place =
        (1..=text.len()).rev().filter(|k| text.is_char_boundary(*k)).find(|k| text[..*k].trim_end().parse::<f64>().is_ok())?;
    let (number, unit) = (text[..place].trim_end().parse().ok()?, text[place..].trim().to_string());
    (unit.is_empty() || Quantity::parse(&format!("1 {unit}")).is_ok()).then_some((number, unit))
}

/// The number of a text in a unit; `None`: it is no number, or one of another kind.
///
/// ```
/// assert_eq!(synfire::sweep::in_unit_of("0.005 kHz", "Hz"), Some(5.0));
/// assert_eq!(synfire::sweep::in_unit_of("7.1 nS", "nS"), Some(7.1));
/// ```
pub fn in_unit_of(text: &str, unit: &str) -> Option<f64> {
    let (number, own) = split(text)?;
    if own == unit { Some(number) } else { in_unit(text, unit) }
}

/// A quantity as a number of another unit.
fn in_unit(text: &str, unit: &str) -> Option<f64> {
    let (value, one) = (Quantity::parse(text).ok()?, Quantity::parse(&format!("1 {unit}")).ok()?);
    (value.dimension == one.dimension).then(|| value.value / one.value)
}
