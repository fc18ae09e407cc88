//! Weights a million apart meet in one neuron, and none becomes 0.
