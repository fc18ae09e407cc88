//! Means, sums and histograms of synapses, and their values at spikes, as arrays.

use std::io;

use super::about::{AboutAtSpikes, AboutSummary};
use super::archive::{Archive, ArchiveWriter};
use super::names::{Part, array};
use crate::plan::Reduction;
use crate::recording::file::FileError;
use crate::recording::source::Source;
use crate::recording::{AtSpikes, Summary};

/// How its arrays are called.
pub fn part(summary: &Summary) -> Part<'_> {
    let endings: &[&str] = match summary.reduction {
        Reduction::Mean => &["", "_sd", "_time_ms", "_rows"],
        Reduction::Sum => &["", "_time_ms", "_rows"],
        Reduction::Histogram { .. } => &["", "_beyond", "_edges", "_time_ms", "_rows"],
    };
    Part { words: vec![&summary.projection, &summary.variable, summary.reduction.word()], endings }
}

/// What its arrays cannot say.
pub fn about(summary: &Summary, array: String) -> AboutSummary {
    AboutSummary {
        array,
        projection: summary.projection.clone(),
        variable: summary.variable.clone(),
        unit: summary.unit.clone(),
        reduce: summary.reduction.word().into(),
        of_neurons: summary.of_neurons,
        size: summary.size,
        first_step: summary.first_step,
        every: summary.every,
    }
}

pub fn write<W: io::Write + io::Seek>(
    archive: &mut ArchiveWriter<W>,
    source: &impl Source,
    place: usize,
    name: &str,
) -> io::Result<()> {
    let (summary, dt) = (&source.frame().summaries[place], source.frame().dt);
    let width = summary.reduction.width();
    let samples = source.summed(place).len() / width;
    let column = |at: usize| source.summed(place).take(samples * width).skip(at).step_by(width);
    match &summary.reduction {
        Reduction::Mean => {
            archive.vector(name, column(0))?;
            archive.vector(&array(name, "_sd"), column(1))?;
        }
        Reduction::Sum => archive.vector(name, column(0))?,
        Reduction::Histogram { edges } => {
            // whole numbers, which double precision holds
            let bins = edges.len().saturating_sub(1);
            let within = |places: std::ops::Range<usize>| {
                let left = samples * places.len();
                let all = source.summed(place).take(samples * width).enumerate();
                Counted { all: all.filter(move |(k, _)| places.contains(&(k % width))).map(|(_, n)| n as u64), left }
            };
            archive.array(name, &[samples, bins], within(0..bins))?;
            archive.array(&array(name, "_beyond"), &[samples, 2], within(bins..bins + 2))?;
            archive.vector(&array(name, "_edges"), edges.iter().copied())?;
        }
    }
    archive.vector(&array(name, "_time_ms"), (0..samples).map(|k| summary.step(k) as f64 * dt))?;
    match &summary.rows {
        Some(rows) => archive.vector(&array(name, "_rows"), rows.iter().copied()),
        None => Ok(()),
    }
}

/// Numbers of which it is known how many there are.
struct Counted<I> {
    all: I,
    left: usize,
}

impl<I: Iterator> Iterator for Counted<I> {
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        self.left = self.left.checked_sub(1)?;
        self.all.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<I: Iterator> ExactSizeIterator for Counted<I> {}

/// **Errors**: a missing array, one of another type or shape, a word that is none.
pub fn read(archive: &mut Archive, about: AboutSummary) -> Result<Summary, FileError> {
    let AboutSummary { array: name, projection, variable, unit, reduce, of_neurons, size, first_step, every } = about;
    let of_samples = |archive: &Archive, name: &str, wanted: &str, shape: &[u64], width: usize| match shape {
        [_, found] if *found == width as u64 => Ok(()),
        shape => Err(archive.wrong(format!("`{name}` has shape {shape:?}, expected [samples, {wanted}]"))),
    };
    let (reduction, values) = match reduce.as_str() {
        "mean" => {
            let (mean, sd): (Vec<f64>, Vec<f64>) = (archive.vector(&name)?, archive.vector(&array(&name, "_sd"))?);
            if mean.len() != sd.len() {
                return Err(archive.wrong(format!("`{name}` has {} means and {} standard deviations", mean.len(), sd.len())));
            }
            (Reduction::Mean, mean.iter().zip(&sd).flat_map(|(mean, sd)| [*mean, *sd]).collect())
        }
        "sum" => (Reduction::Sum, archive.vector(&name)?),
        "histogram" => {
            let edges: Vec<f64> = archive.vector(&array(&name, "_edges"))?;
            let (bins, beyond) = (edges.len().saturating_sub(1), array(&name, "_beyond"));
            let (shape, counts) = archive.array::<u64>(&name)?;
            of_samples(archive, &name, &bins.to_string(), &shape, bins)?;
            let (shape, sides) = archive.array::<u64>(&beyond)?;
            of_samples(archive, &beyond, "2", &shape, 2)?;
            let all = counts.chunks(bins.max(1)).zip(sides.chunks(2)).flat_map(|(counts, sides)| counts.iter().chain(sides));
            (Reduction::Histogram { edges }, all.map(|n| *n as f64).collect())
        }
        other => return Err(archive.wrong(format!("`{name}`: `{other}` is none of `mean`, `sum`, `histogram`"))),
    };
    let rows = array(&name, "_rows");
    let rows = if archive.has(&rows) { Some(archive.vector(&rows)?) } else { None };
    Ok(Summary { projection, variable, unit, of_neurons, size, rows, reduction, first_step, every, values })
}

pub fn part_at_spikes(own: &AtSpikes) -> Part<'_> {
    Part { words: vec![&own.projection, &own.variable, "at_spikes"], endings: &["", "_step", "_synapse", "_time_ms", "_rows"] }
}

pub fn about_at_spikes(own: &AtSpikes, array: String) -> AboutAtSpikes {
    let (projection, variable, unit) = (own.projection.clone(), own.variable.clone(), own.unit.clone());
    AboutAtSpikes { array, projection, variable, unit, size: own.size }
}

pub fn write_at_spikes<W: io::Write + io::Seek>(
    archive: &mut ArchiveWriter<W>,
    source: &impl Source,
    place: usize,
    name: &str,
) -> io::Result<()> {
    let dt = source.frame().dt;
    archive.vector(name, source.at_values(place))?;
    archive.vector(&array(name, "_step"), source.at_steps(place))?;
    archive.vector(&array(name, "_synapse"), source.at_synapses(place))?;
    archive.vector(&array(name, "_time_ms"), source.at_steps(place).map(|step| step as f64 * dt))?;
    match &source.frame().at_spikes[place].rows {
        Some(rows) => archive.vector(&array(name, "_rows"), rows.iter().copied()),
        None => Ok(()),
    }
}

/// **Errors**: a missing array, one of another type or length.
pub fn read_at_spikes(archive: &mut Archive, about: AboutAtSpikes) -> Result<AtSpikes, FileError> {
    let AboutAtSpikes { array: name, projection, variable, unit, size } = about;
    let value: Vec<f64> = archive.vector(&name)?;
    let (step, synapse): (Vec<u64>, Vec<u32>) =
        (archive.vector(&array(&name, "_step"))?, archive.vector(&array(&name, "_synapse"))?);
    if [step.len(), synapse.len()] != [value.len(); 2] {
        let found = format!("`{name}` has {} values, {} steps and {} synapses", value.len(), step.len(), synapse.len());
        return Err(archive.wrong(found));
    }
    let rows = array(&name, "_rows");
    let rows = if archive.has(&rows) { Some(archive.vector(&rows)?) } else { None };
    Ok(AtSpikes { projection, variable, unit, size, rows, step, synapse, value })
}
