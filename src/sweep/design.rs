//! Which points a sweep has.
//!
//! In: axes. Out: [`Point`]s, the same every time. Not here: what runs together (`families`).

use super::Axis;
use crate::error::Error;
use crate::random::{Draws, Key};

/// How points are chosen.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Design {
    /// All combinations of the values of all axes.
    #[default]
    Grid,
    /// Each axis drawn by itself.
    Random {
        /// How many points.
        points: usize,
        /// Of what is drawn.
        seed: u64,
    },
    /// A Latin hypercube: each axis in as many parts as there are points, each part met once (McKay, Beckman and Conover 1979).
    Latin {
        /// How many points.
        points: usize,
        /// Of what is drawn.
        seed: u64,
    },
    /// These points.
    List {
        /// What each column gives.
        addresses: Vec<String>,
        /// The values of each point.
        rows: Vec<Vec<String>>,
    },
}

/// One network of a sweep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// Its place in the table, from 0.
    pub number: usize,
    /// By axis: its value.
    pub values: Vec<String>,
    /// Which repetition, from 0: it is added to the seed.
    pub repeat: u32,
}

/// More are no table.
const MOST: usize = 1 << 26;

/// What is drawn for designs stands apart from what networks draw.
const TAG: u32 = 0xffff_5a5a;

pub(super) fn points(axes: &[Axis], design: &Design, repeat: u32) -> Result<Vec<Point>, Error> {
    let rows = match design {
        Design::Grid => grid(axes)?,
        Design::Random { points, seed } => {
            let draw = |point: usize| axes.iter().enumerate().map(|(k, axis)| axis.at(draws(*seed, k, point).uniform())).collect();
            counted(*points)?;
            (0..*points).map(draw).collect()
        }
        Design::Latin { points, seed } => latin(axes, counted(*points)?, *seed),
        Design::List { rows, .. } => rows.clone(),
    };
    counted(rows.len().saturating_mul(repeat as usize))?;
    let rows = rows.into_iter().flat_map(|values| (0..repeat).map(move |repeat| (values.clone(), repeat)));
    Ok(rows.enumerate().map(|(number, (values, repeat))| Point { number, values, repeat }).collect())
}

fn counted(points: usize) -> Result<usize, Error> {
    match points {
        0 => Err(Error::Call("a sweep has at least one point".into())),
        points if points > MOST => Err(Error::Call(format!("{points} points are more than a table holds, {MOST}"))),
        points => Ok(points),
    }
}

fn grid(axes: &[Axis]) -> Result<Vec<Vec<String>>, Error> {
    let listed = |axis: &Axis| {
        axis.listed().ok_or_else(|| {
            let help = "write how many values, as in `8 nS..12 nS:25`, or let a design draw them (random, latin)";
            Error::Call(format!("`{}` is a range without a number of values\n  help: {help}", axis.name()))
        })
    };
    let lists: Vec<Vec<String>> = axes.iter().map(listed).collect::<Result<_, _>>()?;
    counted(lists.iter().fold(1usize, |all, list| all.saturating_mul(list.len())))?;
    let mut rows: Vec<Vec<String>> = vec![Vec::new()];
    for list in &lists {
        rows = rows.iter().flat_map(|row| list.iter().map(move |value| [&row[..], std::slice::from_ref(value)].concat())).collect();
    }
    Ok(rows)
}

fn draws(seed: u64, axis: usize, point: usize) -> Draws {
    Key { seed }.draws(TAG, axis as u32, point as u64)
}

fn latin(axes: &[Axis], points: usize, seed: u64) -> Vec<Vec<String>> {
    let mut rows = vec![Vec::with_capacity(axes.len()); points];
    for (k, axis) in axes.iter().enumerate() {
        let mut parts: Vec<usize> = (0..points).collect();
        // Fisher and Yates
        for last in (1..points).rev() {
            let other = draws(seed, k, points + last).below_u64(last as u64 + 1) as usize;
            parts.swap(last, other);
        }
        for (point, part) in parts.into_iter().enumerate() {
            let share = (part as f64 + draws(seed, k, point).uniform()) / points as f64;
            rows[point].push(axis.at(share));
        }
    }
    rows
}
