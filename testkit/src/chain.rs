//! A chain without consensus: its state, and what waits for its next block.

use actors::{Account, Incoming, State};
use types::{AccountId, Amount, Bundle, ChainId, ExternalMessage, Height, MessageId, RelayMessage};

/// A bundle that has arrived.
pub(crate) struct Arrived {
    pub(crate) source: ChainId,
    pub(crate) bundle: Bundle,
    pub(crate) messages: Vec<RelayMessage>,
}

impl Arrived {
    pub(crate) fn incoming(&self) -> Incoming<'_> {
        Incoming {
            source: self.source,
            bundle: &self.bundle,
            messages: &self.messages,
        }
    }
}

/// A chain.
#[derive(Default)]
pub(crate) struct Chain {
    pub(crate) state: State,
    pub(crate) height: Height,
    pub(crate) waiting: Vec<(MessageId, ExternalMessage)>,
    pub(crate) arrived: Vec<Arrived>,
}

impl Chain {
    /// Whether a block would do anything but take in acknowledgements.
    pub(crate) fn has_work(&self) -> bool {
        let idle = self.waiting.is_empty() && self.arrived.is_empty();
        !idle || !self.state.mailboxes().is_empty()
    }

    /// Makes an account as if it had been there from the beginning.
    pub(crate) fn endow(&mut self, id: AccountId, balance: Amount) {
        let mut lanes = self.state.lanes().clone();
        let (minted, held) = (lanes.ledger.minted, lanes.ledger.held);
        let sums = minted.plus(balance).zip(held.plus(balance));
        assert!(sums.is_some(), "all balances together overflow");
        (lanes.ledger.minted, lanes.ledger.held) = sums.unwrap_or_default();
        let mut account = self.state.account(&id).cloned().unwrap_or_default();
        account.balance = account.balance.plus(balance).unwrap_or_default();
        let account: Account = account;
        let changed = vec![(*id.as_bytes(), Some(account))];
        let accounts = self.state.accounts().apply_sorted(changed);
        self.state = State::restored(accounts, lanes);
    }

    /// The nonce for the next message of an account.
    pub(crate) fn next_nonce(&self, id: &AccountId) -> u64 {
        let own = self.waiting.iter().filter(|(_, m)| m.call.from == *id);
        let after = own.map(|(_, message)| message.call.nonce + 1).max();
        after.unwrap_or_default().max(self.state.nonce(id))
    }

    /// Value that has arrived and is in no block yet.
    pub(crate) fn arrived_value(&self) -> Option<Amount> {
        Amount::sum(self.arrived.iter().map(|arrived| arrived.bundle.value))
    }
}
