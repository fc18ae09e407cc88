//! Where the threads of an instance meet: nobody goes on before all are there.
//!
//! In: how many meet. Out: [`Gate::pass`]. A thread first waits busily, which takes a fraction of a microsecond where all are about as
//! fast, and then sleeps: where another process has a core, a thread that waits must not keep the one that it waits for from running.
//! Where much of the time is slept away the threads are better done without: the gate says so to all of them in the same turn.

use std::hint::spin_loop;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Looks at a turn before a thread sleeps: some 20 microseconds, as long as waking up takes.
const LOOKS: u32 = 2000;

/// The time is looked at once in so many turns.
const TURNS: usize = 64;
/// What is slept is added up for so long at least: where another process has a core, a thread sleeps seldom but for the milliseconds
/// that the system gives to that process.
pub const SPAN: Duration = Duration::from_millis(8);
/// How long threads meet before it is first seen whether one alone is faster.
pub const FIRST: Duration = Duration::from_millis(2);
/// More of it than this slept by each, and the threads win less than one of them alone.
const SLEPT: f64 = 0.25;

/// How a meeting ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Met {
    /// Everybody came.
    All,
    /// Everybody came, and should not come again: threads are kept from running.
    Last,
    /// Somebody will not come.
    Never,
}

/// How long a gate lets threads meet.
#[derive(Clone, Copy, Debug)]
pub enum Until {
    /// For a moment: nobody knows yet whether they serve.
    Seen,
    /// At least until then, and as long as they do not sleep much.
    Time(Instant),
}

/// How long threads have met, and how much of it they slept, all together.
#[derive(Clone, Copy, Debug, Default)]
pub struct Slept {
    pub within: Duration,
    pub slept: Duration,
}

/// A place where threads meet, again and again.
pub struct Gate {
    threads: usize,
    arrived: AtomicUsize,
    /// How often all have met.
    turn: AtomicUsize,
    asleep: AtomicUsize,
    /// Nanoseconds that were slept.
    slept: AtomicU64,
    /// Since when they are added up.
    began: Mutex<Instant>,
    until: Until,
    is_last: AtomicBool,
    given_up: AtomicBool,
    lock: Mutex<()>,
    wake: Condvar,
}

impl Gate {
    /// For so many threads, which have met before.
    pub fn new(threads: usize, before: Slept, until: Until) -> Gate {
        let now = Instant::now();
        Gate {
            threads,
            arrived: AtomicUsize::new(0),
            turn: AtomicUsize::new(0),
            asleep: AtomicUsize::new(0),
            slept: AtomicU64::new(nanoseconds(before.slept)),
            began: Mutex::new(now.checked_sub(before.within).unwrap_or(now)),
            until,
            is_last: AtomicBool::new(false),
            given_up: AtomicBool::new(false),
            lock: Mutex::new(()),
            wake: Condvar::new(),
        }
    }

    /// Waits for all.
    pub fn pass(&self) -> Met {
        let turn = self.turn.load(Ordering::Acquire);
        if self.arrived.fetch_add(1, Ordering::AcqRel) + 1 == self.threads {
            self.arrived.store(0, Ordering::Relaxed);
            // all others wait here: what is said before the turn ends is what they all find
            if turn % TURNS == TURNS - 1 {
                self.look_back();
            }
            self.turn.store(turn.wrapping_add(1), Ordering::SeqCst);
            self.wake_up();
            return self.met();
        }
        let waits = || self.turn.load(Ordering::SeqCst) == turn && !self.given_up.load(Ordering::SeqCst);
        for _ in 0..LOOKS {
            if !waits() {
                return self.met();
            }
            spin_loop();
        }
        let mut held = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        self.asleep.fetch_add(1, Ordering::SeqCst);
        let began = Instant::now();
        while waits() {
            held = self.wake.wait(held).unwrap_or_else(PoisonError::into_inner);
        }
        self.slept.fetch_add(nanoseconds(began.elapsed()), Ordering::Relaxed);
        self.asleep.fetch_sub(1, Ordering::SeqCst);
        self.met()
    }

    /// Shall this turn be the last, by what is known of the time?
    fn look_back(&self) {
        let Slept { within, slept } = self.slept();
        let until = match self.until {
            Until::Seen => return self.is_last.store(within >= FIRST, Ordering::Relaxed),
            Until::Time(until) => until,
        };
        if within >= SPAN {
            let each = slept.as_secs_f64() / (self.threads.max(2) - 1) as f64;
            let is_much = each > SLEPT * within.as_secs_f64();
            self.is_last.store(is_much && Instant::now() >= until, Ordering::Relaxed);
            self.slept.store(0, Ordering::Relaxed);
            *self.began.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        }
    }

    /// What is known of the time since it was last looked back.
    pub fn slept(&self) -> Slept {
        let began = *self.began.lock().unwrap_or_else(PoisonError::into_inner);
        Slept { within: began.elapsed(), slept: Duration::from_nanos(self.slept.load(Ordering::Relaxed)) }
    }

    /// `is_last` changes at the end of a turn alone, which waits for everybody who asks here.
    fn met(&self) -> Met {
        match (self.given_up.load(Ordering::Acquire), self.is_last.load(Ordering::Acquire)) {
            (true, _) => Met::Never,
            (false, true) => Met::Last,
            (false, false) => Met::All,
        }
    }

    /// Lets everybody go who waits, now and later.
    pub fn give_up(&self) {
        self.given_up.store(true, Ordering::SeqCst);
        self.wake_up();
    }

    fn wake_up(&self) {
        // who is about to sleep has said so under the lock, and looks once more before it does
        if self.asleep.load(Ordering::SeqCst) > 0 {
            let _held = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
            self.wake.notify_all();
        }
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_goes_on_before_all_are_there() {
        for threads in [1, 2, 5] {
            let (gate, arrived) = (Gate::new(threads, Slept::default(), Until::Time(Instant::now())), AtomicUsize::new(0));
            std::thread::scope(|scope| {
                for thread in 0..threads {
                    let (gate, arrived) = (&gate, &arrived);
                    scope.spawn(move || {
                        for turn in 0..300 {
                            // now and then one is so late that the others sleep
                            if turn % 100 == 7 * thread {
                                std::thread::sleep(Duration::from_millis(2));
                            }
                            arrived.fetch_add(1, Ordering::SeqCst);
                            assert_ne!(gate.pass(), Met::Never);
                            let all = arrived.load(Ordering::SeqCst);
                            assert!(all >= threads * (turn + 1) && all <= threads * (turn + 2), "{all} in turn {turn}");
                        }
                    });
                }
            });
            assert_eq!(arrived.into_inner(), 300 * threads);
        }
    }

    #[test]
    fn all_are_told_in_one_turn_that_they_keep_each_other_waiting() {
        let later = Instant::now() + Duration::from_secs(600);
        for (until, expected) in
            [(Until::Time(Instant::now()), Some(TURNS - 1)), (Until::Seen, Some(TURNS - 1)), (Until::Time(later), None)]
        {
            let gate = Gate::new(2, Slept::default(), until);
            let told = |late: u64| {
                let turns = |_: usize| {
                    std::thread::sleep(Duration::from_micros(late));
                    gate.pass()
                };
                (0..2 * TURNS).map(turns).position(|met| met == Met::Last)
            };
            let both = std::thread::scope(|scope| [0, 500].map(|late| scope.spawn(move || told(late))).map(|t| t.join().unwrap()));
            assert_eq!(both, [expected; 2]);
        }
    }

    #[test]
    fn nobody_waits_for_those_who_will_not_come() {
        let gate = Gate::new(3, Slept::default(), Until::Time(Instant::now()));
        std::thread::scope(|scope| {
            for wait in [0, 30] {
                let gate = &gate;
                scope.spawn(move || {
                    std::thread::sleep(Duration::from_millis(wait));
                    assert_eq!(gate.pass(), Met::Never);
                });
            }
            std::thread::sleep(Duration::from_millis(15));
            gate.give_up();
        });
        assert_eq!(gate.pass(), Met::Never);
    }
}
