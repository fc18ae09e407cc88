//! What is kept of each sample of a probe: bins that can be, and none where nothing is counted.

use super::Checker;
use crate::diagnostic::Diagnostic;
use crate::model::Range;
use crate::network::checked::CheckedReduce;
use crate::network::{Probe, Reduce, Reduction};
use crate::units::Dimension;

/// More bins than this are a slip of the pen.
const MOST_BINS: u64 = 1 << 20;

impl Checker<'_> {
    /// Refuses what has no meaning where spikes are recorded.
    pub(super) fn not_reduced(&mut self, part: &str, given: &Probe) -> Option<()> {
        let key = match given {
            Probe { reduce: Some(_), .. } => "reduce",
            Probe { bins: Some(_), .. } => "bins",
            Probe { edges, .. } if !edges.is_empty() => "edges",
            _ => return Some(()),
        };
        let message = format!("{part}: `{key}` is for samples of a state, and this probe looks at spikes");
        let help = if given.record == "spikes" { "for counts in bins of time record `rate`" } else { "leave it out" };
        self.say(Diagnostic::new("E078", message).key_of(key).help(help));
        None
    }

    /// Refuses what is asked of neurons and is for synapses alone.
    pub(super) fn only_of_synapses(&mut self, part: &str, given: &Probe) -> Option<()> {
        if given.at.is_none() {
            return Some(());
        }
        let message = format!("{part}: `at` is for states of synapses (`projection = ...`), and this probe looks at neurons");
        self.say(Diagnostic::new("E078", message).key_of("at").help("leave it out"));
        None
    }

    /// What is kept of each sample of neurons. `Some(None)`: every value.
    pub(super) fn reduced_neurons(&mut self, part: &str, given: &Probe, name: &str, of: Dimension) -> Option<Option<Reduction>> {
        Some(match self.reduced(part, given, name, of, Range::default())? {
            Some(CheckedReduce::Settled(reduction)) => Some(reduction),
            // a range is what states of synapses have
            Some(CheckedReduce::OverRange(_)) | None => None,
        })
    }

    /// Refuses what has no meaning beside `at`, and synapses at which no spike is an event.
    pub(super) fn only_at_spikes(&mut self, part: &str, given: &Probe, synapse: Option<&str>) -> Option<()> {
        let other = match given {
            Probe { every: Some(_), .. } => "every",
            Probe { reduce: Some(_), .. } => "reduce",
            Probe { bins: Some(_), .. } => "bins",
            Probe { edges, .. } if !edges.is_empty() => "edges",
            _ => "",
        };
        if !other.is_empty() {
            let message = format!("{part}: each value is kept as a spike comes, and `{other}` is of samples after so many steps");
            let help = "leave one of the two out; for both write a second probe";
            self.say(Diagnostic::new("E078", message).key_of(other).help(help));
            return None;
        }
        let model = self.models.synapses.get(synapse?)?;
        if model.events.is_empty() {
            let message = format!("{part}: these synapses go on in every step, and a spike is no event of theirs");
            let help = "leave `at` out: the state is recorded after every step, or `every` so often";
            self.say(Diagnostic::new("E078", message).key_of("at").help(help));
            return None;
        }
        Some(())
    }

    /// What is kept of each sample of a state. `Some(None)`: every value.
    pub(super) fn reduced(
        &mut self,
        part: &str,
        given: &Probe,
        name: &str,
        dimension: Dimension,
        range: Range,
    ) -> Option<Option<CheckedReduce>> {
        let mut wrong = |key: &str, message: String, help: &str| {
            self.say(Diagnostic::new("E078", format!("{part}: {message}")).key_of(key).help(help));
            None
        };
        let (bins, listed) = (given.bins, !given.edges.is_empty());
        match given.reduce {
            Some(Reduce::Histogram) => {}
            other if bins.is_some() || listed => {
                let key = if listed { "edges" } else { "bins" };
                let kept = other.map_or("every value", |_| "no histogram");
                return wrong(
                    key,
                    format!("`{key}` is of a histogram, and of this probe {kept} is kept"),
                    "write `reduce = \"histogram\"`",
                );
            }
            None => return Some(None),
            Some(Reduce::Mean) => return Some(Some(CheckedReduce::Settled(Reduction::Mean))),
            Some(Reduce::Sum) => return Some(Some(CheckedReduce::Settled(Reduction::Sum))),
        }
        if let Some(bins) = bins.filter(|bins| !(1..=MOST_BINS).contains(bins)) {
            return wrong(
                "bins",
                format!("a histogram of {bins} bins; it may have 1 to {MOST_BINS}"),
                "write for example `bins = 50`",
            );
        }
        if !listed {
            let Some(bins) = bins else {
                let help = "write `bins = 50`, or `edges = [...]`, or both: the first and the last edge";
                return wrong("reduce", "a histogram needs bins".into(), help);
            };
            if range.low.is_none() || range.high.is_none() {
                let edges = match dimension.unit() {
                    _ if dimension.is_none() => "[0, 1]".into(),
                    unit => format!("[\"0 {unit}\", \"1 {unit}\"]"),
                };
                let message =
                    format!("the model gives `{name}` no range from one value to another, over which there could be bins");
                return wrong("bins", message, &format!("say where they begin and end: `edges = {edges}`"));
            }
            return Some(Some(CheckedReduce::OverRange(bins)));
        }
        let edges = self.list(part, "edges", &given.edges, dimension)?;
        let mut wrong = |message: String, help: &str| {
            self.say(Diagnostic::new("E078", format!("{part}: {message}")).value_of("edges").help(help));
            None
        };
        if edges.len() < 2 {
            return wrong(
                "one edge bounds no bin".into(),
                "write at least two: where the first bin begins, and where the last one ends",
            );
        }
        if let Some(k) = edges.iter().position(|x| !x.is_finite()) {
            return wrong(
                format!("edge {k} is not finite"),
                "values beyond the first and the last edge are counted beside the bins",
            );
        }
        if let Some(k) = edges.windows(2).position(|pair| pair[0] >= pair[1]) {
            let (a, b) = (&given.edges[k], &given.edges[k + 1]);
            return wrong(format!("edges must ascend, {b} stands behind {a}"), "sort them and name each once");
        }
        match (bins, &edges[..]) {
            (None, _) => Some(Some(CheckedReduce::Settled(Reduction::Histogram { edges }))),
            (Some(bins), &[low, high]) => Some(Some(CheckedReduce::Settled(Reduction::bins(low, high, bins)))),
            (Some(_), _) => {
                let message = format!("`bins` beside {} edges, which say themselves where bins are", edges.len());
                wrong(message, "leave `bins` out, or give the first and the last edge alone")
            }
        }
    }
}
