//! Inputs and outputs: the numbers that a program exchanges with a network in every step, by name and in the order declared.
//!
//! Both are one straight line: a number x stands for the quantity `offset + x·scale`. In: builder calls or a file. Out: words
//! for `check`. Not here: stepping ([`crate::Simulation::step_outputs`]).

use serde::{Deserialize, Serialize};

use super::{Network, Rows, Value};

/// A number (or one per neuron) that a program gives in every step, held until it gives another.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[doc(alias = "add_input")]
pub struct Input {
    /// `TARGET.INPUT` if not given.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The population that it drives.
    pub target: String,
    /// A continuous input of the target. Whatever drives it adds up.
    pub input: String,
    /// A number for each neuron; else one number for all of them.
    #[serde(default, skip_serializing_if = "is_false")]
    pub per_neuron: bool,
    /// Which neurons; all if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<Rows>,
    /// The quantity that the number 1 adds.
    pub scale: Value,
    /// The quantity that the number 0 stands for; none if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<Value>,
}

/// Numbers that a program reads after every step, one per neuron.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[doc(alias = "add_output")]
pub struct Output {
    /// `POPULATION.RECORD` if not given.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The population that is read.
    pub population: String,
    /// A state, or `spikes`: 1 where the neuron spiked in the step, else 0.
    pub record: String,
    /// Which neurons; all if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<Rows>,
    /// The quantity that is read as 1: the state's internal unit (`1 mV`) if not given; of spikes a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<Value>,
    /// The quantity that is read as 0; none if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<Value>,
}

fn is_false(x: &bool) -> bool {
    !x
}

impl Network {
    /// Adds an input: a program's number times `scale` flows into a continuous input of all neurons of the target.
    ///
    /// ```
    /// use synfire::{Choice, Network, Options};
    /// let mut net = Network::new("follow");
    /// net.population("cell", "non_spiking", 1);
    /// net.input("drive", "cell", "i_stim", "20 nA");
    /// net.output("position", "cell", "v").scale("20 mV");
    /// let mut simulation = net.compile(&Options::default().engine(Choice::Cpu))?;
    /// let mut position = 0.0;
    /// for _ in 0..1000 {
    ///     position = simulation.step_outputs(&[0.5])?[0];
    /// }
    /// assert!((position - 0.5).abs() < 1e-4);
    /// # Ok::<(), synfire::Error>(())
    /// ```
    pub fn input(
        &mut self,
        name: impl Into<String>,
        target: impl Into<String>,
        input: impl Into<String>,
        scale: impl Into<Value>,
    ) -> &mut Input {
        let part = Input { name: name.into(), target: target.into(), input: input.into(), scale: scale.into(), ..Input::default() };
        super::build::added(&mut self.inputs, part)
    }

    /// Adds an output: a state of a population, or its `spikes`, read after every step.
    pub fn output(&mut self, name: impl Into<String>, population: impl Into<String>, record: impl Into<String>) -> &mut Output {
        let part = Output { name: name.into(), population: population.into(), record: record.into(), ..Output::default() };
        super::build::added(&mut self.outputs, part)
    }
}

impl Input {
    /// A number for each neuron instead of one for all.
    pub fn per_neuron(&mut self) -> &mut Input {
        self.per_neuron = true;
        self
    }

    /// Which neurons.
    pub fn rows(&mut self, rows: impl Into<Rows>) -> &mut Input {
        self.rows = Some(rows.into());
        self
    }

    /// The quantity that the number 0 stands for.
    pub fn offset(&mut self, offset: impl Into<Value>) -> &mut Input {
        self.offset = Some(offset.into());
        self
    }
}

impl Output {
    /// The quantity that is read as 1.
    pub fn scale(&mut self, scale: impl Into<Value>) -> &mut Output {
        self.scale = Some(scale.into());
        self
    }

    /// The quantity that is read as 0.
    pub fn offset(&mut self, offset: impl Into<Value>) -> &mut Output {
        self.offset = Some(offset.into());
        self
    }

    /// Which neurons.
    pub fn rows(&mut self, rows: impl Into<Rows>) -> &mut Output {
        self.rows = Some(rows.into());
        self
    }
}
