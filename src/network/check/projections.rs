//! Projections: ends, port or synapse model, weight, delay, parameters.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::connectors::Wiring;
use super::except::exceptions;
use super::values::Edges;
use super::words::{described, holds, listed, there_are};
use super::{Checker, unusable};
use crate::diagnostic::{Diagnostic, KeyPath};
use crate::model::library::meant;
use crate::model::rule::{Node, NodeId};
use crate::model::{BoundSynapse, NeuronModel, PortAddition, SynapseModel, Trigger};
use crate::network::address::titles;
use crate::network::checked::{CheckedProjection, CheckedSynapse, EdgeValue};
use crate::network::connector::Numbers;
use crate::network::{Distribution, Projection, Value};
use crate::units::{Dimension, nearest};

impl Checker<'_> {
    pub(super) fn projections(&mut self) -> Vec<Option<CheckedProjection>> {
        let network = self.network;
        let names = self
            .names(network.projections.iter().map(|p| (p.name.as_str(), format!("{} -> {}", p.source, p.target))), "projection");
        let mut out = Vec::with_capacity(network.projections.len());
        for (k, (given, name)) in network.projections.iter().zip(names).enumerate() {
            self.enter(&format!("`{name}`"), KeyPath::part("projection", k));
            // one section of the file made both
            if k > 0 && network.projections[k - 1] == *given && network.origin.twins("projection", k - 1, k) {
                let why = "a `repeat` made the same projection before it, and its synapses are there once more";
                self.remarks.at("source", "twin projections", &format!("`{name}`"), why);
            }
            out.push(self.projection(k, given, name));
        }
        out
    }

    /// Given names once each; names that follow from the ends with a number where they repeat.
    pub(super) fn names<'n>(&mut self, all: impl Iterator<Item = (&'n str, String)>, word: &str) -> Vec<String> {
        let all: Vec<(String, String)> = all.map(|(given, otherwise)| (given.to_string(), otherwise)).collect();
        let out = titles(all.iter().cloned());
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        for (k, ((given, _), title)) in all.iter().zip(&out).enumerate() {
            self.enter("", KeyPath::part(word, k));
            let again = !seen.insert(title);
            if again {
                self.say(Diagnostic::new("E022", format!("{word} {title}: there is another {word} of this name")).value_of("name"));
            } else if let Some(why) = unusable(given).filter(|_| !given.is_empty()) {
                self.say(Diagnostic::new("E022", format!("{word}: the name `{}` {why}", given.escape_debug())).value_of("name"));
            }
        }
        out
    }

    fn projection(&mut self, k: usize, given: &Projection, name: String) -> Option<CheckedProjection> {
        let part = format!("`{name}`");
        let source = self.place_of(&part, "source: ", &given.source);
        let target = self.place_of(&part, "target: ", &given.target);
        self.between(&part, source.zip(target), given);
        let ends = self.joined(&part, given, source, target);
        let wiring = ends.as_ref().and_then(|ends| self.within("connector", |c| c.wiring(&part, &given.connector, ends, k)));
        // values are checked even where the wiring is wrong, as far as they do not depend on it
        let edges = Edges::default();
        let edges = wiring.as_ref().map(|w| &w.edges).unwrap_or(&edges);
        let known = wiring.is_some();
        let (pre, post) = (source.and_then(|s| self.model_of(s)), target.and_then(|t| self.model_of(t)));
        let synapse = match (&given.port, &given.synapse) {
            (Some(_), Some(_)) => {
                let d = Diagnostic::new("E065", format!("{part}: `port` and `synapse` are both given"));
                self.say(d.key_of("port").help("a synapse model names its ports itself: keep one of them"));
                None
            }
            (None, None) => {
                let ports = post.as_ref().map_or(String::new(), |m| format!("; the target has {}", ports_of(m)));
                self.say(Diagnostic::new("E061", format!("{part}: a `port` of the target is missing{ports}")));
                None
            }
            (Some(port), None) => self.static_synapse(&part, given, port, pre.as_deref(), post.as_deref(), wiring.as_ref()),
            (None, Some(model)) => self.model_synapse(&part, given, model, pre.as_deref(), post.as_deref(), edges, known),
        };
        let delay = self.delay(&part, given, edges, known);
        self.normalisable(&part, given);
        let back = self.way_back(&part, given, synapse.as_ref(), post.as_deref().zip(pre.as_deref()));
        let (delay, synapse) = (delay?, synapse?);
        let late = self.graded_delay(&part, given, &delay, &synapse);
        let (source, target, connector, back) = (source?, target?, wiring?.connector, back?);
        let rows = ends.and_then(|ends| ends.rows);
        Some(CheckedProjection {
            name,
            source,
            target,
            rows,
            connector,
            delay,
            synapse,
            back,
            late: late?,
            modulators: Vec::new(),
            storage: given.connectivity,
        })
    }

    /// A value of the edges; lists and columns only where the wiring is known.
    pub(super) fn edge(
        &mut self,
        part: &str,
        what: &str,
        value: &Value,
        dimension: Dimension,
        edges: &Edges,
        known: bool,
    ) -> Option<EdgeValue> {
        let waits = match value {
            Value::List(_) => true,
            Value::Distribution(d) => d.follows_rows(),
            Value::Number(_) | Value::Text(_) => false,
        };
        let value = (known || !waits).then(|| self.edge_value(part, what, value, dimension, edges))??;
        if value == EdgeValue::Shared(f64::INFINITY) && what == "weight" {
            self.say(Diagnostic::new("E032", format!("{part}: `weight` must be finite")).value_of("weight"));
            return None;
        }
        Some(value)
    }

    fn static_synapse(
        &mut self,
        part: &str,
        given: &Projection,
        port: &str,
        pre: Option<&NeuronModel>,
        post: Option<&NeuronModel>,
        wiring: Option<&Wiring>,
    ) -> Option<CheckedSynapse> {
        if let Some(name) = given.parameters.keys().next() {
            let message = format!("{part}: `{name}`: parameters belong to a synapse model, with a port there is only `weight`");
            self.say(Diagnostic::new("E026", message).key_of(&format!("parameters.{name}")));
        }
        self.spiking(part, &given.source, pre);
        let post = post?;
        let place = self.port(part, port, &given.target, post)?;
        let dimension = post.ports.get(place as usize)?.dimension;
        let edges = wiring.map(|w| &w.edges);
        let nothing = Edges::default();
        let edges = edges.unwrap_or(&nothing);
        let rule = given.connector.rule();
        let weight = match (&given.weight, rule.numbers()) {
            (weight, Some(numbers)) => self.matrix_weight(part, weight.as_ref(), numbers.unit, dimension, wiring)?,
            (Some(weight), _) => {
                let weight = self.edge(part, "weight", weight, dimension, edges, wiring.is_some())?;
                self.share(part, given, "weight", weight)?
            }
            (None, _) => {
                let d = Diagnostic::new("E063", format!("{part}: the weight is missing"));
                self.say(d.help(format!("port `{port}` takes a {}", described(dimension))));
                return None;
            }
        };
        self.remark_weight(part, port, dimension, &weight);
        self.remark_inhibition(part, port, post, dimension, &weight);
        Some(CheckedSynapse::Static { port: place, weight })
    }

    /// A port of the target by name.
    pub(super) fn port(&mut self, part: &str, port: &str, target: &str, model: &NeuronModel) -> Option<u32> {
        if let Some(place) = (0..).zip(&model.ports).find(|(_, p)| p.name == port).map(|(k, _)| k) {
            return Some(place);
        }
        let names: Vec<&str> = model.ports.iter().map(|p| p.name.as_str()).collect();
        let d = Diagnostic::new("E061", format!("{part}: `{target}` has no port `{port}`; there {}", there_are(&names)));
        let d = d.value_of(if part.starts_with("stimulus") { "input" } else { "port" });
        self.say(if model.inputs.iter().any(|input| input.name == port) {
            d.help(format!("`{port}` is a continuous input: stimuli and graded synapses drive it, spikes arrive at ports"))
        } else {
            d.did_you_mean(nearest(port, names.iter().copied()))
        });
        None
    }

    pub(super) fn spiking(&mut self, part: &str, source: &str, pre: Option<&NeuronModel>) {
        if pre.is_some_and(|model| model.threshold.is_none()) {
            let d =
                Diagnostic::new("E067", format!("{part}: the model of `{source}` has no threshold, so no spike will ever arrive"));
            self.say(d.value_of("source").help("use a synapse model with a `graded` function of the source's state"));
        }
    }

    #[allow(clippy::too_many_arguments, reason = "each is a different part of one projection")]
    fn model_synapse(
        &mut self,
        part: &str,
        given: &Projection,
        name: &str,
        pre: Option<&NeuronModel>,
        post: Option<&NeuronModel>,
        edges: &Edges,
        known: bool,
    ) -> Option<CheckedSynapse> {
        let model = self.synapse_model(part, name)?;
        let before = self.diagnostics.len();
        if given.weight.is_some() {
            let params: Vec<&str> = model.params.iter().map(|p| p.name.as_str()).collect();
            let d = Diagnostic::new("E063", format!("{part}: with a synapse model there is no `weight`"));
            let d = d.key_of("weight");
            self.say(if params.is_empty() { d } else { d.help(format!("`{name}` has the parameters {}", listed(&params))) });
        }
        let rule = given.connector.rule();
        let numbers = rule.numbers();
        if numbers.is_some_and(|numbers| numbers.unit.is_some()) {
            let message = format!("{part}: with a synapse model the matrix has no unit of its own");
            let help = "use its numbers as a parameter: `{ column = { column = \"value\", unit = \"nS\" } }`";
            self.say(Diagnostic::new("E063", message).help(help).key_of("connector.unit"));
        }
        if let Some(Numbers { rows, .. }) = numbers
            && rows.iter().flatten().any(|x| *x != 0.0 && *x != 1.0)
            && !given.parameters.values().any(reads_own_table)
        {
            let message = "the numbers of the matrix only say where synapses are, no parameter reads them";
            self.remarks.at("connector", "matrix", part, message);
        }
        if hears_spikes(&model) {
            self.spiking(part, &given.source, pre);
        }
        if model.events.iter().any(|event| event.trigger.is_post()) && post.is_some_and(|model| model.threshold.is_none()) {
            let message =
                format!("{part}: the model of `{}` has no threshold, so its `on_post` lines will never run", given.target);
            self.say(Diagnostic::new("E067", message).value_of("target").help("leave the `on_post` lines out"));
        }
        self.fits(part, name, given, &model, pre, post);
        let bound = match (pre, post) {
            (Some(pre), Some(post)) if self.diagnostics.len() == before => Some(self.bound(part, name, &model, pre, post)?),
            _ => None,
        };
        let model = bound.as_ref().map_or(&*model, |bound| &bound.model);
        let params = self.within("parameters", |c| c.synapse_params(part, given, name, model, edges, known))?;
        self.within("parameters", |c| c.allowed_in_synapses(part, model, &params))?;
        self.remark_synapses(part, model, &params);
        bound.filter(|_| self.diagnostics.len() == before).map(|synapse| CheckedSynapse::Model { synapse, params })
    }

    fn synapse_model(&mut self, part: &str, name: &str) -> Option<Arc<SynapseModel>> {
        if let Some(model) = self.models.synapses.get(name) {
            return Some(model.clone());
        }
        if self.models.broken.contains(name) {
            return None;
        }
        let d = if self.models.neurons.contains_key(name) {
            Diagnostic::new("E065", format!("{part}: `{name}` is a neuron model, a synapse model is expected"))
        } else {
            let names: Vec<&str> = self.models.synapses.keys().map(String::as_str).collect();
            Diagnostic::new("E065", format!("{part}: no synapse model `{name}`; there {}", there_are(&names)))
                .did_you_mean(meant(name).filter(|ours| names.contains(ours)).or(nearest(name, names.iter().copied())))
        };
        self.say(d.value_of("synapse"));
        None
    }

    /// The synapse model with what it names at its two ends; one for all projections between the same models.
    pub(super) fn bound(
        &mut self,
        part: &str,
        name: &str,
        model: &SynapseModel,
        pre: &NeuronModel,
        post: &NeuronModel,
    ) -> Option<Arc<BoundSynapse>> {
        // models are kept by the network that is being checked: an address is theirs as long as this lasts
        let key = (name.to_owned(), std::ptr::from_ref(pre) as usize, std::ptr::from_ref(post) as usize);
        if let Some(known) = self.bound.get(&key) {
            return Some(known.clone());
        }
        match crate::model::check::bind(model, pre, post) {
            Ok(bound) => {
                let bound = Arc::new(bound);
                self.bound.insert(key, bound.clone());
                Some(bound)
            }
            Err(report) => {
                for d in report.diagnostics {
                    let here = Diagnostic::new("E066", format!("{part}: synapse `{name}`: {}", d.message)).value_of("synapse");
                    self.say(match d.help {
                        Some(help) => here.help(help),
                        None => here,
                    });
                }
                None
            }
        }
    }

    /// Do the ports, inputs and names that the synapse model uses exist at its ends?
    pub(super) fn fits(
        &mut self,
        part: &str,
        name: &str,
        given: &Projection,
        model: &SynapseModel,
        pre: Option<&NeuronModel>,
        post: Option<&NeuronModel>,
    ) {
        if let Some(post) = post {
            let ports: Vec<_> = post.ports.iter().map(|p| (p.name.as_str(), p.dimension)).collect();
            let inputs: Vec<_> = post.inputs.iter().map(|p| (p.name.as_str(), p.dimension)).collect();
            for addition in &model.on_pre {
                self.addition(part, (name, model), &given.target, addition, "port", &ports, &inputs);
            }
            for addition in &model.graded {
                self.addition(part, (name, model), &given.target, addition, "input", &inputs, &ports);
            }
        }
        for end in &model.ends {
            let (side, population, neuron) = if end.post { ("post", &given.target, post) } else { ("pre", &given.source, pre) };
            let Some(neuron) = neuron else { continue };
            let names: Vec<&str> =
                neuron.states.iter().map(|s| s.name.as_str()).chain(neuron.params.iter().map(|p| p.name.as_str())).collect();
            if !names.contains(&end.name.as_str()) {
                let message = format!("{part}: `{name}` reads `{side}.{}`, `{population}` has {}", end.name, listed(&names));
                let d = Diagnostic::new("E066", message).did_you_mean(nearest(&end.name, names.iter().copied()));
                self.say(self.in_the_text(d, model, &end.name, Some(end.post)));
            }
        }
    }

    #[allow(clippy::too_many_arguments, reason = "the two kinds of places are looked up alike")]
    fn addition(
        &mut self,
        part: &str,
        (name, model): (&str, &SynapseModel),
        target: &str,
        addition: &PortAddition,
        word: &str,
        mine: &[(&str, Dimension)],
        other: &[(&str, Dimension)],
    ) {
        let port = addition.port.as_str();
        if let Some((_, dimension)) = mine.iter().find(|(n, _)| *n == port) {
            if let Some(given) = addition.dimension.filter(|d| d != dimension) {
                let message = format!(
                    "{part}: `{name}` adds a {} to `{port}` of `{target}`, which is a {}",
                    described(given),
                    described(*dimension)
                );
                self.say(self.in_the_text(Diagnostic::new("E066", message), model, port, None));
            }
            return;
        }
        let names: Vec<&str> = mine.iter().map(|(n, _)| *n).collect();
        let d = Diagnostic::new(
            "E066",
            format!("{part}: `{name}` adds to the {word} `{port}`, which `{target}` does not have; there {}", there_are(&names)),
        );
        let d = self.in_the_text(d, model, port, None);
        self.say(match other.iter().any(|(n, _)| *n == port) {
            true if word == "port" => d.help(format!("`{port}` is a continuous input: write `graded` instead of `on_pre`")),
            true => d.help(format!("`{port}` is a port, where spikes arrive: write `on_pre` instead of `graded`")),
            false => d.did_you_mean(nearest(port, names.iter().copied())),
        });
    }

    fn synapse_params(
        &mut self,
        part: &str,
        given: &Projection,
        name: &str,
        model: &SynapseModel,
        edges: &Edges,
        known: bool,
    ) -> Option<Vec<EdgeValue>> {
        let names: Vec<&str> = model.params.iter().map(|p| p.name.as_str()).collect();
        for key in given.parameters.keys().filter(|key| !names.contains(&key.as_str())) {
            let message = format!("{part}: `{name}` has no parameter `{key}`; there {}", there_are(&names));
            let d = Diagnostic::new("E026", message).key_of(key);
            self.say(match model.states.iter().any(|s| s.name == *key) {
                true => d.help(format!("`{key}` is a state; let it start from a parameter: `state {key} = {key}_0`")),
                false => d.did_you_mean(nearest(key, names.iter().copied())),
            });
        }
        let mut out: Vec<Option<EdgeValue>> = Vec::with_capacity(model.params.len());
        for param in &model.params {
            let value = match (given.parameters.get(&param.name), param.default) {
                (Some(value), Some(node)) if exceptions(value).is_some_and(|(others, _)| others.is_none()) => {
                    let own = exceptions(value).map_or(&[][..], |(_, own)| own);
                    let base = self.synapse_default(part, &param.name, model, node, &out);
                    let value = base.and_then(|base| self.edges_excepted(part, &param.name, base, own, param.dimension));
                    value.and_then(|value| self.share(part, given, &param.name, value))
                }
                (Some(value), _) => {
                    let value = self.edge(part, &param.name, value, param.dimension, edges, known);
                    value.and_then(|value| self.share(part, given, &param.name, value))
                }
                (None, Some(node)) if given.normalise.as_ref() == Some(&param.name) => {
                    let value = self.synapse_default(part, &param.name, model, node, &out);
                    value.and_then(|value| self.share(part, given, &param.name, value))
                }
                (None, Some(node)) => self.synapse_default(part, &param.name, model, node, &out),
                (None, None) => {
                    let d =
                        Diagnostic::new("E027", format!("{part}: `{}` of `{name}` has no value", param.name)).value_of(&param.name);
                    self.say(d.help(format!("it is a {}: give it under `parameters`", described(param.dimension))));
                    None
                }
            };
            out.push(value);
        }
        out.into_iter().collect()
    }

    /// A default worked out from the parameters before it: per edge if one of these is.
    pub(super) fn synapse_default(
        &mut self,
        part: &str,
        name: &str,
        model: &SynapseModel,
        node: NodeId,
        earlier: &[Option<EdgeValue>],
    ) -> Option<EdgeValue> {
        let mut count = None;
        for leaf in model.graph.leaves(node) {
            let Node::Param(place) = leaf else { continue };
            match earlier.get(place as usize)?.as_ref()? {
                EdgeValue::Shared(_) => {}
                EdgeValue::List(list) => count = Some(list.len()),
                other => {
                    let cause = model.params.get(place as usize).map_or("", |p| p.name.as_str());
                    let how = match other {
                        EdgeValue::Except(..) => "which some synapses have of their own",
                        EdgeValue::Pair(_) => "which is an expression of pairs",
                        _ => "which is drawn per synapse",
                    };
                    let message = format!("{part}: the default of `{name}` follows from `{cause}`, {how}");
                    self.say(Diagnostic::new("E027", message).value_of(cause).help(format!("give `{name}` a value of its own")));
                    return None;
                }
            }
        }
        let at = |k: usize| {
            model.graph.evaluate(node, &|place| match earlier.get(place as usize) {
                Some(Some(value)) => value.known(k),
                _ => None,
            })
        };
        self.hold(part, name, count.unwrap_or(0) as u64)?;
        let value = match count {
            None => EdgeValue::Shared(at(0)?),
            Some(n) => EdgeValue::List((0..n).map(at).collect::<Option<_>>()?),
        };
        let bad = match &value {
            EdgeValue::Shared(x) => (!holds(*x)).then_some(*x),
            EdgeValue::List(list) => list.iter().find(|x| !holds(**x)).copied(),
            EdgeValue::Draw(_) | EdgeValue::Pair(_) | EdgeValue::Except(..) => None,
        };
        if let Some(x) = bad {
            let message = format!("{part}: the default of `{name}` comes out as {x}, which is not finite");
            self.say(Diagnostic::new("E032", message));
            return None;
        }
        Some(value)
    }
}

fn reads_own_table(value: &Value) -> bool {
    let Value::Distribution(d) = value else { return false };
    matches!(d.as_ref(), Distribution::Column { file: None, .. })
}

/// Does a spike of the source do anything?
pub(super) fn hears_spikes(model: &SynapseModel) -> bool {
    !model.on_pre.is_empty() || !model.arrival.is_empty() || model.events.iter().any(|event| event.trigger == Trigger::Pre)
}

fn ports_of(model: &NeuronModel) -> String {
    let names: Vec<&str> = model.ports.iter().map(|p| p.name.as_str()).collect();
    if names.is_empty() { "none".into() } else { listed(&names) }
}
