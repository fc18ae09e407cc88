//! How much memory a run may take: `--memory`, or most of what is free.
//!
//! In: a text such as `200M`; what the system tells of its memory, of the container's limits and of the process's. Out: bytes. Not
//! here: what a network needs (`plan::memory`).

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use synfire::network::EdgeStorage;
use synfire::plan::PlanError;
use synfire::plan::memory::bytes;

/// Results do not depend on it.
#[derive(Args)]
pub struct Budget {
    /// Most memory to use, such as 200M or 4G (of 1024) [default: 80 % of what is free, where the system tells]
    #[arg(long, value_name = "BYTES", value_parser = parse)]
    memory: Option<u64>,
    /// Keep synapses in memory (stored), or draw them again for each spike: weights alone (procedural_weights), or targets, delays
    /// and weights (procedural); projections that cannot be so are stored [default: stored as far as memory allows]
    #[arg(long, value_name = "HOW", value_parser = storage)]
    connectivity: Option<EdgeStorage>,
}

impl Budget {
    /// How synapses are kept where the description does not say it.
    pub fn connectivity(&self) -> Option<EdgeStorage> {
        self.connectivity
    }

    /// Bytes; `None`: the system does not tell what is free.
    pub fn bytes(&self) -> Option<u64> {
        self.memory.or_else(|| free(Path::new("/")).map(|bytes| bytes / 5 * 4))
    }
}

/// The most memory that this process has held, where the system tells.
pub fn peak() -> Option<u64> {
    let kib = field(&fs::read_to_string("/proc/self/status").ok()?, "VmHWM:")?;
    Some(kib.saturating_mul(1024))
}

/// What there is to say where recordings may be what memory does not hold, so that a run writes them while it goes on; `None`: that
/// is not what is wrong.
pub fn streams(error: &PlanError) -> Option<String> {
    let most = match error {
        PlanError::Memory { need, budget, .. } => format!("{} of the {} that it may take", bytes(*need), bytes(*budget)),
        PlanError::NoMemory { bytes: need } => format!("{}, more than this machine gives", bytes(*need)),
        _ => return None,
    };
    Some(format!("what is recorded goes to the disk while the run goes on: held in memory, a run would need {most}"))
}

fn storage(text: &str) -> Result<EdgeStorage, String> {
    let words = EdgeStorage::ALL.map(EdgeStorage::name).join(", ");
    EdgeStorage::of_word(text).ok_or_else(|| format!("expected one of {words}"))
}

/// `200M`, `1.5 GiB`, `800000`: units of 1024; `MB` and the like of 1000.
fn parse(text: &str) -> Result<u64, String> {
    let help = "write bytes, or a number with K, M, G or T, such as 200M or 4G";
    let wrong = || format!("expected an amount of memory, got `{text}`; {help}");
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == ' ');
    let number: f64 = digits.parse().ok().filter(|x: &f64| x.is_finite() && *x > 0.0).ok_or_else(wrong)?;
    let unit = text[digits.len()..].trim().to_ascii_lowercase();
    let (power, base) = match unit.as_str() {
        "" | "b" => (0, 1024f64),
        "k" | "kib" => (1, 1024.0),
        "m" | "mib" => (2, 1024.0),
        "g" | "gib" => (3, 1024.0),
        "t" | "tib" => (4, 1024.0),
        "kb" => (1, 1000.0),
        "mb" => (2, 1000.0),
        "gb" => (3, 1000.0),
        "tb" => (4, 1000.0),
        _ => return Err(wrong()),
    };
    let bytes = number * base.powi(power);
    // whole numbers up to here are exact
    if (1.0..=9e15).contains(&bytes) { Ok(bytes as u64) } else { Err(wrong()) }
}

/// Bytes that this process may still take: of the machine, of every group of processes that it stands in, of its own limit.
/// Files are read below `root`, so that tests can bring their own.
fn free(root: &Path) -> Option<u64> {
    let read = |path: &str| fs::read_to_string(root.join(path)).ok();
    let mut least =
        read("proc/meminfo").and_then(|text| field(&text, "MemAvailable:")).map(|kilobytes| kilobytes.saturating_mul(1024));
    let mut hold = |bytes: Option<u64>| {
        if let Some(bytes) = bytes {
            least = Some(least.map_or(bytes, |known| known.min(bytes)));
        }
    };
    for line in read("proc/self/cgroup").unwrap_or_default().lines() {
        let mut parts = line.splitn(3, ':');
        let (Some(_), Some(controllers), Some(path)) = (parts.next(), parts.next(), parts.next()) else { continue };
        let (folder, limit, used) = match controllers {
            "" => ("sys/fs/cgroup", "memory.max", "memory.current"),
            c if c.split(',').any(|c| c == "memory") => ("sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes"),
            _ => continue,
        };
        let top = root.join(folder);
        // every group above limits those below; a container may see its own group as the top
        let own = top.join(path.trim_start_matches('/'));
        own.ancestors().take_while(|folder| folder.starts_with(&top)).for_each(|folder| hold(left(folder, limit, used)));
    }
    let space = read("proc/self/limits").and_then(|text| field(&text, "Max address space"));
    let taken = read("proc/self/statm").and_then(|text| text.split_whitespace().next()?.parse::<u64>().ok());
    hold(space.zip(taken).map(|(space, pages)| space.saturating_sub(pages.saturating_mul(4096))));
    least
}

/// What a group of processes may still take: its limit less what it has, of which files that are cached can be let go.
fn left(folder: &Path, limit: &str, used: &str) -> Option<u64> {
    let read = |name: &str| fs::read_to_string(PathBuf::from(folder).join(name)).ok();
    let number = |name: &str| read(name)?.trim().parse::<u64>().ok();
    // `max`, or a number near the largest, is no limit
    let limit = number(limit).filter(|bytes| *bytes < 1 << 60)?;
    let cached = read("memory.stat").and_then(|text| field(&text, "inactive_file")).unwrap_or(0);
    Some(limit.saturating_sub(number(used)?.saturating_sub(cached)))
}

/// The first number behind a name.
fn field(text: &str, name: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(name)?.split_whitespace().next()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_as_people_write_them() {
        for (text, bytes) in
            [("200M", 200 << 20), ("4G", 4 << 30), ("1.5 GiB", 3 << 29), ("800000", 800_000), ("12kb", 12_000), ("1t", 1 << 40)]
        {
            assert_eq!(parse(text), Ok(bytes), "{text}");
        }
        for text in ["", "M", "-1G", "0", "0.2", "many", "4X", "1e30T", "nan", "inf"] {
            assert!(parse(text).is_err_and(|e| e.contains("such as 200M")), "{text}");
        }
    }

    #[test]
    fn the_least_of_machine_container_and_process() {
        let root = tempfile::tempdir().unwrap();
        let put = |path: &str, text: &str| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        assert_eq!(free(root.path()), None);
        put("proc/meminfo", "MemTotal: 9000 kB\nMemAvailable:    8000 kB\n");
        assert_eq!(free(root.path()), Some(8000 << 10));
        // the limit of the group above the process's own, its cached files not counted
        put("proc/self/cgroup", "0::/a/b\n");
        put("sys/fs/cgroup/a/b/memory.max", "max\n");
        put("sys/fs/cgroup/a/b/memory.current", "100\n");
        put("sys/fs/cgroup/a/memory.max", "4000000\n");
        put("sys/fs/cgroup/a/memory.current", "1500000\n");
        put("sys/fs/cgroup/a/memory.stat", "anon 1\ninactive_file 500000\n");
        assert_eq!(free(root.path()), Some(3_000_000));
        put("proc/self/cgroup", "5:cpu:/x\n4:memory:/box\n");
        put("sys/fs/cgroup/memory/box/memory.limit_in_bytes", "2000000\n");
        put("sys/fs/cgroup/memory/box/memory.usage_in_bytes", "500000\n");
        put("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
        put("sys/fs/cgroup/memory/memory.usage_in_bytes", "1\n");
        assert_eq!(free(root.path()), Some(1_500_000));
        put("proc/self/limits", "Limit   Soft\nMax address space         1000000  unlimited  bytes\n");
        put("proc/self/statm", "100 50 1\n");
        assert_eq!(free(root.path()), Some(1_000_000 - 409_600));
    }
}
