// One workgroup per work item: the spikes that up to 32 sources of a route sent in this window, each down its row of
// synapses, a lane per synapse. Sums are whole numbers, so that their order does not matter.

@compute @workgroup_size(64)
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
    let route = tables[work];
    let first = tables[work + 1u];
    let sources = 0xffffffffu >> (32u - tables[work + 2u]);
    let part = tables[work + 3u] & 0xffffu;
    let parts = tables[work + 3u] >> 16u;

    // the route, as RouteLayout in src/wgsl/routes.rs
    let row_start = tables[route];
    let edges = tables[route + 1u];
    let weights = tables[route + 2u];
    let shared_weight = bitcast<i32>(tables[route + 3u]);
    let target_bits = tables[route + 4u];
    let shared_delay = tables[route + 5u];
    let channel = tables[route + 6u];
    let first_source = tables[route + 7u];

    for (var k = 0u; k < window.steps; k++) {
        let word = atomicLoad(&spikes[spike_place(window.place + k, instance, first)]);
        var bits = (word >> (first & 31u)) & sources;
        while (bits != 0u) {
            let source = row_start + first - first_source + firstTrailingBit(bits);
            bits &= bits - 1u;
            let end = tables[source + 1u];
            for (var edge = tables[source] + part * WORKGROUP + lane; edge < end; edge += parts * WORKGROUP) {
                let packed = synapses[edges + edge];
                var row = packed;
                var delay = shared_delay;
                if (target_bits < 32u) {
                    row = packed & ((1u << target_bits) - 1u);
                    delay = packed >> target_bits;
                }
                var weight = shared_weight;
                if (weights != NONE) {
                    weight = bitcast<i32>(synapses[weights + edge]);
                }
                // a spike of step n is emitted at its end, n + 1, so that no slot is written that this window reads
                let slot = window.slot + k + 1u + delay;
                atomicAdd(&ring[ring_place(slot, instance, channel + row)], weight);
            }
        }
    }
}
