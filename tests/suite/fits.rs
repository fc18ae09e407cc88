//! Fits: targets that are reached, searches that go on from their log, what cannot be fitted.

use std::ops::ControlFlow;

use synfire::fit::{Fit, Target};
use synfire::network::{Connector, Network, Waveform};
use synfire::sweep::{Design, Sweep};
use synfire::{Choice, Options};

fn sweep() -> Sweep {
    let mut net = Network::new("driven");
    net.dt("0.1 ms").seed(2);
    net.population("exc", "lif_psc_exp", 40).parameter("i_e", "100 pA");
    net.project("exc", "exc", "i_exc", Connector::probability(0.1)).weight("10 pA").delay("1.5 ms");
    net.stimulate("exc", "i_exc", Waveform::poisson("3 kHz", "60 pA")).named("noise");
    net.probe("exc", "spikes");
    Sweep::new(net).options(Options::default().engine(Choice::Cpu)).duration(400.0)
}

fn fit(seed: u64) -> Fit {
    let fit = Fit::new(sweep()).seed(seed);
    let fit = fit.free("stimulus noise.rate=500 Hz..20 kHz:log").unwrap().free("exc.i_e=-200 pA..500 pA").unwrap();
    fit.target("exc.rate=20 Hz").unwrap().target("exc.cv=0.4").unwrap()
}

#[test]
fn targets_are_reached_from_random_starts() {
    for seed in [1, 2, 3] {
        let found = fit(seed).search().unwrap();
        let best = found.best.unwrap();
        assert!(found.reached && best.off <= 0.05, "{seed}: {best:?} after {}", found.evaluations);
        // what was found is what the network does
        let sweep = fit(seed).sweep().clone();
        let list =
            Design::List { addresses: sweep.axes().iter().map(|axis| axis.name()).collect(), rows: vec![best.values.clone()] };
        let rows = sweep.design(list).unwrap().table().unwrap();
        assert_eq!(rows[0].number("exc.rate_mean_hz").unwrap().to_bits(), best.measured[0].to_bits());
    }
}

#[test]
fn a_fit_goes_on_from_its_log() {
    let whole = |fit: &Fit| {
        let mut log = Vec::new();
        let found = fit
            .run(&[], &mut |all| {
                log.extend_from_slice(all);
                ControlFlow::Continue(())
            })
            .unwrap();
        (log, found)
    };
    let short = fit(4).most(60).tolerance(1e-6);
    let (log, found) = whole(&short);
    let generation = log.iter().filter(|own| own.generation == 0).count();
    for done in [0, 1, 3, 5] {
        let mut again = log[..done * generation].to_vec();
        let before = again.clone();
        let last = short
            .run(&before, &mut |all| {
                again.extend_from_slice(all);
                ControlFlow::Continue(())
            })
            .unwrap();
        // NaN is what it was
        assert_eq!(format!("{:?} {:?}", again, last), format!("{:?} {:?}", log, found), "{done}");
    }
    let other = fit(5).most(60).tolerance(1e-6);
    let said = other.run(&log[..generation], &mut |_| ControlFlow::Continue(())).unwrap_err().to_string();
    assert!(said.contains("of another search"), "{said}");
}

#[test]
fn what_cannot_be_fitted_is_said() {
    let free = |text: &str| Fit::new(sweep()).free(text).err().map_or(String::new(), |e| e.to_string());
    for (text, expected) in [
        ("exc.i_e=1 pA..2 pA:5", "is no free value"),
        ("exc.i_e=2 pA..1 pA", "the lower first"),
        ("exc.i_e=2 pA", "is no free value"),
        ("exc.i_f=1 pA..2 pA", ""),
    ] {
        assert!(free(text).contains(expected), "{text}: {}", free(text));
    }
    let target = |text: &str| Target::parse(text).err().unwrap_or_default();
    for (text, expected) in [
        ("exc.rate", "has no `=`"),
        ("rate=5 Hz", "names no population"),
        ("exc.rat=5 Hz", "did you mean `rate`?"),
        ("exc.rate=5 mV", "expected a rate, such as 5 Hz, got `5 mV`"),
        ("exc.cv=x", "expected a pure number, got `x`"),
        ("exc.cv=0", "a target of 0"),
    ] {
        assert!(target(text).contains(expected), "{text}: {}", target(text));
    }
    assert_eq!(Target::parse("L2.3e.rate=0.005 kHz").unwrap().value, 5.0);
    let run = |fit: Fit| fit.search().err().map_or(String::new(), |e| e.to_string());
    assert!(run(Fit::new(sweep())).contains("no value is free"));
    assert!(
        run(fit(1).target("inh.rate=3 Hz").unwrap())
            .contains("the target `inh.rate` was not measured; there is `exc.rate_mean_hz`")
    );
}
