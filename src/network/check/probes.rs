//! Probes: what is recorded, of which neurons, how often.

use super::Checker;
use super::values::read_finite;
use super::words::{listed, there_are};
use crate::diagnostic::{Diagnostic, KeyPath};
use crate::model::NeuronModel;
use crate::network::checked::{CheckedProbe, Record};
use crate::network::{Kind, Probe, Rows};
use crate::units::{Dimension, nearest};

/// ms
const RATE_BIN: f64 = 1.0;

impl Checker<'_> {
    pub(super) fn probes(&mut self) -> Vec<Option<CheckedProbe>> {
        let network = self.network;
        let mut out = Vec::with_capacity(network.probes.len());
        for (k, given) in network.probes.iter().enumerate() {
            self.enter(&format!("probe {}.{}", given.of(), given.record), KeyPath::part("probe", k));
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
        self.not_reduced(&part, given)?;
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
        let reduce = self.reduced(part, given, &states[state])?;
        let every = every.unwrap_or(Some(1))?;
        let record = Record::Synapse { projection: place as u32, state: state as u32, every, reduce };
        Some(CheckedProbe { population: target, record, rows })
    }

    /// `every`: not given, or given and wrong, or steps.
    fn record(&mut self, part: &str, given: &Probe, model: &NeuronModel, every: Option<Option<u64>>) -> Option<Record> {
        let word = given.record.as_str();
        // a rate model may well have a state called `rate`
        if let Some(state) = (0..).zip(&model.states).find(|(_, s)| s.name == word).map(|(k, _)| k) {
            return Some(Record::State { state, every: every.unwrap_or(Some(1))? });
        }
        if word == "spikes" || word == "rate" {
            if model.threshold.is_none() {
                let message = format!("{part}: the model of `{}` has no threshold, it never spikes", given.population);
                self.say(Diagnostic::new("E075", message).value_of("record"));
                return None;
            }
            if word == "rate" {
                let bin = every.unwrap_or_else(|| Some(((RATE_BIN / self.dt).round() as u64).max(1)));
                return Some(Record::Rate { bin: bin? });
            }
            if every.is_some() {
                let d = Diagnostic::new("E076", format!("{part}: every spike is recorded, `every` has no meaning here"));
                self.say(d.key_of("every").help("for counts in bins record `rate`"));
                return None;
            }
            return Some(Record::Spikes);
        }
        let mut names: Vec<&str> = model.states.iter().map(|s| s.name.as_str()).collect();
        let states = listed(&names);
        names.extend(["spikes", "rate"].iter().filter(|_| model.threshold.is_some()));
        let message = format!("{part}: nothing of the name `{word}` to record; there {}", there_are(&names));
        let d = Diagnostic::new("E075", message).value_of("record");
        self.say(if model.lets.iter().any(|l| l.name == word) {
            d.help(format!("`{word}` is an expression; it follows from the states {states}"))
        } else if model.params.iter().any(|p| p.name == word) {
            d.help(format!("`{word}` is a parameter, it does not change"))
        } else {
            d.did_you_mean(nearest(word, names.iter().copied()))
        });
        None
    }
}
