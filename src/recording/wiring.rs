//! Who is joined to whom in a whole network, from its plan.

use std::sync::Arc;

use super::Synapses;
use crate::plan::{Connectivity, EdgeColumn, Plan};

/// The synapses of a whole network.
#[derive(Clone, Debug)]
pub struct Wiring {
    /// Name and size of each population.
    pub populations: Vec<(String, u32)>,
    /// By projection.
    pub projections: Vec<Joined>,
}

/// The synapses of a projection, and between which populations they are.
#[derive(Clone, Debug)]
pub struct Joined {
    /// By place among the populations.
    pub source: usize,
    /// By place among the populations.
    pub target: usize,
    /// The weight of each, or of synapses with a model of their own its parameter or state `w`, `weight`, `g_max` or `g`, the first that
    /// it has and that is given for each or for all; 1 where it has none.
    pub synapses: Synapses,
}

impl Wiring {
    /// Before the first step.
    pub fn of(plan: &Plan) -> Wiring {
        let populations = plan.populations().iter().map(|p| (p.name.clone(), p.size)).collect();
        let mut projections = Vec::new();
        let mut add = |name: &str, ends: [u32; 2], edges: &Arc<Connectivity>, weight: Option<(&str, String, &EdgeColumn)>| {
            let count = edges.count() as usize;
            let (variable, unit, values) = match weight {
                Some((name, unit, column)) => (name, unit, (0..count).map(|edge| column.get(edge)).collect()),
                None => ("synapse", "1".to_string(), vec![1.0; count]),
            };
            let synapses =
                Synapses { projection: name.into(), variable: variable.into(), unit, time: 0.0, values, edges: edges.clone() };
            projections.push(Joined { source: ends[0] as usize, target: ends[1] as usize, synapses });
        };
        // what is learned is kept below
        for route in plan.routes().iter().filter(|route| route.learned.is_none()) {
            let unit = plan.group_of(route.target).model.ports()[route.port as usize].dimension.unit();
            let again = match &route.weight {
                EdgeColumn::PerEdge(values) if route.edges.is_by_delay() => {
                    let (edges, values) = route.edges.by_target_again(values);
                    Some((Arc::new(edges), EdgeColumn::per_edge(values)))
                }
                EdgeColumn::Shared(_) if route.edges.is_by_delay() => {
                    Some((Arc::new(route.edges.by_target_again(&[]).0), route.weight.clone()))
                }
                _ => None,
            };
            let (edges, column) = again.as_ref().map_or((&route.edges, &route.weight), |(edges, column)| (edges, column));
            add(&route.name, [route.source.0, route.target.0], edges, Some(("weight", unit, column)));
        }
        for own in plan.gathered() {
            let model = own.synapse.model();
            let states = model.states().iter().map(|s| (&s.name, s.dimension)).zip(&own.initial);
            let known = model.params().iter().map(|p| (&p.name, p.dimension)).zip(&own.params).chain(states);
            add(&own.name, [own.source.0, own.target.0], &own.edges, weight(known));
        }
        for own in plan.learning() {
            let model = own.synapse.model();
            let states = own.rule.states().iter().map(|s| (&s.name, s.dimension)).zip(&own.initial);
            let known = model.params().iter().map(|p| (&p.name, p.dimension)).zip(&own.params).chain(states);
            add(&own.name, [own.source.0, own.target.0], &own.edges, weight(known));
        }
        Wiring { populations, projections }
    }
}

fn weight<'a>(
    known: impl Iterator<Item = ((&'a String, crate::units::Dimension), &'a EdgeColumn)>,
) -> Option<(&'a str, String, &'a EdgeColumn)> {
    let known: Vec<_> = known.collect();
    ["w", "weight", "g_max", "g"].iter().find_map(|wanted| {
        let ((name, dimension), column) = known.iter().find(|((name, _), _)| name == wanted)?;
        Some((name.as_str(), dimension.unit(), *column))
    })
}
