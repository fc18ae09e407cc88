//! The configuration of a circuit and of its simulation: JSON with a manifest of names for folders.
//!
//! In: `simulation_config.json`, `circuit_config.json`, or a `config.json` that names both. Out: what they say, with paths that lead
//! from here. Not here: what is in the files that they name.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value as Json};

use super::error::SonataError;

type Outcome<T> = Result<T, SonataError>;

/// A file of JSON with the names of its manifest filled in.
pub struct Config {
    pub path: PathBuf,
    pub json: Map<String, Json>,
}

/// Files of nodes or edges: the arrays, and the table of their types.
pub struct Files {
    pub arrays: PathBuf,
    pub types: Option<PathBuf>,
}

/// Both halves of a configuration.
pub struct Both {
    pub circuit: Config,
    pub simulation: Config,
    /// Sets of nodes by name.
    pub node_sets: Option<Config>,
}

impl Both {
    /// **Errors** files that are missing or no JSON; names that no manifest has.
    pub fn read(path: &Path) -> Outcome<Both> {
        let given = Config::read(path)?;
        let named = |key: &str| given.path_of(&given.json, key);
        let simulation = match named("simulation")? {
            Some(path) => Some(Config::read(&path)?),
            None if given.json.contains_key("run") => None,
            None => {
                let error = SonataError::new(path, "run", "expected `run`, with `tstop` and `dt`");
                return Err(error.help("name the simulation_config.json, or a config.json that names it under `simulation`"));
            }
        };
        let circuit = match (named("network")?, simulation.as_ref()) {
            (Some(path), _) => Some(Config::read(&path)?),
            (None, Some(simulation)) => {
                simulation.path_of(&simulation.json, "network")?.map(|path| Config::read(&path)).transpose()?
            }
            (None, None) => None,
        };
        let circuit = match circuit {
            Some(circuit) => circuit,
            None if given.json.contains_key("networks") => Config::read(path)?,
            // simulations of before said it in a third file
            None => {
                let beside = path.with_file_name("circuit_config.json");
                if !beside.is_file() {
                    let error = SonataError::new(path, "network", "it does not say which circuit it is of");
                    return Err(error.help("write \"network\": \"circuit_config.json\" into it"));
                }
                Config::read(&beside)?
            }
        };
        let simulation = simulation.unwrap_or(given);
        let node_sets = match simulation.path_of(&simulation.json, "node_sets_file")? {
            Some(path) => Some(Config::read(&path)?),
            None => circuit.path_of(&circuit.json, "node_sets_file")?.map(|path| Config::read(&path)).transpose()?,
        };
        Ok(Both { circuit, simulation, node_sets })
    }
}

impl Config {
    pub fn read(path: &Path) -> Outcome<Config> {
        let text = std::fs::read_to_string(path).map_err(|e| SonataError::new(path, "", format!("it cannot be read: {e}")))?;
        let json = serde_json::from_str(&text).map_err(|e| SonataError::new(path, "", format!("it is no JSON: {e}")))?;
        let Json::Object(mut json) = json else { return Err(SonataError::new(path, "", "expected a table `{...}`")) };
        let mut manifest: BTreeMap<String, String> = BTreeMap::new();
        for (name, value) in json.get("manifest").and_then(Json::as_object).into_iter().flatten() {
            let Json::String(value) = value else {
                return Err(SonataError::new(path, format!("manifest.{name}"), format!("expected a text, found {value}")));
            };
            manifest.insert(name.trim_start_matches('$').to_string(), value.clone());
        }
        let mut config = Config { path: path.into(), json: Map::new() };
        json.values_mut().try_for_each(|value| config.fill(value, &manifest))?;
        config.json = json;
        Ok(config)
    }

    /// Puts what the manifest says for every `$NAME`.
    fn fill(&self, value: &mut Json, manifest: &BTreeMap<String, String>) -> Outcome<()> {
        match value {
            Json::Array(list) => list.iter_mut().try_for_each(|value| self.fill(value, manifest)),
            Json::Object(table) => table.values_mut().try_for_each(|value| self.fill(value, manifest)),
            Json::String(text) => {
                // a name may stand for one with a name in it, never for itself
                for _ in 0..=manifest.len() {
                    let Some(at) = text.find('$') else { return Ok(()) };
                    let rest = text[at + 1..].trim_start_matches('{');
                    let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                    let Some(value) = manifest.get(&name) else {
                        let names = manifest.keys().map(|name| format!("`${name}`")).collect::<Vec<_>>().join(", ");
                        let message = format!("`{text}`: expected a name of the manifest, which has {names}");
                        return Err(SonataError::new(&self.path, "manifest", message));
                    };
                    let braced = text[at + 1..].starts_with('{');
                    let end = at + 1 + name.len() + if braced { 2 } else { 0 };
                    let after = text.get(end..).unwrap_or_default().to_string();
                    *text = format!("{}{value}{after}", &text[..at]);
                }
                if text.contains('$') {
                    return Err(SonataError::new(&self.path, "manifest", format!("`{text}`: its names lead in a circle")));
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// A path of this file as one from here.
    pub fn resolved(&self, path: &str) -> PathBuf {
        self.path.parent().unwrap_or(Path::new("")).join(path)
    }

    pub fn wrong(&self, place: impl Into<String>, message: impl Into<String>) -> SonataError {
        SonataError::new(&self.path, place, message)
    }

    /// The path behind a key of a table, if it is there.
    pub fn path_of(&self, table: &Map<String, Json>, key: &str) -> Outcome<Option<PathBuf>> {
        Ok(self.text_of(table, key, "")?.map(|text| self.resolved(&text)))
    }

    /// The text behind a key of a table, if it is there.
    pub fn text_of(&self, table: &Map<String, Json>, key: &str, place: &str) -> Outcome<Option<String>> {
        match table.get(key) {
            None | Some(Json::Null) => Ok(None),
            Some(Json::String(text)) => Ok(Some(text.clone())),
            Some(other) => Err(self.wrong(format!("{place}{key}"), format!("expected a text, found {other}"))),
        }
    }

    /// The number behind a key of a table, if it is there.
    pub fn number_of(&self, table: &Map<String, Json>, key: &str, place: &str) -> Outcome<Option<f64>> {
        match table.get(key) {
            None | Some(Json::Null) => Ok(None),
            Some(value) => match value.as_f64().filter(|x| x.is_finite()) {
                Some(number) => Ok(Some(number)),
                None => Err(self.wrong(format!("{place}{key}"), format!("expected a number, found {value}"))),
            },
        }
    }

    /// The table behind a key; empty if it is not there.
    pub fn table(&self, key: &str) -> Outcome<Map<String, Json>> {
        match self.json.get(key) {
            None | Some(Json::Null) => Ok(Map::new()),
            Some(Json::Object(table)) => Ok(table.clone()),
            Some(other) => Err(self.wrong(key, format!("expected a table, found {other}"))),
        }
    }

    /// Named parts of a table that are not switched off, such as inputs and reports.
    pub fn parts(&self, key: &str) -> Outcome<Vec<(String, Map<String, Json>)>> {
        let mut parts = Vec::new();
        for (name, part) in self.table(key)? {
            let Json::Object(part) = part else { return Err(self.wrong(format!("{key}.{name}"), "expected a table")) };
            if part.get("enabled") != Some(&Json::Bool(false)) {
                parts.push((name, part));
            }
        }
        Ok(parts)
    }

    /// Files of `networks.nodes` or `networks.edges` that are not switched off.
    pub fn files(&self, kind: &str) -> Outcome<Vec<Files>> {
        let networks = self.table("networks")?;
        let place = format!("networks.{kind}");
        let list = match networks.get(kind) {
            None | Some(Json::Null) => return Ok(Vec::new()),
            Some(Json::Array(list)) => list,
            Some(_) => return Err(self.wrong(place, "expected a list of tables")),
        };
        let mut files = Vec::new();
        for (k, one) in list.iter().enumerate() {
            let place = format!("{place}[{k}]");
            let Json::Object(one) = one else { return Err(self.wrong(place, "expected a table")) };
            if one.get("enabled") == Some(&Json::Bool(false)) {
                continue;
            }
            let arrays = self.path_of(one, &format!("{kind}_file"))?;
            let Some(arrays) = arrays else { return Err(self.wrong(place, format!("expected a key `{kind}_file`"))) };
            let types = self.text_of(one, &format!("{}_types_file", &kind[..4]), &place)?;
            // an empty text and `NULL` stand for none
            let types = types.filter(|text| !(text.is_empty() || text == "NULL")).map(|text| self.resolved(&text));
            files.push(Files { arrays, types });
        }
        Ok(files)
    }
}
