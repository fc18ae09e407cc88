//! Parameters of a model, row by row, as they are looked at: what a row has, how it is named, which rows differ.

use super::words::{described, quantity};
use crate::model::rule::{Graph, Node, NodeId};
use crate::model::{Bound, Param};
use crate::units::Dimension;

/// A value that a parameter cannot have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub code: &'static str,
    /// The parameter that shows it: the last of several, which is the likeliest to have been given.
    pub key: String,
    pub text: String,
}

/// Says of a parameter, by place, whether it is to be looked at.
pub(super) type Changed<'a> = &'a dyn Fn(u32) -> bool;

/// Parameters of a model, row by row.
pub(super) struct Given<'a> {
    /// What a row is: `neuron`, `synapse`.
    pub one: &'static str,
    pub graph: &'a Graph,
    pub params: &'a [Param],
    /// The value of a parameter in a row; `None`: not known yet.
    pub at: &'a dyn Fn(u32, usize) -> Option<f64>,
    /// Rows that a parameter tells apart; 1: it is the same in all.
    pub rows: &'a dyn Fn(u32) -> usize,
    /// Which parameters are to be looked at: a variant is asked about what it changes alone, since there are thousands.
    /// `None`: all.
    pub changed: Option<Changed<'a>>,
    /// The values have been rounded to f32, so bounds are rounded likewise.
    pub narrow: bool,
}

/// Parameters that a node follows from.
pub(super) fn places(graph: &Graph, node: NodeId) -> Vec<u32> {
    graph.leaves(node).into_iter().filter_map(place).collect()
}

pub(super) fn place(leaf: Node) -> Option<u32> {
    match leaf {
        Node::Param(k) => Some(k),
        _ => None,
    }
}

impl Given<'_> {
    /// Is any of these parameters to be looked at?
    pub fn asked(&self, places: &[u32]) -> bool {
        self.changed.is_none_or(|changed| places.iter().any(|k| changed(*k)))
    }

    /// Rows that these parameters tell apart.
    pub fn count(&self, places: &[u32]) -> usize {
        places.iter().map(|k| (self.rows)(*k)).max().unwrap_or(1)
    }

    /// `None`: it follows from what is not known before it is drawn, or from other things than parameters.
    pub fn evaluate(&self, node: NodeId, row: usize) -> Option<f64> {
        match self.graph.node(node) {
            Node::Param(k) => (self.at)(k, row),
            _ => self.graph.evaluate(node, &|k| (self.at)(k, row)),
        }
    }

    /// The first row whose value lies beyond a bound.
    pub fn beyond(&self, k: u32, bound: Bound, low: bool, count: usize) -> Option<usize> {
        // worked out once where it is the same for all rows: columns are long
        let shared = (self.count(&places(self.graph, bound.value)) <= 1).then(|| self.evaluate(bound.value, 0));
        let is_beyond = |row: &usize| {
            let limit = shared.unwrap_or_else(|| self.evaluate(bound.value, *row));
            let (Some(x), Some(limit)) = ((self.at)(k, *row), limit) else { return false };
            let limit = if self.narrow { f64::from(limit as f32) } else { limit };
            let over = if low { limit - x } else { x - limit };
            x != limit && over > 0.0 || x == limit && !bound.within
        };
        (0..count).find(is_beyond)
    }

    /// `` `tau` = -3 ms ``
    pub fn named(&self, k: u32, row: usize) -> String {
        let param = &self.params[k as usize];
        match (self.at)(k, row) {
            Some(x) => format!("`{}` = {}", param.name, self.quantity(x, param.dimension)),
            None => format!("`{}`", param.name),
        }
    }

    /// `` `e_hi` = 3 mV and `e_lo` = 3 mV ``
    pub fn names(&self, places: &[u32], row: usize) -> String {
        places.iter().map(|k| self.named(*k, row)).collect::<Vec<_>>().join(" and ")
    }

    /// Which row is meant, where there are several.
    pub fn place(&self, count: usize, row: usize) -> String {
        if count > 1 { format!(" of {} {row}", self.one) } else { String::new() }
    }

    /// The name of the last of these parameters.
    pub fn last(&self, places: &[u32]) -> String {
        places.last().map_or(String::new(), |k| self.params[*k as usize].name.clone())
    }

    pub fn described(&self, k: u32) -> String {
        described(self.params[k as usize].dimension)
    }

    pub fn quantity(&self, x: f64, dimension: Dimension) -> String {
        quantity(x, dimension)
    }
}
