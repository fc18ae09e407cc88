//! Networks from networks: the parts of one copied into another under new names, as often as wanted.
//!
//! In: a description, and how its parts are called here. Out: the larger description, or every clash, and nothing copied. Not
//! here: whether the whole is right, which `check` says.
//!
//! | code | what is wrong |
//! | --- | --- |
//! | E048 | a part of this name, a model or constant of this name, or another dt is there already |
//! | E049 | the new name says nothing of the old one |

use std::sync::Arc;

use super::address::titles;
use super::{Connector, Network};
use crate::diagnostic::{Diagnostic, Report, Source};
use crate::model::ast::ModelAst;
use crate::model::{parse, print};

impl Network {
    /// Copies every part of another network into this one: populations with their values before the first step, projections,
    /// stimuli, probes, inputs, outputs, and models that are not here yet. `rename` is what a part is called here, with `*` for
    /// its own name: `"left_*"`, `"*_left"`. Projections, stimuli, inputs and outputs with names of their own keep them, renamed.
    /// `seed` and `duration` stay those of this network.
    ///
    /// ```
    /// use synfire::network::{Connector, Network};
    /// let mut oscillator = Network::new("half-centre");
    /// oscillator.population("flexor", "non_spiking", 1).initial("v", "5 mV");
    /// oscillator.population("extensor", "non_spiking", 1);
    /// oscillator.project_by("flexor", "extensor", "graded_synapse", Connector::OneToOne).parameter("e_rev", "-40 mV");
    /// let mut animal = Network::new("two legs");
    /// animal.include(&oscillator, "left_*")?.include(&oscillator, "right_*")?;
    /// assert_eq!(animal.populations[3].name, "right_extensor");
    /// assert_eq!(animal.projections[1].source, "right_flexor");
    /// # Ok::<(), synfire::diagnostic::Report>(())
    /// ```
    ///
    /// **Errors** every clash of names; models of one name that differ; another dt. Nothing has been copied then.
    #[doc(alias = "add_network", alias = "nest")]
    pub fn include(&mut self, other: &Network, rename: &str) -> Result<&mut Network, Report> {
        let mut wrong = Vec::new();
        if rename.matches('*').count() != 1 {
            let d =
                Diagnostic::new("E049", format!("`{}` has no `*`, or several, for the names of the parts", rename.escape_debug()));
            wrong.push(d.help("write for example `\"left_*\"` or `\"*_left\"`"));
            return Err(report(wrong));
        }
        let name = |name: &str| if name.is_empty() { String::new() } else { rename.replacen('*', name, 1) };
        let mut new = other.clone();
        for part in &mut new.populations {
            part.name = rename.replacen('*', &part.name, 1);
        }
        for part in &mut new.projections {
            (part.name, part.source, part.target) = (name(&part.name), name(&part.source), name(&part.target));
            part.modulators.values_mut().for_each(|source| *source = super::modulator::renamed(source, other, &name));
        }
        for part in &mut new.stimuli {
            (part.name, part.target) = (name(&part.name), name(&part.target));
        }
        // projections that are named by others, by names that follow from their ends too
        let all = |net: &Network| titles(net.projections.iter().map(|p| (p.name.clone(), format!("{} -> {}", p.source, p.target))));
        let (before, after) = (all(other), all(&new));
        let projection = |name: &str| {
            let place = before.iter().position(|known| known == name);
            place.map_or_else(|| name.to_string(), |k| after[k].clone())
        };
        for part in &mut new.projections {
            if let Connector::CloneOf { projection: of } = &mut part.connector {
                *of = projection(of);
            }
        }
        for part in &mut new.probes {
            (part.population, part.projection) = (name(&part.population), projection(&part.projection));
        }
        for part in &mut new.inputs {
            (part.name, part.target) = (name(&part.name), name(&part.target));
        }
        for part in &mut new.outputs {
            (part.name, part.population) = (name(&part.name), name(&part.population));
        }
        let mut clash = |word: &str, here: Vec<&String>, there: Vec<&String>| {
            for name in there.into_iter().filter(|name| !name.is_empty() && here.contains(name)) {
                wrong.push(Diagnostic::new("E048", format!("{word} {name}: there is one of this name already")));
            }
        };
        let names = |n: &'_ Network| n.populations.iter().map(|p| p.name.clone()).collect::<Vec<_>>();
        clash("population", names(self).iter().collect(), names(&new).iter().collect());
        let names = |n: &'_ Network| n.projections.iter().map(|p| p.name.clone()).collect::<Vec<_>>();
        clash("projection", names(self).iter().collect(), names(&new).iter().collect());
        let names = |n: &'_ Network| {
            let inputs = n.inputs.iter().map(|i| i.name.clone());
            n.stimuli.iter().map(|s| s.name.clone()).chain(inputs).collect::<Vec<_>>()
        };
        clash("stimulus or input", names(self).iter().collect(), names(&new).iter().collect());
        let names = |n: &'_ Network| n.outputs.iter().map(|o| o.name.clone()).collect::<Vec<_>>();
        clash("output", names(self).iter().collect(), names(&new).iter().collect());
        if let (Some(ours), Some(theirs)) = (&self.dt, &new.dt)
            && ours != theirs
        {
            let message = format!("network {}: its dt is {theirs}, here it is {ours}", other.name);
            wrong.push(Diagnostic::new("E048", message).help("give both the same dt, or one of them none"));
        }
        for (name, theirs) in &new.constants {
            if let Some(ours) = self.constants.get(name).filter(|ours| *ours != theirs) {
                let message = format!("constant {name}: it is {theirs} in network {}, here it is {ours}", other.name);
                wrong.push(Diagnostic::new("E048", message).help("rename one of them"));
            }
        }
        let equations = self.new_models(other, &mut wrong);
        if !wrong.is_empty() {
            return Err(report(wrong));
        }
        if !equations.is_empty() {
            self.equations(&equations);
        }
        let before = super::origin::counts(self);
        self.origin.included(before, other, rename);
        self.dt = self.dt.take().or(new.dt);
        self.constants.append(&mut new.constants);
        // distances stay those of the network that they come from
        if new.space != self.space && new.populations.iter().any(|p| p.positions.is_some()) {
            for part in new.projections.iter_mut().filter(|p| p.space.is_none()) {
                part.space = Some(new.space.clone().unwrap_or_default());
            }
        }
        self.populations.append(&mut new.populations);
        self.projections.append(&mut new.projections);
        self.stimuli.append(&mut new.stimuli);
        self.probes.append(&mut new.probes);
        self.inputs.append(&mut new.inputs);
        self.outputs.append(&mut new.outputs);
        Ok(self)
    }

    /// The models of the other network that are not here, as text.
    fn new_models(&self, other: &Network, wrong: &mut Vec<Diagnostic>) -> String {
        if other.equations.trim().is_empty() || other.equations == self.equations {
            return String::new();
        }
        if self.equations.trim().is_empty() {
            return other.equations.clone();
        }
        let (here, there) = match (models(self), models(other)) {
            (Ok(here), Ok(there)) => (here, there),
            (here, there) => {
                for report in here.err().into_iter().chain(there.err()) {
                    let source = Arc::new(report.source);
                    wrong.extend(report.diagnostics.into_iter().map(|d| Diagnostic { source: Some(source.clone()), ..d }));
                }
                return String::new();
            }
        };
        let mut text = String::new();
        for model in &there {
            match here.iter().find(|m| m.name.text == model.name.text) {
                None => text.push_str(&print::print(model)),
                Some(same) if print::print(same) == print::print(model) => {}
                Some(_) => {
                    let message = format!("model {}: there is another one of this name, and they differ", model.name.text);
                    wrong.push(Diagnostic::new("E048", message).help("rename one of them where it is written"));
                }
            }
        }
        text
    }
}

fn report(diagnostics: Vec<Diagnostic>) -> Report {
    Report { source: Source::default(), diagnostics }
}

fn models(of: &Network) -> Result<Vec<ModelAst>, Report> {
    let name = if of.name.is_empty() { "equations".to_string() } else { format!("equations of {}", of.name) };
    parse::parse(&Source { name, text: of.equations.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{Connector, Waveform};

    const MODEL: &str = "neuron own\n  state v = 0 mV\n  input i : pA\n";

    fn part() -> Network {
        let mut net = Network::new("part");
        net.dt("0.2 ms").equations(MODEL);
        net.population("a", "own", 2).shape([1, 2]).initial("v", "3 mV").colour("gold");
        net.project_by("a", "a", "graded_synapse", Connector::OneToOne).named("loop");
        net.stimulate("a", "i", Waveform::constant("1 pA"));
        net.probe("a", "v");
        net.input("push", "a", "i", "1 nA");
        net.output("", "a", "v");
        net
    }

    #[test]
    fn equations_that_cannot_be_read_are_refused_where_networks_are_joined() {
        let mut broken = part();
        broken.name = "broken".into();
        broken.equations = "neuron own\n  stat v = 0 mV\n".into();
        let said = part().include(&broken, "*_1").unwrap_err().to_string();
        assert!(said.contains("equations of broken, line 2") && said.contains("stat v"), "{said}");
        let said = broken.include(&part(), "*_1").unwrap_err().to_string();
        assert!(said.contains("equations of broken, line 2"), "{said}");
    }

    #[test]
    fn every_part_is_copied_under_its_new_name() {
        let mut net = Network::new("whole");
        net.include(&part(), "*_1").unwrap().include(&part(), "*_2").unwrap();
        assert_eq!((net.dt.clone(), net.equations.as_str()), (Some("0.2 ms".into()), MODEL));
        let second = &net.populations[1];
        assert_eq!((second.name.as_str(), second.shape.clone(), second.colour.as_str()), ("a_2", vec![1, 2], "gold"));
        assert_eq!(second.initial["v"], "3 mV".into());
        let loops = &net.projections[1];
        assert_eq!((loops.name.as_str(), loops.source.as_str(), loops.target.as_str()), ("loop_2", "a_2", "a_2"));
        assert_eq!((net.stimuli[1].name.as_str(), net.stimuli[1].target.as_str()), ("", "a_2"));
        assert_eq!(net.probes[1].population, "a_2");
        assert_eq!((net.inputs[1].name.as_str(), net.inputs[1].target.as_str()), ("push_2", "a_2"));
        assert_eq!((net.outputs[1].name.as_str(), net.outputs[1].population.as_str()), ("", "a_2"));
    }

    #[test]
    fn projections_that_others_name_are_renamed_with_them() {
        let mut part = part();
        part.project("a", "a", "i", Connector::OneToOne);
        part.project("a", "a", "i", Connector::clone_of("a -> a"));
        part.project("a", "a", "i", Connector::clone_of("loop"));
        part.probe_synapses("a -> a #2", "w");
        let mut net = Network::new("whole");
        net.include(&part, "*_1").unwrap();
        assert_eq!(net.projections[2].connector, Connector::clone_of("a_1 -> a_1"));
        assert_eq!(net.projections[3].connector, Connector::clone_of("loop_1"));
        assert_eq!(net.probes[1].projection, "a_1 -> a_1 #2");
    }

    #[test]
    fn a_network_within_a_network_within_a_network() {
        let mut middle = Network::new("middle");
        middle.include(&part(), "in.*").unwrap();
        let mut whole = Network::new("whole");
        whole.include(&middle, "out.*").unwrap();
        assert_eq!(whole.populations[0].name, "out.in.a");
    }

    #[test]
    fn every_clash_is_said_and_nothing_is_copied() {
        let mut net = Network::new("whole");
        net.dt("0.1 ms").equations("neuron own\n  state v = 1 mV\n");
        net.population("a_1", "own", 2);
        net.project_by("a_1", "a_1", "graded_synapse", Connector::OneToOne).named("loop_1");
        net.stimulate("a_1", "i", Waveform::constant("1 pA")).named("push_1");
        let before = net.clone();
        let said = net.include(&part(), "*_1").unwrap_err().to_string().replace("\n  --> whole", "");
        assert_eq!(
            said,
            "error[E048]: population a_1: there is one of this name already\n\n\
             error[E048]: projection loop_1: there is one of this name already\n\n\
             error[E048]: stimulus or input push_1: there is one of this name already\n\n\
             error[E048]: network part: its dt is 0.2 ms, here it is 0.1 ms\n  help: give both the same dt, or one of them none\n\n\
             error[E048]: model own: there is another one of this name, and they differ\n  help: rename one of them where it is written"
        );
        assert_eq!(net, before);
        assert!(net.include(&part(), "left").unwrap_err().to_string().starts_with("error[E049]: `left` has no `*`"));
    }
}
