// A workgroup lists spikes, so that its threads share them evenly. Each thread brings words of bits; where the list has no room
// for all of them the thread keeps its words for the next turn, so that none is lost. Turns count with two numbers by turns: one
// is 0 again before it is needed.

var<workgroup> listed_spikes: array<u32, LIST>;
// by place of the list the route that a spike takes, where spikes stand once for each
var<workgroup> listed_routes: array<u32, LIST>;
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

// the bits of a word that are sources of a route; row: of the first bit; sources: the first of them, how many
fn source_bits(row: u32, sources: vec2<u32>) -> u32 {
    let end = sources.x + sources.y;
    if (end <= row || sources.x >= row + 32u) {
        return 0u;
    }
    return (0xffffffffu >> (32u - min(end - row, 32u))) & (0xffffffffu << (max(sources.x, row) - row));
}

// the spikes of a word down every route from `first` to `end` that they are sources of; row: of the first bit; mark: what is kept
// above the row. Gives the route for which there was no room, or `end`
fn list_routes(bits: u32, row: u32, mark: u32, first: u32, end: u32, turn: u32) -> u32 {
    for (var route = first; route < end; route++) {
        var left = bits & source_bits(row, route_sources(route));
        if (left != 0u) {
            var at = list_claim(countOneBits(left), turn);
            if (at == NONE) {
                return route;
            }
            while (left != 0u) {
                listed_spikes[at] = (row + firstTrailingBit(left)) | mark;
                listed_routes[at] = route;
                at += 1u;
                left &= left - 1u;
            }
        }
    }
    return end;
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
    var at = place;
    var left = bits;
    while (left != 0u) {
        listed_spikes[at] = first + firstTrailingBit(left);
        at += 1u;
        left &= left - 1u;
    }
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
