//! One pass over the synapses that the spikes of a step touch, block by block.

use pulp::{Arch, NullaryFnOnce};

use super::room::Room;
use super::{LearnShare, Learned, PassShare};
use crate::engine::cpu::block::{self, Source};
use crate::engine::cpu::history::History;
use crate::engine::cpu::operation::ColumnSource;
use crate::engine::cpu::part::Part;
use crate::engine::cpu::real::{Real, all_finite};
use crate::engine::cpu::trail::Trail;
use crate::model::EndValue;
use crate::model::rule::{Lag, Read};
use crate::plan::fixed_point::Units;
use crate::plan::{EdgeColumn, Plan, Reading, Wave, Whose};
use crate::random::{Key, SIDE, uniform_f32};

/// What all passes of a step read.
pub struct Now<'a, T> {
    pub arch: Arch,
    pub plan: &'a Plan,
    pub instance: u32,
    pub step: u64,
    pub history: &'a History,
    pub trail: &'a Trail<T>,
    /// Numbers that a program gives, of the instance.
    pub external: &'a [f64],
}

impl<T: Real> Learned<T> {
    /// Runs the passes of a step: those before it advances anything, or those after. Were all numbers finite?
    pub fn step(&mut self, now: &Now<'_, T>, early: bool, parts: &mut [Part<T>]) -> bool {
        let share = &*self.share.clone();
        let mut finite = true;
        for (k, pass) in share.passes.iter().enumerate().filter(|(_, pass)| pass.early == early) {
            match pass.occasion.of_all(now.step) {
                Some(false) => continue,
                Some(true) => {
                    pass.sums.iter().for_each(|total| self.totals[*total as usize].fill(T::ZERO));
                    finite &= self.pass(now, share, (k, pass), 0, None, parts);
                    continue;
                }
                None => {}
            }
            if let (true, None) = (pass.delayed, share.edges.shared_delay()) {
                let (least, most) = share.edges.delays();
                for delay in least..=most {
                    finite &= self.pass(now, share, (k, pass), delay, Some(delay), parts);
                }
            } else {
                let back = if pass.delayed { share.edges.delays().0 } else { 0 };
                finite &= self.pass(now, share, (k, pass), back, None, parts);
            }
        }
        finite
    }

    /// Synapses of the neurons that spiked so many steps before; `only` those with this delay.
    fn pass(
        &mut self,
        now: &Now<'_, T>,
        share: &LearnShare,
        (k, pass): (usize, &PassShare),
        back: u32,
        only: Option<u32>,
        parts: &mut [Part<T>],
    ) -> bool {
        let first = share.first[usize::from(pass.is_post())];
        let range =
            if pass.is_post() { first + share.targets.start..first + share.targets.end } else { first..first + share.sources };
        let mut rows = std::mem::take(&mut self.room.rows);
        rows.clear();
        if pass.occasion.interval().is_some() {
            rows.extend(0..share.sources);
        } else {
            now.history.each(now.step, back, range, |row| rows.push(row - first));
        }
        if rows.is_empty() {
            self.room.rows = rows;
            return true;
        }
        let mut room = std::mem::take(&mut self.room);
        let mut finite = true;
        for neuron in &rows {
            if pass.is_post() {
                let row = (*neuron - share.targets.start) as usize;
                let (mut from, mut to) = (share.by_target.starts[row] as usize, share.by_target.starts[row + 1] as usize);
                if let Some(delay) = only {
                    let of = |place: usize| share.delay(share.by_target.source[place], share.by_target.synapse[place]);
                    (from, to) = part_of(from..to, delay, of);
                }
                let mut at = from;
                while at < to {
                    let count = (T::BLOCK - room.count).min(to - at);
                    let (numbers, sources) = (&share.by_target.synapse[at..at + count], &share.by_target.source[at..at + count]);
                    room.extend_by_target(numbers, sources, *neuron, pass.asked);
                    at += count;
                    if room.count == T::BLOCK {
                        finite &= self.block(now, share, (k, pass), &mut room, parts);
                    }
                }
            } else {
                let (mut from, mut to) = (share.starts[*neuron as usize] as usize, share.starts[*neuron as usize + 1] as usize);
                let sorted = only.filter(|_| !share.by_delay.is_empty());
                if let Some(delay) = sorted {
                    let of = |place: usize| share.delay(*neuron, share.by_delay[place]);
                    (from, to) = part_of(from..to, delay, of);
                }
                let mut row = std::mem::take(&mut room.row);
                let words = share.edges.row(*neuron, &mut row);
                let low = share.lows.get(*neuron as usize).map_or(0, |low| *low as usize);
                let begin = share.starts[*neuron as usize] as usize;
                let mask = ((1u64 << share.edges.target_bits()) - 1) as u32;
                let mut at = from;
                while at < to {
                    let count = (T::BLOCK - room.count).min(to - at);
                    if sorted.is_some() {
                        let chosen = &share.by_delay[at..at + count];
                        let targets = chosen.iter().map(|k| words.words[low + *k as usize - begin] & mask);
                        room.extend_by_source(chosen, *neuron, targets, pass.asked);
                    } else {
                        let targets = words.words[low + at - begin..][..count].iter().map(|word| word & mask);
                        room.extend_by_row(at, count, *neuron, targets, pass.asked);
                    }
                    at += count;
                    if room.count == T::BLOCK {
                        finite &= self.block(now, share, (k, pass), &mut room, parts);
                    }
                }
                room.row = row;
            }
        }
        if room.count > 0 {
            finite &= self.block(now, share, (k, pass), &mut room, parts);
        }
        room.rows = rows;
        self.room = room;
        finite
    }

    /// Runs the lines of a pass on the synapses of a block, each met once.
    fn block(
        &mut self,
        now: &Now<'_, T>,
        share: &LearnShare,
        (k, pass): (usize, &PassShare),
        room: &mut Room<T>,
        parts: &mut [Part<T>],
    ) -> bool {
        let count = room.count;
        let mut table = std::mem::take(&mut self.tables[k]);
        for state in &pass.loads {
            let (from, to) = (&self.states[*state as usize], &mut table.states[*state as usize]);
            if room.spans.is_empty() {
                to.iter_mut().zip(&room.synapse).for_each(|(x, s)| *x = from[*s as usize]);
            }
            let mut at = 0;
            for (first, count) in &room.spans {
                to[at..at + count].copy_from_slice(&from[*first..first + count]);
                at += count;
            }
        }
        for (place, source) in pass.columns().iter().enumerate() {
            let mut column = std::mem::take(&mut table.read_only[place]);
            self.column(now, parts, (k, place), *source, room, &mut column[..count]);
            table.read_only[place] = column;
        }
        let draws = Draws { arch: now.arch, key: self.key, step: now.step, share, room };
        block::run(now.arch, &mut table, &pass.program, &draws, 0, count);
        let mut finite = true;
        let mut spare = std::mem::take(&mut room.values);
        for (total, result) in pass.sums.iter().zip(&pass.program.results) {
            let sums = &mut self.totals[*total as usize];
            for (term, target) in table.each(*result, 0, count, &mut spare).iter().zip(&room.ends[1]) {
                let sum = &mut sums[(*target - share.targets.start) as usize];
                *sum = *sum + *term;
            }
        }
        let (states, sends) = pass.program.results.split_at(pass.writes.len());
        for (state, result) in pass.writes.iter().zip(states) {
            let values = table.each(*result, 0, count, &mut spare);
            finite &= now.arch.dispatch(Finite(values));
            let to = &mut self.states[*state as usize];
            if room.spans.is_empty() {
                room.synapse.iter().zip(values).for_each(|(s, x)| to[*s as usize] = *x);
            }
            let mut at = 0;
            for (first, count) in &room.spans {
                to[*first..first + count].copy_from_slice(&values[at..at + count]);
                at += count;
            }
        }
        if pass.touches {
            let time = (now.step + 1) as u32;
            if room.spans.is_empty() {
                room.synapse.iter().for_each(|s| self.touched[*s as usize] = time);
            }
            room.spans.iter().for_each(|(first, count)| self.touched[*first..first + count].fill(time));
        }
        for ((port, units), result) in pass.sends.iter().zip(sends) {
            let values = table.each(*result, 0, count, &mut spare);
            room.sums.resize(T::BLOCK, T::Sum::default());
            finite &= now.arch.dispatch(ToSums(values, *units, &mut room.sums[..count]));
            share.send(now, pass, *port, room, &mut parts[share.group]);
        }
        self.tables[k] = table;
        room.values = spare;
        room.clear();
        finite
    }

    /// What a program reads besides states, for the synapses of a block.
    fn column(
        &self,
        now: &Now<'_, T>,
        parts: &[Part<T>],
        (k, place): (usize, usize),
        source: ColumnSource,
        room: &Room<T>,
        out: &mut [T],
    ) {
        let share = &*self.share;
        let learning = &now.plan.learning[share.number];
        match source {
            ColumnSource::Param(param) => match (self.own[k][place], &learning.params[param as usize]) {
                (Some(x), _) => out.fill(x),
                (None, EdgeColumn::Shared(x)) => out.fill(T::from_f64(*x)),
                (None, column @ (EdgeColumn::PerEdge(_) | EdgeColumn::Drawn(_))) => {
                    for ((x, s), source) in out.iter_mut().zip(&room.synapse).zip(&room.ends[0]) {
                        *x = T::from_f64(column.get(share.number_of(*source, *s) as usize));
                    }
                }
            },
            ColumnSource::End(end) => {
                let end = learning.synapse.ends[end as usize];
                let side = usize::from(end.post);
                if let EndValue::Param(param) = end.value {
                    let given = &now.plan.columns(now.instance, share.groups[side]).params[param as usize];
                    let first = share.first_in_group[side];
                    out.iter_mut().zip(&room.ends[side]).for_each(|(x, n)| *x = T::from_f64(given.get((first + n) as usize)));
                }
            }
            ColumnSource::Held(read) => match learning.reads[read as usize] {
                Reading::Synapse => {
                    let last = match learning.rule.reads[read as usize] {
                        Read::Total(total) => {
                            let sums = &self.totals[total as usize];
                            let targets = room.ends[1].iter().map(|n| (*n - share.targets.start) as usize);
                            out.iter_mut().zip(targets).for_each(|(x, n)| *x = sums[n]);
                            return;
                        }
                        Read::ElapsedBefore => now.step,
                        Read::Elapsed | Read::End { .. } | Read::Modulator { .. } => now.step + 1,
                    };
                    let time = last as u32;
                    for (x, s) in out.iter_mut().zip(&room.synapse) {
                        let steps = time.wrapping_sub(self.touched[*s as usize]);
                        *x = T::from_f64(f64::from(steps) * share.dt);
                    }
                }
                Reading::Input { drive, each } => {
                    let factor = T::from_f64(now.plan.drive_factor(now.instance, drive));
                    let Wave::External { first, scale } = now.plan.drives[drive].wave else { return };
                    let value = |place: usize| T::from_f64(now.external[first + place] * scale) * factor;
                    if each {
                        out.iter_mut().zip(&room.ends[1]).for_each(|(x, n)| *x = value(*n as usize));
                    } else {
                        out.fill(value(0));
                    }
                }
                Reading::Neuron(read) => {
                    let (place, side) = (now.plan.place(learning.population(read.of)), usize::from(read.of != Whose::Source));
                    let (group, first) = (place.group, place.first_row);
                    let Some(column) = now.trail.place(group, read.column) else { return };
                    let back = match (read.lag, share.edges.shared_delay()) {
                        (Lag::Now, _) => 0,
                        (Lag::Before, _) => 1,
                        (Lag::Delay, Some(delay)) => delay,
                        (Lag::DelayBefore, Some(delay)) => delay + 1,
                        (Lag::Delay | Lag::DelayBefore, None) => {
                            let more = u32::from(read.lag == Lag::DelayBefore);
                            for (((x, s), source), n) in out.iter_mut().zip(&room.synapse).zip(&room.ends[0]).zip(&room.ends[side])
                            {
                                let back = share.delay(*source, *s) + more;
                                *x = now.trail.back(parts, column, now.step, back)[(first + n) as usize];
                            }
                            return;
                        }
                    };
                    let values = &now.trail.back(parts, column, now.step, back)[first as usize..];
                    if let Whose::Third { each: false, .. } = read.of {
                        return out.fill(values[0]);
                    }
                    out.iter_mut().zip(&room.ends[side]).for_each(|(x, n)| *x = values[*n as usize]);
                }
            },
            // rules of synapses have no derived numbers
            ColumnSource::Derived(_) => out.fill(T::ZERO),
        }
    }
}

impl LearnShare {
    /// Adds what the synapses of a block send to a ring.
    fn send<T: Real>(&self, now: &Now<'_, T>, pass: &PassShare, port: usize, room: &Room<T>, part: &mut Part<T>) {
        let (rows, slots) = (part.share.rows, part.share.slots);
        let ring = &mut part.rings[port];
        // where the delay lies before the synapse it is over
        let arrives = now.step + 1;
        let each = room.ends[1].iter().zip(&room.sums);
        let row_of = |target: u32| (i64::from(target) + self.offset) as usize;
        let delay = if pass.delayed { Some(0) } else { self.edges.shared_delay() };
        if let Some(delay) = delay {
            let ring = &mut ring[((arrives + u64::from(delay)) % slots) as usize * rows..][..rows];
            each.for_each(|(target, sum)| add::<T>(&mut ring[row_of(*target)], *sum));
        } else {
            for ((target, sum), (synapse, source)) in each.zip(room.synapse.iter().zip(&room.ends[0])) {
                let slot = (arrives + u64::from(self.delay(*source, *synapse))) % slots;
                add::<T>(&mut ring[slot as usize * rows + row_of(*target)], *sum);
            }
        }
    }
}

#[inline(always)]
fn add<T: Real>(cell: &mut T::Sum, sum: T::Sum) {
    *cell = T::add_sum(*cell, sum);
}

/// Where those with a delay stand in a row that is sorted by delays.
fn part_of(row: std::ops::Range<usize>, delay: u32, of: impl Fn(usize) -> u32) -> (usize, usize) {
    let before = |most: u32| {
        let (mut low, mut high) = (row.start, row.end);
        while low < high {
            let middle = low + (high - low) / 2;
            if of(middle) < most {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    };
    (before(delay), before(delay + 1))
}

/// Are all of these finite?
struct Finite<'a, T>(&'a [T]);

impl<T: Real> NullaryFnOnce for Finite<'_, T> {
    type Output = bool;

    #[inline(always)]
    fn call(self) -> bool {
        all_finite(self.0)
    }
}

/// What is sent as a ring sums it. Are all of these finite?
struct ToSums<'a, T: Real>(&'a [T], Units, &'a mut [T::Sum]);

impl<T: Real> NullaryFnOnce for ToSums<'_, T> {
    type Output = bool;

    #[inline(always)]
    fn call(self) -> bool {
        T::values_to_sums(self.0, self.1, self.2);
        all_finite(self.0)
    }
}

/// Draws of the synapses of a block.
struct Draws<'a, T: Real> {
    arch: Arch,
    key: Key,
    step: u64,
    share: &'a LearnShare,
    room: &'a Room<T>,
}

impl<T: Real> Source<T> for Draws<'_, T> {
    fn arrived(&self, _: usize, _: usize, out: &mut [T]) {
        out.fill(T::ZERO);
    }

    fn uniform(&self, draw: u32, first: usize, out: &mut [T]) {
        let Some(tag) = self.share.streams.get(draw as usize) else { return out.fill(T::ZERO) };
        let number = |place: usize| self.share.number_of(self.room.ends[0][place], self.room.synapse[place]) as u32;
        for side in (0..out.len()).step_by(SIDE) {
            let places = first + side..first + out.len();
            let words = self.key.rows(self.arch, *tag, places.map(number), self.step, 0);
            out[side..].iter_mut().take(SIDE).enumerate().for_each(|(k, x)| *x = T::from_f64(f64::from(uniform_f32(words[0][k]))));
        }
    }
}
