//! each spiking_synapse_g_max_e_rev_tau_increment, sources of spiking_synapse_delays: written by `SYNFIRE_UPDATE=1` and the test `fused::write_test`, not by hand.

#![allow(clippy::all, unused_imports, unused_variables, reason = "written by a program")]

use pulp::NullaryFnOnce;

use super::super::super::block::Table;
use super::super::super::real::{Real, truth};
use super::super::{Rows, lend, pieces};

/// each spiking_synapse_g_max_e_rev_tau_increment
pub struct Loop40<'a, T>(pub &'a mut Table<T>, pub Rows);

impl<T: Real> NullaryFnOnce for Loop40<'_, T> {
    type Output = bool;

    #[inline(always)]
    fn call(self) -> bool {
        #[inline(always)]
        fn each<T: Real>(rows: usize, s: [T; 0], c0: &[T], c1: &[T], c2: &[T], c3: &[T], x0: &[T], a0: &[T], o0: &mut [T], o1: &mut [T]) {
            let (c0, c1, c2, c3, x0, a0, o0, o1) = (&c0[..rows], &c1[..rows], &c2[..rows], &c3[..rows], &x0[..rows], &a0[..rows], &mut o0[..rows], &mut o1[..rows]);
            for k in 0..rows {
                let v0 = c0[k] - x0[k];
                let v1 = c1[k].least(v0);
                let v2 = a0[k];
                let v3 = v2.pick(x0[k] + v1, x0[k]);
                let v4 = v3 * c2[k];
                let v5 = v4 * c3[k];
                o0[k] = v4;
                o1[k] = v5;
            }
        }
        let lent = lend(self.0, self.1, [], [0, 1, 2, 3], [0], [(); 1], [], [0, 2]);
        let Some((s, [c0, c1, c2, c3], [x0], [a0], [], [o0, o1])) = lent else { return false };
        each(self.1.count, s, c0, c1, c2, c3, x0, a0, o0, o1);
        true
    }
}

/// sources of spiking_synapse_delays
pub struct Loop41<'a, T>(pub &'a mut Table<T>, pub Rows);

impl<T: Real> NullaryFnOnce for Loop41<'_, T> {
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
