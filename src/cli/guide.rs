//! `synfire guide`: the pages of the guide, which come with the command.
//!
//! In: the name of a page. Out: its text. Not here: the pages (`src/guide`).

use clap::Args;
use synfire::units::nearest;

use super::{Failure, say};

#[derive(Args)]
pub struct Guide {
    /// The page to print [default: list all]
    page: Option<String>,
}

/// Name, what it is about, text: in the order in which one reads them.
const PAGES: [(&str, &str, &str); 25] = [
    ("network_file", "every key of a network file", include_str!("../guide/network_file.md")),
    ("in_short", "expressions, many rows, blocks, repetition, lists: saying it once", include_str!("../guide/in_short.md")),
    ("language", "models by their equations", include_str!("../guide/language.md")),
    ("learning", "synapses that learn", include_str!("../guide/learning.md")),
    ("space", "where neurons are, and who is joined with whom", include_str!("../guide/space.md")),
    ("stimuli", "what flows in, and what probes see", include_str!("../guide/stimuli.md")),
    ("events", "spikes, event cameras, images and movies from files", include_str!("../guide/events.md")),
    ("step", "what happens in which order inside a step", include_str!("../guide/step.md")),
    ("numbers", "units, precision, what is equal to the bit", include_str!("../guide/numbers.md")),
    ("addresses", "what --set can name", include_str!("../guide/addresses.md")),
    ("runs", "what a run leaves, drawn and measured", include_str!("../guide/runs.md")),
    ("arrays", "the arrays of a run in NumPy, and Neo's spike trains of them", include_str!("../guide/arrays.md")),
    ("formats", "what other programs read: SONATA, NEST, CSV, Neo, pandas", include_str!("../guide/formats.md")),
    ("sinks", "where a recording goes while a run goes on", include_str!("../guide/sinks.md")),
    ("recordings", "recordings longer than memory", include_str!("../guide/recordings.md")),
    ("ensembles", "one network many times over", include_str!("../guide/ensembles.md")),
    ("sweeps", "a network over ranges of its values, and values that do what was asked for", include_str!("../guide/sweeps.md")),
    ("how_fast", "what a network costs, how it is measured, what helped", include_str!("../guide/how_fast.md")),
    ("gpu", "schedules, what is equal, limits", include_str!("../guide/gpu.md")),
    ("codes", "what an error code means", include_str!("../guide/codes.md")),
    ("own_models", "a neuron, a synapse, a rule, a connector of your own", include_str!("../guide/own_models.md")),
    (
        "coming_from_brian2_and_brainpy",
        "their call, ours; NumpyBrain too",
        include_str!("../guide/coming_from_brian2_and_brainpy.md"),
    ),
    ("python", "the package for Python: thirty lines to a picture, values, results, loops", include_str!("../guide/python.md")),
    ("coming_from_nest_and_pynn", "their call, ours", include_str!("../guide/coming_from_nest_and_pynn.md")),
    ("coming_from_sns_toolbox", "its call, ours", include_str!("../guide/coming_from_sns_toolbox.md")),
];

impl Guide {
    pub fn run(&self) -> Result<(), Failure> {
        let Some(wanted) = &self.page else {
            say("Pages, each printed by `synfire guide PAGE`:\n");
            let width = PAGES.iter().map(|(name, ..)| name.len()).max().unwrap_or(0);
            PAGES.iter().for_each(|(name, about, _)| say(format_args!("  {name:width$}  {about}")));
            return Ok(());
        };
        let name = wanted.trim_end_matches(".md");
        match PAGES.iter().find(|(page, ..)| *page == name) {
            Some((.., text)) => say(plain(text).trim_end()),
            None => {
                let near = nearest(name, PAGES.iter().map(|(page, ..)| *page)).map(|near| format!("did you mean `{near}`? "));
                let help = format!("{}`synfire guide` lists the pages", near.unwrap_or_default());
                return Err(Failure::input(format!("error: there is no page `{wanted}`\n  help: {help}")));
            }
        }
        Ok(())
    }
}

/// Links that lead into the documentation of the library as words: a page by its name, other things without one.
fn plain(text: &str) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, behind)) = rest.split_once("](") {
        let Some((target, after)) = behind.split_once(')') else { break };
        let path = target.trim_start_matches("mod@");
        if !path.starts_with("crate::") {
            out.push_str(&format!("{before}]({target})"));
        } else {
            let open = before.rfind('[').unwrap_or(before.len());
            out.push_str(&before[..open]);
            out.push_str(before[open..].trim_start_matches('['));
            if let Some(page) = path.strip_prefix("crate::guide::") {
                out.push_str(&format!(" (`synfire guide {page}`)"));
            }
        }
        rest = after;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_into_the_library_become_words() {
        let text = "see [step](crate::guide::step), [`Network::set`](crate::Network::set) and [WGSL](https://w3.org/)";
        assert_eq!(plain(text), "see step (`synfire guide step`), `Network::set` and [WGSL](https://w3.org/)");
    }

    #[test]
    fn every_page_is_there() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/guide");
        for entry in std::fs::read_dir(folder).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let Some(page) = name.strip_suffix(".md") else { continue };
            assert!(PAGES.iter().any(|(known, ..)| *known == page), "{page} is not among them");
        }
        assert!(PAGES.iter().all(|(.., text)| !plain(text).contains("](crate::")));
    }
}
