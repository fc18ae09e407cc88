//! Projections that join parts of populations: `source_rows`, `target_rows`.

use synfire::network::{Connector, Projection, Rows, Value, value::uniform};
use synfire::{Network, Options};

/// `a` of 20 and `b` of 30 neurons, joined as is said.
fn joined(source: &str, target: &str, connector: Connector, set: impl FnOnce(&mut Projection)) -> Network {
    let mut net = Network::new("parts");
    net.seed(3).population("a", "lif_psc_exp", 20);
    net.population("b", "lif_psc_exp", 30);
    set(net.project(source, target, "i_exc", connector).weight(uniform("1 pA", "2 pA")).delay(uniform("1 ms", "3 ms")));
    net
}

/// Source, target, weight and delay of every synapse.
fn edges(net: &Network) -> Vec<(u32, u32, f64, u32)> {
    let plan = net.plan(&Options::default()).unwrap_or_else(|error| panic!("{error}"));
    let route = &plan.routes()[0];
    let mut out = Vec::new();
    route.edges.each(0..route.edges.count(), |edge, source, target| {
        out.push((source, target, route.weight.get(edge as usize), route.edges.delay_of(edge)));
    });
    out
}

fn wrong(net: &Network) -> String {
    net.plan(&Options::default()).err().map_or_else(|| "nothing".into(), |error| error.to_string().replace("\n  --> parts", ""))
}

#[test]
fn a_connector_counts_the_neurons_that_it_joins() {
    let pairs = |net: &Network| edges(net).into_iter().map(|(s, t, ..)| (s, t)).collect::<Vec<_>>();
    let net = joined("a", "b", Connector::OneToOne, |p| {
        p.source_rows(4..7).target_rows([0, 9, 29]);
    });
    assert_eq!(pairs(&net), [(4, 0), (5, 9), (6, 29)]);
    let net = joined("a", "a", Connector::AllToAll, |p| {
        p.source_rows([3, 19]).target_rows(0..2);
    });
    assert_eq!(pairs(&net), [(3, 0), (3, 1), (19, 0), (19, 1)]);
    let net = joined("a", "b", Connector::List { source: vec![0, 1], target: vec![1, 0] }, |p| {
        p.source_rows([7, 8]).target_rows([20, 21]);
    });
    assert_eq!(pairs(&net), [(7, 21), (8, 20)]);
}

/// What is drawn is what two populations of these sizes would get: the law of a seed does not depend on where neurons stand.
#[test]
fn parts_draw_what_whole_populations_of_their_size_draw() {
    for rule in [
        Connector::probability(0.4),
        Connector::FixedIndegree { n: 3, autapses: true, multapses: true },
        Connector::FixedTotal { n: 50, autapses: true, multapses: false },
    ] {
        let part = joined("a", "b", rule.clone(), |p| {
            p.source_rows(5..15).target_rows(10..20);
        });
        let mut whole = Network::new("whole");
        whole.seed(3).population("a", "lif_psc_exp", 10);
        whole.population("b", "lif_psc_exp", 10);
        whole.project("a", "b", "i_exc", rule).weight(uniform("1 pA", "2 pA")).delay(uniform("1 ms", "3 ms"));
        let moved: Vec<_> = edges(&whole).into_iter().map(|(s, t, w, d)| (s + 5, t + 10, w, d)).collect();
        assert!(!moved.is_empty());
        assert_eq!(edges(&part), moved);
    }
}

#[test]
fn a_neuron_meets_itself_only_where_it_is_allowed_to() {
    let rule = Connector::FixedProbability { p: 1.0, autapses: false };
    let net = joined("a", "a", rule.clone(), |p| {
        p.source_rows(2..6).target_rows(2..6);
    });
    let found = edges(&net);
    assert_eq!(found.len(), 12);
    assert!(found.iter().all(|(s, t, ..)| s != t && (2..6).contains(s) && (2..6).contains(t)));
    // rows that share none cannot meet themselves
    let net = joined("a", "a", rule.clone(), |p| {
        p.source_rows(0..4).target_rows(4..8);
    });
    assert_eq!(edges(&net).len(), 16);
    let net = joined("a", "a", rule, |p| {
        p.source_rows(0..4).target_rows(3..8);
    });
    let said = wrong(&net);
    assert!(
        said.contains(
            "error[E062]: `a -> a`: `autapses = false`, and neuron 3 is among `source_rows` and `target_rows`, which are not the same\n  \
             help: give both ends the same rows"
        ),
        "{said}"
    );
    let net = joined("a", "a", Connector::AllToAll, |p| {
        p.source_rows(0..4).target_rows(3..8);
    });
    assert_eq!(edges(&net).len(), 20);
}

#[test]
fn junctions_of_parts_are_made_once() {
    let junctions = |from: Rows, to: Rows| {
        let mut net = Network::new("parts");
        net.population("a", "lif_psc_delta", 10);
        net.gap_junction("a", "a", Connector::AllToAll, "1 nS").source_rows(from).target_rows(to);
        net.plan(&Options::default())
            .unwrap_or_else(|error| panic!("{error}"))
            .gathered()
            .iter()
            .map(|g| g.edges.count())
            .sum::<u64>()
    };
    // six pairs of four neurons, each seen from both ends; sixteen pairs between two groups of four
    assert_eq!(junctions((2..6).into(), (2..6).into()), 12);
    assert_eq!(junctions((6..10).into(), (2..6).into()), 32);
}

#[test]
fn addresses_name_neurons_of_the_population() {
    let mut net = joined("a", "b", Connector::AllToAll, |p| {
        p.source_rows(4..7).target_rows(10..12).weight("1 pA").delay("1 ms");
    });
    net.set("a -> b[5 -> 10..12].weight", "3 pA").unwrap();
    let weights: Vec<f64> = edges(&net).into_iter().map(|(_, _, w, _)| w).collect();
    assert_eq!(weights, [1.0, 1.0, 3.0, 3.0, 1.0, 1.0]);
    net.set("a -> b[0 -> 10].weight", "3 pA").unwrap();
    let said = wrong(&net);
    assert!(said.contains("0 -> 10") && said.contains("no synapse"), "{said}");
}

#[test]
fn what_is_shared_is_shared_among_the_sources_that_are_joined() {
    let net = joined("a", "b", Connector::AllToAll, |p| {
        p.source_rows(0..5).weight("10 pA").delay("1 ms").normalise("weight");
    });
    assert!(edges(&net).iter().all(|(_, _, w, _)| *w == 2.0));
}

#[test]
fn rows_that_cannot_be_are_said_under_their_key() {
    let of = |set: &dyn Fn(&mut Projection)| wrong(&joined("a", "b", Connector::OneToOne, |p| set(p)));
    assert_eq!(
        of(&|p| {
            p.source_rows(10..25);
        }),
        "error[E072]: `a -> b`: source_rows 10 to 24 of a population whose last neuron is 19"
    );
    assert!(
        of(&|p| {
            p.target_rows([3, 2]);
        })
        .contains("error[E072]: `a -> b`: target_rows must ascend, 2 stands behind 3")
    );
    // the sizes that a connector sees are those of the parts
    let said = of(&|p| {
        p.source_rows(0..3);
    });
    assert!(said.contains("3") && said.contains("30"), "{said}");
}

#[test]
fn a_file_says_the_same() {
    let net = joined("a", "b", Connector::OneToOne, |p| {
        p.source_rows(4..7).target_rows([0, 9, 29]);
    });
    let text = net.to_toml().unwrap();
    assert!(text.contains("range = [") && text.contains("source_rows"), "{text}");
    assert_eq!(Network::from_toml(&text, "net.toml").unwrap(), net);
    assert_eq!(Network::from_json(&net.to_json().unwrap(), "net.json").unwrap(), net);
    let _ = Value::default();
}
