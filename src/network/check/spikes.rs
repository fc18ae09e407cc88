//! When listed sources spike: lists, one time each, tables; files of events are `events`.

use super::values::population_stream;
use super::{Checker, on_grid};
use crate::diagnostic::Diagnostic;
use crate::model::NeuronModel;
use crate::model::rule::Node;
use crate::network::{EventFile, Population, SpikeTimes};
use crate::units::Dimension;

/// The place of the times of sources that spike once, among the streams of a population.
const SPIKES: u32 = 1023;

impl Checker<'_> {
    /// `None`: wrong. `Some(None)`: the model reads no list.
    pub(super) fn spike_steps(
        &mut self,
        part: &str,
        place: u32,
        given: &Population,
        model: &NeuronModel,
        shape: Option<&[u32]>,
    ) -> Option<Option<Vec<Vec<u64>>>> {
        let reads = model.graph.nodes.contains(&Node::Listed);
        // a size that is wrong has been said
        let rows: u32 = shape.map_or(0, |shape| shape.iter().product());
        match (&given.spike_times, reads) {
            (None, false) => Some(None),
            (None, true) => {
                let d = Diagnostic::new(
                    "E050",
                    format!("{part}: the model `{}` spikes when a list says so, and the key `spike_times` is missing", given.model),
                );
                self.say(
                    d.value_of("spike_times")
                        .help("give `spike_times = { lists = [[1.0, 2.5], ...] }` in ms, or `{ file = \"spikes.csv\" }`"),
                );
                None
            }
            (Some(_), false) => {
                let message = format!("{part}: `{}` spikes by itself, `spike_times` has no meaning for it", given.model);
                self.say(Diagnostic::new("E050", message).help("use the model `spike_times`").key_of("spike_times"));
                None
            }
            (Some(SpikeTimes::Lists(lists)), true) => {
                if rows == 0 {
                    return None;
                }
                if lists.len() as u64 != u64::from(rows) {
                    let message = format!("{part}: {} lists of spike times for {rows} neurons", lists.len());
                    self.say(Diagnostic::new("E033", message).value_of("spike_times.lists"));
                    return None;
                }
                let total = lists.iter().map(|list| list.len() as u64).sum();
                self.hold(part, "spike_times", total)?;
                self.steps_of_spikes(part, lists.clone()).map(Some)
            }
            (Some(SpikeTimes::Once(value)), true) => {
                if rows == 0 {
                    return None;
                }
                let names = self.row_names(std::iter::empty(), Some(rows));
                let stream = population_stream(place, SPIKES);
                let column = self.naming(names, |c| c.column(part, "spike_times.once", value, Dimension::TIME, rows, stream))?;
                self.steps_of_spikes(part, (0..rows as usize).map(|row| vec![column.get(row)]).collect()).map(Some)
            }
            (Some(SpikeTimes::File(path)), true) => {
                if rows == 0 {
                    return None;
                }
                if self.is_of_events(path) {
                    let all = EventFile::new(path);
                    return self.within("spike_times", |c| c.events(part, &all, shape?)).map(Some);
                }
                let table = self.within("spike_times", |c| c.table(part, path))?;
                let neurons = self.neuron_numbers(part, &table, "neuron", rows);
                let times = self.numbers(part, &table, "time_ms");
                let (neurons, times) = (neurons?, times?);
                self.hold(part, "spike_times", times.len() as u64 + u64::from(rows))?;
                let mut lists = vec![Vec::new(); rows as usize];
                for (&neuron, &time) in neurons.iter().zip(times) {
                    if let Some(list) = lists.get_mut(neuron as usize) {
                        list.push(time);
                    }
                }
                self.steps_of_spikes(part, lists).map(Some)
            }
            (Some(SpikeTimes::Events(events)), true) => {
                self.within("spike_times", |c| c.within("events", |c| c.events(part, events, shape?))).map(Some)
            }
            (Some(SpikeTimes::Frames(frames)), true) => {
                self.within("spike_times", |c| c.within("frames", |c| c.frames(part, place, frames, shape?))).map(Some)
            }
        }
    }

    /// Times to steps, ascending.
    fn steps_of_spikes(&mut self, part: &str, lists: Vec<Vec<f64>>) -> Option<Vec<Vec<u64>>> {
        let (mut moved, mut furthest) = (0u64, 0.0f64);
        let mut out = Vec::with_capacity(lists.len());
        for (neuron, list) in lists.into_iter().enumerate() {
            let mut steps = Vec::with_capacity(list.len());
            for time in list {
                let wrong = |text: String| {
                    Diagnostic::new("E051", format!("{part}: spike of neuron {neuron} at {time} ms: {text}"))
                        .value_of(&format!("spike_times.lists[{neuron}]"))
                };
                match on_grid(time, self.dt) {
                    Some((step, exact)) if step >= 1 => {
                        if !exact {
                            moved += 1;
                            furthest = furthest.max((step as f64 * self.dt - time).abs());
                        }
                        steps.push(step);
                    }
                    Some(_) => {
                        let first = self.dt;
                        self.say(wrong(format!("the first that can be is at {first} ms, the end of the first step")));
                        return None;
                    }
                    None => {
                        self.say(wrong("this is no time that steps reach".into()));
                        return None;
                    }
                }
            }
            steps.sort_unstable();
            if let Some(pair) = steps.windows(2).find(|pair| pair[0] == pair[1]) {
                let time = super::short(pair[0] as f64 * self.dt);
                let message = format!("{part}: neuron {neuron} has two spikes in the step that ends at {time} ms");
                self.say(
                    Diagnostic::new("E051", message)
                        .value_of(&format!("spike_times.lists[{neuron}]"))
                        .help("a neuron spikes once in a step: take one out, or use a smaller dt"),
                );
                return None;
            }
            out.push(steps);
        }
        if moved > 0 {
            let furthest = super::short(furthest);
            let message = format!("{moved} spike times were moved to the nearest step, by up to {furthest} ms");
            self.remarks.at("spike_times", "spike times", part, message);
        }
        Some(out)
    }
}
