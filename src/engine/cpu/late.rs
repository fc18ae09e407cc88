//! Spikes whose synapses wait for their time: of a row that is by delay each piece is added shortly before it arrives.
//!
//! A ring of many slots over many rows is in no cache, and a spike that adds all of its row at once reaches one line of it after the other.
//! Here a ring has only the slots of the next few steps. In: the spikes of a step. Out: rings that hold all that arrives before a time.
//! Only for ports whose sums are whole numbers, so that no order matters. Not here: rows that are added at once (`deliver`), which rows
//! are by delay (`plan`).

use pulp::{Arch, NullaryFnOnce};

use super::after::AHEAD;
use super::deliver::{Arrivals, Incoming, LINE, OwnRoutes, SIDE, Weights, ask};
use super::part::Part;
use super::real::Real;
use crate::plan::Plan;
use crate::plan::fixed_point::Units;

/// Rows walked together: memory is asked for the pieces of all before the first is read.
const TOGETHER: usize = 16;

impl<T: Real> Part<T> {
    /// Rings take what arrives before a time.
    fn begin(&mut self, until: u64) {
        let Part { rings, after, share, .. } = self;
        let from = std::mem::replace(&mut after.until, until);
        let width = share.rows;
        for ((sums, ring), port) in after.sums.iter_mut().zip(rings).zip(&share.ports).filter(|((sums, _), _)| !sums.is_empty()) {
            for time in from..until {
                let (own, place) = ((time % share.slots) as usize * width, (time % port.slots) as usize * width);
                let sums = &mut sums[own..own + width];
                for (cell, sum) in ring[place..place + width].iter_mut().zip(sums) {
                    *cell = T::add_sum(*cell, std::mem::take(sum));
                }
            }
        }
        if until >= after.end {
            after.sums.clear();
        }
    }

    /// Nothing arrives at ports that are late; rings hold what arrives before a time.
    fn forget(&mut self, until: u64) {
        (self.after.until, self.after.end) = (until, until);
        self.after.sums.clear();
        for (ring, _) in self.rings.iter_mut().zip(&self.share.ports).filter(|(_, port)| port.is_late) {
            ring.fill(T::Sum::default());
        }
    }
}

/// Rows of spikes that have been walked in part.
#[derive(Clone, Debug, Default)]
pub struct Late {
    /// Rings hold all that arrives before this time.
    until: u64,
    /// By place in the share's list of arrivals; none: nothing is late here.
    rows: Vec<Vec<Waiting>>,
    /// By the same place: how many rows waited before the last spikes were taken.
    known: Vec<usize>,
}

/// The row of a spike, as far as it has not been added.
#[derive(Clone, Copy, Debug, Default)]
struct Waiting {
    /// Number of the next edge, and one more than that of the last.
    next: u32,
    end: u32,
    /// The last 32 bits of the time at which it was emitted.
    emitted: u32,
}

/// What of rows is added, and to what.
#[derive(Clone, Copy)]
enum Until {
    /// What arrives before this time, to rings.
    Time(u64),
    /// All, to what comes after them.
    End,
}

impl Late {
    pub fn new<T: Real>(parts: &[Part<T>], arrivals: &[Arrivals<T>]) -> Late {
        let is_late = parts.iter().flat_map(|part| &part.share.ports).any(|port| port.is_late);
        // one more, so that none means that nothing is late
        let rows = vec![Vec::new(); if is_late { arrivals.len() + 1 } else { 0 }];
        Late { until: 0, rows, known: Vec::new() }
    }

    /// Does anything wait?
    pub fn waits<T: Real>(&self, parts: &[Part<T>]) -> bool {
        self.rows.iter().any(|rows| !rows.is_empty()) || !self.rows.is_empty() && parts.iter().any(|p| !p.after.sums.is_empty())
    }

    /// Adds what must be in rings when the steps after this one are advanced.
    pub fn go_on<T: Real>(
        &mut self,
        run: (Arch, &Plan),
        step: u64,
        arrivals: &[Arrivals<T>],
        own: &OwnRoutes<T>,
        parts: &mut [Part<T>],
    ) {
        let needed = step + u64::from(run.1.window) + 2;
        if self.rows.is_empty() || self.until >= needed {
            return;
        }
        self.until = needed.next_multiple_of(AHEAD);
        parts.iter_mut().for_each(|part| part.begin(self.until));
        self.add(run, Until::Time(self.until), arrivals, own, parts);
    }

    /// Adds all that waits to what comes after rings, which then hold with it what is under way.
    pub fn settle<T: Real>(&mut self, run: (Arch, &Plan), arrivals: &[Arrivals<T>], own: &OwnRoutes<T>, parts: &mut [Part<T>]) {
        self.add(run, Until::End, arrivals, own, parts);
    }

    fn add<T: Real>(
        &mut self,
        run: (Arch, &Plan),
        until: Until,
        arrivals: &[Arrivals<T>],
        own: &OwnRoutes<T>,
        parts: &mut [Part<T>],
    ) {
        for (arrivals, rows) in arrivals.iter().zip(&mut self.rows).filter(|(_, rows)| !rows.is_empty()) {
            if let Some(route) = arrivals.late() {
                route.add_due(run, own, until, rows, parts);
            }
            rows.retain(|row| row.next < row.end);
        }
    }

    /// Takes spikes (rows ascending) that were emitted at one time, and adds what arrives soon.
    pub fn take<T: Real>(
        &mut self,
        run: (Arch, &Plan),
        arrivals: &[Arrivals<T>],
        (emitted, spikes): (u64, &[u32]),
        own: &OwnRoutes<T>,
        parts: &mut [Part<T>],
    ) {
        let Late { until, rows, known } = self;
        let due = Until::Time(*until);
        known.clear();
        known.extend(rows.iter().map(Vec::len));
        // memory is asked for what all routes begin with before the first is walked: of each route there are few
        for (route, rows) in arrivals.iter().map(Arrivals::late).zip(&mut *rows) {
            let Some(route) = route else { continue };
            let spans = route.own(spikes).iter().map(|row| route.span(*row)).filter(|span| !span.is_empty());
            let first = rows.len();
            rows.extend(spans.map(|span| Waiting { next: span.start as u32, end: span.end as u32, emitted: emitted as u32 }));
            route.ask_for(due, &rows[first..]);
        }
        for ((route, rows), known) in arrivals.iter().map(Arrivals::late).zip(rows).zip(known) {
            let Some(route) = route.filter(|_| rows.len() > *known) else { continue };
            route.add_due(run, own, due, &mut rows[*known..], parts);
        }
    }

    /// Nothing is under way at a step but what is set from now on.
    pub fn forget<T: Real>(&mut self, plan: &Plan, step: u64, parts: &mut [Part<T>]) {
        // what the steps of the first window read
        self.until = step + u64::from(plan.window) + 1;
        self.rows.iter_mut().for_each(Vec::clear);
        parts.iter_mut().for_each(|part| part.forget(self.until));
    }
}

impl<T: Real> Incoming<T> {
    /// Asks memory for the words of the next edges of rows: a line more than is expected.
    fn ask_for(&self, until: Until, rows: &[Waiting]) {
        let Until::Time(time) = until else { return };
        let words = self.edges.kept_words();
        let expected = |row: &Waiting| self.pieces.expected((time as u32).wrapping_sub(row.emitted)) + LINE;
        ask(rows.iter().map(|row| (&words[row.next as usize..row.end as usize], expected(row))));
    }

    /// Adds the next edges of rows of which each has one at least.
    fn add_due(&self, (arch, plan): (Arch, &Plan), own: &OwnRoutes<T>, until: Until, rows: &mut [Waiting], parts: &mut [Part<T>]) {
        let own = own.of(self.number).map(|own| self.weights.of_instance(own));
        let weights = own.as_ref().unwrap_or(&self.weights);
        let (words, bits) = (self.edges.kept_words(), self.edges.target_bits());
        let part = &mut parts[self.group];
        let width = part.share.rows;
        let (slots, time) = match until {
            Until::Time(time) => (part.share.ports[self.port].slots, Some(time as u32)),
            Until::End => (part.share.slots, None),
        };
        let ring = match until {
            Until::Time(_) => &mut part.rings[self.port][..],
            Until::End => part.after.make(self.port, width * part.share.slots as usize, u64::from(plan.slots)),
        };
        for rows in rows.chunks_mut(TOGETHER) {
            self.ask_for(until, rows);
            let mut walked = [Piece::default(); TOGETHER];
            for (piece, row) in walked.iter_mut().zip(&mut *rows) {
                let rest = &words[row.next as usize..row.end as usize];
                let count = time.map_or(rest.len(), |time| below(rest, u64::from(time.wrapping_sub(row.emitted)) << bits));
                *piece = Piece { first: row.next as usize, words: &rest[..count], emitted: row.emitted };
                row.next += count as u32;
            }
            let walked = &walked[..rows.len()];
            let slots = Slots { bits, last: slots as u32 - 1, width: width as u32, offset: self.offset as u32 };
            match weights {
                Weights::Shared(sum) => arch.dispatch(Due::<T> { walked, carried: Carried::Shared(*sum), slots, ring: &mut *ring }),
                Weights::PerEdge(units, list) => {
                    ask(walked.iter().map(|piece| (&list[piece.first..], piece.words.len())));
                    arch.dispatch(Due::<T> { walked, carried: Carried::PerEdge(*units, list), slots, ring: &mut *ring });
                }
                // rows by delay are kept, and their weights with them
                Weights::Drawn(..) => {}
            }
        }
    }
}

/// How many of these words, ascending, are below a bound.
fn below(words: &[u32], bound: u64) -> usize {
    const STRIDE: usize = 16;
    let Ok(bound) = u32::try_from(bound) else { return words.len() };
    let mut count = 0;
    while words.get(count + STRIDE - 1).is_some_and(|word| *word < bound) {
        count += STRIDE;
    }
    count + words[count..].iter().take(STRIDE).filter(|word| **word < bound).count()
}

/// Edges of a row, by delay.
#[derive(Clone, Copy, Default)]
struct Piece<'a> {
    /// Number of the first.
    first: usize,
    words: &'a [u32],
    /// The last 32 bits.
    emitted: u32,
}

/// How words lead to sums.
#[derive(Clone, Copy)]
struct Slots {
    /// Of the target in a word.
    bits: u32,
    /// The last slot: their number is a power of two.
    last: u32,
    /// Rows of a slot.
    width: u32,
    /// Row of target 0; below 0 as it wraps.
    offset: u32,
}

impl Slots {
    /// The place of a sum in a ring; one that no ring has: the target is not here.
    #[inline(always)]
    fn place(self, emitted: u32, word: u32) -> u32 {
        let row = (word & ((1u64 << self.bits) - 1) as u32).wrapping_add(self.offset);
        let slot = emitted.wrapping_add(word >> self.bits) & self.last;
        if row < self.width { slot * self.width + row } else { u32::MAX }
    }
}

enum Carried<'a, S> {
    Shared(S),
    PerEdge(Units, &'a [f32]),
}

/// Pieces of rows and the sums that they are added to.
struct Due<'a, T: Real> {
    walked: &'a [Piece<'a>],
    carried: Carried<'a, T::Sum>,
    slots: Slots,
    ring: &'a mut [T::Sum],
}

impl<T: Real> NullaryFnOnce for Due<'_, T> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Due { walked, carried, slots, ring } = self;
        let mut sums = match carried {
            Carried::Shared(sum) => [sum; SIDE],
            Carried::PerEdge(..) => [T::Sum::default(); SIDE],
        };
        let mut places = [0; SIDE];
        let longest = walked.iter().map(|piece| piece.words.len()).max().unwrap_or(0);
        for from in (0..longest).step_by(SIDE) {
            for Piece { first, words, emitted } in walked {
                let Some(words) = words.get(from..words.len().min(from + SIDE)) else { continue };
                if let Carried::PerEdge(units, list) = carried {
                    T::weights_to_sums(&list[first + from..][..words.len()], units, &mut sums);
                }
                // side by side, which one place after the other with its sum is not
                places.iter_mut().zip(words).for_each(|(place, word)| *place = slots.place(*emitted, *word));
                for (place, sum) in places[..words.len()].iter().zip(&sums) {
                    if let Some(cell) = ring.get_mut(*place as usize) {
                        *cell = T::add_sum(*cell, *sum);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::engine::cpu::{CpuEngine, CpuOptions};
    use crate::engine::{Engine, Snapshot};
    use crate::network::value::uniform;
    use crate::network::{Connector, Network};
    use crate::plan::{Route, Worth};
    use crate::simulation::Options;

    /// Two populations of one group, so that workers meet within one of them, and weights and delays of all kinds. `all`: delays of
    /// every route onto `i_exc` differ.
    fn plan(least: &str, all: bool) -> Plan {
        let mut net = Network::new("some");
        net.dt("0.1 ms").seed(5);
        for (name, size) in [("a", 300), ("b", 170)] {
            let population = net.population(name, "lif_psc_exp", size);
            population.parameter("i_e", uniform("300 pA", "600 pA")).initial("v", uniform("-70 mV", "-50 mV"));
        }
        net.population("c", "lif_cond_exp", 90).parameter("i_e", uniform("100 pA", "400 pA"));
        for (source, target, port, weight) in
            [("a", "a", "i_exc", "80 pA"), ("b", "a", "i_exc", "9 pA"), ("a", "b", "i_exc", "31 pA"), ("a", "c", "g_exc", "5 nS")]
        {
            let joined = net.project(source, target, port, Connector::indegree(40));
            joined.weight(uniform("0 pA", weight)).delay(uniform(least, "5.1 ms"));
            if port == "g_exc" {
                joined.weight(uniform("0 nS", weight));
            }
        }
        net.project("c", "b", "i_inh", Connector::indegree(30)).weight("-11.3 pA").delay(uniform(least, "2 ms"));
        net.project("c", "a", "i_inh", Connector::probability(0.4)).weight("-4.7 pA").delay("0.8 ms");
        let delay = if all { uniform(least, "0.9 ms").into() } else { crate::network::Value::from("0.9 ms") };
        net.project("b", "b", "i_exc", Connector::probability(0.3)).weight(uniform("0 pA", "3.3 pA")).delay(delay);
        net.plan(&Options::default()).unwrap_or_else(|e| panic!("{e}"))
    }

    fn ordered(mut plan: Plan) -> Arc<Plan> {
        plan.arrange_from(Worth { ring: 0, row: 0, synapses: 0 });
        Arc::new(plan)
    }

    /// `meets`: threads go through a batch and meet, as if that were worth it; else windows are gone through one by one.
    fn engine<T: Real>(plan: &Arc<Plan>, threads: usize, meets: bool) -> CpuEngine<T> {
        let options = CpuOptions { threads, rows_per_worker: if threads == 1 { 0 } else { 64 } };
        let mut engine = CpuEngine::new(plan.clone(), options).unwrap();
        engine.work = if meets { 1e9 } else { 1.0 };
        engine
    }

    type Seen = (Vec<(u64, u32)>, Vec<Snapshot>);

    fn run<T: Real>(engine: &mut CpuEngine<T>) -> Seen {
        let mut snapshots = Vec::new();
        let mut spikes = Vec::new();
        for steps in [1, 2, 55, 402, 33, 107] {
            spikes.extend(engine.advance(steps).unwrap().spikes);
            snapshots.push(engine.snapshot().unwrap());
        }
        spikes.extend(engine.advance(350).unwrap().spikes);
        (spikes, snapshots)
    }

    /// `late`: how many routes wait, where `i_exc` also has a delay that synapses share, and where not.
    fn same<T: Real>(late: [usize; 2]) {
        for least in ["0.1 ms", "0.7 ms"] {
            for all in [false, true] {
                let (apart, by_delay) = (Arc::new(plan(least, all)), ordered(plan(least, all)));
                let count = |is: fn(&Route) -> bool| by_delay.routes.iter().filter(|r| is(r)).count();
                let forms = [count(|r| r.edges.is_by_delay()), count(|r| r.edges.short_words().is_some())];
                assert_eq!(forms, if all { [6, 1] } else { [5, 2] });
                let expected = run(&mut engine::<T>(&apart, 1, true));
                assert!(expected.0.len() > 900, "{}", expected.0.len());
                for (threads, meets) in [(1, true), (2, true), (3, true), (3, false)] {
                    let mut own = engine::<T>(&by_delay, threads, meets);
                    assert_eq!(own.shares.len(), threads);
                    let waiting = own.shares[0].incoming.iter().filter(|a| matches!(a, Arrivals::Late(_))).count();
                    // in a part of the rows not all of them end
                    assert!(threads > 1 && late != [0, 0] || waiting == late[usize::from(all)], "{waiting}, {threads} threads");
                    let found = run(&mut own);
                    assert_eq!(own.workers().any(|w| w.waits()), late != [0, 0]);
                    assert!(found == expected, "{threads} threads, {least}, {all}");
                    // from what was under way in the other form, and again
                    own.restore(&expected.1[3]).unwrap();
                    let mut other = engine::<T>(&apart, 1, true);
                    other.restore(&expected.1[3]).unwrap();
                    for _ in 0..2 {
                        assert_eq!(own.advance(80).unwrap().spikes, other.advance(80).unwrap().spikes);
                    }
                    assert!(own.snapshot().unwrap() == other.snapshot().unwrap());
                }
            }
        }
    }

    #[test]
    fn rows_that_wait_bring_what_rows_bring_at_once() {
        // a port waits as a whole or not at all
        same::<f32>([1, 5]);
        // where the order of a sum matters, rows that are by delay bring what they brought
        same::<f64>([0, 0]);
    }

    #[test]
    fn after_a_batch_that_went_wrong_all_is_under_way_that_was() {
        let (apart, by_delay) = (Arc::new(plan("0.1 ms", true)), ordered(plan("0.1 ms", true)));
        let seen = |plan: &Arc<Plan>, threads: usize| {
            let mut engine = engine::<f32>(plan, threads, true);
            let mut spikes = engine.advance(211).unwrap().spikes;
            let mut v = engine.state(0, 0).unwrap();
            let known = std::mem::replace(&mut v[7], f64::INFINITY);
            engine.set_state(0, 0, &v).unwrap();
            assert!(engine.advance(40).is_err());
            v[7] = known;
            engine.set_state(0, 0, &v).unwrap();
            spikes.extend(engine.advance(90).unwrap().spikes);
            (spikes, engine.snapshot().unwrap())
        };
        let expected = seen(&apart, 1);
        assert!(expected.0.len() > 300, "{}", expected.0.len());
        for threads in [1, 2] {
            assert!(seen(&by_delay, threads) == expected, "{threads} threads");
        }
    }

    #[test]
    fn what_a_window_brings_does_not_miss_the_next() {
        let mut net = Network::new("rarely");
        net.dt("0.1 ms").seed(5);
        net.population("a", "lif_psc_exp", 100).parameter("i_e", "300 pA").initial("v", uniform("-70 mV", "-55 mV"));
        net.population("b", "lif_psc_exp", 30).parameter("i_e", "300 pA").initial("v", uniform("-70 mV", "-55 mV"));
        net.stimulate("a", "i_exc", crate::network::Waveform::poisson("2 kHz", "30 pA"));
        net.project("a", "b", "i_exc", Connector::probability(0.1)).weight("60 pA").delay("1.2 ms");
        net.project("b", "a", "i_inh", Connector::indegree(5)).weight("-120 pA").delay(uniform("1 ms", "3 ms"));
        let make = || net.plan(&Options::default()).unwrap_or_else(|e| panic!("{e}"));
        let (apart, by_delay) = (Arc::new(make()), ordered(make()));
        let seen = |plan: &Arc<Plan>, threads: usize, meets: bool| {
            let mut engine = engine::<f32>(plan, threads, meets);
            let spikes: Vec<_> = [1, 99, 900].iter().flat_map(|steps| engine.advance(*steps).unwrap().spikes).collect();
            (spikes, engine.snapshot().unwrap())
        };
        let expected = seen(&apart, 1, true);
        // so few that windows pass in which nothing waits
        assert!((100..2000).contains(&expected.0.len()), "{}", expected.0.len());
        for (threads, meets) in [(1, true), (2, false), (3, false), (3, true)] {
            assert!(seen(&by_delay, threads, meets) == expected, "{threads} threads, {meets}");
        }
    }
}
