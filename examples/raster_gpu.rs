//! A balanced network on the GPU: 2000 excitatory and 500 inhibitory neurons with delta synapses (Brunel 2000, the
//! asynchronous irregular state), its spikes and some potentials read back and drawn.
//!
//! `cargo run --release --example raster_gpu [FOLDER]`; the engine is the best adapter of the machine, a software one too.

use std::path::PathBuf;

use synfire::engine::gpu::adapters;
use synfire::network::{Connector, Network, Waveform, value::uniform};
use synfire::plot::{FigureOptions, figure};
use synfire::{Choice, Options};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args_os().nth(1).map_or_else(std::env::temp_dir, PathBuf::from);
    let mut net = Network::new("brunel_2500");
    net.dt("0.1 ms").seed(1);
    for (name, size) in [("exc", 2000), ("inh", 500)] {
        net.population(name, "lif_psc_delta", size)
            .parameter("c_m", "250 pF")
            .parameter("tau_m", "20 ms")
            .parameter("e_leak", "0 mV")
            .parameter("v_th", "20 mV")
            .parameter("v_reset", "10 mV")
            .parameter("t_ref", "2 ms")
            .initial("v", uniform("0 mV", "20 mV"));
        // twice the rate that alone would hold the mean at the threshold, 20 mV/(0.5 mV * 20 ms)
        net.stimulate(name, "delta", Waveform::poisson("4 kHz", "0.5 mV"));
        net.probe(name, "spikes").rows(0..size / 5);
    }
    for target in ["exc", "inh"] {
        net.project("exc", target, "delta", Connector::indegree(200)).weight("0.5 mV").delay("1.5 ms");
        net.project("inh", target, "delta", Connector::indegree(50)).weight("-2.5 mV").delay("1.5 ms");
    }
    net.probe("exc", "v").rows([0, 1]);

    let engine = if adapters().is_empty() { Choice::Cpu } else { Choice::Gpu };
    let mut simulation = net.compile(&Options::default().engine(engine))?;
    simulation.run(500.0)?;

    let on = simulation.identity();
    let options = FigureOptions::default().title(format!("Brunel network, 2500 neurons, on {}", on.adapter));
    let picture = figure(simulation.recording(), &options)?;
    std::fs::create_dir_all(&folder)?;
    for name in ["raster_gpu.svg", "raster_gpu.png"] {
        picture.save(folder.join(name))?;
        println!("{} spikes, drawn in {}", simulation.spike_count(), folder.join(name).display());
    }
    Ok(())
}
