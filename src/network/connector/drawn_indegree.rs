//! Each target has a number of sources that is drawn.

use std::sync::Arc;

use super::Connector;
use super::degrees;
use super::rule::{Desk, Kept, Pairs, Rule, Settles};
use crate::network::Value;

rule! {
    /// Each target has `n` sources, a number that is drawn for each target.
    DrawnIndegree {
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
    /// Each target has a number of sources that is drawn from a distribution; the sources with replacement.
    #[doc(alias = "FixedNumberPreConnector")]
    pub fn drawn_indegree(n: impl Into<Value>) -> Connector {
        Connector::DrawnIndegree { n: n.into(), autapses: true, multapses: true }
    }
}

impl Rule for DrawnIndegree<'_> {
    fn pairs(&self) -> Pairs<'_> {
        Pairs::Settled(self)
    }
}

impl Settles for DrawnIndegree<'_> {
    fn settle(&self, desk: &mut dyn Desk) -> Option<Arc<dyn Kept>> {
        degrees::settled(desk, self.n, true, *self.autapses, *self.multapses)
    }
}
