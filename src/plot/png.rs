//! The picture in pixels, from its SVG, with the font that is built in and none of the system's.

use super::PlotError;
use super::frame::FONT;
use resvg::{tiny_skia, usvg};
use std::sync::Arc;

/// More would take half a gigabyte.
const MOST_PIXELS: f64 = 1e8;

pub fn render(svg: &str, scale: f32) -> Result<Vec<u8>, PlotError> {
    picture(svg, scale)?.encode_png().map_err(|e| PlotError::Drawing(e.to_string()))
}

/// The picture with letters as paths.
pub fn outlined(svg: &str) -> Result<String, PlotError> {
    let tree = usvg::Tree::from_str(svg, &options()).map_err(|e| PlotError::Drawing(e.to_string()))?;
    // hundredths of a pixel, as it is drawn in tenths
    let written = usvg::WriteOptions { coordinates_precision: 2, transforms_precision: 4, ..usvg::WriteOptions::default() };
    Ok(tree.to_string(&written))
}

/// A PNG that says how many of its pixels make an inch.
pub fn with_density(mut png: Vec<u8>, per_inch: f32) -> Vec<u8> {
    let per_metre = ((per_inch / 0.0254).round() as u32).to_be_bytes();
    let mut chunk = b"pHYs".to_vec();
    chunk.extend(per_metre.iter().chain(&per_metre).chain(&[1]));
    let sum = crc(&chunk).to_be_bytes();
    let length = (chunk.len() as u32 - 4).to_be_bytes();
    // behind the signature and the header, which have a fixed length
    let at = png.len().min(33);
    png.splice(at..at, length.into_iter().chain(chunk).chain(sum));
    png
}

/// The sum that ends a chunk of a PNG.
fn crc(bytes: &[u8]) -> u32 {
    let fold = |sum: u32| if sum & 1 == 1 { (sum >> 1) ^ 0xEDB8_8320 } else { sum >> 1 };
    !bytes.iter().fold(!0u32, |sum, byte| (0..8).fold(sum ^ u32::from(*byte), |sum, _| fold(sum)))
}

/// How light each pixel of a grey picture without gaps is, row by row.
pub fn lightness(svg: &str) -> Result<Vec<u8>, PlotError> {
    Ok(picture(svg, 1.0)?.pixels().iter().map(|pixel| pixel.red()).collect())
}

/// A picture from its pixels, row by row.
pub fn of_pixels(width: usize, height: usize, pixels: impl Iterator<Item = [u8; 3]>) -> Result<Vec<u8>, PlotError> {
    let mut picture = room(width as f32, height as f32)?;
    for (to, [r, g, b]) in picture.pixels_mut().iter_mut().zip(pixels) {
        *to = tiny_skia::ColorU8::from_rgba(r, g, b, 255).premultiply();
    }
    picture.encode_png().map_err(|e| PlotError::Drawing(e.to_string()))
}

fn picture(svg: &str, scale: f32) -> Result<tiny_skia::Pixmap, PlotError> {
    let tree = usvg::Tree::from_str(svg, &options()).map_err(|e| PlotError::Drawing(e.to_string()))?;
    let size = tree.size();
    let mut picture = room((size.width() * scale).ceil(), (size.height() * scale).ceil())?;
    resvg::render(&tree, tiny_skia::Transform::from_scale(scale, scale), &mut picture.as_mut());
    Ok(picture)
}

fn room(width: f32, height: f32) -> Result<tiny_skia::Pixmap, PlotError> {
    if !(width >= 1.0 && height >= 1.0 && f64::from(width) * f64::from(height) <= MOST_PIXELS) {
        return Err(PlotError::Size { what: format!("has 1 to 100 million pixels, found {width} x {height}") });
    }
    tiny_skia::Pixmap::new(width as u32, height as u32).ok_or_else(|| PlotError::Drawing("no room for the pixels".into()))
}

fn options() -> usvg::Options<'static> {
    let mut options = usvg::Options::default();
    let mut fonts = usvg::fontdb::Database::new();
    fonts.load_font_source(usvg::fontdb::Source::Binary(Arc::new(FONT)));
    let family = fonts.faces().next().and_then(|face| Some(face.families.first()?.0.clone()));
    if let Some(family) = family {
        // whatever family an SVG asks for, it gets these letters
        fonts.set_sans_serif_family(family.clone());
        fonts.set_serif_family(family.clone());
        options.font_family = family;
    }
    options.fontdb = Arc::new(fonts);
    options
}
