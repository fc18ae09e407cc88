//! Spikes of several trains in order of time, and as lines of text, many at a time.
//!
//! In: trains, each by step, then neuron. Out: the spikes of all by step, then train, then neuron. Not here: what stands in a line
//! (`csv`, `nest`).

use std::borrow::Cow;
use std::convert::Infallible;
use std::io::{self, Write};

use super::SpikeTrain;
use super::decimal::Decimals;

/// Bytes that are handed over at a time.
const BLOCK: usize = 1 << 16;

/// Steps and neurons of a train, by step, then neuron.
pub type Train<'a> = (&'a [u64], &'a [u32]);

/// Trains of a recording, sorted where a program that made one left them as they came.
pub struct Sorted<'a>(Vec<Cow<'a, SpikeTrain>>);

impl<'a> Sorted<'a> {
    pub fn of(trains: &'a [SpikeTrain]) -> Sorted<'a> {
        Sorted(trains.iter().map(sorted).collect())
    }

    pub fn trains(&self) -> Vec<Train<'_>> {
        self.0.iter().map(|train| (&train.step[..], &train.neuron[..])).collect()
    }
}

fn sorted(train: &SpikeTrain) -> Cow<'_, SpikeTrain> {
    if train.pairs().is_sorted() {
        return Cow::Borrowed(train);
    }
    let mut pairs: Vec<(u64, u32)> = train.pairs().collect();
    pairs.sort_unstable();
    let (step, neuron) = pairs.into_iter().unzip();
    Cow::Owned(SpikeTrain { step, neuron, ..SpikeTrain::default() })
}

/// Calls for each step and train that spiked in it: step, place of the train, neurons. By step, then train.
pub fn in_time(trains: &[Train<'_>], mut each: impl FnMut(u64, usize, &[u32])) {
    let told: Result<(), Infallible> = try_in_time(trains, |step, train, neurons| {
        each(step, train, neurons);
        Ok(())
    });
    let Ok(()) = told;
}

/// As [`in_time`], up to the first call that fails.
fn try_in_time<E>(trains: &[Train<'_>], mut each: impl FnMut(u64, usize, &[u32]) -> Result<(), E>) -> Result<(), E> {
    // a train is as long as the shorter of its two lists
    let mut left: Vec<Train<'_>> = trains
        .iter()
        .map(|(steps, neurons)| {
            let count = steps.len().min(neurons.len());
            (&steps[..count], &neurons[..count])
        })
        .collect();
    while let Some(step) = left.iter().filter_map(|(steps, _)| steps.first()).min().copied() {
        for (train, (steps, neurons)) in left.iter_mut().enumerate() {
            let count = steps.iter().take_while(|own| **own == step).count();
            if count > 0 {
                each(step, train, &neurons[..count])?;
                (*steps, *neurons) = (&steps[count..], &neurons[count..]);
            }
        }
    }
    Ok(())
}

/// Writes a line for each spike, in order of time: what `before` puts for train and neuron, then the time, which is made once for all
/// spikes of a step.
pub fn write(
    out: &mut impl Write,
    trains: &[Train<'_>],
    times: &Decimals,
    mut before: impl FnMut(usize, u32, &mut Vec<u8>),
) -> io::Result<()> {
    let mut block = Vec::with_capacity(BLOCK + 256);
    let mut time = Vec::new();
    let done: io::Result<()> = try_in_time(trains, |step, train, neurons| {
        time.clear();
        times.put(step, &mut time);
        time.push(b'\n');
        for neuron in neurons {
            before(train, *neuron, &mut block);
            block.extend_from_slice(&time);
            if block.len() >= BLOCK {
                out.write_all(&block)?;
                block.clear();
            }
        }
        Ok(())
    });
    done?;
    out.write_all(&block)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trains_come_by_step_then_train_then_neuron_sorted_or_not() {
        let train = |step: &[u64], neuron: &[u32]| SpikeTrain { step: step.into(), neuron: neuron.into(), ..SpikeTrain::default() };
        // the last is longer in steps than in neurons
        let all = [train(&[2, 5, 5, 9], &[7, 1, 4, 0]), train(&[], &[]), train(&[9, 5, 5, 1], &[3, 8, 2, 9]), train(&[5, 6], &[0])];
        let sorted = Sorted::of(&all);
        let mut told = Vec::new();
        in_time(&sorted.trains(), |step, train, neurons| told.push((step, train, neurons.to_vec())));
        let expected: [(u64, usize, &[u32]); 7] =
            [(1, 2, &[9]), (2, 0, &[7]), (5, 0, &[1, 4]), (5, 2, &[2, 8]), (5, 3, &[0]), (9, 0, &[0]), (9, 2, &[3])];
        assert_eq!(told, expected.map(|(step, train, neurons)| (step, train, neurons.to_vec())));
    }
}
