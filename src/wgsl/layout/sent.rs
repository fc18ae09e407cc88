//! The spikes of a window, listed one by one for those who deliver them, where looking through the bits of all rows would take longer.
//!
//! In: the routes of a layout. Out: [`Sent`]. A list stands in `spikes`, behind the bits: of the window that is advanced, and of the
//! one before. It has room for every row in every step, so that none is lost. In the two-pass schedule each row names a set of routes, those
//! that it is a source of. Not here: the words themselves (`engine::gpu::contents`).

use super::{Layout, WgslError, take, word};
use crate::plan::Plan;
use crate::plan::schedule::Schedule;

/// Steps of a window at most: longer ones share the cost of a look among their steps.
const WINDOW: u32 = 8;
/// Words of all lists at most: 256 MiB.
const WORDS: u64 = 1 << 26;
/// Work items from which on workgroups without work cost more than a list.
const ITEMS: usize = 1024;
/// Workgroups of a delivery at most.
const GROUPS: u64 = 1024;
/// Lists: the window's own, and that of the one before.
const SIDES: u64 = 2;
/// Counts: of both, and the next one's, which is emptied meanwhile.
const TURNS: u64 = 3;

/// Where spikes of a window are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// Two-pass: by row the place of its set, in `tables`; a set: how many routes, their records.
    pub sets: u32,
    /// The sets, each as routes by number, and which of them a row has.
    pub of_sets: Vec<Vec<u32>>,
    /// By row.
    pub of_rows: Vec<u32>,
    /// Routes of the largest set.
    pub most: u32,
    /// Workgroups that share a row of synapses.
    pub parts: u32,
    /// Workgroups of a delivery.
    pub groups: u32,
    /// Counts of spikes in `spikes`: `[turn][instance]`.
    pub counts: u32,
    /// Lists in `spikes`: `[side][instance][room]`.
    pub lists: u32,
    /// Spikes that a list has room for.
    pub room: u32,
}

/// Decides whether spikes are listed; takes room in `tables` for it.
pub(super) fn place(plan: &Plan, layout: &mut Layout) -> Result<(), WgslError> {
    let (shape, rows) = (layout.shape, u64::from(plan.rows));
    let room = rows * u64::from(shape.window);
    let words = (SIDES * room + TURNS) * u64::from(layout.instances);
    // a row and its step stand in a word
    if shape.window > WINDOW || rows >= 1 << 26 || words > WORDS || layout.routes.is_empty() {
        return Ok(());
    }
    let mut sent = Sent { room: word(room, "spikes")?, ..Sent::default() };
    match shape.schedule {
        Schedule::Resident => return Ok(()),
        // where all words are seen in a turn nothing is won
        Schedule::Fused if shape.window * layout.spike_words <= 4 * shape.workgroup => return Ok(()),
        Schedule::Fused => {}
        Schedule::TwoPass => {
            if layout.work.len() <= ITEMS || layout.pages.len() > layout.seen as usize {
                return Ok(());
            }
            sets(plan, layout, &mut sent);
            let edges: u64 = plan.delivered().map(|r| r.edges.count()).sum();
            let sources: u64 = plan.delivered().map(|r| u64::from(r.edges.sources())).sum();
            let lanes = 2 * u64::from(shape.workgroup);
            sent.parts = edges.div_ceil(sources.max(1)).div_ceil(lanes).next_power_of_two().min(16) as u32;
            let items = room * u64::from(sent.most * sent.parts);
            sent.groups = items.min(GROUPS) as u32;
            let longest = plan.delivered().map(|r| r.edges.longest_row()).max().unwrap_or(0);
            let turns = items.div_ceil(u64::from(sent.groups.max(1))) * (2 + longest.div_ceil(lanes * u64::from(sent.parts)));
            if items >= 1 << 31 || turns > layout.turns {
                return Ok(());
            }
            let words = rows + sent.of_sets.iter().map(|set| 1 + set.len() as u64).sum::<u64>();
            sent.sets = take(&mut layout.words.tables, words, "tables")?;
            layout.work.clear();
            layout.pages.iter_mut().for_each(|page| page.work = 0..0);
        }
    }
    layout.sent = Some(sent);
    Ok(())
}

/// Which routes each row is a source of.
fn sets(plan: &Plan, layout: &Layout, sent: &mut Sent) {
    let mut of_rows: Vec<Vec<u32>> = vec![Vec::new(); plan.rows as usize];
    for (number, route) in (0u32..).zip(&layout.routes).filter(|(_, route)| !route.again) {
        let count = (route.sources.end - route.sources.start) as usize;
        of_rows.iter_mut().skip(route.first_source as usize).take(count).for_each(|set| set.push(number));
    }
    let mut known = std::collections::HashMap::new();
    for set in of_rows {
        let next = known.len() as u32;
        let number = *known.entry(set.clone()).or_insert(next);
        if number == next {
            sent.of_sets.push(set);
        }
        sent.of_rows.push(number);
    }
    sent.most = sent.of_sets.iter().map(|set| set.len() as u32).max().unwrap_or(0);
}

impl Sent {
    /// Takes room in `spikes`, behind the bits of a batch.
    pub(super) fn place_lists(&mut self, words: &mut u64, instances: u32) -> Result<(), WgslError> {
        self.counts = take(words, TURNS * u64::from(instances), "spikes")?;
        self.lists = take(words, SIDES * u64::from(instances) * u64::from(self.room), "spikes")?;
        Ok(())
    }

    /// Words of the counts: what a part of a batch begins with as 0.
    pub fn count_words(&self, instances: u32) -> u64 {
        TURNS * u64::from(instances)
    }

    /// What stands in `tables` from [`Sent::sets`] on; `record`: of a route.
    pub fn table(&self, record: impl Fn(u32) -> u32) -> Vec<u32> {
        let mut at = self.sets + self.of_rows.len() as u32;
        let mut places = Vec::new();
        for set in &self.of_sets {
            places.push(at);
            at += 1 + set.len() as u32;
        }
        let rows = self.of_rows.iter().map(|set| places.get(*set as usize).copied().unwrap_or(0));
        let sets = self.of_sets.iter().flat_map(|set| std::iter::once(set.len() as u32).chain(set.iter().map(|r| record(*r))));
        rows.chain(sets).collect()
    }
}
