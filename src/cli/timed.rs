//! A run whose stages are timed, as `scan` and `bench` have it: into an archive on a disk that is measured, or counted alone.
//!
//! In: a compiled network, ms. Out: seconds of each stage; spikes of each neuron. Not here: which networks, and what becomes of the
//! numbers.

use std::ops::ControlFlow;
use std::path::Path;

use synfire::Simulation;
use synfire::recording::file::{random, waited_s};
use synfire::recording::npz::Npz;
use synfire::recording::sink::{Committed, Ended, Header, SinkError, TapHeader};
use synfire::recording::{Recording, Sink};

use super::Failure;
use super::signals::{Signals, before_the_first_step};

/// Seconds of each stage; none is counted in two of them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stages {
    /// Checking, drawing synapses, planning.
    pub build_s: f64,
    pub first_step_s: f64,
    /// The steps after it.
    pub run_s: f64,
    /// Spikes and states into files.
    pub write_s: f64,
    /// Until the disk confirmed them.
    pub sync_s: f64,
}

/// Spikes of each neuron by tap, those of all instances together.
#[derive(Default)]
pub struct Counts {
    by_tap: Vec<Vec<u64>>,
    instances: usize,
}

impl Counts {
    /// Of a tap of spikes of all neurons of a population.
    pub fn of(&self, tap: usize) -> &[u64] {
        self.by_tap.get(tap).map_or(&[], Vec::as_slice)
    }
}

impl Sink for Counts {
    fn begin(&mut self, header: &Header) -> Result<(), SinkError> {
        let neurons = |tap: &TapHeader| if let TapHeader::Spikes { size, .. } = tap { *size as usize } else { 0 };
        *self = Counts { by_tap: header.taps.iter().map(|tap| vec![0; neurons(tap)]).collect(), instances: header.instances };
        Ok(())
    }

    fn batch(&mut self, batch: &Committed<'_>) -> Result<(), SinkError> {
        for instance in 0..self.instances {
            for (tap, counts) in self.by_tap.iter_mut().enumerate() {
                let (_steps, neurons) = batch.spikes(instance, tap);
                for neuron in neurons {
                    if let Some(count) = counts.get_mut(*neuron as usize) {
                        *count += 1;
                    }
                }
            }
        }
        Ok(())
    }

    fn end(&mut self, _ended: &Ended<'_>) -> Result<(), SinkError> {
        Ok(())
    }
}

/// Runs a network, of which only spikes are counted.
///
/// **Errors** a fault; a signal.
pub fn counted(simulation: &mut Simulation, ms: f64, signals: &Signals) -> Result<(Stages, Counts), Failure> {
    let mut counts = Counts::default();
    run(simulation, ms, &mut counts, signals)?;
    Ok((stages(simulation), counts))
}

/// Runs a network whose recording is kept.
///
/// **Errors** a fault; a signal.
pub fn recorded(simulation: &mut Simulation, ms: f64, recording: &mut Recording, signals: &Signals) -> Result<Stages, Failure> {
    run(simulation, ms, recording, signals)?;
    Ok(stages(simulation))
}

/// Runs a network and writes what its probes record as archives into a folder of its own, which then goes again.
///
/// **Errors** a fault; a signal; a disk that does not take it.
pub fn archived(simulation: &mut Simulation, ms: f64, folder: &Path, signals: &Signals) -> Result<Stages, Failure> {
    let scratch = folder.join(format!(".timed-{}", random()));
    std::fs::create_dir(&scratch).map_err(|e| Failure::write(&scratch, &e))?;
    let waited = waited_s();
    let outcome = run(simulation, ms, &mut Npz::new(&scratch), signals);
    let removed = std::fs::remove_dir_all(&scratch);
    outcome?;
    removed.map_err(|e| Failure::write(&scratch, &e))?;
    Ok(Stages { sync_s: waited_s() - waited, ..stages(simulation) })
}

fn run(simulation: &mut Simulation, ms: f64, sink: &mut dyn Sink, signals: &Signals) -> Result<(), Failure> {
    simulation.run_into_with(ms, &mut [sink], &mut |_| match signals.came() {
        Some(_) => ControlFlow::Break(()),
        None => ControlFlow::Continue(()),
    })?;
    signals.came().map_or(Ok(()), |signal| Err(before_the_first_step(signal)))
}

fn stages(simulation: &Simulation) -> Stages {
    let times = simulation.timings();
    Stages {
        build_s: times.build_s,
        first_step_s: times.first_step_s,
        run_s: times.run_s,
        write_s: times.record_s,
        sync_s: times.sync_s,
    }
}
