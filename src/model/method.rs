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
    /// Four slopes; fourth order.
    RungeKutta4,
    /// Euler with white noise; its strong order is 1/2, or 1 where the noise is additive.
    EulerMaruyama,
    /// With the derivative of the factor of the noise; strong order 1.
    Milstein,
}

impl Method {
    /// Every method, in the order in which messages list them.
    pub const ALL: [Method; 8] = [
        Method::Exact,
        Method::ExponentialEuler,
        Method::Euler,
        Method::Heun,
        Method::RungeKutta2,
        Method::RungeKutta4,
        Method::EulerMaruyama,
        Method::Milstein,
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
            Method::RungeKutta4 => ("rk4", "Runge-Kutta 4"),
            Method::EulerMaruyama => ("euler_maruyama", "Euler-Maruyama"),
            Method::Milstein => ("milstein", "Milstein"),
        }
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
