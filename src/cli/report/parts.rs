//! Sections of a report: what a record says, as words and tables.

use std::collections::BTreeMap;

use serde_json::Value;
use synfire::analysis::Measure;
use synfire::plot::page::{Section, Table};

use super::differences::written;
use crate::cli::tables::short;
use crate::cli::{counted, seconds};

/// The numbers of a population by key; what cannot be said is NaN.
pub struct Measures {
    population: String,
    neurons: u64,
    numbers: BTreeMap<String, f64>,
}

/// From a record.
pub fn measures(value: &Value) -> Vec<Measures> {
    let of = |one: &Value| {
        let numbers = one.as_object()?.iter().filter(|(key, _)| *key != "population" && *key != "neurons");
        Some(Measures {
            population: one["population"].as_str()?.to_string(),
            neurons: one["neurons"].as_u64()?,
            numbers: numbers.map(|(key, value)| (key.clone(), value.as_f64().unwrap_or(f64::NAN))).collect(),
        })
    };
    value.as_array().map_or(&[][..], Vec::as_slice).iter().filter_map(of).collect()
}

/// The measure that a key is of.
fn measure_of(key: &str) -> Measure {
    let longest = |measure: &&Measure| key.starts_with(&format!("{}_", measure.name())) || key == measure.name();
    Measure::ALL.iter().filter(longest).max_by_key(|measure| measure.name().len()).copied().unwrap_or(Measure::Rate)
}

/// A key in words, with its unit.
fn in_words(key: &str) -> String {
    let measure = measure_of(key);
    let name = match measure {
        Measure::Rate => "rate",
        Measure::Cv => "CV",
        Measure::Cv2 => "CV2",
        Measure::Lv => "LV",
        Measure::Lvr => "LvR",
        Measure::Fano => "Fano factor",
        Measure::Correlation => "correlation",
        Measure::Synchrony => "synchrony \u{3c7}\u{b2}",
        Measure::Spectrum => "spectrum",
        other => other.name(),
    };
    let rest = key.strip_prefix(measure.name()).map_or(key, |rest| rest.trim_start_matches('_'));
    let rest = match rest {
        "" => String::new(),
        "mean" => ", mean".into(),
        "sd" => ", standard deviation".into(),
        "neurons" => ", neurons counted".into(),
        "pairs" => ", pairs".into(),
        "mean_hz" => ", mean (Hz)".into(),
        "sd_hz" => ", standard deviation (Hz)".into(),
        "spikes" => return "spikes".into(),
        "active" => return "neurons that fire".into(),
        "peak_hz" => ", peak (Hz)".into(),
        "step_hz" => ", step of frequencies (Hz)".into(),
        "times_mean" => ", peak over mean power".into(),
        state => format!(" of {state}"),
    };
    format!("{name}{rest}")
}

/// Keys that any of them has, in the order of measures, means before spreads and counts.
fn keys<'m>(all: impl Iterator<Item = &'m Measures>) -> Vec<String> {
    let mut keys: Vec<String> = all.flat_map(|one| one.numbers.keys().cloned()).collect();
    let rank = |key: &str| ["mean", "mean_hz", "peak_hz", "sd", "sd_hz"].iter().position(|end| key.ends_with(end)).unwrap_or(9);
    keys.sort_by_key(|key| (measure_of(key), rank(key), key.clone()));
    keys.dedup();
    keys
}

fn number(value: Option<f64>) -> String {
    value.filter(|value| value.is_finite()).map_or_else(
        || "-".into(),
        |value| {
            if value.fract() == 0.0 && value.abs() < 1e15 { format!("{value}") } else { short(value) }
        },
    )
}

/// Populations beside each other; of many the first.
const MOST: usize = 12;

pub fn measured(all: &[Measures]) -> Section {
    let section = Section::new("Measures");
    if all.is_empty() {
        return section;
    }
    let shown = &all[..all.len().min(MOST)];
    let heads = ["measure".to_string()].into_iter().chain(shown.iter().map(|one| one.population.clone()));
    let mut table = Table::new(heads);
    let neurons = shown.iter().map(|one| one.neurons.to_string());
    table = table.row(["neurons recorded".to_string()].into_iter().chain(neurons));
    for key in keys(shown.iter()) {
        let numbers = shown.iter().map(|one| number(one.numbers.get(&key).copied()));
        table = table.row([in_words(&key)].into_iter().chain(numbers));
    }
    let mut section = section.table(table).text("A dash: it cannot be said, or what it needs was not recorded.");
    if all.len() > MOST {
        section = section.text(format!("{} more populations are in the record.", all.len() - MOST));
    }
    section.table(definitions())
}

/// What each measure is.
fn definitions() -> Table {
    let table = Table::new(["measure", "what it is"]);
    let words = |measure: Measure| measure.definition().replace(" (--bin, 2 ms)", " of 2 ms");
    Measure::ALL.into_iter().fold(table, |table, measure| table.row([in_words(measure.name()), words(measure)]))
}

/// Two runs: a row for each population and number.
pub fn measured_beside([(a, of_a), (b, of_b)]: [(&str, &[Measures]); 2]) -> Section {
    let mut table = Table::new(["population", "measure", a, b, "difference"]);
    let names = of_a.iter().chain(of_b).map(|one| one.population.as_str());
    let mut seen = Vec::new();
    for name in names {
        if seen.contains(&name) {
            continue;
        }
        seen.push(name);
        let find = |all: &'_ [Measures]| all.iter().position(|one| one.population == name);
        let (left, right) = (find(of_a).map(|k| &of_a[k]), find(of_b).map(|k| &of_b[k]));
        for key in keys(left.into_iter().chain(right)) {
            let [x, y] = [left, right].map(|one| one.and_then(|one| one.numbers.get(&key).copied()));
            let apart = x.zip(y).map(|(x, y)| y - x);
            table = table.row([name.to_string(), in_words(&key), number(x), number(y), number(apart)]);
        }
    }
    let caption = "The difference is the second run less the first, in the unit of the measure.";
    Section::new("Measures").table(table.caption(caption)).table(definitions())
}

/// `1,020 neurons, 20,156 synapses, 5 s of model time on cpu (AMD EPYC), f32, seed 6`
pub fn in_short(record: &Value) -> String {
    let sizes = record["populations"].as_array().map_or(&[][..], Vec::as_slice).iter();
    let neurons: u64 = sizes.filter_map(|one| one["size"].as_u64()).sum();
    if neurons == 0 {
        return "a recording without its record".into();
    }
    let model = record["duration_ms"].as_f64().unwrap_or(0.0) / 1e3;
    let text = |key: &str| written(&record[key]);
    format!(
        "{}, {}, {} of model time on {} ({}), {}, seed {}",
        counted(neurons, "neuron"),
        counted(record["edges"].as_u64().unwrap_or(0), "synapse"),
        seconds(model),
        text("engine"),
        text("adapter"),
        text("precision"),
        text("seed")
    )
}

pub fn lead(record: &Value) -> String {
    let description = record["description"]["description"].as_str().unwrap_or_default();
    let stop = if description.is_empty() || description.ends_with('.') { "" } else { "." };
    format!("{description}{stop} {}.", in_short(record)).trim_start().to_string()
}

pub fn summary(record: &Value) -> Section {
    let mut table = Table::new(["", ""]);
    let mut add = |what: &str, value: String| table = std::mem::take(&mut table).row([what.to_string(), value]);
    let Some(counters) = record["counters"].as_object() else { return Section::new("What ran") };
    if let Some(stopped) = record["stopped_at"].as_object() {
        add("stopped at", format!("{} ms: {}", written(&stopped["time_ms"]), written(&stopped["reason"])));
    }
    add("step", format!("{} ms", written(&record["dt_ms"])));
    add("steps", written(&counters["steps"]));
    add("spikes of all neurons", written(&counters["spikes"]));
    add("threads", written(&record["threads"]));
    add("version", written(&record["version"]));
    add("hash of the description", written(&record["network_hash"]).chars().take(16).collect());
    let command = record["command"].as_array().map_or(&[][..], Vec::as_slice).iter().map(written);
    // the program's own place is nobody's
    let mut command: Vec<String> = command.collect();
    if let Some(program) = command.first_mut() {
        *program = "synfire".into();
    }
    add("command", command.join(" "));
    Section::new("What ran").table(table)
}

pub fn populations(record: &Value) -> Section {
    let mut table = Table::new(["population", "model", "neurons", "recorded", "their spikes", "rate (Hz)"]);
    let described = record["description"]["population"].as_array().map_or(&[][..], Vec::as_slice);
    for one in record["populations"].as_array().map_or(&[][..], Vec::as_slice) {
        let model = described.iter().find(|own| own["name"] == one["name"]).map_or_else(String::new, |own| written(&own["model"]));
        let count = |key: &str| one[key].as_u64().map_or_else(|| "-".into(), |n| n.to_string());
        let row = [
            written(&one["name"]),
            model,
            count("size"),
            count("recorded_neurons"),
            count("recorded_spikes"),
            number(one["rate_hz"].as_f64()),
        ];
        table = table.row(row);
    }
    Section::new("Populations").table(table)
}

/// Projections that are listed; of more the first.
const MOST_PROJECTIONS: usize = 100;

pub fn projections(description: &Value) -> Section {
    let mut table = Table::new(["from", "to", "connected by", "port", "weight", "delay", "synapse"]);
    let all = description["projection"].as_array().map_or(&[][..], Vec::as_slice);
    for one in all.iter().take(MOST_PROJECTIONS) {
        let text = |key: &str| one.get(key).map_or_else(String::new, written);
        table = table.row([
            text("source"),
            text("target"),
            connected(&one["connector"]),
            text("port"),
            text("weight"),
            text("delay"),
            text("synapse"),
        ]);
    }
    let section = Section::new("Projections").table(table);
    match all.len().saturating_sub(MOST_PROJECTIONS) {
        0 => section,
        more => section.text(format!("{more} more are in the description.")),
    }
}

/// `fixed_probability (p 0.02, autapses true)`
fn connected(connector: &Value) -> String {
    let Some(own) = connector.as_object() else { return written(connector) };
    let rest: Vec<String> =
        own.iter().filter(|(key, _)| *key != "rule").map(|(key, value)| format!("{key} {}", written(value))).collect();
    let rule = own.get("rule").map_or_else(String::new, written);
    if rest.is_empty() { rule } else { format!("{rule} ({})", rest.join(", ")) }
}

/// Of one run, or of several beside each other.
pub fn times(records: &[(&str, &Value)]) -> Section {
    let stages: [(&str, &[&str]); 6] = [
        ("build: checking, drawing synapses, planning", &["build_s"]),
        ("run: simulating", &["first_step_s", "run_s"]),
        ("write: spikes and states into files", &["write_s"]),
        ("until the disk confirmed the files", &["sync_s"]),
        ("analyse: measures", &["analyse_s"]),
        ("pictures", &["picture_s"]),
    ];
    let alone = records.len() == 1;
    let heads = ["stage".to_string()]
        .into_iter()
        .chain(records.iter().map(|(label, _)| if alone { "time".into() } else { (*label).to_string() }));
    let mut table = Table::new(heads);
    for (stage, keys) in stages {
        let time = |record: &Value| -> Option<f64> { keys.iter().map(|key| record["timings"][key].as_f64()).sum() };
        let times: Vec<Option<f64>> = records.iter().map(|(_, record)| time(record)).collect();
        if times.iter().any(Option::is_some) {
            let told = times.into_iter().map(|time| time.map_or_else(|| "-".into(), seconds));
            table = table.row([stage.to_string()].into_iter().chain(told));
        }
    }
    Section::new("How long each stage took").table(table)
}

pub fn remarks(record: &Value) -> Section {
    let all = record["remarks"].as_array().map_or(&[][..], Vec::as_slice);
    all.iter().filter_map(Value::as_str).fold(Section::new("Remarks"), Section::text)
}

/// The network as it ran.
pub fn description(record: &Value) -> Section {
    let section = Section::new("Description");
    match serde_json::to_string_pretty(&record["description"]) {
        Ok(text) if record["description"].is_object() => {
            section.text("What repeats this run, `synfire run FILE.json`:").listing("The network as it ran", text)
        }
        _ => section,
    }
}
