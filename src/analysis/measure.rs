//! Measures by name, of every population of a recording at once: what a table of a run, or of many runs, consists of.
//!
//! In: a [`Recording`], names of measures ([`Measure`]), and [`Terms`]: window, bins. Out: [`Measured`], numbers with key and unit for
//! each population; one that cannot be said is NaN with the reason. Not here: the measures themselves, what a table looks like.

use std::fmt;
use std::str::FromStr;

use super::regularity::{Moments, REFRACTORY_MS};
use super::{Places, Window, correlations, fano, mean, population_counts, population_rate, sd, synchrony, welch};
use crate::recording::{Recording, SpikeTrain, Trace};
use crate::units::nearest;

/// A measure, by the name that the command and files call it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Measure {
    /// Spikes, spikes per second of each neuron, neurons that spiked.
    Rate,
    /// Coefficient of variation of the intervals between spikes.
    Cv,
    /// Variation of neighbouring intervals.
    Cv2,
    /// Local variation.
    Lv,
    /// Local variation, revised for refractoriness.
    Lvr,
    /// Variance over mean of the spikes of all in bins.
    Fano,
    /// Correlation of the counts of pairs.
    Correlation,
    /// χ² of states over time.
    Synchrony,
    /// Where the spectrum of the rate has its peak.
    Spectrum,
}

impl Measure {
    /// All of them, in the order of a table.
    pub const ALL: [Measure; 9] = [
        Measure::Rate,
        Measure::Cv,
        Measure::Cv2,
        Measure::Lv,
        Measure::Lvr,
        Measure::Fano,
        Measure::Correlation,
        Measure::Synchrony,
        Measure::Spectrum,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Measure::Rate => "rate",
            Measure::Cv => "cv",
            Measure::Cv2 => "cv2",
            Measure::Lv => "lv",
            Measure::Lvr => "lvr",
            Measure::Fano => "fano",
            Measure::Correlation => "correlation",
            Measure::Synchrony => "synchrony",
            Measure::Spectrum => "spectrum",
        }
    }

    /// The key of its first number, which stands for it in pictures; of synchrony the name of a state follows.
    pub fn key(self) -> &'static str {
        match self {
            Measure::Rate => "rate_mean_hz",
            Measure::Cv => "cv_mean",
            Measure::Cv2 => "cv2_mean",
            Measure::Lv => "lv_mean",
            Measure::Lvr => "lvr_mean",
            Measure::Fano => "fano",
            Measure::Correlation => "correlation_mean",
            Measure::Synchrony => "synchrony_",
            Measure::Spectrum => "spectrum_peak_hz",
        }
    }

    /// Does it follow from the intervals of each neuron alone, so that [`Intervals`](super::Intervals) adds it up while a run goes on?
    pub fn is_of_intervals(self) -> bool {
        matches!(self, Measure::Rate | Measure::Cv | Measure::Cv2 | Measure::Lv | Measure::Lvr)
    }

    /// What it is, in a line or two, with units and source.
    pub fn definition(self) -> &'static str {
        match self {
            Measure::Rate => {
                "spikes per second of each neuron (Hz): mean and standard deviation over all recorded neurons, silent ones \
                 with 0; all spikes; neurons with a spike at least"
            }
            Measure::Cv => {
                "coefficient of variation of a neuron's intervals between spikes, standard deviation over mean: 0 a clock, 1 a \
                 Poisson process; mean and standard deviation over neurons with three spikes or more"
            }
            Measure::Cv2 => {
                "mean of 2|b - a|/(a + b) of neighbouring intervals, which slow changes of the rate leave as it is (Holt et al. \
                 1996); over the same neurons"
            }
            Measure::Lv => {
                "local variation, mean of 3((b - a)/(a + b))² (Shinomoto et al. 2003); over the same neurons: above 1 bursts"
            }
            Measure::Lvr => "local variation revised for a refractory time of 5 ms (Shinomoto et al. 2009); over the same neurons",
            Measure::Fano => {
                "variance over mean of the spikes of all recorded neurons in bins (--bin, 2 ms): 1 for independent Poisson \
                 neurons, more where they fire together"
            }
            Measure::Correlation => {
                "Pearson correlation of two neurons' spikes in bins (--bin, 2 ms): mean and standard deviation over all pairs \
                 of the first 200 neurons that fire"
            }
            Measure::Synchrony => {
                "χ² of each state that two neurons or more were probed for: variance over time of their mean, over the mean of \
                 their variances: 1 all as one, 1/n independent (Golomb and Rinzel 1993; Golomb's χ of 2007 is its root)"
            }
            Measure::Spectrum => {
                "frequency (Hz) at which the power of the population's rate, in bins of 1 ms, is largest, 0 left out (Welch's \
                 method, segments of half the window, 1024 ms at most); the step from frequency to frequency; how many times \
                 the mean power of all frequencies it has there"
            }
        }
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that is no measure's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no measure `{name}`; there are {}{}", known(), near.map_or_else(String::new, |near| format!("; did you mean `{near}`?")))]
pub struct NoMeasure {
    /// As it was written.
    pub name: String,
    /// What may have been meant.
    pub near: Option<&'static str>,
}

fn known() -> String {
    Measure::ALL.map(Measure::name).join(", ")
}

impl FromStr for Measure {
    type Err = NoMeasure;

    fn from_str(name: &str) -> Result<Measure, NoMeasure> {
        let found = Measure::ALL.into_iter().find(|measure| measure.name() == name.trim());
        let near = || nearest(name, Measure::ALL.map(Measure::name).into_iter());
        found.ok_or_else(|| NoMeasure { name: name.trim().to_string(), near: near() })
    }
}

/// What is measured, and how.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Terms {
    /// The measures, each once.
    pub measures: Vec<Measure>,
    /// The span looked at; `None`: all that was recorded.
    pub window: Option<Window>,
    /// ms: the bins of `fano` and `correlation`, taken to the nearest number of steps.
    pub bin_ms: f64,
}

impl Default for Terms {
    fn default() -> Terms {
        Terms { measures: Measure::ALL.to_vec(), window: None, bin_ms: 2.0 }
    }
}

setters! {
    Terms {
        measures: impl Into<Vec<Measure>>,
        window: impl Into<Option<Window>>,
        bin_ms: f64,
    }
}

/// One number of a measure.
#[derive(Clone, Debug, PartialEq)]
pub struct Number {
    /// The measure that it belongs to.
    pub measure: Measure,
    /// What it is called, once in a table: `rate_mean_hz`.
    pub key: String,
    /// `Hz`; empty: a pure number.
    pub unit: &'static str,
    /// NaN: it cannot be said.
    pub value: f64,
    /// Why it cannot be said.
    pub why: Option<&'static str>,
}

impl Number {
    fn of(measure: Measure, key: &str, unit: &'static str, value: f64, why: &'static str) -> Number {
        Number { measure, key: key.into(), unit, value, why: Some(why).filter(|_| value.is_nan()) }
    }
}

/// What one population, or one probe of it, did.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// Its name.
    pub population: String,
    /// Its neurons whose spikes were recorded.
    pub neurons: usize,
    /// In the order of the measures asked for.
    pub numbers: Vec<Number>,
}

/// Spectra of rates are of bins so wide, ms.
const RATE_BIN_MS: f64 = 1.0;
/// Their segments hold so many bins at most.
const SEGMENT: usize = 1024;
/// Fewer bins than these have no spectrum that is worth a number.
const FEWEST_BINS: usize = 32;

/// The measures of every population: a table for each probe of spikes, and one for each population of which only states were probed.
///
/// A measure that needs what was not recorded (`synchrony` needs a state of two neurons) has no numbers there.
///
/// ```
/// use synfire::analysis::{Measure, Terms, measured};
/// use synfire::recording::{Recording, SpikeTrain};
/// let train = SpikeTrain { population: "E".into(), size: 2, rows: None, step: vec![10, 20, 30], neuron: vec![0, 0, 0] };
/// let recording = Recording { dt: 0.1, steps: 1000, spikes: vec![train], ..Recording::default() };
/// let table = measured(&recording, &Terms::default().measures([Measure::Rate, Measure::Cv]));
/// assert_eq!((table[0].number("rate_mean_hz"), table[0].number("cv_mean")), (Some(15.0), Some(0.0)));
/// ```
pub fn measured(recording: &Recording, terms: &Terms) -> Vec<Measured> {
    let window = terms.window.unwrap_or_else(|| Window::whole(recording));
    let dt = recording.dt;
    let of_intervals = terms.measures.iter().any(|measure| measure.is_of_intervals());
    let table = |train: &SpikeTrain| {
        let neurons = if of_intervals { moments(train, window, dt) } else { Vec::new() };
        let numbers = terms.measures.iter().flat_map(|measure| match measure.is_of_intervals() {
            true => of_neurons(*measure, &neurons, window, dt),
            false => of_train(*measure, train, window, dt, terms),
        });
        Measured {
            population: train.population.clone(),
            neurons: train.rows.as_ref().map_or(train.size as usize, Vec::len),
            numbers: numbers.collect(),
        }
    };
    let mut tables: Vec<Measured> = recording.spikes.iter().map(table).collect();
    if terms.measures.contains(&Measure::Synchrony) {
        for trace in recording.traces.iter().filter(|trace| !trace.synapses && trace.rows.len() > 1) {
            let number = of_trace(trace, window);
            match tables.iter_mut().find(|table| table.population == trace.population) {
                Some(table) => table.insert(number, &terms.measures),
                None => tables.push(Measured { population: trace.population.clone(), neurons: 0, numbers: vec![number] }),
            }
        }
    }
    tables
}

impl Measured {
    /// A number by its key; none where it was not asked for, or what it needs was not recorded.
    pub fn number(&self, key: &str) -> Option<f64> {
        self.numbers.iter().find(|number| number.key == key).map(|number| number.value)
    }

    /// In its place among the measures asked for, under a key of its own.
    fn insert(&mut self, mut number: Number, order: &[Measure]) {
        let rank = |measure: Measure| order.iter().position(|one| *one == measure);
        let key = number.key.clone();
        let mut again = 1;
        while self.numbers.iter().any(|known| known.key == number.key) {
            again += 1;
            number.key = format!("{key}_{again}");
        }
        let place = self.numbers.partition_point(|known| rank(known.measure) <= rank(number.measure));
        self.numbers.insert(place, number);
    }
}

/// What follows from the intervals of each neuron alone.
pub(super) fn of_neurons(measure: Measure, neurons: &[Moments], window: Window, dt: f64) -> Vec<Number> {
    let one = |key: &str, unit: &'static str, value: f64, why: &'static str| Number::of(measure, key, unit, value, why);
    // mean and spread of what each neuron with two intervals has
    let over_neurons = |place: usize| {
        let each: Vec<f64> = neurons.iter().filter(|own| own.is_regular_or_not()).map(|own| own.regularity()[place]).collect();
        let (name, none) = (measure.name(), "no neuron has three spikes");
        vec![
            one(&format!("{name}_mean"), "", mean(&each), none),
            one(&format!("{name}_sd"), "", sd(&each), none),
            one(&format!("{name}_neurons"), "", each.len() as f64, ""),
        ]
    };
    match measure {
        Measure::Rate => {
            let seconds = window.steps() as f64 * dt * 1e-3;
            let rates: Vec<f64> = neurons.iter().map(|own| own.spikes() as f64 / seconds).collect();
            let spikes: u64 = neurons.iter().map(Moments::spikes).sum();
            let active = rates.iter().filter(|rate| **rate > 0.0).count();
            let none = "no neuron was recorded";
            vec![
                one("rate_mean_hz", "Hz", mean(&rates), none),
                one("rate_sd_hz", "Hz", sd(&rates), none),
                one("spikes", "", spikes as f64, ""),
                one("active", "", active as f64, ""),
            ]
        }
        Measure::Cv => over_neurons(0),
        Measure::Cv2 => over_neurons(1),
        Measure::Lv => over_neurons(2),
        Measure::Lvr => over_neurons(3),
        Measure::Fano | Measure::Correlation | Measure::Synchrony | Measure::Spectrum => Vec::new(),
    }
}

/// What the spikes of each recorded neuron in a window amount to.
fn moments(train: &SpikeTrain, window: Window, dt: f64) -> Vec<Moments> {
    let places = Places::of(train);
    let mut all = vec![Moments::default(); places.len];
    let mut add = |step: u64, neuron: u32| {
        if let Some(place) = places.place(neuron) {
            all[place].add(step, REFRACTORY_MS / dt);
        }
    };
    let inside = || train.pairs().filter(|(step, _)| window.holds(*step));
    if train.step.is_sorted() {
        inside().for_each(|(step, neuron)| add(step, neuron));
    } else {
        let mut sorted: Vec<(u64, u32)> = inside().collect();
        sorted.sort_unstable();
        sorted.into_iter().for_each(|(step, neuron)| add(step, neuron));
    }
    all
}

fn of_train(measure: Measure, train: &SpikeTrain, window: Window, dt: f64, terms: &Terms) -> Vec<Number> {
    let one = |key: &str, unit: &'static str, value: f64, why: &'static str| Number::of(measure, key, unit, value, why);
    let steps = |ms: f64| ((ms / dt).round() as u64).max(1);
    match measure {
        Measure::Fano => vec![one("fano", "", fano(&population_counts(train, window, steps(terms.bin_ms))), "no spikes")],
        Measure::Correlation => {
            let all = correlations(train, window, steps(terms.bin_ms), super::CORRELATED_NEURONS);
            // of one whose count is the same in all bins nothing can be said
            let said: Vec<f64> = all.iter().copied().filter(|value| !value.is_nan()).collect();
            let why = if all.is_empty() { "fewer than three neurons fire" } else { "counts do not vary" };
            vec![
                one("correlation_mean", "", mean(&said), why),
                one("correlation_sd", "", sd(&said), why),
                one("correlation_pairs", "", said.len() as f64, ""),
            ]
        }
        // of traces, which come behind, or of intervals
        Measure::Synchrony | Measure::Rate | Measure::Cv | Measure::Cv2 | Measure::Lv | Measure::Lvr => Vec::new(),
        Measure::Spectrum => {
            let rate = population_rate(train, window, steps(RATE_BIN_MS), dt);
            let (peak, apart, times, why) = peak(&rate.hz, rate.bin);
            vec![
                one("spectrum_peak_hz", "Hz", peak, why),
                one("spectrum_step_hz", "Hz", apart, why),
                one("spectrum_times_mean", "", times, why),
            ]
        }
    }
}

/// Where the power is largest, Hz; the distance of two frequencies, Hz; how many times the mean it is.
fn peak(values: &[f64], bin: f64) -> (f64, f64, f64, &'static str) {
    let none = |why| (f64::NAN, f64::NAN, f64::NAN, why);
    if values.len() < FEWEST_BINS {
        return none("the window is too short");
    }
    let spectrum = welch(values, bin, (values.len() / 2).min(SEGMENT));
    // what is left of the mean stands at 0
    let density = &spectrum.density[1..];
    let largest = (1..).zip(density).max_by(|a, b| a.1.total_cmp(b.1));
    match largest {
        Some((place, power)) if *power > 0.0 => (spectrum.hz[place], spectrum.hz[1], power / mean(density), ""),
        _ => none("the rate does not vary"),
    }
}

fn of_trace(trace: &Trace, window: Window) -> Number {
    let value = synchrony::within(trace, window);
    let key = format!("synchrony_{}", trace.variable);
    let why = Some("it does not vary, or has no sample in the window").filter(|_| value.is_nan());
    Number { measure: Measure::Synchrony, key, unit: "", value, why }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_measure_has_a_name_that_is_read_back() {
        for measure in Measure::ALL {
            assert_eq!(measure.name().parse(), Ok(measure));
            assert!(measure.definition().len() > 20);
        }
        let wrong = "synchroni".parse::<Measure>().unwrap_err().to_string();
        assert!(wrong.contains("there are rate, cv,") && wrong.ends_with("did you mean `synchrony`?"), "{wrong}");
    }

    /// A population that fires at 50 Hz together, on the bins of the spectrum.
    #[test]
    fn a_rhythm_has_its_peak_and_its_synchrony() {
        let step: Vec<u64> = (1..=100).flat_map(|k| [k * 200; 4]).collect();
        let neuron = (0..400).map(|k| k % 4).collect();
        let train = SpikeTrain { population: "E".into(), size: 5, rows: None, step, neuron };
        let values = (0..20_000).flat_map(|k| [libm::sin(k as f64 / 50.0); 2]).collect();
        let trace = |variable: &str, rows: Vec<u32>, values: Vec<f64>| Trace {
            population: "E".into(),
            variable: variable.into(),
            rows,
            every: 1,
            values,
            ..Trace::default()
        };
        let traces = vec![trace("v", vec![0, 1], values), trace("u", vec![0], vec![1.0; 9])];
        let recording = Recording { dt: 0.1, steps: 20_000, spikes: vec![train], traces, ..Recording::default() };
        let all = measured(&recording, &Terms::default());
        assert_eq!(all.len(), 1);
        let number = |key: &str| all[0].number(key).unwrap();
        assert_eq!((number("spikes"), number("active"), number("rate_mean_hz")), (400.0, 4.0, 40.0));
        assert_eq!((number("cv_mean"), number("cv2_mean"), number("lv_mean"), number("cv_neurons")), (0.0, 0.0, 0.0, 4.0));
        // products of 20,000 steps in 1,000 bins: rounding alone is between it and 1
        assert!((number("correlation_mean") - 1.0).abs() < 1e-12 && number("correlation_pairs") == 6.0);
        // a fundamental and its overtones are equally strong in a train of single bins
        let peak = number("spectrum_peak_hz");
        assert!((peak / 50.0 - (peak / 50.0).round()).abs() * 50.0 <= number("spectrum_step_hz"), "{peak}");
        assert!((number("synchrony_v") - 1.0).abs() < 1e-12);
        // one neuron has nobody to move with
        assert_eq!(all[0].number("synchrony_u"), None);
        let order: Vec<Measure> = all[0].numbers.iter().map(|number| number.measure).collect();
        assert!(order.is_sorted(), "{order:?}");

        // nothing in the window: each number says why there is none
        let nothing = measured(&recording, &Terms::default().window(Window { after: 10, last: 60 }));
        for number in &nothing[0].numbers {
            assert_eq!(number.value.is_nan(), number.why.is_some(), "{number:?}");
        }
        assert!(nothing[0].number("cv_mean").unwrap().is_nan());
    }
}
