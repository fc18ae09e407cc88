//! Synapses that learn: what their lines become.

use super::*;
use crate::model::rule::Node;
use crate::model::{DelayPlace, EventStatement, NeuronModel, SynapseModel};

mod refused;

/// Pair rule, depression first.
const PAIR: &str = "synapse pair
  param w_max = 1 nS, a_plus = 0.01, a_minus = 0.0105, tau_plus = 20 ms, tau_minus = 20 ms
  state w = 0.5 nS (from 0 nS to w_max)
  state x = 0, y = 0
  dx/dt = -x/tau_plus
  dy/dt = -y/tau_minus
  on_pre  w -= a_minus*w_max*y; g_exc += w
  on_post w += a_plus*w_max*x; y += 1
  on_pre  x += 1
";

pub(super) fn try_read(text: &str) -> Result<ModelSet, Report> {
    read(&Source { name: "model".into(), text: text.into() })
}

#[track_caller]
fn synapse(text: &str) -> Arc<SynapseModel> {
    let set = try_read(text).unwrap_or_else(|report| panic!("{report}\n{text}"));
    set.synapses.into_values().next().expect("a synapse model")
}

#[track_caller]
fn neuron() -> Arc<NeuronModel> {
    let text = "neuron cell
  param v_th = 1 mV, tau = 10 ms
  state v = 0 mV, g_exc = 0 nS
  input g_exc
  dv/dt = -v/tau
  dg_exc/dt = -g_exc/tau
  threshold v > v_th
  reset v = 0 mV
";
    try_read(text).unwrap_or_else(|report| panic!("{report}")).neurons.into_values().next().expect("a neuron model")
}

/// What each line does, by the names of what it changes: `pre w> g_exc`.
fn told(model: &SynapseModel) -> Vec<String> {
    let one = |made: &EventStatement| match made {
        EventStatement::Assign(a) => model.states[a.state as usize].name.clone(),
        EventStatement::Send(k) => format!("> {}", model.on_pre[*k as usize].port),
    };
    let line = |event: &crate::model::Event| {
        let end = if event.trigger.is_post() { "post" } else { "pre" };
        format!("{end}: {}", event.statements.iter().map(one).collect::<Vec<_>>().join(", "))
    };
    model.events.iter().map(line).collect()
}

#[test]
fn lines_stand_in_the_order_of_the_text() {
    let model = synapse(PAIR);
    assert_eq!(told(&model), ["pre: w, > g_exc", "post: w, y", "pre: x"]);
    assert!(model.arrival.is_empty());
    assert_eq!((model.delay, model.uniforms), (DelayPlace::Axonal, 0));
    let range = model.states[0].range;
    assert!(range.low.is_some_and(|low| model.graph.as_constant(low.value) == Some(0.0) && low.within));
    assert!(range.high.is_some_and(|high| model.graph.node(high.value) == Node::Param(0)));
    assert_eq!(model.states[1].range, Default::default());
    // the value that is sent is the state as the statement before it left it
    assert_eq!(model.graph.node(model.on_pre[0].value), Node::State(0));

    let potentiation_first = "synapse other
  param w_max = 1 nS
  state w = 0.5 nS (from 0 nS to w_max), x = 0, y = 0
  dx/dt = -x/(20 ms)
  dy/dt = -y/(20 ms)
  delay dendritic
  on_post w += 0.01*w_max*x
  on_pre  w -= 0.01*w_max*y
          g_exc += w
          x += 1
  on_post y += 1
";
    let model = synapse(potentiation_first);
    assert_eq!(told(&model), ["post: w", "pre: w, > g_exc, x", "post: y"]);
    assert_eq!(model.delay, DelayPlace::Dendritic);
}

#[test]
fn spikes_alone_change_what_says_so() {
    let by_events = |text: &str| !synapse(&format!("synapse s\n  param w = 1 nS, p = 0.5\n{text}")).events.is_empty();
    assert!(!by_events("  on_pre g_exc += w"));
    assert!(!by_events("  on_pre g_exc += w*pre.gain"));
    assert!(!by_events("  state g = 0 nS\n  dg/dt = -g/(5 ms)\n  on_pre g += w\n  graded i += g*(0 mV - post.v)"));
    assert!(by_events("  delay axonal\n  on_pre g_exc += w"));
    assert!(by_events("  delay dendritic\n  on_pre g_exc += w"));
    assert!(by_events("  on_pre g_exc += w*(rand() < p)".replace("(rand() < p)", "int(rand() < p)").as_str()));
    assert!(by_events("  state u = 0 (from 0 to 1)\n  du/dt = -u/(50 ms)\n  on_pre u += 0.5*(1 - u); g_exc += w*u"));
    // through a subexpression too
    assert!(by_events("  state u = 0 (from 0 to 1)\n  used = w*u\n  du/dt = -u/(50 ms)\n  on_pre u += 0.5*(1 - u); g_exc += used"));
    // one that sends nothing and watches
    assert!(by_events("  state x = 0, seen = 0\n  dx/dt = -x/(20 ms)\n  on_pre x += 1\n  on_post seen = x"));
}

#[test]
fn draws_are_numbered_in_the_order_of_the_text() {
    let text = "synapse s
  param w = 1 nS, p = 0.5
  state u = 0 (from 0 to 1)
  on_pre g_exc += w*u*int(rand() < p); u = rand()
  on_post u *= rand()
";
    let model = synapse(text);
    assert_eq!(model.uniforms, 3);
    let draw = |id| model.graph.leaves(id).into_iter().find(|n| matches!(n, Node::Uniform(_)));
    assert_eq!(draw(model.on_pre[0].value), Some(Node::Uniform(0)));
    let EventStatement::Assign(second) = &model.events[0].statements[1] else { panic!() };
    assert_eq!(draw(second.value), Some(Node::Uniform(1)));
    let EventStatement::Assign(third) = &model.events[1].statements[0] else { panic!() };
    assert_eq!(draw(third.value), Some(Node::Uniform(2)));
    assert_eq!(synapse("synapse s\n  param w = 1 nS\n  on_pre g += w").uniforms, 0);
}

#[test]
fn ends_and_ports_are_found_by_place() {
    let cell = neuron();
    let text = PAIR.replace("y += 1", "y += post.v/post.v_th").replace("x += 1", "x += exp(-pre.v/(1 mV))");
    let bound = bind(&synapse(&text), &cell, &cell).unwrap_or_else(|report| panic!("{report}"));
    assert!(bound.is_by_events() && !bound.is_gathered());
    assert_eq!(bound.ports, [0]);
    assert_eq!(bound.ends.len(), 3);
    assert_eq!(told(&bound.model), ["pre: w, > g_exc", "post: w, y", "pre: x"]);
    // what a state of an end makes boundless is known once the end is
    let report = bind(&synapse(&PAIR.replace("g_exc += w", "g_exc += w*post.v/(1 mV)")), &cell, &cell).unwrap_err();
    assert!(report.to_string().contains("error[E114]"), "{report}");
    let clipped = PAIR.replace("g_exc += w", "g_exc += w*clip(post.v/(1 mV), 0, 1)");
    assert!(bind(&synapse(&clipped), &cell, &cell).is_ok());
    let parameter = PAIR.replace("g_exc += w", "g_exc += w*post.v_th/(1 mV)");
    assert!(bind(&synapse(&parameter), &cell, &cell).is_ok());
}

/// Every synapse model that the page of the language shows is right.
#[test]
fn the_guide_is_right() {
    let page = include_str!("../../guide/language.md");
    let texts: Vec<&str> = page.split("```text\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    let models: Vec<&&str> = texts.iter().filter(|text| text.starts_with("synapse ")).collect();
    assert!(models.len() >= 5, "{}", models.len());
    for text in models {
        try_read(text).unwrap_or_else(|report| panic!("{report}"));
    }
    // the order of NEST, put into the model above it
    let nest = texts.iter().find(|text| text.starts_with("  delay dendritic")).expect("the lines of NEST's order");
    let declared: String = PAIR.lines().filter(|line| !line.starts_with("  on_p")).map(|line| format!("{line}\n")).collect();
    assert_eq!(told(&synapse(&format!("{declared}{nest}"))), ["post: w", "pre: w, > g_exc, x", "post: y"]);
}

#[test]
fn bounds_that_can_be_proven() {
    let sent = |value: &str| {
        let text = format!(
            "synapse s\n  param w = 1 nS, k = 2\n  state u = 0.5 (from 0 to 1), f = 0.5 (from 0), r = 0\n  dr/dt = -r/(5 ms)\n  \
             df/dt = -f/(5 ms)\n  on_pre g_exc += {value}\n  on_post u += r; r += f; f += 1"
        );
        try_read(&text).err().map(|report| report.diagnostics[0].code)
    };
    for fine in [
        "w*u + 0*w*r*0",
        "w*(1 - u)*u",
        "w*u**2",
        "w*u**k",
        "w*exp(u)",
        "w*exp(-f)*u",
        "w*clip(r, 0, 1)*u",
        "w*min(1, f)*u",
        "w*sqrt(u)",
        "w*tanh(r)*u",
        "w*u/k",
        "w*u if r > 0 else w",
        "w*int(r > u)",
        "w*max(-1, min(r, u))",
    ] {
        let expected = if fine.contains("0*w*r") { Some("E114") } else { None };
        assert_eq!(sent(fine), expected, "{fine}");
    }
    for open in [
        "w*r*u",
        "w*f*u",
        "w*exp(f)*u",
        "w/u*(1 + r)",
        "w/(1 + u)",
        "w*log(u)",
        "w*max(r, 0)*u",
        "w*min(r, u)",
        "w*u if r > 0 else w*r",
    ] {
        assert_eq!(sent(open), Some("E114"), "{open}");
    }
}
