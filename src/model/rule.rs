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

mod affine;
mod below;
mod copy;
mod evaluate;
mod event;
mod operator;

pub(crate) use affine::{Affine, affine, closed_form};
pub use copy::replace;
pub use evaluate::NoValue;
pub use event::{EndState, EventRule, Lag, Occasion, Pass, Read};
pub use operator::{Binary, Unary};

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
        /// By place in [`Rule::systems`].
        system: u32,
        /// Which matrix.
        kind: Propagator,
        /// Row of the element.
        row: u32,
        /// Column of the element.
        column: u32,
    },
    /// 1 where the k-th draw of this kind lies below a probability, else 0: `rand() < p` of which nothing else reads the number.
    Chance(u32, NodeId),
    /// A function of one number.
    Unary(Unary, NodeId),
    /// A function of two numbers.
    Binary(Binary, NodeId, NodeId),
    /// `then` where the condition is not 0, else `otherwise`.
    Select {
        /// What decides.
        condition: NodeId,
        /// Where it is not 0.
        then: NodeId,
        /// Where it is 0.
        otherwise: NodeId,
    },
}

/// Steps are compared as two whole numbers: how often they hold this, and the rest. Up to here an f32 counts by ones.
pub const STEP_PART: u64 = 1 << 24;

/// Draws of a row that are [`Node::Chance`] at most; further ones are numbers that are compared.
pub const CHANCES_MAX: u32 = 512;

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

/// Nodes in order, each once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Graph {
    /// Operands before their users.
    pub(crate) nodes: Vec<Node>,
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

    /// All nodes, operands before their users.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The node at a place.
    pub fn node(&self, id: NodeId) -> Node {
        self.nodes[id.0 as usize]
    }

    /// The node of a constant.
    pub fn constant(&mut self, value: f64) -> NodeId {
        self.add(Node::Constant(value.to_bits()))
    }

    /// The node of a function of one number, simplified where that changes no bit.
    pub fn unary(&mut self, operator: Unary, x: NodeId) -> NodeId {
        self.add(Node::Unary(operator, x))
    }

    /// The node of a function of two numbers, simplified where that changes no bit.
    pub fn binary(&mut self, operator: Binary, a: NodeId, b: NodeId) -> NodeId {
        self.add(Node::Binary(operator, a, b))
    }

    /// x + y
    pub fn plus(&mut self, a: NodeId, b: NodeId) -> NodeId {
        self.binary(Binary::Add, a, b)
    }

    /// x - y
    pub fn minus(&mut self, a: NodeId, b: NodeId) -> NodeId {
        self.binary(Binary::Subtract, a, b)
    }

    /// x·y
    pub fn times(&mut self, a: NodeId, b: NodeId) -> NodeId {
        self.binary(Binary::Multiply, a, b)
    }

    /// x/y
    pub fn over(&mut self, a: NodeId, b: NodeId) -> NodeId {
        self.binary(Binary::Divide, a, b)
    }

    /// `then` where the condition is not 0, else `otherwise`.
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
                    // of what is no number too: it counts as not 0
                    (Binary::And, Some(0.0), _) | (Binary::Or, _, Some(1.0)) => Some(self.constant(operator.apply(0.0, 1.0))),
                    (Binary::And, _, Some(0.0)) | (Binary::Or, Some(1.0), _) => Some(self.constant(operator.apply(1.0, 0.0))),
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
            Node::Unary(_, x) | Node::Chance(_, x) => [Some(x), None, None],
            Node::Binary(_, a, b) => [Some(a), Some(b), None],
            Node::Select { condition, then, otherwise } => [Some(condition), Some(then), Some(otherwise)],
            _ => [None, None, None],
        };
        list.into_iter().flatten()
    }
}

/// A named column of numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct StateColumn {
    /// As the model names it; hidden columns (refractory countdown, armed flag) start with a space.
    pub name: String,
    /// Of its numbers.
    pub dimension: Dimension,
}

/// A port where spikes arrive.
#[derive(Clone, Debug, PartialEq)]
pub struct Port {
    /// As the model names it.
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
    /// As the model names it.
    pub name: String,
    /// Of what flows in.
    pub dimension: Dimension,
}

/// A linear system x' = A x + b whose matrix follows from parameters: its propagators are derived numbers.
#[derive(Clone, Debug)]
pub struct LinearSystem {
    /// Number of states.
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

closed! {
    /// The step of one row.
    ///
    /// [`rule`](super::integrate::rule) alone makes one, and nobody changes it:
    /// ```compile_fail,E0616
    /// fn changed(it: &mut synfire::model::rule::Rule) {
    ///     it.spike = None;
    /// }
    /// ```
    #[derive(Clone, Debug)]
    pub struct Rule {
        /// All numbers of the step.
        graph: Graph => [&Graph],
        /// Columns of state, the hidden ones last.
        states: Vec<StateColumn> => [&[StateColumn]],
        /// Where spikes arrive.
        ports: Vec<Port> => [&[Port]],
        /// Continuous inputs that something drives.
        inputs: Vec<Input> => [&[Input]],
        /// Linear systems whose propagators [`Node::Propagator`] reads.
        systems: Vec<LinearSystem> => [&[LinearSystem]],
        /// Nodes (of parameters, constants and propagators alone) behind [`Node::Derived`].
        derived: Vec<NodeId> => [&[NodeId]],
        /// The value of each state before the first step: nodes of parameters, and of [`Node::State`] for states that are
        /// initialised before it.
        initial: Vec<NodeId> => [&[NodeId]],
        /// The order in which initial values are computed.
        initial_order: Vec<u32> => [&[u32]],
        /// The value of each state after the step.
        next: Vec<NodeId> => [&[NodeId]],
        /// The value of each state at the spike test, before any reset; [`Rule::next`] where nothing is tested.
        tested: Vec<NodeId> => [&[NodeId]],
        /// Not 0 where the row spikes; `None` for models that never spike.
        spike: Option<NodeId> => [Option<NodeId>],
        /// Steps of a refractory period, where they are counted in one column: at most [`STEP_PART`] of them.
        countdown: Option<NodeId> => [Option<NodeId>],
        /// Comparisons that may meet NaN; `None`: none can.
        undefined: Option<Undefined> => [Option<Undefined>],
        /// Uniform draws a step.
        uniforms: u32 => [u32],
        /// Draws a step of which only whether they lie below a probability is asked.
        chances: u32 => [u32],
        /// Normal draws a step.
        normals: u32 => [u32],
        /// The method that was chosen and why, for `explain`.
        method: String => [&str],
        /// What a user should know of that choice.
        remark: Option<String> => [&Option<String>],
    }
}

/// Names of hidden columns that count: steps of a refractory period, parts of 2^24 of them, whether a threshold is armed.
pub(crate) const COUNTED: [&str; 3] = ["refractory", "refractory, parts of 2^24 steps", "armed"];

impl Rule {
    /// Does the step of a row draw random numbers?
    pub fn draws(&self) -> bool {
        self.uniforms + self.chances + self.normals > 0
    }

    /// The value of a state at the spike test, where it is kept neither before the step nor after it.
    pub fn overwritten(&self, state: usize) -> Option<NodeId> {
        let tested = self.tested[state];
        (tested != self.next[state] && !matches!(self.graph.node(tested), Node::State(_))).then_some(tested)
    }

    /// States that must be finite at the spike test and after every step: those that the step changes. Not the hidden ones, which
    /// count whole numbers (for ever, where a refractory time is infinite); traces that synapses keep here are among them.
    pub fn watched(&self) -> impl Iterator<Item = usize> + '_ {
        let changes = |k: &usize| self.graph.node(self.next[*k]) != Node::State(*k as u32) || self.tested[*k] != self.next[*k];
        (0..self.next.len()).filter(changes).filter(|k| {
            // what probes look at may be anything
            if self.states[*k].name.starts_with("  ") {
                return false;
            }
            // a state of the model may have such a name too
            let counted = |hidden: &str| COUNTED.contains(&hidden);
            !self.states[*k].name.strip_prefix(' ').is_some_and(counted)
        })
    }
}

closed! {
    /// The step of one synapse that its target gathers, order and method worked in; without states of its own, or with.
    ///
    /// Leaves of its graph: [`Node::Constant`], [`Node::Param`] (of the synapse), [`Node::End`], [`Node::State`] (its own, as it was
    /// at the start of the step), [`Node::Time`], and [`Node::Arrived`] of port 0: 1 if a spike of its source arrives in this step,
    /// else 0. Nothing else: no derived numbers, no draws.
    #[derive(Clone, Debug)]
    pub struct EdgeRule {
        /// All numbers of the step.
        graph: Graph => [&Graph],
        /// Columns of state.
        states: Vec<StateColumn> => [&[StateColumn]],
        /// The value of each state before the first step: nodes of parameters, and of [`Node::State`] for states that are
        /// initialised before it.
        initial: Vec<NodeId> => [&[NodeId]],
        /// The order in which initial values are computed.
        initial_order: Vec<u32> => [&[u32]],
        /// The value of each state after the step.
        next: Vec<NodeId> => [&[NodeId]],
        /// What flows to the target in this step, by place in [`super::SynapseModel::graded`].
        graded: Vec<NodeId> => [&[NodeId]],
        /// The method that was chosen and why, for `explain`; nothing where there is no state.
        method: String => [&str],
    }
}

impl EdgeRule {
    /// Does the step ask whether a spike arrives?
    pub fn reads_arrivals(&self) -> bool {
        self.next.iter().chain(&self.graded).any(|root| self.graph.any_leaf(*root, |n| matches!(n, Node::Arrived(_))))
    }
}
