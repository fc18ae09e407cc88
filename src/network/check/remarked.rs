//! What is possible and seldom meant: said once for each sort, and the run goes on.

use std::sync::Arc;

use super::given::{Changed, Given, places};
use super::long_step::long_step;
use super::words::described;
use super::{Checker, on_grid, short};
use crate::model::integrate::stability::{self, Explicit, fastest, norm};
use crate::model::library;
use crate::model::rule::{Binary, NoValue, Node, NodeId};
use crate::model::{Method, NeuronModel, Refractory, SynapseModel};
use crate::network::checked::{Column, Draw, EdgeValue, Law};
use crate::units::Dimension;

/// Events a step of a source that can send one: beyond it, one in twenty is lost.
const MOST_EVENTS: f64 = 0.1;
/// An explicit step longer than so many time constants grows what it should let decay.
const MOST_TIME_CONSTANTS: f64 = 2.0;
/// A draw of a normal below 0 that is less likely than this is not spoken of.
const UNLIKELY: f64 = 1e-9;

impl Checker<'_> {
    /// Parameters of a population that are possible and seldom meant.
    pub(super) fn remark_neurons(
        &mut self,
        part: &str,
        model: &Arc<NeuronModel>,
        method: Option<Method>,
        params: &[Column],
        changed: Option<Changed<'_>>,
    ) {
        let at = |k: u32, row: usize| params.get(k as usize).map(|column| column.get(row));
        let rows = |k: u32| match params.get(k as usize) {
            Some(Column::PerRow(list)) => list.len(),
            _ => 1,
        };
        let given =
            Given { one: "neuron", graph: &model.graph, params: &model.params, at: &at, rows: &rows, changed, narrow: false };
        self.refractory(part, model, &given);
        if let Some(message) = reset_at_threshold(model, &given) {
            self.remarks.add("reset", part, message);
        }
        if let Some(message) = one_event_a_step(model, &given, self.dt) {
            self.remarks.add("events", part, message);
        }
        let explicit = self.explicit_of(model, method);
        let names = |k: u32| model.states[k as usize].name.as_str();
        if let Some(message) = explicit_step(&explicit, &names, &given, self.dt) {
            self.remarks.add("step", part, message);
        }
        if changed.is_none()
            && let Some(message) = long_step(&explicit, model, params, self.dt)
        {
            self.remarks.add("long step", part, message);
        }
    }

    /// The same for the parameters of synapses.
    pub(super) fn remark_synapses(&mut self, part: &str, model: &SynapseModel, params: &[EdgeValue]) {
        for (param, value) in model.params.iter().zip(params) {
            if is_conductance(param.dimension) && may_be_negative(value) {
                let message = format!("`{}` is a conductance and may be negative", param.name);
                self.remarks.at(&format!("parameters.{}", param.name), "conductance", part, message);
            }
        }
        let at = |k: u32, edge: usize| params.get(k as usize)?.known(edge);
        let rows = |k: u32| params.get(k as usize).map_or(1, EdgeValue::count);
        if model.states.is_empty() {
            return;
        }
        let given = Given {
            one: "synapse",
            graph: &model.graph,
            params: &model.params,
            at: &at,
            rows: &rows,
            changed: None,
            narrow: false,
        };
        let names = |k: u32| model.states[k as usize].name.as_str();
        if let Some(message) = explicit_step(&stability::of_synapses(model), &names, &given, self.dt) {
            self.remarks.add("step", part, message);
        }
    }

    /// A weight below 0 where a conductance arrives.
    pub(super) fn remark_weight(&mut self, part: &str, port: &str, dimension: Dimension, weight: &EdgeValue) {
        if is_conductance(dimension) && may_be_negative(weight) {
            let message = format!(
                "weights at `{port}`, a {}, may be negative; what inhibits is a positive weight at a port whose reversal \
                 potential lies below the threshold",
                described(dimension)
            );
            self.remarks.at("weight", "weight", part, message);
        }
    }

    /// A weight above 0 where a ready model takes a current or a jump that shall inhibit: the port does not turn its sign.
    pub(super) fn remark_inhibition(
        &mut self,
        part: &str,
        port: &str,
        model: &NeuronModel,
        dimension: Dimension,
        weight: &EdgeValue,
    ) {
        let ready = library::models().is_ok_and(|models| models.values().any(|own| std::ptr::eq(Arc::as_ptr(own), model)));
        if ready && port.ends_with("_inh") && !is_conductance(dimension) && is_above_zero(weight) {
            let message = format!(
                "weights at `{port}`, a {}, are above 0 and excite; only at a conductance is what inhibits a positive weight",
                described(dimension)
            );
            self.remarks.at("weight", "weight", part, message);
        }
    }

    /// Weights of Poisson events.
    pub(super) fn remark_events(&mut self, part: &str, dimension: Dimension, weight: &Column) {
        let negative = match weight {
            Column::Shared(x) => *x < 0.0,
            Column::PerRow(list) => list.iter().any(|x| *x < 0.0),
        };
        if is_conductance(dimension) && negative {
            let message = format!("the weight of its events, a {}, is negative", described(dimension));
            self.remarks.at("weight", "weight", part, message);
        }
    }

    /// Refractory times are counted in steps.
    fn refractory(&mut self, part: &str, model: &NeuronModel, given: &Given<'_>) {
        let Some(Refractory::Time(time)) = model.refractory else { return };
        let dt = self.dt;
        let places = places(given.graph, time);
        if !given.asked(&places) {
            return;
        }
        let count = given.count(&places);
        let (mut moved, mut first, mut furthest) = (0u64, None, 0.0f64);
        for row in 0..count {
            let Some(ms) = given.evaluate(time, row) else { continue };
            let Some((steps, false)) = on_grid(ms, dt) else { continue };
            moved += 1;
            furthest = furthest.max((steps as f64 * dt - ms).abs());
            // one that is rounded to nothing is the one to tell
            if first.is_none_or(|(_, known)| known > 0 && steps == 0) {
                first = Some((row, steps));
            }
        }
        let Some((row, steps)) = first else { return };
        let names = given.names(&places, row);
        let place = given.place(count, row);
        let rounded = match steps {
            0 => format!("is less than half a step of {dt} ms: the neuron is never refractory"),
            n => format!("is not a multiple of dt; it is {} ms", short(n as f64 * dt)),
        };
        let all = if moved > 1 { format!("; {moved} are rounded, by up to {} ms", short(furthest)) } else { String::new() };
        // a value that follows its default stands nowhere: then the section is told
        let key = places.last().map_or(String::new(), |k| format!("parameters.{}", given.params[*k as usize].name));
        self.remarks.at(
            &key,
            if steps == 0 { "no refractory step" } else { "refractory" },
            part,
            format!("{names}{place} {rounded}{all}"),
        );
    }

    fn explicit_of(&mut self, model: &Arc<NeuronModel>, method: Option<Method>) -> Arc<Explicit> {
        let key = (model.ast.name.text.clone(), method);
        self.explicit.entry(key).or_insert_with(|| Arc::new(stability::of_neurons(model, method))).clone()
    }
}

/// The row where the reset leaves a neuron where it spikes, if there is one.
fn reset_at_threshold(model: &NeuronModel, given: &Given<'_>) -> Option<String> {
    let threshold = model.threshold?;
    let tested: Vec<u32> = model.graph.leaves(threshold).into_iter().filter_map(state).collect();
    let known = |leaf: Node| matches!(leaf, Node::Param(_)) || state(leaf).is_some_and(|k| is_set(model, k));
    if tested.is_empty() || !model.graph.leaves(threshold).into_iter().all(known) {
        return None;
    }
    let mut names = places(&model.graph, threshold);
    for statement in model.reset.iter().filter(|a| tested.contains(&a.state)) {
        let more = places(&model.graph, statement.value);
        names.extend(more.into_iter().filter(|k| !names.contains(k)).collect::<Vec<_>>());
    }
    if !given.asked(&names) {
        return None;
    }
    let count = given.count(&names);
    let row = (0..count).find(|row| {
        // states that the reset does not set, or sets from what is not known, have no value
        let mut states: Vec<Option<f64>> = vec![None; model.states.len()];
        let value = |node: NodeId, states: &[Option<f64>]| {
            let leaf = |leaf: Node| match leaf {
                Node::Param(k) => (given.at)(k, *row),
                Node::State(k) => states[k as usize],
                _ => None,
            };
            told(model.graph.evaluate_with(node, &mut { leaf }))
        };
        for statement in &model.reset {
            states[statement.state as usize] = value(statement.value, &states);
        }
        value(threshold, &states).is_some_and(|spikes| spikes != 0.0 && !spikes.is_nan())
    })?;
    let (named, place) = (given.names(&names, row), given.place(count, row));
    Some(format!("the reset leaves it where it spikes ({named}{place}): it spikes again in the next step that tests"))
}

/// Is a state set by the reset from parameters, and states set so, alone?
fn is_set(model: &NeuronModel, state_place: u32) -> bool {
    let mut set = Vec::new();
    for statement in &model.reset {
        let follows = |leaf: Node| matches!(leaf, Node::Param(_)) || state(leaf).is_some_and(|k| set.contains(&k));
        if model.graph.leaves(statement.value).into_iter().all(follows) {
            set.push(statement.state);
        } else {
            set.retain(|k| *k != statement.state);
        }
    }
    set.contains(&state_place)
}

/// `None`: it depends on what is not known here.
fn told(value: Result<f64, NoValue>) -> Option<f64> {
    value.ok()
}

fn state(leaf: Node) -> Option<u32> {
    match leaf {
        Node::State(k) => Some(k),
        _ => None,
    }
}

/// A source that throws a coin in each step (`rand() < rate*dt`) sends one spike where a Poisson process may have two.
fn one_event_a_step(model: &NeuronModel, given: &Given<'_>, dt: f64) -> Option<String> {
    let graph = &model.graph;
    let needed = graph.needed(model.threshold?);
    let chance = graph.nodes.iter().zip(&needed).filter(|(_, needed)| **needed).find_map(|(node, _)| match *node {
        Node::Binary(Binary::Less | Binary::LessEqual, drawn, chance) if matches!(graph.node(drawn), Node::Uniform(_)) => {
            // of a source that is on for a time, while it is on
            let ways = match graph.node(chance) {
                Node::Select { then, otherwise, .. } => [then, otherwise],
                _ => [chance; 2],
            };
            ways.into_iter().find(|way| {
                let leaves = graph.leaves(*way);
                leaves.contains(&Node::Dt) && leaves.iter().all(|leaf| matches!(leaf, Node::Param(_) | Node::Dt))
            })
        }
        _ => None,
    })?;
    let places = places(graph, chance);
    if !given.asked(&places) {
        return None;
    }
    let count = given.count(&places);
    let of = |row: usize| {
        let leaf = |leaf: Node| match leaf {
            Node::Param(k) => (given.at)(k, row),
            Node::Dt => Some(dt),
            _ => None,
        };
        told(graph.evaluate_with(chance, &mut { leaf }))
    };
    let most = 1.0 - libm::exp(-MOST_EVENTS * (1.0 + 1e-9));
    let (row, p) = (0..count).find_map(|row| Some((row, of(row).filter(|p| *p > most)?.min(1.0))))?;
    let lost = 100.0 * (1.0 + p / libm::log1p(-p));
    let (named, place) = (given.names(&places, row), given.place(count, row));
    Some(format!(
        "{named}{place}: it spikes with probability {p:.2} in a step of {dt} ms, and once at most; of the events of a Poisson process \
         {lost:.0} % are lost. A smaller dt loses fewer, a `poisson` stimulus none"
    ))
}

/// A step that is too long for a state's time constant.
fn explicit_step<'n>(explicit: &Explicit, name: &dyn Fn(u32) -> &'n str, given: &Given<'_>, dt: f64) -> Option<String> {
    let own = explicit.decays.iter().find_map(|decay| {
        let places = places(&explicit.graph, decay.factor);
        if !given.asked(&places) {
            return None;
        }
        let count = given.count(&places);
        // in time constants
        let length = |row: usize| {
            let factor = without_input(explicit, decay.factor, given, row, dt)?;
            Some(if decay.of_step { 1.0 - factor } else { -factor * dt })
        };
        let too_long = |row: usize| length(row).filter(|x| *x > MOST_TIME_CONSTANTS * (1.0 + 1e-9));
        let (row, x) = (0..count).find_map(|row| Some((row, too_long(row)?)))?;
        let place = given.place(count, row);
        let state = name(decay.state);
        let by = match explicit.method {
            Some(method) if !decay.of_step => format!("method `{method}`"),
            _ => "the statement of its step".to_string(),
        };
        Some(format!(
            "`{state}`{place}: a step of {dt} ms is {} times its time constant of {} ms, and {by} lets it grow beyond {MOST_TIME_CONSTANTS}; \
             use dt below {} ms, or method `exponential_euler`",
            short3(x),
            short3(dt / x),
            short3(MOST_TIME_CONSTANTS * dt / x)
        ))
    });
    own.or_else(|| coupled_step(explicit, name, given, dt))
}

/// Matrices whose eigenvalues are looked at, of rows that differ.
const MOST_MATRICES: usize = 256;

/// A step that is too long for states that are linear in each other, each of which may be slow by itself.
fn coupled_step<'n>(explicit: &Explicit, name: &dyn Fn(u32) -> &'n str, given: &Given<'_>, dt: f64) -> Option<String> {
    let (coupled, method) = (explicit.coupled.as_ref()?, explicit.method?);
    let n = coupled.states.len();
    let mut of_matrix: Vec<u32> = coupled.matrix.iter().flat_map(|node| places(&explicit.graph, *node)).collect();
    of_matrix.sort_unstable();
    of_matrix.dedup();
    if !given.asked(&of_matrix) {
        return None;
    }
    let count = given.count(&of_matrix);
    let limit = MOST_TIME_CONSTANTS * (1.0 + 1e-9);
    let matrix =
        |row: usize| coupled.matrix.iter().map(|node| without_input(explicit, *node, given, row, dt)).collect::<Option<Vec<_>>>();
    // few are so large that an eigenvalue may pass the limit
    let large = (0..count).filter_map(|row| Some((row, matrix(row)?))).filter(|(_, m)| norm(m, n) * dt > limit);
    let mut lengths = large.take(MOST_MATRICES).map(|(row, matrix)| (row, fastest(&matrix, n) * dt));
    let (row, x) = lengths.find(|(_, x)| *x > limit)?;
    let place = given.place(count, row);
    let names: Vec<String> = coupled.states.iter().map(|k| format!("`{}`", name(*k))).collect();
    Some(format!(
        "{}{place}: a step of {dt} ms is {} times the shortest time constant that they have together, {} ms, and method `{}` lets them \
         grow beyond {MOST_TIME_CONSTANTS}; use dt below {} ms, or method `exact`",
        names.join(", "),
        short3(x),
        short3(dt / x),
        method,
        short3(MOST_TIME_CONSTANTS * dt / x)
    ))
}

/// What a factor is in a row while inputs are 0; `None`: it is not known before the run.
fn without_input(explicit: &Explicit, node: NodeId, given: &Given<'_>, row: usize, dt: f64) -> Option<f64> {
    let leaf = |leaf: Node| match leaf {
        Node::Param(k) => (given.at)(k, row),
        Node::Dt => Some(dt),
        Node::Held(_) => Some(0.0),
        _ => None,
    };
    told(explicit.graph.evaluate_with(node, &mut { leaf }))
}

/// To three digits.
fn short3(x: f64) -> f64 {
    format!("{x:.2e}").parse().unwrap_or(x)
}

fn is_conductance(dimension: Dimension) -> bool {
    let area = Dimension::LENGTH.times(Dimension::LENGTH);
    dimension == Dimension::CONDUCTANCE || dimension == Dimension::CONDUCTANCE.per(area)
}

/// Is a value below 0, or may one be drawn?
fn may_be_negative(value: &EdgeValue) -> bool {
    match value {
        EdgeValue::Shared(x) => *x < 0.0,
        EdgeValue::Pair(law) => law.bounds.0 < 0.0,
        EdgeValue::List(list) => list.iter().any(|x| *x < 0.0),
        EdgeValue::Except(others, own) => may_be_negative(others) || own.iter().flat_map(|(_, list)| list).any(|x| *x < 0.0),
        EdgeValue::Draw(Draw { law, min, .. }) => match law {
            Law::Uniform { low, .. } => *low < 0.0,
            Law::Choice { of, .. } => of.iter().any(|x| *x < 0.0),
            Law::Normal { mean, sd } => {
                let below = 0.5 * libm::erfc(mean / (sd * std::f64::consts::SQRT_2));
                *min < 0.0 && (*mean < 0.0 || (*sd > 0.0 && below > UNLIKELY))
            }
            Law::Integers { low, .. } => *low < 0.0,
            Law::VonMises { mean, .. } => *mean < std::f64::consts::PI,
            Law::Gamma { scale: sign, .. } | Law::Exponential { mean: sign } => *sign < 0.0 && *min < 0.0,
            Law::Poisson { times: sign, .. } | Law::Binomial { times: sign, .. } => *sign < 0.0,
            Law::Lognormal { .. } => false,
        },
    }
}

/// Whether a weight is above 0 wherever it falls, as far as that can be seen without drawing it.
fn is_above_zero(value: &EdgeValue) -> bool {
    match value {
        EdgeValue::Shared(x) => *x > 0.0,
        EdgeValue::Pair(law) => law.bounds.0 > 0.0,
        EdgeValue::List(list) => !list.is_empty() && list.iter().all(|x| *x > 0.0),
        EdgeValue::Except(others, own) => is_above_zero(others) && own.iter().flat_map(|(_, list)| list).all(|x| *x > 0.0),
        EdgeValue::Draw(Draw { law, .. }) => match law {
            Law::Uniform { low, .. } => *low > 0.0,
            Law::Normal { mean, .. } => *mean > 0.0,
            Law::Lognormal { .. } => true,
            Law::Choice { .. } | Law::Integers { .. } | Law::VonMises { .. } | Law::Gamma { .. } => false,
            Law::Exponential { .. } | Law::Poisson { .. } | Law::Binomial { .. } => false,
        },
    }
}
