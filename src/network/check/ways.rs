//! Projections whose synapses act both ways: does the synapse model fit the other way round too?

use std::sync::Arc;

use super::Checker;
use crate::diagnostic::Diagnostic;
use crate::model::{BoundSynapse, NeuronModel};
use crate::network::Projection;
use crate::network::checked::CheckedSynapse;

impl Checker<'_> {
    /// The synapse model from target to source, where synapses act both ways. `turned`: models of the target and of the source.
    pub(super) fn way_back(
        &mut self,
        part: &str,
        given: &Projection,
        synapse: Option<&CheckedSynapse>,
        turned: Option<(&NeuronModel, &NeuronModel)>,
    ) -> Option<Option<Arc<BoundSynapse>>> {
        if !given.both_ways {
            return Some(None);
        }
        if given.port.is_some() {
            let d =
                Diagnostic::new("E065", format!("{part}: `both_ways` goes with a synapse model, and this is a port of the target"));
            let help = "name a synapse model that serves both ends: `synapse = \"gap_junction\"`";
            self.say(d.key_of("both_ways").help(help));
            return None;
        }
        if given.normalise.is_some() {
            let message =
                format!("{part}: `normalise` divides by the number of sources, and a junction has one value for both ends");
            self.say(Diagnostic::new("E063", message).key_of("normalise"));
            return None;
        }
        let (CheckedSynapse::Model { synapse, .. }, (pre, post)) = (synapse?, turned?) else { return None };
        if synapse.is_by_events() {
            let message = format!(
                "{part}: events change the states of `{}`, and both ways would keep them apart",
                synapse.model.ast.name.text
            );
            self.say(Diagnostic::new("E065", message).key_of("both_ways").help("write two projections"));
            return None;
        }
        let model = synapse.model.clone();
        let name = model.ast.name.text.clone();
        let before = self.diagnostics.len();
        if !model.on_pre.is_empty() || !model.arrival.is_empty() {
            self.spiking(part, &given.target, Some(pre));
        }
        let ends = Projection { source: given.target.clone(), target: given.source.clone(), ..Projection::default() };
        self.fits(part, &name, &ends, &model, Some(pre), Some(post));
        let bound = self.bound(part, &name, &model, pre, post).filter(|_| self.diagnostics.len() == before);
        bound.map(Some)
    }
}
