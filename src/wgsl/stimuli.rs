//! Stimuli as statements: what a continuous input holds, Poisson events at a port.
//!
//! In: the places of a layout. Out: lines that add to a variable. Not here: levels over time (`engine::gpu::records`).

use super::layout::{BackgroundPlace, ColumnPlace, Member, MovesPlace, Term};
use crate::plan::Plan;

/// The place of a row in a set of rows, `NONE` or beyond for others.
pub fn place_of(member: &Member) -> String {
    match member {
        Member::Range { first: 0, .. } => "row".to_owned(),
        Member::Range { first, .. } => format!("row - {first}u"),
        Member::Listed { table } => format!("tables[{table}u + row]"),
    }
}

/// A row counted from `first` on.
pub fn above(row: &str, first: u32) -> String {
    if first == 0 { row.to_owned() } else { format!("{row} - {first}u") }
}

/// Adds a term of a drive to `sum`.
pub fn term(term: &Term, rows: u32, sum: &str) -> Vec<String> {
    let column = |place: ColumnPlace| format!("params[{}u{}]", place.first, place.offset(rows, "row"));
    // with a factor of the instance, where there is one; a product that feeds a sum is an fma
    let add = |value: String| match term.scale() {
        Some(scale) => format!("{sum} = fma({value}, {}, {sum});", column(scale)),
        None => format!("{sum} = ({sum} + {value});"),
    };
    match term {
        Term::Level { level, factor, own, .. } => {
            let level = format!("bitcast<f32>(inputs[record + {level}u])");
            // 1 or 0, times the level of the instance
            let level = own.map_or(level.clone(), |own| format!("({level} * {})", column(own)));
            vec![match (factor, term.scale()) {
                (Some(factor), None) => format!("{sum} = fma({}, {level}, {sum});", column(*factor)),
                (Some(factor), Some(_)) => add(format!("({} * {level})", column(*factor))),
                (None, _) => add(level),
            }]
        }
        Term::Noise { on, mean, sd, tag, first_row, .. } => {
            let neuron = above("row", *first_row);
            let draw = format!("normal_of(instance, {tag}u, {neuron}, inputs[record + {}u], inputs[record + {}u])", on + 1, on + 2);
            vec![
                format!("if (inputs[record + {on}u] != 0u) {{"),
                format!("    {}", add(format!("fma({}, {draw}, {})", column(*sd), column(*mean)))),
                "}".to_owned(),
            ]
        }
        Term::Samples { drive, index, first, width, member, .. } => {
            let (at, which) = (format!("w{drive}"), format!("inputs[record + {index}u]"));
            vec![
                format!("let {at} = {};", place_of(member)),
                format!("if ({which} != NONE && {at} < {width}u) {{"),
                format!("    {}", add(format!("params[{first}u + {which} * {width}u + {at}]"))),
                "}".to_owned(),
            ]
        }
    }
}

/// Poisson backgrounds of a port in the order in which they are added, those of different rows that are drawn alike together: a row
/// has one of them at most, so that one draw serves all.
pub fn runs<'a>(places: impl Iterator<Item = &'a BackgroundPlace>) -> Vec<Vec<&'a BackgroundPlace>> {
    let range = |place: &BackgroundPlace| match place.member {
        Member::Range { first, count } if place.moves.is_none() => Some(first..first + count),
        _ => None,
    };
    let apart = |a: &BackgroundPlace, b: &BackgroundPlace| match (range(a), range(b)) {
        (Some(a), Some(b)) => a.end <= b.start || b.end <= a.start,
        _ => false,
    };
    let mut out: Vec<Vec<&BackgroundPlace>> = Vec::new();
    for place in places {
        match out.last_mut() {
            Some(run) if run.iter().all(|other| other.wide == place.wide && apart(other, place)) => run.push(place),
            _ => out.push(vec![place]),
        }
    }
    out
}

/// Can words that are drawn for four steps be kept for the next ones?
fn keeps(run: &[&BackgroundPlace]) -> bool {
    run.iter().all(|place| place.moves.is_none() && !place.wide)
}

/// What a thread keeps from step to step of a run: the words, and for which four steps they are.
pub fn kept_words(run: &[&BackgroundPlace]) -> Vec<String> {
    let first = run.first().filter(|_| keeps(run)).map(|place| place.background);
    first.iter().flat_map(|n| [format!("var drawn{n} = vec4<u32>(0u);"), format!("var quarter{n} = NONE;")]).collect()
}

/// Adds the Poisson events of a step to what arrived, of one run; `kept`: [`kept_words`] stand before the steps.
pub fn background(plan: &Plan, run: &[&BackgroundPlace], kept: bool, sum: &str) -> Vec<String> {
    let Some(first) = run.first() else { return Vec::new() };
    let mut out = Vec::new();
    if let [place] = run {
        let (drawn, events) = events(plan, place, kept);
        let condition = condition(place);
        out.push(condition.0);
        out.push(condition.1);
        out.extend(drawn.iter().map(|text| format!("    {text}")));
        out.extend([format!("    {sum} = fma({}, {events}, {sum});", weight(place)), "}".to_owned()]);
        return out;
    }
    // whose events the row has, if any
    let n = first.background;
    out.extend([format!("var law{n} = NONE;"), format!("var tag{n} = 0u;"), format!("var neuron{n} = 0u;")]);
    out.push(format!("var weight{n} = 0.0f;"));
    for place in run {
        let condition = condition(place);
        out.extend([condition.0, condition.1]);
        out.push(format!("    law{n} = {};", law(place)));
        out.push(format!("    tag{n} = {}u;", plan.backgrounds[place.background].stream));
        out.push(format!("    neuron{n} = {};", above("row", place.first_row)));
        out.push(format!("    weight{n} = {};", weight(place)));
        out.push("}".to_owned());
    }
    let drawn = Drawn { run: n, tag: format!("tag{n}"), neuron: format!("neuron{n}"), law: format!("law{n}") };
    let (words, events) = drawn.events(kept && keeps(run), first.wide);
    out.push(format!("if (law{n} != NONE) {{"));
    out.extend(words.iter().map(|text| format!("    {text}")));
    out.extend([format!("    {sum} = fma(weight{n}, {events}, {sum});"), "}".to_owned()]);
    out
}

/// The place of the row among those of a background, and whether it has events in this step.
fn condition(place: &BackgroundPlace) -> (String, String) {
    let number = place.background;
    let there = match place.moves {
        Some(MovesPlace::Samples { index, .. }) => format!(" && inputs[record + {index}u] != NONE"),
        _ => String::new(),
    };
    (
        format!("let b{number} = {};", place_of(&place.member)),
        format!("if (inputs[record + {}u] != 0u && b{number} < {}u{there}) {{", place.on, place.width),
    )
}

fn weight(place: &BackgroundPlace) -> String {
    let number = place.background;
    format!("params[{}u{}]", place.weight.first, place.weight.offset(place.width, &format!("b{number}")))
}

/// Where the law of a row stands.
fn law(place: &BackgroundPlace) -> String {
    match place.law_of_place {
        Some(table) => format!("{}u + 3u * tables[{table}u + b{}]", place.laws, place.background),
        None if place.own => format!("{}u + 3u * instance", place.laws),
        None => format!("{}u", place.laws),
    }
}

/// What is drawn: of which run, by which stream, for whom, by which law.
struct Drawn {
    run: usize,
    tag: String,
    neuron: String,
    law: String,
}

impl Drawn {
    /// Lines before, and the number of events.
    fn events(&self, kept: bool, wide: bool) -> (Vec<String>, String) {
        let Drawn { run, tag, neuron, law } = self;
        if !kept {
            let function = if wide { "many_events_of" } else { "events_of" };
            return (Vec::new(), format!("{function}(instance, {tag}, {neuron}, record, {law})"));
        }
        let lines = vec![
            format!("if (quarter{run} != inputs[record + 1u] >> 2u) {{"),
            format!("    quarter{run} = inputs[record + 1u] >> 2u;"),
            format!("    drawn{run} = words_of_four_steps(instance, {tag}, {neuron}, record);"),
            "}".to_owned(),
        ];
        (lines, format!("events_in(drawn{run}, record, {law})"))
    }
}

/// Lines before, and the number of events of a row.
fn events(plan: &Plan, place: &BackgroundPlace, kept: bool) -> (Vec<String>, String) {
    let (b, number) = (&plan.backgrounds[place.background], place.background);
    let (tag, neuron, law) = (format!("{}u", b.stream), above("row", place.first_row), law(place));
    let word = |word: u32| format!("inputs[record + {word}u]");
    let thinned = |law: &str, threshold: &str| format!("kept_events_of(instance, {tag}, {neuron}, record, {law}, {threshold})");
    let events = match place.moves {
        None => return Drawn { run: number, tag, neuron, law }.events(kept && keeps(&[place]), place.wide),
        Some(MovesPlace::Together { law }) => thinned(&word(law), &word(law + 1)),
        Some(MovesPlace::Threshold { word: threshold }) => thinned(&law, &word(threshold)),
        Some(MovesPlace::Samples { index, first }) => {
            thinned(&law, &format!("tables[{first}u + {} * {}u + b{number}]", word(index), place.width))
        }
    };
    (Vec::new(), events)
}
