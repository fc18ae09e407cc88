//! A kernel laid over every target of a population of the same shape. Nothing is drawn.
//!
//! Element (a, b) joins the source at (row + a - anchor row, column + b - anchor column) to the target at (row, column): what
//! machine learning calls a convolution and mathematics a correlation. A kernel of 1 x 1 joins one to one.

use serde::{Deserialize, Serialize};

use super::Connector;
use super::entry::Entry;
use super::grid::{self, Laid};
use super::rule::{Desk, Listed, Listing, Numbers, Pairs, Rule};
use crate::diagnostic::Diagnostic;
use crate::network::Value;
use crate::network::field::Kind;

rule! {
    /// A kernel laid over every target: element (a, b) is the synapse of the target at (row, column) with the source at
    /// (row + a - anchor row, column + b - anchor column), where it is not 0. Its value is used as that of a matrix. Over a
    /// 1-D population it has one row.
    Pattern {
        /// 0: no synapse.
        kernel: Vec<Vec<f64>> = "kernel = [[0.1, 0.2, 0.1]]",
        /// What lies beyond the edge of the source population.
        #[serde(default, skip_serializing_if = "Border::is_drop")]
        edges: Border = "edges = \"wrap\"",
        /// The element (row, column) that meets the target's own place; ((rows - 1) div 2, (columns - 1) div 2) if not given: the
        /// middle, or of an even size the last before it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        anchor: Option<[u64; 2]> = "anchor = [0, 1]",
        /// Of the numbers, as weights.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unit: Option<String> = "unit = \"nS\"",
    }
}

/// What a kernel meets beyond the edge of a population.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Border {
    /// Nothing: these synapses are left out (zero padding).
    #[default]
    #[doc(alias = "zero padding")]
    Drop,
    /// The other side (a torus).
    #[doc(alias = "circular")]
    Wrap,
    /// The neuron at the edge, once more for every element that reaches over it.
    Replicate,
    /// The population mirrored at its edge, the neuron at the edge not repeated.
    Reflect,
}

impl Border {
    pub(super) fn is_drop(&self) -> bool {
        *self == Border::Drop
    }
}

impl Entry for Border {
    const KIND: Kind = Kind::Word(&["drop", "wrap", "replicate", "reflect"]);
}

impl Connector {
    /// A kernel over every target, its middle at the target's own place; nothing beyond the edges.
    pub fn pattern(kernel: impl Into<Vec<Vec<f64>>>) -> Connector {
        Connector::Pattern { kernel: kernel.into(), edges: Border::Drop, anchor: None, unit: None }
    }

    /// What a pattern meets beyond the edge of the population; nothing changes for other connectors.
    #[must_use]
    pub fn border(mut self, border: Border) -> Connector {
        if let Connector::Pattern { edges, .. } = &mut self {
            *edges = border;
        }
        self
    }

    /// The element (row, column) of a pattern that meets the target's own place; nothing changes for other connectors.
    #[must_use]
    pub fn anchor(mut self, row: u64, column: u64) -> Connector {
        if let Connector::Pattern { anchor, .. } = &mut self {
            *anchor = Some([row, column]);
        }
        self
    }
}

impl Rule for Pattern<'_> {
    fn pairs(&self) -> Pairs<'_> {
        Pairs::Listed(self)
    }

    fn numbers(&self) -> Option<Numbers<'_>> {
        Some(Numbers { rows: self.kernel, unit: self.unit.as_deref() })
    }

    fn turned(&self, value: &Value) -> Result<Connector, (&'static str, &'static str)> {
        let own = matches!(value, Value::Distribution(d) if matches!(d.keyword(), "matrix" | "numbers"));
        if matches!(self.edges, Border::Replicate | Border::Reflect) {
            return Err(("E062", "an electrical synapse by a pattern has the edges `drop` or `wrap`"));
        }
        if matches!(value, Value::List(_)) || own {
            return Err(("E035", "the conductance of electrical synapses by a pattern is one value, or the kernel's own"));
        }
        let at = self.anchor_or_middle();
        let last = [self.kernel.len(), self.columns()].map(|size| size.max(1) as u64 - 1);
        let kernel = self.kernel.iter().rev().map(|row| row.iter().rev().copied().collect()).collect();
        let anchor = Some([last[0].saturating_sub(at[0]), last[1].saturating_sub(at[1])]);
        Ok(Connector::Pattern { kernel, edges: *self.edges, anchor, unit: self.unit.clone() })
    }
}

impl Pattern<'_> {
    fn columns(&self) -> usize {
        self.kernel.first().map_or(0, Vec::len)
    }

    fn anchor_or_middle(&self) -> [u64; 2] {
        self.anchor.unwrap_or([middle(self.kernel.len()), middle(self.columns())])
    }
}

impl Listed for Pattern<'_> {
    fn list(&self, desk: &mut dyn Desk) -> Option<Listing> {
        let kernel = self.kernel;
        let wrong = |text: String| Diagnostic::new("E062", text).value_of("kernel");
        let [source, target] = desk.shapes()?;
        if source != target {
            let message = format!("a pattern needs populations of one shape, there are {} and {}", times(&source), times(&target));
            desk.say(wrong(message));
            return None;
        }
        let columns = self.columns();
        let shape = match source[..] {
            [n] => [1, n],
            [rows, columns] => [rows, columns],
            _ => {
                desk.say(wrong(format!("a pattern lies over populations of one or two sizes, this shape is {}", times(&source))));
                return None;
            }
        };
        if columns == 0 || kernel.iter().any(|row| row.len() != columns) {
            let lengths: Vec<String> = kernel.iter().take(8).map(|row| row.len().to_string()).collect();
            let message = format!("the rows of the kernel must be of one length, not 0; they are [{}]", lengths.join(", "));
            desk.say(wrong(message));
            return None;
        }
        if source.len() == 1 && kernel.len() != 1 {
            let d = wrong(format!("a kernel over a population of one size has one row, this one has {}", kernel.len()));
            desk.say(d.help("write `kernel = [[...]]`"));
            return None;
        }
        let anchor = self.anchor_or_middle();
        if anchor[0] >= kernel.len() as u64 || anchor[1] >= columns as u64 {
            let message = format!(
                "the anchor [{}, {}] is no element of a kernel of {} x {columns} (counted from 0)",
                anchor[0],
                anchor[1],
                kernel.len()
            );
            desk.say(wrong(message).value_of("anchor"));
            return None;
        }
        grid::numbers(desk, "the kernel", "kernel", kernel)?;
        let elements = kernel.iter().flatten().filter(|x| **x != 0.0).count() as u64;
        desk.hold(u64::from(desk.ends().targets).saturating_mul(elements).saturating_mul(3))?;
        grid::listing(desk, kernel, lay(kernel, shape, anchor, *self.edges))
    }
}

/// `4 x 5`
fn times(shape: &[u32]) -> String {
    shape.iter().map(u32::to_string).collect::<Vec<_>>().join(" x ")
}

/// The element that meets the target's own place, if the user does not say: the middle; of an even size the last before it.
pub(super) fn middle(size: usize) -> u64 {
    (size.max(1) as u64 - 1) / 2
}

/// The synapses of a kernel whose rows are of one length over populations of `shape` (rows, columns), target by target.
pub(super) fn lay(kernel: &[Vec<f64>], shape: [u32; 2], anchor: [u64; 2], border: Border) -> Laid {
    let columns = kernel.first().map_or(0, Vec::len);
    let elements: Vec<(i64, i64, u32)> = (0..kernel.len() * columns)
        .filter(|k| kernel[k / columns][k % columns] != 0.0)
        .map(|k| ((k / columns) as i64 - anchor[0] as i64, (k % columns) as i64 - anchor[1] as i64, k as u32))
        .collect();
    let mut laid = Laid::default();
    for row in 0..shape[0] {
        for column in 0..shape[1] {
            for (down, right, place) in &elements {
                let at = (inside(i64::from(row) + down, shape[0], border), inside(i64::from(column) + right, shape[1], border));
                let (Some(r), Some(c)) = at else { continue };
                laid.source.push(r * shape[1] + c);
                laid.target.push(row * shape[1] + column);
                laid.place.push(*place);
            }
        }
    }
    laid
}

/// The place that a place at or beyond the edge means.
fn inside(at: i64, size: u32, border: Border) -> Option<u32> {
    let size = i64::from(size);
    let meant = match border {
        _ if (0..size).contains(&at) => at,
        Border::Drop => return None,
        Border::Wrap => at.rem_euclid(size),
        Border::Replicate => at.clamp(0, size - 1),
        Border::Reflect if size == 1 => 0,
        Border::Reflect => {
            let turn = at.rem_euclid(2 * (size - 1));
            turn.min(2 * (size - 1) - turn)
        }
    };
    u32::try_from(meant).ok()
}
