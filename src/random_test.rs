//! Random numbers against published vectors, an implementation apart from ours, and the laws that they follow.

use super::*;

/// Kolmogorov-Smirnov distance of sorted draws from a continuous law.
fn distance(sorted: &[f64], cdf: impl Fn(f64) -> f64) -> f64 {
    let n = sorted.len() as f64;
    let gap = |(i, x): (usize, &f64)| {
        let p = cdf(*x);
        (p - i as f64 / n).abs().max(((i + 1) as f64 / n - p).abs())
    };
    sorted.iter().enumerate().map(gap).fold(0.0, f64::max)
}

fn normals(n: u32) -> Vec<f64> {
    let tag = Stream::Run { population: 3, place: 1 }.tag().unwrap();
    (0..n).map(|i| Key { seed: 7 }.block(tag, i % 1000, u64::from(i / 1000), 0)).map(|w| normal(w[0], w[1]).into()).collect()
}

/// Threefry 4x32 of any number of rounds as the paper writes it, in integers that cannot overflow: shares nothing with ours.
fn oracle(counter: [u32; 4], key: [u32; 4], rounds: usize) -> [u32; 4] {
    const ROTATIONS: [[u128; 2]; 8] = [[10, 26], [11, 21], [13, 27], [23, 5], [6, 20], [17, 11], [25, 10], [18, 20]];
    const TWO_32: u128 = 1 << 32;
    let mut keys: Vec<u128> = key.iter().map(|k| u128::from(*k)).collect();
    keys.push(key.iter().fold(0x1BD1_1BDA, |all, k| all ^ u128::from(*k)));
    let mut x: Vec<u128> = counter.iter().zip(&keys).map(|(c, k)| (u128::from(*c) + k) % TWO_32).collect();
    for (round, turned) in (0..rounds).zip(ROTATIONS.iter().cycle()) {
        for (half, pair) in [[0, [1, 3][round % 2]], [2, [3, 1][round % 2]]].into_iter().enumerate() {
            let far = x[pair[1]] << turned[half];
            x[pair[0]] = (x[pair[0]] + x[pair[1]]) % TWO_32;
            x[pair[1]] = (far % TWO_32 + far / TWO_32) ^ x[pair[0]];
        }
        if round % 4 == 3 {
            let turn = round / 4 + 1;
            (0..4).for_each(|i| x[i] = (x[i] + keys[(turn + i) % 5]) % TWO_32);
            x[3] = (x[3] + turn as u128) % TWO_32;
        }
    }
    std::array::from_fn(|i| x[i] as u32)
}

#[test]
fn known_answers() {
    // Random123, kat_vectors, threefry4x32 13 and 20
    let pi = [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344];
    let more = [0xa409_3822, 0x299f_31d0, 0x082e_fa98, 0xec4e_6c89];
    let asked = [([0; 4], [0; 4]), ([u32::MAX; 4], [u32::MAX; 4]), (pi, more)];
    let of_13 = [
        [0x531c_7e4f, 0x3949_1ee5, 0x2c85_5a92, 0x3d6a_bf9a],
        [0xc418_9358, 0x1c9c_c83a, 0xd588_1c67, 0x6a0a_89e0],
        [0x4aa7_1d8f, 0x7347_38c2, 0x431f_c6a8, 0xae6d_ebf1],
    ];
    let of_20 = [
        [0x9c6c_a96a, 0xe17e_ae66, 0xfc10_ecd4, 0x5256_a7d8],
        [0x2a88_1696, 0x5701_2287, 0xf6c7_446e, 0xa16a_6732],
        [0x59cd_1dbb, 0xb887_9579, 0x86b5_d00c, 0xac8b_6d84],
    ];
    for (((counter, key), words), more_words) in asked.into_iter().zip(of_13).zip(of_20) {
        assert_eq!(threefry(counter, key), words);
        assert_eq!((oracle(counter, key, 13), oracle(counter, key, 20)), (words, more_words));
    }
    // of a place in a network: worked out apart from this crate, in Python's integers
    let key = Key { seed: 0x8000_0000_dead_beef };
    assert_eq!(key.block(0x5fff_ffff, u32::MAX, 0xffff << 32, 1), [0xa3f4_b9db, 0x54fc_d549, 0x96df_731c, 0x41c2_cbb8]);
    assert_eq!(Key { seed: 1 }.block(0x6000_0000, 7, 12_345, 0), [0x6ece_4a22, 0x5fec_9689, 0x02ee_1bd5, 0xb7fa_4033]);
}

#[test]
fn agrees_with_the_oracle() {
    let mut draws = Key { seed: 99 }.draws(5, 6, 7);
    for _ in 0..10_000 {
        let words = [draws.word(), draws.word(), draws.word(), draws.word()];
        let key = [draws.word(), draws.word(), draws.word(), draws.word()];
        assert_eq!(threefry(words, key), oracle(words, key, ROUNDS));
    }
}

#[test]
fn many_side_by_side_are_those_one_by_one() {
    let key = Key { seed: 0x1234_5678_9abc_def0 };
    for arch in [widest(), Arch::Scalar] {
        let (tag, step) = (0x5000_7001, (1 << 32) - 20);
        let rows: Vec<u32> = (0..SIDE as u32).map(|k| k ^ (k << 17)).collect();
        let found = key.rows(arch, tag, rows.iter().copied(), step, 3);
        for (k, row) in rows.iter().enumerate() {
            assert_eq!(found.map(|w| w[k]), key.block(tag, *row, step, 3));
        }
        let places: [(u32, u64); SIDE] = std::array::from_fn(|k| (rows[k], step + 3 * k as u64));
        let found = key.places(arch, tag, &places);
        for (k, (row, step)) in places.into_iter().enumerate() {
            assert_eq!(found.map(|w| w[k]), key.block(tag, row, step, 0));
        }
        let few = key.rows(arch, tag, [5, 6], step, 0);
        assert_eq!(few.map(|w| w[1]), key.block(tag, 6, step, 0));
    }
}

/// What rows draw is what the blocks say that they share, whichever rows are asked for.
#[test]
fn rows_share_the_words_of_blocks() {
    let (key, tag, step) = (Key { seed: 0x9abc_def0_0000_0077 }, 0x5000_7001, (1 << 32) - 20);
    for (uniforms, normals, rows) in [(1, 0, 4), (2, 0, 2), (0, 1, 2), (1, 1, 1), (3, 0, 1), (4, 3, 1), (0, 4, 1)] {
        let deal = Deal::new(uniforms, normals);
        assert_eq!(deal.rows, rows, "{uniforms} uniform, {normals} normal");
        let mut seen = std::collections::HashSet::new();
        let mut words = |row: u32, place: OwnWords, count: usize| -> Vec<u32> {
            let (of, first) = place.of(row);
            let block = key.block(tag, of, step, place.block);
            (first..first + count)
                .map(|k| {
                    assert!(seen.insert((of, place.block, k)), "a word is drawn twice");
                    block[k]
                })
                .collect()
        };
        for (arch, first, count) in [(widest(), 0, 1000), (Arch::Scalar, 1003, 200), (widest(), 1205, 130), (widest(), 1342, 1)] {
            let mut out = vec![0.0f32; count];
            let mut wide = vec![0.0f64; count];
            for draw in 0..uniforms {
                key.uniforms(arch, tag, deal.uniform(draw), first, step, &mut out);
                key.uniforms(arch, tag, deal.uniform(draw), first, step, &mut wide);
                for (k, x) in out.iter().enumerate() {
                    let own = words(first + k as u32, deal.uniform(draw), 1);
                    assert_eq!((*x, wide[k]), (uniform_f32(own[0]), f64::from(*x)), "row {k} from {first}");
                }
            }
            for draw in 0..normals {
                key.normals(arch, tag, deal.normal(draw), first, step, &mut out);
                for (k, x) in out.iter().enumerate() {
                    let own = words(first + k as u32, deal.normal(draw), 2);
                    assert_eq!(*x, normal(own[0], own[1]), "row {k} from {first}");
                }
            }
        }
    }
}

#[test]
fn words_one_after_another_are_the_blocks_of_steps() {
    let (key, first) = (Key { seed: 12 }, u64::from(u32::MAX) - 5);
    let blocks = (first..).take(150).flat_map(|step| key.block(3, 4, step, 0));
    let mut draws = key.draws(3, 4, first);
    let mut later = key.draws_from(3, 4, first, key.block(3, 4, first, 0));
    for word in blocks {
        assert_eq!((draws.word(), later.word()), (word, word));
    }
}

/// How far words of a generator are from independent ones, in standard errors: the worst of all pairs of neighbours (rows,
/// steps, blocks, streams, seeds, words of a block), each looked at by the square table of the top five bits of both and by
/// how often each bit differs.
fn dependence(block: impl Fn([u32; 4], [u32; 4]) -> [u32; 4]) -> f64 {
    const N: u32 = 1 << 15;
    // rows, steps and tags as they occur; seeds are small numbers
    let at = |k: u32| ([k % 1000, k / 1000 * 4, 0, 0x6000_0000 | (k & 3)], [1 + (k >> 14), 0, 0, 0]);
    let neighbours: [([u32; 4], [u32; 4]); 11] = [
        ([1, 0, 0, 0], [0; 4]),
        ([2, 0, 0, 0], [0; 4]),
        ([1000, 0, 0, 0], [0; 4]),
        ([0, 1, 0, 0], [0; 4]),
        ([0, 4, 0, 0], [0; 4]),
        ([0, 1 << 20, 0, 0], [0; 4]),
        ([0, 0, 1, 0], [0; 4]),
        ([0, 0, 1 << 16, 0], [0; 4]),
        ([0, 0, 0, 1 << 12], [0; 4]),
        ([0; 4], [1, 0, 0, 0]),
        ([0; 4], [0, 1, 0, 0]),
    ];
    let words: Vec<[u32; 4]> = (0..N).map(|k| block(at(k).0, at(k).1)).collect();
    let mut worst = 0f64;
    let mut look = |pairs: &mut dyn Iterator<Item = (u32, u32)>| {
        let (mut cells, mut bits) = ([0u32; 1024], [0u32; 32]);
        for (a, b) in pairs {
            cells[(a >> 27 << 5 | b >> 27) as usize] += 1;
            (0..32).for_each(|i| bits[i] += ((a ^ b) >> i) & 1);
        }
        let expected = f64::from(N) / 1024.0;
        let chi: f64 = cells.iter().map(|c| (f64::from(*c) - expected).powi(2) / expected).sum();
        worst = worst.max((chi - 1023.0).abs() / (2.0 * 1023.0f64).sqrt());
        let half = |c: &u32| (f64::from(*c) - f64::from(N) / 2.0).abs() / (f64::from(N) / 4.0).sqrt();
        worst = worst.max(bits.iter().map(half).fold(0.0, f64::max));
    };
    for (further, other_key) in neighbours {
        let other = |k: u32| {
            let (counter, key) = at(k);
            let beside = |a: [u32; 4], b: [u32; 4]| std::array::from_fn(|i| a[i].wrapping_add(b[i]));
            block(beside(counter, further), beside(key, other_key))
        };
        let others: Vec<[u32; 4]> = (0..N).map(other).collect();
        for w in 0..4 {
            look(&mut words.iter().zip(&others).map(|(a, b)| (a[w], b[w])));
            look(&mut words.iter().zip(&others).map(|(a, b)| (a[w], b[(w + 1) % 4])));
        }
    }
    for (v, w) in [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)] {
        look(&mut words.iter().map(|a| (a[v], a[w])));
    }
    worst
}

#[test]
fn rows_steps_streams_and_seeds_are_independent() {
    // of some 3,100 normal numbers the largest is above 5.5 once in 8,000 seeds
    let found = dependence(threefry);
    assert!(found < 5.5, "{found}");
    // rounds that are known to be too few are seen
    let few = dependence(|counter, key| oracle(counter, key, 7));
    assert!(few > 20.0, "{few}");
}

#[test]
fn a_bit_that_changes_turns_half_of_all() {
    let mut worst = 0f64;
    for bit in (0..20).chain(32..56).chain([64, 80, 81]).chain(96..108).chain(124..127).chain([128, 129, 131, 160]) {
        let mut turned = [0u32; 128];
        for k in 0..2048u32 {
            let (mut counter, mut key) = ([k * 17, k / 3, 0, 0x6000_0000 | (k % 5)], [k % 7, 0, 0, 0]);
            let before = threefry(counter, key);
            let place = if bit < 128 { &mut counter[bit / 32] } else { &mut key[bit / 32 - 4] };
            *place ^= 1 << (bit % 32);
            let words = threefry(counter, key);
            (0..128).for_each(|i| turned[i] += ((before[i / 32] ^ words[i / 32]) >> (i % 32)) & 1);
        }
        worst = turned.iter().map(|c| (f64::from(*c) - 1024.0).abs() / 512f64.sqrt()).fold(worst, f64::max);
    }
    // of 8,448 normal numbers the largest is above 5.5 once in 3,000 seeds
    assert!(worst < 5.5, "{worst}");
}

#[test]
fn tags_and_counters_differ() {
    let streams = [
        Stream::Parameter { population: 65_535, place: 4095 },
        Stream::Parameter { population: 1, place: 0 },
        Stream::Initial { population: 0, place: 1 },
        Stream::Edges { projection: (1 << 28) - 1 },
        Stream::Edges { projection: 256 },
        Stream::EdgeValue { projection: 1, column: 0 },
        Stream::EdgeValue { projection: 0, column: 255 },
        Stream::Run { population: 0, place: 0 },
        Stream::Stimulus { stimulus: 0 },
        Stream::Synapse { projection: 0, place: 0 },
    ];
    let tags: std::collections::HashSet<_> = streams.iter().map(|s| s.tag().unwrap()).collect();
    assert_eq!(tags.len(), streams.len());
    for out in [
        Stream::Parameter { population: 65_536, place: 0 },
        Stream::Initial { population: 0, place: 4096 },
        Stream::Edges { projection: 1 << 28 },
        Stream::EdgeValue { projection: 1 << 20, column: 0 },
        Stream::EdgeValue { projection: 0, column: 256 },
    ] {
        assert!(out.tag().is_err(), "{out:?}");
    }
    assert_eq!(counter(4, 3, (1 << 48) - 1, 0xffff), [3, u32::MAX, u32::MAX, 4]);
    assert_eq!(counter(4, 3, 1 << 32, 1), [3, 0, 0x0001_0001, 4]);
}

#[test]
fn uniform_is_below_one_and_uniform() {
    assert_eq!(uniform_f32(u32::MAX), 1.0 - 1.0 / 16_777_216.0);
    assert_eq!(uniform_f64(u32::MAX, u32::MAX), 1.0 - f64::EPSILON / 2.0);
    let mut draws = Key { seed: 1 }.draws(0, 0, 0);
    let mut sample: Vec<f64> = (0..100_000).map(|_| draws.uniform()).collect();
    sample.sort_by(f64::total_cmp);
    // 1.95/sqrt(n): passed by chance once in a thousand seeds
    assert!(distance(&sample, |x| x) < 1.95 / 100_000f64.sqrt());
}

#[test]
fn below_is_below_and_even() {
    let mut draws = Key { seed: 2 }.draws(0, 0, 0);
    for n in [1, 2, 3, 7, 1 << 31, (1 << 31) + 1, u32::MAX] {
        let mean = (0..20_000).map(|_| draws.below(n)).inspect(|x| assert!(*x < n)).map(f64::from).sum::<f64>() / 20_000.0;
        let long = u64::from(n) << 31;
        let mean_long = (0..20_000).map(|_| draws.below_u64(long)).inspect(|x| assert!(*x < long)).map(|x| x as f64).sum::<f64>();
        // four standard errors of a mean: n·sqrt(1/12/20000)
        let error = 4.0 * f64::from(n) * (1.0f64 / 12.0 / 20_000.0).sqrt();
        assert!((mean - (f64::from(n) - 1.0) / 2.0).abs() <= error, "{n}: {mean}");
        assert!((mean_long / 20_000.0 / 2f64.powi(31) - f64::from(n) / 2.0).abs() <= error);
    }
    assert_eq!((draws.below(0), draws.below_u64(0)), (0, 0));
    let mut counts = [0f64; 7];
    (0..70_000).for_each(|_| counts[draws.below(7) as usize] += 1.0);
    let chi: f64 = counts.iter().map(|c| (c - 10_000.0).powi(2) / 10_000.0).sum();
    // 99.9 % of chi-square with 6 degrees
    assert!(chi < 22.46, "{chi}");
}

#[test]
fn normal_table_is_sound() {
    let table = normal_table();
    assert_eq!(table.len(), 2049);
    assert_eq!(table[0], 0);
    for pair in table.windows(2) {
        // the product with 15 bits fits in 32, and the law has no gaps that go back
        assert!((0..1 << 15).contains(&(pair[1] - pair[0])));
    }
    assert!(table[2048] < 1 << 24);
    // known quantiles: P(|Z| > z) = 1/2, 1/4
    assert_eq!(table[64], (0.674_489_750_196_081_7 * 2_097_152f64).round() as i32);
    assert_eq!(table[128], (1.150_349_380_376_008_3 * 2_097_152f64).round() as i32);
    // no quantile is so near to a rounding border that another erfc, good to 1e-12, would give another table
    let mut z = 0.0;
    let nearest = (1..=2048).map(|i| (quantile(&mut z, i).fract() - 0.5).abs()).fold(1.0, f64::min);
    assert!(nearest > 1e-5, "{nearest}");
}

#[test]
fn normal_quantiles_are_near() {
    let mut worst = 0f64;
    for octave in 0..31u32 {
        for place in 0..256u32 {
            let (word0, word1) = (0x4000_0000 >> octave, place << 24 | 1 << 23);
            let p = libm::ldexp(1.0 - (f64::from(place) + 0.5) / 512.0, -(octave as i32));
            let z = f64::from(normal(word0, word1));
            // the error of the tail probability over the density is that of the quantile
            let density = libm::sqrt(2.0 / std::f64::consts::PI) * libm::exp(-0.5 * z * z);
            worst = worst.max(((libm::erfc(z / std::f64::consts::SQRT_2) - p) / density).abs());
            assert_eq!(-normal(word0, word1), normal(word0 | 1 << 31, word1));
        }
    }
    println!("largest error of a quantile {worst:e}");
    assert!(worst < 2e-5, "{worst}");
    assert!((6.33..6.35).contains(&normal(0, u32::MAX)));
    assert_eq!((normal(0x4000_0000, 0).to_bits(), normal(0xc000_0000, 0).to_bits()), (0, 0));
}

#[test]
fn normal_moments_and_law() {
    let n = 1_000_000;
    let mut sample = normals(n);
    let root = f64::from(n).sqrt();
    let moment = |k: i32| sample.iter().map(|z| z.powi(k)).sum::<f64>() / f64::from(n);
    // four standard errors: variances of z^k are 1, 2, 15, 96
    for (k, expected, variance) in [(1, 0.0, 1f64), (2, 1.0, 2.0), (3, 0.0, 15.0), (4, 3.0, 96.0)] {
        assert!((moment(k) - expected).abs() < 4.0 * variance.sqrt() / root, "moment {k}: {}", moment(k));
    }
    for (z, p) in [(2.0, 0.045_500_26), (3.0, 0.002_699_796), (4.0, 6.334_248e-5)] {
        let count = sample.iter().filter(|x| x.abs() > z).count() as f64;
        let expected = p * f64::from(n);
        assert!((count - expected).abs() < 4.0 * expected.sqrt(), "beyond {z}: {count}, {expected}");
    }
    sample.sort_by(f64::total_cmp);
    let d = distance(&sample, |x| 0.5 * libm::erfc(-x / std::f64::consts::SQRT_2));
    assert!(d < 1.95 / root, "{d}");
}

#[test]
fn poisson_counts_follow_the_law() {
    for mean in [0.0, 1e-4, 0.1, 0.95, 1.0, 7.5, 100.0, 1234.5, 1e4, 1e4 + 0.5, 1e6] {
        let table = PoissonTable::new(mean).unwrap();
        assert!(table.thresholds.windows(2).all(|w| w[0] <= w[1]));
        let n = 200_000;
        let mut draws = Key { seed: 5 }.draws(1, 2, 0);
        let sample: Vec<f64> =
            (0..n).map(|_| table.count_of(draws.word(), if table.is_wide() { draws.word() } else { 0 }).into()).collect();
        let average = sample.iter().sum::<f64>() / f64::from(n);
        let variance = sample.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / f64::from(n);
        // four standard errors; the fourth central moment is mean + 3·mean²
        assert!((average - mean).abs() <= 4.0 * (mean / f64::from(n)).sqrt(), "{mean}: {average}");
        let error = 4.0 * ((mean + 2.0 * mean * mean) / f64::from(n)).sqrt();
        assert!((variance - mean).abs() <= error, "{mean}: variance {variance}");
        // largest distance from the law itself, summed from logarithms of its own
        let mut counts = vec![0u32; table.first as usize + (table.thresholds.len() + 1) * table.width as usize];
        sample.iter().for_each(|x| counts[*x as usize] += 1);
        let (mut law, mut found, mut worst) = (0.0, 0.0, 0f64);
        for (k, c) in counts.iter().enumerate() {
            let k = k as f64;
            law += if mean == 0.0 { f64::from(k == 0.0) } else { libm::exp(k * libm::log(mean) - mean - libm::lgamma(k + 1.0)) };
            found += f64::from(*c) / f64::from(n);
            worst = worst.max((law - found).abs());
        }
        assert!(worst < 1.95 / f64::from(n).sqrt(), "{mean}: distance {worst}");
        assert!((law - 1.0).abs() < 1e-8, "{mean}: the table ends at {law}");
    }
}

#[test]
fn poisson_table_edges() {
    assert_eq!(PoissonTable::new(0.0).unwrap(), PoissonTable { first: 0, thresholds: vec![], width: 1, slopes: vec![] });
    let one = PoissonTable::new(1.0).unwrap();
    assert_eq!(one.thresholds[0], (libm::exp(-1.0) * 4_294_967_296.0).round() as u32);
    assert_eq!((one.count(0), one.count(one.thresholds[0] - 1), one.count(one.thresholds[0])), (0, 0, 1));
    assert!(one.count(u32::MAX) < 20);
    for bad in [-1.0, f64::NAN, f64::INFINITY, 1_073_741_825.0] {
        let text = PoissonTable::new(bad).unwrap_err().to_string();
        assert!(text.contains("from 0 to 2^30 = 1073741824"), "{text}");
    }
}

#[test]
fn shader_is_valid_with_the_stub() {
    let text = [include_str!("../shaders/stub.wgsl"), include_str!("../shaders/random.wgsl")].concat();
    let module = naga::front::wgsl::parse_str(&text).unwrap_or_else(|e| panic!("{}", e.emit_to_string(&text)));
    let mut validator = naga::valid::Validator::new(naga::valid::ValidationFlags::all(), naga::valid::Capabilities::empty());
    validator.validate(&module).unwrap();
}

/// Many at once are those one by one, also where words are drawn anew and where rows of lists end amid a block.
#[test]
fn numbers_below_a_bound_are_those_one_by_one() {
    let key = Key { seed: 9 };
    for bound in [0, 1, 7, 20_000, 1 << 20, 3_000_000_000, u32::MAX] {
        for lengths in [vec![1, 3, 200, 5], vec![500], vec![0, 131, 4, 4, 700]] {
            let (mut many, mut one) = (key.draws(2, bound, 5), key.draws(2, bound, 5));
            for length in lengths {
                let mut out = vec![0; length];
                many.below_each(bound, &mut out);
                assert!(out.iter().all(|x| *x == one.below(bound)), "{length} below {bound}");
            }
            assert_eq!(many.word(), one.word());
        }
    }
}

#[test]
fn neighbouring_steps_are_those_one_by_one() {
    let (key, arch) = (Key { seed: 10 }, widest());
    for step in [0u64, 5, (1 << 32) - 7, (1 << 47) + 3] {
        let words = key.steps(arch, 4, 6, step);
        let block = |k: usize| key.block(4, 6, step + k as u64, 0);
        assert!((0..SIDE).all(|k| words.map(|w| w[k]) == block(k)), "from {step}");
    }
}
