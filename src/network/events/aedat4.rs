//! AEDAT 4.0, which DV and dv-processing write: a line of text, a header, packets of events.
//!
//! | bytes | |
//! | --- | --- |
//! | `#!AER-DAT4.0\r\n` | |
//! | header | FlatBuffer `IOHE`: compression, where the table at the end begins (-1: there is none), XML about the streams |
//! | packets | each the number of its stream i32, its length i32, and that many bytes: a FlatBuffer, compressed as the header says |
//! | table | FlatBuffer `FTAB`, where all packets begin: not needed here |
//!
//! A packet `EVTS` has elements of 16 bytes: time in µs i64, column i16, row i16, polarity u8, three bytes of nothing. All FlatBuffers
//! begin with their size, all numbers are little-endian.
//!
//! **Source**: iniVation, "AEDAT file formats", and the schemas published with dv-processing.

use std::io::Read;
use std::path::Path;

use super::flat::Flat;
use super::{Asked, Events, byte_error};
use crate::network::connector::table::TableError;

pub(super) const MAGIC: &[u8] = b"#!AER-DAT4.0\r\n";

/// How packets are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Packing {
    Plain,
    Lz4,
    Zstd,
}

pub(super) fn read(bytes: Vec<u8>, asked: &Asked<'_>) -> Result<Events, TableError> {
    let path = asked.path;
    let wrong = |at: usize, expected: &str, found: String| byte_error(path, at, expected, found);
    let at = MAGIC.len();
    if !bytes.starts_with(MAGIC) {
        return Err(wrong(0, "the line `#!AER-DAT4.0`", "another".into()));
    }
    let header = sized(&bytes, at).ok_or_else(|| wrong(at, "a header", "the end of the file".into()))?;
    let flat = Flat::read(header, b"IOHE").ok_or_else(|| wrong(at, "a header `IOHE`", "other bytes".into()))?;
    let packing = match flat.i32(0).unwrap_or(0) {
        0 => Packing::Plain,
        1 | 2 => Packing::Lz4,
        3 | 4 => Packing::Zstd,
        other => return Err(wrong(at, "packets without compression, of LZ4 or of Zstd", format!("compression {other}"))),
    };
    let end = match flat.i64(1).unwrap_or(-1) {
        -1 => bytes.len(),
        end => usize::try_from(end).ok().filter(|end| *end <= bytes.len() && *end >= at + 4 + header.len()).ok_or_else(|| {
            let found = format!("{} bytes: it is cut off", bytes.len());
            wrong(at, &format!("a table at byte {end}"), found)
        })?,
    };
    let about = flat.text(2).unwrap_or_default().to_string();

    let mut events = Events::of_pixels(1e3);
    (events.sheet, events.own_clock) = (sheet_of(&about), true);
    // what all packets together may unpack to
    let mut left = (bytes.len() as u64).max(1 << 20) * 64;
    let (mut at, mut stream, mut others) = (at + 4 + header.len(), None, 0);
    while at < end {
        let head = bytes.get(at..at + 8).filter(|_| at + 8 <= end);
        let Some(&[a, b, c, d, e, f, g, h]) = head else {
            return Err(wrong(at, "a packet", format!("{} bytes", end - at)));
        };
        let (own, size) = (i32::from_le_bytes([a, b, c, d]), i32::from_le_bytes([e, f, g, h]));
        let size = usize::try_from(size).ok().filter(|size| *size <= end - at - 8);
        let Some(size) = size else {
            return Err(wrong(at, "a packet that ends before the file", format!("{} bytes left", end - at - 8)));
        };
        let packed = &bytes[at + 8..at + 8 + size];
        let unpacked = match packing {
            Packing::Plain => None,
            _ => Some(unpack(path, at + 8, packed, packing, &mut left)?),
        };
        let plain = unpacked.as_deref().unwrap_or(packed);
        let packet = sized(plain, 0).ok_or_else(|| wrong(at + 8, "a packet of the size that it says", "another".into()))?;
        if packet.get(4..8) == Some(b"EVTS") {
            if *stream.get_or_insert(own) != own {
                return Err(wrong(at, "events of one stream", format!("those of {} and of {own}", stream.unwrap_or(own))));
            }
            let list = Flat::read(packet, b"EVTS").and_then(|flat| flat.structs(0, 16));
            let list = list.ok_or_else(|| wrong(at + 8, "a packet `EVTS`", "one with other bytes".into()))?;
            // where packets are not compressed, the byte is that of the event
            let begin = if unpacked.is_none() { list.as_ptr() as usize - bytes.as_ptr() as usize } else { at + 8 };
            for (k, event) in list.chunks_exact(16).enumerate() {
                let place = if unpacked.is_none() { begin + 16 * k } else { begin };
                pixel(&mut events, event).map_err(|found| {
                    let sheet =
                        events.sheet.map_or("a sheet of pixels".into(), |[w, h]| format!("a sheet of {w} columns and {h} rows"));
                    wrong(place, &format!("a pixel of {sheet}"), found)
                })?;
            }
        } else {
            others += 1;
        }
        at += 8 + size;
    }
    events.others = vec![(others, "packets of something else than events")];
    Ok(events)
}

/// An event of 16 bytes, or what is wrong with it.
fn pixel(events: &mut Events, bytes: &[u8]) -> Result<(), String> {
    let &[a, b, c, d, e, f, g, h, x0, x1, y0, y1, polarity, ..] = bytes else { return Err("nothing".into()) };
    let time = i64::from_le_bytes([a, b, c, d, e, f, g, h]);
    let (x, y) = (i16::from_le_bytes([x0, x1]), i16::from_le_bytes([y0, y1]));
    let inside = |x: u16, y: u16| events.sheet.is_none_or(|[columns, rows]| u32::from(x) < columns && u32::from(y) < rows);
    match (u16::try_from(x), u16::try_from(y)) {
        (Ok(x), Ok(y)) if inside(x, y) => {
            events.pixel(x, y, polarity != 0, time as f64);
            Ok(())
        }
        _ => Err(format!("column {x}, row {y}")),
    }
}

/// The bytes behind a size, if there are so many.
fn sized(bytes: &[u8], at: usize) -> Option<&[u8]> {
    let &[a, b, c, d] = bytes.get(at..at.checked_add(4)?)? else { return None };
    let size = usize::try_from(u32::from_le_bytes([a, b, c, d])).ok()?;
    bytes.get(at + 4..(at + 4).checked_add(size)?)
}

fn unpack(path: &Path, at: usize, packed: &[u8], packing: Packing, left: &mut u64) -> Result<Vec<u8>, TableError> {
    let mut bytes = Vec::new();
    let said = match packing {
        Packing::Zstd => match ruzstd::decoding::StreamingDecoder::new(packed) {
            Ok(decoder) => decoder.take(*left + 1).read_to_end(&mut bytes).map_err(|e| e.to_string()),
            Err(e) => Err(e.to_string()),
        },
        _ => lz4_flex::frame::FrameDecoder::new(packed).take(*left + 1).read_to_end(&mut bytes).map_err(|e| e.to_string()),
    };
    let expected = if packing == Packing::Zstd { "a packet of Zstd" } else { "a packet of LZ4" };
    said.map_err(|said| byte_error(path, at, expected, said))?;
    if bytes.len() as u64 > *left {
        return Err(byte_error(path, at, "packets of at most 64 MiB unpacked per MiB of file", "more"));
    }
    *left -= bytes.len() as u64;
    Ok(bytes)
}

/// Columns and rows of the first stream that has them: `<attr key="sizeX" type="int">346</attr>`.
fn sheet_of(about: &str) -> Option<[u32; 2]> {
    let number = |key: &str| {
        let rest = about.split_once(&format!("key=\"{key}\""))?.1.split_once('>')?.1;
        rest.split_once('<')?.0.trim().parse::<u32>().ok().filter(|n| (1..=65_536).contains(n))
    };
    Some([number("sizeX")?, number("sizeY")?])
}
