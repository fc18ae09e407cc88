//! Texts of a repeated part with the values of its indices: `group{k + 1}` becomes `group3`.

use std::cell::RefCell;
use std::collections::BTreeSet;

use serde_json::{Map, Number, Value as Tree};

use super::Part;
use super::repeated::{Binding, Bound};
use crate::diagnostic::{Diagnostic, Key, KeyPath};
use crate::network::expression::Expression;
use crate::units::Dimension;

/// Keys whose values stay texts where all of the text is one `{...}`; elsewhere that is a number.
const TEXTS: &[&str] = &[
    "use",
    "name",
    "source",
    "target",
    "population",
    "projection",
    "model",
    "port",
    "synapse",
    "input",
    "record",
    "colour",
    "method",
    "file",
    "path",
    "column",
    "equals",
    "unit",
    "rule",
    "kind",
    "normalise",
    "at",
    "modulators",
];

impl Part<'_> {
    /// The part with all of its texts filled in.
    pub(super) fn filled(
        &self,
        part: &Map<String, Tree>,
        round: &[Binding],
        used: &mut Vec<String>,
    ) -> Result<Map<String, Tree>, Diagnostic> {
        let mut names: Vec<(&str, f64)> = Vec::new();
        for binding in round {
            if let Bound::Number(x) = binding.value {
                names.push((&binding.name, x));
            }
        }
        names.extend(self.numbers.iter().filter(|(name, _)| round.iter().all(|b| b.name != *name)).map(|(n, x)| (n.as_str(), *x)));
        let fill = Fill { round, names, used: RefCell::default() };
        let mut way = self.here.clone();
        let filled = fill.map(part, &mut way, false);
        let named = |name: &String| round.iter().all(|binding| binding.name != *name);
        used.extend(fill.used.into_inner().into_iter().filter(named));
        filled
    }
}

struct Fill<'t> {
    round: &'t [Binding],
    /// Numbers that expressions may use.
    names: Vec<(&'t str, f64)>,
    /// Those that were asked for.
    used: RefCell<BTreeSet<String>>,
}

impl Fill<'_> {
    fn map(&self, map: &Map<String, Tree>, way: &mut KeyPath, texts: bool) -> Result<Map<String, Tree>, Diagnostic> {
        let mut out = Map::new();
        for (key, value) in map {
            way.0.push(Key::Name(key.clone()));
            let filled = self.value(value, way, texts || TEXTS.contains(&key.as_str()))?;
            way.0.pop();
            out.insert(key.clone(), filled);
        }
        Ok(out)
    }

    fn value(&self, value: &Tree, way: &mut KeyPath, texts: bool) -> Result<Tree, Diagnostic> {
        Ok(match value {
            Tree::String(text) => self.text(text, way, texts)?,
            Tree::Array(list) => {
                let mut out = Vec::with_capacity(list.len());
                for (k, item) in list.iter().enumerate() {
                    way.0.push(Key::Index(k));
                    out.push(self.value(item, way, texts)?);
                    way.0.pop();
                }
                Tree::Array(out)
            }
            Tree::Object(map) => Tree::Object(self.map(map, way, texts)?),
            other => other.clone(),
        })
    }

    fn text(&self, text: &str, way: &KeyPath, texts: bool) -> Result<Tree, Diagnostic> {
        let wrong = |message: String| Diagnostic { path: way.clone(), ..Diagnostic::new("E087", message) };
        let (mut out, mut rest) = (String::new(), text);
        while let Some((before, behind)) = rest.split_once('{') {
            let Some((inside, behind)) = behind.split_once('}') else {
                return Err(wrong(format!("in \"{text}\" a `{{` has no `}}` behind it")));
            };
            let filled = self.inside(inside.trim()).map_err(|why| match why.1 {
                Some(help) => wrong(why.0).help(help),
                None => wrong(why.0),
            })?;
            if before.is_empty()
                && out.is_empty()
                && behind.is_empty()
                && !texts
                && let Bound::Number(x) = filled
            {
                return number(x).map(Tree::Number).ok_or_else(|| wrong(format!("`{inside}` is {x}, which is no number")));
            }
            out.push_str(before);
            match filled {
                Bound::Text(text) => out.push_str(&text),
                Bound::Number(x) if x.fract() == 0.0 && x.abs() < 1e15 => out.push_str(&(x as i64).to_string()),
                Bound::Number(x) => out.push_str(&x.to_string()),
            }
            rest = behind;
        }
        out.push_str(rest);
        Ok(Tree::String(out))
    }

    /// What stands between `{` and `}`: an index, or an expression of indices. `Err`: what is wrong, and what helps.
    fn inside(&self, text: &str) -> Result<Bound, (String, Option<String>)> {
        if let Some(binding) = self.round.iter().find(|binding| binding.name == text) {
            return Ok(binding.value.clone());
        }
        let names: Vec<(&str, Dimension)> = self.names.iter().map(|(name, _)| (*name, Dimension::NONE)).collect();
        let read = Expression::number(text, &names, Dimension::NONE).map_err(|error| (error.message, error.help))?;
        let values: Vec<f64> = self.names.iter().map(|(_, x)| *x).collect();
        self.used.borrow_mut().extend(read.uses().iter().map(|k| self.names[*k as usize].0.to_string()));
        let x = read.evaluate(&values);
        if x.is_finite() { Ok(Bound::Number(x)) } else { Err((format!("`{text}` is {x}, which is no number"), None)) }
    }
}

/// A whole number as such.
fn number(x: f64) -> Option<Number> {
    match x {
        x if x.fract() == 0.0 && (0.0..9.0e15).contains(&x) => Some(Number::from(x as u64)),
        x if x.fract() == 0.0 && (-9.0e15..0.0).contains(&x) => Some(Number::from(x as i64)),
        x => Number::from_f64(x),
    }
}
