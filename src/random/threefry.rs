//! Threefry 4x32 with 13 rounds: four words from a counter and a key of four.
//!
//! In: counter and key. Out: four words, for one counter ([`threefry`]) or for many at once ([`threefry_many`]), where each
//! addition, rotation and xor runs over all of them in the widest instruction set at hand. Not here: what a counter is made of
//! (`super`).
//!
//! A round adds one half of the words to the other half, rotates the added half by a constant of the round and xors the sum
//! into it; after every fourth round the key is added again. There are no products, of which WGSL has no high words.
//!
//! # Why this one
//!
//! By figures of November 2026, beside Philox 4x32 (which synfire had before) and other numbers of rounds. The published record:
//! 12 rounds of Threefry and 7 of Philox pass all of TestU01's BigCrush; the authors publish known answers for 13 and 20, and
//! for 7 and 10. By the tests of this crate, on counters as they occur here, 8 rounds of Threefry and 6 of Philox are seen to
//! depend on their neighbours, 9 and 7 are not. Nanoseconds a block of four words on one core (Zen 5), one by one without
//! neighbours in the loop, then many side by side; last what Mesa's compiler expects for a block in WGSL on RDNA2 (inverse
//! throughput, in cycles):
//!
//! | generator | one | AVX2 | AVX-512 | GPU |
//! |---|---:|---:|---:|---:|
//! | Philox, 10 rounds | 6.7 | 2.3 | 0.95 | 448 |
//! | Philox, 7 rounds | 4.2 | 1.5 | 0.55 | 292 |
//! | Threefry, 20 rounds | 22.6 | 3.6 | 0.84 | 288 |
//! | Threefry, 13 rounds | 14.5 | 2.4 | 0.61 | 170 |
//! | Threefry, 12 rounds | 13.8 | 2.4 | 0.59 | 156 |
//!
//! Side by side, as all that is hot is drawn, a CPU does 13 rounds in the time of Philox with ten, a GPU in two fifths of it. A
//! thirteenth round costs next to nothing, has known answers and lies one above the fewest that the record allows.
//!
//! **Source** Salmon, Moraes, Dror and Shaw (2011), Parallel random numbers: as easy as 1, 2, 3 (section 3.2 and table 2);
//! rotations of the Random123 library.

use std::sync::OnceLock;

use pulp::{Arch, NullaryFnOnce};

/// Rounds.
pub const ROUNDS: usize = 13;

/// How far words 1 and 3 are rotated to the left, by round mod 8.
const ROTATIONS: [[u32; 2]; 8] = [[10, 26], [11, 21], [13, 27], [23, 5], [6, 20], [17, 11], [25, 10], [18, 20]];

/// Makes a key of zeros a schedule that is not all zeros.
const PARITY: u32 = 0x1BD1_1BDA;

/// Counters, or words, side by side: as many as fill the registers of AVX2.
pub const SIDE: usize = 32;

/// The four words of counters side by side: word, then counter.
pub type Many<const N: usize = SIDE> = [[u32; N]; 4];

/// The words of a counter.
#[inline]
pub fn threefry(counter: [u32; 4], key: [u32; 4]) -> [u32; 4] {
    let mut words = counter.map(|c| [c]);
    rounds(&mut words, key);
    words.map(|[w]| w)
}

/// The words of counters side by side, in place of the counters: the same bits as one by one.
#[inline]
pub fn threefry_many<const N: usize>(arch: Arch, words: &mut Many<N>, key: [u32; 4]) {
    arch.dispatch(Rounds(words, key));
}

/// The widest instruction set of this machine.
#[inline]
pub fn widest() -> Arch {
    static WIDEST: OnceLock<Arch> = OnceLock::new();
    *WIDEST.get_or_init(Arch::new)
}

struct Rounds<'a, const N: usize>(&'a mut Many<N>, [u32; 4]);

impl<const N: usize> NullaryFnOnce for Rounds<'_, N> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        // a copy that lies nowhere until it is done, so that it can stay in registers
        let mut words = *self.0;
        rounds(&mut words, self.1);
        *self.0 = words;
    }
}

#[inline(always)]
pub(super) fn rounds<const N: usize>(words: &mut Many<N>, [k0, k1, k2, k3]: [u32; 4]) {
    let schedule = [k0, k1, k2, k3, PARITY ^ k0 ^ k1 ^ k2 ^ k3];
    add_key(words, schedule, 0);
    // written out: a loop would look its rotations up, and compilers do not unroll this one on their own
    macro_rules! written_out {
        ($($round:literal)*) => {
            $(if $round < ROUNDS {
                // words 1 and 3 change places from round to round
                let (a, b) = if $round % 2 == 0 { (1, 3) } else { (3, 1) };
                mix(words, 0, a, const { ROTATIONS[$round % 8][0] });
                mix(words, 2, b, const { ROTATIONS[$round % 8][1] });
                if $round % 4 == 3 {
                    add_key(words, schedule, $round / 4 + 1);
                }
            })*
        };
    }
    written_out!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19);
}

const _: () = assert!(ROUNDS <= 20, "more rounds than are written out");

#[inline(always)]
#[expect(clippy::needless_range_loop, reason = "two rows of one array are walked together, one writing what the other reads")]
fn mix<const N: usize>(words: &mut Many<N>, to: usize, from: usize, left: u32) {
    for k in 0..N {
        words[to][k] = words[to][k].wrapping_add(words[from][k]);
        words[from][k] = words[from][k].rotate_left(left) ^ words[to][k];
    }
}

#[inline(always)]
fn add_key<const N: usize>(words: &mut Many<N>, schedule: [u32; 5], turn: usize) {
    for (i, word) in words.iter_mut().enumerate() {
        let key = schedule[(turn + i) % 5].wrapping_add(if i == 3 { turn as u32 } else { 0 });
        word.iter_mut().for_each(|w| *w = w.wrapping_add(key));
    }
}
