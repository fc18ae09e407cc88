//! A movie as GIF: each frame is drawn over what the one before it left.

use ::gif::{ColorOutput, DecodeOptions, DisposalMethod, MemoryLimit};

use super::{MOST, Movie, Wrong, grey};

pub(super) fn read(bytes: &[u8]) -> Result<Movie, Wrong> {
    let wrong = |e: ::gif::DecodingError| Wrong::new("a whole GIF", e);
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::RGBA);
    options.set_memory_limit(MemoryLimit::Bytes(std::num::NonZeroU64::MIN.saturating_add(1 << 28)));
    let mut decoder = options.read_info(bytes).map_err(wrong)?;
    let (columns, rows) = (usize::from(decoder.width()), usize::from(decoder.height()));
    let pixels = columns * rows;
    if pixels == 0 {
        return Err(Wrong::new("frames with pixels", format!("{columns} by {rows}")));
    }
    let mut canvas = vec![[0u8; 4]; pixels];
    let mut movie = Vec::new();
    while let Some(frame) = decoder.read_next_frame().map_err(wrong)? {
        if (movie.len() + pixels) as u64 > MOST {
            return Err(Wrong::new(format!("a movie of at most {MOST} pixels in all"), "more"));
        }
        let before = (frame.dispose == DisposalMethod::Previous).then(|| canvas.clone());
        let (left, top, width) = (usize::from(frame.left), usize::from(frame.top), usize::from(frame.width));
        // what lies beyond the canvas is not shown
        let places = |k: usize| {
            let (x, y) = (left + k % width.max(1), top + k / width.max(1));
            (x < columns && y < rows).then_some(y * columns + x)
        };
        let own = frame.buffer.chunks_exact(4).map(|c| [c[0], c[1], c[2], c[3]]);
        for (place, colour) in own.enumerate().filter_map(|(k, colour)| Some((places(k)?, colour))) {
            // a pixel of a GIF is opaque, or not there
            if colour[3] != 0 {
                canvas[place] = colour;
            }
        }
        movie.extend(canvas.iter().map(|colour| grey(*colour)));
        match (frame.dispose, before) {
            (DisposalMethod::Background, _) => {
                let all = width * usize::from(frame.height);
                (0..all).filter_map(places).for_each(|place| canvas[place] = [0; 4]);
            }
            (_, Some(before)) => canvas = before,
            _ => {}
        }
    }
    if movie.is_empty() {
        return Err(Wrong::new("frames", "none"));
    }
    Ok(Movie { columns: columns as u32, rows: rows as u32, grey: movie })
}
