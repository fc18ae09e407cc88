//! Points that run: batches of instances, or of networks side by side, and what is measured of each.
//!
//! In: [`Families`]. Out: [`Row`]s, batch after batch. A point that fails is parted from the others and says why; the others
//! have what they have without it.

use std::collections::{BTreeSet, VecDeque};
use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::families::{Families, Key};
use super::{Arrangement, Sweep};
use crate::analysis::{Intervals, Measure, Measured, Terms, Window, measured};
use crate::engine::Backend;
use crate::error::Error;
use crate::network::{Network, Variant};
use crate::recording::sink::Header;
use crate::simulation::{Choice, Progress, Simulation};
use crate::threads;

/// What a sweep says while it runs.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Said {
    /// Before anything runs: what runs together.
    Arranged(Arrangement),
    /// A batch is done.
    Rows(Vec<Row>),
}

/// What was measured of a point.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its number.
    pub point: usize,
    /// By population and measure, `exc.rate_mean_hz`; NaN: it cannot be said. Nothing of a point that failed.
    pub numbers: Vec<(String, f64)>,
    /// Why there is nothing.
    pub fault: Option<String>,
}

impl Row {
    /// A number by its key.
    pub fn number(&self, key: &str) -> Option<f64> {
        self.numbers.iter().find(|(known, _)| known == key).map(|(_, x)| *x)
    }
}

/// Asked between batches of steps: shall everything end?
#[derive(Clone, Default)]
pub struct Over(pub Option<Arc<dyn Fn() -> bool + Send + Sync>>);

impl Over {
    fn is(&self) -> bool {
        self.0.as_ref().is_some_and(|over| over())
    }
}

impl fmt::Debug for Over {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Over(asked)" } else { "Over(never)" })
    }
}

/// Points of one family that run together.
struct Chunk {
    family: usize,
    points: Vec<usize>,
}

/// Instances of a batch: enough for the processor's threads, enough to fill a GPU.
const ON_CPU: usize = 64;
const ON_GPU: usize = 1024;
/// Neurons of all instances of a batch.
const ROWS: u64 = 1 << 22;

/// An ensemble that has run, and may run again with other variants.
pub(super) struct Kept {
    key: Key,
    simulation: Simulation,
}

/// The batches that are left of a sweep.
pub(super) struct Rounds {
    left: VecDeque<Chunk>,
    /// The most points of a batch.
    most: usize,
    on_gpu: bool,
    begun: bool,
    kept: Vec<Kept>,
    /// How many ensembles are kept.
    room: usize,
}

pub fn run(
    sweep: &Sweep,
    families: &Families<'_>,
    done: &BTreeSet<usize>,
    report: &mut dyn FnMut(Said) -> ControlFlow<()>,
) -> Result<(), Error> {
    if report(Said::Arranged(families.arrangement())).is_break() {
        return Ok(());
    }
    let mut rounds = Rounds::new(sweep, families, done, Vec::new());
    while let Some(Some(rows)) = rounds.next(sweep, families)? {
        if report(Said::Rows(rows)).is_break() {
            break;
        }
    }
    Ok(())
}

impl Rounds {
    pub fn new(sweep: &Sweep, families: &Families<'_>, done: &BTreeSet<usize>, kept: Vec<Kept>) -> Rounds {
        let known = kept.first().map(|kept| kept.simulation.identity().engine == Backend::Gpu);
        let on_gpu = known.unwrap_or(matches!(sweep.options.engine, Choice::Gpu | Choice::Adapter(_)));
        let room = usize::try_from((ROWS / families.rows.max(1)).max(1)).unwrap_or(usize::MAX);
        let most = sweep.batch.unwrap_or(if on_gpu { ON_GPU } else { ON_CPU }).min(room);
        let mut left = VecDeque::new();
        for (family, all) in families.list.iter().enumerate() {
            let points: Vec<usize> = all.iter().copied().filter(|point| !done.contains(point)).collect();
            if points.is_empty() {
                continue;
            }
            // batches of one size, so that the next one takes up the plan of the one before
            let size = points.len().div_ceil(points.len().div_ceil(most));
            left.extend(points.chunks(size).map(|points| Chunk { family, points: points.to_vec() }));
        }
        Rounds { left, most, on_gpu, begun: known.is_some(), kept, room: 1 }
    }

    /// Keeps so many ensembles for families that come again.
    pub fn keep(&mut self, ensembles: usize) {
        self.room = ensembles;
    }

    pub fn into_kept(self) -> Vec<Kept> {
        self.kept
    }

    /// The next batch; `Some(None)`: it was ended from outside; `None`: there is none left.
    pub fn next(&mut self, sweep: &Sweep, families: &Families<'_>) -> Result<Option<Option<Vec<Row>>>, Error> {
        let Some(chunk) = self.left.pop_front() else { return Ok(None) };
        let mut round = vec![chunk];
        // networks that are built anew run several at a time where they are small; the first says on what they run
        while self.begun
            && !self.on_gpu
            && self.room == 1
            && let Some(next) = self.left.front()
            && round.iter().map(|c| c.points.len()).sum::<usize>() + next.points.len() <= self.most
            && next.family != round[round.len() - 1].family
        {
            round.extend(self.left.pop_front());
        }
        let rows = match &round[..] {
            [alone] => {
                let key = families.key(alone.family);
                let place = self.kept.iter().position(|kept| kept.key == key && kept.simulation.instances() >= alone.points.len());
                let mut kept = place.map(|place| self.kept.swap_remove(place));
                if kept.is_none() && self.kept.len() >= self.room {
                    // its memory is free before another is built
                    self.kept.remove(0);
                }
                let rows = together(sweep, families, alone, &mut kept)?;
                self.kept.extend(kept);
                rows
            }
            several => {
                self.kept.clear();
                side_by_side(sweep, families, several)?
            }
        };
        self.on_gpu |= self.kept.iter().any(|kept| kept.simulation.identity().engine == Backend::Gpu);
        self.begun = true;
        Ok(Some(rows))
    }
}

/// Chunks on a thread each.
fn side_by_side(sweep: &Sweep, families: &Families<'_>, chunks: &[Chunk]) -> Result<Option<Vec<Row>>, Error> {
    let threads = threads::most(sweep.options.threads).min(chunks.len());
    let alone = Sweep { options: sweep.options.clone().threads(1), ..sweep.clone() };
    let (next, out) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(chunk) = chunks.get(number) else { return };
            let rows = together(&alone, families, chunk, &mut None);
            let over = !matches!(rows, Ok(Some(_)));
            let Ok(mut out) = out.lock() else { return };
            out.push((number, rows));
            if over {
                next.store(chunks.len(), Ordering::Relaxed);
            }
        }
    };
    std::thread::scope(|scope| {
        // a system that gives no thread leaves the work to those that there are
        let spawned = (1..threads).map(|_| std::thread::Builder::new().spawn_scoped(scope, work)).collect::<Vec<_>>();
        work();
        drop(spawned);
    });
    let mut all = out.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    all.sort_by_key(|(number, _)| *number);
    let mut rows = Vec::new();
    for (_, own) in all {
        match own? {
            Some(own) => rows.extend(own),
            None => return Ok(None),
        }
    }
    Ok(Some(rows))
}

/// The points of a chunk as instances; `None`: it was ended from outside.
fn together(sweep: &Sweep, families: &Families<'_>, chunk: &Chunk, kept: &mut Option<Kept>) -> Result<Option<Vec<Row>>, Error> {
    let failed = |point: usize, error: &Error| Row { point, numbers: Vec::new(), fault: Some(in_a_line(error)) };
    match attempt(sweep, families, chunk, kept) {
        Ok(rows) => Ok(rows),
        Err(error @ (Error::Device(_) | Error::Sink { .. } | Error::File { .. } | Error::Bug(_))) => Err(error),
        Err(error) => {
            *kept = None;
            match chunk.points[..] {
                // as a network of its own it may have what an instance cannot
                [point] => match alone(sweep, families, point) {
                    Ok(row) => Ok(row.map(|row| vec![row])),
                    Err(error @ (Error::Device(_) | Error::Bug(_))) => Err(error),
                    Err(other) => Ok(Some(vec![failed(point, if matches!(error, Error::Run { .. }) { &error } else { &other })])),
                },
                _ => {
                    // who fails is found by halves
                    let (first, second) = chunk.points.split_at(chunk.points.len() / 2);
                    let mut rows = Vec::new();
                    for points in [first, second] {
                        match together(sweep, families, &Chunk { family: chunk.family, points: points.to_vec() }, kept)? {
                            Some(own) => rows.extend(own),
                            None => return Ok(None),
                        }
                    }
                    Ok(Some(rows))
                }
            }
        }
    }
}

fn attempt(sweep: &Sweep, families: &Families<'_>, chunk: &Chunk, kept: &mut Option<Kept>) -> Result<Option<Vec<Row>>, Error> {
    let mut variants: Vec<Variant> = chunk.points.iter().map(|point| families.variant(*point)).collect::<Result<_, _>>()?;
    let key = families.key(chunk.family);
    let own = kept.take_if(|kept| kept.key == key && kept.simulation.instances() >= variants.len());
    let mut simulation = match own {
        Some(mut kept) => {
            // the last batch of a family may be shorter: instances that nobody asked for do what its last point does
            let last = variants[variants.len() - 1].clone();
            variants.resize(kept.simulation.instances(), last);
            kept.simulation.set_variants(&variants)?;
            kept.simulation
        }
        None => looked_at(sweep, families.network(chunk.family)?).compile_ensemble(&variants, &sweep.options)?,
    };
    let Some(numbers) = measured_of(sweep, families, &mut simulation, chunk.points.len())? else { return Ok(None) };
    let rows = chunk.points.iter().zip(numbers).map(|(point, numbers)| Row { point: *point, numbers, fault: None });
    let rows = rows.collect();
    *kept = Some(Kept { key, simulation });
    Ok(Some(rows))
}

/// A point as the network that it is.
fn alone(sweep: &Sweep, families: &Families<'_>, point: usize) -> Result<Option<Row>, Error> {
    let network = looked_at(sweep, sweep.network(&families.points[point])?);
    let mut simulation = network.compile(&sweep.options)?;
    let numbers = measured_of(sweep, families, &mut simulation, 1)?;
    Ok(numbers.and_then(|all| all.into_iter().next()).map(|numbers| Row { point, numbers, fault: None }))
}

/// What was measured of a point, by its keys.
type Numbers = Vec<(String, f64)>;

/// Runs, and gives the numbers of the first so many instances; `None`: it was ended from outside. Spikes are kept only where a measure
/// needs those of several neurons together: all else is added up while it runs, in memory that does not grow with the time.
fn measured_of(
    sweep: &Sweep,
    families: &Families<'_>,
    simulation: &mut Simulation,
    instances: usize,
) -> Result<Option<Vec<Numbers>>, Error> {
    let window = sweep.window.map(|(from, to)| Window::from_ms(from, to, simulation.plan().dt()));
    let terms = Terms::default().measures(sweep.measures.clone()).window(window).bin_ms(sweep.bin_ms);
    let (mut over, duration) = (false, families.duration);
    let mut report = |_: &Progress| {
        over = sweep.over.is();
        if over { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let numbers = match Intervals::new(&Header::new(simulation.plan(), 0, 0), &terms) {
        Some(mut intervals) => {
            simulation.run_into_with(duration, &mut [&mut intervals], &mut report)?;
            (0..instances).map(|instance| numbers(&intervals.measured(instance))).collect()
        }
        None => {
            simulation.run_with(duration, &mut report)?;
            let recordings = simulation.take_recordings();
            threads::of_each(&recordings[..instances], |recording| numbers(&measured(recording, &terms)))
        }
    };
    Ok((!over).then_some(numbers))
}

/// The network with the probes that are looked at: what is not measured need not be kept.
fn looked_at(sweep: &Sweep, mut network: Network) -> Network {
    if !sweep.measures.contains(&Measure::Synchrony) {
        network.probes.retain(|probe| probe.record == "spikes");
    }
    network
}

fn numbers(tables: &[Measured]) -> Numbers {
    let mut out = Numbers::new();
    for table in tables {
        // a population with several probes has a table for each
        let again = |key: &str| out.iter().any(|(known, _)| known == key);
        let names = std::iter::once(table.population.clone()).chain((2..).map(|n| format!("{} #{n}", table.population)));
        let first = table.numbers.first().map_or("", |number| number.key.as_str());
        let name = names.into_iter().find(|name| !again(&format!("{name}.{first}"))).unwrap_or_default();
        out.extend(table.numbers.iter().map(|number| (format!("{name}.{}", number.key), number.value)));
    }
    out
}

/// An error for a cell of a table.
fn in_a_line(error: &Error) -> String {
    error.to_string().lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("; ")
}
