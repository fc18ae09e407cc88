// schedule resident: kernel `resident`, workgroups of 128 threads, up to 1024 steps in a dispatch
// advance_0: cells (100 rows), exact propagators (every equation is linear with constant coefficients)
// neuron lif_psc_delta
//   param c_m = 250 pF
//   param tau_m = 10 ms
//   param e_leak = -70 mV
//   param v_th = -55 mV
//   param v_reset = -70 mV
//   param t_ref = 2 ms
//   param i_e = 0 pA
//   state v = e_leak
//   input delta -> v (lost while refractory)
//   input i_stim : pA
//   dv/dt = (e_leak - v)/tau_m + (i_e + i_stim)/c_m (unless refractory)
//   threshold v >= v_th
//   reset v = v_reset
//   refractory t_ref
// s0 = v
// s1 = refractory
// a0 = arrivals at delta
// h0 = i_stim
// p3 = v_th
// p4 = v_reset

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
    var kept_0_1_0 = 0.0f;
    if (0u * WORKGROUP + lane < ROWS_0) {
        let row = 0u * WORKGROUP + lane;
        kept_0_0_0 = state[STATE_0_0 + instance * SPAN_0 + row];
        kept_0_1_0 = state[STATE_0_1 + instance * SPAN_0 + row];
    }
    let g0_p3 = params[PARAM_0_3];
    let g0_p4 = params[PARAM_0_4];
    let g0_d3 = params[DERIVED_0_3];
    let g0_d5 = params[DERIVED_0_5];
    let g0_d8 = params[DERIVED_0_8];
    let g0_u0 = params[UNIT_0_0];
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
            var s1 = kept_0_1_0;
            let p3 = g0_p3;
            let p4 = g0_p4;
            let d3 = g0_d3;
            let d5 = g0_d5;
            let d8 = g0_d8;
            let u0 = g0_u0;
            var finite = true;
            var tested0 = 0.0f;
            let a0 = take(slot + 1u, instance, CHANNEL_0_0 + row) * u0;
            let n0 = (0.0f < s1);
            let n1 = fma(s0, d3, d5);
            let n2 = (s0 + n1);
            let n3 = select(n2, s0, n0);
            let n4 = select(a0, 0.0f, n0);
            let n5 = (n3 + n4);
            let n6 = (p3 <= n5);
            let n7 = select(select(0.0, 1.0, n6), 0.0f, n0);
            let n8 = select(n5, p4, (n7 != 0.0));
            let n9 = (s1 - 1.0f);
            let n10 = greatest(n9, 0.0f);
            let n11 = select(n10, d8, (n7 != 0.0));
            tested0 = n5;
            finite = finite && is_finite(tested0);
            if ((n7 != 0.0)) {
                send(k, BASE_0 + row, lane);
            }
            s0 = n8;
            finite = finite && is_finite(s0);
            s1 = n11;
            sample(inputs[record + 3u], 0u, 10u, instance, row, s0);
            kept_0_0_0 = s0;
            kept_0_1_0 = s1;
            if (!finite) {
                var place = 0u;
                place = select(5u, place, is_finite(s0));
                place = select(2u + kind_of(tested0), place, is_finite(tested0));
                report(instance, BASE_0 + row, place);
            }
        }
        list_clear(lane);
        workgroupBarrier();
        bits_write(lane, instance, place, past);
        scatter(lane, instance, slot);
        storageBarrier();
        workgroupBarrier();
    }
    if (0u * WORKGROUP + lane < ROWS_0) {
        let row = 0u * WORKGROUP + lane;
        state[STATE_0_0 + instance * SPAN_0 + row] = kept_0_0_0;
        state[STATE_0_1 + instance * SPAN_0 + row] = kept_0_1_0;
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
