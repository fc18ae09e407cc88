//! What changes from step to step, for the steps of a batch: time, levels of drives, samples due, listed spikes, windows.
//!
//! In: plan, layout, the steps. Out: words of `inputs` and of the window blocks. Pure.

use crate::plan::{Column, Drive, Plan, Wave};
use crate::wgsl::Layout;
use crate::wgsl::layout::NONE;

/// Steps of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub first: u64,
    pub steps: u32,
}

/// `inputs`: a record per step.
pub fn records(plan: &Plan, layout: &Layout, span: Span) -> Vec<u32> {
    let size = layout.record as usize;
    let mut out = vec![0u32; size * span.steps as usize];
    if size == 0 {
        return out;
    }
    let mut samples = vec![0u32; layout.taps.len()];
    for (step, record) in (span.first..).zip(out.chunks_exact_mut(size)) {
        // counted, not summed
        record[0] = ((step as f64 * plan.dt) as f32).to_bits();
        for (drive, word) in plan.drives.iter().zip(&mut record[1..]) {
            *word = (level(drive, step, plan.dt) as f32).to_bits();
        }
        for (tap, sample) in layout.taps.iter().zip(&mut samples) {
            // a probe looks after the step, at the time step + 1
            let due = (step + 1) % tap.every == 0;
            record[tap.due as usize] = if due { *sample } else { NONE };
            *sample += u32::from(due);
        }
    }
    for (group, places) in plan.groups.iter().zip(&layout.groups) {
        let Some(listed) = places.listed else { continue };
        // a spike at a time is that of the step which ends there
        let from = group.listed.partition_point(|(at, _)| *at <= span.first);
        let until = group.listed.partition_point(|(at, _)| *at <= span.first + u64::from(span.steps));
        for (at, row) in &group.listed[from..until.max(from)] {
            let record = (at - 1 - span.first) as usize * size;
            if let Some(word) = out.get_mut(record + listed as usize + *row as usize / 32) {
                *word |= 1 << (row % 32);
            }
        }
    }
    out
}

/// Samples of a probe that a batch gives.
pub fn samples_due(every: u64, span: Span) -> u64 {
    (span.first + u64::from(span.steps)) / every - span.first / every
}

/// What a drive gives at the start of a step, before the factor of a row.
fn level(drive: &Drive, step: u64, dt: f64) -> f64 {
    if step < drive.start || step >= drive.stop {
        return 0.0;
    }
    let since = step - drive.start;
    match &drive.wave {
        Wave::Constant(Column::Shared(x)) => *x,
        // the amplitude is the row's factor
        Wave::Constant(Column::PerRow(_)) | Wave::External { .. } => 1.0,
        Wave::Steps { steps, amplitudes } => match steps.partition_point(|s| *s <= step) {
            0 => 0.0,
            k => amplitudes.get(k - 1).copied().unwrap_or(0.0),
        },
        Wave::Sine { amplitude, frequency, phase, offset } => {
            // whole turns are taken off first, so that the phase stays exact in long runs
            let turns = frequency * (since as f64 * dt);
            offset + shared(amplitude) * libm::sin(std::f64::consts::TAU * (turns - turns.floor()) + phase)
        }
        Wave::Array { samples, interval } => samples.get((since / (*interval).max(1)) as usize).map_or(0.0, shared),
        Wave::Noise { .. } => 0.0,
    }
}

fn shared(column: &Column) -> f64 {
    if let Column::Shared(x) = column { *x } else { 0.0 }
}

/// A dispatch's share of a batch: ordinal, first step within the batch, slot, steps.
pub type Window = [u32; 4];

/// The windows of a batch, none longer than `longest`.
pub fn windows(span: Span, longest: u32, slots: u32) -> Vec<Window> {
    let longest = longest.max(1);
    (0..span.steps.div_ceil(longest))
        .map(|ordinal| {
            let place = ordinal * longest;
            let slot = (span.first + u64::from(place)) % u64::from(slots.max(1));
            [ordinal, place, slot as u32, longest.min(span.steps - place)]
        })
        .collect()
}
