//! What a network needs is known before its first step, and the first step comes soon.
