//! What is refused of a synapse that learns, in words, and what helps.

use super::{PAIR, try_read};

/// Code, message and help of everything that is wrong.
#[track_caller]
fn said(text: &str) -> Vec<String> {
    let report = try_read(text).err().unwrap_or_else(|| panic!("nothing is wrong:\n{text}"));
    let help = |d: &crate::diagnostic::Diagnostic| d.help.as_deref().map_or(String::new(), |help| format!(" | {help}"));
    assert!(report.diagnostics.iter().all(|d| d.span.is_some()), "{report}");
    report.diagnostics.iter().map(|d| format!("{}: {}{}", d.code, d.message, help(d))).collect()
}

/// One problem with the pair rule, some of its text replaced.
#[track_caller]
fn one(from: &str, to: &str) -> String {
    assert!(PAIR.contains(from), "{from}");
    let mut all = said(&PAIR.replacen(from, to, 1));
    assert_eq!(all.len(), 1, "{all:#?}");
    all.remove(0)
}

#[test]
fn orders_that_nobody_stated() {
    assert_eq!(
        one("  on_pre  x += 1", "  on_pre  x += 1; g_exc += w"),
        "E116: what is added to `g_exc` arrives before the target's threshold is tested, and this line runs after an `on_post` line \
         | put it above the first `on_post` line, or say `delay dendritic`: then a spike leaves first and travels behind the synapse"
    );
    // behind the synapse it may
    let dendritic = PAIR.replace("  on_pre  x += 1", "  on_pre  x += 1; g_exc += w\n  delay dendritic");
    assert!(try_read(&dendritic).is_ok());
    assert_eq!(
        one("x += 1\n", "x += 1\n  delay dendritc\n"),
        "E102: a delay lies before the synapse (`axonal`) or behind it (`dendritic`), found `dendritc` | did you mean `dendritic`?"
    );
    assert_eq!(one("x += 1\n", "x += 1\n  delay axonal\n  delay axonal\n"), "E108: a model has one `delay`, this one has two");
}

#[test]
fn what_belongs_to_stepped_synapses() {
    assert_eq!(
        one("x += 1\n", "x += 1\n  graded i_stim += w*(0 mV - post.v)\n"),
        "E116: a synapse that learns has no `graded` line, and this is one: it has an `on_post` line \
         | let another projection carry the graded part, with a synapse model of its own"
    );
    assert_eq!(
        one("x += 1\n", "x += 1\n  method euler\n"),
        "E116: a synapse that learns has no `method`, and this is one: it has an `on_post` line \
         | between spikes each of its states goes by the closed form of its equation, or by explicit Euler where there is none"
    );
    let step = "synapse s\n  param w = 1 nS\n  delay axonal\n  on_pre g_exc += w\n  step\n    receive";
    assert_eq!(
        said(step),
        ["E116: a synapse that learns has no `step` block, and this is one: it says `delay` \
          | its `on_pre`, `on_post` and `every` lines run from top to bottom, as they are written"]
    );
    let sent = "synapse s\n  state u = 0 (from 0 to 1)\n  on_pre u += 0.5; g_exc += u\n  graded i_stim += u*(0 mV - post.v)";
    assert_eq!(
        said(sent),
        ["E116: a synapse that learns has no `graded` line, and this is one: what it adds to `g_exc` depends on its \
          state `u` | let another projection carry the graded part, with a synapse model of its own"]
    );
    let drawn = "synapse s\n  state g = 0 nS\n  on_pre g = rand()*(1 nS)\n  graded i_stim += g*(0 mV - post.v)";
    assert_eq!(
        said(drawn),
        ["E116: a synapse that learns has no `graded` line, and this is one: it draws `rand()` where a spike arrives \
          | let another projection carry the graded part, with a synapse model of its own"]
    );
    let stepped = "synapse s\n  state g = 0 nS (from 0 nS to 1 nS)\n  on_pre g += 1 nS\n  graded i_stim += g*(0 mV - post.v)";
    assert_eq!(
        said(stepped),
        ["E116: the range of `g` is kept where a synapse learns, and this one flows in every step \
          | limit it where it changes: `g = min(g + …, …)`"]
    );
}

#[test]
fn equations_without_closed_form() {
    for stepped in [
        "-x/tau_plus*y",
        "(y - x)/tau_plus",
        "-x/tau_plus*post.v/(1 mV)",
        "-x*x/tau_plus",
        "-min(x, 1)/tau_plus",
        "(-x if x > 0 else 0)/tau_plus",
    ] {
        assert!(try_read(&PAIR.replace("-x/tau_plus", stepped)).is_ok(), "{stepped}");
    }
    assert_eq!(
        one("-x/tau_plus", "-x/tau_plus*t/(1 ms)"),
        "E116: `dx/dt` names the time `t`, which the equations of a synapse that learns do not know \
         | let a neuron state follow the time, and read it as `pre.x` or `post.x`"
    );
    for fine in ["(1 - x)/tau_plus", "-x/tau_plus*2 + 1/tau_minus", "-x/tau_plus if a_plus > 1 else -x/tau_minus", "0*x/tau_plus"] {
        assert!(try_read(&PAIR.replace("-x/tau_plus", fine)).is_ok(), "{fine}");
    }
    assert!(one("-x/tau_plus", "-x/tau_plus + 0.1*xi").starts_with("E111: white noise `xi`"));
}

#[test]
fn weights_without_bounds() {
    assert_eq!(
        one(" (from 0 nS to w_max)", ""),
        "E114: what this adds to `g_exc` has no bounds that can be proven: `w` may be anything \
         | give `w` a range: `state w = 0.5 nS (from 0 nS to w_max)`"
    );
    assert_eq!(
        one(" (from 0 nS to w_max)", " (from 0 nS)"),
        "E114: what this adds to `g_exc` has no bounds that can be proven: `w` may be anything \
         | give `w` a range: `state w = 0.5 nS (from 0 nS to w_max)`"
    );
    assert_eq!(
        one("g_exc += w", "g_exc += w*w_max/w"),
        "E114: what this adds to `g_exc` has no bounds that can be proven: a state stands where it may become infinite \
         | limit it: `clip(…, 0, …)`"
    );
    assert_eq!(
        one("(from 0 nS to w_max)", "(above 0 nS to w_max)"),
        "E116: `w` is kept within its range by clipping, so both ends belong to it \
         | write `from` in place of `above`, `to` in place of `below`"
    );
    assert_eq!(
        one("to w_max)", "to w)"),
        "E110: `w` is a state, and this value may depend on parameters alone \
         | it is worked out before the run; what changes meanwhile stands in an equation or a statement"
    );
    assert_eq!(
        one("to w_max)", "to post.w_max)"),
        "E110: `post.w_max` is of a neuron, and this value may depend on parameters of the synapse alone"
    );
    assert!(one("y = 0", "y = pre.v").starts_with("E110: `pre.v` is of a neuron"));
    assert_eq!(one("to w_max)", "to 3 mV)"), "E103: a bound of `w` counts in nS, and this is in mV");
    let neuron = "neuron n\n  state v = 0 mV (from -80 mV to 0 mV)\n  dv/dt = -v/(10 ms)";
    assert_eq!(
        said(neuron),
        ["E108: the state `v` of a neuron has no range: equations are not clipped \
          | a parameter may have one, and a state of a synapse that spikes change"]
    );
}

#[test]
fn rules_without_effect() {
    assert_eq!(
        one("w += a_plus*w_max*x; y += 1", "w += a_plus*w_max; y += 1"),
        "E115: `x` has no effect: nothing that this synapse sends follows from it | let a line read it, or leave it out"
    );
    assert_eq!(
        one("y = 0", "y = 0, z = 0"),
        "E115: `z` has no effect: no line changes it, and none reads it | let a line read it, or leave it out"
    );
    // round about
    assert!(try_read(&PAIR.replace("y = 0", "y = 0, z = 0").replace("x += 1", "z = x; x += 1 + z")).is_ok());
    assert_eq!(
        one("  dx/dt = -x/tau_plus\n", ""),
        "E115: `x` never decays: spikes add to it, and nothing brings it back \
         | give it an equation, `dx/dt = -x/tau`, or a range, `(from … to …)`"
    );
    for fine in ["x = 1", "x += 1 - x", "x += 1; x *= 0.5"] {
        assert!(try_read(&PAIR.replace("  dx/dt = -x/tau_plus\n", "").replace("x += 1", fine)).is_ok(), "{fine}");
    }
    let nothing = "synapse s\n  param w = 1 nS\n  delay axonal";
    assert_eq!(said(nothing), ["E112: synapse `s` does nothing | add `on_pre g_exc += w` or `graded i_syn += g*(e - post.v)`"]);
}

#[test]
fn names_and_draws() {
    assert_eq!(
        one("y += 1", "g_exc += w"),
        "E107: `g_exc` is no state of the synapse, and a spike of the target is sent nowhere \
         | what a neuron does to itself at its spike is its `reset`; ports receive from `on_pre` lines"
    );
    assert_eq!(
        one("y += 1", "w_max += 1 nS"),
        "E107: `w_max` is a parameter, and spikes change states | declare it as a state: `state w_max = … (from … to …)`"
    );
    assert_eq!(
        one("w -= a_minus*w_max*y", "w_max -= a_minus*w_max*y"),
        "E107: `w_max` is a parameter, and spikes change states | declare it as a state: `state w_max = … (from … to …)`"
    );
    assert_eq!(
        one("x += 1", "x += t/(1 ms)"),
        "E116: `t` cannot stand in what changes a synapse that learns \
         | a state that decays tells how long ago something was: `dx/dt = -x/tau`"
    );
    assert_eq!(
        one("x += 1", "x += randn()"),
        "E111: `randn()` cannot stand in `on_pre`, `on_post` and `every`, `rand()` can \
         | a normal number is `sqrt(-2*log(1 - rand()))*cos(2*pi*rand())`"
    );
    assert!(try_read(&PAIR.replace("x += 1", "x += sqrt(-2*log(1 - rand()))*cos(2*pi*rand())")).is_ok());
    assert!(
        one("-x/tau_plus", "-x/tau_plus*rand()").starts_with("E111: `rand()` may stand in a threshold, reset or step only, or in")
    );
    assert_eq!(
        said("neuron n\n  state v = 0 mV\n  on_post v += 1 mV"),
        ["E108: `on_pre`, `on_post`, `every`, `graded` and `delay` belong to synapse models \
          | a neuron model says where spikes arrive with `input`, and what its own spike does with `reset`"]
    );
    assert_eq!(said("neuron n\n  state v = 0 mV\n  delay axonal").len(), 1);
}

#[test]
fn one_broken_statement_hides_no_other_and_makes_none() {
    // `w` and `x` have an effect, had the line been understood
    let all = said(&PAIR.replace("w += a_plus*w_max*x", "w += a_plus*w_mx*x").replace("-y/tau_minus", "-y/tau_minus*t/(1 ms)"));
    assert_eq!(all.len(), 2, "{all:#?}");
    assert!(all.iter().any(|d| d.starts_with("E102")) && all.iter().any(|d| d.starts_with("E116")), "{all:#?}");
}

#[test]
fn modulators() {
    let with = |line: &str| PAIR.replace("  state w", "  modulator d = 0, e : nM\n  state w").replace("x += 1", line);
    let both = "x += d*e/(1 nM)";
    assert!(try_read(&with(both)).is_ok());
    let one = |line: &str| said(&with(line)).join("\n");
    assert_eq!(one("x += d"), "E115: `e` has no effect: no line reads it | let a line read it, or leave it out");
    assert_eq!(
        one(&format!("{both}; d += 1")),
        "E107: `d` is a modulator, and a synapse only reads it \
         | what it is follows from the neurons or the input that the projection names"
    );
    let other = |from: &str, to: &str| {
        let text = with(both);
        assert!(text.contains(from), "{text}");
        said(&text.replace(from, to)).join("\n")
    };
    assert_eq!(other("y += 1", "y += 1; d = 1"), one(&format!("{both}; d += 1")));
    assert_eq!(
        other("g_exc += w", "g_exc += w*d"),
        "E114: what this adds to `g_exc` has no bounds that can be proven: the modulator `d` may be anything \
         | limit it: `clip(d, …, …)`"
    );
    assert!(try_read(&with(both).replace("g_exc += w", "g_exc += w*clip(d, 0, 2)")).is_ok());
    // such an equation is stepped
    assert!(try_read(&with(both).replace("-x/tau_plus", "-x*d/tau_plus")).is_ok());
    assert!(
        other("to w_max)", "to w_max*d)").starts_with("E110: `d` is a modulator, and this value may depend on parameters alone")
    );
    assert_eq!(
        said("neuron n\n  state v = 0 mV\n  modulator d = 0"),
        ["E108: a `modulator` belongs to a synapse model | what flows into a neuron from outside is `input d : …`"]
    );
    let graded = "synapse s\n  modulator d = 0\n  graded i_syn += 1 nS*d*(1 mV - post.v)\n  on_pre g_exc += 1 nS*clip(d, 0, 1)";
    assert_eq!(
        said(graded),
        ["E116: a synapse that learns has no `graded` line, and this is one: it has the modulator `d` \
          | let another projection carry the graded part, with a synapse model of its own"]
    );
}
