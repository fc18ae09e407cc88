//! Source k to target k. Nothing is drawn.

use super::rule::{Made, Pairs, Rule};
use super::{Connector, ConnectorError, Ends, Expected, Rows, Seeded, even_starts, impossible, reserved};
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
        let (sources, targets) = (given.ends.sources, given.ends.targets);
        if sources != targets {
            return Err(ConnectorError::Sizes { sources, targets });
        }
        given.room.check(u128::from(sources), 0)?;
        let mut target = reserved(u64::from(sources))?;
        target.extend(0..sources);
        Ok(Rows { row_start: even_starts(sources, 1)?, target, order: None })
    }

    fn in_order(&self) -> bool {
        true
    }
}
