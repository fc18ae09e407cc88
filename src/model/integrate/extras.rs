//! What a rule has beside the text of its model: states that a stimulus holds, noise with a memory in an input, numbers that a
//! probe looks at.
//!
//! Each is worked into the rule as hidden inputs (behind those of the model, in the order of [`Extras::input_of`]) and hidden
//! columns of state, so that engines need to know nothing of it. Rules without extras are what they are.

use super::{Builder, Environment, Input};
use crate::model::NeuronModel;
use crate::model::rule::{Binary, Node, NodeId, StateColumn};
use crate::units::Dimension;

/// What populations have beside the text of their model.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Extras {
    /// States that stimuli hold, by place; ascending.
    pub clamped: Vec<u32>,
    /// Ornstein-Uhlenbeck processes in inputs.
    pub processes: Vec<Process>,
    /// What is kept after each step for probes.
    pub watched: Vec<Watched>,
    /// States that graded synapses read late, by place; ascending, each with the longest delay in steps.
    pub delayed: Vec<(u32, u32)>,
}

/// An Ornstein-Uhlenbeck process in a continuous input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Process {
    /// By place in the model's inputs.
    pub input: u32,
    /// Its time constant, the bits of an f64. **Units** ms.
    pub tau: u64,
}

/// A number of a neuron that is no state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Watched {
    /// A named subexpression, by place: of the states after the step, and of what inputs held in it.
    Let(u32),
    /// What a continuous input held in the step, by place.
    Input(u32),
}

/// Where the hidden inputs of extras stand among the inputs of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hidden {
    /// The level at which a clamped state is held, by place in [`Extras::clamped`].
    Level(usize),
    /// Not 0 while it is held.
    Gate(usize),
    /// The standard deviation of a process.
    Spread(usize),
}

impl Extras {
    /// The place of a hidden input among the inputs of the rule.
    pub fn input_of(&self, model: &NeuronModel, hidden: Hidden) -> u32 {
        let first = model.inputs.len();
        (match hidden {
            Hidden::Level(k) => first + 2 * k,
            Hidden::Gate(k) => first + 2 * k + 1,
            Hidden::Spread(k) => first + 2 * self.clamped.len() + k,
        }) as u32
    }

    /// The hidden inputs, in their order.
    pub(super) fn inputs(&self, model: &NeuronModel) -> Vec<Input> {
        let mut out = Vec::new();
        for state in &self.clamped {
            let state = &model.states[*state as usize];
            out.push(Input { name: format!(" {}, held", state.name), dimension: state.dimension });
            out.push(Input { name: format!(" {} is held", state.name), dimension: Dimension::NONE });
        }
        for process in &self.processes {
            let input = &model.inputs[process.input as usize];
            out.push(Input { name: format!(" {}, spread", input.name), dimension: input.dimension });
        }
        out
    }
}

impl Watched {
    /// The hidden column that keeps it: two spaces, since it counts nothing and need not be finite.
    pub fn column(self, model: &NeuronModel) -> StateColumn {
        let (name, dimension) = match self {
            Watched::Let(k) => (&model.lets[k as usize].name, model.lets[k as usize].dimension),
            Watched::Input(k) => (&model.inputs[k as usize].name, model.inputs[k as usize].dimension),
        };
        StateColumn { name: format!("  {name}"), dimension }
    }
}

/// The hidden column that keeps a state as it was so many steps ago.
pub fn delayed_column(model: &NeuronModel, state: u32, steps: u32) -> StateColumn {
    let state = &model.states[state as usize];
    StateColumn { name: format!("  {}, {steps} steps ago", state.name), dimension: state.dimension }
}

/// The hidden numbers of a rule under construction.
#[derive(Default)]
pub(super) struct Beside {
    /// State, its level, the flag that it is held.
    clamps: Vec<(u32, NodeId, NodeId)>,
    /// Input, and what a process adds to it.
    added: Vec<(u32, NodeId)>,
    /// Columns that begin with the value of a state.
    kept: Vec<(usize, u32)>,
}

impl Builder<'_> {
    /// Sets states that are held to their levels, and moves processes on by a step. Gives the next values of hidden columns.
    pub(super) fn begin_extras(&mut self, columns: &mut Vec<StateColumn>, environment: &mut Environment) -> Vec<(usize, NodeId)> {
        let (model, extras) = (self.model, self.extras);
        let mut next = Vec::new();
        for (k, state) in extras.clamped.iter().enumerate() {
            let level = self.graph.add(Node::Held(extras.input_of(model, Hidden::Level(k))));
            let gate = self.graph.add(Node::Held(extras.input_of(model, Hidden::Gate(k))));
            self.beside.clamps.push((*state, level, gate));
        }
        self.hold(environment);
        for (k, process) in extras.processes.iter().enumerate() {
            let column = columns.len();
            columns.push(StateColumn { name: format!(" process {k}"), dimension: Dimension::NONE });
            let old = self.graph.add(Node::State(column as u32));
            let draw = self.graph.add(Node::Normal(self.normals));
            self.normals += 1;
            // over a step x becomes a x + sqrt(1 - a²) z, which has the law of the process whatever the step; -expm1 keeps the root
            // right where the step is short
            let steps = self.dt / f64::from_bits(process.tau);
            let (a, b) = (libm::exp(-steps), libm::sqrt(-libm::expm1(-2.0 * steps)));
            let (a, b) = (self.graph.constant(a), self.graph.constant(b));
            let (kept, new) = (self.graph.times(a, old), self.graph.times(b, draw));
            let moved = self.graph.plus(kept, new);
            // it begins with a draw of its law
            let time = self.graph.add(Node::Time);
            let half = self.graph.constant(self.dt / 2.0);
            let first = self.graph.binary(Binary::Less, time, half);
            let value = self.graph.select(first, draw, moved);
            next.push((column, value));
            let spread = self.graph.add(Node::Held(extras.input_of(model, Hidden::Spread(k))));
            let added = self.graph.times(spread, value);
            self.beside.added.push((process.input, added));
        }
        next
    }

    /// Puts what probes look at into hidden columns, behind all else.
    pub(super) fn end_extras(&mut self, columns: &mut Vec<StateColumn>, environment: &Environment) -> Vec<(usize, NodeId)> {
        let (model, extras) = (self.model, self.extras);
        let mut next = Vec::new();
        for watched in &extras.watched {
            let value = match watched {
                Watched::Let(k) => self.instantiate(model.lets[*k as usize].value, environment),
                Watched::Input(k) => self.input(*k),
            };
            next.push((columns.len(), value));
            columns.push(watched.column(model));
        }
        // each step hands what it began with on by one column
        for (state, steps) in &extras.delayed {
            let mut before = *state;
            for step in 1..=*steps {
                let column = columns.len();
                next.push((column, self.graph.add(Node::State(before))));
                columns.push(delayed_column(model, *state, step));
                self.beside.kept.push((column, *state));
                before = column as u32;
            }
        }
        next
    }

    /// The state whose value a hidden column begins with.
    pub(super) fn kept_from(&self, column: usize) -> Option<u32> {
        self.beside.kept.iter().find(|(known, _)| *known == column).map(|(_, state)| *state)
    }

    /// What a continuous input holds over the step.
    pub(super) fn input(&mut self, k: u32) -> NodeId {
        let driven = self.driven.get(k as usize).copied().unwrap_or(true);
        let mut sum = self.graph.add(if driven { Node::Held(k) } else { Node::Constant(0f64.to_bits()) });
        for (_, added) in self.beside.added.clone().into_iter().filter(|(input, _)| *input == k) {
            sum = self.graph.plus(sum, added);
        }
        sum
    }

    /// States that a stimulus holds are at its level.
    pub(super) fn hold(&mut self, environment: &mut Environment) {
        for (state, level, gate) in self.beside.clamps.clone() {
            let own = &mut environment.states[state as usize];
            *own = self.graph.select(gate, level, *own);
        }
    }

    /// A number where no state of the row is held by a stimulus, else 0.
    pub(super) fn unless_clamped(&mut self, mut value: NodeId) -> NodeId {
        for (.., gate) in self.beside.clamps.clone() {
            let zero = self.graph.constant(0.0);
            value = self.graph.select(gate, zero, value);
        }
        value
    }

    /// Not 0 while the equation of a state moves nothing: the row is refractory, or a stimulus holds the state.
    pub(crate) fn stays(&mut self, state: u32, unless_refractory: bool) -> Option<NodeId> {
        let held = self.held.filter(|_| unless_refractory);
        let gate = self.beside.clamps.iter().find(|(clamped, ..)| *clamped == state).map(|(.., gate)| *gate);
        match (held, gate) {
            (Some(held), Some(gate)) => Some(self.graph.binary(Binary::Or, held, gate)),
            (one, other) => one.or(other),
        }
    }
}
