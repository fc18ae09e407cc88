//! A value of every edge: one number for all, one each, or drawn again whenever it is read.

use std::ops::Range;
use std::sync::Arc;

use super::{ConnectorError, DrawnColumn};

/// A value of every edge. Per-edge values are rounded to f32 once, here, so that every engine has the same network.
#[derive(Clone, Debug, PartialEq)]
pub enum EdgeColumn {
    /// One number for all.
    Shared(f64),
    /// Shared, so that a copy of a plan costs nothing.
    PerEdge(Arc<Vec<f32>>),
    /// Drawn again whenever they are read.
    Drawn(Arc<DrawnColumn>),
}

impl EdgeColumn {
    /// A column with a number per edge.
    pub fn per_edge(values: Vec<f32>) -> EdgeColumn {
        EdgeColumn::PerEdge(Arc::new(values))
    }

    /// The value of an edge.
    pub fn get(&self, edge: usize) -> f64 {
        match self {
            EdgeColumn::Shared(x) => *x,
            EdgeColumn::PerEdge(list) => f64::from(list[edge]),
            EdgeColumn::Drawn(column) => f64::from(column.get(edge as u64)),
        }
    }

    /// The same, kept.
    ///
    /// **Errors** memory that the machine does not give.
    pub(crate) fn kept(self) -> Result<EdgeColumn, ConnectorError> {
        match self {
            EdgeColumn::Drawn(column) => column.listed().map(EdgeColumn::per_edge),
            other => Ok(other),
        }
    }

    /// The number of all.
    pub fn shared(&self) -> Option<f64> {
        match self {
            EdgeColumn::Shared(x) => Some(*x),
            EdgeColumn::PerEdge(_) | EdgeColumn::Drawn(_) => None,
        }
    }

    /// Is it one number for all?
    pub fn is_shared(&self) -> bool {
        self.shared().is_some()
    }

    /// Calls with the values of some edges, in order.
    pub fn each(&self, edges: Range<u64>, mut call: impl FnMut(f64)) {
        match self {
            EdgeColumn::Shared(x) => edges.for_each(|_| call(*x)),
            EdgeColumn::PerEdge(list) => list[edges.start as usize..edges.end as usize].iter().for_each(|x| call(f64::from(*x))),
            EdgeColumn::Drawn(column) => column.each(edges, |values| values.iter().for_each(|x| call(f64::from(*x)))),
        }
    }

    /// The least and the largest value; `None`: there are none.
    pub fn span(&self) -> Option<(f64, f64)> {
        let (low, high) = match self {
            EdgeColumn::Shared(x) => return Some((*x, *x)),
            EdgeColumn::PerEdge(list) => list.iter().fold((f32::INFINITY, f32::NEG_INFINITY), |(l, h), x| (l.min(*x), h.max(*x))),
            EdgeColumn::Drawn(column) => column.span(),
        };
        (low <= high).then_some((low.into(), high.into()))
    }
}
