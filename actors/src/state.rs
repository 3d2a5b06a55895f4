//! A chain's state: all accounts, the ledger and the lanes.

use std::collections::BTreeSet;
use std::sync::Arc;

use crypto::Hash;
use store::{Key, StateProof, StateTree};
use types::{AccountId, Amount, Lanes, Ledger};

use crate::Account;

/// A chain's state after some block. Cloning it costs nothing.
#[derive(Clone, Debug, Default)]
pub struct State {
    accounts: StateTree<Account>,
    lanes: Arc<Lanes>,
    /// Derived: accounts with a mailbox that is not empty.
    mailboxes: Arc<BTreeSet<AccountId>>,
    /// Derived: accounts with an outbox that is not empty.
    outboxes: Arc<BTreeSet<AccountId>>,
}

impl State {
    /// A chain's first state; all that the accounts hold counts as minted there.
    ///
    /// `None` when the sum overflows.
    pub fn genesis(accounts: impl IntoIterator<Item = (AccountId, Account)>) -> Option<Self> {
        let accounts: StateTree<Account> = accounts
            .into_iter()
            .filter(|(_, account)| !account.is_empty())
            .map(|(id, account)| (*id.as_bytes(), account))
            .collect();
        let held = held(&accounts)?;
        let ledger = Ledger {
            minted: held,
            burned: Amount::ZERO,
            held,
        };
        let lanes = Lanes {
            ledger,
            lanes: Vec::new(),
        };
        Some(Self::restored(accounts, lanes))
    }

    /// A state read back from storage; walks all accounts to find the queues that are not empty.
    pub fn restored(accounts: StateTree<Account>, lanes: Lanes) -> Self {
        let mut mailboxes = BTreeSet::new();
        let mut outboxes = BTreeSet::new();
        for (key, account) in accounts.iter() {
            let id = AccountId((*key).into());
            if !account.mailbox.is_empty() {
                mailboxes.insert(id);
            }
            if !account.outbox.is_empty() {
                outboxes.insert(id);
            }
        }
        Self {
            accounts,
            lanes: Arc::new(lanes),
            mailboxes: Arc::new(mailboxes),
            outboxes: Arc::new(outboxes),
        }
    }

    /// The state root of a header.
    pub fn root(&self) -> Hash {
        self.accounts.root()
    }

    /// The ledger and lanes; [`Lanes::root`] is the lanes root of a header.
    pub fn lanes(&self) -> &Lanes {
        &self.lanes
    }

    /// All accounts.
    pub const fn accounts(&self) -> &StateTree<Account> {
        &self.accounts
    }

    /// One account, `None` when it does not exist.
    pub fn account(&self, id: &AccountId) -> Option<&Account> {
        self.accounts.get(id.as_bytes())
    }

    /// Its balance, zero when it does not exist.
    pub fn balance(&self, id: &AccountId) -> Amount {
        self.account(id)
            .map_or(Amount::ZERO, |account| account.balance)
    }

    /// The nonce of its next external message.
    pub fn nonce(&self, id: &AccountId) -> u64 {
        self.account(id).map_or(0, |account| account.nonce)
    }

    /// One slot of its storage.
    pub fn slot(&self, id: &AccountId, key: &Key) -> Option<&[u8]> {
        let slot = self.account(id)?.storage.get(key)?;
        Some(&slot.0)
    }

    /// That an account has some commitment, or does not exist, under [`Self::root`].
    pub fn prove(&self, id: &AccountId) -> StateProof {
        self.accounts.prove(id.as_bytes())
    }

    /// Accounts whose mailbox is not empty, ascending.
    pub fn mailboxes(&self) -> &BTreeSet<AccountId> {
        &self.mailboxes
    }

    /// Accounts whose outbox is not empty, ascending.
    pub fn outboxes(&self) -> &BTreeSet<AccountId> {
        &self.outboxes
    }

    /// Whether the ledger's `held` is what all accounts hold, and the ledger balances. Slow.
    pub fn conserves(&self) -> bool {
        held(&self.accounts) == Some(self.lanes.ledger.held) && self.lanes.balances()
    }

    /// The state with changed accounts (ascending, each once) and counters.
    pub(crate) fn with(&self, changed: Vec<(AccountId, Account)>, lanes: Lanes) -> Self {
        let mut next = self.clone();
        next.lanes = Arc::new(lanes);
        for (id, account) in &changed {
            mark(&mut next.mailboxes, id, !account.mailbox.is_empty());
            mark(&mut next.outboxes, id, !account.outbox.is_empty());
        }
        let changes = changed.into_iter().map(|(id, account)| {
            let value = (!account.is_empty()).then_some(account);
            (*id.as_bytes(), value)
        });
        next.accounts = self.accounts.apply_sorted(changes.collect());
        next
    }
}

fn held(accounts: &StateTree<Account>) -> Option<Amount> {
    accounts.iter().try_fold(Amount::ZERO, |sum, (_, account)| {
        sum.plus(account.checked_carried()?)
    })
}

fn mark(set: &mut Arc<BTreeSet<AccountId>>, id: &AccountId, present: bool) {
    if set.contains(id) != present {
        let set = Arc::make_mut(set);
        if present {
            set.insert(*id);
        } else {
            set.remove(id);
        }
    }
}
