//! AEDAT 2.0, which jAER writes: lines of text, then 8 bytes an event, big-endian: an address, a time in µs.
//!
//! What an address means depends on the camera. Its columns run from right to left, its rows from the bottom, in all of these:
//!
//! | | column | row | brighter | no event |
//! | --- | --- | --- | --- | --- |
//! | DVS128 | bits 1 to 7 | bits 8 to 14 | bit 0 is 0 | a bit above 14 |
//! | DAVIS | bits 12 to 21 | bits 22 to 30 | bit 11 is 1 | bit 31 (a sample of a picture or of motion), bit 10 (a signal from outside) |
//!
//! **Source**: iniVation, "AEDAT file formats"; the event extractors of jAER, which decide where the two differ (the polarity of the
//! DVS128, the direction of columns).

use serde::{Deserialize, Serialize};

use super::{Asked, Events, byte_error};
use crate::network::connector::table::TableError;

/// Whose addresses they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Camera {
    /// 128 by 128 pixels, without pictures.
    Dvs128,
    /// 128 by 128 pixels.
    Davis128,
    /// 208 by 192 pixels.
    Davis208,
    /// 240 by 180 pixels.
    Davis240,
    /// 346 by 260 pixels.
    Davis346,
    /// 640 by 480 pixels.
    Davis640,
}

/// All of them, by the part of the name of jAER's class that tells them, with columns and rows.
const CAMERAS: [(&str, Camera, [u32; 2]); 6] = [
    ("dvs128", Camera::Dvs128, [128, 128]),
    ("davis128", Camera::Davis128, [128, 128]),
    ("davis208", Camera::Davis208, [208, 192]),
    ("davis240", Camera::Davis240, [240, 180]),
    ("davis346", Camera::Davis346, [346, 260]),
    ("davis640", Camera::Davis640, [640, 480]),
];

/// The last line of a header, where it has one.
const LAST: &str = "#End Of ASCII Header";

pub(super) fn read(bytes: Vec<u8>, asked: &Asked<'_>) -> Result<Events, TableError> {
    let (mut at, mut said) = (0, None);
    while let Some(line) = header_line(&bytes[at..]) {
        at += line.len() + 2;
        if let Some(class) = line.strip_prefix("# AEChip:") {
            said = Some(class.trim().to_string());
        }
        if line.starts_with(LAST) {
            break;
        }
    }
    let class = said.as_deref().unwrap_or_default().to_ascii_lowercase();
    let known = match asked.camera {
        Some(camera) => CAMERAS.iter().find(|(_, own, _)| *own == camera),
        None => CAMERAS.iter().find(|(name, ..)| class.contains(name)),
    };
    let Some((_, camera, sheet)) = known else {
        let names = CAMERAS.map(|(name, ..)| format!("`{name}`")).join(", ");
        let found = said.map_or("none in the header".into(), |class| format!("`{class}`"));
        return Err(byte_error(asked.path, 0, format!("a camera whose addresses are known (`camera`: {names})"), found));
    };
    let [columns, rows] = *sheet;

    let mut events = Events::of_pixels(1e3);
    (events.sheet, events.own_clock) = (Some(*sheet), true);
    let (mut samples, mut signals) = (0, 0);
    let (mut last, mut turns) = (0, 0u64);
    let records = bytes[at..].chunks_exact(8);
    if !records.remainder().is_empty() {
        let left = records.remainder().len();
        return Err(byte_error(asked.path, bytes.len() - left, "events of 8 bytes each", format!("{left} bytes at the end")));
    }
    for (k, record) in records.enumerate() {
        let &[a, b, c, d, e, f, g, h] = record else { continue };
        let (address, time) = (u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes([e, f, g, h]));
        // the clock has run over, and did not step back
        turns += u64::from(last > time && last - time > 1 << 31);
        last = time;
        let (column, row, on) = if *camera == Camera::Dvs128 {
            if address >> 15 != 0 {
                signals += 1;
                continue;
            }
            ((address >> 1) & 0x7f, (address >> 8) & 0x7f, address & 1 == 0)
        } else {
            if address >> 31 != 0 {
                samples += 1;
                continue;
            }
            if address >> 10 & 1 != 0 {
                signals += 1;
                continue;
            }
            ((address >> 12) & 0x3ff, (address >> 22) & 0x1ff, address >> 11 & 1 == 1)
        };
        if column >= columns || row >= rows {
            let expected = format!("a pixel of a camera of {columns} columns and {rows} rows");
            return Err(byte_error(asked.path, at + 8 * k, expected, format!("column {column}, row {row} from the right bottom")));
        }
        // below 2^10 both
        events.pixel((columns - 1 - column) as u16, (rows - 1 - row) as u16, on, ((turns << 32) + u64::from(time)) as f64);
    }
    events.others = vec![(samples, "samples of pictures or of motion"), (signals, "signals from outside")];
    Ok(events)
}

/// A line of text that begins with `#` and ends with two bytes, without these.
fn header_line(bytes: &[u8]) -> Option<&str> {
    let end = bytes.iter().position(|b| *b < b' ' && *b != b'\t')?;
    let line = bytes.get(..end).filter(|line| line.starts_with(b"#") && bytes[end..].starts_with(b"\r\n"))?;
    // what is no UTF-8 is no line either, and an event then
    str::from_utf8(line).ok()
}
