//! Where neurons are, as arrays.

use std::path::Path;
use std::sync::Arc;

use super::about::{About, AboutPositions};
use super::archive::Archive;
use super::names::{self, Part, array};
use super::{opening, write_archive};
use crate::recording::file::FileError;
use crate::recording::{Recording, Sites};

const ENDINGS: [&str; 3] = ["_x_um", "_y_um", "_z_um"];

/// Writes the positions of all populations that have some.
pub fn write_positions(recording: &Recording, path: impl AsRef<Path>) -> Result<(), FileError> {
    let parts = recording.positions.iter().map(|sites| Part { words: vec![&sites.population], endings: &ENDINGS });
    let names = names::of(&parts.collect::<Vec<_>>());
    let mut about = About::of(recording);
    let named = recording.positions.iter().zip(names);
    about.positions = named.map(|(sites, array)| AboutPositions { array, population: sites.population.clone() }).collect();
    write_archive(path.as_ref(), &about, |archive| {
        for (sites, AboutPositions { array: name, .. }) in recording.positions.iter().zip(&about.positions) {
            for (axis, ending) in ENDINGS.iter().enumerate() {
                archive.vector(&array(name, ending), sites.um.iter().map(|place| place[axis]))?;
            }
        }
        Ok(())
    })
}

/// Reads a `positions.npz` of ours.
///
/// **Errors**: no archive, no `about`, a missing array, coordinates of unequal lengths.
pub fn read_positions(path: impl AsRef<Path>) -> Result<Recording, FileError> {
    let mut archive = Archive::open(path.as_ref())?;
    let (mut recording, about) = opening(&mut archive)?;
    let about = about.ok_or_else(|| archive.wrong("no array `about`, which names the populations".into()))?;
    for AboutPositions { array: name, population } in about.positions {
        let mut along = Vec::new();
        for ending in ENDINGS {
            along.push(archive.vector::<f64>(&array(&name, ending))?);
        }
        if along.iter().any(|list| list.len() != along[0].len()) {
            return Err(archive.wrong(format!("`{name}` has coordinates of unequal lengths")));
        }
        let um = (0..along[0].len()).map(|k| [along[0][k], along[1][k], along[2][k]]).collect();
        recording.positions.push(Sites { population, um: Arc::new(um) });
    }
    Ok(recording)
}
