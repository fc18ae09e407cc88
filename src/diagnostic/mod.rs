//! What is wrong with a text, where, and the likely remedy.
//!
//! In: a text and spans in it. Out: a message with excerpt, caret and help. Not here: what is checked (`model::check`,
//! `network::check`).

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

mod key;

pub use key::{Key, KeyPath};

/// Bytes `start..end` of the text that a diagnostic speaks of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Span {
    /// The first byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
}

impl Span {
    /// From the start of one span to the end of another.
    pub fn to(self, other: Span) -> Span {
        Span { start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// A stable code such as `E003`, listed in the guide.
    pub code: &'static str,
    /// One line: what was expected, what was found.
    pub message: String,
    /// Where, if it is in a text; the name of the text and the text itself are in [`Source`].
    pub span: Option<Span>,
    /// A second place, with what it shows: "first defined here".
    pub related: Option<(Span, String)>,
    /// What to do, if that is sure.
    pub help: Option<String>,
    /// Where in a description, by its keys; from what holds it, until whoever knows that puts it in front.
    pub path: KeyPath,
    /// The key itself is meant, not its value.
    pub of_key: bool,
    /// What `span` counts in, if that is not the text of the report; with an empty text only its name is told.
    pub source: Option<Arc<Source>>,
    /// The way to it, where the line says little.
    pub way: Option<String>,
    /// The same elsewhere: how many there are, and the first places in words.
    pub again: Option<(usize, Vec<String>)>,
}

impl Diagnostic {
    /// Something wrong, without a place yet.
    pub fn new(code: &'static str, message: impl Into<String>) -> Diagnostic {
        let (message, path) = (message.into(), KeyPath::default());
        let (span, related, help) = (None, None, None);
        Diagnostic { code, message, span, related, help, path, of_key: false, source: None, way: None, again: None }
    }

    /// It is about the value of this key of the part, such as `weight`, `times[3]` or `delay.normal.sd`.
    #[must_use]
    pub fn value_of(mut self, key: &str) -> Diagnostic {
        (self.path, self.of_key) = (KeyPath::read(key), false);
        self
    }

    /// It is about this key of the part, whatever its value.
    #[must_use]
    pub fn key_of(mut self, key: &str) -> Diagnostic {
        (self.path, self.of_key) = (KeyPath::read(key), true);
        self
    }

    /// It stands here in the text.
    #[must_use]
    pub fn at(mut self, span: Span) -> Diagnostic {
        self.span = Some(span);
        self
    }

    /// A second place, and what it shows.
    #[must_use]
    pub fn related(mut self, span: Span, label: impl Into<String>) -> Diagnostic {
        self.related = Some((span, label.into()));
        self
    }

    /// What to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(help.into());
        self
    }

    /// `help: did you mean X?`, if there is something near.
    #[must_use]
    pub fn did_you_mean(self, nearest: Option<&str>) -> Diagnostic {
        match nearest {
            Some(name) => self.help(format!("did you mean `{name}`?")),
            None => self,
        }
    }
}

/// Something that a user should know though it is no error: a number that was rounded, a choice that is seldom meant. Remarks of
/// one sort about several parts are one, with a count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// Remarks of one sort are told together.
    pub sort: &'static str,
    /// The part that is meant: `population exc`.
    pub part: String,
    /// One line that goes on behind the part.
    pub message: String,
    /// How many more there are of this sort.
    pub more: u64,
    /// The first other parts that they are about.
    pub others: Vec<Other>,
    /// Where in the description; empty: in none.
    pub path: KeyPath,
    /// The same as a file and its line, once that is known.
    pub place: Option<String>,
}

/// A further part that a remark is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Other {
    /// As [`Remark::part`].
    pub part: String,
    /// As [`Remark::path`].
    pub path: KeyPath,
    /// As [`Remark::place`].
    pub place: Option<String>,
}

/// Remarks by sort, in the order in which the sorts were met.
#[derive(Clone, Debug, Default)]
pub struct Remarks {
    list: Vec<Remark>,
    /// The part that is being looked at.
    pub here: KeyPath,
}

impl Remarks {
    /// Other parts that are named.
    const NAMED: usize = 4;

    /// About a part as a whole.
    pub fn add(&mut self, sort: &'static str, part: &str, message: impl Into<String>) {
        self.at("", sort, part, message);
    }

    /// About the value of a key of the part.
    pub fn at(&mut self, key: &str, sort: &'static str, part: &str, message: impl Into<String>) {
        let path = self.here.then(&KeyPath::read(key));
        let Some(known) = self.list.iter_mut().find(|r| r.sort == sort) else {
            let (part, message) = (part.to_string(), message.into());
            self.list.push(Remark { sort, part, message, more: 0, others: Vec::new(), path, place: None });
            return;
        };
        known.more += 1;
        if known.part != part && known.others.len() < Remarks::NAMED && !known.others.iter().any(|other| other.part == part) {
            known.others.push(Other { part: part.to_string(), path, place: None });
        }
    }

    /// About the value of a key of the part, with numbers of its own: it is not told together with others.
    pub fn alone(&mut self, key: &str, sort: &'static str, part: &str, message: impl Into<String>) {
        let path = self.here.then(&KeyPath::read(key));
        let (part, message) = (part.to_string(), message.into());
        self.list.push(Remark { sort, part, message, more: 0, others: Vec::new(), path, place: None });
    }

    /// What was said so far; nothing is left.
    pub fn take(&mut self) -> Vec<Remark> {
        std::mem::take(&mut self.list)
    }
}

impl fmt::Display for Remark {
    /// `` `a -> b`: delay 1.23 ms is not a multiple of dt; it is 1.2 ms (2 more like it: `a -> c`, `b -> c`) ``
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = |place: &Option<String>| place.as_ref().map_or_else(String::new, |place| format!(" ({place})"));
        write!(f, "{}: {}{}", self.part, self.message, at(&self.place))?;
        if self.more == 0 {
            return Ok(());
        }
        let cut = if self.others.len() == Remarks::NAMED && self.more > Remarks::NAMED as u64 { ", ..." } else { "" };
        let others: Vec<String> = self.others.iter().map(|other| format!("{}{}", other.part, at(&other.place))).collect();
        let others = if others.is_empty() { String::new() } else { format!(": {}{cut}", others.join(", ")) };
        write!(f, " ({} more like it{others})", self.more)
    }
}

/// A text and what it is called, for excerpts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// `model lif_cond_exp`, `coba.toml`
    pub name: String,
    /// As it was read.
    pub text: String,
}

/// All that is wrong with one text (or with a network as a whole, when the source is empty).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What it is about.
    pub source: Source,
    /// In the order of their places.
    pub diagnostics: Vec<Diagnostic>,
}

impl std::error::Error for Report {}

impl Report {
    /// This one and another behind it, each with its own text.
    #[must_use]
    pub fn and(mut self, other: Report) -> Report {
        let source =
            (other.source.name != self.source.name || other.source.text != self.source.text).then(|| Arc::new(other.source));
        self.diagnostics.extend(other.diagnostics.into_iter().map(|mut d| {
            d.source = d.source.or_else(|| source.clone());
            d
        }));
        self
    }
}

impl fmt::Display for Report {
    /// Each problem as
    ///
    /// ```text
    /// error[E003]: unknown name `v_treshold`
    ///   --> model lif, line 4, column 13
    ///    |
    ///  4 |   threshold v >= v_treshold
    ///    |                  ^^^^^^^^^^
    ///   help: did you mean `v_threshold`?
    /// ```
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, diagnostic) in self.diagnostics.iter().enumerate() {
            if i > 0 {
                f.write_str("\n\n")?;
            }
            self.write_one(f, diagnostic)?;
        }
        Ok(())
    }
}

impl Report {
    fn write_one(&self, f: &mut fmt::Formatter<'_>, d: &Diagnostic) -> fmt::Result {
        write!(f, "error[{}]: {}", d.code, in_one_line(&d.message))?;
        let source = d.source.as_deref().unwrap_or(&self.source);
        match d.span {
            Some(span) => write_excerpt(f, source, span, None, d.way.as_deref())?,
            None if !source.name.is_empty() => write!(f, "\n  --> {}", in_one_line(&source.name))?,
            None => {}
        }
        if let Some((span, label)) = &d.related {
            write_excerpt(f, source, *span, Some(label), None)?;
        }
        if let Some((count, first)) = &d.again {
            write!(f, "\n  {}", in_one_line(&the_same(*count, first)))?;
        }
        if let Some(help) = &d.help {
            write!(f, "\n  help: {}", printable(help))?;
        }
        Ok(())
    }
}

/// `the same 4 times more: a, b, c and 1 more`
pub fn the_same(count: usize, first: &[String]) -> String {
    let times = if count == 1 { "once".to_string() } else { format!("{count} times") };
    let more = if count > first.len() { format!(" and {} more", count - first.len()) } else { String::new() };
    format!("the same {times} more: {}{more}", first.join(", "))
}

fn write_excerpt(f: &mut fmt::Formatter<'_>, source: &Source, span: Span, label: Option<&str>, way: Option<&str>) -> fmt::Result {
    let place = Place::find(&source.text, span);
    let title = label.map(|l| format!("{l}: ")).unwrap_or_default();
    let name = if source.name.is_empty() { "text" } else { &source.name };
    let way = way.map(|way| format!(": {way}")).unwrap_or_default();
    write!(f, "\n  --> {}", in_one_line(&format!("{title}{name}{way}, line {}, column {}", place.line, place.column)))?;
    let number = place.line.to_string();
    let gutter = " ".repeat(number.len());
    write!(f, "\n {gutter} |\n {number} | {}", place.excerpt)?;
    write!(f, "\n {gutter} | {}{}", " ".repeat(place.indent), "^".repeat(place.width.max(1)))
}

/// Line and column of the start of a span, from 1.
pub fn line_and_column(text: &str, span: Span) -> (usize, usize) {
    let place = Place::find(text, span);
    (place.line, place.column)
}

/// A text from a stranger as it may reach a terminal: what would move the cursor, colour, ring or turn the direction of
/// writing is written as an escape; lines and tabs stay.
pub fn printable(text: &str) -> Cow<'_, str> {
    escaped(text, |c| !matches!(c, '\n' | '\t') && hidden(c))
}

/// The same for what is to stay in one line.
pub fn in_one_line(text: &str) -> Cow<'_, str> {
    escaped(text, hidden)
}

/// Control characters, and those that turn the direction of writing.
fn hidden(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn escaped(text: &str, bad: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.chars().any(&bad) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if bad(c) {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// A span as people count: line and column from 1, and the part of the line worth showing.
struct Place {
    line: usize,
    column: usize,
    excerpt: String,
    /// Letters before the caret in the excerpt.
    indent: usize,
    width: usize,
}

/// The longest part of a line that is shown.
const EXCERPT: usize = 100;

impl Place {
    fn find(text: &str, span: Span) -> Place {
        let clamp = |i: u32| {
            let mut i = (i as usize).min(text.len());
            while !text.is_char_boundary(i) {
                i -= 1;
            }
            i
        };
        let (start, end) = (clamp(span.start), clamp(span.end.max(span.start)));
        let line_start = text[..start].rfind('\n').map_or(0, |i| i + 1);
        let line_end = text[start..].find('\n').map_or(text.len(), |i| start + i);
        let line = text[..line_start].matches('\n').count() + 1;
        let before: Vec<char> = text[line_start..start].chars().collect();
        let marked: Vec<char> = text[start..end.min(line_end).max(start)].chars().collect();
        let after: Vec<char> = text[end.min(line_end).max(start)..line_end].chars().collect();
        let column = before.len() + 1;
        // a long line is cut so that the marked part stays in sight
        let cut = before.len().saturating_sub(EXCERPT / 2);
        let printable = |c: &char| if hidden(*c) { ' ' } else { *c };
        let shown: Vec<char> = marked.iter().take(EXCERPT).map(printable).collect();
        let mut excerpt: String = if cut > 0 { "…".into() } else { String::new() };
        let indent = before.len() - cut + usize::from(cut > 0);
        excerpt.extend(before[cut..].iter().map(printable));
        let width = shown.len();
        excerpt.extend(shown);
        excerpt.extend(after.iter().take(EXCERPT.saturating_sub(width)).map(printable));
        Place { line, column, excerpt: excerpt.trim_end().to_string(), indent, width }
    }
}
