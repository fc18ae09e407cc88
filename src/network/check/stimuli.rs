//! Stimuli: target, input or port, rows, time, waveform.

use super::Checker;
use super::except::{Receivers, exceptions};
use super::values::stimulus_stream;
use super::words::{described, holds, listed, quantity, there_are, unit_text};
use crate::diagnostic::{Diagnostic, KeyPath};
use crate::model::NeuronModel;
use crate::network::checked::{CheckedStimulus, CheckedWaveform, Column, Moves};
use crate::network::course::ladder;
use crate::network::{Stimulus, Value, Waveform};
use crate::random::POISSON_MEAN_MAX;
use crate::units::{Dimension, Unit, nearest};

/// Where a waveform goes: which place, what it takes.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    pub place: u32,
    pub dimension: Dimension,
}

impl Checker<'_> {
    pub(super) fn stimuli(&mut self) -> Vec<Option<CheckedStimulus>> {
        let network = self.network;
        if network.stimuli.len() > 1 << 19 {
            self.enter("network", KeyPath::default());
            self.say(Diagnostic::new("E036", format!("network: {} stimuli are too many", network.stimuli.len())));
            return Vec::new();
        }
        let names = network.stimuli.iter().map(|s| (s.name.as_str(), format!("{}.{}", s.target, s.input)));
        let names = self.names(names, "stimulus");
        let mut out = Vec::with_capacity(network.stimuli.len());
        for (k, (given, name)) in (0u32..).zip(network.stimuli.iter().zip(names)) {
            self.enter(&format!("stimulus {name}"), KeyPath::part("stimulus", k as usize));
            out.push(self.stimulus(k, given, name));
        }
        self.held_once(&out);
        out
    }

    fn stimulus(&mut self, number: u32, given: &Stimulus, name: String) -> Option<CheckedStimulus> {
        let part = format!("stimulus {name}");
        let times = self.on_times(&part, given);
        let target = self.place_of(&part, "target: ", &given.target)?;
        let rows = self.size_of(target).and_then(|size| self.rows(&part, given.rows.as_ref(), size));
        let model = self.model_of(target)?;
        let entry = match given.waveform {
            _ if given.clamp => self.entry_state(&part, given, &model),
            Waveform::Poisson { .. } | Waveform::PoissonArray { .. } => self.entry_port(&part, given, &model),
            _ => self.entry_input(&part, given, &model),
        };
        let (rows, entry) = (rows?, entry?);
        let count = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        let to = Receivers { stimulus: number, count, rows: &rows };
        let waveform = self.within("waveform", |c| c.waveform(&part, &given.target, &given.waveform, entry, to));
        Some(CheckedStimulus { name, target, rows, on: times?, clamps: given.clamp, waveform: waveform? })
    }

    pub(super) fn entry_port(&mut self, part: &str, given: &Stimulus, model: &NeuronModel) -> Option<Entry> {
        let name = given.input.as_str();
        if model.inputs.iter().any(|input| input.name == name) {
            let ports: Vec<&str> = model.ports.iter().map(|p| p.name.as_str()).collect();
            let message = format!("{part}: `{name}` is a continuous input, the events of `poisson` arrive at a port");
            let d = Diagnostic::new("E070", message).value_of("input");
            self.say(if ports.is_empty() {
                d.help("this model has no port; use `noise`")
            } else {
                d.help(format!("use one of {}", listed(&ports)))
            });
            return None;
        }
        let place = self.port(part, name, &given.target, model)?;
        Some(Entry { place, dimension: model.ports.get(place as usize)?.dimension })
    }

    pub(super) fn entry_input(&mut self, part: &str, given: &Stimulus, model: &NeuronModel) -> Option<Entry> {
        let name = given.input.as_str();
        if let Some((place, input)) = (0..).zip(&model.inputs).find(|(_, input)| input.name == name) {
            return Some(Entry { place, dimension: input.dimension });
        }
        let names: Vec<&str> = model.inputs.iter().map(|p| p.name.as_str()).collect();
        let kind = kind(&given.waveform);
        if model.ports.iter().any(|port| port.name == name) {
            let message = format!("{part}: `{name}` is a port, where spikes arrive; `{kind}` drives a continuous input");
            let d = Diagnostic::new("E070", message).value_of("input");
            let help = match names.is_empty() {
                true => "use `poisson`, or a model with `input NAME : UNIT`".into(),
                false => format!("use one of {}, or `poisson`", listed(&names)),
            };
            self.say(d.help(help));
            return None;
        }
        let message = format!("{part}: `{}` has no input `{name}`; there {}", given.target, there_are(&names));
        self.say(Diagnostic::new("E070", message).value_of("input").did_you_mean(nearest(name, names.iter().copied())));
        None
    }

    pub(super) fn waveform(
        &mut self,
        part: &str,
        target: &str,
        given: &Waveform,
        entry: Entry,
        to: Receivers<'_>,
    ) -> Option<CheckedWaveform> {
        let Entry { place: input, dimension } = entry;
        match given {
            Waveform::Constant { amplitude } => {
                let amplitude = self.receiver_column(part, "amplitude", amplitude, dimension, to, 0)?;
                Some(CheckedWaveform::Constant { input, amplitude })
            }
            Waveform::Steps { times, amplitudes } => self.step_waveform(part, times, amplitudes, entry),
            Waveform::Expression { value } => self.expression(part, value, entry, to),
            Waveform::Sine { .. } | Waveform::Ramp { .. } | Waveform::Pulses { .. } => self.course(part, given, entry, to),
            Waveform::Noise { mean, sd, interval } => {
                let mean = self.receiver_column(part, "mean", mean, dimension, to, 0);
                let sd = self.receiver_column(part, "sd", sd, dimension, to, 1);
                let interval = match interval {
                    Some(value) => self.interval(part, value),
                    None => Some(1),
                };
                let sd = sd?;
                self.not_negative(part, "sd", dimension, &sd)?;
                Some(CheckedWaveform::Noise { input, mean: mean?, sd, interval: interval? })
            }
            Waveform::Poisson { rate, weight, sources } => {
                let factor = *sources as f64 * self.dt;
                let (mean, moves) = match self.formula(part, "rate", rate, Dimension::RATE) {
                    Some(None) => (self.steady_mean(part, rate, factor, to), None),
                    Some(Some(rate)) => {
                        let mean = self.moving_mean(part, &rate, factor);
                        let ladder = ladder(mean.as_ref().map_or(0.0, |mean| mean.get(0)));
                        (mean, Some(Moves::Formula { rate, factor, ladder }))
                    }
                    None => (None, None),
                };
                let weight = self.receiver_column(part, "weight", weight, dimension, to, 1);
                let (mean, weight) = (mean?, weight?);
                self.remark_events(part, dimension, &weight);
                Some(CheckedWaveform::Poisson { port: input, mean, weight, moves })
            }
            Waveform::PoissonArray { values, file, interval, unit, weight, sources } => {
                let interval = self.array_interval(part, interval);
                let unit = self.entry_unit(part, unit.as_deref().or(Some("Hz")), Dimension::RATE)?;
                let samples = self.samples(part, values, file.as_deref(), unit, to);
                let weight = self.receiver_column(part, "weight", weight, dimension, to, 1);
                let (mean, samples) = self.sampled_means(part, samples?, *sources as f64 * self.dt, to)?;
                let weight = weight?;
                self.remark_events(part, dimension, &weight);
                let moves = Some(Moves::Samples { samples, interval: interval? });
                Some(CheckedWaveform::Poisson { port: input, mean, weight, moves })
            }
            Waveform::OrnsteinUhlenbeck { mean, sd, tau } => {
                let mean = self.receiver_column(part, "mean", mean, dimension, to, 0);
                let sd = self.receiver_column(part, "sd", sd, dimension, to, 1);
                let tau = self.scalar(part, "tau", tau, Dimension::TIME);
                let sd = sd?;
                self.not_negative(part, "sd", dimension, &sd)?;
                let tau = tau?;
                if tau <= 0.0 {
                    let message = format!("{part}: `tau` is a time longer than 0 ms, got {tau} ms");
                    let help = "noise without a memory is `noise`";
                    self.say(Diagnostic::new("E071", message).value_of("tau").help(help));
                    return None;
                }
                Some(CheckedWaveform::OrnsteinUhlenbeck { input, mean: mean?, sd, tau })
            }
            Waveform::Array { values, file, interval, unit } => {
                let interval = self.array_interval(part, interval);
                let unit = self.entry_unit(part, unit.as_deref(), dimension)?;
                let samples = self.samples(part, values, file.as_deref(), unit, to)?;
                Some(CheckedWaveform::Array { input, samples, interval: interval? })
            }
            Waveform::Frames(frames) => {
                let shape = self.place_of(part, "target: ", target).and_then(|id| self.known(id)).map(|known| known.shape.clone());
                self.frames_of_stimulus(part, frames, entry, &shape.unwrap_or_default(), to)
            }
            Waveform::External { unit } => {
                let scale = match unit {
                    Some(_) => self.entry_unit(part, unit.as_deref(), dimension)?.scale,
                    None => 1.0,
                };
                Some(CheckedWaveform::External { input, scale })
            }
        }
    }

    /// A column over the rows of the stimulus, finite.
    pub(super) fn receiver_column(
        &mut self,
        part: &str,
        what: &str,
        value: &Value,
        dimension: Dimension,
        to: Receivers<'_>,
        place: u32,
    ) -> Option<Column> {
        let stream = stimulus_stream(to.stimulus, place);
        let column = match exceptions(value) {
            Some(given) => self.receivers_excepted(part, what, given, dimension, to, stream)?,
            None => self.column(part, what, value, dimension, to.count, stream)?,
        };
        self.finite(part, what, column)
    }

    pub(super) fn finite(&mut self, part: &str, what: &str, column: Column) -> Option<Column> {
        if column_values(&column).iter().all(|x| holds(*x)) {
            return Some(column);
        }
        self.say(Diagnostic::new("E032", format!("{part}: `{what}` must be finite")).value_of(what));
        None
    }

    pub(super) fn not_negative(&mut self, part: &str, what: &str, dimension: Dimension, column: &Column) -> Option<()> {
        let Some(x) = column_values(column).iter().find(|x| **x < 0.0) else { return Some(()) };
        self.say(
            Diagnostic::new("E071", format!("{part}: `{what}` must not be negative, got {}", quantity(*x, dimension)))
                .value_of(what),
        );
        None
    }

    /// Events a step that can be counted.
    pub(super) fn countable(&mut self, part: &str, mean: &Column) -> Option<()> {
        let Some(x) = column_values(mean).iter().find(|x| **x > POISSON_MEAN_MAX) else { return Some(()) };
        let message = format!(
            "{part}: `rate`: {} events a step on average (rate · sources · dt); at most 2^30 = {POISSON_MEAN_MAX} can be counted",
            super::short(*x)
        );
        let help = "put more into `weight` and less into `rate`, or use `noise`";
        self.say(Diagnostic::new("E071", message).value_of("rate").help(help));
        None
    }

    fn entry_unit(&mut self, part: &str, unit: Option<&str>, dimension: Dimension) -> Option<Unit> {
        let unit = self.unit(part, "unit", unit)?;
        if unit.dimension == dimension {
            return Some(unit);
        }
        let message = format!(
            "{part}: the input takes a {}, the numbers are {}",
            described(dimension),
            unit.dimension.told().replace("a pure number", "without a unit")
        );
        self.say(
            Diagnostic::new("E030", message)
                .value_of("unit")
                .help(format!("write its unit: `unit = \"{}\"`", unit_text(dimension))),
        );
        None
    }

    fn step_waveform(&mut self, part: &str, times: &[Value], amplitudes: &[Value], entry: Entry) -> Option<CheckedWaveform> {
        if times.len() != amplitudes.len() {
            let message = format!("{part}: {} times and {} amplitudes", times.len(), amplitudes.len());
            self.say(Diagnostic::new("E071", message).value_of("amplitudes").help("amplitudes[k] holds from times[k] on"));
            return None;
        }
        let mut steps = Vec::with_capacity(times.len());
        let mut out = Vec::with_capacity(times.len());
        for (k, (time, amplitude)) in times.iter().zip(amplitudes).enumerate() {
            let ms = self.scalar(part, &format!("times[{k}]"), time, Dimension::TIME);
            let amplitude = self.scalar(part, &format!("amplitudes[{k}]"), amplitude, entry.dimension);
            let step = self.steps(part, &format!("times[{k}]"), ms?, "E071")?;
            if steps.last().is_some_and(|last| *last >= step) {
                let message = format!("{part}: times must ascend by at least a step, times[{k}] is {time}");
                self.say(Diagnostic::new("E071", message).value_of(&format!("times[{k}]")));
                return None;
            }
            steps.push(step);
            out.push(amplitude?);
        }
        Some(CheckedWaveform::Steps { input: entry.place, steps, amplitudes: out })
    }
}

pub(super) fn column_values(column: &Column) -> &[f64] {
    match column {
        Column::Shared(x) => std::slice::from_ref(x),
        Column::PerRow(list) => list,
    }
}

fn kind(waveform: &Waveform) -> &'static str {
    match waveform {
        Waveform::Constant { .. } => "constant",
        Waveform::Steps { .. } => "steps",
        Waveform::Sine { .. } => "sine",
        Waveform::Ramp { .. } => "ramp",
        Waveform::Pulses { .. } => "pulses",
        Waveform::Noise { .. } => "noise",
        Waveform::OrnsteinUhlenbeck { .. } => "ornstein_uhlenbeck",
        Waveform::Poisson { .. } => "poisson",
        Waveform::PoissonArray { .. } => "poisson_array",
        Waveform::Expression { .. } => "expression",
        Waveform::Array { .. } => "array",
        Waveform::Frames(_) => "frames",
        Waveform::External { .. } => "external",
    }
}
