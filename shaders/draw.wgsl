// Synapses drawn where they stand, as src/network/connector draws them: the targets of each source, their delays and weights, and
// where blocks of targets begin. tables: a record per part of a route (JOB_WORDS), then laws, as src/engine/gpu/drawn.rs writes them.

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

fn job_of(number: u32) -> Job {
    let at = JOBS + number * JOB_WORDS;
    return Job(
        tables[at],
        vec2<u32>(tables[at + 1u], tables[at + 2u]),
        tables[at + 3u],
        tables[at + 4u],
        tables[at + 5u] == 1u,
        tables[at + 6u],
        tables[at + 7u],
        tables[at + 8u],
        tables[at + 9u],
        tables[at + 10u],
        tables[at + 11u],
        tables[at + 12u],
        tables[at + 13u],
        tables[at + 14u],
        tables[at + 15u],
        tables[at + 16u],
        tables[at + 17u],
        tables[at + 18u],
        tables[at + 19u],
        tables[at + 20u],
        tables[at + 21u],
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
    return vec2<u32>(tables[place], tables[place + 1u]);
}

// the number that is the k-th of those that are not `own`
fn without(k: u32, own: u32, apart: bool) -> u32 {
    return k + select(0u, 1u, apart && k >= own);
}

// Trials: bits, ends, thresholds, then as src/random/geometric.rs writes them

// how many thresholds a uniform number reaches
fn thresholds_reached(law: u32, stream: ptr<function, Stream>) -> u32 {
    let count = tables[law + 2u];
    let word = stream_word(stream);
    var low = 0u;
    var high = count;
    while (low < high) {
        let middle = (low + high) / 2u;
        if (tables[law + 3u + middle] < word) {
            low = middle + 1u;
        } else {
            high = middle;
        }
    }
    if (low < count && tables[law + 3u + low] == word) {
        let second = stream_word(stream);
        while (low < count && tables[law + 3u + low] == word && tables[law + 3u + count + low] <= second) {
            low += 1u;
        }
    }
    return low;
}

fn bits_put_out(law: u32, bits: u32, given: u32, rest: u32, stream: ptr<function, Stream>) -> u32 {
    let first_out = law + 3u + 2u * tables[law + 2u];
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
    let bits = tables[law];
    let count = tables[law + 2u];
    var coarse = 0u;
    loop {
        let more = thresholds_reached(law, stream);
        coarse += more;
        if (below == 0u || coarse > ((below - 1u) >> bits)) {
            return NONE;
        }
        if (more < count || tables[law + 1u] == 1u) {
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
    if (rest <= tables[law + 3u + 2u * count + 2u * (bits - 1u)]) {
        fine = bits_put_out(law, bits, fine, rest, stream);
    }
    let found = (coarse << bits) + fine;
    return select(NONE, found, found < below);
}

@compute @workgroup_size(DRAWERS)
fn draw_trials(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let job = job_of(group.z);
    let row = (group.y * groups.x + group.x) * DRAWERS + lane;
    if (job.targets != TRIALS || row >= job.rows) {
        return;
    }
    let end = places[job.row_start + row + 1u];
    var stream = stream_of(job, job.source + row);
    var next = 0u;
    for (var edge = places[job.row_start + row]; edge < end; edge++) {
        let passed = misses(job.law, &stream, job.choices - next);
        // rows are as long as there are hits
        if (passed == NONE) {
            break;
        }
        synapses[job.edges + edge] = job.first_target + without(next + passed, job.source + row, job.apart);
        next += passed + 1u;
    }
}

var<workgroup> row_first: u32;
var<workgroup> row_end: u32;
// some number has to be drawn anew
var<workgroup> anew: atomic<u32>;

@compute @workgroup_size(DRAWERS)
fn draw_chosen(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let job = job_of(group.z);
    let row = group.y * groups.x + group.x;
    if (job.targets != CHOSEN || row >= job.rows) {
        return;
    }
    if (lane == 0u) {
        row_first = places[job.row_start + row];
        row_end = places[job.row_start + row + 1u];
        atomicStore(&anew, 0u);
    }
    let first = job.edges + workgroupUniformLoad(&row_first);
    let count = job.edges + workgroupUniformLoad(&row_end) - first;
    let source = job.source + row;
    // as Draws::below draws them
    let surplus = (0u - job.choices) % max(job.choices, 1u);
    for (var four = lane; four < (count + 3u) / 4u; four += DRAWERS) {
        let words = random_block(job.key, job.tag, source, vec2<u32>(four, 0u), 0u);
        for (var k = 0u; k < 4u && 4u * four + k < count; k++) {
            let word = random_of_four(words, k);
            if (word * job.choices < surplus) {
                atomicStore(&anew, 1u);
            }
            synapses[first + 4u * four + k] = random_high(word, job.choices);
        }
    }
    storageBarrier();
    workgroupBarrier();
    if (lane == 0u && atomicLoad(&anew) == 1u) {
        // which moves the words of all behind it
        var stream = stream_of(job, source);
        for (var k = 0u; k < count; k++) {
            var word = stream_word(&stream);
            while (word * job.choices < surplus) {
                word = stream_word(&stream);
            }
            synapses[first + k] = random_high(word, job.choices);
        }
    }
    storageBarrier();
    // bitonic, the lower place always takes the smaller number: what would stand behind the last need not be there
    for (var size = 2u; size / 2u < count; size *= 2u) {
        for (var reach = size / 2u; reach > 0u; reach /= 2u) {
            for (var pair = lane; pair < (count + size - 1u) / size * (size / 2u); pair += DRAWERS) {
                let low = (pair / reach) * 2u * reach + pair % reach;
                // first the halves face each other
                let high = select(low + reach, (pair / reach) * 2u * reach + 2u * reach - 1u - pair % reach, 2u * reach == size);
                if (high < count) {
                    let a = synapses[first + low];
                    let b = synapses[first + high];
                    if (b < a) {
                        synapses[first + low] = b;
                        synapses[first + high] = a;
                    }
                }
            }
            storageBarrier();
        }
    }
    for (var k = lane; k < count; k += DRAWERS) {
        synapses[first + k] = job.first_target + without(synapses[first + k], source, job.apart);
    }
}

// Values: uniform or not, tag, accepted (2 x 2 words); steps: least, thresholds, how many; weights: power of the scale, or NONE, inside
// (2 x 2 words), words of the bounds (2), offset, factor

// the place of the number of a synapse in its law
fn value_place(value: u32, key: vec2<u32>, row: u32, edge: u32) -> vec2<u32> {
    var found = vec2<u32>(0u);
    for (var again = 0u; again < TRIES; again++) {
        let words = random_block(key, tables[value + 1u], row, vec2<u32>(edge, 0u), again);
        found = vec2<u32>(words.x >> 11u, (words.x << 21u) | (words.y >> 11u));
        if (tables[value] == 0u) {
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
    var high = tables[value + 8u];
    while (low < high) {
        let middle = (low + high) / 2u;
        if (is_below(place, number_at(tables[value + 7u] + 2u * middle))) {
            high = middle;
        } else {
            low = middle + 1u;
        }
    }
    return tables[value + 6u] + low;
}

fn weight_of(value: u32, place: vec2<u32>) -> u32 {
    if (is_below(place, number_at(value + 7u))) {
        return tables[value + 11u];
    }
    if (is_below(number_at(value + 9u), place)) {
        return tables[value + 12u];
    }
    var x = double_rounded(false, -53, place.x, place.y, false);
    if (tables[value] == 0u) {
        let units = bitcast<i32>(place.y - 0x80000000u);
        x = double_rounded(units < 0, -21, 0u, u32(abs(units)), false);
    }
    let weight = double_single(double_sum(double_at(value + 13u), double_product(double_at(value + 17u), x)));
    let power = tables[value + 6u];
    if (power == NONE) {
        return single_word(weight);
    }
    return bitcast<u32>(single_whole(weight, bitcast<i32>(power)));
}

@compute @workgroup_size(DRAWERS)
fn draw_values(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let job = job_of(group.z);
    let number = group.y * groups.x + group.x;
    let row = number / max(job.pieces, 1u);
    if (row >= job.rows) {
        return;
    }
    let first = places[job.row_start + row];
    let piece = PIECE * (number % max(job.pieces, 1u));
    let end = min(places[job.row_start + row + 1u] - first, piece + PIECE);
    let source = job.source + row;
    for (var edge = piece + lane; edge < end; edge += DRAWERS) {
        let place = job.edges + first + edge;
        var word = job.first_target;
        if (job.targets == EVERYBODY) {
            word += without(edge, source, job.apart);
        } else if (job.targets == ITSELF) {
            word += source;
        } else {
            word = synapses[place];
        }
        if (job.delay != NONE) {
            word |= delay_of(job.delay, value_place(job.delay, job.key, source, edge)) << job.target_bits;
        }
        synapses[place] = word;
        if (job.weight != NONE) {
            let drawn = value_place(job.weight, job.key, source, edge);
            synapses[job.weights + first + edge] = weight_of(job.weight, drawn);
        }
    }
}

@compute @workgroup_size(DRAWERS)
fn draw_pivots(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let job = job_of(group.z);
    let row = group.y * groups.x + group.x;
    if (job.pivots == NONE || row >= job.rows) {
        return;
    }
    let first = places[job.row_start + row];
    let end = places[job.row_start + row + 1u];
    let mask = select(0xffffffffu, (1u << (job.target_bits & 31u)) - 1u, job.target_bits < 32u);
    for (var block = lane; block <= job.blocks; block += DRAWERS) {
        let border = max(job.border + block * job.block, job.target_row) - job.target_row;
        var low = first;
        var high = select(end, first, block == job.blocks);
        while (low < high) {
            let middle = (low + high) / 2u;
            if ((synapses[job.edges + middle] & mask) < border) {
                low = middle + 1u;
            } else {
                high = middle;
            }
        }
        places[job.pivots + row * (job.blocks + 1u) + block] = select(low, end, block == job.blocks);
    }
}
