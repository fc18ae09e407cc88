//! Changes by name, as the command line asks for them: `exc.v_th=-49 mV`, `exc[3].v_th=-48 mV`, `seed=3`.
//!
//! In: an [`Address`] and a value. Out: the changed description, or what could have been meant. Not here: whether the new value
//! is possible, which `check` says as of any other.
//!
//! | code | what is wrong |
//! | --- | --- |
//! | E046 | the part has nothing of that name |
//! | E047 | the text is no value |
//! | E053 | rows in brackets where there is one value for all |

use std::collections::BTreeMap;

use serde::Deserialize;

use super::address::{Address, CONSTANTS, Kind, SPACE};
use super::inside;
use super::slot::Slot;
use super::value::Distribution;
use super::value::Exception;
use super::which::Which;
use super::{EdgeStorage, Network, Population, Projection, Stimulus, Value, Waveform};
use crate::diagnostic::{Diagnostic, Report, Source};
use crate::units::nearest;

impl Network {
    /// Changes one value by its address ([`crate::guide::addresses`] has the grammar and all keys): `dt`, `duration`, `seed`,
    /// `constants.NAME`, `space.periodic.x`; `POPULATION.PARAMETER`, `.initial.STATE`, `.size`, `.shape`, `.model`, `.method`,
    /// `.positions.KEY`, `.spike_times.KEY`, and numbers inside laws, `POPULATION.PARAMETER.normal.sd`; `PROJECTION.weight`, `.delay`,
    /// `.PARAMETER`, `.connector.KEY`; `STIMULUS.start`, `.stop` and the values of its waveform; `input NAME.scale`, `.offset`;
    /// `output NAME.scale`, `.offset`; `probe NAME.every`. With rows in brackets, `POPULATION[0..3,7].PARAMETER`, only these
    /// change.
    ///
    /// ```
    /// # use synfire::network::Network;
    /// let mut net = Network::new("one");
    /// net.population("exc", "lif", 10);
    /// net.set("exc.v_th", "-49 mV").unwrap();
    /// net.set("exc[3].v_th", "-48 mV").unwrap();
    /// net.set("seed", "3").unwrap();
    /// assert_eq!(net.seed, Some(3));
    /// ```
    ///
    /// **Errors** nothing of that name, a name that fits two parts, a text that is no value.
    pub fn set(&mut self, key: &str, text: &str) -> Result<(), Report> {
        self.set_by(key, text, &format!("--set \"{}={}\"", key.trim(), text.trim()))
    }

    /// The same; `asked` is what messages call it, such as `--dt "0.05 ms"`.
    ///
    /// **Errors** as [`Network::set`].
    pub fn set_by(&mut self, key: &str, text: &str, asked: &str) -> Result<(), Report> {
        let (key, text) = (key.trim(), text.trim());
        if key == "seed" {
            // it may be larger than a number that is no integer holds exactly
            let seed = text.parse().map_err(|_no_number| {
                let d = Diagnostic::new("E047", format!("`seed`: expected a whole number, got `{text}`"));
                d.help("from 0 to 18446744073709551615, such as `seed = 1`")
            });
            self.seed = Some(seed.map_err(alone)?);
        } else {
            let address = Address::parse(key, self).map_err(alone)?;
            let value = value_of(key, text).map_err(alone)?;
            self.put(&address, value)?;
        }
        self.origin.changed(key, text, asked.to_string());
        Ok(())
    }

    /// Changes one value.
    ///
    /// **Errors** a part that has no such key, a value of another kind, rows where there is one value for all.
    pub fn put(&mut self, address: &Address, value: Value) -> Result<(), Report> {
        self.change(address, value).map_err(alone)
    }

    fn change(&mut self, address: &Address, value: Value) -> Result<(), Diagnostic> {
        if let Kind::Network = address.kind {
            if let Some(name) = address.field.strip_prefix(CONSTANTS) {
                if self.origin.spent(name) {
                    let message = format!("`{address}`: sizes or numbers of the file followed from it when it was read");
                    let help = "change it while reading: `Network::load_changed`, or `--set` of the command";
                    return Err(Diagnostic::new("E046", message).help(help));
                }
                if let Some(constant) = self.constants.get_mut(name) {
                    return fill(address, Slot::One(constant), value);
                }
            }
            if let Some(way) = address.field.strip_prefix(SPACE) {
                return inside::change(&mut self.space, way, address, value);
            }
            let slots = vec![
                ("dt", Slot::Maybe(&mut self.dt)),
                ("duration", Slot::Maybe(&mut self.duration)),
                ("seed", Slot::MaybeWhole(&mut self.seed)),
            ];
            return put(address, slots, value);
        }
        let Some(place) = address.place(self) else {
            let names = address.kind.names(self);
            let near = nearest(&address.name, names.iter().map(String::as_str));
            let message = format!("`{address}`: there is no {} `{}`", address.kind.word(), address.name);
            return Err(Diagnostic::new("E046", message).did_you_mean(near));
        };
        match address.kind {
            Kind::Network => Ok(()),
            Kind::Population => change_population(&mut self.populations[place], address, value),
            Kind::Projection => change_projection(&mut self.projections[place], address, value),
            Kind::Stimulus => change_stimulus(&mut self.stimuli[place], address, value),
            Kind::Input => {
                let input = &mut self.inputs[place];
                put(address, vec![("scale", Slot::One(&mut input.scale)), ("offset", Slot::Maybe(&mut input.offset))], value)
            }
            Kind::Output => {
                let output = &mut self.outputs[place];
                put(address, vec![("scale", Slot::Maybe(&mut output.scale)), ("offset", Slot::Maybe(&mut output.offset))], value)
            }
            Kind::Probe => {
                let probe = &mut self.probes[place];
                let slots = vec![
                    ("every", Slot::Maybe(&mut probe.every)),
                    ("start", Slot::Maybe(&mut probe.start)),
                    ("stop", Slot::Maybe(&mut probe.stop)),
                    ("offset", Slot::Maybe(&mut probe.offset)),
                ];
                put(address, slots, value)
            }
        }
    }
}

fn alone(diagnostic: Diagnostic) -> Report {
    Report { source: Source::default(), diagnostics: vec![diagnostic] }
}

/// Puts a value into one of these places.
fn put(address: &Address, mut slots: Vec<(&'static str, Slot<'_>)>, value: Value) -> Result<(), Diagnostic> {
    let names: Vec<&'static str> = slots.iter().map(|(name, _)| *name).collect();
    if let Some(place) = slots.iter().position(|(name, _)| *name == address.field) {
        return fill(address, slots.swap_remove(place).1, value);
    }
    // a number inside a law
    let inner = address.field.split_once('.').filter(|(head, _)| names.contains(head));
    if let Some((head, way)) = inner
        && let Some(place) = slots.iter().position(|(name, _)| *name == head)
    {
        match slots.swap_remove(place).1 {
            Slot::One(to) | Slot::PerRow(to) => return inside::change(to, way, address, value),
            Slot::Maybe(to) | Slot::MaybePerRow(to) => return inside::change(to, way, address, value),
            _ => {}
        }
    }
    let known: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let known = if known.is_empty() { "nothing that can be set".into() } else { known.join(", ") };
    let part = if address.kind == Kind::Network { "a network".into() } else { format!("this {}", address.kind.word()) };
    let message = format!("`{address}`: {part} has {known}, not `{}`", address.field);
    Err(Diagnostic::new("E046", message).did_you_mean(nearest(&address.field, names.into_iter())))
}

fn fill(address: &Address, slot: Slot<'_>, value: Value) -> Result<(), Diagnostic> {
    let wrong = |expected: &str| Diagnostic::new("E047", format!("`{address}`: expected {expected}, got `{value}`"));
    let whole = |value: &Value| match value {
        // every whole number up to 2^53 is one of these
        Value::Number(x) if *x >= 0.0 && *x <= 9_007_199_254_740_992.0 && x.fract() == 0.0 => Some(*x as u64),
        _ => None,
    };
    let word = || match &value {
        Value::Text(text) => Ok(text.clone()),
        _ => Err(wrong("a word")),
    };
    match slot {
        Slot::PerRow(to) => {
            let old = std::mem::take(to);
            *to = changed(Some(old), &address.which, value);
            return Ok(());
        }
        Slot::MaybePerRow(to) => {
            *to = Some(changed(to.take(), &address.which, value));
            return Ok(());
        }
        _ if address.which != Which::All => {
            let message = format!("`{address}`: `{}` is one value for the whole {}", address.field, address.kind.word());
            let all = Address { which: Which::All, ..address.clone() };
            return Err(Diagnostic::new("E053", message).help(format!("write `{all}`")));
        }
        Slot::One(to) => *to = value,
        Slot::Maybe(to) => *to = Some(value),
        Slot::Values(to) => match value {
            Value::List(list) => *to = list,
            _ => return Err(wrong("a list")),
        },
        Slot::Whole(to) => *to = whole(&value).ok_or_else(|| wrong("a whole number"))?,
        Slot::MaybeWhole(to) => *to = Some(whole(&value).ok_or_else(|| wrong("a whole number"))?),
        Slot::Wholes(to) => {
            let list = match &value {
                Value::List(list) => list.iter().map(whole).collect::<Option<Vec<u64>>>(),
                _ => None,
            };
            *to = list.ok_or_else(|| wrong("a list of whole numbers"))?;
        }
        Slot::Number(to) => match value {
            Value::Number(x) => *to = x,
            _ => return Err(wrong("a number")),
        },
        Slot::Flag(to) => match &value {
            Value::Text(text) if text == "true" => *to = true,
            Value::Text(text) if text == "false" => *to = false,
            _ => return Err(wrong("`true` or `false`")),
        },
        Slot::Word(to) => *to = word()?,
        Slot::MaybeWord(to) => *to = Some(word()?),
    }
    Ok(())
}

/// A value for all rows, or the old one with an exception.
pub(super) fn changed(old: Option<Value>, which: &Which, value: Value) -> Value {
    if *which == Which::All {
        return value;
    }
    let (others, mut rows) = match old {
        Some(Value::Distribution(d)) => match *d {
            Distribution::Except { value, rows } => (value, rows),
            other => (Some(other.into()), Vec::new()),
        },
        other => (other, Vec::new()),
    };
    except(&mut rows, Exception { at: which.clone(), value });
    Distribution::Except { value: others, rows }.into()
}

fn change_population(part: &mut Population, address: &Address, value: Value) -> Result<(), Diagnostic> {
    if let Which::Pairs(..) = address.which {
        let message = format!("`{address}`: `A -> B` names synapses, neurons are named by their numbers alone");
        return Err(Diagnostic::new("E053", message));
    }
    match address.field.as_str() {
        "size" => {
            fill(address, Slot::MaybeWhole(&mut part.size), value)?;
            part.shape.clear();
        }
        "shape" => {
            fill(address, Slot::Wholes(&mut part.shape), value)?;
            part.size = None;
        }
        "method" => fill(address, Slot::MaybeWord(&mut part.method), value)?,
        "model" => fill(address, Slot::Word(&mut part.model), value)?,
        field => {
            if let Some(way) = field.strip_prefix("positions.") {
                return inside::change(&mut part.positions, way, address, value);
            }
            if let Some(way) = field.strip_prefix("spike_times.") {
                return inside::change(&mut part.spike_times, way, address, value);
            }
            match field.strip_prefix("initial.") {
                Some(state) => of_map(&mut part.initial, state, address, value)?,
                None => of_map(&mut part.parameters, field.strip_prefix("parameters.").unwrap_or(field), address, value)?,
            }
        }
    }
    Ok(())
}

fn of_map(map: &mut BTreeMap<String, Value>, key: &str, address: &Address, value: Value) -> Result<(), Diagnostic> {
    // names of the language have no points: what stands behind one is inside a law
    if let Some((name, way)) = key.split_once('.') {
        let Some(law) = map.get_mut(name) else {
            let message = format!("`{address}`: there is no `{name}` with something inside that could be changed");
            return Err(Diagnostic::new("E046", message).did_you_mean(nearest(name, map.keys().map(String::as_str))));
        };
        return inside::change(law, way, address, value);
    }
    let value = changed(map.remove(key), &address.which, value);
    map.insert(key.to_string(), value);
    Ok(())
}

fn change_projection(part: &mut Projection, address: &Address, value: Value) -> Result<(), Diagnostic> {
    let field = address.field.as_str();
    if let Some(key) = field.strip_prefix("connector.") {
        let slots = part.connector.slots();
        let rule = Address { field: key.to_string(), ..address.clone() };
        // said with the whole name
        return put(&rule, slots, value)
            .map_err(|d| Diagnostic { message: d.message.replace(&rule.to_string(), &address.to_string()), ..d });
    }
    if let Some(key) = field.strip_prefix("modulators.") {
        let mut source = String::new();
        fill(address, Slot::Word(&mut source), value)?;
        part.modulators.insert(key.to_string(), source);
        return Ok(());
    }
    if let Some(way) = field.strip_prefix("space.") {
        return inside::change(&mut part.space, way, address, value);
    }
    match field.split_once('.') {
        Some(("weight", way)) if part.synapse.is_none() => return inside::change(&mut part.weight, way, address, value),
        Some(("delay", way)) => return inside::change(&mut part.delay, way, address, value),
        _ => {}
    }
    let own = field.strip_prefix("parameters.");
    match (field, &part.synapse) {
        ("weight", None) => fill(address, Slot::MaybePerRow(&mut part.weight), value)?,
        ("delay", _) => fill(address, Slot::MaybePerRow(&mut part.delay), value)?,
        ("port", _) => fill(address, Slot::MaybeWord(&mut part.port), value)?,
        ("synapse", _) => fill(address, Slot::MaybeWord(&mut part.synapse), value)?,
        ("connectivity", _) => {
            let mut word = String::new();
            fill(address, Slot::Word(&mut word), value)?;
            part.connectivity = Some(EdgeStorage::of_word(&word).ok_or_else(|| {
                let words = EdgeStorage::ALL.map(|storage| format!("`{}`", storage.name())).join(", ");
                Diagnostic::new("E046", format!("`{address}`: expected one of {words}, found `{word}`"))
            })?);
        }
        ("normalise", _) => fill(address, Slot::MaybeWord(&mut part.normalise), value)?,
        (_, Some(_)) => of_map(&mut part.parameters, own.unwrap_or(field), address, value)?,
        (_, None) => {
            let message = format!("`{address}`: a projection has `weight` and `delay`, not `{field}`");
            return Err(Diagnostic::new("E046", message).did_you_mean(nearest(field, ["weight", "delay"].into_iter())));
        }
    }
    Ok(())
}

/// Changes one value of a stimulus.
pub(super) fn change_stimulus(part: &mut Stimulus, address: &Address, value: Value) -> Result<(), Diagnostic> {
    if address.field == "windows" { windows(part, address, value) } else { put(address, of_stimulus(part), value) }
}

/// Both ends of all windows at once, since they are as many.
fn windows(part: &mut Stimulus, address: &Address, value: Value) -> Result<(), Diagnostic> {
    let pair = |window: &Value| match window {
        Value::List(ends) => <[Value; 2]>::try_from(ends.clone()).ok(),
        _ => None,
    };
    let pairs: Option<Vec<[Value; 2]>> = match &value {
        Value::List(list) => list.iter().map(pair).collect(),
        _ => None,
    };
    let Some(pairs) = pairs.filter(|_| address.which == Which::All) else {
        let expected = "a list of windows, each a list of its start and its stop";
        return Err(Diagnostic::new("E047", format!("`{address}`: expected {expected}, got `{value}`")));
    };
    let (start, stop) = pairs.into_iter().map(|[start, stop]| (start, stop)).unzip();
    (part.start, part.stop) = (Some(Value::List(start)), Some(Value::List(stop)));
    Ok(())
}

fn of_stimulus(part: &mut Stimulus) -> Vec<(&'static str, Slot<'_>)> {
    let mut slots = vec![("start", Slot::Maybe(&mut part.start)), ("stop", Slot::Maybe(&mut part.stop))];
    slots.extend(match &mut part.waveform {
        Waveform::Constant { amplitude } => vec![("amplitude", Slot::PerRow(amplitude))],
        Waveform::Steps { times, amplitudes } => vec![("times", Slot::Values(times)), ("amplitudes", Slot::Values(amplitudes))],
        Waveform::Sine { amplitude, frequency, phase, offset } => vec![
            ("amplitude", Slot::PerRow(amplitude)),
            ("frequency", Slot::One(frequency)),
            ("phase", Slot::Number(phase)),
            ("offset", Slot::MaybePerRow(offset)),
        ],
        Waveform::Ramp { from, to, over } => {
            vec![("from", Slot::MaybePerRow(from)), ("to", Slot::PerRow(to)), ("over", Slot::One(over))]
        }
        Waveform::Pulses { amplitude, width, interval, count, offset } => vec![
            ("amplitude", Slot::PerRow(amplitude)),
            ("width", Slot::One(width)),
            ("interval", Slot::Maybe(interval)),
            ("count", Slot::MaybeWhole(count)),
            ("offset", Slot::MaybePerRow(offset)),
        ],
        Waveform::Noise { mean, sd, interval } => {
            vec![("mean", Slot::PerRow(mean)), ("sd", Slot::PerRow(sd)), ("interval", Slot::Maybe(interval))]
        }
        Waveform::OrnsteinUhlenbeck { mean, sd, tau } => {
            vec![("mean", Slot::PerRow(mean)), ("sd", Slot::PerRow(sd)), ("tau", Slot::One(tau))]
        }
        Waveform::Poisson { rate, weight, sources } => {
            vec![("rate", Slot::PerRow(rate)), ("weight", Slot::PerRow(weight)), ("sources", Slot::Whole(sources))]
        }
        Waveform::PoissonArray { interval, unit, weight, sources, .. } => vec![
            ("interval", Slot::One(interval)),
            ("unit", Slot::MaybeWord(unit)),
            ("weight", Slot::PerRow(weight)),
            ("sources", Slot::Whole(sources)),
        ],
        Waveform::Expression { value } => vec![("value", Slot::Word(value))],
        Waveform::Array { interval, unit, .. } => vec![("interval", Slot::One(interval)), ("unit", Slot::MaybeWord(unit))],
        Waveform::Frames(frames) => vec![
            ("interval", Slot::One(&mut frames.interval)),
            ("white", Slot::One(&mut frames.white)),
            ("black", Slot::Maybe(&mut frames.black)),
            ("bin", Slot::MaybeWhole(&mut frames.bin)),
        ],
        Waveform::External { unit } => vec![("unit", Slot::MaybeWord(unit))],
    });
    slots
}

/// A number, a quantity, or a list or distribution as it would stand in a TOML file.
pub(crate) fn value_of(key: &str, text: &str) -> Result<Value, Diagnostic> {
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

/// Adds an exception behind others. Those that it makes void are dropped, so that a value that is set again and again
/// leaves one.
fn except(list: &mut Vec<Exception>, exception: Exception) {
    list.retain(|old| !exception.at.covers(&old.at));
    list.push(exception);
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
        assert!(said("seed", "-1").starts_with("error[E047]: `seed`: expected a whole number, got `-1`\n  help: from 0 to "));
        assert_eq!(said("dt", ""), "error[E047]: `dt`: expected a value");
        assert_eq!(said("exc.", "1"), "error[E046]: `exc.`: a parameter, `size`, `method` or `model` is expected after the point");
        assert!(said("dt", "[1").starts_with("error[E047]: `dt`: `[1` is no value: "));
        assert!(said("dt", "[1]\nvalue2 = 3").starts_with("error[E047]: "));
    }
}
