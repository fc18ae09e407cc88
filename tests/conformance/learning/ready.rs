//! The ready models of synapses that learn, their texts in the units of a puppet's port.

use synfire::model::library;

use super::oracle::{Chance, Place, Synapse, add, post, pre, send, state};
use super::rules::{self, Bounds, Rule};
use super::{chance, longer};

type Numbers = [(&'static str, &'static str, f64)];

/// The text of a ready model as a rule; `synapse` takes the numbers in the order of `numbers`.
fn ready(name: &str, numbers: &Numbers, synapse: impl Fn(&[f64], Place) -> Synapse + 'static) -> (Rule, Vec<f64>, Place) {
    let (_, text) = library::SYNAPSE_TEXTS.iter().find(|(known, _)| *known == name).unwrap_or_else(|| panic!("no model {name}"));
    let (_, body) = text.split_once(&format!("synapse {name}\n")).expect("a model");
    let text = body.replace("g_exc +=", "PORT +=").replace("g_inh +=", "PORT +=").replace(" nS", " PORT_UNIT");
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
    // 2^-6 per ms
    let vogels =
        [("w_0", "PORT", 0.0), ("w_max", "PORT", 1.0), ("eta", "PORT", 0.0625), ("rho_0", "Hz", 15.625), ("tau", "ms", 16.0)];
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
        ready("tm2", &tm2, |p, place| (rules::tm2().synapse)(p, place)),
        ready("tm", &tm, |p, place| (rules::tm().synapse)(p, place)),
        ready("tm_stochastic", &tm2, chance::vesicle),
        ready("tm_multiquantal", &sites, chance::vesicles),
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
