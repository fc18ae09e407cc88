//! Stimuli of a checked network as drives of inputs and events at ports.

use super::{Background, Column, Drive, DrivePart, Plan, PlanError, RowSet, Wave};
use crate::model::integrate::{Extras, Hidden};
use crate::network::checked::{CheckedNetwork, CheckedWaveform, Moves};
use crate::random::{PoissonTable, Stream};
use crate::threads;

impl Plan {
    pub(super) fn stimulate(&mut self, network: &CheckedNetwork, extras: &[Extras]) -> Result<(), PlanError> {
        let mut external = 0;
        // second drives of stimuli, behind all first ones
        let mut second = Vec::new();
        let mut processes = vec![0; extras.len()];
        for (k, stimulus) in network.stimuli.iter().enumerate() {
            let place = self.place(stimulus.target);
            let (group, first) = (place.group, place.first_row);
            let rows = shifted(&stimulus.rows, first);
            let stream = Stream::Stimulus { stimulus: k as u32 }.tag()?;
            let (model, own) = (&self.groups[group].model, &extras[stimulus.target.0 as usize]);
            let clamped = |state: u32| own.clamped.iter().position(|known| *known == state).unwrap_or(0);
            // the place among the inputs of the rule
            let flows = |input: u32| if stimulus.clamps { own.input_of(model, Hidden::Level(clamped(input))) } else { input };
            let drive = |input: u32, wave: Wave| Drive {
                name: stimulus.name.clone(),
                population: stimulus.target,
                group,
                input: flows(input),
                rows: rows.clone(),
                on: stimulus.on.clone(),
                wave,
                stream,
                part: DrivePart::Level,
            };
            let made = match &stimulus.waveform {
                CheckedWaveform::Constant { input, amplitude } => drive(*input, Wave::Constant(amplitude.clone())),
                CheckedWaveform::Steps { input, steps, amplitudes } => {
                    drive(*input, Wave::Steps { steps: steps.clone(), amplitudes: amplitudes.clone() })
                }
                CheckedWaveform::Course { input, amplitude, course, offset } => {
                    drive(*input, Wave::Course { amplitude: amplitude.clone(), course: course.clone(), offset: offset.clone() })
                }
                CheckedWaveform::Noise { input, mean, sd, interval } => {
                    drive(*input, Wave::Noise { mean: mean.clone(), sd: sd.clone(), interval: (*interval).max(1) })
                }
                CheckedWaveform::OrnsteinUhlenbeck { input, mean, sd, .. } => {
                    let process = &mut processes[stimulus.target.0 as usize];
                    let spread = own.input_of(model, Hidden::Spread(*process));
                    *process += 1;
                    let level = drive(*input, Wave::Constant(mean.clone()));
                    let wave = Wave::Constant(sd.clone());
                    second.push(Drive { input: spread, wave, part: DrivePart::Spread, ..level.clone() });
                    level
                }
                CheckedWaveform::Array { input, samples, interval } => {
                    drive(*input, Wave::Array { samples: samples.clone(), interval: *interval })
                }
                CheckedWaveform::External { input, scale } => {
                    let wave = Wave::External { first: external, scale: *scale };
                    external += stimulus.rows.len();
                    drive(*input, wave)
                }
                CheckedWaveform::Poisson { port, mean, weight, moves } => {
                    let (means, mean_of_row) = match moves {
                        // each step takes one of these
                        Some(Moves::Formula { ladder, .. }) => (ladder.clone(), Vec::new()),
                        _ => distinct(mean, rows.len()),
                    };
                    let laws = threads::of_each(&means, |mean| PoissonTable::new(*mean)).into_iter();
                    let laws = laws
                        .collect::<Result<_, _>>()
                        .map_err(|error| PlanError::Poisson { stimulus: stimulus.name.clone(), error })?;
                    self.backgrounds.push(Background {
                        name: stimulus.name.clone(),
                        population: stimulus.target,
                        group,
                        port: *port,
                        rows,
                        on: stimulus.on.clone(),
                        laws,
                        mean_of_row,
                        weight: weight.clone(),
                        moves: moves.clone(),
                        stream,
                    });
                    continue;
                }
            };
            if let (true, Some(state)) = (stimulus.clamps, stimulus.waveform.input()) {
                let gate = own.input_of(model, Hidden::Gate(clamped(state)));
                let wave = Wave::Constant(Column::Shared(1.0));
                second.push(Drive { input: gate, wave, part: DrivePart::Gate, ..made.clone() });
            }
            self.drives.push(made);
        }
        self.drives.extend(second);
        Ok(())
    }
}

fn shifted(rows: &RowSet, by: u32) -> RowSet {
    match rows {
        RowSet::Range(r) => RowSet::Range(r.start + by..r.end + by),
        RowSet::List(l) => RowSet::List(l.iter().map(|r| r + by).collect()),
    }
}

/// The distinct values of a column, and which one each row has.
fn distinct(column: &Column, rows: usize) -> (Vec<f64>, Vec<u32>) {
    match column {
        Column::Shared(x) => (vec![*x], Vec::new()),
        Column::PerRow(list) => {
            let mut values = list.clone();
            values.sort_by(f64::total_cmp);
            values.dedup();
            let place = |x: f64| values.partition_point(|v| v.total_cmp(&x).is_lt()) as u32;
            (values.clone(), (0..rows).map(|r| place(list[r])).collect())
        }
    }
}
