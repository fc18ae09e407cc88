//! Edges are the same however they are kept: rows, delays, the view by target, a choice of them.

use super::*;

/// Some rows, one of them empty, one with a repeat.
fn some(targets: u32) -> (Vec<u64>, Vec<u32>) {
    (vec![0, 3, 3, 7, 8], vec![0, 2, targets - 1, 1, 1, 3, targets - 1, 0])
}

fn all(edges: &Connectivity) -> Vec<(u64, u32, u32, u32)> {
    let mut out = Vec::new();
    edges.each(0..edges.count(), |edge, source, target| out.push((edge, source, target, edges.delay_of(edge))));
    out
}

/// Every way to ask gives the same edges.
fn sound(edges: &Connectivity) {
    let list = all(edges);
    assert_eq!(list.len() as u64, edges.count());
    let mut buffer = RowBuffer::default();
    let mut rows = Vec::new();
    for source in 0..edges.sources() {
        let row = edges.row(source, &mut buffer);
        assert_eq!(row.edges(), edges.span(source));
        assert!(edges.is_by_delay() || (0..edges.targets()).all(|t| row.before(t) == row.targets().filter(|own| *own < t).count()));
        rows.extend(row.edges().zip(row.targets()).map(|(edge, target)| (edge, source, target)));
    }
    assert_eq!(rows, list.iter().map(|(e, s, t, _)| (*e, *s, *t)).collect::<Vec<_>>());
    assert!(list.iter().all(|(e, s, t, _)| (edges.source_of(*e), edges.target_of(*e)) == (*s, *t)));
    let mut targets = Vec::new();
    edges.each_target(0..edges.count(), |t| targets.push(t));
    assert_eq!(targets, list.iter().map(|e| e.2).collect::<Vec<_>>());
    let count = edges.count();
    for (from, to) in [(0, 0), (count.min(1), count.min(5)), (count / 2, count)] {
        let mut part = Vec::new();
        edges.each(from..to, |edge, source, target| part.push((edge, source, target, edges.delay_of(edge))));
        assert_eq!(part, list[from as usize..to as usize]);
    }
    for limit in 0..=edges.count() {
        let rows = edges.rows_before(limit);
        assert!(edges.first(rows) <= limit && (rows == edges.sources() || edges.first(rows + 1) > limit));
    }
    let delays = || list.iter().map(|e| e.3);
    if !list.is_empty() {
        assert_eq!(edges.delays(), (delays().min().unwrap(), delays().max().unwrap()));
    }
    let longest = (0..edges.sources()).map(|s| edges.span(s).count() as u64).max().unwrap_or(0);
    assert_eq!(edges.longest_row(), longest);
    assert_eq!(
        edges.clone().indegrees(),
        (0..edges.targets()).map(|t| targets.iter().filter(|k| **k == t).count() as u64).collect::<Vec<_>>()
    );
    assert!(Arc::ptr_eq(edges.by_target(), edges.by_target()), "the view is made once");
    let view = edges.by_target();
    let mut by_target = list.clone();
    by_target.sort_by_key(|e| (e.2, e.0));
    assert_eq!(view.edge, by_target.iter().map(|e| e.0).collect::<Vec<_>>());
    assert_eq!(view.source, by_target.iter().map(|e| e.1).collect::<Vec<_>>());
    assert_eq!(view.row_start.windows(2).map(|w| w[1] - w[0]).collect::<Vec<_>>(), edges.indegrees());
}

#[test]
fn every_way_to_ask_gives_the_same_edges() {
    for targets in [5, 1 << 20, 1 << 31] {
        let (row_start, target) = some(targets);
        let bare = || Connectivity::stored(targets, row_start.clone(), target.clone());
        // delays that a word holds beside the target, and delays that it does not
        for largest in [1u32, 2, 4095, 4096, 65_535] {
            let steps: Vec<f32> = (0..8).map(|k| if k == 5 { largest as f32 } else { 1.0 + (k % 2) as f32 }).collect();
            let edges = bare().delayed(&EdgeColumn::per_edge(steps.clone())).unwrap();
            assert_eq!(all(&edges).iter().map(|e| e.3 as f32).collect::<Vec<_>>(), steps);
            assert_eq!(all(&edges).iter().map(|e| e.2).collect::<Vec<_>>(), target);
            let fits = u64::from(largest.max(2)) < (1u64 << 32) / u64::from(targets.next_power_of_two());
            assert_eq!((edges.own_delays().is_none(), edges.bytes_each()), (fits, if fits { 4 } else { 6 }));
            // a delay for all takes the place of what stood in the words
            let again = edges.clone().delayed(&EdgeColumn::Shared(7.0)).unwrap();
            assert_eq!((again.shared_delay(), again.target_bits()), (Some(7), 32));
            assert_eq!(all(&again).iter().map(|e| e.2).collect::<Vec<_>>(), target);
            if targets == 5 {
                sound(&edges);
                sound(&again);
            }
        }
    }
    let refused = Connectivity::all_to_all(1, 2).delayed(&EdgeColumn::per_edge(vec![1.0, 65_536.0])).unwrap_err();
    assert!(refused.to_string().contains("65536 steps"), "{refused}");
}

#[test]
fn rows_by_delay_hold_the_same_edges_and_go_back() {
    let (row_start, target) = some(5);
    let steps = [3.0, 1.0, 2.0, 9.0, 2.0, 2.0, 1.0, 4.0];
    let bare = Connectivity::stored(5, row_start, target);
    let edges = bare.clone().delayed(&EdgeColumn::per_edge(steps.to_vec())).unwrap();
    // a value that says which edge it was
    let given: Vec<f32> = (0..8).map(|k| k as f32).collect();
    let (mut ordered, mut values) = (edges.clone(), given.clone());
    edges.by_target();
    assert!(ordered.order_by_delay(&mut values) && ordered.is_by_delay() && !edges.is_by_delay());
    assert_eq!(values, [1.0, 2.0, 0.0, 6.0, 4.0, 5.0, 3.0, 7.0]);
    assert_eq!(all(&ordered).iter().map(|e| e.3).collect::<Vec<_>>(), [1, 2, 3, 1, 2, 2, 9, 4]);
    sound(&ordered);
    assert_eq!(ordered, edges);
    assert_eq!(edges, ordered);
    assert_eq!(ordered, ordered.clone());
    assert!(!ordered.order_by_delay(&mut []), "they are so already");
    let mut other = edges.clone();
    other.order_by_delay(&mut []);
    assert_eq!(other, ordered);
    let (again, values) = ordered.by_target_again(&values);
    let sorted = |edges: &Connectivity| {
        let mut list: Vec<_> = all(edges).iter().map(|e| (e.1, e.2, e.3)).collect();
        list.sort_unstable();
        list
    };
    assert!(sorted(&again) == sorted(&edges) && !again.is_by_delay());
    assert_eq!(all(&again).iter().map(|e| e.2).collect::<Vec<_>>(), all(&edges).iter().map(|e| e.2).collect::<Vec<_>>());
    // of two edges that join the same two the one that comes first is now the earlier
    assert_eq!(values, [0.0, 1.0, 2.0, 4.0, 3.0, 5.0, 6.0, 7.0]);
    assert_ne!(ordered, bare.clone().delayed(&EdgeColumn::per_edge(vec![2.0; 8])).unwrap());
    // words that hold no delays have no such order
    assert!(!bare.clone().delayed(&EdgeColumn::Shared(3.0)).unwrap().order_by_delay(&mut []));
    assert!(!Connectivity::all_to_all(3, 3).order_by_delay(&mut []));
}

#[test]
fn two_bytes_hold_the_same_edges() {
    for targets in [5, 1 << 16] {
        let (row_start, target) = some(targets);
        let edges = Connectivity::stored(targets, row_start, target).delayed(&EdgeColumn::Shared(3.0)).unwrap();
        let mut short = edges.clone();
        assert!(short.shorten() && !short.shorten());
        assert_eq!((short.bytes_each(), edges.bytes_each()), (2, 4));
        assert_eq!(short, edges);
        assert_eq!(all(&short), all(&edges));
        if targets == 5 {
            sound(&short);
        }
        // with delays of their own, or among more neurons, they take four bytes again
        let steps = EdgeColumn::per_edge((0..8).map(|k| 1.0 + k as f32).collect());
        assert_eq!(short.clone().delayed(&steps).unwrap(), edges.clone().delayed(&steps).unwrap());
        assert_eq!(short.kept().unwrap().bytes_each(), 4);
    }
    let (row_start, target) = some(1 << 17);
    assert!(!Connectivity::stored(1 << 17, row_start, target).shorten());
    let (row_start, target) = some(5);
    let edges = Connectivity::stored(5, row_start, target);
    assert!(!edges.delayed(&EdgeColumn::per_edge((0..8).map(|k| 1.0 + k as f32).collect())).unwrap().shorten());
}

#[test]
fn what_is_not_kept_equals_what_is() {
    for (sources, targets) in [(3, 4), (1, 1), (0, 4), (4, 0), (0, 0)] {
        let drawn = Connectivity::all_to_all(sources, targets);
        let ends = Ends { sources, targets, same_population: false };
        let (stored, _) = build(&CheckedConnector::Rule(Connector::AllToAll), ends, &[], 0, 0, None).unwrap();
        assert_eq!(drawn, stored);
        assert_eq!((drawn.bytes_each(), stored.bytes_each()), (0, 4));
        assert_eq!(all(&drawn), all(&stored));
        sound(&drawn);
        sound(&stored);
        // delays of their own need words
        let steps = EdgeColumn::per_edge((0..sources * targets).map(|k| 1.0 + (k % 9) as f32).collect());
        let (a, b) = (drawn.delayed(&steps).unwrap(), stored.delayed(&steps).unwrap());
        assert_eq!(a, b);
        sound(&a);
    }
    assert_ne!(Connectivity::all_to_all(3, 4), Connectivity::all_to_all(4, 3));
    let later = Connectivity::all_to_all(3, 4).delayed(&EdgeColumn::Shared(2.0)).unwrap();
    assert_ne!(later, Connectivity::all_to_all(3, 4));
}

#[test]
fn a_choice_of_edges_keeps_their_delays() {
    let (row_start, target) = some(5);
    for largest in [3.0f32, 65_535.0] {
        let targets = if largest > 3.0 { 1 << 20 } else { 5 };
        let steps: Vec<f32> = (0..8).map(|k| if k == 2 { largest } else { 1.0 + (k % 2) as f32 }).collect();
        let edges = Connectivity::stored(targets, row_start.clone(), target.clone()).delayed(&EdgeColumn::per_edge(steps)).unwrap();
        let kept = [1, 2, 4, 7];
        let chosen = edges.only(&kept);
        let of = |(_, source, target, delay): (u64, u32, u32, u32)| (source, target, delay);
        let expected: Vec<_> = all(&edges).into_iter().filter(|e| kept.contains(&e.0)).map(of).collect();
        assert_eq!(all(&chosen).into_iter().map(of).collect::<Vec<_>>(), expected);
    }
}
