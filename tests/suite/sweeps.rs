//! Sweeps: which points there are, what each gives, and how they go on where they ended.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use synfire::analysis::{Measure, Terms, measured};
use synfire::network::value::uniform;
use synfire::network::{Connector, Network, Waveform};
use synfire::sweep::{Axis, Design, Point, Row, Said, Sweep};
use synfire::{Choice, Options};

fn network() -> Network {
    let mut net = Network::new("cells");
    net.dt("0.1 ms").seed(3);
    net.population("exc", "lif_psc_exp", 40).parameter("i_e", "380 pA").initial("v", uniform("-70 mV", "-55 mV"));
    net.project("exc", "exc", "i_exc", Connector::probability(0.2)).weight("20 pA").delay("1.5 ms");
    net.stimulate("exc", "i_exc", Waveform::poisson("1 kHz", "20 pA")).named("noise");
    net.probe("exc", "spikes");
    net.probe("exc", "v").rows(0..2);
    net
}

fn cpu() -> Options {
    Options::default().engine(Choice::Cpu)
}

fn sweep(axes: &[&str]) -> Sweep {
    let sweep = axes.iter().fold(Sweep::new(network()), |sweep, axis| sweep.axis(axis).unwrap_or_else(|e| panic!("{e}")));
    sweep.options(cpu()).duration(60.0)
}

/// What a point's network gives when it runs alone.
fn alone(sweep: &Sweep, point: &Point) -> Vec<(String, f64)> {
    let mut simulation = sweep.network(point).unwrap().compile(&cpu()).unwrap();
    simulation.run(60.0).unwrap();
    let terms = Terms::default().measures(sweep.measured());
    let tables = measured(simulation.recording(), &terms);
    tables.iter().flat_map(|t| t.numbers.iter().map(|n| (format!("{}.{}", t.population, n.key), n.value))).collect()
}

fn bits(numbers: &[(String, f64)]) -> Vec<(&str, u64)> {
    numbers.iter().map(|(key, x)| (key.as_str(), x.to_bits())).collect()
}

#[test]
fn ranges_are_read_with_their_units() {
    let net = network();
    let values = |text: &str| Axis::parse(text, &net).map(|axis| axis.listed().unwrap_or_default());
    assert_eq!(values("exc.i_e=1 nA..2 nA:3").unwrap(), ["1 nA", "1.5 nA", "2 nA"]);
    assert_eq!(values("exc.i_e=500 pA..1 nA:2").unwrap(), ["500 pA", "1000 pA"]);
    assert_eq!(values("stimulus noise.rate = 1 Hz .. 100 Hz : 3 : log").unwrap(), ["1 Hz", "10 Hz", "100 Hz"]);
    assert_eq!(values("exc.size=10..30:3").unwrap(), ["10", "20", "30"]);
    assert_eq!(values("exc.i_e=-1e2 pA..1e2 pA:2").unwrap(), ["-100 pA", "100 pA"]);
    assert_eq!(values("seed=1, 2,3").unwrap(), ["1", "2", "3"]);
    let laws = values("exc.initial.v={ uniform = [\"-70 mV\", \"-60 mV\"] }, \"-65 mV\"").unwrap();
    assert_eq!(laws, ["{ uniform = [\"-70 mV\", \"-60 mV\"] }", "\"-65 mV\""]);
    assert_eq!(values("exc.i_e=1 nA..2 nA").unwrap(), Vec::<String>::new());
    for (text, expected) in [
        ("exc.i_e", "has no `=`"),
        ("exc.i_e=1 nA..2 mV:3", "`nA` and `mV` are units of different kinds"),
        ("exc.i_e=1 nA..2 nA:1", "`1` is no number of values"),
        ("exc.i_e=1 nA..x:3", "`x` is no number with a unit"),
        ("exc.i_e=0 nA..2 nA:3:log", "equal ratios need two numbers above 0"),
        ("exc.i_e=1 nA,,2 nA", "expected values with commas between"),
        ("exc.i_e=1 nA..inf nA:3", "must be finite"),
    ] {
        let said = values(text).unwrap_err().to_string();
        assert!(said.contains(expected), "{text}: {said}");
    }
}

#[test]
fn designs_choose_their_points() {
    let grid = sweep(&["exc.i_e=1 nA, 2 nA", "exc.tau_m=9 ms..11 ms:3"]).repeat(2);
    let points = grid.points().unwrap();
    assert_eq!(points.len(), 12);
    assert_eq!((points[3].number, &points[3].values[..], points[3].repeat), (3, &["1 nA".into(), "10 ms".into()][..], 1));
    let axes = ["exc.i_e=0 nA..1 nA", "exc.tau_m=10 ms..1000 ms:7:log"];
    for design in [Design::Latin { points: 50, seed: 1 }, Design::Random { points: 50, seed: 1 }] {
        let drawn = sweep(&axes).design(design.clone()).unwrap().points().unwrap();
        assert_eq!(drawn, sweep(&axes).design(design.clone()).unwrap().points().unwrap());
        let column = |k: usize| -> Vec<f64> {
            let number = |p: &Point| p.values[k].split_once(' ').unwrap().0.parse::<f64>().unwrap();
            drawn.iter().map(number).collect()
        };
        let (plain, log) = (column(0), column(1));
        assert!(plain.iter().all(|x| (0.0..1.0).contains(x)) && log.iter().all(|x| (10.0..1000.0).contains(x)));
        if matches!(design, Design::Latin { .. }) {
            let parts = |shares: Vec<f64>| shares.iter().map(|x| (x * 50.0) as usize).collect::<BTreeSet<_>>().len();
            assert_eq!((parts(plain), parts(log.iter().map(|x| (x / 10.0).log10() / 2.0).collect())), (50, 50));
        }
    }
    let rows = vec![vec!["1 nA".to_string(), "7".into()], vec!["2 nA".into(), "8".into()]];
    let list = Design::List { addresses: vec!["exc.i_e".into(), "seed".into()], rows };
    assert_eq!(sweep(&[]).design(list).unwrap().points().unwrap()[1].values, ["2 nA", "8"]);
    assert!(sweep(&axes).points().unwrap_err().to_string().contains("is a range without a number of values"));
}

#[test]
fn each_point_is_its_network_alone() {
    let axes = ["exc.i_e=370 pA..400 pA:3", "exc -> exc.weight=0 pA, 35 pA", "exc.size=30, 40", "stimulus noise.rate=1 kHz, 2 kHz"];
    let sweep = sweep(&axes).repeat(2).batch(5);
    let arranged = sweep.check().unwrap();
    assert_eq!((arranged.points, arranged.plans), (48, 4));
    assert_eq!(arranged.shared, ["exc.i_e", "exc -> exc.weight", "stimulus noise.rate"]);
    assert_eq!(arranged.apart[0].0, "exc.size");
    let rows = sweep.table().unwrap();
    let points = sweep.points().unwrap();
    assert_eq!(rows.len(), 48);
    let mut distinct = BTreeSet::new();
    for (row, point) in rows.iter().zip(&points) {
        assert_eq!((row.point, &row.fault), (point.number, &None));
        assert_eq!(bits(&row.numbers), bits(&alone(&sweep, point)), "{point:?}");
        distinct.insert(row.number("exc.spikes").unwrap() as u64);
    }
    assert!(distinct.len() > 20, "{distinct:?}");
}

/// Two populations, one of a name with a comma in it.
fn pair() -> Network {
    let mut net = Network::new("pair");
    net.dt("0.1 ms").seed(3);
    for (name, size) in [("a", 20), ("b, c", 10)] {
        net.population(name, "lif_psc_exp", size).parameter("i_e", "380 pA").initial("v", uniform("-70 mV", "-55 mV"));
        net.probe(name, "spikes");
    }
    net.project("a", "b, c", "i_exc", Connector::probability(0.5)).weight("20 pA").delay("1.5 ms");
    net
}

#[test]
fn tied_values_change_together() {
    let net = pair();
    let named = |text: &str| Axis::parse(text, &net).map(|axis| axis.addresses);
    assert_eq!(named("a.i_e, a.tau_m = 1 nA, 2 nA").unwrap(), ["a.i_e", "a.tau_m"]);
    assert_eq!(named("b, c.i_e=1 nA").unwrap(), ["b, c.i_e"]);
    assert_eq!(named("a[0,2].i_e,a[1,3].i_e=1 nA").unwrap(), ["a[0,2].i_e", "a[1,3].i_e"]);
    assert_eq!(named("a.i_e,b, c.i_e,a.tau_m=1 nA").unwrap(), ["a.i_e", "b, c.i_e", "a.tau_m"]);
    assert_eq!(named("block.x.size,a.size=1").unwrap(), ["block.x.size", "a.size"]);
    assert_eq!(named("b, c.i_f=1 nA").unwrap(), ["b, c.i_f"]);
    let sweep = Sweep::new(net).axis("a.i_e,b, c.i_e=500 pA..700 pA:3").unwrap().axis("a.tau_m=9 ms, 10 ms").unwrap();
    let sweep = sweep.axis("a.size,b, c.size=10, 15").unwrap().options(cpu()).duration(60.0);
    let (arranged, points) = (sweep.check().unwrap(), sweep.points().unwrap());
    assert_eq!((arranged.points, arranged.plans), (12, 2));
    assert_eq!(
        (&arranged.shared[..], &arranged.apart[0].0[..]),
        (&["a.i_e,b, c.i_e".into(), "a.tau_m".into()][..], "a.size,b, c.size")
    );
    assert_eq!(points[11].values, ["700 pA", "10 ms", "15"]);
    let network = sweep.network(&points[11]).unwrap();
    assert!(network.populations.iter().all(|p| p.size == network.populations[0].size), "{:?}", network.populations);
    let rows = sweep.table().unwrap();
    for (row, point) in rows.iter().zip(&points) {
        assert_eq!(bits(&row.numbers), bits(&alone(&sweep, point)), "{point:?}");
    }
    // both have it
    for key in ["a.spikes", "b, c.spikes"] {
        let spikes = |row: usize| rows[row].number(key).unwrap();
        assert!(spikes(0) < spikes(4) && spikes(4) < spikes(8), "{key}: {rows:?}");
    }
}

/// What is measured of intervals is added up while a sweep runs: a budget that does not hold the spikes is enough.
#[test]
fn a_sweep_of_rates_keeps_no_spikes() {
    let mut net = Network::new("busy");
    net.population("exc", "lif_psc_exp", 500).parameter("i_e", "20 nA").parameter("t_ref", "0.1 ms");
    net.probe("exc", "spikes");
    let options = cpu().threads(1).batch(Some(50));
    let planned = net.memory(&options).unwrap().bytes();
    let swept = |measures: &[Measure]| {
        let sweep = Sweep::new(net.clone()).measures(measures).duration(200.0);
        sweep.options(options.clone().memory_budget(planned + (2 << 20))).table().unwrap().remove(0)
    };
    let row = swept(&[Measure::Rate, Measure::Cv]);
    assert!(row.number("exc.spikes").unwrap() > 300_000.0, "{row:?}");
    let fault = swept(&[Measure::Rate, Measure::Fano]).fault.unwrap();
    assert!(fault.contains("spikes are recorded"), "{fault}");
}

/// Whatever was done before it ended, the rest is what is missing, and the table is the same.
#[test]
fn a_sweep_goes_on_where_it_ended() {
    let axes = ["exc.i_e=370 pA..400 pA:4", "exc.size=30, 40, 50"];
    let whole = sweep(&axes).batch(3).table().unwrap();
    for batches in 0..5 {
        let sweep = sweep(&axes).batch(3);
        let (mut rows, mut seen) = (Vec::new(), 0);
        let mut take = |said: Said, most: usize, rows: &mut Vec<Row>| {
            if let Said::Rows(new) = said {
                rows.extend(new);
                seen += 1;
            }
            if seen >= most { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        sweep.run(&BTreeSet::new(), &mut |said| take(said, batches, &mut rows)).unwrap();
        let done: BTreeSet<usize> = rows.iter().map(|row| row.point).collect();
        assert!(done.len() < 12);
        sweep.run(&done, &mut |said| take(said, 100, &mut rows)).unwrap();
        rows.sort_by_key(|row| row.point);
        assert_eq!(rows, whole, "{batches}");
    }
}

#[test]
fn points_that_fail_say_why_and_leave_the_others() {
    // one capacitance is beyond single precision
    let sweep = sweep(&["exc.c_m=250 pF, 1e-37 pF, 240 pF", "exc -> exc.weight=20 pA, 1e9 pA"]).batch(6);
    let rows = sweep.table().unwrap();
    let failed: Vec<bool> = rows.iter().map(|row| row.fault.is_some()).collect();
    assert_eq!(failed.iter().filter(|x| **x).count(), 2, "{rows:?}");
    assert!(failed[2] && failed[3] && rows[2].fault.as_ref().is_some_and(|why| why.contains("exc")), "{rows:?}");
    let points = sweep.points().unwrap();
    for (row, point) in rows.iter().zip(&points).filter(|(row, _)| row.fault.is_none()) {
        assert_eq!(bits(&row.numbers), bits(&alone(&sweep, point)), "{point:?}");
    }
}

#[test]
fn what_is_wrong_is_said_before_anything_runs() {
    let said = |axes: &[&str]| {
        let mut sweep = Sweep::new(network()).options(cpu());
        for axis in axes {
            match sweep.axis(axis) {
                Ok(next) => sweep = next,
                Err(error) => return error.to_string(),
            }
        }
        sweep.check().err().map_or(String::new(), |error| error.to_string())
    };
    let mut missed = Vec::new();
    for (axes, expected) in [
        (&["exc.i_f=1 nA, 2 nA"][..], "has no parameter `i_f`"),
        (&["exo.i_e=1 nA, 2 nA"][..], "nothing of that name"),
        (&["exc.i_e=1 nA, 2 mV"][..], "2 mV"),
        (&["exc.size=10, -3"][..], "expected a whole number"),
        (&["exc -> exc.connector.p=0.1, 1.4"][..], "1.4"),
        (&["exc.i_e=1 nA", "exc.i_e=2 nA"][..], "is swept twice"),
        (&["exc.tau_m,exc.i_e=1 nA", "exc.i_e=2 nA"][..], "`exc.i_e` is swept twice"),
        (&["exc.i_e,exc.i_f=1 nA, 2 nA"][..], "has no parameter `i_f`"),
        (&["exc.i_e,exc.tau_m=1 nA, 2 nA"][..], "tau_m"),
    ] {
        let said = said(axes);
        if !said.contains(expected) {
            missed.push(format!("{axes:?}: {said}"));
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn a_sweep_ends_when_it_is_told_to() {
    let sweep = sweep(&["exc.i_e=370 pA..400 pA:9"]).until(|| true);
    assert_eq!(sweep.table().unwrap(), []);
}
