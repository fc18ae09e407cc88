//! What goes in and out: stimuli and probes.

use super::{aligned, line, row};
use crate::plan::{DrivePart, Plan, Reduction, Sampling, Tap, Wave, Windows};
use crate::units::Dimension;

pub(super) fn inputs(plan: &Plan, out: &mut String) {
    let mut rows = vec![row(&["stimulus", "kind", "neurons", "from step", "to step"])];
    let time = |s: u64| if s == u64::MAX { "end".to_string() } else { s.to_string() };
    // a list of windows is read line by line
    let mut add = |name: &str, kind: &str, count: usize, on: &Windows| {
        for (k, (start, stop)) in on.all().iter().enumerate() {
            let cells = if k == 0 { [name.into(), kind.into(), count.to_string()] } else { Default::default() };
            rows.push(cells.into_iter().chain([time(*start), time(*stop)]).collect());
        }
    };
    for d in plan.drives.iter().filter(|d| d.part == DrivePart::Level) {
        // a stimulus of two drives
        let second = plan.drives.iter().find(|o| o.part != DrivePart::Level && o.stream == d.stream).map(|o| o.part);
        let kind = match d.wave {
            _ if second == Some(DrivePart::Spread) => "ornstein_uhlenbeck",
            Wave::Constant(_) => "constant",
            Wave::Steps { .. } => "steps",
            Wave::Course { ref course, .. } => course.name(),
            Wave::Noise { .. } => "noise",
            Wave::Array { .. } => "array",
            Wave::External { .. } => "external",
        };
        let held = if second == Some(DrivePart::Gate) { ", clamps" } else { "" };
        add(&d.name, &format!("{kind}{held}"), d.rows.len(), &d.on);
    }
    for b in &plan.backgrounds {
        add(&b.name, "poisson", b.rows.len(), &b.on);
    }
    if rows.len() > 1 {
        line(out, "\nStimuli".into());
        aligned(out, &rows);
    }
    let mut synapses = vec![row(&["projection", "recorded", "synapses", "every (steps)"])];
    let mut rows = vec![row(&["population", "recorded", "neurons", "every (steps)"])];
    for tap in &plan.taps {
        let (population, what, count, every) = match tap {
            Tap::Spikes { population, rows, first, end } => {
                (population, "spikes".to_string(), rows.len(), format!("1{}", bounded(*first, *end, 0)))
            }
            Tap::Rate { population, rows, bin } => (population, "rate".to_string(), rows.len(), bin.to_string()),
            Tap::Synapses { name, state, rows, times } => {
                synapses.push(vec![name.clone(), state.name.clone(), rows.len().to_string(), told(times)]);
                continue;
            }
            Tap::AtSpikes { name, state, rows, .. } => {
                let what = format!("{} at spikes of the source", state.name);
                synapses.push(vec![name.clone(), what, rows.len().to_string(), "1".into()]);
                continue;
            }
            Tap::Reduced { name, state, rows, times, reduction, .. } => {
                synapses.push(vec![
                    name.clone(),
                    reduced(reduction, &state.name, state.dimension),
                    rows.len().to_string(),
                    told(times),
                ]);
                continue;
            }
            Tap::State { population, column, rows, times, reduction } => {
                let state = &plan.group_of(*population).rule.states[*column as usize];
                let name = state.name.trim_start();
                let what = match reduction {
                    Some(reduction) => format!("{} (made on the host)", reduced(reduction, name, state.dimension)),
                    None => name.to_owned(),
                };
                (population, what, rows.len(), told(times))
            }
        };
        rows.push(vec![plan.place(*population).name.clone(), what, count.to_string(), every]);
    }
    if rows.len() > 1 {
        line(out, "\nProbes".into());
        aligned(out, &rows);
    }
    if synapses.len() > 1 {
        line(out, "\nProbes of synapses (a batch ends where one takes its sample)".into());
        aligned(out, &synapses);
    }
}

/// When a probe looks, in steps.
fn told(times: &Sampling) -> String {
    format!("{}{}", times.every, bounded(times.first, times.end, times.every))
}

/// From which step on, and up to which, where it is not always.
fn bounded(first: u64, end: u64, usual: u64) -> String {
    let from = if first == usual { String::new() } else { format!(" from {first}") };
    let until = if end == u64::MAX { String::new() } else { format!(" up to {end}") };
    from + &until
}

/// What is kept of many values.
fn reduced(reduction: &Reduction, name: &str, dimension: Dimension) -> String {
    match reduction {
        Reduction::Histogram { edges } => {
            let bins = edges.len().saturating_sub(1);
            let ends = [edges.first(), edges.last()].map(|edge| edge.copied().unwrap_or_default());
            let unit = if dimension.is_none() { String::new() } else { format!(" {}", dimension.unit()) };
            format!("{bins} bins of {name} from {} to {}{unit}", ends[0], ends[1])
        }
        other => format!("{} of {name}", other.word()),
    }
}
