//! Numbers inside the values of a part, by the way to them: `positions.spacing`, `spike_times.once.normal.sd`, `weight.normal.mean`.
//!
//! In: anything that stands in a file, a way of keys in it, and a value. Out: the same with the value there. Not here: which values there
//! are (`set`), what is possible (`check`).

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Tree};

use super::{Address, Value, Which};
use crate::diagnostic::Diagnostic;
use crate::units::nearest;

/// Changes one number of `whole`.
///
/// **Errors** rows in brackets, a way that leads nowhere, a value that cannot stand there.
pub(super) fn change<T>(whole: &mut T, way: &str, address: &Address, value: Value) -> Result<(), Diagnostic>
where
    T: Serialize + DeserializeOwned,
{
    if address.which != Which::All {
        let all = Address { which: Which::All, ..address.clone() };
        let message = format!("`{address}`: a number inside a value is one for all rows");
        return Err(Diagnostic::new("E053", message).help(format!("write `{all}`")));
    }
    let shown = value.to_string();
    let unwritten = |e: serde_json::Error| Diagnostic::new("E047", format!("`{address}`: {e}"));
    let mut tree = serde_json::to_value(&*whole).map_err(unwritten)?;
    if tree.is_null() {
        tree = Tree::Object(Map::new());
    }
    let (before, last) = way.rsplit_once('.').unwrap_or(("", way));
    let mut here = &mut tree;
    for key in before.split('.').filter(|key| !key.is_empty()) {
        here = inner(here, key, address)?;
    }
    let place = match here {
        Tree::Object(map) => map.entry(last).or_insert(Tree::Null),
        other => inner(other, last, address)?,
    };
    *place = serde_json::to_value(value).map_err(unwritten)?;
    // a whole number of a file is none with a point
    if let Some(x) = place.as_f64().filter(|x| x.fract() == 0.0 && (0.0..9.0e15).contains(x)) {
        *place = Tree::from(x as u64);
    }
    *whole = serde_json::from_value(tree).map_err(|e| {
        let why = e.to_string();
        let code = if why.starts_with("unknown field") { "E046" } else { "E047" };
        Diagnostic::new(code, format!("`{address}` cannot be {shown}: {why}"))
    })?;
    Ok(())
}

fn inner<'t>(tree: &'t mut Tree, key: &str, address: &Address) -> Result<&'t mut Tree, Diagnostic> {
    let there: Vec<String> = match &*tree {
        Tree::Object(map) => map.keys().cloned().collect(),
        Tree::Array(list) => (0..list.len().min(12)).map(|k| k.to_string()).collect(),
        _ => Vec::new(),
    };
    let found = match tree {
        Tree::Object(map) => map.get_mut(key),
        Tree::Array(list) => key.parse::<usize>().ok().and_then(|k| list.get_mut(k)),
        _ => None,
    };
    found.ok_or_else(|| {
        let listed = if there.is_empty() { "nothing with a name".into() } else { format!("`{}`", there.join("`, `")) };
        let d = Diagnostic::new("E046", format!("`{address}`: there is {listed}, not `{key}`"));
        d.did_you_mean(nearest(key, there.iter().map(String::as_str)))
    })
}
