//! The window of spike-timing-dependent plasticity: 81 pairs of neurons, each with its own time between two spikes, and what that
//! does to the weight of the synapse between them. Draws run/stdp_window.png: the weights while it happens.

use synfire::network::{Connector, Network};
use synfire::plot::{FigureOptions, figure};
use synfire::{Choice, Options, Precision};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let lags: Vec<f64> = (-40..=40).map(|k| f64::from(k) * 2.5).collect();
    let mut net = Network::new("stdp window");
    net.equations(
        "
        synapse pair
          param w_max = 1, a_plus = 0.01, a_minus = 0.0105, tau_plus = 20 ms, tau_minus = 20 ms
          state w = 0.5 (from 0 to w_max)
          state x = 0, y = 0
          dx/dt = -x/tau_plus
          dy/dt = -y/tau_minus
          on_pre  w -= a_minus*w_max*y
          on_post w += a_plus*w_max*x; y += 1
          on_pre  x += 1
        ",
    );
    let count = lags.len() as u64;
    net.population("pre", "spike_times", count).spike_times(vec![vec![110.0]; lags.len()]);
    // the delay of 0.1 ms lies before the synapse: the spike of 110 ms is there at 110.1 ms
    net.population("post", "spike_times", count).spike_times(lags.iter().map(|lag| vec![110.1 + lag]).collect());
    net.project_by("pre", "post", "pair", Connector::OneToOne).delay("0.1 ms").named("pairs");
    net.probe_synapses("pairs", "w").rows([8, 32, 38, 40, 42, 48, 72]).every("1 ms");

    let mut sim = net.compile(&Options::default().engine(Choice::Cpu).precision(Precision::F64))?;
    sim.run(220.0)?;
    println!("post - pre (ms)   change of the weight");
    for (lag, w) in lags.iter().zip(sim.synapse_state("pairs", "w")?) {
        println!("{lag:>15.1}   {:+.6}", w - 0.5);
    }
    std::fs::create_dir_all("run")?;
    figure(sim.recording(), &FigureOptions::default())?.save("run/stdp_window.png")?;
    Ok(())
}
