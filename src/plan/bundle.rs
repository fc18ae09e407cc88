//! Which gathered synapses an engine advances together, and in which order targets sum them.
//!
//! In: a plan. Out: [`Bundle`]s, and their synapses by target ([`Plan::rows_of`]). Not here: what is worked out once for many
//! synapses.
//!
//! A network with a population per neuron has a projection per synapse. Each costs an engine a call, a program, a function of a
//! kernel, as much as some tens of synapses. So small projections of one rule between the same groups are advanced as one. The sum
//! of a target keeps its order: what it hears at an input from other rules stands between them as before. Bundles come in rounds,
//! and a projection goes into the first round in which all that its targets hear before it has been heard.

use std::collections::HashMap;
use std::sync::Arc;

use super::{ByTarget, EdgeColumn, Gathered, Plan, PopulationId};

/// A projection with more synapses stands alone: it gains nothing, and may be kept as a matrix or summed once for many targets.
const SMALL: u64 = 64;

/// Gathered projections that are advanced as one: of one rule, between the same groups, onto the same inputs.
///
/// Numbers that all of them share are shared in the bundle ([`Bundle::shared`]). A target sums projection by projection; an engine
/// whose sums are of few bits sums each of them first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// Numbers of [`Plan::gathered`], ascending; at least one.
    pub members: Vec<usize>,
}

/// The synapses of a bundle by target: projection after projection, in each the sources ascending.
#[derive(Clone, Debug)]
pub struct Rows {
    /// Row of the target's group that the list begins with.
    pub first_target: u32,
    /// Row of the source's group that sources are counted from.
    first_source: u32,
    /// The number of a synapse is that among those of its projection.
    view: Arc<ByTarget>,
    /// Place among the members of the bundle; empty: there is one.
    member: Vec<u32>,
}

impl Rows {
    /// By target from the first on, its first synapse; one more at the end.
    pub fn row_start(&self) -> &[u64] {
        &self.view.row_start
    }

    /// How many synapses there are.
    pub fn count(&self) -> usize {
        self.view.edge.len()
    }

    /// Row of the source's group.
    pub fn source(&self, synapse: usize) -> u32 {
        self.first_source + self.view.source[synapse]
    }

    /// Place among the members of its projection.
    pub fn member(&self, synapse: usize) -> usize {
        self.member.get(synapse).map_or(0, |m| *m as usize)
    }

    /// Number among the synapses of its projection.
    pub fn number(&self, synapse: usize) -> u64 {
        self.view.edge[synapse]
    }
}

impl Bundle {
    /// What all members have in common: rule, model, groups.
    pub fn first<'a>(&self, plan: &'a Plan) -> &'a Gathered {
        &plan.gathered[self.members[0]]
    }

    /// The projections that it joins, in their order.
    pub fn members<'a>(&'a self, plan: &'a Plan) -> impl Iterator<Item = &'a Gathered> + Clone {
        self.members.iter().map(|g| &plan.gathered[*g])
    }

    /// Rows of the target's group among which its targets are.
    pub fn rows(&self, plan: &Plan) -> std::ops::Range<u32> {
        let ends = self.members(plan).map(|g| (plan.place(g.target).first_row, g.edges.targets()));
        let first = ends.clone().map(|(first, _)| first).min().unwrap_or(0);
        first..ends.map(|(first, size)| first + size).max().unwrap_or(0)
    }

    /// Is it one projection alone?
    pub fn is_single(&self) -> bool {
        self.members.len() == 1
    }

    /// Is a parameter one number for all synapses of an instance, in every instance?
    pub fn shared(&self, plan: &Plan, param: usize) -> bool {
        let own = |g: &usize| {
            plan.variants
                .iter()
                .any(|v| matches!(v.gathered_params.get(*g), Some(own) if own.get(param).is_some_and(Option::is_some)))
        };
        alike(self.members(plan).map(|g| &g.params[param])) && (self.is_single() || !self.members.iter().any(own))
    }

    /// The delay, where all share it or none is asked for. **Units** steps.
    pub fn delay(&self, plan: &Plan) -> Option<u32> {
        let first = self.first(plan);
        if !first.rule.reads_arrivals() {
            return Some(1);
        }
        first.edges.shared_delay().filter(|delay| self.members(plan).all(|g| g.edges.shared_delay() == Some(*delay)))
    }

    /// Does a state begin with one number for all synapses of an instance, in every instance?
    pub fn begins_alike(&self, plan: &Plan, state: usize) -> bool {
        let instances = if plan.variants.is_empty() { 1 } else { plan.instances };
        (0..instances).all(|i| alike(self.members.iter().map(|g| &plan.gathered_initial(i, *g)[state])))
    }
}

/// Are they one number, the same in all?
fn alike<'a>(mut columns: impl Iterator<Item = &'a EdgeColumn>) -> bool {
    let number = |column: &EdgeColumn| column.shared().map(f64::to_bits);
    let Some(first) = columns.next().and_then(number) else { return false };
    columns.all(|column| number(column) == Some(first))
}

/// Rules that are advanced alike: the numbers of one group of projections each.
#[derive(Default)]
struct Kinds<'a> {
    /// What a kind is told by.
    known: Vec<(&'a Gathered, usize, usize)>,
}

impl<'a> Kinds<'a> {
    fn of(&mut self, plan: &Plan, gathered: &'a Gathered) -> usize {
        let (source, target) = (plan.place(gathered.source).group, plan.place(gathered.target).group);
        let same = |(other, s, t): &(&Gathered, usize, usize)| (*s, *t) == (source, target) && other.is_of_kind(gathered);
        // the last ones are the likeliest
        self.known.iter().rposition(same).unwrap_or_else(|| {
            self.known.push((gathered, source, target));
            self.known.len() - 1
        })
    }
}

impl Gathered {
    /// The same rule, the same values of the two ends, the same inputs?
    fn is_of_kind(&self, other: &Gathered) -> bool {
        let (a, b) = (&self.rule, &other.rule);
        let rule = || {
            let names = |rule: &super::EdgeRule| rule.states.iter().map(|s| s.name.clone()).collect::<Vec<_>>();
            a.graph.nodes == b.graph.nodes && (&a.next, &a.graded) == (&b.next, &b.graded) && names(a) == names(b)
        };
        let (x, y) = (&self.synapse, &other.synapse);
        (Arc::ptr_eq(x, y) || (&x.ends, &x.inputs) == (&y.ends, &y.inputs)) && (Arc::ptr_eq(a, b) || rule())
    }

    /// May it be advanced with others of its kind? Not where two lines feed one input: the second is summed after the whole first.
    fn joins(&self) -> bool {
        let inputs = &self.synapse.inputs;
        self.edges.count() <= SMALL && (1..inputs.len()).all(|k| !inputs[..k].contains(&inputs[k]))
    }
}

impl Plan {
    /// In the order in which targets sum them: what has no states, then what has.
    pub fn bundles(&self) -> Vec<Bundle> {
        let without = (0..self.gathered.len()).filter(|g| !self.gathered[*g].has_states()).collect();
        let mut out = self.bundled(without);
        out.extend(self.bundled(self.stateful().collect()));
        out
    }

    fn bundled(&self, all: Vec<usize>) -> Vec<Bundle> {
        let mut kinds = Kinds::default();
        let kind = |g: &usize| self.gathered[*g].joins().then(|| kinds.of(self, &self.gathered[*g]));
        let of: Vec<Option<usize>> = all.iter().map(kind).collect();
        // the round in which an input of a population was heard last, and the bundle
        let mut heard: HashMap<(PopulationId, u32), (usize, usize)> = HashMap::new();
        let mut bundles: Vec<(usize, Bundle)> = Vec::new();
        let mut open: HashMap<(usize, usize), usize> = HashMap::new();
        for (g, kind) in all.iter().zip(of) {
            let gathered = &self.gathered[*g];
            let inputs = gathered.synapse.inputs.iter().map(|input| (gathered.target, *input));
            let last = inputs.clone().filter_map(|input| heard.get(&input).copied()).max();
            // once more in the round of the last, if that is the bundle of this kind
            let round = last.map_or(0, |(round, bundle)| {
                let same = kind.is_some_and(|kind| open.get(&(round, kind)) == Some(&bundle));
                let others = || inputs.clone().filter_map(|input| heard.get(&input)).any(|h| h.0 == round && h.1 != bundle);
                if same && !others() { round } else { round + 1 }
            });
            let place = kind.and_then(|kind| open.get(&(round, kind)).copied()).unwrap_or(bundles.len());
            if place == bundles.len() {
                bundles.push((round, Bundle { members: Vec::new() }));
            }
            if let Some(kind) = kind {
                open.insert((round, kind), place);
            }
            bundles[place].1.members.push(*g);
            heard.extend(inputs.map(|input| (input, (round, place))));
        }
        // stable: in a round no two hear the same
        if bundles.iter().any(|(_, bundle)| !bundle.is_single()) {
            bundles.sort_by_key(|(round, _)| *round);
        }
        bundles.into_iter().map(|(_, bundle)| bundle).collect()
    }

    /// The synapses of a bundle by target.
    pub fn rows_of(&self, bundle: &Bundle) -> Rows {
        let place = |g: &Gathered| (self.place(g.source).first_row, self.place(g.target).first_row);
        if bundle.is_single() {
            let gathered = bundle.first(self);
            let (first_source, first_target) = place(gathered);
            return Rows { first_target, first_source, view: gathered.edges.by_target().clone(), member: Vec::new() };
        }
        let targets = bundle.rows(self);
        let first_target = targets.start;
        // a stable counting sort
        let mut row_start = vec![0u64; targets.len() + 1];
        for g in bundle.members(self) {
            let shift = (place(g).1 - first_target) as usize;
            g.edges.each_target(0..g.edges.count(), |t| row_start[shift + t as usize + 1] += 1);
        }
        (1..row_start.len()).for_each(|k| row_start[k] += row_start[k - 1]);
        let synapses = row_start.last().map_or(0, |n| *n as usize);
        let (mut next, mut source) = (row_start.clone(), vec![0; synapses]);
        let (mut member, mut edge) = (vec![0; synapses], vec![0; synapses]);
        for (k, g) in bundle.members(self).enumerate() {
            let (first_source, first) = place(g);
            g.edges.each(0..g.edges.count(), |e, s, t| {
                let at = &mut next[(first - first_target + t) as usize];
                (source[*at as usize], member[*at as usize], edge[*at as usize]) = (first_source + s, k as u32, e);
                *at += 1;
            });
        }
        let view = Arc::new(ByTarget { row_start, source, edge });
        Rows { first_target, first_source: 0, view, member }
    }
}
