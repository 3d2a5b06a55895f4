//! Reading a text from its front.

/// What is left of a text.
#[derive(Clone, Debug)]
pub(super) struct Cursor<'a> {
    rest: &'a str,
}

impl<'a> Cursor<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self { rest: text }
    }

    /// Takes a mark if it is next, and the spaces before it.
    pub(super) fn take(&mut self, mark: &str) -> bool {
        let next = self.rest.trim_start().strip_prefix(mark);
        self.rest = next.unwrap_or(self.rest);
        next.is_some()
    }

    /// The next letters, digits and signs that belong to a word, and the spaces before them.
    pub(super) fn word(&mut self) -> &'a str {
        let text = self.rest.trim_start();
        let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '+' | '-' | '.');
        let end = text.find(|c| !inside(c)).unwrap_or(text.len());
        let (word, rest) = text.split_at(end);
        self.rest = rest;
        word
    }

    /// What is left up to the next mark of a list, spaces around it taken away.
    pub(super) fn plain(&mut self) -> &'a str {
        let end = self.rest.find([',', ')', ']', '}']);
        let (plain, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        plain.trim()
    }

    /// A text in quotation marks, as JSON writes it; `None` when it is not closed.
    pub(super) fn quoted(&mut self) -> Option<String> {
        let text = self.rest.trim_start();
        let mut after = text.strip_prefix('"')?;
        loop {
            let at = after.find(['"', '\\'])?;
            let skip = if after[at..].starts_with('"') { 1 } else { 2 };
            after = after.get(at + skip..)?;
            if skip == 1 {
                break;
            }
        }
        let (quoted, rest) = text.split_at(text.len() - after.len());
        self.rest = rest;
        serde_json::from_str(quoted).ok()
    }

    /// Whether a mark is next, behind spaces.
    pub(super) fn is_at(&self, mark: &str) -> bool {
        self.rest.trim_start().starts_with(mark)
    }

    /// All that is left.
    pub(super) const fn rest(&self) -> &'a str {
        self.rest
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.rest.trim().is_empty()
    }
}
