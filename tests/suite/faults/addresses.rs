//! One way to name a part of a network: `--set`, parameters changed while running.
