//! A neuron model: its declarations, then its expressions, then whether the parts make a whole.

use super::assignment::assignment;
use super::checker::{Checker, NOISE_HELP, Place, Typed};
use super::whole::{step, whole};
use super::{Meaning, Scope, item_span, only};
use crate::diagnostic::{Diagnostic, Span};
use crate::model::ast::{self, Item, ModelAst, Name, PortFlag};
use crate::model::rule::{Graph, Input, Node, NodeId};
use crate::model::{Bound, Equation, Let, Method, NeuronModel, Param, PortDeclaration, Range, Refractory, State};
use crate::units::{Dimension, nearest};

pub(super) fn check(ast: &ModelAst, diagnostics: &mut Vec<Diagnostic>) -> Option<NeuronModel> {
    for item in &ast.items {
        match item {
            Item::Modulator { name, .. } => diagnostics.push(
                Diagnostic::new("E108", "a `modulator` belongs to a synapse model")
                    .at(name.span)
                    .help(format!("what flows into a neuron from outside is `input {} : …`", name.text)),
            ),
            Item::OnPre { .. } | Item::OnPost { .. } | Item::Every { .. } | Item::Graded { .. } | Item::Delay { .. } => diagnostics
                .push(
                    Diagnostic::new("E108", "`on_pre`, `on_post`, `every`, `graded` and `delay` belong to synapse models")
                        .at(item_span(item))
                        .help("a neuron model says where spikes arrive with `input`, and what its own spike does with `reset`"),
                ),
            Item::State { name, range, .. } if *range != Default::default() => diagnostics.push(
                Diagnostic::new("E108", format!("the state `{}` of a neuron has no range: equations are not clipped", name.text))
                    .at(name.span)
                    .help("a parameter may have one, and a state of a synapse that spikes change"),
            ),
            _ => {}
        }
    }
    let scope = declare(ast, diagnostics);
    let mut graph = Graph::default();
    let mut model = NeuronModel {
        ast: ast.clone(),
        graph: Graph::default(),
        noises: 0,
        uniforms: 0,
        normals: 0,
        params: Vec::new(),
        states: Vec::new(),
        ports: Vec::new(),
        inputs: Vec::new(),
        lets: Vec::new(),
        threshold: None,
        rearm: None,
        reset: Vec::new(),
        refractory: None,
        method: None,
        step: Vec::new(),
    };
    let mut checker = Checker::new(&scope, &ast.items, &mut graph, diagnostics, None);
    model.params = params_of(&mut checker);
    inputs(&mut checker, &mut model);
    model.states = states(&mut checker);
    ports(&mut checker, &mut model);
    for (k, item) in ast.items.iter().enumerate() {
        if let Item::Let { name, .. } = item
            && checker.scope.find(&name.text) == Some(Meaning::Let(k))
            && let Some(Typed { node, dimension, truth: false, .. }) = let_value(&mut checker, name)
        {
            model.lets.push(Let { name: name.text.clone(), dimension, value: node });
        }
    }
    equations(&mut checker, &mut model.states, Place::Rate);
    spiking(&mut checker, &mut model, ast);
    step(&mut checker, &mut model, ast);
    whole(&mut checker, &model, ast);
    ranges(&mut checker, &mut model.params);
    (model.noises, model.uniforms, model.normals) = (checker.noises.len() as u32, checker.uniforms, checker.randns);
    model.graph = graph;
    Some(model)
}

fn declare(ast: &ModelAst, diagnostics: &mut Vec<Diagnostic>) -> Scope {
    let mut scope = Scope::default();
    let (mut params, mut states, mut held) = (0, 0, 0);
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
            Item::Let { name, .. } => scope.declare(name, Meaning::Let(k), diagnostics),
            _ => {}
        }
    }
    // an input that is no state and goes nowhere is a continuous one
    for item in &ast.items {
        if let Item::Input { name, into: None, unit: Some(_), .. } = item {
            scope.declare(name, Meaning::Held(held), diagnostics);
            held += 1;
        }
    }
    scope
}

fn let_value(checker: &mut Checker<'_>, name: &Name) -> Option<Typed> {
    // through the name, so that it is checked once and remembered
    let expr = ast::Expr { kind: ast::ExprKind::Name { scope: None, name: name.clone() }, span: name.span };
    checker.expr(&expr, Place::Rate)
}

/// The parameters of a model, in order; a default may name those before it.
pub(super) fn params_of(checker: &mut Checker<'_>) -> Vec<Param> {
    let mut out: Vec<Param> = Vec::new();
    for item in checker.items {
        let Item::Param { name, default, unit, .. } = item else { continue };
        let (dimension, default) = constant(checker, name, default.as_ref(), unit.as_ref());
        checker.params.push(dimension);
        out.push(Param { name: name.text.clone(), dimension, default, range: Range::default() });
    }
    out
}

/// The dimension of a number, and what it is if nobody says: from parameters alone.
pub(super) fn constant(
    checker: &mut Checker<'_>,
    name: &Name,
    default: Option<&ast::Expr>,
    unit: Option<&ast::UnitText>,
) -> (Dimension, Option<NodeId>) {
    let typed = default.map(|d| (d, checker.expect_number(d, Place::Constant)));
    let dimension = match (unit, &typed) {
        (Some(u), Some((d, Some(t)))) if !t.zero && !t.dimension.fits(u.unit.dimension) => {
            checker.diagnostics.push(
                Diagnostic::new(
                    "E103",
                    format!("`{}` is said to count in {}, and its default is {}", name.text, u.text, t.dimension.told()),
                )
                .at(d.span),
            );
            u.unit.dimension
        }
        (Some(u), _) => u.unit.dimension,
        (None, Some((_, Some(t)))) => t.dimension,
        _ => Dimension::NONE,
    };
    (dimension, typed.and_then(|(_, t)| t).map(|t| t.node))
}

/// What the parameters may be. Looked at last, so that bounds may name every parameter.
pub(super) fn ranges(checker: &mut Checker<'_>, params: &mut [Param]) {
    let ranges = checker.items.iter().filter_map(|item| match item {
        Item::Param { name, range, .. } => Some((name, range)),
        _ => None,
    });
    for (param, (name, range)) in params.iter_mut().zip(ranges) {
        param.range = range_of(checker, name, range, param.dimension);
    }
}

/// What a value of this name may be.
pub(super) fn range_of(checker: &mut Checker<'_>, name: &Name, range: &ast::Range, dimension: Dimension) -> Range {
    let what = format!("a bound of `{}`", name.text);
    let mut end = |bound: &Option<ast::Bound>| {
        let bound = bound.as_ref()?;
        let value = checker.expect_dimension(&bound.value, Place::Constant, dimension, &what)?;
        Some(Bound { value, within: bound.within })
    };
    Range { low: end(&range.low), high: end(&range.high) }
}

fn inputs(checker: &mut Checker<'_>, model: &mut NeuronModel) {
    for item in checker.items {
        if let Item::Input { name, into: None, unit: Some(unit), scale, flags } = item {
            if scale.is_some() || !flags.is_empty() {
                checker.diagnostics.push(
                    Diagnostic::new("E108", format!("`{}` is a continuous input, which has neither scale nor slot", name.text))
                        .at(name.span)
                        .help("leave out the unit if spikes are to be added to a state"),
                );
            }
            checker.inputs.push(unit.unit.dimension);
            model.inputs.push(Input { name: name.text.clone(), dimension: unit.unit.dimension });
        }
    }
}

/// The states of a model, in order, without their equations.
pub(super) fn states(checker: &mut Checker<'_>) -> Vec<State> {
    let mut states = Vec::new();
    // dimensions first, from what is written, so that initial values may name each other through subexpressions
    let items = checker.items;
    let declared: Vec<_> = items
        .iter()
        .filter_map(|i| match i {
            Item::State { name, initial, unit, .. } => Some((name, initial, unit)),
            _ => None,
        })
        .collect();
    for (name, initial, unit) in &declared {
        let written = unit.as_ref().map(|u| u.unit.dimension).or_else(|| equation_unit(items, &name.text));
        let dimension = written.unwrap_or_else(|| {
            // silently: problems of the initial value are reported below
            let before = checker.diagnostics.len();
            let lets = checker.lets.clone();
            let typed = checker.expect_number(initial, Place::Initial);
            checker.diagnostics.truncate(before);
            checker.lets = lets;
            typed.map_or(Dimension::NONE, |t| t.dimension)
        });
        checker.states.push(dimension);
    }
    for (k, (name, initial, _)) in declared.iter().enumerate() {
        let dimension = checker.states[k];
        let what = format!("`{}`", name.text);
        let node = checker.expect_dimension(initial, Place::Initial, dimension, &what);
        let node = node.unwrap_or_else(|| checker.graph.constant(0.0));
        states.push(State { name: name.text.clone(), dimension, initial: node, equation: None, range: Default::default() });
    }
    initial_order(checker, &states, &declared.iter().map(|d| d.0.span).collect::<Vec<_>>());
    states
}

fn equation_unit(items: &[Item], state: &str) -> Option<Dimension> {
    items.iter().find_map(|i| match i {
        Item::Equation { state: s, unit: Some(u), .. } if s.text == state => Some(u.unit.dimension),
        _ => None,
    })
}

/// Initial values may name other states, but not in a circle.
fn initial_order(checker: &mut Checker<'_>, states: &[State], spans: &[Span]) {
    if let Err(stuck) = order_of_initials(checker.graph, states) {
        let name = &states[stuck].name;
        checker
            .diagnostics
            .push(Diagnostic::new("E109", format!("the initial value of `{name}` depends on itself")).at(spans[stuck]));
    }
}

/// An order in which each initial value names only states before it, or a state in a circle.
pub fn order_of_initials(graph: &Graph, states: &[State]) -> Result<Vec<u32>, usize> {
    let mut order: Vec<u32> = Vec::new();
    let mut done = vec![false; states.len()];
    while order.len() < states.len() {
        let next = (0..states.len())
            .find(|&k| !done[k] && !graph.any_leaf(states[k].initial, |n| matches!(n, Node::State(j) if !done[j as usize])));
        let Some(k) = next else {
            return Err(done.iter().position(|d| !d).unwrap_or(0));
        };
        done[k] = true;
        order.push(k as u32);
    }
    Ok(order)
}

fn ports(checker: &mut Checker<'_>, model: &mut NeuronModel) {
    let mut seen: Vec<&Name> = Vec::new();
    for item in checker.items {
        let Item::Input { name, into, scale, unit, flags } = item else { continue };
        if into.is_none() && unit.is_some() {
            continue;
        }
        if let Some(first) = seen.iter().find(|n| n.text == name.text) {
            checker.diagnostics.push(
                Diagnostic::new("E101", format!("input `{}` is declared twice", name.text))
                    .at(name.span)
                    .related(first.span, "first here"),
            );
            continue;
        }
        seen.push(name);
        let target = into.as_ref().unwrap_or(name);
        let Some(Meaning::State(state)) = checker.scope.find(&target.text) else {
            let near = nearest(&target.text, model.states.iter().map(|s| s.name.as_str()));
            let diagnostic = Diagnostic::new("E107", format!("input `{}` adds to `{}`, which is no state", name.text, target.text))
                .at(target.span);
            let diagnostic = match near {
                Some(_) => diagnostic.did_you_mean(near),
                None => diagnostic.help(format!(
                    "declare `state {0} = 0`, or write `input {0} : pA` (with its unit) for a continuous input",
                    target.text
                )),
            };
            checker.diagnostics.push(diagnostic);
            continue;
        };
        let mut dimension = checker.states.get(state as usize).copied().unwrap_or_default();
        let scale = scale.as_ref().and_then(|s| checker.expect_number(s, Place::Constant));
        if let Some(scale) = scale {
            dimension = dimension.per(scale.dimension);
        }
        if let Some(unit) = unit
            && !unit.unit.dimension.fits(dimension)
        {
            checker.diagnostics.push(
                Diagnostic::new("E103", format!("weights at `{}` count in {}, not in {}", name.text, dimension.unit(), unit.text))
                    .at(unit.span),
            );
        }
        let at_start = flags.contains(&PortFlag::AtStart);
        if at_start && flags.contains(&PortFlag::OnArrival) {
            checker.diagnostics.push(
                Diagnostic::new("E108", format!("input `{}` cannot be both `at start` and `on arrival`", name.text)).at(name.span),
            );
        }
        model.ports.push(PortDeclaration {
            name: name.text.clone(),
            dimension,
            into: state,
            scale: scale.map(|s| s.node),
            at_start,
            lost_while_refractory: flags.contains(&PortFlag::LostWhileRefractory),
        });
    }
}

/// Gives the states their differential equations.
pub(super) fn equations(checker: &mut Checker<'_>, states: &mut [State], place: Place) {
    let mut first: Vec<Option<Span>> = vec![None; states.len()];
    for item in checker.items {
        let Item::Equation { state: name, value, unless_refractory, .. } = item else { continue };
        let Some(Meaning::State(k)) = checker.scope.find(&name.text) else {
            let near = nearest(&name.text, states.iter().map(|s| s.name.as_str()));
            let diagnostic = Diagnostic::new("E107", format!("`d{0}/dt` is given, and `{0}` is no state", name.text)).at(name.span);
            checker.diagnostics.push(match near {
                Some(_) => diagnostic.did_you_mean(near),
                None => diagnostic.help(format!("declare it with its initial value: `state {} = ...`", name.text)),
            });
            continue;
        };
        let k = k as usize;
        if let Some(span) = first[k] {
            checker.diagnostics.push(
                Diagnostic::new("E108", format!("`d{}/dt` is given twice", name.text)).at(name.span).related(span, "first here"),
            );
            continue;
        }
        first[k] = Some(name.span);
        let expected = checker.states[k].per(Dimension::TIME);
        let Some(typed) = checker.expect_number(value, place) else { continue };
        if !typed.zero && !typed.dimension.fits(expected) {
            let mut diagnostic = Diagnostic::new(
                "E104",
                format!("`d{}/dt` is {}, and the right-hand side is {}", name.text, expected.told(), typed.dimension.told()),
            )
            .at(value.span);
            let missing = typed.dimension.per(expected);
            if checker.noise_is_meant(missing) {
                diagnostic = diagnostic.help(NOISE_HELP);
            } else if missing == Dimension::TIME {
                diagnostic =
                    diagnostic.help("divide it by a time constant, or give a rate in it its unit: `0.07/ms`, which is `0.07 kHz`");
            } else if !missing.is_none() && [Dimension::CAPACITANCE, Dimension::CONDUCTANCE].contains(&missing) {
                diagnostic = diagnostic.help(format!("divide it by a quantity in {}", missing.unit()));
            }
            checker.diagnostics.push(diagnostic);
            continue;
        }
        states[k].equation = Some(Equation { rate: typed.node, unless_refractory: *unless_refractory });
    }
}

fn spiking(checker: &mut Checker<'_>, model: &mut NeuronModel, ast: &ModelAst) {
    let d = &mut *checker.diagnostics;
    let threshold = only(ast, "threshold", |i| matches!(i, Item::Threshold { .. }), d);
    let rearm = only(ast, "rearm", |i| matches!(i, Item::Rearm { .. }), d);
    let reset = only(ast, "reset", |i| matches!(i, Item::Reset { .. }), d);
    let refractory = only(ast, "refractory", |i| matches!(i, Item::Refractory { .. }), d);
    if let Some(Item::Threshold { condition, .. }) = threshold {
        model.threshold = checker.expect_condition(condition, Place::Statement);
    }
    if let Some(Item::Rearm { condition, .. }) = rearm {
        model.rearm = checker.expect_condition(condition, Place::Statement);
    }
    if let Some(Item::Reset { statements, .. }) = reset {
        model.reset = statements.iter().filter_map(|s| assignment(checker, s, Place::Statement)).collect();
    }
    if let Some(Item::Refractory { value, .. }) = refractory
        && let Some(typed) = checker.expr(value, Place::Statement)
    {
        if typed.truth {
            model.refractory = Some(Refractory::While(typed.node));
        } else if !typed.dimension.fits(Dimension::TIME) {
            checker.diagnostics.push(
                Diagnostic::new(
                    "E103",
                    format!("a refractory period is a time or a condition, and this is {}", typed.dimension.told()),
                )
                .at(value.span),
            );
        } else if checker.depends_on(typed.node, |n| !constant_leaf(n)) {
            checker.diagnostics.push(
                Diagnostic::new("E110", "a refractory time may depend on parameters alone")
                    .at(value.span)
                    .help("a condition on the state may stand instead: `refractory v > -40 mV`"),
            );
        } else {
            model.refractory = Some(Refractory::Time(typed.node));
        }
    }
    model.method = method_of(checker, ast);
}

/// The method that the text asks for.
pub(super) fn method_of(checker: &mut Checker<'_>, ast: &ModelAst) -> Option<Method> {
    let Item::Method { name } = only(ast, "method", |i| matches!(i, Item::Method { .. }), checker.diagnostics)? else {
        return None;
    };
    if let Some(method) = Method::named(&name.text) {
        return Some(method);
    }
    let diagnostic = Diagnostic::new("E113", format!("unknown method `{}`", name.text)).at(name.span);
    let near = nearest(&name.text, Method::ALL.into_iter().map(Method::name));
    checker.diagnostics.push(match near {
        Some(_) => diagnostic.did_you_mean(near),
        None => diagnostic.help(format!("there are {}", Method::ALL.map(Method::name).join(", "))),
    });
    None
}

/// Leaves and inner nodes that follow from parameters alone.
fn constant_leaf(node: Node) -> bool {
    !matches!(
        node,
        Node::State(_)
            | Node::Held(_)
            | Node::Time
            | Node::Uniform(_)
            | Node::Normal(_)
            | Node::Chance(..)
            | Node::Noise(_)
            | Node::Listed
            | Node::End(_)
            | Node::Arrived(_)
    )
}
