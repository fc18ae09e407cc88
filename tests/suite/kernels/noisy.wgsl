// schedule two-pass: kernel `update`, workgroups of 64 threads, up to 64 steps in a dispatch
// advance_0: cells (100 rows), Euler-Maruyama (the equations hold white noise)
// neuron noisy
//   param tau = 10 ms
//   param sigma = 2 mV
//   param v_th = 12 mV
//   state v = 0 mV
//   input kick -> v
//   dv/dt = (10 mV - v)/tau + sigma*sqrt(2/tau)*xi
//   threshold v >= v_th
//   reset v = 0 mV
// s0 = v
// a0 = arrivals at kick
// p2 = v_th
// One thread per row: advances it by the steps of a window.
fn advance_0(first_row: u32, lane: u32, instance: u32) {
    let row = first_row + lane;
    if (row >= ROWS_0) {
        return;
    }
    var s0 = state[STATE_0_0 + instance * SPAN_0 + row];
    let p2 = params[PARAM_0_2];
    let d1 = params[DERIVED_0_1];
    let d5 = params[DERIVED_0_5];
    let u0 = params[UNIT_0_0];
    var finite = true;
    var tested0 = 0.0f;
    var drawn0 = vec4<u32>(0u);
    var quarter0 = NONE;
    for (var k = 0u; k < window.steps; k++) {
        let place = window.place + k;
        let slot = window.slot + k;
        let record = place * RECORD;
        let past = window.past + k;
        var a0 = take(slot + 1u, instance, CHANNEL_0_0 + row) * u0;
        let b0 = tables[2051u + row];
        if (inputs[record + 3u] != 0u && b0 < 3u) {
            if (quarter0 != inputs[record + 1u] >> 2u) {
                quarter0 = inputs[record + 1u] >> 2u;
                drawn0 = words_of_four_steps(instance, 1610612736u, row, record);
            }
            a0 = fma(params[4u], events_in(drawn0, record, 2151u), a0);
        }
        let segment = segment_of(2160u, 1u, row);
        let key = vec2<u32>(tables[KEYS + 2u * instance], tables[KEYS + 2u * instance + 1u]);
        let count = vec2<u32>(inputs[record + 1u], inputs[record + 2u]);
        let neuron = row - tables[segment];
        let r0 = random_of_two(random_block(key, tables[segment + 1u], neuron / 2u, count, 0u), neuron);
        let z0 = random_normal(r0[0], r0[1]);
        let n0 = (10.0f - s0);
        let n1 = fma(n0, d1, s0);
        let n2 = fma(z0, d5, n1);
        let n3 = (n2 + a0);
        let n4 = (p2 <= n3);
        let n5 = select(n3, 0.0f, n4);
        tested0 = n3;
        finite = finite && is_finite(tested0);
        if (n4) {
            send(k, BASE_0 + row, lane);
        }
        s0 = n5;
        finite = finite && is_finite(s0);
    }
    state[STATE_0_0 + instance * SPAN_0 + row] = s0;
    if (!finite) {
        var place = 0u;
        place = select(5u, place, is_finite(s0));
        place = select(2u + kind_of(tested0), place, is_finite(tested0));
        report(instance, BASE_0 + row, place);
    }
}

