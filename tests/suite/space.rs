//! Networks in space: the sheet of the papers, waves that a kicked corner sends out, ready examples as they stand in their files.

use synfire::network::Network;
use synfire::{Choice, Options, Simulation};

fn example(name: &str) -> Network {
    Network::load(super::examples().join(name)).unwrap_or_else(|report| panic!("{report}"))
}

fn compiled(net: &Network) -> Simulation {
    net.compile(&Options::default().engine(Choice::Cpu)).unwrap_or_else(|e| panic!("{e}"))
}

/// With edges of its own, NEST had 3,375 and 963 spikes.
#[test]
fn the_sheet_fires_as_published() {
    let mut net = example("sheet.toml");
    let (mut exc, mut inh) = (0.0, 0.0);
    let seeds = 3;
    for seed in 1..=seeds {
        net.seed(seed);
        let mut simulation = compiled(&net);
        simulation.run(100.0).unwrap();
        let count = |k: usize| simulation.recording().spikes[k].step.len() as f64;
        (exc, inh) = (exc + count(0), inh + count(1));
        // 2·pi·sigma²·p per area of 1 mm², 1,600 and 400 of them, one less where no neuron meets itself
        let edges = simulation.plan().synapses() as f64;
        let mean =
            |p: f64, sigma: f64, sources: f64, targets: f64| 2.0 * std::f64::consts::PI * sigma * sigma * p * sources * targets;
        let all = mean(0.35, 0.12, 1600.0, 2000.0) + mean(0.6, 0.08, 400.0, 2000.0) - 1600.0 * 0.35 - 400.0 * 0.6;
        assert!((edges / all - 1.0).abs() < 0.015, "{edges} {all}");
    }
    let (exc, inh) = (exc / seeds as f64, inh / seeds as f64);
    println!("spikes in 100 ms: {exc:.0} of 1,600 excitatory, {inh:.0} of 400 inhibitory neurons");
    assert!((exc / 3375.0 - 1.0).abs() < 0.06 && (inh / 963.0 - 1.0).abs() < 0.06, "{exc} {inh}");
}

/// Slope and intercept of a straight line through points.
fn line(points: &[(f64, f64)]) -> (f64, f64) {
    let n = points.len() as f64;
    let (x, y) = points.iter().fold((0.0, 0.0), |(a, b), (x, y)| (a + x / n, b + y / n));
    let (above, below) = points.iter().fold((0.0, 0.0), |(a, b), (u, v)| (a + (u - x) * (v - y), b + (u - x).powi(2)));
    (above / below, y - above / below * x)
}

/// Distance of neuron k of a sheet of 30 x 30 from the corner, mm.
fn from_corner(k: usize) -> f64 {
    ((k / 30) as f64).hypot((k % 30) as f64)
}

/// What arrives first at each neuron came straight from the corner: its slope over distance is the inverse of the speed.
#[test]
fn first_arrivals_come_at_the_speed_of_conduction() {
    for speed in [0.175, 0.35, 0.7] {
        let mut net = example("wave_sheet.toml");
        for projection in &mut net.projections {
            if projection.source == projection.target {
                projection.delay(format!("1 ms + d/({speed} m/s)"));
            }
        }
        let mut simulation = compiled(&net);
        simulation.run(90.0).unwrap();
        let recording = simulation.recording();
        let (trace, train) = (&recording.traces[0], &recording.spikes[0]);
        // the corner fires together, about 0.3 ms after the kick has come
        let corner: Vec<usize> = train.pairs().map(|(_, k)| k as usize).collect();
        let fired = train.step.iter().min().copied().unwrap() as f64 * 0.1;
        assert!(corner.iter().all(|k| from_corner(*k) <= 2.0) && corner.len() == 6, "{corner:?}");
        let arrival = |k: usize| (0..trace.samples()).find(|s| trace.values[s * 900 + k] > 0.0).map(|s| (s + 1) as f64 * 0.1);
        // over a factor of four in distance
        let near: Vec<(f64, f64)> = (0..900)
            .filter(|k| (2.5..=10.0).contains(&from_corner(*k)))
            .filter_map(|k| Some((from_corner(k), arrival(k)?)))
            .collect();
        assert!(near.len() > 20, "{}", near.len());
        let (slope, start) = line(&near);
        println!(
            "conduction {speed} m/s: first arrivals at {} neurons, {:.3} m/s, {:.1} ms after the corner",
            near.len(),
            1.0 / slope,
            start - fired
        );
        assert!((slope * speed - 1.0).abs() < 0.1, "{slope} ms per mm at {speed} m/s");
    }
}

/// Where one spike is enough for the next, a front runs over the sheet: slower than conduction, since each hop takes its time.
#[test]
fn a_front_runs_over_the_sheet() {
    let mut net = example("wave_sheet.toml");
    net.set("exc -> exc.weight", "0.6 uS").unwrap();
    let mut simulation = compiled(&net);
    simulation.run(60.0).unwrap();
    let mut first = vec![f64::NAN; 900];
    for (step, k) in simulation.recording().spikes[0].pairs() {
        let k = k as usize;
        first[k] = first[k].min(step as f64 * 0.1);
    }
    let points: Vec<(f64, f64)> = (0..900)
        .filter(|k| (4.0..=16.0).contains(&from_corner(*k)) && first[*k].is_finite())
        .map(|k| (from_corner(k), first[k]))
        .collect();
    let (slope, _) = line(&points);
    println!("the front passes {} neurons at {:.3} m/s (conduction 0.35 m/s)", points.len(), 1.0 / slope);
    assert!(points.len() > 100);
    assert!((0.15..0.35).contains(&(1.0 / slope)), "{}", 1.0 / slope);
}
