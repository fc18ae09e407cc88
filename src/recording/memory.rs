//! Recordings in memory: the sink that keeps everything.
//!
//! In: batches. Out: a [`Recording`] for each instance. Not here: how much memory there is (`simulation`).

use super::sink::{Committed, Ended, Header, NoRoom, Sink, SinkError, TapHeader};
use super::{AtSpikes, Rate, Recording, SpikeTrain, Summary, Trace};

/// Samples that are not worth a reservation: short runs grow as lists do, since a run of one step after the other would be
/// copied anew in each.
const SMALL: u64 = 1 << 16;

impl Recording {
    /// An empty recording of these taps.
    pub(crate) fn begun(header: &Header) -> Recording {
        let now = header.first_step;
        let positions = header.positions.clone();
        let mut recording = Recording { dt: header.dt, first_step: now, positions, ..Recording::default() };
        for tap in &header.taps {
            match tap {
                TapHeader::Spikes { population, size, rows } => recording.spikes.push(SpikeTrain {
                    population: population.clone(),
                    size: *size,
                    rows: rows.clone(),
                    ..SpikeTrain::default()
                }),
                TapHeader::Rate { population, neurons, bin } => recording.rates.push(Rate {
                    population: population.clone(),
                    neurons: *neurons,
                    first_step: now + 1,
                    bin: *bin,
                    steps: 0,
                    count: Vec::new(),
                }),
                TapHeader::Synapses { projection: population, variable, unit, rows, times }
                | TapHeader::State { population, variable, unit, rows, times } => recording.traces.push(Trace {
                    population: population.clone(),
                    synapses: matches!(tap, TapHeader::Synapses { .. }),
                    variable: variable.clone(),
                    unit: unit.clone(),
                    rows: rows.clone(),
                    first_step: times.next(now).unwrap_or(times.end),
                    every: times.every,
                    values: Vec::new(),
                }),
                TapHeader::AtSpikes { projection, variable, unit, size, rows } => recording.at_spikes.push(AtSpikes {
                    projection: projection.clone(),
                    variable: variable.clone(),
                    unit: unit.clone(),
                    size: *size,
                    rows: rows.clone(),
                    ..AtSpikes::default()
                }),
                TapHeader::Reduced { projection, variable, unit, of_neurons, size, rows, times, reduction } => {
                    recording.summaries.push(Summary {
                        projection: projection.clone(),
                        variable: variable.clone(),
                        unit: unit.clone(),
                        of_neurons: *of_neurons,
                        size: *size,
                        rows: rows.clone(),
                        reduction: reduction.clone(),
                        first_step: times.next(now).unwrap_or(times.end),
                        every: times.every,
                        values: Vec::new(),
                    });
                }
            }
        }
        recording
    }

    /// Room for the samples of so many steps more.
    ///
    /// **Errors** more than the machine gives.
    pub(crate) fn reserve(&mut self, steps: u64) -> Result<(), NoRoom> {
        let reserve = |values: &mut Vec<f64>, numbers: usize, every: u64, [of, variable]: [&String; 2]| {
            let samples = (numbers as u64).saturating_mul(steps / every.max(1) + 1);
            if samples > SMALL && usize::try_from(samples).map_or(true, |n| values.try_reserve_exact(n).is_err()) {
                let (population, variable) = (of.clone(), variable.clone());
                return Err(NoRoom { population, variable, need: samples.saturating_mul(8) });
            }
            Ok(())
        };
        for Trace { values, rows, every, population, variable, .. } in &mut self.traces {
            reserve(values, rows.len(), *every, [population, variable])?;
        }
        for Summary { values, reduction, every, projection, variable, .. } in &mut self.summaries {
            reserve(values, reduction.width(), *every, [projection, variable])?;
        }
        Ok(())
    }

    /// Appends what the taps of an instance took.
    pub(crate) fn append(&mut self, batch: &Committed<'_>, instance: usize) {
        let end = *batch.steps().end();
        self.steps = end.saturating_sub(self.first_step);
        let (mut trains, mut rates, mut traces) = (self.spikes.iter_mut(), self.rates.iter_mut(), self.traces.iter_mut());
        let (mut summaries, mut at_spikes) = (self.summaries.iter_mut(), self.at_spikes.iter_mut());
        for (tap, header) in batch.header().taps.iter().enumerate() {
            match header {
                TapHeader::Spikes { .. } => {
                    let Some(train) = trains.next() else { continue };
                    let (steps, neurons) = batch.spikes(instance, tap);
                    train.step.extend_from_slice(steps);
                    train.neuron.extend_from_slice(neurons);
                }
                TapHeader::Rate { .. } => {
                    let Some(rate) = rates.next() else { continue };
                    rate.count_up(end, batch.spikes(instance, tap).0);
                }
                TapHeader::State { .. } | TapHeader::Synapses { .. } => {
                    let Some(trace) = traces.next() else { continue };
                    trace.values.extend_from_slice(batch.samples(instance, tap));
                }
                TapHeader::AtSpikes { .. } => {
                    let Some(own) = at_spikes.next() else { continue };
                    let (steps, synapses) = batch.spikes(instance, tap);
                    own.step.extend_from_slice(steps);
                    own.synapse.extend_from_slice(synapses);
                    own.value.extend_from_slice(batch.samples(instance, tap));
                }
                TapHeader::Reduced { .. } => {
                    let Some(summary) = summaries.next() else { continue };
                    summary.values.extend_from_slice(batch.samples(instance, tap));
                }
            }
        }
    }

    /// Bytes of what has been recorded; lists of spikes with the room that they have.
    pub(crate) fn bytes(&self) -> u64 {
        let spikes = self.spikes.iter().map(|s| 8 * s.step.capacity() + 4 * s.neuron.capacity()).sum::<usize>();
        let traces = self.traces.iter().map(|t| 8 * t.values.len()).sum::<usize>();
        let summaries = self.summaries.iter().map(|s| 8 * s.values.len()).sum::<usize>();
        let at = self.at_spikes.iter().map(|a| 8 * (a.step.capacity() + a.value.capacity()) + 4 * a.synapse.capacity());
        (spikes + traces + at.sum::<usize>() + summaries + self.rates.iter().map(|r| 8 * r.count.len()).sum::<usize>()) as u64
    }

    /// Ready for what will come: empty, or at the very step at which it begins and of the same taps.
    fn take_up(&mut self, header: &Header) -> Result<(), SinkError> {
        let begun = Recording::begun(header);
        if self.steps == 0 {
            *self = begun;
        } else {
            self.goes_on_with(header, &begun)?;
        }
        Ok(self.reserve(header.steps)?)
    }

    fn goes_on_with(&self, header: &Header, begun: &Recording) -> Result<(), SinkError> {
        let end = self.first_step.saturating_add(self.steps);
        if end != header.first_step {
            let begins = header.first_step;
            return Err(
                format!("this recording ends at step {end}, and the run begins at step {begins}: hand over an empty one").into()
            );
        }
        let trains = |r: &Recording| r.spikes.iter().map(|s| (s.population.clone(), s.size, s.rows.clone())).collect::<Vec<_>>();
        let rates = |r: &Recording| r.rates.iter().map(|r| (r.population.clone(), r.neurons, r.bin)).collect::<Vec<_>>();
        let trace = |t: &Trace| (t.population.clone(), t.synapses, t.variable.clone(), t.unit.clone(), t.rows.clone(), t.every);
        let traces = |r: &Recording| r.traces.iter().map(trace).collect::<Vec<_>>();
        let summary = |s: &Summary| Summary { first_step: 0, values: Vec::new(), ..s.clone() };
        let summaries = |r: &Recording| r.summaries.iter().map(summary).collect::<Vec<_>>();
        let at = |a: &AtSpikes| AtSpikes { step: Vec::new(), synapse: Vec::new(), value: Vec::new(), ..a.clone() };
        let at_spikes = |r: &Recording| r.at_spikes.iter().map(at).collect::<Vec<_>>();
        let same = trains(self) == trains(begun)
            && rates(self) == rates(begun)
            && traces(self) == traces(begun)
            && summaries(self) == summaries(begun)
            && at_spikes(self) == at_spikes(begun);
        if self.dt != begun.dt || !same {
            return Err(
                "this recording holds other populations, states or rows than the run records: hand over an empty one".into()
            );
        }
        Ok(())
    }
}

impl Rate {
    /// Counts spikes, and goes on to a step.
    fn count_up(&mut self, end: u64, steps: &[u64]) {
        let (first, bin) = (self.first_step, self.bin.max(1));
        self.steps = (end + 1).saturating_sub(first);
        let bins = self.steps.div_ceil(bin) as usize;
        self.count.resize(bins.max(self.count.len()), 0);
        for step in steps {
            if let Some(count) = self.count.get_mut((step.saturating_sub(first) / bin) as usize) {
                *count += 1;
            }
        }
    }
}

/// One network. A recording that holds something goes on, if it ends where the run begins.
impl Sink for Recording {
    fn begin(&mut self, header: &Header) -> Result<(), SinkError> {
        header.alone()?;
        self.take_up(header)
    }

    fn batch(&mut self, batch: &Committed<'_>) -> Result<(), SinkError> {
        self.append(batch, 0);
        Ok(())
    }

    fn end(&mut self, _ended: &Ended<'_>) -> Result<(), SinkError> {
        Ok(())
    }

    fn held(&self) -> Option<&[Recording]> {
        Some(std::slice::from_ref(self))
    }
}

/// A recording for each instance of an ensemble.
impl Sink for Vec<Recording> {
    fn begin(&mut self, header: &Header) -> Result<(), SinkError> {
        if self.is_empty() {
            self.resize(header.instances, Recording::default());
        }
        if self.len() != header.instances {
            return Err(format!("{} recordings were handed over for {} instances", self.len(), header.instances).into());
        }
        self.iter_mut().try_for_each(|recording| recording.take_up(header))
    }

    fn batch(&mut self, batch: &Committed<'_>) -> Result<(), SinkError> {
        self.iter_mut().enumerate().for_each(|(instance, recording)| recording.append(batch, instance));
        Ok(())
    }

    fn end(&mut self, _ended: &Ended<'_>) -> Result<(), SinkError> {
        Ok(())
    }

    fn held(&self) -> Option<&[Recording]> {
        Some(self)
    }
}
