// Random numbers by counter, as in src/random.rs: (key, stream tag, row, step, block) to four words, words to numbers.

// high word of a product, from products of halves, none of which overflows
fn random_high(a: u32, b: u32) -> u32 {
    let low = (a & 0xffffu) * (b & 0xffffu);
    let cross = (a >> 16u) * (b & 0xffffu) + (low >> 16u);
    let middle = (a & 0xffffu) * (b >> 16u) + (cross & 0xffffu);
    return (a >> 16u) * (b >> 16u) + (cross >> 16u) + (middle >> 16u);
}

// words 0 and 2 take up words 1 and 3, which are rotated, xored with the sums, and change places
fn threefry_round(x: vec4<u32>, left: vec2<u32>) -> vec4<u32> {
    let sum = x.xz + x.yw;
    let turned = ((x.yw << left) | (x.yw >> (vec2<u32>(32u) - left))) ^ sum;
    return vec4<u32>(sum.x, turned.y, sum.y, turned.x);
}

// Threefry 4x32 with 13 rounds; two words of its key are 0. Written out: a loop would count among the turns that an adapter may
// allow
fn threefry(counter: vec4<u32>, key: vec2<u32>) -> vec4<u32> {
    let parity = 0x1BD11BDAu ^ key.x ^ key.y;
    var x = counter + vec4<u32>(key, 0u, 0u);
    x = threefry_round(x, vec2<u32>(10u, 26u));
    x = threefry_round(x, vec2<u32>(11u, 21u));
    x = threefry_round(x, vec2<u32>(13u, 27u));
    x = threefry_round(x, vec2<u32>(23u, 5u));
    x += vec4<u32>(key.y, 0u, 0u, parity + 1u);
    x = threefry_round(x, vec2<u32>(6u, 20u));
    x = threefry_round(x, vec2<u32>(17u, 11u));
    x = threefry_round(x, vec2<u32>(25u, 10u));
    x = threefry_round(x, vec2<u32>(18u, 20u));
    x += vec4<u32>(0u, 0u, parity, key.x + 2u);
    x = threefry_round(x, vec2<u32>(10u, 26u));
    x = threefry_round(x, vec2<u32>(11u, 21u));
    x = threefry_round(x, vec2<u32>(13u, 27u));
    x = threefry_round(x, vec2<u32>(23u, 5u));
    x += vec4<u32>(0u, parity, key.x, key.y + 3u);
    // after an odd number of rounds two words stand in each other's place
    return threefry_round(x, vec2<u32>(6u, 20u)).xwzy;
}

// step.x: low word, step.y: high word, below 2^16
fn random_block(key: vec2<u32>, tag: u32, row: u32, step: vec2<u32>, block: u32) -> vec4<u32> {
    return threefry(vec4<u32>(row, step.x, (step.y & 0xffffu) | (block << 16u), tag), key);
}

// the words of a row whose block two rows share
fn random_of_two(words: vec4<u32>, row: u32) -> vec2<u32> {
    return select(words.xy, words.zw, (row & 1u) == 1u);
}

// the word of a row whose block four rows share
fn random_of_four(words: vec4<u32>, row: u32) -> u32 {
    let two = select(words.xy, words.zw, (row & 2u) == 2u);
    return select(two.x, two.y, (row & 1u) == 1u);
}

// in [0, 1), 24 bits
fn random_uniform(word: u32) -> f32 {
    return f32(word >> 8u) * 0x1p-24f;
}

// 2^32 (1 - 2^-class)^k for the next k, and how many of them have been above the word: as `levels` of src/random/chance.rs
fn random_passed(level_and_gap: vec2<u32>, word: u32, kind: u32) -> vec2<u32> {
    let level = level_and_gap.x;
    return vec2<u32>(level - ((level + (1u << (kind - 1u))) >> kind), level_and_gap.y + select(0u, 1u, word < level));
}

fn random_passed_four(level_and_gap: vec2<u32>, word: u32, kind: u32) -> vec2<u32> {
    let two = random_passed(random_passed(level_and_gap, word, kind), word, kind);
    return random_passed(random_passed(two, word, kind), word, kind);
}

// how many of 32 rows a word stands for. Written out: a loop would count among the turns that an adapter may allow
fn random_gap(word: u32, kind: u32) -> u32 {
    var passed = random_passed_four(vec2<u32>(0u - (1u << (32u - kind)), 0u), word, kind);
    passed = random_passed_four(passed, word, kind);
    passed = random_passed_four(passed, word, kind);
    passed = random_passed_four(passed, word, kind);
    passed = random_passed_four(passed, word, kind);
    passed = random_passed_four(passed, word, kind);
    passed = random_passed_four(passed, word, kind);
    return random_passed_four(passed, word, kind).y;
}

// whether a row's draw lies below p; words of 32 rows for small p (src/random/chance.rs)
fn random_chance(p: f32, draw: u32, key: vec2<u32>, tag: u32, row: u32, step: vec2<u32>) -> bool {
    let first = 0x8000u + 64u * draw;
    var part = p;
    if (!(p > 0.0)) {
        return false;
    }
    if (p < 0.015625) {
        let kind = min(126u - (bitcast<u32>(p) >> 23u), 12u);
        let group = row >> 5u;
        let words = random_of_two(random_block(key, tag, group >> 1u, step, first + kind - 6u), group);
        // most groups have no candidate
        if (words.x < 0u - (32u << (32u - kind))) {
            return false;
        }
        let own = row & 31u;
        var at = random_gap(words.x, kind);
        if (at < own) {
            at += 1u + random_gap(words.y, kind);
        }
        var further = 0u;
        while (at < own) {
            let more = random_block(key, tag, group, step, first + 8u * (kind - 5u) + (further >> 2u));
            at += 1u + random_gap(more[further & 3u], kind);
            further += 1u;
        }
        if (at != own) {
            return false;
        }
        part = p * f32(1u << kind);
    }
    let words = random_of_four(random_block(key, tag, row >> 2u, step, first + 7u), row);
    return random_uniform(words) < part;
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
