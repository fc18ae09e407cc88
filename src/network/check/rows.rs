//! Some of the neurons of a population.

use super::Checker;
use crate::diagnostic::Diagnostic;
use crate::network::Rows;
use crate::network::checked::RowSet;
use crate::network::connector::table::TableColumn;

impl Checker<'_> {
    /// All neurons if none are named. Never empty.
    pub(super) fn rows(&mut self, part: &str, rows: Option<&Rows>, size: u32) -> Option<RowSet> {
        self.rows_under(part, "rows", rows, size)
    }

    /// The same, under another key.
    pub(super) fn rows_under(&mut self, part: &str, key: &str, rows: Option<&Rows>, size: u32) -> Option<RowSet> {
        let wrong = |text: String| {
            let text = text.replacen("rows", key, 1);
            Err(Diagnostic::new("E072", format!("{part}: {text}")).value_of(key))
        };
        let last = size.saturating_sub(1);
        let set = match rows {
            None => Ok(RowSet::Range(0..size)),
            Some(Rows::Range(from, to)) if from >= to => wrong(format!("rows from {from} up to, not including, {to} are none")),
            Some(Rows::Range(from, to)) => match (u32::try_from(*from), u32::try_from(*to)) {
                (Ok(from), Ok(to)) if to <= size => Ok(RowSet::Range(from..to)),
                _ => wrong(format!("rows {from} to {} of a population whose last neuron is {last}", to - 1)),
            },
            Some(Rows::List(list)) if list.is_empty() => wrong("a list of no rows".into()),
            Some(Rows::List(list)) => {
                let beyond = list.iter().find(|&&row| row >= u64::from(size));
                let unordered = list.windows(2).find(|pair| pair[0] >= pair[1]);
                match (beyond, unordered) {
                    (Some(row), _) => wrong(format!("row {row} of a population whose last neuron is {last}")),
                    (_, Some(pair)) => {
                        let d =
                            Diagnostic::new("E072", format!("{part}: {key} must ascend, {} stands behind {}", pair[1], pair[0]));
                        Err(d.value_of(&format!("{key}.list")).help("sort the rows and name each once"))
                    }
                    // all are below the size, which is a u32
                    _ => Ok(RowSet::List(list.iter().map(|&row| row as u32).collect())),
                }
            }
            Some(Rows::Where { file, column, equals }) => {
                let table = self.within(key, |c| c.within("where", |c| c.table(part, file)))?;
                if table.rows as u64 != u64::from(size) {
                    let message = format!("{part}: `{}` has {} lines for {size} neurons", file.display(), table.rows);
                    self.say(Diagnostic::new("E033", message).value_of(&format!("{key}.where.file")));
                    return None;
                }
                let place = |found: &mut dyn Iterator<Item = bool>| -> Vec<u32> {
                    (0u32..).zip(found).filter(|(_, same)| *same).map(|(row, _)| row).collect()
                };
                let list = match self.within(key, |c| c.within("where", |c| c.column_of(part, &table, column)))? {
                    TableColumn::Texts(texts) => place(&mut texts.iter().map(|t| t == equals)),
                    TableColumn::Numbers(numbers) => match equals.parse::<f64>() {
                        Ok(wanted) => place(&mut numbers.iter().map(|x| *x == wanted)),
                        Err(_) => Vec::new(),
                    },
                };
                if list.is_empty() {
                    wrong(format!("no line of `{}` has `{equals}` in column `{column}`", file.display()))
                } else {
                    Ok(RowSet::List(list))
                }
            }
        };
        self.accept(set)
    }
}
