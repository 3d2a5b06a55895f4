//! Declarations that wait to be recorded; on the root only. [C13]
//!
//! Most who declare may declare as often as they like, so nobody may fill the pool or a block:
//! about one subject only one declaration waits, each kind has room of its own, and a block takes
//! the kinds in turn, each in an order that its parent draws. Nor may anybody keep a node busy with
//! what it will refuse: of what others pass on only so much of a kind is checked in a second, and
//! nothing that is refused without a look at signatures. What the node itself declares waits in its
//! own pool for its own turn.

use std::collections::BTreeMap;

use actors::Subject;
use crypto::{Domain, Hash, hash};
use types::{BlockHash, Declaration, Time};

#[cfg(test)]
mod tests;

/// How many of a kind wait at most.
const MOST: usize = 2_048;
/// Bytes of a kind that wait at most.
const KIND_BYTES: usize = 8 << 20;
/// Bytes of declarations in one block at most.
const BLOCK_BYTES: usize = 512 * 1024;
/// Signatures that are checked in a second for what others pass on of a kind.
const PER_SECOND: u64 = 60;
/// Signatures that may be checked at once after a silence.
const AT_ONCE: u64 = 600;
/// How many are looked at for one block.
const LOOKED_AT: usize = 512;

const ORDER: Domain = Domain::new("thinkey/declaration-order");

/// Declarations that the system would record now.
#[derive(Clone, Debug, Default)]
pub(crate) struct Declarations {
    waiting: BTreeMap<Subject, Declaration>,
    kinds: BTreeMap<u8, Room>,
    patience: BTreeMap<u8, Patience>,
}

/// What may still be checked of what others pass on.
#[derive(Clone, Copy, Debug, Default)]
struct Patience {
    /// Used up, in thousandths of a signature.
    used: u64,
    at: Time,
}

impl Patience {
    fn take(&mut self, now: Time, weight: u32) -> bool {
        let passed = now.since(self.at);
        self.at = self.at.max(now);
        self.used = self.used.saturating_sub(passed.saturating_mul(PER_SECOND));
        let used = self.used.saturating_add(1_000 * u64::from(weight));
        let patient = used <= 1_000 * AT_ONCE;
        if patient {
            self.used = used;
        }
        patient
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Room {
    count: usize,
    bytes: usize,
}

impl Declarations {
    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Whether exactly this waits about a subject.
    pub(crate) fn has(&self, subject: &Subject, declaration: &Declaration) -> bool {
        self.waiting.get(subject) == Some(declaration)
    }

    /// Whether one that somebody passed on, of such a kind and weight, may be checked now.
    pub(crate) fn may_check(&mut self, now: Time, kind: u8, weight: u32) -> bool {
        self.patience.entry(kind).or_default().take(now, weight)
    }

    /// Whether something waits about a subject.
    pub(crate) fn has_word_on(&self, subject: &Subject) -> bool {
        self.waiting.contains_key(subject)
    }

    /// Keeps one, unless another one says something of its subject or too many of its kind wait.
    /// Whoever declares does so again until it is recorded.
    pub(crate) fn insert(&mut self, subject: Subject, declaration: Declaration) -> bool {
        let room = self.kinds.entry(subject.kind).or_default();
        let bytes = room.bytes.saturating_add(declaration.as_bytes().len());
        let fits = room.count < MOST && bytes <= KIND_BYTES;
        if !fits || self.waiting.contains_key(&subject) {
            return false;
        }
        room.count += 1;
        room.bytes = bytes;
        self.waiting.insert(subject, declaration);
        true
    }

    /// Keeps one in the place of whatever waits about its subject.
    pub(crate) fn replace(&mut self, subject: Subject, declaration: Declaration) -> bool {
        if let Some(old) = self.waiting.remove(&subject) {
            self.forget(subject.kind, &old);
        }
        self.insert(subject, declaration)
    }

    fn forget(&mut self, kind: u8, declaration: &Declaration) {
        let room = self.kinds.entry(kind).or_default();
        room.count -= 1;
        room.bytes -= declaration.as_bytes().len();
    }

    /// What a block on `parent` may hold, those first that come first: a kind after the other in
    /// turn, and within a kind by a draw that nobody knows before the parent.
    pub(crate) fn pick(&self, parent: &BlockHash) -> Vec<Declaration> {
        let mut kinds: BTreeMap<u8, Vec<(Hash, &Declaration)>> = BTreeMap::new();
        for (subject, declaration) in &self.waiting {
            let about = [parent.0.as_bytes().as_slice(), subject.about.as_bytes()];
            let drawn = (hash(ORDER, &about), declaration);
            kinds.entry(subject.kind).or_default().push(drawn);
        }
        let mut turns = Vec::new();
        for (kind, mut drawn) in kinds {
            drawn.sort_unstable_by_key(|(order, _)| *order);
            let kind = hash(ORDER, &[parent.0.as_bytes(), &[kind]]);
            let places = drawn.into_iter().enumerate();
            turns.extend(places.map(|(turn, (_, declaration))| (turn, kind, declaration)));
        }
        turns.sort_by_key(|(turn, kind, _)| (*turn, *kind));
        let mut bytes = 0;
        let fits = |declaration: &&Declaration| {
            bytes += declaration.as_bytes().len();
            bytes <= BLOCK_BYTES
        };
        let first = turns.into_iter().map(|(.., declaration)| declaration);
        first.take(LOOKED_AT).take_while(fits).cloned().collect()
    }

    /// Drops what no longer can be recorded.
    pub(crate) fn retain(&mut self, mut keep: impl FnMut(&Declaration) -> bool) {
        let gone = |(_, declaration): &(&Subject, &Declaration)| !keep(declaration);
        let gone = self.waiting.iter().filter(gone);
        let gone: Vec<_> = gone.map(|(subject, _)| *subject).collect();
        for subject in gone {
            if let Some(declaration) = self.waiting.remove(&subject) {
                self.forget(subject.kind, &declaration);
            }
        }
    }
}
