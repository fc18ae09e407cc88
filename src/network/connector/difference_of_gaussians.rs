//! A probability that is the difference of two Gaussians of the distance, where that is above 0.

use std::sync::Arc;

use super::Connector;
use super::kernel::{self, Options, law};
use super::rule::{Desk, Kept, Pairs, Rule, Settles};
use crate::network::Value;

rule! {
    /// Each pair with probability `p*exp(-d²/(2 sigma²)) - p_minus*exp(-d²/(2 sigma_minus²))`, independently; with none where that is
    /// below 0.
    DifferenceOfGaussians {
        /// A length.
        sigma: Value = "sigma = \"200 um\"",
        /// Of the Gaussian that is taken away.
        sigma_minus: Value = "sigma_minus = \"80 um\"",
        /// Where the distance is 0; 1 if not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        p: Option<Value> = "p = 0.35",
        /// Of the Gaussian that is taken away, where the distance is 0; 1 if not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        p_minus: Option<Value> = "p_minus = 0.35",
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
    /// Each pair with probability `p*exp(-d²/(2 sigma²)) - p_minus*exp(-d²/(2 sigma_minus²))`, where that is above 0.
    #[doc(alias = "dog", alias = "mexican hat")]
    pub fn difference_of_gaussians(
        (p, sigma): (f64, impl Into<Value>),
        (p_minus, sigma_minus): (f64, impl Into<Value>),
    ) -> Connector {
        Connector::DifferenceOfGaussians {
            sigma: sigma.into(),
            sigma_minus: sigma_minus.into(),
            p: Some(p.into()),
            p_minus: Some(p_minus.into()),
            cutoff: None,
            autapses: true,
            mutual: true,
        }
    }
}

impl Rule for DifferenceOfGaussians<'_> {
    fn pairs(&self) -> Pairs<'_> {
        Pairs::Settled(self)
    }
}

impl Settles for DifferenceOfGaussians<'_> {
    fn settle(&self, desk: &mut dyn Desk) -> Option<Arc<dyn Kept>> {
        let (sigma, p) = (kernel::length(desk, "sigma", self.sigma), kernel::peak(desk, "p", self.p.as_ref()));
        let minus = kernel::length(desk, "sigma_minus", self.sigma_minus);
        let less = kernel::peak(desk, "p_minus", self.p_minus.as_ref());
        let text = format!("max({} - {}, 0)", kernel::gaussian(p?, sigma?), kernel::gaussian(less?, minus?));
        let options = Options { cutoff: ("cutoff", self.cutoff), autapses: *self.autapses, mutual: *self.mutual };
        law(desk, "sigma", &text, Some("the difference of Gaussians"), &options)
    }
}
