// Numbers of double precision as whole numbers of 32 bits: sums and products rounded to the nearest, half to even, as every
// processor rounds them. No infinities, no numbers below 2^-1022.

// (high 2^32 + low) 2^exponent, where high and low together have 53 bits, or are 0
struct Double {
    negative: bool,
    exponent: i32,
    high: u32,
    low: u32,
}

// of whole words: sign (0 or 1), exponent, high, low
fn double_at(place: u32) -> Double {
    return Double(law_word(place) == 1u, bitcast<i32>(law_word(place + 1u)), law_word(place + 2u), law_word(place + 3u));
}

// more: there is something beyond the last bit, less than 1 of it; then there are 55 bits or more
fn double_rounded(negative: bool, exponent: i32, high: u32, low: u32, more: bool) -> Double {
    if ((high | low) == 0u) {
        return Double(false, 0, 0u, 0u);
    }
    let zeros = select(32u + countLeadingZeros(low), countLeadingZeros(high), high != 0u);
    if (zeros >= 11u) {
        let left = zeros - 11u;
        var up = high;
        var rest = low;
        if (left >= 32u) {
            up = low << (left - 32u);
            rest = 0u;
        } else if (left > 0u) {
            up = (high << left) | (low >> (32u - left));
            rest = low << left;
        }
        return Double(negative, exponent - i32(left), up, rest);
    }
    let right = 11u - zeros;
    let off = low & ((1u << right) - 1u);
    let half = 1u << (right - 1u);
    var up = high >> right;
    var rest = (low >> right) | (high << (32u - right));
    if (off > half || (off == half && (more || (rest & 1u) == 1u))) {
        rest += 1u;
        if (rest == 0u) {
            up += 1u;
        }
    }
    if (up == 0x200000u) {
        return Double(negative, exponent + i32(right) + 1, 0x100000u, 0u);
    }
    return Double(negative, exponent + i32(right), up, rest);
}

fn double_product(a: Double, b: Double) -> Double {
    // of the 106 bits the upper 64
    let lows = a.low * b.low;
    var first = random_high(a.low, b.low);
    let cross = a.low * b.high;
    let across = a.high * b.low;
    first += cross;
    var carry = select(0u, 1u, first < cross);
    first += across;
    carry += select(0u, 1u, first < across);
    var second = random_high(a.low, b.high) + carry;
    var above = select(0u, 1u, second < carry);
    let other = random_high(a.high, b.low);
    second += other;
    above += select(0u, 1u, second < other);
    let highs = a.high * b.high;
    second += highs;
    above += select(0u, 1u, second < highs);
    let third = random_high(a.high, b.high) + above;
    let high = (third << 22u) | (second >> 10u);
    let low = (second << 22u) | (first >> 10u);
    return double_rounded(a.negative != b.negative, a.exponent + b.exponent + 42, high, low, ((first & 1023u) | lows) != 0u);
}

fn double_sum(a: Double, b: Double) -> Double {
    if ((a.high | a.low) == 0u) {
        return b;
    }
    if ((b.high | b.low) == 0u) {
        return a;
    }
    // the larger first
    var x = a;
    var y = b;
    if (b.exponent > a.exponent || (b.exponent == a.exponent && (b.high > a.high || (b.high == a.high && b.low > a.low)))) {
        x = b;
        y = a;
    }
    // ten bits more
    let high = (x.high << 10u) | (x.low >> 22u);
    let low = x.low << 10u;
    var up = (y.high << 10u) | (y.low >> 22u);
    var rest = y.low << 10u;
    var more = false;
    let apart = u32(x.exponent - y.exponent);
    if (apart >= 64u) {
        up = 0u;
        rest = 0u;
        more = true;
    } else if (apart >= 32u) {
        let right = apart - 32u;
        more = rest != 0u || (up & ((1u << right) - 1u)) != 0u;
        rest = up >> right;
        up = 0u;
    } else if (apart > 0u) {
        more = (rest & ((1u << apart) - 1u)) != 0u;
        rest = (rest >> apart) | (up << (32u - apart));
        up = up >> apart;
    }
    if (x.negative == y.negative) {
        let sum = low + rest;
        return double_rounded(x.negative, x.exponent - 10, high + up + select(0u, 1u, sum < low), sum, more);
    }
    // what lies beyond is taken away as well: one less, and what is left of it
    let taken = rest + select(0u, 1u, more);
    up += select(0u, 1u, taken < rest);
    return double_rounded(x.negative, x.exponent - 10, high - up - select(0u, 1u, low < taken), low - taken, more);
}

// in single precision: 24 bits, and their exponent
struct Single {
    negative: bool,
    exponent: i32,
    bits: u32,
}

fn double_single(a: Double) -> Single {
    let bits = (a.high << 3u) | (a.low >> 29u);
    let off = a.low & 0x1fffffffu;
    let up = off > 0x10000000u || (off == 0x10000000u && (bits & 1u) == 1u);
    let rounded = bits + select(0u, 1u, up);
    if (rounded == 0x1000000u) {
        return Single(a.negative, a.exponent + 30, 0x800000u);
    }
    return Single(a.negative, a.exponent + 29, rounded);
}

// the nearest whole number, half away from 0, of what is below 2^31
fn single_whole(a: Single, power: i32) -> i32 {
    let exponent = a.exponent + power;
    var whole = 0u;
    if (exponent >= 0) {
        whole = a.bits << u32(exponent);
    } else if (exponent >= -24) {
        let right = u32(-exponent);
        whole = (a.bits + (1u << (right - 1u))) >> right;
    }
    return select(i32(whole), -i32(whole), a.negative);
}

// the word of an f32 that is 0 or normal
fn single_word(a: Single) -> u32 {
    if (a.bits == 0u) {
        return 0u;
    }
    return (select(0u, 1u, a.negative) << 31u) | (u32(a.exponent + 150) << 23u) | (a.bits & 0x7fffffu);
}
