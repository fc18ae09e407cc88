//! Faults planted in kernels: verification in lockstep must catch each, under every schedule that has the line.

use super::*;
use crate::simulation::verify::lockstep;
use crate::wgsl::Kernel;

/// The engine with one piece of its kernels replaced; `None` where no kernel has it.
fn altered(plan: &Plan, schedule: Schedule, from: &str, to: &str) -> Option<GpuEngine> {
    let device = pollster::block_on(GpuDevice::open(&AdapterChoice::Best)).unwrap();
    let settings = Settings::default().schedule(schedule).workgroup(64);
    let mut kernels = wgsl::emit(plan, &device.adapter.machine, &settings).unwrap();
    let layout = kernels.layout.clone();
    let mut found = false;
    let mut change = |kernel: &mut Kernel| {
        if kernel.source().contains(from) {
            found = true;
            *kernel = kernel.altered(|text| text.replace(from, to), &layout).unwrap_or_else(|e| panic!("{e}"));
        }
    };
    change(&mut kernels.rows);
    kernels.deliveries.iter_mut().for_each(&mut change);
    found.then(|| pollster::block_on(GpuEngine::with(plan, device, kernels, None)).unwrap())
}

/// Plants the fault under each schedule and expects lockstep to find it wherever it stands.
fn caught(name: &str, from: &str, to: &str, least: usize) {
    let plan = network(3.0, 9.0);
    let mut planted = 0;
    for schedule in Schedule::ALL {
        let sound = altered(&plan, schedule, "fn stopped()", "fn stopped()");
        let verification = lockstep(&mut sound.unwrap(), &plan, 160, None).unwrap();
        assert!(verification.agrees() && verification.spikes > 100, "{name}, sound: {verification}");
        let Some(mut engine) = altered(&plan, schedule, from, to) else { continue };
        planted += 1;
        match lockstep(&mut engine, &plan, 160, None) {
            Ok(verification) => {
                assert!(!verification.agrees(), "{name} under {}: not caught\n{verification}", schedule.name());
                let spike = verification.first_spike.as_ref().map(|s| format!("{s:?}"));
                println!("{name}, {}: {:?} {spike:?}", schedule.name(), verification.worst_of_all().map(|d| &d.variable));
            }
            // a fault so gross that a state is not finite is caught as well
            Err(fault) => println!("{name}, {}: {fault}", schedule.name()),
        }
    }
    assert!(planted >= least, "{name}: no kernel has the line `{from}`");
}

#[test]
fn a_barrier_that_is_missing() {
    // before the words of spikes are written
    caught("missing barrier", "    workgroupBarrier();\n    bits_write", "    bits_write", 2);
    caught("missing barrier", "        workgroupBarrier();\n        bits_write", "        bits_write", 1);
}

#[test]
fn a_slot_of_the_ring_that_is_not_emptied() {
    caught("stale slot", "atomicStore(&ring[place], 0);", "atomicStore(&ring[place], sum);", 2);
    caught("stale slot", "atomicStore(&slab[place], 0);", "atomicStore(&slab[place], sum);", 0);
}

#[test]
fn a_word_that_is_not_written() {
    // buffers hold poison before: what nobody writes shows
    caught("unwritten output", "if (word < words) {", "if (word + 1u < words) {", 2);
    caught(
        "unwritten output",
        "word < SPIKE_WORDS; word += WORKGROUP) {\n        let sent",
        "word + 1u < SPIKE_WORDS; word += WORKGROUP) {\n        let sent",
        1,
    );
}

#[test]
fn an_index_past_the_page() {
    caught("index past a page", "route.edges + edge)", "route.edges + edge + 0x1000000u)", 3);
    caught("index past a page", "route.weights + edge)", "route.weights + edge + 0x1000000u)", 3);
}

#[test]
fn faults_of_arithmetic_and_order() {
    // a delay off by one
    caught("delay", "let slot = window.slot + k + 1u;", "let slot = window.slot + k + 2u;", 1);
    caught("delay", "lane, instance, slot + 1u);", "lane, instance, slot + 2u);", 1);
    caught("delay", "sum + synapse.delay * PORTS", "sum + (synapse.delay + 1u) * PORTS", 1);
    // a sign
    caught(
        "sign",
        "synapse.weight = bitcast<i32>(synapse_word(route.page, route.weights + edge));",
        "synapse.weight = -bitcast<i32>(synapse_word(route.page, route.weights + edge));",
        3,
    );
    // a spike that two lanes send as one
    caught("lost spike", "firstTrailingBit(left)) | mark", "firstLeadingBit(left)) | mark", 2);
}
