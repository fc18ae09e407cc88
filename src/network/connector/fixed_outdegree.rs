//! Each source has n targets, all choices as likely.

use std::sync::Arc;

use super::by_row::{self, ByRow, RowLaw, even};
use super::choice::{chosen, degree};
use super::rule::{Made, Pairs, Rule};
use super::starts::Starts;
use super::{Connector, ConnectorError, Ends, Expected, Rows, Seeded};
use crate::diagnostic::Diagnostic;

rule! {
    /// Each source has `n` targets.
    FixedOutdegree {
        /// Synapses of each source.
        n: u64 = "n = 100",
        /// Neuron k may meet itself, within one population; yes if not given.
        #[serde(default = "yes")]
        autapses: bool = "autapses = false",
        /// A pair may be joined more than once; yes if not given.
        #[serde(default = "yes")]
        multapses: bool = "multapses = false",
    }
}

impl Connector {
    /// Each source has `n` targets, drawn with replacement.
    pub fn outdegree(n: u64) -> Connector {
        Connector::FixedOutdegree { n, autapses: true, multapses: true }
    }
}

impl Rule for FixedOutdegree<'_> {
    fn pairs(&self) -> Pairs<'_> {
        Pairs::Made(self)
    }
}

impl Made for FixedOutdegree<'_> {
    fn check(&self, ends: Ends) -> Result<(), Diagnostic> {
        let FixedOutdegree { n: &n, autapses: &autapses, multapses: &multapses } = *self;
        degree(n, ends.choices(autapses), "targets", multapses)
    }

    fn expected(&self, ends: Ends) -> Expected {
        let FixedOutdegree { n: &n, .. } = *self;
        Expected { synapses: u64::from(ends.sources).saturating_mul(n), drawing: 0 }
    }

    fn rows(&self, given: Seeded) -> Result<Rows, ConnectorError> {
        by_row::rows(self, given)
    }

    fn by_row(&self) -> Option<&dyn ByRow> {
        Some(self)
    }
}

impl ByRow for FixedOutdegree<'_> {
    fn starts(&self, given: Seeded) -> Result<Starts, ConnectorError> {
        let FixedOutdegree { n: &n, autapses: &autapses, multapses: &multapses } = *self;
        let choices = given.ends.choices(autapses);
        let possible = if multapses && choices > 0 { u32::MAX } else { choices };
        if n > u64::from(possible) && given.ends.sources > 0 {
            let distinct = choices > 0 && n <= u64::from(u32::MAX);
            let (rule, row, possible) = ("fixed outdegree", "source", possible.into());
            return Err(ConnectorError::Impossible { rule, row, n, possible, distinct });
        }
        Ok(even(given.ends, n))
    }

    fn has_recipe(&self) -> bool {
        *self.multapses
    }

    fn law(&self, given: Seeded) -> Arc<dyn RowLaw> {
        chosen(given, *self.autapses, *self.multapses)
    }
}
