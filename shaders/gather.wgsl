// Fused schedule: a block of rows takes the spikes of the window before that reach it. Nobody else adds to these rows, so
// that their sums may stand in workgroup memory until all are in.

var<workgroup> sums: array<atomic<i32>, SUMS>;

fn sums_clear(lane: u32) {
    for (var at = lane; at < SUM_SLOTS * PORTS * WORKGROUP; at += WORKGROUP) {
        atomicStore(&sums[at], 0);
    }
}

// number: of the block; first_row: its first row in its group. The list must be clear
fn gather(number: u32, lane: u32, instance: u32, first_row: u32) {
    let first_route = tables[BLOCK_STARTS + number];
    let end_route = tables[BLOCK_STARTS + number + 1u];
    if (first_route == end_route || window.before == 0u) {
        return;
    }
    let words = window.before * SPIKE_WORDS;
    var turn = 0u;
    var left = vec4<u32>(0u);
    var wanted = 0u;
    for (var chunk = 0u; chunk < words; chunk += list_stride(GATHER_WORDS * WORKGROUP, wanted)) {
        let at = chunk + lane + WORKGROUP * vec4<u32>(0u, 1u, 2u, 3u);
        if (wanted <= LIST) {
            left.x = gather_word(at.x, words, instance);
            if (GATHER_WORDS == 4u) {
                left.y = gather_word(at.y, words, instance);
                left.z = gather_word(at.z, words, instance);
                left.w = gather_word(at.w, words, instance);
            }
        }
        if (any(left != vec4<u32>(0u))) {
            left = gather_list(left, at, turn);
        }
        wanted = list_wanted(lane, turn);
        if (wanted == 0u) {
            continue;
        }
        let count = list_length(wanted, turn);
        for (var entry = first_route; entry < end_route; entry++) {
            let route = route_at(tables[BLOCK_ROUTES + 2u * entry], instance);
            let column = tables[BLOCK_ROUTES + 2u * entry + 1u];
            gather_route(route, column, lane, instance, first_row, count);
        }
        turn = 1u - turn;
        workgroupBarrier();
    }
}

// a word of spikes; at: of those of all steps; words: of them
fn gather_word(at: u32, words: u32, instance: u32) -> u32 {
    if (at >= words) {
        return 0u;
    }
    return atomicLoad(&spikes[spike_place(window.place - window.before + at / SPIKE_WORDS, instance, at % SPIKE_WORDS)]);
}

// lists the words of a thread, each with its step of the window above the row; gives what is left of them
fn gather_list(words: vec4<u32>, at: vec4<u32>, turn: u32) -> vec4<u32> {
    let own = countOneBits(words);
    let place = list_claim(own.x + own.y + own.z + own.w, turn);
    if (place == NONE) {
        return words;
    }
    let row = (at % vec4<u32>(SPIKE_WORDS)) * 32u;
    let mark = (at / vec4<u32>(SPIKE_WORDS)) << vec4<u32>(26u);
    list_put(words.x, row.x, mark.x, place);
    if (GATHER_WORDS == 4u) {
        list_put(words.y, row.y, mark.y, place + own.x);
        list_put(words.z, row.z, mark.z, place + own.x + own.y);
        list_put(words.w, row.w, mark.w, place + own.x + own.y + own.z);
    }
    return vec4<u32>(0u);
}

// the listed spikes of a route, down their rows as far as these end in the block; column: of the block among the pivots
fn gather_route(route: Route, column: u32, lane: u32, instance: u32, first_row: u32, count: u32) {
    let shift = countTrailingZeros(route.lanes);
    for (var at = lane >> shift; at < count; at += WORKGROUP >> shift) {
        let spike = listed_spikes[at];
        let source = (spike & 0x3ffffffu) - route.first_source;
        if (source >= route.sources) {
            continue;
        }
        let k = spike >> 26u;
        let pivot = route.pivots + source * route.pivot_columns + column;
        let end = tables[pivot + 1u];
        let slot = window.slot - window.before + k + 1u;
        let place = arrival_place(slot + route.shared_delay, instance, route.channel);
        // a difference may be below 0: what it is counted from is added later
        let sum = ((k - LEAST_DELAY) * PORTS + route.port) * WORKGROUP + route.first_target - first_row;
        for (var edge = tables[pivot] + (lane & (route.lanes - 1u)); edge < end; edge += route.lanes) {
            let synapse = synapse_at(route, edge);
            if (SUM_SLOTS > 0u) {
                atomicAdd(&sums[sum + synapse.delay * PORTS * WORKGROUP + synapse.row], synapse.weight);
            } else {
                send_down(route, synapse, slot, instance, place);
            }
        }
    }
}

// the sums of the row of a thread, port by port, to the ring; channel_row: of the port and the row
fn sums_flush(lane: u32, instance: u32, port: u32, channel_row: u32) {
    if (window.before == 0u) {
        return;
    }
    for (var ahead = 0u; ahead < SUM_SLOTS; ahead++) {
        let sum = atomicLoad(&sums[(ahead * PORTS + port) * WORKGROUP + lane]);
        if (sum != 0) {
            arrive(window.slot - window.before + 1u + LEAST_DELAY + ahead, instance, channel_row, sum);
        }
    }
}
