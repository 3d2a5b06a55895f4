//! Names that say nothing.

use super::{File, Finding};
use crate::source::{Source, line_of, words};

/// Words that no file and no type may have in its name, and what they hide.
const EMPTY_WORDS: &[&str] = &["manager", "helper", "helpers", "util", "utils"];

pub(super) fn of_file(file: &File, source: &Source) -> Vec<Finding> {
    let mut found = Vec::new();
    for part in file.path.trim_end_matches(".rs").split('/') {
        found.extend(objection(part).map(|why| Finding::new(&file.path, 0, why)));
    }
    let mut before = "";
    for (at, word) in words(&source.code) {
        let declares = matches!(
            before,
            "struct" | "enum" | "trait" | "type" | "union" | "mod"
        );
        if declares && let Some(why) = objection(word) {
            found.push(Finding::new(&file.path, line_of(&source.code, at), why));
        }
        before = word;
    }
    found
}

fn objection(name: &str) -> Option<String> {
    let parts = parts(name);
    let empty = parts.iter().find(|p| EMPTY_WORDS.contains(&p.as_str()));
    let inner = parts.last().filter(|p| parts.len() > 1 && *p == "inner");
    let word = empty.or(inner)?;
    Some(format!(
        "the name {name} says nothing with {word:?} in it: name the job"
    ))
}

/// The words of a name in either case: `PeerTable` and `peer_table` are peer, table.
fn parts(name: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    for c in name.chars() {
        let starts = c.is_uppercase() || !c.is_alphanumeric();
        if starts && parts.last().is_some_and(|part| !part.is_empty()) {
            parts.push(String::new());
        }
        if let Some(part) = parts.last_mut().filter(|_| c.is_alphanumeric()) {
            part.extend(c.to_lowercase());
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}
