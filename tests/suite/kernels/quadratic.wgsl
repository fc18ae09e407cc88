// schedule two-pass: kernel `update`, workgroups of 64 threads, up to 64 steps in a dispatch
// advance_0: cells (100 rows), Runge-Kutta 4 (the equations are not linear)
// neuron izhikevich
//   param a = 0.02 kHz
//   param b = 0.2 kHz
//   param c = -65 mV
//   param d = 8 mV/ms
//   param v_peak = 30 mV
//   param i_e = 0 mV/ms
//   state v = -70 mV
//   state u = b*v
//   input delta -> v
//   input i_stim : mV/ms
//   x = min(v, v_peak)/1 mV
//   dv/dt = (0.04*x**2 + 5*x + 140)*1 mV/ms - u + i_e + i_stim
//   du/dt = a*(b*v - u)
//   threshold v >= v_peak
//   reset v = c; u += d
// s0 = v
// s1 = u
// a0 = arrivals at delta
// h0 = i_stim
// p0 = a
// p1 = b
// p2 = c
// p3 = d
// p4 = v_peak
// p5 = i_e
// One thread per row: advances it by the steps of a window.
fn advance_0(first_row: u32, lane: u32, instance: u32) {
    let row = first_row + lane;
    if (row >= ROWS_0) {
        return;
    }
    var s0 = state[STATE_0_0 + instance * SPAN_0 + row];
    var s1 = state[STATE_0_1 + instance * SPAN_0 + row];
    let p0 = params[PARAM_0_0];
    let p1 = params[PARAM_0_1];
    let p2 = params[PARAM_0_2];
    let p3 = params[PARAM_0_3];
    let p4 = params[PARAM_0_4];
    let p5 = params[PARAM_0_5];
    let d0 = params[DERIVED_0_0];
    let d1 = params[DERIVED_0_1];
    var finite = true;
    var tested0 = 0.0f;
    var tested1 = 0.0f;
    for (var k = 0u; k < window.steps; k++) {
        let place = window.place + k;
        let slot = window.slot + k;
        let record = place * RECORD;
        let past = window.past + k;
        let n0 = fma(s0, p1, (-s1));
        let n1 = (n0 * p0);
        let n2 = least(s0, p4);
        let n3 = (n2 * n2);
        let n4 = (n3 * 0.04f);
        let n5 = fma(n2, 5.0f, n4);
        let n6 = (n5 + 140.0f);
        let n7 = (n6 - s1);
        let n8 = (n7 + p5);
        let n9 = fma(n0, d0, s1);
        let n10 = fma(n8, 0.05f, s0);
        let n11 = fma(n10, p1, (-n9));
        let n12 = (n11 * p0);
        let n13 = least(n10, p4);
        let n14 = (n13 * n13);
        let n15 = (n14 * 0.04f);
        let n16 = fma(n13, 5.0f, n15);
        let n17 = (n16 + 140.0f);
        let n18 = (n17 - n9);
        let n19 = (n18 + p5);
        let n20 = fma(n11, d0, s1);
        let n21 = fma(n19, 0.05f, s0);
        let n22 = fma(n21, p1, (-n20));
        let n23 = least(n21, p4);
        let n24 = (n23 * n23);
        let n25 = (n24 * 0.04f);
        let n26 = fma(n23, 5.0f, n25);
        let n27 = (n26 + 140.0f);
        let n28 = (n27 - n20);
        let n29 = (n28 + p5);
        let n30 = fma(n22, d1, s1);
        let n31 = fma(n29, 0.1f, s0);
        let n32 = least(n31, p4);
        let n33 = (n32 * n32);
        let n34 = (n33 * 0.04f);
        let n35 = fma(n32, 5.0f, n34);
        let n36 = (n35 + 140.0f);
        let n37 = (n36 - n30);
        let n38 = (n37 + p5);
        let n39 = (n19 + n29);
        let n40 = (n8 + n38);
        let n41 = fma(n39, 2.0f, n40);
        let n42 = fma(n41, 0.016666668f, s0);
        let n43 = (p4 <= n42);
        let n44 = select(n42, p2, n43);
        let n45 = fma(n31, p1, (-n30));
        let n46 = fma(n22, p0, n12);
        let n47 = fma(n45, p0, n1);
        let n48 = fma(n46, 2.0f, n47);
        let n49 = fma(n48, 0.016666668f, s1);
        let n50 = (n49 + p3);
        let n51 = select(n49, n50, n43);
        tested0 = n42;
        finite = finite && is_finite(tested0);
        tested1 = n49;
        finite = finite && is_finite(tested1);
        if (n43) {
            send(k, BASE_0 + row, lane);
        }
        s0 = n44;
        finite = finite && is_finite(s0);
        s1 = n51;
        finite = finite && is_finite(s1);
        sample(inputs[record + 3u], 0u, 10u, instance, row, s0);
    }
    state[STATE_0_0 + instance * SPAN_0 + row] = s0;
    state[STATE_0_1 + instance * SPAN_0 + row] = s1;
    if (!finite) {
        var place = 0u;
        place = select(9u, place, is_finite(s1));
        place = select(6u + kind_of(tested1), place, is_finite(tested1));
        place = select(5u, place, is_finite(s0));
        place = select(2u + kind_of(tested0), place, is_finite(tested0));
        report(instance, BASE_0 + row, place);
    }
}

