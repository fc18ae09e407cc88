//! Instances that are not all alike: what one of them has instead of what the plan says.
//!
//! In: [`Instance`]s, made from the variants of a network. Out: for every instance its columns, seed and
//! factors. Edges, delays, rules and layout belong to all instances; only numbers differ.
//!
//! A **port factor** multiplies what arrives at a port: the unit of its sum, which is worked out as `factor / scale` and
//! rounded once, and the weights of Poisson events there. The sums themselves are the same whole numbers for all instances.
//! A **drive factor** multiplies the level of a stimulus on a continuous input.

use std::sync::Arc;

use super::{Column, EdgeColumn, Plan, PopulationId};
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
    /// What a user calls it.
    pub label: String,
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
        match self.gathered[gathered].params[param] {
            EdgeColumn::Shared(x) => Some(self.gathered_param(instance, gathered, param).unwrap_or(x)),
            EdgeColumn::PerEdge(_) => None,
        }
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

    /// Does an instance have columns of its own for a group?
    pub fn differs(&self, instance: u32, group: usize) -> bool {
        self.variant(instance).and_then(|v| v.groups.get(group)).is_some_and(Option::is_some)
    }

    /// What an instance has of its own.
    pub fn variant(&self, instance: u32) -> Option<&Instance> {
        self.variants.get(instance as usize)
    }
}
