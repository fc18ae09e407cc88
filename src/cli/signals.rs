//! Ctrl-C, SIGTERM and SIGHUP: the first ends a run at a step, the second the process.
//!
//! A handler is installed for each, since as process 1 of a container a process has no default for them. A signal that was
//! ignored when the command began (`nohup`) stays ignored. SIGXFSZ is caught and left at that, so that a limit of file
//! size is an error of the write and not the end of the process.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use signal_hook::consts::signal;
use signal_hook::{flag, low_level};

use super::{Failure, complain};

#[cfg(unix)]
const SIGNALS: [(i32, &str); 3] = [(signal::SIGINT, "SIGINT"), (signal::SIGTERM, "SIGTERM"), (signal::SIGHUP, "SIGHUP")];
#[cfg(not(unix))]
const SIGNALS: [(i32, &str); 2] = [(signal::SIGINT, "SIGINT"), (signal::SIGTERM, "SIGTERM")];

/// What the process has been asked to do.
#[derive(Clone)]
pub struct Signals {
    /// The signal that came; 0: none.
    came: Arc<AtomicUsize>,
    /// Whether the next one ends the process.
    armed: Arc<AtomicBool>,
}

/// A signal that was heard.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signal {
    number: i32,
    pub name: &'static str,
}

impl Signal {
    /// What the process ends with, as shells have it.
    pub fn code(self) -> u8 {
        128u8.saturating_add(self.number as u8)
    }

    /// Sent by who does not wait for long, and looks at nothing.
    pub fn hurries(self) -> bool {
        self.name != "SIGINT"
    }
}

impl Signals {
    /// Installs the handlers. Until [`Signals::heed`] a signal ends the process at once.
    pub fn listen() -> Signals {
        let signals = Signals { came: Arc::default(), armed: Arc::new(AtomicBool::new(true)) };
        if let Err(error) = signals.install() {
            complain(format_args!("remark: signals cannot be caught, so a run that is stopped leaves nothing: {error}"));
        }
        signals
    }

    fn install(&self) -> io::Result<()> {
        for (number, _) in SIGNALS.into_iter().filter(|(number, _)| !ignored(*number)) {
            // in this order: what arms the second signal must come after the question whether it is armed
            flag::register_conditional_shutdown(number, 128 + number, self.armed.clone())?;
            flag::register_usize(number, self.came.clone(), number as usize)?;
            flag::register(number, self.armed.clone())?;
        }
        #[cfg(unix)]
        flag::register(signal::SIGXFSZ, Arc::<AtomicBool>::default())?;
        Ok(())
    }

    /// From now on the first signal is noted, and the second ends the process at once.
    pub fn heed(&self) {
        self.armed.store(false, Ordering::SeqCst);
    }

    pub fn came(&self) -> Option<Signal> {
        let came = self.came.load(Ordering::SeqCst);
        SIGNALS.into_iter().find(|(number, _)| *number as usize == came).map(|(number, name)| Signal { number, name })
    }

    /// While the guard lives nothing has been computed: a signal undoes what was prepared and ends the process.
    pub fn undo_on_signal(&self, undo: impl FnOnce() + Send + 'static) -> Preparing {
        let over = Arc::new(Mutex::new(false));
        let (came, shared) = (self.came.clone(), over.clone());
        let signals = Signals { came, armed: self.armed.clone() };
        let watch = move || {
            loop {
                std::thread::sleep(Duration::from_millis(10));
                // held to the end of the process, so that no run begins meanwhile
                let over = shared.lock().unwrap_or_else(PoisonError::into_inner);
                if *over {
                    return;
                }
                if let Some(signal) = signals.came() {
                    undo();
                    complain(before_the_first_step(signal).message);
                    low_level::exit(signal.code().into());
                }
            }
        };
        // where there are no threads to be had, the signal is looked at when all is prepared
        let watched = std::thread::Builder::new().name("signals".into()).spawn(watch).is_ok();
        Preparing { over: watched.then_some(over) }
    }
}

/// Nothing was computed, so there is nothing to keep.
pub fn before_the_first_step(signal: Signal) -> Failure {
    Failure { code: signal.code(), message: format!("stopped by {} before the first step: nothing is written", signal.name) }
}

/// See [`Signals::undo_on_signal`].
pub struct Preparing {
    over: Option<Arc<Mutex<bool>>>,
}

impl Drop for Preparing {
    fn drop(&mut self) {
        if let Some(over) = &self.over {
            *over.lock().unwrap_or_else(PoisonError::into_inner) = true;
        }
    }
}

/// Whether the process was started with the signal ignored, as `nohup` does. Known on Linux alone; elsewhere no.
fn ignored(signal: i32) -> bool {
    let Ok(status) = std::fs::read_to_string("/proc/self/status") else { return false };
    is_ignored(&status, signal)
}

fn is_ignored(status: &str, signal: i32) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mask_of_ignored_signals_is_read() {
        let status = "Name:\tx\nSigBlk:\t0000000000000001\nSigIgn:\t0000000000001001\nSigCgt:\t0000000000004002\n";
        assert!(is_ignored(status, 1) && is_ignored(status, 13) && !is_ignored(status, 2) && !is_ignored(status, 15));
        assert!(!is_ignored("", 1) && !is_ignored("SigIgn: x", 1));
    }
}
