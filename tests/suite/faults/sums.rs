//! Sums of weights: right to 1 in 10,000 for every projection and target, or refused by name; and what `explain` says of them.

use super::{ENGINES, compiled, fault, options};
use synfire::network::value::{lognormal, normal, uniform};
use synfire::network::{Connector, Head, Network, Value, Variant};
use synfire::plan::schedule::{Schedule, Settings};
use synfire::plan::{EdgeColumn, Plan, explain};
use synfire::{Options, Precision, Simulation};

/// Adds up what arrives.
const SUM: &str = "
    neuron sum
      state v = 0 mV
      input a -> v
";

/// Sources with these weights (a list: mV, one each), all of them onto one neuron of `sum`. The first ones are silent.
fn meeting(weights: &[(u64, Value)]) -> Network {
    let mut net = Network::new("meeting");
    net.dt("0.1 ms").equations(SUM);
    net.population("p", "sum", 1);
    for (k, (count, weight)) in weights.iter().enumerate() {
        let spikes = if k == 0 { Vec::new() } else { vec![1.0, 2.0] };
        let name = format!("s{k}");
        net.population(&name, "spike_times", *count).spike_times(vec![spikes; *count as usize]);
        let Value::List(list) = weight else {
            net.project(&name, "p", "a", Connector::AllToAll).weight(weight.clone()).delay("1 ms");
            continue;
        };
        let number = |value: &Value| if let Value::Number(x) = value { *x } else { panic!("{value}") };
        let row: Vec<f64> = list.iter().map(number).collect();
        net.project(&name, "p", "a", Connector::matrix(vec![row]).unit("mV")).delay("1 ms");
    }
    net
}

fn plan(net: &Network) -> Result<Plan, String> {
    net.plan(&options("cpu", Precision::F32)).map_err(|error| error.to_string())
}

fn end(simulation: &mut Simulation, ms: f64) -> f64 {
    simulation.run(ms).unwrap_or_else(|e| panic!("{e}"));
    simulation.state("p", "v").unwrap()[0]
}

#[test]
fn small_weights_are_not_lost_beside_large_ones() {
    for engine in ENGINES {
        let mut simulation = compiled(&fault("small_weight"), engine).unwrap_or_else(|e| panic!("{e}"));
        let v = end(&mut simulation, 10.0);
        assert!((v - 0.01).abs() <= 1e-5, "{engine:?}: {v}");
        let table = explain::table(simulation.plan());
        assert!(table.contains("0.a (fine)") || table.contains("1.a (fine)") || table.contains("2.a (fine)"), "{table}");
        assert!(table.contains("1 of 2") && table.contains("2 of 2"), "{table}");
    }
    // one channel wherever one will do
    let one = plan(&meeting(&[(10, "100 mV".into()), (10, "0.1 mV".into())])).unwrap();
    assert!(one.groups().iter().all(|g| g.ports.len() == g.model.ports().len()));
    assert!(explain::table(&one).contains("1 of 1"));
}

#[test]
fn what_two_channels_cannot_hold_is_refused_with_both_names() {
    let net = meeting(&[(1000, "1e9 mV".into()), (1000, "1 mV".into()), (1, "1e-9 mV".into())]);
    for (engine, precision) in ENGINES {
        let Err(error) = compiled(&net, (engine, precision)) else { panic!("{engine} {precision:?} takes it") };
        let error = error.to_string();
        for word in ["s2 -> p", "1e-9 mV", "s0 -> p", "1e9 mV", "port `a`", "help:"] {
            assert!(error.contains(word), "{word}: {error}");
        }
    }
    // one projection by itself
    let list: Vec<Value> = (0..40).map(|k| Value::Number(10f64.powi(18 - k))).collect();
    let error = plan(&meeting(&[(1, "0 mV".into()), (40, Value::List(list))])).unwrap_err();
    assert!(error.contains("s1 -> p: its weights (1e-21 to 1e18 mV) are too far apart"), "{error}");
    // below what single precision can say
    let error = plan(&meeting(&[(1, "0 mV".into()), (1, "1e-37 mV".into())])).unwrap_err();
    assert!(error.contains("s1 -> p: its weights") && error.contains("smaller than"), "{error}");
    let error =
        plan(&meeting(&[(1, "0 mV".into()), (2, Value::List(vec![Value::Number(1.0), Value::Number(1e-50)]))])).unwrap_err();
    assert!(error.contains("s1 -> p") && error.contains("1e-50 is smaller"), "{error}");
}

/// Every weight between 1e-34 and the largest number of single precision, alone or beside others, arrives.
#[test]
fn any_weight_arrives() {
    for exponent in [-33, -25, -13, -12, -6, 0, 9, 20, 30, 38] {
        let weight = 1.234_567 * 10f64.powi(exponent);
        for engine in ENGINES {
            let net = meeting(&[(1, "0 mV".into()), (1, format!("{weight:e} mV").into())]);
            let mut simulation = compiled(&net, engine).unwrap_or_else(|e| panic!("{e}"));
            let v = end(&mut simulation, 5.0);
            // two spikes; the weight is rounded to 1e-4 at worst, the sum to f32
            assert!((v / (2.0 * weight) - 1.0).abs() <= 1e-4, "{engine:?} {weight:e}: {v:e}");
        }
    }
    // the sum of what meets passes the largest number, what is left of it does not
    let huge = |sign: f64| Value::List(vec![Value::Number(sign * 3e38); 8]);
    let net = meeting(&[(1, "0 mV".into()), (8, huge(1.0)), (8, huge(-1.0)), (1, "1e38 mV".into())]);
    for engine in [ENGINES[0], ENGINES[2]] {
        let mut simulation = compiled(&net, engine).unwrap_or_else(|e| panic!("{e}"));
        let v = end(&mut simulation, 5.0);
        assert!((v / 2e38 - 1.0).abs() <= 1e-4, "{engine:?}: {v:e}");
    }
}

/// A list is parted where its weights are too far apart, edge by edge, with its delays.
#[test]
fn a_list_of_weights_far_apart_is_parted() {
    let weights = [1e6, -0.003, 1e-5, 5e5, 0.0, 0.7];
    let mut net = Network::new("parted");
    net.dt("0.1 ms").equations(SUM);
    net.population("p", "sum", 6);
    net.population("s", "spike_times", 6).spike_times((0..6).map(|k| vec![1.0 + 0.3 * f64::from(k)]).collect());
    let list: Vec<Value> = weights.iter().map(|w| format!("{w} mV").into()).collect();
    net.project("s", "p", "a", Connector::OneToOne).weight(list).delay(uniform("0.5 ms", "3 ms"));
    let mut sums = [0.0f64; 6];
    let rows: Vec<Vec<f64>> =
        (0..6).map(|i| (0..6).map(|j| weights[(i * j) % 6] * f64::from((i + j) % 3 != 0)).collect()).collect();
    net.population("q", "sum", 6);
    net.project("s", "q", "a", Connector::matrix(rows.clone()).unit("mV")).delay(uniform("0.5 ms", "3 ms"));
    sums.iter_mut().zip(&rows).for_each(|(sum, row)| *sum = row.iter().sum());
    for engine in ENGINES {
        let mut simulation = compiled(&net, engine).unwrap_or_else(|e| panic!("{e}"));
        let routes = simulation.plan().routes();
        let given = rows.iter().flatten().filter(|w| **w != 0.0).count() as u64;
        let whole = plan(&net).unwrap();
        assert_eq!(whole.edges(), simulation.plan().edges());
        assert_eq!(routes.iter().filter(|r| r.name == "s -> p").map(|r| r.edges.count()).sum::<u64>(), 6);
        let matrix = routes.iter().filter(|r| r.name == "s -> q");
        assert!(matrix.map(|r| r.edges.count()).sum::<u64>() >= given);
        simulation.run(8.0).unwrap();
        for (name, expected) in [("p", weights), ("q", sums)] {
            let found = simulation.state(name, "v").unwrap();
            for (x, y) in found.iter().zip(expected) {
                // a sum in f32 keeps 2^-24 of its largest part
                let part = if name == "p" { y.abs() * 1e-4 } else { 1e6 * 1e-6 };
                assert!((x - y).abs() <= part, "{engine:?} {name}: {found:?} {expected:?}");
            }
        }
    }
}

/// The bound itself, for random networks, by plain arithmetic: what a plan takes is right, what it refuses is named.
#[test]
fn roundings_keep_to_their_bound() {
    let mut state = 7u64;
    let mut random = move |n: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % n
    };
    let (mut two, mut refused) = (0, 0);
    for case in 0..300 {
        let mut net = Network::new("random");
        net.dt("0.1 ms").seed(case).equations(SUM);
        for name in ["p", "q"] {
            net.population(name, "sum", 1 + random(20));
        }
        let width = 1 + random(14) as i32;
        for k in 0..1 + random(5) {
            let size = |random: &mut dyn FnMut(u64) -> u64| 10f64.powi(random(2 * width as u64 + 1) as i32 - width) * 1.37;
            let count = 1 + random(60);
            net.population(format!("s{k}"), "poisson_source", count).parameter("rate", "0 Hz");
            let w = size(&mut random);
            let weight: Value = match random(5) {
                0 => format!("{w} mV").into(),
                1 => format!("{} mV", -w).into(),
                2 => normal(format!("{w} mV"), format!("{} mV", w / 2.0)).into(),
                3 => lognormal(format!("{w} mV"), 2.0).into(),
                _ => uniform("0 mV", format!("{w} mV")).into(),
            };
            let target = if random(2) == 0 { "p" } else { "q" };
            let rule = match random(3) {
                0 => {
                    let targets = net.populations.iter().find(|p| p.name == target).and_then(|p| p.size).unwrap();
                    let mut entry = || if random(4) == 0 { 0.0 } else { size(&mut random) };
                    let rows: Vec<Vec<f64>> = (0..targets).map(|_| (0..count).map(|_| entry()).collect()).collect();
                    net.project(format!("s{k}"), target, "a", Connector::matrix(rows).unit("mV")).delay("1 ms");
                    continue;
                }
                1 => Connector::AllToAll,
                _ => Connector::probability(0.4),
            };
            net.project(format!("s{k}"), target, "a", rule).weight(weight).delay(uniform("1 ms", "2 ms"));
        }
        let plan = match plan(&net) {
            Ok(plan) => plan,
            Err(error) => {
                assert!(error.contains("too far apart") && error.contains(" -> ") && error.contains("help:"), "{error}");
                refused += 1;
                continue;
            }
        };
        two += usize::from(plan.groups().iter().any(|g| g.ports.len() > g.model.ports().len()));
        let mut sums = std::collections::BTreeMap::<(usize, u32, u32), f64>::new();
        for route in plan.routes() {
            let scale = plan.group_of(route.target).ports[route.port as usize].scale;
            let place = plan.place(route.target);
            let mut of = std::collections::BTreeMap::<u32, (f64, f64)>::new();
            for edge in 0..route.edges.count() {
                let (w, target) = (route.weight.get(edge as usize), route.edges.target_of(edge));
                let units = (w * scale).round();
                let sum = of.entry(target).or_default();
                *sum = (sum.0 + (w - units / scale).abs(), sum.1 + w.abs());
                *sums.entry((place.group, route.port, place.first_row + target)).or_default() += units.abs();
                assert!(
                    w == 0.0 || units != 0.0 || matches!(route.weight, EdgeColumn::PerEdge(_)) && route.drawn,
                    "case {case}: {w}"
                );
            }
            for (target, (off, all)) in of {
                assert!(off <= 1e-4 * all, "case {case}: {} onto {target}: {off} of {all}", route.name);
            }
        }
        assert!(sums.values().all(|units| *units < 2f64.powi(31)), "case {case}");
    }
    assert!(two > 30 && refused > 3, "{two} {refused}");
}

/// So many equal synapses onto one neuron that no power of two is fine enough.
#[test]
fn very_many_synapses_of_one_weight_are_exact() {
    let net = meeting(&[(400_000, "0.1 mV".into()), (100_000, "-0.5 mV".into())]);
    let plan = plan(&net).unwrap();
    for route in plan.routes() {
        let (scale, w) = (plan.group_of(route.target).ports[route.port as usize].scale, route.weight.get(0));
        assert!(((w * scale).round() / scale / w - 1.0).abs() < 1e-12);
    }
}

/// Cells that lose arrivals while they are refractory, take some at the start of the step, and have a strong silent source.
fn living(strong: bool) -> Network {
    let mut net = Network::new("living");
    net.dt("0.1 ms").seed(3).equations(
        "
        neuron cell
          param tau = 20 ms, tau_g = 5 ms, v_th = -50 mV
          state v = -60 mV, g = 0 mV
          input kick -> v (lost while refractory)
          input push -> g * 2 (at start)
          dv/dt = (-60 mV - v + g)/tau (unless refractory)
          dg/dt = -g/tau_g
          threshold v >= v_th
          reset v = -60 mV
          refractory 2 ms
    ",
    );
    net.population("cells", "cell", 40).initial("v", uniform("-65 mV", "-51 mV"));
    net.population("noise", "poisson_source", 30).parameter("rate", "60 Hz");
    net.population("silent", "spike_times", 5).spike_times(vec![Vec::new(); 5]);
    net.project("noise", "cells", "push", Connector::probability(0.5)).weight("4.1 mV").delay(uniform("1 ms", "3 ms"));
    net.project("noise", "cells", "kick", Connector::probability(0.5)).weight("0.77 mV").delay("1 ms");
    net.project("cells", "cells", "kick", Connector::probability(0.2)).weight(normal("-0.3 mV", "0.05 mV")).delay("1.5 ms");
    if strong {
        for port in ["push", "kick"] {
            net.project("silent", "cells", port, Connector::AllToAll).weight("3e7 mV").delay("1 ms");
        }
    }
    net.probe("cells", "spikes");
    net
}

/// What arrives on a second channel does what it does on one: the same spikes on every engine and schedule, in an ensemble, after
/// a snapshot; and lockstep sees it.
#[test]
fn a_second_channel_changes_nothing_else() {
    let spikes = |simulation: &Simulation| simulation.recording().spikes[0].pairs().collect::<Vec<_>>();
    let run = |net: &Network, options: &Options| {
        let mut simulation = net.compile(options).unwrap_or_else(|e| panic!("{e}"));
        simulation.run(60.0).unwrap_or_else(|e| panic!("{e}"));
        spikes(&simulation)
    };
    let mut machines = vec![options("cpu", Precision::F32), options("cpu", Precision::F64)];
    machines.push(options("cpu", Precision::F32).threads(3).rows_per_thread(64));
    machines.extend(Schedule::ALL.map(|schedule| options("gpu", Precision::F32).schedule(Settings::default().schedule(schedule))));
    let expected = run(&living(false), &machines[1]);
    assert!(expected.len() > 100, "{}", expected.len());
    for machine in &machines {
        assert_eq!(run(&living(true), machine), expected, "{machine:?}");
    }
    for machine in [&machines[0], &machines[3]] {
        let mut simulation = living(true).compile(machine).unwrap();
        assert_eq!(simulation.plan().groups().iter().map(|g| g.rule.ports().len()).max(), Some(4));
        let verification = simulation.verify(300, None).unwrap();
        assert!(verification.agrees() && verification.spikes > 20, "{verification}");
        assert!(verification.worst.iter().any(|w| w.variable == "arrivals at kick (fine)"), "{verification}");
        // half way, on the other engine, through a file
        let folder = tempfile::tempdir().unwrap();
        simulation.reset().unwrap();
        simulation.run(20.0).unwrap();
        let mut all = spikes(&simulation);
        simulation.save_state(folder.path().join("state.npz")).unwrap();
        let mut other = living(true).compile(&machines[1]).unwrap();
        other.load_state(folder.path().join("state.npz")).unwrap();
        other.run(40.0).unwrap();
        all.extend(spikes(&other));
        assert_eq!(all, expected);
    }
    let variants = [Variant::new(), Variant::new().weights("cells", "kick", 1.5).weights("cells", "push", 0.5)];
    for machine in [&machines[0], &machines[1], &machines[3]] {
        let mut of = Vec::new();
        for strong in [false, true] {
            let mut simulation = living(strong).compile_ensemble(&variants, machine).unwrap_or_else(|e| panic!("{e}"));
            simulation.run(60.0).unwrap();
            of.push(simulation.recordings().iter().map(|r| r.spikes[0].pairs().collect::<Vec<_>>()).collect::<Vec<_>>());
        }
        assert_eq!(of[0], of[1], "{machine:?}");
        assert_eq!(of[1][0], expected);
        assert_ne!(of[1][1], expected);
    }
    let variants = [Variant::new().label("tiny").weights("cells", "kick", 1e-38)];
    let Err(error) = living(true).compile_ensemble(&variants, &machines[0]) else { panic!("taken") };
    assert!(error.to_string().contains("tiny: the factor 1e-38 on what arrives at port `kick"), "{error}");
}

/// A table of the plan, spaces as one.
fn table(net: &Network) -> String {
    let plan = net.plan(&options("cpu", Precision::F32)).unwrap_or_else(|e| panic!("{e}"));
    let text = explain::table(&plan);
    text.lines().map(|l| l.split_whitespace().collect::<Vec<_>>().join(" ") + "\n").collect()
}

/// What `explain` says is what runs: the values of the population, each synapse once, what is worked out per synapse.
#[test]
fn explain_tells_the_values_that_run() {
    let mut net = Network::new("told");
    net.dt("0.1 ms");
    net.population("a", "non_spiking", 2).parameter("c_m", "7 nF");
    net.population("b", "non_spiking", 3).parameter("c_m", uniform("3 nF", "4 nF")).initial("v", "-3 mV");
    net.population("spikes", "lif_psc_exp", 2);
    net.project_by("a", "b", "graded_synapse", Connector::AllToAll).parameter("e_rev", "-41 mV").parameter("g_max", "0.25 uS");
    net.project_by("spikes", "b", "spiking_synapse", Connector::AllToAll).parameter("tau", "3 ms");
    net.input("push", "a", "i_stim", "2 nA");
    net.output("position", "b", "v").scale("10 mV");
    let text = table(&net);
    for told in [
        "7 neurons in 3 populations, 12 synapses",
        "0: non_spiking (a 2, b 3)",
        "values: g_leak 1000 nS, e_leak 0 mV, i_e 0 pA\na: c_m 7000 pF; at the start v 0 mV\nb: c_m 3",
        " pF; at the start v -3 mV\n",
        "values: c_m 250 pF, tau_m 10 ms, e_leak -70 mV",
        "tau_inh 2 ms; at the start v -70 mV, i_exc 0 pA",
        "a -> b g_syn, i_syn 6 0 dense g_max 250 nS, e_rev -41 mV, e_lo 0 mV, e_hi 20 mV",
        "spikes -> b g_syn, i_syn 6 g",
        "the statements of its `step` (there are no differential equations) g_max 1000 nS, e_rev 194 mV, tau 3 ms",
    ] {
        assert!(text.contains(told), "{told}\n{text}");
    }
    assert!(!text.contains("exact propagators (there are no"), "{text}");
    let signals = explain::signals(&net);
    let line = |start: &str| signals.lines().find(|l| l.trim().starts_with(start)).unwrap_or("").to_string();
    assert!(line("push").contains("i_stim") && line("push").contains("2 nA"), "{signals}");
    assert!(line("position").contains("output") && line("position").contains("10 mV"), "{signals}");
    assert_eq!(explain::signals(&meeting(&[(1, "1 mV".into())])), "");
}

/// "dense" alone does not tell a sum of shared numbers from one that is worked out for each synapse.
#[test]
fn explain_tells_what_each_synapse_works_out() {
    let told = |weight: &str| {
        let mut net = Network::new("told");
        net.dt("0.1 ms").equations(&format!(
            "
            neuron cell
              param group = 0
              state v = 0 mV, s = 0
              input drive : mV/ms
              dv/dt = -v/(20 ms) + drive
              ds/dt = -s/(100 ms)
            synapse nmda
              param w_plus = 2 mV/ms, w_minus = 1 mV/ms
              graded drive += pre.s*{weight}
        "
        ));
        net.population("p", "cell", 4);
        net.project_by("p", "p", "nmda", Connector::AllToAll);
        table(&net)
    };
    let slow = told("(w_plus if pre.group == post.group else w_minus)");
    assert!(told("w_plus").contains("p -> p drive 16 0 dense"), "{}", told("w_plus"));
    assert!(slow.contains("p -> p drive 16 3 dense"), "{slow}");
}

/// The sign of an arrow is that of the equations, whatever the port is called.
#[test]
fn a_reversal_below_rest_is_drawn_as_inhibition() {
    let heads = |net: &Network| net.diagram().arrows.iter().map(|a| a.head).collect::<Vec<Head>>();
    let mut net = fault("inhibition_by_reversal");
    assert_eq!(heads(&net), [Head::Inhibitory]);
    assert!(net.diagram().to_dot().contains("arrowhead=dot"));
    let mut head = |key: &str, value: &str| {
        net.populations[1].parameters.insert(key.into(), value.into());
        heads(&net)
    };
    assert_eq!(head("e_gaba", "-60 mV"), [Head::Modulatory]);
    assert_eq!(head("e_gaba", "0 mV"), [Head::Excitatory]);
    // a port whose name lies: a current has the sign of its weight
    let mut net = Network::new("lie");
    net.population("p", "lif_psc_exp", 2);
    net.project("p", "p", "i_inh", Connector::AllToAll).weight("30 pA");
    net.project("p", "p", "i_inh", Connector::AllToAll).weight("-30 pA");
    assert_eq!(heads(&net), [Head::Excitatory, Head::Inhibitory]);
}
