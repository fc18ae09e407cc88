//! A sheet of neurons as a moving picture: a colour per neuron and sample, the time and a bar of colours beneath.
//!
//! In: samples of a state, row by row of the sheet, as [`crate::recording::Trace`] holds them. Out: an animated GIF, or one
//! frame as PNG. Pixels that stay as they were are left out of a frame where that takes less room. Not here: which
//! neuron stands where (whoever laid out the sheet knows), files of other moving formats.

use std::fmt::Write as _;

use super::layout::{Axis, plain};
use super::{PlotError, png};

/// How a sheet is drawn.
///
/// ```
/// use synfire::plot::gif::Sheet;
/// // a bar that moves: three frames of 8 by 2 neurons
/// let values: Vec<f64> = (0..3 * 16).map(|k| if k % 8 == k / 16 { 20.0 } else { -60.0 }).collect();
/// let sheet = Sheet::of(8, 2).low(-60.0).high(20.0).label("v (mV)");
/// assert!(sheet.gif(&values)?.starts_with(b"GIF89a"));
/// # Ok::<(), synfire::plot::PlotError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Sheet {
    /// Neurons in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Pixels along the side of a neuron.
    pub cell: usize,
    /// Pixels of the picture from left to right; wider where the sheet or its letters need more.
    pub picture_width: usize,
    /// The value of the first colour; what is lower has this colour too.
    pub low: f64,
    /// The value of the last colour.
    pub high: f64,
    /// From the lowest to the highest value.
    pub colours: ColourMap,
    /// Beside the numbers of the bar of colours: what is shown, and its unit.
    pub label: String,
    /// Beneath the time: what runs from left to right, where that needs a word.
    pub caption: String,
    /// What is no number is left white, as paper is, and not grey.
    pub paper: bool,
    /// Time of the first frame, ms.
    pub first_ms: f64,
    /// Time from frame to frame, ms of the model.
    pub every_ms: f64,
    /// How long a frame is shown, in hundredths of a second.
    pub delay: u16,
}

impl Sheet {
    /// A sheet so many neurons wide and high, drawn as is usual; the setters change what shall be otherwise.
    pub fn of(width: usize, height: usize) -> Sheet {
        Sheet {
            width,
            height,
            cell: 4,
            picture_width: 0,
            low: 0.0,
            high: 1.0,
            colours: ColourMap::Viridis,
            label: String::new(),
            caption: String::new(),
            paper: false,
            first_ms: 0.0,
            every_ms: 1.0,
            delay: 6,
        }
    }
}

setters! {
    Sheet {
        cell: usize,
        picture_width: usize,
        low: f64,
        high: f64,
        colours: ColourMap,
        label: impl Into<String>,
        caption: impl Into<String>,
        paper: bool,
        first_ms: f64,
        every_ms: f64,
        delay: u16,
    }
}

/// Colours whose lightness rises evenly, so that equal differences look equal, to the colour-blind and in grey as well.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ColourMap {
    /// Violet, green, yellow.
    #[default]
    Viridis,
    /// Black, red, yellow, white.
    Inferno,
}

/// **Source** Smith and van der Walt (2015), the maps of matplotlib, which they gave to the public domain; at eighths.
const VIRIDIS: [u32; 9] = [0x440154, 0x472d7b, 0x3b528b, 0x2c728e, 0x21918c, 0x28ae80, 0x5ec962, 0xaddc30, 0xfde725];
const INFERNO: [u32; 9] = [0x000004, 0x210c4a, 0x57106e, 0x8a226a, 0xbc3754, 0xe45a31, 0xf98e09, 0xf9cb35, 0xfcffa4];

impl ColourMap {
    /// The colour of a place from 0 to 1.
    pub fn rgb(self, share: f64) -> [u8; 3] {
        let points = match self {
            ColourMap::Viridis => VIRIDIS,
            ColourMap::Inferno => INFERNO,
        };
        let at = share.clamp(0.0, 1.0) * 8.0;
        let first = (at as usize).min(7);
        let part = at - first as f64;
        let channel = |colour: u32, shift: u32| f64::from((colour >> shift) & 0xff);
        [16, 8, 0].map(|s| (channel(points[first], s) * (1.0 - part) + channel(points[first + 1], s) * part).round() as u8)
    }
}

/// The palette: colours of the map, greys of letters from white on, no number, the pixel of before. 128 in all, so that a
/// pixel begins with seven bits.
const LEVELS: usize = 110;
const GREYS: usize = 16;
const WHITE: u8 = LEVELS as u8;
const BLACK: u8 = (LEVELS + GREYS - 1) as u8;
const NO_NUMBER: u8 = (LEVELS + GREYS) as u8;
const SAME: u8 = NO_NUMBER + 1;

/// Pixels around the sheet, below it, and of the narrowest picture, in which time and bar stand side by side.
const MARGIN: usize = 10;
const BELOW: usize = 46;
const NARROWEST: usize = 240;
/// Height of the bar.
const BAR: usize = 10;
const LETTERS: usize = 12;
/// Pixels of all frames together: what one would wait for and keep in memory.
const MOST_PIXELS: usize = 1 << 30;

impl Sheet {
    /// All samples as an animated GIF that begins again at its end.
    ///
    /// **Shape** `values[(frame·height + row)·width + column]`.
    ///
    /// **Errors** no frame or part of one, no range of values, more pixels than the format or a machine takes.
    pub fn gif(&self, values: &[f64]) -> Result<Vec<u8>, PlotError> {
        let drawing = |e: gif::EncodingError| PlotError::Drawing(e.to_string());
        let page = Page::of(self, values)?;
        let side = |pixels: usize| u16::try_from(pixels).map_err(|_beyond| page.too_large());
        let (width, height) = (side(page.width)?, side(page.height)?);
        let mut encoder = gif::Encoder::new(Vec::new(), width, height, &self.palette()).map_err(drawing)?;
        encoder.set_repeat(gif::Repeat::Infinite).map_err(drawing)?;
        let blank = page.blank()?;
        let mut before: Option<Vec<u8>> = None;
        for number in 0..page.frames {
            let picture = page.frame(&blank, values, number)?;
            let encoded = |pixels: Vec<u8>, transparent: Option<u8>| {
                let mut frame = gif::Frame { delay: self.delay, width, height, transparent, ..gif::Frame::default() };
                frame.buffer = pixels.into();
                frame.make_lzw_pre_encoded();
                frame
            };
            let mut frame = encoded(picture.clone(), None);
            if let Some(before) = &before {
                let changed = picture.iter().zip(before).map(|(now, then)| if now == then { SAME } else { *now });
                let changed = encoded(changed.collect(), Some(SAME));
                // where much moves a little, gaps break more runs than they spare
                if changed.buffer.len() < frame.buffer.len() {
                    frame = changed;
                }
            }
            encoder.write_lzw_pre_encoded_frame(&frame).map_err(drawing)?;
            before = Some(picture);
        }
        encoder.into_inner().map_err(|e| PlotError::Drawing(e.to_string()))
    }

    /// One frame as PNG.
    ///
    /// **Errors** as [`Sheet::gif`], or no such frame.
    pub fn png(&self, values: &[f64], frame: usize) -> Result<Vec<u8>, PlotError> {
        let page = Page::of(self, values)?;
        if frame >= page.frames {
            return Err(PlotError::Frames { what: format!("{} frames, there is no frame {frame}", page.frames) });
        }
        let picture = page.frame(&page.blank()?, values, frame)?;
        let palette = self.palette();
        let colour = |index: u8| palette.chunks_exact(3).nth(usize::from(index)).map_or([0; 3], |c| [c[0], c[1], c[2]]);
        png::of_pixels(page.width, page.height, picture.into_iter().map(colour))
    }

    fn palette(&self) -> Vec<u8> {
        let map = (0..LEVELS).flat_map(|k| self.colours.rgb(k as f64 / (LEVELS - 1) as f64));
        let greys = (0..GREYS).flat_map(|k| [255 - (k * 221 / (GREYS - 1)) as u8; 3]);
        let no_number = if self.paper { 255 } else { 0x90 };
        map.chain(greys).chain([no_number; 3]).chain([255; 3]).collect()
    }

    /// The colour of a value.
    fn level(&self, value: f64) -> u8 {
        if value.is_nan() {
            return NO_NUMBER;
        }
        let share = (value - self.low) / (self.high - self.low);
        // far values are held at the ends by the cast
        (share * LEVELS as f64).floor().clamp(0.0, (LEVELS - 1) as f64) as u8
    }
}

/// Where things stand, in pixels.
struct Page<'s> {
    sheet: &'s Sheet,
    frames: usize,
    width: usize,
    height: usize,
    /// Left edge of the sheet, and of the bar.
    left: usize,
    bar: usize,
}

impl Page<'_> {
    fn of<'s>(sheet: &'s Sheet, values: &[f64]) -> Result<Page<'s>, PlotError> {
        let neurons = sheet.width.saturating_mul(sheet.height);
        if neurons == 0 || sheet.cell == 0 || values.is_empty() || !values.len().is_multiple_of(neurons) {
            let (w, h) = (sheet.width, sheet.height);
            return Err(PlotError::Frames { what: format!("{w} x {h} numbers, found {} in all", values.len()) });
        }
        let range = sheet.high - sheet.low;
        if !(range > 0.0 && range.is_finite()) {
            return Err(PlotError::Range { low: sheet.low, high: sheet.high });
        }
        let across = sheet.width.saturating_mul(sheet.cell);
        let width = across.saturating_add(2 * MARGIN).max(sheet.picture_width).max(NARROWEST);
        let height = sheet.height.saturating_mul(sheet.cell).saturating_add(MARGIN + BELOW);
        let frames = values.len() / neurons;
        let page = Page { sheet, frames, width, height, left: width.saturating_sub(across) / 2, bar: width / 2 };
        let pixels = width.checked_mul(height).and_then(|p| p.checked_mul(frames));
        if pixels.is_none_or(|p| p > MOST_PIXELS) || width.max(height) > usize::from(u16::MAX) {
            return Err(page.too_large());
        }
        Ok(page)
    }

    fn too_large(&self) -> PlotError {
        let found = format!("{} frames of {} x {}", self.frames, self.width, self.height);
        PlotError::Size { what: format!("that moves has at most {MOST_PIXELS} pixels in all and 65,535 a side, found {found}") }
    }

    /// First row of pixels below the sheet.
    fn below(&self) -> usize {
        self.height - BELOW
    }

    /// All that no frame changes: the bar, its numbers, its label.
    fn blank(&self) -> Result<Vec<u8>, PlotError> {
        let sheet = self.sheet;
        let mut picture = vec![WHITE; self.width * self.height];
        let (first, last, top) = (self.bar, self.width - 24, 12);
        let axis = Axis { low: sheet.low, high: sheet.high };
        let across = |value: f64| first as f64 + (value - sheet.low) / axis.range() * (last - first) as f64;
        let written = |text: &str| plain(text, (first - 40) / 7).replace('&', "&amp;").replace('<', "&lt;");
        let (label, caption) = (written(&sheet.label), written(&sheet.caption));
        let mut text = String::new();
        let _ = write!(text, "<text x=\"{MARGIN}\" y=\"{}\">{caption}</text>", top + BAR + 17);
        let _ = write!(text, "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{label}</text>", first - 24, top + BAR + 17);
        for (value, label) in axis.ticks((last - first) / 40) {
            let _ = write!(text, "<text x=\"{:.1}\" y=\"{}\" text-anchor=\"middle\">{label}</text>", across(value), top + BAR + 17);
        }
        self.letters(&mut picture, &text)?;
        for x in first..last {
            let value = sheet.low + axis.range() * (x - first) as f64 / (last - first - 1) as f64;
            (0..BAR).for_each(|y| picture[(self.below() + top + y) * self.width + x] = sheet.level(value));
        }
        for (value, _) in axis.ticks((last - first) / 40) {
            let x = (across(value) as usize).clamp(first, last - 1);
            (0..4).for_each(|y| picture[(self.below() + top + BAR + y) * self.width + x] = BLACK);
        }
        Ok(picture)
    }

    fn frame(&self, blank: &[u8], values: &[f64], number: usize) -> Result<Vec<u8>, PlotError> {
        let sheet = self.sheet;
        let mut picture = blank.to_vec();
        let neurons = sheet.width * sheet.height;
        for (y, row) in values[number * neurons..][..neurons].chunks_exact(sheet.width).enumerate() {
            let colours: Vec<u8> = row.iter().flat_map(|v| std::iter::repeat_n(sheet.level(*v), sheet.cell)).collect();
            for line in 0..sheet.cell {
                let at = (MARGIN + y * sheet.cell + line) * self.width + self.left;
                picture[at..at + colours.len()].copy_from_slice(&colours);
            }
        }
        // as many decimals as tell frames apart
        let decimals = if sheet.every_ms.fract() == 0.0 && sheet.first_ms.fract() == 0.0 { 0 } else { 1 };
        let time = sheet.first_ms + number as f64 * sheet.every_ms;
        let text = format!("<text x=\"{}\" y=\"{}\">t = {time:.decimals$} ms</text>", MARGIN, 12 + BAR);
        self.letters(&mut picture, &text)?;
        Ok(picture)
    }

    /// Draws letters on the strip below the sheet.
    fn letters(&self, picture: &mut [u8], text: &str) -> Result<(), PlotError> {
        let svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{BELOW}\"><rect width=\"{}\" height=\"{BELOW}\" \
             fill=\"#fff\"/><g font-family=\"sans-serif\" font-size=\"{LETTERS}\" fill=\"#000\">{text}</g></svg>",
            self.width, self.width
        );
        for (k, light) in png::lightness(&svg)?.into_iter().enumerate() {
            let grey = usize::from(255 - light) * (GREYS - 1) / 255;
            let place = self.below() * self.width + k;
            if grey > 0 && place < picture.len() {
                picture[place] = WHITE + grey as u8;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
