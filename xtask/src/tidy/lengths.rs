//! How long files, lines and functions may be.

use super::{File, Finding};
use crate::source::Source;

const FILE_LINES: usize = 600;
const MEDIAN_LINES: usize = 200;
const LINE_CHARS: usize = 100;
/// A longer run without spaces, such as a test vector, can't be broken.
const WORD_CHARS: usize = 64;
const FUNCTION_LINES: usize = 70;
const INLINE_TEST_LINES: usize = 100;

/// A function above the limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LongFunction {
    pub(super) path: String,
    pub(super) name: String,
    pub(super) line: usize,
    pub(super) lines: usize,
}

pub(super) fn of_file(file: &File) -> Vec<Finding> {
    let mut found = Vec::new();
    let lines = file.text.lines().count();
    if lines > FILE_LINES {
        let why = format!("{lines} lines; a file has at most {FILE_LINES}: one noun per file");
        found.push(Finding::new(&file.path, 0, why));
    }
    for (at, line) in file.text.lines().enumerate() {
        let chars = line.chars().count();
        if chars > LINE_CHARS && !is_unbreakable(line) {
            let why = format!("{chars} characters; a line has at most {LINE_CHARS}");
            found.push(Finding::new(&file.path, at + 1, why));
        }
    }
    found
}

pub(super) fn inline_tests(file: &File, source: &Source) -> Vec<Finding> {
    let modules = source.inline_tests().into_iter();
    let long = modules.filter(|&(_, lines)| lines > INLINE_TEST_LINES);
    let say = |(line, lines)| {
        let why = format!(
            "{lines} lines of tests inline, at most {INLINE_TEST_LINES}: move them to tests.rs"
        );
        Finding::new(&file.path, line, why)
    };
    long.map(say).collect()
}

pub(super) fn of_all(files: &[File]) -> Option<Finding> {
    let median = median(files);
    let why = format!("the median file has {median} lines; at most {MEDIAN_LINES}: split files");
    (median > MEDIAN_LINES).then(|| Finding::new("*.rs", 0, why))
}

pub(super) fn median(files: &[File]) -> usize {
    let rust = files.iter().filter(|file| file.is_rust());
    let mut lines: Vec<_> = rust.map(|file| file.text.lines().count()).collect();
    lines.sort_unstable();
    lines.get(lines.len() / 2).copied().unwrap_or_default()
}

pub(super) fn long_functions(file: &File, source: &Source) -> Vec<LongFunction> {
    let functions = source.functions();
    let long = functions.into_iter().filter(|f| f.lines > FUNCTION_LINES);
    let place = |function: crate::source::Function| LongFunction {
        path: file.path.clone(),
        name: function.name,
        line: function.line,
        lines: function.lines,
    };
    long.map(place).collect()
}

fn is_unbreakable(line: &str) -> bool {
    let mut words = line.split_whitespace();
    words.any(|word| word.chars().count() > WORD_CHARS)
}
