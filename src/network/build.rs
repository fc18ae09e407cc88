//! The description written in Rust: each call adds a part and gives it back for details.
//!
//! In: names, quantities as text or [`crate::units::Quantity`]. Out: a [`Network`]. Nothing is checked here: everything
//! that is wrong is said at once by `check`.

use std::ops::{Range, RangeInclusive};
use std::path::Path;

use super::{
    At, Connector, EdgeStorage, Network, Population, Probe, Projection, Reduce, Rows, SpikeTimes, Stimulus, Value, Waveform,
};

impl Network {
    /// An empty network.
    ///
    /// ```
    /// use synfire::network::{Connector, Network, value::uniform};
    /// let mut net = Network::new("two");
    /// net.dt("0.1 ms").seed(1);
    /// net.population("exc", "lif_cond_exp", 100).parameter("v_th", "-50 mV").initial("v", uniform("-60 mV", "-50 mV"));
    /// net.project("exc", "exc", "g_exc", Connector::probability(0.1)).weight("1 nS").delay("1.5 ms");
    /// net.probe("exc", "spikes").rows(0..10);
    /// assert_eq!(net.populations[0].size, Some(100));
    /// ```
    pub fn new(name: impl Into<String>) -> Network {
        Network { name: name.into(), ..Network::default() }
    }

    /// The step, `0.1 ms` if not given.
    pub fn dt(&mut self, dt: impl Into<Value>) -> &mut Network {
        self.dt = Some(dt.into());
        self
    }

    /// How long `synfire run` runs it, if the command does not say.
    pub fn duration(&mut self, duration: impl Into<Value>) -> &mut Network {
        self.duration = Some(duration.into());
        self
    }

    /// The seed of everything drawn.
    pub fn seed(&mut self, seed: u64) -> &mut Network {
        self.seed = Some(seed);
        self
    }

    /// What it is and where its numbers come from.
    pub fn description(&mut self, text: impl Into<String>) -> &mut Network {
        self.description = text.into();
        self
    }

    /// Gives a number a name, which expressions in every value may use: `net.constant("g", 5.0)`, then `weight("-g*0.1 mV")`.
    pub fn constant(&mut self, name: impl Into<String>, value: impl Into<Value>) -> &mut Network {
        self.constants.insert(name.into(), value.into());
        self
    }

    /// Adds models in the equation language.
    pub fn equations(&mut self, text: &str) -> &mut Network {
        if !self.equations.is_empty() && !self.equations.ends_with('\n') {
            self.equations.push('\n');
        }
        self.equations.push_str(text);
        self
    }

    /// Adds neurons of one model.
    pub fn population(&mut self, name: impl Into<String>, model: impl Into<String>, size: u64) -> &mut Population {
        let part = Population { name: name.into(), model: model.into(), size: Some(size), ..Population::default() };
        added(&mut self.populations, part)
    }

    /// Adds synapses that add a weight to a port of the target.
    #[doc(alias = "connect")]
    pub fn project(
        &mut self,
        source: impl Into<String>,
        target: impl Into<String>,
        port: impl Into<String>,
        connector: Connector,
    ) -> &mut Projection {
        let (source, target, port) = (source.into(), target.into(), Some(port.into()));
        added(&mut self.projections, Projection { source, target, port, connector, ..Projection::default() })
    }

    /// Adds synapses of a synapse model, which names its ports itself.
    pub fn project_by(
        &mut self,
        source: impl Into<String>,
        target: impl Into<String>,
        synapse: impl Into<String>,
        connector: Connector,
    ) -> &mut Projection {
        let (source, target, synapse) = (source.into(), target.into(), Some(synapse.into()));
        added(&mut self.projections, Projection { source, target, synapse, connector, ..Projection::default() })
    }

    /// Adds input from outside.
    pub fn stimulate(&mut self, target: impl Into<String>, input: impl Into<String>, waveform: Waveform) -> &mut Stimulus {
        let part = Stimulus { target: target.into(), input: input.into(), waveform, ..Stimulus::default() };
        added(&mut self.stimuli, part)
    }

    /// Adds a recording of `spikes`, of the `rate`, or of a state.
    #[doc(alias = "record", alias = "monitor")]
    pub fn probe(&mut self, population: impl Into<String>, record: impl Into<String>) -> &mut Probe {
        let part = Probe { population: population.into(), record: record.into(), ..Probe::default() };
        added(&mut self.probes, part)
    }

    /// Records a state of the synapses of a projection, by its name (`a -> b` if it was given none).
    pub fn probe_synapses(&mut self, projection: impl Into<String>, record: impl Into<String>) -> &mut Probe {
        let part = Probe { projection: projection.into(), record: record.into(), ..Probe::default() };
        added(&mut self.probes, part)
    }
}

pub(super) fn added<T>(list: &mut Vec<T>, part: T) -> &mut T {
    let place = list.len();
    list.push(part);
    &mut list[place]
}

impl Population {
    /// Gives a parameter a value: the same for all, one per neuron, or drawn.
    pub fn parameter(&mut self, name: impl Into<String>, value: impl Into<Value>) -> &mut Population {
        self.parameters.insert(name.into(), value.into());
        self
    }

    /// Gives a state its value before the first step.
    pub fn initial(&mut self, state: impl Into<String>, value: impl Into<Value>) -> &mut Population {
        self.initial.insert(state.into(), value.into());
        self
    }

    /// Asks for a method of integration.
    pub fn method(&mut self, method: impl Into<String>) -> &mut Population {
        self.method = Some(method.into());
        self
    }

    /// Rows, columns, ... instead of a size.
    pub fn shape(&mut self, shape: impl Into<Vec<u64>>) -> &mut Population {
        self.size = None;
        self.shape = shape.into();
        self
    }

    /// In diagrams: an SVG colour name, or `#rrggbb`.
    pub fn colour(&mut self, colour: impl Into<String>) -> &mut Population {
        self.colour = colour.into();
        self
    }

    /// When each neuron spikes, ms (model `spike_times` and its like).
    pub fn spike_times(&mut self, lists: Vec<Vec<f64>>) -> &mut Population {
        self.spike_times = Some(SpikeTimes::Lists(lists));
        self
    }

    /// When each neuron spikes, once: a time, a list with one per neuron, a law.
    pub fn spikes_once(&mut self, time: impl Into<Value>) -> &mut Population {
        self.spike_times = Some(SpikeTimes::Once(time.into()));
        self
    }

    /// When each neuron spikes: a table with columns `neuron` and `time_ms`.
    pub fn spike_file(&mut self, path: impl AsRef<Path>) -> &mut Population {
        self.spike_times = Some(SpikeTimes::File(path.as_ref().to_path_buf()));
        self
    }
}

impl Projection {
    /// What a spike adds to the port.
    pub fn weight(&mut self, weight: impl Into<Value>) -> &mut Projection {
        self.weight = Some(weight.into());
        self
    }

    /// At least one step.
    pub fn delay(&mut self, delay: impl Into<Value>) -> &mut Projection {
        self.delay = Some(delay.into());
        self
    }

    /// Joins only these neurons of the source; the connector counts them from 0.
    pub fn source_rows(&mut self, rows: impl Into<Rows>) -> &mut Projection {
        self.source_rows = Some(rows.into());
        self
    }

    /// Joins only these neurons of the target; the connector counts them from 0.
    pub fn target_rows(&mut self, rows: impl Into<Rows>) -> &mut Projection {
        self.target_rows = Some(rows.into());
        self
    }

    /// Divides `weight`, or a parameter of the synapse model, by the number of synapses that each target has (connectors
    /// `all_to_all`, `all_to_others`, `fixed_indegree`).
    pub fn normalise(&mut self, name: impl Into<String>) -> &mut Projection {
        self.normalise = Some(name.into());
        self
    }

    /// Lets each synapse act both ways with one set of parameters: a junction.
    pub fn both_ways(&mut self) -> &mut Projection {
        self.both_ways = true;
        self
    }

    /// Says whether its synapses are kept in memory or drawn again for each spike, instead of what memory allows. Spikes do not
    /// depend on it.
    pub fn connectivity(&mut self, storage: EdgeStorage) -> &mut Projection {
        self.connectivity = Some(storage);
        self
    }

    /// Gives it a name of its own.
    pub fn named(&mut self, name: impl Into<String>) -> &mut Projection {
        self.name = name.into();
        self
    }

    /// Gives a parameter of the synapse model a value.
    pub fn parameter(&mut self, name: impl Into<String>, value: impl Into<Value>) -> &mut Projection {
        self.parameters.insert(name.into(), value.into());
        self
    }

    /// Says where a modulator of the synapse model comes from: `POPULATION.STATE`, or the name of an input.
    pub fn modulator(&mut self, name: impl Into<String>, source: impl Into<String>) -> &mut Projection {
        self.modulators.insert(name.into(), source.into());
        self
    }
}

impl Stimulus {
    /// Which neurons.
    pub fn rows(&mut self, rows: impl Into<Rows>) -> &mut Stimulus {
        self.rows = Some(rows.into());
        self
    }

    /// On from this time.
    pub fn from(&mut self, start: impl Into<Value>) -> &mut Stimulus {
        self.start = Some(start.into());
        self
    }

    /// Holds the state that it names at the level of its waveform: a voltage clamp.
    pub fn clamp(&mut self) -> &mut Stimulus {
        self.clamp = true;
        self
    }

    /// On in these windows alone: each from its first time up to, not at, its last.
    pub fn windows<V: Into<Value>>(&mut self, windows: impl IntoIterator<Item = (V, V)>) -> &mut Stimulus {
        let (start, stop) = windows.into_iter().map(|(start, stop)| (start.into(), stop.into())).unzip();
        (self.start, self.stop) = (Some(Value::List(start)), Some(Value::List(stop)));
        self
    }

    /// On up to, not at, this time.
    pub fn until(&mut self, stop: impl Into<Value>) -> &mut Stimulus {
        self.stop = Some(stop.into());
        self
    }

    /// Gives it a name of its own.
    pub fn named(&mut self, name: impl Into<String>) -> &mut Stimulus {
        self.name = name.into();
        self
    }
}

impl Probe {
    /// The population or projection that it looks at.
    pub fn of(&self) -> &str {
        if self.projection.is_empty() { &self.population } else { &self.projection }
    }

    /// Which neurons.
    pub fn rows(&mut self, rows: impl Into<Rows>) -> &mut Probe {
        self.rows = Some(rows.into());
        self
    }

    /// Time between samples, or width of the bins of a rate.
    pub fn every(&mut self, every: impl Into<Value>) -> &mut Probe {
        self.every = Some(every.into());
        self
    }

    /// Looks from this time on.
    pub fn from(&mut self, start: impl Into<Value>) -> &mut Probe {
        self.start = Some(start.into());
        self
    }

    /// Looks up to, not at, this time.
    pub fn until(&mut self, stop: impl Into<Value>) -> &mut Probe {
        self.stop = Some(stop.into());
        self
    }

    /// Takes its samples at this time and multiples of `every` from it.
    pub fn offset(&mut self, offset: impl Into<Value>) -> &mut Probe {
        self.offset = Some(offset.into());
        self
    }

    /// Keeps of each sample the mean and the standard deviation, the sum, or a histogram, instead of every value.
    pub fn reduce(&mut self, reduce: Reduce) -> &mut Probe {
        self.reduce = Some(reduce);
        self
    }

    /// Looks at a state of synapses when a spike of their source is there, instead of after every so many steps.
    pub fn at_source_spikes(&mut self) -> &mut Probe {
        self.at = Some(At::SourceSpikes);
        self
    }

    /// Keeps a histogram of each sample: so many bins of one width, over the range that the model gives the state, or from the
    /// first edge to the last.
    pub fn histogram(&mut self, bins: u64) -> &mut Probe {
        (self.reduce, self.bins) = (Some(Reduce::Histogram), Some(bins));
        self
    }

    /// Where bins of a histogram begin, ascending, and where the last one ends.
    pub fn edges<V: Into<Value>>(&mut self, edges: impl IntoIterator<Item = V>) -> &mut Probe {
        self.reduce = Some(Reduce::Histogram);
        self.edges = edges.into_iter().map(Into::into).collect();
        self
    }
}

impl Waveform {
    /// The same all the time.
    pub fn constant(amplitude: impl Into<Value>) -> Waveform {
        Waveform::Constant { amplitude: amplitude.into() }
    }

    /// Independent events at a mean rate, each adding the weight to the port.
    pub fn poisson(rate: impl Into<Value>, weight: impl Into<Value>) -> Waveform {
        Waveform::Poisson { rate: rate.into(), weight: weight.into(), sources: 1 }
    }

    /// From one level to another in a straight line over a time.
    pub fn ramp(from: impl Into<Value>, to: impl Into<Value>, over: impl Into<Value>) -> Waveform {
        Waveform::Ramp { from: Some(from.into()), to: to.into(), over: over.into() }
    }

    /// Pulses of one width at an interval, for as long as the stimulus is on.
    pub fn pulses(amplitude: impl Into<Value>, width: impl Into<Value>, interval: impl Into<Value>) -> Waveform {
        let (amplitude, width, interval) = (amplitude.into(), width.into(), Some(interval.into()));
        Waveform::Pulses { amplitude, width, interval, count: None, offset: None }
    }

    /// Noise with a memory: an Ornstein-Uhlenbeck process per neuron.
    pub fn ornstein_uhlenbeck(mean: impl Into<Value>, sd: impl Into<Value>, tau: impl Into<Value>) -> Waveform {
        Waveform::OrnsteinUhlenbeck { mean: mean.into(), sd: sd.into(), tau: tau.into() }
    }

    /// An expression of the time `t` of the run.
    pub fn expression(value: impl Into<String>) -> Waveform {
        Waveform::Expression { value: value.into() }
    }

    /// A sample after the other out of a file: a row for each, with one number for all neurons or one each.
    pub fn samples(file: impl AsRef<Path>, interval: impl Into<Value>, unit: impl Into<String>) -> Waveform {
        let (file, interval, unit) = (Some(file.as_ref().to_path_buf()), interval.into(), Some(unit.into()));
        Waveform::Array { values: Vec::new(), file, interval, unit }
    }

    /// A normal draw per neuron and step.
    pub fn noise(mean: impl Into<Value>, sd: impl Into<Value>) -> Waveform {
        Waveform::Noise { mean: mean.into(), sd: sd.into(), interval: None }
    }
}

impl From<Range<u64>> for Rows {
    fn from(range: Range<u64>) -> Rows {
        Rows::Range(range.start, range.end)
    }
}

impl From<RangeInclusive<u64>> for Rows {
    fn from(range: RangeInclusive<u64>) -> Rows {
        Rows::Range(*range.start(), range.end().saturating_add(1))
    }
}

impl From<Vec<u64>> for Rows {
    fn from(list: Vec<u64>) -> Rows {
        Rows::List(list)
    }
}

impl<const N: usize> From<[u64; N]> for Rows {
    fn from(list: [u64; N]) -> Rows {
        Rows::List(list.to_vec())
    }
}
