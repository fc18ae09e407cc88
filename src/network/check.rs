//! From the description to numbers: every name becomes a place, every value a number in internal units.
//!
//! In: a [`Network`], the models it may use, the folder that its tables lie in. Out: a [`CheckedNetwork`], or a
//! [`Report`] of everything that is wrong, all at once. Not here: equations (`model::check`), edges (`connector`).
//!
//! Messages begin with the part that is meant: `population exc: `, `` `exc -> inh`: ``, `stimulus exc.i_ext: `, `probe exc.v: `.
//!
//! | code | what is wrong |
//! | --- | --- |
//! | E020 | dt, duration |
//! | E022 | a name: empty, unprintable, given twice |
//! | E023 | size or shape of a population |
//! | E024 | a delay: shorter than a step, or too long |
//! | E025 | no such neuron model |
//! | E026 | no such parameter |
//! | E027 | a parameter without a value |
//! | E028 | no such method of integration |
//! | E029 | no such state |
//! | E030 | a quantity of another dimension |
//! | E031 | a text that is no quantity, an unknown unit |
//! | E032 | not finite |
//! | E033 | a list of another length |
//! | E034 | a distribution with impossible numbers |
//! | E035 | a list or distribution where it cannot stand |
//! | E036 | too many numbers to hold |
//! | E037 | a value that the model divides by is 0, or a capacitance or time is not larger |
//! | E038 | a value outside of what the model allows, a refractory time that is none |
//! | E050 | spike times where none are meant, or missing |
//! | E051 | a spike time that cannot be |
//! | E052 | events of a file that cannot be spikes of the population |
//! | E055 | no such stimulus, in a variant |
//! | E056 | what cannot differ between instances of an ensemble |
//! | E057 | a factor of a variant that is not finite |
//! | E060 | no such population |
//! | E061 | no such port |
//! | E062 | a connector with impossible numbers |
//! | E063 | a weight missing, or where none is meant |
//! | E064 | a neuron number out of range |
//! | E065 | no such synapse model; port and synapse model |
//! | E066 | a synapse model that does not fit its two ends |
//! | E067 | spikes from a model that never spikes |
//! | E068 | a modulator without a source, or with one that does not fit |
//! | E070 | no such input |
//! | E071 | a waveform with impossible numbers |
//! | E072 | rows that cannot be |
//! | E073 | start and stop |
//! | E075 | nothing of that name to record |
//! | E076 | an interval |
//! | E077 | nothing of that name for an output, or a scale of 0 |
//! | E078 | what a probe keeps of a sample: bins, edges |
//! | E080 | a path outside the folder |
//! | E081 | a table that cannot be read |
//! | E082 | a column that is missing or holds something else |
//! | E083 | an expression that cannot be read, names something that there is not, or follows from itself |
//! | E084 | an expression whose dimensions do not go together |
//! | E085 | positions that cannot be |
//! | E086 | a space that cannot be: axes, periods |

pub(crate) mod allowed;
mod clamps;
mod connectors;
mod courses;
mod delays;
mod divisors;
mod drawable;
mod events;
mod except;
mod factors;
mod files;
mod formulas;
mod frames;
mod given;
mod graded_delay;
mod grid;
mod hash;
mod in_text;
mod kept;
mod laws;
mod long_step;
mod modulators;
mod names;
mod pairs;
mod parts;
mod populations;
mod positions;
mod probes;
mod projections;
mod reduced;
mod remarked;
mod rows;
mod said;
mod samples;
mod signals;
mod spikes;
mod spread;
mod stimuli;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_edges;
#[cfg(test)]
mod tests_events;
#[cfg(test)]
mod tests_frames;
#[cfg(test)]
mod tests_learning;
#[cfg(test)]
mod tests_mutations;
#[cfg(test)]
mod tests_names;
#[cfg(test)]
mod tests_space;
#[cfg(test)]
mod tests_tables;
mod values;
mod variants;
mod varied;
mod ways;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use glam::DVec3;

use super::checked::{CheckedNetwork, CheckedPopulation, CheckedVariant, PopulationId, RowSet};
use super::connector::table::Table;
use super::connector::{CheckedConnector, Ends};
use super::pair::Geometry;
use super::{Network, Variant};
use crate::diagnostic::{Diagnostic, KeyPath, Remark, Remarks, Report};
pub use crate::model::ModelSet;
use crate::model::integrate::stability::Explicit;
use crate::model::{BoundSynapse, Method, NeuronModel};
use crate::units::Dimension;

/// Settles every word and value, or says everything that is wrong.
///
/// Files are read from below `folder` only.
pub fn check(network: &Network, models: &ModelSet, folder: &Path) -> Result<CheckedNetwork, Report> {
    Ok(check_ensemble(network, &[], models, folder)?.0)
}

/// The same for a network and variants of it.
pub fn check_ensemble(
    network: &Network,
    variants: &[Variant],
    models: &ModelSet,
    folder: &Path,
) -> Result<(CheckedNetwork, Vec<CheckedVariant>), Report> {
    check_within(network, variants, models, folder, None)
}

/// The same, with values of neurons and synapses that take at most so many bytes.
pub fn check_within(
    network: &Network,
    variants: &[Variant],
    models: &ModelSet,
    folder: &Path,
    budget: Option<u64>,
) -> Result<(CheckedNetwork, Vec<CheckedVariant>), Report> {
    let mut checker = Checker::new(network, models, folder);
    checker.budget = budget;
    let checked = checker.run().map(|mut network| {
        let variants = checker.variants(&network, variants);
        let varied = checker.remarks.take();
        network.varied = varied.len();
        network.remarks.extend(varied);
        (network, variants)
    });
    checker.said(checked)
}

/// Settles variants of a network that has been checked, and says what should be known of them.
///
/// **Errors** everything that is wrong with them, by the number of the variant.
pub fn check_variants(
    network: &Network,
    checked: &CheckedNetwork,
    variants: &[Variant],
    folder: &Path,
) -> Result<(Vec<CheckedVariant>, Vec<Remark>), Report> {
    let models = ModelSet::default();
    let mut checker = Checker::new(network, &models, folder);
    checker.constants();
    checker.dt = checked.dt;
    checker.places = (0..).map(PopulationId).zip(&network.populations).map(|(id, p)| (p.name.as_str(), id)).collect();
    let known = checked.populations.iter();
    checker.known = known.map(|p| Known { model: Some(p.model.clone()), size: Some(p.size), shape: p.shape.clone() }).collect();
    let variants = checker.variants(checked, variants);
    let remarks = checker.remarks.take();
    checker.said(Some((variants, remarks)))
}

/// ms
const DEFAULT_DT: f64 = 0.1;
/// ms; below it, steps of a day no longer fit the 2^53 whole numbers of an f64.
const SHORTEST_DT: f64 = 1e-6;

/// What is known of a population, even if something else about it is wrong.
struct Known {
    model: Option<Arc<NeuronModel>>,
    size: Option<u32>,
    /// Empty: wrong.
    shape: Vec<u32>,
}

struct Checker<'a> {
    network: &'a Network,
    models: &'a ModelSet,
    folder: &'a Path,
    /// ms
    dt: f64,
    seed: u64,
    known: Vec<Known>,
    /// Populations that have been looked at, for what refers to them; `None`: wrong, and that has been said.
    done: Vec<Option<CheckedPopulation>>,
    /// The two ends of the projection that is being looked at, and the space that it says.
    ends: Option<(PopulationId, PopulationId)>,
    /// Which of their neurons it joins, where these are not all.
    chosen: Option<Box<[RowSet; 2]>>,
    between: Option<positions::Settled>,
    /// The space of the network; `None`: wrong, and that has been said.
    world: Option<positions::Settled>,
    /// Where neurons of these ends are in this space, once it was asked for.
    geometry: Option<Option<Arc<Geometry>>>,
    /// The connectors of projections so far, where one is a clone of another: name, ends, what was settled, number.
    wired: Vec<(String, Ends, CheckedConnector, u32)>,
    /// Where the neurons of the population that is being looked at are.
    at: Option<Arc<Vec<DVec3>>>,
    places: BTreeMap<&'a str, PopulationId>,
    /// `None`: could not be read, and that has been said.
    tables: BTreeMap<PathBuf, Option<Arc<Table>>>,
    /// Files of events that were read.
    event_files: BTreeSet<PathBuf>,
    /// When a run ends, if the description says so. **Units** ms.
    end: Option<f64>,
    /// Numbers held per row so far.
    held: u64,
    /// Bytes that they may take; `None`: not limited here.
    budget: Option<u64>,
    diagnostics: Vec<Diagnostic>,
    /// The name of the part that each is about.
    labels: Vec<String>,
    remarks: Remarks,
    /// What expressions may name where values are looked at now.
    names: names::Names,
    /// What messages about the part that is being looked at begin with; where it stands is in `remarks`.
    label: String,
    /// What explicit methods make of a model, by its name and method: many populations share one.
    explicit: BTreeMap<(String, Option<Method>), Arc<Explicit>>,
    /// Synapse models between the models of two ends.
    bound: BTreeMap<(String, usize, usize), Arc<BoundSynapse>>,
}

impl<'a> Checker<'a> {
    fn new(network: &'a Network, models: &'a ModelSet, folder: &'a Path) -> Checker<'a> {
        Checker {
            network,
            models,
            folder,
            dt: DEFAULT_DT,
            seed: network.seed.unwrap_or(0),
            known: Vec::new(),
            done: Vec::new(),
            ends: None,
            chosen: None,
            between: None,
            world: None,
            geometry: None,
            wired: Vec::new(),
            at: None,
            places: BTreeMap::new(),
            tables: BTreeMap::new(),
            event_files: BTreeSet::new(),
            end: None,
            held: 0,
            budget: None,
            diagnostics: Vec::new(),
            labels: Vec::new(),
            remarks: Remarks::default(),
            names: names::Names::default(),
            label: String::new(),
            explicit: BTreeMap::new(),
            bound: BTreeMap::new(),
        }
    }

    fn run(&mut self) -> Option<CheckedNetwork> {
        self.constants();
        let duration = self.times();
        self.end = duration;
        self.enter("network", KeyPath::read("space"));
        self.world = self.space("network", self.network.space.as_ref());
        self.done = self.populations();
        let mut projections = self.projections();
        let mut stimuli = self.stimuli();
        let inputs = self.inputs(&mut stimuli);
        self.modulators(&mut projections, &inputs, &stimuli);
        let outputs = self.outputs();
        let probes = self.probes();
        if !self.diagnostics.is_empty() {
            return None;
        }
        Some(CheckedNetwork {
            name: self.network.name.clone(),
            dt: self.dt,
            duration,
            seed: self.seed,
            hash: self.hash()?,
            populations: std::mem::take(&mut self.done).into_iter().collect::<Option<_>>()?,
            projections: projections.into_iter().collect::<Option<_>>()?,
            stimuli: stimuli.into_iter().collect::<Option<_>>()?,
            probes: probes.into_iter().collect::<Option<_>>()?,
            inputs: inputs.into_iter().collect::<Option<_>>()?,
            outputs: outputs.into_iter().collect::<Option<_>>()?,
            remarks: self.network.placed_remarks(self.remarks.take()),
            varied: 0,
        })
    }

    /// Sets dt, gives the duration.
    fn times(&mut self) -> Option<f64> {
        self.enter("network", KeyPath::default());
        if let Some(value) = &self.network.dt {
            let dt = values::read(&self.names, "network", "dt", value, Dimension::TIME).and_then(|dt| {
                if !dt.is_finite() || dt <= 0.0 {
                    return Err(
                        Diagnostic::new("E020", format!("network: dt is a time longer than 0 ms, got {dt} ms")).value_of("dt")
                    );
                }
                if dt < SHORTEST_DT {
                    let message = format!("network: dt {dt:e} ms is shorter than {SHORTEST_DT:e} ms, the shortest step");
                    return Err(Diagnostic::new("E020", message).value_of("dt"));
                }
                Ok(dt)
            });
            self.dt = self.accept(dt).unwrap_or(DEFAULT_DT);
        }
        let value = self.network.duration.as_ref()?;
        let duration = values::read(&self.names, "network", "duration", value, Dimension::TIME).and_then(|t| {
            if t.is_finite() && t >= 0.0 && t / self.dt <= MOST_STEPS {
                return Ok(t);
            }
            Err(Diagnostic::new("E020", format!("network: duration is a finite time from 0 ms on, got {t} ms"))
                .value_of("duration"))
        });
        let duration = self.accept(duration)?;
        if let Some(message) = rounded_duration(duration, self.dt) {
            self.remarks.at("duration", "duration", "network", message);
        }
        Some(duration)
    }

    /// The place of a population by name, or an error that names what there is.
    fn place_of(&mut self, part: &str, role: &str, name: &str) -> Option<PopulationId> {
        if let Some(&id) = self.places.get(name) {
            return Some(id);
        }
        // those whose names have nothing wrong
        let mut all: Vec<&str> = Vec::new();
        for population in self.network.populations.iter().filter(|p| !p.name.is_empty()) {
            if !all.contains(&population.name.as_str()) {
                all.push(&population.name);
            }
        }
        let near = crate::units::nearest(name, all.iter().copied());
        let key = role.trim_end_matches(": ");
        let message = format!("{part}: {role}no population `{name}`; there {}", words::there_are(&all));
        self.say(Diagnostic::new("E060", message).did_you_mean(near).value_of(if key.is_empty() { "population" } else { key }));
        None
    }

    fn known(&self, id: PopulationId) -> Option<&Known> {
        self.known.get(id.0 as usize)
    }

    fn model_of(&self, id: PopulationId) -> Option<Arc<NeuronModel>> {
        self.known(id)?.model.clone()
    }

    fn size_of(&self, id: PopulationId) -> Option<u32> {
        self.known(id)?.size
    }

    /// A time as a number of steps, rounded to the nearest, which is remarked if it changes the time.
    fn steps(&mut self, part: &str, what: &str, ms: f64, code: &'static str) -> Option<u64> {
        match on_grid(ms, self.dt) {
            Some((steps, exact)) => {
                if !exact {
                    let rounded = short(steps as f64 * self.dt);
                    let message = format!("{what} {ms} ms is not a multiple of dt; it is {rounded} ms");
                    self.remarks.at(what, code, part, message);
                }
                Some(steps)
            }
            None => {
                self.say(
                    Diagnostic::new(code, format!("{part}: {what} {ms} ms is no time that steps of {} ms reach", self.dt))
                        .value_of(what),
                );
                None
            }
        }
    }
}

/// What becomes of a duration that is off the grid, ms.
pub(crate) fn rounded_duration(duration: f64, dt: f64) -> Option<String> {
    let Some((steps, false)) = on_grid(duration, dt) else { return None };
    let rounded = match steps {
        0 => "is less than half a step: there is nothing to run".into(),
        n => format!("is not a multiple of dt; it is {} ms", short(n as f64 * dt)),
    };
    Some(format!("duration {duration} ms {rounded}"))
}

/// The most steps whose number an f64 holds exactly.
const MOST_STEPS: f64 = 9_007_199_254_740_992.0;

/// The nearest step to a time, and whether the time is that of the step (up to a millionth of a step, more for long
/// times whose rounding is larger).
fn on_grid(ms: f64, dt: f64) -> Option<(u64, bool)> {
    let x = ms / dt;
    let n = x.round();
    if !(0.0..=MOST_STEPS).contains(&n) || x < -1e-6 {
        return None;
    }
    Some((n as u64, (x - n).abs() <= 1e-6 + n * 4e-16))
}

/// Without the noise of the last digits: 0.3, not 0.30000000000000004.
fn short(x: f64) -> f64 {
    format!("{x:.12e}").parse().unwrap_or(x)
}

/// Why a name cannot be used, if so.
fn unusable(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        return Some("is empty");
    }
    if name.len() > 200 {
        return Some("is longer than 200 bytes");
    }
    if name.chars().any(|c| c.is_control() || c == '`') || name.trim() != name {
        return Some("has a character that does not print");
    }
    None
}
