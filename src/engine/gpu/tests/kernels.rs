//! Kernels as text, functions against f64, faults, limits.

use super::build::{add_rule, empty};
use super::*;
use crate::model::rule::{Binary, Graph, Node, NodeId, Rule, StateColumn, Unary};
use crate::plan::schedule::{Machine, Schedule, Settings};
use crate::units::Dimension;
use crate::wgsl::{join, show};

/// A rule without ports: each state's next value from the graph.
fn rule(graph: Graph, next: Vec<NodeId>, initial: f64) -> Rule {
    let mut graph = graph;
    let start = graph.constant(initial);
    let count = next.len();
    Rule {
        graph,
        states: (0..count).map(|k| StateColumn { name: format!("x{k}"), dimension: Dimension::NONE }).collect(),
        ports: Vec::new(),
        inputs: Vec::new(),
        systems: Vec::new(),
        derived: Vec::new(),
        initial: vec![start; count],
        initial_order: (0..count as u32).collect(),
        tested: next.clone(),
        next,
        spike: None,
        countdown: None,
        undefined: None,
        uniforms: 0,
        chances: 0,
        normals: 0,
        method: String::new(),
        remark: None,
    }
}

fn by_hand(rule: Rule, rows: u32, params: Vec<Column>) -> Plan {
    let mut plan = empty(0.1);
    let model = crate::model::library::models().unwrap()["spike_times"].clone();
    add_rule(&mut plan, rule, model, rows, params, &[("hand", rows)]);
    plan.groups[0].given_initial = Vec::new();
    finish(&mut plan);
    plan
}

#[test]
fn functions_are_right_where_the_device_may_not_be() {
    use Unary::{Abs, Ceil, Cos, Exp, Exprel, Floor, Log, Sign, Sin, Sqrt, Tan, Tanh};
    let functions = [Abs, Ceil, Cos, Exp, Exprel, Floor, Log, Sign, Sin, Sqrt, Tan, Tanh];
    let mut xs: Vec<f32> = (-400..400).map(|k| k as f32 * 0.037).collect();
    xs.extend([0.0, 1e-30, 1e-6, -1e-6, 88.7, 89.0, 300.0, -87.0, -120.0, 1e4, -1e4, 3e38, -3e38, 0.339, 0.341]);
    xs.extend((0..60).map(|k| 1.7f32.powi(k - 30)));
    let rows = xs.len() as u32;
    let mut graph = Graph::default();
    let x = graph.add(Node::Param(0));
    let roots: Vec<NodeId> = functions.iter().map(|f| graph.unary(*f, x)).collect();
    let list = Column::PerRow(xs.iter().map(|x| f64::from(*x)).collect());
    // a value that is not finite is a fault, as it should be: what is looked at is made finite and said by two states
    let (mut next, big, zero, one) = (Vec::new(), graph.constant(f64::from(f32::MAX)), graph.constant(0.0), graph.constant(1.0));
    for y in roots {
        let size = graph.unary(Abs, y);
        let finite = graph.binary(Binary::LessEqual, size, big);
        next.push(graph.select(finite, y, zero));
        next.push(graph.select(finite, one, zero));
        let above = graph.binary(Binary::Less, big, y);
        next.push(graph.select(above, one, zero));
    }
    let plan = by_hand(rule(graph, next, 0.0), rows, vec![list]);
    let mut engine = engine(&plan);
    engine.advance(1).unwrap();
    for (k, function) in functions.iter().enumerate() {
        let columns: Vec<Vec<f64>> = (0..3).map(|c| engine.state(0, 3 * k + c).unwrap()).collect();
        for (row, x) in xs.iter().enumerate() {
            let exact = function.apply(f64::from(*x)) as f32;
            let (found, finite, infinite) = (columns[0][row] as f32, columns[1][row] == 1.0, columns[2][row] == 1.0);
            if !exact.is_finite() {
                assert!(!finite && infinite == (exact == f32::INFINITY), "{function:?}({x}) = {exact}, found {found}");
                continue;
            }
            // (exp(x) - 1)/x passes through exp(x), which leaves f32 first
            if *function == Exprel && *x > 88.72 {
                continue;
            }
            // angles are reduced in three parts, good below 8192
            if matches!(function, Sin | Cos | Tan) && x.abs() > 8000.0 {
                continue;
            }
            // in units of the last place, beside an absolute term where the result crosses 0
            let ulps = match function {
                Abs | Ceil | Floor | Sign => 0.0,
                Exp | Sqrt | Log => 3.0,
                _ => 8.0,
            };
            let slack = if matches!(function, Sin | Cos | Tan) { 2e-7 } else { 1e-37 };
            let bound = ulps * f64::from(exact.abs()) * 1.2e-7 + slack;
            assert!(finite && (f64::from(found) - f64::from(exact)).abs() <= bound, "{function:?}({x}): {found} {exact}");
        }
    }
}

#[test]
fn products_and_sums_are_fused_and_nothing_else() {
    let mut graph = Graph::default();
    let (a, b, c) = (graph.add(Node::Param(0)), graph.add(Node::Param(1)), graph.add(Node::Param(2)));
    let ab = graph.times(a, b);
    let bc = graph.times(b, c);
    let minus = graph.unary(Unary::Negate, bc);
    let next = vec![graph.plus(ab, c), graph.minus(c, ab), graph.minus(ab, c), graph.plus(ab, minus), graph.over(ab, c)];
    let values = [1.5f32, -2.25, 0.125];
    let plan = by_hand(rule(graph, next, 0.0), 3, values.map(|x| Column::Shared(f64::from(x))).to_vec());
    let kernels = wgsl::emit(&plan, &Machine::WEB, &Settings::default()).unwrap();
    let text = kernels.rows.source();
    for line in ["fma(p0, p1, p2)", "fma((-p0), p1, p2)", "fma(p0, p1, (-p2))", "fma((-p1), p2, n0)", "(n0 / p2)"] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    let mut engine = engine(&plan);
    engine.advance(1).unwrap();
    let found: Vec<f64> = (0..5).map(|k| engine.state(0, k).unwrap()[2]).collect();
    let [a, b, c] = values.map(f64::from);
    assert_eq!(found, [a * b + c, c - a * b, a * b - c, a * b - b * c, a * b / c]);
}

#[test]
fn states_change_all_at_once() {
    let mut graph = Graph::default();
    let (x, y) = (graph.add(Node::State(0)), graph.add(Node::State(1)));
    let mut plan = by_hand(rule(graph, vec![y, x], 0.0), 5, Vec::new());
    plan.groups[0].initial = vec![Column::Shared(1.0), Column::Shared(2.0)];
    let mut engine = engine(&plan);
    engine.advance(3).unwrap();
    assert_eq!((engine.state(0, 0).unwrap()[4], engine.state(0, 1).unwrap()[4]), (2.0, 1.0));
}

#[test]
fn a_fault_is_named_and_undone() {
    // x doubles: 2^128 is no f32
    let mut graph = Graph::default();
    let (x, two) = (graph.add(Node::State(0)), graph.constant(2.0));
    let double = graph.times(x, two);
    let mut plan = by_hand(rule(graph, vec![double], 1.0), 100, Vec::new());
    plan.groups[0].initial = vec![Column::PerRow((0..100).map(|k| if k % 50 == 33 { 1.0 } else { 0.0 }).collect())];
    plan.window = 7;
    for before in [0, 30] {
        let mut engine = engine(&plan);
        engine.advance(before).unwrap();
        let state = engine.snapshot().unwrap();
        let fault = engine.advance(1500).unwrap_err();
        let Fault::NotFinite { population, neuron, variable, value, step, .. } = &fault else { panic!("{fault}") };
        assert_eq!((population.as_str(), *neuron, variable.as_str(), *value, *step), ("hand", 33, "x0", f64::INFINITY, 128));
        assert_eq!(engine.snapshot().unwrap(), state);
        // the engine goes on from there
        engine.advance(127 - before).unwrap();
        assert_eq!(engine.state(0, 0).unwrap()[33], 2f64.powi(127));
        assert!(engine.advance(1).is_err());
    }
}

#[test]
fn what_has_no_room_is_refused_before_it_is_made() {
    let plan = {
        let mut plan = empty(0.1);
        add_group(&mut plan, "lif_psc_delta", &[("vast", 900_000_000)], &[]);
        finish(&mut plan);
        plan
    };
    match GpuEngine::new(&plan, &AdapterChoice::Best, &Settings::default()).err() {
        Some(GpuError::TooLarge { need, limit, .. }) => assert!(need > limit, "{need} {limit}"),
        other => panic!("{other:?}"),
    }
    let missing = GpuEngine::new(&network(1.0, 3.0), &AdapterChoice::Named("no such adapter".into()), &Settings::default()).err();
    assert!(matches!(missing, Some(GpuError::NoAdapter { .. })), "{missing:?}");
}

#[test]
fn modules_hold_ordinals_only() {
    let plan = network(1.0, 3.0);
    let kernels = wgsl::emit(&plan, &Machine::WEB, &Settings::default()).unwrap();
    let mut words: Vec<String> = plan.populations.iter().map(|p| p.name.clone()).collect();
    for group in &plan.groups {
        words.extend(group.model.params.iter().map(|p| p.name.clone()));
        words.extend(group.model.states.iter().map(|s| s.name.clone()).filter(|n| n.len() > 1));
        words.extend(group.model.ports.iter().map(|p| p.name.clone()));
    }
    for kernel in kernels.iter() {
        let own = kernel.source().split(|c: char| !(c.is_alphanumeric() || c == '_')).collect::<BTreeSet<_>>();
        words.iter().for_each(|w| assert!(!own.contains(w.as_str()), "{w} in {}", kernel.name()));
    }
    let shown = show(&plan, &Machine::WEB, &two_pass()).unwrap();
    assert!(shown.contains("threshold v >= v_th") && shown.contains("// s0 = v\n") && shown.contains("fn deliver("), "{shown}");
}

#[test]
fn literals_read_back() {
    for x in [0.1f32, -0.0, 1e-7, 3.0, 1e20, f32::MAX, f32::MIN_POSITIVE, 1e-40, -1e-45, f32::INFINITY, 16_777_216.0, 0.3] {
        let text = crate::wgsl::expr::literal(x);
        if let Some(hex) = text.split("of_bits(0x").nth(1) {
            let sign = if text.starts_with("(-") { 1 << 31 } else { 0 };
            assert_eq!(u32::from_str_radix(&hex[..8], 16).unwrap() | sign, x.to_bits(), "{text}");
        } else {
            let read: f32 = text.trim_matches(|c| "()f".contains(c)).parse().unwrap();
            assert_eq!(read.to_bits(), x.to_bits(), "{text}");
        }
    }
}

fn two_pass() -> Settings {
    Settings::default().schedule(Schedule::TwoPass)
}

#[test]
fn each_shader_is_valid_with_the_stub_and_what_it_calls() {
    let stub = include_str!("../../../../shaders/stub.wgsl");
    let sets: [&[&str]; 14] = [
        &[join::FUNCTIONS],
        &[join::RANDOM],
        &[join::RANDOM, join::ROW],
        &[join::SAMPLE],
        &[join::RANDOM, join::ROW, join::POISSON],
        &[join::RANDOM, join::ROW, join::THIN],
        &[join::RING],
        &[join::SLAB],
        &[join::HISTORY, join::SENT, join::BITS],
        &[join::FUNCTIONS, join::RANDOM, join::RING, join::HISTORY, join::LEARN],
        &[join::RING, join::ROUTE, join::DELIVER],
        &[join::RING, join::ROUTE, join::SENT, join::DELIVER_SENT],
        &[join::RING, join::ROUTE, join::LIST, join::SENT, join::GATHER],
        &[join::RING, join::HISTORY, join::ROUTE, join::LIST, join::RESIDENT],
    ];
    for pieces in sets {
        let text = format!("{stub}\n{}", pieces.join("\n"));
        let module = naga::front::wgsl::parse_str(&text).unwrap_or_else(|e| panic!("{}", e.emit_to_string(&text)));
        let mut validator = naga::valid::Validator::new(naga::valid::ValidationFlags::all(), naga::valid::Capabilities::empty());
        validator.validate(&module).unwrap_or_else(|e| panic!("{}", e.emit_to_string(&text)));
    }
    // the stub declares what a layout does
    let prelude = wgsl::emit(&network(1.0, 3.0), &Machine::WEB, &Settings::default()).unwrap().layout.prelude();
    // samples are written where there are any
    let prelude = prelude.replace("var<storage, read> samples", "var<storage, read_write> samples");
    for line in prelude.lines().filter(|l| !l.starts_with("//")) {
        let declared = line.split(" = ").next().unwrap_or(line);
        assert!(stub.contains(declared), "{declared}");
    }
}

#[test]
fn work_is_shared_out_within_the_turns_of_a_loop() {
    let mut plan = empty(0.1);
    add_group(&mut plan, "lif_psc_delta", &[("target", 1000)], &[]);
    add_group(&mut plan, "spike_times", &[("some", 100)], &[]);
    let to_all = edges(&mut Dice(2), 100, 1000, 60_000);
    connect(&mut plan, "some", "target", 0, to_all, EdgeColumn::Shared(0.5), EdgeColumn::Shared(60.0));
    finish(&mut plan);
    let machine = Machine { software: true, ..Machine::WEB };
    let layout = wgsl::emit(&plan, &machine, &two_pass()).unwrap().layout;
    assert_eq!((layout.shape.window, layout.shape.workgroup), (60, 64));
    let mut sent = vec![0u64; 100];
    for item in &layout.work {
        let first = item.first - layout.routes[0].first_source;
        let turns = u64::from(item.count) * (1 + 60_000u64.div_ceil(64 * u64::from(item.parts))) + 1;
        assert!(turns * 60 <= machine.turns(), "{item:?}");
        (first..first + item.count).for_each(|s| sent[s as usize] += 1 << (32 / item.parts * item.part));
        assert_eq!(item.first / 32, (item.first + item.count - 1) / 32);
    }
    let parts = layout.work[0].parts;
    assert!(parts > 1 && sent.iter().all(|s| *s == (0..parts).map(|p| 1 << (32 / parts * p)).sum::<u64>()));
}

/// What the host writes of a window stands where naga sees the members of the kernels' struct.
#[test]
fn a_window_is_laid_out_as_kernels_read_it() {
    use crate::engine::gpu::records::Window;
    let plan = network(3.0, 9.0);
    let kernels = wgsl::emit(&plan, &Machine::WEB, &two_pass()).unwrap();
    let module = naga::front::wgsl::parse_str(kernels.rows.source()).unwrap();
    let found = module.types.iter().find(|(_, ty)| ty.name.as_deref() == Some("Window")).map(|(_, ty)| &ty.inner);
    let Some(naga::TypeInner::Struct { members, span }) = found else { panic!("no struct `Window`") };
    let window = Window { ordinal: 11, place: 12, slot: 13, steps: 14, before: 15, past: 16, turn: 17, spare: 18 };
    let block = window.block().unwrap();
    assert_eq!(*span as usize, block.len());
    let names = ["ordinal", "place", "slot", "steps", "before", "past", "turn", "spare"];
    assert!(members.iter().map(|m| m.name.as_deref()).eq(names.map(Some)));
    for (member, expected) in members.iter().zip(11u32..) {
        let at = member.offset as usize;
        let word = u32::from_le_bytes(block[at..at + 4].try_into().unwrap());
        assert_eq!(word, expected, "{:?}", member.name);
    }
}
