//! What each key of a network file means, in a line, for people and editors; fields of connectors say it where they are defined.
//!
//! Not here: which keys there are (`form`). A test holds that every key has its line, and every line its key.

use super::connector::ABOUT;

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

/// What a rule or a kind means, by the key behind which it stands: of connectors it is said where they are defined.
pub(super) fn meaning_of_rule(key: &str, rule: &str) -> Option<String> {
    let told = || {
        let (_, lines) = ABOUT.iter().find(|(name, _)| *name == rule)?;
        // doc = " Each pair", doc = r" Each pair"
        let texts = lines.iter().filter_map(|line| line.strip_prefix("doc")?.trim_start().strip_prefix('=')?.split_once('"'));
        let texts = texts.map(|(_, text)| text.trim_end().trim_end_matches(['"', '#']).trim().replace("\\\"", "\""));
        let text = texts.collect::<Vec<_>>().join(" ");
        (!text.is_empty()).then_some(text)
    };
    if key == "connector" { told() } else { meaning(key, rule).map(str::to_string) }
}

pub(super) const MEANINGS: &[(&str, &str, &str)] = &[
    ("the file", "name", "What it is called, in records and pictures."),
    ("the file", "description", "What it is, and where its numbers come from."),
    ("the file", "dt", "The step; 0.1 ms if not given."),
    ("the file", "duration", "How long `synfire run` runs it where the command does not say."),
    ("the file", "seed", "Of everything drawn; 0 if not given."),
    ("the file", "constants", "Numbers by name, which expressions of values may use."),
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
    ("the file", "space", "In which distances are taken, where a projection does not say its own; open, if not given."),
    ("population", "positions", "Where its neurons are; `x`, `y` and `z` in values of it."),
    ("projection", "space", "In which its distances are taken, instead of that of the file."),
    ("space", "periodic", "Axes that close, and after which length: the shorter way round counts."),
    ("space", "axes", "The axes that count, such as `xy`; all if not given."),
    ("space", "offset", "Added to positions of the target before anything else."),
    ("space", "scale", "Positions of the target, `offset` included, times this; 1 if not given."),
    ("periodic", "x", "Its length along x."),
    ("periodic", "y", "Its length along y."),
    ("periodic", "z", "Its length along z."),
    ("positions", "line", "One behind the other along x."),
    ("positions", "grid", "The sites of a grid of two or three axes."),
    ("positions", "box", "Anywhere in an interval, a rectangle or a box, drawn."),
    ("positions", "ball", "Anywhere in a ball, drawn."),
    ("positions", "disc", "Anywhere in a disc of the plane of x and y, drawn."),
    ("positions", "list", "As listed."),
    ("positions", "table", "Columns of a table, line k for neuron k."),
    ("positions", "spacing", "From site to site; of a grid one for all axes, or a list with one for x, y (and z)."),
    ("positions", "counts", "Sites along x, y (and z); as the shape of the population says if not given."),
    (
        "positions",
        "order",
        "Which neuron has which site: x runs fastest (`rows`, if not given), the last axis runs fastest (`columns`, what PyNN calls sequential), row after row from the top (`pixels`), or drawn (`random`).",
    ),
    ("positions", "origin", "The smallest coordinates; 0 if not given."),
    ("positions", "centre", "The middle, instead of `origin`."),
    ("positions", "size", "Its length along x, y (and z)."),
    ("positions", "radius", "Of the disc or ball."),
    ("positions", "at", "One to three numbers for each neuron."),
    ("positions", "unit", "Of the numbers."),
    ("positions", "file", "The table."),
    ("positions", "columns", "Those for x, y (and z)."),
    ("population", "colour", "In diagrams: an SVG colour name, or `#` and hexadecimal digits."),
    ("spike_times", "lists", "A list of times for each neuron."),
    (
        "spike_times",
        "file",
        "A table of neurons and times: CSV or .npz with columns `neuron` and `time_ms`; or all events of a file of another format.",
    ),
    ("spike_times", "events", "Events of a file, of some pixels at some times."),
    ("events", "file", "The file."),
    ("events", "format", "Its format, where neither its first bytes nor the ending of its name say it."),
    ("events", "population", "Whose spikes, in a list of those of several populations by name."),
    (
        "events",
        "first",
        "What a list of spikes calls neuron 0: 0 if not given, 1 in files of NEST. If it is given, spikes of other neurons are left out.",
    ),
    ("events", "camera", "Whose addresses they are, in AEDAT 2.0; as its header says if not given."),
    (
        "events",
        "polarity",
        "Events of pixels that became brighter (`on`), darker (`off`), all of them (`both`, if not given), or first a sheet of neurons for the brighter and behind it one for the darker (`sheets`).",
    ),
    ("events", "crop", "Only a part of the sheet of pixels: column and row of its first pixel, columns, rows."),
    ("events", "bin", "Squares of so many pixels a side are one neuron; 1 if not given."),
    ("events", "start", "Events before this time of the file are left out, and it becomes time 0; 0 if not given."),
    ("events", "stop", "Events from this time of the file on are left out."),
    ("events", "scale", "Times of the file, from `start` on, times this; 1 if not given."),
    ("events", "offset", "The time of the run at which the file begins; 0 if not given."),
    (
        "spike_times",
        "frames",
        "As bright as the pixels of an image or a movie: sources at a rate, or one spike a frame after a time.",
    ),
    ("waveform", "frames", "As bright as the pixels of an image or a movie, a neuron for each."),
    ("frames", "file", "PNG (one frame), GIF, or .npy of (rows, columns) or (frames, rows, columns)."),
    ("frames", "interval", "From frame to frame; the last one holds as long."),
    (
        "frames",
        "white",
        "What a white pixel is: of sources a rate (Poisson), or a time after the frame begins (one spike, later where it is darker, none where it is black).",
    ),
    ("frames", "black", "What a black pixel is: a rate, 0 if not given; or the time that dark pixels come near."),
    ("frames", "crop", "Only a part of each frame: column and row of its first pixel, columns, rows."),
    ("frames", "bin", "Squares of so many pixels a side are one neuron, as bright as their mean; 1 if not given."),
    ("frames", "offset", "The time of the run at which the first frame begins; 0 if not given."),
    ("waveform frames", "file", "PNG (one frame), GIF, or .npy of (rows, columns) or (frames, rows, columns)."),
    ("waveform frames", "interval", "From frame to frame; none after the last."),
    ("waveform frames", "white", "What a white pixel is, in the unit of the input."),
    ("waveform frames", "black", "What a black pixel is; 0 if not given."),
    ("waveform frames", "crop", "Only a part of each frame: column and row of its first pixel, columns, rows."),
    ("waveform frames", "bin", "Squares of so many pixels a side are one neuron, as bright as their mean; 1 if not given."),
    ("waveform frames", "offset", "After the stimulus begins; 0 if not given."),
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
        "`weight` or a parameter of the synapse model whose value is that of all synapses of a target together: each gets it divided by their number. With `all_to_all`, `all_to_others` and `fixed_indegree`; other rules do not say how many synapses a target has.",
    ),
    (
        "projection",
        "both_ways",
        "Each synapse acts both ways with one set of parameters: a junction. Within one population a pair is joined once.",
    ),
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
    ("waveform", "rate", "Of each source; it may be an expression of the time `t`."),
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
    (
        "stimulus",
        "clamp",
        "The waveform is the level at which the state named by `input` is held while the stimulus is on; a neuron whose state is held does not spike.",
    ),
    ("waveform", "ramp", "From `from` to `to` in a straight line over a time, then `to`."),
    (
        "waveform",
        "pulses",
        "Rectangular pulses: `offset` + `amplitude` for `width` from each multiple of `interval` after the start, else `offset`.",
    ),
    ("waveform", "ornstein_uhlenbeck", "Noise with a memory of `tau` around `mean`, for each neuron its own, moved on exactly."),
    ("waveform ramp", "from", "Where it begins; 0 if not given."),
    ("waveform ramp", "to", "Where it ends."),
    ("waveform ramp", "over", "How long it takes."),
    ("waveform pulses", "width", "How long a pulse lasts."),
    ("waveform pulses", "interval", "From the beginning of one pulse to that of the next; one pulse if not given."),
    ("waveform pulses", "count", "How many pulses there are; as many as fit if not given."),
    ("waveform pulses", "offset", "What there is between pulses, too; 0 if not given."),
    ("waveform ornstein_uhlenbeck", "tau", "After so long it is correlated with itself by 1/e."),
    ("waveform array", "file", "The samples in a file: CSV with a line of names, or .npy of one axis or two."),
    ("waveform", "expression", "An expression of the time `t` of the run, the same for all neurons."),
    ("waveform", "poisson_array", "As `poisson`, with rates that are samples, held for an interval each; none after the last."),
    ("waveform expression", "value", "Of `t` and of constants, in the unit of the input."),
    ("waveform poisson_array", "file", "The rates in a file: CSV with a line of names, or .npy of one axis or two."),
    ("probe", "start", "From when on samples are taken; from 0 if not given."),
    ("probe", "stop", "Up to when; to the end if not given."),
    ("probe", "offset", "Samples are taken at this time and multiples of `every` from it; 0 if not given."),
    ("the file", "block", "Keys that parts share: a part with `use` has them too."),
    ("the file", "gated", "Neuron models with gated channels."),
    ("the file", "electrical", "Electrical synapses both ways: two projections each."),
    ("the file", "preset", "Functional subnetworks of non-spiking neurons."),
    ("the file", "include", "The parts of other files."),
    ("spike_times", "once", "A spike of each neuron: a time, a list, a law, a column."),
    (
        "projection",
        "source_rows",
        "The neurons of the source that are joined, which the connector counts from 0; all if not given.",
    ),
    (
        "projection",
        "target_rows",
        "The neurons of the target that are joined, which the connector counts from 0; all if not given.",
    ),
    ("a distribution", "gamma", "Of mean shape · scale."),
    ("a distribution", "exponential", "With this mean."),
    ("a distribution", "poisson", "A whole number."),
    ("a distribution", "binomial", "How many of `n` trials succeed."),
    ("a distribution", "randint", "A whole number from the first up to, not including, the second."),
    ("a distribution", "von_mises", "An angle in radians."),
    ("a distribution", "linspace", "No draw: evenly from the first row's value to the last row's."),
    ("a distribution", "range", "No draw: from the first up to, not including, the second, by the third."),
    ("a distribution", "repeat", "No draw: one after the other, over and over."),
    ("a distribution", "each", "No draw: a block of rows for each."),
    ("gamma", "shape", "A pure number; 1 is an exponential law."),
    ("gamma", "scale", "What a draw of scale 1 is multiplied by."),
    ("exponential", "mean", "Its mean."),
    ("gamma", "min", "The least that may come out; none if not given."),
    ("gamma", "max", "The most that may come out; none if not given."),
    ("gamma", "outside", "What happens to a draw beyond `min` or `max`: it becomes the bound, or is drawn again."),
    ("exponential", "min", "The least that may come out; none if not given."),
    ("exponential", "max", "The most that may come out; none if not given."),
    ("exponential", "outside", "What happens to a draw beyond `min` or `max`: it becomes the bound, or is drawn again."),
    ("poisson", "mean", "A pure number."),
    ("poisson", "times", "What a count of 1 is; 1 if not given."),
    ("binomial", "n", "Trials."),
    ("binomial", "p", "The chance of each."),
    ("binomial", "times", "What a count of 1 is; 1 if not given."),
    ("von_mises", "mean", "The most likely angle."),
    ("von_mises", "kappa", "Its concentration; 0: every angle alike."),
    ("gated", "name", "Of the model."),
    ("gated", "channels", "g · (product of its gates) · (e - v) each."),
    ("gated", "gates", "What the conductance is multiplied by."),
    ("gated", "rectified", "It carries current into the cell alone."),
    ("gated", "pace", "How it follows its steady state: at once, with a time constant that depends on the potential, or with one."),
    ("gated", "power", "The power to which it is raised; 1 if not given."),
    ("electrical", "source", "One end."),
    ("electrical", "target", "The other end."),
    ("electrical", "connector", "Who is joined to whom; one that draws nothing."),
    ("electrical", "conductance", "Of each synapse."),
    ("electrical", "rectified", "Current flows from the source to the target alone."),
    ("preset", "kind", "Which."),
    ("preset", "as", "Names of its parts, with `*` for their own."),
    ("preset", "gains", "Of an addition, one per source."),
    ("preset", "gain", "What the output is of what comes in."),
    ("preset", "ratio", "What is left where the other input is largest."),
    ("preset", "excitatory", "Reversal potential above rest, mV."),
    ("preset", "inhibitory", "Reversal potential above rest, mV: a negative number."),
    ("preset", "inhibition", "Of the two inhibitory synapses, uS."),
    ("preset", "reversal", "Reversal potential above rest, mV."),
    ("preset", "start", "The number at the start, mV above rest."),
    ("preset", "slew", "The slope that makes the output largest, mV/ms."),
    ("preset", "fast", "Time constant, ms."),
    ("preset", "cells", "All its neurons."),
    ("preset", "source", "Rest and range of the source."),
    ("preset", "target", "Rest and leak of the target."),
    ("cells", "capacitance", "nF."),
    ("cells", "conductance", "Of the leak, uS."),
    ("cells", "rest", "mV."),
    ("cells", "range", "How far above rest the largest number lies, mV."),
    ("source", "capacitance", "nF."),
    ("source", "conductance", "Of the leak, uS."),
    ("source", "rest", "mV."),
    ("source", "range", "How far above rest the largest number lies, mV."),
    ("target", "capacitance", "nF."),
    ("target", "conductance", "Of the leak, uS."),
    ("target", "rest", "mV."),
    ("target", "range", "How far above rest the largest number lies, mV."),
    ("include", "file", "Below the folder of this file."),
    ("include", "as", "Names of its parts, with `*` for their own; their own if not given."),
    ("include", "set", "Values by address, before its parts are renamed."),
    ("source_rows", "range", "From the first up to, not including, the second."),
    ("source_rows", "list", "Their numbers, from 0."),
    ("source_rows", "where", "Those whose line in a table says so."),
    ("target_rows", "range", "From the first up to, not including, the second."),
    ("target_rows", "list", "Their numbers, from 0."),
    ("target_rows", "where", "Those whose line in a table says so."),
];
