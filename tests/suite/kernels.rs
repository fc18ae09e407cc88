//! Kernels for reading: one model of each kind against a file that a person has read (`tests/suite/kernels`), and what
//! `explain` counts against what an engine does.
//!
//! `SYNFIRE_UPDATE=1 cargo test --test suite kernels` writes the files anew: read the difference before it is committed.

use std::fs;
use std::process::Command;

use synfire::network::value::uniform;
use synfire::network::{Connector, Network, Waveform};
use synfire::plan::schedule::{self, Machine, Schedule, Settings};
use synfire::{Choice, Options, wgsl};

/// A network of each kind, and a schedule under which it is shown.
fn kinds() -> Vec<(&'static str, Schedule, Network)> {
    use Schedule::{Fused, Resident, TwoPass};
    let spiking = |name: &str, model: &str, ports: &[(&str, &str)]| {
        let mut net = Network::new(name);
        net.dt("0.1 ms").seed(1);
        net.population("cells", model, 100);
        for (port, weight) in ports {
            let projection = net.project("cells", "cells", *port, Connector::probability(0.1));
            projection.weight(*weight).delay(uniform("0.5 ms", "2 ms"));
        }
        net.probe("cells", "v").rows(0..10);
        net
    };
    let mut noisy = Network::new("noisy");
    noisy.dt("0.1 ms").equations(
        "
        neuron noisy
          param tau = 10 ms, sigma = 2 mV, v_th = 12 mV
          state v = 0 mV
          input kick -> v
          dv/dt = (10 mV - v)/tau + sigma*sqrt(2/tau)*xi
          threshold v >= v_th
          reset v = 0 mV
    ",
    );
    noisy.population("cells", "noisy", 100);
    noisy.stimulate("cells", "kick", Waveform::poisson("1 kHz", "0.1 mV")).rows([1, 5, 77]);
    let mut graded = Network::new("graded");
    graded.dt("0.1 ms").equations(
        "
        neuron rate
          param tau = 20 ms
          state x = 0
          input drive : kHz
          dx/dt = -x/tau + drive
        synapse soft
          param w = 0.01 kHz
          graded drive += w*tanh(pre.x - 0.5*post.x)
    ",
    );
    graded.population("cells", "rate", 100);
    graded.project_by("cells", "cells", "soft", Connector::probability(0.1)).parameter("w", uniform("-9 Hz", "9 Hz"));
    let mut matrix = graded.clone();
    matrix.name = "matrix".into();
    matrix.projections.clear();
    matrix.project_by("cells", "cells", "soft", Connector::probability(0.8)).parameter("w", uniform("-9 Hz", "9 Hz"));
    // a population per neuron: projections that are advanced as one
    let mut by_hand = Network::new("by_hand");
    by_hand.dt("0.1 ms");
    ["a", "b", "c"].iter().for_each(|name| _ = by_hand.population(*name, "spiking_adaptive", 1));
    for (k, (source, target)) in [("a", "b"), ("b", "a"), ("b", "c"), ("a", "c"), ("c", "a")].into_iter().enumerate() {
        let synapse = by_hand.project_by(source, target, "spiking_synapse", Connector::AllToAll);
        synapse.parameter("g_max", format!("{} nS", 10 + k)).parameter("increment", "9 nS").delay("0.5 ms");
    }
    // pairs of spikes, delays that differ, a depression that differs from synapse to synapse
    let mut learning = Network::new("learning");
    learning.dt("0.1 ms").equations(
        "
        synapse pair
          param w_max = 60 pA, a_plus = 0.05, a_minus = 0.06
          state w = 30 pA (from 0 pA to w_max), c = 0
          state x = 0, y = 0
          dx/dt = -x/(20 ms)
          dy/dt = -y/(20 ms)
          dc/dt = -c/(50 ms)
          on_pre w -= a_minus*w_max*y; i_exc += w
          on_post w += a_plus*w_max*x*c; y += 1; c += rand()
          on_pre x += 1
    ",
    );
    learning.population("in", "spike_times", 10).spike_times(vec![vec![1.0]; 10]);
    learning.population("cells", "lif_psc_exp", 100);
    let projection = learning.project_by("in", "cells", "pair", Connector::probability(0.3));
    projection.delay(uniform("0.5 ms", "2 ms")).parameter("a_minus", uniform("0.01", "0.06"));
    let cond = [("g_exc", "6 nS"), ("g_inh", "60 nS")];
    vec![
        ("current_based", TwoPass, spiking("current_based", "lif_psc_exp", &[("i_exc", "30 pA")])),
        ("conductance_based", Fused, spiking("conductance_based", "lif_cond_exp", &cond)),
        ("delta", Resident, spiking("delta", "lif_psc_delta", &[("delta", "0.1 mV")])),
        ("quadratic", TwoPass, spiking("quadratic", "izhikevich", &[])),
        ("hodgkin_huxley", TwoPass, spiking("hodgkin_huxley", "hodgkin_huxley", &[])),
        ("noisy", TwoPass, noisy),
        ("graded", Resident, graded),
        ("matrix", Resident, matrix),
        ("by_hand", TwoPass, by_hand),
        ("learning", TwoPass, learning),
    ]
}

fn settings(schedule: Schedule) -> Settings {
    Settings::default().schedule(schedule)
}

#[test]
fn kernels_are_those_that_were_read() {
    let folder = super::root().join("tests/suite/kernels");
    let mut changed = Vec::new();
    for (name, schedule, network) in kinds() {
        let plan = network.plan(&Options::default()).unwrap_or_else(|e| panic!("{name}: {e}"));
        let shown = wgsl::show(&plan, &Machine::WEB, &settings(schedule)).unwrap_or_else(|e| panic!("{name}: {e}"));
        let file = folder.join(format!("{name}.wgsl"));
        if std::env::var_os("SYNFIRE_UPDATE").is_some() {
            fs::create_dir_all(&folder).unwrap();
            fs::write(&file, &shown).unwrap();
        }
        if fs::read_to_string(&file).unwrap_or_default() != shown {
            changed.push(file.display().to_string());
        }
    }
    assert!(changed.is_empty(), "other kernels than in {}; see the top of this file", changed.join(", "));
}

/// A second opinion on every module, where that program is at hand. (naga has checked them: no kernel is made without.)
#[test]
fn tint_takes_every_kernel_where_it_is_at_hand() {
    if Command::new("tint").arg("--help").output().is_err() {
        println!("tint is not installed: naga alone has checked the kernels");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for (name, _, network) in kinds() {
        let plan = network.plan(&Options::default()).unwrap_or_else(|e| panic!("{name}: {e}"));
        for schedule in Schedule::ALL {
            let kernels = wgsl::emit(&plan, &Machine::WEB, &settings(schedule)).unwrap_or_else(|e| panic!("{name}: {e}"));
            for kernel in kernels.iter() {
                let file = folder.path().join(format!("{name}_{}.wgsl", kernel.name()));
                fs::write(&file, kernel.source()).unwrap();
                let output = Command::new("tint").args(["--format", "wgsl"]).arg(&file).output().unwrap();
                assert!(output.status.success(), "{}: {}", file.display(), String::from_utf8_lossy(&output.stderr));
            }
        }
    }
}

/// Dispatches, as `explain` counts them and as the engine sent them; at most four buffers are written, eight are bound.
#[test]
fn what_explain_counts_is_what_runs() {
    let adapter = std::env::var("SYNFIRE_ADAPTER").unwrap_or_else(|_| "llvmpipe".to_string());
    let (_, _, network) = kinds().swap_remove(0);
    for schedule in Schedule::ALL {
        let options = Options::default().engine(Choice::Adapter(adapter.clone())).schedule(settings(schedule)).batch(100);
        let mut simulation = network.compile(&options).unwrap_or_else(|e| panic!("{e}"));
        let found = synfire::engine::gpu::adapters().into_iter().find(|a| a.name.contains(&adapter)).expect("the adapter");
        let all = schedule::assess(simulation.plan(), &found.machine, &options.schedule);
        let counted = all.iter().find(|a| a.schedule == schedule).expect("an assessment");
        let shape = counted.shape.unwrap_or_else(|e| panic!("{e}"));
        simulation.run_steps(1).unwrap();
        let before = simulation.counters();
        simulation.run_steps(100).unwrap();
        let after = simulation.counters();
        let windows = 100u64.div_ceil(u64::from(shape.window));
        // the fused schedule delivers the spikes of the last window of a batch by one dispatch more
        let last = u64::from(schedule == Schedule::Fused) * (after.submissions - before.submissions);
        let expected = windows * u64::from(counted.dispatches_per_window) + last;
        assert_eq!((after.steps - before.steps, after.dispatches - before.dispatches), (100, expected), "{}", schedule.name());
        assert_eq!(after.dispatches_per_window, counted.dispatches_per_window);
        assert!(after.encode_s > before.encode_s && after.bytes_read > before.bytes_read);
        let kernels = wgsl::emit(simulation.plan(), &found.machine, &options.schedule).unwrap();
        for kernel in kernels.iter() {
            let (written, bound) = (kernel.source().matches("read_write>").count(), kernel.source().matches("var<storage").count());
            assert!(written <= 4 && bound <= 8 && !kernel.source().contains("Indirect"), "{}: {written} {bound}", kernel.name());
        }
        let text = synfire::plan::explain::schedules(simulation.plan(), &found.machine, &options.schedule, "x");
        assert!(text.contains(&format!("{} (taken)", schedule.name())), "{text}");
    }
}
