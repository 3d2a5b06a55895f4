//! One sender's messages, in the order of their nonces.
//!
//! ```text
//!   4  5     6  7  8     9     10 11
//!   ■  ■     ■  ■  ■            ■  ■
//!  in flight ▲           ▲     stranded
//!            turn        missing
//! ```
//!
//! What is before the turn is in flight. What is behind the first nonce that is missing is
//! *stranded*: its turn can't come. The first missing nonce and the size of what is stranded are
//! kept, so a message costs a step only when it changes sides.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use types::{AccountId, Amount, Height, MessageId};

use super::room::Size;
use crate::signed::SignedMessage;

/// A message that waits.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) message: SignedMessage,
    pub(super) arrival: u64,
}

impl Entry {
    pub(super) const fn id(&self) -> MessageId {
        self.message.id()
    }

    pub(super) fn sender(&self) -> AccountId {
        self.message.message().call.from
    }

    pub(super) fn nonce(&self) -> u64 {
        self.message.message().call.nonce
    }

    pub(super) fn expiry(&self) -> Height {
        self.message.message().call.expiry
    }

    pub(super) fn price(&self) -> u64 {
        self.message.message().call.gas.price
    }

    pub(super) fn cost(&self) -> Option<Amount> {
        let call = &self.message.message().call;
        call.value.plus(call.gas.cost())
    }

    pub(super) const fn size(&self) -> Size {
        Size {
            messages: 1,
            bytes: self.message.bytes(),
        }
    }
}

/// The place of a message whose turn it is among those of all senders: the least goes first.
pub(super) type Head = (Reverse<u64>, u64, AccountId);

/// One sender's messages by nonce.
#[derive(Debug)]
pub(super) struct Queue {
    entries: BTreeMap<u64, Entry>,
    turn: u64,
    missing: u64,
    stranded: Size,
}

impl Queue {
    /// An empty queue.
    pub(super) const fn new(turn: u64) -> Self {
        Self {
            entries: BTreeMap::new(),
            turn,
            missing: turn,
            stranded: Size {
                messages: 0,
                bytes: 0,
            },
        }
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(super) fn get(&self, nonce: u64) -> Option<&Entry> {
        self.entries.get(&nonce)
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }

    /// The nonce whose turn it is: the account's nonce plus the messages in flight.
    pub(super) const fn turn(&self) -> u64 {
        self.turn
    }

    /// The first nonce from the turn on that no message here has.
    pub(super) const fn missing(&self) -> u64 {
        self.missing
    }

    /// The first missing nonce, seen by who knows that the account has come as far as this.
    pub(super) fn missing_from(&self, account_nonce: u64) -> u64 {
        if account_nonce <= self.missing {
            self.missing
        } else {
            self.first_missing(account_nonce, u64::MAX)
        }
    }

    /// What is behind the first missing nonce.
    pub(super) const fn stranded(&self) -> Size {
        self.stranded
    }

    /// The farthest message that is stranded.
    pub(super) fn farthest_stranded(&self) -> Option<&Entry> {
        let (nonce, entry) = self.entries.last_key_value()?;
        (*nonce > self.missing).then_some(entry)
    }

    pub(super) fn lowest(&self) -> Option<u64> {
        self.entries.first_key_value().map(|(nonce, _)| *nonce)
    }

    /// The message whose turn it is.
    pub(super) fn head(&self) -> Option<Head> {
        let entry = self.entries.get(&self.turn)?;
        Some((Reverse(entry.price()), entry.arrival, entry.sender()))
    }

    /// Takes a message in; returns the one of the same nonce that it replaces.
    pub(super) fn insert(&mut self, entry: Entry) -> Option<Entry> {
        let (nonce, size) = (entry.nonce(), entry.size());
        let old = self.entries.insert(nonce, entry);
        if nonce > self.missing {
            let before = old.as_ref().map(Entry::size).unwrap_or_default();
            self.stranded = self.stranded.plus(size).minus(before);
        } else if nonce == self.missing {
            self.move_missing(self.first_missing(nonce, u64::MAX));
        }
        old
    }

    /// Takes a message out; what is behind it strands, unless it is in flight.
    pub(super) fn remove(&mut self, nonce: u64) -> Option<Entry> {
        let entry = self.entries.remove(&nonce)?;
        if nonce > self.missing {
            self.stranded = self.stranded.minus(entry.size());
        } else if nonce >= self.turn {
            self.move_missing(nonce);
        }
        Some(entry)
    }

    /// It is the turn of another nonce.
    pub(super) fn set_turn(&mut self, turn: u64) {
        let old = std::mem::replace(&mut self.turn, turn);
        if turn > self.missing {
            self.move_missing(self.first_missing(turn, u64::MAX));
        } else if turn < old {
            // From the old turn up to what is missing there is no gap.
            let gap = self.first_missing(turn, old);
            if gap < old {
                self.move_missing(gap);
            }
        }
    }

    /// The first nonce from `from` on that no message has; `end` when all before it are here.
    fn first_missing(&self, from: u64, end: u64) -> u64 {
        let mut next = from;
        for nonce in self.entries.range(from..end).map(|(nonce, _)| *nonce) {
            if nonce > next {
                break;
            }
            next = nonce + 1;
        }
        next
    }

    fn move_missing(&mut self, to: u64) {
        let from = std::mem::replace(&mut self.missing, to);
        let (low, high) = (from.min(to), from.max(to));
        let between = self
            .entries
            .range(low..high)
            .filter(|(nonce, _)| **nonce > low)
            .fold(Size::default(), |sum, (_, entry)| sum.plus(entry.size()));
        self.stranded = if to > from {
            self.stranded.minus(between)
        } else {
            self.stranded.plus(between)
        };
    }
}
