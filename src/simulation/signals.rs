//! Inputs and outputs by name: the numbers that a program and a running network exchange.
//!
//! In: numbers in the order in which the network declares its inputs. Out: numbers in the order of its outputs. Not here: what
//! an input is (`network::Input`), recordings (`record`).

use super::{Simulation, device};
use crate::engine::Batch;
use crate::error::Error;
use crate::network::CheckedNetwork;
use crate::network::checked::{CheckedWaveform, Read};
use crate::plan::{Plan, PopulationId};
use crate::units::nearest;

/// A named part of the vector of inputs or outputs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    /// As the network names it.
    pub name: String,
    /// Its numbers, within those of one instance.
    pub numbers: std::ops::Range<usize>,
}

/// How the numbers of a program are those of a network.
#[derive(Default)]
pub(super) struct Interface {
    inputs: Vec<InputLine>,
    pub outputs: Vec<OutputLine>,
    input_channels: Vec<Channel>,
    output_channels: Vec<Channel>,
}

struct InputLine {
    /// First of the numbers that the engine takes, and how many.
    first: usize,
    rows: usize,
    per_neuron: bool,
    scale: f64,
    offset: f64,
}

impl InputLine {
    /// What a number of the program means, in the unit of the input.
    fn value(&self, x: f64) -> f64 {
        self.offset + self.scale * x
    }
}

pub(super) struct OutputLine {
    pub population: PopulationId,
    pub read: Read,
    /// Within the population.
    pub rows: Vec<u32>,
    pub scale: f64,
    pub offset: f64,
}

impl Interface {
    pub fn new(network: &CheckedNetwork) -> Interface {
        let mut first = Vec::new();
        let mut next = 0;
        for stimulus in &network.stimuli {
            first.push(next);
            if matches!(stimulus.waveform, CheckedWaveform::External { .. }) {
                next += stimulus.rows.len();
            }
        }
        let mut interface = Interface::default();
        for input in &network.inputs {
            let rows = network.stimuli[input.stimulus as usize].rows.len();
            let (scale, offset, per_neuron) = (input.scale, input.offset, input.per_neuron);
            interface.inputs.push(InputLine { first: first[input.stimulus as usize], rows, per_neuron, scale, offset });
            append(&mut interface.input_channels, &input.name, if per_neuron { rows } else { 1 });
        }
        for output in &network.outputs {
            let rows: Vec<u32> = output.rows.iter().collect();
            append(&mut interface.output_channels, &output.name, rows.len());
            let (population, read, scale, offset) = (output.population, output.read, output.scale, output.offset);
            interface.outputs.push(OutputLine { population, read, rows, scale, offset });
        }
        interface
    }

    /// The engine's numbers when every input is 0.
    pub fn start(&self, plan: &Plan) -> Vec<f64> {
        let mut external = vec![0.0; plan.external_inputs()];
        for line in &self.inputs {
            external[line.first..line.first + line.rows].fill(line.offset);
        }
        external.repeat(plan.instances as usize)
    }

    fn reads_spikes(&self) -> bool {
        self.outputs.iter().any(|o| o.read == Read::Spikes)
    }
}

fn append(channels: &mut Vec<Channel>, name: &str, count: usize) {
    let first = width(channels);
    channels.push(Channel { name: name.to_string(), numbers: first..first + count });
}

pub(super) fn width(channels: &[Channel]) -> usize {
    channels.last().map_or(0, |c| c.numbers.end)
}

impl Simulation {
    /// The inputs that the network declares, in their order.
    pub fn input_channels(&self) -> &[Channel] {
        &self.interface.input_channels
    }

    /// The outputs that the network declares, in their order.
    pub fn output_channels(&self) -> &[Channel] {
        &self.interface.output_channels
    }

    /// One step with these inputs; gives the outputs after it. **Shape** the numbers of the declared inputs, then those of the
    /// declared outputs, in their order (see [`Simulation::input_channels`]); of an ensemble: instance after instance.
    ///
    /// **Errors** a vector of the wrong length, a number that is not finite, or a fault.
    #[doc(alias = "forward", alias = "model(x)")]
    pub fn step_outputs(&mut self, inputs: &[f64]) -> Result<Vec<f64>, Error> {
        self.step_inputs(inputs)?;
        self.outputs()
    }

    /// The same into numbers that are there. **Shape** of `outputs` those of the declared outputs; of an ensemble: instance after instance.
    ///
    /// **Errors** as [`Simulation::step_outputs`]; room for another number of outputs, before the step.
    pub fn step_into(&mut self, inputs: &[f64], outputs: &mut [f64]) -> Result<(), Error> {
        let wanted = width(&self.interface.output_channels) * self.instances();
        if outputs.len() != wanted {
            return Err(Error::Call(format!("room for {} numbers was given, the outputs are {wanted}", outputs.len())));
        }
        self.step_inputs(inputs)?;
        self.read_outputs(outputs)
    }

    fn step_inputs(&mut self, inputs: &[f64]) -> Result<(), Error> {
        let channels = &self.interface.input_channels;
        let (one, instances) = (width(channels), self.instances());
        if inputs.len() != one * instances {
            let each = if instances > 1 { format!(" for each of {instances} instances") } else { String::new() };
            return Err(Error::Call(format!(
                "{} numbers were given, the inputs take {one}{each}; there {}",
                inputs.len(),
                told(channels)
            )));
        }
        self.check_numbers(inputs)?;
        self.put_all(inputs);
        self.engine.set_external(&self.external);
        self.advance(1, None)
    }

    /// The inputs of a step, instance after instance, must be finite, and so must be what they mean.
    pub(super) fn check_numbers(&self, inputs: &[f64]) -> Result<(), Error> {
        let one = inputs.len() / self.instances();
        for (instance, numbers) in inputs.chunks(one.max(1)).enumerate() {
            for (line, channel) in self.interface.inputs.iter().zip(&self.interface.input_channels) {
                let bad = |x: &f64| !self.holds(line.value(*x));
                let Some(k) = numbers[channel.numbers.clone()].iter().position(bad) else { continue };
                let k = instance * one + channel.numbers.start + k;
                return Err(Error::Call(format!("input `{}`: number {k} of the vector is {}", channel.name, inputs[k])));
            }
        }
        Ok(())
    }

    /// The inputs of a step, instance after instance, as the engine takes them.
    pub(super) fn put_all(&mut self, inputs: &[f64]) {
        let one = inputs.len() / self.instances();
        for (instance, numbers) in inputs.chunks(one.max(1)).enumerate() {
            for place in 0..self.interface.inputs.len() {
                let part = &numbers[self.interface.input_channels[place].numbers.clone()];
                self.put(instance, place, part);
            }
        }
    }

    /// Sets one input by its name, for all steps until it is set again. **Shape** one number, or one per neuron, as declared; of
    /// an ensemble: instance after instance.
    ///
    /// **Errors** an unknown input, a wrong number of numbers, a number that is not finite.
    pub fn set_input(&mut self, name: &str, numbers: &[f64]) -> Result<(), Error> {
        let place = find(&self.interface.input_channels, "input", name)?;
        let one = self.interface.input_channels[place].numbers.len();
        if numbers.len() != one * self.instances() {
            let message = format!("input `{name}` takes {} numbers, and {} were given", one * self.instances(), numbers.len());
            return Err(Error::Call(message));
        }
        let line = &self.interface.inputs[place];
        if let Some(x) = numbers.iter().find(|x| !self.holds(line.value(**x))) {
            return Err(Error::Call(format!("input `{name}` cannot be {x}")));
        }
        for (instance, numbers) in numbers.chunks(one).enumerate() {
            self.put(instance, place, numbers);
        }
        self.engine.set_external(&self.external);
        Ok(())
    }

    /// All outputs as they are now, in their order; of an ensemble: instance after instance.
    ///
    /// **Errors** a device that fails.
    pub fn outputs(&mut self) -> Result<Vec<f64>, Error> {
        let mut all = vec![0.0; width(&self.interface.output_channels) * self.instances()];
        self.read_outputs(&mut all)?;
        Ok(all)
    }

    fn read_outputs(&mut self, all: &mut [f64]) -> Result<(), Error> {
        let (one, instances) = (width(&self.interface.output_channels), self.instances());
        // a column that has to be copied is copied once, however many outputs look at it
        let mut columns: Vec<((usize, u32), Vec<f64>)> = Vec::new();
        for (line, channel) in self.interface.outputs.iter().zip(&self.interface.output_channels) {
            let place = self.plan.place(line.population);
            let (group, rows) = (place.group, self.plan.groups[place.group].rows as usize);
            let first = self.plan.first_row(line.population);
            for instance in 0..instances {
                let out = &mut all[instance * one..][channel.numbers.clone()];
                match line.read {
                    Read::State(state) => {
                        let mut rows = line.rows.iter().map(|row| instance * rows + (place.first_row + row) as usize);
                        if !self.engine.state_rows(group, state as usize, &mut rows, out) {
                            let place = match columns.iter().position(|(key, _)| *key == (group, state)) {
                                Some(place) => place,
                                None => {
                                    columns.push(((group, state), self.engine.state(group, state as usize).map_err(device)?));
                                    columns.len() - 1
                                }
                            };
                            let column = &columns[place].1;
                            out.iter_mut().zip(rows).for_each(|(x, row)| *x = column[row]);
                        }
                    }
                    Read::Spikes => {
                        for (number, row) in out.iter_mut().zip(&line.rows) {
                            let row = instance as u64 * u64::from(self.plan.rows) + u64::from(first + row);
                            *number = f64::from(u8::from(self.last_spikes.binary_search(&(row as u32)).is_ok()));
                        }
                    }
                }
                out.iter_mut().for_each(|x| *x = (*x - line.offset) / line.scale);
            }
        }
        Ok(())
    }

    /// One output by its name, as it is now; of an ensemble: instance after instance.
    ///
    /// **Errors** an unknown output, a device that fails.
    pub fn output(&mut self, name: &str) -> Result<Vec<f64>, Error> {
        let place = find(&self.interface.output_channels, "output", name)?;
        let numbers = self.interface.output_channels[place].numbers.clone();
        let one = width(&self.interface.output_channels);
        Ok(self.outputs()?.chunks(one).flat_map(|all| all[numbers.clone()].iter().copied()).collect())
    }

    /// Keeps the spikes of the last step, where an output reads them.
    pub(super) fn remember(&mut self, batch: &Batch) {
        if self.interface.reads_spikes() {
            let end = batch.first + u64::from(batch.steps);
            let from = batch.spikes.partition_point(|(step, _)| *step < end);
            self.last_spikes = batch.spikes[from..].iter().map(|(_, row)| *row).collect();
        }
    }

    /// Every input 0, and no spike just now.
    pub(super) fn forget_signals(&mut self) {
        self.external = self.interface.start(&self.plan);
        self.last_spikes.clear();
        self.engine.set_external(&self.external);
    }

    /// The numbers of one input in one instance, as the engine takes them.
    fn put(&mut self, instance: usize, place: usize, numbers: &[f64]) {
        let line = &self.interface.inputs[place];
        let first = instance * self.plan.external_inputs() + line.first;
        for (k, row) in self.external[first..first + line.rows].iter_mut().enumerate() {
            *row = line.value(numbers[if line.per_neuron { k } else { 0 }]);
        }
    }
}

fn find(channels: &[Channel], word: &str, name: &str) -> Result<usize, Error> {
    channels.iter().position(|c| c.name == name).ok_or_else(|| {
        let near = nearest(name, channels.iter().map(|c| c.name.as_str()));
        let help = near.map_or_else(String::new, |near| format!("\n  help: did you mean `{near}`?"));
        Error::Call(format!("there is no {word} `{name}`; there {}{help}", told(channels)))
    })
}

/// `` are `a` (1), `b` (30) ``
pub(super) fn told(channels: &[Channel]) -> String {
    let list: Vec<String> = channels.iter().take(12).map(|c| format!("`{}` ({})", c.name, c.numbers.len())).collect();
    let more = if channels.len() > 12 { format!(" and {} more", channels.len() - 12) } else { String::new() };
    match channels.len() {
        0 => "are none".into(),
        1 => format!("is {}", list.join(", ")),
        _ => format!("are {}{more}", list.join(", ")),
    }
}
