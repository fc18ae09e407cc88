//! How a plan can run on a GPU: three schedules, what each needs, what each is expected to cost.
//!
//! In: [`Plan`], what the adapter allows ([`Machine`]), what the user wants ([`Settings`]). Out: a [`Shape`] per schedule or
//! the reason why there is none, and an expected time ([`assess`]). Pure. Not here: offsets (`wgsl::layout`), kernels.
//!
//! | schedule | one dispatch advances | for |
//! | --- | --- | --- |
//! | resident | many steps of a whole network in one workgroup, instances side by side | small networks, sweeps |
//! | fused | one window: a workgroup takes the spikes that reach its rows, then advances them | medium networks |
//! | two-pass | one window of updates, then one of deliveries | large or very uneven networks |

use super::{Background, EdgeColumn, Group, Plan, Route, Tap, Total};
use crate::model::rule::Node;

mod cost;
mod obstacle;
mod passes;
mod turns;

pub use cost::{Costs, row_instructions};
pub use obstacle::{Obstacle, ScheduleError};
use turns::{blocks_of, listing};
pub use turns::{common_lanes, lanes};

/// The order of work on a GPU. The spikes do not depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Schedule {
    /// A network (or instance) per workgroup, many steps per dispatch.
    Resident,
    /// Owner computes: one dispatch per window.
    Fused,
    /// Deliver, then update: two dispatches per window.
    TwoPass,
}

impl Schedule {
    /// Every schedule.
    pub const ALL: [Schedule; 3] = [Schedule::Resident, Schedule::Fused, Schedule::TwoPass];

    /// As people write it.
    pub fn name(self) -> &'static str {
        match self {
            Schedule::Resident => "resident",
            Schedule::Fused => "fused",
            Schedule::TwoPass => "two-pass",
        }
    }
}

/// What an adapter allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Machine {
    /// Runs on the processor: loops of one invocation are cut at 65,535 turns, in silence.
    pub software: bool,
    /// Threads of a workgroup.
    pub threads: u32,
    /// Bytes of workgroup memory.
    pub shared_bytes: u32,
    /// Bytes that a kernel sees of one buffer.
    pub binding_bytes: u64,
    /// Pages of synapses that a kernel can see at once, each a buffer of its own.
    pub pages: u32,
    /// The step can be told by immediates (push constants), else by a uniform block.
    pub immediates: bool,
}

impl Machine {
    /// What every browser allows.
    pub const WEB: Machine =
        Machine { software: false, threads: 256, shared_bytes: 16 << 10, binding_bytes: 128 << 20, pages: 1, immediates: false };

    /// Loop turns that one invocation may take.
    pub fn turns(&self) -> u64 {
        // llvmpipe cuts at 65,535 and says nothing; a real GPU is bounded by time alone, and by numbers of 32 bits
        if self.software { 32_768 } else { 1 << 30 }
    }
}

/// What a user wants to be otherwise. The results do not depend on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Settings {
    /// This schedule or none; `None`: the one expected to be the fastest.
    pub schedule: Option<Schedule>,
    /// Threads of a workgroup: one of [`WORKGROUPS`].
    pub workgroup: Option<u32>,
    /// Most steps between two read-backs.
    pub batch: Option<u32>,
    /// Synapses are drawn on the device as far as it can; `None`: on a hardware GPU, a software adapter takes longer than the host.
    pub draw_on_device: Option<bool>,
}

setters! {
    Settings {
        schedule: impl Into<Option<Schedule>>,
        workgroup: impl Into<Option<u32>>,
        batch: impl Into<Option<u32>>,
        draw_on_device: impl Into<Option<bool>>,
    }
}

impl Settings {
    /// Are synapses drawn on a device as far as it can, which is a software adapter or not?
    pub(crate) fn draws(&self, software: bool) -> bool {
        self.draw_on_device.unwrap_or(!software)
    }
}

/// This schedule, all else as it is chosen.
impl From<Schedule> for Settings {
    fn from(schedule: Schedule) -> Settings {
        Settings::default().schedule(schedule)
    }
}

/// Workgroup sizes that there are.
pub const WORKGROUPS: [u32; 6] = [32, 64, 128, 256, 512, 1024];
/// Spikes that a workgroup lists at once: more take another turn. A list of all bits of its threads' words would keep workgroups
/// from a processor, and there are hardly ever that many.
pub const LIST: u32 = 512;
/// Bytes of the list: spikes, and the routes that they take.
const LIST_BYTES: u32 = LIST * 8;
/// Steps in a dispatch at most.
const STEPS: u32 = 1024;
/// Bytes of sums of a block in workgroup memory: with more of them fewer blocks share a processor than sums in memory would cost.
const SUM_BYTES: u32 = 8 << 10;

/// Rows of a group that a thread of the resident schedule has, at most, where it keeps their state: each has lines of its own.
const ROUNDS: u32 = 4;
/// Numbers that a thread keeps at most.
const KEPT: u32 = 40;

/// How a schedule is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// The schedule.
    pub schedule: Schedule,
    /// Threads of a workgroup.
    pub workgroup: u32,
    /// Steps that a dispatch may advance.
    pub window: u32,
    /// Resident: threads keep the state of their rows over the steps of a dispatch, since these are few numbers; else it stands in
    /// memory, for no compiler finds registers for many (benches/results/kernels.md).
    pub kept: bool,
    /// Resident: the delay ring stands in workgroup memory.
    pub ring_shared: bool,
    /// Fused: slots of the sums in workgroup memory; 0: sums go to the ring at once.
    pub sum_slots: u32,
    /// Fused: ports of the group that has most.
    pub ports: u32,
    /// The smallest delay of all routes, steps.
    pub least_delay: u32,
    /// Loop turns of one invocation in a dispatch, at most.
    pub turns: u64,
    /// Two-pass: synapses that are kept nowhere are drawn again for each spike, as far as the device can; else it keeps them too.
    pub again: bool,
}

/// A schedule that may be taken, or not.
#[derive(Clone, Debug, PartialEq)]
pub struct Assessment {
    /// The schedule.
    pub schedule: Schedule,
    /// The shape, or why there is none.
    pub shape: Result<Shape, Obstacle>,
    /// Dispatches that a window takes.
    pub dispatches_per_window: u32,
    /// Read-write buffers that two dispatches one after the other share: a barrier each.
    pub barriers_per_window: u32,
    /// Bytes that a step moves in all instances if nothing spikes.
    pub bytes_per_step: u64,
    /// On a large GPU, microseconds; a guess that orders the schedules, not a promise.
    pub expected: f64,
}

/// Every schedule, in the order of [`Schedule::ALL`].
pub fn assess(plan: &Plan, machine: &Machine, settings: &Settings) -> Vec<Assessment> {
    Schedule::ALL.iter().map(|s| Weigh { plan, machine, settings, sizes: Sizes::of(plan) }.assessment(*s)).collect()
}

/// The shape of the schedule that was asked for, or of the one expected to be the fastest.
///
/// **Errors** why the schedule that was asked for, or none at all, can be taken.
pub fn choose(plan: &Plan, machine: &Machine, settings: &Settings) -> Result<Shape, ScheduleError> {
    let mut list = assess(plan, machine, settings);
    // what is kept nowhere is drawn again by the one schedule that does it
    let again = list.iter().any(|a| a.shape.as_ref().is_ok_and(|shape| shape.again)).then_some(Schedule::TwoPass);
    list.retain(|a| settings.schedule.or(again).is_none_or(|wanted| a.schedule == wanted));
    let possible = list.iter().filter_map(|a| Some((a.expected, a.shape.ok()?)));
    let best = possible.min_by(|(a, _), (b, _)| a.total_cmp(b));
    let refused = || list.iter().filter_map(|a| Some((a.schedule, a.shape.err()?))).collect();
    best.map(|(_, shape)| shape).ok_or_else(|| ScheduleError { refused: refused() })
}

/// What the costs follow from.
#[derive(Clone, Debug, Default)]
struct Sizes {
    rows: u64,
    edges: u64,
    /// Bytes of states, both ways.
    state_bytes: u64,
    /// Channels of the ring times rows.
    channel_rows: u64,
    ports: u32,
    least_delay: u32,
    largest_delay: u32,
    /// Turns of a row in a step: its own, draws, graded synapses.
    row_turns: u64,
    gathered_edges: u64,
    /// Sources of sums that all targets share, by projection.
    totals: Vec<u64>,
}

impl Sizes {
    fn of(plan: &Plan) -> Sizes {
        let mut sizes = Sizes { rows: u64::from(plan.rows), edges: plan.edges(), least_delay: u32::MAX, ..Sizes::default() };
        let bundles = plan.bundles();
        for (number, group) in plan.groups.iter().enumerate() {
            sizes.state_bytes += u64::from(group.rows) * group.rule.states.len() as u64 * 8;
            let used = group.ports.iter().filter(|p| p.used).count() as u32;
            sizes.channel_rows += u64::from(group.rows.next_multiple_of(64)) * u64::from(used);
            sizes.ports = sizes.ports.max(used);
            let gathered = bundles.iter().filter(|b| plan.place(b.first(plan).target).group == number);
            let gathered: u64 = gathered.map(|b| 1 + b.turns(plan)).sum();
            let backgrounds = plan.backgrounds.iter().filter(|b| b.group == number).count() as u64;
            // where the rate changes each event that was drawn is looked at
            let looked_at = |b: &Background| b.laws.iter().map(|law| u64::from(law.first) + law.thresholds.len() as u64).max();
            let moving = plan.backgrounds.iter().filter(|b| b.group == number && b.moves.is_some());
            let moving = moving.filter_map(looked_at).sum::<u64>();
            // a search in a table of a Poisson law, and one for the population of a row
            sizes.row_turns = sizes.row_turns.max(8 + gathered + 20 * backgrounds + moving + tap_turns(plan, number));
        }
        (sizes.least_delay, sizes.largest_delay) = delays(plan);
        for bundle in &bundles {
            match bundle.total(plan) {
                Some(total) => {
                    sizes.totals.push(total.sources.len() as u64);
                    sizes.gathered_edges += (total.sources.len() + total.targets.len()) as u64;
                }
                None => sizes.gathered_edges += bundle.members(plan).map(|g| g.edges.count()).sum::<u64>(),
            }
        }
        sizes
    }
}

/// The least and the largest delay of what is delivered, in any instance; 0 is the largest where nothing is. **Units** steps.
pub fn delays(plan: &Plan) -> (u32, u32) {
    let (mut least, mut largest) = (u32::MAX, 0);
    for (number, route) in plan.routes.iter().enumerate().filter(|(_, route)| route.learned.is_none()) {
        if !route.edges.is_empty() {
            let (low, high) = plan.delays(number);
            (least, largest) = (least.min(low), largest.max(high));
        }
    }
    (least.min(largest.max(1)), largest)
}

fn tap_turns(plan: &Plan, group: usize) -> u64 {
    plan.taps.iter().filter(|t| matches!(t, Tap::State { population, .. } if plan.place(*population).group == group)).count() as u64
}

struct Weigh<'a> {
    plan: &'a Plan,
    machine: &'a Machine,
    settings: &'a Settings,
    sizes: Sizes,
}

impl Weigh<'_> {
    fn assessment(&self, schedule: Schedule) -> Assessment {
        let s = &self.sizes;
        let instances = f64::from(self.plan.instances.max(1));
        let shape = match schedule {
            Schedule::Resident => self.resident(),
            Schedule::Fused => self.fused(),
            Schedule::TwoPass => self.two_pass(),
        };
        let window = f64::from(shape.as_ref().map_or(1, |s| s.window));
        let delivers = self.plan.delivered().next().is_some();
        let totals = u32::from(!s.totals.is_empty());
        // state, ring and spikes; samples where there are any
        let written = 3 + u32::from(self.plan.taps.iter().any(|t| matches!(t, Tap::State { .. })));
        let (dispatches, barriers) = match schedule {
            Schedule::Resident => (1, written),
            Schedule::Fused => (1 + totals, written * (1 + totals)),
            Schedule::TwoPass => {
                let dispatches = 1 + totals + u32::from(delivers) + self.plan.learning_passes();
                (dispatches, written * dispatches)
            }
        };
        // state once a window, the ring read and cleared in every step, the bits of spikes
        let held = if schedule == Schedule::Resident { 0.0 } else { s.state_bytes as f64 / window };
        let bits = s.rows as f64 / 8.0;
        let bytes = (held + s.channel_rows as f64 * 8.0 + bits + s.gathered_edges as f64 * 8.0) * instances;
        let expected = self.expected(schedule, shape.as_ref().ok(), dispatches, bytes);
        Assessment {
            schedule,
            shape,
            dispatches_per_window: dispatches,
            barriers_per_window: barriers,
            bytes_per_step: bytes as u64,
            expected,
        }
    }

    /// Threads of a workgroup.
    fn workgroup(&self, usual: u32) -> Result<u32, Obstacle> {
        let wanted = self.settings.workgroup.unwrap_or(if self.machine.software { 64 } else { usual });
        if !WORKGROUPS.contains(&wanted) {
            return Err(Obstacle::WorkgroupSize { wanted });
        }
        if wanted > self.machine.threads {
            return Err(Obstacle::Threads { wanted, limit: self.machine.threads });
        }
        Ok(wanted)
    }

    fn shape(&self, schedule: Schedule, workgroup: u32) -> Shape {
        Shape {
            schedule,
            workgroup,
            // what spikes do to synapses is done step by step
            window: if self.plan.learning.is_empty() { self.plan.window.clamp(1, 64) } else { 1 },
            kept: false,
            ring_shared: false,
            sum_slots: 0,
            ports: self.sizes.ports,
            least_delay: self.sizes.least_delay.max(1),
            turns: 0,
            again: false,
        }
    }

    /// Are there synapses that are drawn again for each spike?
    fn draws_again(&self) -> bool {
        self.settings.draws(self.machine.software) && self.plan.delivered().any(|route| route.again)
    }

    fn two_pass(&self) -> Result<Shape, Obstacle> {
        let mut shape = self.shape(Schedule::TwoPass, self.workgroup(64)?);
        shape.window = self.fitting(shape.window, |window| window * self.sizes.row_turns)?;
        shape.turns = u64::from(shape.window) * self.sizes.row_turns;
        shape.again = self.draws_again();
        Ok(shape)
    }

    /// Both schedules of one dispatch see all synapses at once.
    fn seen_at_once(&self) -> Result<(), Obstacle> {
        let per_edge = |column: &EdgeColumn| u64::from(!column.is_shared());
        let routes = self.plan.delivered().map(|r| r.edges.count() * (1 + per_edge(&r.weight)));
        let bundles = self.plan.bundles();
        let gathered = bundles.iter().map(|b| b.words(self.plan));
        let need = 4 * (routes.sum::<u64>() + gathered.sum::<u64>() + self.learned_words() + 4);
        let limit = self.machine.binding_bytes.saturating_mul(u64::from(self.machine.pages.max(1)));
        if need > limit { Err(Obstacle::Synapses { need, limit }) } else { Ok(()) }
    }

    fn fused(&self) -> Result<Shape, Obstacle> {
        self.seen_at_once()?;
        let mut shape = self.shape(Schedule::Fused, self.workgroup(128)?);
        let sources: u64 = self.plan.delivered().map(|r| u64::from(r.edges.sources())).sum();
        let blocks = self.sizes.rows.div_ceil(u64::from(shape.workgroup));
        if self.sizes.rows >= 1 << 26 {
            return Err(Obstacle::Rows { rows: self.sizes.rows });
        }
        // a place per source and block, so that a block finds its part of a row at once
        let joined = self.plan.delivered().map(|r| (&r.edges, r.target));
        let joined = joined.chain(self.plan.learning.iter().map(|l| (&l.edges, l.target)));
        let places = joined.map(|(edges, to)| u64::from(edges.sources()) * blocks_of(self.plan, to, shape.workgroup)).sum::<u64>();
        if places * 4 > self.machine.binding_bytes / 2 || places > 4 * self.sizes.edges + (1 << 20) {
            return Err(Obstacle::Places { places, sources, blocks, synapses: self.sizes.edges });
        }
        let per_port = shape.workgroup * 4 * shape.ports;
        let free = self.machine.shared_bytes.saturating_sub(LIST_BYTES + 64 + shape.window * shape.workgroup / 8);
        let routes = self.plan.delivered().count();
        let longest = |r: &Route| self.longest_segment(&r.edges, r.target, shape.workgroup);
        let spikes = if routes > 0 { self.spike_turns(Schedule::Fused, shape.workgroup, longest) + 2 } else { 0 }
            + self.pass_turns(shape.workgroup, true);
        let turns = |window: u64| window * (self.sizes.row_turns + 2 + spikes);
        let windows = shape.window;
        shape.window = self.fitting(windows, turns)?;
        shape.turns = turns(u64::from(shape.window));
        let slots = shape.window + self.sizes.largest_delay.saturating_sub(shape.least_delay);
        if routes > 0 && per_port > 0 && slots.saturating_mul(per_port) <= free.min(SUM_BYTES) {
            shape.sum_slots = slots;
        }
        Ok(shape)
    }

    fn resident(&self) -> Result<Shape, Obstacle> {
        self.seen_at_once()?;
        let rows = self.sizes.rows;
        // a thread for each row, as far as they go
        let most = WORKGROUPS.into_iter().rev().find(|w| *w <= self.machine.threads).unwrap_or(64);
        let usual = (rows.clamp(64, 1024) as u32).next_power_of_two().min(most);
        let mut shape = self.shape(Schedule::Resident, self.workgroup(usual)?);
        let chunks = |rows: u32| rows.div_ceil(shape.workgroup);
        // beside what learning has in registers a compiler finds none for more than one (benches/results/kernels.md)
        let most = if self.plan.learning.is_empty() { ROUNDS } else { 1 };
        let numbers = |g: &Group| chunks(g.rows) * g.rule.states.len() as u32;
        shape.kept =
            self.plan.groups.iter().all(|g| chunks(g.rows) <= most) && self.plan.groups.iter().map(numbers).sum::<u32>() <= KEPT;
        Obstacle::one_workgroup(rows)?;
        let bits = (rows / 32) as u32 * 4;
        let fixed = LIST_BYTES + bits + 64;
        if fixed > self.machine.shared_bytes {
            return Err(Obstacle::Shared { need: fixed, limit: self.machine.shared_bytes });
        }
        let ring = self.sizes.channel_rows * u64::from(self.plan.slots.max(2)) * 4;
        shape.ring_shared = ring > 0 && ring + u64::from(fixed) <= u64::from(self.machine.shared_bytes);
        let own: u64 = self.plan.groups.iter().map(|g| u64::from(chunks(g.rows))).sum();
        let delivers = self.plan.delivered().next().is_some();
        let spikes = if delivers { self.spike_turns(Schedule::Resident, shape.workgroup, Self::longest_row) } else { 0 };
        // rounds of sources, then of blocks, each summed by a thread
        let block = u64::from(Total::BLOCK);
        let rounds = |n: u64| n.div_ceil(u64::from(shape.workgroup)) + 1;
        let totals = self.sizes.totals.iter().map(|n| rounds(*n) + rounds(n.div_ceil(block)) * (block + 1)).sum::<u64>();
        let step =
            totals + own * (self.sizes.row_turns + 1) + u64::from(bits) + spikes + self.pass_turns(shape.workgroup, false) + 2;
        let whole = ring / 4 / u64::from(shape.workgroup) + 2;
        shape.window = self.fitting(STEPS, |window| window * step + 2 * whole)?;
        shape.turns = u64::from(shape.window) * step + 2 * whole;
        Ok(shape)
    }
}

/// Does the step of any group draw random numbers?
pub fn draws(plan: &Plan, group: usize) -> bool {
    let rule = &plan.groups[group].rule;
    let random = |n: Node| matches!(n, Node::Uniform(_) | Node::Normal(_) | Node::Chance(..));
    rule.next.iter().chain(&rule.spike).any(|root| rule.graph.any_leaf(*root, random))
}

#[cfg(test)]
mod tests;
