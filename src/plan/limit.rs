//! What an error knows of a limit that was passed: the same from a plan, a kernel, a device and a run.

/// A limit that something passes: which part, how much it needs, how much there is, what would fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Which part: a projection, a buffer, a schedule, the network.
    pub part: String,
    /// What is counted, such as `bytes` or `turns of a loop`.
    pub unit: &'static str,
    /// How many of them the part needs.
    pub need: u64,
    /// How many there are; `None`: what the machine gives, which shows when it refuses.
    pub limit: Option<u64>,
    /// What would fit.
    pub remedy: &'static str,
}
