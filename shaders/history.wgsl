// Spikes of the last steps, as bits behind the ring: what synapses with states of their own wait for.

fn history_place(instance: u32, step: u32, word: u32) -> u32 {
    return HISTORY + (instance * HISTORY_SLOTS + (step & HISTORY_MASK)) * SPIKE_WORDS + word;
}

// the spikes of a step; word: of the bits of all rows
fn keep(instance: u32, step: u32, word: u32, sent: u32) {
    if (HISTORY_SLOTS > 0u) {
        atomicStore(&ring[history_place(instance, step, word)], bitcast<i32>(sent));
    }
}

// 1 if a row spiked in a step, else 0; row: of all rows
fn spiked(instance: u32, step: u32, row: u32) -> f32 {
    let sent = bitcast<u32>(atomicLoad(&ring[history_place(instance, step, row / 32u)]));
    return select(0.0f, 1.0f, ((sent >> (row & 31u)) & 1u) == 1u);
}
