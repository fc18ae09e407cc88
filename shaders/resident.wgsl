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
    var turn = 0u;
    var left = 0u;
    var wanted = 0u;
    for (var chunk = 0u; chunk < SPIKE_WORDS; chunk += list_stride(WORKGROUP, wanted)) {
        if (wanted <= LIST && chunk + lane < SPIKE_WORDS) {
            left = atomicLoad(&bits[chunk + lane]);
        }
        left = list_word(left, (chunk + lane) * 32u, turn);
        wanted = list_wanted(lane, turn);
        if (wanted == 0u) {
            continue;
        }
        let count = list_length(wanted, turn);
        for (var entry = 0u; entry < ROUTES; entry++) {
            scatter_route(route_at(ROUTE_PLACE + entry * ROUTE_WORDS, instance), lane, instance, slot, count);
        }
        turn = 1u - turn;
        workgroupBarrier();
    }
}

// the listed spikes of a route, down their rows
fn scatter_route(route: Route, lane: u32, instance: u32, slot: u32, count: u32) {
    let shift = countTrailingZeros(route.lanes);
    for (var at = lane >> shift; at < count; at += WORKGROUP >> shift) {
        let source = listed_spikes[at] - route.first_source;
        if (source >= route.sources) {
            continue;
        }
        let end = tables[route.row_start + source + 1u];
        let place = arrival_place(slot + 1u + route.shared_delay, instance, route.channel);
        for (var edge = tables[route.row_start + source] + (lane & (route.lanes - 1u)); edge < end; edge += route.lanes) {
            send_down(route, synapse_at(route, edge), slot + 1u, instance, place);
        }
    }
}
