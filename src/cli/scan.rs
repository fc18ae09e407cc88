//! `synfire scan opsnn`: how long building, running and writing the network of OpSNN take, over neurons and model time, as a law.
//!
//! In: sizes and durations. Out: equations on the screen beside published ones, a table and a page with figures. Not here: the network
//! (`examples/networks/opsnn_coba.toml`), other simulators (`benches/peers/opsnn`).
//!
//! **Source** the published laws: OpSNN (github.com/SpikeAI/2020-12_brainhack_Project7), NEST on a laptop of four cores, SpiNNaker as a
//! service; fitted without intercept to t = a N + b N T, t and T in ms.

mod law;

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use synfire::plot::page::{Page, Section, Table};
use synfire::plot::{Curve, Drawn, Figure, curves};
use synfire::recording::file::write_whole;
use synfire::{Choice, Network, Options};

use super::replot::refused;
use super::signals::{Signals, before_the_first_step};
use super::timed::{Stages, archived};
use super::{Failure, say};
use law::{Law, PUBLISHED, STAGES};

#[derive(Args)]
pub struct Scan {
    /// Which network: that of OpSNN, dead after 0.1 s, or the one that lives
    #[arg(value_enum)]
    network: Which,
    /// Neurons, with commas between
    #[arg(long, value_delimiter = ',', value_name = "LIST", default_value = "225,400,900,1600,2025,3600")]
    neurons: Vec<u32>,
    /// Model time of each, ms, with commas between
    #[arg(long, value_delimiter = ',', value_name = "LIST", default_value = "200,500,1000,2000,3000")]
    times: Vec<u32>,
    /// Runs of each point, of which the median counts
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    repeat: u32,
    /// cpu, or gpu
    #[arg(long, value_enum, default_value_t = EngineName::Cpu)]
    engine: EngineName,
    /// Threads of the processor [default: 1]
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    threads: u16,
    /// Folder for scan.csv and scan.html, on the disk that is measured [default: scan/NETWORK]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Which {
    Opsnn,
    OpsnnLiving,
}

#[derive(Clone, Copy, ValueEnum)]
enum EngineName {
    Cpu,
    Gpu,
}

/// Seconds of each stage at a point, in the order of [`STAGES`].
struct Point {
    neurons: u32,
    ms: u32,
    spikes: u64,
    stages: [f64; STAGES.len()],
}

impl Which {
    fn name(self) -> &'static str {
        match self {
            Which::Opsnn => "opsnn_coba",
            Which::OpsnnLiving => "opsnn_living",
        }
    }

    /// With so many neurons, four of five excitatory. OpSNN keeps the probability of a connection, so does this.
    fn network(self, neurons: u32) -> Result<Network, Failure> {
        let text = match self {
            Which::Opsnn => include_str!("../../examples/networks/opsnn_coba.toml"),
            Which::OpsnnLiving => include_str!("../../examples/networks/opsnn_living.toml"),
        };
        let mut network = Network::from_toml(text, self.name()).map_err(Failure::input)?;
        let excitatory = neurons * 4 / 5;
        for population in &mut network.populations {
            match population.name.as_str() {
                "exc" => population.size = Some(excitatory.into()),
                "inh" => population.size = Some((neurons - excitatory).into()),
                _ => {}
            }
        }
        Ok(network)
    }
}

impl Scan {
    pub fn run(&self, signals: &Signals) -> Result<(), Failure> {
        if let Some(few) = self.neurons.iter().find(|neurons| **neurons < 10) {
            return Err(Failure::input(format!("error: --neurons: {few} are too few for this network\n  help: 10 or more")));
        }
        if self.times.contains(&0) {
            return Err(Failure::input("error: --times: a run of 0 ms takes no time\n  help: 1 or more, in ms"));
        }
        let folder = self.out.clone().unwrap_or_else(|| PathBuf::from("scan").join(self.network.name()));
        std::fs::create_dir_all(&folder).map_err(|e| Failure::write(&folder, &e))?;
        signals.heed();
        let mut points = Vec::new();
        let mut engine = String::new();
        for &neurons in &self.neurons {
            for &ms in &self.times {
                let mut all = Vec::new();
                for _ in 0..self.repeat {
                    if let Some(signal) = signals.came() {
                        return Err(before_the_first_step(signal));
                    }
                    let (point, of) = self.point(neurons, ms, &folder, signals)?;
                    engine = of;
                    all.push(point);
                }
                points.push(median(all));
            }
        }
        let laws =
            STAGES.map(|stage| stage.0).iter().enumerate().map(|(k, _)| Law::fitted(&values(&points, k))).collect::<Vec<_>>();
        let table = self.table(&laws);
        say(format_args!("{}: {} points, {} runs each, {engine}", self.network.name(), points.len(), self.repeat));
        say(law::in_words(&laws));
        self.write(&folder, &points, &laws, table, &engine)?;
        say(format_args!("written to {}: scan.csv, scan.html", folder.display()));
        Ok(())
    }

    /// One run, and what it ran on.
    fn point(&self, neurons: u32, ms: u32, folder: &Path, signals: &Signals) -> Result<(Point, String), Failure> {
        let network = self.network.network(neurons)?;
        let engine = match self.engine {
            EngineName::Cpu => Choice::Cpu,
            EngineName::Gpu => Choice::Gpu,
        };
        let mut simulation = network.compile(&Options::default().engine(engine).threads(Some(self.threads.into())))?;
        let Stages { build_s, first_step_s, run_s, write_s, sync_s } = archived(&mut simulation, f64::from(ms), folder, signals)?;
        let identity = simulation.identity();
        let stages = [build_s, first_step_s + run_s, write_s, sync_s];
        let point = Point { neurons, ms, spikes: simulation.spike_count(), stages };
        let threads = if identity.threads > 0 { format!(", {} thread(s)", identity.threads) } else { String::new() };
        Ok((point, format!("{} on {}, {}{threads}", identity.engine, identity.adapter, identity.precision)))
    }

    /// The laws, ours and those that are published.
    fn table(&self, laws: &[Law]) -> Table {
        let mut table = Table::new([
            "simulator",
            "stage",
            "ms per neuron (a)",
            "ms per neuron and ms (b)",
            "1000 neurons, 1 s (ms)",
            "times ours",
        ]);
        let mut add = |simulator: &str, stage: &str, law: &Law, ours: Option<&Law>| {
            let at = law.at(1000.0, 1000.0);
            let times = ours.map_or_else(|| "1".into(), |ours| format!("{:.0}", at / ours.at(1000.0, 1000.0)));
            let cells = [simulator, stage, &law::digits(law.a), &law::digits(law.b), &law::digits(at), &times].map(str::to_string);
            table = std::mem::take(&mut table).row(cells);
        };
        for ((stage, _), law) in STAGES.iter().zip(laws) {
            add("synfire", stage, law, None);
        }
        for (simulator, published) in PUBLISHED {
            for (k, law) in published.iter().enumerate() {
                add(simulator, STAGES[k].0, law, Some(&laws[k]));
            }
        }
        table
    }

    fn write(&self, folder: &Path, points: &[Point], laws: &[Law], table: Table, engine: &str) -> Result<(), Failure> {
        write_whole(folder.join("scan.csv"), |out| {
            writeln!(out, "neurons,ms,spikes,build_s,run_s,write_s,sync_s")?;
            for point in points {
                let stages = point.stages.map(|s| s.to_string()).join(",");
                writeln!(out, "{},{},{},{stages}", point.neurons, point.ms, point.spikes)?;
            }
            Ok(())
        })?;
        let caption = "Each simulator's time in ms as a N + b N T, fitted without intercept: N neurons, T ms of model time. Those of NEST and SpiNNaker are \
            published (OpSNN; their write is to the format named, and holds the wait for the disk or not, as their system has it).";
        let mut page = Page::new(format!("{}: time of each stage", self.network.name())).lead(format!(
            "{} points, {} runs each, medians; {engine}. Written are npz archives of all spikes and two potentials.",
            points.len(),
            self.repeat
        ));
        page = page.section(Section::new("Laws").table(table.caption(caption)));
        for (k, ((stage, what), law)) in STAGES.iter().zip(laws).enumerate() {
            let caption = format!(
                "{what}, over the number of neurons: points are measured, lines the law; a colour for each model time. {}",
                law.told()
            );
            let drawn = |width: u32| self.figure(points, k, law, width);
            let (wide, narrow) = (drawn(900)?, drawn(360)?);
            page = page.section(Section::new(format!("{stage}: {what}")).figure(&wide, Some(&narrow), caption));
        }
        page.save(folder.join("scan.html")).map_err(refused)
    }

    /// A stage over neurons, a colour for each model time.
    fn figure(&self, points: &[Point], stage: usize, law: &Law, width: u32) -> Result<Figure, Failure> {
        let mut all = Vec::new();
        for (n, &ms) in self.times.iter().enumerate() {
            let own =
                points.iter().filter(|point| point.ms == ms).map(|point| (f64::from(point.neurons), 1e3 * point.stages[stage]));
            let own: Vec<(f64, f64)> = own.collect();
            let line = own.iter().map(|(neurons, _)| (*neurons, law.at(*neurons, f64::from(ms)))).collect::<Vec<_>>();
            all.push(Curve::new(format!("{ms} ms"), own, Drawn::Points, n));
            all.push(Curve::new("", line, Drawn::Line, n));
        }
        curves(&all, ("neurons", "time (ms)"), None, width).map_err(refused)
    }
}

/// Neurons, ms, and ms of a stage.
fn values(points: &[Point], stage: usize) -> Vec<[f64; 3]> {
    points.iter().map(|point| [f64::from(point.neurons), f64::from(point.ms), 1e3 * point.stages[stage]]).collect()
}

/// Of each stage.
fn median(mut all: Vec<Point>) -> Point {
    let middle = all.len() / 2;
    let stages = std::array::from_fn(|k| {
        let mut times: Vec<f64> = all.iter().map(|point| point.stages[k]).collect();
        times.sort_by(f64::total_cmp);
        times[middle]
    });
    let last = all.swap_remove(middle);
    Point { stages, ..last }
}
