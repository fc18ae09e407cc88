// What a row does in a step besides arithmetic: takes arrivals, reads the list of spikes, draws, reports.

// row: in its group; list: first word of the group's bits
fn is_listed(list: u32, row: u32) -> bool {
    return ((inputs[list + row / 32u] >> (row & 31u)) & 1u) == 1u;
}

// a number of this row is not finite: the first dispatch is kept, and the first row with its first place, if there is room
fn report(instance: u32, row: u32, place: u32) {
    atomicMin(&spikes[FAULT_WINDOW], window.ordinal);
    let first = (instance * SPIKE_WORDS * 32u + row) * FAULT_PLACES;
    atomicMin(&spikes[FAULT_ROW], first + min(place, FAULT_PLACES - 1u));
}

// of a number that is not finite: 0 infinity, 1 minus infinity, 2 NaN
fn kind_of(x: f32) -> u32 {
    let bits = bitcast<u32>(x);
    return select(select(0u, 1u, (bits >> 31u) == 1u), 2u, (bits & 0x7fffffffu) > 0x7f800000u);
}

// the words of the population that a row of a group belongs to: its first row, and its random numbers' tag
fn segment_of(first: u32, count: u32, row: u32) -> u32 {
    var low = 0u;
    var high = count;
    while (high - low > 1u) {
        let middle = (low + high) / 2u;
        if (tables[first + 2u * middle] <= row) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return first + 2u * low;
}

fn key_of(instance: u32) -> vec2<u32> {
    return vec2<u32>(tables[KEYS + 2u * instance], tables[KEYS + 2u * instance + 1u]);
}

// a normal draw of a stimulus; interval: low and high word of its number
fn normal_of(instance: u32, tag: u32, neuron: u32, low: u32, high: u32) -> f32 {
    let words = random_block(key_of(instance), tag, neuron, vec2<u32>(low, high), 0u);
    return random_normal(words.x, words.y);
}

// the words of a neuron for a step and its neighbours: four steps share a block
fn words_of_four_steps(instance: u32, tag: u32, neuron: u32, record: u32) -> vec4<u32> {
    let low = inputs[record + 1u];
    let high = inputs[record + 2u];
    let quarter = vec2<u32>((low >> 2u) | (high << 30u), high >> 2u);
    return random_block(key_of(instance), tag, neuron, quarter, 0u);
}

// Poisson events of a step by its word of four; law: smallest count, first threshold, thresholds
fn events_in(words: vec4<u32>, record: u32, law: u32) -> f32 {
    return f32(random_poisson(words[inputs[record + 1u] & 3u], tables[law], tables[law + 1u], tables[law + 2u]));
}

// Poisson events of a neuron in a step
fn events_of(instance: u32, tag: u32, neuron: u32, record: u32, law: u32) -> f32 {
    return events_in(words_of_four_steps(instance, tag, neuron, record), record, law);
}
