//! Numbers of a file for the inputs that a network declares, and its outputs among what is recorded.
//!
//! In: a description, and a table with a row for each step (.npy, or CSV with a line of names) and a column for each number, in the
//! order of [`Simulation::step_outputs`](synfire::Simulation::step_outputs). Out: the description with a stimulus for each input, and
//! a probe for each output.

use std::path::Path;

use synfire::Network;
use synfire::network::connector::table::read_table;
use synfire::network::{Input, Output, Population, Probe, Rows, Stimulus, Value, Waveform};
use synfire::units::Quantity;

use super::Failure;

/// Lets a file give the inputs, a row for each of so many steps.
///
/// **Errors** a file that cannot be read, or has other rows or columns; an input whose numbers cannot be counted.
pub fn feed(network: &mut Network, path: &Path, steps: u64) -> Result<(), Failure> {
    let shown = path.display();
    let wrong = |text: String, help: &str| Err(Failure::input(format!("error: --inputs {shown}: {text}\n  help: {help}")));
    let table = read_table(path).map_err(|e| Failure::input(format!("error: --inputs: {e}")))?;
    let (width, all) = table.all_numbers().map_err(|e| Failure::input(format!("error: --inputs: {e}")))?;
    let counted = network.inputs.iter().map(|input| numbers(network, input)).collect::<Result<Vec<usize>, String>>();
    let widths = match counted {
        Ok(widths) => widths,
        Err(text) => return wrong(text, "name its rows as a range or a list"),
    };
    let wanted: usize = widths.iter().sum();
    if wanted == 0 {
        return wrong("the network declares no inputs".into(), "leave it out, or declare `[[input]]` in the network file");
    }
    if width != wanted {
        let listed: Vec<String> = network
            .inputs
            .iter()
            .zip(&widths)
            .map(|(input, n)| format!("`{}` ({n})", called(&input.name, &input.target, &input.input)))
            .collect();
        let help = format!("a column for each number, in this order: {}", listed.join(", "));
        return wrong(format!("{width} columns for {wanted} numbers of a step"), &help);
    }
    let rows = all.len() / width.max(1);
    if (rows as u64) != steps {
        let help = "give a row for each step, or run as long as there are rows with --duration";
        return wrong(format!("{rows} rows for {steps} steps"), help);
    }
    if let Some(k) = all.iter().position(|x| !x.is_finite()) {
        return wrong(format!("row {}, column {} is {}", k / width, k % width, all[k]), "every number must be finite");
    }
    if let Some(projection) = network.projections.iter().find(|p| !p.modulators.is_empty()) {
        let named =
            |source: &String| network.inputs.iter().any(|input| called(&input.name, &input.target, &input.input) == *source);
        if projection.modulators.values().any(named) {
            let text = "an input modulates synapses, which a file cannot give yet".into();
            return wrong(text, "give it from a program, with `Simulation::run_inputs`");
        }
    }
    let interval: Value = network.dt.clone().unwrap_or_else(|| "0.1 ms".into());
    let mut first = 0;
    for (input, count) in std::mem::take(&mut network.inputs).into_iter().zip(widths) {
        let quantity = |what: &str, value: &Value| {
            let plain = Quantity::parse(&value.to_string());
            plain.map_err(|e| Failure::input(format!("error: --inputs {shown}: `{what}` of `{}`: {e}", input.input)))
        };
        let scale = quantity("scale", &input.scale)?;
        let offset = input.offset.as_ref().map(|value| quantity("offset", value)).transpose()?.map_or(0.0, |q| q.value);
        let own = |row: &[f64]| row[first..first + count].iter().map(|x| offset + scale.value * x).collect();
        let values = all.chunks(width).map(own).collect();
        let unit = (!scale.dimension.is_none()).then(|| scale.dimension.unit());
        network.stimuli.push(Stimulus {
            name: input.name.clone(),
            target: input.target,
            input: input.input,
            rows: input.rows,
            waveform: Waveform::Array { values, file: None, interval: interval.clone(), unit },
            ..Stimulus::default()
        });
        first += count;
    }
    Ok(())
}

/// Records what the outputs read, where no probe does.
pub fn watch(network: &mut Network) {
    for Output { population, record, rows, .. } in network.outputs.clone() {
        let every_step =
            |probe: &Probe| probe.every.is_none() && probe.start.is_none() && probe.stop.is_none() && probe.reduce.is_none();
        let same = |probe: &Probe| probe.population == population && probe.record == record && probe.rows == rows;
        if !network.probes.iter().any(|probe| same(probe) && every_step(probe)) {
            network.probes.push(Probe { population, record, rows, ..Probe::default() });
        }
    }
}

fn called(name: &str, target: &str, input: &str) -> String {
    if name.is_empty() { format!("{target}.{input}") } else { name.to_owned() }
}

/// Numbers of a step that an input takes.
fn numbers(network: &Network, input: &Input) -> Result<usize, String> {
    let all = |population: &Population| match population.size {
        Some(size) => size as usize,
        None => population.shape.iter().product::<u64>() as usize,
    };
    match (&input.rows, input.per_neuron) {
        (_, false) => Ok(1),
        (None, true) => Ok(network.populations.iter().find(|p| p.name == input.target).map_or(0, all)),
        (Some(Rows::Range(from, to)), true) => Ok(to.saturating_sub(*from) as usize),
        (Some(Rows::List(list)), true) => Ok(list.len()),
        (Some(_), true) => Err(format!("the rows of `{}` are chosen by a table", called(&input.name, &input.target, &input.input))),
    }
}
