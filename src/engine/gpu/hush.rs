//! What the graphics stack prints by itself, kept from the terminal while adapters are looked for.
//!
//! Loaders and drivers write to the standard error of the process: wgpu asks for windows on every display that there may be, and a
//! layer of Mesa then complains on a machine without a desktop. A program that has asked for silence gets it for as long as the
//! search takes. What a panic says in that time is printed after it. Not here: our own errors, which are values.

use std::sync::atomic::{AtomicBool, Ordering};

static HUSHED: AtomicBool = AtomicBool::new(false);

/// Whether what the graphics stack prints is kept from standard error (of the whole process, while adapters are looked for).
/// A library leaves it alone; the command asks for silence unless `--verbose` is given.
pub fn hush(on: bool) {
    HUSHED.store(on, Ordering::Relaxed);
}

/// Does something, silently if that was asked for.
pub(super) fn quietly<T>(act: impl FnOnce() -> T) -> T {
    let _muted = if HUSHED.load(Ordering::Relaxed) { Muted::new() } else { None };
    act()
}

/// Standard error, led elsewhere until this is dropped.
#[cfg(target_os = "linux")]
struct Muted {
    kept: std::os::fd::OwnedFd,
    said: std::fs::File,
}

#[cfg(target_os = "linux")]
impl Muted {
    /// `None`: it cannot be led elsewhere, and everything is printed as it comes.
    fn new() -> Option<Muted> {
        let kept = rustix::io::fcntl_dupfd_cloexec(std::io::stderr(), 3).ok()?;
        let said = rustix::fs::memfd_create("synfire", rustix::fs::MemfdFlags::CLOEXEC).ok()?;
        rustix::stdio::dup2_stderr(&said).ok()?;
        Some(Muted { kept, said: said.into() })
    }
}

#[cfg(target_os = "linux")]
impl Drop for Muted {
    fn drop(&mut self) {
        use std::io::{Read, Seek, Write};
        let back = rustix::stdio::dup2_stderr(&self.kept);
        if std::thread::panicking() || back.is_err() {
            let mut text = Vec::new();
            let read = self.said.rewind().and_then(|()| self.said.read_to_end(&mut text));
            // nothing else can be told where this cannot be
            let _ = read.and_then(|_| std::io::stderr().write_all(&text));
        }
    }
}

#[cfg(not(target_os = "linux"))]
struct Muted;

#[cfg(not(target_os = "linux"))]
impl Muted {
    fn new() -> Option<Muted> {
        None
    }
}
