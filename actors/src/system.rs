//! The seam for anchors: what the root chain records before a block's messages run.

use std::collections::BTreeMap;

use store::Key;
use types::{AccountId, Anchor, AnchorRecord, Blame};

use crate::{Account, Context, Slot, State};

/// Records the anchors of a block in the storage of system accounts.
pub trait System: Send + Sync {
    /// Checks all anchors and records them, or none.
    fn record(
        &self,
        edit: &mut Edit<'_>,
        anchors: &[Anchor],
        ctx: &Context,
    ) -> Result<Vec<AnchorRecord>, SystemError>;
}

/// Why a block's anchors can't be recorded.
#[derive(Debug, thiserror::Error)]
pub enum SystemError {
    /// Only the root chain records anchors.
    #[error("this chain records no anchors")]
    NoAnchors,
    /// An anchor is invalid.
    #[error("anchor {at} is invalid: {source}")]
    Anchor {
        /// Its place in the block.
        at: usize,
        /// What is wrong with it.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl SystemError {
    /// Whoever proposes anchors can check them first.
    pub const fn blame(&self) -> Blame {
        Blame::Sender
    }
}

/// The system of transaction chains: refuses every anchor.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoSystem;

impl System for NoSystem {
    fn record(
        &self,
        _: &mut Edit<'_>,
        anchors: &[Anchor],
        _: &Context,
    ) -> Result<Vec<AnchorRecord>, SystemError> {
        if anchors.is_empty() {
            Ok(Vec::new())
        } else {
            Err(SystemError::NoAnchors)
        }
    }
}

/// A state whose storage is being written to. Balances, keys and queues stay as they are. [G9]
pub struct Edit<'a> {
    state: &'a State,
    writes: BTreeMap<AccountId, BTreeMap<Key, Option<Slot>>>,
}

impl<'a> Edit<'a> {
    /// Starts with the state as it is.
    pub const fn new(state: &'a State) -> Self {
        Self {
            state,
            writes: BTreeMap::new(),
        }
    }

    /// The state before any write.
    pub const fn before(&self) -> &'a State {
        self.state
    }

    /// One slot of an account's storage, as written last.
    pub fn get(&self, account: &AccountId, key: &Key) -> Option<&[u8]> {
        match self.writes.get(account).and_then(|slots| slots.get(key)) {
            Some(written) => written.as_ref().map(|slot| slot.0.as_ref()),
            None => self.state.slot(account, key),
        }
    }

    /// Writes a slot; `None` removes it.
    pub fn put(&mut self, account: AccountId, key: Key, value: Option<Vec<u8>>) {
        let slot = value.map(|bytes| Slot(bytes.into()));
        self.writes.entry(account).or_default().insert(key, slot);
    }

    /// The state after all writes.
    pub fn finish(self) -> State {
        if self.writes.is_empty() {
            return self.state.clone();
        }
        let changed = self.writes.into_iter().map(|(id, writes)| {
            let account = self.state.account(&id).cloned().unwrap_or_default();
            let storage = account.storage.apply(writes);
            (id, Account { storage, ..account })
        });
        let lanes = self.state.lanes().clone();
        self.state.with(changed.collect(), lanes)
    }
}
