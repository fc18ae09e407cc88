//! Kernels of distance, as texts for values of synapses: weights, delays, probabilities.
//!
//! ```
//! use synfire::network::{Connector, Network, Positions, kernel};
//! let mut net = Network::new("sheet");
//! net.population("a", "lif_psc_exp", 400).shape([20, 20]).positions(Positions::grid("25 um"));
//! net.project("a", "a", "i_exc", Connector::disc("150 um")).weight(kernel::gaussian("20 pA", "60 um")).delay(kernel::conduction("1 ms", "0.3 m/s"));
//! # synfire::simulation::check_whole(&net, &[], std::path::Path::new(""), None).unwrap();
//! ```

use super::Value;

/// `peak*exp(-d²/(2 sigma²))`
pub fn gaussian(peak: &str, sigma: &str) -> Value {
    Value::Text(format!("({peak})*exp(-0.5*(d/({sigma}))**2)"))
}

/// `peak*exp(-d/length)`
pub fn exponential(peak: &str, length: &str) -> Value {
    Value::Text(format!("({peak})*exp(-d/({length}))"))
}

/// The difference of two Gaussians, each a peak and a sigma: below 0 where the second is the larger.
#[doc(alias = "dog", alias = "mexican hat")]
pub fn difference_of_gaussians((peak, sigma): (&str, &str), (less, wider): (&str, &str)) -> Value {
    Value::Text(format!("({peak})*exp(-0.5*(d/({sigma}))**2) - ({less})*exp(-0.5*(d/({wider}))**2)"))
}

/// A delay: `least` and the time that it takes to come over the distance at this speed.
pub fn conduction(least: &str, speed: &str) -> Value {
    Value::Text(format!("{least} + d/({speed})"))
}
