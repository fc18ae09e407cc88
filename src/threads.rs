//! Threads for work that falls into pieces: one pool for a simulation, made once, and none where one thread was asked for.
//!
//! In: how many threads, work by piece. Out: the same results for any number of threads. A piece of work runs side by side with
//! others inside [`Threads::run`] alone; outside of it, one after the other on the calling thread: nothing here or in the crates
//! below ever makes a pool by itself, which would end the process where the system gives no threads.

use std::sync::Arc;

use rayon::prelude::*;

/// Why there is no pool.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "cannot start {threads} threads: {message}\n  help: ask for one thread (`--threads 1`), or raise the limit of processes (`ulimit -u`)"
)]
pub struct ThreadError {
    /// How many were asked for.
    pub threads: usize,
    /// What the system said.
    pub message: String,
}

/// The threads of a simulation: the caller's alone, or a pool.
#[derive(Clone, Debug)]
pub struct Threads {
    pool: Option<Arc<rayon::ThreadPool>>,
    count: usize,
}

impl Threads {
    /// The caller's thread alone.
    pub fn one() -> Threads {
        Threads { pool: None, count: 1 }
    }

    /// So many threads; with one, none is started.
    ///
    /// **Errors** a system that gives no threads.
    pub fn new(count: usize) -> Result<Threads, ThreadError> {
        if count <= 1 {
            return Ok(Threads::one());
        }
        Threads::start(count, rayon::ThreadPoolBuilder::new())
    }

    fn start(count: usize, builder: rayon::ThreadPoolBuilder) -> Result<Threads, ThreadError> {
        let pool = builder.num_threads(count).build();
        let pool = pool.map_err(|e| ThreadError { threads: count, message: e.to_string() })?;
        Ok(Threads { pool: Some(Arc::new(pool)), count })
    }

    /// How many there are in all.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The pool, where there is one.
    pub fn pool(&self) -> Option<&rayon::ThreadPool> {
        self.pool.as_deref()
    }

    /// Does work with these threads.
    pub fn run<R: Send>(&self, work: impl FnOnce() -> R + Send) -> R {
        match &self.pool {
            Some(pool) => pool.install(work),
            None => work(),
        }
    }
}

/// How many threads there may be: the number asked for, else one for each core.
pub fn most(asked: Option<usize>) -> usize {
    asked.filter(|n| *n > 0).unwrap_or_else(|| std::thread::available_parallelism().map_or(1, |n| n.get()))
}

/// Is this inside of a pool, so that pieces may run side by side?
fn shared() -> bool {
    rayon::current_thread_index().is_some()
}

/// Does something to every item, and gives what came of each, in order.
pub fn each<T: Send, R: Send>(items: &mut [T], act: impl Fn(&mut T) -> R + Send + Sync) -> Vec<R> {
    if shared() { items.par_iter_mut().map(act).collect() } else { items.iter_mut().map(act).collect() }
}

/// Does something with every item.
pub fn consume<T: Send>(items: Vec<T>, act: impl Fn(T) + Send + Sync) {
    if shared() { items.into_par_iter().for_each(act) } else { items.into_iter().for_each(act) }
}

/// A value for every number from 0 on, in order.
pub fn map<R: Send>(count: usize, make: impl Fn(usize) -> R + Send + Sync) -> Vec<R> {
    if shared() { (0..count).into_par_iter().map(make).collect() } else { (0..count).map(make).collect() }
}

/// A value for every item, in order.
pub fn of_each<T: Sync, R: Send>(items: &[T], make: impl Fn(&T) -> R + Send + Sync) -> Vec<R> {
    map(items.len(), |k| make(&items[k]))
}

/// Fills a list piece by piece: pieces of `size` items with their number. `lend` makes what a thread keeps from piece to piece.
pub fn pieces<T: Send, S>(
    list: &mut [T],
    size: usize,
    lend: impl Fn() -> S + Send + Sync,
    fill: impl Fn(&mut S, usize, &mut [T]) + Send + Sync,
) {
    let size = size.max(1);
    if shared() {
        list.par_chunks_mut(size).enumerate().for_each_init(lend, |lent, (k, piece)| fill(lent, k, piece));
    } else {
        let mut lent = lend();
        list.chunks_mut(size).enumerate().for_each(|(k, piece)| fill(&mut lent, k, piece));
    }
}

/// Sorts; equal items are the same.
pub fn sort<T: Ord + Send>(list: &mut [T]) {
    if shared() { list.par_sort_unstable() } else { list.sort_unstable() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_thread_is_the_callers() {
        let caller = std::thread::current().id();
        let ran = Threads::new(1).unwrap().run(|| map(1000, |_| std::thread::current().id()));
        assert!(ran.iter().all(|id| *id == caller));
        assert!(map(1000, |_| std::thread::current().id()).iter().all(|id| *id == caller), "outside of a pool");
    }

    #[test]
    fn results_do_not_depend_on_threads() {
        for threads in [1, 3] {
            let threads = Threads::new(threads).unwrap();
            let squares = threads.run(|| map(10_000, |k| k * k));
            assert!(squares.iter().enumerate().all(|(k, square)| *square == k * k));
            let mut list = vec![0usize; 1001];
            threads.run(|| pieces(&mut list, 10, || (), |(), k, piece| piece.fill(k)));
            assert!(list.iter().enumerate().all(|(place, k)| *k == place / 10));
            threads.run(|| each(&mut list, |x| *x = 1000 - *x));
            threads.run(|| sort(&mut list));
            assert!(list.is_sorted() && list[0] == 900);
        }
    }

    #[test]
    fn no_threads_to_be_had_is_an_error() {
        // no system has room for such a stack
        let error = Threads::start(2, rayon::ThreadPoolBuilder::new().stack_size(1 << 60)).unwrap_err();
        let text = error.to_string();
        assert!(text.contains("cannot start 2 threads") && text.contains("--threads 1"), "{text}");
    }
}
