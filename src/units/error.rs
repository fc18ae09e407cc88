//! What is wrong with a quantity.

/// Why a text is not a unit or a quantity.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnitError {
    /// A symbol that is no unit.
    #[error("unknown unit `{name}`{}", hint(.nearest))]
    Unknown {
        /// The symbol.
        name: String,
        /// A unit that is written much like it.
        nearest: Option<&'static str>,
    },
    /// A comma in a number.
    #[error("decimals are written with a point, found a comma in `{text}`")]
    Comma {
        /// As written.
        text: String,
    },
    /// No number with a unit.
    #[error("`{text}` is not a number with a unit; write for example `20 ms`, `-65 mV` or `120 mS/cm**2`")]
    Malformed {
        /// As written.
        text: String,
    },
}

fn hint(nearest: &Option<&'static str>) -> String {
    nearest.map(|n| format!("; did you mean `{n}`?")).unwrap_or_default()
}
