//! Graded synapses and synapses with states of their own, gathered by their targets, and what flows added to the targets' inputs.
//!
//! What is the same for all synapses of a source is computed, and its states are kept, once per source (`split`): a row for
//! each. Where that is everything, targets sum numbers of sources, and targets that hear the same sources share one sum. What is
//! left is a row per synapse, block by block in an order in which many targets sum side by side (`lanes`).

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use super::block::{self, Columns};
use super::ends::{Between, EndValues, Ending, Exports};
use super::lanes::{Lanes, NONE, WIDEST};
use super::lasting::keeps;
use super::operation::{Operand, Program, Scalar};
use super::part::{Part, PartShare};
use super::program::lower;
use super::real::{Real, all_finite};
use super::roots::{Roots, Shape};
use super::split::{Own, Reach, Split};
use crate::model::rule::{Graph, NoValue, Node, NodeId};
use crate::plan::{Bundle, EdgeColumn, Plan};

mod step;

/// The synapses of one bundle that end in a worker's rows, in any instance.
pub struct EdgeShare<T: Real> {
    /// Numbers of [`Plan::gathered`].
    pub members: Vec<usize>,
    /// Of the targets.
    group: usize,
    inputs: Vec<u32>,
    /// Turns of the own part: in each, results of different inputs are summed.
    turns: usize,
    /// By state: is it kept by source?
    folded: Vec<bool>,
    sources: Sources<T>,
    sums: Sums<T>,
}

/// Sources that have a synapse here.
struct Sources<T> {
    /// Rows in the space of all groups, ascending.
    rows: Vec<u32>,
    /// Steps, of synapses that share theirs.
    delay: u32,
    stage: Stage<T>,
}

/// One of the two programs of a rule.
struct Stage<T> {
    program: Program,
    /// By place in [`Program::columns`].
    ends: Vec<EndValues<T>>,
    /// The states that it keeps, and where the program leaves their next values. Behind them in [`Program::results`]: the results.
    states: Vec<u32>,
    /// Those of them that may have been infinite and be finite again: they are looked at in every step.
    fleeting: Vec<usize>,
}

/// What targets sum.
enum Sums<T> {
    /// Numbers of sources, by place the source; (row, row of another target with the same sources).
    Sources {
        lanes: Lanes,
        sources: Vec<u32>,
        copies: Vec<(u32, u32)>,
    },
    Own(Box<OwnShare<T>>),
}

/// A row per synapse, by place in the lanes.
struct OwnShare<T> {
    lanes: Lanes,
    stage: Stage<T>,
    /// Place among the sources.
    sources: Vec<u32>,
    /// The same for as many places side by side as there may be, where all of them are of one source; else [`NONE`].
    common: Vec<u32>,
    /// Number among the synapses of its projection; [`NONE`]: none stands there.
    numbers: Vec<u32>,
    /// Place of its projection among the members; empty: there is one.
    members: Vec<u32>,
    /// In steps; empty: the same for all.
    delays: Vec<u16>,
}

/// The same in one instance.
pub struct Edges<T: Real> {
    pub share: Arc<EdgeShare<T>>,
    by_source: Columns<T>,
    /// Shared numbers, by source.
    shared: Vec<Vec<T>>,
    own: Columns<T>,
}

/// A bundle as its synapses see it.
struct Wiring<'a> {
    between: Between<'a>,
    /// Steps, where all share it.
    delay: Option<u32>,
    /// By parameter: does it vary from synapse to synapse?
    varies: Vec<bool>,
    graph: &'a Graph,
    next: &'a [NodeId],
    results: &'a [NodeId],
    /// By state: may it be kept by source?
    foldable: Vec<bool>,
}

impl<'a> Wiring<'a> {
    fn new(plan: &'a Plan, bundle: &'a Bundle, fold: bool) -> Wiring<'a> {
        let first = bundle.first(plan);
        Wiring {
            between: Between::new(plan, bundle),
            delay: bundle.delay(plan),
            varies: (0..first.params.len()).map(|k| !bundle.shared(plan, k)).collect(),
            graph: &first.rule.graph,
            next: &first.rule.next,
            results: &first.rule.graded,
            foldable: (0..first.rule.states.len()).map(|k| fold && bundle.begins_alike(plan, k)).collect(),
        }
    }

    fn split(&self) -> Split {
        let leaf = |node: Node| match node {
            Node::Param(k) if self.varies[k as usize] => Reach::Own,
            Node::End(k) if self.between.ends[k as usize].post => Reach::Own,
            Node::Arrived(_) if self.delay.is_none() => Reach::Own,
            Node::End(_) | Node::Arrived(_) => Reach::Source,
            _ => Reach::All,
        };
        Split::new(self.graph, self.next, self.results, &self.foldable, &leaf)
    }
}

impl<T: Real> EdgeShare<T> {
    /// All of a worker, in the order in which they are summed.
    /// `fold`: states that may be the same for all synapses of a source are kept by source.
    ///
    /// **Errors** a leaf of a rule that no synapse has.
    pub fn all(plan: &Plan, parts: &[Arc<PartShare<T>>], fold: bool) -> Result<Vec<Arc<EdgeShare<T>>>, NoValue> {
        let mut alike = Alike::default();
        let bundles = plan.bundles();
        let shares = bundles.iter().filter_map(|b| EdgeShare::new(plan, b, parts, fold, &mut alike).transpose());
        shares.map(|share| share.map(Arc::new)).collect()
    }

    /// `None`: no synapse ends here.
    fn new(
        plan: &Plan,
        bundle: &Bundle,
        parts: &[Arc<PartShare<T>>],
        fold: bool,
        alike: &mut Alike,
    ) -> Result<Option<EdgeShare<T>>, NoValue> {
        let wiring = Wiring::new(plan, bundle, fold);
        let group = wiring.between.target;
        let inputs = bundle.first(plan).synapse.inputs.clone();
        let Some(ending) = Ending::new(plan, bundle, &parts[group]) else { return Ok(None) };
        let split = wiring.split();
        let mut rows = ending.sources.clone();
        rows.sort_unstable();
        rows.dedup();
        let stage = Stage::by_source(&wiring, &split, &rows)?;
        // by row of the group from the first on, its place among the sources
        let low = rows.first().copied().unwrap_or(0);
        let mut place = vec![0; rows.last().map_or(0, |last| (last - low) as usize + 1)];
        rows.iter().zip(0..).for_each(|(row, k)| place[(row - low) as usize] = k);
        let of = |synapse: u32| place[(ending.sources[synapse as usize] - low) as usize];
        let base = plan.groups[wiring.between.source].base;
        let sums = match &split.own {
            None => Sums::of_sources::<T>(&ending, &of, group, &inputs, alike),
            Some(own) => {
                for (row, _) in &ending.targets {
                    alike.part(group, &inputs, *row);
                }
                Sums::Own(Box::new(OwnShare::new(&wiring, own, &split.folded, &ending, &of, parts)?))
            }
        };
        let sources = Sources { rows: rows.iter().map(|r| base + r).collect(), delay: wiring.delay.unwrap_or(1), stage };
        let before = |k: usize| inputs[..k].iter().filter(|i| **i == inputs[k]).count();
        let turns = (0..inputs.len()).map(|k| before(k) + 1).max().unwrap_or(0);
        Ok(Some(EdgeShare { members: bundle.members.clone(), group, inputs, turns, folded: split.folded, sources, sums }))
    }
}

impl<T: Real> Stage<T> {
    /// The states that are kept here are results too: a row's next ones are written over the old when it has been computed.
    fn new(
        wiring: &Wiring<'_>,
        graph: &Graph,
        next: &[NodeId],
        kept: impl Fn(usize) -> bool,
        results: &[NodeId],
        ends: impl Fn(&Program) -> Vec<EndValues<T>>,
    ) -> Result<Stage<T>, NoValue> {
        let changed = |k: &usize| kept(*k) && graph.node(next[*k]) != Node::State(*k as u32);
        let states: Vec<usize> = (0..next.len()).filter(changed).collect();
        let results: Vec<NodeId> = states.iter().map(|k| next[*k]).chain(results.iter().copied()).collect();
        // port 0 is a spike that arrives; those behind it are numbers of the source
        let ports = vec![true; graph.nodes.len() + 1];
        let shape = Shape { param_varies: &wiring.varies, derived_varies: &[], held_varies: &[], port_used: &ports };
        let roots = Roots { next: &[], watched: &[], spike: None, undefined: None, results: &results };
        let program = lower(graph, &roots, &shape)?;
        let fleeting = states.iter().copied().filter(|k| !keeps(graph, next[*k], *k)).collect();
        Ok(Stage { ends: ends(&program), program, states: states.into_iter().map(|k| k as u32).collect(), fleeting })
    }

    fn by_source(wiring: &Wiring<'_>, split: &Split, rows: &[u32]) -> Result<Stage<T>, NoValue> {
        let rows = |_: bool| rows.to_vec();
        let ends = |program: &Program| {
            let of = |source| wiring.between.values(source, &rows, &mut std::iter::empty());
            program.columns.iter().map(of).collect()
        };
        Stage::new(wiring, wiring.graph, wiring.next, |k| split.folded[k], &split.shared, ends)
    }

    /// Columns of an instance, states not filled.
    fn columns(&self, states: usize) -> Columns<T> {
        let read_only = self.ends.iter().map(EndValues::column).collect();
        Columns { states: vec![Vec::new(); states], read_only, ..Columns::default() }
    }

    /// `member`: of what stands at a place of a column, the number of its projection in the plan.
    fn take_parameters(&self, plan: &Plan, instance: u32, member: &dyn Fn(usize) -> usize, columns: &mut Columns<T>) {
        let value = |s: &Scalar| match s {
            Scalar::Constant(bits) => f64::from_bits(*bits),
            Scalar::Param(k) => plan.shared_param(instance, member(0), *k as usize).unwrap_or(f64::NAN),
            _ => 0.0,
        };
        columns.scalars = self.program.scalars.iter().map(|s| T::from_f64(value(s))).collect();
        block::compute(&mut columns.scalars, &self.program.fixed);
        for (column, end) in columns.read_only.iter_mut().zip(&self.ends) {
            end.take_parameters(plan, instance, member, column);
        }
    }

    /// Reads what changes from step to step.
    fn begin(&self, columns: &mut Columns<T>, exports: &Exports<T>, parts: &[Part<T>], time: f64) {
        for (k, _) in self.program.scalars.iter().enumerate().filter(|(_, s)| **s == Scalar::Time) {
            columns.scalars[k] = T::from_f64(time);
        }
        block::compute(&mut columns.scalars, &self.program.moving);
        for (column, end) in columns.read_only.iter_mut().zip(&self.ends) {
            end.read(exports, parts, column);
        }
    }

    /// Writes the next states of a block over the old ones. Are those finite that must be looked at?
    fn advance(&self, columns: &mut Columns<T>, first: usize, rows: usize) -> bool {
        // those that are other old states are read before any is written
        let old = |o: &Operand| matches!(o, Operand::State(_));
        let results = &self.program.results[..self.states.len()];
        let taken: Vec<Vec<T>> = results.iter().filter(|o| old(o)).map(|o| columns.list(*o, first, rows)).collect();
        let mut taken = taken.into_iter();
        for (state, result) in self.states.iter().zip(results) {
            let mut column = std::mem::take(&mut columns.states[*state as usize]);
            match if old(result) { taken.next() } else { None } {
                Some(list) => column[first..first + rows].copy_from_slice(&list),
                None => columns.copy(*result, first, &mut column[first..first + rows]),
            }
            columns.states[*state as usize] = column;
        }
        self.fleeting.iter().all(|k| all_finite(&columns.states[*k][first..first + rows]))
    }

    fn results(&self) -> &[Operand] {
        &self.program.results[self.states.len()..]
    }
}

/// Which rows have had the same numbers added to an input, in the same order, from projections before this one.
#[derive(Default)]
struct Alike {
    /// By group and input, then row: rows of one number are alike; those not named are alike too.
    classes: HashMap<(usize, u32), Vec<u32>>,
    /// The last class.
    last: u32,
}

impl Alike {
    fn class(&self, group: usize, input: u32, row: u32) -> u32 {
        self.classes.get(&(group, input)).and_then(|rows| rows.get(row as usize)).copied().unwrap_or(0)
    }

    /// A row becomes like no other; gives its class.
    fn part(&mut self, group: usize, inputs: &[u32], row: u32) -> u32 {
        self.last += 1;
        self.join(group, inputs, row, self.last);
        self.last
    }

    fn join(&mut self, group: usize, inputs: &[u32], row: u32, class: u32) {
        for input in inputs {
            let rows = self.classes.entry((group, *input)).or_default();
            rows.resize(rows.len().max(row as usize + 1), 0);
            rows[row as usize] = class;
        }
    }
}

/// A row, what it had heard, its class from now on, its sources.
type First<'a> = (u32, Vec<u32>, u32, &'a [u32]);

impl<T> Sums<T> {
    fn of_sources<R: Real>(
        ending: &Ending,
        place: &dyn Fn(u32) -> u32,
        group: usize,
        inputs: &[u32],
        alike: &mut Alike,
    ) -> Sums<T> {
        let (mut targets, mut copies, mut kept) = (Vec::new(), Vec::new(), Vec::new());
        // the first row that has heard and hears the same
        let mut firsts: HashMap<u64, First<'_>> = HashMap::new();
        let mut start = 0;
        for (row, edges) in &ending.targets {
            let list = &ending.sources[start..start + *edges as usize];
            let first_synapse = start as u32;
            start += *edges as usize;
            let heard: Vec<u32> = inputs.iter().map(|i| alike.class(group, *i, *row)).collect();
            let mut hasher = DefaultHasher::new();
            (&heard, list).hash(&mut hasher);
            let key = hasher.finish();
            // numbers with bounds count their terms too
            let first = firsts.get(&key).filter(|(_, before, _, sources)| !R::BOUNDED && *before == heard && *sources == list);
            if let Some((other, _, class, _)) = first {
                copies.push((*row, *other));
                alike.join(group, inputs, *row, *class);
                continue;
            }
            let class = alike.part(group, inputs, *row);
            firsts.insert(key, (*row, heard, class, list));
            targets.push((*row, *edges));
            kept.extend((first_synapse..first_synapse + edges).map(place));
        }
        let (lanes, at) = Lanes::new(&targets, widest::<R>());
        let sources = at.into_iter().map(|synapse| if synapse == NONE { 0 } else { kept[synapse as usize] }).collect();
        Sums::Sources { lanes, sources, copies }
    }
}

/// Targets side by side: no block may cut through them.
fn widest<T: Real>() -> usize {
    if T::BLOCK.is_multiple_of(WIDEST) { WIDEST } else { 1 }
}

impl<T: Real> OwnShare<T> {
    fn new(
        wiring: &Wiring<'_>,
        own: &Own,
        folded: &[bool],
        ending: &Ending,
        place: &dyn Fn(u32) -> u32,
        parts: &[Arc<PartShare<T>>],
    ) -> Result<OwnShare<T>, NoValue> {
        let (lanes, at) = Lanes::new(&ending.targets, widest::<T>());
        let edge = |synapse: &u32| {
            let synapse = (*synapse != NONE).then_some(*synapse as usize)?;
            Some((ending.member(synapse), ending.numbers[synapse] as usize))
        };
        let between = wiring.between;
        // rows of the group of the target; those of the source are read by source
        let part = &parts[between.target];
        let rows = |_: bool| {
            let of = ending.targets.iter().flat_map(|(row, edges)| std::iter::repeat_n(part.first + row, *edges as usize));
            let of: Vec<u32> = of.collect();
            at.iter().map(|s| of[if *s == NONE { 0 } else { *s as usize }]).collect()
        };
        let ends = |program: &Program| {
            let of = |source| between.values(source, &rows, &mut at.iter().map(edge));
            program.columns.iter().map(of).collect()
        };
        let stage = Stage::new(wiring, &own.graph, &own.next, |k| !folded[k], &own.results, ends)?;
        let common = at.chunks(WIDEST).map(|side| {
            let mut sources = side.iter().filter(|s| **s != NONE).map(|s| place(*s));
            let first = sources.next().unwrap_or(NONE);
            if sources.all(|s| s == first) { first } else { NONE }
        });
        let delay = |synapse: &u32| {
            let gathered = |member: usize| &between.plan.gathered[between.bundle.members[member]];
            edge(synapse).map_or(1, |(member, e)| gathered(member).edges.delay_of(e as u64) as u16)
        };
        let members = |synapse: &u32| if *synapse == NONE { 0 } else { ending.member(*synapse as usize) as u32 };
        Ok(OwnShare {
            stage,
            common: common.collect(),
            sources: at.iter().map(|s| if *s == NONE { 0 } else { place(*s) }).collect(),
            delays: if wiring.delay.is_some() { Vec::new() } else { at.iter().map(delay).collect() },
            numbers: at.iter().map(|s| edge(s).map_or(NONE, |(_, e)| e as u32)).collect(),
            members: if ending.members.is_empty() { Vec::new() } else { at.iter().map(members).collect() },
            lanes,
        })
    }

    /// Place among the members of what stands at a place.
    fn member(&self, place: usize) -> usize {
        self.members.get(place).map_or(0, |m| *m as usize)
    }
}

impl<T: Real> Edges<T> {
    pub fn new(plan: &Plan, instance: u32, share: &Arc<EdgeShare<T>>) -> Edges<T> {
        let initial: Vec<&[EdgeColumn]> = share.members.iter().map(|g| plan.gathered_initial(instance, *g)).collect();
        let (sources, states) = (&share.sources, share.folded.len());
        let mut by_source = sources.stage.columns(states);
        let mut own = Columns::default();
        let folded = |k: &usize| share.folded[*k];
        for k in (0..states).filter(folded) {
            by_source.states[k] = vec![T::from_f64(initial[0][k].get(0)); sources.rows.len()];
        }
        if let Sums::Own(rows) = &share.sums {
            own = rows.stage.columns(states);
            for k in (0..states).filter(|k| !folded(k)) {
                let of = |(place, number): (usize, &u32)| match *number {
                    NONE => T::ZERO,
                    edge => T::from_f64(initial[rows.member(place)][k].get(edge as usize)),
                };
                own.states[k] = rows.numbers.iter().enumerate().map(of).collect();
            }
        }
        let shared = vec![vec![T::ZERO; sources.rows.len()]; sources.stage.results().len()];
        let mut made = Edges { share: share.clone(), by_source, shared, own };
        made.take_parameters(plan, instance);
        made
    }

    /// Fills scalars and parameters of synapses and their ends.
    pub fn take_parameters(&mut self, plan: &Plan, instance: u32) {
        let share = &self.share;
        share.sources.stage.take_parameters(plan, instance, &|_| share.members[0], &mut self.by_source);
        if let Sums::Own(rows) = &share.sums {
            rows.stage.take_parameters(plan, instance, &|place| share.members[rows.member(place)], &mut self.own);
        }
    }
}
