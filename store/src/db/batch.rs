//! Columns, batches and ranges: what is asked of a database.

use std::ops::Bound;

/// A named key space, for example `const HEADERS: Column = Column::new("headers")`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Column(&'static str);

impl Column {
    /// The column with this name: 1 to 32 of `a-z`, `0-9`, `_`.
    ///
    /// # Panics
    /// On any other name; in a constant that is a compile error.
    pub const fn new(name: &'static str) -> Self {
        let bytes = name.as_bytes();
        assert!(
            !bytes.is_empty() && bytes.len() <= 32,
            "a column name has 1 to 32 characters"
        );
        let mut i = 0;
        while i < bytes.len() {
            assert!(
                matches!(bytes[i], b'a'..=b'z' | b'0'..=b'9' | b'_'),
                "a column name is plain"
            );
            i += 1;
        }
        Self(name)
    }

    /// The name.
    pub const fn name(&self) -> &'static str {
        self.0
    }
}

/// One write of a [`Batch`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    /// Where the key lives.
    pub column: Column,
    /// The key.
    pub key: Vec<u8>,
    /// The new value; `None` removes the key.
    pub value: Option<Vec<u8>>,
}

/// Writes that take effect together or not at all; of two for one key the later counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    writes: Vec<Write>,
}

impl Batch {
    /// A batch without writes.
    pub const fn new() -> Self {
        Self { writes: Vec::new() }
    }

    /// Puts a value.
    pub fn put(&mut self, column: Column, key: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) {
        self.writes.push(Write {
            column,
            key: key.into(),
            value: Some(value.into()),
        });
    }

    /// Removes a key; it need not exist.
    pub fn delete(&mut self, column: Column, key: impl Into<Vec<u8>>) {
        self.writes.push(Write {
            column,
            key: key.into(),
            value: None,
        });
    }

    /// The writes in order.
    pub fn writes(&self) -> &[Write] {
        &self.writes
    }

    /// The writes in order, owned.
    pub fn into_writes(self) -> Vec<Write> {
        self.writes
    }

    /// How many writes there are.
    pub fn len(&self) -> usize {
        self.writes.len()
    }

    /// True without writes.
    pub fn is_empty(&self) -> bool {
        self.writes.is_empty()
    }
}

/// Which keys of a column to visit, and in which order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scan {
    /// The lower end.
    pub from: Bound<Vec<u8>>,
    /// The upper end.
    pub to: Bound<Vec<u8>>,
    /// From the largest key down.
    pub descending: bool,
}

impl Scan {
    /// All keys, rising.
    pub const fn all() -> Self {
        Self {
            from: Bound::Unbounded,
            to: Bound::Unbounded,
            descending: false,
        }
    }

    /// The keys that begin with `prefix`, rising.
    pub fn prefix(prefix: &[u8]) -> Self {
        Self {
            from: Bound::Included(prefix.to_vec()),
            to: after_prefix(prefix),
            descending: false,
        }
    }

    /// The keys from `from` on, below `to`, rising.
    pub fn range(from: &[u8], to: &[u8]) -> Self {
        let (from, to) = (Bound::Included(from.to_vec()), Bound::Excluded(to.to_vec()));
        Self {
            from,
            to,
            descending: false,
        }
    }

    /// The same keys, from the largest down.
    pub fn descending(mut self) -> Self {
        self.descending = true;
        self
    }

    /// Can no key be inside? Such ranges make some map types panic.
    pub fn is_empty(&self) -> bool {
        match (&self.from, &self.to) {
            (Bound::Unbounded, _) | (_, Bound::Unbounded) => false,
            (Bound::Included(from), Bound::Included(to)) => from > to,
            (
                Bound::Included(from) | Bound::Excluded(from),
                Bound::Included(to) | Bound::Excluded(to),
            ) => from >= to,
        }
    }
}

/// The end of the keys that begin with `prefix`.
pub(super) fn after_prefix(prefix: &[u8]) -> Bound<Vec<u8>> {
    let Some(last) = prefix.iter().rposition(|byte| *byte != 0xff) else {
        return Bound::Unbounded;
    };
    let mut end: Vec<u8> = prefix.iter().copied().take(last + 1).collect();
    if let Some(byte) = end.last_mut() {
        *byte += 1;
    }
    Bound::Excluded(end)
}
