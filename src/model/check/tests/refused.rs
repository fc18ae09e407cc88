//! What is refused, in words.
