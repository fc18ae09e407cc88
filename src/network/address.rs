//! Addresses: the one way to name a value of a network, for `--set`, variants, and what changes while running.
//!
//! In: a text such as `exc[0..10].v_th`, and the network that it speaks of. Out: [`Address`], which prints as a text that is
//! read back. Names are those that the user gave, or that follow from the description, never those of a plan. Not here: what
//! the value becomes (`set`), whether it is possible (`check`). The grammar stands in [`crate::guide::addresses`].
//!
//! | code | what is wrong |
//! | --- | --- |
//! | E046 | there is nothing of that name |
//! | E053 | rows in brackets that cannot be |
//! | E054 | a name that fits two parts |

use std::collections::BTreeMap;
use std::fmt;

use super::{Network, Which};
use crate::diagnostic::Diagnostic;
use crate::units::nearest;

/// The kind of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The network itself.
    Network,
    /// A population.
    Population,
    /// A projection.
    Projection,
    /// A stimulus.
    Stimulus,
    /// An input, which a program gives.
    Input,
    /// An output, which a program reads.
    Output,
    /// A probe.
    Probe,
}

/// A value of a network by name.
///
/// ```
/// use synfire::network::{Address, Kind, Network};
/// let mut net = Network::new("one");
/// net.population("L2.3e", "lif", 10);
/// let address = Address::parse("L2.3e[0..3,7].v_th", &net).unwrap();
/// assert_eq!((address.kind, address.name.as_str(), address.field.as_str()), (Kind::Population, "L2.3e", "v_th"));
/// assert_eq!(address.to_string(), "L2.3e[0..3,7].v_th");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// What kind of part.
    pub kind: Kind,
    /// The part as messages and `explain` call it, such as `a -> b #2`; empty: the network.
    pub name: String,
    /// Which of its rows.
    pub which: Which,
    /// The key of the value in its part, such as `v_th`, `initial.v`, `connector.p`.
    pub field: String,
}

/// What a network itself has.
const OF_NETWORK: [&str; 3] = ["dt", "duration", "seed"];

/// How the address of a constant begins.
pub(super) const CONSTANTS: &str = "constants.";

/// How the address of a number of the network's space begins.
pub(super) const SPACE: &str = "space.";

const KINDS: [Kind; 6] = [Kind::Population, Kind::Projection, Kind::Stimulus, Kind::Input, Kind::Output, Kind::Probe];

impl Kind {
    /// As it stands before a name.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Network => "network",
            Kind::Population => "population",
            Kind::Projection => "projection",
            Kind::Stimulus => "stimulus",
            Kind::Input => "input",
            Kind::Output => "output",
            Kind::Probe => "probe",
        }
    }

    /// The names of the parts of this kind, in the order of the description.
    pub fn names(self, network: &Network) -> Vec<String> {
        let given = |name: &String, otherwise: String| (name.clone(), otherwise);
        match self {
            Kind::Network => Vec::new(),
            Kind::Population => network.populations.iter().map(|p| p.name.clone()).collect(),
            Kind::Projection => titles(network.projections.iter().map(|p| given(&p.name, format!("{} -> {}", p.source, p.target)))),
            Kind::Stimulus => titles(network.stimuli.iter().map(|s| given(&s.name, format!("{}.{}", s.target, s.input)))),
            Kind::Input => titles(network.inputs.iter().map(|i| given(&i.name, format!("{}.{}", i.target, i.input)))),
            Kind::Output => titles(network.outputs.iter().map(|o| given(&o.name, format!("{}.{}", o.population, o.record)))),
            Kind::Probe => titles(network.probes.iter().map(|p| (String::new(), format!("{}.{}", p.of(), p.record)))),
        }
    }

    /// May the word be left out before a name? An output and a probe of one state are mostly both there.
    fn silent(self) -> bool {
        self != Kind::Probe
    }
}

/// Given names as they are; names that follow from the ends with a number where they repeat: `a -> b`, `a -> b #2`.
pub(super) fn titles(all: impl Iterator<Item = (String, String)>) -> Vec<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let title = |(given, otherwise): (String, String)| {
        let name = if given.is_empty() { otherwise } else { given.clone() };
        let count = seen.entry(name.clone()).or_insert(0);
        *count += 1;
        if given.is_empty() && *count > 1 { format!("{name} #{count}") } else { name }
    };
    all.map(title).collect()
}

/// A part whose name an address may begin with.
struct Fit {
    kind: Kind,
    name: String,
    /// Where its name ends in the text.
    end: usize,
}

impl Address {
    /// One address, or several with commas between that have a value together; `None`: it is neither.
    pub fn tied(text: &str, network: &Network) -> Option<Vec<String>> {
        // of a part any key is an address, and none holds a comma
        let is = |text: &str| Address::parse(text, network).is_ok_and(|address| !address.field.contains(','));
        if is(text) {
            return Some(vec![text.trim().to_string()]);
        }
        // a name may hold commas too
        let (mut out, mut own) = (Vec::new(), String::new());
        for part in parted(text) {
            own = if own.is_empty() { part.to_string() } else { format!("{own},{part}") };
            if is(&own) {
                out.push(std::mem::take(&mut own).trim().to_string());
            }
        }
        own.is_empty().then_some(out)
    }

    /// The addresses of such a text, right or wrong: what names nothing is told where it is set.
    pub fn parted(text: &str, network: &Network) -> Vec<String> {
        let one = || vec![text.trim().to_string()];
        let parts = || parted(text).into_iter().map(|part| part.trim().to_string());
        // keys of blocks and of what a file repeats are known where it is read
        let may_be = |part: String| part.contains('.');
        Address::tied(text, network).unwrap_or_else(|| if parts().all(may_be) { parts().collect() } else { one() })
    }

    /// Reads an address. Names may hold points and brackets, so the longest name that fits is meant.
    ///
    /// **Errors** nothing of that name, rows that cannot be, a name that fits two parts.
    pub fn parse(text: &str, network: &Network) -> Result<Address, Diagnostic> {
        let text = text.trim();
        if OF_NETWORK.contains(&text) {
            return Ok(Address { kind: Kind::Network, name: String::new(), which: Which::All, field: text.into() });
        }
        let constant = text.strip_prefix(CONSTANTS).is_some_and(|name| network.constants.contains_key(name));
        if constant && network.populations.iter().all(|p| p.name != "constants") {
            return Ok(Address { kind: Kind::Network, name: String::new(), which: Which::All, field: text.into() });
        }
        if text.strip_prefix(SPACE).is_some_and(|rest| !rest.is_empty()) && network.populations.iter().all(|p| p.name != "space") {
            return Ok(Address { kind: Kind::Network, name: String::new(), which: Which::All, field: text.into() });
        }
        let mut fits: Vec<Fit> = KINDS.into_iter().flat_map(|kind| fits(text, kind, network)).collect();
        let longest = fits.iter().map(|fit| fit.end).max();
        fits.retain(|fit| Some(fit.end) == longest);
        match &fits[..] {
            [] => Err(nothing_named(text, network)),
            [fit] => rest(text, fit),
            several => Err(ambiguous(text, several)),
        }
    }

    /// The place of the part among those of its kind.
    pub fn place(&self, network: &Network) -> Option<usize> {
        self.kind.names(network).iter().position(|name| *name == self.name)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Kind::Network => return f.write_str(&self.field),
            Kind::Population | Kind::Projection => f.write_str(&self.name)?,
            kind => write!(f, "{} {}", kind.word(), self.name)?,
        }
        match &self.which {
            Which::All => write!(f, ".{}", self.field),
            which => write!(f, "[{which}].{}", self.field),
        }
    }
}

/// Parts of a kind whose name the text begins with, with or without the word of the kind before it, or the word and a number.
fn fits(text: &str, kind: Kind, network: &Network) -> Vec<Fit> {
    let after = text.strip_prefix(kind.word()).filter(|rest| rest.starts_with(' ')).map(str::trim_start);
    let mut out: Vec<Fit> = Vec::new();
    for (place, name) in kind.names(network).into_iter().enumerate() {
        let number = place.to_string();
        let forms = [
            Some(text).filter(|_| kind.silent()).map(|body| (body, name.as_str())),
            after.map(|body| (body, name.as_str())),
            after.map(|body| (body, number.as_str())),
        ];
        let end = forms.into_iter().flatten().filter_map(|(body, name)| {
            let rest = body.strip_prefix(name).filter(|_| !name.is_empty())?;
            rest.starts_with(['.', '[']).then_some(text.len() - rest.len())
        });
        if let Some(end) = end.max() {
            out.push(Fit { kind, name, end });
        }
    }
    out
}

/// Rows and field behind a name.
fn rest(text: &str, fit: &Fit) -> Result<Address, Diagnostic> {
    let mut rest = &text[fit.end..];
    let mut which = Which::All;
    if let Some(inside) = rest.strip_prefix('[') {
        let Some((rows, behind)) = inside.split_once(']') else {
            return Err(Diagnostic::new("E053", format!("`{text}`: there is no `]` behind the rows")));
        };
        which = Which::parse(rows).map_err(|why| Diagnostic::new("E053", format!("`{text}`: {why}")))?;
        rest = behind;
    }
    match rest.strip_prefix('.').map(str::trim) {
        Some(field) if !field.is_empty() => Ok(Address { kind: fit.kind, name: fit.name.clone(), which, field: field.into() }),
        _ => {
            let key = match fit.kind {
                Kind::Population => "a parameter, `size`, `method` or `model`",
                Kind::Projection => "`weight`, `delay`, `connector.KEY` or a parameter",
                Kind::Stimulus => "a value of its waveform, `start` or `stop`",
                Kind::Input | Kind::Output => "`scale` or `offset`",
                Kind::Probe => "`every`, `start`, `stop` or `offset`",
                Kind::Network => "`dt`, `duration` or `seed`",
            };
            Err(Diagnostic::new("E046", format!("`{text}`: {key} is expected after the point")))
        }
    }
}

fn ambiguous(text: &str, fits: &[Fit]) -> Diagnostic {
    let parts: Vec<String> = fits.iter().map(|fit| format!("{} `{}`", fit.kind.word(), fit.name)).collect();
    let message = format!("`{text}` may be of {} parts: {}", fits.len(), parts.join(", "));
    // a name alone may be the word of a kind and a name: then another word before it helps
    let behind = &text[fits[0].end..];
    let forms: Vec<String> = fits.iter().map(|fit| format!("`{} {}{behind}`", fit.kind.word(), fit.name)).collect();
    Diagnostic::new("E054", message).help(format!("write {}", forms.join(" or ")))
}

fn nothing_named(text: &str, network: &Network) -> Diagnostic {
    let mut names: Vec<String> = Vec::new();
    for kind in [Kind::Population, Kind::Projection] {
        names.extend(kind.names(network));
    }
    for kind in [Kind::Stimulus, Kind::Input, Kind::Output] {
        names.extend(kind.names(network).iter().map(|name| format!("{} {name}", kind.word())));
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let head = text.rsplit_once('.').map_or(text, |(head, _)| head);
    let head = head.split_once('[').map_or(head, |(head, _)| head);
    let constants: Vec<&str> = network.constants.keys().map(String::as_str).collect();
    let message =
        format!("`{text}`: nothing of that name; there are `dt`, `duration`, `seed`{}{}", of_constants(&constants), tail(&names));
    let near = nearest(head, names.iter().copied().chain(OF_NETWORK));
    if let Some(name) = text.strip_prefix(CONSTANTS) {
        let known: Vec<&str> = network.constants.keys().map(String::as_str).collect();
        let listed = if known.is_empty() { "it has none".into() } else { format!("it has `{}`", known.join("`, `")) };
        let near = nearest(name, known.iter().copied());
        return Diagnostic::new("E046", format!("`{text}`: the network has no constant `{name}`; {listed}")).did_you_mean(near);
    }
    // the name of a constant alone
    let constant = constants.iter().find(|name| **name == text).or_else(|| {
        let near = nearest(text, constants.iter().copied()).filter(|_| near.is_none());
        constants.iter().find(|name| near == Some(**name))
    });
    if let Some(name) = constant {
        return Diagnostic::new("E046", message).did_you_mean(Some(&format!("{CONSTANTS}{name}")));
    }
    // `stimulus drive` where `drove` was written
    let bare = || {
        let bare = names.iter().filter_map(|name| name.split_once(' ').filter(|(word, _)| is_kind(word)));
        let near = nearest(head, bare.map(|(_, name)| name));
        names.iter().copied().find(|name| near.is_some_and(|near| name.ends_with(&format!(" {near}"))))
    };
    let exact = names.contains(&text).then(|| format!("write `{text}.KEY`"));
    let d = Diagnostic::new("E046", message);
    match exact {
        Some(help) => d.help(help),
        None => d.did_you_mean(near.or_else(bare)),
    }
}

fn is_kind(word: &str) -> bool {
    KINDS.iter().any(|kind| kind.word() == word)
}

/// `, constants.NAME for the names ...`
fn of_constants(names: &[&str]) -> String {
    const SHOWN: usize = 12;
    if names.is_empty() {
        return String::new();
    }
    let list: Vec<String> = names.iter().take(SHOWN).map(|n| format!("`{n}`")).collect();
    let more = if names.len() > SHOWN { format!(" and {} more", names.len() - SHOWN) } else { String::new() };
    format!(", `constants.NAME` for {}{more}", list.join(", "))
}

/// `, and NAME.key for the names ...`
fn tail(names: &[&str]) -> String {
    const SHOWN: usize = 12;
    if names.is_empty() {
        return String::new();
    }
    let list: Vec<String> = names.iter().take(SHOWN).map(|n| format!("`{n}`")).collect();
    let more = if names.len() > SHOWN { format!(" and {} more", names.len() - SHOWN) } else { String::new() };
    format!(", and `NAME.key` for {}{more}", list.join(", "))
}

/// Parts between commas that stand in no bracket and no quotes.
pub(crate) fn parted(text: &str) -> Vec<&str> {
    let (mut out, mut depth, mut from, mut quote) = (Vec::new(), 0i32, 0, None);
    for (place, letter) in text.char_indices() {
        match (quote, letter) {
            (Some(mark), letter) if letter == mark => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(letter),
            (None, '[' | '{' | '(') => depth += 1,
            (None, ']' | '}' | ')') => depth -= 1,
            (None, ',') if depth == 0 => {
                out.push(&text[from..place]);
                from = place + 1;
            }
            _ => {}
        }
    }
    out.push(&text[from..]);
    out
}
