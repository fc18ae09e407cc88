// schedule two-pass: kernel `update`, workgroups of 64 threads, up to 64 steps in a dispatch
// advance_0: cells (100 rows), exponential Euler, states one after the other (each equation is linear in its own state)
// neuron hodgkin_huxley
//   param c_m = 1 uF/cm**2
//   param g_na = 120 mS/cm**2
//   param g_k = 36 mS/cm**2
//   param g_leak = 0.3 mS/cm**2
//   param e_na = 50 mV
//   param e_k = -77 mV
//   param e_leak = -54.387 mV
//   param v_detect = 0 mV
//   param i_e = 0 uA/cm**2
//   state v = -65 mV
//   state m = alpha_m/(alpha_m + beta_m)
//   state h = alpha_h/(alpha_h + beta_h)
//   state n = alpha_n/(alpha_n + beta_n)
//   input i_stim : uA/cm**2
//   alpha_m = 1 kHz/exprel(-(v + 40 mV)/10 mV)
//   beta_m = 4 kHz*exp(-(v + 65 mV)/18 mV)
//   alpha_h = 0.07 kHz*exp(-(v + 65 mV)/20 mV)
//   beta_h = 1 kHz/(1 + exp(-(v + 35 mV)/10 mV))
//   alpha_n = 0.1 kHz/exprel(-(v + 55 mV)/10 mV)
//   beta_n = 0.125 kHz*exp(-(v + 65 mV)/80 mV)
//   i_na = g_na*m**3*h*(e_na - v)
//   i_k = g_k*n**4*(e_k - v)
//   dv/dt = (i_na + i_k + g_leak*(e_leak - v) + i_e + i_stim)/c_m
//   dm/dt = alpha_m*(1 - m) - beta_m*m
//   dh/dt = alpha_h*(1 - h) - beta_h*h
//   dn/dt = alpha_n*(1 - n) - beta_n*n
//   threshold v >= v_detect
//   rearm v < v_detect
// s0 = v
// s1 = m
// s2 = h
// s3 = n
// s4 = armed
// h0 = i_stim
// p1 = g_na
// p2 = g_k
// p3 = g_leak
// p4 = e_na
// p5 = e_k
// p6 = e_leak
// p7 = v_detect
// p8 = i_e
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
    var s4 = state[STATE_0_4 + instance * SPAN_0 + row];
    let p1 = params[PARAM_0_1];
    let p2 = params[PARAM_0_2];
    let p3 = params[PARAM_0_3];
    let p4 = params[PARAM_0_4];
    let p5 = params[PARAM_0_5];
    let p6 = params[PARAM_0_6];
    let p7 = params[PARAM_0_7];
    let p8 = params[PARAM_0_8];
    let d1 = params[DERIVED_0_1];
    let d2 = params[DERIVED_0_2];
    let d3 = params[DERIVED_0_3];
    var finite = true;
    for (var k = 0u; k < window.steps; k++) {
        let place = window.place + k;
        let slot = window.slot + k;
        let record = place * RECORD;
        let past = window.past + k;
        let n0 = (s0 + 40.0f);
        let n1 = (-n0);
        let n2 = (n1 * 0.1f);
        let n3 = exprel(n2);
        let n4 = (1.0f / n3);
        let n5 = (s0 + 65.0f);
        let n6 = (-n5);
        let n7 = (n6 * 0.055555556f);
        let n8 = exponential(n7);
        let n9 = (n8 * 4.0f);
        let n10 = (1.0f - s1);
        let n11 = (n4 * n10);
        let n12 = fma((-n9), s1, n11);
        let n13 = (n12 * 0.1f);
        let n14 = (n4 * (-1.0f));
        let n15 = fma((-n8), 4.0f, n14);
        let n16 = (n15 * 0.1f);
        let n17 = exprel(n16);
        let n18 = fma(n17, n13, s1);
        let n19 = (n6 * 0.05f);
        let n20 = exponential(n19);
        let n21 = (n20 * 0.07f);
        let n22 = (s0 + 35.0f);
        let n23 = (-n22);
        let n24 = (n23 * 0.1f);
        let n25 = exponential(n24);
        let n26 = (1.0f + n25);
        let n27 = (1.0f / n26);
        let n28 = (1.0f - s2);
        let n29 = (n21 * n28);
        let n30 = fma((-n27), s2, n29);
        let n31 = (n30 * 0.1f);
        let n32 = fma(n20, (-0.07f), (-n27));
        let n33 = (n32 * 0.1f);
        let n34 = exprel(n33);
        let n35 = fma(n34, n31, s2);
        let n36 = (s0 + 55.0f);
        let n37 = (-n36);
        let n38 = (n37 * 0.1f);
        let n39 = exprel(n38);
        let n40 = (0.1f / n39);
        let n41 = (n6 * 0.0125f);
        let n42 = exponential(n41);
        let n43 = (n42 * 0.125f);
        let n44 = (1.0f - s3);
        let n45 = (n40 * n44);
        let n46 = fma((-n43), s3, n45);
        let n47 = (n46 * 0.1f);
        let n48 = (n40 * (-1.0f));
        let n49 = fma((-n42), 0.125f, n48);
        let n50 = (n49 * 0.1f);
        let n51 = exprel(n50);
        let n52 = fma(n51, n47, s3);
        let n53 = (n18 * n18);
        let n54 = (n18 * n53);
        let n55 = (n54 * p1);
        let n56 = (n55 * n35);
        let n57 = (p4 - s0);
        let n58 = (n56 * n57);
        let n59 = (n52 * n52);
        let n60 = (n59 * n59);
        let n61 = (n60 * p2);
        let n62 = (p5 - s0);
        let n63 = fma(n61, n62, n58);
        let n64 = (p6 - s0);
        let n65 = fma(n64, p3, n63);
        let n66 = (n65 + p8);
        let n67 = (n66 * d1);
        let n68 = (n56 * (-1.0f));
        let n69 = fma(n60, d3, n68);
        let n70 = (n69 + d2);
        let n71 = (n70 * d1);
        let n72 = exprel(n71);
        let n73 = fma(n72, n67, s0);
        let n74 = (p7 <= n73);
        let n75 = (n74 && (s4 != 0.0));
        let n76 = (n73 < p7);
        let n77 = select(s4, 1.0f, n76);
        let n78 = select(n77, 0.0f, n75);
        if (n75) {
            send(k, BASE_0 + row, lane);
        }
        s0 = n73;
        finite = finite && is_finite(s0);
        s1 = n18;
        finite = finite && is_finite(s1);
        s2 = n35;
        finite = finite && is_finite(s2);
        s3 = n52;
        finite = finite && is_finite(s3);
        s4 = n78;
        sample(inputs[record + 3u], 0u, 10u, instance, row, s0);
    }
    state[STATE_0_0 + instance * SPAN_0 + row] = s0;
    state[STATE_0_1 + instance * SPAN_0 + row] = s1;
    state[STATE_0_2 + instance * SPAN_0 + row] = s2;
    state[STATE_0_3 + instance * SPAN_0 + row] = s3;
    state[STATE_0_4 + instance * SPAN_0 + row] = s4;
    if (!finite) {
        var place = 0u;
        place = select(17u, place, is_finite(s3));
        place = select(13u, place, is_finite(s2));
        place = select(9u, place, is_finite(s1));
        place = select(5u, place, is_finite(s0));
        report(instance, BASE_0 + row, place);
    }
}

