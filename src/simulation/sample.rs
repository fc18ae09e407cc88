//! Samples of synapses: what probes of them take between two batches.
//!
//! In: the state of the engine after a batch, a piece of the synapses at a time. Out: each value, or what is kept of all together.
//! A sum goes over synapses in their order, so it is the same for any number of threads. Not here: samples of neurons, which engines take.

use super::record::Taken;
use super::synapses::{Kept, moves};
use super::{Error, Simulation, device};
use crate::engine::{Batch, Fault};
use crate::model::DelayPlace;
use crate::plan::memory::SYNAPSES_AT_ONCE;
use crate::plan::{Reducing, RowSet, Tap};

impl Simulation {
    /// Samples of synapses that are due after a batch, and what is kept of those of neurons where that is not each.
    pub(super) fn sample_synapses(&mut self, batch: &mut Batch) -> Result<(), Fault> {
        let plan = self.plan.clone();
        let step = self.engine.step();
        for (k, tap) in plan.taps.iter().enumerate() {
            let values = match tap {
                // sample by sample, instance by instance, row by row
                Tap::State { rows, reduction: Some(reduction), .. } if batch.steps > 0 => {
                    let mut values = Vec::new();
                    let all = batch.samples.get_mut(k).map(std::mem::take).unwrap_or_default();
                    for sample in all.chunks(rows.len().max(1)) {
                        let mut reducing = Reducing::new(reduction);
                        sample.iter().for_each(|x| reducing.push(*x));
                        reducing.finish(&mut values);
                    }
                    Ok(values)
                }
                Tap::Synapses { name, state, rows, times } if batch.steps > 0 && times.is_due(step) => {
                    let mut values = vec![Vec::new(); self.instances()];
                    let taken = self.each_piece(name, &state.name, rows, &mut |instance, piece| values[instance].extend(piece));
                    taken.map(|()| values.concat())
                }
                Tap::Reduced { name, state, rows, times, reduction, .. } if batch.steps > 0 && times.is_due(step) => {
                    let mut all = vec![Reducing::new(reduction); self.instances()];
                    let taken = self.each_piece(name, &state.name, rows, &mut |instance, piece| {
                        piece.iter().for_each(|x| all[instance].push(*x));
                    });
                    let mut values = Vec::with_capacity(reduction.width() * all.len());
                    all.into_iter().for_each(|reducing| reducing.finish(&mut values));
                    taken.map(|()| values)
                }
                Tap::AtSpikes { name, state, rows, .. } if batch.steps > 0 => {
                    let taken = self.at_spikes(k, name, &state.name, rows, batch);
                    let values = taken.map(|()| {
                        let own = self.sorter.taken.iter().filter(|taken| taken.tap == k);
                        own.map(|taken| taken.value).collect()
                    });
                    // sorted by instance elsewhere
                    if plan.instances > 1 { values.map(|_: Vec<f64>| Vec::new()) } else { values }
                }
                _ => continue,
            };
            let values = values.map_err(|error| Fault::Bug { what: error.to_string() })?;
            batch.samples.resize(plan.taps.len(), Vec::new());
            batch.samples[k].extend(values);
        }
        self.keep_under_way(batch);
        Ok(())
    }

    /// Steps until the next sample of synapses is due, at most so many.
    pub(super) fn until_sample(&self, most: u64) -> u64 {
        let now = self.engine.step();
        let due = |tap: &Tap| match tap {
            Tap::Synapses { times, .. } | Tap::Reduced { times, .. } => Some(times.next(now)? - now),
            Tap::AtSpikes { .. } => Some(1),
            _ => None,
        };
        self.plan.taps.iter().filter_map(due).min().map_or(most, |due| due.min(most))
    }

    /// The values of chosen synapses at which a spike of their source is in the step that has just ended, put to what was taken.
    fn at_spikes(&mut self, tap: usize, projection: &str, state: &str, rows: &RowSet, batch: &Batch) -> Result<(), Error> {
        let (plan, now) = (self.plan.clone(), self.engine.step());
        let Some(of) = plan.learning.iter().find(|l| l.name == projection) else {
            return Err(Error::Bug(format!("a probe at spikes of `{projection}`, at which no spike is an event")));
        };
        let first = plan.first_row(of.source);
        let sources = plan.place(of.source).size;
        let axonal = of.rule.delay == DelayPlace::Axonal;
        let longest = if axonal { u64::from(of.edges.delays().1) } else { 0 };
        let spikes = self.before.iter().chain(&batch.spikes).filter(|(step, _)| step + longest >= now);
        let mut acting: Vec<(usize, u32)> = Vec::new();
        for (step, row) in spikes {
            let (instance, row) = (row / plan.rows, row % plan.rows);
            let Some(source) = row.checked_sub(first).filter(|source| *source < sources) else { continue };
            for edge in of.edges.first(source)..of.edges.first(source + 1) {
                let delay = if axonal { u64::from(of.edges.delay_of(edge)) } else { 0 };
                if step + delay == now && rows.place(edge).is_some() {
                    // the plan has counted synapses of states to be fewer than 2^32
                    acting.push((instance as usize, edge as u32));
                }
            }
        }
        acting.sort_unstable();
        for own in acting.chunk_by(|a, b| a.0 == b.0) {
            let instance = own[0].0;
            let chosen = RowSet::List(own.iter().map(|(_, edge)| *edge).collect());
            let mut values = Vec::with_capacity(own.len());
            self.each_piece(projection, state, &chosen, &mut |of, piece| {
                if of == instance {
                    values.extend_from_slice(piece);
                }
            })?;
            let taken =
                own.iter().zip(values).map(|((_, synapse), value)| Taken { tap, instance, step: now, synapse: *synapse, value });
            self.sorter.taken.extend(taken);
        }
        Ok(())
    }

    /// Keeps the spikes that are still on their way to synapses which are looked at when they come.
    pub(super) fn keep_under_way(&mut self, batch: &Batch) {
        if !self.plan.taps.iter().any(|tap| matches!(tap, Tap::AtSpikes { .. })) {
            return;
        }
        let longest = self.plan.learning.iter().map(|l| u64::from(l.edges.delays().1)).max().unwrap_or(0);
        let now = self.engine.step();
        self.before.extend(&batch.spikes);
        self.before.retain(|(step, _)| step + longest > now);
    }

    /// Calls with the values of a state of chosen synapses as they are now, piece by piece in their order: the instance, the values.
    fn each_piece(
        &mut self,
        projection: &str,
        state: &str,
        rows: &RowSet,
        call: &mut dyn FnMut(usize, &[f64]),
    ) -> Result<(), Error> {
        let (plan, instances, step) = (self.plan.clone(), self.instances(), self.engine.step());
        let at_once = (SYNAPSES_AT_ONCE as usize / instances).max(1);
        let kept = self.kept(projection, state)?;
        let neurons = match &kept {
            Kept::Synapse { .. } => Vec::new(),
            Kept::Neuron { learning, post, column } => {
                let of = &plan.learning[*learning];
                let group = plan.place(if *post { of.target } else { of.source }).group;
                self.engine.state(group, *column as usize).map_err(device)?
            }
        };
        let mut rows = rows.iter();
        let mut values = Vec::new();
        loop {
            let piece: Vec<u32> = rows.by_ref().take(at_once).collect();
            let (Some(first), Some(last)) = (piece.first(), piece.last()) else { return Ok(()) };
            match kept {
                Kept::Synapse { place, column, learning } => {
                    let kept = self.engine.kept(place, &piece).map_err(device)?;
                    let moving = learning.filter(|number| moves(&plan.learning[*number], column));
                    for instance in 0..instances {
                        let own = instance * piece.len()..(instance + 1) * piece.len();
                        let Some(number) = moving else {
                            call(instance, kept.get(column).and_then(|all| all.get(own)).unwrap_or_default());
                            continue;
                        };
                        values.clear();
                        for (edge, k) in piece.iter().zip(own) {
                            let edge = (instance, *edge as usize);
                            values.push(self.value_now(number, column, step, edge, &|state| kept[state][k])?);
                        }
                        call(instance, &values);
                    }
                }
                Kept::Neuron { learning, post, .. } => {
                    let of = &plan.learning[learning];
                    let place = plan.place(if post { of.target } else { of.source });
                    let rows = plan.groups[place.group].rows as usize;
                    for instance in 0..instances {
                        values.clear();
                        let own = &neurons[instance * rows + place.first_row as usize..];
                        let mut next = piece.iter().peekable();
                        of.edges.each(u64::from(*first)..u64::from(*last) + 1, |edge, source, target| {
                            if next.next_if(|chosen| u64::from(**chosen) == edge).is_some() {
                                values.push(own[if post { target } else { source } as usize]);
                            }
                        });
                        call(instance, &values);
                    }
                }
            }
        }
    }
}
