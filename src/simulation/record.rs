//! What a batch adds to the recording.

use super::Simulation;
use crate::engine::Batch;
use crate::plan::{Plan, PopulationId, RowSet, Tap};
use crate::recording::{Rate, Recording, SpikeTrain, Trace};

impl Simulation {
    /// Appends a batch to the recording.
    pub(super) fn record(&mut self, batch: &Batch) {
        self.spikes += batch.spikes.len() as u64;
        self.recording.steps += u64::from(batch.steps);
        let (mut train, mut trace, mut rate) = (0, 0, 0);
        for (k, tap) in self.plan.taps.iter().enumerate() {
            match tap {
                Tap::Spikes { population, rows } => {
                    let out = &mut self.recording.spikes[train];
                    train += 1;
                    for (step, neuron) in of_population(&self.plan, *population, batch) {
                        if contains(rows, neuron) {
                            out.step.push(step);
                            out.neuron.push(neuron);
                        }
                    }
                }
                Tap::Rate { population, rows, bin } => {
                    let out = &mut self.recording.rates[rate];
                    rate += 1;
                    let bins = (batch.first + u64::from(batch.steps) - (out.first_step - 1)).div_ceil(*bin) as usize;
                    out.count.resize(bins.max(out.count.len()), 0);
                    for (step, neuron) in of_population(&self.plan, *population, batch) {
                        if contains(rows, neuron) {
                            out.count[((step - out.first_step) / bin) as usize] += 1;
                        }
                    }
                }
                Tap::State { .. } => {
                    self.recording.traces[trace].values.extend_from_slice(&batch.samples[k]);
                    trace += 1;
                }
            }
        }
    }

    /// Forgets what was recorded; the state stays.
    pub fn clear_recording(&mut self) {
        let now = self.engine.step();
        let mut recording = Recording { dt: self.plan.dt, first_step: now, ..Recording::default() };
        for tap in &self.plan.taps {
            match tap {
                Tap::Spikes { population, rows } => {
                    let place = self.plan.place(*population);
                    let all = rows.len() == place.size as usize;
                    recording.spikes.push(SpikeTrain {
                        population: place.name.clone(),
                        size: place.size,
                        rows: (!all).then(|| rows.iter().collect()),
                        ..SpikeTrain::default()
                    });
                }
                Tap::Rate { population, rows, bin } => recording.rates.push(Rate {
                    population: self.plan.place(*population).name.clone(),
                    neurons: rows.len() as u32,
                    first_step: now + 1,
                    bin: *bin,
                    count: Vec::new(),
                }),
                Tap::State { population, column, rows, every } => {
                    let place = self.plan.place(*population);
                    recording.traces.push(Trace {
                        population: place.name.clone(),
                        variable: self.plan.groups[place.group].rule.states[*column as usize].name.clone(),
                        unit: self.dimensions[place.group][*column as usize].clone(),
                        rows: rows.iter().collect(),
                        first_step: (now / every + 1) * every,
                        every: *every,
                        values: Vec::new(),
                    });
                }
            }
        }
        self.recording = recording;
    }
}

/// Spikes of a batch that belong to a population, as (step, neuron).
fn of_population<'a>(plan: &'a Plan, population: PopulationId, batch: &'a Batch) -> impl Iterator<Item = (u64, u32)> + 'a {
    let first = plan.first_row(population);
    let size = plan.place(population).size;
    batch.spikes.iter().filter_map(move |(step, row)| row.checked_sub(first).filter(|n| *n < size).map(|n| (*step, n)))
}

fn contains(rows: &RowSet, neuron: u32) -> bool {
    match rows {
        RowSet::Range(r) => r.contains(&neuron),
        RowSet::List(l) => l.binary_search(&neuron).is_ok(),
    }
}
