//! Writes a model tree as text, with as few brackets as it takes.
//!
//! In: a tree. Out: text that [`super::parse`] reads back to the same tree, for every tree that it can make. (The one
//! exception: a text close to the cap on its length may print to one beyond it, since printing adds spaces.)
//! Not here: comments and the layout of the text that was read; they are not in the tree.

use super::ast::{
    Action, AssignOperator, BinaryOperator, Bound, Expr, ExprKind, Item, ModelAst, ModelKind, Name, PortFlag, Range, Scope,
    Statement, UnaryOperator, UnitText,
};
use super::grammar;
use super::parse::{level, level_of, written};

/// Statements are written behind their keyword up to this length, else in a block.
const INLINE: usize = 80;

/// A model as text, one item per line.
pub fn print(model: &ModelAst) -> String {
    let kind = match model.kind {
        ModelKind::Neuron => "neuron",
        ModelKind::Synapse => "synapse",
    };
    let mut out = format!("{kind} {}\n", model.name.text);
    for item in &model.items {
        out.push_str("  ");
        out.push_str(&print_item(item));
        out.push('\n');
    }
    out
}

/// One item, without indentation; the lines of a block stand further to the right.
pub fn print_item(item: &Item) -> String {
    match item {
        Item::Param { name, default, unit, range } => {
            let default = default.as_ref().map(|d| format!(" = {}", print_expr(d))).unwrap_or_default();
            format!("param {}{default}{}{}", name.text, colon(unit), print_range(range))
        }
        Item::State { name, initial, unit, range } => {
            format!("state {} = {}{}{}", name.text, print_expr(initial), colon(unit), print_range(range))
        }
        Item::Modulator { name, default, unit } => {
            let default = default.as_ref().map(|d| format!(" = {}", print_expr(d))).unwrap_or_default();
            format!("modulator {}{default}{}", name.text, colon(unit))
        }
        Item::Input { name, into, scale, unit, flags } => input(name, into, scale, unit, flags),
        Item::Let { name, value, unit } => format!("{} = {}{}", name.text, print_expr(value), colon(unit)),
        Item::Equation { state, value, unit, unless_refractory } => {
            let flag = if *unless_refractory { " (unless refractory)" } else { "" };
            format!("d{}/dt = {}{}{flag}", state.text, print_expr(value), colon(unit))
        }
        Item::Threshold { condition, .. } => format!("threshold {}", print_expr(condition)),
        Item::Rearm { condition, .. } => format!("rearm {}", print_expr(condition)),
        Item::Reset { statements, .. } => block("reset", statements.iter().map(print_statement).collect(), true),
        Item::Refractory { value, .. } => format!("refractory {}", print_expr(value)),
        Item::Method { name } => format!("method {}", name.text),
        Item::Step { actions, .. } => block("step", actions.iter().map(print_action).collect(), false),
        Item::OnPre { statements, .. } => block("on_pre", statements.iter().map(print_statement).collect(), true),
        Item::OnPost { statements, .. } => block("on_post", statements.iter().map(print_statement).collect(), true),
        Item::Every { interval, statements, .. } => {
            block(&format!("every {}", print_expr(interval)), statements.iter().map(print_statement).collect(), true)
        }
        Item::Delay { place } => format!("delay {}", place.text),
        Item::Graded { port, value, .. } => format!("graded {} += {}", port.text, print_expr(value)),
    }
}

/// `w += b`
pub fn print_statement(statement: &Statement) -> String {
    let operator = match statement.operator {
        AssignOperator::Set => "=",
        AssignOperator::Add => "+=",
        AssignOperator::Subtract => "-=",
        AssignOperator::Multiply => "*=",
        AssignOperator::Divide => "/=",
    };
    format!("{} {operator} {}", statement.target.text, print_expr(&statement.value))
}

/// An expression with no bracket that could be left out.
pub fn print_expr(expr: &Expr) -> String {
    let mut out = String::new();
    write_expr(&mut out, expr, level::CONDITIONAL);
    out
}

fn input(name: &Name, into: &Option<Name>, scale: &Option<Expr>, unit: &Option<UnitText>, flags: &[PortFlag]) -> String {
    let mut out = format!("input {}", name.text);
    if let Some(into) = into {
        out.push_str(&format!(" -> {}", into.text));
        if let Some(scale) = scale {
            out.push_str(" * ");
            write_expr(&mut out, scale, level::PRODUCT);
        }
    }
    out.push_str(&colon(unit));
    if !flags.is_empty() {
        let words = flags.iter().map(|flag| match flag {
            PortFlag::AtStart => "at start",
            PortFlag::OnArrival => "on arrival",
            PortFlag::LostWhileRefractory => "lost while refractory",
        });
        out.push_str(&format!(" ({})", words.collect::<Vec<_>>().join(", ")));
    }
    out
}

/// ` (from 0 ms to 1 s)`; nothing where nothing is said.
fn print_range(range: &Range) -> String {
    let end = |bound: &Option<Bound>, [within, outside]: [&str; 2]| {
        let bound = bound.as_ref()?;
        Some(format!("{} {}", if bound.within { within } else { outside }, print_expr(&bound.value)))
    };
    let ends = [end(&range.low, ["from", "above"]), end(&range.high, ["to", "below"])];
    let ends: Vec<String> = ends.into_iter().flatten().collect();
    if ends.is_empty() { String::new() } else { format!(" ({})", ends.join(" ")) }
}

fn colon(unit: &Option<UnitText>) -> String {
    unit.as_ref().map(|u| format!(" : {}", u.text)).unwrap_or_default()
}

fn print_action(action: &Action) -> String {
    match action {
        Action::Receive(_) => "receive".into(),
        Action::Integrate(_) => "integrate".into(),
        Action::Spike(_) => "spike".into(),
        Action::Graded(_) => "graded".into(),
        Action::Assign(statement) => print_statement(statement),
    }
}

fn block(word: &str, lines: Vec<String>, inline: bool) -> String {
    let joined = lines.join("; ");
    if inline && joined.len() <= INLINE {
        return format!("{word} {joined}").trim_end().to_string();
    }
    let mut out = word.to_string();
    for line in lines {
        out.push_str("\n    ");
        out.push_str(&line);
    }
    out
}

/// How tightly the outermost operator binds.
fn level_of_expr(expr: &Expr) -> u8 {
    match &expr.kind {
        ExprKind::Conditional { .. } => level::CONDITIONAL,
        ExprKind::Binary { operator, .. } => level_of(*operator),
        ExprKind::Unary { operator: UnaryOperator::Not, .. } => level::NOT,
        ExprKind::Unary { operator: UnaryOperator::Negate, .. } => level::SIGN,
        ExprKind::Number { value, .. } if *value < 0.0 => level::SIGN,
        // it would be divided again
        ExprKind::Number { unit: Some(unit), .. } if unit.text.starts_with("1/") => level::PRODUCT,
        // the power would go to the unit
        ExprKind::Number { unit: Some(_), .. } => level::POWER,
        _ => level::PRIMARY,
    }
}

/// In brackets if it binds less tightly than `min`.
fn write_expr(out: &mut String, expr: &Expr, min: u8) {
    let brackets = level_of_expr(expr) < min;
    if brackets {
        out.push('(');
    }
    match &expr.kind {
        ExprKind::Number { value, unit } => {
            out.push_str(&grammar::number(*value));
            match unit.as_ref().map(|unit| (unit.text.as_str(), unit.text.strip_prefix('1'))) {
                Some((_, Some(per))) => out.push_str(per),
                Some((text, None)) => {
                    out.push(' ');
                    out.push_str(text);
                }
                None => {}
            }
        }
        ExprKind::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        ExprKind::Name { scope, name } => {
            out.push_str(match scope {
                Some(Scope::Pre) => "pre.",
                Some(Scope::Post) => "post.",
                None => "",
            });
            out.push_str(&name.text);
        }
        ExprKind::Unary { operator: UnaryOperator::Not, operand } => {
            out.push_str("not ");
            write_expr(out, operand, level::NOT);
        }
        ExprKind::Unary { operator: UnaryOperator::Negate, operand } => {
            out.push('-');
            write_expr(out, operand, level::SIGN);
        }
        ExprKind::Binary { operator, left, right } => write_binary(out, *operator, left, right),
        ExprKind::Call { function, arguments } => {
            out.push_str(&function.text);
            out.push('(');
            for (i, argument) in arguments.iter().enumerate() {
                out.push_str(if i > 0 { ", " } else { "" });
                write_expr(out, argument, level::CONDITIONAL);
            }
            out.push(')');
        }
        ExprKind::Conditional { condition, then, otherwise } => {
            write_expr(out, then, level::OR);
            out.push_str(" if ");
            write_expr(out, condition, level::OR);
            out.push_str(" else ");
            write_expr(out, otherwise, level::CONDITIONAL);
        }
    }
    if brackets {
        out.push(')');
    }
}

fn write_binary(out: &mut String, operator: BinaryOperator, left: &Expr, right: &Expr) {
    let own = level_of(operator);
    // powers group to the right, comparisons not at all, all others to the left
    let (left_min, right_min) = match own {
        level::POWER => (level::PRIMARY, level::POWER),
        level::COMPARE => (own + 1, own + 1),
        _ => (own, own + 1),
    };
    let space = if own < level::PRODUCT { " " } else { "" };
    write_expr(out, left, left_min);
    out.push_str(space);
    out.push_str(written(operator));
    out.push_str(space);
    // a sign may stand in an exponent without brackets
    let sign = matches!(right.kind, ExprKind::Unary { operator: UnaryOperator::Negate, .. });
    write_expr(out, right, if sign { level::CONDITIONAL } else { right_min });
}
