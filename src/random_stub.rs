//! Stands in for `random` until that is merged: numbers that depend on (seed, stream, row, draw) alone.

/// In [0, 1), a multiple of 2^-53.
pub fn uniform53(seed: u64, stream: u32, row: u32, draw: u32) -> f64 {
    let mut x = seed ^ (u64::from(stream) << 32 | u64::from(row)) ^ u64::from(draw).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    for _ in 0..3 {
        x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        x ^= x >> 31;
    }
    (x >> 11) as f64 / (1u64 << 53) as f64
}

/// Standard normal.
pub fn normal_at(seed: u64, stream: u32, row: u32, draw: u32) -> f64 {
    let (u, v) = (uniform53(seed, stream, row, draw), uniform53(!seed, stream, row, draw));
    (-2.0 * libm::log(1.0 - u)).sqrt() * libm::cos(std::f64::consts::TAU * v)
}
