//! The keys of values that are tables: laws, lists that follow from the row, columns, exceptions.

use super::field::Kind::{self, List, Number, Table, Text, Word};
use super::field::{Field, GRID, NUMBERS, UNIT, may, need};

const OUTSIDE: Field = may("outside", Word(&["clip", "redraw"]), "outside = \"clip\"");
const LEAST: Field = may("min", Kind::Value, "min = \"0.1 ms\"");
const MOST: Field = may("max", Kind::Value, "max = \"5 ms\"");

const TIMES: Field = may("times", Kind::Value, "times = \"0.5 nS\"");

pub(super) const DISTRIBUTIONS: &[Field] = &[
    may("uniform", List(&Kind::Value), "uniform = [\"-60 mV\", \"-50 mV\"]"),
    may(
        "normal",
        Table(&[need("mean", Kind::Value, "mean = \"1.5 ms\""), need("sd", Kind::Value, "sd = \"0.75 ms\""), LEAST, MOST, OUTSIDE]),
        "normal = { mean = \"1.5 ms\", sd = \"0.75 ms\" }",
    ),
    may(
        "lognormal",
        Table(&[need("median", Kind::Value, "median = \"1 nS\""), need("sigma", Number, "sigma = 0.5"), LEAST, MOST, OUTSIDE]),
        "lognormal = { median = \"1 nS\", sigma = 0.5 }",
    ),
    may(
        "gamma",
        Table(&[need("shape", Kind::Value, "shape = 2"), need("scale", Kind::Value, "scale = \"5 ms\""), LEAST, MOST, OUTSIDE]),
        "gamma = { shape = 2, scale = \"5 ms\" }",
    ),
    may(
        "exponential",
        Table(&[need("mean", Kind::Value, "mean = \"10 ms\""), LEAST, MOST, OUTSIDE]),
        "exponential = { mean = \"10 ms\" }",
    ),
    may("poisson", Table(&[need("mean", Kind::Value, "mean = 3.5"), TIMES]), "poisson = { mean = 3.5 }"),
    may(
        "binomial",
        Table(&[need("n", Kind::Value, "n = 10"), need("p", Kind::Value, "p = 0.3"), TIMES]),
        "binomial = { n = 10, p = 0.3 }",
    ),
    may("randint", List(&Kind::Value), "randint = [0, 10], for 0 to 9"),
    may(
        "von_mises",
        Table(&[need("mean", Kind::Value, "mean = 0"), need("kappa", Kind::Value, "kappa = 2")]),
        "von_mises = { mean = 0, kappa = 2 }",
    ),
    may("linspace", List(&Kind::Value), "linspace = [\"-63 mV\", \"-59 mV\"]"),
    may("range", List(&Kind::Value), "range = [\"0 pA\", \"100 pA\", \"10 pA\"]"),
    may("repeat", List(&Kind::Value), "repeat = [\"1 mV\", \"2 mV\"]"),
    may("each", List(&Kind::Value), "each = [\"1 mV\", \"2 mV\"], a block of rows for each"),
    may(
        "choice",
        Table(&[
            need("of", List(&Kind::Value), "of = [\"1 mV\", \"2 mV\"]"),
            may("probability", NUMBERS, "probability = [0.25, 0.75]"),
        ]),
        "choice = { of = [\"1 mV\", \"2 mV\"] }",
    ),
    may(
        "column",
        Table(&[need("column", Text, "column = \"weight\""), may("file", Text, "file = \"cells.csv\""), UNIT]),
        "column = { column = \"weight\", unit = \"nS\" }",
    ),
    may(
        "matrix",
        Table(&[need("rows", GRID, "rows = [[1, 2], [3, 4]]"), UNIT]),
        "matrix = { rows = [[1, 2], [3, 4]], unit = \"nS\" }",
    ),
    may(
        "numbers",
        Table(&[need("of", NUMBERS, "of = [1.5, 2]"), UNIT]),
        "numbers = { of = [1.5, 2], unit = \"nS\" }, one for each row",
    ),
    may(
        "except",
        Table(&[
            may("value", Kind::Value, "value = \"-50 mV\""),
            need("rows", List(&Table(EXCEPTION)), "rows = [{ at = \"0..3,7\", value = \"-49 mV\" }]"),
        ]),
        "except = { value = \"-50 mV\", rows = [{ at = \"3\", value = \"-49 mV\" }] }",
    ),
];

const EXCEPTION: &[Field] = &[need("at", Text, "at = \"0..3,7\""), need("value", Kind::Value, "value = \"-49 mV\"")];
