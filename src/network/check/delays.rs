//! Delays: times to steps.

use super::values::{Edges, possible};
use super::{Checker, on_grid, short};
use crate::diagnostic::Diagnostic;
use crate::network::Projection;
use crate::network::checked::{Draw, EdgeValue, Law};
use crate::units::Dimension;

/// In steps: a longer ring of arrivals would not fit beside the neurons.
const LONGEST_DELAY: f64 = 65_535.0;

impl Checker<'_> {
    /// In steps; one if not given.
    pub(super) fn delay(&mut self, part: &str, given: &Projection, edges: &Edges, known: bool) -> Option<EdgeValue> {
        let Some(value) = &given.delay else { return Some(EdgeValue::Shared(1.0)) };
        let dt = self.dt;
        match self.edge(part, "delay", value, Dimension::TIME, edges, known)? {
            EdgeValue::Shared(ms) => {
                let (steps, exact) = self.accept(delay_steps(part, ms, dt))?;
                if !exact {
                    let rounded = short(steps * dt);
                    self.remarks.push(format!("{part}: delay {ms} ms is not a multiple of dt; it is {rounded} ms"));
                }
                Some(EdgeValue::Shared(steps))
            }
            EdgeValue::List(list) => {
                let (mut moved, mut furthest) = (0u64, 0.0f64);
                let mut out = Vec::with_capacity(list.len());
                for ms in list {
                    let (steps, exact) = self.accept(delay_steps(part, ms, dt))?;
                    moved += u64::from(!exact);
                    furthest = furthest.max((steps * dt - ms).abs());
                    out.push(steps);
                }
                if moved > 0 {
                    let furthest = short(furthest);
                    self.remarks.push(format!("{part}: {moved} delays were moved to the nearest step, by up to {furthest} ms"));
                }
                Some(EdgeValue::List(out))
            }
            EdgeValue::Draw(draw) => self.drawn_delay(part, draw).map(EdgeValue::Draw),
        }
    }

    /// What is drawn must be a delay, whatever is drawn.
    fn drawn_delay(&mut self, part: &str, mut draw: Draw) -> Option<Draw> {
        let (dt, longest) = (self.dt, self.dt * LONGEST_DELAY);
        let certain: Vec<f64> = match &draw.law {
            Law::Uniform { low, high } => vec![*low, *high],
            Law::Choice { of, .. } => of.clone(),
            Law::Normal { .. } | Law::Lognormal { .. } => [draw.min, draw.max].into_iter().filter(|x| x.is_finite()).collect(),
        };
        for ms in certain {
            self.accept(delay_steps(part, ms, dt))?;
        }
        if let Law::Normal { .. } | Law::Lognormal { .. } = draw.law {
            if draw.min == f64::NEG_INFINITY {
                let what = if draw.outside == crate::network::value::Outside::Clip { "set to it" } else { "drawn again" };
                self.remarks.push(format!("{part}: delays below one step of {dt} ms are {what}"));
            }
            draw.min = draw.min.max(dt);
            draw.max = draw.max.min(longest);
            self.accept(possible(part, "delay", &draw))?;
        }
        draw.grid = Some(dt);
        Some(draw)
    }
}

/// A delay in steps, and whether it is a whole number of them as written.
fn delay_steps(part: &str, ms: f64, dt: f64) -> Result<(f64, bool), Diagnostic> {
    if ms.is_nan() || ms / dt < 1.0 - 1e-6 {
        let d = Diagnostic::new("E024", format!("{part}: delay {ms} ms is shorter than one step of {dt} ms"));
        return Err(d.help(format!("use at least {dt} ms, or a smaller dt")));
    }
    match on_grid(ms, dt) {
        Some((steps, exact)) if steps as f64 <= LONGEST_DELAY => Ok((steps as f64, exact)),
        _ => {
            let d = Diagnostic::new("E024", format!("{part}: delay {ms} ms is longer than {LONGEST_DELAY} steps of {dt} ms"));
            Err(d.help(format!("use at most {} ms, or a larger dt", short(LONGEST_DELAY * dt))))
        }
    }
}
