//! Between which numbers an expression lies where its names lie between numbers.
//!
//! In: the least and the largest number of each name. Out: an interval that holds every value; wider than need be where a name
//! stands several times, never narrower but for the rounding of one operation. A value that may be no number at all (a root of
//! what may be negative, 0/0) has the widest: from -infinity to infinity.

use super::Expression;
use crate::model::rule::{Binary, Node, NodeId, Unary};

/// From the least to the largest.
pub(crate) type Interval = (f64, f64);

const ALL: Interval = (f64::NEG_INFINITY, f64::INFINITY);

impl Expression {
    /// Where its value lies; `names[k]` is where the k-th name lies. `room` is kept by whoever asks often.
    pub(crate) fn interval(&self, names: &[Interval], room: &mut Vec<Interval>) -> Interval {
        room.clear();
        for node in &self.nodes {
            let at = |id: NodeId| room[id.0 as usize];
            let found = match *node {
                Node::Constant(bits) => (f64::from_bits(bits), f64::from_bits(bits)),
                Node::Param(k) => names.get(k as usize).copied().unwrap_or(ALL),
                Node::Unary(operator, x) => unary(operator, at(x)),
                Node::Binary(Binary::Multiply, a, b) if a == b => square(at(a)),
                Node::Binary(operator, a, b) => binary(operator, at(a), at(b)),
                Node::Select { condition, then, otherwise } => match truth(at(condition)) {
                    (low, _) if low > 0.0 => at(then),
                    (_, 0.0) => at(otherwise),
                    _ => (at(then).0.min(at(otherwise).0), at(then).1.max(at(otherwise).1)),
                },
                _ => ALL,
            };
            room.push(if found.0.is_nan() || found.1.is_nan() { ALL } else { found });
        }
        room.last().copied().unwrap_or(ALL)
    }
}

/// Of a function that never falls.
fn rising((low, high): Interval, f: impl Fn(f64) -> f64) -> Interval {
    (f(low), f(high))
}

fn square((low, high): Interval) -> Interval {
    let (a, b) = (low * low, high * high);
    if low >= 0.0 {
        (a, b)
    } else if high <= 0.0 {
        (b, a)
    } else {
        (0.0, a.max(b))
    }
}

fn unary(operator: Unary, x: Interval) -> Interval {
    let (low, high) = x;
    match operator {
        Unary::Negate => (-high, -low),
        Unary::Not => (1.0 - high, 1.0 - low),
        Unary::Abs if low >= 0.0 => x,
        Unary::Abs if high <= 0.0 => (-high, -low),
        Unary::Abs => (0.0, high.max(-low)),
        Unary::Log | Unary::Sqrt if low < 0.0 => ALL,
        // of an infinite sign or exponent there is no product, and of a sign of infinity none either
        Unary::Sign | Unary::Exprel if !(low.is_finite() && high.is_finite()) => ALL,
        Unary::Exp | Unary::Log | Unary::Sqrt | Unary::Floor | Unary::Ceil | Unary::Sign | Unary::Tanh | Unary::Exprel => {
            rising(x, |x| operator.apply(x))
        }
        Unary::Cos => cosine(low, high),
        Unary::Sin => cosine(low - std::f64::consts::FRAC_PI_2, high - std::f64::consts::FRAC_PI_2),
        Unary::Tan | Unary::NotANumber => ALL,
    }
}

/// Of cos; a little room is given to the places of its extrema.
fn cosine(low: f64, high: f64) -> Interval {
    const PI: f64 = std::f64::consts::PI;
    if !(high - low < 2.0 * PI && low.abs() < 1e9) {
        return (-1.0, 1.0);
    }
    let (a, b) = (libm::cos(low), libm::cos(high));
    let first = libm::ceil(low / PI - 1e-9);
    let last = libm::floor(high / PI + 1e-9);
    // the extrema at whole multiples of pi, of which there are two at most
    let holds = |odd: bool| first <= last && (last > first || (first.rem_euclid(2.0) != 0.0) == odd);
    let (least, most) = (a.min(b) - 1e-15, a.max(b) + 1e-15);
    (if holds(true) { -1.0 } else { least.max(-1.0) }, if holds(false) { 1.0 } else { most.min(1.0) })
}

/// Whether it is not 0, as 0 and 1.
fn truth((low, high): Interval) -> Interval {
    if low > 0.0 || high < 0.0 {
        (1.0, 1.0)
    } else if low == 0.0 && high == 0.0 {
        (0.0, 0.0)
    } else {
        (0.0, 1.0)
    }
}

/// The least and the largest of what a function that never turns in either argument gives at the corners.
fn corners((a, b): Interval, (c, d): Interval, f: impl Fn(f64, f64) -> f64) -> Interval {
    let all = [f(a, c), f(a, d), f(b, c), f(b, d)];
    if all.iter().any(|x| x.is_nan()) {
        return ALL;
    }
    (all.iter().copied().fold(f64::INFINITY, f64::min), all.iter().copied().fold(f64::NEG_INFINITY, f64::max))
}

fn binary(operator: Binary, x: Interval, y: Interval) -> Interval {
    let ((a, b), (c, d)) = (x, y);
    let known = |surely: bool, never: bool| match (surely, never) {
        (true, _) => (1.0, 1.0),
        (_, true) => (0.0, 0.0),
        _ => (0.0, 1.0),
    };
    match operator {
        Binary::Add => (a + c, b + d),
        Binary::Subtract => (a - d, b - c),
        Binary::Multiply => corners(x, y, |x, y| x * y),
        Binary::Divide if c > 0.0 || d < 0.0 => corners(x, y, |x, y| x / y),
        // what is above 0 over what comes down to 0
        Binary::Divide if c == 0.0 && d > 0.0 && a > 0.0 => (a / d, f64::INFINITY),
        Binary::Divide => ALL,
        Binary::Power if a >= 0.0 => corners(x, y, |x, y| Binary::Power.apply(x, y)),
        Binary::Power => ALL,
        Binary::Min => (a.min(c), b.min(d)),
        Binary::Max => (a.max(c), b.max(d)),
        Binary::Less => known(b < c, a >= d),
        Binary::LessEqual => known(b <= c, a > d),
        Binary::Equal => known(a == b && c == d && a == c, b < c || d < a),
        Binary::And => (truth(x).0.min(truth(y).0), truth(x).1.min(truth(y).1)),
        Binary::Or => (truth(x).0.max(truth(y).0), truth(x).1.max(truth(y).1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Key;
    use crate::units::Dimension;

    const NAMES: &[(&str, Dimension)] = &[("x", Dimension::NONE), ("y", Dimension::NONE)];

    fn interval(text: &str, x: Interval, y: Interval) -> Interval {
        Expression::read(text, NAMES).unwrap().interval(&[x, y], &mut Vec::new())
    }

    #[test]
    fn every_value_lies_in_it() {
        let texts = [
            "0.35*exp(-x**2/(2*0.3**2))",
            "exp(-abs(x)/2) - 0.5*exp(-y**2)",
            "x < 1 and y >= 0 or x == y",
            "(x - y)**3 + x/(y**2 + 1)",
            "cos(3*x)*sin(x - y) + tanh(x)",
            "sqrt(x**2 + y**2)/(0.1 + abs(y))",
            "min(x, y) - max(x, 0.5)",
            "abs(x)**(1/1.2)",
            "x*y if x < y else y - x",
            "floor(x) + ceil(y) + sign(x - y)",
            "clip(x, 0, 1) + log(1 + x**2)",
            "exprel(x) - exp(y)",
        ];
        let mut draws = Key { seed: 2 }.draws(1, 1, 0);
        for text in texts {
            let read = Expression::read(text, NAMES).unwrap_or_else(|e| panic!("{text}: {e:?}"));
            for _ in 0..500 {
                let mut side = || {
                    let (a, width) = (6.0 * draws.uniform() - 3.0, 2.0 * draws.uniform());
                    ((a, a + width), a + width * draws.uniform())
                };
                let ((x, at_x), (y, at_y)) = (side(), side());
                let (low, high) = read.interval(&[x, y], &mut Vec::new());
                let value = read.evaluate(&[at_x, at_y]);
                let room = 1e-12 * (1.0 + value.abs());
                assert!(low - room <= value && value <= high + room, "{text} at {at_x}, {at_y}: {value} in {low} to {high}");
            }
        }
    }

    #[test]
    fn what_turns_nowhere_has_no_room() {
        assert_eq!(interval("exp(-x)", (0.0, 2.0), (0.0, 0.0)), (libm::exp(-2.0), 1.0));
        assert_eq!(interval("x**2", (-1.0, 2.0), (0.0, 0.0)), (0.0, 4.0));
        assert_eq!(interval("x < 3", (0.0, 2.0), (0.0, 0.0)), (1.0, 1.0));
        assert_eq!(interval("x < 3", (3.0, 4.0), (0.0, 0.0)), (0.0, 0.0));
        assert_eq!(interval("cos(x)", (3.0, 3.5), (0.0, 0.0)).0, -1.0);
        assert_eq!(interval("1/x", (0.0, 2.0), (0.0, 0.0)), (0.5, f64::INFINITY));
        assert_eq!(interval("sqrt(x)", (-1.0, 2.0), (0.0, 0.0)), ALL);
    }
}
