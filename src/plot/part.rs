//! What every panel over a time axis tells of itself.

use super::PlotError;
use super::frame::{Key, Pen};
use super::layout::{Axis, Panel};

/// A panel over time.
pub trait Part {
    /// Pixels, with its names beside it or not, in a picture so wide.
    fn height(&self, beside: bool, width: u32) -> i32;
    /// The numbers at its left.
    fn labels(&self) -> Vec<String>;
    /// Who has which colour.
    fn key(&self) -> Vec<Key>;
    /// What always stands above it.
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }
    /// The widest text that always stands at its right.
    fn aside(&self) -> Option<String> {
        None
    }
    /// What is drawn, beneath axes and letters, cut at its edges.
    fn paths(&self, layer: &mut String, panel: &Panel, span: Axis);
    /// What is drawn beside it.
    fn outside(&self, _layers: &mut String, _panel: &Panel, _beside: bool) {}
    /// Axes and letters, its names among them if they stand beside it.
    fn axes(&self, pen: &Pen, panel: &Panel, span: Axis, beside: bool) -> Result<(), PlotError>;
    /// Has it a time axis?
    fn is_timed(&self) -> bool {
        true
    }
}
