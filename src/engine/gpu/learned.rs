//! Synapses that events change, as words of buffers: what they begin with, what a snapshot has of them.
//!
//! In: plan and layout, words read back, or a [`Snapshot`]. Out: the other. A synapse stands at its number in its
//! connectivity, instance after instance. Not here: the lines (`wgsl::learned`).

use super::words::{fill, pivot_words, put};
use super::{GpuEngine, GpuError, transfer};
use crate::engine::{Broken, Place, Snapshot, fault};
use crate::plan::{EdgeColumn, Learning, Plan, RowBuffer};
use crate::wgsl::Layout;
use crate::wgsl::layout::{LearnedLayout, SynapsePlace, TargetPlace, TrailLayout};

impl GpuEngine {
    /// What the synapses of a projection keep, as [`Snapshot::edge_states`] has it; `ring`: all of its words.
    pub(super) async fn learned_states(&mut self, learning: usize, ring: &[u32]) -> Result<Vec<Vec<f64>>, GpuError> {
        let placed = self.layout.learned[learning].clone();
        let count = u64::from(placed.count) * u64::from(self.layout.instances);
        let mut columns = Vec::new();
        for first in &placed.states {
            columns.push(self.read(|b| &b.state, u64::from(*first), count).await?);
        }
        let touched = placed.touched.and_then(|first| ring.get(first as usize..)?.get(..count as usize));
        Ok(states(self.step, &columns, touched))
    }

    /// What chosen synapses of a projection keep: from the first to the last of them, where there is one instance, is read back.
    pub(super) async fn chosen_learned(&mut self, learning: usize, synapses: &[u32]) -> Result<Vec<Vec<f64>>, GpuError> {
        let placed = self.layout.learned[learning].clone();
        let (count, instances) = (placed.count as usize, self.layout.instances as usize);
        let least = synapses.iter().min().map_or(0, |k| *k as usize);
        let most = synapses.iter().max().map_or(0, |k| *k as usize + 1);
        let (low, high) = if instances == 1 { (least, most) } else { (0, count) };
        let words = ((high - low) * instances) as u64;
        let mut columns = Vec::new();
        for first in &placed.states {
            columns.push(self.read(|b| &b.state, u64::from(*first) + low as u64, words).await?);
        }
        let touched = match placed.touched {
            Some(first) => Some(self.read(|b| &b.ring, u64::from(first) + low as u64, words).await?),
            None => None,
        };
        let chosen = |all: &Vec<f64>| {
            let own = all.chunks((high - low).max(1));
            own.flat_map(|own| synapses.iter().map(|k| own[*k as usize - low])).collect()
        };
        Ok(states(self.step, &columns, touched.as_deref()).iter().map(chosen).collect())
    }

    /// See [`Snapshot::trails`].
    pub(super) async fn trails(&mut self) -> Result<Vec<Vec<f64>>, GpuError> {
        let mut out = Vec::new();
        for place in 0..self.layout.trails.len() {
            let TrailLayout { group, first, .. } = self.layout.trails[place];
            let words = self.layout.trail_slots * self.layout.instances * self.layout.groups[group].span;
            let words = self.read(|b| &b.state, u64::from(first), u64::from(words)).await?;
            out.push(trail(&self.plan, &self.layout, place, self.step, &words));
        }
        Ok(out)
    }

    /// Takes up what a snapshot has of them; the times of last events go to the words of the ring.
    pub(super) async fn put_learned(&mut self, snapshot: &Snapshot, ring: &mut [u32]) -> Result<(), GpuError> {
        let given = snapshot.edge_states.iter().skip(self.plan.stateful().count());
        for (placed, given) in self.layout.learned.iter().zip(given) {
            let (columns, touched) = words(placed, given, snapshot.step);
            for (first, column) in placed.states.iter().zip(&columns) {
                transfer::write(&self.device, &self.buffers.state, u64::from(*first) * 4, column).await?;
            }
            if let (Some(first), Some(times)) = (placed.touched, touched) {
                ring.iter_mut().skip(first as usize).zip(times).for_each(|(word, time)| *word = time);
            }
        }
        for (place, trail) in self.layout.trails.iter().enumerate() {
            let words = trail_words(&self.plan, &self.layout, place, snapshot);
            transfer::write(&self.device, &self.buffers.state, u64::from(trail.first) * 4, &words).await?;
        }
        Ok(())
    }

    /// The first state that is not finite of a synapse that events change and that ends in a row.
    pub(super) async fn lost_learned(&mut self, instance: u32, row: u32) -> Result<Option<Broken>, GpuError> {
        let mut first = None;
        for learning in 0..self.layout.learned.len() {
            let placed = self.layout.learned[learning].clone();
            let first_row = self.plan.first_row(self.plan.learning[learning].target);
            for (state, place) in placed.states.iter().enumerate() {
                let from = u64::from(place + instance * placed.count);
                let words = self.read(|b| &b.state, from, u64::from(placed.count)).await?;
                let edges = &self.plan.learning[learning].edges;
                let of = words.into_iter().map(f32::from_bits).zip(0u64..);
                let lost = of.filter(|(x, edge)| !x.is_finite() && first_row + edges.target_of(*edge) == row);
                let broken = lost.map(|(x, edge)| {
                    let place = Place::Learned { learning, edge, state };
                    Broken { row, place, value: f64::from(x) }
                });
                first = broken.map(Some).fold(first, fault::first);
            }
        }
        Ok(first)
    }
}

/// Numbers that all synapses of a projection share, in `params`.
pub fn params(plan: &Plan, layout: &Layout, out: &mut [f32]) {
    for (number, (learning, placed)) in plan.learning.iter().zip(&layout.learned).enumerate() {
        for (k, place) in placed.params.iter().enumerate() {
            let Some(SynapsePlace::Shared(place)) = place else { continue };
            for instance in 0..if place.per_instance { layout.instances } else { 1 } {
                let given = learning.params[k].get(0);
                fill(out, *place, instance, 1, |_| plan.learned_param(instance, number, k).unwrap_or(given));
            }
        }
    }
}

/// Who is joined to whom, and what differs from one synapse to the next, in a page of `synapses`.
pub fn page(plan: &Plan, layout: &Layout, page: usize, out: &mut [u32]) {
    for (number, (learning, placed)) in plan.learning.iter().zip(&layout.learned).enumerate().filter(|(_, (_, p))| p.page == page) {
        let mut buffer = RowBuffer::default();
        for source in 0..learning.edges.sources() {
            let row = learning.edges.row(source, &mut buffer);
            (placed.words + row.first as u32..).zip(row.words).for_each(|(at, word)| put(out, at, *word));
        }
        if let Some(TargetPlace { synapses, sources, .. }) = placed.by_target {
            let mut next = starts_of_targets(learning);
            learning.edges.each(0..learning.edges.count(), |synapse, source, target| {
                let at = &mut next[target as usize];
                put(out, synapses + *at, synapse as u32);
                sources.into_iter().for_each(|sources| put(out, sources + *at, source));
                *at += 1;
            });
        }
        for (k, place) in placed.params.iter().enumerate() {
            let Some(SynapsePlace::Each { first, per_instance }) = *place else { continue };
            for instance in 0..if per_instance { plan.instances } else { 1 } {
                let own = plan.learned_param(instance, number, k);
                for synapse in 0..placed.count {
                    let value = own.unwrap_or_else(|| learning.params[k].get(synapse as usize));
                    put(out, first + instance * placed.count + synapse, (value as f32).to_bits());
                }
            }
        }
    }
}

/// First place of each target, and how many places there are.
fn starts_of_targets(learning: &Learning) -> Vec<u32> {
    let counts = learning.edges.indegrees();
    let starts = counts.iter().scan(0, |at, count| Some(std::mem::replace(at, *at + *count as u32)));
    starts.chain([learning.edges.count() as u32]).collect()
}

/// Starts of rows and work items, in `tables`.
pub fn tables(plan: &Plan, layout: &Layout, list: &mut dyn FnMut(u32, &mut dyn Iterator<Item = u32>)) {
    for (learning, placed) in plan.learning.iter().zip(&layout.learned) {
        let edges = &learning.edges;
        list(placed.starts, &mut (0..=edges.sources()).map(|source| edges.first(source) as u32));
        if let Some(place) = placed.by_target {
            list(place.starts, &mut starts_of_targets(learning).into_iter());
        }
        if let Some(pivots) = placed.pivots {
            let first = plan.place(learning.target).first_row;
            pivot_words(layout, pivots, edges, 0..edges.sources(), first, list);
        }
    }
    let words = |item: &crate::wgsl::layout::WorkItem| [item.route, item.first, item.count, item.part | (item.parts << 16)];
    list(layout.places.visits, &mut layout.visits.iter().flat_map(words));
}

/// What synapses keep, and what they read of neurons, before the first step.
pub fn initial(plan: &Plan, layout: &Layout, out: &mut [f32]) {
    for (number, placed) in layout.learned.iter().enumerate() {
        for instance in 0..layout.instances {
            for (column, first) in plan.learned_initial(instance, number).iter().zip(&placed.states) {
                let from = (first + instance * placed.count) as usize;
                let seats = &mut out[from..from + placed.count as usize];
                match column {
                    EdgeColumn::Shared(x) => seats.fill(*x as f32),
                    column @ (EdgeColumn::PerEdge(_) | EdgeColumn::Drawn(_)) => {
                        seats.iter_mut().enumerate().for_each(|(synapse, seat)| *seat = column.get(synapse) as f32);
                    }
                }
            }
        }
    }
    for trail in &layout.trails {
        let rows = plan.groups[trail.group].rows as usize;
        for instance in 0..layout.instances {
            let column = &plan.columns(instance, trail.group).initial[trail.column as usize];
            for slot in 0..layout.trail_slots {
                let seats = out.iter_mut().skip(trail.place(layout, slot, instance) as usize).take(rows);
                seats.enumerate().for_each(|(row, seat)| *seat = column.get(row) as f32);
            }
        }
    }
}

/// What the synapses of a projection keep, as [`Snapshot::edge_states`] has it: from the words of each of their columns, and those of
/// the times of their last events.
pub fn states(step: u64, columns: &[Vec<u32>], touched: Option<&[u32]>) -> Vec<Vec<f64>> {
    let numbers = columns.iter().map(|words| words.iter().map(|w| f64::from(f32::from_bits(*w))).collect());
    let times = |words: &[u32]| {
        let time = |last: &u32| step.saturating_sub(u64::from((step as u32).wrapping_sub(*last))) as f64;
        words.iter().map(time).collect()
    };
    numbers.chain(touched.map(times)).collect()
}

/// The other way: words of each column, and of the times.
pub fn words(placed: &LearnedLayout, given: &[Vec<f64>], step: u64) -> (Vec<Vec<f32>>, Option<Vec<u32>>) {
    let numbers = given.iter().take(placed.states.len()).map(|list| list.iter().map(|x| *x as f32).collect());
    // a time that has not come cannot have been
    let times = placed.touched.and_then(|_| given.get(placed.states.len()));
    (numbers.collect(), times.map(|list| list.iter().map(|at| (*at as u64).min(step) as u32).collect()))
}

/// What synapses read of a state of neurons, as [`Snapshot::trails`] has it; `words`: all slots of it.
pub fn trail(plan: &Plan, layout: &Layout, place: usize, step: u64, words: &[u32]) -> Vec<f64> {
    let trail = &layout.trails[place];
    let mut out = Vec::new();
    for back in 1..=plan.longest_trail() {
        for instance in 0..layout.instances {
            let from = (trail.place(layout, slot_of(layout, step, back), instance) - trail.first) as usize;
            let rows = words.iter().skip(from).take(plan.groups[trail.group].rows as usize);
            out.extend(rows.map(|w| f64::from(f32::from_bits(*w))));
        }
    }
    out
}

/// The other way: all slots of a state of neurons.
pub fn trail_words(plan: &Plan, layout: &Layout, place: usize, snapshot: &Snapshot) -> Vec<f32> {
    let trail = &layout.trails[place];
    let rows = plan.groups[trail.group].rows as usize;
    let mut out = vec![0.0; (layout.trail_slots * layout.instances * layout.groups[trail.group].span) as usize];
    let given = snapshot.trails.get(place).map_or(&[][..], Vec::as_slice);
    let instances = layout.instances as usize;
    for back in 1..=plan.longest_trail() {
        for instance in 0..layout.instances {
            let from = ((back - 1) as usize * instances + instance as usize) * rows;
            let to = (trail.place(layout, slot_of(layout, snapshot.step, back), instance) - trail.first) as usize;
            out[to..].iter_mut().zip(given.iter().skip(from).take(rows)).for_each(|(seat, x)| *seat = *x as f32);
        }
    }
    out
}

/// The slot of the step so many before.
fn slot_of(layout: &Layout, step: u64, back: u32) -> u32 {
    (step.wrapping_sub(u64::from(back)) & u64::from(layout.trail_slots - 1)) as u32
}
