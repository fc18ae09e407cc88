//! A page of figures, tables and words as one file of HTML, which needs nothing else: no script, no font, no picture from anywhere.
//!
//! In: sections of words, tables and figures. Out: text, or a file. Not here: what stands in a report (the command).
//!
//! A policy in the page itself forbids whatever reads it to fetch anything. What names and texts hold is escaped in one place, so nothing
//! that a user wrote becomes markup. A figure may come in two widths, of which screens show the one that fits.
//!
//! ```
//! use synfire::plot::page::{Page, Section, Table};
//! let rates = Table::new(["population", "rate (Hz)"]).row(["exc", "22.1"]).row(["inh", "<3"]);
//! let page = Page::new("One network").section(Section::new("Rates").text("Spikes per second and neuron.").table(rates));
//! assert!(page.html().contains("<td>&lt;3</td>"));
//! ```

use super::{Figure, PlotError};
use crate::recording::file::write_whole;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

/// A page, from its title down.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    title: String,
    lead: String,
    sections: Vec<Section>,
}

/// A part of a page under a heading.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Section {
    title: String,
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq)]
enum Part {
    Text(String),
    /// As it is written, line by line, behind a word to click on.
    Listing(String, String),
    Table(Table),
    Figure(Drawn),
    /// Beside each other where there is room.
    Beside(Vec<Drawn>),
}

#[derive(Clone, Debug, PartialEq)]
struct Drawn {
    /// For wide screens, and for narrow ones if that is another.
    wide: String,
    narrow: Option<String>,
    caption: String,
}

/// Rows under headings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    heads: Vec<String>,
    rows: Vec<Vec<String>>,
    caption: String,
}

/// Pixels of a screen below which the narrow figures are shown: two of them have no room beside each other.
const NARROW: u32 = 760;

const STYLE: &str = "\
:root{color-scheme:light}*{box-sizing:border-box}\
body{margin:0;padding:0 1rem 3rem;background:#fff;color:#222;font:16px/1.5 Ubuntu,'DejaVu Sans',system-ui,sans-serif}\
main{max-width:60rem;margin:0 auto}h1{font-size:1.6rem;line-height:1.25;margin:1.5rem 0 .5rem;overflow-wrap:anywhere}\
h2{font-size:1.2rem;margin:2.2rem 0 .5rem;padding-top:.6rem;border-top:1px solid #ddd;overflow-wrap:anywhere}\
p{margin:.5rem 0;max-width:48rem;overflow-wrap:anywhere}\
figure{margin:1rem 0;min-width:0}figcaption,.of{color:#555;font-size:.9rem;text-align:left;overflow-wrap:anywhere}\
.of{margin:1rem 0 .3rem}.of+.table{margin-top:0}svg{display:block;max-width:100%;height:auto}\
.table{overflow-x:auto;margin:1rem 0}table{border-collapse:collapse;font-size:.95rem}\
th,td{padding:.2rem .8rem .2rem 0;text-align:left;vertical-align:top;border-bottom:1px solid #eee}td{overflow-wrap:anywhere;min-width:4.5rem}\
th{font-weight:600;border-bottom:1px solid #bbb}td.n,th.n{text-align:right;min-width:0;overflow-wrap:normal;font-variant-numeric:tabular-nums;white-space:nowrap}\
pre{overflow-x:auto;background:#f7f7f7;padding:.8rem;font-size:.85rem;line-height:1.4}summary{cursor:pointer;margin:.5rem 0}\
.beside{display:grid;grid-template-columns:1fr 1fr;gap:1rem}";

impl Page {
    /// A page with a title.
    pub fn new(title: impl Into<String>) -> Page {
        Page { title: title.into(), ..Page::default() }
    }

    /// Words below the title.
    #[must_use]
    pub fn lead(mut self, text: impl Into<String>) -> Page {
        self.lead = text.into();
        self
    }

    /// One more section; one that holds nothing is left out.
    #[must_use]
    pub fn section(mut self, section: Section) -> Page {
        self.sections.extend(Some(section).filter(|section| !section.parts.is_empty()));
        self
    }

    /// The page.
    pub fn html(&self) -> String {
        let mut out = String::from("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
        // nothing may be fetched; figures are part of the page
        out += "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">\n";
        out += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"referrer\" content=\"no-referrer\">\n";
        // without this browsers ask the place where the page lies for a picture of its tab
        out += "<link rel=\"icon\" href=\"data:,\">\n";
        let title = escaped(&self.title);
        let _ = writeln!(out, "<title>{title}</title>\n<style>{STYLE}");
        let _ = writeln!(out, ".narrow{{display:none}}@media(max-width:{NARROW}px){{.wide{{display:none}}.narrow{{display:block}}");
        let _ = writeln!(
            out,
            ".table table{{font-size:.8rem}}th,td{{padding-right:.5rem}}.beside{{grid-template-columns:1fr}}}}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>"
        );
        if !self.lead.is_empty() {
            let _ = writeln!(out, "<p>{}</p>", escaped(&self.lead));
        }
        let mut figures = 0;
        for section in &self.sections {
            let _ = writeln!(out, "<section>\n<h2>{}</h2>", escaped(&section.title));
            section.parts.iter().for_each(|part| part.write(&mut out, &mut figures));
            out += "</section>\n";
        }
        out + "</main>\n</body>\n</html>\n"
    }

    /// Saves it, whole or not at all.
    ///
    /// **Errors** the disk.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), PlotError> {
        Ok(write_whole(path, |out| out.write_all(self.html().as_bytes()))?)
    }
}

impl Section {
    /// A section with a heading.
    pub fn new(title: impl Into<String>) -> Section {
        Section { title: title.into(), parts: Vec::new() }
    }

    fn with(mut self, part: Part) -> Section {
        self.parts.push(part);
        self
    }

    /// A paragraph.
    #[must_use]
    pub fn text(self, text: impl Into<String>) -> Section {
        self.with(Part::Text(text.into()))
    }

    /// Text as it stands in a file, behind a word to click on.
    #[must_use]
    pub fn listing(self, word: impl Into<String>, text: impl Into<String>) -> Section {
        self.with(Part::Listing(word.into(), text.into()))
    }

    /// A table; one without rows is left out.
    #[must_use]
    pub fn table(self, table: Table) -> Section {
        if table.rows.is_empty() { self } else { self.with(Part::Table(table)) }
    }

    /// A figure, what it shows in words, and the same narrower for small screens.
    #[must_use]
    pub fn figure(self, figure: &Figure, narrow: Option<&Figure>, caption: impl Into<String>) -> Section {
        self.with(Part::Figure(Drawn::of(figure, narrow, caption)))
    }

    /// Two figures beside each other, or one below the other on small screens: each with what it shows.
    #[must_use]
    pub fn beside(self, figures: [(&Figure, String); 2]) -> Section {
        self.with(Part::Beside(figures.into_iter().map(|(figure, caption)| Drawn::of(figure, None, caption)).collect()))
    }
}

impl Table {
    /// A table under these headings. A column all of whose cells are numbers stands at the right.
    pub fn new<S: Into<String>>(heads: impl IntoIterator<Item = S>) -> Table {
        Table { heads: heads.into_iter().map(Into::into).collect(), ..Table::default() }
    }

    /// One more row; cells that it lacks are empty.
    #[must_use]
    pub fn row<S: Into<String>>(mut self, cells: impl IntoIterator<Item = S>) -> Table {
        self.rows.push(cells.into_iter().map(Into::into).collect());
        self
    }

    /// What it shows, above it.
    #[must_use]
    pub fn caption(mut self, text: impl Into<String>) -> Table {
        self.caption = text.into();
        self
    }

    fn write(&self, out: &mut String) {
        let cell = |row: &[String], column: usize| row.get(column).map_or("", String::as_str).to_owned();
        let width = self.rows.iter().map(Vec::len).chain([self.heads.len()]).max().unwrap_or(0);
        let numeric: Vec<bool> = (0..width).map(|column| self.rows.iter().all(|row| is_number(&cell(row, column)))).collect();
        let class = |column: usize| if numeric[column] { " class=\"n\"" } else { "" };
        // above what can be scrolled, so that it is read whole on a narrow screen
        if !self.caption.is_empty() {
            let _ = writeln!(out, "<p class=\"of\">{}</p>", escaped(&self.caption));
        }
        out.push_str("<div class=\"table\"><table>\n");
        out.push_str("<thead><tr>");
        let line = |row: &[String], kind: &str| -> String {
            (0..width).map(|k| format!("<{kind}{}>{}</{kind}>", class(k), escaped(&cell(row, k)))).collect()
        };
        out.push_str(&line(&self.heads, "th"));
        out.push_str("</tr></thead>\n<tbody>\n");
        for row in &self.rows {
            let _ = writeln!(out, "<tr>{}</tr>", line(row, "td"));
        }
        out.push_str("</tbody></table></div>\n");
    }
}

/// A number, with a unit or none; a sign for one that cannot be said.
fn is_number(text: &str) -> bool {
    let text = text.trim();
    let number = text.split_whitespace().next().unwrap_or("").replace([',', '%', '\u{d7}'], "");
    text.is_empty() || text == "-" || number.parse::<f64>().is_ok()
}

impl Drawn {
    fn of(figure: &Figure, narrow: Option<&Figure>, caption: impl Into<String>) -> Drawn {
        Drawn { wide: figure.svg.clone(), narrow: narrow.map(|figure| figure.svg.clone()), caption: caption.into() }
    }

    fn write(&self, out: &mut String, figures: &mut usize) {
        out.push_str("<figure>\n");
        let mut draw = |svg: &str, class: &str| {
            *figures += 1;
            // marks of one figure are not those of another
            let own = svg.replace("id=\"p", &format!("id=\"f{figures}p")).replace("url(#p", &format!("url(#f{figures}p"));
            let _ = writeln!(out, "<div{class}>\n{}</div>", own.replacen("<svg ", "<svg role=\"img\" ", 1));
        };
        match &self.narrow {
            None => draw(&self.wide, ""),
            Some(narrow) => {
                draw(&self.wide, " class=\"wide\"");
                draw(narrow, " class=\"narrow\"");
            }
        }
        let _ = writeln!(out, "<figcaption>{}</figcaption>\n</figure>", escaped(&self.caption));
    }
}

impl Part {
    fn write(&self, out: &mut String, figures: &mut usize) {
        match self {
            Part::Text(text) => {
                let _ = writeln!(out, "<p>{}</p>", escaped(text));
            }
            Part::Listing(word, text) => {
                let _ = writeln!(out, "<details><summary>{}</summary><pre>{}</pre></details>", escaped(word), escaped(text));
            }
            Part::Table(table) => table.write(out),
            Part::Figure(figure) => figure.write(out, figures),
            Part::Beside(all) => {
                out.push_str("<div class=\"beside\">\n");
                all.iter().for_each(|figure| figure.write(out, figures));
                out.push_str("</div>\n");
            }
        }
    }
}

/// What stands for itself in a page, whoever wrote it. The one place in which text becomes markup.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(c),
            // signs that steer, and those that turn the direction of what stands behind them
            c if c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_written_becomes_markup_and_nothing_is_fetched() {
        let evil = "</title><script src=\"https://example.org/x.js\"></script>\u{202e}\u{1b}[2J'";
        let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"2\" height=\"2\"><clipPath id=\"p0\"/><g clip-path=\"url(#p0)\"/></svg>\n";
        let figure = Figure { svg: svg.into() };
        let table = Table::new([evil, "n"]).row([evil, "1.5 Hz"]).row(["a", "-"]).row(["b"]).caption(evil);
        let section = Section::new(evil).text(evil).table(table).table(Table::new(["none"])).listing(evil, evil);
        let section = section.figure(&figure, Some(&figure), evil).beside([(&figure, evil.into()), (&figure, "b".into())]);
        let page = Page::new(evil).lead(evil).section(section).section(Section::new("empty"));
        let html = page.html();
        assert!(!html.contains("<script") && !html.contains('\u{1b}') && !html.contains('\u{202e}') && !html.contains("empty"));
        assert!(html.contains("&lt;script src=&quot;https"));
        let markup = html.replace("http://www.w3.org/2000/svg", "").replace(&escaped(evil), "");
        assert!(!markup.contains("http:") && !markup.contains("https:") && !markup.contains("src="), "{markup}");
        assert!(markup.contains("default-src 'none'; style-src 'unsafe-inline'; img-src data:"));
        // each figure has its own marks
        let ids: Vec<&str> = html.matches("id=\"f").collect();
        assert_eq!(ids.len(), 4);
        for k in 1..=4 {
            assert_eq!(html.matches(&format!("\"f{k}p0\"")).count() + html.matches(&format!("url(#f{k}p0)")).count(), 2);
        }
        assert!(html.contains("<th class=\"n\">n</th>") && html.contains("<td class=\"n\">1.5 Hz</td>"), "{html}");
    }

    #[test]
    fn every_call_of_the_disk_that_fails_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let page = Page::new("long").section(Section::new("a").text("x".repeat(200_000)));
        let save = |path: &Path| page.save(path).map_err(|e| e.to_string());
        assert!(crate::whole::tests::each_call_fails(&folder.path().join("a.html"), &save) >= 4);
    }
}
