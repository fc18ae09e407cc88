//! Mistakes that an implementation could make: each must fail the case that is for it, in both precisions.

use super::{Texts, line, named, run, verdict};
use crate::engines::Which;
use crate::lines::{Lines, Verdict};

/// Runs a case with a mistake, and expects the comparison to find it.
fn caught(mistake: &str, case: &str, change: impl Fn(&mut Texts)) {
    let case = named(case);
    let mut lines = Lines::default();
    for which in [Which::F64, Which::F32] {
        let sound = run(&case, which, &Texts::default()).unwrap_or_else(|e| panic!("{mistake}: {e:?}"));
        assert_eq!(verdict(&case, which, &sound), Verdict::Pass, "{mistake}: the case without it");
        let mut texts = Texts::default();
        change(&mut texts);
        let wrong = run(&case, which, &texts).unwrap_or_else(|e| panic!("{mistake}: {e:?}"));
        let Verdict::Fail(why) = verdict(&case, which, &wrong) else { panic!("{mistake} was not caught on {}", which.name()) };
        let mut line = line(&format!("control: {mistake}"), &case, which, Ok(wrong));
        (line.worst, line.verdict) = (why, Verdict::Pass);
        lines.add(line);
    }
    lines.finish();
}

fn replaced(text: &mut String, from: &str, to: &str) {
    assert!(text.contains(from), "{text} does not hold {from}");
    *text = text.replace(from, to);
}

#[test]
fn sns_decay_before_the_spikes() {
    caught("decay before spikes", "06_spiking_synapse_delay", |texts| {
        replaced(&mut texts.synapse, "    receive\n    g *= 1 - dt/tau\n", "    g *= 1 - dt/tau\n    receive\n");
    });
}

#[test]
fn sns_current_before_the_decay() {
    caught("current before decay", "06_spiking_synapse_delay", |texts| {
        replaced(&mut texts.synapse, "    g *= 1 - dt/tau\n    graded\n", "    graded\n    g *= 1 - dt/tau\n");
    });
}

#[test]
fn sns_exact_decay_for_explicit_euler() {
    caught("exact decay", "06_spiking_synapse_delay", |texts| {
        replaced(&mut texts.synapse, "    g *= 1 - dt/tau\n", "    integrate\n");
        replaced(&mut texts.synapse, "  on_pre", "  dg/dt = -g/tau\n  on_pre");
    });
}

#[test]
fn sns_no_cap() {
    caught("no cap", "06_spiking_synapse_delay", |texts| {
        replaced(&mut texts.synapse, "g += min(increment, g_max - g)", "g += increment");
    });
}

#[test]
fn sns_delay_off_by_one() {
    caught("delay off by one", "06_spiking_synapse_delay", |texts| texts.delay = 2.0);
}

#[test]
fn sns_missing_floor() {
    caught("no floor", "05_spiking_advanced_threshold", |texts| {
        replaced(&mut texts.spiking, "max(theta + theta_inc, theta_floor)", "theta + theta_inc");
    });
}

#[test]
fn sns_membrane_before_its_gates() {
    caught("membrane before gates", "10_gated_two_channels", |texts| {
        texts.gated = |text| text.replace("    integrate\n", "").replace("  step\n", "  step\n    integrate\n");
    });
}
