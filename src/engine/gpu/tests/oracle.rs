//! A plan evaluated node by node, row by row, as plainly as it can be said: what the GPU engine is measured against.

use crate::model::rule::{Binary, Graph, Node, NodeId, Unary};
use crate::plan::fixed_point::quantise;
use crate::plan::{Course, Drive, Plan, Wave};

pub struct Oracle<'a> {
    plan: &'a Plan,
    /// By group, column, row.
    pub states: Vec<Vec<Vec<f32>>>,
    /// By group, port, slot, row.
    rings: Vec<Vec<Vec<Vec<i32>>>>,
    pub external: Vec<f64>,
    step: u64,
    pub spikes: Vec<(u64, u32)>,
}

impl<'a> Oracle<'a> {
    pub fn new(plan: &'a Plan) -> Oracle<'a> {
        let column = |c: &crate::plan::Column, rows: u32| (0..rows as usize).map(|r| c.get(r) as f32).collect();
        let states = plan.groups.iter().map(|g| g.initial.iter().map(|c| column(c, g.rows)).collect()).collect();
        let ring = |rows: u32| vec![vec![0; rows as usize]; plan.slots as usize];
        let rings = plan.groups.iter().map(|g| g.ports.iter().map(|_| ring(g.rows)).collect()).collect();
        Oracle { plan, states, rings, external: vec![0.0; plan.external_inputs()], step: 0, spikes: Vec::new() }
    }

    pub fn run(&mut self, steps: u32) {
        (0..steps).for_each(|_| self.one());
    }

    fn one(&mut self) {
        let (n, slots) = (self.step, self.plan.slots as usize);
        let mut sent = Vec::new();
        for (number, group) in self.plan.groups.iter().enumerate() {
            let rule = &group.rule;
            let clocked = self.plan.clocked(number);
            let clock: Vec<f64> = clocked.clock.of(self.plan.columns(0, number)).at(n, self.plan.dt).collect();
            let held: Vec<Vec<f32>> = (0..rule.inputs.len()).map(|k| self.held(number, k)).collect();
            let listed: Vec<u32> = group.listed.iter().filter(|(at, _)| *at == n + 1).map(|(_, row)| *row).collect();
            for row in 0..group.rows as usize {
                let states: Vec<f32> = self.states[number].iter().map(|c| c[row]).collect();
                let leaf = |node: Node| match node {
                    Node::Param(k) => group.params[k as usize].get(row) as f32,
                    Node::Derived(k) => group.derived[k as usize].get(row) as f32,
                    Node::State(k) => states[k as usize],
                    Node::Arrived(k) => {
                        let slot = (n as usize + usize::from(!rule.ports[k as usize].at_start)) % slots;
                        self.rings[number][k as usize][slot][row] as f32 * (1.0 / group.ports[k as usize].scale) as f32
                    }
                    Node::Held(k) => held[k as usize][row],
                    Node::Time => (n as f64 * self.plan.dt) as f32,
                    Node::StepHigh => (n >> 24) as f32,
                    Node::StepLow => (n & 0xff_ffff) as f32,
                    Node::Clock(k) => clock[k as usize] as f32,
                    Node::Listed => f32::from(u8::from(listed.contains(&(row as u32)))),
                    other => panic!("{other:?}"),
                };
                let values = evaluate(&clocked.graph, clocked.next.iter().chain(&clocked.spike), leaf);
                for (column, next) in self.states[number].iter_mut().zip(&clocked.next) {
                    column[row] = values[next.0 as usize];
                }
                if clocked.spike.is_some_and(|s| values[s.0 as usize] != 0.0) {
                    sent.push(group.base + row as u32);
                }
            }
            for (k, port) in rule.ports.iter().enumerate() {
                let slot = (n as usize + usize::from(!port.at_start)) % slots;
                self.rings[number][k][slot].fill(0);
            }
        }
        for row in sent {
            self.spikes.push((n + 1, row));
            self.deliver(row);
        }
        self.step += 1;
    }

    fn deliver(&mut self, row: u32) {
        let Some((source, neuron)) = self.plan.neuron_at(row) else { return };
        for route in self.plan.routes.iter().filter(|r| r.source == source) {
            let place = self.plan.place(route.target);
            let scale = self.plan.groups[place.group].ports[route.port as usize].scale;
            for e in route.edges.span(neuron) {
                let slot = (self.step as usize + 1 + route.edges.delay_of(e) as usize) % self.plan.slots as usize;
                let to = (place.first_row + route.edges.target_of(e)) as usize;
                self.rings[place.group][route.port as usize][slot][to] += quantise(route.weight.get(e as usize), scale);
            }
        }
    }

    fn held(&self, group: usize, input: usize) -> Vec<f32> {
        let mut sums = vec![0.0f32; self.plan.groups[group].rows as usize];
        for drive in self.plan.drives.iter().filter(|d| d.group == group && d.input as usize == input) {
            for (k, row) in drive.rows.iter().enumerate() {
                sums[row as usize] += self.drive(drive, k) as f32;
            }
        }
        sums
    }

    fn drive(&self, drive: &Drive, k: usize) -> f64 {
        let n = self.step;
        if !drive.on.is_on(n) {
            return 0.0;
        }
        match &drive.wave {
            Wave::Constant(c) => c.get(k),
            Wave::Steps { steps, amplitudes } => steps.iter().zip(amplitudes).rfind(|(s, _)| **s <= n).map_or(0.0, |(_, a)| *a),
            Wave::Course { amplitude, course: Course::Sine { frequency, phase }, offset } => {
                let t = drive.on.since(n) as f64 * self.plan.dt;
                offset.get(k)
                    + amplitude.get(k) * libm::sin(std::f64::consts::TAU * ((frequency * t) - (frequency * t).floor()) + phase)
            }
            Wave::External { first, scale } => self.external[first + k] * scale,
            other => panic!("{other:?}"),
        }
    }
}

/// The values of all nodes below the roots; products and sums apart, as adapters compute that do not fuse.
fn evaluate<'a>(graph: &Graph, roots: impl Iterator<Item = &'a NodeId>, leaf: impl Fn(Node) -> f32) -> Vec<f32> {
    let mut wanted = vec![false; graph.nodes.len()];
    roots.for_each(|r| wanted[r.0 as usize] = true);
    for i in (0..wanted.len()).rev().filter(|i| *i < graph.nodes.len()) {
        if wanted[i] {
            Graph::operands(graph.nodes[i]).for_each(|o| wanted[o.0 as usize] = true);
        }
    }
    let mut v = vec![0.0f32; wanted.len()];
    for i in (0..wanted.len()).filter(|i| wanted[*i]) {
        let at = |id: NodeId| v[id.0 as usize];
        v[i] = match graph.nodes[i] {
            Node::Constant(bits) => f64::from_bits(bits) as f32,
            Node::Unary(Unary::Exp, x) => exp(at(x)).0,
            Node::Unary(Unary::Exprel, x) => exprel(at(x)),
            Node::Unary(operator, x) => operator.apply(f64::from(at(x))) as f32,
            Node::Binary(Binary::Add, a, b) => at(a) + at(b),
            Node::Binary(Binary::Subtract, a, b) => at(a) - at(b),
            Node::Binary(Binary::Multiply, a, b) => at(a) * at(b),
            Node::Binary(Binary::Divide, a, b) => at(a) / at(b),
            Node::Binary(operator, a, b) => operator.apply(f64::from(at(a)), f64::from(at(b))) as f32,
            Node::Select { condition, then, otherwise } => {
                if at(condition) != 0.0 {
                    at(then)
                } else {
                    at(otherwise)
                }
            }
            node => leaf(node),
        };
    }
    v
}

/// exp(x) and (exp(r) - 1)/r of its rest, by the steps of the CPU engine.
fn exp(x: f32) -> (f32, f32) {
    let bounded = x.clamp(-104.0, 88.722_84);
    let n = (bounded * std::f32::consts::LOG2_E).round_ties_even();
    let r = (bounded - n * 0.693_359_4) - n * -2.121_944_4e-4;
    let q = [5040.0, 720.0, 120.0, 24.0, 6.0, 2.0, 1.0].iter().fold(1.0 / 40320.0f32, |q, below| q * r + 1.0 / below);
    let half = n as i32 >> 1;
    let power = |k: i32| f32::from_bits(((k + 127) << 23) as u32);
    let y = (1.0 + r * q) * power(half) * power(n as i32 - half);
    (if x > 88.722_84 { f32::INFINITY } else { y }, q)
}

fn exprel(x: f32) -> f32 {
    let (y, q) = exp(x);
    if x.abs() < 0.34 { q } else { (y - 1.0) / x }
}
