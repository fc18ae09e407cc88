//! What a network file says in short, written out: blocks that parts share, parts repeated over an index, lists of ends.
//!
//! In: the keys and values of a text. Out: those of a plain description, and for each of its parts the way to where it stands in
//! the text, so that a message can show it. Not here: what the plain keys mean (`form`, serde, `check`), other files (`include`).
//! In Rust a loop and a function say the same.
//!
//! | in short | written out |
//! | --- | --- |
//! | `[block.cell]`, then `use = "cell"` or `use = ["cell", "fast"]` | the keys of the blocks, the later over the earlier, those of the part over both; tables of values key by key |
//! | `repeat = { k = "0..10" }`, `{ side = ["left", "right"] }` | a part for every value, `{k}`, `{k + 1}` in its texts replaced; of two indices every pair |
//! | `repeat = { "side, w" = [["left", 1], ["right", 2]] }` | indices that go together |
//! | `[[electrical]]`, `[[gated]]` | two projections, a model with gated channels: `joined` |
//! | `[[preset]]`, `[[include]]` | the parts of a preset, of another file: `joined` |
//! | `source = ["a", "b"]`, `target = [...]` | a projection for every pair; likewise `target` of a stimulus, `population` and `record` of a probe |
//! | `size = "4*N"`, `n = "C_E"`, `repeat = { k = "0..N" }` | the number that follows from the constants |
//!
//! | code | what is wrong |
//! | --- | --- |
//! | E083 | an expression where a number belongs that is none, or not whole |
//! | E087 | a block, a repetition or a list that cannot be |

use std::collections::{BTreeSet, HashMap};

use serde_json::{Map, Value as Tree};

use crate::diagnostic::{Diagnostic, Key, KeyPath};
use crate::units::nearest;

mod early;
mod filled;
mod joined;
mod numbers;
mod repeated;
#[cfg(test)]
mod tests;

pub(super) use early::{Early, change, is_early, no_block};
pub(super) use joined::{Folder, Sections, Unjoined};
use numbers::Constants;
use repeated::Binding;

/// Sections whose parts may be said in short, and the keys of them that may be lists where a text stands in the plain form.
const SECTIONS: [(&str, &[&str]); 10] = [
    ("population", &[]),
    ("projection", &["source", "target"]),
    ("stimulus", &["target"]),
    ("probe", &["population", "projection", "record"]),
    ("input", &[]),
    ("output", &[]),
    ("gated", &[]),
    ("electrical", &["source", "target"]),
    ("preset", &[]),
    ("include", &[]),
];

/// Sections that a plain description has not.
const JOINED: [&str; 4] = ["gated", "electrical", "preset", "include"];

/// Tables whose entries are taken one by one, so that a part changes one parameter of a block.
const TABLES: [&str; 3] = ["parameters", "initial", "modulators"];

/// More parts than this are no description.
const MOST_PARTS: usize = 1 << 20;

/// From a way in the plain description to the way in the text, for whatever differs.
#[derive(Clone, Debug, Default)]
pub(super) struct Ways(HashMap<KeyPath, KeyPath>);

impl Ways {
    /// Where a value of the plain description stands in the text.
    pub fn written(&self, plain: &KeyPath) -> KeyPath {
        for length in (1..=plain.0.len()).rev() {
            if let Some(way) = self.0.get(&KeyPath(plain.0[..length].to_vec())) {
                return way.then(&KeyPath(plain.0[length..].to_vec()));
            }
        }
        plain.clone()
    }
}

/// A description without shorthand.
#[derive(Debug)]
pub(super) struct Plain {
    pub tree: Tree,
    pub ways: Ways,
    /// Constants that numbers of it followed from.
    pub used: BTreeSet<String>,
    /// Expressions that should have been numbers.
    pub wrong: Vec<Diagnostic>,
}

/// Is anything said in short?
pub(super) fn is_short(tree: &Tree) -> bool {
    let Tree::Object(top) = tree else { return false };
    let short = |item: &Tree, lists: &[&str]| {
        item.as_object().is_some_and(|part| {
            part.contains_key("use")
                || part.contains_key("repeat")
                || lists.iter().any(|key| part.get(*key).is_some_and(Tree::is_array))
        })
    };
    top.contains_key("block")
        || JOINED.iter().any(|section| top.contains_key(*section))
        || numbers::any(tree)
        || SECTIONS.iter().any(|(section, lists)| {
            top.get(*section).and_then(Tree::as_array).is_some_and(|list| list.iter().any(|item| short(item, lists)))
        })
}

/// The description with every part written out.
///
/// **Errors** everything that is wrong with what is said in short, by its way in the text.
pub(super) fn written_out(tree: Tree) -> Result<Plain, Vec<Diagnostic>> {
    let Tree::Object(mut top) = tree else {
        return Ok(Plain { tree, ways: Ways::default(), used: BTreeSet::new(), wrong: Vec::new() });
    };
    let (mut ways, mut wrong) = (Ways::default(), Vec::new());
    let blocks = match top.remove("block") {
        None => Map::new(),
        Some(Tree::Object(blocks)) => blocks,
        Some(_) => {
            let d = Diagnostic::new("E087", "`block` is a table of named tables").key_of("block");
            wrong.push(d.help("write for example `[block.cell]`, and its keys below"));
            Map::new()
        }
    };
    let mut constants = Constants::of(&top);
    let numbers = constants.numbers();
    for (section, lists) in SECTIONS {
        let Some(Tree::Array(list)) = top.get_mut(section) else { continue };
        let mut out = Vec::with_capacity(list.len());
        for (k, item) in std::mem::take(list).into_iter().enumerate() {
            let here = KeyPath::part(section, k);
            let Tree::Object(part) = item else {
                ways.0.insert(KeyPath::part(section, out.len()), here);
                out.push(item);
                continue;
            };
            let mut used = Vec::new();
            let whole = Part { section, lists, here: &here, blocks: &blocks, numbers: &numbers };
            let written = whole.written(&part, out.len(), &mut used);
            constants.note(used);
            match written {
                Ok(parts) if out.len() + parts.len() > MOST_PARTS => {
                    let message = format!("{section}: more than {MOST_PARTS} parts");
                    wrong.push(Diagnostic { path: here, ..Diagnostic::new("E087", message) });
                }
                Ok(parts) => {
                    for (part, own) in parts {
                        let plain = KeyPath::part(section, out.len());
                        ways.0.extend(own.into_iter().map(|(key, way)| (plain.then(&key), way)));
                        ways.0.insert(plain, here.clone());
                        out.push(Tree::Object(part));
                    }
                }
                Err(problem) => wrong.push(problem),
            }
        }
        *list = out;
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let mut tree = Tree::Object(top);
    let wrong = numbers::settle(&mut tree, &mut constants);
    Ok(Plain { tree, ways, used: constants.used, wrong })
}

/// Keys of a part that come from elsewhere, and from where.
type Sources = HashMap<KeyPath, KeyPath>;

/// A part written out, and where its keys come from.
type Written = (Map<String, Tree>, Sources);

/// A part as it stands in the text.
struct Part<'t> {
    section: &'static str,
    lists: &'static [&'static str],
    here: &'t KeyPath,
    blocks: &'t Map<String, Tree>,
    numbers: &'t [(String, f64)],
}

impl Part<'_> {
    /// `used`: constants that it asks for.
    fn written(&self, part: &Map<String, Tree>, before: usize, used: &mut Vec<String>) -> Result<Vec<Written>, Diagnostic> {
        // an index may say which block is meant
        if let (Some(repeat), Some(chosen)) = (part.get("repeat"), part.get("use"))
            && chosen.to_string().contains('{')
        {
            let mut out = Vec::new();
            let way = self.here.then(&KeyPath::read("repeat"));
            for round in repeated::rounds(repeat, &way, MOST_PARTS.saturating_sub(before), self.numbers, used)? {
                let only: Map<String, Tree> = [("use".to_string(), chosen.clone())].into_iter().collect();
                let mut part = part.clone();
                part.extend(self.filled(&only, &round, used)?);
                part.remove("repeat");
                let (part, sources) = self.with_blocks(&part, self.here, &mut Vec::new())?;
                for single in self.each_of(self.filled(&part, &round, used)?)? {
                    out.push((single, sources.clone()));
                }
            }
            return Ok(out);
        }
        let (mut part, sources) = self.with_blocks(part, self.here, &mut Vec::new())?;
        let repeat = part.remove("repeat");
        let way = sources.get(&KeyPath::read("repeat")).cloned().unwrap_or_else(|| self.here.then(&KeyPath::read("repeat")));
        let rounds = match &repeat {
            Some(repeat) => repeated::rounds(repeat, &way, MOST_PARTS.saturating_sub(before), self.numbers, used)?,
            None => vec![Vec::new()],
        };
        if let Some(Tree::String(name)) = part.get("name").filter(|_| rounds.len() > 1)
            && !name.contains('{')
        {
            let index = rounds[0].first().map_or("k", |Binding { name, .. }| name);
            let message = format!("`{name}` would be the name of {} parts", rounds.len());
            let d = Diagnostic::new("E087", message).help(format!("write the index into it: `name = \"{name}{{{index}}}\"`"));
            return Err(Diagnostic { path: self.here.then(&KeyPath::read("name")), ..d });
        }
        let mut out = Vec::new();
        for round in rounds {
            let filled = match round.is_empty() {
                true => part.clone(),
                false => self.filled(&part, &round, used)?,
            };
            for single in self.each_of(filled)? {
                out.push((single, sources.clone()));
            }
        }
        Ok(out)
    }

    /// The part with the keys of the blocks that it uses.
    fn with_blocks(
        &self,
        part: &Map<String, Tree>,
        way: &KeyPath,
        open: &mut Vec<String>,
    ) -> Result<(Map<String, Tree>, Sources), Diagnostic> {
        let at_use = way.then(&KeyPath::read("use"));
        let say = |d: Diagnostic| Diagnostic { path: at_use.clone(), ..d };
        let names: Vec<&str> = match part.get("use") {
            None => Vec::new(),
            Some(Tree::String(name)) => vec![name],
            Some(Tree::Array(list)) if list.iter().all(Tree::is_string) => list.iter().filter_map(Tree::as_str).collect(),
            Some(_) => {
                let d = Diagnostic::new("E087", "`use` is the name of a block, or a list of such names");
                return Err(say(d.help("write for example `use = \"cell\"` for `[block.cell]`")));
            }
        };
        let (mut all, mut sources) = (Map::new(), Sources::new());
        for name in names {
            let known = || self.blocks.keys().map(String::as_str);
            let Some(Tree::Object(block)) = self.blocks.get(name) else {
                let there = match self.blocks.len() {
                    0 => "there is none".into(),
                    _ => format!("there are `{}`", known().collect::<Vec<_>>().join("`, `")),
                };
                let d = Diagnostic::new("E087", format!("no block `{name}`; {there}"));
                return Err(say(match self.blocks.contains_key(name) {
                    true => Diagnostic::new("E087", format!("`block.{name}` is no table of keys")),
                    false => d.did_you_mean(nearest(name, known())),
                }));
            };
            if open.iter().any(|one| one == name) {
                return Err(say(Diagnostic::new("E087", format!("block `{name}` uses itself"))));
            }
            open.push(name.to_string());
            let block_way = KeyPath(vec![Key::Name("block".into()), Key::Name(name.into())]);
            let (keys, from) = self.with_blocks(block, &block_way, open)?;
            open.pop();
            over(&mut all, keys, &mut sources, &|key| from.get(key).cloned().unwrap_or_else(|| block_way.then(key)));
        }
        let mut own = part.clone();
        own.remove("use");
        // what stands in the part itself stands where the part does
        over(&mut all, own, &mut sources, &|key| way.then(key));
        Ok((all, sources))
    }

    /// A part for every entry of its lists.
    fn each_of(&self, part: Map<String, Tree>) -> Result<Vec<Map<String, Tree>>, Diagnostic> {
        let mut out = vec![part];
        for key in self.lists {
            let Some(Tree::Array(list)) = out[0].get(*key).cloned() else { continue };
            let wrong =
                |message: String| Diagnostic { path: self.here.then(&KeyPath::read(key)), ..Diagnostic::new("E087", message) };
            if list.is_empty() {
                return Err(wrong(format!("`{key}` is a list of none")));
            }
            if let Some(twice) = (1..list.len()).find(|k| list[..*k].contains(&list[*k])) {
                return Err(wrong(format!("`{key}` names {} twice", list[twice])));
            }
            let one = |part: &Map<String, Tree>, entry: &Tree| {
                let mut part = part.clone();
                part.insert((*key).to_string(), entry.clone());
                part
            };
            out = out.iter().flat_map(|part| list.iter().map(|entry| one(part, entry))).collect();
        }
        if out.len() > 1 {
            out.iter_mut().for_each(|part| self.name_apart(part));
        }
        Ok(out)
    }

    /// Several parts from one entry with a name are called by what they join besides: `ampa exc -> inh`.
    fn name_apart(&self, part: &mut Map<String, Tree>) {
        let text = |key: &str| part.get(key).and_then(Tree::as_str).unwrap_or_default().to_string();
        let name = text("name");
        if name.is_empty() {
            return;
        }
        let ends = match self.section {
            "projection" => format!("{} -> {}", text("source"), text("target")),
            _ => text("target"),
        };
        part.insert("name".into(), Tree::String(format!("{name} {ends}")));
    }
}

/// Puts keys over those that are there; `way` says where a key stands.
fn over(all: &mut Map<String, Tree>, keys: Map<String, Tree>, sources: &mut Sources, way: &dyn Fn(&KeyPath) -> KeyPath) {
    let name = |key: &str| Key::Name(key.to_string());
    for (key, value) in keys {
        let place = KeyPath(vec![name(&key)]);
        match (all.get_mut(&key), value) {
            (Some(Tree::Object(there)), Tree::Object(values)) if TABLES.contains(&key.as_str()) => {
                for (entry, value) in values {
                    let place = KeyPath(vec![name(&key), name(&entry)]);
                    let from = way(&place);
                    sources.insert(place, from);
                    there.insert(entry, value);
                }
            }
            (_, value) => {
                sources.retain(|known, _| known.0[0] != place.0[0]);
                let from = way(&place);
                if let (Tree::Object(values), true) = (&value, TABLES.contains(&key.as_str())) {
                    for entry in values.keys() {
                        let place = KeyPath(vec![name(&key), name(entry)]);
                        let from = way(&place);
                        sources.insert(place, from);
                    }
                }
                sources.insert(place, from);
                all.insert(key, value);
            }
        }
    }
}
