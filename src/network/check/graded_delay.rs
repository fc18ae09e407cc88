//! Delays of graded synapses: what they read of their source is that of some steps ago.

use super::Checker;
use super::projections::hears_spikes;
use crate::diagnostic::Diagnostic;
use crate::model::EndValue;
use crate::network::Projection;
use crate::network::checked::{CheckedSynapse, EdgeValue};

/// The source keeps a number for each step of the delay.
const MOST_STEPS: f64 = 1000.0;

impl Checker<'_> {
    /// By how many steps a graded synapse reads its source late.
    pub(super) fn graded_delay(
        &mut self,
        part: &str,
        given: &Projection,
        delay: &EdgeValue,
        synapse: &CheckedSynapse,
    ) -> Option<u32> {
        let CheckedSynapse::Model { synapse, .. } = synapse else { return Some(0) };
        if hears_spikes(&synapse.model) || given.delay.is_none() {
            return Some(0);
        }
        let reads = synapse.ends.iter().any(|end| !end.post && matches!(end.value, EndValue::State(_)));
        if given.both_ways || !reads {
            let why = if reads { "a junction acts without delay" } else { "these synapses read no state of their source" };
            self.remarks.at("delay", "graded delay", part, format!("{why}, the delay has no effect"));
            return Some(0);
        }
        let EdgeValue::Shared(steps) = *delay else {
            let message = format!("{part}: graded synapses of a projection have one delay for all of them");
            let help = "write a projection for each delay";
            self.say(Diagnostic::new("E024", message).value_of("delay").help(help));
            return None;
        };
        if steps > MOST_STEPS {
            let most = super::short(MOST_STEPS * self.dt);
            let message = format!(
                "{part}: a graded synapse with a delay of {steps} steps: its source keeps a number for each, at most {MOST_STEPS}"
            );
            self.say(Diagnostic::new("E024", message).value_of("delay").help(format!("use at most {most} ms, or a larger dt")));
            return None;
        }
        Some(steps as u32)
    }
}
