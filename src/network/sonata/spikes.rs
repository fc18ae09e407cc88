//! Spikes as SONATA lists them: `/spikes/POP/timestamps` and `node_ids`; older files have `/spikes/timestamps` and `gids`, of one population.

use std::path::Path;

use super::error::SonataError;
use super::hdf5::Hdf5;

/// Spikes of a population: its neurons by number, times in ms, in the order of the file.
pub type Listed = (Vec<u64>, Vec<f64>);

/// Spikes of a population; of the only one where none is named, or where the file names none.
///
/// **Units**: ms, or s if `timestamps` says so.
///
/// **Errors** no such file; no such population, and which there are; neurons and times of different number; another unit.
pub fn read(path: &Path, population: &str) -> Result<Listed, SonataError> {
    let file = Hdf5::open(path)?;
    let names = file.groups("spikes")?;
    let at = match names.as_slice() {
        // of before there were populations
        [] => "spikes".to_string(),
        [one] if population.is_empty() || population == one => format!("spikes/{one}"),
        _ => {
            // a name with a sign that no member can have stands in an attribute
            let mut found = None;
            for name in &names {
                let at = format!("spikes/{name}");
                if name == population || file.said(&at, "name")?.as_deref() == Some(population) {
                    found = Some(at);
                }
            }
            let all = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            let expected =
                if population.is_empty() { "a population that is meant".into() } else { format!("spikes of `{population}`") };
            found.ok_or_else(|| file.wrong("spikes", format!("expected {expected}, found those of {all}")))?
        }
    };
    let datasets = file.datasets(&at)?;
    let ids = ["node_ids", "gids"].into_iter().find(|name| datasets.iter().any(|other| other == name));
    let Some(ids) = ids else { return Err(file.wrong(&at, "expected a dataset `node_ids`")) };
    let (ids, times) = (format!("{at}/{ids}"), format!("{at}/timestamps"));
    let scale = match file.said(&times, "units")?.as_deref() {
        None | Some("ms" | "millisecond" | "milliseconds") => 1.0,
        Some("s" | "sec" | "second" | "seconds") => 1e3,
        Some(other) => return Err(file.wrong(&times, format!("its units are `{other}`, expected `ms` or `s`"))),
    };
    let neurons = file.whole(&ids)?;
    let mut ms = file.of_length(&times, file.numbers(&times)?, neurons.len(), &ids)?;
    if let Some(k) = ms.iter().position(|time| !(time.is_finite() && *time >= 0.0)) {
        return Err(file.wrong(&times, format!("element {k}: expected a time from 0 on, found {}", ms[k])));
    }
    ms.iter_mut().for_each(|time| *time *= scale);
    Ok((neurons, ms))
}
