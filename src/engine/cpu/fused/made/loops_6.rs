//! each graded_synapse_g_max_e_rev, sources of graded_synapse_g_max_e_rev_e_lo_e_hi, each graded_synapse_g_max_e_rev_e_lo_e_hi, each rectified_synapse, each rectified_synapse_g: written by `SYNFIRE_UPDATE=1` and the test `fused::write_test`, not by hand.

#![allow(clippy::all, unused_imports, unused_variables, reason = "written by a program")]

use pulp::NullaryFnOnce;

use super::super::super::block::Table;
use super::super::super::real::{Real, truth};
use super::super::{Rows, lend, pieces};

/// each graded_synapse_g_max_e_rev
pub struct Loop30<'a, T>(pub &'a mut Table<T>, pub Rows);

impl<T: Real> NullaryFnOnce for Loop30<'_, T> {
    type Output = bool;

    #[inline(always)]
    fn call(self) -> bool {
        #[inline(always)]
        fn each<T: Real>(rows: usize, s: [T; 0], c0: &[T], c1: &[T], a0: &[T], o0: &mut [T], o1: &mut [T]) {
            let (c0, c1, a0, o0, o1) = (&c0[..rows], &c1[..rows], &a0[..rows], &mut o0[..rows], &mut o1[..rows]);
            for k in 0..rows {
                let v0 = a0[k];
                let v1 = c0[k] * v0;
                let v2 = v1 * c1[k];
                o0[k] = v2;
                o1[k] = v1;
            }
        }
        let lent = lend(self.0, self.1, [], [0, 1], [], [(); 1], [], [0, 1]);
        let Some((s, [c0, c1], [], [a0], [], [o0, o1])) = lent else { return false };
        each(self.1.count, s, c0, c1, a0, o0, o1);
        true
    }
}

/// sources of graded_synapse_g_max_e_rev_e_lo_e_hi
pub struct Loop31<'a, T>(pub &'a mut Table<T>, pub Rows);

impl<T: Real> NullaryFnOnce for Loop31<'_, T> {
    type Output = bool;

    #[inline(always)]
    fn call(self) -> bool {
        #[inline(always)]
        fn each<T: Real>(rows: usize, s: [T; 0], ) {
            let () = ();
            for k in 0..rows {
            }
        }
        let lent = lend(self.0, self.1, [], [], [], [(); 0], [], []);
        let Some((s, [], [], [], [], [])) = lent else { return false };
        each(self.1.count, s, );
        true
    }
}

/// each graded_synapse_g_max_e_rev_e_lo_e_hi
pub struct Loop32<'a, T>(pub &'a mut Table<T>, pub Rows);

impl<T: Real> NullaryFnOnce for Loop32<'_, T> {
    type Output = bool;

    #[inline(always)]
    fn call(self) -> bool {
        #[inline(always)]
        fn each<T: Real>(rows: usize, s: [T; 2], c0: &[T], c1: &[T], c2: &[T], c3: &[T], a0: &[T], o0: &mut [T], o1: &mut [T]) {
            let (c0, c1, c2, c3, a0, o0, o1) = (&c0[..rows], &c1[..rows], &c2[..rows], &c3[..rows], &a0[..rows], &mut o0[..rows], &mut o1[..rows]);
            for k in 0..rows {
                let v0 = a0[k];
                let v1 = v0 - c0[k];
                let v2 = v1 / c1[k];
                let v3 = v2.greatest(s[0]);
                let v4 = v3.least(s[1]);
                let v5 = c2[k] * v4;
                let v6 = v5 * c3[k];
                o0[k] = v6;
                o1[k] = v5;
            }
        }
        let lent = lend(self.0, self.1, [0, 1], [1, 2, 0, 3], [], [(); 1], [], [0, 1]);
        let Some((s, [c0, c1, c2, c3], [], [a0], [], [o0, o1])) = lent else { return false };
        each(self.1.count, s, c0, c1, c2, c3, a0, o0, o1);
        true
    }
}

/// each rectified_synapse
pub struct Loop33<'a, T>(pub &'a mut Table<T>, pub Rows);

impl<T: Real> NullaryFnOnce for Loop33<'_, T> {
    type Output = bool;

    #[inline(always)]
    fn call(self) -> bool {
        #[inline(always)]
        fn each<T: Real>(rows: usize, s: [T; 2], c0: &[T], a0: &[T], o0: &mut [T]) {
            let (c0, a0, o0) = (&c0[..rows], &a0[..rows], &mut o0[..rows]);
            for k in 0..rows {
                let v0 = a0[k];
                let v1 = v0 - c0[k];
                let v2 = v1.greatest(s[0]);
                let v3 = s[1] * v2;
                o0[k] = v3;
            }
        }
        let lent = lend(self.0, self.1, [1, 0], [0], [], [(); 1], [], [1]);
        let Some((s, [c0], [], [a0], [], [o0])) = lent else { return false };
        each(self.1.count, s, c0, a0, o0);
        true
    }
}

/// each rectified_synapse_g
pub struct Loop34<'a, T>(pub &'a mut Table<T>, pub Rows);

impl<T: Real> NullaryFnOnce for Loop34<'_, T> {
    type Output = bool;

    #[inline(always)]
    fn call(self) -> bool {
        #[inline(always)]
        fn each<T: Real>(rows: usize, s: [T; 1], c0: &[T], c1: &[T], a0: &[T], o0: &mut [T]) {
            let (c0, c1, a0, o0) = (&c0[..rows], &c1[..rows], &a0[..rows], &mut o0[..rows]);
            for k in 0..rows {
                let v0 = a0[k];
                let v1 = v0 - c0[k];
                let v2 = v1.greatest(s[0]);
                let v3 = c1[k] * v2;
                o0[k] = v3;
            }
        }
        let lent = lend(self.0, self.1, [0], [1, 0], [], [(); 1], [], [1]);
        let Some((s, [c0, c1], [], [a0], [], [o0])) = lent else { return false };
        each(self.1.count, s, c0, c1, a0, o0);
        true
    }
}
