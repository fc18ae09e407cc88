//! Methods of integration, by name. Not here: what they do (`integrate`, a file each).

use std::fmt;

/// How the differential equations of a model are advanced over a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Method {
    /// The exact solution of linear equations with constant coefficients, inputs held over the step.
    Exact,
    /// The exact solution of each equation that is linear in its own state, the others held.
    ExponentialEuler,
    /// The slope at the start of the step; first order.
    Euler,
    /// The mean of the slopes at both ends; second order.
    Heun,
    /// The slope in the middle of the step; second order.
    RungeKutta2,
    /// The slope at two thirds of the step beside that at its start, which makes the error least; second order.
    Ralston,
    /// Three slopes; third order.
    RungeKutta3,
    /// Four slopes; fourth order.
    RungeKutta4,
    /// Four slopes, of thirds of the step; fourth order.
    RungeKutta38,
    /// Euler with white noise; its strong order is 1/2, or 1 where the noise is additive.
    EulerMaruyama,
    /// With the derivative of the factor of the noise; strong order 1.
    Milstein,
    /// Heun with white noise in the sense of Stratonovich; strong order 1/2, or 1 where noises commute.
    StratonovichHeun,
    /// Milstein's method in the sense of Stratonovich; strong order 1.
    StratonovichMilstein,
}

impl Method {
    /// Every method, in the order in which messages list them.
    pub const ALL: [Method; 13] = [
        Method::Exact,
        Method::ExponentialEuler,
        Method::Euler,
        Method::Heun,
        Method::RungeKutta2,
        Method::Ralston,
        Method::RungeKutta3,
        Method::RungeKutta4,
        Method::RungeKutta38,
        Method::EulerMaruyama,
        Method::Milstein,
        Method::StratonovichHeun,
        Method::StratonovichMilstein,
    ];

    /// As a text (`method rk4`) or a population asks for it.
    pub const fn name(self) -> &'static str {
        self.names().0
    }

    /// As `explain` writes it.
    pub(crate) const fn words(self) -> &'static str {
        self.names().1
    }

    const fn names(self) -> (&'static str, &'static str) {
        match self {
            Method::Exact => ("exact", "exact propagators"),
            Method::ExponentialEuler => ("exponential_euler", "exponential Euler, states one after the other"),
            Method::Euler => ("euler", "Euler"),
            Method::Heun => ("heun", "Heun"),
            Method::RungeKutta2 => ("rk2", "Runge-Kutta 2 (midpoint)"),
            Method::Ralston => ("ralston", "Ralston"),
            Method::RungeKutta3 => ("rk3", "Runge-Kutta 3 (Kutta)"),
            Method::RungeKutta4 => ("rk4", "Runge-Kutta 4"),
            Method::RungeKutta38 => ("rk4_38", "Runge-Kutta 4 (3/8 rule)"),
            Method::EulerMaruyama => ("euler_maruyama", "Euler-Maruyama"),
            Method::Milstein => ("milstein", "Milstein"),
            Method::StratonovichHeun => ("heun_stratonovich", "Heun, noise in the sense of Stratonovich"),
            Method::StratonovichMilstein => ("milstein_stratonovich", "Milstein, noise in the sense of Stratonovich"),
        }
    }

    /// Does it carry white noise?
    pub(crate) const fn carries_noise(self) -> bool {
        matches!(self, Method::EulerMaruyama | Method::Milstein | Method::StratonovichHeun | Method::StratonovichMilstein)
    }

    /// Does it look at times of which states that decay by themselves are not worked out exactly, so that it takes them too?
    pub(crate) const fn takes_all(self) -> bool {
        matches!(self, Method::Ralston | Method::RungeKutta38)
    }

    /// The method of this name.
    pub fn named(name: &str) -> Option<Method> {
        Method::ALL.into_iter().find(|method| method.name() == name)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
