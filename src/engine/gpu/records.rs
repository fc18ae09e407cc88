//! What changes from step to step, for the steps of a batch: time, levels of drives, samples due, listed spikes, windows.
//!
//! In: plan, layout, the steps. Out: words of `inputs` and of the window blocks. Pure.

use crate::plan::{Background, Column, Drive, Moves, Plan, Sampling, Ticking, Wave, sample_at};
use crate::wgsl::Layout;
use crate::wgsl::layout::{BackgroundPlace, LAW_WORDS, MovesPlace, NONE, Term, WINDOW_BYTES, differs};

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
    let terms: Vec<&Term> = layout.groups.iter().flat_map(|g| g.inputs.iter().flatten()).collect();
    let backgrounds: Vec<_> = layout.groups.iter().flat_map(|g| &g.backgrounds).collect();
    let clocks = layout.groups.iter().enumerate().filter_map(|(g, places)| places.clock.map(|place| (g, place)));
    let mut clocks: Vec<(u32, u32, Vec<Ticking>)> = clocks
        .map(|(g, place)| {
            let clock = plan.clocked(g).clock;
            let instances = if place.per_instance { layout.instances } else { 1 };
            (place.first, instances, (0..instances).map(|i| clock.of(plan.columns(i, g))).collect())
        })
        .collect();
    let mut samples = vec![0u32; layout.taps.len()];
    for (step, record) in (span.first..).zip(out.chunks_exact_mut(size)) {
        // counted, not summed
        record[0] = ((step as f64 * plan.dt) as f32).to_bits();
        (record[1], record[2]) = (step as u32, (step >> 32) as u32);
        for term in &terms {
            write_term(&plan.drives[term.drive()], term, step, plan.dt, record);
        }
        for (first, stride, instances) in &mut clocks {
            for (instance, ticking) in (0u32..).zip(instances) {
                for (k, value) in (0u32..).zip(ticking.at(step, plan.dt)) {
                    record[(*first + k * *stride + instance) as usize] = (value as f32).to_bits();
                }
            }
        }
        for place in &backgrounds {
            let b = &plan.backgrounds[place.background];
            record[place.on as usize] = u32::from(b.on.is_on(step));
            write_moves(b, place, step, plan.dt, record);
        }
        for (learning, placed) in plan.learning.iter().zip(&layout.learned) {
            for (pass, due) in learning.rule.passes.iter().zip(&placed.due) {
                if let Some(due) = due {
                    record[*due as usize] = u32::from(pass.occasion.of_all(step) == Some(true));
                }
            }
        }
        for (tap, sample) in layout.taps.iter().zip(&mut samples) {
            // a probe looks after the step, at the time step + 1
            let due = tap.times.is_due(step + 1);
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

/// What a record says of a rate that changes.
fn write_moves(background: &Background, place: &BackgroundPlace, step: u64, dt: f64, record: &mut [u32]) {
    let (Some(moves), Some(words)) = (&background.moves, place.moves) else { return };
    let since = background.on.since(step);
    match (words, moves) {
        (MovesPlace::Together { law }, moves) => {
            let (number, threshold) = moves.together(step, dt).unwrap_or_default();
            record[law as usize] = place.laws + LAW_WORDS * number as u32;
            record[law as usize + 1] = threshold;
        }
        (MovesPlace::Threshold { word }, moves) => {
            record[word as usize] = moves.thresholds(since).and_then(<[u32]>::first).copied().unwrap_or(0);
        }
        (MovesPlace::Samples { index, .. }, Moves::Samples { samples, interval }) => {
            let number = sample_at(since, *interval);
            record[index as usize] = if number < samples.len() as u64 { number as u32 } else { NONE };
        }
        (MovesPlace::Samples { .. }, Moves::Formula { .. }) => {}
    }
}

/// What a record says of a drive.
fn write_term(drive: &Drive, term: &Term, step: u64, dt: f64, record: &mut [u32]) {
    let active = drive.is_on(step);
    match (term, &drive.wave) {
        (Term::Noise { on, .. }, Wave::Noise { interval, .. }) => {
            let number = drive.interval(step, *interval);
            let words = [u32::from(active), number as u32, (number >> 32) as u32];
            record[*on as usize..*on as usize + 3].copy_from_slice(&words);
        }
        (Term::Samples { index, .. }, Wave::Array { samples, interval }) => {
            let number = sample_at(drive.on.since(step), *interval);
            let there = active && number < samples.len() as u64;
            record[*index as usize] = if there { number as u32 } else { NONE };
        }
        (Term::Level { level: place, own: Some(_), .. }, _) => {
            record[*place as usize] = (if active { 1.0f32 } else { 0.0 }).to_bits();
        }
        (Term::Level { level: place, offset, .. }, wave) => {
            let value = match wave {
                // of rows that differ two terms: the course, whose factor is the amplitude, and what is added to it
                Wave::Course { amplitude, course, offset: base } if active && differs(amplitude, base) => match (*offset, base) {
                    (true, Column::Shared(base)) => *base,
                    (true, Column::PerRow(_)) => 1.0,
                    (false, _) => course.at(step, drive.on.since(step), dt),
                },
                _ => level(drive, step, dt),
            };
            record[*place as usize] = (value as f32).to_bits();
        }
        _ => {}
    }
}

/// Samples of a probe that a batch gives.
pub fn samples_due(times: Sampling, span: Span) -> u64 {
    times.until(span.first + u64::from(span.steps)) - times.until(span.first)
}

/// What a drive gives at the start of a step, before the factor of a row.
fn level(drive: &Drive, step: u64, dt: f64) -> f64 {
    if !drive.is_on(step) {
        return 0.0;
    }
    // where the amplitude differs from row to row it is the row's factor, and so is a number from outside; noise is a term of its own
    let number = |column: &Column| if let Column::Shared(x) = column { *x } else { 1.0 };
    drive.level(step, dt, &number, &|wave| if matches!(wave, Wave::External { .. }) { 1.0 } else { 0.0 })
}

/// A dispatch's share of a batch, as kernels read it: `Window` of the prelude, laid out by the rules of a uniform block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, encase::ShaderType)]
pub struct Window {
    /// Number of the dispatch within the batch.
    pub ordinal: u32,
    /// Its first step within the part of the batch that is in the buffers.
    pub place: u32,
    /// Slot of its first step.
    pub slot: u32,
    pub steps: u32,
    /// Steps of the dispatch before whose spikes have not been delivered.
    pub before: u32,
    /// Number of its first step among those whose spikes, and states of neurons, are kept.
    pub past: u32,
    /// Number of the dispatch within the part, of which lists of spikes take turns by.
    pub turn: u32,
    pub spare: u32,
}

/// A window as bytes.
pub type Block = [u8; WINDOW_BYTES as usize];

impl Window {
    /// **Errors** a block too small for a window, which a test rules out.
    pub fn block(&self) -> Result<Block, encase::internal::Error> {
        let mut buffer = encase::UniformBuffer::new([0; WINDOW_BYTES as usize]);
        buffer.write(self)?;
        Ok(buffer.into_inner())
    }
}

/// The windows of a part of a batch, none longer than `longest`, counted from `ordinal` on. `trailing`: each takes the spikes
/// of the one before, and a last one, of no steps, takes those of the last.
pub fn windows(span: Span, longest: u32, layout: &Layout, ordinal: u32, trailing: bool) -> Vec<Window> {
    let longest = longest.max(1);
    let round = |place: u32, slots: u32| ((span.first + u64::from(place)) % u64::from(slots.max(1))) as u32;
    let slot = |place: u32| round(place, layout.slots);
    let past = |place: u32| round(place, layout.history);
    let mut out: Vec<Window> = Vec::new();
    let mut before = 0;
    for place in (0..span.steps).step_by(longest as usize) {
        let steps = longest.min(span.steps - place);
        let turn = out.len() as u32;
        let ordinal = ordinal + turn;
        out.push(Window { ordinal, place, slot: slot(place), steps, before, past: past(place), turn, spare: 0 });
        before = if trailing { steps } else { 0 };
    }
    if before > 0 {
        // what spikes did to synapses in it is told as of that step
        let taken = out.len() as u32 - u32::from(!layout.passes.is_empty());
        let (ordinal, place, turn) = (ordinal + taken, span.steps, out.len() as u32);
        out.push(Window { ordinal, place, slot: slot(place), steps: 0, before, past: past(place), turn, spare: 0 });
    }
    out
}
