//! Exact propagation of closed linear systems: x(t + h) = exp(A h) x(t) + (integral of exp(A s) ds) b.
//!
//! What is added to the state is computed, not the new state, so that nothing is lost where the change is small.
//! **Source** Rotter and Diesmann (1999), Biological Cybernetics 81:381, section 3.1.

use std::collections::HashMap;

use super::linear::{Split, System};
use super::{Builder, Environment};
use crate::model::rule::{LinearSystem, Node, NodeId, Propagator, affine};

/// The linear systems of a model as the builder knows them.
pub(crate) struct Exact {
    rows: Vec<Row>,
}

/// How one state of a system moves.
struct Row {
    state: u32,
    /// Held while refractory.
    held: bool,
    free: Terms,
    /// The same while some states of the system are held, where that makes a difference.
    while_held: Option<Terms>,
}

/// Places in [`crate::model::rule::Rule::systems`] and what its row sums.
struct Terms {
    system: u32,
    row: u32,
    /// Columns whose state reaches this row, and that state.
    states: Vec<(u32, u32)>,
    /// Columns with an input: its parts (a factor of parameters times a held number).
    inputs: Vec<(u32, Parts)>,
}

/// An input in parts: a factor of parameters, times a held number if there is one.
type Parts = Vec<(NodeId, Option<NodeId>)>;

/// Whose value a factor multiplies: states have their own number, inputs start here.
const INPUTS: u32 = 1 << 20;

impl Exact {
    pub fn new(builder: &mut Builder<'_>, split: &Split, environment: &Environment) -> Exact {
        let mut rows = Vec::new();
        for system in &split.systems {
            add(builder, system, environment, &mut rows);
        }
        Exact { rows }
    }

    /// States at the end of the step.
    pub fn states_at_end(&self, builder: &mut Builder<'_>, start: &Environment) -> Vec<(u32, NodeId)> {
        self.at(builder, start, Propagator::State, Propagator::Input)
    }

    /// States in the middle of the step.
    pub fn states_at_half(&self, builder: &mut Builder<'_>, start: &Environment) -> Vec<(u32, NodeId)> {
        self.at(builder, start, Propagator::HalfState, Propagator::HalfInput)
    }

    fn at(&self, builder: &mut Builder<'_>, start: &Environment, state: Propagator, input: Propagator) -> Vec<(u32, NodeId)> {
        let mut out = Vec::new();
        for row in &self.rows {
            let old = start.states[row.state as usize];
            let mut value = moved(builder, &row.free, start, old, state, input);
            if let Some(held) = builder.held {
                if row.held {
                    value = builder.graph.select(held, old, value);
                } else if let Some(terms) = &row.while_held {
                    let slow = moved(builder, terms, start, old, state, input);
                    value = builder.graph.select(held, slow, value);
                }
            }
            out.push((row.state, value));
        }
        out
    }
}

fn moved(
    builder: &mut Builder<'_>,
    terms: &Terms,
    start: &Environment,
    old: NodeId,
    state: Propagator,
    input: Propagator,
) -> NodeId {
    let mut sum = builder.graph.constant(0.0);
    let element = |builder: &mut Builder<'_>, kind, column| {
        builder.graph.add(Node::Propagator { system: terms.system, kind, row: terms.row, column })
    };
    for &(column, source) in &terms.states {
        let p = element(builder, state, column);
        let part = builder.graph.times(p, start.states[source as usize]);
        sum = builder.graph.plus(sum, part);
    }
    let mut steady = builder.graph.constant(0.0);
    for (column, parts) in &terms.inputs {
        let q = element(builder, input, *column);
        for &(factor, value) in parts {
            let weight = builder.graph.times(q, factor);
            match value {
                Some(value) => {
                    let part = builder.graph.times(weight, value);
                    sum = builder.graph.plus(sum, part);
                }
                None => steady = builder.graph.plus(steady, weight),
            }
        }
    }
    sum = builder.graph.plus(sum, steady);
    builder.graph.plus(old, sum)
}

fn add(builder: &mut Builder<'_>, system: &System, environment: &Environment, rows: &mut Vec<Row>) {
    let n = system.states.len();
    let zero = builder.graph.constant(0.0);
    let place: HashMap<u32, usize> = system.states.iter().enumerate().map(|(j, state)| (*state, j)).collect();
    let mut matrix = vec![zero; n * n];
    let mut inputs: Vec<Parts> = Vec::new();
    for (i, row) in system.rows.iter().enumerate() {
        for (state, factor) in &row.factors {
            if let Some(j) = place.get(state) {
                matrix[i * n + j] = builder.instantiate(*factor, environment);
            }
        }
        inputs.push(input_parts(builder, row.rest, environment));
    }
    let free = push(builder, n, matrix.clone());
    let any_held = builder.held.is_some() && system.unless_refractory.iter().any(|h| *h);
    let slow = any_held.then(|| {
        let mut held = matrix.clone();
        for (i, is_held) in system.unless_refractory.iter().enumerate() {
            if *is_held {
                held[i * n..(i + 1) * n].fill(zero);
            }
        }
        (push(builder, n, held.clone()), held)
    });
    let (free_reach, slow) = (Reach::new(&matrix, n, zero), slow.map(|(id, matrix)| (id, Reach::new(&matrix, n, zero))));
    for i in 0..n {
        let terms = |id: u32, reach: &Reach, still: &[bool]| Terms {
            system: id,
            row: i as u32,
            states: (0..n).filter(|&j| reach.matters(i, j)).map(|j| (j as u32, system.states[j])).collect(),
            inputs: (0..n)
                .filter(|&j| reach.reaches(i, j) && !still[j] && !inputs[j].is_empty())
                .map(|j| (j as u32, inputs[j].clone()))
                .collect(),
        };
        let held = any_held && system.unless_refractory[i];
        let touched = (0..n).any(|j| free_reach.reaches(i, j) && system.unless_refractory[j]);
        rows.push(Row {
            state: system.states[i],
            held,
            free: terms(free, &free_reach, &vec![false; n]),
            while_held: match &slow {
                Some((id, reach)) if !held && touched => Some(terms(*id, reach, &system.unless_refractory)),
                _ => None,
            },
        });
    }
}

fn push(builder: &mut Builder<'_>, n: usize, matrix: Vec<NodeId>) -> u32 {
    builder.systems.push(LinearSystem { size: n as u32, matrix });
    builder.systems.len() as u32 - 1
}

/// Which states reach which rows of a matrix by structure, worked out once for all pairs.
struct Reach {
    n: usize,
    /// By row, then state: along non-zero elements, the row itself included.
    reached: Vec<bool>,
    /// By row: does anything lead from it back to it?
    returns: Vec<bool>,
}

impl Reach {
    fn new(matrix: &[NodeId], n: usize, zero: NodeId) -> Reach {
        let next: Vec<Vec<usize>> = (0..n).map(|a| (0..n).filter(|b| matrix[a * n + b] != zero).collect()).collect();
        let mut reached = vec![false; n * n];
        let mut open = Vec::new();
        for (i, row) in reached.chunks_mut(n.max(1)).enumerate() {
            row[i] = true;
            open.push(i);
            while let Some(a) = open.pop() {
                open.extend(next[a].iter().filter(|b| !std::mem::replace(&mut row[**b], true)));
            }
        }
        let returns = (0..n).map(|i| next[i].iter().any(|k| reached[k * n + i])).collect();
        Reach { n, reached, returns }
    }

    /// Does the value or input of state j reach row i?
    fn reaches(&self, i: usize, j: usize) -> bool {
        self.reached[i * self.n + j]
    }

    /// Is exp(A h)_ij - 1_ij other than zero by structure? On the diagonal only if something leads from i back to i.
    fn matters(&self, i: usize, j: usize) -> bool {
        if i == j { self.returns[i] } else { self.reaches(i, j) }
    }
}

/// The input of a row as factors of parameters times held numbers, and a steady part; empty if it is 0.
fn input_parts(builder: &mut Builder<'_>, rest: NodeId, environment: &Environment) -> Parts {
    let driven = builder.driven;
    let parts = affine(&mut builder.source, rest, |n| match n {
        Node::Held(k) if driven.get(k as usize).copied().unwrap_or(true) => Some(INPUTS + k),
        Node::State(k) => Some(k),
        _ => None,
    });
    let varies = |n: Node| matches!(n, Node::Held(_) | Node::State(_));
    let plain = parts.filter(|p| !p.factors.values().any(|f| builder.source.any_leaf(*f, varies)));
    let zero = builder.graph.constant(0.0);
    let one = builder.graph.constant(1.0);
    let Some(parts) = plain else {
        let value = builder.instantiate(rest, environment);
        return vec![(one, Some(value))];
    };
    let mut out = Vec::new();
    for (variable, factor) in parts.factors {
        let factor = builder.instantiate(factor, environment);
        let value = match variable.checked_sub(INPUTS) {
            Some(k) => builder.graph.add(Node::Held(k)),
            None => environment.states[variable as usize],
        };
        out.push((factor, Some(value)));
    }
    let steady = builder.instantiate(parts.rest, environment);
    if steady != zero {
        out.push((steady, None));
    }
    out
}
