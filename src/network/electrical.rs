//! Electrical synapses: junctions that act on both ends, written as the two projections that they are.

use super::{Connector, Distribution, Network, Value};
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
        let way_back = turned(&connector, &g).map_err(|(code, why)| {
            let d = Diagnostic::new(code, format!("`{source} -> {target}`: {why}"));
            Report { source: Source::default(), diagnostics: vec![d] }
        })?;
        let itself = source == target && connector.rule().symmetric() && there == back;
        self.project_by(source, target, there, connector).parameter("g", g.clone());
        if !itself {
            self.project_by(target, source, back, way_back).parameter("g", g);
        }
        Ok(self)
    }
}

/// The same pairs from target to source, for a value that each of them has once.
fn turned(connector: &Connector, value: &Value) -> Result<Connector, (&'static str, &'static str)> {
    let fixed = match value {
        Value::Distribution(d) => matches!(d.as_ref(), Distribution::Column { .. } | Distribution::Matrix { .. }),
        _ => true,
    };
    if !fixed {
        return Err(("E035", "an electrical synapse has one conductance, and this one would be drawn for each end"));
    }
    connector.rule().turned(value)
}
