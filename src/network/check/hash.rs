//! The name of a description by its content: what a recording says it was made from.

use std::collections::BTreeSet;
use std::io::{Read, Write};

use sha2::{Digest, Sha256};

use super::Checker;
use crate::diagnostic::{Diagnostic, KeyPath};

struct Hasher(Sha256);

impl Write for Hasher {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Checker<'_> {
    /// SHA-256 of the description as JSON (keys in the order of the types, so that it is canonical), then of every table and file of events:
    /// its path, a zero byte, and the hash of its bytes.
    pub(super) fn hash(&mut self) -> Option<String> {
        self.enter("network", KeyPath::default());
        let mut all = Hasher(Sha256::new());
        let written = serde_json::to_writer(&mut all, self.network);
        self.accept(written.map_err(|e| Diagnostic::new("E045", format!("network: cannot be written as JSON: {e}"))))?;
        let paths: BTreeSet<_> = self.tables.keys().chain(&self.event_files).cloned().collect();
        for path in paths {
            let digest = self.inside("network", &path).and_then(|full| {
                hash_file(&full).map_err(|e| Diagnostic::new("E081", format!("network: `{}` cannot be read: {e}", path.display())))
            });
            let digest = self.accept(digest)?;
            all.0.update(path.to_string_lossy().as_bytes());
            all.0.update([0]);
            all.0.update(digest);
        }
        Some(all.0.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

fn hash_file(path: &std::path::Path) -> std::io::Result<Vec<u8>> {
    let mut file = std::fs::File::open(path)?;
    let mut hash = Sha256::new();
    let mut block = vec![0; 1 << 16];
    loop {
        let count = file.read(&mut block)?;
        if count == 0 {
            return Ok(hash.finalize().to_vec());
        }
        hash.update(&block[..count]);
    }
}
