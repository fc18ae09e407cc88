//! A probability that falls with distance as a Gaussian.

use std::sync::Arc;

use super::Connector;
use super::kernel::{self, Options, law};
use super::rule::{Desk, Kept, Pairs, Rule, Settles};
use crate::network::Value;

rule! {
    /// Each pair with probability `p*exp(-d²/(2 sigma²))`, independently.
    Gaussian {
        /// A length.
        sigma: Value = "sigma = \"120 um\"",
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
    /// Each pair with probability `p*exp(-d²/(2 sigma²))`.
    pub fn gaussian(p: f64, sigma: impl Into<Value>) -> Connector {
        Connector::Gaussian { sigma: sigma.into(), p: Some(p.into()), cutoff: None, autapses: true, mutual: true }
    }
}

impl Rule for Gaussian<'_> {
    fn pairs(&self) -> Pairs<'_> {
        Pairs::Settled(self)
    }
}

impl Settles for Gaussian<'_> {
    fn settle(&self, desk: &mut dyn Desk) -> Option<Arc<dyn Kept>> {
        let (sigma, p) = (kernel::length(desk, "sigma", self.sigma), kernel::peak(desk, "p", self.p.as_ref()));
        let options = Options { cutoff: ("cutoff", self.cutoff), autapses: *self.autapses, mutual: *self.mutual };
        law(desk, "sigma", &kernel::gaussian(p?, sigma?), Some("the Gaussian"), &options)
    }
}
