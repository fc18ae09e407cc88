//! The order of convergence of each method of integration, measured: an error that falls as dt^p has order p.
//!
//! In: systems without spikes, in f64, at steps each half the last. The truth is a closed form, or RK4 at a step so small
//! that its own error does not show. The orders that are asked for are those that `model::integrate` claims.

use synfire::network::{Network, Value};

use crate::case::quantity;
use crate::engines::Which;
use crate::lines::say;

/// Two states that drive each other, with time in the equations: nothing of it is linear, nothing decays by itself.
const PENDULUM: &str = "
neuron pendulum
  state x = 1, y = 0
  dx/dt = (y + 0.3*sin(t/(1 ms)))/(1 ms)
  dy/dt = -(sin(x) + 0.2*y**3)/(1 ms)
";

/// Runs one neuron for so long and gives a state of it.
struct System {
    text: &'static str,
    model: &'static str,
    values: Vec<(&'static str, Value)>,
    initial: Vec<(&'static str, Value)>,
    state: &'static str,
    /// ms
    duration: f64,
}

impl System {
    fn at(&self, method: &str, dt: f64) -> f64 {
        let mut net = Network::new(self.model);
        net.dt(quantity(dt, "ms")).equations(self.text);
        let population = net.population("cell", self.model, 1).method(method);
        self.values.iter().for_each(|(name, value)| {
            population.parameter(*name, value.clone());
        });
        self.initial.iter().for_each(|(name, value)| {
            population.initial(*name, value.clone());
        });
        let mut simulation = Which::F64.compile(&net).unwrap_or_else(|e| panic!("{} {method}: {e:?}", self.model));
        simulation.run_steps((self.duration / dt).round() as u64).unwrap_or_else(|e| panic!("{e}"));
        simulation.state("cell", self.state).unwrap_or_else(|e| panic!("{e}"))[0]
    }

    /// The order between the two smallest of five steps.
    fn order(&self, method: &str, largest: f64, truth: f64) -> f64 {
        let errors: Vec<f64> = (0..5).map(|k| (self.at(method, largest / f64::from(1 << k)) - truth).abs()).collect();
        let orders: Vec<f64> = errors.windows(2).map(|pair| (pair[0] / pair[1]).log2()).collect();
        let text = format!("order of {method:<18} {:<16} {orders:.2?} (errors {})", self.model, listed(&errors));
        say(&text);
        orders[3]
    }
}

fn listed(errors: &[f64]) -> String {
    errors.iter().map(|e| format!("{e:.1e}")).collect::<Vec<_>>().join(" ")
}

/// Within this of the order: at the step taken here the next term of the error is below a tenth of the first.
const NEAR: f64 = 0.1;

fn near(name: &str, order: f64, expected: f64) {
    assert!((order - expected).abs() <= NEAR, "{name}: order {order:.3}, expected {expected}");
}

#[test]
fn order_of_the_methods_for_any_equation() {
    let pendulum = System { text: PENDULUM, model: "pendulum", values: vec![], initial: vec![], state: "x", duration: 4.0 };
    // RK4 at 2^-11 ms: its error is 2^-24 of that at 2^-5, where it is 1e-8
    let truth = pendulum.at("rk4", 2f64.powi(-11));
    let all = [("euler", 1.0), ("heun", 2.0), ("rk2", 2.0), ("ralston", 2.0), ("rk3", 3.0), ("rk4", 4.0), ("rk4_38", 4.0)];
    for (method, expected) in all {
        near(method, pendulum.order(method, 0.125, truth), expected);
    }
}

/// A conductance that decays by itself is exact inside every method, which must not cost it its order.
#[test]
fn order_with_exactly_decaying_conductances() {
    let cell = System {
        text: "",
        model: "lif_cond_exp",
        values: vec![("v_th", "1000 mV".into()), ("tau_exc", "2 ms".into())],
        initial: vec![("g_exc", "30 nS".into()), ("g_inh", "20 nS".into())],
        state: "v",
        duration: 8.0,
    };
    let truth = cell.at("rk4", 2f64.powi(-9));
    // the conductances enter exponential Euler at the middle of the step, hence its second order
    let all = [("euler", 1.0), ("heun", 2.0), ("rk2", 2.0), ("ralston", 2.0), ("rk4", 4.0), ("exponential_euler", 2.0)];
    for (method, expected) in all {
        near(method, cell.order(method, 0.5, truth), expected);
    }
}

/// Exponential Euler is staggered: gates first, then the membrane with the new gates.
#[test]
fn order_of_exponential_euler_for_hodgkin_huxley() {
    let cell = |initial: Vec<(&'static str, Value)>| System {
        text: "",
        model: "hodgkin_huxley",
        values: vec![("i_e", "5 uA/cm**2".into())],
        initial,
        state: "v",
        duration: 4.0,
    };
    // the resting state, to twelve digits (tests/reference/neurons)
    let rest = cell(vec![
        ("v", "-64.996379331192 mV".into()),
        ("m", 0.052955086813.into()),
        ("h", 0.59599412474.into()),
        ("n", 0.317732399761.into()),
    ]);
    let from_rest = rest.order("exponential_euler", 0.05, rest.at("rk4", 0.001));
    near("exponential_euler from rest", from_rest, 2.0);
    // off their equilibrium the gates begin half a step from where staggering would have them
    let off = cell(vec![("v", "-60 mV".into()), ("m", 0.2.into()), ("h", 0.3.into()), ("n", 0.5.into())]);
    let off_rest = off.order("exponential_euler", 0.05, off.at("rk4", 0.001));
    near("exponential_euler off equilibrium", off_rest, 1.0);
}

/// No error but rounding, whatever the step; here where both time constants are the same, which is a singular case of the
/// usual formula.
#[test]
fn exact_propagation_is_exact() {
    let cell = System {
        text: "",
        model: "lif_psc_exp",
        values: vec![("tau_m", "10 ms".into()), ("tau_exc", "10 ms".into()), ("v_th", "1000 mV".into())],
        initial: vec![("v", "-60 mV".into()), ("i_exc", "500 pA".into())],
        state: "v",
        duration: 16.0,
    };
    // dI/dt = -I/tau, dv/dt = -(v - e)/tau + I/c: v = e + (v0 - e + I0 t/c) exp(-t/tau), with the model's 250 pF, -70 mV
    let truth = -70.0 + (10.0 + 500.0 * 16.0 / 250.0) * (-1.6f64).exp();
    for dt in [16.0, 1.0, 0.0625, 2f64.powi(-8)] {
        let error = (cell.at("exact", dt) - truth).abs();
        // as many roundings of a number near 64 mV as there are steps in a time constant, 2^-47 mV each, at least one
        let allowed = 2.0 * (10.0 / dt).max(1.0) * 2f64.powi(-47);
        assert!(error <= allowed, "dt {dt}: error {error:.1e}, allowed {allowed:.1e}");
    }
}

/// Geometric Brownian motion, dx = a x dt + s x dW: x(T) = exp((a - s^2/2) T + s W(T)).
///
/// `w` sums the same draws (one symbol is one draw), so that each path has its own exact end, and the strong error, the
/// mean of |x - exact|, is measured without drawing anything again.
const GEOMETRIC: &str = "
neuron geometric
  param a = 0.5 kHz, s = 1
  state x = 1, w = 0
  dx/dt = a*x + s/sqrt(1 ms)*x*xi
  dw/dt = s/sqrt(1 ms)*xi
";

#[test]
fn strong_order_of_the_methods_for_noise() {
    for (method, expected) in [("euler_maruyama", 0.5), ("milstein", 1.0)] {
        let error = |dt: f64| {
            let mut net = Network::new("geometric");
            net.dt(quantity(dt, "ms")).seed(7).equations(GEOMETRIC);
            net.population("cell", "geometric", 4000).method(method);
            let mut simulation = Which::F64.compile(&net).unwrap_or_else(|e| panic!("{method}: {e:?}"));
            simulation.run_steps((1.0 / dt).round() as u64).unwrap_or_else(|e| panic!("{e}"));
            let mut state = |name| simulation.state("cell", name).unwrap_or_else(|e| panic!("{e}"));
            let (x, w) = (state("x"), state("w"));
            // a - s^2/2 = 0
            let spread = w.iter().map(|w| w * w).sum::<f64>() / w.len() as f64;
            // the variance of 4000 normal draws of variance T = 1 is off by sqrt(2/4000) = 0.022 or so
            assert!((spread - 1.0).abs() < 5.0 * 0.0224, "the variance of W(1 ms) is {spread}");
            x.iter().zip(&w).map(|(x, w)| (x - w.exp()).abs()).sum::<f64>() / x.len() as f64
        };
        let errors: Vec<f64> = [16.0, 64.0, 256.0, 1024.0].map(|n| error(1.0 / n)).to_vec();
        // dt falls by a factor of 64 in all
        let order = (errors[0] / errors[3]).log2() / 6.0;
        let text = format!("strong order of {method:<14} {order:.2} (errors {})", listed(&errors));
        say(&text);
        // the mean over 4000 paths of errors about as large as their mean is off by 2 to 5 %, 0.02 of the order
        near(method, order, expected);
    }
}
