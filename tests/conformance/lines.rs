//! The line that is printed for each case and engine, and the failures of a test, collected.

use std::collections::BTreeSet;
use std::io::Write;

/// How a case came out.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    Pass,
    Fail(String),
    /// The engine cannot run this network, and said why.
    NotYet(String),
    /// The schedule cannot be taken for this network, and why.
    NotAllowed(String),
}

/// One case on one engine.
#[derive(Clone, Debug)]
pub struct Line {
    pub case: String,
    pub engine: String,
    pub spikes: usize,
    pub ties: usize,
    /// The worst error, with what it is an error of.
    pub worst: String,
    pub verdict: Verdict,
}

/// The lines of a test.
#[derive(Default)]
pub struct Lines {
    lines: usize,
    /// Cases that ran on the GPU engine under some schedule, and those that any refused.
    ran: BTreeSet<String>,
    refused: BTreeSet<String>,
    failures: Vec<String>,
}

impl Lines {
    /// Prints the line and keeps what failed.
    pub fn add(&mut self, line: Line) {
        let verdict = match &line.verdict {
            Verdict::Pass => "ok".to_string(),
            Verdict::Fail(why) => format!("FAILED: {why}"),
            Verdict::NotYet(why) => format!("not yet: {why}"),
            Verdict::NotAllowed(why) => format!("not allowed: {why}"),
        };
        let Line { case, engine, spikes, ties, worst, .. } = &line;
        let text = format!("{case:<24} {engine:<10} {spikes:>6} spikes {ties:>2} ties  {worst:<42} {verdict}");
        say(&text);
        self.lines += 1;
        if engine.starts_with("gpu") {
            match &line.verdict {
                Verdict::NotAllowed(_) => self.refused.insert(case.clone()),
                _ => self.ran.insert(case.clone()),
            };
        }
        if let Verdict::Fail(why) = &line.verdict {
            self.failures.push(format!("{case} on {engine}: {why}"));
        }
    }

    /// Fails with everything that failed. A test that had nothing to say fails too.
    pub fn finish(self) {
        assert!(self.lines > 0, "no case was found");
        self.finish_even_if_empty();
    }

    /// Where there may be no case.
    pub fn finish_even_if_empty(self) {
        let nowhere: Vec<&String> = self.refused.difference(&self.ran).collect();
        assert!(nowhere.is_empty(), "no schedule of the GPU engine is allowed for {nowhere:?}");
        assert!(self.failures.is_empty(), "{} failed:\n{}", self.failures.len(), self.failures.join("\n"));
    }
}

/// Prints a line, not by `println!`, which the test harness would keep to itself.
pub fn say(text: &str) {
    let _ = std::io::stdout().lock().write_all(format!("{text}\n").as_bytes());
}
