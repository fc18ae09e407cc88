//! The keys of sections that make several parts: junctions, models with gated channels, presets, other files.

use super::connector::RULES;
use super::field::Kind::{self, Flag, List, Number, Ruled, Table, Text, Values, Word};
use super::field::{Field, NUMBERS, REPEAT, USE, may, need};

pub(super) const GATED: &[Field] = &[
    need("name", Text, "name = \"cell\""),
    need("channels", List(&Table(CHANNEL)), "channels = [{ gates = [{ pace = \"dynamic\" }] }]"),
    USE,
    REPEAT,
];

const CHANNEL: &[Field] = &[
    may("gates", List(&Table(GATE)), "gates = [{ pace = \"instantaneous\", power = 3 }, { pace = \"dynamic\" }]"),
    may("rectified", Flag, "rectified = true"),
];

const GATE: &[Field] =
    &[need("pace", Word(&["instantaneous", "dynamic", "constant"]), "pace = \"dynamic\""), may("power", Number, "power = 3")];

pub(super) const ELECTRICAL: &[Field] = &[
    need("source", Kind::Names, "source = \"left\""),
    need("target", Kind::Names, "target = \"right\""),
    need("connector", Ruled("rule", RULES), "connector = { rule = \"one_to_one\" }"),
    need("conductance", Kind::Value, "conductance = \"0.1 uS\""),
    may("rectified", Flag, "rectified = true"),
    USE,
    REPEAT,
];

pub(super) const PRESET: &[Field] = &[
    need(
        "kind",
        Word(&[
            "addition",
            "subtraction",
            "transmission",
            "multiplication",
            "division",
            "modulation",
            "integrator",
            "differentiator",
        ]),
        "kind = \"addition\"",
    ),
    may("as", Text, "as = \"sum_*\", the names of its parts"),
    may("gains", NUMBERS, "gains = [1, -0.5]"),
    may("gain", Number, "gain = 1"),
    may("ratio", Number, "ratio = 0.1"),
    may("excitatory", Number, "excitatory = 300, in mV above rest"),
    may("inhibitory", Number, "inhibitory = -300, in mV above rest"),
    may("inhibition", Number, "inhibition = 40, in uS"),
    may("reversal", Number, "reversal = 300, in mV above rest"),
    may("start", Number, "start = 0, in mV above rest"),
    may("slew", Number, "slew = 1, in mV/ms"),
    may("fast", Number, "fast = 1, in ms"),
    may("cells", Table(CELLS), "cells = { range = 20 }"),
    may("source", Table(CELLS), "source = { range = 20 }"),
    may("target", Table(CELLS), "target = { rest = -60 }"),
    USE,
    REPEAT,
];

const CELLS: &[Field] = &[
    may("capacitance", Number, "capacitance = 5, in nF"),
    may("conductance", Number, "conductance = 1, in uS"),
    may("rest", Number, "rest = 0, in mV"),
    may("range", Number, "range = 20, in mV"),
];

pub(super) const INCLUDE: &[Field] = &[
    need("file", Text, "file = \"half_centre.toml\""),
    may("as", Text, "as = \"left_*\", the names of its parts"),
    may("set", Values, "set = { \"exc.v_th\" = \"-49 mV\" }"),
    USE,
    REPEAT,
];
