//! Synapses that the device draws are, word for word, those that would be written from here.

use super::*;
use crate::network::value::{normal, uniform};
use crate::network::{Connector, EdgeStorage, Network, Variant};
use crate::plan::schedule::Machine;
use crate::simulation::{Choice, Options};

/// Every rule, delay and weight that the device draws, and, last, some that it does not.
fn network(seed: u64) -> Network {
    let mut net = Network::new("drawn");
    net.seed(seed);
    net.population("a", "lif_psc_exp", 150).parameter("i_e", uniform("400 pA", "500 pA"));
    net.population("b", "lif_psc_exp", 133).parameter("i_e", uniform("300 pA", "500 pA"));
    net.probe("a", "spikes");
    net.probe("b", "spikes");
    let total = |n, autapses| Connector::FixedTotal { n, autapses, multapses: true };
    let several = |n, autapses| Connector::FixedOutdegree { n, autapses, multapses: true };
    let trials = |p, autapses| Connector::FixedProbability { p, autapses };
    let mut rules = vec![Connector::AllToAll, Connector::AllToOthers, Connector::OneToOne];
    rules.extend([1e-3, 0.004, 0.03, 0.4, 0.9, 1.0].map(|p| trials(p, p == 0.4)));
    rules.extend([0, 1, 2, 63, 64, 65, 200].map(|n| several(n, n % 2 == 0)));
    rules.extend([1, 3000, 20_000].map(|n| total(n, n == 3000)));
    for (k, rule) in rules.into_iter().enumerate() {
        let to = if k % 3 == 0 && rule != Connector::OneToOne { "b" } else { "a" };
        let projection = net.project("a", to, "i_exc", rule);
        match k % 4 {
            0 => projection.weight(normal("20 pA", "15 pA").min("-5 pA")),
            1 => projection.weight(normal("3 pA", "5 pA").min("-1 pA").max("4 pA").clip()),
            2 => projection.weight(uniform("-7 pA", "13 pA")),
            _ => projection.weight("3 pA"),
        };
        match k % 3 {
            0 => projection.delay(normal("1.5 ms", "0.75 ms").min("0.1 ms")),
            1 => projection.delay(uniform("0.1 ms", "2.2 ms")),
            _ => projection.delay("0.7 ms"),
        };
    }
    // some of larger populations
    for rule in [trials(0.1, true), total(900, true)] {
        let part = net.project("a", "b", "i_exc", rule).source_rows(20..80).target_rows(5..100);
        part.weight(normal("2 pA", "1 pA")).delay(uniform("1 ms", "2 ms"));
    }
    net
}

/// Among a million some numbers have to be drawn anew, and of a small probability bits are put out; a port of its own has weights of
/// more units than single precision has bits.
fn wide() -> Network {
    let mut net = Network::new("wide");
    net.seed(9);
    net.population("few", "lif_psc_exp", 60);
    net.population("many", "lif_psc_delta", 1_000_003);
    net.population("own", "lif_psc_exp", 60);
    net.project("few", "many", "delta", Connector::FixedTotal { n: 40_000, autapses: true, multapses: true }).weight("0.1 mV");
    net.project("few", "many", "delta", Connector::FixedProbability { p: 2e-4, autapses: true }).weight("0.1 mV");
    net.project("few", "own", "i_exc", Connector::OneToOne).weight(normal("100 pA", "40 pA").min("1 pA"));
    net
}

/// All that the device drew is, word for word, what would be written from here.
fn check(plan: &Plan, engine: &mut GpuEngine) {
    let layout = engine.layout.clone();
    // weights that are parted between two channels are kept
    let again = layout.routes.iter().map(|place| plan.routes[place.route].edges.is_redrawn());
    assert!(again.clone().filter(|again| *again).count() > 2 && again.eq(engine.buffers.drawn.iter().copied()));
    for page in 0..layout.pages.len() {
        let written = contents::page(plan, &layout, page, &[]).unwrap();
        let drawn = pollster::block_on(engine.read(|b| &b.pages[page], 0, written.len() as u64)).unwrap();
        for place in layout.routes.iter().filter(|r| r.page == page) {
            let edges = &plan.routes[place.route].edges;
            let count = (edges.first(place.sources.end) - edges.first(place.sources.start)) as usize;
            for first in std::iter::once(place.edges).chain(place.weights) {
                let of = first as usize..first as usize + count;
                let differ = drawn[of.clone()].iter().zip(&written[of]).position(|(a, b)| a != b);
                assert_eq!(differ, None, "{} {:?}", plan.routes[place.route].name, layout.shape.schedule);
            }
        }
    }
    let written = contents::tables(plan, &layout, &[]);
    let found = pollster::block_on(engine.read(|b| &b.tables, 0, written.len() as u64)).unwrap();
    assert!(found == written, "tables, {:?}", layout.shape.schedule);
}

fn planned(net: &Network) -> Plan {
    let there = Settings::default().draw_on_device(true);
    net.plan(&Options::default().engine(Choice::Gpu).schedule(there)).unwrap_or_else(|e| panic!("{e}"))
}

fn engine(plan: &Plan, settings: Settings) -> GpuEngine {
    GpuEngine::new(plan, &AdapterChoice::Best, &settings.draw_on_device(true)).unwrap_or_else(|e| panic!("{e}"))
}

#[test]
fn what_is_drawn_there_is_what_is_drawn_here() {
    for seed in [3, 1 << 40] {
        let plan = planned(&network(seed));
        for settings in [(Schedule::Resident, 64), (Schedule::Fused, 32), (Schedule::Fused, 128), (Schedule::TwoPass, 64)] {
            check(&plan, &mut engine(&plan, Settings::default().schedule(settings.0).workgroup(settings.1)));
        }
    }
}

#[test]
fn rare_draws_are_the_same() {
    let plan = planned(&wide());
    check(&plan, &mut engine(&plan, Schedule::TwoPass.into()));
}

/// Rows that a software adapter would not draw to their end, and what follows from logarithms, are written from here.
#[test]
fn what_cannot_be_drawn_there_is_written() {
    let mut net = Network::new("written");
    net.population("one", "lif_psc_exp", 2);
    net.population("many", "lif_psc_delta", 60_000);
    net.project("one", "many", "delta", Connector::FixedProbability { p: 0.9, autapses: true }).weight("0.1 mV");
    net.project("one", "one", "i_exc", Connector::AllToAll).weight(crate::network::value::lognormal("3 pA", 0.5));
    net.project("one", "one", "i_exc", Connector::AllToAll).weight(normal("3 pA", "0.5 pA"));
    let plan = planned(&net);
    let mut engine = engine(&plan, Settings::default());
    assert_eq!(engine.buffers.drawn, [false, false, true]);
    let layout = engine.layout.clone();
    let written = contents::page(&plan, &layout, 0, &[]).unwrap();
    let found = pollster::block_on(engine.read(|b| &b.pages[0], 0, written.len() as u64)).unwrap();
    assert!(found == written);
}

/// Spikes of networks whose synapses are kept, and of the same drawn again for each spike: rows of all laws, longer than workgroup
/// memory, weights that instances scale.
#[test]
fn what_is_drawn_again_for_each_spike_is_what_is_kept() {
    let mut long = Network::new("long");
    long.population("few", "lif_psc_exp", 40).parameter("i_e", uniform("400 pA", "500 pA"));
    long.population("many", "lif_psc_delta", 9000);
    let trials = Connector::FixedProbability { p: 0.2, autapses: true };
    long.project("few", "many", "delta", trials).weight("8 mV").delay(uniform("0.1 ms", "1 ms"));
    long.probe("few", "spikes");
    long.probe("many", "spikes");
    // so many that their spikes are listed for those that are kept
    let mut listed = Network::new("listed");
    listed.population("all", "lif_psc_exp", 36_000).parameter("i_e", uniform("500 pA", "700 pA"));
    listed.project("all", "all", "i_exc", Connector::indegree(2)).weight("20 pA");
    listed
        .project("all", "all", "i_inh", Connector::total(90_000))
        .weight(normal("-40 pA", "10 pA"))
        .delay(uniform("0.1 ms", "1 ms"));
    listed.probe("all", "spikes");
    let scaled = [0.5, 2.0].map(|factor| Variant::new().weight_scale(factor));
    let some = network(3);
    for (net, variants, ms) in [(&some, &[][..], 60.0), (&network(4), &scaled[..], 40.0), (&long, &[], 30.0), (&listed, &[], 12.0)]
    {
        let spikes = |storage: EdgeStorage, turns: bool| {
            let settings = Settings::default().schedule(Schedule::TwoPass).draw_on_device(true);
            let options = Options::default().engine(Choice::Gpu).schedule(settings).connectivity(storage);
            let made = if variants.is_empty() { net.compile(&options) } else { net.compile_ensemble(variants, &options) };
            let mut simulation = made.unwrap_or_else(|e| panic!("{e}"));
            assert_eq!(simulation.plan().routes.iter().any(|route| route.again), turns);
            let machine = Machine { software: true, ..Machine::WEB };
            let kernels = wgsl::emit(simulation.plan(), &machine, &settings).unwrap();
            let again = kernels.layout().routes().iter().filter(|place| place.again).count();
            // but for one that has no synapses, and weights that are parted between two channels, which are kept
            let all = simulation.plan().routes.iter().filter(|route| !route.edges.is_empty() && route.edges.is_redrawn()).count();
            assert!(!turns || all + 3 >= net.projections.len());
            assert_eq!(kernels.layout().sent().is_some(), net.name == "listed");
            assert_eq!(again, if turns { all } else { 0 });
            simulation.run(ms).unwrap_or_else(|e| panic!("{e}"));
            simulation.recording().spikes.iter().map(|train| train.pairs().collect()).collect::<Vec<Vec<(u64, u32)>>>()
        };
        let stored = spikes(EdgeStorage::Stored, false);
        let counts: Vec<usize> = stored.iter().map(Vec::len).collect();
        assert!(counts.iter().all(|n| *n > 30), "a silent network proves nothing: {counts:?}");
        assert!(spikes(EdgeStorage::Procedural, true) == stored, "{}", net.name);
    }
}

/// What is taken over by instances leaves pivots as they were.
#[test]
fn tables_that_are_written_anew_keep_what_was_drawn() {
    let plan = planned(&network(5));
    let mut engine = engine(&plan, Schedule::Fused.into());
    assert!(pollster::block_on(engine.take_variants(&plan)).unwrap());
    check(&plan, &mut engine);
}
