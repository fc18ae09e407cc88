//! Counts of steps are whole numbers, time stays exact in long runs, Poisson counts have no end.
