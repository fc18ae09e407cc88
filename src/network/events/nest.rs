//! Spikes as NEST's ASCII recorder writes them (`.dat`): comment lines, a heading, then `sender time_ms` in each line.
//!
//! Files of version 2 with `time_step` and `time_offset` (a recorder with `time_in_steps`) are refused: they do not say dt.

use super::{Asked, Events, Of};
use crate::network::connector::table::TableError;

pub(super) fn read(bytes: Vec<u8>, asked: &Asked<'_>) -> Result<Events, TableError> {
    let wrong = |line: usize, expected: &str, found: &str| {
        let found = format!("`{}`", found.chars().take(40).collect::<String>());
        TableError::Row { path: asked.path.into(), place: format!("line {line}"), expected: expected.into(), found }
    };
    let text = String::from_utf8(bytes).map_err(|e| {
        let byte = e.utf8_error().valid_up_to();
        super::byte_error(asked.path, byte, "text", format!("the byte {:02x}", e.as_bytes()[byte]))
    })?;
    let (mut senders, mut times) = (Vec::new(), Vec::new());
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if line.starts_with("sender") {
            let columns: Vec<&str> = line.split_whitespace().collect();
            if columns.get(1) != Some(&"time_ms") {
                return Err(wrong(number, "columns `sender` and `time_ms`", line));
            }
            continue;
        }
        let mut words = line.split_whitespace();
        let sender = words.next().and_then(|word| word.parse().ok());
        let time = words.next().and_then(|word| word.parse().ok()).filter(|time: &f64| time.is_finite());
        let (Some(sender), Some(time)) = (sender, time) else {
            return Err(wrong(number, "a sender and a time in ms", line));
        };
        senders.push(sender);
        times.push(time);
    }
    Ok(Events { of: Of::Neurons(senders), times, per_ms: 1.0, sheet: None, own_clock: false, first: 1, others: Vec::new() })
}
