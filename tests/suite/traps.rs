//! Where those who come from PyNN and NEST trip, each trap with what happens here, on every engine. The page
//! `coming_from_nest_and_pynn` tells them. Numbers of NEST were had from NEST 3.10 with the cells and spikes of the test.

use synfire::network::{Connector, Network};
use synfire::recording::Recording;
use synfire::{Choice, Options, Precision, Simulation};

fn engines() -> [Options; 3] {
    let cpu = |precision| Options::default().engine(Choice::Cpu).precision(precision);
    [cpu(Precision::F64), cpu(Precision::F32), Options::default().engine(Choice::Adapter("llvmpipe".into()))]
}

fn compiled(net: &Network, options: &Options) -> Simulation {
    net.compile(options).unwrap_or_else(|error| panic!("{error}"))
}

fn run(net: &Network, options: &Options, ms: f64) -> Recording {
    let mut simulation = compiled(net, options);
    simulation.run(ms).unwrap_or_else(|error| panic!("{error}"));
    simulation.take_recording()
}

/// What is remarked of a network that is right.
fn remarks(net: &Network) -> String {
    compiled(net, &engines()[0]).remarks().collect::<Vec<_>>().join("\n")
}

/// What is wrong with a network.
fn wrong(net: &Network) -> String {
    net.compile(&engines()[0]).err().map(|error| error.to_string()).expect("it is wrong")
}

/// A source that spikes at these times, ms, onto a port of one cell; v is recorded.
fn pair(model: &str, port: &str, weight: &str, times: &[f64]) -> Network {
    let mut net = Network::new("pair");
    net.population("source", "spike_times", 1).spike_times(vec![times.to_vec()]);
    net.population("cell", model, 1);
    net.project("source", "cell", port, Connector::AllToAll).weight(weight).delay("1 ms");
    net.probe("cell", "v");
    net.probe("cell", "spikes");
    net
}

/// Trap 1: What inhibits is a positive weight onto a conductance, a negative one onto a current; the other sign is remarked.
#[test]
fn inhibition_is_positive_onto_conductances_and_negative_onto_currents() {
    for (model, port, right, wrong) in [
        ("lif_cond_exp", "g_inh", "6 nS", "-6 nS"),
        ("lif_psc_exp", "i_inh", "-90 pA", "90 pA"),
        ("lif_psc_alpha", "i_inh", "-90 pA", "90 pA"),
    ] {
        for options in engines() {
            let lowest = |weight| {
                run(&pair(model, port, weight, &[1.0]), &options, 10.0).traces[0].values.iter().copied().fold(0.0, f64::min)
            };
            let highest = |weight| {
                run(&pair(model, port, weight, &[1.0]), &options, 10.0).traces[0].values.iter().copied().fold(-200.0, f64::max)
            };
            let rest = if model == "lif_cond_exp" { -60.0 } else { -70.0 };
            assert!(lowest(right) < rest - 0.1 && highest(right) <= rest, "{model}");
            assert!(highest(wrong) > rest + 0.1, "{model}");
        }
        assert_eq!(remarks(&pair(model, port, right, &[1.0])), "");
        let said = remarks(&pair(model, port, wrong, &[1.0]));
        assert!(said.contains(&format!("weights at `{port}`")), "{said}");
    }
    // a port of one's own may mean what it likes, and so may one that does not say that it inhibits
    assert_eq!(remarks(&pair("lif_psc_exp", "i_exc", "90 pA", &[1.0])), "");
    assert_eq!(remarks(&pair("lif_psc_exp", "i_exc", "-90 pA", &[1.0])), "");
}

/// Trap 2: Delays are whole steps, at least one: 0.26 ms is 0.3 ms and said so, 0 and what would be rounded to 0 are refused.
#[test]
fn delays_are_whole_steps_and_never_none() {
    let with = |delay: &str| {
        let mut net = pair("lif_psc_delta", "delta", "1 mV", &[1.0]);
        net.projections[0].delay(delay);
        net
    };
    // a spike of step 10 and a delay of 3 steps: v of step 13 has risen
    for (delay, steps) in [("0.1 ms", 1), ("0.26 ms", 3), ("0.34 ms", 3), ("1.5 ms", 15)] {
        for options in engines() {
            let recording = run(&with(delay), &options, 5.0);
            let first = recording.traces[0].values.iter().position(|v| *v > -69.9).expect("it rises") as u64 + 1;
            assert_eq!(first, 10 + steps, "{delay}");
        }
    }
    assert!(remarks(&with("0.26 ms")).contains("delay 0.26 ms is not a multiple of dt; it is 0.3 ms"));
    assert_eq!(remarks(&with("1.5 ms")), "");
    for delay in ["0 ms", "0.04 ms", "-1 ms"] {
        let said = wrong(&with(delay));
        assert!(said.contains("is shorter than one step of 0.1 ms") && said.contains("help: use at least 0.1 ms"), "{said}");
    }
}

/// Trap 3: The step is 0.1 ms where none is given. The shortest delay is looked up and nothing depends on it but the pace: it is the number
/// of steps that are computed before spikes are handed over (NEST's `min_delay`).
#[test]
fn the_step_is_a_tenth_of_a_millisecond_and_the_shortest_delay_is_found() {
    let mut net = pair("lif_psc_exp", "i_exc", "900 pA", &[1.0, 4.0, 7.0]);
    net.project("cell", "cell", "i_exc", Connector::AllToAll).weight("100 pA").delay("2.5 ms").named("again");
    let plan = net.plan(&engines()[0]).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((plan.dt(), plan.window()), (0.1, 10));
    let mut hurried = net.clone();
    hurried.population("idle", "lif_psc_exp", 1);
    hurried.project("idle", "idle", "i_exc", Connector::AllToAll).weight("1 pA").delay("0.1 ms");
    assert_eq!(hurried.plan(&engines()[0]).unwrap_or_else(|error| panic!("{error}")).window(), 1);
    for options in engines() {
        let (a, b) = (run(&net, &options, 20.0), run(&hurried, &options, 20.0));
        assert_eq!((&a.spikes[0].step, &a.traces[0].values), (&b.spikes[0].step, &b.traces[0].values));
        assert_eq!(a.dt, 0.1);
    }
}

/// Trap 4: What arrives at `delta` is a voltage: it lifts v by its weight in mV, and a current is refused.
#[test]
fn weights_of_delta_synapses_are_millivolts() {
    for options in engines() {
        let v = run(&pair("lif_psc_delta", "delta", "1.5 mV", &[1.0]), &options, 3.0).traces[0].values.clone();
        // from step 10 on with a delay of 10 steps: at the end of step 20
        assert!((v[18] + 70.0).abs() < 1e-4 && (v[19] + 68.5).abs() < 1e-4, "{:?}", &v[17..22]);
    }
    for weight in ["1.5 nA", "1500 pA"] {
        let said = wrong(&pair("lif_psc_delta", "delta", weight, &[1.0]));
        assert!(said.contains("`weight` is a voltage (mV)"), "{said}");
    }
    let said = wrong(&pair("lif_psc_delta", "delta", "1.5", &[1.0]));
    assert!(said.contains("help: write for example"), "{said}");
}

/// Trap 5: The potential starts at rest, also where rest is given another value; nothing is drawn that was not asked for.
#[test]
fn the_potential_starts_at_rest() {
    for model in ["lif_psc_delta", "lif_psc_exp", "lif_psc_alpha", "lif_cond_exp", "lif_cond_alpha"] {
        let mut net = Network::new("rest");
        net.population("cell", model, 5).parameter("e_leak", "-63 mV").parameter("v_reset", "-75 mV");
        net.probe("cell", "v");
        for options in engines() {
            let trace = &run(&net, &options, 1.0).traces[0];
            assert!(trace.values.iter().all(|v| (v + 63.0).abs() < 1e-4), "{model}");
        }
    }
}

/// Trap 6: Conductances at the start can be given, and decay from there.
#[test]
fn conductances_at_the_start_can_be_given() {
    let mut net = Network::new("open");
    net.population("cell", "lif_cond_exp", 1).initial("g_exc", "2 nS").initial("g_inh", "30 nS");
    net.probe("cell", "g_exc");
    net.probe("cell", "g_inh");
    assert_eq!(remarks(&net), "");
    for options in engines() {
        let recording = run(&net, &options, 5.0);
        for (trace, (g, tau)) in recording.traces.iter().zip([(2.0, 5.0), (30.0, 10.0)]) {
            for (step, found) in (1..).zip(&trace.values) {
                let expected = g * f64::exp(-0.1 * f64::from(step) / tau);
                assert!((found - expected).abs() < 1e-4 * g, "{}: {found}, {expected}", trace.variable);
            }
        }
    }
}

/// Trap 7: A spike happens at the grid point that closes its step, in the step in which what fires it arrives; the R steps after it are refractory
/// and what arrives in them is lost, that of the next step counts. In NEST the same: 26, 27 and 28 after 20.
#[test]
fn a_spike_closes_its_step_and_the_refractory_time_follows() {
    for later in 1..=8u64 {
        let mut net = pair("lif_psc_delta", "delta", "20 mV", &[1.0, 1.0 + 0.1 * later as f64]);
        net.populations[1].parameter("t_ref", "0.5 ms");
        // sources at steps 10 and 10 + later, a delay of 10 steps
        let expected: Vec<u64> = if later <= 5 { vec![20] } else { vec![20, 20 + later] };
        for options in engines() {
            let recording = run(&net, &options, 5.0);
            assert_eq!(recording.spikes[0].step, expected, "{later} steps later");
            // at 2 ms, and v at that grid point is the reset
            assert!((recording.spikes[0].step[0] as f64 * recording.dt - 2.0).abs() < 1e-9);
            assert_eq!(recording.traces[0].values[19], -70.0);
        }
    }
    // under a constant current, step by step as iaf_psc_exp of NEST with I_e = 500 pA
    let mut net = Network::new("constant");
    net.population("cell", "lif_psc_exp", 1).parameter("i_e", "500 pA");
    net.probe("cell", "spikes");
    for options in engines() {
        assert_eq!(run(&net, &options, 100.0).spikes[0].step, [139, 298, 457, 616, 775, 934]);
    }
}

/// Trap 8: Times of sources go to the nearest step, which is remarked; the first spike that can be is at the end of the first step, so that
/// one at 0 is refused, as two of one cell in one step are.
#[test]
fn times_of_sources_are_moved_to_steps_and_none_is_at_0() {
    let net = pair("lif_psc_delta", "delta", "1 mV", &[1.03, 2.07, 3.0]);
    let mut seen = net.clone();
    seen.probe("source", "spikes");
    for options in engines() {
        let recording = run(&seen, &options, 5.0);
        let train = recording.spikes.iter().find(|train| train.population == "source").expect("it is recorded");
        assert_eq!(train.step, [10, 21, 30]);
    }
    let said = remarks(&net);
    assert!(said.contains("2 spike times were moved to the nearest step, by up to 0.03"), "{said}");
    for at in [0.0, 0.04] {
        let said = wrong(&pair("lif_psc_delta", "delta", "1 mV", &[at]));
        assert!(said.contains("the first that can be is at 0.1 ms, the end of the first step"), "{said}");
    }
    assert!(wrong(&pair("lif_psc_delta", "delta", "1 mV", &[1.03, 1.04])).contains("two spikes in the step that ends at 1 ms"));
    // the first that can be
    assert_eq!(remarks(&pair("lif_psc_delta", "delta", "1 mV", &[0.1])), "");
}
