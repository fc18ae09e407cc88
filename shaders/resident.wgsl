// Resident schedule: one workgroup per instance. Its spikes go down their rows within the step, through the list.

var<workgroup> bits: array<atomic<u32>, SPIKE_WORDS>;

// row: of all rows
fn send(k: u32, row: u32, lane: u32) {
    atomicOr(&bits[row / 32u], 1u << (row & 31u));
}

fn bits_clear(lane: u32) {
    for (var word = lane; word < SPIKE_WORDS; word += WORKGROUP) {
        atomicStore(&bits[word], 0u);
    }
}

fn bits_write(lane: u32, instance: u32, place: u32, past: u32) {
    for (var word = lane; word < SPIKE_WORDS; word += WORKGROUP) {
        let sent = atomicLoad(&bits[word]);
        atomicStore(&spikes[spike_place(place, instance, word)], sent);
        keep(instance, past, word, sent);
    }
}

// the spikes of the step that began at `slot`, emitted at its end. The list must be clear
fn scatter(lane: u32, instance: u32, slot: u32) {
    // the next word of this thread, the one that it has, and the route from which on this is to be listed
    var next = lane;
    var row = 0u;
    var left = 0u;
    var route = 0u;
    var turn = 0u;
    var wanted = NONE;
    while (wanted > LIST) {
        while (next < SPIKE_WORDS || left != 0u) {
            if (left == 0u) {
                left = atomicLoad(&bits[next]);
                row = next * 32u;
                next += WORKGROUP;
            } else {
                route = list_routes(left, row, 0u, route, ROUTES, turn);
                if (route < ROUTES) {
                    break;
                }
                route = 0u;
                left = 0u;
            }
        }
        wanted = list_wanted(lane, turn);
        let count = list_length(wanted, turn);
        for (var spike = lane / LANES; spike < count; spike += WORKGROUP / LANES) {
            scatter_row(listed_spikes[spike], ROUTE_PLACE + listed_routes[spike] * ROUTE_WORDS, lane, instance, slot + 1u);
        }
        if (wanted > LIST) {
            turn = 1u - turn;
            workgroupBarrier();
        }
    }
}

// the sources of a route
fn route_sources(route: u32) -> vec2<u32> {
    let record = ROUTE_PLACE + route * ROUTE_WORDS;
    return vec2<u32>(tables[record + 7u], tables[record + 8u]);
}

// a spike, emitted at the beginning of `slot`, down its row of a route
fn scatter_row(row: u32, record: u32, lane: u32, instance: u32, slot: u32) {
    let route = route_at(record, instance);
    let source = route.row_start + row - route.first_source;
    let place = arrival_place(slot + route.shared_delay, instance, route.channel);
    send_row(route, tables[source] + (lane & (LANES - 1u)), tables[source + 1u], LANES, slot, instance, place);
}
