//! The network of Vogels and Abbott (2005) built in Rust: 4000 neurons with conductances, a kick, then a life of its own.
//! The same as `networks/coba_4000.toml`; draws run/coba.svg.

use synfire::network::{Connector, Network, Waveform, value::uniform};
use synfire::plot::{FigureOptions, figure};
use synfire::{Choice, Options};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut net = Network::new("coba");
    net.dt("0.1 ms").seed(1);
    for (name, size) in [("exc", 3200), ("inh", 800)] {
        // the parameters of benchmark 1 of Brette et al. (2007) are those of the ready model
        net.population(name, "lif_cond_exp", size).initial("v", uniform("-60 mV", "-50 mV"));
        net.probe(name, "spikes");
    }
    for target in ["exc", "inh"] {
        net.project("exc", target, "g_exc", Connector::probability(0.02)).weight("6 nS").delay("0.1 ms");
        net.project("inh", target, "g_inh", Connector::probability(0.02)).weight("67 nS").delay("0.1 ms");
    }
    net.stimulate("exc", "g_exc", Waveform::poisson("300 Hz", "6 nS")).rows(0..50).from("1 ms").until("51 ms");
    net.probe("exc", "v").rows([0, 1]);

    let mut simulation = net.compile(&Options::default().engine(Choice::Cpu))?;
    simulation.run(1000.0)?;
    for train in &simulation.recording().spikes {
        println!("{}: {:.1} spikes/s", train.population, train.step.len() as f64 / f64::from(train.size));
    }
    std::fs::create_dir_all("run")?;
    figure(simulation.recording(), &FigureOptions::default())?.save("run/coba.svg")?;
    Ok(())
}
