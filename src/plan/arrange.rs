//! How synapses stand in memory for an engine whose threads share caches: in the order that deliveries want, and small.
//!
//! In: a plan for the CPU engine. Out: the same plan, who is joined to whom, with which weight and delay, as before. Where no cache holds
//! a port's delay ring and rows are long, they are [by delay](super::Connectivity::is_by_delay): a spike's synapses are then walked piece
//! by piece, shortly before each piece arrives, and of the ring only the next few slots are written. Where all of many synapses have one
//! delay, a target takes two bytes if they hold it.

use std::collections::HashMap;
use std::sync::Arc;

use super::{EdgeColumn, Plan, Route};
use crate::threads;

/// From where on it is worth it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Worth {
    /// Bytes of a port's ring.
    pub ring: u64,
    /// Synapses of a source in a route onto the port, on average.
    pub row: u64,
    /// Synapses of a route whose targets become short.
    pub synapses: u64,
}

/// Rings that leave the second-level cache, pieces of some synapses each, rows that leave it too.
const WORTH: Worth = Worth { ring: 8 << 20, row: 64, synapses: 1 << 19 };

/// What becomes of a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    AsItIs,
    ByDelay,
    Short,
}

impl Plan {
    /// Arranges the synapses for which it pays. `whole`: sums are whole numbers, so that no order of synapses matters.
    pub(crate) fn arrange(&mut self, whole: bool) {
        self.arrange_from(Worth { ring: if whole { WORTH.ring } else { u64::MAX }, ..WORTH });
    }

    /// May [`Plan::arrange`] change any?
    pub(crate) fn can_be_arranged(&self) -> bool {
        self.forms(WORTH).iter().any(|form| *form != Form::AsItIs)
    }

    /// Arranges from other numbers on.
    pub(crate) fn arrange_from(&mut self, worth: Worth) {
        let forms = self.forms(worth);
        let mut routes: Vec<(&mut Route, Form)> = self.routes.iter_mut().zip(forms).collect();
        threads::each(&mut routes, |(route, form)| {
            // what others hold too stays as it is
            let Some(edges) = Arc::get_mut(&mut route.edges) else { return };
            match (form, &mut route.weight) {
                (Form::AsItIs, _) | (Form::ByDelay, EdgeColumn::Drawn(_)) => {}
                (Form::Short, _) => drop(edges.shorten()),
                (Form::ByDelay, EdgeColumn::Shared(_)) => drop(edges.order_by_delay(&mut [])),
                (Form::ByDelay, EdgeColumn::PerEdge(values)) => {
                    if let Some(values) = Arc::get_mut(values) {
                        edges.order_by_delay(values);
                    }
                }
            }
        });
    }

    /// By route. Order is asked of all that ends at one port together.
    fn forms(&self, worth: Worth) -> Vec<Form> {
        let end = |route: &Route| (self.place(route.target).group, route.port);
        let is_large = |route: &Route| u64::from(self.group_of(route.target).rows) * u64::from(self.slots) * 4 >= worth.ring;
        let usual = |route: &&Route| route.learned.is_none() && !route.edges.is_empty();
        let mut onto: HashMap<(usize, u32), (u64, u64)> = HashMap::new();
        for route in self.routes.iter().filter(usual) {
            let (edges, rows) = onto.entry(end(route)).or_default();
            *edges += route.edges.count();
            *rows += u64::from(route.edges.sources());
        }
        let is_long = |route: &Route| onto.get(&end(route)).is_some_and(|(edges, rows)| *edges >= rows * worth.row);
        let form = |route: &Route| match route.edges.shared_delay() {
            _ if !usual(&route) => Form::AsItIs,
            Some(_) if route.edges.count() >= worth.synapses => Form::Short,
            None if is_large(route) && is_long(route) => Form::ByDelay,
            _ => Form::AsItIs,
        };
        self.routes.iter().map(form).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::value::uniform;
    use crate::network::{Connector, Network};
    use crate::recording::Wiring;
    use crate::simulation::Options;

    /// What an engine or a picture reads of who is joined to whom: source, target, weight.
    fn joined(plan: &Plan) -> Vec<Vec<(u32, u32, u64)>> {
        let list = |synapses: &crate::recording::Synapses| {
            let mut list = Vec::new();
            synapses.each(|source, target, weight| list.push((source, target, weight.to_bits())));
            list
        };
        Wiring::of(plan).projections.iter().map(|own| list(&own.synapses)).collect()
    }

    #[test]
    fn who_is_joined_to_whom_stays() {
        let mut net = Network::new("some");
        net.dt("0.1 ms").seed(9);
        net.population("a", "lif_psc_exp", 90);
        net.population("b", "lif_psc_exp", 70);
        net.project("a", "b", "i_exc", Connector::probability(0.3))
            .weight(uniform("1 pA", "2 pA"))
            .delay(uniform("0.1 ms", "4 ms"));
        net.project("b", "a", "i_exc", Connector::probability(0.4)).weight("3 pA").delay(uniform("0.2 ms", "1 ms"));
        net.project("b", "b", "i_inh", Connector::probability(0.5)).weight(uniform("-2 pA", "-1 pA")).delay("0.7 ms");
        let plan = net.plan(&Options::default()).unwrap_or_else(|e| panic!("{e}"));
        let make = |ring: u64, row: u64, synapses: u64| {
            // none of it held elsewhere
            let mut plan = net.plan(&Options::default()).unwrap_or_else(|e| panic!("{e}"));
            plan.arrange_from(Worth { ring, row, synapses });
            plan
        };
        // rows onto `i_exc` are looked at together
        let row = (plan.routes[0].edges.count() + plan.routes[1].edges.count()) / (90 + 70);
        let ring = u64::from(plan.groups[0].rows) * 64 * 4;
        for (worth, expected) in [
            ((0, 0, 0), [true, true, true]),
            ((ring, row, 2000), [true, true, true]),
            ((ring + 1, row, 2000), [false, false, true]),
            ((0, row + 1, u64::MAX), [false, false, false]),
        ] {
            let arranged = make(worth.0, worth.1, worth.2);
            let short = arranged.routes.iter().map(|r| r.edges.is_by_delay() || r.edges.short_words().is_some());
            assert_eq!(short.collect::<Vec<_>>(), expected, "{worth:?}");
            assert!(arranged.routes.iter().zip(&plan.routes).all(|(a, b)| a.edges == b.edges));
            assert_eq!(joined(&arranged), joined(&plan));
        }
        // what somebody else holds stays as it is
        let (mut held, other) = (plan.clone(), plan.clone());
        held.arrange_from(Worth { ring: 0, row: 0, synapses: 0 });
        assert!(held.routes.iter().zip(&other.routes).all(|(a, b)| Arc::ptr_eq(&a.edges, &b.edges)));
        assert!(!plan.can_be_arranged());
    }
}
