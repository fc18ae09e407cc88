//! Many steps, each with inputs of its own and with rows of states that are looked at after it.
//!
//! In: input vectors, [`Watch`]es. Out: [`Exchanged`]. Here: how any engine does it, a step at a time. An engine with a device
//! does it in one submission.

use std::ops::Range;

use super::{Batch, Engine, Fault};

/// Rows of a state that are looked at after every step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watch {
    /// By place in the plan.
    pub group: usize,
    /// State of the group, by place.
    pub column: usize,
    /// Of the column, in which instance follows instance; all of one instance.
    pub rows: Range<usize>,
}

/// What steps with inputs gave; if there was a fault, the steps before it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Exchanged {
    /// Spikes and samples.
    pub batch: Batch,
    /// By watch: `[step][row]`.
    pub watched: Vec<Vec<f64>>,
    /// The state is that before the step that failed.
    pub fault: Option<Fault>,
}

impl Exchanged {
    /// Nothing done yet.
    pub fn new(first: u64, watches: usize) -> Exchanged {
        let batch = Batch { first, ..Batch::default() };
        Exchanged { batch, watched: vec![Vec::new(); watches], fault: None }
    }

    /// Behind what was done before.
    pub fn append(&mut self, mut next: Exchanged) {
        self.add(&mut next.batch);
        self.watched.iter_mut().zip(&mut next.watched).for_each(|(all, more)| all.append(more));
        self.fault = next.fault;
    }

    fn add(&mut self, batch: &mut Batch) {
        self.batch.steps += batch.steps;
        self.batch.spikes.append(&mut batch.spikes);
        if self.batch.samples.is_empty() {
            self.batch.samples = std::mem::take(&mut batch.samples);
        } else {
            self.batch.samples.iter_mut().zip(&mut batch.samples).for_each(|(all, more)| all.append(more));
        }
    }
}

/// As [`Engine::exchange`], a step at a time.
pub fn stepwise<E: Engine + ?Sized>(engine: &mut E, steps: u32, inputs: &[f64], watches: &[Watch]) -> Exchanged {
    let mut all = Exchanged::new(engine.step(), watches.len());
    let width = inputs.len() / steps.max(1) as usize;
    for step in 0..steps as usize {
        if width > 0 {
            engine.set_external(&inputs[step * width..][..width]);
        }
        let looked = engine.advance(1).and_then(|mut batch| {
            all.add(&mut batch);
            look(engine, watches, &mut all.watched)
        });
        if let Err(fault) = looked {
            all.fault = Some(fault);
            break;
        }
    }
    all
}

/// The watched rows as they are now. A column is read once, however many watches look at it.
fn look<E: Engine + ?Sized>(engine: &mut E, watches: &[Watch], out: &mut [Vec<f64>]) -> Result<(), Fault> {
    let mut last: Option<((usize, usize), Vec<f64>)> = None;
    for (watch, out) in watches.iter().zip(out) {
        let key = (watch.group, watch.column);
        let column = match last.take() {
            Some((known, column)) if known == key => column,
            _ => engine.state(watch.group, watch.column)?,
        };
        out.extend_from_slice(column.get(watch.rows.clone()).unwrap_or_default());
        last = Some((key, column));
    }
    Ok(())
}
