//! Failures planted at each call of wgpu in turn, a device that is lost, and what has no room: a typed error each, with the
//! last good step, no panic, no hang.

use super::*;
use crate::plan::schedule::Machine;
use std::sync::atomic::Ordering;

/// An engine whose device refuses the call of this number.
fn failing(plan: &Plan, settings: &Settings, calls: i64) -> Result<GpuEngine, GpuError> {
    let device = pollster::block_on(GpuDevice::open(&AdapterChoice::Best))?;
    device.calls_left.store(calls, Ordering::Relaxed);
    let kernels = wgsl::emit(plan, &device.adapter.machine, settings)?;
    let mut engine = pollster::block_on(GpuEngine::with(plan, device, kernels, None))?;
    // parts of one length, however busy the machine is: calls are counted
    engine.part_s = f64::INFINITY;
    Ok(engine)
}

#[test]
fn each_call_that_fails_is_an_error_with_the_last_good_step() {
    let plan = network(3.0, 9.0);
    for (schedule, workgroup) in [(Schedule::Fused, 64), (Schedule::TwoPass, 64)] {
        let settings = Settings::default().schedule(schedule).workgroup(workgroup).batch(16);
        let whole = failing(&plan, &settings, i64::MAX).unwrap();
        let made = i64::MAX - whole.device.calls_left.load(Ordering::Relaxed);
        let mut engine = whole;
        engine.advance(20).unwrap();
        let good = engine.snapshot().unwrap();
        let before = i64::MAX - engine.device.calls_left.load(Ordering::Relaxed);
        engine.advance(40).unwrap();
        let after = i64::MAX - engine.device.calls_left.load(Ordering::Relaxed);
        let rest = engine.snapshot().unwrap();
        let all = i64::MAX - engine.device.calls_left.load(Ordering::Relaxed);
        assert!(made > 20 && after > before + 8, "{made} {before} {after}");
        // while it is made: every buffer, pipeline and first word
        for call in 0..made {
            match failing(&plan, &settings, call).err() {
                Some(GpuError::Device { message, .. }) => assert_eq!(message, "a planted failure"),
                other => panic!("call {call} of {made}: {other:?}"),
            }
        }
        // while it runs: writes, submissions, polls, maps
        for call in (before..after).step_by(if schedule == Schedule::Fused { 1 } else { 3 }) {
            let mut engine = failing(&plan, &settings, i64::MAX).unwrap();
            engine.advance(20).unwrap();
            engine.snapshot().unwrap();
            engine.device.calls_left.store(call - before, Ordering::Relaxed);
            match engine.advance(40) {
                Err(Fault::Device { message, step }) => {
                    assert!(message.contains("a planted failure"), "{message}");
                    assert_eq!((step, engine.step()), (20, 20));
                }
                other => panic!("call {call} of {before} to {after}: {:?}", other.map(|b| b.steps)),
            }
            // the device still answers: the state is that before the batch, and the run goes on
            assert_eq!(engine.snapshot().unwrap(), good, "call {call}");
            engine.advance(40).unwrap();
            assert_eq!(engine.snapshot().unwrap(), rest, "call {call}");
        }
        // while a state is read
        for call in 0..all - after {
            let mut engine = failing(&plan, &settings, i64::MAX).unwrap();
            engine.device.calls_left.store(call, Ordering::Relaxed);
            assert!(matches!(engine.snapshot(), Err(Fault::Device { .. })), "call {call}");
        }
    }
}

#[test]
fn a_lost_device_is_an_error_and_stays_one() {
    let plan = network(3.0, 9.0);
    let mut engine = engine(&plan);
    engine.advance(50).unwrap();
    engine.device.device.destroy();
    for _ in 0..2 {
        match engine.advance(50) {
            Err(Fault::Device { step, message }) => assert!(step == 50 && !message.is_empty()),
            other => panic!("{:?}", other.map(|b| b.steps)),
        }
        assert!(matches!(engine.state(0, 0), Err(Fault::Device { .. })));
        assert!(matches!(engine.snapshot(), Err(Fault::Device { .. })));
    }
    engine.set_external(&[]);
    assert!(engine.advance(1).is_err());
}

#[test]
fn what_passes_the_budget_is_refused_with_both_numbers() {
    let plan = network(3.0, 9.0);
    let need = total(engine(&plan).layout());
    let refused = GpuEngine::new_within(&plan, &AdapterChoice::Best, &Settings::default(), Some(need - 1)).err();
    assert!(matches!(&refused, Some(GpuError::Budget { need: n, limit, .. }) if *n == need && *limit == need - 1), "{refused:?}");
    assert!(GpuEngine::new_within(&plan, &AdapterChoice::Best, &Settings::default(), Some(need)).is_ok());
}

/// Pages far below what the adapter allows, so that a small network has many; a kernel sees so many at once.
fn in_pages(plan: &Plan, bytes: u64, pages: u32, schedule: Schedule) -> Result<GpuEngine, GpuError> {
    let device = pollster::block_on(GpuDevice::open(&AdapterChoice::Best))?;
    let machine = Machine { binding_bytes: bytes, pages, ..device.adapter.machine };
    let settings = Settings::default().schedule(schedule);
    let kernels = wgsl::emit(plan, &machine, &settings)?;
    pollster::block_on(GpuEngine::with(plan, device, kernels, None))
}

#[test]
fn pages_change_no_bit() {
    let plan = network(3.0, 9.0);
    let mut oracle = Oracle::new(&plan);
    oracle.run(200);
    for (bytes, least, seen) in [(40_000, 2, 1), (40_000, 2, 4), (12_000, 5, 1), (12_000, 5, 4), (9_000, 8, 1)] {
        let mut engine = in_pages(&plan, bytes, seen, Schedule::TwoPass).unwrap_or_else(|e| panic!("{e}"));
        let pages = engine.layout.pages.len();
        assert!(pages >= least, "{pages} pages of {bytes} bytes");
        let deliveries = if pages <= seen as usize { 1 } else { pages };
        assert_eq!(engine.counters().dispatches_per_window as usize, 1 + deliveries);
        let batch = engine.advance(200).unwrap();
        assert_same(&mut engine, &batch.spikes, &oracle);
    }
    for schedule in [Schedule::Resident, Schedule::Fused] {
        let mut engine = in_pages(&plan, 40_000, 4, schedule).unwrap_or_else(|e| panic!("{e}"));
        assert!(engine.layout.pages.len() > 1, "{:?}", engine.layout.pages);
        let batch = engine.advance(200).unwrap();
        assert_same(&mut engine, &batch.spikes, &oracle);
        // more than a kernel sees
        let refused = in_pages(&plan, 40_000, 1, schedule).err();
        assert!(matches!(refused, Some(GpuError::Kernel(_))), "{refused:?}");
    }
    // a row that no page holds
    let refused = in_pages(&plan, 64, 4, Schedule::TwoPass).err();
    assert!(matches!(refused, Some(GpuError::Kernel(_))), "{refused:?}");
}

/// More synapses than the software adapter binds at once: 40 million words are 160 MB.
#[test]
fn a_network_beyond_one_binding_runs() {
    let mut plan = empty(0.1);
    add_group(&mut plan, "lif_psc_delta", &[("target", 20_000)], &[]);
    add_group(&mut plan, "spike_times", &[("source", 2_000)], &[]);
    plan.groups[1].listed = (0..40u64).flat_map(|k| (0..50).map(move |j| (k + 1, (k * 50 + j) as u32))).collect();
    // every source reaches every target: no dice are needed
    let target: Vec<u32> = (0..2_000).flat_map(|_| 0..20_000).collect();
    let row_start = (0..=2_000u64).map(|k| k * 20_000).collect();
    let edges = crate::plan::Connectivity::stored(20_000, row_start, target);
    connect(&mut plan, "source", "target", 0, edges, EdgeColumn::Shared(0.001), EdgeColumn::Shared(2.0));
    finish(&mut plan);
    let mut engine = engine(&plan);
    let bytes: u64 = engine.layout.pages.iter().map(|p| p.words * 4).sum();
    assert!(bytes > 128 << 20);
    let whole = bytes <= engine.device.largest();
    assert!(whole || engine.layout.pages.len() > 1, "{:?}", engine.layout.pages);
    engine.advance(41).unwrap();
    // 40 volleys of 50 spikes onto each target: 0.05 mV in each of 40 steps, to the bit the same for all targets
    let snapshot = engine.snapshot().unwrap();
    let v = &snapshot.states[0][0];
    let v0 = engine.plan.groups[0].initial[0].get(0);
    assert!(v.iter().all(|x| *x == v[0]) && v[0] > v0 + 1.0, "{} {v0}", v[0]);
    let small = {
        let mut small = empty(0.1);
        add_group(&mut small, "lif_psc_delta", &[("target", 1)], &[]);
        add_group(&mut small, "spike_times", &[("source", 2_000)], &[]);
        small.groups[1].listed = plan.groups[1].listed.clone();
        let row_start = (0..=2_000u64).collect();
        let one = crate::plan::Connectivity::stored(1, row_start, vec![0; 2_000]);
        connect(&mut small, "source", "target", 0, one, EdgeColumn::Shared(0.001), EdgeColumn::Shared(2.0));
        finish(&mut small);
        small.groups[0].ports[0] = plan.groups[0].ports[0].clone();
        small
    };
    let mut alone = Oracle::new(&small);
    alone.run(41);
    assert_eq!((v[0] as f32).to_bits(), alone.states[0][0][0].to_bits());
}
