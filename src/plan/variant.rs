//! From checked variants to what each instance has of its own.

use std::sync::Arc;

use super::error::of_part;
use super::group::{Member, joined, started};
use super::memory::{Memory, Terms};
use super::own::Family;
use super::{
    DrivePart, EdgeColumn, GroupColumns, Instance, Plan, PlanError, PlanOptions, PopulationId, derive, uncounted_refractory,
};
use crate::model::BoundSynapse;
use crate::network::checked::{CheckedNetwork, CheckedProjection, CheckedSynapse, CheckedVariant, CheckedWaveform};
use crate::threads;

/// Where parts of the description went in the plan.
struct Places {
    /// By stimulus: its drive.
    drives: Vec<Option<usize>>,
    /// By projection: its number among what is gathered.
    gathered: Vec<Option<usize>>,
    /// By projection: its number among those that events change.
    learning: Vec<Option<usize>>,
    /// By group: its populations, in the order of their rows.
    members: Vec<Vec<usize>>,
}

impl Plan {
    /// Plans an ensemble: an instance for each variant.
    ///
    /// **Errors** as [`Plan::new`].
    pub fn ensemble(network: &CheckedNetwork, variants: &[CheckedVariant], options: &PlanOptions) -> Result<Plan, PlanError> {
        let instances = variants.len().max(1);
        let instances =
            u32::try_from(instances).map_err(|_beyond| PlanError::Rows { rows: instances as u64, most: u64::from(u32::MAX) })?;
        let plan = Plan::new(network, &options.clone().instances(instances))?;
        plan.vary(network, variants, options)
    }

    /// The plan with other variants, as many as it has instances.
    ///
    /// **Errors** more bytes than the budget allows, factors that single precision cannot hold.
    pub fn vary(mut self, network: &CheckedNetwork, variants: &[CheckedVariant], options: &PlanOptions) -> Result<Plan, PlanError> {
        let places = places(&self, network);
        let family = Family::new(&self, network, variants);
        let variants = threads::of_each(variants, |v| {
            let mut out = instance(&self, network, &places, v)?;
            family.settle(&self, v, &mut out, &places.drives)?;
            Ok(out)
        });
        self.variants = variants.into_iter().collect::<Result<_, PlanError>>()?;
        // delays of instances move them
        self.time_windows();
        self.units_hold()?;
        // bins over the range of a state hold those of all instances
        self.taps = network.probes.iter().map(|p| self.tap(network, p)).collect::<Result<_, _>>()?;
        let terms = Terms::default().number(options.number).instances(self.instances.into()).steps(options.steps);
        Memory::of(&self, terms).within(options.budget)?;
        Ok(self)
    }

    /// What sums are multiplied by, `factor / scale`, must be 0 or a normal number in single precision.
    fn units_hold(&self) -> Result<(), PlanError> {
        for (number, variant) in self.variants.iter().enumerate() {
            let shared = variant.port_factors.iter().enumerate().flat_map(|(group, factors)| {
                let first = self.populations.iter().position(|p| p.group == group);
                first.into_iter().flat_map(move |first| (0..).zip(factors).map(move |(port, factor)| (first, port, *factor)))
            });
            let own = variant.population_factors.iter().map(|(id, port, factor)| (id.0 as usize, *port as usize, *factor));
            for (population, port, factor) in shared.chain(own).filter(|(.., factor)| *factor != 0.0) {
                let group = self.populations[population].group;
                let summed = self.port(number as u32, group, port);
                let group = &self.groups[group];
                if !summed.used || ((factor / summed.scale) as f32).is_normal() {
                    continue;
                }
                let instance = if variant.label.is_empty() { format!("instance {number}") } else { variant.label.clone() };
                let (population, port) = (self.populations[population].name.clone(), group.rule.ports[port].name.clone());
                return Err(PlanError::Factor { instance, population, port, factor });
            }
        }
        Ok(())
    }
}

/// The number of each among those that count; `None`: it does not.
fn numbered(counts: impl Iterator<Item = bool>) -> Vec<Option<usize>> {
    let mut next = 0..;
    counts.map(|counts| if counts { next.next() } else { None }).collect()
}

fn places(plan: &Plan, network: &CheckedNetwork) -> Places {
    let model = |p: &CheckedProjection, is: fn(&BoundSynapse) -> bool| matches!(&p.synapse, CheckedSynapse::Model { synapse, .. } if is(synapse));
    let drives = numbered(network.stimuli.iter().map(|s| !matches!(s.waveform, CheckedWaveform::Poisson { .. })));
    let gathered = numbered(network.projections.iter().map(|p| model(p, BoundSynapse::is_gathered)));
    let learning = numbered(network.projections.iter().map(|p| model(p, BoundSynapse::is_by_events)));
    let mut members = vec![Vec::new(); plan.groups.len()];
    for (k, place) in plan.populations.iter().enumerate() {
        members[place.group].push(k);
    }
    for list in &mut members {
        list.sort_by_key(|k| plan.populations[*k].first_row);
    }
    Places { drives, gathered, learning, members }
}

fn instance(plan: &Plan, network: &CheckedNetwork, places: &Places, variant: &CheckedVariant) -> Result<Instance, PlanError> {
    let mut out = Instance { seed: variant.seed, label: variant.label.clone(), ..Instance::default() };
    if !variant.populations.is_empty() {
        out.groups = vec![None; plan.groups.len()];
    }
    for own in &variant.populations {
        let group = plan.place(own.population).group;
        if out.groups[group].is_none() {
            out.groups[group] = Some(Arc::new(columns(plan, network, places, variant, group)?));
        }
    }
    factors(plan, places, variant, &mut out);
    for (stimulus, factor) in &variant.stimulus_factors {
        if let Some(drive) = places.drives[*stimulus as usize] {
            out.drive_factors.resize(plan.drives.len(), 1.0);
            out.drive_factors[drive] = *factor;
            // of noise with a memory the level is both of its drives
            let stream = plan.drives[drive].stream;
            for (k, other) in plan.drives.iter().enumerate() {
                if other.part == DrivePart::Spread && other.stream == stream {
                    out.drive_factors[k] = *factor;
                }
            }
        }
    }
    for (projection, params) in &variant.synapses {
        if let Some(learning) = places.learning[*projection as usize] {
            learned(plan, learning, params, &mut out)?;
        }
        let Some(first) = places.gathered[*projection as usize] else { continue };
        // the way back stands behind the way there
        let ways = if network.projections[*projection as usize].back.is_some() { 2 } else { 1 };
        for gathered in first..first + ways {
            out.gathered_params.resize(plan.gathered.len(), Vec::new());
            out.gathered_params[gathered].clone_from(params);
            if plan.gathered[gathered].has_states() {
                out.gathered_initial.resize(plan.gathered.len(), Vec::new());
                out.gathered_initial[gathered] = plan.initial_with(gathered, params)?;
            }
        }
    }
    Ok(out)
}

/// What an instance has of its own of synapses that events change.
fn learned(plan: &Plan, number: usize, params: &[Option<f64>], out: &mut Instance) -> Result<(), PlanError> {
    let learning = &plan.learning[number];
    let given = params.iter().enumerate().filter_map(|(k, own)| Some((k, (*own)?)));
    for (k, own) in given.filter(|(k, _)| learning.settled[*k]) {
        if !matches!(learning.params[k], EdgeColumn::Shared(x) if x.to_bits() == own.to_bits()) {
            let parameter = learning.synapse.model.params[k].name.clone();
            return Err(PlanError::Settled { instance: out.label.clone(), projection: learning.name.clone(), parameter });
        }
    }
    out.learned_params.resize(plan.learning.len(), Vec::new());
    out.learned_params[number] = params.to_vec();
    out.learned_initial.resize(plan.learning.len(), Vec::new());
    out.learned_initial[number] = plan.learned_with(number, params)?;
    Ok(())
}

/// The columns of a group with the values of a variant, joined as those of the plan are.
fn columns(
    plan: &Plan,
    network: &CheckedNetwork,
    places: &Places,
    variant: &CheckedVariant,
    number: usize,
) -> Result<GroupColumns, PlanError> {
    let group = &plan.groups[number];
    let member = |k: &usize| {
        let population = &network.populations[*k];
        match variant.populations.iter().find(|own| own.population.0 as usize == *k) {
            Some(own) => Member { params: &own.params, initial: &own.initial, size: population.size },
            None => Member::from(population),
        }
    };
    let members: Vec<Member<'_>> = places.members[number].iter().map(member).collect();
    let (params, given) = joined(&group.model, &group.rule, &members).map_err(of_part(&group.label))?;
    let uncounted = uncounted_refractory(&group.rule, &params, group.rows, plan.dt).map_err(of_part(&group.label))?;
    if let Some(steps) = uncounted {
        return Err(PlanError::Refractory { instance: variant.label.clone(), label: group.label.clone(), steps });
    }
    let (derived, initial) = derive(&group.rule, &params, &given, group.rows as usize, plan.dt).map_err(of_part(&group.label))?;
    started(number, group, &initial, &plan.populations)?;
    Ok(GroupColumns { params, derived, initial })
}

/// One factor for a group's port where all its populations agree, else one for each population.
fn factors(plan: &Plan, places: &Places, variant: &CheckedVariant, out: &mut Instance) {
    if variant.port_factors.is_empty() {
        return;
    }
    let of = |population: usize, port: usize| {
        let mut all = variant.port_factors.iter();
        all.find(|(id, k, _)| id.0 as usize == population && *k as usize == port).map_or(1.0, |(.., factor)| *factor)
    };
    for (group, members) in plan.groups.iter().zip(&places.members) {
        let mut factors = vec![1.0; group.ports.len()];
        for (port, shared) in factors.iter_mut().enumerate() {
            // what a channel of its own takes from a port has the factor of the port
            let named = group.rule.ports[port].fine_of.map_or(port, |port| port as usize);
            let own: Vec<f64> = members.iter().map(|k| of(*k, named)).collect();
            if own.iter().all(|x| *x == own[0]) {
                *shared = own[0];
                continue;
            }
            let single = members.iter().zip(own).filter(|(_, x)| *x != 1.0);
            out.population_factors.extend(single.map(|(k, x)| (PopulationId(*k as u32), port as u32, x)));
        }
        out.port_factors.push(factors);
    }
}
