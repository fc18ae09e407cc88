//! A population per neuron and a projection per synapse: small projections of one synapse model are advanced as one, and give what
//! each alone would, to the bit.

use synfire::network::{Connector, Network, Variant};
use synfire::plan::Plan;
use synfire::plan::schedule::{Machine, Schedule, Settings};
use synfire::{Choice, Options, Precision, Simulation, wgsl};

const MODELS: &str = "
    synapse leak
      param w = 0.25 uS
      graded i_syn += w*(pre.v - post.v)
";

/// Numbers that look drawn; the same everywhere.
fn draw(k: u64, below: u64) -> u64 {
    (k.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33) % below
}

/// Neurons that are joined at random by two kinds of graded synapses and one with states, each projection one synapse. `padded`:
/// each has a row of closed ones behind it, too many to be advanced with others.
fn net(neurons: u64, synapses: u64, padded: bool) -> Network {
    let mut net = Network::new("by hand");
    net.dt("0.1 ms").seed(3).equations(MODELS);
    for k in 0..neurons {
        let cells = net.population(format!("n{k}"), "spiking_adaptive", 1);
        cells.parameter("i_e", format!("{} nA", 2 + draw(k, 8))).parameter("m", -0.25).parameter("theta_inc", "1 mV");
    }
    let copies = if padded { 66 } else { 1 };
    for k in 0..synapses {
        let (source, target) = (draw(5 * k, neurons), draw(5 * k + 1, neurons));
        // eighths: they are what they are in single precision
        let conductance = |closed: &str| {
            let open = format!("{} nS", 16 + draw(5 * k + 2, 100));
            let mut list = vec![open.clone()];
            list.resize(copies, closed.to_owned());
            if padded { list.into() } else { synfire::network::value::Value::from(open) }
        };
        let connector = Connector::List { source: vec![0; copies], target: vec![0; copies] };
        let kind = ["graded_synapse", "leak", "spiking_synapse"][draw(5 * k + 3, 3) as usize];
        let projection = net.project_by(format!("n{source}"), format!("n{target}"), kind, connector).named(format!("s{k}"));
        match kind {
            "leak" => {
                projection.parameter("w", conductance("0 nS"));
            }
            "graded_synapse" => {
                projection.parameter("g_max", conductance("0 nS")).parameter("e_rev", format!("{} mV", draw(5 * k + 4, 100)));
            }
            _ => {
                let delay = format!("{} ms", 0.5 * (1 + draw(5 * k + 4, 6)) as f64);
                projection.parameter("g_max", conductance("0 nS")).parameter("increment", "1 uS").delay(delay);
            }
        }
    }
    net.stimulate("n0", "i_stim", synfire::network::Waveform::constant("3 nA"));
    net
}

fn compiled(net: &Network, options: &Options) -> Simulation {
    net.compile(options).unwrap_or_else(|e| panic!("{e}"))
}

fn gpu(schedule: Schedule) -> Options {
    let adapter = std::env::var("SYNFIRE_ADAPTER").unwrap_or_else(|_| "llvmpipe".to_string());
    Options::default().engine(Choice::Adapter(adapter)).schedule(Settings::default().schedule(schedule))
}

fn cpu(precision: Precision, threads: usize) -> Options {
    Options::default().engine(Choice::Cpu).precision(precision).threads(threads).rows_per_thread(8)
}

/// States of all neurons and of the first synapse of each projection that has any.
fn bits(simulation: &mut Simulation) -> Vec<u64> {
    let snapshot = simulation.snapshot().unwrap_or_else(|e| panic!("{e}"));
    let synapses = snapshot.edge_states.iter().map(|states| states[0][0]);
    snapshot.states.iter().flatten().flatten().copied().chain(synapses).map(f64::to_bits).collect()
}

fn plan(net: &Network) -> Plan {
    net.plan(&Options::default()).unwrap_or_else(|e| panic!("{e}"))
}

#[test]
fn what_is_advanced_as_one_is_what_each_alone_would_be() {
    let (together, apart) = (net(30, 150, false), net(30, 150, true));
    assert!(plan(&apart).bundles().len() == 150 && plan(&together).bundles().len() < 60);
    let mut kinds = vec![cpu(Precision::F32, 1), cpu(Precision::F32, 2), cpu(Precision::F64, 1)];
    kinds.extend([gpu(Schedule::TwoPass), gpu(Schedule::Resident)]);
    for options in kinds {
        let (mut together, mut apart) = (compiled(&together, &options), compiled(&apart, &options));
        for simulation in [&mut together, &mut apart] {
            simulation.run_steps(300).unwrap_or_else(|e| panic!("{e}"));
        }
        assert!(together.spike_count() > 30, "{}", together.spike_count());
        assert!(bits(&mut together) == bits(&mut apart), "{options:?}");
        if let Choice::Adapter(_) = options.engine {
            let verified = together.verify(20, None).unwrap_or_else(|e| panic!("{e}"));
            assert!(verified.agrees(), "{:?}", verified.worst_of_all());
        }
    }
}

/// For each input of a population, the projections in the order in which they are summed.
#[test]
fn sums_keep_their_order() {
    let plan = plan(&net(12, 300, false));
    let bundles = plan.bundles();
    let mut all: Vec<usize> = bundles.iter().flat_map(|b| b.members.iter().copied()).collect();
    let of = |list: &[usize], target: u32, input: u32| -> Vec<usize> {
        let here = |g: &&usize| plan.gathered()[**g].target.0 == target && plan.gathered()[**g].synapse.inputs().contains(&input);
        list.iter().filter(here).copied().collect()
    };
    for target in 0..12 {
        for input in 0..3 {
            let (without, with): (Vec<usize>, Vec<usize>) = (0..plan.gathered().len())
                .filter(|g| of(&[*g], target, input) == [*g])
                .partition(|g| !plan.gathered()[*g].has_states());
            assert_eq!(of(&all, target, input), [without, with].concat(), "{target} {input}");
        }
    }
    all.sort_unstable();
    assert!(all.iter().copied().eq(0..plan.gathered().len()));
    for bundle in &bundles {
        let rows = plan.rows_of(bundle);
        let mut seen: Vec<(usize, u64)> = (0..rows.count()).map(|k| (rows.member(k), rows.number(k))).collect();
        seen.sort_unstable();
        assert!(seen == (0..bundle.members.len()).map(|m| (m, 0)).collect::<Vec<_>>());
    }
}

/// Numbers of the text of a kernel stand for its instructions.
#[test]
fn a_kernel_does_not_grow_with_the_populations() {
    let length = |net: &Network| {
        let settings = Settings::default().schedule(Schedule::Resident);
        let kernels = wgsl::emit(&plan(net), &Machine::WEB, &settings).unwrap_or_else(|e| panic!("{e}"));
        kernels.rows().source().len()
    };
    let by_hand = |neurons: u64| {
        let mut net = Network::new("by hand");
        for k in 0..neurons {
            net.population(format!("n{k}"), "non_spiking", 1);
        }
        for k in 0..4 * neurons {
            let (source, target) = (format!("n{}", (k / 4 + 1 + 7 * (k % 4)) % neurons), format!("n{}", k / 4));
            net.project_by(source, target, "graded_synapse", Connector::AllToAll).parameter("g_max", format!("{} nS", 10 + k));
        }
        net
    };
    let mut matrix = Network::new("matrix");
    matrix.population("all", "non_spiking", 100);
    let (source, target) = (0..400).map(|k| ((k / 4 + 1 + 7 * (k % 4)) % 100, k / 4)).unzip();
    let projection = matrix.project_by("all", "all", "graded_synapse", Connector::List { source, target });
    projection.parameter("g_max", (0..400).map(|k| format!("{} nS", 10 + k)).collect::<Vec<_>>());
    let (by_hand, matrix) = (length(&by_hand(100)), length(&matrix));
    assert!(by_hand < matrix + matrix / 2, "{by_hand} against {matrix}");
}

/// Names, parameters and states are those of the projection.
#[test]
fn a_projection_keeps_its_name() {
    let net = net(30, 150, false);
    let stateful = plan(&net).stateful().map(|g| plan(&net).gathered()[g].name.clone()).collect::<Vec<_>>();
    let (graded, spiking) = ("s0", stateful[0].as_str());
    let kind = |name: &str| net.projections.iter().find(|p| p.name == name).and_then(|p| p.synapse.clone()).unwrap();
    let graded = if kind(graded) == "spiking_synapse" { "s1" } else { graded };
    let parameter = if kind(graded) == "leak" { "w" } else { "g_max" };
    let options = [cpu(Precision::F64, 1), cpu(Precision::F32, 2), gpu(Schedule::Resident)];
    for options in options {
        // set while running is as set before
        let mut described = net.clone();
        for p in &mut described.projections {
            if p.name == graded {
                p.parameters.insert(parameter.into(), "200 nS".into());
            }
        }
        let (mut set, mut before) = (compiled(&net, &options), compiled(&described, &options));
        set.set(&format!("{graded}.{parameter}"), "200 nS").unwrap_or_else(|e| panic!("{e}"));
        for simulation in [&mut set, &mut before] {
            simulation.run_steps(100).unwrap_or_else(|e| panic!("{e}"));
        }
        assert!(bits(&mut set) == bits(&mut before));
        // an instance has what it is given
        let variants = [
            Variant::new(),
            Variant::new().set(format!("{graded}.{parameter}"), "200 nS").set(format!("{spiking}.increment"), "8 nS"),
        ];
        let mut ensemble = net.compile_ensemble(&variants, &options).unwrap_or_else(|e| panic!("{e}"));
        let mut alone = net.compile_ensemble(&variants[1..], &options).unwrap_or_else(|e| panic!("{e}"));
        ensemble.run_steps(100).unwrap_or_else(|e| panic!("{e}"));
        alone.run_steps(100).unwrap_or_else(|e| panic!("{e}"));
        for neuron in 0..30 {
            let name = format!("n{neuron}");
            let (a, b) = (ensemble.state_of(1, &name, "v"), alone.state(&name, "v"));
            assert_eq!(a.unwrap_or_else(|e| panic!("{e}")), b.unwrap_or_else(|e| panic!("{e}")), "{name}");
        }
        // states by name, and back
        let g = set.synapse_state(spiking, "g").unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(g.len(), 1);
        let taken = set.snapshot().unwrap_or_else(|e| panic!("{e}"));
        set.run_steps(50).unwrap_or_else(|e| panic!("{e}"));
        let later = bits(&mut set);
        set.restore(&taken).unwrap_or_else(|e| panic!("{e}"));
        set.run_steps(50).unwrap_or_else(|e| panic!("{e}"));
        assert!(bits(&mut set) == later);
    }
}

/// Of many small populations few are driven from outside: they are one group with the others, and nobody's numbers change.
#[test]
fn small_populations_are_one_group_whatever_drives_them() {
    let net = |size: u64, method: &str, text: &str, model: &str| {
        let mut net = Network::new("some driven");
        net.dt("0.1 ms").equations(text);
        for (k, name) in ["pushed", "heard", "alone"].into_iter().enumerate() {
            let cells = net.population(name, model, size).method(method);
            cells.parameter("i_e", format!("{} nA", 3 + k)).initial("v", format!("{} mV", 4 * k));
        }
        let connector = Connector::List { source: (0..2).collect(), target: (0..2).collect() };
        net.project_by("pushed", "heard", "graded_synapse", connector).parameter("g_max", "0.3 uS").parameter("e_rev", "-40 mV");
        net.stimulate("pushed", "i_stim", synfire::network::Waveform::pulses("2 nA", "2 ms", "7 ms"));
        net
    };
    const SATURATES: &str = "
        neuron saturating
          param i_e = 0 nA
          state v = 0 mV
          input g_syn : uS
          input i_syn : nA
          input i_stim : nA
          dv/dt = (-1 uS*v + i_e + i_syn - g_syn*v + 1 nA*tanh(i_stim/(2 nA)))/(5 nF)
    ";
    let groups = |net: &Network| {
        let plan = plan(net);
        plan.populations().iter().map(|place| place.group).max().map_or(0, |last| last + 1)
    };
    assert_eq!(groups(&net(2, "euler", "", "non_spiking")), 1);
    // too many; other arithmetic where nothing drives an input; an input that does more than add to a sum
    assert_eq!(groups(&net(65, "euler", "", "non_spiking")), 3);
    assert_eq!(groups(&net(2, "exponential_euler", "", "non_spiking")), 3);
    assert_eq!(groups(&net(2, "euler", SATURATES, "saturating")), 2);
    let kinds = [cpu(Precision::F32, 1), cpu(Precision::F64, 1), gpu(Schedule::TwoPass), gpu(Schedule::Resident)];
    for (model, spikes) in [("non_spiking", false), ("spiking_adaptive", true)] {
        for options in &kinds {
            let mut one = compiled(&net(2, "euler", "", model), options);
            let mut three = compiled(&net(65, "euler", "", model), options);
            for simulation in [&mut one, &mut three] {
                simulation.run_steps(200).unwrap_or_else(|e| panic!("{e}"));
            }
            assert_eq!(one.spike_count() > 0, spikes);
            for name in ["pushed", "heard", "alone"] {
                let of = |simulation: &mut Simulation| {
                    let all = simulation.state(name, "v").unwrap_or_else(|e| panic!("{e}"));
                    all[..2].iter().map(|x| x.to_bits()).collect::<Vec<_>>()
                };
                assert_eq!(of(&mut one), of(&mut three), "{name} {options:?}");
            }
        }
    }
}
