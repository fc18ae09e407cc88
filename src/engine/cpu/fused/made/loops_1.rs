//! lif_psc_alpha_i_e, lif_psc_delta, lif_psc_delta_i_e, lif_cond_exp, lif_cond_exp_exponential_euler_i_e: written by `SYNFIRE_UPDATE=1` and the test `fused::write_test`, not by hand.

#![allow(clippy::all, unused_imports, unused_variables, reason = "written by a program")]

use pulp::NullaryFnOnce;

use super::super::super::block::Table;
use super::super::super::real::{Real, truth};
use super::super::{Rows, lend, pieces};

/// lif_psc_alpha_i_e
pub struct Loop5<'a, T>(pub &'a mut Table<T>, pub Rows);

impl<T: Real> NullaryFnOnce for Loop5<'_, T> {
    type Output = bool;

    #[inline(always)]
    fn call(self) -> bool {
        #[inline(always)]
        fn each<T: Real>(rows: usize, s: [T; 18], c0: &[T], x0: &[T], x1: &[T], x2: &[T], x3: &[T], x4: &[T], x5: &[T], a0: &[T], a1: &[T], n0: &mut [T], n1: &mut [T], n2: &mut [T], n3: &mut [T], n4: &mut [T], n5: &mut [T], o0: &mut [T], o1: &mut [T]) {
            let (c0, x0, x1, x2, x3, x4, x5, a0, a1, n0, n1, n2, n3, n4, n5, o0, o1) = (&c0[..rows], &x0[..rows], &x1[..rows], &x2[..rows], &x3[..rows], &x4[..rows], &x5[..rows], &a0[..rows], &a1[..rows], &mut n0[..rows], &mut n1[..rows], &mut n2[..rows], &mut n3[..rows], &mut n4[..rows], &mut n5[..rows], &mut o0[..rows], &mut o1[..rows]);
            for k in 0..rows {
                let v0 = s[0].less(x0[k]);
                let v1 = s[1] * x1[k] + s[2] * x2[k] + s[3] * x3[k] + s[4] * x4[k];
                let v2 = v1 + (s[5] * x5[k]);
                let v3 = v2 + c0[k];
                let v4 = x1[k] + v3;
                let v5 = v0.pick(x1[k], v4);
                let v6 = s[6].less_equal(v5);
                let v7 = v0.pick(s[0], v6);
                let v8 = v7.pick(s[7], v5);
                let v9 = x2[k] + (s[8] * x2[k] + s[9] * x4[k]);
                let v10 = x3[k] + (s[10] * x3[k] + s[11] * x5[k]);
                let v11 = x4[k] + (s[12] * x4[k]);
                let v12 = a0[k];
                let v13 = v11 + (s[13] * v12);
                let v14 = x5[k] + (s[14] * x5[k]);
                let v15 = a1[k];
                let v16 = v14 + (s[15] * v15);
                let v17 = x0[k] - s[16];
                let v18 = v17.greatest(s[0]);
                let v19 = v7.pick(s[17], v18);
                n0[k] = v8;
                n1[k] = v9;
                n2[k] = v10;
                n3[k] = v13;
                n4[k] = v16;
                n5[k] = v19;
                o0[k] = v5;
                o1[k] = v7;
            }
        }
        let lent = lend(self.0, self.1, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17], [0], [5, 0, 1, 2, 3, 4], [(); 2], [0, 1, 2, 3, 4, 5], [1, 3]);
        let Some((s, [c0], [x0, x1, x2, x3, x4, x5], [a0, a1], [n0, n1, n2, n3, n4, n5], [o0, o1])) = lent else { return false };
        each(self.1.count, s, c0, x0, x1, x2, x3, x4, x5, a0, a1, n0, n1, n2, n3, n4, n5, o0, o1);
        true
    }
}

/// lif_psc_delta
pub struct Loop6<'a, T>(pub &'a mut Table<T>, pub Rows);

impl<T: Real> NullaryFnOnce for Loop6<'_, T> {
    type Output = bool;

    #[inline(always)]
    fn call(self) -> bool {
        #[inline(always)]
        fn each<T: Real>(rows: usize, s: [T; 7], x0: &[T], x1: &[T], a0: &[T], n0: &mut [T], n1: &mut [T], o0: &mut [T], o1: &mut [T]) {
            let (x0, x1, a0, n0, n1, o0, o1) = (&x0[..rows], &x1[..rows], &a0[..rows], &mut n0[..rows], &mut n1[..rows], &mut o0[..rows], &mut o1[..rows]);
            for k in 0..rows {
                let v0 = s[0].less(x0[k]);
                let v1 = x1[k] + ((s[1] * x1[k]) + s[2]);
                let v2 = v0.pick(x1[k], v1);
                let v3 = a0[k];
                let v4 = v0.pick(s[0], v3);
                let v5 = v2 + v4;
                let v6 = s[3].less_equal(v5);
                let v7 = v0.pick(s[0], v6);
                let v8 = v7.pick(s[4], v5);
                let v9 = x0[k] - s[5];
                let v10 = v9.greatest(s[0]);
                let v11 = v7.pick(s[6], v10);
                n0[k] = v8;
                n1[k] = v11;
                o0[k] = v5;
                o1[k] = v7;
            }
        }
        let lent = lend(self.0, self.1, [0, 1, 2, 3, 4, 5, 6], [], [1, 0], [(); 1], [0, 1], [1, 2]);
        let Some((s, [], [x0, x1], [a0], [n0, n1], [o0, o1])) = lent else { return false };
        each(self.1.count, s, x0, x1, a0, n0, n1, o0, o1);
        true
    }
}

/// lif_psc_delta_i_e
pub struct Loop7<'a, T>(pub &'a mut Table<T>, pub Rows);

impl<T: Real> NullaryFnOnce for Loop7<'_, T> {
    type Output = bool;

    #[inline(always)]
    fn call(self) -> bool {
        #[inline(always)]
        fn each<T: Real>(rows: usize, s: [T; 6], c0: &[T], x0: &[T], x1: &[T], a0: &[T], n0: &mut [T], n1: &mut [T], o0: &mut [T], o1: &mut [T]) {
            let (c0, x0, x1, a0, n0, n1, o0, o1) = (&c0[..rows], &x0[..rows], &x1[..rows], &a0[..rows], &mut n0[..rows], &mut n1[..rows], &mut o0[..rows], &mut o1[..rows]);
            for k in 0..rows {
                let v0 = s[0].less(x0[k]);
                let v1 = x1[k] + ((s[1] * x1[k]) + c0[k]);
                let v2 = v0.pick(x1[k], v1);
                let v3 = a0[k];
                let v4 = v0.pick(s[0], v3);
                let v5 = v2 + v4;
                let v6 = s[2].less_equal(v5);
                let v7 = v0.pick(s[0], v6);
                let v8 = v7.pick(s[3], v5);
                let v9 = x0[k] - s[4];
                let v10 = v9.greatest(s[0]);
                let v11 = v7.pick(s[5], v10);
                n0[k] = v8;
                n1[k] = v11;
                o0[k] = v5;
                o1[k] = v7;
            }
        }
        let lent = lend(self.0, self.1, [0, 1, 2, 3, 4, 5], [0], [1, 0], [(); 1], [0, 1], [1, 2]);
        let Some((s, [c0], [x0, x1], [a0], [n0, n1], [o0, o1])) = lent else { return false };
        each(self.1.count, s, c0, x0, x1, a0, n0, n1, o0, o1);
        true
    }
}

/// lif_cond_exp
pub struct Loop8<'a, T>(pub &'a mut Table<T>, pub Rows);

impl<T: Real> NullaryFnOnce for Loop8<'_, T> {
    type Output = bool;

    #[inline(always)]
    fn call(self) -> bool {
        #[inline(always)]
        fn each<T: Real, const USUAL: bool>(rows: usize, s: [T; 17], x0: &[T], x1: &[T], x2: &[T], x3: &[T], a0: &[T], a1: &[T], n0: &mut [T], n1: &mut [T], n2: &mut [T], n3: &mut [T], o0: &mut [T], o1: &mut [T]) -> bool {
            let (x0, x1, x2, x3, a0, a1, n0, n1, n2, n3, o0, o1) = (&x0[..rows], &x1[..rows], &x2[..rows], &x3[..rows], &a0[..rows], &a1[..rows], &mut n0[..rows], &mut n1[..rows], &mut n2[..rows], &mut n3[..rows], &mut o0[..rows], &mut o1[..rows]);
            let mut usual = true;
            for k in 0..rows {
                let v0 = s[0].less(x0[k]);
                let v1 = x1[k] + (s[1] * x1[k]);
                let v2 = x2[k] + (s[2] * x2[k]);
                let v3 = (s[3] - x3[k]) * v1;
                let v4 = s[4] - x3[k];
                let v5 = v2 * v4 + v3;
                let v6 = s[5] - x3[k];
                let v7 = (s[6] * v6) + v5;
                let v8 = v7 + s[7];
                let v9 = v8 * s[8];
                let v10 = s[10] + (s[9] * v1 + s[9] * v2);
                let v11 = v10 * s[8];
                let v12 = if USUAL { usual &= v11.abs() < T::NEAR; v11.exprel_near() } else { v11.exprel() };
                let v13 = v12 * v9 + x3[k];
                let v14 = v0.pick(x3[k], v13);
                let v15 = s[11].less_equal(v14);
                let v16 = v0.pick(s[0], v15);
                let v17 = v16.pick(s[12], v14);
                let v18 = x1[k] + (s[13] * x1[k]);
                let v19 = a0[k];
                let v20 = v18 + v19;
                let v21 = x2[k] + (s[14] * x2[k]);
                let v22 = a1[k];
                let v23 = v21 + v22;
                let v24 = x0[k] - s[15];
                let v25 = v24.greatest(s[0]);
                let v26 = v16.pick(s[16], v25);
                n0[k] = v17;
                n1[k] = v20;
                n2[k] = v23;
                n3[k] = v26;
                o0[k] = v16;
                o1[k] = v14;
            }
            usual
        }
        let lent = lend(self.0, self.1, [0, 2, 3, 5, 6, 4, 7, 8, 10, 1, 11, 12, 13, 14, 15, 9, 16], [], [3, 1, 2, 0], [(); 2], [0, 1, 2, 3], [3, 4]);
        let Some((s, [], [x0, x1, x2, x3], [a0, a1], [n0, n1, n2, n3], [o0, o1])) = lent else { return false };
        for piece in pieces(self.1.count) {
            if !each::<T, true>(piece.len(), s, &x0[piece.clone()], &x1[piece.clone()], &x2[piece.clone()], &x3[piece.clone()], &a0[piece.clone()], &a1[piece.clone()], &mut n0[piece.clone()], &mut n1[piece.clone()], &mut n2[piece.clone()], &mut n3[piece.clone()], &mut o0[piece.clone()], &mut o1[piece.clone()]) {
                each::<T, false>(piece.len(), s, &x0[piece.clone()], &x1[piece.clone()], &x2[piece.clone()], &x3[piece.clone()], &a0[piece.clone()], &a1[piece.clone()], &mut n0[piece.clone()], &mut n1[piece.clone()], &mut n2[piece.clone()], &mut n3[piece.clone()], &mut o0[piece.clone()], &mut o1[piece.clone()]);
            }
        }
        true
    }
}

/// lif_cond_exp_exponential_euler_i_e
pub struct Loop9<'a, T>(pub &'a mut Table<T>, pub Rows);

impl<T: Real> NullaryFnOnce for Loop9<'_, T> {
    type Output = bool;

    #[inline(always)]
    fn call(self) -> bool {
        #[inline(always)]
        fn each<T: Real, const USUAL: bool>(rows: usize, s: [T; 16], c0: &[T], x0: &[T], x1: &[T], x2: &[T], x3: &[T], a0: &[T], a1: &[T], n0: &mut [T], n1: &mut [T], n2: &mut [T], n3: &mut [T], o0: &mut [T], o1: &mut [T]) -> bool {
            let (c0, x0, x1, x2, x3, a0, a1, n0, n1, n2, n3, o0, o1) = (&c0[..rows], &x0[..rows], &x1[..rows], &x2[..rows], &x3[..rows], &a0[..rows], &a1[..rows], &mut n0[..rows], &mut n1[..rows], &mut n2[..rows], &mut n3[..rows], &mut o0[..rows], &mut o1[..rows]);
            let mut usual = true;
            for k in 0..rows {
                let v0 = s[0].less(x0[k]);
                let v1 = x1[k] + (s[1] * x1[k]);
                let v2 = x2[k] + (s[2] * x2[k]);
                let v3 = (s[3] - x3[k]) * v1;
                let v4 = s[4] - x3[k];
                let v5 = v2 * v4 + v3;
                let v6 = s[5] - x3[k];
                let v7 = (s[6] * v6) + v5;
                let v8 = v7 + c0[k];
                let v9 = v8 * s[7];
                let v10 = s[9] + (s[8] * v1 + s[8] * v2);
                let v11 = v10 * s[7];
                let v12 = if USUAL { usual &= v11.abs() < T::NEAR; v11.exprel_near() } else { v11.exprel() };
                let v13 = v12 * v9 + x3[k];
                let v14 = v0.pick(x3[k], v13);
                let v15 = s[10].less_equal(v14);
                let v16 = v0.pick(s[0], v15);
                let v17 = v16.pick(s[11], v14);
                let v18 = x1[k] + (s[12] * x1[k]);
                let v19 = a0[k];
                let v20 = v18 + v19;
                let v21 = x2[k] + (s[13] * x2[k]);
                let v22 = a1[k];
                let v23 = v21 + v22;
                let v24 = x0[k] - s[14];
                let v25 = v24.greatest(s[0]);
                let v26 = v16.pick(s[15], v25);
                n0[k] = v17;
                n1[k] = v20;
                n2[k] = v23;
                n3[k] = v26;
                o0[k] = v16;
                o1[k] = v14;
            }
            usual
        }
        let lent = lend(self.0, self.1, [0, 2, 3, 5, 6, 4, 7, 9, 1, 10, 11, 12, 13, 14, 8, 15], [0], [3, 1, 2, 0], [(); 2], [0, 1, 2, 3], [3, 4]);
        let Some((s, [c0], [x0, x1, x2, x3], [a0, a1], [n0, n1, n2, n3], [o0, o1])) = lent else { return false };
        for piece in pieces(self.1.count) {
            if !each::<T, true>(piece.len(), s, &c0[piece.clone()], &x0[piece.clone()], &x1[piece.clone()], &x2[piece.clone()], &x3[piece.clone()], &a0[piece.clone()], &a1[piece.clone()], &mut n0[piece.clone()], &mut n1[piece.clone()], &mut n2[piece.clone()], &mut n3[piece.clone()], &mut o0[piece.clone()], &mut o1[piece.clone()]) {
                each::<T, false>(piece.len(), s, &c0[piece.clone()], &x0[piece.clone()], &x1[piece.clone()], &x2[piece.clone()], &x3[piece.clone()], &a0[piece.clone()], &a1[piece.clone()], &mut n0[piece.clone()], &mut n1[piece.clone()], &mut n2[piece.clone()], &mut n3[piece.clone()], &mut o0[piece.clone()], &mut o1[piece.clone()]);
            }
        }
        true
    }
}
