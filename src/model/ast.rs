//! The tree of a model text, faithful to what was written: names as written, units beside numbers, a span on every node.
//!
//! Made by [`super::parse`], printed back by [`super::print`]; reading, printing and reading again gives the same tree
//! (spans apart: [`PartialEq`] ignores them). What the names mean is settled later, by [`super::check`].

use crate::diagnostic::Span;

/// A text may hold several models.
#[derive(Clone, Debug)]
pub struct ModelAst {
    /// Of neurons or of synapses.
    pub kind: ModelKind,
    /// The name that networks use.
    pub name: Name,
    /// In the order written.
    pub items: Vec<Item>,
    /// Where it stands in the text.
    pub span: Span,
}

/// What a model describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelKind {
    /// `neuron NAME`: a row per neuron.
    Neuron,
    /// `synapse NAME`: a row per synapse.
    Synapse,
}

/// An identifier where it stands.
#[derive(Clone, Debug, Eq)]
pub struct Name {
    /// As written.
    pub text: String,
    /// Where it stands in the text.
    pub span: Span,
}

impl PartialEq for Name {
    fn eq(&self, other: &Name) -> bool {
        self.text == other.text
    }
}

/// One line of a model (a `param` line with several names gives several items).
#[derive(Clone, Debug)]
pub enum Item {
    /// `param c_m = 200 pF (above 0 pF)` or `param rate : Hz` (no default: the population must give it).
    Param {
        /// Its name.
        name: Name,
        /// What it is if nobody says.
        default: Option<Expr>,
        /// As written behind the colon.
        unit: Option<UnitText>,
        /// What a value may be.
        range: Range,
    },
    /// `state v = e_leak : mV`, `state w = 0.5 nS (from 0 nS to w_max)`
    State {
        /// Its name.
        name: Name,
        /// Before the first step.
        initial: Expr,
        /// As written behind the colon.
        unit: Option<UnitText>,
        /// What its values are kept within (synapse models).
        range: Range,
    },
    /// `modulator dopamine = 0 nM` (synapse models): a number from elsewhere, which a projection says.
    Modulator {
        /// Its name.
        name: Name,
        /// What it is if the projection says nothing; `None`: it must.
        default: Option<Expr>,
        /// As written behind the colon.
        unit: Option<UnitText>,
    },
    /// `input g_exc`, `input i_exc -> a_exc * exp(1)/tau_exc (lost while refractory)`, `input i_stim : pA`
    Input {
        /// Its name.
        name: Name,
        /// The state that arrivals are added to; `None`: a state of the same name, or a continuous input.
        into: Option<Name>,
        /// What an arrival is multiplied by.
        scale: Option<Expr>,
        /// As written behind the colon.
        unit: Option<UnitText>,
        /// What stands in brackets.
        flags: Vec<PortFlag>,
    },
    /// `i_syn = g_exc*(e_exc - v)`: a named subexpression.
    Let {
        /// Its name.
        name: Name,
        /// What it stands for.
        value: Expr,
        /// As written behind the colon.
        unit: Option<UnitText>,
    },
    /// `dv/dt = ... : mV (unless refractory)`; the unit, if written, is the state's.
    Equation {
        /// The state whose derivative it is.
        state: Name,
        /// The derivative.
        value: Expr,
        /// As written behind the colon.
        unit: Option<UnitText>,
        /// The state is held while the neuron is refractory.
        unless_refractory: bool,
    },
    /// `threshold v >= v_th`
    Threshold {
        /// The neuron spikes where it holds.
        condition: Expr,
        /// Where it stands in the text.
        span: Span,
    },
    /// `rearm v < v_detect`: for a model without reset; after a spike the threshold is not tested until this holds.
    Rearm {
        /// The threshold is tested again once it holds.
        condition: Expr,
        /// Where it stands in the text.
        span: Span,
    },
    /// `reset v = v_reset; w = w + b`
    Reset {
        /// One after the other.
        statements: Vec<Statement>,
        /// Where it stands in the text.
        span: Span,
    },
    /// `refractory t_ref` (a time) or `refractory v > 0 mV` (a condition)
    Refractory {
        /// A time or a condition.
        value: Expr,
        /// Where it stands in the text.
        span: Span,
    },
    /// `method exponential_euler`
    Method {
        /// Its name.
        name: Name,
    },
    /// `step` and its lines: an order of its own.
    Step {
        /// In order.
        actions: Vec<Action>,
        /// Where it stands in the text.
        span: Span,
    },
    /// `on_pre g_exc += w` (synapse models): statements run when a spike of the source arrives.
    OnPre {
        /// One after the other.
        statements: Vec<Statement>,
        /// Where it stands in the text.
        span: Span,
    },
    /// `on_post w += a*x` (synapse models): statements run when the target spikes.
    OnPost {
        /// One after the other.
        statements: Vec<Statement>,
        /// Where it stands in the text.
        span: Span,
    },
    /// `every 1 s  w = w*total/incoming(w)` (synapse models): statements run at all whole multiples of a time.
    Every {
        /// The time; parameters and literals.
        interval: Expr,
        /// One after the other.
        statements: Vec<Statement>,
        /// Where it stands in the text.
        span: Span,
    },
    /// `delay dendritic` (synapse models): where the delay lies.
    Delay {
        /// As written; what it means is settled by `check`.
        place: Name,
    },
    /// `graded i_syn += g * (e - post.v)` (synapse models): a continuous function of `pre` and `post` state, added to
    /// a port of the target in every step.
    Graded {
        /// The continuous input of the target.
        port: Name,
        /// What flows into it.
        value: Expr,
        /// Where it stands in the text.
        span: Span,
    },
}

/// `(from 0 ms)`, `(above 0 pF to c_max)`: what a value may be, of a parameter or a state. Bounds are expressions of parameters alone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Range {
    /// The lower bound, if there is one.
    pub low: Option<Bound>,
    /// The upper bound, if there is one.
    pub high: Option<Bound>,
}

/// One end of a [`Range`].
#[derive(Clone, Debug, PartialEq)]
pub struct Bound {
    /// The bound.
    pub value: Expr,
    /// `from`, `to`: the bound itself may be; `above`, `below`: it may not.
    pub within: bool,
}

/// What stands in brackets behind an input port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortFlag {
    /// `at start`: arrivals are added before the state is integrated.
    AtStart,
    /// `on arrival`: arrivals are added after integration, before the threshold is tested. The default.
    OnArrival,
    /// `lost while refractory`
    LostWhileRefractory,
}

/// One line of a `step` block.
#[derive(Clone, Debug)]
pub enum Action {
    /// `receive`: add what has arrived at the ports.
    Receive(Span),
    /// `integrate`: advance the differential equations by the method.
    Integrate(Span),
    /// `spike`: test the threshold, emit, reset.
    Spike(Span),
    /// `graded`: what flows to the target is worked out here (synapse models).
    Graded(Span),
    /// `v = v + 0.5 ms * (...)`
    Assign(Statement),
}

/// `v = v_reset`, `w += b`
#[derive(Clone, Debug)]
pub struct Statement {
    /// The state, or the port of a synapse's target.
    pub target: Name,
    /// How the value meets it.
    pub operator: AssignOperator,
    /// The right side.
    pub value: Expr,
    /// Where it stands in the text.
    pub span: Span,
}

/// `=`, `+=`, `-=`, `*=`, `/=`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssignOperator {
    /// `=`
    Set,
    /// `+=`
    Add,
    /// `-=`
    Subtract,
    /// `*=`
    Multiply,
    /// `/=`
    Divide,
}

/// A unit as written after a colon, already read.
#[derive(Clone, Debug)]
pub struct UnitText {
    /// As written.
    pub text: String,
    /// What it means.
    pub unit: crate::units::Unit,
    /// Where it stands in the text.
    pub span: Span,
}

impl PartialEq for UnitText {
    fn eq(&self, other: &UnitText) -> bool {
        self.text == other.text
    }
}

/// An expression where it stands.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands in the text.
    pub span: Span,
}

impl PartialEq for Expr {
    fn eq(&self, other: &Expr) -> bool {
        self.kind == other.kind
    }
}

/// An expression, its parts below it.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// `20 ms`: the number as written and its unit. Never negative: a sign is a [`UnaryOperator::Negate`].
    Number {
        /// As written.
        value: f64,
        /// As written beside it.
        unit: Option<UnitText>,
    },
    /// `true`, `false`
    Bool(bool),
    /// `v`, or `pre.v` and `post.v` in a synapse model.
    Name {
        /// Which end of a synapse; `None`: the model itself.
        scope: Option<Scope>,
        /// As written.
        name: Name,
    },
    /// A sign, or `!`.
    Unary {
        /// Which.
        operator: UnaryOperator,
        /// Of what.
        operand: Box<Expr>,
    },
    /// Two operands and what stands between them.
    Binary {
        /// What stands between them.
        operator: BinaryOperator,
        /// The left one.
        left: Box<Expr>,
        /// The right one.
        right: Box<Expr>,
    },
    /// `exp(x)`: the name is settled by `check`.
    Call {
        /// Its name.
        function: Name,
        /// In order.
        arguments: Vec<Expr>,
    },
    /// `a if condition else b`
    Conditional {
        /// What decides.
        condition: Box<Expr>,
        /// Where it holds.
        then: Box<Expr>,
        /// Where it does not.
        otherwise: Box<Expr>,
    },
}

/// An end of a synapse, in its own text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// `pre.`: the source.
    Pre,
    /// `post.`: the target.
    Post,
}

/// An operator before its operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOperator {
    /// `-`
    Negate,
    /// `!`
    Not,
}

/// An operator between two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryOperator {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `**` (also written `^`), binds tighter than a sign on its left: `-x**2` is `-(x**2)`; groups to the right.
    Power,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `&&`
    And,
    /// `||`
    Or,
}

// Equality is about what is said, not where: spans are left out.

impl PartialEq for ModelAst {
    fn eq(&self, other: &ModelAst) -> bool {
        (self.kind, &self.name, &self.items) == (other.kind, &other.name, &other.items)
    }
}

impl PartialEq for Item {
    fn eq(&self, other: &Item) -> bool {
        use Item::{
            Delay, Equation, Every, Graded, Input, Let, Method, Modulator, OnPost, OnPre, Param, Rearm, Refractory, Reset, State,
            Step, Threshold,
        };
        match (self, other) {
            (Param { name: a, default: b, unit: c, range: d }, Param { name: w, default: x, unit: y, range: z }) => {
                (a, b, c, d) == (w, x, y, z)
            }
            (State { name: a, initial: b, unit: c, range: d }, State { name: w, initial: x, unit: y, range: z }) => {
                (a, b, c, d) == (w, x, y, z)
            }
            (Input { name: a, into: b, scale: c, unit: d, flags: e }, Input { name: v, into: w, scale: x, unit: y, flags: z }) => {
                (a, b, c, d, e) == (v, w, x, y, z)
            }
            (Modulator { name: a, default: b, unit: c }, Modulator { name: x, default: y, unit: z }) => (a, b, c) == (x, y, z),
            (Let { name: a, value: b, unit: c }, Let { name: x, value: y, unit: z }) => (a, b, c) == (x, y, z),
            (
                Equation { state: a, value: b, unit: c, unless_refractory: d },
                Equation { state: w, value: x, unit: y, unless_refractory: z },
            ) => (a, b, c, d) == (w, x, y, z),
            (Threshold { condition: a, .. }, Threshold { condition: b, .. })
            | (Rearm { condition: a, .. }, Rearm { condition: b, .. })
            | (Refractory { value: a, .. }, Refractory { value: b, .. }) => a == b,
            (Reset { statements: a, .. }, Reset { statements: b, .. })
            | (OnPre { statements: a, .. }, OnPre { statements: b, .. })
            | (OnPost { statements: a, .. }, OnPost { statements: b, .. }) => a == b,
            (Every { interval: a, statements: b, .. }, Every { interval: x, statements: y, .. }) => (a, b) == (x, y),
            (Method { name: a }, Method { name: b }) | (Delay { place: a }, Delay { place: b }) => a == b,
            (Step { actions: a, .. }, Step { actions: b, .. }) => a == b,
            (Graded { port: a, value: b, .. }, Graded { port: x, value: y, .. }) => (a, b) == (x, y),
            _ => false,
        }
    }
}

impl PartialEq for Action {
    fn eq(&self, other: &Action) -> bool {
        match (self, other) {
            (Action::Assign(a), Action::Assign(b)) => a == b,
            (Action::Assign(_), _) | (_, Action::Assign(_)) => false,
            _ => std::mem::discriminant(self) == std::mem::discriminant(other),
        }
    }
}

impl PartialEq for Statement {
    fn eq(&self, other: &Statement) -> bool {
        (&self.target, self.operator, &self.value) == (&other.target, other.operator, &other.value)
    }
}
