//! sources of spiking_synapse, sources of spiking_synapse_g_max, each spiking_synapse_g_max, sources of spiking_synapse_e_rev, each spiking_synapse_g_max_e_rev: written by `SYNFIRE_UPDATE=1` and the test `fused::write_test`, not by hand.

#![allow(clippy::all, unused_imports, unused_variables, reason = "written by a program")]

use pulp::NullaryFnOnce;

use super::super::super::block::Table;
use super::super::super::real::{Real, truth};
use super::super::{Rows, lend, pieces};

/// sources of spiking_synapse
pub struct Loop35<'a, T>(pub &'a mut Table<T>, pub Rows);

impl<T: Real> NullaryFnOnce for Loop35<'_, T> {
    type Output = bool;

    #[inline(always)]
    fn call(self) -> bool {
        #[inline(always)]
        fn each<T: Real>(rows: usize, s: [T; 4], x0: &[T], a0: &[T], o0: &mut [T], o1: &mut [T]) {
            let (x0, a0, o0, o1) = (&x0[..rows], &a0[..rows], &mut o0[..rows], &mut o1[..rows]);
            for k in 0..rows {
                let v0 = s[0] - x0[k];
                let v1 = s[1].least(v0);
                let v2 = a0[k];
                let v3 = v2.pick(x0[k] + v1, x0[k]);
                let v4 = v3 * s[2];
                let v5 = v4 * s[3];
                o0[k] = v4;
                o1[k] = v5;
            }
        }
        let lent = lend(self.0, self.1, [0, 1, 6, 7], [], [0], [(); 1], [], [0, 2]);
        let Some((s, [], [x0], [a0], [], [o0, o1])) = lent else { return false };
        each(self.1.count, s, x0, a0, o0, o1);
        true
    }
}

/// sources of spiking_synapse_g_max
pub struct Loop36<'a, T>(pub &'a mut Table<T>, pub Rows);

impl<T: Real> NullaryFnOnce for Loop36<'_, T> {
    type Output = bool;

    #[inline(always)]
    fn call(self) -> bool {
        #[inline(always)]
        fn each<T: Real>(rows: usize, s: [T; 0], a0: &[T], o0: &mut [T]) {
            let (a0, o0) = (&a0[..rows], &mut o0[..rows]);
            for k in 0..rows {
                let v0 = a0[k];
                o0[k] = v0;
            }
        }
        let lent = lend(self.0, self.1, [], [], [], [(); 1], [], [0]);
        let Some((s, [], [], [a0], [], [o0])) = lent else { return false };
        each(self.1.count, s, a0, o0);
        true
    }
}

/// each spiking_synapse_g_max
pub struct Loop37<'a, T>(pub &'a mut Table<T>, pub Rows);

impl<T: Real> NullaryFnOnce for Loop37<'_, T> {
    type Output = bool;

    #[inline(always)]
    fn call(self) -> bool {
        #[inline(always)]
        fn each<T: Real>(rows: usize, s: [T; 3], c0: &[T], x0: &[T], a0: &[T], o0: &mut [T], o1: &mut [T]) {
            let (c0, x0, a0, o0, o1) = (&c0[..rows], &x0[..rows], &a0[..rows], &mut o0[..rows], &mut o1[..rows]);
            for k in 0..rows {
                let v0 = c0[k] - x0[k];
                let v1 = s[0].least(v0);
                let v2 = a0[k];
                let v3 = v2.pick(x0[k] + v1, x0[k]);
                let v4 = v3 * s[1];
                let v5 = v4 * s[2];
                o0[k] = v4;
                o1[k] = v5;
            }
        }
        let lent = lend(self.0, self.1, [0, 5, 6], [0], [0], [(); 1], [], [0, 2]);
        let Some((s, [c0], [x0], [a0], [], [o0, o1])) = lent else { return false };
        each(self.1.count, s, c0, x0, a0, o0, o1);
        true
    }
}

/// sources of spiking_synapse_e_rev
pub struct Loop38<'a, T>(pub &'a mut Table<T>, pub Rows);

impl<T: Real> NullaryFnOnce for Loop38<'_, T> {
    type Output = bool;

    #[inline(always)]
    fn call(self) -> bool {
        #[inline(always)]
        fn each<T: Real>(rows: usize, s: [T; 3], x0: &[T], a0: &[T], o0: &mut [T]) {
            let (x0, a0, o0) = (&x0[..rows], &a0[..rows], &mut o0[..rows]);
            for k in 0..rows {
                let v0 = s[0] - x0[k];
                let v1 = s[1].least(v0);
                let v2 = a0[k];
                let v3 = v2.pick(x0[k] + v1, x0[k]);
                let v4 = v3 * s[2];
                o0[k] = v4;
            }
        }
        let lent = lend(self.0, self.1, [0, 1, 6], [], [0], [(); 1], [], [0]);
        let Some((s, [], [x0], [a0], [], [o0])) = lent else { return false };
        each(self.1.count, s, x0, a0, o0);
        true
    }
}

/// each spiking_synapse_g_max_e_rev
pub struct Loop39<'a, T>(pub &'a mut Table<T>, pub Rows);

impl<T: Real> NullaryFnOnce for Loop39<'_, T> {
    type Output = bool;

    #[inline(always)]
    fn call(self) -> bool {
        #[inline(always)]
        fn each<T: Real>(rows: usize, s: [T; 2], c0: &[T], c1: &[T], x0: &[T], a0: &[T], o0: &mut [T], o1: &mut [T]) {
            let (c0, c1, x0, a0, o0, o1) = (&c0[..rows], &c1[..rows], &x0[..rows], &a0[..rows], &mut o0[..rows], &mut o1[..rows]);
            for k in 0..rows {
                let v0 = c0[k] - x0[k];
                let v1 = s[0].least(v0);
                let v2 = a0[k];
                let v3 = v2.pick(x0[k] + v1, x0[k]);
                let v4 = v3 * s[1];
                let v5 = v4 * c1[k];
                o0[k] = v4;
                o1[k] = v5;
            }
        }
        let lent = lend(self.0, self.1, [0, 5], [0, 1], [0], [(); 1], [], [0, 2]);
        let Some((s, [c0, c1], [x0], [a0], [], [o0, o1])) = lent else { return false };
        each(self.1.count, s, c0, c1, x0, a0, o0, o1);
        true
    }
}
