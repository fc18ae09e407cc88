//! Network files: TOML, and the same as JSON.
//!
//! In: a text or a path. Out: a [`Network`], or a [`Report`] that points at the place. Reading, writing and reading
//! again gives the same network. What is said in short (`shorthand`) is written out while it is read. Not here: what the words mean (`check`), models (`model::parse`), tables (`connector`).
//!
//! | code | what is wrong |
//! | --- | --- |
//! | E040 | the file cannot be read or written |
//! | E041 | the text is not TOML or JSON |
//! | E042 | a key or a word that is not known |
//! | E043 | a key is missing |
//! | E044 | a value of another kind is expected |
//! | E083 | an expression of constants where a number belongs that is none |
//! | E045 | the network cannot be written in this format |
//! | E087 | a block, a repetition or a list of ends that cannot be |
//! | E088 | a section that makes no parts: a preset that cannot be, a file that is not below the folder |

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::change::Change;
use super::places::Places;
use super::shorthand::{self, Early, Folder, Sections, Unjoined, Ways};
use super::{Network, Origin, form, words};
use crate::diagnostic::{Diagnostic, Report, Source, Span};
use crate::units::nearest;
use crate::whole;

/// A larger description is refused unread; large lists belong in tables.
pub const LARGEST: u64 = 64 << 20;

impl Network {
    /// Reads the TOML text of a network; `name` is what messages call it.
    pub fn from_toml(text: &str, name: &str) -> Result<Network, Report> {
        read_toml(text, name, &Others::None, &[])
    }

    /// The same with changes by name, as [`Network::load_changed`] has them.
    ///
    /// **Errors** as there.
    pub fn from_toml_changed(text: &str, name: &str, changes: &[Change]) -> Result<Network, Report> {
        read_toml(text, name, &Others::None, changes)?.changed_late(changes)
    }

    /// Reads the JSON text of a network; `name` is what messages call it.
    pub fn from_json(text: &str, name: &str) -> Result<Network, Report> {
        read_json(text, name, &Others::None, &[])
    }

    /// The parts that a text says itself, without those of presets and other files.
    pub(super) fn own_parts(text: &str, name: &str, json: bool, early: &[Change]) -> Result<Network, Report> {
        let others = Others::LeftOut;
        if json { read_json(text, name, &others, early) } else { read_toml(text, name, &others, early) }
    }

    /// As TOML.
    ///
    /// **Errors** a seed beyond 2^63 - 1, which TOML cannot hold.
    pub fn to_toml(&self) -> Result<String, Report> {
        if let Some(seed) = self.seed.filter(|&s| i64::try_from(s).is_err()) {
            let d = Diagnostic::new("E045", format!("TOML has no whole number as large as the seed {seed}"));
            return Err(alone(&self.name, d.help("write JSON, or use a seed below 2^63")));
        }
        toml::to_string(self).map_err(|e| alone(&self.name, Diagnostic::new("E045", format!("cannot be written as TOML: {e}"))))
    }

    /// As JSON.
    ///
    /// **Errors** numbers that are not finite where JSON wants a number: in matrices, arrays, spike times.
    pub fn to_json(&self) -> Result<String, Report> {
        let text = serde_json::to_string_pretty(self)
            .map_err(|e| alone(&self.name, Diagnostic::new("E045", format!("cannot be written as JSON: {e}"))))?;
        // nothing of ours is ever null, so a null was a number that JSON cannot hold (a text would end in its quote)
        if text.lines().any(|line| line.trim_end_matches(',').trim_end().ends_with("null")) {
            let d = Diagnostic::new("E045", "JSON has no number for NaN or infinity");
            return Err(alone(&self.name, d.help("write TOML, or take the number out")));
        }
        Ok(text)
    }

    /// Reads a network from a `.toml` or `.json` file.
    ///
    /// Other files that it includes lie below its folder.
    pub fn load(path: impl AsRef<Path>) -> Result<Network, Report> {
        Network::load_within(path.as_ref(), &[], &[])
    }

    /// The same with changes by name, as `--set` asks for them: what [`Network::set`] changes, and before it what shapes the file
    /// itself: constants, of which sizes, numbers and repetitions may be made; blocks (`block.cell.v_th`); parts by the names that they
    /// have in the file (`group{k}.size`), all of them at once.
    ///
    /// ```no_run
    /// use synfire::network::{Change, Network};
    /// let network = Network::load_changed("brunel.toml", &[Change::new("constants.N", "1000")])?;
    /// # Ok::<(), synfire::diagnostic::Report>(())
    /// ```
    ///
    /// **Errors** as [`Network::load`] and [`Network::set`].
    pub fn load_changed(path: impl AsRef<Path>, changes: &[Change]) -> Result<Network, Report> {
        Network::load_within(path.as_ref(), &[], changes)?.changed_late(changes)
    }

    /// With those of the changes that did not shape the file itself.
    fn changed_late(mut self, changes: &[Change]) -> Result<Network, Report> {
        for change in changes.iter().filter(|change| !self.origin.made(change)).cloned().collect::<Vec<Change>>() {
            self.set_by(&change.key, &change.value, &change.asked)?;
        }
        Ok(self)
    }

    /// The same, where these files are being read already.
    pub(super) fn load_within(path: &Path, open: &[PathBuf], early: &[Change]) -> Result<Network, Report> {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        let bad = |message: String| alone(&name, Diagnostic::new("E040", message));
        let format = Format::of(path).ok_or_else(|| unknown_format(&name))?;
        let meta = std::fs::metadata(path).map_err(|e| bad(format!("cannot be read: {e}")))?;
        if !meta.is_file() {
            return Err(bad("not a file".into()));
        }
        let file = std::fs::File::open(path).map_err(|e| bad(format!("cannot be read: {e}")))?;
        let mut bytes = Vec::new();
        // one more than allowed, so that a file that grows meanwhile is refused too
        file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|e| bad(format!("cannot be read: {e}")))?;
        if bytes.len() as u64 > LARGEST {
            let d = Diagnostic::new("E040", format!("larger than {} MiB, the most that is read", LARGEST >> 20));
            return Err(alone(&name, d.help("put long lists into tables (connector `file`, `column`)")));
        }
        let text = String::from_utf8(bytes).map_err(|e| bad(format!("not UTF-8 from byte {} on", e.utf8_error().valid_up_to())))?;
        let open: Vec<PathBuf> = open.iter().cloned().chain(path.canonicalize().ok()).collect();
        let others = Others::Beside(Folder { path: path.parent().unwrap_or(Path::new("")), open: &open });
        match format {
            Format::Toml => read_toml(&text, &name, &others, early),
            Format::Json => read_json(&text, &name, &others, early),
        }
    }

    /// Writes the network to a `.toml` or `.json` file: the whole new file, or the old one stays.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), Report> {
        let path = path.as_ref();
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        let text = match Format::of(path).ok_or_else(|| unknown_format(&name))? {
            Format::Toml => self.to_toml()?,
            Format::Json => self.to_json()?,
        };
        let written = whole::write(path, |out| out.write_all(text.as_bytes()));
        written.map_err(|e| alone(&name, Diagnostic::new("E040", format!("cannot be written: {e}"))))
    }
}

/// What stands in other files, and what presets make.
enum Others<'f> {
    /// It cannot be read here.
    None,
    /// Nobody asks for it.
    LeftOut,
    /// It lies beside this file.
    Beside(Folder<'f>),
}

fn read_toml(text: &str, name: &str, others: &Others<'_>, early: &[Change]) -> Result<Network, Report> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if let (false, Some(places)) = (early.is_empty(), Places::of_toml(text))
        && early.iter().any(|change| shorthand::is_early(&places.tree(), &change.key))
    {
        return in_short(text, name, &places, (places.exact_tree(), "a date"), others, early);
    }
    let error = match toml::from_str::<Network>(text) {
        Ok(read) => return Ok(Network { origin: Origin::read(name, text, false), ..read }),
        Err(error) => error,
    };
    if let Some(places) = Places::of_toml(text) {
        let tree = places.tree();
        if shorthand::is_short(&tree) {
            return in_short(text, name, &places, (places.exact_tree(), "a date"), others, early);
        }
        if let Some(report) = misshapen(text, name, &places, &tree, "a date") {
            return Err(report);
        }
    }
    let span = error.span().map(|s| span(s.start, s.end));
    Err(refused(text, name, error.message(), span, "TOML"))
}

fn read_json(text: &str, name: &str, others: &Others<'_>, early: &[Change]) -> Result<Network, Report> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if let (false, Ok(tree)) = (early.is_empty(), serde_json::from_str::<serde_json::Value>(text))
        && early.iter().any(|change| shorthand::is_early(&tree, &change.key))
    {
        return in_short(text, name, &Places::of_json(text), (tree, "`null`"), others, early);
    }
    let e = match serde_json::from_str::<Network>(text) {
        Ok(read) => return Ok(Network { origin: Origin::read(name, text, true), ..read }),
        Err(error) => error,
    };
    if let Ok(tree) = serde_json::from_str(text) {
        let places = Places::of_json(text);
        if shorthand::is_short(&tree) {
            return in_short(text, name, &places, (tree, "`null`"), others, early);
        }
        if let Some(report) = misshapen(text, name, &places, &tree, "`null`") {
            return Err(report);
        }
    }
    let message = e.to_string();
    let place = format!(" at line {} column {}", e.line(), e.column());
    let message = message.strip_suffix(&place).unwrap_or(&message);
    let at = offset(text, e.line(), e.column());
    let place = named_before(text, at, message).unwrap_or(at..at + 1);
    let mut report = refused(text, name, message, Some(span(place.start, place.end)), "JSON");
    if matches!(e.classify(), serde_json::error::Category::Syntax | serde_json::error::Category::Eof) {
        for d in &mut report.diagnostics {
            d.code = "E041";
        }
    }
    Err(report)
}

/// Keys and values that a program has, with no text around them; `name` is what messages call them.
pub(super) fn read_tree(tree: serde_json::Value, name: &str, folder: Option<&Path>) -> Result<Network, Report> {
    let error = match serde_json::from_value::<Network>(tree.clone()) {
        Ok(read) => return Ok(read),
        Err(error) => error,
    };
    let places = Places::of_json("");
    if shorthand::is_short(&tree) {
        let others = folder.map_or(Others::None, |path| Others::Beside(Folder { path, open: &[] }));
        let read = in_short("", name, &places, (tree, "None"), &others, &[])?;
        // there is no text that a message could show
        return Ok(Network { origin: Origin::default(), ..read });
    }
    Err(misshapen("", name, &places, &tree, "None").unwrap_or_else(|| refused("", name, &error.to_string(), None, "keys")))
}

enum Format {
    Toml,
    Json,
}

impl Format {
    fn of(path: &Path) -> Option<Format> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "toml" => Some(Format::Toml),
            "json" => Some(Format::Json),
            _ => None,
        }
    }
}

fn unknown_format(name: &str) -> Report {
    let d = Diagnostic::new("E040", "the name does not say what is in it, expected `.toml` or `.json`");
    alone(name, d)
}

/// A report without a place in a text.
fn alone(name: &str, diagnostic: Diagnostic) -> Report {
    Report { source: Source { name: name.to_string(), text: String::new() }, diagnostics: vec![diagnostic] }
}

fn span(start: usize, end: usize) -> Span {
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Span { start: count(start), end: count(end.max(start)) }
}

/// The byte that serde_json means by a line and a column, both from 1 (column 0: the end of the line before).
fn offset(text: &str, line: usize, column: usize) -> usize {
    let before: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    (before + column.saturating_sub(1)).min(text.len())
}

/// serde_json says where a word that is not known ends; this is the whole of it, if it stands there.
fn named_before(text: &str, end: usize, message: &str) -> Option<std::ops::Range<usize>> {
    let word = message.strip_prefix("unknown ")?.split('`').nth(1)?;
    let end = end + 1;
    let start = end.checked_sub(word.len() + 2)?;
    (text.get(start..end)? == format!("\"{word}\"")).then_some(start + 1..end - 1)
}

/// What of a text has another form than a network file, if anything.
fn misshapen(text: &str, name: &str, places: &Places<'_>, tree: &serde_json::Value, null: &'static str) -> Option<Report> {
    let wrong = form::wrong(tree, null);
    (!wrong.is_empty()).then(|| shown(text, name, places, wrong, &Ways::default(), &[]))
}

/// A description that says something in short.
fn in_short(
    text: &str,
    name: &str,
    places: &Places<'_>,
    (mut tree, null): (serde_json::Value, &'static str),
    others: &Others<'_>,
    changes: &[Change],
) -> Result<Network, Report> {
    let mut early: Vec<Early> = Vec::new();
    for change in changes {
        if shorthand::is_early(&tree, &change.key) {
            let made = shorthand::change(&mut tree, change);
            early.push(made.map_err(|d| alone(&change.asked, d))?);
        } else if let Some(d) = shorthand::no_block(&tree, &change.key) {
            return Err(alone(&change.asked, d));
        }
    }
    let show = |wrong: Vec<Diagnostic>, ways: &Ways| shown(text, name, places, wrong, ways, &early);
    let mut plain = shorthand::written_out(tree).map_err(|wrong| show(wrong, &Ways::default()))?;
    let mut wrong = std::mem::take(&mut plain.wrong);
    wrong.extend(form::wrong(&plain.tree, null));
    if !wrong.is_empty() {
        return Err(show(wrong, &plain.ways));
    }
    let one = |d: Box<Diagnostic>| show(vec![*d], &Ways::default());
    let sections = Sections::taken(&mut plain.tree, &plain.ways);
    let format = if places.is_json() { "JSON" } else { "TOML" };
    let mut read: Network = serde_json::from_value(plain.tree).map_err(|e| refused(text, name, &e.to_string(), None, format))?;
    sections.join_own(&mut read, &mut plain.ways).map_err(one)?;
    read.origin = Origin::read(name, text, places.is_json()).in_short(plain.ways, early.clone(), plain.used);
    let folder = match others {
        Others::LeftOut => return Ok(read),
        Others::None => None,
        Others::Beside(folder) => Some(folder),
    };
    match sections.join_others(&mut read, folder) {
        Ok(()) => Ok(read),
        Err(Unjoined::Here(d)) => Err(one(d)),
        Err(Unjoined::There(report)) => Err(report),
    }
}

/// Problems at their places in a text, those of parts that were written out from one once; of what was changed by name at the command.
fn shown(text: &str, name: &str, places: &Places<'_>, wrong: Vec<Diagnostic>, ways: &Ways, early: &[Early]) -> Report {
    let mut diagnostics: Vec<Diagnostic> = Vec::with_capacity(wrong.len());
    for mut d in wrong {
        d.path = ways.written(&d.path);
        if diagnostics.iter().any(|known| (&known.path, &known.message) == (&d.path, &d.message)) {
            continue;
        }
        if let Some(by_name) = early.iter().rev().find(|early| d.path.0.starts_with(&early.way.0)) {
            d.source = Some(Arc::new(Source { name: by_name.change.asked.clone(), text: String::new() }));
            diagnostics.push(d);
            continue;
        }
        // a key that is missing at the top has no section
        d.span = places.span(&d.path, d.of_key);
        d.way = places.is_json().then(|| d.path.to_string()).filter(|way| d.span.is_some() && !way.is_empty());
        diagnostics.push(d);
    }
    Report { source: Source { name: name.to_string(), text: text.to_string() }, diagnostics }
}

/// What serde and the parsers say, in our words, where the form is right.
fn refused(text: &str, name: &str, message: &str, span: Option<Span>, format: &str) -> Report {
    let mut words = message.split('`');
    let (start, word) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let known: Vec<&str> = words.skip(1).step_by(2).collect();
    let known_list = known.iter().map(|k| format!("`{k}`")).collect::<Vec<_>>().join(", ");
    let one_of = if known.is_empty() { "none is expected here".into() } else { format!("expected one of {known_list}") };
    let near = nearest(word, known.iter().copied());
    let d = match start.trim() {
        "unknown field" => {
            Diagnostic::new("E042", format!("unknown key `{word}`, {one_of}")).did_you_mean(near.or(words::elsewhere(word, &known)))
        }
        "unknown variant" => Diagnostic::new("E042", format!("unknown word `{word}`, {one_of}"))
            .did_you_mean(near.or(words::elsewhere(word, &known))),
        "missing field" => Diagnostic::new("E043", format!("the key `{word}` is missing")),
        s if s.contains("expected a sequence") && s.contains("map") => {
            let d = Diagnostic::new("E044", "one section where several may stand");
            d.help("write its name in two brackets: `[[population]]`, `[[projection]]`, `[[stimulus]]`, `[[probe]]`")
        }
        _ if message.ends_with(", expected u64") => {
            let found = message.trim_end_matches(", expected u64").rsplit_once(": ").map_or("", |(_, found)| found);
            let found = found.replace("integer ", "").replace("floating point ", "").replace("string ", "the text ");
            Diagnostic::new("E044", format!("expected a whole number from 0 on, found {found}"))
        }
        "string values must be quoted, expected literal string" => {
            let empty = span.is_none_or(|s| s.start == s.end);
            if empty {
                Diagnostic::new("E041", "a value is missing behind `=`")
            } else {
                Diagnostic::new("E041", "a quantity or a text stands in quotes").help("write for example `\"0.1 ms\"`")
            }
        }
        s if s.starts_with("invalid type") || s.starts_with("invalid value") || s.starts_with("invalid length") => {
            Diagnostic::new("E044", message)
        }
        s if s.starts_with("a date is")
            || s.starts_with("a distribution has")
            || message.starts_with("`linspace` has")
            || message.starts_with("`randint` has")
            || message.starts_with("`range` has")
            || s.starts_with("an empty table") =>
        {
            Diagnostic::new("E044", message)
        }
        _ => Diagnostic::new("E041", format!("not valid {format}: {}", message.trim_end().replace('\n', "; "))),
    };
    let d = Diagnostic { span, ..d };
    Report { source: Source { name: name.to_string(), text: text.to_string() }, diagnostics: vec![d] }
}

#[cfg(test)]
#[path = "file_tests.rs"]
mod tests;
