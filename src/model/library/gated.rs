//! Text of a non-spiking neuron with any number of gated ion channels, and any number of gates to a channel.

use std::fmt::Write;

use crate::model::grammar::number;

/// An ion channel: g·(product of its gates to their powers)·(e - v).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Channel {
    /// What its conductance is multiplied by.
    pub gates: Vec<Gate>,
    /// Carries current into the cell alone: `max(e - v, 0)` in place of `e - v`.
    pub rectified: bool,
}

/// One gate of a channel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gate {
    /// The power to which it is raised.
    pub power: f64,
    /// How it follows its steady state.
    pub pace: Pace,
}

/// How a gate follows its steady state 1/(1 + q), q = k·exp(s·(e - v)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// It is always there.
    Instantaneous,
    /// With the time constant tau/(1 + q)·sqrt(q), a state of its own.
    Dynamic,
    /// With the time constant tau at every potential, a state of its own.
    Constant,
}

impl Gate {
    /// A gate that is always at its steady state.
    pub fn instantaneous(power: f64) -> Gate {
        Gate { power, pace: Pace::Instantaneous }
    }

    /// A gate whose time constant depends on the potential.
    pub fn dynamic(power: f64) -> Gate {
        Gate { power, pace: Pace::Dynamic }
    }

    /// A gate with one time constant.
    pub fn constant(power: f64) -> Gate {
        Gate { power, pace: Pace::Constant }
    }
}

/// The text of a neuron model `name` with these channels, for [`crate::Network::equations`].
///
/// Channel 1 has the parameters `g_1`, `e_1`; its first gate `k_1a`, `s_1a`, `e_1a`, and if it is not instantaneous `tau_1a` and the state
/// `x_1a`, which starts at the steady state. All are to be given by the population. Gates take their step first, from the old
/// potential, and the potential then sees the new gates. Inputs and other parameters are those of `non_spiking`.
///
/// A text holds at most [`MAX_ITEMS`](crate::model::grammar::MAX_ITEMS) lines: about 40 channels of three gates.
///
/// **Source** Nourse, Jackson, Szczecinski and Quinn (2023) Biomimetics 8:247 (SNS-Toolbox,
/// `NonSpikingNeuronWithGatedChannels`).
///
/// ```
/// use synfire::model::library::{Channel, Gate, gated};
/// use synfire::{Choice, Network, Options};
/// let sodium = Channel { gates: vec![Gate::instantaneous(1.0), Gate::dynamic(1.0)], rectified: false };
/// let mut net = Network::new("one cell");
/// net.equations(&gated("cell", &[sodium]));
/// let cell = net.population("cell", "cell", 1);
/// cell.parameter("g_1", "1 uS").parameter("e_1", "110 mV");
/// cell.parameter("k_1a", 1.0).parameter("s_1a", "0.05 1/mV").parameter("e_1a", "20 mV");
/// cell.parameter("k_1b", 0.5).parameter("s_1b", "-0.05 1/mV").parameter("e_1b", "0 mV").parameter("tau_1b", "300 ms");
/// net.compile(&Options::default().engine(Choice::Cpu))?.run(100.0)?;
/// # Ok::<(), synfire::Error>(())
/// ```
pub fn gated(name: &str, channels: &[Channel]) -> String {
    let (mut declared, mut named, mut steps) = (String::new(), String::new(), String::new());
    let mut current = String::new();
    for (channel, c) in channels.iter().zip(1..) {
        let mut product = format!("g_{c}");
        let _ = writeln!(declared, "  param g_{c} : uS\n  param e_{c} : mV");
        for (k, gate) in channel.gates.iter().enumerate() {
            let place = format!("{c}{}", letters(k));
            let _ = writeln!(declared, "  param k_{place} : 1\n  param s_{place} : 1/mV\n  param e_{place} : mV");
            let _ = writeln!(named, "  q_{place} = k_{place}*exp(s_{place}*(e_{place} - v))\n  inf_{place} = 1/(1 + q_{place})");
            let value = match gate.pace {
                Pace::Instantaneous => format!("inf_{place}"),
                pace => {
                    let _ = writeln!(declared, "  param tau_{place} : ms\n  state x_{place} = inf_{place}");
                    let slower = if pace == Pace::Dynamic { format!("*inf_{place}*sqrt(q_{place})") } else { String::new() };
                    let rate = format!("(inf_{place} - x_{place})/(tau_{place}{slower})");
                    let _ = writeln!(steps, "    x_{place} = x_{place} + dt*{rate}");
                    format!("x_{place}")
                }
            };
            let _ = write!(product, "*{value}**({})", number(gate.power));
        }
        let drive = if channel.rectified { format!("max(e_{c} - v, 0)") } else { format!("(e_{c} - v)") };
        let _ = writeln!(named, "  i_{c} = {product}*{drive}");
        let _ = write!(current, " + i_{c}");
    }
    format!(
        "neuron {name}
  param c_m = 5 nF, g_leak = 1 uS, e_leak = 0 mV, i_e = 0 nA
  state v = e_leak
{declared}  input g_syn : uS
  input i_syn : nA
  input i_stim : nA
{named}  dv/dt = (g_leak*(e_leak - v) + i_e{current} + i_syn - g_syn*v + i_stim)/c_m
  method euler
  step
{steps}    integrate
"
    )
}

/// a, b, ..., z, za, zb, ...
fn letters(k: usize) -> String {
    let last = char::from(b'a' + (k % 26) as u8);
    "z".repeat(k / 26) + &last.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::integrate::rule;

    #[test]
    fn any_number_of_channels_and_gates_is_a_model() {
        for (channels, gates) in [(0, 0), (1, 1), (2, 3), (40, 3), (1, 30)] {
            for rectified in [false, true] {
                let gate = |k: usize| match k % 3 {
                    0 => Gate::instantaneous(k as f64),
                    1 => Gate::dynamic(0.5),
                    _ => Gate::constant(2.0),
                };
                let channel = Channel { gates: (0..gates).map(gate).collect(), rectified };
                let text = gated("cell", &vec![channel; channels]);
                let set = super::super::read("cell", &text).unwrap_or_else(|report| panic!("{report}"));
                let model = &set.neurons["cell"];
                assert_eq!(model.states.len(), 1 + channels * (0..gates).filter(|k| !k.is_multiple_of(3)).count());
                rule(model, None, 0.1, &[true; 3]).unwrap_or_else(|e| panic!("{e}"));
            }
        }
    }
}
