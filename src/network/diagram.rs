//! The network as boxes and arrows, for a picture.
//!
//! In: a description, which may be unfinished or wrong. Out: [`Diagram`], or its text in Graphviz's language. Not here: where boxes
//! stand and how they are drawn ([`crate::plot::diagram`]).

use std::collections::BTreeMap;
use std::fmt::Write;

use super::connector::Numbers;
use super::effect::{self, Effect};
use super::{Connector, Distribution, Network, Population, Projection, Value, Waveform, modulator};
use crate::diagnostic::Source;
use crate::model::rule::{Graph, NodeId};
use crate::model::{ModelSet, SynapseModel, check, library};
use crate::units::{Quantity, Unit};

/// Boxes and the arrows between them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Diagram {
    /// Of the network.
    pub name: String,
    /// Inputs, populations in their order, outputs.
    pub items: Vec<Item>,
    /// From item to item.
    pub arrows: Vec<Arrow>,
}

/// A box.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Of the population, input or output.
    pub name: String,
    /// How it is drawn.
    pub shape: Shape,
    /// How many neurons, or what kind of input: `5 x 6`, `poisson`.
    pub note: String,
    /// As the population gives it; empty: none.
    pub colour: String,
}

/// What a box stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shape {
    /// A single neuron, or a population of one.
    Neuron,
    /// A population of one size.
    Row,
    /// A population of several sizes.
    Sheet,
    /// An input or a stimulus.
    Input,
    /// An output that reads a state.
    Output,
    /// An output that reads spikes.
    Spikes,
}

/// From box to box, by their places in [`Diagram::items`].
#[derive(Clone, Debug, PartialEq)]
pub struct Arrow {
    /// By place among the items.
    pub from: usize,
    /// By place among the items.
    pub to: usize,
    /// What it does there.
    pub head: Head,
    /// The projection's own name, and the model of synapses that events change; empty: neither.
    pub label: String,
}

/// What a synapse does: by its reversal potential against the target's rest, or by the sign of its weight and what the target's own
/// equations make of a small arrival at its port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Head {
    /// It raises the potential.
    Excitatory,
    /// It lowers the potential.
    Inhibitory,
    /// Its reversal is at rest.
    Modulatory,
    /// Several of these, by synapse.
    Mixed,
    /// A junction, both ways.
    Electrical,
    /// A junction, one way.
    Rectified,
    /// It is a modulator of synapses onto the other: a third factor.
    ThirdFactor,
    /// Inputs, outputs, and what cannot be told.
    Plain,
}

impl Network {
    /// The network as boxes and arrows. Projections of one kind between the same two populations are one arrow each; an electrical
    /// synapse is one arrow, not two.
    ///
    /// ```
    /// use synfire::network::{Connector, Network};
    /// let mut net = Network::new("reflex");
    /// net.population("sensor", "non_spiking", 1);
    /// net.population("motor", "non_spiking", 1).colour("gold");
    /// net.project_by("sensor", "motor", "graded_synapse", Connector::OneToOne).parameter("e_rev", "-40 mV");
    /// net.input("push", "sensor", "i_stim", "1 nA");
    /// let diagram = net.diagram();
    /// assert!(diagram.to_dot().contains("arrowhead=dot"));
    /// let svg = synfire::plot::diagram(&diagram)?.svg;
    /// assert!(svg.starts_with("<svg"));
    /// # Ok::<(), synfire::plot::PlotError>(())
    /// ```
    #[doc(alias = "render")]
    pub fn diagram(&self) -> Diagram {
        self.without_constants().drawn()
    }

    fn drawn(&self) -> Diagram {
        // what cannot be read is drawn plain: the check says what is wrong with it
        let mut models = library::all().unwrap_or_default();
        let source = Source { name: "equations".into(), text: self.equations.clone() };
        if let Ok(own) = check::read(&source) {
            models.neurons.extend(own.neurons);
            models.synapses.extend(own.synapses);
        }
        let mut diagram = Diagram { name: self.name.clone(), ..Diagram::default() };
        let first = self.inputs.len() + self.stimuli.len();
        let place = |name: &str| self.populations.iter().position(|p| p.name == name).map(|k| first + k);
        let titled = |name: &str, otherwise: String| if name.is_empty() { otherwise } else { name.to_string() };
        let item = |name: String, shape: Shape, note: String| Item { name, shape, note, colour: String::new() };
        for input in &self.inputs {
            let note = if input.per_neuron { "per neuron" } else { "" };
            diagram.items.push(item(titled(&input.name, input.input.clone()), Shape::Input, note.into()));
        }
        for stimulus in &self.stimuli {
            let name = titled(&stimulus.name, stimulus.input.clone());
            diagram.items.push(item(name, Shape::Input, kind(&stimulus.waveform).into()));
        }
        diagram.items.extend(self.populations.iter().map(box_of));
        let targets = self.inputs.iter().map(|i| &i.target).chain(self.stimuli.iter().map(|s| &s.target));
        for (from, target) in targets.enumerate() {
            if let Some(to) = place(target) {
                diagram.arrows.push(Arrow { from, to, head: Head::Plain, label: String::new() });
            }
        }
        let mut effects = Effects::new();
        let mut junctions: Vec<(usize, usize)> = Vec::new();
        for projection in &self.projections {
            let (Some(from), Some(to)) = (place(&projection.source), place(&projection.target)) else { continue };
            let head = if projection.both_ways { Head::Electrical } else { self.head(projection, &models, &mut effects) };
            // the way back of a junction is told by the way there
            if head == Head::Electrical && !projection.both_ways {
                if let Some(k) = junctions.iter().position(|ends| *ends == (to, from)) {
                    junctions.swap_remove(k);
                    continue;
                }
                junctions.push((from, to));
            }
            if projection.synapse.as_deref() != Some("rectified_return") {
                let named = projection.synapse.as_deref();
                let learns = named.filter(|name| models.synapses.get(*name).is_some_and(|model| !model.events.is_empty()));
                let label: Vec<&str> = [projection.name.as_str()].into_iter().filter(|n| !n.is_empty()).chain(learns).collect();
                diagram.arrows.push(Arrow { from, to, head, label: label.join(": ") });
            }
        }
        diagram.arrows.extend(self.third_factors(&models, &place));
        for output in &self.outputs {
            let shape = if output.record == "spikes" { Shape::Spikes } else { Shape::Output };
            let name = titled(&output.name, output.record.clone());
            diagram.items.push(item(name, shape, String::new()));
            if let Some(from) = place(&output.population) {
                diagram.arrows.push(Arrow { from, to: diagram.items.len() - 1, head: Head::Plain, label: String::new() });
            }
        }
        diagram
    }

    /// From what modulates synapses to where they end, once each. `place`: of a population among the items, where inputs come first.
    fn third_factors(&self, models: &ModelSet, place: &dyn Fn(&str) -> Option<usize>) -> Vec<Arrow> {
        let mut out: Vec<Arrow> = Vec::new();
        let is_state = |k: usize, state: &str| {
            let model = models.neurons.get(&self.populations[k].model);
            model.is_some_and(|model| model.states.iter().any(|s| s.name == state))
        };
        for projection in &self.projections {
            for (name, source) in &projection.modulators {
                let from = match modulator::named(self, source, is_state) {
                    Some(modulator::Named::Population(k, _)) => place(&self.populations[k].name),
                    Some(modulator::Named::Input(k)) => Some(k),
                    None => None,
                };
                if let (Some(from), Some(to)) = (from, place(&projection.target)) {
                    let arrow = Arrow { from, to, head: Head::ThirdFactor, label: name.clone() };
                    out.extend(Some(arrow).filter(|arrow| !out.contains(arrow)));
                }
            }
        }
        out
    }

    fn head(&self, projection: &Projection, models: &ModelSet, effects: &mut Effects) -> Head {
        let Some(name) = &projection.synapse else {
            let rule = projection.connector.rule();
            let weight = match (&projection.weight, rule.numbers()) {
                (weight, Some(Numbers { rows, .. })) => {
                    let sign = weight.as_ref().and_then(|w| span(w, None)).map_or(1.0, |(low, _)| low.signum());
                    extent(rows.iter().flatten().copied().filter(|x| *x != 0.0).map(|x| sign * x))
                }
                (Some(weight), None) => span(weight, None),
                (None, None) => None,
            };
            let port = projection.port.as_deref().unwrap_or("");
            return through(head_of(weight, 0.0), self.effect(&projection.target, port, models, effects));
        };
        match name.as_str() {
            "electrical_synapse" => return Head::Electrical,
            "rectified_synapse" | "rectified_return" => return Head::Rectified,
            _ => {}
        }
        let model = models.synapses.get(name);
        let value = |key: &str| {
            let given = projection.parameters.get(key).map(|value| span(value, Some(&projection.connector)));
            given.unwrap_or_else(|| {
                let model = model?;
                let Some(param) = model.params.iter().find(|p| p.name == key) else { return kept(model, key, projection) };
                let x = evaluate(&model.graph, param.default?)?;
                x.is_finite().then_some((x, x))
            })
        };
        let declared =
            |m: &SynapseModel, key: &str| m.params.iter().any(|p| p.name == key) || m.states.iter().any(|s| s.name == key);
        let has = |key: &str| model.is_some_and(|m| declared(m, key)) || projection.parameters.contains_key(key);
        if has("e_rev") {
            return head_of(value("e_rev"), self.rest_of(&projection.target, models));
        }
        let weight = ["w", "weight"].into_iter().find(|key| has(key)).map_or(Head::Plain, |key| head_of(value(key), 0.0));
        match model.and_then(|model| model.on_pre.first()) {
            Some(addition) => through(weight, self.effect(&projection.target, &addition.port, models, effects)),
            None if weight == Head::Modulatory => Head::Plain,
            None => weight,
        }
    }

    /// What a spike at a port of a population does, worked out once.
    fn effect(&self, population: &str, port: &str, models: &ModelSet, effects: &mut Effects) -> Option<Effect> {
        let key = (population.to_string(), port.to_string());
        if let Some(known) = effects.get(&key) {
            return *known;
        }
        let worked_out = self.populations.iter().find(|p| p.name == population).and_then(|p| {
            let middle = |values: &BTreeMap<String, Value>| {
                let of = |(name, value): (&String, &Value)| span(value, None).map(|(low, high)| (name.clone(), (low + high) / 2.0));
                values.iter().filter_map(of).collect::<BTreeMap<String, f64>>()
            };
            effect::effect(models.neurons.get(&p.model)?, &middle(&p.parameters), &middle(&p.initial), port)
        });
        effects.insert(key, worked_out);
        worked_out
    }

    /// mV; 0 where nothing says it.
    fn rest_of(&self, name: &str, models: &ModelSet) -> f64 {
        let Some(population) = self.populations.iter().find(|p| p.name == name) else { return 0.0 };
        if let Some((low, _)) = population.parameters.get("e_leak").and_then(|value| span(value, None)) {
            return low;
        }
        let default = models.neurons.get(&population.model).and_then(|model| {
            let param = model.params.iter().find(|p| p.name == "e_leak")?;
            evaluate(&model.graph, param.default?)
        });
        default.filter(|x| x.is_finite()).unwrap_or(0.0)
    }
}

impl Diagram {
    /// In the language of Graphviz, for those who have it: `dot -Tsvg network.dot`.
    pub fn to_dot(&self) -> String {
        let mut out = format!("digraph {} {{\n  rankdir=LR;\n  node [style=filled, fillcolor=white];\n", quoted(&self.name));
        for (k, item) in self.items.iter().enumerate() {
            let (shape, style) = match item.shape {
                Shape::Neuron => ("ellipse", "filled"),
                Shape::Row => ("box", "filled,rounded"),
                Shape::Sheet => ("box3d", "filled"),
                Shape::Input => ("invhouse", "filled"),
                Shape::Output => ("house", "filled"),
                Shape::Spikes => ("triangle", "filled"),
            };
            let label = if item.note.is_empty() { item.name.clone() } else { format!("{}\n{}", item.name, item.note) };
            let letters = if is_dark(&item.colour) { ", fontcolor=white" } else { "" };
            let colour =
                if item.colour.is_empty() { String::new() } else { format!(", fillcolor={}{letters}", quoted(&item.colour)) };
            let _ = writeln!(out, "  n{k} [label={}, shape={shape}, style=\"{style}\"{colour}];", quoted(&label));
        }
        for arrow in &self.arrows {
            let head = match arrow.head {
                Head::Excitatory => "arrowhead=normal",
                Head::Inhibitory => "arrowhead=dot",
                Head::Modulatory => "arrowhead=odot",
                Head::Mixed => "arrowhead=dotnormal",
                Head::Electrical => "dir=both, arrowhead=diamond, arrowtail=diamond",
                Head::Rectified => "dir=both, arrowhead=diamond, arrowtail=odiamond",
                Head::ThirdFactor => "style=dashed, arrowhead=vee",
                Head::Plain => "arrowhead=vee",
            };
            let label = if arrow.label.is_empty() { String::new() } else { format!(", label={}", quoted(&arrow.label)) };
            let _ = writeln!(out, "  n{} -> n{} [{head}{label}];", arrow.from, arrow.to);
        }
        out + "}\n"
    }
}

/// Are black letters hard to read on this colour?
fn is_dark(colour: &str) -> bool {
    /// The SVG names of colours darker than a third of white.
    const DARK: &[&str] = &[
        "black",
        "blue",
        "brown",
        "darkblue",
        "darkgreen",
        "darkmagenta",
        "darkolivegreen",
        "darkred",
        "darkslateblue",
        "darkslategray",
        "darkslategrey",
        "dimgray",
        "dimgrey",
        "firebrick",
        "green",
        "indigo",
        "maroon",
        "mediumblue",
        "midnightblue",
        "navy",
        "purple",
        "saddlebrown",
        "teal",
    ];
    let Some(digits) = colour.strip_prefix('#') else {
        return DARK.contains(&colour.to_ascii_lowercase().as_str());
    };
    let wide = digits.len() == 6;
    let part = |k: usize| {
        let text = if wide { digits.get(2 * k..2 * k + 2) } else { digits.get(k..k + 1) };
        text.and_then(|text| u32::from_str_radix(text, 16).ok()).map(|x| if wide { x } else { 17 * x })
    };
    match (part(0), part(1), part(2)) {
        // luma of Rec. 601, in thousandths of 255
        (Some(r), Some(g), Some(b)) => 299 * r + 587 * g + 114 * b < 85_000,
        _ => false,
    }
}

/// By population and port.
type Effects = BTreeMap<(String, String), Option<Effect>>;

/// What weights of a sign do at a port.
fn through(weight: Head, effect: Option<Effect>) -> Head {
    match (weight, effect) {
        (Head::Modulatory | Head::Plain, _) | (_, None) => Head::Plain,
        (_, Some(Effect::Still)) => Head::Modulatory,
        (Head::Excitatory, Some(Effect::Down)) => Head::Inhibitory,
        (Head::Inhibitory, Some(Effect::Down)) => Head::Excitatory,
        (head, _) => head,
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}

fn box_of(population: &Population) -> Item {
    let sizes = if population.shape.is_empty() { vec![population.size.unwrap_or(0)] } else { population.shape.clone() };
    let shape = match sizes[..] {
        [1] => Shape::Neuron,
        [_] => Shape::Row,
        _ => Shape::Sheet,
    };
    let note = sizes.iter().map(u64::to_string).collect::<Vec<_>>().join(" x ");
    let note = if shape == Shape::Neuron { String::new() } else { note };
    Item { name: population.name.clone(), shape, note, colour: population.colour.clone() }
}

fn kind(waveform: &Waveform) -> &'static str {
    match waveform {
        Waveform::Constant { .. } => "constant",
        Waveform::Steps { .. } => "steps",
        Waveform::Sine { .. } => "sine",
        Waveform::Ramp { .. } => "ramp",
        Waveform::Pulses { .. } => "pulses",
        Waveform::Noise { .. } => "noise",
        Waveform::OrnsteinUhlenbeck { .. } => "ornstein_uhlenbeck",
        Waveform::Poisson { .. } => "poisson",
        Waveform::PoissonArray { .. } => "poisson_array",
        Waveform::Expression { .. } => "expression",
        Waveform::Array { .. } => "array",
        Waveform::Frames(_) => "frames",
        Waveform::External { .. } => "external",
    }
}

fn head_of(span: Option<(f64, f64)>, rest: f64) -> Head {
    match span {
        None => Head::Plain,
        Some((low, high)) if low == rest && high == rest => Head::Modulatory,
        Some((low, _)) if low >= rest => Head::Excitatory,
        Some((_, high)) if high <= rest => Head::Inhibitory,
        Some(_) => Head::Mixed,
    }
}

/// What a state of a synapse may be: its range, else its start.
fn kept(model: &SynapseModel, state: &str, projection: &Projection) -> Option<(f64, f64)> {
    let state = model.states.iter().find(|s| s.name == state)?;
    let at = |node: NodeId| model.graph.evaluate(node, &|k| parameter(model, k, projection));
    let (low, high) = match (state.range.low, state.range.high) {
        (Some(low), Some(high)) => (at(low.value)?, at(high.value)?),
        _ => (at(state.initial)?, at(state.initial)?),
    };
    (low.is_finite() && high.is_finite()).then_some((low, high))
}

/// A parameter of a synapse, the largest where there are several; a default follows from those before it.
fn parameter(model: &SynapseModel, k: u32, projection: &Projection) -> Option<f64> {
    let param = model.params.get(k as usize)?;
    match projection.parameters.get(&param.name) {
        Some(value) => span(value, Some(&projection.connector)).map(|(_, high)| high),
        None => model.graph.evaluate(param.default?, &|j| parameter(model, j, projection)),
    }
}

/// A default that is a number; `None` if it follows from other parameters.
fn evaluate(graph: &Graph, node: NodeId) -> Option<f64> {
    graph.evaluate(node, &|_| None)
}

/// The least and the largest value, in internal units; of what is drawn, its middle.
fn span(value: &Value, connector: Option<&Connector>) -> Option<(f64, f64)> {
    let both = |a: &Value, b: &Value| Some((span(a, None)?.0, span(b, None)?.1));
    match value {
        Value::Number(x) => Some((*x, *x)),
        Value::Text(text) => Quantity::parse(text).ok().map(|q| (q.value, q.value)),
        Value::List(list) => extent(list.iter().filter_map(|v| span(v, None)).flat_map(|(low, high)| [low, high])),
        Value::Distribution(d) => match d.as_ref() {
            Distribution::Uniform(low, high) | Distribution::Linspace(low, high) | Distribution::Randint(low, high) => {
                both(low, high)
            }
            Distribution::Range(low, high, _) => both(low, high),
            Distribution::Gamma { scale: middle, .. }
            | Distribution::Exponential { mean: middle, .. }
            | Distribution::VonMises { mean: middle, .. } => span(middle, None),
            Distribution::Poisson { times, .. } | Distribution::Binomial { times, .. } => {
                times.as_ref().map_or(Some((1.0, 1.0)), |times| span(times, None))
            }
            Distribution::Normal { mean: middle, .. } | Distribution::Lognormal { median: middle, .. } => span(middle, None),
            Distribution::Choice { of, .. } | Distribution::Repeat(of) | Distribution::Each(of) => {
                extent(of.iter().filter_map(|v| span(v, None)).flat_map(|(low, high)| [low, high]))
            }
            Distribution::Column { file: None, unit, .. } => {
                let scale = unit_scale(unit.as_deref())?;
                extent(connector?.rule().numbers()?.rows.iter().flatten().copied().filter(|x| *x != 0.0).map(|x| x * scale))
            }
            Distribution::Column { .. } => None,
            Distribution::Matrix { rows, unit } => {
                let scale = unit_scale(unit.as_deref())?;
                // only where there are synapses
                let rule = connector?.rule();
                let used = rule.numbers()?.rows.iter().flatten();
                extent(rows.iter().flatten().zip(used).filter(|(_, used)| **used != 0.0).map(|(x, _)| x * scale))
            }
            Distribution::Numbers { of, unit } => {
                let scale = unit_scale(unit.as_deref())?;
                extent(of.iter().map(|x| x * scale))
            }
            Distribution::Except { value, rows } => {
                let others = value.as_ref().and_then(|value| span(value, connector));
                let own = rows.iter().filter_map(|exception| span(&exception.value, None));
                extent(own.chain(others).flat_map(|(low, high)| [low, high]))
            }
        },
    }
}

fn unit_scale(unit: Option<&str>) -> Option<f64> {
    unit.map_or(Some(1.0), |text| Unit::parse(text).ok().map(|unit| unit.scale))
}

fn extent(numbers: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    numbers.fold(None, |span, x| Some(span.map_or((x, x), |(low, high): (f64, f64)| (low.min(x), high.max(x)))))
}
