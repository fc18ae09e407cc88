//! The synapses of a projection: how a state of them is distributed, before and after, and who has which, as a matrix.
//!
//! In: [`Synapses`] of one or several times. Out: a [`Figure`]. Not here: how they became so, which [`figure`](fn@super::figure) draws
//! from histograms that a probe has taken.

use super::cells::{Bar, Cells};
use super::frame::{Frame, Hang, Heading, Key, Pen, in_lines, lines_height, text_width};
use super::gif::ColourMap;
use super::layout::{Axis, Colour, Panel, is_pure, plain, printed_unit, with_unit};
use super::{Figure, PlotError, Size, clipped, layout, lines};
use crate::recording::Synapses;
use std::fmt::Write as _;

/// How synapses are drawn.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct WeightOptions {
    /// Above the picture; `None`: nothing.
    pub title: Option<String>,
    /// Pixels at scale 1, 240 to 4000.
    pub width: u32,
    /// Pixels from top to bottom; `None`: as many as are usual.
    pub height: Option<u32>,
    /// Bins of the distribution.
    pub bins: usize,
    /// Whether to draw matrices: rows are sources, columns targets.
    pub matrix: bool,
    /// The most rows and columns of cells of a matrix; of larger ones a cell shows the mean of several pairs, and the picture says so.
    pub max_cells: usize,
}

impl Default for WeightOptions {
    fn default() -> WeightOptions {
        WeightOptions { title: None, width: 900, height: None, bins: 60, matrix: true, max_cells: 200 }
    }
}

setters! {
    WeightOptions {
        width: u32,
        height: impl Into<Option<u32>>,
        bins: usize,
        matrix: bool,
        max_cells: usize,
    }
}

impl WeightOptions {
    /// With this above the picture.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> WeightOptions {
        self.title = Some(title.into());
        self
    }
}

const DISTRIBUTION: i32 = 170;
/// Pixels of a matrix from top to bottom, at most.
const TALLEST: f64 = 400.0;
const LEADING: i32 = 15;
const BAR: i32 = 12;

/// Draws a state of the synapses of a projection at one or several times: their distributions over each other, and a matrix for each
/// time at which they differ.
///
/// ```
/// use synfire::network::{Connector, Network};
/// use synfire::plot::{WeightOptions, weights};
/// use synfire::{Choice, Options};
/// let mut net = Network::new("learning");
/// net.population("in", "poisson_source", 20).parameter("rate", "40 Hz");
/// net.population("cell", "lif_cond_exp", 5);
/// net.project_by("in", "cell", "stdp_pair", Connector::AllToAll).delay("1 ms").named("s");
/// let mut sim = net.compile(&Options::default().engine(Choice::Cpu))?;
/// let before = sim.synapses("s", "w", 0)?;
/// sim.run(200.0)?;
/// let after = sim.synapses("s", "w", 0)?;
/// let picture = weights(&[before, after], &WeightOptions::default())?;
/// assert!(picture.svg.contains("synapses (%)"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// **Errors**: no synapses, a size out of bounds.
pub fn weights(times: &[Synapses], options: &WeightOptions) -> Result<Figure, PlotError> {
    let Some(first) = times.iter().find(|t| !t.values.is_empty()) else {
        return Err(PlotError::NoSynapses);
    };
    let size = Size { width: options.width, height: options.height }.checked()?;
    let name = with_unit(&first.variable, &first.unit);
    let range = Axis::around(times.iter().flat_map(|t| t.values.iter().copied()), 0.0);
    let distribution = Distribution::new(times, range, options.bins.max(1), &first.unit);
    let grids: Vec<Grid> =
        times.iter().filter(|t| options.matrix && differ(t)).map(|t| Grid::new(t, options.max_cells.max(1))).collect();

    // a mean of several is nearer to the others than each of them
    let colour_range = Axis::around(grids.iter().flat_map(|grid| grid.means.iter().flatten().copied()), 0.0);

    let heading = Heading::of(options.title.as_deref(), size.width);
    let mut frame = Frame::new(size.width);
    let ends = colour_range.ticks(5);
    frame.fit_left(distribution.ticks().into_iter().map(|(_, label)| label).chain(grids.iter().flat_map(Grid::row_labels)));
    let bar = ends.iter().map(|(_, label)| text_width(label, 12.0)).max().unwrap_or(0) + BAR + 20;
    let bar = bar.max(text_width(&name, 12.0) + 14);
    let legend = distribution.legend();
    let beside = frame.fit_names(legend.iter().map(|(text, _)| text.clone()), 0, false);
    let whole = frame.right;
    let names = in_lines(if beside { &[] } else { &legend }, whole - frame.left - 4);
    frame.right = size.width as i32 - 20 - if grids.is_empty() { 0 } else { bar };

    let note = grids.iter().find_map(Grid::note);
    let mut top = heading.height() + lines_height(names.len());
    let below = if note.is_some() { layout::NOTE } else { 0 };
    let around = top + layout::BELOW + if grids.is_empty() { 0 } else { 16 + LEADING + layout::BELOW + below };
    // of a height that is given the distribution has a third, or all
    let room = size.panel(DISTRIBUTION, around)?;
    let (high, low) = match size.height {
        None => (DISTRIBUTION, TALLEST as i32),
        Some(_) if grids.is_empty() => (room, 0),
        Some(_) => (room / 3, room - room / 3),
    };
    let above = Panel { left: frame.left, right: whole, top, bottom: top + high };
    top = above.bottom + layout::BELOW + 16;
    // matrices side by side, as high as wide where there are as many sources as targets
    let across = grids.len().max(1) as i32;
    let gap = 16 + frame.left / 2;
    let tall = grids.iter().map(|g| (g.size[0] / g.size[1]).clamp(0.35, 1.0)).fold(0.35, f64::max);
    let side = ((frame.right - frame.left - gap * (across - 1)) / across).min((f64::from(low) / tall) as i32);
    let tallest = (f64::from(side) * tall).round() as i32;
    let panel = |n: i32| {
        let left = frame.left + n * (side + gap);
        Panel { left, right: left + side, top: top + LEADING, bottom: top + LEADING + tallest }
    };
    let height = match grids.is_empty() {
        true => above.bottom + layout::BELOW,
        false => top + LEADING + tallest + layout::BELOW + below,
    };
    let height = height.max(size.height.unwrap_or(0) as i32);

    let mut layers = String::new();
    let _ = write!(
        layers,
        "<clipPath id=\"p0\"><rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/></clipPath>",
        above.left,
        above.top - 1,
        above.right - above.left,
        above.bottom - above.top + 1
    );
    let colours = |share: f64| ColourMap::Viridis.rgb(share);
    let scale = Bar {
        panel: Panel { left: panel(across - 1).right + 14, right: panel(across - 1).right + 14 + BAR, ..panel(0) },
        ticks: ends.iter().map(|(value, label)| ((value - colour_range.low) / colour_range.range(), label.clone())).collect(),
        colours,
    };
    let body = frame.draw(height as u32, |pen| {
        clipped(&mut layers, 0, |layer| distribution.paths(layer, &above));
        distribution.axes(pen, &above, &name)?;
        if beside {
            lines::legend(pen, &above, &legend)?;
        }
        pen.names_above(&above, &names)?;
        for (n, grid) in (0..).zip(&grids) {
            grid.cells(&mut layers, &panel(n), colour_range, colours);
            grid.axes(pen, &panel(n), n == 0)?;
        }
        if !grids.is_empty() {
            scale.paths(&mut layers);
            scale.labels(pen)?;
            pen.text(&name, (scale.panel.left - 2, scale.panel.top - LEADING + 4), Hang::Left)?;
        }
        if let Some(note) = &note {
            pen.text(note, ((frame.left + panel(across - 1).right) / 2, height - layout::NOTE - 2), Hang::Below)?;
        }
        pen.heading(&heading)
    })?;
    Ok(Figure { svg: super::page(size.width, height, &layers, &body) })
}

/// Have synapses different values?
fn differ(synapses: &Synapses) -> bool {
    synapses.values.windows(2).any(|pair| pair[0] != pair[1])
}

/// `10 s`, `250 ms`
fn at(ms: f64) -> String {
    if ms >= 2000.0 { format!("at {} s", ms / 1e3) } else { format!("at {ms} ms") }
}

/// Shares of the synapses by value, of several times.
struct Distribution {
    range: Axis,
    /// By time: its name, and the share of each bin, in per cent; of synapses that are all alike the one value.
    lines: Vec<(String, Shares)>,
    axis: Axis,
    count: usize,
}

enum Shares {
    Alike(f64),
    Bins(Vec<f64>),
}

impl Distribution {
    fn new(times: &[Synapses], range: Axis, bins: usize, unit: &str) -> Distribution {
        let unit = if is_pure(unit) { String::new() } else { format!(" {}", plain(&printed_unit(unit), 10)) };
        let lines: Vec<(String, Shares)> = times
            .iter()
            .filter(|t| !t.values.is_empty())
            .map(|time| {
                if !differ(time) {
                    return (format!("{}: all {}{unit}", at(time.time), time.values[0]), Shares::Alike(time.values[0]));
                }
                let mut counts = vec![0u64; bins];
                for x in time.values.iter().filter(|x| x.is_finite()) {
                    counts[(((x - range.low) / range.range() * bins as f64) as usize).min(bins - 1)] += 1;
                }
                let all = time.values.len() as f64;
                (at(time.time), Shares::Bins(counts.into_iter().map(|n| 100.0 * n as f64 / all).collect()))
            })
            .collect();
        let highest = lines.iter().flat_map(|(_, shares)| if let Shares::Bins(bins) = shares { &bins[..] } else { &[] });
        let highest = highest.fold(0.0f64, |most, share| most.max(*share));
        let axis = Axis { low: 0.0, high: if highest > 0.0 { 1.08 * highest } else { 1.0 } };
        Distribution { range, lines, axis, count: times.iter().map(|t| t.values.len()).max().unwrap_or(0) }
    }

    fn ticks(&self) -> Vec<(f64, String)> {
        super::frame::value_ticks(self.axis)
    }

    /// Beside the panel: how many synapses, and the times in their colours.
    fn legend(&self) -> Vec<Key> {
        let lines = self.lines.iter().enumerate().map(|(n, (text, _))| (text.clone(), Some(self.colour(n))));
        let count = format!("{} synapses", layout::grouped(self.count as u64));
        std::iter::once((count, None)).chain(lines).collect()
    }

    /// Grey what was before, filled in colour what is last.
    fn colour(&self, n: usize) -> Colour {
        if n + 1 == self.lines.len() {
            Colour(0)
        } else if n == 0 {
            Colour(7)
        } else {
            Colour(n)
        }
    }

    fn paths(&self, layer: &mut String, panel: &Panel) {
        for (n, (_, shares)) in self.lines.iter().enumerate() {
            let (colour, last) = (self.colour(n).hex(), n + 1 == self.lines.len());
            let floor = panel.bottom;
            match shares {
                Shares::Alike(x) => {
                    let x = panel.x(self.range, *x).clamp(f64::from(panel.left) + 1.0, f64::from(panel.right) - 1.0);
                    let _ = write!(
                        layer,
                        "<path stroke=\"{colour}\" stroke-width=\"2\" stroke-dasharray=\"5 3\" d=\"M{x:.1} {floor}V{}\"/>",
                        panel.top
                    );
                }
                Shares::Bins(bins) => {
                    let edge = |k: usize| panel.x(Axis { low: 0.0, high: bins.len() as f64 }, k as f64);
                    let mut path = format!("M{:.1} {floor}", edge(0));
                    for (k, share) in bins.iter().enumerate() {
                        let _ = write!(path, "V{:.1}H{:.1}", panel.y(self.axis, *share), edge(k + 1));
                    }
                    let _ = write!(path, "V{floor}");
                    let fill = if last { format!("fill=\"{colour}\" fill-opacity=\".25\"") } else { "fill=\"none\"".into() };
                    let _ = write!(layer, "<path {fill} stroke=\"{colour}\" stroke-width=\"1.2\" d=\"{path}\"/>");
                }
            }
        }
    }

    fn axes(&self, pen: &Pen, panel: &Panel, name: &str) -> Result<(), PlotError> {
        pen.value_axis(panel, self.axis, "synapses (%)")?;
        pen.axis_below(panel, self.range, name)
    }
}

/// Means of the synapses between the sources of a row and the targets of a column.
struct Grid {
    label: String,
    /// Sources and targets.
    size: [f64; 2],
    /// Cells down and across.
    cells: [usize; 2],
    /// Row by row; `None`: there is no synapse.
    means: Vec<Option<f64>>,
}

impl Grid {
    fn new(synapses: &Synapses, most: usize) -> Grid {
        let [sources, targets] = synapses.size();
        // as many neurons in each cell, but for the last
        let per = |n: u32| (n as usize).div_ceil(most).max(1);
        let cells = [sources, targets].map(|n| (n as usize).div_ceil(per(n)).max(1));
        let mut sums = vec![(0.0, 0u32); cells[0] * cells[1]];
        synapses.each(|source, target, x| {
            let cell = &mut sums[source as usize / per(sources) * cells[1] + target as usize / per(targets)];
            *cell = (cell.0 + x, cell.1 + 1);
        });
        let means = sums.into_iter().map(|(sum, n)| (n > 0).then(|| sum / f64::from(n))).collect();
        let padded = [(cells[0] * per(sources)) as f64, (cells[1] * per(targets)) as f64];
        Grid { label: at(synapses.time), size: padded, cells, means }
    }

    fn axis(&self, side: usize) -> Axis {
        Axis { low: 0.0, high: self.size[side] }
    }

    fn row_labels(&self) -> impl Iterator<Item = String> + '_ {
        self.axis(0).ticks(5).into_iter().map(|(_, label)| label)
    }

    fn note(&self) -> Option<String> {
        let per = [0, 1].map(|side| (self.size[side] / self.cells[side] as f64).round());
        (per != [1.0, 1.0]).then(|| format!("a cell is the mean of the synapses from {} neurons to {}", per[0], per[1]))
    }

    fn cells(&self, layer: &mut String, panel: &Panel, range: Axis, colours: fn(f64) -> [u8; 3]) {
        let [down, across] = self.cells;
        let (rows, columns) = (Axis { low: 0.0, high: down as f64 }, Axis { low: 0.0, high: across as f64 });
        // the first source is on top, as matrices are written
        let y = |row: usize| f64::from(panel.top + panel.bottom) - panel.y(rows, row as f64);
        let mut cells = Cells::new(colours);
        for (row, means) in self.means.chunks(across).enumerate() {
            let shares = means.iter().map(|mean| mean.map(|x| (x - range.low) / range.range()));
            cells.row([y(row), y(row + 1)], |k| panel.x(columns, k as f64), shares);
        }
        cells.write(layer);
    }

    fn axes(&self, pen: &Pen, panel: &Panel, first: bool) -> Result<(), PlotError> {
        pen.edges(panel)?;
        for (value, label) in self.axis(0).ticks(5) {
            let y = f64::from(panel.top + panel.bottom) - panel.y(self.axis(0), value);
            pen.tick(panel, y.round() as i32, &label)?;
        }
        if first {
            pen.name("source", panel)?;
        }
        pen.axis_below(panel, self.axis(1), "target")?;
        pen.text(&self.label, ((panel.left + panel.right) / 2, panel.top - LEADING), Hang::Below)
    }
}
