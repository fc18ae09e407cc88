//! Spikes that are listed one by one for those who deliver them: as many rows as it takes for that, beside the CPU engine.

use super::*;
use crate::engine::Engine;
use crate::engine::cpu::{CpuEngine, CpuOptions};
use crate::network::value::uniform;
use crate::network::{Connector, Network, Variant};

/// Many cells that each reach five populations, so that there are many words of bits and many work items.
fn many(least: &str, instances: u64) -> Plan {
    let mut net = Network::new("many");
    net.dt("0.1 ms").seed(3);
    net.population("many", "lif_psc_exp", 9_000)
        .parameter("i_e", uniform("300 pA", "900 pA"))
        .initial("v", uniform("-70 mV", "-55 mV"));
    for k in 0..5 {
        let name = format!("few{k}");
        net.population(&name, "lif_psc_exp", 40).parameter("i_e", "350 pA");
        net.project("many", &name, "i_exc", Connector::outdegree(3)).weight(uniform("1 pA", "3 pA")).delay(uniform(least, "2 ms"));
        net.project(&name, "many", "i_inh", Connector::outdegree(200)).weight("-40 pA").delay(least);
    }
    let variants: Vec<Variant> = (0..instances).map(|k| Variant::new().seed(k + 1)).collect();
    net.plan_ensemble(&variants, &crate::Options::default()).unwrap_or_else(|e| panic!("{e}"))
}

#[test]
fn spikes_that_are_listed_are_those_that_are_looked_for() {
    for (least, window, instances) in [("0.1 ms", 1, 1), ("0.3 ms", 3, 2)] {
        let plan = many(least, instances);
        let mut truth = CpuEngine::<f32>::new(Arc::new(plan.clone()), CpuOptions::default()).unwrap();
        let expected = truth.advance(120).unwrap().spikes;
        assert!(expected.len() > 2_000, "{} spikes", expected.len());
        for (schedule, workgroup) in [(Schedule::Fused, 64), (Schedule::TwoPass, 64), (Schedule::TwoPass, 128)] {
            let settings = Settings::default().schedule(schedule).workgroup(workgroup).batch(50);
            let mut engine = GpuEngine::new(&plan, &AdapterChoice::Best, &settings).unwrap_or_else(|e| panic!("{schedule:?}: {e}"));
            assert_eq!(engine.layout.shape.window, window);
            let sent = engine.layout.sent.as_ref().unwrap_or_else(|| panic!("{schedule:?}: not listed"));
            assert_eq!(sent.room, plan.rows * window);
            assert_eq!(engine.layout.work.len(), 0);
            let mut found = engine.advance(70).unwrap().spikes;
            found.extend(engine.advance(50).unwrap().spikes);
            assert!(found == expected, "{schedule:?} {workgroup}: {} spikes, {} expected", found.len(), expected.len());
            assert_eq!(engine.snapshot().unwrap(), truth.snapshot().unwrap(), "{schedule:?}");
        }
        // few words, or few work items: nothing is listed
        let mut engine = GpuEngine::new(&plan, &AdapterChoice::Best, &Settings::from(Schedule::Fused).workgroup(512)).unwrap();
        assert!(window > 1 || engine.layout.sent.is_none());
        assert!(engine.advance(120).unwrap().spikes == expected);
    }
}
