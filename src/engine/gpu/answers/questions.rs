//! The questions: what is given to each kernel of `shaders/answers`, and what must come back, worked out here in plain Rust.

use super::Outcome;
use crate::wgsl::join::{FUNCTIONS, RANDOM};

/// A kernel with a known answer.
pub struct Question {
    pub name: &'static str,
    /// Pieces of its module.
    pub source: Vec<&'static str>,
    pub entry: &'static str,
    pub given: Vec<u32>,
    pub groups: u32,
    /// One after the other.
    pub dispatches: u32,
    /// Words that the kernel writes, where they are more than those asked for.
    pub room: u64,
    pub expected: Expected,
}

/// What must come back.
pub enum Expected {
    /// These bits.
    Words(Vec<u32>),
    /// Numbers of f32: the exact result and how far off it may be.
    Near(Vec<(f64, f64)>),
    /// So many words, which `tell` puts in words; the flag: a software adapter.
    Either { words: usize, tell: fn(&[u32], bool) -> Outcome },
}

/// Turns of a loop that every adapter takes.
const SURE_TURNS: u32 = 32_768;
/// Turns of a loop that llvmpipe does not take: it stops after 65,535.
const MANY_TURNS: u32 = 70_000;

pub fn all() -> Vec<Question> {
    let mut list = vec![integers(), threefry(), floats(), patterns(), sums(), barrier(), uniform_load(), turns(), chain()];
    list.extend(levels());
    list
}

fn question(name: &'static str, source: &'static str, entry: &'static str, given: Vec<u32>, expected: Expected) -> Question {
    Question { name, source: vec![source], entry, given, groups: 1, dispatches: 1, room: 0, expected }
}

/// Words without a pattern.
fn words(count: usize) -> Vec<u32> {
    let next = |x: &u32| Some(x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
    std::iter::successors(Some(12_345u32), next).map(|x| x ^ (x >> 15)).take(count).collect()
}

fn integers() -> Question {
    let mut given = words(100);
    given.extend([0, 0, u32::MAX, u32::MAX, 1 << 31, 1, 1, 1 << 31, 0xffff, 0x1_0001]);
    let of = |a: u32, b: u32| {
        let trailing = if a == 0 { u32::MAX } else { a.trailing_zeros() };
        let arithmetic = ((a as i32) >> (b & 31)) as u32;
        let rounded = ((a as i32) / 256) as f32 as i32 as u32;
        [
            a.wrapping_mul(b),
            a.wrapping_add(b),
            a.wrapping_sub(b),
            a << (b & 31),
            arithmetic,
            a.leading_zeros(),
            trailing,
            a.count_ones(),
            a / b.max(1),
            rounded,
        ]
    };
    let expected = given.chunks_exact(2).flat_map(|p| of(p[0], p[1])).collect();
    let source = include_str!("../../../../shaders/answers/integers.wgsl");
    question("whole numbers", source, "integers", given, Expected::Words(expected))
}

/// Threefry 4x32-13: counter, key (its other two words are 0), words. The last two worked out apart from this crate.
///
/// **Source** of the first: known answers of Random123 (Salmon et al. 2011).
const THREEFRY: [([u32; 4], [u32; 2], [u32; 4]); 3] = [
    ([0; 4], [0; 2], [0x531c_7e4f, 0x3949_1ee5, 0x2c85_5a92, 0x3d6a_bf9a]),
    ([u32::MAX; 4], [u32::MAX; 2], [0x423f_fc78, 0x59fb_4c44, 0x003f_27ff, 0x5637_e250]),
    (
        [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
        [0xa409_3822, 0x299f_31d0],
        [0x5ca3_8d92, 0x9f71_2879, 0x0aaa_169e, 0x59d6_5e66],
    ),
];

fn threefry() -> Question {
    let given = THREEFRY.iter().flat_map(|(counter, key, _)| counter.iter().chain(key)).copied().collect();
    let high = |a: u32, b: u32| ((u64::from(a) * u64::from(b)) >> 32) as u32;
    let expected = THREEFRY.iter().flat_map(|(c, key, words)| words.iter().copied().chain([high(c[0], key[0])])).collect();
    let source = include_str!("../../../../shaders/answers/threefry.wgsl");
    let asked = question("random numbers", source, "threefry_words", given, Expected::Words(expected));
    Question { source: vec![RANDOM, source], ..asked }
}

/// The distance from a number to the next.
fn ulp(x: f64) -> f64 {
    libm::exp2(libm::floor(libm::log2(x.abs().max(f64::from(f32::MIN_POSITIVE)))) - 23.0)
}

fn floats() -> Question {
    // between 2^-20 and 2^20 in size, so that nothing leaves the normal numbers
    let number = |w: u32| f32::from_bits((w & 0x807f_ffff) | ((107 + (w >> 23) % 41) << 23));
    let mut numbers: Vec<f32> = words(300).into_iter().map(number).collect();
    numbers.extend([0.1, 10.0, -1.0, 1.0, 3.0, 0.0, -7.5, 1.0, 7.5]);
    let of = |a: f64, b: f64, c: f64| {
        let (sum, difference, product, quotient, root) = (a + b, a - b, a * b, a / b, a.abs().sqrt());
        // the bounds are those of WGSL: sums and products to one of the two neighbours, a quotient to 2.5, a root as a
        // quotient by an inverse root that is good to 2; fma may round its product
        let both = ulp(product) + ulp(product + c);
        [
            (sum, ulp(sum)),
            (difference, ulp(difference)),
            (product, ulp(product)),
            (quotient, 2.5 * ulp(quotient)),
            (root, 4.5 * ulp(root)),
            (product + c, both),
            (product + c, both),
            (a.floor(), 0.0),
        ]
    };
    let expected = numbers.chunks_exact(3).flat_map(|x| of(f64::from(x[0]), f64::from(x[1]), f64::from(x[2]))).collect();
    let given = numbers.iter().map(|x| x.to_bits()).collect();
    let source = include_str!("../../../../shaders/answers/floats.wgsl");
    Question { groups: 2, ..question("arithmetic", source, "floats", given, Expected::Near(expected)) }
}

fn patterns() -> Question {
    let given = vec![
        0x7fc0_0000, // NaN, of both signs and with other bits set
        0xffc0_0000,
        0x7fc0_0001,
        0xffff_ffff,
        0x7f80_0000, // infinity
        0xff80_0000,
        0x7f7f_ffff, // the largest numbers
        0xff7f_ffff,
        0x3f80_0000,
        0xbf80_0000,
        0x0000_0000,
        0x8000_0000,
        0x0080_0000, // the smallest normal number
    ];
    let of = |bits: &u32| {
        let x = f32::from_bits(*bits);
        let nan = u32::from(x.is_nan());
        nan | (2 * u32::from(x.is_finite())) | (4 * nan) | (8 * nan) | (16 * u32::from(x.is_nan() || x < 0.0))
    };
    let expected = given.iter().map(of).collect();
    let source = include_str!("../../../../shaders/answers/patterns.wgsl");
    Question {
        source: vec![FUNCTIONS, source],
        ..question("NaN and infinity", source, "patterns", given, Expected::Words(expected))
    }
}

fn sums() -> Question {
    const GROUPS: u32 = 64;
    let given: Vec<u32> = words(251).into_iter().map(|w| ((w % 65_537) as i32 - 32_768) as u32).collect();
    let mut expected = vec![0i32; 11];
    for id in 0..GROUPS * 64 {
        for k in 0..16 {
            let addend = given[(id + k) as usize % given.len()] as i32;
            expected[(id + k) as usize % 4] += addend;
            expected[4] += addend;
            expected[5 + (id % 64 + k) as usize % 4] += addend;
        }
    }
    expected[9] = -1;
    expected[10] = 1 - (GROUPS * 64) as i32;
    let expected = expected.into_iter().map(|x| x as u32).collect();
    let source = include_str!("../../../../shaders/answers/sums.wgsl");
    Question { groups: GROUPS, ..question("sums by atomics", source, "sums", given, Expected::Words(expected)) }
}

fn barrier() -> Question {
    let given = words(64);
    let mut own = given.clone();
    for k in 0..200u32 {
        own = (0..64).map(|lane| own[(lane + 37) % 64].wrapping_mul(3).wrapping_add(k)).collect();
        own = (0..64).map(|lane| own[(lane + 29) % 64] ^ k).collect();
    }
    let source = include_str!("../../../../shaders/answers/barrier.wgsl");
    question("barriers", source, "barrier", given, Expected::Words(own))
}

fn uniform_load() -> Question {
    let given: Vec<u32> = words(64).into_iter().map(|w| w % 5).collect();
    let of = |lane: u32| given.iter().flat_map(|turns| 0..*turns).map(|j| lane + j).sum();
    let mut expected: Vec<u32> = (0..64).map(of).collect();
    expected.push(64 * given.iter().sum::<u32>());
    let source = include_str!("../../../../shaders/answers/uniform_load.wgsl");
    question("uniform loads", source, "uniform_load", given, Expected::Words(expected))
}

const TURNS: &str = include_str!("../../../../shaders/answers/turns.wgsl");

fn after(turns: u32) -> [u32; 2] {
    let next = |word: u32, taken| (word ^ (word >> 15)).wrapping_mul(2_246_822_519).wrapping_add(taken);
    [(0..turns).fold(1, next), turns]
}

fn turns() -> Question {
    let given = vec![0, 1, 1000, SURE_TURNS];
    let expected = given.iter().flat_map(|turns| after(*turns)).collect();
    question("loops", TURNS, "turns", given, Expected::Words(expected))
}

fn chain() -> Question {
    const DISPATCHES: u32 = 16;
    let given = words(1024);
    let mut now: Vec<u32> = given.iter().map(|x| x.wrapping_mul(7)).collect();
    let mut before = vec![0; 1024];
    for number in 1..DISPATCHES {
        before = now;
        now = (0..1024).map(|k| before[(k * 5 + 331) % 1024].wrapping_mul(7).wrapping_add(number)).collect();
    }
    let halves = if DISPATCHES.is_multiple_of(2) { now.into_iter().chain(before) } else { before.into_iter().chain(now) };
    let expected = std::iter::repeat_n(DISPATCHES, 16).chain(halves).collect();
    let source = include_str!("../../../../shaders/answers/chain.wgsl");
    let asked = question("dispatches in order", source, "chain", given, Expected::Words(expected));
    Question { groups: 16, dispatches: DISPATCHES, ..asked }
}

/// What adapters may do in one way or another.
fn levels() -> [Question; 6] {
    let floats = |name, a: f32, b: f32, c: f32, tell| {
        let source = include_str!("../../../../shaders/answers/floats.wgsl");
        let given = [a, b, c].map(f32::to_bits).to_vec();
        Question { room: 8, ..question(name, source, "floats", given, Expected::Either { words: 8, tell }) }
    };
    // the square of 1 + 2^-12 ends in 2^-24, which rounding the product loses
    let x = 1.0 + 1.0 / 4096.0;
    [
        floats("fma(a, b, c)", x, x, -1.0 - 1.0 / 2048.0, |found, _| rounded(found, 5)),
        floats("a*b + c", x, x, -1.0 - 1.0 / 2048.0, |found, _| rounded(found, 6)),
        floats("numbers below 1.2e-38", f32::MIN_POSITIVE, 0.5, 0.0, |found, _| {
            let kept = found.get(2).is_some_and(|word| *word != 0);
            Outcome::Told(if kept { "kept".to_owned() } else { "taken as 0".to_owned() })
        }),
        undefined(),
        endless(),
        question("long loops", TURNS, "turns", vec![MANY_TURNS], Expected::Either { words: 2, tell: long_loop }),
    ]
}

/// What no number comes of, and what comparisons make of it. Kernels ask bits, so that a run stops wherever NaN is compared;
/// an adapter on which 0/0 were a number would go on.
fn undefined() -> Question {
    let given = [0.0f32, f32::INFINITY, -1.0, 15.0].map(f32::to_bits).to_vec();
    let source = include_str!("../../../../shaders/answers/undefined.wgsl");
    let asked = question("0/0, NaN compared", source, "undefined", given, Expected::Either { words: UNDEFINED, tell: no_numbers });
    Question { source: vec![FUNCTIONS, source], ..asked }
}

/// Words of the answer: five numbers, the bits of comparisons.
const UNDEFINED: usize = 6;

fn no_numbers(found: &[u32], _: bool) -> Outcome {
    let [numbers @ .., compared] = found else { return Outcome::Wrong("nothing came back".into()) };
    // log and sqrt are ours: the log of 0 is infinite, of -1 NaN as its root is
    let names = ["0/0", "inf - inf", "0*inf", "log(0)", "sqrt(-1)"];
    let right = |k: usize, x: f32| if k == 3 { x == f32::NEG_INFINITY } else { x.is_nan() };
    let numbers = names.iter().zip(numbers).enumerate().map(|(k, (name, bits))| (k, name, f32::from_bits(*bits)));
    let off: Vec<String> = numbers.filter(|(k, _, x)| !right(*k, *x)).map(|(_, name, x)| format!("{name} is {x}")).collect();
    if !off.is_empty() {
        return Outcome::Told(format!("{}: such networks go on where others stop", off.join(", ")));
    }
    let held: Vec<&str> =
        (0..).zip(["<", "<=", ">", ">=", "=="]).filter(|(k, _)| (compared >> k) & 1 == 1).map(|(_, w)| w).collect();
    Outcome::Told(match held.is_empty() {
        true => "NaN; no comparison with it holds".into(),
        false => format!("NaN; {} with it holds, which kernels guard against", held.join(" ")),
    })
}

/// Infinity that arises in a step: a rule may compare it (`1/x > 15`), and goes on as on the CPU where an adapter keeps it one.
fn endless() -> Question {
    let given = [0.0f32, 3e38, 200.0, 15.0].map(f32::to_bits).to_vec();
    let source = include_str!("../../../../shaders/answers/endless.wgsl");
    let expected = Expected::Either { words: 2 * ENDLESS.len(), tell: infinities };
    Question { source: vec![FUNCTIONS, source], ..question("infinity compared", source, "endless", given, expected) }
}

/// In which way it arises.
const ENDLESS: [&str; 4] = ["1/0", "3e38*15", "3e38 + 3e38", "exp(200)"];

fn infinities(found: &[u32], _: bool) -> Outcome {
    /// Eleven comparisons, all of which hold on the CPU.
    const ALL: u32 = (1 << 11) - 1;
    let each = || ENDLESS.iter().zip(found.chunks_exact(2));
    let other: Vec<String> = each()
        .filter(|(_, pair)| f32::from_bits(pair[0]) != f32::INFINITY)
        .map(|(way, pair)| format!("{way} is {}", f32::from_bits(pair[0])))
        .collect();
    let apart: Vec<&str> = each().filter(|(_, pair)| pair[1] != ALL).map(|(way, _)| *way).collect();
    if !other.is_empty() {
        return Outcome::Told(format!("{}: networks that pass through infinity may differ from the CPU", other.join(", ")));
    }
    Outcome::Told(match apart.is_empty() {
        true => "as on the CPU".into(),
        false => format!("otherwise than on the CPU, of {}: networks that compare it may differ", apart.join(", ")),
    })
}

fn rounded(found: &[u32], place: usize) -> Outcome {
    let fused = found.get(place).is_some_and(|word| f32::from_bits(*word) != 0.0);
    Outcome::Told(if fused { "rounded once: product and sum are fused".to_owned() } else { "rounded twice: not fused".to_owned() })
}

fn long_loop(found: &[u32], software: bool) -> Outcome {
    match found {
        found if *found == after(MANY_TURNS) => Outcome::Told(format!("{MANY_TURNS} turns are taken")),
        [_, taken] if software => Outcome::Told(format!("cut after {taken} turns, as a software adapter may; kernels stay below")),
        _ => Outcome::Wrong(format!("expected {MANY_TURNS} turns, found {:?}", found.get(1))),
    }
}
