// The spikes of a window, as they were listed, shared out among workgroups: spike, route that it is a source of, part of its row of
// synapses. Sums are whole numbers, so that their order does not matter.

@compute @workgroup_size(WORKGROUP)
fn deliver(
    @builtin(workgroup_id) block: vec3<u32>,
    @builtin(num_workgroups) blocks: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let instance = block.z;
    if (stopped()) {
        return;
    }
    let list = sent_list(0u, instance);
    let items = atomicLoad(&spikes[sent_count(0u, instance)]) * SENT_ROUTES * SENT_PARTS;
    for (var item = block.y * blocks.x + block.x; item < items; item += SENT_GROUPS) {
        let sent = atomicLoad(&spikes[list + item / (SENT_ROUTES * SENT_PARTS)]);
        let row = sent & 0x3ffffffu;
        let routes = tables[SENT_SETS + row];
        let number = item / SENT_PARTS % SENT_ROUTES;
        if (number < tables[routes]) {
            deliver_row(route_at(tables[routes + 1u + number], instance), row, sent >> 26u, item % SENT_PARTS, lane, instance);
        }
    }
}

// k: step of the window
fn deliver_row(route: Route, row: u32, k: u32, part: u32, lane: u32, instance: u32) {
    // a spike of step n is emitted at its end, n + 1, so that no slot is written that this window reads
    let slot = window.slot + k + 1u;
    let place = arrival_place(slot + route.shared_delay, instance, route.channel);
    let source = route.row_start + row - route.first_source;
    let first = tables[source] + part * WORKGROUP + lane;
    send_row(route, first, tables[source + 1u], SENT_PARTS * WORKGROUP, slot, instance, place);
}
