//! Reads model texts.
//!
//! In: a [`Source`]. Out: its models as trees, or everything that is wrong with it at once. Linear in the length of the
//! text, bounded by the caps in [`super::grammar`], and without a panic whatever the text is. Not here: what names and
//! units mean, and whether there is one threshold or two (`super::check`).
//!
//! Each logical line is read on its own; what is wrong in one does not hide what is wrong in the next.
//!
//! | code | what is wrong |
//! | --- | --- |
//! | E001 | a letter or sign that is not part of the language |
//! | E002 | a number that cannot be read |
//! | E003 | a unit that cannot be read |
//! | E004 | a unit without its number |
//! | E005 | a missing operator: `2 m` |
//! | E006 | something else was expected here |
//! | E007 | a bracket without its partner |
//! | E008 | a line that starts with an unknown word |
//! | E009 | no `neuron NAME` or `synapse NAME` at the start |
//! | E010 | a name that cannot be one |
//! | E011 | `=` missing, or `==` in its place |
//! | E012 | a sign of another language, or in the wrong place |
//! | E013 | a chained comparison: `a < b < c` |
//! | E014 | a conditional that is not `a if c else b` |
//! | E015 | an empty model, `reset`, `on_pre`, `on_post` or `step` |
//! | E016 | an unknown, doubled or misplaced flag in brackets |
//! | E017 | a derivative that is not written `dv/dt` |
//! | E018 | a comment that does not begin with `#` |
//! | E019 | longer or deeper than allowed |

mod cursor;
#[cfg(test)]
mod error_tests;
mod expr;
mod line;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use crate::diagnostic::{Diagnostic, Report, Source, Span};
use crate::units::nearest;

use super::ast::{Action, Expr, Item, ModelAst, ModelKind, Name};
use super::grammar::{self, Kind, Line, MAX_ITEMS, MAX_LINE, MAX_TEXT};
use cursor::{Cursor, Parsed, Stop};

pub use expr::{level, level_of, written};

/// More problems than this are not listed.
const MAX_PROBLEMS: usize = 100;

/// Reads the models of a text.
///
/// **Errors** everything that is wrong with the text, in the order of the text.
pub fn parse(source: &Source) -> Result<Vec<ModelAst>, Report> {
    match parts(source) {
        (models, None) => Ok(models),
        (_, Some(report)) => Err(report),
    }
}

/// The models of a text as far as they can be read, and everything that is wrong with it.
pub fn parts(source: &Source) -> (Vec<ModelAst>, Option<Report>) {
    let text = source.text.as_str();
    let report = |diagnostics| Some(Report { source: source.clone(), diagnostics });
    if text.len() > MAX_TEXT {
        let message = format!("a model text may have {} KiB, found {}", MAX_TEXT / 1024, text.len().div_ceil(1024));
        return (Vec::new(), report(vec![Diagnostic::new("E019", message)]));
    }
    let (tokens, problems) = grammar::lex(text);
    let mut reader = Reader { text, problems, count: 0, full: false };
    let models = reader.models(&grammar::lines(&tokens));
    let mut problems = reader.problems;
    if problems.is_empty() {
        return (models, None);
    }
    problems.sort_by_key(|p| p.span.map_or(0, |s| s.start));
    let more = problems.len().saturating_sub(MAX_PROBLEMS);
    if more > 0 {
        problems.truncate(MAX_PROBLEMS);
        problems.push(Diagnostic::new("E019", format!("and {more} more problems, not listed")));
    }
    (models, report(problems))
}

/// Reads a text that is one expression and nothing else. `names` are never read as units.
///
/// **Errors** what is wrong with it, in the order of the text.
pub fn expression(text: &str, names: &BTreeSet<&str>) -> Result<Expr, Vec<Diagnostic>> {
    if text.len() > MAX_LINE {
        let message = format!("an expression may have {MAX_LINE} bytes, this one has {}", text.len());
        return Err(vec![Diagnostic::new("E019", message)]);
    }
    let (tokens, mut problems) = grammar::lex(text);
    let mut cursor = Cursor { text, tokens: &tokens, at: 0, names, problems: &mut problems, nodes: 0 };
    let read = cursor.expression().and_then(|read| {
        line::end(&mut cursor, "the end of the expression")?;
        Ok(read)
    });
    match read {
        Ok(read) if problems.is_empty() => Ok(read),
        _ => Err(problems),
    }
}

struct Reader<'a> {
    text: &'a str,
    problems: Vec<Diagnostic>,
    /// Items, statements and actions so far.
    count: usize,
    /// Too many of them: nothing more is read.
    full: bool,
}

impl<'a> Reader<'a> {
    fn models(&mut self, lines: &[Line<'a, '_>]) -> Vec<ModelAst> {
        if lines.is_empty() && self.problems.is_empty() {
            let problem = Diagnostic::new("E009", "there is no model in this text");
            self.problems.push(problem.help("begin it with a line such as `neuron my_model`"));
        }
        let mut models = Vec::new();
        let mut start = 0;
        while start < lines.len() && !self.full {
            let end = (start + 1..lines.len()).find(|&i| lines[i].is_head()).unwrap_or(lines.len());
            models.extend(self.model(&lines[start..end]));
            start = end;
        }
        models
    }

    fn model(&mut self, lines: &[Line<'a, '_>]) -> Option<ModelAst> {
        let names = declared(lines);
        let (head, rest) = lines.split_first()?;
        let headed = head.is_head();
        let opening = if headed { self.head(head, &names) } else { self.no_head(head) };
        // a misspelt head is still a head
        let mut body = if headed || opening.is_none() { rest } else { lines };
        let span = head.span().to(lines.last().map_or(head.span(), Line::span));
        let mut items = Vec::new();
        let empty = body.is_empty();
        while let Some((line, rest)) = body.split_first() {
            if self.full {
                return None;
            }
            let inside = rest.iter().take_while(|l| l.inside).count();
            let _ = self.item(line, &rest[..inside], &names, &mut items);
            body = &rest[inside..];
        }
        let (kind, name) = opening??;
        if empty {
            let problem = Diagnostic::new("E015", format!("the model `{}` is empty", name.text)).at(name.span);
            self.problems.push(problem.help("describe it in the lines below, for example `state v = -65 mV`"));
        }
        Some(ModelAst { kind, name, items, span })
    }

    fn head(&mut self, line: &Line<'a, '_>, names: &BTreeSet<&'a str>) -> Option<Option<(ModelKind, Name)>> {
        let kind = if line.first_word() == Some("neuron") { ModelKind::Neuron } else { ModelKind::Synapse };
        let mut cursor = self.cursor(line, names);
        cursor.at = 1;
        let name = cursor.name("the name of the model").and_then(|name| {
            line::one_word(&mut cursor, &name)?;
            line::end(&mut cursor, "the end of the line")?;
            Ok(name)
        });
        Some(name.ok().map(|name| (kind, name)))
    }

    /// The text does not start with a head. None: it was meant to be one.
    fn no_head(&mut self, line: &Line<'a, '_>) -> Option<Option<(ModelKind, Name)>> {
        let first = line.tokens.first()?;
        let heads = ["neuron", "synapse"];
        let near = nearest(first.text, heads.into_iter()).filter(|_| first.kind == Kind::Word && line.tokens.len() == 2);
        let foreign = line.tokens.len() == 2 && matches!(first.text, "model" | "cell" | "neuron_model" | "population");
        if near.is_some() || foreign {
            let problem = Diagnostic::new("E008", format!("no line starts with `{}`", grammar::clipped(first.text)));
            self.problems.push(problem.at(first.span).did_you_mean(near.or(Some("neuron"))));
            return None;
        }
        if first.kind != Kind::Bad {
            let found = grammar::clipped(first.text);
            let message = format!("expected `neuron` or `synapse` and a name, found `{found}`");
            let help = "begin the text with a line such as `neuron my_model`";
            self.problems.push(Diagnostic::new("E009", message).at(first.span).help(help));
        }
        Some(None)
    }

    fn cursor<'p>(&'p mut self, line: &Line<'a, 'p>, names: &'p BTreeSet<&'a str>) -> Cursor<'a, 'p> {
        Cursor { text: self.text, tokens: line.tokens, at: 0, names, problems: &mut self.problems, nodes: 0 }
    }

    /// One more item, statement or action: is there room?
    fn room(&mut self, n: usize, span: Span) -> Parsed<()> {
        self.count += n;
        if self.count <= MAX_ITEMS {
            return Ok(());
        }
        if !self.full {
            let message = format!("a model text may have {MAX_ITEMS} items and statements, this one has more");
            self.problems.push(Diagnostic::new("E019", message).at(span));
        }
        self.full = true;
        Err(Stop)
    }

    fn short(&mut self, line: &Line<'a, '_>) -> Parsed<()> {
        if line.weight() <= MAX_LINE {
            return Ok(());
        }
        let message = format!("a line may have {MAX_LINE} bytes, this one has {}", line.weight());
        let span = line.tokens.first().map_or_else(|| line.span(), |t| t.span);
        let help = "name a part of it on a line of its own: `x = …`";
        self.problems.push(Diagnostic::new("E019", message).at(span).help(help));
        Err(Stop)
    }

    /// A line and, if it is the head of a block, the lines inside.
    fn item(
        &mut self,
        line: &Line<'a, '_>,
        block: &[Line<'a, '_>],
        names: &BTreeSet<&'a str>,
        items: &mut Vec<Item>,
    ) -> Parsed<()> {
        let first = *line.tokens.first().ok_or(Stop)?;
        let before = items.len();
        if let word @ ("reset" | "on_pre" | "on_post" | "every" | "step") = first.text {
            let (interval, from) = self.interval(line, word, names)?;
            let mut actions = Vec::new();
            let step = word == "step";
            let mut ok = true;
            for (i, part) in std::iter::once(line).chain(block).enumerate() {
                ok &= self.actions(part, if i == 0 { from } else { 0 }, step, names, &mut actions).is_ok();
            }
            if ok && actions.is_empty() {
                self.empty_block(word, first.span);
            }
            let span = first.span.to(block.last().unwrap_or(line).span());
            let statements = |actions: Vec<Action>| {
                actions.into_iter().filter_map(|a| match a {
                    Action::Assign(statement) => Some(statement),
                    _ => None,
                })
            };
            items.push(match word {
                _ if let Some(interval) = interval => Item::Every { interval, statements: statements(actions).collect(), span },
                "reset" => Item::Reset { statements: statements(actions).collect(), span },
                "on_pre" => Item::OnPre { statements: statements(actions).collect(), span },
                "on_post" => Item::OnPost { statements: statements(actions).collect(), span },
                _ => Item::Step { actions, span },
            });
        } else {
            self.short(line)?;
            let mut cursor = self.cursor(line, names);
            line::one_line(&mut cursor, items)?;
        }
        self.room(items.len() - before, first.span)
    }

    /// What stands before the statements of a block, its keyword and of `every` a time: how many words, and the time.
    fn interval(&mut self, line: &Line<'a, '_>, word: &str, names: &BTreeSet<&'a str>) -> Parsed<(Option<Expr>, usize)> {
        if word != "every" {
            return Ok((None, 1));
        }
        self.short(line)?;
        let mut cursor = self.cursor(line, names);
        cursor.at = 1;
        line::no_colon(&mut cursor);
        if cursor.peek().is_none() || grammar::assigns(cursor.tokens, cursor.at) {
            let problem = Diagnostic::new("E006", format!("expected a time after `every`, found {}", cursor.found()));
            return Err(cursor.stop(problem.at(cursor.span()).help("write `every 1 s  w = …`")));
        }
        let interval = cursor.expression()?;
        Ok((Some(interval), cursor.at))
    }

    /// The statements of one line of a block, behind so many words; the first line also holds its keyword.
    fn actions(
        &mut self,
        line: &Line<'a, '_>,
        from: usize,
        step: bool,
        names: &BTreeSet<&'a str>,
        out: &mut Vec<Action>,
    ) -> Parsed<()> {
        self.short(line)?;
        let before = out.len();
        let mut cursor = self.cursor(line, names);
        if from > 0 {
            cursor.at = from;
            line::no_colon(&mut cursor);
        }
        let done = loop {
            while cursor.sign(";").is_some() {}
            if cursor.peek().is_none() {
                break Ok(());
            }
            match line::action(&mut cursor, step) {
                Ok(action) => out.push(action),
                Err(stop) => break Err(stop),
            }
        };
        self.room(out.len() - before, line.span())?;
        done
    }

    fn empty_block(&mut self, word: &str, span: Span) {
        let example = match word {
            "reset" => "`reset v = v_reset`, or statements on lines further to the right",
            "on_pre" => "`on_pre g += w`, or statements on lines further to the right",
            "every" => "`every 1 s  w = …`, or statements on lines further to the right",
            "on_post" => "`on_post w += a*x`, or statements on lines further to the right",
            _ => "`receive`, `integrate` and `spike` on lines further to the right",
        };
        let problem = Diagnostic::new("E015", format!("this `{word}` is empty")).at(span);
        self.problems.push(problem.help(format!("write {example}")));
    }
}

/// The names that the lines of a model declare: such a name is never read as a unit.
fn declared<'a>(lines: &[Line<'a, '_>]) -> BTreeSet<&'a str> {
    let mut names = BTreeSet::new();
    for line in lines.iter().filter(|l| !l.inside) {
        let tokens = line.tokens;
        if let Some((state, _)) = grammar::derivative(tokens) {
            names.insert(state);
        } else if matches!(line.first_word(), Some("param" | "state" | "modulator" | "input")) {
            let mut open = 0usize;
            for pair in tokens.windows(2) {
                match pair[0].text {
                    "(" => open += 1,
                    ")" => open = open.saturating_sub(1),
                    _ => {}
                }
                let starts = pair[0].is_sign(",") || pair[0].span == tokens[0].span;
                if open == 0 && starts && pair[1].kind == Kind::Word {
                    names.insert(pair[1].text);
                }
            }
        } else if let [name, sign, ..] = tokens
            && name.kind == Kind::Word
            && sign.is_sign("=")
        {
            names.insert(name.text);
        }
    }
    names.retain(|n| !grammar::is_reserved(n));
    names
}
