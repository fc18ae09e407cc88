//! Why a schedule cannot be taken.

use super::Schedule;
use crate::plan::Limit;

/// Why a network cannot run by a schedule on an adapter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Obstacle {
    /// A size of workgroups that there is not ([`WORKGROUPS`](super::WORKGROUPS)).
    #[error("a workgroup of {wanted} threads; there are 32, 64, 128, 256, 512 and 1024")]
    WorkgroupSize {
        /// Threads that were asked for.
        wanted: u32,
    },
    /// More threads in a workgroup than the adapter allows.
    #[error("a workgroup of {wanted} threads, and the adapter allows {limit}")]
    Threads {
        /// Threads that were asked for.
        wanted: u32,
        /// Threads that there can be.
        limit: u32,
    },
    /// A loop that a thread could not finish.
    #[error("one step may take {need} turns of a loop in one thread, and the adapter allows {limit}")]
    Turns {
        /// Turns of a step in which everything spikes.
        need: u64,
        /// Turns that a loop may take.
        limit: u64,
    },
    /// Synapses that do not fit one binding.
    #[error("its synapses need {need} bytes, and a kernel sees {limit} at once")]
    Synapses {
        /// Bytes of all synapses.
        need: u64,
        /// Bytes of a binding.
        limit: u64,
    },
    /// More rows than a list of spikes can name.
    #[error("{rows} rows; a list of spikes holds rows below 2^26")]
    Rows {
        /// Rows of all groups.
        rows: u64,
    },
    /// The list that says where a block finds its part of each source's synapses would outgrow the synapses.
    #[error("{places} places of {sources} sources in {blocks} blocks, against {synapses} synapses")]
    Places {
        /// A place per source and block.
        places: u64,
        /// Sources of all routes.
        sources: u64,
        /// Blocks of targets.
        blocks: u64,
        /// Synapses of the network.
        synapses: u64,
    },
    /// More rows than one workgroup goes through.
    #[error("{rows} rows, and one workgroup goes through {limit} at the most")]
    OneWorkgroup {
        /// Rows of all groups.
        rows: u64,
        /// The most.
        limit: u64,
    },
    /// Too little memory of a workgroup.
    #[error("it needs {need} bytes of workgroup memory, and there are {limit}")]
    Shared {
        /// Bytes of spike bits and of the list of spikes.
        need: u32,
        /// Bytes that a workgroup has.
        limit: u32,
    },
}

/// Rows that one workgroup goes through in every step, at the most.
const ROWS_OF_WORKGROUP: u64 = 1 << 13;

impl Obstacle {
    /// **Errors** more rows than one workgroup goes through.
    pub(super) fn one_workgroup(rows: u64) -> Result<(), Obstacle> {
        if rows > ROWS_OF_WORKGROUP { Err(Obstacle::OneWorkgroup { rows, limit: ROWS_OF_WORKGROUP }) } else { Ok(()) }
    }

    /// What is too much of what; `None`: a size that there is not.
    pub fn limit(&self, schedule: Schedule) -> Option<Limit> {
        let (unit, need, limit, remedy) = match *self {
            Obstacle::WorkgroupSize { .. } => return None,
            Obstacle::Threads { wanted, limit } => {
                ("threads of a workgroup", wanted.into(), limit.into(), "a smaller workgroup, or the one that is chosen unasked")
            }
            Obstacle::Turns { need, limit } => ("turns of a loop", need, limit, "fewer synapses of a neuron, or the CPU engine"),
            Obstacle::Synapses { need, limit } => ("bytes", need, limit, "the schedule two-pass, which takes synapses in pages"),
            Obstacle::Rows { rows } => ("rows", rows, 1 << 26, "the schedule two-pass"),
            Obstacle::Places { places, synapses, .. } => {
                ("places of sources", places, 4 * synapses + (1 << 20), "the schedule two-pass")
            }
            Obstacle::OneWorkgroup { rows, limit } => ("rows", rows, limit, "the schedule fused or two-pass"),
            Obstacle::Shared { need, limit } => ("bytes of workgroup memory", need.into(), limit.into(), "the schedule two-pass"),
        };
        Some(Limit { part: format!("schedule {}", schedule.name()), unit, need, limit: Some(limit), remedy })
    }
}

/// No schedule can be taken: the one that was asked for, or none at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .refused.iter().map(|(schedule, why)| format!("schedule {}: {why}", schedule.name())).collect::<Vec<_>>().join("; "))]
pub struct ScheduleError {
    /// What stands in the way of each that was looked at.
    pub refused: Vec<(Schedule, Obstacle)>,
}

impl ScheduleError {
    /// What is too much of what, for the first that passes a limit.
    pub fn limit(&self) -> Option<Limit> {
        self.refused.iter().find_map(|(schedule, why)| why.limit(*schedule))
    }
}
