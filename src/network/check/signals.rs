//! Inputs and outputs. An input becomes an external stimulus behind those of the description.

use super::values::read_finite;
use super::words::{listed, there_are};
use super::{Checker, stimuli::Entry};
use crate::diagnostic::{Diagnostic, KeyPath};
use crate::model::NeuronModel;
use crate::network::checked::{CheckedInput, CheckedOutput, CheckedStimulus, CheckedWaveform, Read, Windows};
use crate::network::{Input, Output, Stimulus, Value};
use crate::units::{Dimension, nearest};

impl Checker<'_> {
    pub(super) fn inputs(&mut self, stimuli: &mut Vec<Option<CheckedStimulus>>) -> Vec<Option<CheckedInput>> {
        let network = self.network;
        let names = network.inputs.iter().map(|i| (i.name.as_str(), format!("{}.{}", i.target, i.input)));
        let names = self.names(names, "input");
        let mut out = Vec::new();
        for (k, (given, name)) in network.inputs.iter().zip(names).enumerate() {
            self.enter(&format!("input {name}"), KeyPath::part("input", k));
            if !given.name.is_empty() && network.stimuli.iter().any(|s| s.name == given.name) {
                self.say(Diagnostic::new("E022", format!("input {name}: there is a stimulus of this name")).value_of("name"));
            }
            let made = self.one_input(given, &name);
            let (stimulus, input) = made.map_or((None, None), |(stimulus, mut input)| {
                input.stimulus = u32::try_from(stimuli.len()).unwrap_or(u32::MAX);
                (Some(stimulus), Some(input))
            });
            stimuli.push(stimulus);
            out.push(input);
        }
        out
    }

    fn one_input(&mut self, given: &Input, name: &str) -> Option<(CheckedStimulus, CheckedInput)> {
        let part = format!("input {name}");
        let target = self.place_of(&part, "target: ", &given.target)?;
        let rows = self.size_of(target).and_then(|size| self.rows(&part, given.rows.as_ref(), size));
        let model = self.model_of(target)?;
        let as_stimulus = Stimulus { target: given.target.clone(), input: given.input.clone(), ..Stimulus::default() };
        let Entry { place, dimension } = self.entry_input(&part, &as_stimulus, &model)?;
        let (scale, offset) = self.line(&part, Some(&given.scale), given.offset.as_ref(), dimension)?;
        let stimulus = CheckedStimulus {
            name: name.to_string(),
            target,
            rows: rows?,
            on: Windows::always(),
            clamps: false,
            waveform: CheckedWaveform::External { input: place, scale: 1.0 },
        };
        let input = CheckedInput { name: name.to_string(), stimulus: 0, per_neuron: given.per_neuron, scale, offset };
        Some((stimulus, input))
    }

    pub(super) fn outputs(&mut self) -> Vec<Option<CheckedOutput>> {
        let network = self.network;
        let names = network.outputs.iter().map(|o| (o.name.as_str(), format!("{}.{}", o.population, o.record)));
        let names = self.names(names, "output");
        let mut out = Vec::with_capacity(network.outputs.len());
        for (k, (given, name)) in network.outputs.iter().zip(names).enumerate() {
            self.enter(&format!("output {name}"), KeyPath::part("output", k));
            out.push(self.one_output(given, name));
        }
        out
    }

    fn one_output(&mut self, given: &Output, name: String) -> Option<CheckedOutput> {
        let part = format!("output {name}");
        let population = self.place_of(&part, "", &given.population)?;
        let rows = self.size_of(population).and_then(|size| self.rows(&part, given.rows.as_ref(), size));
        let model = self.model_of(population)?;
        let (read, dimension) = self.read_of(&part, given, &model)?;
        let (scale, offset) = self.line(&part, given.scale.as_ref(), given.offset.as_ref(), dimension)?;
        if scale == 0.0 {
            self.say(
                Diagnostic::new("E077", format!("{part}: `scale` is the quantity that is read as 1, it cannot be 0"))
                    .value_of("scale"),
            );
            return None;
        }
        Some(CheckedOutput { name, population, read, rows: rows?, scale, offset })
    }

    fn read_of(&mut self, part: &str, given: &Output, model: &NeuronModel) -> Option<(Read, Dimension)> {
        let word = given.record.as_str();
        if let Some((place, state)) = (0..).zip(&model.states).find(|(_, s)| s.name == word) {
            return Some((Read::State(place), state.dimension));
        }
        if word == "spikes" && model.threshold.is_some() {
            return Some((Read::Spikes, Dimension::NONE));
        }
        if word == "spikes" {
            let message = format!("{part}: the model of `{}` has no threshold, it never spikes", given.population);
            self.say(Diagnostic::new("E077", message).value_of("record"));
            return None;
        }
        let mut names: Vec<&str> = model.states.iter().map(|s| s.name.as_str()).collect();
        let states = listed(&names);
        names.extend(["spikes"].iter().filter(|_| model.threshold.is_some()));
        let message = format!("{part}: nothing of the name `{word}` to read; there {}", there_are(&names));
        let d = Diagnostic::new("E077", message).value_of("record");
        self.say(if model.lets.iter().any(|l| l.name == word) {
            d.help(format!("`{word}` is an expression; it follows from the states {states}"))
        } else {
            d.did_you_mean(nearest(word, names.iter().copied()))
        });
        None
    }

    /// Scale and offset, in internal units.
    fn line(&mut self, part: &str, scale: Option<&Value>, offset: Option<&Value>, dimension: Dimension) -> Option<(f64, f64)> {
        let scale = match scale {
            Some(value) => self.accept(read_finite(&self.names, part, "scale", value, dimension)),
            None => Some(1.0),
        };
        let offset = match offset {
            Some(value) => self.accept(read_finite(&self.names, part, "offset", value, dimension)),
            None => Some(0.0),
        };
        scale.zip(offset)
    }
}
