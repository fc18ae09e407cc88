//! `synfire new`: a network file to start from, which runs as it is, and the schema by which an editor knows its keys.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use synfire::Network;
use synfire::recording::file::write_whole;

use super::{Failure, say, schema};

#[derive(Args)]
pub struct New {
    /// What to call it: NAME.toml is written, and network.schema.json beside it
    name: PathBuf,
    /// Write over a file that is there
    #[arg(long)]
    force: bool,
}

/// As it is typed into a shell.
fn as_typed(path: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "_-./\\:+,@".contains(c);
    match () {
        () if path.chars().all(plain) => path.into(),
        () if cfg!(windows) => format!("\"{path}\""),
        () => format!("'{}'", path.replace('\'', "'\\''")),
    }
}

const TEXT: &str = include_str!("new.toml");

impl New {
    pub fn run(&self) -> Result<(), Failure> {
        let path = if self.name.extension().is_some_and(|e| e.eq_ignore_ascii_case("toml")) {
            self.name.clone()
        } else {
            let mut name = self.name.clone().into_os_string();
            name.push(".toml");
            PathBuf::from(name)
        };
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if stem.is_empty() || stem.starts_with('.') {
            let help = "write for example `synfire new balanced`";
            return Err(Failure::input(format!("error: `{}` is no name for a file\n  help: {help}", self.name.display())));
        }
        if path.exists() && !self.force {
            let help = "another name, or --force to write over it";
            return Err(Failure::input(format!("error: `{}` is there already\n  help: {help}", path.display())));
        }
        // as TOML writes a text, whatever letters the name has
        let quoted = serde_json::Value::from(stem).to_string();
        let text = TEXT.replacen("\"NAME\"", &quoted, 1);
        Network::from_toml(&text, &path.display().to_string()).map_err(Failure::input)?;
        write_whole(&path, |out| out.write_all(text.as_bytes()))?;
        let beside = path.with_file_name("network.schema.json");
        write_whole(&beside, |out| writeln!(out, "{}", schema::text()))?;
        say(format_args!("{} is there, and {} by which an editor knows its keys", path.display(), beside.display()));
        say(format_args!("next: synfire run {}", as_typed(&path.display().to_string())));
        Ok(())
    }
}
