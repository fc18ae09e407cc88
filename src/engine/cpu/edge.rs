//! Graded synapses and synapses with states of their own, gathered by their targets, and what flows added to the targets' inputs.
//!
//! What is the same for all synapses of a source is computed, and its states are kept, once per source (`split`): a row for
//! each. Where that is everything, targets sum numbers of sources, and targets that hear the same sources share one sum. What is
//! left is a row per synapse, block by block in an order in which many targets sum side by side (`lanes`).

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use super::block::{self, Columns};
use super::gather::{Between, EndValues, Ending, Exports};
use super::lanes::{Lanes, NONE, WIDEST};
use super::lasting::keeps;
use super::operation::{Operand, Program, Scalar};
use super::program::lower;
use super::real::{Real, all_finite};
use super::roots::{Roots, Shape};
use super::share::PartShare;
use super::split::{Own, Reach, Split};
use super::worker::Part;
use crate::model::rule::{EdgeRule, Graph, NoValue, Node, NodeId};
use crate::plan::{Connectivity, EdgeColumn, EdgeGroup, Plan};

mod step;

/// The edges of one projection that end in a worker's rows, in any instance.
pub struct EdgeShare<T: Real> {
    pub kind: Kind,
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

/// What the edges are in the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The first of the couplings of a projection, one for each line that its model adds.
    Coupling(usize),
    EdgeGroup(usize),
}

/// Sources that have an edge here.
struct Sources<T> {
    /// Neurons of the source population, ascending.
    neurons: Vec<u32>,
    /// The same as rows in the space of all groups.
    rows: Vec<u32>,
    /// Steps, of edges that share theirs.
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

/// A row per edge, by place in the lanes.
struct OwnShare<T> {
    lanes: Lanes,
    stage: Stage<T>,
    /// Place among the sources.
    sources: Vec<u32>,
    /// The same for as many places side by side as there may be, where all of them are of one source; else [`NONE`].
    common: Vec<u32>,
    /// Place in the connectivity; `None`: no edge.
    numbers: Vec<Option<u64>>,
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

/// A projection as its edges see it.
struct Projection<'a> {
    between: Between<'a>,
    edges: &'a Connectivity,
    delay: EdgeColumn,
    rule: Rule<'a>,
    foldable: Vec<bool>,
}

struct Rule<'a> {
    graph: Graph,
    next: &'a [NodeId],
    results: Vec<NodeId>,
}

impl<T: Real> EdgeShare<T> {
    /// All of a worker, in the order in which they are summed: graded synapses, then those with states.
    /// `fold`: states that may be the same for all edges of a source are kept by source.
    ///
    /// **Errors** a leaf of a rule that no synapse has.
    pub fn all(plan: &Plan, parts: &[Arc<PartShare<T>>], fold: bool) -> Result<Vec<Arc<EdgeShare<T>>>, NoValue> {
        let first = |k: &usize| *k == 0 || !one_projection(plan, k - 1, *k);
        let couplings = (0..plan.couplings.len()).filter(first).map(Kind::Coupling);
        let groups = (0..plan.edge_groups.len()).map(Kind::EdgeGroup);
        let mut alike = Alike::default();
        let shares = couplings.chain(groups).filter_map(|kind| EdgeShare::new(plan, kind, parts, fold, &mut alike).transpose());
        shares.map(|share| share.map(Arc::new)).collect()
    }

    /// `None`: no edge ends here.
    fn new(
        plan: &Plan,
        kind: Kind,
        parts: &[Arc<PartShare<T>>],
        fold: bool,
        alike: &mut Alike,
    ) -> Result<Option<EdgeShare<T>>, NoValue> {
        let (projection, inputs) = match kind {
            Kind::Coupling(first) => of_couplings(plan, first),
            Kind::EdgeGroup(number) => of_group(plan, &plan.edge_groups[number], fold),
        };
        let between = projection.between;
        let Some(ending) = Ending::new(plan, projection.edges, between.target, parts) else { return Ok(None) };
        let one_delay = match projection.delay {
            EdgeColumn::Shared(d) => Some(d as u32),
            EdgeColumn::PerEdge(_) => None,
        };
        let leaf = |node: Node| match node {
            Node::Param(k) if matches!(between.params[k as usize], EdgeColumn::PerEdge(_)) => Reach::Own,
            Node::End(k) if between.names[k as usize].post => Reach::Own,
            Node::Arrived(_) if one_delay.is_none() => Reach::Own,
            Node::End(_) | Node::Arrived(_) => Reach::Source,
            _ => Reach::All,
        };
        let Rule { graph, next, results } = &projection.rule;
        let split = Split::new(graph, next, results, &projection.foldable, &leaf);
        let mut neurons = ending.sources.clone();
        neurons.sort_unstable();
        neurons.dedup();
        let first = plan.first_row(between.source);
        let stage = Stage::by_source(&projection, &split, &neurons)?;
        let mut place = vec![0; projection.edges.sources() as usize];
        neurons.iter().zip(0..).for_each(|(neuron, k)| place[*neuron as usize] = k);
        let rows = neurons.iter().map(|n| first + n).collect();
        let sources = Sources { neurons, rows, delay: one_delay.unwrap_or(1), stage };
        let group = plan.place(between.target).group;
        let sums = match &split.own {
            None => Sums::of_sources::<T>(&ending, &place, group, &inputs, alike),
            Some(own) => {
                for (row, _) in &ending.targets {
                    alike.part(group, &inputs, *row);
                }
                Sums::Own(Box::new(OwnShare::new(&projection, own, &split.folded, &ending, &place, parts)?))
            }
        };
        let of = |k: usize| inputs[..k].iter().filter(|i| **i == inputs[k]).count();
        let turns = (0..inputs.len()).map(|k| of(k) + 1).max().unwrap_or(0);
        Ok(Some(EdgeShare { kind, group, inputs, turns, folded: split.folded, sources, sums }))
    }
}

/// Are these two couplings lines of one projection?
fn one_projection(plan: &Plan, a: usize, b: usize) -> bool {
    let (a, b) = (&plan.couplings[a], &plan.couplings[b]);
    let ends = (a.source, a.target) == (b.source, b.target) && a.name == b.name;
    ends && Arc::ptr_eq(&a.model, &b.model) && Arc::ptr_eq(&a.edges, &b.edges) && a.addition < b.addition
}

fn of_couplings(plan: &Plan, first: usize) -> (Projection<'_>, Vec<u32>) {
    let last = (first + 1..plan.couplings.len()).find(|k| !one_projection(plan, k - 1, *k)).unwrap_or(plan.couplings.len());
    let coupling = &plan.couplings[first];
    let lines = &plan.couplings[first..last];
    // a graded synapse knows the step as a number
    let mut graph = coupling.model.graph.clone();
    graph.nodes.iter_mut().filter(|n| **n == Node::Dt).for_each(|n| *n = Node::Constant(plan.dt.to_bits()));
    let (source, target, names) = (coupling.source, coupling.target, &coupling.model.ends[..]);
    let projection = Projection {
        between: Between { plan, source, target, names, params: &coupling.params },
        edges: &coupling.edges,
        delay: EdgeColumn::Shared(1.0),
        rule: Rule { graph, next: &[], results: lines.iter().map(|c| c.model.graded[c.addition].value).collect() },
        foldable: Vec::new(),
    };
    (projection, lines.iter().map(|c| c.input).collect())
}

fn of_group<'a>(plan: &'a Plan, group: &'a EdgeGroup, fold: bool) -> (Projection<'a>, Vec<u32>) {
    let (source, target, names) = (group.source, group.target, &group.model.ends[..]);
    let EdgeRule { graph, next, graded, .. } = &*group.rule;
    let projection = Projection {
        between: Between { plan, source, target, names, params: &group.params },
        edges: &group.edges,
        delay: group.delay.clone(),
        rule: Rule { graph: graph.clone(), next, results: graded.clone() },
        foldable: group.initial.iter().map(|c| fold && matches!(c, EdgeColumn::Shared(_))).collect(),
    };
    (projection, group.inputs.clone())
}

impl<T: Real> Stage<T> {
    /// The states that are kept here are results too: a row's next ones are written over the old when it has been computed.
    fn new(
        projection: &Projection<'_>,
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
        let varies = projection.between.varies();
        let shape = Shape { param_varies: &varies, derived_varies: &[], held_varies: &[], port_used: &ports };
        let roots = Roots { next: &[], watched: &[], spike: None, undefined: None, results: &results };
        let program = lower(graph, &roots, &shape)?;
        let fleeting = states.iter().copied().filter(|k| !keeps(graph, next[*k], *k)).collect();
        Ok(Stage { ends: ends(&program), program, states: states.into_iter().map(|k| k as u32).collect(), fleeting })
    }

    fn by_source(projection: &Projection<'_>, split: &Split, neurons: &[u32]) -> Result<Stage<T>, NoValue> {
        let between = projection.between;
        let first = between.place(false).1;
        let rows = |_: bool| neurons.iter().map(|n| first + n).collect();
        let ends = |program: &Program| {
            let of = |source| between.values(source, &rows, &mut std::iter::empty());
            program.columns.iter().map(of).collect()
        };
        let Rule { graph, next, .. } = &projection.rule;
        Stage::new(projection, graph, next, |k| split.folded[k], &split.shared, ends)
    }

    /// Columns of an instance, states not filled.
    fn columns(&self, states: usize) -> Columns<T> {
        let read_only = self.ends.iter().map(EndValues::column).collect();
        Columns { states: vec![Vec::new(); states], read_only, ..Columns::default() }
    }

    fn take_parameters(&self, plan: &Plan, instance: u32, kind: Kind, columns: &mut Columns<T>) {
        let value = |s: &Scalar| match s {
            Scalar::Constant(bits) => f64::from_bits(*bits),
            Scalar::Param(k) => {
                let k = *k as usize;
                let (own, params) = match kind {
                    Kind::Coupling(c) => (plan.coupling_param(instance, c, k), &plan.couplings[c].params),
                    Kind::EdgeGroup(e) => (plan.edge_param(instance, e, k), &plan.edge_groups[e].params),
                };
                match (own, &params[k]) {
                    (Some(own), _) => own,
                    (None, EdgeColumn::Shared(x)) => *x,
                    (None, EdgeColumn::PerEdge(_)) => f64::NAN,
                }
            }
            _ => 0.0,
        };
        columns.scalars = self.program.scalars.iter().map(|s| T::from_f64(value(s))).collect();
        block::compute(&mut columns.scalars, &self.program.fixed);
        for (column, end) in columns.read_only.iter_mut().zip(&self.ends) {
            end.take_parameters(plan, instance, column);
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
    fn of_sources<R: Real>(ending: &Ending, place: &[u32], group: usize, inputs: &[u32], alike: &mut Alike) -> Sums<T> {
        let (mut targets, mut copies, mut kept) = (Vec::new(), Vec::new(), Vec::new());
        // the first row that has heard and hears the same
        let mut firsts: HashMap<u64, First<'_>> = HashMap::new();
        let mut start = 0;
        for (row, edges) in &ending.targets {
            let list = &ending.sources[start..start + *edges as usize];
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
            kept.extend(list.iter().map(|s| place[*s as usize]));
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
        projection: &Projection<'_>,
        own: &Own,
        folded: &[bool],
        ending: &Ending,
        place: &[u32],
        parts: &[Arc<PartShare<T>>],
    ) -> Result<OwnShare<T>, NoValue> {
        let (lanes, at) = Lanes::new(&ending.targets, widest::<T>());
        let edge = |synapse: &u32| (*synapse != NONE).then(|| ending.numbers[*synapse as usize]);
        let between = projection.between;
        // rows of the group of the target; those of the source are read by source
        let part = &parts[between.place(true).0];
        let rows = |_: bool| {
            let of = ending.targets.iter().flat_map(|(row, edges)| std::iter::repeat_n(part.first + row, *edges as usize));
            let of: Vec<u32> = of.collect();
            at.iter().map(|s| of[if *s == NONE { 0 } else { *s as usize }]).collect()
        };
        let ends = |program: &Program| {
            let of = |source| between.values(source, &rows, &mut at.iter().map(|s| edge(s).map(|e| e as usize)));
            program.columns.iter().map(of).collect()
        };
        let stage = Stage::new(projection, &own.graph, &own.next, |k| !folded[k], &own.results, ends)?;
        let source = |synapse: &u32| place[ending.sources[*synapse as usize] as usize];
        let common = at.chunks(WIDEST).map(|side| {
            let mut sources = side.iter().filter(|s| **s != NONE).map(source);
            let first = sources.next().unwrap_or(NONE);
            if sources.all(|s| s == first) { first } else { NONE }
        });
        Ok(OwnShare {
            stage,
            common: common.collect(),
            sources: at.iter().map(|s| if *s == NONE { 0 } else { source(s) }).collect(),
            delays: match &projection.delay {
                EdgeColumn::Shared(_) => Vec::new(),
                EdgeColumn::PerEdge(list) => at.iter().map(|s| edge(s).map_or(1, |e| list[e as usize] as u16)).collect(),
            },
            numbers: at.iter().map(edge).collect(),
            lanes,
        })
    }
}

impl<T: Real> Edges<T> {
    pub fn new(plan: &Plan, instance: u32, share: &Arc<EdgeShare<T>>) -> Edges<T> {
        let initial = match share.kind {
            Kind::Coupling(_) => &[],
            Kind::EdgeGroup(number) => plan.edge_initial(instance, number),
        };
        let sources = &share.sources;
        let mut by_source = sources.stage.columns(initial.len());
        let mut own = Columns::default();
        let folded = |k: usize| share.folded[k];
        for (k, column) in initial.iter().enumerate().filter(|(k, _)| folded(*k)) {
            by_source.states[k] = vec![T::from_f64(column.get(0)); sources.rows.len()];
        }
        if let Sums::Own(rows) = &share.sums {
            own = rows.stage.columns(initial.len());
            for (k, column) in initial.iter().enumerate().filter(|(k, _)| !folded(*k)) {
                let of = |number: &Option<u64>| number.map_or(T::ZERO, |e| T::from_f64(column.get(e as usize)));
                own.states[k] = rows.numbers.iter().map(of).collect();
            }
        }
        let shared = vec![vec![T::ZERO; sources.rows.len()]; sources.stage.results().len()];
        let mut made = Edges { share: share.clone(), by_source, shared, own };
        made.take_parameters(plan, instance);
        made
    }

    /// Fills scalars and parameters of the ends.
    pub fn take_parameters(&mut self, plan: &Plan, instance: u32) {
        let share = &self.share;
        share.sources.stage.take_parameters(plan, instance, share.kind, &mut self.by_source);
        if let Sums::Own(rows) = &share.sums {
            rows.stage.take_parameters(plan, instance, share.kind, &mut self.own);
        }
    }
}
