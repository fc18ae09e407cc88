//! A neuron that finds the start of a repeating pattern in noise: inputs, network, and what its spikes say.
//!
//! After Masquelier, Guyonneau and Thorpe (2008), PLoS ONE 3:e1377, with a quarter of its afferents and threshold. Afferents spike at
//! random all the time; half of them repeat, again and again, what they did in one stretch of 50 ms, and nothing else tells that
//! stretch from others: no rate changes. The neuron spikes at any time at first, and at the end once, at the start of each pattern.
//!
//! | | paper | here |
//! | --- | --- | --- |
//! | afferents, those in the pattern | 2000, 1000 | 500, 250 |
//! | threshold, in weights of 1 | 500 | 125 |
//! | pattern | 50 ms, a quarter of the time, jitter of 1 ms | the same |
//! | spikes/s of an afferent | 64, from 30 to 90; 10 of them never repeat | 64, steady; 10 of them |
//! | first weight, steps up and down | 0.475, 0.03125, 0.85 of that | the same |
//! | spikes/s of the neuron, first and last | 63, 5 | 60, 5 |
//! | last spike outside of a pattern | 13.5 s | 17.1 s |
//! | in the end | above 98 % hits, no false alarm, below 10 ms count as success | 100 %, none, 5.7 ms |
//!
//! Last three rows: seed 5, 40 s. In seeds 1 to 12 the last four seconds have 89 to 100 % hits (ten times 100 %), one false alarm or none
//! and latencies from 6 to 21 ms, the longer ones still on their way to the start.
//!
//! The rule is nearest neighbours of which each is met once: Hathway and Goodman (2018), ReScience 4(1):6, found that others do not
//! learn this.

use synfire::network::{Connector, Network};
use synfire::random::{Draws, Key, Stream};

/// ms
pub const DT: f64 = 0.1;
pub const AFFERENTS: usize = 500;
/// The first of them repeat the pattern.
pub const IN_PATTERN: usize = 250;
/// Of a pattern, ms.
pub const LENGTH: f64 = 50.0;
/// Of the stretches of that length so many hold the pattern, never two after one another.
pub const SHARE: f64 = 0.25;
/// Spikes/s of an afferent, in the pattern and out of it; and others besides that are never repeated.
pub const RATE: f64 = 54.0;
pub const NOISE: f64 = 10.0;
/// Standard deviation of a spike of the pattern about its time, ms.
pub const JITTER: f64 = 1.0;

/// The spike response model of the paper: an input of weight 1 raises the potential by 1 at most, a spike of its own makes the neuron
/// forget what came before and puts a spike and an undershoot in its place. And the rule.
pub const MODELS: &str = "
neuron detector
  param tau_m = 10 ms, tau_s = 2.5 ms, theta = 125
  peak = (tau_s/tau_m)**(tau_s/(tau_m - tau_s)) - (tau_s/tau_m)**(tau_m/(tau_m - tau_s))
  state v = 0, g = 0
  input g
  dv/dt = -v/tau_m + g/peak*(1/tau_s - 1/tau_m)
  dg/dt = -g/tau_s
  threshold v >= theta
  reset v = 2*theta; g = -4*theta*peak
  refractory 1 ms

synapse once
  param w_0 = 0.475, w_max = 1, a_plus = 0.03125, a_minus = 0.85*a_plus
  param tau_plus = 16.8 ms, tau_minus = 33.7 ms
  state w = w_0 (from 0 to w_max), x = 0, y = 0
  dx/dt = -x/tau_plus
  dy/dt = -y/tau_minus
  on_pre  w -= a_minus*y; g += w; y = 0; x = 1
  on_post w += a_plus*x; x = 0; y = 1
";

/// What the afferents do.
pub struct Inputs {
    /// Of each afferent, ms, ascending.
    pub trains: Vec<Vec<f64>>,
    /// When a pattern begins, ms.
    pub starts: Vec<f64>,
    /// The pattern itself: of each of its afferents, ms from its start.
    pub pattern: Vec<Vec<f64>>,
}

/// Times of a Poisson process, ms.
fn poisson(draws: &mut Draws, rate: f64, from: f64, to: f64) -> Vec<f64> {
    let mut times = Vec::new();
    let mut t = from;
    loop {
        t -= (1.0 - draws.uniform()).ln() / rate * 1000.0;
        if t >= to {
            return times;
        }
        times.push(t);
    }
}

/// A normal number (Box and Muller 1958).
fn normal(draws: &mut Draws) -> f64 {
    let (a, b) = (draws.uniform(), draws.uniform());
    (-2.0 * (1.0 - a).ln()).sqrt() * (std::f64::consts::TAU * b).cos()
}

impl Inputs {
    /// For so many ms; what is shorter is the beginning of what is longer.
    pub fn new(seed: u64, duration: f64) -> Inputs {
        let tag = Stream::Stimulus { stimulus: 0 }.tag().unwrap_or_default();
        // of an afferent, or of none, for one purpose
        let draws = |afferent: usize, purpose: u64| Key { seed }.draws(tag, afferent as u32, purpose << 32);
        let pattern: Vec<Vec<f64>> = (0..IN_PATTERN).map(|k| poisson(&mut draws(k, 0), RATE, 0.0, LENGTH)).collect();
        // of the stretches that may hold one, since the one before does not
        let (mut shown, chance) = (draws(AFFERENTS, 1), SHARE / (1.0 - SHARE));
        let mut starts: Vec<f64> = Vec::new();
        for k in 1..(duration / LENGTH) as usize {
            let start = k as f64 * LENGTH;
            if starts.last().is_none_or(|last| *last < start - 1.5 * LENGTH) && shown.uniform() < chance {
                starts.push(start);
            }
        }
        let holds = |t: f64| {
            let next = starts.partition_point(|start| *start <= t);
            next > 0 && t < starts[next - 1] + LENGTH
        };
        let mut trains = Vec::new();
        for k in 0..AFFERENTS {
            let mut train = poisson(&mut draws(k, 2), RATE, 0.0, duration);
            if let Some(own) = pattern.get(k) {
                train.retain(|t| !holds(*t));
                let mut jitter = draws(k, 3);
                for start in &starts {
                    train.extend(own.iter().map(|t| start + t + JITTER * normal(&mut jitter)));
                }
            }
            train.extend(poisson(&mut draws(k, 4), NOISE, 0.0, duration));
            // on the grid, where one of two in the same step is enough
            let mut steps: Vec<i64> = train.iter().map(|t| (t / DT).round() as i64).filter(|step| *step > 0).collect();
            steps.sort_unstable();
            steps.dedup();
            trains.push(steps.iter().map(|step| *step as f64 * DT).collect());
        }
        Inputs { trains, starts, pattern }
    }

    /// With `models` as [`MODELS`].
    pub fn network(&self, models: &str) -> Network {
        let mut net = Network::new("the start of a pattern");
        net.dt(format!("{DT} ms")).equations(models);
        net.population("afferents", "spike_times", AFFERENTS as u64).spike_times(self.trains.clone());
        net.population("detector", "detector", 1);
        net.project_by("afferents", "detector", "once", Connector::AllToAll).delay(format!("{DT} ms")).named("synapses");
        net.probe("detector", "spikes");
        net
    }

    /// From the start of its pattern to each spike, ms; `None` where none is shown.
    pub fn latencies(&self, spikes: &[f64]) -> Vec<Option<f64>> {
        let of = |t: &f64| {
            let next = self.starts.partition_point(|start| start <= t);
            next.checked_sub(1).map(|k| t - self.starts[k]).filter(|latency| *latency < LENGTH)
        };
        spikes.iter().map(of).collect()
    }

    /// What spikes say of the patterns that begin in a time, ms.
    pub fn score(&self, spikes: &[f64], from: f64, to: f64) -> Score {
        let within: Vec<f64> = spikes.iter().copied().filter(|t| *t >= from && *t < to).collect();
        let shown: Vec<f64> = self.starts.iter().copied().filter(|t| *t >= from && *t + LENGTH < to).collect();
        let first = |start: &f64| within.iter().find(|t| **t >= *start && **t < start + LENGTH).map(|t| t - start);
        let found: Vec<f64> = shown.iter().filter_map(first).collect();
        let outside = self.latencies(&within).iter().filter(|latency| latency.is_none()).count();
        Score {
            hits: found.len() as f64 / shown.len() as f64,
            false_alarms: outside as f64 / (to - from) * 1000.0,
            latency: found.iter().sum::<f64>() / found.len() as f64,
            rate: within.len() as f64 / (to - from) * 1000.0,
        }
    }
}

/// How well the pattern is found.
#[derive(Clone, Copy, Debug)]
pub struct Score {
    /// Of the patterns shown, those with a spike.
    pub hits: f64,
    /// Spikes/s outside of patterns.
    pub false_alarms: f64,
    /// From the start of a pattern to its first spike, ms, on average.
    pub latency: f64,
    /// Of the neuron, spikes/s.
    pub rate: f64,
}
