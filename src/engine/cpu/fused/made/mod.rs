//! The loops: written by `SYNFIRE_UPDATE=1` and the test `fused::write_test`, not by hand.

use pulp::Arch;

use super::Rows;
use super::super::block::Table;
use super::super::real::Real;

mod loops_0;
mod loops_1;
mod loops_2;
mod loops_3;

/// The form of each program.
pub const FORMS: [&str; 18] = [
    // lif_psc_exp
    "70887e8d8c67f654d650b7f8fa3ff99e",
    // lif_psc_exp_i_e
    "d4dbed1c563a3e0c2a9628fcb3085794",
    // lif_psc_exp_i_stim
    "9668b34520cb974ab52a1e56b09db99b",
    // lif_psc_exp_one_port
    "569afb8ab54923167d361b554af9b280",
    // lif_psc_alpha
    "b22bfcc0129aaab05ea5f2e3161f716a",
    // lif_psc_alpha_i_e
    "3cd14400d2fa7053d0af8501d1bb929f",
    // lif_psc_delta
    "bdb76c1dff979abee998e79318b0a91e",
    // lif_psc_delta_i_e
    "742f93449b12af82793cf9af9c475bdc",
    // lif_cond_exp
    "60bf8057181c6b4553a498982b63c481",
    // lif_cond_exp_exponential_euler_i_e
    "ed8a6c1e5169d197e6b43bfac5a84a04",
    // lif_cond_exp_euler
    "0fa806bff927e07bc0091d74d01ac773",
    // lif_cond_alpha
    "c46009307fe3e889b76ea9e87fa61ecc",
    // izhikevich
    "8241785c20da067fc6e00a3e2b75895b",
    // adex
    "0c1e2af3094adf47009915f84f34162d",
    // traub_miles
    "a24a1b974fb5b523377c03ac92f08272",
    // non_spiking_i_stim
    "98ec54f5bc2e83ef5d62021d1e36fbc4",
    // non_spiking_g_syn_i_syn_i_stim
    "fa3cd13bb23ce1b0e9d251868e851930",
    // spiking_adaptive_g_syn_i_syn_i_stim
    "8f539d48e81449cb2a97ffa08464dbda",
];

/// Runs a loop. `false`: a column is missing, and nothing has been done.
pub fn run<T: Real>(number: u16, arch: Arch, table: &mut Table<T>, rows: Rows) -> bool {
    match number {
        0 => arch.dispatch(loops_0::Loop0(table, rows)),
        1 => arch.dispatch(loops_0::Loop1(table, rows)),
        2 => arch.dispatch(loops_0::Loop2(table, rows)),
        3 => arch.dispatch(loops_0::Loop3(table, rows)),
        4 => arch.dispatch(loops_0::Loop4(table, rows)),
        5 => arch.dispatch(loops_1::Loop5(table, rows)),
        6 => arch.dispatch(loops_1::Loop6(table, rows)),
        7 => arch.dispatch(loops_1::Loop7(table, rows)),
        8 => arch.dispatch(loops_1::Loop8(table, rows)),
        9 => arch.dispatch(loops_1::Loop9(table, rows)),
        10 => arch.dispatch(loops_2::Loop10(table, rows)),
        11 => arch.dispatch(loops_2::Loop11(table, rows)),
        12 => arch.dispatch(loops_2::Loop12(table, rows)),
        13 => arch.dispatch(loops_2::Loop13(table, rows)),
        14 => arch.dispatch(loops_2::Loop14(table, rows)),
        15 => arch.dispatch(loops_3::Loop15(table, rows)),
        16 => arch.dispatch(loops_3::Loop16(table, rows)),
        17 => arch.dispatch(loops_3::Loop17(table, rows)),
        _ => false,
    }
}
