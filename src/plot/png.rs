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
