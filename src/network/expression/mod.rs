//! Expressions in values: `2*10 Hz`, `tau_m/2`, `-65 mV + 15 mV*i/n`, `exp(-d/(200 um))`, `1 ms + d/(0.35 m/s)`.
//!
//! In: a text, and the names that it may use with their dimensions, which whoever asks decides (of a row: `i`, `n`, positions,
//! parameters; of a pair: `i`, `j`, `d`, `pre.x`, ...; of a time: `t`). Out: an [`Expression`] that has a dimension and, given a number for each
//! name, a value in f64; of many rows at once by [`Expression::fill`]. The syntax is that of the equation language, and so is
//! the rule that a name is never read as a unit. Random draws are refused. Not here: which names there are.
//!
//! | code | what is wrong |
//! | --- | --- |
//! | E083 | an expression that cannot be read, or names something that there is not |
//! | E084 | an expression of another dimension, or of two that do not go together |

use std::collections::BTreeSet;

use crate::diagnostic::Diagnostic;
use crate::model::rule::{Node, NodeId};
use crate::model::{check, parse};
use crate::units::Dimension;

mod interval;
#[cfg(test)]
mod tests;

pub(crate) use interval::Interval;

/// Rows that are worked out together: so many numbers of each node stay in cache.
const BLOCK: usize = 256;

/// An expression whose names and units have been checked. In internal units.
#[derive(Clone, Debug)]
pub struct Expression {
    /// Operands before their users, the value itself last. Operands are places in this list, names are places in the list that
    /// was given to [`Expression::read`].
    nodes: Vec<Node>,
    names: Vec<u32>,
    dimension: Dimension,
    truth: bool,
    zero: bool,
}

/// What is wrong with an expression, in words, for the message of whoever knows where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpressionError {
    /// `E083` or `E084`.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do about it, if that is sure.
    pub help: Option<String>,
}

/// The numbers of one name.
#[derive(Clone, Copy, Debug)]
pub enum Values<'v> {
    /// One for all rows.
    One(f64),
    /// One for each row.
    Rows(&'v [f64]),
}

/// Room for numbers in between, kept by whoever evaluates often.
#[derive(Clone, Debug, Default)]
pub struct Scratch(Vec<f64>);

impl Expression {
    /// Reads an expression that may use these names: a number of any dimension, or a condition.
    ///
    /// ```
    /// use synfire::network::expression::{Expression, Scratch, Values};
    /// use synfire::units::Dimension;
    /// let names = [("i", Dimension::NONE), ("tau", Dimension::TIME)];
    /// let delay = Expression::read("1 ms + tau*i/2", &names).unwrap();
    /// assert_eq!(delay.dimension(), Dimension::TIME);
    /// let mut out = [0.0; 3];
    /// delay.fill(&[Values::Rows(&[0.0, 1.0, 2.0]), Values::One(4.0)], &mut out, &mut Scratch::default());
    /// assert_eq!(out, [1.0, 3.0, 5.0]);
    /// ```
    ///
    /// **Errors** a text that is no expression, an unknown name or function, units that do not go together.
    pub fn read(text: &str, names: &[(&str, Dimension)]) -> Result<Expression, ExpressionError> {
        let wrong = |problems: Vec<Diagnostic>| problem(text, problems);
        let known: BTreeSet<&str> = names.iter().map(|(name, _)| *name).collect();
        let tree = parse::expression(text, &known).map_err(wrong)?;
        let checked = check::expression(&tree, names).map_err(wrong)?;
        Ok(lowered(&checked))
    }

    /// The same, for a number of this dimension. A plain `0` goes with every dimension.
    ///
    /// **Errors** as [`Expression::read`], and another dimension, or a condition.
    pub fn number(text: &str, names: &[(&str, Dimension)], dimension: Dimension) -> Result<Expression, ExpressionError> {
        let read = Expression::read(text, names)?;
        let wrong = |message: String| ExpressionError { code: "E084", message, help: None };
        if read.truth {
            let help = Some("`int(condition)` is 1 or 0; `a if condition else b` chooses".into());
            return Err(ExpressionError {
                help,
                ..wrong(format!("in `{}`: a number belongs here, and this is a condition", short(text)))
            });
        }
        if read.zero || read.dimension.fits(dimension) {
            return Ok(Expression { dimension, ..read });
        }
        let unit = |d: Dimension| d.unit_told().replace("10um", "um");
        let message = format!("`{}`: expected {}, found {}", short(text), unit(dimension), unit(read.dimension));
        Err(wrong(message))
    }

    /// The same, for a condition, which is worth 1 or 0.
    ///
    /// **Errors** as [`Expression::read`], and a number.
    pub fn condition(text: &str, names: &[(&str, Dimension)]) -> Result<Expression, ExpressionError> {
        let read = Expression::read(text, names)?;
        if read.truth {
            return Ok(read);
        }
        let message = format!("in `{}`: a condition belongs here, and this is a number", short(text));
        Err(ExpressionError { code: "E084", message, help: Some("compare it with something: `i < 10`".into()) })
    }

    /// Of its value; in internal units it is counted.
    pub fn dimension(&self) -> Dimension {
        self.dimension
    }

    /// Is it a condition?
    pub fn is_condition(&self) -> bool {
        self.truth
    }

    /// The places of the names that its value depends on, ascending.
    pub fn uses(&self) -> &[u32] {
        &self.names
    }

    /// Its value where it depends on no name.
    pub fn constant(&self) -> Option<f64> {
        self.names.is_empty().then(|| self.evaluate(&[]))
    }

    /// Its value; `values[k]` is that of the k-th name. A name without a number is NaN.
    pub fn evaluate(&self, values: &[f64]) -> f64 {
        let mut found: Vec<f64> = Vec::with_capacity(self.nodes.len());
        for node in &self.nodes {
            let at = |id: NodeId| found[id.0 as usize];
            let value = match *node {
                Node::Constant(bits) => f64::from_bits(bits),
                Node::Param(k) => values.get(k as usize).copied().unwrap_or(f64::NAN),
                Node::Unary(operator, x) => operator.apply(at(x)),
                Node::Binary(operator, a, b) => operator.apply(at(a), at(b)),
                Node::Select { condition, then, otherwise } => at(if at(condition) != 0.0 { then } else { otherwise }),
                _ => f64::NAN,
            };
            found.push(value);
        }
        found.last().copied().unwrap_or(f64::NAN)
    }

    /// Its value for every row: `out[r]` from `values[k]` of each name, whose rows are as many as `out`. The same to the bit as
    /// [`Expression::evaluate`] of each row.
    pub fn fill(&self, values: &[Values<'_>], out: &mut [f64], scratch: &mut Scratch) {
        let room = &mut scratch.0;
        room.resize(self.nodes.len() * BLOCK, 0.0);
        for (block, out) in out.chunks_mut(BLOCK).enumerate() {
            let (first, count) = (block * BLOCK, out.len());
            for (place, node) in self.nodes.iter().enumerate() {
                let (before, rest) = room.split_at_mut(place * BLOCK);
                let to = &mut rest[..count];
                let at = |id: NodeId| &before[id.0 as usize * BLOCK..][..count];
                match *node {
                    Node::Constant(bits) => to.fill(f64::from_bits(bits)),
                    Node::Param(k) => match values.get(k as usize) {
                        Some(Values::One(x)) => to.fill(*x),
                        Some(Values::Rows(list)) => match list.get(first..first + count) {
                            Some(list) => to.copy_from_slice(list),
                            None => to.fill(f64::NAN),
                        },
                        None => to.fill(f64::NAN),
                    },
                    Node::Unary(operator, x) => to.iter_mut().zip(at(x)).for_each(|(to, x)| *to = operator.apply(*x)),
                    Node::Binary(operator, a, b) => {
                        let both = at(a).iter().zip(at(b));
                        to.iter_mut().zip(both).for_each(|(to, (a, b))| *to = operator.apply(*a, *b));
                    }
                    Node::Select { condition, then, otherwise } => {
                        let branches = at(then).iter().zip(at(otherwise));
                        let all = at(condition).iter().zip(branches);
                        to.iter_mut().zip(all).for_each(|(to, (c, (a, b)))| *to = if *c != 0.0 { *a } else { *b });
                    }
                    _ => to.fill(f64::NAN),
                }
            }
            let last = self.nodes.len().saturating_sub(1) * BLOCK;
            out.copy_from_slice(&room[last..][..count]);
        }
    }
}

impl ExpressionError {
    /// As a diagnostic; `before` is what its message begins with, such as the part and key that are meant.
    pub fn diagnostic(self, before: &str) -> Diagnostic {
        let d = Diagnostic::new(self.code, format!("{before}{}", self.message));
        match self.help {
            Some(help) => d.help(help),
            None => d,
        }
    }
}

/// Only the nodes that the value needs, in order.
fn lowered(checked: &check::Formula) -> Expression {
    let needed = checked.graph.below(checked.root, |_| false);
    // operands stand before their users, so every operand has its place
    let place = |id| NodeId(needed.partition_point(|known| *known < id) as u32);
    let nodes: Vec<Node> = needed
        .iter()
        .map(|id| match checked.graph.node(*id) {
            Node::Unary(operator, x) => Node::Unary(operator, place(x)),
            Node::Binary(operator, a, b) => Node::Binary(operator, place(a), place(b)),
            Node::Select { condition, then, otherwise } => {
                Node::Select { condition: place(condition), then: place(then), otherwise: place(otherwise) }
            }
            leaf => leaf,
        })
        .collect();
    let mut names: Vec<u32> = nodes.iter().filter_map(|node| if let Node::Param(k) = node { Some(*k) } else { None }).collect();
    names.sort_unstable();
    Expression { nodes, names, dimension: checked.dimension, truth: checked.truth, zero: checked.zero }
}

/// The first problem, with the part of the text that it is about.
fn problem(text: &str, problems: Vec<Diagnostic>) -> ExpressionError {
    let Some(first) = problems.into_iter().next() else {
        return ExpressionError { code: "E083", message: format!("`{}` is no expression", short(text)), help: None };
    };
    let code = if first.code == "E103" { "E084" } else { "E083" };
    let part = first.span.and_then(|s| text.get(s.start as usize..s.end as usize)).map(str::trim).filter(|part| !part.is_empty());
    let named = part.is_some_and(|part| part == text.trim() || first.message.contains(&format!("`{part}`")));
    let place = match part {
        Some(part) if !named => format!(", at `{}`", short(part)),
        _ => String::new(),
    };
    let message = format!("in `{}`: {}{place}", short(text), first.message.replace("the end of the line", "the end"));
    ExpressionError { code, message: message.replace("10um", "um"), help: first.help.map(|help| help.replace("10um", "um")) }
}

/// As in messages: long texts are cut.
fn short(text: &str) -> String {
    let text = text.trim();
    let cut: String = text.chars().filter(|c| !c.is_control()).take(80).collect();
    if cut.len() < text.len() { format!("{cut}…") } else { cut }
}
