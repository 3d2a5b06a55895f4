//! The seam for the root: what its system records before a block's messages run.

use std::collections::BTreeMap;

use crypto::Hash;
use store::Key;
use types::{AccountId, Amount, Anchor, AnchorRecord, Blame, Certificate, Declaration, News};

use crate::queue::rest;
use crate::{Account, Context, Slot, State};

/// What a root block files besides messages.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filings<'a> {
    /// Digests of other chains.
    pub anchors: &'a [Anchor],
    /// What validators declare.
    pub declarations: &'a [Declaration],
    /// Who made the block's parent certain; none where the block follows a first block.
    pub parent: Option<Shown<'a>>,
}

/// That a committee prepared a block, as its child's justification shows.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// The prepare certificate, which was verified.
    pub certificate: &'a Certificate,
    /// The member that shows it: the child's proposer.
    pub by: u16,
}

impl Filings<'_> {
    /// Whether nothing is filed.
    pub const fn is_empty(&self) -> bool {
        self.anchors.is_empty() && self.declarations.is_empty()
    }
}

/// What was recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// One record for each anchor.
    pub records: Vec<AnchorRecord>,
    /// What every chain is told besides.
    pub news: Vec<News>,
}

/// Records what a block files in the storage of system accounts. Runs once in every block of its
/// chain, whether or not anything is filed.
pub trait System: Send + Sync {
    /// Checks everything and records it, or nothing.
    fn record(
        &self,
        edit: &mut Edit<'_>,
        filings: Filings<'_>,
        ctx: &Context,
    ) -> Result<Recorded, SystemError>;

    /// Leaves what one block may hold of the declarations that wait, without a look at any state.
    fn fit(&self, _declarations: &mut Vec<Declaration>) {}

    /// What checking a declaration may cost, in signatures, without a look at any state.
    fn weight(&self, _declaration: &Declaration) -> u32 {
        1
    }

    /// What a declaration is about, without a look at any state: of those about one thing only one
    /// waits at a time. `None` for bytes that are no declaration.
    fn subject(&self, declaration: &Declaration) -> Option<Subject> {
        let (kind, about) = (0, declaration.hash());
        Some(Subject { kind, about })
    }
}

/// What a declaration is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject {
    /// Which kind of declaration it is.
    pub kind: u8,
    /// Whose word on what it is.
    pub about: Hash,
}

/// Why a block's filings can't be recorded.
#[derive(Debug, thiserror::Error)]
pub enum SystemError {
    /// Only the root chain records anything.
    #[error("this chain records no anchors and no declarations")]
    NoFilings,
    /// The block is not of the term that its chain is in, or closes it too early.
    #[error("the block does not fit the term: it says epoch {epoch}")]
    Term {
        /// What it says.
        epoch: types::Epoch,
    },
    /// An anchor is invalid.
    #[error("anchor {at} is invalid: {source}")]
    Anchor {
        /// Its place in the block.
        at: usize,
        /// What is wrong with it.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A declaration is invalid.
    #[error("declaration {at} is invalid: {source}")]
    Declaration {
        /// Its place in the block.
        at: usize,
        /// What is wrong with it.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl SystemError {
    /// Whoever proposes filings can check them first.
    pub const fn blame(&self) -> Blame {
        Blame::Sender
    }
}

/// The system of transaction chains: refuses every filing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoSystem;

impl System for NoSystem {
    fn record(
        &self,
        _: &mut Edit<'_>,
        filings: Filings<'_>,
        _: &Context,
    ) -> Result<Recorded, SystemError> {
        if filings.is_empty() {
            Ok(Recorded::default())
        } else {
            Err(SystemError::NoFilings)
        }
    }
}

/// A state whose storage is being written to. Keys and queues stay as they are, balances too but
/// for what is burned. [G9]
pub struct Edit<'a> {
    state: &'a State,
    writes: BTreeMap<AccountId, BTreeMap<Key, Option<Slot>>>,
    burned: BTreeMap<AccountId, Amount>,
}

/// More was to be burned than an account has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("account {account} has less than the {amount} to be burned")]
pub struct NothingToBurn {
    /// The account.
    pub account: AccountId,
    /// What was to be burned.
    pub amount: Amount,
}

impl<'a> Edit<'a> {
    /// Starts with the state as it is.
    pub const fn new(state: &'a State) -> Self {
        Self {
            state,
            writes: BTreeMap::new(),
            burned: BTreeMap::new(),
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

    /// Destroys a part of an account's balance.
    ///
    /// # Errors
    /// When the balance is smaller; then nothing is burned.
    pub fn burn(&mut self, account: AccountId, amount: Amount) -> Result<(), NothingToBurn> {
        let before = self.burned.get(&account).copied().unwrap_or_default();
        let balance = self.state.account(&account).map(|found| found.balance);
        let total = before.plus(amount);
        match total.filter(|total| *total <= balance.unwrap_or_default()) {
            Some(total) => {
                self.burned.insert(account, total);
                Ok(())
            }
            None => Err(NothingToBurn { account, amount }),
        }
    }

    /// The state after all writes. What was burned is moved in the ledger from held to burned.
    pub fn finish(self) -> State {
        if self.writes.is_empty() && self.burned.is_empty() {
            return self.state.clone();
        }
        let Self {
            state,
            mut writes,
            burned,
        } = self;
        let mut lanes = state.lanes().clone();
        for (id, amount) in &burned {
            writes.entry(*id).or_default();
            lanes.ledger.held = rest(lanes.ledger.held, *amount);
            lanes.ledger.burned = crate::queue::sum(lanes.ledger.burned, *amount);
        }
        let changed = writes.into_iter().map(|(id, writes)| {
            let account = state.account(&id).cloned().unwrap_or_default();
            let storage = account.storage.apply(writes);
            let gone = burned.get(&id).copied().unwrap_or_default();
            let balance = rest(account.balance, gone);
            let account = Account {
                storage,
                balance,
                ..account
            };
            (id, account)
        });
        state.with(changed.collect(), lanes)
    }
}
