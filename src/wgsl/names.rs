//! The names that stand in a generated kernel: a letter or a word of ours, and an ordinal. Nothing that a user wrote.

/// A state column, as a variable of the row.
pub fn state(k: usize) -> String {
    format!("s{k}")
}

/// A state column at the spike test, before any reset.
pub fn tested(k: usize) -> String {
    format!("tested{k}")
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

/// A number or truth value worked out in a step.
pub fn temporary(k: usize) -> String {
    format!("n{k}")
}

/// What a graded synapse reads of its edge or of an end.
pub fn edge_value(k: usize) -> String {
    format!("e{k}")
}

/// What the host works out for a step.
pub fn clock(k: u32) -> String {
    format!("c{k}")
}

/// A uniform draw of the row.
pub fn uniform(k: u32) -> String {
    format!("x{k}")
}

/// A normal draw of the row.
pub fn normal(k: u32) -> String {
    format!("z{k}")
}

/// The words of a block of random numbers of the row.
pub fn random(k: u32) -> String {
    format!("r{k}")
}

/// Of whom a row draws: the key, the stream, the row, the step.
pub const DRAWN: &str = "key, tables[segment + 1u], neuron, count";
/// Time at the start of the step, ms.
pub const TIME: &str = "time";
/// The number of the step, in parts of 2^24.
pub const STEP_HIGH: &str = "step_high";
/// The number of the step, what is over.
pub const STEP_LOW: &str = "step_low";
/// Whether the list of spike times names the row.
pub const LISTED: &str = "listed";
/// Two-pass: the rows.
pub const UPDATE: &str = "update";
/// The entry point, and the kernel, that delivers synapses which it draws again.
pub const REDRAW: &str = "redraw";
/// Two-pass: the synapses.
pub const DELIVER: &str = "deliver";
/// Two-pass: synapses that events change.
pub const LEARN: &str = "learn";
/// Sums that all targets share.
pub const TOTAL: &str = "total";
/// Spikes, then rows.
pub const FUSED: &str = "fused";
/// A whole network, many steps.
pub const RESIDENT: &str = "resident";

/// The name of a kernel that delivers a page.
pub fn deliver(page: usize) -> String {
    if page == 0 { DELIVER.to_owned() } else { format!("{DELIVER}_{page}") }
}

/// The function that advances the rows of a group.
pub fn advance(group: usize) -> String {
    format!("advance_{group}")
}

/// The function that sums and steps the gathered synapses of a target.
pub fn bundle(number: usize) -> String {
    format!("bundle_{number}")
}

/// The function that steps a source of gathered synapses whose targets share a sum.
pub fn sources(bundle: usize) -> String {
    format!("sources_{bundle}")
}

/// The function that sums a block of them.
pub fn sums(bundle: usize) -> String {
    format!("sums_{bundle}")
}

/// What flows through those of a target.
pub fn flow(bundle: usize) -> String {
    format!("q{bundle}")
}

/// What gathered synapses add to an input.
pub fn gathered(input: u32) -> String {
    format!("g{input}")
}

// constants that a layout prints, of one group each

pub fn rows(group: usize) -> String {
    format!("ROWS_{group}")
}

pub fn span(group: usize) -> String {
    format!("SPAN_{group}")
}

/// Its first row in the space of all groups.
pub fn base(group: usize) -> String {
    format!("BASE_{group}")
}

/// Where a state column stands.
pub fn state_place(group: usize, k: usize) -> String {
    format!("STATE_{group}_{k}")
}

/// Where graded synapses read a state column.
pub fn export_place(group: usize, k: usize) -> String {
    format!("EXPORT_{group}_{k}")
}

/// Where a parameter stands.
pub fn param_place(group: usize, k: u32) -> String {
    format!("PARAM_{group}_{k}")
}

/// Where a derived number stands.
pub fn derived_place(group: usize, k: u32) -> String {
    format!("DERIVED_{group}_{k}")
}

/// The first row of a port's channel in a slot of the ring.
pub fn channel(group: usize, k: u32) -> String {
    format!("CHANNEL_{group}_{k}")
}

/// Where the unit of a port stands.
pub fn unit_place(group: usize, k: u32) -> String {
    format!("UNIT_{group}_{k}")
}

/// Where the listed spikes of a group stand in a record.
pub fn listed_place(group: usize) -> String {
    format!("LISTED_{group}")
}
