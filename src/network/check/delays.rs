//! Delays: times to steps.

use super::drawable::possible;
use super::values::Edges;
use super::{Checker, on_grid, short};
use crate::diagnostic::Diagnostic;
use crate::network::checked::{Draw, EdgeValue, Law};
use crate::network::{Projection, Value};
use crate::units::Dimension;

/// In steps: a longer ring of arrivals would not fit beside the neurons.
const LONGEST_DELAY: f64 = 65_535.0;

impl Checker<'_> {
    /// In steps; one if not given.
    pub(super) fn delay(&mut self, part: &str, given: &Projection, edges: &Edges, known: bool) -> Option<EdgeValue> {
        let Some(value) = &given.delay else { return Some(EdgeValue::Shared(1.0)) };
        self.delay_of(part, value, edges, known)
    }

    /// A delay that is given, in steps.
    pub(super) fn delay_of(&mut self, part: &str, value: &Value, edges: &Edges, known: bool) -> Option<EdgeValue> {
        let value = self.edge(part, "delay", value, Dimension::TIME, edges, known)?;
        self.delay_in_steps(part, value)
    }

    fn delay_in_steps(&mut self, part: &str, value: EdgeValue) -> Option<EdgeValue> {
        let dt = self.dt;
        match value {
            EdgeValue::Except(others, own) => {
                let others = self.delay_in_steps(part, *others)?;
                let mut out = Vec::with_capacity(own.len());
                for (at, times) in own {
                    match self.delay_in_steps(part, EdgeValue::List(times))? {
                        EdgeValue::List(steps) => out.push((at, steps)),
                        _ => return None,
                    }
                }
                Some(EdgeValue::Except(Box::new(others), out))
            }
            EdgeValue::Shared(ms) => {
                let (steps, exact) = self.accept(delay_steps(part, ms, dt))?;
                if !exact {
                    let rounded = short(steps * dt);
                    let message = format!("delay {ms} ms is not a multiple of dt; it is {rounded} ms");
                    self.remarks.at("delay", "delay", part, message);
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
                    let message = format!("{moved} delays were moved to the nearest step, by up to {furthest} ms");
                    self.remarks.at("delay", "delays", part, message);
                }
                Some(EdgeValue::List(out))
            }
            EdgeValue::Draw(draw) => self.drawn_delay(part, draw).map(EdgeValue::Draw),
            EdgeValue::Pair(law) => self.pair_delay(part, law).map(EdgeValue::Pair),
        }
    }

    /// What is drawn must be a delay, whatever is drawn. Bounds hold for the delay as it is rounded: what would be rounded to a
    /// step outside of them is outside.
    fn drawn_delay(&mut self, part: &str, mut draw: Draw) -> Option<Draw> {
        let dt = self.dt;
        let certain: Vec<f64> = match &draw.law {
            Law::Uniform { low, high } => vec![*low, *high],
            Law::Choice { of, .. } => of.clone(),
            _ => [draw.min, draw.max].into_iter().filter(|x| x.is_finite()).collect(),
        };
        let chosen = matches!(draw.law, Law::Choice { .. });
        let mut exact = chosen;
        for ms in certain {
            // a bound below one step is good as long as it is rounded to one
            let nearest = if !chosen && ms < dt && ms / dt >= 0.5 - 1e-9 { dt } else { ms };
            exact &= self.accept(delay_steps(part, nearest, dt))?.1;
        }
        if draw.law.is_open() {
            if draw.min == f64::NEG_INFINITY {
                let what = if draw.outside == crate::network::value::Outside::Clip { "set to it" } else { "drawn again" };
                let message = format!("delays below one step of {dt} ms are {what}");
                self.remarks.at("delay", "shortest delay", part, message);
                draw.min = dt;
            }
            let (first, last) = ((draw.min / dt - 1e-6).ceil().max(1.0), (draw.max / dt + 1e-6).floor().min(LONGEST_DELAY));
            if first > last {
                let message = format!("{part}: no whole number of steps of {dt} ms lies from {} ms to {} ms", draw.min, draw.max);
                self.say(
                    Diagnostic::new("E024", message).value_of("delay").help("widen the bounds of the delay, or use a smaller dt"),
                );
                return None;
            }
            // the rounding of the last digit must not lead one step too far
            draw.min = draw.min.max((first - 0.5) * dt);
            let highest = if draw.max > dt * LONGEST_DELAY { dt * LONGEST_DELAY } else { (last + 0.5 - 1e-9) * dt };
            draw.max = draw.max.min(highest);
            self.accept(possible(part, "delay", &draw, Dimension::TIME))?;
        }
        if !exact {
            let message = format!("drawn delays are rounded to the nearest step of {dt} ms");
            self.remarks.at("delay", "drawn delays", part, message);
        }
        draw.grid = Some(dt);
        Some(draw)
    }
}

/// A delay in steps, and whether it is a whole number of them as written.
fn delay_steps(part: &str, ms: f64, dt: f64) -> Result<(f64, bool), Diagnostic> {
    if ms.is_nan() || ms / dt < 1.0 - 1e-6 {
        let d = Diagnostic::new("E024", format!("{part}: delay {ms} ms is shorter than one step of {dt} ms")).value_of("delay");
        return Err(d.help(format!("use at least {dt} ms, or a smaller dt")));
    }
    match on_grid(ms, dt) {
        Some((steps, exact)) if steps as f64 <= LONGEST_DELAY => Ok((steps as f64, exact)),
        _ => {
            let d = Diagnostic::new("E024", format!("{part}: delay {ms} ms is longer than {LONGEST_DELAY} steps of {dt} ms"))
                .value_of("delay");
            Err(d.help(format!("use at most {} ms, or a larger dt", short(LONGEST_DELAY * dt))))
        }
    }
}
