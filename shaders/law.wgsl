// How synapses are drawn, as src/network/connector draws them: records of parts of routes (JOB_WORDS each) and laws, as
// src/wgsl/layout/drawn.rs writes them, read word by word (law_word).

struct Job {
    targets: u32,
    key: vec2<u32>,
    tag: u32,
    choices: u32,
    apart: bool,
    // the rule's number of the first source
    source: u32,
    rows: u32,
    first_target: u32,
    row_start: u32,
    edges: u32,
    weights: u32,
    law: u32,
    delay: u32,
    weight: u32,
    target_bits: u32,
    pieces: u32,
    pivots: u32,
    blocks: u32,
    // rows of a group from its first on: where the first block begins, how many rows a block has, where the targets begin
    border: u32,
    block: u32,
    target_row: u32,
}

// at: of its record
fn job_at(at: u32) -> Job {
    return Job(
        law_word(at),
        vec2<u32>(law_word(at + 1u), law_word(at + 2u)),
        law_word(at + 3u),
        law_word(at + 4u),
        law_word(at + 5u) == 1u,
        law_word(at + 6u),
        law_word(at + 7u),
        law_word(at + 8u),
        law_word(at + 9u),
        law_word(at + 10u),
        law_word(at + 11u),
        law_word(at + 12u),
        law_word(at + 13u),
        law_word(at + 14u),
        law_word(at + 15u),
        law_word(at + 16u),
        law_word(at + 17u),
        law_word(at + 18u),
        law_word(at + 19u),
        law_word(at + 20u),
        law_word(at + 21u),
    );
}

// words of a row, one after the other
struct Stream {
    key: vec2<u32>,
    tag: u32,
    row: u32,
    next: u32,
    words: vec4<u32>,
}

fn stream_of(job: Job, source: u32) -> Stream {
    return Stream(job.key, job.tag, source, 0u, vec4<u32>(0u));
}

fn stream_word(stream: ptr<function, Stream>) -> u32 {
    let at = (*stream).next;
    if ((at & 3u) == 0u) {
        (*stream).words = random_block((*stream).key, (*stream).tag, (*stream).row, vec2<u32>(at >> 2u, 0u), 0u);
    }
    (*stream).next = at + 1u;
    return random_of_four(vec4<u32>((*stream).words), at);
}

fn stream_number(stream: ptr<function, Stream>) -> vec2<u32> {
    let high = stream_word(stream);
    return vec2<u32>(high, stream_word(stream));
}

// of numbers of 64 bits, high word first
fn is_below(a: vec2<u32>, b: vec2<u32>) -> bool {
    return a.x < b.x || (a.x == b.x && a.y < b.y);
}

fn number_at(place: u32) -> vec2<u32> {
    return vec2<u32>(law_word(place), law_word(place + 1u));
}

// the number that is the k-th of those that are not `own`
fn without(k: u32, own: u32, apart: bool) -> u32 {
    return k + select(0u, 1u, apart && k >= own);
}

// Trials: bits, ends, thresholds, then as src/random/geometric.rs writes them

// how many thresholds a uniform number reaches
fn thresholds_reached(law: u32, stream: ptr<function, Stream>) -> u32 {
    let count = law_word(law + 2u);
    let word = stream_word(stream);
    var low = 0u;
    var high = count;
    while (low < high) {
        let middle = (low + high) / 2u;
        if (law_word(law + 3u + middle) < word) {
            low = middle + 1u;
        } else {
            high = middle;
        }
    }
    if (low < count && law_word(law + 3u + low) == word) {
        let second = stream_word(stream);
        while (low < count && law_word(law + 3u + low) == word && law_word(law + 3u + count + low) <= second) {
            low += 1u;
        }
    }
    return low;
}

fn bits_put_out(law: u32, bits: u32, given: u32, rest: u32, stream: ptr<function, Stream>) -> u32 {
    let first_out = law + 3u + 2u * law_word(law + 2u);
    let out = first_out + 2u * bits;
    let number = stream_number(stream);
    let which = vec2<u32>(rest | (number.x >> (32u - bits)), (number.x << bits) | (number.y >> (32u - bits)));
    var first = 0u;
    while (first < bits && !is_below(which, number_at(first_out + 2u * first))) {
        first += 1u;
    }
    var fine = given;
    if (first < bits) {
        let bit = bits - 1u - first;
        fine &= ~(1u << bit);
        for (var below = 0u; below < bit; below++) {
            if (is_below(stream_number(stream), number_at(out + 2u * below))) {
                fine &= ~(1u << below);
            }
        }
    }
    return fine;
}

// misses before the next hit, NONE if they are not fewer than `below`
fn misses(law: u32, stream: ptr<function, Stream>, below: u32) -> u32 {
    let bits = law_word(law);
    let count = law_word(law + 2u);
    var coarse = 0u;
    loop {
        let more = thresholds_reached(law, stream);
        coarse += more;
        if (below == 0u || coarse > ((below - 1u) >> bits)) {
            return NONE;
        }
        if (more < count || law_word(law + 1u) == 1u) {
            break;
        }
    }
    if (bits == 0u) {
        return coarse;
    }
    let word = stream_word(stream);
    let rest = word << bits;
    var fine = word >> (32u - bits);
    // the last of those that count from the highest bit down
    if (rest <= law_word(law + 3u + 2u * count + 2u * (bits - 1u))) {
        fine = bits_put_out(law, bits, fine, rest, stream);
    }
    let found = (coarse << bits) + fine;
    return select(NONE, found, found < below);
}

// Values: uniform or not, tag, accepted (2 x 2 words); steps: least, thresholds, how many; weights: power of the scale, or NONE, inside
// (2 x 2 words), words of the bounds (2), offset, factor

// the place of the number of a synapse in its law
fn value_place(value: u32, key: vec2<u32>, row: u32, edge: u32) -> vec2<u32> {
    var found = vec2<u32>(0u);
    for (var again = 0u; again < TRIES; again++) {
        let words = random_block(key, law_word(value + 1u), row, vec2<u32>(edge, 0u), again);
        found = vec2<u32>(words.x >> 11u, (words.x << 21u) | (words.y >> 11u));
        if (law_word(value) == 0u) {
            found = vec2<u32>(0u, 0x80000000u + bitcast<u32>(i32(random_normal(words.x, words.y) * 0x1p21f)));
        }
        if (!is_below(found, number_at(value + 2u)) && !is_below(number_at(value + 4u), found)) {
            break;
        }
    }
    return found;
}

fn delay_of(value: u32, place: vec2<u32>) -> u32 {
    var low = 0u;
    var high = law_word(value + 8u);
    while (low < high) {
        let middle = (low + high) / 2u;
        if (is_below(place, number_at(law_word(value + 7u) + 2u * middle))) {
            high = middle;
        } else {
            low = middle + 1u;
        }
    }
    return law_word(value + 6u) + low;
}

fn weight_of(value: u32, place: vec2<u32>) -> u32 {
    if (is_below(place, number_at(value + 7u))) {
        return law_word(value + 11u);
    }
    if (is_below(number_at(value + 9u), place)) {
        return law_word(value + 12u);
    }
    var x = double_rounded(false, -53, place.x, place.y, false);
    if (law_word(value) == 0u) {
        let units = bitcast<i32>(place.y - 0x80000000u);
        x = double_rounded(units < 0, -21, 0u, u32(abs(units)), false);
    }
    let weight = double_single(double_sum(double_at(value + 13u), double_product(double_at(value + 17u), x)));
    let power = law_word(value + 6u);
    if (power == NONE) {
        return single_word(weight);
    }
    return bitcast<u32>(single_whole(weight, bitcast<i32>(power)));
}
