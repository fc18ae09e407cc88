//! The oracle: synapses that learn, event by event in f64, apart from everything in the crate; those of one target together, where a
//! line adds up over them.
//!
//! In: the states of a synapse with their closed forms and ranges, its lines in the order of the text, the spike trains of both
//! ends, a delay and where it lies. Out: what each spike of the source sends and when that arrives, and the states after each event.
//!
//! Beside each number stands how far from it arithmetic of a unit roundoff u may be, carried through every operation (to first order
//! in u). A closed form over h is x e^(-h/tau): its argument is three roundings off, an exponential function 2 OPS units and four times its
//! argument (what WGSL grants is 3 + 2 |argument| units in the last place), the product and the sum one each. A statement of the rules is at most OPS
//! operations on numbers no larger than those that it reads, what it gives, or the range of its state.
//!
//! What is stepped goes from moment to moment by explicit Euler, before anything else at the moment, from how all was at the one
//! before.
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

/// What runs a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    /// A spike of an end.
    Spike(End),
    /// All moments that are multiples of this.
    Every(u64),
    /// Every moment, before anything else: what the statements give are rates.
    Step,
}

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
    pub on: On,
    /// States that first take the sum of a term over the synapses of the target.
    pub sums: Vec<(usize, Expression)>,
    pub statements: Vec<Statement>,
    /// Operations of a statement at most.
    pub operations: f64,
}

/// A synapse, the spikes of its ends, its delay.
pub struct Member<'a> {
    pub synapse: &'a Synapse,
    pub source: &'a [u64],
    pub target: &'a [u64],
    pub delay: u64,
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
    Handler { on: On::Spike(End::Pre), sums: Vec::new(), statements: statements.into(), operations: OPS }
}

pub fn post(statements: impl Into<Vec<Statement>>) -> Handler {
    Handler { on: On::Spike(End::Post), sums: Vec::new(), statements: statements.into(), operations: OPS }
}

pub fn every(moments: u64, statements: impl Into<Vec<Statement>>) -> Handler {
    Handler { on: On::Every(moments), sums: Vec::new(), statements: statements.into(), operations: OPS }
}

/// Rates of states that are stepped.
pub fn step(statements: impl Into<Vec<Statement>>) -> Handler {
    Handler { on: On::Step, sums: Vec::new(), statements: statements.into(), operations: OPS }
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

impl Handler {
    /// Its statements are of more operations.
    pub fn of(self, operations: f64) -> Handler {
        Handler { operations, ..self }
    }

    /// The state of this place takes a sum before the statements run.
    pub fn with_sum(mut self, place: usize, term: impl Fn(&[f64]) -> f64 + 'static) -> Handler {
        self.sums.push((place, Box::new(term)));
        self
    }
}

impl Synapse {
    /// The events of a run in f64, ascending. Trains are ascending lists of moments.
    pub fn events(&self, dt: f64, source: &[u64], target: &[u64], delay: u64) -> Vec<Event> {
        self.events_within(2f64.powi(-53), dt, source, target, delay)
    }

    /// With errors of arithmetic of a unit roundoff. What is told of is worked out in f64 whatever the unit.
    pub fn events_within(&self, unit: f64, dt: f64, source: &[u64], target: &[u64], delay: u64) -> Vec<Event> {
        let member = Member { synapse: self, source, target, delay };
        together(unit, dt, 0, &[member]).remove(0)
    }

    /// Does a line run at a moment at which these ends' spikes come?
    fn runs(&self, line: &Handler, moment: u64, spikes: [bool; 2]) -> bool {
        match line.on {
            On::Spike(end) => spikes[end as usize],
            On::Every(moments) => moment > 0 && moment.is_multiple_of(moments),
            On::Step => false,
        }
    }

    /// Takes up what states of neurons were at a moment.
    fn look(&self, states: &mut [f64], errors: &mut [f64], moment: u64) {
        for (place, state) in self.states.iter().enumerate() {
            if let Some(end) = state.of {
                [states[place], errors[place]] = self.ends[end as usize][moment as usize];
            }
        }
    }

    /// A state takes a value.
    fn take(&self, unit: f64, place: usize, [value, error]: [f64; 2], states: &mut [f64], errors: &mut [f64]) {
        let (low, high) = self.states[place].range;
        let size = [states[place], low, high].into_iter().filter(|x| x.is_finite()).fold(0.0, |m, x| x.abs().max(m));
        (states[place], errors[place]) = (value.max(low).min(high), error + OPS * unit * size);
    }

    /// From one moment to the next: rates first, then closed forms.
    fn step(&self, unit: f64, dt: f64, states: &mut [f64], errors: &mut [f64], moment: u64) {
        self.look(states, errors, moment - 1);
        let mut made = Vec::new();
        let rates = self.lines.iter().filter(|line| line.on == On::Step);
        for (line, statement) in rates.flat_map(|line| line.statements.iter().map(move |s| (line, s))) {
            let Statement::Set(place, rate) = statement else { panic!("a rate sends nothing") };
            let [value, error] = within(unit, line.operations, rate, states, errors);
            let change = [dt * value, dt * error + 2.0 * unit * (dt * value).abs()];
            made.push((*place, [states[*place] + change[0], errors[*place] + change[1]]));
        }
        self.flow(unit, states, errors, dt);
        made.into_iter().for_each(|(place, value)| self.take(unit, place, value, states, errors));
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

/// The events of synapses of one target, each sum taken over all of them, up to a moment where they do not end with the spikes.
pub fn together(unit: f64, dt: f64, last: u64, members: &[Member<'_>]) -> Vec<Vec<Event>> {
    let later = |train: &[u64], by: u64| train.iter().map(|m| m + by).collect::<Vec<_>>();
    let trains: Vec<[Vec<u64>; 2]> = members
        .iter()
        .map(|m| match m.synapse.place {
            Place::Axonal => [later(m.source, m.delay), m.target.to_vec()],
            Place::Dendritic => [m.source.to_vec(), later(m.target, m.delay)],
        })
        .collect();
    let all = || members.iter().flat_map(|m| &m.synapse.lines);
    let mut moments: Vec<u64> = trains.iter().flatten().flatten().copied().collect();
    moments.extend((1..=last).filter(|moment| {
        all().any(|line| match line.on {
            On::Spike(_) => false,
            On::Every(moments) => moment.is_multiple_of(moments),
            On::Step => true,
        })
    }));
    let stepped = all().any(|line| line.on == On::Step);
    moments.sort_unstable();
    moments.dedup();
    // what is read from neurons is known up to some moment
    let known = members.iter().flat_map(|m| &m.synapse.ends).map(|past| past.len()).filter(|known| *known > 0).min();
    moments.retain(|moment| known.is_none_or(|known| *moment < known as u64));
    if stepped {
        moments.retain(|moment| *moment <= last);
    }
    let mut now: Vec<(Vec<f64>, Vec<f64>)> = members.iter().map(|m| m.synapse.start(unit)).collect();
    let mut out: Vec<Vec<Event>> = members.iter().map(|_| Vec::new()).collect();
    let mut before = 0;
    for moment in moments {
        let spikes: Vec<[bool; 2]> = trains.iter().map(|ends| [0, 1].map(|end| ends[end].binary_search(&moment).is_ok())).collect();
        for (m, (states, errors)) in members.iter().zip(&mut now) {
            if stepped {
                m.synapse.step(unit, dt, states, errors, moment);
            } else {
                m.synapse.flow(unit, states, errors, (moment - before) as f64 * dt);
            }
            for (value, state) in states.iter_mut().zip(&m.synapse.states) {
                if let Some(place) = state.draw {
                    *value = m.synapse.chance.draw(place, moment);
                }
            }
        }
        before = moment;
        let mut sent: Vec<Option<[f64; 2]>> = vec![None; members.len()];
        for k in 0..members.first().map_or(0, |m| m.synapse.lines.len()) {
            let running: Vec<usize> = (0..members.len())
                .filter(|i| members[*i].synapse.runs(&members[*i].synapse.lines[k], moment, spikes[*i]))
                .collect();
            for i in &running {
                let synapse = members[*i].synapse;
                let post = |line: &Handler| line.on == On::Spike(End::Post);
                let first_post = synapse.lines.iter().position(post).unwrap_or(synapse.lines.len());
                // lines that stand before all of the target run before neurons are updated
                let early = synapse.place == Place::Axonal && k < first_post;
                let (states, errors) = &mut now[*i];
                synapse.look(states, errors, moment - u64::from(early));
            }
            let sums = members.first().map_or(0, |m| m.synapse.lines[k].sums.len());
            for place in 0..sums {
                let (mut sum, mut error) = (0.0, 0.0);
                for i in &running {
                    let line = &members[*i].synapse.lines[k];
                    let [value, off] = within(unit, line.operations, &line.sums[place].1, &now[*i].0, &now[*i].1);
                    sum += value;
                    error += off + unit * f64::abs(sum);
                }
                for i in &running {
                    let state = members[*i].synapse.lines[k].sums[place].0;
                    (now[*i].0[state], now[*i].1[state]) = (sum, error);
                }
            }
            for i in running {
                let synapse = members[i].synapse;
                let (states, errors) = &mut now[i];
                let operations = synapse.lines[k].operations;
                for statement in &synapse.lines[k].statements {
                    match statement {
                        Statement::Set(place, value) => {
                            let value = within(unit, operations, value, states, errors);
                            synapse.take(unit, *place, value, states, errors);
                        }
                        Statement::Send(value) => {
                            let [before, off] = sent[i].unwrap_or([0.0; 2]);
                            let [value, error] = within(unit, operations, value, states, errors);
                            sent[i] = Some([before + value, off + error]);
                        }
                    }
                }
            }
        }
        for (i, m) in members.iter().enumerate() {
            let arrives = if m.synapse.place == Place::Axonal { moment } else { moment + m.delay };
            let (states, errors) = now[i].clone();
            out[i].push(Event { moment, spikes: spikes[i], sent: sent[i], arrives, states, errors });
        }
    }
    out
}

/// A value and how far off it may be: what each number that it reads is off, and the roundings of its own operations.
fn within(unit: f64, operations: f64, expression: &Expression, states: &[f64], errors: &[f64]) -> [f64; 2] {
    let value = expression(states);
    let mut error = operations * unit * value.abs();
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
