//! What depends on time and on shared numbers alone: worked out once a step on the host, in f64.
//!
//! In: the rule of a group, and which of its parameters are the same for all rows. Out: [`Clocked`], the rule with leaves
//! [`Node::Clock`] in place of such parts, and [`Clock`], which works them out for a step. So sin(2·pi·f·t) is right after
//! hours on every engine, whatever numbers its rows count in. Not here: time beside what differs from row to row, which
//! engines read as one number of theirs.

use std::ops::Range;

use super::unheard::Roots;
use super::{Column, Columns, Plan};
use crate::model::rule::{Binary, EdgeRule, Graph, Node, NodeId, STEP_PART, Unary, replace};

/// A rule as engines read it: parts that depend on time and shared numbers alone are leaves, ports that nothing reaches are 0.
#[derive(Clone, Debug)]
pub struct Clocked {
    /// The graph of the rule, with [`Node::Clock`] leaves.
    pub graph: Graph,
    /// As [`Rule::next`](crate::model::rule::Rule::next).
    pub next: Vec<NodeId>,
    /// As [`Rule::spike`](crate::model::rule::Rule::spike).
    pub spike: Option<NodeId>,
    /// States that must be finite ([`Rule::watched`](crate::model::rule::Rule::watched)); their values at the spike test where
    /// those are kept nowhere.
    pub watched: Vec<(usize, Option<NodeId>)>,
    /// Not 0 where a comparison met NaN.
    pub undefined: Option<NodeId>,
    /// What stands behind [`Node::Clock`].
    pub clock: Clock,
}

/// Numbers that are worked out for a step; with the parameters of an instance a [`Ticking`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Clock {
    /// In order: operands are places in this list.
    operations: Vec<Operation>,
    /// Places of the results, by [`Node::Clock`].
    results: Vec<u32>,
}

/// A [`Clock`] with the parameters of an instance in their places.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ticking {
    clock: Clock,
    /// By operation: a number that does not move, or that of the last step.
    values: Vec<f64>,
    /// The steps for which these are right.
    right: Range<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Operation {
    Number(f64),
    Param(u32),
    Derived(u32),
    Time,
    StepHigh,
    StepLow,
    Unary(Unary, u32),
    Binary(Binary, u32, u32),
    Select(u32, u32, u32),
}

impl Plan {
    /// The rule of a group with its clocks, without the ports that nothing reaches; the same for all instances.
    pub fn clocked(&self, group: usize) -> Clocked {
        let g = &self.groups[group];
        let instances = if self.variants.is_empty() { 1 } else { self.instances };
        let shared = |column: &dyn Fn(&Columns<'_>) -> bool| (0..instances).all(|i| column(&self.columns(i, group)));
        let one = |c: &Column| matches!(c, Column::Shared(_));
        let number = |k: u32| (0..instances).all(|i| !self.columns(i, group).derived[k as usize].any(f64::is_nan));
        clocked(Roots::of(&g.rule, &|port| g.ports[port as usize].used, &number), &|node| match node {
            Node::Param(k) => shared(&|c| one(&c.params[k as usize])),
            Node::Derived(k) => shared(&|c| one(&c.derived[k as usize])),
            _ => false,
        })
    }
}

/// What a user should know of time in equations: where it stands beside numbers that differ from row to row, engines in single
/// precision read it as one f32. Said where that is off by more than a thousandth of a step at the end of the run.
pub(super) fn remarks(plan: &Plan, duration: Option<f64>) -> Vec<String> {
    let Some(duration) = duration else { return Vec::new() };
    let error = duration / STEP_PART as f64;
    if error <= plan.dt / 1000.0 {
        return Vec::new();
    }
    let groups = (0..plan.groups.len()).filter(|g| {
        let Clocked { graph, next, spike, .. } = plan.clocked(*g);
        next.iter().chain(&spike).any(|root| graph.any_leaf(*root, |n| n == Node::Time))
    });
    // the stages of a method stand in the graph of a rule, whether anything asks for them or not
    let used = |rule: &EdgeRule| {
        let mut roots = rule.next.iter().chain(&rule.graded);
        roots.any(|root| rule.graph.any_leaf(*root, |n| n == Node::Time))
    };
    let synapses = plan.gathered.iter().filter(|g| used(&g.rule)).map(|g| &g.name);
    let mut parts: Vec<&String> = groups.map(|g| &plan.groups[g].label).chain(synapses).collect();
    let mut seen = std::collections::HashSet::new();
    parts.retain(|part| seen.insert(*part));
    let Some((first, others)) = parts.split_first() else { return Vec::new() };
    let named: Vec<String> = others.iter().take(TOLD).map(|part| format!("`{part}`")).collect();
    let more = match others.len() {
        0 => String::new(),
        count => format!(" ({count} more like it: {}{})", named.join(", "), if count > TOLD { ", ..." } else { "" }),
    };
    vec![format!(
        "{first}: `t` stands in the text of its model beside numbers that differ from row to row; in single precision it is off by up \
         to {error:.2e} ms after {duration} ms, and the phase of a frequency f by up to {error:.2e} ms · f of a turn \
         (`--precision f64`: not){more}"
    )]
}

/// So many other parts are named in a remark.
const TOLD: usize = 4;

/// `shared`: is a parameter or derived number the same for all rows?
fn clocked(roots: Roots, shared: &dyn Fn(Node) -> bool) -> Clocked {
    let none = |Roots { graph, next, spike, watched, undefined }: Roots| Clocked {
        graph,
        next,
        spike,
        watched,
        undefined,
        clock: Clock::default(),
    };
    let Roots { graph, next, spike, watched, undefined } = &roots;
    let timed = |node: &Node| matches!(node, Node::Time | Node::StepHigh | Node::StepLow);
    if !graph.nodes.iter().any(timed) {
        return none(roots);
    }
    let mut operations: Vec<Operation> = Vec::new();
    // by node: its place among the operations, and whether it moves with time
    let mut places: Vec<Option<(u32, bool)>> = Vec::with_capacity(graph.nodes.len());
    for node in &graph.nodes {
        let at = |id: NodeId| places[id.0 as usize];
        let operation = operation(*node, shared, &at);
        places.push(operation.map(|operation| {
            operations.push(operation);
            let moves = timed(node) || Graph::operands(*node).any(|o| at(o).is_some_and(|(_, moves)| moves));
            (operations.len() as u32 - 1, moves)
        }));
    }
    let growing = growing(graph, &places);
    // from the roots down, and never below a clock; a leaf by itself is no clock, nor is what grows with time and is read beside
    // what differs from row to row: as one number of an engine it would be no better than time itself
    let mut needed = vec![false; graph.nodes.len()];
    let tested = watched.iter().filter_map(|(_, tested)| tested.as_ref());
    next.iter().chain(spike).chain(tested).chain(undefined).for_each(|root| needed[root.0 as usize] = true);
    let root = needed.clone();
    let mut clocks = Vec::new();
    for (k, node) in graph.nodes.iter().enumerate().rev() {
        if !needed[k] {
            continue;
        }
        match places[k] {
            Some((place, true)) if Graph::operands(*node).next().is_some() && (root[k] || !growing[k]) => clocks.push((k, place)),
            _ => Graph::operands(*node).for_each(|o| needed[o.0 as usize] = true),
        }
    }
    if clocks.is_empty() {
        return none(roots);
    }
    clocks.reverse();
    let mut out = Graph::default();
    let mut made: Vec<NodeId> = Vec::with_capacity(graph.nodes.len());
    for (k, node) in graph.nodes.iter().enumerate() {
        let new = match clocks.binary_search_by_key(&k, |(node, _)| *node) {
            Ok(number) => Node::Clock(number as u32),
            Err(_) => replace(*node, |o| made[o.0 as usize]),
        };
        made.push(out.add(new));
    }
    let at = |id: &NodeId| made[id.0 as usize];
    let clock = Clock::new(&operations, clocks.iter().map(|(_, place)| *place));
    Clocked {
        next: next.iter().map(at).collect(),
        spike: spike.as_ref().map(at),
        watched: watched.iter().map(|(k, tested)| (*k, tested.as_ref().map(at))).collect(),
        undefined: undefined.as_ref().map(at),
        graph: out,
        clock,
    }
}

/// By node: is it time in another unit, t times a number plus a number?
fn growing(graph: &Graph, places: &[Option<(u32, bool)>]) -> Vec<bool> {
    let mut out: Vec<bool> = Vec::with_capacity(graph.nodes.len());
    for node in &graph.nodes {
        let moving = |o: &NodeId| places[o.0 as usize].is_some_and(|(_, moves)| moves);
        out.push(match node {
            Node::Time => true,
            Node::Unary(Unary::Negate, _)
            | Node::Binary(Binary::Add | Binary::Subtract | Binary::Multiply | Binary::Divide, ..) => {
                let mut moved = Graph::operands(*node).filter(moving).peekable();
                moved.peek().is_some() && moved.all(|o| out[o.0 as usize])
            }
            _ => false,
        });
    }
    out
}

/// A node as an operation on the host; `None` if it reads what differs from row to row.
fn operation(node: Node, shared: &dyn Fn(Node) -> bool, at: &dyn Fn(NodeId) -> Option<(u32, bool)>) -> Option<Operation> {
    let at = |id: NodeId| at(id).map(|(place, _)| place);
    Some(match node {
        Node::Constant(bits) => Operation::Number(f64::from_bits(bits)),
        Node::Param(k) if shared(node) => Operation::Param(k),
        Node::Derived(k) if shared(node) => Operation::Derived(k),
        Node::Time => Operation::Time,
        Node::StepHigh => Operation::StepHigh,
        Node::StepLow => Operation::StepLow,
        Node::Unary(operator, x) => Operation::Unary(operator, at(x)?),
        Node::Binary(operator, a, b) => Operation::Binary(operator, at(a)?, at(b)?),
        Node::Select { condition, then, otherwise } => Operation::Select(at(condition)?, at(then)?, at(otherwise)?),
        _ => return None,
    })
}

impl Operation {
    fn operands(self) -> impl Iterator<Item = u32> {
        let list = match self {
            Operation::Unary(_, x) => [Some(x), None, None],
            Operation::Binary(_, a, b) => [Some(a), Some(b), None],
            Operation::Select(condition, then, otherwise) => [Some(condition), Some(then), Some(otherwise)],
            _ => [None, None, None],
        };
        list.into_iter().flatten()
    }

    fn with(self, new: impl Fn(u32) -> u32) -> Operation {
        match self {
            Operation::Unary(operator, x) => Operation::Unary(operator, new(x)),
            Operation::Binary(operator, a, b) => Operation::Binary(operator, new(a), new(b)),
            Operation::Select(condition, then, otherwise) => Operation::Select(new(condition), new(then), new(otherwise)),
            leaf => leaf,
        }
    }
}

impl Clock {
    /// Of all operations, those that the results need.
    fn new(all: &[Operation], results: impl Iterator<Item = u32>) -> Clock {
        let results: Vec<u32> = results.collect();
        let mut needed = vec![false; all.len()];
        results.iter().for_each(|k| needed[*k as usize] = true);
        for k in (0..all.len()).rev().filter(|k| all[*k].operands().next().is_some()) {
            if needed[k] {
                all[k].operands().for_each(|o| needed[o as usize] = true);
            }
        }
        let mut places = vec![0; all.len()];
        let mut operations = Vec::new();
        for (k, operation) in all.iter().enumerate().filter(|(k, _)| needed[*k]) {
            places[k] = operations.len() as u32;
            operations.push(operation.with(|o| places[o as usize]));
        }
        let results = results.iter().map(|k| places[*k as usize]).collect();
        Clock { operations, results }
    }

    /// How many numbers it gives.
    pub fn len(&self) -> usize {
        self.results.len()
    }

    /// Does nothing depend on time?
    pub fn is_empty(&self) -> bool {
        self.results.is_empty()
    }

    /// With the parameters of an instance in their places.
    pub fn of(&self, columns: Columns<'_>) -> Ticking {
        let number = |operation: &Operation| match *operation {
            Operation::Number(x) => x,
            Operation::Param(k) => columns.params[k as usize].get(0),
            Operation::Derived(k) => columns.derived[k as usize].get(0),
            _ => 0.0,
        };
        Ticking { values: self.operations.iter().map(number).collect(), clock: self.clone(), right: 0..0 }
    }
}

impl Ticking {
    /// The numbers of a step. **Units** dt in ms.
    pub fn at(&mut self, step: u64, dt: f64) -> impl ExactSizeIterator<Item = f64> + '_ {
        self.tick(step, dt);
        self.clock.results.iter().map(|k| self.values[*k as usize])
    }

    /// One of the numbers of the step of the last [`Ticking::tick`], by place in [`Ticking::at`].
    pub fn number(&self, place: usize) -> f64 {
        self.values[self.clock.results[place] as usize]
    }

    /// Works out the numbers of a step. **Units** dt in ms.
    pub fn tick(&mut self, step: u64, dt: f64) {
        if self.right.contains(&step) || self.values.is_empty() {
            return;
        }
        for (k, operation) in self.clock.operations.iter().enumerate() {
            let at = |place: u32| self.values[place as usize];
            self.values[k] = match *operation {
                Operation::Number(_) | Operation::Param(_) | Operation::Derived(_) => continue,
                // counted, not summed
                Operation::Time => step as f64 * dt,
                Operation::StepHigh => (step / STEP_PART) as f64,
                Operation::StepLow => (step % STEP_PART) as f64,
                Operation::Unary(operator, x) => operator.apply(at(x)),
                Operation::Binary(operator, a, b) => operator.apply(at(a), at(b)),
                Operation::Select(condition, then, otherwise) => {
                    if at(condition) != 0.0 {
                        at(then)
                    } else {
                        at(otherwise)
                    }
                }
            };
        }
        self.right = step..step + self.lasts(step % STEP_PART);
    }

    /// For how many steps the numbers of a step stay what they are: where it is only compared with numbers that do not move (the
    /// windows of sources and stimuli) until one of them is passed, else for this one. `low`: what is over of it.
    fn lasts(&self, low: u64) -> u64 {
        let operations = &self.clock.operations;
        let of = |place: u32| operations[place as usize];
        let mut steps = STEP_PART - low;
        for operation in operations {
            let parts = |place: &u32| matches!(of(*place), Operation::StepHigh | Operation::StepLow);
            let bound = match *operation {
                Operation::Time => return 1,
                Operation::Binary(Binary::Less | Binary::LessEqual | Binary::Equal, a, b) if parts(&a) != parts(&b) => {
                    let (part, bound) = if parts(&a) { (a, b) } else { (b, a) };
                    match of(bound) {
                        // the high part stays for as long as the low one goes on
                        _ if of(part) == Operation::StepHigh => continue,
                        Operation::Number(_) | Operation::Param(_) | Operation::Derived(_) => self.values[bound as usize].floor(),
                        _ => return 1,
                    }
                }
                other if other.operands().any(|o| parts(&o)) => return 1,
                _ => continue,
            };
            // the comparison may turn at the number, and behind it; a number that is none turns nothing
            for turn in [bound, bound + 1.0, bound + 2.0] {
                if turn > low as f64 && turn < STEP_PART as f64 {
                    steps = steps.min(turn as u64 - low);
                }
            }
        }
        steps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A window from step 5 up to, not at, step 2^24 + 9, and one that ends at a number that is none; with and without time itself.
    #[test]
    fn numbers_are_those_of_the_step_whichever_step_came_before() {
        use Operation::{Binary as Two, Number, StepHigh, StepLow};
        let window = vec![
            StepHigh,
            StepLow,
            Number(0.0),
            Number(4.5),
            Two(Binary::Less, 2, 0),
            Two(Binary::LessEqual, 3, 1),
            Two(Binary::Or, 4, 5),
            Number(1.0),
            Number(9.0),
            Two(Binary::Less, 0, 7),
            Two(Binary::Equal, 0, 7),
            Two(Binary::Less, 1, 8),
            Two(Binary::And, 10, 11),
            Two(Binary::Or, 9, 12),
            Two(Binary::And, 6, 13),
            Number(f64::NAN),
            Two(Binary::Less, 1, 15),
        ];
        let timed: Vec<Operation> = window.iter().copied().chain([Operation::Time, Two(Binary::Add, 17, 14)]).collect();
        for (operations, results) in [(window, vec![14, 16]), (timed, vec![14, 18])] {
            let clock = Clock { operations, results };
            let new = || Ticking {
                values: clock.operations.iter().map(|o| if let Number(x) = o { *x } else { 0.0 }).collect(),
                clock: clock.clone(),
                right: 0..0,
            };
            let mut kept = new();
            let wrap = STEP_PART;
            let steps = (0..12).chain(wrap - 3..wrap + 14).chain([4, 5, wrap + 8, wrap + 9, 3 * wrap + 5, 7]);
            for step in steps {
                let expected: Vec<f64> = new().at(step, 0.1).collect();
                assert_eq!(kept.at(step, 0.1).collect::<Vec<_>>(), expected, "step {step}");
                let on = (5..wrap + 9).contains(&step);
                assert!(results_of(&clock) != [14, 16] || expected[0] == f64::from(u8::from(on)), "step {step}");
            }
        }
    }

    fn results_of(clock: &Clock) -> &[u32] {
        &clock.results
    }
}
