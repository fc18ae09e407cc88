// A workgroup lists the spikes that stand in up to CHUNK words of bits, so that its threads share them evenly.
// The list has room for every bit, so that none can be lost.

var<workgroup> listed_spikes: array<u32, CHUNK * 32u>;
var<workgroup> listed_count: atomic<u32>;
var<workgroup> shared_count: u32;

// before a word is listed; a barrier must follow
fn list_clear(lane: u32) {
    if (lane == 0u) {
        atomicStore(&listed_count, 0u);
    }
}

// the spikes of a word; first: row of its first bit; mark: what is kept above the row
fn list_word(bits: u32, first: u32, mark: u32) {
    if (bits == 0u) {
        return;
    }
    var at = atomicAdd(&listed_count, countOneBits(bits));
    var left = bits;
    while (left != 0u) {
        listed_spikes[at] = (first + firstTrailingBit(left)) | mark;
        at += 1u;
        left &= left - 1u;
    }
}

// how many there are, the same for all threads; every thread must come here, and the list stands from here on
fn list_length(lane: u32) -> u32 {
    workgroupBarrier();
    if (lane == 0u) {
        shared_count = atomicLoad(&listed_count);
    }
    return workgroupUniformLoad(&shared_count);
}
