//! What changes a synapse that learns: line by line, in the order of its text.
//!
//! In: nothing; [`event_rule`](crate::model::integrate::event_rule) makes one. Out: [`EventRule`]. Not here: which neurons spike,
//! where states are kept.

use super::{Graph, NodeId, StateColumn};
use crate::model::DelayPlace;

closed! {
    /// What spikes of either end, intervals and steps do to one synapse.
    ///
    /// Leaves of its graph: [`Node::Constant`](super::Node), `Param` (of the synapse), `End` (parameters of the two ends), `State`
    /// (kept by the synapse, as its last event left it), `Held(k)` (what [`EventRule::reads`] says), `Uniform`. Nothing else.
    #[derive(Clone, Debug)]
    pub struct EventRule {
        /// All numbers of all passes.
        graph: Graph => [&Graph],
        /// States that each synapse keeps.
        states: Vec<StateColumn> => [&[StateColumn]],
        /// Their places among the states of the model.
        kept: Vec<u32> => [&[u32]],
        /// The value of each before the first step: nodes of parameters.
        initial: Vec<NodeId> => [&[NodeId]],
        /// What each of them may be, where the model says: nodes of parameters, the lower and the upper end.
        ranges: Vec<[Option<NodeId>; 2]> => [&[[Option<NodeId>; 2]]],
        /// What each of them is at a later time, from what its last event left and the time since.
        now: Vec<NodeId> => [&[NodeId]],
        /// What `Held` leaves stand for.
        reads: Vec<Read> => [&[Read]],
        /// In the order in which they run within a step.
        passes: Vec<Pass> => [&[Pass]],
        /// Does a state change between events? Then each synapse keeps the time of its last one.
        timed: bool => [bool],
        /// Where the delay lies.
        delay: DelayPlace => [DelayPlace],
    }
}

/// What an engine provides for a synapse whose line runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Read {
    /// Time since the last event that changed the synapse, or since the start, ms.
    Elapsed,
    /// The same up to the start of the step in which the line runs.
    ElapsedBefore,
    /// What a pass has added up over the synapses of the target, by number ([`Pass::totals`]).
    Total(u32),
    /// A state of one end.
    End {
        /// Of the target, else of the source.
        post: bool,
        /// Which one.
        value: EndState,
        /// As it was when.
        lag: Lag,
    },
    /// A third factor: a number that is of neither end.
    Modulator {
        /// By place in [`SynapseModel::modulators`](crate::model::SynapseModel).
        place: u32,
        /// As it was when.
        lag: Lag,
    },
}

/// A state of a neuron that a synapse reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EndState {
    /// One of its model, by place.
    Own(u32),
    /// A state of the synapse that is kept once for all synapses of this end.
    Trace {
        /// By place among the states of the synapse model.
        state: u32,
        /// How many lines of its end's spikes have run before: 0 is the value before a spike of the step.
        version: u32,
    },
}

/// Which step's end a value is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lag {
    /// That of the step in which the line runs.
    Now,
    /// The step before, since the line runs before the step advances anything.
    Before,
    /// As many steps back as the synapse's delay has.
    Delay,
    /// A step before that.
    DelayBefore,
}

/// When a pass runs, and over which synapses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Occasion {
    /// Those of sources that spike.
    Pre,
    /// Those of targets that spike.
    Post,
    /// All of them, at the end of each step whose number, counted from 1, is a multiple of this.
    Every(u64),
    /// All of them in every step, from how everything is at its start: an equation that is stepped.
    Step,
}

impl Occasion {
    /// Does it run over all synapses, whatever spikes, in this step? `None`: spikes decide.
    pub fn of_all(self, step: u64) -> Option<bool> {
        self.interval().map(|steps| (step + 1).is_multiple_of(steps))
    }

    /// Steps from one to the next, where it runs over all synapses.
    pub fn interval(self) -> Option<u64> {
        match self {
            Occasion::Pre | Occasion::Post => None,
            Occasion::Every(steps) => Some(steps),
            Occasion::Step => Some(1),
        }
    }
}

/// Lines that run one after the other on the same occasion.
#[derive(Clone, Debug)]
pub struct Pass {
    /// When, and over which synapses.
    pub occasion: Occasion,
    /// Before the step advances any neuron, else after it.
    pub early: bool,
    /// What is added up over the synapses of each target before the lines run, in the order of sources: its number, the term of a
    /// synapse.
    pub totals: Vec<(u32, NodeId)>,
    /// States that are written, by place in [`EventRule::states`], and their values.
    pub next: Vec<(u32, NodeId)>,
    /// What is added to ports, by place in [`SynapseModel::on_pre`](crate::model::SynapseModel).
    pub sends: Vec<(u32, NodeId)>,
    /// Is the time of this event kept?
    pub touches: bool,
}

impl EventRule {
    /// How many steps after the spike a pass runs: of spikes of its end, those whose delay this many steps is; `false`: none.
    pub fn delayed(&self, pass: &Pass) -> bool {
        match self.delay {
            DelayPlace::Axonal => pass.occasion == Occasion::Pre,
            DelayPlace::Dendritic => pass.occasion == Occasion::Post,
        }
    }
}

impl Pass {
    /// Does it go from targets to their synapses, since they spiked?
    pub fn is_post(&self) -> bool {
        self.occasion == Occasion::Post
    }

    /// Does it add something up over the synapses of each target?
    pub fn has_totals(&self) -> bool {
        !self.totals.is_empty()
    }

    /// All that it works out: totals, then states, then what is sent.
    pub fn roots(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.totals.iter().chain(&self.next).chain(&self.sends).map(|(_, root)| *root)
    }
}
