//! The law that times are fitted by, t = a N + b N T, and those that are published.

use crate::cli::tables::short;

/// Stages, and what each is.
pub const STAGES: [(&str, &str); 4] = [
    ("build", "checking, drawing synapses, planning"),
    ("run", "simulating"),
    ("write", "spikes and states into files"),
    ("sync", "until the disk confirmed the files"),
];

/// t = a N + b N T: N neurons, T ms of model time, t in ms.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Law {
    pub a: f64,
    pub b: f64,
    /// Share of the variance that it explains; NaN: not known.
    pub r2: f64,
}

const fn law(a: f64, b: f64) -> Law {
    Law { a, b, r2: f64::NAN }
}

/// Build, simulate and write (github.com/SpikeAI/2020-12_brainhack_Project7).
pub const PUBLISHED: [(&str, [Law; 3]); 3] = [
    ("NEST, pickle (published)", [law(0.583, 0.016e-3), law(-0.007, 2.841e-3), law(0.202, 0.035e-3)]),
    ("NEST, NIX (published)", [law(0.588, 0.017e-3), law(0.047, 3.139e-3), law(19.24, 0.134e-3)]),
    ("SpiNNaker (published)", [law(0.002, 0.0), law(24.48, 6.48e-3), law(0.253, 0.186e-3)]),
];

impl Law {
    /// By least squares, of neurons, ms of model time, and ms. With one model time alone it is all in `a`.
    pub fn fitted(points: &[[f64; 3]]) -> Law {
        let sum = |of: &dyn Fn(&[f64; 3]) -> f64| points.iter().map(of).sum::<f64>();
        let (nn, nm, mm) = (sum(&|p| p[0] * p[0]), sum(&|p| p[0] * p[0] * p[1]), sum(&|p| (p[0] * p[1]).powi(2)));
        let (tn, tm) = (sum(&|p| p[2] * p[0]), sum(&|p| p[2] * p[0] * p[1]));
        let determinant = nn * mm - nm * nm;
        let (a, b) = match determinant > 1e-9 * nn * mm {
            true => ((tn * mm - tm * nm) / determinant, (tm * nn - tn * nm) / determinant),
            false => (tn / nn, 0.0),
        };
        let mean = sum(&|p| p[2]) / points.len() as f64;
        let (left, all) = (sum(&|p| (p[2] - a * p[0] - b * p[0] * p[1]).powi(2)), sum(&|p| (p[2] - mean).powi(2)));
        Law { a, b, r2: 1.0 - left / all }
    }

    /// ms
    pub fn at(&self, neurons: f64, ms: f64) -> f64 {
        self.a * neurons + self.b * neurons * ms
    }

    /// `t = 0.0213 N + 5.31e-5 N T`
    pub fn told(&self) -> String {
        let sign = if self.b < 0.0 { "-" } else { "+" };
        let r2 = if self.r2.is_finite() { format!(" (R\u{b2} {:.3})", self.r2) } else { String::new() };
        format!("t = {} N {sign} {} N T{r2}", digits(self.a), digits(self.b.abs()))
    }
}

/// Four digits that count, small numbers with their power of ten.
pub fn digits(value: f64) -> String {
    if value != 0.0 && value.abs() < 1e-2 { format!("{value:.3e}") } else { short(value) }
}

/// A line for each stage and simulator.
pub fn in_words(laws: &[Law]) -> String {
    let mut out = String::from("t in ms, N neurons, T ms of model time");
    let mut line = |stage: &str, simulator: &str, law: &Law, ours: Option<&Law>| {
        let times = ours.map_or_else(String::new, |ours| {
            format!("; 1000 neurons for 1 s take {:.0} times as long", law.at(1e3, 1e3) / ours.at(1e3, 1e3))
        });
        out += &format!("\n{stage:<6} {simulator:<25} {}{times}", law.told());
    };
    for (k, (stage, _)) in STAGES.iter().enumerate() {
        line(stage, "synfire", &laws[k], None);
        for (simulator, published) in &PUBLISHED {
            if let Some(law) = published.get(k) {
                line(stage, simulator, law, Some(&laws[k]));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_law_is_found_again() {
        let truth = law(0.583, 0.016e-3);
        let points: Vec<[f64; 3]> =
            [64.0, 400.0, 2025.0].iter().flat_map(|n| [500.0, 3000.0].map(|t| [*n, t, truth.at(*n, t)])).collect();
        let found = Law::fitted(&points);
        assert!((found.a - truth.a).abs() < 1e-12 && (found.b - truth.b).abs() < 1e-15, "{found:?}");
        assert!((found.r2 - 1.0).abs() < 1e-12);
        assert!(found.told().starts_with("t = 0.583 N + 1.600e-5 N T (R"), "{}", found.told());
        // one model time tells no slope
        let flat = Law::fitted(&[[10.0, 100.0, 5.0], [20.0, 100.0, 10.0]]);
        assert_eq!((flat.a, flat.b), (0.5, 0.0));
        assert!(in_words(&[found; 4]).contains("SpiNNaker (published)"));
    }
}
