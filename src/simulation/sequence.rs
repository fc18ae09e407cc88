//! Many steps in one call, each with inputs of its own: what stands between a program that knows its inputs beforehand and a
//! control loop.
//!
//! In: numbers of the declared inputs, step by step. Out: numbers of the declared outputs, step by step. Not here: one step
//! (`signals`).

use std::ops::Range;
use std::time::Instant;

use super::Simulation;
use super::signals::width;
use crate::engine::exchange::{Exchanged, Watch};
use crate::error::Error;
use crate::network::checked::Read;

/// Numbers that are handed to an engine, or watched, at once.
const NUMBERS: usize = 1 << 22;

impl Simulation {
    /// Many steps, each with inputs of its own; gives the outputs after each. The same numbers as so many calls of
    /// [`Simulation::step_outputs`]; on a GPU the steps go out in one submission. The last inputs stay.
    ///
    /// ```
    /// use synfire::{Choice, Network, Options};
    /// let mut net = Network::new("follower");
    /// net.population("cell", "non_spiking", 1);
    /// net.input("push", "cell", "i_stim", "1 nA");
    /// net.output("v", "cell", "v");
    /// let options = Options::default().engine(Choice::Cpu);
    /// let mut model = net.compile(&options)?;
    /// let seen = model.run_inputs(&[5.0; 1000])?; // 100 ms
    /// assert_eq!(seen.len(), 1000);
    /// assert!((seen[999] - 5.0).abs() < 1e-4); // 5 nA over 1 uS
    /// # Ok::<(), synfire::Error>(())
    /// ```
    ///
    /// **Shape** `[step][number]`, the numbers of a step as [`Simulation::step_outputs`] takes and gives them.
    ///
    /// **Errors** numbers that are no whole steps, a network without inputs (run it by `run_steps`), a number that is not finite,
    /// or a fault; what was recorded before it stays.
    pub fn run_inputs(&mut self, inputs: &[f64]) -> Result<Vec<f64>, Error> {
        let each = width(self.input_channels()) * self.instances();
        if each == 0 {
            return Err(Error::Call("the network declares no inputs; `run_steps` runs it without".into()));
        }
        if !inputs.len().is_multiple_of(each) {
            return Err(Error::Call(format!(
                "{} numbers were given, and the inputs of a step are {each}; there {}",
                inputs.len(),
                super::signals::told(self.input_channels())
            )));
        }
        inputs.chunks(each).try_for_each(|step| self.check_numbers(step))?;
        let (watches, stretches) = self.watches();
        let rows: usize = watches.iter().map(|w| w.rows.len()).sum();
        let most = (NUMBERS / self.external.len().max(rows).max(1)).max(1);
        let (mut outputs, mut left) = (Vec::new(), inputs);
        while !left.is_empty() {
            let steps = self.until_sample((left.len() / each).min(most) as u64) as usize;
            let (part, rest) = left.split_at(each * steps);
            left = rest;
            let mut external = Vec::with_capacity(part.len() / each * self.external.len());
            for step in part.chunks(each) {
                self.put_all(step);
                external.extend_from_slice(&self.external);
            }
            let start = Instant::now();
            let mut done = self.engine.exchange((part.len() / each) as u32, &external, &watches);
            self.timings.run_s += start.elapsed().as_secs_f64();
            if done.batch.steps > 0 {
                self.remember(&done.batch);
                if let Err(fault) = self.sample_synapses(&mut done.batch) {
                    return Err(self.failed(fault));
                }
                let kept = self.record(&done.batch, None);
                look(&watches, &stretches, &done, &mut outputs);
                kept?;
            }
            if let Some(fault) = done.fault {
                return Err(self.failed(fault));
            }
        }
        Ok(outputs)
    }

    /// What outputs look at, instance after instance: those that are states, neighbours together. Where the numbers of a step come from.
    fn watches(&self) -> (Vec<Watch>, Vec<Stretch>) {
        let (mut watches, mut stretches): (Vec<Watch>, Vec<Stretch>) = (Vec::new(), Vec::new());
        for instance in 0..self.instances() {
            let known = watches.len();
            for line in &self.interface.outputs {
                let place = self.plan.place(line.population);
                let stretch = |from: Source, rows: Range<usize>| Stretch { from, rows, scale: line.scale, offset: line.offset };
                let (Read::State(state), Some(low), Some(high)) = (line.read, line.rows.iter().min(), line.rows.iter().max())
                else {
                    let first = instance * self.plan.rows as usize + self.plan.first_row(line.population) as usize;
                    together(&line.rows, first).for_each(|rows| append(&mut stretches, stretch(Source::Spikes, rows)));
                    continue;
                };
                let first = instance * self.plan.groups[place.group].rows as usize + place.first_row as usize;
                let rows = first + *low as usize..first + *high as usize + 1;
                let (group, column) = (place.group, state as usize);
                let near = |w: &Watch| (w.group, w.column) == (group, column) && (w.rows.start..=w.rows.end).contains(&rows.start);
                match watches[known..].last_mut().filter(|w| near(w)) {
                    Some(last) => last.rows.end = last.rows.end.max(rows.end),
                    None => watches.push(Watch { group, column, rows }),
                }
                let last = watches.len() - 1;
                let start = watches[last].rows.start;
                let inside = |rows: Range<usize>| rows.start - start..rows.end - start;
                let seen = |rows| stretch(Source::Watch(last), inside(rows));
                together(&line.rows, first).for_each(|rows| append(&mut stretches, seen(rows)));
            }
        }
        (watches, stretches)
    }
}

/// Rows that follow each other, counted from elsewhere.
fn together(rows: &[u32], first: usize) -> impl Iterator<Item = Range<usize>> {
    let runs = rows.chunk_by(|a, b| a + 1 == *b);
    runs.map(move |run| first + run[0] as usize..first + run[0] as usize + run.len())
}

/// Numbers of the outputs of a step that follow each other where they come from.
struct Stretch {
    from: Source,
    /// Of the watch, from its first on; of the space of all groups, instance after instance.
    rows: Range<usize>,
    scale: f64,
    offset: f64,
}

#[derive(PartialEq, Eq)]
enum Source {
    Watch(usize),
    /// 1 where the row spiked.
    Spikes,
}

/// Behind those that are there; with the last as one, where nothing is between them.
fn append(all: &mut Vec<Stretch>, next: Stretch) {
    let alike = |last: &Stretch| (&last.from, last.scale, last.offset) == (&next.from, next.scale, next.offset);
    match all.last_mut().filter(|last| alike(last) && last.rows.end == next.rows.start) {
        Some(last) => last.rows.end = next.rows.end,
        None => all.push(next),
    }
}

/// The outputs of every step that was done.
fn look(watches: &[Watch], stretches: &[Stretch], done: &Exchanged, outputs: &mut Vec<f64>) {
    // where reading a state failed, its step has no outputs
    let looked = watches.iter().zip(&done.watched).map(|(w, all)| all.len() / w.rows.len().max(1));
    let steps = looked.min().unwrap_or(done.batch.steps as usize).min(done.batch.steps as usize);
    outputs.reserve(steps * stretches.iter().map(|s| s.rows.len()).sum::<usize>());
    for step in 0..steps {
        let at = done.batch.first + step as u64 + 1;
        for Stretch { from, rows, scale, offset } in stretches {
            let number = |x: f64| (x - offset) / scale;
            match from {
                Source::Watch(watch) => {
                    let seen = &done.watched[*watch][step * watches[*watch].rows.len()..][rows.clone()];
                    if (*scale, *offset) == (1.0, 0.0) {
                        outputs.extend_from_slice(seen);
                    } else {
                        outputs.extend(seen.iter().map(|x| number(*x)));
                    }
                }
                Source::Spikes => {
                    let spiked = |row: usize| done.batch.spikes.binary_search(&(at, row as u32)).is_ok();
                    outputs.extend(rows.clone().map(|row| number(f64::from(u8::from(spiked(row))))));
                }
            }
        }
    }
}
