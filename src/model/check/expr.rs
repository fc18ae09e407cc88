//! One expression: its names, its dimension, its node.

use super::Meaning;
use super::checker::{Checked, Checker, Place, Typed};
use super::functions::function;
use crate::diagnostic::{Diagnostic, Span};
use crate::model::EndName;
use crate::model::ast::{BinaryOperator, Expr, ExprKind, Item, Name, UnaryOperator, UnitText};
use crate::model::print::print_expr;
use crate::model::rule::{Binary, Node, NodeId, Unary};
use crate::units::{Dimension, nearest, powered, scaled};

/// The longest chain of named subexpressions, one inside the other.
const CHAIN: usize = 64;

impl Checker<'_> {
    /// An expression that must be a condition.
    pub fn expect_condition(&mut self, expr: &Expr, place: Place) -> Option<NodeId> {
        let typed = self.expr(expr, place)?;
        if typed.truth {
            return Some(typed.node);
        }
        self.fail(
            Diagnostic::new("E106", "a condition belongs here, and this is a number")
                .at(expr.span)
                .help("compare it with something: `v >= v_th`"),
        );
        None
    }

    /// An expression that must be a number.
    pub fn expect_number(&mut self, expr: &Expr, place: Place) -> Checked {
        let typed = self.expr(expr, place)?;
        if !typed.truth {
            return Some(typed);
        }
        self.fail(
            Diagnostic::new("E106", "a number belongs here, and this is a condition")
                .at(expr.span)
                .help("`int(condition)` is 1 or 0; `a if condition else b` chooses"),
        )
    }

    /// An expression that must be a number of this dimension; `what` names it in the message.
    pub fn expect_dimension(&mut self, expr: &Expr, place: Place, dimension: Dimension, what: &str) -> Option<NodeId> {
        let typed = self.expect_number(expr, place)?;
        if typed.zero || typed.dimension.fits(dimension) {
            return Some(typed.node);
        }
        self.fail(
            Diagnostic::new("E103", format!("{what} counts in {}, and this is {}", dimension.unit_told(), typed.dimension.told()))
                .at(expr.span),
        );
        None
    }

    pub fn expr(&mut self, expr: &Expr, place: Place) -> Checked {
        match &expr.kind {
            ExprKind::Number { value, unit } => {
                let (value, dimension) = match unit {
                    Some(UnitText { unit, .. }) => (scaled(*value, unit.scale), unit.dimension),
                    None => (*value, Dimension::NONE),
                };
                let node = self.graph.constant(value);
                Some(Typed { node, dimension, truth: false, zero: value == 0.0 && unit.is_none() })
            }
            ExprKind::Bool(b) => {
                let node = self.graph.constant(f64::from(u8::from(*b)));
                self.condition(node)
            }
            ExprKind::Name { scope: None, name } => self.name(name, place),
            ExprKind::Name { scope: Some(end), name } => self.end(*end, name, place),
            ExprKind::Unary { operator: UnaryOperator::Negate, operand } => {
                let x = self.expect_number(operand, place)?;
                let node = self.graph.unary(Unary::Negate, x.node);
                Some(Typed { node, ..x })
            }
            ExprKind::Unary { operator: UnaryOperator::Not, operand } => {
                let x = self.expect_condition(operand, place)?;
                let node = self.graph.unary(Unary::Not, x);
                self.condition(node)
            }
            ExprKind::Binary { operator, left, right } => self.binary(*operator, left, right, expr.span, place),
            ExprKind::Call { function: name, arguments } => self.call(name, arguments, expr.span, place),
            ExprKind::Conditional { condition, then, otherwise } => {
                let (c, a, b) = (self.expect_condition(condition, place), self.expr(then, place), self.expr(otherwise, place));
                let (c, a, b) = (c?, a?, b?);
                if a.truth != b.truth {
                    return self.fail(Diagnostic::new("E106", "one branch is a number, the other a condition").at(expr.span));
                }
                let dimension = self.same(a, b, "the two branches of a conditional", expr.span)?;
                let node = self.graph.select(c, a.node, b.node);
                Some(Typed { node, dimension, truth: a.truth, zero: a.zero && b.zero })
            }
        }
    }

    fn name(&mut self, name: &Name, place: Place) -> Checked {
        match self.scope.find(&name.text) {
            Some(Meaning::Param(i)) => {
                let node = self.graph.add(Node::Param(i));
                let dimension = *self.params.get(i as usize)?;
                return self.number(node, dimension);
            }
            Some(Meaning::State(i)) if place == Place::Constant => {
                let _ = i;
                return self.constant_only(name, "a state");
            }
            Some(Meaning::Held(_)) if place == Place::Constant || place == Place::Initial => {
                let synapse = self.items.iter().any(|item| matches!(item, Item::Modulator { .. }));
                return self.constant_only(name, if synapse { "a modulator" } else { "an input" });
            }
            Some(Meaning::State(i)) => {
                let node = self.graph.add(Node::State(i));
                let dimension = *self.states.get(i as usize)?;
                return self.number(node, dimension);
            }
            Some(Meaning::Held(i)) => {
                let node = self.graph.add(Node::Held(i));
                let dimension = *self.inputs.get(i as usize)?;
                return self.number(node, dimension);
            }
            Some(Meaning::Let(item)) => return self.subexpression(item, name, place),
            None => {}
        }
        match name.text.as_str() {
            "pi" => {
                let node = self.graph.constant(std::f64::consts::PI);
                self.number(node, Dimension::NONE)
            }
            "t" if matches!(place, Place::Rate | Place::Statement | Place::Synapse | Place::Event | Place::Interval) => {
                let node = self.graph.add(Node::Time);
                self.number(node, Dimension::TIME)
            }
            "dt" => {
                let node = self.graph.add(Node::Dt);
                self.number(node, Dimension::TIME)
            }
            "t" => self.constant_only(name, "time"),
            noise if noise == "xi" || noise.starts_with("xi_") => self.noise(name, place),
            text => {
                let near = nearest(text, self.scope.names.keys().map(String::as_str).chain(["dt", "xi"]));
                let diagnostic = Diagnostic::new("E102", format!("unknown name `{text}`")).at(name.span);
                let diagnostic = match near {
                    _ if powered(text).is_some() => diagnostic.did_you_mean(powered(text)),
                    None if function(text).is_some() => diagnostic.help(format!("`{text}` is a function: `{text}(...)`")),
                    None => diagnostic.help("declare it with `param`, `state`, `input`, or as `name = expression`"),
                    near => diagnostic.did_you_mean(near),
                };
                self.fail(diagnostic)
            }
        }
    }

    fn constant_only(&mut self, name: &Name, what: &str) -> Checked {
        self.fail(
            Diagnostic::new("E110", format!("`{}` is {what}, and this value may depend on parameters alone", name.text))
                .at(name.span)
                .help("it is worked out before the run; what changes meanwhile stands in an equation or a statement"),
        )
    }

    fn noise(&mut self, name: &Name, place: Place) -> Checked {
        if place != Place::Rate {
            return self.fail(
                Diagnostic::new("E111", format!("white noise `{}` may stand in a differential equation only", name.text))
                    .at(name.span)
                    .help("`randn()` draws a normal number in a threshold, reset or step"),
            );
        }
        let k = self.noises.iter().position(|n| *n == name.text).unwrap_or_else(|| {
            self.noises.push(name.text.clone());
            self.noises.len() - 1
        });
        let node = self.graph.add(Node::Noise(k as u32));
        self.number(node, Dimension::NOISE)
    }

    /// A named subexpression means the same wherever it stands, so it is checked once, as part of a rate (or of a synapse).
    fn subexpression(&mut self, item: usize, name: &Name, place: Place) -> Checked {
        if place == Place::Constant {
            return self.constant_only(name, "a subexpression");
        }
        if !self.lets.contains_key(&item) {
            if self.open.contains(&item) || self.open.len() >= CHAIN {
                let message = if self.open.contains(&item) {
                    format!("`{}` is defined by itself", name.text)
                } else {
                    format!("more than {CHAIN} subexpressions stand one inside the other")
                };
                return self.fail(Diagnostic::new("E109", message).at(name.span));
            }
            let Item::Let { value, unit, .. } = &self.items[item] else { return None };
            self.open.push(item);
            let of_synapse = matches!(place, Place::Synapse | Place::Event | Place::Interval);
            let checked = self.expr(value, if of_synapse { Place::Synapse } else { Place::Rate });
            self.open.pop();
            let checked = checked.and_then(|t| match unit {
                Some(u) if !t.zero && !t.truth && !u.unit.dimension.fits(t.dimension) => self.fail(
                    Diagnostic::new(
                        "E103",
                        format!("`{}` is said to count in {}, and this is {}", name.text, u.text, t.dimension.told()),
                    )
                    .at(value.span),
                ),
                Some(u) => Some(Typed { dimension: u.unit.dimension, zero: false, ..t }),
                None => Some(t),
            });
            self.lets.insert(item, checked);
        }
        let typed = (*self.lets.get(&item)?)?;
        if place != Place::Rate && self.depends_on_noise(typed.node) {
            return self.fail(
                Diagnostic::new(
                    "E111",
                    format!("`{}` holds white noise, which may stand in a differential equation only", name.text),
                )
                .at(name.span),
            );
        }
        if place == Place::Initial && self.depends_on(typed.node, |n| matches!(n, Node::Held(_) | Node::Time)) {
            return self.constant_only(name, "a subexpression of inputs or time");
        }
        Some(typed)
    }

    pub fn depends_on_noise(&self, node: NodeId) -> bool {
        self.depends_on(node, |n| matches!(n, Node::Noise(_)))
    }

    pub fn depends_on(&self, node: NodeId, leaf: impl Fn(Node) -> bool) -> bool {
        self.graph.any_leaf(node, leaf)
    }

    fn end(&mut self, end: crate::model::ast::Scope, name: &Name, place: Place) -> Checked {
        if !matches!(place, Place::Synapse | Place::Event | Place::Interval) {
            if self
                .items
                .iter()
                .any(|item| matches!(item, Item::OnPre { .. } | Item::OnPost { .. } | Item::Every { .. } | Item::Graded { .. }))
            {
                let side = if end == crate::model::ast::Scope::Post { "post" } else { "pre" };
                let message =
                    format!("`{side}.{}` is of a neuron, and this value may depend on parameters of the synapse alone", name.text);
                return self.fail(Diagnostic::new("E110", message).at(name.span));
            }
            return self.fail(
                Diagnostic::new("E102", "`pre.` and `post.` belong to synapse models")
                    .at(name.span)
                    .help("a neuron model names its own states without a prefix"),
            );
        }
        let post = end == crate::model::ast::Scope::Post;
        let dimension = match self.models {
            None => Dimension::UNKNOWN,
            Some(models) => {
                let model = models[usize::from(post)];
                let Some(dimension) = model.dimension_of(&name.text) else {
                    let side = if post { "target" } else { "source" };
                    let near = nearest(&name.text, model.names());
                    let diagnostic = Diagnostic::new(
                        "E102",
                        format!("the {side} `{}` has no state or parameter `{}`", model.ast.name.text, name.text),
                    );
                    return self.fail(diagnostic.at(name.span).did_you_mean(near));
                };
                dimension
            }
        };
        let key = EndName { post, name: name.text.clone() };
        let k = self.ends.iter().position(|e| *e == key).unwrap_or_else(|| {
            self.ends.push(key);
            self.ends.len() - 1
        });
        let node = self.graph.add(Node::End(k as u32));
        self.number(node, dimension)
    }

    fn binary(&mut self, operator: BinaryOperator, left: &Expr, right: &Expr, span: Span, place: Place) -> Checked {
        use BinaryOperator as B;
        if let B::And | B::Or = operator {
            let (a, b) = (self.expect_condition(left, place), self.expect_condition(right, place));
            let node = self.graph.binary(if operator == B::And { Binary::And } else { Binary::Or }, a?, b?);
            return self.condition(node);
        }
        let before = self.diagnostics.len();
        let a = self.expect_number(left, place);
        if operator == B::Divide && a.is_none() && self.diagnostics.len() == before + 1 {
            self.divided(left, right);
        }
        let b = self.expect_number(right, place);
        let (a, b) = (a?, b?);
        let (x, y) = (a.node, b.node);
        match operator {
            B::Add | B::Subtract => {
                let what = if operator == B::Add { "the two sides of `+`" } else { "the two sides of `-`" };
                let Some(dimension) = self.same(a, b, what, span) else {
                    self.bare_number(left, right, a, b);
                    return None;
                };
                let node = self.graph.binary(if operator == B::Add { Binary::Add } else { Binary::Subtract }, x, y);
                Some(Typed { node, dimension, truth: false, zero: a.zero && b.zero })
            }
            B::Multiply => {
                let node = self.graph.times(x, y);
                self.number(node, a.dimension.times(b.dimension))
            }
            B::Divide => {
                let node = self.graph.over(x, y);
                self.number(node, a.dimension.per(b.dimension))
            }
            B::Power => self.power(a, b, right),
            B::Less | B::LessEqual | B::Greater | B::GreaterEqual | B::Equal | B::NotEqual => {
                self.same(a, b, "the two sides of a comparison", span)?;
                let node = match operator {
                    B::Less => self.graph.binary(Binary::Less, x, y),
                    B::LessEqual => self.graph.binary(Binary::LessEqual, x, y),
                    B::Greater => self.graph.binary(Binary::Less, y, x),
                    B::GreaterEqual => self.graph.binary(Binary::LessEqual, y, x),
                    _ => self.graph.binary(Binary::Equal, x, y),
                };
                let node = if operator == B::NotEqual { self.graph.unary(Unary::Not, node) } else { node };
                self.condition(node)
            }
            B::And | B::Or => None,
        }
    }

    /// Papers write `V + 58`: the help for a sum of a quantity and a number alone.
    fn bare_number(&mut self, left: &Expr, right: &Expr, a: Typed, b: Typed) {
        let (number, dimension) = match (number_alone(left), number_alone(right)) {
            (None, Some(number)) => (number, a.dimension),
            (Some(number), None) => (number, b.dimension),
            _ => return,
        };
        if let Some(d) = self.diagnostics.last_mut().filter(|d| d.help.is_none()) {
            let unit = dimension.unit();
            d.help = Some(format!("give `{number}` its unit: `{number} {unit}`"));
        }
    }

    /// The same where the sum is divided by a number: `(V + 58)/20`.
    fn divided(&mut self, left: &Expr, right: &Expr) {
        // `-(V + 58)/20`
        let (sign_before, left) = match &left.kind {
            ExprKind::Unary { operator: UnaryOperator::Negate, operand } => ("-", operand.as_ref()),
            _ => ("", left),
        };
        let ExprKind::Binary { operator, left: a, right: b } = &left.kind else { return };
        let (Some(divisor), Some(d)) = (number_alone(right), self.diagnostics.last_mut()) else { return };
        let sign = if *operator == BinaryOperator::Add { '+' } else { '-' };
        let unit = d
            .help
            .as_deref()
            .and_then(|help| Some(help.strip_prefix("give `")?.strip_suffix('`')?.rsplit_once(' ')?.1.to_string()));
        let (Some(unit), "E103") = (unit, d.code) else { return };
        let (number, sum) = match (number_alone(a), number_alone(b)) {
            (None, Some(number)) => (number.clone(), format!("{} {sign} {number} {unit}", print_expr(a))),
            (Some(number), None) => (number.clone(), format!("{number} {unit} {sign} {}", print_expr(b))),
            _ => return,
        };
        d.help = Some(format!("give `{number}` and `{divisor}` their unit: `{sign_before}({sum})/({divisor} {unit})`"));
    }

    pub(super) fn power(&mut self, base: Typed, exponent: Typed, right: &Expr) -> Checked {
        if !exponent.dimension.fits(Dimension::NONE) {
            return self.fail(
                Diagnostic::new("E103", format!("an exponent is a pure number, and this is in {}", exponent.dimension.unit()))
                    .at(right.span),
            );
        }
        let constant = self.graph.as_constant(exponent.node);
        let dimension = match constant {
            _ if base.dimension.fits(Dimension::NONE) => Some(base.dimension),
            Some(p) => base.dimension.power(p),
            None => None,
        };
        let Some(dimension) = dimension else {
            return self.fail(
                Diagnostic::new("E103", format!("a quantity in {} can be raised to a plain number only", base.dimension.unit()))
                    .at(right.span)
                    .help("divide the base by a unit first: `(v / (1 mV))**x`"),
            );
        };
        let node = match constant {
            Some(p) if p.fract() == 0.0 && p.abs() <= 64.0 => self.whole_power(base.node, p as i32),
            Some(0.5) => self.graph.unary(Unary::Sqrt, base.node),
            _ => self.graph.binary(Binary::Power, base.node, exponent.node),
        };
        self.number(node, dimension)
    }

    /// A whole power as products: right for negative bases, and the same on every engine.
    fn whole_power(&mut self, base: NodeId, p: i32) -> NodeId {
        let mut result = self.graph.constant(1.0);
        let (mut square, mut left) = (base, p.unsigned_abs());
        while left > 0 {
            if left & 1 == 1 {
                result = self.graph.times(result, square);
            }
            left >>= 1;
            if left > 0 {
                square = self.graph.times(square, square);
            }
        }
        if p < 0 {
            let one = self.graph.constant(1.0);
            return self.graph.over(one, result);
        }
        result
    }
}

/// A number without a unit, as it is written.
fn number_alone(expr: &Expr) -> Option<String> {
    match &expr.kind {
        ExprKind::Number { unit: None, .. } => Some(print_expr(expr)),
        ExprKind::Unary { operator: UnaryOperator::Negate, operand } => number_alone(operand).map(|number| format!("-{number}")),
        _ => None,
    }
}
