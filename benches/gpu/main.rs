//! Experiments on one adapter, and networks under every schedule: one file of tables, and the gates that it answers.
//!
//! `benches/gpu.sh` builds this and runs it, on another machine as well. By hand:
//! `gpu --out FILE.md [--adapter NAME] [--small] [--commit HASH] [--date DAY]`. `--small`: sizes for a software adapter,
//! whose times say nothing.
//!
//! | file | what it measures |
//! | --- | --- |
//! | `dispatch` | E1: small dispatches that depend on each other |
//! | `atomics` | E2: sums by atomics |
//! | `resident` | E4: networks in one workgroup, alone and side by side |
//! | `checks` | E6: what checks of indices and loops, and zeroed workgroup memory, cost |
//! | `transfer` | E10: reading back |
//! | `networks` | COBA, CUBA and Brunel networks, time and spikes under each schedule |

mod atomics;
mod checks;
mod device;
mod dispatch;
mod networks;
mod resident;
mod transfer;

use std::fmt::Write as _;
use std::process::ExitCode;

use device::Device;

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
}

impl Section {
    /// An empty table.
    pub fn new(title: &'static str, head: &[&'static str]) -> Section {
        Section { title, head: head.to_vec(), rows: Vec::new(), gates: Vec::new() }
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
    let experiments: [(&str, Experiment); 6] = [
        ("E1", dispatch::measure),
        ("E2", atomics::measure),
        ("E4", resident::measure),
        ("E6", checks::measure),
        ("E10", transfer::measure),
        ("networks", networks::measure),
    ];
    let (mut sections, mut failed) = (Vec::new(), Vec::new());
    for (name, measure) in experiments {
        println!("{name}");
        match measure(&device, arguments) {
            Ok(section) => sections.push(section),
            // the others are worth having
            Err(error) => {
                eprintln!("{name}: {error}");
                failed.push(format!("{name}: {error}"));
            }
        }
        std::fs::write(&arguments.out, report(&device, arguments, &sections, &failed))?;
    }
    println!("written to {}", arguments.out);
    Ok(failed.is_empty() && sections.iter().flat_map(|s| &s.gates).all(|gate| gate.1.is_ok()))
}

fn report(device: &Device, arguments: &Arguments, sections: &[Section], failed: &[String]) -> String {
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
    out.push_str("\n## Gates\n\n| gate | found | |\n| --- | ---: | --- |\n");
    for (what, answer) in sections.iter().flat_map(|s| &s.gates) {
        let (found, word) = match answer {
            Ok(found) => (found, "passed"),
            Err(found) => (found, "NOT passed"),
        };
        let _ = writeln!(out, "| {what} | {found} | {word} |");
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
