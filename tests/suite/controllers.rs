//! Ten thousand controllers at once: each gives to the bit what it gives alone, on the same engine under the same schedule.
//!
//! Alone runs one simulation of one instance, which is given variant after variant (`set_variants`); that this is what a fresh
//! compilation gives is checked too.

use synfire::network::value::uniform;
use synfire::network::{Connector, Network, Variant};
use synfire::plan::schedule::{Schedule, Settings};
use synfire::{Choice, Options, Precision, Simulation};

const INSTANCES: usize = 10_000;

/// 100 graded neurons: sensors, interneurons, half-centres with persistent sodium, motor neurons.
fn controller() -> Network {
    let mut net = Network::new("controller");
    net.dt("0.1 ms").seed(5);
    net.population("sensor", "non_spiking", 20).parameter("c_m", uniform("3 nF", "6 nF"));
    net.population("inter", "non_spiking", 60).initial("v", uniform("0 mV", "10 mV"));
    net.population("half", "persistent_sodium", 12).initial("v", uniform("-2 mV", "15 mV"));
    net.population("motor", "non_spiking", 8);
    let excite = Connector::indegree(2);
    net.project_by("sensor", "inter", "graded_synapse", excite.clone()).named("drive").parameter("g_max", "0.4 uS");
    net.project_by("inter", "inter", "graded_synapse", Connector::indegree(1))
        .named("lateral")
        .parameter("g_max", uniform("0.1 uS", "0.5 uS"))
        .parameter("e_rev", "-40 mV");
    net.project_by("inter", "half", "graded_synapse", excite).named("descend").parameter("g_max", "0.2 uS");
    // each half-centre inhibits the next one
    let ring: (Vec<u64>, Vec<u64>) = (0..12).map(|k| (k, (k + 1) % 12)).unzip();
    net.project_by("half", "half", "graded_synapse", Connector::List { source: ring.0, target: ring.1 })
        .named("rivals")
        .parameter("g_max", "2 uS")
        .parameter("e_rev", "-40 mV");
    net.project_by("half", "motor", "graded_synapse", Connector::indegree(2)).parameter("g_max", "0.8 uS");
    let pairs = Connector::List { source: vec![0, 2, 4, 6], target: vec![1, 3, 5, 7] };
    net.electrical("motor", "motor", pairs, "0.05 uS").unwrap_or_else(|e| panic!("{e}"));
    net.input("touch", "sensor", "i_stim", "1 nA").rows(0..10);
    net.input("angle", "sensor", "i_stim", "0.1 nA").rows(10..20).per_neuron();
    net.output("torque", "motor", "v");
    net.output("phase", "half", "v").rows(0..2).scale("1 mV");
    net
}

/// A parameter of neurons, the conductance of a projection, another parameter, at times a list with a number per neuron.
fn variant(k: usize) -> Variant {
    let x = k as f64 / INSTANCES as f64;
    let list: Vec<String> = (0..8).map(|n| format!("{} mV", f64::from(n) * x)).collect();
    let motor = if k.is_multiple_of(7) { list } else { vec![format!("{} mV", 2.0 * x); 8] };
    Variant::new()
        .set("inter.c_m", format!("{} nF", 3.0 + 4.0 * x))
        .set("drive.g_max", format!("{} uS", 0.2 + 0.6 * (k % 100) as f64 / 100.0))
        .set("half.g_na", format!("{} uS", 0.9 + 0.3 * (k % 37) as f64 / 37.0))
        .set("motor.e_leak", motor)
}

/// The inputs of a controller: `touch`, then the ten numbers of `angle`.
fn inputs(k: usize, part: usize) -> Vec<f64> {
    let touch = 20.0 * ((k * 7919 + part * 31) % 101) as f64 / 101.0;
    std::iter::once(touch).chain((0..10).map(|n| (n as f64 - 4.0) * (1 + k % 13) as f64)).collect()
}

const STATES: [(&str, &str); 5] = [("sensor", "v"), ("inter", "v"), ("half", "v"), ("half", "h"), ("motor", "v")];

/// Runs these controllers with other inputs every so many steps; gives the bits of all that each of them has at the end, and of its
/// outputs after the first step with each input.
fn run(simulation: &mut Simulation, numbers: &[usize], course: &[u64]) -> Vec<Vec<u64>> {
    let mut all = vec![Vec::with_capacity(132); numbers.len()];
    let mut keep = |values: &[f64]| {
        for (bits, own) in all.iter_mut().zip(values.chunks(values.len() / numbers.len())) {
            bits.extend(own.iter().map(|x| x.to_bits()));
        }
    };
    for (part, steps) in (0..).zip(course) {
        // a step with inputs and outputs, as in a control loop, and then many with the inputs held
        let given: Vec<f64> = numbers.iter().flat_map(|k| inputs(*k, part)).collect();
        keep(&simulation.step_outputs(&given).unwrap_or_else(|e| panic!("{e}")));
        simulation.run_steps(*steps - 1).unwrap_or_else(|e| panic!("{e}"));
    }
    for (population, state) in STATES {
        keep(&simulation.state(population, state).unwrap_or_else(|e| panic!("{e}")));
    }
    all
}

fn ensemble(variants: &[Variant], options: &Options) -> Simulation {
    controller().compile_ensemble(variants, options).unwrap_or_else(|e| panic!("{e}"))
}

/// So many of them side by side, and every so many of them alone.
fn each_is_what_it_is_alone(name: &str, options: &Options, instances: usize, every: usize, course: &[u64]) {
    let numbers: Vec<usize> = (0..instances).collect();
    let variants: Vec<Variant> = numbers.iter().map(|k| variant(*k)).collect();
    let began = std::time::Instant::now();
    let mut simulation = ensemble(&variants, options);
    let compiled = began.elapsed().as_secs_f64();
    let together = run(&mut simulation, &numbers, course);
    let ran = began.elapsed().as_secs_f64() - compiled;
    let mut alone = ensemble(&variants[..1], options);
    let mut compared = 0;
    for k in (0..instances).step_by(every) {
        alone.set_variants(&variants[k..=k]).unwrap_or_else(|e| panic!("{e}"));
        let one = run(&mut alone, &[k], course).swap_remove(0);
        assert!(one == together[k], "{name}: controller {k} differs from what it is alone");
        compared += 1;
    }
    for k in [0, 7, instances - 1] {
        let fresh = run(&mut ensemble(&variants[k..=k], options), &[k], course).swap_remove(0);
        assert!(fresh == together[k], "{name}: controller {k} differs from what a fresh compilation gives");
    }
    // no two are alike, or nothing was changed, and nothing stands still
    let mut distinct = together.clone();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct.len(), instances, "{name}");
    let torque = |k: usize| f64::from_bits(together[k][0]);
    assert!(together.iter().flatten().all(|x| f64::from_bits(*x).is_finite()) && torque(instances - 1) != torque(instances - 2));
    let seconds = began.elapsed().as_secs_f64() - compiled - ran;
    println!(
        "{name}: {instances} compiled in {compiled:.2} s, {} steps in {ran:.2} s, {compared} compared in {seconds:.2} s",
        course.iter().sum::<u64>()
    );
}

#[test]
fn on_the_cpu() {
    let options = Options::default().engine(Choice::Cpu);
    each_is_what_it_is_alone("f32", &options, INSTANCES, 1, &[10, 10]);
    each_is_what_it_is_alone("f64", &options.precision(Precision::F64), INSTANCES / 5, 4, &[10, 10]);
}

#[test]
fn on_the_gpu_engine() {
    let adapter = std::env::var("SYNFIRE_ADAPTER").unwrap_or_else(|_| "llvmpipe".to_string());
    let schedule = Settings::default().schedule(Schedule::Resident);
    let options = Options::default().engine(Choice::Adapter(adapter)).schedule(schedule);
    // a software adapter takes longer for each of them alone than for all side by side on all cores; all of them alone, a few
    // minutes of it, where they are asked for
    let every = if std::env::var_os("SYNFIRE_ALL").is_some() { 1 } else { 64 };
    each_is_what_it_is_alone("gpu, resident", &options, INSTANCES, every, &[6]);
}

/// Other variants in a simulation that has run: what a fresh compilation of them gives, kernels new or not; and what is refused.
#[test]
fn variants_are_changed_as_if_compiled_with_them() {
    let adapter = std::env::var("SYNFIRE_ADAPTER").unwrap_or_else(|_| "llvmpipe".to_string());
    for engine in [Choice::Cpu, Choice::Adapter(adapter)] {
        let options = Options::default().engine(engine).threads(3).rows_per_thread(64);
        let numbers = [3, 14, 15];
        let first: Vec<Variant> = numbers.iter().map(|k| variant(*k)).collect();
        let mut simulation = ensemble(&first, &options);
        let before = run(&mut simulation, &numbers, &[10, 10]);
        simulation.set_parameter("sensor", "g_leak", "2 uS").unwrap_or_else(|e| panic!("{e}"));
        let generations = [
            // other numbers for the same parameters
            numbers.iter().map(|k| variant(k + 100)).collect(),
            // other parameters: other kernels
            vec![Variant::new(), Variant::new().set("sensor.g_leak", "0.5 uS"), Variant::new().seed(3).set("lateral.e_lo", "1 mV")],
            first.clone(),
        ];
        for variants in &generations {
            simulation.set_variants(variants).unwrap_or_else(|e| panic!("{e}"));
            assert_eq!(simulation.time_steps(), 0);
            let after = run(&mut simulation, &numbers, &[10, 10]);
            assert!(after == run(&mut ensemble(variants, &options), &numbers, &[10, 10]), "{options:?}");
            simulation.reset().unwrap_or_else(|e| panic!("{e}"));
            assert!(
                after == run(&mut simulation, &numbers, &[10, 10]),
                "{options:?}: a reset goes back to the start of these variants"
            );
            assert_eq!(after == before, *variants == first);
        }
        let mut said = |variants: &[Variant]| simulation.set_variants(variants).unwrap_err().to_string();
        assert_eq!(said(&first[1..]), "error[E210]: the ensemble has 3 instances, and 2 variants were given");
        let wrong = [Variant::new(), Variant::new().set("inter.c_m", "0 nF"), Variant::new().set("inter.c", "1 nF")];
        let text = said(&wrong);
        assert!(
            text.contains("variant 1") && text.contains("E037") && text.contains("variant 2") && text.contains("E026"),
            "{text}"
        );
        assert!(run(&mut simulation, &numbers, &[10, 10]) != before, "it went on from where it was");
        let mut single = controller().compile(&options).unwrap_or_else(|e| panic!("{e}"));
        let text = single.set_variants(&first[..1]).unwrap_err().to_string();
        assert!(text.starts_with("error[E210]: this simulation is no ensemble"), "{text}");
    }
}
