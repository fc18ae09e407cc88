//! What is said while a description is checked: which part it is about, and where in that part.

use super::Checker;
use crate::diagnostic::{Diagnostic, Key, KeyPath, Report};

impl Checker<'_> {
    /// From here on, what is said is about this part. `label` is what messages begin with.
    pub(super) fn enter(&mut self, label: &str, path: KeyPath) {
        self.label.clear();
        self.label.push_str(label);
        self.remarks.here = path;
    }

    /// Looks at what stands under a key of the part.
    pub(super) fn within<T>(&mut self, key: &str, look: impl FnOnce(&mut Self) -> T) -> T {
        // what stands in no description has no keys either
        let known = !self.remarks.here.is_empty();
        if known {
            self.remarks.here.0.push(Key::Name(key.to_string()));
        }
        let seen = look(self);
        if known {
            self.remarks.here.0.pop();
        }
        seen
    }

    pub(super) fn say(&mut self, mut diagnostic: Diagnostic) {
        let known = !self.remarks.here.is_empty() || self.label == "network";
        diagnostic.path = if known { self.remarks.here.then(&diagnostic.path) } else { KeyPath::default() };
        self.labels.push(self.label.clone());
        self.diagnostics.push(diagnostic);
    }

    /// Says it, unless something has been said of this place already.
    pub(super) fn unless_said(&mut self, diagnostic: Diagnostic) {
        let path = self.remarks.here.then(&diagnostic.path);
        if !self.diagnostics.iter().any(|d| d.path.to_string().starts_with(&path.to_string())) {
            self.say(diagnostic);
        }
    }

    /// The value, or what is wrong is noted.
    pub(super) fn accept<T>(&mut self, outcome: Result<T, Diagnostic>) -> Option<T> {
        outcome
            .map_err(|d| {
                if d.code != super::names::SAID {
                    self.say(d)
                }
            })
            .ok()
    }

    /// What was settled, if nothing was said against it.
    pub(super) fn said<T>(mut self, settled: Option<T>) -> Result<T, Report> {
        match settled {
            Some(settled) if self.diagnostics.is_empty() => Ok(settled),
            _ => {
                // without a model that is broken nothing is settled, and what is wrong with that has been said
                if self.diagnostics.is_empty() && self.models.broken.is_empty() {
                    self.say(Diagnostic::new("E099", "the check stopped without a reason; please report this"));
                }
                Err(self.network.placed(self.diagnostics.into_iter().zip(self.labels).collect()))
            }
        }
    }
}
