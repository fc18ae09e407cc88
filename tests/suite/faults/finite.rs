//! Numbers that are not finite stop the run, by name, in the step in which they appear.
//!
//! The same is named by every engine, with every length of a batch, any number of threads and every schedule; what was
//! recorded up to the step before is kept.

use synfire::engine::Fault;
use synfire::network::{Connector, Value, Variant};
use synfire::plan::schedule::{Schedule, Settings};
use synfire::{Error, Network, Options, Precision, Simulation};

use super::{ENGINES, fault, options};

/// Steps in a batch; `None`: as many as the engine likes.
const BATCHES: [Option<u32>; 3] = [Some(1), Some(7), None];

/// Every way in which a network may be run: a name, and how.
fn machines() -> Vec<(String, Options)> {
    let mut all = Vec::new();
    for (engine, precision) in ENGINES {
        for batch in BATCHES {
            let base = options(engine, precision).batch(batch);
            let name = format!("{engine} {precision:?}, batches of {batch:?}");
            if engine == "cpu" {
                let threads = |n| base.clone().threads(n).rows_per_thread(64);
                all.push((format!("{name}, 1 thread"), threads(1)));
                all.push((format!("{name}, 2 threads"), threads(2)));
            } else {
                for schedule in Schedule::ALL {
                    let settings = Settings::default().schedule(schedule);
                    all.push((format!("{name}, {}", schedule.name()), base.clone().schedule(settings)));
                }
            }
        }
    }
    all
}

fn network(text: &str) -> Network {
    Network::from_toml(text, "test").unwrap_or_else(|report| panic!("{report}"))
}

/// One population `p` of a model `n`, recorded whole.
fn cells(model: &str, size: u64) -> Network {
    let mut net = network(&format!("dt = \"0.1 ms\"\nequations = \"\"\"\n{model}\n\"\"\"\n"));
    net.population("p", "n", size);
    net
}

/// Runs into a fault; what is left must be what the steps before it give.
fn stopped(name: &str, net: &Network, options: &Options) -> Fault {
    let compiled = || net.compile(options).unwrap_or_else(|e| panic!("{name}: {e}"));
    outcome(name, compiled(), compiled(), 50)
}

fn outcome(name: &str, mut simulation: Simulation, mut good: Simulation, steps: u64) -> Fault {
    let Err(Error::Run { fault, last_good, .. }) = simulation.run_steps(steps) else { panic!("{name}: nothing was found") };
    assert_eq!(fault.step(), Some(last_good + 1), "{name}: {fault}");
    assert_eq!(simulation.time_steps(), last_good, "{name}: {fault}");
    good.run_steps(last_good).unwrap_or_else(|e| panic!("{name}: {e}"));
    assert_eq!(simulation.recordings(), good.recordings(), "{name}");
    assert!(simulation.recording().steps == last_good);
    let (found, expected) = (simulation.snapshot().unwrap(), good.snapshot().unwrap());
    assert_eq!(found, expected, "{name}: {fault}");
    fault
}

/// The same fault on all machines that compute in f32, and on all that compute in f64.
fn everywhere(net: &Network) -> [String; 2] {
    let mut said: [Option<String>; 2] = [None, None];
    for (name, options) in machines() {
        let place = &mut said[usize::from(options.precision == Precision::F64)];
        let found = stopped(&name, net, &options).to_string();
        match place {
            Some(known) => assert_eq!(*known, found, "{name}"),
            None => *place = Some(found),
        }
    }
    said.map(Option::unwrap)
}

#[test]
fn a_state_that_is_infinite_for_one_step() {
    assert_eq!(everywhere(&fault("one_step_infinite")), ["y of p[0] became inf at step 4"; 2]);
}

#[test]
fn a_state_that_is_not_a_number_for_one_step() {
    let mut net = cells("neuron n\n  state x = 1, y = 0\n  step\n    x = x - 0.25\n    y = (x + x)/x", 1);
    net.probe("p", "y");
    assert_eq!(everywhere(&net), ["y of p[0] became NaN at step 4"; 2]);
}

/// The first row of 200, in the step in which two of them break.
#[test]
fn the_first_row_of_the_first_step() {
    let mut net = cells("neuron n\n  param first = 0\n  state x = 1, y = 0\n  step\n    x = x - 0.25\n    y = 1/(x + first)", 200);
    let first = (0..200).map(|k| Value::Number(if k == 190 || k == 131 { 0.0 } else { -2.0 }));
    net.populations[0].parameters.insert("first".into(), Value::List(first.collect()));
    net.probe("p", "x").rows(3..140);
    assert_eq!(everywhere(&net), ["y of p[131] became inf at step 4"; 2]);
}

/// 1e30, infinite at the test, 1 again: with the step's end alone nothing would be seen.
#[test]
fn a_state_that_a_reset_overwrites() {
    let model = |growth: &str, high: &str| {
        format!("neuron n\n  state x = 1\n  step\n    x = x*{growth}\n    spike\n  threshold x > {high}\n  reset x = 1")
    };
    let mut single = cells(&model("1e30", "1e38"), 3);
    let mut double = cells(&model("1e200", "1e308"), 3);
    for net in [&mut single, &mut double] {
        net.probe("p", "spikes");
        net.probe("p", "x");
    }
    for (name, options) in machines() {
        let net = if options.precision == Precision::F64 { &double } else { &single };
        assert_eq!(stopped(&name, net, &options).to_string(), "x of p[0] became inf at step 2", "{name}");
    }
}

/// What comes back: infinite at the test of one step alone, in a state that does not keep it, reset or not.
#[test]
fn a_fleeting_state_at_the_test() {
    let model = "neuron n\n  state x = 1, y = 0\n  step\n    x = x - 0.25\n    y = 1/x\n    spike\n    y = 0\n  threshold y > 1e6\n  reset x = 2";
    let mut net = cells(model, 2);
    net.probe("p", "y");
    assert_eq!(everywhere(&net), ["y of p[0] became inf at step 4"; 2]);
}

#[test]
fn a_state_of_a_synapse() {
    let [single, double] = everywhere(&fault("synapse_state_infinite"));
    for said in [&single, &double] {
        assert!(said.starts_with("g of synapse 0 of loop (0 to 0) became inf at step "), "{said}");
    }
}

/// Infinite for one step, behind a minimum: each of a source alone, of a synapse alone, of a target alone.
#[test]
fn a_fleeting_state_of_a_synapse() {
    for (of, value) in [("source", "pre.x"), ("target", "post.x")] {
        let equations = format!(
            "neuron n\n  state x = 1\n  input i : 1\n  step\n    x = x - 0.25 + 0*i\nsynapse s\n  state g = 0\n  step\n    g = 1/({value} - 0.25)\n    graded\n  graded i += min(g, 1)"
        );
        let mut net = network(&format!("dt = \"0.1 ms\"\nequations = \"\"\"\n{equations}\n\"\"\"\n"));
        net.population("p", "n", 3);
        net.population("q", "n", 130);
        net.project_by("p", "q", "s", Connector::AllToAll).named("fan");
        net.probe("q", "x");
        // x is 0.25 when the fourth step begins
        let expected = "g of synapse 0 of fan (0 to 0) became inf at step 4";
        assert_eq!(everywhere(&net), [expected; 2], "{of}");
    }
}

#[test]
fn an_instance_is_named() {
    let mut net = cells("neuron n\n  param a = 0\n  state x = 1, y = 0\n  step\n    x = x - 0.25\n    y = 1/(x + a)", 70);
    net.probe("p", "y").rows(0..1);
    let variants: Vec<Variant> = ["0.5", "0", "-0.5", "0.25"].iter().map(|a| Variant::new().set("p.a", *a)).collect();
    for (name, options) in machines() {
        let compiled = || net.compile_ensemble(&variants, &options).unwrap_or_else(|e| panic!("{name}: {e}"));
        // x + a is 0 after 6, 4, 2 and 5 steps
        let said = outcome(&name, compiled(), compiled(), 30).to_string();
        assert_eq!(said, "y of p[0] became inf at step 2 in instance 2", "{name}");
    }
}

/// Infinity that comes out finite is nobody's fault, nor are parameters that are infinite.
#[test]
fn what_comes_out_finite_goes_on() {
    let model = "neuron n\n  state x = 1, y = 0\n  step\n    x = x - 0.25\n    y = 1/(1 + 1/(x*x))";
    let net = cells(model, 2);
    for (name, options) in machines() {
        let mut simulation = net.compile(&options).unwrap_or_else(|e| panic!("{name}: {e}"));
        simulation.run_steps(20).unwrap_or_else(|e| panic!("{name}: {e}"));
    }
}

/// The remedy names the idiom of models that shoot up within a step.
#[test]
fn the_remedy_is_said() {
    let said = |net: &Network| {
        let mut simulation = net.compile(&options("cpu", Precision::F32)).unwrap();
        simulation.run_steps(50).unwrap_err().to_string()
    };
    assert!(said(&fault("one_step_infinite")).contains("`min(v, v_peak)`"));
    assert!(said(&fault("synapse_state_infinite")).contains("`min(x, x_max)`"));
}

/// Nothing arrives at a port without projections: times a gain that is infinite, that is nothing, on every engine. Where it is
/// connected, 0 times infinity is what it is.
#[test]
fn a_port_that_nothing_reaches_is_nothing() {
    let mut net =
        cells("neuron n\n  param tau = inf ms\n  state x = 1\n  input i -> x*tau/(1 ms)\n  step\n    x = x*0.5\n    receive", 3);
    net.probe("p", "x");
    for (name, options) in machines() {
        let mut simulation = net.compile(&options).unwrap_or_else(|e| panic!("{name}: {e}"));
        simulation.run_steps(3).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(simulation.recording().traces[0].values[6..], [0.125; 3], "{name}");
    }
    net.population("s", "spike_times", 1).spike_times(vec![vec![]]);
    net.project("s", "p", "i", Connector::AllToAll).weight(Value::Number(1.0)).delay("1 ms");
    assert_eq!(everywhere(&net), ["x of p[0] became NaN at step 1"; 2]);
}

/// A divisor that is 0 whatever the state is refused; one that is 0 in a step stops the run there.
#[test]
fn a_threshold_that_meets_nan() {
    let net = fault("tie_of_nothing");
    for (engine, precision) in ENGINES {
        let said = net.compile(&options(engine, precision)).map(|_| ()).unwrap_err().to_string();
        assert!(said.contains("p: the model divides by 0, or by 0 times a number"), "{said}");
    }
    let model = "neuron n\n  state v = 0.75, w = 0.75\n  step\n    v = v - 0.25\n    w = w - 0.25\n    spike\n  threshold v/w >= 15\n  reset v = 1";
    let mut net = cells(model, 4);
    net.probe("p", "spikes");
    assert_eq!(everywhere(&net), ["a comparison in the threshold of p[0] met NaN at step 3"; 2]);
}

/// 1/0 is larger than any number, on every engine.
#[test]
fn infinity_is_compared() {
    let mut net = cells(
        "neuron n\n  state x = 1, y = 0\n  step\n    x = x - 0.25\n    y = (1 if 1/x > 15 else 0) + (2 if -1/x < 1e30 else 0)",
        3,
    );
    net.probe("p", "y");
    for (name, options) in machines() {
        let mut simulation = net.compile(&options).unwrap_or_else(|e| panic!("{name}: {e}"));
        simulation.run_steps(6).unwrap_or_else(|e| panic!("{name}: {e}"));
        let found: Vec<f64> = simulation.recording().traces[0].values.iter().step_by(3).copied().collect();
        assert_eq!(found, [2.0, 2.0, 2.0, 3.0, 2.0, 2.0], "{name}");
    }
}

/// 0/0 behind an `if`, in the step in which x is 0; the branch that it stands in is taken, or not.
#[test]
fn a_comparison_decides_where_it_is_taken() {
    let model = |test: &str| format!("neuron n\n  state x = 1, y = 0\n  step\n    x = x - 0.25\n    y = {test}");
    let taken = ["1 if x/x > 0.5 else 0", "(1 if x/x > 0.5 else 0) if x < 10 else 5", "1 if x < 10 and x/x > 0.5 else 0"];
    for test in taken {
        let mut net = cells(&model(test), 3);
        net.probe("p", "y");
        let said = "a comparison in the equations of p[0] met NaN at step 4";
        assert_eq!(everywhere(&net), [said; 2], "{test}");
    }
    let idle = ["5 if x == 0 else (1 if x/x > 0.5 else 0)", "1 if x != 0 and x/x > 0.5 else 0", "1 if x == 0 or x/x > 0.5 else 0"];
    for test in idle {
        let net = cells(&model(test), 3);
        for (name, options) in machines() {
            let mut simulation = net.compile(&options).unwrap_or_else(|e| panic!("{name}: {e}"));
            simulation.run_steps(20).unwrap_or_else(|e| panic!("{name}, {test}: {e}"));
        }
    }
}

/// What a synapse decides by a comparison with NaN is NaN, and stops the run where it ends.
#[test]
fn a_comparison_of_a_synapse() {
    for (state, said) in
        [("", "v of q[0] became NaN at step 5"), ("  state g = 0\n", "g of synapse 0 of fan (0 to 0) became NaN at step 5")]
    {
        let value = "(1 if pre.x/pre.x > 0.5 else 0)";
        let line = match state {
            "" => format!("  graded i += {value}"),
            _ => format!("{state}  step\n    g = {value}\n    graded\n  graded i += min(g, 1)"),
        };
        let equations = format!(
            "neuron n\n  state x = 1\n  step\n    x = x - 0.25\nneuron m\n  state v = 0\n  input i : 1\n  step\n    v = v/2 + i\nsynapse s\n{line}"
        );
        let mut net = network(&format!("dt = \"0.1 ms\"\nequations = \"\"\"\n{equations}\n\"\"\"\n"));
        net.population("p", "n", 3);
        net.population("q", "m", 70);
        net.project_by("p", "q", "s", Connector::AllToAll).named("fan");
        net.probe("q", "v");
        // x is 0 when the fifth step begins
        assert_eq!(everywhere(&net), [said; 2]);
    }
}

/// NaN beside a number in a minimum stays NaN, on whichever side; so does NaN to the power of 0.
#[test]
fn nan_does_not_vanish() {
    for value in ["min(x/x, 5)", "min(5, x/x)", "max(x/x, 5)", "max(5, x/x)", "(x/x)**(0*x)"] {
        let mut net = cells(&format!("neuron n\n  state x = 1, y = 0\n  step\n    x = x - 0.25\n    y = {value}"), 3);
        net.probe("p", "y");
        assert_eq!(everywhere(&net), ["y of p[0] became NaN at step 4"; 2], "{value}");
    }
}

fn verified(net: &Network, engine: &str, steps: u64) -> synfire::simulation::Verification {
    let mut simulation = net.compile(&options(engine, Precision::F32)).unwrap_or_else(|e| panic!("{e}"));
    simulation.verify(steps, None).unwrap_or_else(|e| panic!("{e}"))
}

/// The root of what rounds to 0, a network without any state, no steps at all.
#[test]
fn healthy_engines_agree_in_lockstep() {
    let root = cells("neuron n\n  param w = 0, h = 3\n  state y = 0\n  step\n    y = sqrt(1 - cos(t*w/(h*(1 ms))))", 3);
    let mut sources = Network::new("sources");
    sources.dt("0.1 ms").population("p", "spike_times", 2).spike_times(vec![vec![0.5, 1.0], vec![1.5]]);
    let mut random = Network::new("random");
    random.dt("0.1 ms").population("p", "poisson_source", 5).parameter("rate", "500 Hz");
    for engine in ["cpu", "gpu"] {
        for net in [&root, &sources, &random] {
            let verification = verified(net, engine, 20);
            assert!(verification.agrees() && verification.steps == 20, "{engine}: {verification}");
            assert_eq!(verification.worst.is_empty(), net.name != root.name, "sources have no state: {verification}");
        }
        let nothing = verified(&root, engine, 0);
        assert!(!nothing.agrees() && nothing.to_string().contains("was not compared"), "{nothing}");
    }
}

/// A spike that differs because nothing is known of the test is no tie.
#[test]
fn what_nothing_bounds_is_no_tie() {
    // 1/x of a difference that cancels, beside numbers that are known
    let model = "neuron n\n  state x = 0.7, y = 0\n  step\n    y = 0.5*y\n    spike\n  threshold 1/(x/3*3 - x) > 15 + 0*y";
    let mut net = cells(model, 4);
    net.probe("p", "spikes");
    let verification = verified(&net, "cpu", 5);
    assert_eq!(verification.ties, 0, "{verification}");
}

/// What a verification cannot see stands in its report.
#[test]
fn a_report_says_what_it_cannot_see() {
    let mut net = Network::new("seen");
    net.dt("0.1 ms").population("a", "lif_psc_exp", 3);
    assert!(verified(&net, "cpu", 3).unseen.is_empty());
    net.population("b", "lif_psc_exp", 3);
    net.project("a", "b", "i_exc", Connector::AllToAll).weight("30 pA").delay("1 ms");
    net.stimulate("a", "i_exc", synfire::network::Waveform::poisson("1 kHz", "30 pA"));
    net.input("push", "a", "i_stim", "1 pA");
    let said = verified(&net, "cpu", 3).to_string();
    for what in ["in whole numbers: both sides take them", "random numbers: both sides draw", "inputs: they were 0 in all steps"] {
        assert!(said.contains(what), "{said}");
    }
    let mut simulation = net.compile(&options("cpu", Precision::F32)).unwrap();
    let given = simulation.verify(3, Some(&[1.0; 3])).unwrap();
    assert!(!given.to_string().contains("inputs:"), "{given}");
}
