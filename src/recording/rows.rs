//! A part of what was recorded: some rows.

use std::collections::HashSet;

use super::{Recording, SpikeTrain, Trace};

impl Recording {
    /// Spikes and traces of these neurons, and of synapses by number, of all populations; all else as it is. A trace of none of them is
    /// left out.
    #[must_use]
    pub fn of_rows(&self, rows: &[u32]) -> Recording {
        let wanted: HashSet<u32> = rows.iter().copied().collect();
        let holds = |row: &u32| wanted.contains(row);
        let mut part = self.clone();
        part.spikes.iter_mut().for_each(|train| keep_spikes(train, &holds));
        part.traces.iter_mut().for_each(|trace| keep_rows(trace, &holds));
        part.traces.retain(|trace| !trace.rows.is_empty());
        part
    }
}

fn keep_spikes(train: &mut SpikeTrain, holds: &dyn Fn(&u32) -> bool) {
    let rows: Vec<u32> = train.recorded().into_iter().filter(holds).collect();
    let (step, neuron) = train.pairs().filter(|(_, neuron)| holds(neuron)).unzip();
    (train.step, train.neuron, train.rows) = (step, neuron, Some(rows));
}

fn keep_rows(trace: &mut Trace, holds: &dyn Fn(&u32) -> bool) {
    let width = trace.rows.len().max(1);
    let places: Vec<usize> = (0..trace.rows.len()).filter(|&place| holds(&trace.rows[place])).collect();
    trace.values = trace.values.chunks_exact(width).flat_map(|sample| places.iter().map(|&place| sample[place])).collect();
    trace.rows = places.iter().map(|&place| trace.rows[place]).collect();
}

#[cfg(test)]
mod tests {
    use super::*;

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
