//! The authors of gossip: who is known, and what of theirs is new. Pure.
//!
//! Messages are signed, so gossip can be charged to its author and not to whoever passes it on.
//! Two things would turn that against the author, and are kept from it here:
//! - Anybody can hand us again what an author signed long ago. Only what is new is charged to it:
//!   the numbers that authors give their messages rise by one, and each counts once.
//! - Identities are free. Only authors whom we know have accounts of their own: members of
//!   committees, and peers that are connected to us. All others are strangers (`rates`).

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use sha3::{Digest, Sha3_256};

use crate::identity::NodeId;
use crate::port::TopicKind;
use crate::rates::Account;

/// Numbers below the highest by so much are old. Gossip overtakes gossip, but not by so many.
const WINDOW: u64 = 4096;
const WORDS: usize = WINDOW as usize / 64;
/// Strangers fall into so many slots.
const SLOTS: u8 = 64;
/// What is ignored of the authors in one slot is told once in this time.
const TOLD: Duration = Duration::from_secs(60);

/// The numbers of one author that were heard: a bit for each of the last [`WINDOW`].
struct Heard {
    highest: u64,
    seen: [u64; WORDS],
}

impl Heard {
    fn new(first: u64) -> Self {
        Self {
            highest: first,
            seen: [0; WORDS],
        }
    }

    /// Whether `number` is new. It isn't a second time.
    fn take(&mut self, number: u64) -> bool {
        self.rise(number);
        if self.highest - number >= WINDOW {
            return false;
        }
        let (word, bit) = place(number);
        let new = self.seen[word] & bit == 0;
        self.seen[word] |= bit;
        new
    }

    /// Makes `number` the highest if it is above. The places between are those of older numbers.
    fn rise(&mut self, number: u64) {
        let gap = number.saturating_sub(self.highest).min(WINDOW);
        for between in 0..gap {
            let (word, bit) = place(number - between);
            self.seen[word] &= !bit;
        }
        self.highest = self.highest.max(number);
    }
}

fn place(number: u64) -> (usize, u64) {
    let at = number % WINDOW;
    ((at / 64) as usize, 1 << (at % 64))
}

/// What keeps others from choosing their slots: a hash of our own secret `seed`.
pub(crate) fn secret(seed: &[u8; 32]) -> [u8; 32] {
    let mut hash = Sha3_256::new();
    hash.update(b"thinkey/p2p/slots/1");
    hash.update(seed);
    hash.finalize().into()
}

/// See the module's page.
pub(crate) struct Authors {
    secret: [u8; 32],
    members: BTreeSet<NodeId>,
    heard: BTreeMap<NodeId, Heard>,
    /// By slot: names are free, and their number bounds nothing.
    told: BTreeMap<u8, Duration>,
}

impl Authors {
    /// `secret` keeps others from choosing the slot they fall into.
    pub(crate) fn new(secret: [u8; 32]) -> Self {
        Self {
            secret,
            members: BTreeSet::new(),
            heard: BTreeMap::new(),
            told: BTreeMap::new(),
        }
    }

    /// Replaces the set of members of committees.
    pub(crate) fn know(&mut self, members: BTreeSet<NodeId>) {
        self.members = members;
    }

    pub(crate) fn is_member(&self, author: &NodeId) -> bool {
        self.members.contains(author)
    }

    /// \[P5\] Who is charged for message `number` of `author`, handed to us by `from`. `known` says
    /// whether the author has an account; what is not new is nobody's news but its bearer's.
    pub(crate) fn accounts(
        &mut self,
        (author, number): (NodeId, u64),
        from: NodeId,
        kind: TopicKind,
        known: bool,
    ) -> Vec<Account> {
        if known && self.is_new(author, number) {
            return vec![Account::Author(author, kind)];
        }
        vec![
            Account::Slot(self.slot(&author), kind),
            Account::Via(from, kind),
            Account::Strangers(kind),
        ]
    }

    /// Whether to tell the operator that gossip of `author` is ignored.
    pub(crate) fn is_news(&mut self, now: Duration, author: &NodeId) -> bool {
        let slot = self.slot(author);
        let told = self.told.get(&slot);
        let news = told.is_none_or(|told| *told + TOLD <= now);
        if news {
            self.told.insert(slot, now);
        }
        news
    }

    /// Forgets what was heard of authors who are neither members nor `known` otherwise.
    pub(crate) fn tidy(&mut self, known: impl Fn(&NodeId) -> bool) {
        let members = &self.members;
        self.heard
            .retain(|author, _| members.contains(author) || known(author));
    }

    fn is_new(&mut self, author: NodeId, number: u64) -> bool {
        let heard = self.heard.entry(author);
        heard.or_insert_with(|| Heard::new(number)).take(number)
    }

    fn slot(&self, author: &NodeId) -> u8 {
        let mut hash = Sha3_256::new();
        hash.update(b"thinkey/p2p/slot/1");
        hash.update(self.secret);
        hash.update(author.0);
        hash.finalize()[0] % SLOTS
    }
}

#[cfg(test)]
mod tests;
