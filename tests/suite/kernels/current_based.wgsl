// schedule two-pass: kernel `update`, workgroups of 64 threads, up to 5 steps in a dispatch
// advance_0: cells (100 rows), exact propagators (every equation is linear with constant coefficients)
// neuron lif_psc_exp
//   param c_m = 250 pF
//   param tau_m = 10 ms
//   param e_leak = -70 mV
//   param v_th = -55 mV
//   param v_reset = -70 mV
//   param t_ref = 2 ms
//   param i_e = 0 pA
//   param tau_exc = 2 ms
//   param tau_inh = 2 ms
//   state v = e_leak
//   state i_exc = 0 pA
//   state i_inh = 0 pA
//   input i_exc
//   input i_inh
//   input i_stim : pA
//   dv/dt = (e_leak - v)/tau_m + (i_exc + i_inh + i_e + i_stim)/c_m (unless refractory)
//   di_exc/dt = -i_exc/tau_exc
//   di_inh/dt = -i_inh/tau_inh
//   threshold v >= v_th
//   reset v = v_reset
//   refractory t_ref
// s0 = v
// s1 = i_exc
// s2 = i_inh
// s3 = refractory
// a0 = arrivals at i_exc
// a1 = arrivals at i_inh
// h0 = i_stim
// p3 = v_th
// p4 = v_reset
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
    let p3 = params[PARAM_0_3];
    let p4 = params[PARAM_0_4];
    let d3 = params[DERIVED_0_3];
    let d4 = params[DERIVED_0_4];
    let d5 = params[DERIVED_0_5];
    let d7 = params[DERIVED_0_7];
    let d8 = params[DERIVED_0_8];
    let d9 = params[DERIVED_0_9];
    let d12 = params[DERIVED_0_12];
    let u0 = params[UNIT_0_0];
    var finite = true;
    var tested0 = 0.0f;
    for (var k = 0u; k < window.steps; k++) {
        let place = window.place + k;
        let slot = window.slot + k;
        let record = place * RECORD;
        let past = window.past + k;
        let a0 = take(slot + 1u, instance, CHANNEL_0_0 + row) * u0;
        let n0 = (0.0f < s3);
        let n1 = (s0 * d3);
        let n2 = fma(s1, d4, n1);
        let n3 = fma(s2, d5, n2);
        let n4 = (n3 + d7);
        let n5 = (s0 + n4);
        let n6 = select(n5, s0, n0);
        let n7 = (p3 <= n6);
        let n8 = select(select(0.0, 1.0, n7), 0.0f, n0);
        let n9 = select(n6, p4, (n8 != 0.0));
        let n10 = fma(s1, d8, s1);
        let n11 = (n10 + a0);
        let n12 = fma(s2, d9, s2);
        let n13 = (s3 - 1.0f);
        let n14 = greatest(n13, 0.0f);
        let n15 = select(n14, d12, (n8 != 0.0));
        tested0 = n6;
        finite = finite && is_finite(tested0);
        if ((n8 != 0.0)) {
            send(k, BASE_0 + row, lane);
        }
        s0 = n9;
        finite = finite && is_finite(s0);
        s1 = n11;
        finite = finite && is_finite(s1);
        s2 = n12;
        finite = finite && is_finite(s2);
        s3 = n15;
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

// deliver: 1 routes in 4 work items, 1 page(s)
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
