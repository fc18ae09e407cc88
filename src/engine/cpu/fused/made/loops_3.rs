//! non_spiking_i_stim, non_spiking_g_syn_i_syn_i_stim, spiking_adaptive_g_syn_i_syn_i_stim: written by `SYNFIRE_UPDATE=1` and the test `fused::write_test`, not by hand.

#![allow(clippy::all, unused_imports, unused_variables, reason = "written by a program")]

use pulp::NullaryFnOnce;

use super::super::super::block::Table;
use super::super::super::real::{Real, truth};
use super::super::{Rows, lend, pieces};

/// non_spiking_i_stim
pub struct Loop15<'a, T>(pub &'a mut Table<T>, pub Rows);

impl<T: Real> NullaryFnOnce for Loop15<'_, T> {
    type Output = bool;

    #[inline(always)]
    fn call(self) -> bool {
        #[inline(always)]
        fn each<T: Real>(rows: usize, s: [T; 5], c0: &[T], x0: &[T], n0: &mut [T]) {
            let (c0, x0, n0) = (&c0[..rows], &x0[..rows], &mut n0[..rows]);
            for k in 0..rows {
                let v0 = s[0] - x0[k];
                let v1 = (s[1] * v0) + s[2];
                let v2 = x0[k] * s[3];
                let v3 = v1 - v2;
                let v4 = v3 + c0[k];
                let v5 = x0[k] + (s[4] * v4);
                n0[k] = v5;
            }
        }
        let lent = lend(self.0, self.1, [0, 1, 2, 3, 4], [0], [0], [(); 0], [0], []);
        let Some((s, [c0], [x0], [], [n0], [])) = lent else { return false };
        each(self.1.count, s, c0, x0, n0);
        true
    }
}

/// non_spiking_g_syn_i_syn_i_stim
pub struct Loop16<'a, T>(pub &'a mut Table<T>, pub Rows);

impl<T: Real> NullaryFnOnce for Loop16<'_, T> {
    type Output = bool;

    #[inline(always)]
    fn call(self) -> bool {
        #[inline(always)]
        fn each<T: Real>(rows: usize, s: [T; 4], c0: &[T], c1: &[T], c2: &[T], x0: &[T], n0: &mut [T]) {
            let (c0, c1, c2, x0, n0) = (&c0[..rows], &c1[..rows], &c2[..rows], &x0[..rows], &mut n0[..rows]);
            for k in 0..rows {
                let v0 = s[0] - x0[k];
                let v1 = (s[1] * v0) + s[2];
                let v2 = v1 + c0[k];
                let v3 = c1[k] * x0[k];
                let v4 = v2 - v3;
                let v5 = v4 + c2[k];
                let v6 = x0[k] + (s[3] * v5);
                n0[k] = v6;
            }
        }
        let lent = lend(self.0, self.1, [0, 1, 2, 3], [0, 1, 2], [0], [(); 0], [0], []);
        let Some((s, [c0, c1, c2], [x0], [], [n0], [])) = lent else { return false };
        each(self.1.count, s, c0, c1, c2, x0, n0);
        true
    }
}

/// spiking_adaptive_g_syn_i_syn_i_stim
pub struct Loop17<'a, T>(pub &'a mut Table<T>, pub Rows);

impl<T: Real> NullaryFnOnce for Loop17<'_, T> {
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
