//! What engines read: the step of one neuron (or synapse) as straight-line arithmetic on its row.
//!
//! A [`Rule`] is a graph of [`Node`]s without units, names or order: every node is a number, computed from nodes before
//! it; equal nodes stand once. States at the start of the step, parameters, arrivals and random draws are leaves; the
//! new states and the spike test are roots. Methods of integration and the order of the step have been worked in by
//! [`super::integrate`]; engines only evaluate. What depends on parameters alone is a [`Node::Derived`] leaf, computed
//! once on the host in f64 (propagators among it).
//!
//! Not here: text (`ast`), meaning (`check`), values of parameters (`plan`).

use std::collections::HashMap;

use crate::units::Dimension;

mod below;
mod evaluate;

pub use evaluate::NoValue;

/// Place of a node in [`Graph::nodes`]; operands stand before their users.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub u32);

/// One number of one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Node {
    /// A constant (the bits of an f64).
    Constant(u64),
    /// A parameter of the row, by its place in [`super::NeuronModel::params`].
    Param(u32),
    /// A number that follows from parameters and dt, by its place in [`Rule::derived`].
    Derived(u32),
    /// A state column as it was at the start of the step, by its place in [`Rule::states`].
    State(u32),
    /// The sum of what arrived at a port for this step, unscaled, by its place in [`Rule::ports`]. In an [`EdgeRule`]: port 0,
    /// 1 if a spike arrives in this step, else 0.
    Arrived(u32),
    /// A continuous input, held over the step, by its place in [`Rule::inputs`].
    Held(u32),
    /// Time at the start of the step, ms.
    Time,
    /// The number of the step over [`STEP_PART`], rounded down: with [`Node::StepLow`] whole numbers that an f32 holds, where
    /// time in ms would be rounded.
    StepHigh,
    /// The number of the step modulo [`STEP_PART`].
    StepLow,
    /// What depends on time and on shared numbers alone, worked out on the host for each step; only ever in a graph that
    /// [`Plan::clocked`](crate::plan::Plan::clocked) has made.
    Clock(u32),
    /// The step, ms; a constant once a plan has settled it.
    Dt,
    /// The k-th white noise symbol of the row; methods of integration turn it into normal draws.
    Noise(u32),
    /// The k-th uniform draw of this row and step, in [0, 1), a multiple of 2^-24.
    Uniform(u32),
    /// The k-th standard normal draw of this row and step.
    Normal(u32),
    /// 1 if the population's list of spike times names this row for the end of this step, else 0.
    Listed,
    /// A state or parameter of the source or target (synapse rules), by its place in [`super::SynapseModel::ends`].
    End(u32),
    /// An element of exp(A h) or its integrals, computed on the host; only ever below a derived number.
    Propagator {
        system: u32,
        kind: Propagator,
        row: u32,
        column: u32,
    },
    Unary(Unary, NodeId),
    Binary(Binary, NodeId, NodeId),
    /// `then` where the condition is not 0, else `otherwise`.
    Select {
        condition: NodeId,
        then: NodeId,
        otherwise: NodeId,
    },
}

/// Steps are compared as two whole numbers: how often they hold this, and the rest. Up to here an f32 counts by ones.
pub const STEP_PART: u64 = 1 << 24;

/// Which matrix of a linear system x' = A x + b an element is taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Propagator {
    /// exp(A h) - 1, over the whole step: what is added to the state, so that nothing is lost when it is small.
    State,
    /// The integral of exp(A s) from 0 to h.
    Input,
    /// exp(A h/2) - 1, over half a step.
    HalfState,
    /// The integral of exp(A s) from 0 to h/2.
    HalfInput,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unary {
    Negate,
    /// 1 - x for a truth value x.
    Not,
    Abs,
    Exp,
    Log,
    Sqrt,
    Floor,
    Ceil,
    /// -1, 0 or 1
    Sign,
    Sin,
    Cos,
    Tan,
    Tanh,
    /// (exp(x) - 1)/x, 1 at 0
    Exprel,
    /// 1 where x is NaN, by its bits; stands in what rules look at alone ([`Rule::undefined`]).
    NotANumber,
}

/// Comparisons and logic give 1 or 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Binary {
    Add,
    Subtract,
    Multiply,
    Divide,
    /// x**y for real y; whole powers have been lowered to products.
    Power,
    Min,
    Max,
    Less,
    LessEqual,
    Equal,
    And,
    Or,
}

/// Nodes in order, each once.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    pub nodes: Vec<Node>,
    index: HashMap<Node, NodeId>,
}

impl Graph {
    /// The node, made if it does not stand yet. Folds constants and what needs no arithmetic (x + 0, x·1, ...).
    pub fn add(&mut self, node: Node) -> NodeId {
        if let Some(simpler) = self.simplify(node) {
            return simpler;
        }
        if let Some(&id) = self.index.get(&node) {
            return id;
        }
        // memory ends long before 2^32 nodes do
        let id = NodeId(self.nodes.len() as u32);
        self.nodes.push(node);
        self.index.insert(node, id);
        id
    }

    pub fn node(&self, id: NodeId) -> Node {
        self.nodes[id.0 as usize]
    }

    pub fn constant(&mut self, value: f64) -> NodeId {
        self.add(Node::Constant(value.to_bits()))
    }

    pub fn unary(&mut self, operator: Unary, x: NodeId) -> NodeId {
        self.add(Node::Unary(operator, x))
    }

    pub fn binary(&mut self, operator: Binary, a: NodeId, b: NodeId) -> NodeId {
        self.add(Node::Binary(operator, a, b))
    }

    pub fn plus(&mut self, a: NodeId, b: NodeId) -> NodeId {
        self.binary(Binary::Add, a, b)
    }

    pub fn minus(&mut self, a: NodeId, b: NodeId) -> NodeId {
        self.binary(Binary::Subtract, a, b)
    }

    pub fn times(&mut self, a: NodeId, b: NodeId) -> NodeId {
        self.binary(Binary::Multiply, a, b)
    }

    pub fn over(&mut self, a: NodeId, b: NodeId) -> NodeId {
        self.binary(Binary::Divide, a, b)
    }

    pub fn select(&mut self, condition: NodeId, then: NodeId, otherwise: NodeId) -> NodeId {
        self.add(Node::Select { condition, then, otherwise })
    }

    /// The value, if the node is a constant.
    pub fn as_constant(&self, id: NodeId) -> Option<f64> {
        match self.node(id) {
            Node::Constant(bits) => Some(f64::from_bits(bits)),
            _ => None,
        }
    }

    fn simplify(&mut self, node: Node) -> Option<NodeId> {
        match node {
            Node::Unary(operator, x) => {
                if let Some(x) = self.as_constant(x) {
                    return Some(self.constant(operator.apply(x)));
                }
                match (operator, self.node(x)) {
                    (Unary::Negate, Node::Unary(Unary::Negate, y)) | (Unary::Not, Node::Unary(Unary::Not, y)) => Some(y),
                    _ => None,
                }
            }
            Node::Binary(operator, a, b) => {
                let (x, y) = (self.as_constant(a), self.as_constant(b));
                if let (Some(x), Some(y)) = (x, y) {
                    return Some(self.constant(operator.apply(x, y)));
                }
                // exact identities for every finite x; 0·x is not among them, since x may be infinite
                match (operator, x, y) {
                    (Binary::Add, Some(0.0), _) => Some(b),
                    (Binary::Add | Binary::Subtract, _, Some(0.0)) => Some(a),
                    (Binary::Subtract, Some(0.0), _) => Some(self.unary(Unary::Negate, b)),
                    (Binary::Multiply, Some(1.0), _) => Some(b),
                    (Binary::Multiply | Binary::Divide | Binary::Power, _, Some(1.0)) => Some(a),
                    (Binary::And, Some(1.0), _) | (Binary::Or, Some(0.0), _) => Some(b),
                    (Binary::And, _, Some(1.0)) | (Binary::Or, _, Some(0.0)) => Some(a),
                    _ => None,
                }
            }
            Node::Select { condition, then, otherwise } => {
                if then == otherwise {
                    return Some(then);
                }
                self.as_constant(condition).map(|c| if c != 0.0 { then } else { otherwise })
            }
            _ => None,
        }
    }

    /// Does any leaf below (or the node itself) satisfy this?
    pub fn any_leaf(&self, root: NodeId, leaf: impl Fn(Node) -> bool) -> bool {
        let mut found = false;
        self.visit(root, |id| {
            found |= leaf(self.node(id));
            !found
        });
        found
    }

    /// The leaves that a node is computed from.
    pub fn leaves(&self, id: NodeId) -> Vec<Node> {
        let leaf = |node: &Node| !matches!(node, Node::Constant(_)) && Graph::operands(*node).next().is_none();
        self.below(id, |_| false).into_iter().map(|id| self.node(id)).filter(leaf).collect()
    }

    /// Which of the nodes up to this one it is computed from; without recursion, since operands stand before their users.
    pub fn needed(&self, id: NodeId) -> Vec<bool> {
        let count = if (id.0 as usize) < self.nodes.len() { id.0 as usize + 1 } else { 0 };
        let mut needed = vec![false; count];
        if let Some(last) = needed.last_mut() {
            *last = true;
        }
        for k in (0..count).rev() {
            if needed[k] {
                for operand in Graph::operands(self.nodes[k]) {
                    if let Some(flag) = needed.get_mut(operand.0 as usize) {
                        *flag = true;
                    }
                }
            }
        }
        needed
    }

    /// The operands of a node.
    pub fn operands(node: Node) -> impl Iterator<Item = NodeId> {
        let list = match node {
            Node::Unary(_, x) => [Some(x), None, None],
            Node::Binary(_, a, b) => [Some(a), Some(b), None],
            Node::Select { condition, then, otherwise } => [Some(condition), Some(then), Some(otherwise)],
            _ => [None, None, None],
        };
        list.into_iter().flatten()
    }
}

impl Unary {
    /// In f64: the meaning that engines approximate.
    pub fn apply(self, x: f64) -> f64 {
        match self {
            Unary::Negate => -x,
            Unary::Not => 1.0 - x,
            Unary::Abs => x.abs(),
            Unary::Exp => libm::exp(x),
            Unary::Log => libm::log(x),
            Unary::Sqrt => x.sqrt(),
            Unary::Floor => x.floor(),
            Unary::Ceil => x.ceil(),
            Unary::Sign if x > 0.0 => 1.0,
            Unary::Sign if x < 0.0 => -1.0,
            Unary::Sign => x * 0.0,
            Unary::Sin => libm::sin(x),
            Unary::Cos => libm::cos(x),
            Unary::Tan => libm::tan(x),
            Unary::Tanh => libm::tanh(x),
            Unary::Exprel if x == 0.0 => 1.0,
            Unary::Exprel => libm::expm1(x) / x,
            Unary::NotANumber => f64::from(u8::from(x.is_nan())),
        }
    }
}

impl Binary {
    /// In f64: the meaning that engines approximate.
    pub fn apply(self, a: f64, b: f64) -> f64 {
        let truth = |t: bool| if t { 1.0 } else { 0.0 };
        match self {
            Binary::Add => a + b,
            Binary::Subtract => a - b,
            Binary::Multiply => a * b,
            Binary::Divide => a / b,
            // NaN to the power of 0 is NaN too
            Binary::Power if a.is_nan() || b.is_nan() => f64::NAN,
            Binary::Power => libm::pow(a, b),
            // a NaN must not vanish in a minimum
            Binary::Min => {
                if b < a || b.is_nan() {
                    b
                } else {
                    a
                }
            }
            Binary::Max => {
                if b > a || b.is_nan() {
                    b
                } else {
                    a
                }
            }
            Binary::Less => truth(a < b),
            Binary::LessEqual => truth(a <= b),
            Binary::Equal => truth(a == b),
            Binary::And => truth(a != 0.0 && b != 0.0),
            Binary::Or => truth(a != 0.0 || b != 0.0),
        }
    }
}

/// A named column of numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct StateColumn {
    /// As the model names it; hidden columns (refractory countdown, armed flag) start with a space.
    pub name: String,
    pub dimension: Dimension,
}

/// A port where spikes arrive.
#[derive(Clone, Debug, PartialEq)]
pub struct Port {
    pub name: String,
    /// Of a weight that arrives here.
    pub dimension: Dimension,
    /// Read before integration (arrivals of the time at which the step starts), else after it (arrivals of its end).
    pub at_start: bool,
    /// The port that it shares its arrivals with: it takes those of weights that are small beside the others'. Such ports come last.
    pub fine_of: Option<u32>,
}

/// A continuous input: 0 unless a stimulus or a graded projection drives it.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    pub name: String,
    pub dimension: Dimension,
}

/// A linear system x' = A x + b whose matrix follows from parameters: its propagators are derived numbers.
#[derive(Clone, Debug)]
pub struct LinearSystem {
    pub size: u32,
    /// Row-major; nodes that depend on parameters alone.
    pub matrix: Vec<NodeId>,
}

/// Comparisons with NaN, whose outcome differs between devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Undefined {
    /// Not 0 where one of them decided something.
    pub node: NodeId,
    /// Where they stand in the model.
    pub part: &'static str,
}

/// The step of one row.
#[derive(Clone, Debug)]
pub struct Rule {
    pub graph: Graph,
    /// Columns of state, the hidden ones last.
    pub states: Vec<StateColumn>,
    pub ports: Vec<Port>,
    pub inputs: Vec<Input>,
    pub systems: Vec<LinearSystem>,
    /// Nodes (of parameters, constants and propagators alone) behind [`Node::Derived`].
    pub derived: Vec<NodeId>,
    /// The value of each state before the first step: nodes of parameters, and of [`Node::State`] for states that are
    /// initialised before it.
    pub initial: Vec<NodeId>,
    /// The order in which initial values are computed.
    pub initial_order: Vec<u32>,
    /// The value of each state after the step.
    pub next: Vec<NodeId>,
    /// The value of each state at the spike test, before any reset; [`Rule::next`] where nothing is tested.
    pub tested: Vec<NodeId>,
    /// Not 0 where the row spikes; `None` for models that never spike.
    pub spike: Option<NodeId>,
    /// Steps of a refractory period, where they are counted in one column: at most [`STEP_PART`] of them.
    pub countdown: Option<NodeId>,
    /// Comparisons that may meet NaN; `None`: none can.
    pub undefined: Option<Undefined>,
    /// Uniform draws a step.
    pub uniforms: u32,
    /// Normal draws a step.
    pub normals: u32,
    /// The method that was chosen and why, for `explain`.
    pub method: String,
    /// What a user should know of that choice.
    pub remark: Option<String>,
}

impl Rule {
    /// The value of a state at the spike test, where it is kept neither before the step nor after it.
    pub fn overwritten(&self, state: usize) -> Option<NodeId> {
        let tested = self.tested[state];
        (tested != self.next[state] && !matches!(self.graph.node(tested), Node::State(_))).then_some(tested)
    }

    /// States that must be finite at the spike test and after every step: those that the step changes. Not the hidden ones, which
    /// count whole numbers (for ever, where a refractory time is infinite).
    pub fn watched(&self) -> impl Iterator<Item = usize> + '_ {
        let changes = |k: &usize| self.graph.node(self.next[*k]) != Node::State(*k as u32) || self.tested[*k] != self.next[*k];
        (0..self.next.len()).filter(changes).filter(|k| !self.states[*k].name.starts_with(' '))
    }
}

/// The step of one synapse that its target gathers, order and method worked in; without states of its own, or with.
///
/// Leaves of its graph: [`Node::Constant`], [`Node::Param`] (of the synapse), [`Node::End`], [`Node::State`] (its own, as it was
/// at the start of the step), [`Node::Time`], and [`Node::Arrived`] of port 0: 1 if a spike of its source arrives in this step,
/// else 0. Nothing else: no derived numbers, no draws.
#[derive(Clone, Debug)]
pub struct EdgeRule {
    pub graph: Graph,
    pub states: Vec<StateColumn>,
    /// The value of each state before the first step: nodes of parameters, and of [`Node::State`] for states that are
    /// initialised before it.
    pub initial: Vec<NodeId>,
    /// The order in which initial values are computed.
    pub initial_order: Vec<u32>,
    /// The value of each state after the step.
    pub next: Vec<NodeId>,
    /// What flows to the target in this step, by place in [`super::SynapseModel::graded`].
    pub graded: Vec<NodeId>,
    /// The method that was chosen and why, for `explain`; nothing where there is no state.
    pub method: String,
}

impl EdgeRule {
    /// Does the step ask whether a spike arrives?
    pub fn reads_arrivals(&self) -> bool {
        self.next.iter().chain(&self.graded).any(|root| self.graph.any_leaf(*root, |n| matches!(n, Node::Arrived(_))))
    }
}
