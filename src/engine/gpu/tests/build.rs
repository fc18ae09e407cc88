//! Small plans by hand.

use std::sync::Arc;

use crate::model::rule::{Graph, Node, NodeId, Rule};
use crate::model::{integrate, library};
use crate::plan::{
    Column, Connectivity, EdgeColumn, Group, PlacedPopulation, Plan, PopulationId, PortPlan, Route, Stream, derive_group,
    fixed_point,
};

/// Numbers without a pattern, the same in every run.
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, n: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (((self.0 >> 32) * u64::from(n)) >> 32) as u32
    }

    /// In steps of 1/1024.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * f64::from(self.below(1024)) / 1024.0
    }
}

pub fn empty(dt: f64) -> Plan {
    Plan {
        name: "test".into(),
        dt,
        seed: 1,
        network_hash: String::new(),
        instances: 1,
        variants: Vec::new(),
        populations: Vec::new(),
        groups: Vec::new(),
        routes: Vec::new(),
        gathered: Vec::new(),
        learning: Vec::new(),
        drives: Vec::new(),
        backgrounds: Vec::new(),
        taps: Vec::new(),
        window: 1,
        slots: 2,
        history: 0,
        rows: 0,
        apart: false,
        remarks: Vec::new(),
    }
}

/// Adds populations of a ready model as one group.
pub fn add_group(plan: &mut Plan, model: &str, sizes: &[(&str, u32)], params: &[(&str, Column)]) -> usize {
    let model = library::models().unwrap()[model].clone();
    let rule = integrate::rule(&model, None, plan.dt, &vec![true; model.inputs.len()]).unwrap();
    let rows = sizes.iter().map(|s| s.1).sum();
    let mut values: Vec<Column> = Vec::new();
    for param in &model.params {
        let given = params.iter().find(|(name, _)| *name == param.name).map(|(_, c)| c.clone());
        values.push(given.unwrap_or_else(|| Column::Shared(param.default.map_or(0.0, |n| value(&model.graph, n, &values)))));
    }
    add_rule(plan, rule, model, rows, values, sizes)
}

/// Adds a group of a rule made by hand.
pub fn add_rule(
    plan: &mut Plan,
    rule: Rule,
    model: Arc<crate::model::NeuronModel>,
    rows: u32,
    params: Vec<Column>,
    sizes: &[(&str, u32)],
) -> usize {
    let number = plan.groups.len();
    let mut group = Group {
        label: sizes.iter().map(|s| s.0).collect::<Vec<_>>().join(", "),
        ports: rule.ports.iter().map(|_| PortPlan { used: false, bound: 0.0, scale: 1.0 }).collect(),
        given_initial: vec![None; model.states.len()],
        model,
        rule: Arc::new(rule),
        rows,
        base: plan.rows,
        params,
        derived: Vec::new(),
        initial: Vec::new(),
        listed: Vec::new(),
    };
    derive_group(&mut group, plan.dt).unwrap();
    let mut first_row = 0;
    for (name, size) in sizes {
        let stream = Stream::Run { population: plan.populations.len() as u32, place: 0 }.tag().unwrap();
        plan.populations.push(PlacedPopulation {
            name: (*name).into(),
            group: number,
            first_row,
            size: *size,
            shape: vec![*size],
            positions: None,
            stream,
        });
        first_row += size;
    }
    plan.rows += rows.next_multiple_of(crate::plan::ROW_ALIGNMENT);
    plan.groups.push(group);
    number
}

/// A number of parameters alone.
fn value(graph: &Graph, root: NodeId, params: &[Column]) -> f64 {
    match graph.node(root) {
        Node::Constant(bits) => f64::from_bits(bits),
        Node::Param(k) => params[k as usize].get(0),
        Node::Unary(o, x) => o.apply(value(graph, x, params)),
        Node::Binary(o, a, b) => o.apply(value(graph, a, params), value(graph, b, params)),
        node => panic!("{node:?}"),
    }
}

/// Edges from each source to `fan` targets, with repeats and to itself as chance will.
pub fn edges(dice: &mut Dice, sources: u32, targets: u32, fan: u32) -> Connectivity {
    let (mut row_start, mut target) = (vec![0], Vec::new());
    for _ in 0..sources {
        let mut row: Vec<u32> = (0..fan).map(|_| dice.below(targets)).collect();
        row.sort_unstable();
        target.extend(row);
        row_start.push(target.len() as u64);
    }
    Connectivity::stored(targets, row_start, target)
}

pub fn connect(plan: &mut Plan, from: &str, to: &str, port: u32, edges: Connectivity, weight: EdgeColumn, delay: EdgeColumn) {
    let id = |name: &str| plan.population(name).unwrap();
    let (source, target): (PopulationId, PopulationId) = (id(from), id(to));
    plan.routes.push(Route {
        name: format!("{from} -> {to}"),
        source,
        target,
        port,
        edges: Arc::new(edges.delayed(&delay).unwrap()),
        weight,
        drawn: false,
        learned: None,
        again: false,
    });
}

/// Slots, window and scales from the routes.
pub fn finish(plan: &mut Plan) {
    let all: Vec<u32> = plan.routes.iter().flat_map(|r| <[u32; 2]>::from(r.edges.delays())).collect();
    plan.window = all.iter().copied().min().unwrap_or(16).min(64);
    plan.slots = (all.iter().copied().max().unwrap_or(1) + 1).next_power_of_two();
    let mut sums: Vec<Vec<f64>> = plan.groups.iter().map(|g| vec![0.0; g.ports.len()]).collect();
    for route in &plan.routes {
        // more than any row can meet
        let sum = match &route.weight {
            EdgeColumn::Shared(w) => w.abs() * route.edges.count() as f64,
            column => {
                let mut sum = 0.0;
                column.each(0..route.edges.count(), |w| sum += w.abs());
                sum
            }
        };
        sums[plan.place(route.target).group][route.port as usize] += sum;
    }
    for (group, sums) in plan.groups.iter_mut().zip(sums) {
        for (port, bound) in group.ports.iter_mut().zip(sums) {
            *port = PortPlan { used: bound > 0.0, bound, scale: fixed_point::scale(bound) };
        }
    }
}
