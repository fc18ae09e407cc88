//! One synapse of `snn-reference/1`: pairs of spikes (`stdp_pair`) and Tsodyks-Markram synapses (`tm_*`).

use std::collections::BTreeMap;

use serde::Deserialize;
use synfire::network::{Connector, Network};

use super::oracle::Place;
use super::rules::{self, Bounds};
use super::trains::PUPPET;
use crate::case::{self, quantity, shared};
use crate::engines::{ALL, Refused, Which};
use crate::lines::{Line, Lines, Verdict};

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
    trace: Samples,
}

#[derive(Deserialize)]
struct Samples {
    t0: f64,
    dt: f64,
    vars: BTreeMap<String, Vec<f64>>,
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
    /// Moments, ascending.
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
            let [sent, _] = found.sent.expect("a spike");
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

/// Trials of one rule as a network: a source, a puppet and a synapse each. The delay of one step lies before the synapse, so the
/// target spikes a step later than the file has it; the synapse then sees both as they are there.
fn pairs_network(case: &Pairs, trials: &[Trial]) -> Network {
    let rule = rules::pair(trials[0].nearest, trials[0].bounds);
    let mut net = Network::new("pairs");
    net.dt(quantity(DT, "ms")).equations(PUPPET).equations(&rule.model("tally", "", Place::Axonal));
    let times = |of: fn(&Trial) -> &Vec<u64>| trials.iter().map(|t| of(t).iter().map(|m| *m as f64 * DT).collect()).collect();
    let n = trials.len() as u64;
    net.population("sources", "spike_times", n).spike_times(times(|t| &t.source));
    // kicked at the file's time, it spikes a step later
    net.population("kicks", "spike_times", n).spike_times(times(|t| &t.target));
    net.population("targets", "puppet", n);
    net.project("kicks", "targets", "kick", Connector::OneToOne).weight(1.0).delay(quantity(DT, "ms"));
    let projection = net.project_by("sources", "targets", rule.name, Connector::OneToOne);
    projection.delay(quantity(DT, "ms")).named("pairs");
    for (k, (parameter, unit)) in rule.parameters.iter().enumerate() {
        let unit = if *unit == "PORT" { "" } else { unit };
        projection.parameter(*parameter, shared(trials.iter().map(|t| case.numbers(t.w_0)[k]), unit));
    }
    net
}

/// What single precision may be off: a rounding of half a unit, 2^-25 of numbers up to 1, at each of `events` events, and as much
/// for every increment, of a trace of at most 4 that is known to 16 units.
fn rounding(which: Which, events: usize) -> f64 {
    if which == Which::F64 { DIGITS } else { DIGITS + events as f64 * (2f64.powi(-25) + 4.0 * 0.0105 * 16.0 * 2f64.powi(-24)) }
}

#[test]
fn pairs_of_spikes() {
    let mut lines = Lines::default();
    for case in cases().0 {
        // by rule, and by how long they take
        let long = |trial: &Trial| trial.source.last() > Some(&moment(2000.0));
        let mut kinds: BTreeMap<String, Vec<Trial>> = BTreeMap::new();
        for trial in case.trials() {
            kinds.entry(format!("{:?} nearest {} long {}", trial.bounds, trial.nearest, long(&trial))).or_default().push(trial);
        }
        for (kind, trials) in kinds {
            let network = pairs_network(&case, &trials);
            let last = trials.iter().flat_map(|t| t.source.iter().chain(&t.target)).max().expect("spikes");
            for which in ALL {
                // what takes long says no more of a GPU than what does not; `every` has all rules there
                if matches!(which, Which::Gpu(_)) && long(&trials[0]) {
                    continue;
                }
                let run = || -> Result<Vec<f64>, Refused> {
                    let mut simulation = which.compile(&network)?;
                    let failed = |e: synfire::Error| Refused::Failed(e.to_string());
                    simulation.run_steps(last + 2).map_err(failed)?;
                    simulation.synapse_state("pairs", "w").map_err(failed)
                };
                let mut line = Line {
                    case: format!("stdp_pair {kind}"),
                    engine: which.name().into(),
                    spikes: 0,
                    ties: 0,
                    worst: String::new(),
                    verdict: Verdict::Pass,
                };
                match run() {
                    Err(refused) => line.verdict = Verdict::Fail(format!("{refused:?}")),
                    Ok(weights) => {
                        let mut worst = 0.0f64;
                        for (w, trial) in weights.iter().zip(&trials) {
                            let bound = rounding(which, trial.source.len() + trial.target.len());
                            let error = (w - trial.expected).abs();
                            worst = worst.max(error / bound);
                            if !(error <= bound) {
                                let why = format!("{}: {w} for {} within {bound:.0e}", trial.what, trial.expected);
                                line.verdict = Verdict::Fail(why);
                            }
                        }
                        line.worst = format!("{worst:.3} of the bound");
                    }
                }
                lines.add(line);
            }
        }
    }
    lines.finish();
}

/// Releases and the current that they drive, in both places of the delay, which for a synapse that nothing of the target changes are
/// one thing.
#[test]
fn releases() {
    let mut lines = Lines::default();
    for case in cases().1 {
        let number = |name: &str| *case.params.get(name).unwrap_or_else(|| panic!("{}: {name}", case.name));
        let samples = &case.neurons[0].trace;
        let expected = &samples.vars["i_syn"];
        for place in [Place::Axonal, Place::Dendritic] {
            let mut net = Network::new(&case.name);
            net.dt(quantity(DT, "ms")).equations(&rules::tm2().model("i_exc", "pA", place));
            net.population("source", "spike_times", 1).spike_times(vec![case.events().iter().map(|e| e.t).collect()]);
            net.population("cell", "lif_psc_exp", 1)
                .parameter("tau_exc", quantity(number("tau_syn"), "ms"))
                .parameter("v_th", "1 V");
            let projection = net.project_by("source", "cell", "tm2", Connector::AllToAll);
            projection.delay(quantity(number("delay"), "ms")).named("tm");
            for ((parameter, unit), value) in rules::tm2().parameters.iter().zip(case.numbers()) {
                projection.parameter(*parameter, quantity(value, if *unit == "PORT" { "pA" } else { unit }));
            }
            net.probe("cell", "i_exc");
            for which in ALL {
                let mut line = Line {
                    case: format!("{} {place:?}", case.name),
                    engine: which.name().into(),
                    spikes: 0,
                    ties: 0,
                    worst: String::new(),
                    verdict: Verdict::Pass,
                };
                let steps = moment(samples.t0 + (expected.len() - 1) as f64 * samples.dt);
                match which.run(&net, steps) {
                    Err(refused) => line.verdict = Verdict::Fail(format!("{refused:?}")),
                    Ok(recording) => {
                        let trace = &recording.traces[0];
                        // the file's digits; the README's limit of single precision, of the largest that may be sent
                        let bound = if which == Which::F64 { 1e-7 } else { 1e-5 * number("A") };
                        let at = |k: usize| moment(samples.t0 + k as f64 * samples.dt);
                        let errors = (1..expected.len()).map(|k| trace.values[(at(k) - trace.first_step) as usize] - expected[k]);
                        let worst = errors.fold(0.0f64, |worst, e| if e.abs() <= worst { worst } else { e.abs() });
                        line.worst = format!("i_syn {worst:.1e} pA (allowed {bound:.0e})");
                        if !(worst <= bound) {
                            line.verdict = Verdict::Fail(line.worst.clone());
                        }
                    }
                }
                lines.add(line);
            }
        }
    }
    lines.finish();
}
