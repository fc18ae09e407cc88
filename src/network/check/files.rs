//! Tables that a network names: found below its folder, read once.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::Checker;
use crate::diagnostic::{Diagnostic, Key};
use crate::network::connector::table::{MOST_NAMES, Table, TableColumn, read_table};
use crate::units::nearest;

impl Checker<'_> {
    /// The table, read on first use; a table that cannot be read is said once.
    pub(super) fn table(&mut self, part: &str, path: &Path) -> Option<Arc<Table>> {
        if let Some(known) = self.tables.get(path) {
            return known.clone();
        }
        let table = self.inside(part, path).and_then(|full| {
            // it names the table as the description does, not where that leads
            read_table(&full).map_err(|e| {
                let (said, shown) = (e.to_string(), path.display());
                let rest = said.strip_prefix(&full.display().to_string()).unwrap_or(&said);
                Diagnostic::new("E081", format!("{part}: `{shown}`{rest}")).value_of(self.file_key())
            })
        });
        let table = self.accept(table).map(Arc::new);
        self.tables.insert(path.to_path_buf(), table.clone());
        table
    }

    /// The key that names a table: connectors have a word of their own for it.
    fn file_key(&self) -> &'static str {
        match self.remarks.here.0.last() {
            Some(Key::Name(name)) if name == "connector" => "path",
            _ => "file",
        }
    }

    /// Where a path of the description leads, if that is a file below the folder: a network file from a stranger reads
    /// nothing else.
    pub(super) fn inside(&self, part: &str, path: &Path) -> Result<PathBuf, Diagnostic> {
        let shown = path.display();
        let outside = || {
            let message = format!("{part}: `{shown}` does not lie below the folder of the network file");
            Err(Diagnostic::new("E080", message)
                .value_of(self.file_key())
                .help("write a path relative to that folder, without `..`"))
        };
        let plain = path.components().all(|c| matches!(c, Component::Normal(_) | Component::CurDir));
        if !plain || path.as_os_str().is_empty() || path.to_str().is_none() {
            return outside();
        }
        let wrong = |text: String| Diagnostic::new("E081", format!("{part}: `{shown}` {text}")).value_of(self.file_key());
        let cannot = |e: std::io::Error| wrong(format!("cannot be read: {e}"));
        let folder = if self.folder.as_os_str().is_empty() { Path::new(".") } else { self.folder };
        let folder = folder.canonicalize().map_err(cannot)?;
        // links are followed first: they may lead elsewhere
        let full = folder.join(path).canonicalize().map_err(cannot)?;
        if !full.starts_with(&folder) {
            return outside();
        }
        if !full.is_file() {
            return Err(wrong("is not a file".into()));
        }
        Ok(full)
    }

    /// A column by name.
    pub(super) fn column_of<'t>(&mut self, part: &str, table: &'t Table, name: &str) -> Option<&'t TableColumn> {
        let found = table.find(name).map_err(|e| Diagnostic::new("E081", format!("{part}: {e}")).value_of("column"));
        if let Some(column) = self.accept(found)? {
            return Some(column);
        }
        let names = table.names(MOST_NAMES);
        let names: Vec<&str> = names.iter().map(|n| n.as_ref()).collect();
        let near = nearest(name, names.iter().copied());
        let message = format!("{part}: `{}` has no column `{name}`; there {}", table.name(), super::words::there_are(&names));
        self.say(Diagnostic::new("E082", message).value_of("column").did_you_mean(near));
        None
    }

    /// A column of numbers.
    pub(super) fn numbers<'t>(&mut self, part: &str, table: &'t Table, name: &str) -> Option<&'t [f64]> {
        match self.column_of(part, table, name)? {
            TableColumn::Numbers(list) => Some(list),
            TableColumn::Texts(texts) => {
                let first = table.first_text(texts).map(|(row, text)| {
                    let text: String = text.chars().take(40).collect();
                    format!("{}: column `{name}` holds the text `{text}`, numbers are expected", table.place(row))
                });
                let message = first.unwrap_or_else(|| format!("column `{name}` holds texts, numbers are expected"));
                self.say(Diagnostic::new("E082", format!("{part}: {message}")).value_of("column"));
                None
            }
        }
    }

    /// A column of neuron numbers below `size`.
    pub(super) fn neuron_numbers(&mut self, part: &str, table: &Table, name: &str, size: u32) -> Option<Vec<u32>> {
        let list = self.numbers(part, table, name)?;
        let fits = |x: &f64| x.fract() == 0.0 && (0.0..f64::from(size)).contains(x);
        if let Some(line) = list.iter().position(|x| !fits(x)) {
            let place = table.place(line);
            let message = format!("{part}: {place}: column `{name}` is {}, neurons are 0 to {}", list[line], size - 1);
            self.say(Diagnostic::new("E064", message).value_of("column"));
            return None;
        }
        self.hold(part, name, list.len() as u64)?;
        Some(list.iter().map(|x| *x as u32).collect())
    }
}
