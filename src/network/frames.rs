//! Images and movies as input: frames of grey pixels, one after the other.
//!
//! In: builder calls, or a file. Out: [`Frames`], in words and quantities; `read`, how bright each pixel of each frame is. Not here: what
//! that makes of a neuron (`network::check`).
//!
//! A colour is as bright as ITU-R BT.601 has it, 0.299 red + 0.587 green + 0.114 blue of the values that the file holds, over black
//! where it is transparent.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::connector::table::{TableError, read_cube};
use super::field::Kind::{self, Text, Whole};
use super::field::{Field, WHOLES, may, need};
use super::{Value, Waveform};

mod gif;
mod png;

/// An image or a movie, and what black and white are.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[doc(alias = "image", alias = "movie", alias = "video")]
pub struct Frames {
    /// PNG (one frame), GIF, or .npy of two axes (rows, columns) or three (frames, rows, columns).
    pub file: PathBuf,
    /// From frame to frame; the last one holds as long.
    pub interval: Value,
    /// What a white pixel is.
    pub white: Value,
    /// What a black pixel is: none, or 0, if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub black: Option<Value>,
    /// Only this part of each frame: x and y of its first pixel, columns, rows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub crop: Vec<u64>,
    /// Squares of so many pixels a side are one neuron, as bright as their mean; 1 if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bin: Option<u64>,
    /// The time of the run at which the first frame begins; 0 if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<Value>,
}

/// The keys of `spike_times.frames` and of the waveform `frames`.
pub(super) const FRAMES: &[Field] = &[
    need("file", Text, "file = \"movie.gif\""),
    need("interval", Kind::Value, "interval = \"10 ms\""),
    need("white", Kind::Value, "white = \"100 Hz\""),
    may("black", Kind::Value, "black = \"5 Hz\""),
    may("crop", WHOLES, "crop = [0, 0, 32, 32]"),
    may("bin", Whole, "bin = 2"),
    may("offset", Kind::Value, "offset = \"20 ms\""),
];

/// How bright pixels are, 0 to 1.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Movie {
    pub columns: u32,
    pub rows: u32,
    /// Frame after frame, each row after row from the top.
    pub grey: Vec<f32>,
}

impl Movie {
    pub fn pixels(&self) -> usize {
        self.columns as usize * self.rows as usize
    }

    pub fn frames(&self) -> usize {
        self.grey.len() / self.pixels().max(1)
    }
}

/// Reads an image or a movie.
///
/// **Errors** a file that cannot be read, of another kind, broken, or so large that it unpacks to more than 256 MiB.
pub(super) fn read(path: &Path) -> Result<Movie, TableError> {
    let bytes = std::fs::read(path).map_err(|e| TableError::Read { path: path.into(), error: e.to_string() })?;
    read_bytes(path, bytes)
}

/// Pixels of all frames together.
const MOST: u64 = 1 << 26;

fn read_bytes(path: &Path, bytes: Vec<u8>) -> Result<Movie, TableError> {
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        return png::read(&bytes).map_err(|wrong| wrong.at(path));
    }
    if bytes.starts_with(b"GIF8") {
        return gif::read(&bytes).map_err(|wrong| wrong.at(path));
    }
    if bytes.starts_with(b"\x93NUMPY") {
        let ([_, rows, columns], numbers) = read_cube(path, bytes)?;
        if let Some(k) = numbers.iter().position(|x| !(0.0..=1.0).contains(x)) {
            let place = format!("frame {}, row {}, column {}", k / (rows * columns), k / columns % rows, k % columns);
            let expected = "0 (black) to 1 (white), or whole numbers without a sign".into();
            return Err(TableError::Row { path: path.into(), place, expected, found: numbers[k].to_string() });
        }
        let (Ok(columns), Ok(rows)) = (u32::try_from(columns), u32::try_from(rows)) else {
            return Err(Wrong::new("a frame with fewer pixels", format!("{columns} by {rows}")).at(path));
        };
        return Ok(Movie { columns, rows, grey: numbers.into_iter().map(|x| x as f32).collect() });
    }
    let head: Vec<String> = bytes.iter().take(8).map(|b| format!("{b:02x}")).collect();
    let expected = "an image or a movie (PNG, GIF, .npy)".into();
    Err(TableError::Byte { path: path.into(), byte: 0, expected, found: format!("`{}`", head.join(" ")) })
}

/// What is wrong with a picture.
struct Wrong {
    expected: String,
    found: String,
}

impl Wrong {
    fn new(expected: impl Into<String>, found: impl ToString) -> Wrong {
        Wrong { expected: expected.into(), found: found.to_string() }
    }

    fn at(self, path: &Path) -> TableError {
        TableError::File { path: path.into(), expected: self.expected, found: self.found }
    }
}

/// How bright a colour is, 0 to 1.
fn grey([red, green, blue, alpha]: [u8; 4]) -> f32 {
    let light = 0.299 * f64::from(red) + 0.587 * f64::from(green) + 0.114 * f64::from(blue);
    (light / 255.0 * f64::from(alpha) / 255.0) as f32
}

impl Frames {
    /// The frames of a file, one after so long; what a white pixel is: the rate of a source or the time of its spike (`spike_times`), a
    /// current (a stimulus).
    ///
    /// ```
    /// use synfire::network::{Frames, Network};
    /// let mut net = Network::new("film");
    /// let film = Frames::new("dot.gif", "10 ms", "80 Hz").black("2 Hz");
    /// net.population("retina", "spike_times", 0).shape([30, 30]).spike_frames(film);
    /// ```
    pub fn new(file: impl Into<PathBuf>, interval: impl Into<Value>, white: impl Into<Value>) -> Frames {
        Frames { file: file.into(), interval: interval.into(), white: white.into(), ..Frames::default() }
    }

    /// What a black pixel is.
    #[must_use]
    pub fn black(mut self, black: impl Into<Value>) -> Frames {
        self.black = Some(black.into());
        self
    }

    /// Only a part of each frame. **Units** pixels.
    #[must_use]
    pub fn crop(mut self, x: u64, y: u64, columns: u64, rows: u64) -> Frames {
        self.crop = vec![x, y, columns, rows];
        self
    }

    /// Squares of so many pixels a side are one neuron.
    #[must_use]
    pub fn bin(mut self, pixels: u64) -> Frames {
        self.bin = Some(pixels);
        self
    }

    /// The time of the run at which the first frame begins.
    #[must_use]
    pub fn offset(mut self, time: impl Into<Value>) -> Frames {
        self.offset = Some(time.into());
        self
    }
}

impl Waveform {
    /// As bright as the pixels of an image or a movie are.
    pub fn frames(frames: Frames) -> Waveform {
        Waveform::Frames(Box::new(frames))
    }
}

#[cfg(test)]
mod test;
