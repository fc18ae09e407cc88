//! The law of every rule: degrees, what is forbidden, the same bits for any number of threads.

use super::*;
use crate::network::checked::{Draw, Law};
use crate::network::value::Outside;

const SHARED: [EdgeValue; 1] = [EdgeValue::Shared(1.0)];

fn ends(sources: u32, targets: u32) -> Ends {
    Ends { sources, targets, same_population: false }
}

fn same(size: u32) -> Ends {
    Ends { sources: size, targets: size, same_population: true }
}

fn drawn(law: Law) -> EdgeValue {
    EdgeValue::Draw(Draw { law, min: f64::NEG_INFINITY, max: f64::INFINITY, outside: Outside::Redraw, grid: None })
}

fn rules() -> Vec<CheckedConnector> {
    let mut rules = vec![CheckedConnector::Rule(Connector::AllToAll), CheckedConnector::Rule(Connector::OneToOne)];
    for (autapses, multapses) in [(true, true), (true, false), (false, true), (false, false)] {
        rules.push(CheckedConnector::Rule(Connector::FixedProbability { p: 0.1, autapses }));
        rules.push(CheckedConnector::Rule(Connector::FixedIndegree { n: 20, autapses, multapses }));
        rules.push(CheckedConnector::Rule(Connector::FixedOutdegree { n: 20, autapses, multapses }));
        rules.push(CheckedConnector::Rule(Connector::FixedTotal { n: 4000, autapses, multapses }));
        rules.push(CheckedConnector::Rule(Connector::FixedTotal { n: 30_000, autapses, multapses }));
    }
    // every pair twice
    let source = (0..3000).map(|k| k % 1500 * 7919 % 200).collect();
    let target = (0..3000).map(|k| k % 1500 * 104_729 % 199).collect();
    rules.push(CheckedConnector::List { source, target });
    rules
}

fn make(rule: &CheckedConnector, ends: Ends, seed: u64) -> Connectivity {
    build(rule, ends, &SHARED, seed, 0, None).unwrap().0
}

fn outdegrees(c: &Connectivity) -> Vec<u64> {
    (0..c.sources()).map(|s| c.span(s).end - c.span(s).start).collect()
}

fn indegrees(c: &Connectivity) -> Vec<u64> {
    c.indegrees()
}

fn pairs(c: &Connectivity) -> Vec<(u32, u32)> {
    let mut out = Vec::new();
    c.rows(|source, row| out.extend(row.targets().map(|target| (source, target))));
    out
}

/// Chi-square of counts about one mean, in standard deviations of chi-square (variance of a count = factor · mean).
fn chi(counts: &[u64], mean: f64, factor: f64) -> f64 {
    let n = counts.len() as f64;
    let sum: f64 = counts.iter().map(|c| (*c as f64 - mean).powi(2) / (mean * factor)).sum();
    (sum - n) / (2.0 * n).sqrt()
}

#[test]
fn rows_are_sound_for_every_rule() {
    for rule in rules() {
        let c = make(&rule, same(200), 1);
        assert_eq!((c.sources(), c.targets()), (200, 200));
        assert_eq!((c.first(0), c.first(200)), (0, c.count()));
        let list = pairs(&c);
        assert!(list.is_sorted(), "{rule:?}");
        assert!(list.iter().all(|(_, t)| *t < 200));
        use CheckedConnector as R;
        let (autapses, multapses) = match rule {
            R::Rule(Connector::FixedProbability { autapses, .. }) => (autapses, false),
            R::Rule(Connector::FixedIndegree { autapses, multapses, .. })
            | R::Rule(Connector::FixedOutdegree { autapses, multapses, .. })
            | R::Rule(Connector::FixedTotal { autapses, multapses, .. }) => (autapses, multapses),
            R::List { .. } => (true, true),
            R::Settled(_) => (true, false),
            R::Rule(_) => (true, false),
        };
        assert_eq!(list.iter().any(|(s, t)| s == t), autapses, "{rule:?}");
        assert_eq!(list.windows(2).any(|w| w[0] == w[1]), multapses, "{rule:?}");
        match rule {
            R::Rule(Connector::FixedIndegree { n, .. }) => assert!(indegrees(&c).iter().all(|d| *d == n)),
            R::Rule(Connector::FixedOutdegree { n, .. }) => assert!(outdegrees(&c).iter().all(|d| *d == n)),
            R::Rule(Connector::FixedTotal { n, .. }) => assert_eq!(list.len() as u64, n),
            R::Rule(Connector::AllToAll) => assert_eq!(list.len(), 40_000),
            R::Rule(Connector::OneToOne) => assert!(list.iter().all(|(s, t)| s == t) && list.len() == 200),
            _ => {}
        }
    }
}

#[test]
fn same_bits_for_any_number_of_threads_and_other_bits_for_other_seeds() {
    let values = [drawn(Law::Normal { mean: 1.0, sd: 0.2 }), drawn(Law::Uniform { low: 0.0, high: 1.0 })];
    for rule in rules() {
        let run = |threads, seed, projection| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| build(&rule, same(200), &values, seed, projection, None).unwrap())
        };
        let one = run(1, 5, 2);
        assert_eq!(one, run(2, 5, 2), "{rule:?}");
        assert_eq!(one, run(4, 5, 2), "{rule:?}");
        let edges_drawn = !matches!(
            rule,
            CheckedConnector::Rule(Connector::AllToAll)
                | CheckedConnector::Rule(Connector::OneToOne)
                | CheckedConnector::List { .. }
        );
        for other in [run(2, 6, 2), run(2, 5, 3)] {
            assert_eq!(one.0 != other.0, edges_drawn, "{rule:?}");
            assert!(one.1[0] != other.1[0] && one.1[1] != other.1[1]);
        }
    }
}

#[test]
fn fixed_probability_follows_the_binomial_law() {
    for (p, autapses) in [(0.02, true), (0.3, false), (0.95, true)] {
        let size = 2000;
        let c = make(&CheckedConnector::Rule(Connector::FixedProbability { p, autapses }), same(size), 11);
        let choices = f64::from(size) - if autapses { 0.0 } else { 1.0 };
        let trials = choices * f64::from(size);
        let off = (c.count() as f64 - p * trials) / (p * (1.0 - p) * trials).sqrt();
        assert!(off.abs() < 4.0, "{p}: {off} standard deviations");
        // the variance of degrees is right, neither too wide nor too even
        for degrees in [outdegrees(&c), indegrees(&c)] {
            let chi = chi(&degrees, p * choices, 1.0 - p);
            assert!(chi.abs() < 4.5, "{p}: {chi}");
        }
        // hits are independent of the hit before: neighbours are both hit with probability p²
        let list = pairs(&c);
        let joined = list.windows(2).filter(|w| w[0].0 == w[1].0 && w[0].1 + 1 == w[1].1).count() as f64;
        let expected = p * p * trials;
        assert!((joined - expected).abs() < 6.0 * expected.sqrt() + 2.0 * f64::from(size), "{p}: {joined}, {expected}");
    }
    assert!(make(&CheckedConnector::Rule(Connector::FixedProbability { p: 0.0, autapses: true }), ends(10, 10), 0).is_empty());
    let all = make(&CheckedConnector::Rule(Connector::FixedProbability { p: 1.0, autapses: false }), same(10), 0);
    assert_eq!(all.count(), 90);
    assert!(make(&CheckedConnector::Rule(Connector::FixedProbability { p: 1e-300, autapses: true }), ends(100, 100), 0).is_empty());
}

#[test]
fn choices_are_even() {
    // degrees at the free end are sums of rare independent hits; without repeats the variance is less by 1 - n/size
    for (autapses, multapses) in [(true, true), (true, false), (false, true), (false, false)] {
        let (size, n) = (3000u32, 30u32);
        let factor = if multapses { 1.0 } else { 1.0 - f64::from(n) / f64::from(size) };
        let c = make(&CheckedConnector::Rule(Connector::FixedIndegree { n: n.into(), autapses, multapses }), same(size), 3);
        assert!(chi(&outdegrees(&c), n.into(), factor).abs() < 4.5);
        let c = make(&CheckedConnector::Rule(Connector::FixedOutdegree { n: n.into(), autapses, multapses }), same(size), 4);
        assert!(chi(&indegrees(&c), n.into(), factor).abs() < 4.5);
        let c = make(&CheckedConnector::Rule(Connector::FixedTotal { n: u64::from(n * size), autapses, multapses }), same(size), 5);
        assert!(chi(&outdegrees(&c), n.into(), factor).abs() < 4.5);
        assert!(chi(&indegrees(&c), n.into(), factor).abs() < 4.5);
    }
}

#[test]
fn every_choice_of_a_small_set_is_as_likely() {
    // 2 of 4 targets, 6 choices, 6000 sources; and 3 of 6 pairs, 20 choices, 6000 seeds
    let c = make(&CheckedConnector::Rule(Connector::FixedOutdegree { n: 2, autapses: true, multapses: false }), ends(6000, 4), 1);
    let mut counts = std::collections::BTreeMap::new();
    pairs(&c).chunks(2).for_each(|row| *counts.entry((row[0].1, row[1].1)).or_insert(0) += 1);
    let counts: Vec<u64> = counts.into_values().collect();
    assert_eq!(counts.len(), 6);
    assert!(chi(&counts, 1000.0, 1.0) < 4.5, "{counts:?}");
    for (n, choices) in [(3, 20), (4, 15)] {
        let rule = CheckedConnector::Rule(Connector::FixedTotal { n, autapses: false, multapses: false });
        let mut counts = std::collections::BTreeMap::new();
        (0..6000).for_each(|seed| *counts.entry(pairs(&make(&rule, same(3), seed))).or_insert(0) += 1);
        let counts: Vec<u64> = counts.into_values().collect();
        assert_eq!(counts.len(), choices);
        assert!(chi(&counts, 6000.0 / choices as f64, 1.0) < 4.5, "{counts:?}");
    }
}

#[test]
fn list_keeps_values_with_their_edges() {
    let rule = CheckedConnector::List { source: vec![2, 0, 2, 0, 2], target: vec![1, 3, 0, 3, 1] };
    let values = [EdgeValue::List(vec![10.0, 11.0, 12.0, 13.0, 14.0]), EdgeValue::Shared(0.1)];
    let (c, values) = build(&rule, ends(3, 4), &values, 0, 0, None).unwrap();
    assert_eq!(pairs(&c), [(0, 3), (0, 3), (2, 0), (2, 1), (2, 1)]);
    assert_eq!(values, [EdgeColumn::per_edge(vec![11.0, 13.0, 12.0, 10.0, 14.0]), EdgeColumn::Shared(0.1)]);
    let (_, one) =
        build(&CheckedConnector::Rule(Connector::OneToOne), ends(2, 2), &[EdgeValue::List(vec![5.0, 6.0])], 0, 0, None).unwrap();
    assert_eq!(one, [EdgeColumn::per_edge(vec![5.0, 6.0])]);
}

#[test]
fn drawn_values_follow_their_law() {
    let draw = |law, min, max, outside, grid| {
        let value = EdgeValue::Draw(Draw { law, min, max, outside, grid });
        let (_, values) = build(&CheckedConnector::Rule(Connector::AllToAll), ends(300, 400), &[value], 9, 4, None).unwrap();
        let EdgeColumn::PerEdge(list) = &values[0] else { panic!("no list") };
        let n = list.len() as f64;
        let mean = list.iter().map(|x| f64::from(*x)).sum::<f64>() / n;
        let sd = (list.iter().map(|x| (f64::from(*x) - mean).powi(2)).sum::<f64>() / n).sqrt();
        (list.to_vec(), mean, sd)
    };
    let infinity = f64::INFINITY;
    // four standard errors of a mean over 120,000 are sd·0.0115
    let (_, mean, sd) = draw(Law::Normal { mean: 45.0, sd: 4.5 }, -infinity, infinity, Outside::Redraw, None);
    assert!((mean - 45.0).abs() < 4.5 * 0.0115 && (sd - 4.5).abs() < 0.04, "{mean} {sd}");
    // normal above its mean: mean sqrt(2/π), sd sqrt(1 - 2/π)
    let (list, mean, sd) = draw(Law::Normal { mean: 0.0, sd: 1.0 }, 0.0, infinity, Outside::Redraw, None);
    assert!((mean - 0.797_885).abs() < 0.0115 * 0.6028 && (sd - 0.602_81).abs() < 0.006, "{mean} {sd}");
    assert!(list.iter().all(|x| *x >= 0.0));
    let (list, ..) = draw(Law::Normal { mean: 0.0, sd: 1.0 }, 0.0, 1.0, Outside::Clip, None);
    let zeros = list.iter().filter(|x| **x == 0.0).count();
    assert!((zeros as f64 - 60_000.0).abs() < 4.0 * 173.2 && list.contains(&1.0));
    // rounded to whole steps of 0.1, at least 1
    let (list, mean, _) = draw(Law::Uniform { low: 0.0, high: 1.0 }, -infinity, infinity, Outside::Redraw, Some(0.1));
    assert!(list.iter().all(|x| x.fract() == 0.0 && (1.0..=10.0).contains(x)));
    // 0 becomes 1 in one draw of twenty
    assert!((mean - 5.05).abs() < 0.04, "{mean}");
    let (mut list, ..) = draw(Law::Lognormal { median: -2.0, sigma: 0.5 }, -infinity, infinity, Outside::Redraw, None);
    list.sort_by(f32::total_cmp);
    // the median of n draws strays by sqrt(π/2)·sigma/sqrt(n) in the logarithm
    assert!((f64::from(-list[60_000] / 2.0).ln()).abs() < 4.0 * 1.2533 * 0.5 / 346.0 && list.iter().all(|x| *x < 0.0));
    let of = Law::Choice { of: vec![3.0, 7.0], cumulative: vec![0.25, 1.0] };
    let (list, mean, _) = draw(of, -infinity, infinity, Outside::Redraw, None);
    assert!(list.iter().all(|x| *x == 3.0 || *x == 7.0) && (mean - 6.0).abs() < 4.0 * 3f64.sqrt() / 346.0);
}

#[test]
fn by_target_is_the_same_edges() {
    for rule in rules() {
        let c = make(&rule, same(200), 8);
        let (view, list) = (c.by_target(), pairs(&c));
        assert_eq!(view.edge.len(), list.len());
        for (t, span) in view.row_start.windows(2).enumerate() {
            let row = span[0] as usize..span[1] as usize;
            assert!(view.edge[row.clone()].is_sorted());
            assert!(row.into_iter().all(|k| list[view.edge[k] as usize] == (view.source[k], t as u32)));
        }
    }
}

#[test]
fn refusals_name_their_numbers() {
    use CheckedConnector as R;
    let refuse = |rule: R, ends, values: &[EdgeValue], budget| build(&rule, ends, values, 0, 0, budget).unwrap_err().to_string();
    let cases = [
        (refuse(R::Rule(Connector::OneToOne), ends(3, 4), &SHARED, None), "3 sources and 4 targets"),
        (
            refuse(R::Rule(Connector::FixedIndegree { n: 10, autapses: false, multapses: false }), same(10), &SHARED, None),
            "n = 10 synapses per target were asked for, and 9 are possible without multapses",
        ),
        (
            refuse(R::Rule(Connector::FixedOutdegree { n: 1, autapses: false, multapses: true }), same(1), &SHARED, None),
            "n = 1 synapses per source were asked for, and 0 are possible",
        ),
        (
            refuse(R::Rule(Connector::FixedTotal { n: 7, autapses: false, multapses: false }), same(3), &SHARED, None),
            "6 are possible",
        ),
        (refuse(R::Rule(Connector::FixedProbability { p: f64::NAN, autapses: true }), ends(3, 3), &SHARED, None), "found NaN"),
        (refuse(R::Rule(Connector::AllToAll), ends(1000, 1000), &SHARED, Some(1_000_000)), "1000000 synapses need 4008008 bytes"),
        (refuse(R::Rule(Connector::AllToAll), ends(u32::MAX, u32::MAX), &SHARED, Some(1 << 40)), "bytes"),
        (
            refuse(R::Rule(Connector::FixedProbability { p: 0.5, autapses: true }), ends(1 << 20, 1 << 20), &SHARED, Some(1 << 30)),
            "549755813888 synapses",
        ),
        (
            refuse(R::List { source: vec![0, 9], target: vec![0, 0] }, ends(3, 3), &SHARED, None),
            "synapse 1 of the list: expected a source below 3, found 9",
        ),
        (refuse(R::List { source: vec![0], target: vec![] }, ends(3, 3), &SHARED, None), "1 sources and 0 targets"),
        (refuse(R::Rule(Connector::OneToOne), ends(3, 3), &[EdgeValue::List(vec![1.0])], None), "expected 3 numbers, found 1"),
        (
            refuse(R::Rule(Connector::AllToAll), ends(3, 3), &[EdgeValue::Shared(1.0), EdgeValue::List(vec![1.0; 9])], None),
            "value 1",
        ),
        (refuse(R::Rule(Connector::OneToOne), ends(1, 1), &[EdgeValue::List(vec![1e39])], None), "too large"),
        (
            refuse(R::Rule(Connector::AllToAll), Ends { sources: 2, targets: 3, same_population: true }, &SHARED, None),
            "found 2 and 3",
        ),
        (
            refuse(
                R::Rule(Connector::AllToAll),
                ends(200, 200),
                &[EdgeValue::Draw(Draw {
                    law: Law::Normal { mean: 0.0, sd: 1.0 },
                    min: 40.0,
                    max: 50.0,
                    outside: Outside::Redraw,
                    grid: None,
                })],
                None,
            ),
            "value 0 of the synapses: none of 1000 draws fell within 40 to 50",
        ),
    ];
    for (text, part) in cases {
        assert!(text.contains(part), "{text}");
    }
    assert!(matches!(build(&R::Rule(Connector::OneToOne), ends(1, 1), &SHARED, 0, 1 << 28, None), Err(ConnectorError::Stream(_))));
}

#[test]
fn empty_ends_are_no_trouble() {
    for (sources, targets) in [(0, 0), (0, 5), (5, 0)] {
        for rule in rules() {
            match build(&rule, ends(sources, targets), &SHARED, 0, 0, None) {
                Ok((c, _)) => assert!(c.is_empty() && c.sources() == sources),
                Err(e) => assert!(!e.to_string().is_empty()),
            }
        }
    }
}

#[test]
fn speed_of_a_million_edges() {
    let values = [drawn(Law::Normal { mean: 1.0, sd: 0.2 })];
    use CheckedConnector as R;
    for rule in [
        R::Rule(Connector::FixedProbability { p: 0.01, autapses: false }),
        R::Rule(Connector::FixedIndegree { n: 100, autapses: false, multapses: false }),
        R::Rule(Connector::FixedOutdegree { n: 100, autapses: true, multapses: true }),
        R::Rule(Connector::FixedTotal { n: 1_000_000, autapses: false, multapses: true }),
        R::Rule(Connector::FixedTotal { n: 1_000_000, autapses: false, multapses: false }),
    ] {
        let start = std::time::Instant::now();
        make(&rule, same(10_000), 1);
        let bare = start.elapsed();
        let (c, _) = build(&rule, same(10_000), &values, 1, 0, None).unwrap();
        println!("{rule:?}: {} edges in {bare:?}, with a drawn value {:?}", c.count(), start.elapsed() - bare);
    }
}
