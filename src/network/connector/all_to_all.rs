//! Every source to every target, itself included. Nothing is drawn.

use super::rule::{Made, Pairs, Rule};
use super::{Connector, ConnectorError, Ends, Expected, Rows, Seeded, even_starts, zeros};
use crate::diagnostic::Diagnostic;
use crate::network::Value;
use crate::threads;

rule! {
    /// Every source to every target.
    #[default]
    AllToAll
}

impl Rule for AllToAll {
    fn pairs(&self) -> Pairs<'_> {
        Pairs::Made(self)
    }

    fn turned(&self, _value: &Value) -> Result<Connector, (&'static str, &'static str)> {
        Ok(Connector::AllToAll)
    }

    fn symmetric(&self) -> bool {
        true
    }
}

impl Made for AllToAll {
    fn check(&self, _: Ends) -> Result<(), Diagnostic> {
        Ok(())
    }

    fn expected(&self, ends: Ends) -> Expected {
        Expected { synapses: u64::from(ends.sources) * u64::from(ends.targets), drawing: 0 }
    }

    fn rows(&self, given: Seeded) -> Result<Rows, ConnectorError> {
        let (sources, targets) = (given.ends.sources, given.ends.targets);
        let edges = u64::from(sources) * u64::from(targets);
        given.room.check(u128::from(edges), 0)?;
        let mut target: Vec<u32> = zeros(edges)?;
        threads::pieces(&mut target, targets as usize, || (), |(), _, row| row.iter_mut().zip(0..).for_each(|(t, k)| *t = k));
        Ok(Rows { row_start: even_starts(sources, u64::from(targets))?, target, order: None })
    }
}
