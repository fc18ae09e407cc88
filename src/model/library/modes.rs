//! Izhikevich's twenty kinds of cells.

/// The constants of one kind, for `izhikevich_2004`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mode {
    /// As the paper's figure calls it, in words joined by `_`.
    pub name: &'static str,
    /// Panel of the figure.
    pub panel: char,
    /// Those that are not the model's defaults: `a`, `b`, `c`, `d` always.
    pub parameters: &'static [(&'static str, f64)],
    /// `v` before the first step.
    pub v: f64,
    /// `u` before the first step, where it is not `b*v`.
    pub u: Option<f64>,
    /// **Units** ms. The step that the figure took; others give other spikes.
    pub dt: f64,
}

const fn kind(name: &'static str, panel: char, parameters: &'static [(&'static str, f64)], v: f64, dt: f64) -> Mode {
    Mode { name, panel, parameters, v, u: None, dt }
}

/// The twenty kinds of cells, by panel: constants, start and step of the published listing.
///
/// ```
/// use synfire::model::library::IZHIKEVICH_MODES;
/// use synfire::network::Network;
///
/// let mode = IZHIKEVICH_MODES.iter().find(|mode| mode.name == "tonic_bursting").unwrap();
/// let mut net = Network::new("bursts");
/// let cell = net.dt(format!("{} ms", mode.dt)).population("cell", "izhikevich_2004", 1);
/// cell.initial("v", mode.v).parameter("i_e", 15.0);
/// for (name, value) in mode.parameters {
///     cell.parameter(*name, *value);
/// }
/// ```
///
/// **Source** Izhikevich (2004) IEEE Trans. Neural Netw. 15:1063, figure 1 and its listing (`figure1.m`, which differs from the text
/// in some constants: tonic bursting has d = 2, inhibition-induced bursting d = -2).
pub const IZHIKEVICH_MODES: &[Mode] = &[
    kind("tonic_spiking", 'A', &[("a", 0.02), ("b", 0.2), ("c", -65.0), ("d", 6.0)], -70.0, 0.25),
    kind("phasic_spiking", 'B', &[("a", 0.02), ("b", 0.25), ("c", -65.0), ("d", 6.0)], -64.0, 0.25),
    kind("tonic_bursting", 'C', &[("a", 0.02), ("b", 0.2), ("c", -50.0), ("d", 2.0)], -70.0, 0.25),
    kind("phasic_bursting", 'D', &[("a", 0.02), ("b", 0.25), ("c", -55.0), ("d", 0.05)], -64.0, 0.2),
    kind("mixed_mode", 'E', &[("a", 0.02), ("b", 0.2), ("c", -55.0), ("d", 4.0)], -70.0, 0.25),
    kind("spike_frequency_adaptation", 'F', &[("a", 0.01), ("b", 0.2), ("c", -65.0), ("d", 8.0)], -70.0, 0.25),
    kind("class_1", 'G', &[("a", 0.02), ("b", -0.1), ("c", -55.0), ("d", 6.0), ("linear", 4.1), ("constant", 108.0)], -60.0, 0.25),
    kind("class_2", 'H', &[("a", 0.2), ("b", 0.26), ("c", -65.0), ("d", 0.0)], -64.0, 0.25),
    kind("spike_latency", 'I', &[("a", 0.02), ("b", 0.2), ("c", -65.0), ("d", 6.0)], -70.0, 0.2),
    kind("subthreshold_oscillations", 'J', &[("a", 0.05), ("b", 0.26), ("c", -60.0), ("d", 0.0)], -62.0, 0.25),
    kind("resonator", 'K', &[("a", 0.1), ("b", 0.26), ("c", -60.0), ("d", -1.0)], -62.0, 0.25),
    kind(
        "integrator",
        'L',
        &[("a", 0.02), ("b", -0.1), ("c", -55.0), ("d", 6.0), ("linear", 4.1), ("constant", 108.0)],
        -60.0,
        0.25,
    ),
    kind("rebound_spike", 'M', &[("a", 0.03), ("b", 0.25), ("c", -60.0), ("d", 4.0)], -64.0, 0.2),
    kind("rebound_burst", 'N', &[("a", 0.03), ("b", 0.25), ("c", -52.0), ("d", 0.0)], -64.0, 0.2),
    kind("threshold_variability", 'O', &[("a", 0.03), ("b", 0.25), ("c", -60.0), ("d", 4.0)], -64.0, 0.25),
    kind("bistability", 'P', &[("a", 0.1), ("b", 0.26), ("c", -60.0), ("d", 0.0)], -61.0, 0.25),
    kind("depolarising_after_potential", 'Q', &[("a", 1.0), ("b", 0.2), ("c", -60.0), ("d", -21.0)], -70.0, 0.1),
    Mode {
        name: "accommodation",
        panel: 'R',
        parameters: &[("a", 0.02), ("b", 1.0), ("c", -55.0), ("d", 4.0), ("v_u", -65.0), ("leak", 0.0)],
        v: -65.0,
        u: Some(-16.0),
        dt: 0.5,
    },
    kind("inhibition_induced_spiking", 'S', &[("a", -0.02), ("b", -1.0), ("c", -60.0), ("d", 8.0)], -63.8, 0.5),
    kind("inhibition_induced_bursting", 'T', &[("a", -0.026), ("b", -1.0), ("c", -45.0), ("d", -2.0)], -63.8, 0.5),
];
