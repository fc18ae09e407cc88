//! Between words on the device and the numbers that every engine speaks: spikes, samples, states, rings.
//!
//! In: words read back, or a [`Snapshot`]. Out: the other. Pure. Columns on the device are padded to whole workgroups.

use super::records::{Span, samples_due};
use crate::engine::Snapshot;
use crate::plan::{Plan, fixed_point};
use crate::wgsl::Layout;

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
    for (number, place) in layout.edge_groups.iter().enumerate() {
        let inverse = plan.edge_groups[number].edges.by_target();
        for instance in 0..layout.instances {
            for (column, first) in plan.edge_initial(instance, number).iter().zip(&place.states) {
                let first = (first + instance * place.edges) as usize;
                let seats = out.iter_mut().skip(first).zip(&inverse.edge);
                seats.for_each(|(seat, edge)| *seat = column.get(*edge as usize) as f32);
            }
        }
    }
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

/// Appends the spikes of a part of a batch, by step and row.
pub fn spikes(layout: &Layout, rows: u32, span: Span, words: &[u32], out: &mut Vec<(u64, u32)>) {
    let per_instance = layout.spike_words.max(1) as usize;
    // a spike of a step happens at its end
    for (step, bits) in (span.first + 1..).zip(words.chunks(per_instance * layout.instances as usize)) {
        for (instance, words) in (0u32..).zip(bits.chunks(per_instance)) {
            for (word, bits) in (0u32..).zip(words) {
                let mut bits = *bits;
                while bits != 0 {
                    out.push((step, instance * rows + word * 32 + bits.trailing_zeros()));
                    bits &= bits - 1;
                }
            }
        }
    }
}

/// Words of `samples` that a part of a batch fills: (first, words), tap by tap.
pub fn sampled<'a>(layout: &'a Layout, span: Span) -> impl Iterator<Item = (u64, u64)> + 'a {
    layout.taps.iter().map(move |tap| {
        let words = samples_due(tap.every, span) * u64::from(layout.instances) * u64::from(tap.rows);
        (u64::from(tap.place), words)
    })
}

/// Appends the samples of a part of a batch, as [`sampled`] reads them, to those of their taps.
pub fn samples(layout: &Layout, span: Span, words: &[u32], out: &mut [Vec<f64>]) {
    let mut words = words.iter();
    for (tap, (_, count)) in layout.taps.iter().zip(sampled(layout, span)) {
        let values = words.by_ref().take(count as usize).map(|w| f64::from(f32::from_bits(*w)));
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
        for first in slots(layout, step, channel) {
            out.extend(words.iter().skip(first).take(channel.rows).map(|w| f64::from(*w as i32) / channel.scale));
        }
        out
    };
    let groups = channels(plan, layout).into_iter().zip(&plan.groups);
    groups.map(|(ports, group)| ports.into_iter().map(|p| port(group.rows, p)).collect()).collect()
}

/// The ring of a snapshot, as the device holds it.
pub fn ring_words(plan: &Plan, layout: &Layout, snapshot: &Snapshot) -> Vec<u32> {
    let mut out = vec![0u32; layout.words.ring as usize];
    for (at, row) in snapshot.past_spikes.iter().filter(|(at, _)| layout.history > 0 && *at > 0) {
        let (instance, row) = (row / plan.rows.max(1), row % plan.rows.max(1));
        let first = layout.history_place(instance, ((at - 1) % u64::from(layout.history)) as u32);
        if let Some(word) = out.get_mut((first + row / 32) as usize) {
            *word |= 1 << (row % 32);
        }
    }
    for (group, lists) in channels(plan, layout).into_iter().zip(&snapshot.rings) {
        for (channel, list) in group.into_iter().zip(lists) {
            let Some(channel) = channel else { continue };
            for (first, values) in slots(layout, snapshot.step, channel).zip(list.chunks(channel.rows.max(1))) {
                let words = out.iter_mut().skip(first).zip(values);
                words.for_each(|(word, value)| *word = fixed_point::quantise(*value, channel.scale) as u32);
            }
        }
    }
    out
}

/// The states of an edge group, as the device holds them (instance after instance, by target), in the order of its edges.
pub fn edge_states(plan: &Plan, group: usize, words: &[u32]) -> Vec<f64> {
    let inverse = plan.edge_groups[group].edges.by_target();
    let mut out = vec![0.0; words.len()];
    for (words, out) in words.chunks(inverse.edge.len().max(1)).zip(out.chunks_mut(inverse.edge.len().max(1))) {
        for (word, edge) in words.iter().zip(&inverse.edge) {
            out[*edge as usize] = f64::from(f32::from_bits(*word));
        }
    }
    out
}

/// The other way.
pub fn edge_words(plan: &Plan, group: usize, values: &[f64]) -> Vec<f32> {
    let inverse = plan.edge_groups[group].edges.by_target();
    let instances = values.chunks(inverse.edge.len().max(1));
    instances.flat_map(|values| inverse.edge.iter().map(|e| values.get(*e as usize).copied().unwrap_or(0.0) as f32)).collect()
}

/// Spikes of the last steps that edge groups may still wait for.
pub fn past_spikes(plan: &Plan, layout: &Layout, step: u64, ring: &[u32]) -> Vec<(u64, u32)> {
    let mut out = Vec::new();
    if layout.history == 0 {
        return out;
    }
    let waiting = plan.edge_groups.iter().filter(|e| e.rule.reads_arrivals() && !e.edges.is_empty());
    let sources: Vec<(u32, u32)> = waiting.map(|e| (plan.first_row(e.source), plan.place(e.source).size)).collect();
    for at in step.saturating_sub(u64::from(plan.history))..step {
        for instance in 0..layout.instances {
            let first = layout.history_place(instance, (at % u64::from(layout.history)) as u32) as usize;
            for row in 0..plan.rows {
                let word = ring.get(first + row as usize / 32).copied().unwrap_or(0);
                if word >> (row % 32) & 1 == 1 && sources.iter().any(|(f, n)| (*f..f + n).contains(&row)) {
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
    scale: f64,
}

/// By group, then port.
fn channels(plan: &Plan, layout: &Layout) -> Vec<Vec<Option<Channel>>> {
    let groups = plan.groups.iter().zip(&layout.groups);
    groups
        .map(|(group, places)| {
            let ports = group.ports.iter().zip(&places.ports);
            ports
                .map(|(port, place)| place.map(|p| Channel { first_row: p.channel, rows: group.rows as usize, scale: port.scale }))
                .collect()
        })
        .collect()
}

/// First words of a channel: from the slot of `step` on, instance after instance.
fn slots(layout: &Layout, step: u64, channel: Channel) -> impl Iterator<Item = usize> {
    let (slots, instances, rows) = (u64::from(layout.slots), layout.instances, layout.channel_rows as usize);
    (0..slots).flat_map(move |ahead| {
        let slot = ((step + ahead) % slots) as usize;
        (0..instances as usize).map(move |instance| (instance * slots as usize + slot) * rows + channel.first_row as usize)
    })
}
