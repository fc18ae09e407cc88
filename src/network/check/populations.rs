//! Populations: name, model, size, parameters, initial values, listed spikes.

use std::sync::Arc;

use super::except::{exceptions, partial};
use super::names::{Names, is_expressive};
use super::values::population_stream;
use super::words::{is_value, listed, there_are};
use super::{Checker, Known, unusable};
use crate::diagnostic::{Diagnostic, KeyPath};
use crate::model::library::meant;
use crate::model::rule::Node;
use crate::model::{Method, NeuronModel};
use crate::network::Population;
use crate::network::checked::{CheckedPopulation, Column, PopulationId};
use crate::units::{Dimension, nearest};

/// Row numbers are u32, and differences of them are i32.
const LARGEST: u64 = (1 << 31) - 1;
/// Places of initial values among the streams of a population; parameters lie below.
const INITIAL: u32 = 512;

impl Checker<'_> {
    /// Names first, so that every other part can be checked whatever else is wrong with a population.
    pub(super) fn populations(&mut self) -> Vec<Option<CheckedPopulation>> {
        let network = self.network;
        if network.populations.len() > 1 << 19 {
            self.say(Diagnostic::new("E036", format!("network: {} populations are too many", network.populations.len())));
            return Vec::new();
        }
        for (id, population) in (0..).map(PopulationId).zip(&network.populations) {
            let name = population.name.as_str();
            self.enter("", KeyPath::part("population", id.0 as usize));
            if let Some(why) = unusable(name) {
                self.say(Diagnostic::new("E022", format!("population {}: the name {why}", id.0)).value_of("name"));
            } else if self.places.contains_key(name) {
                self.say(
                    Diagnostic::new("E022", format!("population {name}: there is another population of this name"))
                        .value_of("name"),
                );
            }
            self.places.entry(name).or_insert(id);
        }
        (0..).zip(&network.populations).map(|(place, population)| self.population(place, population)).collect()
    }

    fn method(&mut self, part: &str, name: &str) -> Option<Method> {
        let method = Method::named(name);
        if method.is_none() {
            let names = Method::ALL.map(Method::name);
            let message = format!("{part}: no method `{name}`; there {}", there_are(&names));
            self.say(Diagnostic::new("E028", message).did_you_mean(nearest(name, names.into_iter())).value_of("method"));
        }
        method
    }

    fn population(&mut self, place: u32, given: &Population) -> Option<CheckedPopulation> {
        let part = format!("population {}", given.name);
        self.enter(&part, KeyPath::part("population", place as usize));
        let model = self.neuron_model(&part, &given.model);
        let shape = self.shape(&part, given);
        let size = shape.as_ref().map(|shape| shape.iter().product());
        self.known.push(Known { model: model.clone(), size, shape: shape.clone().unwrap_or_default() });
        let positions = self.positions(&part, place, given, shape.as_deref());
        self.at = positions.clone().flatten();
        let asked = given.method.as_deref().map(|name| self.method(&part, name));
        let model = model?;
        self.names_of_values(&part, given, &model);
        // sizes that are wrong have been said; values can still be looked at as one per population
        let params = self.within("parameters", |c| c.params(&part, place, given, &model, size));
        let known = params.as_deref().unwrap_or_default();
        let initial = self.within("initial", |c| c.initial(&part, place, given, &model, known, size));
        let spike_steps = self.spike_steps(&part, place, given, &model, shape.as_deref());
        self.colour(&part, &given.colour);
        let params: Vec<Column> = params?.into_iter().collect::<Option<_>>()?;
        self.within("parameters", |c| c.allowed_in_neurons(&part, &model, &params, None))?;
        // one that there is not has been said
        let method = asked.flatten().or(model.method);
        self.remark_neurons(&part, &model, method, &params, None);
        Some(CheckedPopulation {
            name: given.name.clone(),
            method,
            size: size?,
            shape: shape?,
            params,
            initial: initial?,
            spike_steps: spike_steps?,
            positions: positions?,
            model,
        })
    }

    /// It may stand in an SVG file, so nothing but letters, or digits behind a `#`.
    fn colour(&mut self, part: &str, colour: &str) {
        let named = colour.bytes().all(|b| b.is_ascii_alphabetic());
        let digits = colour.strip_prefix('#').filter(|d| matches!(d.len(), 3 | 6));
        if !named && !digits.is_some_and(|d| d.bytes().all(|b| b.is_ascii_hexdigit())) {
            let message = format!("{part}: colour: expected an SVG colour name or `#rrggbb`, got `{}`", colour.escape_debug());
            self.say(Diagnostic::new("E022", message).value_of("colour"));
        }
    }

    /// The model of the name; what may have been meant by another simulator's.
    fn neuron_model(&mut self, part: &str, name: &str) -> Option<Arc<NeuronModel>> {
        if let Some(model) = self.models.neurons.get(name) {
            return Some(model.clone());
        }
        if self.models.broken.contains(name) {
            return None;
        }
        let d = if self.models.synapses.contains_key(name) {
            Diagnostic::new("E025", format!("{part}: `{name}` is a synapse model, a neuron model is expected"))
                .help("synapse models are named by projections: `synapse`")
        } else {
            let names: Vec<&str> = self.models.neurons.keys().map(String::as_str).collect();
            Diagnostic::new("E025", format!("{part}: no neuron model `{name}`; there {}", there_are(&names)))
                .did_you_mean(meant(name).filter(|ours| names.contains(ours)).or(nearest(name, names.iter().copied())))
        };
        self.say(d.value_of("model"));
        None
    }

    fn shape(&mut self, part: &str, given: &Population) -> Option<Vec<u32>> {
        let wrong = |text: &str| Diagnostic::new("E023", format!("{part}: {text}"));
        let shape = match (given.size, given.shape.as_slice()) {
            (Some(_), [_, ..]) => Err(wrong("size and shape are both given").help("keep one of them").key_of("shape")),
            (None, []) => Err(wrong("a size or a shape is missing")),
            (None, shape) if shape.len() > 3 => Err(wrong("a shape has one to three sizes").value_of("shape")),
            (Some(size), []) => Ok(vec![size]),
            (None, shape) => Ok(shape.to_vec()),
        };
        let shape = self.accept(shape)?;
        let key = if given.size.is_some() { "size" } else { "shape" };
        let size = shape.iter().try_fold(1u64, |product, &n| product.checked_mul(n));
        let outcome = match size {
            Some(0) => Err(wrong("at least one neuron is needed").value_of(key)),
            Some(size) if size <= LARGEST => Ok(shape.iter().map(|&n| n as u32).collect()),
            _ => Err(wrong(&format!("more than {LARGEST} neurons")).value_of(key)),
        };
        self.accept(outcome)
    }

    /// Names that the model does not have.
    pub(super) fn names_of_values(&mut self, part: &str, given: &Population, model: &NeuronModel) {
        let params: Vec<&str> = model.params.iter().map(|p| p.name.as_str()).collect();
        let states: Vec<&str> = model.states.iter().map(|s| s.name.as_str()).collect();
        let lists = [
            (given.parameters.keys(), &params, &states, "E026", "parameter", "parameters", "a state: set it under `initial`"),
            (given.initial.keys(), &states, &params, "E029", "state", "initial", "a parameter: set it under `parameters`"),
        ];
        for (names, mine, other, code, word, section, elsewhere) in lists {
            for name in names.filter(|n| !mine.contains(&n.as_str())) {
                let known = match mine.is_empty() {
                    true => "it has none".into(),
                    false => format!("it has {}", listed(mine)),
                };
                let d = Diagnostic::new(code, format!("{part}: `{}` has no {word} `{name}`; {known}", given.model));
                let d = d.key_of(&format!("{section}.{name}"));
                self.say(if other.contains(&name.as_str()) {
                    d.help(format!("`{name}` is {elsewhere}"))
                } else {
                    d.did_you_mean(nearest(name, mine.iter().copied()))
                });
            }
        }
    }

    /// By place in the model; `None` inside: wrong, and said. `None` outside: no size to draw for.
    pub(super) fn params(
        &mut self,
        part: &str,
        place: u32,
        given: &Population,
        model: &NeuronModel,
        size: Option<u32>,
    ) -> Option<Vec<Option<Column>>> {
        let mut out: Vec<Option<Column>> = vec![None; model.params.len()];
        if !given.parameters.values().any(is_expressive) {
            for k in 0..model.params.len() {
                out[k] = self.param(part, place, given, model, size, k, &out);
            }
            return size.map(|_| out);
        }
        let mut names = self.names_of_row(model, size);
        names.place(self.at.as_deref());
        for k in self.order_of_params(part, given, model, &names) {
            let param = &model.params[k];
            let here = self.own_name(&names, &param.name);
            out[k] = self.naming(here, |c| c.param(part, place, given, model, size, k, &out));
            names.settle(&param.name, out[k].as_ref());
        }
        size.map(|_| out)
    }

    /// The names of a row before any of its parameters is known.
    pub(super) fn names_of_row(&self, model: &NeuronModel, size: Option<u32>) -> Names {
        self.row_names(model.params.iter().map(|p| (p.name.as_str(), p.dimension)), size)
    }

    /// One of them, those that it follows from being known.
    #[allow(clippy::too_many_arguments, reason = "what is given, and what is known so far")]
    pub(super) fn param(
        &mut self,
        part: &str,
        place: u32,
        given: &Population,
        model: &NeuronModel,
        size: Option<u32>,
        k: usize,
        known: &[Option<Column>],
    ) -> Option<Column> {
        let param = model.params.get(k)?;
        match (given.parameters.get(&param.name), param.default) {
            (Some(value), Some(node)) if exceptions(value).is_some_and(|(others, _)| others.is_none()) => {
                let column = self.default_column(part, &param.name, model, node, known, size);
                let column = self.defined(part, &param.name, param.dimension, column);
                let own = exceptions(value).map_or(&[][..], |(_, own)| own);
                column
                    .zip(size)
                    .and_then(|(column, size)| self.excepted_neurons(part, &param.name, column, own, param.dimension, size))
            }
            (Some(value), _) => {
                // without a size, only what does not depend on it
                let rows = size.or_else(|| single(value));
                let stream = population_stream(place, k as u32);
                rows.and_then(|n| self.column(part, &param.name, value, param.dimension, n, stream))
            }
            (None, Some(node)) => {
                let column = self.default_column(part, &param.name, model, node, known, size);
                self.defined(part, &param.name, param.dimension, column)
            }
            (None, None) => {
                let unit = super::words::unit_text(param.dimension);
                let d = Diagnostic::new("E027", format!("{part}: `{}` of `{}` has no value", param.name, given.model));
                let d = d.value_of(&param.name);
                let example = if param.dimension.is_none() { "a number".into() } else { format!("a value in {unit}") };
                self.say(d.help(format!("give {example} under `parameters`")));
                None
            }
        }
    }

    /// A default worked out from the parameters before it: per row if one of these is.
    pub(super) fn default_column(
        &mut self,
        part: &str,
        name: &str,
        model: &NeuronModel,
        node: crate::model::rule::NodeId,
        earlier: &[Option<Column>],
        size: Option<u32>,
    ) -> Option<Column> {
        let mut per_row = false;
        for leaf in model.graph.leaves(node) {
            let Node::Param(place) = leaf else { continue };
            per_row |= matches!(earlier.get(place as usize)?.as_ref()?, Column::PerRow(_));
        }
        let at = |row: usize| {
            model.graph.evaluate(node, &|place| earlier.get(place as usize).and_then(Option::as_ref).map(|column| column.get(row)))
        };
        if !per_row {
            return at(0).map(Column::Shared);
        }
        let size = size?;
        self.hold(part, name, u64::from(size))?;
        (0..size as usize).map(at).collect::<Option<_>>().map(Column::PerRow)
    }

    /// A default can divide by a parameter that is 0.
    pub(super) fn defined(&mut self, part: &str, name: &str, dimension: Dimension, column: Option<Column>) -> Option<Column> {
        let good = |x: &f64| is_value(dimension, *x);
        let bad = match &column {
            Some(Column::Shared(x)) => (!good(x)).then_some(*x),
            Some(Column::PerRow(list)) => list.iter().find(|x| !good(x)).copied(),
            None => None,
        };
        if let Some(x) = bad {
            let message = format!("{part}: the default of `{name}` comes out as {x}, which is not finite");
            self.say(
                Diagnostic::new("E032", message)
                    .value_of(name)
                    .help("give it a value, or change the parameters that it follows from"),
            );
            return None;
        }
        column
    }

    pub(super) fn initial(
        &mut self,
        part: &str,
        place: u32,
        given: &Population,
        model: &NeuronModel,
        params: &[Option<Column>],
        size: Option<u32>,
    ) -> Option<Vec<Option<Column>>> {
        if !given.initial.values().any(is_expressive) {
            return self.initial_columns(part, place, given, model, params, size);
        }
        let mut names = self.names_of_row(model, size);
        names.place(self.at.as_deref());
        model.params.iter().zip(params).for_each(|(param, column)| names.settle(&param.name, column.as_ref()));
        self.naming(names, |c| c.initial_columns(part, place, given, model, params, size))
    }

    fn initial_columns(
        &mut self,
        part: &str,
        place: u32,
        given: &Population,
        model: &NeuronModel,
        params: &[Option<Column>],
        size: Option<u32>,
    ) -> Option<Vec<Option<Column>>> {
        let mut out = Vec::with_capacity(model.states.len());
        let mut whole = size.is_some();
        for (k, state) in (0u32..).zip(&model.states) {
            let Some(value) = given.initial.get(&state.name).filter(|value| !partial(value)) else {
                out.push(None);
                continue;
            };
            let rows = size.or_else(|| single(value));
            let stream = initial_stream(place, k);
            let column = rows.and_then(|n| self.column(part, &state.name, value, state.dimension, n, stream));
            whole &= column.is_some();
            out.push(column);
        }
        // rows that are not named keep what the model gives them, which may follow from values of other states
        for (k, state) in model.states.iter().enumerate() {
            let Some(value) = given.initial.get(&state.name).filter(|value| partial(value)) else { continue };
            let own = exceptions(value).map_or(&[][..], |(_, own)| own);
            let others = size.and_then(|size| self.own_start(part, model, params, &out, k, size).zip(Some(size)));
            let column =
                others.and_then(|(others, size)| self.excepted_neurons(part, &state.name, others, own, state.dimension, size));
            whole &= column.is_some();
            out[k] = column;
        }
        whole.then_some(out)
    }
}

/// The stream of the draws of an initial value, by place of its population and of its state.
pub(super) fn initial_stream(population: u32, state: u32) -> u32 {
    population_stream(population, INITIAL + state)
}

/// A size to check a single value with when the population has none.
fn single(value: &crate::network::Value) -> Option<u32> {
    use crate::network::Value;
    matches!(value, Value::Number(_) | Value::Text(_)).then_some(1)
}
