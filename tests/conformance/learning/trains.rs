//! Rules on random spike trains: the states of every synapse and what arrives at every target, against the oracle.
//!
//! In: sources that spike at listed times, and puppets, which spike where a list says and note what arrives in each step. Out: the
//! worst error as a part of what rounding explains, and the first number beyond it.

use std::rc::Rc;

use synfire::network::{Connector, Network};
use synfire::recording::Recording;
use synfire::simulation::Simulation;

use super::oracle::{Chance, End, Event, Member, Past, Place, State, Synapse, together};
use super::rules::{Bounds, Rule};
use super::{chance, intervals, longer, ready, rules};
use crate::case::{quantities, quantity, shared};
use crate::engines::{Refused, Which};

pub const DT: f64 = 0.125;
/// Of the networks: beyond 32 bits, so that both words of the key count.
const SEED: u64 = 0x5eed_0000_0001;

/// What stands still but for what events bring: `got` is gone after a step, since nothing is left of it. `c` counts its spikes.
pub const PUPPET: &str = "
    neuron puppet
      param tau = 0.0001 ms
      param tau_c = 16 ms
      state v = 0, got = 0, c = 0
      input kick -> v
      input tally -> got
      dgot/dt = -got/tau
      dc/dt = -c/tau_c
      threshold v > 0.5
      reset v = 0; c += 1
    ";

/// A rule with numbers.
pub struct Trial {
    pub rule: Rc<Rule>,
    pub numbers: Vec<f64>,
    pub place: Place,
    /// Has every synapse time constants of its own?
    pub own: bool,
    pub sources: usize,
    pub targets: usize,
    pub steps: u64,
    pub seed: u64,
    /// The seed of what is drawn while it runs.
    pub chance: u64,
}

/// Synapses of a trial, between its trains (sources, then targets).
pub struct Edge {
    /// `true`: from a target.
    pub recurrent: bool,
    pub source: usize,
    pub target: usize,
    pub delay: u64,
    pub numbers: Vec<f64>,
}

/// What the oracle says of an edge.
pub struct Told {
    synapse: Synapse,
    events: Vec<Event>,
}

/// SplitMix64 (Steele, Lea and Flood 2014): trains must not come from the generator that is tested elsewhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }
}

impl Trial {
    pub fn name(&self) -> String {
        let place = if self.place == Place::Axonal { "axonal" } else { "dendritic" };
        format!("{} {place}{}", self.rule.name, if self.own { " own" } else { "" })
    }

    /// Moments of the sources' spikes, then of the puppets': dense enough that both ends spike at once again and again.
    pub fn trains(&self) -> [Vec<Vec<u64>>; 2] {
        let mut random = Random(self.seed);
        // a puppet is kicked one step before it spikes
        let mut train = |one_in: u64| (2..=self.steps).filter(|_| random.below(one_in) == 0).collect::<Vec<u64>>();
        let sources = (0..self.sources).map(|k| train(6 + 7 * (k as u64 % 5))).collect();
        [sources, (0..self.targets).map(|k| train(8 + 5 * (k as u64 % 5))).collect()]
    }

    /// In the order in which the engines keep them. Some pairs are joined twice, and some targets by themselves.
    pub fn edges(&self) -> Vec<Edge> {
        let mut random = Random(self.seed ^ 0x5bd1);
        let mut out = Vec::new();
        for (recurrent, sources) in [(false, self.sources), (true, self.targets)] {
            for source in 0..sources {
                for target in 0..self.targets {
                    // every fifth pair not at all, every eighth twice
                    let times = match random.below(40) {
                        0..8 => 0,
                        8..13 => 2,
                        _ => 1,
                    };
                    for _ in 0..times {
                        let delay = [1, 3, 40][random.below(3) as usize];
                        let mut numbers = self.numbers.clone();
                        for ((name, unit), number) in self.rule.parameters.iter().zip(&mut numbers) {
                            match (*name, *unit) {
                                ("w_0", _) => *number = (8 + random.below(49)) as f64 / 64.0,
                                ("period", _) => {}
                                (_, "ms") if self.own && *number > 0.0 => *number *= [0.5, 1.0, 2.0][random.below(3) as usize],
                                _ => {}
                            }
                        }
                        out.push(Edge { recurrent, source, target, delay, numbers });
                    }
                }
            }
        }
        out
    }

    pub fn network(&self) -> Network {
        self.network_of(self.trains())
    }

    /// With other trains.
    pub fn network_of(&self, [sources, targets]: [Vec<Vec<u64>>; 2]) -> Network {
        let mut net = Network::new(self.name());
        let ms = |train: &Vec<u64>, by: u64| train.iter().map(|m| (m - by) as f64 * DT).collect::<Vec<_>>();
        net.dt(quantity(DT, "ms")).seed(SEED).equations(PUPPET);
        net.equations(&self.rule.model("tally", "", self.place));
        let listed = |net: &mut Network, name: &str, trains: &[Vec<u64>], by: u64| {
            let times = trains.iter().map(|train| ms(train, by)).collect();
            net.population(name, "spike_times", trains.len() as u64).spike_times(times);
        };
        let puppets = |net: &mut Network, name: &str, trains: &[Vec<u64>]| {
            let kicks = format!("kicks of {name}");
            listed(net, &kicks, trains, 1);
            net.population(name, "puppet", trains.len() as u64);
            net.project(&kicks, name, "kick", Connector::OneToOne).weight(1.0).delay(quantity(DT, "ms"));
        };
        if self.reads_ends() {
            puppets(&mut net, "sources", &sources);
        } else {
            listed(&mut net, "sources", &sources, 0);
        }
        puppets(&mut net, "targets", &targets);
        if self.reads_third() {
            puppets(&mut net, "third", &self.thirds());
        }
        let edges = self.edges();
        for (recurrent, source, name) in [(false, "sources", "in"), (true, "targets", "rec")] {
            let mine: Vec<&Edge> = edges.iter().filter(|e| e.recurrent == recurrent).collect();
            let list = |of: fn(&Edge) -> usize| mine.iter().map(|e| of(e) as u64).collect();
            let connector = Connector::List { source: list(|e| e.source), target: list(|e| e.target) };
            let projection = net.project_by(source, "targets", self.rule.name, connector);
            projection.delay(quantities(mine.iter().map(|e| e.delay as f64 * DT), "ms")).named(name);
            if self.reads_third() {
                projection.modulator("d", "third.c");
            }
            for (k, (parameter, unit)) in self.rule.parameters.iter().enumerate() {
                let unit = if *unit == "PORT" { "" } else { unit };
                projection.parameter(*parameter, shared(mine.iter().map(|e| e.numbers[k]), unit));
            }
        }
        net.probe("targets", "spikes");
        net.probe("targets", "got");
        net
    }

    fn reads_ends(&self) -> bool {
        self.rule.text.contains("pre.") || self.rule.text.contains("post.")
    }

    /// The last moment that the oracle tells of: a trace is told as it will be a delay later.
    fn last(&self) -> u64 {
        self.steps + 64
    }

    fn reads_third(&self) -> bool {
        self.rule.text.contains("modulator d")
    }

    /// Moments of spikes of the neurons whose state is a modulator: one for all synapses, or one for each target.
    pub fn thirds(&self) -> Vec<Vec<u64>> {
        let mut random = Random(self.seed ^ 0x7d3f);
        let mut train = || (2..=self.steps).filter(|_| random.below(12) == 0).collect::<Vec<u64>>();
        (0..if self.own { self.targets } else { 1 }).map(|_| train()).collect()
    }

    /// `c` of a puppet at each moment. A step costs a product; what grants a closed form its bound grants a step of it too.
    fn count(&self, unit: f64, train: &[u64]) -> Past {
        let decay = (-DT / 16.0f64).exp();
        let mut past = vec![[0.0; 2]];
        for moment in 1..=self.last() {
            let [c, off] = past[moment as usize - 1];
            let spike = f64::from(train.binary_search(&moment).is_ok());
            past.push([c * decay + spike, off * decay + 4.0 * unit * (c + spike)]);
        }
        Rc::new(past)
    }

    /// With arithmetic of a unit roundoff.
    pub fn told(&self, unit: f64) -> Vec<Told> {
        let ([sources, targets], thirds) = (self.trains(), self.thirds());
        // synapses of each projection so far
        let mut rows = [0, 0];
        let edges = self.edges();
        let source_of = |e: &Edge| if e.recurrent { &targets[e.source] } else { &sources[e.source] };
        let mut synapse = |e: &Edge| {
            let mut synapse = (self.rule.synapse)(&e.numbers, self.place);
            if self.reads_ends() {
                let [pre, post] = [source_of(e), &targets[e.target]].map(|train| self.count(unit, train));
                (synapse.ends[End::Pre as usize], synapse.ends[End::Post as usize]) = (pre, post);
            }
            if self.reads_third() {
                synapse.ends[End::Third as usize] = self.count(unit, &thirds[if self.own { e.target } else { 0 }]);
            }
            let projection = usize::from(e.recurrent);
            synapse.chance = Chance { seed: self.chance, projection: projection as u32, row: rows[projection] };
            rows[projection] += 1;
            synapse
        };
        let synapses: Vec<Synapse> = edges.iter().map(&mut synapse).collect();
        let mut events: Vec<Vec<Event>> = edges.iter().map(|_| Vec::new()).collect();
        let alone = synapses.iter().flat_map(|s| &s.lines).all(|line| line.sums.is_empty());
        let mut done = vec![false; edges.len()];
        for k in 0..edges.len() {
            // with those whose states its lines add up
            let same = |j: &usize| (edges[*j].recurrent, edges[*j].target) == (edges[k].recurrent, edges[k].target);
            let group: Vec<usize> = if alone { vec![k] } else { (k..edges.len()).filter(same).collect() };
            if std::mem::replace(&mut done[k], true) {
                continue;
            }
            group.iter().for_each(|j| done[*j] = true);
            let member = |j: &usize| {
                let edge = &edges[*j];
                Member { synapse: &synapses[*j], source: source_of(edge), target: &targets[edge.target], delay: edge.delay }
            };
            let members: Vec<Member<'_>> = group.iter().map(member).collect();
            for (j, told) in group.iter().zip(together(unit, DT, self.last(), &members)) {
                events[*j] = told;
            }
        }
        synapses.into_iter().zip(events).map(|(synapse, events)| Told { synapse, events }).collect()
    }
}

/// The worst error as a part of its bound, and what is beyond it first.
#[derive(Default)]
pub struct Found {
    pub worst: f64,
    pub first: Option<String>,
    /// Numbers compared.
    pub compared: usize,
}

impl Found {
    fn compare(&mut self, found: f64, expected: f64, bound: f64, what: &dyn Fn() -> String) {
        let ratio = if found == expected { 0.0 } else { (found - expected).abs() / bound };
        self.compared += 1;
        if !(ratio <= self.worst) {
            self.worst = ratio;
        }
        if !(ratio <= 1.0) && self.first.is_none() {
            self.first = Some(format!("{}: {found} where {expected} is right within {bound:.1e}", what()));
        }
    }
}

pub fn unit(which: Which) -> f64 {
    if which == Which::F64 { 2f64.powi(-53) } else { 2f64.powi(-24) }
}

/// Runs a network in place of the trial's and compares it with the oracle, states after every `every` steps, arrivals in each.
pub fn compare(trial: &Trial, which: Which, network: &Network, every: u64) -> Result<Found, Refused> {
    let mut simulation = which.compile(network)?;
    Ok(judge(&[trial], which, &mut simulation, every).map_err(Refused::Failed)?.remove(0))
}

/// Runs an ensemble and compares each instance with a trial; trials differ in numbers alone.
pub fn judge(trials: &[&Trial], which: Which, simulation: &mut Simulation, every: u64) -> Result<Vec<Found>, String> {
    let unit = unit(which);
    let edges: Vec<Vec<Edge>> = trials.iter().map(|t| t.edges()).collect();
    let told: Vec<Vec<Told>> = trials.iter().map(|t| t.told(unit)).collect();
    let mut found: Vec<Found> = trials.iter().map(|_| Found::default()).collect();
    let mut moment = 0;
    while moment < trials[0].steps {
        let steps = every.min(trials[0].steps - moment);
        simulation.run_steps(steps).map_err(|e| e.to_string())?;
        moment += steps;
        states(simulation, trials[0], &edges[0], &told, unit, &mut found)?;
    }
    for (k, trial) in trials.iter().enumerate() {
        let recording = simulation.recording_of(k).ok_or("no such instance")?;
        arrivals(trial, which, recording, &edges[k], &told[k], &mut found[k])?;
    }
    Ok(found)
}

fn arrivals(
    trial: &Trial,
    which: Which,
    recording: &Recording,
    edges: &[Edge],
    told: &[Told],
    found: &mut Found,
) -> Result<(), String> {
    let unit = unit(which);
    let [_, targets] = trial.trains();
    let mut expected: Vec<(u64, u32)> =
        targets.iter().enumerate().flat_map(|(k, train)| train.iter().map(move |m| (*m, k as u32))).collect();
    expected.sort_unstable();
    let spikes: Vec<(u64, u32)> = recording.spikes.iter().flat_map(|train| train.pairs()).collect();
    assert!(spikes == expected, "{}: the puppets did not spike as they were told", trial.name());
    // what arrives
    let mut sums = vec![[0.0; 3]; (trial.steps as usize + 1) * trial.targets];
    for (edge, told) in edges.iter().zip(told) {
        for event in told.events.iter().filter(|e| e.arrives <= trial.steps) {
            if let Some([value, error]) = event.sent {
                let [sum, off, most] = &mut sums[event.arrives as usize * trial.targets + edge.target];
                (*sum, *off, *most) = (*sum + value, *off + error, *most + 1.0);
            }
        }
    }
    let trace = recording.traces.iter().find(|t| t.variable == "got").ok_or("no trace")?;
    for moment in trace.first_step..=trial.steps {
        for target in 0..trial.targets {
            let [sum, off, most] = sums[moment as usize * trial.targets + target];
            let value = trace.values[(moment - trace.first_step) as usize * trial.targets + target];
            // the sum is rounded at every term; in single precision each is a whole number of steps of the port, of which 2^30 at
            // least hold all that may arrive at once: every synapse's greatest weight, which is at most 16
            let incoming = edges.iter().filter(|e| e.target == target).count() as f64 * 16.0;
            let grid = if which == Which::F64 { 0.0 } else { 2f64.powi(-30) * incoming };
            let bound = off + most * (unit * sum.abs() + grid);
            found.compare(value, sum, bound, &|| format!("what arrives at target {target} at moment {moment}"));
        }
    }
    Ok(())
}

fn states(
    simulation: &mut Simulation,
    trial: &Trial,
    edges: &[Edge],
    told: &[Vec<Told>],
    unit: f64,
    found: &mut [Found],
) -> Result<(), String> {
    let moment = simulation.time_steps();
    // a ready model may have others
    let has =
        |state: &State| state.of.is_none() && state.draw.is_none() && trial.rule.text.contains(&format!(" {} = ", state.name));
    for (place, state) in told[0][0].synapse.states.iter().enumerate().filter(|(_, state)| has(state)) {
        for (name, recurrent) in [("in", false), ("rec", true)] {
            let values = simulation.synapse_state(name, state.name).map_err(|e| e.to_string())?;
            let ahead = kept_by_delayed_end(simulation, trial.place, name, state.name);
            let mine: Vec<usize> = (0..edges.len()).filter(|&k| edges[k].recurrent == recurrent).collect();
            assert_eq!(values.len(), mine.len() * told.len(), "`{}` of {name}", state.name);
            for (i, instance) in told.iter().enumerate() {
                for (value, &k) in values[i * mine.len()..].iter().zip(&mine) {
                    let Edge { source, target, delay, .. } = &edges[k];
                    let Told { synapse, events } = &instance[k];
                    let (states, errors) = synapse.at(unit, events, DT, if ahead { moment + delay } else { moment });
                    found[i].compare(*value, states[place], errors[place], &|| {
                        format!("`{}` of {name} {source} -> {target} (delay {delay}) at moment {moment}", state.name)
                    });
                }
            }
        }
    }
    Ok(())
}

/// Is a state a trace that a neuron keeps from which its synapses are a delay away? Then it is told as it is there: as the synapse
/// will have it a delay later.
fn kept_by_delayed_end(simulation: &Simulation, place: Place, projection: &str, state: &str) -> bool {
    let learning = simulation.plan().learning().iter().find(|l| l.name == projection).expect("it learns");
    let states = learning.synapse.model().states();
    let k = states.iter().position(|s| s.name == state).expect("a state");
    learning.homes[k].end() == Some(place == Place::Dendritic)
}

/// Every rule in every place of the delay that it may have, with numbers that single precision holds.
pub fn trials() -> Vec<Trial> {
    use Place::{Axonal, Dendritic};
    let both = [Axonal, Dendritic];
    // what is sent must stand before the first `on_post` where the delay is axonal
    let late = [Dendritic];
    let stdp = vec![0.0, 1.0, 1.0 / 32.0, 1.25, 16.0, 32.0];
    let pair = vec![0.0, 1.0, 1.0 / 16.0, 3.0 / 64.0, 16.0, 32.0];
    let third = vec![0.0, 1.0, 1.0 / 64.0, 1.0 / 32.0, 1.0 / 64.0, 1.0 / 64.0, 16.0, 96.0, 32.0, 128.0];
    let chosen: [(Rule, Vec<f64>, &[Place]); 19] = [
        (rules::additive(), stdp.clone(), &late),
        (rules::multiplicative(), stdp.clone(), &late),
        (rules::power_law(), [&stdp[..], &[0.5]].concat(), &late),
        (rules::pair(false, Bounds::Hard), pair.clone(), &both),
        (rules::pair(false, Bounds::Soft), pair.clone(), &both),
        (rules::pair(true, Bounds::Hard), pair.clone(), &both),
        (rules::pair(true, Bounds::None), pair, &both),
        (rules::tm2(), vec![1.0, 0.25, 0.125, 64.0, 32.0], &both),
        (rules::tm(), vec![1.0, 0.25, 4.0, 64.0, 32.0], &both),
        (longer::triplet(), third, &both),
        (longer::vogels(), vec![0.0, 1.0, 1.0 / 16.0, 0.25, 16.0], &both),
        (longer::eligibility(), vec![0.0, 1.0, 1.0 / 32.0, 0.25, 0.25, 16.0, 32.0, 64.0], &both),
        (intervals::scaled(), vec![0.0, 1.0, 1.0 / 16.0, 3.0 / 64.0, 16.0, 32.0, 0.5, 1.0 / 64.0, 2.0, 5.0], &both),
        (intervals::stepped(), vec![0.0, 1.0, 1.0 / 64.0, 16.0, 32.0, 24.0, 48.0, 0.25], &both),
        (intervals::all(), vec![0.0, 1.0, 1.0 / 16.0, 3.0 / 64.0, 16.0, 32.0, 48.0, 2.0, 0.375], &both),
        (longer::third_factor(), vec![0.0, 1.0, 1.0 / 32.0, 1.0, 16.0], &both),
        (chance::unreliable(), vec![0.0, 0.375], &both),
        (chance::random_steps(), vec![0.0, 1.0, 1.0 / 16.0, 1.0 / 16.0, 0.375, 16.0, 32.0], &both),
        (longer::modulated(), vec![0.0, 1.0, 1.0 / 32.0, 1.0, 16.0, 64.0], &both),
    ];
    let mut out = Vec::new();
    let chosen = chosen.map(|(rule, numbers, places)| (rule, numbers, places.to_vec()));
    let ready = ready::all().into_iter().map(|(rule, numbers, place)| (rule, numbers, vec![place]));
    for (k, (rule, numbers, places)) in chosen.into_iter().chain(ready).enumerate() {
        let rule = Rc::new(rule);
        for place in places {
            for own in [false, true] {
                let seed = 100 * k as u64 + u64::from(own);
                let numbers = numbers.clone();
                out.push(Trial { rule: rule.clone(), numbers, place, own, sources: 6, targets: 5, steps: 400, seed, chance: SEED });
            }
        }
    }
    out
}
