//! Rates and regularity of spikes that nobody keeps: of each neuron their count, and the moments of the intervals between them.
//!
//! In: a run that goes on, of one network or of many side by side. Out: the tables that [`measured`](super::measured) gives of the spikes
//! themselves, to the bit, in memory that does not grow with the run. Not here: measures that need the spikes of several neurons at once
//! (`fano`, `correlation`, `spectrum`), or states (`synchrony`).

use super::regularity::{Moments, REFRACTORY_MS};
use super::{Measured, Places, Terms, Window, measure};
use crate::recording::Sink;
use crate::recording::sink::{Committed, Ended, Header, SinkError, TapHeader};

/// Counts the spikes of each neuron and adds up the intervals between them while a run goes on; no spike is kept.
///
/// ```
/// use synfire::analysis::{Intervals, Measure, Terms};
/// use synfire::network::Network;
/// use synfire::recording::sink::Header;
/// use synfire::{Choice, Options};
/// let mut net = Network::new("cells");
/// net.population("exc", "lif_psc_exp", 5).parameter("i_e", "500 pA");
/// net.probe("exc", "spikes");
/// let mut simulation = net.compile(&Options::default().engine(Choice::Cpu))?;
/// let terms = Terms::default().measures([Measure::Rate, Measure::Cv]);
/// let mut intervals = Intervals::new(&Header::new(simulation.plan(), 0, 0), &terms).expect("both follow from intervals");
/// simulation.run_into(1000.0, &mut [&mut intervals])?;
/// let table = intervals.measured(0);
/// assert_eq!((table[0].population.as_str(), table[0].number("cv_neurons")), ("exc", Some(5.0)));
/// # Ok::<(), synfire::Error>(())
/// ```
///
/// **Memory**: some hundred bytes for each recorded neuron of each instance.
#[derive(Clone, Debug)]
pub struct Intervals {
    terms: Terms,
    dt: f64,
    /// The step at which the run began, and how many it has done.
    first_step: u64,
    steps: u64,
    taps: usize,
    trains: Vec<Train>,
    /// Instance after instance, train after train, neuron after neuron.
    neurons: Vec<Moments>,
    /// Neurons of all trains of an instance.
    each: usize,
}

/// A probe of spikes.
#[derive(Clone, Debug)]
struct Train {
    tap: usize,
    population: String,
    places: Places,
    /// Where its neurons begin among those of an instance.
    first: usize,
}

impl Intervals {
    /// For runs of a simulation whose probes are these; `None`: the terms ask for a measure that intervals do not tell
    /// ([`Measure::is_of_intervals`](super::Measure::is_of_intervals)).
    pub fn new(header: &Header, terms: &Terms) -> Option<Intervals> {
        if !terms.measures.iter().all(|measure| measure.is_of_intervals()) {
            return None;
        }
        let (mut trains, mut each) = (Vec::new(), 0);
        for (tap, what) in header.taps.iter().enumerate() {
            let TapHeader::Spikes { population, size, rows } = what else { continue };
            let places = Places::among(rows.as_deref(), *size);
            let first = each;
            each += places.len;
            trains.push(Train { tap, population: population.clone(), places, first });
        }
        let neurons = vec![Moments::default(); each * header.instances];
        let (dt, first_step, taps) = (header.dt, header.first_step, header.taps.len());
        Some(Intervals { terms: terms.clone(), dt, first_step, steps: 0, taps, trains, neurons, each })
    }

    /// What is measured of an instance: as [`measured`](super::measured) of its recording, to the bit.
    pub fn measured(&self, instance: usize) -> Vec<Measured> {
        let whole = Window { after: self.first_step, last: self.first_step.saturating_add(self.steps) };
        let window = self.terms.window.unwrap_or(whole);
        let of = |train: &Train| {
            let first = instance * self.each + train.first;
            let neurons = self.neurons.get(first..first + train.places.len).unwrap_or(&[]);
            let numbers = self.terms.measures.iter().flat_map(|m| measure::of_neurons(*m, neurons, window, self.dt)).collect();
            Measured { population: train.population.clone(), neurons: train.places.len, numbers }
        };
        self.trains.iter().map(of).collect()
    }
}

impl Sink for Intervals {
    fn begin(&mut self, header: &Header) -> Result<(), SinkError> {
        if header.taps.len() != self.taps || header.instances * self.each != self.neurons.len() {
            return Err("intervals are added up for the probes of another simulation".into());
        }
        self.neurons.fill(Moments::default());
        (self.dt, self.first_step, self.steps) = (header.dt, header.first_step, 0);
        Ok(())
    }

    fn batch(&mut self, batch: &Committed<'_>) -> Result<(), SinkError> {
        let (window, refractory) = (self.terms.window, REFRACTORY_MS / self.dt);
        for instance in 0..batch.header().instances {
            for train in &self.trains {
                let neurons = &mut self.neurons[instance * self.each + train.first..];
                let (steps, numbers) = batch.spikes(instance, train.tap);
                for (step, neuron) in steps.iter().zip(numbers).filter(|(step, _)| window.is_none_or(|w| w.holds(**step))) {
                    if let Some(place) = train.places.place(*neuron) {
                        neurons[place].add(*step, refractory);
                    }
                }
            }
        }
        self.steps = batch.steps().end().saturating_sub(self.first_step);
        Ok(())
    }

    fn end(&mut self, _: &Ended<'_>) -> Result<(), SinkError> {
        Ok(())
    }

    fn takes(&self) -> u64 {
        (self.neurons.len() * size_of::<Moments>()) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{Measure, measured};
    use crate::recording::sink::{How, Spikes};
    use crate::recording::{Recording, SpikeTrain};

    /// Spikes of two populations and two instances, in batches of any length, measured as the recording is.
    #[test]
    fn what_is_added_up_is_what_the_spikes_give_to_the_bit() {
        let rows = [None, Some(vec![7, 2, 5])];
        let taps: Vec<TapHeader> =
            rows.iter().map(|rows| TapHeader::Spikes { population: "p".into(), size: 9, rows: rows.clone() }).collect();
        let header = Header { dt: 0.1, first_step: 100, steps: 5000, instances: 2, taps, ..Header::default() };
        let mut state = 7u64;
        let mut next = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        let of = [Measure::Lvr, Measure::Rate, Measure::Cv, Measure::Cv2, Measure::Lv];
        let window = Window { after: 1000, last: 4000 };
        for terms in [Terms::default().measures(of), Terms::default().measures(of).window(window)] {
            let mut intervals = Intervals::new(&header, &terms).unwrap();
            assert_eq!(intervals.takes(), 2 * 12 * size_of::<Moments>() as u64);
            let mut all = vec![Recording::begun(&header); 2];
            // a second run begins anew
            for _ in 0..2 {
                intervals.begin(&header).unwrap();
                all = vec![Recording::begun(&header); 2];
                let mut first = 100;
                while first < 5100 {
                    let steps = (1 + next(300)).min(5100 - first);
                    let mut spikes = vec![Spikes::default(); 4];
                    for (k, own) in spikes.iter_mut().enumerate() {
                        for step in first + 1..=first + steps {
                            for neuron in 0..9 {
                                if (k % 2 == 0 || [2, 5, 7].contains(&neuron)) && next(20 + 30 * u64::from(neuron)) == 0 {
                                    own.steps.push(step);
                                    own.neurons.push(neuron);
                                }
                            }
                        }
                    }
                    let batch = Committed::new(&header, first, steps as u32, &spikes, &[]);
                    intervals.batch(&batch).unwrap();
                    all.iter_mut().enumerate().for_each(|(instance, own)| own.append(&batch, instance));
                    first += steps;
                }
                intervals.end(&Ended::new(5000, How::Whole, &[])).unwrap();
            }
            for (instance, recording) in all.iter().enumerate() {
                let (own, expected) = (intervals.measured(instance), measured(recording, &terms));
                let bits = |tables: &[Measured]| {
                    let numbers = tables.iter().flat_map(|table| &table.numbers);
                    numbers.map(|number| (number.key.clone(), number.value.to_bits())).collect::<Vec<_>>()
                };
                assert_eq!(bits(&own), bits(&expected));
                assert_eq!(own.iter().map(|t| t.neurons).collect::<Vec<_>>(), [9, 3]);
                assert!(own[0].number("cv_mean").unwrap() > 0.5 && own[1].number("lvr_neurons") == Some(3.0));
            }
        }
        assert!(Intervals::new(&header, &Terms::default().measures([Measure::Rate, Measure::Fano])).is_none());
        let other = Header { instances: 3, ..header.clone() };
        let mut intervals = Intervals::new(&header, &Terms::default().measures(of)).unwrap();
        assert!(intervals.begin(&other).unwrap_err().to_string().contains("another simulation"));
    }

    /// The moments of a train whose spikes lie in any order are those of the train that a run gives.
    #[test]
    fn order_does_not_matter() {
        let train = |step: Vec<u64>| SpikeTrain { population: "p".into(), size: 1, rows: None, neuron: vec![0; step.len()], step };
        let of = |step: Vec<u64>| {
            let recording = Recording { dt: 0.1, steps: 100, spikes: vec![train(step)], ..Recording::default() };
            measured(&recording, &Terms::default().measures([Measure::Cv, Measure::Lv]))
        };
        assert_eq!(of(vec![40, 3, 90, 10]), of(vec![3, 10, 40, 90]));
    }
}
