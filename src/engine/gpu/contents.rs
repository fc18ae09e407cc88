//! The words that buffers begin with: parameters, synapses, tables.
//!
//! In: plan and layout. Out: words, each at the place that the layout says. Pure. Not here: what changes from step to step
//! (`records`).

use super::words::{fill, pivot_words, put};
use super::{drawn, learned};
use crate::plan::fixed_point;
use crate::plan::{Column, Moves, Plan, PopulationId, RowBuffer, RowSet, Tap, Wave, normal_table};
use crate::wgsl::layout::{
    BLOCK_ROUTE_WORDS, BundleLayout, ColumnPlace, Joined, LAW_WORDS, Member, MovesPlace, NEXT, NONE, SynapsePlace, Term,
    WORK_WORDS, differs, law_words,
};
use crate::wgsl::{Layout, WgslError};

/// `params`; `external` is the input vector, instance after instance.
///
/// **Errors** a parameter that differs from synapse to synapse where the layout has one number.
pub fn params(plan: &Plan, layout: &Layout, external: &[f64]) -> Result<Vec<f32>, WgslError> {
    let mut out = vec![0.0; layout.words.params as usize];
    for (number, (group, places)) in plan.groups.iter().zip(&layout.groups).enumerate() {
        for instance in 0..layout.instances {
            let own = plan.columns(instance, number);
            let columns = own.params.iter().zip(&places.params).chain(own.derived.iter().zip(&places.derived));
            for (column, place) in columns {
                if let Some(place) = place.filter(|p| p.per_instance || instance == 0) {
                    fill(&mut out, place, instance, group.rows, |row| column.get(row));
                }
            }
            for (k, place) in places.ports.iter().enumerate() {
                if let Some(place) = place.filter(|p| p.unit.per_instance || instance == 0) {
                    let rows = if place.unit.per_row { group.rows } else { 1 };
                    let own = |row: u32| {
                        plan.populations
                            .iter()
                            .position(|p| p.group == number && (p.first_row..p.first_row + p.size).contains(&row))
                    };
                    let factor = |row: usize| match own(row as u32).filter(|_| place.unit.per_row) {
                        Some(p) => plan.population_factor(instance, PopulationId(p as u32), k),
                        None => plan.port_factor(instance, number, k),
                    };
                    let scale = plan.port(instance, number, k).scale;
                    fill(&mut out, place.unit, instance, rows, |row| factor(row) / scale);
                }
            }
            for term in places.inputs.iter().flatten() {
                self::term(plan, term, instance, &mut out);
            }
            for place in places.backgrounds.iter().filter(|p| p.weight.per_instance || instance == 0) {
                let b = &plan.backgrounds[place.background];
                let factor = plan.population_factor(instance, b.population, b.port as usize);
                let weight = plan.background(instance, place.background).1;
                fill(&mut out, place.weight, instance, place.width, |k| weight.get(k) * factor);
            }
        }
    }
    for bundle in &layout.bundles {
        let first = bundle.bundle.members[0];
        for (k, place) in bundle.params.iter().enumerate() {
            if let Some(SynapsePlace::Shared(place)) = place {
                for instance in 0..if place.per_instance { layout.instances } else { 1 } {
                    let number = plan.single_param(instance, first, k).map_err(|leaf| WgslError::Leaf(leaf.to_string()))?;
                    fill(&mut out, *place, instance, 1, |_| number);
                }
            }
        }
    }
    learned::params(plan, layout, &mut out);
    externals(plan, layout, external).for_each(|(first, values)| {
        (first..).zip(values).for_each(|(at, value)| put(&mut out, at, value));
    });
    Ok(out)
}

/// What does not change of a drive: amplitudes, means, samples.
fn term(plan: &Plan, term: &Term, instance: u32, out: &mut [f32]) {
    let drive = &plan.drives[term.drive()];
    if let Some(scale) = term.scale() {
        fill(out, scale, instance, 1, |_| plan.drive_factor(instance, term.drive()));
    }
    if let (Term::Level { own: Some(own), .. }, Some(level)) = (term, plan.level(instance, term.drive())) {
        fill(out, *own, instance, 1, |_| level);
    }
    if instance > 0 {
        return;
    }
    let mut by_row = |place: ColumnPlace, value: &dyn Fn(usize) -> f64| {
        drive.rows.iter().enumerate().for_each(|(k, row)| put(out, place.first + row, value(k) as f32));
    };
    match (term, &drive.wave) {
        (Term::Level { factor: Some(place), .. }, Wave::Constant(Column::PerRow(list))) => {
            by_row(*place, &|k| list[k]);
        }
        // of the two terms of a course the second is what is added to it
        (Term::Level { factor: Some(place), offset, .. }, Wave::Course { amplitude, offset: base, .. })
            if differs(amplitude, base) =>
        {
            by_row(*place, &|k| match (*offset, base) {
                (true, Column::Shared(_)) => 1.0,
                (true, Column::PerRow(list)) => list[k],
                (false, _) => amplitude.get(k),
            });
        }
        (Term::Level { factor: Some(place), .. }, wave) if !matches!(wave, Wave::External { .. }) => by_row(*place, &|_| 1.0),
        (Term::Noise { mean, sd, .. }, Wave::Noise { mean: means, sd: sds, .. }) => {
            by_row(*mean, &|k| means.get(k));
            by_row(*sd, &|k| sds.get(k));
        }
        (Term::Samples { first, width, .. }, Wave::Array { samples, .. }) => {
            for (n, sample) in (0u32..).zip(samples) {
                (0..*width).for_each(|k| put(out, first + n * width + k, sample.get(k as usize) as f32));
            }
        }
        _ => {}
    }
}

/// The columns of external stimuli: first word in `params`, a number per row of the group.
pub fn externals<'a>(plan: &'a Plan, layout: &'a Layout, external: &'a [f64]) -> impl Iterator<Item = (u32, Vec<f32>)> + 'a {
    let each = plan.external_inputs();
    let terms = layout.groups.iter().flat_map(|g| g.inputs.iter().flatten().map(move |t| (g.rows, t)));
    terms.flat_map(move |(rows, term)| {
        let mut out = Vec::new();
        let drive = &plan.drives[term.drive()];
        if let (Term::Level { factor: Some(place), .. }, Wave::External { first, scale }) = (term, &drive.wave) {
            // the columns of all instances stand one behind the other: they are written at once
            let instances = if place.per_instance { layout.instances } else { 1 };
            let mut values = vec![0.0f32; (rows * instances) as usize];
            for (instance, column) in values.chunks_mut(rows.max(1) as usize).enumerate() {
                for (k, row) in drive.rows.iter().enumerate() {
                    let given = external[instance * each + first + k];
                    if let Some(value) = column.get_mut(row as usize) {
                        *value = (given * scale) as f32;
                    }
                }
            }
            out.push((place.first, values));
        }
        out
    })
}

/// A page of `synapses`, but for parts of routes that the device draws; `None`: that is all of it.
pub fn page(plan: &Plan, layout: &Layout, page: usize, by_device: &[bool]) -> Option<Vec<u32>> {
    if layout.pages.get(page).is_some_and(|page| page.again) {
        return Some(drawn::again(plan, layout));
    }
    let is_drawn = |k: usize| by_device.get(k).is_some_and(|drawn| *drawn);
    let mut written = layout.routes.iter().enumerate().filter(|(k, r)| r.page == page && !is_drawn(*k)).peekable();
    let others = (page == 0 && !layout.bundles.is_empty()) || layout.learned.iter().any(|l| l.page == page);
    if written.peek().is_none() && !others {
        return None;
    }
    let mut out = vec![0; layout.pages.get(page).map_or(0, |p| p.words) as usize];
    if page == 0 {
        let apart = layout.bundles.iter().filter(|bundle| bundle.total.is_none());
        apart.for_each(|bundle| self::bundle(plan, bundle, &mut out));
    }
    learned::page(plan, layout, page, &mut out);
    for (_, place) in written {
        let route = &plan.routes[place.route];
        let (from, to) = (route.edges.first(place.sources.start), route.edges.first(place.sources.end));
        let mut buffer = RowBuffer::default();
        for source in place.sources.clone() {
            let row = route.edges.row(source, &mut buffer);
            (place.edges + (row.first - from) as u32..).zip(row.words).for_each(|(at, word)| put(&mut out, at, *word));
        }
        if let Some(first) = place.weights {
            let scale = fixed_point::scale_of(plan, route);
            let word = |w: f64| match place.scaled {
                // each instance makes whole numbers of them
                true => (w as f32).to_bits(),
                false => fixed_point::quantise(w, scale) as u32,
            };
            let mut at = first..;
            route.weight.each(from..to, |w| at.by_ref().take(1).for_each(|at| put(&mut out, at, word(w))));
        }
    }
    Some(out)
}

/// Who is joined to whom by gathered synapses, and what differs from one to the next.
fn bundle(plan: &Plan, place: &BundleLayout, out: &mut [u32]) {
    let rows = plan.rows_of(&place.bundle);
    let first_source = plan.place(place.first(plan).source).first_row;
    // by synapse: its word in a column
    let mut words = Vec::with_capacity(rows.count());
    for (target, span) in (0u32..).zip(rows.row_start().windows(2)) {
        for synapse in span[0] as u32..span[1] as u32 {
            let source = rows.source(synapse as usize);
            words.push(match place.joined {
                Joined::Csr { sources, .. } => {
                    let before = u64::from(synapse) > span[0] && rows.member(synapse as usize - 1) != rows.member(synapse as usize);
                    put(out, sources + synapse, source | if before { NEXT } else { 0 });
                    synapse
                }
                Joined::Dense { pairs, .. } => {
                    let source = source - first_source;
                    let word = pairs.map(|first| (first + source / 32 * place.targets + target) as usize);
                    if let Some(word) = word.and_then(|word| out.get_mut(word)) {
                        *word |= 1 << (source % 32);
                    }
                    source * place.targets + target
                }
            });
        }
    }
    let members = &place.bundle.members;
    let mut each = |first: u32, word: &dyn Fn(usize, usize) -> u32| {
        for (synapse, at) in words.iter().enumerate() {
            put(out, first + at, word(members[rows.member(synapse)], rows.number(synapse) as usize));
        }
    };
    if let Some(first) = place.delays {
        each(first, &|g, edge| plan.gathered[g].edges.delay_of(edge as u64));
    }
    for (k, place) in place.params.iter().enumerate() {
        if let Some(SynapsePlace::Each { first, per_instance }) = *place {
            for instance in 0..if per_instance { plan.instances } else { 1 } {
                let value = |g: usize, edge: usize| {
                    plan.shared_param(instance, g, k).unwrap_or_else(|| plan.gathered[g].params[k].get(edge))
                };
                each(first + instance * words.len() as u32, &|g, edge| (value(g, edge) as f32).to_bits());
            }
        }
    }
}

/// `tables`, but for the pivots of parts of routes that the device draws.
pub fn tables(plan: &Plan, layout: &Layout, drawn: &[bool]) -> Vec<u32> {
    let mut out = vec![0; layout.words.tables as usize];
    let mut list = |first: u32, words: &mut dyn Iterator<Item = u32>| {
        (first..).zip(words).for_each(|(at, word)| put(&mut out, at, word));
    };
    for instance in 0..layout.instances {
        let seed = plan.seed_of(instance);
        list(layout.places.keys + 2 * instance, &mut [seed as u32, (seed >> 32) as u32].into_iter());
    }
    if layout.places.normal > 0 {
        list(layout.places.normal, &mut normal_table().iter().map(|z| *z as u32));
    }
    for (number, group) in layout.groups.iter().enumerate() {
        if let Some(segments) = group.segments {
            let populations = plan.populations.iter().filter(|p| p.group == number);
            let words = populations.flat_map(|p| [p.first_row, p.stream]);
            list(segments.table, &mut words.collect::<Vec<_>>().into_iter());
        }
        for term in group.inputs.iter().flatten() {
            if let Term::Samples { drive, member, .. } = term {
                members(&mut list, member, &plan.drives[*drive].rows, 0, group.rows);
            }
        }
        for place in &group.backgrounds {
            let b = &plan.backgrounds[place.background];
            members(&mut list, &place.member, &b.rows, 0, group.rows);
            let mut at = place.thresholds;
            for (k, law) in (0u32..).zip(plan.laws(place.background)) {
                list(place.laws + LAW_WORDS * k, &mut [law.first, at, law.thresholds.len() as u32].into_iter());
                list(at, &mut law_words(law, place.wide));
                at += law_words(law, place.wide).count() as u32;
            }
            if let Some(first) = place.law_of_place {
                list(first, &mut b.mean_of_row.iter().copied());
            }
            if let (Some(MovesPlace::Samples { first, .. }), Some(Moves::Samples { samples, .. })) = (place.moves, &b.moves) {
                let row = |sample: &Vec<u32>, k: u32| sample.get(k as usize).or(sample.first()).copied().unwrap_or(0);
                let all = samples.iter().flat_map(|sample| (0..place.width).map(move |k| row(sample, k)));
                list(first, &mut all.into_iter());
            }
        }
    }
    for tap in &layout.taps {
        if let Tap::State { population, rows, .. } = &plan.taps[tap.tap] {
            let place = plan.place(*population);
            members(&mut list, &tap.member, rows, place.first_row, plan.groups[place.group].rows);
        }
    }
    for bundle in &layout.bundles {
        if let Joined::Csr { starts, .. } = bundle.joined {
            list(starts, &mut plan.rows_of(&bundle.bundle).row_start().iter().map(|s| *s as u32));
        }
    }
    learned::tables(plan, layout, &mut list);
    routes(plan, layout, drawn, &mut list);
    out
}

/// The place of each row of a group in a set of its rows, where the set is a list.
fn members(list: &mut dyn FnMut(u32, &mut dyn Iterator<Item = u32>), member: &Member, rows: &RowSet, shift: u32, all: u32) {
    if let Member::Listed { table } = member {
        list(*table, &mut std::iter::repeat_n(NONE, all as usize));
        for (place, row) in (0u32..).zip(rows.iter()) {
            list(table + shift + row, &mut std::iter::once(place));
        }
    }
}

/// Records, row starts, pivots, work items, blocks.
fn routes(plan: &Plan, layout: &Layout, drawn: &[bool], list: &mut dyn FnMut(u32, &mut dyn Iterator<Item = u32>)) {
    for (number, place) in layout.routes.iter().enumerate() {
        let route = &plan.routes[place.route];
        let (group, port) = (plan.place(route.target).group, route.port as usize);
        let own = layout.places.own_records;
        for instance in 0..if own > 0 { layout.instances } else { 1 } {
            let given = plan.own_route(instance, place.route);
            let weight = given.and_then(|own| own.weight).or(route.weight.shared());
            let scale = plan.port(instance, group, port).scale;
            let words = [
                place.row_start,
                place.edges,
                place.weights.unwrap_or(NONE),
                weight.map_or(0, |w| fixed_point::quantise(w, scale) as u32),
                place.target_bits,
                given.and_then(|own| own.delay).or(route.edges.shared_delay()).unwrap_or(0),
                place.channel,
                place.first_source,
                place.sources.end - place.sources.start,
                place.page as u32,
                place.pivots.map_or(NONE, |p| p.table),
                place.pivots.map_or(0, |p| p.blocks + 1),
                place.first_target,
                place.port,
                if place.scaled { (scale as f32).to_bits() } else { 0 },
            ];
            list(place.record + instance * own, &mut words.into_iter());
        }
        let begin = route.edges.first(place.sources.start);
        let starts = place.sources.start..=place.sources.end;
        list(place.row_start, &mut starts.map(|source| (route.edges.first(source) - begin) as u32));
        let is_drawn = drawn.get(number).is_some_and(|drawn| *drawn);
        if let Some(pivots) = place.pivots.filter(|_| !is_drawn) {
            pivot_words(layout, pivots, &route.edges, place.sources.clone(), place.first_target, list);
        }
    }
    if let Some(sent) = layout.sent.as_ref().filter(|sent| sent.most > 0) {
        let record = |route: u32| layout.routes.get(route as usize).map_or(0, |r| r.record);
        list(sent.sets, &mut sent.table(record).into_iter());
    }
    let mut at = layout.places.work;
    for item in &layout.work {
        let record = layout.routes.get(item.route as usize).map_or(0, |r| r.record);
        list(at, &mut [record, item.first, item.count, item.part | (item.parts << 16)].into_iter());
        at += WORK_WORDS;
    }
    if layout.routes.iter().any(|r| r.pivots.is_some()) {
        let mut entries = 0;
        for (number, block) in (0u32..).zip(&layout.blocks) {
            list(layout.places.block_starts + number, &mut std::iter::once(entries));
            let own = block.first_row / layout.shape.workgroup;
            for place in &layout.routes {
                let here = plan.place(plan.routes[place.route].target).group == block.group;
                let Some(pivots) = place.pivots.filter(|_| here) else { continue };
                if let Some(column) = own.checked_sub(pivots.first_block).filter(|c| *c < pivots.blocks) {
                    let sources = place.sources.end - place.sources.start;
                    let words = [place.record, column, place.first_source, sources];
                    list(layout.places.block_routes + BLOCK_ROUTE_WORDS * entries, &mut words.into_iter());
                    entries += 1;
                }
            }
        }
        list(layout.places.block_starts + layout.blocks.len() as u32, &mut std::iter::once(entries));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{Connector, Network, Value};
    use crate::plan::schedule::{Machine, Settings};
    use crate::simulation::Options;

    fn plan(g_max: Value) -> Plan {
        let mut net = Network::new("two");
        net.population("a", "non_spiking", 2);
        net.project_by("a", "a", "graded_synapse", Connector::OneToOne).parameter("g_max", g_max);
        net.plan(&Options::default()).unwrap_or_else(|e| panic!("{e}"))
    }

    /// A layout that has one number for all synapses is given a plan in which each has its own: no number stands in its place.
    #[test]
    fn one_number_for_what_differs_is_an_error_that_names_it() {
        let (same, own) = (plan("0.2 uS".into()), plan(["0.1 uS", "0.2 uS"].into()));
        let layout = crate::wgsl::emit(&same, &Machine::WEB, &Settings::default()).unwrap().layout;
        let found = params(&same, &layout, &[]).unwrap();
        // uS in nS
        assert!(found.contains(&200.0), "{found:?}");
        let param = same.gathered[0].synapse.model.params.iter().position(|p| p.name == "g_max").unwrap();
        let said = params(&own, &layout, &[]).unwrap_err().to_string();
        assert!(said.contains(&format!("reads parameter {param},")), "{said}");
    }
}
