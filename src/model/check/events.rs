//! A synapse that learns: which models these are, and what their lines must keep to.
//!
//! In: the lines `on_pre`, `on_post` and `every`, checked one by one. Out: [`Event`]s in the order of the text, or, of other models, what
//! happens where a spike arrives. Not here: whether what the lines do has bounds and an effect ([`super::effect`]).

use super::checker::Checker;
use super::line::{Line, is_send, value};
use super::{effect, item_span, only};
use crate::diagnostic::Diagnostic;
use crate::model::ast::{Item, ModelAst};
use crate::model::rule::{Node, closed_form};
use crate::model::{Assignment, DelayPlace, Event, EventStatement, Modulator, PortAddition, State, Trigger};
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
    clocks(checker, states);
    sums(checker, &lines);
    order(checker, &lines, delay);
    clock(checker, &lines, on_pre);
    // what is not understood may seem without effect
    if checker.diagnostics.len() == before {
        effect::check(checker, &lines, on_pre, states, modulators);
    }
    let statements = |line: Line<'_>| line.statements.into_iter().map(|(_, made)| made).collect();
    let events = lines.into_iter().map(|line| Event { trigger: line.trigger, statements: statements(line) });
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

/// Why this synapse learns; `None`: it is folded, or flows in every step.
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
    for (word, on) in [("on_post", Trigger::is_post as fn(Trigger) -> bool), ("every", Trigger::is_interval)] {
        if lines.iter().any(|line| on(line.trigger)) {
            return Some(format!("it has an `{word}` line"));
        }
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
            let message = format!("the range of `{}` is kept where a synapse learns, and this one flows in every step", name.text);
            let help = format!("limit it where it changes: `{0} = min({0} + …, …)`", name.text);
            checker.diagnostics.push(Diagnostic::new("E116", message).at(name.span).help(help));
        }
    }
}

/// What belongs to synapses that are stepped.
fn refuse_steps(checker: &mut Checker<'_>, ast: &ModelAst, why: &str) {
    let kinds = [
        ("`graded` line", "let another projection carry the graded part, with a synapse model of its own"),
        ("`step` block", "its `on_pre`, `on_post` and `every` lines run from top to bottom, as they are written"),
        (
            "`method`",
            "between spikes each of its states goes by the closed form of its equation, or by explicit Euler where there is none",
        ),
    ];
    for item in &ast.items {
        let (what, help) = match item {
            Item::Graded { .. } => kinds[0],
            Item::Step { .. } => kinds[1],
            Item::Method { .. } => kinds[2],
            _ => continue,
        };
        let message = format!("a synapse that learns has no {what}, and this is one: {why}");
        checker.diagnostics.push(Diagnostic::new("E116", message).at(item_span(item)).help(help));
    }
}

/// An equation with a closed form is worked out from event to event, another in every step: neither knows the time.
fn clocks(checker: &mut Checker<'_>, states: &[State]) {
    for (k, state) in (0u32..).zip(states) {
        let Some(equation) = &state.equation else { continue };
        if closed_form(checker.graph, equation.rate, k).is_some() || !checker.depends_on(equation.rate, |n| n == Node::Time) {
            continue;
        }
        let name = &state.name;
        let message = format!("`d{name}/dt` names the time `t`, which the equations of a synapse that learns do not know");
        let span = checker.items.iter().find_map(|item| match item {
            Item::Equation { state, value, .. } if state.text == *name => Some(value.span),
            _ => None,
        });
        let problem = Diagnostic::new("E116", message);
        let problem = problem.help("let a neuron state follow the time, and read it as `pre.x` or `post.x`");
        checker.diagnostics.push(match span {
            Some(span) => problem.at(span),
            None => problem,
        });
    }
}

/// What `incoming(...)` adds up is taken before its line runs, so no statement above it in the same line may change it.
fn sums(checker: &mut Checker<'_>, lines: &[Line<'_>]) {
    for line in lines {
        let mut changed: Vec<u32> = Vec::new();
        for (statement, made) in &line.statements {
            let EventStatement::Assign(assignment) = made else { continue };
            let terms = checker.graph.leaves(assignment.value).into_iter().filter_map(|leaf| match leaf {
                Node::Arrived(total) => checker.totals.get(total as usize).copied(),
                _ => None,
            });
            let read = terms.flat_map(|term| checker.graph.leaves(term)).find_map(|leaf| match leaf {
                Node::State(k) if changed.contains(&k) => Some(k),
                _ => None,
            });
            if let Some(name) = read.and_then(|k| state_name(checker, k)) {
                let message = format!("`incoming(...)` is taken before its line runs, and a statement above changes `{name}`");
                let help = "put this statement into an `every` line of its own, below";
                checker.diagnostics.push(Diagnostic::new("E116", message).at(statement.value.span).help(help));
            }
            changed.push(assignment.state);
        }
    }
}

fn state_name(checker: &Checker<'_>, k: u32) -> Option<String> {
    let mut names = checker.items.iter().filter_map(|item| match item {
        Item::State { name, .. } => Some(name.text.clone()),
        _ => None,
    });
    names.nth(k as usize)
}

/// A spike that comes by the axon arrives before the target's threshold is tested, so what adds to a port cannot run later.
fn order(checker: &mut Checker<'_>, lines: &[Line<'_>], delay: DelayPlace) {
    let Some(first) = lines.iter().position(|line| line.trigger.is_post()) else { return };
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
            let message = "`t` cannot stand in what changes a synapse that learns";
            let help = "a state that decays tells how long ago something was: `dx/dt = -x/tau`";
            checker.diagnostics.push(Diagnostic::new("E116", message).at(statement.value.span).help(help));
        }
    }
}
