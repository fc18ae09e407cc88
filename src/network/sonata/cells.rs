//! Models of cells by the names of others: what they are called here, with their parameters, units and ports.
//!
//! In: `model_template` and `dynamics_params`. Out: a ready model, or equations. **Source**: NEST 3.10, models iaf_psc_alpha, iaf_psc_exp,
//! iaf_psc_delta, iaf_cond_exp, iaf_cond_alpha, glif_psc; NEURON, intfire1.mod, with parameters in seconds, as bmtk reads them.

/// A model of cells.
pub struct Cell {
    /// As SONATA calls it.
    pub template: &'static str,
    /// As it is called here.
    pub model: &'static str,
    /// What weights above 0 are added to, and those below; the unit of both.
    pub ports: [&'static str; 2],
    pub unit: &'static str,
    /// Weights below 0 are conductances of another port, which are above 0.
    pub magnitudes: bool,
    /// Where a current that is injected goes.
    pub current: Option<&'static str>,
    pub parameters: &'static [Parameter],
    /// The potential at the start, in mV, if it is none of the model's.
    pub start: Option<f64>,
    /// Each time constant of `tau_syn` is a port of its own, which edges name by `receptor_type`.
    pub receptors: bool,
    /// What states are called here, of those that are called otherwise there.
    pub states: &'static [(&'static str, &'static str)],
}

/// A parameter: its name there and here, the unit of both, the value there if none is given.
pub struct Parameter {
    pub there: &'static str,
    pub here: &'static str,
    pub unit: &'static str,
    /// What a number there is multiplied by.
    pub times: f64,
    pub default: f64,
}

const fn p(there: &'static str, here: &'static str, unit: &'static str, default: f64) -> Parameter {
    Parameter { there, here, unit, times: 1.0, default }
}

const fn seconds(there: &'static str, here: &'static str, default: f64) -> Parameter {
    Parameter { there, here, unit: "ms", times: 1e3, default }
}

const PSC: [Parameter; 9] = [
    p("C_m", "c_m", "pF", 250.0),
    p("tau_m", "tau_m", "ms", 10.0),
    p("E_L", "e_leak", "mV", -70.0),
    p("V_th", "v_th", "mV", -55.0),
    p("V_reset", "v_reset", "mV", -70.0),
    p("t_ref", "t_ref", "ms", 2.0),
    p("I_e", "i_e", "pA", 0.0),
    p("tau_syn_ex", "tau_exc", "ms", 2.0),
    p("tau_syn_in", "tau_inh", "ms", 2.0),
];

const DELTA: [Parameter; 7] = [
    p("C_m", "c_m", "pF", 250.0),
    p("tau_m", "tau_m", "ms", 10.0),
    p("E_L", "e_leak", "mV", -70.0),
    p("V_th", "v_th", "mV", -55.0),
    p("V_reset", "v_reset", "mV", -70.0),
    p("t_ref", "t_ref", "ms", 2.0),
    p("I_e", "i_e", "pA", 0.0),
];

const COND: [Parameter; 11] = [
    p("C_m", "c_m", "pF", 250.0),
    p("g_L", "g_leak", "nS", 16.6667),
    p("E_L", "e_leak", "mV", -70.0),
    p("V_th", "v_th", "mV", -55.0),
    p("V_reset", "v_reset", "mV", -60.0),
    p("t_ref", "t_ref", "ms", 2.0),
    p("I_e", "i_e", "pA", 0.0),
    p("E_ex", "e_exc", "mV", 0.0),
    p("E_in", "e_inh", "mV", -85.0),
    p("tau_syn_ex", "tau_exc", "ms", 0.2),
    p("tau_syn_in", "tau_inh", "ms", 2.0),
];

/// What stands in lists is `KEY[k]`; what follows from these is `glif`.
const GLIF: [Parameter; 25] = [
    p("C_m", "c_m", "pF", 58.72),
    p("g", "g_leak", "nS", 9.43),
    p("E_L", "e_leak", "mV", -78.85),
    p("V_th", "v_th", "mV", -51.68),
    p("V_reset", "", "mV", -78.85),
    p("t_ref", "t_ref", "ms", 3.75),
    p("I_e", "i_e", "pA", 0.0),
    p("asc_init[0]", "i_1", "pA", 0.0),
    p("asc_init[1]", "i_2", "pA", 0.0),
    p("asc_decay[0]", "k_1", "kHz", 0.003),
    p("asc_decay[1]", "k_2", "kHz", 0.1),
    p("asc_amps[0]", "a_1", "pA", -9.18),
    p("asc_amps[1]", "a_2", "pA", -198.94),
    p("asc_r[0]", "r_1", "", 1.0),
    p("asc_r[1]", "r_2", "", 1.0),
    p("th_spike_add", "a_s", "mV", 0.37),
    p("th_spike_decay", "b_s", "kHz", 0.009),
    p("th_voltage_index", "a_v", "kHz", 0.005),
    p("th_voltage_decay", "b_v", "kHz", 0.09),
    p("voltage_reset_fraction", "f_v", "", 0.2),
    p("voltage_reset_add", "v_add", "mV", 18.51),
    p("spike_dependent_threshold", "", "", 0.0),
    p("after_spike_currents", "", "", 0.0),
    p("adapting_threshold", "", "", 0.0),
    p("tau_syn[0]", "tau_1", "ms", 2.0),
];

/// What the switches of NEST's glif_psc make of the values of one cell, by their names there.
pub fn glif(values: &mut [(&str, f64)]) {
    let of = |values: &[(&str, f64)], name: &str| values.iter().find(|(other, _)| *other == name).map_or(0.0, |(_, x)| *x);
    let set = |values: &mut [(&str, f64)], name: &str, x: f64| {
        values.iter_mut().filter(|(other, _)| *other == name).for_each(|(_, value)| *value = x);
    };
    if of(values, "spike_dependent_threshold") == 0.0 {
        let up = of(values, "V_reset") - of(values, "E_L");
        for (name, x) in [("voltage_reset_fraction", 0.0), ("voltage_reset_add", up), ("th_spike_add", 0.0)] {
            set(values, name, x);
        }
    }
    if of(values, "after_spike_currents") == 0.0 {
        for name in ["asc_init[0]", "asc_init[1]", "asc_amps[0]", "asc_amps[1]"] {
            set(values, name, 0.0);
        }
    }
    if of(values, "adapting_threshold") == 0.0 {
        set(values, "th_voltage_index", 0.0);
    }
}

/// Cells of `glif`, of this library, with a port for each of so many receptors.
pub fn glif_equations(receptors: usize) -> String {
    let each = |of: &dyn Fn(usize) -> String, between: &str| (1..=receptors).map(of).collect::<Vec<_>>().join(between);
    let taus = each(&|k| format!("tau_{k} = 2 ms"), ", ");
    let states = each(&|k| format!("s_{k} = 0 pA, rise_{k} = 0 pA/ms"), ", ");
    let inputs = each(&|k| format!("  input s_{k} -> rise_{k}*exp(1)/tau_{k}"), "\n");
    let currents = each(&|k| format!("s_{k}"), " + ");
    let decays = each(&|k| format!("  ds_{k}/dt = rise_{k} - s_{k}/tau_{k}\n  drise_{k}/dt = -rise_{k}/tau_{k}"), "\n");
    format!(
        "# glif_psc of NEST (Teeter et al. 2018): `glif`, with a port for each receptor
neuron glif_psc_{receptors}
  param c_m = 85.87 pF, g_leak = 3.712 nS, e_leak = -71.4 mV, v_th = -47.82 mV, t_ref = 6.7 ms (above 0 ms), i_e = 0 pA
  param f_v = 0, v_add = 0 mV
  param a_1 = 0 pA, a_2 = 0 pA, k_1 = 0.03 kHz, k_2 = 0.3 kHz, r_1 = 1, r_2 = 1
  param a_s = 0 mV, b_s = 0.103 kHz, a_v = 0 kHz, b_v = 0.0343 kHz
  param {taus}
  state v = e_leak, v_before = e_leak, i_1 = 0 pA, i_2 = 0 pA, theta_s = 0 mV, theta_v = 0 mV
  state {states}
{inputs}
  input i_stim : pA
  dv/dt        = (g_leak*(e_leak - v) + i_1 + i_2 + {currents} + i_e + i_stim)/c_m (unless refractory)
  di_1/dt      = -k_1*i_1 (unless refractory)
  di_2/dt      = -k_2*i_2 (unless refractory)
  dtheta_s/dt  = -b_s*theta_s (unless refractory)
  dtheta_v/dt  = a_v*(v - e_leak) - b_v*theta_v (unless refractory)
{decays}
  threshold v > v_th + theta_s + theta_v
  reset
    v = e_leak + f_v*(v_before - e_leak) + v_add
    i_1 = a_1 + r_1*i_1*exp(-k_1*t_ref)
    i_2 = a_2 + r_2*i_2*exp(-k_2*t_ref)
    theta_s = a_s + theta_s*exp(-b_s*t_ref)
  refractory t_ref
  step
    v_before = v
    integrate
    receive
    spike
"
    )
}

const INTFIRE1: [Parameter; 2] = [seconds("tau", "tau", 0.010), seconds("refrac", "t_ref", 0.005)];

/// Cells of NEURON's IntFire1, which NEURON works out at the time of each event.
pub const INTFIRE1_EQUATIONS: &str =
    "# IntFire1 of NEURON (intfire1.mod): m decays; a spike that arrives adds its weight, unless the cell is refractory
neuron intfire1
  param tau = 10 ms, t_ref = 5 ms
  state m = 0
  input m (lost while refractory)
  dm/dt = -m/tau (unless refractory)
  threshold m > 1
  reset m = 0
  refractory t_ref
";

const V: &[(&str, &str)] = &[("V_m", "v"), ("I_syn_ex", "i_exc"), ("I_syn_in", "i_inh"), ("g_ex", "g_exc"), ("g_in", "g_inh")];

/// All that are known.
pub const CELLS: [Cell; 7] = [
    Cell {
        template: "nrn:IntFire1",
        model: "intfire1",
        ports: ["m", "m"],
        unit: "",
        magnitudes: false,
        current: None,
        parameters: &INTFIRE1,
        start: None,
        receptors: false,
        states: &[],
    },
    psc("nest:iaf_psc_alpha", "lif_psc_alpha", &PSC),
    psc("nest:iaf_psc_exp", "lif_psc_exp", &PSC),
    Cell { ports: ["delta", "delta"], unit: "mV", ..psc("nest:iaf_psc_delta", "lif_psc_delta", &DELTA) },
    Cell { ports: ["g_exc", "g_inh"], unit: "nS", magnitudes: true, ..psc("nest:iaf_cond_exp", "lif_cond_exp", &COND) },
    Cell { ports: ["g_exc", "g_inh"], unit: "nS", magnitudes: true, ..psc("nest:iaf_cond_alpha", "lif_cond_alpha", &COND) },
    Cell { receptors: true, start: Some(-78.85), ..psc("nest:glif_psc", "glif_psc", &GLIF) },
];

const fn psc(template: &'static str, model: &'static str, parameters: &'static [Parameter]) -> Cell {
    let (ports, receptors) = (["i_exc", "i_inh"], false);
    Cell {
        template,
        model,
        ports,
        unit: "pA",
        magnitudes: false,
        current: Some("i_stim"),
        parameters,
        start: Some(-70.0),
        receptors,
        states: V,
    }
}

/// The model of a template, with or without the name of its simulator before it.
pub fn of(template: &str) -> Option<&'static Cell> {
    let plain = |name: &str| name.split_once(':').map_or(name.to_string(), |(_, name)| name.to_string());
    CELLS.iter().find(|cell| cell.template == template || (!template.contains(':') && plain(cell.template) == template))
}

/// Their templates, for messages.
pub fn known() -> String {
    CELLS.iter().map(|cell| format!("`{}`", cell.template)).collect::<Vec<_>>().join(", ")
}
