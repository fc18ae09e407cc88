//! Synapses that act both ways: one entry, one set of values, each pair once.

use std::path::Path;

use synfire::network::value::uniform;
use synfire::network::{Connector, Head, Network, Projection, Variant};
use synfire::plan::Plan;
use synfire::{Choice, Options, Precision, Simulation};

use crate::what_is_wrong;

fn options() -> Options {
    Options::default().engine(Choice::Cpu).precision(Precision::F64).threads(1)
}

fn compiled(net: &Network) -> Simulation {
    net.compile(&options()).unwrap_or_else(|e| panic!("{e}"))
}

fn plan(net: &Network) -> Plan {
    net.plan(&options()).unwrap_or_else(|e| panic!("{e}"))
}

/// Two populations that differ.
fn populations() -> Network {
    let mut net = Network::new("junctions");
    net.seed(4);
    net.population("a", "lif_psc_delta", 7).parameter("i_e", uniform("200 pA", "500 pA")).initial("v", uniform("-70 mV", "-56 mV"));
    net.population("b", "lif_psc_delta", 5).parameter("c_m", uniform("150 pF", "300 pF")).initial("v", uniform("-70 mV", "-56 mV"));
    net
}

fn with(source: &str, target: &str, connector: Connector, change: impl FnOnce(&mut Projection)) -> Network {
    let mut net = populations();
    change(net.gap_junction(source, target, connector, "5 nS"));
    net
}

/// From, to, conductance.
fn edges(plan: &Plan, gathered: usize) -> Vec<(u32, u32, f64)> {
    let group = &plan.gathered()[gathered];
    let mut out = Vec::new();
    group.edges.each(0..group.edges.count(), |edge, a, b| out.push((a, b, group.params[0].get(edge as usize))));
    out
}

/// Potentials after some steps, to the bit.
fn potentials(simulation: &mut Simulation) -> Vec<u64> {
    simulation.run_steps(300).unwrap_or_else(|e| panic!("{e}"));
    let of = |s: &mut Simulation, name: &str| s.state(name, "v").unwrap_or_else(|e| panic!("{e}"));
    let both = [of(simulation, "a"), of(simulation, "b")].concat();
    both.into_iter().map(f64::to_bits).collect()
}

#[test]
fn one_entry_of_a_file_is_one_call_and_two_ways() {
    let toml = r#"
        seed = 4
        [[population]]
        name = "a"
        model = "lif_psc_delta"
        size = 7
        [[population]]
        name = "b"
        model = "lif_psc_delta"
        size = 5
        [[projection]]
        source = "a"
        target = "b"
        synapse = "gap_junction_spikelet"
        connector = { rule = "all_to_all" }
        both_ways = true
        delay = "0.5 ms"
        parameters = { g = "5 nS", spikelet = "0.5 mV" }
    "#;
    let read = Network::from_toml(toml, "net.toml").unwrap_or_else(|e| panic!("{e}"));
    let mut net = Network::new("");
    net.seed(4);
    net.population("a", "lif_psc_delta", 7);
    net.population("b", "lif_psc_delta", 5);
    let junction = net.project_by("a", "b", "gap_junction_spikelet", Connector::AllToAll).both_ways();
    junction.parameter("g", "5 nS").parameter("spikelet", "0.5 mV").delay("0.5 ms");
    assert_eq!(read.to_toml().unwrap(), net.to_toml().unwrap());
    assert_eq!(Network::from_toml(&read.to_toml().unwrap(), "again").unwrap().projections, net.projections);
    let plan = plan(&net);
    let ways: Vec<&str> = plan.gathered().iter().map(|g| g.name.as_str()).collect();
    assert_eq!(ways, ["a -> b", "a -> b (back)"]);
    assert_eq!(plan.routes().len(), 2);
    assert!(plan.routes().iter().all(|r| r.edges.delays() == (5, 5)));
}

#[test]
fn both_ways_is_two_projections_of_the_same_conductance_to_the_bit() {
    let list = |turned: bool| {
        let (a, b): (Vec<u64>, Vec<u64>) = (vec![0, 3, 6, 6], vec![4, 0, 1, 2]);
        if turned { Connector::List { source: b, target: a } } else { Connector::List { source: a, target: b } }
    };
    let mut two = populations();
    two.project_by("a", "b", "gap_junction", list(false)).parameter("g", "5 nS");
    two.project_by("b", "a", "gap_junction", list(true)).parameter("g", "5 nS");
    let one = with("a", "b", list(false), |_| {});
    assert_eq!(potentials(&mut compiled(&one)), potentials(&mut compiled(&two)));
    assert_ne!(potentials(&mut compiled(&one)), potentials(&mut compiled(&populations())));
}

#[test]
fn what_is_drawn_is_drawn_once_for_both_ends() {
    let connectors = [Connector::probability(0.5), Connector::indegree(3), Connector::outdegree(2), Connector::total(9)];
    for connector in connectors {
        let plan = plan(&with("a", "b", connector, |p| {
            p.parameter("g", uniform("1 nS", "9 nS"));
        }));
        let (mut there, mut back) = (edges(&plan, 0), edges(&plan, 1));
        back.iter_mut().for_each(|(a, b, _)| std::mem::swap(a, b));
        let by = |x: &(u32, u32, f64), y: &(u32, u32, f64)| (x.0, x.1).cmp(&(y.0, y.1)).then(x.2.total_cmp(&y.2));
        there.sort_by(by);
        back.sort_by(by);
        assert!(!there.is_empty());
        assert_eq!(there, back);
    }
}

#[test]
fn within_a_population_each_pair_is_joined_once() {
    let all = plan(&with("a", "a", Connector::AllToAll, |_| {}));
    assert_eq!(edges(&all, 0).len(), 21);
    assert!(edges(&all, 0).iter().all(|(a, b, _)| a < b) && edges(&all, 1).iter().all(|(a, b, _)| a > b));
    let mut many = Network::new("many");
    many.population("a", "lif_psc_delta", 200);
    many.gap_junction("a", "a", Connector::probability(0.3), "5 nS");
    let count = edges(&plan(&many), 0).len() as f64;
    // 19,900 pairs, each with probability 0.3
    let (mean, sd) = (19_900.0 * 0.3, (19_900.0f64 * 0.3 * 0.7).sqrt());
    assert!((count - mean).abs() < 4.0 * sd, "{count}");
}

#[test]
fn one_conductance_is_changed_at_both_ends() {
    let net = with("a", "b", Connector::OneToOne, |_| {});
    let mut net = Network { populations: net.populations.clone(), ..net };
    net.populations[0].size = Some(5);
    let changed = |g: &str| {
        let mut other = net.clone();
        other.projections[0].parameter("g", g);
        potentials(&mut compiled(&other))
    };
    let mut simulation = compiled(&net);
    simulation.set("a -> b.g", "8 nS").unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(potentials(&mut simulation), changed("8 nS"));
    assert_ne!(changed("5 nS"), changed("8 nS"));
    let variants = [Variant::new(), Variant::new().set("a -> b.g", "8 nS")];
    let mut ensemble = net.compile_ensemble(&variants, &options()).unwrap_or_else(|e| panic!("{e}"));
    ensemble.run_steps(300).unwrap_or_else(|e| panic!("{e}"));
    for (instance, g) in [(0, "5 nS"), (1, "8 nS")] {
        let of = |name: &str, s: &mut Simulation| s.state_of(instance, name, "v").unwrap_or_else(|e| panic!("{e}"));
        let both: Vec<u64> = [of("a", &mut ensemble), of("b", &mut ensemble)].concat().into_iter().map(f64::to_bits).collect();
        assert_eq!(both, changed(g), "{g}");
    }
}

#[test]
fn junctions_that_cannot_be_are_refused_in_words() {
    let refused = |net: &Network| match what_is_wrong(net, Path::new(".")) {
        Some(wrong) => wrong,
        None => net.plan(&options()).err().map_or_else(|| panic!("it was taken"), |e| e.to_string()),
    };
    let list = |source: Vec<u64>, target: Vec<u64>| Connector::List { source, target };
    let mut port = populations();
    port.project("a", "b", "delta", Connector::AllToAll).weight("1 mV").both_ways();
    let mut source = populations();
    source.population("times", "spike_times", 7).spike_times(vec![vec![]; 7]);
    source.gap_junction("times", "a", Connector::OneToOne, "5 nS");
    let mut one_way = populations();
    one_way.population("cells", "hodgkin_huxley", 7);
    one_way.gap_junction("a", "cells", Connector::OneToOne, "5 nS");
    let cases = [
        (with("a", "a", list(vec![0, 1], vec![1, 0]), |_| {}), "neurons 0 and 1 would be joined twice"),
        (with("a", "a", list(vec![2], vec![2]), |_| {}), "neuron 2 would be joined with itself"),
        (with("a", "a", Connector::indegree(5), |_| {}), "`both_ways`: neuron"),
        (port, "`both_ways` goes with a synapse model"),
        (source, "`gap_junction` reads `pre.v`"),
        (one_way, "i_stim"),
        (
            with("a", "b", Connector::AllToAll, |p| {
                p.normalise("g");
            }),
            "a junction has one value for both ends",
        ),
    ];
    for (net, expected) in cases {
        let wrong = refused(&net);
        assert!(wrong.contains(expected), "{expected}: {wrong}");
    }
}

#[test]
fn a_diagram_shows_one_arrow_with_two_ends() {
    let mut net = with("a", "b", Connector::OneToOne, |_| {});
    net.gap_junction("b", "a", Connector::OneToOne, "2 nS");
    let heads: Vec<Head> = net.diagram().arrows.iter().map(|arrow| arrow.head).collect();
    assert_eq!(heads, [Head::Electrical; 2]);
}
