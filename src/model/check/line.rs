//! A line of what changes a synapse that learns, statement by statement.

use crate::diagnostic::Span;
use crate::model::ast::Statement;
use crate::model::rule::NodeId;
use crate::model::{EventStatement, PortAddition, Trigger};

/// A line `on_pre`, `on_post` or `every`.
pub(super) struct Line<'a> {
    pub trigger: Trigger,
    pub span: Span,
    pub statements: Vec<(&'a Statement, EventStatement)>,
}

/// Does it add to a port?
pub(super) fn is_send(made: &EventStatement) -> bool {
    matches!(made, EventStatement::Send(_))
}

/// The value of a statement.
pub(super) fn value(made: &EventStatement, on_pre: &[PortAddition]) -> Option<NodeId> {
    match made {
        EventStatement::Assign(assignment) => Some(assignment.value),
        EventStatement::Send(k) => on_pre.get(*k as usize).map(|addition| addition.value),
    }
}
