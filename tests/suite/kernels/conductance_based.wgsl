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
    let first_route = tables[BLOCK_STARTS + number];
    let end_route = tables[BLOCK_STARTS + number + 1u];
    if (first_route == end_route || window.before == 0u) {
        return;
    }
    let words = window.before * SPIKE_WORDS;
    var turn = 0u;
    var left = vec4<u32>(0u);
    var wanted = 0u;
    for (var chunk = 0u; chunk < words; chunk += list_stride(GATHER_WORDS * WORKGROUP, wanted)) {
        let at = chunk + lane + WORKGROUP * vec4<u32>(0u, 1u, 2u, 3u);
        if (wanted <= LIST) {
            left.x = gather_word(at.x, words, instance);
            if (GATHER_WORDS == 4u) {
                left.y = gather_word(at.y, words, instance);
                left.z = gather_word(at.z, words, instance);
                left.w = gather_word(at.w, words, instance);
            }
        }
        if (any(left != vec4<u32>(0u))) {
            left = gather_list(left, at, turn);
        }
        wanted = list_wanted(lane, turn);
        if (wanted == 0u) {
            continue;
        }
        let count = list_length(wanted, turn);
        for (var entry = first_route; entry < end_route; entry++) {
            let route = route_at(tables[BLOCK_ROUTES + 2u * entry], instance);
            let column = tables[BLOCK_ROUTES + 2u * entry + 1u];
            gather_route(route, column, lane, instance, first_row, count);
        }
        turn = 1u - turn;
        workgroupBarrier();
    }
}

// a word of spikes; at: of those of all steps; words: of them
fn gather_word(at: u32, words: u32, instance: u32) -> u32 {
    if (at >= words) {
        return 0u;
    }
    return atomicLoad(&spikes[spike_place(window.place - window.before + at / SPIKE_WORDS, instance, at % SPIKE_WORDS)]);
}

// lists the words of a thread, each with its step of the window above the row; gives what is left of them
fn gather_list(words: vec4<u32>, at: vec4<u32>, turn: u32) -> vec4<u32> {
    let own = countOneBits(words);
    let place = list_claim(own.x + own.y + own.z + own.w, turn);
    if (place == NONE) {
        return words;
    }
    let row = (at % vec4<u32>(SPIKE_WORDS)) * 32u;
    let mark = (at / vec4<u32>(SPIKE_WORDS)) << vec4<u32>(26u);
    list_put(words.x, row.x, mark.x, place);
    if (GATHER_WORDS == 4u) {
        list_put(words.y, row.y, mark.y, place + own.x);
        list_put(words.z, row.z, mark.z, place + own.x + own.y);
        list_put(words.w, row.w, mark.w, place + own.x + own.y + own.z);
    }
    return vec4<u32>(0u);
}

// the listed spikes of a route, down their rows as far as these end in the block; column: of the block among the pivots
fn gather_route(route: Route, column: u32, lane: u32, instance: u32, first_row: u32, count: u32) {
    let shift = countTrailingZeros(route.lanes);
    for (var at = lane >> shift; at < count; at += WORKGROUP >> shift) {
        let spike = listed_spikes[at];
        let source = (spike & 0x3ffffffu) - route.first_source;
        if (source >= route.sources) {
            continue;
        }
        let k = spike >> 26u;
        let pivot = route.pivots + source * route.pivot_columns + column;
        let end = tables[pivot + 1u];
        let slot = window.slot - window.before + k + 1u;
        let place = arrival_place(slot + route.shared_delay, instance, route.channel);
        // a difference may be below 0: what it is counted from is added later
        let sum = ((k - LEAST_DELAY) * PORTS + route.port) * WORKGROUP + route.first_target - first_row;
        for (var edge = tables[pivot] + (lane & (route.lanes - 1u)); edge < end; edge += route.lanes) {
            let synapse = synapse_at(route, edge);
            if (SUM_SLOTS > 0u) {
                atomicAdd(&sums[sum + synapse.delay * PORTS * WORKGROUP + synapse.row], synapse.weight);
            } else {
                send_down(route, synapse, slot, instance, place);
            }
        }
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
