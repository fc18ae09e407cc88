//! A first raster: the program of the README.

use synfire::network::{Connector, Network, Waveform, value::uniform};
use synfire::plot::{FigureOptions, figure};
use synfire::{Choice, Options};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut net = Network::new("first_raster");
    net.dt("0.1 ms").seed(1);
    net.population("exc", "lif_cond_exp", 320).initial("v", uniform("-60 mV", "-50 mV"));
    net.population("inh", "lif_cond_exp", 80).initial("v", uniform("-60 mV", "-50 mV"));
    for target in ["exc", "inh"] {
        // each pair is connected with probability 0.1
        net.project("exc", target, "g_exc", Connector::probability(0.1)).weight("3 nS").delay("1 ms");
        net.project("inh", target, "g_inh", Connector::probability(0.1)).weight("40 nS").delay("1.5 ms");
        // 1000 spikes/s from outside, for every neuron on its own
        net.stimulate(target, "g_exc", Waveform::poisson("1 kHz", "2.5 nS"));
        net.probe(target, "spikes");
    }
    net.probe("exc", "v").rows([0, 1]);

    let mut simulation = net.compile(&Options::default().engine(Choice::Cpu))?;
    simulation.run(500.0)?; // ms

    let picture = figure(simulation.recording(), &FigureOptions::default())?;
    std::fs::create_dir_all("run")?;
    picture.save("run/first_raster.svg")?;
    println!("{} spikes, drawn in run/first_raster.svg", simulation.spike_count());
    Ok(())
}
