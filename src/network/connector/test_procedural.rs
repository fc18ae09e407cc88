//! What is drawn again is what is stored, edge by edge: targets, delays, weights, in any order of asking, for every rule that can be so.

use super::*;
use crate::network::checked::{Draw, Law};
use crate::network::value::Outside;
use crate::threads::Threads;

fn drawn(law: Law, min: f64, max: f64, outside: Outside, grid: Option<f64>) -> EdgeValue {
    EdgeValue::Draw(Draw { law, min, max, outside, grid })
}

/// Delays of which some are drawn again, then weights of several laws, one of them listed.
fn values() -> Vec<EdgeValue> {
    let (low, high) = (f64::NEG_INFINITY, f64::INFINITY);
    vec![
        drawn(Law::Normal { mean: 1.5, sd: 0.75 }, 0.1, high, Outside::Redraw, Some(0.1)),
        drawn(Law::Normal { mean: 87.8, sd: 60.0 }, 0.0, high, Outside::Redraw, None),
        drawn(Law::Normal { mean: -3.0, sd: 5.0 }, -4.0, 1.0, Outside::Clip, None),
        drawn(Law::Uniform { low: 0.0, high: 2.0 }, low, high, Outside::Redraw, None),
        drawn(Law::Gamma { shape: 2.0, scale: 0.3 }, low, high, Outside::Redraw, None),
        EdgeValue::Shared(0.25),
    ]
}

fn rules() -> Vec<CheckedConnector> {
    let mut rules = vec![Connector::AllToAll, Connector::OneToOne, Connector::AllToOthers];
    for (autapses, multapses) in [(true, true), (true, false), (false, true), (false, false)] {
        rules.extend([0.0, 0.004, 0.3, 1.0].map(|p| Connector::FixedProbability { p, autapses }));
        rules.extend([0, 1, 30, 110].map(|n| Connector::FixedOutdegree { n, autapses, multapses }));
    }
    for autapses in [true, false] {
        rules.extend([0, 3, 2500, 20_000].map(|n| Connector::FixedTotal { n, autapses, multapses: true }));
    }
    rules.into_iter().map(CheckedConnector::Rule).collect()
}

const ENDS: [Ends; 2] =
    [Ends { sources: 130, targets: 130, same_population: true }, Ends { sources: 130, targets: 130, same_population: false }];

/// Edges and columns as they are asked for, with their delays.
fn made(rule: &CheckedConnector, ends: Ends, values: &[EdgeValue], storage: EdgeStorage) -> (Connectivity, Vec<EdgeColumn>) {
    let (edges, mut columns) = build_as(rule, ends, values, 11, 3, None, storage).unwrap_or_else(|e| panic!("{rule:?}: {e}"));
    let delay = columns.remove(0);
    (edges.delayed(&delay).unwrap(), columns)
}

#[test]
fn every_rule_is_the_same_drawn_again() {
    for ends in ENDS {
        for rule in rules() {
            let (stored, columns) = made(&rule, ends, &values(), EdgeStorage::Stored);
            assert!(!stored.is_redrawn() && columns.iter().all(|c| !matches!(c, EdgeColumn::Drawn(_))));
            for storage in [EdgeStorage::ProceduralWeights, EdgeStorage::Procedural] {
                let (edges, again) = made(&rule, ends, &values(), storage);
                assert_eq!(
                    (edges.is_redrawn(), edges.bytes_each()),
                    match storage {
                        EdgeStorage::Procedural => (true, 0),
                        _ => (false, 4),
                    }
                );
                assert_eq!(edges, stored, "{rule:?}");
                assert_eq!((edges.longest_row(), edges.delays()), (stored.longest_row(), stored.delays()), "{rule:?}");
                // all at once, from the middle, from behind
                for (a, b) in again.iter().zip(&columns) {
                    assert_eq!(a.span(), b.span(), "{rule:?}");
                    for from in [0, edges.count() / 3, edges.count().saturating_sub(5)] {
                        let list = |column: &EdgeColumn| {
                            let mut out = Vec::new();
                            column.each(from..edges.count(), |x| out.push(x.to_bits()));
                            out
                        };
                        assert!(list(a) == list(b), "{rule:?}: values from {from} on");
                    }
                    let some = (0..edges.count()).step_by(37);
                    assert!(some.clone().all(|e| a.get(e as usize) == b.get(e as usize)), "{rule:?}");
                    assert!(some.clone().all(|e| edges.target_of(e) == stored.target_of(e)), "{rule:?}");
                }
                // rows in any order, through one buffer
                let (mut one, mut other) = (RowBuffer::default(), RowBuffer::default());
                for source in (0..ends.sources).rev().chain([7, 7, 100]) {
                    assert_eq!(edges.row(source, &mut one).words, stored.row(source, &mut other).words, "{rule:?}, row {source}");
                }
                assert_eq!(edges.by_target(), stored.by_target());
                let some: Vec<u64> = (0..edges.count()).filter(|e| e % 3 == 1).collect();
                assert_eq!(edges.only(&some), stored.only(&some));
            }
        }
    }
}

/// Degrees that are drawn: rows of several lengths.
#[test]
fn drawn_outdegrees_are_the_same_drawn_again() {
    let law = crate::network::value::normal(20.0, 9.0).min(0.0);
    let mut network = crate::network::Network::new("degrees");
    network.population("a", "lif_cond_exp", 60);
    network.population("b", "lif_cond_exp", 90);
    network.project("a", "b", "g_exc", Connector::drawn_outdegree(law)).weight("1 nS").delay("1 ms");
    let models = crate::model::library::all().unwrap();
    let checked = crate::network::check(&network, &models, std::path::Path::new(".")).unwrap_or_else(|e| panic!("{e}"));
    let projection = &checked.projections()[0];
    let ends = projection.ends(60, 90);
    let (stored, _) = made(&projection.connector, ends, &values(), EdgeStorage::Stored);
    let (again, _) = made(&projection.connector, ends, &values(), EdgeStorage::Procedural);
    assert!(again.is_redrawn() && again.longest_row() > 20 && again.start_bytes() > 0);
    assert_eq!(again, stored);
}

#[test]
fn parts_of_populations_are_the_same_drawn_again() {
    let listed: Vec<u32> = (0..130).map(|k| 2 * k + k % 2).collect();
    let places: [(Vec<u32>, Vec<u32>); 3] =
        [((40..170).collect(), (0..130).collect()), (listed.clone(), (100..230).collect()), ((0..130).collect(), listed)];
    for (from, to) in places {
        for rule in rules() {
            let place = |storage| {
                let (edges, mut columns) = build_as(&rule, ENDS[0], &values(), 5, 0, None, storage).unwrap();
                let placed = edges.placed((300, &mut from.iter().copied()), (260, &mut to.iter().copied())).unwrap();
                (placed.delayed(&columns.remove(0)).unwrap(), columns)
            };
            let ((stored, columns), (edges, again)) = (place(EdgeStorage::Stored), place(EdgeStorage::Procedural));
            assert!(edges.is_redrawn() && (edges.sources(), edges.targets()) == (300, 260));
            assert_eq!(edges, stored, "{rule:?}");
            assert!(
                columns.iter().zip(&again).all(|(a, b)| (0..stored.count() as usize).all(|e| a.get(e) == b.get(e))),
                "{rule:?}"
            );
        }
    }
}

/// What a word of 32 bits does not hold beside the target is kept.
#[test]
fn delays_that_stand_apart_are_kept() {
    let long = [drawn(Law::Uniform { low: 1.0, high: 60_000.0 }, 0.0, 60_000.0, Outside::Redraw, Some(1.0))];
    let ends = Ends { sources: 3, targets: 200_000, same_population: false };
    let rule = CheckedConnector::Rule(Connector::outdegree(50));
    let (stored, _) = made(&rule, ends, &long, EdgeStorage::Stored);
    let (edges, _) = made(&rule, ends, &long, EdgeStorage::Procedural);
    assert!(edges.own_delays().is_some() && !edges.is_redrawn());
    assert_eq!(edges, stored);
}

#[test]
fn threads_change_nothing() {
    let rule = CheckedConnector::Rule(Connector::FixedTotal { n: 300_000, autapses: false, multapses: true });
    let run = |threads| {
        let (edges, columns) = Threads::new(threads).unwrap().run(|| made(&rule, ENDS[0], &values(), EdgeStorage::Procedural));
        let spans: Vec<_> = columns.iter().map(EdgeColumn::span).collect();
        (edges.kept().unwrap(), spans)
    };
    assert!(run(1) == run(4));
}

#[test]
fn what_cannot_be_drawn_again_is_refused() {
    let refuse = |rule: Connector, values: &[EdgeValue]| {
        let rule = CheckedConnector::Rule(rule);
        build_as(&rule, ENDS[0], values, 1, 0, None, EdgeStorage::Procedural).unwrap_err()
    };
    let shared = [EdgeValue::Shared(1.0)];
    assert_eq!(refuse(Connector::indegree(3), &shared), ConnectorError::NotByRow);
    let total = Connector::FixedTotal { n: 9, autapses: true, multapses: false };
    assert_eq!(refuse(total, &shared), ConnectorError::NotByRow);
    let except = EdgeValue::Except(Box::new(EdgeValue::Shared(1.0)), Vec::new());
    assert_eq!(refuse(Connector::AllToAll, &[EdgeValue::Shared(1.0), except]), ConnectorError::NotByRow);
    // what no draw fulfils is said before anything runs
    let never = drawn(Law::Normal { mean: 0.0, sd: 1.0 }, 50.0, 60.0, Outside::Redraw, None);
    let error = refuse(Connector::AllToAll, &[EdgeValue::Shared(1.0), never]);
    assert!(matches!(error, ConnectorError::Draw { column: 1, .. }), "{error}");
    assert!(matches!(refuse(Connector::outdegree(1 << 33), &shared), ConnectorError::Impossible { .. }));
    assert!(matches!(refuse(Connector::probability(1.5), &shared), ConnectorError::Probability(_)));
}

/// Printed by `cargo test --release nanoseconds_a_synapse -- --ignored --nocapture`.
#[test]
#[ignore = "measures"]
fn nanoseconds_a_synapse() {
    let ends = Ends { sources: 2000, targets: 20_000, same_population: false };
    let weight = drawn(Law::Normal { mean: 87.8, sd: 8.78 }, 0.0, f64::INFINITY, Outside::Redraw, None);
    let delay = drawn(Law::Normal { mean: 1.5, sd: 0.75 }, 0.1, f64::INFINITY, Outside::Redraw, Some(0.1));
    for rule in [
        Connector::AllToAll,
        Connector::probability(0.1),
        Connector::probability(0.005),
        Connector::outdegree(100),
        Connector::outdegree(1000),
        Connector::FixedOutdegree { n: 1000, autapses: true, multapses: false },
        Connector::total(4_000_000),
    ] {
        let rule = CheckedConnector::Rule(rule);
        let time = |delay: &EdgeValue, with: bool| {
            let (edges, columns) = made(&rule, ends, &[delay.clone(), weight.clone()], EdgeStorage::Procedural);
            let (began, mut buffer, mut sum) = (std::time::Instant::now(), RowBuffer::default(), 0.0);
            for source in 0..ends.sources {
                let row = edges.row(source, &mut buffer);
                sum += row.words.last().map_or(0.0, |w| f64::from(*w));
                if with {
                    columns[0].each(row.edges(), |x| sum += x);
                }
            }
            assert!(sum > 0.0);
            began.elapsed().as_secs_f64() * 1e9 / edges.count() as f64
        };
        let bare = time(&EdgeValue::Shared(1.0), false);
        let (delayed, weighted) = (time(&delay, false) - bare, time(&EdgeValue::Shared(1.0), true) - bare);
        println!("{rule:?}: row {bare:.2} ns a synapse, delay {delayed:.2} more, weight {weighted:.2} more");
    }
}
