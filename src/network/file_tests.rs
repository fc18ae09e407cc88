//! Files: read, written, read again; refused with the place; cut and mutated without a panic.

use super::*;
use crate::network::value::{lognormal, normal, uniform};
use crate::network::{Camera, Connector, EventFile, EventFormat, Order, Polarity, Positions, Rows, Space, Value, Waveform};

/// Vogels and Abbott as in Brette et al. (2007), J. Comput. Neurosci. 23:349, benchmark 1.
const COBA: &str = r#"
name = "coba"
description = "conductance-based integrate-and-fire, 4000 neurons"
dt = "0.1 ms"
duration = "1 s"
seed = 1

[[population]]
name = "exc"
model = "lif_cond_exp"
size = 3200
method = "exponential_euler"
parameters = { v_th = "-50 mV", v_reset = "-60 mV", t_ref = "5 ms", c_m = "200 pF" }
initial.v = { uniform = ["-60 mV", "-50 mV"] }
initial.g_exc = { normal = { mean = "4 nS", sd = "1.5 nS", min = "0 nS", outside = "clip" } }

[[population]]
name = "inh"
model = "lif_cond_exp"
shape = [20, 40]

[[projection]]
source = "exc"
target = "inh"
port = "g_exc"
connector = { rule = "fixed_probability", p = 0.02, autapses = false }
weight = "6 nS"
delay = "0.1 ms"

[[projection]]
name = "ie"
source = "inh"
target = "exc"
port = "g_inh"
weight = { lognormal = { median = "67 nS", sigma = 0.5 } }
[projection.connector]
rule = "all_to_all"

[[stimulus]]
target = "exc"
input = "g_exc"
stop = "50 ms"
rows = { range = [0, 100] }
waveform = { kind = "poisson", rate = "300 Hz", weight = "6 nS" }

[[probe]]
population = "exc"
record = "spikes"

[[probe]]
population = "inh"
record = "v"
every = "1 ms"
rows = { list = [0, 5] }
"#;

fn coba() -> Network {
    Network::from_toml(COBA, "coba.toml").unwrap_or_else(|report| panic!("{report}"))
}

fn toml(text: &str) -> String {
    Network::from_toml(text, "net.toml").unwrap_err().to_string()
}

fn json(text: &str) -> String {
    Network::from_json(text, "net.json").unwrap_err().to_string()
}

#[test]
fn the_same_network_in_words_and_in_rust() {
    let mut net = Network::new("coba");
    net.description("conductance-based integrate-and-fire, 4000 neurons").dt("0.1 ms").duration("1 s").seed(1);
    net.population("exc", "lif_cond_exp", 3200)
        .method("exponential_euler")
        .parameter("v_th", "-50 mV")
        .parameter("v_reset", "-60 mV")
        .parameter("t_ref", "5 ms")
        .parameter("c_m", "200 pF")
        .initial("v", uniform("-60 mV", "-50 mV"))
        .initial("g_exc", normal("4 nS", "1.5 nS").min("0 nS").clip());
    net.population("inh", "lif_cond_exp", 0).shape([20, 40]);
    let sparse = Connector::FixedProbability { p: 0.02, autapses: false };
    net.project("exc", "inh", "g_exc", sparse).weight("6 nS").delay("0.1 ms");
    net.project("inh", "exc", "g_inh", Connector::AllToAll).weight(lognormal("67 nS", 0.5)).named("ie");
    net.stimulate("exc", "g_exc", Waveform::poisson("300 Hz", "6 nS")).rows(0..100).until("50 ms");
    net.probe("exc", "spikes");
    net.probe("inh", "v").every("1 ms").rows([0, 5]);
    assert_eq!(net, coba());
}

#[test]
fn read_write_read_is_the_same_in_both_formats() {
    let mut net = coba();
    net.populations[0].parameters.insert("list".into(), vec![Value::from(1.0), Value::Number(f64::INFINITY)].into());
    net.populations[1].spike_times(vec![vec![0.1, 1e-7], vec![]]);
    net.projections[0].connector = Connector::List { source: vec![0, 1], target: vec![2, 3] };
    net.project("a", "b", "p", Connector::Matrix { rows: vec![vec![0.5, 0.0]], by: Default::default(), unit: Some("nS".into()) });
    net.project_by("a", "b", "null", Connector::indegree(3)).parameter("null", "null");
    net.stimulate("a", "i", Waveform::External { unit: None }).rows =
        Some(Rows::Where { file: "t.csv".into(), column: "kind".into(), equals: "a".into() });
    net.equations("neuron a\n  state v = 0 mV\n").equations("neuron \"b\"\n  null");
    net.space(Space::default().periodic_x("1 mm").axes("xy").offset(["0 um", "1 um"]).scale(0.5));
    for positions in [
        Positions::line("1 um").origin(["2 um"]),
        Positions::grid(["1 um", "2 um"]).counts([3, 4]).order(Order::Columns).centre(["0 um", "1 um"]),
        Positions::in_box(["1 mm"]).origin(["0 um"]),
        Positions::in_ball("1 um").centre(["0 um"]),
        Positions::in_disc("1 um"),
        Positions::list(vec![vec![0.5, 1.0], vec![2.0]], "mm"),
        Positions::table("cells.csv", ["x", "y"], "um"),
    ] {
        net.population("placed", "lif_cond_exp", 12).positions(positions);
    }
    let some = EventFile::new("a.bin").format(EventFormat::NMnist).polarity(Polarity::Sheets).crop(1, 2, 3, 4).bin(2);
    let some = some.start("1 ms").stop("2 ms").scale(0.5).offset("3 ms").first(1).population("exc").camera(Camera::Davis240);
    net.population("camera", "spike_times", 0).shape([2, 2, 2]).spike_events(some);
    net.projections[1].space(Space::default().periodic_z("2 um"));
    let text = net.to_toml().unwrap();
    let again = Network::from_toml(&text, "again").unwrap_or_else(|report| panic!("{report}"));
    assert_eq!(again, net);
    assert_eq!(again.to_toml().unwrap(), text);
    let text = net.to_json().unwrap();
    assert_eq!(Network::from_json(&text, "again").unwrap(), net);
    let crlf = format!("\u{feff}{}", COBA.replace('\n', "\r\n"));
    assert_eq!(Network::from_toml(&crlf, "crlf").unwrap(), coba());

    let folder = tempfile::tempdir().unwrap();
    for name in ["net.toml", "net.JSON"] {
        net.save(folder.path().join(name)).unwrap();
        assert_eq!(Network::load(folder.path().join(name)).unwrap(), net);
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "no half-written file is left");
}

#[test]
fn what_a_format_cannot_hold_is_said() {
    let mut net = Network::new("net");
    net.seed(u64::MAX);
    assert_eq!(
        net.to_toml().unwrap_err().to_string(),
        "error[E045]: TOML has no whole number as large as the seed 18446744073709551615\n  --> net\n  help: write JSON, or use a seed below 2^63"
    );
    assert_eq!(Network::from_json(&net.to_json().unwrap(), "net").unwrap(), net);
    net.project("a", "b", "p", Connector::probability(f64::NAN));
    assert!(net.to_json().unwrap_err().to_string().starts_with("error[E045]: JSON has no number for NaN or infinity"));
}

#[test]
fn mistakes_are_shown_where_they_stand() {
    assert_eq!(
        toml("name = \"x\"\n[[population]]\nname = \"a\"\nmodl = \"lif\"\n"),
        "error[E042]: unknown key `modl`, expected one of `name`, `model`, `size`, `shape`, `method`, `parameters`, `initial`, `spike_times`, `positions`, `colour`, `use`, `repeat`
  --> net.toml, line 4, column 1
   |
 4 | modl = \"lif\"
   | ^^^^
  help: did you mean `model`?"
    );
    assert_eq!(
        json("{\"name\": \"x\",\n \"sed\": 1}"),
        "error[E042]: unknown key `sed`, expected one of `name`, `description`, `dt`, `duration`, `seed`, `constants`, `space`, `equations`, `block`, `population`, `projection`, `stimulus`, `probe`, `gated`, `electrical`, `preset`, `include`, `input`, `output`
  --> net.json: sed, line 2, column 2
   |
 2 |  \"sed\": 1}
   |  ^^^^^
  help: did you mean `seed`?"
    );
    assert_eq!(
        json("{\"seed\": -1}"),
        "error[E044]: expected a whole number from 0 on, found `-1`
  --> net.json: seed, line 1, column 10
   |
 1 | {\"seed\": -1}
   |          ^^"
    );
    let projection = |connector: &str| toml(&format!("[[projection]]\nsource = \"a\"\ntarget = \"b\"\nconnector = {connector}\n"));
    let rule = projection("{ rule = \"all_to_al\" }");
    assert!(rule.starts_with("error[E042]: unknown word `all_to_al`, expected one of `all_to_all`, `one_to_one`, "), "{rule}");
    assert!(rule.ends_with("help: did you mean `all_to_all`?"), "{rule}");
    let extra = projection("{ rule = \"all_to_all\", p = 0.1 }");
    assert!(extra.starts_with("error[E042]: unknown key `p`, none is expected here"), "{extra}");
    let extra = projection("{ rule = \"fixed_indegree\", n = 1, k = 2 }");
    assert!(extra.starts_with("error[E042]: unknown key `k`, expected one of `n`, `autapses`, `multapses`"), "{extra}");
    assert!(projection("{ rule = \"fixed_total\" }").starts_with("error[E043]: the key `n` is missing\n  --> net.toml, line 4"));
    assert!(toml("[[projection]]\nsource = \"a\"").starts_with("error[E043]: the key `target` is missing"));
    assert!(toml("dt = 2026-01-01").starts_with("error[E044]: `dt` is a number, a quantity such as \"-65 mV\", "));
    assert!(toml("dt = 2026-01-01").contains(", found a date\n"));
    assert!(toml("dt = true").contains(", found `true`\n  --> net.toml, line 1, column 6\n"));
    assert!(toml("dt = { unifrom = [0, 1] }").ends_with("help: did you mean `uniform`?"));
    let broken = toml("name = \n");
    assert!(broken.starts_with("error[E041]: a value is missing behind `=`"), "{broken}");
    assert!(broken.contains("line 1, column "), "{broken}");
    assert!(toml("seed = 1\nseed = 2").starts_with("error[E041]: not valid TOML: duplicate key"));
    let broken = json("{\"name\": ");
    assert!(broken.starts_with("error[E041]: not valid JSON: EOF while parsing a value"), "{broken}");
    assert!(json("{\"seed\": 1, \"seed\": 2}").starts_with("error[E041]: not valid JSON: duplicate field `seed`"));
}

#[test]
fn files_that_cannot_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let load = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        Network::load(&path).unwrap_err().to_string()
    };
    let expected = "error[E040]: the name does not say what is in it, expected `.toml` or `.json`\n  --> net.yaml";
    assert_eq!(load("net.yaml", b""), expected);
    assert_eq!(load("net.toml", b"a = \"\xff\""), "error[E040]: not UTF-8 from byte 5 on\n  --> net.toml");
    std::fs::create_dir(folder.path().join("dir.toml")).unwrap();
    assert_eq!(Network::load(folder.path().join("dir.toml")).unwrap_err().to_string(), "error[E040]: not a file\n  --> dir.toml");
    assert!(Network::load(folder.path().join("none.json")).unwrap_err().to_string().contains("cannot be read"));
    assert!(Network::new("x").save(folder.path().join("none/net.toml")).unwrap_err().to_string().contains("cannot be written"));
    let long = std::fs::File::create(folder.path().join("long.toml")).unwrap();
    long.set_len(LARGEST + 1).unwrap();
    let said = Network::load(folder.path().join("long.toml")).unwrap_err().to_string();
    assert!(said.starts_with("error[E040]: larger than 64 MiB, the most that is read"), "{said}");
}

#[test]
fn deep_nesting_is_refused_and_does_not_overflow_the_stack() {
    for n in [100, 1_000, 100_000] {
        let open = "[".repeat(n);
        toml(&format!("dt = {open}"));
        toml(&format!("dt = {}", "{ uniform = ".repeat(n)));
        toml(&format!("dt = {}", "{a=[".repeat(n)));
        toml(&format!("{}x = 1", "a.".repeat(n)));
        toml(&format!("[{}x]\n", "a.".repeat(n)));
        toml(&format!("dt = {open}1{}", "]".repeat(n)));
        json(&format!("{{\"dt\": {open}"));
        if n > 100 {
            json(&format!("{{\"dt\": {open}{}}}", "]".repeat(n)));
        }
        json(&format!("{{\"dt\": {}", "{\"uniform\": ".repeat(n)));
        json(&format!("{{\"stimulus\": [{{\"waveform\": {{\"kind\": \"constant\", \"amplitude\": {open}"));
        json(&"{\"a\":".repeat(n));
    }
}

/// A seeded walk over broken texts: nothing that is read, checked, or written back may panic.
#[test]
fn mutated_files_are_refused_or_read() {
    let mut state = 1u64;
    let mut next = |n: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % n.max(1)
    };
    let bits = [
        "[",
        "]",
        "{",
        "}",
        "\"",
        "=",
        ",",
        "-1",
        "1e999",
        "nan",
        "inf",
        "18446744073709551615",
        "\u{0}",
        "é",
        "\n",
        "0",
        "'",
        "#",
        "mV",
    ];
    let (toml_text, json_text) = (COBA.to_string(), coba().to_json().unwrap());
    let models = crate::network::ModelSet::default();
    let (mut read, mut refused) = (0, 0);
    for round in 0..4000 {
        let is_toml = round % 2 == 0;
        let mut text: Vec<char> = if is_toml { &toml_text } else { &json_text }.chars().collect();
        for _ in 0..=next(3) {
            let place = next(text.len());
            match next(3) {
                0 => drop(text.splice(place..place, bits[next(bits.len())].chars())),
                1 => drop(text.drain(place..(place + 1 + next(8)).min(text.len()))),
                _ => text[place] = char::from(b' ' + next(90) as u8),
            }
        }
        let text: String = text.into_iter().collect();
        let outcome = if is_toml { Network::from_toml(&text, "m") } else { Network::from_json(&text, "m") };
        match outcome {
            Ok(net) => {
                read += 1;
                let _ = net.to_toml().map(|t| t.len());
                let _ = crate::network::check(&net, &models, Path::new(".")).map_err(|report| report.to_string().len());
            }
            Err(report) => {
                refused += 1;
                assert!(!report.to_string().is_empty());
            }
        }
    }
    assert!(read > 200 && refused > 200, "{read} {refused}");
}

/// A disk that fails at any of its calls leaves the file that was there, and nothing else.
#[test]
fn every_call_of_the_disk_that_fails_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let save = |path: &Path| coba().save(path).map_err(|e| e.to_string());
    for name in ["a.toml", "a.json"] {
        assert!(crate::whole::tests::each_call_fails(&folder.path().join(name), &save) >= 4, "{name}");
    }
}

#[test]
fn json_and_toml_give_every_number_back_to_its_last_bit() {
    let mut numbers: Vec<f64> = (0..1000).map(|k| -60.0 + 10.0 * f64::from(k) / 79.0).collect();
    numbers.extend([5e-324, 2.225_073_858_507_201e-308, 1.7976931348623157e308, 0.1 + 0.2, 123456789012345.67]);
    let mut net = Network::new("numbers");
    net.population("a", "lif", numbers.len() as u64).initial("v", numbers.iter().map(|x| Value::Number(*x)).collect::<Vec<_>>());
    net.population("b", "spike_times", 1).spike_times(vec![numbers.clone()]);
    assert_eq!(Network::from_json(&net.to_json().unwrap(), "numbers.json").unwrap(), net);
    assert_eq!(Network::from_toml(&net.to_toml().unwrap(), "numbers.toml").unwrap(), net);
}
