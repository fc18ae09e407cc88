//! Rules with draws: what the oracle reads by its key, the engines draw where a line runs.

use super::oracle::{Chance, Place, Synapse, add, draw, post, pre, send, set, state};
use super::rules::Rule;

/// A synapse that transmits or does not, and nothing else.
pub fn unreliable() -> Rule {
    Rule {
        name: "unreliable",
        text: "
  param w_0 = 1 PORT_UNIT, p = 0.5
  delay PLACE
  on_pre PORT += w_0 if rand() < p else 0 PORT_UNIT
"
        .into(),
        parameters: &[("w_0", "PORT"), ("p", "")],
        synapse: Box::new(|p, place| {
            let &[w_0, p] = p else { panic!("{p:?}") };
            Synapse {
                states: vec![draw(0)],
                lines: vec![pre([send(move |s| if s[0] < p { w_0 } else { 0.0 })])],
                place,
                ends: Default::default(),
                chance: Chance::NONE,
            }
        }),
    }
}

/// Draws in lines of both ends, above and below the first of the target, into what is sent, a trace (which each synapse then has for
/// itself) and the weight.
pub fn random_steps() -> Rule {
    Rule {
        name: "random_steps",
        text: "
  param w_0 = 1 PORT_UNIT, w_max = 1 PORT_UNIT, a_plus = 0.05, a_minus = 0.05, p = 0.5, tau_plus = 16 ms, tau_minus = 32 ms
  state w = w_0 (from 0 PORT_UNIT to w_max), r = 0 (from 0 to 1)
  state x = 0, y = 0
  dx/dt = -x/tau_plus
  dy/dt = -y/tau_minus
  delay PLACE
  on_pre w -= a_minus*w_max*y*rand(); r = rand(); PORT += w*r*int(rand() < p)
  on_post w += a_plus*w_max*x*int(rand() < p); y += 1
  on_pre x += rand() + rand()
"
        .into(),
        parameters: &[
            ("w_0", "PORT"),
            ("w_max", "PORT"),
            ("a_plus", ""),
            ("a_minus", ""),
            ("p", ""),
            ("tau_plus", "ms"),
            ("tau_minus", "ms"),
        ],
        synapse: Box::new(|p, place| {
            let &[w_0, w_max, a_plus, a_minus, p, tau_plus, tau_minus] = p else { panic!("{p:?}") };
            let first = 4;
            let mut states = vec![
                state("w", w_0).within(0.0, w_max),
                state("r", 0.0).within(0.0, 1.0),
                state("x", 0.0).decays(tau_plus),
                state("y", 0.0).decays(tau_minus),
            ];
            states.extend((0..6).map(draw));
            let hit = move |u: f64| if u < p { 1.0 } else { 0.0 };
            Synapse {
                states,
                lines: vec![
                    pre([
                        add(0, move |s| -a_minus * w_max * s[3] * s[first]),
                        set(1, move |s| s[first + 1]),
                        send(move |s| s[0] * s[1] * hit(s[first + 2])),
                    ]),
                    post([add(0, move |s| a_plus * w_max * s[2] * hit(s[first + 3])), add(3, |_| 1.0)]),
                    pre([add(2, move |s| s[first + 4] + s[first + 5])]),
                ],
                place,
                ends: Default::default(),
                chance: Chance::NONE,
            }
        }),
    }
}

/// The ready model `tm_stochastic`: a site that is seen full or empty at each spike.
pub fn vesicle(p: &[f64], place: Place) -> Synapse {
    let &[w, up, u_rest, tau_rec, tau_fac] = p else { panic!("{p:?}") };
    let hit = |yes: bool| if yes { 1.0 } else { 0.0 };
    Synapse {
        states: vec![
            state("u", u_rest).toward(u_rest, tau_fac).within(0.0, 1.0),
            state("e", 0.0).decays(tau_rec).within(0.0, 1.0),
            state("r", 0.0).within(0.0, 1.0),
            draw(0),
            draw(1),
        ],
        lines: vec![pre([
            add(0, move |s| up * (1.0 - s[0])),
            // a vesicle leaves a site that is not empty
            set(2, move |s| hit(s[3] >= s[1] && s[4] < s[0])),
            set(1, move |s| hit(s[3] < s[1] || s[2] > 0.5)),
            send(move |s| w * s[2]),
        ])],
        place,
        ends: Default::default(),
        chance: Chance::NONE,
    }
}

/// Draws of the ready model `tm_multiquantal` for either thing that happens to its sites.
const SITES: usize = 10;

/// The ready model `tm_multiquantal`: sites one after the other, those that are filled again first.
pub fn vesicles(p: &[f64], place: Place) -> Synapse {
    let &[w, sites, up, u_rest, tau_rec, tau_fac] = p else { panic!("{p:?}") };
    let mut states = vec![
        state("u", u_rest).toward(u_rest, tau_fac).within(0.0, 1.0),
        state("n", sites).within(0.0, sites),
        state("k", 0.0).within(0.0, sites),
        state("h", 0.0).decays(tau_rec),
    ];
    let first = states.len();
    states.extend((0..2 * SITES as u32).map(draw));
    // how many of so many sites are hit
    let hits =
        |of: f64, draws: &[f64], hit: &dyn Fn(f64) -> bool| draws[..of.round() as usize].iter().filter(|u| hit(**u)).count() as f64;
    Synapse {
        states,
        lines: vec![pre([
            add(0, move |s| up * (1.0 - s[0])),
            add(1, move |s| hits(sites - s[1], &s[first..], &|u| u >= s[3])),
            set(2, move |s| hits(s[1], &s[first + SITES..], &|u| u < s[0])),
            add(1, |s| -s[2]),
            send(move |s| w / sites * s[2]),
            set(3, |_| 1.0),
        ])],
        place,
        ends: Default::default(),
        chance: Chance::NONE,
    }
}
