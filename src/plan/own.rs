//! Weights, delays, rates and levels that an instance has of its own: to the bit what the network alone has.
//!
//! In: checked variants, a plan. Out: what [`Instance`] says of routes, ports, backgrounds and drives. The scale of a port follows
//! from the weights of the instance as it does in the plan of the network alone (`channel`): only then are its sums the same.
//! Refused is what would ask for another layout: a port that needs two channels.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::channel::{self, Load};
use super::{Column, EdgeColumn, Instance, OwnBackground, OwnRoute, Plan, PlanError, PortPlan, Route};
use crate::network::checked::{CheckedNetwork, CheckedProjection, CheckedSynapse, CheckedVariant, CheckedWaveform, OwnStimulus};
use crate::random::PoissonTable;

/// Where projections and stimuli went in a plan, and what the routes of ports that vary bring.
pub(super) struct Family {
    /// By projection: its route, where it is one whose synapses have one weight or one delay.
    routes: Vec<usize>,
    /// By stimulus: its background, or its first drive.
    backgrounds: Vec<Option<usize>>,
    /// Ports at which some instance has weights of its own, with the routes that end there.
    ports: BTreeMap<(usize, u32), Vec<usize>>,
    loads: BTreeMap<usize, Brought>,
}

/// What a route brings to its port.
enum Brought {
    /// By target: synapses of one weight.
    Shared(Vec<u32>),
    /// Whose weights differ.
    PerEdge(Load),
}

/// In how many routes a projection is in a plan whose ports have one channel each.
pub(super) fn routes_of(projection: &CheckedProjection) -> usize {
    match &projection.synapse {
        CheckedSynapse::Static { .. } => 1,
        CheckedSynapse::Model { synapse, .. } => {
            let ways = if projection.back.is_some() { 2 } else { 1 };
            ways * synapse.ports.len()
        }
    }
}

impl Family {
    /// Looks at the routes of all ports that vary, once for all instances.
    pub fn new(plan: &Plan, network: &CheckedNetwork, variants: &[CheckedVariant]) -> Family {
        let mut next = 0;
        let routes: Vec<usize> = network
            .projections
            .iter()
            .map(|p| {
                let first = next;
                next += routes_of(p);
                first
            })
            .collect();
        let poisson = |k: &usize| matches!(network.stimuli[*k].waveform, CheckedWaveform::Poisson { .. });
        let mut number = 0..;
        let backgrounds = (0..network.stimuli.len()).map(|k| poisson(&k).then(|| number.next()).flatten()).collect();
        let weighted = variants.iter().flat_map(|v| v.projections.iter().filter(|(_, own)| own.weight.is_some()));
        let projections: BTreeSet<usize> = weighted.map(|(projection, _)| *projection as usize).collect();
        let end = |route: &Route| (plan.place(route.target).group, route.port);
        let mut ports: BTreeMap<(usize, u32), Vec<usize>> =
            projections.iter().filter_map(|k| plan.routes.get(routes[*k])).map(|route| (end(route), Vec::new())).collect();
        for (number, route) in plan.routes.iter().enumerate() {
            if let Some(list) = ports.get_mut(&end(route)) {
                list.push(number);
            }
        }
        let brought = |number: &usize| {
            let route = &plan.routes[*number];
            let brought = match &route.weight {
                EdgeColumn::Shared(_) => Brought::Shared(channel::counts(&route.edges)),
                EdgeColumn::PerEdge(_) | EdgeColumn::Drawn(_) => Brought::PerEdge(channel::load(route)),
            };
            (*number, brought)
        };
        let loads = ports.values().flatten().map(brought).collect();
        Family { routes, backgrounds, ports, loads }
    }

    /// What a variant has of its own.
    ///
    /// **Errors** weights for which a port would need two channels, or has them; a rate that no table holds.
    pub fn settle(
        &self,
        plan: &Plan,
        variant: &CheckedVariant,
        out: &mut Instance,
        drives: &[Option<usize>],
    ) -> Result<(), PlanError> {
        for (projection, own) in &variant.projections {
            let route = self.routes[*projection as usize];
            out.routes.resize(plan.routes.len(), None);
            out.routes[route] = Some(OwnRoute { weight: own.weight, delay: own.delay });
            let port = (plan.place(plan.routes[route].target).group, plan.routes[route].port);
            if is_parted(plan, port.0) {
                return Err(apart(plan, out, port, TWO_SCALES));
            }
        }
        for (port, routes) in &self.ports {
            if !routes.iter().any(|k| own_weight(out, *k).is_some()) {
                continue;
            }
            if routes.iter().any(|k| plan.routes[*k].learned.is_some()) {
                return Err(apart(plan, out, *port, "synapses that learn end there too"));
            }
            let summed = self.summed(plan, out, *port, routes)?;
            out.ports.resize(plan.groups.len(), Vec::new());
            let ports = &mut out.ports[port.0];
            ports.resize(plan.groups[port.0].ports.len(), None);
            ports[port.1 as usize] = Some(summed);
        }
        for (stimulus, own) in &variant.stimuli {
            match own {
                OwnStimulus::Poisson { mean, weight } => {
                    let Some(number) = self.backgrounds[*stimulus as usize] else { continue };
                    let name = || plan.backgrounds[number].name.clone();
                    let law = PoissonTable::new(*mean).map_err(|error| PlanError::Poisson { stimulus: name(), error })?;
                    out.backgrounds.resize(plan.backgrounds.len(), None);
                    out.backgrounds[number] = Some(OwnBackground { laws: Arc::new([law]), weight: Column::Shared(*weight) });
                }
                OwnStimulus::Level(level) => {
                    let Some(drive) = drives[*stimulus as usize] else { continue };
                    out.levels.resize(plan.drives.len(), None);
                    out.levels[drive] = Some(*level);
                }
            }
        }
        Ok(())
    }

    /// How arrivals at a port are summed with the weights of an instance.
    fn summed(&self, plan: &Plan, out: &Instance, port: (usize, u32), routes: &[usize]) -> Result<PortPlan, PlanError> {
        let own: Vec<Route> = routes
            .iter()
            .map(|k| {
                let route = plan.routes[*k].clone();
                match own_weight(out, *k) {
                    Some(w) => Route { weight: EdgeColumn::Shared(w), ..route },
                    None => route,
                }
            })
            .collect();
        let load = |k: &usize, route: &Route| match (&self.loads[k], &route.weight) {
            (Brought::Shared(counts), EdgeColumn::Shared(w)) => Load::of_shared(counts, *w),
            (Brought::PerEdge(load), _) => load.clone(),
            (Brought::Shared(_), EdgeColumn::PerEdge(_) | EdgeColumn::Drawn(_)) => channel::load(route),
        };
        let parts: Vec<(usize, &Route, Load)> = routes.iter().zip(&own).map(|(k, route)| (*k, route, load(k, route))).collect();
        let channel = plan.channel_of(port.0, &parts);
        match channel.wrong.is_empty() {
            true => Ok(PortPlan { used: true, bound: channel.bound, scale: channel.scale }),
            false => Err(apart(plan, out, port, TWO_SCALES)),
        }
    }
}

const TWO_SCALES: &str = "weights that are so different need sums of two scales, which all instances would have to have";

/// Has a port of the group two channels? Then routes are no longer those of the description.
fn is_parted(plan: &Plan, group: usize) -> bool {
    plan.groups[group].rule.ports.len() > plan.groups[group].model.ports.len()
}

fn apart(plan: &Plan, out: &Instance, (group, port): (usize, u32), why: &'static str) -> PlanError {
    let of = &plan.groups[group];
    let port = of.rule.ports.get(port as usize).map_or(String::new(), |port| port.name.clone());
    let instance = if out.label.is_empty() { "an instance".to_owned() } else { out.label.clone() };
    PlanError::Apart { instance, label: of.label.clone(), port, why }
}

fn own_weight(out: &Instance, route: usize) -> Option<f64> {
    out.routes.get(route).copied().flatten().and_then(|own| own.weight)
}
