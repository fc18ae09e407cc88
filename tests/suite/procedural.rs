//! Spikes are the same to the bit whether synapses are stored or drawn again for each spike: any rule, precision, number of threads,
//! instance, engine, and whoever asks for it.

use std::fs;
use std::path::Path;

use super::{synfire, with_network, words};
use synfire::network::value::{normal, uniform};
use synfire::network::{Connector, EdgeStorage, Network, Waveform};
use synfire::plan::schedule::{Machine, Schedule, Settings};
use synfire::{Choice, Options, Precision};

const RULES: [EdgeStorage; 3] = EdgeStorage::ALL;

/// Conductance-based neurons joined by every rule that can be drawn again and one that cannot, some within parts of populations;
/// delays and weights shared, drawn, or listed.
fn network() -> Network {
    let mut net = Network::new("procedural");
    net.dt("0.1 ms").seed(5);
    net.population("exc", "lif_cond_exp", 400).initial("v", uniform("-60 mV", "-50 mV"));
    net.population("inh", "lif_cond_exp", 150).initial("v", uniform("-60 mV", "-50 mV"));
    let delay = || normal("1.5 ms", "0.75 ms").min("0.1 ms");
    let weight = |mean: &str, sd: &str| normal(mean, sd).min("0 nS");
    for target in ["exc", "inh"] {
        net.project("exc", target, "g_exc", Connector::probability(0.05)).weight(weight("3 nS", "1 nS")).delay(delay());
        net.project("inh", target, "g_inh", Connector::total(4000)).weight(weight("20 nS", "5 nS")).delay("0.8 ms");
        net.stimulate(target, "g_exc", Waveform::poisson("900 Hz", "3 nS"));
        net.probe(target, "spikes");
    }
    net.project("inh", "inh", "g_inh", Connector::AllToOthers).weight("0.3 nS").delay(delay());
    net.project("exc", "exc", "g_exc", Connector::OneToOne).weight(uniform("0 nS", "1 nS")).delay(uniform("0.2 ms", "3 ms"));
    net.project("inh", "exc", "g_inh", Connector::indegree(9)).weight(weight("4 nS", "1 nS")).delay("1.1 ms");
    let part = Connector::FixedOutdegree { n: 17, autapses: false, multapses: false };
    net.project("exc", "exc", "g_exc", part).weight("0.6 nS").delay("2 ms").source_rows(50..340).target_rows(50..340);
    net.project("exc", "inh", "g_exc", Connector::AllToAll).weight("0.02 nS").delay("1 ms").source_rows(vec![3, 4, 9, 77]);
    net
}

fn cpu(storage: EdgeStorage, precision: Precision, threads: usize) -> Options {
    Options::default().engine(Choice::Cpu).precision(precision).threads(threads).rows_per_thread(64).connectivity(storage)
}

/// All spikes.
fn spikes(net: &Network, options: &Options) -> Vec<Vec<(u64, u32)>> {
    let mut simulation = net.compile(options).unwrap_or_else(|e| panic!("{e}"));
    simulation.run(60.0).unwrap_or_else(|e| panic!("{e}"));
    simulation.recording().spikes.iter().map(|train| train.pairs().collect()).collect()
}

#[test]
fn spikes_are_the_same_for_any_precision_and_number_of_threads() {
    for precision in [Precision::F32, Precision::F64] {
        let stored = spikes(&network(), &cpu(EdgeStorage::Stored, precision, 1));
        assert!(stored.iter().all(|train| train.len() > 200), "a silent network proves nothing");
        for (storage, threads) in RULES.into_iter().flat_map(|storage| [1, 2, 4].map(|threads| (storage, threads))) {
            let found = spikes(&network(), &cpu(storage, precision, threads));
            assert!(found == stored, "{storage:?}, {precision:?}, {threads} threads");
        }
    }
}

#[test]
fn the_plan_is_the_same_and_keeps_less() {
    let plan = |storage| network().plan(&cpu(storage, Precision::F32, 1)).unwrap_or_else(|e| panic!("{e}"));
    let (stored, procedural) = (plan(EdgeStorage::Stored), plan(EdgeStorage::Procedural));
    for (a, b) in stored.routes().iter().zip(procedural.routes()) {
        // a rule that draws by target keeps its synapses, and its weights are drawn again no more
        let kept = if a.edges.count() == 400 * 9 { EdgeStorage::Stored } else { EdgeStorage::Procedural };
        assert_eq!((a.storage(), b.storage()), (EdgeStorage::Stored, kept), "{}", a.name);
        assert_eq!(*a.edges, *b.edges, "{}", a.name);
        let all = 0..a.edges.count();
        assert!(all.clone().all(|e| a.weight.get(e as usize) == b.weight.get(e as usize)), "{}", a.name);
    }
    for (a, b) in stored.groups().iter().zip(procedural.groups()) {
        assert_eq!(a.ports, b.ports, "scales follow from the same sums");
    }
    assert_eq!(stored.slots(), procedural.slots());
}

/// A weight that differs so much from others that sums need a second channel parts a route, which is then kept.
#[test]
fn parted_routes_are_the_same() {
    let net = || {
        let mut net = network();
        net.project("exc", "exc", "g_exc", Connector::probability(0.02)).weight(uniform("0.0001 nS", "4000 nS")).delay("4 ms");
        net
    };
    let stored = spikes(&net(), &cpu(EdgeStorage::Stored, Precision::F32, 1));
    assert!(spikes(&net(), &cpu(EdgeStorage::Procedural, Precision::F32, 2)) == stored);
}

#[test]
fn a_gpu_has_the_same_spikes() {
    let gpu = |storage| Options::default().engine(Choice::Adapter("llvmpipe".into())).connectivity(storage);
    let stored = spikes(&network(), &gpu(EdgeStorage::Stored));
    for storage in RULES {
        assert!(spikes(&network(), &gpu(storage)) == stored, "{storage:?}");
    }
}

/// What a hardware GPU does if nothing is said; a software adapter when it is asked to.
#[test]
fn a_gpu_that_draws_its_synapses_has_the_same_spikes() {
    let gpu = |schedule, there| {
        let settings = Settings::default().schedule(schedule).draw_on_device(there);
        Options::default().engine(Choice::Adapter("llvmpipe".into())).schedule(settings)
    };
    let there = gpu(Schedule::TwoPass, true);
    let kept = |options: &Options| {
        let plan = network().plan(options).unwrap_or_else(|e| panic!("{e}"));
        assert!(plan.routes().iter().all(|route| route.storage() == EdgeStorage::Stored));
        plan.routes().iter().map(|route| route.is_drawn_by_device()).collect::<Vec<_>>()
    };
    assert_eq!(kept(&gpu(Schedule::TwoPass, false)), [false; 9]);
    let [drawn, stored] = [true, false];
    // by target, without multapses, from a list of sources
    assert_eq!(kept(&there), [drawn, drawn, drawn, drawn, drawn, drawn, stored, stored, drawn]);
    // what is asked for holds
    assert_eq!(kept(&there.clone().connectivity(EdgeStorage::Stored)), [false; 9]);
    let told = synfire::plan::explain::table(&network().plan(&there).unwrap());
    assert!(told.contains("on the device"), "{told}");
    let stored = spikes(&network(), &gpu(Schedule::TwoPass, false));
    for schedule in [Schedule::TwoPass, Schedule::Fused] {
        assert!(spikes(&network(), &gpu(schedule, true)) == stored, "{schedule:?}");
    }
    // asked for by name, they are kept nowhere: drawn again for each spike, where the schedule does it
    for schedule in [Some(Schedule::TwoPass), Some(Schedule::Fused), None] {
        let settings = Settings::default().schedule(schedule).draw_on_device(true);
        let options = there.clone().schedule(settings).connectivity(EdgeStorage::Procedural);
        assert!(spikes(&network(), &options) == stored, "{schedule:?}");
        let kernels = synfire::wgsl::emit(&network().plan(&options).unwrap(), &Machine::WEB, &settings).unwrap();
        let redrawn = kernels.deliveries().iter().filter(|kernel| kernel.name() == "redraw").count();
        assert_eq!(redrawn, usize::from(schedule != Some(Schedule::Fused)));
        let bytes: u64 = kernels.layout().pages().iter().map(|page| 4 * page.words).sum();
        assert_eq!(bytes < 100_000, redrawn == 1, "{bytes} bytes of synapses");
    }
}

/// A device whose memory does not hold the synapses draws them again for each spike.
#[test]
fn a_gpu_without_room_for_synapses_draws_them_again() {
    let settings = Settings::default().draw_on_device(true);
    let options = Options::default().engine(Choice::Adapter("llvmpipe".into())).schedule(settings);
    let mut net = Network::new("large");
    net.population("a", "lif_psc_exp", 600).parameter("i_e", uniform("350 pA", "450 pA"));
    net.project("a", "a", "i_exc", Connector::total(200_000))
        .weight(normal("2 pA", "1 pA").min("0 pA"))
        .delay(uniform("0.1 ms", "1 ms"));
    net.probe("a", "spikes");
    let stored = spikes(&net, &options);
    let plan = net.plan(&options).unwrap_or_else(|e| panic!("{e}"));
    let kernels = |settings: Settings| synfire::wgsl::emit(&plan, &Machine::WEB, &settings).unwrap_or_else(|e| panic!("{e}"));
    let need = synfire::engine::gpu::total(kernels(settings).layout());
    let little = options.clone().memory_budget(need - 1_000_000);
    assert!(spikes(&net, &little) == stored);
    let simulation = net.compile(&little).unwrap_or_else(|e| panic!("{e}"));
    assert!(simulation.choice_reason().contains("draws again for each spike"), "{}", simulation.choice_reason());
    assert!(!net.compile(&options).unwrap().choice_reason().contains("again"));
    // a schedule that was asked for and keeps them is refused
    let fused = little.schedule(settings.schedule(Schedule::Fused));
    let said = net.compile(&fused).map(|_| ()).unwrap_err().to_string();
    assert!(said.contains("bytes"), "{said}");
}

/// What is asked for in the description holds; what cannot be so is an error where it was asked for by name.
#[test]
fn a_projection_says_how_it_is_kept() {
    let mut net = network();
    net.projections[0].connectivity(EdgeStorage::Procedural);
    net.projections[1].connectivity(EdgeStorage::ProceduralWeights);
    let plan = net.plan(&cpu(EdgeStorage::Stored, Precision::F32, 1)).unwrap_or_else(|e| panic!("{e}"));
    let found: Vec<EdgeStorage> = plan.routes().iter().take(3).map(|route| route.storage()).collect();
    assert_eq!(found, [EdgeStorage::Procedural, EdgeStorage::ProceduralWeights, EdgeStorage::Stored]);
    let table = synfire::plan::explain::table(&plan);
    assert!(table.contains("connectivity") && table.contains("procedural_weights"), "{table}");

    let refused = |change: &dyn Fn(&mut Network)| {
        let mut net = network();
        change(&mut net);
        net.plan(&Options::default().engine(Choice::Cpu)).map(|_| ()).unwrap_err().to_string()
    };
    let text = refused(&|net| {
        net.projections[6].connectivity(EdgeStorage::Procedural);
    });
    assert!(text.contains("`connectivity = \"procedural\"` is not possible") && text.contains("fixed_outdegree"), "{text}");
    let text = refused(&|net| {
        net.projections[4].connectivity(EdgeStorage::ProceduralWeights);
    });
    assert!(text.contains("its weights are not drawn from a distribution"), "{text}");
    let long = |net: &mut Network| {
        net.projections[0].delay(uniform("1 ms", "6000 ms")).connectivity(EdgeStorage::Procedural);
        net.population("many", "lif_cond_exp", 1 << 17);
        net.projections[0].target = "many".into();
    };
    let text = refused(&long);
    assert!(text.contains("its delays do not fit"), "{text}");
}

/// Stored as long as it fits; then as much as must is drawn again, and what does not fit then is refused.
#[test]
fn memory_decides_where_nothing_is_said() {
    let options = |budget: u64| Options::default().engine(Choice::Cpu).memory_budget(budget);
    let kept = |budget: u64| -> Vec<EdgeStorage> {
        let plan = network().plan(&options(budget)).unwrap_or_else(|e| panic!("{budget}: {e}"));
        plan.routes().iter().map(|route| route.storage()).collect()
    };
    let need = |storage| {
        let options = Options::default().engine(Choice::Cpu).connectivity(storage);
        network().memory(&options).unwrap_or_else(|e| panic!("{e}")).bytes()
    };
    let [stored, weights, procedural] = RULES.map(need);
    assert!(stored > weights && weights > procedural, "{stored} {weights} {procedural}");
    assert!(kept(stored).iter().all(|k| *k == EdgeStorage::Stored));
    let some = kept(stored - 1000);
    assert!(some.contains(&EdgeStorage::Stored) && some.contains(&EdgeStorage::ProceduralWeights), "{some:?}");
    assert!(!some.contains(&EdgeStorage::Procedural), "{some:?}");
    let some = kept(weights - 1000);
    assert!(some.contains(&EdgeStorage::Procedural), "{some:?}");
    let most = kept(procedural);
    assert!(most.iter().filter(|k| **k == EdgeStorage::Procedural).count() > some.len() / 2, "{most:?}");
    let text = network().plan(&options(procedural - 20_000)).map(|_| ()).unwrap_err().to_string();
    assert!(text.contains("--memory"), "{text}");
    let stored = spikes(&network(), &cpu(EdgeStorage::Stored, Precision::F32, 1));
    assert!(spikes(&network(), &options(weights - 1000)) == stored);
}

/// Instances with weights and delays of their own, and values that change while a network runs.
#[test]
fn instances_and_changes_are_the_same() {
    use synfire::network::Variant;
    let run = |storage: EdgeStorage, threads: usize| {
        let net = network();
        let variants: Vec<Variant> =
            (0..3u64).map(|k| Variant::new().seed(k + 1).weights("exc", "g_exc", 1.0 + k as f64 / 8.0)).collect();
        let mut ensemble =
            net.compile_ensemble(&variants, &cpu(storage, Precision::F32, threads)).unwrap_or_else(|e| panic!("{e}"));
        ensemble.run(30.0).unwrap_or_else(|e| panic!("{e}"));
        let of =
            |k: usize| ensemble.recordings()[k].spikes.iter().map(|train| train.pairs().collect::<Vec<_>>()).collect::<Vec<_>>();
        (0..3).map(of).collect::<Vec<_>>()
    };
    let stored = run(EdgeStorage::Stored, 1);
    assert!(stored[0] != stored[1]);
    assert!(run(EdgeStorage::Procedural, 1) == stored && run(EdgeStorage::Procedural, 3) == stored);
}

/// The key of a file, the option of the command, what `explain` and the record tell.
#[test]
fn the_command_says_what_is_kept() {
    let toml = |key: &str| {
        format!(
            r#"
            name = "asked"
            dt = "0.1 ms"
            duration = "60 ms"
            seed = 2
            [[population]]
            name = "a"
            model = "lif_psc_exp"
            size = 300
            parameters = {{ i_e = "500 pA" }}
            initial = {{ v = {{ uniform = ["-70 mV", "-50 mV"] }} }}
            [[projection]]
            source = "a"
            target = "a"
            port = "i_exc"
            connector = {{ rule = "fixed_outdegree", n = 200 }}
            weight = {{ normal = {{ mean = "6 pA", sd = "2 pA" }} }}
            delay = "1 ms"
            {key}
            [[projection]]
            name = "by target"
            source = "a"
            target = "a"
            port = "i_exc"
            connector = {{ rule = "fixed_indegree", n = 3 }}
            weight = "20 pA"
            delay = "1 ms"
            [[probe]]
            population = "a"
            record = "spikes"
            "#
        )
    };
    let record = |folder: &Path, arguments: &[&str]| -> serde_json::Value {
        let mut all = vec!["run", "net.toml", "--engine", "cpu", "--out", "out", "--force"];
        all.extend(arguments);
        let output = synfire(folder, &all);
        assert!(output.status.success(), "{}", words(&output));
        serde_json::from_str(&fs::read_to_string(folder.join("out/record.json")).unwrap()).unwrap()
    };
    let plain = with_network(&toml(""));
    let stored = record(plain.path(), &[]);
    assert!(stored["connectivity"].is_null() && stored["counters"]["spikes"].as_u64() > Some(300), "{stored}");
    let asked = record(plain.path(), &["--connectivity", "procedural"]);
    assert_eq!(asked["connectivity"], serde_json::json!({ "a -> a": "procedural" }));
    assert_eq!(asked["counters"], stored["counters"]);
    let set = record(plain.path(), &["--set", "a -> a.connectivity=procedural_weights"]);
    assert_eq!((&set["connectivity"]["a -> a"], &set["counters"]), (&"procedural_weights".into(), &stored["counters"]));
    let told = words(&synfire(plain.path(), &["explain", "net.toml", "--connectivity", "procedural"]));
    assert!(told.contains("connectivity") && told.contains("procedural"), "{told}");

    let wrong = words(&synfire(plain.path(), &["run", "net.toml", "--connectivity", "sparse"]));
    assert!(wrong.contains("expected one of stored, procedural_weights, procedural"), "{wrong}");
    let wrong = words(&synfire(plain.path(), &["run", "net.toml", "--set", "by target.connectivity=procedural"]));
    assert!(wrong.contains("is not possible: its connector does not draw"), "{wrong}");
    let wrong = words(&synfire(plain.path(), &["run", "net.toml", "--set", "a -> a.connectivity=sparse"]));
    assert!(wrong.contains("expected one of `stored`, `procedural_weights`, `procedural`, found `sparse`"), "{wrong}");

    let by_file = with_network(&toml("connectivity = \"procedural\""));
    let found = record(by_file.path(), &[]);
    assert_eq!((&found["connectivity"]["a -> a"], &found["counters"]), (&"procedural".into(), &stored["counters"]));
    let budget = ["--memory", "500K"];
    let little = record(plain.path(), &budget);
    assert!(little["connectivity"]["a -> a"].is_string(), "{little}");
    assert!(little["remarks"].to_string().contains("are drawn again for each spike"), "{little}");
    assert_eq!(little["counters"], stored["counters"]);
}
