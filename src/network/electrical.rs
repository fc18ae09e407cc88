//! Electrical synapses: junctions that act on both ends, written as the two projections that they are.

use super::{Connector, Network, Projection, Value};
use crate::diagnostic::{Diagnostic, Report, Source};

impl Network {
    /// Adds electrical synapses: the current g (v_source - v_target) into each target, and the opposite into each source.
    /// Two projections, `electrical_synapse` each way; one for all neurons of a population with each other. For neurons that have the
    /// inputs `g_syn` and `i_syn`, such as `non_spiking`; each end integrates its own term, so that the two currents are opposite at
    /// the start of a step and not over all of it. [`Network::gap_junction`] is for spiking neurons.
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

    /// Adds gap junctions between neurons of any model that has the state `v` and the input `i_stim`, a current: the current
    /// g (v_source - v_target) into the target and the same out of the source, in every step. One projection, one conductance for
    /// both ends; within one population `all_to_all` and `fixed_probability` look at each pair once.
    ///
    /// Other junctions are `project_by(...)` with another model and [`both_ways`](super::Projection::both_ways): `gap_junction_density`
    /// for models per membrane area, `gap_junction_spikelet` for integrate-and-fire neurons whose spikes are felt through it.
    ///
    /// **Example**
    /// ```
    /// use synfire::Network;
    /// use synfire::network::Connector;
    ///
    /// let mut network = Network::new("pairs");
    /// network.population("left", "lif_psc_delta", 10);
    /// network.population("right", "lif_psc_delta", 10);
    /// network.gap_junction("left", "right", Connector::OneToOne, "5 nS");
    /// ```
    #[doc(alias = "electrical synapse", alias = "GapJunction")]
    pub fn gap_junction(
        &mut self,
        source: &str,
        target: &str,
        connector: Connector,
        conductance: impl Into<Value>,
    ) -> &mut Projection {
        self.project_by(source, target, "gap_junction", connector).parameter("g", conductance).both_ways()
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
        Value::Distribution(d) => matches!(d.keyword(), "column" | "matrix" | "numbers"),
        _ => true,
    };
    if !fixed {
        return Err(("E035", "an electrical synapse has one conductance, and this one would be drawn for each end"));
    }
    connector.rule().turned(value)
}
