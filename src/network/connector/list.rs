//! Synapses as the description lists them, a source and a target each.

use super::Connector;
use super::rule::{Desk, Listed, Listing, Pairs, Rule};
use crate::diagnostic::Diagnostic;
use crate::network::Value;

rule! {
    /// Synapse k joins `source[k]` to `target[k]`.
    List {
        /// Source neuron of each synapse.
        source: Vec<u64> = "source = [0, 1]",
        /// Target neuron of each synapse.
        target: Vec<u64> = "target = [2, 2]",
    }
}

impl Rule for List<'_> {
    fn pairs(&self) -> Pairs<'_> {
        Pairs::Listed(self)
    }

    fn turned(&self, _value: &Value) -> Result<Connector, (&'static str, &'static str)> {
        Ok(Connector::List { source: self.target.clone(), target: self.source.clone() })
    }
}

impl Listed for List<'_> {
    fn list(&self, desk: &mut dyn Desk) -> Option<Listing> {
        let (source, target) = (self.source, self.target);
        if source.len() != target.len() {
            let message = format!("{} sources and {} targets are listed", source.len(), target.len());
            desk.say(Diagnostic::new("E062", message).value_of("target").help("synapse k joins source[k] to target[k]"));
            return None;
        }
        desk.hold(2 * source.len() as u64)?;
        let ends = desk.ends();
        let source = numbered(desk, "source", source, ends.sources);
        let target = numbered(desk, "target", target, ends.targets);
        Some(Listing { source: source?, target: target?, ..Listing::default() })
    }
}

fn numbered(desk: &mut dyn Desk, role: &str, list: &[u64], size: u32) -> Option<Vec<u32>> {
    if let Some(k) = list.iter().position(|&n| n >= u64::from(size)) {
        let message = format!("{role}[{k}] is {}, neurons are 0 to {}", list[k], size - 1);
        desk.say(Diagnostic::new("E064", message).value_of(&format!("{role}[{k}]")));
        return None;
    }
    // all are below the size, which is a u32
    Some(list.iter().map(|&n| n as u32).collect())
}
