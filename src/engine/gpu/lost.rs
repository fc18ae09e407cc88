//! What was not finite first: a batch that went wrong is run again, step by step.
//!
//! In: the part of a batch in which a kernel told of a number that is not finite. Out: a [`Fault`] that names it.

use super::batch::Part;
use super::records::Span;
use super::{GpuEngine, GpuError};
use crate::engine::{Broken, Fault, Place, fault};
use crate::plan::schedule::Schedule;
use crate::wgsl::place::{self, Told};

impl GpuEngine {
    /// Runs the batch again, the part that went wrong in windows of one step, and names what was not finite first.
    pub(super) async fn find(&mut self, first: u64, broken: &Part) -> Result<Fault, GpuError> {
        let span = broken.span;
        self.buffers.restore(&self.device).await?;
        let mut at = first;
        while at < span.first {
            let part = Span { first: at, steps: (span.first - at).min(u64::from(self.layout.batch)) as u32 };
            self.alone(part, self.layout.shape.window).await?;
            at += u64::from(part.steps);
        }
        let Some((ordinal, told)) = self.first_told(span).await? else {
            return Err(GpuError::device("ran a batch again", "a state that was not finite did not come again"));
        };
        let (row, told) =
            (told / self.layout.fault_places(), place::told(told % self.layout.fault_places(), self.layout.fault_places()));
        let (instance, row) = (row / (self.layout.spike_words * 32), row % (self.layout.spike_words * 32));
        let step = span.first + u64::from(ordinal) + 1;
        match self.lost(instance, row, told).await? {
            Some(broken) => Ok(Fault::found(&self.plan, instance, broken, step)),
            None => Err(GpuError::device("ran a batch", format!("row {row} was reported as not finite, and is: {told:?}"))),
        }
    }

    /// Runs a part in windows of one step: which of them went wrong, and what was told.
    async fn first_told(&mut self, span: Span) -> Result<Option<(u32, u32)>, GpuError> {
        // in the fused schedule the dispatch behind a step tells what its spikes did to synapses
        if self.layout.shape.schedule != Schedule::Fused || self.layout.passes.is_empty() {
            return self.alone(span, 1).await;
        }
        for step in 0..span.steps {
            if let Some((_, told)) = self.alone(Span { first: span.first + u64::from(step), steps: 1 }, 1).await? {
                return Ok(Some((step, told)));
            }
        }
        Ok(None)
    }

    /// What a kernel told, with the number itself; `None`: it is finite.
    async fn lost(&mut self, instance: u32, row: u32, told: Told) -> Result<Option<Broken>, GpuError> {
        let broken = |place: Place, value: f64| (!value.is_finite()).then_some(Broken { row, place, value });
        match told {
            Told::Comparison => Ok(broken(Place::Comparison, f64::NAN)),
            Told::Tested { column, value } => Ok(broken(Place::State { column, after: false }, value)),
            Told::After { column } => Ok(broken(Place::State { column, after: true }, self.number(instance, row, column).await?)),
            Told::Synapses => {
                let first = self.lost_synapse(instance, row).await?;
                Ok(fault::first(first, self.lost_learned(instance, row).await?))
            }
            Told::Nothing => {
                let mut first = fault::first(self.lost_synapse(instance, row).await?, self.lost_learned(instance, row).await?);
                let group = self.layout.groups.iter().find(|g| (g.base..g.base + g.rows).contains(&row));
                for column in 0..group.map_or(0, |g| g.columns) {
                    let found = broken(Place::State { column, after: true }, self.number(instance, row, column).await?);
                    first = fault::first(first, found);
                }
                Ok(first)
            }
        }
    }

    /// A state of a row in the space of all groups.
    async fn number(&mut self, instance: u32, row: u32, column: usize) -> Result<f64, GpuError> {
        let Some(group) = self.layout.groups.iter().position(|g| (g.base..g.base + g.rows).contains(&row)) else {
            return Ok(0.0);
        };
        let (base, rows) = (self.layout.groups[group].base, self.plan.groups[group].rows as usize);
        let seat = instance as usize * rows + (row - base) as usize;
        Ok(self.column(group, column).await?.get(seat).copied().unwrap_or(0.0))
    }

    /// The first state that is not finite of a synapse that ends in a row.
    async fn lost_synapse(&mut self, instance: u32, row: u32) -> Result<Option<Broken>, GpuError> {
        let mut first = None;
        for bundle in 0..self.layout.bundles.len() {
            let members = self.layout.bundles[bundle].bundle.members.clone();
            for (state, values) in self.edge_columns(bundle).await?.iter().enumerate() {
                for (group, values) in members.iter().copied().zip(values) {
                    let gathered = &self.plan.gathered[group];
                    let (edges, first_row) = (&gathered.edges, self.plan.first_row(gathered.target));
                    let of = values.iter().skip(instance as usize * edges.count() as usize).zip(0..edges.count());
                    let lost = of.filter(|(x, edge)| !x.is_finite() && first_row + edges.target_of(*edge) == row);
                    let broken = lost.map(|(x, edge)| Broken { row, place: Place::Synapse { group, edge, state }, value: *x });
                    first = broken.map(Some).fold(first, fault::first);
                }
            }
        }
        Ok(first)
    }
}
