//! A probability that falls with distance as an exponential.

use std::sync::Arc;

use super::Connector;
use super::kernel::{self, Options, law};
use super::rule::{Desk, Kept, Pairs, Rule, Settles};
use crate::network::Value;

rule! {
    /// Each pair with probability `p*exp(-d/length)`, independently.
    Exponential {
        /// Over which it falls to 1/e.
        length: Value = "length = \"200 um\"",
        /// Where the distance is 0; 1 if not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        p: Option<Value> = "p = 0.35",
        /// Pairs further apart are not joined.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cutoff: Option<Value> = "cutoff = \"1 mm\"",
        /// Neuron k may meet itself, within one population; yes if not given.
        #[serde(default = "yes")]
        autapses: bool = "autapses = false",
        /// Two neurons may be joined both ways, within one population; yes if not given.
        #[serde(default = "yes")]
        mutual: bool = "mutual = false",
    }
}

impl Connector {
    /// Each pair with probability `p*exp(-d/length)`.
    pub fn exponential(p: f64, length: impl Into<Value>) -> Connector {
        Connector::Exponential { length: length.into(), p: Some(p.into()), cutoff: None, autapses: true, mutual: true }
    }
}

impl Rule for Exponential<'_> {
    fn pairs(&self) -> Pairs<'_> {
        Pairs::Settled(self)
    }
}

impl Settles for Exponential<'_> {
    fn settle(&self, desk: &mut dyn Desk) -> Option<Arc<dyn Kept>> {
        let (length, p) = (kernel::length(desk, "length", self.length), kernel::peak(desk, "p", self.p.as_ref()));
        let options = Options { cutoff: ("cutoff", self.cutoff), autapses: *self.autapses, mutual: *self.mutual };
        law(desk, "length", &kernel::exponential(p?, length?), Some("the exponential"), &options)
    }
}
