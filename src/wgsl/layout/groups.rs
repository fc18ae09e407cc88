//! Where the rows of groups stand: states, parameters, ports, draws.

use super::column::ColumnPlace;
use super::drives::{BackgroundPlace, Term};
use super::{Layout, RECORD_HEAD, WgslError, gathered, learned, take, word};
use crate::model::rule::{Graph, Node};
use crate::plan::{Column, Group, Instance, Plan, Wave, normal_table, schedule};

/// Where the rows of a group stand.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupLayout {
    pub rows: u32,
    /// First row in the space of all groups.
    pub base: u32,
    /// Rows up to a multiple of 64.
    pub span: u32,
    /// First word of the first state column.
    pub state: u32,
    pub columns: usize,
    /// By state column: first of the words that graded synapses read, by parity of the step.
    pub exports: Vec<Option<u32>>,
    /// Parameters that the step or a graded synapse reads.
    pub params: Vec<Option<ColumnPlace>>,
    pub derived: Vec<Option<ColumnPlace>>,
    pub ports: Vec<Option<PortPlace>>,
    /// What is held by each continuous input, in the order of the plan.
    pub inputs: Vec<Vec<Term>>,
    pub backgrounds: Vec<BackgroundPlace>,
    /// First word in a record of what depends on time and shared numbers alone.
    pub clock: Option<ClockPlace>,
    /// First word of its listed spikes in a record.
    pub listed: Option<u32>,
    /// Where the populations begin, if its equations draw random numbers.
    pub segments: Option<Segments>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PortPlace {
    /// First row of its channel.
    pub channel: u32,
    /// Its number among the used ports of the group.
    pub number: u32,
    /// Its unit.
    pub unit: ColumnPlace,
}

/// Numbers that the host works out for each step, one after the other in a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockPlace {
    pub first: u32,
    /// A word for every instance, else one for all.
    pub per_instance: bool,
}

/// Rows at which the populations of a group begin, with the tag of their random numbers: two words each in `tables`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segments {
    pub table: u32,
    pub count: u32,
}

/// Words of a segment.
pub const SEGMENT_WORDS: u32 = 2;

impl Layout {
    /// Places the groups anew: after parameters have changed from one for all to one per row.
    pub fn place_groups(&mut self, plan: &Plan) -> Result<(), WgslError> {
        let (mut state, mut params, mut channel_rows) = (0u64, 0u64, 0u64);
        let first_time = self.words.tables == 0;
        let mut tables = 0u64;
        let mut record = u64::from(RECORD_HEAD);
        let instances = u64::from(self.instances);
        self.places.keys = take(&mut tables, 2 * instances, "tables")?;
        self.places.normal = if draws_normal(plan) { take(&mut tables, normal_table().len() as u64, "tables")? } else { 0 };
        self.groups.clear();
        for (number, group) in plan.groups.iter().enumerate() {
            let span = u64::from(group.rows.next_multiple_of(64));
            let used = Used::of(plan, number);
            let mut place = |column: &Column, k: usize, derived: bool| {
                let rows = matches!(column, Column::PerRow(_)) || per_row_somewhere(plan, number, k, derived);
                ColumnPlace::new(rows, varies(plan, number, k, derived), group.rows, self.instances, &mut params)
            };
            let places = |columns: &[Column], used: &[bool], derived: bool, place: &mut dyn FnMut(&Column, usize, bool) -> _| {
                let each = columns.iter().zip(used).enumerate();
                each.map(|(k, (c, used))| used.then(|| place(c, k, derived)).transpose())
                    .collect::<Result<Vec<Option<ColumnPlace>>, WgslError>>()
            };
            let mut placed = GroupLayout {
                rows: group.rows,
                base: group.base,
                span: word(span, "state")?,
                state: word(state, "state")?,
                columns: group.rule.states.len(),
                exports: Vec::new(),
                params: places(&group.params, &used.params, false, &mut place)?,
                derived: places(&group.derived, &used.derived, true, &mut place)?,
                ports: Vec::new(),
                inputs: vec![Vec::new(); group.rule.inputs.len()],
                backgrounds: Vec::new(),
                clock: None,
                listed: None,
                segments: None,
            };
            state += span * instances * group.rule.states.len() as u64;
            let mut dense = 0;
            for (k, port) in group.ports.iter().enumerate() {
                placed.ports.push(if port.used {
                    let (by_row, factors) = port_factors(plan, number, k);
                    let unit = ColumnPlace::new(by_row, factors, group.rows, self.instances, &mut params)?;
                    let place = PortPlace { channel: word(channel_rows, "ring")?, number: dense, unit };
                    dense += 1;
                    channel_rows += span;
                    Some(place)
                } else {
                    None
                });
            }
            for (k, drive) in plan.drives.iter().enumerate().filter(|(_, d)| d.group == number) {
                let terms = Term::place(plan, k, self.instances, &mut params, &mut record, &mut tables)?;
                if let Some(list) = placed.inputs.get_mut(drive.input as usize) {
                    list.extend(terms);
                }
            }
            for k in (0..plan.backgrounds.len()).filter(|k| plan.backgrounds[*k].group == number) {
                let background = BackgroundPlace::place(plan, k, self.instances, &mut params, &mut record, &mut tables)?;
                placed.backgrounds.push(background);
            }
            let clock = plan.clocked(number).clock;
            if !clock.is_empty() {
                let per_instance =
                    (1..self.instances).any(|i| clock.of(plan.columns(i, number)) != clock.of(plan.columns(0, number)));
                let words = clock.len() as u64 * if per_instance { instances } else { 1 };
                placed.clock = Some(ClockPlace { first: take(&mut record, words, "inputs")?, per_instance });
            }
            if used.listed {
                placed.listed = Some(word(record, "inputs")?);
                record += span / 32;
            }
            if schedule::draws(plan, number) {
                let count = plan.populations.iter().filter(|p| p.group == number).count() as u32;
                let table = take(&mut tables, u64::from(count * SEGMENT_WORDS), "tables")?;
                placed.segments = Some(Segments { table, count });
            }
            self.groups.push(placed);
        }
        // what graded synapses read stands twice, by parity of the step: nobody reads what another thread writes
        let states_read = gathered::states_read(plan);
        for (number, group) in plan.groups.iter().enumerate() {
            let span = u64::from(self.groups[number].span);
            let mut exports = Vec::new();
            for read in &states_read[number][..group.rule.states.len()] {
                exports.push(if *read { Some(take(&mut state, 2 * span * instances, "state")?) } else { None });
            }
            self.groups[number].exports = exports;
        }
        gathered::place_rows(plan, self, &mut params, &mut state)?;
        let kept = u64::from(self.history) * instances * u64::from(self.spike_words);
        let mut ring = u64::from(self.slots) * instances * channel_rows + kept;
        learned::place_rows(plan, self, &mut params, &mut state, &mut ring, &mut record)?;
        // samples due, one word per probe of a state
        for tap in &mut self.taps {
            tap.due = word(record, "inputs")?;
            record += 1;
        }
        self.channel_rows = word(channel_rows, "ring")?;
        self.record = word(record, "inputs")?;
        self.words.state = state;
        self.words.params = params;
        self.words.ring = ring;
        if first_time {
            // tables do not change when parameters do
            self.words.tables = tables;
        }
        Ok(())
    }
}

/// A column of an instance that has its own of this group.
fn own(plan: &Plan, instance: u32, group: usize, k: usize, derived: bool) -> Option<&Column> {
    let columns = plan.columns(instance, group);
    if !plan.differs(instance, group) {
        return None;
    }
    if derived { columns.derived.get(k) } else { columns.params.get(k) }
}

/// Does any instance have a column of its own?
fn varies(plan: &Plan, group: usize, k: usize, derived: bool) -> bool {
    let usual = if derived { plan.groups[group].derived.get(k) } else { plan.groups[group].params.get(k) };
    (0..plan.instances).filter_map(|i| own(plan, i, group, k, derived)).any(|c| Some(c) != usual)
}

/// Is a column given per row in any instance?
fn per_row_somewhere(plan: &Plan, group: usize, k: usize, derived: bool) -> bool {
    (0..plan.instances).filter_map(|i| own(plan, i, group, k, derived)).any(|c| matches!(c, Column::PerRow(_)))
}

/// Do populations of the group have factors of their own at a port; does any instance have a factor or a scale there?
fn port_factors(plan: &Plan, group: usize, port: usize) -> (bool, bool) {
    let of_population =
        |v: &Instance| v.population_factors.iter().any(|(p, k, _)| *k as usize == port && plan.place(*p).group == group);
    let by_row = plan.variants.iter().any(of_population);
    let scaled = |i: u32| plan.port(i, group, port).scale != plan.groups[group].ports[port].scale;
    (by_row, by_row || (0..plan.instances).any(|i| plan.port_factor(i, group, port) != 1.0 || scaled(i)))
}

/// Is anything drawn from the normal law?
fn draws_normal(plan: &Plan) -> bool {
    let noise = plan.drives.iter().any(|d| matches!(d.wave, Wave::Noise { .. }));
    noise || plan.groups.iter().any(|g| g.rule.normals > 0)
}

/// Which leaves the step of a group, or a graded synapse at it, reads.
struct Used {
    params: Vec<bool>,
    derived: Vec<bool>,
    listed: bool,
}

impl Used {
    fn of(plan: &Plan, number: usize) -> Used {
        let group: &Group = &plan.groups[number];
        let rule = &group.rule;
        let mut used = Used { params: vec![false; group.params.len()], derived: vec![false; group.derived.len()], listed: false };
        let mut wanted = vec![false; rule.graph.nodes.len()];
        rule.next.iter().chain(&rule.spike).for_each(|n| wanted[n.0 as usize] = true);
        for i in (0..wanted.len()).rev() {
            if !wanted[i] {
                continue;
            }
            let node = rule.graph.nodes[i];
            Graph::operands(node).for_each(|o| wanted[o.0 as usize] = true);
            match node {
                Node::Param(k) => used.params[k as usize] = true,
                Node::Derived(k) => used.derived[k as usize] = true,
                Node::Listed => used.listed = true,
                _ => {}
            }
        }
        gathered::params_read(plan, number).chain(learned::params_read(plan, number)).for_each(|k| {
            if let Some(flag) = used.params.get_mut(k) {
                *flag = true;
            }
        });
        used
    }
}
