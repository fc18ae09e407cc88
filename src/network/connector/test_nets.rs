//! Rules of nets: neighbours, small worlds, scale-free nets, degrees that are drawn, arrays, clones; each with its law.

use std::path::Path;

use super::*;
use crate::network::value::{choice, normal, uniform};
use crate::network::{Network, Value};

/// The edges of a connector within a population of so many neurons, of this shape.
fn within(shape: &[u64], connector: Connector, seed: u64) -> Connectivity {
    let mut net = Network::new("net");
    net.population("a", "lif_psc_exp", 1).shape(shape);
    net.project("a", "a", "i_exc", connector).weight("1 pA");
    built(&net, 0, seed)
}

fn built(net: &Network, k: usize, seed: u64) -> Connectivity {
    let net = crate::simulation::check_whole(net, &[], Path::new("."), None).unwrap_or_else(|e| panic!("{e}")).0;
    let p = &net.projections()[k];
    let size = |id: crate::network::checked::PopulationId| net.populations()[id.0 as usize].size;
    let ends = Ends { sources: size(p.source), targets: size(p.target), same_population: p.source == p.target };
    let made = build(&p.connector, ends, &[EdgeValue::Shared(1.0)], seed, k as u32, None).unwrap().0;
    let most = expected(&p.connector, ends).synapses;
    assert!(made.count() <= most + most / 10 + 10, "{} expected, {} made", most, made.count());
    made
}

fn said(shape: &[u64], connector: Connector) -> String {
    let mut net = Network::new("net");
    net.population("a", "lif_psc_exp", 1).shape(shape);
    net.project("a", "a", "i_exc", connector).weight("1 pA");
    let error = crate::simulation::check_whole(&net, &[], Path::new("."), None).unwrap_err().to_string();
    error.replace("\n  --> net", "")
}

fn outdegrees(c: &Connectivity) -> Vec<u64> {
    (0..c.sources()).map(|s| c.span(s).end - c.span(s).start).collect()
}

fn pairs(c: &Connectivity) -> Vec<(u32, u32)> {
    let mut out = Vec::new();
    c.rows(|source, row| out.extend(row.targets().map(|target| (source, target))));
    out
}

fn mean_and_variance(list: &[u64]) -> (f64, f64) {
    let n = list.len() as f64;
    let mean = list.iter().sum::<u64>() as f64 / n;
    (mean, list.iter().map(|x| (*x as f64 - mean).powi(2)).sum::<f64>() / n)
}

fn both_ways(c: &Connectivity) -> bool {
    let list = pairs(c);
    list.iter().all(|(a, b)| list.binary_search(&(*b, *a)).is_ok())
}

#[test]
fn neighbours_are_four_eight_and_all_within_a_reach() {
    let four = within(&[4, 5], Connector::four_neighbours(), 0);
    assert_eq!(pairs(&four).into_iter().filter(|(s, _)| *s == 6).map(|(_, t)| t).collect::<Vec<_>>(), [1, 5, 7, 11]);
    assert_eq!(outdegrees(&four)[..5], [2, 3, 3, 3, 2]);
    let eight = within(&[4, 5], Connector::eight_neighbours(), 0);
    assert_eq!(pairs(&eight).into_iter().filter(|(s, _)| *s == 6).map(|(_, t)| t).collect::<Vec<_>>(), [0, 1, 2, 5, 7, 10, 11, 12]);
    // (2n + 1)² - 1 on a torus, and no other
    let torus = Connector::Neighbours { reach: 2, corners: true, itself: false, periodic: true };
    let near = within(&[6, 7], torus, 0);
    assert!(outdegrees(&near).iter().all(|d| *d == 24) && near.indegrees().iter().all(|d| *d == 24));
    assert!(both_ways(&near) && both_ways(&four));
    let diamond = Connector::Neighbours { reach: 2, corners: false, itself: true, periodic: true };
    assert!(outdegrees(&within(&[6, 7], diamond, 0)).iter().all(|d| *d == 13));
    assert_eq!(outdegrees(&within(&[9], Connector::neighbours(2), 0)), [2, 3, 4, 4, 4, 4, 4, 3, 2]);
    assert_eq!(
        said(&[4, 5], Connector::Neighbours { reach: 2, corners: true, itself: false, periodic: true }),
        "error[E062]: `a -> a`: a reach of 2 over a side of 4: it is from 1 to 1"
    );
}

#[test]
fn small_worlds_lie_between_a_ring_and_chance() {
    let ring = within(&[50], Connector::small_world(6, 0.0), 0);
    assert!(outdegrees(&ring).iter().all(|d| *d == 6) && both_ways(&ring));
    assert_eq!(pairs(&ring)[..6], [(0, 1), (0, 2), (0, 3), (0, 47), (0, 48), (0, 49)]);
    let (n, k, beta) = (4000u32, 20, 0.3);
    let world = within(&[u64::from(n)], Connector::small_world(k, beta), 3);
    assert!(both_ways(&world) && pairs(&world).iter().all(|(a, b)| a != b));
    assert_eq!(world.count(), u64::from(n) * k);
    // each neuron keeps k/2 links; of the others k/2·(1 - beta) stay, binomial, and about k/2·beta come from anywhere, Poisson
    let (mean, variance) = mean_and_variance(&outdegrees(&world));
    let expected = k as f64 / 2.0 * (beta * (1.0 - beta) + beta);
    assert_eq!(mean, k as f64);
    // of n squares of such a law: the sd of a variance is about variance·sqrt(2/n)
    assert!((variance / expected - 1.0).abs() < 4.5 * (2.2 / f64::from(n)).sqrt(), "{variance} {expected}");
    // those that were led elsewhere: some of them into the ring again
    let near = |a: u32, b: u32| u64::from(a.abs_diff(b).min(n - a.abs_diff(b))) <= k / 2;
    let far = pairs(&world).iter().filter(|(a, b)| !near(*a, *b)).count() as f64 / 2.0;
    let links = f64::from(n) * k as f64 / 2.0;
    assert!((far - links * beta).abs() < 5.0 * (links * beta * (1.0 - beta)).sqrt() + links * beta * 0.005, "{far}");
    let one_way = within(&[300], Connector::SmallWorld { degree: 4, rewiring: 0.5, directed: true }, 1);
    assert!(outdegrees(&one_way).iter().all(|d| *d == 2) && !both_ways(&one_way));
    assert!(said(&[10], Connector::small_world(3, 0.1)).contains("a degree is an even number from 2 to 8, got 3"));
    assert!(said(&[10], Connector::small_world(4, 1.5)).contains("a probability is a number from 0 to 1, got 1.5"));
}

#[test]
fn degrees_of_scale_free_nets_fall_with_the_third_power() {
    let (n, m) = (20_000, 4);
    let net = within(&[n], Connector::scale_free(m), 5);
    assert!(both_ways(&net) && pairs(&net).iter().all(|(a, b)| a != b));
    let degrees = outdegrees(&net);
    assert_eq!(net.count(), 2 * (m + (n - m - 1) * m));
    // exactly (Dorogovtsev, Mendes and Samukhin 2000): P(k or more) = m(m + 1)/(k(k + 1)) for large nets
    for k in [4u64, 5, 6, 8, 12, 20, 40] {
        let found = degrees.iter().filter(|d| **d >= k).count() as f64;
        let law = (m * (m + 1)) as f64 / (k * (k + 1)) as f64 * n as f64;
        assert!((found - law).abs() < 5.0 * law.sqrt() + 10.0, "{k}: {found} {law}");
    }
    let one_way = within(&[100], Connector::ScaleFree { m: 3, directed: true }, 1);
    assert!(outdegrees(&one_way)[4..].iter().all(|d| *d == 3) && one_way.count() == 3 + 96 * 3);
    assert!(said(&[3], Connector::scale_free(3)).contains("each neuron that comes has from 1 to 2 links, got 3"));
}

#[test]
fn degrees_that_are_drawn_follow_their_distribution() {
    let n = 3000;
    let law = |n: Value| Connector::DrawnIndegree { n, autapses: false, multapses: false };
    let net = within(&[n], law(normal(40.0, 6.0).min(0.0).into()), 2);
    let (mean, variance) = mean_and_variance(&net.indegrees());
    assert!((mean - 40.0).abs() < 4.5 * 6.0 / (n as f64).sqrt(), "{mean}");
    // rounding adds a twelfth
    assert!((variance / (36.0 + 1.0 / 12.0) - 1.0).abs() < 4.5 * (2.0 / n as f64).sqrt(), "{variance}");
    assert!(pairs(&net).windows(2).all(|w| w[0] != w[1]) && pairs(&net).iter().all(|(a, b)| a != b));
    // who they are is even: out-degrees are binomial
    let (_, out) = mean_and_variance(&outdegrees(&net));
    assert!((out / 40.0 - 1.0).abs() < 0.15, "{out}");
    let two = Connector::DrawnOutdegree { n: choice([3.0, 7.0], [0.5, 0.5]).into(), autapses: true, multapses: true };
    let degrees = outdegrees(&within(&[1000], two, 1));
    assert!(degrees.iter().all(|d| *d == 3 || *d == 7));
    let threes = degrees.iter().filter(|d| **d == 3).count();
    assert!((430..570).contains(&threes), "{threes}");
    let some = Connector::drawn_outdegree(uniform(2.0, 5.0));
    assert!(outdegrees(&within(&[200], some, 1)).iter().all(|d| (2..=5).contains(d)));
    assert!(said(&[5], law(normal(4.0, 2.0).into())).contains("numbers of synapses may be drawn below 0\n  help: write `min = 0`"));
    assert!(said(&[5], law(Value::Number(3.0))).contains("`n` is a distribution, got 3"));
}

#[test]
fn every_one_but_itself() {
    let net = within(&[5], Connector::AllToOthers, 0);
    assert_eq!(net.count(), 20);
    assert!(pairs(&net).iter().all(|(a, b)| a != b));
}

#[test]
fn arrays_of_booleans_join_where_they_are_true() {
    let rows = vec![vec![true, false, true], vec![false, false, false], vec![true, true, false]];
    assert_eq!(pairs(&within(&[3], Connector::mask(rows.clone()), 0)), [(0, 0), (0, 2), (2, 0), (2, 1)]);
    let by_target = Connector::Mask { rows: rows.clone(), path: None, by: End::Target };
    assert_eq!(pairs(&within(&[3], by_target, 0)), [(0, 0), (0, 2), (1, 2), (2, 0)]);
    assert_eq!(said(&[4], Connector::mask(rows)), "error[E062]: `a -> a`: the array is 3 x 3, expected 4 x 4");
    // the same from NumPy's booleans
    let folder = tempfile::tempdir().unwrap();
    let header = "{'descr': '|b1', 'fortran_order': False, 'shape': (3, 2), }";
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    let padded = format!("{header:<117}\n");
    bytes.extend((padded.len() as u16).to_le_bytes());
    bytes.extend(padded.bytes().chain([1, 0, 0, 1, 1, 1]));
    std::fs::write(folder.path().join("mask.npy"), bytes).unwrap();
    let mut net = Network::new("net");
    net.population("a", "lif_psc_exp", 3);
    net.population("b", "lif_psc_exp", 2);
    net.project("a", "b", "i_exc", Connector::Mask { rows: Vec::new(), path: Some("mask.npy".into()), by: End::Source })
        .weight("1 pA");
    let checked = crate::simulation::check_whole(&net, &[], folder.path(), None).unwrap_or_else(|e| panic!("{e}")).0;
    let CheckedConnector::List { source, target } = &checked.projections()[0].connector else { panic!() };
    assert_eq!((&source[..], &target[..]), (&[0u32, 1, 2, 2][..], &[0u32, 1, 0, 1][..]));
}

#[test]
fn a_clone_has_the_pairs_of_the_other() {
    let mut net = Network::new("net");
    net.population("a", "lif_psc_exp", 60);
    net.population("b", "lif_psc_exp", 40);
    net.project("a", "b", "i_exc", Connector::probability(0.2)).weight("1 pA");
    net.project("a", "b", "i_inh", Connector::clone_of("a -> b")).weight("-2 pA").named("twin");
    net.project("a", "b", "i_exc", Connector::clone_of("twin")).weight("-2 pA");
    let first = built(&net, 0, 7);
    assert!(first.count() > 300 && first == built(&net, 1, 7) && first == built(&net, 2, 7));
    let said = |of: &str| {
        let mut net = net.clone();
        net.project("b", "a", "i_exc", Connector::clone_of(of)).weight("1 pA");
        crate::simulation::check_whole(&net, &[], Path::new("."), None).unwrap_err().to_string()
    };
    assert!(said("tvin").contains("no projection `tvin` stands before this one; there are"), "{}", said("tvin"));
    assert!(said("twin").contains("`twin` joins 60 to 40 neurons, this one 40 to 60"));
}
