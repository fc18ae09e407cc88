//! A benchmark at several sizes: a process for each, a table of costs, and a page that shows them against size with the reason of every bend.
//!
//! In: a name, numbers of neurons, the other arguments as they stand. Out: lines of JSON, a table, pictures. Not here: one measurement
//! (`measured`).

use std::fs;
use std::path::Path;
use std::process::Command;

use synfire::plot::page::{Page, Section, Table};
use synfire::plot::{Curve, Drawn, curves};

use super::measured::{Line, short};
use super::{add, as_json};
use crate::cli::replot::refused;
use crate::cli::signals::Signals;
use crate::cli::{Failure, complain, grouped, say};

/// Measures all sizes that can be had; a line of each is kept as soon as it is there.
///
/// **Errors** the first size that failed, once the others are told and drawn.
pub fn run(name: &str, sizes: &[u32], out: Option<&Path>, json: bool, signals: &Signals) -> Result<(), Failure> {
    let mut lines: Vec<Line> = Vec::new();
    let mut failed = None;
    for size in sizes {
        if let Some(signal) = signals.came() {
            failed = Some(Failure { code: signal.code(), message: format!("stopped by {} before {size} neurons", signal.name) });
            break;
        }
        match alone(*size) {
            Ok(line) => {
                if let Some(path) = out {
                    add(path, &line)?;
                }
                if json {
                    say(as_json(&line)?)
                } else {
                    complain(line.in_words())
                }
                lines.push(line);
            }
            Err(failure) => {
                complain(format_args!("{size} neurons: {}", failure.message));
                failed.get_or_insert(failure);
            }
        }
    }
    lines.sort_by_key(|line| line.n);
    let caches = caches(Path::new("/sys/devices/system/cpu/cpu0/cache"));
    if !json {
        say(text(&lines, &caches));
    }
    if let Some(path) = out.filter(|_| lines.len() > 1) {
        draw(name, &lines, &caches, path)?;
        say(format_args!("written to {} and {}", path.display(), path.with_extension("html").display()));
    }
    failed.map_or(Ok(()), Err)
}

/// One size in a process of its own, so that its memory is its own too.
fn alone(size: u32) -> Result<Line, Failure> {
    let cannot = |what: String| Failure { code: 1, message: format!("error: {what}") };
    let program = std::env::current_exe().map_err(|e| cannot(format!("this program cannot be found: {e}")))?;
    let mut words = std::env::args_os().skip(1);
    let mut command = Command::new(program);
    // what belongs to all sizes together
    while let Some(word) = words.next() {
        match word.to_string_lossy().as_ref() {
            "--sizes" | "--out" => drop(words.next()),
            "--json" => {}
            text if text.starts_with("--sizes=") || text.starts_with("--out=") => {}
            _ => drop(command.arg(word)),
        }
    }
    let done = command.args(["--n", &size.to_string(), "--json"]).output().map_err(|e| cannot(format!("cannot be run: {e}")))?;
    if !done.status.success() {
        let message = String::from_utf8_lossy(&done.stderr).trim().to_string();
        let code = done.status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
        let message = if message.is_empty() { format!("error: {size} neurons: ended by {}", done.status) } else { message };
        return Err(Failure { code, message });
    }
    serde_json::from_slice(&done.stdout).map_err(|e| cannot(format!("{size} neurons: the result cannot be read: {e}")))
}

/// A level of the processor's caches: its number, bytes.
type Cache = (u32, u64);

/// Those that hold data, from the smallest on, where the system tells.
fn caches(folder: &Path) -> Vec<Cache> {
    let one = |k: u32| {
        let read = |name: &str| fs::read_to_string(folder.join(format!("index{k}/{name}"))).ok();
        let kind = read("type")?;
        let size = read("size")?;
        let size = size.trim();
        let (digits, unit) = size.split_at(size.find(|c: char| !c.is_ascii_digit()).unwrap_or(size.len()));
        let unit = match unit {
            "" => 1,
            "K" => 1 << 10,
            "M" => 1 << 20,
            _ => return None,
        };
        (kind.trim() != "Instruction").then_some((read("level")?.trim().parse().ok()?, digits.parse::<u64>().ok()? * unit))
    };
    let mut all: Vec<Cache> = (0..8).filter_map(one).collect();
    all.sort_unstable();
    all
}

/// The smallest cache that holds so many bytes; `memory`.
fn held_in(bytes: u64, caches: &[Cache]) -> String {
    caches.iter().find(|(_, size)| bytes <= *size).map_or_else(|| "memory".into(), |(level, _)| format!("L{level}"))
}

fn synapse_bytes(line: &Line) -> u64 {
    line.bytes_per_synapse.map_or(0, |each| (each * line.synapses as f64) as u64)
}

/// Synaptic events of a step, for each neuron.
fn events_each(line: &Line) -> f64 {
    let model_s = line.duration_ms / 1e3;
    let wall = line.first_step_s + line.sim_s_per_bio_s * model_s;
    line.events_per_s * wall / model_s * line.dt_ms / 1e3 / (line.n * line.instances) as f64
}

/// Why the cost of a neuron and step is another than at the size before; empty: it is not, by a tenth.
fn bend(before: &Line, line: &Line, caches: &[Cache]) -> String {
    let ratio = line.ns_per_neuron_step() / before.ns_per_neuron_step();
    if (0.9..=1.1).contains(&ratio) {
        return String::new();
    }
    let mut reasons = Vec::new();
    let (events, earlier) = (events_each(line), events_each(before));
    if (events > 1.05 * earlier && ratio > 1.0) || (events < 0.95 * earlier && ratio < 1.0) {
        reasons.push(format!("{} events a cell and step, not {}", short(events), short(earlier)));
    }
    for (what, bytes) in [("states", &Line::state_bytes as &dyn Fn(&Line) -> u64), ("synapses", &synapse_bytes)] {
        let (now, then) = (held_in(bytes(line), caches), held_in(bytes(before), caches));
        if now != then && ratio > 1.0 {
            reasons.push(format!("{what} no longer in {then} but in {now}"));
        }
    }
    if line.threads > before.threads && ratio < 1.0 {
        reasons.push(format!("{} threads", line.threads));
    }
    if ratio < 1.0 && reasons.is_empty() {
        reasons.push("what a step costs in any case is shared by more cells".into());
    }
    let reasons = if reasons.is_empty() { "not told by sizes, events or caches".into() } else { reasons.join("; ") };
    format!("x {}: {reasons}", short(ratio))
}

/// At which sizes (log10) states and synapses leave which cache: straight lines between the sizes that were measured.
fn leaving(lines: &[Line], caches: &[Cache]) -> Vec<(String, f64)> {
    let mut out = Vec::new();
    for (what, bytes) in [("states", &Line::state_bytes as &dyn Fn(&Line) -> u64), ("synapses", &synapse_bytes)] {
        for (level, size) in caches {
            let between = lines.iter().zip(lines.iter().skip(1)).find(|(a, b)| bytes(a) <= *size && bytes(b) > *size);
            let Some((a, b)) = between else { continue };
            let at = |line: &Line| ((line.n as f64).log10(), (bytes(line).max(1) as f64).log10());
            let ((x, low), (end, high)) = (at(a), at(b));
            let share = ((*size as f64).log10() - low) / (high - low).max(f64::MIN_POSITIVE);
            out.push((format!("{what} leave L{level}"), x + share.clamp(0.0, 1.0) * (end - x)));
        }
    }
    out
}

const HEADS: [&str; 10] = [
    "neurons",
    "synapses",
    "build s",
    "ns a synapse",
    "s per model s",
    "ns a cell and step",
    "events/s",
    "MB at most",
    "bytes a synapse",
    "bend",
];

fn cells(lines: &[Line], caches: &[Cache]) -> Vec<[String; 10]> {
    let before = [None].into_iter().chain(lines.iter().map(Some));
    let row = |(before, line): (Option<&Line>, &Line)| {
        let each = if line.synapses > 0 { short(line.build_s * 1e9 / line.synapses as f64) } else { "-".into() };
        [
            grouped(line.n),
            grouped(line.synapses),
            short(line.build_s),
            each,
            short(line.sim_s_per_bio_s),
            short(line.ns_per_neuron_step()),
            format!("{:.2e}", line.events_per_s),
            line.peak_bytes.map_or_else(|| "-".into(), |bytes| grouped(bytes / 1_000_000)),
            line.bytes_per_synapse.map_or_else(|| "-".into(), |bytes| format!("{bytes:.2}")),
            before.map_or_else(String::new, |before| bend(before, line, caches)),
        ]
    };
    before.zip(lines).map(row).collect()
}

fn text(lines: &[Line], caches: &[Cache]) -> String {
    let rows = cells(lines, caches);
    let all = || rows.iter().map(|row| row.each_ref().map(String::as_str)).chain([HEADS]);
    let widths: Vec<usize> =
        (0..HEADS.len()).map(|k| all().filter_map(|row| row.get(k).map(|c| c.len())).max().unwrap_or(0)).collect();
    let line = |row: &[&str]| {
        let padded = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:>width$}"));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_string()
    };
    let rows = rows.iter().map(|row| line(&row.each_ref().map(String::as_str)));
    [line(&HEADS)].into_iter().chain(rows).collect::<Vec<_>>().join("\n")
}

/// A page with the table and pictures, and the first of them as a PNG.
fn draw(name: &str, lines: &[Line], caches: &[Cache], path: &Path) -> Result<(), Failure> {
    let mut table = Table::new(HEADS);
    for row in cells(lines, caches) {
        table = table.row(row);
    }
    let sizes: Vec<String> = caches.iter().map(|(level, bytes)| format!("L{level} {} KiB", grouped(bytes >> 10))).collect();
    let on = lines.first().map_or_else(String::new, |line| {
        let threads = if line.threads > 0 { format!(", {} thread(s)", line.threads) } else { String::new() };
        format!("{} ({}; {}), {}{threads}; {}", line.engine, line.adapter, line.instruction_set, line.precision, line.date)
    });
    let caption = "A bend: the cost of a cell and step against that at the size before, where it changed by more than a tenth, and what changed with it.";
    let mut page = Page::new(format!("{name}: cost against size")).lead(format!(
        "{on}. Medians of {} runs, a process for each size. Caches of a core: {}; lines across the pictures are the sizes at which states or synapses no longer fit into one.",
        lines.first().map_or(0, |line| line.repeats),
        if sizes.is_empty() { "not told by the system".into() } else { sizes.join(", ") }
    ));
    page = page.section(Section::new("Table").table(table.caption(caption)));
    let each = |of: &dyn Fn(&Line) -> f64| lines.iter().map(|line| ((line.n as f64).log10(), of(line))).collect::<Vec<_>>();
    let synapses = |line: &Line| if line.synapses > 0 { line.synapses as f64 } else { f64::NAN };
    let figures = [
        ("A cell's step", "ns a cell and step", each(&Line::ns_per_neuron_step)),
        ("An event", "ns an event", each(&|line| if line.events_per_s > 0.0 { 1e9 / line.events_per_s } else { f64::NAN })),
        ("Building", "ns a synapse", each(&|line| line.build_s * 1e9 / synapses(line))),
        ("Memory", "bytes a synapse", each(&|line| line.bytes_per_synapse.unwrap_or(f64::NAN))),
    ];
    let what = [
        "Wall clock of a step over the number of cells: flat where time grows as the network does.",
        "Wall clock of all steps over the synapses at which spikes arrived: it holds the updates of cells too.",
        "Time from the description to a network that can run.",
        "What the plan holds of synapses.",
    ];
    let leaving = leaving(lines, caches);
    let mut first = None;
    for ((head, axis, points), caption) in figures.into_iter().zip(what) {
        if points.iter().all(|(_, y)| !y.is_finite()) {
            continue;
        }
        let highest = points.iter().map(|(_, y)| *y).filter(|y| y.is_finite()).fold(0.0, f64::max);
        // costs are seen from 0 on
        let ground: Vec<(f64, f64)> = points.first().map(|(x, _)| (*x, 0.0)).into_iter().collect();
        let mut all = vec![Curve::new("", points, Drawn::Both, 0), Curve::new("", ground, Drawn::Line, 0)];
        let lines = leaving.iter().enumerate();
        all.extend(lines.map(|(k, (what, x))| Curve::new(what.clone(), [(*x, 0.0), (*x, highest)], Drawn::Line, k + 1)));
        let drawn = |width: u32| curves(&all, ("neurons (log10)", axis), None, width).map_err(refused);
        let (wide, narrow) = (drawn(900)?, drawn(360)?);
        page = page.section(Section::new(head).figure(&wide, Some(&narrow), caption));
        first.get_or_insert(wide);
    }
    if let Some(figure) = first {
        figure.save(path.with_extension("png")).map_err(refused)?;
    }
    page.save(path.with_extension("html")).map_err(refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn caches_are_read_as_the_system_tells_them() {
        let folder = tempfile::tempdir().unwrap();
        for (k, (kind, level, size)) in
            [("Data", 1, "48K"), ("Instruction", 1, "32K"), ("Unified", 2, "1024K"), ("Unified", 3, "32M")].into_iter().enumerate()
        {
            let own = folder.path().join(format!("index{k}"));
            fs::create_dir(&own).unwrap();
            for (name, text) in [("type", kind.to_string()), ("level", level.to_string()), ("size", size.to_string())] {
                fs::write(own.join(name), format!("{text}\n")).unwrap();
            }
        }
        let found = caches(folder.path());
        assert_eq!(found, [(1, 48 << 10), (2, 1 << 20), (3, 32 << 20)]);
        assert_eq!([1 << 10, 1 << 17, 1 << 26].map(|bytes| held_in(bytes, &found)), ["L1", "L2", "memory"]);
        assert!(caches(&folder.path().join("nowhere")).is_empty());
    }
}
