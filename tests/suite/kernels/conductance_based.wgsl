// schedule fused: kernel `fused`, workgroups of 128 threads, up to 5 steps in a dispatch
// advance_0: cells (100 rows), exponential Euler, states one after the other (each equation is linear in its own state); g_exc, g_inh by exact propagators
// neuron lif_cond_exp
//   param c_m = 200 pF
//   param g_leak = 10 nS
//   param e_leak = -60 mV
//   param e_exc = 0 mV
//   param e_inh = -80 mV
//   param tau_exc = 5 ms
//   param tau_inh = 10 ms
//   param v_th = -50 mV
//   param v_reset = -60 mV
//   param t_ref = 5 ms
//   param i_e = 0 pA
//   state v = e_leak
//   state g_exc = 0 nS
//   state g_inh = 0 nS
//   input g_exc
//   input g_inh
//   input i_stim : pA
//   i_syn = g_exc*(e_exc - v) + g_inh*(e_inh - v)
//   dv/dt = (g_leak*(e_leak - v) + i_syn + i_e + i_stim)/c_m (unless refractory)
//   dg_exc/dt = -g_exc/tau_exc
//   dg_inh/dt = -g_inh/tau_inh
//   threshold v >= v_th
//   reset v = v_reset
//   refractory t_ref
// s0 = v
// s1 = g_exc
// s2 = g_inh
// s3 = refractory
// a0 = arrivals at g_exc
// a1 = arrivals at g_inh
// h0 = i_stim
// p1 = g_leak
// p2 = e_leak
// p3 = e_exc
// p4 = e_inh
// p7 = v_th
// p8 = v_reset
// p10 = i_e
// One thread per row: advances it by the steps of a window.
fn advance_0(first_row: u32, lane: u32, instance: u32) {
    let row = first_row + lane;
    if (row >= ROWS_0) {
        return;
    }
    var s0 = state[STATE_0_0 + instance * SPAN_0 + row];
    var s1 = state[STATE_0_1 + instance * SPAN_0 + row];
    var s2 = state[STATE_0_2 + instance * SPAN_0 + row];
    var s3 = state[STATE_0_3 + instance * SPAN_0 + row];
    let p1 = params[PARAM_0_1];
    let p2 = params[PARAM_0_2];
    let p3 = params[PARAM_0_3];
    let p4 = params[PARAM_0_4];
    let p7 = params[PARAM_0_7];
    let p8 = params[PARAM_0_8];
    let p10 = params[PARAM_0_10];
    let d0 = params[DERIVED_0_0];
    let d1 = params[DERIVED_0_1];
    let d3 = params[DERIVED_0_3];
    let d4 = params[DERIVED_0_4];
    let d5 = params[DERIVED_0_5];
    let d6 = params[DERIVED_0_6];
    let d9 = params[DERIVED_0_9];
    let u0 = params[UNIT_0_0];
    let u1 = params[UNIT_0_1];
    var finite = true;
    var tested0 = 0.0f;
    for (var k = 0u; k < window.steps; k++) {
        let place = window.place + k;
        let slot = window.slot + k;
        let record = place * RECORD;
        let past = window.past + k;
        let a0 = take(slot + 1u, instance, CHANNEL_0_0 + row) * u0;
        let a1 = take(slot + 1u, instance, CHANNEL_0_1 + row) * u1;
        let n0 = (0.0f < s3);
        let n1 = fma(s1, d0, s1);
        let n2 = fma(s2, d1, s2);
        let n3 = (p3 - s0);
        let n4 = (n1 * n3);
        let n5 = (p4 - s0);
        let n6 = fma(n2, n5, n4);
        let n7 = (p2 - s0);
        let n8 = fma(n7, p1, n6);
        let n9 = (n8 + p10);
        let n10 = (n9 * d3);
        let n11 = (n1 * (-1.0f));
        let n12 = fma(n2, (-1.0f), n11);
        let n13 = (d4 + n12);
        let n14 = (n13 * d3);
        let n15 = exprel(n14);
        let n16 = fma(n15, n10, s0);
        let n17 = select(n16, s0, n0);
        let n18 = (p7 <= n17);
        let n19 = select(select(0.0, 1.0, n18), 0.0f, n0);
        let n20 = select(n17, p8, (n19 != 0.0));
        let n21 = fma(s1, d5, s1);
        let n22 = (n21 + a0);
        let n23 = fma(s2, d6, s2);
        let n24 = (n23 + a1);
        let n25 = (s3 - 1.0f);
        let n26 = greatest(n25, 0.0f);
        let n27 = select(n26, d9, (n19 != 0.0));
        tested0 = n17;
        finite = finite && is_finite(tested0);
        if ((n19 != 0.0)) {
            send(k, BASE_0 + row, lane);
        }
        s0 = n20;
        finite = finite && is_finite(s0);
        s1 = n22;
        finite = finite && is_finite(s1);
        s2 = n24;
        finite = finite && is_finite(s2);
        s3 = n27;
        sample(inputs[record + 3u], 0u, 10u, instance, row, s0);
    }
    state[STATE_0_0 + instance * SPAN_0 + row] = s0;
    state[STATE_0_1 + instance * SPAN_0 + row] = s1;
    state[STATE_0_2 + instance * SPAN_0 + row] = s2;
    state[STATE_0_3 + instance * SPAN_0 + row] = s3;
    if (!finite) {
        var place = 0u;
        place = select(13u, place, is_finite(s2));
        place = select(9u, place, is_finite(s1));
        place = select(5u, place, is_finite(s0));
        place = select(2u + kind_of(tested0), place, is_finite(tested0));
        report(instance, BASE_0 + row, place);
    }
}

// Fused schedule: a block of rows takes the spikes of the window before that reach it. Nobody else adds to these rows, so
// that their sums may stand in workgroup memory until all are in.

var<workgroup> sums: array<atomic<i32>, SUMS>;

fn sums_clear(lane: u32) {
    for (var at = lane; at < SUM_SLOTS * PORTS * WORKGROUP; at += WORKGROUP) {
        atomicStore(&sums[at], 0);
    }
}

// number: of the block; first_row: its first row in its group. The list must be clear
fn gather(number: u32, lane: u32, instance: u32, first_row: u32) {
    let first = tables[BLOCK_STARTS + number];
    let end = tables[BLOCK_STARTS + number + 1u];
    if (first == end || window.before == 0u) {
        return;
    }
    // words of bits, or listed spikes
    var words = window.before * SPIKE_WORDS;
    if (LISTED) {
        words = atomicLoad(&spikes[sent_count(1u, instance)]);
    }
    // the next words of this thread, those that it has, and the route from which on the first of them is to be listed
    var next = lane;
    var at = vec4<u32>(0u);
    var left = vec4<u32>(0u);
    var route = first;
    var turn = 0u;
    var wanted = NONE;
    while (wanted > LIST) {
        while (next < words || any(left != vec4<u32>(0u))) {
            if (LISTED && left.x == 0u) {
                at.x = atomicLoad(&spikes[sent_list(1u, instance) + next]);
                left.x = 1u;
                next += WORKGROUP;
            } else if (all(left == vec4<u32>(0u))) {
                at = next + WORKGROUP * vec4<u32>(0u, 1u, 2u, 3u);
                left.x = gather_word(at.x, words, instance);
                if (GATHER_WORDS == 4u) {
                    left.y = gather_word(at.y, words, instance);
                    left.z = gather_word(at.z, words, instance);
                    left.w = gather_word(at.w, words, instance);
                }
                next += GATHER_WORDS * WORKGROUP;
            } else {
                var chosen = vec2<u32>(left.x, at.x);
                if (GATHER_WORDS == 4u) {
                    chosen = select(vec2<u32>(left.w, at.w), vec2<u32>(left.z, at.z), left.z != 0u);
                    chosen = select(chosen, vec2<u32>(left.y, at.y), left.y != 0u);
                    chosen = select(chosen, vec2<u32>(left.x, at.x), left.x != 0u);
                }
                // the first row, and the step of the window above it
                var row = ((chosen.y % SPIKE_WORDS) * 32u) | ((chosen.y / SPIKE_WORDS) << 26u);
                if (LISTED) {
                    row = at.x;
                }
                route = list_routes(chosen.x, row & 0x3ffffffu, row & 0xfc000000u, route, end, turn);
                if (route < end) {
                    break;
                }
                route = first;
                left = select(left, vec4<u32>(0u), at == vec4<u32>(chosen.y));
            }
        }
        wanted = list_wanted(lane, turn);
        let count = list_length(wanted, turn);
        for (var spike = lane / LANES; spike < count; spike += WORKGROUP / LANES) {
            gather_row(listed_spikes[spike], BLOCK_ROUTES + BLOCK_ROUTE_WORDS * listed_routes[spike], lane, instance, first_row);
        }
        if (wanted > LIST) {
            turn = 1u - turn;
            workgroupBarrier();
        }
    }
}

// the sources of a route of the block
fn route_sources(route: u32) -> vec2<u32> {
    let entry = BLOCK_ROUTES + BLOCK_ROUTE_WORDS * route;
    return vec2<u32>(tables[entry + 2u], tables[entry + 3u]);
}

// a word of spikes; at: of those of all steps; words: of them
fn gather_word(at: u32, words: u32, instance: u32) -> u32 {
    if (at >= words) {
        return 0u;
    }
    return atomicLoad(&spikes[spike_place(window.place - window.before + at / SPIKE_WORDS, instance, at % SPIKE_WORDS)]);
}

// a spike down its row of a route as far as it ends in the block; entry: of the route among those of the block
fn gather_row(spike: u32, entry: u32, lane: u32, instance: u32, first_row: u32) {
    let route = route_at(tables[entry], instance);
    let pivot = route.pivots + ((spike & 0x3ffffffu) - route.first_source) * route.pivot_columns + tables[entry + 1u];
    let end = tables[pivot + 1u];
    let k = spike >> 26u;
    let slot = window.slot - window.before + k + 1u;
    let place = arrival_place(slot + route.shared_delay, instance, route.channel);
    // a difference may be below 0: what it is counted from is added later
    let sum = ((k - LEAST_DELAY) * PORTS + route.port) * WORKGROUP + route.first_target - first_row;
    // two synapses in a turn, so that the second does not wait for the first
    for (var edge = tables[pivot] + (lane & (LANES - 1u)); edge < end; edge += 2u * LANES) {
        let synapse = synapse_at(route, edge);
        let second = synapse_at(route, min(edge + LANES, end - 1u));
        gather_synapse(route, synapse, slot, instance, place, sum);
        if (edge + LANES < end) {
            gather_synapse(route, second, slot, instance, place, sum);
        }
    }
}

// a synapse whose spike was emitted at the beginning of `slot`; place, sum: of the first row
fn gather_synapse(route: Route, synapse: Synapse, slot: u32, instance: u32, place: u32, sum: u32) {
    if (SUM_SLOTS > 0u) {
        atomicAdd(&sums[sum + synapse.delay * PORTS * WORKGROUP + synapse.row], synapse.weight);
    } else {
        send_down(route, synapse, slot, instance, place);
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
