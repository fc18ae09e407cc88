//! Short-term plasticity of Tsodyks and Markram: one burst of spikes arrives over a synapse that depresses and over one that
//! facilitates, and then a last spike when both have recovered a little. Draws run/bursts.png: the conductances, and what is left.

use synfire::network::{Connector, Network};
use synfire::plot::{FigureOptions, figure};
use synfire::{Choice, Options};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut net = Network::new("bursts");
    // eight spikes at 20 Hz, and one half a second later
    let mut times: Vec<f64> = (0..8).map(|k| 50.0 + 50.0 * f64::from(k)).collect();
    times.push(900.0);
    net.population("burst", "spike_times", 1).spike_times(vec![times]);
    for (target, synapse, [u_0, tau_rec, tau_fac]) in
        [("depressed", "to depressed", ["0.5", "800 ms", "1 ms"]), ("facilitated", "to facilitated", ["0.1", "100 ms", "1 s"])]
    {
        net.population(target, "lif_cond_exp", 1);
        net.project_by("burst", target, "tm2", Connector::AllToAll)
            .parameter("w", "20 nS")
            .parameter("u_0", u_0)
            .parameter("tau_rec", tau_rec)
            .parameter("tau_fac", tau_fac)
            .delay("1 ms")
            .named(synapse);
        net.probe(target, "g_exc");
        net.probe(target, "v");
        net.probe_synapses(synapse, "x").every("1 ms");
        net.probe_synapses(synapse, "u").every("1 ms");
    }
    let mut sim = net.compile(&Options::default().engine(Choice::Cpu))?;
    sim.run(1000.0)?;
    for trace in sim.recording().traces.iter().filter(|t| t.variable == "g_exc") {
        let peak = |from: f64| {
            let first = (from / 0.1) as usize;
            trace.values[first..first + 100].iter().copied().fold(0.0, f64::max)
        };
        println!(
            "{}: first spike {:.2} nS, eighth {:.2} nS, last {:.2} nS",
            trace.population,
            peak(50.0),
            peak(400.0),
            peak(900.0)
        );
    }
    std::fs::create_dir_all("run")?;
    figure(sim.recording(), &FigureOptions::default())?.save("run/bursts.png")?;
    Ok(())
}
