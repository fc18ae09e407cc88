//! Points that are chosen as a search goes on: the same plan and engine for one generation after the other.
//!
//! In: values of a generation, point by point. Out: rows of all its repetitions. Not here: which points (`fit`).

use super::batch::{Kept, Rounds};
use super::families::Families;
use super::{Point, Row, Sweep};
use crate::error::Error;

/// A sweep whose points come generation by generation.
pub struct Generations<'s> {
    sweep: &'s Sweep,
    families: Families<'s>,
    kept: Vec<Kept>,
}

impl<'s> Generations<'s> {
    /// Looks at the ends of all ranges.
    ///
    /// **Errors** a value that is wrong.
    pub fn new(sweep: &'s Sweep) -> Result<Generations<'s>, Error> {
        let ends = |share: f64| sweep.axes.iter().map(|axis| axis.at(share)).collect::<Vec<String>>();
        let points = numbered(&[ends(0.0), ends(1.0)], 1);
        Ok(Generations { sweep, families: Families::new(sweep, &points)?, kept: Vec::new() })
    }

    /// The rows of each point, a row for each repetition; `None`: it was ended from outside.
    ///
    /// **Errors** as [`Sweep::run`].
    pub fn evaluate(&mut self, values: &[Vec<String>]) -> Result<Option<Vec<Vec<Row>>>, Error> {
        let repeat = self.sweep.repeat;
        self.families.regroup(numbered(values, repeat));
        let mut rows: Vec<Row> = Vec::new();
        let mut rounds = Rounds::new(self.sweep, &self.families, &Default::default(), std::mem::take(&mut self.kept));
        // an ensemble for each repetition
        rounds.keep(repeat.clamp(1, 8) as usize);
        let whole = loop {
            match rounds.next(self.sweep, &self.families)? {
                None => break true,
                Some(None) => break false,
                Some(Some(own)) => rows.extend(own),
            }
        };
        self.kept = rounds.into_kept();
        if !whole {
            return Ok(None);
        }
        rows.sort_by_key(|row| row.point);
        Ok(Some(rows.chunks(repeat as usize).map(<[Row]>::to_vec).collect()))
    }
}

fn numbered(values: &[Vec<String>], repeat: u32) -> Vec<Point> {
    let each = values.iter().flat_map(|values| (0..repeat).map(move |repeat| (values, repeat)));
    each.enumerate().map(|(number, (values, repeat))| Point { number, values: values.clone(), repeat }).collect()
}
