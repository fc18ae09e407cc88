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

/// Adds the Poisson events of a step to what arrived.
pub fn background(plan: &Plan, place: &BackgroundPlace, sum: &str) -> Vec<String> {
    let (b, number) = (&plan.backgrounds[place.background], place.background);
    let weight = format!("params[{}u{}]", place.weight.first, place.weight.offset(place.width, &format!("b{number}")));
    let law = match place.law_of_place {
        Some(table) => format!("{}u + 3u * tables[{table}u + b{number}]", place.laws),
        None if place.own => format!("{}u + 3u * instance", place.laws),
        None => format!("{}u", place.laws),
    };
    let function = if place.wide { "many_events_of" } else { "events_of" };
    let row = above("row", place.first_row);
    let word = |word: u32| format!("inputs[record + {word}u]");
    let kept = |law: &str, threshold: &str| format!("kept_events_of(instance, {}u, {row}, record, {law}, {threshold})", b.stream);
    let events = match place.moves {
        None => format!("{function}(instance, {}u, {row}, record, {law})", b.stream),
        Some(MovesPlace::Together { law }) => kept(&word(law), &word(law + 1)),
        Some(MovesPlace::Threshold { word: threshold }) => kept(&law, &word(threshold)),
        Some(MovesPlace::Samples { index, first }) => {
            kept(&law, &format!("tables[{first}u + {} * {}u + b{number}]", word(index), place.width))
        }
    };
    let there = match place.moves {
        Some(MovesPlace::Samples { index, .. }) => format!(" && {} != NONE", word(index)),
        _ => String::new(),
    };
    vec![
        format!("let b{number} = {};", place_of(&place.member)),
        format!("if (inputs[record + {}u] != 0u && b{number} < {}u{there}) {{", place.on, place.width),
        format!("    {sum} = fma({weight}, {events}, {sum});"),
        "}".to_owned(),
    ]
}
