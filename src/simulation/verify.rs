//! Verification in lockstep: an engine in single precision beside a reference that knows how far rounding may take it.
//!
//! In: an engine and the plan that it should be running. Out: [`Verification`]. Before every step the reference takes over
//! the state of the engine under test, spikes under way included; both advance one step; then every state, every sum under way
//! and every spike is compared. What is allowed is not chosen but derived, for each number of each step, from the operations
//! that led to it (`engine::cpu`). Errors do not add up, since each step starts anew: what is found is the fault of that step.
//!
//! Not here: the bounds (`engine::cpu`), runs compared as a whole (`compare`).

use std::sync::Arc;

use super::Simulation;
use crate::engine::cpu::{Bounded, CpuEngine, CpuOptions, Followed};
use crate::engine::{Batch, Engine, Fault, Identity, Precision, Snapshot};
use crate::error::Error;
use crate::plan::{Keeping, Plan, PopulationId};

mod report;

/// What verification found.
#[must_use = "a verification that nobody looks at passes everything"]
#[derive(Clone, Debug, PartialEq)]
pub struct Verification {
    /// The engine under test.
    pub identity: Identity,
    /// Steps in lockstep.
    pub steps: u64,
    /// Spikes of the engine under test. A network that does nothing verifies little.
    pub spikes: u64,
    /// Those of each instance.
    pub spikes_of: Vec<u64>,
    /// For each population and variable the worst of all neurons and steps, measured by what is allowed; the sums under way
    /// to its ports follow its states.
    pub worst: Vec<Deviation>,
    /// The first number that is further off than rounding explains.
    pub first_beyond: Option<Deviation>,
    /// The first spike that differs and is no tie; if there is none, the first that is.
    pub first_spike: Option<SpikeDeviation>,
    /// Spikes that differ where rounding may decide.
    pub ties: u64,
    /// What this cannot see: what both sides take over before they part, inputs that were 0 throughout.
    pub unseen: Vec<String>,
}

/// A number of the engine under test beside what it should be.
#[derive(Clone, Debug, PartialEq)]
pub struct Deviation {
    /// Or a projection, whose synapses have states of their own.
    pub population: String,
    /// A state, or `arrivals at PORT` for what is under way.
    pub variable: String,
    /// Of both numbers.
    pub unit: String,
    /// Of a projection: the synapse, in the order of its connectivity.
    pub neuron: u32,
    /// Of the network, where several run side by side.
    pub instance: u32,
    /// The time after the step, in steps.
    pub step: u64,
    /// What the engine under test has.
    pub found: f64,
    /// What the reference has.
    pub expected: f64,
    /// |found - expected|
    pub deviation: f64,
    /// The most that rounding explains; infinite where nothing is known, which passes for nothing.
    pub bound: f64,
    /// The deviation by the bound: above 1 is beyond it.
    pub ratio: f64,
}

/// A spike that one side has and the other lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpikeDeviation {
    /// Of the neuron.
    pub population: String,
    /// By number within the population.
    pub neuron: u32,
    /// Of the network, where several run side by side.
    pub instance: u32,
    /// The step at whose end the spike is.
    pub step: u64,
    /// The engine under test has it, the reference has not.
    pub found: bool,
    /// The test comes so near that rounding may decide it.
    pub tie: bool,
}

impl Verification {
    /// Whether everything lies within what rounding explains, ties at threshold included. What has no state agrees by its
    /// spikes. Nothing compared (0 steps) does not agree, nor is it said to disagree.
    pub fn agrees(&self) -> bool {
        let spikes = self.first_spike.as_ref().is_none_or(|spike| spike.tie);
        self.steps > 0 && self.worst.iter().all(Deviation::is_allowed) && spikes
    }

    /// The deviation that is worst of all.
    pub fn worst_of_all(&self) -> Option<&Deviation> {
        self.worst.iter().max_by(|a, b| a.ratio.total_cmp(&b.ratio))
    }
}

impl Deviation {
    fn is_allowed(&self) -> bool {
        self.ratio <= 1.0
    }
}

impl Simulation {
    /// Runs some steps beside a reference, both from the same state before every step, and compares states, spikes and what
    /// is under way; `input` is the input vector of external stimuli in all these steps, as set last if there is none.
    ///
    /// For every engine in single precision. The simulation is left at the state reached, also by a fault, with the inputs that
    /// it had and an empty recording.
    ///
    /// **Errors** an engine that computes in f64, an input vector that does not fit, a fault of the engine.
    ///
    /// ```
    /// use synfire::{Choice, Network, Options};
    /// let mut net = Network::new("one");
    /// net.population("cell", "lif_psc_exp", 1).parameter("i_e", "500 pA");
    /// let mut simulation = net.compile(&Options::default().engine(Choice::Cpu))?;
    /// let verification = simulation.verify(500, None)?;
    /// assert!(verification.agrees() && verification.spikes > 0, "{verification}");
    /// # Ok::<(), synfire::Error>(())
    /// ```
    pub fn verify(&mut self, steps: u64, input: Option<&[f64]>) -> Result<Verification, Error> {
        let precision = self.engine.identity().precision;
        if precision != Precision::F32 {
            return Err(Error::Call(format!(
                "verification bounds what rounding to f32 explains, and this engine computes in {precision}: choose f32"
            )));
        }
        if let Some(input) = input {
            self.check_input(input)?;
        }
        self.room.reference(&self.plan, size_of::<Bounded>())?;
        let input = input.map_or_else(|| self.external.clone(), <[f64]>::to_vec);
        let (rows, mut last) = (self.plan.rows.max(1), None);
        let spikes = &mut self.spikes;
        let outcome = watched(self.engine.as_mut(), &self.plan, steps, Some(&input), &mut |batch| {
            for (_, row) in &batch.spikes {
                if let Some(count) = spikes.get_mut((row / rows) as usize) {
                    *count += 1;
                }
            }
            last = Some(batch);
        });
        // inputs, outputs and counts are as after so many steps, whatever came
        self.engine.set_external(&self.external);
        if let Some(batch) = last {
            self.remember(&batch);
        }
        self.clear_recording();
        outcome.map_err(|fault| self.failed(fault))
    }
}

/// Holds an engine to a plan, which should be the one that it runs. See [`Simulation::verify`].
///
/// **Errors** a fault of the engine under test.
pub fn lockstep(engine: &mut dyn Engine, plan: &Plan, steps: u64, input: Option<&[f64]>) -> Result<Verification, Fault> {
    watched(engine, plan, steps, input, &mut |_| ())
}

/// The same; `seen` gets the batch of each step.
fn watched(
    engine: &mut dyn Engine,
    plan: &Plan,
    steps: u64,
    input: Option<&[f64]>,
    seen: &mut dyn FnMut(Batch),
) -> Result<Verification, Fault> {
    let mut reference = CpuEngine::<Bounded>::new(Arc::new(plan.clone()), CpuOptions::default().threads(1))?;
    let zeros = vec![0.0; plan.external_inputs() * plan.instances as usize];
    let input = input.unwrap_or(&zeros);
    if !input.is_empty() {
        engine.set_external(input);
        reference.set_external(input);
    }
    let mut judge = Judge::new(plan, engine.identity());
    judge.verification.unseen = report::unseen(plan, input);
    let mut before = engine.snapshot()?;
    for _ in 0..steps {
        let batch = engine.advance(1)?;
        let mut sent: Vec<u32> = batch.spikes.iter().map(|(_, row)| *row).collect();
        seen(batch);
        sent.sort_unstable();
        let after = engine.snapshot()?;
        let followed = reference.follow(&before, &sent)?;
        judge.spikes(after.step, &sent, &followed);
        judge.states(&after, &reference);
        judge.rings(&after, &reference);
        judge.synapses(&after, &reference);
        judge.verification.steps += 1;
        before = after;
    }
    Ok(judge.finish())
}

/// Compares, and keeps the worst.
struct Judge<'a> {
    plan: &'a Plan,
    verification: Verification,
    /// Projections whose synapses keep states.
    keeping: Vec<Keeping<'a>>,
    /// By population: a place for each state, then for each port; then by such a projection: a place for each thing that is kept.
    worst: Vec<Vec<Option<Deviation>>>,
}

/// Where a number stands.
#[derive(Clone, Copy)]
struct Seat {
    /// Projections come after the populations.
    population: usize,
    /// Place in the list of the population: states first, then ports.
    variable: usize,
    neuron: u32,
    instance: u32,
    step: u64,
}

impl<'a> Judge<'a> {
    fn new(plan: &'a Plan, identity: Identity) -> Judge<'a> {
        let variables = |group: usize| plan.groups[group].rule.states.len() + plan.groups[group].ports.len();
        let keeping = plan.keeping();
        let kept = keeping.iter().map(|k| vec![None; k.states.len() + usize::from(k.timed)]);
        let worst = plan.populations.iter().map(|p| vec![None; variables(p.group)]).chain(kept).collect();
        let verification = Verification {
            identity,
            steps: 0,
            spikes: 0,
            spikes_of: vec![0; plan.instances as usize],
            worst: Vec::new(),
            first_beyond: None,
            first_spike: None,
            ties: 0,
            unseen: Vec::new(),
        };
        Judge { plan, verification, keeping, worst }
    }

    fn spikes(&mut self, step: u64, sent: &[u32], followed: &Followed) {
        self.verification.spikes += sent.len() as u64;
        for row in sent {
            if let Some(count) = self.verification.spikes_of.get_mut((row / self.plan.rows.max(1)) as usize) {
                *count += 1;
            }
        }
        let has = |list: &[u32], row: &u32| list.binary_search(row).is_ok();
        let surplus = sent.iter().filter(|row| !has(&followed.spikes, row));
        let missing = followed.spikes.iter().filter(|row| !has(sent, row));
        for row in surplus.chain(missing) {
            let (found, tie) = (has(sent, row), has(&followed.undecided, row));
            self.verification.ties += u64::from(tie);
            let worse = match &self.verification.first_spike {
                Some(known) => known.tie && !tie,
                None => true,
            };
            let rows = self.plan.rows.max(1);
            if worse && let Some((id, neuron)) = self.plan.neuron_at(row % rows) {
                let population = self.plan.place(id).name.clone();
                self.verification.first_spike = Some(SpikeDeviation { population, neuron, instance: row / rows, step, found, tie });
            }
        }
    }

    fn states(&mut self, after: &Snapshot, reference: &CpuEngine<Bounded>) {
        for (g, group) in self.plan.groups.iter().enumerate() {
            for (c, found) in after.states[g].iter().enumerate().take(group.rule.states.len()) {
                let bounds = reference.bounds(g, c);
                self.each_seat(g, c, after.step, |judge, k, seat| {
                    if let (Some(found), Some(bounded)) = (found.get(k), bounds.get(k)) {
                        judge.compare(seat, *found, bounded.value, bounded.error);
                    }
                });
            }
        }
    }

    /// Sums under way are whole numbers on every engine: half a unit is allowed, so that none is; and more where synapses that
    /// learn have sent numbers that rounding may have moved.
    fn rings(&mut self, after: &Snapshot, reference: &CpuEngine<Bounded>) {
        for (g, group) in self.plan.groups.iter().enumerate() {
            for (p, port) in group.ports.iter().enumerate().filter(|(_, port)| port.used) {
                let (found, expected) = (&after.rings[g][p], reference.under_way(g, p));
                let open = reference.open_units(g, p);
                let seats = (group.rows * self.plan.instances) as usize;
                let variable = group.rule.states.len() + p;
                self.each_seat(g, variable, after.step, |judge, k, seat| {
                    let of_seat = found.iter().zip(expected.iter().zip(&open)).skip(k).step_by(seats);
                    let slots = of_seat.map(|(x, (y, open))| (*x, *y, (0.5 + f64::from(*open)) / port.scale));
                    // the slot that is worst, and the first where all are right
                    let off = |(x, y, bound): &(f64, f64, f64)| (x - y).abs() / bound;
                    if let Some((x, y, bound)) = slots.reduce(|a, b| if off(&a) >= off(&b) { a } else { b }) {
                        judge.compare(seat, x, y, bound);
                    }
                });
            }
        }
    }

    /// What synapses keep. What the engine does not tell agrees with nothing.
    fn synapses(&mut self, after: &Snapshot, reference: &CpuEngine<Bounded>) {
        let bounded = |list: Vec<Bounded>| list.into_iter().map(|x| (x.value, x.error));
        for (number, group) in self.plan.stateful().enumerate() {
            for variable in 0..self.keeping[number].states.len() {
                self.column(after, number, variable, bounded(reference.edge_column(group, variable)));
            }
        }
        let first = self.plan.stateful().count();
        for learning in 0..self.plan.learning.len() {
            let states = self.keeping[first + learning].states.len();
            for variable in 0..states {
                self.column(after, first + learning, variable, bounded(reference.learned_bounds(learning, variable)));
            }
            // whole numbers of steps
            if let Some(last) = reference.last_events(learning) {
                self.column(after, first + learning, states, last.into_iter().map(|step| (step, 0.0)));
            }
        }
    }

    /// A number of each synapse of a projection that keeps some; `expected`: with its bound.
    fn column(&mut self, after: &Snapshot, number: usize, variable: usize, expected: impl Iterator<Item = (f64, f64)>) {
        let edges = (self.keeping[number].edges.count() as usize).max(1);
        let found = after.edge_states.get(number).and_then(|kept| kept.get(variable)).map_or(&[][..], Vec::as_slice);
        let population = self.plan.populations.len() + number;
        for (k, (expected, bound)) in expected.enumerate() {
            let seat = Seat { population, variable, neuron: (k % edges) as u32, instance: (k / edges) as u32, step: after.step };
            self.compare(seat, found.get(k).copied().unwrap_or(f64::NAN), expected, bound);
        }
    }

    /// Calls for each row of each population of a group with its place in a column.
    fn each_seat(&mut self, group: usize, variable: usize, step: u64, mut call: impl FnMut(&mut Self, usize, Seat)) {
        let (plan, rows) = (self.plan, self.plan.groups[group].rows);
        for (population, place) in plan.populations.iter().enumerate().filter(|(_, p)| p.group == group) {
            for instance in 0..plan.instances {
                for neuron in 0..place.size {
                    let k = instance * rows + place.first_row + neuron;
                    call(self, k as usize, Seat { population, variable, neuron, instance, step });
                }
            }
        }
    }

    fn compare(&mut self, seat: Seat, found: f64, expected: f64, bound: f64) {
        let deviation = (found - expected).abs();
        let ratio = match deviation / bound {
            _ if !bound.is_finite() || deviation.is_nan() => f64::INFINITY,
            _ if deviation == 0.0 => 0.0,
            ratio => ratio,
        };
        let known = &self.worst[seat.population][seat.variable];
        let worse = known.as_ref().is_none_or(|worst| ratio > worst.ratio);
        let first = ratio > 1.0 && self.verification.first_beyond.is_none();
        if !worse && !first {
            return;
        }
        let (variable, unit) = self.name(seat);
        let Seat { neuron, instance, step, .. } = seat;
        let population = match self.synapses_of(seat) {
            Some(of) => of.name.to_owned(),
            None => self.plan.place(PopulationId(seat.population as u32)).name.clone(),
        };
        let made = Deviation { population, variable, unit, neuron, instance, step, found, expected, deviation, bound, ratio };
        if first {
            self.verification.first_beyond = Some(made.clone());
        }
        if worse {
            self.worst[seat.population][seat.variable] = Some(made);
        }
    }

    /// The synapses that a seat is of, if it is of no neuron.
    fn synapses_of(&self, seat: Seat) -> Option<&Keeping<'a>> {
        self.keeping.get(seat.population.checked_sub(self.plan.populations.len())?)
    }

    /// Name and unit of a variable. Hidden columns begin with a space.
    fn name(&self, seat: Seat) -> (String, String) {
        if let Some(of) = self.synapses_of(seat) {
            let state = of.states.get(seat.variable);
            return state.map_or_else(|| ("last event".into(), "steps".into()), |s| (s.name.clone(), s.dimension.unit()));
        }
        let rule = &self.plan.groups[self.plan.populations[seat.population].group].rule;
        if let Some(state) = rule.states.get(seat.variable) {
            return (state.name.trim().to_owned(), state.dimension.unit());
        }
        let port = rule.ports.get(seat.variable - rule.states.len());
        port.map_or_else(Default::default, |port| (format!("arrivals at {}", port.name), port.dimension.unit()))
    }

    fn finish(self) -> Verification {
        Verification { worst: self.worst.into_iter().flatten().flatten().collect(), ..self.verification }
    }
}
