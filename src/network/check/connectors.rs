//! Connectors: are the numbers possible for these two populations?

use std::sync::Arc;

use super::Checker;
use super::values::Edges;
use crate::diagnostic::Diagnostic;
use crate::network::checked::{CheckedConnector, PopulationId};
use crate::network::connector::table::Table;
use crate::network::{Connector, connector};

/// The two populations of a projection.
#[derive(Clone, Copy)]
pub(super) struct Joined {
    pub sources: u32,
    pub targets: u32,
    /// Source and target.
    pub of: (PopulationId, PopulationId),
}

/// A connector, where values of its edges can come from, and the weights that a matrix or kernel holds.
pub(super) struct Wiring {
    pub connector: CheckedConnector,
    pub edges: Edges,
    /// The numbers of a matrix or kernel that are not 0, as written, a number per synapse.
    pub matrix: Option<Vec<f64>>,
}

impl Checker<'_> {
    pub(super) fn wiring(&mut self, part: &str, rule: &Connector, ends: Joined) -> Option<Wiring> {
        let Joined { sources, targets, of } = ends;
        let two = connector::Ends { sources, targets, same_population: of.0 == of.1 };
        if let Some(outcome) = connector::check(rule, two) {
            let placed = |d: Diagnostic| Diagnostic { message: format!("{part}: {}", d.message), ..d };
            self.accept(outcome.map_err(placed))?;
            // pairs have an order that values can be listed in
            let count = (*rule == Connector::OneToOne).then_some((u64::from(sources), "pairs"));
            let connector = CheckedConnector::Rule(rule.clone());
            return Some(Wiring { connector, edges: Edges { count, ..Edges::default() }, matrix: None });
        }
        match rule {
            Connector::List { source, target } => self.list_of_pairs(part, source, target, ends),
            Connector::Matrix { rows, by, .. } => self.matrix(part, rows, *by, ends),
            Connector::Pattern { kernel, edges, anchor, .. } => self.pattern(part, kernel, *edges, *anchor, ends),
            Connector::File { path, source_column, target_column } => {
                let table = self.table(part, path)?;
                let source = source_column.as_deref().unwrap_or("source");
                let target = target_column.as_deref().unwrap_or("target");
                let source = self.within("source_column", |c| c.neuron_numbers(part, &table, source, sources));
                let target = self.within("target_column", |c| c.neuron_numbers(part, &table, target, targets));
                Some(listed_wiring(source?, target?, Some(table), None))
            }
            // all others make their pairs themselves
            _ => None,
        }
    }

    fn list_of_pairs(&mut self, part: &str, source: &[u64], target: &[u64], ends: Joined) -> Option<Wiring> {
        if source.len() != target.len() {
            let message = format!("{part}: {} sources and {} targets are listed", source.len(), target.len());
            self.say(Diagnostic::new("E062", message).value_of("target").help("synapse k joins source[k] to target[k]"));
            return None;
        }
        self.hold(part, "connector", 2 * source.len() as u64)?;
        let source = self.numbered(part, "source", source, ends.sources);
        let target = self.numbered(part, "target", target, ends.targets);
        Some(listed_wiring(source?, target?, None, None))
    }

    fn numbered(&mut self, part: &str, role: &str, list: &[u64], size: u32) -> Option<Vec<u32>> {
        if let Some(k) = list.iter().position(|&n| n >= u64::from(size)) {
            let message = format!("{part}: {role}[{k}] is {}, neurons are 0 to {}", list[k], size - 1);
            self.say(Diagnostic::new("E064", message).value_of(&format!("{role}[{k}]")));
            return None;
        }
        // all are below the size, which is a u32
        Some(list.iter().map(|&n| n as u32).collect())
    }
}

pub(super) fn listed_wiring(source: Vec<u32>, target: Vec<u32>, table: Option<Arc<Table>>, matrix: Option<Vec<f64>>) -> Wiring {
    let count = Some((source.len() as u64, "synapses"));
    Wiring { connector: CheckedConnector::List { source, target }, edges: Edges { count, table, grid: None }, matrix }
}
