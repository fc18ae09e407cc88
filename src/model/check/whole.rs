//! The order of a step, and whether the parts of a neuron model make a whole.

use super::assignment::assignment;
use super::checker::{Checker, Place};
use super::only;
use crate::diagnostic::Diagnostic;
use crate::model::ast::{self, Item, ModelAst};
use crate::model::rule::Node;
use crate::model::{Action, NeuronModel};

pub(super) fn step(checker: &mut Checker<'_>, model: &mut NeuronModel, ast: &ModelAst) {
    let block = only(ast, "step", |i| matches!(i, Item::Step { .. }), checker.diagnostics);
    let Some(Item::Step { actions, span }) = block else {
        model.step = vec![Action::Integrate, Action::Receive];
        if model.threshold.is_some() {
            model.step.push(Action::Spike);
        }
        return;
    };
    let mut count = [0usize; 3];
    for action in actions {
        let (place, what, at, made) = match action {
            ast::Action::Receive(at) => (0, "receive", *at, Action::Receive),
            ast::Action::Integrate(at) => (1, "integrate", *at, Action::Integrate),
            ast::Action::Spike(at) => (2, "spike", *at, Action::Spike),
            ast::Action::Graded(at) => {
                checker.diagnostics.push(Diagnostic::new("E108", "`graded` stands in the step of a synapse model").at(*at));
                continue;
            }
            ast::Action::Assign(statement) => {
                if let Some(a) = assignment(checker, statement, Place::Statement) {
                    model.step.push(Action::Assign(a));
                }
                continue;
            }
        };
        count[place] += 1;
        if count[place] > 1 {
            checker.diagnostics.push(Diagnostic::new("E108", format!("`{what}` stands twice in this step")).at(at));
        }
        model.step.push(made);
    }
    let needed = [
        (count[0] == 0 && !model.ports.is_empty(), "receive", "the model has input ports"),
        (count[1] == 0 && model.states.iter().any(|s| s.equation.is_some()), "integrate", "the model has differential equations"),
        (count[2] == 0 && model.threshold.is_some(), "spike", "the model has a threshold"),
    ];
    for (missing, what, why) in needed {
        if missing {
            checker.diagnostics.push(
                Diagnostic::new("E112", format!("{why}, and this step never says `{what}`"))
                    .at(*span)
                    .help(format!("add a line `{what}`")),
            );
        }
    }
    if count[2] > 0 && model.threshold.is_none() {
        checker.diagnostics.push(
            Diagnostic::new("E112", "this step says `spike`, and the model has no threshold")
                .at(*span)
                .help("add `threshold v >= v_th`"),
        );
    }
}

/// Do the parts make a model?
pub(super) fn whole(checker: &mut Checker<'_>, model: &NeuronModel, ast: &ModelAst) {
    let has = |pick: fn(&Item) -> bool| ast.items.iter().find(|i| pick(i)).map(super::item_span);
    let threshold = has(|i| matches!(i, Item::Threshold { .. }));
    let (reset, rearm) = (has(|i| matches!(i, Item::Reset { .. })), has(|i| matches!(i, Item::Rearm { .. })));
    let refractory = has(|i| matches!(i, Item::Refractory { .. }));
    for (part, what) in [(reset, "reset"), (rearm, "rearm"), (refractory, "refractory")] {
        if let (Some(span), None) = (part, threshold) {
            checker.diagnostics.push(
                Diagnostic::new("E112", format!("`{what}` without a threshold is never used"))
                    .at(span)
                    .help("add `threshold v >= v_th`"),
            );
        }
    }
    for item in &ast.items {
        let Item::Equation { state, unless_refractory: true, .. } = item else { continue };
        if refractory.is_none() {
            checker.diagnostics.push(
                Diagnostic::new("E112", format!("`{}` is held while refractory, and the model is never refractory", state.text))
                    .at(state.span)
                    .help("add `refractory t_ref`, or leave out `(unless refractory)`"),
            );
        }
    }
    if let (Some(span), None, None, None) = (threshold, reset, rearm, refractory)
        && let Some(condition) = model.threshold
        && checker.depends_on(condition, |n| matches!(n, Node::State(_)))
        && !model.step.iter().any(|a| matches!(a, Action::Assign(_)))
    {
        checker.diagnostics.push(
            Diagnostic::new("E112", "without a reset this neuron would spike in every step above threshold")
                .at(span)
                .help("add `reset v = v_reset`, or `rearm v < v_detect` to say when the threshold is tested again"),
        );
    }
    if ast.items.is_empty() {
        checker.diagnostics.push(
            Diagnostic::new("E112", format!("model `{}` is empty", ast.name.text))
                .at(ast.name.span)
                .help("declare its `param`s and `state`s"),
        );
    }
}
