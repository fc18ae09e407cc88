//! CMA-ES: a search that needs nothing but costs, and learns the shape of the valley that it goes through.
//!
//! In: numbers of variables, each from 0 to 1, and costs of points that it asked for. Out: the next points. Our own, since the crates
//! that there are bring forty others with them, and a search that goes on from its log needs draws that are always the same.
//! Not here: what a variable means, what a cost is.
//!
//! **Source** Hansen 2016, The CMA Evolution Strategy: A Tutorial (arXiv:1604.00772), with its default constants; restarts with twice
//! the points after Auger and Hansen 2005.

use crate::random::{Draws, Key};

/// A search at a generation.
#[derive(Clone, Debug)]
pub struct Cma {
    seed: u64,
    restart: u32,
    generation: u32,
    lambda: usize,
    weights: Vec<f64>,
    /// Variance effective selection mass, and learning rates.
    mu_eff: f64,
    c_sigma: f64,
    d_sigma: f64,
    c_c: f64,
    c_1: f64,
    c_mu: f64,
    chi: f64,
    mean: Vec<f64>,
    sigma: f64,
    /// Rows of the covariance, of its eigenvectors (columns), and the roots of its eigenvalues.
    c: Vec<Vec<f64>>,
    b: Vec<Vec<f64>>,
    d: Vec<f64>,
    path_c: Vec<f64>,
    path_sigma: Vec<f64>,
    /// Best costs of the last generations.
    history: Vec<f64>,
}

/// Why a search begins anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stuck {
    /// Its steps have become too small to matter.
    Small,
    /// Costs do not fall any more.
    Flat,
    /// The valley is so narrow that rounding hides it.
    Narrow,
}

/// Step size at the start, of a range from 0 to 1.
const SIGMA: f64 = 0.3;
/// Smaller steps change no network.
const SMALLEST: f64 = 1e-5;

/// How many points a generation of so many variables has, usually.
pub fn usual(n: usize) -> usize {
    4 + (3.0 * (n as f64).ln()).floor() as usize
}

impl Cma {
    /// A search of `n` variables with `lambda` points a generation, from a random start; the same for one seed and restart.
    pub fn new(n: usize, lambda: usize, seed: u64, restart: u32) -> Cma {
        let mut draws = Key { seed }.draws(START, restart, 0);
        let mean = (0..n).map(|_| draws.uniform()).collect();
        Cma::from(mean, lambda, seed, restart)
    }

    /// From this start.
    pub fn from(mean: Vec<f64>, lambda: usize, seed: u64, restart: u32) -> Cma {
        let (n, lambda) = (mean.len(), lambda.max(4));
        let (nf, mu) = (n as f64, lambda / 2);
        let raw: Vec<f64> = (1..=mu).map(|i| ((lambda as f64 + 1.0) / 2.0).ln() - (i as f64).ln()).collect();
        let sum: f64 = raw.iter().sum();
        let weights: Vec<f64> = raw.iter().map(|w| w / sum).collect();
        let mu_eff = 1.0 / weights.iter().map(|w| w * w).sum::<f64>();
        let c_sigma = (mu_eff + 2.0) / (nf + mu_eff + 5.0);
        let c_1 = 2.0 / ((nf + 1.3).powi(2) + mu_eff);
        let identity = |n: usize| (0..n).map(|i| (0..n).map(|j| if i == j { 1.0 } else { 0.0 }).collect()).collect();
        Cma {
            seed,
            restart,
            generation: 0,
            lambda,
            mu_eff,
            c_sigma,
            d_sigma: 1.0 + 2.0 * (((mu_eff - 1.0) / (nf + 1.0)).sqrt() - 1.0).max(0.0) + c_sigma,
            c_c: (4.0 + mu_eff / nf) / (nf + 4.0 + 2.0 * mu_eff / nf),
            c_1,
            c_mu: (2.0 * (mu_eff - 2.0 + 1.0 / mu_eff) / ((nf + 2.0).powi(2) + mu_eff)).min(1.0 - c_1),
            chi: nf.sqrt() * (1.0 - 1.0 / (4.0 * nf) + 1.0 / (21.0 * nf * nf)),
            weights,
            mean,
            sigma: SIGMA,
            c: identity(n),
            b: identity(n),
            d: vec![1.0; n],
            path_c: vec![0.0; n],
            path_sigma: vec![0.0; n],
            history: Vec::new(),
        }
    }

    /// Points of a generation.
    pub fn lambda(&self) -> usize {
        self.lambda
    }

    /// How many generations are behind it.
    pub fn generation(&self) -> u32 {
        self.generation
    }

    /// The points of this generation, each variable from 0 to 1.
    pub fn ask(&self) -> Vec<Vec<f64>> {
        self.steps().iter().map(|y| self.mean.iter().zip(y).map(|(m, y)| folded(m + self.sigma * y)).collect()).collect()
    }

    /// Steps from the mean, in units of sigma.
    fn steps(&self) -> Vec<Vec<f64>> {
        let n = self.mean.len();
        let of = |point: usize| {
            let mut draws = Key { seed: self.seed }.draws(STEP, self.restart << 20 | self.generation, point as u64);
            let z: Vec<f64> = (0..n).map(|_| normal(&mut draws)).collect();
            (0..n).map(|i| (0..n).map(|k| self.b[i][k] * self.d[k] * z[k]).sum()).collect()
        };
        (0..self.lambda).map(of).collect()
    }

    /// Takes the costs of the points that it asked for, in their order; NaN is the worst.
    pub fn tell(&mut self, costs: &[f64]) {
        let n = self.mean.len();
        let steps = self.steps();
        let mut order: Vec<usize> = (0..steps.len().min(costs.len())).collect();
        order.sort_by(|a, b| costs[*a].total_cmp(&costs[*b]));
        let best: Vec<&Vec<f64>> = order.iter().take(self.weights.len()).map(|k| &steps[*k]).collect();
        let mean_step: Vec<f64> = (0..n).map(|i| self.weights.iter().zip(&best).map(|(w, y)| w * y[i]).sum()).collect();
        for (m, y) in self.mean.iter_mut().zip(&mean_step) {
            // a mean outside is where its mirror image is
            *m = folded(*m + self.sigma * y);
        }
        // C^(-1/2) y
        let across: Vec<f64> = (0..n).map(|k| (0..n).map(|i| self.b[i][k] * mean_step[i]).sum::<f64>() / self.d[k]).collect();
        let whitened: Vec<f64> = (0..n).map(|i| (0..n).map(|k| self.b[i][k] * across[k]).sum()).collect();
        let keep = (self.c_sigma * (2.0 - self.c_sigma) * self.mu_eff).sqrt();
        for (p, w) in self.path_sigma.iter_mut().zip(&whitened) {
            *p = (1.0 - self.c_sigma) * *p + keep * w;
        }
        let length = self.path_sigma.iter().map(|p| p * p).sum::<f64>().sqrt();
        self.generation += 1;
        let settled = (1.0 - (1.0 - self.c_sigma).powi(2 * self.generation as i32)).sqrt();
        let straight = length / settled < (1.4 + 2.0 / (n as f64 + 1.0)) * self.chi;
        let keep = if straight { (self.c_c * (2.0 - self.c_c) * self.mu_eff).sqrt() } else { 0.0 };
        for (p, y) in self.path_c.iter_mut().zip(&mean_step) {
            *p = (1.0 - self.c_c) * *p + keep * y;
        }
        let lost = if straight { 0.0 } else { self.c_1 * self.c_c * (2.0 - self.c_c) };
        for i in 0..n {
            for j in 0..n {
                let ranked: f64 = self.weights.iter().zip(&best).map(|(w, y)| w * y[i] * y[j]).sum();
                self.c[i][j] = (1.0 - self.c_1 - self.c_mu + lost) * self.c[i][j]
                    + self.c_1 * self.path_c[i] * self.path_c[j]
                    + self.c_mu * ranked;
            }
        }
        self.sigma *= (self.c_sigma / self.d_sigma * (length / self.chi - 1.0)).clamp(-1.0, 1.0).exp();
        // beyond the whole range steps say nothing
        self.sigma = self.sigma.min(1.0);
        let (values, vectors) = eigen(&self.c);
        self.d = values.iter().map(|x| x.max(1e-30).sqrt()).collect();
        self.b = vectors;
        self.history.push(costs.iter().copied().fold(f64::INFINITY, f64::min));
    }

    /// Is it of no use to go on?
    pub fn stuck(&self) -> Option<Stuck> {
        let largest = self.d.iter().copied().fold(0.0, f64::max);
        let least = self.d.iter().copied().fold(f64::INFINITY, f64::min);
        if self.sigma * largest < SMALLEST {
            return Some(Stuck::Small);
        }
        if largest > 1e7 * least {
            return Some(Stuck::Narrow);
        }
        let span = 10 + 30 * self.mean.len() / self.lambda;
        let recent = self.history.len().checked_sub(span).map(|from| &self.history[from..])?;
        let (low, high) = recent.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), x| (a.min(*x), b.max(*x)));
        // all of them infinite is flat too
        let falls = high - low > 1e-12 * low.abs().max(1e-12);
        (!falls).then_some(Stuck::Flat)
    }
}

// what is drawn for a search stands apart from what networks draw
const START: u32 = 0xffff_5a5b;
const STEP: u32 = 0xffff_5a5c;

/// A normal draw, by Box and Muller.
fn normal(draws: &mut Draws) -> f64 {
    let (a, b) = (1.0 - draws.uniform(), draws.uniform());
    (-2.0 * libm::log(a)).sqrt() * libm::cos(std::f64::consts::TAU * b)
}

/// Into 0 to 1, mirrored at its ends.
fn folded(x: f64) -> f64 {
    let x = x.rem_euclid(2.0);
    if x > 1.0 { 2.0 - x } else { x }
}

/// Eigenvalues and eigenvectors (columns) of a symmetric matrix, by rotations after Jacobi.
fn eigen(matrix: &[Vec<f64>]) -> (Vec<f64>, Vec<Vec<f64>>) {
    let n = matrix.len();
    let mut a: Vec<Vec<f64>> = (0..n).map(|i| (0..n).map(|j| 0.5 * (matrix[i][j] + matrix[j][i])).collect()).collect();
    let mut v: Vec<Vec<f64>> = (0..n).map(|i| (0..n).map(|j| if i == j { 1.0 } else { 0.0 }).collect()).collect();
    for _ in 0..64 {
        let off: f64 = (0..n).flat_map(|i| (0..i).map(move |j| (i, j))).map(|(i, j)| a[i][j] * a[i][j]).sum();
        let on: f64 = (0..n).map(|i| a[i][i] * a[i][i]).sum();
        if off <= 1e-30 * on {
            break;
        }
        for p in 0..n {
            for q in p + 1..n {
                if a[p][q] == 0.0 {
                    continue;
                }
                let theta = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
                let t = theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt());
                let t = if theta == 0.0 { 1.0 } else { t };
                let c = 1.0 / (t * t + 1.0).sqrt();
                let s = t * c;
                for row in a.iter_mut() {
                    let (x, y) = (row[p], row[q]);
                    (row[p], row[q]) = (c * x - s * y, s * x + c * y);
                }
                let (above, below) = a.split_at_mut(q);
                for (x, y) in above[p].iter_mut().zip(&mut below[0]) {
                    (*x, *y) = (c * *x - s * *y, s * *x + c * *y);
                }
                for row in v.iter_mut() {
                    let (x, y) = (row[p], row[q]);
                    (row[p], row[q]) = (c * x - s * y, s * x + c * y);
                }
            }
        }
    }
    ((0..n).map(|i| a[i][i]).collect(), v)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Evaluations until a cost is reached, or all that were allowed.
    fn needed(n: usize, cost: impl Fn(&[f64]) -> f64, wanted: f64, seed: u64) -> usize {
        let mut search = Cma::new(n, usual(n), seed, 0);
        let mut count = 0;
        while count < 20_000 {
            let points = search.ask();
            assert!(points.iter().flatten().all(|x| (0.0..=1.0).contains(x)));
            let costs: Vec<f64> = points.iter().map(|p| cost(p)).collect();
            count += costs.len();
            if costs.iter().any(|c| *c < wanted) {
                return count;
            }
            search.tell(&costs);
        }
        count
    }

    /// The middle of eleven seeds.
    fn median(n: usize, cost: impl Fn(&[f64]) -> f64 + Copy, wanted: f64) -> usize {
        let mut all: Vec<usize> = (0..11).map(|seed| needed(n, cost, wanted, seed)).collect();
        all.sort_unstable();
        all[5]
    }

    /// Beside pycma 4.5 (random starts in the unit cube, sigma 0.3, its own handling of bounds, `CMA_active` off): medians of 101
    /// seeds. A search that learns no shape needs ten times as many on the last two.
    #[test]
    fn valleys_are_found_as_fast_as_by_the_reference() {
        let sphere = |x: &[f64]| x.iter().map(|x| (x - 0.6).powi(2)).sum::<f64>();
        let ellipsoid = |x: &[f64]| {
            let n = x.len() as f64 - 1.0;
            x.iter().enumerate().map(|(k, x)| 1e4f64.powf(k as f64 / n) * (x - 0.4).powi(2)).sum::<f64>()
        };
        let rosenbrock = |x: &[f64]| {
            let at = |x: f64| 4.0 * x - 2.0;
            x.windows(2).map(|w| 100.0 * (at(w[1]) - at(w[0]).powi(2)).powi(2) + (1.0 - at(w[0])).powi(2)).sum::<f64>()
        };
        for (name, found, reference) in [
            ("sphere", median(5, sphere, 1e-10), REFERENCE[0]),
            ("ellipsoid", median(5, ellipsoid, 1e-10), REFERENCE[1]),
            ("rosenbrock", median(3, rosenbrock, 1e-8), REFERENCE[2]),
        ] {
            assert!((0.6 * reference..1.4 * reference).contains(&(found as f64)), "{name}: {found}, pycma {reference}");
        }
    }

    const REFERENCE: [f64; 3] = [736.0, 1448.0, 959.0];

    #[test]
    fn a_search_is_the_same_once_more_and_goes_on_from_its_costs() {
        let cost = |x: &[f64]| x.iter().map(|x| (x - 0.3).abs()).sum::<f64>();
        let run = |generations: u32| {
            let mut search = Cma::new(4, 8, 3, 1);
            for _ in 0..generations {
                let costs: Vec<f64> = search.ask().iter().map(|p| cost(p)).collect();
                search.tell(&costs);
            }
            search
        };
        assert_eq!(run(7).ask(), run(7).ask());
        assert_ne!(run(7).ask(), run(8).ask());
        assert_ne!(Cma::new(4, 8, 3, 1).ask(), Cma::new(4, 8, 3, 2).ask());
    }

    #[test]
    fn a_search_that_leads_nowhere_says_so() {
        let mut search = Cma::new(3, 8, 1, 0);
        let mut why = None;
        for _ in 0..400 {
            search.tell(&vec![f64::NAN; search.lambda()]);
            why = search.stuck();
            if why.is_some() {
                break;
            }
        }
        assert!(why.is_some() && search.ask().iter().flatten().all(|x| x.is_finite()), "{why:?}");
    }

    #[test]
    fn a_symmetric_matrix_is_taken_apart() {
        let m = vec![vec![4.0, 1.0, -2.0], vec![1.0, 2.0, 0.5], vec![-2.0, 0.5, 3.0]];
        let (values, v) = eigen(&m);
        for i in 0..3 {
            for j in 0..3 {
                let back: f64 = (0..3).map(|k| v[i][k] * values[k] * v[j][k]).sum();
                assert!((back - m[i][j]).abs() < 1e-12, "{i} {j} {back}");
                let unit: f64 = (0..3).map(|k| v[k][i] * v[k][j]).sum();
                assert!((unit - if i == j { 1.0 } else { 0.0 }).abs() < 1e-12);
            }
        }
    }
}
