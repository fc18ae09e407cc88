//! When edges are the same, however they are kept.

use super::{Connectivity, Row, RowBuffer};

impl PartialEq for Connectivity {
    /// Are they the same edges with the same delays, however they are kept?
    fn eq(&self, other: &Connectivity) -> bool {
        let ends = |c: &Connectivity| (c.sources(), c.targets, c.count());
        let (mut own, mut others) = (RowBuffer::default(), RowBuffer::default());
        let moved = self.is_by_delay() != other.is_by_delay();
        let mut same = |source: u32| {
            let (a, b) = (self.row(source, &mut own), other.row(source, &mut others));
            let ends = |edges: &Connectivity, row: Row<'_>| {
                let mut ends: Vec<_> = row.targets().zip(row.edges()).map(|(target, e)| (target, edges.delay_of(e))).collect();
                // the order of those that join the same two is not kept
                ends.sort_unstable();
                ends
            };
            let alike = || a.targets().eq(b.targets()) && a.edges().all(|e| self.delay_of(e) == other.delay_of(e));
            a.first == b.first && if moved { ends(self, a) == ends(other, b) } else { alike() }
        };
        ends(self) == ends(other) && (0..self.sources()).all(&mut same)
    }
}
