//! A synapse model between two neuron models: what it names of them, as places.
//!
//! In: a checked synapse model and the models of its two ends. Out: [`BoundSynapse`]: after this nobody looks a name up. Not here:
//! whether dimensions fit (`check::bind`, which is the way here).

use super::{NeuronModel, SynapseModel};

closed! {
    /// A synapse model between two neuron models.
    #[derive(Clone, Debug)]
    pub struct BoundSynapse {
        /// As it is without its ends.
        model: SynapseModel => [&SynapseModel],
        /// By place in [`SynapseModel::ends`].
        ends: Vec<End> => [&[End]],
        /// By place in [`SynapseModel::on_pre`]: port of the target's model.
        ports: Vec<u32> => [&[u32]],
        /// By place in [`SynapseModel::graded`]: continuous input of the target's model.
        inputs: Vec<u32> => [&[u32]],
    }
}

/// What a name after `pre.` or `post.` is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct End {
    /// Is it of the target?
    pub post: bool,
    /// Its place there.
    pub value: EndValue,
}

/// A value of a neuron, by its place in the model of that neuron.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EndValue {
    /// By place in [`NeuronModel::states`].
    State(u32),
    /// By place in [`NeuronModel::params`].
    Param(u32),
}

impl BoundSynapse {
    /// Do its targets gather it in every step? Else spikes alone do anything.
    pub fn is_gathered(&self) -> bool {
        !self.is_by_events() && (!self.model.graded.is_empty() || !self.model.states.is_empty())
    }

    /// Do events alone change its states? Then nothing of it costs anything in a step without spikes.
    pub fn is_by_events(&self) -> bool {
        !self.model.events.is_empty()
    }

    /// **Errors** the first name that its end does not have.
    pub(super) fn new(model: SynapseModel, source: &NeuronModel, target: &NeuronModel) -> Result<BoundSynapse, String> {
        let ends = model.ends.iter().map(|end| {
            let value = EndValue::of(if end.post { target } else { source }, &end.name);
            value.map(|value| End { post: end.post, value }).ok_or_else(|| end.name.clone())
        });
        let ends = ends.collect::<Result<_, _>>()?;
        let place = |at: Option<usize>, name: &String| at.map(|k| k as u32).ok_or_else(|| name.clone());
        let port = |name: &String| place(target.ports.iter().position(|p| p.name == *name), name);
        let input = |name: &String| place(target.inputs.iter().position(|i| i.name == *name), name);
        let ports = model.on_pre.iter().map(|addition| port(&addition.port)).collect::<Result<_, _>>()?;
        let inputs = model.graded.iter().map(|addition| input(&addition.port)).collect::<Result<_, _>>()?;
        Ok(BoundSynapse { model, ends, ports, inputs })
    }
}

impl EndValue {
    /// `None`: the model has no state or parameter of this name.
    fn of(model: &NeuronModel, name: &str) -> Option<EndValue> {
        let state = model.states.iter().position(|s| s.name == name).map(|k| EndValue::State(k as u32));
        state.or_else(|| model.params.iter().position(|p| p.name == name).map(|k| EndValue::Param(k as u32)))
    }
}
