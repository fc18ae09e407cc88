//! The words that buffers begin with: parameters, synapses, tables.
//!
//! In: plan and layout. Out: words, each at the place that the layout says. Pure. Not here: what changes from step to step
//! (`records`).

use crate::plan::fixed_point::{self, Quantised};
use crate::plan::{Column, EdgeColumn, Plan, RowSet, Tap, Wave};
use crate::wgsl::Layout;
use crate::wgsl::layout::{ColumnPlace, NONE};

/// `params`; `external` is the input vector.
pub fn params(plan: &Plan, layout: &Layout, external: &[f64]) -> Vec<f32> {
    let mut out = vec![0.0; layout.words.params as usize];
    for (group, places) in plan.groups.iter().zip(&layout.groups) {
        for (column, place) in group.params.iter().zip(&places.params).chain(group.derived.iter().zip(&places.derived)) {
            place.iter().for_each(|p| put_column(&mut out, *p, column));
        }
        for (port, place) in group.ports.iter().zip(&places.ports) {
            place.iter().for_each(|p| put(&mut out, p.unit, (1.0 / port.scale) as f32));
        }
        for place in places.inputs.iter().flatten() {
            let Some(first) = place.factor else { continue };
            let drive = &plan.drives[place.drive];
            for (k, row) in drive.rows.iter().enumerate() {
                let factor = match &drive.wave {
                    Wave::Constant(Column::PerRow(list)) => list.get(k).copied().unwrap_or(0.0),
                    Wave::External { first, scale } => external.get(first + k).copied().unwrap_or(0.0) * scale,
                    _ => 1.0,
                };
                put(&mut out, first + row, factor as f32);
            }
        }
    }
    out
}

fn put_column(out: &mut [f32], place: ColumnPlace, column: &Column) {
    match column {
        Column::Shared(x) => put(out, place.first, *x as f32),
        Column::PerRow(list) => (0u32..).zip(list).for_each(|(row, x)| put(out, place.first + row, *x as f32)),
    }
}

/// Out of range can only be a fault of the layout: it is left out rather than a panic, and the tests would see it.
fn put<T>(out: &mut [T], place: u32, value: T) {
    if let Some(word) = out.get_mut(place as usize) {
        *word = value;
    }
}

/// `synapses`
pub fn synapses(plan: &Plan, layout: &Layout) -> Vec<u32> {
    let mut out = vec![0; layout.words.synapses as usize];
    for (number, (route, place)) in plan.routes.iter().zip(&layout.routes).enumerate() {
        for (k, target) in (0u32..).zip(&route.edges.target) {
            let delay = match &route.delay {
                EdgeColumn::PerEdge(list) => (list[k as usize] as u32) << place.target_bits,
                EdgeColumn::Shared(_) => 0,
            };
            put(&mut out, place.edges + k, target | delay);
        }
        if let (Some(first), Quantised::PerEdge(weights)) = (place.weights, fixed_point::quantised(plan, number)) {
            (0u32..).zip(weights).for_each(|(k, w)| put(&mut out, first + k, w as u32));
        }
    }
    out
}

/// `tables`
pub fn tables(plan: &Plan, layout: &Layout) -> Vec<u32> {
    let mut out = vec![0; layout.words.tables as usize];
    for (number, (route, place)) in plan.routes.iter().zip(&layout.routes).enumerate() {
        let weight = match (&route.weight, fixed_point::quantised_shared(plan, number)) {
            (EdgeColumn::Shared(_), Some(w)) => w as u32,
            _ => 0,
        };
        let delay = if let EdgeColumn::Shared(d) = route.delay { d as u32 } else { 0 };
        let words = [
            place.row_start,
            place.edges,
            place.weights.unwrap_or(NONE),
            weight,
            place.target_bits,
            delay,
            place.channel,
            place.first_source,
        ];
        (0u32..).zip(words).for_each(|(k, w)| put(&mut out, place.record + k, w));
        (0u32..).zip(&route.edges.row_start).for_each(|(k, start)| put(&mut out, place.row_start + k, *start as u32));
    }
    for tap in &layout.taps {
        let (Some(first), Tap::State { population, rows: RowSet::List(rows), .. }) = (tap.column_of_row, &plan.taps[tap.tap])
        else {
            continue;
        };
        let place = plan.place(*population);
        (0..plan.groups[place.group].rows).for_each(|row| put(&mut out, first + row, NONE));
        (0u32..).zip(rows).for_each(|(column, row)| put(&mut out, first + place.first_row + row, column));
    }
    let mut at = layout.work_place;
    for item in &layout.work {
        let route = layout.routes.get(item.route as usize).map_or(0, |r| r.record);
        for word in [route, item.first, item.count, item.part | (item.parts << 16)] {
            put(&mut out, at, word);
            at += 1;
        }
    }
    out
}
