//! `synfire schema`: the form of network files, for editors.

use clap::Args;

use super::{Failure, say};

/// The JSON Schema as text.
pub fn text() -> String {
    format!("{:#}", synfire::network::schema())
}

#[derive(Args)]
pub struct Schema {
    /// The page of keys for people instead, as Markdown
    #[arg(long)]
    markdown: bool,
}

impl Schema {
    pub fn run(&self) -> Result<(), Failure> {
        say(if self.markdown { synfire::network::keys().trim_end().to_string() } else { text() });
        Ok(())
    }
}
