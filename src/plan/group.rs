//! Populations that share model, method and driven inputs (small ones: model and method) become one group, with columns shared where
//! all agree.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::derive::unusable;
use super::error::of_part;
use super::{Column, Group, PlacedPopulation, PlanError, PopulationId, PortPlan, ROW_ALIGNMENT, derive, uncounted_refractory};
use crate::model::integrate::{self, Extras, Process};
use crate::model::rule::{Binary, Graph, NoValue, Node, NodeId, Rule, Unary};
use crate::model::{EndValue, Method, NeuronModel};
use crate::network::checked::{CheckedNetwork, CheckedPopulation, CheckedSynapse, CheckedWaveform, Record};
use crate::random::Stream;

/// Which continuous inputs of each population anything drives.
pub(super) fn driven(network: &CheckedNetwork) -> Vec<Vec<bool>> {
    let mut out: Vec<Vec<bool>> = network.populations.iter().map(|p| vec![false; p.model.inputs.len()]).collect();
    let mut mark = |id: PopulationId, input: usize| {
        if let Some(flag) = out[id.0 as usize].get_mut(input) {
            *flag = true;
        }
    };
    for stimulus in network.stimuli.iter().filter(|s| !s.clamps) {
        if let Some(input) = stimulus.waveform.input() {
            mark(stimulus.target, input as usize);
        }
    }
    for projection in &network.projections {
        let CheckedSynapse::Model { synapse, .. } = &projection.synapse else { continue };
        synapse.inputs.iter().for_each(|input| mark(projection.target, *input as usize));
        let back = projection.back.iter().flat_map(|back| &back.inputs);
        back.for_each(|input| mark(projection.source, *input as usize));
    }
    out
}

/// What each population has beside the text of its model: states that stimuli hold, noise with a memory, what probes look at.
pub(super) fn extras(network: &CheckedNetwork) -> Vec<Extras> {
    let mut out = vec![Extras::default(); network.populations.len()];
    for stimulus in &network.stimuli {
        let own = &mut out[stimulus.target.0 as usize];
        if let (true, Some(state)) = (stimulus.clamps, stimulus.waveform.input()) {
            own.clamped.push(state);
        }
        if let CheckedWaveform::OrnsteinUhlenbeck { input, tau, .. } = stimulus.waveform {
            own.processes.push(Process { input, tau: tau.to_bits() });
        }
    }
    for projection in network.projections.iter().filter(|p| p.late > 0) {
        let CheckedSynapse::Model { synapse, .. } = &projection.synapse else { continue };
        let read = synapse.ends.iter().filter(|end| !end.post).filter_map(|end| match end.value {
            EndValue::State(state) => Some(state),
            EndValue::Param(_) => None,
        });
        out[projection.source.0 as usize].delayed.extend(read.map(|state| (state, projection.late)));
    }
    for probe in &network.probes {
        if let Record::Watched { watched, .. } = probe.record {
            out[probe.population.0 as usize].watched.push(watched);
        }
    }
    for own in &mut out {
        own.clamped.sort_unstable();
        own.clamped.dedup();
        // of each state the longest
        own.delayed.sort_unstable_by_key(|(state, steps)| (*state, std::cmp::Reverse(*steps)));
        own.delayed.dedup_by_key(|(state, _)| *state);
        own.watched.sort_unstable();
        own.watched.dedup();
    }
    out
}

/// A population of more neurons is grouped by what drives itself: what others are driven by would cost it more than a group does.
const SMALL: u32 = 64;

/// The same, where small populations of a model take what drives any of them: of a network with a population per neuron few are
/// driven from outside, and their groups, and the projections between these, would cost more than a 0 that is added. Only where this
/// is the same arithmetic: by explicit Euler, and an input that stands in sums and products alone.
fn widened(described: &[CheckedPopulation], driven: &[Vec<bool>], extras: &[Extras]) -> Vec<Vec<bool>> {
    let mut kinds: HashMap<(usize, Option<Method>, &Extras), Vec<usize>> = HashMap::new();
    for (k, population) in described.iter().enumerate() {
        if population.size <= SMALL && population.method.or(population.model.method()) == Some(Method::Euler) {
            kinds.entry((Arc::as_ptr(&population.model) as usize, population.method, &extras[k])).or_default().push(k);
        }
    }
    let mut out = driven.to_vec();
    for members in kinds.into_values() {
        let graph = described[members[0]].model.graph();
        for input in 0..driven[members[0]].len() {
            if members.iter().any(|k| driven[*k][input]) && adds_nothing(graph, input as u32) {
                members.iter().for_each(|k| out[*k][input] = true);
            }
        }
    }
    out
}

/// Is an input that is 0 no more than a 0 that is added, or that multiplies?
fn adds_nothing(graph: &Graph, input: u32) -> bool {
    let mut zero: Vec<bool> = Vec::with_capacity(graph.nodes.len());
    for node in &graph.nodes {
        let at = |id: NodeId| zero[id.0 as usize];
        zero.push(match *node {
            Node::Held(k) => k == input,
            Node::Binary(Binary::Multiply, a, b) => at(a) || at(b),
            Node::Binary(Binary::Add | Binary::Subtract, a, b) => at(a) && at(b),
            Node::Binary(Binary::Divide, a, b) if !at(b) => at(a),
            Node::Unary(Unary::Negate, x) => at(x),
            node if Graph::operands(node).any(at) => return false,
            _ => false,
        });
    }
    true
}

type Key = (usize, Option<Method>, Vec<bool>, Extras);

/// `described`: the populations of the network, with the traces that their synapses keep.
pub(super) fn groups(
    network: &CheckedNetwork,
    described: &[CheckedPopulation],
    driven: &[Vec<bool>],
    extras: &[Extras],
) -> Result<(Vec<Group>, Vec<PlacedPopulation>), PlanError> {
    let driven = widened(described, driven, extras);
    let mut members: Vec<(Key, Vec<usize>)> = Vec::new();
    let mut known: HashMap<Key, usize> = HashMap::new();
    for (k, population) in described.iter().enumerate() {
        let key: Key = (Arc::as_ptr(&population.model) as usize, population.method, driven[k].clone(), extras[k].clone());
        match known.get(&key) {
            Some(place) => members[*place].1.push(k),
            None => {
                known.insert(key.clone(), members.len());
                members.push((key, vec![k]));
            }
        }
    }
    let mut groups = Vec::new();
    let mut places: BTreeMap<usize, PlacedPopulation> = BTreeMap::new();
    for ((_, method, driven, extras), list) in members {
        let populations: Vec<&CheckedPopulation> = list.iter().map(|k| &described[*k]).collect();
        let model = populations[0].model.clone();
        let refused = |error| PlanError::Method { population: populations[0].name.clone(), error };
        let rule: Rule = integrate::rule_with(&model, method, network.dt, &driven, &extras).map_err(refused)?;
        let mut rows: u64 = 0;
        let mut listed = Vec::new();
        for (k, population) in list.iter().zip(&populations) {
            let place = PlacedPopulation {
                name: population.name.clone(),
                group: groups.len(),
                first_row: rows as u32,
                size: population.size,
                shape: population.shape.clone(),
                positions: population.positions.clone(),
                stream: Stream::Run { population: *k as u32, place: 0 }.tag()?,
            };
            for (neuron, steps) in population.spike_steps.iter().flatten().enumerate() {
                listed.extend(steps.iter().map(|s| (*s, rows as u32 + neuron as u32)));
            }
            places.insert(*k, place);
            rows += u64::from(population.size);
            let most = u64::from(u32::MAX) / 2;
            if rows > most {
                return Err(PlanError::Rows { rows, most });
            }
        }
        listed.sort_unstable();
        let mut group = gather(model, rule, &populations, rows as u32, listed)?;
        let uncounted = uncounted_refractory(&group.rule, &group.params, group.rows, network.dt);
        if uncounted.map_err(of_part(&group.label))?.is_some() {
            let long = integrate::rule_counting(&group.model, method, network.dt, &driven, &extras, true).map_err(refused)?;
            group.rule = Arc::new(long);
        }
        groups.push(group);
    }
    Ok((groups, places.into_values().collect()))
}

/// Values of one population of a group.
#[derive(Clone, Copy)]
pub(super) struct Member<'a> {
    pub params: &'a [Column],
    pub initial: &'a [Option<Column>],
    pub size: u32,
}

impl<'a> From<&'a CheckedPopulation> for Member<'a> {
    fn from(p: &'a CheckedPopulation) -> Member<'a> {
        Member { params: &p.params, initial: &p.initial, size: p.size }
    }
}

/// Parameters and given initial values of a group: columns shared where all its populations agree.
///
/// **Errors** as [`derive`].
pub(super) fn joined(
    model: &Arc<NeuronModel>,
    rule: &Rule,
    members: &[Member<'_>],
) -> Result<(Vec<Column>, Vec<Option<Column>>), NoValue> {
    let join = |columns: Vec<(&Column, u32)>| -> Column {
        let first = match columns.first() {
            Some((Column::Shared(x), _)) => Some(*x),
            _ => None,
        };
        match first {
            Some(x) if columns.iter().all(|(c, _)| matches!(c, Column::Shared(y) if y.to_bits() == x.to_bits())) => {
                Column::Shared(x)
            }
            _ => Column::PerRow(columns.iter().flat_map(|(c, n)| (0..*n as usize).map(|r| c.get(r))).collect()),
        }
    };
    let params = (0..model.params.len()).map(|k| join(members.iter().map(|p| (&p.params[k], p.size)).collect())).collect();
    // a state that some populations give and others leave to the model is worked out population by population
    let given_initial = (0..model.states.len())
        .map(|k| {
            let given: Vec<_> = members.iter().filter_map(|p| Some((p.initial.get(k)?.as_ref()?, p.size))).collect();
            Ok(match given.len() {
                0 => None,
                n if n == members.len() => Some(join(given)),
                _ => {
                    let columns = members.iter().map(|p| Ok((alone(rule, p, k)?, p.size)));
                    let columns: Vec<(Column, u32)> = columns.collect::<Result<_, NoValue>>()?;
                    Some(join(columns.iter().map(|(c, n)| (c, *n)).collect()))
                }
            })
        })
        .collect::<Result<_, _>>()?;
    Ok((params, given_initial))
}

/// One group of populations that share a rule.
fn gather(
    model: Arc<NeuronModel>,
    rule: Rule,
    populations: &[&CheckedPopulation],
    rows: u32,
    listed: Vec<(u64, u32)>,
) -> Result<Group, PlanError> {
    let label = populations.iter().map(|p| p.name.as_str()).collect::<Vec<_>>().join(", ");
    let members: Vec<Member<'_>> = populations.iter().map(|p| Member::from(*p)).collect();
    let (params, given_initial) = joined(&model, &rule, &members).map_err(of_part(&label))?;
    Ok(Group {
        label,
        ports: rule.ports.iter().map(|_| PortPlan { used: false, bound: 0.0, scale: 1.0 }).collect(),
        model,
        rule: Arc::new(rule),
        rows,
        base: 0,
        params,
        derived: Vec::new(),
        initial: Vec::new(),
        given_initial,
        listed,
    })
}

/// The initial value of one state of one population.
fn alone(rule: &Rule, member: &Member<'_>, state: usize) -> Result<Column, NoValue> {
    let rule = Rule { derived: Vec::new(), ..rule.clone() };
    Ok(derive(&rule, member.params, member.initial, member.size as usize, 1.0)?.1.swap_remove(state))
}

/// Gives each group its first row in the space of all groups.
pub(super) fn place(groups: &mut [Group]) -> Result<u32, PlanError> {
    let mut next: u64 = 0;
    for group in groups {
        group.base = next as u32;
        next += u64::from(group.rows.div_ceil(ROW_ALIGNMENT) * ROW_ALIGNMENT);
        if next > u64::from(u32::MAX) {
            return Err(PlanError::Rows { rows: next, most: u64::from(u32::MAX) });
        }
    }
    Ok(next as u32)
}

/// **Errors** an initial value that no run can start from, with its population.
pub(super) fn started(number: usize, group: &Group, initial: &[Column], populations: &[PlacedPopulation]) -> Result<(), PlanError> {
    let Some((state, row, value)) = unusable(&group.rule, initial) else { return Ok(()) };
    let inside = |p: &&PlacedPopulation| {
        let rows = p.first_row as usize..(p.first_row + p.size) as usize;
        p.group == number && row.is_none_or(|row| rows.contains(&row))
    };
    let (name, neuron) = match populations.iter().find(inside) {
        Some(place) => (&place.name, row.map(|row| row as u32 - place.first_row)),
        None => (&group.label, None),
    };
    Err(PlanError::State { population: name.clone(), neuron, state: group.rule.states[state].name.clone(), value })
}
