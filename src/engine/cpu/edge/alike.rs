//! Targets that hear the same numbers in the same order: one of them is summed, the others copy its sum.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::engine::cpu::ends::Ending;

/// Which rows have had the same numbers added to an input, in the same order, from projections before this one.
#[derive(Default)]
pub struct Alike {
    /// By group and input, then row: rows of one number are alike; those not named are alike too.
    classes: HashMap<(usize, u32), Vec<u32>>,
    /// The last class.
    last: u32,
}

impl Alike {
    fn class(&self, group: usize, input: u32, row: u32) -> u32 {
        self.classes.get(&(group, input)).and_then(|rows| rows.get(row as usize)).copied().unwrap_or(0)
    }

    /// A row becomes like no other; gives its class.
    fn part(&mut self, group: usize, inputs: &[u32], row: u32) -> u32 {
        self.last += 1;
        self.join(group, inputs, row, self.last);
        self.last
    }

    fn join(&mut self, group: usize, inputs: &[u32], row: u32, class: u32) {
        for input in inputs {
            let rows = self.classes.entry((group, *input)).or_default();
            rows.resize(rows.len().max(row as usize + 1), 0);
            rows[row as usize] = class;
        }
    }

    /// Some rows of a group hear what is their own.
    pub fn hear(&mut self, group: usize, inputs: &[u32], rows: &[u32]) {
        for row in rows {
            self.part(group, inputs, *row);
        }
    }

    /// Every target is summed.
    pub fn apart(&mut self, ending: Ending, group: usize, inputs: &[u32]) -> (Ending, Vec<(u32, u32)>) {
        let rows: Vec<u32> = ending.targets.iter().map(|(row, _)| *row).collect();
        self.hear(group, inputs, &rows);
        (ending, Vec::new())
    }

    /// Of the targets of a class that have heard the same and hear the same sources the first; of each other one (row, row of that
    /// first).
    pub fn distinct(
        &mut self,
        ending: Ending,
        group: usize,
        inputs: &[u32],
        class_of: &dyn Fn(u32) -> Vec<u64>,
    ) -> (Ending, Vec<(u32, u32)>) {
        let (mut kept, mut copies) = (Vec::new(), Vec::new());
        let mut firsts: HashMap<u64, First<'_>> = HashMap::new();
        let mut start = 0;
        for (target, (row, synapses)) in ending.targets.iter().enumerate() {
            let range = start..start + *synapses as usize;
            start = range.end;
            let sources = &ending.sources[range.clone()];
            let heard: Vec<u32> = inputs.iter().map(|i| self.class(group, *i, *row)).collect();
            let before = (heard, class_of(*row));
            let mut hasher = DefaultHasher::new();
            (&before, sources).hash(&mut hasher);
            let key = hasher.finish();
            let first = firsts.get(&key).filter(|first| first.before == before && first.sources == sources);
            if let Some(First { row: other, after, .. }) = first {
                copies.push((*row, *other));
                self.join(group, inputs, *row, *after);
                continue;
            }
            let after = self.part(group, inputs, *row);
            firsts.insert(key, First { row: *row, before, after, sources });
            kept.push((target, range));
        }
        if copies.is_empty() { (ending, copies) } else { (ending.only(&kept), copies) }
    }
}

/// The first of the rows that hear the same.
struct First<'a> {
    row: u32,
    /// What it had heard before, by input, and its class.
    before: (Vec<u32>, Vec<u64>),
    /// What it has heard from now on.
    after: u32,
    sources: &'a [u32],
}
