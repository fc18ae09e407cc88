//! Random numbers against published vectors, another implementation, and the laws that they follow.

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

#[test]
fn known_answers() {
    // Random123, kat_vectors, philox4x32 10
    assert_eq!(philox([0; 4], [0; 2]), [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
    assert_eq!(philox([u32::MAX; 4], [u32::MAX; 2]), [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]);
    let pi = [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344];
    assert_eq!(philox(pi, [0xa4093822, 0x299f31d0]), [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1]);
}

#[test]
fn agrees_with_rand_philox() {
    let mut draws = Key { seed: 99 }.draws(5, 6, 7);
    for _ in 0..10_000 {
        let words = [draws.word(), draws.word(), draws.word(), draws.word()];
        let key = [draws.word(), draws.word()];
        assert_eq!(philox(words, key), rand_philox::philox4x32_10(words, key));
    }
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
