//! What single lines say: declarations, equations, and the statements of blocks.
//!
//! In: a [`Cursor`] at the start of a line or statement. Out: items, statements and actions. Not here: which lines belong
//! together ([`super`]) and expressions ([`super::expr`]).

use crate::diagnostic::{Diagnostic, Span};
use crate::model::ast::{Action, AssignOperator, Bound, Item, Name, PortFlag, Range, Statement, UnitText};
use crate::model::grammar::{self, DELAY_PLACES, Kind, LINE_WORDS};
use crate::units::nearest;

use super::cursor::{Cursor, Parsed, Stop};

/// The line must end here.
pub(super) fn end(cursor: &mut Cursor<'_, '_>, expected: &str) -> Parsed<()> {
    if cursor.peek().is_none() {
        return Ok(());
    }
    if cursor.range_ahead(0) {
        let problem = Diagnostic::new("E016", "no range can stand here").at(cursor.span());
        return Err(cursor.stop(
            problem.help("what a value may be stands behind a parameter or a synapse's state: `param tau = 5 ms (above 0 ms)`"),
        ));
    }
    if cursor.flags_ahead(0) {
        let problem = Diagnostic::new("E016", "no flags can stand here").at(cursor.span());
        let help = "`(unless refractory)` belongs to `dv/dt = …`, other flags to `input`";
        return Err(cursor.stop(problem.help(help)));
    }
    if cursor.sign_ahead(0, ":") {
        let problem = Diagnostic::new("E006", format!("expected {expected}, found `:`")).at(cursor.span());
        return Err(cursor.stop(problem.help("leave the `:` out")));
    }
    Err(cursor.trailing(expected))
}

/// Behind a name no second word can stand.
pub(super) fn one_word(cursor: &mut Cursor<'_, '_>, name: &Name) -> Parsed<()> {
    if cursor.peek().is_none_or(|t| t.kind != Kind::Word) {
        return Ok(());
    }
    let message = format!("a name is one word, found {} behind `{}`", cursor.found(), name.text);
    let problem = Diagnostic::new("E006", message).at(cursor.span());
    let joined = cursor.written(name.span.to(cursor.span())).split_whitespace().collect::<Vec<_>>().join("_");
    Err(cursor.stop(problem.help(format!("write `{joined}`"))))
}

/// `threshold: …` and `threshold = …` are habits from elsewhere.
pub(super) fn no_colon(cursor: &mut Cursor<'_, '_>) {
    let found = cursor.peek().filter(|t| t.is_sign(":") || t.is_sign("=")).map(|t| (t.text, t.span));
    if let (Some((sign, span)), Some(word)) = (found, cursor.previous().map(|t| t.text)) {
        let problem = Diagnostic::new("E006", format!("no `{sign}` stands after `{word}`")).at(span);
        cursor.note(problem.help("leave it out"));
        cursor.at += 1;
    }
}

pub(super) fn action(cursor: &mut Cursor<'_, '_>, step: bool) -> Parsed<Action> {
    if step && let Some(&token) = cursor.peek() {
        let make: Option<fn(Span) -> Action> = match token.text {
            "receive" => Some(Action::Receive),
            "integrate" => Some(Action::Integrate),
            "spike" => Some(Action::Spike),
            "graded" if cursor.ahead(1).is_none_or(|t| t.is_sign(";")) => Some(Action::Graded),
            _ => None,
        };
        if let Some(make) = make {
            cursor.at += 1;
            if !cursor.sign_ahead(0, ";") {
                end(cursor, "the end of the line")?;
            }
            return Ok(make(token.span));
        }
    }
    statement(cursor, if step { "`receive`, `integrate`, `spike`, `graded` or an assignment" } else { "an assignment" })
        .map(Action::Assign)
}

fn statement(cursor: &mut Cursor<'_, '_>, what: &str) -> Parsed<Statement> {
    let prime = cursor.sign_ahead(1, "'");
    let derivative = grammar::derivative(&cursor.tokens[cursor.at..]).map(|(_, span)| span);
    if prime || derivative.is_some() {
        let problem = Diagnostic::new("E017", "a derivative cannot be assigned to here").at(cursor.span());
        return Err(cursor.stop(problem.help("write the equation on a line of its own, outside of the block")));
    }
    if let Some(token) = cursor.peek().filter(|t| t.kind == Kind::Word && LINE_WORDS.contains(&t.text)) {
        let problem = Diagnostic::new("E006", format!("expected {what}, found the word `{}`", token.text)).at(token.span);
        let help = "start a line with it that is not further to the right than the block";
        return Err(cursor.stop(problem.help(help)));
    }
    let target = cursor.name(what)?;
    let operator = assign(cursor, &target.text)?;
    let value = cursor.expression()?;
    if cursor.sign_ahead(0, ",") && cursor.ahead(1).is_some_and(|t| t.kind == Kind::Word) {
        let problem = Diagnostic::new("E006", "expected `;` or the end of the line, found `,`").at(cursor.span());
        return Err(cursor.stop(problem.help("write `;` between statements")));
    }
    if !cursor.sign_ahead(0, ";") {
        end(cursor, "`;` or the end of the line")?;
    }
    let span = target.span.to(cursor.last_span());
    Ok(Statement { target, operator, value, span })
}

fn assign(cursor: &mut Cursor<'_, '_>, target: &str) -> Parsed<AssignOperator> {
    let operators = [
        ("=", AssignOperator::Set),
        ("+=", AssignOperator::Add),
        ("-=", AssignOperator::Subtract),
        ("*=", AssignOperator::Multiply),
        ("/=", AssignOperator::Divide),
    ];
    let found = operators.into_iter().find(|(sign, _)| cursor.sign_ahead(0, sign));
    let Some((_, operator)) = found else { return Err(no_equals(cursor, target)) };
    cursor.at += 1;
    if cursor.sign_ahead(0, "+") && operator == AssignOperator::Set {
        let problem = Diagnostic::new("E011", "expected a value after `=`, found `+`").at(cursor.span());
        return Err(cursor.stop(problem.help("to add, write `+=`")));
    }
    Ok(operator)
}

/// `=` should stand here.
fn no_equals(cursor: &mut Cursor<'_, '_>, what: &str) -> Stop {
    let message = format!("expected `=` after `{}`, found {}", grammar::clipped(what), cursor.found());
    let problem = Diagnostic::new("E011", message).at(cursor.span());
    let define = cursor.sign_ahead(0, ":") && cursor.sign_ahead(1, "=");
    let problem = match cursor.peek().map(|t| t.text) {
        Some("==") => problem.help("`==` compares; write `=`"),
        Some(":") if define => problem.help("write `=`"),
        Some(":") => problem.help("write `=`; a unit stands behind the value: `= … : mV`"),
        Some(text) if text.starts_with(|c: char| c.is_alphabetic()) => {
            problem.help("a line is `name = …`, `dv/dt = …`, or begins with a word such as `param`, `state`, `threshold`, `reset`")
        }
        _ => problem,
    };
    cursor.stop(problem)
}

fn equals(cursor: &mut Cursor<'_, '_>, what: &str) -> Parsed<()> {
    if cursor.sign("=").is_some() { Ok(()) } else { Err(no_equals(cursor, what)) }
}

/// Everything that is not the head of a block.
pub(super) fn one_line(cursor: &mut Cursor<'_, '_>, items: &mut Vec<Item>) -> Parsed<()> {
    let Some(&first) = cursor.peek() else { return Ok(()) };
    let derivative = grammar::derivative(cursor.tokens);
    if first.kind == Kind::Word && LINE_WORDS.contains(&first.text) {
        cursor.at += 1;
        no_colon(cursor);
    }
    match first.text {
        "param" | "state" | "modulator" | "input" => loop {
            items.push(match first.text {
                "param" => param(cursor)?,
                "state" => state(cursor)?,
                "modulator" => modulator(cursor)?,
                _ => input(cursor)?,
            });
            if cursor.sign(",").is_none() {
                return end(cursor, "`,` or the end of the line");
            }
        },
        "threshold" | "rearm" | "refractory" => {
            let value = cursor.expression()?;
            end(cursor, "the end of the line")?;
            let span = first.span.to(cursor.last_span());
            items.push(match first.text {
                "threshold" => Item::Threshold { condition: value, span },
                "rearm" => Item::Rearm { condition: value, span },
                _ => Item::Refractory { value, span },
            });
        }
        "method" => {
            let name = cursor.name("the name of a method")?;
            one_word(cursor, &name)?;
            end(cursor, "the end of the line")?;
            items.push(Item::Method { name });
        }
        "delay" if !cursor.sign_ahead(1, "=") || places_delay(cursor, 2) => items.push(delay(cursor)?),
        "graded" => {
            let port = cursor.name("a port of the target")?;
            if cursor.sign("+=").is_none() {
                let message = format!("expected `+=` after `{}`, found {}", port.text, cursor.found());
                let problem = Diagnostic::new("E006", message).at(cursor.span());
                return Err(cursor.stop(problem.help(format!("write `graded {} += …`", port.text))));
            }
            let value = cursor.expression()?;
            end(cursor, "the end of the line")?;
            let span = first.span.to(cursor.last_span());
            items.push(Item::Graded { port, value, span });
        }
        "receive" | "integrate" | "spike" => {
            let problem = Diagnostic::new("E006", format!("`{}` stands outside of a `step` block", first.text));
            let help = "write it below a line `step`, further to the right";
            return Err(cursor.stop(problem.at(first.span).help(help)));
        }
        _ => match derivative {
            Some((name, span)) => items.push(equation(cursor, name, span)?),
            None => items.push(named(cursor)?),
        },
    }
    Ok(())
}

/// Does a word that says where a delay lies stand behind a sign, and is it no name of the model?
fn places_delay(cursor: &Cursor<'_, '_>, n: usize) -> bool {
    let word = cursor.ahead(n).filter(|t| t.kind == Kind::Word && DELAY_PLACES.contains(&t.text));
    word.is_some_and(|t| !cursor.names.contains(t.text))
}

/// `delay axonal`; `delay` alone may be a name, so it is no reserved word.
fn delay(cursor: &mut Cursor<'_, '_>) -> Parsed<Item> {
    cursor.at += 1;
    if places_delay(cursor, 1) {
        no_colon(cursor);
    }
    if cursor.peek().is_none_or(|t| t.kind != Kind::Word) {
        let message = format!("expected `axonal` or `dendritic` after `delay`, found {}", cursor.found());
        let help = "a synapse model says where the delay lies, a projection how long it is";
        let problem = Diagnostic::new("E006", message).at(cursor.span()).help(help);
        return Err(cursor.stop(problem));
    }
    let place = cursor.name("`axonal` or `dendritic`")?;
    end(cursor, "the end of the line")?;
    Ok(Item::Delay { place })
}

fn param(cursor: &mut Cursor<'_, '_>) -> Parsed<Item> {
    let name = declaration(cursor, "the name of a parameter")?;
    let default = if cursor.sign("=").is_some() { Some(cursor.expression()?) } else { None };
    let (unit, range) = unit_and_range(cursor)?;
    if default.is_none() && unit.is_none() {
        let stop = no_equals(cursor, &name.text);
        if let Some(problem) = cursor.problems.last_mut().filter(|p| p.help.is_none() && p.code == "E011") {
            problem.help = Some(format!("write `param {0} = 1 mV`, or `param {0} : mV` if it has no default", name.text));
        }
        return Err(stop);
    }
    Ok(Item::Param { name, default, unit, range })
}

/// `: unit` and `(from 0 ms)` in either order.
fn unit_and_range(cursor: &mut Cursor<'_, '_>) -> Parsed<(Option<UnitText>, Range)> {
    let unit = cursor.colon_unit()?;
    let range = range(cursor)?;
    Ok((if unit.is_none() { cursor.colon_unit()? } else { unit }, range))
}

/// `(from 0 ms)`, `(above 0 pF to c_max)`, if there.
fn range(cursor: &mut Cursor<'_, '_>) -> Parsed<Range> {
    let mut range = Range::default();
    if !cursor.range_ahead(0) {
        return Ok(range);
    }
    let open = cursor.span();
    cursor.at += 1;
    let bound = |cursor: &mut Cursor<'_, '_>, words: [&str; 2]| {
        let Some(within) = words.iter().position(|word| cursor.word(word).is_some()) else { return Ok(None) };
        Ok(Some(Bound { value: cursor.expression()?, within: within == 0 }))
    };
    range.low = bound(cursor, ["from", "above"])?;
    range.high = bound(cursor, ["to", "below"])?;
    if cursor.sign(")").is_some() {
        return Ok(range);
    }
    if cursor.peek().is_none() {
        return Err(cursor.unclosed(open));
    }
    let stop = cursor.expected("`to`, `below` or `)`");
    if let Some(problem) = cursor.problems.last_mut().filter(|p| p.code == "E006" && p.help.is_none()) {
        problem.help = Some("a range is `(from 0 ms)`, `(above 0 ms to 1 s)`, `(below 1)`".into());
    }
    Err(stop)
}

fn state(cursor: &mut Cursor<'_, '_>) -> Parsed<Item> {
    let name = declaration(cursor, "the name of a state")?;
    if cursor.sign("=").is_none() {
        let bare = cursor.peek().is_none_or(|t| t.is_sign(":") || t.is_sign(","));
        let stop = no_equals(cursor, &name.text);
        if let Some(problem) = cursor.problems.last_mut().filter(|p| bare && p.code == "E011") {
            problem.help = Some(format!("give its value at the start: `state {} = 0 mV`", name.text));
        }
        return Err(stop);
    }
    let initial = cursor.expression()?;
    let (unit, range) = unit_and_range(cursor)?;
    Ok(Item::State { name, initial, unit, range })
}

fn modulator(cursor: &mut Cursor<'_, '_>) -> Parsed<Item> {
    let name = declaration(cursor, "the name of a modulator")?;
    let default = if cursor.sign("=").is_some() { Some(cursor.expression()?) } else { None };
    let unit = cursor.colon_unit()?;
    if default.is_none() && unit.is_none() {
        let stop = no_equals(cursor, &name.text);
        if let Some(problem) = cursor.problems.last_mut().filter(|p| p.help.is_none() && p.code == "E011") {
            let help =
                format!("write `modulator {0} = 0 nM`, or `modulator {0} : nM` if every projection must say what it is", name.text);
            problem.help = Some(help);
        }
        return Err(stop);
    }
    Ok(Item::Modulator { name, default, unit })
}

/// A name behind `param`, `state`, `modulator`, `input`, or behind a comma there.
fn declaration(cursor: &mut Cursor<'_, '_>, what: &str) -> Parsed<Name> {
    let comma = cursor.previous().is_some_and(|t| t.is_sign(","));
    if comma && cursor.peek().is_some_and(|t| matches!(t.kind, Kind::Number(_))) {
        // `param x = 0,1`
        cursor.at -= 1;
        return Err(cursor.trailing(what));
    }
    cursor.name(what)
}

fn input(cursor: &mut Cursor<'_, '_>) -> Parsed<Item> {
    let name = declaration(cursor, "the name of a port")?;
    let (mut into, mut scale) = (None, None);
    if cursor.sign("->").is_some() {
        into = Some(cursor.name("the name of a state")?);
        if cursor.sign("*").is_some() {
            scale = Some(cursor.product()?);
        } else if cursor.sign_ahead(0, "/") {
            let problem = Diagnostic::new("E006", "expected `*` and the scale of arrivals, found `/`").at(cursor.span());
            return Err(cursor.stop(problem.help("write `* 1/…`")));
        }
        if cursor.sign_ahead(0, "+") || cursor.sign_ahead(0, "-") {
            let message = format!("expected the end of the scale, found {}", cursor.found());
            let problem = Diagnostic::new("E006", message).at(cursor.span());
            return Err(cursor.stop(problem.help("put a sum in brackets: `* (a + b)`")));
        }
    } else if cursor.sign_ahead(0, "=") {
        let problem = Diagnostic::new("E006", format!("an input has no value, found `=` after `{}`", name.text));
        let help = format!("write `input {0} : pA` for an input, or `param {0} = …` for a parameter", name.text);
        return Err(cursor.stop(problem.at(cursor.span()).help(help)));
    }
    let (unit, flags) = unit_and_flags(cursor)?;
    let mut ports = Vec::new();
    for (text, span) in flags {
        let flag = match text.as_str() {
            "at start" => PortFlag::AtStart,
            "on arrival" => PortFlag::OnArrival,
            "lost while refractory" => PortFlag::LostWhileRefractory,
            _ => return Err(unknown_flag(cursor, &text, span, &["at start", "on arrival", "lost while refractory"])),
        };
        let either = [PortFlag::AtStart, PortFlag::OnArrival];
        if ports.contains(&flag) || (either.contains(&flag) && ports.iter().any(|p| either.contains(p))) {
            cursor.note(Diagnostic::new("E016", format!("`{text}` contradicts or repeats a flag before it")).at(span));
            return Err(Stop);
        }
        ports.push(flag);
    }
    Ok(Item::Input { name, into, scale, unit, flags: ports })
}

fn equation(cursor: &mut Cursor<'_, '_>, name: &str, span: Span) -> Parsed<Item> {
    let state = cursor.checked_name(name, span)?;
    cursor.at += 3;
    equals(cursor, &format!("d{name}/dt"))?;
    let value = cursor.expression()?;
    let (unit, flags) = unit_and_flags(cursor)?;
    for (i, (text, span)) in flags.iter().enumerate() {
        if text != "unless refractory" {
            return Err(unknown_flag(cursor, text, *span, &["unless refractory"]));
        }
        if i > 0 {
            cursor.note(Diagnostic::new("E016", format!("`{text}` repeats a flag before it")).at(*span));
            return Err(Stop);
        }
    }
    end(cursor, "the end of the line")?;
    Ok(Item::Equation { state, value, unit, unless_refractory: !flags.is_empty() })
}

/// What stands in brackets between commas, and where.
type Flags = Vec<(String, Span)>;

/// `: unit` and `(flag, flag)` in either order.
fn unit_and_flags(cursor: &mut Cursor<'_, '_>) -> Parsed<(Option<UnitText>, Flags)> {
    let mut unit = cursor.colon_unit()?;
    let mut flags = Flags::new();
    // behind a unit no value can stand, so any bracket there holds flags
    if let Some(open) = (unit.is_some() || cursor.flags_ahead(0)).then(|| cursor.sign("(")).flatten() {
        driven(cursor)?;
        loop {
            let (mut words, start) = (Vec::new(), cursor.span());
            while let Some(token) = cursor.peek().filter(|t| t.kind == Kind::Word) {
                words.push(token.text);
                cursor.at += 1;
            }
            if words.is_empty() {
                return Err(cursor.expected("a flag"));
            }
            flags.push((words.join(" "), start.to(cursor.last_span())));
            if cursor.sign(",").is_none() {
                break;
            }
        }
        if cursor.sign(")").is_none() {
            return Err(if cursor.peek().is_none() { cursor.unclosed(open) } else { cursor.expected("`,` or `)`") });
        }
        if unit.is_none() {
            unit = cursor.colon_unit()?;
        }
    }
    Ok((unit, flags))
}

/// `(event-driven)` and `(clock-driven)` are Brian's.
fn driven(cursor: &mut Cursor<'_, '_>) -> Parsed<()> {
    if !(cursor.sign_ahead(1, "-") && cursor.word_ahead(2, "driven")) {
        return Ok(());
    }
    let span = cursor.span().to(cursor.ahead(2).map_or_else(|| cursor.span(), |t| t.span));
    let problem = Diagnostic::new("E016", format!("unknown flag `{}`", cursor.written(span))).at(span);
    let help = "leave it out: a synapse with `on_post` lines is advanced when spikes come, one with `graded` lines in every step";
    Err(cursor.stop(problem.help(help)))
}

fn unknown_flag(cursor: &mut Cursor<'_, '_>, text: &str, span: Span, known: &[&str]) -> Stop {
    let problem = Diagnostic::new("E016", format!("unknown flag `{}`", grammar::clipped(text))).at(span);
    let list = known.iter().map(|k| format!("`({k})`")).collect::<Vec<_>>().join(", ");
    let problem = match nearest(text, known.iter().copied()) {
        Some(near) => problem.did_you_mean(Some(near)),
        None => problem.help(format!("known here: {list}")),
    };
    cursor.note(problem);
    Stop
}

/// `i_syn = g*(e - v)`, or a line that starts with an unknown word.
fn named(cursor: &mut Cursor<'_, '_>) -> Parsed<Item> {
    let Some(&first) = cursor.peek() else { return Err(Stop) };
    if first.kind != Kind::Word || grammar::is_reserved(first.text) {
        return Err(cursor.expected("a declaration or an equation"));
    }
    derivative_habits(cursor)?;
    let next = cursor.ahead(1).copied();
    let near = nearest(first.text, LINE_WORDS.iter().copied().chain(["delay"]));
    let word = grammar::clipped(first.text);
    match next {
        Some(t) if t.is_sign("=") => {}
        // `v : mV`
        Some(t) if t.is_sign(":") && near.is_none() && !cursor.sign_ahead(2, "=") => {
            let problem = Diagnostic::new("E008", format!("expected `=` after `{word}`, found `:`")).at(t.span);
            let help = format!("to declare it write `param {word} : …` or `state {word} = …`");
            return Err(cursor.stop(problem.help(help)));
        }
        Some(t) if t.kind == Kind::Sign && matches!(t.text, "+=" | "-=" | "*=" | "/=") => {
            let message = format!("`{}` stands outside of a `reset`, `on_pre`, `on_post`, `every` or `step`", t.text);
            let help = "statements of a block stand further to the right than its first line";
            return Err(cursor.stop(Diagnostic::new("E006", message).at(t.span).help(help)));
        }
        _ if near.is_some() || next.is_none() || cursor.sign_ahead(2, "=") && !cursor.sign_ahead(1, ":") => {
            let problem = Diagnostic::new("E008", format!("no line starts with `{word}`")).at(first.span);
            let problem = problem.help("a line declares (`param`, `state`, `input`, …) or is an equation: `x = …`, `dx/dt = …`");
            return Err(cursor.stop(problem.did_you_mean(near)));
        }
        _ => {}
    }
    let name = cursor.name("a name")?;
    equals(cursor, &name.text)?;
    let value = cursor.expression()?;
    let unit = cursor.colon_unit()?;
    end(cursor, "the end of the line")?;
    Ok(Item::Let { name, value, unit })
}

/// `v' = …`, `d(v)/dt = …`, `d/dt v = …`
fn derivative_habits(cursor: &mut Cursor<'_, '_>) -> Parsed<()> {
    let word = |c: &Cursor<'_, '_>, n| c.ahead(n).filter(|t| t.kind == Kind::Word).map(|t| t.text.to_string());
    let state = if cursor.sign_ahead(1, "'") {
        word(cursor, 0)
    } else if cursor.word_ahead(0, "d") && cursor.sign_ahead(1, "(") {
        word(cursor, 2).filter(|_| cursor.sign_ahead(3, ")") && cursor.sign_ahead(4, "/"))
    } else if cursor.word_ahead(0, "d") && cursor.sign_ahead(1, "/") && cursor.word_ahead(2, "dt") {
        Some(word(cursor, 3).or_else(|| word(cursor, 4)).unwrap_or_else(|| "v".into()))
    } else {
        None
    };
    let Some(state) = state else { return Ok(()) };
    let end = cursor.tokens[cursor.at..].iter().find(|t| t.is_sign("=") || t.is_sign(":")).map_or(0, |t| t.span.start);
    let found = cursor.written(Span { start: cursor.span().start, end: end.max(cursor.span().end) });
    let message = format!("expected a derivative such as `dv/dt`, found `{}`", found.trim_end());
    let problem = Diagnostic::new("E017", message).at(cursor.span());
    Err(cursor.stop(problem.help(format!("write `d{state}/dt = …`"))))
}
