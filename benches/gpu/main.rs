//! Experiments on one adapter, and networks under every schedule: one file of tables, and the gates that it answers.
//!
//! `benches/gpu.sh` builds this and runs it, on another machine as well. By hand:
//! `gpu --out FILE.md [--adapter NAME] [--small] [--seconds N] [--commit HASH] [--date DAY]`. `--small`: sizes for a software adapter,
//! whose times say nothing. `--seconds`: what all experiments together may take; each has its share, and what an experiment has found
//! by then stands in the file, which is written anew after each.
//!
//! | file | what it measures |
//! | --- | --- |
//! | `costs` | constants of the cost model |
//! | `dispatch` | E1: small dispatches that depend on each other |
//! | `atomics` | E2: sums by atomics |
//! | `resident` | E4: networks in one workgroup, alone and side by side |
//! | `checks` | E6: what checks of indices and loops, and zeroed workgroup memory, cost |
//! | `transfer` | E10: reading back |
//! | `networks` | COBA, CUBA and Brunel networks, time and spikes under each schedule; E5: the cortical microcircuit |
//! | `barrier` | E3: a barrier of all workgroups within a dispatch |
//! | `lists` | E7: workgroups without work, and indirect dispatches; E11: how spikes are put out |
//! | `limits` | E8: large buffers; E9: long dispatches; E13: until a network is ready |

mod atomics;
mod barrier;
mod checks;
mod costs;
mod device;
mod dispatch;
mod limits;
mod lists;
mod networks;
mod resident;
mod transfer;

use std::fmt::Write as _;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use device::Device;
use synfire::plan::schedule::Costs;

/// What a part of the bench gives.
pub type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct Arguments {
    out: String,
    /// Part of the adapter's name; empty: the best.
    adapter: String,
    small: bool,
    commit: String,
    date: String,
    /// Of all experiments; empty: as long as they take.
    seconds: String,
    /// When the experiment that runs must end.
    end: Option<Instant>,
}

impl Arguments {
    /// Has the experiment used up its share of the time? Then it leaves what is still to do.
    pub fn late(&self) -> bool {
        self.end.is_some_and(|end| Instant::now() >= end)
    }
}

/// A table of the report, and a gate if it answers one: what was asked, and the answer.
pub struct Section {
    /// Above the table.
    pub title: &'static str,
    /// Names of the columns.
    pub head: Vec<&'static str>,
    /// Cells as text.
    pub rows: Vec<Vec<String>>,
    /// Questions, and how they were answered.
    pub gates: Vec<(String, Result<String, String>)>,
    /// Constants of the cost model that it tells: name, value, what it was taken from.
    pub constants: Vec<(&'static str, f64, String)>,
}

impl Section {
    /// An empty table.
    pub fn new(title: &'static str, head: &[&'static str]) -> Section {
        Section { title, head: head.to_vec(), rows: Vec::new(), gates: Vec::new(), constants: Vec::new() }
    }

    /// One row more.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        let cells: Vec<String> = cells.into_iter().collect();
        println!("  {}", cells.join("  "));
        self.rows.push(cells);
    }

    /// A number that must not pass a limit.
    pub fn gate(&mut self, what: &str, found: Option<f64>, limit: f64) {
        let answer = match found {
            Some(x) if x <= limit => Ok(format!("{x:.3}")),
            Some(x) => Err(format!("{x:.3}")),
            None => Err("not measured".into()),
        };
        self.gates.push((format!("{what} ≤ {limit}"), answer));
    }
}

fn main() -> ExitCode {
    let Some(arguments) = arguments() else {
        // so that `cargo bench` and `cargo test --benches` pass by
        println!("nothing measured; give --out FILE.md (see benches/gpu.sh)");
        return ExitCode::SUCCESS;
    };
    match run(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

fn arguments() -> Option<Arguments> {
    let mut found = Arguments::default();
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let place = match word.as_str() {
            "--out" => &mut found.out,
            "--adapter" => &mut found.adapter,
            "--commit" => &mut found.commit,
            "--date" => &mut found.date,
            "--seconds" => &mut found.seconds,
            "--small" => {
                found.small = true;
                continue;
            }
            _ => continue,
        };
        *place = words.next()?;
    }
    (!found.out.is_empty()).then_some(found)
}

/// Whether every gate was passed.
fn run(arguments: &Arguments) -> Outcome<bool> {
    let device = Device::open(&arguments.adapter)?;
    println!("{} ({}, {})", device.info.name, device.info.driver_info, device.info.backend);
    type Experiment = fn(&Device, &Arguments) -> Outcome<Section>;
    // what the time is most wanted for comes first; shares of the time
    let experiments: [(&str, f64, Experiment); 14] = [
        ("E1", 0.05, dispatch::measure),
        ("networks", 0.1, networks::measure),
        ("E5", 0.3, networks::microcircuit),
        ("costs", 0.1, costs::measure),
        ("E4", 0.15, resident::measure),
        ("E3", 0.05, barrier::measure),
        ("E2", 0.05, atomics::measure),
        ("E6", 0.03, checks::measure),
        ("E7", 0.03, lists::indirect),
        ("E8", 0.03, limits::sizes),
        ("E9", 0.03, limits::longest),
        ("E10", 0.03, transfer::measure),
        ("E11", 0.02, lists::spikes),
        ("E13", 0.03, limits::ready),
    ];
    let seconds: Option<f64> = if arguments.seconds.is_empty() { None } else { Some(arguments.seconds.parse()?) };
    let (mut sections, mut failed) = (Vec::new(), Vec::new());
    let (mut saved, mut late) = (0.0, Vec::new());
    for (name, share, measure) in experiments {
        println!("{name}");
        // what others left over is added
        let given = seconds.map(|all| (all * share + saved).max(0.0));
        let began = Instant::now();
        let end = given.map(|given| began + Duration::from_secs_f64(given));
        let arguments = &Arguments { end, ..arguments.clone() };
        let measured = measure(&device, arguments);
        saved = given.map_or(0.0, |given| given - began.elapsed().as_secs_f64());
        if arguments.late() {
            late.push(name);
        }
        match measured {
            Ok(section) => sections.push(section),
            // the others are worth having
            Err(error) => {
                eprintln!("{name}: {error}");
                failed.push(format!("{name}: {error}"));
            }
        }
        std::fs::write(&arguments.out, report(&device, arguments, &sections, &failed, &late))?;
    }
    println!("written to {}", arguments.out);
    Ok(failed.is_empty() && sections.iter().flat_map(|s| &s.gates).all(|gate| gate.1.is_ok()))
}

fn report(device: &Device, arguments: &Arguments, sections: &[Section], failed: &[String], late: &[&str]) -> String {
    let info = &device.info;
    let mut out = format!("# GPU: {}\n\n", info.name);
    let or = |text: &str| if text.is_empty() { "not told".to_owned() } else { text.to_owned() };
    let _ = writeln!(out, "- date: {}", or(&arguments.date));
    let _ = writeln!(out, "- adapter: {} ({:?}, {})", info.name, info.device_type, info.backend);
    let _ = writeln!(out, "- driver: {}", or(format!("{} {}", info.driver, info.driver_info).trim()));
    let _ = writeln!(out, "- commit: {}\n- synfire {}", or(&arguments.commit), env!("CARGO_PKG_VERSION"));
    if arguments.small {
        out.push_str("- small sizes: to see that it runs; the times say nothing\n");
    }
    failed.iter().for_each(|what| {
        let _ = writeln!(out, "- FAILED: {what}");
    });
    if !late.is_empty() {
        let _ = writeln!(out, "- cut short, since their time was up: {}", late.join(", "));
    }
    out.push_str("\n## Gates\n\n| gate | found | |\n| --- | ---: | --- |\n");
    for (what, answer) in sections.iter().flat_map(|s| &s.gates) {
        let (found, word) = match answer {
            Ok(found) => (found, "passed"),
            Err(found) => (found, "NOT passed"),
        };
        let _ = writeln!(out, "| {what} | {found} | {word} |");
    }
    out.push_str("\n## Constants of the cost model\n\nsrc/plan/schedule/cost.rs has one set for every card.\n\n");
    out.push_str("| constant | found | stands | from |\n| --- | ---: | ---: | --- |\n");
    for (name, value, from) in sections.iter().flat_map(|s| &s.constants) {
        let stands = Costs::LARGE.named().into_iter().find(|(other, _)| other == name).map_or(f64::NAN, |(_, value)| value);
        let _ = writeln!(out, "| {name} | {value:.4} | {stands} | {from} |");
    }
    for section in sections {
        let _ = writeln!(out, "\n## {}\n\n| {} |", section.title, section.head.join(" | "));
        let _ = writeln!(out, "|{}", " --- |".repeat(section.head.len()));
        section.rows.iter().for_each(|row| {
            let _ = writeln!(out, "| {} |", row.join(" | "));
        });
    }
    out
}
