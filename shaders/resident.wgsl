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

// the spikes of the step that began at `slot`, emitted at its end
fn scatter(lane: u32, instance: u32, slot: u32) {
    for (var chunk = 0u; chunk < SPIKE_WORDS; chunk += CHUNK) {
        list_clear(lane);
        workgroupBarrier();
        for (var word = chunk + lane; word < min(chunk + CHUNK, SPIKE_WORDS); word += WORKGROUP) {
            list_word(atomicLoad(&bits[word]), word * 32u, 0u);
        }
        let count = list_length(lane);
        if (count == 0u) {
            continue;
        }
        for (var entry = 0u; entry < ROUTES; entry++) {
            let route = route_at(ROUTE_PLACE + entry * ROUTE_WORDS, instance);
            for (var at = lane / route.lanes; at < count; at += WORKGROUP / route.lanes) {
                let source = listed_spikes[at] - route.first_source;
                if (source >= route.sources) {
                    continue;
                }
                let end = tables[route.row_start + source + 1u];
                for (var edge = tables[route.row_start + source] + lane % route.lanes; edge < end; edge += route.lanes) {
                    let synapse = synapse_at(route, edge);
                    arrive(slot + 1u + synapse.delay, instance, route.channel + synapse.row, synapse.weight);
                }
            }
        }
        workgroupBarrier();
    }
}
