//! Which number of a row was not finite, as a kernel tells it: beside the row, so that one atomic minimum keeps the first.

/// A state of a synapse that ends in the row.
pub const SYNAPSES: u32 = 0;

/// A comparison of the row with NaN.
pub const COMPARISON: u32 = 1;

/// Places of a state: at the spike test infinity, minus infinity or NaN, since that value is kept nowhere; after the step.
const OF_STATE: u32 = 4;

/// What a place means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Told {
    /// It had no room to tell.
    Nothing,
    Synapses,
    Comparison,
    /// The value of a state at the spike test.
    Tested {
        column: usize,
        value: f64,
    },
    /// A state after the step.
    After {
        column: usize,
    },
}

/// The first of the places of a state at the spike test.
pub fn tested(column: usize) -> u32 {
    2 + OF_STATE * column as u32
}

/// The place of a state after the step.
pub fn after(column: usize) -> u32 {
    tested(column) + OF_STATE - 1
}

/// Places of a row with so many states.
pub fn count(columns: usize) -> u32 {
    tested(columns)
}

/// What a kernel told, of so many places.
pub fn told(place: u32, places: u32) -> Told {
    if places == 1 {
        return Told::Nothing;
    }
    let Some(place) = place.checked_sub(tested(0)) else {
        return if place == COMPARISON { Told::Comparison } else { Told::Synapses };
    };
    let column = (place / OF_STATE) as usize;
    match place % OF_STATE {
        0 => Told::Tested { column, value: f64::INFINITY },
        1 => Told::Tested { column, value: f64::NEG_INFINITY },
        2 => Told::Tested { column, value: f64::NAN },
        _ => Told::After { column },
    }
}
