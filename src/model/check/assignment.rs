//! One assignment to a state: of a reset, a step, a synapse's `on_pre`.

use super::Meaning;
use super::checker::{Checker, Place};
use crate::diagnostic::Diagnostic;
use crate::model::Assignment;
use crate::model::ast::{AssignOperator, Statement};
use crate::model::rule::Node;
use crate::units::{Dimension, nearest};

pub(super) fn assignment(checker: &mut Checker<'_>, statement: &Statement, place: Place) -> Option<Assignment> {
    let name = &statement.target;
    let Some(Meaning::State(k)) = checker.scope.find(&name.text) else {
        let diagnostic = match checker.scope.find(&name.text) {
            Some(_) => Diagnostic::new("E107", format!("`{}` is no state and cannot be assigned", name.text)),
            None => Diagnostic::new("E102", format!("unknown name `{}`", name.text)),
        };
        let is_state = |m: &Meaning| matches!(m, Meaning::State(_));
        let mut states: Vec<&str> = checker.scope.names.iter().filter(|(_, (m, _))| is_state(m)).map(|(n, _)| n.as_str()).collect();
        states.sort_unstable();
        let diagnostic = diagnostic.at(name.span);
        checker.diagnostics.push(match nearest(&name.text, states.iter().copied()) {
            None if !states.is_empty() => diagnostic.help(format!("the states are `{}`", states.join("`, `"))),
            near => diagnostic.did_you_mean(near),
        });
        return None;
    };
    let dimension = checker.states.get(k as usize).copied().unwrap_or_default();
    let old = checker.graph.add(Node::State(k));
    let what = format!("`{}`", name.text);
    let value = match statement.operator {
        AssignOperator::Set => checker.expect_dimension(&statement.value, place, dimension, &what)?,
        AssignOperator::Add | AssignOperator::Subtract => {
            let value = checker.expect_dimension(&statement.value, place, dimension, &what)?;
            if statement.operator == AssignOperator::Add { checker.graph.plus(old, value) } else { checker.graph.minus(old, value) }
        }
        AssignOperator::Multiply | AssignOperator::Divide => {
            let value = checker.expect_dimension(&statement.value, place, Dimension::NONE, "a factor")?;
            if statement.operator == AssignOperator::Multiply {
                checker.graph.times(old, value)
            } else {
                checker.graph.over(old, value)
            }
        }
    };
    Some(Assignment { state: k, value })
}
