// What passes over synapses read and send besides their lines: spikes of steps before, states of neurons as they were, the time
// since the last event, whole numbers for a ring.

// the spikes of a step, as the bits of a word of all rows
fn sent_at(instance: u32, step: u32, word: u32) -> u32 {
    return bitcast<u32>(atomicLoad(&ring[history_place(instance, step, word)]));
}

// a state of a row of a group as it was after a step; first: of its column; span: of the group
fn state_after(first: u32, span: u32, instance: u32, step: u32, row: u32) -> f32 {
    return state[first + ((step & TRAIL_MASK) * INSTANCES + instance) * span + row];
}

// what is added to a ring: rounded half away from 0. The scale is a power of two, so that the product is exact; the largest
// number below 1/2 is added, since with 1/2 itself 0.49999997 would come to 1
fn units_of(value: f32, scale: f32) -> i32 {
    let units = value * scale;
    return i32(units + select(-0.49999997f, 0.49999997f, units >= 0.0f));
}

// so many steps in ms, to the bit what the nearest number in single precision is, whatever the device's rounding;
// low, high: of the 53 bits of the duration of a step; power: of two, which they are times
fn duration(steps: u32, low: u32, high: u32, power: i32) -> f32 {
    if (steps == 0u) {
        return 0.0f;
    }
    // 85 bits
    let part = steps * high;
    var words = array<u32, 3>(steps * low, random_high(steps, low) + part, random_high(steps, high));
    words[2] += select(0u, 1u, words[1] < part);
    let top = select(select(0u, 1u, words[1] != 0u), 2u, words[2] != 0u);
    let shift = countLeadingZeros(words[top]);
    let below = select(0u, words[max(top, 1u) - 1u], top > 0u);
    let rest = select(0u, words[0], top == 2u);
    let first = (words[top] << shift) | select(0u, below >> (32u - shift), shift > 0u);
    let sticky = ((below << shift) | rest) != 0u;
    // the first 24 bits, rounded to the nearest, ties to even
    let half = first & 0xffu;
    let whole = first >> 8u;
    let up = half > 0x80u || (half == 0x80u && (sticky || (whole & 1u) == 1u));
    let exponent = i32(32u * top) + 8 - i32(shift) + power;
    // below 2^24 + 1, and a power of two: both exact, and so is their product
    return f32(whole + select(0u, 1u, up)) * of_bits(u32(exponent + 127) << 23u);
}
