//! Every source to every target, itself included. Nothing is drawn.

use std::sync::Arc;

use super::by_row::{self, ByRow, Everybody, RowLaw, even};
use super::rule::{Made, Pairs, Rule};
use super::starts::Starts;
use super::{Connector, ConnectorError, Ends, Expected, Rows, Seeded};
use crate::diagnostic::Diagnostic;
use crate::network::Value;

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
        by_row::rows(self, given)
    }

    fn by_row(&self) -> Option<&dyn ByRow> {
        Some(self)
    }
}

impl ByRow for AllToAll {
    fn starts(&self, given: Seeded) -> Result<Starts, ConnectorError> {
        Ok(even(given.ends, given.ends.targets.into()))
    }

    fn law(&self, _: Seeded) -> Arc<dyn RowLaw> {
        Arc::new(Everybody { apart: false })
    }
}
