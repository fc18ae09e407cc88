//! What a node is worth in f64, where the values of its leaves are known: the meaning that engines approximate.

use super::{Graph, Node, NodeId};

/// A leaf that has no value where a number was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", told(.0))]
pub struct NoValue(pub Node);

fn told(leaf: &Node) -> String {
    match leaf {
        Node::Param(k) => format!("parameter {k}"),
        Node::Derived(k) => format!("derived number {k}"),
        Node::State(k) => format!("state {k}"),
        Node::Arrived(k) => format!("what arrives at port {k}"),
        Node::Held(k) => format!("input {k}"),
        Node::Time | Node::StepHigh | Node::StepLow | Node::Clock(_) => "the time".into(),
        Node::Dt => "dt".into(),
        Node::Noise(_) | Node::Uniform(_) | Node::Normal(_) | Node::Chance(..) => "a random draw".into(),
        Node::Listed => "a listed spike".into(),
        Node::End(k) => format!("name {k} of an end"),
        Node::Propagator { system, .. } => format!("a propagator of system {system}"),
        Node::Constant(_) | Node::Unary(..) | Node::Binary(..) | Node::Select { .. } => "an operation".into(),
    }
}

impl Graph {
    /// The value of a node that depends on parameters alone, in f64. `None`: on something else too, or on a parameter that has
    /// none.
    pub fn evaluate(&self, id: NodeId, param: &dyn Fn(u32) -> Option<f64>) -> Option<f64> {
        let of_param = |leaf| match leaf {
            Node::Param(place) => param(place),
            _ => None,
        };
        self.evaluate_with(id, &mut { of_param }).ok()
    }

    /// The value of a node in f64, given those of its leaves.
    ///
    /// **Errors** the first leaf that has none.
    pub fn evaluate_with(&self, id: NodeId, leaf: &mut dyn FnMut(Node) -> Option<f64>) -> Result<f64, NoValue> {
        let below = self.below(id, |_| false);
        let mut values: Vec<f64> = Vec::with_capacity(below.len());
        // operands stand before their users, the node itself last
        let place = |id: NodeId| below.partition_point(|known| *known < id);
        for known in &below {
            let at = |id: NodeId| values[place(id)];
            let value = match self.node(*known) {
                Node::Constant(bits) => f64::from_bits(bits),
                Node::Unary(operator, x) => operator.apply(at(x)),
                Node::Binary(operator, a, b) => operator.apply(at(a), at(b)),
                Node::Select { condition, then, otherwise } => {
                    if at(condition) != 0.0 {
                        at(then)
                    } else {
                        at(otherwise)
                    }
                }
                node => leaf(node).ok_or(NoValue(node))?,
            };
            values.push(value);
        }
        Ok(values[place(id)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leaf_without_a_value_is_named_and_no_number() {
        let mut graph = Graph::default();
        let (tau, v, two) = (graph.add(Node::Param(0)), graph.add(Node::State(3)), graph.constant(2.0));
        let half = graph.over(tau, two);
        let sum = graph.plus(half, v);
        assert_eq!(graph.evaluate(half, &|_| Some(10.0)), Some(5.0));
        assert_eq!(graph.evaluate(half, &|_| None), None);
        assert_eq!(graph.evaluate(sum, &|_| Some(10.0)), None, "a state is no parameter");
        let params = |leaf| matches!(leaf, Node::Param(_)).then_some(10.0);
        assert_eq!(graph.evaluate_with(sum, &mut { params }), Err(NoValue(Node::State(3))));
        assert_eq!(NoValue(Node::State(3)).to_string(), "state 3");
        assert_eq!(graph.evaluate_with(sum, &mut |_| Some(10.0)), Ok(15.0));
        assert!(graph.evaluate(half, &|_| Some(f64::NAN)).is_some_and(f64::is_nan), "a NaN that is a value stays one");
    }
}
