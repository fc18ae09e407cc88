//! A module becomes a [`Kernel`] by passing naga: parsed and validated before a driver sees it.

use super::{Layout, WgslError};

/// Checked shader text; only `validate` makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kernel {
    name: String,
    entry: &'static str,
    source: String,
}

impl Kernel {
    /// Ours, such as `update_0`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The entry point.
    pub fn entry(&self) -> &'static str {
        self.entry
    }

    /// WGSL.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The kernel with its text changed: planted faults are made this way, so that they pass naga as well.
    ///
    /// **Errors** a text that is no valid WGSL.
    pub fn altered(&self, change: impl Fn(&str) -> String, layout: &Layout) -> Result<Kernel, WgslError> {
        validate(self.name.clone(), self.entry, change(&self.source), layout)
    }
}

/// Parses and validates a module for web limits: no feature is allowed but immediates, where the layout takes them.
pub fn validate(name: String, entry: &'static str, source: String, layout: &Layout) -> Result<Kernel, WgslError> {
    let refused = |message: String| WgslError::Invalid { kernel: name.clone(), message };
    let module = naga::front::wgsl::parse_str(&source).map_err(|e| refused(e.emit_to_string(&source)))?;
    let none = naga::valid::Capabilities::empty();
    let allowed = if layout.immediates { naga::valid::Capabilities::IMMEDIATES } else { none };
    let mut validator = naga::valid::Validator::new(naga::valid::ValidationFlags::all(), allowed);
    validator.validate(&module).map_err(|e| refused(e.emit_to_string(&source)))?;
    if !module.entry_points.iter().any(|e| e.name == entry) {
        return Err(refused(format!("no entry point `{entry}`")));
    }
    Ok(Kernel { name, entry, source })
}
