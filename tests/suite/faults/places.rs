//! An error stands where the mistake is.
