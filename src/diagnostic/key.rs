//! Places in a description by keys and numbers: `population[1].parameters.tau_m`.

use std::fmt;

/// One step into a description.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// A key of a table.
    Name(String),
    /// From 0.
    Index(usize),
}

/// The way to a value from the top of a description.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct KeyPath(pub Vec<Key>);

impl KeyPath {
    /// Reads `times[3]`, `delay.normal.sd`; names hold no points and brackets.
    pub fn read(text: &str) -> KeyPath {
        let mut keys = Vec::new();
        for part in text.split('.') {
            let mut pieces = part.split('[');
            keys.extend(pieces.next().filter(|name| !name.is_empty()).map(|name| Key::Name(name.into())));
            keys.extend(pieces.filter_map(|piece| piece.strip_suffix(']')?.parse().ok()).map(Key::Index));
        }
        KeyPath(keys)
    }

    /// `section[k]`
    pub fn part(section: &str, k: usize) -> KeyPath {
        KeyPath(vec![Key::Name(section.into()), Key::Index(k)])
    }

    /// This way, then on.
    #[must_use]
    pub fn then(&self, rest: &KeyPath) -> KeyPath {
        KeyPath(self.0.iter().chain(&rest.0).cloned().collect())
    }

    /// Is it the top itself?
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (k, key) in self.0.iter().enumerate() {
            match key {
                Key::Name(name) if k == 0 => f.write_str(name)?,
                Key::Name(name) => write!(f, ".{name}")?,
                Key::Index(n) => write!(f, "[{n}]")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_are_read_and_written() {
        for text in ["weight", "times[3]", "delay.normal.sd", "connector.rows[2][0]", ""] {
            assert_eq!(KeyPath::read(text).to_string(), text);
        }
        let way = KeyPath::part("population", 1).then(&KeyPath::read("parameters.tau_m"));
        assert_eq!(way.to_string(), "population[1].parameters.tau_m");
    }
}
