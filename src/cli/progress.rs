//! How far a run is: a bar on a terminal, a plain line every ten seconds elsewhere.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use synfire::Progress;

use super::{complain, counted, grouped, seconds};

pub enum Reporter {
    Quiet,
    Bar(ProgressBar),
    Lines { began: Instant, last: Instant },
}

/// Between two plain lines.
const INTERVAL: Duration = Duration::from_secs(10);

impl Reporter {
    pub fn new(quiet: bool, steps: u64) -> Reporter {
        if quiet {
            return Reporter::Quiet;
        }
        let now = Instant::now();
        if !std::io::stderr().is_terminal() {
            return Reporter::Lines { began: now, last: now };
        }
        let bar = ProgressBar::new(steps);
        let style = ProgressStyle::with_template("{bar:30} {percent:>3} %  {msg}  {eta} left");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Reporter::Bar(bar)
    }

    /// **Units** `dt` in ms.
    pub fn report(&mut self, progress: &Progress, dt: f64) {
        let time = progress.step as f64 * dt / 1e3;
        match self {
            Reporter::Quiet => {}
            Reporter::Bar(bar) => {
                bar.set_position(progress.step);
                bar.set_message(format!("{time:.3} s, {}", counted(progress.spikes, "spike")));
            }
            Reporter::Lines { began, last } if last.elapsed() >= INTERVAL => {
                *last = Instant::now();
                let left = began.elapsed().as_secs_f64() * (progress.steps - progress.step) as f64 / progress.step.max(1) as f64;
                let (step, steps) = (grouped(progress.step), grouped(progress.steps));
                complain(format_args!(
                    "step {step} of {steps}, {time:.3} s of model time, {}, {} left",
                    counted(progress.spikes, "spike"),
                    seconds(left)
                ));
            }
            Reporter::Lines { .. } => {}
        }
    }

    pub fn finish(&self) {
        if let Reporter::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}
