//! Between which numbers the value of a node lies, where it is known between which those of its leaves do.
//!
//! What cannot be told lies anywhere; rounding is left to the bit that fixed point keeps back.

use super::EdgeColumn;
use crate::model::rule::{Binary, Graph, Node, NodeId, Unary};

/// All numbers from one to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The least.
    pub low: f64,
    /// The largest.
    pub high: f64,
}

impl Interval {
    /// Any number.
    pub const ALL: Interval = Interval { low: f64::NEG_INFINITY, high: f64::INFINITY };

    /// One number.
    pub fn point(x: f64) -> Interval {
        Interval { low: x, high: x }
    }

    /// The least that holds a number of each synapse.
    pub fn of_column(column: &EdgeColumn) -> Interval {
        match column {
            EdgeColumn::Shared(x) => Interval::point(*x),
            EdgeColumn::PerEdge(list) => Interval::over(list.iter().map(|x| f64::from(*x))),
            EdgeColumn::Drawn(_) => {
                let (low, high) = column.span().unwrap_or((0.0, 0.0));
                Interval { low, high }
            }
        }
    }

    /// The least that holds all of these; nothing: 0.
    pub fn over(list: impl Iterator<Item = f64>) -> Interval {
        let wider = |a: Interval, x: f64| Interval { low: a.low.min(x), high: a.high.max(x) };
        list.fold(None, |known: Option<Interval>, x| Some(known.map_or(Interval::point(x), |known| wider(known, x))))
            .unwrap_or(Interval::point(0.0))
    }

    /// From the least of one to the largest of another, as far as they are known.
    pub fn between(low: Option<Interval>, high: Option<Interval>) -> Interval {
        Interval { low: low.map_or(f64::NEG_INFINITY, |i| i.low), high: high.map_or(f64::INFINITY, |i| i.high) }
    }

    /// The largest absolute value.
    pub fn size(self) -> f64 {
        self.low.abs().max(self.high.abs())
    }

    fn hull(list: [f64; 4]) -> Interval {
        if list.iter().any(|x| x.is_nan()) { Interval::ALL } else { Interval::over(list.into_iter()) }
    }

    fn times(self, other: Interval) -> Interval {
        // nothing times anything is nothing, however far the other reaches
        let product = |a: f64, b: f64| if a == 0.0 || b == 0.0 { 0.0 } else { a * b };
        let (a, b) = (self, other);
        Interval::hull([product(a.low, b.low), product(a.low, b.high), product(a.high, b.low), product(a.high, b.high)])
    }

    fn plus(self, other: Interval) -> Interval {
        let ends = [self.low + other.low, self.high + other.high];
        Interval::hull([ends[0], ends[1], ends[0], ends[1]])
    }

    fn map(self, f: impl Fn(f64) -> f64) -> Interval {
        let (a, b) = (f(self.low), f(self.high));
        Interval::hull([a, b, a, b])
    }

    /// Where a node lies.
    pub fn of(graph: &Graph, root: NodeId, leaf: &dyn Fn(Node) -> Interval) -> Interval {
        let below = graph.below(root, |_| false);
        let mut known: Vec<Interval> = Vec::with_capacity(below.len());
        let place = |id: NodeId| below.partition_point(|known| *known < id);
        for id in &below {
            let at = |id: NodeId| known[place(id)];
            let truth = Interval { low: 0.0, high: 1.0 };
            let here = match graph.node(*id) {
                Node::Constant(bits) => Interval::point(f64::from_bits(bits)),
                Node::Unary(operator, x) => {
                    let x = at(x);
                    match operator {
                        Unary::Negate => Interval { low: -x.high, high: -x.low },
                        Unary::Abs if x.low <= 0.0 && x.high >= 0.0 => Interval { low: 0.0, high: x.size() },
                        Unary::Abs => x.map(f64::abs),
                        Unary::Exp | Unary::Floor | Unary::Ceil | Unary::Tanh | Unary::Sign => x.map(|x| operator.apply(x)),
                        Unary::Sqrt | Unary::Log if x.low >= 0.0 => x.map(|x| operator.apply(x)),
                        Unary::Sin | Unary::Cos => Interval { low: -1.0, high: 1.0 },
                        Unary::Not | Unary::NotANumber => truth,
                        _ => Interval::ALL,
                    }
                }
                Node::Binary(operator, a, b) => {
                    let (x, y) = (at(a), at(b));
                    match operator {
                        Binary::Add => x.plus(y),
                        Binary::Subtract => x.plus(Interval { low: -y.high, high: -y.low }),
                        Binary::Multiply if a == b => {
                            let size = x.size();
                            Interval { low: 0.0, high: size * size }
                        }
                        Binary::Multiply => x.times(y),
                        Binary::Divide if y.low > 0.0 || y.high < 0.0 => {
                            x.times(Interval { low: (1.0 / y.low).min(1.0 / y.high), high: (1.0 / y.low).max(1.0 / y.high) })
                        }
                        Binary::Min => Interval { low: x.low.min(y.low), high: x.high.min(y.high) },
                        Binary::Max => Interval { low: x.low.max(y.low), high: x.high.max(y.high) },
                        Binary::Power if x.low >= 0.0 => {
                            let power = |x: f64, y: f64| x.powf(y);
                            Interval::hull([power(x.low, y.low), power(x.low, y.high), power(x.high, y.low), power(x.high, y.high)])
                        }
                        Binary::Less | Binary::LessEqual | Binary::Equal | Binary::And | Binary::Or => truth,
                        Binary::Divide | Binary::Power => Interval::ALL,
                    }
                }
                Node::Select { then, otherwise, .. } => {
                    let (a, b) = (at(then), at(otherwise));
                    Interval { low: a.low.min(b.low), high: a.high.max(b.high) }
                }
                Node::Chance(..) => truth,
                node => leaf(node),
            };
            known.push(here);
        }
        known[place(root)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_lies_within_what_its_states_may_be() {
        let mut graph = Graph::default();
        let (w, u, x) = (graph.add(Node::State(0)), graph.add(Node::State(1)), graph.add(Node::Held(0)));
        let (zero, one) = (graph.constant(0.0), graph.constant(1.0));
        let released = graph.times(u, x);
        let sent = graph.times(w, released);
        let leaf = |node: Node| match node {
            Node::State(0) => Interval { low: -250.0, high: 60.0 },
            Node::State(1) => Interval { low: 0.0, high: 1.0 },
            _ => Interval::ALL,
        };
        assert_eq!(Interval::of(&graph, sent, &leaf), Interval::ALL);
        let kept = graph.within(x, [Some(zero), Some(one)]);
        let released = graph.times(u, kept);
        let sent = graph.times(w, released);
        assert_eq!(Interval::of(&graph, sent, &leaf), Interval { low: -250.0, high: 60.0 });
        assert_eq!(Interval::of(&graph, sent, &leaf).size(), 250.0);
    }
}
