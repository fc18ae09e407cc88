//! An index of neurons: boxes within boxes, so that those far away are looked at together.
//!
//! In: positions, or none; then neighbours are those of neighbouring numbers. Out: a binary tree; each node is a stretch of
//! [`Tree::order`] with the smallest box around it. The same for the same positions on every machine.

use glam::DVec3;

use super::metric::Bounds;

/// So many neurons are not told apart further.
const LEAF: usize = 8;

/// Boxes within boxes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tree {
    /// Neurons, those of a node side by side.
    pub order: Vec<u32>,
    /// The root first; the left child of a node is the next.
    pub nodes: Vec<Cell>,
}

/// A node of the tree.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Cell {
    /// Around its neurons.
    pub bounds: Bounds,
    /// Its stretch of the order.
    pub first: u32,
    pub count: u32,
    /// Its smallest and its largest neuron.
    pub numbers: (u32, u32),
    /// Its right child; 0: it has none.
    pub right: u32,
}

impl Tree {
    /// Of so many neurons; `positions` are as many, or none.
    pub fn new(count: u32, positions: Option<&[DVec3]>) -> Tree {
        let mut tree = Tree { order: (0..count).collect(), nodes: Vec::new() };
        if count > 0 {
            tree.grow(0, count as usize, positions);
        }
        tree
    }

    fn grow(&mut self, first: usize, count: usize, positions: Option<&[DVec3]>) {
        let place = self.nodes.len();
        let own = &mut self.order[first..first + count];
        let at = |k: &u32| positions.map_or(DVec3::ZERO, |all| all[*k as usize]);
        let bounds = Bounds::around(own.iter().map(at));
        let numbers = own.iter().fold((u32::MAX, 0), |(low, high), k| (low.min(*k), high.max(*k)));
        self.nodes.push(Cell { bounds, first: first as u32, count: count as u32, numbers, right: 0 });
        if count <= LEAF {
            own.sort_unstable();
            return;
        }
        let half = count / 2;
        if positions.is_some() {
            let size = bounds.high - bounds.low;
            let axis = if size.x >= size.y && size.x >= size.z {
                0
            } else if size.y >= size.z {
                1
            } else {
                2
            };
            let along = |k: &u32| at(k)[axis];
            own.select_nth_unstable_by(half, |a, b| along(a).total_cmp(&along(b)).then(a.cmp(b)));
        }
        self.grow(first, half, positions);
        self.nodes[place].right = self.nodes.len() as u32;
        self.grow(first + half, count - half, positions);
    }

    /// The nodes that have no children, in order.
    pub fn leaves(&self) -> Vec<usize> {
        (0..self.nodes.len()).filter(|k| self.nodes[*k].right == 0).collect()
    }

    /// The neurons of a node.
    pub fn neurons(&self, cell: &Cell) -> &[u32] {
        &self.order[cell.first as usize..(cell.first + cell.count) as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::space::lay;
    use crate::random::Key;

    #[test]
    fn every_neuron_stands_in_one_leaf_and_in_its_boxes() {
        let places = lay::in_box(1000, DVec3::new(3.0, 1.0, 0.0), DVec3::ZERO, Key { seed: 1 }, 1);
        for positions in [Some(&places[..]), None] {
            let tree = Tree::new(1000, positions);
            let mut order = tree.order.clone();
            order.sort_unstable();
            assert!(order.iter().zip(0..).all(|(a, b)| *a == b));
            let leaves: u32 = tree.nodes.iter().filter(|cell| cell.right == 0).map(|cell| cell.count).sum();
            assert_eq!(leaves, 1000);
            for cell in &tree.nodes {
                assert!(cell.right > 0 || cell.count as usize <= LEAF);
                for k in tree.neurons(cell) {
                    assert!(cell.numbers.0 <= *k && *k <= cell.numbers.1);
                    let at = positions.map_or(DVec3::ZERO, |all| all[*k as usize]);
                    assert!(at.cmpge(cell.bounds.low).all() && at.cmple(cell.bounds.high).all());
                }
            }
        }
        assert!(Tree::new(0, None).nodes.is_empty());
    }
}
