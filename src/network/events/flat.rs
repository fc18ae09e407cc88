//! The little of FlatBuffers that is needed to read a table: numbers, a text, a list of structs. Nothing is believed: what lies outside of
//! the bytes is not there.
//!
//! **Source**: "FlatBuffers Binary Format" of the FlatBuffers project.

/// A table of a buffer whose size stands before it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flat<'a> {
    bytes: &'a [u8],
    table: usize,
    /// Where its fields are told.
    fields: usize,
}

impl<'a> Flat<'a> {
    /// The root of a buffer with this name.
    pub fn read(bytes: &'a [u8], name: &[u8; 4]) -> Option<Flat<'a>> {
        if bytes.get(4..8)? != name {
            return None;
        }
        let table = usize::try_from(u32_at(bytes, 0)?).ok()?;
        // the list of fields stands before the table, or behind it
        let back = i64::from(u32_at(bytes, table)? as i32);
        let fields = usize::try_from(i64::try_from(table).ok()?.checked_sub(back)?).ok()?;
        Some(Flat { bytes, table, fields })
    }

    /// Where a field stands; `None`: it is not there and has its default.
    fn place(&self, field: usize) -> Option<usize> {
        let size = usize::from(u16_at(self.bytes, self.fields)?);
        let entry = 4 + 2 * field;
        if entry + 2 > size {
            return None;
        }
        match u16_at(self.bytes, self.fields.checked_add(entry)?)? {
            0 => None,
            offset => self.table.checked_add(offset.into()),
        }
    }

    pub fn i32(&self, field: usize) -> Option<i32> {
        Some(u32_at(self.bytes, self.place(field)?)? as i32)
    }

    pub fn i64(&self, field: usize) -> Option<i64> {
        let place = self.place(field)?;
        let (low, high) = (u32_at(self.bytes, place)?, u32_at(self.bytes, place.checked_add(4)?)?);
        Some((u64::from(high) << 32 | u64::from(low)) as i64)
    }

    /// The bytes of a list whose elements have so many.
    pub fn structs(&self, field: usize, each: usize) -> Option<&'a [u8]> {
        let Some(place) = self.place(field) else {
            // an empty list need not stand there
            return Some(&[]);
        };
        let begin = place.checked_add(usize::try_from(u32_at(self.bytes, place)?).ok()?)?;
        let count = usize::try_from(u32_at(self.bytes, begin)?).ok()?;
        let first = begin.checked_add(4)?;
        self.bytes.get(first..first.checked_add(count.checked_mul(each)?)?)
    }

    pub fn text(&self, field: usize) -> Option<&'a str> {
        self.place(field)?;
        // what is no UTF-8 is no text
        str::from_utf8(self.structs(field, 1)?).ok()
    }
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let &[a, b, c, d] = bytes.get(at..at.checked_add(4)?)? else { return None };
    Some(u32::from_le_bytes([a, b, c, d]))
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let &[a, b] = bytes.get(at..at.checked_add(2)?)? else { return None };
    Some(u16::from_le_bytes([a, b]))
}
