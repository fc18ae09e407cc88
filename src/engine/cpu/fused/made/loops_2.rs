//! lif_cond_exp_euler, lif_cond_alpha, izhikevich, adex, traub_miles: written by `SYNFIRE_UPDATE=1` and the test `fused::write_test`, not by hand.

#![allow(clippy::all, unused_imports, unused_variables, reason = "written by a program")]

use pulp::NullaryFnOnce;

use super::super::super::block::Table;
use super::super::super::real::{Real, truth};
use super::super::{Rows, lend, pieces};

/// lif_cond_exp_euler
pub struct Loop10<'a, T>(pub &'a mut Table<T>, pub Rows);

impl<T: Real> NullaryFnOnce for Loop10<'_, T> {
    type Output = bool;

    #[inline(always)]
    fn call(self) -> bool {
        #[inline(always)]
        fn each<T: Real>(rows: usize, s: [T; 14], x0: &[T], x1: &[T], x2: &[T], x3: &[T], a0: &[T], a1: &[T], n0: &mut [T], n1: &mut [T], n2: &mut [T], n3: &mut [T], o0: &mut [T], o1: &mut [T]) {
            let (x0, x1, x2, x3, a0, a1, n0, n1, n2, n3, o0, o1) = (&x0[..rows], &x1[..rows], &x2[..rows], &x3[..rows], &a0[..rows], &a1[..rows], &mut n0[..rows], &mut n1[..rows], &mut n2[..rows], &mut n3[..rows], &mut o0[..rows], &mut o1[..rows]);
            for k in 0..rows {
                let v0 = s[0].less(x0[k]);
                let v1 = (s[1] - x1[k]) * x2[k];
                let v2 = s[2] - x1[k];
                let v3 = x3[k] * v2 + v1;
                let v4 = s[3] - x1[k];
                let v5 = (s[4] * v4) + v3;
                let v6 = v5 + s[5];
                let v7 = v6 * s[6];
                let v8 = v0.pick(s[0], v7);
                let v9 = x1[k] + (s[7] * v8);
                let v10 = s[8].less_equal(v9);
                let v11 = v0.pick(s[0], v10);
                let v12 = v11.pick(s[9], v9);
                let v13 = x2[k] + (s[10] * x2[k]);
                let v14 = a0[k];
                let v15 = v13 + v14;
                let v16 = x3[k] + (s[11] * x3[k]);
                let v17 = a1[k];
                let v18 = v16 + v17;
                let v19 = x0[k] - s[12];
                let v20 = v19.greatest(s[0]);
                let v21 = v11.pick(s[13], v20);
                n0[k] = v12;
                n1[k] = v15;
                n2[k] = v18;
                n3[k] = v21;
                o0[k] = v9;
                o1[k] = v11;
            }
        }
        let lent = lend(self.0, self.1, [0, 2, 3, 1, 4, 5, 7, 8, 9, 10, 11, 12, 6, 13], [], [3, 0, 1, 2], [(); 2], [0, 1, 2, 3], [1, 3]);
        let Some((s, [], [x0, x1, x2, x3], [a0, a1], [n0, n1, n2, n3], [o0, o1])) = lent else { return false };
        each(self.1.count, s, x0, x1, x2, x3, a0, a1, n0, n1, n2, n3, o0, o1);
        true
    }
}

/// lif_cond_alpha
pub struct Loop11<'a, T>(pub &'a mut Table<T>, pub Rows);

impl<T: Real> NullaryFnOnce for Loop11<'_, T> {
    type Output = bool;

    #[inline(always)]
    fn call(self) -> bool {
        #[inline(always)]
        fn each<T: Real, const USUAL: bool>(rows: usize, s: [T; 25], x0: &[T], x1: &[T], x2: &[T], x3: &[T], x4: &[T], x5: &[T], a0: &[T], a1: &[T], n0: &mut [T], n1: &mut [T], n2: &mut [T], n3: &mut [T], n4: &mut [T], n5: &mut [T], o0: &mut [T], o1: &mut [T]) -> bool {
            let (x0, x1, x2, x3, x4, x5, a0, a1, n0, n1, n2, n3, n4, n5, o0, o1) = (&x0[..rows], &x1[..rows], &x2[..rows], &x3[..rows], &x4[..rows], &x5[..rows], &a0[..rows], &a1[..rows], &mut n0[..rows], &mut n1[..rows], &mut n2[..rows], &mut n3[..rows], &mut n4[..rows], &mut n5[..rows], &mut o0[..rows], &mut o1[..rows]);
            let mut usual = true;
            for k in 0..rows {
                let v0 = s[0].less(x0[k]);
                let v1 = x1[k] + (s[1] * x1[k] + s[2] * x2[k]);
                let v2 = x3[k] + (s[3] * x3[k] + s[4] * x4[k]);
                let v3 = (s[5] - x5[k]) * v1;
                let v4 = s[6] - x5[k];
                let v5 = v2 * v4 + v3;
                let v6 = s[7] - x5[k];
                let v7 = (s[8] * v6) + v5;
                let v8 = v7 + s[9];
                let v9 = v8 * s[10];
                let v10 = s[12] + (s[11] * v1 + s[11] * v2);
                let v11 = v10 * s[10];
                let v12 = if USUAL { usual &= v11.abs() < T::NEAR; v11.exprel_near() } else { v11.exprel() };
                let v13 = v12 * v9 + x5[k];
                let v14 = v0.pick(x5[k], v13);
                let v15 = s[13].less_equal(v14);
                let v16 = v0.pick(s[0], v15);
                let v17 = v16.pick(s[14], v14);
                let v18 = x1[k] + (s[15] * x1[k] + s[16] * x2[k]);
                let v19 = x3[k] + (s[17] * x3[k] + s[18] * x4[k]);
                let v20 = x2[k] + (s[19] * x2[k]);
                let v21 = a0[k];
                let v22 = v20 + (s[20] * v21);
                let v23 = x4[k] + (s[21] * x4[k]);
                let v24 = a1[k];
                let v25 = v23 + (s[22] * v24);
                let v26 = x0[k] - s[23];
                let v27 = v26.greatest(s[0]);
                let v28 = v16.pick(s[24], v27);
                n0[k] = v17;
                n1[k] = v18;
                n2[k] = v19;
                n3[k] = v22;
                n4[k] = v25;
                n5[k] = v28;
                o0[k] = v16;
                o1[k] = v14;
            }
            usual
        }
        let lent = lend(self.0, self.1, [0, 2, 3, 4, 5, 7, 8, 6, 9, 10, 12, 1, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 11, 24], [], [5, 1, 3, 2, 4, 0], [(); 2], [0, 1, 2, 3, 4, 5], [3, 4]);
        let Some((s, [], [x0, x1, x2, x3, x4, x5], [a0, a1], [n0, n1, n2, n3, n4, n5], [o0, o1])) = lent else { return false };
        for piece in pieces(self.1.count) {
            if !each::<T, true>(piece.len(), s, &x0[piece.clone()], &x1[piece.clone()], &x2[piece.clone()], &x3[piece.clone()], &x4[piece.clone()], &x5[piece.clone()], &a0[piece.clone()], &a1[piece.clone()], &mut n0[piece.clone()], &mut n1[piece.clone()], &mut n2[piece.clone()], &mut n3[piece.clone()], &mut n4[piece.clone()], &mut n5[piece.clone()], &mut o0[piece.clone()], &mut o1[piece.clone()]) {
                each::<T, false>(piece.len(), s, &x0[piece.clone()], &x1[piece.clone()], &x2[piece.clone()], &x3[piece.clone()], &x4[piece.clone()], &x5[piece.clone()], &a0[piece.clone()], &a1[piece.clone()], &mut n0[piece.clone()], &mut n1[piece.clone()], &mut n2[piece.clone()], &mut n3[piece.clone()], &mut n4[piece.clone()], &mut n5[piece.clone()], &mut o0[piece.clone()], &mut o1[piece.clone()]);
            }
        }
        true
    }
}

/// izhikevich
pub struct Loop12<'a, T>(pub &'a mut Table<T>, pub Rows);

impl<T: Real> NullaryFnOnce for Loop12<'_, T> {
    type Output = bool;

    #[inline(always)]
    fn call(self) -> bool {
        #[inline(always)]
        fn each<T: Real>(rows: usize, s: [T; 15], x0: &[T], x1: &[T], a0: &[T], n0: &mut [T], n1: &mut [T], o0: &mut [T], o1: &mut [T], o2: &mut [T]) {
            let (x0, x1, a0, n0, n1, o0, o1, o2) = (&x0[..rows], &x1[..rows], &a0[..rows], &mut n0[..rows], &mut n1[..rows], &mut o0[..rows], &mut o1[..rows], &mut o2[..rows]);
            for k in 0..rows {
                let v0 = x0[k] * s[0];
                let v1 = v0 - x1[k];
                let v2 = x0[k].least(s[1]);
                let v3 = v2 * v2;
                let v4 = (s[2] * v3 + s[3] * v2) + s[4];
                let v5 = v4 - x1[k];
                let v6 = v5 + s[5];
                let v7 = x1[k] + (s[6] * v1);
                let v8 = x0[k] + (s[7] * v6);
                let v9 = v8 * s[0];
                let v10 = v9 - v7;
                let v11 = v8.least(s[1]);
                let v12 = v11 * v11;
                let v13 = (s[2] * v12 + s[3] * v11) + s[4];
                let v14 = v13 - v7;
                let v15 = v14 + s[5];
                let v16 = x1[k] + (s[6] * v10);
                let v17 = x0[k] + (s[7] * v15);
                let v18 = v17 * s[0];
                let v19 = v18 - v16;
                let v20 = v17.least(s[1]);
                let v21 = v20 * v20;
                let v22 = (s[2] * v21 + s[3] * v20) + s[4];
                let v23 = v22 - v16;
                let v24 = v23 + s[5];
                let v25 = x1[k] + (s[8] * v19);
                let v26 = x0[k] + (s[9] * v24);
                let v27 = v26.least(s[1]);
                let v28 = v27 * v27;
                let v29 = (s[2] * v28 + s[3] * v27) + s[4];
                let v30 = v29 - v25;
                let v31 = v30 + s[5];
                let v32 = v15 + v24;
                let v33 = v6 + v31;
                let v34 = v33 + (s[10] * v32);
                let v35 = x0[k] + (s[11] * v34);
                let v36 = a0[k];
                let v37 = v35 + v36;
                let v38 = s[1].less_equal(v37);
                let v39 = v38.pick(s[12], v37);
                let v40 = v26 * s[0];
                let v41 = v40 - v25;
                let v42 = s[13] * v10 + s[13] * v19;
                let v43 = s[13] * v1 + s[13] * v41 + s[10] * v42;
                let v44 = x1[k] + (s[11] * v43);
                let v45 = v38.pick(v44 + s[14], v44);
                n0[k] = v39;
                n1[k] = v45;
                o0[k] = v44;
                o1[k] = v37;
                o2[k] = v38;
            }
        }
        let lent = lend(self.0, self.1, [2, 4, 5, 6, 7, 8, 9, 0, 10, 1, 11, 12, 13, 3, 14], [], [0, 1], [(); 1], [0, 1], [8, 9, 10]);
        let Some((s, [], [x0, x1], [a0], [n0, n1], [o0, o1, o2])) = lent else { return false };
        each(self.1.count, s, x0, x1, a0, n0, n1, o0, o1, o2);
        true
    }
}

/// adex
pub struct Loop13<'a, T>(pub &'a mut Table<T>, pub Rows);

impl<T: Real> NullaryFnOnce for Loop13<'_, T> {
    type Output = bool;

    #[inline(always)]
    fn call(self) -> bool {
        #[inline(always)]
        fn each<T: Real>(rows: usize, s: [T; 27], x0: &[T], x1: &[T], x2: &[T], x3: &[T], x4: &[T], a0: &[T], a1: &[T], n0: &mut [T], n1: &mut [T], n2: &mut [T], n3: &mut [T], n4: &mut [T], o0: &mut [T], o1: &mut [T], o2: &mut [T]) {
            let (x0, x1, x2, x3, x4, a0, a1, n0, n1, n2, n3, n4, o0, o1, o2) = (&x0[..rows], &x1[..rows], &x2[..rows], &x3[..rows], &x4[..rows], &a0[..rows], &a1[..rows], &mut n0[..rows], &mut n1[..rows], &mut n2[..rows], &mut n3[..rows], &mut n4[..rows], &mut o0[..rows], &mut o1[..rows], &mut o2[..rows]);
            for k in 0..rows {
                let v0 = s[0].less(x0[k]);
                let v1 = x1[k] + (s[1] * x1[k]);
                let v2 = x2[k] + (s[2] * x2[k]);
                let v3 = x1[k] + (s[3] * x1[k]);
                let v4 = x2[k] + (s[4] * x2[k]);
                let v5 = x3[k].least(s[5]);
                let v6 = (v5 - s[6]) * s[7];
                let v7 = v6 - x4[k];
                let v8 = (v5 - s[8]) * s[9];
                let v9 = v8.exp();
                let v10 = (s[10] - v5) * x1[k];
                let v11 = s[11] - v5;
                let v12 = x2[k] * v11 + v10;
                let v13 = s[6] - v5;
                let v14 = (s[12] * v13 + s[13] * v9) + v12;
                let v15 = v14 - x4[k];
                let v16 = v15 + s[14];
                let v17 = v16 * s[15];
                let v18 = v0.pick(s[0], v17);
                let v19 = x4[k] + (s[16] * v7);
                let v20 = x3[k] + (s[17] * v18);
                let v21 = v20.least(s[5]);
                let v22 = (v21 - s[6]) * s[7];
                let v23 = v22 - v19;
                let v24 = (v21 - s[8]) * s[9];
                let v25 = v24.exp();
                let v26 = (s[10] - v21) * v3;
                let v27 = s[11] - v21;
                let v28 = v4 * v27 + v26;
                let v29 = s[6] - v21;
                let v30 = (s[12] * v29 + s[13] * v25) + v28;
                let v31 = v30 - v19;
                let v32 = v31 + s[14];
                let v33 = v32 * s[15];
                let v34 = v0.pick(s[0], v33);
                let v35 = x4[k] + (s[16] * v23);
                let v36 = x3[k] + (s[17] * v34);
                let v37 = v36.least(s[5]);
                let v38 = (v37 - s[6]) * s[7];
                let v39 = v38 - v35;
                let v40 = (v37 - s[8]) * s[9];
                let v41 = v40.exp();
                let v42 = (s[10] - v37) * v3;
                let v43 = s[11] - v37;
                let v44 = v4 * v43 + v42;
                let v45 = s[6] - v37;
                let v46 = (s[12] * v45 + s[13] * v41) + v44;
                let v47 = v46 - v35;
                let v48 = v47 + s[14];
                let v49 = v48 * s[15];
                let v50 = v0.pick(s[0], v49);
                let v51 = x4[k] + (s[18] * v39);
                let v52 = x3[k] + (s[19] * v50);
                let v53 = v52.least(s[5]);
                let v54 = (v53 - s[8]) * s[9];
                let v55 = v54.exp();
                let v56 = (s[10] - v53) * v1;
                let v57 = s[11] - v53;
                let v58 = v2 * v57 + v56;
                let v59 = s[6] - v53;
                let v60 = (s[12] * v59 + s[13] * v55) + v58;
                let v61 = v60 - v51;
                let v62 = v61 + s[14];
                let v63 = v62 * s[15];
                let v64 = v0.pick(s[0], v63);
                let v65 = v34 + v50;
                let v66 = v18 + v64;
                let v67 = v66 + (s[20] * v65);
                let v68 = x3[k] + (s[21] * v67);
                let v69 = s[5].less_equal(v68);
                let v70 = v0.pick(s[0], v69);
                let v71 = v70.pick(s[22], v68);
                let v72 = (v53 - s[6]) * s[7];
                let v73 = v72 - v51;
                let v74 = s[23] * v23 + s[23] * v39;
                let v75 = s[23] * v7 + s[23] * v73 + s[20] * v74;
                let v76 = x4[k] + (s[21] * v75);
                let v77 = v70.pick(v76 + s[24], v76);
                let v78 = a0[k];
                let v79 = v1 + v78;
                let v80 = a1[k];
                let v81 = v2 + v80;
                let v82 = x0[k] - s[25];
                let v83 = v82.greatest(s[0]);
                let v84 = v70.pick(s[26], v83);
                n0[k] = v71;
                n1[k] = v77;
                n2[k] = v79;
                n3[k] = v81;
                n4[k] = v84;
                o0[k] = v70;
                o1[k] = v76;
                o2[k] = v68;
            }
        }
        let lent = lend(self.0, self.1, [0, 1, 2, 4, 5, 8, 7, 9, 14, 15, 16, 17, 12, 13, 18, 19, 20, 3, 21, 6, 22, 23, 24, 11, 25, 10, 26], [], [4, 2, 3, 0, 1], [(); 2], [0, 1, 2, 3, 4], [9, 12, 13]);
        let Some((s, [], [x0, x1, x2, x3, x4], [a0, a1], [n0, n1, n2, n3, n4], [o0, o1, o2])) = lent else { return false };
        each(self.1.count, s, x0, x1, x2, x3, x4, a0, a1, n0, n1, n2, n3, n4, o0, o1, o2);
        true
    }
}

/// traub_miles
pub struct Loop14<'a, T>(pub &'a mut Table<T>, pub Rows);

impl<T: Real> NullaryFnOnce for Loop14<'_, T> {
    type Output = bool;

    #[inline(always)]
    fn call(self) -> bool {
        #[inline(always)]
        fn each<T: Real, const USUAL: bool>(rows: usize, s: [T; 38], x0: &[T], x1: &[T], x2: &[T], x3: &[T], x4: &[T], x5: &[T], x6: &[T], a0: &[T], a1: &[T], n0: &mut [T], n1: &mut [T], n2: &mut [T], n3: &mut [T], n4: &mut [T], n5: &mut [T], n6: &mut [T], o0: &mut [T]) -> bool {
            let (x0, x1, x2, x3, x4, x5, x6, a0, a1, n0, n1, n2, n3, n4, n5, n6, o0) = (&x0[..rows], &x1[..rows], &x2[..rows], &x3[..rows], &x4[..rows], &x5[..rows], &x6[..rows], &a0[..rows], &a1[..rows], &mut n0[..rows], &mut n1[..rows], &mut n2[..rows], &mut n3[..rows], &mut n4[..rows], &mut n5[..rows], &mut n6[..rows], &mut o0[..rows]);
            let mut usual = true;
            for k in 0..rows {
                let v0 = x0[k] + (s[0] * x0[k]);
                let v1 = x1[k] + (s[1] * x1[k]);
                let v2 = x2[k] - s[2];
                let v3 = (s[3] - v2) * s[4];
                let v4 = if USUAL { usual &= v3.abs() < T::NEAR; v3.exprel_near() } else { v3.exprel() };
                let v5 = s[5] / v4;
                let v6 = (v2 - s[6]) * s[7];
                let v7 = if USUAL { usual &= v6.abs() < T::NEAR; v6.exprel_near() } else { v6.exprel() };
                let v8 = s[8] / v7;
                let v9 = (s[9] - x3[k]) * v5;
                let v10 = v8 * x3[k];
                let v11 = (v9 - v10) * s[10];
                let v12 = v5 * s[11];
                let v13 = (v12 - v8) * s[10];
                let v14 = if USUAL { usual &= v13.abs() < T::NEAR; v13.exprel_near() } else { v13.exprel() };
                let v15 = v14 * v11 + x3[k];
                let v16 = (s[12] - v2) * s[13];
                let v17 = v16.exp();
                let v18 = v17 * s[14];
                let v19 = (s[6] - v2) * s[7];
                let v20 = v19.exp();
                let v21 = s[9] + v20;
                let v22 = s[15] / v21;
                let v23 = (s[9] - x4[k]) * v18;
                let v24 = v22 * x4[k];
                let v25 = (v23 - v24) * s[10];
                let v26 = v17 * s[16];
                let v27 = (v26 - v22) * s[10];
                let v28 = if USUAL { usual &= v27.abs() < T::NEAR; v27.exprel_near() } else { v27.exprel() };
                let v29 = v28 * v25 + x4[k];
                let v30 = (s[17] - v2) * s[7];
                let v31 = if USUAL { usual &= v30.abs() < T::NEAR; v30.exprel_near() } else { v30.exprel() };
                let v32 = s[18] / v31;
                let v33 = (s[19] - v2) * s[20];
                let v34 = v33.exp();
                let v35 = v34 * s[21];
                let v36 = (s[9] - x5[k]) * v32;
                let v37 = v35 * x5[k];
                let v38 = (v36 - v37) * s[10];
                let v39 = v32 * s[11];
                let v40 = (v39 - v35) * s[10];
                let v41 = if USUAL { usual &= v40.abs() < T::NEAR; v40.exprel_near() } else { v40.exprel() };
                let v42 = v41 * v38 + x5[k];
                let v43 = v15 * v15;
                let v44 = v15 * v43;
                let v45 = v44 * s[22];
                let v46 = v45 * v29;
                let v47 = (s[23] - x2[k]) * v46;
                let v48 = v42 * v42;
                let v49 = v48 * v48;
                let v50 = v49 * s[24];
                let v51 = s[25] - x2[k];
                let v52 = v50 * v51 + v47;
                let v53 = (s[26] - x2[k]) * v0;
                let v54 = s[27] - x2[k];
                let v55 = v1 * v54 + v53;
                let v56 = s[28] - x2[k];
                let v57 = (s[29] * v56) + v52;
                let v58 = v57 + v55;
                let v59 = v58 + s[30];
                let v60 = v59 * s[31];
                let v61 = s[33] + (s[11] * v46 + s[32] * v49);
                let v62 = v61 + (s[11] * v0 + s[11] * v1);
                let v63 = v62 * s[31];
                let v64 = if USUAL { usual &= v63.abs() < T::NEAR; v63.exprel_near() } else { v63.exprel() };
                let v65 = v64 * v60 + x2[k];
                let v66 = x0[k] + (s[34] * x0[k]);
                let v67 = a0[k];
                let v68 = v66 + v67;
                let v69 = x1[k] + (s[35] * x1[k]);
                let v70 = a1[k];
                let v71 = v69 + v70;
                let v72 = s[36].less_equal(v65);
                let v73 = v72.both(x6[k]);
                let v74 = v65.less(s[36]);
                let v75 = v74.pick(s[9], x6[k]);
                let v76 = v73.pick(s[37], v75);
                n0[k] = v65;
                n1[k] = v15;
                n2[k] = v29;
                n3[k] = v42;
                n4[k] = v68;
                n5[k] = v71;
                n6[k] = v76;
                o0[k] = v73;
            }
            usual
        }
        let lent = lend(self.0, self.1, [2, 3, 7, 6, 9, 5, 11, 12, 10, 1, 4, 0, 14, 15, 13, 8, 16, 19, 18, 17, 21, 20, 23, 24, 25, 26, 27, 28, 22, 29, 30, 31, 33, 32, 34, 35, 37, 36], [], [4, 5, 0, 1, 2, 3, 6], [(); 2], [0, 1, 2, 3, 4, 5, 6], [6]);
        let Some((s, [], [x0, x1, x2, x3, x4, x5, x6], [a0, a1], [n0, n1, n2, n3, n4, n5, n6], [o0])) = lent else { return false };
        for piece in pieces(self.1.count) {
            if !each::<T, true>(piece.len(), s, &x0[piece.clone()], &x1[piece.clone()], &x2[piece.clone()], &x3[piece.clone()], &x4[piece.clone()], &x5[piece.clone()], &x6[piece.clone()], &a0[piece.clone()], &a1[piece.clone()], &mut n0[piece.clone()], &mut n1[piece.clone()], &mut n2[piece.clone()], &mut n3[piece.clone()], &mut n4[piece.clone()], &mut n5[piece.clone()], &mut n6[piece.clone()], &mut o0[piece.clone()]) {
                each::<T, false>(piece.len(), s, &x0[piece.clone()], &x1[piece.clone()], &x2[piece.clone()], &x3[piece.clone()], &x4[piece.clone()], &x5[piece.clone()], &x6[piece.clone()], &a0[piece.clone()], &a1[piece.clone()], &mut n0[piece.clone()], &mut n1[piece.clone()], &mut n2[piece.clone()], &mut n3[piece.clone()], &mut n4[piece.clone()], &mut n5[piece.clone()], &mut n6[piece.clone()], &mut o0[piece.clone()]);
            }
        }
        true
    }
}
