//! Many networks that differ in some values: which there are, run side by side where they can be, measured one by one.
//!
//! In: a network (or its file), [`Axis`]es of values, a [`Design`]. Out: a [`Row`] of measures for each [`Point`]. Points that differ
//! in numbers alone (parameters, initial values, weights, delays, rates) are instances of one plan and run together; others
//! (sizes, connectors, seeds) are built anew, several at a time. Either way a point gives to the bit what its network gives alone
//! on the same engine. Not here: tables on the disk, pictures (`cli`), what can differ between instances (`network::check`).

mod axis;
mod batch;
mod design;
mod families;
mod generations;

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use crate::analysis::Measure;
use crate::diagnostic::Report;
use crate::error::Error;
use crate::network::{Change, Network};
use crate::simulation::Options;

pub use axis::{Axis, Values, in_unit_of};
use batch::Over;
pub use batch::{Row, Said};
pub use design::{Design, Point};
pub use generations::Generations;

/// Where a network comes from.
#[derive(Clone, Debug)]
pub enum Origin {
    /// A description that is there.
    Network(Box<Network>),
    /// A file, with changes that all points have.
    File {
        /// The network file.
        path: PathBuf,
        /// What is different from it.
        changes: Vec<Change>,
    },
}

impl Origin {
    /// The network with these changes.
    ///
    /// **Errors** a file that cannot be read, a name that names nothing, a text that is no value.
    pub fn changed(&self, changes: &[(String, String)]) -> Result<Network, Report> {
        match self {
            Origin::Network(network) => {
                let mut network = (**network).clone();
                changes.iter().try_for_each(|(key, value)| network.set(key, value))?;
                Ok(network)
            }
            Origin::File { path, changes: before } => {
                let more = changes.iter().map(|(key, value)| Change::new(key, value));
                let all: Vec<Change> = before.iter().cloned().chain(more).collect();
                Network::load_changed(path, &all)
            }
        }
    }
}

/// A network over a range of its values.
///
/// ```
/// use synfire::network::{Connector, Network};
/// use synfire::sweep::Sweep;
/// use synfire::{Choice, Options};
/// let mut net = Network::new("cells");
/// net.population("exc", "lif_psc_exp", 50).parameter("i_e", "380 pA");
/// net.project("exc", "exc", "i_exc", Connector::probability(0.1)).weight("20 pA").delay("1.5 ms");
/// net.probe("exc", "spikes");
/// let sweep = Sweep::new(net).axis("exc.i_e=360 pA..400 pA:5")?.axis("exc -> exc.weight=0 pA, 40 pA")?;
/// let rows = sweep.options(Options::default().engine(Choice::Cpu)).duration(100.0).table()?;
/// assert_eq!(rows.len(), 10);
/// let rate = |k: usize| rows[k].number("exc.rate_mean_hz").unwrap();
/// assert!(rate(0) < rate(8));
/// # Ok::<(), synfire::Error>(())
/// ```
#[derive(Clone, Debug)]
#[doc(alias = "grid search", alias = "parameter scan")]
pub struct Sweep {
    origin: Origin,
    axes: Vec<Axis>,
    design: Design,
    repeat: u32,
    measures: Vec<Measure>,
    duration: Option<f64>,
    window: Option<(f64, f64)>,
    bin_ms: f64,
    batch: Option<usize>,
    options: Options,
    over: Over,
}

impl Sweep {
    /// Of a network. Without an axis it has one point.
    pub fn new(network: Network) -> Sweep {
        Sweep::of(Origin::Network(Box::new(network)))
    }

    /// Of a network, or of a file, whose sizes and numbers may follow from constants that are swept.
    pub fn of(origin: Origin) -> Sweep {
        Sweep {
            origin,
            axes: Vec::new(),
            design: Design::Grid,
            repeat: 1,
            measures: vec![Measure::Rate, Measure::Cv],
            duration: None,
            window: None,
            bin_ms: 2.0,
            batch: None,
            options: Options::default(),
            over: Over::default(),
        }
    }

    /// Adds an axis, as [`Axis::parse`] reads it: `"exc.g_leak=8 nS..12 nS:25"`, `"exc.v_th,inh.v_th=-52 mV..-48 mV:5"`.
    ///
    /// **Errors** as [`Axis::parse`]; a name that names nothing in the network, a value that it does not take; an address that is swept
    /// already.
    pub fn axis(self, text: &str) -> Result<Sweep, Error> {
        let network = self.origin.changed(&[]).map_err(Error::Network)?;
        let axis = Axis::parse(text, &network)?;
        self.over(axis)
    }

    /// Adds an axis.
    ///
    /// **Errors** an address that is swept already.
    pub fn over(mut self, axis: Axis) -> Result<Sweep, Error> {
        once(self.axes.iter().chain([&axis]))?;
        self.axes.push(axis);
        Ok(self)
    }

    /// How points are chosen; usually all combinations.
    ///
    /// **Errors** a design that has no point, or a table that does not fit.
    pub fn design(mut self, design: Design) -> Result<Sweep, Error> {
        if let Design::List { addresses, rows } = &design {
            if let Some(row) = rows.iter().position(|row| row.len() != addresses.len()) {
                let (found, expected) = (rows[row].len(), addresses.len());
                return Err(Error::Call(format!("row {row} of the list has {found} values, and there are {expected} names")));
            }
            let column = |k: usize| Values::List(rows.iter().map(|row| row[k].clone()).collect());
            let network = self.origin.changed(&[]).map_err(Error::Network)?;
            let axes = addresses.iter().enumerate().map(|(k, address)| Axis::new(address, column(k), &network));
            self.axes = axes.collect::<Result<_, _>>()?;
            once(self.axes.iter())?;
        }
        self.design = design;
        Ok(self)
    }

    /// How often each point runs, each time with the next seed: another network of the same law, and other noise.
    #[must_use]
    pub fn repeat(mut self, times: u32) -> Sweep {
        self.repeat = times.max(1);
        self
    }

    /// What is measured of each point; usually rates and CVs.
    #[must_use]
    pub fn measures(mut self, measures: impl Into<Vec<Measure>>) -> Sweep {
        self.measures = measures.into();
        self
    }

    /// How long each point runs. **Units** ms; usually what the network says, else 1 s.
    #[must_use]
    pub fn duration(mut self, ms: f64) -> Sweep {
        self.duration = Some(ms);
        self
    }

    /// What is measured of a run: after the first time, up to the second. **Units** ms.
    #[must_use]
    pub fn window(mut self, from: f64, to: f64) -> Sweep {
        self.window = Some((from, to));
        self
    }

    /// Bins of measures that count in bins. **Units** ms.
    #[must_use]
    pub fn bin_ms(mut self, ms: f64) -> Sweep {
        self.bin_ms = ms;
        self
    }

    /// The most points that run at once and are told together.
    #[must_use]
    pub fn batch(mut self, points: usize) -> Sweep {
        self.batch = Some(points.max(1));
        self
    }

    /// On which engine, with what.
    #[must_use]
    pub fn options(mut self, options: Options) -> Sweep {
        self.options = options;
        self
    }

    /// Asked while points run: shall it end? What is not done then has no rows.
    #[must_use]
    pub fn until(mut self, over: impl Fn() -> bool + Send + Sync + 'static) -> Sweep {
        self.over = Over(Some(Arc::new(over)));
        self
    }

    /// What is measured.
    pub fn measured(&self) -> &[Measure] {
        &self.measures
    }

    /// How points are chosen.
    pub fn designed(&self) -> &Design {
        &self.design
    }

    /// Where the network comes from.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// SHA-256 of the network of a point, tables included, as a run records it.
    ///
    /// **Errors** everything that is wrong with it.
    pub fn hash(&self, point: &Point) -> Result<String, Error> {
        Ok(families::checked(self, &self.network(point)?)?.hash().to_string())
    }

    /// What is swept.
    pub fn axes(&self) -> &[Axis] {
        &self.axes
    }

    /// All points, in the order of the table: the last axis changes fastest, repetitions before it.
    ///
    /// **Errors** a design that does not fit the axes.
    pub fn points(&self) -> Result<Vec<Point>, Error> {
        design::points(&self.axes, &self.design, self.repeat)
    }

    /// The network of a point: what [`Network::compile`] and `synfire run` would run.
    ///
    /// **Errors** as [`Network::set`].
    pub fn network(&self, point: &Point) -> Result<Network, Error> {
        families::network(&self.origin, &self.axes, point)
    }

    /// Looks at all values, and says which points will run together. Nothing runs.
    ///
    /// **Errors** everything that is wrong with a value.
    pub fn check(&self) -> Result<Arrangement, Error> {
        let points = self.points()?;
        let families = families::Families::new(self, &points)?;
        Ok(families.arrangement())
    }

    /// Runs all points and gives their rows in order.
    ///
    /// **Errors** as [`Sweep::run`].
    pub fn table(&self) -> Result<Vec<Row>, Error> {
        let mut rows = Vec::new();
        self.run(&BTreeSet::new(), &mut |said| {
            if let Said::Rows(new) = said {
                rows.extend(new);
            }
            ControlFlow::Continue(())
        })?;
        rows.sort_by_key(|row| row.point);
        Ok(rows)
    }

    /// Runs the points that are not done, batch after batch, in an order that is always the same; `Break` ends it. A point that
    /// fails has a row that says why; what stands against all of them ends the sweep.
    ///
    /// **Errors** a value that no point can have; a device that fails, memory that does not hold a single point.
    pub fn run(&self, done: &BTreeSet<usize>, report: &mut dyn FnMut(Said) -> ControlFlow<()>) -> Result<(), Error> {
        let points = self.points()?;
        let families = families::Families::new(self, &points)?;
        batch::run(self, &families, done, report)
    }
}

/// **Errors** an address that two axes name.
fn once<'a>(axes: impl Iterator<Item = &'a Axis>) -> Result<(), Error> {
    let mut seen = BTreeSet::new();
    match axes.flat_map(|axis| &axis.addresses).find(|address| !seen.insert(*address)) {
        Some(address) => Err(Error::Call(format!("`{address}` is swept twice"))),
        None => Ok(()),
    }
}

/// Which points share a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrangement {
    /// All points.
    pub points: usize,
    /// Plans that are made.
    pub plans: usize,
    /// Axes whose values the instances of a plan have of their own.
    pub shared: Vec<String>,
    /// Axes whose values ask for a network that is built anew, and why.
    pub apart: Vec<(String, String)>,
}

impl std::fmt::Display for Arrangement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let points = if self.points == 1 { "point" } else { "points" };
        write!(
            f,
            "{} {points}, {} {}",
            self.points,
            self.plans,
            if self.plans == 1 { "network to build" } else { "networks to build" }
        )?;
        if !self.shared.is_empty() {
            write!(f, "; side by side: `{}`", self.shared.join("`, `"))?;
        }
        for (address, why) in &self.apart {
            write!(f, "; built anew for each `{address}`{why}")?;
        }
        Ok(())
    }
}
