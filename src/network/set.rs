//! Changes by name, as the command line asks for them: `exc.v_th=-49 mV`, `seed=3`.
//!
//! In: a key and a text. Out: the changed description, or what could have been meant. Not here: whether the new value is
//! possible, which `check` says as of any other.
//!
//! | code | what is wrong |
//! | --- | --- |
//! | E046 | there is nothing of that name |
//! | E047 | the text is no value |

use serde::Deserialize;

use super::{Network, Population, Projection, Value};
use crate::diagnostic::{Diagnostic, Report, Source};
use crate::units::nearest;

impl Network {
    /// Changes one value: `dt`, `duration`, `seed`; `POPULATION.size`, `.model`, `.method`, `.PARAMETER`,
    /// `.initial.STATE`; `PROJECTION.weight`, `.delay`, `.PARAMETER`.
    ///
    /// ```
    /// # use synfire::network::Network;
    /// let mut net = Network::new("one");
    /// net.population("exc", "lif", 10);
    /// net.set("exc.v_th", "-49 mV").unwrap();
    /// net.set("seed", "3").unwrap();
    /// assert_eq!(net.seed, Some(3));
    /// ```
    pub fn set(&mut self, key: &str, text: &str) -> Result<(), Report> {
        self.set_by(key, text, &format!("--set \"{}={}\"", key.trim(), text.trim()))
    }

    /// The same; `asked` is what messages call it, such as `--dt "0.05 ms"`.
    pub fn set_by(&mut self, key: &str, text: &str, asked: &str) -> Result<(), Report> {
        let (key, text) = (key.trim(), text.trim());
        self.change(key, text).map_err(|d| Report { source: Source::default(), diagnostics: vec![d] })?;
        self.origin.changed(key, text, asked.to_string());
        Ok(())
    }

    fn change(&mut self, key: &str, text: &str) -> Result<(), Diagnostic> {
        match key {
            "dt" => self.dt = Some(value(key, text)?),
            "duration" => self.duration = Some(value(key, text)?),
            "seed" => self.seed = Some(whole(key, text)?),
            _ => return self.change_part(key, text),
        }
        Ok(())
    }

    fn change_part(&mut self, key: &str, text: &str) -> Result<(), Diagnostic> {
        // names may hold points (`L2.3e`), so the longest name that fits is meant
        let fits = |name: &str| key.strip_prefix(name).and_then(|rest| rest.strip_prefix('.')).map(|_| name.len());
        let population = longest(self.populations.iter().map(|p| fits(&p.name)));
        let projection = longest(self.projections.iter().map(|p| fits(&title(p))));
        match (population, projection) {
            (Some((length, place)), other) if other.is_none_or(|(l, _)| l <= length) => {
                change_population(&mut self.populations[place], key, &key[length + 1..], text)
            }
            (_, Some((length, place))) => change_projection(&mut self.projections[place], key, &key[length + 1..], text),
            _ => Err(self.nothing_named(key)),
        }
    }

    fn nothing_named(&self, key: &str) -> Diagnostic {
        let projections: Vec<String> = self.projections.iter().map(title).collect();
        let names: Vec<&str> =
            self.populations.iter().map(|p| p.name.as_str()).chain(projections.iter().map(String::as_str)).collect();
        let head = key.rsplit_once('.').map_or(key, |(head, _)| head);
        let message = format!("`{key}`: nothing of that name; there are `dt`, `duration`, `seed`{}", tail(&names));
        let near = nearest(head, names.iter().copied().chain(["dt", "duration", "seed"]));
        Diagnostic::new("E046", message).did_you_mean(near)
    }
}

/// `, and NAME.key for the names ...`
fn tail(names: &[&str]) -> String {
    const SHOWN: usize = 12;
    if names.is_empty() {
        return String::new();
    }
    let list: Vec<String> = names.iter().take(SHOWN).map(|n| format!("`{n}`")).collect();
    let more = if names.len() > SHOWN { format!(" and {} more", names.len() - SHOWN) } else { String::new() };
    format!(", and `NAME.key` for {}{more}", list.join(", "))
}

fn longest(fits: impl Iterator<Item = Option<usize>>) -> Option<(usize, usize)> {
    fits.enumerate().filter_map(|(place, length)| Some((length?, place))).min_by_key(|(length, _)| std::cmp::Reverse(*length))
}

/// The given name, else `source -> target`.
fn title(projection: &Projection) -> String {
    if projection.name.is_empty() { format!("{} -> {}", projection.source, projection.target) } else { projection.name.clone() }
}

fn change_population(part: &mut Population, key: &str, field: &str, text: &str) -> Result<(), Diagnostic> {
    match field {
        "size" => {
            part.size = Some(whole(key, text)?);
            part.shape.clear();
        }
        "method" => part.method = Some(text.to_string()),
        "model" => part.model = text.to_string(),
        "" => {
            return Err(Diagnostic::new(
                "E046",
                format!("`{key}`: a parameter, `size`, `method` or `model` is expected after the point"),
            ));
        }
        _ => {
            match field.strip_prefix("initial.") {
                Some(state) => part.initial.insert(state.to_string(), value(key, text)?),
                None => part.parameters.insert(field.to_string(), value(key, text)?),
            };
        }
    }
    Ok(())
}

fn change_projection(part: &mut Projection, key: &str, field: &str, text: &str) -> Result<(), Diagnostic> {
    match field {
        "weight" => part.weight = Some(value(key, text)?),
        "delay" => part.delay = Some(value(key, text)?),
        _ if part.synapse.is_some() && !field.is_empty() => {
            part.parameters.insert(field.to_string(), value(key, text)?);
        }
        _ => {
            let d = Diagnostic::new("E046", format!("`{key}`: a projection has `weight` and `delay`, not `{field}`"));
            return Err(d.did_you_mean(nearest(field, ["weight", "delay"].into_iter())));
        }
    }
    Ok(())
}

fn whole(key: &str, text: &str) -> Result<u64, Diagnostic> {
    text.parse().map_err(|_| Diagnostic::new("E047", format!("`{key}`: expected a whole number, got `{text}`")))
}

/// A number, a quantity, or a list or distribution as it would stand in a TOML file.
fn value(key: &str, text: &str) -> Result<Value, Diagnostic> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Line {
        value: Value,
    }
    if text.is_empty() {
        return Err(Diagnostic::new("E047", format!("`{key}`: expected a value")));
    }
    if let Ok(x) = text.parse::<f64>() {
        return Ok(Value::Number(x));
    }
    if !text.starts_with(['[', '{', '"', '\'']) {
        return Ok(Value::Text(text.to_string()));
    }
    match toml::from_str::<Line>(&format!("value = {text}")) {
        Ok(line) => Ok(line.value),
        Err(e) => Err(Diagnostic::new("E047", format!("`{key}`: `{text}` is no value: {}", e.message().trim_end()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Connector;
    use crate::network::value::uniform;

    fn net() -> Network {
        let mut net = Network::new("net");
        net.population("exc", "lif", 10);
        net.population("exc.deep", "lif", 10);
        net.project("exc", "exc", "g", Connector::AllToAll).named("loop");
        net.project("exc", "exc.deep", "g", Connector::AllToAll);
        net
    }

    #[test]
    fn values_are_changed_by_name() {
        let mut net = net();
        for (key, text) in [
            ("dt", "0.05 ms"),
            ("seed", "7"),
            ("exc.v_th", "-49 mV"),
            ("exc.size", "20"),
            ("exc.method", "rk4"),
            ("exc.initial.v", "{ uniform = [\"-60 mV\", \"-50 mV\"] }"),
            ("exc.deep.n", "3"),
            ("loop.weight", "2 nS"),
            ("exc -> exc.deep.delay", "[\"1 ms\"]"),
        ] {
            net.set(key, text).unwrap_or_else(|report| panic!("{report}"));
        }
        assert_eq!((net.dt, net.seed), (Some("0.05 ms".into()), Some(7)));
        let exc = &net.populations[0];
        assert_eq!((exc.size, exc.method.as_deref()), (Some(20), Some("rk4")));
        assert_eq!(exc.parameters["v_th"], "-49 mV".into());
        assert_eq!(exc.initial["v"], uniform("-60 mV", "-50 mV").into());
        assert_eq!(net.populations[1].parameters["n"], Value::Number(3.0));
        assert_eq!(net.projections[0].weight, Some("2 nS".into()));
        assert_eq!(net.projections[1].delay, Some(["1 ms"].into()));
    }

    #[test]
    fn what_is_not_there_is_said() {
        let said = |key: &str, text: &str| net().set(key, text).unwrap_err().to_string().replace("\n  --> net", "");
        assert_eq!(
            said("exo.v_th", "1 mV"),
            "error[E046]: `exo.v_th`: nothing of that name; there are `dt`, `duration`, `seed`, and `NAME.key` for `exc`, `exc.deep`, `loop`, `exc -> exc.deep`\n  help: did you mean `exc`?"
        );
        assert_eq!(
            said("loop.weigth", "1 nS"),
            "error[E046]: `loop.weigth`: a projection has `weight` and `delay`, not `weigth`\n  help: did you mean `weight`?"
        );
        assert_eq!(said("seed", "-1"), "error[E047]: `seed`: expected a whole number, got `-1`");
        assert_eq!(said("dt", ""), "error[E047]: `dt`: expected a value");
        assert_eq!(said("exc.", "1"), "error[E046]: `exc.`: a parameter, `size`, `method` or `model` is expected after the point");
        assert!(said("dt", "[1").starts_with("error[E047]: `dt`: `[1` is no value: "));
        assert!(said("dt", "[1]\nvalue2 = 3").starts_with("error[E047]: "));
    }
}
