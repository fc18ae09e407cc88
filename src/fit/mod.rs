//! Values of a network that make it do what was asked for: found by CMA-ES, generation after generation side by side.
//!
//! In: a network, free values with their bounds, targets. Out: [`Evaluation`]s, the best of them last. A generation is one submission:
//! its points are instances of one plan where they can be (`sweep`). A fit goes on from what it evaluated before, since what it
//! draws follows from its seed. Not here: the search itself (`cma`), files (`cli`).

mod cma;
mod target;

use std::ops::ControlFlow;

use crate::error::Error;
use crate::sweep::{Axis, Generations, Origin, Row, Sweep, Values};

pub use cma::{Cma, Stuck};
pub use target::Target;

/// What is to be found, and how long to look for it.
///
/// ```
/// use synfire::fit::Fit;
/// use synfire::network::Network;
/// use synfire::sweep::{Origin, Sweep};
/// use synfire::{Choice, Options};
/// let mut net = Network::new("cell");
/// net.dt("0.1 ms");
/// net.population("cell", "lif_psc_exp", 1);
/// net.probe("cell", "spikes");
/// let sweep = Sweep::new(net).options(Options::default().engine(Choice::Cpu)).duration(1000.0);
/// // which current makes it fire at 40 Hz?
/// let fit = Fit::new(sweep).free("cell.i_e=300 pA..900 pA")?.target("cell.rate=40 Hz")?.tolerance(0.03);
/// let found = fit.search()?;
/// assert!(found.reached && found.best.as_ref().is_some_and(|best| best.off.abs() <= 0.03));
/// # Ok::<(), synfire::Error>(())
/// ```
#[derive(Clone, Debug)]
#[doc(alias = "optimise", alias = "calibrate")]
pub struct Fit {
    sweep: Sweep,
    targets: Vec<Target>,
    seed: u64,
    population: Option<usize>,
    restarts: u32,
    most: usize,
    tolerance: f64,
}

/// A point that was tried.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// From 0 on, over all restarts.
    pub number: usize,
    /// Which start, from 0 on.
    pub restart: u32,
    /// Of this start, from 0 on.
    pub generation: u32,
    /// By free value, as text.
    pub values: Vec<String>,
    /// By target: what was measured, the mean over repetitions; NaN: it could not be said.
    pub measured: Vec<f64>,
    /// The largest relative distance from a target; infinite: something could not be said.
    pub off: f64,
    /// What the search makes small.
    pub cost: f64,
    /// Why there is nothing.
    pub fault: Option<String>,
}

/// How a search ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// All targets are within the tolerance.
    pub reached: bool,
    /// The best point; `None`: none was tried.
    pub best: Option<Evaluation>,
    /// Points that were tried.
    pub evaluations: usize,
}

/// The cost of a target that cannot be said, and of a network that does not run: worse than any target that is missed by as much as
/// it is large.
const UNSAID: f64 = 4.0;
const BROKEN: f64 = 1e6;

impl Fit {
    /// Of a network as a sweep has it: its options, duration, window, measures' bins, repetitions. It has no axes yet.
    pub fn new(sweep: Sweep) -> Fit {
        Fit { sweep, targets: Vec::new(), seed: 1, population: None, restarts: 4, most: 2000, tolerance: 0.05 }
    }

    /// A value that is free between bounds: `"exc -> exc.weight=1 nS..10 nS"`, with `:log` behind it to be searched by ratios.
    ///
    /// **Errors** as [`Sweep::axis`]; what is no range.
    pub fn free(mut self, text: &str) -> Result<Fit, Error> {
        self.sweep = self.sweep.axis(text)?;
        let axis = &self.sweep.axes()[self.sweep.axes().len() - 1];
        match axis.values {
            Values::Range { count: None, low, high, .. } if low < high => Ok(self),
            _ => {
                let help = "write its bounds, the lower first, such as \"exc -> exc.weight=1 nS..10 nS\"";
                Err(Error::Call(format!("`{}` is no free value\n  help: {help}", axis.name())))
            }
        }
    }

    /// What a measure shall be: `"exc.rate=5 Hz"`, `"exc.cv=0.9"`.
    ///
    /// **Errors** as [`Target::parse`].
    pub fn target(mut self, text: &str) -> Result<Fit, Error> {
        self.targets.push(Target::parse(text).map_err(Error::Call)?);
        Ok(self)
    }

    /// The seed of the search; networks have their own.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Fit {
        self.seed = seed;
        self
    }

    /// Points of a generation; usually 4 + 3 ln(n) for n free values.
    #[must_use]
    pub fn population(mut self, points: usize) -> Fit {
        self.population = Some(points);
        self
    }

    /// How often it may begin anew where it is stuck, each time with twice the points.
    #[must_use]
    pub fn restarts(mut self, times: u32) -> Fit {
        self.restarts = times;
        self
    }

    /// The most points that are tried.
    #[must_use]
    pub fn most(mut self, points: usize) -> Fit {
        self.most = points;
        self
    }

    /// The relative distance at which a target is reached.
    #[must_use]
    pub fn tolerance(mut self, share: f64) -> Fit {
        self.tolerance = share;
        self
    }

    /// What is free.
    pub fn axes(&self) -> &[Axis] {
        self.sweep.axes()
    }

    /// The relative distance at which a target is reached.
    pub fn within(&self) -> f64 {
        self.tolerance
    }

    /// Points of a generation of the first start; each start after it has twice those of the one before.
    pub fn lambda(&self) -> usize {
        self.population.unwrap_or_else(|| cma::usual(self.axes().len()).max(8))
    }

    /// What is asked for.
    pub fn targets(&self) -> &[Target] {
        &self.targets
    }

    /// The sweep that points are run by.
    pub fn sweep(&self) -> &Sweep {
        &self.sweep
    }

    /// Where the network comes from.
    pub fn origin(&self) -> &Origin {
        self.sweep.origin()
    }

    /// Looks until the targets are reached, or nothing more may be tried.
    ///
    /// **Errors** as [`Fit::run`].
    pub fn search(&self) -> Result<Found, Error> {
        self.run(&[], &mut |_| ControlFlow::Continue(()))
    }

    /// The same, after what was evaluated before (whole generations, in their order), telling of each generation; `Break` ends it.
    ///
    /// **Errors** no free value or no target; a value or a measure that is wrong; evaluations that are not those of this search; a
    /// device that fails.
    pub fn run(&self, before: &[Evaluation], report: &mut dyn FnMut(&[Evaluation]) -> ControlFlow<()>) -> Result<Found, Error> {
        if self.axes().is_empty() || self.targets.is_empty() {
            let what = if self.axes().is_empty() { "no value is free" } else { "there is no target" };
            return Err(Error::Call(format!(
                "{what}\n  help: free values such as \"exc -> exc.weight=1 nS..10 nS\", targets such as \"exc.rate=5 Hz\""
            )));
        }
        let mut measures = Vec::new();
        for target in &self.targets {
            if !measures.contains(&target.measure) {
                measures.push(target.measure);
            }
        }
        let sweep = self.sweep.clone().measures(measures);
        let mut generations = Generations::new(&sweep)?;
        let mut known = before;
        let mut best: Option<Evaluation> = None;
        let mut count = 0;
        for restart in 0..=self.restarts {
            let mut search = Cma::new(self.axes().len(), self.lambda() << restart.min(10), self.seed, restart);
            while search.stuck().is_none() {
                if count >= self.most {
                    return Ok(Found { reached: false, best, evaluations: count });
                }
                let texts: Vec<Vec<String>> = search.ask().iter().map(|point| self.texts(point)).collect();
                let told = match known.split_at_checked(texts.len()) {
                    Some((own, rest)) => {
                        known = rest;
                        if own.iter().zip(&texts).any(|(own, texts)| own.values != *texts || own.restart != restart) {
                            let help = "seed, bounds, population and targets must be those of before";
                            return Err(Error::Call(format!("what was evaluated is of another search\n  help: {help}")));
                        }
                        own.to_vec()
                    }
                    None => {
                        let Some(rows) = generations.evaluate(&texts)? else {
                            return Ok(Found { reached: false, best, evaluations: count });
                        };
                        let of = |(k, (values, rows)): (usize, (Vec<String>, Vec<Row>))| {
                            self.evaluated(count + k, (restart, search.generation()), values, &rows)
                        };
                        let all: Vec<Evaluation> = texts.into_iter().zip(rows).enumerate().map(of).collect::<Result<_, Error>>()?;
                        if report(&all).is_break() {
                            self.better(&all, &mut best);
                            return Ok(Found { reached: self.is_reached(&best), best, evaluations: count + all.len() });
                        }
                        all
                    }
                };
                count += told.len();
                self.better(&told, &mut best);
                if self.is_reached(&best) {
                    return Ok(Found { reached: true, best, evaluations: count });
                }
                search.tell(&told.iter().map(|own| own.cost).collect::<Vec<_>>());
            }
        }
        Ok(Found { reached: false, best, evaluations: count })
    }

    fn is_reached(&self, best: &Option<Evaluation>) -> bool {
        best.as_ref().is_some_and(|best| best.off <= self.tolerance)
    }

    fn better(&self, all: &[Evaluation], best: &mut Option<Evaluation>) {
        for own in all {
            if best.as_ref().is_none_or(|known| own.off < known.off || own.off == known.off && own.cost < known.cost) {
                *best = Some(own.clone());
            }
        }
    }

    fn texts(&self, point: &[f64]) -> Vec<String> {
        self.axes().iter().zip(point).map(|(axis, share)| axis.at(*share)).collect()
    }

    /// A point, by what was measured in its repetitions.
    fn evaluated(
        &self,
        number: usize,
        (restart, generation): (u32, u32),
        values: Vec<String>,
        rows: &[Row],
    ) -> Result<Evaluation, Error> {
        let fault = rows.iter().find_map(|row| row.fault.clone());
        let mut measured = Vec::with_capacity(self.targets.len());
        for target in &self.targets {
            let mut all = Vec::new();
            for row in rows.iter().filter(|row| row.fault.is_none()) {
                all.push(target.of(row).map_err(Error::Call)?);
            }
            let mean = all.iter().sum::<f64>() / all.len() as f64;
            measured.push(if fault.is_some() { f64::NAN } else { mean });
        }
        let off = |(target, x): (&Target, &f64)| target.off(*x);
        let each: Vec<f64> = self.targets.iter().zip(&measured).map(off).collect();
        let cost = match fault {
            Some(_) => BROKEN,
            None => each.iter().map(|off| if off.is_nan() { UNSAID } else { off * off }).sum(),
        };
        let off = each.iter().map(|off| if off.is_nan() { f64::INFINITY } else { off.abs() }).fold(0.0, f64::max);
        Ok(Evaluation { number, restart, generation, values, measured, off, cost, fault })
    }
}
