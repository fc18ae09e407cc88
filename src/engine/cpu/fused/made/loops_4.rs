//! spiking_adaptive, spiking_adaptive_i_stim, spiking_adaptive_g_syn_i_syn, spiking_adaptive_g_syn_i_syn_i_stim, spiking_adaptive_i_e_g_syn_i_syn_i_stim: written by `SYNFIRE_UPDATE=1` and the test `fused::write_test`, not by hand.

#![allow(clippy::all, unused_imports, unused_variables, reason = "written by a program")]

use pulp::NullaryFnOnce;

use super::super::super::block::Table;
use super::super::super::real::{Real, truth};
use super::super::{Rows, lend, pieces};

/// spiking_adaptive
pub struct Loop20<'a, T>(pub &'a mut Table<T>, pub Rows);

impl<T: Real> NullaryFnOnce for Loop20<'_, T> {
    type Output = bool;

    #[inline(always)]
    fn call(self) -> bool {
        #[inline(always)]
        fn each<T: Real>(rows: usize, s: [T; 12], x0: &[T], x1: &[T], n0: &mut [T], n1: &mut [T], o0: &mut [T], o1: &mut [T], o2: &mut [T]) {
            let (x0, x1, n0, n1, o0, o1, o2) = (&x0[..rows], &x1[..rows], &mut n0[..rows], &mut n1[..rows], &mut o0[..rows], &mut o1[..rows], &mut o2[..rows]);
            for k in 0..rows {
                let v0 = s[0] - x0[k];
                let v1 = (s[1] * v0) + s[2];
                let v2 = x0[k] * s[3];
                let v3 = v1 - v2;
                let v4 = x0[k] + (s[4] * v3);
                let v5 = s[5] - x1[k];
                let v6 = x0[k] - s[0];
                let v7 = s[6] * v5 + s[7] * v6;
                let v8 = x1[k] + (s[8] * v7);
                let v9 = v8.less(v4);
                let v10 = v9.pick(s[9], v4);
                let v11 = v8 + s[10];
                let v12 = v11.greatest(s[11]);
                let v13 = v9.pick(v12, v8);
                n0[k] = v10;
                n1[k] = v13;
                o0[k] = v4;
                o1[k] = v8;
                o2[k] = v9;
            }
        }
        let lent = lend(self.0, self.1, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], [], [0, 1], [(); 0], [0, 1], [0, 1, 3]);
        let Some((s, [], [x0, x1], [], [n0, n1], [o0, o1, o2])) = lent else { return false };
        each(self.1.count, s, x0, x1, n0, n1, o0, o1, o2);
        true
    }
}

/// spiking_adaptive_i_stim
pub struct Loop21<'a, T>(pub &'a mut Table<T>, pub Rows);

impl<T: Real> NullaryFnOnce for Loop21<'_, T> {
    type Output = bool;

    #[inline(always)]
    fn call(self) -> bool {
        #[inline(always)]
        fn each<T: Real>(rows: usize, s: [T; 12], c0: &[T], x0: &[T], x1: &[T], n0: &mut [T], n1: &mut [T], o0: &mut [T], o1: &mut [T], o2: &mut [T]) {
            let (c0, x0, x1, n0, n1, o0, o1, o2) = (&c0[..rows], &x0[..rows], &x1[..rows], &mut n0[..rows], &mut n1[..rows], &mut o0[..rows], &mut o1[..rows], &mut o2[..rows]);
            for k in 0..rows {
                let v0 = s[0] - x0[k];
                let v1 = (s[1] * v0) + s[2];
                let v2 = x0[k] * s[3];
                let v3 = v1 - v2;
                let v4 = v3 + c0[k];
                let v5 = x0[k] + (s[4] * v4);
                let v6 = s[5] - x1[k];
                let v7 = x0[k] - s[0];
                let v8 = s[6] * v6 + s[7] * v7;
                let v9 = x1[k] + (s[8] * v8);
                let v10 = v9.less(v5);
                let v11 = v10.pick(s[9], v5);
                let v12 = v9 + s[10];
                let v13 = v12.greatest(s[11]);
                let v14 = v10.pick(v13, v9);
                n0[k] = v11;
                n1[k] = v14;
                o0[k] = v9;
                o1[k] = v5;
                o2[k] = v10;
            }
        }
        let lent = lend(self.0, self.1, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], [0], [0, 1], [(); 0], [0, 1], [1, 2, 3]);
        let Some((s, [c0], [x0, x1], [], [n0, n1], [o0, o1, o2])) = lent else { return false };
        each(self.1.count, s, c0, x0, x1, n0, n1, o0, o1, o2);
        true
    }
}

/// spiking_adaptive_g_syn_i_syn
pub struct Loop22<'a, T>(pub &'a mut Table<T>, pub Rows);

impl<T: Real> NullaryFnOnce for Loop22<'_, T> {
    type Output = bool;

    #[inline(always)]
    fn call(self) -> bool {
        #[inline(always)]
        fn each<T: Real>(rows: usize, s: [T; 11], c0: &[T], c1: &[T], x0: &[T], x1: &[T], n0: &mut [T], n1: &mut [T], o0: &mut [T], o1: &mut [T], o2: &mut [T]) {
            let (c0, c1, x0, x1, n0, n1, o0, o1, o2) = (&c0[..rows], &c1[..rows], &x0[..rows], &x1[..rows], &mut n0[..rows], &mut n1[..rows], &mut o0[..rows], &mut o1[..rows], &mut o2[..rows]);
            for k in 0..rows {
                let v0 = s[0] - x0[k];
                let v1 = (s[1] * v0) + s[2];
                let v2 = v1 + c0[k];
                let v3 = c1[k] * x0[k];
                let v4 = v2 - v3;
                let v5 = x0[k] + (s[3] * v4);
                let v6 = s[4] - x1[k];
                let v7 = x0[k] - s[0];
                let v8 = s[5] * v6 + s[6] * v7;
                let v9 = x1[k] + (s[7] * v8);
                let v10 = v9.less(v5);
                let v11 = v10.pick(s[8], v5);
                let v12 = v9 + s[9];
                let v13 = v12.greatest(s[10]);
                let v14 = v10.pick(v13, v9);
                n0[k] = v11;
                n1[k] = v14;
                o0[k] = v9;
                o1[k] = v5;
                o2[k] = v10;
            }
        }
        let lent = lend(self.0, self.1, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [0, 1], [0, 1], [(); 0], [0, 1], [0, 1, 3]);
        let Some((s, [c0, c1], [x0, x1], [], [n0, n1], [o0, o1, o2])) = lent else { return false };
        each(self.1.count, s, c0, c1, x0, x1, n0, n1, o0, o1, o2);
        true
    }
}

/// spiking_adaptive_g_syn_i_syn_i_stim
pub struct Loop23<'a, T>(pub &'a mut Table<T>, pub Rows);

impl<T: Real> NullaryFnOnce for Loop23<'_, T> {
    type Output = bool;

    #[inline(always)]
    fn call(self) -> bool {
        #[inline(always)]
        fn each<T: Real>(rows: usize, s: [T; 11], c0: &[T], c1: &[T], c2: &[T], x0: &[T], x1: &[T], n0: &mut [T], n1: &mut [T], o0: &mut [T], o1: &mut [T], o2: &mut [T]) {
            let (c0, c1, c2, x0, x1, n0, n1, o0, o1, o2) = (&c0[..rows], &c1[..rows], &c2[..rows], &x0[..rows], &x1[..rows], &mut n0[..rows], &mut n1[..rows], &mut o0[..rows], &mut o1[..rows], &mut o2[..rows]);
            for k in 0..rows {
                let v0 = s[0] - x0[k];
                let v1 = (s[1] * v0) + s[2];
                let v2 = v1 + c0[k];
                let v3 = c1[k] * x0[k];
                let v4 = v2 - v3;
                let v5 = v4 + c2[k];
                let v6 = x0[k] + (s[3] * v5);
                let v7 = s[4] - x1[k];
                let v8 = x0[k] - s[0];
                let v9 = s[5] * v7 + s[6] * v8;
                let v10 = x1[k] + (s[7] * v9);
                let v11 = v10.less(v6);
                let v12 = v11.pick(s[8], v6);
                let v13 = v10 + s[9];
                let v14 = v13.greatest(s[10]);
                let v15 = v11.pick(v14, v10);
                n0[k] = v12;
                n1[k] = v15;
                o0[k] = v10;
                o1[k] = v6;
                o2[k] = v11;
            }
        }
        let lent = lend(self.0, self.1, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [0, 1, 2], [0, 1], [(); 0], [0, 1], [0, 2, 3]);
        let Some((s, [c0, c1, c2], [x0, x1], [], [n0, n1], [o0, o1, o2])) = lent else { return false };
        each(self.1.count, s, c0, c1, c2, x0, x1, n0, n1, o0, o1, o2);
        true
    }
}

/// spiking_adaptive_i_e_g_syn_i_syn_i_stim
pub struct Loop24<'a, T>(pub &'a mut Table<T>, pub Rows);

impl<T: Real> NullaryFnOnce for Loop24<'_, T> {
    type Output = bool;

    #[inline(always)]
    fn call(self) -> bool {
        #[inline(always)]
        fn each<T: Real>(rows: usize, s: [T; 10], c0: &[T], c1: &[T], c2: &[T], c3: &[T], x0: &[T], x1: &[T], n0: &mut [T], n1: &mut [T], o0: &mut [T], o1: &mut [T], o2: &mut [T]) {
            let (c0, c1, c2, c3, x0, x1, n0, n1, o0, o1, o2) = (&c0[..rows], &c1[..rows], &c2[..rows], &c3[..rows], &x0[..rows], &x1[..rows], &mut n0[..rows], &mut n1[..rows], &mut o0[..rows], &mut o1[..rows], &mut o2[..rows]);
            for k in 0..rows {
                let v0 = s[0] - x0[k];
                let v1 = (s[1] * v0) + c0[k];
                let v2 = v1 + c1[k];
                let v3 = c2[k] * x0[k];
                let v4 = v2 - v3;
                let v5 = v4 + c3[k];
                let v6 = x0[k] + (s[2] * v5);
                let v7 = s[3] - x1[k];
                let v8 = x0[k] - s[0];
                let v9 = s[4] * v7 + s[5] * v8;
                let v10 = x1[k] + (s[6] * v9);
                let v11 = v10.less(v6);
                let v12 = v11.pick(s[7], v6);
                let v13 = v10 + s[8];
                let v14 = v13.greatest(s[9]);
                let v15 = v11.pick(v14, v10);
                n0[k] = v12;
                n1[k] = v15;
                o0[k] = v10;
                o1[k] = v6;
                o2[k] = v11;
            }
        }
        let lent = lend(self.0, self.1, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [0, 1, 2, 3], [0, 1], [(); 0], [0, 1], [0, 2, 3]);
        let Some((s, [c0, c1, c2, c3], [x0, x1], [], [n0, n1], [o0, o1, o2])) = lent else { return false };
        each(self.1.count, s, c0, c1, c2, c3, x0, x1, n0, n1, o0, o1, o2);
        true
    }
}
