//! Graded synapses and synapses with states of their own, gathered by their targets, and what flows added to the targets' inputs.
//!
//! What is the same for all synapses of a source is computed, and its states are kept, once per source (`plan::reach`): a row for
//! each. Where that is everything, targets sum numbers of sources. What is left is a row per synapse, block by block in an order in
//! which many targets sum side by side (`lanes`). Targets that hear the same share one sum (`alike`).

use std::sync::Arc;

use super::block::Table;
use super::ends::{Between, Ending};
use super::lanes::{Lanes, NONE, WIDEST};
use super::operation::Program;
use super::part::PartShare;
use super::real::Real;
use crate::model::rule::{Graph, NoValue, Node, NodeId};
use crate::plan::reach::{Own, Split, steady_leaf};
use crate::plan::{Bundle, EdgeColumn, Plan};
use alike::Alike;
use stage::Stage;
use total::{TotalShare, Totals};

mod alike;
mod stage;
mod step;
mod total;

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

/// What targets sum.
enum Sums<T> {
    /// Numbers of sources, by place the source; (row, row of another target with the same sources).
    Sources {
        lanes: Lanes,
        sources: Vec<u32>,
        copies: Vec<(u32, u32)>,
    },
    Own(Box<OwnShare<T>>),
    /// One sum for all targets.
    Total(Box<TotalShare<T>>),
}

/// A row per synapse, by place in the lanes.
struct OwnShare<T> {
    lanes: Lanes,
    /// Row, row of another target that hears the same.
    copies: Vec<(u32, u32)>,
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
    by_source: Table<T>,
    /// Shared numbers, by source.
    shared: Vec<Vec<T>>,
    /// Of synapses, or of targets.
    own: Table<T>,
    /// Where one sum serves all targets.
    totals: Totals<T>,
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

    /// Of a leaf: does it vary from row to row, is it the same in every step?
    fn steady(&self, node: Node) -> (bool, bool) {
        steady_leaf(node, self.between.ends, &|k| self.varies[k])
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
        if let Some(total) = total::serving(plan, bundle, fold) {
            return EdgeShare::of_total(plan, bundle, total, parts, alike);
        }
        let wiring = Wiring::new(plan, bundle, fold);
        let group = wiring.between.target;
        let inputs = bundle.first(plan).synapse.inputs.clone();
        let Some(ending) = Ending::new(plan, bundle, &parts[group]) else { return Ok(None) };
        let leaf = |node: Node| bundle.leaf(plan, node);
        let split = Split::new(wiring.graph, wiring.next, wiring.results, &wiring.foldable, &leaf);
        // targets that hear the same share a sum; numbers with bounds count their terms too
        let by_class = split.own.as_ref().is_none_or(|own| own.by_class) && !T::BOUNDED;
        let class =
            |row: u32| if split.own.is_some() { bundle.class_of(plan, (parts[group].first + row) as usize) } else { Vec::new() };
        let (ending, copies) = match by_class {
            true => alike.distinct(ending, group, &inputs, &class),
            false => alike.apart(ending, group, &inputs),
        };
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
            None => Sums::of_sources::<T>(&ending, copies, &of),
            Some(own) => Sums::Own(Box::new(OwnShare::new(&wiring, own, &split.folded, &ending, copies, &of, parts)?)),
        };
        let sources = Sources { rows: rows.iter().map(|r| base + r).collect(), delay: wiring.delay.unwrap_or(1), stage };
        let before = |k: usize| inputs[..k].iter().filter(|i| **i == inputs[k]).count();
        let turns = (0..inputs.len()).map(|k| before(k) + 1).max().unwrap_or(0);
        Ok(Some(EdgeShare { members: bundle.members.clone(), group, inputs, turns, folded: split.folded, sources, sums }))
    }
}

#[cfg(test)]
impl<T: Real> EdgeShare<T> {
    /// That of the sources, and that of the synapses where they have one.
    pub fn programs(&self) -> Vec<&Program> {
        let own = if let Sums::Own(rows) = &self.sums { Some(&rows.stage.program) } else { None };
        std::iter::once(&self.sources.stage.program).chain(own).collect()
    }
}

impl<T> Sums<T> {
    fn of_sources<R: Real>(ending: &Ending, copies: Vec<(u32, u32)>, place: &dyn Fn(u32) -> u32) -> Sums<T> {
        let (lanes, at) = Lanes::new(&ending.targets, widest::<R>());
        let sources = at.into_iter().map(|synapse| if synapse == NONE { 0 } else { place(synapse) }).collect();
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
        copies: Vec<(u32, u32)>,
        place: &dyn Fn(u32) -> u32,
        parts: &[Arc<PartShare<T>>],
    ) -> Result<OwnShare<T>, NoValue> {
        let (lanes, at) = Lanes::new(&ending.targets, widest::<T>());
        let edge = |synapse: &u32| {
            let synapse = (*synapse != NONE).then_some(*synapse as usize)?;
            Some((ending.member(synapse), ending.numbers[synapse] as usize))
        };
        let between = wiring.between;
        let part = &parts[between.target];
        // rows of the groups of the two ends
        let rows = |post: bool| -> Vec<u32> {
            if !post {
                return at.iter().map(|s| ending.sources[if *s == NONE { 0 } else { *s as usize }]).collect();
            }
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
            copies,
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
    /// **Errors** as [`Edges::take_parameters`].
    pub fn new(plan: &Plan, instance: u32, share: &Arc<EdgeShare<T>>) -> Result<Edges<T>, NoValue> {
        let initial: Vec<&[EdgeColumn]> = share.members.iter().map(|g| plan.gathered_initial(instance, *g)).collect();
        let (sources, states) = (&share.sources, share.folded.len());
        let mut by_source = sources.stage.columns(states);
        let mut own = Table::default();
        let folded = |k: &usize| share.folded[*k];
        for k in (0..states).filter(folded) {
            by_source.states[k] = vec![T::from_f64(initial[0][k].get(0)); sources.rows.len()];
        }
        if let Sums::Total(rows) = &share.sums {
            own = rows.columns();
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
        let mut made = Edges { share: share.clone(), by_source, shared, own, totals: Totals::default() };
        made.take_parameters(plan, instance)?;
        Ok(made)
    }

    /// Fills scalars and parameters of synapses and their ends.
    ///
    /// **Errors** a leaf that is not the same for all synapses, where a program has one number.
    pub fn take_parameters(&mut self, plan: &Plan, instance: u32) -> Result<(), NoValue> {
        let share = &self.share;
        share.sources.stage.take_parameters(plan, instance, &|_| share.members[0], &mut self.by_source)?;
        match &share.sums {
            Sums::Own(rows) => {
                rows.stage.take_parameters(plan, instance, &|place| share.members[rows.member(place)], &mut self.own)
            }
            Sums::Total(rows) => rows.take_parameters(plan, instance, share.members[0], &mut self.own),
            Sums::Sources { .. } => Ok(()),
        }
    }
}
