//! A synapse that spikes alone change: which models these are, and what their lines must keep to.
//!
//! In: the lines `on_pre` and `on_post`, checked one by one. Out: [`Event`]s in the order of the text, or, of other models, what
//! happens where a spike arrives. Not here: whether what the lines do has bounds and an effect ([`super::effect`]).

use super::checker::Checker;
use super::line::{Line, is_send, value};
use super::{effect, item_span, only};
use crate::diagnostic::Diagnostic;
use crate::model::ast::{Item, ModelAst};
use crate::model::rule::{Node, NodeId, affine};
use crate::model::{Assignment, DelayPlace, Event, EventStatement, Modulator, PortAddition, State};
use crate::units::nearest;

/// What the lines mean.
pub(super) struct Decided {
    pub events: Vec<Event>,
    /// Where the synapse is stepped instead.
    pub arrival: Vec<Assignment>,
    pub delay: DelayPlace,
}

/// Settles what the lines of a model mean. `before`: how much had been found wrong with other models.
pub(super) fn decide(
    checker: &mut Checker<'_>,
    ast: &ModelAst,
    lines: Vec<Line<'_>>,
    on_pre: &[PortAddition],
    states: &[State],
    modulators: &[Modulator],
    before: usize,
) -> Decided {
    let said = only(ast, "delay", |i| matches!(i, Item::Delay { .. }), checker.diagnostics);
    let delay = said.and_then(|item| place(checker, item)).unwrap_or_default();
    let Some(why) = reason(checker, &lines, on_pre, said.is_some(), states, modulators) else {
        refuse_ranges(checker);
        let all = lines.into_iter().flat_map(|line| line.statements);
        let arrival = all.filter_map(|(_, made)| if let EventStatement::Assign(a) = made { Some(a) } else { None }).collect();
        return Decided { events: Vec::new(), arrival, delay };
    };
    refuse_steps(checker, ast, &why);
    closed_forms(checker, states, modulators);
    order(checker, &lines, delay);
    clock(checker, &lines, on_pre);
    // what is not understood may seem without effect
    if checker.diagnostics.len() == before {
        effect::check(checker, &lines, on_pre, states, modulators);
    }
    let statements = |line: Line<'_>| line.statements.into_iter().map(|(_, made)| made).collect();
    let events = lines.into_iter().map(|line| Event { post: line.post, statements: statements(line) });
    Decided { events: events.collect(), arrival: Vec::new(), delay }
}

/// Where the delay lies.
fn place(checker: &mut Checker<'_>, item: &Item) -> Option<DelayPlace> {
    let Item::Delay { place } = item else { return None };
    match place.text.as_str() {
        "axonal" => Some(DelayPlace::Axonal),
        "dendritic" => Some(DelayPlace::Dendritic),
        other => {
            let message = format!("a delay lies before the synapse (`axonal`) or behind it (`dendritic`), found `{other}`");
            let problem = Diagnostic::new("E102", message).at(place.span);
            checker.diagnostics.push(problem.did_you_mean(nearest(other, ["axonal", "dendritic"].into_iter())));
            None
        }
    }
}

/// Why spikes alone change this synapse; `None`: it is folded or stepped.
fn reason(
    checker: &Checker<'_>,
    lines: &[Line<'_>],
    on_pre: &[PortAddition],
    delay: bool,
    states: &[State],
    modulators: &[Modulator],
) -> Option<String> {
    if let Some(modulator) = modulators.first() {
        return Some(format!("it has the modulator `{}`", modulator.name));
    }
    if lines.iter().any(|line| line.post) {
        return Some("it has an `on_post` line".into());
    }
    if delay {
        return Some("it says `delay`".into());
    }
    for addition in on_pre {
        let state = checker.graph.leaves(addition.value).into_iter().find_map(|leaf| match leaf {
            Node::State(k) => states.get(k as usize),
            _ => None,
        });
        if let Some(state) = state {
            return Some(format!("what it adds to `{}` depends on its state `{}`", addition.port, state.name));
        }
    }
    (checker.uniforms > 0).then(|| "it draws `rand()` where a spike arrives".into())
}

/// States of a stepped synapse are not clipped.
fn refuse_ranges(checker: &mut Checker<'_>) {
    for item in checker.items {
        let Item::State { name, range, .. } = item else { continue };
        if *range != Default::default() {
            let message =
                format!("the range of `{}` is kept where spikes alone change a synapse, and this one is stepped", name.text);
            let help = format!("limit it where it changes: `{0} = min({0} + …, …)`", name.text);
            checker.diagnostics.push(Diagnostic::new("E116", message).at(name.span).help(help));
        }
    }
}

/// What belongs to synapses that are stepped.
fn refuse_steps(checker: &mut Checker<'_>, ast: &ModelAst, why: &str) {
    let kinds = [
        ("`graded` line", "let another projection carry the graded part, with a synapse model of its own"),
        ("`step` block", "its `on_pre` and `on_post` lines run from top to bottom, as they are written"),
        ("`method`", "between spikes each of its states goes by the closed form of its equation"),
    ];
    for item in &ast.items {
        let (what, help) = match item {
            Item::Graded { .. } => kinds[0],
            Item::Step { .. } => kinds[1],
            Item::Method { .. } => kinds[2],
            _ => continue,
        };
        let message = format!("a synapse that spikes alone change has no {what}, and this is one: {why}");
        checker.diagnostics.push(Diagnostic::new("E116", message).at(item_span(item)).help(help));
    }
}

/// Between events a state goes by its closed form: its equation is linear in itself, with parameters alone beside it.
fn closed_forms(checker: &mut Checker<'_>, states: &[State], modulators: &[Modulator]) {
    for (k, state) in (0u32..).zip(states) {
        let Some(equation) = &state.equation else { continue };
        let steady = |n: Node| matches!(n, Node::Constant(_) | Node::Param(_) | Node::Dt);
        let mut scratch = checker.graph.clone();
        let parts = affine(&mut scratch, equation.rate, |n| (n == Node::State(k)).then_some(k));
        let closed = |id: NodeId| scratch.leaves(id).into_iter().all(steady);
        if parts.is_some_and(|parts| parts.factors.values().chain([&parts.rest]).all(|id| closed(*id))) {
            continue;
        }
        let why = checker.graph.leaves(equation.rate).into_iter().find_map(|leaf| match leaf {
            Node::State(j) if j != k => Some(format!("names the state `{}`", states[j as usize].name)),
            Node::Time => Some("names the time `t`".into()),
            Node::Held(j) => Some(format!("names the modulator `{}`", modulators[j as usize].name)),
            Node::End(j) => {
                let end = &checker.ends[j as usize];
                Some(format!("names `{}.{}`", if end.post { "post" } else { "pre" }, end.name))
            }
            _ => None,
        });
        let why = why.unwrap_or_else(|| format!("is not linear in `{}`", state.name));
        let name = &state.name;
        let message = format!("`d{name}/dt` {why}, and a synapse that spikes alone change needs its states in closed form");
        let help = format!("write it as `d{name}/dt = (a - {name})/tau`, with parameters beside the state");
        let span = checker.items.iter().find_map(|item| match item {
            Item::Equation { state, value, .. } if state.text == *name => Some(value.span),
            _ => None,
        });
        let problem = Diagnostic::new("E116", message).help(help);
        checker.diagnostics.push(match span {
            Some(span) => problem.at(span),
            None => problem,
        });
    }
}

/// A spike that comes by the axon arrives before the target's threshold is tested, so what adds to a port cannot run later.
fn order(checker: &mut Checker<'_>, lines: &[Line<'_>], delay: DelayPlace) {
    let Some(first) = lines.iter().position(|line| line.post) else { return };
    if delay == DelayPlace::Dendritic {
        return;
    }
    for (statement, _) in lines[first..].iter().flat_map(|line| &line.statements).filter(|(_, made)| is_send(made)) {
        let port = &statement.target.text;
        let message = format!(
            "what is added to `{port}` arrives before the target's threshold is tested, and this line runs after an `on_post` line"
        );
        let help = "put it above the first `on_post` line, or say `delay dendritic`: then a spike leaves first and travels behind \
                    the synapse";
        let problem = Diagnostic::new("E116", message).at(statement.span).help(help);
        checker.diagnostics.push(problem.related(lines[first].span, "the first `on_post` line"));
    }
}

fn clock(checker: &mut Checker<'_>, lines: &[Line<'_>], on_pre: &[PortAddition]) {
    for (statement, made) in lines.iter().flat_map(|line| &line.statements) {
        if value(made, on_pre).is_some_and(|value| checker.depends_on(value, |n| n == Node::Time)) {
            let message = "`t` cannot stand in what a spike does to a synapse that spikes alone change";
            let help = "a state that decays tells how long ago something was: `dx/dt = -x/tau`";
            checker.diagnostics.push(Diagnostic::new("E116", message).at(statement.value.span).help(help));
        }
    }
}
