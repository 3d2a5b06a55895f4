//! A chain's state: all accounts, the ledger and the lanes.

use std::collections::BTreeMap;
use std::sync::Arc;

use crypto::Hash;
use store::{Key, StateProof, StateTree};
use types::{AccountId, Amount, ChainId, Lanes, Ledger};

use crate::{Account, AccountSet, Outbox};

/// A chain's state after some block. Cloning it costs nothing.
#[derive(Clone, Debug, Default)]
pub struct State {
    accounts: StateTree<Account>,
    lanes: Arc<Lanes>,
    /// Derived: accounts with a mailbox that is not empty.
    mailboxes: AccountSet,
    /// Derived: for each lane that messages wait for, their senders.
    outboxes: Arc<BTreeMap<ChainId, AccountSet>>,
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
        let mut marks = Marks::default();
        for (key, account) in accounts.iter() {
            let id = AccountId((*key).into());
            if !account.mailbox.is_empty() {
                marks.mailboxes.push((id, true));
            }
            marks.outbox(id, &Outbox::default(), &account.outbox);
        }
        let mut state = Self {
            accounts,
            lanes: Arc::new(lanes),
            ..Self::default()
        };
        state.mark(marks);
        state
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
    pub const fn mailboxes(&self) -> &AccountSet {
        &self.mailboxes
    }

    /// For each lane that messages wait for, the accounts in whose outboxes they wait.
    pub fn outboxes(&self) -> &BTreeMap<ChainId, AccountSet> {
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
        next.mark(self.marks(&changed));
        let changes = changed.into_iter().map(|(id, account)| {
            let value = (!account.is_empty()).then_some(account);
            (*id.as_bytes(), value)
        });
        next.accounts = self.accounts.apply_sorted(changes.collect());
        next
    }

    /// Which of the changed accounts begin or cease to wait.
    fn marks(&self, changed: &[(AccountId, Account)]) -> Marks {
        let (none, mut marks) = (Outbox::default(), Marks::default());
        for (id, account) in changed {
            let waits = !account.mailbox.is_empty();
            if self.mailboxes.contains(id) != waits {
                marks.mailboxes.push((*id, waits));
            }
            // Where nobody waits for a lane no account need be looked up.
            let known = (!self.outboxes.is_empty()).then(|| self.account(id));
            let before = known.flatten().map_or(&none, |before| &before.outbox);
            marks.outbox(*id, before, &account.outbox);
        }
        marks
    }

    fn mark(&mut self, marks: Marks) {
        if !marks.mailboxes.is_empty() {
            self.mailboxes = self.mailboxes.with(marks.mailboxes);
        }
        for (lane, changes) in marks.outboxes {
            let outboxes = Arc::make_mut(&mut self.outboxes);
            let waiting = outboxes.entry(lane).or_default();
            *waiting = waiting.with(changes);
            if waiting.is_empty() {
                outboxes.remove(&lane);
            }
        }
    }
}

/// Accounts that begin or cease to wait, ascending.
#[derive(Default)]
struct Marks {
    mailboxes: Vec<(AccountId, bool)>,
    outboxes: BTreeMap<ChainId, Vec<(AccountId, bool)>>,
}

impl Marks {
    fn outbox(&mut self, id: AccountId, before: &Outbox, after: &Outbox) {
        let gone = before.lanes().filter(|(to, _)| after.lane(*to).is_none());
        let new = after.lanes().filter(|(to, _)| before.lane(*to).is_none());
        let changes = gone
            .map(|(to, _)| (to, false))
            .chain(new.map(|(to, _)| (to, true)));
        for (to, waits) in changes {
            self.outboxes.entry(to).or_default().push((id, waits));
        }
    }
}

fn held(accounts: &StateTree<Account>) -> Option<Amount> {
    accounts.iter().try_fold(Amount::ZERO, |sum, (_, account)| {
        sum.plus(account.checked_carried()?)
    })
}
