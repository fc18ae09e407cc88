//! Where in the equations of a network a synapse model names what its ends do not have.
//!
//! In: a model and a word of it. Out: the same message at that word; at `synapse = ...` for a ready model, whose text is in no file of
//! the reader. Not here: what does not fit (`projections`).

use super::Checker;
use crate::diagnostic::{Diagnostic, KeyPath, Span};
use crate::model::SynapseModel;
use crate::model::library::SYNAPSE_TEXTS;

impl Checker<'_> {
    /// `post`: the word is `post.WORD` or `pre.WORD`; none: what the model adds to.
    pub(super) fn in_the_text(&self, d: Diagnostic, model: &SynapseModel, word: &str, post: Option<bool>) -> Diagnostic {
        let name = &model.ast().name;
        let ready = SYNAPSE_TEXTS.iter().any(|(ready, _)| *ready == name.text);
        match (ready, place(&self.network.equations, name.span, &name.text, word, post)) {
            (false, Some(span)) => Diagnostic { path: KeyPath::read("equations"), span: Some(span), ..d },
            _ => d.value_of("synapse"),
        }
    }
}

fn place(text: &str, name: Span, called: &str, word: &str, post: Option<bool>) -> Option<Span> {
    // the text may be another than the one that the model was read from
    let start = name.end as usize;
    let own = text.get(start..).filter(|_| text.get(name.start as usize..start) == Some(called))?;
    let next = |keyword: &str| own.match_indices(keyword).map(|(place, _)| place).find(|place| own[..*place].ends_with('\n'));
    let end = [next("neuron "), next("synapse ")].into_iter().flatten().min().unwrap_or(own.len());
    let own = &own[..end];
    let letter = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
    let sought = match post {
        Some(true) => format!("post.{word}"),
        Some(false) => format!("pre.{word}"),
        None => word.to_string(),
    };
    let fits = |place: &usize| {
        let (before, behind) = (&own[..*place], &own[place + sought.len()..]);
        let line = before.rsplit('\n').next().unwrap_or_default();
        let alone = !before.ends_with(letter) && !behind.starts_with(letter);
        alone && !line.contains('#') && (post.is_some() || behind.trim_start().starts_with("+="))
    };
    let found = own.match_indices(&sought).map(|(place, _)| place).find(fits)? + start;
    Some(Span { start: u32::try_from(found).ok()?, end: u32::try_from(found + sought.len()).ok()? })
}
