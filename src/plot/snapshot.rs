//! A state of a sheet of neurons at one time, for print: a colour per neuron, and the bar that says what the colours mean.
//!
//! In: one value per neuron, row by row of the sheet. Out: a [`Figure`]. Not here: how it moves, which [`gif`](super::gif) shows.

use super::cells::{Bar, Cells};
use super::frame::{Frame, Hang, Heading, text_width};
use super::gif::ColourMap;
use super::layout::{Axis, Panel};
use super::{Figure, PlotError, Size, page};
use std::fmt::Write as _;

const BAR: i32 = 12;
const MARGIN: i32 = 14;
/// Pixels from top to bottom, at most, if no height is given.
const TALLEST: f64 = 560.0;

/// Draws a sheet of `values.len() / columns` rows, the first one on top, with the colours from the lowest value to the highest; white is
/// no number. `name`: what the values are, as [`axis_name`](super::axis_name) writes it.
///
/// ```
/// use synfire::plot::snapshot;
/// let sheet = snapshot(&[-65.0, -60.0, -55.0, -52.0], 2, "v (mV)", Some("at 20 ms"), 386)?;
/// assert!(sheet.svg.contains("v (mV)"));
/// # Ok::<(), synfire::plot::PlotError>(())
/// ```
///
/// **Errors** no value, values that fill no rows, a size out of bounds.
pub fn snapshot(
    values: &[f64],
    columns: usize,
    name: &str,
    title: Option<&str>,
    size: impl Into<Size>,
) -> Result<Figure, PlotError> {
    let size = size.into().checked()?;
    if values.is_empty() || columns == 0 || !values.len().is_multiple_of(columns) {
        return Err(PlotError::Frames { what: format!("rows of {columns} numbers, found {} in all", values.len()) });
    }
    let rows = values.len() / columns;
    let range = Axis::around(values.iter().copied(), 0.0);
    let ticks = range.ticks(5);
    let heading = Heading::of(title, size.width);
    let mut frame = Frame::new(size.width);
    let bar = ticks.iter().map(|(_, label)| text_width(label, 12.0)).max().unwrap_or(0) + BAR + 24;
    let bar = bar.max(text_width(name, 12.0) / 2 + 12);
    let top = heading.height() + 14;
    let room = size.panel(TALLEST as i32, top + MARGIN)?;
    // neurons are as wide as high
    let wide = size.width as i32 - 2 * MARGIN - bar;
    let side = (f64::from(wide) / columns as f64).min(f64::from(room) / rows as f64);
    let [across, down] = [columns, rows].map(|n| (n as f64 * side).round().max(1.0) as i32);
    frame.left = MARGIN + (wide - across) / 2;
    let panel = Panel { left: frame.left, right: frame.left + across, top, bottom: top + down };
    let height = (panel.bottom + MARGIN).max(size.height.unwrap_or(0) as i32);

    let colours = |share: f64| ColourMap::Viridis.rgb(share);
    let mut cells = Cells::new(colours);
    let whole = Axis { low: 0.0, high: columns as f64 };
    for (row, own) in values.chunks_exact(columns).enumerate() {
        let y = |row: usize| f64::from(panel.top) + row as f64 * side;
        let shares = own.iter().map(|x| x.is_finite().then(|| (x - range.low) / range.range()));
        cells.row([y(row), y(row + 1)], |column| panel.x(whole, column as f64), shares);
    }
    let mut layers = String::new();
    cells.write(&mut layers);
    let _ = write!(
        layers,
        "<rect x=\"{}\" y=\"{}\" width=\"{across}\" height=\"{down}\" fill=\"none\" stroke=\"#000\" stroke-width=\".6\"/>",
        panel.left, panel.top
    );
    let scale = Bar {
        panel: Panel { left: panel.right + 14, right: panel.right + 14 + BAR, ..panel },
        ticks: ticks.into_iter().map(|(value, label)| ((value - range.low) / range.range(), label)).collect(),
        colours,
    };
    scale.paths(&mut layers);
    let body = frame.draw(height as u32, |pen| {
        scale.labels(pen)?;
        let left = (panel.right + 14).min(size.width as i32 - 8 - text_width(name, 12.0));
        pen.text(name, (left, panel.top - 10), Hang::Left)?;
        pen.heading(&heading)
    })?;
    Ok(Figure { svg: page(size.width, height, &layers, &body) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_neuron_has_its_cell() {
        let values: Vec<f64> = (0..24).map(|k| if k == 5 { f64::NAN } else { f64::from(k) }).collect();
        let found = snapshot(&values, 6, "v (mV)", Some("a sheet at 3 ms"), 386).unwrap();
        let cells = found.svg.split("</g>").next().unwrap();
        // 24 values, all different but one that is none
        assert_eq!(cells.matches('z').count(), 23, "{cells}");
        assert!(found.png(1.0).is_ok());
        let given = snapshot(&values, 6, "v (mV)", None, (386, 200)).unwrap();
        assert!(given.svg.contains("width=\"386\" height=\"200\""), "{}", &given.svg[..120]);
        assert!(matches!(snapshot(&values, 7, "v", None, 386), Err(PlotError::Frames { .. })));
        assert!(snapshot(&[3.0; 4], 2, "v", None, 386).is_ok());
    }
}
