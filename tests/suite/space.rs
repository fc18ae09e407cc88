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

/// What arrives first at a neuron came straight from the corner: its slope over the distance that it came is the inverse of the speed,
/// over a factor of four in distance, at speeds over a factor of four.
#[test]
fn first_arrivals_come_at_the_speed_of_conduction() {
    let far = |a: u32, b: u32| f64::from((a / 30).abs_diff(b / 30)).hypot(f64::from((a % 30).abs_diff(b % 30)));
    for speed in [0.175, 0.35, 0.7] {
        let mut net = example("wave_sheet.toml");
        for projection in &mut net.projections {
            if projection.source == projection.target {
                projection.delay(format!("1 ms + d/({speed} m/s)"));
            }
        }
        let mut simulation = compiled(&net);
        simulation.run(80.0).unwrap();
        let recording = simulation.recording();
        let (trace, train) = (&recording.traces[0], &recording.spikes[0]);
        // the corner fires together, one of it once more later, and nobody else does
        let fired = train.step[0];
        let mut corner: Vec<u32> = train.neuron.clone();
        corner.sort_unstable();
        corner.dedup();
        let kicked: Vec<u32> = (0..900).filter(|k| from_corner(*k as usize) <= 4.0).collect();
        assert_eq!(corner, kicked);
        assert!(train.step[..kicked.len()].iter().all(|step| *step == fired));
        let arrival = |k: u32| (0..trace.samples()).find(|s| trace.values[s * 900 + k as usize] > 0.0).map(|s| s as u64 + 1);
        // where from each neuron outside the corner hears first
        let route = simulation.plan().routes().iter().find(|route| route.name == "exc -> exc").unwrap();
        let mut nearest = vec![f64::INFINITY; 900];
        route.edges.each(0..route.edges.count(), |_, from, to| {
            if kicked.binary_search(&from).is_ok() && kicked.binary_search(&to).is_err() {
                nearest[to as usize] = nearest[to as usize].min(far(from, to));
            }
        });
        let came: Vec<(f64, f64)> = (0..900)
            .filter(|k| (1.5..=9.0).contains(&nearest[*k as usize]))
            .map(|k| (nearest[k as usize], (arrival(k).unwrap() - fired) as f64 * 0.1))
            .collect();
        let (least, most) = came.iter().fold((f64::INFINITY, 0f64), |(a, b), (d, _)| (a.min(*d), b.max(*d)));
        assert!(came.len() > 15 && most >= 4.0 * least, "{} from {least} to {most} mm", came.len());
        let (slope, start) = line(&came);
        println!(
            "conduction at {speed} m/s: first arrivals at {} neurons, {least:.1} to {most:.1} mm: {:.3} m/s, and {start:.2} ms",
            came.len(),
            1.0 / slope
        );
        assert!((slope * speed - 1.0).abs() < 0.1, "{slope} ms per mm at {speed} m/s");
        // and each of them to the step
        for (d, ms) in &came {
            assert!((ms - 1.0 - d / speed).abs() < 0.06, "{d} mm: {ms} ms");
        }
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
