//! Sums over the synapses of each target, many targets side by side.
//!
//! In: how many synapses each target has. Out: [`Lanes`]: places for synapses in which up to [`WIDEST`] targets of about as many
//! synapses stand beside each other, so that one instruction adds to all of them. Each target's own sum goes through its
//! synapses in their order, one after the other: its bits do not depend on who stands beside it.

use std::ops::Range;

use super::real::{Real, Terms};

/// Most targets side by side.
pub const WIDEST: usize = 16;

/// In which order synapses stand.
#[derive(Debug, Default)]
pub struct Lanes {
    slices: Vec<Slice>,
    /// By lane: row of the target.
    rows: Vec<u32>,
    /// By lane: its synapses; descending within a slice.
    lengths: Vec<u32>,
    /// Places, those that hold no synapse included.
    pub places: usize,
}

/// Targets side by side: synapse k of lane l stands at `first + k·width + l`.
#[derive(Debug)]
struct Slice {
    first: usize,
    width: usize,
    /// First of its lanes, and how many are used.
    lane: usize,
    lanes: usize,
}

/// What stands at a place where there is no synapse.
pub const NONE: u32 = u32::MAX;

/// Numbers by place.
pub trait Numbers<T> {
    fn at(&self, place: usize) -> T;
    /// Those from a place on.
    fn side_by_side<const WIDTH: usize>(&self, place: usize) -> [T; WIDTH];
}

impl Lanes {
    /// Lays out targets of (row, synapses). Also gives, by place, which synapse stands there, in the order of targets, or [`NONE`].
    pub fn new(targets: &[(u32, u32)], widest: usize) -> (Lanes, Vec<u32>) {
        let mut starts = Vec::with_capacity(targets.len());
        let mut next = 0;
        for (_, length) in targets {
            starts.push(next);
            next += length;
        }
        let mut order: Vec<usize> = (0..targets.len()).collect();
        order.sort_by_key(|t| std::cmp::Reverse(targets[*t].1));
        let length = |k: usize| order.get(k).map_or(0, |t| targets[*t].1 as usize);
        let mut cut: Vec<(usize, usize)> = Vec::new();
        let mut at = 0;
        while at < order.len() {
            let mut width = widest;
            // at most a fifth of the places may stay empty
            while width > 1 && 5 * (at..at + width).map(length).sum::<usize>() < 4 * width * length(at) {
                width /= 2;
            }
            cut.push((at, width));
            at += width;
        }
        // wide ones first: then each begins at a multiple of its width, and no block of rows cuts through one
        cut.sort_by_key(|(_, width)| std::cmp::Reverse(*width));
        let (mut out, mut synapses) = (Lanes::default(), Vec::new());
        for (at, width) in cut {
            let lanes = &order[at..order.len().min(at + width)];
            let (first, lane) = (synapses.len(), out.rows.len());
            out.slices.push(Slice { first, width, lane, lanes: lanes.len() });
            out.rows.extend(lanes.iter().map(|t| targets[*t].0));
            out.lengths.extend(lanes.iter().map(|t| targets[*t].1));
            synapses.resize(first + width * length(at), NONE);
            for (l, t) in lanes.iter().enumerate() {
                for k in 0..targets[*t].1 {
                    synapses[first + k as usize * width + l] = starts[*t] + k;
                }
            }
        }
        out.places = synapses.len();
        (out, synapses)
    }

    /// Adds the numbers of some places (all of a step of each slice, or none) to the rows of their targets. `slice`: where those
    /// places begin; gives where the next ones do.
    #[inline(always)]
    pub fn add<T: Real>(
        &self,
        mut slice: usize,
        places: Range<usize>,
        numbers: &impl Numbers<T>,
        sums: &mut [f64],
        terms: &mut [Terms],
    ) -> usize {
        while let Some(own) = self.slices.get(slice) {
            let places = places.clone();
            let done = match own.width {
                WIDEST => self.add_slice::<T, WIDEST>(own, places, numbers, sums, terms),
                8 => self.add_slice::<T, 8>(own, places, numbers, sums, terms),
                4 => self.add_slice::<T, 4>(own, places, numbers, sums, terms),
                2 => self.add_slice::<T, 2>(own, places, numbers, sums, terms),
                _ => self.add_slice::<T, 1>(own, places, numbers, sums, terms),
            };
            if !done {
                break;
            }
            slice += 1;
        }
        slice
    }

    /// The same of one slice; do the places reach to its end?
    #[inline(always)]
    fn add_slice<T: Real, const WIDTH: usize>(
        &self,
        slice: &Slice,
        places: Range<usize>,
        numbers: &impl Numbers<T>,
        sums: &mut [f64],
        terms: &mut [Terms],
    ) -> bool {
        let rows = &self.rows[slice.lane..slice.lane + slice.lanes];
        let lengths = &self.lengths[slice.lane..slice.lane + slice.lanes];
        let steps = lengths.first().map_or(0, |l| *l as usize);
        let from = places.start.saturating_sub(slice.first) / WIDTH;
        let to = steps.min(places.end.saturating_sub(slice.first) / WIDTH);
        let mut sum = [0.0; WIDTH];
        rows.iter().zip(&mut sum).for_each(|(row, s)| *s = sums[*row as usize]);
        // as far as all lanes reach; what stands in lanes that are not used is added up for nobody
        let full = to.min(lengths.last().map_or(0, |l| *l as usize));
        for k in from..full {
            let x = numbers.side_by_side::<WIDTH>(slice.first + k * WIDTH);
            for l in 0..WIDTH {
                sum[l] += x[l].to_f64();
            }
            if T::BOUNDED {
                rows.iter().zip(x).for_each(|(row, x)| x.count_into(&mut terms[*row as usize]));
            }
        }
        for k in from.max(full)..to {
            for (l, row) in rows.iter().enumerate().filter(|(l, _)| k < lengths[*l] as usize) {
                let x = numbers.at(slice.first + k * WIDTH + l);
                sum[l] += x.to_f64();
                if T::BOUNDED {
                    x.count_into(&mut terms[*row as usize]);
                }
            }
        }
        rows.iter().zip(sum).for_each(|(row, s)| sums[*row as usize] = s);
        to == steps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct List<'a>(&'a [f32]);

    impl Numbers<f32> for List<'_> {
        fn at(&self, place: usize) -> f32 {
            self.0[place]
        }
        fn side_by_side<const WIDTH: usize>(&self, place: usize) -> [f32; WIDTH] {
            std::array::from_fn(|l| self.0[place + l])
        }
    }

    #[test]
    fn every_target_sums_its_own_synapses_in_their_order() {
        // degrees of all kinds, and numbers whose sum depends on the order
        let degrees = [1u32, 40, 3, 3, 3, 700, 7].into_iter().chain((0..90).map(|k| 20 + k % 3)).chain([9; 23]);
        let targets: Vec<(u32, u32)> = degrees.enumerate().map(|(k, d)| (k as u32 * 2, d)).collect();
        let synapses: u32 = targets.iter().map(|t| t.1).sum();
        let number = |synapse: u32| (synapse as f32 * 0.731).sin() * 10f32.powi(synapse as i32 % 17 - 8);
        let mut expected = vec![0.25; 2 * targets.len()];
        let mut next = 0;
        for (row, degree) in &targets {
            for _ in 0..*degree {
                expected[*row as usize] += f64::from(number(next));
                next += 1;
            }
        }
        for widest in [1, WIDEST] {
            let (lanes, at) = Lanes::new(&targets, widest);
            let mut all: Vec<u32> = at.iter().copied().filter(|s| *s != NONE).collect();
            all.sort_unstable();
            assert!(all.iter().copied().eq(0..synapses) && at.len() == lanes.places && at.len() < 2 * synapses as usize);
            // what stands at empty places must not matter
            let numbers: Vec<f32> = at.iter().map(|s| if *s == NONE { f32::NAN } else { number(*s) }).collect();
            for block in [WIDEST, 512] {
                let (mut sums, mut terms) = (vec![0.25; expected.len()], vec![Terms::default(); expected.len()]);
                let mut slice = 0;
                for first in (0..lanes.places).step_by(block) {
                    let places = first..lanes.places.min(first + block);
                    slice = lanes.add(slice, places, &List(&numbers), &mut sums, &mut terms);
                }
                assert_eq!(sums, expected, "{widest} {block}");
            }
        }
    }
}
