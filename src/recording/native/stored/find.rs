//! Where chunks are: from the index where it is right, else by looking through the file.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use super::Found;
use crate::recording::file::FileError;
use crate::recording::native::layout::{FOOT, HEAD, Head, Kind, MAGIC, PLACE, START, VERSION, index_of, u32_at, u64_at};

/// The chunks of a file.
pub struct All {
    /// Up to the last that is complete.
    pub chunks: Vec<Found>,
    /// Where the file ends to make sense, and why.
    pub cut: Option<(u64, String)>,
}

/// **Errors** the system; a file that is none of chunks, or a newer one.
pub fn all(path: &Path, file: &mut File) -> Result<All, FileError> {
    let read = |e: std::io::Error| FileError::read(path, e);
    let about = file.metadata().map_err(read)?;
    if !about.is_file() {
        return Err(FileError::content(path, "it is no regular file"));
    }
    let bytes = about.len();
    let mut beginning = Vec::new();
    file.take(START).read_to_end(&mut beginning).map_err(read)?;
    if beginning.len() < START as usize || beginning[..12] != MAGIC {
        let what = "byte 0: it is no recording in chunks: it does not begin as one";
        return Err(FileError::content(path, what));
    }
    let version = u32_at(&beginning, 12);
    if version != VERSION {
        let help = "read it with the version of synfire that wrote it, or a later one";
        let what = format!("byte 12: version {version} of the form, and {VERSION} is known\n  help: {help}");
        return Err(FileError::content(path, what));
    }
    match indexed(file, bytes).map_err(read)? {
        Some(chunks) => Ok(All { chunks, cut: None }),
        None => looked_through(file, bytes).map_err(read),
    }
}

/// What the index says, if it is there, undamaged, and of this file: chunk on chunk, from the beginning up to itself.
fn indexed(file: &mut File, bytes: u64) -> std::io::Result<Option<Vec<Found>>> {
    let Some(at) = bytes.checked_sub(FOOT as u64).filter(|at| *at >= START) else { return Ok(None) };
    let mut foot = [0; FOOT];
    file.seek(SeekFrom::Start(at))?;
    file.read_exact(&mut foot)?;
    let Some(begins) = index_of(&foot).filter(|begins| *begins >= START && *begins <= at) else { return Ok(None) };
    let mut own = Vec::new();
    file.seek(SeekFrom::Start(begins))?;
    file.take(at - begins).read_to_end(&mut own)?;
    let Some((head, places)) = own.split_at_checked(HEAD) else { return Ok(None) };
    let right = Head::from_bytes(head)
        .is_ok_and(|head| head.kind == Kind::Index && head.bytes == places.len() as u64 && head.sum == crc32fast::hash(places));
    if !right || !places.len().is_multiple_of(PLACE) {
        return Ok(None);
    }
    let mut chunks = Vec::with_capacity(places.len() / PLACE);
    let mut next = START;
    for place in places.chunks_exact(PLACE) {
        let Ok(head) = Head::from_bytes(&place[8..]) else { return Ok(None) };
        let end = next.checked_add(HEAD as u64).and_then(|end| end.checked_add(head.bytes)).filter(|end| *end <= begins);
        let (Some(end), true) = (end, u64_at(place, 0) == next) else { return Ok(None) };
        chunks.push(Found { at: next, head });
        next = end;
    }
    let ended = chunks.last().is_some_and(|last| last.head.kind == Kind::End);
    Ok((next == begins && ended).then_some(chunks))
}

/// Chunk after chunk as far as they are whole; of a file without an end, up to the last mark that all is there.
fn looked_through(file: &mut File, bytes: u64) -> std::io::Result<All> {
    let (mut chunks, mut at): (Vec<Found>, u64) = (Vec::new(), START);
    let why = loop {
        let left = bytes.saturating_sub(at);
        if left == 0 {
            break "the file ends before the run did".to_string();
        }
        file.seek(SeekFrom::Start(at))?;
        let mut head = Vec::new();
        file.take(HEAD as u64).read_to_end(&mut head)?;
        if head.len() < HEAD {
            break "the file ends amid the head of a chunk".into();
        }
        let head = match Head::from_bytes(&head) {
            Ok(head) => head,
            Err(why) => break why,
        };
        if head.bytes > left - HEAD as u64 {
            break format!("the file ends amid a chunk of {} bytes", head.bytes);
        }
        if sum(file, head.bytes)? != head.sum {
            break "this chunk is damaged: its sum does not fit".into();
        }
        if head.kind == Kind::Index {
            break "an index before the end of the run".into();
        }
        chunks.push(Found { at, head });
        at += HEAD as u64 + head.bytes;
        // what stands behind the end is the index, which is made again
        if head.kind == Kind::End {
            return Ok(All { chunks, cut: None });
        }
    };
    let complete = chunks.iter().rposition(|found| found.head.kind == Kind::Complete).map_or(1, |last| last + 1);
    chunks.truncate(complete);
    Ok(All { chunks, cut: Some((at, why)) })
}

/// The sum of the bytes that follow in a file, a part at a time.
fn sum(file: &mut File, bytes: u64) -> std::io::Result<u32> {
    let (mut sum, mut left) = (crc32fast::Hasher::new(), bytes);
    let mut part = vec![0; left.min(1 << 18) as usize];
    while left > 0 {
        let length = left.min(part.len() as u64) as usize;
        let length = file.read(&mut part[..length])?;
        if length == 0 {
            break;
        }
        sum.update(&part[..length]);
        left -= length as u64;
    }
    Ok(sum.finalize())
}
