//! Bytes of a file of chunks: its beginning, the head of each chunk, the index and the foot.
//!
//! In: heads, columns. Out: bytes, and back, with every sum checked. Not here: which chunks there are (`native`).

use std::borrow::Cow;

/// How a file begins. A transfer that takes it for text, or cuts the eighth bit off, is seen by it.
pub const MAGIC: [u8; 12] = *b"\x89SYNFIRE\r\n\x1a\n";
pub const VERSION: u32 = 1;
/// Where the first chunk begins: behind the magic and the version.
pub const START: u64 = 16;
/// Bytes of a head.
pub const HEAD: usize = 48;
/// Bytes of a place in the index: where a chunk begins, and its head.
pub const PLACE: usize = 8 + HEAD;
/// Bytes at the end of a file that tell where the index begins.
pub const FOOT: usize = 16;
const MARK: [u8; 4] = *b"CHNK";
const END_MARK: [u8; 4] = *b"FOOT";

/// What a chunk holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// JSON: what is recorded of what.
    About = 1,
    /// f64 `[neuron, 3]`: um.
    Positions = 2,
    /// u64 `[spike]`, u32 `[spike]`: steps, neurons.
    Spikes = 3,
    /// u64 `[bin]`: spikes in each bin that the steps of the chunk touch.
    Counts = 4,
    /// f32 `[sample, number]`.
    Samples32 = 5,
    /// f64 `[sample, number]`.
    Samples64 = 6,
    /// u64, u32, f32 `[spike]`: steps, synapses, values.
    AtSpikes32 = 7,
    /// u64, u32, f64 `[spike]`: steps, synapses, values.
    AtSpikes64 = 8,
    /// Nothing: all taps have all chunks up to a step.
    Complete = 9,
    /// JSON: how the run ended.
    End = 10,
    /// A place for each chunk.
    Index = 11,
}

impl Kind {
    const ALL: [Kind; 11] = [
        Kind::About,
        Kind::Positions,
        Kind::Spikes,
        Kind::Counts,
        Kind::Samples32,
        Kind::Samples64,
        Kind::AtSpikes32,
        Kind::AtSpikes64,
        Kind::Complete,
        Kind::End,
        Kind::Index,
    ];

    /// Is it of what a tap took?
    pub fn is_of_a_tap(self) -> bool {
        (Kind::Spikes as u32..=Kind::AtSpikes64 as u32).contains(&(self as u32))
    }
}

/// What stands before the columns of a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    pub kind: Kind,
    /// Of which tap: instance · taps + tap; of positions: of which population.
    pub place: u32,
    /// Numbers of a sample; 0 where there are none.
    pub width: u32,
    /// The chunk is about the steps behind this one.
    pub first: u64,
    /// So many. Of positions: neurons.
    pub steps: u64,
    /// Of the columns.
    pub bytes: u64,
    /// CRC-32 of the columns.
    pub sum: u32,
}

impl Head {
    pub fn to_bytes(self) -> [u8; HEAD] {
        let mut out = [0; HEAD];
        let mut at = 0;
        let mut put = |bytes: &[u8]| {
            out[at..at + bytes.len()].copy_from_slice(bytes);
            at += bytes.len();
        };
        put(&MARK);
        put(&(self.kind as u32).to_le_bytes());
        put(&self.place.to_le_bytes());
        put(&self.width.to_le_bytes());
        put(&self.first.to_le_bytes());
        put(&self.steps.to_le_bytes());
        put(&self.bytes.to_le_bytes());
        put(&self.sum.to_le_bytes());
        let sum = crc32fast::hash(&out[..HEAD - 4]);
        out[HEAD - 4..].copy_from_slice(&sum.to_le_bytes());
        out
    }

    /// **Errors** bytes that are no head, or are damaged.
    pub fn from_bytes(bytes: &[u8]) -> Result<Head, String> {
        if bytes.len() != HEAD || bytes[..4] != MARK {
            return Err("no chunk begins here".into());
        }
        if crc32fast::hash(&bytes[..HEAD - 4]) != u32_at(bytes, HEAD - 4) {
            return Err("the head of this chunk is damaged: its sum does not fit".into());
        }
        let number = u32_at(bytes, 4);
        let Some(kind) = Kind::ALL.into_iter().find(|kind| *kind as u32 == number) else {
            return Err(format!("a chunk of a kind that is not known, {number}"));
        };
        Ok(Head {
            kind,
            place: u32_at(bytes, 8),
            width: u32_at(bytes, 12),
            first: u64_at(bytes, 16),
            steps: u64_at(bytes, 24),
            bytes: u64_at(bytes, 32),
            sum: u32_at(bytes, 40),
        })
    }
}

/// The last bytes of a file whose index begins here.
pub fn foot(index: u64) -> [u8; FOOT] {
    let mut out = [0; FOOT];
    out[..8].copy_from_slice(&index.to_le_bytes());
    let sum = crc32fast::hash(&out[..8]);
    out[8..12].copy_from_slice(&sum.to_le_bytes());
    out[12..].copy_from_slice(&END_MARK);
    out
}

/// Where the index begins; `None`: these bytes are no foot.
pub fn index_of(bytes: &[u8; FOOT]) -> Option<u64> {
    let index = u64_at(bytes, 0);
    (foot(index) == *bytes).then_some(index)
}

/// Numbers of one kind, as they stand in a chunk.
#[derive(Clone, Debug)]
pub enum Column {
    U8(Vec<u8>),
    U32(Vec<u32>),
    U64(Vec<u64>),
    F32(Vec<f32>),
    F64(Vec<f64>),
}

impl Column {
    /// Little-endian.
    pub fn bytes(&self) -> Cow<'_, [u8]> {
        if cfg!(target_endian = "little") {
            return Cow::Borrowed(match self {
                Column::U8(x) => x,
                Column::U32(x) => bytemuck::cast_slice(x),
                Column::U64(x) => bytemuck::cast_slice(x),
                Column::F32(x) => bytemuck::cast_slice(x),
                Column::F64(x) => bytemuck::cast_slice(x),
            });
        }
        Cow::Owned(match self {
            Column::U8(x) => x.clone(),
            Column::U32(x) => x.iter().flat_map(|x| x.to_le_bytes()).collect(),
            Column::U64(x) => x.iter().flat_map(|x| x.to_le_bytes()).collect(),
            Column::F32(x) => x.iter().flat_map(|x| x.to_le_bytes()).collect(),
            Column::F64(x) => x.iter().flat_map(|x| x.to_le_bytes()).collect(),
        })
    }
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    bytes.get(at..at + N).and_then(|part| part.try_into().ok()).unwrap_or([0; N])
}

pub fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(array(bytes, at))
}

pub fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(array(bytes, at))
}

pub fn u32s(bytes: &[u8]) -> Vec<u32> {
    bytes.chunks_exact(4).map(|x| u32::from_le_bytes(array(x, 0))).collect()
}

pub fn u64s(bytes: &[u8]) -> Vec<u64> {
    bytes.chunks_exact(8).map(|x| u64::from_le_bytes(array(x, 0))).collect()
}

/// Numbers in single precision, in double.
pub fn f32s(bytes: &[u8]) -> Vec<f64> {
    bytes.chunks_exact(4).map(|x| f64::from(f32::from_le_bytes(array(x, 0)))).collect()
}

pub fn f64s(bytes: &[u8]) -> Vec<f64> {
    bytes.chunks_exact(8).map(|x| f64::from_le_bytes(array(x, 0))).collect()
}
