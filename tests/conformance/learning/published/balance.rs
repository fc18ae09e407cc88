//! Inhibition that balances a cell (Vogels et al. 2011).
//!
//! Each spike of an inhibitory input changes its weight by η (y - α), each of the cell by η x. On average that is η ν_pre (2 τ ν_post - α), which
//! is zero where the cell spikes at α/(2τ), whatever excites it. That is so as far as no single spike of an input moves the cell: N inputs
//! take away n spikes/s of what the cell would have, each of their spikes n/(N ν_pre) of one, which x misses, so that the rate settles
//! above by about n/(2 N ν_pre τ): a quarter of a spike/s for 200 inputs of 40 spikes/s that take 80.

use synfire::network::{Connector, Network};

use super::compiled;
use crate::engines::Which;

/// Cells that are each excited and inhibited by many; their rates settle at what each projection is told, the excitation what it may be.
#[test]
fn a_cell_settles_at_its_target_rate() {
    const CELLS: u64 = 20;
    for (excitation, rho) in [("1.5 nS", 5.0), ("1.5 nS", 10.0), ("2.5 nS", 10.0)] {
        let mut net = Network::new("balance");
        net.dt("0.25 ms").seed(2);
        net.population("exc", "poisson_source", 100).parameter("rate", "20 Hz");
        net.population("inh", "poisson_source", 200).parameter("rate", "40 Hz");
        net.population("cells", "lif_cond_exp", CELLS);
        net.project("exc", "cells", "g_exc", Connector::probability(0.5)).weight(excitation).delay("1 ms");
        net.project_by("inh", "cells", "vogels_2011", Connector::AllToAll)
            .parameter("rho_0", format!("{rho} Hz"))
            // slow, as the law takes it: weights that follow each spike are no longer those of the mean
            .parameter("eta", "0.01 nS")
            .delay("0.25 ms");
        net.probe("cells", "spikes");
        let mut simulation = compiled(&net, Which::F64);
        let mut rate = |ms: f64| {
            let before = simulation.recording().spikes[0].pairs().count();
            simulation.run(ms).unwrap_or_else(|e| panic!("{e}"));
            (simulation.recording().spikes[0].pairs().count() - before) as f64 / CELLS as f64 / ms * 1000.0
        };
        let free = rate(200.0);
        rate(19_800.0);
        // so long that the number of spikes is right to a part in a hundred
        let settled = rate(40_000.0);
        crate::lines::say(&format!("{excitation}: {free:.1} spikes/s, then {settled:.2}, {rho} wanted"));
        assert!(free > 2.0 * rho, "{free}");
        let above = (free - settled) / (2.0 * 200.0 * 40.0 * 0.02);
        assert!((settled - above - rho).abs() < 0.02 * rho && above < 0.06 * rho, "{settled} for {rho} and {above}");
    }
}
