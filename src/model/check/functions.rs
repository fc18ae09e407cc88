//! Functions of the language: their arguments, dimensions and nodes. Each `match` arm is one function.

use super::checker::{Checked, Checker, Place, Typed};
use crate::diagnostic::{Diagnostic, Span};
use crate::model::ast::{Expr, Name};
use crate::model::rule::{Binary, Node, NodeId, Unary};
use crate::units::{Dimension, nearest};

/// Functions of the language, as people write them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    /// Argument and result are pure numbers.
    Pure(Unary),
    /// The result has the argument's dimension.
    Keep(Unary),
    Sqrt,
    Sign,
    Min,
    Max,
    Clip,
    Pow,
    Mod,
    Timestep,
    Int,
    Round,
    Heaviside,
    Sinh,
    Cosh,
    Rand,
    Randn,
    Listed,
    Incoming,
}

const FUNCTIONS: &[(&str, Function, usize)] = &[
    ("exp", Function::Pure(Unary::Exp), 1),
    ("log", Function::Pure(Unary::Log), 1),
    ("sin", Function::Pure(Unary::Sin), 1),
    ("cos", Function::Pure(Unary::Cos), 1),
    ("tan", Function::Pure(Unary::Tan), 1),
    ("tanh", Function::Pure(Unary::Tanh), 1),
    ("sinh", Function::Sinh, 1),
    ("cosh", Function::Cosh, 1),
    ("exprel", Function::Pure(Unary::Exprel), 1),
    ("floor", Function::Pure(Unary::Floor), 1),
    ("ceil", Function::Pure(Unary::Ceil), 1),
    ("abs", Function::Keep(Unary::Abs), 1),
    ("sqrt", Function::Sqrt, 1),
    ("sign", Function::Sign, 1),
    ("min", Function::Min, 2),
    ("max", Function::Max, 2),
    ("clip", Function::Clip, 3),
    ("pow", Function::Pow, 2),
    ("mod", Function::Mod, 2),
    ("timestep", Function::Timestep, 1),
    ("int", Function::Int, 1),
    ("round", Function::Round, 1),
    ("heaviside", Function::Heaviside, 1),
    ("rand", Function::Rand, 0),
    ("randn", Function::Randn, 0),
    ("listed", Function::Listed, 0),
    ("incoming", Function::Incoming, 1),
];

/// The function of this name and how many arguments it has.
pub(super) fn function(name: &str) -> Option<(Function, usize)> {
    FUNCTIONS.iter().find(|(n, ..)| *n == name).map(|(_, f, n)| (*f, *n))
}

impl Checker<'_> {
    pub(super) fn call(&mut self, name: &Name, arguments: &[Expr], span: Span, place: Place) -> Checked {
        let Some((function, count)) = function(&name.text) else {
            let near = nearest(&name.text, FUNCTIONS.iter().map(|(n, ..)| *n));
            let diagnostic = Diagnostic::new("E105", format!("unknown function `{}`", name.text)).at(name.span);
            let diagnostic = match (near, self.scope.find(&name.text)) {
                _ if name.text == "outgoing" => {
                    diagnostic.help("there is `incoming(x)`: the sum over the synapses of the same target, in `every` lines")
                }
                (_, Some(_)) => diagnostic.help(format!("`{}` is a name: write `{}*(...)` for a product", name.text, name.text)),
                (None, None) => {
                    diagnostic.help(format!("there are {}", FUNCTIONS.iter().map(|(n, ..)| *n).collect::<Vec<_>>().join(", ")))
                }
                (near, None) => diagnostic.did_you_mean(near),
            };
            return self.fail(diagnostic);
        };
        if arguments.len() != count {
            let plural = if count == 1 { "" } else { "s" };
            return self.fail(
                Diagnostic::new("E105", format!("`{}` takes {count} argument{plural}, not {}", name.text, arguments.len()))
                    .at(span),
            );
        }
        if function == Function::Int {
            let x = self.expr(&arguments[0], place)?;
            if x.truth {
                return self.number(x.node, Dimension::NONE);
            }
            let x = self.pure(x, &arguments[0], &name.text)?;
            return self.truncate(x);
        }
        if function == Function::Incoming {
            return self.incoming(name, &arguments[0], place);
        }
        let checked: Vec<Checked> = arguments.iter().map(|a| self.expect_number(a, place)).collect();
        let checked: Vec<Typed> = checked.into_iter().collect::<Option<_>>()?;
        match (function, checked.as_slice()) {
            (Function::Pure(operator), [x]) => {
                let x = self.pure(*x, &arguments[0], &name.text)?;
                let node = self.graph.unary(operator, x);
                self.number(node, Dimension::NONE)
            }
            (Function::Keep(operator), [x]) => {
                let node = self.graph.unary(operator, x.node);
                self.number(node, x.dimension)
            }
            (Function::Sqrt, [x]) => {
                let Some(dimension) = x.dimension.power(0.5) else {
                    return self
                        .fail(Diagnostic::new("E103", format!("{} has no square root", x.dimension.unit())).at(arguments[0].span));
                };
                let node = self.graph.unary(Unary::Sqrt, x.node);
                self.number(node, dimension)
            }
            (Function::Sign, [x]) => {
                let node = self.graph.unary(Unary::Sign, x.node);
                self.number(node, Dimension::NONE)
            }
            (Function::Sinh | Function::Cosh, [x]) => {
                let x = self.pure(*x, &arguments[0], &name.text)?;
                let up = self.graph.unary(Unary::Exp, x);
                let minus = self.graph.unary(Unary::Negate, x);
                let down = self.graph.unary(Unary::Exp, minus);
                let both = if function == Function::Cosh { self.graph.plus(up, down) } else { self.graph.minus(up, down) };
                let half = self.graph.constant(0.5);
                let node = self.graph.times(half, both);
                self.number(node, Dimension::NONE)
            }
            (Function::Min | Function::Max, [a, b]) => {
                let dimension = self.same(*a, *b, &format!("the arguments of `{}`", name.text), span)?;
                let operator = if function == Function::Min { Binary::Min } else { Binary::Max };
                let node = self.graph.binary(operator, a.node, b.node);
                self.number(node, dimension)
            }
            (Function::Clip, [x, low, high]) => {
                let dimension = self.same(*x, *low, "the arguments of `clip`", span)?;
                let x = Typed { dimension, ..*x };
                let dimension = self.same(x, *high, "the arguments of `clip`", span)?;
                let raised = self.graph.binary(Binary::Max, x.node, low.node);
                let node = self.graph.binary(Binary::Min, raised, high.node);
                self.number(node, dimension)
            }
            (Function::Pow, [x, y]) => self.power(*x, *y, &arguments[1]),
            (Function::Mod, [a, b]) => {
                let dimension = self.same(*a, *b, "the arguments of `mod`", span)?;
                let node = self.remainder(a.node, b.node);
                self.number(node, dimension)
            }
            (Function::Timestep, [x]) => {
                if !x.zero && !x.dimension.fits(Dimension::TIME) {
                    let message = format!("`timestep` takes a time, and this is in {}", x.dimension.unit());
                    return self.fail(Diagnostic::new("E103", message).at(arguments[0].span));
                }
                // the nearest: what stands half a step off by rounding is the step that was meant
                let dt = self.graph.add(Node::Dt);
                let steps = self.graph.over(x.node, dt);
                let half = self.graph.constant(0.5);
                let shifted = self.graph.plus(steps, half);
                let node = self.graph.unary(Unary::Floor, shifted);
                self.number(node, Dimension::NONE)
            }
            (Function::Round, [x]) => {
                let x = self.pure(*x, &arguments[0], &name.text)?;
                let node = self.whole(x);
                self.number(node, Dimension::NONE)
            }
            (Function::Heaviside, [x]) => {
                let zero = self.graph.constant(0.0);
                let node = self.graph.binary(Binary::LessEqual, zero, x.node);
                self.number(node, Dimension::NONE)
            }
            (Function::Rand | Function::Randn | Function::Listed, []) => self.draw(function, name, place),
            _ => None,
        }
    }

    /// A sum over the synapses of the same target.
    fn incoming(&mut self, name: &Name, argument: &Expr, place: Place) -> Checked {
        if place != Place::Interval {
            let problem = Diagnostic::new("E111", "`incoming(...)` may stand in `every` lines only").at(name.span);
            return self.fail(problem.help("it is a sum over all synapses of the target: `every 1 s  w = w*total/incoming(w)`"));
        }
        let term = self.expect_number(argument, place)?;
        if self.depends_on(term.node, |n| matches!(n, Node::Arrived(_))) {
            let problem = Diagnostic::new("E111", "`incoming(...)` cannot stand in what is summed").at(argument.span);
            return self.fail(problem.help("let a line above keep the inner sum in a state"));
        }
        let place = self.totals.iter().position(|known| *known == term.node).unwrap_or_else(|| {
            self.totals.push(term.node);
            self.totals.len() - 1
        });
        let node = self.graph.add(Node::Arrived(place as u32));
        self.number(node, term.dimension)
    }

    fn pure(&mut self, x: Typed, argument: &Expr, function: &str) -> Option<NodeId> {
        if x.dimension.fits(Dimension::NONE) {
            return Some(x.node);
        }
        self.fail(
            Diagnostic::new("E103", format!("`{function}` takes a pure number, and this is in {}", x.dimension.unit()))
                .at(argument.span)
                .help(format!("divide by a quantity in {}", x.dimension.unit())),
        );
        None
    }

    /// What is left of a after whole b's: of the sign of b, and nearer to 0.
    fn remainder(&mut self, a: NodeId, b: NodeId) -> NodeId {
        let graph = &mut *self.graph;
        let quotient = graph.over(a, b);
        let whole = graph.unary(Unary::Floor, quotient);
        let taken = graph.times(b, whole);
        let rest = graph.minus(a, taken);
        // a quotient that was rounded over a whole number leaves a rest on the wrong side, by one b
        let zero = graph.constant(0.0);
        let product = graph.times(rest, b);
        let opposite = graph.binary(Binary::Less, product, zero);
        let back = graph.plus(rest, b);
        let rest = graph.select(opposite, back, rest);
        let (size, most) = (graph.unary(Unary::Abs, rest), graph.unary(Unary::Abs, b));
        let beyond = graph.binary(Binary::LessEqual, most, size);
        let less = graph.minus(rest, b);
        graph.select(beyond, less, rest)
    }

    /// To the nearest whole number, from halfway to the even one: as NumPy, NEST and IEEE 754 have it.
    fn whole(&mut self, x: NodeId) -> NodeId {
        let graph = &mut *self.graph;
        // exact, where `floor(x + 0.5)` rounds the sum
        let below = graph.unary(Unary::Floor, x);
        let rest = graph.minus(x, below);
        let (half, one) = (graph.constant(0.5), graph.constant(1.0));
        let above = graph.plus(below, one);
        let halved = graph.times(half, below);
        let even = graph.unary(Unary::Floor, halved);
        let even = graph.plus(even, even);
        let odd = graph.binary(Binary::Less, even, below);
        let nearer = graph.binary(Binary::Less, half, rest);
        let halfway = graph.binary(Binary::LessEqual, half, rest);
        let to_even = graph.select(halfway, above, below);
        let to_nearest = graph.select(nearer, above, below);
        graph.select(odd, to_even, to_nearest)
    }

    /// Towards zero, as `int` does in Python.
    fn truncate(&mut self, x: NodeId) -> Checked {
        let size = self.graph.unary(Unary::Abs, x);
        let whole = self.graph.unary(Unary::Floor, size);
        let sign = self.graph.unary(Unary::Sign, x);
        let node = self.graph.times(sign, whole);
        self.number(node, Dimension::NONE)
    }

    fn draw(&mut self, function: Function, name: &Name, place: Place) -> Checked {
        let event = matches!(place, Place::Event | Place::Interval);
        if event && function == Function::Randn {
            return self.fail(
                Diagnostic::new("E111", "`randn()` cannot stand in `on_pre`, `on_post` and `every`, `rand()` can")
                    .at(name.span)
                    .help("a normal number is `sqrt(-2*log(1 - rand()))*cos(2*pi*rand())`"),
            );
        }
        if place != Place::Statement && (!event || function != Function::Rand) {
            let elsewhere = if function == Function::Rand { ", or in `on_pre`, `on_post` and `every`" } else { "" };
            return self.fail(
                Diagnostic::new("E111", format!("`{}()` may stand in a threshold, reset or step only{elsewhere}", name.text))
                    .at(name.span)
                    .help("white noise in a differential equation is `xi`; random parameters and initial values are drawn by the population"),
            );
        }
        match function {
            Function::Listed => {
                let node = self.graph.add(Node::Listed);
                self.condition(node)
            }
            Function::Rand => {
                let node = self.graph.add(Node::Uniform(self.uniforms));
                self.uniforms += 1;
                self.number(node, Dimension::NONE)
            }
            _ => {
                let node = self.graph.add(Node::Normal(self.randns));
                self.randns += 1;
                self.number(node, Dimension::NONE)
            }
        }
    }
}
