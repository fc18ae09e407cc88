//! Functions of one and of two numbers, and what they mean in f64.

/// A function of one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unary {
    /// -x
    Negate,
    /// 1 - x for a truth value x.
    Not,
    /// |x|
    Abs,
    /// exp(x)
    Exp,
    /// ln(x)
    Log,
    /// The square root.
    Sqrt,
    /// The next whole number below.
    Floor,
    /// The next whole number above.
    Ceil,
    /// -1, 0 or 1
    Sign,
    /// sin(x), x in radians
    Sin,
    /// cos(x), x in radians
    Cos,
    /// tan(x), x in radians
    Tan,
    /// tanh(x)
    Tanh,
    /// (exp(x) - 1)/x, 1 at 0
    Exprel,
    /// 1 where x is NaN, by its bits; stands in what rules look at alone ([`Rule::undefined`](super::Rule::undefined)).
    NotANumber,
}

/// Comparisons and logic give 1 or 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Binary {
    /// x + y
    Add,
    /// x - y
    Subtract,
    /// x·y
    Multiply,
    /// x/y
    Divide,
    /// x**y for real y; whole powers have been lowered to products.
    Power,
    /// The smaller of two.
    Min,
    /// The larger of two.
    Max,
    /// x < y
    Less,
    /// x <= y
    LessEqual,
    /// x = y
    Equal,
    /// Both are not 0.
    And,
    /// One of them is not 0.
    Or,
}

impl Unary {
    /// In f64: the meaning that engines approximate.
    pub fn apply(self, x: f64) -> f64 {
        match self {
            Unary::Negate => -x,
            Unary::Not => 1.0 - x,
            Unary::Abs => x.abs(),
            Unary::Exp => libm::exp(x),
            Unary::Log => libm::log(x),
            Unary::Sqrt => x.sqrt(),
            Unary::Floor => x.floor(),
            Unary::Ceil => x.ceil(),
            Unary::Sign if x > 0.0 => 1.0,
            Unary::Sign if x < 0.0 => -1.0,
            Unary::Sign => x * 0.0,
            Unary::Sin => libm::sin(x),
            Unary::Cos => libm::cos(x),
            Unary::Tan => libm::tan(x),
            Unary::Tanh => libm::tanh(x),
            Unary::Exprel if x == 0.0 => 1.0,
            Unary::Exprel => libm::expm1(x) / x,
            Unary::NotANumber => f64::from(u8::from(x.is_nan())),
        }
    }
}

impl Binary {
    /// In f64: the meaning that engines approximate.
    pub fn apply(self, a: f64, b: f64) -> f64 {
        let truth = |t: bool| if t { 1.0 } else { 0.0 };
        match self {
            Binary::Add => a + b,
            Binary::Subtract => a - b,
            Binary::Multiply => a * b,
            Binary::Divide => a / b,
            // NaN to the power of 0 is NaN too
            Binary::Power if a.is_nan() || b.is_nan() => f64::NAN,
            Binary::Power => libm::pow(a, b),
            // a NaN must not vanish in a minimum
            Binary::Min => {
                if b < a || b.is_nan() {
                    b
                } else {
                    a
                }
            }
            Binary::Max => {
                if b > a || b.is_nan() {
                    b
                } else {
                    a
                }
            }
            Binary::Less => truth(a < b),
            Binary::LessEqual => truth(a <= b),
            Binary::Equal => truth(a == b),
            Binary::And => truth(a != 0.0 && b != 0.0),
            Binary::Or => truth(a != 0.0 || b != 0.0),
        }
    }
}
