//! Where a description comes from: the text that it was read from, what was changed by name since, what was included.
//!
//! It is no part of the description: two networks that say the same are equal, and are written and hashed alike, wherever they
//! come from. In: what [`Network::load`], [`Network::set`] and [`Network::include`] did. Out: the place of a part or value, so
//! that a message can show it. Not here: what is wrong. A part that was made or changed in Rust has no place but its name.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use serde_json::Value as Tree;

use super::Network;
use super::change::Change;
use super::equations::offsets;
use super::places::Places;
use super::shorthand::{Early, Ways};
use crate::diagnostic::{Diagnostic, Key, KeyPath, Remark, Report, Source, Span, line_and_column};

/// The sections that hold parts, by their keys.
const SECTIONS: [&str; 6] = ["population", "projection", "stimulus", "probe", "input", "output"];
/// So many different errors of a JSON text have their lines looked for.
const MOST_IN_JSON: usize = 200;
/// So many places of equal errors are told.
const FIRST: usize = 3;

/// What a network was read from, and what became of it.
#[derive(Clone, Default)]
pub struct Origin {
    text: Option<Arc<Text>>,
    /// Where parts that were written out stand in it.
    ways: Arc<Ways>,
    /// Changes of the text before it was written out.
    early: Vec<Early>,
    /// Constants that sizes and numbers followed from while it was read.
    used: Arc<BTreeSet<String>>,
    changes: Vec<Change>,
    included: Vec<Included>,
}

struct Text {
    source: Source,
    json: bool,
}

/// Parts copied from another network: from which number on, and how many, by section.
#[derive(Clone)]
struct Included {
    first: [usize; 6],
    count: [usize; 6],
    rename: String,
    origin: Origin,
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text.as_ref().map_or("made in Rust", |text| text.source.name.as_str()))
    }
}

/// Networks are what they say, not where they come from.
impl PartialEq for Origin {
    fn eq(&self, _: &Origin) -> bool {
        true
    }
}

impl Origin {
    pub(super) fn read(name: &str, text: &str, json: bool) -> Origin {
        let source = Source { name: name.to_string(), text: text.to_string() };
        Origin { text: Some(Arc::new(Text { source, json })), ..Origin::default() }
    }

    /// The text says some of it in short; `early`: changed before; `used`: constants that numbers of it followed from.
    pub(super) fn in_short(self, ways: Ways, early: Vec<Early>, used: BTreeSet<String>) -> Origin {
        Origin { ways: Arc::new(ways), early, used: Arc::new(used), ..self }
    }

    /// Were two parts made of one section of the text?
    pub(super) fn twins(&self, section: &str, a: usize, b: usize) -> bool {
        let written = |k: usize| self.ways.written(&KeyPath::part(section, k));
        let (a_way, b_way) = (written(a), written(b));
        // what stands as it is written has its own section
        a_way == b_way && (a_way != KeyPath::part(section, a) || b_way != KeyPath::part(section, b))
    }

    /// Was this change made before the text was written out?
    pub(super) fn made(&self, change: &Change) -> bool {
        self.early.iter().any(|early| early.change == *change)
    }

    /// Has this constant become numbers that a change of it would not reach?
    pub(super) fn spent(&self, constant: &str) -> bool {
        self.used.contains(constant)
    }

    pub(super) fn changed(&mut self, key: &str, value: &str, asked: String) {
        if self.text.is_some() {
            self.changes.push(Change { key: key.to_string(), value: value.to_string(), asked });
        }
    }

    /// Parts of `other` were put behind those that were there.
    pub(super) fn included(&mut self, before: [usize; 6], other: &Network, rename: &str) {
        let (count, origin) = (counts(other), other.origin.clone());
        self.included.push(Included { first: before, count, rename: rename.to_string(), origin });
    }

    /// The text and its name; nothing for a network that was made in Rust.
    fn source(&self) -> Source {
        self.text.as_ref().map_or_else(Source::default, |text| text.source.clone())
    }
}

/// How many parts there are, by section.
pub(super) fn counts(network: &Network) -> [usize; 6] {
    let n = network;
    [n.populations.len(), n.projections.len(), n.stimuli.len(), n.probes.len(), n.inputs.len(), n.outputs.len()]
}

impl Network {
    /// A report on this description: every diagnostic at its place, equal ones once.
    pub(super) fn placed(&self, diagnostics: Vec<(Diagnostic, String)>) -> Report {
        let finder = Finder::new(self);
        let source = self.origin.source();
        let mut out: Vec<(Diagnostic, String)> = Vec::new();
        let mut seen = std::collections::HashMap::new();
        for (mut d, part) in diagnostics {
            // what is said behind the name of the part
            let rest = d.message.strip_prefix(part.as_str()).filter(|_| !part.is_empty()).map(str::to_string);
            let equal = rest.map(|rest| (d.code, rest, d.help.clone()));
            if let Some(first) = equal.as_ref().and_then(|key| seen.get(key)) {
                let (first, _): &mut (Diagnostic, String) = &mut out[*first];
                let (count, places) = first.again.get_or_insert_default();
                *count += 1;
                if places.len() < FIRST {
                    let place = finder.place(&d.path, d.of_key);
                    places.push(place.map_or(part.clone(), |place| format!("{part} ({})", place.short(&source))));
                }
                continue;
            }
            if let Some(key) = equal {
                seen.insert(key, out.len());
            }
            if d.span.is_some() && d.path.0.last() == Some(&Key::Name("equations".into())) {
                let report = Report { source: self.equations_source(), diagnostics: vec![d] };
                let moved = self.moved_equations(report, &finder);
                let own = Some(Arc::new(moved.source)).filter(|own| **own != source);
                let inner = moved.diagnostics.into_iter().map(|d| Diagnostic { source: d.source.or_else(|| own.clone()), ..d });
                out.extend(inner.map(|d| (d, part.clone())));
                continue;
            }
            // JSON is walked from its start for each of them
            let place = if finder.is_json() && out.len() >= MOST_IN_JSON { None } else { finder.place(&d.path, d.of_key) };
            match place {
                Some(Place::Text { source: own, span, way }) => {
                    (d.span, d.way) = (Some(span), way);
                    d.source = Some(own).filter(|own| own.name != source.name);
                }
                Some(Place::Words(words)) => d.source = Some(Arc::new(Source { name: words, text: String::new() })),
                None => {}
            }
            out.push((d, part));
        }
        Report { source, diagnostics: out.into_iter().map(|(d, _)| d).collect() }
    }

    /// Remarks with their places.
    pub(super) fn placed_remarks(&self, mut remarks: Vec<Remark>) -> Vec<Remark> {
        if !remarks.is_empty() {
            let finder = Finder::new(self);
            let place = |path: &KeyPath| finder.place(path, false).map(|place| place.short(&Source::default()));
            for remark in &mut remarks {
                remark.place = place(&remark.path);
                remark.others.iter_mut().for_each(|other| other.place = place(&other.path));
            }
        }
        remarks
    }

    /// A report on the equations of this description, moved to where they stand in its file. In JSON they stand in one line, so
    /// their own lines are counted there, and the file is named.
    pub fn placed_equations(&self, report: Report) -> Report {
        self.moved_equations(report, &Finder::new(self))
    }

    fn equations_source(&self) -> Source {
        Source { name: "equations".into(), text: self.equations.clone() }
    }

    fn moved_equations(&self, report: Report, finder: &Finder<'_>) -> Report {
        let Some(text) = &self.origin.text else { return report };
        // equations that were included stand behind
        let own = finder.then.as_ref().map_or("", |then| then.equations.as_str());
        let found = finder.places.as_ref().and_then(|places| places.find(&KeyPath::read("equations")));
        let offsets =
            found.as_ref().filter(|_| !text.json && !own.is_empty() && self.equations.starts_with(own)).and_then(|found| {
                let written = text.source.text.get(found.value.start as usize..found.value.end as usize)?;
                offsets(written, own)
            });
        let (Some(found), Some(offsets)) = (found, offsets) else {
            let name = format!("equations of {}", text.source.name);
            return Report { source: Source { name, ..report.source }, ..report };
        };
        let moved = |k: u32| Some(found.value.start + u32::try_from(*offsets.get(k as usize)?).ok()?);
        let span = |span: Span| Some(Span { start: moved(span.start)?, end: moved(span.end)? });
        let mut diagnostics = report.diagnostics;
        for d in &mut diagnostics {
            let places: Option<Vec<Span>> = d.span.iter().chain(d.related.iter().map(|(span, _)| span)).map(|s| span(*s)).collect();
            let Some(places) = places else {
                d.source = Some(Arc::new(report.source.clone()));
                continue;
            };
            let mut places = places.into_iter();
            d.span = if d.span.is_some() { places.next() } else { Some(found.key) };
            d.related = d.related.take().zip(places.next()).map(|((_, label), span)| (span, label));
        }
        Report { source: text.source.clone(), diagnostics }
    }

    /// A problem with one part, at its place in the file; `None` if it stands in none.
    pub fn placed_part(&self, section: &str, k: usize, key: &str, code: &'static str, message: &str) -> Option<Report> {
        self.origin.text.as_ref()?;
        let (message, help) = message.split_once("\n  help: ").map_or((message, None), |(message, help)| (message, Some(help)));
        let mut d = Diagnostic::new(code, message);
        d.help = help.map(str::to_string);
        d.path = KeyPath::part(section, k).then(&KeyPath::read(key));
        Some(self.placed(vec![(d, String::new())]))
    }
}

/// Where something stands.
enum Place {
    Text { source: Arc<Source>, span: Span, way: Option<String> },
    Words(String),
}

impl Place {
    /// `net.toml, line 3`; without the name if it is that of the report.
    fn short(&self, report: &Source) -> String {
        match self {
            Place::Text { source, span, .. } => {
                let (line, _) = line_and_column(&source.text, *span);
                if source.name == report.name { format!("line {line}") } else { format!("{}, line {line}", source.name) }
            }
            Place::Words(words) => words.clone(),
        }
    }
}

/// Looks for places. The text is read again for it, since only errors and remarks want to know.
struct Finder<'n> {
    origin: &'n Origin,
    places: Option<Places<'n>>,
    source: Option<Arc<Source>>,
    /// As it was read, then changed by name: what else differs was changed in Rust.
    then: Option<Network>,
    /// The description as it is and as it was read and changed by name, if these differ.
    trees: Option<(Tree, Tree)>,
    /// What each change by name changed.
    changed: Vec<(KeyPath, &'n str)>,
    included: Vec<(&'n Included, Finder<'n>)>,
}

impl<'n> Finder<'n> {
    fn new(network: &'n Network) -> Finder<'n> {
        Finder::of(&network.origin, Some(network))
    }

    fn of(origin: &'n Origin, now: Option<&Network>) -> Finder<'n> {
        let included = origin.included.iter().map(|part| (part, Finder::of(&part.origin, None))).collect();
        let mut finder = Finder { origin, places: None, source: None, then: None, trees: None, changed: Vec::new(), included };
        let Some(text) = &origin.text else { return finder };
        let (name, content) = (&text.source.name, &text.source.text);
        // what stands in other files has been asked for its own place
        let early: Vec<Change> = origin.early.iter().map(|early| early.change.clone()).collect();
        let then = Network::own_parts(content, name, text.json, &early);
        let Ok(mut then) = then else { return finder };
        for change in &origin.changes {
            let before = tree(&then);
            if then.set(&change.key, &change.value).is_ok() {
                let after = tree(&then);
                differences(&before, &after, &mut KeyPath::default(), &mut |path| {
                    finder.changed.push((path.clone(), change.asked.as_str()));
                });
            }
        }
        finder.places = if text.json { Some(Places::of_json(content)) } else { Places::of_toml(content) };
        finder.source = Some(Arc::new(text.source.clone()));
        if let Some(now) = now.filter(|now| **now != then) {
            finder.trees = Some((tree(now), tree(&then)));
        }
        finder.then = Some(then);
        finder
    }

    fn is_json(&self) -> bool {
        self.origin.text.as_ref().is_some_and(|text| text.json)
    }

    fn place(&self, path: &KeyPath, of_key: bool) -> Option<Place> {
        if path.is_empty() {
            return None;
        }
        if let Some((included, finder, inner)) = self.inside(path) {
            return finder.place(&inner, of_key).map(|place| match place {
                Place::Text { source, span, way } => {
                    let name = format!("{}, included as `{}`", source.name, included.rename);
                    Place::Text { source: Arc::new(Source { name, text: source.text.clone() }), span, way }
                }
                words => words,
            });
        }
        if let Some((now, then)) = &self.trees
            && !same(now, then, path)
        {
            return None;
        }
        // the last change counts
        let by_name = self.changed.iter().rev().find(|(changed, _)| path.0.starts_with(&changed.0));
        if let Some((_, asked)) = by_name {
            return Some(Place::Words((*asked).to_string()));
        }
        let written = self.origin.ways.written(path);
        if let Some(early) = self.origin.early.iter().rev().find(|early| written.0.starts_with(&early.way.0)) {
            return Some(Place::Words(early.change.asked.clone()));
        }
        let found = self.places.as_ref()?.find(&written)?;
        // a part that is missing altogether has been made in Rust
        if found.keys < written.0.len().min(2) {
            return None;
        }
        let span = self.places.as_ref()?.span(&written, of_key)?;
        // lines of JSON say little
        let way = self.is_json().then(|| written.to_string());
        Some(Place::Text { source: self.source.clone()?, span, way })
    }

    /// The included network that a way leads into, and the way in there.
    fn inside(&self, path: &KeyPath) -> Option<(&'n Included, &Finder<'n>, KeyPath)> {
        let [Key::Name(section), Key::Index(k), rest @ ..] = path.0.as_slice() else { return None };
        let kind = SECTIONS.iter().position(|name| name == section)?;
        let (included, finder) =
            self.included.iter().find(|(part, _)| (part.first[kind]..part.first[kind] + part.count[kind]).contains(k))?;
        let inner = KeyPath::part(section, k - included.first[kind]).then(&KeyPath(rest.to_vec()));
        Some((included, finder, inner))
    }
}

/// The description as keys and values.
fn tree(network: &Network) -> Tree {
    // it was read from a text, so it can be written as one
    serde_json::to_value(network).unwrap_or_default()
}

fn at<'t>(tree: &'t Tree, path: &[Key]) -> Option<&'t Tree> {
    path.iter().try_fold(tree, |tree, key| match key {
        Key::Name(name) => tree.get(name),
        Key::Index(k) => tree.get(k),
    })
}

/// Does a part say the same of itself and of what is meant as when it was read?
fn same(now: &Tree, then: &Tree, path: &KeyPath) -> bool {
    let part = |tree| at(tree, &path.0[..path.0.len().min(2)]);
    let itself = |tree: &Tree| ["name", "source", "target", "population", "input", "record"].map(|key| tree.get(key).cloned());
    let parts_agree = match (part(now), part(then)) {
        (Some(now), Some(then)) => itself(now) == itself(then),
        (None, None) => true,
        _ => false,
    };
    parts_agree && at(now, &path.0) == at(then, &path.0)
}

/// Every way that leads to something else than before, the shortest each.
fn differences(before: &Tree, after: &Tree, path: &mut KeyPath, each: &mut dyn FnMut(&KeyPath)) {
    match (before, after) {
        (before, after) if before == after => {}
        (Tree::Object(old), Tree::Object(new)) => {
            for (key, value) in new {
                path.0.push(Key::Name(key.clone()));
                match old.get(key) {
                    Some(before) => differences(before, value, path, each),
                    None => leaves(value, path, each),
                }
                path.0.pop();
            }
        }
        (Tree::Array(old), Tree::Array(new)) if old.len() == new.len() => {
            for (k, (before, after)) in old.iter().zip(new).enumerate() {
                path.0.push(Key::Index(k));
                differences(before, after, path, each);
                path.0.pop();
            }
        }
        _ => each(path),
    }
}

/// A table that is new as a whole (`parameters`, with the first of them): what stands in it, so that what does not is not meant.
fn leaves(value: &Tree, path: &mut KeyPath, each: &mut dyn FnMut(&KeyPath)) {
    let Tree::Object(table) = value else { return each(path) };
    for (key, value) in table {
        path.0.push(Key::Name(key.clone()));
        leaves(value, path, each);
        path.0.pop();
    }
}
