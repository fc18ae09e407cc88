//! From a tree to a model: names settled, dimensions checked, all that is wrong said at once.
//!
//! In: [`ModelAst`]s. Out: [`NeuronModel`](super::NeuronModel) and [`SynapseModel`](super::SynapseModel), whose expressions are nodes of a graph in internal
//! units. Not here: how equations are integrated (`integrate`), which values parameters have (`network`).
//!
//! | code | what is wrong |
//! | --- | --- |
//! | E101 | a name is declared twice, or is one of the language |
//! | E102 | a name is not known |
//! | E103 | dimensions do not fit |
//! | E104 | an equation's right-hand side is not its state per time |
//! | E105 | a function is not known, or has other arguments |
//! | E106 | a condition where a number belongs, or the other way round |
//! | E107 | an equation or assignment for something that is no state |
//! | E108 | a line that may stand once stands twice, or stands in the wrong kind of model |
//! | E109 | definitions that go round in a circle |
//! | E110 | a value that may depend on parameters alone depends on more |
//! | E111 | noise where it cannot be |
//! | E112 | the parts do not make a model: no threshold for a reset, nothing that arms it again, ... |
//! | E113 | an integration method is not known |
//! | E114 | what a synapse adds to a port has no bounds that can be proven |
//! | E115 | a state of a synapse without effect, a trace that never decays |
//! | E116 | lines of a synapse that learns which do not go together, or in this order |

use std::collections::BTreeMap;
use std::sync::Arc;

use super::ModelSet;
use super::ast::{Item, ModelAst, ModelKind, Name};
use crate::diagnostic::{Diagnostic, Report, Source, Span};
use crate::units::nearest;

mod assignment;
mod checker;
mod effect;
mod events;
mod expr;
mod expression;
mod functions;
mod line;
mod neuron;
mod synapse;
#[cfg(test)]
mod tests;
mod whole;
pub use expression::{Formula, expression};
pub use neuron::order_of_initials;
pub use synapse::bind;

/// Checks every model of a text.
///
/// **Errors** every problem of every model, with places in `source`.
pub fn check(models: &[ModelAst], source: &Source) -> Result<ModelSet, Report> {
    let mut diagnostics = Vec::new();
    let mut set = ModelSet::default();
    let mut names: BTreeMap<&str, Span> = BTreeMap::new();
    for ast in models {
        if let Some(first) = names.insert(&ast.name.text, ast.name.span) {
            diagnostics.push(
                Diagnostic::new("E101", format!("two models are called `{}`", ast.name.text))
                    .at(ast.name.span)
                    .related(first, "first here"),
            );
            continue;
        }
        let before = diagnostics.len();
        match ast.kind {
            ModelKind::Neuron => {
                let model = neuron::check(ast, &mut diagnostics);
                if diagnostics.len() == before
                    && let Some(model) = model
                {
                    set.neurons.insert(ast.name.text.clone(), Arc::new(model));
                }
            }
            ModelKind::Synapse => {
                let model = synapse::check(ast, &mut diagnostics);
                if diagnostics.len() == before
                    && let Some(model) = model
                {
                    set.synapses.insert(ast.name.text.clone(), Arc::new(model));
                }
            }
        }
    }
    if diagnostics.is_empty() { Ok(set) } else { Err(Report { source: source.clone(), diagnostics }) }
}

/// Reads and checks a text.
///
/// **Errors** as [`super::parse::parse`] and [`check`].
pub fn read(source: &Source) -> Result<ModelSet, Report> {
    let models = super::parse::parse(source)?;
    check(&models, source)
}

/// The models of a text that are right, the names of the others, and everything that is wrong with them.
pub fn read_good(source: &Source) -> (ModelSet, Option<Report>) {
    let (models, unread) = super::parse::parts(source);
    let mut diagnostics: Vec<Diagnostic> = unread.into_iter().flat_map(|report| report.diagnostics).collect();
    let wrong = |span: Span| diagnostics.iter().any(|d| d.span.is_none_or(|at| (span.start..=span.end).contains(&at.start)));
    let readable: Vec<ModelAst> = models.iter().filter(|ast| !wrong(ast.span)).cloned().collect();
    let mut set = match check(&readable, source) {
        Ok(set) => set,
        Err(report) => {
            diagnostics.extend(report.diagnostics);
            let mut set = ModelSet::default();
            for ast in &readable {
                // what is wrong with the others has been said
                if let Ok(good) = check(std::slice::from_ref(ast), source) {
                    set.neurons.extend(good.neurons);
                    set.synapses.extend(good.synapses);
                }
            }
            set
        }
    };
    if diagnostics.is_empty() {
        return (set, None);
    }
    // a head that cannot be read has its name all the same
    let heads = source.text.lines().filter_map(headed);
    let named = models.iter().map(|ast| ast.name.text.as_str()).chain(heads);
    let good = |name: &&str| set.neurons.contains_key(*name) || set.synapses.contains_key(*name);
    set.broken = named.filter(|name| !good(name)).map(str::to_string).collect();
    diagnostics.sort_by_key(|d| d.span.map_or(0, |span| span.start));
    (set, Some(Report { source: source.clone(), diagnostics }))
}

/// The name in a line that begins a model, or was meant to.
fn headed(line: &str) -> Option<&str> {
    let mut words = line.split('#').next()?.split_whitespace();
    words.next().filter(|first| nearest(first, ["neuron", "synapse"].into_iter()).is_some()).and_then(|_| words.next())
}

/// What a declared name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    Param(u32),
    State(u32),
    /// A continuous input of a neuron, a modulator of a synapse.
    Held(u32),
    /// A named subexpression, by its item.
    Let(usize),
}

/// The names of a model and where they were declared.
#[derive(Default)]
struct Scope {
    names: BTreeMap<String, (Meaning, Span)>,
}

/// Names that the language gives a meaning.
const BUILTIN: [&str; 6] = ["t", "dt", "xi", "pi", "rand", "randn"];

impl Scope {
    fn declare(&mut self, name: &Name, meaning: Meaning, diagnostics: &mut Vec<Diagnostic>) {
        if BUILTIN.contains(&name.text.as_str()) || name.text.starts_with("xi_") || functions::function(&name.text).is_some() {
            diagnostics.push(
                Diagnostic::new("E101", format!("`{}` has a meaning of its own in the language", name.text))
                    .at(name.span)
                    .help("choose another name"),
            );
            return;
        }
        if let Some((_, first)) = self.names.get(&name.text) {
            diagnostics.push(
                Diagnostic::new("E101", format!("`{}` is declared twice", name.text)).at(name.span).related(*first, "first here"),
            );
            return;
        }
        self.names.insert(name.text.clone(), (meaning, name.span));
    }

    fn find(&self, name: &str) -> Option<Meaning> {
        self.names.get(name).map(|(m, _)| *m)
    }
}

/// The place of an item, for messages.
fn item_span(item: &Item) -> Span {
    match item {
        Item::Param { name, .. }
        | Item::State { name, .. }
        | Item::Modulator { name, .. }
        | Item::Input { name, .. }
        | Item::Let { name, .. }
        | Item::Method { name }
        | Item::Delay { place: name } => name.span,
        Item::Equation { state, .. } => state.span,
        Item::Threshold { span, .. }
        | Item::Rearm { span, .. }
        | Item::Reset { span, .. }
        | Item::Refractory { span, .. }
        | Item::Step { span, .. }
        | Item::OnPre { span, .. }
        | Item::OnPost { span, .. }
        | Item::Every { span, .. }
        | Item::Graded { span, .. } => *span,
    }
}

/// Complains if an item of this description stands more than once; gives the first.
fn only<'a>(ast: &'a ModelAst, what: &str, pick: impl Fn(&Item) -> bool, diagnostics: &mut Vec<Diagnostic>) -> Option<&'a Item> {
    let mut found = ast.items.iter().filter(|i| pick(i));
    let first = found.next()?;
    if let Some(second) = found.next() {
        diagnostics.push(
            Diagnostic::new("E108", format!("a model has one `{what}`, this one has two"))
                .at(item_span(second))
                .related(item_span(first), "first here"),
        );
    }
    Some(first)
}
