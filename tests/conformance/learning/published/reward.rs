//! `stdp_reward` (Izhikevich 2007): a pair of spikes, and dopamine seconds later.

use synfire::network::{Connector, Network};

use super::{KICKED, agree, compiled};
use crate::engines::{ALL, Which};

/// ms, as the paper has them.
const TAU: f64 = 20.0;
const TAU_C: f64 = 1000.0;
const TAU_D: f64 = 200.0;
/// uM that a reward brings, and that are there without one.
const REWARD: f64 = 0.5;
const TONIC: f64 = 0.002;
/// nS; what a pair at once would leave, before the target and behind it.
const A_PLUS: f64 = 0.1;
const A_MINUS: f64 = 0.15;
/// ms from one addition of c·d to the next.
const INTERVAL: f64 = 10.0;
/// ms; where the source spikes.
const PRE: f64 = 1505.0;

/// Target minus source, and the reward after the later of the two, ms; the last comes before the pair.
const PROTOCOLS: [[f64; 2]; 7] =
    [[10.0, 1000.0], [10.0, 2000.0], [10.0, 3000.0], [-10.0, 1000.0], [30.0, 1000.0], [-30.0, 3000.0], [10.0, -1000.0]];

const END: f64 = 8000.0;

/// What is left of a pair where it is complete, and when that is.
fn eligible([apart, _]: [f64; 2]) -> [f64; 2] {
    let c = if apart > 0.0 { A_PLUS } else { -A_MINUS } * (-apart.abs() / TAU).exp();
    [c, PRE + apart.max(0.0)]
}

fn changes(which: Which) -> Vec<f64> {
    let mut net = Network::new("reward");
    net.dt("1 ms").equations(KICKED);
    let n = PROTOCOLS.len() as u64;
    // a spike of the source comes a step later than it is listed, one of the target a step later than its kick
    let listed = |time: &dyn Fn([f64; 2]) -> f64| PROTOCOLS.iter().map(|p| vec![time(*p) - 1.0]).collect::<Vec<_>>();
    net.population("pre", "spike_times", n).spike_times(listed(&|_| PRE));
    net.population("kicks", "spike_times", n).spike_times(listed(&|[apart, _]| PRE + apart));
    net.population("rewards", "spike_times", n).spike_times(listed(&|p| eligible(p)[1] + p[1]));
    net.population("post", "kicked", n);
    net.population("dopamine", "neuromodulator", n);
    net.project("kicks", "post", "kick", Connector::OneToOne).weight(1.0).delay("1 ms");
    net.project("rewards", "dopamine", "release", Connector::OneToOne).weight("0.5 uM").delay("1 ms");
    net.project_by("pre", "post", "stdp_reward", Connector::OneToOne).delay("1 ms").named("synapses").modulator("d", "dopamine.d");
    let mut simulation = compiled(&net, which);
    simulation.run(END).unwrap_or_else(|e| panic!("{}: {e}", which.name()));
    let weights = simulation.synapse_state("synapses", "w").unwrap_or_else(|e| panic!("{}: {e}", which.name()));
    weights.into_iter().map(|w| w - 1.0).collect()
}

/// The sum that the paper's program takes, and the integral that the paper has, which a sum in steps of T exceeds by at most half of
/// T(1/tau_c + 1/tau_d) where dopamine decays, half of T/tau_c where it stays.
#[test]
fn a_pair_is_rewarded_seconds_later() {
    let rate = 1.0 / TAU_C + 1.0 / TAU_D;
    let mut sums = Vec::new();
    for protocol in PROTOCOLS {
        let [c, from] = eligible(protocol);
        let reward = from + protocol[1];
        let trace = |t: f64| if t >= from { c * (-(t - from) / TAU_C).exp() } else { 0.0 };
        let dopamine = |t: f64| TONIC + if t >= reward { REWARD * (-(t - reward) / TAU_D).exp() } else { 0.0 };
        sums.push((1..=(END / INTERVAL) as u64).map(|k| k as f64 * INTERVAL).map(|t| trace(t) * dopamine(t)).sum::<f64>());
        let later = reward.max(from);
        let brought = REWARD * (-(later - reward) / TAU_D).exp() * trace(later) / rate / INTERVAL;
        let tonic = TONIC * c * TAU_C * (1.0 - (-(END - from) / TAU_C).exp()) / INTERVAL;
        let (found, published) = (sums[sums.len() - 1], brought + tonic);
        // where the first sample of a sum lies within its interval moves it by as much to either side
        let bound = brought.abs() * INTERVAL * rate + tonic.abs() * INTERVAL / TAU_C;
        assert!((found - published).abs() <= bound, "{protocol:?}: {found} where the integral is {published} (within {bound:.1e})");
    }
    for which in ALL {
        let bound = if which == Which::F64 { 1e-12 } else { 2e-5 };
        agree(&format!("changes of weights on {}", which.name()), &changes(which), &sums, bound);
    }
    // what the paper is about: a reward seconds later still tells the order of the pair, and one that came before does not
    let [soon, late, last, turned, .., before] = sums[..] else { panic!("{sums:?}") };
    assert!(soon > late && late > last && last > 0.0 && turned < 0.0 && before < soon / 4.0, "{sums:?}");
    assert!((soon / turned + A_PLUS / A_MINUS).abs() < 0.02, "{sums:?}");
}
