//! Where boxes stand and arrows pass.

use super::{APART, BETWEEN};
use crate::network::Diagram;

/// A box by its middle.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Place {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

/// A picture without letters. All coordinates are from 0 on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layers {
    /// By item.
    pub boxes: Vec<Place>,
    /// By arrow: from box to box, through a place in every layer between.
    pub paths: Vec<Vec<(f64, f64)>>,
    pub width: f64,
    pub height: f64,
}

/// A box or a place that an arrow passes.
struct Node {
    layer: usize,
    place: Place,
    /// Nodes that it is joined to, in the layers beside it.
    left: Vec<usize>,
    right: Vec<usize>,
}

/// Turns of ordering, and of pulling.
const TURNS: usize = 12;
/// How high the place is that an arrow takes in a layer that it passes.
const PASSING: f64 = 8.0;
/// Above a box that has a loop.
const LOOP: f64 = 26.0;

impl Layers {
    pub fn new(diagram: &Diagram, sizes: &[(f64, f64)]) -> Layers {
        let count = sizes.len();
        let arrows: Vec<(usize, usize)> = diagram.arrows.iter().map(|a| (a.from, a.to)).collect();
        let turned = circles(count, &arrows);
        let forward: Vec<(usize, usize)> =
            arrows.iter().zip(&turned).map(|((from, to), turned)| if *turned { (*to, *from) } else { (*from, *to) }).collect();
        let layer = layer_of(count, &forward);
        let looped = |k: usize| arrows.contains(&(k, k));
        let node = |layer: usize, (width, height): (f64, f64)| Node {
            layer,
            place: Place { width, height, ..Place::default() },
            left: Vec::new(),
            right: Vec::new(),
        };
        let mut nodes: Vec<Node> = (0..count).map(|k| node(layer[k], sizes[k])).collect();
        // the nodes that each arrow runs through, in the direction of the layers
        let mut chains: Vec<Vec<usize>> = Vec::with_capacity(arrows.len());
        for (from, to) in &forward {
            let mut chain = vec![*from];
            if from != to {
                for passed in layer[*from] + 1..layer[*to] {
                    nodes.push(node(passed, (0.0, PASSING)));
                    chain.push(nodes.len() - 1);
                }
                chain.push(*to);
                for pair in chain.windows(2) {
                    nodes[pair[0]].right.push(pair[1]);
                    nodes[pair[1]].left.push(pair[0]);
                }
            }
            chains.push(chain);
        }
        let room = |k: usize, nodes: &[Node]| nodes[k].place.height + if k < count && looped(k) { 2.0 * LOOP } else { 0.0 };
        let rows = ordered(&nodes);
        let (width, height) = stand(&mut nodes, &rows, &room);
        let paths = paths(&nodes, &chains, &turned, count);
        let boxes = nodes.iter().take(count).map(|n| n.place).collect();
        Layers { boxes, paths, width, height }
    }
}

/// Which arrows close a circle: those that lead back into the way of a search in depth. Loops are left.
fn circles(count: usize, arrows: &[(usize, usize)]) -> Vec<bool> {
    let mut leaving: Vec<Vec<usize>> = vec![Vec::new(); count];
    arrows.iter().enumerate().for_each(|(k, (from, _))| leaving[*from].push(k));
    let mut turned = vec![false; arrows.len()];
    // 0: not seen, 1: on the way, 2: done
    let mut seen = vec![0u8; count];
    for start in 0..count {
        if seen[start] != 0 {
            continue;
        }
        seen[start] = 1;
        let mut way = vec![(start, 0)];
        while let Some((node, next)) = way.pop() {
            let Some(&arrow) = leaving[node].get(next) else {
                seen[node] = 2;
                continue;
            };
            way.push((node, next + 1));
            let to = arrows[arrow].1;
            match seen[to] {
                0 => {
                    seen[to] = 1;
                    way.push((to, 0));
                }
                1 => turned[arrow] = to != node,
                _ => {}
            }
        }
    }
    turned
}

/// The longest way from a box without arrows into it.
fn layer_of(count: usize, forward: &[(usize, usize)]) -> Vec<usize> {
    let mut layer = vec![0usize; count];
    // without circles the longest way has fewer arrows than there are boxes
    for _ in 0..count {
        let mut moved = false;
        for (from, to) in forward.iter().filter(|(from, to)| from != to) {
            if layer[*to] < layer[*from] + 1 {
                layer[*to] = layer[*from] + 1;
                moved = true;
            }
        }
        if !moved {
            break;
        }
    }
    // what leads into the network stands just before it
    for k in 0..count {
        let first = forward.iter().filter(|(from, to)| *from == k && to != from).map(|(_, to)| layer[*to]).min();
        let entered = forward.iter().any(|(from, to)| *to == k && to != from);
        if let (Some(first), false) = (first, entered) {
            layer[k] = first.saturating_sub(1);
        }
    }
    layer
}

/// The nodes of each layer, ordered by the mean place of their neighbours, back and forth.
fn ordered(nodes: &[Node]) -> Vec<Vec<usize>> {
    let layers = nodes.iter().map(|n| n.layer + 1).max().unwrap_or(0);
    let mut rows: Vec<Vec<usize>> = vec![Vec::new(); layers];
    nodes.iter().enumerate().for_each(|(k, n)| rows[n.layer].push(k));
    let mut place = vec![0.0f64; nodes.len()];
    for row in &rows {
        row.iter().enumerate().for_each(|(p, k)| place[*k] = p as f64);
    }
    for turn in 0..TURNS {
        let forward = turn % 2 == 0;
        for step in 0..layers {
            let l = if forward { step } else { layers - 1 - step };
            let row = &mut rows[l];
            let middle = |k: &usize| {
                let beside = if forward { &nodes[*k].left } else { &nodes[*k].right };
                if beside.is_empty() { place[*k] } else { beside.iter().map(|n| place[*n]).sum::<f64>() / beside.len() as f64 }
            };
            let mut keyed: Vec<(f64, usize)> = row.iter().map(|k| (middle(k), *k)).collect();
            keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
            *row = keyed.into_iter().map(|(_, k)| k).collect();
            row.iter().enumerate().for_each(|(p, k)| place[*k] = p as f64);
        }
    }
    rows
}

/// Gives every node its place; gives the size of all.
fn stand(nodes: &mut [Node], rows: &[Vec<usize>], room: &dyn Fn(usize, &[Node]) -> f64) -> (f64, f64) {
    let mut x = 0.0;
    for row in rows {
        let width = row.iter().map(|k| nodes[*k].place.width).fold(0.0, f64::max);
        row.iter().for_each(|k| nodes[*k].place.x = x + width / 2.0);
        x += width + BETWEEN;
    }
    for row in rows {
        let mut y = 0.0;
        for k in row {
            let high = room(*k, nodes);
            nodes[*k].place.y = y + high / 2.0;
            y += high + APART;
        }
        row.iter().for_each(|k| nodes[*k].place.y -= y / 2.0);
    }
    for turn in 0..TURNS {
        for step in 0..rows.len() {
            let row = &rows[if turn % 2 == 0 { step } else { rows.len() - 1 - step }];
            let wish = |k: &usize| {
                let beside: Vec<f64> = nodes[*k].left.iter().chain(&nodes[*k].right).map(|n| nodes[*n].place.y).collect();
                if beside.is_empty() { nodes[*k].place.y } else { beside.iter().sum::<f64>() / beside.len() as f64 }
            };
            let wished: Vec<f64> = row.iter().map(wish).collect();
            let apart = |a: usize, b: usize| (room(row[a], nodes) + room(row[b], nodes)) / 2.0 + APART;
            // pushed down from above and up from below, and the middle of both
            let (mut down, mut up) = (wished.clone(), wished.clone());
            for k in 1..row.len() {
                down[k] = down[k].max(down[k - 1] + apart(k - 1, k));
            }
            for k in (1..row.len()).rev() {
                up[k - 1] = up[k - 1].min(up[k] - apart(k - 1, k));
            }
            let settled: Vec<f64> = down.iter().zip(&up).map(|(a, b)| (a + b) / 2.0).collect();
            row.iter().zip(settled).for_each(|(k, y)| nodes[*k].place.y = y);
        }
    }
    let top = (0..nodes.len()).map(|k| nodes[k].place.y - room(k, nodes) / 2.0).fold(f64::INFINITY, f64::min);
    let bottom = (0..nodes.len()).map(|k| nodes[k].place.y + room(k, nodes) / 2.0).fold(f64::NEG_INFINITY, f64::max);
    nodes.iter_mut().for_each(|n| n.place.y -= top);
    (x - BETWEEN, bottom - top)
}

/// The way of each arrow. Where several meet one side of a box they are spread over it, in the order of where they come from.
fn paths(nodes: &[Node], chains: &[Vec<usize>], turned: &[bool], count: usize) -> Vec<Vec<(f64, f64)>> {
    // (box, right side): arrows, with the height of what is at their other end
    let mut sides: Vec<[Vec<(f64, usize)>; 2]> = vec![[Vec::new(), Vec::new()]; count];
    for (arrow, chain) in chains.iter().enumerate().filter(|(_, chain)| chain.len() > 1) {
        let (first, last) = (chain[0], chain[chain.len() - 1]);
        sides[first][1].push((nodes[chain[1]].place.y, arrow));
        sides[last][0].push((nodes[chain[chain.len() - 2]].place.y, arrow));
    }
    let mut ports = vec![[(0.0, 0.0); 2]; chains.len()];
    for (node, pair) in sides.iter_mut().enumerate() {
        for (side, arrows) in pair.iter_mut().enumerate() {
            arrows.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            let place = nodes[node].place;
            let step = (place.height * 0.7 / arrows.len().max(1) as f64).min(16.0);
            for (k, (_, arrow)) in arrows.iter().enumerate() {
                let off = step * (k as f64 - (arrows.len() - 1) as f64 / 2.0);
                // the sides of an ellipse fall back; boxes lose a pixel or two
                let flat = (1.0 - (2.0 * off / place.height).powi(2)).max(0.0).sqrt();
                let x = place.width / 2.0 * flat;
                ports[*arrow][1 - side] = (place.x + if side == 1 { x } else { -x }, place.y + off);
            }
        }
    }
    let way = |(arrow, chain): (usize, &Vec<usize>)| {
        if let [alone] = chain[..] {
            let place = nodes[alone].place;
            let (side, top) = (place.width / 5.0, place.y - place.height / 2.0 + 1.0);
            return vec![(place.x - side, top), (place.x + side, top)];
        }
        let [from, to] = ports[arrow];
        let mut path = vec![from];
        path.extend(chain[1..chain.len() - 1].iter().map(|k| (nodes[*k].place.x, nodes[*k].place.y)));
        path.push(to);
        if turned[arrow] {
            path.reverse();
        }
        path
    };
    chains.iter().enumerate().map(way).collect()
}
