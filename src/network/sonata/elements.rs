//! Nodes or edges of a population: their types, and numbers and texts of each.
//!
//! In: a file of arrays, a table of types. Out: what is said of element k, of itself or of its type. Not here: what it means.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use super::config::Files;
use super::error::SonataError;
use super::hdf5::{Hdf5, Kind};
use crate::network::connector::table::{TableColumn, read_table};

type Outcome<T> = Result<T, SonataError>;

/// What is said of an element.
#[derive(Clone, Debug, PartialEq)]
pub enum Attribute {
    Number(f64),
    Text(String),
}

impl std::fmt::Display for Attribute {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Attribute::Number(x) => write!(f, "{x}"),
            Attribute::Text(text) => f.write_str(text),
        }
    }
}

/// The table of types, a line each.
pub struct Types {
    path: PathBuf,
    lines: HashMap<u64, usize>,
    columns: BTreeMap<String, TableColumn>,
}

impl Types {
    /// **Errors** a file that is no table; one without the column of numbers, or with one twice.
    pub fn read(files: &Files, kind: &str) -> Outcome<Types> {
        let Some(path) = &files.types else {
            return Ok(Types { path: files.arrays.clone(), lines: HashMap::new(), columns: BTreeMap::new() });
        };
        let wrong = |place: &str, what: String| SonataError::new(path, place, what);
        let table = read_table(path).map_err(|e| wrong("", e.to_string()))?;
        let id = format!("{kind}_type_id");
        let mut lines = HashMap::new();
        for (line, number) in table.numbers(&id).map_err(|e| wrong(&id, e.to_string()))?.iter().enumerate() {
            if !(*number >= 0.0 && number.fract() == 0.0) {
                return Err(wrong(&id, format!("expected whole numbers from 0 on, found {number}")));
            }
            if lines.insert(*number as u64, line).is_some() {
                return Err(wrong(&id, format!("{number} is there twice")));
            }
        }
        let mut columns = BTreeMap::new();
        for name in table.names(usize::MAX) {
            let column = table.column(&name).map_err(|e| wrong(&name, e.to_string()))?;
            columns.insert(name.to_string(), column.clone());
        }
        Ok(Types { path: path.clone(), lines, columns })
    }

    /// What is said of a type; `NULL` and an empty cell say nothing.
    fn said(&self, id: u64, name: &str) -> Option<Attribute> {
        let line = *self.lines.get(&id)?;
        let of_text = |text: &str| (!text.is_empty() && text != "NULL" && text != "NONE").then(|| Attribute::Text(text.into()));
        match self.columns.get(name)? {
            TableColumn::Numbers(numbers) => numbers.get(line).map(|x| Attribute::Number(*x)),
            TableColumn::Texts(texts) => texts.get(line).and_then(|text| match text.parse::<f64>() {
                Ok(number) if number.is_finite() => Some(Attribute::Number(number)),
                _ => of_text(text),
            }),
        }
    }
}

/// Nodes or edges.
pub struct Elements {
    /// Where they stand, such as `nodes/v1`.
    pub at: String,
    pub file: PathBuf,
    types: Types,
    type_ids: Vec<u64>,
    /// In which group each has its own numbers, and at which place there.
    groups: Vec<u64>,
    places: Vec<u64>,
    own: BTreeMap<u64, BTreeMap<String, TableColumn>>,
}

impl Elements {
    /// Elements of a population: `kind` is `node` or `edge`.
    ///
    /// **Errors** arrays that are missing, or of other lengths; a type that the table has not; places that a group has not.
    pub fn read(file: &Hdf5, at: &str, kind: &str, types: Types) -> Outcome<Elements> {
        let ids = format!("{at}/{kind}_type_id");
        let type_ids = file.whole(&ids)?;
        if let Some(unknown) = type_ids.iter().find(|id| !types.lines.contains_key(id)).filter(|_| !types.lines.is_empty()) {
            let message = format!("the type {unknown} is not in `{}`", types.path.display());
            return Err(file.wrong(&ids, message));
        }
        let datasets = file.datasets(at)?;
        let list = |name: &str| -> Outcome<Option<Vec<u64>>> {
            let at = format!("{at}/{name}");
            if !datasets.iter().any(|other| other == name) {
                return Ok(None);
            }
            Ok(Some(file.of_length(&at, file.whole(&at)?, type_ids.len(), &ids)?))
        };
        let groups = list(&format!("{kind}_group_id"))?.unwrap_or_else(|| vec![0; type_ids.len()]);
        let places = list(&format!("{kind}_group_index"))?.unwrap_or_else(|| (0..type_ids.len() as u64).collect());
        let mut own = BTreeMap::new();
        for name in file.groups(at)? {
            if let Ok(number) = name.parse::<u64>() {
                own.insert(number, columns(file, &format!("{at}/{name}"))?);
            }
        }
        let elements = Elements { at: at.into(), file: file.path().into(), types, type_ids, groups, places, own };
        elements.check(file, kind)?;
        Ok(elements)
    }

    /// Every element has its place in each column of its group.
    fn check(&self, file: &Hdf5, kind: &str) -> Outcome<()> {
        let mut most: BTreeMap<u64, u64> = BTreeMap::new();
        for (group, place) in self.groups.iter().zip(&self.places) {
            let most = most.entry(*group).or_default();
            *most = (*most).max(*place);
        }
        for (group, most) in most {
            for (name, column) in self.own.get(&group).into_iter().flatten() {
                if most >= column.len() as u64 {
                    let at = format!("{}/{group}/{name}", self.at);
                    let message = format!("it has {} elements, and `{kind}_group_index` names element {most}", column.len());
                    return Err(file.wrong(&at, message));
                }
            }
        }
        Ok(())
    }

    pub fn count(&self) -> usize {
        self.type_ids.len()
    }

    /// The type of an element.
    pub fn type_of(&self, k: usize) -> u64 {
        self.type_ids[k]
    }

    /// What is said of an element: by itself, else by its type.
    pub fn said(&self, k: usize, name: &str) -> Option<Attribute> {
        self.own(k, name).or_else(|| self.types.said(self.type_ids[k], name))
    }

    /// What is said of an element by itself.
    pub fn own(&self, k: usize, name: &str) -> Option<Attribute> {
        let place = self.places[k] as usize;
        match self.own.get(&self.groups[k])?.get(name)? {
            TableColumn::Numbers(numbers) => numbers.get(place).map(|x| Attribute::Number(*x)),
            TableColumn::Texts(texts) => texts.get(place).map(|text| Attribute::Text(text.clone())),
        }
    }

    /// Names of what elements say by themselves that begin so, without the beginning.
    pub fn names(&self, start: &str) -> Vec<String> {
        let all = self.own.values().flat_map(BTreeMap::keys).filter_map(|name| name.strip_prefix(start));
        let mut names: Vec<String> = all.map(String::from).collect();
        names.sort();
        names.dedup();
        names
    }

    /// A number of an element.
    ///
    /// **Errors** it is a text.
    pub fn number(&self, k: usize, name: &str) -> Outcome<Option<f64>> {
        match self.said(k, name) {
            None => Ok(None),
            Some(Attribute::Number(x)) if x.is_finite() => Ok(Some(x)),
            Some(other) => Err(self.wrong(k, name, format!("expected a number, found `{other}`"))),
        }
    }

    /// A text of an element.
    pub fn text(&self, k: usize, name: &str) -> Option<String> {
        self.said(k, name).map(|said| said.to_string())
    }

    /// Something wrong with what is said of an element, in the file that says it.
    pub fn wrong(&self, k: usize, name: &str, message: impl Into<String>) -> SonataError {
        if self.own(k, name).is_some() {
            return SonataError::new(&self.file, format!("{}/{}/{name}", self.at, self.groups[k]), message);
        }
        SonataError::new(&self.types.path, name, format!("type {}: {}", self.type_ids[k], message.into()))
    }
}

/// Columns of a group, those of `dynamics_params` in it among them; numbers of words in a library as these words.
fn columns(file: &Hdf5, at: &str) -> Outcome<BTreeMap<String, TableColumn>> {
    let groups = file.groups(at)?;
    let has = |name: &str| groups.iter().any(|other| other == name);
    let mut libraries = BTreeMap::new();
    if has("@library") {
        for name in file.datasets(&format!("{at}/@library"))? {
            libraries.insert(name.clone(), file.texts(&format!("{at}/@library/{name}"))?);
        }
    }
    let mut columns = BTreeMap::new();
    for folder in ["", "dynamics_params/"].into_iter().filter(|folder| folder.is_empty() || has("dynamics_params")) {
        let inside = format!("{at}/{folder}");
        for name in file.datasets(inside.trim_end_matches('/'))? {
            let path = format!("{inside}{name}");
            let column = match libraries.get(&name).filter(|_| folder.is_empty()) {
                Some(words) => {
                    let word = |k: u64| words.get(k as usize).cloned();
                    let texts: Option<Vec<String>> = file.whole(&path)?.into_iter().map(word).collect();
                    let message = format!("it names words that `@library/{name}` has not, which has {}", words.len());
                    TableColumn::Texts(texts.ok_or_else(|| file.wrong(&path, message))?)
                }
                None => match file.kind(&path)? {
                    Kind::Texts => TableColumn::Texts(file.texts(&path)?),
                    Kind::Numbers => TableColumn::Numbers(file.numbers(&path)?),
                    // matrices and the like, of which nothing is read
                    Kind::Other => continue,
                },
            };
            columns.insert(format!("{folder}{name}"), column);
        }
    }
    Ok(columns)
}
