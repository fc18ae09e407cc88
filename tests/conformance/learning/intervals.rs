//! Rules with lines at an interval, sums over a target, and equations that are stepped.

use super::oracle::{Chance, End, Synapse, add, every, post, pre, send, set, state, step};
use super::rules::Rule;
use super::trains::DT;

/// The moments of so many ms.
fn moments(ms: f64) -> u64 {
    (ms / DT).round() as u64
}

/// Pairs, a homeostatic line above the first of the target, and below all a line that keeps the sum of a target. `e` notes a sum of
/// products, whose terms read traces of both ends.
pub fn scaled() -> Rule {
    Rule {
        name: "scaled",
        text: "
  param w_0 = 1 PORT_UNIT, w_max = 1 PORT_UNIT, a_plus = 0.01, a_minus = 0.01, tau_plus = 16 ms, tau_minus = 32 ms
  param goal = 0.5, beta = 0.01, total = 2 PORT_UNIT, period = 5 ms
  state w = w_0 (from 0 PORT_UNIT to w_max)
  state x = 0, y = 0, e = 0
  dx/dt = -x/tau_plus
  dy/dt = -y/tau_minus
  delay PLACE
  every period  w += beta*w*(goal - y - e/64)
  on_pre w -= a_minus*w_max*y; PORT += w
  on_post w += a_plus*w_max*x; y += 1
  on_pre x += 1
  every 2*period
    w = w*total/max(incoming(w), total/16)
  every 2*period
    e = incoming(w*x*(1 + y))/w_max
"
        .into(),
        parameters: &[
            ("w_0", "PORT"),
            ("w_max", "PORT"),
            ("a_plus", ""),
            ("a_minus", ""),
            ("tau_plus", "ms"),
            ("tau_minus", "ms"),
            ("goal", ""),
            ("beta", ""),
            ("total", "PORT"),
            ("period", "ms"),
        ],
        synapse: Box::new(|p, place| {
            let &[w_0, w_max, a_plus, a_minus, tau_plus, tau_minus, goal, beta, total, period] = p else { panic!("{p:?}") };
            Synapse {
                states: vec![
                    state("w", w_0).within(0.0, w_max),
                    state("x", 0.0).decays(tau_plus),
                    state("y", 0.0).decays(tau_minus),
                    state("e", 0.0),
                    state("a sum", 0.0),
                ],
                lines: vec![
                    every(moments(period), [add(0, move |s| beta * s[0] * (goal - s[2] - s[3] / 64.0))]),
                    pre([add(0, move |s| -a_minus * w_max * s[2]), send(|s| s[0])]),
                    post([add(0, move |s| a_plus * w_max * s[1]), add(2, |_| 1.0)]),
                    pre([add(1, |_| 1.0)]),
                    every(2 * moments(period), [set(0, move |s| s[0] * total / s[4].max(total / 16.0))]).with_sum(4, |s| s[0]),
                    every(2 * moments(period), [set(3, move |s| s[4] / w_max)]).with_sum(4, |s| s[0] * s[1] * (1.0 + s[2])),
                ],
                place,
                ends: Default::default(),
                chance: Chance::NONE,
            }
        }),
    }
}

/// A weight, and what it follows, that are stepped: from states of both ends, traces of both ends, a state with a closed form that
/// each synapse keeps, and each other.
pub fn stepped() -> Rule {
    Rule {
        name: "stepped",
        text: "
  param w_0 = 1 PORT_UNIT, w_max = 1 PORT_UNIT, eta = 0.01, tau_plus = 16 ms, tau_minus = 32 ms, tau_z = 24 ms, tau_u = 48 ms
  param theta = 0.25
  state w = w_0 (from 0 PORT_UNIT to w_max)
  state x = 0, y = 0, z = 0, u = 0
  dx/dt = -x/tau_plus
  dy/dt = -y/tau_minus
  dz/dt = -z/tau_z
  du/dt = (pre.c*post.c - u)/tau_u
  dw/dt = eta/(1 ms)*(max(u - theta, 0)*z*(w_max - w) - x*y*w)
  delay PLACE
  on_pre PORT += w; x += 1; z += 0.5
  on_post y += 1; z += 0.25*u
"
        .into(),
        parameters: &[
            ("w_0", "PORT"),
            ("w_max", "PORT"),
            ("eta", ""),
            ("tau_plus", "ms"),
            ("tau_minus", "ms"),
            ("tau_z", "ms"),
            ("tau_u", "ms"),
            ("theta", ""),
        ],
        synapse: Box::new(|p, place| {
            let &[w_0, w_max, eta, tau_plus, tau_minus, tau_z, tau_u, theta] = p else { panic!("{p:?}") };
            Synapse {
                states: vec![
                    state("w", w_0).within(0.0, w_max),
                    state("x", 0.0).decays(tau_plus),
                    state("y", 0.0).decays(tau_minus),
                    state("z", 0.0).decays(tau_z),
                    state("u", 0.0),
                    state("pre.c", 0.0).of(End::Pre),
                    state("post.c", 0.0).of(End::Post),
                ],
                lines: vec![
                    step([
                        set(4, move |s| (s[5] * s[6] - s[4]) / tau_u),
                        set(0, move |s| eta * ((s[4] - theta).max(0.0) * s[3] * (w_max - s[0]) - s[1] * s[2] * s[0])),
                    ])
                    // the two terms may cancel: each is no larger than the rate allows, five operations away
                    .of(12.0),
                    pre([send(|s| s[0]), add(1, |_| 1.0), add(3, |_| 0.5)]),
                    post([add(2, |_| 1.0), add(3, |s| 0.25 * s[4])]),
                ],
                place,
                ends: Default::default(),
                chance: Chance::NONE,
            }
        }),
    }
}

/// All kinds at once: pairs on spikes, a stepped average of the weight, in every tenth step a share of what the target has.
pub fn all() -> Rule {
    Rule {
        name: "all_kinds",
        text: "
  param w_0 = 1 PORT_UNIT, w_max = 1 PORT_UNIT, a_plus = 0.01, a_minus = 0.01, tau_plus = 16 ms, tau_minus = 32 ms, tau_u = 48 ms
  param total = 2 PORT_UNIT, back = 0.25
  state w = w_0 (from 0 PORT_UNIT to w_max)
  state x = 0, y = 0, u = 0.5
  dx/dt = -x/tau_plus
  dy/dt = -y/tau_minus
  du/dt = (w/w_max - u)/tau_u
  delay PLACE
  on_pre w -= a_minus*w_max*y*u; PORT += w; x += 1
  every 10*dt  w += back*(w_max*u - w)
  on_post w += a_plus*w_max*x; y += 1
  every 10*dt  w *= 1 + back*(total/max(incoming(w), total/16) - 1)
"
        .into(),
        parameters: &[
            ("w_0", "PORT"),
            ("w_max", "PORT"),
            ("a_plus", ""),
            ("a_minus", ""),
            ("tau_plus", "ms"),
            ("tau_minus", "ms"),
            ("tau_u", "ms"),
            ("total", "PORT"),
            ("back", ""),
        ],
        synapse: Box::new(|p, place| {
            let &[w_0, w_max, a_plus, a_minus, tau_plus, tau_minus, tau_u, total, back] = p else { panic!("{p:?}") };
            Synapse {
                states: vec![
                    state("w", w_0).within(0.0, w_max),
                    state("x", 0.0).decays(tau_plus),
                    state("y", 0.0).decays(tau_minus),
                    state("u", 0.5),
                    state("a sum", 0.0),
                ],
                lines: vec![
                    step([set(3, move |s| (s[0] / w_max - s[3]) / tau_u)]),
                    pre([add(0, move |s| -a_minus * w_max * s[2] * s[3]), send(|s| s[0]), add(1, |_| 1.0)]),
                    every(10, [add(0, move |s| back * (w_max * s[3] - s[0]))]),
                    post([add(0, move |s| a_plus * w_max * s[1]), add(2, |_| 1.0)]),
                    every(10, [set(0, move |s| s[0] * (1.0 + back * (total / s[4].max(total / 16.0) - 1.0)))])
                        .with_sum(4, |s| s[0])
                        .of(8.0),
                ],
                place,
                ends: Default::default(),
                chance: Chance::NONE,
            }
        }),
    }
}
