//! Each source has a number of targets that is drawn.

use std::sync::Arc;

use super::Connector;
use super::degrees;
use super::rule::{Desk, Kept, Pairs, Rule, Settles};
use crate::network::Value;

rule! {
    /// Each source has `n` targets, a number that is drawn for each source.
    DrawnOutdegree {
        /// A distribution; rounded to the nearest whole number.
        n: Value = "n = { normal = { mean = 100, sd = 10, min = 0 } }",
        /// Neuron k may meet itself, within one population; yes if not given.
        #[serde(default = "yes")]
        autapses: bool = "autapses = false",
        /// A pair may be joined more than once; yes if not given.
        #[serde(default = "yes")]
        multapses: bool = "multapses = false",
    }
}

impl Connector {
    /// Each source has a number of targets that is drawn from a distribution; the targets with replacement.
    #[doc(alias = "FixedNumberPostConnector")]
    pub fn drawn_outdegree(n: impl Into<Value>) -> Connector {
        Connector::DrawnOutdegree { n: n.into(), autapses: true, multapses: true }
    }
}

impl Rule for DrawnOutdegree<'_> {
    fn pairs(&self) -> Pairs<'_> {
        Pairs::Settled(self)
    }
}

impl Settles for DrawnOutdegree<'_> {
    fn settle(&self, desk: &mut dyn Desk) -> Option<Arc<dyn Kept>> {
        degrees::settled(desk, self.n, false, *self.autapses, *self.multapses)
    }
}
