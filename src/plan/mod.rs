//! From a checked network to numbers: which rows stand where, what is merged, how spikes travel, what is recorded.
//!
//! In: [`CheckedNetwork`](crate::network::CheckedNetwork). Out: [`Plan`], all that an engine reads, and what `explain` prints. Pure: no device, no file,
//! no clock. Not here: how an engine lays its memory (`engine`), shader text (`wgsl`).
//!
//! Populations that share model, method and driven inputs (small ones often model and method alone) are merged into one **group**
//! and advanced by one rule.
//! Spikes go through **routes** (edges by source, a delay ring at the target), which keep nothing per edge but weight and delay: what
//! a spike adds is folded into the target. Graded synapses, and those with states of their own, are **gathered** by their targets in
//! every step ([`Gathered`] says how).

use std::sync::Arc;

use glam::DVec3;

pub use crate::network::EdgeStorage;
pub use crate::network::checked::{Column, Course, Moves, PopulationId, RowSet, Sampling, Windows};
pub use crate::network::connector::{ByTarget, Connectivity, DrawnColumn, EdgeColumn, RowBuffer};
pub(crate) use crate::network::connector::{RowRecipe, TargetRecipe, ValueRecipe};
pub use crate::network::course::{ALL, sample_at};
pub(crate) use crate::network::draw::TRIES;
use crate::network::space::metric::UM;
pub use crate::random::{Deal, NORMAL_CELLS, OwnWords, PoissonTable, Stream, normal_table};

use crate::model::rule::{EdgeRule, Rule, StateColumn};
use crate::model::{BoundSynapse, NeuronModel};

mod alone;
mod arrange;
pub mod build;
mod bundle;
mod bytes;
mod channel;
pub mod clock;
mod derive;
mod drive;
mod edge_storage;
mod error;
pub mod explain;
pub mod fixed_point;
mod gathered;
mod group;
pub mod instance;
mod interval;
mod junction;
mod learning;
mod limit;
pub mod memory;
mod own;
mod part;
pub mod reach;
mod reading;
mod renew;
pub mod schedule;
mod stimulate;
pub mod storage;
mod tap;
mod total;
mod unheard;
mod variant;

#[cfg(test)]
pub(crate) use arrange::Worth;
pub use build::PlanOptions;
pub use bundle::{Bundle, Rows};
pub use clock::{Clock, Clocked, Ticking};
pub use derive::{derive, derive_group, uncounted_refractory};
pub use error::PlanError;
pub use instance::{Columns, GroupColumns, Instance, OwnBackground, OwnRoute};
pub use learning::Learning;
pub use limit::Limit;
pub use reading::{EndColumn, Reading, Whose};
pub use renew::{Change, Extent, UnderWay};
pub use tap::{Reducing, Reduction, Tap};
pub use total::{Flow, Total};

/// Rows of a group start at a multiple of this, so that no word of spike bits belongs to two groups.
pub const ROW_ALIGNMENT: u32 = 64;

closed! {
    /// Everything an engine needs to know of a network.
    ///
    /// [`Plan::new`] alone makes one, and nobody changes it:
    /// ```compile_fail,E0616
    /// fn changed(it: &mut synfire::plan::Plan) {
    ///     it.dt = 1.0;
    /// }
    /// ```
    #[derive(Clone, Debug)]
    pub struct Plan {
        /// Of the network.
        name: String => [&str],
        /// ms
        dt: f64 => [f64],
        /// Of everything that is drawn.
        seed: u64 => [u64],
        /// SHA-256 of the description, as hexadecimal text.
        network_hash: String => [&str],
        /// Copies of the network that run side by side; rows below count one copy.
        instances: u32 => [u32],
        /// What each instance has of its own; empty: all are like the plan.
        variants: Vec<Instance> => [&[Instance]],
        /// In the order of the description.
        populations: Vec<PlacedPopulation> => [&[PlacedPopulation]],
        /// Populations that one rule advances.
        groups: Vec<Group> => [&[Group]],
        /// Synapses that spikes travel along, folded into their targets.
        routes: Vec<Route> => [&[Route]],
        /// By projection, of those that are.
        gathered: Vec<Gathered> => [&[Gathered]],
        /// By projection, of those whose synapses events alone change.
        learning: Vec<Learning> => [&[Learning]],
        /// Stimuli on continuous inputs.
        drives: Vec<Drive> => [&[Drive]],
        /// Poisson events at ports.
        backgrounds: Vec<Background> => [&[Background]],
        /// What is recorded, in the order of the probes.
        taps: Vec<Tap> => [&[Tap]],
        /// Steps that an engine may advance before spikes must be exchanged: the smallest delay; 1 with graded coupling.
        window: u32 => [u32],
        /// Slots of a delay ring: a power of two above the largest delay.
        slots: u32 => [u32],
        /// Steps whose spikes must be kept for gathered synapses: the largest delay of those that wait for spikes; 0 if none does
        /// ([`Plan::awaited`]: the rows).
        history: u32 => [u32],
        /// Rows of all groups, alignment included.
        rows: u32 => [u32],
        /// Synapses of a source have states that differ: each is stepped by itself, whatever they have in common.
        apart: bool => [bool],
        /// What a user should know though it is no error.
        remarks: Vec<String> => [&[String]],
    }
}

/// Where a population stands.
#[derive(Clone, Debug)]
pub struct PlacedPopulation {
    /// As the description has it.
    pub name: String,
    /// By place in [`Plan::groups`].
    pub group: usize,
    /// First row within the group.
    pub first_row: u32,
    /// Number of neurons.
    pub size: u32,
    /// One to three sizes whose product is `size`.
    pub shape: Vec<u32>,
    /// Where its neurons are; `None`: nowhere.
    pub positions: Option<Arc<Vec<DVec3>>>,
    /// What its equations draw is keyed by this.
    pub stream: u32,
}

impl PlacedPopulation {
    /// Where its neurons are, if anywhere. **Units** um.
    pub fn positions_um(&self) -> Option<Vec<[f64; 3]>> {
        let um = |at: &DVec3| at.to_array().map(|x| x / UM);
        Some(self.positions.as_ref()?.iter().map(um).collect())
    }
}

/// Rows that one rule advances.
#[derive(Clone, Debug)]
pub struct Group {
    /// Names of its populations.
    pub label: String,
    /// The model of its rows.
    pub model: Arc<NeuronModel>,
    /// What a step does to a row.
    pub rule: Arc<Rule>,
    /// Those of its populations, and what fills them up to whole words.
    pub rows: u32,
    /// First row in the space of all groups.
    pub base: u32,
    /// By place in the model's parameters.
    pub params: Vec<Column>,
    /// By place in [`Rule::derived`].
    pub derived: Vec<Column>,
    /// By place in [`Rule::states`].
    pub initial: Vec<Column>,
    /// By place in [`Rule::ports`].
    pub ports: Vec<PortPlan>,
    /// Given initial values, by place in the model's states: kept to derive the others anew when a parameter changes.
    pub given_initial: Vec<Option<Column>>,
    /// Listed spikes as (step at whose end, row), ascending.
    pub listed: Vec<(u64, u32)>,
}

/// How arrivals at a port are summed.
#[derive(Clone, Debug, PartialEq)]
pub struct PortPlan {
    /// Does any route or background end here?
    pub used: bool,
    /// The largest sum of absolute weights that can meet in one slot of one row.
    pub bound: f64,
    /// Fixed-point units in one weight unit: `bound·scale` is below 2^31. A power of two, but where many weights that are multiples
    /// of one are exact at another.
    pub scale: f64,
}

/// Static synapses from one population to one port of another.
#[derive(Clone, Debug)]
pub struct Route {
    /// Of the projection.
    pub name: String,
    /// Where spikes come from.
    pub source: PopulationId,
    /// Where they arrive.
    pub target: PopulationId,
    /// Port of the target's group.
    pub port: u32,
    /// Who is joined to whom, and the delays.
    pub edges: Arc<Connectivity>,
    /// By edge, in the unit of the port.
    pub weight: EdgeColumn,
    /// Weights were drawn: one that comes near to 0 may be rounded to it. One that was given never is.
    pub drawn: bool,
    /// Its weights are what synapses send that events change, by place in [`Plan::learning`]; [`Route::weight`] is the largest that
    /// may be.
    pub learned: Option<usize>,
    /// Its synapses are kept nowhere, by whatever engine: they are drawn again for each spike.
    pub again: bool,
}

impl Route {
    /// Are its synapses drawn by the device that keeps them, so that nothing of them stands here?
    pub fn is_drawn_by_device(&self) -> bool {
        self.edges.is_redrawn() && !self.again
    }

    /// How its synapses are kept.
    pub fn storage(&self) -> EdgeStorage {
        match &self.weight {
            _ if self.is_drawn_by_device() => EdgeStorage::Stored,
            _ if self.edges.is_redrawn() => EdgeStorage::Procedural,
            EdgeColumn::Drawn(_) => EdgeStorage::ProceduralWeights,
            EdgeColumn::Shared(_) | EdgeColumn::PerEdge(_) => EdgeStorage::Stored,
        }
    }
}

/// Synapses that their targets gather in every step, with states of their own or without: one projection.
///
/// Step n, before any neuron is updated, does this for every edge (source neuron i, target neuron j):
/// 1. `arrived` is 1 if neuron i spiked in step n - delay, else 0 (before the first step nothing has spiked). That spike carries
///    the time n - delay + 1, and arrives at n + 1, the end of step n.
/// 2. The nodes [`EdgeRule::graded`] and [`EdgeRule::next`] are evaluated, all of them from the edge's states as step n - 1 left
///    them, from `arrived`, and from the states that i and j have at the start of the step ([`Node::End`](crate::model::rule::Node),
///    by place in [`BoundSynapse::ends`]). The order that the model asks for is worked into the nodes: there is none between them.
/// 3. Each graded value is added to the continuous input [`BoundSynapse::inputs`] of row j, beside stimuli. The sum over the edges
///    of a target is in the order of their sources, projection after projection, in the order of [`Plan::bundles`].
/// 4. The states, if there are any, become the next ones.
///
/// Parameters of an instance may differ ([`Plan::gathered_param`]), initial values with them ([`Plan::gathered_initial`]).
#[derive(Clone, Debug)]
pub struct Gathered {
    /// Of the projection.
    pub name: String,
    /// The population of the sources.
    pub source: PopulationId,
    /// The population of the targets.
    pub target: PopulationId,
    /// Bound to the models of the two ends.
    pub synapse: Arc<BoundSynapse>,
    /// What a step does to an edge.
    pub rule: Arc<EdgeRule>,
    /// Who is joined to whom.
    pub edges: Arc<Connectivity>,
    /// By place in the model's parameters.
    pub params: Vec<EdgeColumn>,
    /// By place in [`EdgeRule::states`].
    pub initial: Vec<EdgeColumn>,
}

/// A projection whose synapses keep states.
#[derive(Clone, Debug)]
pub struct Keeping<'a> {
    /// Of the projection.
    pub name: &'a str,
    /// Its synapses.
    pub edges: &'a Connectivity,
    /// What each of them keeps.
    pub states: Vec<&'a StateColumn>,
    /// Behind these: the time of its last event, in steps.
    pub timed: bool,
}

impl Keeping<'_> {
    /// Names of what a synapse keeps.
    pub fn names(&self) -> Vec<String> {
        let last = self.timed.then(|| " last event".to_owned());
        self.states.iter().map(|s| s.name.clone()).chain(last).collect()
    }
}

/// A stimulus on a continuous input.
#[derive(Clone, Debug)]
pub struct Drive {
    /// Of the stimulus.
    pub name: String,
    /// The population that it drives.
    pub population: PopulationId,
    /// By place in [`Plan::groups`].
    pub group: usize,
    /// Continuous input of the group.
    pub input: u32,
    /// Rows of the group.
    pub rows: RowSet,
    /// When it is on.
    pub on: Windows,
    /// Its course.
    pub wave: Wave,
    /// Random draws of this drive are keyed by this.
    pub stream: u32,
    /// What of its stimulus it is.
    pub part: DrivePart,
}

/// A stimulus is one drive, or two: the second stands behind all first ones and flows into a hidden input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DrivePart {
    /// The level that it gives.
    #[default]
    Level,
    /// The standard deviation of a process whose mean is the level.
    Spread,
    /// 1 while a state is held at the level.
    Gate,
}

/// The course of a drive. Amplitudes are columns over the drive's rows.
#[derive(Clone, Debug)]
pub enum Wave {
    /// The same for as long as it is on, by row.
    Constant(Column),
    /// One amplitude after the other, 0 before the first.
    Steps {
        /// The step from which each holds.
        steps: Vec<u64>,
        /// One for each of the steps.
        amplitudes: Vec<f64>,
    },
    /// `offset + amplitude·course`, time from the start of the window.
    Course {
        /// By row.
        amplitude: Column,
        /// The same for all rows.
        course: Course,
        /// By row.
        offset: Column,
    },
    /// A normal draw by row, held for some steps.
    Noise {
        /// By row.
        mean: Column,
        /// Standard deviation, by row.
        sd: Column,
        /// Steps for which a draw is held.
        interval: u64,
    },
    /// Sample k from the step nearest to k·`interval` on, 0 after the last.
    Array {
        /// A column for each sample.
        samples: Vec<Column>,
        /// In steps, 1 or more; need not be whole.
        interval: f64,
    },
    /// The numbers last given, from this place of the input vector on; times `scale`.
    External {
        /// Its first number among those of an instance.
        first: usize,
        /// Internal units in one of the numbers.
        scale: f64,
    },
}

/// Poisson events that arrive at a port, drawn anew in every step for every row.
#[derive(Clone, Debug)]
pub struct Background {
    /// Of the stimulus.
    pub name: String,
    /// The population that it drives.
    pub population: PopulationId,
    /// By place in [`Plan::groups`].
    pub group: usize,
    /// Port of the group.
    pub port: u32,
    /// Rows of the group.
    pub rows: RowSet,
    /// When it is on.
    pub on: Windows,
    /// The law of each distinct mean of the rows, events a step.
    pub laws: Arc<[PoissonTable]>,
    /// Which mean a row has, by place among the rows; empty if there is one.
    pub mean_of_row: Vec<u32>,
    /// What an event adds, by row.
    pub weight: Column,
    /// How the rate changes, where it does: events of a law stay or not.
    pub moves: Option<Moves>,
    /// Its draws are keyed by this.
    pub stream: u32,
}

impl Plan {
    /// The plan with other numbers in its groups and routes: faults are planted this way, to see that they are found.
    #[must_use]
    pub fn altered(&self, change: impl FnOnce(&mut [Group], &mut [Route])) -> Plan {
        let mut plan = self.clone();
        change(&mut plan.groups, &mut plan.routes);
        plan
    }

    /// The group and place of a population.
    pub fn place(&self, population: PopulationId) -> &PlacedPopulation {
        &self.populations[population.0 as usize]
    }

    /// The group that a population stands in.
    pub fn group_of(&self, population: PopulationId) -> &Group {
        &self.groups[self.place(population).group]
    }

    /// First row of a population in the space of all groups.
    pub fn first_row(&self, population: PopulationId) -> u32 {
        let place = self.place(population);
        self.groups[place.group].base + place.first_row
    }

    /// The population by name.
    pub fn population(&self, name: &str) -> Option<PopulationId> {
        self.populations.iter().position(|p| p.name == name).map(|k| PopulationId(k as u32))
    }

    /// The population and neuron of a row in the space of all groups.
    pub fn neuron_at(&self, row: u32) -> Option<(PopulationId, u32)> {
        (0..self.populations.len()).map(|k| PopulationId(k as u32)).find_map(|id| {
            let neuron = row.checked_sub(self.first_row(id))?;
            (neuron < self.place(id).size).then_some((id, neuron))
        })
    }

    /// Numbers that `step(&input)` must give for each instance.
    pub fn external_inputs(&self) -> usize {
        self.drives
            .iter()
            .map(|d| match d.wave {
                Wave::External { first, .. } => first + d.rows.len(),
                _ => 0,
            })
            .max()
            .unwrap_or(0)
    }

    /// Synapses: each once, however many ports and inputs it feeds.
    pub fn synapses(&self) -> u64 {
        let others = self.gathered.iter().map(|g| &g.edges).chain(self.learning.iter().map(|l| &l.edges));
        let all = self.routes.iter().map(|r| &r.edges).chain(others);
        let mut seen = std::collections::HashSet::new();
        all.filter(|edges| seen.insert(Arc::as_ptr(edges))).map(|edges| edges.count()).sum()
    }

    /// Edges of all routes and gathered lines: one that feeds two inputs counts twice.
    pub fn edges(&self) -> u64 {
        let routes = self.routes.iter().map(|r| r.edges.count()).sum::<u64>();
        routes + self.gathered.iter().map(|g| g.edges.count() * g.lines()).sum::<u64>()
    }

    /// Does anything gather from other neurons' states in every step?
    pub fn gathers(&self) -> bool {
        !self.gathered.is_empty()
    }

    /// Is a continuous input of a group driven by gathered synapses?
    pub fn hears(&self, group: usize, input: usize) -> bool {
        let here = |g: &&Gathered| self.place(g.target).group == group;
        self.gathered.iter().filter(here).any(|g| g.synapse.inputs.iter().any(|i| *i as usize == input))
    }

    /// Projections whose synapses keep states: those that are gathered, then those that events change.
    pub fn keeping(&self) -> Vec<Keeping<'_>> {
        let gathered = self.stateful().map(|g| &self.gathered[g]).map(|g| Keeping {
            name: &g.name,
            edges: &g.edges,
            states: g.rule.states.iter().collect(),
            timed: false,
        });
        let learning = self.learning.iter().map(|l| Keeping {
            name: &l.name,
            edges: &l.edges,
            states: l.rule.states.iter().collect(),
            timed: l.rule.timed,
        });
        gathered.chain(learning).collect()
    }

    /// Numbers of the gathered projections whose synapses have states, in order.
    pub fn stateful(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.gathered.len()).filter(|g| self.gathered[*g].has_states())
    }
}
