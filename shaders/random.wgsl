// Random numbers by counter, as in src/random.rs: (key, stream tag, row, step, block) to four words, words to numbers.

// high word of a product, from products of halves, none of which overflows
fn random_high(a: u32, b: u32) -> u32 {
    let low = (a & 0xffffu) * (b & 0xffffu);
    let cross = (a >> 16u) * (b & 0xffffu) + (low >> 16u);
    let middle = (a & 0xffffu) * (b >> 16u) + (cross & 0xffffu);
    return (a >> 16u) * (b >> 16u) + (cross >> 16u) + (middle >> 16u);
}

fn philox_round(c: vec4<u32>, key: vec2<u32>, round: u32) -> vec4<u32> {
    let k = key + round * vec2<u32>(0x9E3779B9u, 0xBB67AE85u);
    let a = 0xD2511F53u;
    let b = 0xCD9E8D57u;
    return vec4<u32>(random_high(b, c.z) ^ c.y ^ k.x, b * c.z, random_high(a, c.x) ^ c.w ^ k.y, a * c.x);
}

// ten rounds, written out: a loop would count among the turns that an adapter may allow
fn philox(counter: vec4<u32>, key: vec2<u32>) -> vec4<u32> {
    var c = philox_round(counter, key, 0u);
    c = philox_round(c, key, 1u);
    c = philox_round(c, key, 2u);
    c = philox_round(c, key, 3u);
    c = philox_round(c, key, 4u);
    c = philox_round(c, key, 5u);
    c = philox_round(c, key, 6u);
    c = philox_round(c, key, 7u);
    c = philox_round(c, key, 8u);
    return philox_round(c, key, 9u);
}

// step.x: low word, step.y: high word, below 2^16
fn random_block(key: vec2<u32>, tag: u32, row: u32, step: vec2<u32>, block: u32) -> vec4<u32> {
    return philox(vec4<u32>(row, step.x, (step.y & 0xffffu) | (block << 16u), tag), key);
}

// in [0, 1), 24 bits
fn random_uniform(word: u32) -> f32 {
    return f32(word >> 8u) * 0x1p-24f;
}

// standard normal; the table holds quantiles in units of 2^-21
fn random_normal(word0: u32, word1: u32) -> f32 {
    let octave = countLeadingZeros((word0 << 1u) | 1u);
    let cell = octave * 64u + (word1 >> 26u);
    let a = bitcast<i32>(tables[NORMAL_TABLE + cell]);
    let b = bitcast<i32>(tables[NORMAL_TABLE + cell + 1u]);
    let part = ((word1 >> 11u) & 0x7ffeu) | 1u;
    let z = a + i32((u32(b - a) * part) >> 15u);
    // below 24 bits: exact, whatever the device's rounding
    return f32(select(z, -z, (word0 >> 31u) == 1u)) * 0x1p-21f;
}

// count of a Poisson law: its smallest count, and the place and number of its thresholds in poisson_thresholds
fn random_poisson(word: u32, first: u32, start: u32, length: u32) -> u32 {
    var low = 0u;
    var high = length;
    while (low < high) {
        let middle = (low + high) / 2u;
        if (tables[start + middle] <= word) {
            low = middle + 1u;
        } else {
            high = middle;
        }
    }
    return first + low;
}
