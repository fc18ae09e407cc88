//! The fixed-step schemes of Izhikevich's model: the published program at 1 ms, and forward Euler at 0.1 ms.

use serde::Deserialize;
use synfire::network::{Network, Waveform};

use super::{Stimulus, check, spike_steps};
use crate::case::quantity;
use crate::engines::{ALL, Which};
use crate::lines::Verdict;

#[derive(Clone, Deserialize)]
pub struct Published {
    dt: f64,
    float64: Float64,
    spikes_equal_in_float32: usize,
}

#[derive(Clone, Deserialize)]
struct Float64 {
    spike_steps: Vec<u64>,
}

#[derive(Clone, Deserialize)]
pub struct Fine {
    dt: f64,
    spike_steps: Vec<u64>,
    spikes_equal_in_float32: usize,
}

/// As many first spikes must be the reference's.
fn judged(ours: &[u64], reference: &[u64], first: usize) -> Verdict {
    let same = ours.iter().zip(reference).take_while(|(a, b)| a == b).count();
    // a fourth more or less in all
    let total = (4 * ours.len()).abs_diff(4 * reference.len()) <= reference.len();
    if same < first {
        Verdict::Fail(format!("spike {same} differs, the first {first} must not: {ours:?}, the reference {reference:?}"))
    } else if !total {
        Verdict::Fail(format!("{} spikes, the reference has {}", ours.len(), reference.len()))
    } else {
        Verdict::Pass
    }
}

/// How many first spikes can be asked for, of so many, where float32 keeps the first `single`.
///
/// Each spike magnifies an error by about the same factor (v leaves far above the peak, and u reads it), and float32, which
/// begins with 2^-24, is off by a step after `single` spikes. So float64, which begins with 2^-53 where operations are
/// ordered otherwise than in the reference, keeps 53/24 as many. A GPU fuses products and sums, which is another order in
/// float32 (README: "contraction changes them too"): errors up to 8 = 2^3 times as large leave 21/24.
fn asked(all: usize, single: usize, which: Which) -> usize {
    match which {
        Which::F64 => (single * 53 / 24).min(all),
        Which::F32 => single,
        Which::Gpu(_) => single * 21 / 24,
    }
}

#[test]
fn published_izhikevich_scheme() {
    check(
        |case| case.scheme.is_some(),
        &ALL,
        |case, which| {
            let Some(scheme) = &case.scheme else { unreachable!() };
            let mut net = Network::new(&case.name);
            net.dt(quantity(scheme.dt, "ms"));
            let population = net.population("cell", "izhikevich_2003", 1);
            for name in ["a", "b", "c", "d", "v_peak"] {
                population.parameter(name, case.number(name));
            }
            population.initial("v", case.number("v_init")).initial("u", case.number("u_init"));
            for stimulus in &case.stimulus {
                let Stimulus::CurrentStep { t_on, t_off, amp, .. } = stimulus else { continue };
                net.stimulate("cell", "i_stim", Waveform::constant(*amp)).from(quantity(*t_on, "ms")).until(quantity(*t_off, "ms"));
            }
            net.probe("cell", "spikes");
            let recording = which.run(&net, (case.duration / scheme.dt).round() as u64)?;
            // the program counts the step at whose start it tests, we count the one that ends with the spike
            let steps: Vec<u64> = spike_steps(&recording, 0).iter().map(|s| s - 1).collect();
            let reference = &scheme.float64.spike_steps;
            let same = steps.iter().zip(reference).take_while(|(a, b)| a == b).count();
            let first = asked(reference.len(), scheme.spikes_equal_in_float32, which);
            let worst = format!("scheme 1 ms: {same} of {} same (asked {first})", reference.len());
            Ok((steps.len(), worst, judged(&steps, reference, first)))
        },
    );
}

#[test]
fn fine_izhikevich_scheme() {
    check(
        |case| case.scheme_fine.is_some(),
        &ALL,
        |case, which| {
            let Some(scheme) = &case.scheme_fine else { unreachable!() };
            // below the peak the model's min(v, v_peak) is v
            let net = case.network(1, scheme.dt, Some("euler"));
            let recording = which.run(&net, (case.duration / scheme.dt).round() as u64)?;
            let steps = spike_steps(&recording, 0);
            let all = scheme.spike_steps.len();
            let first = asked(all, scheme.spikes_equal_in_float32, which);
            let same = steps.iter().zip(&scheme.spike_steps).take_while(|(a, b)| a == b).count();
            let worst = format!("Euler 0.1 ms: {same} of {all} same (asked {first})");
            Ok((steps.len(), worst, judged(&steps, &scheme.spike_steps, first)))
        },
    );
}
