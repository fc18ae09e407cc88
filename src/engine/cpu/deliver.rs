//! Spikes to rings: each worker walks the rows of all spikes, but only the part of a row that ends in its own range.

use std::collections::HashMap;
use std::hint::black_box;
use std::marker::PhantomData;
use std::ops::Range;
use std::sync::Arc;

use pulp::{Arch, NullaryFnOnce};

use super::after::Pieces;
use super::bundle::RouteBundle;
use super::part::{Part, PartShare};
use super::real::Real;
use crate::plan::fixed_point::Units;
use crate::plan::memory::SMALL_ROUTE;
use crate::plan::{Connectivity, DrawnColumn, EdgeColumn, OwnRoute, Plan, Route, RowBuffer};

/// What brings spikes to a port.
pub enum Arrivals<T: Real> {
    Route(Incoming<T>),
    Bundle(RouteBundle<T>),
    /// Each piece of its rows waits until it is due.
    Late(Incoming<T>),
}

/// What deliveries of a worker use one after the other.
#[derive(Default)]
pub struct Room {
    /// Where rows of edges are written that are not kept, of those that are walked together.
    rows: [RowBuffer; TOGETHER],
    /// A bit per row of a bundle.
    marks: Vec<u64>,
}

impl<T: Real> Arrivals<T> {
    /// All that ends in a share. What is summed at one port keeps the order of its routes: small ones are put together as far as
    /// none of many edges stands between them.
    pub fn all(plan: &Plan, parts: &[Arc<PartShare<T>>]) -> Vec<Arrivals<T>> {
        let waits = |end: &(usize, u32)| parts[end.0].ports[end.1 as usize].is_late;
        // routes that are walked at one place of the order
        let mut steps: Vec<Vec<usize>> = Vec::new();
        let mut open: HashMap<(usize, u32), usize> = HashMap::new();
        // each instance has weights of its own there
        let varied = plan.varied_ports();
        for (number, route) in plan.routes.iter().enumerate().filter(|(_, route)| route.learned.is_none()) {
            let end = (plan.place(route.target).group, route.port);
            if varied.contains(&end) || waits(&end) {
                steps.push(vec![number]);
                continue;
            }
            match open.get(&end).filter(|_| route.edges.count() <= SMALL_ROUTE) {
                Some(step) => steps[*step].push(number),
                None => {
                    steps.push(vec![number]);
                    open.remove(&end);
                    if route.edges.count() <= SMALL_ROUTE {
                        open.insert(end, steps.len() - 1);
                    }
                }
            }
        }
        let one = |route: Incoming<T>| match waits(&(route.group, route.port as u32)) {
            true => Arrivals::Late(Incoming { pieces: Pieces::of(&route.edges), ..route }),
            false => Arrivals::Route(route),
        };
        let made = steps.iter().filter_map(|routes| match routes[..] {
            [alone] => Incoming::new(plan, alone, parts).map(one),
            _ => RouteBundle::new(plan, routes, &parts[plan.place(plan.routes[routes[0]].target).group]).map(Arrivals::Bundle),
        });
        made.collect()
    }

    /// The route whose pieces wait.
    pub fn late(&self) -> Option<&Incoming<T>> {
        match self {
            Arrivals::Late(route) => Some(route),
            Arrivals::Route(_) | Arrivals::Bundle(_) => None,
        }
    }

    /// Adds the weights of these spikes (rows ascending), emitted at one time.
    pub fn deliver(
        &self,
        (arch, plan): (Arch, &Plan),
        own: &OwnRoutes<T>,
        emitted: u64,
        spikes: &[u32],
        parts: &mut [Part<T>],
        room: &mut Room,
    ) {
        match self {
            Arrivals::Route(route) => route.deliver((arch, plan), own.of(route.number), emitted, spikes, parts, &mut room.rows),
            Arrivals::Bundle(bundle) => bundle.deliver(plan, emitted, spikes, parts, &mut room.marks),
            // `late` adds them
            Arrivals::Late(_) => {}
        }
    }
}

/// What routes carry in an instance, where that is not what they carry in the plan.
pub struct OwnRoutes<T: Real> {
    /// By route of the plan; empty: none differs.
    list: Vec<Option<Own<T>>>,
}

pub(super) struct Own<T: Real> {
    /// What a spike adds, of synapses that share a weight.
    sum: T::Sum,
    /// What turns weights that differ into sums.
    units: Units,
    /// The delay of all, in steps.
    delay: Option<u32>,
}

impl<T: Real> OwnRoutes<T> {
    pub fn new(plan: &Plan, instance: u32) -> OwnRoutes<T> {
        let Some(variant) = plan.variant(instance).filter(|v| !v.routes.is_empty()) else { return OwnRoutes { list: Vec::new() } };
        let own = |(number, route): (usize, &Route)| {
            let (group, port) = (plan.place(route.target).group, route.port as usize);
            // weights of another route move the scale of the port where both end
            let scaled = variant.ports.get(group).and_then(|ports| ports.get(port)?.as_ref()).is_some();
            let own = plan.own_route(instance, number).or(scaled.then_some(OwnRoute { weight: None, delay: None }))?;
            let scale = plan.port(instance, group, port).scale;
            let weight = own.weight.or(route.weight.shared());
            Some(Own { sum: T::to_sum(weight.unwrap_or(0.0), scale), units: Units::new(scale), delay: own.delay })
        };
        OwnRoutes { list: plan.routes.iter().enumerate().map(own).collect() }
    }

    pub(super) fn of(&self, route: usize) -> Option<&Own<T>> {
        self.list.get(route)?.as_ref()
    }
}

/// The edges of one route that end in the rows of a share.
pub struct Incoming<T: Real> {
    /// Of the route in the plan.
    pub(super) number: usize,
    /// Rows of the source population in the space of all groups.
    first_source: u32,
    sources: u32,
    pub(super) group: usize,
    pub(super) port: usize,
    /// Row of the part of target 0 (may be before the part).
    pub(super) offset: i64,
    pub(super) edges: Arc<Connectivity>,
    /// Targets that are in the part.
    targets: Range<u32>,
    /// Which of the edges of each source end in the part; empty: all do, or the row is looked at then.
    pivots: Vec<(usize, usize)>,
    pub(super) weights: Weights<T>,
    /// What pieces of its rows have, where they wait.
    pub(super) pieces: Pieces,
}

/// Weights of a route; those that differ stand in the plan alone, and become what a ring sums when a spike carries them.
pub(super) enum Weights<T: Real> {
    Shared(T::Sum),
    /// By number of the edge.
    PerEdge(Units, Arc<Vec<f32>>),
    /// Drawn again for each spike.
    Drawn(Units, Arc<DrawnColumn>),
}

/// Edges whose weights are turned into what a ring sums side by side, and that are added before the next row has its turn.
pub(super) const SIDE: usize = 32;

/// Rows of edges walked together, a piece of each in turn: while the next piece of one comes from memory, those of the others are
/// added. Measured on 62 MB of rows of 1,250 edges: 0.41 ns an edge instead of 0.85, and no more with 16.
const TOGETHER: usize = 8;

/// Numbers that a line of a cache holds.
pub(super) const LINE: usize = 16;

/// Asks memory for the first so many numbers of each of these lists, all at once: processors ask by themselves for what follows only
/// when a list has been read for a while, and these are over by then.
pub(super) fn ask<'a, N: bytemuck::NoUninit>(lists: impl Iterator<Item = (&'a [N], usize)>) {
    let mut read = 0u8;
    for (list, most) in lists {
        let list: &[u8] = bytemuck::cast_slice(&list[..list.len().min(most)]);
        list.iter().step_by(4 * LINE).for_each(|first| read ^= first);
        read ^= list.last().copied().unwrap_or(0);
    }
    black_box(read);
}

/// Some edges of a source: the number of the first, and their words.
type Edges<'a, W = u32> = (usize, &'a [W]);

impl<T: Real> Incoming<T> {
    pub fn new(plan: &Plan, number: usize, parts: &[Arc<PartShare<T>>]) -> Option<Incoming<T>> {
        let route = &plan.routes[number];
        let place = plan.place(route.target);
        let part = &parts[place.group];
        let (offset, Range { start: low, end: high }) = part.targets(place);
        if low >= high || route.edges.is_empty() {
            return None;
        }
        let whole = low == 0 && high == place.size;
        let pivots = if whole || route.edges.is_redrawn() || route.edges.is_by_delay() {
            Vec::new()
        } else {
            let mut pivots = Vec::with_capacity(route.edges.sources() as usize);
            route.edges.rows(|_, row| pivots.push((row.before(low), row.before(high))));
            pivots
        };
        let scale = plan.group_of(route.target).ports[route.port as usize].scale;
        let weights = match &route.weight {
            EdgeColumn::Shared(w) => Weights::Shared(T::to_sum(*w, scale)),
            EdgeColumn::PerEdge(list) => Weights::PerEdge(Units::new(scale), list.clone()),
            EdgeColumn::Drawn(column) => Weights::Drawn(Units::new(scale), column.clone()),
        };
        Some(Incoming {
            number,
            first_source: plan.first_row(route.source),
            sources: plan.place(route.source).size,
            group: place.group,
            port: route.port as usize,
            offset,
            edges: route.edges.clone(),
            targets: low..high,
            pivots,
            weights,
            pieces: Pieces::default(),
        })
    }

    /// The spikes of its sources.
    pub fn own<'s>(&self, spikes: &'s [u32]) -> &'s [u32] {
        let from = spikes.partition_point(|s| *s < self.first_source);
        let to = spikes.partition_point(|s| *s < self.first_source + self.sources);
        &spikes[from..to]
    }

    /// Numbers of the edges of a row in the space of all groups.
    pub fn span(&self, row: u32) -> Range<u64> {
        self.edges.span(row - self.first_source)
    }

    fn deliver(
        &self,
        (arch, plan): (Arch, &Plan),
        own: Option<&Own<T>>,
        emitted: u64,
        spikes: &[u32],
        parts: &mut [Part<T>],
        buffers: &mut [RowBuffer; TOGETHER],
    ) {
        if let Some(words) = self.edges.short_words() {
            return self.deliver_short((arch, plan), own, (emitted, words), spikes, parts);
        }
        for spikes in self.own(spikes).chunks(TOGETHER) {
            let mut walked: [Edges<'_>; TOGETHER] = [(0, &[]); TOGETHER];
            for ((walked, spike), buffer) in walked.iter_mut().zip(spikes).zip(&mut *buffers) {
                let source = spike - self.first_source;
                let row = self.edges.row(source, buffer);
                let (start, end) = match self.pivots.get(source as usize) {
                    Some(known) => *known,
                    None if self.edges.is_redrawn() => (row.before(self.targets.start), row.before(self.targets.end)),
                    None => (0, row.words.len()),
                };
                *walked = (row.first as usize + start, &row.words[start..end]);
            }
            let walked = &walked[..spikes.len()];
            self.asked(walked).for_each(|walked| self.add((arch, plan), own, emitted, walked, parts));
        }
    }

    /// The same of words of two bytes.
    fn deliver_short(
        &self,
        run: (Arch, &Plan),
        own: Option<&Own<T>>,
        (emitted, words): (u64, &[u16]),
        spikes: &[u32],
        parts: &mut [Part<T>],
    ) {
        let Some(delay) = own.and_then(|own| own.delay).or(self.edges.shared_delay()) else { return };
        for spikes in self.own(spikes).chunks(TOGETHER) {
            let mut walked: [Edges<'_, u16>; TOGETHER] = [(0, &[]); TOGETHER];
            for (walked, spike) in walked.iter_mut().zip(spikes) {
                let span = self.span(*spike);
                let row = &words[span.start as usize..span.end as usize];
                let (start, end) = self.pivots.get((spike - self.first_source) as usize).copied().unwrap_or((0, row.len()));
                *walked = (span.start as usize + start, &row[start..end]);
            }
            let walked = &walked[..spikes.len()];
            self.asked(walked).for_each(|walked| self.add_at(run, own, emitted + u64::from(delay), walked, parts));
        }
    }

    /// Rows that are walked together, in turn, after memory has been asked for all of them: sums of floating-point numbers keep the order of
    /// their sources, so that such rows are walked one by one.
    fn asked<'w, 'e, W: bytemuck::NoUninit>(&self, walked: &'w [Edges<'e, W>]) -> std::slice::Chunks<'w, Edges<'e, W>> {
        ask(walked.iter().map(|(_, words)| (*words, words.len())));
        if let Weights::PerEdge(_, list) = &self.weights {
            ask(walked.iter().map(|(first, words)| (&list[*first..], words.len())));
        }
        walked.chunks(if T::WHOLE_SUMS { TOGETHER } else { 1 })
    }

    /// Adds the weights of these edges, which arrive at one time.
    fn add_at<W: Copy + Into<u32>>(
        &self,
        (arch, plan): (Arch, &Plan),
        own: Option<&Own<T>>,
        time: u64,
        walked: &[Edges<'_, W>],
        parts: &mut [Part<T>],
    ) {
        let of_instance = own.map(|own| self.weights.of_instance(own));
        let (part, offset) = (&mut parts[self.group], self.offset);
        let (rows, slot) = (part.share.rows, (time % u64::from(plan.slots)) as usize);
        let ring = &mut part.rings[self.port][slot * rows..(slot + 1) * rows];
        of_instance.as_ref().unwrap_or(&self.weights).add(arch, walked, move |_, target, sum| {
            let cell = &mut ring[(i64::from(target) + offset) as usize];
            *cell = T::add_sum(*cell, sum);
        });
    }

    /// Adds the weights of these edges.
    fn add(&self, (arch, plan): (Arch, &Plan), own: Option<&Own<T>>, emitted: u64, walked: &[Edges<'_>], parts: &mut [Part<T>]) {
        if let Some(delay) = own.and_then(|own| own.delay).or(self.edges.shared_delay()) {
            return self.add_at((arch, plan), own, emitted + u64::from(delay), walked, parts);
        }
        let of_instance = own.map(|own| self.weights.of_instance(own));
        let weights = of_instance.as_ref().unwrap_or(&self.weights);
        let part = &mut parts[self.group];
        let rows = part.share.rows;
        let ring = &mut part.rings[self.port];
        let (edges, offset) = (&*self.edges, self.offset);
        let row_of = move |target: u32| (i64::from(target) + offset) as usize;
        // a ring has a power of two of slots
        let (now, last) = (emitted as u32, plan.slots - 1);
        let slot = move |delay: u32| (now.wrapping_add(delay) & last) as usize * rows;
        let ring = &mut ring[..];
        let bits = edges.target_bits();
        let mask = ((1u64 << bits) - 1) as u32;
        if edges.is_by_delay() {
            weights.add(arch, walked, move |_, word, sum| {
                let row = row_of(word & mask);
                // targets of one delay ascend, so that this changes once or twice in many edges
                if row < rows {
                    let cell = &mut ring[slot(word >> bits) + row];
                    *cell = T::add_sum(*cell, sum);
                }
            });
            return;
        }
        let mut arrive = move |target: u32, delay: u32, sum: T::Sum| {
            let cell = &mut ring[slot(delay) + row_of(target)];
            *cell = T::add_sum(*cell, sum);
        };
        if let Some(delays) = edges.own_delays() {
            weights.add(arch, walked, move |edge, target, sum| arrive(target, u32::from(delays[edge]), sum));
        } else {
            weights.add(arch, walked, move |_, word, sum| arrive(word & mask, word >> bits, sum));
        }
    }
}

impl<T: Real> Weights<T> {
    /// As an instance has them.
    pub(super) fn of_instance(&self, own: &Own<T>) -> Weights<T> {
        match self {
            Weights::Shared(_) => Weights::Shared(own.sum),
            Weights::PerEdge(_, list) => Weights::PerEdge(own.units, list.clone()),
            Weights::Drawn(_, column) => Weights::Drawn(own.units, column.clone()),
        }
    }

    /// Calls with each edge of these rows: its number, its word, and what its weight adds to a sum; edges of a row in their order.
    fn add<W: Copy + Into<u32>>(&self, arch: Arch, rows: &[Edges<'_, W>], mut call: impl FnMut(usize, u32, T::Sum)) {
        match self {
            Weights::Shared(sum) => arch.dispatch(Alike { rows, sum: *sum, call }),
            Weights::PerEdge(units, list) => arch.dispatch(Apart::<T, _, _> { rows, units: *units, list, call, of: PhantomData }),
            Weights::Drawn(units, column) => {
                let mut sums = [T::Sum::default(); SIDE];
                for (first, words) in rows {
                    let mut edges = (*first..).zip(*words);
                    column.each(*first as u64..(first + words.len()) as u64, |list| {
                        T::weights_to_sums(list, *units, &mut sums);
                        sums[..list.len()]
                            .iter()
                            .zip(edges.by_ref())
                            .for_each(|(sum, (edge, word))| call(edge, (*word).into(), *sum));
                    });
                }
            }
        }
    }
}

/// Pieces of rows, in turn: their edges from a place in the row on.
#[inline(always)]
fn each_piece<'a, W>(rows: &[Edges<'a, W>], mut call: impl FnMut(usize, &'a [W])) {
    let longest = rows.iter().map(|(_, words)| words.len()).max().unwrap_or(0);
    for from in (0..longest).step_by(SIDE) {
        for (first, words) in rows {
            if let Some(words) = words.get(from..words.len().min(from + SIDE)) {
                call(first + from, words);
            }
        }
    }
}

/// Edges of one weight. A function of its own for each caller, so that what the loop reads stays in registers.
struct Alike<'a, S, F, W> {
    rows: &'a [Edges<'a, W>],
    sum: S,
    call: F,
}

impl<S: Copy, F: FnMut(usize, u32, S), W: Copy + Into<u32>> NullaryFnOnce for Alike<'_, S, F, W> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Alike { rows, sum, mut call } = self;
        each_piece(rows, |first, words| (first..).zip(words).for_each(|(edge, word)| call(edge, (*word).into(), sum)));
    }
}

/// Edges of weights that differ.
struct Apart<'a, T, F, W> {
    rows: &'a [Edges<'a, W>],
    units: Units,
    list: &'a [f32],
    call: F,
    of: PhantomData<T>,
}

impl<T: Real, F: FnMut(usize, u32, T::Sum), W: Copy + Into<u32>> NullaryFnOnce for Apart<'_, T, F, W> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Apart { rows, units, list, mut call, .. } = self;
        let mut sums = [T::Sum::default(); SIDE];
        each_piece(rows, |first, words| {
            T::weights_to_sums(&list[first..first + words.len()], units, &mut sums);
            (first..).zip(words).zip(&sums).for_each(|((edge, word), sum)| call(edge, (*word).into(), *sum));
        });
    }
}
