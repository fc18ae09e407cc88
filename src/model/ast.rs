//! The tree of a model text, faithful to what was written: names as written, units beside numbers, a span on every node.
//!
//! Made by [`super::parse`], printed back by [`super::print`]; reading, printing and reading again gives the same tree
//! (spans apart: [`PartialEq`] ignores them). What the names mean is settled later, by [`super::check`].

use crate::diagnostic::Span;

/// A text may hold several models.
#[derive(Clone, Debug)]
pub struct ModelAst {
    pub kind: ModelKind,
    pub name: Name,
    /// In the order written.
    pub items: Vec<Item>,
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
    pub text: String,
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
    Param { name: Name, default: Option<Expr>, unit: Option<UnitText>, range: Range },
    /// `state v = e_leak : mV`
    State { name: Name, initial: Expr, unit: Option<UnitText> },
    /// `input g_exc`, `input i_exc -> a_exc * exp(1)/tau_exc (lost while refractory)`, `input i_stim : pA`
    Input { name: Name, into: Option<Name>, scale: Option<Expr>, unit: Option<UnitText>, flags: Vec<PortFlag> },
    /// `i_syn = g_exc*(e_exc - v)`: a named subexpression.
    Let { name: Name, value: Expr, unit: Option<UnitText> },
    /// `dv/dt = ... : mV (unless refractory)`; the unit, if written, is the state's.
    Equation { state: Name, value: Expr, unit: Option<UnitText>, unless_refractory: bool },
    /// `threshold v >= v_th`
    Threshold { condition: Expr, span: Span },
    /// `rearm v < v_detect`: for a model without reset; after a spike the threshold is not tested until this holds.
    Rearm { condition: Expr, span: Span },
    /// `reset v = v_reset; w = w + b`
    Reset { statements: Vec<Statement>, span: Span },
    /// `refractory t_ref` (a time) or `refractory v > 0 mV` (a condition)
    Refractory { value: Expr, span: Span },
    /// `method exponential_euler`
    Method { name: Name },
    /// `step` and its lines: an order of its own.
    Step { actions: Vec<Action>, span: Span },
    /// `on_pre g_exc += w` (synapse models): statements run when a spike of the source arrives.
    OnPre { statements: Vec<Statement>, span: Span },
    /// `graded i_syn += g * (e - post.v)` (synapse models): a continuous function of `pre` and `post` state, added to
    /// a port of the target in every step.
    Graded { port: Name, value: Expr, span: Span },
}

/// `(from 0 ms)`, `(above 0 pF to c_max)`: what a value may be. Bounds are expressions of parameters alone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Range {
    pub low: Option<Bound>,
    pub high: Option<Bound>,
}

/// One end of a [`Range`].
#[derive(Clone, Debug, PartialEq)]
pub struct Bound {
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
    pub target: Name,
    pub operator: AssignOperator,
    pub value: Expr,
    pub span: Span,
}

/// `=`, `+=`, `-=`, `*=`, `/=`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssignOperator {
    Set,
    Add,
    Subtract,
    Multiply,
    Divide,
}

/// A unit as written after a colon, already read.
#[derive(Clone, Debug)]
pub struct UnitText {
    pub text: String,
    pub unit: crate::units::Unit,
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
    pub kind: ExprKind,
    pub span: Span,
}

impl PartialEq for Expr {
    fn eq(&self, other: &Expr) -> bool {
        self.kind == other.kind
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// `20 ms`: the number as written and its unit. Never negative: a sign is a [`UnaryOperator::Negate`].
    Number {
        value: f64,
        unit: Option<UnitText>,
    },
    /// `true`, `false`
    Bool(bool),
    /// `v`, or `pre.v` and `post.v` in a synapse model.
    Name {
        scope: Option<Scope>,
        name: Name,
    },
    Unary {
        operator: UnaryOperator,
        operand: Box<Expr>,
    },
    Binary {
        operator: BinaryOperator,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    /// `exp(x)`: the name is settled by `check`.
    Call {
        function: Name,
        arguments: Vec<Expr>,
    },
    /// `a if condition else b`
    Conditional {
        condition: Box<Expr>,
        then: Box<Expr>,
        otherwise: Box<Expr>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    Pre,
    Post,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOperator {
    Negate,
    Not,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryOperator {
    Add,
    Subtract,
    Multiply,
    Divide,
    /// `**` (also written `^`), binds tighter than a sign on its left: `-x**2` is `-(x**2)`; groups to the right.
    Power,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Equal,
    NotEqual,
    And,
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
        use Item::{Equation, Graded, Input, Let, Method, OnPre, Param, Rearm, Refractory, Reset, State, Step, Threshold};
        match (self, other) {
            (Param { name: a, default: b, unit: c, range: d }, Param { name: w, default: x, unit: y, range: z }) => {
                (a, b, c, d) == (w, x, y, z)
            }
            (State { name: a, initial: b, unit: c }, State { name: x, initial: y, unit: z }) => (a, b, c) == (x, y, z),
            (Input { name: a, into: b, scale: c, unit: d, flags: e }, Input { name: v, into: w, scale: x, unit: y, flags: z }) => {
                (a, b, c, d, e) == (v, w, x, y, z)
            }
            (Let { name: a, value: b, unit: c }, Let { name: x, value: y, unit: z }) => (a, b, c) == (x, y, z),
            (
                Equation { state: a, value: b, unit: c, unless_refractory: d },
                Equation { state: w, value: x, unit: y, unless_refractory: z },
            ) => (a, b, c, d) == (w, x, y, z),
            (Threshold { condition: a, .. }, Threshold { condition: b, .. })
            | (Rearm { condition: a, .. }, Rearm { condition: b, .. })
            | (Refractory { value: a, .. }, Refractory { value: b, .. }) => a == b,
            (Reset { statements: a, .. }, Reset { statements: b, .. })
            | (OnPre { statements: a, .. }, OnPre { statements: b, .. }) => a == b,
            (Method { name: a }, Method { name: b }) => a == b,
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
