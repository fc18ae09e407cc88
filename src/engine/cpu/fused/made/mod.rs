//! The loops: written by `SYNFIRE_UPDATE=1` and the test `fused::write_test`, not by hand.

use pulp::Arch;

use super::Rows;
use super::super::block::Table;
use super::super::real::Real;

mod loops_0;
mod loops_1;
mod loops_2;
mod loops_3;
mod loops_4;
mod loops_5;
mod loops_6;
mod loops_7;
mod loops_8;

/// The form of each program.
pub const FORMS: [&str; 42] = [
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
    // non_spiking
    "dc533f3a16a0786d8c5d94dc35c51c2f",
    // non_spiking_i_stim
    "98ec54f5bc2e83ef5d62021d1e36fbc4",
    // non_spiking_g_syn_i_syn
    "bc0cd725ed971a0c7956e6c962ce50b7",
    // non_spiking_g_syn_i_syn_i_stim
    "fa3cd13bb23ce1b0e9d251868e851930",
    // non_spiking_i_e_g_syn_i_syn_i_stim
    "db9b60b35626c9923dbf8142850f22f5",
    // spiking_adaptive
    "38600c4167d3c0d81dfb1d3f210c5549",
    // spiking_adaptive_i_stim
    "6b03f2513c311a61b540ab544aa1574c",
    // spiking_adaptive_g_syn_i_syn
    "e6e465b40d283313de6618debe2be8f4",
    // spiking_adaptive_g_syn_i_syn_i_stim
    "8f539d48e81449cb2a97ffa08464dbda",
    // spiking_adaptive_i_e_g_syn_i_syn_i_stim
    "2f9429a8d8725ac1b1f16264a344ff0d",
    // sources of graded_synapse
    "4bb2d2914480082b2763c168929d9127",
    // sources of graded_synapse_g_max
    "d6017a37b44f6e6f3ea73ac3479e7dc9",
    // each graded_synapse_g_max
    "0c410dd7c6d02a6aa92d2e2980d51f65",
    // sources of graded_synapse_e_rev
    "2a30aa49dcbb1025cc82f8ff36ddb59f",
    // each graded_synapse_e_rev
    "8bf515ec1a6363e68ea6950ae975d04f",
    // each graded_synapse_g_max_e_rev
    "9a8010f6cef00a3ad0d0bd4996f4d743",
    // sources of graded_synapse_g_max_e_rev_e_lo_e_hi
    "965c611e2743525a1dbf709bec56797f",
    // each graded_synapse_g_max_e_rev_e_lo_e_hi
    "5328b3ca4c02d937b2452e8ab069bec1",
    // each rectified_synapse
    "8f6f70ea60451fbafa3f4f10d6c60100",
    // each rectified_synapse_g
    "2bd008248da46b5e03122b4db1bfd9fe",
    // sources of spiking_synapse
    "ed18dd0f152eb54b41406debb54c7932",
    // sources of spiking_synapse_g_max
    "197240308e315279529d8b739fb941ce",
    // each spiking_synapse_g_max
    "519dfe3d40cbbe3405e396042d45327a",
    // sources of spiking_synapse_e_rev
    "1df476cba3d574fde012b4075333b292",
    // each spiking_synapse_g_max_e_rev
    "a52daab823bb16ff1e8ceb1a28864708",
    // each spiking_synapse_g_max_e_rev_tau_increment
    "0ffdf7b8663a5f4216bc1fe10f0afcf7",
    // sources of spiking_synapse_delays
    "f5d69241862b01cd8502d9b739991026",
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
        18 => arch.dispatch(loops_3::Loop18(table, rows)),
        19 => arch.dispatch(loops_3::Loop19(table, rows)),
        20 => arch.dispatch(loops_4::Loop20(table, rows)),
        21 => arch.dispatch(loops_4::Loop21(table, rows)),
        22 => arch.dispatch(loops_4::Loop22(table, rows)),
        23 => arch.dispatch(loops_4::Loop23(table, rows)),
        24 => arch.dispatch(loops_4::Loop24(table, rows)),
        25 => arch.dispatch(loops_5::Loop25(table, rows)),
        26 => arch.dispatch(loops_5::Loop26(table, rows)),
        27 => arch.dispatch(loops_5::Loop27(table, rows)),
        28 => arch.dispatch(loops_5::Loop28(table, rows)),
        29 => arch.dispatch(loops_5::Loop29(table, rows)),
        30 => arch.dispatch(loops_6::Loop30(table, rows)),
        31 => arch.dispatch(loops_6::Loop31(table, rows)),
        32 => arch.dispatch(loops_6::Loop32(table, rows)),
        33 => arch.dispatch(loops_6::Loop33(table, rows)),
        34 => arch.dispatch(loops_6::Loop34(table, rows)),
        35 => arch.dispatch(loops_7::Loop35(table, rows)),
        36 => arch.dispatch(loops_7::Loop36(table, rows)),
        37 => arch.dispatch(loops_7::Loop37(table, rows)),
        38 => arch.dispatch(loops_7::Loop38(table, rows)),
        39 => arch.dispatch(loops_7::Loop39(table, rows)),
        40 => arch.dispatch(loops_8::Loop40(table, rows)),
        41 => arch.dispatch(loops_8::Loop41(table, rows)),
        _ => false,
    }
}
