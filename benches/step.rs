//! Criterion benches of the engines: steps of the Vogels-Abbott networks, building them, reading a state back; on the CPU
//! engine, and under each schedule of the GPU engine on the best adapter of this machine, or the one that `SYNFIRE_ADAPTER`
//! names. `cargo bench --bench step`. Speed belongs here and in benches/peers, never in a test.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use synfire::engine::gpu::adapters;
use synfire::network::value::uniform;
use synfire::network::{Connector, Waveform};
use synfire::plan::schedule::{Schedule, Settings};
use synfire::{Choice, Network, Options, Precision, Simulation};

/// COBA (conductances) or CUBA (currents) with 4,000 neurons; parameters of the networks in examples/networks.
fn vogels_abbott(conductances: bool) -> Network {
    let mut network = Network::new(if conductances { "coba_4000" } else { "cuba_4000" });
    for (name, size) in [("exc", 3200), ("inh", 800)] {
        let population = network.population(name, if conductances { "lif_cond_exp" } else { "lif_psc_exp" }, size);
        population.initial("v", uniform("-60 mV", "-50 mV"));
        if !conductances {
            population.parameter("c_m", "200 pF").parameter("tau_m", "20 ms").parameter("e_leak", "-49 mV");
            population.parameter("v_th", "-50 mV").parameter("v_reset", "-60 mV").parameter("t_ref", "5 ms");
            population.parameter("tau_exc", "5 ms").parameter("tau_inh", "10 ms");
        }
    }
    for source in ["exc", "inh"] {
        for target in ["exc", "inh"] {
            let (port, weight, delay) = match (conductances, source) {
                (true, "exc") => ("g_exc", "6 nS", "0.1 ms"),
                (true, _) => ("g_inh", "67 nS", "0.1 ms"),
                (false, "exc") => ("i_exc", "16.2 pA", "0.2 ms"),
                (false, _) => ("i_inh", "-90 pA", "0.2 ms"),
            };
            network.project(source, target, port, Connector::probability(0.02)).weight(weight).delay(delay);
        }
    }
    if conductances {
        network.stimulate("exc", "g_exc", Waveform::poisson("300 Hz", "6 nS")).rows(0..50).from("1 ms").until("51 ms");
    }
    network
}

fn compiled(conductances: bool, precision: Precision) -> Simulation {
    let options = Options::default().engine(Choice::Cpu).precision(precision).threads(1);
    let mut simulation = vogels_abbott(conductances).compile(&options).expect("the network compiles");
    simulation.run(200.0).expect("the network runs");
    simulation
}

fn steps(c: &mut Criterion) {
    const STEPS: u64 = 1000;
    let mut group = c.benchmark_group("steps of 4000 neurons");
    group.throughput(Throughput::Elements(STEPS * 4000));
    for (name, conductances) in [("coba", true), ("cuba", false)] {
        for (precision, label) in [(Precision::F32, "f32"), (Precision::F64, "f64")] {
            let mut simulation = compiled(conductances, precision);
            group.bench_function(format!("{name} {label}"), |b| b.iter(|| simulation.run_steps(STEPS).expect("it runs")));
        }
    }
    group.finish();
}

fn build(c: &mut Criterion) {
    let options = Options::default().engine(Choice::Cpu).threads(1);
    c.bench_function("build coba, 320,000 synapses", |b| {
        b.iter_batched(
            || vogels_abbott(true),
            |network| black_box(network.compile(&options).expect("it compiles")),
            BatchSize::PerIteration,
        );
    });
}

/// The GPU engine under a schedule; none without an adapter.
fn on_gpu(schedule: Schedule) -> Option<Options> {
    let engine = match std::env::var("SYNFIRE_ADAPTER") {
        Ok(name) => Choice::Adapter(name),
        Err(_) if adapters().is_empty() => return None,
        Err(_) => Choice::Gpu,
    };
    let schedule = Settings::default().schedule(schedule);
    Some(Options::default().engine(engine).schedule(schedule))
}

fn gpu(c: &mut Criterion) {
    const STEPS: u64 = 200;
    let mut group = c.benchmark_group("gpu, 4000 neurons");
    for (name, conductances) in [("coba", true), ("cuba", false)] {
        for schedule in Schedule::ALL {
            let Some(options) = on_gpu(schedule) else { return };
            let label = |what: &str| format!("{name} {} {what}", schedule.name());
            let mut simulation = match vogels_abbott(conductances).compile(&options) {
                Ok(simulation) => simulation,
                Err(why) => {
                    println!("{}: left out: {why}", label("step"));
                    continue;
                }
            };
            simulation.run(60.0).expect("the network runs");
            group.throughput(Throughput::Elements(STEPS * 4000));
            group.bench_function(label("step"), |b| b.iter(|| simulation.run_steps(STEPS).expect("it runs")));
            group.throughput(Throughput::Bytes(3200 * 4));
            group.bench_function(label("read-back"), |b| b.iter(|| black_box(simulation.state("exc", "v").expect("a state"))));
            group.throughput(Throughput::Elements(1));
            group.bench_function(label("build"), |b| {
                b.iter_batched(
                    || vogels_abbott(conductances),
                    |network| black_box(network.compile(&options).expect("it compiles")),
                    BatchSize::PerIteration,
                );
            });
        }
    }
    group.finish();
}

criterion_group! { name = benches; config = Criterion::default().sample_size(10); targets = steps, build, gpu }
criterion_main!(benches);
