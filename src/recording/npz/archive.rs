//! Arrays in a zip archive, stored and little-endian.
//!
//! In: arrays of numbers under names. Out: a file that `numpy.load` opens, and back. Not here: which arrays make a
//! recording (`npz`).

use crate::recording::file::FileError;
use bytemuck::NoUninit;
use npyz::{AutoSerialize, WriterBuilder};
use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;
use zip::write::{SimpleFileOptions, ZipWriter};
use zip::{CompressionMethod, ZipArchive};

pub struct ArchiveWriter<W: Write + Seek> {
    zip: ZipWriter<Once<W>>,
}

impl<W: Write + Seek> ArchiveWriter<W> {
    pub fn new(out: W) -> ArchiveWriter<W> {
        ArchiveWriter { zip: ZipWriter::new(Once { out, failed: None, place: 0, end: 0 }) }
    }

    pub fn finish(self) -> io::Result<()> {
        let out = self.zip.finish()?;
        // the archive's writer may have gone on after it
        out.failed.map_or(Ok(()), Err)
    }

    pub fn vector<T: AutoSerialize + NoUninit>(&mut self, name: &str, values: impl ExactSizeIterator<Item = T>) -> io::Result<()> {
        self.array(name, &[values.len()], values)
    }

    pub fn array<T: AutoSerialize + NoUninit>(
        &mut self,
        name: &str,
        shape: &[usize],
        mut values: impl ExactSizeIterator<Item = T>,
    ) -> io::Result<()> {
        // past 4 GiB an entry needs the long form of the archive, which every reader of today knows
        let large = values.len() as u64 * size_of::<T>() as u64 > u64::from(u32::MAX) - 4096;
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored).large_file(large);
        self.zip.start_file(format!("{name}.npy"), options)?;
        let shape: Vec<u64> = shape.iter().map(|&length| length as u64).collect();
        let mut header = Vec::new();
        let (count, options) = (values.len(), npyz::WriteOptions::<T>::new().default_dtype().shape(&shape));
        drop(options.writer(&mut header).begin_nd()?);
        self.zip.write_all(&header)?;
        // number by number they would take longer than the disk does
        let mut block: Vec<T> = Vec::with_capacity(BLOCK.min(count));
        let mut done = 0;
        while done < count {
            block.clear();
            block.extend(values.by_ref().take(BLOCK.min(count - done)));
            if block.is_empty() {
                return Err(io::Error::other(format!("`{name}` has fewer numbers than it was said to have")));
            }
            done += block.len();
            self.zip.write_all(&little_endian(&block))?;
        }
        Ok(())
    }
}

/// Numbers that are handed to the archive at once, which sums a checksum per call.
const BLOCK: usize = 1 << 13;

/// As they stand in a file.
fn little_endian<T: NoUninit>(numbers: &[T]) -> Cow<'_, [u8]> {
    let bytes = bytemuck::cast_slice(numbers);
    if cfg!(target_endian = "little") {
        return Cow::Borrowed(bytes);
    }
    Cow::Owned(bytes.chunks_exact(size_of::<T>()).flat_map(|number| number.iter().rev().copied()).collect())
}

/// Fails once. A ZIP writer that is dropped after an error tries to end its archive, and prints that it cannot; here it
/// writes into nothing then.
struct Once<W> {
    out: W,
    /// The first error.
    failed: Option<io::Error>,
    /// Where the next byte would be, and the byte after the last.
    place: u64,
    end: u64,
}

/// The same error once more.
fn again(error: &io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code),
        None => io::Error::new(error.kind(), error.to_string()),
    }
}

impl<W> Once<W> {
    fn noted<T>(&mut self, done: io::Result<T>) -> io::Result<T> {
        done.inspect_err(|error| {
            if error.kind() != io::ErrorKind::Interrupted {
                self.failed = Some(again(error));
                // an archive that is ended now counts from where it is, and it may be amid what it has written
                self.place = self.end;
            }
        })
    }
}

impl<W: Write + Seek> Write for Once<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = if self.failed.is_some() {
            bytes.len()
        } else {
            let done = self.out.write(bytes);
            self.noted(done)?
        };
        self.place += count as u64;
        self.end = self.end.max(self.place);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.failed.is_some() {
            return Ok(());
        }
        let done = self.out.flush();
        self.noted(done)
    }
}

impl<W: Write + Seek> Seek for Once<W> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.place = if self.failed.is_some() {
            match to {
                SeekFrom::Start(place) => place,
                SeekFrom::End(by) => self.end.saturating_add_signed(by),
                SeekFrom::Current(by) => self.place.saturating_add_signed(by),
            }
        } else {
            let done = self.out.seek(to);
            self.noted(done)?
        };
        Ok(self.place)
    }
}

pub struct Archive<'p> {
    path: &'p Path,
    zip: ZipArchive<BufReader<File>>,
    /// Length of the file.
    bytes: u64,
}

impl Archive<'_> {
    pub fn open(path: &Path) -> Result<Archive<'_>, FileError> {
        let file = File::open(path).map_err(|e| FileError::read(path, e))?;
        let bytes = file.metadata().map_err(|e| FileError::read(path, e))?.len();
        let zip = ZipArchive::new(BufReader::new(file)).map_err(|e| FileError::read(path, e))?;
        Ok(Archive { path, zip, bytes })
    }

    pub fn wrong(&self, message: String) -> FileError {
        FileError::content(self.path, message)
    }

    /// The arrays that it holds.
    pub fn names(&self) -> Result<Vec<String>, FileError> {
        let mut names = Vec::new();
        for name in self.zip.file_names() {
            let name = name.map_err(|e| FileError::read(self.path, e))?;
            names.extend(name.strip_suffix(".npy").map(str::to_owned));
        }
        Ok(names)
    }

    pub fn has(&self, name: &str) -> bool {
        self.zip.index_for_name(&format!("{name}.npy")).is_some()
    }

    pub fn scalar<T: Number>(&mut self, name: &str) -> Result<T, FileError> {
        let values = self.array::<T>(name)?.1;
        match values[..] {
            [value] => Ok(value),
            _ => Err(self.wrong(format!("`{name}` has {} numbers, expected one", values.len()))),
        }
    }

    pub fn vector<T: Number>(&mut self, name: &str) -> Result<Vec<T>, FileError> {
        let (shape, values) = self.array(name)?;
        if shape.len() == 1 { Ok(values) } else { Err(self.wrong(format!("`{name}` has shape {shape:?}, expected a list"))) }
    }

    pub fn array<T: Number>(&mut self, name: &str) -> Result<(Vec<u64>, Vec<T>), FileError> {
        let path = self.path;
        let wrong = |what: String| FileError::content(path, format!("array `{name}`: {what}"));
        let entry = self.zip.by_name(&format!("{name}.npy")).map_err(|e| wrong(e.to_string()))?;
        // what unpacks to more than this is made to fill the memory
        let most = self.bytes.saturating_mul(64).saturating_add(1 << 20);
        let mut bytes = Vec::new();
        entry.take(most + 1).read_to_end(&mut bytes).map_err(|e| wrong(e.to_string()))?;
        if bytes.len() as u64 > most {
            return Err(wrong(format!("unpacks to more than {most} bytes")));
        }
        numbers(&bytes).map_err(wrong)
    }
}

/// Shape and numbers of one .npy, read here and not by npyz, which trusts the lengths that a header claims.
fn numbers<T: Number>(bytes: &[u8]) -> Result<(Vec<u64>, Vec<T>), String> {
    let (header, data) = match bytes.strip_prefix(b"\x93NUMPY").unwrap_or(&[]) {
        [1, _, a, b, rest @ ..] => rest.split_at_checked(u16::from_le_bytes([*a, *b]).into()),
        [2 | 3, _, a, b, c, d, rest @ ..] => rest.split_at_checked(u32::from_le_bytes([*a, *b, *c, *d]) as usize),
        _ => None,
    }
    .ok_or("no array of NumPy")?;
    let header = str::from_utf8(header).map_err(|e| e.to_string())?;
    let after = |key: &str| header.split_once(&format!("'{key}':")).map_or("", |(_, rest)| rest.trim_start());
    let kind = after("descr").strip_prefix('\'').and_then(|rest| rest.split_once('\'')).map_or("", |(kind, _)| kind);
    if kind.trim_start_matches(['<', '|']) != T::KIND {
        return Err(format!("type `{kind}`, expected `<{}`", T::KIND));
    }
    let shape = after("shape").strip_prefix('(').and_then(|rest| rest.split_once(')')).map_or("?", |(shape, _)| shape);
    let lengths = shape.split(',').map(str::trim).filter(|length| !length.is_empty()).map(str::parse);
    let lengths: Vec<u64> = lengths.collect::<Result<_, _>>().map_err(|_no_number| format!("shape ({shape})"))?;
    if lengths.len() > 1 && !after("fortran_order").starts_with("False") {
        return Err("columns first, expected rows first".into());
    }
    let claimed = lengths.iter().try_fold(size_of::<T>() as u64, |bytes, &length| bytes.checked_mul(length));
    if claimed != Some(data.len() as u64) {
        return Err(format!("shape ({shape}) does not fit {} bytes", data.len()));
    }
    Ok((lengths, data.chunks_exact(size_of::<T>()).map(T::from_bytes).collect()))
}

/// Numbers that the archives hold.
pub trait Number: Copy {
    /// As NumPy writes it, without the order of bytes.
    const KIND: &str;
    /// From exactly as many bytes as it has, little-endian.
    fn from_bytes(bytes: &[u8]) -> Self;
}

macro_rules! number {
    ($($type:ty: $kind:literal),*) => {$(
        impl Number for $type {
            const KIND: &str = $kind;

            fn from_bytes(bytes: &[u8]) -> $type {
                bytes.try_into().map_or(Default::default(), <$type>::from_le_bytes)
            }
        }
    )*};
}

number!(u8: "u1", u32: "u4", u64: "u8", f64: "f8");

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    /// Takes so many calls, then fails in each.
    struct Calls<'a> {
        out: Cursor<Vec<u8>>,
        left: &'a mut u32,
    }

    impl Calls<'_> {
        fn one(&mut self) -> io::Result<()> {
            *self.left = self.left.checked_sub(1).ok_or(io::ErrorKind::StorageFull)?;
            Ok(())
        }
    }

    impl Write for Calls<'_> {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.one()?;
            self.out.write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            self.one()
        }
    }

    impl Seek for Calls<'_> {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.one()?;
            self.out.seek(to)
        }
    }

    /// Whichever call fails, the error is given, and an archive of which every call went well has no part missing.
    #[test]
    fn an_error_of_any_call_is_told() {
        let archive = |mut calls: u32| {
            let mut archive = ArchiveWriter::new(Calls { out: Cursor::new(Vec::new()), left: &mut calls });
            archive.array("dt_ms", &[], [0.1f64].into_iter())?;
            archive.vector("a", (0..20_000).map(|x| x as f64))?;
            archive.vector("b", [1u32, 2].into_iter())?;
            archive.finish()?;
            Ok::<u32, io::Error>(calls)
        };
        let needed = 1_000_000 - archive(1_000_000).unwrap();
        assert!(needed > 20, "{needed}");
        for calls in 0..needed {
            assert_eq!(archive(calls).unwrap_err().kind(), io::ErrorKind::StorageFull, "{calls} of {needed}");
        }
    }

    #[test]
    fn a_header_is_not_believed() {
        let npy = |descr: &str, shape: &str, data: &[u8]| {
            let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n");
            [b"\x93NUMPY\x01\x00", &(header.len() as u16).to_le_bytes()[..], header.as_bytes(), data].concat()
        };
        assert_eq!(numbers::<u32>(&npy("<u4", "(1, 2)", &[1, 0, 0, 0, 0, 1, 0, 0])), Ok((vec![1, 2], vec![1, 256])));
        assert_eq!(numbers::<u8>(&npy("|u1", "()", &[7])), Ok((vec![], vec![7])));
        for shape in ["(3,)", "(4294967296, 4294967296)", "(18446744073709551615, 2)", "(-1,)", "(", "(x,)"] {
            assert!(numbers::<u32>(&npy("<u4", shape, &[0; 8])).is_err(), "{shape}");
        }
        for kind in ["<i4", ">u4", "<f4", "|O", ""] {
            assert!(numbers::<u32>(&npy(kind, "(2,)", &[0; 8])).is_err(), "{kind}");
        }
        assert!(numbers::<u32>(b"\x93NUMPY\x02\x00\xff\xff\xff\xff{").is_err());
    }
}
