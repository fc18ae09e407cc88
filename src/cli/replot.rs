//! Pictures that need the network of a run too: its record describes it.

use std::path::Path;

use synfire::analysis::{self, Window};
use synfire::model::rule::Node;
use synfire::plan::{DrivePart, Plan, Wave};
use synfire::plot::gif::Sheet;
use synfire::plot::{Figure, PhasePlane, PlotError, PositionOptions, Reached, Size, WeightOptions};
use synfire::plot::{axis_name, connectivity, curve, phase_plane, positions, snapshot, weights};
use synfire::recording::native::Stored;
use synfire::recording::{Recording, Trace, Wiring};
use synfire::{Network, Options};

use super::Failure;
use super::folder::RECORD;
use super::kept::chunks_of;
use super::record::titled;

/// What a record says of a run.
pub struct Run {
    /// The network.
    pub name: String,
    /// The same, and what `--set` changed of it.
    pub title: String,
    /// All that it says; null: there is none.
    pub record: serde_json::Value,
    description: Option<Network>,
}

impl Run {
    pub fn read(folder: &Path) -> Result<Run, Failure> {
        let path = folder.join(RECORD);
        let wrong = |why: String| {
            let help = "name the folder of a run, as `synfire run` says it at its end";
            Failure::input(format!("error: `{}`: {why}\n  help: {help}", path.display()))
        };
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            // a run that was killed left chunks and no record
            Err(error) => return Run::of_chunks(folder).ok_or_else(|| wrong(error.to_string())),
        };
        let record: serde_json::Value = serde_json::from_str(&text).map_err(|e| wrong(format!("is no record: {e}")))?;
        let words = record["command"].as_array().map_or(&[][..], Vec::as_slice);
        let command: Vec<String> = words.iter().filter_map(|word| Some(word.as_str()?.to_string())).collect();
        let name = record["network"].as_str().unwrap_or_default().to_string();
        let title = titled(&name, &command);
        // a record of another version may describe a network in words that are none now: the other pictures need none
        let description = serde_json::from_value(record["description"].clone()).ok();
        Ok(Run { name, title, record, description })
    }

    /// What chunks alone tell.
    fn of_chunks(run: &Path) -> Option<Run> {
        let stored = Stored::open(chunks_of(run)?).ok()?;
        let name = stored.header().network.clone();
        Some(Run { title: name.clone(), name, record: serde_json::Value::Null, description: None })
    }

    /// The network as it ran, in words that are read here.
    pub fn description(&self) -> Option<&Network> {
        self.description.as_ref()
    }

    /// When spikes were recorded, in ms, where not always.
    pub fn spike_windows(&self) -> Vec<(String, (f64, f64))> {
        self.description.as_ref().map_or_else(Vec::new, Network::spike_windows)
    }

    /// When stimuli were on, in ms.
    pub fn stimulus_windows(&self) -> Vec<(String, Vec<(f64, f64)>)> {
        self.description.as_ref().map_or_else(Vec::new, Network::stimulus_windows)
    }
}

/// What is asked of every picture.
pub struct Asked<'a> {
    pub run: Run,
    pub recording: Recording,
    /// ms
    pub window: (f64, f64),
    pub of: Option<&'a str>,
    pub x: Option<&'a str>,
    pub title: String,
    pub size: Size,
    pub tables: &'a Path,
}

/// Frames of a moving picture.
const MOST_FRAMES: usize = 240;

impl Asked<'_> {
    fn plan(&self) -> Result<Plan, Failure> {
        let Some(network) = &self.run.description else {
            return Err(Failure::input("error: the record does not describe the network in words that are read here"));
        };
        Ok(network.plan(&Options::default().folder(self.tables.to_path_buf()))?)
    }

    pub fn connectivity(&self) -> Result<Figure, Failure> {
        connectivity(&Wiring::of(&self.plan()?), Some(&self.title), self.size).map_err(refused)
    }

    pub fn positions(&self, cell: Option<&str>) -> Result<Figure, Failure> {
        if self.recording.positions.is_empty() {
            let help = "give a population `positions = { rule = \"grid\", spacing = \"25 um\" }`";
            return Err(Failure::input(format!("error: no population of this run has positions\n  help: {help}")));
        }
        let options = PositionOptions::default().title(&self.title).width(self.size.width).height(self.size.height);
        positions(&self.recording, &options.reached(cell.map(|cell| self.reached(cell)).transpose()?)).map_err(refused)
    }

    /// Whom `POPULATION:NEURON` reaches.
    fn reached(&self, cell: &str) -> Result<Reached, Failure> {
        let wiring = Wiring::of(&self.plan()?);
        let found = cell.rsplit_once(':').and_then(|(population, neuron)| {
            let neuron: u32 = neuron.trim().parse().ok()?;
            Reached::of(&wiring, population.trim(), neuron)
        });
        found.ok_or_else(|| {
            let known = wiring.populations.iter().map(|(name, size)| format!("{name}:0 to {name}:{}", size.saturating_sub(1)));
            let help = format!("there are {}", known.collect::<Vec<_>>().join(", "));
            Failure::input(format!("error: --cell \"{cell}\" names no neuron of this network\n  help: {help}"))
        })
    }

    pub fn weights(&self) -> Result<Figure, Failure> {
        let wiring = Wiring::of(&self.plan()?);
        let named: Vec<&str> = wiring.projections.iter().map(|one| one.synapses.projection.as_str()).collect();
        let wanted = self.of.or_else(|| (named.len() == 1).then(|| named[0]));
        let found = wiring.projections.iter().find(|one| Some(one.synapses.projection.as_str()) == wanted);
        let Some(found) = found else {
            let help = format!("name a projection with --of: {}", named.join(", "));
            let what = wanted.map_or_else(|| "which weights?".to_string(), |name| format!("there is no projection `{name}`"));
            return Err(Failure::input(format!("error: {what}\n  help: {help}")));
        };
        let title = format!("{}: {} of {}", self.title, found.synapses.variable, found.synapses.projection);
        let options = WeightOptions::default().title(title).width(self.size.width).height(self.size.height);
        weights(std::slice::from_ref(&found.synapses), &options).map_err(refused)
    }

    /// The rate of each neuron over a parameter, or a constant stimulus, that each has of its own.
    pub fn curve(&self) -> Result<Figure, Failure> {
        let Some(x) = self.x else {
            let help = "write for example --x cell.i_e, or --x STIMULUS";
            return Err(Failure::input(format!("error: a curve needs what stands on its x axis\n  help: {help}")));
        };
        let plan = self.plan()?;
        let of_drive = plan.drives().iter().find(|drive| drive.name == x);
        let (population, values, unit): (usize, Vec<f64>, String) = if let Some(drive) = of_drive {
            let Wave::Constant(amplitude) = &drive.wave else {
                return Err(Failure::input(format!(
                    "error: the stimulus `{x}` is not constant, so it is no number for each neuron"
                )));
            };
            let place = plan.place(drive.population);
            let unit = plan.group_of(drive.population).model.inputs()[drive.input as usize].dimension.unit();
            // a neuron that it does not reach has 0
            let at = |row: u32| drive.rows.place(u64::from(place.first_row + row)).map_or(0.0, |place| amplitude.get(place));
            (drive.population.0 as usize, (0..place.size).map(at).collect(), unit)
        } else {
            let found = x.rsplit_once('.').and_then(|(population, parameter)| {
                let id = plan.population(population)?;
                let (group, place) = (plan.group_of(id), plan.place(id));
                let column = group.model.params().iter().position(|p| p.name == parameter)?;
                let value = |row: u32| group.params[column].get((place.first_row + row) as usize);
                let unit = group.model.params()[column].dimension.unit();
                Some((id.0 as usize, (0..place.size).map(value).collect::<Vec<f64>>(), unit))
            });
            found.ok_or_else(|| {
                let help = "POPULATION.PARAMETER, such as cell.i_e, or the name of a constant stimulus";
                Failure::input(format!("error: there is no `{x}`\n  help: {help}"))
            })?
        };
        let name = &plan.populations()[population].name;
        let Some(train) = self.recording.spikes.iter().find(|train| train.population == *name) else {
            let help = format!("[[probe]] population = \"{name}\" record = \"spikes\"");
            return Err(Failure::input(format!("error: no spikes of `{name}` were recorded\n  help: {help}")));
        };
        let window = Window::from_ms(self.window.0, self.window.1, self.recording.dt);
        let rates = analysis::rates(train, window, self.recording.dt);
        let points: Vec<(f64, f64)> =
            train.recorded().iter().zip(rates).filter_map(|(&row, rate)| Some((*values.get(row as usize)?, rate))).collect();
        curve(&points, (&axis_name(x, &unit), "rate (Hz)"), Some(&self.title), self.size).map_err(refused)
    }

    pub fn phase(&self) -> Result<Figure, Failure> {
        let plan = self.plan()?;
        let planar = |index: &usize| {
            let group = &plan.groups()[plan.populations()[*index].group];
            let moves = group.model.states().iter().filter(|state| state.equation.is_some()).count();
            moves == 2 && self.of.is_none_or(|of| of == plan.populations()[*index].name)
        };
        let Some(index) = (0..plan.populations().len()).find(planar) else {
            let help =
                "a phase plane is of a model with two differential equations, such as izhikevich, fitzhugh_nagumo or morris_lecar";
            return Err(Failure::input(format!("error: there is no population whose model has two variables\n  help: {help}")));
        };
        let place = &plan.populations()[index];
        let group = &plan.groups()[place.group];
        let model = &group.model;
        let moving: Vec<usize> = (0..model.states().len()).filter(|&k| model.states()[k].equation.is_some()).collect();
        let trace = |k: usize| {
            let name = &model.states()[k].name;
            self.recording.traces.iter().find(|t| !t.synapses && t.population == place.name && t.variable == *name)
        };
        let both = trace(moving[0]).zip(trace(moving[1]));
        let ways = both.map_or_else(Vec::new, |(a, b)| self.ways(a, b));
        if ways.is_empty() {
            let names = moving.iter().map(|&k| format!("`{}`", model.states()[k].name)).collect::<Vec<_>>().join(" and ");
            let help = format!("probe both of `{}` with the same rows and the same step", place.name);
            return Err(Failure::input(format!("error: a way through the plane needs {names}, recorded together\n  help: {help}")));
        }
        // the equations of the neuron whose way is drawn first, with what drives it all the time
        let row = both.and_then(|(a, _)| a.rows.first().copied()).unwrap_or(0) as usize;
        let held = |input: u32| {
            let own = plan.drives().iter().filter(|d| d.group == place.group && d.input == input && d.part == DrivePart::Level);
            let amplitudes = own.filter_map(|drive| {
                let row = drive.rows.place(u64::from(place.first_row) + row as u64)?;
                Some(match &drive.wave {
                    Wave::Constant(amplitude) => amplitude.get(row),
                    Wave::Course { offset, .. } => offset.get(row),
                    Wave::Noise { mean, .. } => mean.get(row),
                    _ => 0.0,
                })
            });
            amplitudes.sum::<f64>()
        };
        let value = |rate: synfire::model::rule::NodeId, x: f64, y: f64| {
            let mut leaf = |node: Node| match node {
                Node::State(k) if k as usize == moving[0] => Some(x),
                Node::State(k) if k as usize == moving[1] => Some(y),
                Node::State(k) => Some(group.initial[k as usize].get(place.first_row as usize + row)),
                Node::Param(k) => Some(group.params[k as usize].get(place.first_row as usize + row)),
                Node::Held(k) => Some(held(k)),
                // the plane is that of the mean
                _ => Some(0.0),
            };
            model.graph().evaluate_with(rate, &mut leaf).ok()
        };
        let rate = |k: usize| model.states()[moving[k]].equation.as_ref().map(|equation| equation.rate);
        let field = |x: f64, y: f64| Some([value(rate(0)?, x, y)?, value(rate(1)?, x, y)?]);
        let of = |k: usize| (model.states()[moving[k]].name.clone(), model.states()[moving[k]].dimension.unit());
        let plane = PhasePlane { x: of(0), y: of(1), field: &field, ways, x_range: None, y_range: None };
        phase_plane(&plane, Some(&self.title), self.size).map_err(refused)
    }

    /// Ways of the rows that both traces have.
    fn ways(&self, a: &Trace, b: &Trace) -> Vec<(String, Vec<(f64, f64)>)> {
        if a.every != b.every || a.first_step != b.first_step {
            return Vec::new();
        }
        let shared =
            a.rows.iter().enumerate().filter_map(|(i, row)| Some((i, b.rows.iter().position(|other| other == row)?, *row)));
        let way = |(i, j, row): (usize, usize, u32)| {
            let (wide, high) = (a.rows.len(), b.rows.len());
            let samples = (0..a.samples().min(b.samples())).filter(|&k| self.shows(a, k));
            (format!("neuron {row}"), samples.map(|k| (a.values[k * wide + i], b.values[k * high + j])).collect())
        };
        shared.map(way).take(6).collect()
    }

    /// Is sample k inside the window?
    fn shows(&self, trace: &Trace, k: usize) -> bool {
        // of a time that was written and one that was counted
        let (time, dust) = (self.time(trace, k), 1e-6 * self.recording.dt);
        self.window.0 - dust <= time && time <= self.window.1 + dust
    }

    /// The first trace as a moving picture, of a sheet or of a row of neurons, and what it shows in words.
    pub fn animation(&self, size: Option<Size>) -> Result<(Vec<u8>, String), Failure> {
        let (trace, samples) = self.moving()?;
        // as many as one looks at; every k-th, so that all have one distance
        let stride = samples.len().div_ceil(MOST_FRAMES).max(1);
        let frames: Vec<&[f64]> =
            samples.iter().step_by(stride).map(|k| &trace.values[k * trace.rows.len()..][..trace.rows.len()]).collect();
        let finite = || frames.iter().flat_map(|frame| frame.iter().copied()).filter(|value| value.is_finite());
        let (low, high) = finite().fold((f64::MAX, f64::MIN), |(low, high), x| (low.min(x), high.max(x)));
        let (low, high) = if low < high { (low, high) } else { (low.min(0.0) - 1.0, low.max(0.0) + 1.0) };
        let sheet = self.sheet(trace);
        let (width, height, values) = match &sheet {
            Some(sheet) => (sheet.columns, sheet.rows, frames.iter().flat_map(|frame| sheet.laid(frame)).collect()),
            None => profile(&frames, low, high),
        };
        // columns of a profile stand on paper, and their neurons are told
        let ends = trace.rows.first().zip(trace.rows.last());
        let caption = ends.filter(|_| sheet.is_none()).map_or_else(String::new, |(a, b)| format!("neuron {a} to {b}"));
        let narrow = if sheet.is_some() { 300 } else { 360 };
        let step = self.recording.dt * trace.every as f64;
        // whole pixels to a neuron, as many as the picture holds beside its margins
        let room = |pixels: u32, margin: u32, n: usize| pixels.saturating_sub(margin) as usize / n.max(1);
        let cell = match size {
            None => (480 / width.max(height).max(1)).clamp(1, 12),
            Some(Size { width: pixels, height: None, .. }) => room(pixels, 20, width).max(1),
            Some(Size { width: pixels, height: Some(high), .. }) => room(pixels, 20, width).min(room(high, 56, height)).max(1),
        };
        let moving = Sheet::of(width, height)
            .cell(cell)
            .picture_width(size.map_or(narrow, |size| size.width as usize))
            .caption(caption)
            .paper(sheet.is_none())
            .low(low)
            .high(high)
            .label(axis_name(&trace.variable, &trace.unit))
            .first_ms(self.time(trace, samples[0]))
            .every_ms(step * stride as f64);
        let gif = moving.gif(&values).map_err(refused)?;
        let thinned = if stride > 1 { format!(", one of {stride} samples") } else { String::new() };
        let what = if sheet.is_some() { "sheet" } else { "profile over the neurons" };
        Ok((gif, format!("{} frames, {what} of {}.{}{thinned}", frames.len(), trace.population, trace.variable)))
    }

    /// One frame of a moving picture, to be printed.
    pub fn frame(&self) -> Result<Figure, Failure> {
        let (trace, samples) = self.moving()?;
        let (first, last) = (self.time(trace, samples[0]), self.time(trace, samples[samples.len() - 1]));
        let [sample] = samples[..] else {
            let step = trace.every as f64 * self.recording.dt;
            let help = format!("--window \"{0} ms..{0} ms\" holds one: samples are {step} ms apart; or --format gif", told(first));
            return Err(Failure::input(format!(
                "error: a picture of one frame is asked for, and there are {} from {} to {} ms\n  help: {help}",
                samples.len(),
                told(first),
                told(last)
            )));
        };
        let values = &trace.values[sample * trace.rows.len()..][..trace.rows.len()];
        let name = axis_name(&trace.variable, &trace.unit);
        let title = format!("{}: {} at {} ms", self.title, trace.population, told(first));
        match self.sheet(trace) {
            Some(sheet) => snapshot(&sheet.laid(values), sheet.columns, &name, Some(&title), self.size).map_err(refused),
            None => {
                let points: Vec<(f64, f64)> = trace.rows.iter().map(|row| f64::from(*row)).zip(values.iter().copied()).collect();
                curve(&points, ("neuron", &name), Some(&title), self.size).map_err(refused)
            }
        }
    }

    /// The first trace of neurons, and its samples in the window.
    fn moving(&self) -> Result<(&Trace, Vec<usize>), Failure> {
        let Some(trace) = self.recording.traces.iter().find(|trace| !trace.rows.is_empty() && !trace.synapses) else {
            let help = "a moving picture is of a state of neurons: add a [[probe]] of one";
            return Err(Failure::input(format!("error: no trace was recorded\n  help: {help}")));
        };
        let samples: Vec<usize> = (0..trace.samples()).filter(|&k| self.shows(trace, k)).collect();
        if samples.is_empty() {
            let (first, last) = (self.time(trace, 0), self.time(trace, trace.samples().saturating_sub(1)));
            let step = trace.every as f64 * self.recording.dt;
            let help = format!("`{}` was sampled from {} to {} ms, {step} ms apart", trace.variable, told(first), told(last));
            return Err(Failure::input(format!("error: there is no sample in --window\n  help: {help}")));
        }
        Ok((trace, samples))
    }

    /// Time of a sample, ms.
    fn time(&self, trace: &Trace, sample: usize) -> f64 {
        (trace.first_step + trace.every * sample as u64) as f64 * self.recording.dt
    }

    /// A sheet all of whose neurons were recorded: by the shape of its population, else by the places of its neurons on a grid.
    fn sheet(&self, trace: &Trace) -> Option<Laid> {
        let network = self.run.description.as_ref()?;
        let population = network.populations.iter().find(|p| p.name == trace.population)?;
        if let [rows, columns] = population.shape[..]
            && rows as usize * columns as usize == trace.rows.len()
        {
            return Some(Laid { rows: rows as usize, columns: columns as usize, order: (0..trace.rows.len()).collect() });
        }
        let sites = self.recording.positions.iter().find(|sites| sites.population == trace.population)?;
        Laid::on_a_grid(&sites.um, trace.rows.len())
    }
}

/// Neurons in rows and columns.
struct Laid {
    rows: usize,
    columns: usize,
    /// Of each place, row by row from the top, the neuron that stands there.
    order: Vec<usize>,
}

impl Laid {
    /// x to the right, y upwards; `None`: not each crossing of lines has one neuron.
    fn on_a_grid(um: &[[f64; 3]], neurons: usize) -> Option<Laid> {
        let lines = |axis: usize| {
            let mut all: Vec<f64> = um.iter().map(|site| site[axis]).collect();
            all.sort_by(f64::total_cmp);
            all.dedup();
            all
        };
        let (x, y) = (lines(0), lines(1));
        if um.len() != neurons || x.len() < 2 || y.len() < 2 || x.len() * y.len() != neurons {
            return None;
        }
        let mut order = vec![neurons; neurons];
        for (neuron, site) in um.iter().enumerate() {
            let place = |lines: &[f64], at: f64| lines.binary_search_by(|line| line.total_cmp(&at)).ok();
            let (column, row) = (place(&x, site[0])?, y.len() - 1 - place(&y, site[1])?);
            order[row * x.len() + column] = neuron;
        }
        order.iter().all(|neuron| *neuron < neurons).then_some(Laid { rows: y.len(), columns: x.len(), order })
    }

    /// Numbers of neurons, row by row.
    fn laid(&self, values: &[f64]) -> Vec<f64> {
        self.order.iter().map(|neuron| values[*neuron]).collect()
    }
}

/// A time on the grid without the dust of binary fractions.
pub fn told(ms: f64) -> f64 {
    (ms * 1e6).round() / 1e6
}

/// Who asked for the picture has to act.
pub fn refused(error: PlotError) -> Failure {
    match error {
        PlotError::File(error) => Failure::from(error),
        PlotError::Nothing => Failure::input(
            "error: there is nothing to draw in what was recorded\n  help: ask for other --panels, or record it with a [[probe]]",
        ),
        error => Failure::input(format!("error: {error}")),
    }
}

/// Rows of a profile.
const TALL: usize = 60;
/// Columns of a profile.
const WIDE: usize = 480;

/// Values over neurons as columns of that height; of more neurons than there is room for every k-th.
fn profile(frames: &[&[f64]], low: f64, high: f64) -> (usize, usize, Vec<f64>) {
    let neurons = frames.first().map_or(0, |frame| frame.len());
    let stride = neurons.div_ceil(WIDE).max(1);
    let width = neurons.div_ceil(stride);
    let mut values = Vec::with_capacity(frames.len() * TALL * width);
    for frame in frames {
        for row in 0..TALL {
            let level = high - (row as f64 + 0.5) / TALL as f64 * (high - low);
            values.extend(frame.iter().step_by(stride).map(|&value| if value >= level { value } else { f64::NAN }));
        }
    }
    (width, TALL, values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neurons_of_a_grid_stand_where_they_are() {
        // filled along y first, and one row further up
        let um: Vec<[f64; 3]> = (0..6).map(|k| [25.0 * f64::from(k / 2), 10.0 * f64::from(k % 2) - 5.0, 0.0]).collect();
        let laid = Laid::on_a_grid(&um, 6).unwrap();
        assert_eq!((laid.rows, laid.columns), (2, 3));
        assert_eq!(laid.laid(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]), [1.0, 3.0, 5.0, 0.0, 2.0, 4.0]);
        // two in one place, neurons that were not recorded, a line
        let twice: Vec<[f64; 3]> = um[..5].iter().chain(&um[..1]).copied().collect();
        assert!(Laid::on_a_grid(&twice, 6).is_none());
        assert!(Laid::on_a_grid(&um, 5).is_none());
        let line: Vec<[f64; 3]> = (0..6).map(|k| [f64::from(k), 0.0, 0.0]).collect();
        assert!(Laid::on_a_grid(&line, 6).is_none());
    }
}
