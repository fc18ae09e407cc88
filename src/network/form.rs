//! The form of a description: which keys stand where, and what kind of value each takes.
//!
//! In: the keys and values of a text that could not be read. Out: everything in it that has another form, each with its way.
//! Not here: what is possible, which `check` says; reading itself, which serde does. [`NETWORK`] is the one table of all keys.

use serde_json::{Map, Value as Tree};

use super::connector::RULES;
use super::events::EVENTS;
use super::field::Kind::{self, Flag, List, Number, One, Pair, Ruled, Sections, Table, Text, Texts, Values, Whole, Word};
use super::field::{Field, GRID, REPEAT, UNIT, USE, WHOLES, may, need};
use super::form_joined::{ELECTRICAL, GATED, INCLUDE, PRESET};
use super::form_values::DISTRIBUTIONS;
use super::frames::FRAMES;
use super::space::{PLACES, SPACE};
use super::words;
use crate::diagnostic::{Diagnostic, Key, KeyPath};
use crate::units::nearest;

/// Everything that may stand in a network file.
pub(super) const NETWORK: &[Field] = &[
    may("name", Text, "name = \"balanced\""),
    may("description", Text, "description = \"what it is\""),
    may("dt", Kind::Value, "dt = \"0.1 ms\""),
    may("duration", Kind::Value, "duration = \"1 s\""),
    may("seed", Whole, "seed = 1"),
    may("constants", Values, "constants = { g = 5 }"),
    may("space", Table(SPACE), "space = { periodic = { x = \"1 mm\", y = \"1 mm\" } }"),
    may("equations", Text, "equations = \"\"\" ... \"\"\""),
    may("block", Kind::Blocks, "[block.cell], keys that parts share by `use = \"cell\"`"),
    may("population", Sections(POPULATION), ""),
    may("projection", Sections(PROJECTION), ""),
    may("stimulus", Sections(STIMULUS), ""),
    may("probe", Sections(PROBE), ""),
    may("gated", Sections(GATED), ""),
    may("electrical", Sections(ELECTRICAL), ""),
    may("preset", Sections(PRESET), ""),
    may("include", Sections(INCLUDE), ""),
    may("input", Sections(INPUT), ""),
    may("output", Sections(OUTPUT), ""),
];

const POPULATION: &[Field] = &[
    need("name", Text, "name = \"exc\""),
    need("model", Text, "model = \"lif_cond_exp\""),
    may("size", Whole, "size = 100"),
    may("shape", WHOLES, "shape = [10, 10]"),
    may("method", Text, "method = \"exponential_euler\""),
    may("parameters", Values, "parameters = { tau_m = \"20 ms\" }"),
    may("initial", Values, "initial = { v = \"-60 mV\" }"),
    may("spike_times", One(SPIKE_TIMES), "spike_times = { lists = [[1.0, 2.5], [3.0]] }, in ms, or { file = \"spikes.csv\" }"),
    may("positions", Ruled("rule", PLACES), "positions = { rule = \"grid\", spacing = \"25 um\" }"),
    may("colour", Text, "colour = \"gold\""),
    USE,
    REPEAT,
];

const SPIKE_TIMES: &[Field] = &[
    may("lists", GRID, "lists = [[1.0, 2.5], [3.0]], a list of times in ms for each neuron"),
    may("once", Kind::Value, "once = { normal = { mean = \"50 ms\", sd = \"1 ms\" } }, a spike of each neuron"),
    may("file", Text, "file = \"spikes.csv\""),
    may("events", Table(EVENTS), "events = { file = \"sample.bin\", polarity = \"on\" }"),
    may("frames", Table(FRAMES), "frames = { file = \"movie.gif\", interval = \"10 ms\", white = \"100 Hz\" }"),
];

const PROJECTION: &[Field] = &[
    may("name", Text, "name = \"recurrent\""),
    need("source", Kind::Names, "source = \"exc\""),
    need("target", Kind::Names, "target = \"inh\""),
    may("source_rows", One(ROW_SETS), "source_rows = { range = [0, 10] }, for 0 to 9"),
    may("target_rows", One(ROW_SETS), "target_rows = { list = [0, 3] }"),
    may("port", Text, "port = \"g_exc\""),
    may("synapse", Text, "synapse = \"graded_synapse\""),
    need("connector", Ruled("rule", RULES), "connector = { rule = \"all_to_all\" }"),
    may("weight", Kind::Value, "weight = \"2 nS\""),
    may("delay", Kind::Value, "delay = \"1.5 ms\""),
    may("parameters", Values, "parameters = { g_max = \"1 uS\" }"),
    may("modulators", Texts, "modulators = { dopamine = \"vta.d\" }"),
    may("normalise", Text, "normalise = \"weight\""),
    may("both_ways", Flag, "both_ways = true"),
    may("connectivity", Word(&["stored", "procedural_weights", "procedural"]), "connectivity = \"procedural\""),
    may("space", Table(SPACE), "space = { axes = \"x\" }"),
    USE,
    REPEAT,
];

const ROWS: Field = may("rows", One(ROW_SETS), "rows = { list = [0, 3] }, or { range = [0, 10] } for 0 to 9");

const ROW_SETS: &[Field] = &[
    may("range", Pair, "range = [0, 10], for 0 to 9"),
    may("list", WHOLES, "list = [0, 3]"),
    may("where", Table(WHERE), "where = { file = \"cells.csv\", column = \"layer\", equals = \"4\" }"),
];

const WHERE: &[Field] = &[
    need("file", Text, "file = \"cells.csv\""),
    need("column", Text, "column = \"layer\""),
    need("equals", Text, "equals = \"4\""),
];

const STIMULUS: &[Field] = &[
    may("name", Text, "name = \"step\""),
    need("target", Kind::Names, "target = \"exc\""),
    need("input", Text, "input = \"i_stim\""),
    ROWS,
    may("clamp", Flag, "clamp = true"),
    may("start", Kind::Value, "start = \"10 ms\", or a list: [\"10 ms\", \"50 ms\"]"),
    may("stop", Kind::Value, "stop = \"20 ms\", or a list: [\"20 ms\", \"60 ms\"]"),
    need("waveform", Ruled("kind", WAVEFORMS), "waveform = { kind = \"constant\", amplitude = \"200 pA\" }"),
    USE,
    REPEAT,
];

const AMPLITUDE: Field = need("amplitude", Kind::Value, "amplitude = \"200 pA\"");

const WAVEFORMS: &[(&str, &[Field])] = &[
    ("constant", &[AMPLITUDE]),
    (
        "steps",
        &[
            need("times", List(&Kind::Value), "times = [\"10 ms\", \"20 ms\"]"),
            need("amplitudes", List(&Kind::Value), "amplitudes = [\"100 pA\", \"0 pA\"]"),
        ],
    ),
    (
        "sine",
        &[
            AMPLITUDE,
            need("frequency", Kind::Value, "frequency = \"10 Hz\""),
            may("phase", Number, "phase = 1.57, in radians"),
            may("offset", Kind::Value, "offset = \"100 pA\""),
        ],
    ),
    (
        "ramp",
        &[
            may("from", Kind::Value, "from = \"0 pA\""),
            need("to", Kind::Value, "to = \"200 pA\""),
            need("over", Kind::Value, "over = \"100 ms\""),
        ],
    ),
    (
        "pulses",
        &[
            AMPLITUDE,
            need("width", Kind::Value, "width = \"2 ms\""),
            may("interval", Kind::Value, "interval = \"20 ms\""),
            may("count", Whole, "count = 10"),
            may("offset", Kind::Value, "offset = \"100 pA\""),
        ],
    ),
    (
        "noise",
        &[
            need("mean", Kind::Value, "mean = \"100 pA\""),
            need("sd", Kind::Value, "sd = \"10 pA\""),
            may("interval", Kind::Value, "interval = \"1 ms\""),
        ],
    ),
    (
        "ornstein_uhlenbeck",
        &[
            need("mean", Kind::Value, "mean = \"100 pA\""),
            need("sd", Kind::Value, "sd = \"10 pA\""),
            need("tau", Kind::Value, "tau = \"5 ms\""),
        ],
    ),
    (
        "poisson",
        &[
            need("rate", Kind::Value, "rate = \"8 Hz\""),
            need("weight", Kind::Value, "weight = \"2 nS\""),
            may("sources", Whole, "sources = 100"),
        ],
    ),
    ("expression", &[need("value", Text, "value = \"200 pA*exp(-t/(50 ms))\"")]),
    (
        "poisson_array",
        &[
            may("values", GRID, "values = [[10], [20], [30]]: a list for each sample, of one rate for all neurons or one each"),
            may("file", Text, "file = \"rates.npy\""),
            need("interval", Kind::Value, "interval = \"10 ms\""),
            may("unit", Text, "unit = \"Hz\""),
            need("weight", Kind::Value, "weight = \"2 nS\""),
            may("sources", Whole, "sources = 100"),
        ],
    ),
    (
        "array",
        &[
            may("values", GRID, "values = [[1], [2], [3]]: a list for each sample, of one number for all neurons or one each"),
            may("file", Text, "file = \"current.npy\""),
            need("interval", Kind::Value, "interval = \"1 ms\""),
            UNIT,
        ],
    ),
    ("frames", FRAMES),
    ("external", &[UNIT]),
];

const PROBE: &[Field] = &[
    may("population", Kind::Names, "population = \"exc\""),
    may("projection", Kind::Names, "projection = \"exc -> inh\""),
    need("record", Kind::Names, "record = \"spikes\""),
    ROWS,
    may("every", Kind::Value, "every = \"1 ms\""),
    may("start", Kind::Value, "start = \"100 ms\""),
    may("stop", Kind::Value, "stop = \"200 ms\""),
    may("offset", Kind::Value, "offset = \"0.5 ms\""),
    may("reduce", Word(&["mean", "sum", "histogram"]), "reduce = \"mean\""),
    may("at", Word(&["source spikes"]), "at = \"source spikes\""),
    may("bins", Whole, "bins = 50"),
    may("edges", List(&Kind::Value), "edges = [\"0 nS\", \"1 nS\"]"),
    USE,
    REPEAT,
];

const INPUT: &[Field] = &[
    may("name", Text, "name = \"light\""),
    need("target", Text, "target = \"retina\""),
    need("input", Text, "input = \"i_stim\""),
    may("per_neuron", Flag, "per_neuron = true"),
    ROWS,
    need("scale", Kind::Value, "scale = \"20 nA\""),
    may("offset", Kind::Value, "offset = \"1 nA\""),
    USE,
    REPEAT,
];

const OUTPUT: &[Field] = &[
    may("name", Text, "name = \"position\""),
    need("population", Text, "population = \"motor\""),
    need("record", Text, "record = \"v\""),
    ROWS,
    may("scale", Kind::Value, "scale = \"20 mV\""),
    may("offset", Kind::Value, "offset = \"-60 mV\""),
    USE,
    REPEAT,
];

/// More problems than this are not listed.
const MOST_LISTED: usize = 100;

/// Everything that has another form than a network file has.
pub(super) fn wrong(tree: &Tree, null: &'static str) -> Vec<Diagnostic> {
    let mut reader = Reader { null, way: KeyPath::default(), wrong: Vec::new(), more: 0 };
    if let Tree::Object(map) = tree {
        reader.table(map, NETWORK, &[]);
    }
    if reader.more > 0 {
        reader.wrong.push(Diagnostic::new("E044", format!("and {} more problems, not listed", reader.more)));
    }
    reader.wrong
}

struct Reader {
    /// What a value is that JSON calls null: TOML's dates are put there.
    null: &'static str,
    way: KeyPath,
    wrong: Vec<Diagnostic>,
    more: usize,
}

impl Reader {
    /// `of_key`: the key itself is meant, not its value.
    fn say(&mut self, mut d: Diagnostic, of_key: bool) {
        if self.wrong.len() >= MOST_LISTED {
            self.more += 1;
            return;
        }
        (d.path, d.of_key) = (self.way.clone(), of_key);
        self.wrong.push(d);
    }

    fn under(&mut self, key: Key, look: impl FnOnce(&mut Self)) {
        self.way.0.push(key);
        look(self);
        self.way.0.pop();
    }

    /// `also`: a key that stands there beside the fields.
    fn table(&mut self, map: &Map<String, Tree>, fields: &'static [Field], also: &[&str]) {
        let known: Vec<&'static str> = fields.iter().map(|f| f.key).collect();
        let mut meant = Vec::new();
        for (key, value) in map.iter().filter(|(key, _)| !also.contains(&key.as_str())) {
            let field = fields.iter().find(|f| f.key == key);
            self.under(Key::Name(key.clone()), |r| match field {
                Some(field) => r.value(value, &field.kind, field.key, field.example),
                None => {
                    let near = near(key, &known);
                    meant.extend(near);
                    let d = Diagnostic::new("E042", format!("unknown key `{key}`, {}", one_of(&known)));
                    let d = d.did_you_mean(near);
                    let alone = key == "autapses" && known.is_empty();
                    r.say(if alone { d.help("the rule `all_to_others` joins everybody but oneself") } else { d }, true);
                }
            });
        }
        // a key that was misspelt is not missing too
        for field in fields.iter().filter(|f| f.needed && !map.contains_key(f.key) && !meant.contains(&f.key)) {
            let d = Diagnostic::new("E043", format!("the key `{}` is missing", field.key));
            self.say(d.help(format!("write for example `{}`", field.example)), false);
        }
    }

    fn value(&mut self, value: &Tree, kind: &'static Kind, key: &str, example: &str) {
        match (kind, value) {
            (Kind::Text | Kind::Names, Tree::String(_)) | (Number, Tree::Number(_)) | (Flag, Tree::Bool(_)) => {}
            (Whole, Tree::Number(n)) if n.is_u64() => {}
            (Whole, _) => {
                let message = format!("expected a whole number from 0 on, found {}", self.found(value));
                let number = value.as_str().map(str::trim).filter(|text| text.parse::<u64>().is_ok());
                let d = Diagnostic::new("E044", message);
                self.say(if let Some(n) = number { d.help(format!("write `{key} = {n}`, without quotes")) } else { d }, false);
            }
            (Kind::Value, Tree::String(_) | Tree::Number(_)) => {}
            (Kind::Value, Tree::Array(list)) => {
                for (k, item) in list.iter().enumerate() {
                    self.under(Key::Index(k), |r| r.value(item, kind, key, example));
                }
            }
            (Kind::Value, Tree::Object(map)) => self.one(map, DISTRIBUTIONS, "a distribution"),
            (Word(words), Tree::String(word)) if words.contains(&word.as_str()) => {}
            (Word(words), Tree::String(word)) => self.word(word, words),
            (Pair, Tree::Array(list)) if list.len() == 2 => {
                for (k, item) in list.iter().enumerate() {
                    self.under(Key::Index(k), |r| r.value(item, &Whole, key, example));
                }
            }
            (List(inner), Tree::Array(list)) => {
                for (k, item) in list.iter().enumerate() {
                    let before = self.wrong.len();
                    self.under(Key::Index(k), |r| r.value(item, inner, key, example));
                    // a list of numbers where lists belong has one mistake, not one for each number
                    if self.wrong.len() > before && !item.is_array() && matches!(inner, List(_)) {
                        break;
                    }
                }
            }
            (Values, Tree::Object(map)) => {
                for (name, item) in map {
                    self.under(Key::Name(name.clone()), |r| r.value(item, &Kind::Value, name, ""));
                }
            }
            (Texts, Tree::Object(map)) => {
                for (name, item) in map {
                    self.under(Key::Name(name.clone()), |r| r.value(item, &Kind::Text, name, ""));
                }
            }
            (Table(fields), Tree::Object(map)) => self.table(map, fields, &[]),
            (One(fields), Tree::Object(map)) => self.one(map, fields, &format!("`{key}`")),
            (Ruled(word, rules), Tree::Object(map)) => self.ruled(map, word, rules),
            (Sections(fields), Tree::Array(list)) => {
                for (k, item) in list.iter().enumerate() {
                    self.under(Key::Index(k), |r| match item {
                        Tree::Object(map) => r.table(map, fields, &[]),
                        other => r.other(other, "a section", key, ""),
                    });
                }
            }
            (Sections(_), Tree::Object(_)) => {
                let d = Diagnostic::new("E044", "one section where several may stand");
                self.say(d.help(format!("write its name in two brackets: `[[{key}]]`")), false);
            }
            (kind, other) => self.other(other, expected(kind), key, example),
        }
    }

    fn other(&mut self, value: &Tree, expected: &str, key: &str, example: &str) {
        let d = Diagnostic::new("E044", format!("`{key}` is {expected}, found {}", self.found(value)));
        let example = if example.is_empty() { d } else { d.help(format!("write for example `{example}`")) };
        self.say(example, false);
    }

    fn word(&mut self, word: &str, words: &[&'static str]) {
        let d = Diagnostic::new("E042", format!("unknown word `{word}`, {}", one_of(words)));
        self.say(d.did_you_mean(near(word, words)), false);
    }

    fn one(&mut self, map: &Map<String, Tree>, fields: &'static [Field], what: &str) {
        let known: Vec<&'static str> = fields.iter().map(|f| f.key).collect();
        let there: Vec<&String> = map.keys().collect();
        match there[..] {
            [] => self.say(Diagnostic::new("E044", format!("{what} is an empty table, {}", one_of(&known))), false),
            [_] => self.table(map, fields, &[]),
            [first, second, ..] => {
                let message = format!("{what} has one key, found `{first}` and `{second}`");
                self.say(Diagnostic::new("E044", message), false);
            }
        }
        if let Some(Tree::Array(list)) = map.get("uniform").filter(|_| there.len() == 1)
            && list.len() != 2
        {
            let message = format!("a distribution has two bounds if it is uniform, found {}", list.len());
            self.under(Key::Name("uniform".into()), |r| r.say(Diagnostic::new("E044", message), false));
        }
    }

    fn ruled(&mut self, map: &Map<String, Tree>, word: &str, rules: &'static [(&'static str, &'static [Field])]) {
        let words: Vec<&'static str> = rules.iter().map(|(word, _)| *word).collect();
        match map.get(word) {
            None => {
                let d = Diagnostic::new("E043", format!("the key `{word}` is missing"));
                self.say(d.help(format!("it is one of {}", listed(&words))), false);
            }
            Some(Tree::String(rule)) => match rules.iter().find(|(name, _)| name == rule) {
                Some((_, fields)) => self.table(map, fields, &[word]),
                None => self.under(Key::Name(word.into()), |r| r.word(rule, &words)),
            },
            Some(other) => self.under(Key::Name(word.into()), |r| r.other(other, "a text", word, "")),
        }
    }

    /// What stands there, in words.
    fn found(&self, value: &Tree) -> String {
        match value {
            Tree::Null => self.null.into(),
            Tree::Bool(b) => format!("`{b}`"),
            Tree::Number(n) => format!("`{n}`"),
            Tree::String(text) => format!("the text \"{}\"", text.chars().take(40).collect::<String>()),
            Tree::Array(list) => format!("a list of {}", list.len()),
            Tree::Object(_) => "a table".into(),
        }
    }
}

/// What a kind takes, in words.
fn expected(kind: &Kind) -> &'static str {
    match kind {
        Kind::Text | Kind::Names => "a text",
        Whole => "a whole number from 0 on",
        Number => "a number",
        Flag => "`true` or `false`",
        Kind::Value => "a number, a quantity such as \"-65 mV\", a list of them, or a distribution",
        Word(_) => "a word",
        Pair => "a list of two whole numbers",
        List(Kind::List(_)) => "a list of lists of numbers",
        List(Kind::Value) => "a list of values",
        List(Table(_)) => "a list of tables",
        List(_) => "a list of numbers",
        Values => "a table of names and values",
        Texts => "a table of names and texts",
        Table(_) | One(_) | Ruled(..) | Sections(_) | Kind::Repeat | Kind::Blocks => "a table",
    }
}

fn listed(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

fn one_of(known: &[&str]) -> String {
    if known.is_empty() { "none is expected here".into() } else { format!("expected one of {}", listed(known)) }
}

/// What may have been meant: a word that is near, or what other simulators call it.
fn near(word: &str, known: &[&'static str]) -> Option<&'static str> {
    nearest(word, known.iter().copied()).or_else(|| words::elsewhere(word, known))
}

#[cfg(test)]
#[path = "form_tests.rs"]
mod tests;
