//! Connectors: are the numbers possible for these two populations?

use std::path::Path;
use std::sync::Arc;

use super::Checker;
use super::values::Edges;
use crate::diagnostic::Diagnostic;
use crate::network::checked::{CheckedConnector, Draw, PopulationId, RowSet, ends};
use crate::network::connector::table::Table;
use crate::network::connector::{Desk, Ends, Pairs, Settled};
use crate::network::pair::{Geometry, PairValue};
use crate::network::{Connector, Value};
use crate::units::Dimension;

/// The two populations of a projection.
#[derive(Clone)]
pub(super) struct Joined {
    pub sources: u32,
    pub targets: u32,
    /// Source and target.
    pub of: (PopulationId, PopulationId),
    /// Which neurons of them, where these are not all.
    pub rows: Option<Box<[RowSet; 2]>>,
}

impl Joined {
    /// As the connector counts them.
    pub fn ends(&self) -> Ends {
        ends(self.of.0 == self.of.1, self.rows.as_deref(), self.sources, self.targets)
    }
}

/// A connector, where values of its edges can come from, and the weights that a matrix or kernel holds.
pub(super) struct Wiring {
    pub connector: CheckedConnector,
    pub edges: Edges,
    /// The numbers of a matrix or kernel that are not 0, as written, a number per synapse.
    pub numbers: Option<Vec<f64>>,
}

impl Checker<'_> {
    pub(super) fn wiring(&mut self, part: &str, given: &Connector, ends: &Joined, place: usize) -> Option<Wiring> {
        let wiring = self.wired(part, given, ends)?;
        if self.network.projections.iter().any(|p| matches!(p.connector, Connector::CloneOf { .. })) {
            // the part is the name in backticks
            let name = part.trim_matches('`').to_string();
            self.wired.push((name, ends.ends(), wiring.connector.clone(), place as u32));
        }
        Some(wiring)
    }

    fn wired(&mut self, part: &str, given: &Connector, ends: &Joined) -> Option<Wiring> {
        let two = ends.ends();
        match given.rule().pairs() {
            Pairs::Made(made) => {
                let placed = |d: Diagnostic| Diagnostic { message: format!("{part}: {}", d.message), ..d };
                self.accept(made.check(two).map_err(placed))?;
                let count = made.in_order().then(|| (made.expected(two).synapses, "pairs"));
                let connector = CheckedConnector::Rule(given.clone());
                Some(Wiring { connector, edges: Edges { count, ..Edges::default() }, numbers: None })
            }
            Pairs::Settled(words) => {
                let settled =
                    words.settle(&mut AtCheck { checker: self, part, ends: two, of: ends.of, rows: ends.rows.as_deref() })?;
                let count = settled.in_order().then(|| (settled.expected(two).synapses, "pairs"));
                let connector = CheckedConnector::Settled(Settled(settled));
                Some(Wiring { connector, edges: Edges { count, ..Edges::default() }, numbers: None })
            }
            Pairs::Listed(listed) => {
                let listing =
                    listed.list(&mut AtCheck { checker: self, part, ends: two, of: ends.of, rows: ends.rows.as_deref() })?;
                let count = Some((listing.source.len() as u64, "synapses"));
                let connector = CheckedConnector::List { source: listing.source, target: listing.target };
                let edges = Edges { count, table: listing.table, grid: listing.grid };
                Some(Wiring { connector, edges, numbers: listing.numbers })
            }
        }
    }
}

/// A rule asks the check, about one projection.
struct AtCheck<'c, 'a> {
    checker: &'c mut Checker<'a>,
    part: &'c str,
    ends: Ends,
    of: (PopulationId, PopulationId),
    rows: Option<&'c [RowSet; 2]>,
}

impl Desk for AtCheck<'_, '_> {
    fn ends(&self) -> Ends {
        self.ends
    }

    fn shapes(&self) -> Option<[Vec<u32>; 2]> {
        // some neurons stand in no rows and columns
        if let Some([from, to]) = self.rows {
            return Some([vec![from.len() as u32], vec![to.len() as u32]]);
        }
        let shape = |id: PopulationId| self.checker.known(id).map(|known| known.shape.clone());
        Some([shape(self.of.0)?, shape(self.of.1)?])
    }

    fn say(&mut self, d: Diagnostic) {
        self.checker.say(Diagnostic { message: format!("{}: {}", self.part, d.message), ..d });
    }

    fn hold(&mut self, count: u64) -> Option<()> {
        self.checker.hold(self.part, "connector", count)
    }

    fn table(&mut self, path: &Path) -> Option<Arc<Table>> {
        self.checker.table(self.part, path)
    }

    fn number(&mut self, key: &str, value: &Value, dimension: Dimension) -> Option<f64> {
        self.checker.scalar(self.part, key, value, dimension)
    }

    fn pair(&mut self, key: &str, text: &str, shown: Option<&str>) -> Option<PairValue> {
        let value = self.checker.pair(self.part, key, text, None)?;
        Some(PairValue { text: shown.unwrap_or(text).to_string(), ..value })
    }

    fn law(&mut self, key: &str, value: &Value) -> Option<Draw> {
        let Value::Distribution(law) = value else {
            let message = format!("{}: `{key}` is a distribution, got {value}", self.part);
            let d = Diagnostic::new("E035", message).value_of(key);
            self.checker.say(d.help("of one number for all there are `fixed_indegree` and `fixed_outdegree`"));
            return None;
        };
        match self.checker.draw(self.part, key, law, Dimension::NONE) {
            Some(draw) => Some(draw),
            None => {
                let message = format!("{}: `{key}` is a distribution that is drawn from, got {value}", self.part);
                self.checker.unless_said(Diagnostic::new("E035", message).value_of(key));
                None
            }
        }
    }

    fn other(&mut self, key: &str, name: &str) -> Option<(CheckedConnector, u32)> {
        let Some((_, ends, connector, place)) = self.checker.wired.iter().find(|(known, ..)| known == name).cloned() else {
            let names: Vec<&str> = self.checker.wired.iter().map(|(name, ..)| name.as_str()).collect();
            let near = crate::units::nearest(name, names.iter().copied());
            let there = super::words::there_are(&names);
            let message = format!("{}: no projection `{name}` stands before this one; there {there}", self.part);
            self.checker.say(Diagnostic::new("E062", message).value_of(key).did_you_mean(near));
            return None;
        };
        if ends != self.ends {
            let message = format!(
                "{}: `{name}` joins {} to {} neurons{}, this one {} to {}{}",
                self.part,
                ends.sources,
                ends.targets,
                if ends.same_population { " of one population" } else { "" },
                self.ends.sources,
                self.ends.targets,
                if self.ends.same_population { " of one population" } else { "" },
            );
            self.checker.say(Diagnostic::new("E062", message).value_of(key));
            return None;
        }
        Some((connector, place))
    }

    fn geometry(&mut self, key: &str) -> Option<Arc<Geometry>> {
        self.checker.geometry(self.part, key)
    }

    fn neurons(&mut self, key: &str, table: &Table, column: &str, size: u32) -> Option<Vec<u32>> {
        self.checker.within(key, |c| c.neuron_numbers(self.part, table, column, size))
    }
}
