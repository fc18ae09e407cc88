//! The letters and words of the equation language: a text becomes tokens, and tokens become logical lines.
//!
//! In: the text of a file. Out: [`Token`]s with spans, grouped into [`Line`]s, and what is wrong with single letters.
//! Not here: what a line says ([`super::parse`]), nor what a name means (`super::check`).
//!
//! A line ends at its end unless a bracket is open or its last sign is `\`; `;` ends it too, and `#` starts a comment.
//! Lines behind `reset`, `on_pre`, `on_post`, `every` and `step` that stand further to the right belong to them ([`Line::inside`]).

use super::letters::ascii;
use crate::diagnostic::{Diagnostic, Span};

/// The longest model text, in bytes.
pub const MAX_TEXT: usize = 256 * 1024;
/// The longest logical line, in bytes, spaces and comments not counted. Generated code grows with it, and shader
/// compilers overflow their stack on long expressions.
pub const MAX_LINE: usize = 4096;
/// The most nodes of one expression: every number, name, operator and call is one.
pub const MAX_NODES: usize = 512;
/// The deepest nesting of brackets, signs, powers and conditionals.
pub const MAX_DEPTH: usize = 64;
/// The most items, statements and actions of a text, counted together.
pub const MAX_ITEMS: usize = 1000;
/// The longest name.
pub const MAX_NAME: usize = 64;

/// The words that start a line.
pub const LINE_WORDS: &[&str] = &[
    "neuron",
    "synapse",
    "param",
    "state",
    "modulator",
    "input",
    "threshold",
    "rearm",
    "reset",
    "refractory",
    "method",
    "step",
    "on_pre",
    "on_post",
    "every",
    "graded",
    "receive",
    "integrate",
    "spike",
];

/// Where the delay of a synapse lies: words that stand behind `delay`, and may be names elsewhere.
pub const DELAY_PLACES: [&str; 2] = ["axonal", "dendritic"];

/// The words that mean something inside a line. With [`LINE_WORDS`] these are the reserved words.
pub const INNER_WORDS: &[&str] =
    &["if", "else", "and", "or", "not", "true", "false", "unless", "while", "lost", "inf", "pre", "post"];

/// Words that cannot be names.
pub fn is_reserved(word: &str) -> bool {
    LINE_WORDS.contains(&word) || INNER_WORDS.contains(&word)
}

/// The smallest piece that means something.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Token<'a> {
    /// What sort of piece it is.
    pub kind: Kind,
    /// As written, except that synonyms are replaced: `^` by `**`, `&&` by `and`.
    pub text: &'a str,
    /// Where it stands.
    pub span: Span,
    /// Set on the first token of a line of text: how far to the right it stands.
    pub indent: Option<u32>,
}

/// What sort of piece a token is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// A name, a reserved word or a unit symbol.
    Word,
    /// A number, and its value.
    Number(f64),
    /// Anything else: an operator, a bracket.
    Sign,
    /// Something already complained about; nothing more is said about its line.
    Bad,
}

impl Token<'_> {
    /// Is this the sign `text`?
    pub fn is_sign(&self, text: &str) -> bool {
        self.kind == Kind::Sign && self.text == text
    }

    /// Is this the word `text`?
    pub fn is_word(&self, text: &str) -> bool {
        self.kind == Kind::Word && self.text == text
    }

    /// Bytes that count for [`MAX_LINE`]: at least as many as printing takes, so that what was read can be read again.
    fn weight(&self) -> usize {
        match self.kind {
            Kind::Number(value) => number(value).len().max(self.text.len()),
            // read as `**2`
            Kind::Sign if matches!(self.text, "²" | "³") => 3,
            _ => self.text.len(),
        }
    }
}

/// A number as synfire prints it: short, and read back to the same bits.
pub fn number(value: f64) -> String {
    if value == f64::INFINITY {
        "inf".into()
    } else if value != 0.0 && !(1e-4..1e7).contains(&value.abs()) {
        format!("{value:e}")
    } else {
        format!("{value}")
    }
}

/// One logical line.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a, 't> {
    /// At least one.
    pub tokens: &'t [Token<'a>],
    /// Does it belong to the `reset`, `on_pre`, `on_post`, `every` or `step` before it?
    pub inside: bool,
    indent: u32,
}

impl<'a> Line<'a, '_> {
    /// From its first to its last token.
    pub fn span(&self) -> Span {
        match (self.tokens.first(), self.tokens.last()) {
            (Some(a), Some(b)) => a.span.to(b.span),
            _ => Span::default(),
        }
    }

    /// The word that the line starts with.
    pub fn first_word(&self) -> Option<&'a str> {
        self.tokens.first().filter(|t| t.kind == Kind::Word).map(|t| t.text)
    }

    /// `neuron NAME` or `synapse NAME`.
    pub fn is_head(&self) -> bool {
        matches!(self.first_word(), Some("neuron" | "synapse"))
    }

    /// Bytes that count for [`MAX_LINE`].
    pub fn weight(&self) -> usize {
        self.tokens.iter().map(Token::weight).sum()
    }
}

/// The logical lines of a text.
pub fn lines<'a, 't>(tokens: &'t [Token<'a>]) -> Vec<Line<'a, 't>> {
    let mut out: Vec<Line<'a, 't>> = Vec::new();
    let (mut start, mut open, mut indent) = (0, 0usize, 0);
    for (i, token) in tokens.iter().enumerate() {
        if let Some(column) = token.indent
            && (open == 0 || opens_item(tokens, i))
        {
            push(&mut out, &tokens[start..i], indent);
            (start, open, indent) = (i, 0, column);
        }
        if token.is_sign("(") {
            open += 1;
        } else if token.is_sign(")") {
            open = open.saturating_sub(1);
        } else if token.is_sign(";") && open == 0 && !block_word(&tokens[start]) {
            push(&mut out, &tokens[start..i], indent);
            start = i + 1;
        }
    }
    push(&mut out, tokens.get(start..).unwrap_or_default(), indent);
    mark_blocks(&mut out);
    out
}

fn push<'a, 't>(out: &mut Vec<Line<'a, 't>>, tokens: &'t [Token<'a>], indent: u32) {
    if !tokens.is_empty() {
        out.push(Line { tokens, inside: false, indent });
    }
}

fn block_word(token: &Token<'_>) -> bool {
    token.kind == Kind::Word && matches!(token.text, "reset" | "on_pre" | "on_post" | "every" | "step")
}

fn mark_blocks(lines: &mut [Line<'_, '_>]) {
    // the block that is open: how far right its head stands, and whether it takes every line or assignments only
    let mut block: Option<(u32, bool)> = None;
    for line in lines {
        if let Some((indent, any)) = block
            && line.indent > indent
            && !line.is_head()
            && (any || assigns(line.tokens, 0))
        {
            line.inside = true;
            continue;
        }
        let bare = line.tokens[1..].iter().all(|t| t.is_sign(":")) || line.first_word() == Some("step");
        block = block_word(&line.tokens[0]).then_some((line.indent, bare));
    }
}

/// Does a name and an assignment stand here?
pub fn assigns(tokens: &[Token<'_>], i: usize) -> bool {
    tokens.get(i).is_some_and(|t| t.kind == Kind::Word)
        && tokens.get(i + 1).is_some_and(|t| t.kind == Kind::Sign && matches!(t.text, "=" | "+=" | "-=" | "*=" | "/="))
}

/// Does token `i`, first on its line of text, start a new item for sure? Then a bracket before it was never closed.
fn opens_item(tokens: &[Token<'_>], i: usize) -> bool {
    let flag = i > 0 && matches!(tokens[i - 1].text, "unless" | "while");
    (tokens[i].kind == Kind::Word && LINE_WORDS.contains(&tokens[i].text) && !flag)
        || assigns(tokens, i)
        || derivative(&tokens[i..]).is_some()
}

/// `dv/dt`, with or without spaces: the name of the state and where it stands.
pub fn derivative<'a>(tokens: &[Token<'a>]) -> Option<(&'a str, Span)> {
    let [d, slash, dt, ..] = tokens else { return None };
    let name = d.text.strip_prefix('d').filter(|n| !n.is_empty() && d.kind == Kind::Word)?;
    (slash.is_sign("/") && dt.is_word("dt")).then_some((name, Span { start: d.span.start + 1, end: d.span.end }))
}

/// The tokens of a text of at most [`MAX_TEXT`] bytes, and the letters that cannot be read.
pub fn lex(text: &str) -> (Vec<Token<'_>>, Vec<Diagnostic>) {
    let mut lexer = Lexer { text, at: 0, indent: Some(0), line: 0, quoted: None, tokens: Vec::new(), problems: Vec::new() };
    if text.starts_with('\u{feff}') {
        lexer.at = '\u{feff}'.len_utf8();
    }
    while let Some(c) = text[lexer.at..].chars().next() {
        lexer.next(c);
    }
    (lexer.tokens, lexer.problems)
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    /// Spaces since the start of the line, until its first token.
    indent: Option<u32>,
    line: usize,
    /// The last line where quotes were complained about.
    quoted: Option<usize>,
    tokens: Vec<Token<'a>>,
    problems: Vec<Diagnostic>,
}

/// Signs, the longest first, and what they stand for.
const SIGNS: &[(&str, &str)] = &[
    ("**", "**"),
    ("+=", "+="),
    ("-=", "-="),
    ("*=", "*="),
    ("/=", "/="),
    ("<=", "<="),
    (">=", ">="),
    ("==", "=="),
    ("!=", "!="),
    ("->", "->"),
    ("^", "**"),
    ("+", "+"),
    ("-", "-"),
    ("*", "*"),
    ("/", "/"),
    ("(", "("),
    (")", ")"),
    (",", ","),
    (";", ";"),
    (":", ":"),
    ("=", "="),
    ("<", "<"),
    (">", ">"),
    (".", "."),
    ("²", "²"),
    ("³", "³"),
    ("·", "·"),
];

/// Words written as signs.
const WORD_SIGNS: &[(&str, &str)] = &[("&&", "and"), ("||", "or"), ("!", "not")];

/// Signs of other languages, and ours.
const FOREIGN_SIGNS: &[(&str, &str)] = &[
    ("=>", ">="),
    ("=<", "<="),
    ("<>", "!="),
    ("≥", ">="),
    ("≤", "<="),
    ("≠", "!="),
    ("−", "-"),
    ("–", "-"),
    ("—", "-"),
    ("×", "*"),
    ("÷", "/"),
    ("[", "("),
    ("]", ")"),
    ("{", "("),
    ("}", ")"),
    ("→", "->"),
    ("&", "and"),
    ("|", "or"),
];

impl<'a> Lexer<'a> {
    fn next(&mut self, c: char) {
        let rest = &self.text[self.at..];
        match c {
            '\n' => {
                self.at += 1;
                self.line += 1;
                self.indent = Some(0);
            }
            // spaces, also those that come along when text is copied from a page
            ' ' | '\r' | '\u{a0}' | '\u{2009}' | '\u{202f}' => self.space(1, c),
            '\t' => self.space(8 - self.indent.unwrap_or(0) % 8, c),
            '#' => self.skip_line(),
            '\\' => self.continuation(rest),
            '%' => self.foreign_comment("%"),
            '/' if rest.starts_with("//") => self.foreign_comment("//"),
            '\'' | '’' | '′' if self.after_word() && self.quoted != Some(self.line) => {
                self.emit(Kind::Sign, "'", c.len_utf8());
            }
            '\'' | '"' | '`' | '“' | '”' | '„' | '‘' | '’' | '′' => self.quote(c),
            '0'..='9' => self.number(rest),
            '.' if rest[1..].starts_with(|d: char| d.is_ascii_digit()) => self.number(rest),
            _ if in_word(c) => self.word(rest),
            _ => self.sign(rest, c),
        }
    }

    fn space(&mut self, columns: u32, c: char) {
        self.at += c.len_utf8();
        if let Some(indent) = &mut self.indent {
            *indent += columns;
        }
    }

    fn skip_line(&mut self) {
        self.at += self.text[self.at..].find('\n').unwrap_or(self.text.len() - self.at);
    }

    fn emit(&mut self, kind: Kind, text: &'a str, bytes: usize) {
        let span = self.span(bytes);
        self.tokens.push(Token { kind, text, span, indent: self.indent.take() });
        self.at += bytes;
    }

    /// The next so many bytes.
    fn span(&self, bytes: usize) -> Span {
        Span { start: self.at as u32, end: (self.at + bytes) as u32 }
    }

    /// Something is wrong with the next so many bytes.
    fn complain(&mut self, code: &'static str, message: String, help: Option<String>, bytes: usize) {
        let mut problem = Diagnostic::new(code, message).at(self.span(bytes));
        problem.help = help;
        self.problems.push(problem);
    }

    fn after_word(&self) -> bool {
        self.tokens.last().is_some_and(|t| t.kind == Kind::Word && t.span.end as usize == self.at)
    }

    fn continuation(&mut self, rest: &str) {
        let gap = rest[1..].len() - rest[1..].trim_start_matches([' ', '\t', '\r']).len();
        let after = &rest[1 + gap..];
        if after.is_empty() || after.starts_with('\n') {
            self.at += 1 + gap + usize::from(!after.is_empty());
            self.line += 1;
        } else {
            let help = Some("delete it, or break the line behind it".into());
            self.complain("E001", "`\\` continues a line only at its end".into(), help, 1);
            self.emit(Kind::Bad, "", 1);
        }
    }

    fn foreign_comment(&mut self, sign: &str) {
        // behind a value it may have been meant as in Python
        if self.indent.is_none() {
            let help =
                if sign == "%" { "x/y has the remainder `x - y*floor(x/y)`" } else { "x/y in whole numbers is `floor(x/y)`" };
            let message = format!("`{sign}` is no operator of this language, and comments begin with `#`");
            self.complain("E018", message, Some(help.into()), sign.len());
        } else {
            let help = Some("begin a comment with `#`".into());
            self.complain("E018", format!("`{sign}` does not begin a comment"), help, sign.len());
        }
        self.skip_line();
    }

    fn quote(&mut self, c: char) {
        if self.quoted != Some(self.line) {
            let help = Some("leave the quotes out".into());
            self.complain("E001", format!("equations stand without quotes, found `{c}`"), help, c.len_utf8());
            self.quoted = Some(self.line);
        }
        self.at += c.len_utf8();
    }

    fn number(&mut self, rest: &'a str) {
        let digits = |from: usize| from + rest[from..].bytes().take_while(u8::is_ascii_digit).count();
        let mut end = digits(0);
        if rest[end..].starts_with('.') {
            end = digits(end + 1);
        }
        if rest[end..].starts_with(['e', 'E']) {
            let sign = usize::from(rest[end + 1..].starts_with(['+', '-']));
            let exponent = digits(end + 1 + sign);
            if exponent > end + 1 + sign {
                end = exponent;
            }
        }
        if rest[end..].starts_with('.') && digits(end + 1) > end + 1 {
            while rest[end..].starts_with(|c: char| c == '.' || c.is_ascii_digit()) {
                end += 1;
            }
            self.complain("E002", format!("`{}` is not a number", clipped(&rest[..end])), None, end);
            return self.emit(Kind::Bad, "", end);
        }
        match rest[..end].parse::<f64>() {
            Ok(value) if value.is_finite() => self.emit(Kind::Number(value), &rest[..end], end),
            _ => {
                let message = format!("`{}` is larger than any number of 64 bits", clipped(&rest[..end]));
                self.complain("E002", message, Some("write `inf` for infinity".into()), end);
                self.emit(Kind::Bad, "", end);
            }
        }
    }

    fn word(&mut self, rest: &'a str) {
        let end = rest.find(|c: char| !in_word(c) && !c.is_ascii_digit()).unwrap_or(rest.len());
        let word = &rest[..end];
        let foreign = word.char_indices().find(|(_, c)| !c.is_ascii() && *c != 'µ' && *c != 'μ');
        let Some((at, c)) = foreign else { return self.emit(Kind::Word, word, end) };
        let message = format!("the letter `{c}` (U+{:04X}) cannot stand in a name", u32::from(c));
        let help = match ascii(c) {
            Some((latin, true)) => format!("it looks like the Latin letter `{latin}` but is another; type `{latin}`"),
            Some((latin, false)) => format!("write `{latin}`"),
            None => "names are made of the letters a to z and A to Z, digits and `_`".into(),
        };
        let span = self.span(end);
        let start = span.start + at as u32;
        let span = Span { start, end: start + c.len_utf8() as u32 };
        self.problems.push(Diagnostic::new("E001", message).at(span).help(help));
        self.emit(Kind::Bad, "", end);
    }

    fn sign(&mut self, rest: &str, c: char) {
        let starts = |pair: &&(&str, &'static str)| rest.starts_with(pair.0);
        if let Some((sign, ours)) = FOREIGN_SIGNS.iter().find(starts).filter(|s| s.0.len() > 1 || !doubled(rest)) {
            let help = Some(format!("write `{ours}`"));
            self.complain("E012", format!("`{sign}` is not a sign of this language"), help, sign.len());
            let kind = if ours.starts_with(|c: char| c.is_ascii_alphabetic()) { Kind::Word } else { Kind::Sign };
            return self.emit(kind, ours, sign.len());
        }
        if let Some((sign, ours)) = SIGNS.iter().find(starts) {
            return self.emit(Kind::Sign, ours, sign.len());
        }
        if let Some((sign, ours)) = WORD_SIGNS.iter().find(starts) {
            return self.emit(Kind::Word, ours, sign.len());
        }
        let same = rest.chars().take_while(|d| *d == c).count() * c.len_utf8();
        let (shown, help) = match c {
            '?' => ("`?`".into(), Some("write a conditional as `a if c else b`".into())),
            '∞' => ("`∞`".into(), Some("write `inf`".into())),
            _ if c.is_control() || ('\u{200b}'..='\u{200f}').contains(&c) || c == '\u{feff}' => {
                (format!("an invisible letter (U+{:04X})", u32::from(c)), Some("delete it".into()))
            }
            _ => (format!("`{c}`"), None),
        };
        self.complain("E001", format!("{shown} is not a sign of this language"), help, same);
        self.emit(Kind::Bad, "", same);
    }
}

/// `&&` and `||` are ours, `&` and `|` alone are not.
fn doubled(rest: &str) -> bool {
    rest.starts_with("&&") || rest.starts_with("||")
}

/// May it stand in a word (digits apart)? Foreign letters count, so that a word with one is complained about as a whole.
fn in_word(c: char) -> bool {
    c == '_' || (c.is_alphabetic() && !"²³".contains(c))
}

/// The first letters of a text, for a message.
pub fn clipped(text: &str) -> String {
    let mut out: String = text.chars().take(40).collect();
    if out.len() < text.len() {
        out.push('…');
    }
    out
}
