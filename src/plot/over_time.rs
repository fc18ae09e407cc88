//! Panels over one time axis: raster, rates, traces, what was kept of many together.
//!
//! Each panel says how high it is, how wide its letters are and which names it needs; then all share one left and right edge. Names
//! stand beside the panels, or above them where the picture is narrow.

use super::frame::{Frame, Hang, Heading, Key, in_lines, lines_height, text_width};
use super::layout::{self, Axis, Panel, bin_for};
use super::paper::{Size, too_low};
use super::part::Part;
use super::raster::Raster;
use super::{Figure, FigureOptions, PlotError, clipped, lines, marks, page, summaries, traces};
use crate::analysis::Window;
use crate::recording::Recording;
use std::borrow::Cow;
use std::fmt::Write as _;

/// A panel made lower than this shows nothing.
const LOWEST: i32 = 24;

/// Draws a recording.
///
/// A raster if spikes were recorded (a silent one says so), rates below, then a panel for each trace, and one for each mean, sum or
/// histogram of synapses, which is a density over time, and for values at spikes.
///
/// **Errors**: nothing recorded, or nothing of what is asked for; no time, a size out of bounds.
pub fn figure(recording: &Recording, options: &FigureOptions) -> Result<Figure, PlotError> {
    let sampled = recording.traces.len() + recording.rates.len() + recording.summaries.len() + recording.at_spikes.len();
    if recording.spikes.is_empty() && sampled == 0 {
        return Err(PlotError::Nothing);
    }
    let size = Size { width: options.width, height: options.height }.checked()?;
    let span = span(recording, options)?;
    let window = Window::from_ms(span.low, span.high, recording.dt);
    let shown = options.rows.as_deref().map_or(Cow::Borrowed(recording), |rows| Cow::Owned(recording.of_rows(rows)));
    let (parts, left_out) = parts(recording, &shown, options, span, window);
    if parts.iter().all(|part| !part.is_timed()) {
        return Err(PlotError::Nothing);
    }

    let heading = Heading::of(options.title.as_deref(), size.width);
    let mut frame = Frame::new(size.width);
    frame.fit_left(parts.iter().flat_map(|part| part.labels()));
    let names = || parts.iter().flat_map(|part| part.key()).map(|(name, _)| name);
    let always = parts.iter().filter_map(|part| part.aside()).map(|text| text_width(&text, 12.0) + 20).max().unwrap_or(0);
    // the place of its name tells a band among many
    let insists = shown.spikes.len() > 4 && options.raster;
    let beside = frame.fit_names(names(), always, insists);
    let above: Vec<_> = parts
        .iter()
        .map(|part| {
            let own = if beside { Vec::new() } else { part.key() };
            let keys: Vec<Key> = own.into_iter().chain(part.notes().into_iter().map(|note| (note, None))).collect();
            in_lines(&keys, frame.right - frame.left - 4)
        })
        .collect();

    let note = if left_out > 0 { layout::NOTE } else { 0 };
    let mut heights: Vec<i32> = parts.iter().map(|part| part.height(beside, size.width)).collect();
    // what stands between the panels, and after the last
    let before = |n: usize| match (n, above[n].len()) {
        (0, lines) => lines_height(lines),
        // bars stand close to what they are about
        (1, 0) if !parts[0].is_timed() => 4,
        (_, 0) => layout::GAP,
        (_, lines) => 8 + lines_height(lines),
    };
    let around = heading.height() + (0..parts.len()).map(before).sum::<i32>() + layout::BELOW + note;
    if let Some(height) = size.height {
        stretch(&mut heights, &parts, height as i32 - around).map_err(|least| too_low(around + least, size.height))?;
    }
    let mut top = heading.height();
    let mut panels = Vec::new();
    for (n, height) in heights.iter().enumerate() {
        top += before(n);
        panels.push(Panel { left: frame.left, right: frame.right, top, bottom: top + height });
        top += height;
    }
    let height = top + layout::BELOW + note;

    let mut layers = String::new();
    for (number, panel) in panels.iter().enumerate() {
        let Panel { left, top, .. } = panel;
        let (w, h) = (panel.right - left, panel.bottom - top);
        let _ =
            write!(layers, "<clipPath id=\"p{number}\"><rect x=\"{left}\" y=\"{top}\" width=\"{w}\" height=\"{h}\"/></clipPath>");
    }
    let body = frame.draw(height as u32, |pen| {
        for (number, ((part, panel), above)) in parts.iter().zip(&panels).zip(&above).enumerate() {
            clipped(&mut layers, number, |layer| part.paths(layer, panel, span));
            part.outside(&mut layers, panel, beside);
            part.axes(pen, panel, span, beside)?;
            pen.names_above(panel, above)?;
        }
        pen.heading(&heading)?;
        if left_out > 0 {
            let more = if left_out == 1 { "1 more trace is".into() } else { format!("{left_out} more traces are") };
            let place = ((frame.left + frame.right) / 2, height - layout::NOTE - 2);
            pen.text(&format!("{more} not drawn"), place, Hang::Below)?;
        }
        let timed: Vec<Panel> = parts.iter().zip(&panels).filter(|(part, _)| part.is_timed()).map(|(_, panel)| *panel).collect();
        pen.time_axis(&timed, span)
    })?;
    Ok(Figure { svg: page(size.width, height, &layers, &body) })
}

/// The panels, and how many traces found no place.
fn parts<'r>(
    recording: &'r Recording,
    shown: &'r Recording,
    options: &FigureOptions,
    span: Axis,
    window: Window,
) -> (Vec<Box<dyn Part + 'r>>, usize) {
    let mut parts: Vec<Box<dyn Part>> = Vec::new();
    if let Some(marks) = marks::Marks::plan(&options.marks, span) {
        parts.push(Box::new(marks));
    }
    let has_raster = options.raster && !shown.spikes.is_empty();
    if has_raster {
        parts.push(Box::new(Raster::plan(shown, window, options.max_marks, recording.dt)));
    }
    if options.rates {
        let given = options.rate_bin_ms.filter(|bin| *bin > 0.0);
        // of all neurons that were recorded, whichever rows are shown; beneath a raster that has all the names these serve for both
        let banded = |name: &str| shown.spikes.iter().any(|t| t.population == name && !t.rows.as_ref().is_some_and(Vec::is_empty));
        let mut names = recording.spikes.iter().map(|t| &t.population).chain(recording.rates.iter().map(|rate| &rate.population));
        let named = !has_raster || names.any(|name| !banded(name));
        for rates in lines::rates(recording, (window, &options.heard), given, bin_for(span, options.width, recording.dt), named) {
            parts.push(Box::new(rates));
        }
    }
    // what is asked for of traces: which, and which of their rows together
    let asked = shown.traces.iter().filter(|_| options.traces).flat_map(|trace| {
        let rows = trace.rows.len().min(options.max_rows);
        let together = if options.apart { 1 } else { rows.max(1) };
        let parts = (0..rows.max(1)).step_by(together).map(move |row| row..(row + together).min(rows));
        parts.map(move |rows| (trace, rows))
    });
    let asked: Vec<_> = asked.collect();
    let (summed, at_spikes) = if options.traces { (&shown.summaries[..], &shown.at_spikes[..]) } else { (&[][..], &[][..]) };
    let mut left = options.max_traces;
    let mut room = |wanted: usize| {
        let taken = wanted.min(left);
        left -= taken;
        taken
    };
    let [first, second, third] = [asked.len(), summed.len(), at_spikes.len()].map(&mut room);
    for (trace, rows) in &asked[..first] {
        parts.push(Box::new(traces::Traces::plan(shown, trace, rows.clone(), span, options)));
    }
    for summary in &summed[..second] {
        parts.push(Box::new(summaries::Summed::plan(summary, recording.dt, span)));
    }
    for own in &at_spikes[..third] {
        parts.push(Box::new(summaries::Spiked::plan(own, recording.dt, span, options.max_rows)));
    }
    (parts, asked.len() + summed.len() + at_spikes.len() - first - second - third)
}

/// Panels as high as fills so many pixels, in proportion. `Err`: the pixels that they need.
fn stretch(heights: &mut [i32], parts: &[Box<dyn Part + '_>], room: i32) -> Result<(), i32> {
    let fixed: i32 = heights.iter().zip(parts).filter(|(_, part)| !part.is_timed()).map(|(height, _)| height).sum();
    let usual: i32 = heights.iter().sum::<i32>() - fixed;
    let timed = parts.iter().filter(|part| part.is_timed()).count() as i32;
    if room - fixed < LOWEST * timed {
        return Err(fixed + LOWEST * timed);
    }
    // the least first, and what is over in proportion to what is usual beyond it
    let (over, beyond) = (f64::from(room - fixed - LOWEST * timed), f64::from((usual - LOWEST * timed).max(1)));
    let mut done = (0.0, 0);
    for (height, _) in heights.iter_mut().zip(parts).filter(|(_, part)| part.is_timed()) {
        done.0 += f64::from(LOWEST) + f64::from((*height - LOWEST).max(0)) / beyond * over;
        *height = done.0.round() as i32 - done.1;
        done.1 += *height;
    }
    Ok(())
}

/// The time shown, in ms.
fn span(recording: &Recording, options: &FigureOptions) -> Result<Axis, PlotError> {
    let dt = recording.dt;
    let whole = Window::whole(recording);
    let mut last = whole.last;
    if recording.steps == 0 {
        // a recording read from another's file may not say how long it is
        let spikes = recording.spikes.iter().flat_map(|train| train.step.iter().copied());
        let traces = recording.traces.iter().filter(|trace| trace.samples() > 0);
        let ends = traces.map(|trace| trace.first_step.saturating_add(trace.every.saturating_mul(trace.samples() as u64)));
        last = spikes.chain(ends).max().unwrap_or(last).max(last);
    }
    let low = options.from_ms.unwrap_or_else(|| first_heard(recording, options).unwrap_or(whole.after as f64 * dt));
    let high = options.to_ms.unwrap_or(last as f64 * dt);
    if dt > 0.0 && low >= 0.0 && high - low > 0.0 && (high - low).is_finite() {
        Ok(Axis { low, high })
    } else {
        Err(PlotError::NoTime { dt, from: low, to: high })
    }
}

/// Where all that was recorded begins later than the run: when, ms.
fn first_heard(recording: &Recording, options: &FigureOptions) -> Option<f64> {
    let from = |name: &str| options.heard.iter().find(|(of, _)| of == name).map(|(_, (from, _))| *from);
    let trains = recording.spikes.iter().map(|train| from(&train.population));
    let first = trains.reduce(|a, b| Some(a?.min(b?)))??;
    // what else there is begins with the run, but traces that say otherwise
    let others = recording.rates.len() + recording.summaries.len() + recording.at_spikes.len();
    let later = |trace: &crate::recording::Trace| trace.first_step as f64 * recording.dt >= first;
    (first > 0.0 && others == 0 && recording.traces.iter().all(later)).then_some(first)
}
