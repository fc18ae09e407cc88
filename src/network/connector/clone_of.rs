//! The pairs of another projection, once more.

use std::sync::Arc;

use super::rule::{Desk, Kept, Made, Pairs, Rule, Settles};
use super::{CheckedConnector, Connector, ConnectorError, Ends, Expected, Rows, Seeded, expected, rows_of};
use crate::diagnostic::Diagnostic;
use crate::random::Stream;

rule! {
    /// The same pairs as another projection between populations of the same sizes, which stands before this one; what is drawn there is
    /// not drawn anew.
    CloneOf {
        /// Its name.
        projection: String = "projection = \"exc -> inh\"",
    }
}

impl Connector {
    /// The same pairs as another projection, by its name (`a -> b` if it was given none).
    #[doc(alias = "CloneConnector")]
    pub fn clone_of(projection: impl Into<String>) -> Connector {
        Connector::CloneOf { projection: projection.into() }
    }
}

#[derive(Debug)]
struct Again {
    of: CheckedConnector,
    /// Draws are keyed by this.
    projection: u32,
}

impl Rule for CloneOf<'_> {
    fn pairs(&self) -> Pairs<'_> {
        Pairs::Settled(self)
    }
}

impl Settles for CloneOf<'_> {
    fn settle(&self, desk: &mut dyn Desk) -> Option<Arc<dyn Kept>> {
        let (of, projection) = desk.other("projection", self.projection)?;
        Some(Arc::new(Again { of, projection }))
    }
}

impl Kept for Again {
    fn pairwise(&self) -> bool {
        matches!(&self.of, CheckedConnector::Settled(rule) if rule.is_pairwise())
    }
}

impl Made for Again {
    fn check(&self, _: Ends) -> Result<(), Diagnostic> {
        Ok(())
    }

    fn expected(&self, ends: Ends) -> Expected {
        expected(&self.of, ends)
    }

    fn rows(&self, given: Seeded) -> Result<Rows, ConnectorError> {
        let tag = Stream::Edges { projection: self.projection }.tag()?;
        rows_of(&self.of, Seeded { tag, ..given })
    }
}
