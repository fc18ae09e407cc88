//! Two runs with one seed are equal to the bit: with 1, 2 and 4 threads, any batch length, any recording.

use synfire::network::value::{normal, uniform};
use synfire::network::{Connector, Network, Waveform};
use synfire::{Choice, Options, Precision, Simulation};

/// Conductances, currents, noise, Poisson input, random sources, delays of 1 to 20 steps, 700 neurons in four groups.
fn network(recorded: bool) -> Network {
    let mut net = Network::new("mixed");
    net.dt("0.1 ms").seed(7);
    net.equations(
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
    net.population("exc", "lif_cond_exp", 320).initial("v", uniform("-60 mV", "-50 mV"));
    net.population("inh", "lif_cond_exp", 80).initial("v", uniform("-60 mV", "-50 mV"));
    net.population("noisy", "noisy", 200);
    net.population("source", "poisson_source", 100).parameter("rate", "50 Hz");
    for target in ["exc", "inh"] {
        net.project("exc", target, "g_exc", Connector::probability(0.1)).weight("3 nS").delay(uniform("0.1 ms", "2 ms"));
        net.project("inh", target, "g_inh", Connector::indegree(8)).weight("25 nS").delay("0.8 ms");
        net.project("source", target, "g_exc", Connector::total(1000)).weight(normal("2 nS", "0.5 nS").min("0 nS")).delay("0.3 ms");
        net.stimulate(target, "g_exc", Waveform::poisson("800 Hz", "3 nS"));
    }
    net.project("exc", "noisy", "kick", Connector::probability(0.02)).weight("0.5 mV").delay("1 ms");
    net.stimulate("exc", "i_stim", Waveform::noise("0 pA", "20 pA"));
    for population in ["exc", "inh", "noisy", "source"] {
        net.probe(population, "spikes");
    }
    if recorded {
        net.probe("exc", "v").every("0.5 ms");
        net.probe("noisy", "v").rows(10..50);
        net.probe("exc", "rate");
    }
    net
}

/// FNV-1a over all spikes and the final potentials.
fn hash(simulation: &mut Simulation) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    let mut eat = |x: u64| x.to_le_bytes().iter().for_each(|b| hash = (hash ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3));
    for train in &simulation.recording().spikes {
        train.step.iter().for_each(|s| eat(*s));
        train.neuron.iter().for_each(|n| eat(u64::from(*n)));
    }
    for population in ["exc", "inh", "noisy"] {
        simulation.state(population, "v").expect("it has a potential").iter().for_each(|v| eat(v.to_bits()));
    }
    hash
}

fn run(precision: Precision, threads: usize, batch: Option<u32>, recorded: bool) -> (u64, u64) {
    // so few rows that every thread gets some
    let options = Options::default().engine(Choice::Cpu).precision(precision).threads(threads).rows_per_thread(64).batch(batch);
    let mut simulation = network(recorded).compile(&options).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(simulation.identity().threads, threads, "the run must use the threads that it is given");
    simulation.run(100.0).unwrap_or_else(|e| panic!("{e}"));
    (hash(&mut simulation), simulation.spike_count())
}

#[test]
fn one_seed_one_result() {
    for precision in [Precision::F32, Precision::F64] {
        let first = run(precision, 1, None, false);
        assert!(first.1 > 1000, "a silent network proves nothing: {} spikes", first.1);
        for (threads, batch, recorded) in [
            (1, None, false),
            (2, None, false),
            (4, None, false),
            (1, Some(1), false),
            (1, Some(7), true),
            (2, Some(7), true),
            (4, Some(100), true),
            (1, Some(1000), false),
            (4, Some(1), true),
        ] {
            let again = run(precision, threads, batch, recorded);
            println!("{precision:?} threads {threads} batch {batch:?} recorded {recorded}: {:016x}", again.0);
            assert_eq!(again, first, "{precision:?}, {threads} threads, batch {batch:?}, recorded {recorded}");
        }
    }
}

#[test]
fn reset_and_pieces_give_the_same() {
    let options = Options::default().engine(Choice::Cpu);
    let mut simulation = network(true).compile(&options).unwrap_or_else(|e| panic!("{e}"));
    simulation.run(60.0).expect("it runs");
    let (whole, recording) = (hash(&mut simulation), simulation.recording().clone());
    simulation.reset().expect("it resets");
    for piece in [0.1, 19.9, 30.0, 10.0] {
        simulation.run(piece).expect("it runs");
    }
    assert_eq!(hash(&mut simulation), whole);
    assert_eq!(*simulation.recording(), recording);
    // and from a snapshot in between
    simulation.reset().expect("it resets");
    simulation.run(33.3).expect("it runs");
    let middle = simulation.snapshot().expect("a snapshot");
    simulation.run(10.0).expect("it runs");
    let v = simulation.state("exc", "v").expect("a state");
    simulation.restore(&middle).expect("it goes back");
    simulation.run(10.0).expect("it runs");
    assert_eq!(simulation.state("exc", "v").expect("a state"), v);
}

#[test]
fn another_seed_another_result() {
    let options = Options::default().engine(Choice::Cpu);
    let mut other = network(false);
    other.seed(8);
    let mut simulation = other.compile(&options).unwrap_or_else(|e| panic!("{e}"));
    simulation.run(100.0).expect("it runs");
    assert_ne!(hash(&mut simulation), run(Precision::F32, 1, None, false).0);
}

/// Sources at four rates, below and above 1/64 a step; with a state their rows are worked out one by one, without they are not.
fn sources(rate: impl Into<synfire::network::value::Value>, counted: bool) -> Network {
    let mut net = Network::new("sources");
    net.dt("0.1 ms").seed(3);
    let (state, reset) = if counted { ("\n          state n = 0", "\n          reset n += 1") } else { ("", "") };
    net.equations(&format!(
        "
        neuron source
          param rate = 10 Hz{state}
          threshold rand() < 1 - exp(-rate*dt){reset}
    "
    ));
    net.population("before", "source", 45).parameter("rate", "0 Hz");
    net.population("source", "source", 300).parameter("rate", rate);
    net.probe("source", "spikes");
    net
}

/// One law for a rate that all share and for one each, for rows that are worked out or not, in any precision, on any engine and
/// for any number of threads.
#[test]
fn sources_spike_alike_however_they_are_worked_out() {
    for (rate, expected) in [("0.5 Hz", 15.0), ("15 Hz", 450.0), ("120 Hz", 3600.0), ("300 Hz", 8870.0)] {
        let mut first: Option<Vec<(u64, u32)>> = None;
        for (each, counted, options) in [
            (false, false, Options::default().engine(Choice::Cpu)),
            (true, false, Options::default().engine(Choice::Cpu)),
            (false, true, Options::default().engine(Choice::Cpu).threads(4).rows_per_thread(64)),
            (true, true, Options::default().engine(Choice::Cpu).precision(Precision::F64)),
            (false, false, Options::default().engine(Choice::Cpu).precision(Precision::F64).threads(2).rows_per_thread(64)),
            (false, false, Options::default().engine(Choice::Gpu)),
            (true, true, Options::default().engine(Choice::Gpu)),
        ] {
            let net = if each { sources(vec![rate; 300], counted) } else { sources(rate, counted) };
            let what = format!("{rate}, a rate each {each}, with a state {counted}, {options:?}");
            let mut simulation = net.compile(&options).unwrap_or_else(|e| panic!("{what}: {e}"));
            simulation.run(100.0).unwrap_or_else(|e| panic!("{what}: {e}"));
            let found: Vec<(u64, u32)> = simulation.recording().spikes[0].pairs().collect();
            match &first {
                Some(first) => assert!(found == *first, "{what}: {} spikes, not those {}", found.len(), first.len()),
                None => {
                    let (count, bound) = (found.len() as f64, 5.0 * f64::sqrt(expected));
                    assert!((count - expected).abs() < bound, "{what}: {count} spikes, expected {expected}");
                    first = Some(found);
                }
            }
        }
    }
}
