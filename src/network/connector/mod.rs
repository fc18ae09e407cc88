//! From a rule to edges.

#[path = "table_stub.rs"]
pub mod table;

/// Edges of one projection, rows by source, targets ascending within a row (repeats in the order of drawing).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Connectivity {
    pub sources: u32,
    pub targets: u32,
    /// Row k is `row_start[k]..row_start[k + 1]`.
    pub row_start: Vec<u64>,
    pub target: Vec<u32>,
    /// One per value asked for, in that order.
    pub values: Vec<EdgeColumn>,
}

/// A value of every edge. Per-edge values are rounded to f32 once, here, so that every engine has the same network.
#[derive(Clone, Debug, PartialEq)]
pub enum EdgeColumn {
    Shared(f64),
    PerEdge(Vec<f32>),
}
