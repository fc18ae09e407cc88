//! A leg that swings: a half-centre rhythm drives two antagonist muscles of one joint, and the angle of the joint is fed back.
//! Shared by the example `leg` and its test.
//!
//! The rhythm is two neurons with persistent sodium that inhibit each other, with the numbers of the half-centre in
//! tests/reference/sns. The leg
//! is a plain equation of motion in this file, stepped with the network: a rod of 0.8 kg and 0.4 m that hangs from a hinge,
//! J d2a/dt2 = torque - m g l sin(a) - b da/dt, pulled to and fro by muscles whose torque follows their neurons with a lag.

use synfire::network::{Connector, Network};
use synfire::{Error, Simulation};

/// ms
pub const DT: f64 = 0.5;
/// The sides: muscles that flex the joint (angle above 0), and those that extend it.
pub const SIDES: [&str; 2] = ["flexor", "extensor"];

/// Two half-centres, a motor neuron and a sensor of the angle on either side.
pub fn network() -> Network {
    let mut net = Network::new("leg");
    net.dt(format!("{DT} ms"));
    for side in SIDES {
        net.population(format!("{side}_half"), "persistent_sodium", 1).parameter("g_na", "1.0485070729908987 uS");
        net.population(format!("{side}_motor"), "non_spiking", 1);
        // is the joint turned to this side?
        net.population(format!("{side}_sensor"), "non_spiking", 1);
    }
    for (side, other) in [(SIDES[0], SIDES[1]), (SIDES[1], SIDES[0])] {
        let [half, rival, motor, sensor] =
            [(side, "half"), (other, "half"), (side, "motor"), (side, "sensor")].map(|(side, part)| format!("{side}_{part}"));
        net.project_by(&*half, &*rival, "graded_synapse", Connector::OneToOne)
            .parameter("g_max", "0.1715342563555749 uS")
            .parameter("e_rev", "-120 mV");
        net.project_by(&*half, &*motor, "graded_synapse", Connector::OneToOne)
            .parameter("g_max", "0.5 uS")
            .parameter("e_rev", "60 mV")
            .parameter("e_hi", "40 mV");
        // a joint that is turned to one side inhibits the half-centre that turns it there: the other one takes over earlier
        net.project_by(&*sensor, &*half, "graded_synapse", Connector::OneToOne)
            .parameter("g_max", "0.2 uS")
            .parameter("e_rev", "-40 mV");
        net.input(format!("{side}_angle"), &*sensor, "i_stim", "20 nA"); // per radian
    }
    // what breaks the symmetry
    net.input("kick", "flexor_half", "i_stim", "1 nA");
    for side in SIDES {
        net.output(format!("{side}_half"), format!("{side}_half"), "v");
        net.output(format!("{side}_motor"), format!("{side}_motor"), "v");
    }
    net
}

/// The joint and its two muscles.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Leg {
    /// rad, 0 hangs down.
    pub angle: f64,
    /// rad/s
    pub speed: f64,
    /// 0 to 1, by side.
    pub activation: [f64; 2],
}

impl Leg {
    const MASS: f64 = 0.8; // kg
    const LENGTH: f64 = 0.4; // m
    const FRICTION: f64 = 0.15; // N m s
    const TORQUE: f64 = 1.2; // N m, of a muscle that is fully active
    const LAG: f64 = 40.0; // ms, of a muscle behind its neuron
    const FULL: f64 = 20.0; // mV, of a motor neuron whose muscle becomes fully active

    /// A step of the network's length, by semi-implicit Euler; `motor`: potentials of the motor neurons, mV.
    pub fn step(&mut self, motor: [f64; 2]) {
        for (activation, v) in self.activation.iter_mut().zip(motor) {
            *activation += DT / Leg::LAG * ((v / Leg::FULL).clamp(0.0, 1.0) - *activation);
        }
        let inertia = Leg::MASS * Leg::LENGTH * Leg::LENGTH / 3.0;
        let weight = Leg::MASS * 9.81 * Leg::LENGTH / 2.0 * self.angle.sin();
        let torque = Leg::TORQUE * (self.activation[0] - self.activation[1]) - weight - Leg::FRICTION * self.speed;
        self.speed += DT / 1000.0 * torque / inertia;
        self.angle += DT / 1000.0 * self.speed;
    }
}

/// What there is after a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moment {
    /// ms
    pub time: f64,
    /// mV, by side.
    pub half: [f64; 2],
    pub leg: Leg,
}

/// Walks on for some steps, with the angle fed back or not.
pub fn walk(simulation: &mut Simulation, leg: &mut Leg, steps: u64, feedback: bool) -> Result<Vec<Moment>, Error> {
    let mut moments = Vec::new();
    for _ in 0..steps {
        let angle = if feedback { leg.angle } else { 0.0 };
        let kick = if simulation.time_steps() as f64 * DT < 50.0 { 1.0 } else { 0.0 };
        // in the order in which the network declares them
        let out = simulation.step_outputs(&[angle.max(0.0), (-angle).max(0.0), kick])?;
        leg.step([out[1], out[3]]);
        moments.push(Moment { time: simulation.time_steps() as f64 * DT, half: [out[0], out[2]], leg: *leg });
    }
    Ok(moments)
}

/// The times at which the flexor's half-centre rises above the other, ms.
pub fn turns(moments: &[Moment]) -> Vec<f64> {
    let ahead = |m: &Moment| m.half[0] - m.half[1];
    moments.windows(2).filter(|pair| ahead(&pair[0]) < 0.0 && ahead(&pair[1]) >= 0.0).map(|pair| pair[1].time).collect()
}

/// The mean time from turn to turn, ms; nothing if there are fewer than three.
pub fn period(moments: &[Moment]) -> Option<f64> {
    let turns = turns(moments);
    (turns.len() > 2).then(|| (turns[turns.len() - 1] - turns[0]) / (turns.len() - 1) as f64)
}
