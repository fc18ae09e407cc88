//! Every source to every target but itself. Nothing is drawn.

use std::sync::Arc;

use super::by_row::{self, ByRow, Everybody, RowLaw, even};
use super::rule::{Made, Pairs, Rule};
use super::starts::Starts;
use super::{Connector, ConnectorError, Ends, Expected, Rows, Seeded};
use crate::diagnostic::Diagnostic;
use crate::network::Value;

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
        by_row::rows(self, given)
    }

    fn by_row(&self) -> Option<&dyn ByRow> {
        Some(self)
    }
}

impl ByRow for AllToOthers {
    fn starts(&self, given: Seeded) -> Result<Starts, ConnectorError> {
        Ok(even(given.ends, given.ends.choices(false).into()))
    }

    fn law(&self, given: Seeded) -> Arc<dyn RowLaw> {
        Arc::new(Everybody { apart: given.ends.apart(false) })
    }
}
