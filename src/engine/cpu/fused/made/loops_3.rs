//! non_spiking, non_spiking_i_stim, non_spiking_g_syn_i_syn, non_spiking_g_syn_i_syn_i_stim, non_spiking_i_e_g_syn_i_syn_i_stim: written by `SYNFIRE_UPDATE=1` and the test `fused::write_test`, not by hand.

#![allow(clippy::all, unused_imports, unused_variables, reason = "written by a program")]

use pulp::NullaryFnOnce;

use super::super::super::block::Table;
use super::super::super::real::{Real, truth};
use super::super::{Rows, lend, pieces};

/// non_spiking
pub struct Loop15<'a, T>(pub &'a mut Table<T>, pub Rows);

impl<T: Real> NullaryFnOnce for Loop15<'_, T> {
    type Output = bool;

    #[inline(always)]
    fn call(self) -> bool {
        #[inline(always)]
        fn each<T: Real>(rows: usize, s: [T; 5], x0: &[T], n0: &mut [T]) {
            let (x0, n0) = (&x0[..rows], &mut n0[..rows]);
            for k in 0..rows {
                let v0 = s[0] - x0[k];
                let v1 = (s[1] * v0) + s[2];
                let v2 = x0[k] * s[3];
                let v3 = v1 - v2;
                let v4 = x0[k] + (s[4] * v3);
                n0[k] = v4;
            }
        }
        let lent = lend(self.0, self.1, [0, 1, 2, 3, 4], [], [0], [(); 0], [0], []);
        let Some((s, [], [x0], [], [n0], [])) = lent else { return false };
        each(self.1.count, s, x0, n0);
        true
    }
}

/// non_spiking_i_stim
pub struct Loop16<'a, T>(pub &'a mut Table<T>, pub Rows);

impl<T: Real> NullaryFnOnce for Loop16<'_, T> {
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

/// non_spiking_g_syn_i_syn
pub struct Loop17<'a, T>(pub &'a mut Table<T>, pub Rows);

impl<T: Real> NullaryFnOnce for Loop17<'_, T> {
    type Output = bool;

    #[inline(always)]
    fn call(self) -> bool {
        #[inline(always)]
        fn each<T: Real>(rows: usize, s: [T; 4], c0: &[T], c1: &[T], x0: &[T], n0: &mut [T]) {
            let (c0, c1, x0, n0) = (&c0[..rows], &c1[..rows], &x0[..rows], &mut n0[..rows]);
            for k in 0..rows {
                let v0 = s[0] - x0[k];
                let v1 = (s[1] * v0) + s[2];
                let v2 = v1 + c0[k];
                let v3 = c1[k] * x0[k];
                let v4 = v2 - v3;
                let v5 = x0[k] + (s[3] * v4);
                n0[k] = v5;
            }
        }
        let lent = lend(self.0, self.1, [0, 1, 2, 3], [0, 1], [0], [(); 0], [0], []);
        let Some((s, [c0, c1], [x0], [], [n0], [])) = lent else { return false };
        each(self.1.count, s, c0, c1, x0, n0);
        true
    }
}

/// non_spiking_g_syn_i_syn_i_stim
pub struct Loop18<'a, T>(pub &'a mut Table<T>, pub Rows);

impl<T: Real> NullaryFnOnce for Loop18<'_, T> {
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

/// non_spiking_i_e_g_syn_i_syn_i_stim
pub struct Loop19<'a, T>(pub &'a mut Table<T>, pub Rows);

impl<T: Real> NullaryFnOnce for Loop19<'_, T> {
    type Output = bool;

    #[inline(always)]
    fn call(self) -> bool {
        #[inline(always)]
        fn each<T: Real>(rows: usize, s: [T; 3], c0: &[T], c1: &[T], c2: &[T], c3: &[T], x0: &[T], n0: &mut [T]) {
            let (c0, c1, c2, c3, x0, n0) = (&c0[..rows], &c1[..rows], &c2[..rows], &c3[..rows], &x0[..rows], &mut n0[..rows]);
            for k in 0..rows {
                let v0 = s[0] - x0[k];
                let v1 = (s[1] * v0) + c0[k];
                let v2 = v1 + c1[k];
                let v3 = c2[k] * x0[k];
                let v4 = v2 - v3;
                let v5 = v4 + c3[k];
                let v6 = x0[k] + (s[2] * v5);
                n0[k] = v6;
            }
        }
        let lent = lend(self.0, self.1, [0, 1, 2], [0, 1, 2, 3], [0], [(); 0], [0], []);
        let Some((s, [c0, c1, c2, c3], [x0], [], [n0], [])) = lent else { return false };
        each(self.1.count, s, c0, c1, c2, c3, x0, n0);
        true
    }
}
