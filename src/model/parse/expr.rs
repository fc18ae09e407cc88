//! Expressions, by precedence climbing.
//!
//! In: a [`Cursor`] at the start of an expression. Out: an [`Expr`] and the cursor behind it. Not here: units
//! ([`super::cursor`]), and what the names mean.
//!
//! From loose to tight: `a if c else b`; `or`; `and`; `not`; comparison, which cannot be chained; `+ -`; `* /`; a sign;
//! `**`, which groups to the right; calls and brackets.

use crate::diagnostic::{Diagnostic, Span};
use crate::model::ast::{BinaryOperator as Op, Expr, ExprKind, Name, Scope, UnaryOperator, UnitText};
use crate::model::grammar::{self, Kind, MAX_DEPTH, MAX_NODES};
use crate::units::Unit;

use super::cursor::{Cursor, Parsed, Stop};

/// How tightly an operator binds; [`super::super::print`] uses the same numbers.
pub mod level {
    /// `a if c else b`
    pub const CONDITIONAL: u8 = 0;
    /// `or`
    pub const OR: u8 = 1;
    /// `and`
    pub const AND: u8 = 2;
    /// `not`
    pub const NOT: u8 = 3;
    /// `<`, `==`, ...
    pub const COMPARE: u8 = 4;
    /// `+`, `-`
    pub const SUM: u8 = 5;
    /// `*`, `/`
    pub const PRODUCT: u8 = 6;
    /// `-x`
    pub const SIGN: u8 = 7;
    /// `**`
    pub const POWER: u8 = 8;
    /// A number, a name, a call, brackets.
    pub const PRIMARY: u8 = 9;
}

/// The level of an operator with two sides.
pub fn level_of(operator: Op) -> u8 {
    match operator {
        Op::Or => level::OR,
        Op::And => level::AND,
        Op::Less | Op::LessEqual | Op::Greater | Op::GreaterEqual | Op::Equal | Op::NotEqual => level::COMPARE,
        Op::Add | Op::Subtract => level::SUM,
        Op::Multiply | Op::Divide => level::PRODUCT,
        Op::Power => level::POWER,
    }
}

const OPERATORS: &[(&str, Op)] = &[
    ("or", Op::Or),
    ("and", Op::And),
    ("<", Op::Less),
    ("<=", Op::LessEqual),
    (">", Op::Greater),
    (">=", Op::GreaterEqual),
    ("==", Op::Equal),
    ("!=", Op::NotEqual),
    ("+", Op::Add),
    ("-", Op::Subtract),
    ("*", Op::Multiply),
    ("/", Op::Divide),
    ("**", Op::Power),
];

/// How an operator is written.
pub fn written(operator: Op) -> &'static str {
    OPERATORS.iter().find(|(_, o)| *o == operator).map_or("", |(text, _)| *text)
}

/// Words that may follow a number by mistake and are no units.
const NO_UNITS: &[&str] = &["t", "dt", "xi", "pi", "e", "to", "below"];

impl Cursor<'_, '_> {
    /// An expression.
    pub fn expression(&mut self) -> Parsed<Expr> {
        self.nodes = 0;
        self.conditional(0)
    }

    /// A product, as the scale of a port.
    pub fn product(&mut self) -> Parsed<Expr> {
        self.nodes = 0;
        self.binary(level::PRODUCT, 0)
    }

    fn conditional(&mut self, depth: usize) -> Parsed<Expr> {
        let then = self.binary(level::OR, depth)?;
        let Some(condition_word) = self.word("if") else { return Ok(then) };
        let inner = self.deeper(depth)?;
        let condition = self.binary(level::OR, inner)?;
        if self.word("else").is_none() {
            if self.peek().is_some() && !self.sign_ahead(0, ")") && !self.word_ahead(0, "then") {
                return Err(self.trailing("`else`"));
            }
            let problem = Diagnostic::new("E014", format!("expected `else`, found {}", self.found()));
            let problem = problem.at(self.span()).related(condition_word, "the condition starts here");
            return Err(self.stop(problem.help("write `a if c else b`")));
        }
        let otherwise = self.conditional(inner)?;
        let span = then.span.to(otherwise.span);
        let kind = ExprKind::Conditional { condition: condition.into(), then: then.into(), otherwise: otherwise.into() };
        self.node(kind, span)
    }

    /// Operators of at least this level.
    fn binary(&mut self, min: u8, depth: usize) -> Parsed<Expr> {
        let mut left = self.prefix(min, depth)?;
        while let Some(operator) = self.operator_ahead() {
            let level = level_of(operator);
            if level < min {
                break;
            }
            let sign = self.span();
            self.at += 1;
            self.foreign_operator(operator, sign)?;
            let right = match operator {
                // groups to the right; a sign may stand in the exponent
                Op::Power => {
                    let inner = self.deeper(depth)?;
                    self.binary(level::POWER, inner)?
                }
                _ => self.binary(level + 1, depth)?,
            };
            if level == level::COMPARE && self.operator_ahead().is_some_and(|o| level_of(o) == level::COMPARE) {
                return Err(self.chained(&left, &right));
            }
            let span = left.span.to(right.span);
            left = self.node(ExprKind::Binary { operator, left: left.into(), right: right.into() }, span)?;
        }
        Ok(left)
    }

    fn operator_ahead(&self) -> Option<Op> {
        let token = self.peek().filter(|t| matches!(t.kind, Kind::Sign | Kind::Word))?;
        OPERATORS.iter().find(|(text, _)| *text == token.text).map(|(_, operator)| *operator)
    }

    /// `x ++ y`, `x +* y`: the second sign is no value.
    fn foreign_operator(&mut self, operator: Op, sign: Span) -> Parsed<()> {
        let Some(token) = self.peek() else {
            let message = format!("expected a value after `{}`, found the end of the line", written(operator));
            return Err(self.stop(Diagnostic::new("E006", message).at(sign)));
        };
        if token.is_sign("+") || self.operator_ahead().is_some_and(|o| o != Op::Subtract) {
            let message = format!("expected a value after `{}`, found {}", written(operator), self.found());
            let problem = Diagnostic::new("E006", message).at(token.span);
            let plus = token.is_sign("+");
            return Err(self.stop(if plus { problem.help("leave the `+` out") } else { problem }));
        }
        Ok(())
    }

    fn prefix(&mut self, min: u8, depth: usize) -> Parsed<Expr> {
        if let Some(sign) = self.word("not") {
            if min > level::NOT {
                let problem = Diagnostic::new("E012", "`not` binds less tightly than what stands before it").at(sign);
                return Err(self.stop(problem.help("write `(not …)`")));
            }
            let inner = self.deeper(depth)?;
            let operand = self.binary(level::NOT, inner)?;
            return self.unary(UnaryOperator::Not, sign, operand);
        }
        if let Some(sign) = self.sign("-") {
            let inner = self.deeper(depth)?;
            let operand = self.binary(level::SIGN, inner)?;
            return self.unary(UnaryOperator::Negate, sign, operand);
        }
        self.primary(depth)
    }

    fn unary(&mut self, operator: UnaryOperator, sign: Span, operand: Expr) -> Parsed<Expr> {
        let span = sign.to(operand.span);
        self.node(ExprKind::Unary { operator, operand: operand.into() }, span)
    }

    fn primary(&mut self, depth: usize) -> Parsed<Expr> {
        let Some(&token) = self.peek() else { return Err(self.no_value()) };
        let span = token.span;
        match token.kind {
            Kind::Number(value) => {
                self.at += 1;
                self.literal(value, span)
            }
            Kind::Sign if token.text == "(" => {
                self.at += 1;
                let deeper = self.deeper(depth)?;
                let inner = self.conditional(deeper)?;
                let end = self.close(span, "`)`")?;
                Ok(Expr { kind: inner.kind, span: span.to(end) })
            }
            Kind::Word => self.word_value(token.text, span, depth),
            _ => Err(self.no_value()),
        }
    }

    fn word_value(&mut self, word: &str, span: Span, depth: usize) -> Parsed<Expr> {
        let scope = match word {
            "inf" => {
                self.at += 1;
                return self.literal(f64::INFINITY, span);
            }
            "true" | "false" => {
                self.at += 1;
                return self.node(ExprKind::Bool(word == "true"), span);
            }
            "pre" => Scope::Pre,
            "post" => Scope::Post,
            _ if grammar::is_reserved(word) => return Err(self.no_value()),
            _ if self.is_call(0) && !self.names.contains(word) => {
                let function = self.checked_name(word, span)?;
                self.at += 1;
                return self.call(function, depth);
            }
            _ if self.unit_ahead(0) => return Err(self.unit_alone(word, span)),
            _ => {
                let name = self.checked_name(word, span)?;
                self.at += 1;
                return self.node(ExprKind::Name { scope: None, name }, span);
            }
        };
        self.at += 1;
        if self.sign(".").is_none() {
            let problem = Diagnostic::new("E006", format!("expected `.` after `{word}`, found {}", self.found()));
            let problem = problem.at(self.span()).help(format!("write for example `{word}.v`"));
            return Err(self.stop(problem));
        }
        let name = self.name("the name of a state")?;
        let span = span.to(name.span);
        self.node(ExprKind::Name { scope: Some(scope), name }, span)
    }

    fn call(&mut self, function: Name, depth: usize) -> Parsed<Expr> {
        let open = self.span();
        self.at += 1;
        let mut arguments = Vec::new();
        if !self.sign_ahead(0, ")") {
            let depth = self.deeper(depth)?;
            loop {
                arguments.push(self.conditional(depth)?);
                if self.sign(",").is_none() {
                    break;
                }
            }
        }
        let end = self.close(open, "`,` or `)`")?;
        let span = function.span.to(end);
        self.node(ExprKind::Call { function, arguments }, span)
    }

    fn close(&mut self, open: Span, expected: &str) -> Parsed<Span> {
        if let Some(end) = self.sign(")") {
            return Ok(end);
        }
        if self.peek().is_some_and(|t| !(t.is_sign(":") || self.flags_ahead(0))) {
            return Err(self.trailing(expected));
        }
        Err(self.unclosed(open))
    }

    /// The line ends and a bracket is open.
    pub fn unclosed(&mut self, open: Span) -> Stop {
        let problem = Diagnostic::new("E007", "this bracket is never closed").at(open);
        self.stop(problem.related(self.span(), "a `)` is missing before this"))
    }

    /// The unit behind a number, if there is one.
    fn literal(&mut self, value: f64, span: Span) -> Parsed<Expr> {
        let mut unit: Option<UnitText> = None;
        if let Some(token) = self.peek().filter(|t| t.kind == Kind::Word && !grammar::is_reserved(t.text)) {
            let called = self.is_call(0) && Unit::symbol(token.text).is_none();
            if !called && !self.names.contains(token.text) && !NO_UNITS.contains(&token.text) {
                if Unit::symbol(token.text).is_none() {
                    return Err(self.unknown_unit(true));
                }
                unit = Some(self.literal_unit()?);
            }
        } else if self.sign_ahead(0, "/") && self.unit_ahead(1) && !self.behind_quotient() {
            unit = Some(self.per_unit()?);
        }
        let span = span.to(self.last_span());
        self.node(ExprKind::Number { value, unit }, span)
    }

    fn node(&mut self, kind: ExprKind, span: Span) -> Parsed<Expr> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            let message = format!("this expression has more than {MAX_NODES} parts");
            self.note(Diagnostic::new("E019", message).at(span).help("name a part of it on a line of its own: `x = …`"));
            return Err(Stop);
        }
        Ok(Expr { kind, span })
    }

    fn deeper(&mut self, depth: usize) -> Parsed<usize> {
        if depth >= MAX_DEPTH {
            let message = format!("brackets, signs and powers are nested more than {MAX_DEPTH} deep");
            let problem = Diagnostic::new("E019", message).at(self.span());
            self.note(problem.help("name a part of it on a line of its own: `x = …`"));
            return Err(Stop);
        }
        Ok(depth + 1)
    }

    /// `a < b < c`
    fn chained(&mut self, left: &Expr, right: &Expr) -> Stop {
        let sign = |c: &Self, at: usize| c.tokens.get(at).map_or("<", |t| t.text);
        let second = sign(self, self.at).to_string();
        let first = self.tokens[..self.at].iter().find(|t| t.span.start >= left.span.end && is_comparison(t.text));
        let first = first.map_or("<", |t| t.text);
        let third = match (self.ahead(1), self.ahead(2)) {
            (Some(t), next) if !t.is_sign("(") && next.is_none_or(|n| n.kind == Kind::Word || n.is_sign(")")) => t.text.to_string(),
            _ => "…".into(),
        };
        let (left, right) = (self.written(left.span), self.written(right.span));
        let problem = Diagnostic::new("E013", "comparisons cannot be chained").at(self.span());
        self.stop(problem.help(format!("write `{left} {first} {right} and {right} {second} {third}`")))
    }

    /// `mV` where a value should stand.
    fn unit_alone(&mut self, word: &str, span: Span) -> Stop {
        let problem = Diagnostic::new("E004", format!("the unit `{word}` stands without a number")).at(span);
        // `V` where the model has `v`
        if let Some(name) = self.names.iter().find(|name| name.eq_ignore_ascii_case(word)) {
            return self.stop(problem.did_you_mean(Some(*name)));
        }
        if let Some(called) = letter(word) {
            let help = format!("`{word}` is the {called} here: declare a name with `param` or `state`, or write `1 {word}`");
            return self.stop(problem.help(help));
        }
        if self.previous().is_some_and(|token| token.is_sign("/")) {
            let help = format!("for a quotient write `/(1 {word})`; a number alone may stand before it: `12/{word}`");
            return self.stop(problem.help(help));
        }
        self.stop(problem.help(format!("write `1 {word}`; if `{word}` is a name, declare it with `param` or `state`")))
    }

    /// A value should stand here.
    fn no_value(&mut self) -> Stop {
        let problem = Diagnostic::new("E006", format!("expected a value, found {}", self.found())).at(self.span());
        let Some(token) = self.peek() else { return self.stop(problem) };
        let problem = match token.text {
            "if" => {
                let message = "a conditional starts with its value, not with `if`";
                Diagnostic::new("E014", message).at(token.span).help("write `a if c else b`")
            }
            "+" => problem.help("leave the `+` out"),
            word if token.kind == Kind::Word && self.names.contains(word) => {
                Diagnostic::new("E010", format!("`{word}` is a word of the language and cannot be a name")).at(token.span)
            }
            _ => problem,
        };
        self.stop(problem)
    }

    /// Behind a complete value stands something that does not continue it.
    pub fn trailing(&mut self, expected: &str) -> Stop {
        let (Some(&token), Some(&before)) = (self.peek(), self.previous()) else { return self.expected(expected) };
        let here = |code, message: String| Diagnostic::new(code, message).at(token.span);
        let number = |i: usize| self.tokens.get(i).is_some_and(|t| matches!(t.kind, Kind::Number(_)));
        let touching = |i: usize| i > 0 && self.tokens.get(i).is_some_and(|t| t.span.start == self.tokens[i - 1].span.end);
        let value = match token.kind {
            Kind::Number(_) => true,
            Kind::Word => !grammar::is_reserved(token.text) || ["inf", "pre", "post"].contains(&token.text),
            _ => token.is_sign("("),
        };
        let problem = if value {
            let (a, b) = (grammar::clipped(before.text), grammar::clipped(token.text));
            let problem = here("E005", format!("an operator is missing between `{a}` and `{b}`"));
            match b.as_str() {
                // `5 mV mV`: what was meant is not clear
                _ if self.unit_ahead(0) => problem,
                "(" => problem.help(format!("for a product write `{a}*(`")),
                _ => problem.help(format!("for a product write `{a}*{b}`")),
            }
        } else if token.is_sign(")") {
            here("E007", "this bracket closes nothing".into()).help("delete it, or open one with `(` before")
        } else if token.is_sign(",") && number(self.at - 1) && number(self.at + 1) && touching(self.at) && touching(self.at + 1) {
            let (a, b) = (before.text, self.tokens[self.at + 1].text);
            let span = before.span.to(self.tokens[self.at + 1].span);
            let problem = Diagnostic::new("E002", "decimals are written with a point, found a comma").at(span);
            problem.help(format!("write `{}`", grammar::clipped(&format!("{a}.{b}"))))
        } else if token.is_sign("=") {
            here("E011", format!("expected {expected}, found `=`"))
                .help("compare with `>=`, `<=` or `==`; only one `=` can stand on a line")
        } else if token.is_sign("·") {
            here("E012", "`·` joins units only".into()).help("for a product write `*`")
        } else if token.is_sign("²") || token.is_sign("³") {
            let power = if token.text == "²" { 2 } else { 3 };
            here("E012", format!("`{}` can stand in a unit only", token.text)).help(format!("write `**{power}`"))
        } else if token.is_sign(".") && before.kind == Kind::Word {
            let problem = here("E006", format!("`.` cannot stand behind `{}`", grammar::clipped(before.text)));
            problem.help("in a synapse `pre.name` is the source's and `post.name` the target's; other names have no point")
        } else if token.is_sign("'") {
            here("E017", "`'` is not a sign of this language".into()).help("write a derivative as `dv/dt = …` on a line of its own")
        } else {
            return self.expected(expected);
        };
        self.stop(problem)
    }
}

/// What a unit of one letter is called.
fn letter(word: &str) -> Option<&'static str> {
    const LETTERS: &[(&str, &str)] =
        &[("m", "metre"), ("s", "second"), ("V", "volt"), ("A", "ampere"), ("S", "siemens"), ("F", "farad"), ("M", "molar")];
    LETTERS.iter().find(|(letter, _)| *letter == word).map(|(_, called)| *called)
}

fn is_comparison(text: &str) -> bool {
    OPERATORS.iter().any(|(t, o)| *t == text && level_of(*o) == level::COMPARE)
}
