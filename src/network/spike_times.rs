//! When listed sources spike: lists, one time each, tables, files of events, images and movies.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::events::EventFile;
use super::frames::Frames;
use super::{Population, Value};

/// When listed sources spike.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum SpikeTimes {
    /// One list of times, ms, per neuron.
    Lists(Vec<Vec<f64>>),
    /// One spike of each neuron: a time, a list with one per neuron, a law, a column.
    Once(Value),
    /// A table of (neuron, time in ms), CSV or npz with columns `neuron` and `time_ms`; a file of events of another format, all of
    /// them as they stand.
    File(PathBuf),
    /// Events of a file: of some pixels, at some times.
    Events(Box<EventFile>),
    /// As bright as the pixels of an image or a movie: at a rate, or once a frame after a time.
    Frames(Box<Frames>),
}

impl Population {
    /// Lets neurons spike as the events of a file say.
    pub fn spike_events(&mut self, events: EventFile) -> &mut Population {
        self.spike_times = Some(SpikeTimes::Events(Box::new(events)));
        self
    }

    /// Lets neurons spike as bright as the pixels of an image or a movie are: at a rate, or once a frame after a time.
    pub fn spike_frames(&mut self, frames: Frames) -> &mut Population {
        self.spike_times = Some(SpikeTimes::Frames(Box::new(frames)));
        self
    }
}
