//! 20,000 random mutations of network files and equations end in a network or in a message, never in a panic.
