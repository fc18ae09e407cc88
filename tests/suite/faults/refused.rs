//! Numbers that make no sense are refused, numbers that are rounded are remarked.
