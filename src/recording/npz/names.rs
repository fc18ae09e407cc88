//! Names of arrays: never one for two things.
//!
//! In: what the parts of a recording are called. Out: a name for each, which leads to it alone whatever else is recorded
//! under plain names. Not here: what the arrays hold (`npz`).

use std::collections::HashMap;

/// One part of a recording: a population's spikes, a trace, a rate.
pub struct Part<'a> {
    /// The population; of a trace its variable too.
    pub words: Vec<&'a str>,
    /// What is put behind the name for its arrays; an empty one is the name itself.
    pub endings: &'static [&'static str],
}

/// Names that every archive has.
const FIXED: [&str; 4] = ["about", "dt_ms", "first_step", "steps"];

/// A name for each part, in order; its arrays are called so, with the endings behind it.
///
/// Plain: the words joined by `_` (a second trace of the same words ends in `_2`). Where arrays of two parts, or one of them
/// and a fixed one, would get one name, the words of both are joined by `%.` and their endings by `%_` instead: so `a_b` and
/// `c` is `a_b%.c`, `a` and `b_c` is `a%.b_c`, and `a_b_c` is neither. Words are escaped, so neither sign is part of one.
///
/// Words with spaces and arrows, such as `exc -> inh #2`, are written `exc_to_inh_2` where no other array has that name.
pub fn of(parts: &[Part]) -> Vec<String> {
    let (words, names) = escaped_names(parts);
    let arrays = |name: &String, part: &Part| part.endings.iter().map(|ending| array(name, ending)).collect::<Vec<String>>();
    let mut taken: HashMap<String, usize> = FIXED.iter().map(|name| (name.to_string(), 1)).collect();
    let readable: Vec<String> = words
        .iter()
        .map(|words| words.join("_").replace("%20-%3E%20", "_to_").replace("%20%23", "_").replace("%20", "_"))
        .collect();
    for ((name, own), part) in names.iter().zip(&readable).zip(parts) {
        arrays(name, part).into_iter().for_each(|array| *taken.entry(array).or_default() += 1);
        if own != name {
            arrays(own, part).into_iter().for_each(|array| *taken.entry(array).or_default() += 1);
        }
    }
    let free = |name: &String, part: &Part| arrays(name, part).iter().all(|array| taken.get(array) == Some(&1));
    let plain = |name: &String| !name.contains('%');
    let each = names.into_iter().zip(readable).zip(parts);
    each.map(|((name, own), part)| if plain(&own) && free(&own, part) { own } else { name }).collect()
}

/// The words of each part, escaped, and its name of these.
fn escaped_names(parts: &[Part]) -> (Vec<Vec<String>>, Vec<String>) {
    let mut seen: HashMap<Vec<String>, usize> = HashMap::new();
    let words: Vec<Vec<String>> = parts
        .iter()
        .map(|part| {
            let mut words: Vec<String> = part.words.iter().map(|word| escaped(word)).collect();
            // traces and rates of one population are different things
            let mut key = words.clone();
            key.extend(part.endings.iter().map(|ending| ending.to_string()));
            let number = seen.entry(key).and_modify(|n| *n += 1).or_insert(1);
            if *number > 1 {
                words.push(number.to_string());
            }
            words
        })
        .collect();
    let mut taken: HashMap<String, usize> = FIXED.iter().map(|name| (name.to_string(), 1)).collect();
    for (words, part) in words.iter().zip(parts) {
        for ending in part.endings {
            *taken.entry(format!("{}{ending}", words.join("_"))).or_default() += 1;
        }
    }
    let shared = |name: &String, part: &Part| part.endings.iter().any(|ending| taken[&format!("{name}{ending}")] > 1);
    let full = |words: &[String], part: &Part| {
        // one whose name is no array itself shows by its end that it is joined so
        let sign = if part.endings.contains(&"") { "" } else { "%" };
        format!("{}{sign}", words.join("%."))
    };
    let named = words.iter().zip(parts).map(|(words, part)| {
        let plain = words.join("_");
        if shared(&plain, part) { full(words, part) } else { plain }
    });
    let named = named.collect();
    (words, named)
}

/// The array of a part: its name, then an ending.
pub fn array(name: &str, ending: &str) -> String {
    let sign = if name.contains("%.") && !name.ends_with('%') && !ending.is_empty() { "%" } else { "" };
    format!("{name}{sign}{ending}")
}

/// Letters, digits and `_ + - .` as they are, all else as `%` and two digits for each byte of UTF-8, as in addresses.
pub fn escaped(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    let mut bytes = [0; 4];
    for c in word.chars() {
        if c.is_alphanumeric() || "_+-.".contains(c) {
            out.push(c);
        } else {
            c.encode_utf8(&mut bytes).bytes().for_each(|byte| out.push_str(&format!("%{byte:02X}")));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SPIKES: &[&str] = &["_step", "_neuron", "_time_ms", "_rows"];
    const TRACE: &[&str] = &["", "_time_ms", "_rows"];
    const RATE: &[&str] = &["_rate_hz", "_rate_time_ms", "_rate_count"];

    fn names(parts: &[(&[&str], &'static [&'static str])]) -> Vec<String> {
        of(&parts.iter().map(|(words, endings)| Part { words: words.to_vec(), endings }).collect::<Vec<_>>())
    }

    #[test]
    fn plain_names_are_plain_and_signs_stay_apart() {
        assert_eq!(names(&[(&["exc"], SPIKES), (&["E+"], SPIKES), (&["E-"], SPIKES)]), ["exc", "E+", "E-"]);
        assert_eq!(names(&[(&["exc 1"], SPIKES), (&["exc_1"], SPIKES)]), ["exc%201", "exc_1"]);
        assert_eq!(names(&[(&["exc", "v"], TRACE), (&["exc", "v"], TRACE), (&["exc"], RATE)]), ["exc_v", "exc_v_2", "exc"]);
        assert_eq!(names(&[(&["../é%"], SPIKES)]), ["..%2Fé%25"]);
    }

    #[test]
    fn spaces_and_arrows_are_readable_where_that_is_no_other_name() {
        assert_eq!(names(&[(&["exc 1"], SPIKES), (&["inh"], SPIKES)]), ["exc_1", "inh"]);
        assert_eq!(names(&[(&["S1 -> S1 #2", "s"], TRACE), (&["S1 -> S1", "s"], TRACE)]), ["S1_to_S1_2_s", "S1_to_S1_s"]);
        assert_eq!(names(&[(&["a b", "v"], TRACE), (&["a", "b_v"], TRACE)]), ["a%20b_v", "a_b_v"]);
        assert_eq!(names(&[(&["a b"], SPIKES), (&["a  b"], SPIKES), (&["a #b"], SPIKES)]), ["a%20b", "a__b", "a%20%23b"]);
        // a name of the span
        assert_eq!(names(&[(&["first step"], TRACE)]), ["first%20step"]);
    }

    #[test]
    fn what_would_meet_is_written_in_full() {
        let first = names(&[(&["first"], SPIKES)]);
        assert_eq!((first[0].as_str(), array(&first[0], "_step").as_str()), ("first%", "first%_step"));
        let met = names(&[(&["a", "b_c"], TRACE), (&["a_b", "c"], TRACE), (&["a", "c"], TRACE)]);
        assert_eq!(met, ["a%.b_c", "a_b%.c", "a_c"]);
        assert_eq!(array(&met[0], "_rows"), "a%.b_c%_rows");
        assert_eq!(array(&met[0], ""), "a%.b_c");
        assert_eq!(array(&met[2], "_rows"), "a_c_rows");
        assert_eq!(names(&[(&["a", "rate_hz"], TRACE), (&["a"], RATE)]), ["a%.rate_hz", "a%"]);
    }

    fn word() -> impl Strategy<Value = String> {
        proptest::collection::vec(
            proptest::sample::select(vec![
                "a",
                "_",
                "%",
                ".",
                "2",
                "first",
                "step",
                "rate",
                "hz",
                "time_ms",
                "rows",
                "_rate_time_ms",
                "+",
                "/",
                " ",
                " -> ",
                " #",
            ]),
            1..4,
        )
        .prop_map(|parts| parts.concat())
    }

    proptest! {
        #[test]
        fn no_two_arrays_share_a_name(traces in proptest::collection::vec((word(), word()), 0..8), rates in proptest::collection::vec(word(), 0..8)) {
            // a variable is a word of the language: it does not begin with a digit
            let traces: Vec<_> = traces.into_iter().map(|(population, variable)| (population, format!("v{variable}"))).collect();
            let mut parts: Vec<Part> =
                traces.iter().map(|(p, v)| Part { words: vec![p, v], endings: TRACE }).collect();
            parts.extend(rates.iter().map(|p| Part { words: vec![p], endings: RATE }));
            let mut all: Vec<String> = FIXED.iter().map(|name| name.to_string()).collect();
            for (name, part) in of(&parts).iter().zip(&parts) {
                all.extend(part.endings.iter().map(|ending| array(name, ending)));
            }
            let count = all.len();
            let set: std::collections::HashSet<_> = all.into_iter().collect();
            prop_assert_eq!(set.len(), count);
        }
    }
}
