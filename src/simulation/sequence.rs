//! Many steps in one call, each with inputs of its own: what stands between a program that knows its inputs beforehand and a
//! control loop.
//!
//! In: numbers of the declared inputs, step by step. Out: numbers of the declared outputs, step by step. Not here: one step
//! (`signals`).

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
        let watches = self.watches();
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
                self.look(&watches, &done, &mut outputs);
                kept?;
            }
            if let Some(fault) = done.fault {
                return Err(self.failed(fault));
            }
        }
        Ok(outputs)
    }

    /// What outputs look at: an entry per output that is a state, instance after instance.
    fn watches(&self) -> Vec<Watch> {
        let lines = &self.interface.outputs;
        let of_instance = |instance: usize| {
            lines.iter().filter_map(move |line| {
                let Read::State(state) = line.read else { return None };
                let place = self.plan.place(line.population);
                let first = instance * self.plan.groups[place.group].rows as usize + place.first_row as usize;
                let (low, high) = (line.rows.iter().min()?, line.rows.iter().max()?);
                let rows = first + *low as usize..first + *high as usize + 1;
                Some(Watch { group: place.group, column: state as usize, rows })
            })
        };
        (0..self.instances()).flat_map(of_instance).collect()
    }

    /// The outputs of every step that was done.
    fn look(&self, watches: &[Watch], done: &Exchanged, outputs: &mut Vec<f64>) {
        // where reading a state failed, its step has no outputs
        let looked = watches.iter().zip(&done.watched).map(|(w, all)| all.len() / w.rows.len().max(1));
        let steps = looked.min().unwrap_or(done.batch.steps as usize).min(done.batch.steps as usize);
        let lows: Vec<u32> = self.interface.outputs.iter().map(|line| line.rows.iter().min().copied().unwrap_or(0)).collect();
        for step in 0..steps {
            let mut watch = watches.iter().zip(&done.watched);
            for instance in 0..self.instances() {
                for (line, low) in self.interface.outputs.iter().zip(&lows) {
                    let number = |x: f64| (x - line.offset) / line.scale;
                    match line.read {
                        Read::State(_) if line.rows.is_empty() => {}
                        Read::State(_) => {
                            let Some((watch, all)) = watch.next() else { continue };
                            let seen = &all[step * watch.rows.len()..][..watch.rows.len()];
                            outputs.extend(line.rows.iter().map(|row| number(seen[(row - low) as usize])));
                        }
                        Read::Spikes => {
                            let first = instance as u32 * self.plan.rows + self.plan.first_row(line.population);
                            let at = done.batch.first + step as u64 + 1;
                            let spiked = |row: &u32| done.batch.spikes.binary_search(&(at, first + row)).is_ok();
                            outputs.extend(line.rows.iter().map(|row| number(f64::from(u8::from(spiked(row))))));
                        }
                    }
                }
            }
        }
    }
}
