//! lif_psc_exp, lif_psc_exp_i_e, lif_psc_exp_i_stim, lif_psc_exp_one_port, lif_psc_alpha: written by `SYNFIRE_UPDATE=1` and the test `fused::write_test`, not by hand.

#![allow(clippy::all, unused_imports, unused_variables, reason = "written by a program")]

use pulp::NullaryFnOnce;

use super::super::super::block::Table;
use super::super::super::real::{Real, truth};
use super::super::{Rows, lend, pieces};

/// lif_psc_exp
pub struct Loop0<'a, T>(pub &'a mut Table<T>, pub Rows);

impl<T: Real> NullaryFnOnce for Loop0<'_, T> {
    type Output = bool;

    #[inline(always)]
    fn call(self) -> bool {
        #[inline(always)]
        fn each<T: Real>(rows: usize, s: [T; 11], x0: &[T], x1: &[T], x2: &[T], x3: &[T], a0: &[T], a1: &[T], n0: &mut [T], n1: &mut [T], n2: &mut [T], n3: &mut [T], o0: &mut [T], o1: &mut [T]) {
            let (x0, x1, x2, x3, a0, a1, n0, n1, n2, n3, o0, o1) = (&x0[..rows], &x1[..rows], &x2[..rows], &x3[..rows], &a0[..rows], &a1[..rows], &mut n0[..rows], &mut n1[..rows], &mut n2[..rows], &mut n3[..rows], &mut o0[..rows], &mut o1[..rows]);
            for k in 0..rows {
                let v0 = s[0].less(x0[k]);
                let v1 = x1[k] + ((s[1] * x1[k] + s[2] * x2[k] + s[3] * x3[k]) + s[4]);
                let v2 = v0.pick(x1[k], v1);
                let v3 = s[5].less_equal(v2);
                let v4 = v0.pick(s[0], v3);
                let v5 = v4.pick(s[6], v2);
                let v6 = x2[k] + (s[7] * x2[k]);
                let v7 = a0[k];
                let v8 = v6 + v7;
                let v9 = x3[k] + (s[8] * x3[k]);
                let v10 = a1[k];
                let v11 = v9 + v10;
                let v12 = x0[k] - s[9];
                let v13 = v12.greatest(s[0]);
                let v14 = v4.pick(s[10], v13);
                n0[k] = v5;
                n1[k] = v8;
                n2[k] = v11;
                n3[k] = v14;
                o0[k] = v2;
                o1[k] = v4;
            }
        }
        let lent = lend(self.0, self.1, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [], [3, 0, 1, 2], [(); 2], [0, 1, 2, 3], [2, 3]);
        let Some((s, [], [x0, x1, x2, x3], [a0, a1], [n0, n1, n2, n3], [o0, o1])) = lent else { return false };
        each(self.1.count, s, x0, x1, x2, x3, a0, a1, n0, n1, n2, n3, o0, o1);
        true
    }
}

/// lif_psc_exp_i_e
pub struct Loop1<'a, T>(pub &'a mut Table<T>, pub Rows);

impl<T: Real> NullaryFnOnce for Loop1<'_, T> {
    type Output = bool;

    #[inline(always)]
    fn call(self) -> bool {
        #[inline(always)]
        fn each<T: Real>(rows: usize, s: [T; 10], c0: &[T], x0: &[T], x1: &[T], x2: &[T], x3: &[T], a0: &[T], a1: &[T], n0: &mut [T], n1: &mut [T], n2: &mut [T], n3: &mut [T], o0: &mut [T], o1: &mut [T]) {
            let (c0, x0, x1, x2, x3, a0, a1, n0, n1, n2, n3, o0, o1) = (&c0[..rows], &x0[..rows], &x1[..rows], &x2[..rows], &x3[..rows], &a0[..rows], &a1[..rows], &mut n0[..rows], &mut n1[..rows], &mut n2[..rows], &mut n3[..rows], &mut o0[..rows], &mut o1[..rows]);
            for k in 0..rows {
                let v0 = s[0].less(x0[k]);
                let v1 = x1[k] + ((s[1] * x1[k] + s[2] * x2[k] + s[3] * x3[k]) + c0[k]);
                let v2 = v0.pick(x1[k], v1);
                let v3 = s[4].less_equal(v2);
                let v4 = v0.pick(s[0], v3);
                let v5 = v4.pick(s[5], v2);
                let v6 = x2[k] + (s[6] * x2[k]);
                let v7 = a0[k];
                let v8 = v6 + v7;
                let v9 = x3[k] + (s[7] * x3[k]);
                let v10 = a1[k];
                let v11 = v9 + v10;
                let v12 = x0[k] - s[8];
                let v13 = v12.greatest(s[0]);
                let v14 = v4.pick(s[9], v13);
                n0[k] = v5;
                n1[k] = v8;
                n2[k] = v11;
                n3[k] = v14;
                o0[k] = v2;
                o1[k] = v4;
            }
        }
        let lent = lend(self.0, self.1, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [0], [3, 0, 1, 2], [(); 2], [0, 1, 2, 3], [2, 3]);
        let Some((s, [c0], [x0, x1, x2, x3], [a0, a1], [n0, n1, n2, n3], [o0, o1])) = lent else { return false };
        each(self.1.count, s, c0, x0, x1, x2, x3, a0, a1, n0, n1, n2, n3, o0, o1);
        true
    }
}

/// lif_psc_exp_i_stim
pub struct Loop2<'a, T>(pub &'a mut Table<T>, pub Rows);

impl<T: Real> NullaryFnOnce for Loop2<'_, T> {
    type Output = bool;

    #[inline(always)]
    fn call(self) -> bool {
        #[inline(always)]
        fn each<T: Real>(rows: usize, s: [T; 12], x0: &[T], x1: &[T], x2: &[T], x3: &[T], a0: &[T], a1: &[T], n0: &mut [T], n1: &mut [T], n2: &mut [T], n3: &mut [T], o0: &mut [T], o1: &mut [T]) {
            let (x0, x1, x2, x3, a0, a1, n0, n1, n2, n3, o0, o1) = (&x0[..rows], &x1[..rows], &x2[..rows], &x3[..rows], &a0[..rows], &a1[..rows], &mut n0[..rows], &mut n1[..rows], &mut n2[..rows], &mut n3[..rows], &mut o0[..rows], &mut o1[..rows]);
            for k in 0..rows {
                let v0 = s[0].less(x0[k]);
                let v1 = (s[1] * x1[k] + s[2] * x2[k] + s[3] * x3[k]) + s[4];
                let v2 = v1 + s[5];
                let v3 = x1[k] + v2;
                let v4 = v0.pick(x1[k], v3);
                let v5 = s[6].less_equal(v4);
                let v6 = v0.pick(s[0], v5);
                let v7 = v6.pick(s[7], v4);
                let v8 = x2[k] + (s[8] * x2[k]);
                let v9 = a0[k];
                let v10 = v8 + v9;
                let v11 = x3[k] + (s[9] * x3[k]);
                let v12 = a1[k];
                let v13 = v11 + v12;
                let v14 = x0[k] - s[10];
                let v15 = v14.greatest(s[0]);
                let v16 = v6.pick(s[11], v15);
                n0[k] = v7;
                n1[k] = v10;
                n2[k] = v13;
                n3[k] = v16;
                o0[k] = v4;
                o1[k] = v6;
            }
        }
        let lent = lend(self.0, self.1, [0, 3, 4, 5, 7, 8, 9, 10, 11, 12, 1, 13], [], [3, 0, 1, 2], [(); 2], [0, 1, 2, 3], [2, 3]);
        let Some((s, [], [x0, x1, x2, x3], [a0, a1], [n0, n1, n2, n3], [o0, o1])) = lent else { return false };
        each(self.1.count, s, x0, x1, x2, x3, a0, a1, n0, n1, n2, n3, o0, o1);
        true
    }
}

/// lif_psc_exp_one_port
pub struct Loop3<'a, T>(pub &'a mut Table<T>, pub Rows);

impl<T: Real> NullaryFnOnce for Loop3<'_, T> {
    type Output = bool;

    #[inline(always)]
    fn call(self) -> bool {
        #[inline(always)]
        fn each<T: Real>(rows: usize, s: [T; 11], x0: &[T], x1: &[T], x2: &[T], x3: &[T], a0: &[T], n0: &mut [T], n1: &mut [T], n2: &mut [T], n3: &mut [T], o0: &mut [T], o1: &mut [T]) {
            let (x0, x1, x2, x3, a0, n0, n1, n2, n3, o0, o1) = (&x0[..rows], &x1[..rows], &x2[..rows], &x3[..rows], &a0[..rows], &mut n0[..rows], &mut n1[..rows], &mut n2[..rows], &mut n3[..rows], &mut o0[..rows], &mut o1[..rows]);
            for k in 0..rows {
                let v0 = s[0].less(x0[k]);
                let v1 = x1[k] + ((s[1] * x1[k] + s[2] * x2[k] + s[3] * x3[k]) + s[4]);
                let v2 = v0.pick(x1[k], v1);
                let v3 = s[5].less_equal(v2);
                let v4 = v0.pick(s[0], v3);
                let v5 = v4.pick(s[6], v2);
                let v6 = x2[k] + (s[7] * x2[k]);
                let v7 = a0[k];
                let v8 = v6 + v7;
                let v9 = x3[k] + (s[8] * x3[k]);
                let v10 = x0[k] - s[9];
                let v11 = v10.greatest(s[0]);
                let v12 = v4.pick(s[10], v11);
                n0[k] = v5;
                n1[k] = v8;
                n2[k] = v9;
                n3[k] = v12;
                o0[k] = v2;
                o1[k] = v4;
            }
        }
        let lent = lend(self.0, self.1, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [], [3, 0, 1, 2], [(); 1], [0, 1, 2, 3], [2, 3]);
        let Some((s, [], [x0, x1, x2, x3], [a0], [n0, n1, n2, n3], [o0, o1])) = lent else { return false };
        each(self.1.count, s, x0, x1, x2, x3, a0, n0, n1, n2, n3, o0, o1);
        true
    }
}

/// lif_psc_alpha
pub struct Loop4<'a, T>(pub &'a mut Table<T>, pub Rows);

impl<T: Real> NullaryFnOnce for Loop4<'_, T> {
    type Output = bool;

    #[inline(always)]
    fn call(self) -> bool {
        #[inline(always)]
        fn each<T: Real>(rows: usize, s: [T; 19], x0: &[T], x1: &[T], x2: &[T], x3: &[T], x4: &[T], x5: &[T], a0: &[T], a1: &[T], n0: &mut [T], n1: &mut [T], n2: &mut [T], n3: &mut [T], n4: &mut [T], n5: &mut [T], o0: &mut [T], o1: &mut [T]) {
            let (x0, x1, x2, x3, x4, x5, a0, a1, n0, n1, n2, n3, n4, n5, o0, o1) = (&x0[..rows], &x1[..rows], &x2[..rows], &x3[..rows], &x4[..rows], &x5[..rows], &a0[..rows], &a1[..rows], &mut n0[..rows], &mut n1[..rows], &mut n2[..rows], &mut n3[..rows], &mut n4[..rows], &mut n5[..rows], &mut o0[..rows], &mut o1[..rows]);
            for k in 0..rows {
                let v0 = s[0].less(x0[k]);
                let v1 = s[1] * x1[k] + s[2] * x2[k] + s[3] * x3[k] + s[4] * x4[k];
                let v2 = v1 + (s[5] * x5[k]);
                let v3 = v2 + s[6];
                let v4 = x1[k] + v3;
                let v5 = v0.pick(x1[k], v4);
                let v6 = s[7].less_equal(v5);
                let v7 = v0.pick(s[0], v6);
                let v8 = v7.pick(s[8], v5);
                let v9 = x2[k] + (s[9] * x2[k] + s[10] * x4[k]);
                let v10 = x3[k] + (s[11] * x3[k] + s[12] * x5[k]);
                let v11 = x4[k] + (s[13] * x4[k]);
                let v12 = a0[k];
                let v13 = v11 + (s[14] * v12);
                let v14 = x5[k] + (s[15] * x5[k]);
                let v15 = a1[k];
                let v16 = v14 + (s[16] * v15);
                let v17 = x0[k] - s[17];
                let v18 = v17.greatest(s[0]);
                let v19 = v7.pick(s[18], v18);
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
        let lent = lend(self.0, self.1, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18], [], [5, 0, 1, 2, 3, 4], [(); 2], [0, 1, 2, 3, 4, 5], [1, 3]);
        let Some((s, [], [x0, x1, x2, x3, x4, x5], [a0, a1], [n0, n1, n2, n3, n4, n5], [o0, o1])) = lent else { return false };
        each(self.1.count, s, x0, x1, x2, x3, x4, x5, a0, a1, n0, n1, n2, n3, n4, n5, o0, o1);
        true
    }
}
