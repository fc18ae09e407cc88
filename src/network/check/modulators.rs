//! Where the modulators of synapses come from: states of other neurons, inputs.

use super::Checker;
use super::words::{described, listed, there_are};
use crate::diagnostic::{Diagnostic, KeyPath};
use crate::model::Modulator;
use crate::network::Projection;
use crate::network::checked::{
    CheckedInput, CheckedProjection, CheckedStimulus, CheckedSynapse, ModulatorSource, PopulationId, RowSet,
};
use crate::network::modulator::{Named, named};
use crate::units::{Dimension, nearest};

impl Checker<'_> {
    /// Settles the modulators of all projections, of those whose parts are known.
    pub(super) fn modulators(
        &mut self,
        projections: &mut [Option<CheckedProjection>],
        inputs: &[Option<CheckedInput>],
        stimuli: &[Option<CheckedStimulus>],
    ) {
        let network = self.network;
        for (k, (given, checked)) in network.projections.iter().zip(projections).enumerate() {
            let Some(checked) = checked else { continue };
            self.enter(&format!("`{}`", checked.name), KeyPath::part("projection", k));
            let part = format!("`{}`", checked.name);
            let (model, modulators) = match &checked.synapse {
                CheckedSynapse::Static { .. } => (None, &[][..]),
                CheckedSynapse::Model { synapse, .. } => {
                    (Some(synapse.model.ast.name.text.as_str()), &synapse.model.modulators[..])
                }
            };
            let targets = self.size_of(checked.target);
            let sources = self.within("modulators", |c| {
                c.no_others(&part, given, model, modulators);
                let mut of = |m: &Modulator| c.modulator(&part, given, model.unwrap_or_default(), m, targets, inputs, stimuli);
                modulators.iter().map(&mut of).collect()
            });
            checked.modulators = sources;
        }
    }

    /// A source is named for modulators alone.
    fn no_others(&mut self, part: &str, given: &Projection, model: Option<&str>, modulators: &[Modulator]) {
        let names: Vec<&str> = modulators.iter().map(|m| m.name.as_str()).collect();
        for key in given.modulators.keys().filter(|key| !names.contains(&key.as_str())) {
            let message = match model {
                None => format!("{part}: `{key}`: modulators belong to a synapse model, with a port there is only `weight`"),
                Some(model) => format!("{part}: `{model}` has no modulator `{key}`; there {}", there_are(&names)),
            };
            let near = nearest(key, names.iter().copied());
            self.say(Diagnostic::new("E068", message).key_of(key).did_you_mean(near));
        }
    }

    #[allow(clippy::too_many_arguments, reason = "each is a different part of one modulator")]
    fn modulator(
        &mut self,
        part: &str,
        given: &Projection,
        model: &str,
        modulator: &Modulator,
        targets: Option<u32>,
        inputs: &[Option<CheckedInput>],
        stimuli: &[Option<CheckedStimulus>],
    ) -> Option<ModulatorSource> {
        let name = modulator.name.as_str();
        let Some(text) = given.modulators.get(name) else {
            if modulator.default.is_none() {
                let message = format!("{part}: the modulator `{name}` of `{model}` has no source");
                let help = format!("name a state of a population or an input: `modulators = {{ {name} = \"vta.d\" }}`");
                self.say(Diagnostic::new("E068", message).help(help));
            }
            return None;
        };
        let network = self.network;
        let models: Vec<_> = (0..network.populations.len()).map(|k| self.model_of(PopulationId(k as u32))).collect();
        let is_state = |k: usize, state: &str| models[k].as_ref().is_some_and(|m| m.states.iter().any(|s| s.name == state));
        match named(network, text, is_state) {
            Some(Named::Population(place, state)) => {
                let (id, model) = (PopulationId(place as u32), models[place].as_ref()?);
                let population = network.populations[place].name.as_str();
                let Some((column, found)) = (0u32..).zip(&model.states).find(|(_, s)| s.name == state) else {
                    let states: Vec<&str> = model.states.iter().map(|s| s.name.as_str()).collect();
                    let message = format!("{part}: `{name}`: `{population}` has no state `{state}`; there {}", there_are(&states));
                    let near = nearest(state, states.iter().copied());
                    self.say(Diagnostic::new("E068", message).value_of(name).did_you_mean(near));
                    return None;
                };
                self.counts(part, modulator, text, found.dimension)?;
                let each = self.each(part, modulator, text, "neurons", self.size_of(id)?, targets?)?;
                Some(ModulatorSource::State { population: id, state: column, each })
            }
            Some(Named::Input(place)) => {
                let input = inputs.get(place)?.as_ref()?;
                let stimulus = stimuli.get(input.stimulus as usize)?.as_ref()?;
                let dimension = self.dimension_of_input(stimulus)?;
                self.counts(part, modulator, text, dimension)?;
                let numbers = if input.per_neuron { stimulus.rows.len() as u32 } else { 1 };
                let each = self.each(part, modulator, text, "numbers", numbers, targets?)?;
                if each && matches!(stimulus.rows, RowSet::List(_)) {
                    let message = format!("{part}: the modulator `{name}`: `{text}` has numbers for neurons of a list");
                    let help =
                        "let the input be of all neurons, or of a range, so that its numbers are those of the targets in order";
                    self.say(Diagnostic::new("E068", message).value_of(name).help(help));
                    return None;
                }
                Some(ModulatorSource::Input { input: place as u32, each })
            }
            None => {
                let message = format!("{part}: `{name}`: nothing of the name `{text}`");
                let populations: Vec<&str> = network.populations.iter().map(|p| p.name.as_str()).collect();
                let titles: Vec<&str> = inputs.iter().flatten().map(|i| i.name.as_str()).collect();
                let word = text.rsplit_once('.').map_or(text.as_str(), |(population, _)| population);
                let near = nearest(word, populations.iter().chain(&titles).copied()).map(str::to_owned);
                let d = Diagnostic::new("E068", message).value_of(name);
                self.say(match near {
                    Some(near) => d.did_you_mean(Some(&near)),
                    None => d.help(format!(
                        "it is `POPULATION.STATE`, of the populations {}, or the name of an input",
                        listed(&populations)
                    )),
                });
                None
            }
        }
    }

    /// Does what a source counts in fit?
    fn counts(&mut self, part: &str, modulator: &Modulator, text: &str, found: Dimension) -> Option<()> {
        if modulator.dimension.fits(found) {
            return Some(());
        }
        let (name, expected) = (&modulator.name, described(modulator.dimension));
        let message = format!("{part}: the modulator `{name}` is a {expected}, and `{text}` a {}", described(found));
        self.say(Diagnostic::new("E068", message).value_of(name));
        None
    }

    /// Is there one for all targets, or one for each?
    fn each(&mut self, part: &str, modulator: &Modulator, text: &str, what: &str, found: u32, targets: u32) -> Option<bool> {
        if found == 1 || found == targets {
            return Some(found != 1);
        }
        let name = &modulator.name;
        let message = format!("{part}: the modulator `{name}`: `{text}` has {found} {what}, and there are {targets} targets");
        let d = Diagnostic::new("E068", message).value_of(name);
        self.say(d.help("one serves all synapses; as many as targets serve each target's own"));
        None
    }

    fn dimension_of_input(&self, stimulus: &CheckedStimulus) -> Option<Dimension> {
        use crate::network::checked::CheckedWaveform::External;
        let External { input, .. } = stimulus.waveform else { return None };
        Some(self.model_of(stimulus.target)?.inputs.get(input as usize)?.dimension)
    }
}
