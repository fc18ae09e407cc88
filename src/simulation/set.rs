//! Values that change while a network runs, by their address: of neurons, synapses and stimuli.
//!
//! In: an [`Address`] and a value. The description is changed, checked and planned as a file is, the edges taken over, and the
//! engine goes on from its state: what follows is to the bit what the network gives that was described this way, from the same
//! state. Not here: the grammar (`network::Address`), which values the plan derives (`plan`), states (`change`).

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Options, Simulation, choose, device, room, unplanned};
use crate::diagnostic::{Report, Source};
use crate::engine::Backend;
use crate::error::Error;
use crate::network::{Address, Kind, Network, Value, Variant, Which};
use crate::plan::{Change, Extent, Plan, PopulationId};

/// The network as it is described now.
pub(super) struct Described {
    pub network: Network,
    pub options: Options,
    /// Of an ensemble.
    pub variants: Vec<Variant>,
    /// Weights, synapses or stimuli are others than those that were compiled.
    pub others: bool,
}

impl Simulation {
    /// What runs, as it was described, with what was changed since.
    pub fn network(&self) -> &Network {
        &self.described.network
    }

    /// Changes a value while the network runs: a parameter of neurons, `exc.v_th`; a weight or a parameter of synapses,
    /// `exc -> inh.weight`; a value of a stimulus, `stimulus drive.amplitude`. Of all, of one row (`exc[3].v_th`), of some
    /// (`exc[0..10,17].v_th`), of the synapses between some neurons (`a -> b[3 -> 0..7].weight`). The value is one quantity for
    /// all of these, or a list with one for each. [`crate::guide::addresses`] says what can change, and what it costs.
    ///
    /// State, step, spikes under way and random numbers stay. Of an ensemble all instances get the value.
    ///
    /// ```
    /// use synfire::{Choice, Network, Options};
    /// let mut net = Network::new("three cells");
    /// net.population("cell", "non_spiking", 3).parameter("i_e", "10 nA");
    /// let mut simulation = net.compile(&Options::default().engine(Choice::Cpu))?;
    /// simulation.run(100.0)?;
    /// simulation.set("cell[1].i_e", "5 nA")?;
    /// simulation.run(100.0)?;
    /// let v = simulation.state("cell", "v")?;
    /// assert!((v[0] - 10.0).abs() < 1e-3 && (v[1] - 5.0).abs() < 1e-3);
    /// # Ok::<(), synfire::Error>(())
    /// ```
    ///
    /// **Errors** an address that names nothing, or two parts; a value that the description would not take; what cannot change
    /// while running. All is then as it was.
    pub fn set(&mut self, address: &str, value: impl Into<Value>) -> Result<(), Error> {
        let network = &self.described.network;
        let address = Address::parse(address, network)
            .map_err(|d| Error::Network(Report { source: Source::default(), diagnostics: vec![d] }))?;
        self.set_at(&address, value.into())
    }

    /// Changes a parameter of a population to one value for all its neurons, such as `"-49 mV"`: as [`Simulation::set`] of
    /// `POPULATION.PARAMETER`.
    ///
    /// **Errors** as [`Simulation::set`].
    pub fn set_parameter(&mut self, population: &str, parameter: &str, value: &str) -> Result<(), Error> {
        if self.plan.population(population).is_none() {
            return Err(self.no_population(population));
        }
        let field = format!("parameters.{parameter}");
        let address = Address { kind: Kind::Population, name: population.into(), which: Which::All, field };
        self.set_at(&address, value.into())
    }

    fn set_at(&mut self, address: &Address, value: Value) -> Result<(), Error> {
        if let Some(why) = fixed(address) {
            return Err(Error::Call(format!("`{address}` cannot change while the network runs: {why}")));
        }
        let Described { network, options, variants, .. } = &*self.described;
        let Some(place) = address.place(network) else {
            return Err(Error::Call(format!("there is no {} `{}`", address.kind.word(), address.name)));
        };
        let change = match address.kind {
            Kind::Population => Change::Population(PopulationId(place as u32)),
            Kind::Projection => Change::Projection(place),
            _ => Change::Stimulus(place),
        };
        let mut changed = network.clone();
        changed.put(address, value.clone()).map_err(Error::Network)?;
        let variants = overridden(variants, network, address, &value);
        let (checked, own) = room::checked(&changed, &variants, options)?;
        let limits = room::limits(&checked, options);
        let renewed = self.threads.run(|| self.plan.renewed(&checked, &own, change, &limits));
        let (plan, extent) = renewed.map_err(|error| unplanned(&changed, &checked, error))?;
        match extent {
            Extent::Group(group) => {
                self.plan = Arc::new(plan);
                self.engine.set_parameters(&self.plan, group).map_err(device)?;
            }
            Extent::Values => self.go_on(plan, address)?,
        }
        self.described.others |= extent == Extent::Values;
        (self.described.network, self.described.variants) = (changed, variants);
        Ok(())
    }
}

impl Simulation {
    /// Takes over a plan with other weights, synapses or stimuli at the state as it is.
    fn go_on(&mut self, mut plan: Plan, address: &Address) -> Result<(), Error> {
        let mut state = self.engine.snapshot().map_err(device)?;
        plan.make_room(&self.plan, &mut state.rings, self.narrow).map_err(|under_way| {
            let longest = f64::from(self.plan.slots) * self.plan.dt;
            Error::Call(format!(
                "`{address}` cannot change now: {under_way}\n  \
                 help: run until it has arrived, {longest} ms at most, and change it then"
            ))
        })?;
        if self.engine.identity().engine == Backend::Cpu {
            self.threads.run(|| plan.arrange(self.narrow));
        }
        let plan = Arc::new(plan);
        if !self.engine.set_values(&plan, &state).map_err(device)? {
            let (mut engine, reason) = choose::choose(&plan, &self.described.options, &self.threads)?;
            engine.restore(&state).map_err(device)?;
            (self.engine, self.reason) = (engine, reason);
        }
        self.engine.set_external(&self.external);
        self.plan = plan;
        Ok(())
    }
}

/// The variants of an ensemble once a value has been set for all instances.
fn overridden(variants: &[Variant], network: &Network, address: &Address, value: &Value) -> Vec<Variant> {
    let plain = |field: &str| field.strip_prefix("parameters.").unwrap_or(field).to_string();
    let key = |a: &Address| (a.kind, a.name.clone(), plain(&a.field));
    let wanted = key(address);
    // thousands of variants have the same keys
    let mut met: BTreeMap<String, bool> = BTreeMap::new();
    let mut same =
        |text: &str| *met.entry(text.to_string()).or_insert_with(|| Address::parse(text, network).is_ok_and(|a| key(&a) == wanted));
    variants.iter().map(|variant| variant.with(address, value, &mut same)).collect()
}

/// Why a value cannot change while the network runs.
fn fixed(address: &Address) -> Option<&'static str> {
    Some(match (address.kind, address.field.as_str()) {
        (Kind::Network, "duration") => "`run` says how long it runs",
        (Kind::Network, field) if field.starts_with("constants.") => {
            "values all over the network follow from it\n  help: change these, or compile the network anew"
        }
        (Kind::Network, _) => "step and seed are those of the first step\n  help: compile the network anew",
        (Kind::Population, "size" | "shape" | "model" | "method") => {
            "states are laid out for it\n  help: change the description with `Network::set` and compile it anew"
        }
        (Kind::Population, field) if field.starts_with("initial.") => {
            "it is the state before the first step\n  help: `set_state` changes the state as it is now"
        }
        (Kind::Projection, "delay") => {
            "what is under way is laid out for it\n  help: change the description with `Network::set` and compile it anew"
        }
        (Kind::Projection, "port" | "synapse" | "normalise" | "connectivity") => {
            "synapses are laid out for it\n  help: change the description with `Network::set` and compile it anew"
        }
        (Kind::Projection, field) if field.starts_with("modulators.") => {
            "what synapses read of neurons is laid out for it\n  help: change the description with `Network::set` and compile it anew"
        }
        (Kind::Projection, field) if field.starts_with("connector.") => {
            "synapses have been drawn\n  help: change the description with `Network::set` and compile it anew"
        }
        (Kind::Stimulus, "unit") => "a program gives its numbers in it\n  help: give other numbers",
        (Kind::Input | Kind::Output, _) => {
            "numbers that a program gave and read were counted in it\n  help: give other numbers, or compile the network anew"
        }
        (Kind::Probe, _) => "what was recorded has this interval\n  help: compile the network anew",
        _ => return None,
    })
}
