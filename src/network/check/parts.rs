//! Parts of populations that a projection joins: `source_rows`, `target_rows`.

use super::Checker;
use super::connectors::Joined;
use crate::diagnostic::Diagnostic;
use crate::network::checked::{PopulationId, RowSet};
use crate::network::slot::Slot;
use crate::network::{Connector, Projection};

impl Checker<'_> {
    /// The two ends of a projection, as far as they are known.
    pub(super) fn joined(
        &mut self,
        part: &str,
        given: &Projection,
        source: Option<PopulationId>,
        target: Option<PopulationId>,
    ) -> Option<Joined> {
        let sources = source.and_then(|id| self.size_of(id));
        let targets = target.and_then(|id| self.size_of(id));
        if given.source_rows.is_none() && given.target_rows.is_none() {
            return Some(Joined { sources: sources?, targets: targets?, of: (source?, target?), rows: None });
        }
        let from = sources.and_then(|size| self.rows_under(part, "source_rows", given.source_rows.as_ref(), size));
        let to = targets.and_then(|size| self.rows_under(part, "target_rows", given.target_rows.as_ref(), size));
        let (of, rows) = ((source?, target?), [from?, to?]);
        if of.0 == of.1 && !rows[0].iter().eq(rows[1].iter()) {
            self.apart(part, given, &rows)?;
        }
        self.chosen = Some(Box::new(rows.clone()));
        Some(Joined { sources: sources?, targets: targets?, of, rows: Some(Box::new(rows)) })
    }

    /// Neurons of one population that are sources and targets, where others are but one of the two: no rule tells them apart then.
    fn apart(&mut self, part: &str, given: &Projection, rows: &[RowSet; 2]) -> Option<()> {
        let why = match given.both_ways {
            true => "`both_ways` joins each pair once",
            false if without_autapses(&given.connector) => "`autapses = false`",
            false => return Some(()),
        };
        let Some(both) = rows[0].iter().find(|row| rows[1].place(u64::from(*row)).is_some()) else { return Some(()) };
        let message = format!("{part}: {why}, and neuron {both} is among `source_rows` and `target_rows`, which are not the same");
        let help = "give both ends the same rows, or rows that share none; write two projections where they share some";
        self.say(Diagnostic::new("E062", message).value_of("target_rows").help(help));
        None
    }
}

/// Does the rule keep a neuron from meeting itself?
fn without_autapses(connector: &Connector) -> bool {
    connector.clone().slots().into_iter().any(|(name, slot)| matches!((name, slot), ("autapses", Slot::Flag(false))))
}
