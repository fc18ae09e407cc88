//! Rule graph to WGSL statements: one `let` per node, every operator in brackets, no long expression.
//!
//! In: a [`Graph`] and its roots. Out: lines, and how each root is written. A product that feeds a sum becomes an explicit
//! `fma`, so that nothing is left for a driver to contract. Truth values are `bool` as long as they are used as such.
//! Not here: where leaves come from (`update`), the functions (`shaders/functions.wgsl`).

use super::{WgslError, names};
use crate::model::rule::{Binary, Graph, Node, NodeId, Unary};

/// Statements that work out some nodes.
pub struct Statements<'a> {
    graph: &'a Graph,
    /// What each node is called, once its statement stands.
    names: Vec<Option<String>>,
    /// Which nodes need a statement of their own.
    wanted: Vec<bool>,
    pub lines: Vec<String>,
}

impl<'a> Statements<'a> {
    /// Of a row's step.
    ///
    /// **Errors** leaves that no step of a row has: noise symbols, ends of a synapse, propagators.
    pub fn new(graph: &'a Graph, roots: &[NodeId]) -> Result<Statements<'a>, WgslError> {
        Self::with(graph, roots, &of_row)
    }

    /// With leaves called as `leaf` says.
    ///
    /// **Errors** leaves that it has no name for.
    pub fn with(graph: &'a Graph, roots: &[NodeId], leaf: &dyn Fn(Node) -> Option<String>) -> Result<Statements<'a>, WgslError> {
        let mut wanted = vec![false; graph.nodes.len()];
        roots.iter().for_each(|r| wanted[r.0 as usize] = true);
        for i in (0..graph.nodes.len()).rev() {
            if !wanted[i] {
                continue;
            }
            match fused(graph, graph.nodes[i]) {
                Some(f) => [f.a, f.b, f.c].iter().for_each(|o| wanted[o.0 as usize] = true),
                None => Graph::operands(graph.nodes[i]).for_each(|o| wanted[o.0 as usize] = true),
            }
        }
        let mut statements = Statements { graph, names: vec![None; graph.nodes.len()], wanted, lines: Vec::new() };
        for i in 0..graph.nodes.len() {
            if statements.wanted[i] {
                statements.state(NodeId(i as u32), leaf)?;
            }
        }
        Ok(statements)
    }

    /// Is the node among those that were asked for, or below them?
    pub fn reads(&self, node: impl Fn(Node) -> bool) -> bool {
        self.graph.nodes.iter().zip(&self.wanted).any(|(n, wanted)| *wanted && node(*n))
    }

    /// The node as a number.
    pub fn number(&self, id: NodeId) -> String {
        let name = self.name(id);
        if self.is_truth(id) { format!("select(0.0, 1.0, {name})") } else { name }
    }

    /// The sum of a variable and the node; the statements must have been made with [`Statements::with`] for a sum.
    pub fn sum_with(&self, sum: &str, id: NodeId) -> String {
        match product(self.graph, id) {
            Some((a, b, minus)) if self.named(a) && self.named(b) => {
                let a = if minus { format!("(-{})", self.number(a)) } else { self.number(a) };
                format!("fma({a}, {}, {sum})", self.number(b))
            }
            _ => format!("({sum} + {})", self.number(id)),
        }
    }

    fn named(&self, id: NodeId) -> bool {
        self.names[id.0 as usize].is_some()
    }

    /// The node as a condition.
    pub fn truth(&self, id: NodeId) -> String {
        let name = self.name(id);
        if self.is_truth(id) { name } else { format!("({name} != 0.0)") }
    }

    fn name(&self, id: NodeId) -> String {
        self.names[id.0 as usize].clone().unwrap_or_default()
    }

    fn is_truth(&self, id: NodeId) -> bool {
        use Binary::{And, Equal, Less, LessEqual, Or};
        matches!(
            self.graph.node(id),
            Node::Listed
                | Node::Chance(..)
                | Node::Unary(Unary::Not | Unary::NotANumber, _)
                | Node::Binary(Less | LessEqual | Equal | And | Or, ..)
        )
    }

    fn state(&mut self, id: NodeId, leaf: &dyn Fn(Node) -> Option<String>) -> Result<(), WgslError> {
        let node = self.graph.node(id);
        let name = match node {
            Node::Constant(bits) => literal(f64::from_bits(bits) as f32),
            Node::Unary(..) | Node::Binary(..) | Node::Chance(..) | Node::Select { .. } => {
                let name = names::temporary(self.lines.len());
                let value = self.value(node);
                self.lines.push(format!("let {name} = {value};"));
                name
            }
            node => leaf(node).ok_or_else(|| WgslError::Leaf(format!("{node:?}")))?,
        };
        self.names[id.0 as usize] = Some(name);
        Ok(())
    }

    fn value(&self, node: Node) -> String {
        if let Some(f) = fused(self.graph, node) {
            let minus = |flag: bool, id: NodeId| if flag { format!("(-{})", self.number(id)) } else { self.number(id) };
            return format!("fma({}, {}, {})", minus(f.minus_product, f.a), self.number(f.b), minus(f.minus_c, f.c));
        }
        match node {
            Node::Unary(operator, x) => self.unary(operator, x),
            Node::Binary(operator, a, b) => self.binary(operator, a, b),
            Node::Chance(draw, p) => format!("random_chance({}, {draw}u, {})", self.number(p), names::DRAWN),
            Node::Select { condition, then, otherwise } => {
                format!("select({}, {}, {})", self.number(otherwise), self.number(then), self.truth(condition))
            }
            _ => String::new(),
        }
    }

    fn unary(&self, operator: Unary, x: NodeId) -> String {
        let function = match operator {
            Unary::Negate => return format!("(-{})", self.number(x)),
            Unary::Not => return format!("(!{})", self.truth(x)),
            Unary::Abs => "abs",
            Unary::Exp => "exponential",
            Unary::Log => "logarithm",
            Unary::Sqrt => "root",
            Unary::Floor => "floor",
            Unary::Ceil => "ceil",
            Unary::Sign => "signum",
            Unary::Sin => "sine",
            Unary::Cos => "cosine",
            Unary::Tan => "tangent",
            Unary::Tanh => "hyperbolic_tangent",
            Unary::NotANumber => "is_nan",
            Unary::Exprel => "exprel",
        };
        format!("{function}({})", self.number(x))
    }

    fn binary(&self, operator: Binary, a: NodeId, b: NodeId) -> String {
        let operator = match operator {
            Binary::And => return format!("({} && {})", self.truth(a), self.truth(b)),
            Binary::Or => return format!("({} || {})", self.truth(a), self.truth(b)),
            Binary::Power => return format!("power({}, {})", self.number(a), self.number(b)),
            Binary::Min => return format!("least({}, {})", self.number(a), self.number(b)),
            Binary::Max => return format!("greatest({}, {})", self.number(a), self.number(b)),
            Binary::Add => "+",
            Binary::Subtract => "-",
            Binary::Multiply => "*",
            Binary::Divide => "/",
            Binary::Less => "<",
            Binary::LessEqual => "<=",
            Binary::Equal => "==",
        };
        format!("({} {operator} {})", self.number(a), self.number(b))
    }
}

/// What a leaf of a row's step is called.
fn of_row(node: Node) -> Option<String> {
    Some(match node {
        Node::Param(k) => names::param(k),
        Node::Derived(k) => names::derived(k),
        Node::State(k) => names::state(k as usize),
        Node::Arrived(k) => names::arrived(k),
        Node::Held(k) => names::held(k),
        Node::Uniform(k) => names::uniform(k),
        Node::Normal(k) => names::normal(k),
        Node::Time => names::TIME.to_owned(),
        Node::StepHigh => names::STEP_HIGH.to_owned(),
        Node::StepLow => names::STEP_LOW.to_owned(),
        Node::Clock(k) => names::clock(k),
        Node::Listed => names::LISTED.to_owned(),
        _ => return None,
    })
}

/// ±a·b ± c
struct Fused {
    a: NodeId,
    b: NodeId,
    c: NodeId,
    minus_product: bool,
    minus_c: bool,
}

/// The sum as a product and a rest; the second operand is the product where both are.
fn fused(graph: &Graph, node: Node) -> Option<Fused> {
    let Node::Binary(operator @ (Binary::Add | Binary::Subtract), x, y) = node else { return None };
    let subtract = operator == Binary::Subtract;
    if let Some((a, b, minus)) = product(graph, y) {
        return Some(Fused { a, b, c: x, minus_product: minus != subtract, minus_c: false });
    }
    let (a, b, minus) = product(graph, x)?;
    Some(Fused { a, b, c: y, minus_product: minus, minus_c: subtract })
}

/// The factors, if the node is a product or the negative of one.
fn product(graph: &Graph, id: NodeId) -> Option<(NodeId, NodeId, bool)> {
    match graph.node(id) {
        Node::Binary(Binary::Multiply, a, b) => Some((a, b, false)),
        Node::Unary(Unary::Negate, x) => product(graph, x).map(|(a, b, minus)| (a, b, !minus)),
        _ => None,
    }
}

/// A number that reads back to the same bits.
pub fn literal(x: f32) -> String {
    if !x.is_finite() {
        return format!("of_bits(0x{:08x}u)", x.to_bits());
    }
    // the shortest text that reads back; numbers below the normal ones by their bits, since a device may flush them
    let text = if x.is_subnormal() { format!("of_bits(0x{:08x}u)", x.abs().to_bits()) } else { format!("{:?}f", x.abs()) };
    if x.is_sign_negative() { format!("(-{text})") } else { text }
}
