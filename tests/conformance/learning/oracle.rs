//! The oracle: one synapse that learns, event by event in f64, apart from everything in the crate.
//!
//! In: the states of a synapse with their closed forms and ranges, its lines in the order of the text, the spike trains of both
//! ends, a delay and where it lies. Out: what each spike of the source sends and when that arrives, and the states after each event.
//!
//! Moments are counted in steps, as the files and the recordings count them: the first step ends at moment 1, and a spike of
//! moment n over a delay of d steps arrives at moment n + d.

/// Whose spike runs a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Pre,
    Post,
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
}

pub type Expression = Box<dyn Fn(&[f64]) -> f64>;

pub enum Statement {
    /// The state of this place takes a value.
    Set(usize, Expression),
    Send(Expression),
}

pub struct Line {
    pub end: End,
    pub statements: Vec<Statement>,
}

/// A synapse: its states and what events do to them, each line seeing what those before it left.
pub struct Synapse {
    pub states: Vec<State>,
    pub lines: Vec<Line>,
    pub place: Place,
}

/// What happened at a moment at which a spike came to the synapse.
#[derive(Clone, Debug)]
pub struct Event {
    pub moment: u64,
    /// Of the source, of the target.
    pub spikes: [bool; 2],
    /// What was sent, added up; `None`: nothing was.
    pub sent: Option<f64>,
    /// When that arrives.
    pub arrives: u64,
    /// The states afterwards.
    pub states: Vec<f64>,
}

pub fn state(name: &'static str, start: f64) -> State {
    State { name, start, law: None, range: (f64::NEG_INFINITY, f64::INFINITY) }
}

impl State {
    pub fn toward(self, value: f64, tau: f64) -> State {
        State { law: Some((value, tau)), ..self }
    }

    /// A trace, which decays to 0.
    pub fn decays(self, tau: f64) -> State {
        self.toward(0.0, tau)
    }

    pub fn within(self, low: f64, high: f64) -> State {
        State { range: (low, high), ..self }
    }
}

pub fn pre(statements: impl Into<Vec<Statement>>) -> Line {
    Line { end: End::Pre, statements: statements.into() }
}

pub fn post(statements: impl Into<Vec<Statement>>) -> Line {
    Line { end: End::Post, statements: statements.into() }
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
    /// The events of a run, ascending. Trains are ascending lists of moments.
    pub fn events(&self, dt: f64, source: &[u64], target: &[u64], delay: u64) -> Vec<Event> {
        let later = |train: &[u64], by: u64| train.iter().map(|m| m + by).collect::<Vec<_>>();
        let (source, target) = match self.place {
            Place::Axonal => (later(source, delay), target.to_vec()),
            Place::Dendritic => (source.to_vec(), later(target, delay)),
        };
        let mut moments: Vec<u64> = source.iter().chain(&target).copied().collect();
        moments.sort_unstable();
        moments.dedup();
        let mut states: Vec<f64> = self.states.iter().map(|s| s.start).collect();
        let mut out: Vec<Event> = Vec::new();
        for moment in moments {
            let spikes = [source.binary_search(&moment).is_ok(), target.binary_search(&moment).is_ok()];
            let last = out.last().map_or(0, |e| e.moment);
            self.flow(&mut states, (moment - last) as f64 * dt);
            let mut sent = None;
            for line in self.lines.iter().filter(|line| spikes[line.end as usize]) {
                for statement in &line.statements {
                    match statement {
                        Statement::Set(place, value) => {
                            let (low, high) = self.states[*place].range;
                            states[*place] = value(&states).max(low).min(high);
                        }
                        Statement::Send(value) => sent = Some(sent.unwrap_or(0.0) + value(&states)),
                    }
                }
            }
            let arrives = if self.place == Place::Axonal { moment } else { moment + delay };
            out.push(Event { moment, spikes, sent, arrives, states: states.clone() });
        }
        out
    }

    /// The states at a moment, what happens at it included.
    pub fn states_at(&self, events: &[Event], dt: f64, moment: u64) -> Vec<f64> {
        let last = events.iter().rev().find(|e| e.moment <= moment);
        let mut states = last.map_or_else(|| self.states.iter().map(|s| s.start).collect(), |e| e.states.clone());
        self.flow(&mut states, (moment - last.map_or(0, |e| e.moment)) as f64 * dt);
        states
    }

    fn flow(&self, states: &mut [f64], ms: f64) {
        for (value, state) in states.iter_mut().zip(&self.states) {
            match state.law {
                Some((toward, tau)) if ms > 0.0 => *value = toward + (*value - toward) * (-ms / tau).exp(),
                _ => {}
            }
        }
    }
}

/// A trace of each end and one number sent, by hand: the source spikes at 10, the target at 10 and 13, the delay is 3 steps.
#[test]
fn where_the_delay_lies() {
    let synapse = |place| Synapse {
        states: vec![state("x", 0.0).decays(2.0), state("y", 0.0).decays(4.0)],
        lines: vec![pre([send(|s| 1.0 + s[1]), add(0, |_| 1.0)]), post([add(1, |_| 1.0)])],
        place,
    };
    let found = |place| {
        let synapse = synapse(place);
        let events = synapse.events(0.5, &[10], &[10, 13], 3);
        let what: Vec<_> = events.iter().map(|e| (e.moment, e.spikes, e.sent, e.arrives)).collect();
        assert!(synapse.states_at(&events, 0.5, 9) == [0.0, 0.0] && synapse.states[1].name == "y");
        (what, synapse.states_at(&events, 0.5, 17))
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
