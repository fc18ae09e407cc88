//! A step of the edges of a projection, and their states one by one.

use std::marker::PhantomData;

use pulp::{Arch, Simd, WithSimd};

use super::{Edges, OwnShare, Sources, Sums};
use crate::engine::cpu::block::Source;
use crate::engine::cpu::ends::Exports;
use crate::engine::cpu::fused;
use crate::engine::cpu::history::{History, Then};
use crate::engine::cpu::lanes::{Lanes, NONE, Numbers, WIDEST};
use crate::engine::cpu::part::{Part, lend};
use crate::engine::cpu::real::{Real, Terms, truth};
use crate::plan::Plan;

impl<T: Real> Edges<T> {
    /// One step of these edges; what flows is added to the inputs of the worker's rows. `before`: those that the worker stepped
    /// before them. Are the states finite that may be finite again after the next one? A place where no edge stands may answer no.
    #[allow(clippy::too_many_arguments, reason = "a step, what it reads, and where it works")]
    pub fn step(
        &mut self,
        before: &[Edges<T>],
        arch: Arch,
        exports: &Exports<T>,
        history: &History,
        step: u64,
        parts: &mut [Part<T>],
        registers: &mut Vec<Vec<T>>,
    ) -> bool {
        if matches!(self.share.sums, Sums::Total(_)) {
            return self.step_total(before, arch, exports, history, step, parts, registers);
        }
        let mut finite = self.step_sources(arch, exports, history, step, parts, registers);
        let Edges { share, shared, own, .. } = self;
        let sources = &share.sources;
        let spikes = Spikes::new(history, step, sources);
        if let Sums::Own(rows) = &share.sums {
            rows.stage.begin(own, exports, parts, step as f64 * parts[share.group].held.dt());
        }
        let held = &mut parts[share.group].held;
        match &share.sums {
            // above
            Sums::Total(_) => {}
            Sums::Sources { lanes, sources, copies } => {
                for (input, numbers) in share.inputs.iter().zip(shared.iter()) {
                    let (sums, terms) = held.graded(*input);
                    let (places, numbers) = (0..lanes.places, OfSources { numbers, sources });
                    arch.dispatch(Add { lanes, slice: 0, places, numbers, sums, terms, of: PhantomData });
                    copies.iter().for_each(|(row, other)| sums[*row as usize] = sums[*other as usize]);
                }
            }
            Sums::Own(rows) => {
                lend(own, registers, rows.stage.program.needed(), T::BLOCK);
                let delivered = Delivered { spikes, rows, shared };
                let mut spare = Vec::new();
                for turn in 0..share.turns {
                    let last = turn + 1 == share.turns;
                    let mut slice = 0;
                    blocks::<T>(rows.lanes.places, |first, count| {
                        fused::run(arch, own, &rows.stage.program, &delivered, first, count);
                        let mut next = slice;
                        for (k, result) in rows.stage.results().iter().enumerate() {
                            if share.inputs[..k].iter().filter(|i| **i == share.inputs[k]).count() != turn {
                                continue;
                            }
                            let list = own.each(*result, first, count, &mut spare);
                            let (sums, terms) = held.graded(share.inputs[k]);
                            let (lanes, places, numbers) = (&rows.lanes, first..first + count, Block { first, list });
                            next = arch.dispatch(Add { lanes, slice, places, numbers, sums, terms, of: PhantomData });
                        }
                        slice = next;
                        if last {
                            finite &= rows.stage.advance(own, first, count);
                        }
                    });
                }
                std::mem::swap(&mut own.registers, registers);
                for input in &share.inputs {
                    let (sums, _) = held.graded(*input);
                    rows.copies.iter().for_each(|(row, other)| sums[*row as usize] = sums[*other as usize]);
                }
            }
        }
        finite
    }

    /// Place of a projection among the members.
    fn place_of(&self, gathered: usize) -> Option<usize> {
        self.share.members.iter().position(|g| *g == gathered)
    }

    /// Sources of a projection that have a synapse here: place among the sources, synapses in the plan.
    fn rows_of<'a>(&'a self, plan: &'a Plan, gathered: usize) -> impl Iterator<Item = (usize, std::ops::Range<usize>)> + 'a {
        let projection = &plan.gathered[gathered];
        let (first, edges) = (plan.first_row(projection.source), &projection.edges);
        self.share.sources.rows.iter().enumerate().filter_map(move |(place, row)| {
            let neuron = row.checked_sub(first).filter(|neuron| *neuron < edges.sources())?;
            let span = edges.span(neuron);
            Some((place, span.start as usize..span.end as usize))
        })
    }

    /// Synapses of a projection with rows of their own: place, number in the plan.
    fn own_of<'a>(rows: &'a OwnShare<T>, member: usize) -> impl Iterator<Item = (usize, usize)> + 'a {
        let all = rows.numbers.iter().enumerate().filter(|(_, number)| **number != NONE);
        all.filter(move |(place, _)| rows.member(*place) == member).map(|(place, number)| (place, *number as usize))
    }

    /// Calls with each of this worker's synapses of a projection, by number in the plan, and its state.
    pub fn each_state(&self, plan: &Plan, gathered: usize, state: usize, mut call: impl FnMut(usize, T)) {
        let Some(member) = self.place_of(gathered) else { return };
        if self.share.folded[state] {
            let column = &self.by_source.states[state];
            self.rows_of(plan, gathered).for_each(|(place, edges)| edges.for_each(|edge| call(edge, column[place])));
        } else if let Sums::Own(rows) = &self.share.sums {
            let column = &self.own.states[state];
            Self::own_of(rows, member).for_each(|(place, edge)| call(edge, column[place]));
        }
    }

    /// Sets a state, given that of each synapse of a projection by number in the plan.
    pub fn set_state(&mut self, plan: &Plan, gathered: usize, state: usize, of: impl Fn(usize) -> f64) {
        let Some(member) = self.place_of(gathered) else { return };
        let share = self.share.clone();
        if share.folded[state] {
            let mut column = std::mem::take(&mut self.by_source.states[state]);
            let sources = self.rows_of(plan, gathered).filter(|(_, edges)| !edges.is_empty());
            sources.for_each(|(place, edges)| column[place] = T::from_f64(of(edges.start)));
            self.by_source.states[state] = column;
        } else if let Sums::Own(rows) = &share.sums {
            let column = &mut self.own.states[state];
            Self::own_of(rows, member).for_each(|(place, edge)| column[place] = T::from_f64(of(edge)));
        }
    }

    /// Can these states be kept here (`of` projection and number)? Not where the synapses of a source would share what is not the
    /// same.
    pub fn can_hold(&self, plan: &Plan, state: usize, of: impl Fn(usize, usize) -> f64) -> bool {
        if !self.share.folded[state] {
            return true;
        }
        let mut known: Vec<Option<u64>> = vec![None; self.share.sources.rows.len()];
        self.share.members.iter().all(|gathered| {
            self.rows_of(plan, *gathered).all(|(place, mut edges)| {
                let same = |edge: usize| {
                    let bits = of(*gathered, edge).to_bits();
                    *known[place].get_or_insert(bits) == bits
                };
                edges.all(same)
            })
        })
    }

    /// All states, by source and by edge.
    pub fn states(&self) -> [&Vec<Vec<T>>; 2] {
        [&self.by_source.states, &self.own.states]
    }

    pub fn states_mut(&mut self) -> [&mut Vec<Vec<T>>; 2] {
        [&mut self.by_source.states, &mut self.own.states]
    }
}

pub fn blocks<T: Real>(rows: usize, mut run: impl FnMut(usize, usize)) {
    (0..rows).step_by(T::BLOCK).for_each(|first| run(first, T::BLOCK.min(rows - first)));
}

/// Sums in the widest instruction set at hand.
struct Add<'a, T, N> {
    lanes: &'a Lanes,
    slice: usize,
    places: std::ops::Range<usize>,
    numbers: N,
    sums: &'a mut [f64],
    terms: &'a mut [Terms],
    of: PhantomData<T>,
}

impl<T: Real, N: Numbers<T>> WithSimd for Add<'_, T, N> {
    type Output = usize;

    #[inline(always)]
    fn with_simd<A: Simd>(self, _: A) -> usize {
        self.lanes.add(self.slice, self.places, &self.numbers, self.sums, self.terms)
    }
}

/// Numbers of the sources of what stands at a place.
struct OfSources<'a, T> {
    numbers: &'a [T],
    sources: &'a [u32],
}

impl<T: Real> Numbers<T> for OfSources<'_, T> {
    #[inline(always)]
    fn at(&self, place: usize) -> T {
        self.numbers[self.sources[place] as usize]
    }
    #[inline(always)]
    fn side_by_side<const WIDTH: usize>(&self, place: usize) -> [T; WIDTH] {
        let mut out = [T::ZERO; WIDTH];
        out.iter_mut().zip(&self.sources[place..place + WIDTH]).for_each(|(x, s)| *x = self.numbers[*s as usize]);
        out
    }
}

/// Numbers of a block of places.
struct Block<'a, T> {
    first: usize,
    list: &'a [T],
}

impl<T: Real> Numbers<T> for Block<'_, T> {
    #[inline(always)]
    fn at(&self, place: usize) -> T {
        self.list[place - self.first]
    }
    #[inline(always)]
    fn side_by_side<const WIDTH: usize>(&self, place: usize) -> [T; WIDTH] {
        let mut out = [T::ZERO; WIDTH];
        out.copy_from_slice(&self.list[place - self.first..][..WIDTH]);
        out
    }
}

/// What the program of sources asks besides columns: whether a spike of theirs arrives.
#[derive(Clone, Copy)]
pub struct Spikes<'a> {
    history: &'a History,
    step: u64,
    rows: &'a [u32],
    /// Those that arrive now, where synapses share their delay; `None`: none does.
    now: Option<Then<'a>>,
}

impl<'a> Spikes<'a> {
    pub fn new<T>(history: &'a History, step: u64, sources: &'a Sources<T>) -> Spikes<'a> {
        let now = if history.is_used() { history.then(step, sources.delay) } else { None };
        Spikes { history, step, rows: &sources.rows, now }
    }
}

impl<T: Real> Source<T> for Spikes<'_> {
    #[inline(always)]
    fn arrived(&self, _: usize, first: usize, out: &mut [T]) {
        let rows = &self.rows[first..first + out.len()];
        match self.now {
            None => out.fill(T::ZERO),
            Some(now) => out.iter_mut().zip(rows).for_each(|(x, row)| *x = truth(now.spiked(*row))),
        }
    }
}

/// What the program of edges asks besides columns: numbers of their sources, and whether a spike arrives where each has a delay
/// of its own.
struct Delivered<'a, T: Real> {
    spikes: Spikes<'a>,
    rows: &'a OwnShare<T>,
    shared: &'a [Vec<T>],
}

impl<T: Real> Source<T> for Delivered<'_, T> {
    #[inline(always)]
    fn arrived(&self, port: usize, first: usize, out: &mut [T]) {
        let sources = &self.rows.sources[first..first + out.len()];
        match port.checked_sub(1) {
            Some(k) => {
                let numbers = &self.shared[k];
                let mut common = self.rows.common[first / WIDEST..].iter();
                for (out, sources) in out.chunks_mut(WIDEST).zip(sources.chunks(WIDEST)) {
                    // blocks of numbers with bounds begin anywhere
                    match common.next().filter(|s| **s != NONE && !T::BOUNDED) {
                        Some(source) => out.fill(numbers[*source as usize]),
                        None => out.iter_mut().zip(sources).for_each(|(x, s)| *x = numbers[*s as usize]),
                    }
                }
            }
            None => {
                let Spikes { history, step, rows, now } = self.spikes;
                let delays = &self.rows.delays;
                match now {
                    _ if !delays.is_empty() => {
                        let places = out.iter_mut().zip(sources).zip(&delays[first..]);
                        places.for_each(|((x, s), delay)| *x = truth(history.spiked(step, u32::from(*delay), rows[*s as usize])));
                    }
                    None => out.fill(T::ZERO),
                    Some(now) => out.iter_mut().zip(sources).for_each(|(x, s)| *x = truth(now.spiked(rows[*s as usize]))),
                }
            }
        }
    }
}
