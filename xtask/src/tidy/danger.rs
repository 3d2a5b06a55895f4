//! `unsafe` stands in three files, and says why each block is sound (docs/adr/0023).

use super::{File, Finding};
use crate::source::{Source, line_of, words};

/// Guest code: imports, the allocator, exports.
const GUEST: [&str; 3] = [
    "vm/sdk/src/host/wasm.rs",
    "vm/sdk/src/heap.rs",
    "vm/sdk/src/abi.rs",
];
/// A reason stands at most so many lines above its block.
const ABOVE: usize = 3;

pub(super) fn of_file(file: &File, source: &Source) -> Vec<Finding> {
    let mut found = Vec::new();
    let lines: Vec<_> = source.prose.lines().collect();
    for (at, _) in words(&source.code).filter(|(_, word)| *word == "unsafe") {
        let line = line_of(&source.code, at);
        if !GUEST.contains(&file.path.as_str()) {
            let why = "unsafe is for imports, allocator and exports of guest code alone";
            found.push(Finding::new(&file.path, line, why));
            continue;
        }
        let after = source.code[at + "unsafe".len()..].trim_start();
        let is_block = after.starts_with('{') || after.starts_with("impl");
        let above = line.saturating_sub(ABOVE + 1)..line;
        let reasons = lines.get(above).unwrap_or_default();
        if is_block && !reasons.iter().any(|line| line.contains("// SAFETY:")) {
            let why = "an unsafe block without a // SAFETY: comment above";
            found.push(Finding::new(&file.path, line, why));
        }
    }
    found
}

/// Crates forbid it by the lints of their workspace, which each has to take.
pub(super) fn of_manifest(file: &File) -> Option<Finding> {
    let is_crate = file.path.ends_with("Cargo.toml") && file.text.contains("[package]");
    let is_crate = is_crate && !file.text.contains("[workspace]");
    let takes = file.text.contains("[lints]\nworkspace = true");
    let why = "a crate takes the lints of its workspace: [lints] workspace = true";
    (is_crate && !takes).then(|| Finding::new(&file.path, 0, why))
}
