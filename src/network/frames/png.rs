//! An image as PNG.

use std::io::Cursor;

use ::png::{BitDepth, ColorType, Decoder, Limits, Transformations};

use super::{MOST, Movie, Wrong, grey};

pub(super) fn read(bytes: &[u8]) -> Result<Movie, Wrong> {
    let wrong = |e: ::png::DecodingError| Wrong::new("a whole PNG", e);
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), Limits { bytes: 1 << 28 });
    // palettes and few bits become bytes; of sixteen bits the upper eight stay
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    let mut reader = decoder.read_info().map_err(wrong)?;
    let info = reader.info();
    if info.animation_control().is_some_and(|animation| animation.num_frames > 1) {
        return Err(Wrong::new("a PNG of one frame (movies are GIF or .npy)", "an animated one"));
    }
    let (columns, rows) = (info.width, info.height);
    let size = reader.output_buffer_size().filter(|_| u64::from(columns) * u64::from(rows) <= MOST);
    let Some(size) = size else {
        return Err(Wrong::new(format!("an image of at most {MOST} pixels"), format!("{columns} by {rows}")));
    };
    let mut data = vec![0; size];
    let made = reader.next_frame(&mut data).map_err(wrong)?;
    let each = match (made.color_type, made.bit_depth) {
        (ColorType::Grayscale, BitDepth::Eight) => 1,
        (ColorType::GrayscaleAlpha, BitDepth::Eight) => 2,
        (ColorType::Rgb, BitDepth::Eight) => 3,
        (ColorType::Rgba, BitDepth::Eight) => 4,
        (colours, bits) => return Err(Wrong::new("grey or colours of eight bits", format!("{colours:?} of {bits:?}"))),
    };
    let light = data.chunks_exact(each).map(|pixel| match *pixel {
        [g] => grey([g, g, g, 255]),
        [g, a] => grey([g, g, g, a]),
        [r, g, b] => grey([r, g, b, 255]),
        [r, g, b, a] => grey([r, g, b, a]),
        _ => 0.0,
    });
    let light: Vec<f32> = light.collect();
    if light.len() as u64 != u64::from(columns) * u64::from(rows) {
        return Err(Wrong::new(format!("{columns} by {rows} pixels"), light.len()));
    }
    Ok(Movie { columns, rows, grey: light })
}
