//! Degrees that are drawn: how many sources each target has, or how many targets each source.
//!
//! The number of a row is drawn by (row, place 2^47) of the stream of edges; who they are by the words of the row from step 0 on, as
//! where the number is fixed.

use std::sync::Arc;

use super::by_row::{self, ByRow, RowLaw};
use super::choice::{choose, chosen};
use super::rule::{Desk, Kept, Made};
use super::scratch::Scratch;
use super::starts::Starts;
use super::{ConnectorError, Ends, Expected, Rows, Seeded, by_source, grow, zeros};
use crate::diagnostic::Diagnostic;
use crate::network::Value;
use crate::network::draw::draw;
use crate::network::edge_value::{Draw, Law};
use crate::threads;

/// Where the number of a row is drawn, beyond the words of the row.
const NUMBERS: u64 = 1 << 47;

#[derive(Debug)]
struct Degrees {
    law: Draw,
    /// Of each target; else of each source.
    inward: bool,
    autapses: bool,
    multapses: bool,
}

/// The rule in numbers.
pub(super) fn settled(desk: &mut dyn Desk, n: &Value, inward: bool, autapses: bool, multapses: bool) -> Option<Arc<dyn Kept>> {
    let law = desk.law("n", n)?;
    let least = match &law.law {
        Law::Uniform { low, .. } | Law::Integers { low, .. } => *low,
        Law::Choice { of, .. } => of.iter().copied().fold(f64::INFINITY, f64::min),
        Law::Poisson { times, .. } | Law::Binomial { times, .. } => times.min(0.0),
        Law::Lognormal { .. } | Law::Gamma { .. } | Law::Exponential { .. } => 0.0,
        Law::Normal { .. } | Law::VonMises { .. } => f64::NEG_INFINITY,
    };
    if least.max(law.min) < 0.0 {
        let d = Diagnostic::new("E034", "numbers of synapses may be drawn below 0").value_of("n");
        desk.say(d.help("write `min = 0`"));
        return None;
    }
    let rule = Degrees { law, inward, autapses, multapses };
    let choices = rule.choices(desk.ends());
    if choices == 0 {
        desk.say(Diagnostic::new("E062", "there is nobody to choose from").value_of("n"));
        return None;
    }
    Some(Arc::new(rule))
}

impl Degrees {
    fn choices(&self, ends: Ends) -> u32 {
        let there = if self.inward { ends.sources } else { ends.targets };
        there.saturating_sub(u32::from(ends.apart(self.autapses)))
    }

    /// What hardly any number passes.
    fn most(&self) -> f64 {
        self.law.law.upper().min(self.law.max)
    }
}

impl Kept for Degrees {}

impl Made for Degrees {
    fn check(&self, _: Ends) -> Result<(), Diagnostic> {
        Ok(())
    }

    fn expected(&self, ends: Ends) -> Expected {
        let rows = f64::from(if self.inward { ends.targets } else { ends.sources });
        Expected { synapses: (rows * self.most().max(0.0)) as u64, drawing: 8 }
    }

    fn rows(&self, given: Seeded) -> Result<Rows, ConnectorError> {
        if !self.inward {
            return by_row::rows(self, given);
        }
        let start = self.numbers(given)?;
        let rows = given.ends.targets;
        let (apart, choices) = (given.ends.apart(self.autapses), self.choices(given.ends));
        let edges = start[rows as usize];
        given.room.check(u128::from(edges), 8)?;
        let mut other: Vec<u32> = Vec::new();
        grow(&mut other, edges)?;
        let mut rest = &mut other[..];
        let mut parts = Vec::with_capacity(rows as usize);
        for row in 0..rows {
            let (own, after) = rest.split_at_mut((start[row as usize + 1] - start[row as usize]) as usize);
            parts.push((row, own));
            rest = after;
        }
        threads::consume(parts, |(row, own)| {
            let mut draws = given.key.draws(given.tag, row, 0);
            choose(&mut draws, own, choices, apart.then_some(row), self.multapses, &mut Scratch::default());
        });
        // targets come in ascending order, so every row has them ascending
        by_source(given.ends.sources, || {
            let of_targets = start.windows(2).map(|ends| &other[ends[0] as usize..ends[1] as usize]).zip(0..);
            of_targets.flat_map(|(row, target)| row.iter().map(move |source| (*source, target)))
        })
    }

    fn by_row(&self) -> Option<&dyn ByRow> {
        (!self.inward).then_some(self)
    }
}

impl ByRow for Degrees {
    fn starts(&self, given: Seeded) -> Result<Starts, ConnectorError> {
        self.numbers(given).map(Starts::listed)
    }

    fn has_recipe(&self) -> bool {
        self.multapses
    }

    fn law(&self, given: Seeded) -> Arc<dyn RowLaw> {
        chosen(given, self.autapses, self.multapses)
    }

    fn is_even(&self) -> bool {
        false
    }
}

impl Degrees {
    /// Where rows start: of targets, or of sources.
    fn numbers(&self, given: Seeded) -> Result<Vec<u64>, ConnectorError> {
        let rule = if self.inward { "drawn indegree" } else { "drawn outdegree" };
        let row_name = if self.inward { "target" } else { "source" };
        let rows = if self.inward { given.ends.targets } else { given.ends.sources };
        let choices = self.choices(given.ends);
        let mut start = zeros::<u64>(u64::from(rows) + 1)?;
        for row in 0..rows {
            let drawn = draw(&self.law, given.key, given.tag, row, NUMBERS);
            let n = drawn.map_err(|error| ConnectorError::Draw { column: 0, error })?.round().max(0.0) as u64;
            let possible = if self.multapses { u64::from(u32::MAX) } else { u64::from(choices) };
            if n > possible {
                return Err(ConnectorError::Impossible { rule, row: row_name, n, possible, distinct: !self.multapses });
            }
            start[row as usize + 1] = start[row as usize] + n;
        }
        Ok(start)
    }
}
