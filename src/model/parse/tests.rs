//! The round trip on realistic models, precedence against explicit trees, caps, and random mutations.

use super::*;
use crate::model::ast::{BinaryOperator as Op, Expr, ExprKind, PortFlag, UnaryOperator};
use crate::model::print::{print, print_expr};

pub(super) fn read(text: &str) -> Result<Vec<ModelAst>, Report> {
    parse(&Source { name: "model".into(), text: text.into() })
}

#[track_caller]
fn good(text: &str) -> Vec<ModelAst> {
    read(text).unwrap_or_else(|report| panic!("{report}\n\nin:\n{text}"))
}

/// The one item of a neuron model.
#[track_caller]
fn item(line: &str) -> Item {
    good(&format!("neuron n\n{line}")).remove(0).items.remove(0)
}

/// The value of `x = …`.
#[track_caller]
fn expr(text: &str) -> Expr {
    match item(&format!("x = {text}")) {
        Item::Let { value, .. } => value,
        other => panic!("{other:?}"),
    }
}

/// An expression with every bracket written.
fn full(e: &Expr) -> String {
    match &e.kind {
        ExprKind::Binary { operator, left, right } => {
            format!("({} {} {})", full(left), written(*operator), full(right))
        }
        ExprKind::Unary { operator: UnaryOperator::Negate, operand } => format!("(-{})", full(operand)),
        ExprKind::Unary { operator: UnaryOperator::Not, operand } => format!("(not {})", full(operand)),
        ExprKind::Conditional { condition, then, otherwise } => {
            format!("({} if {} else {})", full(then), full(condition), full(otherwise))
        }
        ExprKind::Call { function, arguments } => {
            format!("{}({})", function.text, arguments.iter().map(full).collect::<Vec<_>>().join(", "))
        }
        ExprKind::Number { unit: Some(u), .. } => {
            format!("[{}]", print_expr(e).replace(&u.text, &format!("{{{}}}", u.text)))
        }
        _ => print_expr(e),
    }
}

/// `12/ms` is 12 per ms where it begins a product; behind a quotient nobody can say what is meant.
#[test]
fn a_number_may_be_divided_by_a_unit() {
    assert_eq!(full(&expr("12/ms")), "[12/ms]");
    for (text, printed) in [
        ("-0.1/mV*x", "-(0.1/mV)*x"),
        ("x*2 / ms", "x*(2/ms)"),
        ("y/(2/ms)", "y/(2/ms)"),
        ("(12/ms**2)**2", "(12/ms**2)**2"),
        ("y - 3/ms/x", "y - 3/ms/x"),
    ] {
        let read = expr(text);
        assert_eq!(print_expr(&read), printed);
        assert_eq!(expr(printed), read, "{text}");
    }
    let per = |text: &str| match expr(text).kind {
        ExprKind::Number { value, unit: Some(unit) } => crate::units::scaled(value, unit.unit.scale),
        other => panic!("{other:?}"),
    };
    assert_eq!([per("12/ms"), per("1/s"), per("4/ms/mV")], [12.0, 0.001, 4.0]);
    for text in ["x/2/ms", "x/-2/ms", "x**2/ms"] {
        let said = read(&format!("neuron n\n y = {text}")).unwrap_err().to_string();
        assert!(said.contains("E004") && said.contains("for a quotient write `/(1 ms)`"), "{said}");
    }
    // a name that is declared is no unit
    let named = good("neuron n\n state s = 0\n x = 1/s").remove(0).items.remove(1);
    assert!(matches!(named, Item::Let { value: Expr { kind: ExprKind::Binary { .. }, .. }, .. }), "{named:?}");
}

const MODELS: &[&str] = &[
    "\u{feff}neuron lif_cond_exp   # the front page\r\n  param  c_m = 200 pF, g_leak = 10 nS, rate : Hz\r\n  param e_leak=-65 mV; param v_th = -50mV\r\n\
     \tstate  v = e_leak, g_exc = 0 nS, g_inh = 0 nS\r\n  input  g_exc, g_inh\r\n  input i_stim : pA\r\n\
     \ti_syn     = g_exc*(e_exc - v) + g_inh*(e_inh - v)\r\n\
     \tdv/dt     = (g_leak*(e_leak - v) + i_syn + i_stim) / c_m : mV  (unless refractory)\r\n  threshold v >= v_th\r\n\
     \treset     v = e_leak;\r\n  refractory 2 ms\r\n  method exponential_euler\r\n",
    "neuron lif_curr_exp\n param tau_m = 10 ms, tau_syn = 5 ms, c_m = 1 nF, v_rest = -65 mV\n state v = v_rest, i_exc = 0 pA\n input i_exc\n\
     di_exc/dt = -i_exc/tau_syn\n dv/dt = (v_rest - v)/tau_m + i_exc/c_m (unless refractory)\n threshold v > -50 mV\n reset v = v_rest\n refractory t_ref",
    "neuron lif_alpha\n param tau_exc = 0.5 ms\n state v = 0 mV, i_exc = 0 pA, a_exc = 0 pA/ms\n\
     input i_exc -> a_exc * exp(1)/tau_exc (lost while refractory, at start)\n input i_inh -> a_inh (on arrival) : pA, i_x : nA (at start)\n\
     da_exc/dt = -a_exc/tau_exc\n di_exc/dt = a_exc - i_exc/tau_exc\n dv/dt = -v/(10 ms) + i_exc/(250 pF)\n threshold v >= 15 mV\n reset\n   v = 0 mV\n",
    "neuron adex\n param c = 281 pF, g_l = 30 nS, e_l = -70.6 mV, v_t = -50.4 mV, delta_t = 2 mV, tau_w = 144 ms, a = 4 nS, b = 0.0805 nA\n\
     state v = e_l, w = 0 pA\n input i : pA\n dv/dt = (g_l*(e_l - v) + g_l*delta_t*exp((v - v_t)/delta_t) - w + i) / c\n dw/dt = (a*(v - e_l) - w) / tau_w\n\
     threshold v > 0 mV\n reset v = e_l; w += b\n method rk4",
    "neuron izhikevich\n param a = 0.02 /* x */",
    "neuron izhikevich\n param a = 0.02, b = 0.2, c = -65 mV, d = 8\n state v = c, u = b*v/(1 mV)\n input i : 1\n threshold v >= 30 mV\n reset v = c; u += d\n\
     step\n   receive\n   spike\n   v = v + 0.5 ms*(0.04*v*v/(1 mV*1 ms) + 5*v/(1 ms) + (140 - u + i)*(1 mV/(1 ms)))\n   v += 0.5 mV*(0.04*v)\n   u += a*(b*v - u); integrate\n",
    "neuron hodgkin_huxley\n param c_m = 1 uF/cm**2, g_na = 120 mS/cm**2, g_k = 36 mS/cm^2, g_l = 0.3 mS/cm², e_na = 50 mV, e_k = -77 mV, e_l = -54.387 mV\n\
     state v = -65 mV, m = m_inf : 1, h = h_inf, n = 0.3177\n input i_ext : uA/cm**2\n\
     alpha_m = 0.1*exprel(-(v + 40 mV)/(10 mV))/(1 ms)\n beta_m = 4*exp(-(v + 65 mV)/(18 mV)) : 1/ms\n m_inf = alpha_m/(alpha_m + beta_m)\n\
     dm/dt = alpha_m*(1 - m) - beta_m*m\n dh/dt = 0.07 * exp(-(v + 65 mV)/(20 mV))/(1 ms)*(1 - h) - h/(1 ms)/(1 + exp(-(v + 35 mV)/(10 mV)))\n\
     dv/dt = (i_ext - g_na*m**3*h*(v - e_na) - g_k*n^4*(v - e_k) - g_l*(v - e_l)) / c_m\n threshold v > 0 mV\n rearm v < -20 mV\n method rk4",
    "neuron morris_lecar\n param g_ca = 4.4 mS/cm**2, phi = 0.04, v1 = -1.2 mV, v2 = 18 mV\n state v = -60 mV, w = 0.01\n\
     m_ss = 0.5*(1 + tanh((v - v1)/v2))\n tau_w = 1 ms/cosh((v - v3)/(2*v4))\n dv/dt = \\\n   (i - g_ca*m_ss*(v - e_ca)) \\   \n   / c\n\
     dw/dt = phi*(w_ss -\n w)/tau_w\n threshold v > 0 mV\n rearm v < -20 mV",
    "neuron ranges\n param w_max = 2 nS (from 0 nS), w = 1 nS (above 0 nS to w_max), k = 0.5 : 1 (from -1 below 1), n (to 3) : 1, f : Hz (from 0 Hz)",
    "neuron words_of_ranges_are_names_too\n state x = 0\n from = exp(above - 1)\n above = 2*(from + 1)\n dx/dt = -x/(1 ms)",
    "neuron poisson\n param rate : Hz\n threshold rand() < rate*dt",
    "neuron lif_noise\n param sigma = 2 mV, tau = 20 ms\n state v = -70 mV\n dv/dt = -(v + 70 mV)/tau + sigma*sqrt(2/tau)*xi : mV\n threshold v > -50 mV and not (v > inf mV)\n\
     reset v = -70 mV if v < 0 mV else -60 mV\n refractory v > -55 mV || t < 1 s && !true\n method euler_maruyama",
    "neuron glif\n state v = 0 mV, theta = 1 mV\n dtheta / dt = -theta/(100 ms)\n dv/dt = -v/(10 ms) (unless refractory) : mV\n threshold v >= 10 mV + theta\n\
     reset\n  v -= 10 mV\n  theta *= 1.5; theta /= 2\n  theta = min(max(theta, 0 mV), 50 mV)",
    "neuron rate_unit\n param tau = 10 ms, n = 2, k = 1 µM\n state r = 0 : 1\n input drive : 1\n f = x**n/(k**n + x**n) if x > 0 else 0\n dr/dt = (-r + f)/tau\n method heun",
    "synapse static\n param w = 1 nS\n on_pre g_exc += w",
    "synapse graded_chemical\n param g = 1 nS, e = 0 mV\n state s = 0 : 1\n ds/dt = (1/(1 + exp(-(pre.v + 40 mV)/(5 mV))) - s)/(25 ms)\n graded i_syn += g*s*(e - post.v)",
    "synapse stp\n param u0 = 0.5, tau_f = 50 ms, tau_d = 750 ms, w = 1 nA\n state x = 1, u = u0\n dx/dt = (1 - x)/tau_d\n du/dt = (u0 - u)/tau_f\n\
     on_pre\n   u += u0*(1 - u)\n   i_exc += w*u*x\n   x -= u*x",
    "synapse stdp\n param w_max = 1 nS, tau = 20 ms\n state w = 0.5 nS (from 0 nS to w_max), x = 0 : 1 (to 2*(1 + 1)), y = 0 (from -1) : 1\n\
     dx/dt = -x/tau\n on_pre  w -= 0.01*w_max*y; g_exc += w\n on_post w += 0.01*w_max*x\n   y += post.v/(1 mV)\n delay dendritic\n on_pre\n   x += 1 # last",
    "synapse modulated\n param a = 1\n modulator d = 2*a : nM, e : mV, f = 0\n state w = 0 nS (from 0 nS to 1 nS)\n on_post w += 1 nS*d/(1 nM)*f",
    "synapse at_intervals\n param period = 1 s, tau = 20 ms, w_max = 1 nS\n state w = 1 nS (from 0 nS to w_max), x = 0\n dx/dt = -x/tau\n on_pre g += w; x += 1\n\
     every 2*period  w *= 0.5; x = 0\n every 100 ms\n   w = w*w_max/incoming(w)\n   x = 0 if x > 1 else x # last\n every period if w_max > 0 nS else 2 s  w = w_max",
    "synapse names_of_delays\n param axonal = 1, dendritic = 2\n state on_pos = 0\n delay = axonal*2\n on_pre g += delay*on_pos\n on_post on_pos = rand()\n delay axonal",
    "synapse gap\n param g = 0.1 nS\n graded i_gap += g*(pre.v - post.v)\n\nneuron passive\n state v = 0 mV\n input i_gap : pA\n dv/dt = (-v*1 nS + i_gap)/(10 pF)",
    "neuron wide\n param c=1e-12 F , d = 1e9, e_1 = 1e-5 mV, f = inf ms, g = 100 mM, big = 12345678.5, h = 3 mV/ms*nS**-1\n x = --2**-3**2 - -c\n y = (a < b) == (c < d) or (e if f else g) > 1",
    "neuron tricky\n state m = 1, s = 2\n x = 3*m + 2 mV/m - 4 mV*s\n y = (10 mV)**2 + 10 mV**2 + 2**(1 ms) + 10 ms/S(2) + 1 nA*ms\n dm/dt = m/(1 ms) (unless refractory)\n ds/dt = 3/(1 ms) (unless refractory)",
];

#[test]
fn what_is_printed_is_read_back() {
    let mut count = 0;
    for text in MODELS.iter().filter(|t| !t.contains("/*")) {
        for model in good(text) {
            let printed = print(&model);
            let again = good(&printed);
            assert_eq!(again, [model], "{printed}");
            assert_eq!(print(&again[0]), printed);
            count += 1;
        }
    }
    assert!(count >= 15);
}

#[test]
fn printing_is_readable() {
    let text = "neuron lif\n  param c_m = 200 pF\n  param rate : Hz\n  state v = -65 mV : mV\n  input i -> a*(exp(1)/tau)(lost while refractory)\n  input g : nS (at start)\n\
                dv/dt = (g*(e_leak-v)+ i) / c_m:mV(unless refractory)\n  reset v=v_reset;w+=b\n  step\n   receive; v = (v)\n   spike";
    let printed = print(&good(text)[0]);
    insta::assert_snapshot!(printed, @"
    neuron lif
      param c_m = 200 pF
      param rate : Hz
      state v = -65 mV : mV
      input i -> a * exp(1)/tau (lost while refractory)
      input g : nS (at start)
      dv/dt = (g*(e_leak - v) + i)/c_m : mV (unless refractory)
      reset v = v_reset; w += b
      step
        receive
        v = v
        spike
    ");
}

#[test]
fn operators_bind_as_the_table_says() {
    let table = [
        ("a + b*c", "(a + (b * c))"),
        ("a - b - c", "((a - b) - c)"),
        ("a/b*c", "((a / b) * c)"),
        ("a - (b - c)", "(a - (b - c))"),
        ("-x**2", "(-(x ** 2))"),
        ("2**-1", "(2 ** (-1))"),
        ("2**-x*3", "((2 ** (-x)) * 3)"),
        ("2**-x**2", "(2 ** (-(x ** 2)))"),
        ("a**b**c", "(a ** (b ** c))"),
        ("a^b", "(a ** b)"),
        ("-a*b", "((-a) * b)"),
        ("a*-b + c", "((a * (-b)) + c)"),
        ("not a == b", "(not (a == b))"),
        ("not a and not b or c", "(((not a) and (not b)) or c)"),
        ("a or b and c", "(a or (b and c))"),
        ("!a && b || c", "(((not a) and b) or c)"),
        ("a + 1 < b*2", "((a + 1) < (b * 2))"),
        ("a if b else c if d else e", "(a if b else (c if d else e))"),
        ("(a if b else c) if d else e", "((a if b else c) if d else e)"),
        ("a or b if c and d else e + f", "((a or b) if (c and d) else (e + f))"),
        ("f(a, -b if c else d)", "f(a, ((-b) if c else d))"),
        ("10 mV/ms", "[10 {mV/ms}]"),
        ("10 mV/tau", "([10 {mV}] / tau)"),
        ("10 mV/ms**2*nA", "[10 {mV/ms**2*nA}]"),
        ("10 mV*S(2)", "([10 {mV}] * S(2))"),
        ("10 mV^2", "[10 {mV**2}]"),
        ("(10 mV)**2", "([10 {mV}] ** 2)"),
        ("-10 mV**-1", "(-[10 {mV**-1}])"),
        ("1.5e3mV + .5 V", "([1500 {mV}] + [0.5 {V}])"),
        ("inf ms - inf", "([inf {ms}] - inf)"),
        ("10 µm", "[10 {µm}]"),
        ("1 nA·ms", "[1 {nA*ms}]"),
        ("(a)*((b))", "(a * b)"),
    ];
    for (text, tree) in table {
        let e = expr(text);
        assert_eq!(full(&e), tree, "{text}");
        assert_eq!(expr(&print_expr(&e)), e, "{text}");
        // no bracket can be left out: the text without blanks and synonyms is what is printed
        if !text.contains("((") && !text.contains(['^', '!', 'µ', '·', '.']) {
            assert_eq!(print_expr(&e), text.replace("(a)", "a"), "{text}");
        }
    }
    let tree = ExprKind::Binary { operator: Op::Power, left: expr("x").into(), right: expr("2").into() };
    assert!(matches!(expr("-x**2").kind, ExprKind::Unary { operand, .. } if operand.kind == tree));
}

#[test]
fn a_declared_name_is_never_a_unit() {
    let model = good("neuron n\n state m = 1\n x = 2 mV/m\n").remove(0);
    let Item::Let { value, .. } = &model.items[1] else { panic!() };
    assert_eq!(full(value), "([2 {mV}] / m)");
    assert!(read("neuron n\n state m = 1\n x = 2 m\n").is_err());
    // and what stands in a block declares nothing
    let model = good("neuron n\n x = 2 m\n reset\n   m = 1\n").remove(0);
    let Item::Let { value, .. } = &model.items[0] else { panic!() };
    assert_eq!(full(value), "[2 {m}]");
}

#[test]
fn lines_and_blocks() {
    let statements = |text: &str| match &good(text)[0].items[0] {
        Item::Reset { statements, .. } => statements.len(),
        other => panic!("{other:?}"),
    };
    assert_eq!(statements("neuron n\nreset a = 1;; b = 2;\nc = 3"), 2);
    assert_eq!(statements("neuron n\nreset\n a = 1; b = 2\n\n # x\n   c = 3\nd = 4"), 3);
    assert_eq!(statements("neuron n\nreset a = 1\n      b = 2\nd = 4"), 2);
    assert_eq!(statements("neuron n\nreset a = 1\n refractory 2 ms"), 1);
    assert_eq!(good("neuron a\nparam x = 1\nsynapse b\nparam x = 1").len(), 2);
    assert_eq!(good("neuron n\nx = (1\n + 2 # c\n)\ny = 1 \\\n + 2\nz = 1;w = 2;")[0].items.len(), 4);
    let Item::Input { flags, .. } = item("input g (lost while\n refractory, at start)") else { panic!() };
    assert_eq!(flags, [PortFlag::LostWhileRefractory, PortFlag::AtStart]);
    assert!(matches!(item("dv/dt = 1 : mV"), Item::Equation { unless_refractory: false, unit: Some(_), .. }));
    assert!(matches!(item("dv / dt = a (unless refractory)"), Item::Equation { unless_refractory: true, unit: None, .. }));
}

#[test]
fn caps_hold() {
    let code = |text: &str| read(text).err().and_then(|r| r.diagnostics.first().map(|d| d.code)).unwrap_or("fine");
    let sum = |n: usize| format!("neuron n\nx = 1{}", "+1".repeat(n));
    assert_eq!(code(&sum(255)), "fine");
    assert_eq!(code(&sum(256)), "E019");
    assert_eq!(code(&sum(100_000)), "E019");
    let nested = |n: usize| format!("neuron n\nx = {}1{}", "(".repeat(n), ")".repeat(n));
    assert_eq!(code(&nested(64)), "fine");
    assert_eq!(code(&nested(65)), "E019");
    assert_eq!(code(&nested(100_000)), "E019");
    for sign in ["-", "not ", "2**", "exp(", "1 if true else "] {
        assert_eq!(
            code(&format!("neuron n\nx = {}1{}", sign.repeat(64), if sign == "exp(" { ")".repeat(64) } else { "".into() })),
            "fine"
        );
        assert_eq!(code(&format!("neuron n\nx = {}1", sign.repeat(20_000 / sign.len()))), "E019", "{sign}");
    }
    let long = |n: usize| format!("neuron n\nx = {}", vec!["a".repeat(64); n].join(" + "));
    assert_eq!(code(&long(62)), "fine");
    assert_eq!(code(&long(64)), "E019");
    assert_eq!(code(&format!("neuron n\n{}", "x = 1\n".repeat(1000))), "fine");
    assert_eq!(code(&format!("neuron n\n{}", "x = 1\n".repeat(1001))), "E019");
    assert_eq!(code(&format!("neuron n\nreset\n{}", " x = 1\n".repeat(1001))), "E019");
    assert_eq!(code(&" ".repeat(MAX_TEXT + 1)), "E019");
    assert_eq!(code(&format!("neuron {}", "n".repeat(65))), "E010");
    // as many problems as can be: still quick to find and to show
    let report = read(&"@\n".repeat(MAX_TEXT / 2)).unwrap_err();
    assert_eq!(report.diagnostics.len(), MAX_PROBLEMS + 1);
    let many = "param x = 3\ny = 1 foo\n".replace('x', "abcdef");
    assert_eq!(read(&format!("neuron n\n{}", many.repeat(9_000))).unwrap_err().diagnostics.len(), MAX_PROBLEMS + 1);
    // an unclosed bracket at the start of a long text is looked at once
    assert_eq!(code(&format!("neuron n\nx = (1 + \n{}", "2 +\n".repeat(60_000))), "E019");
}

#[test]
fn the_largest_trees_are_read_back() {
    for inner in ["a^a^a^a", "!a", "a - b", "-a", "a if b else c"] {
        for n in [1, 20, 60] {
            let text = format!("neuron n\nx = {}{inner}{}", "(a*(".repeat(n / 2), "))".repeat(n / 2));
            let model = good(&text).remove(0);
            assert_eq!(good(&print(&model)), [model]);
        }
    }
    let model = good(&format!("neuron n\nx = a{}", "^a".repeat(64))).remove(0);
    assert_eq!(good(&print(&model)), [model]);
}

#[test]
fn no_text_panics() {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = |n: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % n.max(1) as u64) as usize
    };
    const PIECES: &[&str] = &[
        "(",
        ")",
        "**",
        "-",
        "+",
        "*",
        "/",
        ":",
        ";",
        ",",
        "=",
        "==",
        "<",
        "->",
        "\n",
        "\n  ",
        "\\\n",
        "\t",
        "'",
        "\"",
        "#",
        "if ",
        " else ",
        "not ",
        "and",
        "unless refractory",
        "(unless",
        " ms",
        "mV",
        "µ",
        "²",
        "\u{301}",
        "é",
        "τ",
        "а",
        "∞",
        "1",
        "1e999",
        ".",
        "..5",
        "1.2.3",
        "e",
        "dv/dt",
        "d",
        "step",
        "reset",
        "neuron ",
        "inf",
        "pre.",
        "\0",
        "\r",
        "🦀",
        "//",
        "&&",
        "|",
        "!",
        "lost while",
        "at start",
        "on_post ",
        "every ",
        "delay ",
        "(from 0 to ",
        "99999999999999999999",
        "m",
        "{",
        "≥",
    ];
    let mut fine = 0;
    for round in 0..20_000 {
        let mut text: Vec<char> = MODELS[round % MODELS.len()].chars().collect();
        for _ in 0..=random(3) {
            let at = random(text.len());
            match random(5) {
                0 => drop(text.drain(at..(at + random(8)).min(text.len()))),
                1 => text.insert(at, char::from_u32(random(0x3000) as u32).unwrap_or(' ')),
                2 => {
                    let other: Vec<char> = text[at..(at + random(30)).min(text.len())].to_vec();
                    let to = random(text.len());
                    text.splice(to..to, other);
                }
                3 => text.truncate(at),
                _ => drop(text.splice(at..at, PIECES[random(PIECES.len())].chars())),
            }
        }
        let text: String = text.into_iter().collect();
        match read(&text) {
            // and what is still a model obeys the law
            Ok(models) => {
                fine += 1;
                for model in models {
                    let printed = print(&model);
                    assert_eq!(read(&printed).unwrap_or_else(|r| panic!("{r}\n{text}\n{printed}")), [model], "{text}\n{printed}");
                }
            }
            Err(report) => {
                assert!(!report.diagnostics.is_empty());
                if round % 20 == 0 {
                    assert!(!report.to_string().is_empty());
                }
            }
        }
    }
    assert!(fine > 100, "{fine}");
}
