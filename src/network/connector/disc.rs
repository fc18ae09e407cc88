//! Pairs within a distance.

use std::sync::Arc;

use super::Connector;
use super::kernel::{self, Options, law};
use super::rule::{Desk, Kept, Pairs, Rule, Settles};
use crate::network::Value;

rule! {
    /// Each pair that is not further apart than `radius` with probability `p`, independently.
    Disc {
        /// A length.
        radius: Value = "radius = \"200 um\"",
        /// 1 if not given: all of them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        p: Option<Value> = "p = 0.35",
        /// Neuron k may meet itself, within one population; yes if not given.
        #[serde(default = "yes")]
        autapses: bool = "autapses = false",
        /// Two neurons may be joined both ways, within one population; yes if not given.
        #[serde(default = "yes")]
        mutual: bool = "mutual = false",
    }
}

impl Connector {
    /// All pairs that are not further apart than this.
    pub fn disc(radius: impl Into<Value>) -> Connector {
        Connector::Disc { radius: radius.into(), p: None, autapses: true, mutual: true }
    }
}

impl Rule for Disc<'_> {
    fn pairs(&self) -> Pairs<'_> {
        Pairs::Settled(self)
    }
}

impl Settles for Disc<'_> {
    fn settle(&self, desk: &mut dyn Desk) -> Option<Arc<dyn Kept>> {
        let p = kernel::peak(desk, "p", self.p.as_ref());
        let radius = Some(self.radius.clone());
        let options = Options { cutoff: ("radius", &radius), autapses: *self.autapses, mutual: *self.mutual };
        law(desk, "radius", &p?.to_string(), Some("the probability"), &options)
    }
}
