//! Rules twice: as a text of ours, and as what the oracle runs. Nothing is shared between the two but the order of the numbers.

use super::oracle::{Chance, Place, Synapse, add, post, pre, send, set, state};

/// A synapse of the oracle with these numbers, its delay here.
type MakeSynapse = Box<dyn Fn(&[f64], Place) -> Synapse>;

pub struct Rule {
    pub name: &'static str,
    /// With `PORT` for the port, `PORT_UNIT` for its unit and `PLACE` for the place of the delay.
    pub text: String,
    /// Parameters and their units, in the order of the numbers; those of states and increments stand in the unit of the port.
    pub parameters: &'static [(&'static str, &'static str)],
    pub synapse: MakeSynapse,
}

const STDP: &[(&str, &str)] =
    &[("w_0", "PORT"), ("w_max", "PORT"), ("lambda", ""), ("alpha", ""), ("tau_plus", "ms"), ("tau_minus", "ms")];

impl Rule {
    /// The text of a synapse model, called as the rule is.
    pub fn model(&self, port: &str, unit: &str, place: Place) -> String {
        let place = if place == Place::Axonal { "axonal" } else { "dendritic" };
        let text = self.text.replace("PORT_UNIT", unit).replace("PORT", port).replace("PLACE", place);
        format!("synapse {}\n{text}", self.name)
    }
}

/// NEST's `stdp_synapse` with mu_plus = mu_minus = 0: at one moment potentiation goes first, and depression reads what the trace
/// of the target was before.
pub fn additive() -> Rule {
    Rule {
        name: "additive",
        text: String::from(
            "
  param w_0 = 1 PORT_UNIT, w_max = 1 PORT_UNIT, lambda = 0.01, alpha = 1, tau_plus = 20 ms, tau_minus = 20 ms
  state w = w_0 (from 0 PORT_UNIT to w_max)
  state x = 0, y = 0
  dx/dt = -x/tau_plus
  dy/dt = -y/tau_minus
  delay PLACE
  on_post w += lambda*w_max*x
  on_pre w -= alpha*lambda*w_max*y; PORT += w; x += 1
  on_post y += 1
",
        ),
        parameters: STDP,
        synapse: Box::new(|p, place| {
            let &[w_0, w_max, lambda, alpha, tau_plus, tau_minus] = p else { panic!("{p:?}") };
            Synapse {
                states: vec![
                    state("w", w_0).within(0.0, w_max),
                    state("x", 0.0).decays(tau_plus),
                    state("y", 0.0).decays(tau_minus),
                ],
                lines: vec![
                    post([add(0, move |s| lambda * w_max * s[1])]),
                    pre([add(0, move |s| -alpha * lambda * w_max * s[2]), send(|s| s[0]), add(1, |_| 1.0)]),
                    post([add(2, |_| 1.0)]),
                ],
                place,
                ends: Default::default(),
                chance: Chance::NONE,
            }
        }),
    }
}

/// With mu_plus = mu_minus = 1.
pub fn multiplicative() -> Rule {
    Rule {
        name: "multiplicative",
        text: String::from(
            "
  param w_0 = 1 PORT_UNIT, w_max = 1 PORT_UNIT, lambda = 0.01, alpha = 1, tau_plus = 20 ms, tau_minus = 20 ms
  state w = w_0 (from 0 PORT_UNIT to w_max)
  state x = 0, y = 0
  dx/dt = -x/tau_plus
  dy/dt = -y/tau_minus
  delay PLACE
  on_post w += lambda*(w_max - w)*x
  on_pre w -= alpha*lambda*w*y; PORT += w; x += 1
  on_post y += 1
",
        ),
        parameters: STDP,
        synapse: Box::new(|p, place| {
            let &[_, _, lambda, alpha, ..] = p else { panic!("{p:?}") };
            let w_max = p[1];
            let lines = vec![
                post([add(0, move |s| lambda * (w_max - s[0]) * s[1])]),
                pre([add(0, move |s| -alpha * lambda * s[0] * s[2]), send(|s| s[0]), add(1, |_| 1.0)]),
                post([add(2, |_| 1.0)]),
            ];
            Synapse { lines, ..(additive().synapse)(p, place) }
        }),
    }
}

/// NEST's `stdp_pl_synapse_hom`: potentiation goes with a power of the weight. `w_max` only bounds what is sent.
pub fn power_law() -> Rule {
    Rule {
        name: "power_law",
        text: String::from(
            "
  param w_0 = 1 PORT_UNIT, w_max = 1 PORT_UNIT, lambda = 0.1, alpha = 0.05, tau_plus = 15 ms, tau_minus = 30 ms, mu = 0.4
  state w = w_0 (from 0 PORT_UNIT to w_max)
  state x = 0, y = 0
  dx/dt = -x/tau_plus
  dy/dt = -y/tau_minus
  delay PLACE
  on_post w += lambda*(w/(1 PORT_UNIT))**mu*x*(1 PORT_UNIT)
  on_pre w -= alpha*lambda*w*y; PORT += w; x += 1
  on_post y += 1
",
        ),
        parameters: &[
            ("w_0", "PORT"),
            ("w_max", "PORT"),
            ("lambda", ""),
            ("alpha", ""),
            ("tau_plus", "ms"),
            ("tau_minus", "ms"),
            ("mu", ""),
        ],
        synapse: Box::new(|p, place| {
            let &[_, _, lambda, alpha, _, _, mu] = p else { panic!("{p:?}") };
            let lines = vec![
                post([add(0, move |s| lambda * s[0].powf(mu) * s[1])]),
                pre([add(0, move |s| -alpha * lambda * s[0] * s[2]), send(|s| s[0]), add(1, |_| 1.0)]),
                post([add(2, |_| 1.0)]),
            ];
            Synapse { lines, ..(additive().synapse)(&p[..6], place) }
        }),
    }
}

/// Tsodyks and Markram, u and x, as NEST's `tsodyks2_synapse` has it where `u_rest` is 0 at the start and later.
pub fn tm2() -> Rule {
    Rule {
        name: "tm2",
        text: String::from(
            "
  param w = 1 PORT_UNIT, U = 0.5, u_rest = 0, tau_rec = 800 ms, tau_fac = 20 ms
  state u = u_rest (from 0 to 1), x = 1 (from 0 to 1), r = 0 (from 0 to 1)
  du/dt = (u_rest - u)/tau_fac
  dx/dt = (1 - x)/tau_rec
  delay PLACE
  on_pre u += U*(1 - u); r = u*x; x -= r; PORT += w*r
",
        ),
        parameters: &[("w", "PORT"), ("U", ""), ("u_rest", ""), ("tau_rec", "ms"), ("tau_fac", "ms")],
        synapse: Box::new(|p, place| {
            let &[w, up, u_rest, tau_rec, tau_fac] = p else { panic!("{p:?}") };
            Synapse {
                states: vec![
                    state("u", u_rest).toward(u_rest, tau_fac).within(0.0, 1.0),
                    state("x", 1.0).toward(1.0, tau_rec).within(0.0, 1.0),
                    state("r", 0.0).within(0.0, 1.0),
                ],
                lines: vec![pre([
                    add(0, move |s| up * (1.0 - s[0])),
                    set(2, |s| s[0] * s[1]),
                    add(1, |s| -s[2]),
                    send(move |s| w * s[2]),
                ])],
                place,
                ends: Default::default(),
                chance: Chance::NONE,
            }
        }),
    }
}

/// Tsodyks, Uziel and Markram (2000): what was released is active for tau_psc before it recovers. Recovered and active are coupled;
/// q = x + c y with c = tau_psc/(tau_psc - tau_rec) is not: dq/dt = (1 - q)/tau_rec. (A parameter c would be a number per synapse,
/// which is kept in single precision.)
pub fn tm() -> Rule {
    Rule {
        name: "tm",
        text: String::from(
            "
  param w = 1 PORT_UNIT, U = 0.5, tau_psc = 3 ms, tau_rec = 800 ms, tau_fac = 20 ms
  c = tau_psc/(tau_psc - tau_rec)
  state u = 0 (from 0 to 1), q = 1 (from -1 to 1), y = 0 (from 0 to 1), r = 0 (from 0 to 1)
  du/dt = -u/tau_fac
  dq/dt = (1 - q)/tau_rec
  dy/dt = -y/tau_psc
  delay PLACE
  on_pre u += U*(1 - u); r = u*(q - c*y); q += (c - 1)*r; y += r; PORT += w*r
",
        ),
        parameters: &[("w", "PORT"), ("U", ""), ("tau_psc", "ms"), ("tau_rec", "ms"), ("tau_fac", "ms")],
        synapse: Box::new(|p, place| {
            let &[w, up, tau_psc, tau_rec, tau_fac] = p else { panic!("{p:?}") };
            let c = tau_psc / (tau_psc - tau_rec);
            Synapse {
                states: vec![
                    state("u", 0.0).decays(tau_fac).within(0.0, 1.0),
                    state("q", 1.0).toward(1.0, tau_rec).within(-1.0, 1.0),
                    state("y", 0.0).decays(tau_psc).within(0.0, 1.0),
                    state("r", 0.0).within(0.0, 1.0),
                ],
                lines: vec![pre([
                    add(0, move |s| up * (1.0 - s[0])),
                    set(3, move |s| s[0] * (s[1] - c * s[2])),
                    add(1, move |s| (c - 1.0) * s[3]),
                    add(2, |s| s[3]),
                    send(move |s| w * s[3]),
                ])],
                place,
                ends: Default::default(),
                chance: Chance::NONE,
            }
        }),
    }
}

/// How the change of a weight depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bounds {
    None,
    Hard,
    /// Depression goes with the weight, potentiation with what is left to its bound.
    Soft,
}

/// Pairs of spikes; at one moment depression goes first, and both read the traces as they were.
pub fn pair(nearest: bool, bounds: Bounds) -> Rule {
    let up = if bounds == Bounds::Soft { "a_plus*(w_max - w)*x" } else { "a_plus*w_max*x" };
    let down = if bounds == Bounds::Soft { "a_minus*w*y" } else { "a_minus*w_max*y" };
    let sign = if nearest { "=" } else { "+=" };
    let range = if bounds == Bounds::None { "from -16*w_max to 16*w_max" } else { "from 0 PORT_UNIT to w_max" };
    Rule {
        name: match (nearest, bounds) {
            (false, Bounds::None) => "pair_free",
            (false, Bounds::Hard) => "pair_hard",
            (false, Bounds::Soft) => "pair_soft",
            (true, Bounds::None) => "nearest_free",
            (true, Bounds::Hard) => "nearest_hard",
            (true, Bounds::Soft) => "nearest_soft",
        },
        text: format!(
            "
  param w_0 = 1 PORT_UNIT, w_max = 1 PORT_UNIT, a_plus = 0.01, a_minus = 0.0105, tau_plus = 20 ms, tau_minus = 20 ms
  state w = w_0 ({range})
  state x = 0, y = 0
  dx/dt = -x/tau_plus
  dy/dt = -y/tau_minus
  delay PLACE
  on_pre w -= {down}; PORT += w
  on_post w += {up}; y {sign} 1
  on_pre x {sign} 1
"
        ),
        parameters: &[("w_0", "PORT"), ("w_max", "PORT"), ("a_plus", ""), ("a_minus", ""), ("tau_plus", "ms"), ("tau_minus", "ms")],
        synapse: Box::new(move |p, place| {
            let &[w_0, w_max, a_plus, a_minus, tau_plus, tau_minus] = p else { panic!("{p:?}") };
            let soft = bounds == Bounds::Soft;
            let range = if bounds == Bounds::None { (-16.0 * w_max, 16.0 * w_max) } else { (0.0, w_max) };
            let spike = move |place: usize| set(place, move |s| if nearest { 1.0 } else { s[place] + 1.0 });
            Synapse {
                states: vec![
                    state("w", w_0).within(range.0, range.1),
                    state("x", 0.0).decays(tau_plus),
                    state("y", 0.0).decays(tau_minus),
                ],
                lines: vec![
                    pre([add(0, move |s| -a_minus * if soft { s[0] } else { w_max } * s[2]), send(|s| s[0])]),
                    post([add(0, move |s| a_plus * if soft { w_max - s[0] } else { w_max } * s[1]), spike(2)]),
                    pre([spike(1)]),
                ],
                place,
                ends: Default::default(),
                chance: Chance::NONE,
            }
        }),
    }
}
