//! What is known while the expressions of one model are checked, and what is said wherever one does not fit.
//!
//! In: the names of a model. Out: a graph that grows, and diagnostics. Not here: the forms of expressions (`expr`), functions
//! (`functions`).

use super::Scope;
use crate::diagnostic::{Diagnostic, Span};
use crate::model::ast::Item;
use crate::model::rule::{Graph, NodeId};
use crate::model::{EndName, NeuronModel};
use crate::units::Dimension;

/// A checked expression.
#[derive(Clone, Copy, Debug)]
pub(super) struct Typed {
    pub node: NodeId,
    pub dimension: Dimension,
    /// A condition (true or false) and not a number.
    pub truth: bool,
    /// A plain `0` goes with every dimension.
    pub zero: bool,
}

/// Where an expression stands decides what it may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A parameter's default, a port's scale: parameters alone.
    Constant,
    /// An initial value: parameters, subexpressions, other states.
    Initial,
    /// A right-hand side of a differential equation: `xi` allowed, `rand()` not.
    Rate,
    /// Threshold, reset, assignments: `rand()` allowed, `xi` not.
    Statement,
    /// A synapse's expression.
    Synapse,
    /// What a spike does to a synapse: `rand()` allowed besides.
    Event,
    /// What happens to a synapse at an interval: `incoming(...)` allowed besides.
    Interval,
}

/// What to do where white noise does not fit.
pub(super) const NOISE_HELP: &str = "`xi` counts in 1/sqrt(ms): for a standard deviation sigma around a mean that is approached with tau write `sigma*sqrt(2/tau)*xi`";

/// What is needed to check the expressions of one model.
pub(super) struct Checker<'a> {
    pub scope: &'a Scope,
    pub items: &'a [Item],
    pub graph: &'a mut Graph,
    pub diagnostics: &'a mut Vec<Diagnostic>,
    pub params: Vec<Dimension>,
    pub states: Vec<Dimension>,
    pub inputs: Vec<Dimension>,
    /// Named subexpressions that have been checked, by item; `None` in it: wrong, and said.
    pub lets: std::collections::HashMap<usize, Option<Typed>>,
    /// Those being checked, outermost first.
    pub open: Vec<usize>,
    /// `xi`, `xi_1`, ... in the order met; their normals come first.
    pub noises: Vec<String>,
    pub uniforms: u32,
    /// What `incoming(...)` adds up, in the order met.
    pub totals: Vec<NodeId>,
    /// `randn()` calls so far.
    pub randns: u32,
    /// States and parameters of the two ends (synapse models).
    pub ends: Vec<EndName>,
    /// The models at the two ends, source first, once they are known.
    pub models: Option<[&'a NeuronModel; 2]>,
}

pub(super) type Checked = Option<Typed>;

impl<'a> Checker<'a> {
    /// Nothing has been checked yet. `models` are those at the two ends of a synapse, if they are known.
    pub fn new(
        scope: &'a Scope,
        items: &'a [Item],
        graph: &'a mut Graph,
        diagnostics: &'a mut Vec<Diagnostic>,
        models: Option<[&'a NeuronModel; 2]>,
    ) -> Checker<'a> {
        Checker {
            scope,
            items,
            graph,
            diagnostics,
            params: Vec::new(),
            states: Vec::new(),
            inputs: Vec::new(),
            lets: Default::default(),
            open: Vec::new(),
            noises: Vec::new(),
            uniforms: 0,
            totals: Vec::new(),
            randns: 0,
            ends: Vec::new(),
            models,
        }
    }
}

impl Checker<'_> {
    pub(super) fn fail(&mut self, diagnostic: Diagnostic) -> Checked {
        self.diagnostics.push(diagnostic);
        None
    }

    pub(super) fn number(&mut self, node: NodeId, dimension: Dimension) -> Checked {
        Some(Typed { node, dimension, truth: false, zero: false })
    }

    pub(super) fn condition(&mut self, node: NodeId) -> Checked {
        Some(Typed { node, dimension: Dimension::NONE, truth: true, zero: false })
    }

    /// The common dimension of two operands.
    pub(super) fn same(&mut self, a: Typed, b: Typed, what: &str, span: Span) -> Option<Dimension> {
        if a.zero {
            return Some(b.dimension);
        }
        if b.zero || a.dimension.fits(b.dimension) {
            return Some(a.dimension);
        }
        let message = format!("{what} differ in dimension: {} and {}", a.dimension.unit_told(), b.dimension.unit_told());
        let diagnostic = Diagnostic::new("E103", message).at(span);
        let noise = self.noise_is_meant(a.dimension.per(b.dimension));
        self.fail(if noise { diagnostic.help(NOISE_HELP) } else { diagnostic });
        None
    }

    /// Is what two dimensions differ by an odd power of the square root of time, where white noise was read?
    pub fn noise_is_meant(&self, ratio: Dimension) -> bool {
        !self.noises.is_empty() && ratio.is_odd_root_of_time()
    }
}
