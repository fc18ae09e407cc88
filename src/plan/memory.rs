//! What a network takes of memory, part by part, before anything large is made.
//!
//! In: a checked network or a plan, how many bytes a number of the engine has, of how many steps a recording is held. Out: [`Memory`]: bytes
//! of the description's own values, of synapses, states, rings, the state kept before a batch, and dense recordings. Of a network
//! that is not planned the number of synapses is that of the connector's law and its bound, so that nothing is drawn before it is
//! known to fit. Counted is what the host holds: the plan, the CPU engine, the simulation's first state. Not here: buffers of a GPU
//! (`engine`, which holds them against the same budget), how much is free (the command).

use std::collections::HashSet;
use std::fmt::Write;
use std::sync::Arc;

use super::edge_storage::Asked;
use super::group::{driven, extras, groups, place};
use super::{Column, Connectivity, EdgeColumn, EdgeStorage, Group, PlacedPopulation, Plan, PlanError, PopulationId, edge_storage};
use crate::network::checked::{CheckedNetwork, CheckedProjection, CheckedSynapse, CheckedWaveform};

mod batch;
mod expected;
mod gathered;
mod learned;
mod taps;

pub use super::bytes::bytes;
use super::bytes::bytes_plain;
pub(crate) use batch::{LONGEST_BATCH, batch_bytes, sample_bytes};
use expected::{expected, made, trail};
use gathered::{GatheredRows, GatheredRules};
pub use learned::{LearnedBytes, learned_bytes};
pub(crate) use taps::SYNAPSES_AT_ONCE;

/// What the sizes depend on beside the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Terms {
    /// Bytes of a number of the engine: 4 in single precision, 8 in double.
    pub number: u64,
    /// Copies of the network.
    pub instances: u64,
    /// Steps of which everything recorded is kept.
    pub steps: u64,
    /// Bytes within which synapses are kept in memory, of those projections of which nothing else is said; `None`: whatever it takes.
    pub budget: Option<u64>,
    /// How the synapses of those projections are kept that can be so, and of which nothing else is said.
    pub connectivity: Option<EdgeStorage>,
    /// The engine keeps synapses on a device and draws there what it can: of those nothing is kept beside it, if nothing else is said.
    pub on_device: bool,
}

impl Default for Terms {
    fn default() -> Terms {
        Terms { number: 4, instances: 1, steps: 0, budget: None, connectivity: None, on_device: false }
    }
}

setters! {
    Terms {
        number: u64,
        instances: u64,
        steps: u64,
        budget: impl Into<Option<u64>>,
        connectivity: impl Into<Option<EdgeStorage>>,
        on_device: bool,
    }
}

/// Routes of at most so many edges are put together by the CPU engine, which copies what they hold.
pub const SMALL_ROUTE: u64 = 256;

/// What kind of thing takes memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Edges and their values.
    Synapses,
    /// States, parameters and what follows from them.
    Neurons,
    /// What is under way.
    Rings,
    /// What is recorded.
    Recording,
}

/// Something that takes memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What kind of thing it is.
    pub kind: Kind,
    /// The projection, the populations, or what is recorded.
    pub name: String,
    /// Bytes of all instances.
    pub bytes: u64,
    /// How many there are of what it is counted by: synapses, neurons, steps.
    pub count: u64,
}

/// All that a network takes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// Everything that takes memory.
    pub parts: Vec<Part>,
    /// The most that drawing one projection, or sorting it by target, takes beside what it leaves.
    pub drawing: u64,
    /// The most that the samples of one batch take on their way into recordings: as the engine has them, as it hands them over, and
    /// sorted by instance. Batches are shorter where room is scarce.
    pub batch: u64,
    /// What those of one step take.
    one_step: u64,
    /// What synapses keep, of those that are looked at together where a sample of synapses is taken.
    pub looking: u64,
}

/// The synapses of a projection.
struct Edges {
    name: String,
    count: u64,
    /// Bytes of each, and bytes that do not depend on their number.
    each: u64,
    fixed: u64,
    /// Bytes of each beside that while they are drawn.
    drawing: u64,
}

/// Does the machine give so many bytes? Asked for and given back at once: what it never has is known before anything is made.
pub(crate) fn to_be_had(bytes: u64) -> bool {
    usize::try_from(bytes).is_ok_and(|n| Vec::<u8>::new().try_reserve_exact(n).is_ok())
}

impl Terms {
    pub(super) fn asked(self) -> Asked {
        Asked { connectivity: self.connectivity, budget: self.budget, on_device: self.on_device }
    }
}

impl Memory {
    /// Bytes of everything.
    pub fn bytes(&self) -> u64 {
        self.held().saturating_add(self.drawing).saturating_add(self.batch).saturating_add(self.looking)
    }

    /// Bytes of what stays.
    pub(crate) fn held(&self) -> u64 {
        self.parts.iter().fold(0, |sum, part| sum.saturating_add(part.bytes))
    }

    /// Bytes of one kind.
    pub fn of_kind(&self, kind: Kind) -> u64 {
        self.parts.iter().filter(|p| p.kind == kind).fold(0, |sum, part| sum.saturating_add(part.bytes))
    }

    /// Refuses what passes a budget: how much everything needs, what needs most, and what would fit; and what the machine cannot
    /// give at all.
    ///
    /// **Errors** [`PlanError::Memory`], [`PlanError::NoMemory`].
    pub fn within(&self, budget: Option<u64>) -> Result<(), PlanError> {
        let need = budget.map_or_else(|| self.bytes(), |budget| self.need(budget));
        let Some(budget) = budget.filter(|budget| need > *budget) else {
            return if to_be_had(need) { Ok(()) } else { Err(PlanError::NoMemory { bytes: need }) };
        };
        let mut parts: Vec<&Part> = self.parts.iter().filter(|p| p.bytes > 0).collect();
        parts.sort_by(|a, b| b.bytes.cmp(&a.bytes).then(a.kind.cmp(&b.kind)));
        let mut text = String::new();
        for part in parts.iter().take(4) {
            let _ = write!(text, "{}{} {}", if text.is_empty() { "" } else { ", " }, part.words(), bytes(part.bytes));
        }
        if parts.len() > 4 {
            let _ = write!(text, ", {} more", parts.len() - 4);
        }
        let help = parts.first().map_or(String::new(), |part| self.remedy(part, budget));
        Err(PlanError::Memory { need, budget, parts: text, help })
    }

    fn remedy(&self, part: &Part, budget: u64) -> String {
        // what is left for this kind of thing
        let rest = self.need(budget).saturating_sub(self.of_kind(part.kind));
        let left = budget.saturating_sub(rest);
        let share = |of: u64| (u128::from(of) * u128::from(left) / u128::from(self.of_kind(part.kind).max(1))) as u64;
        let fit = share(part.count);
        match part.kind {
            _ if left == 0 => "make the network smaller, or allow more with `--memory`".into(),
            Kind::Recording => format!(
                "record less often (`every`), fewer neurons (`rows`), or a shorter time: {} steps would fit; or allow more with `--memory`",
                bytes_plain(fit)
            ),
            Kind::Synapses => {
                format!(
                    "{} synapses in `{}` would fit; make it smaller, or allow more with `--memory`",
                    bytes_plain(fit),
                    part.name
                )
            }
            Kind::Neurons => {
                format!("{} neurons in {} would fit; make it smaller, or allow more with `--memory`", bytes_plain(fit), part.name)
            }
            Kind::Rings => {
                "shorten the longest delay (a ring holds every neuron once for each step of it), or allow more with `--memory`"
                    .into()
            }
        }
    }

    /// How many synapses the connectors of a network are expected to make.
    pub fn synapses(network: &CheckedNetwork) -> u64 {
        let size = |id: PopulationId| network.populations[id.0 as usize].size;
        let count = |p: &CheckedProjection| made(p, size(p.source), size(p.target)).synapses;
        network.projections.iter().fold(0, |sum, p| sum.saturating_add(count(p)))
    }

    /// Of a network that is not planned, by the laws of its connectors.
    ///
    /// **Errors** rows or synapses that cannot be counted; a method that cannot serve a model.
    pub fn expected(network: &CheckedNetwork, terms: Terms) -> Result<Memory, PlanError> {
        let (described, _) = super::learning::prepared(network)?;
        let driven = driven(network);
        let (mut groups, places) = groups(network, &described, &driven, &extras(network))?;
        let rows = place(&mut groups)?;
        counted_rows(rows, terms.instances)?;
        let storage = Memory::fitting(network, &groups, &places, terms)?;
        Memory::forecast(network, &groups, &places, terms, &storage)
    }

    /// How each projection is kept: what was asked for, else what fits the budget.
    ///
    /// **Errors** what cannot be as it was asked for; synapses that cannot be counted.
    pub(super) fn fitting(
        network: &CheckedNetwork,
        groups: &[Group],
        places: &[PlacedPopulation],
        terms: Terms,
    ) -> Result<Vec<EdgeStorage>, PlanError> {
        edge_storage::choose(network, terms.asked(), &|storage, budget| {
            // recordings may go to a disk
            let memory = Memory::forecast(network, groups, places, terms.steps(0), storage)?;
            let synapses = memory.parts.iter().filter(|part| part.kind == Kind::Synapses);
            Ok((memory.need(budget).saturating_sub(budget), synapses.map(|part| part.bytes).collect()))
        })
    }

    /// The same where groups are known, and rows have been counted; `storage`: by projection.
    ///
    /// **Errors** synapses that cannot be counted.
    pub(super) fn forecast(
        network: &CheckedNetwork,
        groups: &[Group],
        places: &[PlacedPopulation],
        terms: Terms,
        storage: &[EdgeStorage],
    ) -> Result<Memory, PlanError> {
        let sizes = |id: PopulationId| network.populations[id.0 as usize].size;
        let group_of: Vec<usize> = places.iter().map(|p| p.group).collect();
        let (mut memory, mut rules) = (Memory::default(), GatheredRules::default());
        let mut used: Vec<Vec<bool>> = groups.iter().map(|g| vec![false; g.rule.ports.len()]).collect();
        let (mut most, mut history) = (1.0f64, 0.0f64);
        let trail = trail(&network.projections);
        for (projection, storage) in network.projections.iter().zip(storage) {
            let (sources, targets) = (sizes(projection.source), sizes(projection.target));
            let group = group_of[projection.target.0 as usize];
            let delay = projection.delay.longest();
            match &projection.synapse {
                CheckedSynapse::Static { port, .. } => {
                    used[group][*port as usize] = true;
                    most = most.max(delay);
                }
                CheckedSynapse::Model { synapse, .. } => {
                    for port in &synapse.ports {
                        used[group][*port as usize] = true;
                        most = most.max(delay);
                    }
                    if !synapse.model.states.is_empty() {
                        history = history.max(delay);
                    }
                }
            }
            if let Some(back) = &projection.back {
                for port in &back.ports {
                    used[group_of[projection.source.0 as usize]][*port as usize] = true;
                }
            }
            let edges = expected(projection, [sources, targets], network.dt, trail, &mut rules, terms, *storage);
            let gathered = matches!(&projection.synapse, CheckedSynapse::Model { synapse, .. } if !synapse.inputs.is_empty());
            if gathered && edges.count >= u64::from(u32::MAX) {
                return Err(PlanError::Synapses { projection: projection.name.clone(), synapses: edges.count });
            }
            memory.add_edges(edges);
        }
        for stimulus in &network.stimuli {
            if let CheckedWaveform::Poisson { port, .. } = stimulus.waveform {
                used[group_of[stimulus.target.0 as usize]][port as usize] = true;
            }
        }
        let slots = (most as u64 + 2).next_power_of_two();
        let mut inputs: Vec<u64> = vec![0; groups.len()];
        for stimulus in &network.stimuli {
            let rows = stimulus.rows.len() as u64;
            inputs[group_of[stimulus.target.0 as usize]] += match &stimulus.waveform {
                CheckedWaveform::Poisson { .. } => rows * (2 * terms.number + 28),
                CheckedWaveform::Array { samples, .. } => {
                    samples.iter().fold(12 * rows, |sum, c| sum.saturating_add(24 + column_bytes(c, rows)))
                }
                _ => 12 * rows,
            };
        }
        for (k, group) in groups.iter().enumerate() {
            let shape = RowShape { slots, used: &used[k], derived: None, stimuli: inputs[k], own: 0, history: history as u64 };
            memory.add_rows(group, &shape, terms);
        }
        network.probes.iter().for_each(|probe| memory.add_probe(network, probe, terms));
        Ok(memory)
    }

    /// Of a plan, with the synapses that were drawn.
    pub fn of(plan: &Plan, terms: Terms) -> Memory {
        let mut memory = Memory::default();
        // what comes of one projection shares its edges
        let mut seen: HashSet<*const Connectivity> = HashSet::new();
        for route in plan.routes.iter().filter(|route| route.learned.is_none()) {
            let own = if seen.insert(Arc::as_ptr(&route.edges)) { route.edges.bytes_each() } else { 0 };
            memory.add_edges(Edges {
                name: route.name.clone(),
                count: route.edges.count(),
                each: own + if per_edge(&route.weight) { WEIGHT } else { 0 } + copied(route.edges.count(), terms),
                fixed: route.edges.start_bytes() + PROJECTION,
                drawing: 0,
            });
        }
        plan.learning.iter().for_each(|l| memory.add_edges(learned::learned(plan, l, terms)));
        let mut rows = GatheredRows::default();
        for group in &plan.gathered {
            let varies: Vec<bool> = group.params.iter().map(per_edge).collect();
            let delays = group.edges.shared_delay().is_none();
            let held = rows.held(&group.rule, &group.synapse.ends, varies, delays, terms);
            let own = if seen.insert(Arc::as_ptr(&group.edges)) { group.edges.bytes_each() } else { 0 };
            let (sources, targets) = (group.edges.sources(), group.edges.targets());
            memory.add_edges(held.edges(group.name.clone(), group.edges.count(), own, sources, targets));
        }
        // initial values that instances have of their own
        for variant in &plan.variants {
            for (group, own) in plan.gathered.iter().zip(&variant.gathered_initial) {
                let each = 4 * own.iter().filter(|c| per_edge(c)).count() as u64;
                memory.add_edges(Edges { name: group.name.clone(), count: group.edges.count(), each, fixed: 0, drawing: 0 });
            }
        }
        let mut stimuli = vec![0u64; plan.groups.len()];
        plan.drives.iter().for_each(|d| stimuli[d.group] += 12 * d.rows.len() as u64);
        plan.backgrounds.iter().for_each(|b| stimuli[b.group] += (2 * terms.number + 28) * b.rows.len() as u64);
        for (k, group) in plan.groups.iter().enumerate() {
            let used: Vec<bool> = group.ports.iter().map(|p| p.used).collect();
            let derived = group.derived.iter().filter(|c| matches!(c, Column::PerRow(_))).count() as u64;
            let own: u64 = plan.variants.iter().filter_map(|v| v.groups.get(k)?.as_deref()).fold(0, |sum, own| {
                let columns = own.params.iter().chain(&own.derived).chain(&own.initial);
                columns.fold(sum, |sum, c| sum.saturating_add(column_bytes(c, u64::from(group.rows))))
            });
            let shape = RowShape {
                slots: u64::from(plan.slots),
                used: &used,
                derived: Some(derived),
                stimuli: stimuli[k],
                own,
                history: u64::from(plan.history),
            };
            memory.add_rows(group, &shape, terms);
        }
        plan.taps.iter().for_each(|tap| memory.add_tap(plan, tap, terms));
        memory
    }

    fn add_edges(&mut self, edges: Edges) {
        self.drawing = self.drawing.max(edges.count.saturating_mul(edges.drawing));
        let bytes = edges.count.saturating_mul(edges.each).saturating_add(edges.fixed);
        self.parts.push(Part { kind: Kind::Synapses, name: edges.name, bytes, count: edges.count });
    }

    fn add_rows(&mut self, group: &Group, shape: &RowShape<'_>, terms: Terms) {
        let rows = u64::from(group.rows);
        let per_row =
            |columns: &mut dyn Iterator<Item = &Column>| columns.filter(|c| matches!(c, Column::PerRow(_))).count() as u64;
        let params = per_row(&mut group.params.iter());
        let given = per_row(&mut group.given_initial.iter().flatten());
        let derived = shape.derived.unwrap_or(if params > 0 { group.rule.derived.len() as u64 } else { 0 });
        let states = group.rule.states.len() as u64;
        // as described and as planned; initial values once more, as they are given and as they are derived
        let planned = 8 * (2 * params + 3 * given + derived);
        // states twice (before and after a step) and as they were before a batch; columns that are read; inputs held, summed, with terms
        let inputs = group.rule.inputs.len() as u64;
        let engine = terms.number * (3 * states + params + derived + inputs) + inputs * 16;
        // the first state, in double precision
        let first = 8 * states;
        let listed = (group.listed.len() as u64).saturating_mul(40);
        let bytes = rows
            .saturating_mul(planned)
            .saturating_add(rows.saturating_mul(engine + first).saturating_mul(terms.instances))
            .saturating_add(shape.stimuli.saturating_mul(terms.instances))
            .saturating_add(shape.own)
            .saturating_add(listed)
            .saturating_add((rows * shape.history / 8).saturating_mul(terms.instances))
            .saturating_add(GROUP.saturating_mul(terms.instances));
        let name = short(&group.label);
        self.parts.push(Part { kind: Kind::Neurons, name: name.clone(), bytes, count: rows.saturating_mul(terms.instances) });
        // as they are, and as they were before a batch
        let ports = shape.used.iter().filter(|used| **used).count() as u64;
        let rings = rows.saturating_mul(2 * ports * terms.number).saturating_mul(shape.slots).saturating_mul(terms.instances);
        if rings > 0 {
            self.parts.push(Part { kind: Kind::Rings, name, bytes: rings, count: shape.slots });
        }
    }

    fn add_recording(&mut self, name: String, bytes: u64, terms: Terms) {
        let bytes = bytes.saturating_mul(terms.instances);
        if bytes > 0 {
            self.parts.push(Part { kind: Kind::Recording, name, bytes, count: terms.steps });
        }
    }
}

/// What the rows of a group need beside what its rule says.
struct RowShape<'a> {
    slots: u64,
    /// By port.
    used: &'a [bool],
    /// Derived numbers that differ from row to row; `None`: not known, so all of them if any parameter does.
    derived: Option<u64>,
    /// Bytes of its stimuli, in each instance.
    stimuli: u64,
    /// Bytes of what instances have of their own, all together.
    own: u64,
    /// Steps whose spikes are kept.
    history: u64,
}

/// Bytes of a group whatever its rows: programs, names, registers.
const GROUP: u64 = 4096;
/// Bytes of a projection whatever its synapses.
const PROJECTION: u64 = 1024;

impl Part {
    fn words(&self) -> String {
        match self.kind {
            Kind::Synapses => format!("synapses of `{}`", self.name),
            Kind::Neurons => format!("states and values of {}", self.name),
            Kind::Rings => format!("delay rings of {} ({} steps)", self.name, bytes_plain(self.count)),
            Kind::Recording => format!("the recording of {} ({} steps)", self.name, bytes_plain(self.count)),
        }
    }
}

/// Rows of all instances, if they can be counted.
///
/// **Errors** [`PlanError::Rows`].
pub(super) fn counted_rows(rows: u32, instances: u64) -> Result<(), PlanError> {
    let all = u64::from(rows).saturating_mul(instances);
    if all > u64::from(u32::MAX) { Err(PlanError::Rows { rows: all, most: u64::from(u32::MAX) }) } else { Ok(()) }
}

fn column_bytes(column: &Column, rows: u64) -> u64 {
    if matches!(column, Column::PerRow(_)) { rows.saturating_mul(8) } else { 0 }
}

/// Has each edge a number of its own?
fn per_edge(column: &EdgeColumn) -> bool {
    matches!(column, EdgeColumn::PerEdge(_))
}

/// Bytes of each edge of a route that the CPU engine copies: row, delay and what it adds.
fn copied(edges: u64, terms: Terms) -> u64 {
    if edges <= SMALL_ROUTE { 8 + terms.number } else { 0 }
}

/// Bytes of a weight where weights differ: in the plan, which every engine reads.
const WEIGHT: u64 = 4;

/// A label that a line holds.
fn short(label: &str) -> String {
    if label.chars().count() <= 40 {
        return label.to_string();
    }
    format!("{}...", label.chars().take(37).collect::<String>())
}
