//! How large a picture is: pixels on a screen, centimetres on paper.
//!
//! A picture for print is drawn on as many pixels as give it letters of 7.5 points, and says its true size; its PNG has 300 pixels to
//! the inch and says that too.

use super::{Figure, PlotError, png};

/// Points of print to a pixel: letters of 12 pixels are printed with 7.5 points, lines of 1.1 pixels 0.7 points wide.
const POINTS: f64 = 0.625;
const POINTS_OF_CM: f64 = 72.0 / 2.54;
/// Pixels to the inch: of a PNG for print, and of SVG where it says nothing.
const PRINTED: f32 = 300.0;
const SCREEN: f32 = 96.0;

/// Pixels at scale 1 of a picture that is printed so many centimetres wide or high: 386 for the 8.5 cm of a column.
pub fn pixels_of_cm(cm: f64) -> u32 {
    // beyond any paper the cast holds it at the ends, and no picture is as large
    (cm * POINTS_OF_CM / POINTS).round() as u32
}

/// Pixels at scale 1. A width alone leaves the height to what is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// 240 to 4000.
    pub width: u32,
    /// As high as is usual for what is drawn, if not given; else 120 to 8000, or more where its panels need more.
    pub height: Option<u32>,
}

impl From<u32> for Size {
    fn from(width: u32) -> Size {
        Size { width, height: None }
    }
}

impl From<(u32, u32)> for Size {
    fn from((width, height): (u32, u32)) -> Size {
        Size { width, height: Some(height) }
    }
}

impl From<(u32, Option<u32>)> for Size {
    fn from((width, height): (u32, Option<u32>)) -> Size {
        Size { width, height }
    }
}

impl Size {
    pub(super) fn checked(self) -> Result<Size, PlotError> {
        if !(240..=4000).contains(&self.width) {
            return Err(PlotError::Size { what: format!("is 240 to 4000 pixels wide, found {}", self.width) });
        }
        match self.height {
            Some(height) if !(120..=8000).contains(&height) => {
                Err(PlotError::Size { what: format!("is 120 to 8000 pixels high, found {height}") })
            }
            _ => Ok(self),
        }
    }

    /// The height of a panel that has so many pixels above and below it.
    pub(super) fn panel(self, usual: i32, around: i32) -> Result<i32, PlotError> {
        match self.height.map(|height| height as i32 - around) {
            None => Ok(usual),
            Some(left) if left < LOWEST => Err(too_low(around + LOWEST, self.height)),
            Some(left) => Ok(left),
        }
    }
}

/// A panel lower than this shows nothing.
const LOWEST: i32 = 40;

pub(super) fn too_low(least: i32, found: Option<u32>) -> PlotError {
    PlotError::Size { what: format!("with these panels is at least {least} pixels high, found {}", found.unwrap_or(0)) }
}

impl Figure {
    /// The same for print, so many centimetres wide: the SVG says its true size, and [`Figure::save`] gives a PNG of 300 pixels to the
    /// inch. Letters have 7.5 points where it was drawn [`pixels_of_cm`] pixels wide.
    ///
    /// ```
    /// use synfire::plot::{curve, pixels_of_cm};
    /// let column = curve(&[(0.0, 0.0), (1.0, 8.0)], ("current (nA)", "rate (Hz)"), None, pixels_of_cm(8.5))?.printed(8.5);
    /// assert!(column.svg.contains("width=\"8.5cm\""));
    /// # Ok::<(), synfire::plot::PlotError>(())
    /// ```
    #[must_use]
    pub fn printed(&self, width_cm: f64) -> Figure {
        let Some(root) = Root::of(&self.svg) else { return self.clone() };
        let size = format!(
            "width=\"{width_cm}cm\" height=\"{:.3}cm\" viewBox=\"0 0 {} {}\"",
            width_cm * root.height / root.width,
            root.width,
            root.height
        );
        Figure { svg: root.with(&self.svg, &size) }
    }

    /// Centimetres, of a picture for print.
    fn width_cm(&self) -> Option<f64> {
        attribute(self.svg.get(..self.svg.find('>')?)?, "width")?.strip_suffix("cm")?.parse().ok()
    }

    /// The same with letters as outlines, so that it looks alike wherever it is shown, without any font. Of a picture with letters the
    /// SVG names Ubuntu, DejaVu Sans and whatever sans-serif there is, in this order.
    ///
    /// **Errors**: a picture that is no SVG.
    pub fn outlined(&self) -> Result<Figure, PlotError> {
        let Some((cm, root)) = self.width_cm().zip(Root::of(&self.svg)) else {
            return Ok(Figure { svg: png::outlined(&self.svg)? });
        };
        // letters are outlined in pixels, and the size in centimetres is said again
        let size = format!("width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\"", root.width, root.height);
        let plain = root.with(&self.svg, &size);
        Ok(Figure { svg: png::outlined(&plain)? }.printed(cm))
    }

    /// As `Figure::save` writes it: at twice the size, or as it is printed.
    pub(super) fn saved_png(&self) -> Result<Vec<u8>, PlotError> {
        match self.width_cm() {
            None => self.png(2.0),
            Some(_) => Ok(png::with_density(self.png(PRINTED / SCREEN)?, PRINTED)),
        }
    }
}

/// The size that the root of an SVG tells, in pixels.
struct Root {
    width: f64,
    height: f64,
}

impl Root {
    fn of(svg: &str) -> Option<Root> {
        let tag = svg.get(..svg.find('>')?)?;
        if let Some(view) = attribute(tag, "viewBox") {
            let numbers: Vec<f64> = view.split_whitespace().filter_map(|number| number.parse().ok()).collect();
            if let [_, _, width, height] = numbers[..] {
                return Some(Root { width, height });
            }
        }
        let side = |name: &str| attribute(tag, name)?.parse().ok();
        Some(Root { width: side("width")?, height: side("height")? })
    }

    /// The picture with another size in its root.
    fn with(&self, svg: &str, size: &str) -> String {
        let end = svg.find('>').unwrap_or(0);
        let mut tag = svg[..end].to_owned();
        for name in ["width", "height", "viewBox"] {
            if let Some(value) = attribute(&tag, name) {
                let whole = format!(" {name}=\"{value}\"");
                tag = tag.replacen(&whole, "", 1);
            }
        }
        format!("{tag} {size}{}", &svg[end..])
    }
}

/// The value of an attribute of a tag.
fn attribute<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    let from = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    tag.get(from..from + tag.get(from..)?.find('"')?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::curve;

    fn column() -> Figure {
        let points = [(0.0, 1.0), (1.0, 4.0), (2.0, 9.0)];
        curve(&points, ("current (nA)", "rate (Hz)"), Some("f-I"), pixels_of_cm(8.5)).unwrap()
    }

    #[test]
    fn print_has_its_true_size() {
        assert_eq!([8.5, 17.0].map(pixels_of_cm), [386, 771]);
        let drawn = column();
        let printed = drawn.printed(8.5);
        let root = &printed.svg[..printed.svg.find('>').unwrap()];
        assert!(root.contains(" width=\"8.5cm\"") && root.contains(" viewBox=\"0 0 386 "), "{root}");
        assert_eq!(root.matches("width=").count() + root.matches("height=").count(), 2, "{root}");
        // letters of 12 pixels of 386 on 8.5 cm, in points
        let points = 12.0 * 8.5 / 386.0 * POINTS_OF_CM;
        assert!((7.0..=8.0).contains(&points), "{points}");
        assert!(printed.svg.contains("font-size=\"12\"") || printed.svg.contains("font-size=\"12."), "letters of 12 pixels");
        // 8.5 cm at 300 pixels to the inch, and the file says so
        let png = printed.saved_png().unwrap();
        let number = |at: usize| u32::from_be_bytes([png[at], png[at + 1], png[at + 2], png[at + 3]]);
        assert_eq!(number(16), 1004);
        assert_eq!(&png[37..41], b"pHYs");
        assert_eq!((number(41), number(45), png[49]), (11811, 11811, 1));
        // a reader checks the sum of every chunk
        assert!(resvg::tiny_skia::Pixmap::decode_png(&png).is_ok());
        let outlined = printed.outlined().unwrap().svg;
        assert!(outlined.contains("width=\"8.5cm\"") && outlined.contains("viewBox=\"0 0 386 ") && !outlined.contains("<text"));
        // for a screen all is as it was
        assert!(drawn.svg.contains("width=\"386\""));
        assert_eq!(drawn.saved_png().unwrap(), drawn.png(2.0).unwrap());
    }

    #[test]
    fn sizes_have_bounds() {
        assert!(Size::from(320).checked().is_ok() && Size::from((386, 300)).checked().is_ok());
        for wrong in [Size::from(239), Size::from(4001), Size::from((400, 20)), Size::from((400, 9000))] {
            assert!(matches!(wrong.checked(), Err(PlotError::Size { .. })), "{wrong:?}");
        }
        assert!(Size::from((400, 130)).panel(300, 100).is_err());
        assert_eq!(Size::from((400, 300)).panel(300, 100).unwrap(), 200);
    }
}
