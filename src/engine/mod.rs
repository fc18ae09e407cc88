//! What runs a plan. An engine implements one trait and inherits every model, connector, stimulus and probe.

use std::fmt;
use std::sync::Arc;

use crate::plan::Plan;
use exchange::{Exchanged, Watch};
use origin::Origin;

pub mod cpu;
pub mod exchange;
pub(crate) mod fault;
pub mod gpu;
pub mod origin;

pub use fault::Fault;
pub(crate) use fault::{Broken, Place};

/// The kind of an engine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[doc(alias = "device")]
pub enum Backend {
    /// The processor.
    #[default]
    Cpu,
    /// A GPU, or a software adapter that stands for one.
    Gpu,
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Backend::Cpu => "cpu",
            Backend::Gpu => "gpu",
        })
    }
}

/// The numbers that an engine computes with. A GPU computes with f32.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Precision {
    /// Single precision: 24 bits, about 7 digits.
    #[default]
    F32,
    /// Double precision: 53 bits, about 16 digits.
    F64,
}

impl Precision {
    /// Bytes of a number.
    pub const fn bytes(self) -> u64 {
        match self {
            Precision::F32 => 4,
            Precision::F64 => 8,
        }
    }
}

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Precision::F32 => "f32",
            Precision::F64 => "f64",
        })
    }
}

/// Who computed: for records and progress lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// The kind of engine.
    pub engine: Backend,
    /// Processor or adapter.
    pub adapter: String,
    /// Driver and its version; of a processor the set of instructions.
    pub driver: String,
    /// The numbers that it computes with.
    pub precision: Precision,
    /// Threads of the CPU engine; 0 for a GPU.
    pub threads: usize,
    /// A GPU that is a program on the processor.
    pub software: bool,
}

/// What an engine has done, for `explain` and for benches.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counters {
    /// Steps that were advanced.
    pub steps: u64,
    /// Dispatches of kernels.
    pub dispatches: u64,
    /// Dispatches that a window takes.
    pub dispatches_per_window: u32,
    /// Submissions to the device.
    pub submissions: u64,
    /// Seconds spent on preparing and encoding, while the device may be running.
    pub encode_s: f64,
    /// Bytes read back.
    pub bytes_read: u64,
}

/// What one batch of steps gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batch {
    /// Time before the batch, in steps; spikes of its first step carry `first + 1`.
    pub first: u64,
    /// Steps of the batch.
    pub steps: u32,
    /// (step, row in the space of all groups, instance after instance), ascending.
    pub spikes: Vec<(u64, u32)>,
    /// For each tap of the plan, in order: samples of a `State` tap (sample by sample, row by row), else empty.
    pub samples: Vec<Vec<f64>>,
}

/// The state of a network between two steps, the same numbers for every engine: f32 and fixed-point values are exact in f64.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshot {
    /// Time, in steps.
    pub step: u64,
    /// By group, then state column: a number per row (instance after instance).
    pub states: Vec<Vec<Vec<f64>>>,
    /// By group, then port: arrivals under way in weight units, `[slots ahead of the step][row]`; slot 0 is that of `step`.
    /// An empty list: nothing is under way. Rows: instance after instance.
    pub rings: Vec<Vec<Vec<f64>>>,
    /// By projection whose synapses keep states ([`Plan::keeping`]), then what they keep: a number per synapse in the order of its
    /// connectivity (instance after instance).
    pub edge_states: Vec<Vec<Vec<f64>>>,
    /// Spikes that synapses may still wait for: (step whose end they mark, row in the space of all groups, instance after
    /// instance), ascending; those of the last [`Plan::history`] steps, of the populations that they start from.
    pub spike_history: Vec<(u64, u32)>,
    /// What synapses that events change read of neurons ([`Plan::trailed`]) as it was after the last steps:
    /// `[steps back, from one on][row]` (instance after instance).
    pub trails: Vec<Vec<f64>>,
    /// What stands round the engine; an engine leaves it as it is.
    pub outside: Outside,
}

/// What a simulation keeps beside the state of its engine. Lists that are empty: not known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outside {
    /// The network that it is of; `None`: not known, sizes alone are compared.
    pub origin: Option<Arc<Origin>>,
    /// The input vector of external stimuli, instance after instance.
    pub inputs: Vec<f64>,
    /// By instance, since the start.
    pub spike_counts: Vec<u64>,
    /// Rows that spiked in the last step, where an output reads them.
    pub last_spikes: Vec<u32>,
}

impl Snapshot {
    /// The state before the first step.
    pub fn start(plan: &Plan) -> Snapshot {
        let column = |group: usize, column: usize| -> Vec<f64> {
            let rows = plan.groups[group].rows as usize;
            let of = |instance: u32| (0..rows).map(move |row| plan.columns(instance, group).initial[column].get(row));
            (0..plan.instances).flat_map(of).collect()
        };
        let states = |g: usize| (0..plan.groups[g].rule.states.len()).map(|c| column(g, c)).collect();
        let learned = (0..plan.learning.len()).map(|l| learned_states(plan, l));
        Snapshot {
            step: 0,
            states: (0..plan.groups.len()).map(states).collect(),
            rings: plan.groups.iter().map(|g| vec![Vec::new(); g.ports.len()]).collect(),
            edge_states: plan.stateful().map(|g| edge_states(plan, g)).chain(learned).collect(),
            spike_history: Vec::new(),
            trails: plan.trailed().iter().map(|(g, c)| column(*g, *c as usize).repeat(plan.longest_trail() as usize)).collect(),
            outside: Outside::default(),
        }
    }
}

/// The states of gathered synapses before the first step.
fn edge_states(plan: &Plan, gathered: usize) -> Vec<Vec<f64>> {
    let edges = plan.gathered[gathered].edges.count() as usize;
    let column = |state: usize| {
        let of = |instance: u32| (0..edges).map(move |edge| plan.gathered_initial(instance, gathered)[state].get(edge));
        (0..plan.instances).flat_map(of).collect()
    };
    (0..plan.gathered[gathered].rule.states.len()).map(column).collect()
}

/// What synapses that events change keep before the first step.
fn learned_states(plan: &Plan, learning: usize) -> Vec<Vec<f64>> {
    let (of, edges) = (&plan.learning[learning], plan.learning[learning].edges.count() as usize);
    let column = |state: usize| {
        let of = |instance: u32| (0..edges).map(move |edge| plan.learned_initial(instance, learning)[state].get(edge));
        (0..plan.instances).flat_map(of).collect()
    };
    let last = of.rule.timed.then(|| vec![0.0; edges * plan.instances as usize]);
    (0..of.rule.states.len()).map(column).chain(last).collect()
}

/// What chosen synapses keep, as [`Engine::kept`] gives it.
pub(crate) fn kept_of(snapshot: &Snapshot, place: usize, synapses: &[u32], instances: u32) -> Vec<Vec<f64>> {
    let all = snapshot.edge_states.get(place).map_or(&[][..], |all| all);
    let chosen = |column: &Vec<f64>| {
        // a projection has as many synapses in each instance
        let count = column.len() / instances.max(1) as usize;
        column.chunks(count.max(1)).flat_map(|own| synapses.iter().map(|k| own[*k as usize])).collect()
    };
    all.iter().map(chosen).collect()
}

/// Runs a plan.
pub trait Engine: Send {
    /// Who computes.
    fn identity(&self) -> Identity;

    /// Time, in steps.
    fn step(&self) -> u64;

    /// Advances so many steps. A transaction: on a fault the state is that before the call.
    fn advance(&mut self, steps: u32) -> Result<Batch, Fault>;

    /// Advances so many steps, each with inputs of its own: `inputs` is `[step][number]`, as [`Engine::set_external`] takes them,
    /// or empty. The last ones stay.
    fn exchange(&mut self, steps: u32, inputs: &[f64], watches: &[Watch]) -> Exchanged {
        exchange::stepwise(self, steps, inputs, watches)
    }

    /// Takes a batch back that has been read: the next one may use its memory.
    fn take_back(&mut self, _batch: Batch) {}

    /// A state column of a group, a number per row, instance after instance.
    fn state(&mut self, group: usize, column: usize) -> Result<Vec<f64>, Fault>;

    /// The same for some rows (of the column, so many as there are numbers to fill), where an engine can do without the whole
    /// column; says whether it can.
    fn state_rows(&self, _group: usize, _column: usize, _rows: &mut dyn Iterator<Item = usize>, _out: &mut [f64]) -> bool {
        false
    }

    /// What chosen synapses keep ([`Plan::keeping`], by place): by what they keep, then synapse, instance after instance.
    fn kept(&mut self, place: usize, synapses: &[u32]) -> Result<Vec<Vec<f64>>, Fault> {
        let snapshot = self.snapshot()?;
        Ok(kept_of(&snapshot, place, synapses, self.instances()))
    }

    /// Copies of the network that run side by side.
    fn instances(&self) -> u32;

    /// Overwrites a state column of a group: a number per row, instance after instance.
    fn set_state(&mut self, group: usize, column: usize, values: &[f64]) -> Result<(), Fault>;

    /// Takes over parameters and derived numbers of a group that changed in the plan; a number for all may have become one for
    /// each row.
    fn set_parameters(&mut self, plan: &Arc<Plan>, group: usize) -> Result<(), Fault>;

    /// Takes over a plan that differs in numbers alone, at this state. `false`: this engine must be made anew for it, and is as it
    /// was.
    fn set_values(&mut self, _plan: &Arc<Plan>, _state: &Snapshot) -> Result<bool, Fault> {
        Ok(false)
    }

    /// Takes over a plan that differs in parameters and variants alone, at its state before the first step. `false`: this engine
    /// must be made anew for it, and is as it was.
    fn set_variants(&mut self, _plan: &Arc<Plan>) -> Result<bool, Fault> {
        Ok(false)
    }

    /// The input vectors that external stimuli read from the next step on, instance after instance.
    fn set_external(&mut self, values: &[f64]);

    /// What was done so far; zeros where nothing is counted.
    fn counters(&self) -> Counters {
        Counters::default()
    }

    /// The state as it is, the same numbers for every engine.
    fn snapshot(&mut self) -> Result<Snapshot, Fault>;

    /// Takes a state up; time becomes that of the snapshot.
    fn restore(&mut self, snapshot: &Snapshot) -> Result<(), Fault>;
}
