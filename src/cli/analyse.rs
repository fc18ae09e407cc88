//! `synfire analyse`: measures of a finished run, a table for each population.
//!
//! In: the folder of a run. Out: text, CSV or JSON on standard output. Not here: the measures (`synfire::analysis`).

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use synfire::analysis::{Measure, Measured, Terms, Window};
use synfire::recording::Recording;
use synfire::units::nearest;

use super::replot::Run;
use super::tables::Tables;
use super::{Failure, complain, given, say};

#[derive(Args)]
#[command(after_long_help = definitions())]
pub struct Analyse {
    /// The folder of a run, such as run/NAME
    run: PathBuf,
    /// Which measures: rate, cv, cv2, lv, lvr, fano, correlation, synchrony, spectrum; --help defines them [default: all]
    #[arg(long, value_delimiter = ',', value_name = "LIST")]
    measures: Vec<Measure>,
    /// From when to when, such as "200 ms..1 s", "200 ms.." [default: all that was recorded]
    #[arg(long, value_name = "FROM..TO")]
    window: Option<String>,
    /// Populations, with commas between [default: all that were recorded]
    #[arg(long, value_delimiter = ',', value_name = "LIST")]
    populations: Vec<String>,
    /// Neurons, such as 0..10,17 (10 not included) [default: all that were recorded]
    #[arg(long)]
    rows: Option<String>,
    /// Bins of `fano` and `correlation`
    #[arg(long, value_name = "TIME", default_value = "2 ms")]
    bin: String,
    /// How the tables are written: csv has a line for each population, in full precision
    #[arg(long, value_enum, default_value_t = TableFormat::Text)]
    format: TableFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum TableFormat {
    Text,
    Csv,
    Json,
}

/// What `--help` says below the options.
fn definitions() -> String {
    let line = |measure: &Measure| format!("  {:<12} {}\n", measure.name(), measure.definition());
    let all: String = Measure::ALL.iter().map(line).collect();
    format!(
        "Measures, of the spikes and samples after FROM up to and with TO:\n{all}\nWhat cannot be said is empty in csv and null in json."
    )
}

impl Analyse {
    pub fn run(&self) -> Result<(), Failure> {
        let run = Run::read(&self.run)?;
        let whole = given::recorded(&self.run)?;
        let recording = self.chosen(whole)?;
        let window = self.span(&recording)?;
        let bin_ms = given::time(&self.bin, "--bin").and_then(|ms| {
            if ms >= recording.dt / 2.0 && ms <= window.steps() as f64 * recording.dt {
                return Ok(ms);
            }
            let help = format!("a time between one step ({} ms) and the window", recording.dt);
            Err(Failure::input(format!("error: --bin \"{}\" is no bin of this window\n  help: {help}", self.bin)))
        })?;
        let measures = if self.measures.is_empty() { &Measure::ALL[..] } else { &self.measures };
        let terms = Terms::default().measures(measures).window(window).bin_ms(bin_ms);
        let network = if self.format == TableFormat::Text { &run.title } else { &run.name };
        let tables = Tables::of(network, &recording, terms);
        have_what_was_asked_for(&self.measures, &tables.tables)?;
        match self.format {
            TableFormat::Text => say(tables.text()),
            TableFormat::Csv => say(tables.csv()?),
            TableFormat::Json => {
                let text = serde_json::to_string_pretty(&tables.json());
                say(text.map_err(|e| Failure::input(format!("error: the table: {e}")))?);
            }
        }
        Ok(())
    }

    /// The populations and rows that are asked for.
    fn chosen(&self, mut whole: Recording) -> Result<Recording, Failure> {
        let mut known: Vec<String> = whole.spikes.iter().map(|train| train.population.clone()).collect();
        known.extend(whole.traces.iter().filter(|trace| !trace.synapses).map(|trace| trace.population.clone()));
        let mut seen = std::collections::HashSet::new();
        known.retain(|name| seen.insert(name.clone()));
        if known.is_empty() {
            let rates: Vec<&str> = whole.rates.iter().map(|rate| rate.population.as_str()).collect();
            let there = match rates.is_empty() {
                true => "nothing of neurons was recorded".into(),
                false => format!("of {} only the rate was counted", rates.join(", ")),
            };
            let help = "a probe with `record = \"spikes\"`, and run again";
            return Err(Failure::input(format!("error: {there}: no spikes to measure\n  help: {help}")));
        }
        for name in &self.populations {
            if !known.contains(name) {
                let near = nearest(name, known.iter().map(String::as_str)).map(|near| format!("did you mean `{near}`? "));
                let help = format!("{}recorded were {}", near.unwrap_or_default(), known.join(", "));
                return Err(Failure::input(format!("error: nothing of `{name}` was recorded\n  help: {help}")));
            }
        }
        let wanted = |name: &String| self.populations.is_empty() || self.populations.contains(name);
        whole.spikes.retain(|train| wanted(&train.population));
        whole.traces.retain(|trace| wanted(&trace.population));
        let Some(text) = &self.rows else { return Ok(whole) };
        let spans = given::rows(text)?;
        let sizes: Vec<String> = whole.spikes.iter().map(|train| format!("`{}` has {}", train.population, train.size)).collect();
        whole.spikes.iter_mut().for_each(|train| *train = train.of_rows(|row| spans.holds(u64::from(row))));
        whole.traces.iter_mut().for_each(|trace| *trace = trace.of_rows(|row| spans.holds(u64::from(row))));
        let without: Vec<String> = whole.spikes.iter().filter(|t| t.recorded().is_empty()).map(|t| t.population.clone()).collect();
        whole.spikes.retain(|train| !train.recorded().is_empty());
        whole.traces.retain(|trace| !trace.rows.is_empty());
        if whole.spikes.is_empty() && whole.traces.is_empty() {
            let help = if sizes.is_empty() { String::new() } else { format!("\n  help: {}", sizes.join(", ")) };
            return Err(Failure::input(format!("error: --rows \"{text}\": no neuron of these was recorded{help}")));
        }
        if !without.is_empty() {
            complain(format_args!("remark: of {} no neuron of --rows \"{text}\" was recorded", without.join(", ")));
        }
        Ok(whole)
    }

    /// The steps that are looked at.
    fn span(&self, recording: &Recording) -> Result<Window, Failure> {
        let whole = Window::whole(recording);
        let Some(text) = &self.window else { return Ok(whole) };
        let wrong = |what: &str, help: &str| Failure::input(format!("error: --window \"{text}\": {what}\n  help: {help}"));
        let (start, end) = (whole.after as f64 * recording.dt, whole.last as f64 * recording.dt);
        let (from, to) = given::span(text, (start, end))?;
        let window = Window::from_ms(from, to, recording.dt);
        if window.after < whole.after || window.last > whole.last {
            return Err(wrong("this was not all recorded", &format!("recorded was from {start} ms to {end} ms")));
        }
        if window.steps() == 0 {
            return Err(wrong("it ends before it begins", &format!("recorded was from {start} ms to {end} ms")));
        }
        Ok(window)
    }
}

/// A measure asked for by name that no population has what it needs for.
pub fn have_what_was_asked_for(asked: &[Measure], tables: &[Measured]) -> Result<(), Failure> {
    let lacking = |measure: &&Measure| !tables.iter().any(|table| table.numbers.iter().any(|n| n.measure == **measure));
    let Some(measure) = asked.iter().find(lacking) else { return Ok(()) };
    let (needs, help) = match measure {
        Measure::Synchrony => {
            ("states of two neurons or more", "a probe such as `record = \"v\"`, `every = \"1 ms\"`, with two `rows` or more")
        }
        _ => ("spikes", "a probe with `record = \"spikes\"`"),
    };
    let message = format!("error: `{measure}` needs {needs}, and none were recorded here");
    Err(Failure::input(format!("{message}\n  help: {help}; then run again")))
}
