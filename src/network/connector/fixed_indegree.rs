//! Each target has n sources, all choices as likely. Drawn by target, then turned into rows by source.

use super::choice::{choose, degree};
use super::rule::{Made, Pairs, Rule};
use super::scratch::Scratch;
use super::{Connector, ConnectorError, Ends, Expected, Rows, Seeded, by_source, zeros};
use crate::diagnostic::Diagnostic;
use crate::threads;

rule! {
    /// Each target has `n` sources.
    FixedIndegree {
        /// Synapses of each target.
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
    /// Each target has `n` sources, drawn with replacement.
    pub fn indegree(n: u64) -> Connector {
        Connector::FixedIndegree { n, autapses: true, multapses: true }
    }
}

impl Rule for FixedIndegree<'_> {
    fn pairs(&self) -> Pairs<'_> {
        Pairs::Made(self)
    }
}

impl Made for FixedIndegree<'_> {
    fn check(&self, ends: Ends) -> Result<(), Diagnostic> {
        let FixedIndegree { n: &n, autapses: &autapses, multapses: &multapses } = *self;
        degree(n, ends.sources.saturating_sub(u32::from(ends.apart(autapses))), "sources", multapses)
    }

    fn expected(&self, ends: Ends) -> Expected {
        let FixedIndegree { n: &n, .. } = *self;
        Expected { synapses: u64::from(ends.targets).saturating_mul(n), drawing: 4 }
    }

    fn rows(&self, given: Seeded) -> Result<Rows, ConnectorError> {
        let FixedIndegree { n: &n, autapses: &autapses, multapses: &multapses } = *self;
        let Ok(n) = u32::try_from(n) else {
            let rule = "fixed indegree";
            return Err(ConnectorError::Impossible { rule, row: "target", n, possible: u32::MAX.into(), distinct: false });
        };
        let apart = given.ends.apart(autapses);
        let choices = given.ends.sources.saturating_sub(u32::from(apart));
        let possible = if multapses && choices > 0 { u32::MAX } else { choices };
        if n > possible && given.ends.targets > 0 {
            let (n, possible) = (n.into(), possible.into());
            let rule = "fixed indegree";
            return Err(ConnectorError::Impossible { rule, row: "target", n, possible, distinct: choices > 0 });
        }
        let edges = u64::from(given.ends.targets) * u64::from(n);
        // the sources by target beside the targets by source
        given.room.check(u128::from(edges), 4)?;
        let mut source: Vec<u32> = zeros(edges)?;
        threads::pieces(&mut source, n.max(1) as usize, Scratch::default, |scratch, target, row| {
            let target = target as u32;
            let own = apart.then_some(target);
            choose(&mut given.key.draws(given.tag, target, 0), row, choices, own, multapses, scratch);
        });
        // targets come in ascending order, so every row has them ascending
        by_source(given.ends.sources, || {
            let of_targets = source.chunks(n.max(1) as usize).zip(0..);
            of_targets.flat_map(|(row, target)| row.iter().map(move |source| (*source, target)))
        })
    }
}
