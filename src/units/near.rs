//! Which of some names was meant.
//!
//! In: a name as it was written, and those that there are. Out: the nearest, if it is near. Not here: what is said about it.

/// The nearest of some names by edit distance, if it is near enough to be what was meant.
pub fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (name.chars().count() / 3).max(1);
    names
        .map(|n| (distance(name, n), n))
        .filter(|(d, n)| *d <= limit && (*d < n.chars().count() || doubled(name, n)))
        .min_by_key(|(d, _)| *d)
        .map(|(_, n)| n)
}

/// `gg` for `g`.
fn doubled(name: &str, letter: &str) -> bool {
    letter.chars().count() == 1 && name.chars().all(|c| letter.starts_with(c))
}

/// How many letters are wrong, missing or too many, whatever their case; two that changed places count as one.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().take(64).collect(), b.chars().take(64).collect());
    let equal = |i: usize, j: usize| a[i].eq_ignore_ascii_case(&b[j]);
    // the row before the last, and the last
    let (mut older, mut row): (Vec<usize>, Vec<usize>) = (Vec::new(), (0..=b.len()).collect());
    for i in 0..a.len() {
        let mut next = vec![i + 1];
        for j in 0..b.len() {
            let mut least = (row[j] + usize::from(!equal(i, j))).min(row[j + 1] + 1).min(next[j] + 1);
            if i > 0 && j > 0 && equal(i, j - 1) && equal(i - 1, j) {
                least = least.min(older[j - 1] + 1);
            }
            next.push(least);
        }
        (older, row) = (row, next);
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_letters_that_changed_places_are_one_mistake() {
        let names = ["lif_psc_beta", "lif_psc_delta", "lif_psc_exp"];
        assert_eq!(nearest("lif_psc_dleta", names.into_iter()), Some("lif_psc_delta"));
        assert_eq!(nearest("lif_psc_xep", names.into_iter()), Some("lif_psc_exp"));
        assert_eq!(nearest("ecx", ["exc", "inh"].into_iter()), Some("exc"));
        assert_eq!(nearest("adex", names.into_iter()), None);
        assert_eq!((nearest("gg", ["h", "g"].into_iter()), nearest("ab", ["a"].into_iter())), (Some("g"), None));
        assert_eq!([distance("ab", "ba"), distance("abc", "cab"), distance("", "ab"), distance("mV", "Mv")], [1, 2, 2, 0]);
    }
}
