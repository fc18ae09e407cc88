//! The oracle: one synapse that learns, event by event in f64, apart from everything in the crate.
//!
//! In: the states of a synapse with their closed forms and ranges, its lines in the order of the text, the spike trains of both
//! ends, a delay and where it lies. Out: what each spike of the source sends and when that arrives, and the states after each event.
//!
//! Beside each number stands how far from it arithmetic of a unit roundoff u may be, carried through every operation (to first order
//! in u). A closed form over h is x e^(-h/tau): its argument is three roundings off, an exponential function 2 OPS units and four times its
//! argument (what WGSL grants is 3 + 2 |argument| units in the last place), the product and the sum one each. A statement of the rules is at most OPS
//! operations on numbers no larger than those that it reads, what it gives, or the range of its state.
//!
//! Moments are counted in steps, as the files and the recordings count them: the first step ends at moment 1, and a spike of
//! moment n over a delay of d steps arrives at moment n + d.
//!
//! Chance is no part of the rule: a draw is read by its key, as the docs of `random` state the law. The k-th `rand()` of the text
//! is the first word of block 0 of the stream `Synapse { projection, place: k }`, row the number of the synapse, in the step in which
//! the line runs, which ends at its moment.

use std::rc::Rc;

use synfire::random::{Key, Stream, uniform_f32};

/// Operations of a statement, see above.
const OPS: f64 = 4.0;

/// Whose spike runs a line, whose state is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Pre,
    Post,
    /// Neither: it only is read.
    Third,
}

/// Where the delay lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A spike of the source comes to the synapse after the delay, one of the target at once; what is sent arrives at once.
    Axonal,
    /// A spike of the source comes to the synapse at once, one of the target after the delay; what is sent arrives after it too.
    Dendritic,
}

/// A number of the synapse.
#[derive(Clone, Debug)]
pub struct State {
    pub name: &'static str,
    pub start: f64,
    /// Between events: toward the first with the time constant of the second, ms (0: it is there at once). `None`: it stays.
    pub law: Option<(f64, f64)>,
    /// What leaves it after an assignment is brought back to its end.
    pub range: (f64, f64),
    /// A state of a neuron at this end, read from [`Synapse::ends`].
    pub of: Option<End>,
    /// Not a state: the `rand()` of this place in the text, new at each moment.
    pub draw: Option<u32>,
}

/// Whose draws a synapse reads.
#[derive(Clone, Copy, Debug)]
pub struct Chance {
    /// Of the network.
    pub seed: u64,
    /// By place among the projections whose synapses events change.
    pub projection: u32,
    /// The number of the synapse there.
    pub row: u32,
}

pub type Expression = Box<dyn Fn(&[f64]) -> f64>;

pub enum Statement {
    /// The state of this place takes a value.
    Set(usize, Expression),
    Send(Expression),
}

pub struct Handler {
    pub end: End,
    pub statements: Vec<Statement>,
}

/// What a state of a neuron was at each moment, the start among them, and how far off it may be.
pub type Past = Rc<Vec<[f64; 2]>>;

/// A synapse: its states and what events do to them, each line seeing what those before it left.
pub struct Synapse {
    pub states: Vec<State>,
    pub lines: Vec<Handler>,
    pub place: Place,
    /// Of the source, of the target, of a third, where states are read from it.
    pub ends: [Past; 3],
    pub chance: Chance,
}

/// What happened at a moment at which a spike came to the synapse.
#[derive(Clone, Debug)]
pub struct Event {
    pub moment: u64,
    /// Of the source, of the target.
    pub spikes: [bool; 2],
    /// What was sent, added up, and how far off it may be; `None`: nothing was.
    pub sent: Option<[f64; 2]>,
    /// When that arrives.
    pub arrives: u64,
    /// The states afterwards, and how far off each may be.
    pub states: Vec<f64>,
    pub errors: Vec<f64>,
}

pub fn state(name: &'static str, start: f64) -> State {
    State { name, start, law: None, range: (f64::NEG_INFINITY, f64::INFINITY), of: None, draw: None }
}

impl State {
    pub fn toward(self, value: f64, tau: f64) -> State {
        State { law: Some((value, tau)), ..self }
    }

    /// A trace, which decays to 0.
    pub fn decays(self, tau: f64) -> State {
        self.toward(0.0, tau)
    }

    /// The state of the neuron at an end.
    pub fn of(self, end: End) -> State {
        State { of: Some(end), ..self }
    }

    pub fn within(self, low: f64, high: f64) -> State {
        State { range: (low, high), ..self }
    }
}

/// The `rand()` of this place in the text.
pub fn draw(place: u32) -> State {
    State { draw: Some(place), ..state("rand()", 0.0) }
}

impl Chance {
    /// One network, of which a test asks no draws.
    pub const NONE: Chance = Chance { seed: 0, projection: 0, row: 0 };

    fn draw(self, place: u32, moment: u64) -> f64 {
        let tag = Stream::Synapse { projection: self.projection, place }.tag().expect("few of both");
        let [word, ..] = Key { seed: self.seed }.block(tag, self.row, moment - 1, 0);
        f64::from(uniform_f32(word))
    }
}

pub fn pre(statements: impl Into<Vec<Statement>>) -> Handler {
    Handler { end: End::Pre, statements: statements.into() }
}

pub fn post(statements: impl Into<Vec<Statement>>) -> Handler {
    Handler { end: End::Post, statements: statements.into() }
}

pub fn set(place: usize, expression: impl Fn(&[f64]) -> f64 + 'static) -> Statement {
    Statement::Set(place, Box::new(expression))
}

pub fn add(place: usize, expression: impl Fn(&[f64]) -> f64 + 'static) -> Statement {
    Statement::Set(place, Box::new(move |s| s[place] + expression(s)))
}

pub fn send(expression: impl Fn(&[f64]) -> f64 + 'static) -> Statement {
    Statement::Send(Box::new(expression))
}

impl Synapse {
    /// The events of a run in f64, ascending. Trains are ascending lists of moments.
    pub fn events(&self, dt: f64, source: &[u64], target: &[u64], delay: u64) -> Vec<Event> {
        self.events_within(2f64.powi(-53), dt, source, target, delay)
    }

    /// With errors of arithmetic of a unit roundoff. What is told of is worked out in f64 whatever the unit.
    pub fn events_within(&self, unit: f64, dt: f64, source: &[u64], target: &[u64], delay: u64) -> Vec<Event> {
        let later = |train: &[u64], by: u64| train.iter().map(|m| m + by).collect::<Vec<_>>();
        let (source, target) = match self.place {
            Place::Axonal => (later(source, delay), target.to_vec()),
            Place::Dendritic => (source.to_vec(), later(target, delay)),
        };
        let mut moments: Vec<u64> = source.iter().chain(&target).copied().collect();
        moments.sort_unstable();
        moments.dedup();
        // what is read from neurons is known up to some moment
        let known = self.ends.iter().map(|past| past.len()).filter(|known| *known > 0).min();
        moments.retain(|moment| known.is_none_or(|known| *moment < known as u64));
        let (mut states, mut errors) = self.start(unit);
        let mut out: Vec<Event> = Vec::new();
        for moment in moments {
            let spikes = [source.binary_search(&moment).is_ok(), target.binary_search(&moment).is_ok()];
            let last = out.last().map_or(0, |e| e.moment);
            self.flow(unit, &mut states, &mut errors, (moment - last) as f64 * dt);
            for (value, state) in states.iter_mut().zip(&self.states) {
                if let Some(place) = state.draw {
                    *value = self.chance.draw(place, moment);
                }
            }
            let mut sent = None;
            let first_post = self.lines.iter().position(|line| line.end == End::Post).unwrap_or(self.lines.len());
            for (k, line) in self.lines.iter().enumerate().filter(|(_, line)| spikes[line.end as usize]) {
                // lines of an arrival that stand before all of the target run before neurons are updated
                let early = self.place == Place::Axonal && k < first_post;
                for (place, state) in self.states.iter().enumerate() {
                    if let Some(end) = state.of {
                        [states[place], errors[place]] = self.ends[end as usize][(moment - u64::from(early)) as usize];
                    }
                }
                for statement in &line.statements {
                    match statement {
                        Statement::Set(place, value) => {
                            let (low, high) = self.states[*place].range;
                            let before = states[*place];
                            let [value, error] = within(unit, value, &states, &errors);
                            let size = [before, low, high].into_iter().filter(|x| x.is_finite()).fold(0.0, |m, x| x.abs().max(m));
                            (states[*place], errors[*place]) = (value.max(low).min(high), error + OPS * unit * size);
                        }
                        Statement::Send(value) => {
                            let [before, off] = sent.unwrap_or([0.0; 2]);
                            let [value, error] = within(unit, value, &states, &errors);
                            sent = Some([before + value, off + error]);
                        }
                    }
                }
            }
            let arrives = if self.place == Place::Axonal { moment } else { moment + delay };
            out.push(Event { moment, spikes, sent, arrives, states: states.clone(), errors: errors.clone() });
        }
        out
    }

    /// The states at a moment, what happens at it included, and how far off they may be.
    pub fn at(&self, unit: f64, events: &[Event], dt: f64, moment: u64) -> (Vec<f64>, Vec<f64>) {
        let last = events.iter().rev().find(|e| e.moment <= moment);
        let (mut states, mut errors) = last.map_or_else(|| self.start(unit), |e| (e.states.clone(), e.errors.clone()));
        self.flow(unit, &mut states, &mut errors, (moment - last.map_or(0, |e| e.moment)) as f64 * dt);
        (states, errors)
    }

    fn start(&self, unit: f64) -> (Vec<f64>, Vec<f64>) {
        let states: Vec<f64> = self.states.iter().map(|s| s.start).collect();
        let errors = states.iter().map(|x| unit * x.abs()).collect();
        (states, errors)
    }

    fn flow(&self, unit: f64, states: &mut [f64], errors: &mut [f64], ms: f64) {
        for ((value, error), state) in states.iter_mut().zip(errors).zip(&self.states) {
            match state.law {
                Some((toward, tau)) if ms > 0.0 => {
                    let decay = (-ms / tau).exp();
                    // 0 where all is gone, and where tau is 0
                    let argument = if decay == 0.0 { 0.0 } else { ms / tau };
                    let factor = (2.0 * OPS + 5.0 * argument) * decay * unit;
                    let apart = *value - toward;
                    *value = toward + apart * decay;
                    *error = *error * decay + factor * apart.abs() + 3.0 * unit * (value.abs() + toward.abs());
                }
                _ => {}
            }
        }
    }
}

/// A value and how far off it may be: what each number that it reads is off, and the roundings of its own operations.
fn within(unit: f64, expression: &Expression, states: &[f64], errors: &[f64]) -> [f64; 2] {
    let value = expression(states);
    let mut error = OPS * unit * value.abs();
    let mut moved = states.to_vec();
    for (k, off) in errors.iter().enumerate().filter(|(_, off)| **off > 0.0) {
        let mut most = 0.0f64;
        for sign in [-1.0, 1.0] {
            moved[k] = states[k] + sign * off;
            most = most.max((expression(&moved) - value).abs());
        }
        moved[k] = states[k];
        error += most;
    }
    [value, error]
}

/// A trace of each end and one number sent, by hand: the source spikes at 10, the target at 10 and 13, the delay is 3 steps.
#[test]
fn where_the_delay_lies() {
    let synapse = |place| Synapse {
        states: vec![state("x", 0.0).decays(2.0), state("y", 0.0).decays(4.0)],
        lines: vec![pre([send(|s| 1.0 + s[1]), add(0, |_| 1.0)]), post([add(1, |_| 1.0)])],
        place,
        ends: Default::default(),
        chance: Chance::NONE,
    };
    let found = |place| {
        let synapse = synapse(place);
        let events = synapse.events(0.5, &[10], &[10, 13], 3);
        let what: Vec<_> = events.iter().map(|e| (e.moment, e.spikes, e.sent.map(|s| s[0]), e.arrives)).collect();
        assert!(synapse.at(0.0, &events, 0.5, 9).0 == [0.0, 0.0] && synapse.states[1].name == "y");
        (what, synapse.at(0.0, &events, 0.5, 17).0)
    };
    // the trace of the target is 1.5 ms old where the spike of the source arrives
    let (axonal, at_17) = found(Place::Axonal);
    let y = (-1.5f64 / 4.0).exp();
    assert_eq!(axonal, [(10, [false, true], None, 10), (13, [true, true], Some(1.0 + y), 13)]);
    assert_eq!(at_17, [(-2.0f64 / 2.0).exp(), (y + 1.0) * (-2.0f64 / 4.0).exp()]);
    let (dendritic, at_17) = found(Place::Dendritic);
    assert_eq!(dendritic, [(10, [true, false], Some(1.0), 13), (13, [false, true], None, 16), (16, [false, true], None, 19)]);
    assert_eq!(at_17, [(-1.5f64 / 2.0).exp() * (-1.5f64 / 2.0).exp() * (-0.5f64 / 2.0).exp(), (y + 1.0) * (-0.5f64 / 4.0).exp()]);
}
