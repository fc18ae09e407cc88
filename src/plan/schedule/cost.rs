//! What a step is expected to take on a card: a guess that orders the schedules, not a promise.
//!
//! In: the sizes of a plan and the shape of a schedule. Out: microseconds ([`Weigh::expected`]). The constants of the machine are
//! [`Costs`], those of the kernels what a real compiler makes of them (benches/results/kernels.md). Not here: which schedule can be
//! taken at all.

use super::{LIST, Schedule, Shape, Weigh};
use crate::model::rule::{Binary, Node, Unary};
use crate::plan::Plan;

/// What a card costs. `benches/gpu.sh` finds each of them on a card and prints it beside what stands here.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Costs {
    /// A dispatch that waits for the one before it, with its barriers. **Units** µs.
    pub dispatch_us: f64,
    /// What a kernel waits for besides: reads of its state, barriers, the end of its writes. A fused one and a step of a resident network
    /// whose spikes go anywhere wait as long as two. **Units** µs.
    pub kernel_us: f64,
    /// A step of a resident network besides its rows: barriers of its workgroup. **Units** µs.
    pub step_us: f64,
    /// A look of a workgroup at the next words of spikes. **Units** µs.
    pub list_us: f64,
    /// An instruction of a thread that waits for the one before it. **Units** µs.
    pub instruction_us: f64,
    /// Instructions that all threads of the card execute together. **Units** 1/µs.
    pub instructions_per_us: f64,
    /// Words that are added to in memory by atomics. **Units** 1/µs.
    pub adds_per_us: f64,
    /// Parts of rows of synapses that blocks look for, one for each spike and block that it reaches. **Units** 1/µs.
    pub segments_per_us: f64,
    /// Bytes to and from memory. **Units** 1/µs.
    pub bytes_per_us: f64,
    /// Workgroups of instances that run at once without each waiting for another.
    pub processors: f64,
}

impl Costs {
    /// A large card: one with 132 processors of 128 lanes at 1.98 GHz, measured (benches/results/gpu-nvidia-h200.md).
    pub const LARGE: Costs = Costs {
        dispatch_us: 3.4,
        kernel_us: 1.5,
        step_us: 0.63,
        list_us: 0.3,
        instruction_us: 0.0039,
        instructions_per_us: 3.3e7,
        adds_per_us: 5.3e4,
        segments_per_us: 4e3,
        bytes_per_us: 2.75e6,
        processors: 132.0,
    };

    /// Each with its name.
    pub fn named(&self) -> [(&'static str, f64); 10] {
        [
            ("dispatch_us", self.dispatch_us),
            ("kernel_us", self.kernel_us),
            ("step_us", self.step_us),
            ("list_us", self.list_us),
            ("instruction_us", self.instruction_us),
            ("instructions_per_us", self.instructions_per_us),
            ("adds_per_us", self.adds_per_us),
            ("segments_per_us", self.segments_per_us),
            ("bytes_per_us", self.bytes_per_us),
            ("processors", self.processors),
        ]
    }
}

// Instructions, from the table of compiled kernels.

/// Of a row's step besides its equations: the test for numbers that are not finite, the spike.
const ROW: f64 = 20.0;
/// Of an operator of its equations.
const OPERATOR: f64 = 2.0;
/// Of a division.
const DIVISION: f64 = 10.0;
/// Of a function.
const FUNCTION: f64 = 30.0;
/// Of a random number of the equations.
const DRAW: f64 = 170.0;
/// Of a Poisson background.
const BACKGROUND: f64 = 165.0;
/// Of a further one, of other rows.
const OTHER_BACKGROUND: f64 = 19.0;
/// Of a port.
const PORT: f64 = 10.0;
/// Of a state that is probed.
const PROBE: f64 = 11.0;
/// Of a synapse.
const SYNAPSE: f64 = 30.0;
/// Spikes of a neuron, in a network whose rates nobody knows. **Units** 1/ms.
const ACTIVITY: f64 = 0.01;

/// Instructions that a step of a row of a group has, about.
pub fn row_instructions(plan: &Plan, group: usize) -> f64 {
    let (rule, graph) = (&plan.groups[group].rule, &plan.groups[group].rule.graph);
    let mut needed = vec![false; graph.nodes().len()];
    for root in rule.next.iter().chain(&rule.spike) {
        needed.iter_mut().zip(graph.needed(*root)).for_each(|(all, one)| *all |= one);
    }
    let of_node = |node: Node| match node {
        Node::Binary(Binary::Divide, ..) => DIVISION,
        Node::Unary(Unary::Negate | Unary::Not | Unary::Abs, _) | Node::Binary(..) | Node::Select { .. } => OPERATOR,
        Node::Unary(..) => FUNCTION,
        Node::Uniform(_) | Node::Normal(_) | Node::Chance(..) => DRAW,
        _ => 0.0,
    };
    let equations: f64 = graph.nodes().iter().zip(&needed).filter(|(_, needed)| **needed).map(|(node, _)| of_node(*node)).sum();
    let ports = plan.groups[group].ports.iter().filter(|p| p.used).count() as f64;
    let backgrounds = plan.backgrounds.iter().filter(|b| b.group == group).count() as f64;
    let drawn = if backgrounds > 0.0 { BACKGROUND + OTHER_BACKGROUND * (backgrounds - 1.0) } else { 0.0 };
    ROW + equations + PORT * ports + drawn + PROBE * super::tap_turns(plan, group) as f64
}

impl Weigh<'_> {
    /// Microseconds of a step of all instances.
    pub(super) fn expected(&self, schedule: Schedule, shape: Option<&Shape>, dispatches: u32, bytes: f64) -> f64 {
        let (s, c) = (&self.sizes, &Costs::LARGE);
        let instances = f64::from(self.plan.instances.max(1));
        let window = f64::from(shape.map_or(1, |s| s.window));
        let workgroup = f64::from(shape.map_or(256, |s| s.workgroup));
        let groups = self.plan.groups.iter().enumerate();
        let rows: Vec<(f64, f64)> = groups.map(|(k, g)| (f64::from(g.rows), row_instructions(self.plan, k))).collect();
        let delivers = self.plan.delivered().next().is_some();
        let events = if delivers { s.edges as f64 * ACTIVITY * self.plan.dt } else { 0.0 };
        let passes = f64::from(self.plan.learning_passes());
        // synapses that are read in every step
        let gathered = s.gathered_edges as f64 * SYNAPSE;
        let all = rows.iter().map(|(rows, each)| rows * each).sum::<f64>() + events * SYNAPSE + gathered;
        let work = instances * all / c.instructions_per_us;
        let traffic = bytes / c.bytes_per_us;
        // a row goes down its own synapses of that kind
        let longest = rows.iter().map(|(_, each)| *each).fold(0.0, f64::max) + gathered / (s.rows as f64).max(1.0);
        let longest = longest * c.instruction_us;
        match schedule {
            Schedule::Resident => {
                // one workgroup: rounds of rows, and of synapses, one after the other
                let rounds: f64 = rows.iter().map(|(rows, each)| (rows / workgroup).ceil() * each).sum();
                let synapses = (events * SYNAPSE / workgroup).ceil() + gathered / workgroup.min(s.rows as f64).max(1.0);
                let learning = passes * (0.5 * c.step_us + s.rows as f64 / 4096.0);
                let spikes = if delivers { 2.0 * c.kernel_us } else { 0.0 };
                let step = c.step_us + spikes + (rounds + synapses) * c.instruction_us + learning;
                step * (instances / c.processors).max(1.0).ceil() + c.dispatch_us / window
            }
            Schedule::Fused => {
                let blocks = (s.rows as f64 / workgroup).ceil() * instances;
                let words = (s.rows as f64 / 32.0).ceil();
                // a list has the spikes themselves, where they are listed
                let words = if window <= 8.0 { words.min(4.0 * workgroup) } else { words };
                // every block looks at every word of spikes, some at a time, and has its rows' part of the synapses
                let looks = if delivers { (words * window / (4.0 * workgroup)).ceil() * c.list_us / window } else { 0.0 };
                let lists = (s.rows as f64 * ACTIVITY * self.plan.dt / f64::from(LIST)).floor() * c.list_us;
                let scanned = if delivers { blocks * words * 4.0 / c.bytes_per_us } else { 0.0 };
                // sums in workgroup memory are looked at slot by slot, those in memory are added to by atomics
                let slots = f64::from(shape.map_or(0, |s| s.sum_slots));
                let adds = if slots > 0.0 { slots * c.list_us / window } else { instances * events / c.adds_per_us };
                let segments = if delivers { s.rows as f64 * ACTIVITY * self.plan.dt * blocks / c.segments_per_us } else { 0.0 };
                let learning = passes * 0.5 * c.step_us / window;
                let waits = (c.dispatch_us * f64::from(dispatches) + 2.0 * c.kernel_us) / window;
                waits + looks + lists + scanned + adds + segments + longest + work + traffic + learning
            }
            Schedule::TwoPass => {
                let adds = instances * events / c.adds_per_us;
                (c.dispatch_us + c.kernel_us) * f64::from(dispatches) / window + longest + work + traffic + adds
            }
        }
    }
}
