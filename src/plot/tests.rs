//! That pictures hold what they should; how they look is for eyes: `cargo test --lib -- --ignored pictures` draws some
//! into the folder that `SYNFIRE_PICTURES` names.

use super::*;
use crate::recording::{Rate, Recording, SpikeTrain, Trace};

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

/// The texts of a picture and where they stand.
fn placed(figure: &Figure) -> Vec<(String, f64, f64)> {
    let document = resvg::usvg::roxmltree::Document::parse(&figure.svg).unwrap();
    let texts = document.descendants().filter(|node| node.has_tag_name("text"));
    let number = |node: &resvg::usvg::roxmltree::Node, name: &str| node.attribute(name).unwrap().parse().unwrap();
    texts.map(|node| (node.text().unwrap_or("").trim().to_owned(), number(&node, "x"), number(&node, "y"))).collect()
}

/// What is drawn of a panel.
fn layer(figure: &Figure, number: usize) -> &str {
    let from = figure.svg.find(&format!("<g clip-path=\"url(#p{number})\">")).unwrap();
    figure.svg[from..].split("</g>").next().unwrap()
}

/// Left, top, width and height of each panel.
fn panels(figure: &Figure) -> Vec<[f64; 4]> {
    let document = resvg::usvg::roxmltree::Document::parse(&figure.svg).unwrap();
    let clips = document.descendants().filter(|node| node.has_tag_name("clipPath"));
    let side = |rect: &resvg::usvg::roxmltree::Node, name: &str| rect.attribute(name).unwrap().parse().unwrap();
    let rect = |clip: resvg::usvg::roxmltree::Node| {
        let rect = clip.first_element_child().unwrap();
        ["x", "y", "width", "height"].map(|name| side(&rect, name))
    };
    clips.map(rect).collect()
}

/// Heights of the points of the paths in a layer.
fn heights(layer: &str) -> Vec<f64> {
    let paths = layer.split(" d=\"").skip(1).map(|path| path.split('"').next().unwrap());
    let points = paths.flat_map(|path| path.split(['M', 'L']).filter(|point| !point.is_empty()));
    points.map(|point| point.split_whitespace().nth(1).unwrap().parse().unwrap()).collect()
}

/// Action potentials of one sample in a trace of many to a pixel.
fn spiking() -> Recording {
    let values: Vec<f64> = (0..20_000).map(|k| if k % 997 == 500 { 30.0 } else { -65.0 + f64::from(k % 997) * 0.01 }).collect();
    let trace = Trace {
        population: "cell".into(),
        variable: "v".into(),
        unit: "mV".into(),
        rows: vec![0],
        first_step: 1,
        every: 1,
        values,
        ..Trace::default()
    };
    Recording { traces: vec![trace], ..of(0.05, 20_000, vec![]) }
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

#[test]
fn peaks_stand_at_their_height_however_narrow_the_picture_is() {
    for width in [240, 386, 900] {
        let found = figure(&spiking(), &FigureOptions::default().width(width)).unwrap();
        let [_, top, _, height] = panels(&found)[0];
        let path = layer(&found, 0);
        assert_eq!(path.matches("<path").count(), 1, "a line alone: {}", &path[..200]);
        assert!(path.contains("stroke=\"#0072b2\"") && !path.contains("opacity"), "{}", &path[..200]);
        // the axis reaches 6 % of the range beyond the values
        let (low, high) = (-65.0, 30.0);
        let y = |value: f64| top + height * (1.0 - ((value - low) / (high - low) + 0.06) / 1.12);
        let at_peak = heights(path).iter().filter(|found| (**found - y(30.0)).abs() < 0.11).count();
        assert_eq!(at_peak, 20, "{width}: every action potential");
        assert!(heights(path).iter().all(|found| *found >= y(30.0) - 0.11 && *found <= y(-65.0) + 0.11));
    }
}

#[test]
fn rates_are_of_the_whole_population_whichever_rows_are_shown() {
    let whole = balanced();
    let options = || FigureOptions::default().rate_bin_ms(5.0);
    let all = figure(&whole, &options()).unwrap();
    let some = figure(&whole, &options().rows((0..50).collect::<Vec<u32>>())).unwrap();
    let marks = |figure: &Figure| layer(figure, 0).matches('h').count();
    assert!(marks(&some) < marks(&all) / 4 && marks(&some) > 300, "{} of {}", marks(&some), marks(&all));
    // the raster is as high in both: the curves are the same
    assert_eq!(heights(layer(&some, 1)), heights(layer(&all, 1)));
    assert!(!texts(&some).iter().any(|text| text.contains("of 3,200")));
    // recorded in part: it is said
    let part = whole.of_rows(&(0..50).collect::<Vec<u32>>());
    let told = texts(&figure(&part, &options()).unwrap());
    assert!(told.contains(&"excitatory: 50 of 3,200 neurons".to_owned()), "{told:?}");
    // a population without any of the rows has no band
    let beyond = figure(&whole, &options().rows(vec![3000, 3001])).unwrap();
    let beside = |name: &str| placed(&beyond).iter().any(|(text, _, y)| text == name && *y < panels(&beyond)[1][1]);
    assert!(beside("excitatory") && !beside("inhibitory"));
}

#[test]
fn there_is_no_rate_where_nothing_was_recorded() {
    let mut whole = balanced();
    for train in &mut whole.spikes {
        let first = train.step.partition_point(|step| *step <= 4000);
        train.step.drain(..first);
        train.neuron.drain(..first);
    }
    let heard = |names: &[&str]| names.iter().map(|name| ((*name).to_owned(), (400.0, f64::INFINITY))).collect::<Vec<_>>();
    let options = || FigureOptions::default().raster(false).rate_bin_ms(5.0);
    let curve = |figure: &Figure| layer(figure, 0).to_owned();
    // where one is recorded from 400 ms on, that curve alone begins there
    let (silent, partly) = (figure(&whole, &options()).unwrap(), figure(&whole, &options().heard(heard(&["excitatory"]))).unwrap());
    assert!(heights(&curve(&partly)).len() < heights(&curve(&silent)).len() * 9 / 10);
    // where all are, the picture does
    let late = figure(&whole, &options().heard(heard(&["excitatory", "inhibitory"]))).unwrap();
    let same = figure(&whole, &options().from_ms(400.0)).unwrap();
    assert_eq!(texts(&late), texts(&same));
    assert_eq!(curve(&late), curve(&same));
    // and a span that is asked for stands
    let asked = figure(&whole, &options().heard(heard(&["excitatory", "inhibitory"])).from_ms(0.0)).unwrap();
    assert_eq!(texts(&asked), texts(&silent));
}

#[test]
fn a_narrow_picture_is_for_what_is_drawn() {
    for (recording, least) in [(balanced(), 0.7), (traced(5), 0.7), (many_populations(), 0.6), (counted(), 0.7)] {
        let found = figure(&recording, &FigureOptions::default().width(386).title("A network")).unwrap();
        for [left, _, width, _] in panels(&found) {
            assert!(width > least * 386.0, "{width} of 386");
            // names that stand beside do not hang over the edge
            for (text, x, _) in placed(&found).into_iter().filter(|(_, x, _)| *x > left + width + 4.0) {
                assert!(x + f64::from(frame::text_width(&text, 12.0)) < 386.0, "{text} at {x}");
            }
        }
    }
}

#[test]
fn a_height_is_kept() {
    for height in [300, 420, 700] {
        let found = figure(&balanced(), &FigureOptions::default().width(386).height(height).title("E and I")).unwrap();
        assert!(found.svg[..200].contains(&format!("height=\"{height}\"")), "{}", &found.svg[..200]);
        let last = panels(&found).pop().unwrap();
        assert_eq!((last[1] + last[3]) as i32, height as i32 - layout::BELOW);
    }
    let error = figure(&balanced(), &FigureOptions::default().height(121)).unwrap_err().to_string();
    assert!(error.starts_with("a picture with these panels is at least 1") && error.ends_with("pixels high, found 121"), "{error}");
}

#[test]
fn a_rate_that_hides_another_has_a_panel_of_its_own() {
    let mut dice = Dice(4);
    let e = poisson(&mut dice, "E", 1000, 10_000, 0.1, |ms| 40.0 + 30.0 * (ms / 20.0).sin());
    let i = SpikeTrain { population: "I".into(), ..e.clone() };
    let found = drawn(&of(0.1, 10_000, vec![e.clone(), i]));
    assert_eq!(panels(&found).len(), 3);
    assert_eq!(texts(&found).iter().filter(|text| *text == "rate (Hz)").count(), 2);
    let slow = poisson(&mut dice, "I", 1000, 10_000, 0.1, |_| 5.0);
    assert_eq!(panels(&drawn(&of(0.1, 10_000, vec![e, slow]))).len(), 2);
}

#[test]
fn what_was_on_is_a_bar() {
    let marks = vec![
        ("motion1".to_string(), vec![(200.0, 600.0)]),
        ("motion2".to_string(), vec![(200.0, 600.0)]),
        ("late".to_string(), vec![(900.0, f64::INFINITY)]),
        ("after the picture".to_string(), vec![(5000.0, 6000.0)]),
    ];
    let found = figure(&balanced(), &FigureOptions::default().marks(marks)).unwrap();
    let told = texts(&found);
    assert!(told.contains(&"motion1, motion2".to_owned()) && told.contains(&"late".to_owned()), "{told:?}");
    assert!(!told.iter().any(|text| text.starts_with("after")));
    let [left, _, width, _] = panels(&found)[0];
    let bar = layer(&found, 0).split(" d=\"").nth(1).unwrap();
    let ends: Vec<f64> = bar.split('"').next().unwrap()[1..].split(['H', ' ']).map(|x| x.parse().unwrap()).collect();
    assert!((ends[0] - (left + 0.2 * width)).abs() < 0.1 && (ends[2] - (left + 0.6 * width)).abs() < 0.1, "{ends:?}");
}

#[test]
fn a_long_title_is_broken() {
    let title = "brunel: g=5, eta=2, E.v_reset=10 mV, I.v_reset=10 mV, exc -> inh.connector.sigma=200 um";
    let found = figure(&counted(), &FigureOptions::default().width(386).title(title)).unwrap();
    let told = texts(&found).join(" ");
    for word in title.split(' ') {
        assert!(told.contains(word), "{word} in {told}");
    }
}

#[test]
fn panels_apart_have_one_scale() {
    let found = figure(&traced(3), &FigureOptions::default().apart(true).raster(false).rates(false)).unwrap();
    let labels = placed(&found);
    let of = |panel: &[f64; 4]| {
        let inside =
            labels.iter().filter(|(_, x, y)| *x < panel[0] && *x > 20.0 && *y >= panel[1] && *y <= panel[1] + panel[3] + 5.0);
        inside.map(|(text, ..)| text.as_str()).filter(|text| *text != "spikes").collect::<Vec<_>>()
    };
    let panels = panels(&found);
    assert_eq!(panels.len(), 6);
    assert!(!of(&panels[0]).is_empty());
    assert_eq!((of(&panels[0]), of(&panels[0])), (of(&panels[1]), of(&panels[2])));
}

#[test]
fn lines_that_lie_on_each_other_are_told() {
    let mut recording = traced(3);
    let trace = &mut recording.traces[0];
    trace.values.chunks_exact_mut(3).for_each(|sample| sample[2] = sample[0]);
    let told = texts(&drawn(&recording));
    let count = |text: &str| told.iter().filter(|found| *found == text).count();
    assert_eq!((count("neuron 2 (as 0)"), count("neuron 2"), count("neuron 1")), (1, 1, 2), "{told:?}");
}

/// A disk that fails at any of its calls leaves the picture that was there, and nothing else.
#[test]
fn every_call_of_the_disk_that_fails_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let train = SpikeTrain { population: "E".into(), size: 2, rows: None, step: (0..9000).collect(), neuron: vec![1; 9000] };
    let figure = drawn(&Recording { dt: 0.1, steps: 9000, spikes: vec![train], ..Recording::default() });
    for name in ["a.svg", "a.png"] {
        let save = |path: &Path| figure.save(path).map_err(|e| e.to_string());
        assert!(crate::whole::tests::each_call_fails(&folder.path().join(name), &save) >= 4, "{name}");
    }
}
