//! Faults that were found by trying synfire hard, each held by a test with the right value. Small files: tests/reference/faults.

mod addresses;
mod budget;
mod desk;
mod finite;
mod kills;
mod places;
mod refused;
mod snapshots;
mod sums;
mod time;
mod writes;

use std::path::PathBuf;

use synfire::{Choice, Error, Network, Options, Precision, Simulation};

/// Every engine that a fault must be right on: the processor in single and double precision, and the software GPU.
const ENGINES: [(&str, Precision); 3] = [("cpu", Precision::F32), ("cpu", Precision::F64), ("gpu", Precision::F32)];

fn folder() -> PathBuf {
    super::root().join("tests/reference/faults")
}

/// A network of the folder of faults.
fn fault(name: &str) -> Network {
    Network::load(folder().join(format!("{name}.toml"))).unwrap_or_else(|report| panic!("{report}"))
}

fn options(engine: &str, precision: Precision) -> Options {
    let engine = if engine == "gpu" { Choice::Adapter("llvmpipe".into()) } else { Choice::Cpu };
    Options::default().engine(engine).precision(precision)
}

/// The network on one of [`ENGINES`].
fn compiled(network: &Network, (engine, precision): (&str, Precision)) -> Result<Simulation, Error> {
    network.compile(&options(engine, precision))
}
