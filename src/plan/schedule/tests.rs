//! Each limit of a schedule: just below it, at it, just above.

use super::*;
use crate::network::value::uniform;
use crate::network::{Connector, Network};

const WIDE: Machine =
    Machine { software: false, threads: 1024, shared_bytes: 1 << 20, binding_bytes: 1 << 31, pages: 1, immediates: false };

fn planned(net: &Network) -> Plan {
    net.plan(&crate::Options::default()).unwrap_or_else(|e| panic!("{e}"))
}

/// Neurons that all send to all at one port, all delays 1 ms.
fn spiking(size: u32) -> Plan {
    let mut net = Network::new("spiking");
    net.dt("0.1 ms").population("p", "lif_psc_exp", size.into());
    net.project("p", "p", "i_exc", Connector::AllToAll).weight("1 pA").delay("1 ms");
    planned(&net)
}

/// Neurons with so many states that nothing reaches.
fn silent(size: u32, states: usize) -> Plan {
    let mut net = Network::new("silent");
    let equations: String = (0..states).map(|k| format!("  state x{k} = 0\n  dx{k}/dt = -x{k}/tau\n")).collect();
    net.dt("0.1 ms").equations(&format!("neuron many\n  param tau = 10 ms\n{equations}"));
    net.population("p", "many", size.into());
    planned(&net)
}

fn shape(plan: &Plan, machine: Machine, schedule: Schedule) -> Option<Shape> {
    let all = assess(plan, &machine, &Settings::default());
    all.into_iter().find(|a| a.schedule == schedule).and_then(|a| a.shape.ok())
}

/// The least number from `from` on for which something holds; what holds for one holds for all above it.
fn least(from: u32, to: u32, holds: impl Fn(u32) -> bool) -> u32 {
    assert!(!holds(from) && holds(to), "{from} {to}");
    let (mut no, mut yes) = (from, to);
    while yes - no > 1 {
        let middle = no + (yes - no) / 2;
        if holds(middle) { yes = middle } else { no = middle }
    }
    yes
}

#[test]
fn threads_of_a_workgroup() {
    let plan = spiking(60);
    let with = |threads: u32, workgroup: u32| {
        let settings = Settings::default().workgroup(workgroup);
        assess(&plan, &Machine { threads, ..WIDE }, &settings).iter().filter(|a| a.shape.is_ok()).count()
    };
    for workgroup in WORKGROUPS {
        assert_eq!([with(workgroup - 1, workgroup), with(workgroup, workgroup), with(workgroup + 1, workgroup)], [0, 3, 3]);
    }
    for workgroup in [0, 31, 33, 48, 2048] {
        assert_eq!(with(4096, workgroup), 0);
    }
}

#[test]
fn synapses_of_one_page() {
    // 3,600 synapses of a word, and four words beside them
    let plan = spiking(60);
    let need = 4 * (60 * 60 + 4);
    for (bytes, fits) in [(need - 1, false), (need, true), (need + 1, true)] {
        let machine = Machine { binding_bytes: bytes, ..WIDE };
        for schedule in [Schedule::Resident, Schedule::Fused] {
            assert_eq!(shape(&plan, machine, schedule).is_some(), fits, "{schedule:?} {bytes}");
        }
        assert!(shape(&plan, machine, Schedule::TwoPass).is_some());
    }
}

#[test]
fn rows_and_numbers_of_a_resident_network() {
    for (rows, fits) in [(8191, true), (8192, true), (8193, false)] {
        assert_eq!(shape(&silent(rows, 1), WIDE, Schedule::Resident).is_some(), fits, "{rows}");
    }
    // a thread for each row, as far as they go; it keeps the state of its rows, up to four of them
    for (rows, threads, kept) in [(60, 64, true), (100, 128, true), (1024, 1024, true), (4096, 1024, true), (4097, 1024, false)] {
        let shape = shape(&silent(rows, 8), WIDE, Schedule::Resident).unwrap();
        assert_eq!((shape.workgroup, shape.kept), (threads, kept), "{rows}");
    }
    for (rows, kept) in [(256, true), (1024, true), (1025, false)] {
        let shape = shape(&silent(rows, 8), Machine::WEB, Schedule::Resident).unwrap();
        assert_eq!((shape.workgroup, shape.kept), (256, kept), "{rows}");
    }
}

#[test]
fn workgroup_memory() {
    // the list of spikes (512 of 4 bytes, and of 4 for their routes), a bit for each of 1,024 rows, 64 bytes
    let plan = silent(1024, 1);
    let runs = |bytes: u32| shape(&plan, Machine { shared_bytes: bytes, ..WIDE }, Schedule::Resident).is_some();
    assert_eq!(least(0, 1 << 20, runs), 512 * 8 + 1024 / 8 + 64);
    // and a ring of 16 slots of 128 rows
    let plan = spiking(128);
    assert_eq!(plan.slots, 16);
    let shared =
        |bytes: u32| shape(&plan, Machine { shared_bytes: bytes, ..WIDE }, Schedule::Resident).is_some_and(|s| s.ring_shared);
    assert_eq!(least(0, 1 << 20, shared), 512 * 8 + 128 / 8 + 64 + 16 * 128 * 4);
    // fused: the list, bits of 10 steps of 128 threads, 64 bytes, and sums of 10 slots for each thread
    let summed =
        |bytes: u32| shape(&plan, Machine { shared_bytes: bytes, ..WIDE }, Schedule::Fused).is_some_and(|s| s.sum_slots == 10);
    assert_eq!(least(0, 1 << 20, summed), 512 * 8 + 10 * 128 / 8 + 64 + 10 * 128 * 4);
}

#[test]
fn windows_are_halved_until_their_turns_are_allowed() {
    let (plan, settings) = (silent(1, 1), Settings::default());
    let software = Machine { software: true, ..WIDE };
    let weigh = Weigh { plan: &plan, machine: &software, settings: &settings, sizes: Sizes::of(&plan) };
    assert_eq!(software.turns(), 32_768);
    for (turns, window) in [(511, 64), (512, 64), (513, 32), (1024, 32), (1025, 16), (16_385, 1), (32_767, 1), (32_768, 1)] {
        assert_eq!(weigh.fitting(64, |w| w * turns), Ok(window), "{turns}");
    }
    assert!(weigh.fitting(64, |w| w * 32_769).is_err());
    // a window is the smallest delay, and 64 steps at most
    for (delay, window) in [("6.3 ms", 63), ("6.4 ms", 64), ("6.5 ms", 64)] {
        let mut net = Network::new("late");
        net.dt("0.1 ms").population("p", "lif_psc_exp", 2);
        net.project("p", "p", "i_exc", Connector::AllToAll).weight("1 pA").delay(delay);
        assert_eq!(shape(&planned(&net), WIDE, Schedule::TwoPass).unwrap().window, window);
    }
}

#[test]
fn turns_of_one_row() {
    // synapses of their own numbers onto one neuron: a turn each
    let gathered = |sources: u32| {
        let mut net = Network::new("gathered");
        net.dt("0.1 ms").equations(
            "
            neuron rate
              param tau = 20 ms
              state x = 0
              input drive : kHz
              dx/dt = -x/tau + drive
            synapse soft
              param w = 0.01 kHz
              graded drive += w*tanh(pre.x - 0.5*post.x)
        ",
        );
        net.population("sources", "rate", sources.into());
        net.population("target", "rate", 1);
        net.project_by("sources", "target", "soft", Connector::AllToAll).parameter("w", uniform("-9 Hz", "9 Hz"));
        shape(&planned(&net), Machine { software: true, ..WIDE }, Schedule::TwoPass)
    };
    let besides = gathered(1000).unwrap().turns - 1000;
    let most = 32_768 - besides as u32;
    assert_eq!(gathered(most - 1).unwrap().turns, 32_767);
    assert_eq!(gathered(most).unwrap().turns, 32_768);
    assert_eq!(gathered(most + 1), None);
}

#[test]
fn rows_and_places_of_the_fused_schedule() {
    let (plan, settings) = (silent(1, 1), Settings::default());
    for (rows, fits) in [((1 << 26) - 1, true), (1 << 26, false), ((1 << 26) + 1, false)] {
        let sizes = Sizes { rows, ..Sizes::of(&plan) };
        assert_eq!(Weigh { plan: &plan, machine: &WIDE, settings: &settings, sizes }.fused().is_ok(), fits, "{rows}");
    }
    // a place per source and block of 128 targets: 2^20 may stand for one synapse
    let sparse = |targets: u32| {
        let mut net = Network::new("sparse");
        net.dt("0.1 ms").population("a", "lif_psc_exp", 8192);
        net.population("b", "lif_psc_alpha", targets.into());
        net.project("a", "b", "i_exc", Connector::total(1)).weight("1 pA").delay("1 ms");
        planned(&net)
    };
    for (targets, fits) in [(128 * 128 - 1, true), (128 * 128, true), (128 * 128 + 1, false)] {
        let plan = sparse(targets);
        assert_eq!(shape(&plan, WIDE, Schedule::Fused).is_some(), fits, "{targets}");
        assert!(shape(&plan, WIDE, Schedule::TwoPass).is_some());
    }
    // and they fill half of what a kernel sees at most
    let plan = sparse(128 * 128);
    let seen = |bytes: u32| shape(&plan, Machine { binding_bytes: bytes.into(), ..WIDE }, Schedule::Fused).is_some();
    assert_eq!(least(1 << 10, 1 << 30, seen), 2 * 4 * (1 << 20));
}

#[test]
fn instructions_of_a_row_are_about_those_that_a_compiler_makes() {
    // in the loop over steps of `update` on navi21, benches/results/kernels.csv
    let cells = |background: bool| {
        let mut net = Network::new("cells");
        net.dt("0.1 ms").population("p", "lif_psc_exp", 100);
        net.project("p", "p", "i_exc", Connector::outdegree(1)).weight("1 pA").delay("1 ms");
        if background {
            net.stimulate("p", "i_exc", crate::network::Waveform::poisson("1 kHz", "1 pA"));
        }
        planned(&net)
    };
    let own = |noise: &str| {
        let mut net = Network::new("own");
        net.dt("0.1 ms").equations(&format!(
            "
            neuron own
              param tau = 10 ms, sigma = 1 mV
              state v = 1 mV
              state x = 1 mV
              dv/dt = -v/tau{noise}
              dx/dt = -x/(3 ms)
              threshold v >= 10 mV
              reset v = 0 mV
        "
        ));
        net.population("p", "own", 100);
        planned(&net)
    };
    for (plan, counted) in [(cells(false), 68.0), (cells(true), 234.0), (own(""), 32.0), (own(" + sigma*sqrt(2/tau)*xi"), 203.0)] {
        let told = row_instructions(&plan, 0);
        assert!((0.5..2.0).contains(&(told / counted)), "{told} against {counted}");
    }
}

#[test]
fn what_is_expected_follows_the_work() {
    let expected = |plan: &Plan, schedule| {
        let list = assess(plan, &WIDE, &Settings::default());
        list.into_iter().find(|a| a.schedule == schedule).filter(|a| a.shape.is_ok()).map(|a| a.expected).unwrap()
    };
    // few rows: the resident schedule alone does not wait for a dispatch in every window
    let mut net = Network::new("small");
    net.dt("0.1 ms").population("p", "lif_psc_exp", 100);
    net.project("p", "p", "i_exc", Connector::AllToAll).weight("1 pA").delay("0.1 ms");
    let small = planned(&net);
    assert!(expected(&small, Schedule::Resident) < expected(&small, Schedule::Fused));
    // many rows in one workgroup are met one after the other
    let large = silent(8000, 8);
    assert!(expected(&large, Schedule::Resident) > expected(&large, Schedule::TwoPass));
    for schedule in Schedule::ALL {
        // more rows, and more states of each, take no less
        assert!(expected(&silent(4000, 1), schedule) < expected(&silent(8000, 1), schedule), "{schedule:?}");
        assert!(expected(&silent(4000, 1), schedule) < expected(&silent(4000, 8), schedule), "{schedule:?}");
    }
    assert!(Costs::LARGE.named().iter().all(|(_, value)| value.is_finite() && *value > 0.0));
}
