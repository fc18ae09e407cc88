//! Files of HDF5, written from front to back: groups, attributes, and datasets whose sizes are known before.
//!
//! In: a tree of groups, and numbers one after the other. Out: bytes that every HDF5 library since 1.8 reads. Not here: what is in such
//! a file (`sonata`), and what is needed by no file of ours: chunks, filters, groups of thousands.
//!
//! It is written here since the numbers of a matrix come a piece at a time from a file that memory need not hold, and go into a
//! file that gets its name when it is whole: crates in pure Rust append to lists alone, or hold a matrix as a whole.
//!
//! **Source**: The HDF Group, HDF5 File Format Specification 3.0: superblock 2, object headers 2, compact links, contiguous layout 3.

use std::io::{self, Error, ErrorKind, Write};

/// An address that leads nowhere.
const NOWHERE: u64 = u64::MAX;

/// Bytes of the superblock, which stands first.
const SUPERBLOCK: u64 = 48;

/// Bytes of numbers that are gathered before they are handed on.
const FULL: usize = 1 << 16;

/// Named groups and datasets.
#[derive(Default)]
pub struct Group<'d> {
    attributes: Vec<(String, Value)>,
    members: Vec<(String, Member<'d>)>,
}

enum Member<'d> {
    Group(Group<'d>),
    Dataset(Dataset<'d>),
}

/// Writes numbers, and says how many bytes they were.
type Numbers<'d> = Box<dyn FnOnce(&mut dyn Write) -> io::Result<u64> + 'd>;

/// An array of numbers.
pub struct Dataset<'d> {
    kind: Kind,
    shape: Vec<u64>,
    attributes: Vec<(String, Value)>,
    write: Numbers<'d>,
}

/// What an attribute says.
pub enum Value {
    Text(String),
    U32(u32),
    U32s(Vec<u32>),
    U64(u64),
    F64(f64),
    /// One of these words, by its number.
    Word(&'static [&'static str], u8),
}

/// What a number is.
#[derive(Clone, Copy)]
pub enum Kind {
    U32,
    U64,
    F32,
    F64,
}

/// A number that a file can hold.
pub trait Number: Copy {
    const KIND: Kind;
    fn put(self, to: &mut Vec<u8>);
}

macro_rules! number {
    ($type:ty, $kind:ident) => {
        impl Number for $type {
            const KIND: Kind = Kind::$kind;
            fn put(self, to: &mut Vec<u8>) {
                to.extend_from_slice(&self.to_le_bytes());
            }
        }
    };
}
number!(u32, U32);
number!(u64, U64);
number!(f32, F32);
number!(f64, F64);

impl<'d> Group<'d> {
    /// Says something of it.
    pub fn say(&mut self, name: &str, value: Value) {
        self.attributes.push((name.to_string(), value));
    }

    /// A group in it. No two members have one name, and none a `/` in it.
    pub fn group(&mut self, name: &str, group: Group<'d>) {
        self.members.push((name.to_string(), Member::Group(group)));
    }

    /// A dataset in it.
    pub fn dataset(&mut self, name: &str, dataset: Dataset<'d>) {
        self.members.push((name.to_string(), Member::Dataset(dataset)));
    }

    /// Writes it as the root of a file, with everything below it.
    ///
    /// **Errors** the system; what gives the numbers; an attribute or a name of more than 64 kB.
    pub fn write(self, out: &mut dyn Write) -> io::Result<()> {
        // addresses are as long as what they are, so that a first pass finds where numbers begin
        let mut first = Placed::default();
        first.group(&self)?;
        let mut placed = Placed { data_at: aligned(SUPERBLOCK + first.headers.len() as u64), ..Placed::default() };
        let root = placed.group(&self)?;
        out.write_all(&superblock(root, placed.data_at))?;
        out.write_all(&placed.headers)?;
        pad(out, SUPERBLOCK + placed.headers.len() as u64)?;
        self.numbers(out)
    }

    fn numbers(self, out: &mut dyn Write) -> io::Result<()> {
        for (name, member) in self.members {
            match member {
                Member::Group(group) => group.numbers(out)?,
                Member::Dataset(dataset) => {
                    let (bytes, room) = ((dataset.write)(out)?, dataset.kind.bytes() * dataset.shape.iter().product::<u64>());
                    if bytes != room {
                        return Err(Error::other(format!("`{name}` has {bytes} bytes, and room for {room}")));
                    }
                    pad(out, bytes)?;
                }
            }
        }
        Ok(())
    }
}

impl<'d> Dataset<'d> {
    /// A list.
    pub fn list<T: Number + 'd>(values: impl ExactSizeIterator<Item = T> + 'd) -> Dataset<'d> {
        Dataset::array(&[values.len() as u64], values)
    }

    /// An array of this shape, the last index fastest. As many values are given as fit.
    pub fn array<T: Number + 'd>(shape: &[u64], values: impl Iterator<Item = T> + 'd) -> Dataset<'d> {
        let write = move |out: &mut dyn Write| {
            let (mut bytes, mut count) = (Vec::with_capacity(FULL + 8), 0);
            for value in values {
                value.put(&mut bytes);
                if bytes.len() >= FULL {
                    out.write_all(&bytes)?;
                    count += bytes.len() as u64;
                    bytes.clear();
                }
            }
            out.write_all(&bytes)?;
            Ok(count + bytes.len() as u64)
        };
        Dataset { kind: T::KIND, shape: shape.to_vec(), attributes: Vec::new(), write: Box::new(write) }
    }

    /// Says something of it.
    #[must_use]
    pub fn said(mut self, name: &str, value: Value) -> Dataset<'d> {
        self.attributes.push((name.to_string(), value));
        self
    }
}

/// Headers of objects, one behind the other, and where the numbers of the next dataset are to be.
#[derive(Default)]
struct Placed {
    headers: Vec<u8>,
    data_at: u64,
}

impl Placed {
    /// The header of a group behind those of what is in it. Gives its address.
    fn group(&mut self, group: &Group) -> io::Result<u64> {
        let mut header = Header::default();
        header.message(0x02, &[&[0, 0][..], &NOWHERE.to_le_bytes(), &NOWHERE.to_le_bytes()].concat())?;
        header.message(0x0A, &[0, 0])?;
        for (name, member) in &group.members {
            let address = match member {
                Member::Group(group) => self.group(group)?,
                Member::Dataset(dataset) => self.dataset(dataset)?,
            };
            // a name in UTF-8, its length in two bytes
            let length = u16::try_from(name.len()).map_err(|_too_long| long(name))?;
            header.message(0x06, &[&[1, 0x11, 1][..], &length.to_le_bytes(), name.as_bytes(), &address.to_le_bytes()].concat())?;
        }
        header.attributes(&group.attributes)?;
        Ok(self.put(header))
    }

    fn dataset(&mut self, dataset: &Dataset) -> io::Result<u64> {
        let mut header = Header::default();
        header.message(0x01, &extent(&dataset.shape))?;
        header.message(0x03, &dataset.kind.described())?;
        // room is given when it is written, and no number stands for those that are not
        header.message(0x05, &[3, 0x0A])?;
        let bytes = dataset.kind.bytes() * dataset.shape.iter().product::<u64>();
        let at = if bytes == 0 { NOWHERE } else { self.data_at };
        self.data_at += aligned(bytes);
        header.message(0x08, &[&[3, 1][..], &at.to_le_bytes(), &bytes.to_le_bytes()].concat())?;
        header.attributes(&dataset.attributes)?;
        Ok(self.put(header))
    }

    fn put(&mut self, header: Header) -> u64 {
        let at = SUPERBLOCK + self.headers.len() as u64;
        self.headers.extend(header.finished());
        at
    }
}

/// The messages of an object.
#[derive(Default)]
struct Header(Vec<u8>);

impl Header {
    fn message(&mut self, kind: u8, content: &[u8]) -> io::Result<()> {
        let length = u16::try_from(content.len()).map_err(|_too_long| long(&String::from_utf8_lossy(&content[..40])))?;
        self.0.push(kind);
        self.0.extend(length.to_le_bytes());
        self.0.push(0);
        self.0.extend_from_slice(content);
        Ok(())
    }

    fn attributes(&mut self, attributes: &[(String, Value)]) -> io::Result<()> {
        for (name, value) in attributes {
            let (kind, shape, content) = value.described();
            let space = shape.map_or_else(|| vec![2, 0, 0, 0], |shape| extent(&[shape]));
            let length = |bytes: &[u8]| u16::try_from(bytes.len()).map_err(|_too_long| long(name));
            let named = [name.as_bytes(), &[0]].concat();
            let sizes = [length(&named)?, length(&kind)?, length(&space)?].map(u16::to_le_bytes).concat();
            self.message(0x0C, &[&[3, 0][..], &sizes, &[1], &named, &kind, &space, &content].concat())?;
        }
        Ok(())
    }

    fn finished(self) -> Vec<u8> {
        let mut out = b"OHDR\x02\x02".to_vec();
        out.extend((self.0.len() as u32).to_le_bytes());
        out.extend(self.0);
        out.extend(lookup3(&out).to_le_bytes());
        out
    }
}

impl Kind {
    fn bytes(self) -> u64 {
        match self {
            Kind::U32 | Kind::F32 => 4,
            Kind::U64 | Kind::F64 => 8,
        }
    }

    /// As a message of a datatype.
    fn described(self) -> Vec<u8> {
        match self {
            Kind::U32 => integer(4, false),
            Kind::U64 => integer(8, false),
            // bits of sign, exponent (place, length), mantissa (place, length), bias
            Kind::F32 => vec![0x11, 0x20, 31, 0, 4, 0, 0, 0, 0, 0, 32, 0, 23, 8, 0, 23, 127, 0, 0, 0],
            Kind::F64 => vec![0x11, 0x20, 63, 0, 8, 0, 0, 0, 0, 0, 64, 0, 52, 11, 0, 52, 0xFF, 3, 0, 0],
        }
    }
}

fn integer(bytes: u8, signed: bool) -> Vec<u8> {
    vec![0x10, if signed { 8 } else { 0 }, 0, 0, bytes, 0, 0, 0, 0, 0, bytes * 8, 0]
}

impl Value {
    /// Its datatype, its length if it is a list, its bytes.
    fn described(&self) -> (Vec<u8>, Option<u64>, Vec<u8>) {
        match self {
            // of a fixed length, in UTF-8; of none there is no type
            Value::Text(text) => {
                let length = (text.len() as u32).max(1);
                let bytes = if text.is_empty() { vec![0] } else { text.as_bytes().to_vec() };
                ([&[0x13, 0x11, 0, 0][..], &length.to_le_bytes()].concat(), None, bytes)
            }
            Value::U32(x) => (integer(4, false), None, x.to_le_bytes().to_vec()),
            Value::U32s(list) => (integer(4, false), Some(list.len() as u64), list.iter().flat_map(|x| x.to_le_bytes()).collect()),
            Value::U64(x) => (integer(8, false), None, x.to_le_bytes().to_vec()),
            Value::F64(x) => (Kind::F64.described(), None, x.to_le_bytes().to_vec()),
            Value::Word(words, chosen) => {
                let mut kind = [&[0x38, words.len() as u8, 0, 0, 1, 0, 0, 0][..], &integer(1, true)].concat();
                words.iter().for_each(|word| kind.extend([word.as_bytes(), &[0]].concat()));
                kind.extend(0..words.len() as u8);
                (kind, None, vec![*chosen])
            }
        }
    }
}

/// A message of a dataspace.
fn extent(shape: &[u64]) -> Vec<u8> {
    let mut out = vec![2, shape.len() as u8, 0, 1];
    out.extend(shape.iter().flat_map(|n| n.to_le_bytes()));
    out
}

fn superblock(root: u64, end: u64) -> Vec<u8> {
    let mut out = b"\x89HDF\r\n\x1a\n\x02\x08\x08\x00".to_vec();
    out.extend([0, NOWHERE, end, root].into_iter().flat_map(u64::to_le_bytes));
    out.extend(lookup3(&out).to_le_bytes());
    out
}

fn aligned(bytes: u64) -> u64 {
    bytes.next_multiple_of(8)
}

fn pad(out: &mut dyn Write, bytes: u64) -> io::Result<()> {
    out.write_all(&[0; 8][..(aligned(bytes) - bytes) as usize])
}

fn long(what: &str) -> Error {
    let shown: String = what.chars().take(40).collect();
    Error::new(ErrorKind::InvalidInput, format!("`{shown}...` takes more than the 64 kB that a file of HDF5 has for it"))
}

/// The sum over what stands before it. **Source**: Bob Jenkins, lookup3.c, `hashlittle`, public domain.
fn lookup3(bytes: &[u8]) -> u32 {
    let word = |part: &[u8], k: usize| {
        let at = |n: usize| u32::from(part.get(4 * k + n).copied().unwrap_or(0));
        at(0) | at(1) << 8 | at(2) << 16 | at(3) << 24
    };
    let start = 0xDEAD_BEEF_u32.wrapping_add(bytes.len() as u32);
    let [mut a, mut b, mut c] = [start; 3];
    let parts = bytes.chunks(12);
    let last = parts.len().saturating_sub(1);
    for (k, part) in parts.enumerate() {
        a = a.wrapping_add(word(part, 0));
        b = b.wrapping_add(word(part, 1));
        c = c.wrapping_add(word(part, 2));
        if k < last {
            a = a.wrapping_sub(c) ^ c.rotate_left(4);
            c = c.wrapping_add(b);
            b = b.wrapping_sub(a) ^ a.rotate_left(6);
            a = a.wrapping_add(c);
            c = c.wrapping_sub(b) ^ b.rotate_left(8);
            b = b.wrapping_add(a);
            a = a.wrapping_sub(c) ^ c.rotate_left(16);
            c = c.wrapping_add(b);
            b = b.wrapping_sub(a) ^ a.rotate_left(19);
            a = a.wrapping_add(c);
            c = c.wrapping_sub(b) ^ b.rotate_left(4);
            b = b.wrapping_add(a);
        } else {
            c = (c ^ b).wrapping_sub(b.rotate_left(14));
            a = (a ^ c).wrapping_sub(c.rotate_left(11));
            b = (b ^ a).wrapping_sub(a.rotate_left(25));
            c = (c ^ b).wrapping_sub(b.rotate_left(16));
            a = (a ^ c).wrapping_sub(c.rotate_left(4));
            b = (b ^ a).wrapping_sub(a.rotate_left(14));
            c = (c ^ b).wrapping_sub(b.rotate_left(24));
        }
    }
    c
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values of the driver in lookup3.c.
    #[test]
    fn sums_are_those_of_lookup3() {
        assert_eq!(lookup3(b""), 0xDEAD_BEEF);
        assert_eq!(lookup3(b"Four score and seven years ago"), 0x1777_0551);
    }

    #[test]
    fn numbers_that_do_not_fill_their_room_are_an_error() {
        let mut root = Group::default();
        root.dataset("a", Dataset::array(&[2, 2], [1u32, 2, 3].into_iter()));
        assert!(root.write(&mut Vec::new()).unwrap_err().to_string().contains("`a` has 12 bytes, and room for 16"));
        let mut root = Group::default();
        root.say("network", Value::Text("x".repeat(70_000)));
        assert!(root.write(&mut Vec::new()).unwrap_err().to_string().contains("64 kB"));
    }
}
