//! Rules with more than a trace of each end.

use super::oracle::{Chance, End, Synapse, add, post, pre, send, state};
use super::rules::Rule;

/// Pfister and Gerstner (2006) J. Neurosci. 26:9673, all to all: two traces of each end, of which the slow ones are read as they were
/// before the spike.
pub fn triplet() -> Rule {
    Rule {
        name: "triplet",
        text: "
  param w_0 = 1 PORT_UNIT, w_max = 1 PORT_UNIT, a2_plus = 0.01, a3_plus = 0.01, a2_minus = 0.01, a3_minus = 0.01
  param tau_plus = 16 ms, tau_x = 100 ms, tau_minus = 32 ms, tau_y = 125 ms
  state w = w_0 (from 0 PORT_UNIT to w_max)
  state r1 = 0, r2 = 0, o1 = 0, o2 = 0
  dr1/dt = -r1/tau_plus
  dr2/dt = -r2/tau_x
  do1/dt = -o1/tau_minus
  do2/dt = -o2/tau_y
  delay PLACE
  on_pre w -= w_max*o1*(a2_minus + a3_minus*r2); PORT += w
  on_post w += w_max*r1*(a2_plus + a3_plus*o2); o1 += 1; o2 += 1
  on_pre r1 += 1; r2 += 1
"
        .into(),
        parameters: &[
            ("w_0", "PORT"),
            ("w_max", "PORT"),
            ("a2_plus", ""),
            ("a3_plus", ""),
            ("a2_minus", ""),
            ("a3_minus", ""),
            ("tau_plus", "ms"),
            ("tau_x", "ms"),
            ("tau_minus", "ms"),
            ("tau_y", "ms"),
        ],
        synapse: Box::new(|p, place| {
            let &[w_0, w_max, a2p, a3p, a2m, a3m, tau_plus, tau_x, tau_minus, tau_y] = p else { panic!("{p:?}") };
            Synapse {
                states: vec![
                    state("w", w_0).within(0.0, w_max),
                    state("r1", 0.0).decays(tau_plus),
                    state("r2", 0.0).decays(tau_x),
                    state("o1", 0.0).decays(tau_minus),
                    state("o2", 0.0).decays(tau_y),
                ],
                lines: vec![
                    pre([add(0, move |s| -w_max * s[3] * (a2m + a3m * s[2])), send(|s| s[0])]),
                    post([add(0, move |s| w_max * s[1] * (a2p + a3p * s[4])), add(3, |_| 1.0), add(4, |_| 1.0)]),
                    pre([add(1, |_| 1.0), add(2, |_| 1.0)]),
                ],
                place,
                ends: Default::default(),
                chance: Chance::NONE,
            }
        }),
    }
}

/// Vogels et al. (2011) Science 334:1569: a spike of the source alone depresses, pairs in either order potentiate.
pub fn vogels() -> Rule {
    Rule {
        name: "vogels",
        text: "
  param w_0 = 1 PORT_UNIT, w_max = 1 PORT_UNIT, eta = 0.05, alpha = 0.25, tau = 20 ms
  state w = w_0 (from 0 PORT_UNIT to w_max)
  state x = 0, y = 0
  dx/dt = -x/tau
  dy/dt = -y/tau
  delay PLACE
  on_pre w += eta*w_max*(y - alpha); x += 1; PORT += w
  on_post w += eta*w_max*x; y += 1
"
        .into(),
        parameters: &[("w_0", "PORT"), ("w_max", "PORT"), ("eta", ""), ("alpha", ""), ("tau", "ms")],
        synapse: Box::new(|p, place| {
            let &[w_0, w_max, eta, alpha, tau] = p else { panic!("{p:?}") };
            Synapse {
                states: vec![state("w", w_0).within(0.0, w_max), state("x", 0.0).decays(tau), state("y", 0.0).decays(tau)],
                lines: vec![
                    pre([add(0, move |s| eta * w_max * (s[2] - alpha)), add(1, |_| 1.0), send(|s| s[0])]),
                    post([add(0, move |s| eta * w_max * s[1]), add(2, |_| 1.0)]),
                ],
                place,
                ends: Default::default(),
                chance: Chance::NONE,
            }
        }),
    }
}

/// Pairs write to an eligibility trace, which both ends change, so that every synapse has its own; the weight follows it.
pub fn eligibility() -> Rule {
    Rule {
        name: "eligibility",
        text: "
  param w_0 = 1 PORT_UNIT, w_max = 1 PORT_UNIT, eta = 0.05, a_plus = 0.25, a_minus = 0.25
  param tau_plus = 16 ms, tau_minus = 32 ms, tau_e = 64 ms
  state w = w_0 (from 0 PORT_UNIT to w_max)
  state x = 0, y = 0, e = 0
  dx/dt = -x/tau_plus
  dy/dt = -y/tau_minus
  de/dt = -e/tau_e
  delay PLACE
  on_pre e -= a_minus*y; w += eta*w_max*e; PORT += w
  on_post e += a_plus*x; y += 1
  on_pre x += 1
"
        .into(),
        parameters: &[
            ("w_0", "PORT"),
            ("w_max", "PORT"),
            ("eta", ""),
            ("a_plus", ""),
            ("a_minus", ""),
            ("tau_plus", "ms"),
            ("tau_minus", "ms"),
            ("tau_e", "ms"),
        ],
        synapse: Box::new(|p, place| {
            let &[w_0, w_max, eta, a_plus, a_minus, tau_plus, tau_minus, tau_e] = p else { panic!("{p:?}") };
            Synapse {
                states: vec![
                    state("w", w_0).within(0.0, w_max),
                    state("x", 0.0).decays(tau_plus),
                    state("y", 0.0).decays(tau_minus),
                    state("e", 0.0).decays(tau_e),
                ],
                lines: vec![
                    pre([add(3, move |s| -a_minus * s[2]), add(0, move |s| eta * w_max * s[3]), send(|s| s[0])]),
                    post([add(3, move |s| a_plus * s[1]), add(2, |_| 1.0)]),
                    pre([add(1, |_| 1.0)]),
                ],
                place,
                ends: Default::default(),
                chance: Chance::NONE,
            }
        }),
    }
}

/// A third factor: a state of the neuron at either end, as it is when the line runs.
pub fn third_factor() -> Rule {
    Rule {
        name: "third_factor",
        text: "
  param w_0 = 1 PORT_UNIT, w_max = 1 PORT_UNIT, eta = 0.05, theta = 1, tau_plus = 16 ms
  state w = w_0 (from 0 PORT_UNIT to w_max)
  state x = 0
  dx/dt = -x/tau_plus
  delay PLACE
  on_pre w += eta*w_max*(theta - post.c); PORT += w
  on_post w += eta*w_max*x*post.c
  on_pre x += pre.c; w -= eta*w_max*post.c*pre.c
"
        .into(),
        parameters: &[("w_0", "PORT"), ("w_max", "PORT"), ("eta", ""), ("theta", ""), ("tau_plus", "ms")],
        synapse: Box::new(|p, place| {
            let &[w_0, w_max, eta, theta, tau_plus] = p else { panic!("{p:?}") };
            Synapse {
                states: vec![
                    state("w", w_0).within(0.0, w_max),
                    state("x", 0.0).decays(tau_plus),
                    state("pre.c", 0.0).of(End::Pre),
                    state("post.c", 0.0).of(End::Post),
                ],
                lines: vec![
                    pre([add(0, move |s| eta * w_max * (theta - s[3])), send(|s| s[0])]),
                    post([add(0, move |s| eta * w_max * s[1] * s[3])]),
                    pre([add(1, |s| s[2]), add(0, move |s| -eta * w_max * s[3] * s[2])]),
                ],
                place,
                ends: Default::default(),
                chance: Chance::NONE,
            }
        }),
    }
}

/// A third factor that is of neither end: pairs write to an eligibility trace, and what the modulator is says what becomes of it.
pub fn modulated() -> Rule {
    Rule {
        name: "modulated",
        text: "
  param w_0 = 1 PORT_UNIT, w_max = 1 PORT_UNIT, eta = 0.05, theta = 1, tau_plus = 16 ms, tau_e = 64 ms
  state w = w_0 (from 0 PORT_UNIT to w_max)
  state x = 0, e = 0
  modulator d = theta
  dx/dt = -x/tau_plus
  de/dt = -e/tau_e
  delay PLACE
  on_pre e -= 0.25*d; w += eta*w_max*(d - theta)*e; PORT += w
  on_post e += x; w += eta*w_max*d*e
  on_pre x += 1; w -= eta*w_max*d
"
        .into(),
        parameters: &[("w_0", "PORT"), ("w_max", "PORT"), ("eta", ""), ("theta", ""), ("tau_plus", "ms"), ("tau_e", "ms")],
        synapse: Box::new(|p, place| {
            let &[w_0, w_max, eta, theta, tau_plus, tau_e] = p else { panic!("{p:?}") };
            Synapse {
                states: vec![
                    state("w", w_0).within(0.0, w_max),
                    state("x", 0.0).decays(tau_plus),
                    state("e", 0.0).decays(tau_e),
                    state("third.c", 0.0).of(End::Third),
                ],
                lines: vec![
                    pre([add(2, |s| -0.25 * s[3]), add(0, move |s| eta * w_max * (s[3] - theta) * s[2]), send(|s| s[0])]),
                    post([add(2, |s| s[1]), add(0, move |s| eta * w_max * s[3] * s[2])]),
                    pre([add(1, |_| 1.0), add(0, move |s| -eta * w_max * s[3])]),
                ],
                place,
                ends: Default::default(),
                chance: Chance::NONE,
            }
        }),
    }
}
