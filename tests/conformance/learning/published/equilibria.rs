//! Where weights drift between Poisson trains, and where they come to rest.
//!
//! Trains that know nothing of each other: a spike in each step with the probability p = 1 - exp(-r dt). The trace of a spike k steps ago is
//! E^k, E = exp(-dt/τ), so that what all earlier spikes have left is p E/(1 - E) on average (r τ as dt goes to 0), and the
//! nearest alone p E/(1 - (1 - p) E) (r τ/(1 + r τ)). A spike of the other end in the same step counts for nothing in these rules.

use synfire::network::{Connector, Network};

use super::{FREE, agree, compiled, mean};
use crate::case::quantity;
use crate::engines::Which;

const DT: f64 = 1.0;
/// Sources and targets, each pair joined.
const ENDS: [u64; 2] = [30, 20];

/// The weights of a model between Poisson trains of two rates, spikes/s, after a time, s.
fn weights(model: &str, parameters: &[(&str, &str)], [pre, post]: [f64; 2], seconds: f64, seed: u64) -> Vec<f64> {
    let mut net = Network::new(model);
    net.dt(quantity(DT, "ms")).seed(seed).equations(FREE);
    net.population("pre", "poisson_source", ENDS[0]).parameter("rate", quantity(pre, "Hz"));
    net.population("post", "free", ENDS[1]).parameter("rate", quantity(post, "Hz"));
    let projection = net.project_by("pre", "post", model, Connector::AllToAll).delay(quantity(DT, "ms")).named("synapses");
    parameters.iter().for_each(|(name, value)| {
        projection.parameter(*name, *value);
    });
    let mut simulation = compiled(&net, Which::F64);
    simulation.run(seconds * 1000.0).unwrap_or_else(|e| panic!("{model}: {e}"));
    simulation.synapse_state("synapses", "w").unwrap_or_else(|e| panic!("{model}: {e}"))
}

/// The probability of a spike in a step.
fn chance(rate: f64) -> f64 {
    1.0 - (-rate * DT / 1000.0).exp()
}

/// What spikes of a rate have left in a trace.
fn left(rate: f64, tau: f64, nearest: bool) -> f64 {
    let (p, decay) = (chance(rate), (-DT / tau).exp());
    p * decay / (1.0 - if nearest { 1.0 - p } else { 1.0 } * decay)
}

/// Kempter, Gerstner and van Hemmen (1999), Phys. Rev. E 59:4498: independent trains change a weight on average by ν_pre ν_post times the
/// integral of the window, here A₊ τ₊ - A₋ τ₋ = -1/20 of A₊ τ₊ (Song, Miller and Abbott 2000: "1.05"). Izhikevich and Desai (2003),
/// Neural Comput. 15:1511: where the nearest spikes count alone, depression turns to potentiation as the target's rate grows, as in
/// the theory of Bienenstock, Cooper and Munro. Both ends meeting their nearest, the rate of no change is
/// ν_post = (A₋ τ₋ (1 + ν_pre τ₊)/(A₊ τ₊) - 1)/τ₋: 39.9 spikes/s for the window of Bi and Poo (16.8 ms, 33.7 ms), A₊ = A₋ and 10 spikes/s.
#[test]
fn independent_trains() {
    let seconds = 40.0;
    let window = [("a_plus", "0.0002"), ("a_minus", "0.0002"), ("tau_plus", "16.8 ms"), ("tau_minus", "33.7 ms")];
    let threshold = (33.7 / 16.8 * (1.0 + 0.0168 * 10.0) - 1.0) / 0.0337;
    agree("the rate of no change", &[threshold], &[39.85], 0.005);
    for (model, nearest, post) in
        [("stdp_pair", false, 40.0), ("stdp_nearest", true, 10.0), ("stdp_nearest", true, threshold), ("stdp_nearest", true, 120.0)]
    {
        let found: Vec<f64> = weights(model, &window, [10.0, post], seconds, 5).iter().map(|w| w - 0.5).collect();
        let up = chance(post) * left(10.0, 16.8, nearest);
        let down = chance(10.0) * left(post, 33.7, nearest);
        let expected = 0.0002 * (up - down) * seconds * 1000.0 / DT;
        // synapses of one end share its train, so that they are as many as the fewer ends, each mean over the others
        let rows: Vec<f64> = (0..ENDS[1] as usize).map(|t| mean(&every(&found, t))[0]).collect();
        let columns: Vec<f64> = found.chunks(ENDS[1] as usize).map(|row| mean(row)[0]).collect();
        let [change, _] = mean(&found);
        let error = mean(&rows)[1].hypot(mean(&columns)[1]);
        let what = format!("{model} at {post} spikes/s: {change:.5} +- {error:.5}, {expected:.5} expected");
        crate::lines::say(&what);
        assert!((change - expected).abs() < 4.0 * error, "{what}");
        // and the theory tells one sign from the other
        assert!(post == threshold || (change.abs() > 4.0 * error && (change > 0.0) == (post > 100.0)), "{what}");
        assert!(post != threshold || change.abs() < 4.0 * error + 0.02 * 0.0002 * up * seconds * 1000.0, "{what}");
    }
}

/// Of all weights those onto one target.
fn every(weights: &[f64], target: usize) -> Vec<f64> {
    weights.iter().skip(target).step_by(ENDS[1] as usize).copied().collect()
}

/// Weights that come to rest at one value: a mean over all synapses, which forget in some seconds where they were. A step is up to
/// 2 % of the weight, and the curvature of the drift over the width of the distribution moves the mean by less than a tenth of that.
fn rest_at(model: &str, parameters: &[(&str, &str)], rates: [f64; 2], expected: f64) {
    let found = weights(model, parameters, rates, 40.0, 7);
    let [rest, _] = mean(&found);
    let spread = mean(&found)[1] * (found.len() as f64).sqrt();
    let what = format!("{model} at {rates:?} spikes/s: {rest:.4} (spread {spread:.4}), {expected:.4} expected");
    crate::lines::say(&what);
    // one hump, and its middle
    assert!(spread < 0.1 * rest, "{what}");
    assert!((rest / expected - 1.0).abs() < 0.015, "{what}");
}

/// Rubin, Lee and Sompolinsky (2001): weights of the multiplicative rule come to a distribution with one hump "that is invariant to the
/// firing rates of either the presynaptic or postsynaptic cells" (abstract), here around w_max τ₊/(τ₊ + α τ₋): 0.4 nS for α = 1.5 and equal
/// time constants.
#[test]
fn one_hump_whatever_the_rates() {
    let parameters = [("lambda", "0.005"), ("alpha", "1.5"), ("w_0", "0.3 nS")];
    for rates in [[20.0, 80.0], [80.0, 20.0], [40.0, 40.0]] {
        rest_at("stdp_multiplicative", &parameters, rates, 0.4);
    }
}

/// Gütig, Aharonov, Rotter and Sompolinsky (2003): where the drift f₊(w) - f₋(w) = λ((1 - w)^μ - α w^μ) is zero, w = 1/(1 + α^(1/μ)): 0.3077 for
/// α = 1.5 and μ = 0.5, 0.4 for μ = 1.
#[test]
fn where_potentiation_and_depression_are_equal() {
    for (mu, expected) in [("0.5", 0.3077), ("1", 0.4)] {
        let parameters = [("lambda", "0.004"), ("alpha", "1.5"), ("mu_plus", mu), ("mu_minus", mu), ("w_0", "0.35 nS")];
        rest_at("stdp_guetig", &parameters, [60.0, 60.0], expected);
    }
}

/// Van Rossum, Bi and Turrigiano (2000), J. Neurosci. 20:8812: steps up of one size, steps down that go with the weight, so that the drift
/// 1 - α w is zero at w = 1/α: 0.4 for α = 2.5, and one hump around it.
#[test]
fn steps_down_that_go_with_the_weight() {
    let parameters = [("lambda", "0.003"), ("alpha", "2.5"), ("mu_plus", "0"), ("mu_minus", "1"), ("w_0", "0.35 nS")];
    rest_at("stdp_guetig", &parameters, [60.0, 60.0], 0.4);
}

/// Morrison, Aertsen and Diesmann (2007): steps up of λ w_ref^(1-μ) w^μ, steps down of λ α w. Between independent trains they are equal
/// at w = w_ref (τ₊/(α τ₋))^(1/(1-μ)): with the numbers of the ready model (α = 0.0513, μ = 0.4, 15 ms and 30 ms) 44.47 w_ref; in steps of 1 ms
/// the two traces are 0.983 of r τ₊ to that of r τ₋, which makes 43.24.
#[test]
fn the_weight_of_the_power_law() {
    let continuous = (15.0f64 / (0.0513 * 30.0)).powf(1.0 / 0.6);
    let stepped = (left(10.0, 15.0, false) / (0.0513 * left(10.0, 30.0, false))).powf(1.0 / 0.6);
    agree("w/w_ref", &[continuous, stepped], &[44.47, 43.24], 0.005);
    for rates in [[40.0, 60.0], [80.0, 30.0]] {
        let parameters = [("w_ref", "0.001 nS"), ("w_0", "0.04 nS"), ("w_max", "1 nS"), ("lambda", "0.05")];
        rest_at("stdp_power_law", &parameters, rates, stepped / 1000.0);
    }
}

/// A cell that spikes at random, with a probability that goes with what its inputs send: each spike of an input brings one of the cell
/// soon after with the probability 0.1 w/w_max (the linear neuron of Kempter, Gerstner and van Hemmen 1999, and of Gütig et al. 2003).
const LINEAR: &str = "
    neuron linear
      param tau = 2 ms, gain = 0.1/(1 nS)
      state g_exc = 0 nS
      input g_exc
      dg_exc/dt = -g_exc/tau
      threshold rand() < gain*(1 - exp(-dt/tau))*g_exc
      reset g_exc *= 1
    ";

/// How many of the weights onto linear cells are within a fifth of either bound, and their mean.
fn humps(model: &str, parameters: &[(&str, &str)]) -> [f64; 2] {
    let mut net = Network::new(model);
    net.dt(quantity(DT, "ms")).seed(11).equations(LINEAR);
    net.population("inputs", "poisson_source", 20).parameter("rate", "20 Hz");
    net.population("cells", "linear", 20);
    let projection = net.project_by("inputs", "cells", model, Connector::AllToAll).delay(quantity(DT, "ms")).named("synapses");
    parameters.iter().for_each(|(name, value)| {
        projection.parameter(*name, *value);
    });
    let mut simulation = compiled(&net, Which::F64);
    simulation.run(120_000.0).unwrap_or_else(|e| panic!("{model}: {e}"));
    let found = simulation.synapse_state("synapses", "w").unwrap_or_else(|e| panic!("{model}: {e}"));
    let outside = found.iter().filter(|w| (*w - 0.5).abs() > 0.3).count() as f64 / found.len() as f64;
    let low = found.iter().filter(|w| **w < 0.2).count() as f64 / found.len() as f64;
    let [mean, _] = mean(&found);
    crate::lines::say(&format!("{model} {parameters:?}: {outside:.3} near a bound ({low:.3} the lower), mean {mean:.3}"));
    [outside, mean]
}

/// Song, Miller and Abbott (2000), figure 2, and Gütig et al. (2003): as a spike of an input makes one of the cell likelier, weights of the
/// additive rule part to both bounds, and those of the multiplicative one keep one hump. (Rubin, Lee and Sompolinsky 2001: it is how
/// bounds are imposed that decides.) Its middle has the input's own share in what it meets: in a cell of N inputs of rate r the trace of an
/// input is r τ after spikes of others and one more, κ, after those that it brought itself, 1 in N r τ; so the drift is zero where
/// (1 - w)(1 + κ/(N r τ)) = α w.
#[test]
fn two_humps_or_one() {
    let additive = [("lambda", "0.015"), ("alpha", "1.125"), ("mu_plus", "0"), ("mu_minus", "0")];
    let pair = [("a_plus", "0.015"), ("a_minus", "0.016875")];
    for (model, parameters) in [("stdp_guetig", &additive[..]), ("stdp_pair", &pair[..])] {
        let [outside, _] = humps(model, parameters);
        // of weights that lie anywhere two fifths are there
        assert!(outside > 0.7, "{model}: {outside}");
    }
    let multiplicative = [("lambda", "0.02"), ("alpha", "1.125"), ("mu_plus", "1"), ("mu_minus", "1")];
    let [outside, mean] = humps("stdp_guetig", &multiplicative);
    assert!(outside == 0.0, "{outside}");
    // the mean over the kernel of the cell of what is left of the input's own spike, from one step after it (the delay's two ways)
    let (e, s) = ((-DT / 20.0f64).exp(), (-DT / 2.0f64).exp());
    let kappa = (1.0 - s) * e * e / (1.0 - s * e);
    let alpha = 1.125 / (1.0 + kappa / (20.0 * left(20.0, 20.0, false)));
    let expected = 1.0 / (1.0 + alpha);
    crate::lines::say(&format!("expected {expected:.4}"));
    assert!((mean - expected).abs() < 0.01, "{mean} for {expected}");
}
