//! Watts and Strogatz: a ring of neighbours of which some links lead elsewhere.
//!
//! Links are gone through lap by lap, as published: for m = 1 to degree/2, for neuron k = 0, 1, ...: the link from k to k + m keeps
//! its end at k, and with probability `rewiring` its other end becomes any neuron that k is not linked with. Draws of link
//! (k, m) are the words of row k, step m·2^16 of the stream of edges.
//!
//! **Source** Watts and Strogatz (1998), Collective dynamics of small-world networks.

use std::collections::HashSet;

use super::links;
use super::rule::{Made, Pairs, Rule};
use super::{Connector, ConnectorError, Ends, Expected, Rows, Seeded, impossible};
use crate::diagnostic::Diagnostic;

rule! {
    /// A ring in which each neuron is linked with its `degree` nearest, half of them on either side; each link leads elsewhere with
    /// probability `rewiring` (Watts and Strogatz). Within one population.
    SmallWorld {
        /// An even number.
        degree: u64 = "degree = 10",
        /// From 0 to 1.
        rewiring: f64 = "rewiring = 0.1",
        /// A link is one synapse, from the neuron that keeps it, and not one each way; no if not given.
        #[serde(default)]
        directed: bool = "directed = true",
    }
}

impl Connector {
    /// A ring of neighbours of which some links lead elsewhere, both ways.
    #[doc(alias = "Watts-Strogatz", alias = "SmallWorldConnector")]
    pub fn small_world(degree: u64, rewiring: f64) -> Connector {
        Connector::SmallWorld { degree, rewiring, directed: false }
    }
}

impl Rule for SmallWorld<'_> {
    fn pairs(&self) -> Pairs<'_> {
        Pairs::Made(self)
    }
}

impl Made for SmallWorld<'_> {
    fn check(&self, ends: Ends) -> Result<(), Diagnostic> {
        let (degree, rewiring) = (*self.degree, *self.rewiring);
        if !ends.same_population {
            return Err(impossible("a small world lies within one population".into()).value_of("rule"));
        }
        if degree == 0 || !degree.is_multiple_of(2) || degree >= u64::from(ends.sources) {
            let most = u64::from(ends.sources.saturating_sub(1)) / 2 * 2;
            return Err(impossible(format!("a degree is an even number from 2 to {most}, got {degree}")).value_of("degree"));
        }
        if !(0.0..=1.0).contains(&rewiring) {
            return Err(impossible(format!("a probability is a number from 0 to 1, got {rewiring}")).value_of("rewiring"));
        }
        Ok(())
    }

    fn expected(&self, ends: Ends) -> Expected {
        let links = u64::from(ends.sources).saturating_mul(*self.degree / 2);
        Expected { synapses: if *self.directed { links } else { 2 * links }, drawing: 32 }
    }

    fn rows(&self, given: Seeded) -> Result<Rows, ConnectorError> {
        let n = given.ends.sources;
        let half = (*self.degree / 2) as u32;
        given.room.check(u128::from(self.expected(given.ends).synapses), 32)?;
        let pair = |a: u32, b: u32| (a.min(b), a.max(b));
        let ring = |k: u32, m: u32| ((u64::from(k) + u64::from(m)) % u64::from(n)) as u32;
        let mut there: HashSet<(u32, u32)> = HashSet::new();
        let mut degree = vec![0u32; n as usize];
        let mut list = Vec::new();
        for m in 1..=half {
            for k in 0..n {
                there.insert(pair(k, ring(k, m)));
                degree[k as usize] += 1;
                degree[ring(k, m) as usize] += 1;
            }
        }
        for m in 1..=half {
            for k in 0..n {
                let mut draws = given.key.draws(given.tag, k, u64::from(m) << 16);
                let mut to = ring(k, m);
                // one that is linked with all has nowhere else to go
                if draws.uniform() < *self.rewiring && degree[k as usize] < n - 1 {
                    let other = loop {
                        let other = draws.below(n);
                        if other != k && !there.contains(&pair(k, other)) {
                            break other;
                        }
                    };
                    there.remove(&pair(k, to));
                    there.insert(pair(k, other));
                    degree[to as usize] -= 1;
                    degree[other as usize] += 1;
                    to = other;
                }
                list.push((k, to));
            }
        }
        links::rows(n, &list, !*self.directed)
    }
}
