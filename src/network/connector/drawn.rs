//! Values of edges that are drawn: a number per edge by its source and its place in the source's row.
//!
//! In: a law, the stream, where rows start. Out: [`DrawnColumn`], which draws the value of any edge again, the same to the bit each
//! time, on any thread, or a list of all of them. Not here: laws (`draw`), values of other kinds (`mod`).

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use pulp::{Arch, NullaryFnOnce};

use super::starts::Starts;
use super::{CHUNK, ConnectorError, zeros};
use crate::network::draw::{DrawError, draw_from};
use crate::network::edge_value::{Draw, Law};
use crate::network::value::Outside;
use crate::random::{self, Key, Many, NORMAL_CELLS, SIDE};
use crate::threads;

/// Values that are drawn again whenever they are read; nothing is kept per edge.
#[derive(Clone, Debug, PartialEq)]
pub struct DrawnColumn {
    law: Draw,
    key: Key,
    tag: u32,
    starts: Starts,
    /// The least and the largest, and the least absolute value that is not 0 (infinite if all are).
    span: (f32, f32),
    least: f32,
}

/// Edges that a thread looks at in one go.
const PIECE: u64 = 1 << 16;

impl DrawnColumn {
    /// Draws every value once, so that what cannot be drawn is known; nothing is kept of it but the least and the largest.
    ///
    /// **Errors** the first edge for which there is no number.
    pub(super) fn new(law: &Draw, key: Key, tag: u32, starts: Starts) -> Result<DrawnColumn, DrawError> {
        let nothing = (f32::INFINITY, f32::NEG_INFINITY);
        let mut column = DrawnColumn { law: law.clone(), key, tag, starts, span: nothing, least: f32::INFINITY };
        let count = column.starts.count();
        let looked = threads::map(count.div_ceil(PIECE) as usize, |piece| {
            let (mut span, mut least) = (nothing, f32::INFINITY);
            let first = piece as u64 * PIECE;
            column.draw(first..count.min(first + PIECE), &mut |values| {
                for x in values.iter() {
                    span = (span.0.min(*x), span.1.max(*x));
                    least = if *x != 0.0 { least.min(x.abs()) } else { least };
                }
            })?;
            Ok((span, least))
        });
        for looked in looked {
            let (span, least) = looked?;
            column.span = (column.span.0.min(span.0), column.span.1.max(span.1));
            column.least = column.least.min(least);
        }
        Ok(column)
    }

    /// Number of edges.
    pub fn count(&self) -> u64 {
        self.starts.count()
    }

    /// What draws the values of edges whose rows start so, from row `first` on; `None`: rows of this column start elsewhere.
    pub(super) fn drawn_by(&self, starts: &Starts, first: u32) -> Option<(&Draw, Key, u32)> {
        let rows = self.starts.rows();
        let fits = first.checked_add(rows).is_some_and(|end| end <= starts.rows());
        let same = fits && (0..=rows).all(|row| self.starts.first(row) == starts.first(first + row));
        same.then_some((&self.law, self.key, self.tag))
    }

    /// The least and the largest value; the first above the second: there are none.
    pub fn span(&self) -> (f32, f32) {
        self.span
    }

    /// The least absolute value that is not 0; infinite if there is none.
    pub fn least(&self) -> f32 {
        self.least
    }

    /// The value of an edge.
    pub fn get(&self, edge: u64) -> f32 {
        let row = self.starts.row_of(edge);
        let place = edge - self.starts.first(row);
        let first = self.key.block(self.tag, row, place, 0);
        draw_from(&self.law, self.key, self.tag, row, place, first).map_or(0.0, |x| x as f32)
    }

    /// Calls with the values of some edges, in order, a few at a time.
    #[inline]
    pub fn each(&self, edges: Range<u64>, mut call: impl FnMut(&[f32])) {
        // every value has been drawn once, so that there is a number
        let drawn = self.draw(edges, &mut |values| call(values));
        debug_assert!(drawn.is_ok(), "{drawn:?}");
    }

    /// Writes the values of as many edges as there is room for.
    pub fn fill(&self, first: u64, out: &mut [f32]) {
        let mut at = 0;
        self.each(first..first + out.len() as u64, |values| {
            out[at..at + values.len()].copy_from_slice(values);
            at += values.len();
        });
    }

    /// All of them.
    ///
    /// **Errors** memory that the machine does not give.
    pub(crate) fn listed(&self) -> Result<Vec<f32>, ConnectorError> {
        let mut out = zeros::<f32>(self.count())?;
        threads::pieces(&mut out, CHUNK, || (), |(), piece, values| self.fill((piece * CHUNK) as u64, values));
        Ok(out)
    }

    fn draw(&self, edges: Range<u64>, call: &mut dyn FnMut(&[f32])) -> Result<(), DrawError> {
        draw_edges(&self.law, self.key, self.tag, &self.starts, edges, call)
    }
}

/// A draw for every edge, kept.
///
/// **Errors** memory that the machine does not give; inside, the first edge for which there is no number.
pub(super) fn listed(law: &Draw, key: Key, tag: u32, starts: &Starts) -> Result<Result<Vec<f32>, DrawError>, ConnectorError> {
    let mut out = zeros::<f32>(starts.count())?;
    // the first failure by place, not by time, so that the message does not depend on threads
    let failed = Mutex::new(None);
    threads::pieces(
        &mut out,
        CHUNK,
        || (),
        |(), piece, values| {
            let first = (piece * CHUNK) as u64;
            let mut at = 0;
            let drawn = draw_edges(law, key, tag, starts, first..first + values.len() as u64, &mut |some| {
                values[at..at + some.len()].copy_from_slice(some);
                at += some.len();
            });
            if let Err(failure) = drawn {
                let mut failed = failed.lock().unwrap_or_else(PoisonError::into_inner);
                if failed.as_ref().is_none_or(|(earliest, _)| piece < *earliest) {
                    *failed = Some((piece, failure));
                }
            }
        },
    );
    let failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(failed.map_or(Ok(out), |(_, failure)| Err(failure)))
}

/// Calls with the values of some edges, in order, a few at a time.
///
/// **Errors** the first for which there is no number.
fn draw_edges(
    law: &Draw,
    key: Key,
    tag: u32,
    starts: &Starts,
    edges: Range<u64>,
    call: &mut dyn FnMut(&[f32]),
) -> Result<(), DrawError> {
    if edges.is_empty() {
        return Ok(());
    }
    let arch = random::widest();
    let mut row = starts.row_of(edges.start);
    let mut at = edges.start;
    while at < edges.end {
        let mut values = [0.0; SIDE];
        let values = &mut values[..SIDE.min((edges.end - at) as usize)];
        while starts.first(row + 1) <= at {
            row += 1;
        }
        let place = at - starts.first(row);
        if starts.first(row + 1) >= at + values.len() as u64 {
            let words = key.steps(arch, tag, row, place);
            side_by_side(law, key, tag, arch, &words, &|lane| (row, place + lane as u64), values)?;
        } else {
            let mut places = [(0, 0); SIDE];
            for (edge, place) in (at..).zip(&mut places[..values.len()]) {
                while starts.first(row + 1) <= edge {
                    row += 1;
                }
                *place = (row, edge - starts.first(row));
            }
            let words = key.places(arch, tag, &places);
            side_by_side(law, key, tag, arch, &words, &|lane| places[lane], values)?;
        }
        call(values);
        at += values.len() as u64;
    }
    Ok(())
}

/// The values of up to [`SIDE`] edges; `place`: the row and the place in it of each.
#[inline]
fn side_by_side(
    law: &Draw,
    key: Key,
    tag: u32,
    arch: Arch,
    words: &Many,
    place: &dyn Fn(usize) -> (u32, u64),
    out: &mut [f32],
) -> Result<(), DrawError> {
    let mut side = [0.0; SIDE];
    let mut left = match law.law {
        Law::Normal { mean, sd } => {
            let of = Normal { mean, sd, table: random::normal_table() };
            arch.dispatch(SideBySide { law, words, out: &mut side, of })
        }
        Law::Uniform { low, high } => arch.dispatch(SideBySide { law, words, out: &mut side, of: Uniform { low, high } }),
        _ => u32::MAX,
    };
    out.iter_mut().zip(side).for_each(|(out, x)| *out = x);
    while left != 0 {
        let lane = left.trailing_zeros() as usize;
        left &= left - 1;
        if let Some(out) = out.get_mut(lane) {
            let (row, place) = place(lane);
            *out = draw_from(law, key, tag, row, place, words.map(|w| w[lane]))? as f32;
        }
    }
    Ok(())
}

const _: () = assert!(SIDE == u32::BITS as usize, "a bit for each of those side by side");

/// First tries of a law of two words; bits say for which of them more has to be done.
struct SideBySide<'a, L> {
    law: &'a Draw,
    words: &'a Many,
    out: &'a mut [f32; SIDE],
    of: L,
}

/// A law of two words.
trait OfTwo: Copy {
    fn of(self, word0: u32, word1: u32) -> f64;
}

#[derive(Clone, Copy)]
struct Normal<'a> {
    mean: f64,
    sd: f64,
    table: &'a [i32; 32 * NORMAL_CELLS + 1],
}

impl OfTwo for Normal<'_> {
    #[inline(always)]
    fn of(self, word0: u32, word1: u32) -> f64 {
        self.mean + self.sd * f64::from(random::normal_between(self.table, word0, word1))
    }
}

#[derive(Clone, Copy)]
struct Uniform {
    low: f64,
    high: f64,
}

impl OfTwo for Uniform {
    #[inline(always)]
    fn of(self, word0: u32, word1: u32) -> f64 {
        self.low + (self.high - self.low) * random::uniform_f64(word0, word1)
    }
}

impl<L: OfTwo> NullaryFnOnce for SideBySide<'_, L> {
    type Output = u32;

    // plain loops: what stands in a closure would not be compiled for the instruction set at hand
    #[inline(always)]
    #[expect(clippy::needless_range_loop, reason = "several lists are walked together")]
    fn call(self) -> u32 {
        let SideBySide { law, words, out, of } = self;
        let mut drawn = [0.0f64; SIDE];
        for k in 0..SIDE {
            drawn[k] = of.of(words[0][k], words[1][k]);
        }
        let mut stands = [true; SIDE];
        let (min, max) = (law.min, law.max);
        if law.outside == Outside::Clip {
            for k in 0..SIDE {
                drawn[k] = drawn[k].min(max).max(min);
            }
        } else {
            for k in 0..SIDE {
                stands[k] = (min <= drawn[k]) & (drawn[k] <= max);
            }
        }
        if let Some(grid) = law.grid {
            for k in 0..SIDE {
                drawn[k] = (drawn[k] / grid).round().max(1.0);
            }
        }
        let mut left = 0;
        for k in 0..SIDE {
            out[k] = drawn[k] as f32;
            left |= u32::from(!(stands[k] & out[k].is_finite())) << k;
        }
        left
    }
}
