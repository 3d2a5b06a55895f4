//! Names of types, put together while a contract is compiled.

/// Bytes of a name: as many as a log's topic may have.
const MOST: usize = 64;

/// The name of a type, or a log's topic with its types; at most 64 bytes, which is checked when
/// one that is longer is used.
#[derive(Clone, Copy)]
pub struct Name {
    bytes: [u8; MOST],
    length: usize,
}

impl Name {
    /// A name of one word.
    pub const fn new(text: &str) -> Self {
        let none = Self {
            bytes: [0; MOST],
            length: 0,
        };
        none.then(text)
    }

    /// The name and a text after it.
    #[must_use]
    pub const fn then(self, text: &str) -> Self {
        self.append(text.as_bytes())
    }

    /// The name and another one after it.
    #[must_use]
    pub const fn and(self, other: &Self) -> Self {
        self.append(other.as_bytes())
    }

    /// The name and another one after it, with a comma between them inside of brackets.
    #[must_use]
    pub const fn item(self, other: &Self) -> Self {
        let first = self.length == 1;
        let comma = if first { self } else { self.then(",") };
        comma.and(other)
    }

    /// The name and a number after it.
    #[must_use]
    pub const fn number(self, number: usize) -> Self {
        let rest = match number / 10 {
            0 => self,
            tens => self.number(tens),
        };
        rest.append(&[b'0' + (number % 10) as u8])
    }

    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8] {
        self.bytes.split_at(self.length).0
    }

    const fn append(mut self, text: &[u8]) -> Self {
        assert!(
            self.length + text.len() <= MOST,
            "a log's topic and the types of its values have at most 64 bytes"
        );
        let mut at = 0;
        while at < text.len() {
            self.bytes[self.length] = text[at];
            self.length += 1;
            at += 1;
        }
        self
    }
}
