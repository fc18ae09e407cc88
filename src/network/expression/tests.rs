use super::*;

const ROW: &[(&str, Dimension)] =
    &[("i", Dimension::NONE), ("n", Dimension::NONE), ("tau_m", Dimension::TIME), ("x", Dimension::LENGTH), ("m", Dimension::NONE)];
const PAIR: &[(&str, Dimension)] = &[
    ("i", Dimension::NONE),
    ("j", Dimension::NONE),
    ("d", Dimension::LENGTH),
    ("pre.x", Dimension::LENGTH),
    ("post.tau", Dimension::TIME),
];

fn value(text: &str, names: &[(&str, Dimension)], dimension: Dimension, values: &[f64]) -> f64 {
    let read = Expression::number(text, names, dimension).unwrap();
    assert_eq!(read.dimension(), dimension, "{text}");
    read.evaluate(values)
}

fn said(text: &str, dimension: Dimension) -> String {
    let error = Expression::number(text, ROW, dimension).unwrap_err();
    format!("{} {}{}", error.code, error.message, error.help.map_or(String::new(), |help| format!("; {help}")))
}

#[test]
fn what_people_write_has_its_value() {
    let row = [3.0, 4.0, 20.0, 10.0, 2.0];
    assert_eq!(value("2*10 Hz", ROW, Dimension::RATE, &row), 0.02);
    assert_eq!(value("tau_m/2", ROW, Dimension::TIME, &row), 10.0);
    assert_eq!(value("-65 mV + 15 mV*i/n", ROW, Dimension::VOLTAGE, &row), -65.0 + 45.0 / 4.0);
    assert_eq!(value("8 mV if i >= n/2 and not i == 3 else -(2 mV)", ROW, Dimension::VOLTAGE, &row), -2.0);
    assert_eq!(value("int(i < 5)*m", ROW, Dimension::NONE, &row), 2.0);
    assert_eq!(value("0", ROW, Dimension::VOLTAGE, &row), 0.0);
    assert_eq!(value("sin(2*pi*x/(0.4 mm))", ROW, Dimension::NONE, &row), libm::sin(2.0 * std::f64::consts::PI * 10.0 / 40.0));
    // from halfway to the even one; the largest number below a half is below it
    for (x, whole) in
        [(2.5, 2.0), (3.5, 4.0), (-0.5, 0.0), (-1.5, -2.0), (-2.5, -2.0), (2.4, 2.0), (-2.6, -3.0), (0.499_999_999_999_999_94, 0.0)]
    {
        assert_eq!(value("round(i)", ROW, Dimension::NONE, &[x, 0.0, 0.0, 0.0, 0.0]), whole, "{x}");
    }
    // 10 µm is the unit of length: 200 um are 20
    let pair = [1.0, 2.0, 5.0, 7.0, 4.0];
    assert_eq!(value("exp(-d/(200 um))", PAIR, Dimension::NONE, &pair), libm::exp(-5.0 / 20.0));
    // 0.35 m/s are 0.35·1e5/1e3 = 35 of 10 µm in a ms
    assert_eq!(value("1 ms + d/(0.35 m/s)", PAIR, Dimension::TIME, &pair), 1.0 + 5.0 / 35.0);
    assert_eq!(value("post.tau*(pre.x/d)**2", PAIR, Dimension::TIME, &pair), 4.0 * (7.0 / 5.0 * (7.0 / 5.0)));
    let condition = Expression::condition("d < 60 um and i != j", PAIR).unwrap();
    assert_eq!((condition.evaluate(&pair), condition.is_condition()), (1.0, true));
    assert_eq!(Expression::read("2*10 Hz", &[]).unwrap().constant(), Some(0.02));
    assert_eq!(Expression::read("i + x/x", ROW).unwrap().uses(), [0, 3]);
}

#[test]
fn a_name_is_never_a_unit() {
    // `m` is a name here, so it cannot be a metre
    assert_eq!(
        said("2 m", Dimension::LENGTH),
        "E083 in `2 m`: an operator is missing between `2` and `m`; for a product write `2*m`"
    );
    assert_eq!(Expression::read("2 m", PAIR).unwrap().constant(), Some(2e5));
}

#[test]
fn many_rows_are_the_same_to_the_bit_as_one_each() {
    let text = "exp(-x/(0.1 mm))*sqrt(i + 1)*(tau_m if i < 300 else 2*tau_m)/(1 ms) + max(i, n)**1.5";
    let read = Expression::number(text, ROW, Dimension::NONE).unwrap();
    let (i, x): (Vec<f64>, Vec<f64>) = (0..777).map(|k| (f64::from(k), f64::from(k) * 0.37)).unzip();
    let mut out = vec![0.0; 777];
    let columns = [Values::Rows(&i), Values::One(777.0), Values::One(20.0), Values::Rows(&x), Values::One(f64::NAN)];
    read.fill(&columns, &mut out, &mut Scratch::default());
    for (k, found) in out.iter().enumerate() {
        let one = read.evaluate(&[i[k], 777.0, 20.0, x[k], f64::NAN]);
        assert_eq!(found.to_bits(), one.to_bits(), "row {k}");
    }
}

#[test]
fn what_is_wrong_is_said_with_help() {
    assert_eq!(said("2*10 Hz", Dimension::TIME), "E084 `2*10 Hz`: expected ms, found kHz");
    assert_eq!(said("x", Dimension::TIME), "E084 `x`: expected ms, found um");
    assert_eq!(
        said("5 mV + tau_m", Dimension::VOLTAGE),
        "E084 in `5 mV + tau_m`: the two sides of `+` differ in dimension: mV and ms"
    );
    assert_eq!(said("tau_n/2", Dimension::TIME), "E083 in `tau_n/2`: unknown name `tau_n`; did you mean `tau_m`?");
    assert_eq!(
        said("phase*2", Dimension::NONE),
        "E083 in `phase*2`: unknown name `phase`; here there are `i`, `m`, `n`, `tau_m`, `x`"
    );
    assert_eq!(
        said("pre.x", Dimension::LENGTH),
        "E083 in `pre.x`: unknown name `pre.x`; here there are `i`, `m`, `n`, `tau_m`, `x`"
    );
    assert_eq!(said("t", Dimension::TIME), "E083 in `t`: `t` has no value here");
    assert_eq!(
        said("i + rand()", Dimension::NONE),
        "E083 in `i + rand()`: `rand()` cannot stand in a value, at `rand`; what is drawn is a distribution, such as `{ uniform = [0, 1] }`"
    );
    assert_eq!(said("2*(3 + i", Dimension::NONE), "E083 in `2*(3 + i`: this bracket is never closed, at `(`");
    assert_eq!(said("2*", Dimension::NONE), "E083 in `2*`: expected a value after `*`, found the end");
    assert_eq!(
        said("exp(tau_m)", Dimension::NONE),
        "E084 in `exp(tau_m)`: `exp` takes a pure number, and this is in ms, at `tau_m`; divide by a quantity in ms"
    );
    assert_eq!(said("sine(i)", Dimension::NONE), "E083 in `sine(i)`: unknown function `sine`; did you mean `sin`?");
    assert!(said("i > 3", Dimension::NONE).starts_with("E084 in `i > 3`: a number belongs here, and this is a condition; `int("));
    assert!(said("", Dimension::NONE).starts_with("E083"));
    let long = format!("1{}", "+1".repeat(100_000));
    assert!(said(&long, Dimension::NONE).starts_with("E083"));
    let deep = format!("{}1", "(".repeat(10_000));
    assert!(said(&deep, Dimension::NONE).starts_with("E083"));
    let number = Expression::condition("i + 1", ROW).unwrap_err();
    assert_eq!(number.message, "in `i + 1`: a condition belongs here, and this is a number");
}
