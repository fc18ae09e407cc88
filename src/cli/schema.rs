//! `synfire schema`: the form of network files, for editors.

use super::{Failure, say};

/// The JSON Schema as text.
pub fn text() -> String {
    format!("{:#}", synfire::network::schema())
}

pub fn run() -> Result<(), Failure> {
    say(text());
    Ok(())
}
