//! A model of one's own: the neuron of FitzHugh (1961) and Nagumo (1962), without units, and what a stimulus does to it.
//! Weak currents leave it at rest, middle ones make it fire again and again, strong ones block it.

use synfire::network::{Network, Waveform};
use synfire::{Choice, Options};

const FITZHUGH_NAGUMO: &str = "
neuron fitzhugh_nagumo
  param a = 0.7, b = 0.8, tau = 12.5 ms, tau_v = 1 ms
  state v = -1.2, w = -0.62
  input i_stim : 1
  dv/dt = (v - v**3/3 - w + i_stim)/tau_v
  dw/dt = (v + a - b*w)/tau
  threshold v >= 1              # a level: nothing is reset,
  rearm     v < 0               # and the next spike counts when v was below 0
";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let currents: Vec<f64> = (0..10).map(|k| 0.2 * f64::from(k)).collect();
    let mut net = Network::new("fitzhugh_nagumo");
    net.equations(FITZHUGH_NAGUMO).dt("0.05 ms");
    net.population("cells", "fitzhugh_nagumo", currents.len() as u64);
    net.stimulate("cells", "i_stim", Waveform::constant(currents.clone()));
    net.probe("cells", "spikes");

    let mut simulation = net.compile(&Options::default().engine(Choice::Cpu))?;
    simulation.run(500.0)?;
    let spikes = &simulation.recording().spikes[0];
    for (neuron, current) in currents.iter().enumerate() {
        let count = spikes.neuron.iter().filter(|n| **n as usize == neuron).count();
        println!("current {current:.1}: {count:>3} spikes in 0.5 s");
    }
    Ok(())
}
