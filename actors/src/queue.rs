//! Mailboxes and outboxes: relay messages first in, first out.
//!
//! ```text
//!  taken │ waiting                                       a chunk ends at each 256th place
//!  0 … 9 │ 10 … 255 │ 256 … 511 │ 512 … 767 │ 768 … 800
//!          ╰ cut ─╯   ╰───── whole ───────╯   ╰ last ─╯
//! ```
//!
//! Most queues are short, some are long for many blocks, and only what changes may cost anything.
//! So places are cut into chunks: a chunk that all its letters wait in is shared by all copies of
//! the queue and keeps its hash. A block that takes some letters and adds some works on the chunk
//! at each end and on a list of the others.

use std::collections::VecDeque;
use std::sync::Arc;

use borsh::{BorshDeserialize, BorshSerialize, io};
use crypto::{Domain, Hash, Hasher};
use types::Amount;

use crate::Letter;

const QUEUE: Domain = Domain::new("thinkey/queue");
const QUEUE_CHUNK: Domain = Domain::new("thinkey/queue-chunk");

/// Places of a chunk: as many as a byte tells apart.
const CHUNK: usize = 256;

/// Relay messages that wait, oldest first, and what they carry together.
///
/// Its bytes are the count and, unless that is zero, the oldest letter's place in its chunk and
/// all letters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Queue {
    /// None when nothing waits: an empty queue takes no room, and what it once held is forgotten.
    row: Option<Arc<Row>>,
}

/// The letters of a queue that is not empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Row {
    /// The oldest letter's place in its chunk.
    first: u8,
    len: usize,
    carried: Amount,
    /// Chunks whose last place is taken; the front one may have lost its first letters.
    chunks: VecDeque<Chunk>,
    /// The letters behind them, fewer than a chunk.
    last: VecDeque<Arc<Letter>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Chunk {
    letters: Arc<VecDeque<Arc<Letter>>>,
    /// Of a whole chunk.
    hash: Option<Hash>,
}

impl Queue {
    /// How many wait.
    pub fn len(&self) -> usize {
        self.row.as_ref().map_or(0, |row| row.len)
    }

    /// Whether none waits.
    pub const fn is_empty(&self) -> bool {
        self.row.is_none()
    }

    /// The value and prepaid gas of all that wait.
    pub fn carried(&self) -> Amount {
        self.row.as_ref().map_or(Amount::ZERO, |row| row.carried)
    }

    /// The oldest.
    pub fn front(&self) -> Option<&Arc<Letter>> {
        let row = self.row.as_ref()?;
        let oldest = row.chunks.front().map_or(&row.last, |chunk| &chunk.letters);
        oldest.front()
    }

    /// All, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Letter>> {
        self.row.iter().flat_map(|row| row.iter())
    }

    /// Commitment: a hash over the first place, the count and the letters, those of a whole chunk
    /// by the chunk's hash. Place and count say which chunks are whole. `None` when empty.
    pub fn root(&self) -> Option<Hash> {
        let row = self.row.as_ref()?;
        let mut hasher = Hasher::new(QUEUE);
        hasher.update(&[row.first]);
        hasher.update(&(row.len as u64).to_le_bytes());
        for chunk in &row.chunks {
            match &chunk.hash {
                Some(hash) => hasher.update(hash.as_bytes()),
                None => add_leaves(&mut hasher, &chunk.letters),
            }
        }
        add_leaves(&mut hasher, &row.last);
        Some(hasher.finish())
    }

    pub(crate) fn push(&mut self, letter: Arc<Letter>) {
        Arc::make_mut(self.row.get_or_insert_default()).push(letter);
    }

    pub(crate) fn pop(&mut self) -> Option<Arc<Letter>> {
        let row = Arc::make_mut(self.row.as_mut()?);
        let letter = row.pop();
        if row.len == 0 {
            self.row = None;
        }
        letter
    }
}

impl Row {
    fn iter(&self) -> impl Iterator<Item = &Arc<Letter>> {
        let chunks = self.chunks.iter().flat_map(|chunk| chunk.letters.iter());
        chunks.chain(&self.last)
    }

    fn push(&mut self, letter: Arc<Letter>) {
        self.carried = sum(self.carried, letter.carried());
        self.len += 1;
        self.last.push_back(letter);
        if (usize::from(self.first) + self.len).is_multiple_of(CHUNK) {
            let letters = std::mem::take(&mut self.last);
            self.chunks.push_back(Chunk::new(letters));
        }
    }

    fn pop(&mut self) -> Option<Arc<Letter>> {
        let letter = match self.chunks.front_mut() {
            Some(chunk) => chunk.pop(),
            None => self.last.pop_front(),
        }?;
        if self
            .chunks
            .front()
            .is_some_and(|chunk| chunk.letters.is_empty())
        {
            self.chunks.pop_front();
        }
        self.first = self.first.wrapping_add(1);
        self.len -= 1;
        self.carried = rest(self.carried, letter.carried());
        Some(letter)
    }
}

impl Chunk {
    fn new(letters: VecDeque<Arc<Letter>>) -> Self {
        let hash = (letters.len() == CHUNK).then(|| {
            let mut hasher = Hasher::new(QUEUE_CHUNK);
            add_leaves(&mut hasher, &letters);
            hasher.finish()
        });
        let letters = Arc::new(letters);
        Self { letters, hash }
    }

    fn pop(&mut self) -> Option<Arc<Letter>> {
        self.hash = None;
        Arc::make_mut(&mut self.letters).pop_front()
    }
}

fn add_leaves(hasher: &mut Hasher, letters: &VecDeque<Arc<Letter>>) {
    for letter in letters {
        hasher.update(letter.leaf().as_bytes());
    }
}

/// A sum of parts of a ledger, which as a whole fits in a `u128`. [G9]
pub(crate) fn sum(a: Amount, b: Amount) -> Amount {
    let sum = a.plus(b);
    assert!(sum.is_some(), "{a} + {b} is more than a ledger can hold");
    sum.unwrap_or_default()
}

/// A difference that was covered when it was promised. [G9]
pub(crate) fn rest(a: Amount, b: Amount) -> Amount {
    let rest = a.minus(b);
    assert!(
        rest.is_some(),
        "{b} was taken from {a}, which does not hold it"
    );
    rest.unwrap_or_default()
}

impl BorshSerialize for Queue {
    fn serialize<W: io::Write>(&self, writer: &mut W) -> io::Result<()> {
        (self.len() as u64).serialize(writer)?;
        let Some(row) = &self.row else {
            return Ok(());
        };
        row.first.serialize(writer)?;
        row.iter().try_for_each(|letter| letter.serialize(writer))
    }
}

impl BorshDeserialize for Queue {
    fn deserialize_reader<R: io::Read>(reader: &mut R) -> io::Result<Self> {
        let count = u64::deserialize_reader(reader)?;
        if count == 0 {
            return Ok(Self::default());
        }
        let mut row = Row {
            first: u8::deserialize_reader(reader)?,
            ..Row::default()
        };
        for _ in 0..count {
            let letter = Letter::deserialize_reader(reader)?;
            if row.carried.plus(letter.carried()).is_none() {
                let why = "a queue carries too much";
                return Err(io::Error::new(io::ErrorKind::InvalidData, why));
            }
            row.push(Arc::new(letter));
        }
        let row = Some(Arc::new(row));
        Ok(Self { row })
    }
}

#[cfg(test)]
mod tests;
