//! Where synapses that learn stand: states, times of last events, who is joined to whom both ways, what of neurons is kept.
//!
//! In: the learning projections of a plan. Out: [`LearnedLayout`]s, [`PassLayout`]s with their work items, [`TrailLayout`]s. A synapse
//! has one place in all of its columns, which is its number in its connectivity; the view by target names it. All words of a
//! projection stand in one page. Not here: the lines themselves (`wgsl::learned`).

use std::ops::Range;

use super::routes::{Pivots, pivots, rows_of};
use super::{ColumnPlace, Layout, Page, SynapsePlace, WORK_WORDS, WgslError, WorkItem, take, word};
use crate::model::EndValue;
use crate::model::rule::{Node, NodeId, Occasion, Pass};
use crate::plan::schedule::Schedule;
use crate::plan::{EdgeColumn, Learning, Plan, Whose};

/// Where the synapses of a projection stand.
#[derive(Clone, Debug, PartialEq)]
pub struct LearnedLayout {
    /// Synapses.
    pub count: u32,
    /// By state of its rule, first word in `state`: `[instance][synapse]`.
    pub states: Vec<u32>,
    /// The lowest 32 bits of the time of the last event of each, in steps: `[instance][synapse]` in `ring`.
    pub touched: Option<u32>,
    /// By parameter of the synapse: its place, if its rule reads it.
    pub params: Vec<Option<SynapsePlace>>,
    /// The page of its synapses.
    pub page: usize,
    /// First synapse of each source, in `tables`; one more at the end.
    pub starts: u32,
    /// A word per synapse, as [`Connectivity`](crate::plan::Connectivity) has it.
    pub words: u32,
    pub by_target: Option<TargetPlace>,
    /// By source and block: first synapse, in `tables`; fused schedule.
    pub pivots: Option<Pivots>,
    /// By pass of its rule: the word of a record that says whether it runs in a step, if it runs at an interval.
    pub due: Vec<Option<u32>>,
}

/// The synapses of a projection in the order of their targets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TargetPlace {
    /// First place of each target, in `tables`; one more at the end.
    pub starts: u32,
    /// By place: the number of the synapse.
    pub synapses: u32,
    /// By place: its source, where a line asks for it.
    pub sources: Option<u32>,
}

/// A pass over the synapses of a projection that spikes touch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassLayout {
    /// Place in [`Plan::learning`].
    pub learning: usize,
    /// Place in the passes of its rule.
    pub pass: usize,
    /// Before the step advances anything.
    pub early: bool,
    /// Its work items.
    pub work: Range<u32>,
}

/// A state of neurons as it was after the last steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrailLayout {
    pub group: usize,
    pub column: u32,
    /// First word in `state`: `[slot][instance][span]`.
    pub first: u32,
}

impl TrailLayout {
    /// First word of a slot of an instance.
    pub fn place(&self, layout: &Layout, slot: u32, instance: u32) -> u32 {
        self.first + (slot * layout.instances + instance) * layout.groups[self.group].span
    }
}

/// Leaves that the lines of a pass read.
pub fn leaves(learning: &Learning, pass: &Pass) -> Vec<Node> {
    leaves_of(learning, pass.roots())
}

/// The same of some of what they work out.
pub fn leaves_of(learning: &Learning, roots: impl Iterator<Item = NodeId>) -> Vec<Node> {
    let mut out: Vec<Node> = Vec::new();
    for leaf in roots.flat_map(|root| learning.rule.graph.leaves(root)) {
        if !out.contains(&leaf) {
            out.push(leaf);
        }
    }
    out
}

/// Does a pass over synapses of a target ask for their sources?
fn asks_for_source(learning: &Learning, pass: &Pass) -> bool {
    leaves(learning, pass).iter().any(|leaf| match leaf {
        Node::Held(k) => learning.reads[*k as usize].neuron().is_some_and(|read| read.of == Whose::Source),
        Node::End(k) => !learning.synapse.ends[*k as usize].post,
        _ => false,
    })
}

/// Parameters of a group that lines read, at either end.
pub(super) fn params_read(plan: &Plan, group: usize) -> impl Iterator<Item = usize> + '_ {
    let of = move |learning: &Learning| -> Vec<usize> {
        let leaves = learning.rule.passes.iter().flat_map(|pass| leaves(learning, pass));
        let read = leaves.filter_map(|leaf| {
            let Node::End(k) = leaf else { return None };
            let end = learning.synapse.ends[k as usize];
            let here = plan.place(if end.post { learning.target } else { learning.source }).group == group;
            match end.value {
                EndValue::Param(k) if here => Some(k as usize),
                _ => None,
            }
        });
        read.collect()
    };
    plan.learning.iter().flat_map(of)
}

/// Steps that a synapse looks back to, those of its neurons' states included.
pub(super) fn longest_wait(plan: &Plan) -> Option<u32> {
    let learns = (!plan.learning.is_empty()).then(|| plan.longest_trail());
    let waits = (plan.history > 0).then_some(plan.history);
    learns.max(waits)
}

/// Room for parameters that are one number for all synapses, for states, for what is kept of neurons, for times in `ring`, and for
/// what a record says of intervals.
pub(super) fn place_rows(
    plan: &Plan,
    layout: &mut Layout,
    params: &mut u64,
    state: &mut u64,
    ring: &mut u64,
    record: &mut u64,
) -> Result<(), WgslError> {
    let instances = u64::from(layout.instances);
    // what stands among the synapses does not change when parameters do
    let kept = std::mem::take(&mut layout.learned);
    for (number, learning) in plan.learning.iter().enumerate() {
        let count = learning.edges.count();
        let mut placed = kept.get(number).cloned().unwrap_or_else(|| LearnedLayout {
            count: count as u32,
            states: Vec::new(),
            touched: None,
            params: vec![None; learning.params.len()],
            page: 0,
            starts: 0,
            words: 0,
            by_target: None,
            pivots: None,
            due: Vec::new(),
        });
        let read: Vec<Node> = learning.rule.passes.iter().flat_map(|pass| leaves(learning, pass)).collect();
        for k in (0..learning.params.len()).filter(|k| read.contains(&Node::Param(*k as u32))) {
            let own = (0..plan.instances).any(|i| plan.learned_param(i, number, k).is_some());
            placed.params[k] = Some(match (&learning.params[k], placed.params[k]) {
                (EdgeColumn::Shared(_), _) => SynapsePlace::Shared(ColumnPlace::new(false, own, 1, layout.instances, params)?),
                (_, Some(place)) => place,
                (_, None) => SynapsePlace::Each { first: 0, per_instance: own },
            });
        }
        placed.states.clear();
        for _ in learning.rule.states.iter() {
            placed.states.push(take(state, count * instances, "state")?);
        }
        placed.touched = if learning.rule.timed { Some(take(ring, count * instances, "ring")?) } else { None };
        placed.due.clear();
        for pass in &learning.rule.passes {
            let at_interval = matches!(pass.occasion, Occasion::Every(steps) if steps > 1);
            placed.due.push(if at_interval { Some(take(record, 1, "inputs")?) } else { None });
        }
        layout.learned.push(placed);
    }
    layout.trails.clear();
    for (group, column) in plan.trailed() {
        let words = u64::from(layout.trail_slots) * instances * u64::from(layout.groups[group].span);
        layout.trails.push(TrailLayout { group, column, first: take(state, words, "state")? });
    }
    Ok(())
}

/// Room for synapses, a page for each projection that does not fit beside those before it; the work of each pass.
pub(super) fn place(plan: &Plan, layout: &mut Layout) -> Result<(), WgslError> {
    for (number, learning) in plan.learning.iter().enumerate() {
        let edges = &learning.edges;
        if edges.own_delays().is_some() {
            let (delay, targets) = (u64::from(edges.delays().1), u64::from(edges.targets()));
            return Err(WgslError::EdgeWord { route: learning.name.clone(), delay, targets });
        }
        let (least, largest) = edges.delays();
        // what sends nothing waits for spikes alone, which are kept for as long as its delays
        let sends = !learning.routes.is_empty();
        if !edges.is_empty() && (least < 1 || sends && largest >= layout.slots) {
            let delay = if least < 1 { least } else { largest };
            return Err(WgslError::Delay { route: learning.name.clone(), delay: u64::from(delay), slots: layout.slots });
        }
        let mut placed = layout.learned[number].clone();
        let count = edges.count();
        let posts: Vec<&Pass> = learning.rule.passes.iter().filter(|pass| pass.is_post() || pass.has_totals()).collect();
        let sources = posts.iter().any(|pass| asks_for_source(learning, pass));
        let copies = |per_instance: bool| if per_instance { u64::from(layout.instances) } else { 1 };
        let each = placed.params.iter().flatten().map(|place| match place {
            SynapsePlace::Each { per_instance, .. } => copies(*per_instance),
            SynapsePlace::Shared(_) => 0,
        });
        let columns = 1 + u64::from(!posts.is_empty()) + u64::from(sources) + each.sum::<u64>();
        let need = count * columns;
        let room = |words: u64| words + need + 2 <= layout.page_words;
        if !room(layout.pages.last().map_or(0, |page| page.words)) {
            if !room(0) {
                let (projection, limit) = (learning.name.clone(), layout.page_words * 4);
                return Err(WgslError::LearnedPage { projection, need: 4 * need, limit });
            }
            layout.pages.push(Page { words: 0, work: 0..0, again: false });
        }
        placed.page = layout.pages.len() - 1;
        let page = &mut layout.pages[placed.page].words;
        let tables = &mut layout.words.tables;
        placed.starts = take(tables, u64::from(edges.sources()) + 1, "tables")?;
        placed.words = take(page, count, "synapses")?;
        if !posts.is_empty() {
            placed.by_target = Some(TargetPlace {
                starts: take(tables, u64::from(edges.targets()) + 1, "tables")?,
                synapses: take(page, count, "synapses")?,
                sources: if sources { Some(take(page, count, "synapses")?) } else { None },
            });
        }
        for place in placed.params.iter_mut().flatten() {
            if let SynapsePlace::Each { first, per_instance } = place {
                *first = take(page, count * copies(*per_instance), "synapses")?;
            }
        }
        let target = plan.place(learning.target);
        placed.pivots = pivots(layout, target.first_row, target.size, edges.sources())?;
        layout.learned[number] = placed;
    }
    share_out(plan, layout)
}

/// The work of each pass, in the two-pass schedule: as that of a delivery, by source or by target.
fn share_out(plan: &Plan, layout: &mut Layout) -> Result<(), WgslError> {
    let workgroup = u64::from(layout.shape.workgroup);
    for early in [true, false] {
        for (number, learning) in plan.learning.iter().enumerate().filter(|(_, l)| !l.edges.is_empty()) {
            let (least, largest) = learning.edges.delays();
            for (pass, of) in learning.rule.passes.iter().enumerate().filter(|(_, pass)| pass.early == early) {
                let first = layout.visits.len() as u32;
                let row = plan.first_row(if of.is_post() { learning.target } else { learning.source });
                let lengths = if of.is_post() {
                    learning.edges.indegrees()
                } else {
                    (0..learning.edges.sources()).map(|s| learning.edges.first(s + 1) - learning.edges.first(s)).collect()
                };
                if layout.shape.schedule != Schedule::TwoPass {
                    layout.passes.push(PassLayout { learning: number, pass, early, work: first..first });
                    continue;
                }
                if of.has_totals() {
                    let longest = learning.edges.most_by_target();
                    if 2 * longest + 2 > layout.turns {
                        return Err(WgslError::LoopTurns { route: learning.name.clone(), edges: longest, turns: layout.turns });
                    }
                    // a workgroup takes so many targets, a lane each
                    let targets = (0..learning.edges.targets()).step_by(workgroup as usize);
                    layout.visits.extend(targets.map(|first| {
                        let count = (learning.edges.targets() - first).min(workgroup as u32);
                        WorkItem { route: number as u32, first, count, part: 0, parts: 1 }
                    }));
                    layout.passes.push(PassLayout { learning: number, pass, early, work: first..layout.visits.len() as u32 });
                    continue;
                }
                // a turn for each delay that a spike may have
                let waits = if learning.rule.delayed(of) { u64::from(largest - least) + 1 } else { 1 };
                let room = layout.turns.saturating_sub(1 + waits);
                let made = rows_of((row..).zip(lengths), number as u32, room, workgroup).map_err(|edges| WgslError::LoopTurns {
                    route: learning.name.clone(),
                    edges,
                    turns: layout.turns,
                })?;
                layout.visits.extend(made);
                layout.passes.push(PassLayout { learning: number, pass, early, work: first..layout.visits.len() as u32 });
            }
        }
    }
    let words = u64::from(WORK_WORDS) * layout.visits.len() as u64;
    layout.places.visits = take(&mut layout.words.tables, words, "tables")?;
    word(layout.visits.len() as u64, "tables").map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{Connector, Network};
    use crate::plan::schedule::{self, Settings};
    use crate::wgsl::Machine;

    /// Bytes of a synapse on the device: who is joined to whom both ways, and what it keeps.
    fn bytes(text: &str) -> u64 {
        let mut net = Network::new("bytes");
        net.dt("0.1 ms").equations(text);
        net.population("p", "lif_cond_exp", 40);
        net.project_by("p", "p", "s", Connector::AllToAll).delay("1 ms");
        let plan = net.plan(&crate::Options::default()).unwrap_or_else(|e| panic!("{e}"));
        let shape = schedule::choose(&plan, &Machine::WEB, &Settings::from(Schedule::TwoPass)).unwrap();
        let layout = Layout::new(&plan, shape, &Machine::WEB).unwrap();
        let (learned, count) = (&layout.learned[0], plan.learning[0].edges.count());
        let kept = learned.states.len() as u64 + u64::from(learned.touched.is_some());
        let page = layout.pages[learned.page].words;
        assert!((0..4).contains(&(page - page / count * count)), "{page} words of {count} synapses");
        4 * (page / count + kept)
    }

    /// Pairs take 20 bytes at most, an eligibility trace and the time of its last event 8 more.
    #[test]
    fn bytes_of_a_synapse() {
        let pair = "
            synapse s
              state w = 0.5 nS (from 0 nS to 1 nS), x = 0, y = 0
              dx/dt = -x/(20 ms)
              dy/dt = -y/(20 ms)
              on_pre w -= 0.01 nS*y; g_exc += w
              on_post w += 0.01 nS*x; y += 1
              on_pre x += 1
        ";
        assert_eq!(bytes(pair), 16);
        let eligible = pair
            .replace("x = 0, y = 0", "x = 0, y = 0, c = 0\n dc/dt = -c/(1 s)")
            .replace("w -= 0.01 nS*y; g_exc += w", "w += 0.01 nS*c; c -= y; g_exc += w")
            .replace("w += 0.01 nS*x", "c += x");
        assert_eq!(bytes(&eligible), 24);
    }
}
