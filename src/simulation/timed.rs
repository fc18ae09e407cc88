//! How long a step takes on this processor, and which part of it takes longest: measured for a moment, as a plan alone cannot tell.
//!
//! In: a network. Out: [`Timed`]. Measured are three engines, a few hundred milliseconds each at most: the network itself, the same
//! without synapses, and that without random events from outside; what one takes longer than the next is what was left out. Not here:
//! what it takes on a GPU (`plan::schedule` guesses it), whole runs (`synfire bench`).

use std::fmt::{self, Display, Formatter};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Choice, Error, Options, choose};
use crate::engine::Identity;
use crate::network::Network;
use crate::plan::Plan;
use crate::threads::{self, Threads};

/// Each engine runs for so long, or for as many steps.
const FOR: Duration = Duration::from_millis(150);
const STEPS: u64 = 20_000;

/// The time of a step, measured.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Timed {
    /// Who computed.
    pub identity: Identity,
    /// Steps of the whole network that were measured, from its start.
    pub steps: u64,
    /// Of a step, ms.
    pub dt: f64,
    /// Seconds of a step: all of it.
    pub all: f64,
    /// What advances the states of neurons takes of it, with all that arrives there.
    pub neurons: f64,
    /// Random events from outside.
    pub events: f64,
    /// Synapses: spikes on their way, what learns, what flows in every step.
    pub synapses: f64,
    /// Spikes of a step.
    pub spikes: f64,
    /// Synapses of a step at which a spike arrived or something flowed.
    pub reached: f64,
}

impl Network {
    /// Measures how long a step takes on this processor, whatever engine the options name: the network is built and runs for less than
    /// half a second from its start.
    ///
    /// **Errors** as [`Network::compile`]; what goes wrong in the first steps.
    pub fn timed(&self, options: &Options) -> Result<Timed, Error> {
        Timed::of(self.plan(options)?, options)
    }
}

/// What one engine did.
struct Ran {
    steps: u64,
    /// Of a step.
    seconds: f64,
    /// By row.
    spikes: Vec<u64>,
}

fn run(plan: &Arc<Plan>, options: &Options, threads: &Threads) -> Result<(Identity, Ran), Error> {
    let mut engine = choose::choose(plan, options, threads)?.0;
    let mut spikes = vec![0; plan.rows as usize];
    // the first steps wait for memory
    let mut steps = plan.window.max(4);
    engine.advance(steps).map_err(super::device)?;
    let (began, mut done) = (Instant::now(), 0);
    while done < STEPS && (done == 0 || began.elapsed() < FOR) {
        let batch = engine.advance(steps).map_err(super::device)?;
        batch.spikes.iter().for_each(|(_, row)| spikes[(*row % plan.rows) as usize] += 1);
        done += u64::from(steps);
        // longer and longer, as threads that live through a batch want it
        steps = steps.saturating_mul(2).min(2048);
    }
    Ok((engine.identity(), Ran { steps: done, seconds: began.elapsed().as_secs_f64() / done as f64, spikes }))
}

impl Timed {
    /// Measures a network that is planned already, by the threads and the precision of the options, as [`Network::timed`] does.
    ///
    /// **Errors** as [`Network::timed`].
    pub fn of(mut plan: Plan, options: &Options) -> Result<Timed, Error> {
        let (options, threads) = (options.clone().engine(Choice::Cpu), &Threads::new(threads::most(options.threads))?);
        threads.run(|| plan.arrange(options.precision == super::Precision::F32));
        let plan = Arc::new(plan);
        let (identity, whole) = run(&plan, &options, threads)?;
        let quiet = plan.alone(true);
        let (_, unjoined) = run(&Arc::new(quiet), &options, threads)?;
        // where there is nothing from outside both are the same
        let alone = if plan.backgrounds.is_empty() { None } else { Some(run(&Arc::new(plan.alone(false)), &options, threads)?.1) };
        let neurons = alone.map_or(unjoined.seconds, |alone| alone.seconds.min(unjoined.seconds)).min(whole.seconds);
        let events = (unjoined.seconds.min(whole.seconds) - neurons).max(0.0);
        let steps = whole.steps.max(1) as f64;
        Ok(Timed {
            identity,
            steps: whole.steps,
            dt: plan.dt,
            all: whole.seconds,
            neurons,
            events,
            synapses: whole.seconds - neurons - events,
            spikes: whole.spikes.iter().sum::<u64>() as f64 / steps,
            reached: plan.reached(&whole.spikes) as f64 / steps + plan.gathered.iter().map(|g| g.edges.count() as f64).sum::<f64>(),
        })
    }

    /// Steps over the time that they stand for: below 1 the network runs faster than what it models.
    pub fn real_time_factor(&self) -> f64 {
        self.all / (self.dt * 1e-3)
    }

    /// What takes longest.
    pub fn bound(&self) -> &'static str {
        let longest = |a: (f64, &'static str), b: (f64, &'static str)| if b.0 > a.0 { b } else { a };
        self.parts().into_iter().map(|(name, seconds)| (seconds, name)).fold((0.0, "nothing"), longest).1
    }

    fn parts(&self) -> [(&'static str, f64); 3] {
        [("states of neurons", self.neurons), ("random events from outside", self.events), ("synapses", self.synapses)]
    }
}

impl Display for Timed {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Identity { adapter, driver, precision, threads, .. } = &self.identity;
        let several = if *threads == 1 { "thread" } else { "threads" };
        writeln!(
            f,
            "Time of a step on this processor ({adapter}, {driver}, {precision}, {threads} {several}), measured over {} steps from the start",
            self.steps
        )?;
        writeln!(f, "  {:<28}{:>11}{:>7}", "part", "us a step", "share")?;
        for (name, seconds) in self.parts() {
            writeln!(f, "  {name:<28}{:>11.2}{:>5.0} %", seconds * 1e6, 100.0 * seconds / self.all.max(f64::MIN_POSITIVE))?;
        }
        writeln!(
            f,
            "  {:<28}{:>11.2}  {:.3} times real time; most of it: {}",
            "all",
            self.all * 1e6,
            self.real_time_factor(),
            self.bound()
        )?;
        write!(
            f,
            "  {:.1} spikes a step reach {:.0} synapses; of threads that share the step the slower counts",
            self.spikes, self.reached
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{Connector, Variant, Waveform};

    fn network(driven: bool) -> Network {
        let mut net = Network::new("some");
        net.dt("0.1 ms").seed(5);
        net.population("a", "lif_psc_exp", 60).parameter("i_e", "400 pA");
        net.population("b", "lif_psc_exp", 40);
        net.project("a", "b", "i_exc", Connector::AllToAll).weight("1 pA").delay("0.3 ms");
        if driven {
            net.stimulate("b", "i_exc", Waveform::poisson("2 kHz", "3 pA"));
        }
        net
    }

    #[test]
    fn parts_make_up_the_whole() {
        for driven in [false, true] {
            let timed = network(driven).timed(&Options::default().threads(1)).unwrap_or_else(|e| panic!("{e}"));
            assert!(timed.steps > 100 && timed.all > 0.0 && timed.neurons > 0.0 && timed.synapses >= 0.0, "{timed:?}");
            assert!((timed.neurons + timed.events + timed.synapses - timed.all).abs() <= 1e-9 * timed.all, "{timed:?}");
            assert!(driven || timed.events == 0.0, "{timed:?}");
            // only the driven one spikes, and each of its spikes reaches all of the other
            assert!(timed.spikes > 0.0 && (timed.reached - 40.0 * timed.spikes).abs() < 1e-6 * timed.reached, "{timed:?}");
            let text = timed.to_string();
            for part in ["states of neurons", "random events from outside", "synapses", "times real time; most of it: ", "1 thread"]
            {
                assert!(text.contains(part), "{text}");
            }
            assert!(timed.parts().iter().any(|(name, _)| *name == timed.bound()));
        }
    }

    #[test]
    fn instances_with_values_of_their_own_are_measured() {
        let variants: Vec<Variant> = (0..3).map(|k| Variant::new().set("a -> b.weight", format!("{} pA", 1 + k))).collect();
        let plan = network(true).plan_ensemble(&variants, &Options::default()).unwrap_or_else(|e| panic!("{e}"));
        let timed = Timed::of(plan, &Options::default().threads(1)).unwrap_or_else(|e| panic!("{e}"));
        assert!(timed.all > 0.0 && timed.reached > 0.0, "{timed:?}");
    }
}
