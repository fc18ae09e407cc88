//! The example `leg` in closed loop: a rhythm that alternates, at the pace of its half-centres alone and of the leg with feedback.

#[path = "../../examples/leg/walk.rs"]
mod walk;

use synfire::{Choice, Options, Precision, Simulation};
use walk::{DT, Leg, Moment};

fn compiled(precision: Precision) -> Simulation {
    let options = Options::default().engine(Choice::Cpu).precision(precision).threads(1);
    walk::network().compile(&options).unwrap_or_else(|e| panic!("{e}"))
}

/// All moments of a run of so many ms.
fn run(simulation: &mut Simulation, ms: f64, feedback: bool) -> Vec<Moment> {
    walk::walk(simulation, &mut Leg::default(), (ms / DT) as u64, feedback).unwrap_or_else(|e| panic!("{e}"))
}

/// Pearson's correlation of the two half-centres.
fn correlation(moments: &[Moment]) -> f64 {
    let n = moments.len() as f64;
    let mean = [0, 1].map(|side| moments.iter().map(|m| m.half[side]).sum::<f64>() / n);
    let product = |a: usize, b: usize| moments.iter().map(|m| (m.half[a] - mean[a]) * (m.half[b] - mean[b])).sum::<f64>();
    product(0, 1) / (product(0, 0) * product(1, 1)).sqrt()
}

/// The period of the half-centres in SNS-Toolbox's trace of them, ms.
fn reference_period() -> f64 {
    let text = std::fs::read_to_string(super::root().join("tests/reference/sns/12_half_centre_cpg.json")).expect("the trace");
    let case: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let list = |key: &str| case["expected"][key].as_array().expect("a list").clone();
    let dt = case["dt_ms"].as_f64().expect("ms");
    let ahead: Vec<bool> = list("outputs").iter().map(|v| v[0].as_f64().expect("mV") >= v[1].as_f64().expect("mV")).collect();
    let times: Vec<f64> = list("steps").iter().map(|step| dt * step.as_f64().expect("a step")).collect();
    let up: Vec<f64> = (1..ahead.len()).filter(|n| !ahead[n - 1] && ahead[*n]).map(|n| times[n]).collect();
    assert!(up.len() > 2, "{up:?}");
    (up[up.len() - 1] - up[0]) / (up.len() - 1) as f64
}

#[test]
fn the_half_centres_alternate_at_their_own_pace_or_the_legs() {
    let mut simulation = compiled(Precision::F64);
    let alone = run(&mut simulation, 6000.0, false);
    simulation.reset().unwrap_or_else(|e| panic!("{e}"));
    let closed = run(&mut simulation, 6000.0, true);
    let mut periods = Vec::new();
    for (moments, name) in [(&alone, "alone"), (&closed, "closed loop")] {
        let settled = &moments[moments.len() / 3..];
        let period = walk::period(settled).expect("a rhythm");
        let (together, most) = (correlation(settled), settled.iter().map(|m| m.leg.angle.abs()).fold(0.0, f64::max));
        println!("{name}: period {period:.1} ms, correlation {together:.2}, angle up to {:.0} degrees", most.to_degrees());
        assert!(together < -0.8, "{name}: half-centres alternate: {together}");
        // the rhythm is regular: turns differ by the grid of steps alone
        let turns = walk::turns(settled);
        let gaps: Vec<f64> = turns.windows(2).map(|t| t[1] - t[0]).collect();
        assert!(gaps.iter().all(|gap| (gap - period).abs() < 0.01 * period), "{name}: {gaps:?}");
        // the joint swings to both sides, and does not turn over
        let angles = settled.iter().map(|m| m.leg.angle);
        assert!(angles.clone().fold(0.0, f64::min) < -0.2 && angles.fold(0.0, f64::max) > 0.2 && most < 1.5, "{name}: {most} rad");
        periods.push(period);
    }
    // without feedback nothing of the leg comes in: it is the half-centre of the trace, which is sampled every 5 ms
    let expected = reference_period();
    assert!((periods[0] - expected).abs() < 0.005 * expected, "{} ms, {expected} ms in the trace", periods[0]);
    // a hanging rod of this length swings faster than that (1.04 s for small angles), and inhibition ends a phase early
    assert!(periods[1] < 0.8 * periods[0], "{periods:?}");
}

#[test]
fn the_same_loop_gives_the_same_bits() {
    for precision in [Precision::F32, Precision::F64] {
        let mut simulation = compiled(precision);
        let first = run(&mut simulation, 1500.0, true);
        simulation.reset().unwrap_or_else(|e| panic!("{e}"));
        assert!(first == run(&mut simulation, 1500.0, true), "{precision:?}: after a reset");
        assert!(first == run(&mut compiled(precision), 1500.0, true), "{precision:?}: compiled again");
        // feedback counts
        simulation.reset().unwrap_or_else(|e| panic!("{e}"));
        assert!(first != run(&mut simulation, 1500.0, false), "{precision:?}");
    }
}
