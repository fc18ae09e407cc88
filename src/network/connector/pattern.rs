//! A kernel laid over every target of a population of the same shape. Nothing is drawn.
//!
//! Element (a, b) joins the source at (row + a - anchor row, column + b - anchor column) to the target at (row, column): what
//! machine learning calls a convolution and mathematics a correlation. A kernel of 1 x 1 joins one to one.

use super::matrix::Laid;
use crate::network::Border;

/// The element that meets the target's own place, if the user does not say: the middle; of an even size the last before it.
pub fn middle(size: usize) -> u64 {
    (size.max(1) as u64 - 1) / 2
}

/// The synapses of a kernel whose rows are of one length over populations of `shape` (rows, columns), target by target.
pub fn lay(kernel: &[Vec<f64>], shape: [u32; 2], anchor: [u64; 2], border: Border) -> Laid {
    let columns = kernel.first().map_or(0, Vec::len);
    let elements: Vec<(i64, i64, u32)> = (0..kernel.len() * columns)
        .filter(|k| kernel[k / columns][k % columns] != 0.0)
        .map(|k| ((k / columns) as i64 - anchor[0] as i64, (k % columns) as i64 - anchor[1] as i64, k as u32))
        .collect();
    let mut laid = Laid::default();
    for row in 0..shape[0] {
        for column in 0..shape[1] {
            for (down, right, place) in &elements {
                let at = (inside(i64::from(row) + down, shape[0], border), inside(i64::from(column) + right, shape[1], border));
                let (Some(r), Some(c)) = at else { continue };
                laid.source.push(r * shape[1] + c);
                laid.target.push(row * shape[1] + column);
                laid.place.push(*place);
            }
        }
    }
    laid
}

/// The place that a place at or beyond the edge means.
fn inside(at: i64, size: u32, border: Border) -> Option<u32> {
    let size = i64::from(size);
    let meant = match border {
        _ if (0..size).contains(&at) => at,
        Border::Drop => return None,
        Border::Wrap => at.rem_euclid(size),
        Border::Replicate => at.clamp(0, size - 1),
        Border::Reflect if size == 1 => 0,
        Border::Reflect => {
            let turn = at.rem_euclid(2 * (size - 1));
            turn.min(2 * (size - 1) - turn)
        }
    };
    u32::try_from(meant).ok()
}
