//! Spikes in the SONATA format, `.h5`: read where circuits are (`network::sonata`).

use super::{Asked, Events, Of};
use crate::network::connector::table::TableError;
use crate::network::sonata::spikes;

pub(super) fn read(_bytes: Vec<u8>, asked: &Asked<'_>) -> Result<Events, TableError> {
    let (numbers, times) = spikes::read(asked.path, asked.population).map_err(|e| {
        let place = if e.place.is_empty() { String::new() } else { format!("`{}`: ", e.place) };
        let help = e.help.map_or(String::new(), |help| format!("; {help}"));
        TableError::Read { path: asked.path.into(), error: format!("{place}{}{help}", e.message) }
    })?;
    Ok(Events { of: Of::Neurons(numbers), times, per_ms: 1.0, sheet: None, own_clock: false, first: 0, others: Vec::new() })
}
