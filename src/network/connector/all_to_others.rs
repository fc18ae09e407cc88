//! Every source to every target but itself. Nothing is drawn.

use super::rule::{Made, Pairs, Rule};
use super::{Connector, ConnectorError, Ends, Expected, Rows, Seeded, even_starts, skip, zeros};
use crate::diagnostic::Diagnostic;
use crate::network::Value;
use crate::threads;

rule! {
    /// Every source to every target, but no neuron to itself: `all_to_all` without autapses.
    AllToOthers
}

impl Rule for AllToOthers {
    fn pairs(&self) -> Pairs<'_> {
        Pairs::Made(self)
    }

    fn turned(&self, _value: &Value) -> Result<Connector, (&'static str, &'static str)> {
        Ok(Connector::AllToOthers)
    }

    fn symmetric(&self) -> bool {
        true
    }
}

impl Made for AllToOthers {
    fn check(&self, _: Ends) -> Result<(), Diagnostic> {
        Ok(())
    }

    fn expected(&self, ends: Ends) -> Expected {
        Expected { synapses: u64::from(ends.sources) * u64::from(ends.choices(false)), drawing: 0 }
    }

    fn rows(&self, given: Seeded) -> Result<Rows, ConnectorError> {
        let width = given.ends.choices(false);
        let edges = u64::from(given.ends.sources) * u64::from(width);
        given.room.check(u128::from(edges), 0)?;
        let mut target: Vec<u32> = zeros(edges)?;
        let apart = given.ends.apart(false);
        threads::pieces(
            &mut target,
            width as usize,
            || (),
            |(), source, row| {
                row.iter_mut().zip(0..).for_each(|(t, k)| *t = skip(k, apart.then_some(source as u32)));
            },
        );
        Ok(Rows { row_start: even_starts(given.ends.sources, u64::from(width))?, target, order: None })
    }
}
