//! A synapse model: parameters, what a spike adds, what flows in every step, and states of its own.
//!
//! Alone, the dimensions of `pre.` and `post.` names are not known and fit everything; [`bind`] checks again with the
//! models at both ends.

use super::assignment::assignment;
use super::checker::{Checker, Place};
use super::events::{self, Decided};
use super::line::{Line, is_send};
use super::neuron::{constant, equations, method_of, params_of, range_of, ranges, states};
use super::{Meaning, Scope, item_span, only};
use crate::diagnostic::{Diagnostic, Report, Source};
use crate::model::ast::{self, AssignOperator, Item, ModelAst, Name, Statement};
use crate::model::rule::Graph;
use crate::model::{Action, BoundSynapse, EventStatement, Modulator, NeuronModel, PortAddition, State, SynapseModel, Trigger};
use crate::units::{Dimension, nearest};

/// A synapse model between these two neuron models.
///
/// **Errors** names and dimensions that do not fit the two ends.
pub fn bind(model: &SynapseModel, source: &NeuronModel, target: &NeuronModel) -> Result<BoundSynapse, Report> {
    let mut diagnostics = Vec::new();
    let bound = with_ends(&model.ast, Some([source, target]), &mut diagnostics);
    if diagnostics.is_empty() {
        match BoundSynapse::new(bound, source, target) {
            Ok(bound) => return Ok(bound),
            // what is not there has been said with its place; this is for a name that was looked for elsewhere
            Err(name) => diagnostics.push(Diagnostic::new("E102", format!("neither end has `{name}`"))),
        }
    }
    let name = format!("synapse {}", model.ast.name.text);
    let text = crate::model::print::print(&model.ast);
    // spans speak of the text as written, which is not at hand here: the printed text is checked instead
    let source_text = Source { name, text };
    match crate::model::parse::parse(&source_text) {
        Ok(models) => {
            let mut placed = Vec::new();
            for ast in &models {
                with_ends(ast, Some([source, target]), &mut placed);
            }
            if !placed.is_empty() {
                diagnostics = placed;
            }
        }
        // what is wrong is said without an excerpt, and so is what we printed that cannot be read
        Err(ours) => {
            diagnostics.extend(ours.diagnostics);
            diagnostics.iter_mut().for_each(|d| (d.span, d.related) = (None, None));
        }
    }
    Err(Report { source: source_text, diagnostics })
}

pub(super) fn check(ast: &ModelAst, diagnostics: &mut Vec<Diagnostic>) -> Option<SynapseModel> {
    Some(with_ends(ast, None, diagnostics))
}

fn with_ends(ast: &ModelAst, models: Option<[&NeuronModel; 2]>, diagnostics: &mut Vec<Diagnostic>) -> SynapseModel {
    let before = diagnostics.len();
    let scope = declare(ast, diagnostics);
    let mut graph = Graph::default();
    let mut checker = Checker::new(&scope, &ast.items, &mut graph, diagnostics, models);
    let mut params = params_of(&mut checker);
    let modulators = modulators(&mut checker);
    let mut states = states(&mut checker);
    equations(&mut checker, &mut states, Place::Synapse);
    state_ranges(&mut checker, &mut states);
    let method = method_of(&mut checker, ast);
    let (mut on_pre, mut lines, mut graded) = (Vec::new(), Vec::new(), Vec::new());
    for item in &ast.items {
        match item {
            Item::OnPre { statements, span } => {
                let made = statements
                    .iter()
                    .filter_map(|statement| on_source(&mut checker, models, statement, &mut on_pre).map(|made| (statement, made)));
                lines.push(Line { trigger: Trigger::Pre, span: *span, statements: made.collect() });
            }
            Item::OnPost { statements, span } => {
                let made = statements.iter().filter_map(|s| Some((s, state_alone(&mut checker, s, Place::Event)?)));
                lines.push(Line { trigger: Trigger::Post, span: *span, statements: made.collect() });
            }
            Item::Every { interval, statements, span } => {
                let time =
                    checker.expect_dimension(interval, Place::Constant, Dimension::TIME, "the time between two runs of a line");
                let made = statements.iter().filter_map(|s| Some((s, state_alone(&mut checker, s, Place::Interval)?)));
                let statements = made.collect();
                if let Some(time) = time {
                    lines.push(Line { trigger: Trigger::Every(time), span: *span, statements });
                }
            }
            Item::Graded { port: name, value, .. } => {
                let dimension = models.and_then(|[_, target]| port(&mut checker, target, name, true));
                addition(&mut checker, name, value, dimension, Place::Synapse, &mut graded);
            }
            _ => {}
        }
    }
    let Decided { events, arrival, delay } = events::decide(&mut checker, ast, lines, &on_pre, &states, &modulators, before);
    let step = step(&mut checker, ast, [!arrival.is_empty(), states.iter().any(|s| s.equation.is_some()), !graded.is_empty()]);
    // one that sends nothing may watch what its ends do
    let watches = events.iter().flat_map(|event| &event.statements).any(|made| !is_send(made));
    if on_pre.is_empty() && graded.is_empty() && !watches && checker.diagnostics.len() == before {
        let problem = Diagnostic::new("E112", format!("synapse `{}` does nothing", ast.name.text)).at(ast.name.span);
        checker.diagnostics.push(if states.is_empty() {
            problem.help("add `on_pre g_exc += w` or `graded i_syn += g*(e - post.v)`")
        } else {
            let state = &states[0].name;
            problem.help(format!(
                "let its state flow, `graded i_syn += {state}*(e - post.v)`, or go with spikes, `on_pre g_exc += {state}`"
            ))
        });
    }
    ranges(&mut checker, &mut params);
    let (ends, uniforms, totals) = (checker.ends, checker.uniforms, checker.totals);
    let ast = ast.clone();
    SynapseModel {
        ast,
        graph,
        params,
        states,
        modulators,
        arrival,
        events,
        delay,
        step,
        method,
        on_pre,
        graded,
        totals,
        uniforms,
        ends,
    }
}

/// Numbers from elsewhere, in the order of the text.
fn modulators(checker: &mut Checker<'_>) -> Vec<Modulator> {
    let mut out = Vec::new();
    for item in checker.items {
        let Item::Modulator { name, default, unit } = item else { continue };
        let (dimension, default) = constant(checker, name, default.as_ref(), unit.as_ref());
        checker.inputs.push(dimension);
        out.push(Modulator { name: name.text.clone(), dimension, default });
    }
    out
}

/// What states are kept within, both ends included.
fn state_ranges(checker: &mut Checker<'_>, states: &mut [State]) {
    let items = checker.items;
    let ranges = items.iter().filter_map(|item| match item {
        Item::State { name, range, .. } => Some((name, range)),
        _ => None,
    });
    for (state, (name, range)) in states.iter_mut().zip(ranges) {
        state.range = range_of(checker, name, range, state.dimension);
        for bound in [&range.low, &range.high].into_iter().flatten().filter(|bound| !bound.within) {
            let message = format!("`{}` is kept within its range by clipping, so both ends belong to it", name.text);
            let problem = Diagnostic::new("E116", message).at(bound.value.span);
            checker.diagnostics.push(problem.help("write `from` in place of `above`, `to` in place of `below`"));
        }
    }
}

fn declare(ast: &ModelAst, diagnostics: &mut Vec<Diagnostic>) -> Scope {
    let mut scope = Scope::default();
    let (mut params, mut states, mut modulators) = (0, 0, 0);
    for (k, item) in ast.items.iter().enumerate() {
        match item {
            Item::Param { name, .. } => {
                scope.declare(name, Meaning::Param(params), diagnostics);
                params += 1;
            }
            Item::State { name, .. } => {
                scope.declare(name, Meaning::State(states), diagnostics);
                states += 1;
            }
            Item::Modulator { name, .. } => {
                scope.declare(name, Meaning::Held(modulators), diagnostics);
                modulators += 1;
            }
            Item::Let { name, .. } => scope.declare(name, Meaning::Let(k), diagnostics),
            Item::Equation { state, unless_refractory: true, .. } => diagnostics.push(
                Diagnostic::new("E108", "a synapse is never refractory").at(state.span).help("leave out `(unless refractory)`"),
            ),
            Item::Equation { .. }
            | Item::OnPre { .. }
            | Item::OnPost { .. }
            | Item::Every { .. }
            | Item::Delay { .. }
            | Item::Graded { .. }
            | Item::Method { .. }
            | Item::Step { .. } => {}
            _ => diagnostics.push(
                Diagnostic::new(
                    "E108",
                    "a synapse model holds `param`, `state`, `modulator`, `name = expression`, `dx/dt = expression`, `on_pre`, `on_post`, \
                     `every`, `delay`, `graded`, `method` and `step` lines only",
                )
                .at(item_span(item)),
            ),
        }
    }
    scope
}

/// What a spike of the source does: to a state of the synapse anything, to a port of the target an addition.
fn on_source(
    checker: &mut Checker<'_>,
    models: Option<[&NeuronModel; 2]>,
    statement: &Statement,
    on_pre: &mut Vec<PortAddition>,
) -> Option<EventStatement> {
    let target = &statement.target;
    if let Some(Meaning::State(_)) = checker.scope.find(&target.text) {
        return assignment(checker, statement, Place::Event).map(EventStatement::Assign);
    }
    if let Some(Meaning::Held(_)) = checker.scope.find(&target.text) {
        checker.diagnostics.push(given(target));
        return None;
    }
    if statement.operator != AssignOperator::Add {
        let problem = match checker.scope.find(&target.text) {
            Some(Meaning::Param(_)) => parameter(target).at(target.span),
            _ => Diagnostic::new("E107", format!("a spike can add to `{}`, not set it: several may arrive at once", target.text))
                .at(statement.span)
                .help(format!("write `{} += ...`", target.text)),
        };
        checker.diagnostics.push(problem);
        return None;
    }
    let dimension = models.and_then(|[_, post]| port(checker, post, target, false));
    let place = on_pre.len();
    addition(checker, target, &statement.value, dimension, Place::Event, on_pre);
    (on_pre.len() > place).then_some(EventStatement::Send(place as u32))
}

/// A modulator where a state should stand.
fn given(name: &Name) -> Diagnostic {
    let problem = Diagnostic::new("E107", format!("`{}` is a modulator, and a synapse only reads it", name.text)).at(name.span);
    problem.help("what it is follows from the neurons or the input that the projection names")
}

/// A parameter where a state should stand.
fn parameter(name: &Name) -> Diagnostic {
    let problem = Diagnostic::new("E107", format!("`{}` is a parameter, and spikes change states", name.text));
    problem.help(format!("declare it as a state: `state {} = … (from … to …)`", name.text))
}

/// What a spike of the target does, or an interval: to a state of the synapse anything, elsewhere nothing.
fn state_alone(checker: &mut Checker<'_>, statement: &Statement, place: Place) -> Option<EventStatement> {
    let name = &statement.target;
    let problem = match checker.scope.find(&name.text) {
        Some(Meaning::State(_)) => return assignment(checker, statement, place).map(EventStatement::Assign),
        Some(Meaning::Param(_)) => parameter(name),
        Some(Meaning::Held(_)) => given(name),
        _ => {
            let states = checker.items.iter().filter_map(|item| match item {
                Item::State { name, .. } => Some(name.text.as_str()),
                _ => None,
            });
            let near = nearest(&name.text, states);
            let who = if place == Place::Interval { "what happens at an interval" } else { "a spike of the target" };
            let message = format!("`{}` is no state of the synapse, and {who} is sent nowhere", name.text);
            let problem = Diagnostic::new("E107", message);
            match near {
                Some(near) => problem.did_you_mean(Some(near)),
                None if place == Place::Interval => {
                    problem.help("only a spike sends: let a state take the value, and an `on_pre` line add it to the port")
                }
                None => problem.help("what a neuron does to itself at its spike is its `reset`; ports receive from `on_pre` lines"),
            }
        }
    };
    checker.diagnostics.push(problem.at(name.span));
    None
}

/// The order inside the step. What flows does so with the state at its start, unless a `step` block says otherwise, and a spike
/// acts at the end of the step in which it arrives.
fn step(checker: &mut Checker<'_>, ast: &ModelAst, [spikes, integrates, flows]: [bool; 3]) -> Vec<Action> {
    let block = only(ast, "step", |i| matches!(i, Item::Step { .. }), checker.diagnostics);
    let Some(Item::Step { actions, span }) = block else {
        return vec![Action::Graded, Action::Integrate, Action::Receive];
    };
    let mut out = Vec::new();
    for action in actions {
        let (what, at, made) = match action {
            ast::Action::Receive(at) => ("receive", *at, Action::Receive),
            ast::Action::Integrate(at) => ("integrate", *at, Action::Integrate),
            ast::Action::Graded(at) => ("graded", *at, Action::Graded),
            ast::Action::Spike(at) => {
                let problem = Diagnostic::new("E108", "a synapse does not spike").at(*at);
                checker.diagnostics.push(problem.help("`receive` runs its `on_pre` statements"));
                continue;
            }
            ast::Action::Assign(statement) => {
                out.extend(assignment(checker, statement, Place::Synapse).map(Action::Assign));
                continue;
            }
        };
        if out.contains(&made) {
            checker.diagnostics.push(Diagnostic::new("E108", format!("`{what}` stands twice in this step")).at(at));
        }
        out.push(made);
    }
    let needed = [
        (spikes, Action::Receive, "receive", "a spike changes its state"),
        (integrates, Action::Integrate, "integrate", "the model has differential equations"),
        (flows, Action::Graded, "graded", "the model has a `graded` line"),
    ];
    for (_, _, what, why) in needed.iter().filter(|(needed, action, ..)| *needed && !out.contains(action)) {
        let problem = Diagnostic::new("E112", format!("{why}, and this step never says `{what}`")).at(*span);
        checker.diagnostics.push(problem.help(format!("add a line `{what}`")));
    }
    out
}

/// The dimension of the target's port (or continuous input) of this name.
fn port(checker: &mut Checker<'_>, target: &NeuronModel, name: &Name, continuous: bool) -> Option<Dimension> {
    let ports: Vec<(&str, Dimension)> = target.ports.iter().map(|p| (p.name.as_str(), p.dimension)).collect();
    let inputs: Vec<(&str, Dimension)> = target.inputs.iter().map(|p| (p.name.as_str(), p.dimension)).collect();
    let (wanted, others) = if continuous { (inputs, ports) } else { (ports, inputs) };
    if let Some((_, dimension)) = wanted.iter().find(|(n, _)| *n == name.text) {
        return Some(*dimension);
    }
    let what = if continuous { "continuous input" } else { "port" };
    let diagnostic =
        Diagnostic::new("E102", format!("the target `{}` has no {what} `{}`", target.ast.name.text, name.text)).at(name.span);
    let diagnostic = if others.iter().any(|(n, _)| *n == name.text) {
        let way = if continuous { "on_pre" } else { "graded" };
        diagnostic.help(format!("`{}` is of the other kind: use `{way}`", name.text))
    } else {
        match nearest(&name.text, wanted.iter().map(|(n, _)| *n)) {
            None if wanted.is_empty() => diagnostic.help(format!("it has no {what}s")),
            None => diagnostic.help(format!("it has {}", wanted.iter().map(|(n, _)| *n).collect::<Vec<_>>().join(", "))),
            near => diagnostic.did_you_mean(near),
        }
    };
    checker.diagnostics.push(diagnostic);
    None
}

fn addition(
    checker: &mut Checker<'_>,
    name: &Name,
    value: &crate::model::ast::Expr,
    dimension: Option<Dimension>,
    place: Place,
    out: &mut Vec<PortAddition>,
) {
    let expected = dimension.unwrap_or(Dimension::UNKNOWN);
    let what = format!("weights at `{}`", name.text);
    if let Some(node) = checker.expect_dimension(value, place, expected, &what) {
        out.push(PortAddition { port: name.text.clone(), value: node, dimension });
    }
}
