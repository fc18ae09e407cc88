use synfire::network::value::uniform;
use synfire::network::{Connector, Waveform};
use synfire::*;
fn main() -> Result<(), Error> {
    let method = std::env::args().nth(1).unwrap_or("exponential_euler".into());
    let kind = std::env::args().nth(2).unwrap_or("coba".into());
    let f64_ = std::env::args().nth(3).is_some();
    let mut net = Network::new("coba");
    let coba = kind == "coba";
    for (name, n) in [("exc", 3200), ("inh", 800)] {
        let p = net.population(name, if coba { "lif_cond_exp" } else { "lif_psc_exp" }, n);
        p.initial("v", uniform("-60 mV", "-50 mV"));
        if coba { p.method(&method); } else {
            p.parameter("c_m","200 pF").parameter("tau_m","20 ms").parameter("e_leak","-49 mV").parameter("v_th","-50 mV").parameter("v_reset","-60 mV").parameter("t_ref","5 ms").parameter("tau_exc","5 ms").parameter("tau_inh","10 ms");
        }
        net.probe(name, "spikes");
    }
    for t in ["exc", "inh"] {
        for s in ["exc", "inh"] {
            let (port, w) = match (coba, s) { (true,"exc") => ("g_exc", "6 nS"), (true,_) => ("g_inh", "67 nS"), (false,"exc") => ("i_exc","16.2 pA"), _ => ("i_inh","-90 pA") };
            net.project(s, t, port, Connector::probability(0.02)).weight(w).delay(if coba {"0.1 ms"} else {"0.2 ms"});
        }
    }
    if coba { net.stimulate("exc", "g_exc", Waveform::poisson("300 Hz", "6 nS")).rows(0..50).from("1 ms").until("51 ms"); }
    let o = Options { engine: Choice::Cpu, precision: if f64_ { Precision::F64 } else { Precision::F32 }, threads: Some(1), ..Options::default() };
    let mut sim = net.compile(&o)?;
    for g in &sim.plan().groups { println!("{} {} window {} slots {} ports {:?}", g.label, g.rule.method, sim.plan().window, sim.plan().slots, g.ports); }
    println!("{:?}", sim.identity());
    for _ in 0..3 {
        sim.reset()?;
        let t = std::time::Instant::now();
        sim.run(1000.0)?;
        println!("{:.4} s, {} spikes, {:.2} Hz {:?}", t.elapsed().as_secs_f64(), sim.spike_count(), sim.spike_count() as f64 / 4000.0, sim.timings());
    }
    Ok(())
}
