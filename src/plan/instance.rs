//! Instances that are not all alike: what one of them has instead of what the plan says.
//!
//! In: [`Instance`]s, made from the variants of a network. Out: for every instance its columns, seed, factors, and
//! what its routes and stimuli have of their own. Who is joined to whom, rules and layout belong to all instances; only numbers
//! differ. Weights and delays may where one number is that of all synapses of a projection: the ports where they end then have a
//! scale of the instance's own, so that its sums are those of the network alone. Not here: how these are found (`variant`, `own`).
//!
//! A **port factor** multiplies what arrives at a port: the unit of its sum, which is worked out as `factor / scale` and
//! rounded once, and the weights of Poisson events there. The sums themselves are the same whole numbers for all instances.
//! A **drive factor** multiplies the level of a stimulus on a continuous input.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Background, Column, Drive, EdgeColumn, Plan, PoissonTable, PopulationId, PortPlan, Wave};
use crate::model::rule::{NoValue, Node};

/// What one instance has of its own.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Instance {
    /// Seed of what is drawn while it runs; `None`: the plan's.
    pub seed: Option<u64>,
    /// By group: columns that differ from the plan's; `None`, or a list that ends before: none do.
    pub groups: Vec<Option<Arc<GroupColumns>>>,
    /// Factor on what arrives, by group, then port; empty, or a list that ends before: 1.
    pub port_factors: Vec<Vec<f64>>,
    /// Populations that share their group with others and have a factor of their own at a port, instead of the group's:
    /// (population, port, factor).
    pub population_factors: Vec<(PopulationId, u32, f64)>,
    /// Factor on the level of each drive; empty, or a list that ends before: 1.
    pub drive_factors: Vec<f64>,
    /// By place in [`Plan::gathered`], then parameter of its synapse model: one number for all its edges instead of the plan's.
    pub gathered_params: Vec<Vec<Option<f64>>>,
    /// By place there, then state: initial values that follow from them; empty: the plan's.
    pub gathered_initial: Vec<Vec<EdgeColumn>>,
    /// By place in [`Plan::learning`], then parameter of its synapse model: one number for all its synapses instead of the plan's.
    pub learned_params: Vec<Vec<Option<f64>>>,
    /// By place there, then state of its rule: initial values that follow from them; empty: the plan's.
    pub learned_initial: Vec<Vec<EdgeColumn>>,
    /// By route: what all its synapses have instead of the plan's; `None`, or a list that ends before: the plan's.
    pub routes: Vec<Option<OwnRoute>>,
    /// By group, then port: how arrivals are summed where weights are its own; `None`, or a list that ends before: as in the plan.
    pub ports: Vec<Vec<Option<PortPlan>>>,
    /// By background: its law and weights instead of the plan's.
    pub backgrounds: Vec<Option<OwnBackground>>,
    /// By drive: the level of a constant one instead of the plan's.
    pub levels: Vec<Option<f64>>,
    /// What a user calls it.
    pub label: String,
}

/// What all synapses of a route have in an instance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OwnRoute {
    /// In the unit of the port; `None`: that of the plan, of each or of all.
    pub weight: Option<f64>,
    /// In steps; `None`: those of the plan.
    pub delay: Option<u32>,
}

/// Poisson events as an instance has them, of one rate for all rows that does not change.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnBackground {
    /// The law of its mean, events a step: one.
    pub laws: Arc<[PoissonTable]>,
    /// What an event adds, by row.
    pub weight: Column,
}

/// All columns of a group in an instance. One that is shared in the plan may be shared with another number, or per row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GroupColumns {
    /// By place in the model's parameters.
    pub params: Vec<Column>,
    /// By place in the rule's derived numbers.
    pub derived: Vec<Column>,
    /// By place in the rule's states.
    pub initial: Vec<Column>,
}

/// The columns of a group in one instance, the plan's own or those of the instance.
#[derive(Clone, Copy, Debug)]
pub struct Columns<'a> {
    /// By place in the model's parameters.
    pub params: &'a [Column],
    /// By place in the rule's derived numbers.
    pub derived: &'a [Column],
    /// By place in the rule's states.
    pub initial: &'a [Column],
}

impl Plan {
    /// The columns of a group in an instance.
    pub fn columns(&self, instance: u32, group: usize) -> Columns<'_> {
        match self.variant(instance).and_then(|v| v.groups.get(group)?.as_deref()) {
            Some(own) => Columns { params: &own.params, derived: &own.derived, initial: &own.initial },
            None => {
                let group = &self.groups[group];
                Columns { params: &group.params, derived: &group.derived, initial: &group.initial }
            }
        }
    }

    /// The seed of what an instance draws while it runs.
    pub fn seed_of(&self, instance: u32) -> u64 {
        self.variant(instance).and_then(|v| v.seed).unwrap_or(self.seed)
    }

    /// The factor on what arrives at a port of a group, but for populations that have one of their own.
    pub fn port_factor(&self, instance: u32, group: usize, port: usize) -> f64 {
        let factor = |v: &Instance| v.port_factors.get(group)?.get(port).copied();
        self.variant(instance).and_then(factor).unwrap_or(1.0)
    }

    /// The factor on what arrives at a port of one population.
    pub fn population_factor(&self, instance: u32, population: PopulationId, port: usize) -> f64 {
        let own = |v: &Instance| {
            let mut all = v.population_factors.iter();
            all.find(|(p, k, _)| *p == population && *k as usize == port).map(|(_, _, factor)| *factor)
        };
        let group = self.place(population).group;
        self.variant(instance).and_then(own).unwrap_or_else(|| self.port_factor(instance, group, port))
    }

    /// The factor on the level of a drive.
    pub fn drive_factor(&self, instance: u32, drive: usize) -> f64 {
        self.variant(instance).and_then(|v| v.drive_factors.get(drive).copied()).unwrap_or(1.0)
    }

    /// The number that an instance gives a parameter of gathered synapses, if it is not the plan's.
    pub fn gathered_param(&self, instance: u32, gathered: usize, param: usize) -> Option<f64> {
        self.variant(instance)?.gathered_params.get(gathered)?.get(param).copied().flatten()
    }

    /// A parameter that is one number for all synapses of a gathered projection, in an instance.
    pub fn shared_param(&self, instance: u32, gathered: usize, param: usize) -> Option<f64> {
        let shared = self.gathered[gathered].params[param].shared()?;
        Some(self.gathered_param(instance, gathered, param).unwrap_or(shared))
    }

    /// The same where it must be one number.
    ///
    /// **Errors** it differs from synapse to synapse.
    pub fn single_param(&self, instance: u32, gathered: usize, param: usize) -> Result<f64, NoValue> {
        self.shared_param(instance, gathered, param).ok_or(NoValue(Node::Param(param as u32)))
    }

    /// Initial values of gathered synapses in an instance, by state.
    pub fn gathered_initial(&self, instance: u32, gathered: usize) -> &[EdgeColumn] {
        let own = self.variant(instance).and_then(|v| v.gathered_initial.get(gathered)).filter(|own| !own.is_empty());
        own.map_or(&self.gathered[gathered].initial, |own| own)
    }

    /// The number that an instance gives a parameter of synapses that events change, if it is not the plan's.
    pub fn learned_param(&self, instance: u32, learning: usize, param: usize) -> Option<f64> {
        self.variant(instance)?.learned_params.get(learning)?.get(param).copied().flatten()
    }

    /// Initial values of synapses that events change in an instance, by state of their rule.
    pub fn learned_initial(&self, instance: u32, learning: usize) -> &[EdgeColumn] {
        let own = self.variant(instance).and_then(|v| v.learned_initial.get(learning)).filter(|own| !own.is_empty());
        own.map_or(&self.learning[learning].initial, |own| own)
    }

    /// What all synapses of a route have of their own in an instance.
    pub fn own_route(&self, instance: u32, route: usize) -> Option<OwnRoute> {
        self.variant(instance)?.routes.get(route).copied().flatten()
    }

    /// How arrivals at a port are summed in an instance.
    pub fn port(&self, instance: u32, group: usize, port: usize) -> &PortPlan {
        let own = self.variant(instance).and_then(|v| v.ports.get(group)?.get(port)?.as_ref());
        own.unwrap_or(&self.groups[group].ports[port])
    }

    /// Ports (group, port) at which an instance has weights or delays of its own.
    pub fn varied_ports(&self) -> BTreeSet<(usize, u32)> {
        let routes = self.variants.iter().flat_map(|v| v.routes.iter().enumerate().filter(|(_, own)| own.is_some()));
        routes.map(|(route, _)| &self.routes[route]).map(|r| (self.place(r.target).group, r.port)).collect()
    }

    /// The least and the largest delay of a route in any instance. **Units** steps.
    pub fn delays(&self, route: usize) -> (u32, u32) {
        let (least, largest) = self.routes[route].edges.delays();
        if self.routes[route].edges.is_empty() || self.variants.is_empty() {
            return (least, largest);
        }
        let of = |v: &Instance| v.routes.get(route).copied().flatten().and_then(|own| own.delay);
        let own = self.variants.iter().map(|v| of(v).map_or((least, largest), |steps| (steps, steps)));
        own.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))).unwrap_or((least, largest))
    }

    /// The laws of a background and what its events add, in an instance.
    pub fn background(&self, instance: u32, background: usize) -> (&Arc<[PoissonTable]>, &Column) {
        let own = self.variant(instance).and_then(|v| v.backgrounds.get(background)?.as_ref());
        let usual: &Background = &self.backgrounds[background];
        own.map_or((&usual.laws, &usual.weight), |own| (&own.laws, &own.weight))
    }

    /// The laws of a background: those of the plan, or where instances have their own one of each instance, in order.
    pub fn laws(&self, background: usize) -> Vec<&PoissonTable> {
        match self.varied_background(background) {
            true => (0..self.instances).flat_map(|i| self.background(i, background).0.iter()).collect(),
            false => self.backgrounds[background].laws.iter().collect(),
        }
    }

    /// Has any instance a law of its own for a background?
    pub fn varied_background(&self, background: usize) -> bool {
        self.variants.iter().any(|v| v.backgrounds.get(background).is_some_and(Option::is_some))
    }

    /// The level that an instance gives a constant drive, if it is not the plan's.
    pub fn own_level(&self, instance: u32, drive: usize) -> Option<f64> {
        self.variant(instance)?.levels.get(drive).copied().flatten()
    }

    /// The level of a constant drive that is one number for all its rows, in an instance.
    pub fn level(&self, instance: u32, drive: usize) -> Option<f64> {
        match &self.drives[drive] {
            Drive { wave: Wave::Constant(Column::Shared(x)), .. } => Some(self.own_level(instance, drive).unwrap_or(*x)),
            _ => None,
        }
    }

    /// Has any instance a level of its own for a drive?
    pub fn varied_drive(&self, drive: usize) -> bool {
        self.variants.iter().any(|v| v.levels.get(drive).is_some_and(Option::is_some))
    }

    /// Does an instance have columns of its own for a group?
    pub fn differs(&self, instance: u32, group: usize) -> bool {
        self.variant(instance).and_then(|v| v.groups.get(group)).is_some_and(Option::is_some)
    }

    /// What an instance has of its own.
    pub fn variant(&self, instance: u32) -> Option<&Instance> {
        self.variants.get(instance as usize)
    }
}
