//! Values in files: read, written, read again.

use super::*;
use crate::units::Quantity;

fn json(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|e| e.to_string())
}

#[test]
fn every_kind_reads_and_writes_back() {
    let all: Vec<Value> = vec![
        5.into(),
        "-65 mV".into(),
        Value::Number(f64::INFINITY),
        vec![1.0, 2.5].into(),
        uniform("-60 mV", "-50 mV").into(),
        normal("1.5 ms", "0.75 ms").min("0.1 ms").clip().into(),
        lognormal("1 nS", 0.5).max("9 nS").into(),
        choice(["1 mV", "2 mV"], [0.25, 0.75]).into(),
        Distribution::Numbers { of: vec![-59.620253164556964, 0.1, 1e300], unit: Some("nS".into()) }.into(),
        Distribution::Numbers { of: Vec::new(), unit: None }.into(),
        Distribution::Column { file: Some("w.csv".into()), column: "w".into(), unit: Some("nS".into()) }.into(),
        matrix([vec![1.0, 2.0], vec![0.0, 3.5]], "mV").into(),
    ];
    for value in all {
        let text = serde_json::to_string(&value).unwrap();
        assert_eq!(json(&text).unwrap(), value, "{text}");
    }
}

#[test]
fn laws_and_lists_read_and_write_back() {
    let all: Vec<Value> = vec![
        gamma(2.0, "5 ms").max("50 ms").into(),
        exponential("a/2").min("1 ms").clip().into(),
        poisson(3.5).times("2 nS").into(),
        binomial(10.0, 0.25).into(),
        randint(0, "n").into(),
        von_mises(0.0, 2.5).into(),
        linspace("-60 mV", "-50 mV").into(),
        range("0 pA", "100 pA", "10 pA").into(),
        repeat(["1 mV", "2 mV"]).into(),
        each([1.0, 2.0]).into(),
    ];
    for value in all {
        let text = serde_json::to_string(&value).unwrap();
        assert_eq!(json(&text).unwrap(), value, "{text}");
    }
    assert_eq!(serde_json::to_string(&Value::from(gamma(2.0, "5 ms"))).unwrap(), r#"{"gamma":{"shape":2.0,"scale":"5 ms"}}"#);
    assert!(json(r#"{"range": [1, 2]}"#).unwrap_err().contains("`range` has a first value, one that it ends before, and a step"));
    assert!(json(r#"{"linspace": [1, 2, 3]}"#).unwrap_err().contains("`linspace` has two values, found 3"));
}

#[test]
fn what_is_no_value_is_said() {
    assert_eq!(
        json(r#"{"unifrom": [0, 1]}"#).unwrap_err(),
        "unknown field `unifrom`, expected one of `uniform`, `normal`, `lognormal`, `gamma`, `exponential`, `poisson`, `binomial`, `randint`, `von_mises`, `linspace`, `range`, `repeat`, `each`, `choice`, `column`, `matrix`, `numbers`, `except` at line 1 column 10"
    );
    assert!(json(r#"{"normal": {"mean": 1, "std": 2}}"#).unwrap_err().contains("unknown field `std`"));
    assert!(json(r#"{"uniform": [1, 2], "normal": 3}"#).unwrap_err().contains("a distribution has one key"));
    assert!(json(r#"{"uniform": [1, 2, 3]}"#).is_err());
    assert!(json("{}").is_err());
    assert!(json("true").unwrap_err().contains("expected a number, a text such as"));
}

#[test]
fn quantities_become_texts_that_give_them_back() {
    use crate::units::{Dimension, constants::*};
    let long = Quantity { value: 1e-3, dimension: Dimension::LENGTH };
    let odd = Quantity { value: 2.5e-300, dimension: Dimension::VOLTAGE.times(Dimension::NOISE) };
    for quantity in [-65.0 * MV, 0.1 * US, 0.1 * NA, 1.0 / 3.0 * HZ, 1e300 * MS, long, odd, -0.0 * MS] {
        let Value::Text(text) = Value::from(quantity) else { panic!("{quantity:?}") };
        assert_eq!(Quantity::parse(&text).unwrap(), quantity, "{text}");
    }
    assert_eq!(Value::from(-65.0 * MV), Value::from("-65 mV"));
    assert_eq!(Value::from(vec![1.0 * NA]), Value::List(vec!["1000 pA".into()]));
}
