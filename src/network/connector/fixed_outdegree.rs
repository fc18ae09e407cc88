//! Each source has n targets, all choices as likely.

use super::choice::{Seen, choose, degree};
use super::rule::{Made, Pairs, Rule};
use super::{Connector, ConnectorError, Ends, Expected, Rows, Seeded, even_starts, zeros};
use crate::diagnostic::Diagnostic;
use crate::threads;

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
        let FixedOutdegree { n: &n, autapses: &autapses, multapses: &multapses } = *self;
        let Ok(n) = u32::try_from(n) else {
            let rule = "fixed outdegree";
            return Err(ConnectorError::Impossible { rule, row: "source", n, possible: u32::MAX.into(), distinct: false });
        };
        let choices = given.ends.choices(autapses);
        let possible = if multapses && choices > 0 { u32::MAX } else { choices };
        if n > possible && given.ends.sources > 0 {
            let (n, possible) = (n.into(), possible.into());
            let rule = "fixed outdegree";
            return Err(ConnectorError::Impossible { rule, row: "source", n, possible, distinct: choices > 0 });
        }
        let edges = u64::from(given.ends.sources) * u64::from(n);
        given.room.check(u128::from(edges), 0)?;
        let mut target: Vec<u32> = zeros(edges)?;
        threads::pieces(&mut target, n.max(1) as usize, Seen::default, |seen, source, row| {
            let source = source as u32;
            let own = given.ends.apart(autapses).then_some(source);
            choose(&mut given.key.draws(given.tag, source, 0), row, choices, own, multapses, seen);
        });
        Ok(Rows { row_start: even_starts(given.ends.sources, u64::from(n))?, target, order: None })
    }
}
