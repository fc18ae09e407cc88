//! How much work a step is, and how many threads it is worth.
//!
//! In: a [`Plan`]. Out: nanoseconds, by constants measured on one core of a machine of 2026: good to a factor of two or so, which is
//! enough to tell a step that two threads should share from one that is over before they meet. Results do not depend on it.

use super::CpuOptions;
use crate::model::rule::Node;
use crate::plan::Plan;
use crate::threads::Threads;

/// Of a row, for what it costs beside its operations: looking for spikes, making room in rings.
const ROW: f64 = 0.3;
/// Of an operation in a row.
const OPERATION: f64 = 0.06;
/// Of a random number in a row.
const DRAW: f64 = 0.4;
/// Of a synapse that a spike passes.
const EDGE: f64 = 0.7;
/// Of a synapse that is summed in every step.
const GATHERED: f64 = 0.6;
/// Spikes per millisecond and neuron that are reckoned with: nobody knows before.
const RATE: f64 = 0.01;

/// What each worker must have to do in a window, nanoseconds, so that meeting in a gate pays.
const MEETING: f64 = 1500.0;
/// The same where workers meet twice a window through a pool.
const MEETINGS: f64 = 20_000.0;
/// A batch of fewer nanoseconds is done before the threads of a pool are awake.
const POOL: f64 = 20_000.0;
/// Starting threads for a batch pays for so many windows.
pub const WINDOWS: u32 = 32;
/// Steps that are asked for at once, usually: instances meet once for all of them.
const STEPS: f64 = 100.0;

/// About how many nanoseconds a step of one instance takes one thread.
pub fn of_step(plan: &Plan) -> f64 {
    let group = |group: &crate::plan::Group| {
        let worked = |node: &&Node| {
            matches!(node, Node::Unary(..) | Node::Binary(..) | Node::Select { .. } | Node::Arrived(_) | Node::Propagator { .. })
        };
        let operations = group.rule.graph.nodes().iter().filter(worked).count() as f64;
        let draws = f64::from(group.rule.uniforms + group.rule.normals);
        f64::from(group.rows) * (ROW + OPERATION * operations + DRAW * draws)
    };
    let rows: f64 = plan.groups.iter().map(group).sum();
    let backgrounds: f64 = plan.backgrounds.iter().map(|b| b.rows.len() as f64 * DRAW).sum();
    let edges: f64 = plan.routes.iter().map(|route| route.edges.count() as f64).sum();
    let gathered: f64 = plan.gathered.iter().map(|g| g.edges.count() as f64).sum();
    rows + backgrounds + edges * EDGE * RATE * plan.dt + gathered * GATHERED
}

/// The pool, where so many steps of `step` nanoseconds are worth it: a few steps of little work are done before other threads are awake.
pub fn pool(pool: &Threads, threads: usize, step: f64, steps: u32) -> Option<&rayon::ThreadPool> {
    pool.pool().filter(|_| threads > 1 && step * f64::from(steps) > POOL)
}

/// Do the workers of an instance read more of each other than spikes?
pub fn meets_twice(plan: &Plan) -> bool {
    plan.gathers() || plan.routes.iter().any(|route| route.learned.is_some())
}

/// How many threads have enough to do.
pub fn useful(plan: &Plan, options: &CpuOptions) -> usize {
    if let Some(of_rows) = (plan.rows as usize * plan.instances as usize).checked_div(options.rows_per_worker) {
        return of_rows.max(1);
    }
    let step = of_step(plan);
    let shared = step * f64::from(plan.window) / if meets_twice(plan) { MEETINGS } else { MEETING };
    let side_by_side = (step * f64::from(plan.instances) * STEPS / POOL).min(f64::from(plan.instances));
    // a float that is too large becomes the largest whole number
    (shared.max(side_by_side) as usize).max(1)
}
