//! Matrices and kernels: who meets whom, and how many.

use super::grid::Laid;
use super::matrix;
use super::pattern::{self, middle};
use crate::network::{Border, End};

fn degrees(laid: &Laid, size: usize) -> (Vec<u32>, Vec<u32>) {
    let mut counts = (vec![0; size], vec![0; size]);
    laid.source.iter().for_each(|s| counts.0[*s as usize] += 1);
    laid.target.iter().for_each(|t| counts.1[*t as usize] += 1);
    counts
}

/// The sources of a target with the elements that they meet.
fn sources(laid: &Laid, target: u32) -> Vec<(u32, u32)> {
    let all = laid.target.iter().zip(laid.source.iter().zip(&laid.place));
    all.filter(|(t, _)| **t == target).map(|(_, (s, p))| (*s, *p)).collect()
}

const BORDERS: [Border; 4] = [Border::Drop, Border::Wrap, Border::Replicate, Border::Reflect];

#[test]
fn a_matrix_has_a_synapse_where_it_is_not_zero() {
    let rows = vec![vec![0.0, 2.0, 3.0], vec![4.0, 0.0, 0.0]];
    let by_source = matrix::lay(&rows, End::Source);
    assert_eq!(
        (&by_source.source[..], &by_source.target[..], &by_source.place[..]),
        (&[0, 0, 1][..], &[1, 2, 0][..], &[1, 2, 3][..])
    );
    let by_target = matrix::lay(&rows, End::Target);
    assert_eq!((by_target.source, by_target.target, by_target.place), (by_source.target, by_source.source, by_source.place));
}

#[test]
fn a_kernel_of_one_element_joins_one_to_one() {
    for border in BORDERS {
        let laid = pattern::lay(&[vec![2.5]], [3, 4], [0, 0], border);
        assert_eq!(laid.source, (0..12).collect::<Vec<_>>());
        assert_eq!(laid.target, laid.source);
        assert!(laid.place.iter().all(|p| *p == 0));
    }
    assert_eq!(pattern::lay(&[vec![0.0]], [3, 4], [0, 0], Border::Wrap), Laid::default());
}

/// Every size from 1 to 5, odd and even, zeros among the elements, every anchor that is the middle of some kernel.
#[test]
fn degrees_are_those_of_the_kernel() {
    let (height, width) = (6u32, 7u32);
    for (rows, columns) in (1..=5usize).flat_map(|r| (1..=5usize).map(move |c| (r, c))) {
        let element = |k: usize| if k % 4 == 3 { 0.0 } else { 1.0 + k as f64 };
        let kernel: Vec<Vec<f64>> = (0..rows).map(|r| (0..columns).map(|c| element(r * columns + c)).collect()).collect();
        let elements = kernel.iter().flatten().filter(|x| **x != 0.0).count() as u32;
        let anchor = [middle(rows), middle(columns)];
        for border in BORDERS {
            let laid = pattern::lay(&kernel, [height, width], anchor, border);
            let (out, into) = degrees(&laid, (height * width) as usize);
            match border {
                // a target loses the elements that reach over the edge
                Border::Drop => {
                    let kept: u32 = (0..rows * columns)
                        .filter(|k| element(*k) != 0.0)
                        .map(|k| {
                            let off = |at: usize, anchor: u64| (at as i64 - anchor as i64).unsigned_abs() as u32;
                            (height - off(k / columns, anchor[0])) * (width - off(k % columns, anchor[1]))
                        })
                        .sum();
                    assert_eq!(laid.place.len() as u32, kept);
                    assert_eq!(into[(3 * width + 3) as usize], elements, "away from the edges all of them are there");
                }
                Border::Wrap => assert!(out.iter().chain(&into).all(|d| *d == elements)),
                Border::Replicate | Border::Reflect => assert!(into.iter().all(|d| *d == elements)),
            }
            // on a torus and inside, element (a, b) comes from a - anchor rows below and b - anchor columns to the right
            if border == Border::Wrap {
                for ((source, target), place) in laid.source.iter().zip(&laid.target).zip(&laid.place) {
                    let (a, b) = (u64::from(*place) / columns as u64, u64::from(*place) % columns as u64);
                    let at = |t: u32, k: u64, anchor: u64, size: u32| {
                        (i64::from(t) + k as i64 - anchor as i64).rem_euclid(i64::from(size))
                    };
                    let row = at(target / width, a, anchor[0], height);
                    let column = at(target % width, b, anchor[1], width);
                    assert_eq!(i64::from(*source), row * i64::from(width) + column);
                }
            }
        }
    }
}

#[test]
fn edges_mean_what_they_are_called() {
    let kernel = [vec![1.0, 2.0, 3.0, 4.0, 5.0]];
    let at = |border, target| sources(&pattern::lay(&kernel, [1, 3], [0, 2], border), target);
    assert_eq!(at(Border::Drop, 0), [(0, 2), (1, 3), (2, 4)]);
    assert_eq!(at(Border::Wrap, 0), [(1, 0), (2, 1), (0, 2), (1, 3), (2, 4)]);
    assert_eq!(at(Border::Replicate, 0), [(0, 0), (0, 1), (0, 2), (1, 3), (2, 4)]);
    assert_eq!(at(Border::Reflect, 0), [(2, 0), (1, 1), (0, 2), (1, 3), (2, 4)]);
    assert_eq!(at(Border::Reflect, 2), [(0, 0), (1, 1), (2, 2), (1, 3), (0, 4)]);
    // a kernel wider than a population turns back and forth
    assert_eq!(sources(&pattern::lay(&kernel, [1, 1], [0, 2], Border::Reflect), 0), [(0, 0), (0, 1), (0, 2), (0, 3), (0, 4)]);
    assert_eq!(sources(&pattern::lay(&kernel, [1, 2], [0, 0], Border::Reflect), 0), [(0, 0), (1, 1), (0, 2), (1, 3), (0, 4)]);
}

/// Of an even size the anchor is the last before the middle; another can be named.
#[test]
fn even_kernels_have_a_stated_anchor() {
    let kernel = [vec![1.0, 2.0]];
    assert_eq!((middle(1), middle(2), middle(3), middle(4)), (0, 0, 1, 1));
    let laid = pattern::lay(&kernel, [1, 3], [0, middle(2)], Border::Drop);
    assert_eq!((sources(&laid, 0), sources(&laid, 2)), (vec![(0, 0), (1, 1)], vec![(2, 0)]));
    let laid = pattern::lay(&kernel, [1, 3], [0, 1], Border::Drop);
    assert_eq!((sources(&laid, 0), sources(&laid, 2)), (vec![(0, 1)], vec![(1, 0), (2, 1)]));
}
