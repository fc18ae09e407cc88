//! Factors of a variant: on what arrives at ports, on the level of stimuli.
//!
//! In: a variant. Out: factors that are not 1, by place. Not here: values of its own (`variants`, `varied`).

use std::collections::BTreeMap;

use super::Checker;
use super::words::{holds, there_are};
use crate::diagnostic::Diagnostic;
use crate::network::Variant;
use crate::network::checked::{CheckedNetwork, CheckedWaveform, EdgeValue, PopulationId};
use crate::units::nearest;

impl Checker<'_> {
    /// Factors that are not 1, of every port that has one.
    pub(super) fn port_factors(&mut self, part: &str, network: &CheckedNetwork, given: &Variant) -> Vec<(PopulationId, u32, f64)> {
        let mut factors: BTreeMap<(PopulationId, u32), f64> = BTreeMap::new();
        for (population, port, factor) in &given.weights {
            let factor = self.factor(part, &format!("{population}.{port}"), *factor);
            let Some(id) = self.place_of(part, "weights: ", population) else { continue };
            let here = format!("{part}: weights");
            let place = self.port(&here, port, population, &network.populations[id.0 as usize].model);
            if let (Some(place), Some(factor)) = (place, factor) {
                let dimension = network.populations[id.0 as usize].model.ports[place as usize].dimension;
                self.remark_weight(part, port, dimension, &EdgeValue::Shared(factor));
                factors.insert((id, place), factor);
            }
        }
        if let Some(all) = given.weight_scale
            && let Some(all) = self.factor(part, "weight_scale", all)
        {
            for (id, population) in (0..).map(PopulationId).zip(&network.populations) {
                (0..population.model.ports.len() as u32).for_each(|port| *factors.entry((id, port)).or_insert(1.0) *= all);
            }
        }
        factors.into_iter().filter(|(_, factor)| *factor != 1.0).map(|((id, port), factor)| (id, port, factor)).collect()
    }

    pub(super) fn stimulus_factors(&mut self, part: &str, network: &CheckedNetwork, given: &Variant) -> Vec<(u32, f64)> {
        let mut factors = BTreeMap::new();
        for (name, factor) in &given.stimuli {
            let factor = self.factor(part, name, *factor);
            let Some(place) = network.stimuli.iter().position(|s| s.name == *name) else {
                let names: Vec<&str> = network.stimuli.iter().map(|s| s.name.as_str()).collect();
                let message = format!("{part}: no stimulus `{name}`; there {}", there_are(&names));
                self.say(Diagnostic::new("E055", message).did_you_mean(nearest(name, names.iter().copied())));
                continue;
            };
            if matches!(network.stimuli[place].waveform, CheckedWaveform::Poisson { .. }) {
                let message = format!("{part}: stimulus {name}: Poisson events have no level");
                self.say(Diagnostic::new("E056", message).help("set their `rate` or `weight`"));
            } else if let Some(factor) = factor {
                factors.insert(place as u32, factor);
            }
        }
        factors.into_iter().filter(|(_, factor)| *factor != 1.0).collect()
    }

    fn factor(&mut self, part: &str, what: &str, factor: f64) -> Option<f64> {
        if holds(factor) {
            return Some(factor);
        }
        self.say(Diagnostic::new("E057", format!("{part}: the factor of `{what}` must be finite, got {factor}")));
        None
    }
}
