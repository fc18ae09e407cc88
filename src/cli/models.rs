//! `synfire models`: the ready models by kind; of one everything that a file may say of it.

use clap::Args;
use synfire::model::ast::{Item, Range};
use synfire::model::library::{self, IZHIKEVICH_MODES};
use synfire::model::{Method, NeuronModel, SynapseModel, print};
use synfire::units::{Dimension, nearest};

use super::{Failure, say};

#[derive(Args)]
pub struct Models {
    /// The model to show: its ports, parameters, defaults, units, source and equations [default: list all]
    name: Option<String>,
}

impl Models {
    pub fn run(&self) -> Result<(), Failure> {
        match &self.name {
            None => list(),
            Some(name) => show(name),
        }
    }
}

/// What kinds there are, in the order in which they are listed.
const KINDS: [&str; 8] = [
    "Cells that spike",
    "Cells that do not spike",
    "Sources of spikes",
    "Synapses that learn",
    "Synapses with short-term plasticity, or more than a weight to add",
    "Synapses with a state of their own",
    "Graded and electrical synapses, read in every step",
    "Synapses that add to a port",
];

fn list() -> Result<(), Failure> {
    let (cells, synapses) = (library::models().map_err(Failure::input)?, library::synapses().map_err(Failure::input)?);
    let cells = library::TEXTS.iter().filter_map(|(name, text)| Some((*name, *text, kind_of_cell(cells.get(*name)?))));
    let synapses =
        library::SYNAPSE_TEXTS.iter().filter_map(|(name, text)| Some((*name, *text, kind_of_synapse(synapses.get(*name)?))));
    let all: Vec<_> = cells.chain(synapses).collect();
    let width = all.iter().map(|(name, ..)| name.len()).max().unwrap_or(0);
    for kind in KINDS {
        let own: Vec<_> = all.iter().filter(|(.., of)| *of == kind).collect();
        if own.is_empty() {
            continue;
        }
        say(format_args!("{kind}"));
        for (name, text, _) in own {
            say(format_args!("  {name:width$}  {}", first_sentence(text)));
        }
        say("");
    }
    say("`synfire models NAME` shows one with its equations. `model = \"NAME\"` of a [[population]], `synapse = \"NAME\"` of a");
    say("[[projection]]; a plain synapse needs none: `port` and `weight` of the projection say it.");
    Ok(())
}

fn kind_of_cell(model: &NeuronModel) -> &'static str {
    let moved = !model.ports().is_empty() || model.states().iter().any(|state| state.equation.is_some());
    match (model.threshold().is_some(), moved) {
        (true, true) => KINDS[0],
        (false, _) => KINDS[1],
        (true, false) => KINDS[2],
    }
}

fn kind_of_synapse(model: &SynapseModel) -> &'static str {
    let by_target = model.events().iter().any(|event| event.trigger.is_post() || event.trigger.is_interval());
    let learns = by_target || !model.events().is_empty() && model.ends().iter().any(|end| end.post);
    let sends = !model.on_pre().is_empty();
    match (learns, sends, model.states().is_empty()) {
        (true, ..) => KINDS[3],
        (_, true, false) => KINDS[4],
        (_, false, false) => KINDS[5],
        (_, false, true) => KINDS[6],
        (_, true, true) => KINDS[7],
    }
}

/// The comment at the head of a text, as prose and as its sources.
fn head(text: &str) -> (String, String) {
    let comment = text.lines().take_while(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim());
    let comment = comment.collect::<Vec<_>>().join(" ");
    match comment.split_once("Source: ") {
        Some((prose, source)) => (prose.trim().to_string(), source.trim().to_string()),
        None => (comment, String::new()),
    }
}

fn first_sentence(text: &str) -> String {
    let (prose, _) = head(text);
    // a sentence of a text ends before a capital letter, an abbreviation does not
    let ends = prose.match_indices(". ").map(|(place, _)| place);
    let end = ends.into_iter().find(|&place| prose[place + 2..].starts_with(|c: char| c.is_uppercase() || c == '('));
    let short = prose[..end.unwrap_or(prose.len())].trim_end_matches('.');
    let clause = short.split([';', ':']).next().unwrap_or(short);
    if short.chars().count() > 140 { clause.to_string() } else { short.to_string() }
}

fn show(name: &str) -> Result<(), Failure> {
    let every = library::TEXTS.iter().chain(library::SYNAPSE_TEXTS);
    let Some((name, text)) = every.clone().find(|(own, _)| *own == name) else {
        let alike: Vec<&str> = every.clone().map(|(own, _)| *own).filter(|own| own.starts_with(name)).take(12).collect();
        let near = nearest(name, every.map(|(own, _)| *own)).or_else(|| library::meant(name));
        // a word that many begin with: one of these is meant
        let several = (alike.len() > 1 && name.len() > 1).then(|| format!("there are `{}`", alike.join("`, `")));
        let help = several.unwrap_or_else(|| {
            near.map_or_else(
                || "`synfire models` lists them".to_string(),
                |near| format!("did you mean `{near}`? `synfire models` lists all"),
            )
        });
        return Err(Failure::input(format!("error: there is no ready model `{name}`\n  help: {help}")));
    };
    let (prose, source) = head(text);
    say(wrapped(&prose));
    if !source.is_empty() {
        say(format_args!("\nSource: {}", wrapped(&source)));
    }
    if let Some(model) = library::models().map_err(Failure::input)?.get(*name) {
        of_cell(model);
    }
    if let Some(model) = library::synapses().map_err(Failure::input)?.get(*name) {
        of_synapse(model);
    }
    if *name == "izhikevich_2004" {
        modes();
    }
    let body: Vec<&str> = text.lines().skip_while(|line| line.starts_with('#')).collect();
    say(format_args!(
        "\nEquations (copy them into `equations` of a file, under another name, to change them)\n\n{}",
        body.join("\n").trim_end()
    ));
    Ok(())
}

fn of_cell(model: &NeuronModel) {
    let ports = model.ports().iter().map(|port| {
        let into = &model.states()[port.into as usize].name;
        let lost = if port.lost_while_refractory { ", lost while refractory" } else { "" };
        vec![format!("  {}", port.name), port.dimension.unit_told(), format!("a port: weights are added to `{into}`{lost}")]
    });
    let inputs = model.inputs().iter().map(|input| {
        vec![
            format!("  {}", input.name),
            input.dimension.unit_told(),
            "a continuous input: stimuli and graded synapses".to_string(),
        ]
    });
    table("Ports and inputs", &["  name", "unit", "what it is"], ports.chain(inputs).collect());
    items(&model.ast().items, |name| model.dimension_of(name));
    let lets = model.lets().iter().map(|own| vec![format!("  {}", own.name), own.dimension.unit_told()]);
    table("Named expressions", &["  name", "unit"], lets.collect());
    method(model.method());
}

fn of_synapse(model: &SynapseModel) {
    let sent = |what: &str, many: &[synfire::model::PortAddition]| {
        let mut ports: Vec<&str> = many.iter().map(|one| one.port.as_str()).collect();
        ports.dedup();
        ports.iter().map(|port| vec![format!("  {port}"), what.to_string()]).collect::<Vec<_>>()
    };
    let mut rows = sent("when a spike arrives", model.on_pre());
    rows.extend(sent("in every step", model.graded()));
    let asked = model.ends().iter().map(|end| {
        let side = if end.post { "post" } else { "pre" };
        vec![format!("  {side}.{}", end.name), format!("read from the {}", if end.post { "target" } else { "source" })]
    });
    rows.extend(asked);
    table("What it needs of its two ends", &["  name", "how"], rows);
    let modulators = model.modulators().iter().map(|own| vec![format!("  {}", own.name), own.dimension.unit_told()]);
    table("Modulators, which a projection says", &["  name", "unit"], modulators.collect());
    items(&model.ast().items, |name| {
        let param = model.params().iter().find(|own| own.name == name).map(|own| own.dimension);
        param.or_else(|| model.states().iter().find(|own| own.name == name).map(|own| own.dimension))
    });
    method(model.method());
}

fn method(method: Option<Method>) {
    if let Some(method) = method {
        say(format_args!("\nMethod that it asks for: {method}"));
    }
}

/// Parameters and states as they are written.
fn items(items: &[Item], dimension: impl Fn(&str) -> Option<Dimension>) {
    let unit = |name: &str| dimension(name).map_or_else(String::new, Dimension::unit_told);
    let within = |item: &Item, range: &Range| {
        let whole = print::print_item(item);
        if *range == Range::default() {
            String::new()
        } else {
            whole.rsplit_once(" (").map_or("", |(_, own)| own.trim_end_matches(')')).to_string()
        }
    };
    let params = items.iter().filter_map(|item| match item {
        Item::Param { name, default, range, .. } => {
            let default = default.as_ref().map_or_else(|| "none: must be given".to_string(), print::print_expr);
            Some(vec![format!("  {}", name.text), default, unit(&name.text), within(item, range)])
        }
        _ => None,
    });
    table("Parameters", &["  name", "default", "counted in", "may be"], params.collect());
    let states = items.iter().filter_map(|item| match item {
        Item::State { name, initial, range, .. } => {
            Some(vec![format!("  {}", name.text), print::print_expr(initial), unit(&name.text), within(item, range)])
        }
        _ => None,
    });
    table("States, which `initial` sets and probes record", &["  name", "starts at", "counted in", "kept"], states.collect());
}

fn modes() {
    let rows = IZHIKEVICH_MODES.iter().map(|mode| {
        let values: Vec<String> = mode.parameters.iter().map(|(name, value)| format!("{name} = {value}")).collect();
        vec![format!("  {}", mode.name), mode.panel.to_string(), format!("{} ms", mode.dt), values.join(", ")]
    });
    table("Kinds of cells of the paper", &["  name", "panel", "dt", "parameters"], rows.collect());
}

/// A heading and columns that are aligned to the left; nothing where there are no rows.
fn table(heading: &str, names: &[&str], rows: Vec<Vec<String>>) {
    if rows.is_empty() {
        return;
    }
    say(format_args!("\n{heading}"));
    let names = [names.iter().map(|name| (*name).to_string()).collect::<Vec<_>>()];
    let all: Vec<&Vec<String>> = names.iter().chain(&rows).collect();
    // a column in which nothing stands is left out
    let columns = (0..names[0].len()).filter(|&k| rows.iter().any(|row| !row[k].is_empty())).collect::<Vec<_>>();
    let widths: Vec<usize> = columns.iter().map(|&k| all.iter().map(|row| row[k].chars().count()).max().unwrap_or(0)).collect();
    for row in all {
        let cells = columns.iter().zip(&widths).map(|(&k, &width)| format!("{:width$}", row[k]));
        say(cells.collect::<Vec<_>>().join("  ").trim_end());
    }
}

/// Lines of at most 100 letters.
fn wrapped(prose: &str) -> String {
    let mut lines = vec![String::new()];
    for word in prose.split_whitespace() {
        let last = lines.last_mut().map_or(0, |line| line.chars().count());
        if last > 0 && last + 1 + word.chars().count() > 100 {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ready_model_has_a_sentence() {
        for (name, text) in library::TEXTS.iter().chain(library::SYNAPSE_TEXTS) {
            let sentence = first_sentence(text);
            assert!(sentence.len() > 10 && sentence.len() < 220, "{name}: {sentence}");
        }
    }
}
