//! A part of what was recorded: some rows.

use std::collections::HashSet;

use super::Recording;

impl Recording {
    /// Spikes and traces of these neurons, and of synapses by number, of all populations; all else as it is. A trace of none of them is
    /// left out.
    #[must_use]
    pub fn of_rows(&self, rows: &[u32]) -> Recording {
        let wanted: HashSet<u32> = rows.iter().copied().collect();
        let holds = |row: u32| wanted.contains(&row);
        let mut part = self.clone();
        part.spikes.iter_mut().for_each(|train| *train = train.of_rows(holds));
        part.traces.iter_mut().for_each(|trace| *trace = trace.of_rows(holds));
        part.traces.retain(|trace| !trace.rows.is_empty());
        part
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::{SpikeTrain, Trace};

    #[test]
    fn rows_keep_their_spikes_and_samples() {
        let train = SpikeTrain { population: "E".into(), size: 4, rows: None, step: vec![1, 2, 3], neuron: vec![0, 2, 3] };
        let trace = |rows: Vec<u32>| Trace { rows, every: 1, values: vec![1.0, 2.0, 3.0, 4.0], ..Trace::default() };
        let whole = Recording { spikes: vec![train], traces: vec![trace(vec![2, 5]), trace(vec![7, 8])], ..Recording::default() };
        let part = whole.of_rows(&[2, 3]);
        assert_eq!(part.spikes[0].pairs().collect::<Vec<_>>(), [(2, 2), (3, 3)]);
        assert_eq!(part.spikes[0].rows, Some(vec![2, 3]));
        assert_eq!(part.traces.len(), 1);
        assert_eq!((&part.traces[0].rows[..], &part.traces[0].values[..]), (&[2][..], &[1.0, 3.0][..]));
    }
}
