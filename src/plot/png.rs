//! The picture in pixels, from its SVG, with the font that is built in and none of the system's.

use super::PlotError;
use super::frame::FONT;
use resvg::{tiny_skia, usvg};
use std::sync::Arc;

/// More would take half a gigabyte.
const MOST_PIXELS: f64 = 1e8;

pub fn render(svg: &str, scale: f32) -> Result<Vec<u8>, PlotError> {
    let drawing = |what: String| PlotError::Drawing(what);
    let tree = usvg::Tree::from_str(svg, &options()).map_err(|e| drawing(e.to_string()))?;
    let size = tree.size();
    let (width, height) = ((size.width() * scale).ceil(), (size.height() * scale).ceil());
    if !(width >= 1.0 && height >= 1.0 && f64::from(width) * f64::from(height) <= MOST_PIXELS) {
        return Err(PlotError::Size { what: format!("has 1 to 100 million pixels, found {width} x {height}") });
    }
    let mut picture =
        tiny_skia::Pixmap::new(width as u32, height as u32).ok_or_else(|| drawing("no room for the pixels".into()))?;
    resvg::render(&tree, tiny_skia::Transform::from_scale(scale, scale), &mut picture.as_mut());
    picture.encode_png().map_err(|e| drawing(e.to_string()))
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
