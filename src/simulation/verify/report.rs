//! What a verification says, and what it says that it cannot see.

use std::fmt;

use super::{Deviation, SpikeDeviation, Verification};
use crate::engine::Identity;
use crate::plan::{Plan, Wave};

/// What both sides take over before they part, and inputs that were 0 throughout.
pub(super) fn unseen(plan: &Plan, input: &[f64]) -> Vec<String> {
    let mut out = Vec::new();
    if !plan.routes.is_empty() {
        out.push("connections, delays, and weights as ports sum them, in whole numbers: both sides take them from one plan".into());
    } else if plan.gathers() {
        out.push("connections and values of synapses: both sides take them from one plan".into());
    }
    let draws = plan.groups.iter().any(|g| g.rule.draws());
    let noise = plan.drives.iter().any(|d| matches!(d.wave, Wave::Noise { .. }));
    if draws || noise || !plan.backgrounds.is_empty() {
        out.push("random numbers: both sides draw them by one law".into());
    }
    if !input.is_empty() && input.iter().all(|x| *x == 0.0) {
        out.push("inputs: they were 0 in all steps".into());
    }
    out
}

impl fmt::Display for Verification {
    /// A head line, an aligned table, and what went wrong.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Identity { engine, adapter, .. } = &self.identity;
        let verdict = match self.agrees() {
            _ if self.steps == 0 => "was not compared with the reference",
            true => "agrees with the reference",
            false => "DISAGREES with the reference",
        };
        let (steps, spikes) = (self.steps, self.spikes);
        writeln!(f, "engine {engine} on {adapter}: {verdict}, {steps} steps in lockstep, {spikes} spikes, {} ties", self.ties)?;
        let head = ["population", "variable", "unit", "worst/bound", "deviation", "bound", "found", "expected", "neuron", "step"];
        let mut lines = vec![head.map(str::to_owned)];
        lines.extend(self.worst.iter().map(Deviation::cells));
        let widths: Vec<usize> = (0..head.len()).map(|k| lines.iter().map(|l| l[k].chars().count()).max().unwrap_or(0)).collect();
        for line in &lines {
            let cells = line.iter().zip(&widths).enumerate();
            // words to the left, numbers to the right
            let cells = cells.map(|(k, (cell, w))| if k < 3 { format!("{cell:<w$}") } else { format!("{cell:>w$}") });
            writeln!(f, "  {}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
        }
        if let Some(first) = &self.first_beyond {
            writeln!(f, "first beyond its bound: {first}")?;
        }
        if let Some(spike) = &self.first_spike {
            writeln!(f, "first spike that differs: {spike}")?;
        }
        self.unseen.iter().try_for_each(|what| writeln!(f, "not seen: {what}"))
    }
}

impl Deviation {
    fn cells(&self) -> [String; 10] {
        let number = |x: f64| format!("{x:.1e}");
        let long = |x: f64| format!("{x:.9}").trim_end_matches('0').trim_end_matches('.').to_owned();
        [
            self.population.clone(),
            self.variable.clone(),
            self.unit.clone(),
            if self.ratio > 1.0 { format!("{:.1e}", self.ratio) } else { format!("{:.3}", self.ratio) },
            number(self.deviation),
            number(self.bound),
            long(self.found),
            long(self.expected),
            self.neuron.to_string(),
            self.step.to_string(),
        ]
    }
}

impl fmt::Display for Deviation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Deviation { population, variable, unit, neuron, step, found, expected, deviation, bound, .. } = self;
        write!(
            f,
            "{variable} of {population}[{neuron}] at step {step} is {found} {unit}, expected {expected} {unit}: \
             off by {deviation:.1e}, allowed {bound:.1e}"
        )
    }
}

impl fmt::Display for SpikeDeviation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SpikeDeviation { population, neuron, step, .. } = self;
        let what = if self.found { "sent, not expected" } else { "expected, not sent" };
        let tie = if self.tie { " (a tie at threshold: rounding decides)" } else { "" };
        write!(f, "{population}[{neuron}] at step {step}: {what}{tie}")
    }
}
