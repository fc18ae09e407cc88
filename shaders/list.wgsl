// A workgroup lists spikes, so that its threads share them evenly. Each thread brings words of bits; where the list has no room
// for all of them the thread keeps its words for the next turn, so that none is lost. Turns count with two numbers by turns: one
// is 0 again before it is needed.

var<workgroup> listed_spikes: array<u32, LIST>;
// spikes that want a place
var<workgroup> listed_wanted: array<atomic<u32>, 2>;
// the first place that a thread did not get
var<workgroup> listed_end: array<atomic<u32>, 2>;

// before turn 0; a barrier must follow
fn list_clear(lane: u32) {
    if (lane < 2u) {
        atomicStore(&listed_wanted[lane], 0u);
        atomicStore(&listed_end[lane], LIST);
    }
}

// places for so many spikes of a thread, the first of them; NONE: there is no room; turn: 0 or 1
fn list_claim(own: u32, turn: u32) -> u32 {
    let at = atomicAdd(&listed_wanted[turn], own);
    if (at + own > LIST) {
        atomicMin(&listed_end[turn], at);
        return NONE;
    }
    return at;
}

// the spikes of a word from a place on; first: row of the first bit; mark: what is kept above the row
fn list_put(bits: u32, first: u32, mark: u32, place: u32) {
    var at = place;
    var left = bits;
    while (left != 0u) {
        listed_spikes[at] = (first + firstTrailingBit(left)) | mark;
        at += 1u;
        left &= left - 1u;
    }
}

// the spikes of a word, and what is left of them
fn list_word(bits: u32, first: u32, turn: u32) -> u32 {
    if (bits == 0u) {
        return 0u;
    }
    let place = list_claim(countOneBits(bits), turn);
    if (place == NONE) {
        return bits;
    }
    list_put(bits, first, 0u, place);
    return 0u;
}

// how many want a place, the same for all threads; every thread must come here. More than LIST: another turn follows. Where it
// is not 0 the list stands from here on, and a barrier and the other turn must come before the next word
fn list_wanted(lane: u32, turn: u32) -> u32 {
    if (lane == 0u) {
        atomicStore(&listed_wanted[1u - turn], 0u);
        atomicStore(&listed_end[1u - turn], LIST);
    }
    return workgroupUniformLoad(&listed_wanted[turn]);
}

// words to go on after a turn, of as many as all threads brought: none while some are left
fn list_stride(words: u32, wanted: u32) -> u32 {
    return select(words, 0u, wanted > LIST);
}

// how many got one
fn list_length(wanted: u32, turn: u32) -> u32 {
    return min(wanted, atomicLoad(&listed_end[turn]));
}
