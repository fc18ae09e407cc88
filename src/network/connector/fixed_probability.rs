//! Each pair with the same probability, independently.
//!
//! A row jumps from hit to hit: the number of misses before a hit is geometric, floor(ln u / ln(1 - p)) for u uniform in
//! (0, 1], so a row costs a logarithm per synapse and not a draw per pair, and the law is that of the single trials.

use super::{ConnectorError, Ends, Expected, Rows, Rule, impossible, skip, sum_up, zeros};
use crate::diagnostic::Diagnostic;
use crate::threads;

pub(super) fn check(_: Ends, p: f64, _: bool) -> Result<(), Diagnostic> {
    if (0.0..=1.0).contains(&p) {
        return Ok(());
    }
    Err(impossible(format!("a probability is a number from 0 to 1, got {p}")).value_of("p"))
}

pub(super) fn expected(ends: Ends, p: f64, autapses: bool) -> Expected {
    let pairs = f64::from(ends.sources) * f64::from(ends.choices(autapses));
    let mean = pairs * p;
    // six deviations more than the mean
    Expected { synapses: (mean + 6.0 * (mean * (1.0 - p)).max(0.0).sqrt()).min(pairs) as u64, drawing: 8 }
}

pub(super) fn rows(rule: Rule, p: f64, autapses: bool) -> Result<Rows, ConnectorError> {
    if !(0.0..=1.0).contains(&p) {
        return Err(ConnectorError::Probability(p));
    }
    let choices = rule.ends.choices(autapses);
    let mean_row = p * f64::from(choices);
    // once in blocks, once in one piece
    rule.room.check((mean_row * f64::from(rule.ends.sources)) as u128, 4)?;

    let block = (65_536.0 / (mean_row + 1.0)).ceil().min(4096.0) as u32;
    let count = rule.ends.sources.div_ceil(block) as usize;
    let blocks: Vec<(Vec<u64>, Vec<u32>)> = threads::map(count, |k| {
        let (mut lengths, mut targets) = (Vec::new(), Vec::new());
        for source in k as u32 * block..((k as u32 + 1).saturating_mul(block)).min(rule.ends.sources) {
            let before = targets.len();
            let own = rule.ends.apart(autapses).then_some(source);
            row(rule, p, source, choices, |hit| targets.push(skip(hit, own)));
            lengths.push((targets.len() - before) as u64);
        }
        (lengths, targets)
    });

    let edges = blocks.iter().map(|b| b.1.len() as u64).sum();
    rule.room.check(u128::from(edges), 4)?;
    let mut target = zeros(edges)?;
    let mut row_start = zeros(u64::from(rule.ends.sources) + 1)?;
    let (mut edge, mut next) = (0, 1);
    for (lengths, targets) in blocks {
        row_start[next..next + lengths.len()].copy_from_slice(&lengths);
        target[edge..edge + targets.len()].copy_from_slice(&targets);
        (edge, next) = (edge + targets.len(), next + lengths.len());
    }
    sum_up(&mut row_start);
    Ok(Rows { row_start, target, order: None })
}

/// The hits of one row, ascending.
fn row(rule: Rule, p: f64, source: u32, choices: u32, mut hit: impl FnMut(u32)) {
    if p == 0.0 {
        return;
    }
    if p == 1.0 {
        return (0..choices).for_each(hit);
    }
    let mut draws = rule.key.draws(rule.tag, source, 0);
    let scale = libm::log1p(-p);
    let mut k = 0u32;
    loop {
        let misses = (libm::log(1.0 - draws.uniform()) / scale).floor();
        if misses >= f64::from(choices - k) {
            return;
        }
        k += misses as u32;
        hit(k);
        k += 1;
    }
}
