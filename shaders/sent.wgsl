// The spikes of a window, listed for those who deliver them: row, and step of the window above it. The order does not matter.

// 0: of the window that is advanced, 1: of the one before
fn sent_list(before: u32, instance: u32) -> u32 {
    return SENT_LISTS + ((window.turn ^ before) & 1u) * INSTANCES * SENT_ROOM + instance * SENT_ROOM;
}

fn sent_count(before: u32, instance: u32) -> u32 {
    return SENT_COUNTS + ((window.turn + 3u - before) % 3u) * INSTANCES + instance;
}

// a word of bits; row: of the first bit; k: step of the window
fn list_sent(bits: u32, row: u32, k: u32, instance: u32) {
    if (bits == 0u) {
        return;
    }
    var at = sent_list(0u, instance) + atomicAdd(&spikes[sent_count(0u, instance)], countOneBits(bits));
    var left = bits;
    while (left != 0u) {
        atomicStore(&spikes[at], (row + firstTrailingBit(left)) | (k << 26u));
        at += 1u;
        left &= left - 1u;
    }
}

// empties the list of the next window: one thread of an instance
fn begin_next(instance: u32) {
    atomicStore(&spikes[SENT_COUNTS + ((window.turn + 1u) % 3u) * INSTANCES + instance], 0u);
}
