//! What a batch gives, sorted by instance and tap, and handed over: to the simulation's own recordings, or to the sinks of a run.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Instant;

use super::{Progress, Simulation};
use crate::engine::Batch;
use crate::error::Error;
use crate::plan::{Plan, PopulationId, RowSet, Tap};
use crate::recording::Recording;
use crate::recording::file::waited_s;
use crate::recording::sink::{Committed, Ended, Header, How, Sink, SinkError, Spikes};

/// Which taps the spikes of a row belong to: worked out once, so that each spike is looked at once.
pub(super) struct Sorter {
    /// Does any tap keep or count spikes?
    listens: bool,
    /// Populations by their first row in the space of all groups: (first row, size, taps).
    populations: Vec<(u32, u32, Vec<Listening>)>,
    /// By instance, then tap: the spikes of the last batch.
    spikes: Vec<Spikes>,
    /// The same of samples; not used by one network alone, whose engine has them in this order.
    samples: Vec<Vec<f64>>,
    /// Values at spikes that the last batch gave, by tap, instance, synapse.
    pub(super) taken: Vec<Taken>,
}

/// The value of a synapse at a spike of its source.
pub(super) struct Taken {
    pub tap: usize,
    pub instance: usize,
    pub step: u64,
    pub synapse: u32,
    pub value: f64,
}

/// One tap that keeps or counts spikes.
struct Listening {
    tap: usize,
    /// `None`: all.
    rows: Option<RowSet>,
    /// First step, and that after the last.
    steps: (u64, u64),
}

impl Sorter {
    pub fn new(plan: &Plan) -> Sorter {
        let ids = (0..plan.populations.len() as u32).map(PopulationId);
        let mut populations: Vec<_> = ids.map(|id| (plan.first_row(id), plan.place(id).size, Vec::new())).collect();
        for (tap, what) in plan.taps.iter().enumerate() {
            let (population, rows, steps) = match what {
                Tap::Spikes { population, rows, first, end } => (population, rows, (*first, *end)),
                Tap::Rate { population, rows, .. } => (population, rows, (0, u64::MAX)),
                _ => continue,
            };
            let all = rows.len() == plan.place(*population).size as usize;
            populations[population.0 as usize].2.push(Listening { tap, rows: (!all).then(|| rows.clone()), steps });
        }
        populations.sort_by_key(|(first, ..)| *first);
        let at_spikes = plan.taps.iter().any(|tap| matches!(tap, Tap::AtSpikes { .. }));
        let listens = at_spikes || populations.iter().any(|(.., taps)| !taps.is_empty());
        let places = plan.taps.len() * plan.instances as usize;
        let samples = if plan.instances > 1 { vec![Vec::new(); places] } else { Vec::new() };
        Sorter { listens, populations, spikes: vec![Spikes::default(); places], samples, taken: Vec::new() }
    }

    /// What a batch gave to each tap of each instance.
    fn sorted<'a>(&'a mut self, plan: &Plan, header: &'a Header, batch: &'a Batch) -> Committed<'a> {
        let taps = plan.taps.len();
        if self.listens {
            for spikes in &mut self.spikes {
                spikes.steps.clear();
                spikes.neurons.clear();
            }
            for (step, row) in &batch.spikes {
                let instance = if plan.instances > 1 { row / plan.rows } else { 0 };
                let Some((neuron, listening)) = find(&self.populations, row - instance * plan.rows) else { continue };
                let hears = |l: &&Listening| {
                    (l.steps.0..l.steps.1).contains(step) && l.rows.as_ref().is_none_or(|rows| contains(rows, neuron))
                };
                for tap in listening.iter().filter(hears) {
                    let spikes = &mut self.spikes[instance as usize * taps + tap.tap];
                    spikes.steps.push(*step);
                    spikes.neurons.push(neuron);
                }
            }
        }
        // sample by sample, instance by instance, number by number
        for (k, tap) in plan.taps.iter().enumerate().filter(|_| plan.instances > 1) {
            if let Tap::AtSpikes { .. } = tap {
                for instance in 0..plan.instances as usize {
                    let own = self.taken.iter().filter(|taken| (taken.tap, taken.instance) == (k, instance));
                    self.samples[instance * taps + k].clear();
                    self.samples[instance * taps + k].extend(own.map(|taken| taken.value));
                }
                continue;
            }
            let (Some((numbers, _)), Some(all)) = (tap.sampled(), batch.samples.get(k)) else { continue };
            let instances = (0..plan.instances as usize).map(|instance| instance * taps + k);
            instances.clone().for_each(|place| self.samples[place].clear());
            for (values, place) in all.chunks(numbers.max(1)).zip(instances.cycle()) {
                self.samples[place].extend_from_slice(values);
            }
        }
        for taken in self.taken.drain(..) {
            let place = taken.instance * taps + taken.tap;
            self.spikes[place].steps.push(taken.step);
            self.spikes[place].neurons.push(taken.synapse);
        }
        let samples = if plan.instances > 1 { &self.samples } else { &batch.samples };
        Committed::new(header, batch.first, batch.steps, &self.spikes, samples)
    }
}

/// The neuron's number within its population, and the taps that listen to it.
fn find(populations: &[(u32, u32, Vec<Listening>)], row: u32) -> Option<(u32, &[Listening])> {
    let place = populations.partition_point(|(first, ..)| *first <= row).checked_sub(1)?;
    let (first, size, taps) = &populations[place];
    (row - first < *size).then_some((row - first, taps))
}

fn contains(rows: &RowSet, neuron: u32) -> bool {
    match rows {
        RowSet::Range(r) => r.contains(&neuron),
        RowSet::List(l) => l.binary_search(&neuron).is_ok(),
    }
}

/// The sinks of a run.
pub(super) struct Given<'s, 'd> {
    header: Header,
    sinks: &'s mut [&'d mut dyn Sink],
    /// By sink: has it failed?
    lost: Vec<bool>,
    pub failed: Vec<SinkError>,
    /// Seconds that they took, and of these the ones in which they waited for disks.
    pub seconds: f64,
    waited: f64,
}

impl<'s, 'd> Given<'s, 'd> {
    pub fn new(header: Header, sinks: &'s mut [&'d mut dyn Sink]) -> Given<'s, 'd> {
        let lost = vec![false; sinks.len()];
        Given { header, sinks, lost, failed: Vec::new(), seconds: 0.0, waited: 0.0 }
    }

    /// Calls each that has not failed; the others go on where one fails.
    fn each(&mut self, call: impl Fn(&mut dyn Sink, &Header) -> Result<(), SinkError>) {
        let (began, waited) = (Instant::now(), waited_s());
        for (sink, lost) in self.sinks.iter_mut().zip(&mut self.lost).filter(|(_, lost)| !**lost) {
            if let Err(error) = call(*sink, &self.header) {
                *lost = true;
                self.failed.push(error);
            }
        }
        self.seconds += began.elapsed().as_secs_f64();
        self.waited += waited_s() - waited;
    }

    /// Bytes that they take for themselves.
    pub fn take(&self) -> u64 {
        self.sinks.iter().fold(0, |sum, sink| sum.saturating_add(sink.takes()))
    }

    /// The recordings that they hold.
    pub fn held(&self) -> impl Iterator<Item = &[Recording]> {
        self.sinks.iter().filter_map(|sink| sink.held())
    }
}

impl Simulation {
    /// Runs for a time into sinks, which get what the network's probes record while it goes on; the simulation keeps nothing of
    /// it. So a run may record more than memory holds, if its sinks do not hold it. Several may take the same: a
    /// [`Recording`] is one of them. **Units** ms; rounded to the nearest step.
    ///
    /// ```
    /// use synfire::recording::{Recording, csv};
    /// use synfire::{Choice, Network, Options};
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("spikes.csv");
    /// let mut net = Network::new("one");
    /// net.population("cell", "lif_psc_exp", 1).parameter("i_e", "500 pA");
    /// net.probe("cell", "spikes");
    /// let mut simulation = net.compile(&Options::default().engine(Choice::Cpu))?;
    /// let (mut file, mut kept) = (csv::CsvSpikes::new(&path), Recording::default());
    /// simulation.run_into(100.0, &mut [&mut file, &mut kept])?;
    /// assert_eq!(csv::read_spikes(&path, 0.1)?, kept.spikes);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// **Errors** as [`Simulation::run`]: the sinks have got all steps before a fault, and its text. A sink that fails
    /// ([`Error::Sink`]): the run stops after the steps that it could not take, its state is that after them, and the other sinks
    /// have got them. A recording that the simulation holds from before: take it or clear it first.
    pub fn run_into(&mut self, duration: f64, sinks: &mut [&mut dyn Sink]) -> Result<(), Error> {
        self.run_into_with(duration, sinks, &mut |_| ControlFlow::Continue(())).map(|_| ())
    }

    /// The same, calling back after each batch as [`Simulation::run_with`] does. Gives the steps done.
    ///
    /// **Errors** as [`Simulation::run_into`].
    pub fn run_into_with(
        &mut self,
        duration: f64,
        sinks: &mut [&mut dyn Sink],
        report: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
    ) -> Result<u64, Error> {
        let steps = self.steps_of(duration)?;
        if self.recordings.iter().any(|recording| recording.steps > 0) {
            let help = "take it with `take_recording`, or drop it with `clear_recording`";
            let held = self.recordings[0].steps;
            let message =
                format!("a run into sinks begins a recording, and the simulation holds one of {held} steps\n  help: {help}");
            return Err(Error::Call(message));
        }
        let first = self.engine.step();
        let mut given = Given::new(Header::new(&self.plan, first, steps), sinks);
        self.fits(steps, &given)?;
        given.each(|sink, header| sink.begin(header));
        let outcome = match given.failed.is_empty() {
            true => self.go(steps, report, Some(&mut given)),
            false => Ok(0),
        };
        // its own begins anew at the step that was reached
        self.clear_recording();
        let done = self.engine.step() - first;
        let why = match (&outcome, given.failed.first()) {
            (Err(fault), _) => Some(fault.to_string()),
            (Ok(_), failed) => failed.map(|error| format!("what was recorded could not be taken: {error}")),
        };
        let how = match &why {
            Some(why) => How::Failed(why),
            None if done < steps => How::Stopped,
            None => How::Whole,
        };
        let remarks: Vec<String> = self.remarks().map(str::to_string).collect();
        given.each(|sink, _| sink.end(&Ended::new(done, how, &remarks)));
        self.timings.record_s += given.seconds - given.waited;
        self.timings.sync_s += given.waited;
        match &given.failed[..] {
            [] => return outcome,
            [SinkError::Memory(error)] if done == 0 && outcome.is_ok() => return Err(Error::Device(error.clone().into())),
            _ => {}
        }
        let (last_good, time) = (self.engine.step(), self.engine.step() as f64 * self.plan.dt);
        Err(Error::Sink { failed: given.failed, done, last_good, time, fault: outcome.err().map(Box::new) })
    }

    /// Counts the spikes of a batch and hands what was recorded to the sinks of the run, else to the simulation's own recordings.
    ///
    /// **Errors** no room for as many spikes again: what is recorded is then that of the state reached.
    pub(super) fn record(&mut self, batch: &Batch, sinks: Option<&mut Given<'_, '_>>) -> Result<(), Error> {
        match &mut self.spikes[..] {
            // only rows of populations spike
            [all] => *all += batch.spikes.len() as u64,
            several => batch.spikes.iter().for_each(|(_, row)| several[(row / self.plan.rows) as usize] += 1),
        }
        // a value at a spike takes less than two spikes
        let spikes = if self.sorter.listens { (batch.spikes.len() + 2 * self.sorter.taken.len()) as u64 } else { 0 };
        let full = match sinks {
            None => {
                let committed = self.sorter.sorted(&self.plan, &self.header, batch);
                for (instance, own) in self.recordings.iter_mut().enumerate() {
                    Arc::make_mut(own).append(&committed, instance);
                }
                self.room.full(spikes, std::iter::once(self.recordings.iter().map(Arc::as_ref)))
            }
            Some(given) => {
                let header = std::mem::take(&mut given.header);
                let committed = self.sorter.sorted(&self.plan, &header, batch);
                given.each(|sink, _| sink.batch(&committed));
                given.header = header;
                self.room.full(spikes, given.held().map(<[Recording]>::iter))
            }
        };
        full.map_or(Ok(()), |fault| Err(self.failed(fault)))
    }

    /// Forgets what was recorded; the state stays.
    pub fn clear_recording(&mut self) {
        self.room.forget();
        self.header = Header::new(&self.plan, self.engine.step(), 0);
        self.recordings = (0..self.instances()).map(|_| Arc::new(Recording::begun(&self.header))).collect();
    }
}
