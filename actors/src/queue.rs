//! Mailboxes and outboxes: relay messages first in, first out.

use std::collections::{VecDeque, vec_deque};
use std::sync::Arc;

use borsh::{BorshDeserialize, BorshSerialize, io};
use crypto::{Domain, Hash, Hasher};
use types::Amount;

use crate::Letter;

const QUEUE: Domain = Domain::new("thinkey/queue");

/// Relay messages that wait, oldest first, and what they carry together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Queue {
    letters: VecDeque<Arc<Letter>>,
    carried: Amount,
}

impl Queue {
    /// How many wait.
    pub fn len(&self) -> usize {
        self.letters.len()
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.letters.is_empty()
    }

    /// The value and prepaid gas of all that wait.
    pub const fn carried(&self) -> Amount {
        self.carried
    }

    /// The oldest.
    pub fn front(&self) -> Option<&Arc<Letter>> {
        self.letters.front()
    }

    /// All, oldest first.
    pub fn iter(&self) -> vec_deque::Iter<'_, Arc<Letter>> {
        self.letters.iter()
    }

    /// Commitment: a hash over the messages' hashes; `None` when empty.
    pub fn root(&self) -> Option<Hash> {
        if self.is_empty() {
            return None;
        }
        let mut hasher = Hasher::new(QUEUE);
        for letter in &self.letters {
            hasher.update(letter.leaf().as_bytes());
        }
        Some(hasher.finish())
    }

    pub(crate) fn into_letters(self) -> VecDeque<Arc<Letter>> {
        self.letters
    }

    pub(crate) fn push(&mut self, letter: Arc<Letter>) {
        self.carried = sum(self.carried, letter.carried());
        self.letters.push_back(letter);
    }

    pub(crate) fn pop(&mut self) -> Option<Arc<Letter>> {
        let letter = self.letters.pop_front()?;
        self.carried = rest(self.carried, letter.carried());
        Some(letter)
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
        (self.letters.len() as u64).serialize(writer)?;
        self.letters
            .iter()
            .try_for_each(|letter| letter.serialize(writer))
    }
}

impl BorshDeserialize for Queue {
    fn deserialize_reader<R: io::Read>(reader: &mut R) -> io::Result<Self> {
        let count = u64::deserialize_reader(reader)?;
        let mut queue = Self::default();
        for _ in 0..count {
            let letter = Letter::deserialize_reader(reader)?;
            let carried = queue.carried.plus(letter.carried()).ok_or_else(|| {
                io::Error::new(io::ErrorKind::InvalidData, "a queue carries too much")
            })?;
            queue.carried = carried;
            queue.letters.push_back(Arc::new(letter));
        }
        Ok(queue)
    }
}
