//! Design rules of functional subnetworks: from what a network shall do to conductances, capacitances and currents.
//!
//! In and out: numbers in mV, uS, nA, nF, ms; reversal potentials and ranges are counted from the resting potential.

/// Why a design cannot be. It names the number.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DesignError {
    /// A number that must be larger than 0.
    #[error("{what}: expected a number larger than 0, found {found}")]
    NotPositive {
        /// Which.
        what: String,
        /// What it is.
        found: f64,
    },
    /// A number that must be finite.
    #[error("{what}: expected a finite number, found {found}")]
    NotFinite {
        /// Which.
        what: String,
        /// What it is.
        found: f64,
    },
    /// A number beyond its bounds.
    #[error("{what}: expected a number from {low} to {high}, found {found}")]
    OutOfRange {
        /// Which.
        what: String,
        /// The lower bound.
        low: f64,
        /// The upper bound.
        high: f64,
        /// What it is.
        found: f64,
    },
    /// A gain that no conductance gives.
    #[error(
        "gain {gain} over {range} mV needs a reversal potential beyond {needed} mV from rest, found {reversal} mV\n  help: use a larger reversal potential, or a smaller gain"
    )]
    OutOfReach {
        /// What was asked for.
        gain: f64,
        /// Over which range of potentials.
        range: f64,
        /// The reversal potential that it takes.
        needed: f64,
        /// The reversal potential that there is.
        reversal: f64,
    },
    /// Nothing comes in.
    #[error("at least one input is needed")]
    NoInputs,
}

pub(super) fn positive(what: &str, found: f64) -> Result<(), DesignError> {
    if found > 0.0 && found.is_finite() { Ok(()) } else { Err(DesignError::NotPositive { what: what.into(), found }) }
}

pub(super) fn finite(what: &str, found: f64) -> Result<(), DesignError> {
    if found.is_finite() { Ok(()) } else { Err(DesignError::NotFinite { what: what.into(), found }) }
}

pub(super) fn within(what: &str, found: f64, low: f64, high: f64) -> Result<(), DesignError> {
    if (low..=high).contains(&found) { Ok(()) } else { Err(DesignError::OutOfRange { what: what.into(), low, high, found }) }
}

/// The maximal conductance of a synapse that takes its source's number to the target times `gain`.
///
/// At full activation G·U = g (E - U) and U = gain·R, so g = gain·R·G/(E - gain·R). The gain is negative for a reversal below
/// rest.
///
/// ```
/// use synfire::network::preset::design::transmission_conductance;
/// // gain 1 over 20 mV with a reversal 40 mV above rest
/// assert_eq!(transmission_conductance(1.0, 40.0, 20.0, 1.0)?, 1.0);
/// # Ok::<(), synfire::network::preset::DesignError>(())
/// ```
///
/// **Errors** a reversal that the target would have to pass.
pub fn transmission_conductance(gain: f64, reversal: f64, range: f64, leak: f64) -> Result<f64, DesignError> {
    positive("range", range)?;
    positive("conductance", leak)?;
    finite("gain", gain)?;
    finite("reversal", reversal)?;
    let full = gain * range;
    if full == 0.0 {
        return Ok(0.0);
    }
    if full / reversal >= 1.0 || full / reversal < 0.0 || reversal == 0.0 {
        return Err(DesignError::OutOfReach { gain, range, needed: full, reversal });
    }
    Ok(full * leak / (reversal - full))
}

/// How far a transmission of that gain is off at most, mV: it is right at 0 and R and bends above the line between.
///
/// With γ = g/G the target is at U(s) = γ s E/(1 + γ s), the line is γ s E/(1 + γ). Their difference is
/// γ² E s (1 - s)/((1 + γ s)(1 + γ)), largest at s = (√(1 + γ) - 1)/γ, where it is E (√(1 + γ) - 1)²/(1 + γ).
///
/// **Errors** as [`transmission_conductance`].
pub fn transmission_error(gain: f64, reversal: f64, range: f64) -> Result<f64, DesignError> {
    let ratio = transmission_conductance(gain, reversal, range, 1.0)?;
    let bend = (1.0 + ratio).sqrt() - 1.0;
    Ok((reversal * bend * bend / (1.0 + ratio)).abs())
}

/// The maximal conductance of a spiking synapse whose conductance is `mean` on average when spikes come regularly at
/// `frequency`, Hz; `tau` and `step` (dt) in ms.
///
/// Every spike lifts the conductance to its maximum, and k steps later it is q^k of that, q = 1 - dt/tau. Over the K = 1/(f·dt)
/// steps between two spikes the mean is g·q (1 - q^K)/((1 - q) K), so g = mean/(f (tau - dt) (1 - q^K)).
///
/// **Errors** a frequency or time constant that is not larger than 0, a step that is not shorter than the time constant, a frequency
/// above one spike per step.
pub fn spiking_conductance(mean: f64, frequency: f64, tau: f64, step: f64) -> Result<f64, DesignError> {
    finite("mean conductance", mean)?;
    positive("frequency", frequency)?;
    positive("step", step)?;
    positive("tau above the step", tau - step)?;
    within("frequency", frequency, 0.0, 1000.0 / step)?;
    let (per_step, decay) = (frequency * step / 1000.0, 1.0 - step / tau);
    Ok(mean / (frequency / 1000.0 * (tau - step) * (1.0 - decay.powf(1.0 / per_step))))
}

/// The gain of a synapse of that maximal conductance: U(R)/R = g E/((G + g) R).
pub fn gain_of(conductance: f64, reversal: f64, range: f64, leak: f64) -> f64 {
    conductance * reversal / ((leak + conductance) * range)
}

/// The maximal conductance of a synapse with its reversal at rest that, when fully active, leaves `ratio` of its target's number.
///
/// U = I/(G + g), and I/G without it: ratio = G/(G + g), so g = G (1/ratio - 1).
///
/// **Errors** a ratio that is not above 0 and at most 1.
pub fn modulation_conductance(ratio: f64, leak: f64) -> Result<f64, DesignError> {
    positive("conductance", leak)?;
    positive("ratio", ratio)?;
    within("ratio", ratio, 0.0, 1.0)?;
    Ok(leak * (1.0 / ratio - 1.0))
}

/// The conductance of the inhibitory synapse of a subtraction: at equal inputs both currents cancel, g_exc E_exc + g_inh E_inh = 0.
///
/// **Errors** a reversal of the inhibitory synapse that is not below rest.
pub fn cancelling_conductance(excitatory: f64, reversal: f64, inhibitory_reversal: f64) -> Result<f64, DesignError> {
    positive("inhibitory reversal below rest", -inhibitory_reversal)?;
    Ok(-excitatory * reversal / inhibitory_reversal)
}

/// C = τ·G, nF.
pub fn capacitance_of(time_constant: f64, leak: f64) -> f64 {
    time_constant * leak
}

/// τ = C/G, ms.
pub fn time_constant_of(capacitance: f64, leak: f64) -> f64 {
    capacitance / leak
}

/// The maximal conductance of two neurons that inhibit each other and, with a tonic current R·G each, rest anywhere on a line.
///
/// At rest 0 = -G U1 + (g/R) U2 (E - U1) + R G, and the same with 1 and 2 exchanged. They are one equation where
/// g E/R = -G: then it is G (U1 + U2) + (g/R) U1 U2 = R G for both. So g = -R G/E.
///
/// **Errors** a reversal that is not below rest.
pub fn integrator_conductance(reversal: f64, range: f64, leak: f64) -> Result<f64, DesignError> {
    positive("range", range)?;
    positive("conductance", leak)?;
    positive("reversal below rest", -reversal)?;
    Ok(-range * leak / reversal)
}

/// The capacitance of both neurons of an integrator whose number rises by about `gain` mV per ms and nA: C = 1/(2·gain).
///
/// The difference U1 - U2 rises by I/C exactly; U1 by about half of that, see [`integrator_rate`].
///
/// **Errors** a gain that is not larger than 0.
pub fn integrator_capacitance(gain: f64) -> Result<f64, DesignError> {
    positive("integration gain", gain)?;
    Ok(0.5 / gain)
}

/// Where on its line the partner of an integrator rests, above rest, mV: U2 = R G (R - U1)/(G R + g U1).
pub fn integrator_partner(number: f64, reversal: f64, range: f64) -> f64 {
    range * (range - number) / (range - range * number / reversal)
}

/// How fast the number of an integrator rises when it is at `number`, mV per ms and nA.
///
/// On the line dU2/dU1 = -(1 + γ)/(1 + γ U1/R)² with γ = g/G, and d(U1 - U2)/dt = I/C, so
/// dU1/dt = (I/C)/(1 + (1 + γ)/(1 + γ U1/R)²). With a reversal far below rest it is the same everywhere.
pub fn integrator_rate(capacitance: f64, number: f64, reversal: f64, range: f64) -> f64 {
    let ratio = -range / reversal;
    let along = 1.0 + ratio * number / range;
    1.0 / (capacitance * (1.0 + (1.0 + ratio) / (along * along)))
}

/// The time constant of the slow neuron of a differentiator, ms: a ramp of `slew` mV/ms makes the fast and the slow neuron differ by
/// slew·(slow - fast), which is the range R at the steepest ramp.
///
/// **Errors** a slew or a time constant that is not larger than 0.
pub fn slow_time_constant(fast: f64, slew: f64, range: f64) -> Result<f64, DesignError> {
    positive("fast time constant", fast)?;
    positive("slew", slew)?;
    Ok(fast + range / slew)
}

/// The longest step, ms, at which explicit Euler follows a neuron without swinging: C/(sum of all conductances that may be open at
/// once). At twice that step it diverges. `exponential_euler` has no such limit.
pub fn longest_step(capacitance: f64, leak: f64, synaptic: f64) -> f64 {
    capacitance / (leak + synaptic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_invert_each_other() {
        for (gain, reversal) in [(1.0, 40.0), (0.3, 100.0), (-1.0, -40.0), (2.0, 194.0)] {
            let g = transmission_conductance(gain, reversal, 20.0, 0.7).unwrap();
            assert!((gain_of(g, reversal, 20.0, 0.7) - gain).abs() < 1e-12);
            // the largest deviation of a thousand points is that of the formula, up to the distance of the points squared
            let at = |s: f64| g * s * reversal / (0.7 + g * s) - gain * 20.0 * s;
            let worst = (0..=1000).map(|k| at(f64::from(k) / 1000.0).abs()).fold(0.0, f64::max);
            let bound = transmission_error(gain, reversal, 20.0).unwrap();
            assert!((worst - bound).abs() < 1e-5 * bound, "{worst} {bound}");
        }
        assert_eq!(modulation_conductance(0.25, 2.0).unwrap(), 6.0);
        assert_eq!(time_constant_of(capacitance_of(7.0, 0.5), 0.5), 7.0);
        // both ends of the line, and a point on it
        assert_eq!((integrator_partner(0.0, -40.0, 20.0), integrator_partner(20.0, -40.0, 20.0)), (20.0, 0.0));
        let (u, g) = (7.0, integrator_conductance(-40.0, 20.0, 1.0).unwrap());
        let partner = integrator_partner(u, -40.0, 20.0);
        assert!((u + partner + g / 20.0 * u * partner - 20.0).abs() < 1e-12);
        let slope = (integrator_partner(u + 1e-5, -40.0, 20.0) - integrator_partner(u - 1e-5, -40.0, 20.0)) / 2e-5;
        assert!((integrator_rate(2.0, u, -40.0, 20.0) - 1.0 / (2.0 * (1.0 - slope))).abs() < 1e-8);
    }

    #[test]
    fn what_cannot_be_is_named() {
        let said = |outcome: Result<f64, DesignError>| outcome.unwrap_err().to_string();
        assert!(
            said(transmission_conductance(2.0, 40.0, 20.0, 1.0))
                .starts_with("gain 2 over 20 mV needs a reversal potential beyond 40 mV")
        );
        assert!(said(transmission_conductance(-1.0, 40.0, 20.0, 1.0)).starts_with("gain -1 over 20 mV"));
        assert_eq!(said(modulation_conductance(1.5, 1.0)), "ratio: expected a number from 0 to 1, found 1.5");
        assert_eq!(said(modulation_conductance(0.0, 1.0)), "ratio: expected a number larger than 0, found 0");
        assert_eq!(said(integrator_capacitance(-1.0)), "integration gain: expected a number larger than 0, found -1");
        assert_eq!(
            said(integrator_conductance(40.0, 20.0, 1.0)),
            "reversal below rest: expected a number larger than 0, found -40"
        );
        assert_eq!(said(transmission_conductance(f64::NAN, 40.0, 20.0, 1.0)), "gain: expected a finite number, found NaN");
    }
}
