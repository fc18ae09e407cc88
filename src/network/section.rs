//! Parts of a description by their keys: what a section of a network file says, from a program that has its keys and values at hand
//! but no builder, such as one in another language.
//!
//! In: the name of a section, its keys and values as serde reads them. Out: the network with the parts that they make, or what is wrong
//! with them, and the network as it was. Not here: which keys there are (`form`), texts (`file`).

use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value as Tree};

use super::file::read_tree;
use super::{Input, Network, Output, Population, Probe, Projection, Stimulus};
use crate::diagnostic::{Report, Source};

impl Network {
    /// A network by the keys of a network file, its sections as lists of tables; `folder`: where files lie that it includes.
    ///
    /// ```
    /// use synfire::network::Network;
    /// let said = serde_json::json!({ "name": "cells", "population": [{ "name": "exc", "model": "lif_cond_exp", "size": 10 }] });
    /// assert_eq!(Network::from_tree(said, "cells", None)?.populations.len(), 1);
    /// # Ok::<(), synfire::diagnostic::Report>(())
    /// ```
    ///
    /// **Errors** everything in it that has another form than a network file has.
    pub fn from_tree(tree: Tree, name: &str, folder: Option<&Path>) -> Result<Network, Report> {
        read_tree(tree, name, folder).map_err(with_ways)
    }

    /// Adds what a section of a network file says: `population`, `projection`, `stimulus`, `probe`, `input`, `output`, `gated`,
    /// `electrical`, `preset`, `include`. `part` is read first, and `tree` gives the same keys where they say something in short, or
    /// something wrong: a part of millions of numbers need not become a tree. `folder`: where files lie that are included.
    ///
    /// **Errors** everything in it that has another form than this section has. The network is then as it was.
    pub fn add<'de, D: Deserializer<'de>>(
        &mut self,
        section: &str,
        part: D,
        tree: impl FnOnce() -> Tree,
        folder: Option<&Path>,
    ) -> Result<(), Report> {
        let plain = match section {
            "population" => Population::deserialize(part).map(|part| self.populations.push(part)),
            "projection" => Projection::deserialize(part).map(|part| self.projections.push(part)),
            "stimulus" => Stimulus::deserialize(part).map(|part| self.stimuli.push(part)),
            "probe" => Probe::deserialize(part).map(|part| self.probes.push(part)),
            "input" => Input::deserialize(part).map(|part| self.inputs.push(part)),
            "output" => Output::deserialize(part).map(|part| self.outputs.push(part)),
            _ => return self.add_in_short(section, tree(), folder),
        };
        match plain {
            Ok(()) => Ok(()),
            Err(_in_other_words) => self.add_in_short(section, tree(), folder),
        }
    }

    fn add_in_short(&mut self, section: &str, part: Tree, folder: Option<&Path>) -> Result<(), Report> {
        let name = match part.get("name").and_then(Tree::as_str) {
            Some(name) => format!("{section} `{name}`"),
            None => section.to_string(),
        };
        let mut whole = Map::new();
        // sizes and numbers may follow from them
        let constants = serde_json::to_value(&self.constants).unwrap_or_default();
        whole.insert("constants".to_string(), constants);
        whole.insert(section.to_string(), Tree::Array(vec![part]));
        let made = Network::from_tree(Tree::Object(whole), &name, folder)?;
        self.populations.extend(made.populations);
        self.projections.extend(made.projections);
        self.stimuli.extend(made.stimuli);
        self.probes.extend(made.probes);
        self.inputs.extend(made.inputs);
        self.outputs.extend(made.outputs);
        if !made.equations.is_empty() {
            self.equations(&made.equations);
        }
        Ok(())
    }
}

/// Without a text a place is told by its keys.
fn with_ways(mut report: Report) -> Report {
    for d in report.diagnostics.iter_mut().filter(|d| d.span.is_none() && d.source.is_none()) {
        let way = d.path.to_string();
        if !way.is_empty() {
            d.source = Some(Arc::new(Source { name: format!("{}: {way}", report.source.name), text: String::new() }));
        }
    }
    report
}

#[cfg(test)]
#[path = "section_tests.rs"]
mod tests;
