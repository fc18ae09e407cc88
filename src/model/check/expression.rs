//! One expression that stands in no model: its names are given, with their dimensions.
//!
//! In: a tree, and what may be named. Out: a [`Formula`], whose leaves are parameters in the order of the names. Not here: what the
//! names are worth (`network::expression`).

use std::collections::BTreeSet;

use super::checker::{Checker, Place, Typed};
use super::{BUILTIN, Meaning, Scope};
use crate::diagnostic::{Diagnostic, Span};
use crate::model::ast::{self, Expr, ExprKind};
use crate::model::rule::{Graph, NodeId};
use crate::units::{COMMON, Dimension, nearest};

/// A checked expression: `graph` has a `Node::Param(k)` for the k-th name that it may use.
#[derive(Clone, Debug)]
pub struct Formula {
    /// Its nodes.
    pub graph: Graph,
    /// The node of its value.
    pub root: NodeId,
    /// Of its value.
    pub dimension: Dimension,
    /// It is a condition, 1 or 0, and not a number.
    pub truth: bool,
    /// A plain `0`, which goes with every dimension.
    pub zero: bool,
}

/// Checks an expression that may use these names alone; a name may begin with `pre.` or `post.`. Random draws, noise and what
/// belongs to models is refused.
///
/// **Errors** everything that is wrong with it.
pub fn expression(tree: &Expr, names: &[(&str, Dimension)]) -> Result<Formula, Vec<Diagnostic>> {
    let mut diagnostics = Vec::new();
    let mut tree = tree.clone();
    plain(&mut tree, names, &mut diagnostics);
    if !diagnostics.is_empty() {
        return Err(diagnostics);
    }
    let mut scope = Scope::default();
    for (k, (name, _)) in (0..).zip(names) {
        scope.names.insert((*name).to_string(), (Meaning::Param(k), Span::default()));
    }
    let mut graph = Graph::default();
    let mut checker = Checker::new(&scope, &[], &mut graph, &mut diagnostics, None);
    checker.params = names.iter().map(|(_, dimension)| *dimension).collect();
    let checked = checker.expr(&tree, Place::Constant);
    match checked {
        Some(Typed { node, dimension, truth, zero }) if diagnostics.is_empty() => {
            Ok(Formula { graph, root: node, dimension, truth, zero })
        }
        _ => Err(diagnostics),
    }
}

/// Names that are known become plain ones, `pre.x` among them; the others are said.
fn plain(tree: &mut Expr, names: &[(&str, Dimension)], diagnostics: &mut Vec<Diagnostic>) {
    match &mut tree.kind {
        ExprKind::Number { .. } | ExprKind::Bool(_) => {}
        ExprKind::Name { scope, name } => {
            if let Some(end) = scope.take() {
                let end = if end == ast::Scope::Post { "post" } else { "pre" };
                name.text = format!("{end}.{}", name.text);
            }
            if name.text != "pi" && names.iter().all(|(known, _)| *known != name.text) {
                diagnostics.push(unknown(&name.text, tree.span, names));
            }
        }
        ExprKind::Unary { operand, .. } => plain(operand, names, diagnostics),
        ExprKind::Binary { left, right, .. } => {
            plain(left, names, diagnostics);
            plain(right, names, diagnostics);
        }
        ExprKind::Call { function, arguments } => {
            match function.text.as_str() {
                "rand" | "randn" => {
                    let law = if function.text == "rand" { "{ uniform = [0, 1] }" } else { "{ normal = { mean = 0, sd = 1 } }" };
                    let message = format!("`{}()` cannot stand in a value", function.text);
                    let help = format!("what is drawn is a distribution, such as `{law}`");
                    diagnostics.push(Diagnostic::new("E111", message).at(function.span).help(help));
                }
                "listed" | "incoming" | "timestep" => {
                    let message = format!("`{}(...)` belongs to models, not to values", function.text);
                    diagnostics.push(Diagnostic::new("E111", message).at(function.span));
                }
                _ => {}
            }
            arguments.iter_mut().for_each(|argument| plain(argument, names, diagnostics));
        }
        ExprKind::Conditional { condition, then, otherwise } => {
            plain(condition, names, diagnostics);
            plain(then, names, diagnostics);
            plain(otherwise, names, diagnostics);
        }
    }
}

fn unknown(name: &str, span: Span, names: &[(&str, Dimension)]) -> Diagnostic {
    let said = |text: String| Diagnostic::new("E102", text).at(span);
    if BUILTIN.contains(&name) && name != "pi" {
        return said(format!("`{name}` has no value here"));
    }
    let near = nearest(name, names.iter().map(|(known, _)| *known));
    let problem = said(format!("unknown name `{name}`"));
    match near {
        Some(_) => problem.did_you_mean(near),
        None if super::functions::function(name).is_some() => problem.help(format!("`{name}` is a function: `{name}(...)`")),
        None if unit(name).is_some() => problem.help(format!("did you mean the unit, `1 {}`?", unit(name).unwrap_or_default())),
        None if names.is_empty() => problem.help("no names can be used here"),
        None => {
            let known: BTreeSet<String> = names.iter().map(|(known, _)| format!("`{known}`")).collect();
            let more = known.len().saturating_sub(MOST_NAMED);
            let mut told = known.into_iter().take(MOST_NAMED).collect::<Vec<_>>().join(", ");
            if more > 0 {
                told.push_str(&format!(" and {more} more"));
            }
            problem.help(format!("here there are {told}"))
        }
    }
}

/// A unit that is written much like it.
fn unit(name: &str) -> Option<&'static str> {
    let same = COMMON.iter().find(|unit| unit.eq_ignore_ascii_case(name)).copied();
    same.filter(|_| name.len() > 1)
        .or_else(|| nearest(name, COMMON.iter().copied().filter(|unit| unit.len() > 1 && name.len() > 1)))
}

/// So many names are told.
const MOST_NAMED: usize = 24;
