//! Constants of a network in the values that use them, for those who read a description without checking it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::expression::Expression;
use super::{Network, Stimulus, Value};
use crate::units::{Dimension, Quantity};

impl Network {
    /// The description with numbers in place of expressions that follow from constants alone. What is wrong stays as it is: `check`
    /// says it.
    pub(super) fn without_constants(&self) -> Cow<'_, Network> {
        let known = settled(&self.constants);
        let plain = |value: &Value| value_of(value, &known).map(Value::from);
        let values = |list: &mut dyn Iterator<Item = &mut Value>| {
            for value in list {
                if let Some(settled) = plain(value) {
                    *value = settled;
                }
            }
        };
        let texts = |value: &Value| matches!(value, Value::Text(text) if Quantity::parse(text).is_err());
        let used = self.populations.iter().any(|p| p.parameters.values().any(texts))
            || self.projections.iter().any(|p| p.weight.iter().chain(p.parameters.values()).any(texts));
        if !used {
            return Cow::Borrowed(self);
        }
        let mut network = self.clone();
        network.populations.iter_mut().for_each(|p| values(&mut p.parameters.values_mut()));
        network.projections.iter_mut().for_each(|p| values(&mut p.weight.iter_mut().chain(p.parameters.values_mut())));
        Cow::Owned(network)
    }

    /// When stimuli are on that begin later than the run or end: what they are called, or what they drive, and from when to when, in ms;
    /// infinity: to the end of the run.
    ///
    /// Times that cannot be read are left out: `check` says them.
    pub fn stimulus_windows(&self) -> Vec<(String, Vec<(f64, f64)>)> {
        let known = settled(&self.constants);
        let time = |value: &Value| Some(value_of(value, &known)?).filter(|time| time.dimension == Dimension::TIME).map(|t| t.value);
        let times = |value: &Option<Value>, otherwise: f64| match value {
            None => Some(vec![otherwise]),
            Some(Value::List(list)) => list.iter().map(time).collect(),
            Some(value) => Some(vec![time(value)?]),
        };
        let of = |stimulus: &Stimulus| {
            let (from, to) = (times(&stimulus.start, 0.0)?, times(&stimulus.stop, f64::INFINITY)?);
            let windows: Vec<(f64, f64)> = from.into_iter().zip(to).collect();
            let name = if stimulus.name.is_empty() { &stimulus.target } else { &stimulus.name };
            (windows != [(0.0, f64::INFINITY)]).then(|| (name.clone(), windows))
        };
        self.stimuli.iter().filter_map(of).collect()
    }

    /// From when to when spikes of populations are recorded, in ms, where that is not from the start to the end of the run; infinity: to the
    /// end. Of several probes of a population: from the first to the last time.
    ///
    /// Times that cannot be read are left out: `check` says them.
    pub fn spike_windows(&self) -> Vec<(String, (f64, f64))> {
        let known = settled(&self.constants);
        let time = |value: &Option<Value>, otherwise: f64| match value {
            None => Some(otherwise),
            Some(value) => value_of(value, &known).filter(|time| time.dimension == Dimension::TIME).map(|time| time.value),
        };
        let mut windows: Vec<(String, (f64, f64))> = Vec::new();
        for probe in self.probes.iter().filter(|probe| probe.record == "spikes") {
            let own = time(&probe.start, 0.0).zip(time(&probe.stop, f64::INFINITY)).unwrap_or((0.0, f64::INFINITY));
            match windows.iter_mut().find(|(name, _)| *name == probe.population) {
                Some((_, all)) => *all = (all.0.min(own.0), all.1.max(own.1)),
                None => windows.push((probe.population.clone(), own)),
            }
        }
        windows.retain(|(_, own)| *own != (0.0, f64::INFINITY));
        windows
    }
}

/// Constants that have a value, in the order in which they get it.
pub(super) fn settled(constants: &BTreeMap<String, Value>) -> Vec<(String, Quantity)> {
    let mut known: Vec<(String, Quantity)> = Vec::new();
    let mut open: Vec<(&String, &Value)> = constants.iter().collect();
    loop {
        let before = open.len();
        open.retain(|(name, value)| match value_of(value, &known) {
            Some(found) => {
                known.push((name.to_string(), found));
                false
            }
            None => true,
        });
        if open.len() == before {
            return known;
        }
    }
}

fn value_of(value: &Value, known: &[(String, Quantity)]) -> Option<Quantity> {
    let text = match value {
        Value::Number(x) => return Some(Quantity::number(*x)),
        Value::Text(text) => text,
        Value::List(_) | Value::Distribution(_) => return None,
    };
    if let Ok(quantity) = Quantity::parse(text) {
        return Some(quantity);
    }
    let names: Vec<(&str, Dimension)> = known.iter().map(|(name, found)| (name.as_str(), found.dimension)).collect();
    let read = Expression::read(text, &names).ok().filter(|read| !read.is_condition())?;
    let values: Vec<f64> = known.iter().map(|(_, found)| found.value).collect();
    Some(Quantity { value: read.evaluate(&values), dimension: read.dimension() })
}

#[cfg(test)]
mod tests {
    use crate::network::{Network, Waveform};

    #[test]
    fn windows_of_stimuli_are_told_in_ms() {
        let mut net = Network::new("windows");
        net.constant("onset", "0.5 s");
        let constant = || Waveform::Constant { amplitude: "1 nA".into() };
        net.population("cell", "lif_psc_exp", 1);
        net.stimulate("cell", "i_stim", constant());
        net.stimulate("cell", "i_stim", constant()).from("onset");
        net.stimulate("cell", "i_stim", constant()).windows([("10 ms", "20 ms"), ("2*onset", "1.5 s")]).name = "twice".into();
        net.stimulate("cell", "i_stim", constant()).from("no time");
        let expected =
            [("cell".to_string(), vec![(500.0, f64::INFINITY)]), ("twice".to_string(), vec![(10.0, 20.0), (1000.0, 1500.0)])];
        assert_eq!(net.stimulus_windows(), expected);
    }
    #[test]
    fn windows_of_spikes_are_told_in_ms() {
        let mut net = Network::new("windows");
        net.constant("settled", "0.5 s");
        for name in ["whole", "late", "twice", "both"] {
            net.population(name, "lif_psc_exp", 1);
            net.probe(name, "spikes");
        }
        net.probes[1].start = Some("settled".into());
        net.probes[2].start = Some("10 ms".into());
        net.probes[2].stop = Some("20 ms".into());
        net.probes[3].stop = Some("20 ms".into());
        net.probe("twice", "spikes").rows([0]).start = Some("50 ms".into());
        net.probe("both", "spikes");
        let expected = [("late".to_string(), (500.0, f64::INFINITY)), ("twice".to_string(), (10.0, f64::INFINITY))];
        assert_eq!(net.spike_windows(), expected);
    }
}
