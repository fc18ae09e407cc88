//! What several commands that look at a finished run are given: its folder, times, windows, rows.

use std::path::Path;

use synfire::network::Spans;
use synfire::recording::Recording;
use synfire::units::{Dimension, Quantity};

use super::Failure;
use super::kept::Kept;

/// All that a run left, from its folder or its chunks.
pub fn recorded(run: &Path) -> Result<Recording, Failure> {
    Kept::open(run)?.recording()
}

/// ms
pub fn time(text: &str, what: &str) -> Result<f64, Failure> {
    match Quantity::parse(text) {
        Ok(time) if time.dimension == Dimension::TIME && time.value >= 0.0 => Ok(time.value),
        _ => Err(Failure::input(format!("error: {what} \"{text}\": expected a time\n  help: write for example \"5 ms\""))),
    }
}

/// From and to, in ms; `otherwise`: those that are left out.
pub fn span(text: &str, otherwise: (f64, f64)) -> Result<(f64, f64), Failure> {
    let wrong = || {
        let help = "write for example --window \"100 ms..250 ms\", or \"1 s..\"";
        Failure::input(format!("error: --window \"{text}\": expected two times with `..` between\n  help: {help}"))
    };
    let (from, to) = text.split_once("..").ok_or_else(wrong)?;
    let part = |text: &str, otherwise: f64| if text.trim().is_empty() { Ok(otherwise) } else { time(text.trim(), "--window") };
    Ok((part(from, otherwise.0)?, part(to, otherwise.1)?))
}

/// Numbers and ranges of neurons.
pub fn rows(text: &str) -> Result<Spans, Failure> {
    Spans::parse(text).map_err(|e| {
        let help = "numbers and ranges with commas between, such as 0..10,17";
        Failure::input(format!("error: --rows \"{text}\": {e}\n  help: {help}"))
    })
}
