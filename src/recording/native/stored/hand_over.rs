//! A file of chunks into any sink, as the run itself would have been.

use super::{Content, Stored};
use crate::recording::native::layout::Kind;
use crate::recording::sink::{Committed, Ended, How, Sink, SinkError, Spikes, TapHeader};

/// Spikes that a chunk may have counted: more than any machine computes in the second that a chunk is about.
const MOST_COUNTED: u64 = 1 << 28;

impl Stored {
    /// Hands everything to a sink as the run would: all taps of some steps together, some MiB at a time. Of a rate, whose spikes were
    /// counted and not kept, each spike is of neuron 0 and at the first step of its bin, so that who counts them counts the same.
    ///
    /// **Errors** a chunk that is damaged, and at which byte; what the sink says.
    pub fn hand_over(&self, sink: &mut dyn Sink) -> Result<(), SinkError> {
        let places = self.header.instances * self.header.taps.len();
        let (mut spikes, mut samples) = (vec![Spikes::default(); places], vec![Vec::new(); places]);
        let mut done = 0;
        sink.begin(&self.header)?;
        for found in &self.chunks {
            let place = found.head.place as usize;
            if found.head.kind.is_of_a_tap() {
                let piece = self.piece(found)?;
                match piece.content {
                    Content::Spikes(own) => spikes[place] = own,
                    Content::Samples(values) => samples[place] = values,
                    Content::AtSpikes(own, values) => (spikes[place], samples[place]) = (own, values),
                    Content::Counts { first_bin, counts } => {
                        let TapHeader::Rate { bin, .. } = &self.header.taps[place % self.header.taps.len()] else { continue };
                        let first = |k: u64| (self.header.first_step + 1 + (first_bin + k) * bin).max(piece.first + 1);
                        let all = counts.iter().fold(0u64, |sum, count| sum.saturating_add(*count));
                        if all > MOST_COUNTED {
                            return Err(self
                                .wrong(found, format!("{all} spikes were counted at once, too many to go through"))
                                .into());
                        }
                        let each = counts.iter().zip(0..).flat_map(|(count, k)| (0..*count).map(move |_| first(k)));
                        let steps: Vec<u64> = each.collect();
                        spikes[place] = Spikes { neurons: vec![0; steps.len()], steps };
                    }
                }
            }
            if found.head.kind == Kind::Complete && found.head.steps > done {
                let steps = u32::try_from(found.head.steps - done)
                    .map_err(|_too_long| self.wrong(found, "more steps at once than a sink takes".into()))?;
                sink.batch(&Committed::new(&self.header, self.header.first_step + done, steps, &spikes, &samples))?;
                done = found.head.steps;
                spikes.fill(Spikes::default());
                samples.fill(Vec::new());
            }
        }
        let cut = self.cut.as_ref().map(ToString::to_string);
        let how = match (&self.ending, &cut) {
            (Some(ending), _) => match (ending.how.as_str(), &ending.why) {
                ("whole", _) => How::Whole,
                ("stopped", _) => How::Stopped,
                (_, why) => How::Failed(why.as_deref().unwrap_or("it does not say why")),
            },
            (None, cut) => How::Failed(cut.as_deref().unwrap_or("the file was cut off")),
        };
        sink.end(&Ended::new(done, how, self.remarks()))
    }
}
