//! The edges of a projection behind one interface, however they are kept: rows by source, a delay each, and the same edges by target.
//!
//! In: what a rule made ([`Connectivity::stored`]), or a rule that needs nothing kept ([`Connectivity::all_to_all`]); delays
//! ([`Connectivity::delayed`]). Out: a row at a time ([`Connectivity::row`]), numbers of edges, delays, the view by target, made once
//! and shared. Not here: values of edges beside delays (they are columns in the order of the edges), drawing (`connector`).
//!
//! A row is read through a buffer of the reader's, so that a form which keeps nothing has a place to write it.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use super::{ConnectorError, EdgeColumn, sum_up};

/// Edges of one projection, rows by source, targets ascending within a row (repeats in the order of drawing).
///
/// Edges are numbered row by row. A row is a list of words, one per edge: the target in the lowest
/// [`target_bits`](Connectivity::target_bits), and above it the delay in steps where delays differ and a word holds both.
#[derive(Clone, Debug)]
pub struct Connectivity {
    sources: u32,
    targets: u32,
    form: Form,
    delay: Delay,
    by_target: OnceLock<Arc<ByTarget>>,
}

/// How the rows come about.
#[derive(Clone, Debug, PartialEq)]
enum Form {
    /// Row k is `row_start[k]..row_start[k + 1]` of the words.
    Stored { row_start: Vec<u64>, word: Vec<u32> },
    /// Every source to every target: each row is the same, and none is kept.
    AllToAll,
}

/// Whole numbers of steps, at least 1.
#[derive(Clone, Debug, PartialEq)]
enum Delay {
    Shared(u32),
    /// Above the target in each word.
    InWord {
        target_bits: u32,
        least: u32,
        largest: u32,
    },
    /// Apart, where a word does not hold both.
    PerEdge {
        steps: Vec<u16>,
        least: u32,
        largest: u32,
    },
}

/// Where a row is written that is not kept. Each reader has one of its own.
#[derive(Clone, Debug, Default)]
pub struct RowBuffer {
    words: Vec<u32>,
}

/// The edges of one source.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// Number of the first edge: the place of its values in columns.
    pub first: u64,
    /// One per edge, as [`Connectivity`] says.
    pub words: &'a [u32],
    mask: u32,
}

/// The same edges seen from their targets: row k holds the edges that arrive at neuron k, sources ascending.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ByTarget {
    /// Row k is `row_start[k]..row_start[k + 1]`.
    pub row_start: Vec<u64>,
    /// Source neuron of each edge.
    pub source: Vec<u32>,
    /// The number of the edge, which is its place in columns of values.
    pub edge: Vec<u64>,
}

impl Row<'_> {
    /// Number of edges.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Has the source no edges?
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Targets, ascending.
    pub fn targets(&self) -> impl ExactSizeIterator<Item = u32> + '_ {
        self.words.iter().map(|w| w & self.mask)
    }

    /// Numbers of its edges.
    pub fn edges(&self) -> Range<u64> {
        self.first..self.first + self.words.len() as u64
    }

    /// How many of its edges end before a target.
    pub fn before(&self, target: u32) -> usize {
        self.words.partition_point(|w| w & self.mask < target)
    }
}

impl Connectivity {
    /// Edges that have been made: row k is `row_start[k]..row_start[k + 1]` of the targets, ascending. All delays are one step.
    pub fn stored(targets: u32, row_start: Vec<u64>, target: Vec<u32>) -> Connectivity {
        let sources = row_start.len().saturating_sub(1) as u32;
        Connectivity::new(sources, targets, Form::Stored { row_start, word: target })
    }

    /// Every source to every target; nothing is kept.
    pub fn all_to_all(sources: u32, targets: u32) -> Connectivity {
        Connectivity::new(sources, targets, Form::AllToAll)
    }

    fn new(sources: u32, targets: u32, form: Form) -> Connectivity {
        Connectivity { sources, targets, form, delay: Delay::Shared(1), by_target: OnceLock::new() }
    }

    /// The same edges between some neurons of larger populations: of each end how many neurons there are, and which of them are
    /// meant, ascending. Edges keep their numbers.
    ///
    /// **Errors** memory that the machine does not give.
    pub fn placed(
        self,
        (sources, from): (u32, &mut dyn Iterator<Item = u32>),
        (targets, to): (u32, &mut dyn Iterator<Item = u32>),
    ) -> Result<Connectivity, ConnectorError> {
        let made = self.kept()?.bare();
        let Form::Stored { row_start, mut word } = made.form else { return Ok(made) };
        let to: Vec<u32> = to.collect();
        for word in &mut word {
            *word = to.get(*word as usize).copied().unwrap_or(*word);
        }
        let mut starts = super::reserved(u64::from(sources) + 1)?;
        starts.push(0);
        for (row, end) in from.zip(row_start.iter().skip(1)) {
            // neurons before this one have no edges
            let last = starts.last().copied().unwrap_or(0);
            starts.resize((row as usize + 1).max(starts.len()), last);
            starts.push(*end);
        }
        let last = starts.last().copied().unwrap_or(0);
        starts.resize(sources as usize + 1, last);
        Ok(Connectivity::stored(targets, starts, word))
    }

    /// The same edges with these delays, in steps.
    ///
    /// **Errors** a delay that 16 bits do not hold; memory that the machine does not give.
    pub fn delayed(self, delay: &EdgeColumn) -> Result<Connectivity, ConnectorError> {
        let list = match delay {
            EdgeColumn::Shared(steps) => return Ok(Connectivity { delay: Delay::Shared(*steps as u32), ..self.bare() }),
            EdgeColumn::PerEdge(list) => list,
        };
        let span = |(least, largest): (u32, u32), d: &f32| (least.min(*d as u32), largest.max(*d as u32));
        let (least, largest) = list.iter().fold((u32::MAX, 0), span);
        let (least, target_bits, mut made) =
            (least.min(largest), bits(u64::from(self.targets.saturating_sub(1))), self.kept()?.bare());
        let stands_apart = apart(made.targets.into(), largest.into());
        if largest > u32::from(u16::MAX) {
            return Err(ConnectorError::LongDelay { steps: largest });
        }
        made.delay = match &mut made.form {
            Form::Stored { word, .. } if !stands_apart => {
                word.iter_mut().zip(list.iter()).for_each(|(word, d)| *word |= (*d as u32) << target_bits);
                Delay::InWord { target_bits, least, largest }
            }
            _ => {
                let mut steps = super::reserved(list.len() as u64)?;
                steps.extend(list.iter().map(|d| *d as u16));
                Delay::PerEdge { steps, least, largest }
            }
        };
        Ok(made)
    }

    /// The same edges, words without delays.
    fn bare(mut self) -> Connectivity {
        let mask = mask(self.target_bits());
        if let (Form::Stored { word, .. }, Delay::InWord { .. }) = (&mut self.form, &self.delay) {
            word.iter_mut().for_each(|w| *w &= mask);
        }
        self
    }

    /// The same edges, all of them stored.
    fn kept(mut self) -> Result<Connectivity, ConnectorError> {
        if self.form == Form::AllToAll {
            let mut word: Vec<u32> = super::zeros(self.count())?;
            word.chunks_mut(self.targets.max(1) as usize).for_each(count_up);
            let row_start = super::even_starts(self.sources, u64::from(self.targets))?;
            self.form = Form::Stored { row_start, word };
        }
        Ok(self)
    }

    /// Is every source joined to every target by the form alone, none of them kept?
    pub fn is_all_to_all(&self) -> bool {
        self.form == Form::AllToAll
    }

    /// Number of source neurons, which is that of rows.
    pub fn sources(&self) -> u32 {
        self.sources
    }

    /// Number of target neurons.
    pub fn targets(&self) -> u32 {
        self.targets
    }

    /// Number of edges.
    pub fn count(&self) -> u64 {
        match &self.form {
            Form::Stored { word, .. } => word.len() as u64,
            Form::AllToAll => u64::from(self.sources) * u64::from(self.targets),
        }
    }

    /// Are there no edges?
    pub fn is_empty(&self) -> bool {
        self.count() == 0
    }

    /// Bytes that each edge takes here: its word, and its delay where that stands apart. Starts of rows not counted.
    pub fn bytes_each(&self) -> u64 {
        let words = if matches!(self.form, Form::Stored { .. }) { 4 } else { 0 };
        words + if matches!(self.delay, Delay::PerEdge { .. }) { 2 } else { 0 }
    }

    /// Number of the first edge of a source; of the source behind the last: how many there are.
    pub fn first(&self, source: u32) -> u64 {
        match &self.form {
            Form::Stored { row_start, .. } => row_start[source as usize],
            Form::AllToAll => u64::from(source) * u64::from(self.targets),
        }
    }

    /// How many sources have all of their edges among the first so many.
    pub fn rows_before(&self, edges: u64) -> u32 {
        match &self.form {
            Form::Stored { row_start, .. } => row_start.partition_point(|start| *start <= edges).saturating_sub(1) as u32,
            Form::AllToAll => edges.checked_div(self.targets.into()).map_or(self.sources, |n| n.min(self.sources.into()) as u32),
        }
    }

    /// Numbers of the edges of a source.
    pub fn span(&self, source: u32) -> Range<u64> {
        self.first(source)..self.first(source + 1)
    }

    /// The edges of a source.
    #[inline]
    pub fn row<'a>(&'a self, source: u32, buffer: &'a mut RowBuffer) -> Row<'a> {
        let mask = mask(self.target_bits());
        match &self.form {
            Form::Stored { row_start, word } => {
                let (first, end) = (row_start[source as usize], row_start[source as usize + 1]);
                Row { first, words: &word[first as usize..end as usize], mask }
            }
            Form::AllToAll => {
                let words = buffer.counted(self.targets as usize);
                Row { first: u64::from(source) * u64::from(self.targets), words, mask }
            }
        }
    }

    /// Calls with the rows of all sources, in order.
    pub fn rows(&self, mut call: impl FnMut(u32, Row<'_>)) {
        let mut buffer = RowBuffer::default();
        (0..self.sources).for_each(|source| call(source, self.row(source, &mut buffer)));
    }

    /// Calls with some edges, in order: number, source, target.
    pub fn each(&self, edges: Range<u64>, mut call: impl FnMut(u64, u32, u32)) {
        let mut buffer = RowBuffer::default();
        let mut at = edges.start;
        let mut source = if edges.is_empty() { self.sources } else { self.source_of(at) };
        while at < edges.end && source < self.sources {
            let row = self.row(source, &mut buffer);
            let (from, to) = ((at - row.first) as usize, edges.end.min(row.edges().end));
            for (edge, target) in (at..to).zip(row.targets().skip(from)) {
                call(edge, source, target);
            }
            (at, source) = (to.max(at), source + 1);
        }
    }

    /// Calls with the targets of some edges, in order of the edges.
    #[inline]
    pub fn each_target(&self, edges: Range<u64>, mut call: impl FnMut(u32)) {
        match &self.form {
            Form::Stored { word, .. } => {
                let mask = mask(self.target_bits());
                word[edges.start as usize..edges.end as usize].iter().for_each(|w| call(w & mask));
            }
            Form::AllToAll => self.each(edges, |_, _, target| call(target)),
        }
    }

    /// The source of an edge.
    pub fn source_of(&self, edge: u64) -> u32 {
        match &self.form {
            Form::Stored { row_start, .. } => row_start.partition_point(|start| *start <= edge).saturating_sub(1) as u32,
            Form::AllToAll => (edge / u64::from(self.targets.max(1))) as u32,
        }
    }

    /// The target of an edge.
    pub fn target_of(&self, edge: u64) -> u32 {
        match &self.form {
            Form::Stored { word, .. } => word[edge as usize] & mask(self.target_bits()),
            Form::AllToAll => (edge % u64::from(self.targets.max(1))) as u32,
        }
    }

    /// The most edges of a source.
    pub fn longest_row(&self) -> u64 {
        match &self.form {
            Form::Stored { row_start, .. } => row_start.windows(2).map(|w| w[1] - w[0]).max().unwrap_or(0),
            Form::AllToAll => {
                if self.sources > 0 {
                    self.targets.into()
                } else {
                    0
                }
            }
        }
    }

    /// The smallest and the largest delay, steps.
    pub fn delays(&self) -> (u32, u32) {
        match &self.delay {
            Delay::Shared(steps) => (*steps, *steps),
            Delay::InWord { least, largest, .. } | Delay::PerEdge { least, largest, .. } => (*least, *largest),
        }
    }

    /// The delay of all edges, steps; `None`: delays differ.
    pub fn shared_delay(&self) -> Option<u32> {
        match &self.delay {
            Delay::Shared(steps) => Some(*steps),
            Delay::InWord { .. } | Delay::PerEdge { .. } => None,
        }
    }

    /// Delays by number of the edge, steps, where they stand apart from the words.
    pub fn own_delays(&self) -> Option<&[u16]> {
        match &self.delay {
            Delay::PerEdge { steps, .. } => Some(steps),
            Delay::Shared(_) | Delay::InWord { .. } => None,
        }
    }

    /// The delay of an edge, steps.
    pub fn delay_of(&self, edge: u64) -> u32 {
        match (&self.delay, &self.form) {
            (Delay::Shared(steps), _) => *steps,
            (Delay::PerEdge { steps, .. }, _) => u32::from(steps[edge as usize]),
            (Delay::InWord { target_bits, .. }, Form::Stored { word, .. }) => word[edge as usize] >> target_bits,
            // a form that keeps no words has one delay
            (Delay::InWord { least, .. }, Form::AllToAll) => *least,
        }
    }

    /// Bits of the target in a word; 32: words are targets.
    #[inline]
    pub fn target_bits(&self) -> u32 {
        match &self.delay {
            Delay::InWord { target_bits, .. } => *target_bits,
            Delay::Shared(_) | Delay::PerEdge { .. } => 32,
        }
    }

    /// Number of edges that end in each target.
    pub fn indegrees(&self) -> Vec<u64> {
        if let Some(view) = self.by_target.get() {
            return view.row_start.windows(2).map(|w| w[1] - w[0]).collect();
        }
        let mut counts = vec![0u64; self.targets as usize];
        self.each_target(0..self.count(), |t| counts[t as usize] += 1);
        counts
    }

    /// The most edges that end in one target.
    pub fn most_by_target(&self) -> u64 {
        self.indegrees().into_iter().max().unwrap_or(0)
    }

    /// The edges in the order of their targets: made when it is first asked for, the same for all who ask.
    pub fn by_target(&self) -> &Arc<ByTarget> {
        self.by_target.get_or_init(|| Arc::new(self.transposed()))
    }

    /// A stable counting sort.
    fn transposed(&self) -> ByTarget {
        let count = self.count();
        let mut row_start = vec![0; self.targets as usize + 1];
        self.each_target(0..count, |t| row_start[t as usize + 1] += 1);
        sum_up(&mut row_start);
        let mut next = row_start.clone();
        let (mut source, mut edge) = (vec![0; count as usize], vec![0; count as usize]);
        self.each(0..count, |e, from, target| {
            let place = &mut next[target as usize];
            (source[*place as usize], edge[*place as usize]) = (from, e);
            *place += 1;
        });
        ByTarget { row_start, source, edge }
    }

    /// The same rows with some of the edges, by number, ascending.
    pub fn only(&self, kept: &[u64]) -> Connectivity {
        let row_start = (0..=self.sources).map(|source| kept.partition_point(|e| *e < self.first(source)) as u64).collect();
        let of = |steps: &[u16]| kept.iter().map(|e| steps[*e as usize]).collect();
        let (least, largest) = self.delays();
        let delay = match &self.delay {
            Delay::PerEdge { steps, .. } => Delay::PerEdge { steps: of(steps), least, largest },
            other => other.clone(),
        };
        let word = match &self.form {
            Form::Stored { word, .. } => kept.iter().map(|e| word[*e as usize]).collect(),
            Form::AllToAll => kept.iter().map(|e| self.target_of(*e)).collect(),
        };
        Connectivity { delay, ..Connectivity::new(self.sources, self.targets, Form::Stored { row_start, word }) }
    }
}

impl Default for Connectivity {
    fn default() -> Connectivity {
        Connectivity::all_to_all(0, 0)
    }
}

impl PartialEq for Connectivity {
    /// Are they the same edges with the same delays, however they are kept?
    fn eq(&self, other: &Connectivity) -> bool {
        let ends = |c: &Connectivity| (c.sources, c.targets, c.count());
        let same = |e: u64| self.target_of(e) == other.target_of(e) && self.delay_of(e) == other.delay_of(e);
        ends(self) == ends(other) && (0..self.sources).all(|s| self.first(s) == other.first(s)) && (0..self.count()).all(same)
    }
}

impl RowBuffer {
    /// 0, 1, ... so many words. What is written here is never changed, so that it is written once.
    fn counted(&mut self, count: usize) -> &[u32] {
        if self.words.len() < count {
            self.words.resize(count, 0);
            count_up(&mut self.words);
        }
        &self.words[..count]
    }
}

fn count_up(words: &mut [u32]) {
    words.iter_mut().zip(0..).for_each(|(word, k)| *word = k);
}

/// Do the delays of edges onto so many targets stand apart from the words, where the longest has so many steps?
pub(crate) fn apart(targets: u64, longest: u64) -> bool {
    let target_bits = bits(targets.saturating_sub(1));
    target_bits + bits(longest) > u32::BITS || target_bits == u32::BITS
}

/// Bits that hold a number.
fn bits(number: u64) -> u32 {
    u64::BITS - number.leading_zeros()
}

/// Those bits of a word that hold the target.
fn mask(target_bits: u32) -> u32 {
    ((1u64 << target_bits) - 1) as u32
}
