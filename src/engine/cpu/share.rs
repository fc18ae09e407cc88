//! What the same rows have in common in all instances: which rows they are, what reaches and drives them, their programs.
//!
//! In: a [`Plan`], which of how many ranges. Out: [`Share`], made once and read by the workers of all instances.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use super::after;
use super::deliver::Arrivals;
use super::drive::HeldShare;
use super::edge::EdgeShare;
use super::fused;
use super::learn::LearnShare;
use super::operation::Program;
use super::part::PartShare;
use super::program::lower;
use super::real::Real;
use super::roots::{Roots, Shape};
use crate::model::rule::NoValue;
use crate::plan::{Column, Columns, Drive, Plan, Tap};
use crate::threads;

/// A range of rows of every group, in any instance.
pub struct Share<T: Real> {
    /// By group; a part may be empty.
    pub parts: Vec<Arc<PartShare<T>>>,
    pub incoming: Vec<Arrivals<T>>,
    pub edges: Vec<Arc<EdgeShare<T>>>,
    pub learned: Vec<Arc<LearnShare>>,
    /// By tap: rows of the part that it samples.
    pub tapped: Vec<Vec<u32>>,
}

impl<T: Real> Share<T> {
    /// The shares of so many workers.
    ///
    /// **Errors** a leaf of a rule that no row has.
    pub fn all(plan: &Plan, workers: usize) -> Result<Vec<Arc<Share<T>>>, NoValue> {
        let drives: Arc<[Drive]> = plan.drives.clone().into();
        let shares = threads::map(workers, |w| Share::new(plan, w, workers, &drives).map(Arc::new));
        shares.into_iter().collect()
    }

    fn new(plan: &Plan, worker: usize, workers: usize, drives: &Arc<[Drive]>) -> Result<Share<T>, NoValue> {
        let late = after::ends::<T>(plan);
        let part = |g: usize| Arc::new(PartShare::new(plan, g, (worker, workers), drives, &late));
        let parts: Vec<Arc<PartShare<T>>> = (0..plan.groups.len()).map(part).collect();
        let tapped = plan.taps.iter().map(|tap| match tap {
            Tap::State { population, rows, .. } => {
                let place = plan.place(*population);
                let part = &parts[place.group];
                let inside = |r: u32| (r + place.first_row).checked_sub(part.first).filter(|r| (*r as usize) < part.rows);
                rows.iter().filter_map(inside).collect()
            }
            _ => Vec::new(),
        });
        let tapped = tapped.collect();
        let incoming = Arrivals::all(plan, &parts);
        let edges = EdgeShare::all(plan, &parts, true)?;
        let learned = LearnShare::all(plan, &parts)?;
        Ok(Share { parts, incoming, edges, learned, tapped })
    }
}

/// The programs of a plan's groups: one for each pattern of columns that vary from row to row.
#[derive(Default)]
pub struct Programs(HashMap<(usize, Vec<bool>), Arc<Program>>);

impl Programs {
    /// Adds those that the plan's instances need and that are not there yet.
    ///
    /// **Errors** a leaf of a rule that no row has.
    pub fn add<T: Real>(&mut self, plan: &Plan, share: &Share<T>) -> Result<(), NoValue> {
        let instances = if plan.variants.is_empty() { 1 } else { plan.instances };
        for instance in 0..instances {
            for g in 0..plan.groups.len() {
                let key = (g, pattern(plan.columns(instance, g)));
                if let Entry::Vacant(place) = self.0.entry(key) {
                    let program = program(plan, g, &place.key().1, &share.parts[g].held)?;
                    place.insert(Arc::new(program));
                }
            }
        }
        Ok(())
    }

    /// The program of a group in an instance.
    pub fn of(&self, plan: &Plan, instance: u32, group: usize) -> Arc<Program> {
        // [`Programs::add`] has made those of all instances
        self.0[&(group, pattern(plan.columns(instance, group)))].clone()
    }
}

/// By parameter, then derived number: does it vary from row to row?
pub fn pattern(columns: Columns<'_>) -> Vec<bool> {
    columns.params.iter().chain(columns.derived).map(|c| matches!(c, Column::PerRow(_))).collect()
}

/// The program of a group's rule.
fn program(plan: &Plan, number: usize, pattern: &[bool], held: &HeldShare) -> Result<Program, NoValue> {
    let group = &plan.groups[number];
    let (params, derived) = pattern.split_at(group.params.len());
    let shape = Shape { param_varies: params, derived_varies: derived, held_varies: &held.varies() };
    let rule = plan.clocked(number);
    let roots = Roots { next: &rule.next, watched: &rule.watched, spike: rule.spike, undefined: rule.undefined, results: &[] };
    let program = lower(&rule.graph, &roots, &shape)?;
    Ok(Program { clock: rule.clock, fused: fused::of(&program), ..program })
}
