//! Expressions of pairs of neurons: what they may name, and where the two ends are.
//!
//! | name | what it is |
//! | --- | --- |
//! | `d` | how far it is from the source to the target |
//! | `dx`, `dy`, `dz` | the displacement from the source to the target |
//! | `i`, `j` | the number of the source, of the target |
//! | `n_pre`, `n_post` | how many sources and targets there are |
//! | `pre.x`, `pre.y`, `pre.z`, `post.x`, ... | where the two are |
//! | `pre.NAME`, `post.NAME` | a parameter of either |

use std::sync::Arc;

use glam::DVec3;

use super::names::Meant;
use super::values::read;
use super::words::described;
use super::{Checker, on_grid};
use crate::diagnostic::Diagnostic;
use crate::network::checked::{Column, EdgeValue, OfPair, PopulationId};
use crate::network::expression::Expression;
use crate::network::pair::{Geometry, PairValue, Part};
use crate::network::{Projection, Value};
use crate::units::Dimension;

/// What a name of an expression stands for, before anything is copied.
enum Meaning {
    Part(Part),
    Place { post: bool, axis: usize },
    Param { post: bool, place: usize },
}

impl Checker<'_> {
    /// From here on, pairs are those of a projection.
    pub(super) fn between(&mut self, part: &str, ends: Option<(PopulationId, PopulationId)>, given: &Projection) {
        (self.ends, self.chosen, self.geometry) = (ends, None, None);
        self.between = match &given.space {
            Some(own) => self.within("space", |c| c.space(part, Some(own))),
            None => self.world.clone(),
        };
    }

    /// Of what stands for each neuron of an end, what belongs to those that the projection joins.
    fn of_chosen<T: Copy>(&self, post: bool, list: &[T]) -> Vec<T> {
        match &self.chosen {
            None => list.to_vec(),
            Some(rows) => rows[usize::from(post)].iter().filter_map(|row| list.get(row as usize).copied()).collect(),
        }
    }

    /// How many neurons of an end the projection joins.
    fn count_of(&self, post: bool, size: u32) -> u32 {
        self.chosen.as_ref().map_or(size, |rows| rows[usize::from(post)].len() as u32)
    }

    fn end(&self, post: bool) -> Option<&crate::network::checked::CheckedPopulation> {
        let (source, target) = self.ends?;
        self.done.get(if post { target } else { source }.0 as usize)?.as_ref()
    }

    /// What an expression of pairs may name.
    fn meanings(&self) -> Vec<(String, Dimension, Meaning)> {
        let mut all = Vec::new();
        let mut add = |name: &str, dimension: Dimension, meaning: Meaning| all.push((name.to_string(), dimension, meaning));
        add("i", Dimension::NONE, Meaning::Part(Part::SourceNumber));
        add("j", Dimension::NONE, Meaning::Part(Part::TargetNumber));
        add("d", Dimension::LENGTH, Meaning::Part(Part::Distance));
        for (axis, name) in ["dx", "dy", "dz"].into_iter().enumerate() {
            add(name, Dimension::LENGTH, Meaning::Part(Part::Displacement(axis)));
        }
        for (post, side) in [(false, "pre"), (true, "post")] {
            let Some(end) = self.end(post) else { continue };
            add(&format!("n_{side}"), Dimension::NONE, Meaning::Part(Part::One(f64::from(self.count_of(post, end.size)))));
            for (place, param) in end.model.params.iter().enumerate() {
                add(&format!("{side}.{}", param.name), param.dimension, Meaning::Param { post, place });
            }
            for (axis, name) in ["x", "y", "z"].into_iter().enumerate() {
                add(&format!("{side}.{name}"), Dimension::LENGTH, Meaning::Place { post, axis });
            }
        }
        for (name, dimension, x) in self.names.constants() {
            add(name, dimension, Meaning::Part(Part::One(x)));
        }
        all
    }

    /// An expression of pairs; `dimension`: what its value is; `None`: a pure number or a condition.
    pub(super) fn pair(&mut self, part: &str, what: &str, text: &str, dimension: Option<Dimension>) -> Option<PairValue> {
        let meanings = self.meanings();
        let names: Vec<(&str, Dimension)> = meanings.iter().map(|(name, dimension, _)| (name.as_str(), *dimension)).collect();
        let before = format!("{part}: `{what}`: ");
        let read = Expression::read(text, &names).map_err(|e| e.diagnostic(&before).value_of(what));
        let all = self.accept(read)?;
        let wanted = dimension.unwrap_or(Dimension::NONE);
        if all.dimension() != wanted || all.is_condition() && dimension.is_some() {
            let found = if all.is_condition() { "a condition".to_string() } else { all.dimension().told().replace("10um", "um") };
            let message = format!("{part}: `{what}` is a {}, and `{text}` is {found}", described(wanted));
            self.say(Diagnostic::new("E084", message).value_of(what));
            return None;
        }
        // again with the names that it uses alone
        let used: Vec<usize> = all.uses().iter().map(|k| *k as usize).collect();
        let names: Vec<(&str, Dimension)> = used.iter().map(|k| names[*k]).collect();
        let expression = self.accept(Expression::read(text, &names).map_err(|e| e.diagnostic(&before).value_of(what)))?;
        let mut parts = Vec::with_capacity(used.len());
        let mut far = false;
        for k in used {
            let (name, _, meaning) = &meanings[k];
            parts.push(match meaning {
                Meaning::Part(part) => {
                    far |= matches!(part, Part::Distance | Part::Displacement(_));
                    part.clone()
                }
                Meaning::Place { post, axis } => {
                    let end = self.end(*post)?;
                    let Some(positions) = end.positions.clone() else {
                        let message = format!("{part}: `{what}`: `{name}`: population {} has no positions", end.name);
                        self.say(Diagnostic::new("E085", message).value_of(what).help("give it `positions`"));
                        return None;
                    };
                    let along: Arc<[f64]> = self.of_chosen(*post, &positions).iter().map(|at| at[*axis]).collect();
                    if *post { Part::OfTarget(along) } else { Part::OfSource(along) }
                }
                Meaning::Param { post, place } => match self.end(*post)?.params.get(*place)? {
                    Column::Shared(x) => Part::One(*x),
                    Column::PerRow(list) if *post => Part::OfTarget(self.of_chosen(true, list).into()),
                    Column::PerRow(list) => Part::OfSource(self.of_chosen(false, list).into()),
                },
            });
        }
        let geometry = if far { Some(self.geometry(part, what)?) } else { None };
        Some(PairValue { text: text.to_string(), expression, parts, geometry })
    }

    /// Where the neurons of both ends are.
    pub(super) fn geometry(&mut self, part: &str, what: &str) -> Option<Arc<Geometry>> {
        if let Some(known) = &self.geometry {
            return known.clone();
        }
        let found = self.found(part, what);
        self.geometry = Some(found.clone());
        found
    }

    fn found(&mut self, part: &str, what: &str) -> Option<Arc<Geometry>> {
        let (source, target) = (self.end(false)?, self.end(true)?);
        let (from, to) = (source.positions.clone(), target.positions.clone());
        let nowhere = if from.is_none() { source } else { target };
        let (Some(from), Some(to)) = (from, to) else {
            let message = format!("{part}: `{what}` depends on a distance, and population {} has no positions", nowhere.name);
            self.say(Diagnostic::new("E085", message).value_of(what).help("give it `positions`"));
            return None;
        };
        let (from, to) = match &self.chosen {
            None => (from, to),
            Some(_) => (Arc::new(self.of_chosen(false, &from)), Arc::new(self.of_chosen(true, &to))),
        };
        // where it is wrong, that has been said
        let settled = self.between.clone()?;
        let moved = settled.offset != DVec3::ZERO || settled.scale != 1.0;
        let target = if moved { Arc::new(to.iter().map(|at| (*at + settled.offset) * settled.scale).collect()) } else { to };
        self.within_a_turn(part, &settled.metric, [&from, &target])?;
        Some(Arc::new(Geometry { metric: settled.metric, source: from, target }))
    }

    /// A text where values of edges stand: one quantity for all, or an expression of the pair.
    pub(super) fn pair_or_one(
        &mut self,
        part: &str,
        what: &str,
        value: &Value,
        text: &str,
        dimension: Dimension,
    ) -> Option<EdgeValue> {
        // what can be said without a pair, and what is wrong without one, is said as everywhere
        let one = match self.names.read(text) {
            Ok(Meant::Quantity(_) | Meant::Expression(_)) => true,
            Err(_) => {
                let meanings = self.meanings();
                let names: Vec<(&str, Dimension)> =
                    meanings.iter().map(|(name, dimension, _)| (name.as_str(), *dimension)).collect();
                let words: Vec<&str> = text.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.')).collect();
                !names.iter().any(|(name, _)| words.contains(name)) && Expression::read(text, &names).is_err()
            }
        };
        if one {
            return self.accept(read(&self.names, part, what, value, dimension)).map(EdgeValue::Shared);
        }
        let (source, target) = self.ends?;
        let (sources, targets) = (self.count_of(false, self.size_of(source)?), self.count_of(true, self.size_of(target)?));
        let value = self.pair(part, what, text, Some(dimension))?;
        let bounds = value.everywhere(sources, targets);
        Some(EdgeValue::Pair(OfPair { value: Arc::new(value), grid: None, bounds }))
    }

    /// A delay of pairs, in steps.
    pub(super) fn pair_delay(&mut self, part: &str, law: OfPair) -> Option<OfPair> {
        let dt = self.dt;
        let (least, most) = law.bounds;
        if most / dt < 1.0 - 1e-6 {
            let message = format!("{part}: the delay `{}` is at most {most} ms, shorter than one step of {dt} ms", law.value.text);
            self.say(Diagnostic::new("E024", message).value_of("delay").help(format!("use at least {dt} ms, or a smaller dt")));
            return None;
        }
        let exact = |ms: f64| on_grid(ms, dt).is_some_and(|(_, exact)| exact);
        if !(least == most && exact(least)) {
            let message = format!("delays by an expression are rounded to the nearest step of {dt} ms");
            self.remarks.at("delay", "delays of pairs", part, message);
        }
        Some(OfPair { grid: Some(dt), ..law })
    }
}
