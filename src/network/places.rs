//! Where the keys and values of a description stand in its text.
//!
//! In: a text of TOML or JSON that has been read, and the way to a value. Out: the bytes of the key or of the value; of the
//! nearest part above it that is there, if it is not. Not here: what is wrong with it.

use serde_json::Value as Tree;
use toml::de::{DeTable, DeValue};

use crate::diagnostic::{Key, KeyPath, Span};

/// Where everything stands in one text.
pub(super) enum Places<'t> {
    Toml(toml::Spanned<DeTable<'t>>),
    Json(&'t str),
}

/// What was found of a way: how many keys of it, and where the last of them stands.
pub(super) struct Found {
    pub keys: usize,
    pub key: Span,
    pub value: Span,
}

impl<'t> Places<'t> {
    /// `None`: not TOML.
    pub fn of_toml(text: &'t str) -> Option<Places<'t>> {
        DeTable::parse(text).ok().map(Places::Toml)
    }

    /// The text has been read as JSON.
    pub fn of_json(text: &'t str) -> Places<'t> {
        Places::Json(text)
    }

    pub fn is_json(&self) -> bool {
        matches!(self, Places::Json(_))
    }

    /// The way as far as it goes.
    pub fn find(&self, path: &KeyPath) -> Option<Found> {
        match self {
            Places::Toml(table) => in_table(table.get_ref(), &path.0),
            Places::Json(text) => in_json(text, &path.0),
        }
    }

    /// What to mark: the value, the key if that is meant, or the nearest part above that is there.
    pub fn span(&self, path: &KeyPath, of_key: bool) -> Option<Span> {
        let found = self.find(path)?;
        Some(if of_key && found.keys == path.0.len() { found.key } else { found.value })
    }

    /// All keys and values as JSON has them; a date as null.
    pub fn tree(&self) -> Tree {
        match self {
            Places::Toml(table) => tree_of_table(table.get_ref(), false),
            // it has been read before
            Places::Json(text) => serde_json::from_str(text).unwrap_or_default(),
        }
    }
}

impl Places<'_> {
    /// The same with texts for the numbers that JSON has not, as values are written.
    pub fn exact_tree(&self) -> Tree {
        match self {
            Places::Toml(table) => tree_of_table(table.get_ref(), true),
            Places::Json(_) => self.tree(),
        }
    }
}

fn span(range: std::ops::Range<usize>) -> Span {
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Span { start: count(range.start), end: count(range.end) }
}

fn in_table(table: &DeTable<'_>, path: &[Key]) -> Option<Found> {
    let (Key::Name(name), rest) = path.split_first()? else { return None };
    let (key, value) = table.iter().find(|(key, _)| key.get_ref().as_ref() == name.as_str())?;
    let found = Found { keys: 1, key: span(key.span()), value: span(value.span()) };
    Some(deeper(found, value.get_ref(), rest))
}

fn deeper(found: Found, value: &DeValue<'_>, path: &[Key]) -> Found {
    let below = match (value, path.split_first()) {
        (DeValue::Table(table), Some(_)) => in_table(table, path),
        (DeValue::Array(list), Some((Key::Index(k), rest))) => list.get(*k).map(|item| {
            let place = span(item.span());
            deeper(Found { keys: 1, key: place, value: place }, item.get_ref(), rest)
        }),
        _ => None,
    };
    match below {
        Some(below) => Found { keys: found.keys + below.keys, ..below },
        None => found,
    }
}

fn tree_of_table(table: &DeTable<'_>, exact: bool) -> Tree {
    Tree::Object(table.iter().map(|(key, value)| (key.get_ref().to_string(), tree_of(value.get_ref(), exact))).collect())
}

fn tree_of(value: &DeValue<'_>, exact: bool) -> Tree {
    match value {
        DeValue::String(text) => Tree::String(text.to_string()),
        DeValue::Boolean(b) => Tree::Bool(*b),
        DeValue::Integer(n) => match i128::from_str_radix(n.as_str(), n.radix()) {
            Ok(n) if u64::try_from(n).is_ok() => Tree::from(n as u64),
            Ok(n) => Tree::from(i64::try_from(n).unwrap_or(i64::MIN)),
            Err(_) => Tree::from(i64::MIN),
        },
        DeValue::Float(x) => match x.as_str().parse::<f64>() {
            Ok(x) if x.is_finite() => Tree::from(x),
            Ok(x) if exact => Tree::from(x.to_string()),
            // JSON has no infinity: the kind of the value is what counts here
            _ => Tree::from(0.5),
        },
        DeValue::Array(list) => Tree::Array(list.iter().map(|item| tree_of(item.get_ref(), exact)).collect()),
        DeValue::Table(table) => tree_of_table(table, exact),
        DeValue::Datetime(_) => Tree::Null,
    }
}

/// Walks a text that is known to be JSON.
struct Walk<'t> {
    bytes: &'t [u8],
    at: usize,
}

fn in_json(text: &str, path: &[Key]) -> Option<Found> {
    let mut walk = Walk { bytes: text.as_bytes(), at: 0 };
    let mut found: Option<Found> = None;
    for (k, key) in path.iter().enumerate() {
        walk.space();
        let Some((key, start)) = walk.enter(key) else { break };
        let mut end = Walk { bytes: walk.bytes, at: start };
        end.skip()?;
        walk.at = start;
        found = Some(Found { keys: k + 1, key, value: span(start..end.at) });
    }
    found
}

impl Walk<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn space(&mut self) {
        while self.peek().is_some_and(|b| b.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// Into the member of the object, or the item of the list, that stands here: its key, and where its value begins.
    fn enter(&mut self, wanted: &Key) -> Option<(Span, usize)> {
        let (open, index) = match wanted {
            Key::Name(_) => (b'{', 0),
            Key::Index(k) => (b'[', *k),
        };
        if self.peek()? != open {
            return None;
        }
        self.at += 1;
        for k in 0.. {
            self.space();
            if matches!(self.peek()?, b'}' | b']') {
                return None;
            }
            let key = self.at;
            match wanted {
                Key::Index(_) if k == index => return Some((span(key..key + 1), key)),
                Key::Index(_) => {}
                Key::Name(name) => {
                    self.skip()?;
                    let end = self.at;
                    self.space();
                    self.at += 1;
                    self.space();
                    let written = std::str::from_utf8(&self.bytes[key..end]).ok()?;
                    if serde_json::from_str::<String>(written).ok()? == *name {
                        return Some((span(key..end), self.at));
                    }
                }
            }
            self.skip()?;
            self.space();
            self.at += usize::from(self.peek()? == b',');
        }
        None
    }

    /// Past the value that stands here.
    fn skip(&mut self) -> Option<()> {
        let mut depth = 0usize;
        loop {
            match self.peek()? {
                b'"' => {
                    self.at += 1;
                    while self.peek()? != b'"' {
                        self.at += 1 + usize::from(self.peek()? == b'\\');
                    }
                    self.at += 1;
                }
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' | b']' => {
                    depth = depth.checked_sub(1)?;
                    self.at += 1;
                }
                b',' | b':' | b' ' | b'\n' | b'\r' | b'\t' => self.at += 1,
                _ => {
                    let end = |b: &u8| b",:]} \n\r\t\"".contains(b);
                    self.at += self.bytes[self.at..].iter().position(end).unwrap_or(self.bytes.len() - self.at);
                }
            }
            if depth == 0 {
                return Some(());
            }
        }
    }
}

#[cfg(test)]
#[path = "places_tests.rs"]
mod tests;
