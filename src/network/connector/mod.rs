//! From a rule to edges: one file per rule and a line in the list, and here what they share.
//!
//! In: a checked rule, the sizes at its two ends, values to draw, a seed. Out: [`Connectivity`] and columns of values, the same to the bit for any
//! number of threads, because every row (or pair) draws by its own counter. Not here: what a rule says of itself (`rule`), reading
//! tables (`table`), where edges lie in memory (`plan`).

use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::EdgeStorage;
use super::Value;
use super::draw::DrawError;
use super::edge_value::{Draw, EdgeValue};
use super::field::Field;
use super::slot::Slot;
use crate::diagnostic::Diagnostic;
use crate::random::{Key, Stream};

#[macro_use]
mod rule;
mod by_row;
mod choice;
mod column;
mod connectivity;
mod degrees;
mod drawn;
mod entry;
mod error;
mod except;
mod grid;
mod kernel;
mod law;
mod links;
mod listed;
mod mutual;
mod of_pairs;
mod recipe;
mod row;
mod scratch;
mod starts;
pub mod table;

use by_row::{ByRow, Redrawn};
pub use column::EdgeColumn;
pub(crate) use connectivity::apart;
pub use connectivity::{ByTarget, Connectivity};
pub use drawn::DrawnColumn;
use entry::Entry;
pub use error::ConnectorError;
pub use matrix::End;
pub use pattern::Border;
pub(crate) use recipe::{RowRecipe, TargetRecipe, ValueRecipe};
pub use row::{Row, RowBuffer};
pub(crate) use rule::Kept;
use rule::Rule;
pub(super) use rule::{Desk, Grid, Numbers, Pairs};
use starts::Starts;

connectors! {
    all_to_all,
    one_to_one,
    fixed_probability,
    fixed_indegree,
    fixed_outdegree,
    fixed_total,
    list,
    matrix,
    pattern,
    file,
    probability,
    gaussian,
    exponential,
    difference_of_gaussians,
    disc,
    all_to_others,
    neighbours,
    small_world,
    scale_free,
    drawn_indegree,
    drawn_outdegree,
    mask,
    clone_of,
}

impl Connector {
    /// The unit of the numbers of a matrix or pattern as weights; nothing changes for other connectors.
    #[must_use]
    pub fn unit(mut self, text: impl Into<String>) -> Connector {
        for (name, slot) in self.slots() {
            if let ("unit", Slot::MaybeWord(unit)) = (name, slot) {
                *unit = Some(text.into());
                break;
            }
        }
        self
    }

    /// Does everybody know the order of its pairs, so that values can be listed?
    fn in_order(&self) -> bool {
        match self.rule().pairs() {
            Pairs::Made(made) => made.in_order(),
            Pairs::Listed(_) => true,
            Pairs::Settled(_) => false,
        }
    }
}

fn one() -> u64 {
    1
}

fn yes() -> bool {
    true
}

/// Nothing beside the tag.
fn no_more_keys<'de, D: serde::Deserializer<'de>>(d: D) -> Result<(), D::Error> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Nothing {}
    Nothing::deserialize(d).map(|Nothing {}| ())
}

/// The two ends of a projection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ends {
    /// Neurons of the source population.
    pub sources: u32,
    /// Neurons of the target population.
    pub targets: u32,
    /// Both are one population, so that neuron k may meet itself (an autapse).
    pub same_population: bool,
}

/// A connector whose numbers are possible for the two populations.
#[derive(Clone, Debug, PartialEq)]
pub enum CheckedConnector {
    /// A rule that makes the pairs itself.
    Rule(Connector),
    /// From a list, a matrix or a file; synapse k joins `source[k]` to `target[k]`.
    List {
        /// Source neuron of each synapse.
        source: Vec<u32>,
        /// Target neuron of each synapse.
        target: Vec<u32>,
    },
    /// A rule whose words have become numbers.
    Settled(Settled),
}

/// A rule in numbers.
#[derive(Clone, Debug)]
pub struct Settled(pub(crate) Arc<dyn Kept>);

impl Settled {
    /// Is each pair joined or not whatever the others are?
    pub(crate) fn is_pairwise(&self) -> bool {
        self.0.pairwise()
    }
}

/// The same rule, not one like it.
impl PartialEq for Settled {
    fn eq(&self, other: &Settled) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// What a rule makes, and what it takes to make it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    /// Synapses; where their number is drawn too, six deviations more than the mean.
    pub synapses: u64,
    /// Bytes of a synapse while it is drawn, beside those that stay.
    pub drawing: u64,
}

/// How many synapses a rule makes, without drawing any.
pub fn expected(rule: &CheckedConnector, ends: Ends) -> Expected {
    match rule {
        CheckedConnector::Rule(rule) => match rule.rule().pairs() {
            Pairs::Made(made) => made.expected(ends),
            Pairs::Listed(_) | Pairs::Settled(_) => Expected { synapses: 0, drawing: 0 },
        },
        CheckedConnector::Settled(rule) => rule.0.expected(ends),
        CheckedConnector::List { source, .. } => Expected { synapses: source.len() as u64, drawing: 16 },
    }
}

/// What no two such populations allow.
fn impossible(text: String) -> Diagnostic {
    Diagnostic::new("E062", text)
}

/// Draws the edges of a rule and their values, a column for each value, in that order; all of it is kept.
///
/// Edges are keyed by (seed, projection, row of the rule), drawn values by (seed, projection, number of the value, source,
/// place in the source's row): the row can be drawn again alone.
///
/// **Errors** see [`ConnectorError`]; nothing is allocated before the expected number of edges (exact for every rule but
/// fixed probability, which is counted again once drawn) has been held against `budget`, in bytes.
pub fn build(
    rule: &CheckedConnector,
    ends: Ends,
    values: &[EdgeValue],
    seed: u64,
    projection: u32,
    budget: Option<u64>,
) -> Result<(Connectivity, Vec<EdgeColumn>), ConnectorError> {
    build_as(rule, ends, values, seed, projection, budget, EdgeStorage::Stored)
}

/// The same edges and values, to the bit, kept or not. The first value is the delay, which stands with the edges.
///
/// **Errors** as [`build`]; a rule or values that cannot be procedural.
pub fn build_as(
    rule: &CheckedConnector,
    ends: Ends,
    values: &[EdgeValue],
    seed: u64,
    projection: u32,
    budget: Option<u64>,
    storage: EdgeStorage,
) -> Result<(Connectivity, Vec<EdgeColumn>), ConnectorError> {
    if ends.same_population && ends.sources != ends.targets {
        return Err(ConnectorError::SamePopulation { sources: ends.sources, targets: ends.targets });
    }
    let kept = |(column, value): &(usize, &EdgeValue)| match value {
        EdgeValue::Shared(_) => false,
        EdgeValue::Draw(_) => !storage.draws(*column),
        _ => true,
    };
    let room = Room { ends, columns: values.iter().enumerate().filter(kept).count(), budget };
    let key = Key { seed };
    let tag = Stream::Edges { projection }.tag()?;
    let given = Seeded { ends, room, key, tag };
    let listed = match rule {
        CheckedConnector::Rule(rule) => rule.in_order(),
        CheckedConnector::List { .. } => true,
        CheckedConnector::Settled(rule) => rule.0.in_order(),
    };
    // what draws values needs no edges, but only where their rows start
    let of_law = |column: usize, law: &Draw, starts: &Starts| {
        let tag = Stream::EdgeValue { projection, column: u32::try_from(column).unwrap_or(u32::MAX) }.tag()?;
        let failed = |error| ConnectorError::Draw { column, error };
        match storage.draws(column) {
            true => Ok(EdgeColumn::Drawn(Arc::new(DrawnColumn::new(law, key, tag, starts.clone()).map_err(failed)?))),
            false => drawn::listed(law, key, tag, starts)?.map(EdgeColumn::per_edge).map_err(failed),
        }
    };
    if storage == EdgeStorage::Procedural {
        let (starts, rows) = redrawn(rule, given).ok_or(ConnectorError::NotByRow)??;
        let columns = values.iter().enumerate().map(|(column, value)| match value {
            EdgeValue::Shared(x) => Ok(EdgeColumn::Shared(*x)),
            EdgeValue::List(_) if !listed => Err(ConnectorError::ListWithoutOrder { column }),
            EdgeValue::List(list) => listed_values(starts.count(), None, column, list).map(EdgeColumn::per_edge),
            EdgeValue::Draw(law) => of_law(column, law, &starts),
            EdgeValue::Pair(_) | EdgeValue::Except(..) => Err(ConnectorError::NotByRow),
        });
        let columns = columns.collect::<Result<_, _>>()?;
        return Ok((Connectivity::redrawn(ends.targets, starts, rows), columns));
    }
    let mut rows = rows_of(rule, given)?;
    let starts = Starts::listed(std::mem::take(&mut rows.row_start));
    let plain = |column: usize, value: &EdgeValue| match value {
        EdgeValue::Shared(x) => Ok(EdgeColumn::Shared(*x)),
        EdgeValue::List(_) if !listed => Err(ConnectorError::ListWithoutOrder { column }),
        EdgeValue::List(list) => listed_values(starts.count(), rows.order.as_deref(), column, list).map(EdgeColumn::per_edge),
        EdgeValue::Draw(law) => of_law(column, law, &starts),
        EdgeValue::Pair(law) => of_pairs::column(&starts, &rows.target, law).map(EdgeColumn::per_edge),
        EdgeValue::Except(..) => Err(ConnectorError::Nested { column }),
    };
    let values = values.iter().enumerate().map(|(column, value)| match value {
        EdgeValue::Except(others, own) => except::excepted(&starts, &rows.target, column, plain(column, others)?, own),
        value => plain(column, value),
    });
    let values = values.collect::<Result<_, _>>()?;
    Ok((Connectivity::kept_rows(ends.targets, starts, rows.target), values))
}

/// The pairs of a rule.
fn rows_of(rule: &CheckedConnector, given: Seeded) -> Result<Rows, ConnectorError> {
    match rule {
        CheckedConnector::Rule(rule) => match rule.rule().pairs() {
            Pairs::Made(made) => made.rows(given),
            Pairs::Listed(_) | Pairs::Settled(_) => Err(ConnectorError::NoRule),
        },
        CheckedConnector::Settled(rule) => rule.0.rows(given),
        CheckedConnector::List { source, target } => listed::rows(given, source, target),
    }
}

/// Can each row of a rule be drawn alone? With it: must starts of rows be kept?
pub(crate) fn is_by_row(rule: &CheckedConnector) -> Option<bool> {
    by_row(rule, |rule| !rule.is_even())
}

/// Could the synapses of a connector, with these values, be drawn by recipes?
pub(crate) fn has_recipe<'a>(rule: &CheckedConnector, mut values: impl Iterator<Item = &'a EdgeValue>) -> bool {
    by_row(rule, |rule| rule.has_recipe()) == Some(true) && values.all(recipe::is_plain)
}

/// Starts of rows, and what draws a row; `None`: the rule has no rows that can be drawn alone.
fn redrawn(rule: &CheckedConnector, given: Seeded) -> Option<Result<(Starts, Redrawn), ConnectorError>> {
    by_row(rule, |rule| Ok((rule.starts(given)?, Redrawn::new(rule.law(given)))))
}

fn by_row<R>(rule: &CheckedConnector, ask: impl FnOnce(&dyn ByRow) -> R) -> Option<R> {
    match rule {
        CheckedConnector::Rule(rule) => match rule.rule().pairs() {
            Pairs::Made(made) => made.by_row().map(ask),
            Pairs::Listed(_) | Pairs::Settled(_) => None,
        },
        CheckedConnector::Settled(rule) => rule.0.by_row().map(ask),
        CheckedConnector::List { .. } => None,
    }
}

/// What a rule makes: rows by source, targets ascending.
#[derive(Debug)]
pub(crate) struct Rows {
    row_start: Vec<u64>,
    target: Vec<u32>,
    /// Which edge of the user's list each edge is; as they stand if not given.
    order: Option<Vec<u64>>,
}

/// What every rule is given.
#[derive(Clone, Copy)]
pub(crate) struct Seeded {
    ends: Ends,
    room: Room,
    key: Key,
    tag: u32,
}

/// The room that edges need.
#[derive(Clone, Copy)]
pub(crate) struct Room {
    ends: Ends,
    /// Values with a number per edge.
    columns: usize,
    budget: Option<u64>,
}

impl Room {
    /// Refuses so many edges if they pass the budget; `extra` is what the rule needs per edge while it draws, in bytes.
    fn check(self, edges: u128, extra: u128) -> Result<(), ConnectorError> {
        let per_edge = 4 + (4 * self.columns as u128).max(extra);
        let bytes = edges.saturating_mul(per_edge).saturating_add(8 * (u128::from(self.ends.sources) + 1));
        let budget = self.budget.unwrap_or(u64::MAX >> 1);
        if bytes <= u128::from(budget) {
            return Ok(());
        }
        let clamp = |x: u128| u64::try_from(x).unwrap_or(u64::MAX);
        Err(ConnectorError::TooLarge { edges: clamp(edges), bytes: clamp(bytes), budget })
    }
}

impl Ends {
    /// Whether neuron k may not meet neuron k.
    fn apart(self, autapses: bool) -> bool {
        self.same_population && !autapses
    }

    /// How many targets each source may choose from.
    fn choices(self, autapses: bool) -> u32 {
        self.targets.saturating_sub(u32::from(self.apart(autapses)))
    }
}

/// The `k`-th of the numbers that are not `own`.
fn skip(k: u32, own: Option<u32>) -> u32 {
    k + u32::from(own.is_some_and(|own| k >= own))
}

/// Zeros, or an error where a plain `vec!` would end the process.
fn zeros<T: Clone + Default>(n: u64) -> Result<Vec<T>, ConnectorError> {
    let mut list = Vec::new();
    grow(&mut list, n)?;
    Ok(list)
}

/// An empty list with room for so many.
fn reserved<T>(n: u64) -> Result<Vec<T>, ConnectorError> {
    let refused = ConnectorError::NoMemory { bytes: n.saturating_mul(size_of::<T>() as u64) };
    let mut list = Vec::new();
    match usize::try_from(n).map(|n| list.try_reserve_exact(n)) {
        Ok(Ok(())) => Ok(list),
        _ => Err(refused),
    }
}

/// So many zeros more.
fn grow<T: Clone + Default>(list: &mut Vec<T>, more: u64) -> Result<(), ConnectorError> {
    let all = (list.len() as u64).saturating_add(more);
    let refused = ConnectorError::NoMemory { bytes: all.saturating_mul(size_of::<T>() as u64) };
    match usize::try_from(more).map(|more| list.try_reserve_exact(more)) {
        Ok(Ok(())) => list.resize(all as usize, T::default()),
        _ => return Err(refused),
    }
    Ok(())
}

/// Where each row starts, from the row of every edge. Keys are below `rows`.
fn row_starts(rows: u32, keys: impl Iterator<Item = u32>) -> Result<Vec<u64>, ConnectorError> {
    let mut start = zeros(u64::from(rows) + 1)?;
    keys.for_each(|k| start[k as usize + 1] += 1);
    sum_up(&mut start);
    Ok(start)
}

/// Rows by source of edges (source, target): a counting sort, so that a row has its targets in the order in which they come. `edges`
/// gives them from the first on, each time.
fn by_source<E: Iterator<Item = (u32, u32)>>(sources: u32, edges: impl Fn() -> E) -> Result<Rows, ConnectorError> {
    let row_start = row_starts(sources, edges().map(|(source, _)| source))?;
    let mut next = row_start.clone();
    let mut target = zeros(row_start[sources as usize])?;
    edges().for_each(|(from, to)| {
        let place = &mut next[from as usize];
        target[*place as usize] = to;
        *place += 1;
    });
    Ok(Rows { row_start, target, order: None })
}

/// Numbers of edges per row, from place 1 on, into starts of rows.
fn sum_up(counts: &mut [u64]) {
    let mut sum = 0;
    for count in counts {
        sum += *count;
        *count = sum;
    }
}

/// Edges drawn by one thread at a time.
const CHUNK: usize = 8192;

/// Values that are listed. `order`: which of them each edge has, if not as they stand.
fn listed_values(expected: u64, order: Option<&[u64]>, column: usize, list: &[f64]) -> Result<Vec<f32>, ConnectorError> {
    let found = list.len() as u64;
    if expected != found {
        return Err(ConnectorError::Length { column, expected, found });
    }
    if let Some(x) = list.iter().find(|x| **x != 0.0 && (**x as f32).abs() < f32::MIN_POSITIVE) {
        return Err(ConnectorError::Vanishes { column, value: *x });
    }
    if let Some(x) = list.iter().find(|x| !(**x as f32).is_finite()) {
        return Err(ConnectorError::Draw { column, error: DrawError::NotFinite(*x) });
    }
    let mut out = reserved(expected)?;
    match order {
        None => out.extend(list.iter().map(|x| *x as f32)),
        Some(order) => out.extend(order.iter().map(|k| list[*k as usize] as f32)),
    }
    Ok(out)
}

#[cfg(test)]
mod test;
#[cfg(test)]
mod test_connectivity;
#[cfg(test)]
mod test_grid;
#[cfg(test)]
mod test_law;
#[cfg(test)]
mod test_nets;
#[cfg(test)]
mod test_procedural;
