//! The names that stand in a generated kernel: a letter or a word of ours, and an ordinal. Nothing that a user wrote.

/// A state column, as a variable of the row.
pub fn state(k: usize) -> String {
    format!("s{k}")
}

/// A parameter of the row.
pub fn param(k: u32) -> String {
    format!("p{k}")
}

/// A derived number of the row.
pub fn derived(k: u32) -> String {
    format!("d{k}")
}

/// What arrived at a port for this step.
pub fn arrived(k: u32) -> String {
    format!("a{k}")
}

/// A continuous input, held over the step.
pub fn held(k: u32) -> String {
    format!("h{k}")
}

/// The unit of a port: what one whole number in the ring stands for.
pub fn unit(k: u32) -> String {
    format!("u{k}")
}

/// The factor of a row in a drive.
pub fn factor(k: usize) -> String {
    format!("f{k}")
}

/// A number or truth value worked out in a step.
pub fn temporary(k: usize) -> String {
    format!("n{k}")
}

/// The name of a group's kernel, in pipelines, labels and errors.
pub fn update(group: usize) -> String {
    format!("update_{group}")
}

/// Time at the start of the step, ms.
pub const TIME: &str = "time";
/// Whether the list of spike times names the row.
pub const LISTED: &str = "listed";
/// Delivery.
pub const DELIVER: &str = "deliver";

// constants that a layout prints into the module of one group

/// Where a state column stands.
pub fn state_place(k: usize) -> String {
    format!("STATE_{k}")
}

/// Where a parameter stands.
pub fn param_place(k: u32) -> String {
    format!("PARAM_{k}")
}

/// Where a derived number stands.
pub fn derived_place(k: u32) -> String {
    format!("DERIVED_{k}")
}

/// The first row of a port's channel in a slot of the ring.
pub fn channel(k: u32) -> String {
    format!("CHANNEL_{k}")
}

/// Where the unit of a port stands.
pub fn unit_place(k: u32) -> String {
    format!("UNIT_{k}")
}

/// Where the factors of a drive stand.
pub fn factor_place(k: usize) -> String {
    format!("FACTOR_{k}")
}

/// Where the level of a drive stands in the record of a step.
pub fn level_place(k: usize) -> String {
    format!("LEVEL_{k}")
}
