//! Numbers that are not finite stop the run, by name, in the step in which they appear.
