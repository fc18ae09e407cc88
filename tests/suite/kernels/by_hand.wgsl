// schedule two-pass: kernel `update`, workgroups of 64 threads, up to 1 steps in a dispatch
// advance_0: a, b, c (3 rows), Euler (asked for)
// neuron spiking_adaptive
//   param c_m = 5 nF
//   param g_leak = 1 uS
//   param e_leak = 0 mV
//   param i_e = 0 nA
//   param v_reset = e_leak
//   param tau_theta = 5 ms
//   param theta_0 = 1 mV
//   param m = 0
//   param leak = 1
//   param theta_inc = 0 mV
//   param theta_floor = e_leak
//   state v = e_leak
//   state theta = theta_0
//   input g_syn : uS
//   input i_syn : nA
//   input i_stim : nA
//   dv/dt = (g_leak*(e_leak - v) + i_e + i_syn - g_syn*v + i_stim)/c_m
//   dtheta/dt = (leak*(theta_0 - theta) + m*(v - e_leak))/tau_theta
//   threshold v > theta
//   reset v = v_reset; theta = max(theta + theta_inc, theta_floor)
//   method euler
// s0 = v
// s1 = theta
// h0 = g_syn
// h1 = i_syn
// h2 = i_stim
// p1 = g_leak
// p2 = e_leak
// p3 = i_e
// p4 = v_reset
// p6 = theta_0
// p7 = m
// p8 = leak
// p9 = theta_inc
// p10 = theta_floor
// One thread per row: advances it by the steps of a window.
fn advance_0(first_row: u32, lane: u32, instance: u32) {
    let row = first_row + lane;
    if (row >= ROWS_0) {
        return;
    }
    var s0 = state[STATE_0_0 + instance * SPAN_0 + row];
    var s1 = state[STATE_0_1 + instance * SPAN_0 + row];
    let p1 = params[PARAM_0_1];
    let p2 = params[PARAM_0_2];
    let p3 = params[PARAM_0_3];
    let p4 = params[PARAM_0_4];
    let p6 = params[PARAM_0_6];
    let p7 = params[PARAM_0_7];
    let p8 = params[PARAM_0_8];
    let p9 = params[PARAM_0_9];
    let p10 = params[PARAM_0_10];
    let d1 = params[DERIVED_0_1];
    let d3 = params[DERIVED_0_3];
    var finite = true;
    var gathered = true;
    var tested0 = 0.0f;
    var tested1 = 0.0f;
    for (var k = 0u; k < window.steps; k++) {
        let place = window.place + k;
        let slot = window.slot + k;
        let record = place * RECORD;
        let past = window.past + k;
        let time = bitcast<f32>(inputs[record]);
        var g0 = 0.0f;
        var g1 = 0.0f;
        var q0: array<f32, 3>;
        q0 = bundle_0(instance, row, slot & 1u, time, past, g0, g1);
        g0 = q0[0];
        g1 = q0[1];
        gathered = gathered && (q0[2] == 0.0f);
        finite = finite && gathered;
        var h0 = 0.0f;
        h0 = (h0 + g0);
        var h1 = 0.0f;
        h1 = (h1 + g1);
        let n0 = (p2 - s0);
        let n1 = fma(n0, p1, p3);
        let n2 = (n1 + h1);
        let n3 = fma((-h0), s0, n2);
        let n4 = fma(n3, d1, s0);
        let n5 = (p6 - s1);
        let n6 = (n5 * p8);
        let n7 = (s0 - p2);
        let n8 = fma(n7, p7, n6);
        let n9 = fma(n8, d3, s1);
        let n10 = (n9 < n4);
        let n11 = select(n4, p4, n10);
        let n12 = (n9 + p9);
        let n13 = greatest(n12, p10);
        let n14 = select(n9, n13, n10);
        tested0 = n4;
        finite = finite && is_finite(tested0);
        tested1 = n9;
        finite = finite && is_finite(tested1);
        if (n10) {
            send(k, BASE_0 + row, lane);
        }
        s0 = n11;
        finite = finite && is_finite(s0);
        s1 = n14;
        finite = finite && is_finite(s1);
    }
    state[STATE_0_0 + instance * SPAN_0 + row] = s0;
    state[STATE_0_1 + instance * SPAN_0 + row] = s1;
    if (!finite) {
        var place = 0u;
        place = select(9u, place, is_finite(s1));
        place = select(6u + kind_of(tested1), place, is_finite(tested1));
        place = select(5u, place, is_finite(s0));
        place = select(2u + kind_of(tested0), place, is_finite(tested0));
        place = select(0u, place, gathered);
        report(instance, BASE_0 + row, place);
    }
}

// bundle_0: a -> b, b -> a, b -> c, a -> c, c -> a, the statements of its `step` (there are no differential equations)
// synapse spiking_synapse
//   param g_max = 1 uS
//   param e_rev = 194 mV
//   param tau = 1 ms
//   param increment = g_max
//   state g = 0 uS
//   on_pre g += min(increment, g_max - g)
//   graded g_syn += g
//   graded i_syn += g*e_rev
//   step
//     receive
//     g *= 1 - dt/tau
//     graded
fn bundle_0(instance: u32, target_row: u32, parity: u32, time: f32, past: u32, g0: f32, g1: f32) -> array<f32, 3> {
    let p1 = params[11u];
    let p2 = params[12u];
    let p3 = params[13u];
    var sums: array<f32, 3>;
    sums[0] = g0;
    sums[1] = g1;
    var part0 = 0.0f;
    var part1 = 0.0f;
    let end = tables[2u + target_row + 1u];
    for (var edge = tables[2u + target_row]; edge < end; edge++) {
        let word = synapses[0u + edge];
        let source = word & 2147483647u;
        if (word >= 2147483648u) {
            sums[0] = (sums[0] + part0);
            sums[1] = (sums[1] + part1);
            part0 = 0.0f;
            part1 = 0.0f;
        }
        let a0 = spiked(instance, past - 5u, BASE_0 + source);
        let p0 = bitcast<f32>(synapses[5u + edge]);
        let s0 = state[128u + instance * 5u + edge];
        let n0 = (p0 - s0);
        let n1 = least(p3, n0);
        let n2 = (s0 + n1);
        let n3 = select(s0, n2, (a0 != 0.0));
        let n4 = (0.1f / p2);
        let n5 = (1.0f - n4);
        let n6 = (n3 * n5);
        let n7 = (n6 * p1);
        part0 = fma(n3, n5, part0);
        part1 = fma(n6, p1, part1);
        let m0 = n6;
        state[128u + instance * 5u + edge] = m0;
        sums[2] = select(1.0f, sums[2], is_finite(m0));
    }
    sums[0] = (sums[0] + part0);
    sums[1] = (sums[1] + part1);
    return sums;
}

