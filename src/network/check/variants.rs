//! Variants: the network's own rules once more for what a variant changes, and what cannot differ between instances.

use std::collections::{BTreeMap, BTreeSet};

use super::except::exceptions;
use super::names::is_expressive;
use super::populations::initial_stream;
use super::values::population_stream;
use super::words::there_are;
use super::{Checker, unusable};
use crate::diagnostic::{Diagnostic, KeyPath};
use crate::model::SynapseModel;
use crate::model::rule::{Node, NodeId};
use crate::network::checked::{
    CheckedNetwork, CheckedPopulation, CheckedSynapse, CheckedVariant, Column, EdgeValue, OwnValues, PopulationId,
};
use crate::network::set::changed;
use crate::network::{Address, Distribution, Kind, Population, Value, Variant, Which};
use crate::units::nearest;

/// So many different problems are enough: thousands of variants are written by one line.
const MOST_SAID: usize = 20;

/// What a value's name means.
enum Meaning {
    Parameter(PopulationId, String),
    Initial(PopulationId, String),
    Synapse(usize, String),
    /// A weight or a delay.
    Edges(usize, String),
    Stimulus(usize, Address),
}

/// Addresses that have been read, with the place of the part.
type Read = BTreeMap<String, Result<(Address, usize), Diagnostic>>;

/// Parameters that weights of a projection were worked out from: (population, parameter), and the projection.
type Folded = BTreeMap<(PopulationId, String), String>;

/// What a variant gives the populations it changes: parameters, then initial values.
type Given = BTreeMap<PopulationId, (BTreeMap<String, Value>, BTreeMap<String, Value>)>;

impl Checker<'_> {
    pub(super) fn variants(&mut self, network: &CheckedNetwork, variants: &[Variant]) -> Vec<CheckedVariant> {
        let folded = folded(network);
        let mut read = Read::new();
        let mut out = Vec::with_capacity(variants.len());
        let mut said = BTreeSet::new();
        for (k, variant) in variants.iter().enumerate() {
            let label = if variant.label.is_empty() { String::new() } else { format!(" ({})", variant.label.escape_debug()) };
            let part = format!("variant {k}{label}");
            self.enter(&part, KeyPath::default());
            let before = self.diagnostics.len();
            let checked = self.variant(&part, network, &folded, &mut read, variant);
            out.extend(checked);
            let new = self.diagnostics[before..].iter();
            said.extend(new.map(|d| d.message.strip_prefix(part.as_str()).unwrap_or(&d.message).to_string()));
            if said.len() >= MOST_SAID {
                break;
            }
        }
        out
    }

    fn variant(
        &mut self,
        part: &str,
        network: &CheckedNetwork,
        folded: &Folded,
        read: &mut Read,
        given: &Variant,
    ) -> Option<CheckedVariant> {
        if !given.label.is_empty()
            && let Some(why) = unusable(&given.label)
        {
            self.say(Diagnostic::new("E022", format!("{part}: the label {why}")));
        }
        let mut populations = Given::new();
        let mut synapses: BTreeMap<usize, Vec<(String, &Value)>> = BTreeMap::new();
        let mut edges: BTreeMap<usize, Vec<(String, &Value)>> = BTreeMap::new();
        let mut stimuli: BTreeMap<usize, Vec<(Address, &Value)>> = BTreeMap::new();
        for (key, value) in &given.values {
            let Some((meaning, which)) = self.meaning(part, read, key) else { continue };
            let put = |map: &mut BTreeMap<String, Value>, name: String| {
                let value = changed(map.remove(&name), &which, value.clone());
                map.insert(name, value);
            };
            match meaning {
                Meaning::Parameter(id, name) => put(&mut populations.entry(id).or_default().0, name),
                Meaning::Initial(id, name) => put(&mut populations.entry(id).or_default().1, name),
                Meaning::Synapse(projection, name) => synapses.entry(projection).or_default().push((name, value)),
                Meaning::Edges(projection, field) => edges.entry(projection).or_default().push((field, value)),
                Meaning::Stimulus(stimulus, address) => stimuli.entry(stimulus).or_default().push((address, value)),
            }
        }
        let own = populations.into_iter().map(|(id, (params, initial))| self.own(part, network, folded, id, params, initial));
        let own: Vec<Option<OwnValues>> = own.collect();
        let synapses: Vec<_> =
            synapses.into_iter().map(|(k, values)| Some((k as u32, self.own_synapse(part, network, k, &values)?))).collect();
        let edges: Vec<_> =
            edges.into_iter().map(|(k, values)| Some((k as u32, self.own_edges(part, network, k, &values)?))).collect();
        let stimuli: Vec<_> =
            stimuli.into_iter().map(|(k, values)| Some((k as u32, self.own_stimulus(part, network, k, &values)?))).collect();
        let port_factors = self.port_factors(part, network, given);
        let stimulus_factors = self.stimulus_factors(part, network, given);
        Some(CheckedVariant {
            label: given.label.clone(),
            seed: given.seed,
            populations: own.into_iter().collect::<Option<_>>()?,
            synapses: synapses.into_iter().collect::<Option<_>>()?,
            projections: edges.into_iter().collect::<Option<_>>()?,
            stimuli: stimuli.into_iter().collect::<Option<_>>()?,
            port_factors,
            stimulus_factors,
        })
    }

    /// What an address means in a variant; those that were met before are not read again.
    fn meaning(&mut self, part: &str, read: &mut Read, key: &str) -> Option<(Meaning, Which)> {
        let network = self.network;
        let outcome = read.entry(key.to_string()).or_insert_with(|| {
            let address = Address::parse(key, network)?;
            let place = address.place(network).unwrap_or(0);
            Ok((address, place))
        });
        let (address, place) = match outcome {
            Ok((address, place)) => (address.clone(), *place),
            Err(d) => {
                let message = format!("{part}: {}", d.message);
                let d = Diagnostic { message, ..d.clone() };
                self.say(d);
                return None;
            }
        };
        let field = address.field.strip_prefix("parameters.").unwrap_or(&address.field);
        let id = PopulationId(place as u32);
        let (what, scaled) = (format!("`{key}`"), Some("scale what arrives with `weights` or `weight_scale`"));
        match (address.kind, address.field.as_str()) {
            (Kind::Network, "seed") => {
                self.say(Diagnostic::new("E056", format!("{part}: the seed is no quantity")).help("use `Variant::seed`"));
            }
            (Kind::Population, "size" | "shape" | "method" | "model") | (Kind::Network, _) => self.alike(part, &what, None),
            (Kind::Population, _) => {
                let meaning = match field.strip_prefix("initial.") {
                    Some(state) => Meaning::Initial(id, state.to_string()),
                    None => Meaning::Parameter(id, field.to_string()),
                };
                return Some((meaning, address.which));
            }
            (Kind::Projection, "weight" | "delay") if address.which == Which::All => {
                let modelled = self.network.projections[place].synapse.is_some();
                // a model may have a parameter that is called so
                return Some(if modelled && field == "weight" {
                    (Meaning::Synapse(place, field.to_string()), Which::All)
                } else {
                    (Meaning::Edges(place, field.to_string()), Which::All)
                });
            }
            (Kind::Projection, "weight" | "delay" | "port" | "synapse" | "normalise") => self.alike(part, &what, scaled),
            (Kind::Projection, key) if key.starts_with("connector.") || key.starts_with("modulators.") => {
                self.alike(part, &what, None)
            }
            (Kind::Projection, _) if address.which != Which::All => {
                self.alike(part, &format!("{what}, which is of some synapses,"), Some("give all of them one value"));
            }
            (Kind::Projection, _) => return Some((Meaning::Synapse(place, field.to_string()), Which::All)),
            (Kind::Stimulus, "rate" | "weight" | "sources" | "amplitude") if address.which == Which::All => {
                return Some((Meaning::Stimulus(place, address), Which::All));
            }
            (Kind::Stimulus, _) => self.alike(part, &what, Some("scale its level with `Variant::stimulus`")),
            (Kind::Input | Kind::Output | Kind::Probe, _) => self.alike(part, &what, None),
        }
        None
    }

    fn alike(&mut self, part: &str, what: &str, help: Option<&str>) {
        let d = Diagnostic::new("E056", format!("{part}: {what} is the same in all instances of an ensemble"));
        self.say(match help {
            Some(help) => d.help(help),
            None => d,
        });
    }

    /// All values of a population in a variant, checked as if the network gave them.
    fn own(
        &mut self,
        part: &str,
        network: &CheckedNetwork,
        folded: &Folded,
        id: PopulationId,
        params: BTreeMap<String, Value>,
        initial: BTreeMap<String, Value>,
    ) -> Option<OwnValues> {
        let described = &self.network.populations[id.0 as usize];
        let part = format!("{part}: population {}", described.name);
        let (name, model) = (described.name.clone(), described.model.clone());
        let mut initial = initial;
        if !params.is_empty() {
            // what follows from parameters follows them; what is drawn is drawn as before
            for (state, value) in described.initial.iter().filter(|(_, value)| is_expressive(value)) {
                initial.entry(state.clone()).or_insert_with(|| value.clone());
            }
        }
        let given = Population { name, model, parameters: params, initial, ..Population::default() };
        let base = &network.populations[id.0 as usize];
        let before = self.diagnostics.len();
        self.names_of_values(&part, &given, &base.model);
        let params = self.own_params(&part, id.0, described, &given, base);
        let initial = self.own_initial(&part, id.0, &given, base, &params);
        if self.diagnostics.len() > before {
            return None;
        }
        let params: Vec<Column> = params.into_iter().collect::<Option<_>>()?;
        let changed: Vec<bool> = params.iter().zip(&base.params).map(|(own, base)| own != base).collect();
        let changed = |k: u32| changed.get(k as usize) == Some(&true);
        self.allowed_in_neurons(&part, &base.model, &params, Some(&changed))?;
        self.remark_neurons(&part, &base.model, base.method, &params, Some(&changed));
        for (k, param) in base.model.params.iter().enumerate() {
            if changed(k as u32)
                && let Some(projection) = folded.get(&(id, param.name.clone()))
            {
                let message = format!(
                    "{part}: `{}` cannot differ between instances: the weights of `{projection}`, which all instances share, were worked out from it",
                    param.name
                );
                let help = "scale what arrives with `weights`, or compile a network for each value";
                self.say(Diagnostic::new("E056", message).help(help));
                return None;
            }
        }
        Some(OwnValues { population: id, params, initial: initial? })
    }

    /// Parameters that a variant gives, and defaults that follow from them; all others are those of the network, which are not
    /// read again: there are thousands of variants, and lists are long.
    fn own_params(
        &mut self,
        part: &str,
        place: u32,
        described: &Population,
        given: &Population,
        base: &CheckedPopulation,
    ) -> Vec<Option<Column>> {
        let model = &base.model;
        if given.parameters.values().chain(described.parameters.values()).any(is_expressive) {
            return self.own_expressions(part, place, described, given, base);
        }
        let mut changed = vec![false; model.params.len()];
        let mut out: Vec<Option<Column>> = Vec::with_capacity(model.params.len());
        for (k, param) in (0u32..).zip(&model.params) {
            let follows = |leaf| matches!(leaf, Node::Param(p) if changed.get(p as usize) == Some(&true));
            let value = match (given.parameters.get(&param.name), param.default) {
                (Some(value), _) if exceptions(value).is_some_and(|(others, _)| others.is_none()) => {
                    changed[k as usize] = true;
                    let own = exceptions(value).map_or(&[][..], |(_, own)| own);
                    let others = base.params.get(k as usize).cloned();
                    others.and_then(|others| self.excepted_neurons(part, &param.name, others, own, param.dimension, base.size))
                }
                (Some(value), _) => {
                    changed[k as usize] = true;
                    self.column(part, &param.name, value, param.dimension, base.size, population_stream(place, k))
                }
                (None, Some(node)) if !described.parameters.contains_key(&param.name) && model.graph.any_leaf(node, follows) => {
                    changed[k as usize] = true;
                    let column = self.default_column(part, &param.name, model, node, &out, Some(base.size));
                    self.defined(part, &param.name, param.dimension, column)
                }
                _ => base.params.get(k as usize).cloned(),
            };
            out.push(value);
        }
        out
    }

    /// The same where expressions stand among the values: what follows from something that the variant gives follows it.
    fn own_expressions(
        &mut self,
        part: &str,
        place: u32,
        described: &Population,
        given: &Population,
        base: &CheckedPopulation,
    ) -> Vec<Option<Column>> {
        let model = &base.model;
        let mut all = Population { model: given.model.clone(), parameters: described.parameters.clone(), ..Population::default() };
        for (name, value) in &given.parameters {
            // some rows have another value: the others have what the network gives them
            let mut value = value.clone();
            if let (Value::Distribution(d), Some(others)) = (&mut value, described.parameters.get(name))
                && let Distribution::Except { value: none @ None, .. } = d.as_mut()
            {
                *none = Some(others.clone());
            }
            all.parameters.insert(name.clone(), value);
        }
        let mut names = self.names_of_row(model, Some(base.size));
        names.place(base.positions.as_deref());
        let mut out = vec![None; model.params.len()];
        let mut changed = vec![false; model.params.len()];
        for k in self.order_of_params(part, &all, model, &names) {
            let param = &model.params[k];
            let follows = || self.sources_of(&all, model, &names, param).iter().any(|of| changed[*of]);
            changed[k] = given.parameters.contains_key(&param.name) || follows();
            out[k] = match changed[k] {
                true => {
                    let here = self.own_name(&names, &param.name);
                    self.naming(here, |c| c.param(part, place, &all, model, Some(base.size), k, &out))
                }
                false => base.params.get(k).cloned(),
            };
            names.settle(&param.name, out[k].as_ref());
        }
        out
    }

    /// Initial values in the same way. `None` outside: one is wrong.
    fn own_initial(
        &mut self,
        part: &str,
        place: u32,
        given: &Population,
        base: &CheckedPopulation,
        params: &[Option<Column>],
    ) -> Option<Vec<Option<Column>>> {
        if given.initial.values().any(is_expressive) {
            let mut names = self.names_of_row(&base.model, Some(base.size));
            names.place(base.positions.as_deref());
            base.model.params.iter().zip(params).for_each(|(param, column)| names.settle(&param.name, column.as_ref()));
            return self.naming(names, |c| c.own_initial_columns(part, place, given, base, params));
        }
        self.own_initial_columns(part, place, given, base, params)
    }

    fn own_initial_columns(
        &mut self,
        part: &str,
        place: u32,
        given: &Population,
        base: &CheckedPopulation,
        params: &[Option<Column>],
    ) -> Option<Vec<Option<Column>>> {
        let mut out = base.initial.clone();
        let mut right = true;
        for (k, state) in (0u32..).zip(&base.model.states) {
            let Some(value) = given.initial.get(&state.name) else { continue };
            let column = match (exceptions(value), base.initial.get(k as usize).cloned().flatten()) {
                (Some((None, own)), Some(others)) => {
                    self.excepted_neurons(part, &state.name, others, own, state.dimension, base.size)
                }
                (Some((None, own)), None) => {
                    let others = self.own_start(part, &base.model, params, &out, k as usize, base.size);
                    others.and_then(|others| self.excepted_neurons(part, &state.name, others, own, state.dimension, base.size))
                }
                _ => self.column(part, &state.name, value, state.dimension, base.size, initial_stream(place, k)),
            };
            right &= column.is_some();
            out[k as usize] = column;
        }
        right.then_some(out)
    }

    /// Numbers for parameters of a graded synapse model, by place in the model.
    fn own_synapse(
        &mut self,
        part: &str,
        network: &CheckedNetwork,
        projection: usize,
        values: &[(String, &Value)],
    ) -> Option<Vec<Option<f64>>> {
        let checked = &network.projections[projection];
        let part = format!("{part}: `{}`", checked.name);
        let CheckedSynapse::Model { synapse, params: base } = &checked.synapse else {
            let (name, _) = values.first()?;
            let message = format!("{part}: there is no `{name}`: static synapses have `weight` and `delay`");
            self.say(Diagnostic::new("E026", message).help("scale what arrives with `weights` or `weight_scale`"));
            return None;
        };
        let model = &synapse.model;
        let before = self.diagnostics.len();
        let mut own: Vec<Option<f64>> = vec![None; model.params.len()];
        for (name, value) in values {
            let Some(k) = model.params.iter().position(|p| p.name == *name) else {
                let names: Vec<&str> = model.params.iter().map(|p| p.name.as_str()).collect();
                let message = format!("{part}: `{}` has no parameter `{name}`; there {}", model.ast.name.text, there_are(&names));
                self.say(Diagnostic::new("E026", message).did_you_mean(nearest(name, names.iter().copied())));
                continue;
            };
            let number = super::values::read(&self.names, &part, name, value, model.params[k].dimension);
            let share = self.share_of(&self.network.projections[projection], name);
            own[k] = self.accept(number).map(|x| x / share);
        }
        if self.diagnostics.len() > before {
            return None;
        }
        // defaults follow
        let described = &self.network.projections[projection];
        let mut all: Vec<Option<EdgeValue>> = Vec::with_capacity(base.len());
        for (k, param) in model.params.iter().enumerate() {
            let value = match (own[k], param.default) {
                (Some(x), _) => EdgeValue::Shared(x),
                (None, Some(node)) if !described.parameters.contains_key(&param.name) && all_shared(model, node, &all) => {
                    self.synapse_default(&part, &param.name, model, node, &all)?
                }
                _ => base[k].clone(),
            };
            all.push(Some(value));
        }
        let settled: Vec<EdgeValue> = all.iter().flatten().cloned().collect();
        self.allowed_in_synapses(&part, model, &settled)?;
        let on_pre = |k: usize| model.on_pre.iter().any(|a| model.graph.any_leaf(a.value, |n| n == Node::Param(k as u32)));
        for (k, param) in model.params.iter().enumerate() {
            let (Some(EdgeValue::Shared(x)), false) = (&all[k], all[k].as_ref() == Some(&base[k])) else {
                own[k] = None;
                continue;
            };
            own[k] = Some(*x);
            let why = if !matches!(base[k], EdgeValue::Shared(_)) {
                "it has a value for each synapse"
            } else if on_pre(k) {
                "the weights that spikes add, which all instances share, were worked out from it"
            } else {
                continue;
            };
            self.say(Diagnostic::new("E056", format!("{part}: `{}` cannot differ between instances: {why}", param.name)));
        }
        (self.diagnostics.len() == before).then_some(own)
    }
}

fn folded(network: &CheckedNetwork) -> Folded {
    let mut out = Folded::new();
    for projection in &network.projections {
        let CheckedSynapse::Model { synapse, .. } = &projection.synapse else { continue };
        let model = &synapse.model;
        for leaf in model.on_pre.iter().flat_map(|addition| model.graph.leaves(addition.value)) {
            let Node::End(k) = leaf else { continue };
            let end = &model.ends[k as usize];
            // a synapse that acts both ways reads the name at either end
            let other = projection.back.as_ref().map(|_| !end.post);
            for post in std::iter::once(end.post).chain(other) {
                let id = if post { projection.target } else { projection.source };
                out.insert((id, end.name.clone()), projection.name.clone());
            }
        }
    }
    out
}

/// Does a default follow from numbers alone?
fn all_shared(model: &SynapseModel, node: NodeId, earlier: &[Option<EdgeValue>]) -> bool {
    let shared = |k: u32| matches!(earlier.get(k as usize), Some(Some(EdgeValue::Shared(_))));
    !model.graph.any_leaf(node, |leaf| matches!(leaf, Node::Param(k) if !shared(k)))
}
