// One workgroup per work item: the spikes that up to 32 sources of a route sent in this window. Their synapses are kept nowhere: each
// row is drawn again into workgroup memory, some of it at a time, and added to the ring. Sums are whole numbers, so that their order
// does not matter.

fn law_word(at: u32) -> u32 {
    return synapses[at];
}

// numbers of a row
var<workgroup> drawn: array<u32, ROOM>;
// spikes of the sources of the item in a step
var<workgroup> sent: u32;

fn row_word(at: u32) -> u32 {
    return drawn[at];
}

fn put_row_word(at: u32, word: u32) {
    drawn[at] = word;
}

fn row_barrier() {
    workgroupBarrier();
}

@compute @workgroup_size(WORKGROUP)
fn redraw(
    @builtin(workgroup_id) block: vec3<u32>,
    @builtin(num_workgroups) blocks: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let item = block.y * blocks.x + block.x;
    let instance = block.z;
    if (item >= WORK_ITEMS) {
        return;
    }
    // the item: route, first source, sources
    let work = WORK_PLACE + item * WORK_WORDS;
    let first = tables[work + 1u];
    let sources = 0xffffffffu >> (32u - tables[work + 2u]);
    let route = route_at(tables[work], instance);
    for (var k = 0u; k < window.steps; k++) {
        if (lane == 0u) {
            let word = atomicLoad(&spikes[spike_place(window.place + k, instance, first / 32u)]);
            sent = select((word >> (first & 31u)) & sources, 0u, stopped());
        }
        var bits = workgroupUniformLoad(&sent);
        // a spike of step n is emitted at its end, n + 1, so that no slot is written that this window reads
        let slot = window.slot + k + 1u;
        while (bits != 0u) {
            redraw_row(route, first - route.first_source + firstTrailingBit(bits), slot, lane, instance);
            bits &= bits - 1u;
        }
    }
}

// row: of the route
fn redraw_row(route: Route, row: u32, slot: u32, lane: u32, instance: u32) {
    let job = job_at(route.edges);
    let start = tables[route.row_start + row];
    let count = tables[route.row_start + row + 1u] - start;
    let source = job.source + row;
    var stream = stream_of(job, source);
    var next = 0u;
    // number by number they come some at a time
    let most = max(select(count, ROOM, job.targets == TRIALS), 1u);
    for (var begin = 0u; begin < count; begin += most) {
        let some = min(most, count - begin);
        if (job.targets == CHOSEN) {
            choose_row(job, source, 0u, count, lane);
        } else if (job.targets == TRIALS) {
            if (lane == 0u) {
                for (var k = 0u; k < some; k++) {
                    next += misses(job.law, &stream, job.choices - next);
                    drawn[k] = next;
                    next += 1u;
                }
            }
            workgroupBarrier();
        }
        redraw_some(route, job, source, begin, some, slot, lane, instance);
        workgroupBarrier();
    }
}

// so many synapses of a row, from one on; numbers that were drawn stand in workgroup memory
fn redraw_some(route: Route, job: Job, source: u32, begin: u32, some: u32, slot: u32, lane: u32, instance: u32) {
    let place = arrival_place(slot + route.shared_delay, instance, route.channel);
    for (var k = lane; k < some; k += WORKGROUP) {
        var target_row = job.first_target;
        if (job.targets == EVERYBODY) {
            target_row += without(begin + k, source, job.apart);
        } else if (job.targets == ITSELF) {
            target_row += source;
        } else {
            target_row += without(drawn[k], source, job.apart);
        }
        var weight = route.shared_weight;
        if (job.weight != NONE) {
            let word = weight_of(job.weight, value_place(job.weight, job.key, source, begin + k));
            weight = select(bitcast<i32>(word), whole_units(bitcast<f32>(word) * route.scale), route.scale != 0.0f);
        }
        if (job.delay != NONE) {
            let delay = delay_of(job.delay, value_place(job.delay, job.key, source, begin + k));
            arrive(slot + delay, instance, route.channel + target_row, weight);
        } else {
            add(place + target_row, weight);
        }
    }
}
