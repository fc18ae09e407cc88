//! Stimuli that hold a state: which state, what level it may have, and that nothing else holds it at the same time.

use super::Checker;
use super::stimuli::Entry;
use super::words::{listed, there_are};
use crate::diagnostic::{Diagnostic, KeyPath};
use crate::model::NeuronModel;
use crate::network::checked::CheckedStimulus;
use crate::network::{Stimulus, Waveform};
use crate::units::nearest;

impl Checker<'_> {
    pub(super) fn entry_state(&mut self, part: &str, given: &Stimulus, model: &NeuronModel) -> Option<Entry> {
        let name = given.input.as_str();
        if let Some((place, state)) = (0..).zip(&model.states).find(|(_, state)| state.name == name) {
            if let Waveform::Poisson { .. } | Waveform::OrnsteinUhlenbeck { .. } = given.waveform {
                let message = format!("{part}: a state is held at a level, and events or noise with a memory have none");
                let help = "use `constant`, `steps`, `ramp`, `pulses`, `sine`, `noise` or `array`; or leave `clamp` out";
                self.say(Diagnostic::new("E070", message).value_of("waveform").help(help));
                return None;
            }
            return Some(Entry { place, dimension: state.dimension });
        }
        let names: Vec<&str> = model.states.iter().map(|state| state.name.as_str()).collect();
        let others = model.inputs.iter().map(|input| &input.name).chain(model.ports.iter().map(|port| &port.name));
        let driven = others.clone().any(|other| other == name);
        let message = format!("{part}: `{}` has no state `{name}` to hold; there {}", given.target, there_are(&names));
        let d = Diagnostic::new("E070", message).value_of("input");
        self.say(match driven {
            true => d.help(format!("to drive `{name}` leave `clamp` out; to hold a state name one of {}", listed(&names))),
            false => d.did_you_mean(nearest(name, names.iter().copied())),
        });
        None
    }

    /// Refuses two stimuli that hold a state of one neuron at the same time.
    pub(super) fn held_once(&mut self, all: &[Option<CheckedStimulus>]) {
        let clamps: Vec<(usize, &CheckedStimulus)> =
            all.iter().enumerate().filter_map(|(k, s)| Some((k, s.as_ref().filter(|s| s.clamps)?))).collect();
        for (n, (k, one)) in clamps.iter().enumerate() {
            let of = |s: &CheckedStimulus| (s.target, s.waveform.input());
            for (_, other) in clamps[..n].iter().filter(|(_, other)| of(other) == of(one)) {
                let both = |a: &(u64, u64), b: &(u64, u64)| a.0.max(b.0) < a.1.min(b.1);
                let overlap = one.on.all().iter().find(|a| other.on.all().iter().any(|b| both(a, b)));
                let neuron = one.rows.iter().find(|row| other.rows.place(u64::from(*row)).is_some());
                if let (Some(_), Some(neuron)) = (overlap, neuron) {
                    let given = &self.network.stimuli[*k];
                    self.enter(&format!("stimulus {}", one.name), KeyPath::part("stimulus", *k));
                    let message = format!(
                        "stimulus {}: `{}` of {}[{neuron}] is held by `{}` at the same time",
                        one.name, given.input, given.target, other.name
                    );
                    self.say(
                        Diagnostic::new("E070", message).value_of("input").help("let one of them stop before the other starts"),
                    );
                    break;
                }
            }
        }
    }
}
