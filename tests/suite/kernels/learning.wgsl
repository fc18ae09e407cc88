// schedule two-pass: kernel `update`, workgroups of 64 threads, up to 1 steps in a dispatch
// advance_0: in (10 rows), exact propagators (every equation is linear with constant coefficients)
// neuron spike_times
//   threshold listed()
// s0 = x of in -> cells (of the source)
// s1 = x of in -> cells (of the source, before line 0)
// s2 = x of in -> cells (of the source, before line 1)
// One thread per row: advances it by the steps of a window.
fn advance_0(first_row: u32, lane: u32, instance: u32) {
    let row = first_row + lane;
    if (row >= ROWS_0) {
        return;
    }
    var s0 = state[STATE_0_0 + instance * SPAN_0 + row];
    var s1 = state[STATE_0_1 + instance * SPAN_0 + row];
    var s2 = state[STATE_0_2 + instance * SPAN_0 + row];
    let d0 = params[DERIVED_0_0];
    var finite = true;
    var tested0 = 0.0f;
    for (var k = 0u; k < window.steps; k++) {
        let place = window.place + k;
        let slot = window.slot + k;
        let record = place * RECORD;
        let past = window.past + k;
        let listed = is_listed(record + LISTED_0, row);
        let n0 = fma(s0, d0, s0);
        let n1 = (n0 + 1.0f);
        let n2 = select(n0, n1, listed);
        tested0 = n0;
        finite = finite && is_finite(tested0);
        if (listed) {
            send(k, BASE_0 + row, lane);
        }
        s0 = n2;
        finite = finite && is_finite(s0);
        s1 = n0;
        finite = finite && is_finite(s1);
        s2 = n0;
        finite = finite && is_finite(s2);
        state[1542u + ((past & TRAIL_MASK) * INSTANCES + instance) * SPAN_0 + row] = s1;
        state[3590u + ((past & TRAIL_MASK) * INSTANCES + instance) * SPAN_0 + row] = s2;
    }
    state[STATE_0_0 + instance * SPAN_0 + row] = s0;
    state[STATE_0_1 + instance * SPAN_0 + row] = s1;
    state[STATE_0_2 + instance * SPAN_0 + row] = s2;
    if (!finite) {
        var place = 0u;
        place = select(13u, place, is_finite(s2));
        place = select(9u, place, is_finite(s1));
        place = select(5u, place, is_finite(s0));
        place = select(2u + kind_of(tested0), place, is_finite(tested0));
        report(instance, BASE_0 + row, place);
    }
}

// advance_1: cells (100 rows), exact propagators (every equation is linear with constant coefficients)
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
// s3 = y of in -> cells (of the target)
// s4 = y of in -> cells (of the target, before line 0)
// s5 = refractory
// a0 = arrivals at i_exc
// a1 = arrivals at i_inh
// h0 = i_stim
// p3 = v_th
// p4 = v_reset
// One thread per row: advances it by the steps of a window.
fn advance_1(first_row: u32, lane: u32, instance: u32) {
    let row = first_row + lane;
    if (row >= ROWS_1) {
        return;
    }
    var s0 = state[STATE_1_0 + instance * SPAN_1 + row];
    var s1 = state[STATE_1_1 + instance * SPAN_1 + row];
    var s2 = state[STATE_1_2 + instance * SPAN_1 + row];
    var s3 = state[STATE_1_3 + instance * SPAN_1 + row];
    var s4 = state[STATE_1_4 + instance * SPAN_1 + row];
    var s5 = state[STATE_1_5 + instance * SPAN_1 + row];
    let p3 = params[PARAM_1_3];
    let p4 = params[PARAM_1_4];
    let d3 = params[DERIVED_1_3];
    let d4 = params[DERIVED_1_4];
    let d5 = params[DERIVED_1_5];
    let d7 = params[DERIVED_1_7];
    let d8 = params[DERIVED_1_8];
    let d9 = params[DERIVED_1_9];
    let d10 = params[DERIVED_1_10];
    let d13 = params[DERIVED_1_13];
    let u0 = params[UNIT_1_0];
    var finite = true;
    var tested0 = 0.0f;
    var tested3 = 0.0f;
    for (var k = 0u; k < window.steps; k++) {
        let place = window.place + k;
        let slot = window.slot + k;
        let record = place * RECORD;
        let past = window.past + k;
        let a0 = take(slot + 1u, instance, CHANNEL_1_0 + row) * u0;
        let n0 = (0.0f < s5);
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
        let n13 = fma(s3, d10, s3);
        let n14 = (n13 + 1.0f);
        let n15 = select(n13, n14, (n8 != 0.0));
        let n16 = (s5 - 1.0f);
        let n17 = greatest(n16, 0.0f);
        let n18 = select(n17, d13, (n8 != 0.0));
        tested0 = n6;
        finite = finite && is_finite(tested0);
        tested3 = n13;
        finite = finite && is_finite(tested3);
        if ((n8 != 0.0)) {
            send(k, BASE_1 + row, lane);
        }
        s0 = n9;
        finite = finite && is_finite(s0);
        s1 = n11;
        finite = finite && is_finite(s1);
        s2 = n12;
        finite = finite && is_finite(s2);
        s3 = n15;
        finite = finite && is_finite(s3);
        s4 = n13;
        finite = finite && is_finite(s4);
        s5 = n18;
        state[5638u + ((past & TRAIL_MASK) * INSTANCES + instance) * SPAN_1 + row] = s3;
        state[9734u + ((past & TRAIL_MASK) * INSTANCES + instance) * SPAN_1 + row] = s4;
    }
    state[STATE_1_0 + instance * SPAN_1 + row] = s0;
    state[STATE_1_1 + instance * SPAN_1 + row] = s1;
    state[STATE_1_2 + instance * SPAN_1 + row] = s2;
    state[STATE_1_3 + instance * SPAN_1 + row] = s3;
    state[STATE_1_4 + instance * SPAN_1 + row] = s4;
    state[STATE_1_5 + instance * SPAN_1 + row] = s5;
    if (!finite) {
        var place = 0u;
        place = select(21u, place, is_finite(s4));
        place = select(17u, place, is_finite(s3));
        place = select(14u + kind_of(tested3), place, is_finite(tested3));
        place = select(13u, place, is_finite(s2));
        place = select(9u, place, is_finite(s1));
        place = select(5u, place, is_finite(s0));
        place = select(2u + kind_of(tested0), place, is_finite(tested0));
        report(instance, BASE_1 + row, place);
    }
}

// learn_0_0: in -> cells, before neurons are advanced
// synapse pair
//   param w_max = 60 pA
//   param a_plus = 0.05
//   param a_minus = 0.06
//   state w = 30 pA (from 0 pA to w_max)
//   state c = 0
//   state x = 0
//   state y = 0
//   dx/dt = -x/20 ms
//   dy/dt = -y/20 ms
//   dc/dt = -c/50 ms
//   on_pre w -= a_minus*w_max*y; i_exc += w
//   on_post w += a_plus*w_max*x*c; y += 1; c += rand()
//   on_pre x += 1
// s0 = w
// s1 = c
// One workgroup per work item: what spikes of up to 32 sources do to their synapses, a lane per synapse.
@compute @workgroup_size(WORKGROUP)
fn learn(
    @builtin(workgroup_id) block: vec3<u32>,
    @builtin(num_workgroups) blocks: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let item = block.y * blocks.x + block.x;
    let instance = block.z;
    if (item >= WORK_ITEMS || stopped()) {
        return;
    }
    let work = WORK_PLACE + item * WORK_WORDS;
    let first = tables[work + 1u];
    let chosen = 0xffffffffu >> (32u - tables[work + 2u]);
    let part = tables[work + 3u] & 0xffffu;
    let parts = tables[work + 3u] >> 16u;
    let past = window.past;
    let slot = window.slot;
    let record = window.place * RECORD;
    var sent = 0u;
    for (var back = 5u; back <= 20u; back++) {
        sent |= sent_at(instance, past - back, first / 32u);
    }
    let p0 = params[12u];
    var bits = (sent >> (first & 31u)) & chosen;
    while (bits != 0u) {
        let row = first + firstTrailingBit(bits);
        bits &= bits - 1u;
        let pre = row - 0u;
        let end = tables[2u + pre + 1u];
        for (var at = tables[2u + pre] + part * WORKGROUP + lane; at < end; at += parts * WORKGROUP) {
            let synapse = at;
            let word = synapses[0u + synapse];
            let post = word & 127u;
            let delay = word >> 7u;
            if (spiked(instance, past - delay, row) == 0.0f) {
                continue;
            }
            let s0 = state[960u + instance * 291u + synapse];
            let h2 = state_after(5638u, SPAN_1, instance, past - 1u, (0u + post));
            let p2 = bitcast<f32>(synapses[873u + synapse]);
            let n0 = (h2 * 0.99501246f);
            let n1 = (p2 * p0);
            let n2 = fma((-n1), n0, s0);
            let n3 = greatest(n2, 0.0f);
            let n4 = least(n3, p0);
            let m0 = n4;
            state[960u + instance * 291u + synapse] = m0;
            arrive(slot + 1u, instance, CHANNEL_1_0 + 0u + post, units_of(n4, 2097152.0f));
            if (!(is_finite(m0))) {
                report(instance, 64u + post, 0u);
            }
        }
    }
}

// learn_0_1: in -> cells, after neurons were advanced
// synapse pair
//   param w_max = 60 pA
//   param a_plus = 0.05
//   param a_minus = 0.06
//   state w = 30 pA (from 0 pA to w_max)
//   state c = 0
//   state x = 0
//   state y = 0
//   dx/dt = -x/20 ms
//   dy/dt = -y/20 ms
//   dc/dt = -c/50 ms
//   on_pre w -= a_minus*w_max*y; i_exc += w
//   on_post w += a_plus*w_max*x*c; y += 1; c += rand()
//   on_pre x += 1
// s0 = w
// s1 = c
// One workgroup per work item: what spikes of up to 32 targets do to their synapses, a lane per synapse.
@compute @workgroup_size(WORKGROUP)
fn learn(
    @builtin(workgroup_id) block: vec3<u32>,
    @builtin(num_workgroups) blocks: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let item = block.y * blocks.x + block.x;
    let instance = block.z;
    if (item >= WORK_ITEMS || stopped()) {
        return;
    }
    let work = WORK_PLACE + item * WORK_WORDS;
    let first = tables[work + 1u];
    let chosen = 0xffffffffu >> (32u - tables[work + 2u]);
    let part = tables[work + 3u] & 0xffffu;
    let parts = tables[work + 3u] >> 16u;
    let past = window.past;
    let slot = window.slot;
    let record = window.place * RECORD;
    let sent = sent_at(instance, past, first / 32u);
    let p0 = params[12u];
    let p1 = params[13u];
    var bits = (sent >> (first & 31u)) & chosen;
    while (bits != 0u) {
        let row = first + firstTrailingBit(bits);
        bits &= bits - 1u;
        let post = row - 64u;
        let end = tables[13u + post + 1u];
        for (var at = tables[13u + post] + part * WORKGROUP + lane; at < end; at += parts * WORKGROUP) {
            let synapse = synapses[291u + at];
            let pre = synapses[582u + at];
            let delay = synapses[0u + synapse] >> 7u;
            let s0 = state[960u + instance * 291u + synapse];
            let s1 = state[1251u + instance * 291u + synapse];
            let h0 = duration(inputs[record + 1u] + 1u - bitcast<u32>(atomicLoad(&ring[4288u + instance * 291u + synapse])), 2576980378u, 1677721u, -56);
            let h3 = state_after(3590u, SPAN_0, instance, past - delay, (0u + pre));
            let x0 = random_uniform(random_block(key_of(instance), 1879048192u, synapse, vec2<u32>(inputs[record + 1u], inputs[record + 2u]), 0u).x);
            let n0 = ((-0.02f) * h0);
            let n1 = exponential(n0);
            let n2 = (s1 * n1);
            let n3 = (p1 * p0);
            let n4 = (n3 * h3);
            let n5 = fma(n4, n2, s0);
            let n6 = greatest(n5, 0.0f);
            let n7 = least(n6, p0);
            let n8 = fma(s1, n1, x0);
            let m0 = n7;
            state[960u + instance * 291u + synapse] = m0;
            let m1 = n8;
            state[1251u + instance * 291u + synapse] = m1;
            atomicStore(&ring[4288u + instance * 291u + synapse], bitcast<i32>(inputs[record + 1u] + 1u));
            if (!(is_finite(m0) && is_finite(m1))) {
                report(instance, 64u + post, 0u);
            }
        }
    }
}

