//! Stimuli and what probes see of them: closed forms, the same on every engine.

use std::fs;

use synfire::network::{Network, Reduce, Value, Waveform};
use synfire::plot::{FigureOptions, figure};
use synfire::recording::{Recording, Trace};
use synfire::{Choice, Error, Options, Precision, Simulation};

use super::{what_is_wrong, with_network};

/// Cells that hold what flows into them, and say more of it.
const CELL: &str = "
    neuron cell
      param c = 100 pF, g = 10 nS
      state v = 0 mV, u = 0 mV
      input i : pA
      i_leak = -g*v
      double = 2*i + 0 pA*exp(u/(1 mV))
      dv/dt = (i_leak + i)/c
      du/dt = (v - u)/(5 ms)
";

fn engines() -> Vec<(&'static str, Options)> {
    let cpu = |precision| Options::default().engine(Choice::Cpu).precision(precision).threads(2).rows_per_thread(2);
    vec![
        ("f64", cpu(Precision::F64)),
        ("f32", cpu(Precision::F32)),
        ("GPU", Options::default().engine(Choice::Adapter("llvmpipe".into()))),
    ]
}

fn failed<T>(error: Error) -> T {
    panic!("{error}")
}

fn network(cells: u64) -> Network {
    let mut net = Network::new("stimuli");
    net.dt("0.1 ms").seed(3).equations(CELL);
    net.population("p", "cell", cells);
    net
}

fn compiled(net: &Network, options: &Options) -> Simulation {
    net.compile(options).unwrap_or_else(failed)
}

fn run(net: &Network, options: &Options, ms: f64) -> Recording {
    let mut simulation = compiled(net, options);
    simulation.run(ms).unwrap_or_else(failed);
    simulation.take_recording()
}

/// The values of a row of a trace.
fn row(trace: &Trace, row: usize) -> Vec<f64> {
    trace.values.chunks(trace.rows.len()).map(|sample| sample[row]).collect()
}

/// What the input holds in each step of 20 ms, as every engine has it; `given` in closed form, by step and row.
fn holds(net: &Network, given: &dyn Fn(u64, usize) -> f64) {
    for (name, options) in engines() {
        let recording = run(net, &options, 20.0);
        let trace = &recording.traces[0];
        assert_eq!((trace.variable.as_str(), trace.unit.as_str(), trace.first_step), ("i", "pA", 1), "{name}");
        assert_eq!(trace.values.len(), 200 * trace.rows.len(), "{name}");
        for (n, sample) in (0..).zip(trace.values.chunks(trace.rows.len())) {
            for (k, found) in sample.iter().enumerate() {
                let (expected, bound) = (given(n, k), if name == "f64" { 1e-12 } else { 1e-6 });
                assert!(
                    (found - expected).abs() <= bound * (1.0 + expected.abs()),
                    "{name}, step {n}, row {k}: {found}, {expected}"
                );
            }
        }
    }
}

fn quantities(list: &[f64], unit: &str) -> Value {
    Value::List(list.iter().map(|x| format!("{x} {unit}").as_str().into()).collect())
}

fn driven(waveform: Waveform) -> Network {
    let mut net = network(3);
    net.stimulate("p", "i", waveform);
    net.probe("p", "i");
    net
}

#[test]
fn windows_begin_a_course_anew() {
    let mut net = driven(Waveform::ramp("10 pA", "50 pA", "2 ms"));
    net.stimuli[0].windows([("1 ms", "4 ms"), ("4 ms", "5 ms"), ("9 ms", "inf ms")]);
    let since = |n: u64| match n {
        10..40 => Some(n - 10),
        40..50 => Some(n - 40),
        90.. => Some(n - 90),
        _ => None,
    };
    holds(&net, &|n, _| since(n).map_or(0.0, |s| 10.0 + 40.0 * (s as f64 / 20.0).min(1.0)));
    let mut net = driven(Waveform::Sine {
        amplitude: quantities(&[1.0, 2.0, 3.0], "pA"),
        frequency: "100 Hz".into(),
        phase: 0.5,
        offset: Some(quantities(&[5.0, -1.0, 0.0], "pA")),
    });
    net.stimuli[0].windows([("1 ms", "4 ms"), ("4 ms", "5 ms"), ("9 ms", "inf ms")]);
    let sine = |s: u64| (std::f64::consts::TAU * 0.1 * s as f64 * 0.1 + 0.5).sin();
    holds(&net, &|n, k| since(n).map_or(0.0, |s| [5.0, -1.0, 0.0][k] + (k + 1) as f64 * sine(s)));
}

#[test]
fn ramps_and_pulses() {
    let ramp = |from: Option<Value>, to: Value| Waveform::Ramp { from, to, over: "5 ms".into() };
    let at = |n: u64| (n as f64 / 50.0).min(1.0);
    holds(&driven(ramp(None, "100 pA".into())), &|n, _| 100.0 * at(n));
    holds(&driven(ramp(Some(quantities(&[1.0, 2.0, 3.0], "pA")), "9 pA".into())), &|n, k| {
        let from = (k + 1) as f64;
        from + (9.0 - from) * at(n)
    });
    let mut net = driven(Waveform::Pulses {
        amplitude: quantities(&[1.0, 2.0, 3.0], "pA"),
        width: "1 ms".into(),
        interval: Some("4 ms".into()),
        count: Some(3),
        offset: Some("-1 pA".into()),
    });
    net.stimuli[0].from("2 ms");
    let on = |n: u64| n >= 20 && (n - 20) / 40 < 3 && (n - 20) % 40 < 10;
    holds(&net, &|n, k| if n < 20 { 0.0 } else { -1.0 + if on(n) { (k + 1) as f64 } else { 0.0 } });
    // one pulse
    let once = Waveform::Pulses { amplitude: "7 pA".into(), width: "3 ms".into(), interval: None, count: None, offset: None };
    holds(&driven(once), &|n, _| if n < 30 { 7.0 } else { 0.0 });
}

#[test]
fn samples_stand_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("current.csv"), "a,b,c\n1,2,3\n4,5,6\n-1,-2,-3\n").unwrap();
    let text = "
        name = \"stimuli\"
        equations = \"\"\"EQUATIONS\"\"\"
        population = [{ name = \"p\", model = \"cell\", size = 3 }]
        stimulus = [{ target = \"p\", input = \"i\", start = \"1 ms\", waveform = { kind = \"array\", file = \"current.csv\", interval = \"2 ms\", unit = \"nA\" } }]
        probe = [{ population = \"p\", record = \"i\" }]
    "
    .replace("EQUATIONS", CELL);
    let path = folder.path().join("net.toml");
    fs::write(&path, &text).unwrap();
    let net = Network::load(&path).unwrap();
    let rows = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [-1.0, -2.0, -3.0]];
    for (name, options) in engines() {
        let recording = run(&net, &options.folder(folder.path()), 10.0);
        for (n, sample) in (0u64..).zip(recording.traces[0].values.chunks(3)) {
            let expected = n.checked_sub(10).and_then(|n| rows.get((n / 20) as usize)).map_or([0.0; 3], |r| r.map(|x| 1e3 * x));
            assert_eq!(sample, expected, "{name}, step {n}");
        }
    }
    // read back as written, and named where it is wrong
    assert_eq!(Network::from_toml(&net.to_toml().unwrap(), "net.toml").unwrap(), net);
    fs::write(folder.path().join("current.csv"), "a,b\n1,2\n").unwrap();
    let said = what_is_wrong(&net, folder.path()).unwrap();
    assert!(said.contains("row 0 of `current.csv` has 2 numbers for 3 neurons, one for all or one each is expected"), "{said}");
}

#[test]
fn an_expression_of_time() {
    let mut net = driven(Waveform::expression("50 pA*exp(-t/(5 ms)) + gain*(1 if t >= 10 ms else 0)"));
    net.constants.insert("gain".into(), "3 pA".into());
    holds(&net, &|n, _| {
        let t = n as f64 * 0.1;
        50.0 * (-t / 5.0).exp() + if t > 9.99 { 3.0 } else { 0.0 }
    });
    // its time is that of the run, whatever the window
    net.stimuli[0].from("4 ms");
    holds(&net, &|n, _| {
        let t = n as f64 * 0.1;
        if n < 40 { 0.0 } else { 50.0 * (-t / 5.0).exp() + if t > 9.99 { 3.0 } else { 0.0 } }
    });
}

/// Counts of events a step, which each raise the state `n` by one.
const COUNTER: &str = "
    neuron counter
      state n = 0
      input event -> n
";

fn counting(waveform: Waveform) -> Network {
    let mut net = Network::new("counting");
    net.dt("0.1 ms").seed(7).duration("100 ms").equations(COUNTER);
    net.population("p", "counter", 500);
    net.stimulate("p", "event", waveform);
    net.probe("p", "n").every("5 ms");
    net
}

/// Events of each neuron in each piece of 5 ms: equal on every engine, to the bit; their means and variances are those of a Poisson law.
fn counted(net: &Network, mean: &dyn Fn(usize, usize) -> f64, groups: &[std::ops::Range<usize>]) {
    let all: Vec<Vec<f64>> = engines().iter().map(|(_, options)| run(net, options, 100.0).traces.swap_remove(0).values).collect();
    assert!(all[0] == all[1] && all[1] == all[2], "engines draw the same events");
    let samples: Vec<&[f64]> = all[0].chunks(500).collect();
    assert_eq!(samples.len(), 20);
    for group in groups {
        for piece in 0..20 {
            let before = |k: usize| if piece == 0 { 0.0 } else { samples[piece - 1][k] };
            let counts: Vec<f64> = group.clone().map(|k| samples[piece][k] - before(k)).collect();
            let (n, expected) = (counts.len() as f64, mean(piece, group.start));
            let found = counts.iter().sum::<f64>() / n;
            let variance = counts.iter().map(|x| (x - found) * (x - found)).sum::<f64>() / (n - 1.0);
            // five standard errors: of the mean, and of the variance (2 m² + m)/n
            let (bound, wide) = (5.0 * (expected / n).sqrt(), 5.0 * ((2.0 * expected * expected + expected) / n).sqrt());
            assert!((found - expected).abs() <= bound + 1e-12, "piece {piece} of {group:?}: {found}, {expected}");
            assert!((variance - expected).abs() <= wide + 1e-12, "piece {piece} of {group:?}: variance {variance}, {expected}");
        }
    }
}

#[test]
fn rates_of_events_follow_time() {
    let rate = "400 Hz*(1 + sin(2*pi*20 Hz*t))";
    let net = counting(Waveform::Poisson { rate: rate.into(), weight: 1.0.into(), sources: 3 });
    // the sum of the rates at the starts of the steps
    let mean = |piece: usize, _: usize| {
        let at = |n: usize| 1.2 * (1.0 + (std::f64::consts::TAU * 0.02 * n as f64 * 0.1).sin()) * 0.1;
        (50 * piece..50 * (piece + 1)).map(at).sum::<f64>()
    };
    counted(&net, &mean, &[0..250, 250..500]);
    // samples of all rows together, and of each its own
    let together = Waveform::PoissonArray {
        values: vec![vec![100.0], vec![900.0], vec![0.0], vec![400.0]],
        file: None,
        interval: "25 ms".into(),
        unit: None,
        weight: 1.0.into(),
        sources: 2,
    };
    counted(&counting(together.clone()), &|piece, _| [1.0, 9.0, 0.0, 4.0][piece / 5], &[0..250, 250..500]);
    let rows = |rates: [f64; 2]| [vec![rates[0]; 250], vec![rates[1]; 250]].concat();
    let Waveform::PoissonArray { values, .. } = &mut together.clone() else { panic!() };
    *values = vec![rows([100.0, 900.0]), rows([900.0, 0.0]), rows([0.0, 50.0]), vec![400.0]];
    let own = Waveform::PoissonArray {
        values: values.clone(),
        file: None,
        interval: "25 ms".into(),
        unit: None,
        weight: 1.0.into(),
        sources: 2,
    };
    let mean = |piece: usize, row: usize| [[1.0, 9.0], [9.0, 0.0], [0.0, 0.5], [4.0, 4.0]][piece / 5][usize::from(row >= 250)];
    counted(&counting(own), &mean, &[0..250, 250..500]);
    // a list of rates is as it was
    let list = Value::List((0..500).map(|k| if k < 250 { "100 Hz".into() } else { "300 Hz".into() }).collect());
    counted(&counting(Waveform::poisson(list, 1.0)), &|_, row| if row < 250 { 0.5 } else { 1.5 }, &[0..250, 250..500]);
}

#[test]
fn rates_that_cannot_be_are_said() {
    let said = |waveform: Waveform| what_is_wrong(&counting(waveform), std::path::Path::new(".")).unwrap_or_default();
    let below = said(Waveform::poisson("10 Hz*sin(2*pi*t/(50 ms))", 1.0));
    assert!(below.contains("below 0") && below.contains("write `max(0 Hz, 10 Hz*sin(2*pi*t/(50 ms)))`"), "{below}");
    assert!(said(Waveform::poisson("10 Hz*t", 1.0)).contains("`rate` is a"), "{}", said(Waveform::poisson("10 Hz*t", 1.0)));
    assert!(said(Waveform::poisson("1e9 Hz*t/(1 ms)", 1.0)).contains("a rate that changes is at most"));
    assert!(said(Waveform::expression("5*t")).contains("is a port"));
    let mut net = driven(Waveform::expression("5 pA*log(t/(1 ms))"));
    net.duration("1 ms");
    let found = what_is_wrong(&net, std::path::Path::new(".")).unwrap_or_default();
    assert!(found.contains("`value`: `5 pA*log(t/(1 ms))` is -inf at 0 ms"), "{found}");
    let mut net = driven(Waveform::expression("5 mV*t/(1 ms)"));
    net.duration("1 ms");
    let found = what_is_wrong(&net, std::path::Path::new(".")).unwrap_or_default();
    assert!(found.contains("`value` is a current"), "{found}");
}

#[test]
fn noise_with_a_memory_has_its_law_whatever_the_step() {
    let (sd, tau) = (30.0, 4.0);
    let net = |dt: &str| {
        let mut net = network(400);
        net.dt(dt);
        net.stimulate("p", "i", Waveform::ornstein_uhlenbeck("100 pA", "30 pA", "4 ms"));
        net.probe("p", "i").every("1 ms");
        net
    };
    for dt in ["0.1 ms", "0.5 ms"] {
        let recording = run(&net(dt), &engines()[0].1, 60.0);
        let samples: Vec<Vec<f64>> = recording.traces[0].values.chunks(400).map(<[f64]>::to_vec).collect();
        let moment = |f: &dyn Fn(usize, usize) -> f64, lag: usize| {
            let list: Vec<f64> =
                (0..samples.len() - lag).flat_map(|s| (0..400).map(move |k| (s, k))).map(|(s, k)| f(s, k)).collect();
            list.iter().sum::<f64>() / list.len() as f64
        };
        let mean = moment(&|s, k| samples[s][k], 0);
        // 24,000 draws, of which those of one cell are correlated over tau: an eighth of them count
        assert!((mean - 100.0).abs() < 5.0 * sd / 3000f64.sqrt(), "{mean}");
        for lag in [0, 1, 4, 8] {
            let found = moment(&|s, k| (samples[s][k] - 100.0) * (samples[s + lag][k] - 100.0), lag) / (sd * sd);
            let expected = (-(lag as f64) / tau).exp();
            assert!((found - expected).abs() < 5.0 * (2.0f64 / 3000.0).sqrt(), "{dt}, lag {lag}: {found}, {expected}");
        }
        // from the first sample on
        let first = samples[0].iter().map(|x| (x - 100.0) * (x - 100.0)).sum::<f64>() / 400.0 / (sd * sd);
        assert!((first - 1.0).abs() < 5.0 * (2.0f64 / 400.0).sqrt(), "{first}");
    }
    // one law on every engine, and draws that do not hang on the number of threads
    let [double, single, gpu] = [0, 1, 2].map(|k| run(&net("0.1 ms"), &engines()[k].1, 20.0).traces.swap_remove(0).values);
    for (a, b) in double.iter().zip(&single).chain(single.iter().zip(&gpu)) {
        assert!((a - b).abs() < 1e-3, "{a}, {b}");
    }
}

#[test]
fn a_held_potential_stays_and_what_flows_is_seen() {
    let mut net = network(2);
    net.stimulate("p", "v", Waveform::ramp("10 mV", "30 mV", "10 ms")).rows([1]).windows([("5 ms", "15 ms")]).clamp();
    net.stimulate("p", "i", Waveform::constant("100 pA"));
    for record in ["v", "i_leak", "u"] {
        net.probe("p", record);
    }
    for (name, options) in engines() {
        let recording = run(&net, &options, 20.0);
        let [v, leak, u] = [0, 1, 2].map(|k| row(&recording.traces[k], 1));
        let close = |a: f64, b: f64| (a - b).abs() < if name == "f64" { 1e-9 } else { 1e-4 };
        for n in 50..150usize {
            let level = 10.0 + 20.0 * (n - 50) as f64 / 100.0;
            assert!(close(v[n], level) && close(leak[n], -10.0 * level), "{name}, step {n}: {} {}", v[n], leak[n]);
        }
        // the other neuron, and this one before and after: v' = (100 pA - 10 nS v)/100 pF
        let free = |from: f64, steps: f64| 10.0 + (from - 10.0) * (-0.1 * steps * 0.1f64).exp();
        let other = row(&recording.traces[0], 0);
        assert!(close(other[199], free(0.0, 200.0)), "{name}: {}", other[199]);
        assert!(close(v[49], free(0.0, 50.0)) && close(v[199], free(v[149], 50.0)), "{name}: {} {}", v[49], v[199]);
        // what follows the potential follows it: u' = (v - u)/5 ms
        assert!((u[149] - u[148] - (v[148] - u[148]) * 0.1 / 5.0).abs() < 0.05, "{name}");
    }
}

#[test]
fn a_held_neuron_does_not_spike() {
    let mut net = Network::new("held");
    net.population("p", "lif_psc_exp", 2).parameter("i_e", "500 pA");
    net.stimulate("p", "v", Waveform::constant("0 mV")).rows(1..2).until("50 ms").clamp();
    net.probe("p", "spikes");
    for (name, options) in engines() {
        let train = run(&net, &options, 100.0).spikes.swap_remove(0);
        let of = |k: u32| train.step.iter().zip(&train.neuron).filter(|(_, n)| **n == k).map(|(s, _)| *s).collect::<Vec<_>>();
        assert!(of(0).len() > 3, "{name}");
        // let go far above its threshold it spikes at once
        assert_eq!(of(1).first(), Some(&501), "{name}");
    }
}

#[test]
fn probes_look_from_a_time_on_and_up_to_another() {
    let mut net = network(3);
    net.stimulate("p", "i", Waveform::ramp("0 pA", "200 pA", "20 ms"));
    net.probe("p", "i").every("2 ms").from("5 ms").until("16 ms");
    net.probe("p", "i").every("2 ms").offset("0.5 ms");
    net.probe("p", "double").rows([2]).every("5 ms");
    net.probe("p", "i").reduce(Reduce::Sum).every("5 ms");
    net.probe("p", "v").reduce(Reduce::Mean).rows([0, 2]).from("19 ms");
    for (name, options) in engines() {
        let mut simulation = compiled(&net, &options);
        // in pieces, as a program may run it
        for ms in [3.0, 3.1, 7.0, 6.9] {
            simulation.run(ms).unwrap_or_else(failed);
        }
        let recording = simulation.take_recording();
        let [bounded, shifted, double] = &recording.traces[..] else { panic!("{}", recording.traces.len()) };
        // what the input held in the step that ended then
        let held = |step: u64| (step - 1) as f64;
        let steps = |trace: &Trace| (0..trace.samples() as u64).map(|k| trace.first_step + k * trace.every).collect::<Vec<_>>();
        assert_eq!(steps(bounded), [60, 80, 100, 120, 140], "{name}");
        assert_eq!(steps(shifted), [5, 25, 45, 65, 85, 105, 125, 145, 165, 185], "{name}");
        for trace in [bounded, shifted] {
            let expected: Vec<f64> = steps(trace).into_iter().flat_map(|n| [held(n); 3]).collect();
            let close = trace.values.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-4);
            assert!(close && trace.values.len() == expected.len(), "{name}: {:?}", trace.values);
        }
        assert_eq!((double.variable.as_str(), steps(double)), ("double", vec![50, 100, 150, 200]));
        let close = |a: f64, b: f64| (a - b).abs() < 1e-3;
        assert!(double.values.iter().zip([49.0, 99.0, 149.0, 199.0]).all(|(a, b)| close(*a, 2.0 * b)), "{:?}", double.values);
        let [sum, mean] = &recording.summaries[..] else { panic!("{}", recording.summaries.len()) };
        assert!(sum.values.iter().zip([49.0, 99.0, 149.0, 199.0]).all(|(a, b)| close(*a, 3.0 * b)), "{name}: {:?}", sum.values);
        assert_eq!((mean.first_step, mean.values.len(), mean.values[1]), (190, 2 * 11, 0.0), "{name}");
        let drawn = figure(&recording, &FigureOptions::default()).unwrap_or_else(|e| panic!("{name}: {e}")).svg;
        assert!(drawn.contains("3 neurons") && drawn.contains("2 neurons") && !drawn.contains("synapse"), "{name}");
    }
    let explained = synfire::plan::explain::table(compiled(&net, &engines()[0].1).plan());
    assert!(explained.contains("sum of i (made on the host)"), "{explained}");
}

#[test]
fn each_slip_is_said() {
    let base =
        format!("name = \"n\"\nequations = \"\"\"{CELL}\"\"\"\npopulation = [{{ name = \"p\", model = \"cell\", size = 3 }}]\n");
    let said = |more: &str| {
        let folder = with_network(&format!("{base}{more}"));
        let net = Network::load(folder.path().join("net.toml")).unwrap();
        what_is_wrong(&net, folder.path()).unwrap_or_default().replace("\n", " | ")
    };
    let stimulus = |rest: &str| said(&format!("stimulus = [{{ target = \"p\", {rest} }}]"));
    let constant = "input = \"i\", waveform = { kind = \"constant\", amplitude = \"1 pA\" }";
    for (rest, expected) in [
        (format!("{constant}, start = [\"1 ms\", \"2 ms\"], stop = [\"3 ms\"]"), "it starts 2 times and stops once"),
        (format!("{constant}, start = [\"1 ms\", \"2 ms\"], stop = [\"3 ms\", \"4 ms\"]"), "it starts again at 2 ms, and is on until 3 ms"),
        (format!("{constant}, start = []"), "it starts 0 times and stops once"),
        (format!("{constant}, start = [], stop = []"), "it is never on, `start` is empty"),
        ("input = \"i\", waveform = { kind = \"pulses\", amplitude = \"1 pA\", width = \"3 ms\", interval = \"2 ms\" }".into(), "a pulse lasts 3 ms, and the next one begins after 2 ms"),
        ("input = \"i\", waveform = { kind = \"pulses\", amplitude = \"1 pA\", width = \"3 ms\", count = 2 }".into(), "2 pulses without a time from one to the next"),
        ("input = \"i\", waveform = { kind = \"ramp\", to = \"1 pA\", over = \"0.01 ms\" }".into(), "over 0.01 ms is shorter than one step of 0.1 ms"),
        ("input = \"i\", waveform = { kind = \"ornstein_uhlenbeck\", mean = \"1 pA\", sd = \"1 pA\", tau = \"0 ms\" }".into(), "`tau` is a time longer than 0 ms, got 0 ms"),
        ("input = \"i\", waveform = { kind = \"array\", interval = \"1 ms\", unit = \"pA\" }".into(), "there is no sample"),
        ("input = \"i\", waveform = { kind = \"array\", file = \"none.npy\", interval = \"1 ms\", unit = \"pA\" }".into(), "`none.npy` cannot be read"),
        ("input = \"i\", clamp = true, waveform = { kind = \"constant\", amplitude = \"1 mV\" }".into(), "`p` has no state `i` to hold; there are `v`, `u`"),
        ("input = \"v\", clamp = true, waveform = { kind = \"constant\", amplitude = \"1 pA\" }".into(), "`amplitude` is a voltage (mV), got 1 pA"),
        ("input = \"v\", clamp = true, waveform = { kind = \"ornstein_uhlenbeck\", mean = \"1 mV\", sd = \"1 mV\", tau = \"1 ms\" }".into(), "a state is held at a level"),
    ] {
        let found = stimulus(&rest);
        assert!(found.contains(expected), "{rest}: {found}");
    }
    let twice = "stimulus = [\n{ target = \"p\", input = \"v\", clamp = true, stop = \"5 ms\", waveform = { kind = \"constant\", amplitude = \"1 mV\" } },
        { name = \"b\", target = \"p\", input = \"v\", clamp = true, START waveform = { kind = \"constant\", amplitude = \"2 mV\" } }]";
    assert!(said(&twice.replace("START", "")).contains("stimulus b: `v` of p[0] is held by `p.v` at the same time"));
    assert_eq!(said(&twice.replace("START", "start = \"5 ms\",")), "");
    let probe = |rest: &str| said(&format!("probe = [{{ population = \"p\", {rest} }}]"));
    for (rest, expected) in [
        ("record = \"v\", start = \"5 ms\", stop = \"5 ms\"", "it stops at 5 ms, but starts at 5 ms"),
        (
            "record = \"v\", every = \"2 ms\", start = \"5 ms\", stop = \"6 ms\"",
            "the first sample is due at 6 ms, and it stops at 6 ms",
        ),
        ("record = \"v\", stop = \"0 ms\"", "it stops at 0 ms, before anything is recorded"),
        ("record = \"c\"", "`c` is a parameter, it does not change"),
        ("record = \"i_leek\"", "did you mean `i_leak`?"),
        ("record = \"v\", at = \"source spikes\"", "`at` is for states of synapses"),
        ("record = \"v\", reduce = \"histogram\", bins = 5", "say where they begin and end: `edges = [\"0 mV\", \"1 mV\"]`"),
    ] {
        let found = probe(rest);
        assert!(found.contains(expected), "{rest}: {found}");
    }
    let spikes = "population = [{ name = \"q\", model = \"lif_psc_exp\", size = 1 }]\nprobe = [{ population = \"q\", REST }]\n";
    let spikes = |rest: &str| {
        let folder = with_network(&spikes.replace("REST", rest));
        what_is_wrong(&Network::load(folder.path().join("net.toml")).unwrap(), folder.path()).unwrap_or_default()
    };
    assert!(spikes("record = \"rate\", start = \"5 ms\"").contains("bins begin with the run, `start` has no meaning here"));
    assert!(spikes("record = \"spikes\", reduce = \"mean\"").contains("`reduce` is for samples of a state"));
    assert_eq!(spikes("record = \"spikes\", start = \"5 ms\", stop = \"9 ms\""), "");
}

#[test]
fn values_of_stimuli_change_while_running() {
    let mut net = network(2);
    net.stimulate("p", "i", Waveform::ramp("0 pA", "10 pA", "2 ms")).named("ramp");
    net.stimulate("p", "i", Waveform::pulses("1 pA", "0.5 ms", "1 ms")).named("train");
    net.stimulate("p", "i", Waveform::ornstein_uhlenbeck("0 pA", "0 pA", "5 ms")).named("noise");
    net.stimulate("p", "v", Waveform::constant("3 mV")).from("1 s").clamp().named("held");
    net.probe("p", "i");
    net.probe("p", "v");
    for (name, options) in engines() {
        let mut simulation = compiled(&net, &options);
        simulation.run(5.0).unwrap_or_else(failed);
        let mut set = |at: &str, value: Value| simulation.set(at, value).unwrap_or_else(failed);
        set("stimulus ramp.to", quantities(&[20.0, 30.0], "pA"));
        set("stimulus train.offset", "100 pA".into());
        set("stimulus train.width", "1 ms".into());
        set("stimulus noise.mean", "1000 pA".into());
        set("stimulus noise.tau", "1 ms".into());
        let window = |start: &str, stop: &str| Value::List(vec![start.into(), stop.into()]);
        set("stimulus held.windows", Value::List(vec![window("1 ms", "2 ms"), window("7 ms", "8 ms")]));
        simulation.run(5.0).unwrap_or_else(failed);
        let recording = simulation.take_recording();
        let i = row(&recording.traces[0], 1);
        assert!((i[49] - 10.0).abs() < 1e-4 && (i[50] - 1131.0).abs() < 1e-3, "{name}: {} {}", i[49], i[50]);
        let v = row(&recording.traces[1], 0);
        assert!((70..80).all(|n| v[n] == 3.0) && v[69] != 3.0 && v[80] != 3.0, "{name}: {:?}", &v[68..82]);
    }
}
