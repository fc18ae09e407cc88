//! Measures of a run as text, CSV and JSON: what `synfire analyse` prints, and what a run puts into its record.
//!
//! In: measures of populations (`synfire::analysis`). Out: text. Not here: which measures of what.

use std::collections::{BTreeMap, HashSet};

use serde::Serialize;
use synfire::analysis::{Measure, Measured, Number, Terms, Window, measured};
use synfire::recording::Recording;

use super::{Failure, counted, grouped};

/// A table for each population.
pub struct Tables {
    pub network: String,
    dt: f64,
    window: Window,
    terms: Terms,
    pub tables: Vec<Measured>,
}

#[derive(Serialize)]
pub struct Json<'a> {
    network: &'a str,
    from_ms: f64,
    to_ms: f64,
    dt_ms: f64,
    bin_ms: f64,
    populations: Vec<JsonPopulation>,
    definitions: BTreeMap<&'static str, &'static str>,
}

#[derive(Serialize)]
pub struct JsonPopulation {
    population: String,
    neurons: usize,
    /// `null`: cannot be said.
    #[serde(flatten)]
    numbers: BTreeMap<String, Option<f64>>,
}

impl Tables {
    /// Of measures that are named twice once.
    pub fn of(network: &str, recording: &Recording, mut terms: Terms) -> Tables {
        let mut seen = HashSet::new();
        terms.measures.retain(|measure| seen.insert(*measure));
        let window = terms.window.unwrap_or_else(|| Window::whole(recording));
        let tables = measured(recording, &terms);
        Tables { network: network.to_string(), dt: recording.dt, window, terms, tables }
    }

    /// From when to when, ms.
    fn span(&self) -> [f64; 2] {
        [self.window.after, self.window.last].map(|step| step as f64 * self.dt)
    }

    pub fn populations(&self) -> Vec<JsonPopulation> {
        let population = |table: &Measured| JsonPopulation {
            population: table.population.clone(),
            neurons: table.neurons,
            numbers: table.numbers.iter().map(|n| (n.key.clone(), Some(n.value).filter(|v| v.is_finite()))).collect(),
        };
        self.tables.iter().map(population).collect()
    }

    pub fn json(&self) -> Json<'_> {
        let [from_ms, to_ms] = self.span();
        Json {
            network: &self.network,
            from_ms,
            to_ms,
            dt_ms: self.dt,
            bin_ms: self.terms.bin_ms,
            populations: self.populations(),
            definitions: self.terms.measures.iter().map(|measure| (measure.name(), measure.definition())).collect(),
        }
    }

    pub fn text(&self) -> String {
        let [from, to] = self.span();
        let mut out = format!("{}: from {from} ms to {to} ms", self.network);
        for table in &self.tables {
            let heading = if table.neurons > 0 { counted(table.neurons as u64, "neuron") } else { "no spikes recorded".into() };
            out += &format!("\n\n{}: {heading}", table.population);
            let mut measures: Vec<Measure> = table.numbers.iter().map(|number| number.measure).collect();
            measures.dedup();
            for measure in measures {
                let own: Vec<&Number> = table.numbers.iter().filter(|number| number.measure == measure).collect();
                out += &format!("\n  {:<12} {}", measure.name(), self.in_words(measure, &own, table.neurons));
            }
        }
        out
    }

    /// The numbers of one measure in a line.
    fn in_words(&self, measure: Measure, numbers: &[&Number], neurons: usize) -> String {
        let number = |place: usize| numbers.get(place).map_or(f64::NAN, |number| number.value);
        let whole = |place: usize| grouped(number(place) as u64);
        if measure != Measure::Synchrony
            && let Some(why) = numbers.first().and_then(|number| number.why)
        {
            return format!("- ({why})");
        }
        let bin = format!("{} ms", self.terms.bin_ms);
        let spread = || format!("{} ± {}", short(number(0)), short(number(1)));
        match measure {
            Measure::Rate => {
                let fire = format!("{} of {} fire", whole(3), grouped(neurons as u64));
                format!("{} Hz, {}, {fire}", spread(), counted(number(2) as u64, "spike"))
            }
            Measure::Fano => format!("{}, in bins of {}", short(number(0)), bin),
            Measure::Correlation => format!("{}, {} pairs, in bins of {}", spread(), whole(2), bin),
            Measure::Synchrony => {
                let each = |number: &&Number| {
                    let state = number.key.trim_start_matches("synchrony_");
                    number.why.map_or_else(|| format!("{state} {}", short(number.value)), |why| format!("{state} - ({why})"))
                };
                numbers.iter().map(each).collect::<Vec<String>>().join(", ")
            }
            Measure::Spectrum => {
                format!("peak at {} Hz (± {}), {} times the mean power", short(number(0)), short(number(1) / 2.0), short(number(2)))
            }
            _ => format!("{}, of {}", spread(), counted(number(2) as u64, "neuron")),
        }
    }

    /// A line of keys, then one for each population.
    pub fn csv(&self) -> Result<String, Failure> {
        let tables = &self.tables;
        let mut keys: Vec<&str> = Vec::new();
        for number in tables.iter().flat_map(|table| &table.numbers) {
            if !keys.contains(&number.key.as_str()) {
                keys.push(&number.key);
            }
        }
        let mut writer = csv::Writer::from_writer(Vec::new());
        let failed = |e: String| Failure::input(format!("error: the table: {e}"));
        let head = ["population", "neurons", "from_ms", "to_ms"].into_iter().chain(keys.iter().copied());
        writer.write_record(head).map_err(|e| failed(e.to_string()))?;
        let span = self.span().map(|ms| ms.to_string());
        for table in tables {
            let mut line = vec![table.population.clone(), table.neurons.to_string()];
            line.extend(span.clone());
            let cell = |key: &&str| table.number(key).filter(|value| value.is_finite()).map_or_else(String::new, |v| v.to_string());
            line.extend(keys.iter().map(cell));
            writer.write_record(line).map_err(|e| failed(e.to_string()))?;
        }
        let bytes = writer.into_inner().map_err(|e| failed(e.to_string()))?;
        Ok(String::from_utf8_lossy(&bytes).trim_end().to_string())
    }
}

/// Four digits that count.
pub fn short(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return value.to_string();
    }
    let digits = (3.0 - value.abs().log10().floor()).clamp(0.0, 8.0) as usize;
    let text = format!("{value:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').into() } else { text }
}
