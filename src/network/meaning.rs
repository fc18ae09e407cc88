//! What each key of a network file means, in a line, for people and editors; fields of connectors say it where they are defined.
//!
//! Not here: which keys there are (`form`). A test holds that every key has its line, and every line its key.

/// What stands above the page of keys.
pub(super) const INTRODUCTION: &str = "\
# The network file, key by key

A network file is TOML, or the same as JSON. This page is generated from the table by which files are read, and a test holds it to it;
`synfire schema > network.schema.json` prints the same for editors, which find it by a first line `#:schema network.schema.json`.
`synfire new NAME` writes a file to start from, `synfire models` lists what may stand behind `model` and `synapse`, and `synfire check
FILE` says all that is wrong with a file at once.

**A value** is a number (of what has no unit), a quantity in quotes (`\"-65 mV\"`), a list of them, one for each row, or a distribution
from which each row draws. The unit is checked against what the value is for.

```toml
name = \"pair\"
duration = \"200 ms\"

[[population]]
name = \"a\"
model = \"lif_psc_exp\"
size = 2
parameters.i_e = \"400 pA\"
initial.v = { uniform = [\"-65 mV\", \"-55 mV\"] }

[[projection]]
source = \"a\"
target = \"a\"
port = \"i_exc\"
connector = { rule = \"all_to_all\" }
weight = \"50 pA\"
delay = \"1.5 ms\"

[[probe]]
population = \"a\"
record = \"spikes\"
```
";

/// What a key means, by the table in which it stands (the name of a section, the key before an inner table, a key and its rule).
pub(super) fn meaning(of: &str, key: &str) -> Option<&'static str> {
    let found = |of: &str| MEANINGS.iter().find(|(table, own, _)| *table == of && *own == key).map(|(_, _, about)| *about);
    // every rule of one key may share a line: `waveform sine` and `waveform constant` both have an amplitude
    found(of).or_else(|| found(of.split_once(' ')?.0))
}

pub(super) const MEANINGS: &[(&str, &str, &str)] = &[
    ("the file", "name", "What it is called, in records and pictures."),
    ("the file", "description", "What it is, and where its numbers come from."),
    ("the file", "dt", "The step; 0.1 ms if not given."),
    ("the file", "duration", "How long `synfire run` runs it where the command does not say."),
    ("the file", "seed", "Of everything drawn; 0 if not given."),
    ("the file", "equations", "Neuron and synapse models of its own, in the equation language."),
    ("the file", "population", "Neurons."),
    ("the file", "projection", "Synapses."),
    ("the file", "stimulus", "Input from outside that the file describes."),
    ("the file", "probe", "What is recorded; without one, nothing is."),
    ("the file", "input", "Numbers that a program gives in every step."),
    ("the file", "output", "Numbers that a program reads after every step."),
    ("population", "name", "By which all else names it."),
    ("population", "model", "A ready model (`synfire models`), or one of `equations`."),
    ("population", "size", "Number of neurons: this or `shape`."),
    ("population", "shape", "Rows, columns, ...: neuron k of a sheet sits at (k div columns, k mod columns)."),
    (
        "population",
        "method",
        "Integration, where it shall be another than the one that the model asks for or the plan chooses: `exact`, `exponential_euler`, `euler`, `heun`, `rk2`, `rk4`, `euler_maruyama`, `milstein`.",
    ),
    ("population", "parameters", "Of its model, by name; the model's default where there is none."),
    ("population", "initial", "States before the first step, by name."),
    ("population", "spike_times", "When the sources of the model `spike_times` spike."),
    ("population", "colour", "In diagrams: an SVG colour name, or `#` and hexadecimal digits."),
    ("spike_times", "lists", "A list of times for each neuron."),
    ("spike_times", "file", "A table of neurons and times: CSV, .npy or .npz with columns `neuron` and `time_ms`."),
    ("projection", "name", "By which it is addressed; `source -> target` if not given."),
    ("projection", "source", "The population that spikes or graded values come from."),
    ("projection", "target", "The population that they arrive at."),
    ("projection", "port", "What of the target weights are added to (not with a `synapse`, which names its ports itself)."),
    ("projection", "synapse", "A ready synapse model (`synfire models`), or one of `equations`; instead of `port` and `weight`."),
    ("projection", "connector", "Who is joined to whom."),
    ("projection", "weight", "What a spike adds, in the unit of the port."),
    ("projection", "delay", "From a spike to its arrival, rounded to steps, at least one; one step if not given."),
    ("projection", "parameters", "Of its synapse model, by name, a value for each synapse where it is no number."),
    ("projection", "modulators", "Where third factors come from, by name: `POPULATION.STATE`, or an input."),
    (
        "projection",
        "normalise",
        "`weight` or a parameter of the synapse model whose value is that of all synapses of a target together: each gets it divided by their number.",
    ),
    (
        "projection",
        "both_ways",
        "Each synapse acts both ways with one set of parameters: a junction. Within one population a pair is joined once.",
    ),
    ("connector", "all_to_all", "Every source to every target."),
    ("connector", "one_to_one", "Source k to target k."),
    ("connector", "fixed_probability", "Each pair with a probability, independently."),
    ("connector", "fixed_indegree", "Each target has so many sources."),
    ("connector", "fixed_outdegree", "Each source has so many targets."),
    ("connector", "fixed_total", "So many synapses in all."),
    ("connector", "list", "Synapse k joins `source[k]` to `target[k]`."),
    ("connector", "matrix", "A synapse where the matrix is not 0; its value is the weight in `unit`, times `weight` if given."),
    ("connector", "pattern", "A kernel laid over every target of a sheet."),
    ("connector", "file", "A table with a line for each synapse: CSV (gzipped or not) with a header, or .npy, .npz."),
    ("rows", "range", "From the first up to, not including, the second."),
    ("rows", "list", "Their numbers, from 0."),
    ("rows", "where", "Those whose line in a table says so."),
    ("where", "file", "A table with a line for each neuron."),
    ("where", "column", "The column that is asked."),
    ("where", "equals", "The text that it holds."),
    ("stimulus", "name", "By which it is addressed; what it drives if not given."),
    ("stimulus", "target", "The population that it drives."),
    ("stimulus", "input", "A continuous input or, of a Poisson stimulus, a port of its model."),
    ("stimulus", "rows", "The neurons that are driven; all if not given."),
    ("stimulus", "start", "From when on; from 0 if not given."),
    ("stimulus", "stop", "Up to, not at, this time; to the end if not given."),
    ("stimulus", "waveform", "What it does over time."),
    ("waveform", "constant", "One value."),
    ("waveform", "steps", "Another value from each time on; 0 before the first."),
    ("waveform", "sine", "offset + amplitude · sin(2π · frequency · (t - start) + phase)."),
    ("waveform", "noise", "A normal number, drawn anew at each interval for each neuron."),
    ("waveform", "poisson", "For each neuron spikes of independent Poisson sources of its own, which arrive at a port."),
    ("waveform", "array", "Samples, held for an interval each."),
    ("waveform", "external", "Numbers that a program gives."),
    ("waveform", "amplitude", "In the unit of the input."),
    ("waveform", "times", "Ascending."),
    ("waveform", "amplitudes", "One for each time."),
    ("waveform", "frequency", "Of the sine."),
    ("waveform", "phase", "In radians."),
    ("waveform", "offset", "Added to the sine."),
    ("waveform", "mean", "Of the normal numbers."),
    ("waveform", "sd", "Their standard deviation."),
    ("waveform", "interval", "How long a number is held."),
    ("waveform", "rate", "Of each source."),
    ("waveform", "weight", "What a spike adds, in the unit of the port."),
    ("waveform", "sources", "For each neuron; 1 if not given."),
    ("waveform", "values", "A list for each sample: one number for all neurons, or one each."),
    ("waveform", "unit", "Of the numbers."),
    ("probe", "population", "What is recorded is of it: this or `projection`."),
    ("probe", "projection", "What is recorded is of its synapses."),
    ("probe", "record", "`spikes`, `rate`, or a state by name."),
    ("probe", "rows", "The neurons or synapses that are recorded; all if not given."),
    ("probe", "every", "From sample to sample, a step if not given; or the width of the bins of a rate, 1 ms if not given."),
    ("probe", "reduce", "Keep the mean, the sum or a histogram over the synapses instead of each."),
    ("probe", "at", "Look at a synapse after each step in which a spike of its source is at it, not every so long."),
    (
        "probe",
        "bins",
        "Of a histogram: bins of one width, from the first edge to the last, or over the range that the model gives the state.",
    ),
    (
        "probe",
        "edges",
        "Of a histogram: where bins begin, ascending, and where the last one ends; with `bins` the first and the last of them.",
    ),
    ("input", "name", "By which a program names it."),
    ("input", "target", "The population that it drives."),
    ("input", "input", "A continuous input of its model."),
    ("input", "per_neuron", "A number for each neuron, not one for all."),
    ("input", "rows", "The neurons that are driven; all if not given."),
    ("input", "scale", "What a program's 1 is."),
    ("input", "offset", "What a program's 0 is; 0 if not given."),
    ("output", "name", "By which a program names it."),
    ("output", "population", "Whose state is read."),
    ("output", "record", "The state."),
    ("output", "rows", "The neurons that are read; all if not given."),
    ("output", "scale", "The value that a program reads as 1."),
    ("output", "offset", "The value that a program reads as 0; 0 if not given."),
    ("a distribution", "uniform", "Between two bounds."),
    ("a distribution", "normal", "With mean and standard deviation."),
    ("a distribution", "lognormal", "Whose logarithm is normal."),
    ("a distribution", "choice", "One of a list."),
    ("a distribution", "column", "No draw: the numbers of a column of a table."),
    ("a distribution", "matrix", "No draw: a number for each pair of source and target."),
    ("a distribution", "except", "A value for all rows, and others for some of them."),
    ("normal", "mean", "Its mean."),
    ("normal", "sd", "Its standard deviation."),
    ("lognormal", "median", "Its median."),
    ("lognormal", "sigma", "The standard deviation of the logarithm."),
    ("normal", "min", "The least that may come out; none if not given."),
    ("normal", "max", "The most that may come out; none if not given."),
    ("normal", "outside", "What happens to a draw beyond `min` or `max`: it becomes the bound, or is drawn again."),
    ("lognormal", "min", "The least that may come out; none if not given."),
    ("lognormal", "max", "The most that may come out; none if not given."),
    ("lognormal", "outside", "What happens to a draw beyond `min` or `max`: it becomes the bound, or is drawn again."),
    ("choice", "of", "What may come out."),
    ("choice", "probability", "Of each, together 1; all alike if not given."),
    ("column", "column", "Its name in the header."),
    ("column", "file", "The table; of a projection whose connector is a file, that file if not given."),
    ("column", "unit", "Of the numbers; none if not given."),
    ("matrix", "rows", "`rows[source][target]`."),
    ("matrix", "unit", "Of the numbers; none if not given."),
    ("except", "value", "For all rows that are not named; the model's default if not given."),
    ("except", "rows", "Which rows have which other value."),
    ("except rows", "at", "Numbers and ranges, `0..3` for 0 to 2, with commas between."),
    ("except rows", "value", "Theirs."),
];
