//! Rust source as the tidy rules see it: with comments and literals told apart from code.

#[cfg(test)]
mod tests;

/// A file with the parts that a rule does not look at blanked, line by line as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    /// Without comments and literals.
    pub(crate) code: String,
    /// Without literals.
    pub(crate) prose: String,
}

/// A function with a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Function {
    /// Its name.
    pub(crate) name: String,
    /// Line of its `fn`, from 1.
    pub(crate) line: usize,
    /// Lines from its `fn` to its closing brace.
    pub(crate) lines: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Piece {
    Code,
    Comment,
    Literal,
}

impl Source {
    /// Tells the parts of `text` apart.
    pub(crate) fn read(text: &str) -> Self {
        let mut source = Self {
            code: String::with_capacity(text.len()),
            prose: String::with_capacity(text.len()),
        };
        let mut rest = text;
        while !rest.is_empty() {
            let (piece, length) = next_piece(rest);
            let (head, tail) = rest.split_at(length);
            push(&mut source.code, head, piece == Piece::Code);
            push(&mut source.prose, head, piece != Piece::Literal);
            rest = tail;
        }
        source
    }

    /// Its functions, nested ones too, in order.
    pub(crate) fn functions(&self) -> Vec<Function> {
        let mut found = Vec::new();
        for (at, word) in words(&self.code) {
            if word == "fn" {
                found.extend(function_at(&self.code, at));
            }
        }
        found
    }

    /// Its inline modules called `tests`: line of the `mod`, from 1, and lines.
    pub(crate) fn inline_tests(&self) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        let mut before = "";
        for (at, word) in words(&self.code) {
            if (before, word) == ("mod", "tests") {
                let lines = block_lines(&self.code[at..]);
                found.extend(lines.map(|lines| (line_of(&self.code, at), lines)));
            }
            before = word;
        }
        found
    }
}

/// The identifiers and keywords of a text with their positions.
pub(crate) fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + text[at..].find(is_word)?;
        let length = text[start..].find(|c| !is_word(c));
        at = length.map_or(text.len(), |length| start + length);
        Some((start, &text[start..at]))
    })
}

/// The line of a position, from 1.
pub(crate) fn line_of(text: &str, at: usize) -> usize {
    1 + text[..at].matches('\n').count()
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn push(to: &mut String, piece: &str, visible: bool) {
    match visible {
        true => to.push_str(piece),
        false => to.extend(piece.chars().map(|c| if c == '\n' { c } else { ' ' })),
    }
}

/// What stands at the head of a text, and its bytes. Always at least one character.
fn next_piece(rest: &str) -> (Piece, usize) {
    let first = rest.chars().next().unwrap_or(' ');
    if rest.starts_with("//") {
        (Piece::Comment, rest.find('\n').unwrap_or(rest.len()))
    } else if rest.starts_with("/*") {
        (Piece::Comment, block_comment(rest))
    } else if first == '"' {
        (Piece::Literal, quoted(rest, '"'))
    } else if first == '\'' {
        char_or_lifetime(rest)
    } else if is_word(first) {
        word_or_literal(rest)
    } else {
        (Piece::Code, first.len_utf8())
    }
}

fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    rest.len()
}

fn char_or_lifetime(rest: &str) -> (Piece, usize) {
    let mut after = rest.chars().skip(1);
    match (after.next(), after.next()) {
        (Some('\\'), _) | (Some(_), Some('\'')) => (Piece::Literal, quoted(rest, '\'')),
        _ => (Piece::Code, 1),
    }
}

fn word_or_literal(rest: &str) -> (Piece, usize) {
    let word = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
    let tail = &rest[word..];
    let hashes = tail.len() - tail.trim_start_matches('#').len();
    match &rest[..word] {
        "r" | "br" | "cr" if tail[hashes..].starts_with('"') => {
            let end = format!("\"{}", "#".repeat(hashes));
            let start = word + hashes + 1;
            let length = rest[start..].find(&end);
            (
                Piece::Literal,
                length.map_or(rest.len(), |l| start + l + end.len()),
            )
        }
        "b" | "c" if tail.starts_with('"') => (Piece::Literal, word + quoted(tail, '"')),
        _ => (Piece::Code, word),
    }
}

/// The function whose `fn` stands at `at`; none for a pointer type or one without body.
fn function_at(code: &str, at: usize) -> Option<Function> {
    let after = &code[at + 2..];
    let (0, name) = words(after.trim_start()).next()? else {
        return None;
    };
    Some(Function {
        name: name.to_owned(),
        line: line_of(code, at),
        lines: block_lines(after)?,
    })
}

/// Lines until the first block of a text closes; none if an item without block ends before.
fn block_lines(text: &str) -> Option<usize> {
    let mut depth = 0_i32;
    let mut open = false;
    for (offset, c) in text.char_indices() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            ';' if depth == 0 && !open => return None,
            '{' => (depth, open) = (depth + 1, true),
            '}' => depth -= 1,
            _ => {}
        }
        if open && depth == 0 {
            return Some(1 + text[..offset].matches('\n').count());
        }
    }
    None
}
