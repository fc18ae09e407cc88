//! Synapses that learn, as far as they end in a worker's rows.
//!
//! In: the spikes of a step and of those that a delay looks back to. Out: states of synapses, sums in delay rings. A worker has all
//! synapses that end in its rows, so that nobody else writes them; in each pass (`EventRule`) a synapse is met once at most, so that
//! the order among synapses means nothing to their states, and sums of f64 have the order of sources. A step without spikes costs
//! nothing, but what runs over all synapses at an interval or in every step. Not here: traces, which are states of neurons, and what they were (`trail`).

use std::ops::Range;
use std::sync::Arc;

use super::operation::{ColumnSource, Operation, Program};
use super::part::PartShare;
use super::program::lower;
use super::real::Real;
use super::roots::{Roots, Shape};
use crate::model::rule::{NoValue, Node, NodeId, Occasion, Pass, Read};
use crate::plan::fixed_point::{Units, scale_of};
use crate::plan::{Connectivity, Learning, Plan, Reading, RowBuffer, Whose};
use crate::random::Stream;

mod room;
mod state;
mod step;

use room::Asked;
pub use state::Learned;
pub use step::Now;

/// The synapses of one projection that end in a worker's rows, in any instance.
pub struct LearnShare {
    /// Place in [`Plan::learning`].
    pub number: usize,
    /// Of the targets.
    group: usize,
    /// Row of the part of target 0 (may be before the part).
    offset: i64,
    /// Rows of the two populations in the space of all groups, and in their groups; source, then target.
    first: [u32; 2],
    first_in_group: [u32; 2],
    groups: [usize; 2],
    sources: u32,
    /// Targets that lie in the part.
    targets: Range<u32>,
    edges: Arc<Connectivity>,
    /// By source: number here of its first synapse; one more at the end.
    starts: Vec<u32>,
    /// By source: how many synapses of its row end before the part; empty: none do.
    lows: Vec<u32>,
    /// In the order of sources, then delays: numbers here; empty: a source's synapses are met at once.
    by_delay: Vec<u32>,
    by_target: ByTarget,
    passes: Vec<PassShare>,
    /// Draws are keyed by this.
    streams: Vec<u32>,
    dt: f64,
}

/// The same synapses in the order of targets, then delays where they act behind one, then sources.
#[derive(Default)]
struct ByTarget {
    /// By target of the part; one more at the end.
    starts: Vec<u32>,
    synapse: Vec<u32>,
    source: Vec<u32>,
}

/// One pass, lowered.
struct PassShare {
    occasion: Occasion,
    early: bool,
    /// Does it run on spikes of so many steps before, as a synapse's delay has?
    delayed: bool,
    touches: bool,
    /// What it reads of the synapses of a block.
    asked: Asked,
    program: Program,
    /// States that it reads or writes.
    loads: Vec<u32>,
    /// Sums that the first results are terms of, by number; then nothing is written.
    sums: Vec<u32>,
    /// States that the first results are.
    writes: Vec<u32>,
    /// The results behind them: port, ring units in one weight unit.
    sends: Vec<(usize, Units)>,
}

/// Synapses of one source.
#[derive(Default)]
struct Row {
    /// All of them, by number in the plan.
    numbers: Range<u64>,
    /// Those here.
    here: Range<usize>,
    /// The number in the plan of the first of these.
    first: u64,
}

impl Row {
    /// The number here of a synapse of the plan.
    fn here(&self, edge: u64) -> Option<usize> {
        let place = usize::try_from(edge.checked_sub(self.first)?).ok()? + self.here.start;
        self.here.contains(&place).then_some(place)
    }
}

impl LearnShare {
    /// All of a worker. `None` in no place: projections without a synapse here are left out.
    ///
    /// **Errors** a leaf of a rule that no synapse has.
    pub fn all<T: Real>(plan: &Plan, parts: &[Arc<PartShare<T>>]) -> Result<Vec<Arc<LearnShare>>, NoValue> {
        let made = (0..plan.learning.len()).filter_map(|number| LearnShare::new(plan, number, parts).transpose());
        made.map(|share| share.map(Arc::new)).collect()
    }

    fn new<T: Real>(plan: &Plan, number: usize, parts: &[Arc<PartShare<T>>]) -> Result<Option<LearnShare>, NoValue> {
        let learning = &plan.learning[number];
        let place = plan.place(learning.target);
        let part = &parts[place.group];
        let (offset, Range { start: low, end: high }) = part.targets(place);
        let edges = learning.edges.clone();
        if low >= high || edges.is_empty() {
            return Ok(None);
        }
        let whole = low == 0 && high == place.size;
        let (mut starts, mut lows) = (vec![0u32], Vec::new());
        edges.rows(|_, row| {
            let (from, to) = if whole { (0, row.len()) } else { (row.before(low), row.before(high)) };
            // fewer than 2^32 in all, which the plan has made sure of
            starts.push(starts[starts.len() - 1] + (to - from) as u32);
            if !whole {
                lows.push(from as u32);
            }
        });
        let mut passes = Vec::new();
        for pass in &learning.rule.passes {
            // what a sum is of must be there before the lines change it
            if !pass.totals.is_empty() {
                let terms: Vec<NodeId> = pass.totals.iter().map(|(_, root)| *root).collect();
                let sums = pass.totals.iter().map(|(total, _)| *total).collect();
                passes.push(PassShare {
                    sums,
                    writes: Vec::new(),
                    sends: Vec::new(),
                    touches: false,
                    ..pass_share(plan, learning, pass, &terms)?
                });
            }
            let results: Vec<NodeId> = pass.next.iter().chain(&pass.sends).map(|(_, root)| *root).collect();
            passes.push(pass_share(plan, learning, pass, &results)?);
        }
        let ids = [learning.source, learning.target];
        let mut share = LearnShare {
            number,
            group: place.group,
            offset,
            first: ids.map(|id| plan.first_row(id)),
            first_in_group: ids.map(|id| plan.place(id).first_row),
            groups: ids.map(|id| plan.place(id).group),
            sources: plan.place(learning.source).size,
            targets: low..high,
            edges,
            starts,
            lows,
            by_delay: Vec::new(),
            by_target: ByTarget::default(),
            streams: Vec::new(),
            dt: plan.dt,
            passes,
        };
        let draws = learning.rule.graph.nodes().iter().filter_map(|n| match n {
            Node::Uniform(k) => Some(k + 1),
            _ => None,
        });
        let stream = |place: u32| Stream::Synapse { projection: number as u32, place }.tag();
        // the plan has refused those that no stream has
        share.streams = (0..draws.max().unwrap_or(0)).filter_map(|k| stream(k).ok()).collect();
        if share.passes.iter().any(PassShare::is_post) {
            let by_delay = share.edges.shared_delay().is_none() && share.passes.iter().any(|p| p.is_post() && p.delayed);
            share.by_target = share.transposed(by_delay);
        }
        if share.edges.shared_delay().is_none() && share.passes.iter().any(|p| !p.is_post() && p.delayed) {
            share.by_delay = share.sorted_by_delay();
        }
        Ok(Some(share))
    }

    /// Synapses here.
    pub fn count(&self) -> usize {
        self.starts.last().map_or(0, |n| *n as usize)
    }

    /// The number in the plan of the first synapse here of a source.
    fn first_number(&self, source: u32) -> u64 {
        self.edges.first(source) + u64::from(self.lows.get(source as usize).copied().unwrap_or(0))
    }

    /// The number in the plan of a synapse here.
    fn number_of(&self, source: u32, synapse: u32) -> u64 {
        self.first_number(source) + u64::from(synapse - self.starts[source as usize])
    }

    /// The synapses of the source of a synapse of the plan.
    fn row_of(&self, edge: u64) -> Row {
        let source = self.edges.source_of(edge);
        let here = self.starts[source as usize] as usize..self.starts[source as usize + 1] as usize;
        Row { numbers: self.edges.first(source)..self.edges.first(source + 1), here, first: self.first_number(source) }
    }

    /// Calls with each source that has synapses here: number here of the first, in the plan, how many.
    pub fn spans(&self, mut call: impl FnMut(u32, Range<usize>, u64)) {
        for source in 0..self.sources {
            let here = self.starts[source as usize] as usize..self.starts[source as usize + 1] as usize;
            if !here.is_empty() {
                call(source, here, self.first_number(source));
            }
        }
    }

    /// A stable counting sort.
    fn transposed(&self, by_delay: bool) -> ByTarget {
        let count = self.count();
        let mut starts = vec![0u32; self.targets.len() + 1];
        let mut buffer = RowBuffer::default();
        let mut each = |call: &mut dyn FnMut(u32, u32, usize)| {
            for source in 0..self.sources {
                let row = self.edges.row(source, &mut buffer);
                let low = self.lows.get(source as usize).map_or(0, |low| *low as usize);
                let (from, to) = (self.starts[source as usize], self.starts[source as usize + 1]);
                let targets = row.targets().skip(low).take((to - from) as usize);
                targets.zip(from..to).for_each(|(t, k)| call(k, source, (t - self.targets.start) as usize));
            }
        };
        each(&mut |_, _, t| starts[t + 1] += 1);
        for t in 1..starts.len() {
            starts[t] += starts[t - 1];
        }
        let mut next = starts.clone();
        let (mut synapse, mut source) = (vec![0u32; count], vec![0u32; count]);
        each(&mut |k, from, t| {
            let place = next[t] as usize;
            (synapse[place], source[place]) = (k, from);
            next[t] += 1;
        });
        if by_delay {
            for t in 0..self.targets.len() {
                let row = starts[t] as usize..starts[t + 1] as usize;
                let mut order: Vec<(u32, u32, u32)> =
                    row.clone().map(|place| (self.delay(source[place], synapse[place]), source[place], synapse[place])).collect();
                order.sort_by_key(|(delay, ..)| *delay);
                for (place, (_, from, k)) in row.zip(order) {
                    (synapse[place], source[place]) = (k, from);
                }
            }
        }
        ByTarget { starts, synapse, source }
    }

    fn sorted_by_delay(&self) -> Vec<u32> {
        let mut order: Vec<u32> = (0..self.count() as u32).collect();
        for source in 0..self.sources {
            let row = self.starts[source as usize] as usize..self.starts[source as usize + 1] as usize;
            order[row].sort_by_key(|k| self.delay(source, *k));
        }
        order
    }

    /// The delay of a synapse here, steps.
    fn delay(&self, source: u32, synapse: u32) -> u32 {
        self.edges.delay_of(self.number_of(source, synapse))
    }
}

/// A pass whose program works these out.
fn pass_share(plan: &Plan, learning: &Learning, pass: &Pass, results: &[NodeId]) -> Result<PassShare, NoValue> {
    let rule = &learning.rule;
    let param_varies: Vec<bool> = learning.params.iter().map(|p| !p.is_shared()).collect();
    let held_varies = vec![true; rule.reads.len()];
    let shape = Shape { param_varies: &param_varies, derived_varies: &[], held_varies: &held_varies };
    let roots = Roots { next: &[], watched: &[], spike: None, undefined: None, results };
    let program = lower(&rule.graph, &roots, &shape)?;
    let mut loads: Vec<u32> = results.iter().flat_map(|root| rule.graph.leaves(*root)).filter_map(state).collect();
    loads.sort_unstable();
    loads.dedup();
    let send = |(k, _): &(u32, _)| {
        let route = &plan.routes[learning.routes[*k as usize]];
        (route.port as usize, Units::new(scale_of(plan, route)))
    };
    Ok(PassShare {
        asked: asked(learning, pass, &program),
        occasion: pass.occasion,
        early: pass.early,
        delayed: rule.delayed(pass),
        touches: pass.touches,
        loads,
        sums: Vec::new(),
        writes: pass.next.iter().map(|(k, _)| *k).collect(),
        sends: pass.sends.iter().map(send).collect(),
        program,
    })
}

/// What a pass reads of the synapses of a block: what its columns and draws are found by, and where it sends.
fn asked(learning: &Learning, pass: &Pass, program: &Program) -> Asked {
    let (apart, draws) = (learning.edges.shared_delay().is_none(), program.operations.iter().any(is_draw));
    let mut asked = Asked { numbers: apart || draws, ends: [apart || draws, !pass.sends.is_empty() || !pass.totals.is_empty()] };
    for column in &program.columns {
        match column {
            ColumnSource::Param(_) => (asked.numbers, asked.ends[0]) = (true, true),
            ColumnSource::End(end) => asked.ends[usize::from(learning.synapse.ends[*end as usize].post)] = true,
            ColumnSource::Held(read) => match learning.reads[*read as usize] {
                Reading::Synapse if matches!(learning.rule.reads[*read as usize], Read::Total(_)) => asked.ends[1] = true,
                Reading::Synapse => asked.numbers = true,
                Reading::Input { .. } => asked.ends[1] = true,
                Reading::Neuron(read) => asked.ends[usize::from(read.of != Whose::Source)] = true,
            },
            ColumnSource::Derived(_) => {}
        }
    }
    asked
}

fn is_draw(operation: &Operation) -> bool {
    matches!(operation, Operation::Uniform { .. } | Operation::Normal { .. })
}

fn state(node: Node) -> Option<u32> {
    match node {
        Node::State(k) => Some(k),
        _ => None,
    }
}

impl PassShare {
    fn is_post(&self) -> bool {
        self.occasion == Occasion::Post
    }

    /// What a column of its program is.
    fn columns(&self) -> &[ColumnSource] {
        &self.program.columns
    }
}
