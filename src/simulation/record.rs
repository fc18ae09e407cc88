//! What a batch adds to the recordings, one for each instance.

use super::Simulation;
use crate::engine::Batch;
use crate::error::Error;
use crate::plan::{Plan, PopulationId, RowSet, Tap};
use crate::recording::{Rate, Recording, SpikeTrain, Trace};

/// Which taps the spikes of a row belong to: worked out once, so that each spike is looked at once.
pub(super) struct Sorter {
    /// Does any tap keep or count spikes?
    listens: bool,
    /// Populations by their first row in the space of all groups: (first row, size, taps).
    populations: Vec<(u32, u32, Vec<Kept>)>,
}

/// One tap that keeps or counts spikes.
struct Kept {
    /// Place among the recording's spike trains, or among its rates.
    place: usize,
    /// `None`: all.
    rows: Option<RowSet>,
    /// Width of the bins of a rate; `None`: spikes are kept.
    bin: Option<u64>,
}

impl Sorter {
    pub fn new(plan: &Plan) -> Sorter {
        let ids = (0..plan.populations.len() as u32).map(PopulationId);
        let mut populations: Vec<_> = ids.map(|id| (plan.first_row(id), plan.place(id).size, Vec::new())).collect();
        let (mut train, mut rate) = (0, 0);
        for tap in &plan.taps {
            let (population, rows, bin, next) = match tap {
                Tap::Spikes { population, rows } => (population, rows, None, &mut train),
                Tap::Rate { population, rows, bin } => (population, rows, Some(*bin), &mut rate),
                Tap::State { .. } => continue,
            };
            let all = rows.len() == plan.place(*population).size as usize;
            populations[population.0 as usize].2.push(Kept { place: *next, rows: (!all).then(|| rows.clone()), bin });
            *next += 1;
        }
        populations.sort_by_key(|(first, ..)| *first);
        Sorter { listens: train + rate > 0, populations }
    }

    /// The neuron's number within its population, and what is kept of it.
    fn find(&self, row: u32) -> Option<(u32, &[Kept])> {
        let place = self.populations.partition_point(|(first, ..)| *first <= row).checked_sub(1)?;
        let (first, size, kept) = &self.populations[place];
        (row - first < *size).then_some((row - first, kept))
    }
}

impl Simulation {
    /// Appends a batch to the recordings.
    ///
    /// **Errors** no room for as many spikes again: what is recorded is then that of the state reached.
    pub(super) fn record(&mut self, batch: &Batch) -> Result<(), Error> {
        let end = batch.first + u64::from(batch.steps);
        for recording in &mut self.recordings {
            recording.steps += u64::from(batch.steps);
            for rate in &mut recording.rates {
                rate.steps = end - (rate.first_step - 1);
                let bins = rate.steps.div_ceil(rate.bin) as usize;
                rate.count.resize(bins.max(rate.count.len()), 0);
            }
        }
        match &mut self.spikes[..] {
            // only rows of populations spike
            [all] => *all += batch.spikes.len() as u64,
            several => batch.spikes.iter().for_each(|(_, row)| several[(row / self.plan.rows) as usize] += 1),
        }
        for (step, row) in batch.spikes.iter().filter(|_| self.sorter.listens) {
            let instance = if self.recordings.len() > 1 { (row / self.plan.rows) as usize } else { 0 };
            let Some((neuron, kept)) = self.sorter.find(row - instance as u32 * self.plan.rows) else { continue };
            let recording = &mut self.recordings[instance];
            for tap in kept.iter().filter(|t| t.rows.as_ref().is_none_or(|rows| contains(rows, neuron))) {
                match tap.bin {
                    None => {
                        let train = &mut recording.spikes[tap.place];
                        train.step.push(*step);
                        train.neuron.push(neuron);
                    }
                    Some(bin) => {
                        let rate = &mut recording.rates[tap.place];
                        rate.count[((step - rate.first_step) / bin) as usize] += 1;
                    }
                }
            }
        }
        let states = self.plan.taps.iter().zip(&batch.samples).filter_map(|(tap, samples)| match tap {
            Tap::State { rows, .. } => Some((rows.len().max(1), samples)),
            _ => None,
        });
        for (trace, (rows, samples)) in states.enumerate() {
            // sample by sample, instance by instance, row by row
            for (values, place) in samples.chunks(rows).zip((0..self.recordings.len()).cycle()) {
                self.recordings[place].traces[trace].values.extend_from_slice(values);
            }
        }
        let spikes = batch.spikes.len() as u64;
        if self.sorter.listens && !self.has_room(spikes) { Err(self.failed(self.full(spikes))) } else { Ok(()) }
    }

    /// Forgets what was recorded; the state stays.
    pub fn clear_recording(&mut self) {
        self.recordings = vec![empty(&self.plan, self.engine.step()); self.plan.instances as usize];
    }
}

/// The recording of an instance that begins at a step.
fn empty(plan: &Plan, now: u64) -> Recording {
    let mut recording = Recording { dt: plan.dt, first_step: now, ..Recording::default() };
    for tap in &plan.taps {
        match tap {
            Tap::Spikes { population, rows } => {
                let place = plan.place(*population);
                let all = rows.len() == place.size as usize;
                recording.spikes.push(SpikeTrain {
                    population: place.name.clone(),
                    size: place.size,
                    rows: (!all).then(|| rows.iter().collect()),
                    ..SpikeTrain::default()
                });
            }
            Tap::Rate { population, rows, bin } => recording.rates.push(Rate {
                population: plan.place(*population).name.clone(),
                neurons: rows.len() as u32,
                first_step: now + 1,
                bin: *bin,
                steps: 0,
                count: Vec::new(),
            }),
            Tap::State { population, column, rows, every } => {
                let place = plan.place(*population);
                let state = &plan.groups[place.group].rule.states[*column as usize];
                recording.traces.push(Trace {
                    population: place.name.clone(),
                    variable: state.name.clone(),
                    unit: state.dimension.unit(),
                    rows: rows.iter().collect(),
                    first_step: (now / every + 1) * every,
                    every: *every,
                    values: Vec::new(),
                });
            }
        }
    }
    recording
}

fn contains(rows: &RowSet, neuron: u32) -> bool {
    match rows {
        RowSet::Range(r) => r.contains(&neuron),
        RowSet::List(l) => l.binary_search(&neuron).is_ok(),
    }
}
