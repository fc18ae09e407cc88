//! Probes: what is recorded, of which neurons, how often.

use std::collections::HashSet;

use super::Checker;
use super::values::{read, read_finite};
use super::words::there_are;
use crate::diagnostic::{Diagnostic, KeyPath};
use crate::model::{NeuronModel, State};
use crate::network::checked::{CheckedProbe, Record, Sampling, Watched};
use crate::network::{Kind, Probe, Rows, Value};
use crate::units::{Dimension, nearest};

/// ms
const RATE_BIN: f64 = 1.0;

impl Checker<'_> {
    pub(super) fn probes(&mut self) -> Vec<Option<CheckedProbe>> {
        let network = self.network;
        let mut out = Vec::with_capacity(network.probes.len());
        let mut seen = HashSet::new();
        for (k, given) in network.probes.iter().enumerate() {
            self.enter(&format!("probe {}.{}", given.of(), given.record), KeyPath::part("probe", k));
            // two probes that say the same keep the same twice
            if !seen.insert(serde_json::to_string(given).unwrap_or_else(|_no_text| k.to_string())) {
                let part = format!("probe {}.{}", given.of(), given.record);
                let why = "the same is recorded by a probe before it, and kept twice; what a `repeat` does not change stands in a section \
                           without it";
                self.remarks.at("population", "twin probes", &part, why);
            }
            out.push(self.probe(given));
        }
        out
    }

    fn probe(&mut self, given: &Probe) -> Option<CheckedProbe> {
        let part = format!("probe {}.{}", given.of(), given.record);
        let every = given.every.as_ref().map(|value| {
            let ms = self.accept(read_finite(&self.names, &part, "every", value, Dimension::TIME))?;
            if ms / self.dt < 1.0 - 1e-6 {
                let message = format!("{part}: every {ms} ms is shorter than one step of {} ms", self.dt);
                self.say(Diagnostic::new("E076", message).value_of("every"));
                return None;
            }
            self.steps(&part, "every", ms, "E076")
        });
        if !given.projection.is_empty() {
            return self.synapses(&part, given, every);
        }
        if given.population.is_empty() {
            let d = Diagnostic::new("E042", format!("{part}: it names neither a population nor a projection to look at"));
            self.say(d.help("write `population = \"exc\"`, or `projection = \"exc -> inh\"` for states of synapses"));
            return None;
        }
        let population = self.place_of(&part, "", &given.population)?;
        self.only_of_synapses(&part, given)?;
        let rows = self.size_of(population).and_then(|size| self.rows(&part, given.rows.as_ref(), size));
        let model = self.model_of(population)?;
        let record = self.record(&part, given, &model, every);
        Some(CheckedProbe { population, record: record?, rows: rows? })
    }

    /// A state of synapses. `every`: not given, or given and wrong, or steps.
    fn synapses(&mut self, part: &str, given: &Probe, every: Option<Option<u64>>) -> Option<CheckedProbe> {
        let network = self.network;
        if !given.population.is_empty() {
            let d = Diagnostic::new("E075", format!("{part}: it names a population and a projection, and looks at one of them"));
            self.say(d.key_of("population").help("leave one of the two out, and write a second probe for it"));
            return None;
        }
        let names = Kind::Projection.names(network);
        let Some(place) = names.iter().position(|name| *name == given.projection) else {
            let known: Vec<&str> = names.iter().map(String::as_str).collect();
            let message = format!("{part}: no projection `{}`; there {}", given.projection, there_are(&known));
            let near = nearest(&given.projection, known.iter().copied());
            self.say(Diagnostic::new("E075", message).did_you_mean(near).value_of("projection"));
            return None;
        };
        let projection = &network.projections[place];
        let target = self.places.get(projection.target.as_str()).copied()?;
        // what is wrong with a model has been said
        let states = match &projection.synapse {
            Some(name) => self.models.synapses.get(name)?.states.clone(),
            None => Vec::new(),
        };
        let Some(state) = states.iter().position(|s| s.name == given.record) else {
            let known: Vec<&str> = states.iter().map(|s| s.name.as_str()).collect();
            let there = if known.is_empty() { "they have none".into() } else { format!("there {}", there_are(&known)) };
            let message = format!("{part}: synapses of `{}` have no state `{}`; {there}", given.projection, given.record);
            self.say(Diagnostic::new("E075", message).did_you_mean(nearest(&given.record, known.into_iter())).value_of("record"));
            return None;
        };
        if matches!(given.rows, Some(Rows::Where { .. })) {
            let d = Diagnostic::new("E072", format!("{part}: synapses are chosen by number, and a table has neurons"));
            self.say(d.value_of("rows").help("write `rows = { range = [0, 10] }`, or `rows = { list = [0, 5, 17] }`"));
            return None;
        }
        // how many there are is known when they are drawn
        let rows = self.rows(part, given.rows.as_ref(), u32::MAX)?;
        if given.at.is_some() {
            self.only_at_spikes(part, given, projection.synapse.as_deref())?;
            let record = Record::AtSpikes { projection: place as u32, state: state as u32 };
            return Some(CheckedProbe { population: target, record, rows });
        }
        let State { name, dimension, range, .. } = &states[state];
        let reduce = self.reduced(part, given, name, *dimension, *range)?;
        let times = self.sampling(part, given, every)?;
        let record = Record::Synapse { projection: place as u32, state: state as u32, times, reduce };
        Some(CheckedProbe { population: target, record, rows })
    }

    /// `every`: not given, or given and wrong, or steps.
    fn record(&mut self, part: &str, given: &Probe, model: &NeuronModel, every: Option<Option<u64>>) -> Option<Record> {
        let word = given.record.as_str();
        // a rate model may well have a state called `rate`
        if let Some((state, of)) = (0..).zip(&model.states).find(|(_, s)| s.name == word) {
            let reduce = self.reduced_neurons(part, given, word, of.dimension);
            let times = self.sampling(part, given, every);
            return Some(Record::State { state, times: times?, reduce: reduce? });
        }
        let lets = (0..).zip(&model.lets).map(|(k, l)| (&l.name, l.dimension, Watched::Let(k)));
        let inputs = (0..).zip(&model.inputs).map(|(k, i)| (&i.name, i.dimension, Watched::Input(k)));
        if let Some((_, dimension, watched)) = lets.chain(inputs).find(|(name, ..)| *name == word) {
            let reduce = self.reduced_neurons(part, given, word, dimension);
            let times = self.sampling(part, given, every);
            return Some(Record::Watched { watched, times: times?, reduce: reduce? });
        }
        if word == "spikes" || word == "rate" {
            return self.of_spikes(part, given, model, every);
        }
        let mut names: Vec<&str> = model.states.iter().map(|s| s.name.as_str()).collect();
        names.extend(model.lets.iter().map(|l| l.name.as_str()).chain(model.inputs.iter().map(|i| i.name.as_str())));
        names.extend(["spikes", "rate"].iter().filter(|_| model.threshold.is_some()));
        let message = format!("{part}: nothing of the name `{word}` to record; there {}", there_are(&names));
        let d = Diagnostic::new("E075", message).value_of("record");
        self.say(if model.params.iter().any(|p| p.name == word) {
            d.help(format!("`{word}` is a parameter, it does not change"))
        } else {
            d.did_you_mean(nearest(word, names.iter().copied()))
        });
        None
    }

    /// Spikes, or their counts.
    fn of_spikes(&mut self, part: &str, given: &Probe, model: &NeuronModel, every: Option<Option<u64>>) -> Option<Record> {
        if model.threshold.is_none() {
            let message = format!("{part}: the model of `{}` has no threshold, it never spikes", given.population);
            self.say(Diagnostic::new("E075", message).value_of("record"));
            return None;
        }
        self.not_reduced(part, given)?;
        let counts = given.record == "rate";
        let meaningless = match given {
            Probe { offset: Some(_), .. } => "offset",
            Probe { start: Some(_), .. } if counts => "start",
            Probe { stop: Some(_), .. } if counts => "stop",
            _ => "",
        };
        if !meaningless.is_empty() {
            let what = if counts { "bins begin with the run" } else { "every spike is recorded" };
            let help = if counts { "record `spikes` with `start` and `stop`" } else { "write `start` and `stop`" };
            let message = format!("{part}: {what}, `{meaningless}` has no meaning here");
            self.say(Diagnostic::new("E076", message).key_of(meaningless).help(help));
            return None;
        }
        if counts {
            let bin = every.unwrap_or_else(|| Some(((RATE_BIN / self.dt).round() as u64).max(1)));
            return Some(Record::Rate { bin: bin? });
        }
        if every.is_some() {
            let d = Diagnostic::new("E076", format!("{part}: every spike is recorded, `every` has no meaning here"));
            self.say(d.key_of("every").help("for counts in bins record `rate`"));
            return None;
        }
        let (first, end) = self.looks(part, given)?;
        Some(Record::Spikes { first, end })
    }

    /// From which step on, and up to which.
    fn looks(&mut self, part: &str, given: &Probe) -> Option<(u64, u64)> {
        let mut time = |what: &str, value: &Option<Value>, otherwise: u64| match value {
            Some(value) => match self.accept(read(&self.names, part, what, value, Dimension::TIME))? {
                t if t == f64::INFINITY && what == "stop" => Some(u64::MAX),
                t if t == f64::INFINITY => {
                    self.say(Diagnostic::new("E032", format!("{part}: `{what}` must be finite, got {value}")).value_of(what));
                    None
                }
                t => self.steps(part, what, t, "E073"),
            },
            None => Some(otherwise),
        };
        let (first, end) = (time("start", &given.start, 0), time("stop", &given.stop, u64::MAX));
        let (first, end) = (first?, end?);
        if end <= first.max(1) {
            let of = |steps: u64| super::short(steps as f64 * self.dt);
            let message = match first {
                0 => format!("{part}: it stops at {} ms, before anything is recorded", of(end)),
                _ => format!("{part}: it stops at {} ms, but starts at {} ms", of(end), of(first)),
            };
            self.say(Diagnostic::new("E073", message).value_of("stop"));
            return None;
        }
        Some((first, end))
    }

    /// When samples are taken. `every`: not given, or given and wrong, or steps.
    fn sampling(&mut self, part: &str, given: &Probe, every: Option<Option<u64>>) -> Option<Sampling> {
        let looks = self.looks(part, given);
        let offset = match &given.offset {
            Some(value) => {
                let ms = self.accept(read_finite(&self.names, part, "offset", value, Dimension::TIME));
                ms.and_then(|ms| self.steps(part, "offset", ms, "E076"))
            }
            None => Some(0),
        };
        let every = every.unwrap_or(Some(1))?.max(1);
        let ((from, end), offset) = (looks?, offset?);
        // the first of offset + k·every that is no earlier, and after the first step
        let from = from.max(1);
        let first = offset + from.saturating_sub(offset).div_ceil(every) * every;
        if first >= end {
            let of = |steps: u64| super::short(steps as f64 * self.dt);
            let message = format!("{part}: the first sample is due at {} ms, and it stops at {} ms", of(first), of(end));
            self.say(Diagnostic::new("E076", message).value_of("stop"));
            return None;
        }
        Some(Sampling { every, first, end })
    }
}
