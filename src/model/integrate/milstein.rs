//! Milstein's method for noise whose strength depends on its own state: Euler-Maruyama plus
//! s s' h (N^2 - 1)/2; in the sense of Stratonovich s s' h N^2/2. Strong order 1. **Source** Milstein (1975), Theory of Probability and its Applications 19:557.

use super::euler_maruyama::{draw, stepped};
use super::linear::Split;
use super::{Builder, Environment, MethodError};
use crate::model::rule::{Binary, Graph, Node, NodeId, Unary};

pub(crate) fn advance(
    builder: &mut Builder<'_>,
    split: &Split,
    start: &Environment,
    environment: &mut Environment,
    ito: bool,
) -> Result<(), MethodError> {
    for equation in &split.others {
        let mut value = stepped(builder, equation, start);
        let not_diagonal = || MethodError::NotDiagonal {
            model: builder.model.ast.name.text.clone(),
            state: builder.model.states[equation.state as usize].name.clone(),
        };
        match equation.noise.as_slice() {
            [] => {}
            &[(noise, factor)] => {
                let variable = Node::State(equation.state);
                let others = |n: Node| {
                    matches!(n, Node::State(_)) && n != variable && split.others.iter().any(|o| n == Node::State(o.state))
                };
                if builder.source.any_leaf(factor, others) {
                    return Err(not_diagonal());
                }
                let slope = derivative(&mut builder.source, factor, variable);
                let Some(slope) = slope else { return Err(not_diagonal()) };
                let s = builder.instantiate(factor, start);
                let slope = builder.instantiate(slope, start);
                let product = builder.graph.times(s, slope);
                let product = builder.unless_held(equation, product);
                let normal = draw(builder, noise);
                let square = builder.graph.times(normal, normal);
                let one = builder.graph.constant(if ito { 1.0 } else { 0.0 });
                let centred = builder.graph.minus(square, one);
                let term = builder.graph.times(product, centred);
                value = builder.move_by(value, builder.dt / 2.0, term);
            }
            _ => return Err(not_diagonal()),
        }
        environment.states[equation.state as usize] = value;
    }
    Ok(())
}

/// The derivative by one leaf, if every function on the way has one here.
fn derivative(graph: &mut Graph, root: NodeId, variable: Node) -> Option<NodeId> {
    let zero = graph.constant(0.0);
    let mut slopes: Vec<Option<NodeId>> = Vec::with_capacity(root.0 as usize + 1);
    for i in 0..=root.0 {
        let id = NodeId(i);
        let node = graph.node(id);
        let get = |x: NodeId| slopes[x.0 as usize];
        let slope = if node == variable {
            Some(graph.constant(1.0))
        } else if Graph::operands(node).all(|o| get(o) == Some(zero)) {
            Some(zero)
        } else {
            match node {
                Node::Unary(operator, x) => get(x).and_then(|dx| unary(graph, operator, x, id, dx)),
                Node::Binary(operator, a, b) => get(a).zip(get(b)).and_then(|(da, db)| binary(graph, operator, (a, da), (b, db))),
                Node::Select { condition, then, otherwise } => {
                    get(then).zip(get(otherwise)).map(|(a, b)| graph.select(condition, a, b))
                }
                _ => Some(zero),
            }
        };
        slopes.push(slope);
    }
    slopes.pop().flatten()
}

fn unary(graph: &mut Graph, operator: Unary, x: NodeId, value: NodeId, dx: NodeId) -> Option<NodeId> {
    let outer = match operator {
        Unary::Negate => return Some(graph.unary(Unary::Negate, dx)),
        Unary::Exp => value,
        Unary::Log => return Some(graph.over(dx, x)),
        Unary::Sqrt => {
            let two = graph.constant(2.0);
            let root = graph.times(two, value);
            return Some(graph.over(dx, root));
        }
        Unary::Sin => graph.unary(Unary::Cos, x),
        Unary::Cos => {
            let sine = graph.unary(Unary::Sin, x);
            graph.unary(Unary::Negate, sine)
        }
        Unary::Tanh => {
            let one = graph.constant(1.0);
            let square = graph.times(value, value);
            graph.minus(one, square)
        }
        Unary::Abs => graph.unary(Unary::Sign, x),
        _ => return None,
    };
    Some(graph.times(outer, dx))
}

fn binary(graph: &mut Graph, operator: Binary, (a, da): (NodeId, NodeId), (b, db): (NodeId, NodeId)) -> Option<NodeId> {
    match operator {
        Binary::Add | Binary::Subtract => Some(graph.binary(operator, da, db)),
        Binary::Multiply => {
            let (left, right) = (graph.times(da, b), graph.times(a, db));
            Some(graph.plus(left, right))
        }
        Binary::Divide => {
            let quotient = graph.over(a, b);
            let back = graph.times(quotient, db);
            let top = graph.minus(da, back);
            Some(graph.over(top, b))
        }
        Binary::Min | Binary::Max => {
            let first =
                if operator == Binary::Min { graph.binary(Binary::LessEqual, a, b) } else { graph.binary(Binary::LessEqual, b, a) };
            Some(graph.select(first, da, db))
        }
        _ => None,
    }
}
