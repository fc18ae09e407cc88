//! What texts of models say, on every engine: remainders, steps of time, noise in the sense of Stratonovich, late graded synapses.

use synfire::network::{Connector, Network};
use synfire::{Choice, Error, Options, Precision, Simulation};

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

fn compiled(net: &Network, options: &Options) -> Simulation {
    net.compile(options).unwrap_or_else(failed)
}

#[test]
fn remainders_have_the_sign_of_what_divides_and_halves_go_to_even_numbers() {
    let mut net = Network::new("remainders");
    net.equations(
        "
        neuron clock
          param a = 0, b = 1
          state x = 0, y = 0, z = 0
          step
            x = mod(a, b)
            y = mod(timestep(t), 49)
            z = round(a/b)
        ",
    );
    // whole numbers, where a quotient is rounded up or down; and both signs
    let pairs = [
        (7.0, 3.0),
        (-7.0, 3.0),
        (7.0, -3.0),
        (-7.0, -3.0),
        (49.0, 49.0),
        (98.0, 49.0),
        (4900049.0, 49.0),
        (6.0, 3.0),
        (-6.0, 3.0),
        (0.0, 5.0),
        (5.5, 2.0),
        (5.0, 2.0),
        (-3.0, 2.0),
    ];
    for (k, (a, b)) in pairs.into_iter().enumerate() {
        net.population(format!("p{k}"), "clock", 1).parameter("a", a).parameter("b", b);
    }
    for (name, options) in engines() {
        let mut simulation = compiled(&net, &options);
        for step in [50u64, 49, 1, 70] {
            simulation.run_steps(step).unwrap_or_else(failed);
            let last = (simulation.time_steps() - 1) % 49;
            assert_eq!(simulation.state("p0", "y").unwrap_or_else(failed), [last as f64], "{name}");
        }
        for (k, (a, b)) in pairs.into_iter().enumerate() {
            let expected = a - b * (a / b).floor();
            assert_eq!(simulation.state(&format!("p{k}"), "x").unwrap_or_else(failed), [expected], "{name}: mod({a}, {b})");
            let whole = (a / b).round_ties_even();
            assert_eq!(simulation.state(&format!("p{k}"), "z").unwrap_or_else(failed), [whole], "{name}: round({a}/{b})");
        }
    }
}

/// A dead time that the model counts itself, as Brian2 writes it: three steps at 0.1 ms are three, whatever the rounding of time.
#[test]
fn a_time_is_a_whole_number_of_steps() {
    let mut net = Network::new("dead time");
    net.dt("0.1 ms").equations(
        "
        neuron dead
          state last = -1 s
          threshold timestep(t - last) >= timestep(0.3 ms)
          reset last = t
        ",
    );
    net.population("p", "dead", 1);
    net.probe("p", "spikes");
    for (name, options) in engines() {
        let mut simulation = compiled(&net, &options);
        simulation.run(500.0).unwrap_or_else(failed);
        let steps = &simulation.recording().spikes[0].step;
        assert!(steps.windows(2).all(|pair| pair[1] - pair[0] == 3), "{name}");
        assert_eq!(steps.len(), 1667, "{name}");
    }
}

/// dx = σ x dW: in the sense of Stratonovich log x is a walk without drift, in the sense of Itô it falls by σ²/2.
#[test]
fn noise_in_the_sense_of_stratonovich() {
    let cells = 4000;
    for (method, drift) in
        [("heun_stratonovich", 0.0), ("milstein_stratonovich", 0.0), ("euler_maruyama", -0.5), ("milstein", -0.5)]
    {
        let mut net = Network::new("geometric");
        net.dt("0.02 ms").seed(5).equations("neuron walk\n param s = 0.2\n state x = 1\n dx/dt = s*x*xi*sqrt(1 kHz)");
        net.population("p", "walk", cells).method(method);
        let mut simulation = compiled(&net, &engines()[0].1);
        simulation.run(10.0).unwrap_or_else(failed);
        let logs: Vec<f64> = simulation.state("p", "x").unwrap_or_else(failed).iter().map(|x| x.ln()).collect();
        let mean = logs.iter().sum::<f64>() / cells as f64;
        // σ² t = 0.4; five standard errors
        let expected = drift * 0.4;
        assert!((mean - expected).abs() < 5.0 * (0.4 / cells as f64).sqrt(), "{method}: {mean}, {expected}");
    }
}

#[test]
fn a_graded_synapse_reads_its_source_late() {
    let text = "
        neuron ramp
          state v = 5 mV
          dv/dt = 1 mV/ms
        neuron hears
          state v = 0 mV
          input i : mV
          step
            v = i
        synapse copies
          param g = 1
          graded i += g*pre.v
    ";
    let mut net = Network::new("late");
    net.dt("0.1 ms").equations(text);
    net.population("a", "ramp", 2);
    for (name, delay) in [("now", None), ("soon", Some("0.3 ms")), ("late", Some("2 ms"))] {
        net.population(name, "hears", 2);
        let projection = net.project_by("a", name, "copies", Connector::OneToOne);
        if let Some(delay) = delay {
            projection.delay(delay);
        }
        net.probe(name, "v");
    }
    for (name, options) in engines() {
        let mut simulation = compiled(&net, &options);
        simulation.run(1.05).unwrap_or_else(failed);
        // taken up from its state
        let state = simulation.snapshot().unwrap_or_else(failed);
        simulation.run(3.0).unwrap_or_else(failed);
        let whole = simulation.take_recording();
        simulation.restore(&state).unwrap_or_else(failed);
        simulation.run(3.0).unwrap_or_else(failed);
        let again = simulation.take_recording();
        for (k, steps) in [0u64, 3, 20].into_iter().enumerate() {
            let trace = &whole.traces[k];
            for (n, sample) in (0u64..).zip(trace.values.chunks(2)) {
                // in step n the state of step n - steps; before the first step it was what it began with
                let expected = 5.0 + n.saturating_sub(steps) as f64 * 0.1;
                assert!(
                    sample.iter().all(|v| (v - expected).abs() < 1e-5),
                    "{name}, {steps} steps, step {n}: {sample:?} {expected}"
                );
            }
            let rest = &trace.values[trace.values.len() - again.traces[k].values.len()..];
            assert_eq!(rest, again.traces[k].values, "{name}, {steps} steps");
        }
    }
    let said = |change: &dyn Fn(&mut Network)| {
        let mut net = net.clone();
        change(&mut net);
        super::what_is_wrong(&net, std::path::Path::new(".")).unwrap_or_default()
    };
    let long = said(&|net| net.projections[1].delay = Some("1 s".into()));
    assert!(long.contains("a delay of 10000 steps: its source keeps a number for each, at most 1000"), "{long}");
    let several = said(&|net| net.projections[1].delay = Some(["1 ms", "2 ms"].into()));
    assert!(several.contains("graded synapses of a projection have one delay for all of them"), "{several}");
}

#[test]
fn steps_that_are_long_for_a_model_are_remarked() {
    let remarks = |model: &str, dt: &str| {
        let mut net = Network::new("steps");
        net.dt(dt);
        net.population("p", model, 1);
        compiled(&net, &engines()[0].1).remarks().map(str::to_owned).collect::<Vec<_>>().join("; ")
    };
    let said = remarks("hodgkin_huxley", "0.5 ms");
    assert!(said.contains("a step of 0.5 ms is 2.1") && said.contains("times the time constant of `m` at rest"), "{said}");
    assert_eq!(remarks("hodgkin_huxley", "0.1 ms"), "");
    assert_eq!(remarks("traub_miles", "0.1 ms"), "");
    assert_eq!(remarks("wang_buzsaki", "0.05 ms"), "");
}

#[test]
fn the_limit_of_adex_is_named() {
    let mut net = Network::new("limit");
    net.population("p", "adex", 1).parameter("delta_t", "0 mV");
    let said = super::what_is_wrong(&net, std::path::Path::new(".")).unwrap_or_default();
    assert!(said.contains("help: without the exponential upstroke it is the model `lif_cond_exp_adaptive`"), "{said}");
}
