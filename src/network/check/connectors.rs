//! Connectors: are the numbers possible for these two populations?

use std::sync::Arc;

use super::Checker;
use super::values::Edges;
use crate::diagnostic::Diagnostic;
use crate::network::Connector;
use crate::network::checked::{CheckedConnector, PopulationId};
use crate::network::connector::table::Table;

/// The two populations of a projection.
#[derive(Clone, Copy)]
pub(super) struct Ends {
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
    pub(super) fn wiring(&mut self, part: &str, connector: &Connector, ends: Ends) -> Option<Wiring> {
        let Ends { sources, targets, of } = ends;
        let same = of.0 == of.1;
        let wrong = |text: String| Err(Diagnostic::new("E062", format!("{part}: {text}")));
        let drawn = |connector| Ok((connector, None));
        let outcome = match connector {
            Connector::AllToAll => drawn(CheckedConnector::AllToAll),
            Connector::OneToOne if sources != targets => {
                wrong(format!("one to one needs populations of one size, there are {sources} sources and {targets} targets"))
            }
            Connector::OneToOne => Ok((CheckedConnector::OneToOne, Some((u64::from(sources), "pairs")))),
            Connector::FixedProbability { p, .. } if !(0.0..=1.0).contains(p) => {
                wrong(format!("a probability is a number from 0 to 1, got {p}")).map_err(|d: Diagnostic| d.value_of("p"))
            }
            Connector::FixedProbability { p, autapses } => drawn(CheckedConnector::FixedProbability { p: *p, autapses: *autapses }),
            Connector::FixedIndegree { n, autapses, multapses } => {
                let there = sources - u32::from(same && !autapses);
                degree(part, *n, there, "sources", *multapses)
                    .and_then(|n| drawn(CheckedConnector::FixedIndegree { n, autapses: *autapses, multapses: *multapses }))
            }
            Connector::FixedOutdegree { n, autapses, multapses } => {
                let there = targets - u32::from(same && !autapses);
                degree(part, *n, there, "targets", *multapses)
                    .and_then(|n| drawn(CheckedConnector::FixedOutdegree { n, autapses: *autapses, multapses: *multapses }))
            }
            Connector::FixedTotal { n, autapses, multapses } => {
                let not = if same && !autapses { u64::from(sources) } else { 0 };
                let pairs = u64::from(sources) * u64::from(targets) - not;
                if *n > 0 && (pairs == 0 || (!multapses && *n > pairs)) {
                    wrong(format!("{n} synapses in all, but there are {pairs} pairs")).map_err(|d: Diagnostic| d.value_of("n"))
                } else {
                    drawn(CheckedConnector::FixedTotal { n: *n, autapses: *autapses, multapses: *multapses })
                }
            }
            Connector::List { source, target } => return self.list_of_pairs(part, source, target, ends),
            Connector::Matrix { rows, by, .. } => return self.matrix(part, rows, *by, ends),
            Connector::Pattern { kernel, edges, anchor, .. } => return self.pattern(part, kernel, *edges, *anchor, ends),
            Connector::File { path, source_column, target_column } => {
                let table = self.table(part, path)?;
                let source = source_column.as_deref().unwrap_or("source");
                let target = target_column.as_deref().unwrap_or("target");
                let source = self.within("source_column", |c| c.neuron_numbers(part, &table, source, sources));
                let target = self.within("target_column", |c| c.neuron_numbers(part, &table, target, targets));
                return Some(listed_wiring(source?, target?, Some(table), None));
            }
        };
        let (connector, count) = self.accept(outcome)?;
        Some(Wiring { connector, edges: Edges { count, ..Edges::default() }, matrix: None })
    }

    fn list_of_pairs(&mut self, part: &str, source: &[u64], target: &[u64], ends: Ends) -> Option<Wiring> {
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

fn degree(part: &str, n: u64, there: u32, of: &str, multapses: bool) -> Result<u32, Diagnostic> {
    let d = |text: String| Diagnostic::new("E062", format!("{part}: {text}")).value_of("n");
    if n > 0 && there == 0 {
        return Err(d(format!("{n} {of} each, but there are none")));
    }
    if !multapses && n > u64::from(there) {
        let d = d(format!("{n} different {of} each, but there are {there}"));
        return Err(d.help("write multapses = true to draw with replacement"));
    }
    u32::try_from(n).map_err(|_beyond| d(format!("{n} {of} each are too many")))
}
