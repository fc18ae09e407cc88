//! Programs against [`Graph::evaluate_with`]: random graphs, lowered and run over blocks, give the graph's own numbers to the
//! bit, whatever varies from row to row, whatever was fused, and whichever registers were used again.

use proptest::prelude::*;
use pulp::Arch;

use super::super::block::{self, Source, Table};
use super::super::operation::{ColumnSource, Operation, Program, Scalar};
use super::super::roots::{Roots, Shape};
use super::lower;
use crate::model::rule::{Binary, Graph, Node, NodeId, Unary};

const ROWS: usize = 5;
const PARAMS: u32 = 3;
const DERIVED: u32 = 2;
const HELD: u32 = 2;
const STATES: u32 = 3;

/// What a node is made of; numbers are places among the nodes that stand already, taken modulo.
#[derive(Clone, Debug)]
enum Made {
    Unary(Unary, usize),
    Binary(Binary, usize, usize),
    Select(usize, usize, usize),
    /// x + d or x, as a trace at a spike and else.
    Raise(usize, usize, usize),
    Constant(f64),
    /// lead + (((time·x + step·x) + ...) + last): what is fused into one operation.
    Chain {
        lead: Option<usize>,
        x: Vec<usize>,
        last: Option<usize>,
    },
}

#[derive(Clone, Debug)]
struct Case {
    made: Vec<Made>,
    next: Vec<usize>,
    spike: Option<usize>,
    results: Vec<usize>,
    varies: Vec<bool>,
    seed: u64,
}

fn made() -> impl Strategy<Value = Made> {
    use Binary::{Add, And, Divide, Equal, Less, LessEqual, Max, Min, Multiply, Or, Subtract};
    // without elementary functions, floor and ceil, which the engine has its own of (a zero of theirs may have the other sign); sums
    // and products are what is fused
    let unary = prop::sample::select(vec![Unary::Negate, Unary::Not, Unary::Abs, Unary::Sqrt, Unary::Sign, Unary::NotANumber]);
    let fused = prop::sample::select(vec![Add, Multiply, Subtract]);
    let other = prop::sample::select(vec![Divide, Min, Max, Less, LessEqual, Equal, And, Or]);
    // near the end of the list, so that chains grow
    let at = || prop_oneof![2 => 0usize..40, 5 => 1000usize..1006];
    prop_oneof![
        1 => (unary, at()).prop_map(|(o, x)| Made::Unary(o, x)),
        8 => (fused, at(), at()).prop_map(|(o, a, b)| Made::Binary(o, a, b)),
        2 => (other, at(), at()).prop_map(|(o, a, b)| Made::Binary(o, a, b)),
        1 => (at(), at(), at()).prop_map(|(c, a, b)| Made::Select(c, a, b)),
        1 => (at(), at(), at()).prop_map(|(c, x, d)| Made::Raise(c, x, d)),
        2 => (prop::option::of(at()), prop::collection::vec(at(), 1..=5), prop::option::of(at()))
            .prop_map(|(lead, x, last)| Made::Chain { lead, x, last }),
        1 => prop::sample::select(vec![0.0, 1.0, -1.0, 0.5, 3.0, -2.25, 1e300, f64::INFINITY]).prop_map(Made::Constant),
    ]
}

fn case() -> impl Strategy<Value = Case> {
    let places = |from: usize, to: usize| prop::collection::vec(0usize..1006, from..=to);
    let varies = prop::collection::vec(any::<bool>(), (PARAMS + DERIVED + HELD) as usize);
    (
        prop::collection::vec(made(), 1..40),
        places(STATES as usize, STATES as usize),
        prop::option::of(0usize..1006),
        places(0, 3),
        varies,
        any::<u64>(),
    )
        .prop_map(|(made, next, spike, results, varies, seed)| Case { made, next, spike, results, varies, seed })
}

/// The graph, and its nodes in the order of making.
fn graph(made: &[Made]) -> (Graph, Vec<NodeId>) {
    let mut graph = Graph::default();
    let leaves = (0..PARAMS).map(Node::Param).chain((0..DERIVED).map(Node::Derived)).chain((0..HELD).map(Node::Held));
    let leaves = leaves.chain((0..STATES).map(Node::State)).chain([
        Node::Time,
        Node::StepLow,
        Node::Arrived(0),
        Node::Uniform(0),
        Node::Normal(1),
        Node::Listed,
    ]);
    let mut nodes: Vec<NodeId> = leaves.map(|leaf| graph.add(leaf)).collect();
    for one in made {
        let at = |k: usize| place(&nodes, k);
        let node = match one {
            Made::Unary(operator, x) => Node::Unary(*operator, at(*x)),
            Made::Binary(operator, a, b) => Node::Binary(*operator, at(*a), at(*b)),
            Made::Select(condition, then, otherwise) => {
                Node::Select { condition: at(*condition), then: at(*then), otherwise: at(*otherwise) }
            }
            Made::Raise(condition, x, d) => {
                let raised = graph.plus(at(*x), at(*d));
                Node::Select { condition: at(*condition), then: raised, otherwise: at(*x) }
            }
            Made::Constant(x) => Node::Constant(x.to_bits()),
            Made::Chain { lead, x, last } => {
                let scalars = [graph.add(Node::Time), graph.add(Node::StepLow)];
                let products: Vec<NodeId> = x.iter().zip(scalars.iter().cycle()).map(|(x, s)| graph.times(*s, at(*x))).collect();
                let mut sum = products.into_iter().chain(last.map(at)).reduce(|a, b| graph.plus(a, b)).unwrap();
                if let Some(lead) = lead {
                    sum = graph.plus(at(*lead), sum);
                }
                nodes.push(sum);
                continue;
            }
        };
        nodes.push(graph.add(node));
    }
    (graph, nodes)
}

/// From 1000 on counted from the end.
fn place(nodes: &[NodeId], k: usize) -> NodeId {
    if k >= 1000 { nodes[nodes.len() - 1 - (k - 1000) % nodes.len()] } else { nodes[k % nodes.len()] }
}

/// The number of a leaf in a row: a small one, sometimes 0, of either sign.
fn number(seed: u64, leaf: Node, row: usize) -> f64 {
    use std::hash::{Hash, Hasher};
    let mut hasher = std::hash::DefaultHasher::new();
    (seed, leaf, row).hash(&mut hasher);
    let hash = hasher.finish();
    match hash % 9 {
        0 => 0.0,
        1 => 1.0,
        _ => ((hash >> 20) % 2001) as f64 / 128.0 - 7.0,
    }
}

struct Leaves<'a>(&'a Case);

impl Leaves<'_> {
    /// The number of a leaf, the same in all rows where it is one for all.
    fn of(&self, leaf: Node, row: usize) -> f64 {
        let varies = match leaf {
            Node::Param(k) => self.0.varies[k as usize],
            Node::Derived(k) => self.0.varies[(PARAMS + k) as usize],
            Node::Held(k) => self.0.varies[(PARAMS + DERIVED + k) as usize],
            Node::Time | Node::StepLow => false,
            _ => true,
        };
        number(self.0.seed, leaf, if varies { row } else { 0 })
    }

    fn fill(&self, leaf: Node, first: usize, out: &mut [f64]) {
        out.iter_mut().enumerate().for_each(|(k, x)| *x = self.of(leaf, first + k));
    }

    fn column(&self, leaf: Node) -> Vec<f64> {
        (0..ROWS).map(|row| self.of(leaf, row)).collect()
    }
}

impl Source<f64> for Leaves<'_> {
    fn arrived(&self, port: usize, first: usize, out: &mut [f64]) {
        self.fill(Node::Arrived(port as u32), first, out);
    }
    fn uniform(&self, draw: u32, first: usize, out: &mut [f64]) {
        self.fill(Node::Uniform(draw), first, out);
    }
    fn normal(&self, draw: u32, first: usize, out: &mut [f64]) {
        self.fill(Node::Normal(draw), first, out);
    }
    fn listed(&self, first: usize, out: &mut [f64]) {
        self.fill(Node::Listed, first, out);
    }
}

fn program(graph: &Graph, roots: &Roots<'_>, case: &Case) -> Program {
    let (param_varies, rest) = case.varies.split_at(PARAMS as usize);
    let (derived_varies, held_varies) = rest.split_at(DERIVED as usize);
    lower(graph, roots, &Shape { param_varies, derived_varies, held_varies }).unwrap()
}

/// The columns before the step.
fn columns(program: &Program, leaves: &Leaves<'_>) -> Table<f64> {
    let scalar = |s: &Scalar| match *s {
        Scalar::Constant(bits) => f64::from_bits(bits),
        Scalar::Param(k) => leaves.of(Node::Param(k), 0),
        Scalar::Derived(k) => leaves.of(Node::Derived(k), 0),
        Scalar::Held(k) => leaves.of(Node::Held(k), 0),
        Scalar::Time => leaves.of(Node::Time, 0),
        Scalar::StepLow => leaves.of(Node::StepLow, 0),
        // a number that must not be read before it has been worked out
        Scalar::StepHigh | Scalar::Clock(_) | Scalar::Computed(_) => f64::NAN,
    };
    let column = |c: &ColumnSource| match *c {
        ColumnSource::Param(k) => leaves.column(Node::Param(k)),
        ColumnSource::Derived(k) => leaves.column(Node::Derived(k)),
        ColumnSource::Held(k) => leaves.column(Node::Held(k)),
        ColumnSource::End(_) => Vec::new(),
    };
    let mut next = vec![Vec::new(); STATES as usize];
    program.changed.iter().for_each(|k| next[*k as usize] = vec![f64::NAN; ROWS]);
    Table {
        states: (0..STATES).map(|k| leaves.column(Node::State(k))).collect(),
        next,
        read_only: program.columns.iter().map(column).collect(),
        scalars: program.scalars.iter().map(scalar).collect(),
        registers: vec![vec![f64::NAN; ROWS]; program.registers],
    }
}

/// The same number: the same bits, or both no number.
fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan()
}

fn check(case: &Case) -> Result<Program, TestCaseError> {
    let (graph, nodes) = graph(&case.made);
    let next: Vec<NodeId> = case.next.iter().map(|k| place(&nodes, *k)).collect();
    let results: Vec<NodeId> = case.results.iter().map(|k| place(&nodes, *k)).collect();
    let spike = case.spike.map(|k| place(&nodes, k));
    let roots = Roots { next: &next, watched: &[], spike, undefined: None, results: &results };
    let program = program(&graph, &roots, case);
    let leaves = Leaves(case);
    let mut columns = columns(&program, &leaves);
    block::compute(&mut columns.scalars, &program.fixed);
    block::compute(&mut columns.scalars, &program.moving);
    // in two blocks, so that a register that is read in another one is seen; what a block leaves is read before the next
    for (first, rows) in [(0, 3), (3, 2)] {
        columns.registers.iter_mut().flatten().for_each(|x| *x = f64::NAN);
        block::run(Arch::new(), &mut columns, &program, &leaves, first, rows);
        for row in first..first + rows {
            let expected = |root: NodeId| graph.evaluate_with(root, &mut |leaf| Some(leaves.of(leaf, row))).unwrap();
            for (state, root) in next.iter().enumerate() {
                let changed = program.changed.contains(&(state as u16));
                let found = if changed { columns.next[state][row] } else { columns.states[state][row] };
                prop_assert!(same(found, expected(*root)), "state {state}, row {row}: {found}, {}", expected(*root));
            }
            let placed = program.results.iter().zip(&results).chain(program.spike.iter().zip(&spike));
            for (operand, root) in placed {
                let found = columns.value(*operand, first, row - first);
                prop_assert!(same(found, expected(*root)), "{operand:?}, row {row}: {found}, {}", expected(*root));
            }
        }
    }
    Ok(program)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn programs_compute_what_their_graphs_say(case in case()) {
        check(&case)?;
    }
}

/// The random graphs of above hold what is worth testing: every kind of fused operation, and registers used again.
#[test]
fn random_graphs_meet_every_kind_of_operation() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut met = [0; 5];
    for _ in 0..300 {
        let case = case().new_tree(&mut runner).unwrap().current();
        let program = check(&case).unwrap();
        let registers = program.operations.iter().filter(|o| !matches!(o, Operation::Copy { .. })).count();
        met[4] += usize::from(program.registers > 0 && registers > program.registers + program.changed.len());
        for operation in &program.operations {
            match operation {
                Operation::Sum { lead, products, last, .. } => {
                    met[0] += usize::from(products.len() > 2);
                    met[1] += usize::from(lead.is_some() && last.is_some());
                }
                Operation::MultiplyAdd { .. } => met[2] += 1,
                Operation::SubtractMultiply { .. } => met[3] += 1,
                _ => {}
            }
        }
    }
    assert!(met.iter().all(|n| *n > 0), "{met:?}");
}
