//! One synapse of `snn-reference/1`: pairs of spikes (`stdp_pair`) and Tsodyks-Markram synapses (`tm_*`).

use std::collections::BTreeMap;

use serde::Deserialize;

use super::oracle::Place;
use super::rules::{self, Bounds};
use crate::case;

/// ms; the grid of all times in these files.
const DT: f64 = 0.1;

#[derive(Deserialize)]
#[serde(tag = "model", rename_all = "snake_case")]
enum Case {
    StdpPair(Box<Pairs>),
    TsodyksMarkram(Box<Releases>),
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Pairs {
    params: BTreeMap<String, f64>,
    window: Window,
    protocol: Vec<Protocol>,
    irregular: Irregular,
}

#[derive(Deserialize)]
struct Window {
    /// Target minus source, ms, and the change of the weight.
    rows: Vec<[f64; 2]>,
}

#[derive(Deserialize)]
struct Protocol {
    pairs: u64,
    pair_rate_hz: f64,
    post_minus_pre_ms: f64,
    dw_all_to_all: f64,
    dw_nearest: f64,
}

#[derive(Deserialize)]
struct Irregular {
    pre: Vec<f64>,
    post: Vec<f64>,
    w_init: f64,
    w_final: BTreeMap<String, f64>,
}

#[derive(Deserialize)]
struct Releases {
    name: String,
    params: BTreeMap<String, f64>,
    neurons: Vec<Synapses>,
}

#[derive(Deserialize)]
struct Synapses {
    events: Vec<Release>,
}

#[derive(Deserialize)]
struct Release {
    t: f64,
    u_after: f64,
    x_after: f64,
    amplitude: f64,
}

/// One run of pairs: what is asked of a synapse.
struct Trial {
    what: String,
    nearest: bool,
    bounds: Bounds,
    w_0: f64,
    /// Moments.
    source: Vec<u64>,
    target: Vec<u64>,
    /// The weight at the end.
    expected: f64,
}

fn moment(ms: f64) -> u64 {
    (ms / DT).round() as u64
}

impl Pairs {
    fn number(&self, name: &str) -> f64 {
        *self.params.get(name).unwrap_or_else(|| panic!("stdp_pair: {name}"))
    }

    fn trials(&self) -> Vec<Trial> {
        let mut out = Vec::new();
        let w_0 = self.number("w_init");
        for [apart, change] in &self.window.rows {
            let (source, target) = (vec![moment(200.0)], vec![moment(200.0 + apart)]);
            let what = format!("a pair {apart} ms apart");
            out.push(Trial { what, nearest: false, bounds: Bounds::Hard, w_0, source, target, expected: w_0 + change });
        }
        for Protocol { pairs, pair_rate_hz, post_minus_pre_ms, dw_all_to_all, dw_nearest } in &self.protocol {
            let train = |from: f64| (0..*pairs).map(|k| moment(from + k as f64 * 1000.0 / pair_rate_hz)).collect::<Vec<_>>();
            for (nearest, change) in [(false, dw_all_to_all), (true, dw_nearest)] {
                let what = format!("{pairs} pairs at {pair_rate_hz} Hz, {post_minus_pre_ms} ms apart, nearest {nearest}");
                let (source, target) = (train(100.0), train(100.0 + post_minus_pre_ms));
                out.push(Trial { what, nearest, bounds: Bounds::Hard, w_0, source, target, expected: w_0 + change });
            }
        }
        let Irregular { pre, post, w_init, w_final } = &self.irregular;
        for (name, &expected) in w_final {
            let nearest = name.starts_with("nearest");
            let bounds = match name.rsplit('_').next() {
                Some("none") => Bounds::None,
                Some("hard") => Bounds::Hard,
                Some("soft") => Bounds::Soft,
                _ => panic!("stdp_pair: {name}"),
            };
            let train = |list: &[f64]| list.iter().map(|t| moment(*t)).collect::<Vec<_>>();
            let (source, target) = (train(pre), train(post));
            out.push(Trial { what: name.clone(), nearest, bounds, w_0: *w_init, source, target, expected });
        }
        out
    }

    fn numbers(&self, w_0: f64) -> [f64; 6] {
        let number = |name| self.number(name);
        [w_0, number("w_max"), number("A_plus"), number("A_minus"), number("tau_plus"), number("tau_minus")]
    }
}

impl Releases {
    /// w, U, u_rest, tau_rec, tau_fac, as the rule has them.
    fn numbers(&self) -> [f64; 5] {
        ["A", "U", "u_rest", "tau_d", "tau_f"].map(|name| *self.params.get(name).unwrap_or_else(|| panic!("{}: {name}", self.name)))
    }

    fn events(&self) -> &[Release] {
        &self.neurons[0].events
    }
}

fn cases() -> (Vec<Pairs>, Vec<Releases>) {
    let (mut pairs, mut releases) = (Vec::new(), Vec::new());
    for (case, _) in case::all::<Case>("snn-reference/1") {
        match case {
            Case::StdpPair(case) => pairs.push(*case),
            Case::TsodyksMarkram(case) => releases.push(*case),
            Case::Other => {}
        }
    }
    (pairs, releases)
}

/// The files hold nine or twelve digits.
const DIGITS: f64 = 1e-9;

#[test]
fn the_oracle_gives_the_files_weights_and_releases() {
    let (pairs, releases) = cases();
    assert!(pairs.len() == 1 && releases.len() == 3);
    for case in &pairs {
        for trial in case.trials() {
            let synapse = (rules::pair(trial.nearest, trial.bounds).synapse)(&case.numbers(trial.w_0), Place::Axonal);
            let events = synapse.events(DT, &trial.source, &trial.target, 0);
            let w = events.last().expect("spikes").states[0];
            assert!((w - trial.expected).abs() <= DIGITS, "{}: {w} for {}", trial.what, trial.expected);
        }
    }
    for case in &releases {
        let synapse = (rules::tm2().synapse)(&case.numbers(), Place::Axonal);
        let source: Vec<u64> = case.events().iter().map(|e| moment(e.t)).collect();
        let events = synapse.events(DT, &source, &[], 0);
        assert_eq!(events.len(), case.events().len());
        for (found, expected) in events.iter().zip(case.events()) {
            let Release { t, u_after, x_after, amplitude } = expected;
            let sent = found.sent.expect("a spike");
            let off = [sent - amplitude, found.states[0] - u_after, found.states[1] - x_after];
            // the amplitude is 250 times what the others are
            assert!(
                off[0].abs() <= 250.0 * DIGITS && off[1..].iter().all(|d| d.abs() <= DIGITS),
                "{} at {t} ms: {off:?}",
                case.name
            );
        }
    }
}
