//! Rules that no compiler knows: lengths, names, words, crate docs.
//!
//! They look at tracked files only, so that a scratch file disturbs nobody.

mod danger;
mod lengths;
mod names;
mod ratchet;
#[cfg(test)]
mod tests;
mod wording;

use std::fmt;
use std::fs;
use std::path::Path;
use std::process::Command;

use eyre::{Context, Result, ensure};

use crate::layers::FLOORS;
use crate::source::Source;
use crate::workspace::Workspace;
use ratchet::Ratchet;

/// Where the functions stand that are longer than they should be.
const RATCHET: &str = "xtask/tidy-ratchet.txt";

/// A rule that is broken at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    path: String,
    /// From 1; 0 for the file as a whole.
    line: usize,
    why: String,
}

impl Finding {
    fn new(path: &str, line: usize, why: impl Into<String>) -> Self {
        let (path, why) = (path.to_owned(), why.into());
        Self { path, line, why }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.path, self.why),
            line => write!(f, "{}:{line}: {}", self.path, self.why),
        }
    }
}

/// A tracked text file.
#[derive(Clone, Debug)]
pub(crate) struct File {
    /// Relative to the workspace root, with `/`.
    pub(crate) path: String,
    /// Its content.
    pub(crate) text: String,
}

impl File {
    fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// In a pure crate and not a test of it.
    fn is_pure(&self) -> bool {
        let folder = self.path.split('/').next().unwrap_or_default();
        let pure = FLOORS.iter().any(|f| f.pure && f.folder == folder);
        let source = self.path.split('/').nth(1) == Some("src");
        pure && source && !self.is_test() && !self.path.starts_with("store/src/db/")
    }

    fn is_test(&self) -> bool {
        let test = |part: &str| matches!(part, "tests" | "tests.rs" | "benches");
        self.path.split('/').any(test)
    }

    /// The page that describes a crate stands at its head.
    fn is_crate_root(&self) -> bool {
        self.path.ends_with("/src/lib.rs") || self.path.ends_with("/src/main.rs")
    }
}

/// Prints what is untidy; true if nothing is.
pub(crate) fn run(workspace: &Workspace) -> Result<bool> {
    let files = tracked_files(&workspace.root)?;
    let list = fs::read_to_string(workspace.root.join(RATCHET));
    let ratchet = Ratchet::parse(&list.wrap_err(RATCHET)?)?;
    let findings = findings(&files, &ratchet);
    for finding in &findings {
        eprintln!("tidy: {finding}");
    }
    let median = lengths::median(&files);
    let count = files.iter().filter(|file| file.is_rust()).count();
    println!(
        "tidy: {count} Rust files, median {median} lines, {} findings",
        findings.len()
    );
    Ok(findings.is_empty())
}

/// Everything that the rules say about `files`.
pub(crate) fn findings(files: &[File], ratchet: &Ratchet) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut long = Vec::new();
    for file in files {
        found.extend(wording::paths(file));
        found.extend(danger::of_manifest(file));
        if file.path == "Cargo.lock" {
            found.extend(wording::sources(file));
        }
        if file.is_rust() {
            let source = Source::read(&file.text);
            found.extend(danger::of_file(file, &source));
            found.extend(lengths::of_file(file));
            found.extend(lengths::inline_tests(file, &source));
            found.extend(names::of_file(file, &source));
            found.extend(wording::unfinished(file, &source));
            found.extend(wording::forbidden(file, &source));
            found.extend(wording::crate_doc(file));
            long.extend(lengths::long_functions(file, &source));
        }
    }
    found.extend(lengths::of_all(files));
    found.extend(ratchet.compare(&long));
    found
}

fn tracked_files(root: &Path) -> Result<Vec<File>> {
    let output = Command::new("git")
        .args(["ls-files", "-z"])
        .current_dir(root)
        .output()
        .wrap_err("git did not start")?;
    ensure!(output.status.success(), "git ls-files failed");
    let names = String::from_utf8(output.stdout)?;
    let names = names.split('\0').filter(|name| !name.is_empty());
    Ok(names.filter_map(|name| read(root, name)).collect())
}

/// None for a file that is gone or no text.
fn read(root: &Path, path: &str) -> Option<File> {
    let text = fs::read_to_string(root.join(path)).ok()?;
    let path = path.to_owned();
    Some(File { path, text })
}
