//! A seeded walk over descriptions in which something is broken: the check refuses or accepts, it never panics.

use std::path::Path;

use super::check;
use super::tests::models;
use crate::network::Network;

const ALL_KINDS: &str = r#"
dt = "0.1 ms"
duration = "10 ms"
[[population]]
name = "a"
model = "lif"
size = 4
parameters = { c_m = ["100 pF", "200 pF", "300 pF", "400 pF"], v_th = { normal = { mean = "-50 mV", sd = "1 mV", min = "-52 mV", max = "-48 mV" } } }
initial = { v = { uniform = ["-60 mV", "-50 mV"] }, g_exc = { choice = { of = ["1 nS", "2 nS"], probability = [0.5, 0.5] } } }
[[population]]
name = "s"
model = "listed"
shape = [2, 2]
spike_times = { lists = [[0.1, 5.0], [], [3.3], [9.95]] }
[[projection]]
source = "s"
target = "a"
port = "g_exc"
connector = { rule = "one_to_one" }
weight = ["1 nS", "2 nS", "3 nS", "4 nS"]
delay = { lognormal = { median = "1 ms", sigma = 0.5, max = "5 ms", outside = "clip" } }
[[projection]]
source = "a"
target = "a"
port = "g_exc"
connector = { rule = "fixed_indegree", n = 3, autapses = false, multapses = false }
weight = "2 nS"
delay = "1.05 ms"
[[projection]]
source = "a"
target = "a"
synapse = "plain"
connector = { rule = "matrix", rows = [[0, 1, 0, 0], [0, 0, 2, 0], [0, 0, 0, 3], [4, 0, 0, 0]] }
parameters = { w = { column = { column = "value", unit = "nS" } } }
[[projection]]
source = "a"
target = "a"
synapse = "gap"
connector = { rule = "list", source = [0, 1], target = [1, 2] }
parameters = { g = ["1 nS", "2 nS"] }
[[projection]]
source = "a"
target = "a"
port = "g_exc"
connector = { rule = "fixed_total", n = 5 }
weight = { normal = { mean = "1 nS", sd = "0.1 nS" } }
[[stimulus]]
target = "a"
input = "i_ext"
start = "1 ms"
stop = "5 ms"
rows = { range = [1, 3] }
waveform = { kind = "sine", amplitude = ["1 pA", "2 pA"], frequency = "10 Hz", phase = 0.5, offset = "1 pA" }
[[stimulus]]
target = "a"
input = "i_ext"
rows = { list = [0, 3] }
waveform = { kind = "array", values = [[1.0], [2.0, 3.0]], interval = "1 ms", unit = "nA" }
[[stimulus]]
target = "a"
input = "i_ext"
waveform = { kind = "noise", mean = "0 pA", sd = "5 pA", interval = "0.5 ms" }
[[stimulus]]
target = "a"
input = "i_ext"
waveform = { kind = "steps", times = ["1 ms", "2 ms"], amplitudes = ["1 pA", "0 pA"] }
[[stimulus]]
target = "a"
input = "g_exc"
waveform = { kind = "poisson", rate = "100 Hz", weight = "1 nS", sources = 10 }
[[probe]]
population = "a"
record = "v"
every = "1 ms"
rows = { range = [0, 2] }
[[probe]]
population = "s"
record = "spikes"
"#;

#[test]
fn broken_descriptions_never_panic() {
    let models = models();
    let net = Network::from_toml(ALL_KINDS, "all").unwrap_or_else(|report| panic!("{report}"));
    check(&net, &models, Path::new(".")).unwrap_or_else(|report| panic!("{report}"));
    let mut state = 7u64;
    let mut next = |n: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % n.max(1)
    };
    // whole words are exchanged, so that most texts are still read and reach the check
    let words = [
        "0",
        "1",
        "-1",
        "3",
        "4",
        "1e300",
        "-1e300",
        "nan",
        "inf",
        "-inf",
        "9223372036854775807",
        "\"0 ms\"",
        "\"0.1 ms\"",
        "\"-1 ms\"",
        "\"inf ms\"",
        "\"1e-320 ms\"",
        "\"1e308 ms\"",
        "\"1 nS\"",
        "\"-1e308 nS\"",
        "\"1e308 nS\"",
        "\"1 pA\"",
        "\"1 mV\"",
        "\"a\"",
        "\"s\"",
        "\"v\"",
        "\"rate\"",
        "\"lif\"",
        "\"plain\"",
        "\"gap\"",
        "\"g_exc\"",
        "\"i_ext\"",
        "\"\"",
        "[]",
        "[[]]",
        "[1]",
        "[\"1 nS\"]",
        "{ uniform = [\"1 ms\", \"1e300 ms\"] }",
        "{ uniform = [\"0 nS\", \"0 nS\"] }",
        "true",
        "{ lognormal = { median = \"-1 nS\", sigma = 30 } }",
        "{ normal = { mean = \"1 nS\", sd = \"0 nS\", min = \"2 nS\" } }",
        "{ choice = { of = [] } }",
        "{ column = { column = \"value\", file = \"x.csv\" } }",
    ];
    let tokens: Vec<(usize, usize)> = tokens(ALL_KINDS);
    let (mut fine, mut wrong) = (0, 0);
    for _ in 0..6000 {
        let mut text = ALL_KINDS.to_string();
        let mut places: Vec<usize> = (0..=next(2)).map(|_| next(tokens.len())).collect();
        places.sort_unstable();
        places.dedup();
        // from the back, so that earlier places stay where they are
        for place in places.into_iter().rev() {
            let (start, end) = tokens[place];
            text.replace_range(start..end, words[next(words.len())]);
        }
        let Ok(net) = Network::from_toml(&text, "all") else { continue };
        match check(&net, &models, Path::new(".")) {
            Ok(_) => fine += 1,
            Err(report) => {
                wrong += 1;
                let said = report.to_string();
                assert!(!said.contains("E099"), "{said}\n{text}");
            }
        }
    }
    assert!(fine > 100 && wrong > 1000, "{fine} {wrong}");
}

/// Where numbers and quoted texts stand.
fn tokens(text: &str) -> Vec<(usize, usize)> {
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    let mut k = 0;
    while k < bytes.len() {
        let start = k;
        if bytes[k] == b'"' {
            k += 1 + text[k + 1..].find('"').unwrap_or(0);
            out.push((start, k + 1));
        } else if bytes[k].is_ascii_digit() && !bytes[k.saturating_sub(1)].is_ascii_alphanumeric() {
            while k + 1 < bytes.len() && (bytes[k + 1].is_ascii_digit() || bytes[k + 1] == b'.') {
                k += 1;
            }
            out.push((start, k + 1));
        }
        k += 1;
    }
    out
}
