//! Each pair with a probability of its own, by an expression.

use std::sync::Arc;

use super::Connector;
use super::kernel::{Options, law};
use super::rule::{Desk, Kept, Pairs, Rule, Settles};
use crate::diagnostic::Diagnostic;
use crate::network::Value;

rule! {
    /// Each pair with the probability `p`, independently: an expression of the distance `d`, the displacement `dx`, `dy`, `dz` from the
    /// source to the target, the numbers `i` of the source and `j` of the target, parameters and positions of both ends (`pre.x`,
    /// `post.tau_m`) and constants; or a condition. It must come out between 0 and 1.
    Probability {
        /// From 0 to 1.
        p: Value = "p = \"exp(-d/(200 um))\"",
        /// Pairs further apart are not joined.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cutoff: Option<Value> = "cutoff = \"1 mm\"",
        /// Neuron k may meet itself, within one population; yes if not given.
        #[serde(default = "yes")]
        autapses: bool = "autapses = false",
        /// Two neurons may be joined both ways, within one population; yes if not given. If not, one of two such synapses stays, either
        /// with the same chance.
        #[serde(default = "yes")]
        mutual: bool = "mutual = false",
    }
}

impl Connector {
    /// Each pair with a probability by an expression, such as `exp(-d/(200 um))`.
    #[doc(alias = "distance dependent", alias = "DistanceDependentProbabilityConnector", alias = "IndexBasedProbabilityConnector")]
    pub fn probability_of(p: impl Into<Value>) -> Connector {
        Connector::Probability { p: p.into(), cutoff: None, autapses: true, mutual: true }
    }

    /// Whether neuron k may meet itself; nothing changes for connectors that do not ask.
    #[must_use]
    pub fn autapses(mut self, may: bool) -> Connector {
        for (name, slot) in self.slots() {
            if let ("autapses", crate::network::slot::Slot::Flag(flag)) = (name, slot) {
                *flag = may;
            }
        }
        self
    }

    /// Whether two neurons may be joined both ways; nothing changes for connectors that do not ask.
    #[must_use]
    pub fn mutual(mut self, may: bool) -> Connector {
        for (name, slot) in self.slots() {
            if let ("mutual", crate::network::slot::Slot::Flag(flag)) = (name, slot) {
                *flag = may;
            }
        }
        self
    }

    /// Beyond which distance nobody is joined; nothing changes for connectors without distances.
    #[must_use]
    pub fn cutoff(mut self, distance: impl Into<Value>) -> Connector {
        for (name, slot) in self.slots() {
            if let ("cutoff", crate::network::slot::Slot::Maybe(cutoff)) = (name, slot) {
                *cutoff = Some(distance.into());
                break;
            }
        }
        self
    }
}

impl Rule for Probability<'_> {
    fn pairs(&self) -> Pairs<'_> {
        Pairs::Settled(self)
    }
}

impl Settles for Probability<'_> {
    fn settle(&self, desk: &mut dyn Desk) -> Option<Arc<dyn Kept>> {
        let text = match self.p {
            Value::Number(p) => p.to_string(),
            Value::Text(text) => text.clone(),
            other => {
                let d = Diagnostic::new("E062", format!("a probability is a number or an expression, got {other}"));
                desk.say(d.value_of("p"));
                return None;
            }
        };
        law(desk, "p", &text, None, &Options { cutoff: ("cutoff", self.cutoff), autapses: *self.autapses, mutual: *self.mutual })
    }
}
