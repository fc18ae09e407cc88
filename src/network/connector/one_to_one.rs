//! Source k to target k. Nothing is drawn.

use std::sync::Arc;

use super::by_row::{self, ByRow, RowLaw, even};
use super::recipe::{RowRecipe, TargetRecipe};
use super::rule::{Made, Pairs, Rule};
use super::scratch::Scratch;
use super::starts::Starts;
use super::{Connector, ConnectorError, Ends, Expected, Rows, Seeded, impossible};
use crate::diagnostic::Diagnostic;
use crate::network::Value;

rule! {
    /// Source k to target k.
    OneToOne
}

impl Rule for OneToOne {
    fn pairs(&self) -> Pairs<'_> {
        Pairs::Made(self)
    }

    fn turned(&self, _value: &Value) -> Result<Connector, (&'static str, &'static str)> {
        Ok(Connector::OneToOne)
    }

    fn symmetric(&self) -> bool {
        true
    }
}

impl Made for OneToOne {
    fn check(&self, Ends { sources, targets, .. }: Ends) -> Result<(), Diagnostic> {
        if sources == targets {
            return Ok(());
        }
        Err(impossible(format!("one to one needs populations of one size, there are {sources} sources and {targets} targets")))
    }

    fn expected(&self, ends: Ends) -> Expected {
        Expected { synapses: ends.sources.into(), drawing: 0 }
    }

    fn rows(&self, given: Seeded) -> Result<Rows, ConnectorError> {
        by_row::rows(self, given)
    }

    fn by_row(&self) -> Option<&dyn ByRow> {
        Some(self)
    }

    fn in_order(&self) -> bool {
        true
    }
}

impl ByRow for OneToOne {
    fn starts(&self, given: Seeded) -> Result<Starts, ConnectorError> {
        let (sources, targets) = (given.ends.sources, given.ends.targets);
        if sources == targets { Ok(even(given.ends, 1)) } else { Err(ConnectorError::Sizes { sources, targets }) }
    }

    fn law(&self, _: Seeded) -> Arc<dyn RowLaw> {
        Arc::new(Itself)
    }
}

#[derive(Debug)]
struct Itself;

impl RowLaw for Itself {
    fn fill(&self, source: u32, row: &mut [u32], _: &mut Scratch) {
        row.fill(source);
    }

    fn recipe(&self) -> Option<RowRecipe> {
        Some(RowRecipe::of(TargetRecipe::Itself))
    }
}
