//! Neighbours on the shape of a population: four, eight, or all within a reach. Nothing is drawn.

use super::grid::Laid;
use super::pattern;
use super::rule::{Desk, Listed, Listing, Pairs, Rule};
use super::{Border, Connector};
use crate::diagnostic::Diagnostic;
use crate::network::Value;

rule! {
    /// The neuron at (row, column) of a shape with those that are at most `reach` rows and columns away; populations of one shape.
    /// Over a population of one size: those at most `reach` numbers away.
    Neighbours {
        /// 1 if not given.
        #[serde(default = "one")]
        reach: u64 = "reach = 2",
        /// Those that differ in row and column too; yes if not given. If not, rows and columns away together are at most `reach`: four
        /// neighbours where it is 1.
        #[serde(default = "yes")]
        corners: bool = "corners = false",
        /// The neuron at its own place; no if not given.
        #[serde(default)]
        itself: bool = "itself = true",
        /// Beyond an edge lies the other side; no if not given.
        #[serde(default)]
        periodic: bool = "periodic = true",
    }
}

impl Connector {
    /// The four nearest on the shape of the population.
    #[doc(alias = "grid_four", alias = "von Neumann neighbourhood")]
    pub fn four_neighbours() -> Connector {
        Connector::Neighbours { reach: 1, corners: false, itself: false, periodic: false }
    }

    /// The eight nearest on the shape of the population.
    #[doc(alias = "grid_eight", alias = "Moore neighbourhood")]
    pub fn eight_neighbours() -> Connector {
        Connector::neighbours(1)
    }

    /// All within so many rows and columns: `(2·reach + 1)² - 1` where no edge is near.
    #[doc(alias = "grid_N")]
    pub fn neighbours(reach: u64) -> Connector {
        Connector::Neighbours { reach, corners: true, itself: false, periodic: false }
    }
}

impl Rule for Neighbours<'_> {
    fn pairs(&self) -> Pairs<'_> {
        Pairs::Listed(self)
    }

    fn turned(&self, _value: &Value) -> Result<Connector, (&'static str, &'static str)> {
        let (reach, corners, itself, periodic) = (*self.reach, *self.corners, *self.itself, *self.periodic);
        Ok(Connector::Neighbours { reach, corners, itself, periodic })
    }

    fn symmetric(&self) -> bool {
        true
    }
}

impl Listed for Neighbours<'_> {
    fn list(&self, desk: &mut dyn Desk) -> Option<Listing> {
        let reach = *self.reach;
        let [source, target] = desk.shapes()?;
        let wrong = |text: String, key: &str| Diagnostic::new("E062", text).value_of(key);
        if source != target || source.len() > 2 {
            let message = format!("neighbours are those on one shape of one or two sizes, there are {source:?} and {target:?}");
            desk.say(wrong(message, "rule").help("give both populations `shape = [rows, columns]`"));
            return None;
        }
        let shape = if let [rows, columns] = source[..] { [rows, columns] } else { [1, source[0]] };
        let smallest = u64::from(if source.len() == 1 { shape[1] } else { shape[0].min(shape[1]) });
        if reach == 0 || reach >= smallest || *self.periodic && 2 * reach + 1 > smallest {
            let most = if *self.periodic { (smallest - 1) / 2 } else { smallest - 1 };
            let message = format!("a reach of {reach} over a side of {smallest}: it is from 1 to {most}");
            desk.say(wrong(message, "reach"));
            return None;
        }
        let high = if source.len() == 1 { 0 } else { reach };
        let near = |down: u64, right: u64| {
            let (down, right) = (down.abs_diff(high), right.abs_diff(reach));
            let inside = *self.corners || down + right <= reach;
            inside && (*self.itself || down + right > 0)
        };
        let kernel: Vec<Vec<f64>> =
            (0..=2 * high).map(|down| (0..=2 * reach).map(|right| f64::from(u8::from(near(down, right)))).collect()).collect();
        let elements = kernel.iter().flatten().filter(|x| **x != 0.0).count() as u64;
        desk.hold(u64::from(desk.ends().targets).saturating_mul(elements).saturating_mul(2))?;
        let border = if *self.periodic { Border::Wrap } else { Border::Drop };
        let Laid { source, target, .. } = pattern::lay(&kernel, shape, [high, reach], border);
        Some(Listing { source, target, ..Listing::default() })
    }
}
