//! That pictures hold what they should; how they look is for eyes: `cargo test --lib -- --ignored pictures` draws some
//! into the folder that `SYNFIRE_PICTURES` names.

use super::*;
use crate::recording::{Rate, SpikeTrain, Trace};

/// A small generator of its own, so that pictures stay as they are.
struct Dice(u64);

impl Dice {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }
}

fn poisson(dice: &mut Dice, name: &str, size: u32, steps: u64, dt: f64, hz: impl Fn(f64) -> f64) -> SpikeTrain {
    let mut pairs = Vec::new();
    for neuron in 0..size {
        let own = 0.3 + 1.4 * dice.uniform();
        let mut step = 0.0;
        loop {
            let rate = hz(step * dt).max(0.1) * own;
            step += (2.0 + -dice.uniform().max(1e-12).ln() * 1e3 / rate) / dt;
            if step >= steps as f64 {
                break;
            }
            pairs.push((step as u64, neuron));
        }
    }
    pairs.sort_unstable();
    let (step, neuron) = pairs.into_iter().unzip();
    SpikeTrain { population: name.into(), size, rows: None, step, neuron }
}

/// Integrate and fire with noise; its spikes and its potential.
fn leaky(dice: &mut Dice, size: u32, steps: u64, dt: f64) -> (Vec<(u64, u32)>, Vec<f64>) {
    let (mut v, mut pairs, mut values) = (vec![-65.0; size as usize], Vec::new(), Vec::new());
    for step in 1..=steps {
        for (n, v) in v.iter_mut().enumerate() {
            *v += dt / 20.0 * (-47.5 - 1.5 * n as f64 - *v) + 1.6 * dt.sqrt() * (dice.uniform() - 0.5);
            if *v >= -50.0 {
                *v = -65.0;
                pairs.push((step, n as u32));
            }
        }
        values.extend(&v);
    }
    (pairs, values)
}

fn of(dt: f64, steps: u64, spikes: Vec<SpikeTrain>) -> Recording {
    Recording { dt, steps, spikes, ..Recording::default() }
}

fn balanced() -> Recording {
    let mut dice = Dice(1);
    let wave = |hz: f64| move |ms: f64| hz * (1.0 + 0.5 * (ms / 160.0).sin() * (ms / 37.0).cos());
    let excitatory = poisson(&mut dice, "excitatory", 3200, 10_000, 0.1, wave(10.0));
    let inhibitory = poisson(&mut dice, "inhibitory", 800, 10_000, 0.1, wave(18.0));
    of(0.1, 10_000, vec![excitatory, inhibitory])
}

fn traced(neurons: u32) -> Recording {
    let (pairs, values) = leaky(&mut Dice(5), neurons, 3000, 0.1);
    let (step, neuron) = pairs.into_iter().unzip();
    let train = SpikeTrain { population: "cortex".into(), size: neurons, rows: None, step, neuron };
    let trace = |variable: &str, unit: &str, values: Vec<f64>| Trace {
        synapses: false,
        population: "cortex".into(),
        variable: variable.into(),
        unit: unit.into(),
        rows: (0..neurons).collect(),
        first_step: 1,
        every: 1,
        values,
    };
    let current = values.iter().map(|v| (v + 65.0) * 3.3e-3).collect();
    let traces = vec![trace("V_m", "mV", values), trace("I_syn", "nA", current)];
    Recording { traces, ..of(0.1, 3000, vec![train]) }
}

fn many_populations() -> Recording {
    let mut dice = Dice(9);
    let names = ["L2/3 exc", "L2/3 inh", "L4 exc", "L4 inh", "L5 exc", "L5 inh", "L6 exc", "L6 inh", "thalamus", "<&\"\u{1}>"];
    let sizes = [2068, 583, 2191, 547, 485, 106, 1439, 294, 90, 1];
    let train = |(k, (name, size)): (usize, (&&str, u32))| poisson(&mut dice, name, size, 10_000, 0.1, |_| 2.0 + k as f64);
    of(0.1, 10_000, names.iter().zip(sizes).enumerate().map(train).collect())
}

fn million() -> Recording {
    let mut dice = Dice(3);
    let exc = poisson(&mut dice, "E", 4000, 200_000, 0.1, |ms| 8.0 + 4.0 * (ms / 900.0).sin());
    let inh = poisson(&mut dice, "I", 1000, 200_000, 0.1, |ms| 20.0 + 10.0 * (ms / 900.0).sin());
    of(0.1, 200_000, vec![exc, inh])
}

fn silent() -> Recording {
    let train = |name: &str, size| SpikeTrain { population: name.into(), size, ..SpikeTrain::default() };
    of(0.1, 1000, vec![train("E", 80), train("I", 20)])
}

fn counted() -> Recording {
    let count = (0..100).map(|k| 3 + k % 7).collect();
    let rates = vec![Rate { population: "granule cells".into(), neurons: 1000, first_step: 1, bin: 100, steps: 10_000, count }];
    Recording { rates, ..of(0.1, 10_000, vec![]) }
}

fn drawn(recording: &Recording) -> Figure {
    let found = figure(recording, &FigureOptions::default()).unwrap();
    resvg::usvg::roxmltree::Document::parse(&found.svg).unwrap();
    found
}

fn texts(figure: &Figure) -> Vec<String> {
    let document = resvg::usvg::roxmltree::Document::parse(&figure.svg).unwrap();
    let texts = document.descendants().filter(|node| node.has_tag_name("text"));
    texts.map(|node| node.text().unwrap_or("").trim().to_owned()).collect()
}

/// `SYNFIRE_PICTURES=folder` keeps them for eyes.
#[test]
fn pictures_of_all_kinds_are_drawn() {
    let kept = std::env::var("SYNFIRE_PICTURES").ok().map(std::path::PathBuf::from);
    let passing = tempfile::tempdir().unwrap();
    let folder = kept.unwrap_or_else(|| passing.path().to_owned());
    let titled = FigureOptions::default().title("A balanced network");
    figure(&balanced(), &titled).unwrap().save(folder.join("balanced.png")).unwrap();
    figure(&balanced(), &titled).unwrap().save(folder.join("balanced.svg")).unwrap();
    drawn(&traced(1)).save(folder.join("one.png")).unwrap();
    drawn(&traced(5)).save(folder.join("five.png")).unwrap();
    drawn(&silent()).save(folder.join("silent.png")).unwrap();
    drawn(&many_populations()).save(folder.join("many.png")).unwrap();
    drawn(&million()).save(folder.join("million.png")).unwrap();
    drawn(&counted()).save(folder.join("counted.png")).unwrap();
}

#[test]
fn the_axes_have_names_and_units() {
    let found = texts(&drawn(&traced(1)));
    for text in ["neuron", "V_m (mV)", "I_syn (nA)", "time (ms)", "cortex", "neuron 0"] {
        assert!(found.iter().any(|t| t == text), "{text} in {found:?}");
    }
    let holds = |recording, text: &str| texts(&drawn(&recording)).contains(&text.to_owned());
    assert!(holds(million(), "time (s)") && holds(million(), "bins of 50 ms") && holds(million(), "rate (Hz)"));
    assert!(holds(counted(), "granule cells") && holds(counted(), "bins of 10 ms"));
    // the rate of one neuron is drawn where it is asked for
    assert!(!holds(traced(1), "rate (Hz)"));
    let asked = FigureOptions::default().rate_bin_ms(20.0);
    assert!(texts(&figure(&traced(1), &asked).unwrap()).contains(&"rate (Hz)".to_owned()));
}

#[test]
fn every_spike_is_a_mark_until_there_are_too_many() {
    let train =
        SpikeTrain { population: "E".into(), size: 3, step: vec![10, 500, 900], neuron: vec![0, 2, 2], ..SpikeTrain::default() };
    let found = drawn(&of(0.1, 1000, vec![train]));
    let path = found.svg.split("scale(.1)").nth(1).unwrap().split(" d=\"").nth(1).unwrap().split("/>").next().unwrap();
    assert_eq!(path.matches('h').count(), 3, "{path}");
    let found = drawn(&million());
    assert!(texts(&found).iter().any(|text| text.starts_with("neuron (every ")), "{:?}", texts(&found));
    assert!(found.svg.len() < 1_000_000, "{} bytes", found.svg.len());
}

#[test]
fn silence_and_names_of_any_kind() {
    assert!(texts(&drawn(&silent())).contains(&"no spikes".to_owned()));
    assert!(texts(&drawn(&many_populations())).contains(&"<&\" >".to_owned()));
}

#[test]
fn nothing_to_draw_is_an_error() {
    let options = FigureOptions::default();
    assert!(matches!(figure(&Recording::default(), &options), Err(PlotError::Nothing)));
    for dt in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(matches!(figure(&of(dt, 10, silent().spikes), &options), Err(PlotError::NoTime { .. })), "{dt}");
    }
    let beyond = FigureOptions::default().from_ms(5e3);
    assert!(matches!(figure(&silent(), &beyond), Err(PlotError::NoTime { .. })));
    let found = drawn(&silent());
    assert!(matches!(found.save("picture.jpg"), Err(PlotError::Extension { .. })));
    for scale in [0.0, -1.0, f32::NAN, 1e6] {
        assert!(matches!(found.png(scale), Err(PlotError::Size { .. })), "{scale}");
    }
}

#[test]
fn odd_recordings_are_drawn() {
    let mut odd = traced(2);
    odd.traces[0].values[100] = f64::NAN;
    odd.traces[1].values.clear();
    odd.traces[0].every = 0;
    odd.spikes[0].size = 0;
    odd.spikes.push(SpikeTrain { rows: Some(vec![]), ..SpikeTrain::default() });
    odd.spikes.push(SpikeTrain {
        size: 10,
        rows: Some(vec![7, 3]),
        step: vec![5, 6],
        neuron: vec![3, 99],
        ..SpikeTrain::default()
    });
    odd.rates.push(Rate::default());
    drawn(&odd);
    let tight = FigureOptions::default().from_ms(10.0).to_ms(10.05).rate_bin_ms(1e-9).max_marks(0);
    assert!(figure(&odd, &tight).is_ok());
    let png = drawn(&traced(1)).png(0.5).unwrap();
    assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
}
