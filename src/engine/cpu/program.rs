//! A rule as a list of block operations: each runs over a few hundred rows in cache, so that the plain loops vectorise.
//!
//! In: [`Rule`], which parameters and inputs vary by row. Out: [`Program`]. Not here: the loops (`block`).

use std::collections::HashMap;

use super::lasting::Nodes;
use super::operation::{ColumnSource, Once, Operand, Operation, PRODUCTS, Program, Rare, Scalar, Target};
use super::roots::{OwnedRoots, Roots, Shape, folded};
use crate::engine::Fault;
use crate::model::rule::{Binary, Graph, NoValue, Node, NodeId};

/// Lowers the nodes below the roots.
///
/// **Errors** a leaf that no row has: dt, noise and propagators are settled when a rule is built, and numbers that the shape does
/// not know belong to another rule.
pub fn lower(graph: &Graph, roots: &Roots<'_>, shape: &Shape<'_>) -> Result<Program, NoValue> {
    let plain = roots.results.len();
    let (graph, mut roots) = folded(graph, roots);
    let checks = Nodes::new(&graph, &roots);
    // what is looked at is kept as results are
    roots.results.extend(checks.all());
    let mut program = Lowering::new(&graph, roots, shape).run()?;
    program.checks = checks.placed(&program.results.split_off(plain));
    program.rare = Rare::of(&program);
    Ok(program)
}

impl From<NoValue> for Fault {
    fn from(leaf: NoValue) -> Fault {
        Fault::Bug { what: format!("a rule reads {leaf}, which none of its rows has") }
    }
}

struct Lowering<'a> {
    graph: &'a Graph,
    roots: OwnedRoots,
    shape: &'a Shape<'a>,
    /// How many nodes (or roots) use a node, after fusing.
    uses: Vec<u32>,
    /// Nodes that are computed inside their only user.
    inside: Vec<bool>,
    /// Nodes that are the same for all rows, and whether they change from step to step.
    once: Vec<Option<bool>>,
    place: HashMap<NodeId, Operand>,
    /// The state that a node is the new value of.
    next_of: HashMap<NodeId, u16>,
    program: Program,
    scalars: HashMap<Scalar, u16>,
    columns: HashMap<ColumnSource, u16>,
    free: Vec<u16>,
}

impl<'a> Lowering<'a> {
    fn new(graph: &'a Graph, roots: OwnedRoots, shape: &'a Shape<'a>) -> Self {
        let mut needed = vec![false; graph.nodes.len()];
        for root in roots.next.iter().chain(&roots.spike).chain(&roots.results) {
            for (k, n) in graph.needed(*root).into_iter().enumerate() {
                needed[k] |= n;
            }
        }
        let mut uses = vec![0; graph.nodes.len()];
        for (k, node) in graph.nodes.iter().enumerate() {
            if needed[k] {
                Graph::operands(*node).for_each(|o| uses[o.0 as usize] += 1);
            }
        }
        let mut next_of = HashMap::new();
        for (state, node) in roots.next.iter().enumerate() {
            uses[node.0 as usize] += 1;
            if graph.node(*node) != Node::State(state as u32) {
                next_of.entry(*node).or_insert(state as u16);
            }
        }
        for root in roots.spike.iter().chain(&roots.results) {
            uses[root.0 as usize] += 1;
        }
        Lowering {
            graph,
            roots,
            shape,
            uses,
            inside: vec![false; needed.len()],
            once: Vec::with_capacity(needed.len()),
            place: HashMap::new(),
            next_of,
            program: Program::default(),
            scalars: HashMap::new(),
            columns: HashMap::new(),
            free: Vec::new(),
        }
        .marked(needed)
    }

    /// Marks what is computed inside its user, and what is not needed at all, as done.
    fn marked(mut self, needed: Vec<bool>) -> Self {
        for node in &self.graph.nodes {
            let once = match self.leaf(*node) {
                Some(Leaf::Scalar(s)) => Some(s.is_live()),
                Some(_) => None,
                // draws differ from row to row
                None if matches!(node, Node::Chance(..)) => None,
                None => Graph::operands(*node).map(|o| self.once[o.0 as usize]).reduce(|a, b| Some(a? | b?)).flatten(),
            };
            self.once.push(once);
        }
        for k in (0..needed.len()).rev() {
            let id = NodeId(k as u32);
            if !needed[k] {
                self.inside[k] = true;
            } else if !self.inside[k] {
                for part in self.parts(id) {
                    self.inside[part.0 as usize] = true;
                }
            }
        }
        self
    }

    fn single(&self, id: NodeId) -> bool {
        self.uses[id.0 as usize] == 1 && !self.next_of.contains_key(&id)
    }

    fn is_scalar(&self, id: NodeId) -> bool {
        self.once[id.0 as usize].is_some()
    }

    fn product(&self, id: NodeId) -> Option<(NodeId, NodeId)> {
        match self.graph.node(id) {
            Node::Binary(Binary::Multiply, a, b) if self.single(id) && !self.is_scalar(id) => Some((a, b)),
            _ => None,
        }
    }

    /// scalar·x with x no scalar
    fn scaled(&self, id: NodeId) -> Option<(NodeId, NodeId)> {
        let (a, b) = self.product(id)?;
        match (self.is_scalar(a), self.is_scalar(b)) {
            (true, false) => Some((a, b)),
            (false, true) => Some((b, a)),
            _ => None,
        }
    }

    /// A left-leaning chain of sums of scaled nodes: the products, what was added last, and the inner sums.
    fn chain(&self, top: NodeId) -> Option<Chain> {
        let mut inner = Vec::new();
        let mut at = top;
        let mut products = Vec::new();
        let mut last = None;
        loop {
            if self.is_scalar(at) {
                return None;
            }
            if let Some((s, x)) = self.scaled(at) {
                inner.push(at);
                products.push((s, x));
                break;
            }
            let Node::Binary(Binary::Add, a, b) = self.graph.node(at) else { return None };
            if at != top && !self.single(at) {
                return None;
            }
            if at != top {
                inner.push(at);
            }
            match self.scaled(b) {
                Some((s, x)) => {
                    inner.push(b);
                    products.push((s, x));
                }
                None if at == top => last = Some(b),
                None => return None,
            }
            if products.len() > PRODUCTS {
                return None;
            }
            at = a;
        }
        products.reverse();
        (products.len() <= PRODUCTS && (products.len() > 1 || last.is_some())).then_some(Chain {
            lead: None,
            products,
            last,
            inner,
        })
    }

    fn fused(&self, id: NodeId) -> Fused {
        let node = self.graph.node(id);
        if self.is_scalar(id) {
            return Fused::None;
        }
        match node {
            Node::Binary(Binary::Add, a, b) => {
                // x + chain
                if self.single(b)
                    && let Some(mut chain) = self.chain(b)
                {
                    chain.lead = Some(a);
                    chain.inner.push(b);
                    return Fused::Sum(chain);
                }
                if let Some((s, x)) = self.scaled(b)
                    && self.chain(id).is_none()
                {
                    return Fused::Sum(Chain { lead: Some(a), products: vec![(s, x)], last: None, inner: vec![b] });
                }
                if let Some(chain) = self.chain(id) {
                    return Fused::Sum(chain);
                }
                if let Some((x, y)) = self.product(b) {
                    return Fused::MultiplyAdd { a: x, b: y, c: a, inner: b };
                }
                if let Some((x, y)) = self.product(a) {
                    return Fused::MultiplyAdd { a: x, b: y, c: b, inner: a };
                }
            }
            Node::Binary(Binary::Multiply, a, b) => {
                for (difference, factor) in [(a, b), (b, a)] {
                    if let Node::Binary(Binary::Subtract, x, y) = self.graph.node(difference)
                        && self.single(difference)
                        && !self.is_scalar(difference)
                    {
                        return Fused::SubtractMultiply { a: x, b: y, c: factor, inner: difference };
                    }
                }
            }
            Node::Select { condition, then, otherwise: x } if self.single(then) && !self.is_scalar(then) => {
                if let Node::Binary(Binary::Add, a, d) = self.graph.node(then)
                    && a == x
                    && d != x
                {
                    return Fused::Raise { condition, x, d, inner: then };
                }
            }
            _ => {}
        }
        Fused::None
    }

    /// Nodes that are computed inside this one.
    fn parts(&self, id: NodeId) -> Vec<NodeId> {
        match self.fused(id) {
            Fused::None => Vec::new(),
            Fused::Sum(chain) => chain.inner,
            Fused::MultiplyAdd { inner, .. } | Fused::SubtractMultiply { inner, .. } | Fused::Raise { inner, .. } => vec![inner],
        }
    }

    /// The operands of a node after fusing.
    fn reads(&self, id: NodeId) -> Vec<NodeId> {
        match self.fused(id) {
            Fused::None => Graph::operands(self.graph.node(id)).collect(),
            Fused::Sum(c) => c.products.iter().map(|p| p.1).chain(c.lead).chain(c.last).collect(),
            Fused::MultiplyAdd { a, b, c, .. } | Fused::SubtractMultiply { a, b, c, .. } => vec![a, b, c],
            Fused::Raise { condition, x, d, .. } => vec![condition, x, d],
        }
    }

    fn run(mut self) -> Result<Program, NoValue> {
        let order: Vec<NodeId> = (0..self.graph.nodes.len() as u32).map(NodeId).filter(|n| !self.inside[n.0 as usize]).collect();
        let mut last_read: HashMap<NodeId, usize> = HashMap::new();
        for (k, id) in order.iter().enumerate() {
            for o in self.reads(*id) {
                last_read.insert(o, k);
            }
        }
        for root in self.roots.next.iter().chain(&self.roots.spike).chain(&self.roots.results) {
            last_read.insert(*root, usize::MAX);
        }
        for (k, id) in order.iter().enumerate() {
            if let Some(leaf) = self.leaf(self.graph.node(*id)) {
                let operand = self.operand_of(leaf);
                self.place.insert(*id, operand);
                continue;
            }
            if let Some(moves) = self.once[id.0 as usize] {
                let operand = self.computed(*id, moves)?;
                self.place.insert(*id, operand);
                continue;
            }
            let to = match self.next_of.get(id) {
                Some(state) => Target::Next(*state),
                None => Target::Register(self.take_register()),
            };
            let operation = self.operation(*id, to)?;
            self.program.operations.push(operation);
            self.place.insert(
                *id,
                match to {
                    Target::Register(r) => Operand::Register(r),
                    Target::Next(s) => Operand::Next(s),
                },
            );
            let mut reads = self.reads(*id);
            reads.sort_unstable();
            reads.dedup();
            for read in reads {
                if last_read.get(&read) == Some(&k)
                    && let Some(Operand::Register(r)) = self.place.get(&read)
                {
                    self.free.push(*r);
                }
            }
        }
        self.finish()
    }

    /// New values that are leaves, or that several states share, are copied; then the roots are named.
    fn finish(mut self) -> Result<Program, NoValue> {
        for (state, node) in self.roots.next.clone().into_iter().enumerate() {
            if self.graph.node(node) == Node::State(state as u32) {
                continue;
            }
            self.program.changed.push(state as u16);
            let from = self.at(node)?;
            if from != Operand::Next(state as u16) {
                self.program.operations.push(Operation::Copy { to: Target::Next(state as u16), from });
            }
        }
        self.program.spike = self.roots.spike.map(|n| self.at(n)).transpose()?;
        let results = std::mem::take(&mut self.roots.results);
        self.program.results = results.into_iter().map(|n| self.at(n)).collect::<Result<_, _>>()?;
        self.program.live = (0u16..).zip(&self.program.scalars).filter(|(_, s)| s.is_live()).map(|(k, _)| k).collect();
        Ok(self.program)
    }

    fn take_register(&mut self) -> u16 {
        self.free.pop().unwrap_or_else(|| {
            self.program.registers += 1;
            self.program.registers as u16 - 1
        })
    }

    /// `None`: it is computed, or no row has it.
    fn leaf(&self, node: Node) -> Option<Leaf> {
        let read = |flags: &[bool], k: u32, column: ColumnSource, scalar: Scalar| {
            flags.get(k as usize).map(|varies| if *varies { Leaf::Column(column) } else { Leaf::Scalar(scalar) })
        };
        Some(match node {
            Node::Constant(bits) => Leaf::Scalar(Scalar::Constant(bits)),
            Node::Param(k) => return read(self.shape.param_varies, k, ColumnSource::Param(k), Scalar::Param(k)),
            Node::Derived(k) => return read(self.shape.derived_varies, k, ColumnSource::Derived(k), Scalar::Derived(k)),
            Node::Held(k) => return read(self.shape.held_varies, k, ColumnSource::Held(k), Scalar::Held(k)),
            Node::End(k) => Leaf::Column(ColumnSource::End(k)),
            Node::Time => Leaf::Scalar(Scalar::Time),
            Node::StepHigh => Leaf::Scalar(Scalar::StepHigh),
            Node::StepLow => Leaf::Scalar(Scalar::StepLow),
            Node::Clock(k) => Leaf::Scalar(Scalar::Clock(k)),
            Node::State(k) => Leaf::State(k),
            _ => return None,
        })
    }

    fn operand_of(&mut self, leaf: Leaf) -> Operand {
        match leaf {
            Leaf::Scalar(s) => Operand::Scalar(self.scalar(s)),
            Leaf::Column(c) => {
                let next = self.program.columns.len() as u16;
                let k = *self.columns.entry(c).or_insert(next);
                if k == next {
                    self.program.columns.push(c);
                }
                Operand::Column(k)
            }
            Leaf::State(k) => Operand::State(k as u16),
        }
    }

    fn scalar(&mut self, s: Scalar) -> u16 {
        let next = self.program.scalars.len() as u16;
        let k = *self.scalars.entry(s).or_insert(next);
        if k == next {
            self.program.scalars.push(s);
        }
        k
    }

    /// A node that is computed once for all rows.
    fn computed(&mut self, id: NodeId, moves: bool) -> Result<Operand, NoValue> {
        let step = match self.graph.node(id) {
            Node::Unary(operator, x) => Once::Unary(operator, self.table(x)?),
            Node::Binary(operator, a, b) => Once::Binary(operator, self.table(a)?, self.table(b)?),
            Node::Select { condition, then, otherwise } => {
                Once::Select(self.table(condition)?, self.table(then)?, self.table(otherwise)?)
            }
            // leaves stand in the table themselves
            _ => return self.at(id),
        };
        let to = self.scalar(Scalar::Computed(self.program.scalars.len() as u16));
        if moves { &mut self.program.moving } else { &mut self.program.fixed }.push((to, step));
        Ok(Operand::Scalar(to))
    }

    /// The place of a scalar in the table.
    fn table(&mut self, id: NodeId) -> Result<u16, NoValue> {
        match self.at(id)? {
            Operand::Scalar(k) => Ok(k),
            _ => Err(NoValue(self.graph.node(id))),
        }
    }

    fn at(&mut self, id: NodeId) -> Result<Operand, NoValue> {
        if let Some(place) = self.place.get(&id) {
            return Ok(*place);
        }
        // a leaf that only fused users read
        let node = self.graph.node(id);
        self.leaf(node).map(|leaf| self.operand_of(leaf)).ok_or(NoValue(node))
    }

    fn operation(&mut self, id: NodeId, to: Target) -> Result<Operation, NoValue> {
        match self.fused(id) {
            Fused::Sum(chain) => {
                let mut products = Vec::new();
                for (s, x) in chain.products {
                    products.push((self.table(s)?, self.at(x)?));
                }
                let lead = chain.lead.map(|l| self.at(l)).transpose()?;
                let last = chain.last.map(|l| self.at(l)).transpose()?;
                return Ok(Operation::Sum { to, lead, products, last });
            }
            Fused::MultiplyAdd { a, b, c, .. } => {
                return Ok(Operation::MultiplyAdd { to, a: self.at(a)?, b: self.at(b)?, c: self.at(c)? });
            }
            Fused::SubtractMultiply { a, b, c, .. } => {
                return Ok(Operation::SubtractMultiply { to, a: self.at(a)?, b: self.at(b)?, c: self.at(c)? });
            }
            Fused::Raise { condition, x, d, .. } => {
                return Ok(Operation::Raise { to, condition: self.at(condition)?, x: self.at(x)?, d: self.at(d)? });
            }
            Fused::None => {}
        }
        Ok(match self.graph.node(id) {
            Node::Unary(operator, x) => Operation::Unary { to, operator, x: self.at(x)? },
            Node::Binary(operator, a, b) => Operation::Binary { to, operator, a: self.at(a)?, b: self.at(b)? },
            Node::Select { condition, then, otherwise } => {
                let (condition, then, otherwise) = (self.at(condition)?, self.at(then)?, self.at(otherwise)?);
                Operation::Select { to, condition, then, otherwise }
            }
            Node::Arrived(port) => Operation::Arrived { to, port: port as u16 },
            Node::Uniform(draw) => Operation::Uniform { to, draw },
            Node::Chance(draw, p) => Operation::Chance { to, draw, p: self.at(p)? },
            Node::Normal(draw) => Operation::Normal { to, draw },
            Node::Listed => Operation::Listed { to },
            _ => Operation::Copy { to, from: self.at(id)? },
        })
    }
}

enum Leaf {
    Scalar(Scalar),
    Column(ColumnSource),
    State(u32),
}

struct Chain {
    lead: Option<NodeId>,
    products: Vec<(NodeId, NodeId)>,
    last: Option<NodeId>,
    inner: Vec<NodeId>,
}

enum Fused {
    None,
    Sum(Chain),
    MultiplyAdd { a: NodeId, b: NodeId, c: NodeId, inner: NodeId },
    SubtractMultiply { a: NodeId, b: NodeId, c: NodeId, inner: NodeId },
    Raise { condition: NodeId, x: NodeId, d: NodeId, inner: NodeId },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lowered(node: Node) -> Result<Program, NoValue> {
        let mut graph = Graph::default();
        let (state, other) = (graph.add(Node::State(0)), graph.add(node));
        let next = graph.plus(state, other);
        let shape = Shape { param_varies: &[false], derived_varies: &[], held_varies: &[] };
        let roots = Roots { next: &[next], watched: &[], spike: None, undefined: None, results: &[] };
        lower(&graph, &roots, &shape)
    }

    #[test]
    fn a_leaf_that_no_row_has_is_named() {
        assert!(lowered(Node::Param(0)).is_ok());
        for leaf in [Node::Dt, Node::Noise(0), Node::Param(1), Node::Derived(0), Node::Held(0)] {
            assert_eq!(lowered(leaf).err(), Some(NoValue(leaf)), "{leaf:?}");
        }
    }
}

#[cfg(test)]
#[path = "program_test.rs"]
mod random_graphs;
