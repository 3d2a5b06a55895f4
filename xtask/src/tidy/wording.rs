//! Words that must not stand where they stand.

use super::{File, Finding};
use crate::source::{Source, line_of, words};

/// Marks of work that nobody has written down: each needs an issue's number on its line.
const UNFINISHED: &[&str] = &["TODO", "FIXME", "XXX"];
/// The same as code.
const UNFINISHED_CODE: &[&str] = &["todo!", "unimplemented!", "#[ignore"];

/// What a pure crate must not name, as word or path.
const IMPURE: &[&str] = &[
    "HashMap",
    "HashSet",
    "Instant::now",
    "SystemTime",
    "f32",
    "f64",
    "thread_rng",
    "OsRng",
    "thread::spawn",
    "TcpStream",
    "UdpSocket",
];

/// What the shells must not call, even where they opt out of clippy's lists.
const UNBOUNDED: &[&str] = &["do_send", "AtomicResponse", "run_later", "run_interval"];

/// Heads of absolute paths that exist on one machine only.
const MACHINE_FOLDERS: &[&str] = &["home", "Users", "work"];
/// Folders beside the repository that a clone does not have.
const FOREIGN_FOLDERS: &[&str] = &["shared"];

/// Where a locked package may come from.
const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Work marked as undone without an issue.
pub(super) fn unfinished(file: &File, source: &Source) -> Vec<Finding> {
    let mut found = Vec::new();
    let lines = file.text.lines().zip(source.prose.lines());
    for (at, ((line, prose), code)) in lines.zip(source.code.lines()).enumerate() {
        let word = words(prose).find(|(_, word)| UNFINISHED.contains(word));
        let macros = UNFINISHED_CODE.iter().find(|mark| code.contains(*mark));
        let mark = word.map(|(_, word)| word).or(macros.copied());
        if let Some(mark) = mark.filter(|_| !cites_issue(line)) {
            let why = format!("{mark} without an issue: write #NUMBER on the line or do it");
            found.push(Finding::new(&file.path, at + 1, why));
        }
    }
    found
}

/// Impure words in pure crates, unbounded sends in the node.
pub(super) fn forbidden(file: &File, source: &Source) -> Vec<Finding> {
    let (list, why) = if file.is_pure() {
        (IMPURE, "is not for a pure crate: take it as an input")
    } else if file.path.starts_with("node/src/") {
        (
            UNBOUNDED,
            "ignores the mailbox's bound or the clock task: use a port",
        )
    } else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for word in list {
        for (at, _) in source.code.match_indices(word) {
            if stands_alone(&source.code, at, word.len()) {
                let line = line_of(&source.code, at);
                found.push(Finding::new(&file.path, line, format!("{word} {why}")));
            }
        }
    }
    found
}

/// A crate without a page that says what it is for.
pub(super) fn crate_doc(file: &File) -> Option<Finding> {
    let doc = file.text.lines().find_map(|line| line.strip_prefix("//!"));
    let said = doc.unwrap_or_default().split_whitespace().count();
    let why = "the crate has no page: begin with a sentence in //! on what it is for";
    (file.is_crate_root() && said < 4).then(|| Finding::new(&file.path, 1, why))
}

/// Paths that lead out of the repository.
pub(super) fn paths(file: &File) -> Vec<Finding> {
    let mut found = Vec::new();
    for (at, line) in file.text.lines().enumerate() {
        let machine = MACHINE_FOLDERS.iter().map(|folder| format!("/{folder}/"));
        let foreign = FOREIGN_FOLDERS.iter().map(|folder| format!("{folder}/"));
        for path in machine.chain(foreign) {
            if begins_in(line, &path) {
                let why = format!("{path} is no part of the repository");
                found.push(Finding::new(&file.path, at + 1, why));
            }
        }
    }
    found
}

/// Locked packages from elsewhere than the public registry.
pub(super) fn sources(file: &File) -> Vec<Finding> {
    let mut found = Vec::new();
    for (at, line) in file.text.lines().enumerate() {
        let source = line.strip_prefix("source = ");
        if source.is_some_and(|source| source.trim_matches('"') != REGISTRY) {
            let why = "a package from elsewhere than crates.io can vanish or change";
            found.push(Finding::new(&file.path, at + 1, why));
        }
    }
    found
}

fn cites_issue(line: &str) -> bool {
    let mut after = line.split('#').skip(1);
    after.any(|text| text.starts_with(|c: char| c.is_ascii_digit()))
}

fn stands_alone(text: &str, at: usize, length: usize) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    !text[..at].ends_with(is_word) && !text[at + length..].starts_with(is_word)
}

/// Whether a path in `line` begins with `head`, `../` in front not counted.
fn begins_in(line: &str, head: &str) -> bool {
    let inside = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '}' | ':');
    line.match_indices(head).any(|(at, _)| {
        let before = &line[..at];
        before.ends_with("../") || !before.ends_with(inside)
    })
}
