//! Long functions that are known: the list may only shrink.

use std::collections::BTreeMap;

use eyre::{ContextCompat, Result};

use super::lengths::LongFunction;
use super::{Finding, RATCHET};

/// Path and name of a function → the lines it had when it was last shortened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ratchet(BTreeMap<(String, String), usize>);

impl Ratchet {
    /// Reads lines of `PATH NAME LINES`; `#` begins a comment.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let lines = text.lines().map(str::trim);
        let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        lines.map(entry).collect::<Result<_>>().map(Self)
    }

    /// New or grown functions, and entries that must be lowered or removed.
    pub(super) fn compare(&self, long: &[LongFunction]) -> Vec<Finding> {
        let mut found = Vec::new();
        let mut longest: BTreeMap<(String, String), usize> = BTreeMap::new();
        for function in long {
            let key = (function.path.clone(), function.name.clone());
            let allowed = self.0.get(&key).copied();
            if allowed.is_none_or(|allowed| function.lines > allowed) {
                found.push(too_long(function, allowed));
            }
            let lines = longest.entry(key).or_default();
            *lines = function.lines.max(*lines);
        }
        for (key, &allowed) in &self.0 {
            let lines = longest.get(key).copied().unwrap_or_default();
            found.extend((lines < allowed).then(|| outdated(key, lines)));
        }
        found
    }
}

fn entry(line: &str) -> Result<((String, String), usize)> {
    let mut fields = line.split_whitespace();
    let mut field = || {
        let next = fields.next().map(str::to_owned);
        next.wrap_err_with(|| format!("{RATCHET}: {line:?} is not PATH NAME LINES"))
    };
    Ok(((field()?, field()?), field()?.parse()?))
}

fn too_long(function: &LongFunction, allowed: Option<usize>) -> Finding {
    let LongFunction { name, lines, .. } = function;
    let limit = match allowed {
        Some(allowed) => format!("it had {allowed} and may only shrink"),
        None => "a function has at most 70: give its parts names".to_owned(),
    };
    let why = format!("fn {name} has {lines} lines; {limit}");
    Finding::new(&function.path, function.line, why)
}

fn outdated((path, name): &(String, String), lines: usize) -> Finding {
    let why = match lines {
        0 => format!("{path} {name} is short or gone: remove its line"),
        lines => format!("{path} {name} has shrunk: lower its line to {lines}"),
    };
    Finding::new(RATCHET, 0, why)
}
