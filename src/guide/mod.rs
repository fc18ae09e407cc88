//! The guide: pages to read in order, their code run as tests.
//!
//! [`network_file`]: every key of a network file. [`language`]: write a model. [`learning`]: synapses that learn. [`step`]: what happens in which order inside a step.
//! [`in_short`]: what a network file says once. [`numbers`]: units, precision, what is equal to the bit. [`addresses`]: one way to name a value, and what can change while running. [`runs`]: what the command
//! leaves, also when it is stopped. [`arrays`]: its archives in NumPy and Neo. [`formats`]: what other programs read. [`sinks`]: where a recording goes while a run goes on. [`recordings`]: recordings longer than memory. [`ensembles`]: one network many times
//! over. [`sweeps`]: a network over ranges of its values, and values that do what was asked for. [`how_fast`]: what a network costs, and what helped. [`space`]: where neurons are, and who is joined with whom. [`stimuli`]: what flows in, and what probes see. [`events`]: spikes, event cameras, images and movies from files. [`gpu`]: schedules, what is equal, limits. [`own_models`]: a neuron, a
//! synapse, a rule and a connector of your own. [`python`]: the package for Python. [`coming_from_brian2_and_brainpy`], [`coming_from_nest_and_pynn`],
//! [`coming_from_sns_toolbox`]: their call, ours. [`codes`]: what an error code means.

#[doc = include_str!("network_file.md")]
pub mod network_file {}

#[doc = include_str!("language.md")]
pub mod language {}

#[doc = include_str!("learning.md")]
pub mod learning {}

#[doc = include_str!("step.md")]
pub mod step {}

#[doc = include_str!("numbers.md")]
pub mod numbers {}

#[doc = include_str!("space.md")]
pub mod space {}

#[doc = include_str!("stimuli.md")]
pub mod stimuli {}

#[doc = include_str!("events.md")]
pub mod events {}

#[doc = include_str!("in_short.md")]
pub mod in_short {}

#[doc = include_str!("addresses.md")]
pub mod addresses {}

#[doc = include_str!("runs.md")]
pub mod runs {}

#[doc = include_str!("arrays.md")]
pub mod arrays {}

#[doc = include_str!("formats.md")]
pub mod formats {}

#[doc = include_str!("sinks.md")]
pub mod sinks {}

#[doc = include_str!("recordings.md")]
pub mod recordings {}

#[doc = include_str!("ensembles.md")]
pub mod ensembles {}

#[doc = include_str!("sweeps.md")]
pub mod sweeps {}

#[doc = include_str!("how_fast.md")]
pub mod how_fast {}

#[doc = include_str!("gpu.md")]
pub mod gpu {}

#[doc = include_str!("codes.md")]
pub mod codes {}

#[doc = include_str!("own_models.md")]
pub mod own_models {}

#[doc = include_str!("coming_from_brian2_and_brainpy.md")]
pub mod coming_from_brian2_and_brainpy {}

#[doc = include_str!("coming_from_nest_and_pynn.md")]
pub mod coming_from_nest_and_pynn {}

#[doc = include_str!("coming_from_sns_toolbox.md")]
pub mod coming_from_sns_toolbox {}

#[doc = include_str!("python.md")]
pub mod python {}
