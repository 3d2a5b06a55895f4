//! The seam for code: how an account answers a call.

use std::collections::BTreeMap;
use std::sync::Arc;

use crypto::Hash;
use store::Key;
use types::{AccountId, Amount, FailureCode, RelayMessage, limits};

use crate::{Account, Context, Slot, gas};

/// Code of an account: of a system account, or of all accounts with one code hash.
pub trait Behaviour: std::marker::Send + Sync {
    /// Handles a call. Whatever it does to `own` counts only if it returns `Ok`. [G6]
    ///
    /// Must depend on its arguments alone, and end: it charges gas for its work.
    fn handle(
        &self,
        own: &mut Own<'_>,
        message: &RelayMessage,
        ctx: &Context,
    ) -> Result<(), FailureCode>;
}

/// Who answers for which account.
#[derive(Clone, Default)]
pub struct Registry {
    accounts: BTreeMap<AccountId, Arc<dyn Behaviour>>,
    codes: BTreeMap<Hash, Arc<dyn Behaviour>>,
}

impl Registry {
    /// The registry with the behaviour of one account.
    #[must_use]
    pub fn with(mut self, account: AccountId, behaviour: Arc<dyn Behaviour>) -> Self {
        self.accounts.insert(account, behaviour);
        self
    }

    /// The registry with the behaviour of all accounts that have the code.
    #[must_use]
    pub fn with_code(mut self, code: Hash, behaviour: Arc<dyn Behaviour>) -> Self {
        self.codes.insert(code, behaviour);
        self
    }

    /// Whether the account has a behaviour of its own.
    pub fn has(&self, account: &AccountId) -> bool {
        self.accounts.contains_key(account)
    }

    /// What answers for an account: its own behaviour, else that of its code.
    pub fn find(&self, id: &AccountId, code: Option<&Hash>) -> Option<&dyn Behaviour> {
        let own = self.accounts.get(id);
        own.or_else(|| self.codes.get(code?)).map(AsRef::as_ref)
    }
}

/// A message that a behaviour sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Send {
    /// Value alone.
    Credit {
        /// Recipient.
        to: AccountId,
        /// Value, taken from the account's balance.
        value: Amount,
    },
    /// A call.
    Call {
        /// Recipient.
        to: AccountId,
        /// Value, taken from the account's balance.
        value: Amount,
        /// Gas that travels with it, taken from what the handled call brought.
        gas: u64,
        /// Method's name.
        method: String,
        /// Encoded arguments.
        data: Vec<u8>,
    },
}

impl Send {
    const fn value(&self) -> Amount {
        match self {
            Self::Credit { value, .. } | Self::Call { value, .. } => *value,
        }
    }
}

/// What a behaviour sees: its own account, and nothing else. [G2]
pub struct Own<'a> {
    id: AccountId,
    account: &'a Account,
    /// Writes of earlier steps of the block.
    written: &'a BTreeMap<Key, Option<Slot>>,
    pub(crate) balance: Amount,
    pub(crate) writes: BTreeMap<Key, Option<Slot>>,
    pub(crate) sends: Vec<Send>,
    /// May outputs go one level deeper?
    may_send: bool,
    budget: u64,
    /// Work done.
    pub(crate) work: u64,
    /// Paid ahead for the steps of outputs.
    pub(crate) ahead: u64,
    /// Given to outputs.
    pub(crate) given: u64,
}

impl<'a> Own<'a> {
    pub(crate) const fn new(
        id: AccountId,
        account: &'a Account,
        written: &'a BTreeMap<Key, Option<Slot>>,
        balance: Amount,
        may_send: bool,
        budget: u64,
    ) -> Self {
        Self {
            id,
            account,
            written,
            balance,
            writes: BTreeMap::new(),
            sends: Vec::new(),
            may_send,
            budget,
            work: 0,
            ahead: 0,
            given: 0,
        }
    }

    /// The account's id.
    pub const fn id(&self) -> AccountId {
        self.id
    }

    /// Its balance, the handled call's value included, less what was sent.
    pub const fn balance(&self) -> Amount {
        self.balance
    }

    /// Gas that may still be used or given away.
    pub const fn gas_left(&self) -> u64 {
        self.budget - self.work - self.ahead - self.given
    }

    /// Pays for work.
    ///
    /// # Errors
    /// `OutOfGas` when too little is left; then all of it is used up.
    pub fn charge(&mut self, gas: u64) -> Result<(), FailureCode> {
        let left = self.gas_left();
        self.work += gas.min(left);
        if gas > left {
            return Err(FailureCode::OutOfGas);
        }
        Ok(())
    }

    /// Reads a slot of the account's storage.
    ///
    /// # Errors
    /// `OutOfGas`.
    pub fn get(&mut self, key: &Key) -> Result<Option<Arc<[u8]>>, FailureCode> {
        self.charge(gas::LOAD)?;
        let written = self.writes.get(key).or_else(|| self.written.get(key));
        let slot = match written {
            Some(slot) => slot.as_ref(),
            None => self.account.storage.get(key),
        };
        let bytes = slot.map(|slot| slot.0.clone());
        self.charge(gas::bytes(bytes.as_ref().map_or(0, |bytes| bytes.len())))?;
        Ok(bytes)
    }

    /// Writes a slot of the account's storage; `None` removes it.
    ///
    /// # Errors
    /// `OutOfGas`.
    pub fn put(&mut self, key: Key, value: Option<Vec<u8>>) -> Result<(), FailureCode> {
        let length = value.as_ref().map_or(0, Vec::len);
        self.charge(gas::STORE.saturating_add(gas::bytes(length)))?;
        self.writes
            .insert(key, value.map(|bytes| Slot(bytes.into())));
        Ok(())
    }

    /// Sends a message when the handler returns `Ok`; pays now for the steps that follow. [G7]
    ///
    /// # Errors
    /// `Depth`, `Balance`, `OutOfGas`, or `Rejected` when name or data are too long.
    pub fn send(&mut self, send: Send) -> Result<(), FailureCode> {
        if !self.may_send {
            return Err(FailureCode::Depth);
        }
        let (size, ahead, given) = match &send {
            Send::Credit { .. } => (0, gas::CREDIT + gas::RETURN, 0),
            Send::Call {
                gas, method, data, ..
            } => {
                if method.len() > limits::METHOD_NAME || data.len() > limits::MESSAGE_DATA {
                    return Err(FailureCode::Rejected);
                }
                if *gas < gas::CALL {
                    return Err(FailureCode::OutOfGas);
                }
                (method.len() + data.len(), gas::RETURN, *gas)
            }
        };
        self.charge(gas::bytes(size))?;
        if ahead.saturating_add(given) > self.gas_left() {
            return Err(FailureCode::OutOfGas);
        }
        let balance = self.balance.minus(send.value());
        self.balance = balance.ok_or(FailureCode::Balance)?;
        self.ahead += ahead;
        self.given += given;
        self.sends.push(send);
        Ok(())
    }
}
