//! Layouts of random networks: everything has a place of its own, nothing lies beyond its buffer, nothing is left over. Routes
//! are cut and shared out so that every synapse is delivered once.

use proptest::prelude::*;

use super::{routes, *};
use crate::network::value::{normal, uniform};
use crate::network::{Connector, Network, Waveform};
use crate::plan::schedule::{self, Schedule, Settings};
use crate::plan::{EdgeColumn, Moves, Wave, normal_table};

const EQUATIONS: &str = "
    neuron noisy
      param tau = 10 ms, sigma = 2 mV, v_th = 12 mV, k = 1
      state v = 0 mV
      state w = 0
      input kick -> v
      input drive : kHz
      dv/dt = (10 mV - v)/tau + sigma*sqrt(2/tau)*xi
      dw/dt = (k - w)/tau + drive
      threshold v >= v_th
      reset v = 0 mV
    synapse soft
      param g = 0.01 kHz
      graded drive += g*(pre.w - post.w)
    synapse slow
      param g = 0.1 kHz, tau_s = 5 ms
      state s = 0
      ds/dt = -s/tau_s
      on_pre s += 1
      graded drive += g*s
    synapse learns
      param w_max = 2 pA, a = 0.1
      state w = 1 pA (from 0 pA to w_max), c = 0, x = 0
      dc/dt = -c/(20 ms)
      dx/dt = -x/(20 ms)
      on_pre i_exc += w
      on_post w += a*x*c*(1 pA); c += rand()
      on_pre x += 1
";

#[derive(Clone, Debug)]
struct Case {
    sizes: Vec<u32>,
    /// Source, target, what.
    joined: Vec<(usize, usize, u32)>,
    driven: Vec<(usize, u32)>,
    instances: u32,
    page: u64,
}

fn case() -> impl Strategy<Value = Case> {
    let joined = prop::collection::vec((0usize..4, 0usize..4, 0u32..8), 0..7);
    let driven = prop::collection::vec((0usize..4, 0u32..6), 0..5);
    (prop::collection::vec(1u32..150, 4), joined, driven, 1u32..4, 300u64..4000)
        .prop_map(|(sizes, joined, driven, instances, page)| Case { sizes, joined, driven, instances, page })
}

/// Two populations of one group, one that draws, one of spike times.
const MODELS: [&str; 4] = ["lif_psc_exp", "lif_psc_exp", "noisy", "spike_times"];

fn planned(case: &Case) -> Plan {
    let mut net = Network::new("layout");
    net.dt("0.1 ms").seed(3).equations(EQUATIONS);
    for (k, (model, size)) in MODELS.iter().zip(&case.sizes).enumerate() {
        let population = net.population(format!("p{k}"), *model, u64::from(*size));
        match *model {
            "lif_psc_exp" if k == 1 => {
                population.parameter("tau_m", uniform("10 ms", "20 ms"));
            }
            "spike_times" => {
                population.spike_times(vec![vec![1.0, 2.0]; *size as usize]);
            }
            _ => {}
        }
        net.probe(format!("p{k}"), "spikes");
    }
    net.probe("p0", "v").rows([0]).every("0.3 ms");
    net.probe("p2", "w");
    for (number, (source, target, what)) in case.joined.iter().enumerate() {
        let label = format!("joined {number}");
        let (source_name, target_name) = (format!("p{source}"), format!("p{target}"));
        let port = ["i_exc", "i_inh", "kick"][if *target == 2 { 2 } else { *what as usize % 2 }];
        let unit = if *target == 2 { "mV" } else { "pA" };
        match what {
            _ if *target == 3 => {}
            0..=3 => {
                let connector = if *what == 3 { Connector::AllToAll } else { Connector::probability(0.3) };
                let (sign, least, most) = if port == "i_inh" { ("-", "-2", "-1") } else { ("", "1", "2") };
                let projection = net.project(source_name, target_name, port, connector).named(label);
                match what {
                    0 => projection.weight(format!("{sign}1 {unit}")).delay("0.4 ms"),
                    1 => projection.weight(format!("{sign}1 {unit}")).delay(uniform("0.2 ms", "1 ms")),
                    _ => projection.weight(uniform(format!("{least} {unit}"), format!("{most} {unit}"))).delay("0.3 ms"),
                };
            }
            4 if *source == 2 && *target == 2 => {
                let connector = Connector::probability(0.5);
                net.project_by(source_name, target_name, "soft", connector)
                    .named(label)
                    .parameter("g", uniform("0.01 kHz", "0.02 kHz"));
            }
            5 if *target == 2 => {
                let connector = Connector::probability(0.2);
                net.project_by(source_name, target_name, "slow", connector).named(label).delay(uniform("0.2 ms", "0.7 ms"));
            }
            6 if *target == 2 => {
                net.project_by(source_name, target_name, "slow", Connector::AllToAll).named(label).delay("0.2 ms");
            }
            7 if *target < 2 => {
                let projection = net.project_by(source_name, target_name, "learns", Connector::probability(0.3)).named(label);
                projection.delay(uniform("0.2 ms", "0.7 ms")).parameter("a", uniform("0.1", "0.2"));
            }
            _ => {}
        }
    }
    for (number, (target, what)) in case.driven.iter().enumerate().filter(|(_, (target, _))| *target != 3) {
        let (name, noisy) = (format!("p{target}"), *target == 2);
        let (port, input, unit) = if noisy { ("kick", "drive", "kHz") } else { ("i_exc", "i_stim", "pA") };
        let weight = format!("1 {}", if noisy { "mV" } else { "pA" });
        let one = format!("1 {unit}");
        let (input, waveform) = match what {
            0 => (port, Waveform::poisson("1 kHz", weight)),
            1 => (port, Waveform::poisson("2e8 Hz", weight)),
            2 => (input, Waveform::noise(one, format!("2 {unit}"))),
            3 => (input, Waveform::constant(normal(one, format!("0.1 {unit}")))),
            _ => (input, Waveform::constant(one)),
        };
        let stimulus = net.stimulate(name, input, waveform).named(format!("driven {number}"));
        if matches!(what, 1 | 4) {
            stimulus.rows([0]);
        }
    }
    let mut plan = net.plan(&crate::Options::default()).unwrap_or_else(|e| panic!("{e}"));
    plan.instances = case.instances;
    plan
}

/// What lies where in a buffer.
#[derive(Default)]
struct Buffer(Vec<(u64, u64, String)>);

impl Buffer {
    fn put(&mut self, first: u32, words: u64, what: impl Into<String>) {
        self.0.push((first.into(), words, what.into()));
    }

    fn column(&mut self, place: ColumnPlace, rows: u32, instances: u32, what: impl Into<String>) {
        let words = u64::from(if place.per_row { rows } else { 1 }) * u64::from(if place.per_instance { instances } else { 1 });
        self.put(place.first, words, what);
    }

    /// One after the other, from the first word to the last.
    fn filled(mut self, words: u64) -> Result<(), String> {
        self.0.retain(|region| region.1 > 0);
        self.0.sort();
        let mut next = 0;
        for (first, count, what) in self.0 {
            if first != next {
                return Err(format!("{what} begins at {first}, and what stands before it ends at {next}"));
            }
            next = first + count;
        }
        if next == words { Ok(()) } else { Err(format!("{next} words of {words} have an owner")) }
    }
}

/// Every number of a layout in its buffer, by sizes that are worked out anew from the plan.
fn check(plan: &Plan, layout: &Layout) -> Result<(), String> {
    let instances = u64::from(layout.instances);
    let [mut state, mut ring, mut params, mut record, mut tables, mut samples] = [(); 6].map(|()| Buffer::default());
    let mut pages: Vec<Buffer> = layout.pages.iter().map(|_| Buffer::default()).collect();
    record.put(0, u64::from(RECORD_HEAD), "time and step");
    tables.put(layout.places.keys, 2 * instances, "keys");
    let normals =
        plan.groups.iter().any(|g| g.rule.normals > 0) || plan.drives.iter().any(|d| matches!(d.wave, Wave::Noise { .. }));
    if normals {
        tables.put(layout.places.normal, normal_table().len() as u64, "normal law");
    }
    let listed = |tables: &mut Buffer, member: &Member, rows: u32, what: &str| {
        if let Member::Listed { table } = member {
            tables.put(*table, rows.into(), what);
        }
    };
    for (number, (g, placed)) in plan.groups.iter().zip(&layout.groups).enumerate() {
        let (rows, span) = (g.rows, u64::from(g.rows.next_multiple_of(64)));
        for column in 0..g.rule.states.len() {
            state.put(layout.state_place(number, column), span * instances, format!("state {column} of {number}"));
            if let Some(copies) = layout.export_places(number, column) {
                copies.iter().for_each(|first| state.put(*first, span * instances, format!("export {column} of {number}")));
            }
        }
        for place in placed.params.iter().chain(&placed.derived).flatten() {
            params.column(*place, rows, layout.instances, format!("a parameter of {number}"));
        }
        for port in placed.ports.iter().flatten() {
            ring.put(port.channel, span, format!("a port of {number}"));
            params.column(port.unit, rows, layout.instances, format!("a unit of {number}"));
        }
        let mut scaled = Vec::new();
        for term in placed.inputs.iter().flatten() {
            let (drive, mut own) = (&plan.drives[term.drive()], Vec::new());
            match term {
                Term::Level { level, factor, own: of_instance, .. } => {
                    record.put(*level, 1, "a level");
                    own.extend(*factor);
                    of_instance.iter().for_each(|place| params.column(*place, rows, layout.instances, "a level of an instance"));
                }
                Term::Noise { on, mean, sd, .. } => {
                    record.put(*on, 3, "noise");
                    own.extend([*mean, *sd]);
                }
                Term::Samples { index, first, width, member, .. } => {
                    record.put(*index, 1, "a sample");
                    let Wave::Array { samples, .. } = &drive.wave else { return Err("no array".into()) };
                    params.put(*first, samples.len() as u64 * u64::from(*width), "samples");
                    listed(&mut tables, member, rows, "rows of samples");
                }
            }
            own.into_iter().for_each(|place| params.column(place, rows, layout.instances, "a drive"));
            if let Some(scale) = term.scale().filter(|_| !scaled.contains(&term.drive())) {
                scaled.push(term.drive());
                params.column(scale, 1, layout.instances, "a factor of a drive");
            }
        }
        for place in &placed.backgrounds {
            let b = &plan.backgrounds[place.background];
            record.put(place.on, 1, "a background");
            params.column(place.weight, place.width, layout.instances, "weights of a background");
            listed(&mut tables, &place.member, rows, "rows of a background");
            match place.moves {
                None => {}
                Some(MovesPlace::Together { law }) => record.put(law, 2, "a law and its threshold"),
                Some(MovesPlace::Threshold { word }) => record.put(word, 1, "a threshold"),
                Some(MovesPlace::Samples { index, first }) => {
                    record.put(index, 1, "thresholds of a step");
                    let Some(Moves::Samples { samples, .. }) = &b.moves else { return Err("no samples".into()) };
                    tables.put(first, samples.len() as u64 * u64::from(place.width), "thresholds");
                }
            }
            tables.put(place.laws, u64::from(LAW_WORDS) * plan.laws(place.background).len() as u64, "laws");
            if let Some(table) = place.law_of_place {
                tables.put(table, b.rows.len() as u64, "laws of rows");
            }
            let words = plan.laws(place.background).iter().map(|law| law_words(law, place.wide).count() as u64).sum();
            tables.put(place.thresholds, words, "thresholds");
        }
        if let Some(clock) = placed.clock {
            let words = plan.clocked(number).clock.len() as u64 * if clock.per_instance { instances } else { 1 };
            record.put(clock.first, words, "a clock");
        }
        if let Some(first) = placed.listed {
            record.put(first, span / 32, "listed spikes");
        }
        if let Some(segments) = placed.segments {
            tables.put(segments.table, 2 * u64::from(segments.count), "populations");
        }
    }
    for place in &layout.bundles {
        let first = place.first(plan);
        let count: u64 = place.bundle.members(plan).map(|g| g.edges.count()).sum();
        place.states.iter().for_each(|at| state.put(*at, u64::from(place.count) * instances, "a state of synapses"));
        if let Some(total) = &place.total {
            let of = [(&total.numbers, place.count), (&total.sums, total.blocks)];
            of.iter().for_each(|(list, n)| list.iter().for_each(|at| state.put(*at, u64::from(*n) * instances, "shared sums")));
        }
        let values = match place.joined {
            Joined::Csr { starts, sources, .. } => {
                tables.put(starts, u64::from(place.targets) + 1, "starts of targets");
                pages[0].put(sources, count, "sources of targets");
                count
            }
            Joined::Dense { pairs, sources } => {
                if let Some(pairs) = pairs {
                    pages[0].put(pairs, u64::from(sources.div_ceil(32)) * u64::from(place.targets), "bits of pairs");
                }
                u64::from(first.edges.sources()) * u64::from(place.targets)
            }
        };
        if let Some(delays) = place.delays {
            pages[0].put(delays, values, "delays");
        }
        for param in place.params.iter().flatten() {
            match *param {
                SynapsePlace::Shared(place) => params.column(place, 1, layout.instances, "a parameter of synapses"),
                SynapsePlace::Each { first, per_instance } => {
                    pages[0].put(first, values * if per_instance { instances } else { 1 }, "values of synapses");
                }
            }
        }
    }
    let mut times = 0;
    for (learning, place) in plan.learning.iter().zip(&layout.learned) {
        let (count, edges, page) = (learning.edges.count(), &learning.edges, &mut pages[place.page]);
        place.states.iter().for_each(|at| state.put(*at, count * instances, "a state of synapses that learn"));
        times += if place.touched.is_some() { count * instances } else { 0 };
        tables.put(place.starts, u64::from(edges.sources()) + 1, "starts of rows that learn");
        page.put(place.words, count, "targets of synapses that learn");
        if let Some(by) = place.by_target {
            tables.put(by.starts, u64::from(edges.targets()) + 1, "starts of targets that learn");
            page.put(by.synapses, count, "synapses by target");
            by.sources.into_iter().for_each(|at| page.put(at, count, "their sources"));
        }
        if let Some(pivots) = place.pivots {
            tables.put(pivots.table, u64::from(edges.sources()) * u64::from(pivots.blocks + 1), "pivots of what learns");
        }
        for param in place.params.iter().flatten() {
            match *param {
                SynapsePlace::Shared(place) => params.column(place, 1, layout.instances, "a parameter of what learns"),
                SynapsePlace::Each { first, .. } => page.put(first, count, "values of synapses that learn"),
            }
        }
    }
    for trail in &layout.trails {
        let span = u64::from(layout.groups[trail.group].span);
        state.put(trail.first, u64::from(layout.trail_slots) * instances * span, "what is read of neurons");
    }
    tables.put(layout.places.visits, u64::from(WORK_WORDS) * layout.visits.len() as u64, "work of passes");
    for tap in &layout.taps {
        record.put(tap.due, 1, "a probe");
        samples.put(tap.place, u64::from(tap.room) * instances * u64::from(tap.rows), "samples of a probe");
        listed(&mut tables, &tap.member, plan.groups[tap.group].rows, "rows of a probe");
    }
    for route in &layout.routes {
        let sources = u64::from(route.sources.end - route.sources.start);
        let edges = &plan.routes[route.route].edges;
        let count = edges.first(route.sources.end) - edges.first(route.sources.start);
        pages[route.page].put(route.edges, count, "targets");
        if let Some(weights) = route.weights {
            pages[route.page].put(weights, count, "weights");
        }
        for own in 0..if layout.places.own_records > 0 { layout.instances } else { 1 } {
            tables.put(route.record + own * layout.places.own_records, u64::from(ROUTE_WORDS), "a route");
        }
        tables.put(route.row_start, sources + 1, "starts of rows");
        route.pivots.iter().for_each(|p| tables.put(p.table, sources * u64::from(p.blocks + 1), "pivots"));
    }
    let listed = layout.sent.iter().filter(|_| layout.shape.schedule == Schedule::TwoPass);
    listed.for_each(|sent| tables.put(sent.sets, sent.table(|_| 0).len() as u64, "sets of routes"));
    match layout.shape.schedule {
        Schedule::TwoPass => tables.put(layout.places.work, u64::from(WORK_WORDS) * layout.work.len() as u64, "work"),
        Schedule::Fused => {
            tables.put(layout.places.block_starts, layout.blocks.len() as u64 + 1, "starts of blocks");
            let entries: u64 = layout.routes.iter().filter_map(|r| r.pivots).map(|p| u64::from(p.blocks)).sum();
            tables.put(layout.places.block_routes, u64::from(BLOCK_ROUTE_WORDS) * entries, "routes of blocks");
        }
        Schedule::Resident => {}
    }
    ring.filled(layout.channel_rows.into()).map_err(|e| format!("channels: {e}"))?;
    let kept = u64::from(layout.history) * instances * u64::from(layout.spike_words);
    let rings = u64::from(layout.slots) * instances * u64::from(layout.channel_rows);
    if layout.words.ring != rings + kept + times || u64::from(layout.history_place(0, 0)) != rings {
        return Err("the ring and what stands behind it".into());
    }
    let words = &layout.words;
    record.filled(layout.record.into()).map_err(|e| format!("a record: {e}"))?;
    for (buffer, name, words) in [
        (state, "state", words.state),
        (params, "params", words.params),
        (tables, "tables", words.tables),
        (samples, "samples", words.samples),
    ] {
        buffer.filled(words).map_err(|e| format!("{name}: {e}"))?;
    }
    for (page, found) in pages.into_iter().zip(&layout.pages) {
        page.filled(found.words).map_err(|e| format!("a page: {e}"))?;
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn every_number_has_a_place_of_its_own(case in case()) {
        let plan = planned(&case);
        let small = Machine { binding_bytes: 4 * case.page, ..Machine::WEB };
        for (machine, wanted) in [(Machine::WEB, Schedule::Resident), (Machine::WEB, Schedule::Fused), (small, Schedule::TwoPass)] {
            let Ok(shape) = schedule::choose(&plan, &machine, &Settings::from(wanted)) else { continue };
            // a page that is too small for what stands in it alone is refused
            let Ok(layout) = Layout::new(&plan, shape, &machine) else { continue };
            check(&plan, &layout).map_err(|e| TestCaseError::fail(format!("{wanted:?}: {e}")))?;
            parts_of_routes(&plan, &layout).map_err(|e| TestCaseError::fail(format!("{wanted:?}: {e}")))?;
        }
    }
}

/// The parts of each route hold all of its sources once, each part in a page with two words to spare; in the two-pass schedule
/// work items hold all synapses once, none more than its turns.
fn parts_of_routes(plan: &Plan, layout: &Layout) -> Result<(), String> {
    for (number, route) in plan.routes.iter().enumerate().filter(|(_, route)| route.learned.is_none()) {
        let mut next = 0;
        for part in layout.routes.iter().filter(|p| p.route == number) {
            if part.sources.start != next || part.sources.is_empty() {
                return Err(format!("route {number}: a part of {:?} after {next}", part.sources));
            }
            next = part.sources.end;
            if part.first_source != plan.first_row(route.source) + part.sources.start {
                return Err(format!("route {number}: first source"));
            }
        }
        if next != route.edges.sources() && !route.edges.is_empty() {
            return Err(format!("route {number}: sources up to {next} of {}", route.edges.sources()));
        }
        let per_edge = matches!(route.weight, EdgeColumn::PerEdge(_));
        if layout.routes.iter().any(|p| p.route == number && p.weights.is_some() != per_edge) {
            return Err(format!("route {number}: weights"));
        }
    }
    let pages = layout.pages.len();
    if layout.routes.iter().any(|p| layout.pages[p.page].words + 2 > layout.page_words) && pages > 1 {
        return Err("a page is filled to its end".into());
    }
    if layout.shape.schedule != Schedule::TwoPass {
        return Ok(());
    }
    let workgroup = u64::from(layout.shape.workgroup);
    let room = layout.turns / u64::from(layout.shape.window) - 1;
    let mut done = std::collections::HashMap::new();
    for (k, item) in layout.work.iter().enumerate() {
        let part = &layout.routes[item.route as usize];
        if !layout.pages[part.page].work.contains(&(k as u32)) {
            return Err(format!("work item {k} is not in its page"));
        }
        if item.count == 0 || item.first / 32 != (item.first + item.count - 1) / 32 {
            return Err(format!("work item {k} takes {} sources from {}", item.count, item.first));
        }
        let edges = &plan.routes[part.route].edges;
        let mut turns = 0;
        for row in item.first..item.first + item.count {
            let source = row - part.first_source + part.sources.start;
            let length = edges.first(source + 1) - edges.first(source);
            if length > 0 {
                turns += 1 + length.div_ceil(workgroup * u64::from(item.parts));
                for piece in if item.parts == 1 { 0..1 } else { item.part..item.part + 1 } {
                    *done.entry((item.route, row, piece, item.parts)).or_insert(0) += 1;
                }
            }
        }
        if turns > room {
            return Err(format!("work item {k} takes {turns} turns, and {room} are allowed"));
        }
    }
    if let Some((what, times)) = done.iter().find(|(_, times)| **times != 1) {
        return Err(format!("{what:?} is done {times} times"));
    }
    for (k, part) in layout.routes.iter().enumerate() {
        let edges = &plan.routes[part.route].edges;
        for source in part.sources.clone().filter(|s| edges.first(s + 1) > edges.first(*s)) {
            let row = part.first_source + source - part.sources.start;
            let of_row: Vec<_> = done.keys().filter(|(route, r, ..)| (*route, *r) == (k as u32, row)).collect();
            if of_row.is_empty() || of_row.iter().any(|(.., parts)| *parts as usize != of_row.len()) {
                return Err(format!("source {source} of part {k}: {of_row:?}"));
            }
        }
    }
    Ok(())
}

/// The same where few turns are allowed, so that rows are shared among workgroups.
#[test]
fn long_rows_are_shared_among_workgroups() {
    let case = Case { sizes: vec![100, 150, 3, 1], joined: vec![(0, 1, 3), (1, 0, 1)], driven: Vec::new(), instances: 1, page: 0 };
    let plan = planned(&case);
    let settings = Settings::from(Schedule::TwoPass).workgroup(32);
    let shape = schedule::choose(&plan, &Machine::WEB, &settings).unwrap();
    let layout = Layout::new(&plan, shape, &Machine::WEB).unwrap();
    let mut seen = Vec::new();
    for turns in [1, 2, 3, 4, 5, 6, 7, 40] {
        let mut few = Layout { turns: u64::from(shape.window) * (turns + 1), ..layout.clone() };
        few.routes.clear();
        few.work.clear();
        few.pages.truncate(1);
        few.pages[0].words = 0;
        match routes::place(&plan, &mut few, &Machine::WEB) {
            Ok(()) => {
                parts_of_routes(&plan, &few).unwrap();
                seen.push((turns, few.work.len(), few.work.iter().any(|w| w.parts > 1)));
            }
            // one turn is the source's own
            Err(e) => assert!(turns == 1 && matches!(e, WgslError::LoopTurns { .. }), "{turns}: {e}"),
        }
    }
    // rows of 150 take 5 turns of 32 threads besides their own
    assert!(seen.iter().all(|(turns, _, shared)| *shared == (*turns < 6)), "{seen:?}");
    assert!(seen.windows(2).all(|pair| pair[0].1 >= pair[1].1), "{seen:?}");
}

/// The check itself sees what overlaps and what is left over.
#[test]
fn an_overlap_is_seen() {
    let regions = |list: &[(u32, u64)]| {
        let mut buffer = Buffer::default();
        list.iter().for_each(|(first, words)| buffer.put(*first, *words, "x"));
        buffer
    };
    assert!(regions(&[(4, 2), (0, 4), (6, 0)]).filled(6).is_ok());
    for (list, words) in [(vec![(0, 4), (3, 3)], 6), (vec![(0, 4), (5, 1)], 6), (vec![(0, 4)], 5), (vec![(0, 4), (4, 2)], 5)] {
        assert!(regions(&list).filled(words).is_err(), "{list:?}");
    }
}
