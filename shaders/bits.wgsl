// The spikes of a block of rows, gathered in workgroup memory: every word of bits belongs to one workgroup, which writes it once.

var<workgroup> bits: array<atomic<u32>, BLOCK_BITS>;

// k: step of the window; lane: row of the block
fn send(k: u32, row: u32, lane: u32) {
    atomicOr(&bits[k * (WORKGROUP / 32u) + lane / 32u], 1u << (lane & 31u));
}

fn bits_clear(lane: u32) {
    for (var word = lane; word < BLOCK_BITS; word += WORKGROUP) {
        atomicStore(&bits[word], 0u);
    }
}

// first: word of the block among the bits of all rows; words: those of the block that belong to its group
fn bits_write(lane: u32, instance: u32, first: u32, words: u32) {
    for (var at = lane; at < window.steps * (WORKGROUP / 32u); at += WORKGROUP) {
        let word = at % (WORKGROUP / 32u);
        if (word < words) {
            let k = at / (WORKGROUP / 32u);
            let sent = atomicLoad(&bits[at]);
            atomicStore(&spikes[spike_place(window.place + k, instance, first + word)], sent);
            keep(instance, window.past + k, first + word, sent);
            if (LISTED) {
                list_sent(sent, (first + word) * 32u, k, instance);
            }
        }
    }
}
