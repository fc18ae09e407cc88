// schedule resident: kernel `resident`, workgroups of 128 threads, up to 1024 steps in a dispatch
// advance_0: cells (100 rows), exact propagators (every equation is linear with constant coefficients)
// neuron rate
//   param tau = 20 ms
//   state x = 0
//   input drive : kHz
//   dx/dt = -x/tau + drive
// s0 = x
// h0 = drive

// bundle_0: cells -> cells
// synapse soft
//   param w = 0.01 kHz
//   graded drive += w*tanh(pre.x - 0.5*post.x)
fn bundle_0(instance: u32, target_row: u32, parity: u32, time: f32, e1: f32) -> f32 {
    var sum = 0.0f;
    let end = tables[2u + target_row + 1u];
    for (var edge = tables[2u + target_row]; edge < end; edge++) {
        let source = synapses[0u + edge];
        let p0 = bitcast<f32>(synapses[1023u + edge]);
        let e0 = state[EXPORT_0_0 + (parity * INSTANCES + instance) * SPAN_0 + source];
        let n0 = fma((-0.5f), e1, e0);
        let n1 = hyperbolic_tangent(n0);
        let n2 = (p0 * n1);
        sum = fma(p0, n1, sum);
    }
    return sum;
}

// One workgroup per instance: a thread has every WORKGROUP-th row of each group over the steps of a dispatch.
var<workgroup> halt: u32;

@compute @workgroup_size(WORKGROUP)
fn resident(
    @builtin(workgroup_id) block: vec3<u32>,
    @builtin(num_workgroups) blocks: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let instance = block.y * blocks.x + block.x;
    if (instance >= INSTANCES) {
        return;
    }
    if (lane == 0u) {
        halt = select(0u, 1u, stopped());
    }
    if (workgroupUniformLoad(&halt) != 0u) {
        return;
    }
    var kept_0_0_0 = 0.0f;
    if (0u * WORKGROUP + lane < ROWS_0) {
        let row = 0u * WORKGROUP + lane;
        kept_0_0_0 = state[STATE_0_0 + instance * SPAN_0 + row];
    }
    let g0_d0 = params[DERIVED_0_0];
    let g0_d1 = params[DERIVED_0_1];
    for (var k = 0u; k < window.steps; k++) {
        let place = window.place + k;
        let slot = window.slot + k;
        let record = place * RECORD;
        let past = window.past + k;
        bits_clear(lane);
        workgroupBarrier();
        if (0u * WORKGROUP + lane < ROWS_0) {
            let row = 0u * WORKGROUP + lane;
            var s0 = kept_0_0_0;
            let d0 = g0_d0;
            let d1 = g0_d1;
            var finite = true;
            let time = bitcast<f32>(inputs[record]);
            var g0 = 0.0f;
            g0 = (g0 + bundle_0(instance, row, slot & 1u, time, s0));
            var h0 = 0.0f;
            h0 = (h0 + g0);
            let n0 = (s0 * d0);
            let n1 = fma(h0, d1, n0);
            let n2 = (s0 + n1);
            s0 = n2;
            finite = finite && is_finite(s0);
            state[EXPORT_0_0 + (((slot + 1u) & 1u) * INSTANCES + instance) * SPAN_0 + row] = s0;
            kept_0_0_0 = s0;
            if (!finite) {
                var place = 0u;
                place = select(5u, place, is_finite(s0));
                report(instance, BASE_0 + row, place);
            }
        }
        workgroupBarrier();
        bits_write(lane, instance, place, past);
        storageBarrier();
        workgroupBarrier();
    }
    if (0u * WORKGROUP + lane < ROWS_0) {
        let row = 0u * WORKGROUP + lane;
        state[STATE_0_0 + instance * SPAN_0 + row] = kept_0_0_0;
    }
}

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
