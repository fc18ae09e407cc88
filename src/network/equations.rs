//! Equations inside a network file: where each of their letters stands in the file.

/// For each byte of a text, and for its end, where it stands in the quoted string of TOML or JSON that it was read from; `None`
/// for a string that does not begin with this text.
pub(super) fn offsets(quoted: &str, text: &str) -> Option<Vec<usize>> {
    let mut raw = start(quoted);
    let mut out = Vec::with_capacity(text.len() + 1);
    for c in text.chars() {
        loop {
            let rest = quoted.get(raw..)?;
            if rest.starts_with(c) {
                out.extend((0..c.len_utf8()).map(|k| raw + k));
                raw += c.len_utf8();
                break;
            }
            // lines may end as on Windows, or go on behind a backslash
            if rest.starts_with('\r') {
                raw += 1;
            } else if let Some(after) = rest.strip_prefix('\\') {
                let blank = after.len() - after.trim_start().len();
                if after[..blank].contains('\n') {
                    raw += 1 + blank;
                    continue;
                }
                let (found, length) = escape(after)?;
                if found != c {
                    return None;
                }
                out.extend(std::iter::repeat_n(raw, c.len_utf8()));
                raw += 1 + length;
                break;
            } else {
                return None;
            }
        }
    }
    out.push(raw);
    Some(out)
}

/// Behind the quotes, and behind the line that ends with them.
fn start(quoted: &str) -> usize {
    for quotes in ["\"\"\"", "'''"] {
        if let Some(rest) = quoted.strip_prefix(quotes) {
            let line = if rest.starts_with("\r\n") { 2 } else { usize::from(rest.starts_with('\n')) };
            return 3 + line;
        }
    }
    1
}

/// The letter that an escape stands for, and how long it is.
fn escape(after: &str) -> Option<(char, usize)> {
    let first = after.chars().next()?;
    let digits = |count: usize| {
        let code = u32::from_str_radix(after.get(1..1 + count)?, 16).ok()?;
        Some((char::from_u32(code)?, 1 + count))
    };
    match first {
        'n' => Some(('\n', 1)),
        't' => Some(('\t', 1)),
        'r' => Some(('\r', 1)),
        '"' | '\\' | '/' => Some((first, 1)),
        'x' => digits(2),
        'u' => digits(4),
        'U' => digits(8),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(quoted: &str, text: &str, word: &str) -> usize {
        offsets(quoted, text).unwrap()[text.find(word).unwrap()]
    }

    #[test]
    fn letters_are_found_whatever_the_quotes() {
        let text = "neuron a\n  state µ = 1\n  x = y";
        assert_eq!(at("\"\"\"\nneuron a\n  state µ = 1\n  x = y\"\"\"", text, "y"), 34);
        let windows = "'''\r\nneuron a\r\n  state µ = 1\r\n  x = y'''";
        assert_eq!(at(windows, text, "y"), windows.find("y'").unwrap());
        let escaped = "\"neuron a\\n  state \\u00b5 = 1\\n  x = y\"";
        assert_eq!(at(escaped, text, "y"), escaped.find("y\"").unwrap());
        let joined = "\"\"\"neuron a\n  state µ = 1\n  x = \\\n     y\"\"\"";
        assert_eq!(at(joined, text, "y"), joined.find("y\"").unwrap());
        assert_eq!(offsets("\"other\"", text), None);
    }
}
