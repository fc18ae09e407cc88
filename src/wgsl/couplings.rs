//! Where graded synapses stand: edges by target, values of edges, what is read of the two ends.
//! Those with states of their own are in `edge_groups`.
//!
//! In: the couplings of a plan. Out: [`CouplingLayout`]s. A target gathers its own sum, so that no number is added twice and
//! none by two threads. Not here: the function itself (`kernels::couple`).

use super::layout::{ColumnPlace, Layout, take, word};
use super::routes::Page;
use super::{WgslError, edge_groups};
use crate::model::SynapseModel;
use crate::model::rule::Node;
use crate::plan::storage::Storage;
use crate::plan::{Coupling, EdgeColumn, Plan, PopulationId};

/// Where the edges of a coupling stand.
#[derive(Clone, Debug, PartialEq)]
pub struct CouplingLayout {
    pub edges: EdgeStorage,
    /// By parameter of the synapse: its place, if the function reads it.
    pub params: Vec<Option<EdgePlace>>,
}

/// Who is joined to whom; as [`Storage`] says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EdgeStorage {
    /// `starts`: first edge of each target, in `tables`; one more at the end. `sources`: of each edge, in the first page of
    /// `synapses`.
    Csr { starts: u32, sources: u32 },
    /// `joined`: a bit for each pair, `[source / 32][target]`, in the first page of `synapses`; none: all pairs.
    Dense { joined: Option<u32> },
}

/// A parameter of graded synapses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EdgePlace {
    /// One for all edges, in `params`.
    Shared(ColumnPlace),
    /// A word per edge, by target, or per pair, `[source][target]`, in the first page of `synapses`.
    PerEdge(u32),
}

/// The leaves that the function of a coupling reads.
pub fn leaves(coupling: &Coupling) -> Vec<Node> {
    coupling.model.graded.get(coupling.addition).map(|g| coupling.model.graph.leaves(g.value)).unwrap_or_default()
}

/// What an end's name is: a state or a parameter of its group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndValue {
    State(usize),
    Param(usize),
}

/// Group and meaning of an end of synapses from one population to another.
pub fn end(plan: &Plan, model: &SynapseModel, (source, target): Pair, k: u32) -> Option<(bool, usize, EndValue)> {
    let end = model.ends.get(k as usize)?;
    let group = plan.place(if end.post { target } else { source }).group;
    let of = &plan.groups[group].model;
    let state = of.states.iter().position(|s| s.name == end.name).map(EndValue::State);
    let value = state.or_else(|| of.params.iter().position(|p| p.name == end.name).map(EndValue::Param))?;
    Some((end.post, group, value))
}

/// Source and target.
pub type Pair = (PopulationId, PopulationId);

/// The ends that anything reads which gathers in every step: is it the target's, group, value.
fn ends(plan: &Plan) -> impl Iterator<Item = (bool, usize, EndValue)> + '_ {
    let couplings = plan.couplings.iter().map(|c| (&c.model, (c.source, c.target), leaves(c)));
    let groups = plan.edge_groups.iter().map(|e| (&e.model, (e.source, e.target), edge_groups::leaves(e)));
    couplings.chain(groups).flat_map(move |(model, pair, leaves)| {
        leaves.into_iter().filter_map(move |leaf| match leaf {
            Node::End(k) => end(plan, model, pair, k),
            _ => None,
        })
    })
}

/// Does anything read this state of its sources?
pub fn reads_state(plan: &Plan, group: usize, column: usize) -> bool {
    ends(plan).any(|e| e == (false, group, EndValue::State(column)))
}

/// Parameters of a group that are read, at either end.
pub fn params_read(plan: &Plan, group: usize) -> impl Iterator<Item = usize> + '_ {
    ends(plan).filter_map(move |(_, g, value)| match value {
        EndValue::Param(k) if g == group => Some(k),
        _ => None,
    })
}

/// Room for parameters that are one number for all edges.
pub(super) fn place_params(plan: &Plan, layout: &mut Layout, params: &mut u64) -> Result<(), WgslError> {
    let kept: Vec<Option<CouplingLayout>> = (0..plan.couplings.len()).map(|k| layout.couplings.get(k).cloned()).collect();
    layout.couplings.clear();
    for ((number, coupling), kept) in plan.couplings.iter().enumerate().zip(kept) {
        let read = leaves(coupling);
        let mut places = Vec::new();
        for (k, column) in coupling.params.iter().enumerate() {
            let used = read.contains(&Node::Param(k as u32));
            places.push(match column {
                _ if !used => None,
                EdgeColumn::Shared(_) => {
                    let differs = (0..plan.instances).any(|i| plan.coupling_param(i, number, k).is_some());
                    Some(EdgePlace::Shared(ColumnPlace::new(false, differs, 1, layout.instances, params)?))
                }
                EdgeColumn::PerEdge(_) => {
                    Some(kept.as_ref().and_then(|c| c.params.get(k).copied().flatten()).unwrap_or(EdgePlace::PerEdge(0)))
                }
            });
        }
        let edges = kept.map_or(EdgeStorage::Csr { starts: 0, sources: 0 }, |c| c.edges);
        layout.couplings.push(CouplingLayout { edges, params: places });
    }
    Ok(())
}

/// Room for edges, all in the first page.
pub(super) fn place(plan: &Plan, layout: &mut Layout) -> Result<(), WgslError> {
    let mut synapses = 0u64;
    for (coupling, place) in plan.couplings.iter().zip(&mut layout.couplings) {
        let (sources, targets) = (u64::from(coupling.edges.sources()), u64::from(coupling.edges.targets()));
        let turns = coupling.turns();
        if turns >= layout.turns {
            return Err(WgslError::LoopTurns { route: coupling.name.clone(), edges: turns, turns: layout.turns });
        }
        let (edges, values) = match coupling.storage() {
            Storage::Csr => {
                let edges = coupling.edges.count();
                let starts = take(&mut layout.words.tables, targets + 1, "tables")?;
                (EdgeStorage::Csr { starts, sources: take(&mut synapses, edges, "synapses")? }, edges)
            }
            Storage::Dense { complete: true } => (EdgeStorage::Dense { joined: None }, sources * targets),
            Storage::Dense { complete: false } => {
                let joined = take(&mut synapses, sources.div_ceil(32) * targets, "synapses")?;
                (EdgeStorage::Dense { joined: Some(joined) }, sources * targets)
            }
        };
        place.edges = edges;
        for place in place.params.iter_mut().flatten() {
            if let EdgePlace::PerEdge(first) = place {
                *first = take(&mut synapses, values, "synapses")?;
            }
        }
    }
    edge_groups::place(plan, layout, &mut synapses)?;
    if synapses > layout.page_words {
        return Err(WgslError::GradedPage { need: synapses * 4, limit: layout.page_words * 4 });
    }
    word(synapses, "synapses")?;
    layout.pages.push(Page { words: synapses, work: 0..0 });
    Ok(())
}
