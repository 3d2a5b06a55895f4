//! Sets of accounts: which ones have mail, which ones wait for a lane.
//!
//! A state keeps such a set for each of its blocks, so a set shares what did not change with the
//! one before: a change costs its own path, however many accounts wait.

use std::fmt;

use crypto::Hash;
use store::{Key, StateTree, Value};
use types::AccountId;

/// A set of accounts in the order of their ids. Cloning it costs nothing.
#[derive(Clone, Default)]
pub struct AccountSet {
    members: StateTree<Member>,
}

/// Only its key counts.
#[derive(Clone, Copy)]
struct Member;

impl Value for Member {
    fn commitment(&self) -> Hash {
        Hash::ZERO
    }
}

impl AccountSet {
    /// How many there are.
    pub fn len(&self) -> u64 {
        self.members.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Whether an account is in it.
    pub fn contains(&self, id: &AccountId) -> bool {
        self.members.contains(id.as_bytes())
    }

    /// All, ascending.
    pub fn iter(&self) -> impl Iterator<Item = AccountId> {
        self.members.iter().map(|(key, _)| id(key))
    }

    /// All in the order of their turns: from `first` on, then those below it.
    pub(crate) fn in_turn(&self, first: &AccountId) -> impl Iterator<Item = AccountId> {
        let first = *first.as_bytes();
        let rest = self.members.range(..first);
        let turns = self.members.range(first..).chain(rest);
        turns.map(|(key, _)| id(key))
    }

    /// The set with accounts put in or taken out; they ascend.
    pub(crate) fn with(&self, changes: impl IntoIterator<Item = (AccountId, bool)>) -> Self {
        let member = |(id, is): (AccountId, bool)| (*id.as_bytes(), is.then_some(Member));
        let changes = changes.into_iter().map(member).collect();
        let members = self.members.apply_sorted(changes);
        Self { members }
    }
}

fn id(key: &Key) -> AccountId {
    AccountId((*key).into())
}

impl PartialEq for AccountSet {
    fn eq(&self, other: &Self) -> bool {
        self.members.root() == other.members.root()
    }
}

impl Eq for AccountSet {}

impl fmt::Debug for AccountSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests;
