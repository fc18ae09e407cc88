// One workgroup per work item: the spikes that up to 32 sources of a route sent in this window, each down its row of
// synapses, a lane per synapse. Sums are whole numbers, so that their order does not matter.

@compute @workgroup_size(WORKGROUP)
fn deliver(
    @builtin(workgroup_id) block: vec3<u32>,
    @builtin(num_workgroups) blocks: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let item = block.y * blocks.x + block.x;
    let instance = block.z;
    if (item >= WORK_ITEMS || stopped()) {
        return;
    }
    // the item: route, first source, sources, and which part of their rows of how many
    let work = WORK_PLACE + item * WORK_WORDS;
    let record = tables[work];
    let first = tables[work + 1u];
    let sources = 0xffffffffu >> (32u - tables[work + 2u]);
    let part = tables[work + 3u] & 0xffffu;
    let parts = tables[work + 3u] >> 16u;
    let route = route_at(record, instance);

    let stride = parts * WORKGROUP;

    for (var k = 0u; k < window.steps; k++) {
        let word = atomicLoad(&spikes[spike_place(window.place + k, instance, first / 32u)]);
        var bits = (word >> (first & 31u)) & sources;
        // a spike of step n is emitted at its end, n + 1, so that no slot is written that this window reads
        let slot = window.slot + k + 1u;
        let place = arrival_place(slot + route.shared_delay, instance, route.channel);
        while (bits != 0u) {
            let source = route.row_start + first - route.first_source + firstTrailingBit(bits);
            bits &= bits - 1u;
            send_row(route, tables[source] + part * WORKGROUP + lane, tables[source + 1u], stride, slot, instance, place);
        }
    }
}
