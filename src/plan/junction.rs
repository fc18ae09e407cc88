//! Synapses that act both ways: each pair of neurons of a population once, and the same synapses by their other ends.
//!
//! In: the edges of a projection and their values. Out: these, as junctions. Not here: what flows (`model`), who asks for it (`network`).

use super::{Connectivity, EdgeColumn, PlanError};
use crate::network::Connector;
use crate::network::checked::{CheckedConnector, CheckedProjection};

/// Two neurons of a population that no single junction joins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pair(u32, u32);

impl Pair {
    pub(super) fn of(self, projection: &CheckedProjection) -> PlanError {
        PlanError::Junction { projection: projection.name.clone(), a: self.0, b: self.1 }
    }
}

/// The junctions of a population with itself. Where every pair of neurons is joined or drawn, it is looked at from one end alone;
/// other rules name each junction once.
///
/// **Errors** a neuron joined with itself, two that are joined from both ends.
pub(super) fn once(
    rule: &CheckedConnector,
    edges: Connectivity,
    columns: Vec<EdgeColumn>,
) -> Result<(Connectivity, Vec<EdgeColumn>), Pair> {
    let pairwise = match rule {
        CheckedConnector::Rule(rule) => matches!(rule, Connector::AllToAll | Connector::FixedProbability { .. }),
        CheckedConnector::Settled(rule) => rule.is_pairwise(),
        CheckedConnector::List { .. } => false,
    };
    if pairwise {
        return Ok(above_diagonal(&edges, &columns));
    }
    let mut ends = Vec::with_capacity(edges.count() as usize);
    edges.each(0..edges.count(), |_, a, b| ends.push((a, b)));
    // sorted already: rows by source, targets ascending
    match ends.iter().find(|(a, b)| a == b || a < b && ends.binary_search(&(*b, *a)).is_ok()) {
        Some((a, b)) => Err(Pair(*a, *b)),
        None => Ok((edges, columns)),
    }
}

/// Edges to a neuron of a higher number.
fn above_diagonal(edges: &Connectivity, columns: &[EdgeColumn]) -> (Connectivity, Vec<EdgeColumn>) {
    let (mut row_start, mut target, mut kept) = (vec![0], Vec::new(), Vec::new());
    edges.rows(|source, row| {
        for (edge, to) in row.edges().zip(row.targets()).filter(|(_, to)| *to > source) {
            target.push(to);
            kept.push(edge);
        }
        row_start.push(target.len() as u64);
    });
    (Connectivity::stored(edges.targets(), row_start, target), taken(columns, &kept))
}

/// The same edges from target to source.
pub(super) fn turned(edges: &Connectivity, columns: &[EdgeColumn]) -> (Connectivity, Vec<EdgeColumn>) {
    let view = edges.by_target();
    let columns = taken(columns, &view.edge);
    (Connectivity::stored(edges.sources(), view.row_start.clone(), view.source.clone()), columns)
}

/// Values of these edges.
fn taken(columns: &[EdgeColumn], edges: &[u64]) -> Vec<EdgeColumn> {
    let of = |column: &EdgeColumn| match column {
        EdgeColumn::Shared(x) => EdgeColumn::Shared(*x),
        _ => EdgeColumn::per_edge(edges.iter().map(|edge| column.get(*edge as usize) as f32).collect()),
    };
    columns.iter().map(of).collect()
}
