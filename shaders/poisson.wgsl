// Poisson counts of large means, as in src/random/poisson.rs: bins of equal width, and a straight line inside each.

// a place in a bin, kept where the rest of the product is below a threshold that is a straight line in the place, else mirrored
fn poisson_place(word: u32, width: u32, slope: u32) -> u32 {
    let place = random_high(word, width);
    let rest = word * width;
    let kept_below = 0x80000000u + slope * (2u * place + 1u - width);
    return select(width - 1u - place, place, rest < kept_below);
}

// a count below 2^31 to the nearest of 24 bits, ties to even: then the conversion is exact, whatever the device's rounding
fn rounded_count(count: u32) -> f32 {
    let drop = 8u - min(countLeadingZeros(count), 8u);
    let up = select(0u, (1u << drop) / 2u - 1u + ((count >> drop) & 1u), drop > 0u);
    return f32(((count + up) >> drop) << drop);
}

// Poisson events of a neuron in a step, where some mean is large. law: smallest count, first threshold, thresholds; after the
// thresholds stand the width of a bin and a slope for each. Four steps share two blocks.
fn many_events_of(instance: u32, tag: u32, neuron: u32, record: u32, law: u32) -> f32 {
    let low = inputs[record + 1u];
    let high = inputs[record + 2u];
    let quarter = vec2<u32>((low >> 2u) | (high << 30u), high >> 2u);
    let key = key_of(instance);
    let words = random_block(key, tag, neuron, quarter, 0u);
    let bin = random_poisson(words[low & 3u], 0u, tables[law + 1u], tables[law + 2u]);
    let shape = tables[law + 1u] + tables[law + 2u];
    let width = tables[shape];
    let seconds = random_block(key, tag, neuron, quarter, 1u);
    let place = poisson_place(seconds[low & 3u], width, tables[shape + 1u + bin]);
    return rounded_count(tables[law] + bin * width + place);
}
