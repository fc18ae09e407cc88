//! The plan of a network in which values changed and nothing else: the edges of the one before are taken over.
//!
//! In: a plan, the checked network with the new values, what was changed. Out: the plan that the network has, its rows, routes
//! and drives where they were, so that an engine goes on from its state. Not here: which values may change (`simulation`).

use super::error::of_part;
use super::own::routes_of;
use super::{EdgeColumn, Group, Plan, PlanError, PlanOptions, PopulationId, PortPlan, Route, fixed_point, uncounted_refractory};
use crate::model::rule::Node;
use crate::network::checked::{CheckedNetwork, CheckedProjection, CheckedSynapse, CheckedVariant};

/// What was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Parameters of its neurons.
    Population(PopulationId),
    /// Values of its synapses.
    Projection(usize),
    /// A stimulus, by place.
    Stimulus(usize),
}

/// What an engine must take over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Parameters and derived numbers of a group.
    Group(usize),
    /// Anything but which rows and edges there are.
    Values,
}

impl Plan {
    /// The plan of a network that differs from that of this plan in values of one part, and what of it is new. The variants of
    /// an ensemble are given as they are now.
    ///
    /// **Errors** as [`Plan::new`].
    pub fn renewed(
        &self,
        network: &CheckedNetwork,
        variants: &[CheckedVariant],
        change: Change,
        options: &PlanOptions,
    ) -> Result<(Plan, Extent), PlanError> {
        let (mut routes, mut gathered, mut learning) = (0, 0, 0);
        // routes of a port with two channels are no longer those of the description
        let parted = self.groups.iter().any(|g| g.rule.ports.len() > g.model.ports.len());
        let mut drawn = false;
        let options = options.clone().instances(self.instances);
        let mut plan = Plan::connected(network, &options, &mut |plan, k, projection, prepared, storage| {
            let (r, g, l) = parts(projection);
            let other = touched(projection, k, change);
            drawn |= other;
            if other || parted {
                plan.connect(k as u32, projection, prepared, network.seed, options.budget, storage)?;
            } else {
                plan.routes.extend_from_slice(&self.routes[routes..routes + r]);
                plan.gathered.extend_from_slice(&self.gathered[gathered..gathered + g]);
                plan.learning.extend_from_slice(&self.learning[learning..learning + l]);
            }
            (routes, gathered, learning) = (routes + r, gathered + g, learning + l);
            Ok(())
        })?;
        // a record says what the network was compiled from
        plan.network_hash.clone_from(&self.network_hash);
        if !variants.is_empty() {
            plan = plan.vary(network, variants, &options)?;
        }
        // a value may ask for other rules: such as a refractory time that no count of steps in single precision holds
        let other_states = |(a, b): (&Group, &Group)| {
            let names = |g: &Group| g.rule.states.iter().map(|s| s.name.clone()).collect::<Vec<_>>();
            (names(a) != names(b)).then(|| a.label.clone())
        };
        if let Some(population) = plan.groups.iter().zip(&self.groups).find_map(other_states) {
            let mut steps = None;
            for (new, old) in plan.groups.iter().zip(&self.groups) {
                let uncounted = uncounted_refractory(&old.rule, &new.params, new.rows, plan.dt).map_err(of_part(&new.label))?;
                steps = steps.or(uncounted);
            }
            let why = steps.map_or_else(String::new, |steps| format!(": it is refractory for {steps} steps"));
            return Err(PlanError::States { population, why });
        }
        let same_rule = |group: usize| plan.groups[group].rule.graph.nodes == self.groups[group].rule.graph.nodes;
        // engines do not ask whether derived numbers are some, where they were
        let same_numbers = |group: usize| {
            let none = |plan: &Plan, i: u32| plan.columns(i, group).derived.iter().map(|c| c.any(f64::is_nan)).collect::<Vec<_>>();
            (0..plan.instances).all(|i| none(&plan, i) == none(self, i))
        };
        let same = |group: usize| same_rule(group) && same_numbers(group);
        let extent = match change {
            Change::Population(id) if !drawn && same(plan.place(id).group) => Extent::Group(plan.place(id).group),
            _ => Extent::Values,
        };
        Ok((plan, extent))
    }
}

/// What is under way to a port cannot be summed with arrivals of other weights.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("what is under way to `{port}` of {populations} cannot be summed with arrivals of the new weights")]
pub struct UnderWay {
    /// The port.
    pub port: String,
    /// The populations whose port it is.
    pub populations: String,
}

impl Plan {
    /// Makes room for what is under way when this plan is taken up, `[group][port]` in weight units; `narrow`: where sums are whole
    /// numbers. What follows is as exact as before, or refused.
    ///
    /// **Errors** the port and group whose arrivals cannot be summed with those of the new weights.
    pub fn make_room(&mut self, before: &Plan, rings: &mut [Vec<Vec<f64>>], narrow: bool) -> Result<(), UnderWay> {
        for ((g, ports), old) in rings.iter_mut().enumerate().zip(&before.groups) {
            let told = |plan: &Plan, p: usize| {
                let group = &plan.groups[g];
                let port = group.rule.ports.get(p).map_or("", |port| port.name.trim());
                UnderWay { port: port.to_owned(), populations: group.label.clone() }
            };
            let same = |p: usize| self.groups[g].rule.ports.get(p).map(|q| &q.name) == old.rule.ports.get(p).map(|q| &q.name);
            for (p, ring) in ports.iter_mut().enumerate().filter(|(p, _)| !same(*p)) {
                if ring.iter().any(|x| *x != 0.0) {
                    return Err(told(before, p));
                }
                ring.clear();
            }
            ports.resize(self.groups[g].ports.len(), Vec::new());
            for (p, ring) in ports.iter().enumerate().filter(|_| narrow) {
                let (rows, instances) = (self.groups[g].rows.max(1) as usize, self.instances.max(1) as usize);
                // slot by slot, then instance by instance
                let under_way = |instance: usize| ring.chunks(rows).skip(instance).step_by(instances).flatten();
                let most = |instance: usize| under_way(instance).fold(0.0f64, |most, x| most.max(x.abs()));
                let own = |plan: &Plan, i: usize| plan.variants.get(i).and_then(|v| v.ports.get(g)?.get(p)?.clone());
                let usual = (0..instances).filter(|i| own(self, *i).is_none()).map(most).fold(0.0, f64::max);
                if let Some(port) = self.roomier((g, p), &self.groups[g].ports[p], usual, None).map_err(|()| told(self, p))? {
                    self.groups[g].ports[p] = port;
                }
                for i in 0..instances {
                    let Some(port) = own(self, i) else { continue };
                    if let Some(port) = self.roomier((g, p), &port, most(i), Some(i)).map_err(|()| told(self, p))? {
                        self.variants[i].ports[g][p] = Some(port);
                    }
                }
            }
        }
        Ok(())
    }

    /// A port, of an instance that has one of its own or of all others, that also holds what is under way; `None`: it does already.
    ///
    /// **Errors** weights or arrivals that would be rounded too much.
    fn roomier(&self, (g, p): (usize, usize), port: &PortPlan, most: f64, instance: Option<usize>) -> Result<Option<PortPlan>, ()> {
        let fits = most <= f64::from(i32::MAX) / port.scale - port.bound && most * port.scale >= FINE;
        if most == 0.0 || fits {
            return Ok(None);
        }
        let (bound, used) = (port.bound + most, port.used);
        let scale = fixed_point::scale(bound);
        let ends = |(_, r): &(usize, &Route)| self.place(r.target).group == g && r.port as usize == p;
        let right = |(k, r): (usize, &Route)| {
            let own = instance.and_then(|i| self.own_route(i as u32, k)?.weight);
            let route = own.map(|w| Route { weight: EdgeColumn::Shared(w), ..r.clone() });
            let rounding = fixed_point::rounding(route.as_ref().unwrap_or(r), scale);
            rounding.relative <= fixed_point::TOLERANCE && (r.drawn || rounding.lost == 0)
        };
        match most * scale < FINE || !self.routes.iter().enumerate().filter(ends).all(right) {
            true => Err(()),
            false => Ok(Some(PortPlan { used, bound, scale })),
        }
    }
}

/// The largest sum under way has at least so many units: its rounding is then below [`fixed_point::TOLERANCE`].
const FINE: f64 = (1u32 << 13) as f64;

/// In how many routes a projection is in a plan, and how often among what is gathered and what events change.
fn parts(projection: &CheckedProjection) -> (usize, usize, usize) {
    match &projection.synapse {
        CheckedSynapse::Static { .. } => (routes_of(projection), 0, 0),
        CheckedSynapse::Model { synapse, .. } => {
            let ways = if projection.back.is_some() { 2 } else { 1 };
            (routes_of(projection), ways * usize::from(synapse.is_gathered()), synapse.is_by_events().into())
        }
    }
}

/// Are values of this projection others now? What a spike adds may have been worked out from parameters of its ends.
fn touched(projection: &CheckedProjection, number: usize, change: Change) -> bool {
    match change {
        Change::Projection(changed) => changed == number,
        Change::Stimulus(_) => false,
        Change::Population(id) => {
            let CheckedSynapse::Model { synapse, .. } = &projection.synapse else { return false };
            let mut ways = vec![(synapse, projection.source, projection.target)];
            ways.extend(projection.back.as_ref().map(|back| (back, projection.target, projection.source)));
            ways.into_iter().any(|(synapse, source, target)| {
                let reads = |leaf: Node| match leaf {
                    Node::End(k) => (if synapse.ends[k as usize].post { target } else { source }) == id,
                    _ => false,
                };
                synapse.model.on_pre.iter().any(|addition| synapse.model.graph.any_leaf(addition.value, reads))
            })
        }
    }
}
