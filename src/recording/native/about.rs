//! What chunks of numbers cannot say, as JSON: names, units, rows, times; how a run ended.
//!
//! Numbers with a point are texts in it, since not every reader of JSON gives back the very number.

use serde::{Deserialize, Serialize};

use crate::plan::{Reduction, Sampling};
use crate::recording::sink::{Ended, Header, How, TapHeader};

/// The first chunk.
#[derive(Serialize, Deserialize)]
pub struct About {
    /// The version that wrote it.
    synfire: String,
    network: String,
    network_hash: String,
    seed: u64,
    #[serde(with = "exact")]
    dt_ms: f64,
    first_step: u64,
    /// That were to be done.
    steps: u64,
    instances: u64,
    taps: Vec<AboutTap>,
    #[serde(default)]
    pub positions: Vec<AboutPositions>,
}

#[derive(Serialize, Deserialize)]
pub struct AboutPositions {
    pub population: String,
    pub neurons: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum AboutTap {
    Spikes {
        population: String,
        size: u32,
        rows: Option<Vec<u32>>,
    },
    Rate {
        population: String,
        neurons: u32,
        bin: u64,
    },
    State(AboutState),
    Synapses(AboutState),
    AtSpikes {
        of: String,
        variable: String,
        unit: String,
        size: u32,
        rows: Option<Vec<u32>>,
    },
    Reduced {
        of: String,
        variable: String,
        unit: String,
        of_neurons: bool,
        size: u32,
        rows: Option<Vec<u32>>,
        times: Times,
        reduce: String,
        /// Of bins of a histogram.
        #[serde(default)]
        edges: Vec<Exact>,
    },
}

#[derive(Serialize, Deserialize)]
struct AboutState {
    of: String,
    variable: String,
    unit: String,
    rows: Vec<u32>,
    times: Times,
}

/// Steps of samples: the first, every so many, before the end.
#[derive(Serialize, Deserialize)]
struct Times {
    first: u64,
    every: u64,
    end: Option<u64>,
}

#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct Exact(#[serde(with = "exact")] f64);

mod exact {
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(x: &f64, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&format!("{x}"))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(|_no_number| serde::de::Error::custom(format!("expected a number, found `{text}`")))
    }
}

/// Steps that are counted beyond this are not ours: sums of two stay far from the end of all counting.
const LAST_STEP: u64 = 1 << 62;

/// Instances times taps: what a file may claim before anything of it is there.
pub const MOST_PLACES: u64 = 1 << 24;

impl About {
    pub fn of(header: &Header) -> About {
        About {
            synfire: env!("CARGO_PKG_VERSION").into(),
            network: header.network.clone(),
            network_hash: header.network_hash.clone(),
            seed: header.seed,
            dt_ms: header.dt,
            first_step: header.first_step,
            steps: header.steps,
            instances: header.instances as u64,
            taps: header.taps.iter().map(AboutTap::of).collect(),
            positions: header
                .positions
                .iter()
                .map(|sites| AboutPositions { population: sites.population.clone(), neurons: sites.um.len() as u64 })
                .collect(),
        }
    }

    /// What it was made of, without positions.
    ///
    /// **Errors** numbers that no run has.
    pub fn header(&self) -> Result<Header, String> {
        let taps = self.taps.iter().map(AboutTap::header).collect::<Result<Vec<_>, _>>()?;
        if !(self.dt_ms > 0.0 && self.dt_ms.is_finite()) {
            return Err(format!("`dt_ms` is {}, expected a step in ms", self.dt_ms));
        }
        let places = self.instances.checked_mul(taps.len().max(1) as u64).filter(|places| (1..=MOST_PLACES).contains(places));
        let instances = usize::try_from(self.instances).ok().filter(|_| places.is_some());
        let instances = instances.ok_or_else(|| format!("{} instances of {} probes", self.instances, taps.len()))?;
        if self.first_step > LAST_STEP || self.steps > LAST_STEP {
            return Err(format!("a run of {} steps behind step {}", self.steps, self.first_step));
        }
        Ok(Header {
            network: self.network.clone(),
            network_hash: self.network_hash.clone(),
            seed: self.seed,
            dt: self.dt_ms,
            first_step: self.first_step,
            steps: self.steps,
            instances,
            taps,
            positions: Vec::new(),
        })
    }
}

impl AboutTap {
    fn of(tap: &TapHeader) -> AboutTap {
        let state = |of: &String, variable: &String, unit: &String, rows: &Vec<u32>, times: &Sampling| AboutState {
            of: of.clone(),
            variable: variable.clone(),
            unit: unit.clone(),
            rows: rows.clone(),
            times: Times::of(times),
        };
        match tap.clone() {
            TapHeader::Spikes { population, size, rows } => AboutTap::Spikes { population, size, rows },
            TapHeader::Rate { population, neurons, bin } => AboutTap::Rate { population, neurons, bin },
            TapHeader::Synapses { projection, variable, unit, rows, times } => {
                AboutTap::Synapses(state(&projection, &variable, &unit, &rows, &times))
            }
            TapHeader::State { population, variable, unit, rows, times } => {
                AboutTap::State(state(&population, &variable, &unit, &rows, &times))
            }
            TapHeader::AtSpikes { projection: of, variable, unit, size, rows } => {
                AboutTap::AtSpikes { of, variable, unit, size, rows }
            }
            TapHeader::Reduced { projection: of, variable, unit, of_neurons, size, rows, times, reduction } => {
                let edges = match &reduction {
                    Reduction::Histogram { edges } => edges.iter().copied().map(Exact).collect(),
                    Reduction::Mean | Reduction::Sum => Vec::new(),
                };
                let (times, reduce) = (Times::of(&times), reduction.word().into());
                AboutTap::Reduced { of, variable, unit, of_neurons, size, rows, times, reduce, edges }
            }
        }
    }

    fn header(&self) -> Result<TapHeader, String> {
        Ok(match self {
            AboutTap::Spikes { population, size, rows } => {
                TapHeader::Spikes { population: population.clone(), size: *size, rows: rows.clone() }
            }
            AboutTap::Rate { bin: 0, population, .. } => {
                return Err(format!("the bins of the rate of `{population}` have no step"));
            }
            AboutTap::Rate { population, neurons, bin } => {
                TapHeader::Rate { population: population.clone(), neurons: *neurons, bin: *bin }
            }
            AboutTap::State(state) => TapHeader::State {
                population: state.of.clone(),
                variable: state.variable.clone(),
                unit: state.unit.clone(),
                rows: state.rows.clone(),
                times: state.times.sampling()?,
            },
            AboutTap::Synapses(state) => TapHeader::Synapses {
                projection: state.of.clone(),
                variable: state.variable.clone(),
                unit: state.unit.clone(),
                rows: state.rows.clone(),
                times: state.times.sampling()?,
            },
            AboutTap::AtSpikes { of, variable, unit, size, rows } => TapHeader::AtSpikes {
                projection: of.clone(),
                variable: variable.clone(),
                unit: unit.clone(),
                size: *size,
                rows: rows.clone(),
            },
            AboutTap::Reduced { of, variable, unit, of_neurons, size, rows, times, reduce, edges } => TapHeader::Reduced {
                projection: of.clone(),
                variable: variable.clone(),
                unit: unit.clone(),
                of_neurons: *of_neurons,
                size: *size,
                rows: rows.clone(),
                times: times.sampling()?,
                reduction: match reduce.as_str() {
                    "mean" => Reduction::Mean,
                    "sum" => Reduction::Sum,
                    "histogram" => Reduction::Histogram { edges: edges.iter().map(|edge| edge.0).collect() },
                    other => return Err(format!("`{other}` is none of `mean`, `sum`, `histogram`")),
                },
            },
        })
    }
}

impl Times {
    fn of(times: &Sampling) -> Times {
        Times { first: times.first, every: times.every, end: (times.end < u64::MAX).then_some(times.end) }
    }

    fn sampling(&self) -> Result<Sampling, String> {
        let times = Sampling { first: self.first, every: self.every, end: self.end.unwrap_or(u64::MAX) };
        if times.first == 0 || times.every == 0 || times.end == 0 {
            return Err(format!("samples every {} steps from step {} to {}", times.every, times.first, times.end));
        }
        Ok(times)
    }
}

/// The last chunk before the index.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    /// That were done.
    pub steps: u64,
    /// `whole`, `stopped`, `failed`
    pub how: String,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// What there was to say of the network as it ran.
    #[serde(default)]
    pub remarks: Vec<String>,
}

impl Ending {
    pub fn of(ended: &Ended<'_>) -> Ending {
        let (how, why) = match ended.how {
            How::Whole => ("whole", None),
            How::Stopped => ("stopped", None),
            How::Failed(why) => ("failed", Some(why.to_string())),
        };
        Ending { steps: ended.steps, how: how.into(), why, remarks: ended.remarks.to_vec() }
    }
}
