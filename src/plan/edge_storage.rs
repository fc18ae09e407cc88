//! Which projections keep their synapses in memory, and which draw them again for each spike.
//!
//! In: a checked network, what was asked for, the bytes that there are, where the engine keeps synapses. Out: an [`EdgeStorage`] for
//! each projection: what was asked for; else nothing is kept of those that the engine draws on its device, and all others are stored
//! as long as that fits, then as many as must, the largest first, draw their weights again, then their synapses. Not here: drawing
//! (`network::connector`), what each takes (`memory`).

use super::bytes::bytes;
use super::{Plan, PlanError};
use crate::network::EdgeStorage;
use crate::network::checked::{CheckedNetwork, CheckedProjection, CheckedSynapse, EdgeValue};
use crate::network::connector::{apart, has_recipe, is_by_row};

/// What decides how projections are kept that say nothing of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    pub connectivity: Option<EdgeStorage>,
    /// Bytes that there are.
    pub budget: Option<u64>,
    /// The engine keeps synapses on a device and draws there what it can.
    pub on_device: bool,
}

/// What passes a budget where projections are kept so, and the bytes of the synapses of each.
type Forecast<'a> = dyn Fn(&[EdgeStorage], u64) -> Result<(u64, Vec<u64>), PlanError> + 'a;

/// How each projection is kept. `asked`: what is asked of all, the bytes that there are, where the engine keeps them.
///
/// **Errors** a projection that cannot be what it was asked to be; what cannot be counted.
pub(super) fn choose(network: &CheckedNetwork, asked: Asked, forecast: &Forecast<'_>) -> Result<Vec<EdgeStorage>, PlanError> {
    let Asked { connectivity, budget, .. } = asked;
    let size = |p: &CheckedProjection| network.populations[p.target.0 as usize].size;
    let mut storage = Vec::with_capacity(network.projections.len());
    for projection in &network.projections {
        if let Some(asked) = projection.storage
            && let Err(why) = possible(projection, size(projection), asked)
        {
            return Err(PlanError::Procedural { projection: projection.name.clone(), storage: asked.name(), why });
        }
        // what is asked of all holds for those that can
        let of_all = connectivity.filter(|all| possible(projection, size(projection), *all).is_ok());
        let of_device = drawn_there(projection, size(projection), asked).then_some(EdgeStorage::Procedural);
        storage.push(projection.storage.or(of_all).or(of_device).unwrap_or(EdgeStorage::Stored));
    }
    let Some(budget) = budget.filter(|_| connectivity.is_none()) else { return Ok(storage) };
    for wanted in [EdgeStorage::ProceduralWeights, EdgeStorage::Procedural] {
        let (mut over, before) = forecast(&storage, budget)?;
        if over == 0 {
            break;
        }
        let may =
            |k: usize, p: &CheckedProjection| p.storage.is_none() && storage[k] < wanted && possible(p, size(p), wanted).is_ok();
        let others = network.projections.iter().enumerate().filter(|(k, p)| may(*k, p));
        let others: Vec<usize> = others.map(|(k, _)| k).collect();
        let mut changed = storage.clone();
        others.iter().for_each(|k| changed[*k] = wanted);
        let (_, after) = forecast(&changed, budget)?;
        let saved = |k: usize| before.get(k).zip(after.get(k)).map_or(0, |(before, after)| before.saturating_sub(*after));
        let mut others: Vec<(u64, usize)> = others.into_iter().map(|k| (saved(k), k)).filter(|(saved, _)| *saved > 0).collect();
        // the largest first; of equal ones the first
        others.sort_by_key(|(saved, k)| (u64::MAX - saved, *k));
        let mut others = others.into_iter();
        while over > 0 && others.len() > 0 {
            for (saved, k) in others.by_ref() {
                storage[k] = wanted;
                over = over.saturating_sub(saved);
                if over == 0 {
                    break;
                }
            }
            (over, _) = forecast(&storage, budget)?;
        }
    }
    Ok(storage)
}

/// Does the engine draw the synapses of a projection on its device, of which nothing else is asked? `targets`: neurons of its target.
fn drawn_there(projection: &CheckedProjection, targets: u32, asked: Asked) -> bool {
    let CheckedSynapse::Static { weight, .. } = &projection.synapse else { return false };
    asked.on_device
        && projection.storage.or(asked.connectivity).is_none()
        && possible(projection, targets, EdgeStorage::Procedural).is_ok()
        && has_recipe(&projection.connector, [&projection.delay, weight].into_iter())
}

impl Plan {
    /// The same, of whose synapses none is kept that can be drawn again; `None`: none could be before.
    pub(crate) fn drawn_again(&self) -> Option<Plan> {
        let mut plan = self.clone();
        let others = plan.routes.iter_mut().filter(|route| route.edges.is_redrawn() && !route.again);
        (others.map(|route| route.again = true).count() > 0).then_some(plan)
    }
}

/// Are the synapses of a projection that is kept so drawn again by whatever engine, and not only beside a device that keeps them?
pub(super) fn is_kept_nowhere(
    network: &CheckedNetwork,
    projection: &CheckedProjection,
    storage: EdgeStorage,
    asked: Asked,
) -> bool {
    let targets = network.populations[projection.target.0 as usize].size;
    storage == EdgeStorage::Procedural && !drawn_there(projection, targets, asked)
}

/// What memory has decided.
pub(super) fn remark(network: &CheckedNetwork, storage: &[EdgeStorage], asked: Asked) -> Option<String> {
    let budget = asked.budget.filter(|_| asked.connectivity.is_none())?;
    let by_memory = |p: &CheckedProjection, kept: EdgeStorage| {
        let targets = network.populations[p.target.0 as usize].size;
        p.storage.is_none() && kept != EdgeStorage::Stored && !drawn_there(p, targets, asked)
    };
    let changed = network.projections.iter().zip(storage).filter(|(p, kept)| by_memory(p, **kept));
    let names: Vec<&str> = changed.map(|(p, _)| p.name.as_str()).collect();
    let others = names.len().checked_sub(NAMED).filter(|n| *n > 0).map_or(String::new(), |n| format!(" and {n} more"));
    let told = names.iter().take(NAMED).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    (!names.is_empty()).then(|| {
        format!(
            "stored, the synapses would not fit {}: those of {told}{others} are drawn again for each spike (`connectivity`), the same to the bit",
            bytes(budget)
        )
    })
}

/// Projections that a remark names.
const NAMED: usize = 3;

/// Can a projection be kept so? `targets`: neurons of its target.
///
/// **Errors** why not.
fn possible(projection: &CheckedProjection, targets: u32, storage: EdgeStorage) -> Result<(), &'static str> {
    if storage == EdgeStorage::Stored {
        return Ok(());
    }
    if projection.back.is_some() {
        return Err("each of its synapses acts both ways, and is read from both ends");
    }
    let weight = match &projection.synapse {
        CheckedSynapse::Static { weight, .. } => Some(weight),
        CheckedSynapse::Model { synapse, .. } if synapse.is_by_events() => return Err("its synapses keep states of their own"),
        CheckedSynapse::Model { synapse, .. } if synapse.is_gathered() => {
            return Err("its targets gather their synapses in every step, and read them by target");
        }
        CheckedSynapse::Model { .. } => None,
    };
    if storage == EdgeStorage::ProceduralWeights {
        return match weight {
            Some(EdgeValue::Draw(_)) => Ok(()),
            _ => Err("its weights are not drawn from a distribution"),
        };
    }
    if is_by_row(&projection.connector).is_none() {
        return Err(
            "its connector does not draw the targets of each source by themselves; `all_to_all`, `all_to_others`, `one_to_one`, \
                    `fixed_probability`, `fixed_outdegree`, `drawn_outdegree` and `fixed_total` (with multapses) do",
        );
    }
    let of_edges = |value: &EdgeValue| matches!(value, EdgeValue::Pair(_) | EdgeValue::Except(..));
    let params: &[EdgeValue] = match &projection.synapse {
        CheckedSynapse::Static { .. } => &[],
        CheckedSynapse::Model { params, .. } => params,
    };
    if of_edges(&projection.delay) || weight.is_some_and(of_edges) || params.iter().any(of_edges) {
        return Err("its values follow from pairs of neurons, or have exceptions");
    }
    let drawn_delay = matches!(projection.delay, EdgeValue::Draw(_));
    if !matches!(projection.delay, EdgeValue::Shared(_))
        && (!drawn_delay || apart(targets.into(), projection.delay.longest() as u64))
    {
        return Err("its delays do not fit beside the target in a word of 32 bits that is drawn again");
    }
    Ok(())
}
