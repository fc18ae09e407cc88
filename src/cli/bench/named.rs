//! The benchmarks by name: the network file of each, what is set of it, and how its size is chosen.
//!
//! In: a name, or the path of a network file, a number of neurons or a scale. Out: a description. Not here: what is measured.

use std::path::{Path, PathBuf};

use synfire::Network;
use synfire::network::Change;
use synfire::units::nearest;

use crate::cli::Failure;

/// A benchmark.
pub struct Named {
    pub name: &'static str,
    /// In a sentence.
    pub what: &'static str,
    /// What messages call the text.
    pub file: &'static str,
    text: &'static str,
    /// What differs from the file, as `--set` has it.
    settings: &'static [(&'static str, &'static str)],
    /// `None`: it has one size.
    sized: Option<Sizes>,
    /// Instances side by side.
    pub instances: u32,
}

/// Neurons at scale 1, and the changes that make a size of so many neurons.
type Sizes = (u64, fn(u64) -> Changes);

/// What is set to which value.
type Changes = Vec<(&'static str, String)>;

/// What is to be run: its name, its description, where the tables that it names lie.
pub struct Chosen {
    pub name: String,
    pub network: Network,
    pub folder: PathBuf,
    /// Instances, where nothing else is asked for.
    pub instances: u32,
}

/// How large it shall be; `None`: as the file has it.
#[derive(Clone, Copy, Default)]
pub struct Wanted {
    pub neurons: Option<u64>,
    pub scale: Option<f64>,
}

macro_rules! example {
    ($file:literal) => {
        ($file, include_str!(concat!("../../../examples/networks/", $file)))
    };
}

const fn named(name: &'static str, what: &'static str, (file, text): (&'static str, &'static str)) -> Named {
    Named { name, what, file, text, settings: &[], sized: None, instances: 1 }
}

/// All of them, in the order in which they are listed.
pub const ALL: &[Named] = &[
    Named {
        sized: Some((4000, vogels_abbott)),
        ..named("coba", "Vogels and Abbott's network, conductances, 80 inputs a cell at any size", example!("coba_4000.toml"))
    },
    Named { sized: Some((4000, vogels_abbott)), ..named("cuba", "the same with currents", example!("cuba_4000.toml")) },
    Named {
        settings: &[("constants.N", "12500"), ("constants.jump", "0.1 mV")],
        sized: Some((12_500, cells)),
        ..named("brunel", "Brunel's network of delta synapses, a tenth of all cells onto each", example!("brunel_2000.toml"))
    },
    Named {
        sized: Some((10_000, cells)),
        ..named("sparse", "a hundred synapses a cell at any size, with a weight and a delay each", example!("sparse.toml"))
    },
    Named {
        sized: Some((77_169, |n| scale(n, 77_169))),
        ..named("pd14", "the cortical microcircuit of Potjans and Diesmann, scale 0.1 if not said", example!("microcircuit.toml"))
    },
    Named {
        sized: Some((11_250, |n| scale(n, 11_250))),
        ..named(
            "hpc",
            "NEST's hpc_benchmark, whose excitatory synapses learn; inputs cut to a tenth",
            example!("hpc_benchmark.toml"),
        )
    },
    Named {
        settings: &[("duration", "10 s")],
        ..named("song", "1,000 Poisson inputs whose synapses onto one cell learn", example!("stdp_song_2000.toml"))
    },
    Named {
        settings: &[("duration", "1 s")],
        ..named("balance", "10,000 cells whose inhibitory synapses learn (Vogels et al. 2011)", example!("balance_10000.toml"))
    },
    named("decision", "two pools with NMDA receptors that compete (Wang 2002)", example!("decision.toml")),
    named("hh", "4,000 cells of Hodgkin and Huxley's kind (Brette et al. 2007, benchmark 3)", example!("hh_4000.toml")),
    Named {
        sized: Some((1000, cells)),
        ..named("sns", "SNS-Toolbox's sparse network of non-spiking neurons", example!("sns_sparse.toml"))
    },
    Named {
        settings: &[
            ("exc.size", "800"),
            ("inh.size", "200"),
            ("exc -> exc.connector.p", "0.08"),
            ("exc -> inh.connector.p", "0.08"),
            ("inh -> exc.connector.p", "0.08"),
            ("inh -> inh.connector.p", "0.08"),
        ],
        instances: 64,
        ..named("ensemble", "64 instances of COBA of 1,000 cells, side by side", example!("coba_4000.toml"))
    },
];

/// Four of five are excitatory, and each cell has as many inputs as at 4,000.
fn vogels_abbott(n: u64) -> Changes {
    let p = 80.0 / n as f64;
    let pairs = ["exc -> exc.connector.p", "exc -> inh.connector.p", "inh -> exc.connector.p", "inh -> inh.connector.p"];
    let sizes = [("exc.size", (n * 4 / 5).to_string()), ("inh.size", (n - n * 4 / 5).to_string())];
    sizes.into_iter().chain(pairs.map(|pair| (pair, p.to_string()))).collect()
}

fn cells(n: u64) -> Changes {
    vec![("constants.N", n.to_string())]
}

fn scale(n: u64, full: u64) -> Changes {
    vec![("constants.scale", (n as f64 / full as f64).to_string())]
}

impl Wanted {
    /// As the options have it.
    fn asked(self) -> String {
        match (self.neurons, self.scale) {
            (Some(n), _) => format!("--n {n}"),
            (None, Some(scale)) => format!("--scale {scale}"),
            (None, None) => String::new(),
        }
    }
}

/// The description of a benchmark or of a file, of a size, with the changes that were asked for.
///
/// **Errors** a name that is none; a size that it cannot have; what is wrong with the file or a change.
pub fn chosen(name: &str, wanted: Wanted, changes: &[Change]) -> Result<Chosen, Failure> {
    if let Some(named) = ALL.iter().find(|named| named.name == name) {
        let mut all: Vec<Change> = named.settings.iter().map(|(key, value)| Change::new(key, value)).collect();
        all.extend(named.of_size(wanted)?);
        all.extend_from_slice(changes);
        let network = Network::from_toml_changed(named.text, named.file, &all).map_err(Failure::input)?;
        return Ok(Chosen { name: name.into(), network, folder: PathBuf::from("."), instances: named.instances });
    }
    let path = Path::new(name);
    if path.extension().is_none() && !path.exists() {
        let near = nearest(name, ALL.iter().map(|named| named.name));
        let help = near.map_or_else(
            || "`synfire bench` lists them; a network file has a name that ends in .toml or .json".into(),
            |near| format!("did you mean `{near}`?"),
        );
        return Err(Failure::input(format!("error: there is no benchmark `{name}`\n  help: {help}")));
    }
    let mut all = Vec::new();
    if let Some(n) = wanted.neurons {
        all.push(Change::new("constants.N", &n.to_string()).asked(&wanted.asked()));
    }
    if let Some(scale) = wanted.scale {
        all.push(Change::new("constants.scale", &scale.to_string()).asked(&wanted.asked()));
    }
    all.extend_from_slice(changes);
    let network = Network::load_changed(path, &all).map_err(Failure::input)?;
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Ok(Chosen { name: stem, network, folder: folder.into(), instances: 1 })
}

impl Named {
    fn of_size(&self, wanted: Wanted) -> Result<Vec<Change>, Failure> {
        let asked = wanted.asked();
        if asked.is_empty() {
            return Ok(Vec::new());
        }
        let Some((full, made)) = self.sized else {
            let help = format!("leave {asked} away; `synfire bench` says which have any size");
            return Err(Failure::input(format!("error: `{}` has one size\n  help: {help}", self.name)));
        };
        let n = match (wanted.neurons, wanted.scale) {
            (None, Some(scale)) => (scale * full as f64).round() as u64,
            (n, _) => n.unwrap_or(full),
        };
        if n < 100 {
            let help = format!("100 or more; scale 1 is {full}");
            return Err(Failure::input(format!("error: {asked}: {n} neurons are too few for `{}`\n  help: {help}", self.name)));
        }
        // a scale as it was given, not as whole neurons make it
        let exact = |(key, value): (&str, String)| match wanted.scale {
            Some(scale) if key == "constants.scale" => (key.to_string(), scale.to_string()),
            _ => (key.to_string(), value),
        };
        Ok(made(n).into_iter().map(exact).map(|(key, value)| Change::new(&key, &value).asked(&asked)).collect())
    }

    /// `any size` or `one size`.
    pub fn sizes(&self) -> String {
        self.sized.map_or_else(|| "one size".into(), |(full, _)| format!("{full} at scale 1"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_benchmark_is_read_at_its_size_and_at_another() {
        for named in ALL {
            let chosen = |wanted: Wanted| chosen(named.name, wanted, &[]);
            assert!(chosen(Wanted::default()).is_ok(), "{}: {:?}", named.name, chosen(Wanted::default()).err());
            let other = chosen(Wanted { neurons: Some(1000), scale: None });
            assert_eq!(other.is_ok(), named.sized.is_some(), "{}: {:?}", named.name, other.err());
            let few = chosen(Wanted { neurons: None, scale: Some(1e-6) });
            assert!(few.is_err_and(|e| e.message.contains("--scale 0.000001") || e.message.contains("one size")), "{}", named.name);
        }
    }
}
