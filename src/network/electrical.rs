//! Electrical synapses: junctions that act on both ends, written as the two projections that they are.

use super::{Border, Connector, Distribution, End, Network, Value};
use crate::diagnostic::{Diagnostic, Report, Source};

impl Network {
    /// Adds electrical synapses: the current g (v_source - v_target) into each target, and the opposite into each source.
    /// Two projections, `electrical_synapse` each way; one for all neurons of a population with each other.
    ///
    /// **Errors** connectors that draw (the way back would be drawn anew) or whose way back is no connector; a conductance that is
    /// drawn.
    #[doc(alias = "gap junction", alias = "ElectricalSynapse")]
    pub fn electrical(
        &mut self,
        source: &str,
        target: &str,
        connector: Connector,
        conductance: impl Into<Value>,
    ) -> Result<&mut Network, Report> {
        self.junction(source, target, connector, conductance.into(), ["electrical_synapse"; 2])
    }

    /// Adds rectified electrical synapses: the current g max(0, v_source - v_target) into each target and out of each source.
    ///
    /// **Errors** as [`Network::electrical`].
    pub fn rectified(
        &mut self,
        source: &str,
        target: &str,
        connector: Connector,
        conductance: impl Into<Value>,
    ) -> Result<&mut Network, Report> {
        self.junction(source, target, connector, conductance.into(), ["rectified_synapse", "rectified_return"])
    }

    fn junction(
        &mut self,
        source: &str,
        target: &str,
        connector: Connector,
        g: Value,
        [there, back]: [&str; 2],
    ) -> Result<&mut Network, Report> {
        let way_back = connector.turned(&g).map_err(|(code, why)| {
            let d = Diagnostic::new(code, format!("`{source} -> {target}`: {why}"));
            Report { source: Source::default(), diagnostics: vec![d] }
        })?;
        let itself = source == target && matches!(connector, Connector::AllToAll | Connector::OneToOne) && there == back;
        self.project_by(source, target, there, connector).parameter("g", g.clone());
        if !itself {
            self.project_by(target, source, back, way_back).parameter("g", g);
        }
        Ok(self)
    }
}

impl Connector {
    /// The same pairs from target to source, for a value that each of them has once.
    fn turned(&self, value: &Value) -> Result<Connector, (&'static str, &'static str)> {
        let drawn = ("E062", "an electrical synapse has two ends, and this connector would draw the way back anew");
        let fixed = match value {
            Value::Distribution(d) => matches!(d.as_ref(), Distribution::Column { .. } | Distribution::Matrix { .. }),
            _ => true,
        };
        if !fixed {
            return Err(("E035", "an electrical synapse has one conductance, and this one would be drawn for each end"));
        }
        match self {
            Connector::AllToAll | Connector::OneToOne => Ok(self.clone()),
            Connector::List { source, target } => Ok(Connector::List { source: target.clone(), target: source.clone() }),
            Connector::Matrix { rows, by, unit } => {
                let by = if *by == End::Source { End::Target } else { End::Source };
                Ok(Connector::Matrix { rows: rows.clone(), by, unit: unit.clone() })
            }
            Connector::File { path, source_column, target_column } => Ok(Connector::File {
                path: path.clone(),
                source_column: Some(target_column.clone().unwrap_or_else(|| "target".into())),
                target_column: Some(source_column.clone().unwrap_or_else(|| "source".into())),
            }),
            Connector::Pattern { edges: Border::Replicate | Border::Reflect, .. } => {
                Err(("E062", "an electrical synapse by a pattern has the edges `drop` or `wrap`"))
            }
            Connector::Pattern { .. } if matches!(value, Value::List(_)) || of_matrix(value) => {
                Err(("E035", "the conductance of electrical synapses by a pattern is one value, or the kernel's own"))
            }
            Connector::Pattern { kernel, edges, anchor, unit } => {
                let columns = kernel.first().map_or(0, Vec::len) as u64;
                let size = [kernel.len() as u64, columns];
                let middle = [(size[0].max(1) - 1) / 2, (size[1].max(1) - 1) / 2];
                let at = anchor.unwrap_or(middle);
                let turned = [(size[0].max(1) - 1).saturating_sub(at[0]), (size[1].max(1) - 1).saturating_sub(at[1])];
                let kernel = kernel.iter().rev().map(|row| row.iter().rev().copied().collect()).collect();
                Ok(Connector::Pattern { kernel, edges: *edges, anchor: Some(turned), unit: unit.clone() })
            }
            // all others draw
            _ => Err(drawn),
        }
    }
}

fn of_matrix(value: &Value) -> bool {
    matches!(value, Value::Distribution(d) if matches!(d.as_ref(), Distribution::Matrix { .. }))
}
