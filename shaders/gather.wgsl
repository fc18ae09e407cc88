// Fused schedule: a block of rows takes the spikes of the window before that reach it. Nobody else adds to these rows, so
// that their sums may stand in workgroup memory until all are in.

var<workgroup> sums: array<atomic<i32>, SUMS>;

fn sums_clear(lane: u32) {
    for (var at = lane; at < SUM_SLOTS * PORTS * WORKGROUP; at += WORKGROUP) {
        atomicStore(&sums[at], 0);
    }
}

// number: of the block; first_row: its first row in its group
fn gather(number: u32, lane: u32, instance: u32, first_row: u32) {
    let first_route = tables[BLOCK_STARTS + number];
    let end_route = tables[BLOCK_STARTS + number + 1u];
    if (first_route == end_route || window.before == 0u) {
        return;
    }
    let words = window.before * SPIKE_WORDS;
    for (var chunk = 0u; chunk < words; chunk += CHUNK) {
        list_clear(lane);
        workgroupBarrier();
        for (var at = chunk + lane; at < min(chunk + CHUNK, words); at += WORKGROUP) {
            let k = at / SPIKE_WORDS;
            let word = at % SPIKE_WORDS;
            list_word(atomicLoad(&spikes[spike_place(window.place - window.before + k, instance, word)]), word * 32u, k << 26u);
        }
        let count = list_length(lane);
        if (count == 0u) {
            continue;
        }
        for (var entry = first_route; entry < end_route; entry++) {
            let route = route_at(tables[BLOCK_ROUTES + 2u * entry], instance);
            let column = tables[BLOCK_ROUTES + 2u * entry + 1u];
            for (var at = lane / route.lanes; at < count; at += WORKGROUP / route.lanes) {
                let spike = listed_spikes[at];
                let source = (spike & 0x3ffffffu) - route.first_source;
                if (source >= route.sources) {
                    continue;
                }
                let k = spike >> 26u;
                let pivot = route.pivots + source * route.pivot_columns + column;
                let end = tables[pivot + 1u];
                for (var edge = tables[pivot] + lane % route.lanes; edge < end; edge += route.lanes) {
                    let synapse = synapse_at(route, edge);
                    if (SUM_SLOTS > 0u) {
                        let ahead = k + synapse.delay - LEAST_DELAY;
                        let place = (ahead * PORTS + route.port) * WORKGROUP + route.first_target + synapse.row - first_row;
                        atomicAdd(&sums[place], synapse.weight);
                    } else {
                        let slot = window.slot - window.before + k + 1u + synapse.delay;
                        arrive(slot, instance, route.channel + synapse.row, synapse.weight);
                    }
                }
            }
        }
        workgroupBarrier();
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
