//! Edges that are drawn again, as numbers by which an engine can draw them where it keeps them.

use super::super::recipe::{RowRecipe, TargetRecipe, ValueRecipe};
use super::super::{DrawnColumn, EdgeColumn};
use super::{Connectivity, Delay, Words};

impl Connectivity {
    /// How its targets are drawn.
    pub(crate) fn recipe(&self) -> Option<RowRecipe> {
        match &self.words {
            Words::Redrawn(rows) => rows.recipe(),
            Words::AllToAll => Some(RowRecipe::of(TargetRecipe::Everybody)),
            Words::Stored(_) | Words::Short(_) => None,
        }
    }

    /// How its delays are drawn, where each edge has its own.
    pub(crate) fn delay_recipe(&self) -> Option<ValueRecipe> {
        match &self.delay {
            Delay::Redrawn { column, .. } => self.recipe_of(column),
            Delay::Shared(_) | Delay::InWord { .. } | Delay::PerEdge { .. } => None,
        }
    }

    /// How values of these edges are drawn, where each has its own.
    pub(crate) fn value_recipe(&self, column: &EdgeColumn) -> Option<ValueRecipe> {
        match column {
            EdgeColumn::Drawn(column) => self.recipe_of(column),
            EdgeColumn::Shared(_) | EdgeColumn::PerEdge(_) => None,
        }
    }

    fn recipe_of(&self, column: &DrawnColumn) -> Option<ValueRecipe> {
        // values are counted by the sources of the rule
        let (law, key, tag) = column.drawn_by(&self.starts, self.recipe()?.first_source)?;
        ValueRecipe::new(law, key, tag)
    }
}
