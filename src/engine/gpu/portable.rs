//! Between words on the device and the numbers that every engine speaks: spikes, samples, states, rings.
//!
//! In: words read back, or a [`Snapshot`]. Out: the other. Pure. Columns on the device are padded to whole workgroups.

use super::learned;
use super::records::{Span, samples_due};
use super::transfer::words;
use crate::engine::Snapshot;
use crate::plan::{Plan, Rows, fixed_point};
use crate::wgsl::Layout;
use crate::wgsl::layout::{BundleLayout, TotalPlace};

/// The state before the first step, as the device holds it.
pub fn initial(plan: &Plan, layout: &Layout) -> Vec<f32> {
    let mut out = vec![0.0; layout.words.state as usize];
    for (number, (group, place)) in plan.groups.iter().zip(&layout.groups).enumerate() {
        for instance in 0..layout.instances {
            for (column, values) in plan.columns(instance, number).initial.iter().enumerate() {
                let copies = std::iter::once(layout.state_place(number, column))
                    .chain(layout.export_places(number, column).into_iter().flatten());
                for first in copies {
                    let first = (first + instance * place.span) as usize;
                    let seats = out.iter_mut().skip(first).take(group.rows as usize);
                    seats.enumerate().for_each(|(row, seat)| *seat = values.get(row) as f32);
                }
            }
        }
    }
    for place in layout.bundles.iter().filter(|b| !b.states.is_empty()) {
        if let Some(at) = &place.total {
            for instance in 0..layout.instances {
                let initial = plan.gathered_initial(instance, place.bundle.members[0]);
                for (first, column) in place.states.iter().zip(initial) {
                    let first = (first + instance * place.count) as usize;
                    // they begin alike
                    out[first..first + at.total.sources.len()].fill(column.get(0) as f32);
                }
            }
            continue;
        }
        let rows = plan.rows_of(&place.bundle);
        for instance in 0..layout.instances {
            let initial: Vec<_> = place.bundle.members.iter().map(|g| plan.gathered_initial(instance, *g)).collect();
            for (k, first) in place.states.iter().enumerate() {
                let first = (first + instance * place.count) as usize;
                for (synapse, seat) in out.iter_mut().skip(first).take(rows.count()).enumerate() {
                    *seat = initial[rows.member(synapse)][k].get(rows.number(synapse) as usize) as f32;
                }
            }
        }
    }
    learned::initial(plan, layout, &mut out);
    out
}

/// Rows without the padding.
pub fn unpad(words: &[u32], span: u32, rows: u32) -> impl Iterator<Item = u32> {
    words.chunks(span.max(1) as usize).flat_map(move |part| part.iter().copied().take(rows as usize))
}

/// Rows with padding, instance after instance.
pub fn pad(values: &[f64], rows: u32, span: u32) -> impl Iterator<Item = f64> {
    values.chunks(rows.max(1) as usize).flat_map(move |part| part.iter().copied().chain(std::iter::repeat(0.0)).take(span as usize))
}

/// Words of spikes that are passed over together where none of them has any.
const PASSED: usize = 16;

/// Appends the spikes of a part of a batch, by step and row. `bytes`: of their words.
pub fn spikes(layout: &Layout, rows: u32, span: Span, bytes: &[u8], out: &mut Vec<(u64, u32)>) {
    let per_instance = layout.spike_words.max(1) as usize * 4;
    // a spike of a step happens at its end
    for (step, bits) in (span.first + 1..).zip(bytes.chunks(per_instance * layout.instances as usize)) {
        for (instance, bytes) in (0u32..).zip(bits.chunks(per_instance)) {
            for (first, bytes) in (instance * rows..).step_by(PASSED * 32).zip(bytes.chunks(PASSED * 4)) {
                if bytes.iter().fold(0, |all, b| all | b) == 0 {
                    continue;
                }
                for (first, mut bits) in (first..).step_by(32).zip(words(bytes)) {
                    while bits != 0 {
                        out.push((step, first + bits.trailing_zeros()));
                        bits &= bits - 1;
                    }
                }
            }
        }
    }
}

/// Words of `samples` that a part of a batch fills: (first, words), tap by tap.
pub fn sampled<'a>(layout: &'a Layout, span: Span) -> impl Iterator<Item = (u64, u64)> + 'a {
    layout.taps.iter().map(move |tap| {
        let words = samples_due(tap.times, span) * u64::from(layout.instances) * u64::from(tap.rows);
        (u64::from(tap.place), words)
    })
}

/// Appends the samples of a part of a batch, as [`sampled`] reads them, to those of their taps. `bytes`: of their words.
pub fn samples(layout: &Layout, span: Span, bytes: &[u8], out: &mut [Vec<f64>]) {
    let mut words = words(bytes);
    for (tap, (_, count)) in layout.taps.iter().zip(sampled(layout, span)) {
        let values = words.by_ref().take(count as usize).map(|w| f64::from(f32::from_bits(w)));
        if let Some(list) = out.get_mut(tap.tap) {
            list.extend(values);
        }
    }
}

/// Arrivals under way, in weight units; 0 at ports where nothing arrives.
pub fn rings(plan: &Plan, layout: &Layout, step: u64, words: &[u32]) -> Vec<Vec<Vec<f64>>> {
    let port = |rows: u32, channel: Option<Channel>| {
        let size = layout.slots as usize * layout.instances as usize * rows as usize;
        let Some(channel) = channel else { return vec![0.0; size] };
        let mut out = Vec::with_capacity(size);
        for (instance, first) in slots(layout, step, channel) {
            let scale = channel.scale(plan, instance);
            out.extend(words.iter().skip(first).take(channel.rows).map(|w| f64::from(*w as i32) / scale));
        }
        out
    };
    let groups = channels(plan, layout).into_iter().zip(&plan.groups);
    groups.map(|(ports, group)| ports.into_iter().map(|p| port(group.rows, p)).collect()).collect()
}

/// The ring of a snapshot, as the device holds it.
pub fn ring_words(plan: &Plan, layout: &Layout, snapshot: &Snapshot) -> Vec<u32> {
    let mut out = vec![0u32; layout.words.ring as usize];
    for (at, row) in snapshot.spike_history.iter().filter(|(at, _)| layout.history > 0 && *at > 0) {
        let (instance, row) = (row / plan.rows.max(1), row % plan.rows.max(1));
        let first = layout.history_place(instance, ((at - 1) % u64::from(layout.history)) as u32);
        if let Some(word) = out.get_mut((first + row / 32) as usize) {
            *word |= 1 << (row % 32);
        }
    }
    for (group, lists) in channels(plan, layout).into_iter().zip(&snapshot.rings) {
        for (channel, list) in group.into_iter().zip(lists) {
            let Some(channel) = channel else { continue };
            for ((instance, first), values) in slots(layout, snapshot.step, channel).zip(list.chunks(channel.rows.max(1))) {
                let (words, scale) = (out.iter_mut().skip(first).zip(values), channel.scale(plan, instance));
                words.for_each(|(word, value)| *word = fixed_point::quantise(*value, scale) as u32);
            }
        }
    }
    out
}

/// A state of the synapses of a bundle whose targets share a sum, as the device holds it (instance after instance, by source): in
/// the order of its synapses.
pub fn source_states(plan: &Plan, bundle: &BundleLayout, at: &TotalPlace, words: &[u32]) -> Vec<f64> {
    let edges = &bundle.first(plan).edges;
    let mut out = Vec::with_capacity(edges.count() as usize * words.len() / at.total.sources.len().max(1));
    for words in words.chunks(at.total.sources.len().max(1)) {
        for (source, word) in at.total.sources.clone().zip(words) {
            let span = edges.span(source);
            out.extend(std::iter::repeat_n(f64::from(f32::from_bits(*word)), (span.end - span.start) as usize));
        }
    }
    out
}

/// The other way; `None`: synapses of a source differ.
pub fn source_words(plan: &Plan, bundle: &BundleLayout, at: &TotalPlace, values: &[f64]) -> Option<Vec<f32>> {
    let edges = &bundle.first(plan).edges;
    let mut out = Vec::new();
    for values in values.chunks(edges.count().max(1) as usize) {
        for source in at.total.sources.clone() {
            let span = edges.span(source);
            let own = values.get(span.start as usize..span.end as usize)?;
            let first = own.first().map_or(0.0, |x| *x as f32);
            if own.iter().any(|x| (*x as f32).to_bits() != first.to_bits()) {
                return None;
            }
            out.push(first);
        }
    }
    Some(out)
}

/// A state of the synapses of a bundle, as the device holds it (instance after instance, by target): by member, in the order of
/// its synapses.
pub fn edge_states(plan: &Plan, bundle: &BundleLayout, rows: &Rows, words: &[u32]) -> Vec<Vec<f64>> {
    let sizes: Vec<usize> = bundle.bundle.members(plan).map(|g| g.edges.count() as usize).collect();
    let instances = words.len() / rows.count().max(1);
    let mut out: Vec<Vec<f64>> = sizes.iter().map(|size| vec![0.0; size * instances]).collect();
    for (instance, words) in words.chunks(rows.count().max(1)).enumerate() {
        for (synapse, word) in words.iter().enumerate() {
            let member = rows.member(synapse);
            out[member][instance * sizes[member] + rows.number(synapse) as usize] = f64::from(f32::from_bits(*word));
        }
    }
    out
}

/// The other way.
pub fn edge_words(plan: &Plan, bundle: &BundleLayout, rows: &Rows, values: &[&[f64]], instances: u32) -> Vec<f32> {
    let sizes: Vec<usize> = bundle.bundle.members(plan).map(|g| g.edges.count() as usize).collect();
    let mut out = Vec::with_capacity(rows.count() * instances as usize);
    for instance in 0..instances as usize {
        out.extend((0..rows.count()).map(|synapse| {
            let member = rows.member(synapse);
            let at = instance * sizes[member] + rows.number(synapse) as usize;
            values[member].get(at).copied().unwrap_or(0.0) as f32
        }));
    }
    out
}

/// Spikes of the last steps that synapses may still wait for.
pub fn spike_history(plan: &Plan, layout: &Layout, step: u64, ring: &[u32]) -> Vec<(u64, u32)> {
    let mut out = Vec::new();
    if layout.history == 0 {
        return out;
    }
    let sources = plan.awaited();
    for at in step.saturating_sub(u64::from(plan.history))..step {
        for instance in 0..layout.instances {
            let first = layout.history_place(instance, (at % u64::from(layout.history)) as u32) as usize;
            for row in 0..plan.rows {
                let word = ring.get(first + row as usize / 32).copied().unwrap_or(0);
                if word >> (row % 32) & 1 == 1 && sources.iter().any(|rows| rows.contains(&row)) {
                    out.push((at + 1, instance * plan.rows + row));
                }
            }
        }
    }
    out
}

/// A port at which something arrives.
#[derive(Clone, Copy)]
struct Channel {
    first_row: u32,
    rows: usize,
    group: usize,
    port: usize,
}

impl Channel {
    /// Ring units in a weight unit, in an instance.
    fn scale(&self, plan: &Plan, instance: u32) -> f64 {
        plan.port(instance, self.group, self.port).scale
    }
}

/// By group, then port.
fn channels(plan: &Plan, layout: &Layout) -> Vec<Vec<Option<Channel>>> {
    let groups = plan.groups.iter().zip(&layout.groups).enumerate();
    groups
        .map(|(number, (group, places))| {
            let channel = |port: usize, first_row: u32| Channel { first_row, rows: group.rows as usize, group: number, port };
            places.ports.iter().enumerate().map(|(port, place)| place.map(|p| channel(port, p.channel))).collect()
        })
        .collect()
}

/// Instances and first words of a channel: from the slot of `step` on, instance after instance.
fn slots(layout: &Layout, step: u64, channel: Channel) -> impl Iterator<Item = (u32, usize)> {
    let (slots, instances, rows) = (u64::from(layout.slots), layout.instances, layout.channel_rows as usize);
    (0..slots).flat_map(move |ahead| {
        let slot = ((step + ahead) % slots) as usize;
        let first = move |instance: u32| (instance as usize * slots as usize + slot) * rows + channel.first_row as usize;
        (0..instances).map(move |instance| (instance, first(instance)))
    })
}
