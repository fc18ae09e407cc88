//! Ready synapse models for other ports than the one in their text.

use super::SYNAPSE_TEXTS;
use crate::diagnostic::Source;
use crate::model::ast::{Bound, Expr, ExprKind, Item, ModelAst, Range, Statement, UnitText};
use crate::model::{parse, print};
use crate::units::{Dimension, Unit, nearest};

/// Why there is no text of a ready model for a port.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OntoError {
    /// No ready synapse of this name sends to a port.
    #[error("no ready synapse `{name}` adds to a port when a spike arrives{}", near.as_ref().map_or_else(String::new, |near| format!("\n  help: did you mean `{near}`?")))]
    Unknown {
        /// As asked for.
        name: String,
        /// One with a name like it.
        near: Option<String>,
    },
    /// A unit that cannot be read.
    #[error("`{unit}` is no unit that can be counted in\n  help: units are written as `pA`, `mV` or `nS`")]
    Unit {
        /// As given.
        unit: String,
    },
}

/// The text of a ready synapse model that sends to another port, its weights in the unit of that port, for
/// [`Network::equations`](crate::Network::equations). It is called `NAME_PORT`; numbers stay, so a default of 1 nS becomes 1 pA.
///
/// **Errors** a name that no ready synapse has which sends to a port, a unit that cannot be read.
///
/// ```
/// use synfire::model::library::onto;
/// use synfire::network::Connector;
/// use synfire::{Choice, Network, Options};
/// let mut net = Network::new("current-based");
/// net.equations(&onto("stdp_pair", "i_exc", "pA").map_err(|e| synfire::Error::Call(e.to_string()))?);
/// net.population("p", "lif_psc_exp", 10);
/// net.project_by("p", "p", "stdp_pair_i_exc", Connector::AllToAll).parameter("w_max", "60 pA").delay("1 ms");
/// net.compile(&Options::default().engine(Choice::Cpu))?.run(10.0)?;
/// # Ok::<(), synfire::Error>(())
/// ```
pub fn onto(name: &str, port: &str, unit: &str) -> Result<String, OntoError> {
    if Unit::parse(unit).is_err() {
        return Err(OntoError::Unit { unit: unit.into() });
    }
    let sends = || SYNAPSE_TEXTS.iter().filter_map(|(known, text)| Some((*known, sending(known, text)?)));
    let Some((_, mut model)) = sends().find(|(known, _)| *known == name) else {
        let near = nearest(name, sends().map(|(known, _)| known).collect::<Vec<_>>().into_iter()).map(String::from);
        return Err(OntoError::Unknown { name: name.into(), near });
    };
    model.name.text = format!("{name}_{port}");
    let states: Vec<String> = model.items.iter().filter_map(state).map(String::from).collect();
    for item in &mut model.items {
        if let Item::OnPre { statements, .. } = item {
            for target in statements.iter_mut().map(|s| &mut s.target).filter(|target| !states.contains(&target.text)) {
                target.text = port.into();
            }
        }
        units(item, unit);
    }
    Ok(format!("# The ready model `{name}`, to the port `{port}`.\n{}", print::print(&model)))
}

/// The model, if its spikes add to a port.
fn sending(name: &str, text: &str) -> Option<ModelAst> {
    let model = parse::parse(&Source { name: name.into(), text: text.into() }).ok()?.into_iter().next()?;
    let states: Vec<&str> = model.items.iter().filter_map(state).collect();
    let adds = |statement: &Statement| !states.contains(&statement.target.text.as_str());
    let sends = model.items.iter().any(|item| matches!(item, Item::OnPre { statements, .. } if statements.iter().any(adds)));
    let alone = !model.items.iter().any(|item| matches!(item, Item::Graded { .. }));
    (sends && alone).then_some(model)
}

fn state(item: &Item) -> Option<&str> {
    match item {
        Item::State { name, .. } => Some(&name.text),
        _ => None,
    }
}

/// Counts in another unit what is a conductance.
fn units(item: &mut Item, unit: &str) {
    let written = |text: &mut Option<UnitText>| text.iter_mut().for_each(|text| changed(text, unit));
    match item {
        Item::Param { default, unit: text, range, .. } => {
            default.iter_mut().for_each(|default| within(default, unit));
            written(text);
            ends(range, unit);
        }
        Item::State { initial, unit: text, range, .. } => {
            within(initial, unit);
            written(text);
            ends(range, unit);
        }
        Item::Let { value, unit: text, .. } | Item::Equation { value, unit: text, .. } => {
            within(value, unit);
            written(text);
        }
        Item::Every { interval, statements, .. } => {
            within(interval, unit);
            statements.iter_mut().for_each(|statement| within(&mut statement.value, unit));
        }
        Item::OnPre { statements, .. } | Item::OnPost { statements, .. } => {
            statements.iter_mut().for_each(|statement| within(&mut statement.value, unit));
        }
        _ => {}
    }
}

fn ends(range: &mut Range, unit: &str) {
    let bounds = range.low.iter_mut().chain(&mut range.high);
    bounds.for_each(|Bound { value, .. }| within(value, unit));
}

fn changed(text: &mut UnitText, unit: &str) {
    if text.unit.dimension == Dimension::CONDUCTANCE {
        text.text = unit.into();
    }
}

/// Expressions are no deeper than the parser lets them be.
fn within(expr: &mut Expr, unit: &str) {
    match &mut expr.kind {
        ExprKind::Number { unit: text, .. } => text.iter_mut().for_each(|text| changed(text, unit)),
        ExprKind::Bool(_) | ExprKind::Name { .. } => {}
        ExprKind::Unary { operand, .. } => within(operand, unit),
        ExprKind::Binary { left, right, .. } => [left, right].into_iter().for_each(|side| within(side, unit)),
        ExprKind::Call { arguments, .. } => arguments.iter_mut().for_each(|argument| within(argument, unit)),
        ExprKind::Conditional { condition, then, otherwise } => {
            [condition, then, otherwise].into_iter().for_each(|part| within(part, unit));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{check, library};

    #[test]
    fn every_model_that_spikes_change_goes_to_any_port() {
        let by_events = library::synapses().unwrap().values().filter(|model| !model.events.is_empty());
        let mut count = 0;
        for model in by_events {
            let name = &model.ast.name.text;
            for (port, unit, cell) in
                [("i_exc", "pA", "lif_psc_exp"), ("g_inh", "nS", "lif_cond_exp"), ("i", "mV", "lif_psc_delta")]
            {
                let cell = &library::models().unwrap()[cell];
                let port = if unit == "mV" { cell.ports[0].name.as_str() } else { port };
                let text = onto(name, port, unit).unwrap_or_else(|e| panic!("{e}"));
                let set =
                    check::read(&Source { name: "onto".into(), text: text.clone() }).unwrap_or_else(|r| panic!("{r}\n{text}"));
                let model = &set.synapses[&format!("{name}_{port}")];
                check::bind(model, cell, cell).unwrap_or_else(|report| panic!("{report}\n{text}"));
                count += 1;
            }
        }
        assert!(count >= 30, "{count}");
        let unknown = onto("stdp_pear", "i_exc", "pA").unwrap_err();
        assert_eq!(
            unknown.to_string(),
            "no ready synapse `stdp_pear` adds to a port when a spike arrives\n  help: did you mean `stdp_pair`?"
        );
        assert!(onto("graded_synapse", "i_exc", "pA").is_err());
        assert_eq!(onto("tm", "i_exc", "pX"), Err(OntoError::Unit { unit: "pX".into() }));
    }
}
