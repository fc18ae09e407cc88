//! Comparisons with what is no number: 0/0, infinity less infinity, the logarithm or root of less than 0.
//!
//! NaN goes through arithmetic and ends in a state, which is looked at. In a comparison it vanishes, and which way the
//! comparison goes differs between devices: their compilers may take it that there is no NaN. So where a comparison may meet one,
//! the rule carries a node that says so, worked out from bits, and the run stops; a synapse gives NaN instead of its value,
//! which stops the run in the next state. Nothing is added where no comparison can: what is compared are states, parameters, and
//! what follows from them without a division, as a rule.
//!
//! A comparison in a branch that is not taken decides nothing, nor does one beside a false `and` or a true `or`.

use crate::model::rule::{Binary, Graph, Node, NodeId, Rule, Unary, Undefined};

/// What is known of a node beforehand.
#[derive(Clone, Copy, Default)]
struct Known {
    /// Never NaN.
    number: bool,
    /// Never NaN, never infinite.
    finite: bool,
}

/// Comparisons of a rule's step that may meet NaN.
pub(super) fn of_rule(rule: &mut Rule) -> Option<Undefined> {
    // these are looked at themselves
    let watched: Vec<NodeId> = rule.watched().flat_map(|k| [rule.tested[k], rule.next[k]]).collect();
    let mut looking = Looking::new(&mut rule.graph, &watched);
    let threshold = rule.spike.and_then(|spike| looking.undefined(spike));
    // what follows from the threshold is said of the threshold
    if let Some(spike) = rule.spike {
        looking.made[spike.0 as usize] = Some(None);
    }
    let mut equations = None;
    for next in &rule.next {
        let one = looking.undefined(*next);
        equations = looking.either(equations, one);
    }
    let part = match (threshold, equations) {
        (_, None) => "threshold",
        (None, _) => "equations",
        _ => "threshold or equations",
    };
    looking.either(threshold, equations).map(|node| Undefined { node, part })
}

/// The roots with NaN in place of what a comparison with NaN decided.
pub(super) fn poisoned(graph: &mut Graph, roots: &mut [NodeId]) {
    for root in roots {
        if let Some(undefined) = Looking::new(graph, &[]).undefined(*root) {
            let nan = graph.constant(f64::NAN);
            *root = graph.select(undefined, nan, *root);
        }
    }
}

struct Looking<'a> {
    graph: &'a mut Graph,
    known: Vec<Known>,
    /// By node: not 0 where a comparison that it follows from met NaN; `Some(None)`: none can.
    made: Vec<Option<Option<NodeId>>>,
}

impl<'a> Looking<'a> {
    fn new(graph: &'a mut Graph, watched: &[NodeId]) -> Looking<'a> {
        let mut known: Vec<Known> = Vec::with_capacity(graph.nodes.len());
        for (k, node) in graph.nodes.iter().enumerate() {
            let of = if watched.contains(&NodeId(k as u32)) { sure() } else { judge(graph, *node, &known) };
            known.push(of);
        }
        let made = vec![None; graph.nodes.len()];
        Looking { graph, known, made }
    }

    /// For operands that stand before their users.
    fn undefined(&mut self, root: NodeId) -> Option<NodeId> {
        let needed = self.graph.needed(root);
        for (k, _) in needed.iter().enumerate().filter(|(_, needed)| **needed) {
            if self.made[k].is_none() {
                let made = self.of(self.graph.nodes[k]);
                self.made[k] = Some(made);
            }
        }
        self.at(root)
    }

    fn at(&self, node: NodeId) -> Option<NodeId> {
        self.made[node.0 as usize].flatten()
    }

    fn of(&mut self, node: Node) -> Option<NodeId> {
        use Binary::{And, Equal, Less, LessEqual, Or};
        match node {
            Node::Unary(_, x) => self.at(x),
            Node::Binary(Less | LessEqual | Equal, a, b) => {
                let mut all = self.either(self.at(a), self.at(b));
                for x in [a, b] {
                    if !self.known[x.0 as usize].number {
                        let nan = self.graph.unary(Unary::NotANumber, x);
                        all = self.either(all, Some(nan));
                    }
                }
                all
            }
            Node::Binary(operator @ (And | Or), a, b) => {
                let first = self.beside(operator, self.at(a), b);
                let second = self.beside(operator, self.at(b), a);
                self.either(first, second)
            }
            Node::Binary(_, a, b) => self.either(self.at(a), self.at(b)),
            Node::Select { condition, then, otherwise } => {
                let (a, b) = (self.at(then), self.at(otherwise));
                let taken = (a.is_some() || b.is_some()).then(|| {
                    let zero = self.graph.constant(0.0);
                    self.graph.select(condition, a.unwrap_or(zero), b.unwrap_or(zero))
                });
                self.either(self.at(condition), taken)
            }
            _ => None,
        }
    }

    /// What one side leaves undefined, where the other does not decide alone.
    fn beside(&mut self, operator: Binary, undefined: Option<NodeId>, other: NodeId) -> Option<NodeId> {
        let undefined = undefined?;
        let open = if operator == Binary::And { other } else { self.graph.unary(Unary::Not, other) };
        let open = self.either(Some(open), self.at(other))?;
        Some(self.graph.binary(Binary::And, undefined, open))
    }

    fn either(&mut self, a: Option<NodeId>, b: Option<NodeId>) -> Option<NodeId> {
        match (a, b) {
            (Some(a), Some(b)) => Some(self.graph.binary(Binary::Or, a, b)),
            (a, b) => a.or(b),
        }
    }
}

fn sure() -> Known {
    Known { number: true, finite: true }
}

/// What follows from what is known of the operands. Sums and products of finite numbers may overflow.
fn judge(graph: &Graph, node: Node, known: &[Known]) -> Known {
    use Binary::{Add, And, Divide, Equal, Less, LessEqual, Max, Min, Multiply, Or, Power, Subtract};
    let at = |id: NodeId| known[id.0 as usize];
    let number = |number: bool| Known { number, finite: false };
    let factor = |id: NodeId| graph.as_constant(id).is_some_and(|x| x.is_finite() && x != 0.0);
    match node {
        Node::Constant(bits) => Known { number: !f64::from_bits(bits).is_nan(), finite: f64::from_bits(bits).is_finite() },
        // a state is looked at in the step before; a parameter may be infinite
        Node::State(_) | Node::Arrived(_) | Node::Time | Node::Dt | Node::StepHigh | Node::StepLow => sure(),
        Node::Uniform(_) | Node::Normal(_) | Node::Noise(_) | Node::Chance(..) | Node::Listed => sure(),
        Node::Param(_) | Node::End(_) => number(true),
        // what follows from parameters may be 0/0
        Node::Held(_) | Node::Derived(_) | Node::Clock(_) | Node::Propagator { .. } => number(false),
        Node::Unary(operator, x) => match operator {
            Unary::Negate | Unary::Abs | Unary::Floor | Unary::Ceil => at(x),
            Unary::Not | Unary::NotANumber => sure(),
            Unary::Sign | Unary::Tanh => Known { number: at(x).number, finite: at(x).number },
            Unary::Exp => number(at(x).number),
            Unary::Exprel => number(at(x).finite),
            Unary::Sin | Unary::Cos => Known { number: at(x).finite, finite: at(x).finite },
            Unary::Tan => number(at(x).finite),
            Unary::Sqrt => match graph.node(x) {
                Node::Unary(Unary::Abs, y) => at(y),
                Node::Binary(Multiply, a, b) if a == b => number(at(a).number),
                _ => number(false),
            },
            Unary::Log => number(false),
        },
        Node::Binary(operator, a, b) => match operator {
            Less | LessEqual | Equal | And | Or => sure(),
            Add | Subtract => number(at(a).number && at(b).number && (at(a).finite || at(b).finite)),
            Multiply => {
                let scaled = (factor(a) && at(b).number) || (factor(b) && at(a).number);
                number(scaled || (at(a).finite && at(b).finite) || (a == b && at(a).number))
            }
            Divide => number(at(a).number && at(b).number && (factor(a) || (factor(b)))),
            Min | Max => Known { number: at(a).number && at(b).number, finite: at(a).finite && at(b).finite },
            Power => number(false),
        },
        Node::Select { then, otherwise, .. } => {
            let (a, b) = (at(then), at(otherwise));
            Known { number: a.number && b.number, finite: a.finite && b.finite }
        }
    }
}
