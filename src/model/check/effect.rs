//! What the lines of a synapse that learns come to: bounds of what they send, states that change something,
//! traces that end.

use super::checker::Checker;
use super::line::{Line, is_send, value};
use crate::diagnostic::{Diagnostic, Span};
use crate::model::ast::{AssignOperator, Item};
use crate::model::print::print_expr;
use crate::model::rule::{Binary, Graph, Node, NodeId, Unary, closed_form};
use crate::model::{EventStatement, Modulator, PortAddition, State};

/// Says what has no bounds, no effect and no end.
pub(super) fn check(
    checker: &mut Checker<'_>,
    lines: &[Line<'_>],
    on_pre: &[PortAddition],
    states: &[State],
    modulators: &[Modulator],
) {
    let unbounded = bounds(checker, lines, on_pre, states, modulators);
    unread(checker, lines, on_pre, states, modulators);
    let live = live(checker, lines, on_pre, states);
    for (k, state) in (0u32..).zip(states) {
        if !live[k as usize] {
            dead(checker, lines, k, state);
        } else if !unbounded.contains(&k) {
            endless(checker, lines, k, state);
        }
    }
}

/// What is added to a port is summed in steps that follow from the largest it can be. The states that have no bounds.
fn bounds(
    checker: &mut Checker<'_>,
    lines: &[Line<'_>],
    on_pre: &[PortAddition],
    states: &[State],
    modulators: &[Modulator],
) -> Vec<u32> {
    let mut unbounded = Vec::new();
    for (statement, made) in lines.iter().flat_map(|line| &line.statements).filter(|(_, made)| is_send(made)) {
        let Some(value) = value(made, on_pre) else { continue };
        if bounded(checker, value, states) == [true; 2] {
            continue;
        }
        let port = &statement.target.text;
        let open = |leaf: &Node| match leaf {
            Node::State(k) => states.get(*k as usize).is_some_and(|s| s.range.low.is_none() || s.range.high.is_none()),
            Node::End(k) => is_state_of_end(checker, *k),
            Node::Held(_) => true,
            _ => false,
        };
        let leaf = checker.graph.leaves(value).into_iter().find(open);
        let (why, help) = match leaf {
            Some(Node::State(k)) => {
                unbounded.push(k);
                let name = &states[k as usize].name;
                (format!("`{name}` may be anything"), format!("give `{name}` a range: `{}`", with_range(checker, k, name)))
            }
            Some(Node::End(k)) => {
                let end = &checker.ends[k as usize];
                let name = format!("{}.{}", if end.post { "post" } else { "pre" }, end.name);
                (format!("`{name}` is a state of a neuron"), format!("limit it: `clip({name}, …, …)`"))
            }
            Some(Node::Held(k)) => {
                let name = &modulators[k as usize].name;
                (format!("the modulator `{name}` may be anything"), format!("limit it: `clip({name}, …, …)`"))
            }
            _ => ("a state stands where it may become infinite".into(), "limit it: `clip(…, 0, …)`".into()),
        };
        let message = format!("what this adds to `{port}` has no bounds that can be proven: {why}");
        checker.diagnostics.push(Diagnostic::new("E114", message).at(statement.value.span).help(help));
    }
    unbounded
}

/// Modulators that nothing reads.
fn unread(checker: &mut Checker<'_>, lines: &[Line<'_>], on_pre: &[PortAddition], states: &[State], modulators: &[Modulator]) {
    let statements = lines.iter().flat_map(|line| &line.statements).filter_map(|(_, made)| value(made, on_pre));
    let roots: Vec<NodeId> = statements.chain(states.iter().filter_map(|s| s.equation.as_ref()).map(|e| e.rate)).collect();
    for (k, modulator) in (0u32..).zip(modulators) {
        if !roots.iter().any(|root| checker.depends_on(*root, |n| n == Node::Held(k))) {
            let span = checker.items.iter().find_map(|item| match item {
                Item::Modulator { name, .. } if name.text == modulator.name => Some(name.span),
                _ => None,
            });
            let problem = Diagnostic::new("E115", format!("`{}` has no effect: no line reads it", modulator.name));
            let problem = Diagnostic { span, ..problem.help("let a line read it, or leave it out") };
            checker.diagnostics.push(problem);
        }
    }
}

fn is_state_of_end(checker: &Checker<'_>, end: u32) -> bool {
    let (Some(end), Some(models)) = (checker.ends.get(end as usize), checker.models) else { return false };
    models[usize::from(end.post)].states.iter().any(|s| s.name == end.name)
}

/// `state w = 0.5 nS (from 0 nS to w_max)`
fn with_range(checker: &Checker<'_>, k: u32, name: &str) -> String {
    let initial = checker.items.iter().find_map(|item| match item {
        Item::State { name: found, initial, .. } if found.text == name => Some(print_expr(initial)),
        _ => None,
    });
    let unit = checker.states.get(k as usize).copied().unwrap_or_default();
    let zero = if unit.is_none() { "0".into() } else { format!("0 {}", unit.unit()) };
    format!("state {name} = {} (from {zero} to {name}_max)", initial.unwrap_or_else(|| zero.clone()))
}

/// Is there a lower, is there an upper bound, whatever happens?
fn bounded(checker: &Checker<'_>, root: NodeId, states: &[State]) -> [bool; 2] {
    let below = checker.graph.below(root, |_| false);
    let mut known: Vec<[bool; 2]> = Vec::with_capacity(below.len());
    for id in &below {
        let of = |id: NodeId| below.binary_search(&id).ok().and_then(|k| known.get(k)).copied().unwrap_or_default();
        let both = |id: NodeId| of(id) == [true; 2];
        let node = checker.graph.node(*id);
        let all = Graph::operands(node).all(both);
        known.push(match node {
            Node::Constant(bits) => [f64::from_bits(bits).is_finite(); 2],
            Node::Param(_) | Node::Dt | Node::Uniform(_) => [true; 2],
            Node::End(k) => [!is_state_of_end(checker, k); 2],
            Node::State(k) => match states.get(k as usize) {
                Some(state) => [state.range.low.is_some(), state.range.high.is_some()],
                None => [false; 2],
            },
            Node::Unary(operator, x) => of_unary(operator, of(x)),
            Node::Binary(Binary::Divide, _, divisor) => [all && is_given(checker, divisor); 2],
            Node::Binary(operator, a, b) => of_binary(operator, of(a), of(b)),
            Node::Select { then, otherwise, .. } => {
                let (a, b) = (of(then), of(otherwise));
                [a[0] && b[0], a[1] && b[1]]
            }
            _ => [false; 2],
        });
    }
    known.last().copied().unwrap_or_default()
}

/// Does it follow from numbers that are given? Then it is looked at with them.
fn is_given(checker: &Checker<'_>, id: NodeId) -> bool {
    let given = |leaf: Node| match leaf {
        Node::Param(_) | Node::Dt => true,
        Node::End(k) => !is_state_of_end(checker, k),
        _ => false,
    };
    checker.graph.leaves(id).into_iter().all(given)
}

fn of_unary(operator: Unary, [low, high]: [bool; 2]) -> [bool; 2] {
    match operator {
        Unary::Negate => [high, low],
        Unary::Abs => [true, low && high],
        Unary::Exp | Unary::Exprel | Unary::Sqrt => [true, high],
        Unary::Floor | Unary::Ceil => [low, high],
        Unary::Log => [false, high],
        Unary::Not | Unary::Sign | Unary::Sin | Unary::Cos | Unary::Tanh | Unary::NotANumber => [true; 2],
        Unary::Tan => [false; 2],
    }
}

fn of_binary(operator: Binary, a: [bool; 2], b: [bool; 2]) -> [bool; 2] {
    match operator {
        Binary::Add => [a[0] && b[0], a[1] && b[1]],
        Binary::Subtract => [a[0] && b[1], a[1] && b[0]],
        Binary::Min => [a[0] && b[0], a[1] || b[1]],
        Binary::Max => [a[0] || b[0], a[1] && b[1]],
        Binary::Less | Binary::LessEqual | Binary::Equal | Binary::And | Binary::Or => [true; 2],
        Binary::Multiply | Binary::Divide | Binary::Power => [a == [true; 2] && b == [true; 2]; 2],
    }
}

/// By state: does what is sent follow from it? Where nothing is sent, the states that something changes are looked at from outside.
fn live(checker: &Checker<'_>, lines: &[Line<'_>], on_pre: &[PortAddition], states: &[State]) -> Vec<bool> {
    let mut live = vec![false; states.len()];
    let statements: Vec<&EventStatement> = lines.iter().flat_map(|line| &line.statements).map(|(_, made)| made).collect();
    let silent = on_pre.is_empty();
    let mut open: Vec<NodeId> = on_pre.iter().map(|addition| addition.value).collect();
    let mut reached = Vec::new();
    if silent {
        reached.extend(statements.iter().filter_map(|made| assigned(made)));
        reached.extend((0u32..).zip(states).filter(|(k, state)| is_stepped(checker, *k, state)).map(|(k, _)| k));
    }
    loop {
        for id in open.drain(..) {
            let mut below = checker.graph.leaves(id);
            let sums = below.iter().filter_map(|leaf| match leaf {
                Node::Arrived(total) => checker.totals.get(*total as usize).copied(),
                _ => None,
            });
            let terms: Vec<Node> = sums.flat_map(|term| checker.graph.leaves(term)).collect();
            below.extend(terms);
            reached.extend(below.into_iter().filter_map(|leaf| match leaf {
                Node::State(k) => Some(k),
                _ => None,
            }));
        }
        reached.retain(|k| !std::mem::replace(&mut live[*k as usize], true));
        if reached.is_empty() {
            return live;
        }
        open.extend(reached.iter().filter_map(|k| Some(states.get(*k as usize)?.equation.as_ref()?.rate)));
        for made in &statements {
            if assigned(made).is_some_and(|k| reached.contains(&k)) {
                open.extend(value(made, on_pre));
            }
        }
        reached.clear();
    }
}

/// Is the equation of a state stepped?
fn is_stepped(checker: &Checker<'_>, k: u32, state: &State) -> bool {
    state.equation.as_ref().is_some_and(|e| closed_form(checker.graph, e.rate, k).is_none())
}

fn assigned(made: &EventStatement) -> Option<u32> {
    match made {
        EventStatement::Assign(assignment) => Some(assignment.state),
        EventStatement::Send(_) => None,
    }
}

fn declared(checker: &Checker<'_>, name: &str) -> Option<Span> {
    checker.items.iter().find_map(|item| match item {
        Item::State { name: found, .. } if found.text == name => Some(found.span),
        _ => None,
    })
}

/// The statements that change a state.
fn changes<'a>(lines: &'a [Line<'a>], k: u32) -> impl Iterator<Item = &'a (&'a crate::model::ast::Statement, EventStatement)> {
    lines.iter().flat_map(|line| &line.statements).filter(move |(_, made)| assigned(made) == Some(k))
}

fn dead(checker: &mut Checker<'_>, lines: &[Line<'_>], k: u32, state: &State) {
    let Some(span) = declared(checker, &state.name) else { return };
    let problem = match changes(lines, k).next() {
        Some((statement, _)) => {
            let message = format!("`{}` has no effect: nothing that this synapse sends follows from it", state.name);
            Diagnostic::new("E115", message).related(statement.span, "it is changed here")
        }
        None => Diagnostic::new("E115", format!("`{}` has no effect: no line changes it, and none reads it", state.name)),
    };
    checker.diagnostics.push(problem.at(span).help("let a line read it, or leave it out"));
}

/// A trace that spikes only ever add to. What happens at an interval may well be a sum over time.
fn endless(checker: &mut Checker<'_>, lines: &[Line<'_>], k: u32, state: &State) {
    let bounded = state.range.low.is_some() || state.range.high.is_some();
    let mut at_intervals = lines.iter().filter(|line| line.trigger.is_interval()).flat_map(|line| &line.statements);
    let summed = at_intervals.any(|(_, made)| assigned(made) == Some(k));
    if state.equation.is_some() || bounded || summed || changes(lines, k).next().is_none() {
        return;
    }
    let adds = |operator| matches!(operator, AssignOperator::Add | AssignOperator::Subtract);
    // what depends on the state itself may end by itself: `u += a*(1 - u)`
    let blind = |statement: &crate::model::ast::Statement, made: &EventStatement| {
        let EventStatement::Assign(assignment) = made else { return false };
        let added = match checker.graph.node(assignment.value) {
            Node::Binary(Binary::Add | Binary::Subtract, a, b) if checker.graph.node(a) == Node::State(k) => Some(b),
            Node::Binary(Binary::Add, a, b) if checker.graph.node(b) == Node::State(k) => Some(a),
            _ => None,
        };
        adds(statement.operator) && added.is_some_and(|added| !checker.depends_on(added, |n| n == Node::State(k)))
    };
    if changes(lines, k).all(|(statement, made)| blind(statement, made))
        && let (Some(span), Some((first, _))) = (declared(checker, &state.name), changes(lines, k).next())
    {
        let name = &state.name;
        let message = format!("`{name}` never decays: spikes add to it, and nothing brings it back");
        let help = format!("give it an equation, `d{name}/dt = -{name}/tau`, or a range, `(from … to …)`");
        checker.diagnostics.push(Diagnostic::new("E115", message).at(span).related(first.span, "added to here").help(help));
    }
}
