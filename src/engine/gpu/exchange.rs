//! Many steps in one submission, each with inputs of its own: between two dispatches the inputs of a step are copied into the
//! parameters, and the rows that are looked at out of the state.
//!
//! In: input vectors, watches. Out: [`Exchanged`]. Not here: the steps themselves (`batch`).

use super::device::GpuError;
use super::feed::{Feed, Stretch};
use super::records::Span;
use super::{GpuEngine, contents, transfer};
use crate::engine::exchange::{Exchanged, Watch, stepwise};
use crate::engine::{Batch, Engine};

/// Words of inputs, and of watched rows, on the device at once.
const WORDS: u64 = 4 << 20;
/// Words between two watched places that are copied along rather than copied apart.
const GAP: u64 = 64;

impl GpuEngine {
    /// The steps, in parts of one submission each. What fails is done again a step at a time, and named there.
    pub(super) fn exchanged(&mut self, steps: u32, inputs: &[f64], watches: &[Watch]) -> Exchanged {
        let mut all = Exchanged::new(self.step(), watches.len());
        let width = inputs.len() / steps.max(1) as usize;
        let (places, taken) = self.watched(watches);
        let words = self.input_words().max(taken.iter().map(|t| t.words).sum()).max(1);
        let most = (WORDS / words).clamp(1, u64::from(self.most_exchanged())) as usize;
        let mut done = 0;
        while done < steps as usize && all.fault.is_none() {
            let now = most.min(steps as usize - done);
            let part = &inputs[done * width..(done + now) * width];
            let sent = pollster::block_on(self.part_with(now as u32, part, &taken));
            all.append(match sent {
                Ok((batch, words)) => {
                    let step_words = words.len() / now.max(1);
                    let rows = |(place, watch): (&u64, &Watch)| {
                        let of = |step: &[u32]| step[*place as usize..][..watch.rows.len()].to_vec();
                        let steps = words.chunks(step_words.max(1)).take(now);
                        steps.flat_map(of).map(|w| f64::from(f32::from_bits(w))).collect()
                    };
                    let watched = places.iter().zip(watches).map(rows).collect();
                    Exchanged { batch, watched, fault: None }
                }
                Err(_) => stepwise(self, now as u32, part, watches),
            });
            done += now;
        }
        all
    }

    /// Where each watch stands among the words of a step, and what is copied for them.
    fn watched(&self, watches: &[Watch]) -> (Vec<u64>, Vec<Stretch>) {
        let place = |w: &Watch| {
            let group = &self.layout.groups[w.group];
            let (instance, row) = (w.rows.start / group.rows.max(1) as usize, w.rows.start % group.rows.max(1) as usize);
            u64::from(self.layout.state_place(w.group, w.column)) + instance as u64 * u64::from(group.span) + row as u64
        };
        let mut order: Vec<usize> = (0..watches.len()).filter(|k| !watches[*k].rows.is_empty()).collect();
        order.sort_by_key(|k| place(&watches[*k]));
        let (mut places, mut taken) = (vec![0; watches.len()], Vec::<Stretch>::new());
        for k in order {
            let (first, count) = (place(&watches[k]), watches[k].rows.len() as u64);
            match taken.last_mut() {
                Some(last) if first <= last.first + last.words + GAP => {
                    last.words = last.words.max(first + count - last.first);
                    places[k] = last.at + first - last.first;
                }
                last => {
                    let at = last.map_or(0, |last| last.at + last.words);
                    taken.push(Stretch { first, at, words: count });
                    places[k] = at;
                }
            }
        }
        (places, taken)
    }

    fn input_words(&self) -> u64 {
        contents::externals(&self.plan, &self.layout, &self.external).map(|(_, values)| values.len() as u64).sum()
    }

    /// A part in one submission; the watched words, step by step. After an error the state is that before.
    async fn part_with(&mut self, steps: u32, inputs: &[f64], taken: &[Stretch]) -> Result<(Batch, Vec<u32>), GpuError> {
        let width = inputs.len() / steps.max(1) as usize;
        let (mut given, mut words) = (Vec::<Stretch>::new(), Vec::new());
        for step in 0..if width > 0 { steps as usize } else { 0 } {
            for (first, values) in contents::externals(&self.plan, &self.layout, &inputs[step * width..][..width]) {
                if step == 0 {
                    match given.last_mut() {
                        Some(last) if last.first + last.words == u64::from(first) => last.words += values.len() as u64,
                        _ => {
                            let (first, at) = (u64::from(first), words.len() as u64);
                            given.push(Stretch { first, at, words: values.len() as u64 });
                        }
                    }
                }
                words.extend(values);
            }
        }
        if let Some(last) = inputs.len().checked_sub(width).filter(|_| width > 0) {
            self.external.copy_from_slice(&inputs[last..]);
        }
        let (given_words, taken_words) = ((words.len() / steps.max(1) as usize) as u64, taken.iter().map(|t| t.words).sum::<u64>());
        let source = transfer::create(&self.device, "inputs of steps", words.len() as u64).await?;
        transfer::write(&self.device, &source, 0, &words).await?;
        let watched = transfer::create(&self.device, "watched rows", taken_words * u64::from(steps)).await?;
        let feed = Feed { source, given, given_words, watched, taken: taken.to_vec(), taken_words };
        let span = Span { first: self.step, steps };
        let mut batch = Batch { first: span.first, steps, spikes: Vec::new(), samples: vec![Vec::new(); self.plan.taps.len()] };
        self.fed(span, &feed, &mut batch).await?;
        self.step += u64::from(steps);
        let words = if taken_words > 0 {
            let staging = transfer::staging(&self.device, taken_words * u64::from(steps)).await?;
            let whole = [(&feed.watched, 0, taken_words * u64::from(steps))];
            let pending = transfer::ask(&self.device, &staging, &whole, |_| {}).await?;
            transfer::receive(&self.device, &staging, pending)?
        } else {
            Vec::new()
        };
        Ok((batch, words))
    }
}
