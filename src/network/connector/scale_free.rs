//! Barabási and Albert: neurons come one by one, and are linked with those that have many links already.
//!
//! The first `m` + 1 neurons are linked with neuron 0. Each that comes is linked with `m` different ones, each chosen with a chance
//! in proportion to its links so far (drawn again where it is chosen already). Draws of neuron k are the words of row k of the
//! stream of edges.
//!
//! **Source** Barabási and Albert (1999), Emergence of scaling in random networks.

use super::links;
use super::rule::{Made, Pairs, Rule};
use super::{Connector, ConnectorError, Ends, Expected, Rows, Seeded, impossible, reserved};
use crate::diagnostic::Diagnostic;

rule! {
    /// Neurons that come one by one, each linked with `m` of those before it, with a chance in proportion to the links that they have
    /// (Barabási and Albert). Within one population.
    ScaleFree {
        /// Links of each neuron that comes.
        m: u64 = "m = 5",
        /// A link is one synapse, from the neuron that comes, and not one each way; no if not given.
        #[serde(default)]
        directed: bool = "directed = true",
    }
}

impl Connector {
    /// Neurons that come one by one, each linked both ways with `m` of those before it that have many links.
    #[doc(alias = "Barabasi-Albert", alias = "preferential attachment")]
    pub fn scale_free(m: u64) -> Connector {
        Connector::ScaleFree { m, directed: false }
    }
}

impl Rule for ScaleFree<'_> {
    fn pairs(&self) -> Pairs<'_> {
        Pairs::Made(self)
    }
}

impl Made for ScaleFree<'_> {
    fn check(&self, ends: Ends) -> Result<(), Diagnostic> {
        let m = *self.m;
        if !ends.same_population {
            return Err(impossible("a scale-free network lies within one population".into()).value_of("rule"));
        }
        if m == 0 || m >= u64::from(ends.sources) {
            let most = ends.sources.saturating_sub(1);
            return Err(impossible(format!("each neuron that comes has from 1 to {most} links, got {m}")).value_of("m"));
        }
        Ok(())
    }

    fn expected(&self, ends: Ends) -> Expected {
        let links = *self.m + u64::from(ends.sources).saturating_sub(*self.m + 1).saturating_mul(*self.m);
        Expected { synapses: if *self.directed { links } else { 2 * links }, drawing: 32 }
    }

    fn rows(&self, given: Seeded) -> Result<Rows, ConnectorError> {
        let (n, m) = (given.ends.sources, *self.m as u32);
        given.room.check(u128::from(self.expected(given.ends).synapses), 32)?;
        let count = self.expected(Ends { ..given.ends }).synapses / if *self.directed { 1 } else { 2 };
        let mut list: Vec<(u32, u32)> = reserved(count)?;
        // each end of each link once: a draw among them is a draw in proportion to links
        let mut ends: Vec<u32> = reserved(2 * count)?;
        let mut link = |ends: &mut Vec<u32>, from: u32, to: u32| {
            list.push((from, to));
            ends.extend([from, to]);
        };
        (1..=m).for_each(|k| link(&mut ends, k, 0));
        for k in m + 1..n {
            let mut draws = given.key.draws(given.tag, k, 0);
            let mut chosen: Vec<u32> = Vec::with_capacity(m as usize);
            while chosen.len() < m as usize {
                let other = ends[draws.below_u64(ends.len() as u64) as usize];
                if !chosen.contains(&other) {
                    chosen.push(other);
                }
            }
            chosen.into_iter().for_each(|other| link(&mut ends, k, other));
        }
        links::rows(n, &list, !*self.directed)
    }
}
