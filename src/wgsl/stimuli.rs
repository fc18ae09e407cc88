//! Stimuli as statements: what a continuous input holds, Poisson events at a port.
//!
//! In: the places of a layout. Out: lines that add to a variable. Not here: levels over time (`engine::gpu::records`).

use super::body::offset;
use super::layout::{BackgroundPlace, ColumnPlace, Member, Term};
use crate::plan::Plan;

/// The place of a row in a set of rows, `NONE` or beyond for others.
pub fn place_of(member: &Member) -> String {
    match member {
        Member::Range { first, .. } => format!("row - {first}u"),
        Member::Listed { table } => format!("tables[{table}u + row]"),
    }
}

/// Adds a term of a drive to `sum`.
pub fn term(plan: &Plan, term: &Term, rows: u32, sum: &str) -> Vec<String> {
    let column = |place: ColumnPlace| format!("params[{}u{}]", place.first, offset(place, rows, "row"));
    // a factor of the instance, where there is one
    let scaled = |value: String| match term.scale() {
        Some(scale) => format!("({value} * {})", column(scale)),
        None => value,
    };
    match term {
        Term::Level { level, factor, .. } => {
            let level = scaled(format!("bitcast<f32>(inputs[record + {level}u])"));
            vec![match factor {
                Some(factor) => format!("{sum} = fma({}, {level}, {sum});", column(*factor)),
                None => format!("{sum} = ({sum} + {level});"),
            }]
        }
        Term::Noise { on, mean, sd, tag, first_row, .. } => {
            let draw = format!(
                "normal_of(instance, {tag}u, row - {first_row}u, inputs[record + {}u], inputs[record + {}u])",
                on + 1,
                on + 2
            );
            vec![
                format!("if (inputs[record + {on}u] != 0u) {{"),
                format!("    {sum} = ({sum} + {});", scaled(format!("fma({}, {draw}, {})", column(*sd), column(*mean)))),
                "}".to_owned(),
            ]
        }
        Term::Samples { drive, index, first, width, member, .. } => {
            let _ = plan;
            let (at, which) = (format!("w{drive}"), format!("inputs[record + {index}u]"));
            vec![
                format!("let {at} = {};", place_of(member)),
                format!("if ({which} != NONE && {at} < {width}u) {{"),
                format!("    {sum} = ({sum} + {});", scaled(format!("params[{first}u + {which} * {width}u + {at}]"))),
                "}".to_owned(),
            ]
        }
    }
}

/// Adds the Poisson events of a step to what arrived.
pub fn background(plan: &Plan, place: &BackgroundPlace, sum: &str) -> Vec<String> {
    let (b, number) = (&plan.backgrounds[place.background], place.background);
    let weight = format!("params[{}u{}]", place.weight.first, offset(place.weight, place.width, &format!("b{number}")));
    let law = match place.law_of_place {
        Some(table) => format!("{}u + 3u * tables[{table}u + b{number}]", place.laws),
        None => format!("{}u", place.laws),
    };
    let events = format!("events_of(instance, {}u, row - {}u, record, {law})", b.stream, place.first_row);
    vec![
        format!("let b{number} = {};", place_of(&place.member)),
        format!("if (inputs[record + {}u] != 0u && b{number} < {}u) {{", place.on, place.width),
        format!("    {sum} = fma({weight}, {events}, {sum});"),
        "}".to_owned(),
    ]
}
