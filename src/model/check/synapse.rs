//! A synapse model: parameters, what a spike adds, what flows in every step.
//!
//! Alone, the dimensions of `pre.` and `post.` names are not known and fit everything; [`bind`] checks again with the
//! models at both ends.

use super::expr::{Checker, Place};
use super::neuron::params_of;
use super::{Meaning, Scope, item_span};
use crate::diagnostic::{Diagnostic, Report, Source};
use crate::model::ast::{AssignOperator, Item, ModelAst};
use crate::model::rule::Graph;
use crate::model::{NeuronModel, PortAddition, SynapseModel};
use crate::units::{Dimension, nearest};

/// A synapse model between these two neuron models.
///
/// **Errors** names and dimensions that do not fit the two ends.
pub fn bind(model: &SynapseModel, source: &NeuronModel, target: &NeuronModel) -> Result<SynapseModel, Report> {
    let mut diagnostics = Vec::new();
    let bound = with_ends(&model.ast, Some([source, target]), &mut diagnostics);
    if diagnostics.is_empty() {
        return Ok(bound);
    }
    let name = format!("synapse {}", model.ast.name.text);
    let text = crate::model::print::print(&model.ast);
    // spans speak of the text as written, which is not at hand here: the printed text is checked instead
    let source_text = Source { name, text };
    let again = crate::model::parse::parse(&source_text).ok().and_then(|models| models.into_iter().next());
    if let Some(ast) = again {
        diagnostics.clear();
        with_ends(&ast, Some([source, target]), &mut diagnostics);
    }
    Err(Report { source: source_text, diagnostics })
}

pub(super) fn check(ast: &ModelAst, diagnostics: &mut Vec<Diagnostic>) -> Option<SynapseModel> {
    Some(with_ends(ast, None, diagnostics))
}

fn with_ends(ast: &ModelAst, models: Option<[&NeuronModel; 2]>, diagnostics: &mut Vec<Diagnostic>) -> SynapseModel {
    for item in &ast.items {
        if !matches!(item, Item::Param { .. } | Item::Let { .. } | Item::OnPre { .. } | Item::Graded { .. }) {
            diagnostics.push(
                Diagnostic::new("E108", "a synapse model holds `param`, `name = expression`, `on_pre` and `graded` lines only")
                    .at(item_span(item)),
            );
        }
    }
    let mut scope = Scope::default();
    let mut params = 0;
    for (k, item) in ast.items.iter().enumerate() {
        match item {
            Item::Param { name, .. } => {
                scope.declare(name, Meaning::Param(params), diagnostics);
                params += 1;
            }
            Item::Let { name, .. } => scope.declare(name, Meaning::Let(k), diagnostics),
            _ => {}
        }
    }
    let mut graph = Graph::default();
    let mut checker = Checker::new(&scope, &ast.items, &mut graph, diagnostics, models);
    let params = params_of(&mut checker);
    let (mut on_pre, mut graded) = (Vec::new(), Vec::new());
    for item in &ast.items {
        match item {
            Item::OnPre { statements, .. } => {
                for statement in statements {
                    if statement.operator != AssignOperator::Add {
                        checker.diagnostics.push(
                            Diagnostic::new(
                                "E107",
                                format!("a spike can add to `{}`, not set it: several may arrive at once", statement.target.text),
                            )
                            .at(statement.span)
                            .help(format!("write `{} += ...`", statement.target.text)),
                        );
                        continue;
                    }
                    let dimension = models.and_then(|[_, target]| port(&mut checker, target, &statement.target, false));
                    addition(&mut checker, &statement.target, &statement.value, dimension, &mut on_pre);
                }
            }
            Item::Graded { port: name, value, .. } => {
                let dimension = models.and_then(|[_, target]| port(&mut checker, target, name, true));
                addition(&mut checker, name, value, dimension, &mut graded);
            }
            _ => {}
        }
    }
    if on_pre.is_empty() && graded.is_empty() && checker.diagnostics.is_empty() {
        checker.diagnostics.push(
            Diagnostic::new("E112", format!("synapse `{}` does nothing", ast.name.text))
                .at(ast.name.span)
                .help("add `on_pre g_exc += w` or `graded i_syn += g*(e - post.v)`"),
        );
    }
    let ends = checker.ends;
    SynapseModel { ast: ast.clone(), graph, params, on_pre, graded, ends }
}

/// The dimension of the target's port (or continuous input) of this name.
fn port(checker: &mut Checker<'_>, target: &NeuronModel, name: &crate::model::ast::Name, continuous: bool) -> Option<Dimension> {
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
    name: &crate::model::ast::Name,
    value: &crate::model::ast::Expr,
    dimension: Option<Dimension>,
    out: &mut Vec<PortAddition>,
) {
    let expected = dimension.unwrap_or(Dimension::UNKNOWN);
    let what = format!("weights at `{}`", name.text);
    if let Some(node) = checker.expect_dimension(value, Place::Synapse, expected, &what) {
        out.push(PortAddition { port: name.text.clone(), value: node, dimension });
    }
}
