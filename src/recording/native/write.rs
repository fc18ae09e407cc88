//! Chunks on their way to the disk: a thread of their own writes them while the next batch is computed.
//!
//! In: groups of chunks. Out: a file that grows; its index and its foot at the end. Not here: when a group is enough (`native`).

use std::io::{self, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::thread::JoinHandle;
use std::time::Instant;

use super::gather::Chunk;
use super::layout::{Column, FOOT, HEAD, Head, Kind, MAGIC, PLACE, START, VERSION, foot};
use crate::recording::file::{Growing, waited_s};

/// The file as far as it is written.
pub struct Out {
    file: Growing,
    /// Where the next chunk will begin.
    next: u64,
    /// As it stands in the file: a place for each chunk.
    index: Vec<u8>,
    busy_s: f64,
}

/// What became of a file that is whole.
#[derive(Clone, Copy, Debug, Default)]
pub struct Written {
    pub bytes: u64,
    /// Seconds that putting chunks into it took, while the run went on.
    pub busy_s: f64,
    /// Seconds until the disk confirmed it.
    pub sync_s: f64,
}

impl Out {
    pub fn create(path: &Path) -> io::Result<Out> {
        let mut file = Growing::create(path)?;
        file.write_all(&MAGIC)?;
        file.write_all(&VERSION.to_le_bytes())?;
        Ok(Out { file, next: START, index: Vec::new(), busy_s: 0.0 })
    }

    pub fn put(&mut self, chunk: &Chunk) -> io::Result<()> {
        let columns: Vec<_> = chunk.columns.iter().map(Column::bytes).collect();
        let mut sum = crc32fast::Hasher::new();
        columns.iter().for_each(|column| sum.update(column));
        let head = Head {
            kind: chunk.kind,
            place: chunk.place,
            width: chunk.width,
            first: chunk.first,
            steps: chunk.steps,
            bytes: columns.iter().map(|column| column.len() as u64).sum(),
            sum: sum.finalize(),
        };
        let bytes = head.to_bytes();
        self.file.write_all(&bytes)?;
        columns.iter().try_for_each(|column| self.file.write_all(column))?;
        if chunk.kind != Kind::Index {
            self.index.reserve(PLACE);
            self.index.extend_from_slice(&self.next.to_le_bytes());
            self.index.extend_from_slice(&bytes);
        }
        self.next += HEAD as u64 + head.bytes;
        // what is complete lies with the system before anything more is written: a process that is killed loses nothing of it
        if chunk.kind == Kind::Complete { self.file.flush() } else { Ok(()) }
    }

    fn put_all(&mut self, group: &[Chunk]) -> io::Result<()> {
        let began = Instant::now();
        let done = group.iter().try_for_each(|chunk| self.put(chunk));
        self.busy_s += began.elapsed().as_secs_f64();
        done
    }

    /// Writes the index, and gives the file its name.
    pub fn finish(mut self) -> io::Result<Written> {
        let begins = self.next;
        let columns = vec![Column::U8(std::mem::take(&mut self.index))];
        self.put(&Chunk { kind: Kind::Index, place: 0, width: 0, first: 0, steps: 0, columns })?;
        self.file.write_all(&foot(begins))?;
        let (bytes, before) = (self.next + FOOT as u64, waited_s());
        self.file.publish()?;
        Ok(Written { bytes, busy_s: self.busy_s, sync_s: waited_s() - before })
    }

    pub fn remove(self) -> io::Result<()> {
        self.file.remove()
    }
}

/// Who writes.
pub enum Writer {
    /// Whoever hands chunks over.
    Inline(Box<Out>),
    /// A thread. One group may wait while another is written: memory is bounded, and a slow disk slows the run. What is written comes back.
    Thread { send: SyncSender<Vec<Chunk>>, back: Receiver<Vec<Chunk>>, thread: JoinHandle<io::Result<Out>> },
}

impl Writer {
    /// A thread, and what it does first.
    pub fn spawn(mut out: Out, first: impl FnOnce() + Send + 'static) -> io::Result<Writer> {
        let (send, receive) = sync_channel::<Vec<Chunk>>(1);
        let (give, back) = channel();
        let thread = std::thread::Builder::new().name("synfire-write".into()).spawn(move || {
            first();
            for group in receive {
                out.put_all(&group)?;
                // nobody takes it back at the end of a run
                let _ = give.send(group);
            }
            Ok(out)
        })?;
        Ok(Writer::Thread { send, back, thread })
    }

    /// Has it come to an end before its time? Then [`Writer::finish`] says why.
    pub fn has_failed(&self) -> bool {
        matches!(self, Writer::Thread { thread, .. } if thread.is_finished())
    }

    /// Hands chunks over, waiting while two groups are under way. `Ok(false)`: it has failed.
    pub fn send(&mut self, group: Vec<Chunk>) -> io::Result<bool> {
        match self {
            Writer::Inline(out) => out.put_all(&group).map(|()| true),
            Writer::Thread { send, .. } => Ok(send.send(group).is_ok()),
        }
    }

    /// Groups that are written.
    pub fn written(&self) -> impl Iterator<Item = Vec<Chunk>> + '_ {
        let back = match self {
            Writer::Inline(_) => None,
            Writer::Thread { back, .. } => Some(back.try_iter()),
        };
        back.into_iter().flatten()
    }

    /// The file, once everything handed over is written.
    pub fn finish(self) -> io::Result<Out> {
        match self {
            Writer::Inline(out) => Ok(*out),
            Writer::Thread { send, thread, .. } => {
                drop(send);
                thread.join().map_err(|_panic| io::Error::other("the thread that writes it ended on a fault of ours"))?
            }
        }
    }
}
