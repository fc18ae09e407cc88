//! A place in one logical line: looking ahead, taking names and units, and saying what is wrong.
//!
//! In: the tokens of a line and the names that the model declares. Out: names, units, and messages. Not here: expressions
//! ([`super::expr`]) and what the lines of a model say ([`super`]).

use std::collections::BTreeSet;

use crate::diagnostic::{Diagnostic, Span};
use crate::model::ast::{Name, UnitText};
use crate::model::grammar::{self, Kind, Token};
use crate::units::{Unit, UnitError, nearest};

/// What was wrong has been noted; the line is not read further.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stop;

pub(super) type Parsed<T> = Result<T, Stop>;

/// A place in a line.
pub(super) struct Cursor<'a, 'p> {
    /// The whole text.
    pub text: &'a str,
    pub tokens: &'p [Token<'a>],
    pub at: usize,
    /// What the model declares: such a name is never a unit.
    pub names: &'p BTreeSet<&'a str>,
    pub problems: &'p mut Vec<Diagnostic>,
    /// Nodes of the expression being read.
    pub nodes: usize,
}

impl<'a> Cursor<'a, '_> {
    /// The token `n` behind the next one.
    pub fn ahead(&self, n: usize) -> Option<&Token<'a>> {
        self.tokens.get(self.at + n)
    }

    pub fn peek(&self) -> Option<&Token<'a>> {
        self.ahead(0)
    }

    pub fn sign_ahead(&self, n: usize, sign: &str) -> bool {
        self.ahead(n).is_some_and(|t| t.is_sign(sign))
    }

    pub fn word_ahead(&self, n: usize, word: &str) -> bool {
        self.ahead(n).is_some_and(|t| t.is_word(word))
    }

    /// Takes the sign, if it is next.
    pub fn sign(&mut self, sign: &str) -> Option<Span> {
        let span = self.peek().filter(|t| t.is_sign(sign))?.span;
        self.at += 1;
        Some(span)
    }

    /// Takes the word, if it is next.
    pub fn word(&mut self, word: &str) -> Option<Span> {
        let span = self.peek().filter(|t| t.is_word(word))?.span;
        self.at += 1;
        Some(span)
    }

    /// Where the next token stands, or the end of the line.
    pub fn span(&self) -> Span {
        match (self.peek(), self.tokens.last()) {
            (Some(t), _) => t.span,
            (None, Some(t)) => Span { start: t.span.end, end: t.span.end },
            (None, None) => Span::default(),
        }
    }

    /// Where the token before stands.
    pub fn last_span(&self) -> Span {
        self.previous().map_or_else(|| self.span(), |t| t.span)
    }

    pub fn previous(&self) -> Option<&Token<'a>> {
        self.tokens.get(self.at.checked_sub(1)?)
    }

    /// The text of a span, as written, clipped.
    pub fn written(&self, span: Span) -> String {
        grammar::clipped(self.text.get(span.start as usize..span.end as usize).unwrap_or_default())
    }

    /// The next token in words: `` `+` ``, the word `` `if` ``, the end of the line.
    pub fn found(&self) -> String {
        match self.peek() {
            None => "the end of the line".into(),
            Some(t) if t.kind == Kind::Word && grammar::is_reserved(t.text) => format!("the word `{}`", t.text),
            Some(t) => format!("`{}`", grammar::clipped(t.text)),
        }
    }

    /// Notes a problem and reads on.
    pub fn note(&mut self, problem: Diagnostic) {
        self.problems.push(problem);
    }

    /// Notes a problem and gives the line up. A letter that has been complained about is complaint enough.
    pub fn stop(&mut self, problem: Diagnostic) -> Stop {
        if self.peek().is_none_or(|t| t.kind != Kind::Bad) {
            self.problems.push(problem);
        }
        Stop
    }

    /// Something else should stand here.
    pub fn expected(&mut self, what: &str) -> Stop {
        let problem = Diagnostic::new("E006", format!("expected {what}, found {}", self.found())).at(self.span());
        self.stop(problem)
    }

    /// A name that is not reserved; `what` it names is for the message.
    pub fn name(&mut self, what: &str) -> Parsed<Name> {
        let Some(&token) = self.peek().filter(|t| t.kind == Kind::Word) else {
            return Err(self.expected(what));
        };
        let name = self.checked_name(token.text, token.span)?;
        self.at += 1;
        Ok(name)
    }

    /// A name, if it may be one.
    pub fn checked_name(&mut self, text: &str, span: Span) -> Parsed<Name> {
        let (message, help) = if grammar::is_reserved(text) {
            (format!("`{text}` is a word of the language and cannot be a name"), format!("choose another, such as `{text}_`"))
        } else if let Some(mu) = text.chars().find(|c| !c.is_ascii()) {
            (format!("the letter `{mu}` can stand in a unit, not in a name"), "write `mu` or `u`".into())
        } else if text.len() > grammar::MAX_NAME {
            let message = format!("the name `{}` has {} letters", grammar::clipped(text), text.len());
            (message, format!("use at most {}", grammar::MAX_NAME))
        } else {
            return Ok(Name { text: text.into(), span });
        };
        Err(self.stop(Diagnostic::new("E010", message).at(span).help(help)))
    }

    /// Does a bracket with flags start at the token `n` behind the next: `(unless refractory)`, `(at start)`?
    pub fn flags_ahead(&self, n: usize) -> bool {
        let word = |i: usize| self.ahead(i).filter(|t| t.kind == Kind::Word).map(|t| t.text);
        self.sign_ahead(n, "(")
            && match (word(n + 1), word(n + 2)) {
                (_, Some("if" | "else" | "and" | "or" | "not")) => false,
                (Some("unless" | "while" | "lost" | "refractory"), _) => true,
                (Some(_), Some("refractory" | "while" | "unless")) => true,
                (Some("at" | "on" | "when"), Some(_)) => true,
                (Some("event" | "clock"), None) => self.sign_ahead(n + 2, "-") && self.word_ahead(n + 3, "driven"),
                _ => false,
            }
    }

    /// Does a bracket with a range start at the token `n` behind the next: `(from 0 ms)`, `(above 0 pF to c_max)`?
    pub fn range_ahead(&self, n: usize) -> bool {
        let word = self.ahead(n + 1).filter(|t| t.kind == Kind::Word && RANGE_WORDS.contains(&t.text));
        self.sign_ahead(n, "(")
            && word.is_some_and(|t| !self.names.contains(t.text))
            && self.ahead(n + 2).is_some_and(|t| matches!(t.kind, Kind::Word | Kind::Number(_)) || t.is_sign("-") || t.is_sign("("))
    }

    /// Is the word `n` behind the next called as a function?
    pub fn is_call(&self, n: usize) -> bool {
        self.sign_ahead(n + 1, "(") && !self.flags_ahead(n + 1) && !self.range_ahead(n + 1)
    }

    /// Is the word `n` behind the next a unit: known as one, not declared, not called?
    pub fn unit_ahead(&self, n: usize) -> bool {
        self.ahead(n).is_some_and(|t| {
            t.kind == Kind::Word && Unit::symbol(t.text).is_some() && !self.names.contains(t.text) && !self.is_call(n)
        })
    }

    /// `: unit`, if there.
    pub fn colon_unit(&mut self) -> Parsed<Option<UnitText>> {
        if self.sign(":").is_none() {
            return Ok(None);
        }
        let (start, mut text) = (self.span(), String::new());
        if self.peek().is_some_and(|t| t.kind == Kind::Number(1.0)) {
            text.push('1');
            self.at += 1;
            if self.sign("/").is_none() {
                return self.unit(text, start).map(Some);
            }
            text.push('/');
        }
        loop {
            let Some(token) = self.peek().filter(|t| t.kind == Kind::Word && !grammar::is_reserved(t.text)) else {
                let help = "units are written as `mV`, `nS/ms` or `uA/cm**2`; a pure number has the unit `1`";
                let message = format!("expected a unit, found {}", self.found());
                let problem = Diagnostic::new("E003", message).at(self.span()).help(help);
                return Err(self.stop(problem));
            };
            if Unit::symbol(token.text).is_none() {
                return Err(self.unknown_unit(false));
            }
            text.push_str(token.text);
            self.at += 1;
            self.unit_power(&mut text, false);
            match self.unit_operator() {
                Some(operator) => text.push(operator),
                None => return self.unit(text, start).map(Some),
            }
            self.at += 1;
        }
    }

    /// The unit behind a number: a symbol stands here. A declared name ends it.
    pub fn literal_unit(&mut self) -> Parsed<UnitText> {
        let (start, mut text) = (self.span(), String::new());
        while let Some(token) = self.peek() {
            text.push_str(token.text);
            self.at += 1;
            self.unit_power(&mut text, true);
            match self.unit_operator() {
                Some(operator) if self.unit_ahead(1) => text.push(operator),
                _ => break,
            }
            self.at += 1;
        }
        if self.sign_ahead(0, "**") {
            let message = "only a whole number can be the power of a unit";
            let written = self.written(self.number_span().to(self.last_span()));
            let problem = Diagnostic::new("E003", message).at(self.span());
            let problem = problem.help(format!("for the power of the quantity write `({written})**…`"));
            return Err(self.stop(problem));
        }
        self.unit(text, start)
    }

    /// `12/ms`: behind a number a `/` and a unit.
    pub fn per_unit(&mut self) -> Parsed<UnitText> {
        let start = self.span();
        self.at += 1;
        let UnitText { text, .. } = self.literal_unit()?;
        self.unit(format!("1/{text}"), start)
    }

    /// Does the number before this place divide something, or is it a power? In `x/2/ms` all that stands before is divided by `ms`.
    pub fn behind_quotient(&self) -> bool {
        let before = self.tokens[..self.at.saturating_sub(1)].iter().rev().find(|token| !token.is_sign("-"));
        before.is_some_and(|token| token.is_sign("/") || token.is_sign("**"))
    }

    /// The nearest number before this place, on the way through a unit.
    fn number_span(&self) -> Span {
        let number = |t: &&Token<'_>| t.is_word("inf") || (matches!(t.kind, Kind::Number(_)));
        // a power inside the unit is a number too, so look for one that a unit symbol follows
        let before = self.tokens[..self.at].windows(2).rev().find(|pair| number(&&pair[0]) && pair[1].kind == Kind::Word);
        before.map_or_else(|| self.last_span(), |pair| pair[0].span)
    }

    fn unit_operator(&self) -> Option<char> {
        let token = self.peek().filter(|t| t.kind == Kind::Sign)?;
        match token.text {
            "*" | "·" => Some('*'),
            "/" => Some('/'),
            _ => None,
        }
    }

    /// `**2`, `^-1` or `²` behind a unit symbol.
    fn unit_power(&mut self, text: &mut String, whole: bool) {
        let small = [("²", "**2"), ("³", "**3")].into_iter().find(|(sign, _)| self.sign_ahead(0, sign));
        if let Some((_, power)) = small {
            text.push_str(power);
            self.at += 1;
            return;
        }
        let minus = usize::from(self.sign_ahead(1, "-"));
        if self.sign_ahead(0, "**")
            && let Some(Token { kind: Kind::Number(value), .. }) = self.ahead(1 + minus)
            && (!whole || value.fract() == 0.0)
        {
            text.push_str("**");
            text.push_str(&"-"[..minus]);
            text.push_str(&grammar::number(*value));
            self.at += 2 + minus;
        }
    }

    fn unit(&mut self, text: String, start: Span) -> Parsed<UnitText> {
        let span = start.to(self.last_span());
        match Unit::parse(&text) {
            Ok(unit) if unit.scale.is_normal() => Ok(UnitText { text, unit, span }),
            _ => {
                let message = format!("`{}` is not a unit that can be counted in", grammar::clipped(&text));
                self.note(Diagnostic::new("E003", message).at(span).help("use smaller powers and fewer symbols"));
                Err(Stop)
            }
        }
    }

    /// The next word stands where a unit should.
    pub fn unknown_unit(&mut self, after_number: bool) -> Stop {
        let Some(&token) = self.peek() else { return self.expected("a unit") };
        let mut problem = Diagnostic::new("E003", format!("unknown unit `{}`", grammar::clipped(token.text))).at(token.span);
        let near = match Unit::parse(token.text) {
            Err(UnitError::Unknown { nearest, .. }) => nearest,
            _ => None,
        };
        problem = match long_unit(token.text).or(near) {
            Some("1") => problem.help("the unit of a pure number is `1`"),
            None if PREFIXES.contains(&token.text) => {
                let word = token.text;
                let product = if after_number { "; for a product write `*` between them" } else { "" };
                problem.help(format!(
                    "`{word}` alone is the prefix of a unit, as in `{word}{}`{product}",
                    if word == "k" { "Hz" } else { "F" }
                ))
            }
            // beyond the first hundred problems nobody reads on
            None if after_number && !self.names.is_empty() && self.problems.len() < 100 => {
                let name = nearest(token.text, self.names.iter().copied().take(grammar::MAX_ITEMS));
                problem.help(match name {
                    Some(name) => format!("for a product with `{name}` write `*` between them"),
                    None => "for a product write `*` between them".into(),
                })
            }
            near => problem.did_you_mean(near),
        };
        self.stop(problem)
    }
}

/// The words of a range.
pub const RANGE_WORDS: [&str; 4] = ["from", "above", "to", "below"];
/// Letters that stand before a unit.
const PREFIXES: &[&str] = &["k", "u", "n", "p"];

/// Units as other languages spell them.
fn long_unit(word: &str) -> Option<&'static str> {
    const LONG: &[(&str, &str)] = &[
        ("volt", "V"),
        ("second", "s"),
        ("amp", "A"),
        ("ampere", "A"),
        ("siemens", "S"),
        ("farad", "F"),
        ("hertz", "Hz"),
        ("metre", "m"),
        ("meter", "m"),
        ("molar", "M"),
        ("ohm", "Ohm"),
        ("mvolt", "mV"),
        ("msecond", "ms"),
        ("usecond", "us"),
        ("msiemens", "mS"),
        ("usiemens", "uS"),
        ("nsiemens", "nS"),
        ("pamp", "pA"),
        ("namp", "nA"),
        ("uamp", "uA"),
        ("pfarad", "pF"),
        ("nfarad", "nF"),
        ("ufarad", "uF"),
        ("msec", "ms"),
        ("sec", "s"),
        ("usec", "us"),
        ("millivolt", "mV"),
        ("millisecond", "ms"),
        ("dimensionless", "1"),
        ("real", "1"),
        ("integer", "1"),
        ("boolean", "1"),
    ];
    let lower = word.to_ascii_lowercase();
    let singular = lower.strip_suffix('s').unwrap_or(&lower);
    LONG.iter().find(|(long, _)| *long == lower || *long == singular).map(|(_, unit)| *unit)
}
