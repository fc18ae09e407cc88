//! Tables of spikes or of pixels: CSV and .npz.
//!
//! | columns | |
//! | --- | --- |
//! | `neuron`, `time_ms` | spikes |
//! | `population` beside them | of several populations, of which one is asked for |
//! | `NAME_neuron`, `NAME_time_ms` | the same in the .npz of a run, where each population has its own arrays |
//! | `x`, `y`, `time_ms` or `time_us` | events of pixels |
//! | `polarity` beside them | above 0: brighter |

use super::{Asked, Events, Of};
use crate::network::connector::table::{MOST_NAMES, Table, TableColumn, TableError, read_arrays, read_table_of};

/// Whole numbers up to it are exact.
const LARGEST: f64 = 9_007_199_254_740_992.0;

pub(super) fn read(bytes: Vec<u8>, asked: &Asked<'_>) -> Result<Events, TableError> {
    let (path, name) = (asked.path, asked.population);
    if bytes.starts_with(b"PK") && !name.is_empty() {
        // a run writes names without spaces
        let stem = name.replace(' ', "_");
        let [neuron, time] = [format!("{stem}_neuron"), format!("{stem}_time_ms")];
        let table = read_arrays(path, bytes, &[&neuron, &time])?;
        return neurons(&table, &neuron, &time, None);
    }
    let table = read_table_of(path, bytes)?;
    if let (Some(_), Some(_)) = (table.find("x")?, table.find("y")?) {
        return pixels(&table);
    }
    let whose = match table.find("population")? {
        Some(column) => Some((column, of_one(&table, column, name)?)),
        None if name.is_empty() => None,
        None => return Err(no_column(&table, "population")),
    };
    neurons(&table, "neuron", "time_ms", whose)
}

/// The name of the one population that is meant.
fn of_one<'n>(table: &Table, column: &'n TableColumn, name: &'n str) -> Result<&'n str, TableError> {
    let TableColumn::Texts(texts) = column else {
        // names that are numbers stay what they are
        return Ok(name);
    };
    let mut all: Vec<&str> = texts.iter().map(String::as_str).collect();
    all.sort_unstable();
    all.dedup();
    match (name, all.as_slice()) {
        ("", [one]) => Ok(one),
        (name, all) if all.contains(&name) => Ok(name),
        (name, all) => {
            let names: Vec<String> = all.iter().take(MOST_NAMES).map(|n| format!("`{n}`")).collect();
            let expected = if name.is_empty() { "a `population` that is meant".into() } else { format!("spikes of `{name}`") };
            Err(table.wrong(&expected, format!("those of {}", names.join(", "))))
        }
    }
}

fn neurons(table: &Table, neuron: &str, time: &str, whose: Option<(&TableColumn, &str)>) -> Result<Events, TableError> {
    let (numbers, times) = (table.numbers(neuron)?, finite(table, time)?);
    let mut all = (Vec::new(), Vec::new());
    for (row, (number, time)) in numbers.iter().zip(times).enumerate() {
        if whose.is_some_and(|(column, name)| !is(column, row, name)) {
            continue;
        }
        if !(0.0..=LARGEST).contains(number) || number.fract() != 0.0 {
            return Err(table.cell(neuron, row, "the number of a neuron", number.to_string()));
        }
        all.0.push(*number as u64);
        all.1.push(*time);
    }
    Ok(Events { of: Of::Neurons(all.0), times: all.1, per_ms: 1.0, sheet: None, own_clock: false, first: 0, others: Vec::new() })
}

/// Is the cell this text?
fn is(column: &TableColumn, row: usize, name: &str) -> bool {
    match column {
        TableColumn::Texts(texts) => texts.get(row).is_some_and(|text| text == name),
        TableColumn::Numbers(numbers) => numbers.get(row).is_some_and(|x| name.is_empty() || x.to_string() == name),
    }
}

fn pixels(table: &Table) -> Result<Events, TableError> {
    let (time, per_ms) = if table.find("time_us")?.is_some() { ("time_us", 1e3) } else { ("time_ms", 1.0) };
    let times = finite(table, time)?;
    let place = |name: &str| -> Result<Vec<u16>, TableError> {
        let numbers = table.indices(name, u32::from(u16::MAX) + 1)?;
        // below 2^16
        Ok(numbers.into_iter().map(|x| x as u16).collect())
    };
    let on = match table.find("polarity")? {
        Some(_) => table.numbers("polarity")?.iter().map(|x| *x > 0.0).collect(),
        None => Vec::new(),
    };
    let of = Of::Pixels { x: place("x")?, y: place("y")?, on };
    Ok(Events { of, times: times.to_vec(), per_ms, sheet: None, own_clock: false, first: 0, others: Vec::new() })
}

/// A column of times: an array may hold what is no number.
fn finite<'t>(table: &'t Table, name: &str) -> Result<&'t [f64], TableError> {
    let numbers = table.numbers(name)?;
    match numbers.iter().position(|x| !x.is_finite()) {
        None => Ok(numbers),
        Some(row) => Err(table.cell(name, row, "a finite time", numbers[row].to_string())),
    }
}

fn no_column(table: &Table, name: &str) -> TableError {
    let names = table.names(MOST_NAMES).iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ");
    table.wrong(&format!("a column `{name}`"), names)
}
