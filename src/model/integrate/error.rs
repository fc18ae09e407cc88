//! Why a method cannot serve a model, in words.

use crate::model::Method;

/// Why a method cannot serve a model.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MethodError {
    /// `exact` was asked for, and an equation is not linear with constant coefficients.
    #[error(
        "method `exact` needs linear equations with constant coefficients, and `d{state}/dt` of `{model}` is not; use `{instead}`"
    )]
    NotLinear {
        /// The model.
        model: String,
        /// The state of that equation.
        state: String,
        /// A method that serves it.
        instead: Method,
    },
    /// `exponential_euler` was asked for, and an equation is not linear in its own state.
    #[error(
        "method `exponential_euler` needs each equation to be linear in its own state, and `d{state}/dt` of `{model}` is not; use `rk4`"
    )]
    NotConditionallyLinear {
        /// The model.
        model: String,
        /// The state of that equation.
        state: String,
    },
    /// A method without noise was asked for, and the equations hold white noise.
    #[error("method `{method}` cannot carry the white noise of `{model}`; use `euler_maruyama` or `milstein`")]
    Noise {
        /// The model.
        model: String,
        /// The method that was asked for.
        method: Method,
    },
    /// White noise stands where no factor can be told from it.
    #[error("`d{state}/dt` of `{model}` is not a sum of a drift and noise times a factor")]
    NoiseNotAdditive {
        /// The model.
        model: String,
        /// The state of that equation.
        state: String,
    },
    /// `milstein` was asked for, and the noise of an equation is not its own alone.
    #[error(
        "method `milstein` needs one noise per equation, whose factor can be differentiated by its own state; `d{state}/dt` of `{model}` has another; use `euler_maruyama`"
    )]
    NotDiagonal {
        /// The model.
        model: String,
        /// The state of that equation.
        state: String,
    },
    /// A step with more numbers than a rule can name.
    #[error(
        "`{model}` needs {numbers} numbers a step with {states} states, more than the {most} that a rule can name\n  help: let another method take the equations (`method exponential_euler`), or part the states into several models"
    )]
    TooLarge {
        /// The model.
        model: String,
        /// States of the model.
        states: usize,
        /// Numbers of a step.
        numbers: usize,
        /// Numbers that can be named.
        most: usize,
    },
    /// Initial values that follow from each other in a circle.
    #[error("the initial value of `{state}` of `{model}` depends on itself")]
    InitialCircle {
        /// The model.
        model: String,
        /// A state in the circle.
        state: String,
    },
}
