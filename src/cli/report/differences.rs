//! What two records of runs say differently: of the description value by value, of the rest what changes results.

use std::collections::BTreeMap;

use serde_json::Value;

/// Rows of what is different, and how many values are the same.
pub fn of(a: &Value, b: &Value) -> (Vec<[String; 3]>, usize) {
    let (a, b) = (flat(a), flat(b));
    let keys: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
    let (mut rows, mut same) = (Vec::new(), 0);
    for key in keys {
        match (a.get(key), b.get(key)) {
            (Some(x), Some(y)) if x == y => same += 1,
            (x, y) => {
                let said = |value: Option<&String>| value.map_or_else(|| "-".to_string(), String::clone);
                rows.push([key.clone(), said(x), said(y)]);
            }
        }
    }
    (rows, same)
}

/// By address: those of the network as `--set` calls them.
fn flat(record: &Value) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    for key in ["version", "engine", "adapter", "precision", "duration_ms"] {
        if let Some(value) = record.get(key) {
            out.insert(format!("({})", key.trim_end_matches("_ms")), written(value));
        }
    }
    let network = &record["description"];
    let lists = ["population", "projection", "stimulus", "probe", "input", "output"];
    for (key, value) in network.as_object().into_iter().flatten() {
        if !lists.contains(&key.as_str()) && !["name", "description"].contains(&key.as_str()) {
            walk(key, value, &mut out);
        }
    }
    for list in lists {
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        for item in network[list].as_array().into_iter().flatten() {
            let mut name = name_of(list, item);
            let again = seen.entry(name.clone()).or_insert(0);
            *again += 1;
            if *again > 1 {
                name += &format!(" #{again}");
            }
            for (key, value) in item.as_object().into_iter().flatten().filter(|(key, _)| *key != "name") {
                match value {
                    // as addresses have it: exc.v_th
                    Value::Object(own) if key == "parameters" => {
                        own.iter().for_each(|(parameter, value)| walk(&format!("{name}.{parameter}"), value, &mut out));
                    }
                    value => walk(&format!("{name}.{key}"), value, &mut out),
                }
            }
        }
    }
    out
}

fn name_of(list: &str, item: &Value) -> String {
    let text = |key: &str| item[key].as_str().unwrap_or_default().to_string();
    match (text("name"), list) {
        (name, _) if !name.is_empty() => name,
        (_, "projection") => format!("{} -> {}", text("source"), text("target")),
        (_, "stimulus") => format!("stimulus of {}.{}", text("target"), text("input")),
        (_, "probe") => {
            let of = if item["population"].is_string() { text("population") } else { text("projection") };
            format!("probe of {of}.{}", text("record"))
        }
        (_, list) => list.to_string(),
    }
}

fn walk(address: &str, value: &Value, out: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(own) => own.iter().for_each(|(key, value)| walk(&format!("{address}.{key}"), value, out)),
        value => drop(out.insert(address.to_string(), written(value))),
    }
}

/// A value as a file has it, long lists shortened.
pub fn written(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(own) => {
            let parts: Vec<String> = own.iter().map(|(key, value)| format!("{key} {}", written(value))).collect();
            parts.join(", ")
        }
        Value::Array(all) if all.len() > 8 => {
            let first: Vec<String> = all.iter().take(4).map(written).collect();
            format!("[{}, ... {} in all]", first.join(", "), all.len())
        }
        Value::Array(all) => format!("[{}]", all.iter().map(written).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_named_by_its_address() {
        let record = |v_th: &str, second: &str| {
            serde_json::json!({ "version": "1", "engine": "cpu", "description": { "name": "n", "seed": 1, "population":
                [{ "name": "exc", "size": 3, "parameters": { "v_th": v_th } }], "projection": [
                { "source": "exc", "target": "exc", "weight": "1 nS" }, { "source": "exc", "target": "exc", "weight": second }] } })
        };
        let (rows, same) = of(&record("-50 mV", "2 nS"), &record("-49 mV", "3 nS"));
        let row = |what: &str, a: &str, b: &str| [what.to_string(), a.into(), b.into()];
        assert_eq!(rows, [row("exc -> exc #2.weight", "2 nS", "3 nS"), row("exc.v_th", "-50 mV", "-49 mV")]);
        assert_eq!(same, 9);
        let mut lacks = record("-50 mV", "2 nS");
        lacks["description"]["population"][0]["parameters"] = serde_json::json!({});
        assert_eq!(of(&lacks, &record("-50 mV", "2 nS")).0, [row("exc.v_th", "-", "-50 mV")]);
        let many = serde_json::json!([1, 2, 3, 4, 5, 6, 7, 8, 9]);
        assert_eq!(written(&many), "[1, 2, 3, 4, ... 9 in all]");
    }
}
