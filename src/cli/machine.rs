//! On what a network runs: engine, adapter, precision, threads, memory, schedule, as arguments of several commands.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use synfire::{Choice, Options, Precision};

use super::memory::Budget;
use super::scheduled::Scheduled;

#[derive(Args)]
pub struct Machine {
    /// auto: a hardware GPU that can run the network, else the processor
    #[arg(long, value_enum, default_value_t = EngineName::Auto)]
    engine: EngineName,
    /// A GPU by a part of its name, software adapters too (see `synfire doctor`)
    #[arg(long, value_name = "NAME", conflicts_with = "engine")]
    pub adapter: Option<String>,
    /// What the processor computes with
    #[arg(long, value_enum, default_value_t = PrecisionName::F32)]
    precision: PrecisionName,
    /// Threads of the processor; results do not depend on it [default: all cores]
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
    #[command(flatten)]
    pub budget: Budget,
    #[command(flatten)]
    scheduled: Scheduled,
}

#[derive(Clone, Copy, ValueEnum)]
enum EngineName {
    Auto,
    Gpu,
    Cpu,
}

#[derive(Clone, Copy, ValueEnum)]
enum PrecisionName {
    F32,
    F64,
}

impl Machine {
    /// `folder`: of the tables that the network names.
    pub fn options(&self, folder: PathBuf) -> Options {
        let engine = match (&self.adapter, self.engine) {
            (Some(name), _) => Choice::Adapter(name.clone()),
            (None, EngineName::Auto) => Choice::Auto,
            (None, EngineName::Gpu) => Choice::Gpu,
            (None, EngineName::Cpu) => Choice::Cpu,
        };
        Options::default()
            .engine(engine)
            .precision(self.precision())
            .threads(self.threads.map(usize::from))
            .schedule(self.scheduled.settings())
            .folder(folder)
            .memory_budget(self.budget.bytes())
            .connectivity(self.budget.connectivity())
    }

    fn precision(&self) -> Precision {
        match self.precision {
            PrecisionName::F32 => Precision::F32,
            PrecisionName::F64 => Precision::F64,
        }
    }

    /// As they are written behind another command.
    pub fn words(&self) -> Vec<String> {
        let mut out: Vec<String> = Vec::new();
        match &self.adapter {
            Some(name) => out.extend(["--adapter".into(), name.clone()]),
            None => out.extend(["--engine".into(), self.engine().into()]),
        }
        out.extend(["--precision".into(), self.precision_told().into()]);
        if let Some(threads) = self.threads {
            out.extend(["--threads".into(), threads.to_string()]);
        }
        out
    }

    fn engine(&self) -> &'static str {
        match self.engine {
            EngineName::Auto => "auto",
            EngineName::Gpu => "gpu",
            EngineName::Cpu => "cpu",
        }
    }

    fn precision_told(&self) -> &'static str {
        match self.precision {
            PrecisionName::F32 => "f32",
            PrecisionName::F64 => "f64",
        }
    }

    /// What numbers depend on: which engine was asked for, and its numbers.
    pub fn told(&self) -> String {
        format!("{}, {}", self.adapter.as_deref().unwrap_or(self.engine()), self.precision_told())
    }
}
