//! The edges of a projection behind one interface, however they are kept: rows by source, a delay each, and the same edges by target.
//!
//! In: what a rule made ([`Connectivity::stored`]), or what draws its rows again, so that nothing is kept
//! ([`Connectivity::all_to_all`], `by_row`); delays ([`Connectivity::delayed`]). Out: a row at a time ([`Connectivity::row`]), numbers of edges, delays, the view by target, made once
//! and shared. Not here: values of edges beside delays (they are columns in the order of the edges), drawing (`connector`).
//!
//! A row is read through a buffer of the reader's, so that a form which keeps nothing has a place to write it.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use super::by_row::Redrawn;
use super::row::{Row, RowBuffer};
use super::starts::Starts;
use super::{ConnectorError, DrawnColumn, EdgeColumn, sum_up};

mod by_delay;
mod recipe;
mod same;
mod short;

/// Edges of one projection, rows by source, targets ascending within a row (repeats in the order of drawing), unless they
/// [are by delay](Connectivity::is_by_delay).
///
/// Edges are numbered row by row. A row is a list of words, one per edge: the target in the lowest
/// [`target_bits`](Connectivity::target_bits), and above it the delay in steps where delays differ and a word holds both.
#[derive(Clone, Debug)]
pub struct Connectivity {
    targets: u32,
    starts: Starts,
    words: Words,
    delay: Delay,
    by_target: OnceLock<Arc<ByTarget>>,
}

/// How the rows come about.
#[derive(Clone, Debug)]
enum Words {
    /// By number of the edge.
    Stored(Vec<u32>),
    /// The same in half the memory, where words are targets that 16 bits hold and all have one delay.
    Short(Vec<u16>),
    /// Every source to every target: each row is the same, and none is kept.
    AllToAll,
    /// Each row is drawn again whenever it is read.
    Redrawn(Redrawn),
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
        /// Rows are in the order of their delays.
        by_delay: bool,
    },
    /// Apart, where a word does not hold both.
    PerEdge {
        steps: Vec<u16>,
        least: u32,
        largest: u32,
    },
    /// Above the target in each word of a row that is drawn again.
    Redrawn {
        column: Arc<DrawnColumn>,
        target_bits: u32,
        least: u32,
        largest: u32,
    },
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

impl Connectivity {
    /// Edges that have been made: row k is `row_start[k]..row_start[k + 1]` of the targets, ascending. All delays are one step.
    pub fn stored(targets: u32, row_start: Vec<u64>, target: Vec<u32>) -> Connectivity {
        Connectivity::kept_rows(targets, Starts::listed(row_start), target)
    }

    pub(super) fn kept_rows(targets: u32, starts: Starts, target: Vec<u32>) -> Connectivity {
        Connectivity::new(targets, starts, Words::Stored(target))
    }

    /// Every source to every target; nothing is kept.
    pub fn all_to_all(sources: u32, targets: u32) -> Connectivity {
        Connectivity::new(targets, Starts::Even { rows: sources, length: targets.into() }, Words::AllToAll)
    }

    /// Rows that are drawn again whenever they are read.
    pub(super) fn redrawn(targets: u32, starts: Starts, rows: Redrawn) -> Connectivity {
        Connectivity::new(targets, starts, Words::Redrawn(rows))
    }

    fn new(targets: u32, starts: Starts, words: Words) -> Connectivity {
        Connectivity { targets, starts, words, delay: Delay::Shared(1), by_target: OnceLock::new() }
    }

    /// The same edges between some neurons of larger populations: of each end how many neurons there are, and which of them are
    /// meant, ascending. Edges keep their numbers, and delays are one step.
    ///
    /// **Errors** memory that the machine does not give.
    pub fn placed(
        self,
        (sources, from): (u32, &mut dyn Iterator<Item = u32>),
        (targets, to): (u32, &mut dyn Iterator<Item = u32>),
    ) -> Result<Connectivity, ConnectorError> {
        let made = match self.words {
            Words::AllToAll | Words::Short(_) => self.kept()?.bare(),
            Words::Stored(_) | Words::Redrawn(_) => self.bare(),
        };
        let (from, to): (Vec<u32>, Vec<u32>) = (from.collect(), to.collect());
        let mut starts = super::reserved(u64::from(sources) + 1)?;
        starts.push(0);
        for (row, place) in from.iter().zip(0..made.sources()) {
            // neurons before this one have no edges
            let last = starts.last().copied().unwrap_or(0);
            starts.resize((*row as usize + 1).max(starts.len()), last);
            starts.push(made.starts.first(place + 1));
        }
        let last = starts.last().copied().unwrap_or(0);
        starts.resize(sources as usize + 1, last);
        let words = match made.words {
            Words::Redrawn(rows) => Words::Redrawn(rows.placed(from, to)),
            Words::Stored(mut word) => {
                word.iter_mut().for_each(|word| *word = to.get(*word as usize).copied().unwrap_or(*word));
                Words::Stored(word)
            }
            other @ (Words::AllToAll | Words::Short(_)) => other,
        };
        Ok(Connectivity::new(targets, Starts::listed(starts), words))
    }

    /// The same edges with these delays, in steps. Those that are drawn again stay so where the edges are, and a word holds both;
    /// else all of it is kept.
    ///
    /// **Errors** a delay that 16 bits do not hold; memory that the machine does not give.
    pub fn delayed(self, delay: &EdgeColumn) -> Result<Connectivity, ConnectorError> {
        let (least, largest) = match delay {
            EdgeColumn::Shared(steps) => return Ok(Connectivity { delay: Delay::Shared(*steps as u32), ..self.bare() }),
            EdgeColumn::PerEdge(_) | EdgeColumn::Drawn(_) => delay.span().map_or((0, 0), |(low, high)| (low as u32, high as u32)),
        };
        let target_bits = bits(u64::from(self.targets.saturating_sub(1)));
        let stands_apart = apart(self.targets.into(), largest.into());
        if largest > u32::from(u16::MAX) {
            return Err(ConnectorError::LongDelay { steps: largest });
        }
        let list = match delay {
            EdgeColumn::Drawn(column) if !stands_apart && self.is_redrawn() => {
                let delay = Delay::Redrawn { column: column.clone(), target_bits, least, largest };
                return Ok(Connectivity { delay, ..self.bare() });
            }
            EdgeColumn::Drawn(column) => &Arc::new(column.listed()?),
            EdgeColumn::PerEdge(list) => list,
            EdgeColumn::Shared(_) => return Ok(self),
        };
        let mut made = self.kept()?.bare();
        made.delay = match &mut made.words {
            Words::Stored(word) if !stands_apart => {
                word.iter_mut().zip(list.iter()).for_each(|(word, d)| *word |= (*d as u32) << target_bits);
                Delay::InWord { target_bits, least, largest, by_delay: false }
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
        if let (Words::Stored(word), Delay::InWord { .. }) = (&mut self.words, &self.delay) {
            word.iter_mut().for_each(|w| *w &= mask);
        }
        self
    }

    /// The same edges, all of them stored.
    ///
    /// **Errors** memory that the machine does not give.
    pub(crate) fn kept(mut self) -> Result<Connectivity, ConnectorError> {
        if matches!(self.words, Words::Stored(_)) {
            return Ok(self);
        }
        let mut word: Vec<u32> = super::reserved(self.count())?;
        self.rows(|_, row| word.extend(row.words));
        self.words = Words::Stored(word);
        if let Delay::Redrawn { target_bits, least, largest, .. } = self.delay {
            self.delay = Delay::InWord { target_bits, least, largest, by_delay: false };
        }
        Ok(self)
    }

    /// Is every source joined to every target by the form alone, none of them kept?
    pub fn is_all_to_all(&self) -> bool {
        matches!(self.words, Words::AllToAll)
    }

    /// Are rows drawn again whenever they are read?
    pub fn is_redrawn(&self) -> bool {
        matches!(self.words, Words::Redrawn(_))
    }

    /// Number of source neurons, which is that of rows.
    pub fn sources(&self) -> u32 {
        self.starts.rows()
    }

    /// Number of target neurons.
    pub fn targets(&self) -> u32 {
        self.targets
    }

    /// Number of edges.
    pub fn count(&self) -> u64 {
        self.starts.count()
    }

    /// Are there no edges?
    pub fn is_empty(&self) -> bool {
        self.count() == 0
    }

    /// Bytes that each edge takes here: its word, and its delay where that stands apart. Starts of rows not counted.
    pub fn bytes_each(&self) -> u64 {
        let words = match self.words {
            Words::Stored(_) => 4,
            Words::Short(_) => 2,
            Words::AllToAll | Words::Redrawn(_) => 0,
        };
        words + if matches!(self.delay, Delay::PerEdge { .. }) { 2 } else { 0 }
    }

    /// Bytes of the starts of rows.
    pub fn start_bytes(&self) -> u64 {
        self.starts.bytes()
    }

    /// Number of the first edge of a source; of the source behind the last: how many there are.
    pub fn first(&self, source: u32) -> u64 {
        self.starts.first(source)
    }

    /// How many sources have all of their edges among the first so many.
    pub fn rows_before(&self, edges: u64) -> u32 {
        self.starts.rows_before(edges)
    }

    /// Numbers of the edges of a source.
    pub fn span(&self, source: u32) -> Range<u64> {
        self.first(source)..self.first(source + 1)
    }

    /// The edges of a source.
    #[inline]
    pub fn row<'a>(&'a self, source: u32, buffer: &'a mut RowBuffer) -> Row<'a> {
        let mask = mask(self.target_bits());
        let Range { start: first, end } = self.span(source);
        let words = match &self.words {
            Words::Stored(word) => &word[first as usize..end as usize],
            Words::Short(word) => buffer.widened(&word[first as usize..end as usize]),
            Words::AllToAll => buffer.counted((end - first) as usize),
            Words::Redrawn(rows) => {
                let RowBuffer { drawn, scratch, .. } = buffer;
                drawn.resize((end - first) as usize, 0);
                rows.fill(source, drawn, scratch);
                if let Delay::Redrawn { column, target_bits, .. } = &self.delay {
                    let mut words = drawn.iter_mut();
                    column.each(first..end, |delays| {
                        words.by_ref().zip(delays).for_each(|(word, delay)| *word |= (*delay as u32) << target_bits);
                    });
                }
                drawn
            }
        };
        Row { first, words, mask }
    }

    /// Calls with the rows of all sources, in order.
    pub fn rows(&self, mut call: impl FnMut(u32, Row<'_>)) {
        let mut buffer = RowBuffer::default();
        (0..self.sources()).for_each(|source| call(source, self.row(source, &mut buffer)));
    }

    /// Calls with some edges, in order: number, source, target.
    pub fn each(&self, edges: Range<u64>, mut call: impl FnMut(u64, u32, u32)) {
        let mut buffer = RowBuffer::default();
        let mut at = edges.start;
        let mut source = if edges.is_empty() { self.sources() } else { self.source_of(at) };
        while at < edges.end && source < self.sources() {
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
        match &self.words {
            Words::Stored(word) => {
                let mask = mask(self.target_bits());
                word[edges.start as usize..edges.end as usize].iter().for_each(|w| call(w & mask));
            }
            Words::Short(word) => word[edges.start as usize..edges.end as usize].iter().for_each(|w| call((*w).into())),
            Words::AllToAll | Words::Redrawn(_) => self.each(edges, |_, _, target| call(target)),
        }
    }

    /// Calls with the targets of some edges and what a column gives them, in order of the edges.
    pub fn each_with(&self, column: &EdgeColumn, edges: Range<u64>, mut call: impl FnMut(u32, f64)) {
        let (mut buffer, mut from) = (RowBuffer::default(), edges.start);
        let mut source = if edges.is_empty() { self.sources() } else { self.source_of(from) };
        while from < edges.end && source < self.sources() {
            let row = self.row(source, &mut buffer);
            let to = edges.end.min(row.edges().end).max(from);
            let mut targets = row.targets().skip((from - row.first) as usize);
            column.each(from..to, |x| targets.by_ref().take(1).for_each(|target| call(target, x)));
            (from, source) = (to, source + 1);
        }
    }

    /// The source of an edge.
    pub fn source_of(&self, edge: u64) -> u32 {
        self.starts.row_of(edge)
    }

    /// The target of an edge.
    pub fn target_of(&self, edge: u64) -> u32 {
        match &self.words {
            Words::Stored(word) => word[edge as usize] & mask(self.target_bits()),
            Words::Short(word) => word[edge as usize].into(),
            Words::AllToAll => (edge % u64::from(self.targets.max(1))) as u32,
            Words::Redrawn(_) => {
                let mut target = 0;
                self.each_target(edge..edge + 1, |t| target = t);
                target
            }
        }
    }

    /// The most edges of a source.
    pub fn longest_row(&self) -> u64 {
        self.starts.longest()
    }

    /// The smallest and the largest delay, steps.
    pub fn delays(&self) -> (u32, u32) {
        match &self.delay {
            Delay::Shared(steps) => (*steps, *steps),
            Delay::InWord { least, largest, .. }
            | Delay::PerEdge { least, largest, .. }
            | Delay::Redrawn { least, largest, .. } => (*least, *largest),
        }
    }

    /// The delay of all edges, steps; `None`: delays differ.
    pub fn shared_delay(&self) -> Option<u32> {
        match &self.delay {
            Delay::Shared(steps) => Some(*steps),
            _ => None,
        }
    }

    /// Delays by number of the edge, steps, where they stand apart from the words.
    pub fn own_delays(&self) -> Option<&[u16]> {
        match &self.delay {
            Delay::PerEdge { steps, .. } => Some(steps),
            _ => None,
        }
    }

    /// The delay of an edge, steps.
    pub fn delay_of(&self, edge: u64) -> u32 {
        match (&self.delay, &self.words) {
            (Delay::Shared(steps), _) => *steps,
            (Delay::PerEdge { steps, .. }, _) => u32::from(steps[edge as usize]),
            (Delay::Redrawn { column, .. }, _) => column.get(edge) as u32,
            (Delay::InWord { target_bits, .. }, Words::Stored(word)) => word[edge as usize] >> target_bits,
            // what keeps no words has none that hold delays
            (Delay::InWord { least, .. }, _) => *least,
        }
    }

    /// Bits of the target in a word; 32: words are targets.
    #[inline]
    pub fn target_bits(&self) -> u32 {
        match &self.delay {
            Delay::InWord { target_bits, .. } | Delay::Redrawn { target_bits, .. } => *target_bits,
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
        let mut row_start = vec![0; self.targets() as usize + 1];
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
        let row_start = (0..=self.sources()).map(|source| kept.partition_point(|e| *e < self.first(source)) as u64).collect();
        let of = |steps: &[u16]| kept.iter().map(|e| steps[*e as usize]).collect();
        let (least, largest) = self.delays();
        let delay = match &self.delay {
            Delay::PerEdge { steps, .. } => Delay::PerEdge { steps: of(steps), least, largest },
            Delay::Redrawn { target_bits, .. } => Delay::InWord { target_bits: *target_bits, least, largest, by_delay: false },
            other => other.clone(),
        };
        let mut word = Vec::with_capacity(kept.len());
        let mut rest = kept.iter().peekable();
        self.rows(|_, row| {
            while let Some(edge) = rest.next_if(|edge| **edge < row.edges().end) {
                word.push(row.words[(edge - row.first) as usize]);
            }
        });
        Connectivity { delay, ..Connectivity::new(self.targets, Starts::listed(row_start), Words::Stored(word)) }
    }
}

impl Default for Connectivity {
    fn default() -> Connectivity {
        Connectivity::all_to_all(0, 0)
    }
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
