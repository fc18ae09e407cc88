//! Weights, delays and stimuli of a variant: what all synapses of a projection share, the rate or the level of a stimulus.
//!
//! In: what a variant gives them. Out: numbers that an instance has of its own, checked as if the network gave them. What is not
//! one number in the network cannot be one in an instance: edges and layouts are those of all. Not here: values of neurons and of
//! synapse models (`variants`).

use super::Checker;
use super::except::Receivers;
use super::values::Edges;
use crate::diagnostic::Diagnostic;
use crate::network::checked::{
    CheckedNetwork, CheckedStimulus, CheckedSynapse, CheckedWaveform, Column, EdgeValue, OwnEdges, OwnStimulus, PopulationId,
};
use crate::network::set::change_stimulus;
use crate::network::{Address, Stimulus, Value, Waveform};

const APART: &str = "compile a network for each value";

impl Checker<'_> {
    /// The weight and the delay that all synapses of a projection have; `values`: of two for one the last holds.
    pub(super) fn own_edges(
        &mut self,
        part: &str,
        network: &CheckedNetwork,
        projection: usize,
        values: &[(String, &Value)],
    ) -> Option<OwnEdges> {
        let (described, checked) = (&self.network.projections[projection], &network.projections[projection]);
        let part = format!("{part}: `{}`", checked.name);
        let CheckedSynapse::Static { port, weight } = &checked.synapse else {
            let message = format!("{part}: the delay of synapses with a model is the same in all instances of an ensemble");
            self.say(Diagnostic::new("E056", message).help(APART));
            return None;
        };
        let post = &network.populations[checked.target.0 as usize].model;
        let dimension = post.ports.get(*port as usize)?.dimension;
        let nothing = Edges::default();
        let mut out = OwnEdges::default();
        for (field, value) in values {
            let in_network = if field == "delay" { &checked.delay } else { weight };
            if !matches!(in_network, EdgeValue::Shared(_)) {
                let message = format!("{part}: `{field}` cannot differ between instances: each synapse has its own");
                self.say(Diagnostic::new("E056", message).help(APART));
                return None;
            }
            let own = match field.as_str() {
                "delay" => self.delay_of(&part, value, &nothing, false)?,
                _ => {
                    let own = self.edge(&part, "weight", value, dimension, &nothing, false)?;
                    self.share(&part, described, "weight", own)?
                }
            };
            let EdgeValue::Shared(number) = own else {
                let message = format!("{part}: `{field}` of an instance is one value for all synapses, as in the network");
                self.say(Diagnostic::new("E056", message).help(APART));
                return None;
            };
            if field == "delay" {
                out.delay = Some(number as u32);
                continue;
            }
            let name = post.ports[*port as usize].name.clone();
            self.remark_weight(&part, &name, dimension, &own);
            self.remark_inhibition(&part, &name, post, dimension, &own);
            out.weight = Some(number);
        }
        Some(out)
    }

    /// A stimulus with what a variant gives it.
    pub(super) fn own_stimulus(
        &mut self,
        part: &str,
        network: &CheckedNetwork,
        number: usize,
        values: &[(Address, &Value)],
    ) -> Option<OwnStimulus> {
        let base = &network.stimuli[number];
        let mut given = self.network.stimuli[number].clone();
        let part = format!("{part}: stimulus {}", base.name);
        for (address, value) in values {
            // a number may be written as a text
            let value = match value {
                Value::Text(text) => text.trim().parse().map_or_else(|_no_number| (*value).clone(), Value::Number),
                value => (*value).clone(),
            };
            if let Err(d) = change_stimulus(&mut given, address, value) {
                self.say(Diagnostic { message: format!("{part}: {}", d.message), ..d });
                return None;
            }
        }
        let shared = |column: &Column| match column {
            Column::Shared(x) => Some(*x),
            Column::PerRow(_) => None,
        };
        let one = |waveform: &CheckedWaveform| match waveform {
            CheckedWaveform::Poisson { mean, weight, moves: None, .. } => {
                Some(OwnStimulus::Poisson { mean: shared(mean)?, weight: shared(weight)? })
            }
            CheckedWaveform::Constant { amplitude, .. } => shared(amplitude).map(OwnStimulus::Level),
            _ => None,
        };
        if one(&base.waveform).is_none() {
            let message =
                format!("{part}: cannot differ between instances: only a rate, a weight or a level can that is one value");
            self.say(Diagnostic::new("E056", message).help(APART));
            return None;
        }
        let waveform = self.own_waveform(&part, network, number, &given, base)?;
        let own = one(&waveform);
        if own.is_none() {
            let message = format!("{part}: what an instance has of its own is one value for all neurons that does not change");
            self.say(Diagnostic::new("E056", message).help(APART));
        }
        own
    }

    fn own_waveform(
        &mut self,
        part: &str,
        network: &CheckedNetwork,
        number: usize,
        given: &Stimulus,
        base: &CheckedStimulus,
    ) -> Option<CheckedWaveform> {
        let PopulationId(target) = base.target;
        let model = network.populations[target as usize].model.clone();
        let entry = match given.waveform {
            _ if given.clamp => self.entry_state(part, given, &model),
            Waveform::Poisson { .. } => self.entry_port(part, given, &model),
            _ => self.entry_input(part, given, &model),
        };
        let rows = base.rows.clone();
        let to = Receivers { stimulus: number as u32, count: u32::try_from(rows.len()).unwrap_or(u32::MAX), rows: &rows };
        self.waveform(part, &given.target, &given.waveform, entry?, to)
    }
}
