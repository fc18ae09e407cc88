//! Arrays and attributes of a file of HDF5, by their paths. Nothing of it is believed that the length of the file does not bear out.
//!
//! In: a file, whole, cut off, foreign or lying. Out: numbers, texts, or what is wrong and where. Not here: what they mean.

use std::path::{Path, PathBuf};

use super::error::SonataError;

/// A file of HDF5 that is read.
pub struct Hdf5 {
    path: PathBuf,
    #[cfg(feature = "hdf5")]
    file: hdf5_pure::File,
    #[cfg(feature = "hdf5")]
    bytes: u64,
}

/// What a dataset is a list of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "hdf5"), expect(dead_code, reason = "nothing is read without the crate that reads"))]
pub enum Kind {
    Numbers,
    Texts,
    /// A matrix, records, references.
    Other,
}

type Outcome<T> = Result<T, SonataError>;

#[cfg(not(feature = "hdf5"))]
mod without {
    use super::*;

    impl Hdf5 {
        pub fn open(path: &Path) -> Outcome<Hdf5> {
            let error = SonataError::new(path, "", "it is a file of HDF5, which this build of synfire does not read");
            Err(error.help("build it with the feature `hdf5`: cargo build --release --features hdf5"))
        }

        pub fn groups(&self, at: &str) -> Outcome<Vec<String>> {
            Err(self.wrong(at, "not read"))
        }

        pub fn datasets(&self, at: &str) -> Outcome<Vec<String>> {
            Err(self.wrong(at, "not read"))
        }

        pub fn kind(&self, at: &str) -> Outcome<Kind> {
            Err(self.wrong(at, "not read"))
        }

        pub fn numbers(&self, at: &str) -> Outcome<Vec<f64>> {
            Err(self.wrong(at, "not read"))
        }

        pub fn texts(&self, at: &str) -> Outcome<Vec<String>> {
            Err(self.wrong(at, "not read"))
        }

        pub fn said(&self, at: &str, _name: &str) -> Outcome<Option<String>> {
            Err(self.wrong(at, "not read"))
        }
    }
}

#[cfg(feature = "hdf5")]
mod with {
    use std::fmt::Display;

    use hdf5_pure::{DType, Dataset, File, Group};

    use super::*;

    /// Bytes that one byte of a file may unpack to: what deflate can do at its best.
    const UNPACKED: u64 = 1032;

    impl Hdf5 {
        /// **Errors** the system; no such file, or a broken one.
        pub fn open(path: &Path) -> Outcome<Hdf5> {
            let wrong = |error: &dyn Display| SonataError::new(path, "", format!("it cannot be read as HDF5: {error}"));
            let bytes = std::fs::metadata(path).map_err(|e| SonataError::new(path, "", format!("it cannot be read: {e}")))?.len();
            if !hdf5_pure::is_hdf5(path).map_err(|e| wrong(&e))? {
                let error = SonataError::new(path, "", "it is no file of HDF5: its first bytes are not those of one");
                return Err(error.help("a file of Git LFS that was not fetched is a short text: `git lfs pull` fetches it"));
            }
            let file = File::open_streaming(path).map_err(|e| wrong(&e))?;
            let end = file.superblock().eof_address;
            if end > bytes {
                let message = format!("it is cut off: it has {bytes} bytes of the {end} that it says it has");
                return Err(SonataError::new(path, "", message).help("fetch it again"));
            }
            Ok(Hdf5 { path: path.into(), file, bytes })
        }

        fn group(&self, at: &str) -> Outcome<Group> {
            if at.is_empty() {
                return Ok(self.file.root());
            }
            self.file.group(at).map_err(|e| self.wrong(at, format!("expected a group: {e}")))
        }

        fn dataset(&self, at: &str) -> Outcome<Dataset> {
            self.file.dataset(at).map_err(|e| self.wrong(at, format!("expected a dataset: {e}")))
        }

        /// Names of the groups in a group, in order.
        pub fn groups(&self, at: &str) -> Outcome<Vec<String>> {
            let mut names = self.group(at)?.groups().map_err(|e| self.wrong(at, e))?;
            names.sort();
            Ok(names)
        }

        /// Names of the datasets in a group, in order.
        pub fn datasets(&self, at: &str) -> Outcome<Vec<String>> {
            let mut names = self.group(at)?.datasets().map_err(|e| self.wrong(at, e))?;
            names.sort();
            Ok(names)
        }

        /// What a dataset is a list of.
        pub fn kind(&self, at: &str) -> Outcome<Kind> {
            let dataset = self.dataset(at)?;
            let list = dataset.shape().map_err(|e| self.wrong(at, e))?.len() == 1;
            Ok(match dataset.dtype().map_err(|e| self.wrong(at, e))? {
                DType::String | DType::VariableLengthString if list => Kind::Texts,
                DType::F32 | DType::F64 | DType::I8 | DType::I16 | DType::I32 | DType::I64 if list => Kind::Numbers,
                DType::U8 | DType::U16 | DType::U32 | DType::U64 if list => Kind::Numbers,
                _ => Kind::Other,
            })
        }

        /// Numbers of a list, of any type of number.
        ///
        /// **Errors** there is none; it is no list of numbers; whole numbers beyond 2^53; more than the file can hold.
        pub fn numbers(&self, at: &str) -> Outcome<Vec<f64>> {
            let (dataset, kind) = self.list(at)?;
            let wrong = |e: hdf5_pure::Error| self.wrong(at, e);
            let exact = |far: bool| if far { Err(self.wrong(at, "it has whole numbers beyond 2^53")) } else { Ok(()) };
            match kind {
                DType::F32 | DType::F64 => dataset.read_f64().map_err(wrong),
                DType::I8 | DType::I16 | DType::I32 | DType::I64 => {
                    let list = dataset.read_i64().map_err(wrong)?;
                    exact(list.iter().any(|x| x.unsigned_abs() > 1 << 53))?;
                    Ok(list.into_iter().map(|x| x as f64).collect())
                }
                DType::U8 | DType::U16 | DType::U32 | DType::U64 => {
                    let list = dataset.read_u64().map_err(wrong)?;
                    exact(list.iter().any(|x| *x > 1 << 53))?;
                    Ok(list.into_iter().map(|x| x as f64).collect())
                }
                other => Err(self.wrong(at, format!("expected numbers, found {other}"))),
            }
        }

        /// Texts of a list.
        ///
        /// **Errors** as [`Hdf5::numbers`].
        pub fn texts(&self, at: &str) -> Outcome<Vec<String>> {
            let (dataset, kind) = self.list(at)?;
            match kind {
                DType::String => dataset.read_string().map_err(|e| self.wrong(at, e)),
                DType::VariableLengthString => {
                    // many elements may name one long text
                    let all = dataset.vlen_string_payload_size().map_err(|e| self.wrong(at, e))?;
                    if all / UNPACKED > self.bytes {
                        return Err(
                            self.wrong(at, format!("its texts have {all} bytes, more than a file of {} bytes holds", self.bytes))
                        );
                    }
                    dataset.read_string().map_err(|e| self.wrong(at, e))
                }
                other => Err(self.wrong(at, format!("expected texts, found {other}"))),
            }
        }

        /// What an attribute of a group or a dataset says, if it is there.
        pub fn said(&self, at: &str, name: &str) -> Outcome<Option<String>> {
            let all = match self.file.dataset(at) {
                Ok(dataset) => dataset.attrs(),
                Err(_) => self.group(at)?.attrs(),
            };
            let all = all.map_err(|e| self.wrong(at, format!("its attributes: {e}")))?;
            let text = |value: &hdf5_pure::AttrValue| {
                let one = value.as_strings().filter(|list| list.len() == 1).map(|list| list[0].as_str());
                value.as_str().or(one).map(String::from)
            };
            Ok(all.get(name).and_then(text))
        }

        fn list(&self, at: &str) -> Outcome<(Dataset, DType)> {
            let dataset = self.dataset(at)?;
            let wrong = |e: hdf5_pure::Error| self.wrong(at, e);
            let shape = dataset.shape().map_err(wrong)?;
            let [count] = shape[..] else {
                return Err(self.wrong(at, format!("expected a list, found an array of shape {shape:?}")));
            };
            let each = dataset.element_size().map_err(wrong)?;
            if count.checked_mul(each).is_none_or(|all| all / UNPACKED > self.bytes) {
                let message =
                    format!("it says it has {count} elements of {each} bytes, more than a file of {} bytes holds", self.bytes);
                return Err(self.wrong(at, message));
            }
            let kind = dataset.dtype().map_err(wrong)?;
            Ok((dataset, kind))
        }
    }
}

impl Hdf5 {
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn wrong(&self, at: &str, what: impl std::fmt::Display) -> SonataError {
        SonataError::new(&self.path, at, what.to_string())
    }

    /// Whole numbers from 0 on of a list; those of a type with fractions too, where they have none.
    ///
    /// **Errors** as [`Hdf5::numbers`]; a number that is none of these.
    pub fn whole(&self, at: &str) -> Outcome<Vec<u64>> {
        let numbers = self.numbers(at)?;
        if let Some(k) = numbers.iter().position(|x| !(*x >= 0.0 && x.fract() == 0.0)) {
            return Err(self.wrong(at, format!("element {k}: expected a whole number from 0 on, found {}", numbers[k])));
        }
        Ok(numbers.into_iter().map(|x| x as u64).collect())
    }

    /// A list that is as long as another.
    pub fn of_length<T>(&self, at: &str, list: Vec<T>, length: usize, other: &str) -> Outcome<Vec<T>> {
        match list.len() == length {
            true => Ok(list),
            false => Err(self.wrong(at, format!("it has {} elements, and `{other}` has {length}", list.len()))),
        }
    }
}
