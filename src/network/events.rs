//! Files of events as sources of spikes: lists of spikes, and what event cameras record.
//!
//! In: builder calls, or a file. Out: [`EventFile`], in words and quantities; `read`, the events of a file by its bytes. Not here:
//! which neuron spikes in which step (`network::check`).
//!
//! **Adding a format**: a variant of [`EventFormat`], its line in `FORMATS`, its reader in a file of its own.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::Value;
use super::connector::table::TableError;
use super::field::Kind::{Number, Text, Whole, Word};
use super::field::{Field, WHOLES, may, need};

mod aedat2;
mod aedat4;
mod flat;
mod list;
mod n_mnist;
mod nest;
mod sonata;

pub use aedat2::Camera;

/// A file of events, and how they become spikes: which pixels, which times.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[doc(alias = "event camera", alias = "SpikeSourceArray", alias = "AER")]
pub struct EventFile {
    /// The file.
    pub file: PathBuf,
    /// Its format; by its first bytes and the ending of its name if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<EventFormat>,
    /// Whose spikes, in a list of the spikes of several populations by name.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub population: String,
    /// What a list of spikes calls neuron 0: 0 if not given, and 1 in files of NEST. If it is given, spikes of other neurons are left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<u64>,
    /// Whose addresses they are, in AEDAT 2.0; as its header says if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub camera: Option<Camera>,
    /// Which events of a camera, and whether of both in one row or of each in its own.
    #[serde(default, skip_serializing_if = "Polarity::is_both")]
    pub polarity: Polarity,
    /// Only this part of the sheet of pixels: x and y of its first pixel, columns, rows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub crop: Vec<u64>,
    /// Squares of so many pixels a side are one neuron; 1 if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[doc(alias = "downsample")]
    pub bin: Option<u64>,
    /// Events before this time of the file are left out, and it becomes time 0; 0 if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<Value>,
    /// Events from this time of the file on are left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop: Option<Value>,
    /// Times of the file, from `start` on, times this; 1 if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<f64>,
    /// The time of the run at which the file begins; 0 if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<Value>,
}

/// How events are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventFormat {
    /// CSV or .npz with columns `neuron` and `time_ms` (and `population`), or `x`, `y`, `time_ms` or `time_us` (and `polarity`).
    Table,
    /// What NEST's ASCII recorder writes, `.dat`: sender and time in ms.
    Nest,
    /// Spikes in the SONATA format, `.h5`.
    Sonata,
    /// N-MNIST and its like, `.bin`: 40 bits an event.
    NMnist,
    /// AEDAT 2.0, `.aedat`, as jAER writes it.
    Aedat2,
    /// AEDAT 4.0, `.aedat4`, as DV and dv-processing write it: without compression, with LZ4 or Zstd.
    Aedat4,
}

/// Which events of a camera.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Polarity {
    /// All of them, a neuron for each pixel.
    #[default]
    Both,
    /// Those of pixels that became brighter.
    On,
    /// Those of pixels that became darker.
    Off,
    /// A sheet of neurons for pixels that became brighter, and behind it one for those that became darker.
    Sheets,
}

impl Polarity {
    fn is_both(&self) -> bool {
        *self == Polarity::Both
    }

    /// Sheets of neurons that it fills.
    pub(super) fn sheets(self) -> u64 {
        if self == Polarity::Sheets { 2 } else { 1 }
    }
}

/// The keys of `spike_times.events`.
pub(super) const EVENTS: &[Field] = &[
    need("file", Text, "file = \"sample.bin\""),
    may("format", Word(&["table", "nest", "sonata", "n_mnist", "aedat2", "aedat4"]), "format = \"n_mnist\""),
    may("population", Text, "population = \"exc\""),
    may("first", Whole, "first = 1"),
    may("camera", Word(&["dvs128", "davis128", "davis208", "davis240", "davis346", "davis640"]), "camera = \"davis240\""),
    may("polarity", Word(&["both", "on", "off", "sheets"]), "polarity = \"on\""),
    may("crop", WHOLES, "crop = [0, 0, 32, 32]"),
    may("bin", Whole, "bin = 2"),
    may("start", super::field::Kind::Value, "start = \"100 ms\""),
    may("stop", super::field::Kind::Value, "stop = \"200 ms\""),
    may("scale", Number, "scale = 0.5"),
    may("offset", super::field::Kind::Value, "offset = \"20 ms\""),
];

/// The events of a file as they stand in it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Events {
    pub of: Of,
    /// In the unit of the file, in its order.
    pub times: Vec<f64>,
    /// Of a time in a ms.
    pub per_ms: f64,
    /// Columns and rows of pixels, where the file says them.
    pub sheet: Option<[u32; 2]>,
    /// The clock began anywhere: times count from the first event.
    pub own_clock: bool,
    /// What it calls neuron 0.
    pub first: u64,
    /// Records that are no events, and what they are.
    pub others: Vec<(u64, &'static str)>,
}

/// Who each event is of.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Of {
    /// Neurons by number.
    Neurons(Vec<u64>),
    /// Pixels: column, row from the top; `on` has none where the file does not say it.
    Pixels { x: Vec<u16>, y: Vec<u16>, on: Vec<bool> },
}

impl Events {
    /// Of a camera; `per_ms` of its ticks are a ms.
    fn of_pixels(per_ms: f64) -> Events {
        let of = Of::Pixels { x: Vec::new(), y: Vec::new(), on: Vec::new() };
        Events { of, times: Vec::new(), per_ms, sheet: None, own_clock: false, first: 0, others: Vec::new() }
    }

    fn pixel(&mut self, x: u16, y: u16, on: bool, time: f64) {
        if let Of::Pixels { x: all_x, y: all_y, on: all_on } = &mut self.of {
            all_x.push(x);
            all_y.push(y);
            all_on.push(on);
            self.times.push(time);
        }
    }
}

/// What a reader is told beside the bytes.
pub(super) struct Asked<'a> {
    pub path: &'a Path,
    pub population: &'a str,
    pub camera: Option<Camera>,
    /// Columns and rows that pixels may have, where the file does not say it.
    pub within: Option<[u32; 2]>,
}

type Reader = fn(Vec<u8>, &Asked<'_>) -> Result<Events, TableError>;

/// A format, how a file of it is known (by its first bytes, else by the ending of its name), and its reader.
struct Known {
    format: EventFormat,
    bytes: &'static [&'static [u8]],
    endings: &'static [&'static str],
    read: Reader,
}

/// Every format that is read.
const FORMATS: &[Known] = &[
    Known {
        format: EventFormat::Table,
        bytes: &[b"PK", b"\x1f\x8b"],
        endings: &["csv", "tsv", "txt", "gz", "npz"],
        read: list::read,
    },
    Known { format: EventFormat::Nest, bytes: &[], endings: &["dat", "gdf"], read: nest::read },
    Known { format: EventFormat::Sonata, bytes: &[b"\x89HDF\r\n\x1a\n"], endings: &["h5", "hdf5"], read: sonata::read },
    Known { format: EventFormat::NMnist, bytes: &[], endings: &["bin"], read: n_mnist::read },
    Known { format: EventFormat::Aedat2, bytes: &[b"#!AER-DAT2"], endings: &["aedat"], read: aedat2::read },
    Known { format: EventFormat::Aedat4, bytes: &[aedat4::MAGIC], endings: &["aedat4"], read: aedat4::read },
];

/// What the bytes or the name of a file say of its format.
pub(super) fn format_of(path: &Path, head: &[u8]) -> Option<EventFormat> {
    let by_bytes = FORMATS.iter().find(|known| known.bytes.iter().any(|bytes| head.starts_with(bytes)));
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
    let by_name = || FORMATS.iter().find(|known| known.endings.contains(&ending.as_str()));
    by_bytes.or_else(by_name).map(|known| known.format)
}

/// Reads the events of a file.
///
/// **Errors** a file that cannot be read, of no format that is known, or broken, with its byte, line or row.
pub(super) fn read(format: Option<EventFormat>, asked: &Asked<'_>) -> Result<Events, TableError> {
    let path = asked.path;
    let bytes = std::fs::read(path).map_err(|e| TableError::Read { path: path.into(), error: e.to_string() })?;
    read_bytes(format, bytes, asked)
}

fn read_bytes(format: Option<EventFormat>, bytes: Vec<u8>, asked: &Asked<'_>) -> Result<Events, TableError> {
    let path = asked.path;
    if bytes.starts_with(b"#!AER-DAT3") {
        let expected = "AEDAT 2.0 or 4.0 (DV converts files)";
        return Err(byte_error(path, 0, expected, String::from_utf8_lossy(&bytes[..13.min(bytes.len())])));
    }
    let format = format.or_else(|| format_of(path, &bytes)).ok_or_else(|| {
        let endings: Vec<String> = FORMATS.iter().flat_map(|k| k.endings).map(|ending| format!(".{ending}")).collect();
        let head: Vec<String> = bytes.iter().take(8).map(|b| format!("{b:02x}")).collect();
        let expected = format!("a file of events ({}), or a `format`", endings.join(", "));
        byte_error(path, 0, expected, format!("`{}`", head.join(" ")))
    })?;
    let known = FORMATS.iter().find(|known| known.format == format);
    // every variant has its line; a test holds it
    let read = known.map_or(list::read as Reader, |known| known.read);
    read(bytes, asked)
}

/// What is wrong at a byte of a file.
fn byte_error(path: &Path, byte: usize, expected: impl Into<String>, found: impl Into<String>) -> TableError {
    TableError::Byte { path: path.into(), byte: byte as u64, expected: expected.into(), found: found.into() }
}

impl EventFile {
    /// All events of a file.
    ///
    /// ```
    /// use synfire::network::{EventFile, Network, Polarity};
    /// let mut net = Network::new("digit");
    /// let on = EventFile::new("sample.bin").polarity(Polarity::On).bin(2).stop("100 ms");
    /// net.population("on", "spike_times", 0).shape([17, 17]).spike_events(on);
    /// ```
    pub fn new(file: impl Into<PathBuf>) -> EventFile {
        EventFile { file: file.into(), ..EventFile::default() }
    }

    /// Its format, where neither its first bytes nor its name say it.
    #[must_use]
    pub fn format(mut self, format: EventFormat) -> EventFile {
        self.format = Some(format);
        self
    }

    /// Whose spikes, in a list of those of several populations.
    #[must_use]
    pub fn population(mut self, name: impl Into<String>) -> EventFile {
        self.population = name.into();
        self
    }

    /// What a list of spikes calls neuron 0; spikes of neurons before it and beyond the last are left out.
    #[must_use]
    pub fn first(mut self, number: u64) -> EventFile {
        self.first = Some(number);
        self
    }

    /// Whose addresses they are, in a file of AEDAT 2.0 whose header does not say it.
    #[must_use]
    pub fn camera(mut self, camera: Camera) -> EventFile {
        self.camera = Some(camera);
        self
    }

    /// Which events of a camera.
    #[must_use]
    pub fn polarity(mut self, polarity: Polarity) -> EventFile {
        self.polarity = polarity;
        self
    }

    /// Only a part of the sheet of pixels. **Units** pixels.
    #[must_use]
    pub fn crop(mut self, x: u64, y: u64, columns: u64, rows: u64) -> EventFile {
        self.crop = vec![x, y, columns, rows];
        self
    }

    /// Squares of so many pixels a side are one neuron.
    #[must_use]
    pub fn bin(mut self, pixels: u64) -> EventFile {
        self.bin = Some(pixels);
        self
    }

    /// Leaves out events before this time of the file, which becomes time 0.
    #[must_use]
    pub fn start(mut self, time: impl Into<Value>) -> EventFile {
        self.start = Some(time.into());
        self
    }

    /// Leaves out events from this time of the file on.
    #[must_use]
    pub fn stop(mut self, time: impl Into<Value>) -> EventFile {
        self.stop = Some(time.into());
        self
    }

    /// Stretches time: 2 is half as fast.
    #[must_use]
    pub fn scale(mut self, factor: f64) -> EventFile {
        self.scale = Some(factor);
        self
    }

    /// The time of the run at which the file begins.
    #[must_use]
    pub fn offset(mut self, time: impl Into<Value>) -> EventFile {
        self.offset = Some(time.into());
        self
    }
}

#[cfg(test)]
mod test;
