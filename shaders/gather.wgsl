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
    let first = tables[BLOCK_STARTS + number];
    let end = tables[BLOCK_STARTS + number + 1u];
    if (first == end || window.before == 0u) {
        return;
    }
    // words of bits, or listed spikes
    var words = window.before * SPIKE_WORDS;
    if (LISTED) {
        words = atomicLoad(&spikes[sent_count(1u, instance)]);
    }
    // the next words of this thread, those that it has, and the route from which on the first of them is to be listed
    var next = lane;
    var at = vec4<u32>(0u);
    var left = vec4<u32>(0u);
    var route = first;
    var turn = 0u;
    var wanted = NONE;
    while (wanted > LIST) {
        while (next < words || any(left != vec4<u32>(0u))) {
            if (LISTED && left.x == 0u) {
                at.x = atomicLoad(&spikes[sent_list(1u, instance) + next]);
                left.x = 1u;
                next += WORKGROUP;
            } else if (all(left == vec4<u32>(0u))) {
                at = next + WORKGROUP * vec4<u32>(0u, 1u, 2u, 3u);
                left.x = gather_word(at.x, words, instance);
                if (GATHER_WORDS == 4u) {
                    left.y = gather_word(at.y, words, instance);
                    left.z = gather_word(at.z, words, instance);
                    left.w = gather_word(at.w, words, instance);
                }
                next += GATHER_WORDS * WORKGROUP;
            } else {
                var chosen = vec2<u32>(left.x, at.x);
                if (GATHER_WORDS == 4u) {
                    chosen = select(vec2<u32>(left.w, at.w), vec2<u32>(left.z, at.z), left.z != 0u);
                    chosen = select(chosen, vec2<u32>(left.y, at.y), left.y != 0u);
                    chosen = select(chosen, vec2<u32>(left.x, at.x), left.x != 0u);
                }
                // the first row, and the step of the window above it
                var row = ((chosen.y % SPIKE_WORDS) * 32u) | ((chosen.y / SPIKE_WORDS) << 26u);
                if (LISTED) {
                    row = at.x;
                }
                route = list_routes(chosen.x, row & 0x3ffffffu, row & 0xfc000000u, route, end, turn);
                if (route < end) {
                    break;
                }
                route = first;
                left = select(left, vec4<u32>(0u), at == vec4<u32>(chosen.y));
            }
        }
        wanted = list_wanted(lane, turn);
        let count = list_length(wanted, turn);
        for (var spike = lane / LANES; spike < count; spike += WORKGROUP / LANES) {
            gather_row(listed_spikes[spike], BLOCK_ROUTES + BLOCK_ROUTE_WORDS * listed_routes[spike], lane, instance, first_row);
        }
        if (wanted > LIST) {
            turn = 1u - turn;
            workgroupBarrier();
        }
    }
}

// the sources of a route of the block
fn route_sources(route: u32) -> vec2<u32> {
    let entry = BLOCK_ROUTES + BLOCK_ROUTE_WORDS * route;
    return vec2<u32>(tables[entry + 2u], tables[entry + 3u]);
}

// a word of spikes; at: of those of all steps; words: of them
fn gather_word(at: u32, words: u32, instance: u32) -> u32 {
    if (at >= words) {
        return 0u;
    }
    return atomicLoad(&spikes[spike_place(window.place - window.before + at / SPIKE_WORDS, instance, at % SPIKE_WORDS)]);
}

// a spike down its row of a route as far as it ends in the block; entry: of the route among those of the block
fn gather_row(spike: u32, entry: u32, lane: u32, instance: u32, first_row: u32) {
    let route = route_at(tables[entry], instance);
    let pivot = route.pivots + ((spike & 0x3ffffffu) - route.first_source) * route.pivot_columns + tables[entry + 1u];
    let end = tables[pivot + 1u];
    let k = spike >> 26u;
    let slot = window.slot - window.before + k + 1u;
    let place = arrival_place(slot + route.shared_delay, instance, route.channel);
    // a difference may be below 0: what it is counted from is added later
    let sum = ((k - LEAST_DELAY) * PORTS + route.port) * WORKGROUP + route.first_target - first_row;
    // two synapses in a turn, so that the second does not wait for the first
    for (var edge = tables[pivot] + (lane & (LANES - 1u)); edge < end; edge += 2u * LANES) {
        let synapse = synapse_at(route, edge);
        let second = synapse_at(route, min(edge + LANES, end - 1u));
        gather_synapse(route, synapse, slot, instance, place, sum);
        if (edge + LANES < end) {
            gather_synapse(route, second, slot, instance, place, sum);
        }
    }
}

// a synapse whose spike was emitted at the beginning of `slot`; place, sum: of the first row
fn gather_synapse(route: Route, synapse: Synapse, slot: u32, instance: u32, place: u32, sum: u32) {
    if (SUM_SLOTS > 0u) {
        atomicAdd(&sums[sum + synapse.delay * PORTS * WORKGROUP + synapse.row], synapse.weight);
    } else {
        send_down(route, synapse, slot, instance, place);
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
