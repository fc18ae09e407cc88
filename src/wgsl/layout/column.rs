//! Where a column of numbers stands in `params`: one for all, a number per row, an own one in every instance.

use super::{WgslError, take};

/// A column of `params`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ColumnPlace {
    pub first: u32,
    /// A word per row, else one for all.
    pub per_row: bool,
    /// Another column in every instance.
    pub per_instance: bool,
}

impl ColumnPlace {
    /// Takes room for a column of so many rows.
    pub fn new(per_row: bool, per_instance: bool, rows: u32, instances: u32, params: &mut u64) -> Result<ColumnPlace, WgslError> {
        let copies = if per_instance { u64::from(instances) } else { 1 };
        let words = if per_row { u64::from(rows) } else { 1 };
        Ok(ColumnPlace { first: take(params, words * copies, "params")?, per_row, per_instance })
    }

    /// First word of an instance's column.
    pub fn of_instance(&self, instance: u32, rows: u32) -> u32 {
        let stride = if self.per_row { rows } else { 1 };
        self.first + if self.per_instance { instance * stride } else { 0 }
    }

    /// What is added to the first word for a row (or place) and instance, in the text of a kernel.
    pub fn offset(&self, rows: u32, row: &str) -> String {
        match (self.per_row, self.per_instance) {
            (false, false) => String::new(),
            (true, false) => format!(" + {row}"),
            (false, true) => " + instance".to_owned(),
            (true, true) => format!(" + instance * {rows}u + {row}"),
        }
    }
}
