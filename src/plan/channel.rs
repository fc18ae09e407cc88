//! Which channel of a port each route arrives on: one, or a second of finer scale for weights that one cannot hold beside others.
//!
//! In: a plan whose routes are known. Out: its ports with their scales; a port that needs two channels has a second port behind
//! it, whose arrivals the rule adds to those of the first, so that engines, snapshots and schedules know nothing of channels.
//! Refused is what two channels cannot hold. Double precision rounds nothing, and has the same plan.

use std::ops::Range;
use std::sync::Arc;

use super::explain::number;
use super::fixed_point::{self, TOLERANCE};
use super::{Connectivity, EdgeColumn, Plan, PlanError, PortPlan, Route};
use crate::model::rule::{Graph, LinearSystem, Node, NodeId, Port, Rule, replace};
use crate::threads;

/// Weights below so many units go to the fine channel, where a route has any that one channel cannot hold: half a unit is
/// 6.1e-5 of them, less than [`TOLERANCE`].
const WEAK: f64 = (1u32 << 13) as f64;

/// Pieces of a route that are summed side by side: the same number on every machine, so that sums do not depend on it.
const PIECES: usize = 8;

/// What a route brings to its channel. For weights that change, sums and unit follow from their bounds instead.
#[derive(Clone)]
pub(super) struct Load {
    /// By target: the largest sum of absolute weights that can meet in a slot.
    sums: Arc<Vec<f64>>,
    /// The largest unit that is fine enough for sure, in weight units; infinite if all weights are 0.
    unit: f64,
}

/// Routes that share sums.
pub(super) struct Channel {
    pub bound: f64,
    pub scale: f64,
    /// Routes that the scale does not hold, with the largest unit that does for sure, the weakest first.
    pub wrong: Vec<(usize, f64)>,
}

impl Plan {
    /// Gives every port its scale, and a second channel where one is too coarse.
    ///
    /// **Errors** weights that two channels cannot hold side by side.
    pub(super) fn scale_ports(&mut self) -> Result<(), PlanError> {
        let ports = |plan: &Plan| plan.groups.iter().map(|g| vec![Vec::new(); g.ports.len()]).collect::<Vec<Vec<Vec<usize>>>>();
        let mut routes = ports(self);
        for (k, route) in self.routes.iter().enumerate() {
            let group = self.place(route.target).group;
            self.groups[group].ports[route.port as usize].used = true;
            routes[group][route.port as usize].push(k);
        }
        for background in &self.backgrounds {
            self.groups[background.group].ports[background.port as usize].used = true;
        }
        for (group, ports) in routes.into_iter().enumerate() {
            for (port, routes) in ports.into_iter().enumerate() {
                let all = self.channel(group, &routes);
                let coarse = if all.wrong.is_empty() { all } else { self.second_channel(group, port, routes, &all)? };
                (self.groups[group].ports[port].bound, self.groups[group].ports[port].scale) = (coarse.bound, coarse.scale);
            }
        }
        Ok(())
    }

    /// Moves the weak weights of routes that one channel cannot hold to a second one.
    fn second_channel(&mut self, group: usize, port: usize, routes: Vec<usize>, all: &Channel) -> Result<Channel, PlanError> {
        let mut fine = Vec::new();
        for (k, _) in &all.wrong {
            match weak_part(&self.routes[*k], all.scale) {
                Part::Nothing => {}
                Part::All => fine.push(*k),
                Part::Some(strong, weak) => {
                    self.routes[*k] = strong;
                    fine.push(self.routes.len());
                    self.routes.push(weak);
                }
            }
        }
        let strong: Vec<usize> = routes.into_iter().filter(|k| !fine.contains(k)).collect();
        let (coarse, second) = (self.channel(group, &strong), self.channel(group, &fine));
        if let Some((weak, _)) = second.wrong.first().or(coarse.wrong.first()) {
            let finest = second.scale == fixed_point::scale(f64::MIN_POSITIVE);
            return Err(self.refused(group, port, *weak, &strong, &fine, finest));
        }
        if !fine.is_empty() {
            let rule = &self.groups[group].rule;
            let place = rule.ports.len() as u32;
            self.groups[group].rule = Arc::new(with_fine_port(rule, port as u32));
            self.groups[group].ports.push(PortPlan { used: true, bound: second.bound, scale: second.scale });
            fine.iter().for_each(|k| self.routes[*k].port = place);
        }
        Ok(coarse)
    }

    /// Names the projections that cannot meet: the one whose weights are lost, and the one that has the largest.
    fn refused(&self, group: usize, port: usize, weak: usize, strong: &[usize], fine: &[usize], finest: bool) -> PlanError {
        let name = |k: usize| self.routes[k].name.clone();
        let all = || strong.iter().chain(fine).copied();
        // of a projection that has been parted, both parts
        let extent = |k: usize| {
            let parts = all().filter(|other| self.routes[*other].name == self.routes[k].name);
            parts.map(|other| extent(&self.routes[other].weight)).fold(NOTHING, wider)
        };
        let told = |k: usize| match extent(k) {
            (low, high) if low == high => number(low),
            (low, high) => format!("{} to {}", number(low), number(high)),
        };
        let strongest = all().max_by(|a, b| extent(*a).1.total_cmp(&extent(*b).1)).unwrap_or(weak);
        let port = &self.groups[group].rule.ports[port];
        let (port, unit) = (port.name.clone(), port.dimension.unit());
        let (projection, weights) = (name(weak), told(weak));
        if finest {
            PlanError::TooSmall { projection, weights, port, unit }
        } else if projection == name(strongest) {
            PlanError::Spread { projection, weights, port, unit }
        } else {
            let (strong, strongest) = (name(strongest), told(strongest));
            PlanError::Scales { weak: projection, weakest: weights, strong, strongest, port, unit }
        }
    }

    /// What one channel makes of these routes, which end at one port of a group.
    fn channel(&self, group: usize, routes: &[usize]) -> Channel {
        let parts: Vec<(usize, &Route, Load)> = routes.iter().map(|k| (*k, &self.routes[*k], load(&self.routes[*k]))).collect();
        self.channel_of(group, &parts)
    }

    /// The same of routes as an instance may have them, by number, with what they bring.
    pub(super) fn channel_of(&self, group: usize, routes: &[(usize, &Route, Load)]) -> Channel {
        let mut sums = vec![0.0f64; if routes.is_empty() { 0 } else { self.groups[group].rows as usize }];
        for (_, route, load) in routes {
            let first = self.place(route.target).first_row as usize;
            sums[first..].iter_mut().zip(&*load.sums).for_each(|(sum, own)| *sum += own);
        }
        let bound = sums.into_iter().fold(0.0, f64::max);
        let mut channel = Channel { bound, scale: fixed_point::scale(bound), wrong: Vec::new() };
        channel.wrong = wrong(routes, &channel);
        // what is learned may be anything up to its bound
        let shared = |(_, route, _): &(usize, &Route, Load)| match (&route.weight, route.learned) {
            (EdgeColumn::Shared(w), None) => Some(*w),
            _ => None,
        };
        // many equal weights are exact at a scale that is no power of two
        if !channel.wrong.is_empty()
            && let Some(weights) = routes.iter().map(shared).collect::<Option<Vec<f64>>>()
            && let Some(scale) = fixed_point::common(&weights, bound)
        {
            return Channel { bound, scale, wrong: Vec::new() };
        }
        channel
    }
}

fn wrong(routes: &[(usize, &Route, Load)], channel: &Channel) -> Vec<(usize, f64)> {
    let fits = fixed_point::holds(channel.bound, channel.scale);
    let right = |route: &Route, unit: f64| {
        let looked_at = || {
            let rounding = fixed_point::rounding(route, channel.scale);
            rounding.relative <= TOLERANCE && (route.drawn || rounding.lost == 0)
        };
        let for_sure = unit * channel.scale >= 1.0 || route.drawn && unit_of_means(route) * channel.scale >= 1.0;
        fits && (for_sure || looked_at())
    };
    let wrong = routes.iter().filter(|(_, route, load)| !right(route, load.unit));
    let mut wrong: Vec<(usize, f64)> = wrong.map(|(k, _, load)| (*k, load.unit)).collect();
    wrong.sort_by(|a, b| a.1.total_cmp(&b.1));
    wrong
}

/// A route's edges in pieces that are walked side by side.
fn pieces(edges: &Connectivity) -> Vec<Range<u64>> {
    let all = edges.count();
    let piece = all.div_ceil(PIECES as u64).max(1 << 16);
    (0..all.div_ceil(piece)).map(|k| k * piece..all.min((k + 1) * piece)).collect()
}

/// Synapses of each target of a route.
pub(super) fn counts(edges: &Connectivity) -> Vec<u32> {
    let targets = edges.targets() as usize;
    let count = |piece: &Range<u64>| {
        let mut counts = vec![0u32; targets];
        edges.each_target(piece.clone(), |t| counts[t as usize] += 1);
        counts
    };
    let pieces: Vec<Vec<u32>> = threads::of_each(&pieces(edges), count);
    let mut sums = vec![0; targets];
    for piece in pieces {
        sums.iter_mut().zip(piece).for_each(|(sum, n)| *sum += n);
    }
    sums
}

impl Load {
    /// Of synapses that share a weight, so many at each target.
    pub fn of_shared(counts: &[u32], weight: f64) -> Load {
        let sums = Arc::new(counts.iter().map(|n| f64::from(*n) * weight.abs()).collect());
        let unit = if weight == 0.0 { f64::INFINITY } else { 2.0 * TOLERANCE * weight.abs() };
        Load { sums, unit }
    }

    /// Of the pieces of a route: by target the sum, and the least weight that is not 0.
    fn of_pieces(targets: usize, pieces: Vec<(Vec<f64>, f32)>) -> Load {
        let mut sums = vec![0.0f64; targets];
        let mut least = f32::INFINITY;
        for (piece, low) in pieces {
            sums.iter_mut().zip(piece).for_each(|(sum, own)| *sum += own);
            least = least.min(low);
        }
        Load { sums: Arc::new(sums), unit: 2.0 * TOLERANCE * f64::from(least) }
    }
}

/// One pass over the edges of a route.
pub(super) fn load(route: &Route) -> Load {
    let (edges, targets) = (&*route.edges, route.edges.targets() as usize);
    match &route.weight {
        EdgeColumn::Shared(w) => Load::of_shared(&counts(edges), *w),
        // the same sums in the same order, whether weights are kept or not
        EdgeColumn::Drawn(_) => {
            let add = |piece: &Range<u64>| {
                let mut least = f32::INFINITY;
                let mut sums = vec![0.0f64; targets];
                edges.each_with(&route.weight, piece.clone(), |t, w| {
                    let w = w.abs();
                    sums[t as usize] += w;
                    least = if w > 0.0 { least.min(w as f32) } else { least };
                });
                (sums, least)
            };
            Load::of_pieces(targets, threads::of_each(&pieces(edges), add))
        }
        EdgeColumn::PerEdge(list) => {
            let add = |piece: &Range<u64>| {
                let mut least = f32::INFINITY;
                let mut sums = vec![0.0f64; targets];
                let mut weights = list[piece.start as usize..piece.end as usize].iter();
                edges.each_target(piece.clone(), |t| {
                    let w = weights.next().map_or(0.0, |w| w.abs());
                    sums[t as usize] += f64::from(w);
                    least = if w > 0.0 && w < least { w } else { least };
                });
                (sums, least)
            };
            Load::of_pieces(targets, threads::of_each(&pieces(edges), add))
        }
    }
}

/// The largest unit that is fine enough for drawn weights, some of which are small beside the others of their target: each of n
/// is off by half a unit at most.
fn unit_of_means(route: &Route) -> f64 {
    let mut sums = vec![(0.0f64, 0u32); route.edges.targets() as usize];
    route.edges.each_with(&route.weight, 0..route.edges.count(), |t, w| {
        let (w, sum) = (w.abs(), &mut sums[t as usize]);
        *sum = (sum.0 + w, sum.1 + u32::from(w > 0.0));
    });
    let means = sums.iter().filter(|(_, n)| *n > 0).map(|(sum, n)| sum / f64::from(*n));
    2.0 * TOLERANCE * means.fold(f64::INFINITY, f64::min)
}

/// What of a route is too weak for a channel.
enum Part {
    Nothing,
    All,
    /// The strong synapses, and the weak ones.
    Some(Route, Route),
}

fn weak_part(route: &Route, scale: f64) -> Part {
    let is_weak = |w: f64| w != 0.0 && w.abs() * scale < WEAK;
    if let Some(w) = route.weight.shared() {
        return if is_weak(w) { Part::All } else { Part::Nothing };
    }
    let (mut weak, mut strong) = (Vec::new(), false);
    route.weight.each(0..route.edges.count(), |w| {
        weak.push(is_weak(w));
        strong |= w != 0.0 && !is_weak(w);
    });
    if !strong {
        return Part::All;
    }
    if !weak.contains(&true) {
        return Part::Nothing;
    }
    Part::Some(chosen(route, |edge| !weak[edge]), chosen(route, |edge| weak[edge]))
}

/// A route with some of its edges.
fn chosen(route: &Route, choose: impl Fn(usize) -> bool) -> Route {
    let kept: Vec<u64> = (0..route.edges.count()).filter(|e| choose(*e as usize)).collect();
    let column = |column: &EdgeColumn| match column {
        EdgeColumn::Shared(x) => EdgeColumn::Shared(*x),
        _ => EdgeColumn::per_edge(kept.iter().map(|e| column.get(*e as usize) as f32).collect()),
    };
    Route { edges: Arc::new(route.edges.only(&kept)), weight: column(&route.weight), ..route.clone() }
}

/// The least and the largest absolute weight that is not 0.
fn extent(weight: &EdgeColumn) -> (f64, f64) {
    let one = |w: f64| if w == 0.0 { NOTHING } else { (w.abs(), w.abs()) };
    match weight {
        EdgeColumn::Shared(w) => one(*w),
        EdgeColumn::PerEdge(list) => list.iter().map(|w| one(f64::from(*w))).fold(NOTHING, wider),
        EdgeColumn::Drawn(column) => {
            let (low, high) = column.span();
            if low <= high { (column.least().into(), low.abs().max(high.abs()).into()) } else { NOTHING }
        }
    }
}

const NOTHING: (f64, f64) = (f64::INFINITY, 0.0);

fn wider(a: (f64, f64), b: (f64, f64)) -> (f64, f64) {
    (a.0.min(b.0), a.1.max(b.1))
}

/// The rule with a port more, whose arrivals are added to those of another.
fn with_fine_port(rule: &Rule, port: u32) -> Rule {
    let of = &rule.ports[port as usize];
    let fine = rule.ports.len() as u32;
    let mut ports = rule.ports.clone();
    ports.push(Port { name: format!("{} (fine)", of.name), fine_of: Some(port), ..of.clone() });
    let mut graph = Graph::default();
    let mut made: Vec<NodeId> = Vec::with_capacity(rule.graph.nodes.len());
    for node in &rule.graph.nodes {
        let new = graph.add(replace(*node, |operand| made[operand.0 as usize]));
        made.push(if *node == Node::Arrived(port) {
            let more = graph.add(Node::Arrived(fine));
            graph.plus(new, more)
        } else {
            new
        });
    }
    let at = |id: &NodeId| made[id.0 as usize];
    let all = |list: &[NodeId]| list.iter().map(at).collect::<Vec<NodeId>>();
    let system = |s: &LinearSystem| LinearSystem { size: s.size, matrix: all(&s.matrix) };
    Rule {
        ports,
        systems: rule.systems.iter().map(system).collect(),
        derived: all(&rule.derived),
        initial: all(&rule.initial),
        next: all(&rule.next),
        spike: rule.spike.as_ref().map(at),
        graph,
        ..rule.clone()
    }
}
