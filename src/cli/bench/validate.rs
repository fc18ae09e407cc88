//! `synfire bench pd14 --validate`: rates, irregularity and correlation of the microcircuit's populations beside what is published.
//!
//! In: a run of the network. Out: a table and a verdict. Not here: the measures (`synfire::analysis`).
//!
//! **Source** `microcircuit.csv`. At scale 0.1 with Poisson drive ten seeds of NEST 3.10 (means and standard deviations over seeds, of windows of
//! 1 and 5 s behind the first 0.5 s; `cv` of the intervals of cells with three spikes or more, `correlation` of counts in 2 ms of pairs of
//! the first 200 cells that spike). At scale 1 the rates that the reference implementation comes with (Senk et al. 2026, arXiv 2505.21185); the
//! list that came with its predecessor differs from it by up to 11 %.

use synfire::Network;
use synfire::analysis::{Window, summary};
use synfire::recording::Recording;
use synfire::simulation::models_of;

use crate::cli::{Failure, say};

const PUBLISHED: &str = include_str!("microcircuit.csv");

/// What runs before anything is measured. **Units** ms.
pub const DROPPED: f64 = 500.0;

/// Standard deviations over seeds by which one seed may differ from the mean of ten, in whose place they have an error themselves: of 24
/// numbers of a right network one lies outside in two of a hundred seeds (Student's t with nine degrees of freedom).
const DEVIATIONS: f64 = 5.0;

/// The share by which rates of full scale may differ: the two published lists differ by up to 0.11, one run each.
const SHARE: f64 = 0.15;

/// A line of the table.
#[derive(Clone, Debug, PartialEq)]
struct Known<'t> {
    scale: f64,
    /// `None`: any.
    window_ms: Option<f64>,
    population: &'t str,
    /// Rate, CV, correlation, each with its standard deviation over seeds where it is known.
    measures: [(Option<f64>, Option<f64>); 3],
}

fn known() -> Vec<Known<'static>> {
    let line = |line: &'static str| {
        let mut fields = line.split(',');
        let number = |text: Option<&str>| text.and_then(|text| text.parse::<f64>().ok());
        let (scale, window_ms) = (number(fields.next())?, number(fields.next()));
        let population = fields.next()?;
        let mut pair = || (number(fields.next()), number(fields.next()));
        Some(Known { scale, window_ms, population, measures: [pair(), pair(), pair()] })
    };
    PUBLISHED.lines().skip(1).filter_map(line).collect()
}

/// The network with the spikes of all populations kept.
///
/// **Errors** one that is not the microcircuit.
pub fn prepared(name: &str, network: &Network) -> Result<Network, Failure> {
    let missing = known().iter().any(|line| !network.populations.iter().any(|p| p.name == line.population));
    if missing {
        let help = "`synfire bench pd14 --validate`; other networks are held to their figures by the tests";
        return Err(Failure::input(format!("error: --validate: nothing is published of `{name}`\n  help: {help}")));
    }
    models_of(network)?;
    super::measured::quiet(network)
}

/// Is there enough left behind what is dropped?
///
/// **Errors** no.
pub fn long_enough(duration_ms: f64) -> Result<(), Failure> {
    if duration_ms - DROPPED < 1000.0 {
        let help = "1.5 s, or 5.5 s and more for closer bounds";
        let why = "0.5 s are dropped, and 1 s at least is measured";
        return Err(Failure::input(format!("error: --validate: {duration_ms} ms are too short: {why}\n  help: {help}")));
    }
    Ok(())
}

/// What a population did, and whether that is as known; `None`: nothing is known to hold it to.
#[derive(Clone, Debug)]
pub struct Compared {
    pub population: String,
    pub measure: &'static str,
    pub ours: f64,
    pub known: Option<f64>,
    /// By how much it may differ.
    pub bound: Option<f64>,
}

impl Compared {
    /// Is it within its bound?
    pub fn right(&self) -> Option<bool> {
        Some((self.ours - self.known?).abs() <= self.bound?)
    }
}

/// All populations beside what is known at a scale, of the longest window that is known and lies within this one.
pub fn compared(recording: &Recording, scale: f64, poisson: bool, window: Window) -> Vec<Compared> {
    let table = known();
    let length = window.steps() as f64 * recording.dt;
    let at = |line: &&Known| (line.scale - scale).abs() < 1e-9 && (line.scale == 1.0 || poisson);
    let windows = table.iter().filter(at).filter_map(|line| line.window_ms).filter(|ms| *ms <= length + 1e-9);
    let longest = windows.fold(f64::NAN, f64::max);
    let own = if longest.is_finite() { Window::from_ms(DROPPED, DROPPED + longest, recording.dt) } else { window };
    let mut out = Vec::new();
    for train in &recording.spikes {
        let found = summary(train, own, recording.dt);
        let here = |line: &&Known| line.population == train.population && line.window_ms.is_none_or(|ms| ms == longest);
        let line = table.iter().filter(at).find(here);
        let ours = [("rate", found.rate_mean), ("cv", found.cv_mean), ("correlation", found.correlation_mean)];
        for (k, (measure, ours)) in ours.into_iter().enumerate() {
            let (known, sd) = line.and_then(|line| line.measures.get(k).copied()).unwrap_or_default();
            let bound = match sd {
                // the mean of ten has an error too
                Some(sd) => Some(DEVIATIONS * sd * (1.0f64 + 0.1).sqrt()),
                None => known.map(|known| SHARE * known),
            };
            out.push(Compared { population: train.population.clone(), measure, ours, known, bound });
        }
    }
    out
}

/// Prints the table.
///
/// **Errors** what lies outside its bound.
pub fn told(all: &[Compared], scale: f64) -> Result<(), Failure> {
    say("population  measure         found      known  may differ by");
    let mut wrong = Vec::new();
    for one in all {
        let known = one.known.map_or_else(|| "-".into(), |known| format!("{known:.4}"));
        let bound = one.bound.map_or_else(|| "-".into(), |bound| format!("{bound:.4}"));
        let verdict = if one.right() == Some(false) { "  OUTSIDE" } else { "" };
        say(format_args!("{:<10}  {:<11} {:>9.4}  {known:>9}  {bound:>9}{verdict}", one.population, one.measure, one.ours));
        if one.right() == Some(false) {
            wrong.push(format!("{} of {}", one.measure, one.population));
        }
    }
    let held = all.iter().filter(|one| one.right().is_some()).count();
    if !wrong.is_empty() {
        let message = format!("error: {} of {held} numbers lie outside their bounds: {}", wrong.len(), wrong.join(", "));
        return Err(Failure { code: 1, message });
    }
    say(match held {
        0 => format!("nothing is published of scale {scale} with this drive; 0.1 with Poisson drive and 1 are"),
        held => format!("all {held} numbers lie within their bounds"),
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read_whole() {
        let all = known();
        assert_eq!(all.len(), 24);
        for line in &all {
            let [(rate, sd), (cv, _), (correlation, _)] = line.measures;
            assert!(rate.is_some_and(|rate| (0.4..10.0).contains(&rate)), "{line:?}");
            assert_eq!(sd.is_some() && cv.is_some() && correlation.is_some(), line.scale == 0.1, "{line:?}");
        }
    }

    #[test]
    fn what_lies_outside_is_told() {
        let one = |ours: f64| Compared { population: "L4E".into(), measure: "rate", ours, known: Some(4.0), bound: Some(0.2) };
        assert!(told(&[one(4.1), one(3.85)], 0.1).is_ok());
        assert!(told(&[one(4.1), one(4.3)], 0.1).is_err_and(|e| e.message.contains("1 of 2 numbers") && e.code == 1));
    }
}
