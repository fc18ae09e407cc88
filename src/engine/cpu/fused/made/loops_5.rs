//! sources of graded_synapse, sources of graded_synapse_g_max, each graded_synapse_g_max, sources of graded_synapse_e_rev, each graded_synapse_e_rev: written by `SYNFIRE_UPDATE=1` and the test `fused::write_test`, not by hand.

#![allow(clippy::all, unused_imports, unused_variables, reason = "written by a program")]

use pulp::NullaryFnOnce;

use super::super::super::block::Table;
use super::super::super::real::{Real, truth};
use super::super::{Rows, lend, pieces};

/// sources of graded_synapse
pub struct Loop25<'a, T>(pub &'a mut Table<T>, pub Rows);

impl<T: Real> NullaryFnOnce for Loop25<'_, T> {
    type Output = bool;

    #[inline(always)]
    fn call(self) -> bool {
        #[inline(always)]
        fn each<T: Real>(rows: usize, s: [T; 6], c0: &[T], o0: &mut [T], o1: &mut [T]) {
            let (c0, o0, o1) = (&c0[..rows], &mut o0[..rows], &mut o1[..rows]);
            for k in 0..rows {
                let v0 = c0[k] - s[0];
                let v1 = v0 / s[1];
                let v2 = v1.greatest(s[2]);
                let v3 = v2.least(s[3]);
                let v4 = s[4] * v3;
                let v5 = v4 * s[5];
                o0[k] = v4;
                o1[k] = v5;
            }
        }
        let lent = lend(self.0, self.1, [2, 4, 0, 5, 1, 6], [0], [], [(); 0], [], [0, 1]);
        let Some((s, [c0], [], [], [], [o0, o1])) = lent else { return false };
        each(self.1.count, s, c0, o0, o1);
        true
    }
}

/// sources of graded_synapse_g_max
pub struct Loop26<'a, T>(pub &'a mut Table<T>, pub Rows);

impl<T: Real> NullaryFnOnce for Loop26<'_, T> {
    type Output = bool;

    #[inline(always)]
    fn call(self) -> bool {
        #[inline(always)]
        fn each<T: Real>(rows: usize, s: [T; 4], c0: &[T], o0: &mut [T]) {
            let (c0, o0) = (&c0[..rows], &mut o0[..rows]);
            for k in 0..rows {
                let v0 = c0[k] - s[0];
                let v1 = v0 / s[1];
                let v2 = v1.greatest(s[2]);
                let v3 = v2.least(s[3]);
                o0[k] = v3;
            }
        }
        let lent = lend(self.0, self.1, [1, 3, 0, 4], [0], [], [(); 0], [], [1]);
        let Some((s, [c0], [], [], [], [o0])) = lent else { return false };
        each(self.1.count, s, c0, o0);
        true
    }
}

/// each graded_synapse_g_max
pub struct Loop27<'a, T>(pub &'a mut Table<T>, pub Rows);

impl<T: Real> NullaryFnOnce for Loop27<'_, T> {
    type Output = bool;

    #[inline(always)]
    fn call(self) -> bool {
        #[inline(always)]
        fn each<T: Real>(rows: usize, s: [T; 1], c0: &[T], a0: &[T], o0: &mut [T], o1: &mut [T]) {
            let (c0, a0, o0, o1) = (&c0[..rows], &a0[..rows], &mut o0[..rows], &mut o1[..rows]);
            for k in 0..rows {
                let v0 = a0[k];
                let v1 = c0[k] * v0;
                let v2 = v1 * s[0];
                o0[k] = v2;
                o1[k] = v1;
            }
        }
        let lent = lend(self.0, self.1, [0], [0], [], [(); 1], [], [0, 1]);
        let Some((s, [c0], [], [a0], [], [o0, o1])) = lent else { return false };
        each(self.1.count, s, c0, a0, o0, o1);
        true
    }
}

/// sources of graded_synapse_e_rev
pub struct Loop28<'a, T>(pub &'a mut Table<T>, pub Rows);

impl<T: Real> NullaryFnOnce for Loop28<'_, T> {
    type Output = bool;

    #[inline(always)]
    fn call(self) -> bool {
        #[inline(always)]
        fn each<T: Real>(rows: usize, s: [T; 5], c0: &[T], o0: &mut [T]) {
            let (c0, o0) = (&c0[..rows], &mut o0[..rows]);
            for k in 0..rows {
                let v0 = c0[k] - s[0];
                let v1 = v0 / s[1];
                let v2 = v1.greatest(s[2]);
                let v3 = v2.least(s[3]);
                let v4 = s[4] * v3;
                o0[k] = v4;
            }
        }
        let lent = lend(self.0, self.1, [2, 4, 0, 5, 1], [0], [], [(); 0], [], [0]);
        let Some((s, [c0], [], [], [], [o0])) = lent else { return false };
        each(self.1.count, s, c0, o0);
        true
    }
}

/// each graded_synapse_e_rev
pub struct Loop29<'a, T>(pub &'a mut Table<T>, pub Rows);

impl<T: Real> NullaryFnOnce for Loop29<'_, T> {
    type Output = bool;

    #[inline(always)]
    fn call(self) -> bool {
        #[inline(always)]
        fn each<T: Real>(rows: usize, s: [T; 0], c0: &[T], a0: &[T], o0: &mut [T], o1: &mut [T]) {
            let (c0, a0, o0, o1) = (&c0[..rows], &a0[..rows], &mut o0[..rows], &mut o1[..rows]);
            for k in 0..rows {
                let v0 = a0[k];
                let v1 = v0 * c0[k];
                o0[k] = v0;
                o1[k] = v1;
            }
        }
        let lent = lend(self.0, self.1, [], [0], [], [(); 1], [], [0, 1]);
        let Some((s, [c0], [], [a0], [], [o0, o1])) = lent else { return false };
        each(self.1.count, s, c0, a0, o0, o1);
        true
    }
}
