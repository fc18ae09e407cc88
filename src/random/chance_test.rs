use super::*;
use crate::random::widest;

/// From every class and both ways, ends of classes, and what is no probability.
const PROBABILITIES: [f32; 16] = [
    -1.0,
    0.0,
    1e-40,
    1e-6,
    1.0 / 4096.0,
    0.0003,
    0.001_498_876,
    1.0 / 512.0,
    0.003_9,
    0.0123,
    0.015_624_999,
    1.0 / 64.0,
    0.02,
    0.5,
    1.0,
    f32::NAN,
];

fn chance(step: u64) -> Chance {
    Key { seed: 0x1234_5678_9abc }.chance(0x5000_7001, 3, step)
}

fn hits(first: u32, mask: &[f32]) -> Vec<u32> {
    assert!(mask.iter().all(|x| *x == 0.0 || *x == 1.0));
    (first..).zip(mask).filter(|(_, x)| **x == 1.0).map(|(row, _)| row).collect()
}

#[test]
fn levels_are_powers() {
    for (class, levels) in (CLASSES[0]..).zip(LEVELS) {
        let q = 1.0 - libm::ldexp(1.0, -(class as i32));
        let mut before = 1.0;
        for (k, level) in levels.into_iter().enumerate() {
            let level = f64::from(level) / 4_294_967_296.0;
            let exact = libm::pow(q, (k + 1) as f64);
            assert!((level - exact).abs() < 33.0 * libm::ldexp(1.0, -33), "{class} {k}: {level} {exact}");
            // the probability of a candidate, given that none came before
            let candidate = 1.0 - level / before;
            assert!((candidate / (1.0 - q) - 1.0).abs() <= libm::ldexp(1.002, -21), "{class} {k}: {candidate}");
            before = level;
        }
    }
}

/// Whichever rows are asked for, and in whichever way.
#[test]
fn many_rows_are_those_one_by_one() {
    for (k, (arch, first, rows)) in
        [(widest(), 0, 1000), (Arch::Scalar, 1003, 200), (widest(), 70, 3000), (widest(), 1342, 1), (widest(), 5, 0)]
            .into_iter()
            .enumerate()
    {
        let chance = chance((1 << 32) - 3 + k as u64);
        for p in PROBABILITIES {
            let expected: Vec<u32> = (first..first + rows).filter(|row| chance.of(*row, p)).collect();
            let mut found = Vec::new();
            chance.each(arch, first, rows, p, |row| found.push(row));
            assert_eq!(found, expected, "{p} from {first}");
            let (mut out, each) = (vec![0.5; rows as usize], vec![p; rows as usize]);
            chance.mask(arch, first, p, &mut out);
            assert_eq!(hits(first, &out), expected, "{p} from {first}");
            chance.mask_by(arch, first, &each, &mut out);
            assert_eq!(hits(first, &out), expected, "{p} from {first}");
        }
        let own = |row: u32| PROBABILITIES[(row * row / 3 % 16) as usize];
        let expected: Vec<u32> = (first..first + rows).filter(|row| chance.of(*row, own(*row))).collect();
        let (mut out, each) = (vec![0.5; rows as usize], (first..first + rows).map(own).collect::<Vec<f32>>());
        chance.mask_by(arch, first, &each, &mut out);
        assert_eq!(hits(first, &out), expected, "from {first}");
    }
}

/// The number of hits in all, by row of a group, of both of two rows at once, and of a row in two steps: all as of independent
/// draws.
#[test]
fn hits_are_as_rare_as_said_and_independent() {
    let (rows, steps) = (256u32, 20_000u64);
    for p in [1.0 / 4096.0, 0.001_498_876, 0.0039, 0.0123, 0.015_624_999, 0.03f32] {
        let mut by_lane = [0f64; GROUP as usize];
        // by distance of two rows that have it in one step; and of the same row in the step after
        let mut together = [0f64; 2 * GROUP as usize];
        let (mut again, mut all) = (0.0, 0.0);
        let mut before = Vec::new();
        for step in 0..steps {
            let mut hits = Vec::new();
            chance(step).each(widest(), 0, rows, p, |row| hits.push(row));
            for (k, row) in hits.iter().enumerate() {
                by_lane[(row % GROUP) as usize] += 1.0;
                all += 1.0;
                hits[k + 1..]
                    .iter()
                    .filter(|other| **other - row < 2 * GROUP)
                    .for_each(|other| together[(other - row) as usize] += 1.0);
                again += f64::from(u8::from(before.contains(row)));
            }
            before = hits;
        }
        let p = f64::from(p);
        let draws = f64::from(rows) * steps as f64;
        // five standard errors, each of some hundred numbers
        let check = |found: f64, expected: f64, what: &str| {
            let bound = 5.0 * expected.max(1.0).sqrt() + 1.0;
            assert!((found - expected).abs() < bound, "{p} {what}: {found}, expected {expected}");
        };
        check(all, draws * p, "all");
        by_lane.iter().enumerate().for_each(|(k, n)| check(*n, draws * p / f64::from(GROUP), &format!("lane {k}")));
        for (distance, n) in together.iter().enumerate().skip(1) {
            check(*n, f64::from(rows - distance as u32) * steps as f64 * p * p, &format!("two at {distance}"));
        }
        check(again, draws * p * p, "again");
    }
}

/// Rows of different probabilities: each has its own, and two of different classes in one group are independent.
#[test]
fn probabilities_may_differ_from_row_to_row() {
    let (first, second) = (0.0123f32, 0.003f32);
    let (mut each, mut both, mut alone) = ([0f64; 2], 0.0, 0.0);
    let steps = 200_000;
    for step in 0..steps {
        let chance = chance(step);
        // neighbours in a group, by their own probabilities; and the first row by the other's
        let [a, b] = [chance.of(40, first), chance.of(41, second)];
        each[0] += f64::from(u8::from(a));
        each[1] += f64::from(u8::from(b));
        both += f64::from(u8::from(a && b));
        alone += f64::from(u8::from(chance.of(40, second) && !chance.of(40, second * 1.2)));
    }
    let n = steps as f64;
    for (found, p) in each.into_iter().zip([first, second]) {
        let expected = n * f64::from(p);
        assert!((found - expected).abs() < 4.0 * expected.sqrt(), "{found} {expected}");
    }
    let expected = n * f64::from(first * second);
    assert!((both - expected).abs() < 4.0 * expected.sqrt(), "{both} {expected}");
    assert_eq!(alone, 0.0, "within a class a larger probability keeps what a smaller one has");
}

/// All that one draw takes lies within its own blocks, behind those of other draws.
#[test]
fn draws_share_no_blocks() {
    assert_eq!(FIRST_BLOCK + BLOCKS * CHANCES_MAX, 1 << 16);
    let last = 8 * (CLASSES[1] + 1 - CLASSES[0]) + (GROUP - 2) / 4;
    assert!(last < BLOCKS && CLASSES[1] - CLASSES[0] < OWN && OWN < 8);
}
