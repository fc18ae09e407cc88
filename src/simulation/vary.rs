//! Ensembles: an instance for each variant of a network, and other variants for one that is compiled already.
//!
//! In: a [`Network`] and its [`Variant`]s. Out: a [`Simulation`] of many instances. A search goes through generation after
//! generation of variants; edges, plan and kernels are those of the first. Not here: what a variant may change (`network`).

use std::sync::Arc;
use std::time::Instant;

use super::set::Described;
use super::{Options, Simulation, choose, device, room, signals, unplanned};
use crate::engine::Snapshot;
use crate::error::Error;
use crate::network::{CheckedNetwork, Network, Variant, check_variants};
use crate::plan::Plan;
use crate::threads::Threads;

/// What other variants of an ensemble are made of.
pub(super) struct Family {
    network: Network,
    checked: CheckedNetwork,
    /// As it was compiled: what has been changed since is not in it.
    plan: Arc<Plan>,
    options: Options,
}

impl Network {
    /// Compiles an instance of the network for each variant, to run side by side. Instance k gives to the bit what an
    /// ensemble of variant k alone gives on the same engine.
    ///
    /// ```
    /// use synfire::network::{Connector, Network, Variant};
    /// use synfire::{Choice, Options};
    /// let mut net = Network::new("two hundred");
    /// net.population("exc", "lif_psc_exp", 50).parameter("i_e", "380 pA");
    /// net.project("exc", "exc", "i_exc", Connector::probability(0.1)).weight("20 pA").delay("1.5 ms");
    /// net.probe("exc", "spikes");
    /// let variants: Vec<Variant> = (0..200).map(|k| Variant::new().set("exc.i_e", format!("{} pA", 300 + k))).collect();
    /// let mut simulation = net.compile_ensemble(&variants, &Options::default().engine(Choice::Cpu))?;
    /// simulation.run(50.0)?;
    /// let counts = simulation.spike_counts();
    /// assert!(counts[0] < counts[199]);
    /// assert_eq!(simulation.recordings()[199].spikes[0].step.len() as u64, counts[199]);
    /// # Ok::<(), synfire::Error>(())
    /// ```
    ///
    /// **Errors** as [`Network::compile`]; what is wrong with a variant, which is named by its number; no variant at all.
    #[doc(alias = "sweep")]
    pub fn compile_ensemble(&self, variants: &[Variant], options: &Options) -> Result<Simulation, Error> {
        let began = Instant::now();
        let (plan, checked, threads) = self.planned_ensemble(variants, options)?;
        let described = Described { network: self.clone(), options: options.clone(), variants: variants.to_vec(), others: false };
        let mut simulation = Simulation::new(plan, signals::Interface::new(&checked), described, threads, began)?;
        let (network, plan, options) = (self.clone(), simulation.plan.clone(), options.clone());
        simulation.family = Some(Box::new(Family { network, checked, plan, options }));
        Ok(simulation)
    }

    /// The plan of an ensemble.
    ///
    /// **Errors** as [`Network::compile_ensemble`].
    pub fn plan_ensemble(&self, variants: &[Variant], options: &Options) -> Result<Plan, Error> {
        Ok(self.planned_ensemble(variants, options)?.0)
    }

    fn planned_ensemble(&self, variants: &[Variant], options: &Options) -> Result<(Plan, CheckedNetwork, Threads), Error> {
        if variants.is_empty() {
            return Err(Error::Call("an ensemble has at least one variant, and none was given".into()));
        }
        let (checked, variants) = room::checked(self, variants, options)?;
        let threads = room::threads(&checked, variants.len() as u64, options)?;
        let plan = threads.run(|| Plan::ensemble(&checked, &variants, &room::limits(&checked, options)));
        let plan = plan.map_err(|error| unplanned(self, &checked, error))?;
        Ok((plan, checked, threads))
    }
}

impl Simulation {
    /// Gives the instances of an ensemble other variants, at time 0 with an empty recording: to the bit what
    /// [`Network::compile_ensemble`] gives for them. Edges are not drawn anew, and kernels are compiled anew only if other
    /// parameters than before differ between instances or from the network: a search compiles once. What
    /// [`Simulation::set`] changed is as the network says.
    ///
    /// ```
    /// use synfire::network::{Network, Variant};
    /// use synfire::{Choice, Options};
    /// let mut net = Network::new("two cells");
    /// net.population("cell", "non_spiking", 1).parameter("i_e", "10 nA");
    /// net.output("v", "cell", "v");
    /// let of = |g: f64| Variant::new().set("cell.g_leak", format!("{g} uS"));
    /// let options = Options::default().engine(Choice::Cpu);
    /// let mut simulation = net.compile_ensemble(&[of(1.0), of(2.0)], &options)?;
    /// simulation.run(100.0)?;
    /// simulation.set_variants(&[of(4.0), of(5.0)])?;
    /// simulation.run(100.0)?;
    /// let v = simulation.outputs()?;
    /// assert!((v[0] - 2.5).abs() < 1e-3 && (v[1] - 2.0).abs() < 1e-3);
    /// # Ok::<(), synfire::Error>(())
    /// ```
    ///
    /// **Errors** a simulation that is no ensemble, another number of variants than it has instances, what is wrong with a
    /// variant (all is then as it was); a device that fails.
    #[doc(alias = "generation")]
    pub fn set_variants(&mut self, variants: &[Variant]) -> Result<(), Error> {
        let Some(family) = &self.family else {
            let help = "compile it with `Network::compile_ensemble`";
            return Err(Error::Call(format!("this simulation is no ensemble, it has no variants\n  help: {help}")));
        };
        if variants.len() != self.instances() {
            let message = format!("the ensemble has {} instances, and {} variants were given", self.instances(), variants.len());
            return Err(Error::Call(message));
        }
        let Family { network, checked, plan, options } = &**family;
        let given = variants;
        let (variants, remarks) = check_variants(network, checked, variants, &options.folder).map_err(Error::Network)?;
        let limits = room::limits(checked, options);
        let varied = self.threads.run(|| Plan::clone(plan).vary(checked, &variants, &limits));
        let mut plan = varied.map_err(|error| unplanned(network, checked, error))?;
        // a plan's remarks begin with those of the description, and these end with those of its variants
        let of_variants = checked.remarks.len() - checked.varied..checked.remarks.len();
        plan.remarks.splice(of_variants, remarks.iter().map(ToString::to_string));
        let plan = Arc::new(plan);
        // what was set since is as the network says; weights and stimuli have to be taken over too
        let others = !self.described.others || self.engine.set_values(&plan, &Snapshot::start(&plan)).map_err(device)?;
        if !others || !self.engine.set_variants(&plan).map_err(device)? {
            (self.engine, self.reason) = choose::choose(&plan, options, &self.threads)?;
        }
        self.described.others = false;
        self.described.network.clone_from(network);
        self.described.variants = given.to_vec();
        self.first = plan.clone();
        self.plan = plan;
        self.spikes.fill(0);
        self.forget_signals();
        self.clear_recording();
        Ok(())
    }
}
