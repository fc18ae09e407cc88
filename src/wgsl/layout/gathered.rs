//! Where synapses that targets gather stand: who is joined to whom, values and states of synapses, spikes that they wait for.
//!
//! In: the bundles of a plan. Out: [`BundleLayout`]s. A target's thread gathers its own sum and steps the synapses that end in it,
//! so that no number is added twice and no state written by two. Spikes of the last steps are kept as bits behind the ring. Not
//! here: the function itself (`wgsl::gathered`).

use super::{ColumnPlace, Layout, Page, WgslError, take, word};
use crate::model::EndValue;
use crate::model::rule::Node;
use crate::plan::storage::Storage;
use crate::plan::{Bundle, Gathered, Plan, Total};

/// Where the synapses of a bundle stand.
#[derive(Clone, Debug, PartialEq)]
pub struct BundleLayout {
    pub bundle: Bundle,
    /// Rows of the target's group: the first that may hear anything, and how many do.
    pub first_target: u32,
    pub targets: u32,
    /// Synapses.
    pub count: u32,
    pub joined: Joined,
    /// Delay of each synapse, in the first page of `synapses`, where they differ and are waited for.
    pub delays: Option<u32>,
    /// By parameter of the synapse: its place, if the rule reads it.
    pub params: Vec<Option<SynapsePlace>>,
    /// By state, first word in `state`: `[instance][synapse by target]`; `[instance][source]` where targets share a sum.
    pub states: Vec<u32>,
    /// The sum that all targets share.
    pub total: Option<TotalPlace>,
}

/// Where a sum that all targets share stands.
#[derive(Clone, Debug, PartialEq)]
pub struct TotalPlace {
    pub total: Total,
    /// By term, first word in `state`: `[instance][source]`, then `[instance][block of sources]`.
    pub numbers: Vec<u32>,
    pub sums: Vec<u32>,
    /// Of its sources, among those of all such bundles.
    pub first_block: u32,
    pub blocks: u32,
}

/// Who is joined to whom; as [`Storage`] says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joined {
    /// `starts`: first synapse of each target, in `tables`; one more at the end. `sources`: of each synapse, in the first page of
    /// `synapses`; with [`NEXT`] where `several` projections stand in a row and another one begins.
    Csr { starts: u32, sources: u32, several: bool },
    /// `pairs`: a bit for each pair, `[source / 32][target]`, in the first page of `synapses`; none: all pairs. `sources`: how many.
    Dense { pairs: Option<u32>, sources: u32 },
}

/// A bit of the word of a source: its synapse is the first of another projection than that before it in its target.
pub const NEXT: u32 = 1 << 31;

/// A parameter of gathered synapses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SynapsePlace {
    /// One for all, in `params`.
    Shared(ColumnPlace),
    /// A word per synapse, by target, or per pair, `[source][target]`, in the first page of `synapses`; of each instance, where
    /// their numbers differ.
    Each { first: u32, per_instance: bool },
}

impl BundleLayout {
    fn new(plan: &Plan, bundle: Bundle) -> BundleLayout {
        let targets = bundle.rows(plan);
        let count = bundle.members(plan).map(|g| g.edges.count() as u32).sum();
        let params = vec![None; bundle.first(plan).params.len()];
        let joined = Joined::Csr { starts: 0, sources: 0, several: false };
        let (mut first_target, mut targets, mut count) = (targets.start, targets.len() as u32, count);
        let total = bundle.total(plan).map(|total| {
            first_target = plan.place(bundle.first(plan).target).first_row + total.targets.start;
            (targets, count) = (total.targets.len() as u32, total.sources.len() as u32);
            let blocks = total.blocks();
            TotalPlace { total, numbers: Vec::new(), sums: Vec::new(), first_block: 0, blocks }
        });
        BundleLayout { bundle, first_target, targets, count, joined, delays: None, params, states: Vec::new(), total }
    }

    /// What all members have in common.
    pub fn first<'a>(&self, plan: &'a Plan) -> &'a Gathered {
        self.bundle.first(plan)
    }
}

/// What the rules of all bundles read of neurons: is it the target's, group, value.
fn ends(plan: &Plan) -> impl Iterator<Item = (bool, usize, EndValue)> + '_ {
    plan.gathered.iter().flat_map(move |g| {
        let group = |post: bool| plan.place(if post { g.target } else { g.source }).group;
        g.ends().map(move |(_, end)| (end.post, group(end.post), end.value)).collect::<Vec<_>>()
    })
}

/// By group, then state: does a synapse read it of its source?
pub(super) fn states_read(plan: &Plan) -> Vec<Vec<bool>> {
    let mut read: Vec<Vec<bool>> = plan.groups.iter().map(|g| vec![false; g.rule.states.len()]).collect();
    for end in ends(plan) {
        if let (false, group, EndValue::State(k)) = end {
            read[group][k as usize] = true;
        }
    }
    read
}

/// Parameters of a group that are read, at either end.
pub(super) fn params_read(plan: &Plan, group: usize) -> impl Iterator<Item = usize> + '_ {
    ends(plan).filter_map(move |(_, g, value)| match value {
        EndValue::Param(k) if g == group => Some(k as usize),
        _ => None,
    })
}

/// Room for parameters that are one number for all synapses of a bundle, and for states.
pub(super) fn place_rows(plan: &Plan, layout: &mut Layout, params: &mut u64, state: &mut u64) -> Result<(), WgslError> {
    // what stands among the synapses does not change when parameters do
    let kept = std::mem::take(&mut layout.bundles);
    let mut blocks = 0;
    for (number, bundle) in plan.bundles().into_iter().enumerate() {
        let mut placed = kept.get(number).cloned().unwrap_or_else(|| BundleLayout::new(plan, bundle));
        let (first, leaves) = (placed.first(plan), placed.first(plan).leaves());
        for k in (0..first.params.len()).filter(|k| leaves.contains(&Node::Param(*k as u32))) {
            let differs =
                placed.bundle.members.iter().any(|g| (0..plan.instances).any(|i| plan.gathered_param(i, *g, k).is_some()));
            placed.params[k] = Some(match (placed.bundle.shared(plan, k), placed.params[k]) {
                (true, _) => SynapsePlace::Shared(ColumnPlace::new(false, differs, 1, layout.instances, params)?),
                (false, Some(place)) => place,
                (false, None) => SynapsePlace::Each { first: 0, per_instance: differs },
            });
        }
        placed.states.clear();
        for _ in &first.rule.states {
            placed.states.push(take(state, u64::from(placed.count) * u64::from(layout.instances), "state")?);
        }
        if let Some(at) = &mut placed.total {
            (at.numbers, at.sums) = (Vec::new(), Vec::new());
            for _ in &at.total.terms {
                at.numbers.push(take(state, u64::from(placed.count) * u64::from(layout.instances), "state")?);
                at.sums.push(take(state, u64::from(at.blocks) * u64::from(layout.instances), "state")?);
            }
            at.first_block = blocks;
            blocks += at.blocks;
        }
        layout.bundles.push(placed);
    }
    Ok(())
}

/// Room for synapses, all in the first page.
pub(super) fn place(plan: &Plan, layout: &mut Layout) -> Result<(), WgslError> {
    let mut synapses = 0u64;
    let Layout { bundles, words, turns: most, instances, .. } = layout;
    for place in bundles {
        let first = place.first(plan);
        let turns = place.bundle.turns(plan);
        if turns >= *most {
            return Err(WgslError::LoopTurns { route: first.name.clone(), edges: turns, turns: *most });
        }
        if place.total.is_some() {
            // nobody looks at who is joined to whom
            place.joined = Joined::Dense { pairs: None, sources: place.count };
            continue;
        }
        let (sources, targets) = (first.edges.sources(), u64::from(place.targets));
        let values;
        (place.joined, values) = match place.bundle.storage(plan) {
            Storage::Csr => {
                let starts = take(&mut words.tables, targets + 1, "tables")?;
                let count = u64::from(place.count);
                (
                    Joined::Csr { starts, sources: take(&mut synapses, count, "synapses")?, several: !place.bundle.is_single() },
                    count,
                )
            }
            Storage::Dense { complete } => {
                let mut bits = || take(&mut synapses, u64::from(sources.div_ceil(32)) * targets, "synapses");
                let pairs = if complete { None } else { Some(bits()?) };
                (Joined::Dense { pairs, sources }, u64::from(sources) * targets)
            }
        };
        if first.rule.reads_arrivals() && place.bundle.delay(plan).is_none() {
            place.delays = Some(take(&mut synapses, values, "synapses")?);
        }
        for place in place.params.iter_mut().flatten() {
            if let SynapsePlace::Each { first, per_instance } = place {
                let copies = if *per_instance { u64::from(*instances) } else { 1 };
                *first = take(&mut synapses, values * copies, "synapses")?;
            }
        }
    }
    if synapses > layout.page_words {
        return Err(WgslError::GradedPage { need: synapses * 4, limit: layout.page_words * 4 });
    }
    word(synapses, "synapses")?;
    layout.pages.push(Page { words: synapses, work: 0..0, again: false });
    Ok(())
}
