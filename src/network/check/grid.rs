//! Values in the rows of a matrix or kernel; and values shared among the sources of a target.

use super::Checker;
use super::connectors::Wiring;
use super::except::exceptions;
use super::values::Edges;
use super::words::{described, holds, there_are, unit_text};
use crate::diagnostic::Diagnostic;
use crate::network::checked::EdgeValue;
use crate::network::{Connector, Projection, Rows, Value};
use crate::units::{Dimension, scaled};

impl Checker<'_> {
    /// A value per synapse from numbers in the rows of the connector.
    pub(super) fn grid_values(
        &mut self,
        part: &str,
        what: &str,
        rows: &[Vec<f64>],
        unit: Option<&str>,
        dimension: Dimension,
        edges: &Edges,
    ) -> Option<Vec<f64>> {
        let Some(grid) = &edges.grid else {
            let message = format!("{part}: `{what}`: this connector has no rows that values could stand in");
            self.say(Diagnostic::new("E035", message).value_of(what).help("use a connector `matrix` or `pattern`"));
            return None;
        };
        let unit = self.unit(part, what, unit)?;
        if unit.dimension != dimension {
            let found = unit.dimension.told().replace("a pure number", "without a unit");
            let d = Diagnostic::new("E030", format!("{part}: `{what}` is a {}, its numbers are {found}", described(dimension)))
                .value_of(what);
            self.say(d.help(format!("write its unit: `unit = \"{}\"`", unit_text(dimension))));
            return None;
        }
        if rows.len() != grid.rows || rows.iter().any(|row| row.len() != grid.columns) {
            let longest = rows.iter().map(Vec::len).max().unwrap_or(0);
            let message = format!(
                "{part}: `{what}` has {} rows of up to {longest} numbers, the connector {} of {}",
                rows.len(),
                grid.rows,
                grid.columns
            );
            self.say(Diagnostic::new("E033", message).value_of(what));
            return None;
        }
        self.hold(part, what, grid.place.len() as u64)?;
        let mut out = Vec::with_capacity(grid.place.len());
        for k in &grid.place {
            let (i, j) = (*k as usize / grid.columns, *k as usize % grid.columns);
            let x = scaled(rows[i][j], unit.scale);
            if !holds(x) {
                let d = Diagnostic::new("E032", format!("{part}: `{what}`: row {i}, column {j} is {}", rows[i][j]));
                self.say(d.value_of(&format!("{what}.matrix.rows[{i}][{j}]")));
                return None;
            }
            out.push(x);
        }
        Some(out)
    }

    /// The numbers of the matrix in its unit, times the weight if there is one.
    pub(super) fn matrix_weight(
        &mut self,
        part: &str,
        weight: Option<&Value>,
        unit: Option<&str>,
        dimension: Dimension,
        wiring: Option<&Wiring>,
    ) -> Option<EdgeValue> {
        if let Some((others, own)) = weight.and_then(exceptions) {
            let base = self.matrix_weight(part, others, unit, dimension, wiring)?;
            return self.edges_excepted(part, "weight", base, own, dimension);
        }
        let unit = self.unit(part, "connector.unit", unit)?;
        let factor = match weight {
            None if unit.dimension == dimension => 1.0,
            None => {
                let message = format!(
                    "{part}: the port takes a {}, the matrix holds numbers in {}",
                    described(dimension),
                    unit_text(unit.dimension)
                );
                let d = Diagnostic::new("E030", message).value_of("connector.unit");
                self.say(d.help(format!("write its unit: `unit = \"{}\"`", unit_text(dimension))));
                return None;
            }
            Some(weight) => self.scalar(part, "weight", weight, dimension.per(unit.dimension))?,
        };
        let values = wiring?.numbers.as_ref()?;
        let list: Vec<f64> = values.iter().map(|&x| scaled(x, unit.scale) * factor).collect();
        if let Some(x) = list.iter().find(|x| !holds(**x)) {
            self.say(Diagnostic::new("E032", format!("{part}: a weight of the matrix comes out as {x}")).value_of("weight"));
            return None;
        }
        Some(EdgeValue::List(list))
    }

    /// Does `normalise` name something that can be divided?
    pub(super) fn normalisable(&mut self, part: &str, given: &Projection) {
        let Some(name) = &given.normalise else { return };
        let of_sources = matches!(given.connector, Connector::AllToAll | Connector::AllToOthers);
        if !of_sources && !matches!(given.connector, Connector::FixedIndegree { .. }) {
            let rules = "`all_to_all`, `all_to_others` and `fixed_indegree`";
            let message = format!(
                "{part}: `normalise` divides by the number of synapses of each target, which {rules} say, and not `{}`",
                rule_of(&given.connector)
            );
            let help = match &given.synapse {
                None => "divide the weight by the number that is expected, such as `\"2 nS/40\"`".to_string(),
                Some(_) => {
                    format!("divide `{name}` by the number that is expected, such as `\"100 nS/(0.2*n_pre)\"` where `p` is 0.2")
                }
            };
            self.say(Diagnostic::new("E062", message).key_of("normalise").help(help));
        }
        if of_sources && let Some(Rows::Where { .. }) = given.source_rows {
            let message = format!("{part}: `normalise` divides by the number of sources, which `where` does not say");
            let help = "give `source_rows` as a range or a list, or divide the value";
            self.say(Diagnostic::new("E062", message).key_of("normalise").help(help));
        }
        let names: Vec<&str> = match &given.synapse {
            None => vec!["weight"],
            Some(model) => {
                let Some(model) = self.models.synapses.get(model) else { return };
                model.params.iter().map(|p| p.name.as_str()).collect()
            }
        };
        if !names.contains(&name.as_str()) {
            let d = Diagnostic::new("E026", format!("{part}: normalise: there is no `{name}`; there {}", there_are(&names)));
            self.say(d.value_of("normalise").did_you_mean(crate::units::nearest(name, names.iter().copied())));
        }
    }

    /// The share of one synapse in a value that the projection normalises, and any other value as it is.
    pub(super) fn share(&mut self, part: &str, given: &Projection, name: &str, value: EdgeValue) -> Option<EdgeValue> {
        let sources = self.share_of(given, name);
        match value {
            value if sources == 1.0 => Some(value),
            EdgeValue::Shared(x) => Some(EdgeValue::Shared(x / sources)),
            EdgeValue::List(_) | EdgeValue::Draw(_) | EdgeValue::Pair(_) | EdgeValue::Except(..) => {
                self.say(
                    Diagnostic::new("E035", format!("{part}: `{name}` is normalised, so it is one value for all synapses"))
                        .value_of(name),
                );
                None
            }
        }
    }

    /// By how many synapses of each target a value of this name is divided.
    pub(super) fn share_of(&self, given: &Projection, name: &str) -> f64 {
        let normalised = given.normalise.as_deref() == Some(name);
        let all = self.places.get(given.source.as_str()).and_then(|id| self.size_of(*id)).map(f64::from);
        let sources = match &given.source_rows {
            None => all,
            Some(Rows::Range(from, to)) => Some(to.saturating_sub(*from) as f64),
            Some(Rows::List(list)) => Some(list.len() as f64),
            // refused where the projection is checked
            Some(Rows::Where { .. }) => None,
        };
        let of_each = match given.connector {
            Connector::FixedIndegree { n, .. } => Some(n as f64),
            // everybody but oneself
            Connector::AllToOthers => sources.map(|n| n - 1.0),
            _ => sources,
        };
        of_each.filter(|n| normalised && *n > 0.0).unwrap_or(1.0)
    }
}

/// What a file calls the rule.
fn rule_of(connector: &Connector) -> String {
    let tree = serde_json::to_value(connector).unwrap_or_default();
    tree["rule"].as_str().unwrap_or("this rule").to_string()
}
