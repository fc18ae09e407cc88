//! Names of arrows, where they lie on nothing else.

use super::layers::Place;
use super::{frame, write_text};

/// Letters of a label.
const SIZE: f64 = 10.0;

/// What a label must not touch.
pub struct Taken {
    boxes: Vec<[f64; 4]>,
    /// Points along every arrow, near enough to each other that no letter fits between them.
    lines: Vec<(f64, f64)>,
}

impl Taken {
    pub fn new(boxes: impl Iterator<Item = Place>, curves: &[Vec<(f64, f64)>]) -> Taken {
        let boxes =
            boxes.map(|Place { x, y, width, height }| [x - width / 2.0, y - height / 2.0, x + width / 2.0, y + height / 2.0]);
        let mut lines = Vec::new();
        for curve in curves {
            for pair in curve.windows(2) {
                let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
                let pieces = ((x1 - x0).hypot(y1 - y0) / 3.0).ceil().max(1.0) as usize;
                lines.extend((0..=pieces).map(|k| {
                    let share = k as f64 / pieces as f64;
                    (x0 + share * (x1 - x0), y0 + share * (y1 - y0))
                }));
            }
        }
        Taken { boxes: boxes.collect(), lines }
    }

    fn free(&self, [left, top, right, bottom]: [f64; 4], within: (f64, f64)) -> bool {
        let inside = left >= 2.0 && top >= 2.0 && right <= within.0 - 2.0 && bottom <= within.1 - 2.0;
        let apart = |other: &[f64; 4]| right < other[0] || other[2] < left || bottom < other[1] || other[3] < top;
        let beside = |&(x, y): &(f64, f64)| x < left || right < x || y < top || bottom < y;
        inside && self.boxes.iter().all(apart) && self.lines.iter().all(beside)
    }

    /// Writes a label beside its arrow where it crosses nothing; gives it back where there is no such place.
    ///
    /// `within`: the width and height of the picture.
    pub fn write(&mut self, out: &mut String, label: &str, curve: &[(f64, f64)], within: (f64, f64)) -> Option<String> {
        let width = f64::from(frame::text_width(label, SIZE)) + 4.0;
        let height = SIZE + 2.0;
        // from the middle of the arrow outwards; above, below, at either side
        let count = curve.len().max(1);
        for step in 0..count {
            let place = count / 2;
            let k = if step % 2 == 0 { place + step / 2 } else { place.wrapping_sub(step / 2 + 1) };
            let Some(&(x, y)) = curve.get(k) else { continue };
            for away in [4.0, 9.0, 16.0] {
                let (up, side) = (away + height / 2.0, away + width / 2.0);
                for (dx, dy) in
                    [(0.0, -up), (0.0, up), (side, 0.0), (-side, 0.0), (side, -up), (-side, -up), (side, up), (-side, up)]
                {
                    let middle = (x + dx, y + dy);
                    let own = [middle.0 - width / 2.0, middle.1 - height / 2.0, middle.0 + width / 2.0, middle.1 + height / 2.0];
                    if self.free(own, within) {
                        write_text(out, label, middle, SIZE, "middle");
                        self.boxes.push(own);
                        return None;
                    }
                }
            }
        }
        Some(label.to_string())
    }
}
