//! What the same rows have in common in all instances: which rows they are, what reaches and drives them, their programs.
//!
//! In: a [`Plan`], which of how many ranges. Out: [`Share`], made once and read by the workers of all instances.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use super::deliver::{Incoming, Sums};
use super::drive::{BackgroundShare, HeldShare};
use super::edge::EdgeShare;
use super::operation::Program;
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
    pub incoming: Vec<Incoming<T>>,
    pub edges: Vec<Arc<EdgeShare<T>>>,
    /// By tap: rows of the part that it samples.
    pub tapped: Vec<Vec<u32>>,
}

/// Rows of one group, in any instance.
pub struct PartShare<T: Real> {
    pub group: usize,
    /// First row within the group.
    pub first: u32,
    pub rows: usize,
    /// First row of the group in the space of all groups.
    pub base: u32,
    pub slots: u64,
    pub ports: Vec<PortShare>,
    /// Listed spikes of these rows: (step, row of the part).
    pub listed: Vec<(u64, u32)>,
    pub draws: Draws,
    pub held: Arc<HeldShare>,
    pub backgrounds: Arc<[BackgroundShare<T>]>,
}

#[derive(Clone, Copy)]
pub struct PortShare {
    /// Slots ahead of the step at which it reads.
    pub ahead: u64,
    /// Ring units in one weight unit.
    pub scale: f64,
    pub used: bool,
}

/// Random draws of rows while running.
pub struct Draws {
    /// First row of the part, number of rows, stream, neuron number of the first row.
    pub segments: Vec<(u32, u32, u32, u32)>,
    /// Words before the first normal draw: normals take two words and never straddle a block of four.
    pub uniforms: u32,
}

impl<T: Real> Share<T> {
    /// The shares of so many workers.
    ///
    /// **Errors** a leaf of a rule that no row has.
    pub fn all(plan: &Plan, workers: usize) -> Result<Vec<Arc<Share<T>>>, NoValue> {
        let sums: Vec<Arc<Sums<T>>> = threads::map(plan.routes.len(), |r| Arc::new(Sums::new(plan, r)));
        let drives: Arc<[Drive]> = plan.drives.clone().into();
        let shares = threads::map(workers, |w| Share::new(plan, w, workers, &sums, &drives).map(Arc::new));
        shares.into_iter().collect()
    }

    fn new(plan: &Plan, worker: usize, workers: usize, sums: &[Arc<Sums<T>>], drives: &Arc<[Drive]>) -> Result<Share<T>, NoValue> {
        let part = |g: usize| Arc::new(PartShare::new(plan, g, worker, workers, drives));
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
        let incoming = sums.iter().enumerate().filter_map(|(r, sums)| Incoming::new(plan, r, &parts, sums)).collect();
        let edges = EdgeShare::all(plan, &parts, true)?;
        Ok(Share { parts, incoming, edges, tapped })
    }
}

impl<T: Real> PartShare<T> {
    fn new(plan: &Plan, g: usize, worker: usize, workers: usize, drives: &Arc<[Drive]>) -> PartShare<T> {
        let group = &plan.groups[g];
        let share = (group.rows as usize).div_ceil(workers).next_multiple_of(64);
        let first = (worker * share).min(group.rows as usize);
        let rows = share.min(group.rows as usize - first);
        let ports = group.rule.ports.iter().zip(&group.ports);
        let backgrounds = (0..plan.backgrounds.len()).filter(|b| plan.backgrounds[*b].group == g);
        let inside = |row: &u32| (first..first + rows).contains(&(*row as usize));
        PartShare {
            group: g,
            first: first as u32,
            rows,
            base: group.base,
            slots: u64::from(plan.slots),
            ports: ports.map(|(p, q)| PortShare { ahead: u64::from(!p.at_start), scale: q.scale, used: q.used }).collect(),
            listed: group.listed.iter().filter(|(_, r)| inside(r)).map(|(s, r)| (*s, r - first as u32)).collect(),
            draws: Draws::new(plan, g, first as u32, rows as u32),
            held: Arc::new(HeldShare::new(plan, g, first, rows, drives)),
            backgrounds: backgrounds.map(|b| BackgroundShare::new(plan, b, first, rows)).collect(),
        }
    }
}

impl Draws {
    fn new(plan: &Plan, g: usize, first: u32, rows: u32) -> Draws {
        let mut segments = Vec::new();
        for place in plan.populations.iter().filter(|p| p.group == g) {
            let start = place.first_row.max(first);
            let end = (place.first_row + place.size).min(first + rows);
            if start < end {
                segments.push((start - first, end - start, place.stream, start - place.first_row));
            }
        }
        Draws { segments, uniforms: plan.groups[g].rule.uniforms.next_multiple_of(2) }
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
    let shape = Shape {
        param_varies: params,
        derived_varies: derived,
        held_varies: &held.varies(),
        port_used: &group.ports.iter().map(|p| p.used).collect::<Vec<_>>(),
    };
    let rule = plan.clocked(number);
    let roots = Roots { next: &rule.next, watched: &rule.watched, spike: rule.spike, undefined: rule.undefined, results: &[] };
    let program = lower(&rule.graph, &roots, &shape)?;
    Ok(Program { clock: rule.clock, ..program })
}
