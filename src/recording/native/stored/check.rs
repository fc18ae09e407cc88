//! Whether chunks fit what the first of them says of the recording, before any of them is read.
//!
//! In: heads. Out: the steps that are there, or what is wrong and at which byte. After it a tap has as many samples and bins as its
//! steps ask for, so nothing larger than the file is ever made.

use super::Found;
use crate::plan::Sampling;
use crate::recording::native::about::About;
use crate::recording::native::gather::{bins, width};
use crate::recording::native::layout::{Head, Kind};
use crate::recording::sink::{Header, Spikes, TapHeader};

/// What heads tell together.
pub struct Checked {
    /// Of which everything is there.
    pub steps: u64,
    pub end: Option<Found>,
}

/// **Errors** at which byte, and what.
pub fn all(header: &Header, about: &About, chunks: &[Found]) -> Result<Checked, (u64, String)> {
    let mut steps = 0;
    let mut end = None;
    // by place: the step up to which chunks were met
    let mut reached = vec![header.first_step; if chunks.is_empty() { 0 } else { header.instances * header.taps.len() }];
    let mut neurons = vec![0u64; about.positions.len()];
    for found in chunks {
        let head = &found.head;
        let wrong = |what: String| (found.at, what);
        if end.is_some() {
            return Err(wrong("a chunk behind the end of the run".into()));
        }
        match head.kind {
            Kind::Complete => {
                if head.first != header.first_step || head.steps < steps || head.bytes > 0 {
                    return Err(wrong("a mark of completeness that goes back".into()));
                }
                steps = head.steps;
            }
            Kind::End => end = Some(*found),
            Kind::Positions => {
                let all = neurons.get_mut(head.place as usize).ok_or_else(|| wrong("positions of no population".into()))?;
                if head.first != *all || head.steps.checked_mul(24) != Some(head.bytes) {
                    return Err(wrong("positions that do not follow those before".into()));
                }
                *all += head.steps;
            }
            Kind::About | Kind::Index => return Err(wrong("a chunk that tells what is recorded, once more".into())),
            _ => {
                let reached = reached.get_mut(head.place as usize).ok_or_else(|| wrong("a chunk of no tap".into()))?;
                let tap = &header.taps[head.place as usize % header.taps.len()];
                *reached = of_a_tap(header, tap, head, *reached).map_err(wrong)?;
            }
        }
    }
    let at = chunks.last().map_or(0, |last| last.at);
    let last = header.first_step.saturating_add(steps);
    for (place, reached) in reached.iter().enumerate() {
        let tap = &header.taps[place % header.taps.len()];
        if *reached > last {
            return Err((at, format!("a chunk of steps up to {reached}, and {last} is the last that is complete")));
        }
        gap(header, tap, *reached, last).map_err(|what| (at, what))?;
    }
    for (all, of) in neurons.iter().zip(&about.positions) {
        if *all != of.neurons {
            return Err((at, format!("{all} positions of {} neurons of `{}`", of.neurons, of.population)));
        }
    }
    Ok(Checked { steps, end })
}

/// The step that a chunk reaches.
fn of_a_tap(header: &Header, tap: &TapHeader, head: &Head, reached: u64) -> Result<u64, String> {
    let of = tap.population();
    let end = head.first.checked_add(head.steps).filter(|end| head.first >= reached && *end <= 1 << 63);
    let end = end.ok_or_else(|| format!("steps of `{of}` that do not follow those before"))?;
    gap(header, tap, reached, head.first)?;
    let whole = match (head.kind, tap) {
        (Kind::Spikes | Kind::AtSpikes32 | Kind::AtSpikes64, TapHeader::Spikes { .. } | TapHeader::AtSpikes { .. }) => {
            let right = (head.kind == Kind::Spikes) == matches!(tap, TapHeader::Spikes { .. });
            right && head.bytes.is_multiple_of(head.spike())
        }
        (Kind::Counts, TapHeader::Rate { bin, .. }) => {
            let bins = bins(*bin, header.first_step, head.first, end);
            (bins.end - bins.start).checked_mul(8) == Some(head.bytes)
        }
        (Kind::Samples32 | Kind::Samples64, _) => {
            let times = times(tap).ok_or_else(|| format!("samples of `{of}`, of which none are taken"))?;
            let number = if head.kind == Kind::Samples32 { 4 } else { 8 };
            let bytes = samples(times, head.first, end).checked_mul(u64::from(width(tap))).and_then(|n| n.checked_mul(number));
            head.width == width(tap) && bytes == Some(head.bytes)
        }
        _ => false,
    };
    if whole { Ok(end) } else { Err(format!("a chunk of {} bytes that does not fit what is recorded of `{of}`", head.bytes)) }
}

/// Whether a tap may have no chunk about some steps.
fn gap(header: &Header, tap: &TapHeader, from: u64, to: u64) -> Result<(), String> {
    let missing = match tap {
        TapHeader::Rate { .. } => from < to,
        _ => times(tap).is_some_and(|times| width(tap) > 0 && samples(times, from, to) > 0),
    };
    let (of, first) = (tap.population(), from.max(header.first_step) + 1);
    if missing { Err(format!("what was recorded of `{of}` from step {first} on is missing")) } else { Ok(()) }
}

fn times(tap: &TapHeader) -> Option<Sampling> {
    match tap {
        TapHeader::State { times, .. } | TapHeader::Synapses { times, .. } | TapHeader::Reduced { times, .. } => Some(*times),
        TapHeader::Spikes { .. } | TapHeader::Rate { .. } | TapHeader::AtSpikes { .. } => None,
    }
}

/// Samples behind a step, up to and with another.
fn samples(times: Sampling, from: u64, to: u64) -> u64 {
    times.until(to).saturating_sub(times.until(from))
}

/// **Errors** spikes of other steps, out of order, or of what is not there.
pub fn spikes(header: &Header, head: &Head, spikes: &Spikes) -> Result<(), String> {
    let (size, of) = match &header.taps[head.place as usize % header.taps.len()] {
        TapHeader::Spikes { size, population, .. } => (*size, population),
        TapHeader::AtSpikes { size, projection, .. } => (*size, projection),
        tap => return Err(format!("spikes of `{}`, of which none are kept", tap.population())),
    };
    let inside = head.first + 1..=head.first + head.steps;
    if !spikes.steps.is_sorted() || spikes.steps.iter().any(|step| !inside.contains(step)) {
        return Err(format!("spikes of `{of}` out of their steps"));
    }
    match spikes.neurons.iter().max().filter(|largest| **largest >= size) {
        Some(largest) => Err(format!("a spike of number {largest} of `{of}`, which has {size}")),
        None => Ok(()),
    }
}
