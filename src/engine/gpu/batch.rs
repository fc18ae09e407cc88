//! A batch of steps: cut into parts, at most two of them under way, each read back while the next one runs.
//!
//! In: steps. Out: [`Batch`], or the part in which a state was not finite. State and ring are kept before the batch; a kernel
//! returns at once when a dispatch before it went wrong, in this part or the one before.

use std::collections::VecDeque;
use std::time::Instant;

use super::buffers::{SETS, Set, WINDOW_STRIDE};
use super::device::GpuError;
use super::feed::{Feed, Stretch};
use super::records::{Block, Span, Window};
use super::transfer::{Pending, ask, receive_with, words, write};
use super::{GpuEngine, portable, records};
use crate::engine::Batch;
use crate::plan::Reading;
use crate::plan::schedule::Schedule;
use crate::wgsl::layout::{FAULT_ROW, FAULT_WINDOW, HEADER, NONE};

/// Dispatches in one part of a batch at most.
const DISPATCHES: usize = 4096;
/// Seconds that a part should take: long enough to hide its read-back, short enough for a display that shares the GPU.
pub(super) const PART_SECONDS: f64 = 0.04;

/// A part of a batch that runs.
struct Flight {
    set: usize,
    span: Span,
    pending: Pending,
    since: Instant,
}

/// Ordinal of the first dispatch with a number that is not finite, and the first row and place.
type Fault = (u32, u32);

/// The part of a batch that went wrong.
pub struct Part {
    pub span: Span,
}

impl GpuEngine {
    /// The batch, or the part of it in which a state was not finite.
    pub(super) async fn attempt(&mut self, first: u64, steps: u32) -> Result<Result<Batch, Part>, GpuError> {
        self.kept = false;
        self.buffers.save(&self.device).await?;
        self.kept = true;
        let mut batch = Batch { first, steps, spikes: Vec::new(), samples: vec![Vec::new(); self.plan.taps.len()] };
        let mut flights: VecDeque<Flight> = VecDeque::new();
        let (mut sent, mut ordinal, mut parts) = (0, 0, 0);
        let mut broken = None;
        while (sent < steps && broken.is_none()) || !flights.is_empty() {
            if sent < steps && broken.is_none() && flights.len() < SETS {
                let most = self.part.min(self.layout.batch).min(self.most_steps()).max(1);
                let span = Span { first: first + u64::from(sent), steps: (steps - sent).min(most) };
                let windows = self.windows(span, self.layout.shape.window, ordinal);
                ordinal += windows.len() as u32;
                flights.push_back(self.send(parts % SETS, span, &windows, parts > 0, None).await?);
                sent += span.steps;
                parts += 1;
                continue;
            }
            let Some(flight) = flights.pop_front() else { break };
            let (span, since) = (flight.span, flight.since);
            let fault = self.land(flight, Some(&mut batch).filter(|_| broken.is_none()))?;
            if fault.is_some() {
                broken.get_or_insert(Part { span });
            }
            if broken.is_none() {
                self.adapt(span.steps, since.elapsed().as_secs_f64());
            }
        }
        Ok(broken.map_or(Ok(batch), Err))
    }

    /// Steps whose dispatches stay below [`DISPATCHES`].
    fn most_steps(&self) -> u32 {
        let windows = (DISPATCHES / self.pipelines.dispatches()).max(1) as u32;
        windows.saturating_mul(self.layout.shape.window)
    }

    /// Parts of about as many seconds as they should take.
    fn adapt(&mut self, steps: u32, seconds: f64) {
        if steps == self.part {
            let factor = (self.part_s / seconds.max(1e-6)).clamp(0.5, 2.0);
            self.part = ((f64::from(steps) * factor) as u32).clamp(1, self.layout.batch);
        }
    }

    /// The windows of a part of a batch.
    pub(super) fn windows(&self, span: Span, longest: u32, ordinal: u32) -> Vec<Window> {
        let delivers = !self.layout.routes.is_empty() || !self.layout.passes.is_empty();
        let trailing = self.layout.shape.schedule == Schedule::Fused && delivers;
        records::windows(span, longest, &self.layout, ordinal, trailing)
    }

    /// Runs a part alone, in windows of at most so many steps, and tells where it went wrong.
    pub(super) async fn alone(&mut self, span: Span, longest: u32) -> Result<Option<Fault>, GpuError> {
        let windows = self.windows(span, longest, 0);
        let flight = self.send(0, span, &windows, false, None).await?;
        self.land(flight, None)
    }

    /// Steps of a part whose steps are fed, at most.
    pub(super) fn most_exchanged(&self) -> u32 {
        // fused: what comes after a step runs with the next, when the inputs are those of the next
        let given = |reading: &Reading| matches!(reading, Reading::Input { .. });
        if self.layout.shape.schedule == Schedule::Fused && self.plan.learning.iter().flat_map(|l| &l.reads).any(given) {
            return 1;
        }
        self.layout.batch.min((DISPATCHES / self.pipelines.dispatches()).max(1) as u32)
    }

    /// Runs a part alone, step by step in one submission, with what is copied between the steps; what it left is added to the
    /// batch. After an error the state is that before.
    pub(super) async fn fed(&mut self, span: Span, feed: &Feed, batch: &mut Batch) -> Result<(), GpuError> {
        self.buffers.save(&self.device).await?;
        let windows = self.windows(span, 1, 0);
        let done = match self.send(0, span, &windows, false, Some(feed)).await {
            Ok(flight) => self.land(flight, Some(batch)),
            Err(error) => Err(error),
        };
        let done = done.and_then(|fault| match fault {
            None => Ok(()),
            Some((ordinal, _)) => Err(GpuError::device("ran a batch", format!("a state is not finite after step {ordinal}"))),
        });
        if done.is_err() {
            // one that is not mapped complains, into the scope
            let _ = self.device.scoped("gave a batch up", |_, _| self.buffers.sets[0].staging.unmap()).await;
            self.buffers.restore(&self.device).await?;
        }
        done
    }

    /// Sends a part to the queue. `follows`: the part before stands in the other set.
    async fn send(
        &mut self,
        number: usize,
        span: Span,
        windows: &[Window],
        follows: bool,
        feed: Option<&Feed>,
    ) -> Result<Flight, GpuError> {
        let (layout, device, set) = (&self.layout, &self.device, &self.buffers.sets[number]);
        let started = Instant::now();
        write(device, &set.inputs, 0, &records::records(&self.plan, layout, span)).await?;
        let laid_out = windows.iter().map(Window::block).collect::<Result<Vec<Block>, _>>();
        let windows = &laid_out.map_err(|error| GpuError::device("laid its windows out", error))?[..];
        if let Some(blocks) = &set.windows {
            let padded =
                |w: &Block| w.iter().copied().chain(std::iter::repeat(0)).take(WINDOW_STRIDE as usize).collect::<Vec<u8>>();
            write(device, blocks, 0, &windows.iter().flat_map(padded).collect::<Vec<u8>>()).await?;
        }
        let before: Option<&Set> = if follows { self.buffers.sets.get((number + SETS - 1) % SETS) } else { None };
        if before.is_none() {
            let mut header = vec![0; HEADER as usize];
            header[FAULT_WINDOW as usize] = NONE;
            header[FAULT_ROW as usize] = NONE;
            write(device, &set.spikes, 0, &header).await?;
        }
        let bits = u64::from(layout.spike_place(span.steps));
        let mut parts = vec![(&set.spikes, 0, bits)];
        parts.extend(portable::sampled(layout, span).map(|(first, words)| (&set.samples, first, words)));
        let pending = ask(device, &set.staging, &parts, |encoder| {
            if let Some(before) = before {
                // a fault of the part before is one of this
                encoder.copy_buffer_to_buffer(&before.spikes, 0, &set.spikes, 0, u64::from(HEADER) * 4);
            }
            if let Some(sent) = &layout.sent {
                encoder.clear_buffer(&set.spikes, u64::from(sent.counts) * 4, Some(sent.count_words(layout.instances) * 4));
            }
            let Some(feed) = feed else { return self.pipelines.encode(encoder, set, layout, 0, windows) };
            for (k, window) in (0u32..).zip(windows.chunks(1)) {
                // the last one of fused windows may have no step
                let step = Some(u64::from(k)).filter(|k| *k < u64::from(span.steps));
                for Stretch { first, at, words } in feed.given.iter().copied().filter(|_| step.is_some()) {
                    let from = (u64::from(k) * feed.given_words + at) * 4;
                    encoder.copy_buffer_to_buffer(&feed.source, from, &self.buffers.params, first * 4, words * 4);
                }
                self.pipelines.encode(encoder, set, layout, k, window);
                for Stretch { first, at, words } in feed.taken.iter().copied().filter(|_| step.is_some()) {
                    let to = (u64::from(k) * feed.taken_words + at) * 4;
                    encoder.copy_buffer_to_buffer(&self.buffers.state, first * 4, &feed.watched, to, words * 4);
                }
            }
        });
        let pending = pending.await?;
        self.counters.encode_s += started.elapsed().as_secs_f64();
        self.counters.dispatches += (windows.len() * self.pipelines.dispatches()) as u64;
        self.counters.submissions += 1;
        self.counters.steps += u64::from(span.steps);
        Ok(Flight { set: number, span, pending, since: started })
    }

    /// Waits for a part, and adds what it left to a batch if nothing went wrong.
    fn land(&mut self, flight: Flight, batch: Option<&mut Batch>) -> Result<Option<Fault>, GpuError> {
        let (layout, rows, span) = (&self.layout, self.plan.rows, flight.span);
        let read = |bytes: &[u8]| {
            let (left, samples) = bytes.split_at((layout.spike_place(span.steps) as usize * 4).min(bytes.len()));
            let (header, spikes) = left.split_at((HEADER as usize * 4).min(left.len()));
            let header: Vec<u32> = words(header).collect();
            let of = |word: u32| header.get(word as usize).copied().unwrap_or(0);
            let fault = Some((of(FAULT_WINDOW), of(FAULT_ROW))).filter(|fault| fault.0 != NONE);
            if let (None, Some(batch)) = (fault, batch) {
                portable::spikes(layout, rows, span, spikes, &mut batch.spikes);
                portable::samples(layout, span, samples, &mut batch.samples);
            }
            (fault, bytes.len())
        };
        let (fault, bytes) = receive_with(&self.device, &self.buffers.sets[flight.set].staging, flight.pending, read)?;
        self.counters.bytes_read += bytes as u64;
        Ok(fault)
    }
}
