//! A batch of instances whose rows several workers own, each worker on a thread of its own from the first step to the last.
//!
//! In: teams of one worker each, in order of instances. Out: the states after the batch; spikes in the logs of the first worker of
//! each instance. The workers of an instance meet once a window: each has left its spikes, and takes those of all. What was left is
//! read until the meeting after, so that everybody has two places to leave spikes at, in turn. Not here: instances whose workers read
//! more of each other than spikes (`team::window`).

use std::sync::{PoisonError, RwLock};
use std::thread::{Builder, Scope, ScopedJoinHandle};
use std::time::{Duration, Instant};

use super::gate::{FIRST, Gate, Met, SPAN, Slept, Until};
use super::real::Real;
use super::run::Run;
use super::team::Team;
use super::worker::Scratch;

/// Rows that spiked, by step of a window, then group.
type Left = RwLock<Vec<Vec<Vec<u32>>>>;

/// What the workers of an instance share while a batch runs.
struct Meeting {
    gate: Gate,
    /// By worker.
    left: Vec<[Left; 2]>,
}

/// Lets the others go where a thread ends before its work does.
struct Leaves<'a>(&'a Gate);

impl Drop for Leaves<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.give_up();
        }
    }
}

/// How long the faster way is gone before the other is tried again: many times what it takes to see which that is.
const LASTS: Duration = Duration::from_millis(200);
/// The same where one alone was seen to be faster for the first time: something else may have kept the others waiting then. Each time
/// that it is seen again this is twice as long, up to [`LASTS`].
const DOUBTED: Duration = Duration::from_millis(20);
/// Windows between two looks at the time.
const WINDOWS: u32 = 64;

/// Which way is the faster one, from batch to batch: threads side by side, unless one alone was seen to be faster, at the beginning and
/// whenever they sleep much.
pub struct Pace {
    slept: Slept,
    /// One goes on alone until then.
    alone: Option<Instant>,
    /// Threads go on side by side.
    together: Until,
    /// How long one would go on alone next.
    lasts: Duration,
}

impl Default for Pace {
    fn default() -> Pace {
        Pace { slept: Slept::default(), alone: None, together: Until::Seen, lasts: DOUBTED }
    }
}

/// Advances some steps, by a thread for each worker as far as that is the faster way.
pub fn batch<T: Real>(teams: &mut [Team<T>], run: &Run<'_>, first: u64, steps: u32, pace: &mut Pace) {
    let mut done = vec![0; run.plan.instances.max(1) as usize];
    while let Some(least) = done.iter().copied().min().filter(|least| *least < steps) {
        let began = Instant::now();
        let is_level = done.iter().all(|d| *d == least);
        if !is_level || pace.alone.is_some_and(|until| began < until) {
            all_alone(teams, run, (first, steps), &mut done);
            continue;
        }
        pace.alone = None;
        let spread = side_by_side(teams, run, (first, least, steps), &mut done, pace);
        if !spread || done.iter().any(|d| *d < steps) {
            let together = per_step(began, done.iter().copied().max().unwrap_or(least) - least);
            // one alone is looked at for as long as several were
            let shortest = if matches!(pace.together, Until::Seen) { FIRST } else { SPAN };
            let (trial, from) = (Instant::now(), done.iter().copied().min().unwrap_or(steps));
            while done.iter().any(|d| *d < steps) && trial.elapsed() < shortest {
                all_alone(teams, run, (first, steps), &mut done);
            }
            if per_step(trial, done.iter().copied().min().unwrap_or(steps) - from) < together {
                (pace.alone, pace.together) = (Some(Instant::now() + pace.lasts), Until::Seen);
                pace.lasts = LASTS.min(2 * pace.lasts);
            } else {
                (pace.together, pace.lasts) = (Until::Time(Instant::now() + LASTS), DOUBTED);
            }
        }
    }
}

/// The time since then for each of some steps; of none without end.
fn per_step(began: Instant, steps: u32) -> f64 {
    began.elapsed().as_secs_f64() / f64::from(steps)
}

/// Advances all instances to one step, some windows on, each by one thread.
fn all_alone<T: Real>(teams: &mut [Team<T>], run: &Run<'_>, (first, steps): (u64, u32), done: &mut [u32]) {
    let (least, most) = (done.iter().min().copied().unwrap_or(steps), done.iter().max().copied().unwrap_or(steps));
    let end = steps.min(least.saturating_add(WINDOWS * run.plan.window)).max(most);
    let per_instance = teams.len() / done.len();
    for (teams, done) in teams.chunks_mut(per_instance).zip(done) {
        if *done < end {
            alone(teams, run, (first, *done, end));
            *done = end;
        }
    }
}

/// Advances from one step of a batch towards another, and says in `done` how far each instance came: less far where threads keep each
/// other waiting. `false`: the system gave no threads, and nothing has been done.
fn side_by_side<T: Real>(teams: &mut [Team<T>], run: &Run<'_>, steps: (u64, u32, u32), done: &mut [u32], pace: &mut Pace) -> bool {
    let per_instance = teams.len() / done.len();
    let empty = || RwLock::new(vec![vec![Vec::new(); run.plan.groups.len()]; run.plan.window as usize]);
    let meeting = |_: &u32| Meeting {
        gate: Gate::new(per_instance, pace.slept, pace.together),
        left: (0..per_instance).map(|_| [empty(), empty()]).collect(),
    };
    let meetings: Vec<Meeting> = done.iter().map(meeting).collect();
    let Some((own, others)) = teams.split_first_mut() else { return false };
    let started_all = std::thread::scope(|scope| {
        let mut handles = Vec::new();
        for (number, team) in (1..).zip(others) {
            let (meeting, place) = (&meetings[number / per_instance], number % per_instance);
            let Ok(handle) = started(scope, move || advance(team, run, steps, meeting, place)) else {
                meetings.iter().for_each(|m| m.gate.give_up());
                return false;
            };
            handles.push((number, handle));
        }
        done[0] = advance(own, run, steps, &meetings[0], 0);
        for (number, handle) in handles {
            match handle.join() {
                Ok(came) if number % per_instance == 0 => done[number / per_instance] = came,
                Ok(_) => {}
                // whoever joins a thread has its panic
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        true
    });
    // of several instances that which gets on worst
    let all = meetings.iter().map(|meeting| meeting.gate.slept());
    pace.slept = all.max_by_key(|known| known.slept).unwrap_or_default();
    started_all
}

fn started<'scope>(
    scope: &'scope Scope<'scope, '_>,
    work: impl FnOnce() -> u32 + Send + 'scope,
) -> std::io::Result<ScopedJoinHandle<'scope, u32>> {
    Builder::new().spawn_scoped(scope, work)
}

/// Advances the worker of a team, which is the one of this place in its instance, and says how far it came.
fn advance<T: Real>(team: &mut Team<T>, run: &Run<'_>, (first, from, to): (u64, u32, u32), meeting: &Meeting, place: usize) -> u32 {
    let _leaves = Leaves(&meeting.gate);
    // nobody begins before all threads are there
    if meeting.gate.pass() == Met::Never {
        return from;
    }
    let Team { workers, scratch } = team;
    let [worker] = &mut workers[..] else { return from };
    let plan = run.plan;
    let (mut done, mut turn) = (from, 0);
    while done < to {
        let (window, step) = ((to - done).min(plan.window), first + u64::from(done));
        worker.learn(run, step, true);
        worker.update(run.arch, plan, step, window, done == from, run.external, scratch);
        leave(&meeting.left[place][turn], scratch);
        let met = meeting.gate.pass();
        if met == Met::Never {
            break;
        }
        let all: Vec<_> = meeting.left.iter().map(|left| left[turn].read().unwrap_or_else(PoisonError::into_inner)).collect();
        let mut rows = std::mem::take(&mut scratch.gathered);
        for k in 0..window as usize {
            rows.clear();
            for group in 0..plan.groups.len() {
                all.iter().for_each(|left| rows.extend_from_slice(&left[k][group]));
            }
            worker.arrive(run, step + k as u64, &rows, place == 0);
        }
        scratch.gathered = rows;
        done += window;
        turn = 1 - turn;
        if met == Met::Last {
            break;
        }
    }
    done
}

/// Advances the workers of an instance one after the other.
fn alone<T: Real>(teams: &mut [Team<T>], run: &Run<'_>, (first, from, to): (u64, u32, u32)) {
    let plan = run.plan;
    let (mut done, mut rows) = (from, Vec::new());
    while done < to {
        let (window, step) = ((to - done).min(plan.window), first + u64::from(done));
        for Team { workers, scratch } in &mut *teams {
            for worker in workers {
                worker.learn(run, step, true);
                worker.update(run.arch, plan, step, window, done == from, run.external, scratch);
            }
        }
        for k in 0..window as usize {
            rows.clear();
            for group in 0..plan.groups.len() {
                teams.iter_mut().for_each(|team| rows.append(&mut team.scratch.spikes[k][group]));
            }
            let workers = teams.iter_mut().flat_map(|team| &mut team.workers);
            workers.enumerate().for_each(|(place, worker)| worker.arrive(run, step + k as u64, &rows, place == 0));
        }
        done += window;
    }
}

/// Leaves the spikes of a window, and takes the room of those of the window before the last.
fn leave<T: Real>(place: &Left, scratch: &mut Scratch<T>) {
    let mut left = place.write().unwrap_or_else(PoisonError::into_inner);
    std::mem::swap(&mut *left, &mut scratch.spikes);
    scratch.spikes.iter_mut().flatten().for_each(Vec::clear);
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::engine::cpu::{CpuEngine, CpuOptions};
    use crate::engine::{Batch, Engine};
    use crate::network::value::uniform;
    use crate::network::{Connector, Network};
    use crate::plan::Plan;
    use crate::simulation::Options;

    fn plan(delay: &str) -> Arc<Plan> {
        let mut net = Network::new("some");
        net.dt("0.1 ms").seed(5);
        net.population("a", "lif_psc_exp", 300)
            .parameter("i_e", uniform("300 pA", "600 pA"))
            .initial("v", uniform("-70 mV", "-50 mV"));
        net.population("b", "lif_cond_exp", 200).parameter("i_e", uniform("100 pA", "300 pA"));
        for (source, target, port, weight) in
            [("a", "a", "i_exc", "80 pA"), ("a", "b", "g_exc", "5 nS"), ("b", "a", "i_inh", "-90 pA")]
        {
            net.project(source, target, port, Connector::probability(0.1)).weight(weight).delay(delay);
        }
        Arc::new(net.plan(&Options::default()).unwrap_or_else(|e| panic!("{e}")))
    }

    fn engine(plan: &Arc<Plan>, threads: usize) -> CpuEngine<f64> {
        let options = CpuOptions { threads, rows_per_worker: if threads == 1 { 0 } else { 64 } };
        let mut engine = CpuEngine::new(plan.clone(), options).unwrap();
        // as if it were worth it
        engine.work = 1e9;
        engine
    }

    #[test]
    fn threads_that_meet_bring_what_one_brings() {
        for delay in ["0.1 ms", "1 ms"] {
            let plan = plan(delay);
            let batches = [401, 40, 3, 700];
            let run = |mut engine: CpuEngine<f64>| {
                let spikes: Vec<_> = batches.iter().flat_map(|steps| engine.advance(*steps).unwrap().spikes).collect();
                (spikes, engine.state(0, 0).unwrap(), engine.state(1, 0).unwrap())
            };
            let expected = run(engine(&plan, 1));
            assert!(expected.0.len() > 500, "{}", expected.0.len());
            for threads in [2, 3] {
                let engine = engine(&plan, threads);
                assert_eq!(engine.teams.len(), threads);
                assert!(run(engine) == expected, "{threads} threads, delay {delay}");
            }
        }
    }

    #[test]
    fn threads_may_leave_the_rest_to_one() {
        let plan = plan("0.3 ms");
        let (mut one, mut several) = (engine(&plan, 1), engine(&plan, 3));
        let expected = one.advance(900).unwrap().spikes;
        let exported = several.exported.clone();
        let run = Run { arch: several.arch, plan: &plan, exported: &exported, external: &[] };
        let mut done = vec![0];
        assert!(side_by_side(&mut several.teams, &run, (0, 0, 300), &mut done, &mut Pace::default()));
        // as far as they came
        assert!(done[0] > 0 && done[0] <= 300);
        alone(&mut several.teams, &run, (0, done[0], 601));
        let mut pace = Pace { alone: Some(Instant::now() + Duration::from_millis(1)), ..Pace::default() };
        batch(&mut several.teams, &run, 601, 299, &mut pace);
        let mut found = Batch { first: 0, steps: 900, ..Batch::default() };
        crate::engine::cpu::team::gathered(&plan, &mut several.teams, &mut found);
        assert!(found.spikes == expected, "{} {}", found.spikes.len(), expected.len());
    }
}
