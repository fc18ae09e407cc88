//! Which points run together: those whose networks differ in numbers that instances of one plan may have of their own.
//!
//! In: the points of a sweep. Out: [`Families`], in the order of their first points. Every value is looked at before anything runs.

use std::collections::{BTreeMap, BTreeSet};

use super::{Arrangement, Axis, Origin, Point, Sweep};
use crate::error::Error;
use crate::network::set::value_of;
use crate::network::{Address, CheckedNetwork, Kind, Network, Variant};
use crate::simulation::check_whole;

/// Values that the networks of a family share, and which repetition they are.
pub type Key = (Vec<String>, u32);

/// The points of a sweep, by what they share.
pub struct Families<'s> {
    sweep: &'s Sweep,
    pub points: Vec<Point>,
    /// By axis: do the instances of a plan have it of their own?
    shared: Vec<bool>,
    /// By axis that is not: why.
    why: Vec<String>,
    /// Points of one plan each, in ascending order.
    pub list: Vec<Vec<usize>>,
    /// Rows of the first network.
    pub rows: u64,
    /// ms; how long each runs.
    pub duration: f64,
}

/// Values of an axis that asks for networks built anew are looked at up to so many; the others when they run.
const LOOKED_AT: usize = 64;

impl<'s> Families<'s> {
    /// **Errors** everything that is wrong with a value of an axis.
    pub fn new(sweep: &'s Sweep, points: &[Point]) -> Result<Families<'s>, Error> {
        let first = points.first().ok_or_else(|| Error::Call("a sweep has at least one point".into()))?;
        let network = network(&sweep.origin, &sweep.axes, first)?;
        let checked = checked(sweep, &network)?;
        let (mut shared, mut why) = (Vec::new(), Vec::new());
        for (k, axis) in sweep.axes.iter().enumerate() {
            let mut seen = BTreeSet::new();
            let values: Vec<&str> = points.iter().map(|p| p.values[k].as_str()).filter(|v| seen.insert(*v)).collect();
            match instances_may(sweep, &network, axis, &values)? {
                None => {
                    shared.push(true);
                    why.push(String::new());
                }
                Some(reason) => {
                    // each by itself, beside the first value of the others
                    for value in values.iter().take(LOOKED_AT) {
                        let mut point = first.clone();
                        point.values[k] = (*value).to_string();
                        self::checked(sweep, &self::network(&sweep.origin, &sweep.axes, &point)?)?;
                    }
                    shared.push(false);
                    why.push(reason);
                }
            }
        }
        let rows = checked.populations().iter().map(|p| u64::from(p.size)).sum();
        let duration = sweep.duration.or(checked.duration()).unwrap_or(1000.0);
        let mut families = Families { sweep, points: Vec::new(), shared, why, list: Vec::new(), rows, duration };
        families.regroup(points.to_vec());
        Ok(families)
    }

    /// Takes other points of the same axes.
    pub fn regroup(&mut self, points: Vec<Point>) {
        self.points = points;
        let mut list: Vec<Vec<usize>> = Vec::new();
        let mut known: BTreeMap<Key, usize> = BTreeMap::new();
        for point in &self.points {
            let family = *known.entry(self.key_of(point)).or_insert(list.len());
            if family == list.len() {
                list.push(Vec::new());
            }
            list[family].push(point.number);
        }
        self.list = list;
    }

    fn key_of(&self, point: &Point) -> Key {
        let apart = point.values.iter().zip(&self.shared).filter(|(_, shared)| !**shared).map(|(value, _)| value.clone());
        (apart.collect(), point.repeat)
    }

    /// What the points of a family have in common.
    pub fn key(&self, family: usize) -> Key {
        self.key_of(&self.points[self.list[family][0]])
    }

    pub fn arrangement(&self) -> Arrangement {
        let of = |wanted: bool| self.sweep.axes.iter().zip(&self.shared).filter(move |(_, shared)| **shared == wanted);
        let apart = self.sweep.axes.iter().zip(self.shared.iter().zip(&self.why)).filter(|(_, (shared, _))| !**shared);
        Arrangement {
            points: self.points.len(),
            plans: self.list.len(),
            shared: of(true).map(|(axis, _)| axis.name()).collect(),
            apart: apart.map(|(axis, (_, why))| (axis.name(), why.clone())).collect(),
        }
    }

    /// What the points of a family have in common, with the values of its first.
    ///
    /// **Errors** as [`Network::set`].
    pub fn network(&self, family: usize) -> Result<Network, Error> {
        network(&self.sweep.origin, &self.sweep.axes, &self.points[self.list[family][0]])
    }

    /// What a point has of its own among those of its family.
    ///
    /// **Errors** a text that is no value.
    pub fn variant(&self, point: usize) -> Result<Variant, Error> {
        let point = &self.points[point];
        let own = self.sweep.axes.iter().zip(&self.shared).zip(&point.values).filter(|((_, shared), _)| **shared);
        let mut variant = Variant::new().label(format!("point {}", point.number));
        for ((axis, _), text) in own {
            variant = with(variant, axis, text)?;
        }
        Ok(variant)
    }
}

fn alone(diagnostic: crate::diagnostic::Diagnostic) -> Error {
    let source = crate::diagnostic::Source::default();
    Error::Network(crate::diagnostic::Report { source, diagnostics: vec![diagnostic] })
}

/// The variant with a value of an axis.
fn with(variant: Variant, axis: &Axis, text: &str) -> Result<Variant, Error> {
    axis.changes(text)
        .try_fold(variant, |variant, (address, text)| Ok(variant.set(address.to_string(), value_of(address, text).map_err(alone)?)))
}

/// The network of a point.
pub fn network(origin: &Origin, axes: &[Axis], point: &Point) -> Result<Network, Error> {
    let changes = axes.iter().zip(&point.values).flat_map(|(axis, value)| axis.changes(value));
    let changes: Vec<(String, String)> = changes.map(|(address, value)| (address.to_string(), value.to_string())).collect();
    let mut network = origin.changed(&changes).map_err(Error::Network)?;
    if point.repeat > 0 {
        let seed = network.seed.unwrap_or(0).wrapping_add(point.repeat.into());
        network.set("seed", &seed.to_string()).map_err(Error::Network)?;
    }
    Ok(network)
}

pub fn checked(sweep: &Sweep, network: &Network) -> Result<CheckedNetwork, Error> {
    Ok(check_whole(network, &[], &sweep.options.folder, sweep.options.memory_budget)?.0)
}

/// May instances of one plan differ in these values? If not, why.
///
/// **Errors** a value that is wrong.
fn instances_may(sweep: &Sweep, network: &Network, axis: &Axis, values: &[&str]) -> Result<Option<String>, Error> {
    // what the file is made from, or the step and the seed of everything
    let of_a_part = |address: &String| Address::parse(address, network).is_ok_and(|address| address.kind != Kind::Network);
    if !axis.addresses.iter().all(of_a_part) {
        return Ok(Some(String::new()));
    }
    let variant = |text: &&str| {
        let label = format!("{} = {text}", axis.name());
        with(Variant::new().label(label), axis, text)
    };
    let variants: Vec<Variant> = values.iter().map(variant).collect::<Result<_, Error>>()?;
    match check_whole(network, &variants, &sweep.options.folder, sweep.options.memory_budget) {
        Ok(_) => Ok(None),
        Err(Error::Network(report)) if report.diagnostics.iter().all(|d| d.code == "E056") => {
            let first = report.diagnostics.first().map_or("", |d| d.message.as_str());
            // `variant 0 (...): why`
            let why = first.split_once("): ").map_or(first, |(_, why)| why);
            let said = why.split_once(": ").map_or("", |(_, reason)| reason).trim();
            Ok(Some(if said.is_empty() { String::new() } else { format!(" ({said})") }))
        }
        Err(error) => Err(error),
    }
}
