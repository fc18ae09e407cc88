//! The ready models of synapses that learn, their texts in the units of a puppet's port.

use synfire::model::library;

use super::oracle::{Chance, End, Place, Synapse, add, draw, every, post, pre, send, set, state, step};
use super::rules::{self, Bounds, Rule};
use super::trains::DT;
use super::{chance, longer};

type Numbers = [(&'static str, &'static str, f64)];

/// The text of a ready model as a rule; `synapse` takes the numbers in the order of `numbers`.
fn ready(name: &str, numbers: &Numbers, synapse: impl Fn(&[f64], Place) -> Synapse + 'static) -> (Rule, Vec<f64>, Place) {
    let (_, text) = library::SYNAPSE_TEXTS.iter().find(|(known, _)| *known == name).unwrap_or_else(|| panic!("no model {name}"));
    let (_, body) = text.split_once(&format!("synapse {name}\n")).expect("a model");
    let text = body.replace("g_exc +=", "PORT +=").replace("g_inh +=", "PORT +=").replace(" nS", " PORT_UNIT");
    // a modulator is the state of a puppet
    let text = text.replace(": uM", ": 1").replace(" uM", "");
    // what a puppet has in place of a potential is a number
    let text = text.replace("post.v", "post.c").replace(" mV", "");
    let place = if text.contains("delay dendritic") { Place::Dendritic } else { Place::Axonal };
    let parameters: Vec<(&'static str, &'static str)> = numbers.iter().map(|(name, unit, _)| (*name, *unit)).collect();
    let rule = Rule { name: format!("my_{name}").leak(), text, parameters: parameters.leak(), synapse: Box::new(synapse) };
    (rule, numbers.iter().map(|(.., number)| *number).collect(), place)
}

/// All of them, with numbers that single precision holds and the place of the delay that their text states.
pub fn all() -> Vec<(Rule, Vec<f64>, Place)> {
    let pair = [
        ("w_0", "PORT", 0.0),
        ("w_max", "PORT", 1.0),
        ("a_plus", "", 0.0625),
        ("a_minus", "", 0.046875),
        ("tau_plus", "ms", 16.0),
        ("tau_minus", "ms", 32.0),
    ];
    let stdp = [
        ("w_0", "PORT", 0.0),
        ("w_max", "PORT", 1.0),
        ("lambda", "", 0.03125),
        ("alpha", "", 1.25),
        ("tau_plus", "ms", 16.0),
        ("tau_minus", "ms", 32.0),
    ];
    let power = |exponent| [&stdp[..], &[exponent]].concat();
    let guetig = [&stdp[..], &[("mu_plus", "", 0.5), ("mu_minus", "", 0.25)]].concat();
    let triplet = [
        ("w_0", "PORT", 0.0),
        ("w_max", "PORT", 1.0),
        ("a_2_minus", "", 0.03125),
        ("a_3_plus", "", 0.015625),
        ("tau_plus", "ms", 16.0),
        ("tau_minus", "ms", 32.0),
        ("tau_y", "ms", 128.0),
    ];
    let full = [&triplet[..], &[("a_2_plus", "", 0.03125), ("a_3_minus", "", 0.0078125), ("tau_x", "ms", 96.0)]].concat();
    let tm2 = [("w", "PORT", 1.0), ("u_0", "", 0.25), ("u_rest", "", 0.125), ("tau_rec", "ms", 64.0), ("tau_fac", "ms", 32.0)];
    let tm = [("w", "PORT", 1.0), ("u_0", "", 0.25), ("tau_psc", "ms", 4.0), ("tau_rec", "ms", 64.0), ("tau_fac", "ms", 32.0)];
    let sites = [&tm2[..1], &[("n_sites", "", 7.0)], &tm2[1..]].concat();
    let reward = [
        ("w_0", "PORT", 0.0),
        ("w_max", "PORT", 1.0),
        ("a_plus", "PORT", 0.0625),
        ("a_minus", "PORT", 0.046875),
        ("tau_plus", "ms", 16.0),
        ("tau_minus", "ms", 32.0),
        ("tau_c", "ms", 64.0),
    ];
    // 2^-6 per ms
    let vogels =
        [("w_0", "PORT", 0.0), ("w_max", "PORT", 1.0), ("eta", "PORT", 0.0625), ("rho_0", "Hz", 15.625), ("tau", "ms", 16.0)];
    let normalised = [&pair[..], &[("total", "PORT", 2.0), ("period", "ms", 5.0)]].concat();
    // 2^-6 and 2^-10 per ms
    let scaling = [
        ("w_0", "PORT", 0.0),
        ("w_max", "PORT", 1.0),
        ("goal", "Hz", 15.625),
        ("tau_a", "ms", 64.0),
        ("period", "ms", 5.0),
        ("beta", "", 0.0625),
        ("gamma", "Hz", 0.9765625),
    ];
    let clopath = [
        ("g", "PORT", 1.0),
        ("w_0", "", 0.0),
        ("w_max", "", 1.0),
        ("theta_minus", "", 0.25),
        ("theta_plus", "", 0.5),
        ("a_ltd", "", 0.0078125),
        ("a_ltp", "", 0.00390625),
        ("tau_x", "ms", 16.0),
        ("tau_minus", "ms", 8.0),
        ("tau_plus", "ms", 4.0),
    ];
    let calcium = [
        ("w_low", "PORT", 0.25),
        ("w_high", "PORT", 1.0),
        ("rho_0", "", 0.5),
        ("tau_ca", "ms", 4.0),
        ("c_pre", "", 1.0),
        ("c_post", "", 0.6875),
        ("theta_d", "", 0.875),
        ("theta_p", "", 1.375),
        ("gamma_d", "", 8.0),
        ("gamma_p", "", 32.0),
        ("sigma", "", 0.5),
        ("tau", "ms", 512.0),
        ("rho_star", "", 0.5),
    ];
    // steps of triplet rules are parts of w_0, and those of the rule of this test parts of w_max
    let part = |p: &[f64], a: f64| a * p[0] / p[1];
    vec![
        ready("stdp_pair", &pair, |p, place| (rules::pair(false, Bounds::Hard).synapse)(p, place)),
        ready("stdp_nearest", &pair, |p, place| (rules::pair(true, Bounds::Hard).synapse)(p, place)),
        ready("stdp_multiplicative", &stdp, |p, place| (rules::multiplicative().synapse)(p, place)),
        ready("stdp_power_law", &power(("mu", "", 0.5)), |p, place| (rules::power_law().synapse)(p, place)),
        ready("stdp_guetig", &guetig, |p, place| {
            let &[_, w_max, lambda, alpha, _, _, mu_plus, mu_minus] = p else { panic!("{p:?}") };
            let lines = vec![
                post([add(0, move |s| lambda * w_max * (1.0 - s[0] / w_max).max(0.0).powf(mu_plus) * s[1])]),
                pre([
                    add(0, move |s| -lambda * alpha * w_max * (s[0] / w_max).max(0.0).powf(mu_minus) * s[2]),
                    send(|s| s[0]),
                    add(1, |_| 1.0),
                ]),
                post([add(2, |_| 1.0)]),
            ];
            Synapse { lines, ..(rules::additive().synapse)(&p[..6], place) }
        }),
        ready("stdp_triplet", &triplet, move |p, place| {
            let numbers = [p[0], p[1], 0.0, part(p, p[3]), part(p, p[2]), 0.0, p[4], 1.0, p[5], p[6]];
            (longer::triplet().synapse)(&numbers, place)
        }),
        ready("stdp_triplet_full", &full, move |p, place| {
            let [a2p, a3p, a2m, a3m] = [p[7], p[3], p[2], p[8]].map(|a| part(p, a));
            (longer::triplet().synapse)(&[p[0], p[1], a2p, a3p, a2m, a3m, p[4], p[9], p[5], p[6]], place)
        }),
        ready("stdp_normalised", &normalised, |p, place| {
            let &[_, _, _, _, _, _, total, period] = p else { panic!("{p:?}") };
            let mut synapse = (rules::pair(false, Bounds::Hard).synapse)(&p[..6], place);
            synapse.states.push(state("a sum", 0.0));
            let share = set(0, move |s| s[0] * if s[3] > 0.0 { total / s[3] } else { 1.0 });
            synapse.lines.push(every((period / DT) as u64, [share]).with_sum(3, |s| s[0]));
            synapse
        }),
        ready("homeostatic_scaling", &scaling, |p, place| {
            let &[w_0, w_max, goal, tau_a, period, beta, gamma] = p else { panic!("{p:?}") };
            let [goal, gamma] = [goal, gamma].map(|hertz| hertz / 1000.0);
            Synapse {
                states: vec![state("w", w_0).within(0.0, w_max), state("a", 0.0).decays(tau_a), state("missed", 0.0)],
                lines: vec![
                    pre([send(|s| s[0])]),
                    post([add(1, move |_| 1.0 / tau_a)]),
                    every(
                        (period / DT) as u64,
                        [
                            add(0, move |s| period * s[0] * (beta * (goal - s[1]) + gamma * s[2])),
                            add(2, move |s| period * (goal - s[1])),
                        ],
                    )
                    .of(8.0),
                ],
                place,
                ends: Default::default(),
                chance: Chance::NONE,
            }
        }),
        ready("clopath_2010", &clopath, |p, place| {
            let &[g, w_0, w_max, theta_minus, theta_plus, a_ltd, a_ltp, tau_x, tau_minus, tau_plus] = p else { panic!("{p:?}") };
            Synapse {
                states: vec![
                    state("w", w_0).within(0.0, w_max),
                    state("x", 0.0).decays(tau_x),
                    state("u_minus", theta_minus),
                    state("u_plus", theta_minus),
                    state("post.c", 0.0).of(End::Post),
                ],
                lines: vec![
                    step([
                        set(2, move |s| (s[4] - s[2]) / tau_minus),
                        set(3, move |s| (s[4] - s[3]) / tau_plus),
                        set(0, move |s| a_ltp * s[1] * (s[4] - theta_plus).max(0.0) * (s[3] - theta_minus).max(0.0)),
                    ])
                    .of(8.0),
                    pre([
                        add(0, move |s| -a_ltd * (s[2] - theta_minus).max(0.0)),
                        send(move |s| g * s[0]),
                        add(1, move |_| 1.0 / tau_x),
                    ]),
                ],
                place,
                ends: Default::default(),
                chance: Chance::NONE,
            }
        }),
        ready("graupner_brunel_2012", &calcium, |p, place| {
            let &[w_low, w_high, rho_0, tau_ca, c_pre, c_post, theta_d, theta_p, gamma_d, gamma_p, sigma, tau, rho_star] = p else {
                panic!("{p:?}")
            };
            let above = |x: f64| if x >= 0.0 { 1.0 } else { 0.0 };
            let rate = move |s: &[f64]| {
                let (up, down) = (above(s[1] - theta_p), above(s[1] - theta_d));
                let own = -s[0] * (1.0 - s[0]) * (rho_star - s[0]);
                (own + gamma_p * (1.0 - s[0]) * up - gamma_d * s[0] * down) / tau
            };
            Synapse {
                states: vec![
                    state("rho", rho_0).within(0.0, 1.0),
                    state("c", 0.0).decays(tau_ca),
                    draw(0),
                    draw(1),
                    state("an angle", 0.0),
                    state("a radius", 0.0),
                ],
                lines: vec![
                    step([set(0, rate)]).of(16.0),
                    pre([send(move |s| w_low + s[0] * (w_high - w_low)), add(1, move |_| c_pre)]),
                    post([add(1, move |_| c_post)]),
                    every(
                        1,
                        [
                            set(4, |s| 2.0 * std::f64::consts::PI * s[3]),
                            set(5, |s| -2.0 * (1.0 - s[2]).ln()),
                            add(0, move |s| {
                                let active = above(s[1] - theta_p) + above(s[1] - theta_d);
                                sigma * (DT / tau * active).sqrt() * s[5].sqrt() * s[4].cos()
                            }),
                        ],
                    )
                    .of(16.0),
                ],
                place,
                ends: Default::default(),
                chance: Chance::NONE,
            }
        }),
        ready("tm2", &tm2, |p, place| (rules::tm2().synapse)(p, place)),
        ready("tm", &tm, |p, place| (rules::tm().synapse)(p, place)),
        ready("tm_stochastic", &tm2, chance::vesicle),
        ready("tm_multiquantal", &sites, chance::vesicles),
        ready("stdp_reward", &reward, |p, place| {
            let &[w_0, w_max, a_plus, a_minus, tau_plus, tau_minus, tau_c] = p else { panic!("{p:?}") };
            Synapse {
                states: vec![
                    state("w", w_0).within(0.0, w_max),
                    state("x", 0.0).decays(tau_plus),
                    state("y", 0.0).decays(tau_minus),
                    state("c", 0.0).decays(tau_c),
                    state("third.c", 0.0).of(End::Third),
                ],
                lines: vec![
                    pre([add(3, move |s| -a_minus * s[2]), send(|s| s[0])]),
                    post([add(3, move |s| a_plus * s[1]), set(2, |_| 1.0)]),
                    pre([set(1, |_| 1.0)]),
                    every((10.0 / DT) as u64, [add(0, |s| s[3] * s[4])]),
                ],
                place,
                ends: Default::default(),
                chance: Chance::NONE,
            }
        }),
        ready("vogels_2011", &vogels, |p, place| {
            let &[w_0, w_max, eta, rho_0, tau] = p else { panic!("{p:?}") };
            let alpha = 2.0 * rho_0 / 1000.0 * tau;
            Synapse {
                states: vec![state("w", w_0).within(0.0, w_max), state("x", 0.0).decays(tau), state("y", 0.0).decays(tau)],
                lines: vec![
                    pre([add(0, move |s| eta * (s[2] - alpha)), send(|s| s[0])]),
                    post([add(0, move |s| eta * s[1]), add(2, |_| 1.0)]),
                    pre([add(1, |_| 1.0)]),
                ],
                place,
                ends: Default::default(),
                chance: Chance::NONE,
            }
        }),
    ]
}
